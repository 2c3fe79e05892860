"""CSV and its like: one article a row, its fields in the columns that the first line names.

The separator is a comma, a semicolon, a tab or `|`: whichever the first line has most of. Cells in
double quotes may hold separators and line breaks, and a quote that is doubled (RFC 4180). In a
table with tabs, too, a cell that begins with a quote is taken as quoted.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from itertools import chain

from dedup.errors import Problem
from dedup.readers.article_builder import Records, counted
from dedup.readers.field_names import FIELDS, FieldNames, Given, named
from dedup.readers.lines import numbered
from dedup.readers.protocol import LONGEST, Source, UnreadableError
from dedup.records import Article

_SEPARATORS = ",;\t|"
_SEPARATOR = re.compile(r'\ufeff?"?sep=(.)"?\s*', re.IGNORECASE)
_QUOTED = re.compile(r'"[^"]*"')
_LONE = re.compile(r"(?<=\r)(?!\n|\Z)")
"""Where lines end in tables that Excel wrote for an old Macintosh."""

_REMEDY = "close its quotes, and quote cells that hold the separator or line breaks"


def read(stream: io.BufferedReader, source: Source, problems: list[Problem]) -> Iterator[Article]:
    """Yield the articles, one row after another; a row with too few or many cells is a `Problem`.

    A row without an id gets the source's name and its number, from 1, blank rows apart. Encodings
    are dealt with as in JSON lines. Raises `UnreadableError` when the first line names no column of
    texts.
    """
    lines = _Lines(numbered(stream, source, problems, "close the quotes"))
    fields = named(source.fields)
    records = Records(problems, fields, source.site, source.path)
    rows = _rows(lines, source, problems, fields)
    names = next(rows, [])
    places = chosen(names, fields).items()
    number = 0
    for row in rows:
        if not any(row):
            continue
        number += 1
        where = source.at(lines.first)
        if len(row) != len(names) and (len(row) < len(names) or any(row[len(names) :])):
            what = f"the row has {counted(len(row), 'cell')}, and the first line {len(names)}"
            problems.append(Problem(where, f"{what}{lines.upto()}", _REMEDY))
            continue
        record = {name: row[place] for name, place in places}
        article = records.article(record, f"{source.name}:{number}", where)
        if article is not None:
            yield article
    if not number:
        raise UnreadableError("the file holds no row after its first line", "fill it, or delete it")


def _rows(
    lines: _Lines, source: Source, problems: list[Problem], fields: FieldNames
) -> Iterator[list[str]]:
    """Yield the rows, the names first; a row that cannot be told from others is a `Problem`.

    A quote too many is taken as it stands where it does no harm: in a row of one line.
    """
    header, separator = _header(lines, fields)
    blanks = f'{separator} "' in header  # after it a quote still begins a cell
    rows = csv.reader(
        chain([header], lines), delimiter=separator, strict=True, skipinitialspace=blanks
    )
    while True:
        before = csv.field_size_limit(LONGEST)  # it is one for the whole process
        try:
            row = next(rows, None)
        except csv.Error as error:
            alone = lines.first == lines.last and not lines.cut
            row = _lenient(lines.line, separator) if alone else []
            if not row:
                what = f"the row cannot be read ({error}{lines.upto()})"
                problems.append(Problem(source.at(lines.first), what, _REMEDY))
        finally:
            csv.field_size_limit(before)
        if row is None:
            return
        yield row
        lines.first = lines.last + 1


def _header(lines: _Lines, fields: FieldNames) -> tuple[str, str]:
    """Return the line that names the columns, and the separator.

    Before it may stand what Excel takes for the separator (`sep=;`), and remarks after a `#`. A `#`
    before names that are looked for is none.
    """
    given = ""
    wanted = {name.lower() for name in fields["text"]}
    for line in lines:
        if told := _SEPARATOR.fullmatch(line):
            given = told[1]
            continue
        header = line.lstrip("# ") if line.startswith("#") else line
        separator = given or max(_SEPARATORS, key=_QUOTED.sub("", header).count)
        columns = {_plain(column).strip('"') for column in header.split(separator)}
        if not line.isspace() and (header is line or not columns.isdisjoint(wanted)):
            return header, separator
    return "", ","


def _lenient(line: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=separator), [])
    except csv.Error:  # it is too long, however it is read
        return []


class _Lines(Iterator[str]):
    """Hands lines to the reader of rows, and knows which ones a row took."""

    def __init__(self, lines: Iterator[tuple[int, str]]) -> None:
        self._lines = self._broken(lines)
        self.first = 1
        """Number of the first line of the row, from 1."""
        self.last = 0
        """Number of its last line."""
        self.line = ""
        """Its last line."""
        self.cut = False
        """True when there was no more where the row needed it."""

    def upto(self) -> str:
        """Return where the row ends, if not where it begins."""
        return f", up to line {self.last:,}" if self.last > self.first else ""

    def __next__(self) -> str:
        line = next(self._lines, None)
        if line is None:
            self.cut = True
            raise StopIteration
        self.line = line
        return line

    def _broken(self, lines: Iterator[tuple[int, str]]) -> Iterator[str]:
        more = 0
        for number, line in lines:
            parts = _LONE.split(line) if "\r" in line else [line]
            for part in parts:
                self.last = number + more
                more += 1
                yield part
            more -= 1


# -- From the columns of a table to the fields of a record.


def chosen(names: Sequence[str], fields: Given | FieldNames | None) -> dict[str, int]:
    """Return the place of each column that is read, from 0, by the name that a record has it under.

    A column called as wanted but for capitals or blanks around it serves where none is called so.
    Raises `UnreadableError` when no column holds the text, or two hold the same.

    >>> chosen(["Id", "words", "body"], {"text": "body"})
    {'id': 0, 'body': 2}
    """
    wanted = named(fields)
    places: dict[str, int] = {}
    for name in dict.fromkeys(name for field in FIELDS for name in wanted[field]):
        found = [place for place, column in enumerate(names) if column == name]
        found = found or [
            place for place, column in enumerate(names) if _plain(column) == name.lower()
        ]
        if len(found) > 1:
            raise UnreadableError(f"{len(found)} columns are called {name!r}", "rename all but one")
        if found and found[0] not in places.values():
            places[name] = found[0]
    wanted.saw(places)
    if places.keys().isdisjoint(wanted["text"]):
        known = ", ".join(name[:40] for name in names[:12]) or "none"
        raise UnreadableError(
            f"there is no column {wanted['text'][0]!r}, which should hold the text",
            f"name the one that does with --field text=NAME; its columns: {known}",
        )
    return dict(sorted(places.items(), key=lambda place: place[1]))


def _plain(column: str) -> str:
    return column.strip().strip("\ufeff").strip().lower()
