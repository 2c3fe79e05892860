"""What a text is found by: the keys of its bands, and prints of its runs of words.

Both depend on the text and the settings alone. So any machine can make them, a batch at a time, and
they can be stored: an index keeps them as its postings.

A scan chooses its fingerprints (`dedup.match.fingerprints`) by how rare they are in the corpus.
Here the n-gram with the least hash of every `WINDOW` in a row is a print (winnowing: Schleimer,
Wilkerson, Aiken 2003), so that no other text is needed. Two texts that share a run of `CERTAIN`
words share a print. Of quoted words, every n-gram is a print, as in a scan.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup._jit.kernels import kernel
from dedup._jit.pairs import once, packed
from dedup.match import lsh
from dedup.match.fingerprints import GRAM, gram, quotation_gram
from dedup.match.minhash import sketch
from dedup.progress import Progress, Silent
from dedup.settings import Settings
from dedup.text.arrays import TextArrays
from dedup.text.shingle import Sets, shingle
from dedup.text.token_flags import LINK

WINDOW = 4
"""N-grams of which one is taken. Higher is smaller on disk and sees only longer runs: at 4 every
shared run of seven words."""

CERTAIN = GRAM + WINDOW - 1
"""Words of a shared run that is certain to be seen."""

BLOCK = 1 << 14
"""Texts whose sketches are in memory at a time; only their band keys are kept."""


class Signatures(NamedTuple):
    """What texts are found by, without the texts."""

    bands: npt.NDArray[np.uint32]
    """uint32[texts, bands]: the band keys of each text."""
    filled: npt.NDArray[np.bool_]
    """bool[texts]: whether a text has shingles; the band keys of one without mean nothing."""
    prints: npt.NDArray[np.uint64]
    """uint64[prints]: print << 32 | number of the text, ordered, each once a text."""


def signatures(texts: TextArrays, settings: Settings) -> Signatures:
    """Return what each text is found by.

    >>> texts = TextArrays.of(np.arange(2, 42, 2, dtype=np.uint32), np.array([0, 20]))
    >>> found = signatures(texts, Settings())
    >>> found.bands.shape, found.filled.tolist(), set((found.prints & np.uint64(7)).tolist())
    ((1, 42), [True], {0})
    """
    sets = shingle(texts, settings.shingle, settings.workers)
    bands = band_keys(sets, settings, Silent())
    return Signatures(bands, np.diff(sets.offsets) > 0, prints(texts))


def band_keys(sets: Sets, settings: Settings, progress: Progress) -> npt.NDArray[np.uint32]:
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


def prints(texts: TextArrays) -> npt.NDArray[np.uint64]:
    """Return the prints of texts, print << 32 | number of the text, ordered, each once a text."""
    found = np.empty(2 * len(texts.tokens) + 1, np.uint64)
    found = found[: _prints(*texts, found)]
    return once(found)


@kernel("i8(u4[::1], i8[::1], u1[::1], u8[::1])", seldom=True)
def _prints(tokens, offsets, flags, out):
    at = 0
    recent = np.zeros(WINDOW, np.uint32)
    for text in range(len(offsets) - 1):
        first, last = offsets[text], offsets[text + 1]
        taken = -1
        count = 0  # n-grams so far
        for i in range(first, last):
            found = quotation_gram(tokens, flags, i, last)
            if found:
                out[at] = packed(found, text)
                at += 1
            found, length = gram(tokens, i, last, GRAM)
            if length == 0 or flags[i] & LINK:
                continue
            recent[count % WINDOW] = found
            count += 1
            if count < WINDOW:
                continue
            best = count - 1
            for back in range(2, WINDOW + 1):
                if recent[(count - back) % WINDOW] < recent[best % WINDOW]:
                    best = count - back
            if best != taken:
                taken = best
                out[at] = packed(recent[best % WINDOW], text)
                at += 1
        if 0 < count < WINDOW:  # a line of a few words: every n-gram
            for k in range(count):
                out[at] = packed(recent[k], text)
                at += 1
    return at
