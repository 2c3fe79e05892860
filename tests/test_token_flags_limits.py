"""Each side of each threshold of `dedup.text.token_flags`, and what each kind of word weighs."""

from __future__ import annotations

import numpy as np
import pytest

from dedup.text.characters import table
from dedup.text.segment import batch
from dedup.text.token_flags import COMMON, NAME, NUMBER, PHRASE, token_flags, weight
from dedup.text.tokenize import tokenize


def flagged(text: str, flag: int) -> list[bool]:
    texts, whole = batch([text]), (np.array([0]), np.array([len(text)]))
    return [
        bool(found & flag) for found in token_flags(texts, *whole, tokenize(texts, *whole), table())
    ]


def test_a_common_word_has_up_to_three_letters() -> None:
    assert flagged("for the boat", COMMON) == [True, True, False]


def test_a_headline_has_three_capitalised_words_of_five() -> None:
    assert flagged("Ferry Runs Aground off averil", NAME) == [False] * 5
    assert flagged("Ferry runs Aground off averil", NAME) == [False, False, True, False, False]
    five_of_nine = "Ferry Runs Aground Near Averil with choir on board"
    assert flagged(five_of_nine, NAME) == [False, True, True, True, True, *[False] * 4]


WORD, CHARACTER = np.uint32(2), np.uint32(3)


@pytest.mark.parametrize(
    ("flags", "token", "worth"),
    [
        (0, WORD, 1.0),
        (NAME, WORD, 0.5),
        (NUMBER, WORD, 0.5),
        (COMMON, WORD, 0.4),
        (0, CHARACTER, 0.5),
        (PHRASE, WORD, 0.25),
        (NAME | PHRASE, CHARACTER, 0.0625),
    ],
)
def test_a_word_weighs_by_its_kind(flags: int, token: np.uint32, worth: float) -> None:
    assert weight(np.uint8(flags), np.uint8(flags), token) == pytest.approx(worth)
