"""The postings of an index: the keys by which the store finds a text again."""

from __future__ import annotations

import numpy as np

from dedup.match.signatures import signatures
from dedup.settings import Settings
from dedup.storage.protocol import Postings
from dedup.text.arrays import TextArrays


def derive(texts: TextArrays, first: int, settings: Settings) -> Postings:
    """Return the postings of texts that are numbered from `first` on, tables `bands` and `prints`.

    >>> texts = TextArrays.of(np.arange(2, 42, 2, dtype=np.uint32), np.array([0, 20]))
    >>> found = derive(texts, 7, Settings())
    >>> sorted(found), len(found["bands"][0]), set(found["prints"][1].tolist())
    (['bands', 'prints'], 42, {7})
    """
    found = signatures(texts, settings)
    filled = np.flatnonzero(found.filled)
    keys = found.bands[filled].astype(np.uint64)
    keys |= np.arange(keys.shape[1], dtype=np.uint64) << np.uint64(32)
    owners = np.repeat((filled + first).astype(np.uint32), keys.shape[1])
    printed = (found.prints & np.uint64(0xFFFFFFFF)).astype(np.uint32) + np.uint32(first)
    return {"bands": (keys.ravel(), owners), "prints": (found.prints >> np.uint64(32), printed)}
