"""What an article has to say of its own: the texts it is made of, equal articles taken as one.

Boilerplate does not count, and what an article says twice counts once. Articles with the same texts
in the same order are one distinct article, so that a story at two thousand addresses costs one. A
brief article may differ from another one only in its boilerplate and headline, so these must be the
same too. A text that comes back after the time window is a distinct article of its own. A short
text that a site has under many headlines is what it shows in place of articles, and no article.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup._jit.hashset import put, room
from dedup._jit.kernels import helper, kernel, spread
from dedup._jit.pairs import pack
from dedup.match.fingerprints import gram
from dedup.match.no_memory import NOTHING, Nothing
from dedup.stories.article_features import DAY, ArticleFeatures
from dedup.text.arrays import TextArrays, stretches
from dedup.text.corpus import Corpus
from dedup.text.ngram_hash import weight
from dedup.text.token_flags import LINK, PHRASE, QUOTED

GRAM = 5
"""Words of the runs by which bodies are compared: the least run that counts as shared. Higher
counts less as shared: at 5 a change of every fifth word leaves nothing."""

APART = QUOTED | PHRASE | LINK
"""Flags of words that are not an article's own: what others said, formulas, web addresses."""

BRIEF, SHORTEST = 40, 20
"""Own words below which two articles share a body only if their whole texts are the same, and below
which they must have one headline besides. Higher keeps more formulas apart, and more copies: at 40
and 20 an article of 30 words under another footer is a body of its own, and one of 15 also under
another headline."""

STUB, HEADLINES = 100, 4
"""Own words up to which a text that stands under so many headlines of one site is no body. Higher
`STUB` leaves out more and higher `HEADLINES` less: at 100 and 4 a notice of 60 words under four
headlines is left out."""


class DistinctArticles(NamedTuple):
    """The distinct articles, numbered in order of the first article of each."""

    of: npt.NDArray[np.int32]
    """int32[articles]: the distinct article of each article; -1: it has no text of its own."""
    first: npt.NDArray[np.int32]
    """int32[distinct]: the first article of each."""
    texts: npt.NDArray[np.int32]
    """int32[all]: the texts of each in reading order, one distinct article after another."""
    offsets: npt.NDArray[np.int64]
    """int64[distinct + 1]: where the texts of each begin."""
    grams: npt.NDArray[np.int32]
    """int32[distinct]: different runs of `GRAM` words in each."""
    own: npt.NDArray[np.int32]
    """int32[distinct]: those of them that begin with a word of its own."""
    halves: npt.NDArray[np.int32]
    """int32[distinct]: half words in these runs, each run counted where it first stands."""


def distinct_articles(
    corpus: Corpus,
    boilerplate: npt.NDArray[np.bool_],
    features: Sequence[ArticleFeatures],
    window: float,
    workers: int = 1,
    memory: Nothing = NOTHING,
) -> DistinctArticles:
    r"""Return the distinct articles of a corpus.

    `boilerplate`, bool[texts], are the texts left out (see `dedup.match.boilerplate`); `features`
    has one entry an article; `window` is the most days between two articles that are one, 0 for no
    limit; `memory` has recognised the texts.

    >>> from dedup.text.corpus import collapse
    >>> from dedup.records import Article
    >>> from dedup.progress import Silent
    >>> from dedup.stories.article_features import NOTHING
    >>> texts = ["Rain.\nFooter", "RAIN!\nFooter", "Footer"]
    >>> corpus = collapse([Article(text, text) for text in texts], 1, Silent())
    >>> found = distinct_articles(corpus, np.array([False, True]), [NOTHING] * 3, 7)
    >>> found.of.tolist(), found.texts.tolist()
    ([0, 0, -1], [0])
    """
    bodies = same_bodies(corpus, corpus.words(), boilerplate, features, window)
    return counted(bodies, corpus.texts, workers, memory)


def same_bodies(
    corpus: Corpus,
    lengths: npt.NDArray[np.int32],
    boilerplate: npt.NDArray[np.bool_],
    features: Sequence[ArticleFeatures],
    window: float,
) -> DistinctArticles:
    """Return the distinct articles, of which nothing is counted yet.

    `lengths`, int32[texts], are the words of each text; the rest as in `distinct_articles`.
    """
    once = np.unique(pack(corpus.article, corpus.text), return_index=True)[1]
    first_time = np.zeros(len(corpus.text), bool)
    first_time[once] = True
    kept = first_time & ~boilerplate[corpus.text]
    edges = np.arange(len(corpus.articles) + 1)
    text, every = corpus.text[kept], corpus.text[first_time]
    bounds = np.searchsorted(corpus.article[kept], edges)
    whole = np.searchsorted(corpus.article[first_time], edges)
    words = np.append(0, np.cumsum(lengths[text]))[bounds]
    equal: dict[tuple[object, ...], list[int]] = {}
    for article in np.flatnonzero(np.diff(bounds)).tolist():
        size = words[article + 1] - words[article]
        key: tuple[object, ...] = (text[bounds[article] : bounds[article + 1]].tobytes(),)
        if size < BRIEF:
            key = (every[whole[article] : whole[article + 1]].tobytes(),)
        if size < SHORTEST:
            key += (features[article].headline,)
        equal.setdefault(key, []).append(article)
    of = np.full(len(corpus.articles), -1, np.int32)
    found = (
        part
        for members in equal.values()
        if not (words[members[0] + 1] - words[members[0]] <= STUB and _is_stub(members, features))
        for part in _within(members, features, window)
    )
    first = []
    for number, members in enumerate(sorted(found, key=min)):
        of[members] = number
        first.append(min(members))
    firsts = np.array(first, np.int32)
    rows, offsets = stretches(bounds[firsts], np.diff(bounds)[firsts])
    return DistinctArticles(of, firsts, text[rows], offsets, *np.zeros((3, len(firsts)), np.int32))


def counted(
    bodies: DistinctArticles, texts: TextArrays, workers: int = 1, memory: Nothing = NOTHING
) -> DistinctArticles:
    """Return distinct articles with their runs of words counted: `grams`, `own` and `halves`."""
    memory.recognise_articles(bodies.texts, bodies.offsets)

    def count(rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int32]:
        found = np.zeros((3, len(rows)), np.int32)
        places, offsets = stretches(bodies.offsets[rows], np.diff(bodies.offsets)[rows])
        held = bodies.texts[places]

        def task(low: int, high: int) -> None:
            _count(held, offsets[low : high + 1], *texts, *(row[low:high] for row in found))

        spread(task, work(held, offsets, texts.sizes), workers)
        return found

    grams, own, halves = memory.recall_each("counts", len(bodies.first), count)
    return bodies._replace(grams=grams, own=own, halves=halves)


def work(
    texts: npt.NDArray[np.int32], offsets: npt.NDArray[np.int64], sizes: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Return running totals of the tokens of distinct articles, int64[distinct + 1].

    >>> work(np.array([1, 0, 1]), np.array([0, 2, 3]), np.array([5, 6])).tolist()
    [0, 11, 17]
    """
    return np.append(0, np.cumsum(sizes[texts], dtype=np.int64))[offsets]


def moments(
    distinct: DistinctArticles, features: Sequence[ArticleFeatures]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the earliest and the latest moment at which each distinct article was published.

    Both are float64[distinct], in seconds since 1970, NaN where no time is known. `features` has
    one entry an article.
    """
    first = np.full(len(distinct.first), np.inf)
    last = -first
    dated = [
        (body, *fact.time.bounds)
        for body, fact in zip(distinct.of.tolist(), features, strict=True)
        if body >= 0 and fact.time
    ]
    body, earliest, latest = np.array(dated, float).reshape(-1, 3).T
    np.minimum.at(first, body.astype(np.int64), earliest)
    np.maximum.at(last, body.astype(np.int64), latest)
    unknown = np.isinf(first)
    first[unknown] = last[unknown] = np.nan
    return first, last


def _is_stub(members: Sequence[int], features: Sequence[ArticleFeatures]) -> bool:
    """Return whether one site has a text under many headlines."""
    headlines: dict[str, set[str]] = {}
    for article in members:
        if (name := features[article].headline) is not None:
            headlines.setdefault(features[article].site, set()).add(name)
    return any(len(names) >= HEADLINES for names in headlines.values())


def _within(
    members: list[int], features: Sequence[ArticleFeatures], window: float
) -> Iterator[list[int]]:
    """Divide articles into those that lie within so many days, undated ones with the earliest."""
    if len(members) == 1:  # nearly all
        yield members
        return
    dated = [(time.bounds, article) for article in members if (time := features[article].time)]
    part = [article for article in members if not features[article].time]
    last = float("inf")  # the latest moment of the first one
    for (earliest, latest), article in sorted(dated):
        if window and earliest - last > window * DAY:
            yield part
            part, last = [], float("inf")
        part.append(article)
        last = min(last, latest)
    yield part


@helper
def most_tokens(chosen, texts, distinct_articles, offsets):
    """Return the tokens of the longest of some distinct articles."""
    largest = np.int64(0)
    for body in chosen:
        size = np.int64(0)
        for text in texts[distinct_articles[body] : distinct_articles[body + 1]]:
            size += offsets[text + 1] - offsets[text]
        largest = max(largest, size)
    return largest


@kernel("void(i4[::1], i8[::1], u4[::1], i8[::1], u1[::1], i4[::1], i4[::1], i4[::1])")
def _count(texts, distinct_articles, tokens, offsets, flags, every, own, halves):
    every_body = np.arange(len(distinct_articles) - 1, dtype=np.int32)
    table = np.empty(room(most_tokens(every_body, texts, distinct_articles, offsets)), np.uint32)
    stamps = np.full(len(table), -1, np.int64)
    mask = np.uint32(len(table) - 1)
    for body in range(len(distinct_articles) - 1):
        for text in texts[distinct_articles[body] : distinct_articles[body + 1]]:
            last = offsets[text + 1]
            done = offsets[text]  # up to where words are counted
            for i in range(offsets[text], last):
                found, length = gram(tokens, i, last, GRAM)
                if length == 0:
                    break
                if put(table, stamps, mask, np.int64(body), found):
                    every[body] += 1
                    own[body] += not flags[i] & APART
                    for k in range(max(done, i), i + length):
                        halves[body] += weight(tokens[k])
                    done = i + length
