"""What kind of reuse a verified pair is, and how much evidence a kind needs."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dedup.settings import Settings

RELATIONS = ("identical", "duplicate", "passage")
"""The kinds, by number: the same normalised text, versions of one text, one text (or nearly all of
it) inside a longer one."""

IDENTICAL, DUPLICATE, PASSAGE = range(3)

NONE = -1
"""The pair is no match."""


def relate(
    jaccard: npt.NDArray[np.float32],
    containment: npt.NDArray[np.float32],
    words: npt.NDArray[np.int32],
    settings: Settings,
) -> npt.NDArray[np.int8]:
    """Return the relation of each pair by number, int8[pairs], or `NONE`.

    `words`, int32[pairs], is the length of the shorter text. The fewer words, the more evidence:
    both floors rise in a line to 1 below `settings.brief` words, and a text of less than half of
    that is never a passage.

    >>> from dedup.settings import Settings
    >>> ones = np.ones(3, np.float32)
    >>> relate(ones * 0.6, ones * 0.9, np.array([40, 10, 8], np.int32), Settings()).tolist()
    [1, 2, -1]
    """
    brevity = np.clip(1 - words / settings.brief, 0, 1) if settings.brief else np.zeros(len(words))
    similar = jaccard >= settings.threshold + (1 - settings.threshold) * brevity
    held = containment >= settings.containment + (1 - settings.containment) * brevity
    held &= words >= settings.brief / 2
    return np.where(similar, DUPLICATE, np.where(held, PASSAGE, NONE)).astype(np.int8)
