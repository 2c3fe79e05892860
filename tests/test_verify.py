"""Exact similarities: against Python's own sets."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.match.near_duplicates import measures, shared
from dedup.text.shingle import Sets

# Few different hashes, many of which fall on one slot of a small table.
ITEM = st.one_of(st.integers(0, 12), st.integers(0, 12).map(lambda n: n << 20))
ROWS = st.lists(st.lists(ITEM, max_size=20, unique=True), min_size=1, max_size=5)


def as_sets(rows: list[list[int]]) -> Sets:
    items = np.array([item for row in rows for item in row], np.uint32)
    return Sets(items, np.concatenate([[0], np.cumsum([len(row) for row in rows], dtype=np.int64)]))


def packed(pairs: list[tuple[int, int]]) -> npt.NDArray[np.uint64]:
    return np.array([i << 32 | j for i, j in pairs], np.uint64)


@settings(deadline=None)
@given(rows=ROWS, pairs=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=30))
def test_what_two_sets_share_is_what_python_says(
    rows: list[list[int]], pairs: list[tuple[int, int]]
) -> None:
    pairs = [(i % len(rows), j % len(rows)) for i, j in pairs]
    found = shared(packed(pairs), as_sets(rows))
    assert found.tolist() == [len({*rows[i]} & {*rows[j]}) for i, j in pairs]


@settings(deadline=None)
@given(a=st.sets(st.integers(0, 30)), b=st.sets(st.integers(0, 30)))
def test_relation_measures_are_jaccard_similarity_and_containment(a: set[int], b: set[int]) -> None:
    sets, pair = as_sets([[*a], [*b]]), packed([(0, 1)])
    jaccard, containment = measures(pair, shared(pair, sets), sets)
    assert jaccard.tolist() == [pytest.approx(len(a & b) / max(1, len(a | b)))]
    smaller = min(len(a), len(b))
    assert containment.tolist() == [pytest.approx(len(a & b) / max(1, smaller))]


def test_empty_sets_have_nothing_in_common() -> None:
    sets, pairs = as_sets([[], [], [1]]), packed([(0, 1), (0, 2), (0, 0)])
    jaccard, containment = measures(pairs, shared(pairs, sets), sets)
    assert jaccard.tolist() == containment.tolist() == [0, 0, 0]


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_neither_order_nor_threads_change_a_count(workers: int) -> None:
    generator = np.random.default_rng(2)
    rows = [generator.choice(2000, size, replace=False).tolist() for size in (900, 1, 30, 700, 0)]
    pairs = [(i, j) for i in range(5) for j in range(5)] * 3
    pairs = [pairs[k] for k in generator.permutation(len(pairs))]
    found = shared(packed(pairs), as_sets(rows), workers)
    assert found.tolist() == [len({*rows[i]} & {*rows[j]}) for i, j in pairs]


def test_hashes_that_differ_only_above_the_table_are_counted_right() -> None:
    low = list(range(0, 1000 << 12, 1 << 12))
    rows = [low, low[500:], [item + 1 for item in low]]
    assert shared(packed([(0, 1), (0, 2), (0, 0)]), as_sets(rows)).tolist() == [500, 0, 1000]


def test_no_pairs_have_no_measures() -> None:
    sets = as_sets([[1]])
    none = packed([])
    assert [len(m) for m in measures(none, shared(none, sets), sets)] == [0, 0]
