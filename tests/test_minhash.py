"""Sketches: bit for bit datasketch's, whatever the hashes, seed and number of permutations."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from datasketch import LeanMinHash, MinHash
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.match.minhash import permutations, sketch, to_datasketch
from dedup.text.shingle import Sets

HASHES = st.lists(st.integers(0, 2**32 - 1), max_size=40, unique=True)


def as_sets(rows: list[list[int]]) -> Sets:
    items = np.array([item for row in rows for item in row], np.uint32)
    return Sets(items, np.concatenate([[0], np.cumsum([len(row) for row in rows], dtype=np.int64)]))


def theirs(row: list[int], num_perm: int, seed: int) -> Any:
    made = MinHash(num_perm=num_perm, seed=seed, hashfunc=int, scheme="affine32")
    made.update_batch(row)
    return made


def random_sets(sizes: list[int], seed: int = 5) -> list[list[int]]:
    generator = np.random.default_rng(seed)
    return [generator.integers(0, 2**32, size).tolist() for size in sizes]


@settings(deadline=None)
@given(
    rows=st.lists(HASHES, min_size=1, max_size=5),
    num_perm=st.sampled_from([16, 17, 31, 64, 100, 128]),
    seed=st.integers(0, 2**32 - 1),
)
def test_a_sketch_is_datasketchs_bit_for_bit(
    rows: list[list[int]], num_perm: int, seed: int
) -> None:
    ours = sketch(as_sets(rows), num_perm, seed)
    expected = [theirs(row, num_perm, seed).hashvalues for row in rows]
    np.testing.assert_array_equal(ours, expected)
    assert ours.dtype == expected[0].dtype


@pytest.mark.parametrize("size", [1, 7, 8, 9, 15, 16, 17, 1000])
def test_blocks_of_eight_leave_no_shingle_out_and_add_none(size: int) -> None:
    rows = random_sets([size])
    np.testing.assert_array_equal(sketch(as_sets(rows))[0], theirs(rows[0], 128, 1).hashvalues)


def test_extreme_hashes_are_no_exception() -> None:
    rows = [[0], [2**32 - 1], [0x7FFFFFFF, 0x80000000]]
    expected = [theirs(row, 128, 1).hashvalues for row in rows]
    np.testing.assert_array_equal(sketch(as_sets(rows)), expected)


@pytest.mark.parametrize("num_perm", [1, 16, 17, 128, 1024])
def test_permutations_are_drawn_in_datasketchs_order(num_perm: int) -> None:
    np.testing.assert_array_equal(
        permutations(num_perm, 42), MinHash(num_perm=num_perm, seed=42).permutations
    )


def test_the_sketch_of_an_empty_set_is_datasketchs_empty_sketch() -> None:
    (only,) = sketch(as_sets([[]]), 17, 3)
    assert set(only.tolist()) == {2**32 - 1}
    (lean,) = to_datasketch(only[np.newaxis], 3)
    assert lean.is_empty()


def test_the_order_of_shingles_does_not_matter() -> None:
    (row,) = random_sets([50])
    ours = sketch(as_sets([row, row[::-1]]))
    np.testing.assert_array_equal(ours[0], ours[1])


def test_no_sets_make_no_sketches() -> None:
    assert sketch(as_sets([])).shape == (0, 128)


@pytest.mark.parametrize("workers", [2, 3, 8])
def test_the_number_of_threads_changes_nothing(workers: int) -> None:
    sets = as_sets(random_sets([0, 5, 200, 0, 1, 33, 0]))
    np.testing.assert_array_equal(sketch(sets, workers=workers), sketch(sets))


def test_sketches_of_a_part_of_the_sets_are_the_same_sketches() -> None:
    sets = as_sets(random_sets([3, 30, 9, 14]))
    part = Sets(sets.items, sets.offsets[1:4])
    np.testing.assert_array_equal(sketch(part), sketch(sets)[1:3])


def test_sketches_go_to_datasketch_and_come_back() -> None:
    rows = random_sets([20, 30])
    ours = sketch(as_sets(rows), 100, 9)
    lean = to_datasketch(ours, 9)
    assert lean == [LeanMinHash(theirs(row, 100, 9)) for row in rows]
    returned = [LeanMinHash.deserialize(_serialized(one)) for one in lean]
    np.testing.assert_array_equal([one.hashvalues for one in returned], ours)


def _serialized(lean: Any) -> bytearray:
    buffer = bytearray(lean.bytesize())
    lean.serialize(buffer)
    return buffer


@pytest.mark.parametrize("shared", [0, 30, 60, 90, 100])
def test_equal_places_estimate_jaccard_similarity(shared: int) -> None:
    (pool,) = random_sets([200 - shared])
    rows = [pool[:100], pool[100 - shared :]]
    jaccard = shared / (200 - shared)
    ours = sketch(as_sets(rows), 1024)
    first, second = to_datasketch(ours)
    estimate = float((ours[0] == ours[1]).mean())
    assert first.jaccard(second) == estimate
    error: npt.NDArray[np.float64] = np.sqrt(jaccard * (1 - jaccard) / 1024)
    assert abs(estimate - jaccard) <= 4 * error
