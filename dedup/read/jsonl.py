"""JSON lines: one article a line, an object with the fields that `dedup.read.records` names."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator

from dedup.document import Article
from dedup.errors import Problem
from dedup.read.encoding import as_utf8, forgiving, guess, undecodable
from dedup.read.records import Records, kind
from dedup.read.source import LONGEST, Source, UnreadableError

_DECODER = json.JSONDecoder(strict=False)  # takes a bare tab or NUL inside a string, as many write
_EXAMPLE = 'write one object a line, such as {"text": "..."}'

_PART = 1 << 20
"""Bytes of a line that are asked for at once; hardly any line has more."""


def read(stream: io.BufferedReader, source: Source, problems: list[Problem]) -> Iterator[Article]:
    """Give the articles, one line after another; a line that is none becomes a `Problem`.

    A record without an id gets the source's name and the number of its line. Lines that are not
    UTF-8 are read in the encoding that the first such line looks to be in.
    """
    records = Records(problems, source.fields, source.site, source.path)
    stream = as_utf8(stream)
    encoding = ""
    for number, line in _lines(stream, source, problems):
        where = source.at(number)
        try:
            text = line.decode()
        except UnicodeDecodeError:
            encoding = encoding or guess(line + stream.peek())
            text, _, lost = forgiving(line, encoding)
            if lost:
                problems.append(undecodable(where, lost, encoding))
        record = _object(text, where, problems)
        if record is None:
            continue
        article = records.article(record, f"{source.name}:{number}", where)
        if article is not None:
            yield article


def _lines(
    stream: io.BufferedReader, source: Source, problems: list[Problem]
) -> Iterator[tuple[int, bytes | bytearray]]:
    """Give the lines that are not blank, with their numbers from 1; skip those too long to hold."""
    number = 0
    empty = True
    while line := _line(stream):
        number += 1
        if len(line) > LONGEST:
            what = f"the line is longer than {LONGEST >> 20} MiB"
            problems.append(Problem(source.at(number), what, "put one article on a line"))
            empty = False
            while line and not line.endswith(b"\n"):
                line = stream.readline(_PART)
        elif not line.isspace():
            empty = False
            yield number, line
    if empty:
        raise UnreadableError("the file holds no line", "fill it, or delete it")


def _line(stream: io.BufferedReader) -> bytes | bytearray:
    """Give the next line, or so much of it as shows that it is too long."""
    line = stream.readline(_PART)
    if len(line) < _PART:
        return line
    parts = bytearray(line)  # in place: the stream itself would hold a long line twice
    while line and len(parts) <= LONGEST and not parts.endswith(b"\n"):
        line = stream.readline(_PART)
        parts += line
    return parts


def _object(line: str, where: str, problems: list[Problem]) -> dict[str, object] | None:
    try:
        value = _DECODER.decode(line)
    except json.JSONDecodeError as error:
        what = f"the line is not JSON ({error.msg}, character {error.colno})"
        problems.append(Problem(where, what, "mend or delete the line"))
        return None
    except (ValueError, RecursionError) as error:  # a number of 5,000 digits, lists 1,000 deep
        what = f"the line is JSON that cannot be read ({error})"
        problems.append(Problem(where, what, "mend or delete the line"))
        return None
    if isinstance(value, dict):
        return value
    problems.append(Problem(where, f"the line holds {kind(value)}, not an object", _EXAMPLE))
    return None
