"""From shingle sets to near pairs: proposed by sketches, confirmed by exact comparison."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup._jit.hashset import fill, overlap, wide_room
from dedup._jit.kernels import helper, kernel, spread
from dedup._jit.pairs import ends, firsts, left, ordered, right
from dedup.match import lsh
from dedup.match.cluster import cluster, crowded, spanning
from dedup.match.long_texts import long_first
from dedup.match.signatures import band_keys
from dedup.progress import Progress
from dedup.settings import Settings
from dedup.text.arrays import TextArrays
from dedup.text.shingle import Sets

CONTAINED = 0.5
"""Share of `Settings.brief` words that a text must have to be near by containment alone. Higher
asks more of short texts: at 0.5 (and 20 words) a line of nine words needs more than that, one of
ten does not."""


CLOSER = 0.6
"""How unlike two texts of a large cluster that are both listed with its centre may be to be listed
with one another, as a share of how unlike the centre the nearer one is. Higher lists more: at 0.6,
two that share 88 % of their shingles are listed where the centre shares up to 80 % with either."""

_AHEAD = 16  # pairs whose sets are looked at together
_FRESH = 1 << 20  # near pairs that are gathered before those that say less are left out


class Near(NamedTuple):
    """Pairs of distinct texts whose shingle sets are near, ordered."""

    pairs: npt.NDArray[np.uint64]
    """uint64[pairs]: i << 32 | j with i < j, ascending."""
    jaccard: npt.NDArray[np.float32]
    """float32[pairs]"""
    containment: npt.NDArray[np.float32]
    """float32[pairs]: share of the smaller set that the other holds."""

    @classmethod
    def none(cls) -> Near:
        """Return no pairs at all.

        >>> len(Near.none().pairs)
        0
        """
        share = np.zeros(0, np.float32)
        return cls(np.zeros(0, np.uint64), share, share)

    def take(self, rows: npt.NDArray[np.generic]) -> Near:
        """Return the pairs at some rows, by index or mask."""
        return Near(*(column[rows] for column in self))


def near(
    sets: Sets, words: npt.NDArray[np.int32], settings: Settings, progress: Progress
) -> tuple[Near, lsh.HotBuckets]:
    """Find the near pairs among texts, and say what hot buckets left uncompared.

    `words`, int32[texts], are the lengths of the texts. Only pairs that the exact comparison
    confirms are kept, band after band, so that memory follows the pairs and not the candidates.
    """
    keys = band_keys(sets, settings, progress)
    filled = np.diff(sets.offsets) > 0
    met = lsh.candidates(keys, filled, settings.bucket, settings.workers)
    found = gathered(met, keys.shape[1], sets, words, settings, progress)
    return past_hubs(found.pairs, found.is_hub), found.hot


class Gathered(NamedTuple):
    """Near pairs of all bands."""

    pairs: Near
    is_hub: npt.NDArray[np.bool_]
    """bool[texts]: see `past_hubs`."""
    hot: lsh.HotBuckets
    is_whole: bool
    """Whether all near pairs are there that met, and not those alone that `past_hubs` leaves."""


def gathered(
    bands: Iterable[lsh.Met],
    count: int,
    sets: Sets,
    words: npt.NDArray[np.int32],
    settings: Settings,
    progress: Progress,
    most: int = 0,
) -> Gathered:
    """Return those pairs that are near of what meets in so many bands.

    From `most` pairs on those are left out that say nothing more than others do.
    """
    hot, is_hub = lsh.HotBuckets(), np.zeros(len(words), np.bool_)
    kept, fresh, is_whole = Near.none(), list[Near](), most > 0
    progress.stage("compare", count)
    for met in bands:
        fresh.append(confirm(met.pairs, sets, words, settings))
        is_hub[met.hubs] = True
        if sum(len(some.pairs) for some in fresh) > max(len(kept.pairs), _FRESH):
            kept, fresh = merged([kept, *fresh]), []
            is_whole &= len(kept.pairs) <= most
            kept = kept if is_whole else past_hubs(kept, is_hub)
        hot += met.hot
        progress.advance(1)
    return Gathered(merged([kept, *fresh]), is_hub, hot, is_whole)


def past_hubs(pairs: Near, is_hub: npt.NDArray[np.bool_]) -> Near:
    """Return the near pairs without those that say nothing more than pairs with hubs do.

    `is_hub`, bool[texts], are the representatives of hot buckets, with which each other text there
    is paired. Two texts that a way along pairs with hubs joins, each of them more alike, need no
    pair of their own: no maximum spanning forest has it (see `dedup.match.cluster.spanning`). What
    is kept of some pairs and then with more is what is kept of all, in whatever order they come.

    >>> pairs = np.array([0 << 32 | 1, 0 << 32 | 2, 1 << 32 | 2], np.uint64)
    >>> near = Near(pairs, *np.array([[0.9, 0.8, 0.7], [1, 1, 1]], np.float32))
    >>> [len(past_hubs(near, np.arange(3) == hub).pairs) for hub in (0, 2)]
    [2, 3]
    """
    if not is_hub.any():
        return pairs
    a, b = ends(pairs.pairs)
    return pairs.take(spanning(pairs.pairs, pairs.jaccard, len(is_hub), is_hub[a] | is_hub[b]))


def confirm(
    pairs: npt.NDArray[np.uint64], sets: Sets, words: npt.NDArray[np.int32], settings: Settings
) -> Near:
    """Return those of the pairs that are near, compared exactly."""
    found = Near(pairs, *measures(pairs, shared(pairs, sets, settings.workers), sets))
    return found.take(is_near(found.jaccard, found.containment, shorter(pairs, words), settings))


def confirm_again(
    near: Near,
    changed: npt.NDArray[np.bool_],
    sets: Sets,
    words: npt.NDArray[np.int32],
    settings: Settings,
) -> Near:
    """Return those of the near pairs that still are, some texts, bool[texts], having changed."""
    a, b = ends(near.pairs)
    touched = changed[a] | changed[b]
    again = confirm(near.pairs[touched], sets, words, settings)
    return merged([near.take(~touched), again])


def is_near(
    jaccard: npt.NDArray[np.float32],
    containment: npt.NDArray[np.float32],
    words: npt.NDArray[np.int32],
    settings: Settings,
) -> npt.NDArray[np.bool_]:
    """Return which pairs are near enough by their shingles alone, bool[pairs].

    `words`, int32[pairs], is the length of the shorter text. Fewer words need more
    similarity: below `settings.brief` words both floors rise in a line to 1, and for a text of less
    than half of that, containment alone is not enough.

    >>> ones = np.ones(3, np.float32)
    >>> is_near(ones * 0.6, ones * 0.95, np.array([40, 10, 8], np.int32), Settings()).tolist()
    [True, True, False]
    """
    # In the precision of the measures: 7 shared shingles of 10 reach a threshold of 0.7.
    brevity = np.zeros(len(words), np.float32)
    if settings.brief:
        brevity = np.clip(1 - words / settings.brief, 0, 1).astype(np.float32)
    similar = jaccard >= settings.threshold + (1 - settings.threshold) * brevity
    held = containment >= settings.containment + (1 - settings.containment) * brevity
    near_enough: npt.NDArray[np.bool_] = similar | (held & (words >= CONTAINED * settings.brief))
    return near_enough


def shorter(pairs: npt.NDArray[np.uint64], words: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """Return the length of the shorter text of each pair, int32[pairs]."""
    a, b = ends(pairs)
    return np.minimum(words[a], words[b])


def families(near: Near, sets: Sets, settings: Settings) -> npt.NDArray[np.int32]:
    """Return the centre of each text's family: texts that are near by similarity, int32[texts]."""
    return cluster(similar(near, settings), sets, settings.chain)


def listed(
    near: Near,
    changed: npt.NDArray[np.bool_],
    texts: TextArrays,
    sets: Sets,
    settings: Settings,
) -> tuple[Near, npt.NDArray[np.int32]]:
    """Return the near pairs that still are, large families' against their centres, and families.

    Some texts, bool[texts], have changed: `texts` are as they are now, and so are their `sets`.
    """
    words = texts.words()
    near = confirm_again(near, changed, sets, words, settings)
    centre = families(near, sets, settings)
    return against_centres(near, centre, sets, words, settings), centre


def against_centres(
    pairs: Near,
    centre: npt.NDArray[np.int32],
    sets: Sets,
    words: npt.NDArray[np.int32],
    settings: Settings,
) -> Near:
    """List a large cluster's pairs against its centre instead of pair by pair.

    Of a cluster of more than `settings.bucket` texts, every near pair with the centre is in. Of the
    others only those are that tie its texts together, the most similar pairs first (see
    `dedup.match.cluster.spanning`); if both texts are near the centre, only where they are much
    closer to one another (`CLOSER`): two that are nearly the same in a family of forms. So the
    pairs grow as the texts do.
    """
    members = np.flatnonzero(crowded(centre, settings.bucket))
    hubs = centre[members].astype(np.uint64)
    rims = members.astype(np.uint64)
    spokes = np.sort(ordered(hubs, rims))
    found = confirm(spokes, sets, words, settings)
    is_large = np.bincount(centre, minlength=len(centre)) > settings.bucket
    a, b = ends(pairs.pairs)
    inside = (centre[a] == centre[b]) & is_large[centre[a]]
    own = pairs.take(inside)
    # Of pairs that are equally similar those with the centre come first: they are listed anyway.
    own = _together([found, own])
    own = own.take(spanning(own.pairs, own.jaccard, len(centre)))
    return merged([pairs.take(~inside), own.take(_says_more(own, found, len(centre))), found])


def _says_more(own: Near, spokes: Near, texts: int) -> npt.NDArray[np.bool_]:
    """Return which pairs of a cluster say more than those of their texts with the centre do."""
    likeness = np.full(
        texts, -np.inf, np.float32
    )  # to the centre, of texts that are listed with it
    for end in ends(spokes.pairs):
        np.maximum.at(likeness, end, spokes.jaccard)
    a, b = ends(own.pairs)
    listed = np.minimum(likeness[a], likeness[b]) >= 0
    nearer = np.maximum(likeness[a], likeness[b])
    more: npt.NDArray[np.bool_] = ~listed | (1 - own.jaccard <= CLOSER * (1 - nearer))
    return more


def merged(parts: Sequence[Near]) -> Near:
    """Put pairs together in order; one found more than once is listed once."""
    every = _together(parts)
    # Each part is in order mostly, which a stable sort makes use of.
    every = every.take(np.argsort(every.pairs, kind="stable"))
    return every.take(firsts(every.pairs))


def _together(parts: Sequence[Near]) -> Near:
    return Near(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def similar(pairs: Near, settings: Settings) -> npt.NDArray[np.uint64]:
    """Return the pairs that reach the threshold by similarity, not by containment alone."""
    return pairs.take(pairs.jaccard >= settings.threshold).pairs


# -- exact similarities


def shared(pairs: npt.NDArray[np.uint64], sets: Sets, workers: int = 1) -> npt.NDArray[np.int32]:
    """Return how many shingles each pair shares, int32[pairs].

    A pair (i, j) is the uint64 i << 32 | j; pairs ordered by i are compared fastest.

    >>> sets = Sets(np.array([1, 2, 3, 2, 3, 4], np.uint32), np.array([0, 3, 6]))
    >>> shared(np.array([1], np.uint64), sets).tolist()
    [2]
    """
    found, out = np.empty((2, len(pairs)), np.int32)
    pairs, rows, _ = long_first(pairs, np.diff(sets.offsets))

    def task(low: int, high: int) -> None:
        _shared(pairs[low:high], sets.items, sets.offsets, found[low:high])

    spread(task, np.arange(len(pairs) + 1), workers)
    out[rows] = found
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
    a, b = (sizes[end] for end in ends(pairs))
    jaccard = common / np.maximum(a + b - common, 1)
    return jaccard.astype(np.float32), (common / np.maximum(np.minimum(a, b), 1)).astype(np.float32)


@helper
def _first_items(pairs, row, items, offsets):
    """Look at the sets that are asked next, all at once: each waits for memory, if asked alone."""
    touched = np.uint32(0)
    for k in range(row + _AHEAD, min(row + 2 * _AHEAD, len(pairs))):
        first = offsets[right(pairs[k])]
        touched ^= items[first] if first < len(items) else np.uint32(0)
    return touched


@kernel("void(u8[::1], u4[::1], i8[::1], i4[::1])")
def _shared(pairs, items, offsets, out):
    largest = np.int64(0)
    for pair in pairs:
        a = left(pair)
        largest = max(largest, offsets[a + 1] - offsets[a])
    table = np.empty(wide_room(largest), np.uint32)
    stamps = np.full(len(table), -1, np.int64)
    mask = np.uint32(0)
    last = np.int64(-1)
    touched = np.zeros(1, np.uint32)  # written only so that what is read is not left out
    for row in range(len(pairs)):
        if row % _AHEAD == 0:
            touched[0] = _first_items(pairs, row, items, offsets)
        a = left(pairs[row])
        b = right(pairs[row])
        if a != last:
            last = a
            mask = fill(table, stamps, a, items, offsets[a], offsets[a + 1])
        out[row] = overlap(table, stamps, mask, a, items, offsets[b], offsets[b + 1])
