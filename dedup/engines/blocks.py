"""Pairs of texts with their texts, brought together: a part of the pairs, and the texts they need.

A pair belongs to the block of its second text (see `dedup.engines.kept_texts`). The task that has
all pairs of a block takes the texts that they need from the files of blocks, and gives them numbers
of its own in the same order. So any function of pairs and `TextArrays` works on a part as it does
on the whole, and memory follows the block.

What goes from executor to executor are rows with arrays as bytes: far fewer rows than values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from dedup._jit.pairs import ends, once, pack, rights, starts
from dedup.engines import kept_texts
from dedup.engines.encode import joined
from dedup.engines.kept_texts import KeptTexts
from dedup.engines.stages import Stages
from dedup.text.arrays import TextArrays

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame

PAIRS, COUNTS, HUBS, OWN, MORE = range(5)
"""Kinds of rows: the pairs of a block, counts, texts that are hubs, and arrays of a group, in one
row or two."""

_ARRAYS = ("numbers", "sizes", "tokens", "flags")
MESSAGE = f"block int, kind int, {', '.join(f'{name} binary' for name in _ARRAYS)}"
"""The schema of rows between executors: `numbers` are int64 or, of pairs, uint64. Rows of counts
and hubs belong to no block, -1."""

_Batches = Iterable["pa.RecordBatch"]
_Integers = npt.NDArray[np.int64]
Rows = Sequence[Mapping[str, Any]]
"""Rows of such a schema."""


class Part(NamedTuple):
    """Some pairs with the texts that they need."""

    items: npt.NDArray[np.uint64]
    """uint64[items]: what was sent to the block, such as pairs by the numbers of the corpus."""
    texts: TextArrays
    numbers: _Integers
    """int64[texts], ascending: the number that each has in the corpus."""

    @property
    def pairs(self) -> npt.NDArray[np.uint64]:
        """uint64[pairs]: pairs of texts, by the numbers that these have here."""
        a, b = (np.searchsorted(self.numbers, end) for end in ends(self.items))
        return pack(a, b)

    def known(self, pairs: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
        """Return pairs by the numbers of the corpus."""
        a, b = ends(pairs)
        return pack(self.numbers[a], self.numbers[b])


class Group(NamedTuple):
    """The rows of a group, with the texts that it needs."""

    rows: Rows
    numbers: _Integers
    """int64[texts], ascending: the number that each has in the corpus."""
    texts: TextArrays

    @classmethod
    def of(cls, rows: Rows, needed: npt.NDArray[np.integer], texts: KeptTexts) -> Group:
        """Return some rows with the texts that stand among the numbers needed."""
        numbers = np.unique(needed).astype(np.int64)
        return cls(rows, numbers, texts.take(numbers))

    def array(self, kind: int, name: str, dtype: Any) -> npt.NDArray[Any]:
        """Return an array of all rows of a kind, one after another."""
        return array(self.rows, kind, name, dtype)

    def local(self, numbers: _Integers) -> _Integers:
        """Return the numbers that some texts have here, int64[texts]."""
        return np.searchsorted(self.numbers, numbers)


Made = Mapping[str, npt.NDArray[Any]]
"""What is made of a part: arrays by name."""


def texts_of(batches: _Batches, of: KeptTexts) -> Iterator[tuple[_Integers, TextArrays]]:
    """Yield the texts of each block with their numbers; rows are numbers of blocks."""
    for batch in batches:
        for block in batch.column(0).to_pylist():
            texts = of.block(block)
            yield block * kept_texts.BLOCK + np.arange(len(texts.sizes)), texts


def every(stages: Stages, texts: int) -> DataFrame:
    """Return a row for each block of so many texts, its number."""
    return stages.numbers(kept_texts.blocks_of(texts))


def with_texts(
    stages: Stages,
    asked: str,
    of: str,
    work: Callable[[Part], Made],
    schema: str,
    needs: Needs | None = None,
) -> DataFrame:
    """Do some work on all pairs that the driver has put, with texts of the stage `of`.

    Returned are rows of what is made of each block, arrays as bytes.
    """
    each = partial(working, work=work, of=stages.texts(of), needs=needs or texts_of_pairs)
    return by_group(stages, asked, each, schema)


def by_group(
    stages: Stages,
    asked: str,
    each: Callable[[Iterable[Rows]], Iterator[pa.RecordBatch]],
    schema: str,
) -> DataFrame:
    """Do some work on the rows of each group that the driver has put."""
    return stages.groups(asked).mapInArrow(partial(on_groups, stages.files(asked)[0], each), schema)


def on_groups(
    file: str, each: Callable[[Iterable[Rows]], Iterator[pa.RecordBatch]], batches: _Batches
) -> Iterator[pa.RecordBatch]:
    """Do some work on groups that the driver has put in a file; rows are their numbers."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(file) as held:
        yield from each(
            held.read_row_group(number).to_pylist()
            for batch in batches
            for number in batch.column(0).to_pylist()
        )


def part_of(rows: Rows, of: KeptTexts, needs: Needs) -> Part:
    """Return the pairs of a block, each once, with the texts that they need."""
    items = once(array(rows, PAIRS, "numbers", np.uint64))
    numbers = needs(items)
    return Part(items, of.take(numbers), numbers)


def working(
    groups: Iterable[Rows], work: Callable[[Part], Made], of: KeptTexts, needs: Needs
) -> Iterator[pa.RecordBatch]:
    """Do some work on the pairs of each block."""
    for rows in groups:
        yield made_row(work(part_of(rows, of, needs)))


def array(rows: Rows, kind: int, name: str, dtype: Any) -> npt.NDArray[Any]:
    """Return an array of all rows of a kind, one after another."""
    some = [array_of(row, name, dtype) for row in rows if row["kind"] == kind]
    return np.concatenate([np.zeros(0, dtype), *some])


def message(block: int, kind: int, *arrays: npt.NDArray[Any]) -> pa.RecordBatch:
    """Return a row of the schema `MESSAGE`, with up to four arrays."""
    import pyarrow as pa

    columns = {"block": pa.array([block], pa.int32()), "kind": pa.array([kind], pa.int32())}
    empty = (np.zeros(0, np.uint8),) * (4 - len(arrays))
    columns |= {
        name: pa.array([values.tobytes()], pa.binary())
        for name, values in zip(_ARRAYS, (*arrays, *empty), strict=True)
    }
    return pa.RecordBatch.from_pydict(columns)


def one_group(rows: Iterable[pa.RecordBatch]) -> pa.RecordBatch:
    """Return rows of one group as the driver puts them."""
    import pyarrow as pa

    (found,) = pa.Table.from_batches(rows).combine_chunks().to_batches()
    return found


Needs = Callable[[npt.NDArray[np.uint64]], _Integers]
"""Tells the texts that some items need, by their numbers, ascending."""


def texts_of_pairs(pairs: npt.NDArray[np.uint64]) -> _Integers:
    """Return the texts that stand in some pairs."""
    return np.unique(np.concatenate(ends(pairs)))


def routed(pairs: npt.NDArray[np.uint64], of: _Integers | None = None) -> Iterator[pa.RecordBatch]:
    """Send pairs to their blocks: that of the second text, or those given, int64[pairs]."""
    of = rights(pairs) // kept_texts.BLOCK if of is None else of
    order = np.argsort(of, kind="stable")
    bounds = starts(of[order])
    for low, high in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        rows = order[low:high]
        yield message(int(of[rows[0]]), PAIRS, pairs[rows])


def passed_on(rows: Rows) -> Iterator[pa.RecordBatch]:
    """Send on rows that belong to no block."""
    for row in rows:
        yield message(-1, row["kind"], array_of(row, "numbers", np.int64))


def made_row(made: Made) -> pa.RecordBatch:
    """Return a row of arrays as bytes."""
    import pyarrow as pa

    return pa.RecordBatch.from_pydict(
        {name: pa.array([values.tobytes()], pa.binary()) for name, values in made.items()}
    )


def schema_of(names: Iterable[str]) -> str:
    """Return the schema of such rows.

    >>> schema_of(["numbers", "sizes"])
    'numbers binary, sizes binary'
    """
    return ", ".join(f"{name} binary" for name in names)


def read(stages: Stages, name: str, kinds: Mapping[str, Any]) -> list[npt.NDArray[Any]]:
    """Return the arrays of all such rows of a stage, by name and type, one after another."""
    table = stages.table(name, list(kinds))
    return [joined(table.column(column), kind)[0] for column, kind in kinds.items()]


def shuffled(stages: Stages, blocks: int, frame: DataFrame) -> DataFrame:
    """Bring the rows of each of so many blocks together, in order of their kinds."""
    together = frame.repartition(stages.tasks(blocks), "block")
    return together.sortWithinPartitions("block", "kind")


def by_block(batches: _Batches) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    """Yield each block with its rows, which come together."""
    block, rows = None, list[dict[str, Any]]()
    for batch in batches:
        for row in batch.to_pylist():
            if rows and row["block"] != block:
                yield rows[0]["block"], rows
                rows = []
            block = row["block"]
            rows.append(row)
    if rows:
        yield rows[0]["block"], rows


def array_of(row: Mapping[str, Any], name: str, kind: Any) -> npt.NDArray[Any]:
    """Return an array of such a row; what it holds cannot be written to."""
    return np.frombuffer(row[name], kind)
