"""Which paragraphs of an article another one has, has in part, or lacks."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup._jit.hashset import has, put, room
from dedup._jit.kernels import kernel
from dedup.match.fingerprints import gram
from dedup.stories.distinct_articles import GRAM
from dedup.text.corpus import Corpus

NEXT_TO_NONE, NEARLY_ALL = 0.1, 0.9
"""Share of a paragraph's 5-grams up to which the other article has next to nothing of it, and from
which it has nearly all. Higher `NEXT_TO_NONE` calls more paragraphs added, higher `NEARLY_ALL` more
changed: at 0.1 and 0.9, of 44 words with 40 runs, one changed word in the middle (35 runs left) is
a change."""


class Changes(NamedTuple):
    """Paragraphs by their number in their article; see `dedup.records.Member`."""

    added: tuple[int, ...]
    cut: tuple[int, ...]
    changed: tuple[int, ...]


def changes(
    article: int, canonical: int, corpus: Corpus, boilerplate: npt.NDArray[np.bool_]
) -> Changes:
    """Compare the paragraphs of an article with the canonical one's, both given by number.

    Boilerplate is left out, and so are lines of fewer than five words that the other one lacks.
    """
    ours, theirs = (
        _paragraphs(article, corpus, boilerplate),
        _paragraphs(canonical, corpus, boilerplate),
    )
    texts, others = corpus.text[ours], corpus.text[theirs]
    held = _held(others, texts, corpus.texts.tokens, corpus.texts.offsets)
    kept = _held(texts, others, corpus.texts.tokens, corpus.texts.offsets)
    return Changes(
        _numbers(corpus.paragraph[ours][held < NEXT_TO_NONE]),
        _numbers(corpus.paragraph[theirs][kept < NEXT_TO_NONE]),
        _numbers(corpus.paragraph[ours][(held >= NEXT_TO_NONE) & (held < NEARLY_ALL)]),
    )


def _paragraphs(
    article: int, corpus: Corpus, boilerplate: npt.NDArray[np.bool_]
) -> npt.NDArray[np.int64]:
    rows = np.arange(*corpus.paragraphs_of(article))
    return rows[~boilerplate[corpus.text[rows]]]


def _numbers(paragraphs: npt.NDArray[np.int32]) -> tuple[int, ...]:
    return tuple(paragraphs.tolist())


@kernel("f4[::1](i4[::1], i4[::1], u4[::1], i8[::1])")
def _held(others, texts, tokens, offsets):
    size = np.int64(0)
    for text in others:
        size += offsets[text + 1] - offsets[text]
    table = np.empty(room(size), np.uint32)
    stamps = np.full(len(table), -1, np.int64)
    mask = np.uint32(len(table) - 1)
    for text in others:
        last = offsets[text + 1]
        for i in range(offsets[text], last):
            found, length = gram(tokens, i, last, GRAM)
            if length == 0:
                break
            put(table, stamps, mask, np.int64(0), found)
    out = np.ones(len(texts), np.float32)
    for row in range(len(texts)):
        last = offsets[texts[row] + 1]
        grams = common = 0
        for i in range(offsets[texts[row]], last):
            found, length = gram(tokens, i, last, GRAM)
            if length == 0:
                break
            grams += 1
            common += has(table, stamps, mask, np.int64(0), found)
        if grams:
            out[row] = common / grams
    return out
