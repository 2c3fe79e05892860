"""Each side of each threshold of `dedup.match.boilerplate_style`."""

from __future__ import annotations

import numpy as np
import pytest

from dedup.match.boilerplate_style import run_style


def style(tokens: list[int], worth: float = 1.0) -> float:
    """The style of tokens of which 2 alone is in the table; texts without words have 5."""
    shares = np.zeros((2, 8), np.float32)
    shares[0, 0] = 5
    words, worths = np.array([2], np.uint32), np.array([worth], np.float32)
    flags = np.zeros(len(tokens), np.uint8)
    found = run_style(np.array(tokens, np.uint32), flags, 0, len(tokens), words, worths, shares)
    return float(found)


@pytest.mark.parametrize(("known", "worded"), [(2, True), (1, False)])
def test_words_count_where_a_fifth_are_in_the_table(known: int, *, worded: bool) -> None:
    assert (style([2] * known + [4] * (10 - known)) != 5) is worded


def test_four_tokens_are_added_to_the_length_of_a_text() -> None:
    assert style([2]) == pytest.approx(10 / 5)
    assert style([2, 4]) == pytest.approx(10 / 6)
