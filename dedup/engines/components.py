"""Connected components on Spark: pairs of numbers become stars, each around its least number.

A few pairs the driver contracts to stars, and more of them one task. Of very many, each part is
contracted by itself; what is left goes through rounds in which every number first ties its greater
neighbours (large star), then its smaller ones (small star), to the least that it knows (Kiveris et
al. 2014, Connected Components in MapReduce and Beyond). Rounds are few: they grow as the logarithm
of the longest way. Each is two shuffles of rows that come sorted, of which a task holds a batch: a
number with very many neighbours costs time, no memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from dedup._jit.pairs import LOW, ends, firsts, pack
from dedup.engines.stages import Stages

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame

PAIR = "pair bigint"
"""The schema of rows with a pair i << 32 | j each; `CHANGED` stands for no pair."""
CHANGED = -1
"""A row that says that a round has changed something."""
FEW = 1 << 20
"""Pairs up to which the driver contracts them, which takes it no stage. Higher takes more of its
memory, some 100 bytes a pair."""
WHOLE = 1 << 21
"""Pairs up to which one task contracts them all, where no more are left; others go through rounds.
Higher makes fewer rounds and takes more memory, some 200 bytes a pair."""

_Batches = Iterable["pa.RecordBatch"]
_Integers = npt.NDArray[np.int64]


def labels(
    stages: Stages,
    name: str,
    pairs: npt.NDArray[np.uint64],
    frame: Callable[[], DataFrame],
    numbers: int,
) -> npt.NDArray[np.int32]:
    """Return the least number that each is connected with, int32[numbers], by stages of a name.

    `pairs` are of numbers from 0 to below `numbers`; `frame` returns them as rows of `PAIR`.
    """
    if len(pairs) <= FEW:
        return _labelled(stars(pairs.view(np.int64)), numbers)
    at, contracted = f"{name}-0", True
    first = _in_one if len(pairs) <= WHOLE else _contracted
    stages.make(at, lambda: first(frame()))
    for turn in count(1):
        few = stages.count(at) <= WHOLE
        if few and contracted and len(stages.files(at)) == 1:
            break  # one task has contracted all
        before, at, contracted = at, f"{name}-{turn}", few
        stages.make(at, partial(_done, _in_one if few else _round, stages, before))
        if not few and not stages.count(at, below=("pair", 0)):
            break
    found = stages.table(at, ["pair"]).column("pair").to_numpy()
    return _labelled(found[found >= 0], numbers)


def _labelled(found: _Integers, numbers: int) -> npt.NDArray[np.int32]:
    label = np.arange(numbers, dtype=np.int32)
    least, other = ends(found.view(np.uint64))
    label[other] = least
    return label


def frame(stages: Stages, name: str, pairs: npt.NDArray[np.uint64]) -> DataFrame:
    """Return rows of `PAIR` for pairs that the driver has, which it writes as a stage of a name."""
    import pyarrow as pa

    stages.put(name, pa.table({"pair": pairs.view(np.int64)}).to_batches(WHOLE))
    return stages.frame(name)


def bundles(label: npt.NDArray[np.int32], size: int) -> _Integers:
    """Return the bundle of each number, int64[numbers]: components that one task takes.

    A component is in one bundle whole. `label` is what `labels` returns. A bundle has `size`
    numbers and the last component that begins in it; components of one do not count.

    >>> bundles(np.array([0, 0, 2, 3, 3, 3, 6, 6]), 2).tolist()
    [0, 0, 1, 1, 1, 1, 2, 2]
    """
    sizes = np.bincount(label, minlength=len(label))
    sizes[sizes == 1] = 0
    found: _Integers = ((np.cumsum(sizes) - sizes) // size)[label]
    return found


def _done(step: Callable[[DataFrame], DataFrame], stages: Stages, name: str) -> DataFrame:
    return step(stages.frame(name).where(f"pair > {CHANGED}"))


def _contracted(pairs: DataFrame) -> DataFrame:
    return pairs.mapInArrow(partial(starred, most=WHOLE), PAIR)


def _in_one(pairs: DataFrame) -> DataFrame:
    return _contracted(pairs.coalesce(1))


def _round(pairs: DataFrame) -> DataFrame:
    from pyspark.sql import functions as fn

    turned = fn.expr(f"shiftleft(pair & {LOW}, 32) | shiftright(pair, 32)").alias("pair")
    large = _by_first(pairs.union(pairs.select(turned))).mapInArrow(large_star, PAIR)
    return _by_first(large).mapInArrow(small_star, PAIR)


def _by_first(frame: DataFrame) -> DataFrame:
    from pyspark.sql import functions as fn

    return frame.repartition(fn.shiftright("pair", 32)).sortWithinPartitions("pair")


# -- what tasks do --------------------------------------------------------------------------------


def starred(batches: _Batches, most: int) -> Iterator[pa.RecordBatch]:
    """Contract pairs to stars around their least numbers; more than `most` are given in parts."""
    held, size = list[_Integers](), 0
    for batch in batches:
        held.append(batch.column(0).to_numpy())
        size += batch.num_rows
        if size > 2 * most:
            held = [stars(np.concatenate(held))]
            size = len(held[0])
            if size > most:
                yield from _rows(held.pop())
                size = 0
    if held:
        yield from _rows(stars(np.concatenate(held)))


def stars(pairs: _Integers) -> _Integers:
    """Return a pair least << 32 | other for each number that is not the least of its component.

    >>> [(pair >> 32, pair & 255) for pair in stars(np.array([1 << 32 | 5, 5 << 32 | 2])).tolist()]
    [(1, 2), (1, 5)]
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    numbers, at = np.unique(np.stack(ends(pairs.view(np.uint64))), return_inverse=True)
    shape = len(numbers), len(numbers)
    ties = coo_array((np.ones(len(pairs), np.int8), tuple(at.reshape(2, -1))), shape=shape)
    _, of = connected_components(ties, directed=False)
    least = numbers[np.unique(of, return_index=True)[1]][of]
    others = least < numbers
    return pack(least[others], numbers[others]).view(np.int64)


def large_star(batches: _Batches) -> Iterator[pa.RecordBatch]:
    """Tie the greater neighbours of each number to the least of all, itself included.

    Rows come ordered, each pair both ways; those that are given have the greater number first.
    """
    for found in _neighbours(batches):
        centre = np.minimum(found.first, found.least)
        greater = found.second > found.first
        yield from _rows(pack(found.second[greater], centre[greater]).view(np.int64))
        yield from _told((centre < found.first)[greater].any())


def small_star(batches: _Batches) -> Iterator[pa.RecordBatch]:
    """Tie each number and its smaller neighbours to the least of these.

    Rows come ordered, the greater number of each pair first; those that are given have the smaller
    one first.
    """
    for found in _neighbours(batches):
        further = found.second > found.least
        other = np.where(further, found.second, found.first)
        yield from _rows(pack(found.least, other).view(np.int64))
        yield from _told(found.changed or further.any())


class _Neighbours(NamedTuple):
    """Pairs of a batch, each once."""

    first: _Integers
    second: _Integers
    least: _Integers
    """The least second of all pairs with the same first."""
    changed: bool
    """Whether a row said so."""


def _neighbours(batches: _Batches) -> Iterator[_Neighbours]:
    """Take ordered pairs apart; those with one first may come in several batches."""
    before, least = np.int64(CHANGED), np.int64(0)  # of the last pair
    for batch in batches:
        pairs = batch.column(0).to_numpy()
        changed = bool((pairs == CHANGED).any())
        pairs = pairs[(pairs != CHANGED) & (np.diff(pairs, prepend=before) != 0)]
        first, second = ends(pairs.view(np.uint64))
        new = firsts(first)
        new[:1] &= first[:1] != before >> 32
        nearest = np.append(least, second[new])[np.cumsum(new)]
        if len(pairs):
            before, least = pairs[-1], nearest[-1]
        yield _Neighbours(first, second, nearest, changed)


def _told(changed: bool | np.bool_) -> Iterator[pa.RecordBatch]:
    return _rows(np.full(int(changed), CHANGED))


def _rows(pairs: _Integers) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa

    if len(pairs):
        yield pa.RecordBatch.from_arrays([pa.array(pairs)], names=["pair"])
