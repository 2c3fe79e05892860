"""Which overlaps may be one story: near in time, and on one site only where nearly all is shared.

A site that writes about a matter again repeats its own background. So a version needs more there:
nearly all of the one, or the same headline or address, and no other facts in the lead (see
`other_facts`). An address or a headline counts only where most articles that the site has under it
are alike: some addresses hold all items of a day, some headlines a daily column.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

from dedup._jit.hashset import room, slot_of
from dedup._jit.kernels import kernel
from dedup.stories.article_features import DAY, ArticleFeatures
from dedup.stories.distinct_articles import DistinctArticles, moments
from dedup.stories.overlap import Overlap, Tell
from dedup.stories.roundups import HELD, WHOLE, begins_alike
from dedup.text.corpus import Corpus
from dedup.text.token_flags import LINK, NAME, NUMBER, SHORT

WITHIN = 0.6
"""Least share of words that two articles of one site share, the higher of both ways. Higher joins
fewer: at 0.6 a report of 300 words that repeats 170 of the morning's 300 is another story."""

ENOUGH = 24
"""Own 5-grams that two bodies share at least: the names of a delegation are no story. Higher joins
fewer: at 24 a shared run of 28 words is enough."""

DIGEST = 200
"""Words that two articles share from which `ENOUGH` is not asked of them if they are nearly the
same: an article may be made of quotations. Higher joins fewer: at 200 a digest of three opinions is
a version of its copy."""

SAME = 0.8
"""Share of each other's own 5-grams from which `ENOUGH` is not asked of two bodies of one day.
Higher joins fewer brief articles: at 0.8 two of 24 words that differ in the last four are one."""

KEPT = 0.8
"""Share of the words of the one of which more is held, from which an article is a later version of
another one a day before, and one in blocks even with other facts. Higher takes more
versions for new issues of a column: at 0.8 what keeps four paragraphs of five is a version."""

SOON = 22 * 3600
"""Seconds within which the next version may hold less. Higher takes a new issue of a daily column
for a version: at 22 hours one that comes a day later is none, and what stood on the site in the
evening is told again in the paper of the next afternoon."""

BROKEN = 0.06
"""By how much the share of 5-grams may be lower than that of words where what is shared is whole
paragraphs. Higher takes formulas with other names for rewritten articles."""

TELLS = 0.6
"""Share of words, as `KEPT`, from which articles of two sites may have other facts in their leads,
where neither has the beginning of the other. Higher joins fewer that a second site began anew: at
0.6 it keeps three paragraphs of five."""


class Leads(NamedTuple):
    """What the beginnings of articles tell of pairs; see `other_facts` and `begins_alike`."""

    other_facts: Tell
    begins_alike: Tell

    @classmethod
    def of(cls, distinct: DistinctArticles, corpus: Corpus, workers: int = 1) -> Self:
        """Look at the words when something is asked."""
        return cls(
            partial(other_facts, distinct=distinct, corpus=corpus),
            partial(begins_alike, distinct=distinct, corpus=corpus, workers=workers),
        )


def is_link(
    overlap: Overlap,
    distinct: DistinctArticles,
    leads: Leads,
    facts: Sequence[ArticleFeatures],
    window: float,
) -> npt.NDArray[np.bool_]:
    """Return which pairs may be one story, bool[pairs].

    `leads` tells of their words what is asked; `facts` has one entry an article; `window` is the
    most days between two articles, 0 for no limit. Undated articles, and those whose dates are in
    doubt, are near all others. A version that is tagged as one (see `dedup.metadata.credits`) needs
    no more than the same headline.
    """
    if not len(overlap.a):
        return np.zeros(0, bool)
    held = np.flatnonzero(distinct.of >= 0)
    of = distinct.of[held]
    known = [facts[row] for row in held.tolist()]
    first, last = moments(distinct, facts)
    apart = np.maximum(first[overlap.a] - last[overlap.b], first[overlap.b] - last[overlap.a])
    near = ~(apart > window * DAY) if window else np.ones(len(overlap.a), bool)

    def same(values: Sequence[str | None]) -> npt.NDArray[np.bool_]:
        number = _only(of, values, len(distinct.first))
        alike: npt.NDArray[np.bool_] = (number[overlap.a] == number[overlap.b]) & (
            number[overlap.a] >= 0
        )
        return alike

    inside = same([fact.owner for fact in known])
    headline = same([fact.headline for fact in known])
    tagged = inside & headline & ~same([str(fact.rank) for fact in known])
    version = tagged | headline | same([fact.document for fact in known])
    most = np.maximum(overlap.of_a, overlap.of_b)
    low = np.minimum(overlap.own_a, overlap.own_b)
    enough = (
        np.minimum(overlap.own_a * distinct.own[overlap.a], overlap.own_b * distinct.own[overlap.b])
        >= ENOUGH
    )
    brief = (low >= SAME) & (apart <= DAY) & (~inside | headline)
    enough |= (
        (overlap.words >= DIGEST)
        & (np.minimum(overlap.of_a, overlap.of_b) >= KEPT)
        & (np.maximum(overlap.own_a, overlap.own_b) >= SAME)
    )
    bound: npt.NDArray[np.bool_] = (
        near & (enough | brief | tagged) & (~inside | version | (most >= WITHIN))
    )
    late = recurs_later(overlap, first)
    bound &= tagged | ~inside | ~late
    rows = np.flatnonzero(bound & ~tagged & (inside | late | (most < TELLS)))
    told = overlap.take(rows)
    rewritten = inside[rows] & _in_blocks(told)
    rewritten &= headline[rows] | related_headlines(told, distinct, facts)
    anew = leads.other_facts(told)
    anew &= inside[rows] | late[rows] | ~leads.begins_alike(told)
    bound[rows] = rewritten | ~anew
    rows = np.flatnonzero(bound & inside & ~version)
    bound[rows] = ~crowded(overlap.take(rows), distinct, facts)
    return bound


def recurs_later(overlap: Overlap, first: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Tell which pairs are at most two issues of a column, a listing or a bulletin."""
    thin = np.maximum(overlap.of_a, overlap.of_b) < KEPT
    found: npt.NDArray[np.bool_] = thin & (np.abs(first[overlap.a] - first[overlap.b]) > SOON)
    return found


def _in_blocks(overlap: Overlap) -> npt.NDArray[np.bool_]:
    """Tell which pairs share most of the one, and in whole paragraphs."""
    kept = np.maximum(overlap.of_a, overlap.of_b) >= KEPT
    broken = np.maximum(overlap.of_a - overlap.own_a, overlap.of_b - overlap.own_b) > BROKEN
    found: npt.NDArray[np.bool_] = kept & ~broken
    return found


def one_name(
    overlap: Overlap, distinct: DistinctArticles, facts: Sequence[ArticleFeatures]
) -> npt.NDArray[np.bool_]:
    """Tell which pairs, the one mostly held by the other, a site has under one name, bool[pairs].

    A name is an address or a headline.
    """
    high, low = np.maximum(overlap.own_a, overlap.own_b), np.minimum(overlap.own_a, overlap.own_b)
    found = np.zeros(len(overlap.a), bool)
    rows = np.flatnonzero((high >= HELD) & (low < WHOLE)).tolist()
    names: dict[int, set[tuple[str, str, str | None]]] = {
        body: set() for row in rows for body in (int(overlap.a[row]), int(overlap.b[row]))
    }
    for fact, body in zip(facts, distinct.of.tolist(), strict=True):
        if body in names and fact.site:
            names[body].add((fact.site, "headline", fact.headline))
            names[body].add((fact.site, "document", fact.document))
    for row in rows:
        common = names[int(overlap.a[row])] & names[int(overlap.b[row])]
        found[row] = any(name for _, _, name in common)
    return found


def _only(
    of: npt.NDArray[np.int32], values: Sequence[str | None], distinct: int
) -> npt.NDArray[np.int64]:
    """Return a number for what equal articles have in common, int64[distinct]; else -1."""
    numbers: dict[str, int] = {}
    each = np.array([numbers.setdefault(v, len(numbers)) if v else -1 for v in values], np.int64)
    least, most = np.full(distinct, len(numbers)), np.full(distinct, -1)
    np.minimum.at(least, of, each)
    np.maximum.at(most, of, each)
    return np.where(least == most, most, -1)


def own_names(
    facts: Sequence[ArticleFeatures], overlap: Overlap, distinct: DistinctArticles
) -> list[ArticleFeatures]:
    """Leave out addresses and headlines under which there are articles that are no versions.

    A site may have several distinct articles under a name. The name is their own if enough pairs of
    them are mostly the same to connect them all.
    """
    held = np.flatnonzero(distinct.of >= 0)
    found = list(facts)
    for field in ("document", "headline"):
        names = [
            name and f"{facts[row].site} {name}"
            for row, name in ((row, getattr(facts[row], field)) for row in held.tolist())
        ]
        for row in held[_shared(names, distinct.of[held], overlap, len(distinct.first))].tolist():
            found[row] = found[row]._replace(**{field: None})
    return found


def _shared(
    names: Sequence[str | None], of: npt.NDArray[np.int32], overlap: Overlap, distinct: int
) -> npt.NDArray[np.bool_]:
    """Return which articles share a name with one that is no version of them, bool[articles]."""
    name = _only(of, names, distinct)
    known = name >= 0
    count = np.bincount(name[known], minlength=1)
    alike = (np.maximum(overlap.own_a, overlap.own_b) >= HELD) & known[overlap.a]
    alike &= name[overlap.a] == name[overlap.b]
    pairs = np.bincount(name[overlap.a[alike]], minlength=len(count))
    shared: npt.NDArray[np.bool_] = known[of] & (pairs < count - 1)[name[of]]
    return shared


# -- Articles of one site that are alike in form alone

LEAD = 60
"""Words of a body in which its facts are looked for. Higher looks further, where background is the
same in all: at 60 the first two or three sentences."""

FACTS, FOREIGN = 2, 0.1
"""How many, and what share, of the names and numbers in each lead the other article must lack for
the two to be no story. Higher lets more formulas pass, and more updates: "12 dead" and "14 dead"
differ in one fact."""

RELATED = 0.5
"""Share of the words of the shorter headline, short ones aside, from which two headlines are of one
matter. Higher makes more headlines unrelated: at 0.5 two words of four are enough."""

CROWD = 3
"""Articles of its site, each nearly the same under an unrelated headline, that make an article one
of a form. Higher lets more stubs pass, and more texts that a site runs under many headlines: at 3
four articles of one wall of words are a crowd."""


def other_facts(
    overlap: Overlap, distinct: DistinctArticles, corpus: Corpus
) -> npt.NDArray[np.bool_]:
    """Return in which pairs each lead has facts of its own, bool[pairs]."""
    a, b = np.zeros((2, 2, len(overlap.a)), np.int32)
    rows = (distinct.texts, distinct.offsets, *corpus.texts)
    _foreign(overlap.a, overlap.b, *rows, *a)
    _foreign(overlap.b, overlap.a, *rows, *b)
    # An article that names nobody and counts nothing has no facts that could differ.
    fewest = np.minimum(a[1], b[1])
    least = np.minimum(a[1] / np.maximum(a[0], 1), b[1] / np.maximum(b[0], 1))
    found: npt.NDArray[np.bool_] = (fewest >= FACTS) & (least >= FOREIGN)
    return found


def crowded(
    overlap: Overlap, distinct: DistinctArticles, facts: Sequence[ArticleFeatures]
) -> npt.NDArray[np.bool_]:
    """Return which of the pairs, each nearly the same on one site, are in a crowd, bool[pairs].

    Pairs with related headlines are in none, nor are those without a headline.
    """
    headlines = [facts[article].headline for article in distinct.first.tolist()]
    named = np.array([name is not None for name in headlines], bool)
    stranger = named[overlap.a] & named[overlap.b] & ~related_headlines(overlap, distinct, facts)
    count = np.bincount(
        np.append(overlap.a[stranger], overlap.b[stranger]), minlength=len(distinct.first)
    )
    found: npt.NDArray[np.bool_] = stranger & (
        np.maximum(count[overlap.a], count[overlap.b]) >= CROWD
    )
    return found


def related_headlines(
    overlap: Overlap, distinct: DistinctArticles, facts: Sequence[ArticleFeatures]
) -> npt.NDArray[np.bool_]:
    """Tell which pairs have headlines of one matter, bool[pairs]."""
    headlines = [facts[article].headline for article in distinct.first.tolist()]
    words = {body: _content(headlines[body] or "") for body in {*overlap.a, *overlap.b}}
    return np.array(
        [
            0 < min(len(words[a]), len(words[b])) * RELATED <= len(words[a] & words[b])
            for a, b in zip(overlap.a.tolist(), overlap.b.tolist(), strict=True)
        ],
        bool,
    )


def _content(headline: str) -> set[str]:
    """Return the words of a headline, without short ones if there are others."""
    words = set(headline.split())
    return {word for word in words if len(word) > SHORT} or words


@kernel("void(i4[::1], i4[::1], i4[::1], i8[::1], u4[::1], i8[::1], u1[::1], i4[::1], i4[::1])")
def _foreign(asked, held, texts, distinct, tokens, offsets, flags, facts, foreign):
    table = np.empty(room(LEAD), np.uint32)  # facts of the one, of which the other is asked
    stamps = np.full(len(table), -1, np.int64)
    met = np.empty(len(table), np.bool_)
    mask = np.uint32(len(table) - 1)
    for pair in range(len(asked)):
        left = LEAD
        for text in texts[distinct[asked[pair]] : distinct[asked[pair] + 1]]:
            last = min(offsets[text + 1], offsets[text] + left)
            for k in range(offsets[text], last):
                if flags[k] & (NAME | NUMBER) and not flags[k] & LINK:
                    slot = slot_of(table, stamps, mask, np.int64(pair), tokens[k])
                    if stamps[slot] != pair:
                        stamps[slot], table[slot], met[slot] = pair, tokens[k], False
                        facts[pair] += 1
            left -= last - offsets[text]
        foreign[pair] = facts[pair]
        for text in texts[distinct[held[pair]] : distinct[held[pair] + 1]]:
            for k in range(offsets[text], offsets[text + 1]):
                if foreign[pair] == 0:
                    break
                slot = slot_of(table, stamps, mask, np.int64(pair), tokens[k])
                if stamps[slot] == pair and not met[slot]:
                    met[slot] = True
                    foreign[pair] -= 1
