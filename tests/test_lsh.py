"""Candidates: all that the buckets promise, and no more than linear work in hot ones."""

from __future__ import annotations

import itertools
from collections import defaultdict

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.match.lsh import REPRESENTATIVES, HotBuckets, band, candidates, probability, shape
from dedup.match.minhash import sketch
from dedup.text.shingle import Sets

Pair = tuple[int, int]
Keys = npt.NDArray[np.uint32]

APART = 1 << 20  # keys of these tests are no numbers of texts, as 32-bit hashes hardly ever are


def found(
    keys: Keys, bucket: int, filled: list[bool] | None = None
) -> tuple[list[list[Pair]], HotBuckets]:
    mask = np.ones(len(keys), bool) if filled is None else np.array(filled, bool)
    bands, hot = [], HotBuckets()
    for pairs, crowded, _ in candidates(keys, mask, bucket):
        bands.append([(int(pair) >> 32, int(pair) & 0xFFFFFFFF) for pair in pairs])
        hot += crowded
    return bands, hot


def buckets(keys: Keys, filled: list[bool]) -> list[list[list[int]]]:
    """Brute force: the buckets of each band, each as the numbers of its texts."""
    every = []
    for column in keys.T.tolist():
        grouped = defaultdict(list)
        for text, key in enumerate(column):
            if filled[text]:
                grouped[key].append(text)
        every.append(list(grouped.values()))
    return every


def pairs_of(texts: list[int]) -> set[Pair]:
    return set(itertools.combinations(texts, 2))


TABLES = st.integers(1, 5).flatmap(
    lambda bands: st.lists(
        st.tuples(st.booleans(), st.lists(st.integers(0, 3), min_size=bands, max_size=bands)),
        min_size=1,
        max_size=14,
    )
)


@settings(deadline=None)
@given(table=TABLES)
def test_small_buckets_make_every_pair_a_candidate_once(
    table: list[tuple[bool, list[int]]],
) -> None:
    keys = np.array([row for _, row in table], np.uint32) + np.uint32(APART)
    filled = [flag for flag, _ in table]
    bands, hot = found(keys, 64, filled)
    met: set[Pair] = set()
    for number, grouped in enumerate(buckets(keys, filled)):
        here = set().union(*map(pairs_of, grouped))
        assert bands[number] == sorted(here - met)
        met |= here
    assert hot == HotBuckets()


@settings(deadline=None)
@given(table=TABLES, bucket=st.integers(2, 5))
def test_no_pair_of_a_small_bucket_is_lost_to_a_hot_one(
    table: list[tuple[bool, list[int]]], bucket: int
) -> None:
    keys = np.array([row for _, row in table], np.uint32) + np.uint32(APART)
    filled = [flag for flag, _ in table]
    bands, hot = found(keys, bucket, filled)
    grouped = [group for groups in buckets(keys, filled) for group in groups]
    small = set().union(*[pairs_of(group) for group in grouped if len(group) <= bucket])
    crowded = [len(group) for group in grouped if len(group) > bucket]
    every = [pair for pairs in bands for pair in pairs]
    assert small <= {*every} <= set().union(*map(pairs_of, grouped))
    assert all(len({*pairs}) == len(pairs) for pairs in bands)
    assert (hot.buckets, hot.largest) == (len(crowded), max(crowded, default=0))
    left = [max(0, size - REPRESENTATIVES) for size in crowded]
    assert hot.uncompared == sum(size * (size - 1) // 2 for size in left)


def test_a_hot_bucket_compares_each_text_with_other_representatives_in_each_band() -> None:
    size, bands = 50, 6
    keys = np.full((size, bands), APART, np.uint32)
    compared, _ = found(keys, 10)
    leads = []
    for pairs in compared:
        times = np.bincount(np.array(pairs).ravel(), minlength=size)
        assert times.min() >= REPRESENTATIVES
        leads.append({*np.flatnonzero(times == size - 1).tolist()})
        assert len(leads[-1]) == REPRESENTATIVES
    assert len(set().union(*leads)) == bands * REPRESENTATIVES


def test_texts_without_shingles_are_never_candidates() -> None:
    sketches = sketch(Sets(np.array([1, 2], np.uint32), np.array([0, 0, 0, 1, 1, 2])))
    keys = band(sketches, *shape(0.5, 128, 0.99))
    bands, _ = found(keys, 64, [False, False, True, False, True])
    assert not any(bands)


def family(size: int) -> Keys:
    """Return band keys of texts of one template: 30 shingles in common, 3 of each one's own."""
    own = np.random.default_rng(4).integers(0, 1 << 32, (size, 3), np.uint32)
    common = np.random.default_rng(5).integers(0, 1 << 32, 30, np.uint32)
    items = np.concatenate([np.tile(common, (size, 1)), own], axis=1)
    sets = Sets(items.ravel(), np.arange(size + 1) * 33)
    return band(sketch(sets), *shape(0.5, 128, 0.99))


def test_candidates_leave_the_keys_as_they_are() -> None:
    keys = family(200)
    before = keys.copy()
    assert sum(len(pairs) for pairs, _, _ in candidates(keys, np.ones(200, bool), 64)) > 0
    assert (keys == before).all()


def test_a_template_with_other_numbers_costs_in_proportion() -> None:
    counts = {}
    for size in (5_000, 20_000):
        keys = family(size)
        each = [*candidates(keys, np.ones(size, bool), 64)]
        pairs = np.concatenate([met.pairs for met in each])
        hot = sum((met.hot for met in each), HotBuckets())
        counts[size] = len(pairs)
        assert hot.largest > size // 2
        assert hot.uncompared > hot.buckets
        ends = np.concatenate([pairs >> np.uint64(32), pairs & np.uint64(0xFFFFFFFF)])
        assert np.bincount(ends.astype(np.int64), minlength=size).min() >= REPRESENTATIVES
    assert counts[20_000] < 4.4 * counts[5_000]


@pytest.mark.parametrize("threshold", [0.05, 0.3, 0.5, 0.7, 0.8, 0.95, 1.0])
@pytest.mark.parametrize("num_perm", [16, 100, 128])
def test_the_shape_is_the_strictest_that_reaches_the_recall(
    threshold: float, num_perm: int
) -> None:
    bands, rows = shape(threshold, num_perm, 0.99)
    assert bands == num_perm // rows
    reached = [
        r for r in range(1, num_perm + 1) if 1 - (1 - threshold**r) ** (num_perm // r) >= 0.99
    ]
    assert rows == max(reached, default=1)


@pytest.mark.parametrize(("shared", "bands", "rows"), [(20, 8, 4), (30, 8, 4), (40, 3, 10)])
def test_the_expected_recall_is_the_recall(shared: int, bands: int, rows: int) -> None:
    trials, size = 2_000, 45
    generator = np.random.default_rng(6)
    pool = generator.integers(0, 1 << 32, (trials, 2 * size - shared), np.uint32)
    rest = pool[:, size - shared :]
    items = np.stack([pool[:, :size], rest], axis=1)
    sets = Sets(items.ravel(), np.arange(2 * trials + 1) * size)
    keys = band(sketch(sets, bands * rows), bands, rows)
    agree = (keys[0::2] == keys[1::2]).any(axis=1).mean()
    expected = probability(shared / (2 * size - shared), bands, rows)
    assert abs(agree - expected) < 4 * (expected * (1 - expected) / trials) ** 0.5


def test_equal_rows_in_another_band_are_no_equal_key() -> None:
    keys = band(np.full((1, 12), 7, np.uint32), 4, 3)
    assert len({*keys[0].tolist()}) == 4


def test_a_band_looks_at_its_own_rows_alone() -> None:
    sketches = np.arange(26, dtype=np.uint32).reshape(2, 13)
    sketches[1, 3:6] = sketches[0, 3:6]
    keys = band(sketches, 4, 3)
    assert (keys[0] == keys[1]).tolist() == [False, True, False, False]


@pytest.mark.parametrize("texts", [0, 1])
def test_fewer_than_two_texts_have_no_candidates(texts: int) -> None:
    assert found(np.zeros((texts, 3), np.uint32), 64)[0] == [[], [], []]


@pytest.mark.parametrize("workers", [2, 5])
def test_bands_are_grouped_in_threads_with_the_same_result(workers: int) -> None:
    keys = np.random.default_rng(8).integers(0, 40, (400, 9), np.uint32)
    filled = np.arange(400) % 7 > 0
    one, more = (list(candidates(keys, filled, 12, threads)) for threads in (1, workers))
    assert [met.pairs.tolist() for met in one] == [met.pairs.tolist() for met in more]
    assert [met.hubs.tolist() for met in one] == [met.hubs.tolist() for met in more]
    assert [met.hot for met in one] == [met.hot for met in more]
    assert len(one) == 9
