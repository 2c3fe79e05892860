"""From near pairs and passages to matches: evidence weighed, texts aligned, the kind told."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup import passages
from dedup.align import Blocks, align
from dedup.collapse import Corpus
from dedup.evidence import Evidence, evidence
from dedup.lsh import HotBuckets
from dedup.near import Near, ends
from dedup.profile import profile
from dedup.progress import Progress
from dedup.relate import LEANING, LINE, NONE, relate
from dedup.settings import Settings
from dedup.shingle import Sets
from dedup.verify import measures, shared

SKETCH, PASSAGE = 1, 2
"""Bits: the ways a match was proposed, by sketches or by a shared run of words."""


def paths(bits: int) -> tuple[str, ...]:
    """Name the ways in a set.

    >>> paths(SKETCH | PASSAGE)
    ('sketch', 'passage')
    """
    return tuple(name for bit, name in ((SKETCH, "sketch"), (PASSAGE, "passage")) if bits & bit)


class Matches(NamedTuple):
    """Verified pairs of distinct texts, ordered."""

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
    """int8[matches]: number in `dedup.relate.RELATIONS`."""

    def take(self, rows: npt.NDArray[np.generic]) -> Matches:
        """Return the matches at some rows, by index or mask."""
        return Matches(*(column[rows] for column in self))


def search(
    corpus: Corpus,
    members: npt.NDArray[np.bool_],
    settings: Settings,
    hot: HotBuckets,
    progress: Progress,
) -> npt.NDArray[np.uint64]:
    """Return the pairs whose shared words may make them a match, ordered and unique.

    `members`, bool[texts], are texts left out because another stands for them. `hot` is counted up.
    """
    sizes = np.diff(corpus.offsets)
    chosen = np.flatnonzero(~members)
    tokens = np.repeat(~members, sizes)
    offsets = np.append(0, np.cumsum(sizes[chosen]))
    parts = corpus.tokens[tokens], offsets, corpus.cues[tokens]
    progress.stage("search passages", None)
    prints = passages.fingerprints(*parts)
    found = []
    for pairs in passages.proposed(prints, *parts, settings.bucket, hot):
        proof = evidence(pairs, *parts, settings.workers)
        a, b = ends(pairs)
        lines = np.maximum(sizes[chosen[a]], sizes[chosen[b]]) <= 2 * LINE
        kept = (proof.score >= settings.evidence - LEANING) | proof.quoted | lines
        whole = chosen.astype(np.uint64)
        found.append(whole[a[kept]] << np.uint64(32) | whole[b[kept]])
        progress.advance(len(pairs))
    return np.unique(np.concatenate(found)) if found else np.zeros(0, np.uint64)


def match(
    corpus: Corpus,
    sets: Sets,
    near: Near,
    proposed: npt.NDArray[np.uint64],
    standing: npt.NDArray[np.bool_],
    settings: Settings,
) -> tuple[Matches, Blocks]:
    """Weigh, align and relate near and proposed pairs; return the matches and what they share.

    `standing`, bool[texts], are texts known as standing (see `dedup.standing`).
    """
    pairs = np.union1d(near.pairs, proposed)
    path = SKETCH * np.isin(pairs, near.pairs) + PASSAGE * np.isin(pairs, proposed)
    parts = corpus.tokens, corpus.offsets
    proof: Evidence = evidence(pairs, *parts, corpus.cues, settings.workers)
    blocks = align(pairs, *parts, settings.shingle, settings.workers)
    sizes = profile(pairs, blocks, *parts, corpus.cues)
    a, b = ends(pairs)
    stands = standing[a].astype(np.int8) + standing[b]
    relation = relate(pairs, path & SKETCH > 0, proof, sizes, blocks.longest, stands, settings)
    jaccard, containment = measures(pairs, shared(pairs, sets, settings.workers), sets)
    every = Matches(pairs, jaccard, containment, proof.score, path.astype(np.uint8), relation)
    kept = relation != NONE
    return every.take(kept), blocks.take(kept)
