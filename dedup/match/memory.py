"""What an earlier run measured of pairs, so that it is not measured again.

Many measures of a pair depend on the tokens and flags of its two texts and on nothing else in the
corpus. So where both texts are as they were, to the bit, the measures are too. Texts are known
again by 128 bits, whatever their numbers are now; and so are distinct articles, by their texts. A
run that keeps nothing asks `dedup.match.no_memory.Nothing`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup._jit.kernels import helper, kernel, spread
from dedup._jit.pairs import HALF, ends, left, lefts, once, ordered, pack, right
from dedup.match.boilerplate_spans import Marked, Standing
from dedup.match.kept_near import NearPairs, near_again
from dedup.match.kept_prints import Prints, carried, near_a_change
from dedup.match.kept_spans import SiteSpans, mark_again
from dedup.match.lsh import HotBuckets
from dedup.match.near_duplicates import Near, past_hubs
from dedup.match.no_memory import Check, Count, Each, Measures, Nothing, Search, Work
from dedup.progress import Progress
from dedup.settings import Settings
from dedup.text.arrays import TextArrays, stretches
from dedup.text.ngram_hash import mixed
from dedup.text.shingle import Sets
from dedup.text.token_flags import PHRASE

_MUCH = 4  # where more than one token in so many is near a change, pairs are all searched anew

_SEEDS = np.array([0x243F6A8885A308D3, 0x13198A2E03707344], np.uint64)  # digits of pi


PROPOSED, FORMAL, OVERLAP = "proposed", "formal", "overlap"
"""The names of the pairs that a search found, of pairs of texts that are formal, and of measures of
articles."""


class Known(NamedTuple):
    """What was measured of pairs of one kind of things."""

    digests: npt.NDArray[np.uint64]
    """uint64[things, 2]: what each thing is known by."""
    tables: dict[str, Measures]
    """By name; their pairs are rows of `digests`, twice the same where one thing was measured."""

    @classmethod
    def none(cls) -> Known:
        """Return that nothing was measured."""
        return cls(np.zeros((0, 2), np.uint64), {})

    def only(self, kept: npt.NDArray[np.bool_]) -> Known:
        """Leave out some things, with the pairs that they are in.

        >>> table = Measures.of(np.array([1, 2, 1 << 32 | 2], np.uint64), np.arange(3))
        >>> some = Known(np.zeros((3, 2), np.uint64), {"x": table})
        >>> left = some.only(np.array([True, False, True]))
        >>> left.tables["x"].pairs.tolist(), left.tables["x"].columns[0].tolist()
        ([1], [1])
        """
        number = np.cumsum(kept) - 1
        tables = {}
        for name, table in self.tables.items():
            a, b = ends(table.pairs)
            rows = np.flatnonzero(kept[a] & kept[b])
            places, offsets = stretches(table.offsets[rows], np.diff(table.offsets)[rows])
            columns = tuple(column[rows] for column in table.columns)
            pairs = pack(number[a[rows]], number[b[rows]])
            tables[name] = Measures(pairs, columns, table.items[places], offsets)
        return Known(self.digests[kept], tables)


class Bodies(NamedTuple):
    """The texts of distinct articles."""

    texts: npt.NDArray[np.int32]
    """int32[all]: the texts of each, one article after another."""
    offsets: npt.NDArray[np.int64]
    """int64[articles + 1]: where those of each begin."""

    @classmethod
    def none(cls) -> Bodies:
        """Return no articles."""
        return cls(np.zeros(0, np.int32), np.zeros(1, np.int64))

    def is_whole(self, articles: int, texts: int) -> bool:
        """Tell whether these are so many articles of so many texts."""
        return (
            self.texts.dtype == np.int32
            and self.offsets.dtype == np.int64
            and self.offsets.shape == (articles + 1,)
            and self.texts.ndim == 1
            and bool(((self.texts >= 0) & (self.texts < texts)).all())
            and self.offsets[0] == 0
            and self.offsets[-1] == len(self.texts)
            and bool((np.diff(self.offsets) >= 0).all())
        )


class Remembered(NamedTuple):
    """What one run leaves to the next."""

    texts: Known
    """See `digests`."""
    articles: Known
    """Distinct articles: each is known by its texts."""
    prints: Prints
    """Of the texts, in the same order."""
    spans: SiteSpans
    """Of the sites."""
    near: NearPairs
    """Of the texts, in the same order."""
    keys: npt.NDArray[np.uint64]
    """uint64[texts, 2]: the key of each text."""
    bodies: Bodies
    """Of the articles, in the same order."""

    @classmethod
    def none(cls) -> Remembered:
        """Return what the first run has before it."""
        keys = np.zeros((0, 2), np.uint64)
        known, parts = Known.none(), (Prints.none(), SiteSpans.none(), NearPairs.none())
        return cls(known, known, *parts, keys, Bodies.none())

    def is_whole(self) -> bool:
        """Tell whether the parts fit together."""
        texts = len(self.texts.digests)
        return (
            self.prints.is_whole()
            and self.spans.is_whole()
            and len(self.prints.sizes) == texts
            and self.keys.dtype == np.uint64
            and self.keys.shape == (texts, 2)
            and self.near.is_whole(texts)
            and self.bodies.is_whole(len(self.articles.digests), texts)
        )

    def only(self, keys: npt.NDArray[np.uint64]) -> Remembered:
        """Leave out whatever is not of texts with one of these half `keys` alone.

        What many texts gave together goes too: counts of words, what is known of sites, and which
        texts are near, since the buckets of those that go may be hot.
        """
        kept = np.isin(self.keys[:, 0], keys)
        lost = np.append(0, np.cumsum(~kept[self.bodies.texts]))[self.bodies.offsets]
        whole = np.diff(lost) == 0
        number = np.cumsum(kept, dtype=np.int32) - np.int32(1)
        held, offsets = stretches(
            self.bodies.offsets[:-1][whole], np.diff(self.bodies.offsets)[whole]
        )
        return Remembered(
            self.texts.only(kept),
            self.articles.only(whole),
            self.prints.only(kept),
            SiteSpans.none(),
            self.near if kept.all() else NearPairs.none(),
            self.keys[kept],
            Bodies(number[self.bodies.texts[held]], offsets),
        )


class Again(NamedTuple):
    """Things of one kind, of which some were there before."""

    before: Known
    after: Known
    rows: npt.NDArray[np.int64]
    """int64[things]: the row of each in `before`, -1 where it was not there as it is."""

    @classmethod
    def none(cls) -> Again:
        """Return no things."""
        return cls(Known.none(), Known.none(), np.zeros(0, np.int64))

    @classmethod
    def of(cls, digests: npt.NDArray[np.uint64], before: Known) -> Again:
        """Find things again by their digests."""
        return cls(before, Known(digests, {}), _found(digests, before.digests))

    def recall(
        self, name: str, pairs: npt.NDArray[np.uint64], work: Work, known: Rows | None = None
    ) -> Measures:
        """See `Nothing.recall`; `known` leaves out rows of before that are not to be believed."""
        before = self.before.tables.get(name, Measures.none())
        where = _known(pairs, self.rows, before.pairs, _starts(before.pairs, len(self.rows)))
        if known:
            where = known(before, where)
        new = where < 0
        fresh = work(pairs[new])
        if len(fresh.columns) != len(before.columns) and not new.all():  # not what `work` made
            new[:] = True
            fresh = work(pairs)
        if new.all():
            every = fresh
        else:
            where[new] = len(before.pairs) + np.arange(len(fresh.pairs))
            every = _put_together(pairs, before, fresh, where)
        self.after.tables[name] = every
        return every


Rows = Callable[[Measures, npt.NDArray[np.int64]], npt.NDArray[np.int64]]
"""Takes measures of before and the row there of each pair asked, -1 for none; returns such rows."""


@dataclass(slots=True)
class Memory(Nothing):
    """What the last run measured, for this one, and what this one did, for the next.

    >>> texts = TextArrays.of(np.array([2, 4, 6], np.uint32), np.arange(4))
    >>> keys = np.zeros((3, 2), np.uint64)
    >>> def sums(pairs):
    ...     a, b = ends(pairs)
    ...     print(len(pairs), "measured")
    ...     return Measures.of(pairs, texts.tokens[a] + texts.tokens[b])
    >>> pairs = np.array([1, 2, 1 << 32 | 2], np.uint64)
    >>> first = Memory(Remembered.none())
    >>> first.recognise_keys(keys)
    >>> first.recognise(texts, 1)
    >>> first.recall("sums", pairs, sums).columns[0].tolist()
    3 measured
    [6, 8, 10]
    >>> second = Memory(first.after)
    >>> texts = TextArrays.of(np.array([8, 4, 6], np.uint32), np.arange(4))
    >>> second.recognise_keys(keys)
    >>> second.recognise(texts, 1)
    >>> second.recall("sums", pairs, sums).columns[0].tolist()
    2 measured
    [12, 14, 10]
    """

    before: Remembered
    texts: TextArrays | None = None
    workers: int = 1
    again: Again = field(default_factory=Again.none)
    articles: Again = field(default_factory=Again.none)
    touched: npt.NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, np.bool_))
    """bool[articles]: whether a text of each is in a formal pair that is new, or is one no more."""
    plain: npt.NDArray[np.uint64] = field(default_factory=lambda: np.zeros((0, 2), np.uint64))
    """uint64[texts, 2]: see `Prints`."""
    prints: Prints = field(default_factory=Prints.none)
    spans: SiteSpans = field(default_factory=SiteSpans.none)
    near_pairs: NearPairs = field(default_factory=NearPairs.none)
    keys: npt.NDArray[np.uint64] = field(default_factory=lambda: np.zeros((0, 2), np.uint64))
    bodies: Bodies = field(default_factory=Bodies.none)

    @property
    def after(self) -> Remembered:
        """What this run leaves to the next."""
        texts, articles = self.again.after, self.articles.after
        parts = self.prints, self.spans, self.near_pairs, self.keys, self.bodies
        return Remembered(texts, articles, *parts)

    def mark(self, own: Standing, texts: TextArrays, workers: int) -> Marked:
        """Mark boilerplate spans, as `dedup.match.boilerplate_spans.mark` does."""
        found, self.spans = mark_again(own, texts, workers, self.before.spans)
        return found

    def recognise_keys(self, keys: npt.NDArray[np.uint64], /) -> None:
        """See `Nothing.recognise_keys`."""
        self.keys = keys

    def near(
        self, sets: Sets, words: npt.NDArray[np.int32], settings: Settings, progress: Progress
    ) -> tuple[Near, HotBuckets]:
        """Find the near pairs, as `dedup.match.near_duplicates.near` does."""
        rows = _found(self.keys, self.before.keys)
        found, self.near_pairs = near_again(sets, words, settings, progress, rows, self.before.near)
        return past_hubs(found.pairs, found.is_hub), found.hot

    def recognise(self, texts: TextArrays, workers: int, /) -> None:
        """See `Nothing.recognise`."""
        self.texts, self.workers = texts, workers
        self.plain, full = digests(texts, self.keys, workers)
        self.again = Again.of(full, self.before.texts)

    def recognise_articles(
        self, texts: npt.NDArray[np.int32], offsets: npt.NDArray[np.int64], /
    ) -> None:
        """See `Nothing.recognise_articles`."""
        self.bodies = Bodies(texts, offsets)
        known = np.empty((len(offsets) - 1, 2), np.uint64)
        _of_articles(texts, offsets, self.again.after.digests, _SEEDS, known)
        self.articles = Again.of(known, self.before.articles)

    def recall_each(self, name: str, count: int, work: Each, /) -> npt.NDArray[np.int32]:
        """See `Nothing.recall_each`."""
        every = np.arange(count)
        found = self.articles.recall(
            name, pack(every, every), lambda some: Measures.of(some, *work(lefts(some)))
        )
        return np.array(found.columns, np.int32)

    def recognise_formal(
        self,
        texts: npt.NDArray[np.int32],
        offsets: npt.NDArray[np.int64],
        formal: npt.NDArray[np.uint64],
        /,
    ) -> None:
        """See `Nothing.recognise_formal`."""
        own = self.again
        own.after.tables[FORMAL] = Measures.of(formal)
        before = own.before.tables.get(FORMAL, Measures.none()).pairs
        number = _numbers(own.rows, len(own.before.digests))
        a, b = (number[end] for end in ends(before))
        both = (a >= 0) & (b >= 0)
        changed = np.setxor1d(formal, ordered(a[both], b[both]), assume_unique=True)
        is_in_one = np.zeros(len(own.rows), np.bool_)
        for end in ends(changed):
            is_in_one[end] = True
        counts = np.append(0, np.cumsum(is_in_one[texts], dtype=np.int64))[offsets]
        self.touched = np.diff(counts) > 0

    def recall(self, name: str, pairs: npt.NDArray[np.uint64], work: Work, /) -> Measures:
        """See `Nothing.recall`."""

        def known(before: Measures, where: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
            return where if self._fits(pairs, before, where) else np.full_like(where, -1)

        return self.again.recall(name, pairs, work, known)

    def recall_articles(self, pairs: npt.NDArray[np.uint64], work: Work, /) -> Measures:
        """See `Nothing.recall_articles`."""
        a, b = ends(pairs)
        stale = self.touched[a] & self.touched[b]
        return self.articles.recall(OVERLAP, pairs, work, lambda _, rows: np.where(stale, -1, rows))

    def tally(
        self, aside: npt.NDArray[np.bool_], table: npt.NDArray[np.uint8], count: Count, /
    ) -> npt.NDArray[np.uint8]:
        """See `Nothing.tally`.

        What was added cannot be taken back. So all are counted anew where one that was counted is
        not to be counted any more, and where the table has another size.
        """
        assert self.texts is not None
        before = self.before.prints
        rows = _found(self.plain, before.plain)
        known = ~aside & (rows >= 0) & ~np.append(before.aside, True)[rows]
        only_more = np.count_nonzero(known) == np.count_nonzero(~before.aside)
        if only_more and len(before.counts) == len(table):
            table = before.counts.copy()
            count(np.flatnonzero(~aside & ~known), table)
        else:
            count(np.flatnonzero(~aside), table)
        none = np.zeros(0, np.uint8)
        self.prints = Prints(self.plain, self.texts.sizes, aside, table, none)
        return table

    def propose(
        self, marks: npt.NDArray[np.uint8], reach: int, work: Search, check: Check, /
    ) -> list[npt.NDArray[np.uint64]]:
        """See `Nothing.propose`.

        Pairs of two texts that are as they were, marks and all, and in the same order, are those of
        before; those of which a mark changed are checked. Where much changed, all are found anew.
        """
        assert self.texts is not None
        rows = _in_order(self.again.rows)
        known = rows >= 0
        was = carried(self.before.prints, rows, self.texts.offsets)
        near, changed = near_a_change(marks, was, known, self.texts.offsets, reach)
        if _MUCH * np.count_nonzero(near) > len(near):
            found = once(np.concatenate([np.zeros(0, np.uint64), *work(None)]))
        else:
            found = once(np.concatenate([*self._proposed(rows, changed, check), *work(near)]))
        self.prints = self.prints._replace(marks=marks)
        self.again.after.tables[PROPOSED] = Measures.of(found)
        return [found]

    def _proposed(
        self, rows: npt.NDArray[np.int64], changed: npt.NDArray[np.bool_], check: Check
    ) -> list[npt.NDArray[np.uint64]]:
        """Return the pairs that were found before and are again.

        `rows`, int64[texts], are those of the texts before, of which a mark of some changed.
        """
        before = self.before.texts.tables.get(PROPOSED, Measures.none()).pairs
        number = _numbers(rows, len(self.before.texts.digests))
        a, b = (number[end] for end in ends(before))
        kept = (a >= 0) & (b >= 0)
        a, b = a[kept], b[kept]
        again = changed[a] | changed[b]
        doubted = pack(a[again], b[again])
        return [pack(a[~again], b[~again]), doubted[check(doubted)]]

    def _fits(
        self,
        pairs: npt.NDArray[np.uint64],
        before: Measures,
        where: npt.NDArray[np.int64],
    ) -> bool:
        """Tell whether stretches lie within the texts: kernels read what these name."""
        assert self.texts is not None
        known = np.flatnonzero(where >= 0)
        if not len(known) or not len(before.items):
            return True
        rows = where[known]
        counts = before.offsets[rows + 1] - before.offsets[rows]
        items = before.items[stretches(before.offsets[rows], counts)[0]].astype(np.int64)
        a, b = (np.repeat(self.texts.sizes[end], counts) for end in ends(pairs[known]))
        first, second, length = items.T
        return bool(
            (items >= 0).all() and (first + length <= a).all() and (second + length <= b).all()
        )


def _put_together(
    pairs: npt.NDArray[np.uint64],
    before: Measures,
    fresh: Measures,
    where: npt.NDArray[np.int64],
) -> Measures:
    """Return the measures of pairs that are at some rows of two parts, one after the other."""
    columns = tuple(
        np.concatenate([old, new])[where]
        for old, new in zip(before.columns, fresh.columns, strict=True)
    )
    begins = np.append(before.offsets[:-1], len(before.items) + fresh.offsets[:-1])[where]
    counts = np.append(np.diff(before.offsets), np.diff(fresh.offsets))[where]
    places, offsets = stretches(begins, counts)
    items = np.concatenate([before.items, fresh.items])[places]
    return Measures(pairs, columns, items, offsets)


def digests(
    texts: TextArrays, keys: npt.NDArray[np.uint64], workers: int = 1
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    """Return 128 bits of each text that change with its key and any token or flag.

    Both are uint64[texts, 2]; the first do not change with the flag `PHRASE`, which the rest of the
    corpus gives.

    >>> flags = np.array([0, 0, PHRASE], np.uint8)
    >>> texts = TextArrays(np.array([2, 4, 2], np.uint32), np.array([0, 1, 2, 3]), flags)
    >>> found = digests(texts, np.zeros((3, 2), np.uint64))
    >>> [[len(np.unique(some[rows], axis=0)) for rows in ([0, 1], [0, 2])] for some in found]
    [[2, 1], [2, 2]]
    """
    plain, full = np.empty((2, len(texts.sizes), 2), np.uint64)

    def task(low: int, high: int) -> None:
        own = texts.offsets[low : high + 1]
        out = plain[low:high], full[low:high]
        _digests(texts.tokens, own, texts.flags, keys[low:high], _SEEDS, *out)

    spread(task, texts.offsets, workers)
    return plain, full


def _found(
    digests: npt.NDArray[np.uint64], before: npt.NDArray[np.uint64]
) -> npt.NDArray[np.int64]:
    """Return the row of each digest among earlier ones, int64[digests], -1 where it is not."""
    slots = np.full(1 << max(4, (2 * len(before)).bit_length()), -1, np.int32)
    rows = np.empty(len(digests), np.int64)
    _find(digests, before, slots, rows)
    return rows


def _numbers(rows: npt.NDArray[np.int64], before: int) -> npt.NDArray[np.int64]:
    """Return the number now of each row of before, int64[before], -1 where it is no more."""
    number = np.full(before, -1, np.int64)
    same = np.flatnonzero(rows >= 0)
    number[rows[same]] = same
    return number


def _starts(pairs: npt.NDArray[np.uint64], rows: int) -> npt.NDArray[np.int64]:
    """Return where the pairs of each first row begin, int64[rows + 2 or more]."""
    most = max(rows, int(pairs[-1] >> HALF) + 1 if len(pairs) else 0)
    return np.searchsorted(pairs >> HALF, np.arange(most + 1, dtype=np.uint64)).astype(np.int64)


@kernel("void(u4[::1], i8[::1], u1[::1], u8[:, ::1], u8[::1], u8[:, ::1], u8[:, ::1])")
def _digests(tokens, offsets, flags, keys, seeds, plain, full):
    for text in range(len(offsets) - 1):
        first, last = offsets[text], offsets[text + 1]
        high = mixed(mixed(seeds[0], keys[text, 0]), np.uint64(last - first))
        low = mixed(mixed(seeds[1], keys[text, 1]), np.uint64(last - first))
        phrases = seeds[0]
        for i in range(first, last):
            flag = np.uint64(flags[i] & ~PHRASE)
            token = np.uint64(tokens[i]) | flag << HALF
            high, low = mixed(high, token), mixed(low, token)
            if flags[i] & PHRASE:
                phrases = mixed(phrases, np.uint64(i - first))
        plain[text, 0], plain[text, 1] = high, low
        full[text, 0], full[text, 1] = mixed(high, phrases), mixed(low, phrases)


@helper
def _slot(digests, k, before, slots):
    """Return the slot that has the row of a digest, or would take it."""
    mask = np.uint64(len(slots) - 1)
    slot = digests[k, 0] & mask
    while slots[slot] >= 0:
        row = slots[slot]
        if before[row, 0] == digests[k, 0] and before[row, 1] == digests[k, 1]:
            break
        slot = (slot + np.uint64(1)) & mask
    return slot


@kernel("void(u8[:, ::1], u8[:, ::1], i4[::1], i8[::1])")
def _find(digests, before, slots, rows):
    for row in range(len(before)):
        slot = _slot(before, row, before, slots)
        if slots[slot] < 0:  # of several that are equal the first
            slots[slot] = row
    for k in range(len(digests)):
        rows[k] = slots[_slot(digests, k, before, slots)]


@kernel("void(i4[::1], i8[::1], u8[:, ::1], u8[::1], u8[:, ::1])")
def _of_articles(texts, offsets, digests, seeds, out):
    """Write what each article is known by: 128 bits of those of its texts, in order."""
    for article in range(len(offsets) - 1):
        high, low = seeds[0], seeds[1]
        for text in texts[offsets[article] : offsets[article + 1]]:
            high, low = mixed(high, digests[text, 0]), mixed(low, digests[text, 1])
        out[article, 0], out[article, 1] = high, low


@kernel("i8[::1](u8[::1], i8[::1], u8[::1], i8[::1])")
def _known(pairs, rows, before, starts):
    """Return the row of each pair among earlier ones, by the earlier rows of its texts, or -1."""
    out = np.full(len(pairs), np.int64(-1))
    for k in range(len(pairs)):
        a, b = rows[left(pairs[k])], rows[right(pairs[k])]
        if a < 0 or b < 0 or a + 1 >= len(starts):
            continue
        low, high = starts[a], starts[a + 1]
        last = high
        while low < high:
            middle = (low + high) // 2
            if right(before[middle]) < b:
                low = middle + 1
            else:
                high = middle
        if low < last and right(before[low]) == b:
            out[k] = low
    return out


@kernel("i8[::1](i8[::1])")
def _in_order(rows):
    """Return rows, -1 for those that are not in one of the longest ascending sequences of them."""
    out = np.full(len(rows), np.int64(-1))
    lasts = np.empty(len(rows), np.int64)  # where the best sequence of each length ends
    before = np.full(len(rows), np.int64(-1))
    length = 0
    for k in range(len(rows)):
        if rows[k] < 0:
            continue
        low, high = 0, length
        if length and rows[lasts[length - 1]] < rows[k]:
            low = length  # as nearly all do
        while low < high:
            middle = (low + high) // 2
            if rows[lasts[middle]] < rows[k]:
                low = middle + 1
            else:
                high = middle
        before[k] = lasts[low - 1] if low else np.int64(-1)
        lasts[low] = k
        length = max(length, low + 1)
    at = np.int64(lasts[length - 1] if length else -1)
    while at >= 0:
        out[at] = rows[at]
        at = before[at]
    return out
