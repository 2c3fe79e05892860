"""Text that XML 1.0 can hold."""

from __future__ import annotations

import re

# What XML 1.0 cannot hold, and the carriage return, which it does not keep.
_FORBIDDEN = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def escaped(value: str) -> str:
    r"""Escape what XML cannot hold.

    >>> escaped("one\x0btwo")
    'one\\x0btwo'
    """
    return _FORBIDDEN.sub(lambda found: ascii(found[0])[1:-1], value)
