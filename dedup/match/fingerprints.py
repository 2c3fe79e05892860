"""From tokens to passage candidates: pairs that share a rare enough run of words.

Some n-grams of `GRAM` words of every text are its fingerprints. They are chosen by winnowing
(Schleimer, Wilkerson, Aiken 2003): of every `WINDOW` n-grams in a row, the one that is rarest in
the corpus and yet stands in it twice. So two texts that share a run of `CERTAIN` words are certain
to share a fingerprint. Of quoted words a few are enough, so every n-gram of `QUOTATION` quoted
words is a fingerprint. The run around each shared fingerprint is measured. A pair becomes a
candidate if the run is worth `WORTH` words, if it is most of what one of them quotes and both quote
it, if both quote some of it and it begins a chain worth `SAYING`, or if it makes up much of a short
line. So about ten pairs are weighed for each that becomes a match.

A fingerprint in more than `bucket` places is compared with a few representatives, as hot buckets
are in `dedup.match.lsh`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup._jit.kernels import helper, in_order, kernel, spread
from dedup._jit.pairs import (
    HALF,
    LOW,
    ends,
    firsts,
    left,
    once,
    packed,
    pair,
    right,
    rights,
    sorting,
    starts,
)
from dedup._jit.radix import sort
from dedup.match.evidence import is_quotation, worth_beyond
from dedup.match.lsh import REPRESENTATIVES, HotBuckets
from dedup.match.no_memory import NOTHING, Nothing
from dedup.text.arrays import TextArrays
from dedup.text.ngram_hash import fixed_ngram, folded
from dedup.text.token_flags import LINK, QUOTED, weight

GRAM = 4
"""Words of an n-gram. Higher is faster and misses shorter runs: at 4 three shared words are seen in
quotations alone."""

WINDOW = 3
"""N-grams in a row of which one is chosen. Higher is faster and misses shorter runs: at 3 every
shared run of six words is seen, and some of four and five."""

QUOTATION = 3
"""Words of an n-gram in quotations. Higher misses shorter sayings: at 3 two quoted words are
none."""

WORTH, LONG_WORTH = 3.0, 5.0
"""Least worth of the run around a shared fingerprint, in words: in texts of up to `SHORT_TEXT`
tokens, and of `LONG_TEXT` and more, where short runs are shared by chance. Higher proposes fewer
pairs: at 3.0 four common words and a word of content (2.6) are too little, and a fifth (3.0) is
enough."""

SAYING, QUOTED_IN_BOTH = 4.0, 2
"""Worth of a chain that begins with a run of which both texts quote `QUOTED_IN_BOTH` words or more,
and that makes them a candidate whatever the run alone is worth: a saying with a changed word.
Higher proposes fewer pairs: at 4.0 three words of content, a changed word (0.5) and two further
words are enough. A match of less is a quotation by the rule of `dedup.match.evidence`."""

SHORT_TEXT, LONG_TEXT = 100, 400
"""Tokens of the longer text up to which a run must be worth `WORTH`, and from which `LONG_WORTH`;
in a line between. Higher proposes more pairs of long texts: at 100 and 400 a run in a text of 250
tokens must be worth 4.0 words."""

SHORT = 24
"""Tokens of a text that is fingerprinted by every n-gram: it has few to choose from. Higher finds
more and costs time: at 24 a caption of 24 words has 21 fingerprints, and one of 25 about half."""

LINE, FORMULA = 24, 0.3
"""Tokens of a line, and the share of the shorter of two lines that a run must be to make them a
candidate whatever it is worth: lines of one template share words that are worth little. Higher
`LINE` proposes more pairs and higher `FORMULA` fewer: at 0.3 a run of six of 20 words is enough."""

REACH = 32
"""Words before a fingerprint that are measured at most. Higher changes little and costs time: at 32
common words alone (0.4 each) are worth 12.8."""

CERTAIN = GRAM + WINDOW - 1
"""Words of a shared run that is certain to be seen."""

_PAIRS = 1 << 18  # compared at a time

SLOT, COUNTED, NOTED = np.uint32((1 << 30) - 1), np.uint32(1 << 30), np.uint32(1 << 31)
"""Bits of a run: its slot, and whether it counts and is noted (see `runs_by_slot`)."""

PARTS = 64
"""Parts of a table of counts, each small enough for a cache. Higher makes smaller ones, and more
rows between executors: at 64 a table of 16 million slots of two bytes has parts of 512 kB."""

_BLOCK = 1 << 21  # tokens whose runs are ordered at a time
_NEAR = 6  # bits of a token's place: in so many tokens are few texts
_USELESS = 255  # rank of an n-gram that stands once


def fingerprints(
    texts: TextArrays,
    aside: npt.NDArray[np.bool_] | None = None,
    workers: int = 1,
    memory: Nothing = NOTHING,
) -> npt.NDArray[np.uint64]:
    """Return the fingerprints that stand more than once, ordered, uint64[fingerprints].

    `aside`, bool[texts], are texts that are left out; `memory` has recognised the texts.

    Each is the 32-bit hash of an n-gram << 32 | the place of its first token; the hash is odd for
    an n-gram of quoted words.

    >>> tokens = np.arange(2, 18, 2, dtype=np.uint32)
    >>> twice = fingerprints(TextArrays.of(np.tile(tokens, 2), np.array([0, 8, 16])))
    >>> len(twice) >= 4, len(fingerprints(TextArrays.of(tokens, np.array([0, 8]))))
    (True, 0)
    """
    aside = np.zeros(len(texts.sizes), np.bool_) if aside is None else aside

    def count(rows: npt.NDArray[np.int64], counts: npt.NDArray[np.uint8]) -> None:
        some = texts.take(rows)
        none_aside = np.zeros(len(rows), np.bool_)
        for runs in print_runs(some, none_aside, len(counts), workers):
            tally(runs, lambda own: count_prints(own, counts), workers)

    empty = np.zeros(slots_for(int(texts.sizes[~aside].sum())), np.uint8)
    counts = memory.tally(aside, empty, count)
    return standing_twice(winnowed(texts, aside, counts, workers))


def print_runs(
    texts: TextArrays, aside: npt.NDArray[np.bool_], slots: int, workers: int
) -> Iterator[list[Runs]]:
    """Yield the runs that `count_prints` counts; `aside`, bool[texts], are left out."""
    return runs_by_slot(texts, ~aside, slots, workers, skipped=LINK)


def winnowed(
    texts: TextArrays,
    aside: npt.NDArray[np.bool_],
    counts: npt.NDArray[np.uint8],
    workers: int = 1,
) -> npt.NDArray[np.uint64]:
    """Choose the fingerprints of texts by how often the corpus has each run, in order of places.

    `counts`, uint8[slots], are what `count_prints` made of the runs of the corpus.
    """

    def choose(low: int, high: int) -> npt.NDArray[np.uint64]:
        offsets = texts.offsets[low : high + 1]
        room = np.empty(2 * (offsets[-1] - offsets[0]) + 1, np.uint64)  # only what is written costs
        own = texts.tokens, offsets, texts.flags, aside[low:high]
        return room[: _winnow(*own, counts, room)].copy()

    return np.concatenate([np.empty(0, np.uint64), *spread(choose, texts.offsets, workers)])


class Runs(NamedTuple):
    """Runs of `GRAM` words, ordered by the part of a table that their slots are in."""

    runs: npt.NDArray[np.uint32]
    """uint32[runs]: the slot of each, and the bits `COUNTED` and `NOTED`."""
    parts: npt.NDArray[np.int64]
    """int64[parts + 1]: where the runs of each part begin."""


def slots_for(tokens: int) -> int:
    """Return how many slots a table has for the runs of so many tokens: a power of two.

    >>> slots_for(0), slots_for(5000)
    (1024, 8192)
    """
    return 1 << min(max(10, tokens.bit_length()), 30)


def runs_by_slot(
    texts: TextArrays,
    counted: npt.NDArray[np.bool_],
    slots: int,
    workers: int,
    skipped: int = 0,
    noted: int = 0,
) -> Iterator[list[Runs]]:
    """Yield the runs of `GRAM` words of some texts at a time, to count them in a table.

    A large table is filled several times as fast part after part as here and there. Runs count of
    the texts that do, bool[texts], but those whose first token has a flag of `skipped`. They are
    noted in all texts where each token has a flag of `noted`. Other runs are left out.
    """
    cuts = np.searchsorted(texts.offsets, np.arange(0, texts.offsets[-1] + _BLOCK, _BLOCK))
    blocks = list(pairwise(np.unique(np.minimum(cuts, len(counted))).tolist()))

    def ordered(block: tuple[int, int]) -> Runs:
        low, high = block
        offsets = texts.offsets[low : high + 1]
        room = np.empty((2, offsets[-1] - offsets[0]), np.uint32)
        parts = np.zeros(PARTS + 1, np.int64)
        own = texts.tokens, offsets, texts.flags, counted[low:high]
        _runs_by_slot(*own, skipped, noted, slots, *room, parts)
        return Runs(room[1], parts)

    for first in range(0, len(blocks), workers):
        yield list(in_order(ordered, blocks[first : first + workers], workers))


def tally(
    found: list[Runs], count: Callable[[npt.NDArray[np.uint32]], object], workers: int
) -> None:
    """Call `count` with runs, uint32[runs], so that no two threads count in one part of a table."""

    def task(own: tuple[int, int]) -> None:
        for part in range(*own):
            for runs, parts in found:
                count(runs[parts[part] : parts[part + 1]])

    cuts = (PARTS * turn // workers for turn in range(workers + 1))
    list(in_order(task, list(pairwise(cuts)), workers))


def standing_twice(prints: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Return the fingerprints that are in two places or more, ordered."""
    prints = sort(prints, known=4)  # places of one hash come in order
    again = ~firsts(prints >> HALF)
    again[:-1] |= again[1:]
    return prints[again]


def hot_prints(prints: npt.NDArray[np.uint64], bucket: int) -> HotBuckets:
    """Count the fingerprints that stand in too many places for every pair to be compared."""
    sizes = np.diff(starts(prints >> HALF))
    sizes = sizes[sizes > bucket]
    left = sizes * (sizes - 1) // 2 - REPRESENTATIVES * sizes
    return HotBuckets(len(sizes), int(sizes.max(initial=0)), int(np.maximum(left, 0).sum()))


def proposed(
    prints: npt.NDArray[np.uint64],
    texts: TextArrays,
    bucket: int,
    workers: int = 1,
    memory: Nothing = NOTHING,
) -> Iterator[npt.NDArray[np.uint64]]:
    """Yield candidates (i, j), i < j, the uint64 i << 32 | j, ordered; one may come twice.

    `memory` has recognised the texts.
    """
    places = rights(prints)
    owners = _owners(places, texts.offsets)
    bounds = starts(prints >> HALF)
    sizes = np.diff(bounds)
    kinds = np.uint8(1) << (prints >> HALF & np.uint64(1)).astype(np.uint8)
    chosen = np.zeros(len(texts.tokens), np.uint8)  # bits: a fingerprint of this kind begins here
    cool = np.repeat(sizes <= bucket, sizes)
    for kind in (1, 2):
        chosen[places[cool & (kinds == kind)]] |= kind
    del kinds, cool
    every = sizes * (sizes - 1) // 2
    work = np.where(sizes <= bucket, every, REPRESENTATIVES * sizes)
    total = np.append(0, np.cumsum(work))
    cuts = np.searchsorted(total, np.arange(0, total[-1] + _PAIRS, _PAIRS))
    cuts = np.unique(np.minimum(cuts, len(sizes)))

    def search(hot: bool, near: npt.NDArray[np.bool_] | None) -> Iterator[npt.NDArray[np.uint64]]:
        asked = np.ones(len(places), np.bool_) if near is None else near[places]

        def task(rows: tuple[int, int]) -> npt.NDArray[np.uint64]:
            low, high = rows
            room = int(total[high] - total[low])
            own = bounds[low : high + 1]
            return once(_extend(places, owners, own, *texts, chosen, asked, hot, bucket, room))

        return in_order(task, list(pairwise(cuts.tolist())), workers)

    def check(pairs: npt.NDArray[np.uint64]) -> npt.NDArray[np.bool_]:
        return _is_found(pairs, places, owners, bounds, texts, chosen, bucket)

    # With whom a text of a hot fingerprint is compared depends on all texts that hold it.
    yield from search(True, None)
    yield from memory.propose(chosen, REACH, lambda near: search(False, near), check)


def meetings(
    bounds: npt.NDArray[np.int64], bucket: int, hot: bool
) -> Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
    """Yield the rows under each fingerprint that `proposed` compares, some at a time.

    `bounds`, int64[fingerprints + 1], are where the rows of each begin; hot ones have more than
    `bucket`. Both ends are int64[meetings].

    >>> [[end.tolist() for end in some] for some in meetings(np.array([0, 3]), 64, hot=False)]
    [[[0, 0, 1], [1, 2, 2]]]
    """
    sizes = np.diff(bounds)
    work = np.where(sizes <= bucket, sizes * (sizes - 1) // 2, REPRESENTATIVES * sizes)
    work[(sizes > bucket) != hot] = 0
    total = np.append(0, np.cumsum(work))
    cuts = np.searchsorted(total, np.arange(0, total[-1] + _PAIRS, _PAIRS))
    for low, high in pairwise(np.unique(np.minimum(cuts, len(sizes))).tolist()):
        yield _meetings(bounds[low : high + 1], bucket, hot, int(total[high] - total[low]))


@helper
def _lead(turn, size, hot):
    """Return which of the rows under a fingerprint is compared with others at a turn."""
    return turn * size // REPRESENTATIVES if hot else turn


@helper
def gram(tokens, first, last, words):
    """Return the hash, an even number, and length of the n-gram at `first`; 0 near the end."""
    state, length = fixed_ngram(tokens, first, last, words, words)
    return folded(state) & ~np.uint32(1) if length else np.uint32(0), length


@helper
def quotation_gram(tokens, flags, first, last):
    """Return the hash of the quoted n-gram that begins at `first`, an odd number; 0 for none."""
    if not flags[first] & QUOTED:
        return np.uint32(0)
    found, length = gram(tokens, first, last, QUOTATION)
    for i in range(first, first + length):
        if not flags[i] & QUOTED:
            return np.uint32(0)
    return found | np.uint32(1) if length > 0 else np.uint32(0)


@kernel("void(u4[::1], i8[::1], u1[::1], b1[::1], u1, u1, i8, u4[::1], u4[::1], i8[::1])")
def _runs_by_slot(tokens, offsets, flags, counted, skipped, noted, slots, found, out, parts):
    """Write runs to `found`, then ordered by the part of their slots to `out`."""
    mask = np.uint32(slots - 1)
    size = np.uint32(slots // PARTS)
    count = np.int64(0)
    for text in range(len(counted)):
        many = 0  # noted tokens in a row that end at the run's last one
        upto = offsets[text]
        for i in range(offsets[text], offsets[text + 1]):
            run, length = gram(tokens, i, offsets[text + 1], GRAM)
            if length == 0:
                break
            while upto < i + length:
                many = many + 1 if flags[upto] & noted else 0
                upto += 1
            run = run >> np.uint32(1) & mask
            part = run // size
            if counted[text] and not flags[i] & skipped:
                run |= COUNTED
            if many >= length:
                run |= NOTED
            if run > SLOT:
                found[count] = run
                count += 1
                parts[part + 1] += 1
    for part in range(PARTS):
        parts[part + 1] += parts[part]
    at = parts.copy()
    for k in range(count):
        part = (found[k] & SLOT) // size
        out[at[part]] = found[k]
        at[part] += 1


@kernel("void(u4[::1], u1[::1])")
def count_prints(runs, counts):
    """Count runs, up to 254."""
    for run in runs:
        slot = run & SLOT
        if counts[slot] < 254:
            counts[slot] += np.uint8(1)


@helper
def _ranked(found, counts):
    """Return rank << 32 | hash of an n-gram; lower ranks are better."""
    # An n-gram that stands once is of no use: it ranks behind all that are shared.
    rank = np.int64(counts[np.int64(found >> np.uint32(1)) & np.int64(len(counts) - 1)]) - 1
    return packed(rank if rank > 0 else np.int64(_USELESS), found)


@helper
def _best(values, k, window):
    """Return which of the n-grams of a window that ends at `k` is chosen."""
    best = k
    for back in range(1, window):
        if values[k - back] < values[best]:
            best = k - back
    return best


@kernel("i8(u4[::1], i8[::1], u1[::1], b1[::1], u1[::1], u8[::1])")
def _winnow(tokens, offsets, flags, aside, counts, out):
    """Write the fingerprints of texts, and return how many they are."""
    at = np.int64(0)
    longest = np.int64(0)
    for text in range(len(aside)):
        longest = max(longest, offsets[text + 1] - offsets[text])
    values = np.empty(longest, np.uint64)  # rank << 32 | hash of each n-gram of a text
    for text in range(len(aside)):
        if aside[text]:
            continue
        first, last = offsets[text], offsets[text + 1]
        window = 1 if last - first <= SHORT else WINDOW
        many = np.int64(0)
        for i in range(first, last):
            found, length = gram(tokens, i, last, GRAM)
            if length == 0:
                break
            values[many] = found
            many += 1
        # All hashes come first: so the processor looks up many counts at a time.
        for k in range(many):
            values[k] = _ranked(np.uint32(values[k]), counts)
        taken = -1
        for k in range(last - first):
            if window - 1 <= k < many:
                best = _best(values, k, window)
                # Written in any case: which n-grams are taken cannot be guessed.
                out[at] = packed(values[best] & LOW, first + best)
                at += np.int64(best != taken and values[best] >> HALF < _USELESS)
                taken = best
            found = quotation_gram(tokens, flags, first + k, last)
            if found:
                out[at] = packed(found, first + k)
                at += 1
    return at


@helper
def _is_worth(tokens, flags, chosen, p, p_first, p_last, q, q_first, q_last, lines):
    """Return whether the run around two equal places makes its texts a candidate, and is new."""
    before = 0
    while (
        before < REACH
        and p - before > p_first
        and q - before > q_first
        and tokens[p - before - 1] == tokens[q - before - 1]
    ):
        before += 1
        if chosen[p - before] & chosen[q - before]:
            return False  # that fingerprint of the same run proposes the pair
    longer = max(p_last - p_first, q_last - q_first)
    needed = WORTH + (LONG_WORTH - WORTH) * min(
        1.0, max(0.0, (longer - SHORT_TEXT) / (LONG_TEXT - SHORT_TEXT))
    )
    worth = 0.0
    sayings = 0
    i, j = p - before, q - before
    while i < p_last and j < q_last and tokens[i] == tokens[j]:
        worth += weight(flags[i], flags[j], tokens[i])
        sayings += (flags[i] & flags[j] & QUOTED) != 0
        if worth >= needed:
            return True
        i += 1
        j += 1
    if sayings >= QUOTED_IN_BOTH:
        x, y = p - before, q - before
        if is_quotation(tokens, flags, x, p_first, p_last, y, i - x) or is_quotation(
            tokens, flags, y, q_first, q_last, x, i - x
        ):
            return True
        worth += worth_beyond(tokens, flags, i, p_last, j, q_last, 1)
        worth += worth_beyond(tokens, flags, x - 1, p_first - 1, y - 1, q_first - 1, -1)
        if worth >= SAYING:
            return True
    shorter = min(p_last - p_first, q_last - q_first)
    return lines and longer <= LINE and i - (p - before) >= max(GRAM, FORMULA * shorter)


def worthy(
    places: npt.NDArray[np.int64],
    owners: npt.NDArray[np.int32],
    texts: TextArrays,
    chosen: npt.NDArray[np.uint8],
    hot: bool,
) -> npt.NDArray[np.uint64]:
    """Return the pairs of texts, once and ordered, that the runs around two places each propose.

    `places`, int64[2 * meetings], are tokens, two by two, of the texts `owners`, int32[same];
    `chosen`, uint8[tokens], are bits of the fingerprints that begin at each and are not hot.
    """
    bounds = np.arange(0, len(places) + 1, 2)
    asked = np.ones(len(places), np.bool_)
    # Two places are one more than the bucket if that is one, and no more than it if that is two.
    bucket = 1 if hot else 2
    room = REPRESENTATIVES * len(places)
    return once(_extend(places, owners, bounds, *texts, chosen, asked, hot, bucket, room))


@helper
def _holds(asked, first, last):
    """Tell whether one of some places is asked."""
    for k in range(first, last):
        if asked[k]:
            return True
    return False


@kernel("Tuple((i8[::1], i8[::1]))(i8[::1], i8, b1, i8)", seldom=True)
def _meetings(starts, bucket, hot, room):
    """Return the rows that meet under hot fingerprints, or under the others."""
    leads, others = np.empty(room, np.int64), np.empty(room, np.int64)
    count = 0
    for row in range(len(starts) - 1):
        first, size = starts[row], starts[row + 1] - starts[row]
        if (size > bucket) != hot:
            continue
        for turn in range(min(size, REPRESENTATIVES) if hot else size):
            lead = first + _lead(turn, size, hot)
            for other in range(first if hot else lead + 1, first + size):
                leads[count], others[count] = lead, other
                count += 1
    return leads[:count].copy(), others[:count].copy()


@kernel(
    "u8[::1](i8[::1], i4[::1], i8[::1], u4[::1], i8[::1], u1[::1], u1[::1], b1[::1], b1, i8, i8)"
)
def _extend(places, texts, starts, tokens, offsets, flags, chosen, asked, hot, bucket, room):
    """Return the pairs under hot fingerprints, or under the others, of which a place is asked."""
    out = np.empty(room, np.uint64)
    count = 0
    for row in range(len(starts) - 1):
        first, last = starts[row], starts[row + 1]
        size = last - first
        if (size > bucket) != hot or not _holds(asked, first, last):
            continue
        for one in range(first, last):
            # Under a hot fingerprint the leads stay in the cache while all others pass by.
            for turn in range(min(size, REPRESENTATIVES) if hot else last - one - 1):
                lead = first + _lead(turn, size, hot) if hot else one
                other = one if hot else one + 1 + turn
                x, y = texts[lead], texts[other]
                if (
                    x != y
                    and (asked[lead] or asked[other])
                    and _is_worth(
                        tokens,
                        flags,
                        chosen,
                        places[lead],
                        offsets[x],
                        offsets[x + 1],
                        places[other],
                        offsets[y],
                        offsets[y + 1],
                        not hot,
                    )
                ):
                    out[count] = pair(x, y)
                    count += 1
    return out[:count].copy()


def _is_found(
    pairs: npt.NDArray[np.uint64],
    places: npt.NDArray[np.int64],
    owners: npt.NDArray[np.int32],
    bounds: npt.NDArray[np.int64],
    texts: TextArrays,
    chosen: npt.NDArray[np.uint8],
    bucket: int,
) -> npt.NDArray[np.bool_]:
    """Tell of which pairs a fingerprint that is not hot makes candidates, bool[pairs]."""
    is_asked = np.zeros(len(texts.sizes), np.bool_)
    for end in ends(pairs):
        is_asked[end] = True
    sizes = np.diff(bounds)
    rows = np.flatnonzero(is_asked[owners] & np.repeat(sizes <= bucket, sizes))
    rows = rows[sorting(owners[rows])]  # text after text, by fingerprint
    prints = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)[rows]
    begin = np.searchsorted(owners[rows], np.arange(len(is_asked) + 1))
    found = np.zeros(len(pairs), np.bool_)
    _meet(pairs, places[rows], prints, begin, *texts, chosen, found)
    return found


@kernel(
    "void(u8[::1], i8[::1], i4[::1], i8[::1], u4[::1], i8[::1], u1[::1], u1[::1], b1[::1])",
    seldom=True,
)
def _meet(pairs, places, prints, starts, tokens, offsets, flags, chosen, out):
    for k in range(len(pairs)):
        x, y = left(pairs[k]), right(pairs[k])
        i, j = starts[x], starts[y]
        while i < starts[x + 1] and j < starts[y + 1] and not out[k]:
            if prints[i] < prints[j]:
                i += 1
                continue
            if prints[i] > prints[j]:
                j += 1
                continue
            other = j
            while other < starts[y + 1] and prints[other] == prints[i] and not out[k]:
                out[k] = _is_worth(
                    tokens,
                    flags,
                    chosen,
                    places[i],
                    offsets[x],
                    offsets[x + 1],
                    places[other],
                    offsets[y],
                    offsets[y + 1],
                    True,
                )
                other += 1
            i += 1


@kernel("i4[::1](i8[::1], i8[::1])")
def _owners(places, offsets):
    """Return the text that holds each token of some, int32[places]."""
    firsts = np.empty((offsets[-1] >> _NEAR) + 1, np.int32)  # the text of every so manyth token
    text = 0
    for block in range(len(firsts)):
        while text + 2 < len(offsets) and offsets[text + 1] <= block << _NEAR:
            text += 1
        firsts[block] = text
    out = np.empty(len(places), np.int32)
    for k in range(len(places)):
        text = firsts[places[k] >> _NEAR]
        while offsets[text + 1] <= places[k]:
            text += 1
        out[k] = text
    return out
