"""Dates as sites of many languages write them are read."""

from __future__ import annotations

import pytest

from benchmarks.dates import ASKED, OTHERS, accuracy

FLOORS = dict.fromkeys([*ASKED, *OTHERS], 1.0) | {"ms": 0.98, "th": 0.66}
"""Share of the dates of a language that are read right. Thai writes short months with points."""


@pytest.mark.parametrize("language", FLOORS)
def test_dates_of_a_language_are_read(language: str) -> None:
    right, number, wrong = accuracy(language)
    assert number >= 200
    assert right >= FLOORS[language] * number, wrong[:5]
