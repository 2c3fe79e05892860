"""Undeclared text in fourteen languages is read in the right encoding."""

from __future__ import annotations

import pytest

from benchmarks import encodings

FLOORS = {1500: 0.98, 60: 0.95}
"""Share of texts of that many characters that are read right, in each language and over all."""
OLD_FLOOR = 0.85
"""The same of articles in what the Mac and DOS wrote."""


@pytest.mark.parametrize("length", encodings.LENGTHS)
@pytest.mark.parametrize("language", encodings.USUAL)
def test_undeclared_text_is_read_right(language: str, length: int) -> None:
    found = encodings.scores({language: encodings.USUAL[language]}, length)
    assert min(found.values()) >= FLOORS[length], found


@pytest.mark.parametrize("length", encodings.LENGTHS)
def test_text_in_english_or_without_latin_letters_is_read_right(length: int) -> None:
    found = encodings.scores(encodings.OTHERS, length)
    assert min(found.values()) >= FLOORS[length], found


def test_articles_in_what_the_mac_and_dos_wrote_are_mostly_read_right() -> None:
    found = encodings.scores(encodings.OLD, 1500)
    assert sum(found.values()) / len(found) >= OLD_FLOOR, found
