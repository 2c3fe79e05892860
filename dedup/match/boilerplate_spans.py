"""Standing spans: runs of words that a site puts on pages that have nothing else in common.

A card of headlines after a name, a sign-up line in a lead, a gallery's "next" stand inside
paragraphs of news; so boilerplate is looked for in runs of words, and a whole text is standing when
most of it is. A run counts by the pages of one site that hold it word for word, equal pages taken
as one. It is marked when

- most pairs of these pages, a sample of them, share little else (versions of a story share more);
- it is not quoted; and
- the evidence adds up: how it is written (`dedup.match.boilerplate_style`), how many pages have it,
whether it begins and ends where sentences do, or is long and of plain words.

A stock phrase of news ends inside sentences and is made of names; a politician's sentence is
quoted: neither is marked. What is marked is left out of every comparison (see `reduced`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from xxhash import xxh3_64_intdigest

from dedup._jit.kernels import helper, kernel
from dedup.match.align import Blocks
from dedup.match.boilerplate_style import run_style, style, table
from dedup.match.common_phrases import TEXTS
from dedup.match.fingerprints import gram
from dedup.records import Span
from dedup.text.corpus import Corpus
from dedup.text.segment import batch
from dedup.text.shingle import weights
from dedup.text.token_flags import CAPITAL, COMMON, NAME, NUMBER, QUOTED
from dedup.text.tokenize import tokenize

GRAM = 5
"""Words of the runs that are counted: the least run that is marked."""

PAGES, PAGES_STYLED = 3, 2
"""Unlike pages of a site that must hold a run; and one that is plainly written as furniture."""

STYLED = 1.5
"""Style from which a run is plainly written as furniture. Higher marks fewer runs of two pages."""

REPEATED, DOUBLINGS = 0.5, 4
"""What each doubling of the pages adds to the evidence for a run of whole sentences, and how many
count. Higher marks more formulas of news."""

WHOLE, LOOSE = 1.5, 3.0
"""Evidence that a run adds which is a whole paragraph, and that one lacks for each of its ends that
is inside a sentence."""

CARD = 3.5
"""Evidence that a card adds: a long run of plain words inside a sentence, a capital at both ends.
Higher marks more clauses that are copied word for word."""

LONG, PLAIN = 16, 1 / 3
"""Words, and the share of them that are plain ones of content, that make a run too long for a name
or title. Higher marks fewer cards."""

MOSTLY = 0.5
"""Share of quoted words above which a run is a quotation, which is news."""

NAMED = 0.6
"""Share of capitalised words above which a run inside a paragraph is a name, unless it ends it."""

SAMPLE = 12
"""Pairs of pages, in order, that are compared at most."""

RATE = 4
"""One of so many runs of a page is compared with another page's."""

KIN, KIN_WHOLE = 1 / 3, 0.4
"""Share of the shorter page's runs from which two pages are kin: of runs that fewer than `PAGES`
pages hold, and of all."""

FEW = 5
"""Runs of a sample below which a page says nothing of its kin."""

BLOCK = 60
"""Words up to which a run is left aside when its pages are compared; a longer one only if it is
written as furniture: the block that all versions of a story share is not."""

STANDING = 0.6
"""Share of a text that must be marked for the whole text to be standing."""


class Reduced(NamedTuple):
    """A corpus without its standing spans."""

    corpus: Corpus
    """The same articles, paragraphs and texts; tokens and flags are those that are left."""
    origin: npt.NDArray[np.int32]
    """int32[tokens left]: which token of its text each of them was."""


def pages_of(corpus: Corpus, site: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Tell which articles are the first of their site with their texts, bool[articles]."""
    bounds = np.searchsorted(corpus.article, np.arange(len(corpus.articles) + 1))
    keys = np.empty((len(corpus.articles), 2), np.uint64)
    keys[:, 1] = site
    for number in range(len(corpus.articles)):
        keys[number, 0] = xxh3_64_intdigest(corpus.text[bounds[number] : bounds[number + 1]].data)
    order = np.lexsort((keys[:, 0], keys[:, 1]))
    again = (keys[order][1:] == keys[order][:-1]).all(axis=1)
    found = np.ones(len(keys), bool)
    found[order[1:][again]] = False
    return found


def boilerplate_tokens(corpus: Corpus, site: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    r"""Tell which tokens are in standing spans, bool[tokens].

    `site`, int64[articles], numbers the sites.

    >>> from dedup.progress import Silent
    >>> from dedup.records import Article
    >>> from dedup.text.corpus import collapse
    >>> news = ["The mill is for sale again.", "Geese came back to the lake early.", "Snow fell."]
    >>> line = "Sign up for our free newsletter and follow us here."
    >>> corpus = collapse([Article(text, text + "\n" + line) for text in news], 1, Silent())
    >>> int(boilerplate_tokens(corpus, np.zeros(3, np.int64)).sum())  # too short to be unlike
    0
    """
    marked = np.zeros(len(corpus.tokens), np.bool_)
    is_page = pages_of(corpus, site)
    rows = is_page[corpus.article]
    article, text = corpus.article[rows], corpus.text[rows]
    if not len(text):
        return marked
    parts = corpus.tokens, corpus.offsets
    size = int(np.diff(corpus.offsets)[text].sum())
    if not size:
        return marked
    counts = np.zeros(room_for(size // 2), np.uint8)  # a few runs too many do no harm
    last = np.full(len(counts), -1, np.int32)
    repeats = _sketch(article, text, site, *parts, counts, last)
    del last
    slots = room_for(repeats)
    keys = np.zeros(slots, np.uint64)
    held = np.zeros(slots, np.int32)
    last = np.full(slots, -1, np.int32)
    _count(article, text, site, *parts, counts, keys, held, last)
    starts = np.append(0, np.cumsum(held, dtype=np.int64))
    pages = np.empty(int(starts[-1]), np.int32)
    last[:] = -1
    _list(article, text, site, *parts, counts, keys, last, starts[:-1].copy(), pages)
    del last
    known = table()
    apart = style(corpus.tokens, corpus.offsets, corpus.flags, known) >= 0
    sample = _page_runs(article, text, site, *parts, counts, keys, held, apart)
    sample.sort()
    once = np.ones(len(sample), bool)
    once[1:] = sample[1:] != sample[:-1]
    sample = sample[once]
    bounds = np.searchsorted(
        sample, np.arange(len(corpus.articles) + 1, dtype=np.uint64) << np.uint64(33)
    )
    places = np.unique(text.astype(np.int64) << 32 | site[article])
    _mark(
        places,
        *parts,
        corpus.flags,
        counts,
        keys,
        held,
        starts,
        pages,
        sample & np.uint64((1 << 33) - 1),
        bounds,
        *known,
        apart,
        marked,
    )
    return marked


def standing(corpus: Corpus, marked: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Tell of which texts most is marked, bool[texts]; `marked` is bool[tokens]."""
    halves = weights(corpus.tokens)
    found = np.append(0, np.cumsum(np.diff(halves) * marked))
    whole = np.diff(halves[corpus.offsets])
    share: npt.NDArray[np.bool_] = np.diff(found[corpus.offsets]) >= STANDING * whole
    return share & (whole > 0)


def reduced(corpus: Corpus, marked: npt.NDArray[np.bool_]) -> Reduced:
    """Leave the marked tokens out; `marked` is bool[tokens].

    >>> from dedup.progress import Silent
    >>> from dedup.records import Article
    >>> from dedup.text.corpus import collapse
    >>> corpus = collapse([Article("a", "Rain fell again.")], 1, Silent())
    >>> reduced(corpus, np.array([True, False, False])).origin.tolist()
    [1, 2]
    """
    sizes = np.diff(corpus.offsets)
    origin = np.arange(len(marked)) - np.repeat(corpus.offsets[:-1], sizes)
    left = ~marked
    running = np.append(0, np.cumsum(left))
    shorter = corpus._replace(
        tokens=corpus.tokens[left],
        flags=corpus.flags[left],
        offsets=running[corpus.offsets].astype(np.int64),
    )
    return Reduced(shorter, origin[left].astype(np.int32))


def restored(
    pairs: npt.NDArray[np.uint64],
    blocks: Blocks,
    offsets: npt.NDArray[np.int64],
    origin: npt.NDArray[np.int32],
) -> Blocks:
    """Give blocks of a reduced corpus the places that their tokens had before.

    A block with a standing span inside becomes two; `offsets` are the reduced corpus's. The weights
    stay what they are: of what is left.

    >>> pairs, offsets = np.array([1], np.uint64), np.array([0, 4, 8])
    >>> rows = np.array([[0, 0, 4]], np.int32)
    >>> one = Blocks(rows, np.array([0, 1]), *np.full((2, 1), 8, np.int32))
    >>> restored(pairs, one, offsets, np.array([0, 1, 7, 8, 0, 1, 2, 3], np.int32)).tokens.tolist()
    [[0, 0, 2], [7, 2, 2]]
    """
    if not len(blocks.tokens):
        return blocks
    sizes = blocks.tokens[:, 2].astype(np.int64)
    ends = np.repeat(pairs, np.diff(blocks.offsets))
    first_a = offsets[(ends >> np.uint64(32)).astype(np.int64)] + blocks.tokens[:, 0]
    first_b = offsets[(ends & np.uint64(0xFFFFFFFF)).astype(np.int64)] + blocks.tokens[:, 1]
    cuts = np.append(0, np.cumsum(np.diff(origin) != 1))  # changes wherever tokens are missing
    inner = (cuts[first_a] != cuts[first_a + sizes - 1]) | (
        cuts[first_b] != cuts[first_b + sizes - 1]
    )
    rows = [np.stack([origin[first_a], origin[first_b], sizes], 1)[~inner]]
    owners = [np.flatnonzero(~inner)]
    for block in np.flatnonzero(inner).tolist():
        size = int(sizes[block])
        a = origin[first_a[block] : first_a[block] + size]
        b = origin[first_b[block] : first_b[block] + size]
        at = np.flatnonzero((np.diff(a) != 1) | (np.diff(b) != 1)) + 1
        starts = np.append(0, at)
        rows.append(np.stack([a[starts], b[starts], np.diff(np.append(starts, size))], 1))
        owners.append(np.full(len(starts), block))
    owner = np.concatenate(owners)
    order = np.argsort(owner, kind="stable")
    pair = np.repeat(np.arange(len(pairs)), np.diff(blocks.offsets))[owner[order]]
    bounds = np.searchsorted(pair, np.arange(len(pairs) + 1))
    tokens = np.concatenate(rows)[order].astype(np.int32)
    return Blocks(tokens, bounds.astype(np.int64), blocks.longest, blocks.covered)


def spans(written: str, origin: npt.NDArray[np.int32]) -> tuple[Span, ...]:
    """Return where the tokens of a text stand that `origin` lacks, in characters.

    >>> spans("Follow us here. Rain fell.", np.array([3, 4]))
    ((0, 14),)
    """
    whole = batch([written])
    tokens = tokenize(whole, whole.bounds[:-1].copy(), whole.bounds[1:].copy())
    edges = np.concatenate([[-1], origin, [len(tokens.start)]])
    gaps = np.flatnonzero(np.diff(edges) > 1)
    return tuple(
        (int(tokens.start[edges[gap] + 1]), int(tokens.end[edges[gap + 1] - 1]))
        for gap in gaps.tolist()
    )


def room_for(items: int) -> int:
    """Return the slots of a table for so many items, a power of two."""
    return 1 << max(10, (2 * items).bit_length())


@helper
def _key(found, site):
    """Return a hash of a run of words and a site, never 0."""
    state = (np.uint64(found) ^ np.uint64(site) << np.uint64(32)) * np.uint64(0x9FB21C651E98DF25)
    state ^= state >> np.uint64(32)
    return (state * np.uint64(0xBF58476D1CE4E5B9)) | np.uint64(1)


@helper
def _rough(key, counts):
    return np.int64(key >> np.uint64(24)) & (len(counts) - 1)


@helper
def _slot(key, keys):
    """Return the slot of a key, or the empty one where it would stand."""
    mask = np.int64(len(keys) - 1)
    slot = np.int64(key >> np.uint64(20)) & mask
    while keys[slot] != 0 and keys[slot] != key:
        slot = (slot + 1) & mask
    return slot


@kernel("i8(i4[::1], i4[::1], i8[::1], u4[::1], i8[::1], u1[::1], i4[::1])")
def _sketch(articles, texts, sites, tokens, offsets, counts, last):
    """Count the pages of each run roughly, at most 2; return how many places may be repeats."""
    repeats = np.int64(0)
    for row in range(len(texts)):
        page, text = articles[row], texts[row]
        for i in range(offsets[text], offsets[text + 1]):
            found, length = gram(tokens, i, offsets[text + 1], GRAM)
            if length == 0:
                break
            slot = _rough(_key(found, sites[page]), counts)
            if last[slot] != page:
                last[slot] = page
                repeats += counts[slot] == 1
                if counts[slot] < 2:
                    counts[slot] += 1
    return 2 * repeats + 1


@kernel("void(i4[::1], i4[::1], i8[::1], u4[::1], i8[::1], u1[::1], u8[::1], i4[::1], i4[::1])")
def _count(articles, texts, sites, tokens, offsets, counts, keys, held, last):
    """Count the pages of each run that may be on two."""
    for row in range(len(texts)):
        page, text = articles[row], texts[row]
        for i in range(offsets[text], offsets[text + 1]):
            found, length = gram(tokens, i, offsets[text + 1], GRAM)
            if length == 0:
                break
            key = _key(found, sites[page])
            if counts[_rough(key, counts)] < 2:
                continue
            slot = _slot(key, keys)
            keys[slot] = key
            if last[slot] != page:
                last[slot] = page
                held[slot] += 1


@kernel(
    "void(i4[::1], i4[::1], i8[::1], u4[::1], i8[::1], u1[::1], u8[::1], i4[::1], i8[::1], i4[::1])"
)
def _list(articles, texts, sites, tokens, offsets, counts, keys, last, at, pages):
    """Write the pages of each run, in order."""
    for row in range(len(texts)):
        page, text = articles[row], texts[row]
        for i in range(offsets[text], offsets[text + 1]):
            found, length = gram(tokens, i, offsets[text + 1], GRAM)
            if length == 0:
                break
            key = _key(found, sites[page])
            if counts[_rough(key, counts)] < 2:
                continue
            slot = _slot(key, keys)
            if last[slot] != page:
                last[slot] = page
                pages[at[slot]] = page
                at[slot] += 1


@kernel("u8[::1](i4[::1], i4[::1], i8[::1], u4[::1], i8[::1], u1[::1], u8[::1], i4[::1], b1[::1])")
def _page_runs(articles, texts, sites, tokens, offsets, counts, keys, held, aside):
    """Return runs of each page: page << 33 | hash << 1 | 1 if `PAGES` or more pages hold it."""
    room = np.int64(0)
    for text in texts:
        room += offsets[text + 1] - offsets[text]
    out = np.empty(room, np.uint64)
    at = 0
    for row in range(len(texts)):
        page, text = articles[row], texts[row]
        if aside[text]:
            continue
        for i in range(offsets[text], offsets[text + 1]):
            found, length = gram(tokens, i, offsets[text + 1], GRAM)
            if length == 0:
                break
            if (found >> np.uint32(1)) % np.uint32(RATE):
                continue
            key = _key(found, sites[page])
            many = np.uint64(0)
            if counts[_rough(key, counts)] >= 2 and held[_slot(key, keys)] >= PAGES:
                many = np.uint64(1)
            out[at] = np.uint64(page) << np.uint64(33) | np.uint64(found) << np.uint64(1) | many
            at += 1
    return out[:at].copy()


@helper
def _is_kin(sample, bounds, x, y, aside):
    """Tell whether two pages share much besides `aside` runs, or say nothing."""
    i, j = bounds[x], bounds[y]
    every_x, every_y = bounds[x + 1] - i, bounds[y + 1] - j
    own_x, own_y, common, common_own = 0, 0, 0, 0
    for k in range(i, bounds[x + 1]):
        own_x += not sample[k] & np.uint64(1)
    for k in range(j, bounds[y + 1]):
        own_y += not sample[k] & np.uint64(1)
    while i < bounds[x + 1] and j < bounds[y + 1]:
        if sample[i] == sample[j]:
            common += 1
            common_own += not sample[i] & np.uint64(1)
            i += 1
            j += 1
        elif sample[i] < sample[j]:
            i += 1
        else:
            j += 1
    aside = min(aside, common)
    least = min(every_x, every_y) - aside
    if least < FEW:
        return True
    if common - aside >= KIN_WHOLE * least:
        return True
    own = min(own_x, own_y)
    if own < FEW:
        return common - aside >= KIN * least
    return common_own >= KIN * own


@helper
def _are_strangers(pages, first, last, sample, bounds, aside):
    """Tell whether most pairs of a sample of the pages are no kin."""
    size = last - first
    step = max(1, (size - 1) // SAMPLE)
    asked = strangers = 0
    for k in range(first, last - step, step):
        asked += 1
        strangers += not _is_kin(sample, bounds, pages[k], pages[k + step], aside)
    return 2 * strangers > asked


@helper
def _evidence(tokens, flags, first, last, begin, end, pages, written):
    """Return what speaks for a run `begin` to `end` of a text as standing; from 0 it is enough."""
    halves = quoted = plain = named = 0
    for i in range(begin, end):
        half = 2 - np.int64(tokens[i] & 1)
        halves += half
        quoted += half if flags[i] & QUOTED else 0
        plain += half if not flags[i] & (NAME | NUMBER | COMMON | CAPITAL) else 0
        named += half if flags[i] & CAPITAL else 0
    if quoted > MOSTLY * halves:
        return -np.inf
    opens = begin == first or (flags[begin] & CAPITAL and not flags[begin] & NAME)
    closes = end == last or (flags[end] & CAPITAL and not flags[end] & NAME)
    credit = REPEATED * min(np.log2(pages / PAGES), DOUBLINGS)
    if begin == first and end == last:
        return written + WHOLE + credit
    if named > NAMED * halves and not (opens and end == last):
        return -np.inf
    if opens and closes:
        return written + credit
    is_card = flags[begin] & flags[end - 1] & CAPITAL and pages < TEXTS
    is_card = is_card and begin > first and end < last
    if is_card and halves >= 2 * LONG and plain >= PLAIN * halves:
        return written + CARD
    return written - LOOSE * (2 - opens - closes)


@kernel(
    "void(i8[::1], u4[::1], i8[::1], u1[::1], u1[::1], u8[::1], i4[::1], i8[::1], i4[::1], u8[::1],"
    "i8[::1], u4[::1], f4[::1], f4[:, ::1], b1[::1], b1[::1])"
)
def _mark(
    places,
    tokens,
    offsets,
    flags,
    counts,
    keys,
    held,
    starts,
    pages,
    sample,
    bounds,
    words,
    worths,
    shares,
    apart,
    marked,
):
    longest = np.int64(1)
    for text in range(len(offsets) - 1):
        longest = max(longest, offsets[text + 1] - offsets[text])
    slots = np.empty(longest, np.int64)
    sizes = np.empty(longest, np.int64)  # pages that hold the run at each place; 0: marked, or one
    ends = np.empty(longest, np.int64)
    for place in places:
        text, site = place >> 32, place & 0xFFFFFFFF
        first, last = offsets[text], offsets[text + 1]
        grams = np.int64(0)
        most = np.int64(0)
        for i in range(first, last):
            found, length = gram(tokens, i, last, GRAM)
            if length == 0:
                break
            key = _key(found, site)
            sizes[grams] = 0
            ends[grams] = i + length
            if counts[_rough(key, counts)] >= 2:
                slots[grams] = _slot(key, keys)
                sizes[grams] = held[slots[grams]]
                most = max(most, sizes[grams])
            grams += 1
        level = np.int64(PAGES_STYLED)
        while level <= most:
            i = np.int64(0)
            while i < grams:
                if sizes[i] < level:
                    i += 1
                    continue
                rarest = i
                j = i
                while j < grams and sizes[j] >= level:
                    if sizes[j] < sizes[rarest]:
                        rarest = j
                    j += 1
                begin, end = first + i, ends[j - 1]
                many = sizes[rarest]
                # Judged at the level that first has these ends: a higher one says no more.
                if many < level + max(1, level // 2):
                    written = run_style(tokens, flags, begin, end, words, worths, shares)
                    proof = _evidence(tokens, flags, first, last, begin, end, many, written)
                    if proof < 0:  # a card, with words of the sentence around it?
                        while begin < end and not flags[begin] & CAPITAL:
                            begin += 1
                        while begin < end and not flags[end - 1] & CAPITAL:
                            end -= 1
                        if end - begin >= LONG:
                            written = run_style(tokens, flags, begin, end, words, worths, shares)
                            proof = _evidence(tokens, flags, first, last, begin, end, many, written)
                    if proof >= 0 and (many >= PAGES or written >= STYLED):
                        size = end - begin
                        aside = size // RATE if size <= BLOCK or written >= 0 else 0
                        if apart[text]:
                            aside = 0  # its runs are no part of the sample
                        slot = slots[rarest]
                        if _are_strangers(
                            pages, starts[slot], starts[slot + 1], sample, bounds, aside
                        ):
                            marked[begin:end] = True
                            sizes[i:j] = 0
                i = j
            level += max(1, level // 2)
