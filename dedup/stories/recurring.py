"""Which articles share background alone: words that come back in other weeks.

A newsroom repeats what it has to say each time: how a figure is counted, who a company is, what a
forecast looks like. Two articles may share nothing else and look like versions of one another. What
tells is time. The words of one story stand in articles of its days; words that stand in articles
more than `SPAN` apart are no one story's, on whatever sites. What is left of an article is its
news. Where articles have no dates, all of it is news.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup._jit.kernels import kernel
from dedup._jit.pairs import HALF, right, rights, sorting
from dedup.match.long_texts import LONG, TIMES, first_from
from dedup.stories.article_features import DAY
from dedup.stories.overlap import Overlap

SPAN = 7 * DAY
"""Seconds between the first and the last article with some words, above which they recur. Higher
finds less background: at 7 days what stands in articles of one Monday and of the Tuesday of the
next week recurs if it stands in a third one."""

ISSUES = 3
"""Articles in which words that recur stand at least. Higher finds less background: at 3 an article
that is run again a month later is none, and one that is run twice more is."""

NEWS = 0.5
"""Share of an article's news that the other must have, the higher of both ways. Higher takes more
articles for two that share background: at 0.5 a report of 200 words over 300 of background is
another story if 110 of the 200 are new."""

SOME = 0.25
"""Share of the common words that must be news. Higher takes more articles for two that share
background: at 0.25 two that have 300 words of background in common also share 100 others."""

COPIED, HELD = 0.9, 0.95
"""Share of each other's words from which two articles are copies, and share of the one from which
it is held, whatever recurs. Higher calls more of them two reports: at 0.9 and 0.95 a notice that
comes every week, with a new date, is a copy of the last one, and what is cut out of an article that
is reprinted for months is an excerpt of it."""


class News(NamedTuple):
    """What pairs of articles share, in prints (see `dedup.stories.overlap.article_prints`)."""

    of_a: npt.NDArray[np.float32]
    """float32[pairs]: share of a's news that b has; 0 where a has none."""
    of_b: npt.NDArray[np.float32]
    """float32[pairs]: share of b's news that a has; 0 where b has none."""
    part: npt.NDArray[np.float32]
    """float32[pairs]: share of what both have that is news."""


def is_background(
    overlap: Overlap, prints: npt.NDArray[np.uint64], first: npt.NDArray[np.float64]
) -> npt.NDArray[np.bool_]:
    """Tell which pairs share background and too little news, bool[pairs].

    `prints` are those of all distinct articles; `first`, float64[distinct], is the time of each,
    NaN for none.
    """
    if not len(overlap.a):
        return np.zeros(0, np.bool_)
    return too_little(overlap, common_news(overlap, prints, first))


def too_little(overlap: Overlap, news: News) -> npt.NDArray[np.bool_]:
    """Tell which pairs share too little news to be one story, bool[pairs]."""
    little = (np.maximum(news.of_a, news.of_b) < NEWS) | (news.part < SOME)
    low, high = np.minimum(overlap.of_a, overlap.of_b), np.maximum(overlap.of_a, overlap.of_b)
    found: npt.NDArray[np.bool_] = little & (low < COPIED) & (high < HELD)
    return found


def common_news(
    overlap: Overlap, prints: npt.NDArray[np.uint64], first: npt.NDArray[np.float64]
) -> News:
    """Measure how much of what pairs share is news; arguments as in `is_background`.

    >>> prints = np.array([5 << 32 | 0, 5 << 32 | 1, 6 << 32 | 0, 7 << 32 | 1], np.uint64)
    >>> pair = Overlap(np.zeros(1, "i4"), np.ones(1, "i4"), *np.zeros((6, 1), "f4"))
    >>> common_news(pair, prints, np.array([np.nan, np.nan])).of_a.tolist()
    [0.5]
    """
    asked = np.zeros(len(first), bool)
    asked[overlap.a] = asked[overlap.b] = True
    rows = np.flatnonzero(asked[rights(prints)])
    return news_of(overlap, prints[rows], ~recurs(rows, prints, first), len(first))


def recurs(
    rows: npt.NDArray[np.int64], prints: npt.NDArray[np.uint64], first: npt.NDArray[np.float64]
) -> npt.NDArray[np.bool_]:
    """Tell which prints, at some rows in order, stand in articles far apart, bool[rows].

    All articles that have one must be there; arguments as in `is_background`.
    """
    found: npt.NDArray[np.bool_] = _recur(rows, prints, first)
    return found


def news_of(
    overlap: Overlap,
    prints: npt.NDArray[np.uint64],
    is_news: npt.NDArray[np.bool_],
    distinct: int,
) -> News:
    """Measure the same from the prints of the articles in these pairs and what of them is news.

    `prints` are ordered; `is_news` is bool[prints]; `distinct` says how many articles there are.
    """
    body = rights(prints)
    sizes = np.maximum(np.bincount(body[is_news], minlength=distinct), 1)
    bounds = np.append(0, np.cumsum(np.bincount(body, minlength=distinct)))
    order = sorting(body)
    items = (prints >> HALF).astype(np.uint32)[order]
    news, common = _common(overlap.a, overlap.b, items, is_news[order], bounds)
    shares = news / sizes[overlap.a], news / sizes[overlap.b], news / np.maximum(common, 1)
    return News(*(share.astype(np.float32) for share in shares))


@kernel("b1[::1](i8[::1], u8[::1], f8[::1])")
def _recur(
    rows: npt.NDArray[np.int64], prints: npt.NDArray[np.uint64], first: npt.NDArray[np.float64]
) -> npt.NDArray[np.bool_]:
    """Tell which prints, by their rows in order, stand in articles that are far apart."""
    out = np.zeros(len(rows), np.bool_)
    end = np.int64(0)
    for k in range(len(rows)):
        if rows[k] < end:  # of the same print as the row before
            out[k] = out[k - 1]
            continue
        value = prints[rows[k]] >> HALF
        begin = end = rows[k]
        while begin > 0 and prints[begin - 1] >> HALF == value:
            begin -= 1
        earliest, latest = np.inf, -np.inf
        while end < len(prints) and prints[end] >> HALF == value:
            end += 1
        for at in range(begin, end):
            moment = float(first[right(prints[at])])
            if not np.isnan(moment):
                earliest, latest = min(earliest, moment), max(latest, moment)
        out[k] = end - begin >= ISSUES and latest - earliest > SPAN
    return out


@kernel("i4[:, ::1](i4[::1], i4[::1], u4[::1], b1[::1], i8[::1])")
def _common(
    a: npt.NDArray[np.int32],
    b: npt.NDArray[np.int32],
    items: npt.NDArray[np.uint32],
    is_news: npt.NDArray[np.bool_],
    bounds: npt.NDArray[np.int64],
) -> npt.NDArray[np.int32]:
    """Count the prints that each pair has in common: those that are news, and all."""
    out = np.zeros((2, len(a)), np.int32)
    for row in range(len(a)):
        i, i_end = bounds[a[row]], bounds[a[row] + 1]
        j, j_end = bounds[b[row]], bounds[b[row] + 1]
        if i_end - i < j_end - j:
            i, i_end, j, j_end = j, j_end, i, i_end
        is_long = i_end - i > max(LONG, TIMES * (j_end - j))
        while i < i_end and j < j_end:
            if is_long:
                i = first_from(items, i, i_end, items[j])
                if i == i_end:
                    break
            x, y = items[i], items[j]
            out[0, row] += x == y and is_news[i]
            out[1, row] += x == y
            i += x <= y
            j += y <= x
    return out
