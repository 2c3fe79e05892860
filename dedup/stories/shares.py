"""Shares that bodies hold of one another, measured many at a time and kept."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from dedup.stories.kin import Compare


class Shares:
    """Shares that bodies hold of one another, measured many at a time."""

    def __init__(self, compare: Compare) -> None:
        self._compare = compare
        self._known: dict[tuple[int, int], tuple[float, float]] = {}

    def measure(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Measure pairs of bodies that are not known yet."""
        new = sorted({(min(p), max(p)) for p in pairs if p[0] != p[1]} - self._known.keys())
        if new:
            a, b = np.array(new, np.uint64).T
            found = self._compare(a << np.uint64(32) | b)
            rows = zip(found.of_a.tolist(), found.of_b.tolist(), strict=True)
            self._known.update(zip(new, rows, strict=True))

    def of(self, a: int, b: int) -> tuple[float, float]:
        """Return the share of a that b holds, and that of b that a holds.

        What was not measured before is measured now, at the cost of a call for one pair.
        """
        if a == b:
            return 1.0, 1.0
        if (min(a, b), max(a, b)) not in self._known:
            self.measure([(a, b)])
        found = self._known[min(a, b), max(a, b)]
        return found if a < b else found[::-1]
