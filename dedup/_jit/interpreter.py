"""How the interpreter is set while stages run: for long work on much data, and as it was after."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

YOUNGEST = 50_000
"""Objects made from which on garbage is looked for. Higher looks less often: at Python's 700,
looking through the records of 10,000 articles takes a thirtieth of a scan; there is hardly any
garbage to find."""

TURN = 0.0002
"""Seconds after which a thread that runs Python lets another one run that waits. Higher makes the
kernels of one thread wait for the Python of another at each return: at Python's 0.005, kernels of
a millisecond take six."""

_LOCK = Lock()
_BEFORE: list[tuple[tuple[int, int, int], float]] = []
"""How it was set before each of the stretches of work that are under way."""


@contextmanager
def working() -> Iterator[None]:
    """Collect garbage seldom and change threads often, for as long as any such work is under way.

    What was set before is not lowered, and is set again when the last of it ends.

    >>> with working():
    ...     gc.get_threshold()[0] >= YOUNGEST, sys.getswitchinterval() <= TURN
    (True, True)
    """
    with _LOCK:
        threshold, turn = gc.get_threshold(), sys.getswitchinterval()
        _BEFORE.append((threshold, turn) if not _BEFORE else _BEFORE[0])
        if threshold[0]:  # 0: somebody has switched it off
            gc.set_threshold(max(YOUNGEST, threshold[0]), *threshold[1:])
        sys.setswitchinterval(min(TURN, turn))
    try:
        yield
    finally:
        with _LOCK:
            threshold, turn = _BEFORE.pop()
            if not _BEFORE:
                gc.set_threshold(*threshold)
                sys.setswitchinterval(turn)
