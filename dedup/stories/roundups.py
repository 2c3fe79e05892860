"""Which articles tell several others, and are no versions of any.

A roundup holds two articles that share nothing. An article that holds most of another one, and much
more, but begins with something else and under another headline, tells that one among other things:
a page of all items of a day, a live report, a longer story that comes to speak of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup._jit.hashset import room, slot_of
from dedup._jit.kernels import kernel, spread
from dedup._jit.pairs import pack
from dedup.stories.article_features import ArticleFeatures
from dedup.stories.distinct_articles import DistinctArticles
from dedup.stories.overlap import (
    LEAST,
    NO_GRAM,
    ArticleGrams,
    Compare,
    Overlap,
    article_grams,
)
from dedup.text.corpus import Corpus

HELD = 0.45
"""Share of own 5-grams from which one article is mostly in another. Higher joins fewer: at 0.45
about one word in seven may differ throughout, or half of the paragraphs be new."""

MUTUAL = 0.4
"""Share of the longer one's own 5-grams from which the two are versions, not excerpt and whole.
Higher makes more excerpts: at 0.4 an article and one that has all of it are versions up to two and
a half times its length."""

TOLD, WHOLE = 0.6, 0.75
"""Share of a body's own 5-grams from which a roundup tells it, and share of the roundup's up to
which it is a part: from there on the roundup is the same with a little more. Higher `TOLD` finds
fewer roundups and higher `WHOLE` more: at 0.75 what adds a third to an article is none."""

NAMED = 0.8
"""Share of a body's own 5-grams from which the roundup that tells it is named in its story. Higher
names fewer: at 0.8 a longer report that quotes seven paragraphs of ten is no version of it, and
tells it as little as it tells others."""

OPENING, BEGINS = 100, 0.15
"""Words of a whole, and share of their 5-grams, that its excerpt must have for the two to begin
alike. Higher takes more wholes for roundups: at 100 and 0.15 some 19 words in a row of the first
100 are enough to begin alike."""


_SPARSE = 8  # slots for each 5-gram of a beginning: what is not there is told without a second look


class Containments(NamedTuple):
    """Overlaps, turned so that the part comes before the whole."""

    part: npt.NDArray[np.int32]
    """int32[pairs]: the distinct article of which the other one holds the greater share."""
    whole: npt.NDArray[np.int32]
    """int32[pairs]: that other one."""
    of_part: npt.NDArray[np.float32]
    """float32[pairs]: share of the part's own 5-grams that the whole holds."""
    of_whole: npt.NDArray[np.float32]
    """float32[pairs]: share of the whole's own 5-grams that the part holds."""

    def take(self, rows: npt.NDArray[np.generic]) -> Containments:
        """Return the pairs at some rows, by index or mask."""
        return Containments(*(column[rows] for column in self))


def containments(overlap: Overlap) -> Containments:
    """Turn overlaps; where both shares are equal, the lower number is the part."""
    turned = overlap.own_b > overlap.own_a
    return Containments(
        np.where(turned, overlap.b, overlap.a),
        np.where(turned, overlap.a, overlap.b),
        np.maximum(overlap.own_a, overlap.own_b),
        np.minimum(overlap.own_a, overlap.own_b),
    )


def apart(pairs: list[tuple[int, int]], compare: Compare) -> list[tuple[int, int]]:
    """Return those of some pairs that share next to nothing."""
    if not pairs:
        return []
    low, high = np.sort(np.array(pairs, np.uint64), axis=1).T
    keys, where = np.unique(pack(low, high), return_inverse=True)
    found = compare(keys)
    strangers = (np.maximum(found.of_a, found.of_b) < LEAST)[where]
    return [pair for pair, is_apart in zip(pairs, strangers.tolist(), strict=True) if is_apart]


def roundups(rows: Containments, compare: Compare) -> npt.NDArray[np.bool_]:
    """Return which pairs are a part and a roundup that tells it, bool[pairs]."""
    told = (rows.of_part >= TOLD) & (rows.of_whole < np.minimum(rows.of_part, WHOLE))
    parts: defaultdict[int, list[tuple[float, int]]] = defaultdict(list)
    for part, whole, share in zip(
        *(c[told].tolist() for c in rows[:2]), rows.of_whole[told].tolist(), strict=True
    ):
        parts[whole].append((-share, part))
    known = set(zip(rows.part.tolist(), rows.whole.tolist(), strict=True))
    asked: list[tuple[int, int, int]] = []
    for whole, found in parts.items():
        asked += ((whole, *pair) for pair in _strangers(sorted(found), known))
    strangers = set(apart([(a, b) for _, a, b in asked], compare))
    wholes = {whole for whole, a, b in asked if (a, b) in strangers}
    if not wholes:
        return np.zeros(len(told), bool)
    return told & np.isin(rows.whole, list(wholes))


def _strangers(
    parts: list[tuple[float, int]], known: set[tuple[int, int]]
) -> list[tuple[int, int]]:
    """Pair each part with the greatest one that shares nothing with it and leaves room for it."""
    found = []
    for n, (share, part) in enumerate(parts):
        for other_share, other in parts[:n]:
            fits = -share - other_share <= 1 + LEAST
            if fits and (part, other) not in known and (other, part) not in known:
                found.append((part, other))
                break
    return found


def embedded(
    overlap: Overlap,
    otherwise: npt.NDArray[np.bool_],
    distinct: DistinctArticles,
    features: Sequence[ArticleFeatures],
) -> npt.NDArray[np.bool_]:
    """Return which pairs are an article and one that tells it among other things, bool[pairs].

    `otherwise` is what `opens_otherwise` tells of them; one headline says that it is no such pair.
    """
    headlines = [features[article].headline for article in distinct.first.tolist()]
    found = otherwise.copy()
    for row in np.flatnonzero(found).tolist():
        name = headlines[overlap.a[row]]
        found[row] = name is None or name != headlines[overlap.b[row]]
    return found


def opens_otherwise(
    overlap: Overlap, distinct: DistinctArticles, corpus: Corpus, workers: int = 1
) -> npt.NDArray[np.bool_]:
    """Return which pairs are an article and a far longer one that begins otherwise, bool[pairs]."""
    rows = containments(overlap)
    small = np.minimum(overlap.of_a, overlap.of_b) < MUTUAL
    long = np.flatnonzero((rows.of_part >= HELD) & (rows.of_whole < MUTUAL) & small)
    part, whole = rows.part[long], rows.whole[long]
    found = np.zeros(len(overlap.a), bool)
    grams = article_grams(np.unique(np.append(part, whole)), corpus, distinct, workers)
    found[long] = ~_parts_begin_alike(part, whole, grams, workers)
    return found


def begins_alike(
    overlap: Overlap, distinct: DistinctArticles, corpus: Corpus, workers: int = 1
) -> npt.NDArray[np.bool_]:
    """Tell in which pairs the one has the beginning of the other, bool[pairs]."""
    grams = article_grams(np.unique(np.append(overlap.a, overlap.b)), corpus, distinct, workers)
    found = _parts_begin_alike(overlap.a, overlap.b, grams, workers)
    other = np.flatnonzero(~found)
    found[other] = _parts_begin_alike(overlap.b[other], overlap.a[other], grams, workers)
    return found


def _parts_begin_alike(
    part: npt.NDArray[np.int32], whole: npt.NDArray[np.int32], grams: ArticleGrams, workers: int
) -> npt.NDArray[np.bool_]:
    """Tell which parts have enough of the beginning of their wholes, bool[pairs]."""

    def task(low: int, high: int) -> npt.NDArray[np.bool_]:
        found: npt.NDArray[np.bool_] = _begin_alike(part[low:high], whole[low:high], *grams)
        return found

    sizes = np.diff(grams.starts)[part]
    parts = spread(task, np.append(0, np.cumsum(sizes, dtype=np.int64)), workers)
    return np.concatenate([np.zeros(0, np.bool_), *parts])


@kernel("b1[::1](i4[::1], i4[::1], u4[::1], i8[::1])")
def _begin_alike(part, whole, grams, starts):
    """Tell which parts have enough of the 5-grams with which their wholes begin, bool[pairs]."""
    table = np.empty(room(_SPARSE * OPENING), np.uint32)
    stamps = np.full(len(table), -1, np.int64)
    times = np.empty(len(table), np.int64)  # how often the beginning has each that is not met yet
    mask = np.uint32(len(table) - 1)
    out = np.zeros(len(part), np.bool_)
    for pair in range(len(part)):
        many = common = 0
        first = starts[whole[pair]]
        for found in grams[first : min(first + OPENING, starts[whole[pair] + 1])]:
            if found != NO_GRAM:
                slot = slot_of(table, stamps, mask, np.int64(pair), found)
                if stamps[slot] != pair:
                    stamps[slot], table[slot], times[slot] = pair, found, 0
                times[slot] += 1
                many += 1
        for found in grams[starts[part[pair]] : starts[part[pair] + 1]]:
            slot = slot_of(table, stamps, mask, np.int64(pair), found)
            if stamps[slot] == pair:
                common += int(times[slot])
                times[slot] = 0
                if common / many >= BEGINS:
                    out[pair] = True
                    break
    return out
