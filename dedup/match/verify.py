"""From near pairs and passages to matches: evidence weighed, texts aligned, the kind told."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup.match import fingerprints
from dedup.match.align import Blocks, align
from dedup.match.common_phrases import Phrases
from dedup.match.evidence import Evidence, evidence
from dedup.match.lsh import HotBuckets
from dedup.match.measures import LEANING, Look
from dedup.match.near_duplicates import Near, among, ends, measures, shared
from dedup.match.pair_features import pair_features
from dedup.match.relations import BOILERPLATE, NONE, TEMPLATE, classify
from dedup.match.scopes import WITHIN_ARTICLE, Places, meet
from dedup.progress import Progress
from dedup.settings import Settings
from dedup.text.corpus import Corpus
from dedup.text.shingle import Sets

SKETCH, PASSAGE = 1, 2
"""Bits: the ways a match was proposed, by sketches or by a shared run of words."""


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
    telling: npt.NDArray[np.int8]
    """int8[matches]: what told it (see `dedup.match.relations.Verdicts`)."""
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


class Proposed(NamedTuple):
    """Pairs that share words worth a closer look, ordered and unique, with their evidence."""

    pairs: npt.NDArray[np.uint64]
    """uint64[pairs]: i << 32 | j with i < j."""
    score: npt.NDArray[np.float32]
    """float32[pairs]"""
    quoted: npt.NDArray[np.bool_]
    """bool[pairs]"""


def search(
    corpus: Corpus,
    members: npt.NDArray[np.bool_],
    settings: Settings,
    hot: HotBuckets,
    progress: Progress,
) -> Proposed:
    """Return the pairs whose shared words may make them a match.

    `members`, bool[texts], are texts left out because another stands for them. `hot` is counted up.
    """
    features = np.diff(corpus.offsets)
    chosen = np.flatnonzero(~members).astype(np.uint64)
    tokens = np.repeat(~members, features)
    lengths = features[~members]
    parts = corpus.tokens[tokens], np.append(0, np.cumsum(lengths)), corpus.flags[tokens]
    progress.stage("search passages", None)
    prints = fingerprints.fingerprints(*parts)
    found = [Proposed(np.zeros(0, np.uint64), np.zeros(0, np.float32), np.zeros(0, np.bool_))]
    for pairs in fingerprints.proposed(prints, *parts, settings.bucket, hot, settings.workers):
        proof = evidence(pairs, *parts, settings.workers)
        a, b = ends(pairs)
        lines = np.maximum(lengths[a], lengths[b]) <= fingerprints.LINE
        kept = (proof.score >= settings.evidence - LEANING) | proof.quoted | lines
        whole = chosen[a[kept]] << np.uint64(32) | chosen[b[kept]]
        found.append(Proposed(whole, proof.score[kept], proof.quoted[kept]))
        progress.advance(len(pairs))
    every = [np.concatenate(column) for column in zip(*found, strict=True)]
    rows = np.unique(every[0], return_index=True)[1]
    return Proposed(*(column[rows] for column in every))


def weigh(
    near: Near, proposed: Proposed, corpus: Corpus, settings: Settings
) -> tuple[npt.NDArray[np.uint64], Evidence]:
    """Return near and proposed pairs together, ordered, with their evidence."""
    alone = near.pairs[~among(near.pairs, proposed.pairs)]
    proof = evidence(alone, corpus.tokens, corpus.offsets, corpus.flags, settings.workers)
    pairs = np.concatenate([proposed.pairs, alone])
    order = np.argsort(pairs)
    score = np.concatenate([proposed.score, proof.score])[order]
    return pairs[order], Evidence(score, np.concatenate([proposed.quoted, proof.quoted])[order])


def match(
    corpus: Corpus,
    sets: Sets,
    near: Near,
    proposed: Proposed,
    boilerplate: npt.NDArray[np.bool_],
    where: Places,
    phrases: Phrases,
    settings: Settings,
) -> tuple[Matches, Blocks]:
    """Weigh, align and relate near and proposed pairs; return the matches and what they share.

    `boilerplate`, bool[texts], are texts known as standing (see `dedup.match.boilerplate`); `where`
    says in which articles each text is, `phrases` how common runs of words are in the corpus.
    """
    pairs, proof = weigh(near, proposed, corpus, settings)
    path = SKETCH * among(pairs, near.pairs) + PASSAGE * among(pairs, proposed.pairs)
    seen, blocks = look(
        pairs, proof, path & SKETCH > 0, corpus, sets, boilerplate, where, phrases, settings
    )
    relation, telling = classify(seen, settings)
    kept = relation != NONE
    formal = (relation == TEMPLATE) | (relation == BOILERPLATE)
    kept &= ~is_crowd(pairs, formal, settings.bucket)
    ways = path.astype(np.uint8)
    scopes = meet(pairs, where)
    every = Matches(
        pairs, seen.jaccard, seen.containment, proof.score, ways, relation, telling, scopes
    )
    return every.take(kept), blocks.take(kept)


def look(
    pairs: npt.NDArray[np.uint64],
    proof: Evidence,
    near: npt.NDArray[np.bool_],
    corpus: Corpus,
    sets: Sets,
    boilerplate: npt.NDArray[np.bool_],
    where: Places,
    phrases: Phrases,
    settings: Settings,
) -> tuple[Look, Blocks]:
    """Align ordered pairs and return all that is measured of them, and what they share."""
    blocks = align(pairs, corpus.tokens, corpus.offsets, settings.shingle, settings.workers)
    features = pair_features(
        pairs, blocks, corpus.tokens, corpus.offsets, corpus.flags, phrases, settings.workers
    )
    a, b = ends(pairs)
    is_boilerplate = boilerplate[a].astype(np.int8) + boilerplate[b]
    within = meet(pairs, where) & WITHIN_ARTICLE > 0
    found = measures(pairs, shared(pairs, sets, settings.workers), sets)
    return Look(features, proof, *found, near, blocks.longest, is_boilerplate, within), blocks


def is_crowd(
    pairs: npt.NDArray[np.uint64], formal: npt.NDArray[np.bool_], most: int
) -> npt.NDArray[np.bool_]:
    """Tell which template and boilerplate pairs of a crowded family say nothing more, bool[pairs].

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
    first = np.ones(len(order), bool)
    first[1:] = np.diff(text[order]) != 0
    best[order[first] % len(rows)] = True
    crowd[rows] = crowded & ~best
    return crowd
