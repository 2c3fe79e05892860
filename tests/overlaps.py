"""Shares that articles hold of one another, made up: what the tests of grouping are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from dedup.stories.grouping import Groups, group
from dedup.stories.overlap import Overlap

Pair = tuple[int, int]
Shares = Mapping[Pair, tuple[float, float]]
"""Of a pair (a, b), a < b: the share of a that b holds, and of b that a holds."""


def laid(shares: Shares) -> Overlap:
    rows = sorted((a, b, *both) for (a, b), both in shares.items())
    a, b = np.array([row[:2] for row in rows], np.int32).reshape(-1, 2).T
    of_a, of_b = np.array([row[2:] for row in rows], np.float32).reshape(-1, 2).T
    return Overlap(
        a, b, of_a, of_b, of_a, of_b, np.full(len(rows), 300, np.float32), np.maximum(of_a, of_b)
    )


def comparer(shares: Shares) -> Callable[[npt.NDArray[np.uint64]], Overlap]:
    """Measure pairs: those that are not among `shares` have nothing in common."""

    def compare(pairs: npt.NDArray[np.uint64]) -> Overlap:
        assert pairs.tolist() == sorted(set(pairs.tolist()))
        asked = [(pair >> 32, pair & 0xFFFFFFFF) for pair in pairs.tolist()]
        assert all(a < b for a, b in asked)
        return laid({pair: shares.get(pair, (0.0, 0.0)) for pair in asked})

    return compare


def grouped(shares: Shares, distinct: int) -> Groups:
    return group(laid(shares), distinct, comparer(shares), *np.zeros((2, len(shares)), bool))
