"""Pairs of numbers as one uint64, i << 32 | j, so that they sort fast; and runs of equal rows."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dedup._jit.kernels import helper
from dedup._jit.radix import sort

HALF = np.uint64(32)
LOW = np.uint64(0xFFFFFFFF)


def pack(i: npt.NDArray[np.integer], j: npt.NDArray[np.integer]) -> npt.NDArray[np.uint64]:
    """Return pairs (i, j), uint64 i << 32 | j; both are below 2**32.

    >>> pack(np.array([0, 1]), np.array([5, 2])).tolist() == [5, 1 << 32 | 2]
    True
    """
    return i.astype(np.uint64) << HALF | j.astype(np.uint64)


def ordered(i: npt.NDArray[np.integer], j: npt.NDArray[np.integer]) -> npt.NDArray[np.uint64]:
    """Return pairs with the smaller number first.

    >>> [end.tolist() for end in ends(ordered(np.array([3, 1]), np.array([2, 4])))]
    [[2, 1], [3, 4]]
    """
    return pack(np.minimum(i, j), np.maximum(i, j))


def lefts(pairs: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
    """Return the first of each pair, int64[pairs]."""
    return (pairs >> HALF).astype(np.int64)


def rights(pairs: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
    """Return the second of each pair, int64[pairs]."""
    return (pairs & LOW).astype(np.int64)


def ends(pairs: npt.NDArray[np.uint64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Take pairs apart, int64[pairs] each.

    >>> [end.tolist() for end in ends(np.array([5, 1 << 32 | 2], np.uint64))]
    [[0, 1], [5, 2]]
    """
    return lefts(pairs), rights(pairs)


def count(pairs: npt.NDArray[np.uint64], numbers: int) -> npt.NDArray[np.int64]:
    """Return in how many pairs each of so many numbers stands, int64[numbers].

    >>> count(np.array([1, 1 << 32 | 2], np.uint64), 4).tolist()
    [1, 2, 1, 0]
    """
    return np.bincount(np.concatenate(ends(pairs)), minlength=numbers)


def among(
    pairs: npt.NDArray[np.unsignedinteger], others: npt.NDArray[np.unsignedinteger]
) -> npt.NDArray[np.bool_]:
    """Tell which pairs, or other numbers, are among others, which are ordered, bool[pairs].

    >>> among(np.array([1, 2], np.uint64), np.array([2, 5], np.uint64)).tolist()
    [False, True]
    """
    found: npt.NDArray[np.bool_] = np.searchsorted(others, pairs, "right") > np.searchsorted(
        others, pairs
    )
    return found


def firsts(*columns: npt.NDArray[np.generic]) -> npt.NDArray[np.bool_]:
    """Tell which rows are the first of a run of rows that are equal in every column, bool[rows].

    >>> firsts(np.array([1, 1, 1, 2]), np.array([5, 5, 6, 6])).tolist()
    [True, False, True, True]
    """
    new = np.ones(len(columns[0]), np.bool_)
    new[1:] = columns[0][1:] != columns[0][:-1]
    for column in columns[1:]:
        new[1:] |= column[1:] != column[:-1]
    return new


def starts(*columns: npt.NDArray[np.generic]) -> npt.NDArray[np.int64]:
    """Return where runs of equal rows begin and the last one ends, int64[runs + 1].

    >>> starts(np.array([7, 7, 9])).tolist(), starts(np.zeros(0)).tolist()
    ([0, 2, 3], [0])
    """
    return np.append(np.flatnonzero(firsts(*columns)), len(columns[0]))


def sorting(*columns: npt.NDArray[np.integer]) -> npt.NDArray[np.int64]:
    """Return the rows in order of the first column, then of the next ones, int64[rows].

    The columns are of numbers from 0 to below 2**32. Rows that are equal keep their order, as with
    `np.lexsort`, which compares; this sorts by bytes.

    >>> sorting(np.array([2, 1, 2]), np.array([5, 9, 4])).tolist()
    [1, 2, 0]
    """
    order = np.arange(len(columns[0]))
    for turn, column in enumerate(reversed(columns)):
        keys = (column[order] if turn else column).astype(np.uint64)
        keys <<= HALF
        keys |= np.arange(len(keys), dtype=np.uint64)
        keys = sort(keys, known=4)
        keys &= LOW
        rows = keys.view(np.int64)
        order = order[rows] if turn else rows
    return order


def once(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Return each value once, ordered; those given may be overwritten.

    >>> once(np.array([3, 1, 3], np.uint64)).tolist()
    [1, 3]
    """
    values = sort(values)
    return values[firsts(values)]


@helper
def pair(x: np.integer, y: np.integer) -> np.uint64:
    """Return the pair of two numbers, uint64, the smaller one first."""
    return np.uint64(min(x, y)) << HALF | np.uint64(max(x, y))


@helper
def packed(i: np.integer, j: np.integer) -> np.uint64:
    """Return two numbers below 2**32 as one, uint64, in this order."""
    return np.uint64(i) << HALF | np.uint64(j)


@helper
def left(pair: np.uint64) -> np.int64:
    """Return the first of a pair, int64."""
    return np.int64(pair >> HALF)


@helper
def right(pair: np.uint64) -> np.int64:
    """Return the second of a pair, int64."""
    return np.int64(pair & LOW)
