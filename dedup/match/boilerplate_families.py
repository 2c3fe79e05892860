"""Boilerplate by what is known together: how a text is written, how many pages hold it, which ones.

Of the versions of a text on one site, three things speak for furniture, and none alone is sure:
that they are written as furniture is (`dedup.match.boilerplate_style`), that many pages have one,
and that these pages have no more words in common than any two pages of the site; that other sites
have one speaks against it. They are added as logarithms of odds. So neither dates nor places in the
page are needed, a newsletter may have 35 names, and a note on an author may stand on two pages, if
these are on other subjects. A paragraph of background that a site repeats is written as news, and
stands on pages of one subject; versions of a story share much of their text.

An article without a site says nothing of a site's furniture, nor does a site of a few articles.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup._jit.kernels import helper, kernel, spread
from dedup._jit.pairs import firsts, lefts, once, pack, sorting
from dedup.match.boilerplate_style import run_style, table
from dedup.text.arrays import TextArrays, stretches
from dedup.text.corpus import Corpus
from dedup.text.token_flags import CAPITAL, QUOTED

SITE = 4
"""Articles a site must have. Higher finds less on small sites: at 4 a site of three pages tells
nothing."""

LEAST, LEAST_LINE, LEAST_NAMES = -2.0, -1.0, 0.0
"""Sum from which a paragraph is boilerplate, a line, and a text of names. Higher marks fewer: at -2
odds of 1 to 7 by style are enough on three pages that have as little in common as others."""

LINE = 9
"""Words from which on a text is no line. Higher marks fewer texts: at 9 one of eight words is a
line, which may be a heading or come by chance."""

PAGES, DOUBLINGS = 3, 4
"""Pages from which on each doubling adds 1, and how many count. Higher marks fewer texts, and more
formulas of news: at 3 and 4 a text on 48 pages or more has 4 more, and one on two 0.6 less."""

VERSIONS = 0.5
"""Share of the pages of all versions that counts for a version with fewer pages of its own. Higher
marks more lines that differ in names: at 0.5 each of 35 versions on 35 pages counts as on 17."""

SITES = 0.5
"""What each doubling of the sites that have a version takes away. Higher marks fewer texts: at 0.5
one on four sites has 1 less. A caption, post or wire sentence is on many; one owner has a few."""

UNLIKE, ALIKE = 1.0, 1.5
"""Most that unlike pages add, and that pages of one subject take away, in doublings of what two
pages of the site usually have in common. Higher weighs subjects more: at 1.5 pages that have three
times as much in common are as those that have ten times as much."""

FLOOR = 0.01
"""What two pages have in common at least, for these doublings. Higher weighs subjects less where
pages have next to nothing in common: at 0.01 pages that share 0.2 % are as those that share 1 %."""

SAMPLE = 12
"""Pairs of pages, in order, that are compared at most, of a text and of a site. Higher is surer and
costs time: at 12 a footer on 10,000 pages costs 12 comparisons."""

KIN = 1 / 3
"""Share of the shorter page's words, what may be boilerplate aside, from which two pages are kin.
Higher marks more texts: at 1/3 pages that share a third of the shorter one are versions."""

REST = 20
"""Words besides below which a page says nothing of its kin. Higher marks fewer texts: at 20 a
page of a headline and the text tells nothing."""

QUOTING = 0.25
"""Share of quoted words above which a text is a quotation, which is news. Higher marks more: at
0.25 five of 20 words may be quoted."""

NAMED = 0.6
"""Share of capitalised words above which a text is one of names, such as a list of guests. Higher
takes fewer for such: at 0.6 six words of ten may have capitals."""

SLOTS = 1 << 20
"""Slots in which words are counted by their hash; two of one slot are one. Higher takes more memory
and mixes fewer: at a million 12 MB."""

PAGE_TEXTS = "Tuple((i8[::1], i4[::1], i4[::1], b1[::1], i4[::1]))"
WORDS = "Tuple((u4[::1], i8[::1], f4[::1], i4[::1], i4[::1]))"
"""Types of what kernels pass on: where the paragraphs of each article begin, their texts, and of
each text its family, whether it is left aside, and its words; and the tokens of the texts, where
they begin, the weight of each slot, and for comparisons the last one that met each slot, and its
number."""


class Pages(NamedTuple):
    """What stands on the pages, as comparisons of pages take it."""

    bounds: npt.NDArray[np.int64]
    """int64[articles + 1]: where the paragraphs of each article begin."""
    text: npt.NDArray[np.int32]
    """int32[paragraphs]"""
    family: npt.NDArray[np.int32]
    """int32[texts]"""
    aside: npt.NDArray[np.bool_]
    """bool[texts]: texts that tell nothing of their pages."""
    words: npt.NDArray[np.int32]
    """int32[texts]"""


class Alike(NamedTuple):
    """Pages of which it is asked how much they have in common, group after group."""

    pages: npt.NDArray[np.int64]
    """int64[rows]: articles."""
    starts: npt.NDArray[np.int64]
    """int64[groups + 1]"""
    family: npt.NDArray[np.int32]
    """int32[groups]: the family that is left aside, -1 for none."""


class Written(NamedTuple):
    """How texts are written."""

    style: npt.NDArray[np.float64]
    """float64[texts]: see `dedup.match.boilerplate_style`."""
    is_news: npt.NDArray[np.bool_]
    """bool[texts]: quotations."""
    is_name: npt.NDArray[np.bool_]
    """bool[texts]: texts of names."""


class Looks(NamedTuple):
    """What looks at the words of texts: `written` and `in_common`, or what does as they do."""

    written: Callable[[npt.NDArray[np.int64], TextArrays], Written]
    in_common: Callable[[Alike, Pages, TextArrays], npt.NDArray[np.float64]]


class _Groups(NamedTuple):
    """The versions of a text that a site has; a group is a family on a site with two pages."""

    texts: npt.NDArray[np.int64]
    """int64[members]: distinct texts, group after group."""
    own: npt.NDArray[np.int64]
    """int64[members]: the pages of the site that hold each."""
    group: npt.NDArray[np.int64]
    """int64[members]: the group of each."""
    pages: npt.NDArray[np.int64]
    """int64[rows]: the articles of each group, each once, group after group."""
    starts: npt.NDArray[np.int64]
    """int64[groups + 1]: where the articles of each group begin."""
    family: npt.NDArray[np.int32]
    """int32[groups]"""
    site: npt.NDArray[np.int64]
    """int64[groups]"""
    sites: npt.NDArray[np.int64]
    """int64[groups]: how many sites have a version, articles without one as one site."""


def family_boilerplate(
    corpus: Corpus,
    family: npt.NDArray[np.int32],
    site: npt.NDArray[np.int64],
    known: npt.NDArray[np.bool_],
    looks: Looks | None = None,
    workers: int = 1,
) -> npt.NDArray[np.bool_]:
    r"""Tell which texts are boilerplate, of those that are not known to be, bool[texts].

    `family`, int32[texts], numbers the versions of one text alike; `site`, int64[articles], numbers
    the sites, -1 where there is none; `known`, bool[texts], are boilerplate already: they tell
    nothing of their pages. `looks` looks at the words.

    >>> from dedup.progress import Silent
    >>> from dedup.records import Article
    >>> from dedup.text.corpus import collapse
    >>> line = "Sign up for our free newsletter and follow us here."
    >>> corpus = collapse([Article("a", line), Article("b", line)], 1, Silent())
    >>> family_boilerplate(corpus, np.zeros(1, np.int32), np.zeros(2, np.int64), np.zeros(1, bool))
    array([False])
    """
    looks = looks or Looks(written, partial(in_common, workers=workers))
    found = np.zeros(len(family), np.bool_)
    groups = _groups(corpus, family, site, known)
    if not len(groups.texts):
        return found
    words = corpus.words()
    seen = looks.written(groups.texts, corpus.texts)
    every = np.diff(groups.starts)[groups.group]
    score = seen.style + by_pages(groups.own, every, groups.sites[groups.group])
    needed = least(words[groups.texts], seen.is_name)
    # Pages are compared only where that may decide.
    open_ = ~seen.is_news & (score + UNLIKE >= needed)
    asked = np.zeros(len(groups.family), np.bool_)
    asked[groups.group[open_]] = True
    bounds = np.searchsorted(corpus.article, np.arange(len(corpus.articles) + 1))
    pages = Pages(bounds, corpus.text, family, known, words)
    chosen = np.unique(groups.site[asked])
    shares = looks.in_common(
        _together(_pages_of(groups, asked), _usual(site, chosen)), pages, corpus.texts
    )
    alike, usual = np.zeros(len(asked)), np.zeros(int(site.max()) + 1)
    alike[asked], usual[chosen] = np.split(shares, [int(asked.sum())])
    score += by_subjects(alike, usual[groups.site])[groups.group]
    likely = open_ & (score >= needed)
    aside = known.copy()
    aside[groups.texts[likely]] = True
    asked[:] = False
    asked[groups.group[likely]] = True
    kinship = np.ones(len(asked), np.float64)
    _kinship(groups.pages, groups.starts, asked, tuple(pages._replace(aside=aside)), kinship)
    found[groups.texts[likely & (kinship < KIN)[groups.group]]] = True
    return found


def written(rows: npt.NDArray[np.int64], texts: TextArrays) -> Written:
    """Tell how the texts at some rows are written."""
    styles = np.empty(len(rows), np.float64)
    _styles(rows, texts.tokens, texts.offsets, texts.flags, tuple(table()), styles)
    some = texts.take(rows)
    begin, sizes = some.offsets[:-1], np.maximum(some.sizes, 1)
    quoted = np.add.reduceat(some.flags & QUOTED > 0, begin, dtype=np.int64)
    capitals = np.add.reduceat(some.flags & CAPITAL > 0, begin, dtype=np.int64)
    return Written(styles, quoted > QUOTING * sizes, capitals > NAMED * sizes)


def in_common(
    asked: Alike,
    pages: Pages,
    texts: TextArrays,
    rarity: npt.NDArray[np.float32] | None = None,
    workers: int = 1,
) -> npt.NDArray[np.float64]:
    """Return how much two pages of each group have in common, 0 to 1, float64[groups].

    `rarity` is what words are worth (see `rarities`) in a corpus of which these are a part.
    """
    found = np.zeros(len(asked.family), np.float64)
    if not len(found):
        return found
    if rarity is None:
        counts = pages_with(pages.bounds, pages.text, texts, workers)
        rarity = rarities(counts, len(pages.bounds) - 1)
    every = np.ones(len(found), np.bool_)

    def compare(low: int, high: int) -> None:
        own = texts.tokens, texts.offsets, rarity, np.zeros(SLOTS, np.int32), np.zeros(1, np.int32)
        rows = asked.pages, asked.starts[low : high + 1], asked.family[low:high]
        _alike(*rows, every[low:high], tuple(pages), own, found[low:high])

    # Of each group so many pairs are compared at most: its pages say little of what it costs.
    spread(compare, np.arange(len(found) + 1), workers)
    return found


def sampled(asked: Alike) -> Alike:
    """Return the pages alone that are compared; of these the same ones are.

    >>> pages = np.arange(40)
    >>> some = sampled(Alike(pages, np.array([0, 40]), np.array([7], np.int32)))
    >>> some.pages.tolist() == list(range(0, 40, 3)) == sampled(some).pages.tolist()
    True
    """
    sizes = np.diff(asked.starts)
    steps = np.maximum(1, (sizes - 1) // SAMPLE)  # as `_step`
    turns, starts = stretches(np.zeros_like(sizes), (sizes - 1) // steps + 1)
    counts = np.diff(starts)
    rows = np.repeat(asked.starts[:-1], counts) + turns * np.repeat(steps, counts)
    return Alike(asked.pages[rows], starts, asked.family)


def pages_with(
    bounds: npt.NDArray[np.int64],
    text: npt.NDArray[np.int32],
    texts: TextArrays,
    workers: int = 1,
) -> npt.NDArray[np.int32]:
    """Count the pages that hold each word, by a slot of its hash, int32[SLOTS]."""

    def count(low: int, high: int) -> npt.NDArray[np.int32]:
        pages, last = np.zeros(SLOTS, np.int32), np.full(SLOTS, -1, np.int32)
        _count(bounds[low : high + 1], text, texts.tokens, texts.offsets, pages, last)
        return pages

    return sum(spread(count, bounds, workers), np.zeros(SLOTS, np.int32))


def rarities(pages: npt.NDArray[np.int32], every: int) -> npt.NDArray[np.float32]:
    """Return what words count that so many of all pages hold: rare ones most, as in a search.

    >>> rarities(np.array([1, 4]), 4).astype(float).round(2).tolist()
    [1.92, 0.0]
    """
    worth: npt.NDArray[np.float64] = np.log(max(every, 1) / np.maximum(pages, 1)) ** 2
    return worth.astype(np.float32)


def by_pages(
    own: npt.NDArray[np.int64], every: npt.NDArray[np.int64], sites: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    """Return what the pages add to the style of texts, float64[texts].

    `own` are the pages of a site that hold each text, `every` those that hold any version of it,
    and `sites` how many sites have a version, int64[texts].

    >>> by_pages(np.array([3, 6, 6]), np.array([3, 6, 24]), np.array([1, 1, 2])).tolist()
    [0.0, 1.0, 1.5]
    """
    pages = np.maximum(own, VERSIONS * every)
    added: npt.NDArray[np.float64] = np.minimum(np.log2(pages / PAGES), DOUBLINGS)
    return added - SITES * np.log2(sites)


def by_subjects(
    alike: npt.NDArray[np.float64], usual: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Return what the subjects of pages add: less than nothing for pages of one subject.

    `alike` is how much the pages have in common, `usual` how much two pages of the site have, 0
    to 1, float64[groups].

    >>> by_subjects(np.array([0.1, 0.4, 0.05]), np.array([0.1, 0.2, 0.1])).tolist()
    [-0.0, -1.0, 1.0]
    """
    doublings = np.log2(np.maximum(alike, FLOOR) / np.maximum(usual, FLOOR))
    return -np.clip(doublings, -UNLIKE, ALIKE)


def least(words: npt.NDArray[np.int32], is_name: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """Return the sum from which texts of so many words are boilerplate, float64[texts].

    >>> least(np.array([5, 50, 50]), np.array([False, False, True])).tolist()
    [-1.0, -2.0, 0.0]
    """
    return np.where(is_name, LEAST_NAMES, np.where(words < LINE, LEAST_LINE, LEAST))


def _groups(
    corpus: Corpus,
    family: npt.NDArray[np.int32],
    site: npt.NDArray[np.int64],
    known: npt.NDArray[np.bool_],
) -> _Groups:
    large = np.bincount(site + 1, minlength=1) >= SITE
    large[0] = False  # no site
    rows = np.flatnonzero(large[site[corpus.article] + 1] & ~known[corpus.text])
    rows = rows[np.bincount(family[corpus.text[rows]], minlength=1)[family[corpus.text[rows]]] > 1]
    article, text = corpus.article[rows].astype(np.int64), corpus.text[rows].astype(np.int64)
    order = sorting(family[text], site[article])  # articles are in order
    article, text = article[order], text[order]
    group = np.cumsum(firsts(family[text], site[article])) - 1
    new = firsts(group, article)
    several = np.bincount(group[new], minlength=1) > 1
    kept = several[group] if len(group) else new
    article, text, new = article[kept], text[kept], new[kept]
    group = np.cumsum(firsts(group[kept])) - 1
    members = np.stack([group, text, article])[:, sorting(group, text, article)]
    members = members[:, firsts(*members)]
    places = once(pack(family[corpus.text], site[corpus.article] + 1))
    sites = np.bincount(lefts(places), minlength=int(family.max(initial=0)) + 1)
    begin = np.flatnonzero(firsts(members[0], members[1]))
    first = np.flatnonzero(firsts(group))
    return _Groups(
        texts=members[1, begin],
        own=np.diff(np.append(begin, members.shape[1])),
        group=members[0, begin],
        pages=article[new],
        starts=np.searchsorted(group[new], np.arange(len(first) + 1)).astype(np.int64),
        family=family[text[first]],
        site=site[article[first]],
        sites=sites[family[text[first]]],
    )


def _pages_of(groups: _Groups, asked: npt.NDArray[np.bool_]) -> Alike:
    """Return the pages of some groups, bool[groups]."""
    sizes = np.diff(groups.starts)
    pages = groups.pages[np.repeat(asked, sizes)]
    starts = np.append(0, np.cumsum(sizes[asked])).astype(np.int64)
    return Alike(pages, starts, groups.family[asked])


def _usual(site: npt.NDArray[np.int64], chosen: npt.NDArray[np.int64]) -> Alike:
    """Return the pages of some sites that tell what two usually have in common, a group a site."""
    order = np.argsort(site, kind="stable")
    bounds = np.searchsorted(site[order], np.arange(int(site.max()) + 2))
    pages, starts = [np.zeros(0, np.int64)], [0]
    for number in chosen.tolist():
        own = order[bounds[number] : bounds[number + 1]]
        # Neighbours may be parts of one story: each page is followed by one from far away.
        many = 2 * min(len(own) // 2, SAMPLE)
        chosen_pages = own[np.linspace(0, len(own) - 1, many).astype(np.int64)]
        pages.append(chosen_pages.reshape(2, -1).T.ravel())
        starts.append(starts[-1] + many)
    none = np.full(len(chosen), -1, np.int32)
    return Alike(np.concatenate(pages), np.array(starts, np.int64), none)


def _together(some: Alike, more: Alike) -> Alike:
    return Alike(
        np.concatenate([some.pages, more.pages]),
        np.concatenate([some.starts, some.starts[-1] + more.starts[1:]]),
        np.concatenate([some.family, more.family]),
    )


@kernel("void(i8[::1], u4[::1], i8[::1], u1[::1], Tuple((u4[::1], f4[::1], f4[:, ::1])), f8[::1])")
def _styles(rows, tokens, offsets, flags, style, out):
    for k in range(len(rows)):
        out[k] = run_style(tokens, flags, offsets[rows[k]], offsets[rows[k] + 1], *style)


@helper
def _slot(token):
    return np.int64(token >> np.uint32(1)) & (SLOTS - 1)


@kernel("void(i8[::1], i4[::1], u4[::1], i8[::1], i4[::1], i4[::1])")
def _count(bounds, text, tokens, offsets, pages, last):
    """Count the articles that hold each word."""
    for page in range(len(bounds) - 1):
        for row in range(bounds[page], bounds[page + 1]):
            for k in range(offsets[text[row]], offsets[text[row] + 1]):
                slot = _slot(tokens[k])
                if last[slot] != page:
                    last[slot] = page
                    pages[slot] += 1


@helper
def _in_common(x, y, apart, held, words):
    """Return how much two articles have in common, a family left aside: a cosine, 0 to 1.

    Each word counts once, by how rare it is.
    """
    bounds, text, family, aside, _ = held
    tokens, offsets, rarity, met, clock = words
    clock[0] += 3
    now = clock[0]
    size_x, size_y, common = 0.0, 0.0, 0.0
    for row in range(bounds[x], bounds[x + 1]):
        if family[text[row]] == apart or aside[text[row]]:
            continue
        for k in range(offsets[text[row]], offsets[text[row] + 1]):
            slot = _slot(tokens[k])
            if met[slot] != now:
                met[slot] = now
                size_x += rarity[slot]
    for row in range(bounds[y], bounds[y + 1]):
        if family[text[row]] == apart or aside[text[row]]:
            continue
        for k in range(offsets[text[row]], offsets[text[row] + 1]):
            slot = _slot(tokens[k])
            if met[slot] <= now:
                common += rarity[slot] if met[slot] == now else 0.0
                size_y += rarity[slot]
                met[slot] = now + 1
    return common / np.sqrt(size_x * size_y) if size_x > 0 and size_y > 0 else 1.0


@helper
def median(values, count):
    """Return the median of the first `count` of a few values, which are put in order.

    Of an even number it is the higher one of two. By insertion: numba's own sort compiles slowly.
    """
    for k in range(1, count):
        value, at = values[k], k
        while at > 0 and values[at - 1] > value:
            values[at] = values[at - 1]
            at -= 1
        values[at] = value
    return values[count // 2]


@helper
def _step(pages):
    """Return how far apart the pages are that are compared."""
    return max(1, (pages - 1) // SAMPLE)


@kernel(f"void(i8[::1], i8[::1], i4[::1], b1[::1], {PAGE_TEXTS}, {WORDS}, f8[::1])")
def _alike(pages, starts, families, asked, held, words, out):
    """Write what two pages of each group have in common: the median of a sample of pairs."""
    found = np.empty(2 * SAMPLE + 2, np.float64)
    for group in range(len(out)):
        if not asked[group]:
            continue
        own = pages[starts[group] : starts[group + 1]]
        step, pairs = _step(len(own)), 0
        for k in range(0, len(own) - step, step):
            found[pairs] = _in_common(own[k], own[k + step], families[group], held, words)
            pairs += 1
        out[group] = median(found, pairs)


@helper
def _shared(x, y, held, stamps, now):
    """Return which share of the shorter article's words both hold, what is aside left out.

    An article that holds little else tells nothing of its kin: 1.
    """
    bounds, text, family, aside, sizes = held
    size_x, size_y, common = 0, 0, 0
    for row in range(bounds[x], bounds[x + 1]):
        one = text[row]
        if not aside[one] and stamps[family[one]] != now:
            stamps[family[one]] = now
            size_x += sizes[one]
    for row in range(bounds[y], bounds[y + 1]):
        one = text[row]
        if not aside[one] and stamps[family[one]] <= now:
            common += sizes[one] if stamps[family[one]] == now else 0
            stamps[family[one]] = now + 1
            size_y += sizes[one]
    least = min(size_x, size_y)
    return 1.0 if least < REST else common / least


@kernel(f"void(i8[::1], i8[::1], b1[::1], {PAGE_TEXTS}, f8[::1])")
def _kinship(pages, starts, asked, held, out):
    """Write which share of the shorter page two pages of each group usually share."""
    stamps = np.zeros(len(held[2]) + 1, np.int64)
    now = 0
    found = np.empty(2 * SAMPLE + 2, np.float64)
    for group in range(len(out)):
        if not asked[group]:
            continue
        own = pages[starts[group] : starts[group + 1]]
        step, pairs = _step(len(own)), 0
        for k in range(0, len(own) - step, step):
            now += 2
            found[pairs] = _shared(own[k], own[k + step], held, stamps, now)
            pairs += 1
        out[group] = median(found, pairs)
