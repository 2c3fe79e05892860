"""Each document once, and an id of its own for each article, in memory that no key is too hot for.

A shuffle has brought together what is alike, in order. So of a million rows that are one article,
the one to keep so far is held and no other, and of a million texts under one id those that get a
number wait on the disk until all ids near it are known. The rules are those of
`dedup.metadata.normalise` and `dedup.readers.unique_ids`.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dedup.engines.articles import FEW, Rows, Summed, articles_of, problem
from dedup.engines.session import BATCH_BYTES
from dedup.metadata import normalise
from dedup.readers import unique_ids
from dedup.records import Article

if TYPE_CHECKING:
    import pyarrow as pa

DOCUMENT = ("document", "site", "content")
"""What rows that are fetches of one document with one text are alike in."""
ARTICLE = ("stem", "id", "text", "site")
"""What rows that are one article are alike in; rows of one stem come one after another."""

_Batches = Iterable["pa.RecordBatch"]
_Booleans = npt.NDArray[np.bool_]


def documents_once(batches: _Batches) -> Iterator[pa.RecordBatch]:
    """Keep one of the articles that are one document; rows come ordered by `DOCUMENT`."""
    again = Summed("variant")
    for table in _firsts(batches, DOCUMENT, normalise.preference, again):
        yield from table.to_batches()
    yield from again.rows()


def ids_once(batches: _Batches) -> Iterator[pa.RecordBatch]:
    """Give each article an id of its own; rows come ordered by `ARTICLE`."""
    again, told = Summed("again"), Rows()
    numbering = _Numbering(told)
    for table in _firsts(batches, ARTICLE, unique_ids.order, again):
        yield from numbering.add(table)
    yield from numbering.ended()
    yield from told.rest()
    yield from again.rows()


def _firsts(
    batches: _Batches, keys: Sequence[str], order: Callable[[Article], Any], again: Summed
) -> Iterator[pa.Table]:
    """Yield one row of each run of rows that are alike in `keys`: the first in some order.

    The others are added to `again`. A row that lacks the first of the keys is alike with no other.
    """
    import pyarrow as pa

    left: pa.Table | None = None
    for batch in batches:
        table = pa.Table.from_batches([batch])
        table = table if left is None else pa.concat_tables([left, table])
        if not table.num_rows:
            continue
        alike = _as_before(table, keys)
        keep = ~alike
        bounds = np.append(np.flatnonzero(~alike), table.num_rows)
        for at in np.flatnonzero(np.diff(bounds) > 1).tolist():
            low, high = bounds[at], bounds[at + 1]
            articles = articles_of(table.slice(low, high - low))
            best = min(range(high - low), key=lambda n: order(articles[n]))
            keep[low], keep[low + best] = False, True
            for number, article in enumerate(articles):
                if number != best:
                    again.append(article)
        table = table.filter(pa.array(keep))
        left = table.slice(table.num_rows - 1)
        yield table.slice(0, table.num_rows - 1)
    if left is not None:
        yield left


def _as_before(table: pa.Table, keys: Sequence[str]) -> _Booleans:
    """Return which rows are alike in `keys` with the one before, bool[rows]."""
    import pyarrow.compute as pc

    same = np.ones(table.num_rows, np.bool_)
    same[:1] = False
    for name in keys:
        column = table.column(name).combine_chunks()
        before, after = column.slice(0, len(column) - 1), column.slice(1)
        equal = pc.fill_null(pc.equal(before, after), fill_value=False)
        if name != keys[0]:
            equal = pc.or_(equal, pc.and_(pc.is_null(before), pc.is_null(after)))
        same[1:] &= equal.to_numpy(zero_copy_only=False)
    return same


class _Numbering:
    """Tells articles under one id apart; rows come ordered by `ARTICLE`, none of them twice."""

    def __init__(self, told: Rows) -> None:
        self._told = told
        self._stem: str | None = None
        self._before: tuple[str, str | None] | None = None
        self._shared: dict[str, _Shared] = {}
        self._taken: set[str] = set()
        self._waiting = Spool()

    def add(self, table: pa.Table) -> Iterator[pa.RecordBatch]:
        """Yield the rows that keep their ids; the others wait until all of their stem are known."""
        import pyarrow as pa

        if not table.num_rows:
            return
        stems, ids, paths = (table.column(name).to_pylist() for name in ("stem", "id", "path"))
        last = len(stems) - 1
        while last and stems[last] is not None and stems[last - 1] == stems[last]:
            last -= 1
        keeps: list[bool] = []
        for low, high in ((0, last), (last, len(stems))):
            if low == last and stems[last] != self._stem:
                yield from self.ended()
            keeps += [self._keeps(ids[n], paths[n]) for n in range(low, high)]
            if not all(keeps[low:]):
                self._waiting.add(table.slice(low, high - low).filter(_not(keeps[low:])))
            self._stem = stems[high - 1] if high else self._stem
        yield from table.filter(pa.array(keeps)).to_batches()

    def _keeps(self, id_: str | None, path: str | None) -> bool:
        """Return whether a row is the first of its id."""
        before, self._before = self._before, None if id_ is None else (id_, path)
        if id_ is None:
            return True
        if before is not None and before[0] == id_:
            self._shared.setdefault(id_, _Shared(before[1])).add(path)
            return False
        if self._shared and id_.rpartition("#")[0] in self._shared:
            self._taken.add(id_)
        return True

    def ended(self) -> Iterator[pa.RecordBatch]:
        """Yield the rows that waited, under ids of their own."""
        import pyarrow as pa

        if not self._shared:
            return
        numbers = {id_: unique_ids.numbers(id_, self._taken) for id_ in self._shared}
        for table in self._waiting.tables():
            given = [(id_, next(numbers[id_])) for id_ in table.column("id").to_pylist()]
            for id_, new in given:
                self._shared[id_].last = new
            at = table.schema.get_field_index("id")
            ids = pa.array([new for _, new in given], pa.string())
            yield from table.set_column(at, "id", ids).to_batches()
        for id_, one in self._shared.items():
            self._told.tell(problem(unique_ids.shared(id_, one.paths, one.count, one.last)))
        self._shared, self._taken, self._waiting = {}, set(), Spool()


class _Shared:
    """What is told of an id that several articles have."""

    def __init__(self, path: str | None) -> None:
        self.count, self.last = 0, ""
        self.paths: set[str] = set()
        self.add(path)

    def add(self, path: str | None) -> None:
        """Count an article; of all paths the first few stay."""
        self.count += 1
        if path:
            self.paths.add(path)
            if len(self.paths) > FEW:
                self.paths.remove(max(self.paths))


class Spool:
    """Tables that wait: in memory while they are small, and else in a file.

    >>> import pyarrow as pa
    >>> spool = Spool(most=100)
    >>> for number in range(30):
    ...     spool.add(pa.table({"number": [number]}))
    >>> sum(table.num_rows for table in spool.tables())
    30
    """

    def __init__(self, most: int = BATCH_BYTES) -> None:
        self._most = most
        self._open = ExitStack()
        self._file: Any = None
        self._out: Any = None

    def add(self, table: pa.Table) -> None:
        """Take a table, of the columns that all have."""
        import pyarrow as pa

        if self._out is None:
            folder = os.environ.get("SPARK_LOCAL_DIRS", "").partition(",")[0] or None
            self._file = self._open.enter_context(
                tempfile.SpooledTemporaryFile(self._most, dir=folder)  # noqa: SIM115  # it is closed by `tables`
            )
            self._out = pa.ipc.new_stream(self._file, table.schema)
        self._out.write_table(table)

    def tables(self) -> Iterator[pa.Table]:
        """Yield all, in the order they came in; after that there are none."""
        import pyarrow as pa

        if self._out is not None:
            self._out.close()
            self._file.seek(0)
            with self._open, pa.ipc.open_stream(self._file) as stream:
                for batch in stream:
                    yield pa.Table.from_batches([batch])


def _not(keeps: Sequence[bool]) -> pa.Array:
    import pyarrow as pa

    return pa.array([not one for one in keeps])
