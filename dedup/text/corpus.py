"""From articles to distinct texts: exact repeats cost their occurrence and nothing more.

Everything after this stage works once per distinct text, numbered in order of first occurrence.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from dedup._jit.kernels import in_order
from dedup.progress import Progress
from dedup.records import Article
from dedup.text.arrays import TextArrays
from dedup.text.characters import table
from dedup.text.encode import TextBatch, encode
from dedup.text.endings import ending

BATCH = 1 << 19
"""Characters that go through the first kernels at a time. A higher value takes more memory,
some 30 bytes each; with a lower one threads wait more often for the interpreter's lock."""

_STEP = 1 << 16  # paragraphs whose tokens are moved at a time


class Corpus(NamedTuple):
    """The paragraphs of all articles, and the distinct texts they hold.

    Paragraphs without any letter or digit are left out.
    """

    articles: Sequence[Article]
    article: npt.NDArray[np.int32]
    """int32[paragraphs]: number of the article; paragraphs are in reading order."""
    paragraph: npt.NDArray[np.int32]
    """int32[paragraphs]: number of the paragraph in its article."""
    start: npt.NDArray[np.int32]
    """int32[paragraphs]: first character, counted in the article's text."""
    end: npt.NDArray[np.int32]
    """int32[paragraphs]: one past the last character."""
    text: npt.NDArray[np.int32]
    """int32[paragraphs]: number of the distinct text."""
    first: npt.NDArray[np.int64]
    """int64[texts]: the paragraph in which each text first stands."""
    key: npt.NDArray[np.uint64]
    """uint64[texts, 2]: xxh3_128 of the normalised text, the more significant half first."""
    texts: TextArrays
    """The distinct texts, with the flags that each has where it stands first."""
    endings: npt.NDArray[np.uint8] | None = None
    """uint8[paragraphs]: how each ends (see `dedup.text.endings`), where articles come without
    their texts."""
    lengths: npt.NDArray[np.int32] | None = None
    """int32[texts]: length of each text in words, where it has been counted."""

    def words(self) -> npt.NDArray[np.int32]:
        """Return the length of each text in words, int32[texts], halves rounded up."""
        return self.texts.words() if self.lengths is None else self.lengths

    def paragraphs_of(self, article: int) -> tuple[int, int]:
        """Return the first paragraph of an article, and one past its last.

        The number is made one of the array's own type: for another one, numpy copies the array.
        """
        ends = np.array([article, article + 1], self.article.dtype)
        first, last = self.article.searchsorted(ends).tolist()
        return first, last

    def how_ends(self, paragraphs: npt.NDArray[np.int64]) -> npt.NDArray[np.uint8]:
        """Return how some paragraphs end, uint8[paragraphs] (see `dedup.text.endings`)."""
        if self.endings is not None:
            return self.endings[paragraphs]
        return np.array([ending(self.written(row)) for row in paragraphs.tolist()], np.uint8)

    def written(self, paragraph: int) -> str:
        """Return a paragraph as it stands in its article."""
        article = self.articles[self.article[paragraph]]
        text: str = article.text[int(self.start[paragraph]) : int(self.end[paragraph])]
        return text


def collapse(
    articles: Sequence[Article], workers: int, progress: Progress, *, flagged: bool = True
) -> Corpus:
    r"""Find the paragraphs of all articles and the distinct texts among them.

    Without `flagged`, no token has a flag. A search for near texts alone needs none.

    >>> from dedup.progress import Silent
    >>> corpus = collapse([Article("a", "Rain.\nSun."), Article("b", "RAIN!")], 1, Silent())
    >>> corpus.text.tolist()
    [0, 1, 0]
    """
    progress.stage("normalise", len(articles))
    table()  # made once, before threads ask for it
    columns = []
    tokens, flags = np.empty(0, np.uint32), np.empty(0, np.uint8)
    used = 0
    rows = list(_batches(articles)) or [(0, 0)]

    def task(at: tuple[int, int]) -> TextBatch:
        return encode([article.text for article in articles[slice(*at)]], flagged=flagged)

    for (low, high), part in zip(rows, in_order(task, rows, workers), strict=True):
        columns.append(
            (part.article + np.int32(low), part.start, part.end, part.key, part.texts.sizes)
        )
        found = part.texts.tokens
        if used + len(found) > len(tokens):  # grown in place: few tokens are ever held twice
            for array in (tokens, flags):
                array.resize(used + len(found) + used // 4, refcheck=False)
        tokens[used : used + len(found)] = found
        flags[used : used + len(found)] = part.texts.flags
        used += len(found)
        progress.advance(high - low)
    article, start, end, key, counts = (np.concatenate(c) for c in zip(*columns, strict=True))
    text, first, key = distinct(key)
    offsets = np.append(0, np.cumsum(counts[first], dtype=np.int64))
    for array in (tokens, flags):
        _keep(array, counts, first)
        array.resize(int(offsets[-1]), refcheck=False)
    starts = np.searchsorted(article, article)  # the first paragraph of the same article
    paragraph = (np.arange(len(article)) - starts).astype(np.int32)
    texts = TextArrays(tokens, offsets, flags)
    return Corpus(articles, article, paragraph, start, end, text, first, key, texts)


def _keep(
    tokens: npt.NDArray[Any], counts: npt.NDArray[np.int64], first: npt.NDArray[np.int64]
) -> None:
    """Move what belongs to the tokens of first occurrences to the front, in order."""
    if len(first) == len(counts):
        return
    kept = np.zeros(len(counts), bool)
    kept[first] = True  # texts are numbered as they first stand, so their tokens keep their order
    ends = np.append(0, np.cumsum(counts, dtype=np.int64))
    at = 0
    for low in range(0, len(counts), _STEP):
        high = min(low + _STEP, len(counts))
        chosen = tokens[ends[low] : ends[high]][np.repeat(kept[low:high], counts[low:high])]
        tokens[at : at + len(chosen)] = chosen
        at += len(chosen)


def _batches(articles: Sequence[Article]) -> Iterator[tuple[int, int]]:
    """Cut the articles into runs of about `BATCH` characters."""
    low = size = 0
    for number, article in enumerate(articles):
        size += len(article.text)
        if size >= BATCH:
            yield low, number + 1
            low, size = number + 1, 0
    if low < len(articles):
        yield low, len(articles)


def distinct(
    key: npt.NDArray[np.uint64],
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64], npt.NDArray[np.uint64]]:
    """Return the number of each key, by first appearance, and the first of each and its key.

    `key` is uint64[paragraphs, 2], in reading order.
    """
    order = np.lexsort((key[:, 1], key[:, 0]))
    ordered = key[order]
    new = np.ones(len(key), bool)
    new[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    first = order[new]  # lexsort is stable, so this is the earliest of its group
    rank = np.empty(len(first), np.int32)
    rank[np.argsort(first)] = np.arange(len(first), dtype=np.int32)
    text = np.empty(len(key), np.int32)
    text[order] = rank[np.cumsum(new) - 1]
    first.sort()
    return text, first, key[first]
