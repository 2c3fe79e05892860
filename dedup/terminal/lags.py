"""Stretches of time in words, never more exact than they are known."""

from __future__ import annotations

import math
from collections.abc import Sequence

_UNITS = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))

DAYS = 3 * 86400
"""Seconds from which a stretch that is only known within bounds is written in days."""

NARROW = 0.05
"""Share of a stretch by which its bounds may differ and still be written as one, with "about"."""


def duration(seconds: float) -> str:
    """Return a length of time in its two largest units.

    >>> duration(4800), duration(93784), duration(7200), duration(0.5)
    ('1 h 20 min', '1 d 2 h', '2 h', '0 s')
    """
    rest, parts = int(abs(seconds)), list[str]()
    for unit, length in _UNITS:
        if rest >= length or parts:
            parts.append(f"{rest // length} {unit}" if rest >= length else "")
            rest %= length
    return " ".join(filter(None, parts[:2])) or "0 s"


def later(lag: Sequence[float] | None) -> str:
    """Return how much later something was, from the least and most seconds; "" where unknown.

    >>> later((4800, 4800)), later((-60, -60)), later((0, 86400)), later((3600, 7200))
    ('1 h 20 min later', '1 min earlier', 'within 24 h', '1 to 2 h later')
    >>> later((-3600, 7200)), later((-7200, -3600)), later((0, 0)), later(None)
    ('1 h earlier to 2 h later', '1 to 2 h earlier', 'at the same time', '')
    >>> later((30, 7200)), later((-7200, -30)), later((4800, 4860))
    ('within 2 h', 'up to 2 h earlier', 'about 1 h 20 min later')
    """
    if lag is None:
        return ""
    least, most = lag
    if least < 0 < most:
        return f"{_rounded(0, -least)} earlier to {_rounded(0, most)} later"
    near, far = sorted((abs(least), abs(most)))
    if far == 0:
        return "at the same time"
    direction = "later" if most > 0 else "earlier"
    if near == far:
        return f"{duration(far)} {direction}"
    if far - near <= near * NARROW:
        return f"about {duration(near)} {direction}"
    said = _rounded(near, far)
    if " to " in said:
        return f"{said} {direction}"
    return f"within {said}" if most > 0 else f"up to {said} earlier"


def apart(lag: Sequence[float] | None) -> str:
    """Return how far apart two moments are, whichever was first; "" where unknown.

    >>> apart((60, 60)), apart((0, 86400)), apart(None)
    ('1 min apart', 'within 24 h', '')
    """
    said = later(lag and sorted(map(abs, lag)))
    return said.replace(" later", " apart")


def _rounded(near: float, far: float) -> str:
    """Return bounds in one unit, the near one rounded down and the far one up.

    >>> _rounded(0, 93600), _rounded(55980, 241201), _rounded(0, 1), _rounded(300000, 300001)
    ('26 h', '15 to 68 h', '1 s', '3 to 4 d')
    """
    unit, length = next((u, n) for u, n in _UNITS if far >= (DAYS if u == "d" else n) or n == 1)
    least, most = int(near // length), math.ceil(far / length)
    return f"{f'{least} to ' if least else ''}{most} {unit}"
