"""Each side of each threshold of `dedup.stories.recurring`."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pytest
from overlaps import laid

from dedup.stories.recurring import common_news, is_background

DAY = 86400.0
Prints = Mapping[int, range]
"""The prints of each article, by its number."""


def ordered(prints: Prints) -> npt.NDArray[np.uint64]:
    return np.array(sorted(p << 32 | body for body, own in prints.items() for p in own), np.uint64)


def answer(prints: Prints, days: list[float], share: float = 0.7) -> bool:
    """Whether the first two articles, which hold so much of one another, share background alone."""
    pair = laid({(0, 1): (share, share)})
    (found,) = is_background(pair, ordered(prints), np.array(days) * DAY).tolist()
    return bool(found)


@pytest.mark.parametrize(("days", "recurs"), [(7.01, True), (7.0, False)])
def test_words_recur_that_stand_in_articles_more_than_seven_days_apart(
    days: float, *, recurs: bool
) -> None:
    assert answer(dict.fromkeys(range(3), range(8)), [0, 1, days]) is recurs


def test_words_recur_that_stand_in_three_articles() -> None:
    same = dict.fromkeys(range(3), range(8))
    assert answer(same, [0, 1, 30])
    assert not answer(dict.fromkeys(range(2), range(8)), [0, 30])


@pytest.mark.parametrize(("of_ten", "background"), [(4, True), (5, False)])
def test_the_other_article_has_half_of_the_news(of_ten: int, *, background: bool) -> None:
    shared = {0: range(10), 1: range(10 - of_ten, 20 - of_ten)}
    assert answer(shared, [0, 0]) is background


@pytest.mark.parametrize(("old", "background"), [(31, True), (30, False)])
def test_a_quarter_of_what_is_shared_is_news(old: int, *, background: bool) -> None:
    prints = {0: range(10 + old), 1: range(10 + old), 2: range(10, 10 + old)}
    assert answer(prints, [0, 1, 30]) is background


@pytest.mark.parametrize(("share", "background"), [(0.89, True), (0.90, False)])
def test_copies_share_nine_tenths_whatever_recurs(share: float, *, background: bool) -> None:
    assert answer(dict.fromkeys(range(3), range(8)), [0, 1, 30], share) is background


@pytest.mark.parametrize(("share", "background"), [(0.94, True), (0.95, False)])
def test_an_excerpt_has_nineteen_twentieths_whatever_recurs(
    share: float, *, background: bool
) -> None:
    pair, prints = laid({(0, 1): (share, 0.3)}), ordered(dict.fromkeys(range(3), range(8)))
    times = np.array([0, 1, 30]) * DAY
    assert is_background(pair, prints, times).tolist() == [background]


def test_without_dates_all_is_news() -> None:
    same = dict.fromkeys(range(3), range(8))
    assert not answer(same, [np.nan] * 3)
    assert not answer(same, [np.nan, np.nan, 30])
    assert answer(same, [np.nan, 0, 30])


def test_news_is_counted_each_way() -> None:
    prints = {0: range(8), 1: range(6, 20), 2: range(6, 7)}
    found = common_news(laid({(0, 1): (0.7, 0.7)}), ordered(prints), np.array([0, 1, 30]) * DAY)
    assert [column.tolist() for column in found] == [
        [pytest.approx(1 / 7)],
        [pytest.approx(1 / 13)],
        [0.5],
    ]


def test_no_pairs_share_no_news() -> None:
    found = common_news(laid({}), np.zeros(0, np.uint64), np.zeros(0))
    assert [len(column) for column in found] == [0, 0, 0]
