"""Which fingerprints an earlier search compared, so that the next one looks only at what changed.

Whether two places that share a fingerprint make a candidate depends on the words and fingerprints
around them. So where texts are as they were, only places near a change can come to another answer.

How often the corpus has each n-gram is kept too, since it is a sum over texts. The fingerprints
themselves are chosen anew: to find out which n-grams have other counts now takes as long.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup._jit.kernels import kernel
from dedup.text.arrays import stretches


class Prints(NamedTuple):
    """What one search leaves to the next, text after text."""

    plain: npt.NDArray[np.uint64]
    """uint64[texts, 2]: what each text is known by, whatever phrases the corpus has."""
    sizes: npt.NDArray[np.int64]
    """int64[texts]: tokens of each text."""
    aside: npt.NDArray[np.bool_]
    """bool[texts]: texts that were left out."""
    counts: npt.NDArray[np.uint8]
    """uint8[slots], a power of two: how often the corpus has n-grams, by a slot of their hash."""
    marks: npt.NDArray[np.uint8]
    """uint8[tokens]: which tokens the fingerprints that stand twice begin at, two bits a token. A
    byte each: to pack them takes longer than to read the rest of it."""

    @classmethod
    def none(cls) -> Prints:
        """Return what is left where nothing was searched.

        >>> len(Prints.none().sizes)
        0
        """
        none = np.zeros(0, np.uint8)
        sizes = np.zeros(0, np.int64)
        digests = np.zeros((0, 2), np.uint64)
        return cls(digests, sizes, none.view(np.bool_), none, none)

    def is_whole(self) -> bool:
        """Tell whether the arrays fit together."""
        texts, slots = len(self.sizes), len(self.counts)
        if self.sizes.dtype != np.int64 or self.sizes.ndim != 1 or not (self.sizes >= 0).all():
            return False
        shapes = (
            (self.plain, np.uint64, (texts, 2)),
            (self.aside, np.bool_, (texts,)),
            (self.marks, np.uint8, (int(self.sizes.sum()),)),
            (self.counts, np.uint8, (slots,)),
        )
        fits = all(some.dtype == kind and some.shape == shape for some, kind, shape in shapes)
        return fits and slots & (slots - 1) == 0

    def only(self, kept: npt.NDArray[np.bool_]) -> Prints:
        """Leave out some texts, and how often all of them together have n-grams."""
        starts = np.append(0, np.cumsum(self.sizes))[:-1]
        places, _ = stretches(starts[kept], self.sizes[kept])
        none = np.zeros(0, np.uint8)
        return Prints(
            self.plain[kept], self.sizes[kept], self.aside[kept], none, self.marks[places]
        )


def carried(
    prints: Prints, rows: npt.NDArray[np.int64], offsets: npt.NDArray[np.int64]
) -> npt.NDArray[np.uint8]:
    """Return the marks of the tokens of texts by their rows among earlier ones, uint8[tokens].

    Those of row -1 have none. `offsets`, int64[texts + 1], are where the texts begin now.

    >>> few = Prints.none()._replace(sizes=np.array([1, 2]), marks=np.arange(3, dtype=np.uint8))
    >>> carried(few, np.array([1, -1, 0]), np.array([0, 2, 3, 4])).tolist()
    [1, 2, 0, 0]
    """
    out = np.zeros(int(offsets[-1]), np.uint8)
    starts = np.append(0, np.cumsum(prints.sizes))
    _carry(prints.marks, starts, rows, offsets, out)
    return out


def near_a_change(
    marks: npt.NDArray[np.uint8],
    before: npt.NDArray[np.uint8],
    known: npt.NDArray[np.bool_],
    offsets: npt.NDArray[np.int64],
    reach: int,
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Tell which tokens stand at or up to `reach` after a changed mark, and which texts have one.

    Returns bool[tokens] and bool[texts]; all of a text that is not known counts as changed.

    >>> marks, before = np.array([[1, 0, 0, 1], [0, 0, 0, 1]], np.uint8)
    >>> one, two = np.ones(1, bool), np.array([0, 4])
    >>> [found.tolist() for found in near_a_change(marks, before, one, two, 1)]
    [[True, True, False, False], [True]]
    """
    near, changed = np.zeros(len(marks), np.bool_), np.zeros(len(known), np.bool_)
    _near_a_change(marks, before, known, offsets, reach, near, changed)
    return near, changed


@kernel("void(u1[::1], i8[::1], i8[::1], i8[::1], u1[::1])")
def _carry(every, starts, rows, offsets, out):
    for text in range(len(rows)):
        row = rows[text]
        first, size = offsets[text], offsets[text + 1] - offsets[text]
        if row < 0 or starts[row + 1] - starts[row] != size:
            continue
        for i in range(size):
            out[first + i] = every[starts[row] + i]


@kernel("void(u1[::1], u1[::1], b1[::1], i8[::1], i8, b1[::1], b1[::1])")
def _near_a_change(marks, before, known, offsets, reach, near, changed):
    for text in range(len(known)):
        first, last = offsets[text], offsets[text + 1]
        if not known[text]:
            near[first:last] = True
            changed[text] = True
            continue
        until = np.int64(-1)
        for i in range(first, last):
            if marks[i] != before[i]:
                until = i + reach
                changed[text] = True
            near[i] = i <= until
