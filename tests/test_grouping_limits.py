"""Each side of each threshold of `dedup.stories.grouping`."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from overlaps import Shares, comparer, grouped, laid

from dedup.stories.grouping import group
from dedup.stories.overlap import Overlap


@pytest.mark.parametrize(("short", "stories"), [(0.045, 1), (0.055, 2)])
def test_a_member_may_fall_short_by_a_twentieth_against_the_head(
    short: float, stories: int
) -> None:
    # 0 is the head, with 3 and 1; 2 is a version of 1 and holds more of it than 1 holds of 2.
    shares: Shares = {
        (0, 1): (0.90, 0.90),
        (0, 3): (0.95, 0.95),
        (1, 2): (0.80, 0.78),
        (0, 2): (0.45 - short, 0.40 - short),
    }
    assert len(grouped(shares, 4).head) == stories


def test_the_64_members_that_hold_least_of_a_head_are_held_against_all_others() -> None:
    asked: list[int] = []

    def compare(pairs: npt.NDArray[np.uint64]) -> Overlap:
        asked.append(len(pairs))
        return laid({(pair >> 32, pair & 0xFFFFFFFF): (0.5, 0.5) for pair in pairs.tolist()})

    versions: Shares = {(0, other): (0.5, 0.5) for other in range(1, 90)}
    group(laid(versions), 90, compare, *np.zeros((2, len(versions)), bool))
    assert asked == [sum(range(89 - 64, 89))]


@pytest.mark.parametrize(("share", "is_page"), [(0.9, True), (0.89, False)])
def test_a_page_is_nine_tenths_in_the_whole_article(share: float, *, is_page: bool) -> None:
    shares: Shares = {(0, 2): (share, 0.45), (1, 2): (share, 0.45)}
    one_name = np.ones(len(shares), bool)
    found = group(laid(shares), 3, comparer(shares), np.zeros(len(shares), bool), one_name)
    assert (len(set(found.of.tolist())) == 1) is is_page
