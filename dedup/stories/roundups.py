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

from dedup._jit.hashset import has, put, room
from dedup._jit.kernels import kernel
from dedup._jit.pairs import pack
from dedup.match.fingerprints import gram
from dedup.stories.article_features import ArticleFeatures
from dedup.stories.distinct_articles import GRAM, DistinctArticles, most_tokens
from dedup.stories.overlap import LEAST, Compare, Overlap
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
    overlap: Overlap, distinct: DistinctArticles, corpus: Corpus
) -> npt.NDArray[np.bool_]:
    """Return which pairs are an article and a far longer one that begins otherwise, bool[pairs]."""
    rows = containments(overlap)
    small = np.minimum(overlap.of_a, overlap.of_b) < MUTUAL
    long = np.flatnonzero((rows.of_part >= HELD) & (rows.of_whole < MUTUAL) & small)
    part, whole = rows.part[long], rows.whole[long]
    texts = (distinct.texts, distinct.offsets, corpus.texts.tokens, corpus.texts.offsets)
    found = np.zeros(len(overlap.a), bool)
    found[long] = _openings(part, whole, *texts) < BEGINS
    return found


def begins_alike(
    overlap: Overlap, distinct: DistinctArticles, corpus: Corpus
) -> npt.NDArray[np.bool_]:
    """Tell in which pairs the one has the beginning of the other, bool[pairs]."""
    texts = (distinct.texts, distinct.offsets, corpus.texts.tokens, corpus.texts.offsets)
    ways = (overlap.a, overlap.b), (overlap.b, overlap.a)
    found: npt.NDArray[np.bool_] = (
        np.maximum(*(_openings(part, whole, *texts) for part, whole in ways)) >= BEGINS
    )
    return found


@kernel("f4[::1](i4[::1], i4[::1], i4[::1], i8[::1], u4[::1], i8[::1])")
def _openings(part, whole, texts, distinct, tokens, offsets):
    largest = most_tokens(part, texts, distinct, offsets)
    table = np.empty(room(largest), np.uint32)
    stamps = np.full(len(table), -1, np.int64)
    mask = np.uint32(len(table) - 1)
    out = np.zeros(len(part), np.float32)
    for pair in range(len(part)):
        for text in texts[distinct[part[pair]] : distinct[part[pair] + 1]]:
            for i in range(offsets[text], offsets[text + 1]):
                found, length = gram(tokens, i, offsets[text + 1], GRAM)
                if length == 0:
                    break
                put(table, stamps, mask, np.int64(pair), found)
        left = OPENING
        grams = common = 0
        for text in texts[distinct[whole[pair]] : distinct[whole[pair] + 1]]:
            for i in range(offsets[text], min(offsets[text + 1], offsets[text] + left)):
                found, length = gram(tokens, i, offsets[text + 1], GRAM)
                if length == 0:
                    break
                grams += 1
                common += has(table, stamps, mask, np.int64(pair), found)
            left -= min(left, offsets[text + 1] - offsets[text])
        out[pair] = common / max(grams, 1)
    return out
