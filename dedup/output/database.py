"""Tables as one SQLite database."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from dedup.output.columns import Column, stored

_TYPES = {"whole": "INTEGER", "yes or no": "INTEGER", "number": "REAL"}


def write(
    path: Path, tables: Mapping[str, tuple[tuple[Column, ...], Iterator[dict[str, Any]]]]
) -> int:
    """Write each table to the database `path`; return the number of rows.

    Lists are JSON, times text in ISO 8601, truth 1 and 0. Columns of articles, stories, clusters
    and passages have an index. Raises `OSError` where the disk does not take it.
    """
    count = 0
    with _new(path) as base:
        for name, (columns, rows) in tables.items():
            fields = ", ".join(f'"{c.name}" {_TYPES.get(c.kind, "TEXT")}' for c in columns)
            base.execute(f'CREATE TABLE "{name}" ({fields})')
            marks = ", ".join("?" for _ in columns)
            insert = f'INSERT INTO "{name}" VALUES ({marks})'  # names are ours
            cells = ([stored(c, row[c.name]) for c in columns] for row in rows)
            count += base.executemany(insert, cells).rowcount if columns else 0
            for column in columns:
                if column.name in _INDEXED:
                    index = f'"{name}_{column.name}"'
                    base.execute(f'CREATE INDEX {index} ON "{name}" ("{column.name}")')
    return count


@contextmanager
def _new(path: Path) -> Iterator[sqlite3.Connection]:
    """Yield a database that lies in `path` alone: one that is half written is thrown away whole."""
    try:
        with closing(sqlite3.connect(path)) as base, base:
            base.execute("PRAGMA journal_mode = OFF")  # a journal would outlive a file thrown away
            yield base
    except sqlite3.OperationalError as error:
        raise OSError(str(error)) from error


_INDEXED = ("article", "a_article", "b_article", "story", "cluster", "passage")
