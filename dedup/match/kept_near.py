"""Which texts an earlier run found to be near, so that the next one compares only what came.

Two texts are compared where they meet in a bucket, and what is found of them depends on them alone.
In a bucket that is not hot all are compared: so of these, pairs with a text that came are new, and
the others are as they were, but where their buckets have become hot. Hot ones are looked at anew.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup._jit.kernels import kernel
from dedup._jit.pairs import ends, left, ordered, right
from dedup.match import lsh
from dedup.match.lsh import meets
from dedup.match.near_duplicates import Gathered, Near, gathered, merged
from dedup.match.signatures import band_keys
from dedup.progress import Progress
from dedup.settings import Settings
from dedup.text.arrays import stretches
from dedup.text.shingle import Sets

MOST = 32
"""Near pairs a text from which on nothing is kept. Higher keeps more where texts are much alike: at
32 pairs take 512 bytes a text at most."""


class NearPairs(NamedTuple):
    """What one run leaves to the next."""

    keys: npt.NDArray[np.uint32]
    """uint32[texts, bands]: the band keys of each text."""
    pairs: npt.NDArray[np.uint64]
    """uint64[pairs], ascending: near pairs of texts that meet in a bucket that is not hot."""
    jaccard: npt.NDArray[np.float32]
    containment: npt.NDArray[np.float32]
    """float32[pairs] each: see `dedup.match.near_duplicates.Near`."""

    @classmethod
    def none(cls) -> NearPairs:
        """Return what is left where nothing was compared.

        >>> NearPairs.none().is_whole(3)
        True
        """
        return cls(np.zeros((0, 0), np.uint32), *Near.none())

    def is_whole(self, texts: int) -> bool:
        """Tell whether the arrays fit together, of so many texts or of none."""
        shares = self.jaccard, self.containment
        return (
            self.keys.dtype == np.uint32
            and self.keys.ndim == 2
            and len(self.keys) in (0, texts)
            and self.pairs.dtype == np.uint64
            and self.pairs.ndim == 1
            and bool((self.pairs[1:] > self.pairs[:-1]).all())
            and all(end.max(initial=-1) < len(self.keys) for end in ends(self.pairs))
            and all(x.dtype == np.float32 and x.shape == self.pairs.shape for x in shares)
        )


def near_again(
    sets: Sets,
    words: npt.NDArray[np.int32],
    settings: Settings,
    progress: Progress,
    rows: npt.NDArray[np.int64],
    before: NearPairs,
) -> tuple[Gathered, NearPairs]:
    """Find the near pairs that `dedup.match.near_duplicates.near` finds, and what to keep.

    `rows`, int64[texts], are those of the texts in `before`, -1 for those that came. Where a text
    has gone, a bucket may be hot no more: then all are compared anew.
    """
    if not len(before.keys) or np.count_nonzero(rows >= 0) < len(before.keys):
        rows, before = np.full_like(rows, -1), NearPairs.none()
    came = rows < 0
    number = np.empty(len(before.keys), np.int64)
    number[rows[~came]] = np.flatnonzero(~came)
    bands, _ = lsh.shape(settings.threshold, settings.num_perm, settings.recall)
    keys = np.empty((len(rows), bands), np.uint32)
    keys[came] = band_keys(_some(sets, np.flatnonzero(came)), settings, progress)
    keys[~came] = before.keys[rows[~came]].reshape(-1, bands)
    hot = lsh.no_hot(keys)

    def among(band: int, texts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        return texts[_is_asked(keys, band, texts, came, settings.bucket)]

    filled = np.diff(sets.offsets) > 0
    met = lsh.candidates(keys, filled, settings.bucket, settings.workers, among, hot)
    most = MOST * len(rows)
    found = gathered(met, bands, sets, words, settings, progress, most)
    pairs = ordered(*(number[end] for end in ends(before.pairs)))
    known = Near(pairs, before.jaccard, before.containment)
    found = found._replace(pairs=merged([known.take(_meeting(pairs, keys, hot)), found.pairs]))
    cool = found.pairs.take(_meeting(found.pairs.pairs, keys, hot))
    if not found.is_whole or len(cool.pairs) > most:
        return found, NearPairs.none()
    return found, NearPairs(keys, *cool)


def _meeting(
    pairs: npt.NDArray[np.uint64], keys: npt.NDArray[np.uint32], hot: npt.NDArray[np.uint8]
) -> npt.NDArray[np.bool_]:
    """Tell which pairs meet in a bucket that is not hot, bool[pairs].

    >>> keys = np.array([[1, 5], [1, 6], [2, 6]], np.uint32)
    >>> pairs = np.array([0 << 32 | 1, 0 << 32 | 2, 1 << 32 | 2], np.uint64)
    >>> _meeting(pairs, keys, lsh.no_hot(keys)).tolist()
    [True, False, True]
    """
    out = np.zeros(len(pairs), np.bool_)
    _meet(pairs, keys, hot, out)
    return out


def _some(sets: Sets, rows: npt.NDArray[np.int64]) -> Sets:
    """Return the sets at some rows."""
    places, offsets = stretches(sets.offsets[:-1][rows], np.diff(sets.offsets)[rows])
    return Sets(sets.items[places], offsets)


@kernel("void(u8[::1], u4[:, ::1], u1[:, ::1], b1[::1])", seldom=True)
def _meet(pairs, keys, hot, out):
    for k in range(len(pairs)):
        out[k] = meets(keys, hot, left(pairs[k]), right(pairs[k]), keys.shape[1])


@kernel("b1[::1](u4[:, ::1], i8, i8[::1], b1[::1], i8)", seldom=True)
def _is_asked(keys, band, texts, came, bucket):
    """Tell which texts may be in a bucket with one that came, or in a hot one.

    All of a bucket are in one slot, and mostly nothing else.
    """
    size = np.int64(1)
    while size < len(texts):
        size *= 2
    counts, holds = np.zeros(size, np.int32), np.zeros(size, np.bool_)
    slots = np.empty(len(texts), np.int32)
    for k in range(len(texts)):
        slot = np.int64(keys[texts[k], band]) & (size - 1)
        slots[k] = slot
        counts[slot] += 1
        holds[slot] |= came[texts[k]]
    out = np.empty(len(texts), np.bool_)
    for k in range(len(texts)):
        out[k] = counts[slots[k]] > bucket or (holds[slots[k]] and counts[slots[k]] > 1)
    return out
