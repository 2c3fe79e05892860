"""From sketches to candidates: banding, with buckets of any size at linear cost.

Two texts are candidates when all rows of some band agree: probability 1 - (1 - J**rows)**bands
(Leskovec, Rajaraman, Ullman, section 3.4.2). In a bucket of at most `bucket` texts every pair is a
candidate. In a larger one each text is paired with `REPRESENTATIVES` members, other ones in
each band. The summary reports how many pairs that leaves uncompared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup._jit.kernels import helper, in_order, kernel
from dedup._jit.pairs import HALF, LOW, pack, pair
from dedup._jit.radix import sort
from dedup.text.ngram_hash import folded, mixed

REPRESENTATIVES = 4
"""Members of a hot bucket with which each other member is compared, in each band. Higher compares
more: at 4 a bucket of 1,000 texts costs some 4,000 comparisons instead of 499,500."""


@dataclass(frozen=True, slots=True)
class HotBuckets:
    """Buckets too large to compare all pairs in, counted over all bands.

    >>> HotBuckets(1, 70, 9) + HotBuckets(1, 80, 1)
    HotBuckets(buckets=2, largest=80, uncompared=10)
    """

    buckets: int = 0
    largest: int = 0
    """Texts in the largest bucket."""
    uncompared: int = 0
    """Pairs of one bucket that were not compared because of that bucket; a pair may be counted in
    several bands, and may have been compared through another."""

    def __add__(self, other: HotBuckets) -> HotBuckets:
        """Return the count of both."""
        return HotBuckets(
            self.buckets + other.buckets,
            max(self.largest, other.largest),
            self.uncompared + other.uncompared,
        )


class Met(NamedTuple):
    """What meets in the buckets of a band."""

    pairs: npt.NDArray[np.uint64]
    """uint64[pairs]: i << 32 | j with i < j, ascending."""
    hot: HotBuckets
    hubs: npt.NDArray[np.uint32]
    """uint32[hubs]: the representatives of hot buckets, with which all others of these are paired;
    one that stands for several buckets comes several times."""


@lru_cache(8)
def shape(threshold: float, num_perm: int, recall: float) -> tuple[int, int]:
    """Return (bands, rows): the longest rows that reach a recall at a Jaccard similarity.

    >>> shape(0.5, 128, 0.99), shape(0.7, 128, 0.99), shape(0.9, 128, 0.99)
    ((42, 3), (32, 4), (12, 10))
    """
    for rows in range(num_perm, 1, -1):
        if probability(threshold, num_perm // rows, rows) >= recall:
            return num_perm // rows, rows
    return num_perm, 1


def probability(jaccard: float, bands: int, rows: int) -> float:
    """Return the probability that a pair of this similarity becomes a candidate.

    >>> round(probability(0.5, 42, 3), 4)
    0.9963
    """
    return 1 - (1 - jaccard**rows) ** bands


def band(sketches: npt.NDArray[np.uint32], bands: int, rows: int) -> npt.NDArray[np.uint32]:
    """Return the band keys, uint32[texts, bands].

    Keys that collide by chance only make candidates, not matches: a million texts have about a
    hundred such pairs a band.

    >>> keys = band(np.arange(8, dtype=np.uint32).reshape(2, 4), 2, 2)
    >>> keys.shape
    (2, 2)
    """
    out = np.empty((len(sketches), bands), np.uint32)
    _band(sketches, rows, out)
    return out


Among = Callable[[int, npt.NDArray[np.int64]], npt.NDArray[np.int64]]
"""Returns some of the texts, ascending, for a band."""


def candidates(
    keys: npt.NDArray[np.uint32],
    filled: npt.NDArray[np.bool_],
    bucket: int,
    workers: int = 1,
    among: Among | None = None,
    hot: npt.NDArray[np.uint8] | None = None,
) -> Iterator[Met]:
    """Yield, band after band, the pairs that first meet in that band, and its hot buckets.

    A pair (i, j), i < j, is the uint64 i << 32 | j. `keys`, uint32[texts, bands], are those of
    `band`; `filled`, bool[texts], leaves out texts without shingles: their sketches are equal and
    mean nothing. A pair that a hot bucket leaves out is a candidate in the next band it meets in.
    `among` tells which texts are looked at. `hot`, as `no_hot` makes it, gets the texts of hot
    buckets.

    >>> keys = np.array([[1, 5], [1, 5], [2, 5]], np.uint32)
    >>> found = candidates(keys, np.ones(3, bool), 64)
    >>> [[(int(p) >> 32, int(p) & 7) for p in met.pairs] for met in found]
    [[(0, 1)], [(0, 2), (1, 2)]]
    """
    every = np.flatnonzero(filled)
    hot = no_hot(keys) if hot is None else hot

    def grouped(band: int) -> _Grouped:
        texts = every if among is None else among(band, every)
        # The text's number goes below its key, so that one plain sort groups the buckets.
        packed = sort(pack(keys[texts, band], texts), known=4)
        return _Grouped(band, packed, *_buckets(packed, bucket, hot[band]))

    def met(some: _Grouped) -> Met:
        return _met(some, keys, hot, some.band, bucket)

    bands = range(keys.shape[1])
    for low in range(0, len(bands), workers):
        # Which buckets are hot is known of all these bands before any pairs its texts.
        some = list(in_order(grouped, bands[low : low + workers], workers))
        for found in in_order(met, some, workers):
            yield found._replace(pairs=sort(found.pairs))


def no_hot(keys: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint8]:
    """Return a bit for each text of each band, uint8[bands, texts / 8]; none is set."""
    return np.zeros((keys.shape[1], len(keys) + 7 >> 3), np.uint8)


def pairs_of_buckets(packed: npt.NDArray[np.uint64], number: int, bucket: int) -> Met:
    """Return what meets in some whole buckets of one band.

    `packed`, ordered, are key << 32 | text. Over all bands they are the pairs of `candidates`, but
    one that meets in several bands comes in each.

    >>> keys = np.array([5, 5, 7], np.uint64)
    >>> pairs_of_buckets(pack(keys, np.array([1, 4, 9])), 0, 64).pairs.tolist() == [1 << 32 | 4]
    True
    """
    none = np.empty((0, 0), np.uint32), np.empty((0, 0), np.uint8)
    counts = _buckets(packed, bucket, np.empty(0, np.uint8))
    found = _met(_Grouped(number, packed, *counts), *none, 0, bucket)
    found.pairs.sort()  # in place: of a hot bucket they are too many to have them twice
    return found


class _Grouped(NamedTuple):
    """The buckets of one band."""

    band: int
    packed: npt.NDArray[np.uint64]
    """uint64[texts]: key << 32 | text, ordered."""
    room: int
    """Most pairs that meet."""
    hot: int
    """Buckets of more than so many texts."""
    largest: int
    """Texts of the largest of these."""


def _met(
    some: _Grouped,
    keys: npt.NDArray[np.uint32],
    hot: npt.NDArray[np.uint8],
    earlier: int,
    bucket: int,
) -> Met:
    """Return what meets in a band, and in none of so many earlier ones; in no order."""
    pairs, hubs, uncompared = _pairs(
        some.packed, keys, hot, some.band, earlier, bucket, some.room, some.hot
    )
    return Met(pairs, HotBuckets(some.hot, some.largest, uncompared), hubs)


@kernel("void(u4[:, ::1], i8, u4[:, ::1])")
def _band(sketches, rows, out):
    for text in range(len(sketches)):
        for number in range(out.shape[1]):
            state = np.uint64(number + 1)
            for row in range(number * rows, (number + 1) * rows):
                state = mixed(state, sketches[text, row])
            out[text, number] = folded(state)


@helper
def meets(keys, hot, i, j, bands):
    """Return whether two texts share a bucket of one of the first bands that is not hot."""
    for band in range(bands):
        if keys[i, band] == keys[j, band] and not hot[band, i >> 3] >> (i & 7) & 1:
            return True
    return False


@kernel("Tuple((i8, i8, i8))(u8[::1], i8, u1[::1])")
def _buckets(packed, bucket, hot):
    """Return the room that pairs of a band need, and the hot buckets: their number and largest.

    `hot` gets a bit for each text of one, if it has any.
    """
    room = 0
    buckets = 0
    largest = 0
    first = 0
    for i in range(1, len(packed) + 1):
        if i == len(packed) or packed[i] >> HALF != packed[first] >> HALF:
            size = i - first
            if size <= bucket:
                room += size * (size - 1) // 2
            else:
                room += REPRESENTATIVES * size
                buckets += 1
                largest = max(largest, size)
                for row in range(first, i if len(hot) else first):
                    text = packed[row] & LOW
                    hot[text >> np.uint64(3)] |= np.uint8(1) << np.uint8(text & np.uint64(7))
            first = i
    return room, buckets, largest


@kernel("Tuple((u8[::1], u4[::1], i8))(u8[::1], u4[:, ::1], u1[:, ::1], i8, i8, i8, i8, i8)")
def _pairs(packed, keys, hot, number, earlier, bucket, room, buckets):
    """Pair the texts of each bucket that met in none of so many earlier bands, and return the hubs.

    Returns how many pairs hot buckets leave uncompared, too.
    """
    out = np.empty(room, np.uint64)
    hubs = np.empty(REPRESENTATIVES * buckets, np.uint32)
    uncompared = 0
    leads = 0
    count = 0
    first = 0
    for i in range(1, len(packed) + 1):
        if i < len(packed) and packed[i] >> HALF == packed[first] >> HALF:
            continue
        size = i - first
        is_hot = size > bucket
        compared = 0
        for turn in range(REPRESENTATIVES if is_hot else size):
            # Another part of the bucket in each band: an unusual member must not stand for it every
            # time.
            lead = (number * REPRESENTATIVES + turn) % size if is_hot else turn
            x = packed[first + lead] & LOW
            if is_hot:
                hubs[leads] = x
                leads += 1
            for other in range(0 if is_hot else turn + 1, size):
                y = packed[first + other] & LOW
                if other == lead or (is_hot and (other - number * REPRESENTATIVES) % size < turn):
                    continue
                compared += 1
                if not meets(keys, hot, x, y, earlier):
                    out[count] = pair(x, y)
                    count += 1
        if is_hot:
            uncompared += size * (size - 1) // 2 - compared
        first = i
    # What was not needed is given back where it is much: a copy needs room for both.
    pairs = out[:count].copy() if 2 * count < room else out[:count]
    return pairs, hubs, uncompared
