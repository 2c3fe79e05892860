"""Which paragraphs of an article another one has, has in part, or lacks."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup._jit.kernels import kernel
from dedup._jit.pairs import HALF, LOW, packed
from dedup.match.fingerprints import gram
from dedup.match.long_texts import first_from
from dedup.stories.distinct_articles import GRAM
from dedup.text.corpus import Corpus

NEXT_TO_NONE, NEARLY_ALL = 0.1, 0.9
"""Share of a paragraph's 5-grams up to which the other article has next to nothing of it, and from
which it has nearly all. Higher `NEXT_TO_NONE` calls more paragraphs added, higher `NEARLY_ALL` more
changed: at 0.1 and 0.9, of 44 words with 40 runs, one changed word in the middle (35 runs left) is
a change."""


_KEPT = 8  # articles of which the 5-grams are kept: those of a story and some long ones


class Changes(NamedTuple):
    """Paragraphs by their number in their article; see `dedup.records.Member`."""

    added: tuple[int, ...]
    cut: tuple[int, ...]
    changed: tuple[int, ...]


class _Runs(NamedTuple):
    """The 5-grams of an article, but those of boilerplate."""

    article: int
    rows: npt.NDArray[np.int64]
    """int64[paragraphs]: its paragraphs, by their rows in the corpus."""
    grams: npt.NDArray[np.uint64]
    """uint64[grams]: 5-gram << 32 | number of the paragraph among these rows, ascending."""
    counts: npt.NDArray[np.int32]
    """int32[paragraphs]: 5-grams of each."""

    def shares(self, held: npt.NDArray[np.int32]) -> npt.NDArray[np.float32]:
        """Return the share of each paragraph's 5-grams that are held; 1 for one that has none."""
        shares = np.ones(len(held), np.float32)
        np.divide(held, self.counts, out=shares, where=self.counts > 0, casting="same_kind")
        return shares


class Differences:
    """What articles of a corpus changed, pair by pair.

    The 5-grams of an article are put in order once for all pairs with it that come close together.
    So a pair with a long article, which is in many stories, costs what the other one does.
    """

    def __init__(self, corpus: Corpus, boilerplate: npt.NDArray[np.bool_]) -> None:
        self._corpus = corpus
        self._boilerplate = boilerplate
        self._last: tuple[_Runs, ...] = ()  # replaced as a whole, since several threads may ask

    def between(self, article: int, canonical: int) -> Changes:
        """Compare the paragraphs of an article with the canonical one's, both given by number.

        Boilerplate is left out, and so are lines of fewer than five words that the other one lacks.
        """
        ours, theirs = self._runs(article), self._runs(canonical)
        others = (known for known in self._last if known.article not in (article, canonical))
        self._last = (ours, theirs, *others)[:_KEPT]
        held, kept = np.zeros(len(ours.rows), np.int32), np.zeros(len(theirs.rows), np.int32)
        if len(ours.grams) <= len(theirs.grams):
            _count_held(ours.grams, theirs.grams, held, kept)
        else:
            _count_held(theirs.grams, ours.grams, kept, held)
        here, there = ours.shares(held), theirs.shares(kept)
        return Changes(
            self._numbers(ours.rows[here < NEXT_TO_NONE]),
            self._numbers(theirs.rows[there < NEXT_TO_NONE]),
            self._numbers(ours.rows[(here >= NEXT_TO_NONE) & (here < NEARLY_ALL)]),
        )

    def _runs(self, article: int) -> _Runs:
        for known in self._last:
            if known.article == article:
                return known
        corpus = self._corpus
        rows = np.arange(*corpus.paragraphs_of(article))
        rows = rows[~self._boilerplate[corpus.text[rows]]]
        counts = np.zeros(len(rows), np.int32)
        grams = _grams(corpus.text[rows], corpus.texts.tokens, corpus.texts.offsets, counts)
        grams.sort()
        return _Runs(article, rows, grams, counts)

    def _numbers(self, rows: npt.NDArray[np.int64]) -> tuple[int, ...]:
        return tuple(self._corpus.paragraph[rows].tolist())


@kernel("u8[::1](i4[::1], u4[::1], i8[::1], i4[::1])")
def _grams(texts, tokens, offsets, counts):
    """Return 5-gram << 32 | row of each text in which it stands, and count those of each text."""
    size = np.int64(0)
    for text in texts:
        size += offsets[text + 1] - offsets[text]
    out = np.empty(size, np.uint64)
    at = 0
    for row in range(len(texts)):
        last = offsets[texts[row] + 1]
        for i in range(offsets[texts[row]], last):
            found, length = gram(tokens, i, last, GRAM)
            if length == 0:
                break
            out[at] = packed(found, row)
            counts[row] += 1
            at += 1
    return out[:at].copy()


@kernel("void(u8[::1], u8[::1], i4[::1], i4[::1])")
def _count_held(few, many, in_few, in_many):
    """Count, paragraph by paragraph, the 5-grams of either list that are in the other one too."""
    i, j = np.int64(0), np.int64(0)
    while i < len(few):
        value = few[i] >> HALF
        j = first_from(many, j, len(many), value << HALF)
        shared = j < len(many) and many[j] >> HALF == value
        while i < len(few) and few[i] >> HALF == value:
            in_few[few[i] & LOW] += shared
            i += 1
        while j < len(many) and many[j] >> HALF == value:
            in_many[many[j] & LOW] += 1
            j += 1
