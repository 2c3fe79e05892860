"""Credits of historical papers: enough are found, and few that are none."""

from __future__ import annotations

import pytest

from benchmarks import printed

FLOORS = {"fr": (0.82, 0.94), "de": (0.88, 1.0)}
"""Recall and precision, by language."""


@pytest.mark.parametrize("language", FLOORS)
def test_agencies_of_printed_articles_are_credited(language: str) -> None:
    if reason := printed.missing(language):
        pytest.skip(reason)
    right, marked, found = printed.score(language)
    recall, precision = FLOORS[language]
    assert right >= recall * marked
    assert right >= precision * found
