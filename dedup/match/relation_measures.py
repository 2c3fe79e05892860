"""The measures a decision on a pair is made from: each a number that means the same everywhere.

They are shares, logarithms of numbers of words, or numbers of words cut off where more says nothing
more, so that none grows with the corpus. `dedup.match.relations` weighs them.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from dedup._jit.pairs import count, ends
from dedup.match.evidence import Evidence
from dedup.match.pair_features import PairFeatures

Floats = npt.NDArray[np.float64]


class PairEvidence(NamedTuple):
    """What is known of each pair, one entry a pair."""

    features: PairFeatures
    proof: Evidence
    jaccard: npt.NDArray[np.float32]
    containment: npt.NDArray[np.float32]
    """float32[pairs]: share of the smaller set of shingles that the other holds."""
    near: npt.NDArray[np.bool_]
    """bool[pairs]: near by their shingles alone."""
    longest: npt.NDArray[np.int32]
    """int32[pairs]: the longest shared stretch in half words."""
    boilerplate: npt.NDArray[np.int8]
    """int8[pairs]: how many of the two are known as boilerplate."""
    within: npt.NDArray[np.bool_]
    """bool[pairs]: both stand in one article."""
    partners: npt.NDArray[np.int32]
    """int32[pairs]: 0, or if both are texts of one formula, of how many such pairs each text is
    part, the text that is part of fewer."""

    def take(self, rows: slice | npt.NDArray[np.int64]) -> PairEvidence:
        """Return some of the pairs."""
        return PairEvidence(
            PairFeatures(*(column[rows] for column in self.features)),
            Evidence(self.proof.score[rows], self.proof.quoted[rows]),
            self.jaccard[rows],
            self.containment[rows],
            self.near[rows],
            self.longest[rows],
            self.boilerplate[rows],
            self.within[rows],
            self.partners[rows],
        )


EVIDENCE = 6.5
"""The default of `Settings.evidence`, for which the weights hold; another value moves the evidence
of every pair by the difference. Higher finds more: at 6.5 a copied clause of about ten words."""

USUAL = 2.5
"""How common shared runs must be, for a formula in which no figures differ and that is no line of
one: it stands in other texts too. Higher sees fewer formulas: at 2.5 a run must stand in five more
texts."""

LINE = 20
"""Most words of a line. Higher counts longer texts as lines of a formula: at 20 a line of 21 words
is judged as a paragraph."""

FORMULA, RUN = 0.3, 4
"""Least share of the shorter line, and least words in a row, that a formula must be. Higher sees
fewer formulas: at 0.3 four words of 13 are enough, and of 14 too few."""

MANY_LONG, HALF = 3, 0.5
"""Least pairs that each of two texts of one article that are longer than a line must be part of,
for a formula, and the share of the longer text that such a pair shares. Higher sees fewer formulas:
at 3 and 0.5 an article has four paragraphs of which half is always the same."""

MANY = 2
"""Least pairs that each of two lines must be part of, for a formula in which no figures differ:
two headlines may share some words. Higher sees fewer formulas: at 2 a formula stands in three lines
at least."""

FACTS = 0.5
"""Least share of names and numbers in the rest of two lines of a formula. Higher sees fewer: at 0.5
half of the words that differ."""

CHANGED, NAMED = 0.2, 0.75
"""Least share of numbers, and of names and numbers, in the rest of two texts that differ in facts;
either is enough. Higher sees fewer such pairs: at 0.2 four of 20 words that differ are numbers."""

ENTRIES, ENTERED = 3, 0.6
"""Figures of its own that each of two texts longer than a line must have, and least share of names
and numbers in the rest, for a form that is filled in twice. Higher sees fewer: at 3 and 0.6 two
reports of earnings with three other figures each and one other word of content are a form."""

WHOLE, UPDATED = 0.88, 0.75
"""Share of the longer text from which texts do not differ in facts whatever the rest is, and the
same for near texts longer than a line. Higher sees more pairs that differ in facts: at 0.88 of 50
words 44 must be shared."""

TOLD = 3.0
"""Words outside quotation that two texts must share to be one whatever is asked, if they have such
words and share as many in quotation. Higher calls more copies of a saying quotes: at 3.0 the words
around the quotation must have three in common."""

SAYING = 3.5
"""Least evidence of a quotation that two articles share; in one article any will do. Higher finds
fewer: at 3.5 three words that anyone may say in quotation marks are none, and six words with three
of content are one."""

LEANING = 2.5
"""Words of evidence that a pair may lack if what it shares is more than names and set phrases.
Higher looks at more pairs, which costs time: at 2.5 (and evidence 6.5) a score of 4 is enough."""

PLAIN, PART, SAID, BRIEF = 3.0, 0.45, 4.0, 7.0
"""What such a pair must share: words of content, and a part of the shorter text or quoted words;
and the least words of the shorter text. A string of names, a title or a set phrase alone is no
reuse. Higher finds fewer: at 0.45 nine words of 20."""

SECOND, FIFTH = 4.0, 0.2
"""Words outside the longest shared stretch that two texts must share if that is no clause, and the
share of the shorter text from which it needs no second one. Higher finds fewer: at 4.0 and 0.2 a
title of nine words in two long paragraphs is no reuse, and in one of 45 words it may be."""

ALONE = 0.25
"""Share of the shorter text from which one trace without a second one makes a rewrite. Higher finds
fewer: at 0.25 a clause of seven words in a text of 30 is none, if that is all they share."""

MUCH = 40
"""Different words of content of a text of which a share is taken, at most. Higher makes less of a
passage in long texts: at 40 twenty shared words are half of any text that has more than 40."""

OWN = 2
"""Least words of content of its own of a text that tells in prose what the same article also
quotes. Higher calls more of such pairs quotes: at 2 a post that the article shows as it is."""

WEAK, LITTLE, CLAUSE = 8.0, 0.6, 14
"""Evidence, share of the shorter text and words in a row under which what is shared is traces.
Higher calls more traces: at 14 a stretch of 13 common words is one."""


def measures(seen: PairEvidence, evidence: float = EVIDENCE) -> dict[str, Floats]:
    """Return the measures of each pair by name, float64[pairs] each.

    `evidence` is what the user asks (`Settings.evidence`): where that is higher than the default,
    every pair has so much less.
    """
    f = seen.features
    score = seen.proof.score.astype(np.float64) - (evidence - EVIDENCE)
    shorter, longer = np.maximum(f.shorter, 1), np.maximum(f.longer, 1)
    share, share_longer = f.covered / shorter, f.covered / longer
    line = f.longer <= LINE
    covered, rest = np.maximum(f.covered, 0.5), np.maximum(f.rest, 1)
    prose = f.covered - f.said
    second = f.covered - seen.longest / 2
    lone = (second < SECOND) & (share < FIFTH) & (seen.longest < 2 * CLAUSE) & (prose > f.said)
    framed = f.size_a + f.size_b - f.quoted_a - f.quoted_b >= 1
    quotes = f.quoted_a / np.maximum(f.size_a, 1), f.quoted_b / np.maximum(f.size_b, 1)
    facts_differ = _facts_differ(seen, share_longer)
    found: dict[str, npt.NDArray[Any]] = {
        # without which nothing is asked, and what is one text whatever the answers
        "enough": seen.near
        | seen.proof.quoted & (seen.within | (score >= SAYING))
        | (score >= EVIDENCE) & ~lone
        | (score >= EVIDENCE - LEANING)
        & (f.plain >= PLAIN)
        & (f.shorter >= BRIEF)
        & ((share >= PART) | (f.said >= SAID)),
        "whole": seen.near
        & (share_longer >= WHOLE)
        & ~(framed & (prose < np.minimum(TOLD, f.said))),
        # how strongly shared words speak for copying
        "evidence": np.clip(score, 0, 20) / 5,
        "evidence, enough": np.clip(score - 4, 0, 3),
        "evidence, much": np.clip(score - 7, 0, 5),
        "longest run": np.log1p(seen.longest / 2),
        "traces": ((score < WEAK) & (share < LITTLE) | (score < EVIDENCE) & ~seen.near)
        & (seen.longest < 2 * CLAUSE),
        "one trace": (second < SECOND) & (share < ALONE),
        # how much of both is shared
        "share of shorter": share,
        "share of longer": share_longer,
        "most of shorter": np.maximum(0, share - 0.55),
        "most of longer": np.maximum(0, share_longer - 0.5),
        "containment": seen.containment,
        "shared content": np.log1p(f.plain),
        "different words of shorter": f.kinds / np.clip(np.minimum(f.kinds_a, f.kinds_b), 2, MUCH),
        "different words of longer": f.kinds / np.maximum(2, np.maximum(f.kinds_a, f.kinds_b)),
        # what is quoted, and what is shared outside quotation
        "shared prose": np.log1p(prose),
        "prose over quotation": np.clip(prose - f.said, -10, 10) / 10,
        "different words unquoted": np.log1p(f.unquoted),
        "quoted by one": f.said / covered,
        "quoted by both": f.quoted / covered,
        "quotation in one": np.maximum(*quotes),
        "same quotation in one article": seen.proof.quoted & seen.within,
        "quoted elsewhere": f.cited,
        "quotation shared": f.held,
        # what differs
        "figures in rest": f.numbers / rest * np.minimum(1, np.log1p(rest) / 3),
        "facts in rest": f.facts / rest,
        "facts in both": np.log1p(np.minimum(f.facts_a, f.facts_b)),
        "facts differ": facts_differ,
        "form filled in": facts_differ
        & ~line
        & (f.figures >= ENTRIES)
        & (f.facts >= ENTERED * f.rest),
        "line of a formula": line & (seen.partners > 0),
        "certain formula": line
        & (seen.partners > 0)
        & ((seen.partners >= MANY) | (f.figures >= 1)),
        "lines of the formula": line * np.log1p(np.minimum(seen.partners, 30)),
        "paragraph of a formula": ~line & (seen.partners >= MANY_LONG),
        "formulaic": (f.figures >= 1) | line & (seen.partners > 0) | (f.elsewhere >= USUAL),
        "own words": np.log1p(np.maximum(f.own_a, f.own_b)),
        "additions": np.log1p(f.added),
        # how common it is, and what boilerplate looks like
        "common elsewhere": f.elsewhere,
        "known boilerplate": seen.boilerplate > 0,
        "links": np.log1p(100 * f.links / np.maximum(f.size_a + f.size_b + f.links, 1)),
        "capitals": f.capitals / covered,
        "line": np.clip(LINE - f.longer, 0, 15) / 15,
        "longer": np.log(longer),
        "one article": seen.within,
        "prose in one article": _is_prose(seen),
    }
    return {name: np.asarray(value, np.float64) for name, value in found.items()}


def _facts_differ(seen: PairEvidence, share_longer: Floats) -> npt.NDArray[np.bool_]:
    """Tell which pairs differ in figures at least, and for a good part in names and numbers."""
    f = seen.features
    updated = seen.near & (share_longer >= UPDATED) & (f.longer > LINE)
    mostly = (f.numbers >= CHANGED * f.rest) | (f.facts >= NAMED * f.rest)
    found: npt.NDArray[np.bool_] = (f.figures >= 1) & (share_longer < WHOLE) & ~updated & mostly
    return found


def _is_prose(seen: PairEvidence) -> npt.NDArray[np.bool_]:
    """Tell which pairs are of one article, one of them without quotation, with words of its own.

    Without these it is the message itself, such as a letter or post, and no prose about it.
    """
    f = seen.features
    own = np.where(f.quoted_a == 0, f.own_a, f.own_b)
    quiet = np.minimum(f.quoted_a, f.quoted_b) == 0
    found: npt.NDArray[np.bool_] = seen.within & quiet & (f.said > 0) & (own >= OWN)
    return found


def formula_partners(
    pairs: npt.NDArray[np.uint64],
    features: PairFeatures,
    proof: Evidence,
    longest: npt.NDArray[np.int32],
    within: npt.NDArray[np.bool_],
) -> npt.NDArray[np.int32]:
    """Return `PairEvidence.partners` of each pair (i, j), the uint64 i << 32 | j, int32[pairs].

    Texts of a formula are two short lines of which the rest is names and numbers, or two longer
    texts of one article of which half is the same, and each has words that the other has not.
    `longest`, int32[pairs], is the longest shared stretch in half words.
    """
    f = features
    both = np.minimum(f.size_a, f.size_b) - f.covered >= 1
    formula = (f.covered >= FORMULA * f.shorter) & (longest >= 2 * RUN)
    facts = (f.facts >= FACTS * f.rest) & ~proof.quoted & (proof.score < WEAK)
    lines = (f.longer <= LINE) & formula & facts
    paragraphs = (f.longer > LINE) & within & (f.covered >= HALF * f.longer)
    if paragraphs.any():
        paragraphs &= _names_differ(f)
    a, b = ends(pairs)
    partners = np.zeros(len(pairs), np.int32)
    for found in (both & lines, both & paragraphs):
        if not found.any():
            continue
        times = count(pairs[found], 1 + int(max(a.max(initial=0), b.max(initial=0))))
        partners[found] = np.minimum(times[a[found]], times[b[found]])
    return partners


def _names_differ(f: PairFeatures) -> npt.NDArray[np.bool_]:
    """Tell which pairs have names on both sides where they differ, and little else.

    In a script without capitals a name cannot be told from another word of content.
    """
    cased = (f.capitals > 0) | (f.facts > f.numbers)
    named = np.minimum(f.facts_a - f.numbers_a, f.facts_b - f.numbers_b)
    own = np.minimum(f.own_a, f.own_b)
    facts = np.where(cased, f.facts, f.numbers + f.own_a + f.own_b)
    found: npt.NDArray[np.bool_] = facts >= FACTS * f.rest
    sides = (f.facts_a, f.own_a, f.size_a), (f.facts_b, f.own_b, f.size_b)
    for side_facts, side_own, size in sides:  # the other text may have a sentence more
        found |= cased & (side_own < OWN) & (side_facts >= FACTS * (size - f.covered))
    return found & (np.where(cased, named, own) >= 1)
