"""Boilerplate spans: runs of words that a site puts on pages that have nothing else in common.

A card of headlines after a name, a sign-up line in a lead, a gallery's "next" stand inside
paragraphs of news. A run counts by the pages of one site that hold it word for word. Marked are

- whole sentences that are written as furniture is (`dedup.match.boilerplate_style`); and
- cards: long runs of plain words inside a paragraph, with a capital at both ends;

when they are not quoted, and the pages that hold them share little else: versions of a story share
more, and tell nothing of their site. A text most of which is marked is boilerplate as a whole. In
any other text, what is marked is left out of every comparison (see `reduced`).

An article without a site says nothing of a site's furniture, nor does a site of a few articles.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from dedup._jit.kernels import array_helper, helper, in_order, kernel, spread
from dedup._jit.pairs import HALF, ends, firsts, lefts, once, pack, rights, sorting
from dedup.match.align import Blocks
from dedup.match.boilerplate_families import KIN, NAMED, QUOTING, REST, SAMPLE, SITE, median
from dedup.match.boilerplate_style import run_style, table
from dedup.match.common_phrases import TEXTS, mark_runs, marked_runs
from dedup.match.fingerprints import gram
from dedup.text.arrays import TextArrays
from dedup.text.corpus import Corpus, move_stretches
from dedup.text.ngram_hash import weight
from dedup.text.shingle import Sets, shingle, weights
from dedup.text.token_flags import CAPITAL, COMMON, NAME, NUMBER, QUOTED

GRAM = 5
"""Words of the runs that are counted: the least run that is marked. Higher marks fewer: at 5 a line
of four words is no span."""

PAGES, PAGES_STYLED = 3, 2
"""Unlike pages of a site that must hold a run; and one that is plainly written as furniture.
Higher marks fewer runs: at 3 and 2 a sign-up form on two pages is marked, and a bio on three."""

SENTENCE = 8
"""Words of whole sentences below which they must be plainly written as furniture, on `PAGES`.
Higher marks fewer: at 8 a sentence of seven words must be a plain form."""

WRITTEN, STYLED = 0.5, 2.0
"""Style from which a run is written as furniture; and plainly so. Higher marks fewer runs: odds
of 1.6 and of 7.4 to 1."""

CARD = -3.5
"""Style from which a card is one. Higher marks fewer clauses that are copied word for word: at -3.5
odds of 1 to 33 are enough, since headlines are written as news is."""

HEADLINES = 2
"""Words of a card that begin a headline: with a capital, after a small word of content, though the
corpus mostly writes them small. Higher marks fewer titles and clauses: at 2 a card of two
headlines."""

LONG, PLAIN = 16, 1 / 3
"""Words of a card, and the share of plain words of content in it: fewer make a name or title.
Higher marks fewer cards: at 16 and 1/3 six of 16 words."""

KIN_CARD = 0.1
"""Share from which two pages are kin (see `KIN`) for a card, as stories of one event copy a clause.
Higher marks more: at 0.1 pages that share a tenth of the shorter one have no card in common."""

MOSTLY = 0.6
"""Share of a text that must be marked for the whole of it to be boilerplate. Higher leaves more
texts that are cut: at 0.6 six words of ten."""


KNOWN = 8
"""Words in a row that spans of a site must have in common with a text for them to be boilerplate
there, too. Higher marks fewer: at 8 seven words of a sign-up line are news."""

STYLE = "Tuple((u4[::1], f4[::1], f4[:, ::1]))"
KINSHIP = "Tuple((i8[::1], i8[::1], i8[::1], i4[::1], i8[::1], i4[::1], i4[::1], i4[::1]))"
"""Types of what kernels pass on: the table of styles; and places of each page, where they begin,
tokens of each place, its runs, where they begin, and for the comparison of two pages the last one
that met each run, and each place, and its number."""

SPELLINGS = 1 << 20
"""Slots in which words are counted by how they are spelt; two of one slot are one. Higher takes
more memory and mixes fewer: at a million 8 MB."""

COUNTED = 1 << 20
"""Runs whose pages are counted at a time. Higher reads all runs less often, and takes more memory
(24 bytes for each of these) in a table that no cache holds: at a million 24 MB."""


class Spans(NamedTuple):
    """Stretches of texts, ordered, in tokens."""

    texts: npt.NDArray[np.int64]
    """int64[spans]: the text of each."""
    begin: npt.NDArray[np.int64]
    """int64[spans]: its first token, counted in its text."""
    end: npt.NDArray[np.int64]
    """int64[spans]: one past the last."""


class Found(NamedTuple):
    """What is boilerplate in a corpus."""

    spans: Spans
    """Those in texts that are news for the rest."""
    texts: npt.NDArray[np.bool_]
    """bool[texts]: boilerplate as a whole."""
    words: npt.NDArray[np.int32]
    """int32[texts]: length of each text in words, without these spans."""


class Standing(NamedTuple):
    """What stands on the pages of some sites, a row a paragraph in reading order."""

    article: npt.NDArray[np.int64]
    """int64[rows]"""
    text: npt.NDArray[np.int64]
    """int64[rows]"""
    site: npt.NDArray[np.int64]
    """int64[rows]"""


class Marked(NamedTuple):
    """Texts in which something is marked."""

    numbers: npt.NDArray[np.int64]
    """int64[marked texts], ascending: the number of each in the corpus."""
    texts: TextArrays
    """Of their tokens the lowest bit is enough, and of their flags nothing."""
    marks: npt.NDArray[np.bool_]
    """bool[tokens]"""


Mark = Callable[[Standing, TextArrays, int], Marked]
"""What marks spans in the texts of a corpus, with so many threads (see `mark`)."""


class _Pages(NamedTuple):
    """Which texts stand on which pages; a place is a text on a site."""

    texts: npt.NDArray[np.int64]
    """int64[places]: the text of each place, ascending."""
    sites: npt.NDArray[np.int64]
    """int64[places]: the site of each."""
    page: npt.NDArray[np.int32]
    """int32[places]: the first article that has it there."""
    held: npt.NDArray[np.int64]
    """int64[rows]: places, article after article."""
    bounds: npt.NDArray[np.int64]
    """int64[articles + 1]: where the rows of each article begin in `held`."""


def find_boilerplate(
    corpus: Corpus,
    site: npt.NDArray[np.int64],
    known: npt.NDArray[np.bool_],
    workers: int = 1,
    marking: Mark | None = None,
) -> Found:
    r"""Find the boilerplate that is not known.

    `site`, int64[articles], numbers the sites, -1 where there is none; `known`, bool[texts], are
    boilerplate already: they have no spans, and tell nothing of their pages. `marking` does what
    `mark` does.

    >>> from dedup.progress import Silent
    >>> from dedup.records import Article
    >>> from dedup.text.corpus import collapse
    >>> news = ["The mill is for sale again.", "Geese came back to the lake early.", "Snow fell."]
    >>> line = "Sign up for our free newsletter and follow us here."
    >>> corpus = collapse([Article(text, text + "\n" + line) for text in news], 1, Silent())
    >>> find_boilerplate(corpus, np.zeros(3, np.int64), np.zeros(4, bool)).texts.any()  # too short
    np.False_
    """
    large = np.bincount(site + 1, minlength=1) >= SITE
    large[0] = False  # no site
    rows = np.flatnonzero(large[site[corpus.article] + 1] & ~known[corpus.text])
    article = corpus.article[rows].astype(np.int64)
    own = Standing(article, corpus.text[rows].astype(np.int64), site[article])
    return _found((marking or mark)(own, corpus.texts, workers), corpus.words())


def mark(
    own: Standing,
    texts: TextArrays,
    workers: int = 1,
    spelling: npt.NDArray[np.int32] | None = None,
) -> Marked:
    """Mark the boilerplate spans of some sites, each of which is there whole.

    What is marked of a text is marked on one of these sites or another. `spelling` is how the
    whole corpus writes words, as `spelt` counts it; None: as these texts do.
    """
    pages = _pages(own)
    marked = np.zeros(len(texts.tokens), np.bool_)
    if len(pages.texts):
        spelling = spelt(texts) if spelling is None else spelling
        _mark(pages, texts, spelling, workers, marked)
    return marked_texts(texts, marked)


def marked_texts(texts: TextArrays, marked: npt.NDArray[np.bool_]) -> Marked:
    """Return the texts in which something is marked, bool[tokens]."""
    numbers = _touched(texts, marked)
    some = texts._replace(flags=marked.view(np.uint8)).take(numbers)
    return Marked(numbers, some, some.flags.view(np.bool_))


def spelt(texts: TextArrays) -> npt.NDArray[np.int32]:
    """Count how often words are written small, and with a capital, int32[2, SPELLINGS].

    >>> spelt(TextArrays.of(np.array([2, 2, 4], np.uint32), np.array([0, 3])))[:, 1:3].tolist()
    [[2, 1], [0, 0]]
    """
    spelling = np.zeros((2, SPELLINGS), np.int32)
    _spell(texts.tokens, texts.flags, spelling)
    return spelling


def _mark(
    pages: _Pages,
    texts: TextArrays,
    spelling: npt.NDArray[np.int32],
    workers: int,
    marked: npt.NDArray[np.bool_],
) -> None:
    runs, at, bounds, held = _returning(texts, pages, workers)
    starts = np.append(0, np.cumsum(held, dtype=np.int64))
    holders = np.empty(int(starts[-1]), np.int32)
    last = np.full(len(held), -1, np.int32)
    _list(runs, bounds, pages.page, last, starts[:-1].copy(), holders)
    sizes = texts.sizes[pages.texts]
    usual = np.full(len(held), -1.0, np.float32)
    found = pages.sites, runs, bounds, at, held, holders, starts, usual
    style = tuple(table())

    def judge(turn: int) -> None:
        stamps, marks = np.zeros(len(held), np.int32), np.zeros(len(pages.texts), np.int32)
        clock = np.zeros(1, np.int32)
        kin = (pages.held, pages.bounds, sizes, runs, bounds, stamps, marks, clock)
        _mark_spans(pages.texts, *texts, *found, turn, workers, style, spelling, kin, marked)

    list(in_order(judge, range(workers), workers))


def span_runs(texts: TextArrays, spans: Spans) -> npt.NDArray[np.uint64]:
    """Return the runs of words inside spans, by which other texts may have them (`find_known`).

    They are uint64 run << 32 | text, each once, ordered.
    """
    rows, where = np.unique(spans.texts, return_inverse=True)
    some = texts.take(rows)
    marks = np.zeros(len(some.tokens), np.uint8)
    for text, begin, end in zip(where.tolist(), spans.begin, spans.end, strict=True):
        marks[some.offsets[text] + begin : some.offsets[text] + end] = 1
    runs = marked_runs(some, marks)
    return once(pack(lefts(runs), rows[rights(runs)]))


def find_known(texts: TextArrays, runs: npt.NDArray[np.uint32]) -> Found:
    """Find the boilerplate of some texts of a site by the runs of its spans, which are ordered.

    >>> line = TextArrays.of(np.arange(2, 22, 2, dtype=np.uint32), np.array([0, 10]))
    >>> runs = lefts(span_runs(line, Spans(*np.array([[0], [0], [9]])))).astype(np.uint32)
    >>> other = np.append(np.arange(40, 60, 2), line.tokens).astype(np.uint32)
    >>> find_known(TextArrays.of(other, np.array([0, 20])), np.unique(runs)).spans.begin.tolist()
    [10]
    """
    marked = mark_runs(texts, runs).view(np.bool_) if len(runs) else np.zeros(0, np.bool_)
    if not marked.any():
        none = np.zeros(0, np.int64)
        return Found(Spans(none, none, none), np.zeros(len(texts.sizes), np.bool_), texts.words())
    spans = spans_of(texts, marked)
    for text, begin, end in zip(*spans, strict=True):
        first = texts.offsets[text]
        if weights(texts.tokens[first + begin : first + end])[-1] < 2 * KNOWN:
            marked[first + begin : first + end] = False
    return _found(marked_texts(texts, marked), texts.words())


def _found(marked: Marked, words: npt.NDArray[np.int32]) -> Found:
    """Tell what is boilerplate in part and as a whole; `words`, int32[texts], are all lengths."""
    whole = np.zeros(len(words), np.bool_)
    whole[marked.numbers[_are_mostly(marked.texts, marked.marks)]] = True
    every = spans_of(marked.texts, marked.marks)
    kept = ~whole[marked.numbers[every.texts]]  # what is whole is compared as what it is
    spans = Spans(*(column[kept] for column in every))
    rest = words.copy()
    changed = np.unique(spans.texts)
    rest[marked.numbers[changed]] = reduced(marked.texts, spans).take(changed).words()
    return Found(spans._replace(texts=marked.numbers[spans.texts]), whole, rest)


def _pages(own: Standing) -> _Pages:
    order = sorting(own.text, own.site)  # articles are in order
    new = firsts(own.text[order], own.site[order])
    held = np.empty(len(order), np.int64)
    held[order] = np.cumsum(new) - 1
    first = order[new]
    on_page = once(pack(own.article, held))  # each place once a page
    articles = int(own.article.max(initial=-1)) + 1
    bounds = np.searchsorted(lefts(on_page), np.arange(articles + 1))
    page = own.article[first].astype(np.int32)
    return _Pages(own.text[first], own.site[first], page, rights(on_page), bounds)


def _returning(
    texts: TextArrays, pages: _Pages, workers: int
) -> tuple[
    npt.NDArray[np.int32], npt.NDArray[np.int32], npt.NDArray[np.int64], npt.NDArray[np.int32]
]:
    """Find the runs of words that two pages of a site or more hold.

    Returns the number of each run and its place in its text, int32[runs], place after place; where
    the runs of each place begin, int64[places + 1]; and of each number its pages, int32[numbers].
    """
    keys, at, bounds = _chosen(texts, pages, workers)
    runs, held = _counted(keys, bounds, pages, workers)
    del keys  # most of what is held while this goes on
    # Rough counts let many pass that stand on one page only.
    returns = held > 1
    kept = returns[runs]
    number = np.cumsum(returns, dtype=np.int32) - np.int32(1)
    before = np.zeros(len(runs) + 1, np.int32)
    np.cumsum(kept, out=before[1:])
    return number[runs[kept]], at[kept], before[bounds].astype(np.int64), held[returns]


def _counted(
    keys: npt.NDArray[np.uint32], bounds: npt.NDArray[np.int64], pages: _Pages, workers: int
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Give runs of one key and site one number, int32[runs], and count the pages of each number.

    Each turn counts the runs of its own keys, and gives them every so manyth number.
    """
    turns = max(workers, -(-len(keys) // COUNTED))
    runs = np.empty(len(keys), np.int32)
    of_page = np.full(len(pages.bounds), -1, np.int64)
    of_page[pages.page] = pages.sites

    def count(turn: int) -> npt.NDArray[np.int32]:
        own: npt.NDArray[np.int32] = _count(keys, bounds, pages.page, of_page, turn, turns, runs)
        return own

    parts = list(in_order(count, range(turns), workers))
    held = np.zeros((max(map(len, parts)), turns), np.int32)
    for turn, part in enumerate(parts):
        held[: len(part), turn] = part
    return runs, held.ravel()


def _chosen(
    texts: TextArrays, pages: _Pages, workers: int
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    """Choose the runs that may stand on two pages of a site or more.

    Returns the key of each run, uint32[runs], its place in its text, int32[runs], and where the
    runs of each place begin, int64[places + 1].
    """
    begin = np.append(0, np.cumsum(texts.sizes[pages.texts]))
    keys = np.empty(int(begin[-1]), np.uint32)
    written = np.empty(len(pages.texts), np.int64)

    def sketch(low: int, high: int) -> None:
        own = pages.texts[low:high], pages.sites[low:high], begin[low:high]
        _sketch(*own, texts.tokens, texts.offsets, keys, written[low:high])

    spread(sketch, begin, workers)
    counts = np.zeros(_room(len(keys)) // 4, np.uint8)  # a few runs too many do no harm
    # Each thread counts what belongs into its own bytes.
    cuts = list(pairwise(len(counts) * turn // workers for turn in range(workers + 1)))
    list(in_order(lambda cut: _tally(keys, begin, written, *cut, counts), cuts, workers))
    at = np.empty(len(keys), np.int32)  # pages that are not written cost nothing
    bounds = np.zeros(len(begin), np.int64)

    def choose(low: int, high: int) -> slice:
        own = begin[low : high + 1], written[low:high], bounds[low + 1 : high + 1]
        return slice(int(begin[low]), _choose(counts, keys, at, *own))

    parts = spread(choose, begin, workers)
    np.cumsum(bounds, out=bounds)
    _move_together(keys, parts)
    _move_together(at, parts)
    return keys, at, bounds


def _move_together(column: npt.NDArray[Any], parts: Sequence[slice]) -> None:
    """Keep some parts of an array, in order, and let go of its other memory: nothing is copied."""
    end = 0
    for part in parts:
        size = part.stop - part.start
        if part.start > end:
            column[end : end + size] = column[part]
        end += size
    column.resize(end, refcheck=False)  # no other array lies on it


def _touched(texts: TextArrays, marked: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """Return the numbers of the texts in which a token is marked."""
    found: npt.NDArray[np.int64] = np.unique(
        np.searchsorted(texts.offsets, np.flatnonzero(marked), side="right") - 1
    )
    return found


def spans_of(texts: TextArrays, marked: npt.NDArray[np.bool_]) -> Spans:
    """Return the stretches of marked tokens."""
    found = []
    for text in range(len(texts.sizes)):
        own = marked[texts.offsets[text] : texts.offsets[text + 1]]
        edges = np.flatnonzero(np.diff(own.astype(np.int8), prepend=0, append=0)).reshape(-1, 2)
        found.append(np.insert(edges, 0, text, axis=1))
    return Spans(*np.concatenate([np.zeros((0, 3), np.int64), *found]).T)


def _are_mostly(texts: TextArrays, marked: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Return of which texts most is marked, bool[texts]."""
    halves = np.diff(weights(texts.tokens))
    inside = np.append(0, np.cumsum(halves * marked))[texts.offsets]
    whole = np.append(0, np.cumsum(halves))[texts.offsets]
    mostly: npt.NDArray[np.bool_] = np.diff(inside) >= MOSTLY * np.diff(whole)
    return mostly


def reshingled(sets: Sets, texts: TextArrays, changed: npt.NDArray[np.bool_], words: int) -> Sets:
    """Return the shingle sets of texts of which some, bool[texts], have changed.

    `sets` are those of before, `words` the length of a shingle.

    >>> texts = TextArrays.of(np.array([2, 4, 6, 8], np.uint32), np.array([0, 1, 4]))
    >>> old = Sets(np.array([7, 8, 9], np.uint32), np.array([0, 2, 3]))
    >>> reshingled(old, texts, np.array([True, False]), 2)
    Sets(items=array([9], dtype=uint32), offsets=array([0, 0, 1]))
    """
    rows = np.flatnonzero(changed)
    if not len(rows):
        return sets
    own = shingle(texts.take(rows), words)
    sizes = np.diff(sets.offsets)
    sizes[rows] = np.diff(own.offsets)
    offsets = np.append(0, np.cumsum(sizes))
    items = np.empty(int(offsets[-1]), np.uint32)
    fresh, low = Sets(items, offsets), 0
    for turn, row in enumerate([*rows.tolist(), len(sizes)]):  # what is between is copied at once
        _copy(fresh, low, sets, low, row - low)
        if row < len(sizes):
            _copy(fresh, row, own, turn, 1)
        low = row + 1
    return fresh


def _copy(into: Sets, at: int, sets: Sets, row: int, many: int) -> None:
    """Copy so many sets, from a row on, to where others have their place for them."""
    begin, end = sets.offsets[row], sets.offsets[row + many]
    into.items[into.offsets[at] : into.offsets[at + many]] = sets.items[begin:end]


def reduced(texts: TextArrays, spans: Spans) -> TextArrays:
    """Leave out the spans, which are in order.

    >>> texts = TextArrays.of(np.array([2, 4, 6], np.uint32), np.array([0, 3]))
    >>> reduced(texts, Spans(*np.array([[0], [0], [2]]))).tokens.tolist()
    [6]
    """
    if not len(spans.texts):
        return texts
    cut, sizes = spans.end - spans.begin, texts.sizes
    np.subtract.at(sizes, spans.texts, cut)
    begin = texts.offsets[spans.texts] + spans.begin
    first = np.append(0, begin + cut)
    kept = np.append(begin, len(texts.tokens)) - first
    to = np.append(0, np.cumsum(kept))
    tokens, flags = np.empty(to[-1], np.uint32), np.empty(to[-1], np.uint8)
    move_stretches(texts.tokens, texts.flags, first, kept, to[:-1], tokens, flags)
    return TextArrays(tokens, np.append(0, np.cumsum(sizes)), flags)


def restored(pairs: npt.NDArray[np.uint64], blocks: Blocks, spans: Spans) -> Blocks:
    """Give blocks of reduced texts the places that their tokens had before.

    A block with a boilerplate span inside becomes two. The weights stay what they are: of what is
    left.

    >>> rows = np.array([[0, 0, 4]], np.int32)
    >>> one = Blocks(rows, np.array([0, 1]), *np.full((2, 1), 8, np.int32))
    >>> restored(np.array([1], np.uint64), one, Spans(*np.array([[0], [2], [7]]))).tokens.tolist()
    [[0, 0, 2], [7, 2, 2]]
    """
    if not len(pairs) or not len(spans.texts):
        return blocks
    a, b = ends(pairs)
    is_cut = np.zeros(max(int(b.max()), int(spans.texts[-1])) + 1, np.bool_)
    is_cut[spans.texts] = True
    touched = is_cut[a] | is_cut[b]
    sizes = np.diff(blocks.offsets)
    old = np.repeat(touched, sizes)
    moved, sizes[touched] = _moved(pairs[touched], blocks.take(touched), spans)
    tokens = np.empty((int(sizes.sum()), 3), np.int32)
    new = np.repeat(touched, sizes)
    tokens[new], tokens[~new] = moved, blocks.tokens[~old]
    return Blocks(tokens, np.append(0, np.cumsum(sizes)), blocks.longest, blocks.covered)


def _moved(
    pairs: npt.NDArray[np.uint64], blocks: Blocks, spans: Spans
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    """Return the tokens of blocks where they were before, and the blocks that each pair has now."""
    removed = np.append(0, np.cumsum(spans.end - spans.begin))
    before = removed[np.searchsorted(spans.texts, spans.texts)]  # in the texts before this one
    cuts = pack(spans.texts, spans.begin - (removed[:-1] - before))

    def origin(text: npt.NDArray[np.int64], token: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return which token of its text a token of the reduced text was, int64[tokens]."""
        earlier = removed[np.searchsorted(cuts, pack(text, token), "right")]
        moved: npt.NDArray[np.int64] = token + earlier - removed[np.searchsorted(spans.texts, text)]
        return moved

    owner = np.repeat(np.arange(len(pairs)), np.diff(blocks.offsets))
    sides = [end[owner] for end in ends(pairs)]
    first_a, first_b, sizes = blocks.tokens.astype(np.int64).T
    pieces = [np.arange(len(owner), dtype=np.uint64) << HALF]
    pieces += [_cut_at(cuts, *side, sizes) for side in zip(sides, (first_a, first_b), strict=True)]
    block, offset = ends(once(np.concatenate(pieces)))
    last = np.append(firsts(block)[1:], True)
    end = np.where(last, sizes[block], np.append(offset[1:], 0))
    rows = [
        origin(side[block], first[block] + offset)
        for side, first in zip(sides, (first_a, first_b), strict=True)
    ]
    tokens = np.stack([*rows, end - offset], 1).astype(np.int32)
    return tokens, np.bincount(owner[block], minlength=len(pairs))


def _cut_at(
    cuts: npt.NDArray[np.uint64],
    text: npt.NDArray[np.int64],
    first: npt.NDArray[np.int64],
    size: npt.NDArray[np.int64],
) -> npt.NDArray[np.uint64]:
    """Return the cuts inside blocks of reduced texts, block << 32 | tokens before, uint64[cuts].

    `cuts` are where spans were left out, text << 32 | token of the reduced text, ordered; the
    others, int64[blocks], are the text of each block, its first token there, and its tokens.
    """
    low = np.searchsorted(cuts, pack(text, first), "right")
    many = np.searchsorted(cuts, pack(text, first + size - 1), "right") - low
    block = np.repeat(np.arange(len(text)), many)
    turn = np.arange(len(block)) - np.repeat(np.cumsum(many) - many, many)
    return pack(block, rights(cuts)[low[block] + turn] - first[block])


def _room(items: int) -> int:
    """Return the slots of a table for so many items, a power of two."""
    return 1 << max(10, (2 * items).bit_length())


@helper
def _key(found, site):
    """Return a hash of a run of words and a site, never 0; `found` is an even one of the run.

    On one site two runs have one key only if they have one hash, whatever the site's number is.
    """
    state = np.uint64(site) * np.uint64(0x9FB21C651E98DF25)
    return found ^ np.uint32(state >> np.uint64(32)) | np.uint32(1)


@helper
def _place(key, counts):
    """Return in which byte a key is counted, and from which bit on: four counts share a byte."""
    byte = np.int64(key >> np.uint32(3)) & (len(counts) - 1)
    return byte, np.int64(key >> np.uint32(1) & np.uint32(3)) * 2


@kernel("void(i8[::1], i8[::1], i8[::1], u4[::1], i8[::1], u4[::1], i8[::1])")
def _sketch(texts, sites, begin, tokens, offsets, keys, written):
    """Write the key of each run of each place from `begin` on, and how many those are."""
    for place in range(len(texts)):
        here = begin[place]
        last = offsets[texts[place] + 1]
        for i in range(offsets[texts[place]], last):
            found, length = gram(tokens, i, last, GRAM)
            if length == 0:
                break
            keys[here] = _key(found, sites[place])
            here += 1
        written[place] = here - begin[place]


@kernel("void(u4[::1], i8[::1], i8[::1], i8, i8, u1[::1])")
def _tally(keys, begin, written, low, high, counts):
    """Count the places of each run roughly, at most 2, in the bytes from `low`, below `high`."""
    for place in range(len(written)):
        for k in range(begin[place], begin[place] + written[place]):
            byte, shift = _place(keys[k], counts)
            if low <= byte < high and counts[byte] >> shift & 3 < 2:
                counts[byte] += 1 << shift


@kernel("i8(u1[::1], u4[::1], i4[::1], i8[::1], i8[::1], i8[::1])")
def _choose(counts, keys, at, begin, written, chosen):
    """Keep the runs that may stand twice, with the place in its text of each.

    They are written from where the first place begins; returns where they end. `chosen` gets the
    number of those of each place.
    """
    here = begin[0]
    for place in range(len(written)):
        before = here
        for k in range(begin[place], begin[place] + written[place]):
            byte, shift = _place(keys[k], counts)
            if counts[byte] >> shift & 3 >= 2:
                keys[here] = keys[k]
                at[here] = k - begin[place]
                here += 1
        chosen[place] = here - before
    return here


@helper
def _has_turn(key, turn, turns):
    """Tell whether a key is one of those that a turn of so many counts: each has as many."""
    return np.int64(np.uint64(key) * np.uint64(turns) >> np.uint64(32)) == turn


@kernel("i4[::1](u4[::1], i8[::1], i4[::1], i8[::1], i8, i8, i4[::1])")
def _count(keys, bounds, page, sites, turn, turns, runs):
    """Return the pages of each run whose key has a turn.

    They are numbered as they first come, in `runs` from `turn` on in steps of `turns`. A slot has a
    key, and the number of its run. Two runs of one key are one on one site of `sites`,
    int64[pages], alone: so what a site has depends on no other one.
    """
    many = np.int64(0)
    for key in keys:
        many += _has_turn(key, turn, turns)
    size = np.int64(1024)
    while 3 * size <= 4 * many:
        size *= 2
    slots = np.zeros((size, 2), np.uint32)
    mask = size - 1
    held, last = np.empty(many, np.int32), np.empty(many, np.int32)
    count = np.int64(0)
    for place in range(len(page)):
        for k in range(bounds[place], bounds[place + 1]):
            if not _has_turn(keys[k], turn, turns):
                continue
            slot = np.int64(keys[k] >> np.uint32(1)) & mask
            while slots[slot, 0] != 0 and (
                slots[slot, 0] != keys[k] or sites[last[slots[slot, 1]]] != sites[page[place]]
            ):
                slot = (slot + 1) & mask
            if slots[slot, 0] == 0:
                slots[slot, 0], slots[slot, 1] = keys[k], count
                held[count], last[count] = 0, -1
                count += 1
            run = slots[slot, 1]
            runs[k] = turn + turns * np.int64(run)
            if last[run] != page[place]:
                last[run] = page[place]
                held[run] += 1
    return held[:count].copy()


@kernel("void(i4[::1], i8[::1], i4[::1], i4[::1], i8[::1], i4[::1])")
def _list(runs, bounds, page, last, at, holders):
    """Write the pages of each run, in order."""
    for place in range(len(page)):
        for k in range(bounds[place], bounds[place + 1]):
            slot = runs[k]
            if last[slot] != page[place]:
                last[slot] = page[place]
                holders[at[slot]] = page[place]
                at[slot] += 1


@helper
def _share(x, y, aside, kin):
    """Return which share of the shorter of two pages both hold, `aside` tokens left aside.

    A page that holds little else tells nothing of its kin: 1.
    """
    held, pages, sizes, runs, bounds, stamps, marks, clock = kin
    clock[0] += 1
    size_x, size_y, common = 0, 0, 0
    for row in range(pages[x], pages[x + 1]):
        place = held[row]
        size_x += sizes[place]
        marks[place] = clock[0]
        for k in range(bounds[place], bounds[place + 1]):
            stamps[runs[k]] = clock[0]
    for row in range(pages[y], pages[y + 1]):
        place = held[row]
        size_y += sizes[place]
        if marks[place] == clock[0]:
            common += sizes[place]
            continue
        for k in range(bounds[place], bounds[place + 1]):
            common += stamps[runs[k]] == clock[0]
    least = min(size_x, size_y) - aside
    return 1.0 if least < REST else max(common - aside, 0) / least


@array_helper
def _usual_share(pages, aside, kin):
    """Return what two of some pages usually share: the median of a sample of pairs."""
    step = max(1, (len(pages) - 1) // SAMPLE)
    found = np.empty(2 * SAMPLE + 2, np.float64)
    asked = 0
    for k in range(0, len(pages) - step, step):
        found[asked] = _share(pages[k], pages[k + step], aside, kin)
        asked += 1
    return median(found, asked) if asked else 1.0


@kernel(
    "void(i8[::1], u4[::1], i8[::1], u1[::1], i8[::1], i4[::1], i8[::1], i4[::1], i4[::1],"
    f"i4[::1], i8[::1], f4[::1], i8, i8, {STYLE}, i4[:, ::1], {KINSHIP}, b1[::1])"
)
def _mark_spans(
    places,
    tokens,
    offsets,
    flags,
    sites,
    runs,
    bounds,
    at,
    held,
    holders,
    starts,
    usual,
    turn,
    turns,
    style,
    spelling,
    kin,
    marked,
):
    """Mark spans, those of many pages last: each stretch of runs that so many pages hold.

    Of `turns` threads each looks at sites of its own, as no two have a run in common: `usual` gets
    what the pages of a run usually share, as the first place that asks has it.
    """
    longest = np.int64(0)
    for text in places:
        longest = max(longest, offsets[text + 1] - offsets[text])
    here = np.empty(longest, np.bool_)  # what is marked on this site, whatever is on others
    for place in range(len(places)):
        if sites[place] % turns != turn:
            continue
        text, low, high = places[place], bounds[place], bounds[place + 1]
        first, last = offsets[text], offsets[text + 1]
        # Where all words have capitals, none tells where a sentence begins.
        if low == high or _is_name(tokens, flags, first, last):
            continue
        here[: last - first] = False
        level, most = np.int64(PAGES_STYLED), np.int64(PAGES_STYLED)
        while level <= most:
            i = low
            while i < high:
                slot = runs[i]
                most = max(most, held[slot])
                if held[slot] < level:
                    i += 1
                    continue
                begin = first + at[i]
                i += 1
                while i < high and at[i] == at[i - 1] + 1 and held[runs[i]] >= level:
                    if held[runs[i]] < held[slot]:
                        slot = runs[i]
                    i += 1
                end, many = first + at[i - 1], held[slot]
                end += gram(tokens, end, last, GRAM)[1]
                # Judged at the level that first has these ends: a higher one says no more.
                if many >= level + level // 2:
                    continue
                begin, end, kinship = _judged(
                    tokens, flags, first, last, begin, end, many, style, spelling
                )
                if kinship == 0 or here[begin - first : end - first].all():
                    continue
                if usual[slot] < 0:
                    pages = holders[starts[slot] : starts[slot + 1]]
                    usual[slot] = _usual_share(pages, end - begin, kin)
                if usual[slot] < kinship:
                    here[begin - first : end - first] = True
                    marked[begin:end] = True
            level += level // 2


@helper
def _is_quoted(tokens, flags, begin, end):
    """Tell whether a run is a quotation."""
    return _carries(tokens, flags, begin, end, QUOTED, QUOTING)


@helper
def _carries(tokens, flags, begin, end, flag, share):
    """Tell whether more than this share of a run's words has a flag."""
    halves = flagged = 0
    for i in range(begin, end):
        half = weight(tokens[i])
        halves += half
        flagged += half if flags[i] & flag else 0
    return flagged > share * halves


@helper
def _begins(flags, i):
    """Tell whether a sentence begins at a token, by its capital."""
    return flags[i] & CAPITAL and not flags[i] & NAME


@helper
def _is_long(tokens, begin, end, words):
    """Tell whether a run has so many words."""
    halves = 0
    for i in range(begin, end):
        halves += weight(tokens[i])
    return halves >= 2 * words


@helper
def _is_furniture(tokens, flags, begin, end, pages, style):
    """Tell whether a run that so many pages hold is written as furniture, and is no quotation."""
    if not _is_long(tokens, begin, end, GRAM) or _is_quoted(tokens, flags, begin, end):
        return False
    lacks = np.int64(pages < PAGES) + np.int64(not _is_long(tokens, begin, end, SENTENCE))
    if lacks == 2:
        return False
    return run_style(tokens, flags, begin, end, *style) >= (STYLED if lacks else WRITTEN)


@helper
def _judged(tokens, flags, first, last, begin, end, pages, style, spelling):
    """Return which part of a run may be marked, and the share from which its pages are kin, or 0.

    `first` and `last` are the ends of the text, `begin` and `end` those of the run.
    """
    a, b = begin, end
    while a < b and a > first and not _begins(flags, a):
        a += 1
    while b > a and b < last and not _begins(flags, b):
        b -= 1
    is_name = (a > first or b < last) and _is_name(tokens, flags, a, b)
    if not is_name and _is_furniture(tokens, flags, a, b, pages, style):
        return a, b, KIN
    while begin < end and not flags[begin] & CAPITAL:
        begin += 1
    while begin < end and not flags[end - 1] & CAPITAL:
        end -= 1
    is_card = begin > first and end < last and PAGES <= pages < TEXTS
    is_card = is_card and _is_card(tokens, flags, begin, end, spelling)
    if is_card and run_style(tokens, flags, begin, end, *style) >= CARD:
        return begin, end, KIN_CARD
    return begin, end, 0.0


@helper
def _is_name(tokens, flags, begin, end):
    """Tell whether most words have capitals."""
    return _carries(tokens, flags, begin, end, CAPITAL, NAMED)


@helper
def slot_of_word(token):
    """Return the slot in which a word's spelling is counted."""
    return np.int64(token >> np.uint32(1)) & (SPELLINGS - 1)


@kernel("void(u4[::1], u1[::1], i4[:, ::1])")
def _spell(tokens, flags, spelling):
    """Count how often each word begins small, and with a capital, by its hash."""
    for i in range(len(tokens)):
        spelling[np.int64(flags[i] & CAPITAL != 0), slot_of_word(tokens[i])] += 1


@helper
def _is_card(tokens, flags, begin, end, spelling):
    """Tell whether a run is headlines: long, of plain words, with capitals where no name is."""
    halves = plain = headlines = 0
    for i in range(begin, end):
        half = weight(tokens[i])
        halves += half
        plain += half if not flags[i] & (NAME | NUMBER | COMMON | CAPITAL) else 0
        if i > begin and _begins(flags, i):
            return False
        if i > begin and flags[i] & CAPITAL and not flags[i - 1] & (CAPITAL | COMMON | NUMBER):
            slot = slot_of_word(tokens[i])
            headlines += spelling[0, slot] > spelling[1, slot]
    if halves < 2 * LONG or plain < PLAIN * halves or headlines < HEADLINES:
        return False
    return not _is_quoted(tokens, flags, begin, end)
