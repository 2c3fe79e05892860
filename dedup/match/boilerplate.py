"""Standing text: what a site puts on pages that have nothing else to do with one another.

Never by a word list: a text is standing when it, or a version of it, is in `PAGES` or more articles
of one site, most of those articles share little else, and it either stands at the same place in
them, counted from the top or the bottom, or comes back over more than `DAYS` days. A wire story
that a site runs five times over is in five articles too, but these share their other paragraphs; a
sentence that all the week's stories quote stands now here, now there. A page may have more standing
text than news: so what comes back over more than `DAYS` days is left out when articles are
compared, as long as each has `REST` words besides.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dedup._jit.kernels import helper, kernel

PAGES = 4
"""Articles of one site that must hold a text for it to be standing."""

SAMPLE = 16
"""Pairs of these articles, in order, that are compared at most."""

KIN = 1 / 3
"""Share of the shorter article's words from which two articles are kin."""

REST = 20
"""Words an article must have besides what comes back for that to be left out."""

DAYS = 14
"""Days after which what comes back is standing wherever it is placed."""

EDGE = 5
"""Paragraphs from the top or bottom within which that place must be."""

PLACED = 0.75
"""Share of the articles in which a text must stand at the same place."""

PAGES_STYLED, STYLED = 2, 1.5
"""Articles that are enough for a text of such a style (`dedup.match.boilerplate_style`), wherever
it stands. Higher style marks fewer."""

WRITTEN, NEWS = 0.0, -4.0
"""Evidence from which a text is standing wherever it stands, and up to which it is news however
often it comes back: its style, with `REPEATED` added for each doubling from `PAGES` on of the
articles that have it word for word, up to `DOUBLINGS`, and taken away for each halving."""

VARIED = -0.5
"""Style from which a version of a standing text is standing that fewer than `PAGES` articles have
word for word. Higher leaves more of them out, and fewer items of a formula of news are marked."""

AGAIN = 2.0
"""Times that the versions of a text stand on average from which all of them are standing: those of
a blurb come back word for word, the items of a formula of news do not."""

REPEATED, DOUBLINGS = 1.0, 3
"""Higher marks more formulas of news that come back word for word."""


def boilerplate_texts(
    family: npt.NDArray[np.int32],
    text: npt.NDArray[np.int32],
    article: npt.NDArray[np.int32],
    site: npt.NDArray[np.int64],
    day: npt.NDArray[np.float64],
    words: npt.NDArray[np.int32],
    style: npt.NDArray[np.float32],
) -> npt.NDArray[np.bool_]:
    """Tell which texts are standing, bool[texts].

    `family`, int32[texts], numbers the versions of one text alike; `text` and `article`,
    int32[paragraphs], say what stands where, in reading order; `site`, int64[articles]; `day`,
    float64[articles], days since any fixed day, NaN where unknown; `words`, int32[texts];
    `style`, float32[texts] (see `dedup.match.boilerplate_style`).

    >>> family = np.arange(5)
    >>> text, article = np.array([0, 1, 0, 2, 0, 3, 0, 4]), np.array([0, 0, 1, 1, 2, 2, 3, 3])
    >>> words = np.array([3, 9, 9, 9, 9], np.int32)
    >>> sites, days, style = *np.zeros((2, 4), int), np.zeros(5, np.float32)
    >>> boilerplate_texts(family, text, article, sites, days, words, style).tolist()
    [True, False, False, False, False]
    """
    of = family[text]
    order = np.lexsort((article, site[article], of))
    group = np.ones(len(of), np.int64)  # the versions of a text on one site
    group[1:] = (np.diff(of[order]) != 0) | (np.diff(site[article[order]]) != 0)
    group = np.cumsum(group) - 1
    every = text[order]
    new = np.ones(len(of), bool)
    new[1:] = (np.diff(of[order]) != 0) | (np.diff(article[order]) != 0)
    order = order[new]
    families, pages = of[order], article[order]  # each family once an article
    top = order - np.searchsorted(article, pages)
    bottom = np.searchsorted(article, pages, side="right") - order
    groups = int(group[-1]) + 1 if len(group) else 0
    starts = np.searchsorted(group[new], np.arange(groups + 1))
    lasts = _lasting(starts, day[pages].astype(np.float64))
    by_page = np.lexsort((families, pages))
    held = families[by_page].astype(np.int32)
    returns = np.repeat(lasts, np.diff(starts))[by_page]
    bounds = np.searchsorted(pages[by_page], np.arange(len(site) + 1))
    is_boilerplate = np.zeros(groups, np.bool_)
    most, mean, repeats = _exact(group, every, groups)
    _boilerplate_texts(
        families.astype(np.int32),
        pages.astype(np.int32),
        starts,
        top,
        bottom,
        lasts,
        held,
        returns,
        bounds,
        words,
        _least(group, style[every], groups),
        most,
        is_boilerplate,
    )
    # Only what the site itself has: another one may quote it as news, and be a version for that.
    found = np.zeros(len(family), bool)
    # Versions that differ are items of one formula of news, unless they are written as furniture.
    kept = is_boilerplate[group] & (
        (repeats >= PAGES) | (style[every] >= VARIED) | (mean[group] >= AGAIN)
    )
    found[every[kept]] = True
    return found


def _least(
    group: npt.NDArray[np.int64], style: npt.NDArray[np.float32], groups: int
) -> npt.NDArray[np.float32]:
    """Return the least style of the versions in each group, float32[groups]."""
    least = np.full(groups, np.inf, np.float32)
    np.minimum.at(least, group, style)
    return least


def _exact(
    group: npt.NDArray[np.int64], text: npt.NDArray[np.int32], groups: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Return how often the texts of each group stand, at most and on average, and each row's text.

    int64[groups], float64[groups] and int64[rows].
    """
    pairs, where, counts = np.unique(group << 32 | text, return_inverse=True, return_counts=True)
    most = np.zeros(groups, np.int64)
    np.maximum.at(most, pairs >> 32, counts)
    total, texts = np.bincount(group, minlength=groups), np.bincount(pairs >> 32, minlength=groups)
    return most, total / np.maximum(texts, 1), counts[where]


@helper
def _rest(held, returns, bounds, words, x, apart, whole):
    """Return an article's words, a family and, unless `whole`, what returns left aside."""
    size = 0
    for k in range(bounds[x], bounds[x + 1]):
        if held[k] != apart and (whole or not returns[k]):
            size += words[held[k]]
    return size


@helper
def _share(held, returns, bounds, words, x, y, apart):
    """Return which share of the shorter article's words both hold, one family left aside.

    An article that holds nothing else tells nothing of its kin, so it counts as kin: 1.
    """
    size_x = _rest(held, returns, bounds, words, x, apart, False)
    size_y = _rest(held, returns, bounds, words, y, apart, False)
    whole = min(size_x, size_y) < REST
    if whole:
        size_x = _rest(held, returns, bounds, words, x, apart, True)
        size_y = _rest(held, returns, bounds, words, y, apart, True)
    if size_x == 0 or size_y == 0:
        return 1.0
    common = 0
    i, j = bounds[x], bounds[y]
    while i < bounds[x + 1] and j < bounds[y + 1]:
        if held[i] == held[j]:
            if held[i] != apart and (whole or not returns[i]):
                common += words[held[i]]
            i += 1
            j += 1
        elif held[i] < held[j]:
            i += 1
        else:
            j += 1
    return common / min(size_x, size_y)


@helper
def _is_placed(places):
    """Tell whether most places are the same one, near the end they are counted from."""
    usual = np.int64(np.median(places))
    return usual <= EDGE and (places == usual).sum() >= PLACED * len(places)


@kernel("b1[::1](i8[::1], f8[::1])")
def _lasting(starts, days):
    """Tell of each group whether its known days lie far apart."""
    out = np.zeros(len(starts) - 1, np.bool_)
    for group in range(len(out)):
        low, high = np.inf, -np.inf
        for day in days[starts[group] : starts[group + 1]]:
            if not np.isnan(day):
                low, high = min(low, day), max(high, day)
        out[group] = starts[group + 1] - starts[group] >= PAGES and high - low > DAYS
    return out


@kernel(
    "void(i4[::1], i4[::1], i8[::1], i8[::1], i8[::1], b1[::1], i4[::1], b1[::1], i8[::1], i4[::1],"
    "f4[::1], i8[::1], b1[::1])"
)
def _boilerplate_texts(
    families,
    pages,
    starts,
    top,
    bottom,
    lasts,
    held,
    returns,
    bounds,
    words,
    style,
    exact,
    is_boilerplate,
):
    for group in range(len(starts) - 1):
        first, last = starts[group], starts[group + 1]
        size = last - first
        if size < PAGES and (size < PAGES_STYLED or style[group] < STYLED):
            continue
        evidence = style[group] + REPEATED * min(np.log2(exact[group] / PAGES), DOUBLINGS)
        recurs = lasts[group] or _is_placed(bottom[first:last]) or _is_placed(top[first:last])
        if size >= PAGES and evidence < WRITTEN and (evidence <= NEWS or not recurs):
            continue
        step = max(1, (size - 1) // SAMPLE)
        asked = 0
        strangers = 0
        for k in range(first, last - step, step):
            asked += 1
            share = _share(held, returns, bounds, words, pages[k], pages[k + step], families[k])
            strangers += share < KIN
        if 2 * strangers > asked:
            is_boilerplate[group] = True
