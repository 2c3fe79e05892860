"""Clusters: linked throughout, close to their centre, the same in any order."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.match.cluster import cluster, spanning
from dedup.text.shingle import Sets

Pair = tuple[int, int]
Rows = list[set[int]]

ROWS = st.lists(st.sets(st.integers(0, 7), max_size=6), min_size=1, max_size=9)
CHAIN = st.sampled_from([0.0, 0.2, 0.25, 0.5, 0.9, 1.0])


def clustered(rows: Rows, pairs: list[Pair], chain: float = 0.25) -> list[int]:
    items = np.array([item for row in rows for item in sorted(row)], np.uint32)
    offsets = np.concatenate([[0], np.cumsum([len(row) for row in rows], dtype=np.int64)])
    packed = np.array([i << 32 | j for i, j in pairs], np.uint64)
    centres: list[int] = cluster(packed, Sets(items, offsets), chain).tolist()
    return centres


def similar(a: set[int], b: set[int], least: float) -> bool:
    return len(a & b) >= least * len(a | b)


def connected(start: int, allowed: set[int], pairs: list[Pair]) -> set[int]:
    reached = {start}
    for _ in allowed:
        for i, j in pairs:
            if {i, j} & reached and {i, j} <= allowed:
                reached |= {i, j}
    return reached


def expected(rows: Rows, pairs: list[Pair], chain: float) -> list[int]:
    """Brute force: centres by number of matches; each takes what it can reach and is close to."""
    matches = [sum(text in pair for pair in pairs) for text in range(len(rows))]
    centre = dict.fromkeys(range(len(rows)), -1)
    for c in sorted(range(len(rows)), key=lambda text: (-matches[text], text)):
        if centre[c] < 0:
            free = {text for text in centre if centre[text] < 0}
            close = {text for text in free if similar(rows[c], rows[text], chain)} | {c}
            centre |= dict.fromkeys(connected(c, close, pairs), c)
    return [centre[text] for text in range(len(rows))]


def edges(rows: Rows, seed: int) -> list[Pair]:
    every = list(itertools.combinations(range(len(rows)), 2))
    return random.Random(seed).sample(every, len(every) // 2)


@settings(deadline=None)
@given(rows=ROWS, seed=st.integers(0, 99), chain=CHAIN)
def test_clusters_are_what_the_rule_says(rows: Rows, seed: int, chain: float) -> None:
    pairs = edges(rows, seed)
    assert clustered(rows, pairs, chain) == expected(rows, pairs, chain)


@settings(deadline=None)
@given(rows=ROWS, seed=st.integers(0, 99), chain=CHAIN)
def test_every_member_is_linked_within_its_cluster_and_close_to_its_centre(
    rows: Rows, seed: int, chain: float
) -> None:
    pairs = edges(rows, seed)
    centres = clustered(rows, pairs, chain)
    for text, centre in enumerate(centres):
        members = {other for other, its in enumerate(centres) if its == centre}
        assert centres[centre] == centre
        assert similar(rows[text], rows[centre], chain)
        assert connected(centre, members, pairs) == members


@settings(deadline=None)
@given(rows=ROWS, seed=st.integers(0, 99), order=st.randoms(use_true_random=False))
def test_the_order_of_the_pairs_changes_nothing(
    rows: Rows, seed: int, order: random.Random
) -> None:
    pairs = edges(rows, seed)
    shuffled = order.sample(pairs, len(pairs))
    assert clustered(rows, shuffled) == clustered(rows, pairs)


def test_a_chain_of_versions_does_not_join_strangers() -> None:
    rows = [{1, 2, 3, 4}, {3, 4, 5, 6}, {5, 6, 7, 8}]
    ab, bc = (0, 1), (1, 2)
    assert clustered(rows, [ab, bc], 0.25) == [1, 1, 1]  # each shares a third with the middle one
    assert clustered(rows, [ab, bc], 0.5) == [0, 1, 2]


def test_a_long_chain_is_cut_near_its_centres() -> None:
    rows = [set(range(start, start + 10)) for start in range(0, 100, 2)]
    pairs = [(i, i + 1) for i in range(len(rows) - 1)]
    centres = clustered(rows, pairs, 0.25)
    assert all(similar(rows[text], rows[centre], 0.25) for text, centre in enumerate(centres))
    assert len(set(centres)) > 5


def test_a_roundup_does_not_merge_the_briefs_it_holds() -> None:
    briefs = [set(range(start, start + 10)) for start in (0, 10, 20)]
    roundup = set(range(30))
    centres = clustered([*briefs, roundup], [(0, 3), (1, 3), (2, 3)], 0.5)
    assert len({centres[0], centres[1], centres[2]}) == 3


@pytest.mark.parametrize("chain", [0.0, 0.25, 1.0])
def test_texts_without_matches_stand_alone(chain: float) -> None:
    assert clustered([{1}, {1}, set()], [], chain) == [0, 1, 2]
    assert clustered([], [], chain) == []


def test_a_family_of_many_thousands_is_one_cluster() -> None:
    size = 20_000
    rows = [{*range(30), 100 + text} for text in range(size)]
    centres = clustered(rows, [(7, text) for text in range(size) if text != 7])
    assert set(centres) == {7}


PAIRS = st.dictionaries(
    st.tuples(st.integers(0, 8), st.integers(0, 8)).filter(lambda pair: pair[0] < pair[1]),
    st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0]),
    max_size=20,
)


@given(likeness=PAIRS)
def test_what_pairs_of_any_likeness_join_few_pairs_of_that_likeness_join(
    likeness: dict[Pair, float],
) -> None:
    pairs = sorted(likeness)
    values = np.array([likeness[pair] for pair in pairs], np.float32)
    packed = np.array([i << 32 | j for i, j in pairs], np.uint64)
    kept = [pair for pair, ties in zip(pairs, spanning(packed, values, 9), strict=True) if ties]
    for least in (0.0, 0.25, 0.5, 0.75, 1.0):
        every, few = ([p for p in some if likeness[p] >= least] for some in (pairs, kept))
        joined = [connected(text, set(range(9)), every) for text in range(9)]
        assert [connected(text, set(range(9)), few) for text in range(9)] == joined
        # A pair for each text but one in each group: none is in vain.
        assert len(few) == 9 - len({frozenset(group) for group in joined})
