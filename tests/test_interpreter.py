"""How the interpreter is set while a scan runs, and after."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from typing import Any

import pytest

import dedup
from dedup._jit.interpreter import TURN, YOUNGEST, working

Set = tuple[tuple[int, int, int], float]


def as_set() -> Set:
    return gc.get_threshold(), sys.getswitchinterval()


def articles(seen: list[Set]) -> Iterator[dict[str, Any]]:
    seen.append(as_set())
    yield {"id": "a", "text": "It rained all night in the hills above the town."}


def test_a_scan_sets_the_interpreter_for_its_time_alone() -> None:
    before, seen = as_set(), list[Set]()
    dedup.scan(articles(seen))
    [((youngest, *_), turn)] = seen
    assert youngest == YOUNGEST
    assert turn == pytest.approx(TURN)
    assert as_set() == before


def test_what_fails_leaves_the_interpreter_as_it_was() -> None:
    before = as_set()
    with pytest.raises(dedup.InputError):
        dedup.scan([])
    assert as_set() == before


def test_of_two_at_once_the_last_to_end_sets_it_back() -> None:
    before = as_set()
    one, other = working(), working()
    one.__enter__()
    other.__enter__()
    one.__exit__(None, None, None)
    assert gc.get_threshold()[0] == YOUNGEST
    other.__exit__(None, None, None)
    assert as_set() == before


def test_garbage_that_is_not_looked_for_is_not_looked_for_then_either() -> None:
    before = gc.get_threshold()
    gc.set_threshold(0)
    try:
        with working():
            assert gc.get_threshold()[0] == 0
        gc.set_threshold(10 * YOUNGEST)
        with working():
            assert gc.get_threshold()[0] == 10 * YOUNGEST
    finally:
        gc.set_threshold(*before)
