"""Common phrases: words that so many texts of a corpus hold that sharing them says little.

Runs of `GRAM` words are counted in texts that are not versions of one another. So a story that two
hundred sites reprint does not become common, but the long title of an office does, in the archive
of an agency that writes it every day. A run is common when `TEXTS` or more texts hold it, and one
in `ONE_IN`; of a large corpus `SAMPLE` texts are counted, evenly spread. So what is common no
longer changes when a corpus of `TEXTS` times `ONE_IN` texts grows by more of the same, and other
texts that do not hold a phrase never make it worth less. In a smaller corpus a phrase becomes
common when enough texts hold it, and in one of a few articles nothing is: there only the flags of
the writing weigh words.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup._jit.kernels import helper, kernel, spread
from dedup._jit.pairs import lefts, packed
from dedup.match.fingerprints import (
    COUNTED,
    GRAM,
    NOTED,
    SLOT,
    Runs,
    gram,
    runs_by_slot,
    slots_for,
    tally,
)
from dedup.text.arrays import TextArrays
from dedup.text.token_flags import PHRASE, QUOTED

TEXTS = 24
"""Unlike texts that must hold a run of words. Higher makes fewer phrases common: at 24 a run in 23
texts keeps its weight, and one in 24 counts a quarter of it."""

ONE_IN = 2_000
"""Of the texts that are counted, one in so many must hold the run, so that a phrase does not become
common only because a corpus grows. Higher makes more phrases common in large corpora: at 2,000
it asks for more than `TEXTS` from 48,000 texts on, some 3,000 articles."""

SAMPLE = 400_000
"""Most texts in which runs are counted. Higher tells rarer phrases apart: at 400,000 a phrase must
be in 200 of them at most, however large the corpus."""

LEAST_SLOTS = 1 << 16
"""Least slots in which runs are counted, a power of two. Higher mixes up fewer runs of a small
corpus: at 65,536 one in a thousand shares its slot with a phrase if 65 phrases are common."""

_ROUGH = 1 << 18  # kinds of slots, a power of two: a table that stays in the cache
_MOST, _SAID = 0x7FFF, 0x8000  # the largest count; the bit of a run that some text quotes


class Sample(NamedTuple):
    """The texts in which runs are counted, and what follows from their number."""

    counted: npt.NDArray[np.bool_]
    """bool[texts]"""
    least: int
    """Texts from which on a run is common."""
    share: float
    """Share of the texts that are counted, above 0, to 1."""


class PhraseCounts(NamedTuple):
    """How common each run of `GRAM` words is, by a slot of its hash.

    >>> len(PhraseCounts.unknown().slots)
    1
    """

    slots: npt.NDArray[np.uint16]
    """uint16[slots], a power of two: texts of the sample that hold a run, up to 32,767, and the
    highest bit if any text of the corpus quotes it."""
    share: float
    """Share of the texts that were counted, above 0, to 1."""

    @classmethod
    def unknown(cls) -> PhraseCounts:
        """Return what is known where there is no corpus: no run stands anywhere else."""
        return cls(np.zeros(1, np.uint16), 1.0)


def flag_common_phrases(
    texts: TextArrays, family: npt.NDArray[np.int32], workers: int = 1
) -> tuple[TextArrays, PhraseCounts]:
    """Return the texts with the flag `PHRASE` on all tokens in common phrases, and the counts.

    `family`, int32[texts], is the number of the text that stands for all versions of each text.

    >>> tokens = np.tile(np.array([2, 4, 6, 8, 10], np.uint32), 30)
    >>> texts = TextArrays.of(tokens, np.arange(0, 151, 5))
    >>> int(flag_common_phrases(texts, np.zeros(30, np.int32))[0].flags.max())
    0
    >>> flagged, counts = flag_common_phrases(texts, np.arange(30, dtype=np.int32))
    >>> int(flagged.flags.min()), int(counts.slots.max()), counts.share
    (128, 30, 1.0)
    """
    slots = np.zeros(table_size(len(texts.tokens)), np.uint16)
    sample = sample_of(family)
    for runs in phrase_runs(texts, sample.counted, len(slots), workers):
        tally(runs, lambda own: count_phrases(own, slots), workers)
    rough = may_be_common(slots, sample.least)
    return flagged(texts, slots, sample.least, rough, workers), PhraseCounts(slots, sample.share)


def sample_of(family: npt.NDArray[np.int32]) -> Sample:
    """Choose the texts in which runs are counted; `family` as above.

    >>> sample_of(np.array([0, 0, 2], np.int32))
    Sample(counted=array([ True, False,  True]), least=24, share=1.0)
    """
    heads = np.flatnonzero(family == np.arange(len(family)))
    step = max(1, -(-len(heads) // SAMPLE))
    is_counted = np.zeros(len(family), np.bool_)
    is_counted[heads[::step]] = True
    return Sample(is_counted, max(TEXTS, len(heads) // step // ONE_IN), 1 / step)


def table_size(tokens: int) -> int:
    """Return the slots in which the runs of so many tokens are counted.

    >>> table_size(0), table_size(100_000)
    (65536, 131072)
    """
    return max(LEAST_SLOTS, slots_for(tokens))


def phrase_runs(
    texts: TextArrays, counted: npt.NDArray[np.bool_], slots: int, workers: int
) -> Iterator[list[Runs]]:
    """Yield the runs that `count_phrases` counts; `counted`, bool[texts], are texts of a sample."""
    return runs_by_slot(texts, counted, slots, workers, noted=QUOTED)


def flagged(
    texts: TextArrays,
    slots: npt.NDArray[np.uint16],
    least: int,
    rough: npt.NDArray[np.bool_],
    workers: int = 1,
) -> TextArrays:
    """Return texts with the flag `PHRASE` on runs that `least` texts hold by these `slots`.

    `rough` is what `may_be_common` returns of them.
    """
    found = texts._replace(flags=texts.flags.copy())

    def flag(low: int, high: int) -> None:
        _flag(found.tokens, found.offsets[low : high + 1], found.flags, least, slots, rough)

    spread(flag, texts.offsets, workers)
    return found


def common_runs(texts: TextArrays) -> npt.NDArray[np.uint32]:
    """Return the runs of words all of which are flagged `PHRASE`, ordered, uint32[runs].

    Other texts can be flagged by them without a corpus (see `flag_runs`).

    >>> tokens = np.tile(np.array([2, 4, 6, 8, 10], np.uint32), 30)
    >>> texts = TextArrays.of(tokens, np.arange(0, 151, 5))
    >>> len(common_runs(flag_common_phrases(texts, np.arange(30, dtype=np.int32))[0]))
    2
    """
    return np.unique(lefts(marked_runs(texts, texts.flags & np.uint8(PHRASE)))).astype(np.uint32)


def marked_runs(texts: TextArrays, marks: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint64]:
    """Return the runs of words of which all tokens are marked, uint64 run << 32 | text.

    `marks`, uint8[tokens], is above 0 where one is.
    """
    out = np.empty(np.count_nonzero(marks), np.uint64)
    return out[: _runs(texts.tokens, texts.offsets, marks, out)]


def flag_runs(texts: TextArrays, runs: npt.NDArray[np.uint32]) -> TextArrays:
    """Return the texts with the flag `PHRASE` on all tokens of some runs, which are ordered.

    >>> texts = TextArrays.of(np.array([2, 4, 6, 8, 10, 12], np.uint32), np.array([0, 6]))
    >>> phrase = TextArrays(texts.tokens[:5], np.array([0, 5]), np.full(5, 128, np.uint8))
    >>> flag_runs(texts, common_runs(phrase)).flags.tolist()
    [128, 128, 128, 128, 128, 0]
    """
    if not len(runs):
        return texts
    return texts._replace(flags=texts.flags | mark_runs(texts, runs) * np.uint8(PHRASE))


def mark_runs(texts: TextArrays, runs: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint8]:
    """Return which tokens are in some runs, which are ordered, uint8[tokens]: 1, else 0."""
    marks = np.zeros(len(texts.tokens), np.uint8)
    _mark_runs(texts.tokens, texts.offsets, runs, marks)
    return marks


def may_be_common(slots: npt.NDArray[np.uint16], least: int) -> npt.NDArray[np.bool_]:
    """Return of each number that slots may end in whether one of those is common, bool[_ROUGH].

    So small a table stays near at hand, and nearly all runs need no look at the large one.
    """
    found = np.zeros(_ROUGH, np.bool_)
    for low in range(0, len(slots), _ROUGH):
        part = slots[low : low + _ROUGH] & np.uint16(_MOST) >= least
        found[: len(part)] |= part
    return found


@helper
def slot_of_run(found, slots):
    """Return the slot of a run's hash."""
    return np.int64(found >> np.uint32(1)) & np.int64(len(slots) - 1)


@helper
def texts_of(slot):
    """Return the count in a slot."""
    return np.int64(slot & np.uint16(_MOST))


@helper
def is_said(slot):
    """Tell whether any text quotes the run of a slot."""
    return slot & np.uint16(_SAID) != 0


@kernel("void(u4[::1], u2[::1])")
def count_phrases(runs, slots):
    """Count runs, and note which are quoted."""
    for run in runs:
        slot = run & SLOT
        if run & COUNTED and texts_of(slots[slot]) < _MOST:
            slots[slot] += np.uint16(1)
        if run & NOTED:
            slots[slot] |= np.uint16(_SAID)


@kernel("void(u4[::1], i8[::1], u1[::1], i8, u2[::1], b1[::1])")
def _flag(tokens, offsets, flags, least, slots, rough):
    """Flag the tokens of runs that so many texts hold."""
    for text in range(len(offsets) - 1):
        for i in range(offsets[text], offsets[text + 1]):
            found, length = gram(tokens, i, offsets[text + 1], GRAM)
            if length == 0:
                break
            slot = slot_of_run(found, slots)
            if rough[slot & (len(rough) - 1)] and texts_of(slots[slot]) >= least:
                for t in range(i, i + length):
                    flags[t] |= PHRASE


@kernel("i8(u4[::1], i8[::1], u1[::1], u8[::1])", seldom=True)
def _runs(tokens, offsets, marks, out):
    """Write the runs of which all tokens are marked, with their texts; return their number."""
    count = 0
    for text in range(len(offsets) - 1):
        for i in range(offsets[text], offsets[text + 1]):
            if not marks[i]:  # nearly all: no run begins here
                continue
            found, length = gram(tokens, i, offsets[text + 1], GRAM)
            if length and marks[i : i + length].all():
                out[count] = packed(found, text)
                count += 1
    return count


@kernel("void(u4[::1], i8[::1], u4[::1], u1[::1])", seldom=True)
def _mark_runs(tokens, offsets, runs, marks):
    """Mark the tokens of some runs."""
    for text in range(len(offsets) - 1):
        for i in range(offsets[text], offsets[text + 1]):
            found, length = gram(tokens, i, offsets[text + 1], GRAM)
            if length == 0:
                break
            at = np.searchsorted(runs, found)
            if at < len(runs) and runs[at] == found:
                marks[i : i + length] = 1
