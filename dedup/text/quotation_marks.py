"""Quotation marks: which characters open a quotation, and what closes it.

A mark is a line of `CLOSERS`, and stands in `SINGLE` or `TWO_FACED` too if it is of that kind. The
flags of tokens (`dedup.text.token_flags`) and the ends of sentences (`dedup.text.segment`) are read
by it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dedup._jit.kernels import helper
from dedup.text.characters import APOSTROPHES

CLOSERS = {
    "“": "”", "„": "“”", "«": "»", "»": "«", "‹": "›", "‘": "’'", "‚": "‘’", "「": "」", "『": "』",
    "《": "》", '"': '"”', "'": "'’", "＂": "＂", "”": "”", "″": "″", "‟": "”", "〝": "〞〟",
    "❝": "❞", "`": "'´", "´": "´", "‛": "’",
    "\x82": "\x91", "\x84": "\x93\x94", "\x91": "\x92", "\x93": "\x94",  # of windows-1252
}  # fmt: skip
"""By what opens a quotation: the one or two marks that close it."""

SINGLE = "‘‚'’`´‛\x91\x92\x82"
"""Single marks: one that nothing closes is an apostrophe and quotes nothing."""

TWO_FACED = "\"'‘”»＂″`´‛\x91"
"""Marks that also close, or stand for an apostrophe: they open only before a word, after none."""

CLOSING = "»”"
"""Of these, marks that mostly close: they open only after a space."""

INSIDE = "".join(sorted(APOSTROPHES)) + "\x91\x92"
"""What closes nothing between two letters."""


def codes(characters: str) -> npt.NDArray[np.uint32]:
    """Return the code points of characters, for kernels.

    >>> codes("»").tolist()
    [187]
    """
    return np.array([ord(character) for character in characters], np.uint32)


@helper
def is_among(code: np.uint32, codes: npt.NDArray[np.uint32]) -> bool:
    """Tell whether a code point is one of a few."""
    for other in codes:
        if code == other:
            return True
    return False
