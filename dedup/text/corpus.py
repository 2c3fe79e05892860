"""From articles to distinct texts: exact repeats cost their occurrence and nothing more.

Everything after this stage works once per distinct text, numbered in order of first occurrence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from dedup._jit.kernels import Tasks, in_order, kernel
from dedup.progress import Progress
from dedup.records import Article
from dedup.text.arrays import TextArrays, stretches
from dedup.text.characters import table
from dedup.text.encode import TextBatch, encode
from dedup.text.endings import ending

BATCH = 1 << 19
"""Characters that go through the first kernels at a time. A higher value takes more memory,
some 30 bytes each; with a lower one threads wait more often for the interpreter's lock."""

_NO_TEXTS = np.zeros(0, np.uint32), np.zeros(1, np.int64)


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
        return np.array(list(map(ending, self.all_written(paragraphs))), np.uint8)

    def written(self, paragraph: int) -> str:
        """Return a paragraph as it stands in its article."""
        article = self.articles[self.article[paragraph]]
        text: str = article.text[int(self.start[paragraph]) : int(self.end[paragraph])]
        return text

    def all_written(self, paragraphs: npt.NDArray[np.integer[Any]]) -> list[str]:
        """Return some paragraphs as they stand in their articles, each of which is read once."""
        some, of = np.unique(self.article[paragraphs], return_inverse=True)
        texts = [self.articles[article].text for article in some.tolist()]
        places = of.tolist(), self.start[paragraphs].tolist(), self.end[paragraphs].tolist()
        return [texts[n][start:end] for n, start, end in zip(*places, strict=True)]


class Encoding:
    """Encodes texts in batches, which other threads do while more texts are read.

    An object that was added before is not encoded again.

    >>> encoding = Encoding(2)
    >>> [encoding.add(text) for text in ("Rain.", "Sun.")], len(encoding)
    ([0, 1], 2)
    >>> [part.texts.sizes.tolist() for _, part in encoding.batches()]
    [[1, 1]]
    """

    def __init__(self, workers: int, *, flagged: bool = True) -> None:
        table()  # made once, before threads ask for it
        self._tasks = Tasks(partial(encode, flagged=flagged), workers)
        self._texts: list[str] = []
        self._numbers: dict[int, int] = {}  # by the identity of the texts, which are held
        self._ends = [0]
        self._size = 0

    def __len__(self) -> int:
        return len(self._texts)

    def add(self, text: str) -> int:
        """Add a text, if it is new; return its number."""
        number = self._numbers.setdefault(id(text), len(self._texts))
        if number == len(self._texts):
            self._texts.append(text)
            self._size += len(text)
            if self._size >= BATCH:
                self._send()
        return number

    def passing(self, articles: Iterable[Article]) -> Iterator[Article]:
        """Pass on articles, and add the text of each; what ends that early ends the work too.

        What encodes is loaded before the first article is read: loading and reading both hold the
        interpreter, so that nothing would be encoded meanwhile.
        """
        encode([""])
        try:
            for article in articles:
                self.add(article.text)
                yield article
        except BaseException:
            self._tasks.close()
            raise

    def batches(self) -> Iterator[tuple[range, TextBatch]]:
        """Yield the numbers of some texts and what they are, batch after batch; one at least.

        All texts are let go of after the last.
        """
        if self._ends[-1] < len(self._texts) or len(self._ends) == 1:
            self._send()
        for (low, high), part in zip(pairwise(self._ends), self._tasks.answers(), strict=True):
            yield range(low, high), part
        self._texts.clear()
        self._numbers.clear()

    def _send(self) -> None:
        self._tasks.add(self._texts[self._ends[-1] :])
        self._ends.append(len(self._texts))
        self._size = 0


def collapse(
    articles: Sequence[Article],
    workers: int,
    progress: Progress,
    *,
    flagged: bool = True,
    encoding: Encoding | None = None,
) -> Corpus:
    r"""Find the paragraphs of all articles and the distinct texts among them.

    Without `flagged`, no token has a flag. A search for near texts alone needs none. `encoding` may
    have texts of these articles already, and others.

    >>> from dedup.progress import Silent
    >>> corpus = collapse([Article("a", "Rain.\nSun."), Article("b", "RAIN!")], 1, Silent())
    >>> corpus.text.tolist()
    [0, 1, 0]
    """
    if encoding is None and len(articles) == 1:
        return _alone(articles, flagged=flagged)
    encoding = encoding or Encoding(workers, flagged=flagged)
    number = np.array([encoding.add(article.text) for article in articles], np.int64)
    many = len(encoding)
    progress.stage("normalise", many)
    columns, parts = [], list[TextArrays]()
    for texts, part in encoding.batches():
        columns.append((part.article + np.int32(texts.start), part.start, part.end, part.key))
        parts.append(part.texts)
        progress.advance(len(texts))
    of, start, end, key = (np.concatenate(column) for column in zip(*columns, strict=True))
    # Paragraphs in the order of the articles, which are read in another one.
    bounds = np.searchsorted(of, np.arange(many + 1))
    counts = np.diff(bounds)[number]
    rows, begin = stretches(bounds[number], counts)
    text, first, key = distinct(key[rows])
    return Corpus(
        articles=articles,
        article=np.repeat(np.arange(len(articles), dtype=np.int32), counts),
        paragraph=(np.arange(len(rows)) - np.repeat(begin[:-1], counts)).astype(np.int32),
        start=start[rows],
        end=end[rows],
        text=text,
        first=first,
        key=key,
        texts=_gathered(parts, rows[first], workers),
    )


def _alone(articles: Sequence[Article], *, flagged: bool) -> Corpus:
    """Return the corpus of one article: there is nothing to share out, and nothing to order."""
    found = encode([articles[0].text], flagged=flagged)
    text, first, key = distinct(found.key)
    return Corpus(
        articles=articles,
        article=found.article,
        paragraph=np.arange(len(text), dtype=np.int32),
        start=found.start,
        end=found.end,
        text=text,
        first=first,
        key=key,
        texts=found.texts.take(first),
    )


def _gathered(parts: list[TextArrays], rows: npt.NDArray[np.int64], workers: int) -> TextArrays:
    """Return some of the texts of all parts, by number, in the order given.

    The parts are let go of, one after another: few tokens are ever held twice.
    """
    sizes = np.concatenate([part.sizes for part in parts])[rows]
    offsets = np.append(0, np.cumsum(sizes, dtype=np.int64))
    out = TextArrays.of(np.empty(int(offsets[-1]), np.uint32), offsets)
    order = np.argsort(rows)
    ends = np.append(0, np.cumsum([len(part.sizes) for part in parts]))
    cuts = np.searchsorted(rows[order], ends)

    def move(number: int) -> None:
        part, parts[number] = parts[number], TextArrays.of(*_NO_TEXTS)
        own = order[cuts[number] : cuts[number + 1]]
        first = part.offsets[rows[own] - ends[number]]
        move_stretches(
            part.tokens, part.flags, first, sizes[own], offsets[own], out.tokens, out.flags
        )

    list(in_order(move, range(len(parts)), workers))
    return out


def rearranged(texts: TextArrays, order: npt.NDArray[np.int64]) -> TextArrays:
    """Return texts in another order, some perhaps several times.

    To look up the place of each token takes six times as long.

    >>> texts = TextArrays.of(np.array([2, 4, 6], np.uint32), np.array([0, 2, 3]))
    >>> rearranged(texts, np.array([1, 0])).tokens.tolist()
    [6, 2, 4]
    """
    first, sizes = texts.offsets[order], texts.sizes[order]
    offsets = np.append(0, np.cumsum(sizes))
    tokens, flags = np.empty(offsets[-1], np.uint32), np.empty(offsets[-1], np.uint8)
    move_stretches(texts.tokens, texts.flags, first, sizes, offsets[:-1], tokens, flags)
    return TextArrays(tokens, offsets, flags)


@kernel("void(u4[::1], u1[::1], i8[::1], i8[::1], i8[::1], u4[::1], u1[::1])")
def move_stretches(tokens, flags, first, sizes, to, out, out_flags):
    """Copy stretches of tokens and flags to other places."""
    for row in range(len(first)):
        for k in range(sizes[row]):
            out[to[row] + k] = tokens[first[row] + k]
            out_flags[to[row] + k] = flags[first[row] + k]


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
