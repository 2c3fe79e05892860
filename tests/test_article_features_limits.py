"""Each side of each threshold of `dedup.stories.article_features`."""

from __future__ import annotations

from collections.abc import Sequence

from dedup.metadata.dates import parse
from dedup.stories.article_features import fetched


def doubted(seconds: Sequence[int]) -> bool:
    """Whether the dates of a site are, each so many seconds after one in the morning."""
    moments = [3600 + second for second in seconds]
    dates = [
        parse(f"2024-05-06T{at // 3600:02}:{at // 60 % 60:02}:{at % 60:02}Z") for at in moments
    ]
    (found,) = set(fetched(["a"] * len(dates), dates))
    return found


def bursts(pairs: int, alone: int, apart: int = 2, every: int = 3600) -> list[int]:
    """Moments of pairs that lie so many seconds apart, and of single ones."""
    starts = [every * n for n in range(pairs + alone)]
    return sorted([*starts, *(start + apart for start in starts[:pairs])])


def test_articles_up_to_ten_seconds_apart_are_a_burst() -> None:
    assert doubted(bursts(3, 0, apart=10))
    assert not doubted(bursts(3, 0, apart=11))


def test_a_quarter_of_a_sites_articles_in_bursts_puts_its_dates_in_doubt() -> None:
    assert doubted(bursts(1, 6))
    assert not doubted(bursts(1, 7))


def test_bursts_are_twice_as_many_as_chance_would_have_them() -> None:
    # Of 60 articles of one hour chance has 28 in 100 within ten seconds of another.
    assert doubted(bursts(18, 24, every=84))
    assert not doubted(bursts(15, 30, every=79))


def test_five_articles_tell_of_a_site() -> None:
    assert doubted(bursts(2, 1))
    assert not doubted(bursts(2, 0))
