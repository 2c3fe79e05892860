"""From shingle sets to verified matches: propose by sketches, confirm by exact comparison."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup import lsh
from dedup.minhash import sketch
from dedup.progress import Progress
from dedup.relate import DUPLICATE, NONE, relate
from dedup.settings import Settings
from dedup.shingle import Sets
from dedup.verify import measures, shared

BLOCK = 1 << 14
"""Texts whose sketches are in memory at a time; only their band keys are kept."""


class Matches(NamedTuple):
    """Verified pairs of distinct texts, ordered."""

    pairs: npt.NDArray[np.uint64]
    """uint64[matches]: i << 32 | j with i < j, ascending."""
    jaccard: npt.NDArray[np.float32]
    """float32[matches]"""
    containment: npt.NDArray[np.float32]
    """float32[matches]: share of the smaller set that the other holds."""
    relation: npt.NDArray[np.int8]
    """int8[matches]: number in `dedup.relate.RELATIONS`."""

    def take(self, rows: npt.NDArray[np.generic]) -> Matches:
        """Return the matches at some rows, by index or mask."""
        return Matches(*(column[rows] for column in self))


def keys(sets: Sets, settings: Settings, progress: Progress) -> npt.NDArray[np.uint32]:
    """Return the band keys of each text, uint32[texts, bands]."""
    bands, rows = lsh.shape(settings.threshold, settings.num_perm, settings.recall)
    texts = len(sets.offsets) - 1
    out = np.empty((texts, bands), np.uint32)
    progress.stage("sketch", texts)
    for low in range(0, texts, BLOCK):
        part = Sets(sets.items, sets.offsets[low : low + BLOCK + 1])
        sketches = sketch(part, settings.num_perm, settings.seed, settings.workers)
        out[low : low + BLOCK] = lsh.band(sketches, bands, rows)
        progress.advance(len(sketches))
    return out


def match(
    sets: Sets, words: npt.NDArray[np.int32], settings: Settings, progress: Progress
) -> tuple[Matches, lsh.HotBuckets]:
    """Find the matches among texts, and say what hot buckets left uncompared.

    `words`, int32[texts], are the lengths of the texts. Only pairs that the exact comparison
    confirms are kept, band after band, so that memory follows the matches and not the candidates.
    """
    banded = keys(sets, settings, progress)
    hot = lsh.HotBuckets()
    found = []
    progress.stage("compare", banded.shape[1])
    for pairs in lsh.candidates(banded, np.diff(sets.offsets) > 0, settings.bucket, hot):
        found.append(confirm(pairs, sets, words, settings))
        progress.advance(1)
    return merged(found), hot


def confirm(
    pairs: npt.NDArray[np.uint64], sets: Sets, words: npt.NDArray[np.int32], settings: Settings
) -> Matches:
    """Return those of the pairs that are matches, compared exactly."""
    jaccard, containment = measures(pairs, shared(pairs, sets, settings.workers), sets)
    shorter = np.minimum(words[pairs >> np.uint64(32)], words[pairs & np.uint64(0xFFFFFFFF)])
    relation = relate(jaccard, containment, shorter, settings)
    return Matches(pairs, jaccard, containment, relation).take(relation != NONE)


def against_centres(
    matches: Matches,
    centre: npt.NDArray[np.int32],
    sets: Sets,
    words: npt.NDArray[np.int32],
    settings: Settings,
) -> Matches:
    """List a large cluster's matches against its centre instead of pair by pair.

    In a cluster of more than `settings.bucket` texts the pairs between two members that both match
    the centre say nothing more; they are left out, and every match with the centre is in.
    """
    sizes = np.bincount(centre, minlength=len(centre))
    members = np.flatnonzero((sizes[centre] > settings.bucket) & (centre != np.arange(len(centre))))
    hubs = centre[members].astype(np.uint64)
    ends = members.astype(np.uint64)
    spokes = np.sort(np.minimum(hubs, ends) << np.uint64(32) | np.maximum(hubs, ends))
    found = confirm(spokes, sets, words, settings)
    listed = np.zeros(len(centre), bool)
    a, b = _ends(found.pairs)
    listed[a] = listed[b] = True
    a, b = _ends(matches.pairs)
    redundant = (centre[a] == centre[b]) & listed[a] & listed[b]
    return merged([matches.take(~redundant), found])


def merged(parts: Sequence[Matches]) -> Matches:
    """Put matches together in order; a pair found more than once is listed once."""
    every = Matches(*(np.concatenate(column) for column in zip(*parts, strict=True)))
    return every.take(np.unique(every.pairs, return_index=True)[1])


def duplicates(matches: Matches) -> npt.NDArray[np.uint64]:
    """Return the pairs that make clusters: versions of one text."""
    return matches.take(matches.relation == DUPLICATE).pairs


def count(pairs: npt.NDArray[np.uint64], texts: int) -> npt.NDArray[np.int64]:
    """Return in how many pairs each text stands, int64[texts].

    >>> count(np.array([1, 1 << 32 | 2], np.uint64), 4).tolist()
    [1, 2, 1, 0]
    """
    return np.bincount(np.concatenate(_ends(pairs)), minlength=texts)


def _ends(pairs: npt.NDArray[np.uint64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    return (
        (pairs >> np.uint64(32)).astype(np.int64),
        (pairs & np.uint64(0xFFFFFFFF)).astype(np.int64),
    )
