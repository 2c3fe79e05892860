"""The files of an output folder as Parquet tables, of the same names and fields, in parts."""

from __future__ import annotations

import csv
import shutil
import types
from collections.abc import Iterator, Sequence
from dataclasses import fields
from io import BytesIO
from pathlib import Path
from typing import (
    TYPE_CHECKING,
    Any,
    Literal,
    NotRequired,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

from dedup.errors import Problem
from dedup.metadata.credits import Tag
from dedup.output import schema
from dedup.output.to_rows import SITE_COLUMNS
from dedup.records import Credit, ReadFile

if TYPE_CHECKING:
    import pyarrow as pa

PART_BYTES = 128 << 20
"""Bytes of JSON lines of which a part of a table is made, about. Higher makes fewer, larger files,
and takes more memory."""
_BLOCK = 8 << 20  # bytes of lines that become rows at a time

_KINDS: dict[str, type] = {
    "articles": schema.ArticleRow,
    "texts": schema.TextRow,
    "matches": schema.MatchRow,
    "clusters": schema.ClusterRow,
    "stories": schema.StoryRow,
    "links": schema.LinkRow,
    "paragraphs": schema.ParagraphRow,
    "problems": Problem,
    "files": ReadFile,
}
TABLES = (*_KINDS, "sites")
"""The tables, by the names that their files have in an output folder."""


def write(lines: Path, tables: Path, name: str) -> None:
    """Make the table `NAME.parquet` in the folder `tables` of a file of the output folder `lines`.

    What an earlier try left there is written again.
    """
    place = tables / f"{name}.parquet"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    if name in _KINDS:
        _write(_blocks(lines / f"{name}.jsonl"), arrow_schema(_KINDS[name]), place)
    else:
        _write_sites(lines / f"{name}.csv", place)


def arrow_schema(kind: type) -> pa.Schema:
    """Return the columns of a table, from the type of its lines.

    >>> arrow_schema(schema.OccurrenceRow).names
    ['article', 'paragraph', 'start', 'end']
    """
    import pyarrow as pa

    return pa.schema(list(_arrow(kind)))


def _arrow(hint: Any, name: str = "") -> pa.DataType:
    """Return the type of a column for a type of Python."""
    import pyarrow as pa

    plain = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_()}
    if hint in plain:
        return plain[hint]
    if is_typeddict(hint) or hasattr(hint, "__dataclass_fields__"):
        hints = get_type_hints(hint)
        names = list(hints) if is_typeddict(hint) else [field.name for field in fields(hint)]
        return pa.struct([(field, _arrow(hints[field], field)) for field in names])
    kind, inner = get_origin(hint), get_args(hint)
    if kind is Literal:
        return pa.string()
    if kind in (Union, types.UnionType):
        return _arrow(next(one for one in inner if one is not type(None)), name)
    if kind is NotRequired:
        return _arrow(inner[0], name)
    if kind is dict:  # of articles.jsonl
        return _arrow(Credit if name == "credits" else Tag)
    return pa.list_(_arrow(inner[0], name))


def _blocks(path: Path) -> Iterator[bytes]:
    """Yield whole lines of a file, some megabytes at a time."""
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield block + file.readline()


def _write(blocks: Iterator[bytes], columns: pa.Schema, place: Path) -> None:
    import pyarrow as pa
    import pyarrow.json as pj
    import pyarrow.parquet as pq

    options = pj.ParseOptions(explicit_schema=columns, unexpected_field_behavior="ignore")
    out, size, part = None, 0, 0
    for block in blocks:
        reading = pj.ReadOptions(block_size=len(block) + 1, use_threads=False)
        rows = pj.read_json(BytesIO(block), reading, options)
        if out is None:
            out = pq.ParquetWriter(place / _part(part), columns, compression="zstd")
        out.write_table(rows.select(columns.names))
        size += len(block)
        if size >= PART_BYTES:
            out.close()
            out, size, part = None, 0, part + 1
    if out is not None:
        out.close()
    elif not part:
        pq.write_table(pa.Table.from_batches([], columns), place / _part(0))


def _part(number: int) -> str:
    return f"part-{number:05}.parquet"


def _write_sites(path: Path, place: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    columns: Sequence[str] = SITE_COLUMNS
    named = ("site", "source")
    table = pa.table(
        {
            name: pa.array([row[name] if name in named else int(row[name]) for row in rows])
            for name in columns
        },
        schema=pa.schema(
            [(name, pa.string() if name in named else pa.int64()) for name in columns]
        ),
    )
    pq.write_table(table, place / _part(0))
