"""What a scan found, for other programs: tables and graphs.

All is read from the output folder line by line, and written whole or not at all.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dedup import files
from dedup.errors import OutputError, SettingsError
from dedup.output import database, gexf, graph, reader, tables, workbook
from dedup.output.columns import Column, encodable, flat
from dedup.output.tables import TABLES

if TYPE_CHECKING:
    import pyarrow as pa

FORMATS = ("csv", "parquet", "xlsx", "sqlite", "graphml", "gexf")
"""What `export` writes."""

GRAPHS = ("graphml", "gexf")
"""Those that are a graph: of articles, or of sites."""

BOOKS = ("xlsx", "sqlite")
"""Those that hold several tables."""

_BATCH = 10_000
"""Rows of a Parquet file that are made at once."""


def export(
    out: str | os.PathLike[str],
    to: str,
    file: str | os.PathLike[str],
    what: str | None = None,
    min_share: float | None = None,
) -> int:
    """Write what a scan left in the folder `out` to `file`, and return the number of rows or edges.

    `to` is one of `FORMATS`. A table holds `what`, one of `dedup.output.tables.TABLES`: without it
    CSV and Parquet hold `members` (a row for each article of each story), a workbook and a database
    all tables. A graph has the articles as nodes and the links as edges, or with `what` as `sites`
    the sites and who runs whose text. Links of which neither article has `min_share` (0 to 1) of
    the other's words are left out. An earlier `file` is replaced. Parquet needs pyarrow, xlsx
    XlsxWriter. Raises `SettingsError` for a choice that has no meaning for what is written, and
    `OutputError` if `out` cannot be read or `file` not be written.
    """
    _check(to, what, min_share)
    place = reader.opened(out)
    if "links" not in reader.summary(place):
        raise OutputError(f"{out}: an older dedup wrote it, without stories; scan again")
    if files.on_disk(file).resolve().is_relative_to(place.resolve()):
        raise OutputError(f"{file}: lies in the folder that is read; name another file with -o")
    if to == "parquet":
        _arrow(file)
    share = min_share or 0
    try:
        with files.replaced_file(file) as partial:
            if to in GRAPHS:
                drawn = (
                    graph.of_sites(place) if what == "sites" else graph.of_articles(place, share)
                )
                return (
                    graph.graphml(partial, drawn) if to == "graphml" else gexf.write(partial, drawn)
                )
            if to in BOOKS:
                names = (what,) if what else TABLES
                chosen = {name: (TABLES[name], tables.rows(place, name, share)) for name in names}
                book = workbook.write if to == "xlsx" else database.write
                return book(partial, chosen)
            name = what or "members"
            write = _csv if to == "csv" else parquet
            return write(partial, TABLES[name], tables.rows(place, name, share))
    except (KeyError, TypeError) as error:
        raise OutputError(f"{out}: its files do not fit together ({error}); scan again") from error


def _check(to: str, what: str | None, min_share: float | None) -> None:
    if to not in FORMATS:
        raise SettingsError(f"--to is {to!r}; it must be one of {', '.join(FORMATS)}")
    if what not in (None, *TABLES):
        raise SettingsError(f"--what is {what!r}; it must be one of {', '.join(TABLES)}")
    if to in GRAPHS and what not in (None, "sites"):
        raise SettingsError(
            f"--what {what} has no meaning for a graph, whose nodes are the articles and whose "
            "edges are the links; leave it out, give --what sites, or write a table with --to csv"
        )
    if min_share is None:
        return
    if not 0 <= min_share <= 1:
        raise SettingsError(f"--min-share is {min_share}; it must lie in 0 to 1")
    if what != "links" and not (what is None and to in (*GRAPHS, *BOOKS)):
        raise SettingsError(
            "--min-share chooses among links; give --what links or --to graphml too, or none"
        )


def _csv(path: Path, columns: tuple[Column, ...], rows: Iterator[dict[str, Any]]) -> int:
    """Write CSV (RFC 4180, lines ended by LF); lists are joined by spaces or semicolons.

    It begins with a byte order mark, by which Excel knows UTF-8. Texts that a spreadsheet would
    take for a formula are written as `dedup.files.cell` does.
    """
    count = 0
    with path.open("w", encoding="utf-8-sig", errors="backslashreplace", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(column.name for column in columns)
        for row in rows:
            table.writerow(_cell(flat(column, row[column.name])) for column in columns)
            count += 1
    return count


def _cell(value: Any) -> Any:
    """Return what a cell of CSV holds; a bare carriage return would end a line for some readers."""
    value = files.cell(value)
    return value.replace("\r\n", "\n").replace("\r", "\n") if isinstance(value, str) else value


def parquet(path: Path, columns: tuple[Column, ...], rows: Iterator[dict[str, Any]]) -> int:
    """Write a table and return how many rows it has. Raises `OutputError` without pyarrow."""
    pa, pq = _arrow(path)
    kinds = {
        "text": pa.string(),
        "yes or no": pa.bool_(),
        "whole": pa.int64(),
        "number": pa.float64(),
        "moment": pa.timestamp("ms", tz="UTC"),
        "numbers": pa.list_(pa.int32()),
        "texts": pa.list_(pa.string()),
    }
    schema = pa.schema([(column.name, kinds[column.kind]) for column in columns])
    count = 0
    with pq.ParquetWriter(path, schema) as file:
        while batch := list(islice(rows, _BATCH)):
            file.write_table(_arrow_table(pa, batch, schema))
            count += len(batch)
    return count


def _arrow_table(pa: Any, rows: list[dict[str, Any]], schema: pa.Schema) -> pa.Table:
    try:
        return pa.Table.from_pylist(rows, schema=schema)
    except UnicodeEncodeError:  # a lone surrogate, which no UTF-8 can hold
        return pa.Table.from_pylist(list(map(encodable, rows)), schema=schema)


def _arrow(file: str | os.PathLike[str]) -> tuple[Any, Any]:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise OutputError(
            f"{file}: Parquet needs pyarrow; type: pip install 'news-dedup[arrow]'"
        ) from error
    return pa, pq
