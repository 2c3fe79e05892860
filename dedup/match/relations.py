"""What kind of reuse a pair of texts is, decided from measures in a fixed order.

The kinds are those of the labelling guide the project is measured by: `identical` (the same
normalised text), `duplicate` (versions of one paragraph), `passage` (a long stretch is copied),
`rewrite` (the same sentence, reworded), `quote` (what is shared is quoted speech), `template` (one
formula, other facts), `boilerplate` (standing text of a site). The first that fits is taken:

1. boilerplate: one of the two is standing text (`dedup.match.boilerplate`), or two short lines
differ in
   numbers or web addresses alone;
2. template: two short lines share a formula, and most of the rest is names and numbers; or two
   longer texts differ in figures at least, and for a good part in names and numbers;
3. quote: most of what is shared stands between quotation marks, and not nearly all is shared;
4. duplicate: most of the longer one is shared, or nearly all shingles are;
5. rewrite: weak evidence, and little of the shorter one is shared;
6. passage: all others.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dedup._jit.pairs import ends
from dedup.match.evidence import Evidence
from dedup.match.pair_features import PairFeatures
from dedup.records import RELATIONS
from dedup.settings import Settings

IDENTICAL, DUPLICATE, PASSAGE, REWRITE, QUOTE, TEMPLATE, BOILERPLATE = range(len(RELATIONS))

NONE = -1
"""The pair is no match."""

REASONS = (
    "the same words",
    "most of the longer text is shared",
    "a stretch is shared word for word",
    "the same sentence in other words",
    "what is shared is quoted",
    "one formula, other names or numbers",
    "standing text of a site",
)
"""Why a pair is of its kind, by number, in a phrase."""

VERSION_SHARE = 0.62
"""Least share of the longer text for a duplicate. Higher makes more pairs passages: at 0.62 of 50
words 31 must be shared."""
SAME = 0.7
"""Jaccard similarity from which a pair is a duplicate however its stretches lie. Higher makes more
pairs passages: at 0.7 about one word in 17 may differ."""
LEANING = 1.5
"""Words of evidence that a pair may lack of which the shorter text is mostly shared. Higher finds
more: at 1.5 (and evidence 6.5) five words of a headline of nine are enough."""
PLAIN = 3.0
"""Shared words of content it must have for that: a string of names is no evidence. Higher finds
fewer: at 3.0 three such words among names are enough."""
MOSTLY = 0.55
"""Least share of the shorter text for that, and of quoted words for a quote. Higher finds fewer of
both: at 0.55 of 20 words eleven."""
SAID = 0.75
"""Least share of shared words that one text alone quotes, for a quote. Higher makes fewer quotes:
at 0.75 of 20 shared words 15."""
WHOLE = 0.88
"""Least share of the longer text from which a pair is a duplicate even if all is quoted. Higher
makes more quotes and templates: at 0.88 of 50 words 44 must be shared."""
WEAK = 8.0
"""Evidence below which a pair that shares little of the shorter text is a rewrite. Higher makes
more rewrites: at 8.0 eight shared words of content in a row are a passage."""
LITTLE = 0.6
"""Share of the shorter text that is little there. Higher makes more rewrites: at 0.6 eleven words
of 20."""
CLAUSE = 14
"""Words of a shared stretch that make a pair a passage however weak the evidence. Higher makes more
rewrites: at 14 a stretch of 13 common words is one."""
CHANGED = 0.2
"""Least share of numbers in the rest for a template of any length whose figures differ. Higher
makes fewer templates: at 0.2 four of 20 words that differ are numbers."""
UPDATED = 0.75
"""Least share of the longer of two near texts, of more than `LINE` words, that makes them versions
of one text although figures differ. Higher makes more templates: at 0.75 of 40 words 30 are
shared."""
NAMED = 0.75
"""Least share of names and numbers in the rest for a template whose figures differ. Higher makes
fewer templates: at 0.75 three of four words that differ."""
LINE = 20
"""Most words of a line that can be a template. Higher makes more templates: at 20 a line of 21
words is judged as a paragraph."""
FORMULA = 0.3
"""Least share of the shorter line that the formula must be. Higher makes fewer templates: at 0.3
four words of 13 are enough, and of 14 too few."""
FIGURES = 0.4
"""Least share of numbers in the rest of two lines that are standing but for a date or link. Higher
makes less boilerplate: at 0.4 two of five words that differ are numbers."""
FACTS = 0.5
"""Least share of names and numbers in the rest of two lines of a template. Higher makes fewer
templates: at 0.5 half of the words that differ."""


def template_lines(
    pairs: npt.NDArray[np.uint64],
    proof: Evidence,
    features: PairFeatures,
    longest: npt.NDArray[np.int32],
) -> npt.NDArray[np.bool_]:
    """Tell which pairs are two short lines of one formula with other facts, bool[pairs].

    A formula without figures shows only in three lines: two that share some words and differ in
    names may be two headlines. `longest`, int32[pairs], is the longest stretch in half words.
    """
    both = np.minimum(features.size_a, features.size_b) - features.covered >= 1
    formula = (features.covered >= FORMULA * features.shorter) & (longest >= 8)
    facts = (features.facts >= FACTS * features.rest) & ~proof.quoted & (proof.score < WEAK)
    found = (features.longer <= LINE) & formula & both & facts
    a, b = ends(pairs)
    texts = int(max(a.max(initial=0), b.max(initial=0))) + 1
    partners = np.bincount(np.concatenate([a[found], b[found]]), minlength=texts)
    return found & ((features.figures >= 1) | (np.minimum(partners[a], partners[b]) >= 2))


def classify(
    pairs: npt.NDArray[np.uint64],
    near: npt.NDArray[np.bool_],
    jaccard: npt.NDArray[np.float32],
    proof: Evidence,
    features: PairFeatures,
    longest: npt.NDArray[np.int32],
    boilerplate: npt.NDArray[np.int8],
    settings: Settings,
) -> npt.NDArray[np.int8]:
    """Return the relation of each pair (i, j) by number, int8[pairs], or `NONE`.

    A pair is the uint64 i << 32 | j. `near` tells which are near by their shingles alone, `longest`
    the longest shared stretch in half words, and `boilerplate`, int8[pairs], how many of the two
    are standing text.
    """
    short = np.maximum(features.shorter, 1)
    share, long_share = features.covered / short, features.covered / np.maximum(features.longer, 1)
    shared = np.maximum(features.covered, 1)
    formula = (features.covered >= FORMULA * features.shorter) & (longest >= 8)
    furniture = (features.longer <= LINE) & (share >= MOSTLY) & (longest >= 8)
    furniture &= (features.facts == features.numbers) & (
        features.numbers >= FIGURES * features.rest
    )
    furniture &= features.numbers + features.links > 0
    enough_alone = proof.score >= settings.evidence
    leaning = (proof.score >= settings.evidence - LEANING) & (features.plain >= PLAIN)
    enough = enough_alone | (leaning & (share >= MOSTLY))
    linked = near | enough | proof.quoted
    figures = (features.figures >= 1) & (long_share < WHOLE)
    figures &= ~(near & (long_share >= UPDATED) & (features.longer > LINE))
    figures &= (features.numbers >= CHANGED * features.rest) | (
        features.facts >= NAMED * features.rest
    )
    weak = ((proof.score < WEAK) & (share < LITTLE)) | (~enough_alone & ~near)
    quoted = (features.quoted >= MOSTLY * shared) | (features.said >= SAID * shared)
    quoted |= proof.quoted & ~near & ~enough
    rules = (
        ((boilerplate > 0) & linked, BOILERPLATE),
        ((boilerplate > 1) & (features.longer <= LINE) & formula, BOILERPLATE),
        (furniture, BOILERPLATE),
        (template_lines(pairs, proof, features, longest), TEMPLATE),
        (~linked, NONE),
        (figures, TEMPLATE),
        (quoted & (long_share < WHOLE), QUOTE),
        ((long_share >= VERSION_SHARE) | (jaccard >= SAME), DUPLICATE),
        (weak & (longest < 2 * CLAUSE), REWRITE),
    )
    found = np.full(len(pairs), PASSAGE, np.int8)
    for fits, relation in reversed(rules):  # the first that fits is written last
        found[fits] = relation
    return found
