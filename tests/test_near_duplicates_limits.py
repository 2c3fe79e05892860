"""Each side of each threshold of `dedup.match.near_duplicates`, and of the settings it reads."""

from __future__ import annotations

import numpy as np
import pytest

from dedup.match.near_duplicates import Near, against_centres, confirm, is_near
from dedup.settings import Settings
from dedup.text.shingle import Sets

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


@pytest.mark.parametrize(("missing", "listed"), [(15, True), (14, False)])
def test_two_near_a_centre_are_listed_if_they_are_much_closer_to_one_another(
    missing: int, *, listed: bool
) -> None:
    # Each lacks 20 of the centre's 100 shingles, so many of them the same ones.
    centre = np.arange(100, dtype=np.uint32)
    each = centre, centre[20:], np.delete(centre, np.arange(20 - missing, 40 - missing))
    sets = Sets(np.concatenate(each), np.append(0, np.cumsum([len(own) for own in each])))
    words, settings = np.full(3, 100, np.int32), Settings(bucket=2)
    pairs = np.array([1, 2, 1 << 32 | 2], np.uint64)
    every: Near = confirm(pairs, sets, words, settings)
    found = against_centres(every, np.zeros(3, np.int32), sets, words, settings)
    assert found.pairs.tolist() == pairs[: 3 if listed else 2].tolist()
