"""Collections: files of Parquet or JSON lines, with the number of each row that is an article."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Literal, NamedTuple

from dedup.errors import Problem
from dedup.readers import arrow, jsonl
from dedup.readers.discover import Finder, Found, unreadable, visible
from dedup.readers.field_names import FieldNames
from dedup.readers.formats import READERS
from dedup.readers.per_file import bounded, failed
from dedup.readers.protocol import Source, UnreadableError
from dedup.readers.sniff import named, opened
from dedup.records import Article

Kind = Literal["jsonl", "parquet"]

_KINDS: dict[str, Kind] = {".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet"}
_ROWS: dict[
    Kind,
    Callable[[io.BufferedReader, Source, list[Problem]], Iterator[tuple[int, Article]]],
] = {"jsonl": jsonl.rows, "parquet": arrow.rows}


class Table(NamedTuple):
    """A file of a collection."""

    found: Found
    kind: Kind
    """How it is written, by what it holds."""
    packed: str
    """The suffix of its compression, by its name; empty for none."""


def tables(
    paths: Sequence[str], names: FieldNames, problems: list[Problem]
) -> tuple[list[Table], Found | None]:
    """Find the files of a collection, in the order in which a scan reads them.

    Returned with them is the first readable file that is of another kind, or None. What cannot be
    opened is added to `problems`.
    """
    files: list[Table] = []
    other: Found | None = None
    for found in Finder(paths, problems):
        if found.piped:
            other = other or found
            continue
        try:
            with opened(found, READERS, names["text"]) as (_, suffix):
                pass
        except UnreadableError as error:
            problems.append(Problem(visible(found.path), error.what, error.remedy))
            continue
        except OSError as error:
            problems.append(unreadable(found.path, error))
            continue
        kind = _KINDS.get(suffix)
        packed = named(found.path)[1]
        if kind is None or (kind == "parquet" and packed):
            other = other or (found if suffix else None)
        else:
            files.append(Table(found, kind, packed))
    return files, other


def rows(
    table: Table, site: str | None, fields: FieldNames, problems: list[Problem]
) -> Iterator[tuple[int, Article]]:
    """Yield the articles of a file as a scan reads them, each with its row or line, from 1.

    Raises `UnreadableError` or OSError where it cannot be read on.
    """
    with content(table, fields) as (stream, names):
        found = table.found
        source = Source(found.name, visible(found.path), site or found.folder, names)
        try:
            yield from bounded(_ROWS[table.kind](stream, source, problems), found.size())
        except (UnreadableError, OSError):
            raise
        except Exception as error:  # as in a scan: no file may turn a fault into the end of a run
            told = failed(source.path, error)
            raise UnreadableError(told.what, told.remedy) from error


@contextmanager
def content(table: Table, fields: FieldNames) -> Iterator[tuple[io.BufferedReader, FieldNames]]:
    """Yield what a file holds, unpacked, and the names of its fields. Raises as `rows` does."""
    kind = named(table.found.path)[0]
    names = fields.of(kind)
    with opened(table.found, READERS, names["text"]) as (stream, suffix):
        yield stream, names if suffix in ("", kind) else fields.of(suffix)
