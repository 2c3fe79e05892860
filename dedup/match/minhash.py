"""From shingle sets to sketches: MinHash (Broder 1997), equal bit for bit to datasketch 2's.

The scheme is datasketch's default `affine32`: each shingle hash is mixed once by the finaliser of
MurmurHash3, then each permutation is a * h + b mod 2**32 with an odd a. The share of equal places
in two sketches estimates the Jaccard similarity with standard error sqrt(J (1 - J) / num_perm).
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from dedup._jit.kernels import kernel, spread
from dedup.text.shingle import Sets

if TYPE_CHECKING:
    from datasketch import LeanMinHash

SCHEME = "affine32"
"""datasketch's name of the scheme."""

_UNROLLED = 8


@lru_cache(8)
def permutations(num_perm: int, seed: int) -> npt.NDArray[np.uint32]:
    """Return the factors and summands of the permutations, uint32[2, num_perm].

    They come from NumPy's frozen `RandomState` in datasketch's order of drawing.

    >>> permutations(2, 1).shape
    (2, 2)
    """
    generator = np.random.RandomState(seed)
    a = generator.randint(0, 1 << 31, num_perm, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    b = generator.randint(0, 1 << 32, num_perm, dtype=np.uint32)
    return np.array([a, b])


def sketch(
    sets: Sets, num_perm: int = 128, seed: int = 1, workers: int = 1
) -> npt.NDArray[np.uint32]:
    """Return one sketch a set, uint32[sets, num_perm]; an empty set's is all 2**32 - 1.

    >>> sketch(Sets(np.array([1, 2], np.uint32), np.array([0, 2, 2])), num_perm=16)[1, 0]
    np.uint32(4294967295)
    """
    a, b = permutations(num_perm, seed)
    out = np.empty((len(sets.offsets) - 1, num_perm), np.uint32)

    def task(low: int, high: int) -> None:
        _sketch(sets.items, sets.offsets[low : high + 1], a, b, out[low:high])

    spread(task, sets.offsets, workers)
    return out


def to_datasketch(sketches: npt.NDArray[np.uint32], seed: int = 1) -> list[LeanMinHash]:
    """Return sketches as datasketch's `LeanMinHash` objects, for its LSH and storage.

    >>> to_datasketch(np.zeros((1, 16), np.uint32))[0].scheme
    'affine32'
    """
    from datasketch import LeanMinHash

    return [LeanMinHash(hashvalues=row, seed=seed, scheme=SCHEME) for row in sketches]


@kernel("void(u4[::1], i8[::1], u4[::1], u4[::1], u4[:, ::1])")
def _sketch(items, offsets, a, b, out):
    h = np.empty(_UNROLLED, np.uint32)
    for row in range(len(offsets) - 1):
        first, last = offsets[row], offsets[row + 1]
        for p in range(len(a)):
            out[row, p] = np.uint32(0xFFFFFFFF)
        # Eight shingles a turn, so that each permutation's minimum stays in a register; the last
        # turn is filled up with the last shingle, which changes no minimum.
        for block in range(first, last, _UNROLLED):
            for j in range(_UNROLLED):
                x = items[min(block + j, last - 1)]
                # Numba multiplies in 64 bits: each product is cut back before it is shifted.
                x = np.uint32((x ^ (x >> np.uint32(16))) * np.uint32(0x85EBCA6B))
                x = np.uint32((x ^ (x >> np.uint32(13))) * np.uint32(0xC2B2AE35))
                h[j] = x ^ (x >> np.uint32(16))
            h0, h1, h2, h3, h4, h5, h6, h7 = h[0], h[1], h[2], h[3], h[4], h[5], h[6], h[7]
            for p in range(len(a)):
                f, s = a[p], b[p]
                low = min(np.uint32(f * h0 + s), np.uint32(f * h1 + s))
                low = min(low, min(np.uint32(f * h2 + s), np.uint32(f * h3 + s)))
                low = min(low, min(np.uint32(f * h4 + s), np.uint32(f * h5 + s)))
                low = min(low, min(np.uint32(f * h6 + s), np.uint32(f * h7 + s)))
                out[row, p] = min(out[row, p], low)
