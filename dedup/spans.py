"""From shared tokens to shared characters: where the stretches stand in the texts as written."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dedup.align import Blocks
from dedup.collapse import Corpus
from dedup.normalize import tokenize
from dedup.segment import batch

STEP = 4096
"""Matches whose texts are tokenised again at a time; character spans are kept for no others."""


def spans(pairs: npt.NDArray[np.uint64], blocks: Blocks, corpus: Corpus) -> npt.NDArray[np.int32]:
    """Return each block's (start in a, end in a, start in b, end in b), int32[blocks, 4].

    Characters count from the start of each text's first occurrence.
    """
    out = np.empty((len(blocks.tokens), 4), np.int32)
    for low in range(0, len(pairs), STEP):
        high = min(low + STEP, len(pairs))
        rows = slice(blocks.offsets[low], blocks.offsets[high])
        i, j, length = blocks.tokens[rows].T
        ends = np.repeat(pairs[low:high], np.diff(blocks.offsets[low : high + 1]))
        texts, where = np.unique(
            np.concatenate([ends >> np.uint64(32), ends & np.uint64(0xFFFFFFFF)]),
            return_inverse=True,
        )
        written = batch([corpus.written(row) for row in corpus.first[texts].tolist()])
        tokens = tokenize(written, written.bounds[:-1].copy(), written.bounds[1:].copy())
        first = tokens.offsets[where] + np.concatenate([i, j])
        last = first + np.concatenate([length, length]) - 1
        out[rows, 0::2] = tokens.start[first].reshape(2, -1).T
        out[rows, 1::2] = tokens.end[last].reshape(2, -1).T
    return out
