"""Pairs of texts with their texts, brought together: a part of the pairs, and the texts they need.

Texts are numbered as in the corpus, and `BLOCK` texts in a row are a block. A pair belongs to the
block of its second text. A block asks the blocks of its pairs' texts for these, once for all its
pairs, gets them, and gives them numbers of its own in the same order. So any function of pairs and
`TextArrays` works on a part as it does on the whole, and memory follows the block.

What goes from executor to executor are rows with arrays as bytes: far fewer rows than values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from dedup._jit.pairs import ends, once, pack, rights, starts
from dedup.engines.encode import joined
from dedup.engines.stages import Stages
from dedup.text.arrays import TextArrays

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame

BLOCK = 1 << 14
"""Texts of a block. Higher sends fewer texts twice, and takes more memory in a task: some 5 MB of
tokens at 16,384, and as much again for what other blocks send."""

TEXTS, ASKED, PAIRS, COUNTS, HUBS, OWN, MORE = range(7)
"""Kinds of rows: texts of a block, what another block or group asks of it, its pairs, counts, texts
that are hubs, and arrays of a group, in one row or two."""

_ARRAYS = ("numbers", "sizes", "tokens", "flags")
MESSAGE = f"block int, kind int, asking int, {', '.join(f'{name} binary' for name in _ARRAYS)}"
"""The schema of rows between executors: `numbers` are int64 or, of pairs, uint64; `asking` is the
block that asks. Rows of counts and hubs belong to no block, -1."""

_Batches = Iterable["pa.RecordBatch"]
_Integers = npt.NDArray[np.int64]


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
    """The rows of a group, with the texts that it asked for."""

    rows: list[dict[str, Any]]
    """Those that are no texts, in order of their kinds."""
    numbers: _Integers
    """int64[texts], ascending: the number that each has in the corpus."""
    texts: TextArrays

    def array(self, kind: int, name: str, dtype: Any) -> npt.NDArray[Any]:
        """Return an array of all rows of a kind, one after another."""
        some = [array_of(row, name, dtype) for row in self.rows if row["kind"] == kind]
        return np.concatenate([np.zeros(0, dtype), *some])

    def local(self, numbers: _Integers) -> _Integers:
        """Return the numbers that some texts have here, int64[texts]."""
        return np.searchsorted(self.numbers, numbers)


Made = Mapping[str, npt.NDArray[Any]]
"""What is made of a part: arrays by name."""


def texts(stages: Stages, name: str) -> DataFrame:
    """Return the texts of a stage in blocks; those of the first have one a row, in order."""
    from pyspark.sql import functions as fn

    frame = stages.frame(name)
    if "numbers" in frame.columns:  # written by executors, in blocks
        return frame
    where = fn.col("_metadata.file_name").alias("file"), fn.col("_metadata.row_index").alias("row")
    chosen = frame.select("tokens", "flags", *where)
    return chosen.mapInArrow(partial(in_blocks, bases=stages.bases(name)), MESSAGE)


def with_texts(
    stages: Stages, pairs: str, of: str, work: Callable[[Part], Made], schema: str
) -> DataFrame:
    """Do some work on all pairs of a stage that `asking` made, with texts of the stage `of`.

    Returned are rows of what is made of each block, arrays as bytes.
    """
    frame = together(stages, pairs, texts(stages, of))
    return frame.mapInArrow(partial(working, work=work), schema)


def together(stages: Stages, asked: str, of: DataFrame) -> DataFrame:
    """Bring the rows of each group of a stage together, with the texts that it asks for.

    `of` are all texts in blocks. Rows that belong to no group are left out.
    """
    from pyspark.sql import functions as fn

    rows, is_asked = stages.frame(asked).where("block >= 0"), fn.col("kind") == ASKED
    answers = shuffled(of.unionByName(rows.where(is_asked))).mapInArrow(answering, MESSAGE)
    return shuffled(answers.unionByName(rows.where(~is_asked)))


def groups(batches: _Batches) -> Iterator[Group]:
    """Yield each group of what `together` brings."""
    for _, rows in by_block(batches):
        numbers, texts = _gathered(rows)
        yield Group([row for row in rows if row["kind"] != TEXTS], numbers, texts)


def message(block: int, kind: int, *arrays: npt.NDArray[Any], asking: int = -1) -> pa.RecordBatch:
    """Return a row with up to four arrays, and without texts."""
    empty = (np.zeros(0, np.uint8),) * (4 - len(arrays))
    return packed_row(block, kind, asking, [*arrays, *empty])


def in_blocks(batches: _Batches, bases: Mapping[str, int]) -> Iterator[pa.RecordBatch]:
    """Put texts into blocks.

    Rows have `tokens` and `flags`, and the `file` and `row` that they were read from; `bases` has
    the number of the first text of each file.
    """
    import pyarrow as pa

    for batch in batches:
        if not batch.num_rows:
            continue
        files = batch.column("file").to_pylist()
        numbers = np.array([bases[file] for file in files], np.int64)
        numbers += batch.column("row").to_numpy()
        tokens, offsets = joined(pa.chunked_array([batch.column("tokens")]), np.uint32)
        flags, _ = joined(pa.chunked_array([batch.column("flags")]), np.uint8)
        yield from sent(numbers, TextArrays(tokens, offsets, flags))


Needs = Callable[[npt.NDArray[np.uint64]], _Integers]
"""Tells the texts that some items need, by their numbers, ascending."""


def texts_of_pairs(pairs: npt.NDArray[np.uint64]) -> _Integers:
    """Return the texts that stand in some pairs."""
    return np.unique(np.concatenate(ends(pairs)))


def routed(pairs: npt.NDArray[np.uint64], of: _Integers | None = None) -> Iterator[pa.RecordBatch]:
    """Send pairs to their blocks: that of the second text, or those given, int64[pairs]."""
    of = rights(pairs) // BLOCK if of is None else of
    order = np.argsort(of, kind="stable")
    bounds = starts(of[order])
    for low, high in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        rows = order[low:high]
        yield message(int(of[rows[0]]), PAIRS, pairs[rows])


def asking(batches: _Batches, needs: Needs = texts_of_pairs) -> Iterator[pa.RecordBatch]:
    """Take the items of each block once, and ask for the texts that they need."""
    for block, rows in by_block(batches):
        if block < 0:
            yield from passed_on(rows)
            continue
        pairs = once(np.concatenate([array_of(row, "numbers", np.uint64) for row in rows]))
        yield message(block, PAIRS, pairs)
        yield from needing(block, needs(pairs))


def needing(group: int, numbers: _Integers) -> Iterator[pa.RecordBatch]:
    """Ask for the texts that a group needs, by their numbers, ascending."""
    bounds = starts(numbers // BLOCK)
    for low, high in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        some = numbers[low:high]
        yield message(int(some[0]) // BLOCK, ASKED, some, asking=group)


def passed_on(rows: Iterable[Mapping[str, Any]]) -> Iterator[pa.RecordBatch]:
    """Send on rows that belong to no block."""
    for row in rows:
        yield message(-1, row["kind"], array_of(row, "numbers", np.int64))


def answering(batches: _Batches) -> Iterator[pa.RecordBatch]:
    """Send each block the texts that it asked this one for."""
    for _, rows in by_block(batches):
        numbers, texts = _gathered(rows)
        for row in rows:
            if row["kind"] == ASKED:
                wanted = array_of(row, "numbers", np.int64)
                found = texts.take(np.searchsorted(numbers, wanted))
                yield _of_texts(row["asking"], wanted, found)


def working(batches: _Batches, work: Callable[[Part], Made]) -> Iterator[pa.RecordBatch]:
    """Do some work on the pairs of each block, which has got the texts it asked for."""
    for group in groups(batches):
        items = group.array(PAIRS, "numbers", np.uint64)
        yield made_row(work(Part(items, group.texts, group.numbers)))


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


def texts_of(batches: _Batches) -> Iterator[tuple[_Integers, TextArrays]]:
    """Yield the texts of each row with their numbers."""
    for batch in batches:
        for row in batch.to_pylist():
            yield _gathered([row])


def shuffled(frame: DataFrame) -> DataFrame:
    """Bring the rows of each block together, in order of their kinds."""
    return frame.repartition("block").sortWithinPartitions("block", "kind")


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


def _gathered(rows: list[dict[str, Any]]) -> tuple[_Integers, TextArrays]:
    """Return the texts that came in some rows, in order of their numbers."""
    some = [row for row in rows if row["kind"] == TEXTS]
    numbers, sizes, tokens, flags = (
        np.concatenate([np.zeros(0, kind), *(array_of(row, name, kind) for row in some)])
        for name, kind in zip(_ARRAYS, (np.int64, np.int64, np.uint32, np.uint8), strict=True)
    )
    texts = TextArrays(tokens, np.append(0, np.cumsum(sizes)), flags)
    order = np.argsort(numbers)
    return numbers[order], texts.take(order)


def sent(numbers: _Integers, texts: TextArrays) -> Iterator[pa.RecordBatch]:
    """Send texts to the blocks that they are in."""
    bounds = starts(numbers // BLOCK)
    for low, high in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        some = numbers[low:high]
        yield _of_texts(int(some[0]) // BLOCK, some, texts.take(np.arange(low, high)))


def _of_texts(block: int, numbers: _Integers, texts: TextArrays) -> pa.RecordBatch:
    return packed_row(block, TEXTS, -1, [numbers, texts.sizes, texts.tokens, texts.flags])


def packed_row(
    block: int, kind: int, asked_by: int, arrays: list[npt.NDArray[Any]]
) -> pa.RecordBatch:
    """Return a row of the schema `MESSAGE`, with its four arrays."""
    import pyarrow as pa

    whole = {"block": block, "kind": kind, "asking": asked_by}
    columns = {name: pa.array([value], pa.int32()) for name, value in whole.items()}
    columns |= {
        name: pa.array([values.tobytes()], pa.binary())
        for name, values in zip(_ARRAYS, arrays, strict=True)
    }
    return pa.RecordBatch.from_pydict(columns)


def array_of(row: Mapping[str, Any], name: str, kind: Any) -> npt.NDArray[Any]:
    """Return an array of such a row; what it holds cannot be written to."""
    return np.frombuffer(row[name], kind)
