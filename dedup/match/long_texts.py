"""Pairs of a long text and one that is short beside it: each costs what the short one does.

A text of a whole day's news holds thousands of others, and to walk through it once for each of them
would take the square of their number. So what is looked for among is made of the long text, once
for all its pairs, which come one after another; what is walked through is the short one.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dedup._jit.kernels import helper
from dedup._jit.pairs import HALF, ends

LONG = 2048
"""Tokens that a long text has more than. Higher walks through more of a text for each short one
beside it: at 2,048 a text of 2,000 tokens is walked through for each of them."""

Rows = npt.NDArray[np.int64] | slice
"""Which rows come, one after another: some, or all as they are."""

TIMES = 8
"""A long text has more than so many times the tokens of the other one. Higher walks through more
texts for each pair: at 8 one of 4,000 tokens is walked through for one of 500, and not for 499."""


def long_last(
    pairs: npt.NDArray[np.uint64], sizes: npt.NDArray[np.integer]
) -> tuple[Rows, npt.NDArray[np.bool_]]:
    """Order pairs (i, j), the uint64 i << 32 | j, so that those with a long j come last.

    Returns the row that each had, and whether its j is long beside its i, bool[pairs]. Those of one
    j stand together, with the shorter i first; the others stay as they are. `sizes`,
    integers[texts], are the tokens of each text.

    >>> rows, is_long = long_last(np.array([1, 1 << 32 | 2], np.uint64), np.array([9, 5000, 9]))
    >>> rows.tolist(), is_long.tolist()
    ([1, 0], [False, True])
    """
    is_long = np.zeros(len(pairs), np.bool_)
    if sizes.max(initial=0) > LONG:
        a, b = ends(pairs)
        is_long = (sizes[b] > LONG) & (sizes[b] > TIMES * sizes[a])
    if not is_long.any():
        return slice(None), is_long
    rows = np.flatnonzero(is_long)
    rows = rows[np.lexsort((sizes[a[rows]], b[rows]))]
    return np.append(np.flatnonzero(~is_long), rows), np.sort(is_long)


def long_first(
    pairs: npt.NDArray[np.uint64], sizes: npt.NDArray[np.integer]
) -> tuple[npt.NDArray[np.uint64], Rows, npt.NDArray[np.bool_]]:
    """Order pairs as `long_last` does, and turn those with a long j: they become j << 32 | i.

    So a kernel that makes a table of the first text, and keeps it for the next pair, makes one of
    each long text. Returns the pairs, the row that each had, and whether it is turned.

    >>> [part.tolist() for part in long_first(np.array([1], np.uint64), np.array([9, 5000]))]
    [[4294967296], [0], [True]]
    """
    rows, is_long = long_last(pairs, sizes)
    some = pairs[rows]
    return np.where(is_long, some << HALF | some >> HALF, some), rows, is_long


def running_work(
    pairs: npt.NDArray[np.uint64], offsets: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Return running totals of what pairs of rows cost, int64[pairs + 1], to `spread` them.

    `offsets`, int64[rows + 1], are where the items of each row begin; a pair costs those of both,
    but of a long one no more than makes it long.

    >>> running_work(np.array([1, 1 << 32 | 2], np.uint64), np.array([0, 5, 6, 9])).tolist()
    [0, 6, 10]
    """
    sizes = offsets[1:] - offsets[:-1]
    a, b = (sizes[end] for end in ends(pairs))
    short = np.minimum(a, b)
    total = np.zeros(len(pairs) + 1, np.int64)
    np.cumsum(short + np.minimum(np.maximum(a, b), np.maximum(LONG, TIMES * short)), out=total[1:])
    return total


@helper
def work_of(size, other):
    """Return what a pair of texts of so many tokens may cost: see `running_work`."""
    short = min(size, other)
    return short + min(max(size, other), max(np.int64(LONG), TIMES * short))


@helper
def longest_beside(pairs, is_long, offsets):
    """Return the tokens of the longest j that is long beside its i, or 1."""
    longest = np.int64(1)
    for row in range(len(pairs)):
        if is_long[row]:
            j = np.int64(pairs[row] & np.uint64(0xFFFFFFFF))
            longest = max(longest, offsets[j + 1] - offsets[j])
    return longest


@helper
def put_in_order(values, count):
    """Sort the first values, of which most are in order already (Shell 1959)."""
    gap = 1
    while 3 * gap < count:
        gap = 3 * gap + 1
    while gap > 0:
        for k in range(gap, count):
            value, at = values[k], k
            while at >= gap and values[at - gap] > value:
                values[at] = values[at - gap]
                at -= gap
            values[at] = value
        gap //= 3


@helper
def first_from(items, low, high, value):
    """Return where, between two places, items in order begin that are no less than a value.

    It takes the logarithm of how far that is from the first place.
    """
    step = 1
    while low + step <= high and items[low + step - 1] < value:
        low += step
        step *= 2
    high = min(low + step, high)
    while low < high:
        middle = (low + high) // 2
        if items[middle] < value:
            low = middle + 1
        else:
            high = middle
    return low
