"""What an article has to say of its own: the texts it is made of, equal articles taken as one.

Standing text is no part of a body, and what an article says twice counts once. Articles with the
same texts in the same order share one body, so that a story at two thousand addresses costs one.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup.collapse import Corpus
from dedup.cues import LINK, QUOTED, STOCK
from dedup.hashset import put, room
from dedup.kernels import kernel
from dedup.passages import gram

GRAM = 5
"""Words of the runs by which bodies are compared: the least run that counts as shared."""

APART = QUOTED | STOCK | LINK
"""Cues of words that are not an article's own: what others said, formulas, web addresses."""


class Bodies(NamedTuple):
    """The distinct bodies, numbered in order of their first article."""

    of: npt.NDArray[np.int32]
    """int32[articles]: the body of each article; -1: it has none."""
    first: npt.NDArray[np.int32]
    """int32[bodies]: the first article of each."""
    texts: npt.NDArray[np.int32]
    """int32[all]: the texts of each body in reading order, body after body."""
    offsets: npt.NDArray[np.int64]
    """int64[bodies + 1]: where each body's texts begin."""
    grams: npt.NDArray[np.int32]
    """int32[bodies]: different runs of `GRAM` words in each."""
    own: npt.NDArray[np.int32]
    """int32[bodies]: those of them that begin with a word of its own."""


def bodies(corpus: Corpus, standing: npt.NDArray[np.bool_]) -> Bodies:
    r"""Gather the bodies of all articles.

    `standing`, bool[texts], are the texts left out (see `dedup.standing`).

    >>> from dedup.collapse import collapse
    >>> from dedup.document import Article
    >>> from dedup.progress import Silent
    >>> same = [Article("a", "Rain.\nFooter"), Article("b", "RAIN!"), Article("c", "Footer")]
    >>> found = bodies(collapse(same, 1, Silent()), np.array([False, True]))
    >>> found.of.tolist(), found.texts.tolist()
    ([0, 0, -1], [0])
    """
    kept = ~standing[corpus.text]
    once = np.unique(corpus.article.astype(np.int64) << 32 | corpus.text, return_index=True)[1]
    kept &= np.isin(np.arange(len(kept)), once, assume_unique=True)
    text = corpus.text[kept]
    bounds = np.searchsorted(corpus.article[kept], np.arange(len(corpus.articles) + 1))
    of = np.full(len(corpus.articles), -1, np.int32)
    numbers: dict[bytes, int] = {}
    first: list[int] = []
    for article, (low, high) in enumerate(
        zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True)
    ):
        if low == high:
            continue
        number = numbers.setdefault(text[low:high].tobytes(), len(first))
        if number == len(first):
            first.append(article)
        of[article] = number
    firsts = np.array(first, np.int32)
    sizes = np.diff(bounds)[firsts]
    offsets = np.append(0, np.cumsum(sizes))
    starts = np.repeat(bounds[firsts] - offsets[:-1], sizes)
    texts = text[starts + np.arange(len(starts))]
    every, own = np.zeros((2, len(firsts)), np.int32)
    _count(texts, offsets, corpus.tokens, corpus.offsets, corpus.cues, every, own)
    return Bodies(of, firsts, texts, offsets, every, own)


@kernel("void(i4[::1], i8[::1], u4[::1], i8[::1], u1[::1], i4[::1], i4[::1])")
def _count(texts, bodies, tokens, offsets, cues, every, own):
    largest = np.int64(0)
    for body in range(len(bodies) - 1):
        size = np.int64(0)
        for text in texts[bodies[body] : bodies[body + 1]]:
            size += offsets[text + 1] - offsets[text]
        largest = max(largest, size)
    table = np.empty(room(largest), np.uint32)
    stamps = np.full(len(table), -1, np.int64)
    mask = np.uint32(len(table) - 1)
    for body in range(len(bodies) - 1):
        for text in texts[bodies[body] : bodies[body + 1]]:
            last = offsets[text + 1]
            for i in range(offsets[text], last):
                found, length = gram(tokens, i, last, GRAM)
                if length == 0:
                    break
                if put(table, stamps, mask, np.int64(body), found):
                    every[body] += 1
                    own[body] += not cues[i] & APART
