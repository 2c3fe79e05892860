"""How much of an article another one holds, counted as stories count it.

Counted are the article's own words and its headline. Boilerplate, quotations, formulas and what is
alike in form alone are counted on neither side. Two articles of one site that are no versions hold
nothing of one another if they tell of other matters (see `dedup.stories.link_filter.other_facts`),
or share what the site repeats a day later or under other headlines: a notice on another company,
filled into the same words, is news. Nor do articles, wherever they stand, that share mostly what
comes back week after week (see `dedup.stories.recurring`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from dedup._jit.pairs import once, pack
from dedup.stories.article_features import ArticleFeatures
from dedup.stories.distinct_articles import DistinctArticles, moments
from dedup.stories.link_filter import (
    ENOUGH,
    KEPT,
    WITHIN,
    other_facts,
    recurs_later,
    related_headlines,
)
from dedup.stories.overlap import LEAST, Compare, Overlap, article_prints
from dedup.stories.recurring import NEWS, common_news, is_background
from dedup.stories.story_result import StoryResult


def own_shares(told: StoryResult, article: int, compare: Compare) -> npt.NDArray[np.float64]:
    """Return the share of an article's own words that each article holds, float64[articles].

    The shares are 0 to 1, and NaN where there is nothing to count: the article, or the other one,
    has no text of its own, or the article is too short for a run of words. `compare` measures pairs
    of distinct articles (see `dedup.stories.overlap.measure`).
    """
    of = told.distinct.of.astype(np.int64)
    body = int(of[article])
    shares = np.full(len(of), np.nan)
    if body < 0 or not told.distinct.grams[body]:
        return shares
    others = np.unique(of[(of >= 0) & (of != body)])
    by_body = np.full(len(told.distinct.first), np.nan)
    by_body[body] = 1.0
    if len(others):
        mine = np.full(len(others), body)
        overlap = compare(once(pack(np.minimum(mine, others), np.maximum(mine, others))))
        held = np.where(overlap.a == body, overlap.b, overlap.a)
        by_body[held] = _own_share(overlap, body, told.distinct)
        together = _together(told, body, of)
        rows = np.flatnonzero((by_body[held] >= LEAST) & ~together[held])
        if len(rows):  # what is no kin is looked at no further
            apart = _told_apart(overlap.take(rows), told)
            by_body[held[rows[apart]]] = 0.0
    shares[of >= 0] = by_body[of[of >= 0]]
    return _with_headline(shares, article, told)


def _own_share(overlap: Overlap, body: int, distinct: DistinctArticles) -> npt.NDArray[np.float64]:
    """Return the share of a distinct article's own words that the other of each pair holds."""
    first = overlap.a == body
    words = np.where(first, overlap.of_a, overlap.of_b).astype(np.float64)
    own = np.where(first, overlap.own_a, overlap.own_b) * float(distinct.own[body])
    runs = overlap.containment * np.minimum(distinct.grams[overlap.a], distinct.grams[overlap.b])
    if not distinct.own[body]:  # made of quotations: then these are what it has to say
        return words
    # Words are counted whole, runs of words by what they are: the one scales the other.
    part = own / np.maximum(runs, 1) / (distinct.own[body] / distinct.grams[body])
    found: npt.NDArray[np.float64] = np.minimum(1.0, words * part)
    return found


def _together(told: StoryResult, body: int, of: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Tell which distinct articles are in one story with another one, bool[distinct]."""
    found = np.zeros(len(told.distinct.first), bool)
    for story in told.story_rows:
        own = [part.article for part in story.parts if part.role != "roundup part"]
        bodies = of[own]
        if body in bodies:
            found[bodies] = True
    return found


def _told_apart(overlap: Overlap, told: StoryResult) -> npt.NDArray[np.bool_]:
    """Tell which pairs share words and are on other matters, bool[pairs]."""
    first, _ = moments(told.distinct, told.features)
    prints = article_prints(told.corpus, told.distinct)
    recurs = common_news(overlap, prints, first).part < NEWS
    background = recurs & is_background(overlap, prints, first)
    # On one site facts of its own make another report of the same form; elsewhere words are words.
    other = other_facts(overlap, told.distinct, told.corpus) | _repeats(overlap, told)
    other |= recurs_later(overlap, first)
    found: npt.NDArray[np.bool_] = background | (other & _one_site(overlap, told))
    return found


def _repeats(overlap: Overlap, told: StoryResult) -> npt.NDArray[np.bool_]:
    """Tell which pairs share what a site repeats, if both are of one, bool[pairs].

    That is little, or little of its own, under another headline; and more under an unlike one. A
    text that is told again is there whole, or has its headline.
    """
    headlines = [told.features[article].headline for article in told.distinct.first.tolist()]
    pairs = list(zip(overlap.a.tolist(), overlap.b.tolist(), strict=True))
    named = np.array([bool(headlines[a] and headlines[b]) for a, b in pairs], bool)
    same = named & np.array([headlines[a] == headlines[b] for a, b in pairs], bool)
    unlike = named & ~related_headlines(overlap, told.distinct, told.features)
    most = np.maximum(overlap.of_a, overlap.of_b)
    brief = np.minimum(told.distinct.own[overlap.a], told.distinct.own[overlap.b]) < ENOUGH
    found: npt.NDArray[np.bool_] = (named & ~same & (brief | (most < WITHIN))) | (
        unlike & (most < KEPT)
    )
    return found


def _one_site(overlap: Overlap, told: StoryResult) -> npt.NDArray[np.bool_]:
    owners = [told.features[article].owner for article in told.distinct.first.tolist()]
    pairs = zip(overlap.a.tolist(), overlap.b.tolist(), strict=True)
    return np.array([bool(owners[a]) and owners[a] == owners[b] for a, b in pairs], bool)


def _with_headline(
    shares: npt.NDArray[np.float64], article: int, told: StoryResult
) -> npt.NDArray[np.float64]:
    """Count an article's headline with its words: held are those that stand in the other's."""
    title = _words(told.features, article)
    if not title:
        return shares
    body, distinct = told.distinct.of[article], told.distinct
    part = float(distinct.own[body] / distinct.grams[body]) or 1.0
    words = float(distinct.halves[body]) / 2 * part
    held = np.array([len(title & _words(told.features, other)) for other in range(len(shares))])
    found: npt.NDArray[np.float64] = (shares * words + held) / (words + len(title))
    found[shares == 0] = 0.0  # a headline alone is no text
    return found


def _words(features: Sequence[ArticleFeatures], article: int) -> set[str]:
    return set((features[article].headline or "").split())
