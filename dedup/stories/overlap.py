"""Which distinct articles hold words of one another, and how many each way.

Some 5-grams of every article are its prints, the same ones in all articles (Broder 1997, section 4:
those whose hash is 0 modulo `RATE`). Articles that share enough prints are compared exactly. A word
is shared when it is part of a 5-gram that the other article has too. So neither the order of
paragraphs nor what stands between them matters.

Of the articles under a print with more than `bucket`, each is compared with the first `HUBS` only.
The copies of one text then meet in the same few, and no path is quadratic. "Articles" are distinct
articles throughout (see `dedup.stories.distinct_articles`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup._jit.hashset import room, slot_of
from dedup._jit.kernels import helper, kernel, spread
from dedup._jit.pairs import HALF, ends, once, pack, packed, pair, rights, starts
from dedup.match.fingerprints import gram
from dedup.stories.distinct_articles import APART, GRAM, DistinctArticles, most_tokens
from dedup.text.corpus import Corpus
from dedup.text.ngram_hash import weight

RATE = 4
"""One of so many 5-grams is a print. Higher is faster and overlooks more short articles: at 4 two
articles that share a run of 40 words share nine prints on average."""

PRINTS = 2
"""Prints that two bodies must share to be compared. Higher is faster and overlooks more: at 2 a run
of 20 words is overlooked one time in 16."""

HUBS = 4
"""Bodies that stand for a print that is in more than `bucket` bodies. Higher compares more: at 4 a
print in 1,000 bodies costs some 4,000 comparisons."""

LEAST = 0.1
"""Share from which two bodies are kin, the higher of both ways. Higher finds fewer links: at 0.1
thirty words of an article of 300."""

FEW = 20
"""Words that kin share at least: a saying or a formula has no more. Higher finds fewer links: at 20
a shared sentence of 19 words makes none."""


class Overlap(NamedTuple):
    """Pairs of distinct articles that share words, ordered by (a, b), a < b.

    >>> len(Overlap.none().a)
    0
    """

    a: npt.NDArray[np.int32]
    """int32[pairs]"""
    b: npt.NDArray[np.int32]
    """int32[pairs]"""
    of_a: npt.NDArray[np.float32]
    """float32[pairs]: share of a's words that b holds."""
    of_b: npt.NDArray[np.float32]
    """float32[pairs]: share of b's words that a holds."""
    own_a: npt.NDArray[np.float32]
    """float32[pairs]: share of a's own 5-grams that b holds, likeness of form left out."""
    own_b: npt.NDArray[np.float32]
    """float32[pairs]: share of b's own 5-grams that a holds, likeness of form left out."""
    words: npt.NDArray[np.float32]
    """float32[pairs]: words that both hold, counted in the one that holds fewer."""
    containment: npt.NDArray[np.float32]
    """float32[pairs]: share of the 5-grams of the one with fewer that the other holds."""

    @classmethod
    def none(cls) -> Overlap:
        """Return no pairs at all."""
        number, share = np.zeros(0, np.int32), np.zeros(0, np.float32)
        return cls(number, number, share, share, share, share, share, share)

    def take(self, rows: npt.NDArray[np.generic]) -> Overlap:
        """Return the pairs at some rows, by index or mask."""
        return Overlap(*(column[rows] for column in self))


Compare = Callable[[npt.NDArray[np.uint64]], Overlap]
"""Measures ordered pairs a << 32 | b of distinct articles."""


def article_overlap(
    prints: npt.NDArray[np.uint64],
    corpus: Corpus,
    distinct: DistinctArticles,
    formal: npt.NDArray[np.uint64],
    bucket: int,
    workers: int,
) -> Overlap:
    """Return the pairs of distinct articles that share words of their own.

    `prints` are those of the same articles (see `article_prints`); `formal`, uint64[pairs],
    ordered i << 32 | j, are the pairs of texts that are alike in form only (templates and
    boilerplate), which does not count as sharing.
    """
    pairs = candidates(prints, distinct, bucket, workers)
    found = measure(pairs, corpus, distinct, formal, workers)
    return found.take((np.maximum(found.of_a, found.of_b) >= LEAST) & (found.words >= FEW))


def article_prints(corpus: Corpus, distinct: DistinctArticles) -> npt.NDArray[np.uint64]:
    """Return the prints of all distinct articles, ordered, uint64 print << 32 | article."""
    tokens, offsets = corpus.texts.tokens, corpus.texts.offsets
    return once(_prints(distinct.texts, distinct.offsets, tokens, offsets))


def candidates(
    prints: npt.NDArray[np.uint64], distinct: DistinctArticles, bucket: int, workers: int
) -> npt.NDArray[np.uint64]:
    """Return the pairs that share `PRINTS` prints, ordered, uint64 a << 32 | b."""
    if len(distinct.first) < 2:
        return np.zeros(0, np.uint64)
    sizes = np.diff(starts(prints >> HALF))
    shared = np.repeat(sizes > 1, sizes)
    members = rights(prints[shared]).astype(np.int32)
    edges = np.append(0, np.cumsum(sizes[sizes > 1]))
    groups = np.repeat(np.arange(len(edges) - 1, dtype=np.int32), np.diff(edges))
    order = np.argsort(members, kind="stable")
    bounds = np.searchsorted(members[order], np.arange(len(distinct.first) + 1))
    held = groups[order]

    def task(low: int, high: int) -> npt.NDArray[np.uint64]:
        found: npt.NDArray[np.uint64] = _meet(low, high, held, bounds, members, edges, bucket)
        return found

    parts = spread(task, bounds, workers)
    # A pair with a hub is found from its other article, whichever has the higher number.
    return once(np.concatenate([np.zeros(0, np.uint64), *parts]))


def measure(
    pairs: npt.NDArray[np.uint64],
    corpus: Corpus,
    distinct: DistinctArticles,
    formal: npt.NDArray[np.uint64],
    workers: int,
) -> Overlap:
    """Count exactly what the two articles of each pair share; arguments as in `article_overlap`."""
    if not len(pairs):
        return Overlap.none()
    a, b = (end.astype(np.int32) for end in ends(pairs))
    in_b = _covered(a, b, corpus, distinct, formal, workers)
    back = np.lexsort((a, b))
    in_a = np.empty_like(in_b)
    in_a[:, back] = _covered(b[back], a[back], corpus, distinct, formal, workers)
    every = (distinct.halves, distinct.own)
    of_a, own_a = (_share(row, n[a]) for row, n in zip(in_a[:2], every, strict=True))
    of_b, own_b = (_share(row, n[b]) for row, n in zip(in_b[:2], every, strict=True))
    words = (np.minimum(in_a[0], in_b[0]) / 2).astype(np.float32)
    common = _share(in_b[2], np.minimum(distinct.grams[a], distinct.grams[b]))
    return Overlap(a, b, of_a, of_b, own_a, own_b, words, common)


def _share(part: npt.NDArray[np.int32], whole: npt.NDArray[np.int32]) -> npt.NDArray[np.float32]:
    return (part / np.maximum(whole, 1)).astype(np.float32)


def _covered(
    held: npt.NDArray[np.int32],
    asked: npt.NDArray[np.int32],
    corpus: Corpus,
    distinct: DistinctArticles,
    formal: npt.NDArray[np.uint64],
    workers: int,
) -> npt.NDArray[np.int32]:
    """Return how much of each article `asked` the article `held` has, int32[3, pairs].

    The rows are: half words; own 5-grams that are alike in more than form; 5-grams.
    """
    out = np.zeros((3, len(held)), np.int32)

    def task(low: int, high: int) -> None:
        rows = (held[low:high], asked[low:high], distinct.texts, distinct.offsets)
        _cover(*rows, *corpus.texts, formal, *(row[low:high] for row in out))

    spread(task, np.append(0, np.cumsum(distinct.grams[asked], dtype=np.int64)), workers)
    return out


@helper
def _wider(out):
    """Return room for twice as many, the items of a full one first."""
    wider = np.empty(2 * len(out), out.dtype)
    for i in range(len(out)):
        wider[i] = out[i]
    return wider


@kernel("u8[::1](i4[::1], i8[::1], u4[::1], i8[::1])")
def _prints(texts, distinct, tokens, offsets):
    out = np.empty(1024, np.uint64)
    at = 0
    for body in range(len(distinct) - 1):
        for row in range(distinct[body], distinct[body + 1]):
            last = offsets[texts[row] + 1]
            for i in range(offsets[texts[row]], last):
                found, length = gram(tokens, i, last, GRAM)
                if length == 0:
                    break
                if (found >> np.uint32(1)) % np.uint32(RATE) == 0:
                    if at == len(out):
                        out = _wider(out)
                    out[at] = packed(found, body)
                    at += 1
    return out[:at].copy()


@kernel("u8[::1](i8, i8, i4[::1], i8[::1], i4[::1], i8[::1], i8)")
def _meet(low, high, held, bounds, members, starts, bucket):
    out = np.empty(1024, np.uint64)
    at = 0
    counts = np.zeros(len(bounds) - 1, np.int32)
    met = np.empty(len(bounds) - 1, np.int32)
    for body in range(low, high):
        number = 0
        for k in range(bounds[body], bounds[body + 1]):
            first, last = starts[held[k]], starts[held[k] + 1]
            if last - first > bucket:
                last = min(last, first + HUBS)
            for other in members[first:last]:
                if other == body:
                    continue
                if counts[other] == 0:
                    met[number] = other
                    number += 1
                counts[other] += 1
        for other in met[:number]:
            if counts[other] >= PRINTS:
                if at == len(out):
                    out = _wider(out)
                out[at] = pair(body, other)
                at += 1
            counts[other] = 0
    return out[:at].copy()


@helper
def _is_formal(formal, x, y):
    """Return whether two texts are alike in form alone."""
    asked = pair(x, y)
    low, high = 0, len(formal)
    while low < high:
        middle = (low + high) // 2
        if formal[middle] < asked:
            low = middle + 1
        else:
            high = middle
    return low < len(formal) and formal[low] == asked


@kernel(
    "void(i4[::1], i4[::1], i4[::1], i8[::1], u4[::1], i8[::1], u1[::1], u8[::1], i4[::1], i4[::1],"
    "i4[::1])"
)
def _cover(held, asked, texts, distinct, tokens, offsets, flags, formal, halves, own, grams):
    table = np.empty(room(most_tokens(held, texts, distinct, offsets)), np.uint32)
    where = np.empty(len(table), np.int32)  # the text in which each 5-gram stands
    stamps = np.full(len(table), -1, np.int64)
    counted = np.full(len(table), -1, np.int64)  # the last pair that had it: each counts once
    mask = np.uint32(len(table) - 1)
    filled = np.int64(-1)
    for number in range(len(held)):
        if held[number] != filled:
            filled = np.int64(held[number])
            for row in range(distinct[filled], distinct[filled + 1]):
                last = offsets[texts[row] + 1]
                for i in range(offsets[texts[row]], last):
                    found, length = gram(tokens, i, last, GRAM)
                    if length == 0:
                        break
                    slot = slot_of(table, stamps, mask, filled, found)
                    if stamps[slot] != filled:
                        stamps[slot] = filled
                        table[slot] = found
                        where[slot] = texts[row]
                        counted[slot] = -1
        body = asked[number]
        for row in range(distinct[body], distinct[body + 1]):
            text = texts[row]
            last = offsets[text + 1]
            done = offsets[text]  # up to where words are counted
            x, is_formal = np.int32(-1), False
            for i in range(offsets[text], last):
                found, length = gram(tokens, i, last, GRAM)
                if length == 0:
                    break
                slot = slot_of(table, stamps, mask, filled, found)
                if stamps[slot] != filled or counted[slot] == number:
                    continue
                counted[slot] = number
                if where[slot] != x:
                    x = np.int32(where[slot])
                    is_formal = x != text and _is_formal(formal, x, text)
                grams[number] += 1
                own[number] += not is_formal and not flags[i] & APART
                for k in range(max(done, i), i + length):
                    halves[number] += weight(tokens[k])
                done = i + length


# -- Shares that articles hold of one another, measured many at a time


class Shares:
    """Shares that distinct articles hold of one another, measured many at a time."""

    def __init__(self, compare: Compare) -> None:
        self._compare = compare
        self._known: dict[tuple[int, int], tuple[float, float]] = {}

    def measure(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Measure the pairs that are not known yet."""
        new = sorted({(min(p), max(p)) for p in pairs if p[0] != p[1]} - self._known.keys())
        if new:
            a, b = np.array(new, np.uint64).T
            found = self._compare(pack(a, b))
            rows = zip(found.of_a.tolist(), found.of_b.tolist(), strict=True)
            self._known.update(zip(new, rows, strict=True))

    def of(self, a: int, b: int) -> tuple[float, float]:
        """Return the share of a that b holds, and that of b that a holds.

        A pair that was not measured before is measured now, at the cost of a call for one pair.
        """
        if a == b:
            return 1.0, 1.0
        if (min(a, b), max(a, b)) not in self._known:
            self.measure([(a, b)])
        found = self._known[min(a, b), max(a, b)]
        return found if a < b else found[::-1]
