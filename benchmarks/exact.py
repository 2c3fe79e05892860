# numba ships no types: its decorator would make each kernel untyped
# mypy: disallow-untyped-decorators=False
"""The oracle: every pair of sets with at least a given Jaccard similarity, without estimates.

A prefix-filter join (Xiao et al., PPJoin, 2008). Order all elements from rare to frequent. Two sets
whose overlap must reach o can only do so if they share one of the first |x| - o + 1 elements, so
only those are indexed; lengths and positions rule out most of what is left; the rest is counted.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from benchmarks.shingles import Pairs, Sets

_SLACK = 1e-9


def join(sets: Sets, threshold: float) -> tuple[Pairs, NDArray[np.float64]]:
    """Give all pairs of non-empty sets with Jaccard >= `threshold` (over 0), and their similarity.

    >>> pairs, jaccard = join(Sets(np.array([1, 2, 3, 1, 2], np.uint64), np.array([0, 3, 5])), 0.6)
    >>> pairs.tolist(), jaccard.round(2).tolist()
    ([[0, 1]], [0.67])
    """
    sizes = np.diff(sets.offsets)
    by_size = np.argsort(sizes, kind="stable")
    by_size = by_size[sizes[by_size] > 0]
    ranks, offsets = _rare_first(sets, by_size)
    prefix_end, starts, postings = _index(ranks, offsets, threshold)
    a, b, overlap = _probe((ranks, offsets), prefix_end, (starts, postings), threshold).T
    sizes = sizes[by_size]
    jaccard = overlap / (sizes[a] + sizes[b] - overlap)
    pairs = np.sort(np.stack([by_size[a], by_size[b]], axis=1), axis=1)
    order = np.lexsort((pairs[:, 1], pairs[:, 0]))
    return pairs[order], jaccard[order]


def brute(sets: Sets, threshold: float) -> Pairs:
    """Do what `join` does by comparing everything with everything; for tests."""
    bounds = zip(sets.offsets[:-1], sets.offsets[1:], strict=True)
    each = [set(sets.values[a:b].tolist()) for a, b in bounds]
    found = [
        (i, j)
        for i, a in enumerate(each)
        for j, b in enumerate(each[:i])
        if a and b and len(a & b) / len(a | b) >= threshold - _SLACK
    ]
    return np.array(sorted((j, i) for i, j in found), dtype=np.int64).reshape(-1, 2)


def _rare_first(
    sets: Sets, by_size: NDArray[np.int64]
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Put the sets in order of size and number their elements from the rarest."""
    _, number, counts = np.unique(sets.values, return_inverse=True, return_counts=True)
    rank_of = np.empty(len(counts), dtype=np.int32)
    rank_of[np.argsort(counts, kind="stable")] = np.arange(len(counts), dtype=np.int32)
    sizes = np.diff(sets.offsets)[by_size]
    offsets = np.concatenate([[0], np.cumsum(sizes)])
    take = np.repeat(sets.offsets[by_size] - offsets[:-1], sizes) + np.arange(offsets[-1])
    ranks = rank_of[number[take]]
    owner = np.repeat(np.arange(len(sizes)), sizes)
    return ranks[np.lexsort((ranks, owner))], offsets


def _index(
    ranks: NDArray[np.int32], offsets: NDArray[np.int64], threshold: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """List, for each element, the places of it in the prefixes, smallest sets first."""
    sizes = np.diff(offsets)
    prefix_end = offsets[1:] - np.ceil(threshold * sizes - _SLACK).astype(np.int64) + 1
    owner = np.repeat(np.arange(len(sizes)), sizes)
    in_prefix = np.flatnonzero(np.arange(len(ranks)) < prefix_end[owner])
    order = np.argsort(ranks[in_prefix], kind="stable")
    elements = int(ranks.max()) + 1 if len(ranks) else 0
    starts = np.searchsorted(ranks[in_prefix][order], np.arange(elements + 1))
    # a posting is (set, position in it), packed into one integer
    postings = (owner[in_prefix] << 32) | (in_prefix - offsets[:-1][owner[in_prefix]])
    return prefix_end, starts.astype(np.int64), postings[order]


@njit(cache=True)
def _probe(
    sets: tuple[NDArray[np.int32], NDArray[np.int64]],
    prefix_end: NDArray[np.int64],
    index: tuple[NDArray[np.int64], NDArray[np.int64]],
    threshold: float,
) -> NDArray[np.int64]:
    """Look each set up in the index and count its overlap with every smaller one it meets."""
    ranks, offsets = sets
    starts, postings = index
    n = len(offsets) - 1
    seen = np.full(n, -1, np.int64)
    out = np.empty((1024, 3), np.int64)  # x, y, overlap
    found = 0
    for x in range(n):
        size = offsets[x + 1] - offsets[x]
        for place in range(offsets[x], prefix_end[x]):
            i = place - offsets[x]
            for at in range(starts[ranks[place]], starts[ranks[place] + 1]):
                y = postings[at] >> 32
                if y >= x:  # postings are in order of set: the pair is met from the other side
                    break
                other = offsets[y + 1] - offsets[y]
                if seen[y] == x or other < threshold * size - 1e-9:
                    continue
                seen[y] = x
                j = postings[at] & 0xFFFFFFFF
                need = math.ceil(threshold / (1 + threshold) * (size + other) - 1e-9)
                # this is their first common element, so the overlap lies in what follows
                if min(size - i, other - j) < need:
                    continue
                overlap = _overlap(
                    ranks[place : offsets[x + 1]], ranks[offsets[y] + j : offsets[y + 1]], need
                )
                if overlap < need:
                    continue
                if found == len(out):
                    larger = np.empty((2 * found, 3), np.int64)
                    larger[:found] = out
                    out = larger
                out[found, 0], out[found, 1], out[found, 2] = x, y, overlap
                found += 1
    return out[:found]


@njit(cache=True)
def _overlap(a: NDArray[np.int32], b: NDArray[np.int32], need: int) -> int:
    """Count common elements of two sorted arrays; give up, with too small a count, below `need`."""
    i = j = count = 0
    while i < len(a) and j < len(b):
        if a[i] == b[j]:
            count, i, j = count + 1, i + 1, j + 1
        elif a[i] < b[j]:
            i += 1
        else:
            j += 1
        if count + min(len(a) - i, len(b) - j) < need:
            return 0
    return count
