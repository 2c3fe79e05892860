"""From candidates to exact similarities, on the shingle sets themselves."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dedup.hashset import fill, overlap, room
from dedup.kernels import kernel, spread
from dedup.shingle import Sets


def shared(pairs: npt.NDArray[np.uint64], sets: Sets, workers: int = 1) -> npt.NDArray[np.int32]:
    """Return how many shingles each pair shares, int32[pairs].

    A pair (i, j) is the uint64 i << 32 | j; pairs ordered by i are compared fastest.

    >>> sets = Sets(np.array([1, 2, 3, 2, 3, 4], np.uint32), np.array([0, 3, 6]))
    >>> shared(np.array([1], np.uint64), sets).tolist()
    [2]
    """
    out = np.empty(len(pairs), np.int32)

    def task(low: int, high: int) -> None:
        _shared(pairs[low:high], sets.items, sets.offsets, out[low:high])

    spread(task, np.arange(len(pairs) + 1), workers)
    return out


def measures(
    pairs: npt.NDArray[np.uint64], common: npt.NDArray[np.int32], sets: Sets
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Return Jaccard similarity and containment of each pair, float32[pairs] both.

    Containment is the share of the smaller set that the other holds.

    >>> sets = Sets(np.array([1, 2, 2, 3, 4], np.uint32), np.array([0, 2, 5]))
    >>> [m.tolist() for m in measures(np.array([1], np.uint64), np.array([1], np.int32), sets)]
    [[0.25], [0.5]]
    """
    sizes = np.diff(sets.offsets)
    a, b = sizes[pairs >> np.uint64(32)], sizes[pairs & np.uint64(0xFFFFFFFF)]
    jaccard = common / np.maximum(a + b - common, 1)
    return jaccard.astype(np.float32), (common / np.maximum(np.minimum(a, b), 1)).astype(np.float32)


@kernel("void(u8[::1], u4[::1], i8[::1], i4[::1])")
def _shared(pairs, items, offsets, out):
    largest = np.int64(0)
    for pair in pairs:
        a = np.int64(pair >> np.uint64(32))
        largest = max(largest, offsets[a + 1] - offsets[a])
    table = np.empty(room(largest), np.uint32)
    stamps = np.full(len(table), -1, np.int64)
    mask = np.uint32(0)
    last = np.int64(-1)
    for row in range(len(pairs)):
        a = np.int64(pairs[row] >> np.uint64(32))
        b = np.int64(pairs[row] & np.uint64(0xFFFFFFFF))
        if a != last:
            last = a
            mask = fill(table, stamps, a, items, offsets[a], offsets[a + 1])
        out[row] = overlap(table, stamps, mask, a, items, offsets[b], offsets[b + 1])
