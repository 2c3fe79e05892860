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

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup._jit.kernels import helper, in_order, kernel, spread
from dedup.match.fingerprints import GRAM, gram
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

_MOST, _SAID = 0x7FFF, 0x8000  # the largest count; the bit of a run that some text quotes


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
    slots = np.zeros(max(LEAST_SLOTS, 1 << len(texts.tokens).bit_length()), np.uint16)
    heads = np.flatnonzero(family == np.arange(len(family)))
    step = max(1, -(-len(heads) // SAMPLE))
    is_counted = np.zeros(len(family), np.bool_)
    is_counted[heads[::step]] = True
    least = max(TEXTS, len(heads) // step // ONE_IN)
    # Each thread counts the runs of its own slots, and then flags its own texts.
    own = list(pairwise(len(slots) * turn // workers for turn in range(workers + 1)))
    list(in_order(lambda cut: _count(*texts, is_counted, *cut, slots), own, workers))
    flagged = texts._replace(flags=texts.flags.copy())

    def flag(low: int, high: int) -> None:
        _flag(flagged.tokens, flagged.offsets[low : high + 1], flagged.flags, least, slots)

    spread(flag, texts.offsets, workers)
    return flagged, PhraseCounts(slots, 1 / step)


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


@kernel("void(u4[::1], i8[::1], u1[::1], b1[::1], i8, i8, u2[::1])")
def _count(tokens, offsets, flags, is_counted, low, high, slots):
    """Count the runs whose slots are `low` and above, below `high`, and note which are quoted."""
    for text in range(len(offsets) - 1):
        quoted = 0  # quoted tokens in a row that end at the run's last one
        upto = offsets[text]
        for i in range(offsets[text], offsets[text + 1]):
            found, length = gram(tokens, i, offsets[text + 1], GRAM)
            if length == 0:
                break
            while upto < i + length:
                quoted = quoted + 1 if flags[upto] & QUOTED else 0
                upto += 1
            slot = slot_of_run(found, slots)
            if slot < low or slot >= high:
                continue
            if is_counted[text] and texts_of(slots[slot]) < _MOST:
                slots[slot] += np.uint16(1)
            if quoted >= length:
                slots[slot] |= np.uint16(_SAID)


@kernel("void(u4[::1], i8[::1], u1[::1], i8, u2[::1])")
def _flag(tokens, offsets, flags, least, slots):
    """Flag the tokens of runs that so many texts hold."""
    for text in range(len(offsets) - 1):
        for i in range(offsets[text], offsets[text + 1]):
            found, length = gram(tokens, i, offsets[text + 1], GRAM)
            if length == 0:
                break
            if texts_of(slots[slot_of_run(found, slots)]) >= least:
                for t in range(i, i + length):
                    flags[t] |= PHRASE
