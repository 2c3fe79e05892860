"""Each side of each threshold of `dedup.match.near_duplicates`, and of the settings it reads."""

from __future__ import annotations

import numpy as np
import pytest

from dedup.match.near_duplicates import is_near
from dedup.settings import Settings

NEAR = [
    # jaccard, containment, words of the shorter text, near
    (0.50, 0.50, 40, True),
    (0.49, 0.79, 40, False),
    (0.20, 0.80, 40, True),
    (0.75, 0.75, 10, True),  # the fewer words, the more is asked
    (0.74, 0.74, 10, False),
    (0.20, 0.91, 10, True),
    (0.20, 0.89, 10, False),
    (0.20, 1.00, 10, True),  # half of `brief`: containment alone is enough
    (0.20, 1.00, 9, False),
]


@pytest.mark.parametrize(("jaccard", "containment", "words", "near"), NEAR)
def test_what_is_near_shares_half_or_contains_four_fifths_of_ten_words_or_more(
    jaccard: float, containment: float, words: int, *, near: bool
) -> None:
    shares = np.array([jaccard], np.float32), np.array([containment], np.float32)
    assert is_near(*shares, np.array([words], np.int32), Settings()).tolist() == [near]
