"""An article that a site has in pages and as a whole: one story, of which the whole is kept."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

import dedup
from dedup.records import Story

FERRY = [
    (
        "The ferry to Low Holm will stop at dusk from Monday, since the lamps on the outer pier"
        " have gone out one after another and nobody in the harbour office knows how to mend "
        "them."
    ),
    (
        "Holders of a yearly ticket may ask for a third of their fare at the booth beside the "
        "net loft until the last day of the month, a clerk of the line said on Friday evening."
    ),
    (
        "A diver who went down to the cable saw that an anchor had cut it in two places, the "
        "deeper one some fifty paces from the head of the pier, where the tide runs hardest."
    ),
]
COUNCIL = [
    (
        "The people of the island want a launch to lie ready for their doctor, who crosses "
        "twice a week in winter, and for the eleven children that go over to the grammar school"
        " on Tuesdays."
    ),
    (
        "Masters of coasters were told to keep well south of the old wreck until the lamps burn"
        " again, and to tell the watch house of every light on the shore that they see flicker."
    ),
    (
        "A keeper who used to trim the wicks by hand offered to row out each night if the "
        "council paid him in tobacco; it thanked him, and said that the insurers would never "
        "hear of it."
    ),
]
MARKET = [
    (
        "Traders on Corn Hill may put up their stalls an hour earlier from April, after a vote "
        "that went five to four and that two of the aldermen have already promised to bring up "
        "again."
    ),
    (
        "The bakers had asked for two hours, the fishmongers for none at all, and the sexton of"
        " the church beside the market for some quiet at least until the first bell has been "
        "rung."
    ),
]


def article(id_: str, rows: list[str], **fields: Any) -> dict[str, Any]:
    base = {"id": id_, "site": "post.example", "date": "2024-03-04T08:00:00Z"}
    return {**base, "text": "\n".join(rows), **fields}


def stories(*articles: dict[str, Any]) -> list[Story]:
    return list(dedup.scan(list(articles)).stories)


NAMES = [
    {"title": "Island cut off at night"},
    {"canonical": "https://post.example/island", "url": "https://post.example/island?view"},
    {"title": "Island cut off", "canonical": "https://post.example/island"},
]


@pytest.mark.parametrize("names", NAMES)
@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_two_pages_and_the_whole_are_one_story(
    names: dict[str, str], order: tuple[int, ...]
) -> None:
    pages = [
        article("p1", FERRY, **names),
        article("p2", COUNCIL, **names),
        article("whole", FERRY + COUNCIL, **names),
    ]
    (found,) = stories(*(pages[place] for place in order))
    assert found.canonical == "whole"
    roles = {member.article: member.role for member in found.members}
    assert roles["p1"] == roles["p2"] == "excerpt"
    assert all(member.supersedes is None for member in found.members)


def test_three_pages_and_a_whole_that_another_site_ran_too_are_one_story() -> None:
    names = {"title": "Island and market"}
    whole = FERRY + COUNCIL + MARKET
    (found,) = stories(
        article("1", FERRY, date="2024-03-04T08:00:03Z", **names),
        article("2", COUNCIL, date="2024-03-04T08:00:04Z", **names),
        article("3", MARKET, date="2024-03-04T08:00:05Z", **names),
        article("4", whole, **names),
        article("5", whole, site="echo.example", date="2024-03-05T08:00:00Z", title="An island"),
    )
    assert found.canonical == "4"
    assert [m.article for m in found.members if m.role == "excerpt"] == ["1", "2", "3"]


@pytest.mark.parametrize(
    "names",
    [
        [{"title": "Island cut off"}, {"title": "Council thanks keeper"}, {"title": "Briefs"}],
        [{}, {}, {}],
        [
            {"title": "Island", "site": "a.example"},
            {"title": "Island", "site": "b.example"},
            {"title": "Island", "site": "c.example"},
        ],
    ],
    ids=["headlines of their own", "no names", "three sites"],
)
def test_a_roundup_of_two_stories_is_no_whole_of_pages(names: list[dict[str, str]]) -> None:
    found = stories(
        article("p1", FERRY, **names[0]),
        article("p2", COUNCIL, **names[1]),
        article("all", FERRY + COUNCIL, **names[2]),
    )
    assert len(found) == 2
    assert {member.role for story in found for member in story.members} >= {"roundup part"}


def test_a_page_with_much_of_its_own_is_no_page_of_the_whole() -> None:
    names = {"title": "Island cut off at night"}
    found = stories(
        article("p1", FERRY, **names),
        article("p2", [*COUNCIL, MARKET[0]], **names),
        article("all", FERRY + COUNCIL, **names),
    )
    assert not any(m.article == "p2" and m.role == "excerpt" for s in found for m in s.members)


def test_a_cluster_and_its_story_keep_one_article_whatever_zones_are_known() -> None:
    for first, second in (
        ("2024-03-04T08:57:00", "2024-03-04T12:00:00Z"),
        ("2024-03-04T08:57:00Z", "2024-03-04T12:00:00"),
        ("2024-03-04", "2024-03-04T23:00:00Z"),
        ("2024-03-04T08:57:00", "2024-03-06T12:00:00Z"),
    ):
        found = dedup.scan(
            [
                article("a", FERRY, site="a.example", date=first),
                article("b", FERRY, site="b.example", date=second),
            ]
        )
        kept = {cluster.canonical.article for cluster in found.clusters}
        assert kept == {story.canonical for story in found.stories}
