"""Articles as rows of Arrow batches, and what is told on the way to them.

A row is an article with its fields, or something that is told: JSON in the column `told`. So what
an executor has to say takes the same way as what it read, and comes once, whatever is done twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from xxhash import xxh3_128_hexdigest

from dedup.engines.session import BATCH_BYTES, BATCH_ROWS
from dedup.errors import Problem
from dedup.metadata.normalise import document, preference
from dedup.readers.unique_ids import stem
from dedup.records import Article

if TYPE_CHECKING:
    import pyarrow as pa

FIELDS: tuple[str, ...] = tuple(Article.__slots__)
"""The columns that are an article's fields."""
COLUMNS = (*FIELDS, "document", "content", "stem", "told")
"""The columns of a row that was read: the fields, what tells fetches of one document (see
`dedup.metadata.normalise.document`) and, of those, equal texts, what tells equal ids, and what is
told."""
READ = ", ".join(f"{name} string" for name in COLUMNS)
"""The schema of such rows, as Spark writes it."""

FEW = 4
"""Articles that are named where many are told of, and one more: so it shows that there are more."""
_MANY = 256

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
        page = document(article)
        content = None if page is None else _digest(article.text)
        self._rows.append((*fields, page, content, stem(article.id), None))
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


def _digest(text: str) -> str:
    """Return what texts that differ in blanks alone have in common."""
    return xxh3_128_hexdigest(" ".join(text.split()).encode("utf-8", "surrogatepass"))


def problem(told: Problem) -> Told:
    """Tell a problem."""
    return {"problem": asdict(told)}


class Summed:
    """Articles of which one thing is to be told: how many they are, and a few of them by name."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self.count = 0
        self._some: list[Article] = []

    def append(self, article: Article) -> None:
        """Add one."""
        self.plus(1, [article])

    def plus(self, count: int, some: Iterable[Article]) -> None:
        """Add several, of which a few are given."""
        self.count += count
        self._some += [replace(article, text="") for article in some]
        if len(self._some) > _MANY:
            self._some = self.some()

    def some(self) -> list[Article]:
        """Return those that may be named: the first by id, by path and by what they lack."""
        ordered = sorted(self._some, key=lambda one: (one.id, one.path or ""))
        by_id = {article.id: article for article in reversed(ordered)}
        few = [*ordered[:FEW], *(by_id[id_] for id_ in sorted(by_id)[:FEW])]
        few += sorted(ordered, key=lambda one: one.path or one.id)[:1]
        few += sorted(ordered, key=preference)[:1]
        return list({id(article): article for article in few}.values())

    def rows(self) -> Iterator[pa.RecordBatch]:
        """Yield a row that tells it, if there is anything to tell."""
        rows = Rows()
        if self.count:
            some = [asdict(article) for article in self.some()]
            rows.tell({self._kind: {"count": self.count, "some": some}})
        yield from rows.rest()
