"""Stock phrases: words that so many different texts of a corpus hold that sharing them says little.

Runs of `GRAM` words are counted in texts that are not versions of one another; so a story that two
hundred sites reprint stays what it is, and "the Presidium of the Supreme People's Assembly" becomes
stock in the archive of the agency that writes it every day. What makes a phrase stock is its share
of the texts, at least `TEXTS`; and of a large corpus `SAMPLE` texts are counted, evenly spread. So
a score means the same however large a corpus grows. In a corpus of a few articles nothing is stock,
and only the cues of the writing weigh words.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup._jit.kernels import helper, kernel
from dedup.match.fingerprints import GRAM, gram
from dedup.text.token_flags import PHRASE, QUOTED

TEXTS = 24
"""Least unlike texts that must hold a run of words. Higher makes fewer phrases stock."""

ONE_IN = 4_000
"""Of the texts that are counted, one in so many must hold the run, so that a phrase does not become
stock only because a corpus grows. Higher makes more phrases stock in corpora of more than
`TEXTS` times as many texts."""

SAMPLE = 400_000
"""Most texts in which runs are counted. Higher tells rarer phrases apart; scores depend on the size
of corpora up to that size, and no further."""

_MOST, _SAID = 127, 128  # the largest count; the bit of a run that stands in a quotation


class Phrases(NamedTuple):
    """How common each run of `GRAM` words is, by a slot of its hash.

    >>> len(Phrases.unknown().slots)
    1
    """

    slots: npt.NDArray[np.uint8]
    """uint8[slots], a power of two: texts of the sample that hold a run, up to 127, and the bit 128
    if any text of the corpus quotes it."""
    share: float
    """Share of the texts that were counted, 0 to 1."""

    @classmethod
    def unknown(cls) -> Phrases:
        """Return what is known where there is no corpus: no run stands anywhere else."""
        return cls(np.zeros(1, np.uint8), 1.0)


def stock(
    tokens: npt.NDArray[np.uint32],
    offsets: npt.NDArray[np.int64],
    flags: npt.NDArray[np.uint8],
    family: npt.NDArray[np.int32],
) -> Phrases:
    """Set the cue `PHRASE` of all tokens in stock phrases; return how common runs are.

    `family`, int32[texts], is the number of one text among the versions of each text.

    >>> tokens = np.tile(np.array([2, 4, 6, 8, 10], np.uint32), 30)
    >>> flags = np.zeros(150, np.uint8)
    >>> found = stock(tokens, np.arange(0, 151, 5), flags, np.zeros(30, np.int32))
    >>> int(flags.max())
    0
    >>> found = stock(tokens, np.arange(0, 151, 5), flags, np.arange(30, dtype=np.int32))
    >>> int(flags.min()), int(found.slots.max()), found.share
    (128, 30, 1.0)
    """
    slots = np.zeros(1 << max(10, len(tokens).bit_length()), np.uint8)
    unlike = int(np.count_nonzero(family == np.arange(len(family))))
    step = max(1, -(-unlike // SAMPLE))
    least = max(TEXTS, unlike // step // ONE_IN)
    _mark(tokens, offsets, flags, family, step, least, slots)
    return Phrases(slots, 1 / step)


@helper
def slot_of(found, slots):
    """Return the slot of a run's hash."""
    return np.int64(found >> np.uint32(1)) & np.int64(len(slots) - 1)


@helper
def texts_of(slot):
    """Return the count in a slot."""
    return np.int64(slot & np.uint8(_MOST))


@helper
def is_said(slot):
    """Tell whether any text quotes the run of a slot."""
    return slot & np.uint8(_SAID) != 0


@kernel("void(u4[::1], i8[::1], u1[::1], i4[::1], i8, i8, u1[::1])")
def _mark(tokens, offsets, flags, family, step, least, slots):
    number = 0
    for text in range(len(offsets) - 1):
        is_counted = False
        if family[text] == text:
            is_counted = number % step == 0
            number += 1
        quoted = 0  # quoted tokens in a row that end at the run's last one
        upto = offsets[text]
        for i in range(offsets[text], offsets[text + 1]):
            found, length = gram(tokens, i, offsets[text + 1], GRAM)
            if length == 0:
                break
            while upto < i + length:
                quoted = quoted + 1 if flags[upto] & QUOTED else 0
                upto += 1
            slot = slot_of(found, slots)
            if is_counted and texts_of(slots[slot]) < _MOST:
                slots[slot] += np.uint8(1)
            if quoted >= length:
                slots[slot] |= np.uint8(_SAID)
    for text in range(len(offsets) - 1):
        for i in range(offsets[text], offsets[text + 1]):
            found, length = gram(tokens, i, offsets[text + 1], GRAM)
            if length == 0:
                break
            if texts_of(slots[slot_of(found, slots)]) >= least:
                for t in range(i, i + length):
                    flags[t] |= PHRASE
