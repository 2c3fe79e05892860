"""The lines of an output file from the Parquet table that a scan on Spark writes in its place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dedup.errors import OutputError

if TYPE_CHECKING:
    import pyarrow.parquet as pq

BATCH = 1024
"""Rows that become records together. A higher value takes more memory."""


def table(lines: Path) -> Path:
    """Return where the table is that stands for a file of lines: a folder of parts.

    >>> table(Path("out", "matches.jsonl")).name
    'matches.parquet'
    """
    return lines.with_suffix(".parquet")


def rows(place: Path, optional: frozenset[str]) -> Iterator[dict[str, Any]]:
    """Yield the rows of a table, part by part; an optional field without a value is left out.

    Raises `OutputError` where a part cannot be read, or pyarrow is missing.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        what = "reading it needs the package pyarrow, which is not installed"
        raise OutputError(f"{place}: {what}; type: pip install 'news-dedup[arrow]'") from error
    for part in sorted(place.glob("part-*.parquet")):
        try:
            with pq.ParquetFile(part) as file:
                for row in _rows(file):
                    yield {
                        name: value
                        for name, value in row.items()
                        if value is not None or name not in optional
                    }
        except (OSError, pa.ArrowException) as error:
            said = (str(error).splitlines() or [""])[0]
            raise OutputError(f"{part}: cannot be read: {said}; scan again") from error


def _rows(file: pq.ParquetFile) -> Iterator[dict[str, Any]]:
    for batch in file.iter_batches(BATCH):
        yield from batch.to_pylist()
