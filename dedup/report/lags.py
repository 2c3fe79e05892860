"""Stretches of time in words, never more exact than they are known."""

from __future__ import annotations

from collections.abc import Sequence

_UNITS = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))


def duration(seconds: float) -> str:
    """Give a length of time in its two largest units.

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
    """Say how much later something was, from the least and most seconds; "" where unknown.

    >>> later((4800, 4800)), later((-60, -60)), later((0, 86400)), later((3600, 7200))
    ('1 h 20 min later', '1 min earlier', 'up to 1 d later', '1 h to 2 h later')
    >>> later((-3600, 7200)), later((-7200, -3600)), later((0, 0)), later(None)
    ('1 h earlier to 2 h later', '1 h to 2 h earlier', 'at the same time', '')
    """
    if lag is None:
        return ""
    least, most = lag
    if least < 0 < most:
        return f"{duration(least)} earlier to {duration(most)} later"
    direction = "later" if most > 0 else "earlier"
    near, far = sorted((abs(least), abs(most)))
    if far == 0:
        return "at the same time"
    if near == far:
        return f"{duration(far)} {direction}"
    return f"{f'{duration(near)} to' if near else 'up to'} {duration(far)} {direction}"


def apart(lag: Sequence[float] | None) -> str:
    """Say how far apart two moments are, whichever was first; "" where unknown.

    >>> apart((60, 60)), apart((0, 86400)), apart(None)
    ('1 min apart', 'up to 1 d apart', '')
    """
    said = later(lag and sorted(map(abs, lag)))
    return said.replace(" later", " apart")
