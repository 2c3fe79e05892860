"""From near pairs and passages to matches: weigh the evidence, align, name the relation."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup._jit.pairs import among, ends, firsts, once
from dedup.match import fingerprints
from dedup.match.align import Blocks, align
from dedup.match.common_phrases import PhraseCounts
from dedup.match.evidence import Evidence, evidence
from dedup.match.lsh import HotBuckets
from dedup.match.near_duplicates import Near, measures, shared
from dedup.match.no_memory import NOTHING, Measures, Nothing
from dedup.match.pair_features import PairFeatures, features_alone, with_commonness
from dedup.match.relation_measures import LEANING, PairEvidence, formula_partners
from dedup.match.relations import BOILERPLATE, NONE, TEMPLATE, classify
from dedup.match.scopes import WITHIN_ARTICLE, Places, meet
from dedup.portable import trim
from dedup.progress import Progress
from dedup.settings import Settings
from dedup.text.arrays import TextArrays
from dedup.text.shingle import Sets

SKETCH, PASSAGE = 1, 2
"""Bits: how a match was proposed, by sketches or by a shared run of words."""


def paths(bits: int) -> tuple[str, ...]:
    """Name the ways in a set.

    >>> paths(SKETCH | PASSAGE)
    ('sketch', 'passage')
    """
    return tuple(name for bit, name in ((SKETCH, "sketch"), (PASSAGE, "passage")) if bits & bit)


class Matches(NamedTuple):
    """Verified pairs of distinct texts, ordered.

    >>> len(Matches.none().pairs)
    0
    """

    pairs: npt.NDArray[np.uint64]
    """uint64[matches]: i << 32 | j with i < j, ascending."""
    jaccard: npt.NDArray[np.float32]
    """float32[matches]"""
    containment: npt.NDArray[np.float32]
    """float32[matches]: share of the smaller set that the other holds."""
    evidence: npt.NDArray[np.float32]
    """float32[matches]: what the shared words are worth, in words."""
    path: npt.NDArray[np.uint8]
    """uint8[matches]: bits `SKETCH` and `PASSAGE`."""
    relation: npt.NDArray[np.int8]
    """int8[matches]: number in `dedup.match.relations.RELATIONS`."""
    deciding: npt.NDArray[np.int8]
    """int8[matches]: what decided (see `dedup.match.relations.Verdicts`)."""
    scopes: npt.NDArray[np.uint8]
    """uint8[matches]: bits of `dedup.match.scopes`."""

    @classmethod
    def none(cls) -> Matches:
        """Return no matches at all."""
        share = np.zeros(0, np.float32)
        bits = np.zeros(0, np.uint8)
        kind = bits.view(np.int8)
        return cls(np.zeros(0, np.uint64), share, share, share, bits, kind, kind, bits)

    def take(self, rows: npt.NDArray[np.generic]) -> Matches:
        """Return the matches at some rows, by index or mask."""
        return Matches(*(column[rows] for column in self))


class Passages(NamedTuple):
    """Pairs that share words worth a closer look, ordered and unique, with their evidence."""

    pairs: npt.NDArray[np.uint64]
    """uint64[pairs]: i << 32 | j with i < j."""
    score: npt.NDArray[np.float32]
    """float32[pairs]"""
    quoted: npt.NDArray[np.bool_]
    """bool[pairs]"""


class Search(NamedTuple):
    """What the search for passages found, and what it cost."""

    passages: Passages
    weighed: int
    """Pairs whose shared words were weighed."""
    hot: HotBuckets
    """What was left uncompared."""


Weigh = Callable[[npt.NDArray[np.uint64], TextArrays, Settings], Passages]


Prove = Callable[[npt.NDArray[np.uint64], TextArrays, int], Evidence]


def worth_verifying(
    pairs: npt.NDArray[np.uint64],
    texts: TextArrays,
    settings: Settings,
    memory: Nothing = NOTHING,
) -> Passages:
    """Keep the pairs whose shared words may make them a match, with their evidence."""

    def weigh(some: npt.NDArray[np.uint64]) -> Measures:
        return Measures.of(some, *evidence(some, texts, settings.workers))

    proof = Evidence(*memory.recall("evidence", pairs, weigh).columns)
    a, b = ends(pairs)
    lines = np.maximum(texts.sizes[a], texts.sizes[b]) <= fingerprints.LINE
    kept = (proof.score >= settings.evidence - LEANING) | proof.quoted | lines
    return Passages(pairs[kept], proof.score[kept], proof.quoted[kept])


def search(
    texts: TextArrays,
    aside: npt.NDArray[np.bool_],
    settings: Settings,
    progress: Progress,
    weigh: Weigh = worth_verifying,
    memory: Nothing = NOTHING,
) -> Search:
    """Return the pairs whose shared words may make them a match.

    `aside`, bool[texts], are texts that are left out, because another text stands for them. `weigh`
    does what `worth_verifying` does; `memory` has recognised the texts.
    """
    progress.stage("search passages", None)
    prints = fingerprints.fingerprints(texts, aside, settings.workers, memory)
    found = [np.zeros(0, np.uint64)]
    for some in fingerprints.proposed(prints, texts, settings.bucket, settings.workers, memory):
        if len(some):
            found.append(some)
            progress.advance(len(some))
    hot = fingerprints.hot_prints(prints, settings.bucket)
    del prints
    pairs = once(np.concatenate(found))  # what shares several fingerprints is weighed once
    return Search(weigh(pairs, texts, settings), len(pairs), hot)


def with_evidence(
    near: Near,
    passages: Passages,
    texts: TextArrays,
    settings: Settings,
    prove: Prove = evidence,
) -> tuple[npt.NDArray[np.uint64], Evidence]:
    """Return near pairs and passages together, ordered, with their evidence."""
    alone = near.pairs[~among(near.pairs, passages.pairs)]
    proof = prove(alone, texts, settings.workers)
    pairs = np.concatenate([passages.pairs, alone])
    order = np.argsort(pairs, kind="stable")  # two runs in order: next to no work
    score = np.concatenate([passages.score, proof.score])[order]
    return pairs[order], Evidence(score, np.concatenate([passages.quoted, proof.quoted])[order])


class Compared(NamedTuple):
    """What the two texts of each pair share: no other pair has a say in it."""

    blocks: Blocks
    features: PairFeatures
    jaccard: npt.NDArray[np.float32]
    """float32[pairs]"""
    containment: npt.NDArray[np.float32]
    """float32[pairs]: share of the smaller set that the other holds."""


Compare = Callable[
    [npt.NDArray[np.uint64], Near, TextArrays, Sets, PhraseCounts, Settings], Compared
]


def compared(
    pairs: npt.NDArray[np.uint64],
    near: Near,
    texts: TextArrays,
    sets: Sets,
    phrases: PhraseCounts,
    settings: Settings,
    memory: Nothing = NOTHING,
) -> Compared:
    """Compare the texts of ordered pairs, of which those in `near` have been measured already."""

    def work(some: npt.NDArray[np.uint64]) -> Measures:
        blocks = align(some, texts, settings.shingle, settings.workers)
        trim()  # the most of a scan is held next
        alone = features_alone(some, blocks, texts, settings.workers)
        alike = _alike(some, near, sets, settings)
        return Measures(
            some, (*alike, blocks.longest, blocks.covered, *alone), blocks.tokens, blocks.offsets
        )

    found = memory.recall("compared", pairs, work)
    jaccard, containment, longest, covered, *alone = found.columns
    blocks = Blocks(found.items, found.offsets, longest, covered)
    own = PairFeatures(*alone)
    features = with_commonness(own, pairs, blocks, texts, phrases, settings.workers)
    return Compared(blocks, features, jaccard, containment)


def _alike(
    pairs: npt.NDArray[np.uint64], near: Near, sets: Sets, settings: Settings
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Return Jaccard similarity and containment of ordered pairs, float32[pairs] both."""
    is_near = among(pairs, near.pairs)
    known = among(near.pairs, pairs)
    jaccard, containment = np.zeros((2, len(pairs)), np.float32)
    jaccard[is_near], containment[is_near] = near.jaccard[known], near.containment[known]
    rest = pairs[~is_near]
    found = measures(rest, shared(rest, sets, settings.workers), sets)
    jaccard[~is_near], containment[~is_near] = found
    return jaccard, containment


def pair_evidence(
    pairs: npt.NDArray[np.uint64],
    proof: Evidence,
    near: Near,
    scopes: npt.NDArray[np.uint8],
    texts: TextArrays,
    sets: Sets,
    boilerplate: npt.NDArray[np.bool_],
    phrases: PhraseCounts,
    settings: Settings,
    compare: Compare = compared,
) -> tuple[PairEvidence, Blocks]:
    """Align ordered pairs; return all that is known of them, and what they share.

    All pairs in `near` are among them. `compare` does what `compared` does.
    """
    each = compare(pairs, near, texts, sets, phrases, settings)
    blocks, features = each.blocks, each.features
    a, b = ends(pairs)
    known = boilerplate[a].astype(np.int8) + boilerplate[b]
    within = scopes & WITHIN_ARTICLE > 0
    partners = formula_partners(pairs, features, proof, blocks.longest, within)
    alike = each.jaccard, each.containment, among(pairs, near.pairs)
    seen = PairEvidence(features, proof, *alike, blocks.longest, known, within, partners)
    return seen, blocks


def verify(
    texts: TextArrays,
    sets: Sets,
    near: Near,
    passages: Passages,
    boilerplate: npt.NDArray[np.bool_],
    where: Places,
    phrases: PhraseCounts,
    settings: Settings,
    compare: Compare = compared,
    prove: Prove = evidence,
) -> tuple[Matches, Blocks]:
    """Align and classify near pairs and passages; return the matches and what they share.

    `boilerplate`, bool[texts], are texts known as boilerplate (see `dedup.match.boilerplate`);
    `where` says in which articles each text is, `phrases` how common runs of words are. `compare`
    does what `compared` does, and `prove` what `evidence` does of near pairs.
    """
    pairs, proof = with_evidence(near, passages, texts, settings, prove)
    path = SKETCH * among(pairs, near.pairs) + PASSAGE * among(pairs, passages.pairs)
    scopes = meet(pairs, where)
    seen, blocks = pair_evidence(
        pairs, proof, near, scopes, texts, sets, boilerplate, phrases, settings, compare
    )
    relation, deciding = classify(seen, settings)
    # Figures alone can look like one formula, where nothing is shared that could be shown.
    kept = (relation != NONE) & ((seen.longest > 0) | (seen.jaccard > 0))
    ways = path.astype(np.uint8)
    every = Matches(
        pairs, seen.jaccard, seen.containment, proof.score, ways, relation, deciding, scopes
    )
    del seen  # the features of all pairs: nobody asks for them again
    formal = (relation == TEMPLATE) | (relation == BOILERPLATE)
    kept &= ~is_crowd(pairs, formal, settings.bucket)
    return every.take(kept), blocks.take(kept)


def is_crowd(
    pairs: npt.NDArray[np.uint64], formal: npt.NDArray[np.bool_], most: int
) -> npt.NDArray[np.bool_]:
    """Return which template and boilerplate pairs of a crowd say nothing more, bool[pairs].

    `formal`, bool[pairs], are the pairs of these relations. A pair of two texts that both have more
    than `most` such matches is listed only if it is the best connected one of either text.

    >>> pairs = np.array([0 << 32 | 1, 0 << 32 | 2, 1 << 32 | 2], np.uint64)
    >>> is_crowd(pairs, np.ones(3, bool), 1).tolist()
    [False, False, True]
    """
    crowd = np.zeros(len(pairs), bool)
    rows = np.flatnonzero(formal)
    if len(rows) <= most:
        return crowd
    a, b = ends(pairs[rows])
    degree = np.bincount(np.concatenate([a, b]))
    crowded = np.minimum(degree[a], degree[b]) > most
    best = np.zeros(len(rows), bool)
    text, other = np.concatenate([a, b]), np.concatenate([b, a])
    order = np.lexsort((other, -degree[other], text))
    best[order[firsts(text[order])] % len(rows)] = True
    crowd[rows] = crowded & ~best
    return crowd
