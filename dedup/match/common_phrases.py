"""Common phrases: words that so many texts of a corpus hold that sharing them says little.

A run of `GRAM` words is common when `TEXTS` or more texts hold it that are not versions of one
another. So a story that two hundred sites reprint does not become common, but the long title of an
office does, in the archive of an agency that writes it every day. In a corpus of a few articles
nothing is common, and only the flags of the writing weigh words.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dedup._jit.kernels import kernel
from dedup.match.fingerprints import GRAM, gram
from dedup.text.arrays import TextArrays
from dedup.text.token_flags import PHRASE

TEXTS = 24
"""Unlike texts that must hold a run of words. Higher makes fewer phrases common: at 24 a run in 23
texts keeps its weight, and one in 24 counts a quarter of it."""


def flag_common_phrases(texts: TextArrays, family: npt.NDArray[np.int32]) -> TextArrays:
    """Return the texts with the flag `PHRASE` on all tokens in common phrases.

    `family`, int32[texts], is the number of the text that stands for all versions of each text.

    >>> tokens = np.tile(np.array([2, 4, 6, 8, 10], np.uint32), 30)
    >>> texts = TextArrays.of(tokens, np.arange(0, 151, 5))
    >>> int(flag_common_phrases(texts, np.zeros(30, np.int32)).flags.max())
    0
    >>> int(flag_common_phrases(texts, np.arange(30, dtype=np.int32)).flags.min())
    128
    """
    slots = 1 << max(10, len(texts.tokens).bit_length())
    flagged = texts._replace(flags=texts.flags.copy())
    _flag(*flagged, family, np.zeros(slots, np.uint8))
    return flagged


@kernel("void(u4[::1], i8[::1], u1[::1], i4[::1], u1[::1])")
def _flag(tokens, offsets, flags, family, counts):
    mask = np.int64(len(counts) - 1)
    for text in range(len(offsets) - 1):
        if family[text] != text:
            continue
        for i in range(offsets[text], offsets[text + 1]):
            found, length = gram(tokens, i, offsets[text + 1], GRAM)
            if length == 0:
                break
            if counts[np.int64(found >> np.uint32(1)) & mask] < 255:
                counts[np.int64(found >> np.uint32(1)) & mask] += 1
    for text in range(len(offsets) - 1):
        for i in range(offsets[text], offsets[text + 1]):
            found, length = gram(tokens, i, offsets[text + 1], GRAM)
            if length == 0:
                break
            if counts[np.int64(found >> np.uint32(1)) & mask] >= TEXTS:
                for t in range(i, i + length):
                    flags[t] |= PHRASE
