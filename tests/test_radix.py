"""Sorting by bytes: the same order as NumPy's."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from dedup._jit.pairs import once
from dedup._jit.radix import FEW, sort


def numbers(many: int, bits: int) -> npt.NDArray[np.uint64]:
    generator = np.random.default_rng(many + bits)
    return generator.integers(0, 1 << bits, many, dtype=np.uint64, endpoint=False)


@pytest.mark.parametrize("many", [0, 1, FEW - 1, FEW, FEW + 1, 50_000])
@pytest.mark.parametrize("bits", [1, 8, 20, 33, 63])
def test_numbers_are_ordered_as_numpy_orders_them(many: int, bits: int) -> None:
    given = numbers(many, bits)
    assert np.array_equal(sort(given.copy()), np.sort(given))
    assert np.array_equal(once(given.copy()), np.unique(given))


def test_the_highest_byte_counts() -> None:
    given = np.arange(2 * FEW, dtype=np.uint64)[::-1] << np.uint64(48)
    assert np.array_equal(sort(given.copy()), given[::-1])


@pytest.mark.parametrize("many", [100, 50_000])
def test_low_bytes_that_come_in_order_stay_in_order(many: int) -> None:
    given = numbers(many, 10) << np.uint64(32) | np.arange(many, dtype=np.uint64)
    assert np.array_equal(sort(given.copy(), known=4), np.sort(given))


def test_the_bytes_that_are_known_are_not_looked_at() -> None:
    given = np.arange(2 * FEW, dtype=np.uint64)[::-1] % np.uint64(256)
    assert np.array_equal(sort(given.copy(), known=1), given)


def test_equal_numbers_stay() -> None:
    same = np.full(2 * FEW, 7, np.uint64)
    assert np.array_equal(sort(same.copy()), same)
