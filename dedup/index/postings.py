"""What a text is found by in an index: the keys of its bands, and prints of its runs of words.

Unlike the fingerprints of a scan (`dedup.match.fingerprints`), prints depend on the text alone, so
that they never change: of every `WINDOW` n-grams in a row the one with the least hash is taken
(Schleimer, Wilkerson, Aiken 2003), so two texts that share a run of `CERTAIN` words share a print.
Quoted words are printed by every n-gram, as there.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dedup._jit.kernels import kernel
from dedup.match.fingerprints import GRAM, gram, quotation_gram
from dedup.match.near_duplicates import keys as band_keys
from dedup.progress import Silent
from dedup.settings import Settings
from dedup.storage.protocol import Postings
from dedup.text.shingle import shingle
from dedup.text.token_flags import LINK

WINDOW = 4
"""N-grams of which one is taken. Higher is smaller on disk and sees only longer runs."""

CERTAIN = GRAM + WINDOW - 1
"""Words of a shared run that is certain to be seen."""


def derive(
    tokens: npt.NDArray[np.uint32],
    flags: npt.NDArray[np.uint8],
    offsets: npt.NDArray[np.int64],
    first: int,
    settings: Settings,
) -> Postings:
    """Return the postings of texts that are numbered from `first` on, tables `bands` and `prints`.

    `tokens`, `flags` and `offsets` are as in `dedup.text.corpus.Corpus`.

    >>> tokens, flags = np.arange(2, 42, 2, dtype=np.uint32), np.zeros(20, np.uint8)
    >>> found = derive(tokens, flags, np.array([0, 20]), 7, Settings())
    >>> sorted(found), len(found["bands"][0]), set(found["prints"][1].tolist())
    (['bands', 'prints'], 42, {7})
    """
    sets = shingle(tokens, offsets, settings.shingle, settings.workers)
    filled = np.flatnonzero(np.diff(sets.offsets) > 0)
    keys = band_keys(sets, settings, Silent())[filled].astype(np.uint64)
    keys |= np.arange(keys.shape[1], dtype=np.uint64) << np.uint64(32)
    texts = np.repeat((filled + first).astype(np.uint32), keys.shape[1])
    return {
        "bands": (keys.ravel(), texts),
        "prints": prints(tokens, flags, offsets, first),
    }


def prints(
    tokens: npt.NDArray[np.uint32],
    flags: npt.NDArray[np.uint8],
    offsets: npt.NDArray[np.int64],
    first: int,
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint32]]:
    """Return the prints of each text and the text's number, each once a text."""
    found = np.empty(2 * len(tokens) + 1, np.uint64)
    found = found[: _prints(tokens, flags, offsets, found)]
    found.sort()
    new = np.ones(len(found), bool)
    new[1:] = found[1:] != found[:-1]
    found = found[new]
    texts = (found & np.uint64(0xFFFFFFFF)).astype(np.uint32) + np.uint32(first)
    return found >> np.uint64(32), texts


@kernel("i8(u4[::1], u1[::1], i8[::1], u8[::1])")
def _prints(tokens, flags, offsets, out):
    at = 0
    recent = np.zeros(WINDOW, np.uint32)
    for text in range(len(offsets) - 1):
        first, last = offsets[text], offsets[text + 1]
        low = np.uint64(text)
        taken = np.int64(-1)
        count = 0  # n-grams so far
        for i in range(first, last):
            found = quotation_gram(tokens, flags, i, last)
            if found:
                out[at] = np.uint64(found) << np.uint64(32) | low
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
                out[at] = np.uint64(recent[best % WINDOW]) << np.uint64(32) | low
                at += 1
        if 0 < count < WINDOW:  # a line of a few words: every n-gram
            for k in range(count):
                out[at] = np.uint64(recent[k]) << np.uint64(32) | low
                at += 1
    return at
