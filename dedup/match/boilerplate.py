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
from dedup._jit.pairs import firsts, sorting

PAGES = 4
"""Articles of one site that must hold a text for it to be standing. Higher takes fewer texts: at 4
a footer on three pages is none."""

SAMPLE = 16
"""Pairs of these articles, in order, that are compared at most, about. Higher looks at more: at 16
a text on 1,000 pages costs 16 comparisons."""

KIN = 1 / 3
"""Share of the shorter article's words from which two articles are kin. Higher makes more texts
boilerplate: at 1/3 two articles of 30 words that share ten are kin, and with nine they are not."""

REST = 20
"""Words an article must have besides what comes back for that to be left out. Higher compares more
articles whole: at 20 one of 19 words besides is compared with all it holds."""

DAYS = 14
"""Days after which what comes back is standing wherever it is placed. Higher takes fewer texts: at
14 a text that comes back on the 14th day must keep its place, and one on the 15th need not."""

EDGE = 5
"""Paragraphs from the top or bottom that may stand before that place. Higher takes more texts: at 5
the sixth paragraph is such a place, and the seventh is not."""

PLACED = 0.75
"""Share of the articles in which a text must stand at the same place. Higher takes fewer texts: at
0.75 three articles of four are enough."""


def boilerplate_texts(
    family: npt.NDArray[np.int32],
    text: npt.NDArray[np.int32],
    article: npt.NDArray[np.int32],
    site: npt.NDArray[np.int64],
    day: npt.NDArray[np.float64],
    words: npt.NDArray[np.int32],
) -> npt.NDArray[np.bool_]:
    """Tell which texts are standing, bool[texts].

    `family`, int32[texts], numbers the versions of one text alike; `text` and `article`,
    int32[paragraphs], say what stands where, in reading order; `site`, int64[articles]; `day`,
    float64[articles], days since any fixed day, NaN where unknown; `words`, int32[texts].

    >>> family = np.arange(5)
    >>> text, article = np.array([0, 1, 0, 2, 0, 3, 0, 4]), np.array([0, 0, 1, 1, 2, 2, 3, 3])
    >>> words = np.array([3, 9, 9, 9, 9], np.int32)
    >>> boilerplate_texts(family, text, article, *np.zeros((2, 4), int), words).tolist()
    [True, False, False, False, False]
    """
    of = family[text]
    order = sorting(of, site[article])  # articles are in order
    # A group is the versions of a text on one site.
    group = np.cumsum(firsts(of[order], site[article[order]])) - 1
    every = text[order]
    new = firsts(of[order], article[order])
    order = order[new]
    families, pages = of[order], article[order]  # each family once an article
    top = order - np.searchsorted(article, pages)
    bottom = np.searchsorted(article, pages, side="right") - order
    groups = int(group[-1]) + 1 if len(group) else 0
    starts = np.searchsorted(group[new], np.arange(groups + 1))
    lasts = _lasting(starts, day[pages].astype(np.float64))
    by_page = sorting(pages, families)
    held = families[by_page].astype(np.int32)
    returns = np.repeat(lasts, np.diff(starts))[by_page]
    bounds = np.searchsorted(pages[by_page], np.arange(len(site) + 1))
    is_boilerplate = np.zeros(groups, np.bool_)
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
        is_boilerplate,
    )
    # Only what the site itself has: another one may quote it as news, and be a version for that.
    found = np.zeros(len(family), bool)
    found[every[is_boilerplate[group]]] = True
    return found


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
    for usual in range(EDGE + 1):
        same = 0
        for place in places:
            same += place == usual
        if same >= PLACED * len(places):
            return True
    return False


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
    "b1[::1])"
)
def _boilerplate_texts(
    families, pages, starts, top, bottom, lasts, held, returns, bounds, words, is_boilerplate
):
    for group in range(len(starts) - 1):
        first, last = starts[group], starts[group + 1]
        size = last - first
        if size < PAGES or not (
            lasts[group] or _is_placed(bottom[first:last]) or _is_placed(top[first:last])
        ):
            continue
        step = max(1, (size - 1) // SAMPLE)
        asked = 0
        strangers = 0
        for k in range(first, last - step, step):
            asked += 1
            share = _share(held, returns, bounds, words, pages[k], pages[k + step], families[k])
            strangers += share < KIN
        is_boilerplate[group] = 2 * strangers > asked
