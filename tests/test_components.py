"""Rounds of stars find the components that a union of sets does, in few rounds."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spark_sessions import CALM

from dedup._jit.pairs import ordered
from dedup.engines import components
from dedup.engines.components import CHANGED, bundles, labels, large_star, small_star, starred

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pa = pytest.importorskip("pyarrow")
pytestmark = CALM
Pair = tuple[int, int]
Pairs = npt.NDArray[np.int64]


def joined(pairs: list[Pair], numbers: int) -> list[int]:
    """The least number of each component, by sets that are put together."""
    of = {number: {number} for number in range(numbers)}
    for a, b in pairs:
        if of[a] is not of[b]:
            of[a] |= of[b]
            for other in of[b]:
                of[other] = of[a]
    return [min(of[number]) for number in range(numbers)]


def packed(pairs: list[Pair]) -> Pairs:
    a, b = np.array(pairs, np.int64).reshape(-1, 2).T
    return ordered(a, b).view(np.int64)


def batches(pairs: Pairs, size: int) -> Iterator[Any]:
    for low in range(0, len(pairs), size):
        yield pa.RecordBatch.from_arrays([pa.array(pairs[low : low + size])], names=["pair"])


def run(stage: Callable[..., Iterator[Any]], pairs: Pairs, size: int) -> Pairs:
    """What a stage gives of pairs that a shuffle has ordered, with few rows a batch."""
    found = [batch.column(0).to_numpy() for batch in stage(batches(pairs, size))]
    return np.concatenate([np.zeros(0, np.int64), *found])


def in_rounds(pairs: Pairs, size: int) -> tuple[Pairs, int]:
    """The stars that rounds come to, without Spark, and the number of rounds."""
    rounds = 0
    while True:
        rounds += 1
        both = np.append(pairs, (pairs & 0xFFFFFFFF) << 32 | pairs >> 32)
        large = run(large_star, np.sort(both), size)
        small = run(small_star, np.sort(large), size)
        pairs = np.unique(small[small != CHANGED])
        if not (small == CHANGED).any():
            return pairs, rounds


def labelled(stars: Pairs, numbers: int) -> list[int]:
    found = list(range(numbers))
    for pair in stars.tolist():
        found[pair & 0xFFFFFFFF] = pair >> 32
    return found


NUMBERS = 40
GRAPHS = st.lists(
    st.tuples(st.integers(0, NUMBERS - 1), st.integers(0, NUMBERS - 1)).filter(
        lambda pair: pair[0] != pair[1]
    ),
    max_size=70,
)


@settings(deadline=None)
@given(GRAPHS, st.integers(1, 9))
def test_rounds_find_the_components_that_sets_do(pairs: list[Pair], size: int) -> None:
    stars, _ = in_rounds(packed(pairs), size)
    assert labelled(stars, NUMBERS) == joined(pairs, NUMBERS)


@settings(deadline=None)
@given(GRAPHS, st.integers(1, 9), st.integers(1, 30))
def test_contracted_parts_have_the_components_of_the_whole(
    pairs: list[Pair], size: int, most: int
) -> None:
    few = np.concatenate(
        [np.zeros(0, np.int64)]
        + [one.column(0).to_numpy() for one in starred(batches(packed(pairs), size), most)]
    )
    assert len(few) <= len(pairs)
    stars, _ = in_rounds(few, size)
    assert labelled(stars, NUMBERS) == joined(pairs, NUMBERS)
    whole = list(starred(batches(packed(pairs), size), len(pairs) + 1))
    rows = [one.column(0).to_numpy() for one in whole]
    assert labelled(np.concatenate([np.zeros(0, np.int64), *rows]), NUMBERS) == joined(
        pairs, NUMBERS
    )


@pytest.mark.parametrize("size", [1 << 6, 1 << 9, 1 << 12])
@pytest.mark.parametrize("in_order", [True, False])
def test_a_long_chain_takes_as_many_rounds_as_its_logarithm(size: int, in_order: bool) -> None:
    chain = list(range(size))
    if not in_order:
        random.Random(size).shuffle(chain)
    pairs = list(itertools.pairwise(chain))
    stars, rounds = in_rounds(packed(pairs), 1 << 10)
    assert labelled(stars, size) == [0] * size
    assert rounds <= 1 + math.log2(size)


def test_a_star_takes_one_round_and_one_that_finds_no_change() -> None:
    centre = 500  # a number in the middle: not yet the least
    pairs = [(centre, other) for other in range(1000) if other != centre]
    stars, rounds = in_rounds(packed(pairs), 7)
    assert labelled(stars, 1000) == [0] * 1000
    assert rounds == 2


@settings(deadline=None)
@given(GRAPHS, st.integers(1, 20))
def test_a_component_is_in_one_bundle_and_bundles_are_small(pairs: list[Pair], size: int) -> None:
    label = np.array(joined(pairs, NUMBERS), np.int32)
    found = bundles(label, size)
    largest = np.bincount(label).max()
    for one in set(label.tolist()):
        assert len(set(found[label == one].tolist())) == 1
    members = np.bincount(label)[label] > 1
    assert np.bincount(found[members], minlength=1).max() < size + largest


@pytest.mark.parametrize(("few", "whole"), [(0, 1), (0, 1 << 21), (1 << 20, 1 << 21)])
def test_spark_finds_the_components_that_sets_do(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, few: int, whole: int
) -> None:
    from dedup.engines.stages import Stages

    monkeypatch.setattr(components, "FEW", few)
    monkeypatch.setattr(components, "WHOLE", whole)
    random_ = random.Random(5)
    pairs = [(n, n + 1) for n in range(40)]  # a chain, a star, some of all
    pairs += [(60, n) for n in range(50, 80) if n != 60]
    pairs += [(random_.randrange(100, 300), random_.randrange(100, 300)) for _ in range(90)]
    pairs = [pair for pair in pairs if pair[0] != pair[1]]
    random_.shuffle(pairs)
    rows = [(pair,) for pair in packed(pairs).tolist()]
    frame = spark.createDataFrame(rows, components.PAIR).repartition(3)
    stages = Stages(tmp_path, spark, "these")
    found = labels(stages, "some", packed(pairs).view(np.uint64), lambda: frame, 300)
    assert found.tolist() == joined(pairs, 300)
    begun = {place.name for place in (tmp_path / "_stages").glob("*")}
    assert begun.isdisjoint({"some-0", "some-1"}) == bool(few)
    assert ("some-1" in begun) == (whole == 1)


def test_no_pairs_have_no_components(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dedup.engines.stages import Stages

    frame = spark.createDataFrame([], components.PAIR)
    stages = Stages(tmp_path, spark, "these")
    for few in (-1, 0):
        monkeypatch.setattr(components, "FEW", few)
        none = np.zeros(0, np.uint64)
        assert labels(stages, "none", none, lambda: frame, 3).tolist() == [0, 1, 2]
