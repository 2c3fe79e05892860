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
from dedup._jit.kernels import array_helper, helper, kernel, spread
from dedup._jit.pairs import HALF, ends, once, pack, packed, pair, rights, sorting, starts
from dedup.match.fingerprints import gram
from dedup.match.long_texts import long_first
from dedup.match.no_memory import NOTHING, Measures, Nothing
from dedup.stories.distinct_articles import APART, GRAM, DistinctArticles, most_tokens, work
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
Tell = Callable[[Overlap], npt.NDArray[np.bool_]]
"""Tells something of pairs that share words, bool[pairs]."""


def article_overlap(
    prints: npt.NDArray[np.uint64],
    corpus: Corpus,
    distinct: DistinctArticles,
    formal: npt.NDArray[np.uint64],
    bucket: int,
    workers: int,
    memory: Nothing = NOTHING,
) -> Overlap:
    """Return the pairs of distinct articles that share words of their own.

    `prints` are those of the same articles (see `article_prints`); `formal`, uint64[pairs],
    ordered i << 32 | j, are the pairs of texts that are alike in form only (templates and
    boilerplate), which does not count as sharing. `memory` has recognised the articles.
    """
    pairs = candidates(prints, distinct, bucket, workers)
    return kin(pairs, corpus, distinct, formal, workers, memory)


def kin(
    pairs: npt.NDArray[np.uint64],
    corpus: Corpus,
    distinct: DistinctArticles,
    formal: npt.NDArray[np.uint64],
    workers: int,
    memory: Nothing = NOTHING,
) -> Overlap:
    """Return those of the pairs that share words; arguments as in `article_overlap`."""
    found = measure(pairs, corpus, distinct, formal, workers, memory)
    return found.take((np.maximum(found.of_a, found.of_b) >= LEAST) & (found.words >= FEW))


def article_prints(
    corpus: Corpus, distinct: DistinctArticles, workers: int = 1
) -> npt.NDArray[np.uint64]:
    """Return the prints of all distinct articles, ordered, uint64 print << 32 | article."""
    tokens, offsets, _ = corpus.texts

    def task(low: int, high: int) -> npt.NDArray[np.uint64]:
        found: npt.NDArray[np.uint64] = _prints(
            low, high, distinct.texts, distinct.offsets, tokens, offsets
        )
        return found

    parts = spread(task, work(distinct.texts, distinct.offsets, corpus.texts.sizes), workers)
    found = np.concatenate([np.zeros(0, np.uint64), *parts])
    del parts  # as large again, and sorting takes room of its own
    return once(found)


def candidates(
    prints: npt.NDArray[np.uint64], distinct: DistinctArticles, bucket: int, workers: int
) -> npt.NDArray[np.uint64]:
    """Return the pairs that share `PRINTS` prints, ordered, uint64 a << 32 | b."""
    if len(distinct.first) < 2:
        return np.zeros(0, np.uint64)
    members, edges = shared_prints(prints)
    groups = np.repeat(np.arange(len(edges) - 1, dtype=np.int32), np.diff(edges))
    return meetings(members, groups, members, edges, len(distinct.first), bucket, workers)


def shared_prints(
    prints: npt.NDArray[np.uint64],
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    """Return the articles under each print that several have, and where those of each begin.

    They are int32[members] and int64[prints + 1]; the `prints` given are ordered.
    """
    sizes = np.diff(starts(prints >> HALF))
    shared = np.repeat(sizes > 1, sizes)
    members = rights(prints[shared]).astype(np.int32)
    return members, np.append(0, np.cumsum(sizes[sizes > 1]))


def meetings(
    articles: npt.NDArray[np.int32],
    groups: npt.NDArray[np.int32],
    members: npt.NDArray[np.int32],
    edges: npt.NDArray[np.int64],
    distinct: int,
    bucket: int,
    workers: int,
) -> npt.NDArray[np.uint64]:
    """Return the pairs of articles that meet under `PRINTS` prints, ordered, uint64 a << 32 | b.

    `articles` and `groups`, int32[rows], tell who has which print; the `members` that are met under
    one begin at its entry in `edges`. `distinct` says how many articles there are.
    """
    order = sorting(articles)
    bounds = np.searchsorted(articles[order], np.arange(distinct + 1))
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
    memory: Nothing = NOTHING,
) -> Overlap:
    """Count exactly what the two articles of each pair share; arguments as in `article_overlap`."""
    if not len(pairs):
        return Overlap.none()

    def work(some: npt.NDArray[np.uint64]) -> Measures:
        return Measures.of(some, *_counts(some, corpus, distinct, formal, workers))

    halves_a, halves_b, own_a, own_b, common = memory.recall_articles(pairs, work).columns
    a, b = (end.astype(np.int32) for end in ends(pairs))
    return Overlap(
        a,
        b,
        of_a=_share(halves_a, distinct.halves[a]),
        of_b=_share(halves_b, distinct.halves[b]),
        own_a=_share(own_a, distinct.own[a]),
        own_b=_share(own_b, distinct.own[b]),
        words=(np.minimum(halves_a, halves_b) / 2).astype(np.float32),
        containment=_share(common, np.minimum(distinct.grams[a], distinct.grams[b])),
    )


def _counts(
    pairs: npt.NDArray[np.uint64],
    corpus: Corpus,
    distinct: DistinctArticles,
    formal: npt.NDArray[np.uint64],
    workers: int,
) -> npt.NDArray[np.int32]:
    """Count both ways what pairs share (see `_cover`): half words, own 5-grams, 5-grams.

    Returns int32[5, pairs].
    """
    turned, order, is_turned = long_first(pairs, distinct.grams)
    a, b = (end.astype(np.int32) for end in ends(turned))
    grams = article_grams(np.unique(np.append(a, b)), corpus, distinct, workers)
    counts, out = np.zeros((2, 5, len(pairs)), np.int32)

    def task(low: int, high: int) -> None:
        rows = slice(low, high)
        some = (a[rows], b[rows], distinct.texts, distinct.offsets)
        _cover(*some, *corpus.texts, *grams, formal, *(row[rows] for row in counts))

    spread(task, np.append(0, np.cumsum(distinct.grams[b], dtype=np.int64)), workers)
    counts[:4, is_turned] = counts[[1, 0, 3, 2]][:, is_turned]
    out[:, order] = counts
    return out


class ArticleGrams(NamedTuple):
    """The 5-grams of some distinct articles, one article after another, so that each is a run."""

    grams: npt.NDArray[np.uint32]
    """uint32[tokens of these articles]: the 5-gram at each; `NO_GRAM` where a text ends before."""
    starts: npt.NDArray[np.int64]
    """int64[distinct articles + 1]: where each one's begin; one that is left out has none."""


def article_grams(
    chosen: npt.NDArray[np.int32], corpus: Corpus, distinct: DistinctArticles, workers: int = 1
) -> ArticleGrams:
    """Return the 5-grams of some distinct articles, which come once each and in order."""
    tokens, offsets, _ = corpus.texts
    running = work(distinct.texts, distinct.offsets, corpus.texts.sizes)
    sizes = np.zeros(len(running), np.int64)
    sizes[chosen + 1] = running[chosen + 1] - running[chosen]
    starts = np.cumsum(sizes)
    out = np.empty(starts[-1], np.uint32)

    def task(low: int, high: int) -> None:
        _write_grams(
            chosen[low:high], distinct.texts, distinct.offsets, tokens, offsets, starts, out
        )

    spread(task, np.append(0, starts[chosen + 1]), workers)
    return ArticleGrams(out, starts)


def _share(part: npt.NDArray[np.int32], whole: npt.NDArray[np.int32]) -> npt.NDArray[np.float32]:
    return (part / np.maximum(whole, 1)).astype(np.float32)


NO_GRAM = np.uint32(1)
"""No 5-gram has this hash: all are even."""

_SIEVE = 1 << 14  # ends of hashes: an article of 1,000 words has one in sixteen of them
_SIEVED = np.uint32(_SIEVE - 1)


@kernel("void(i4[::1], i4[::1], i8[::1], u4[::1], i8[::1], i8[::1], u4[::1])")
def _write_grams(bodies, texts, distinct, tokens, offsets, starts, out):
    for body in bodies:
        at = starts[body]
        for text in texts[distinct[body] : distinct[body + 1]]:
            last = offsets[text + 1]
            for i in range(offsets[text], last):
                found, length = gram(tokens, i, last, GRAM)
                out[at] = found if length else NO_GRAM
                at += 1


@array_helper
def _wider(out):
    """Return room for twice as many, the items of a full one first."""
    wider = np.empty(2 * len(out), out.dtype)
    for i in range(len(out)):
        wider[i] = out[i]
    return wider


@kernel("u8[::1](i8, i8, i4[::1], i8[::1], u4[::1], i8[::1])")
def _prints(low, high, texts, distinct, tokens, offsets):
    out = np.empty(1024, np.uint64)
    at = 0
    for body in range(low, high):
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


@helper
def _end(tokens, at):
    """Return where the 5-gram at a token ends; the text does not end before."""
    halves = np.int64(0)
    while halves < 2 * GRAM:
        halves += weight(tokens[np.uint64(at)])
        at += 1
    return at


@kernel(
    "void(i4[::1], i4[::1], i4[::1], i8[::1], u4[::1], i8[::1], u1[::1], u4[::1], i8[::1], u8[::1],"
    "i4[::1], i4[::1], i4[::1], i4[::1], i4[::1])"
)
def _cover(
    a,
    b,
    texts,
    distinct,
    tokens,
    offsets,
    flags,
    grams,
    starts,
    formal,
    halves_a,
    halves_b,
    own_a,
    own_b,
    common,
):
    """Count, both ways, what a and b have in common: half words, own 5-grams, 5-grams.

    Each different 5-gram counts where it first stands, and a's are numbered in that order. So one
    walk through b is enough: it marks which of them b has.
    """
    most = most_tokens(a, texts, distinct, offsets)
    table = np.empty(room(most), np.uint32)
    stamps = np.full(len(table), -1, np.int64)  # the pair at which a's 5-grams were put in
    ranks = np.empty(len(table), np.int32)
    seen = np.zeros(_SIEVE, np.bool_)  # ends of hashes of a's 5-grams: most of b's are not there
    first = np.empty(most + 1, np.int64)  # where each 5-gram of a begins
    hashes = np.empty(most + 1, np.uint32)
    home = np.empty(most + 1, np.int32)  # the text in which it stands
    home[most] = -1  # none
    met = np.full(most + 1, -1, np.int64)  # the last pair whose b has it
    alike = np.empty(most + 1, np.bool_)  # whether the two texts are alike in form alone
    stamp, count, mask, done = np.int64(-1), np.int64(0), np.uint32(0), np.int64(0)
    x, is_formal = home[most], False
    for number in range(len(a)):
        if stamp < 0 or a[number] != a[stamp]:
            for old in range(count):
                seen[hashes[old] >> np.uint32(1) & _SIEVED] = False
            stamp, count = np.int64(number), np.int64(0)
            mask = np.uint32(
                room(most_tokens(a[number : number + 1], texts, distinct, offsets)) - 1
            )
            at = starts[a[number]]
            for text in texts[distinct[a[number]] : distinct[a[number] + 1]]:
                last = offsets[text + 1]
                for i in range(offsets[text], last):
                    found = grams[np.uint64(at)]
                    at += 1
                    if found == NO_GRAM:
                        continue
                    slot = slot_of(table, stamps, mask, stamp, found)
                    if stamps[slot] != stamp:
                        seen[found >> np.uint32(1) & _SIEVED] = True
                        stamps[slot], table[slot], ranks[slot] = stamp, found, count
                        first[count], home[count] = i, text
                        hashes[count] = found
                        count += 1
        row = distinct[b[number]] - 1  # in what is not there
        begin = end_of_text = starts[b[number]]
        low, high = count, np.int64(-1)  # ranks between which b has all that it has
        for at in range(begin, starts[b[number] + 1]):
            found = grams[np.uint64(at)]  # places are not negative, and need no look
            if not seen[found >> np.uint32(1) & _SIEVED]:
                continue
            slot = slot_of(table, stamps, mask, stamp, found)
            if stamps[slot] != stamp:
                continue
            rank = np.uint64(ranks[slot])
            if met[rank] == number:
                continue
            if at >= end_of_text:
                while at >= end_of_text:
                    row += 1
                    begin = end_of_text
                    end_of_text += offsets[texts[row] + 1] - offsets[texts[row]]
                done = offsets[texts[row]]  # up to where words are counted
                x, is_formal = home[most], False
            i = offsets[texts[row]] + at - begin
            met[rank] = number
            low, high = min(low, np.int64(rank)), max(high, np.int64(rank))
            last = _end(tokens, i)
            if home[rank] != x:
                x = home[rank]
                is_formal = x != texts[row] and _is_formal(formal, x, texts[row])
            alike[rank] = is_formal
            common[number] += 1
            own_b[number] += not is_formal and not flags[np.uint64(i)] & APART
            for k in range(max(done, i), last):
                halves_b[number] += weight(tokens[np.uint64(k)])
            done = last
        done, x = np.int64(0), home[most]
        for own in range(low, high + 1):
            if met[own] == number:
                if home[own] != x:
                    x, done = home[own], np.int64(0)
                own_a[number] += not alike[own] and not flags[first[own]] & APART
                last = _end(tokens, first[own])
                for k in range(max(done, first[own]), last):
                    halves_a[number] += weight(tokens[np.uint64(k)])
                done = last


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
