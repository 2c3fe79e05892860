"""A file of a collection again, without the rows and paragraphs that go, and all else as it was.

Parquet keeps its schema, its row groups, its metadata and its compression; rows are written a row
group at a time. JSON lines keep every byte of the lines that lose nothing, and of the others all
but the text.
"""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple, cast

from dedup.readers import tables
from dedup.readers.arrow import is_string
from dedup.readers.article_builder import whole
from dedup.readers.compression import begins, seekable
from dedup.readers.csv import chosen
from dedup.readers.encoding import as_utf8, unicode_form
from dedup.readers.field_names import FieldNames
from dedup.readers.jsonl import DECODER
from dedup.readers.protocol import UnreadableError
from dedup.readers.tables import Table
from dedup.records import Article

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

BATCH = 1024
"""Rows of JSON lines that are decided together. A higher value takes more memory."""

_PIECE = 1 << 20


class Change(NamedTuple):
    """What becomes of a row that does not stay as it is."""

    was: str
    """Its text as it was read."""
    left: str | None
    """What is left of it; None: the row goes."""
    dropped: list[dict[str, Any]]
    """What is told of it in the table of what was dropped."""


Decide = Callable[[list[tuple[int, Article]]], Mapping[int, Change]]
"""Says of some rows of a file, given with their numbers, which change."""
Made = Callable[[Change], None]
"""Told of each change that was made."""


class Rows(NamedTuple):
    """The rows of one file, counted."""

    read: int
    """All of it, those that are no articles too."""
    written: int
    changed: int
    """Those that lost a part."""
    unchangeable: int
    """Those that stayed as they are because their text could not be found again."""


def rewritten(
    table: Table, target: Path, names: FieldNames, site: str | None, decide: Decide, made: Made
) -> Rows:
    """Write a file again to `target`.

    Raises `UnreadableError` or OSError when the file cannot be read to its end.
    """
    numbered = tables.rows(table, site, names, [])
    with tables.content(table, names) as (stream, fields):
        if table.kind == "parquet":
            return _parquet(stream, target, fields, numbered, decide, made)
        with compressed(target, table.packed) as out:
            return _Lines(stream, out, fields, made).all(numbered, decide)


# -- JSON lines -----------------------------------------------------------------------------------


class _Lines:
    """Copies lines, and changes some."""

    def __init__(
        self, stream: io.BufferedReader, out: IO[bytes], fields: FieldNames, made: Made
    ) -> None:
        head, stream = begins(stream, 4)
        if unicode_form(head)[0] not in ("", "utf-8"):  # no lines can be told in it as it is
            stream, _ = as_utf8(stream)
        self._stream, self._out, self._fields, self._made = stream, out, fields, made
        self._at = self._read = self._gone = self._changed = self._unchangeable = 0

    def all(self, numbered: Iterator[tuple[int, Article]], decide: Decide) -> Rows:
        """Go through all lines, of which some are articles, with numbers from 1."""
        while batch := list(islice(numbered, BATCH)):
            changes = decide(batch)
            for number, _ in batch:
                self._copy(number - self._at - 1)
                self._at = number
                self._read += 1
                line = self._stream.readline()
                self._out.write(self._line(line, changes[number]) if number in changes else line)
        self._copy(None)
        read = self._read
        return Rows(read, read - self._gone, self._changed, self._unchangeable)

    def _copy(self, number: int | None) -> None:
        """Copy so many lines, or all that are left, and count those that are not blank."""
        lines, blank = 0, True
        while lines != number and (piece := self._stream.readline(_PIECE)):
            self._out.write(piece)
            blank = blank and piece.isspace()
            if piece.endswith(b"\n"):
                self._read += not blank
                lines, blank = lines + 1, True
        self._read += not blank

    def _line(self, line: bytes, change: Change) -> bytes:
        """Return a line with another text and all its other bytes; none if nothing is left."""
        if change.left is None:
            self._gone += 1
            self._made(change)
            return b""
        try:
            written = line.decode()
            start, end = text_span(written, change.was, self._fields)
        except ValueError:  # of an encoding that was guessed
            self._unchangeable += 1
            return line
        self._changed += 1
        self._made(change)
        text = json.dumps(change.left, ensure_ascii=line.isascii())
        return f"{written[:start]}{text}{written[end:]}".encode()


def text_span(line: str, text: str, fields: FieldNames) -> tuple[int, int]:
    """Return where in a line of JSON the value stands that a reader takes for the text.

    Raises ValueError where it is not that text.

    >>> line = '{"text": "Rain.", "n": 1.50}'
    >>> line[slice(*text_span(line, "Rain.", FieldNames()))]
    '"Rain."'
    """
    spans: dict[str, tuple[int, int]] = {}
    record: dict[str, Any] = {}
    at = _blank(line, line.index("{") + 1)
    while line[at : at + 1] == '"':
        name, at = DECODER.raw_decode(line, at)
        start = _blank(line, _blank(line, at) + 1)  # after the colon
        record[name], at = DECODER.raw_decode(line, start)
        spans[name] = start, at
        at = _blank(line, _blank(line, at) + 1)  # after the comma, or the bracket
    name = fields.name(record, "text")
    if name not in spans or whole(str(record[name]), "", []) != text:
        raise ValueError
    return spans[name]


def _blank(line: str, at: int) -> int:
    while line[at : at + 1] in (" ", "\t", "\r", "\n"):
        at += 1
    return at


@contextmanager
def compressed(target: Path, suffix: str) -> Iterator[IO[bytes]]:
    """Yield a new file to write to, compressed by the suffix of a compression, if it is one.

    What is written is the same each time: no moment and no name is kept in it.
    """
    with target.open("wb", buffering=_PIECE) as file:
        if suffix == ".gz":
            with gzip.GzipFile("", "wb", 6, file, mtime=0) as packed:
                yield cast(IO[bytes], packed)
        elif suffix == ".bz2":
            with bz2.BZ2File(file, "wb") as packed:
                yield packed
        elif suffix == ".xz":
            with lzma.LZMAFile(file, "wb") as packed:
                yield packed
        elif suffix == ".zst":
            import zstandard

            with zstandard.ZstdCompressor().stream_writer(file, closefd=False) as packed:
                yield packed
        else:
            yield file


# -- Parquet --------------------------------------------------------------------------------------


def _parquet(
    stream: io.BufferedReader,
    target: Path,
    fields: FieldNames,
    numbered: Iterator[tuple[int, Article]],
    decide: Decide,
    made: Made,
) -> Rows:
    import pyarrow as pa
    import pyarrow.parquet as pq

    read = gone = changed = 0
    ahead = next(numbered, None)
    try:
        with seekable(stream) as file, pq.ParquetFile(file) as old, _writer(old, target) as new:
            places = chosen(old.schema_arrow.names, fields)
            for group in range(old.num_row_groups):
                table = old.read_row_group(group)
                batch = []
                while ahead is not None and ahead[0] <= read + table.num_rows:
                    batch.append(ahead)
                    ahead = next(numbered, None)
                changes = decide(batch)
                left = _without(table, changes, read + 1, places, fields)
                if left.num_rows:
                    new.write_table(left, left.num_rows)
                for change in changes.values():
                    made(change)
                read += table.num_rows
                gone += sum(change.left is None for change in changes.values())
                changed += sum(change.left is not None for change in changes.values())
    except pa.ArrowException as error:
        said = (str(error).splitlines() or [""])[0]
        raise UnreadableError(f"the data is damaged ({said})", "fetch it again") from error
    return Rows(read, read - gone, changed, 0)


def _writer(old: pq.ParquetFile, target: Path) -> pq.ParquetWriter:
    """Return what writes a file with the schema, metadata and compression of another."""
    import pyarrow.parquet as pq

    codec, int96 = "snappy", False
    if old.num_row_groups:
        group = old.metadata.row_group(0)
        columns = [group.column(number) for number in range(group.num_columns)]
        codec = (
            max((c.total_uncompressed_size, c.compression) for c in columns)[1]
            if columns
            else codec
        )
        int96 = any(column.physical_type == "INT96" for column in columns)
    codec = "none" if codec == "UNCOMPRESSED" else codec.lower()
    return pq.ParquetWriter(
        target, old.schema_arrow, compression=codec, use_deprecated_int96_timestamps=int96
    )


def _without(
    table: pa.Table,
    changes: Mapping[int, Change],
    first: int,
    places: Mapping[str, int],
    fields: FieldNames,
) -> pa.Table:
    """Return the rows of a group, the first of which has the number `first`, as they change."""
    by_column: dict[int, dict[int, str]] = {}
    texts = {name: places[name] for name in fields["text"] if name in places}
    for number, change in changes.items():
        if change.left is not None:
            row = number - first
            record = {name: table.column(place)[row].as_py() for name, place in texts.items()}
            place = places[fields.name(record, "text")]
            by_column.setdefault(place, {})[row] = change.left
    for place, left in by_column.items():
        field = table.schema.field(place)
        table = table.set_column(place, field, _replaced(table.column(place), left))
    return _kept(table, [number - first for number, one in changes.items() if one.left is None])


def _kept(table: pa.Table, gone: Sequence[int]) -> pa.Table:
    """Return a table without some of its rows."""
    import pyarrow as pa

    if not gone:
        return table
    left = set(range(table.num_rows)).difference(gone)
    try:
        return table.filter(pa.array([row in left for row in range(table.num_rows)]))
    except pa.ArrowNotImplementedError:  # views and the like, which can be cut but not filtered
        bounds = zip([-1, *sorted(gone)], [*sorted(gone), table.num_rows], strict=True)
        return pa.concat_tables(table.slice(low + 1, high - low - 1) for low, high in bounds)


def _replaced(column: pa.ChunkedArray, left: Mapping[int, str]) -> pa.Array:
    """Return a column of texts with some of them replaced; all others keep their bytes."""
    import pyarrow as pa
    from pyarrow import types

    kind = column.type
    plain = kind.value_type if types.is_dictionary(kind) else kind
    raw = column.cast(plain).cast(pa.large_binary()).to_pylist()
    for row, text in left.items():
        raw[row] = text.encode()
    values = pa.array(raw, pa.large_binary())
    values = values.view(pa.large_string()).cast(plain) if is_string(plain) else values.cast(plain)
    if not types.is_dictionary(kind):
        return values
    return values.dictionary_encode().cast(kind)
