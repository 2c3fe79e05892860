"""How a text ends: as a sentence does, without an end, or broken off."""

from __future__ import annotations

ENDED, OPEN, CUT = 0, 1, 2
"""Of a text that ends as a sentence does, of one that does not, and of one that breaks off with an
ellipsis."""

_ENDS = frozenset(".!?。！？।॥؟۔։።෴")
_CLOSERS = "\"'’”»›)]}>」』）】〉》 \t\r\n\u00a0\u200b\u200e\u200f"


def ending(text: str) -> int:
    """Return how a text ends: `ENDED`, `OPEN` or `CUT`.

    >>> ending("He said: “It rained.”"), ending("Rain over town (Post)"), ending("It rained and...")
    (0, 1, 2)
    """
    text = text.rstrip(_CLOSERS)
    if text.endswith(("...", "…", "..")):
        return CUT
    return ENDED if text[-1:] in _ENDS else OPEN
