"""Articles as rows of Arrow batches, and what is told on the way to them.

A row is an article with its fields, or something that is told: JSON in the column `told`. So what
an executor has to say takes the same way as what it read, and comes once, whatever is done twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from dedup.engines.session import BATCH_BYTES, BATCH_ROWS
from dedup.errors import Problem
from dedup.metadata.normalise import document
from dedup.readers.unique_ids import stem
from dedup.records import Article

if TYPE_CHECKING:
    import pyarrow as pa

FIELDS: tuple[str, ...] = tuple(Article.__slots__)
"""The columns that are an article's fields."""
COLUMNS = (*FIELDS, "document", "stem", "told")
"""The columns of a row that was read: the fields, what tells fetches of one document (see
`dedup.metadata.normalise.document`), what tells equal ids, and what is told."""
READ = ", ".join(f"{name} string" for name in COLUMNS)
"""The schema of such rows, as Spark writes it."""

Told = dict[str, Any]
"""Something that is told, by its kind."""


class Rows:
    """Gathers rows to batches of some `BATCH_BYTES`."""

    def __init__(self) -> None:
        self._rows: list[tuple[str | None, ...]] = []
        self._size = 0

    def article(self, article: Article) -> Iterator[pa.RecordBatch]:
        """Add an article; yield a batch when there is enough."""
        fields = (getattr(article, name) for name in FIELDS)
        self._rows.append((*fields, document(article), stem(article.id), None))
        self._size += len(article.text)
        if self._size >= BATCH_BYTES // 4 or len(self._rows) >= BATCH_ROWS:
            yield from self.rest()

    def tell(self, told: Told) -> None:
        """Add something that is told."""
        self._rows.append((*(None,) * (len(COLUMNS) - 1), json.dumps(told)))

    def rest(self) -> Iterator[pa.RecordBatch]:
        """Yield what is left, if there is anything."""
        import pyarrow as pa

        if self._rows:
            columns = [pa.array(column, pa.string()) for column in zip(*self._rows, strict=True)]
            self._rows, self._size = [], 0
            yield pa.RecordBatch.from_arrays(columns, names=list(COLUMNS))


def articles_of(batch: pa.RecordBatch | pa.Table) -> list[Article]:
    """Return the articles of some rows; without a column of texts, they have none."""
    known = set(batch.schema.names)
    rows: list[list[Any]] = [
        batch.column(name).to_pylist() if name in known else [""] * batch.num_rows
        for name in FIELDS
    ]
    return [Article(*row) for row in zip(*rows, strict=True)]


def problem(told: Problem) -> Told:
    """Tell a problem."""
    return {"problem": asdict(told)}


def about(kind: str, article: Article) -> Told:
    """Tell something of an article, without its text."""
    return {kind: asdict(replace(article, text=""))}


def grouped(batches: Iterable[pa.RecordBatch], key: str) -> Iterator[tuple[pa.Table, bool]]:
    """Part rows, ordered by a column, into those that are alone in it and groups of equal ones.

    Yield tables, and with each whether it is a group. A row without a value there is alone.
    """
    import numpy as np
    import pyarrow as pa

    left: pa.Table | None = None
    for batch in batches:
        rows = pa.Table.from_batches([batch])
        rows = rows if left is None else pa.concat_tables([left, rows])
        bounds = _bounds(rows.column(key))
        left = rows.slice(bounds[-1])
        sizes = np.diff(bounds)
        alone = np.repeat(sizes == 1, sizes)
        if alone.any():
            yield rows.slice(0, bounds[-1]).filter(pa.array(alone)), False
        for at in np.flatnonzero(sizes > 1).tolist():
            yield rows.slice(bounds[at], sizes[at]), True
    if left is not None and left.num_rows:
        yield left, left.num_rows > 1


def _bounds(keys: pa.ChunkedArray) -> Any:
    """Return where runs of equal keys begin, the last one too, int64[runs]."""
    import numpy as np
    import pyarrow.compute as pc

    one = keys.combine_chunks()
    changes = pc.fill_null(pc.not_equal(one.slice(1), one.slice(0, len(one) - 1)), fill_value=True)
    return np.append(0, np.flatnonzero(changes.to_numpy(zero_copy_only=False)) + 1)
