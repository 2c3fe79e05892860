"""Each side of each threshold of `dedup.stories.first_publisher`, and each weight by its odds."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from news import fact

from dedup.stories.article_features import ArticleFeatures
from dedup.stories.first_publisher import direction, origin, source

ELSEWHERE = {"site": "b.example"}
START = "2024-05-06T06:00:00"


def later(seconds: int) -> str:
    """A moment so many seconds after `START`."""
    return (datetime.fromisoformat(START) + timedelta(seconds=seconds)).isoformat()


CONFIDENCE = {
    # what speaks for a: a, b, odds e**weight as a probability
    "its own agency's": (fact(house="AP"), fact(**ELSEWHERE), 0.982),  # 4.0
    "declared": (fact(), fact(sources=frozenset({"a.example"}), **ELSEWHERE), 0.971),  # 3.5
    "credit": (fact(agency="AP"), fact(**ELSEWHERE), 0.0),  # 0.4: too little alone
    "tag": (fact(), fact(rank=2), 0.881),  # 2.0
    "ten seconds": (fact(START + "Z"), fact(later(10) + "Z", **ELSEWHERE), 0.702),  # 0.86
    "ten minutes": (fact(START + "Z"), fact(later(600) + "Z", **ELSEWHERE), 0.798),  # 1.37
    "a day": (fact(START + "Z"), fact(later(86400) + "Z", **ELSEWHERE), 0.894),  # 2.13
    "three days": (fact(START + "Z"), fact(later(3 * 86400) + "Z", **ELSEWHERE), 0.900),  # 2.2
    "three hours": (fact(START), fact(later(10800), **ELSEWHERE), 0.780),  # 0.7 of 1.81
    "a fetched day": (
        fact(START + "Z", fetched=True),
        fact(later(86400) + "Z", **ELSEWHERE),
        0.630,  # a quarter of 2.13
    ),
}


@pytest.mark.parametrize("name", CONFIDENCE)
def test_a_reason_has_its_weight(name: str) -> None:
    a, b, confidence = CONFIDENCE[name]
    assert direction(a, b).confidence == confidence


def test_of_a_part_that_both_hold_time_says_half_as_much() -> None:
    a, b = fact(START + "Z"), fact(later(86400) + "Z", **ELSEWHERE)
    assert direction(a, b, (0.49, 0.49)).confidence == 0.743
    assert direction(a, b, (0.50, 0.49)).confidence == 0.894


@pytest.mark.parametrize(
    ("held", "first"), [((0.3, 0.80), 0), ((0.3, 0.79), -1), ((0.49, 0.9), 0), ((0.50, 0.9), -1)]
)
def test_an_excerpt_is_in_the_whole_by_four_fifths_and_less_than_half_of_that(
    held: tuple[float, float], first: int
) -> None:
    found = direction(fact(), fact(**ELSEWHERE), held)
    assert (found.first, found.confidence) == (first, 0.646 if first == 0 else 0)


@pytest.mark.parametrize(("seconds", "first"), [(10800, 0), (7200, -1)])
def test_a_weight_of_nine_twentieths_is_an_answer(seconds: int, first: int) -> None:
    # A quarter of 1.81 and of 1.71.
    a, b = fact(START + "Z", fetched=True), fact(later(seconds) + "Z", **ELSEWHERE)
    assert direction(a, b).first == first


@pytest.mark.parametrize(("hours", "agency_first"), [(23, True), (25, False)])
def test_an_agencys_copy_is_the_original_of_what_ran_up_to_a_day_before(
    hours: int, *, agency_first: bool
) -> None:
    agency = fact(later(hours * 3600) + "Z", house="AP")
    assert (direction(agency, fact(START + "Z", **ELSEWHERE)).first == 0) is agency_first


def test_four_articles_are_tried_as_the_original() -> None:
    def found(number: int) -> int | None:
        """Each article declares the next one as its source, and all the last one."""
        sites = [f"{n}.example" for n in range(number)]
        features = [
            fact(site=site, sources=frozenset({*sites[n + 1 : n + 2], *sites[-1:]} - {site}))
            for n, site in enumerate(sites)
        ]
        return origin(range(number), (), 0, features, lambda a, b: (1.0, 1.0)).original

    assert found(4) == 3
    assert found(5) is None


def test_a_third_of_the_members_credit_the_agency_of_a_story() -> None:
    def named(members: int) -> str | None:
        features: list[ArticleFeatures] = [
            fact(agency="AP" if n >= members - 2 else None) for n in range(members)
        ]
        return source(range(members), set(), (0, 1), features)

    assert named(6) == "AP"
    assert named(7) is None
