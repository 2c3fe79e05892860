"""How far a story reaches: roundups, chains, addresses, time; behaviours 21, 22, 31 and 35."""

from __future__ import annotations

import pytest
from news import CHOIR, FERRY, GRAIN, LEAD, MILL, article, link, roles, stories, story
from prose import yards

import dedup
from dedup import Article

EARLY = "2024-05-06T18:15Z"
ADDRESS = "https://www.a.example/2024/ferry-aground-off-averil"
NEWS_AT = {"date": "2024-05-06T20:15Z"}
NEXT_DAY = {"date": "2024-05-07T06:30Z"}

# -- roundups and chains -------------------------------------------------------------------------


def test_a_roundup_is_told_in_the_stories_it_tells_and_does_not_merge_them() -> None:
    briefs = {"ferry": FERRY[:3], "grain": GRAIN[:3], "choir": CHOIR}
    items = [
        article(name, body, site=f"{name}.example", **NEWS_AT) for name, body in briefs.items()
    ]
    items.append(article("copy", FERRY[:3], site="post.example", **NEXT_DAY))
    roundup = (*FERRY[:3], *GRAIN[:3], *CHOIR)
    result = dedup.scan([*items, article("roundup", roundup, site="r.example", **NEXT_DAY)])
    assert stories(result) == {
        frozenset({"ferry", "copy"}),
        frozenset({"grain"}),
        frozenset({"choir"}),
    }
    for found in result.stories:
        (part,) = (member for member in found.members if member.role == "roundup part")
        assert part.article == "roundup"
        assert part.share_of_canonical == 1
        assert found.canonical != "roundup"
        assert link(result, found.canonical, "roundup").share_of_a == 1
        # What the story does not have is what the others tell.
        assert len(part.added) == 6
    rows = {row["article"]: row for row in result.article_rows()}
    assert rows["roundup"]["role"] == "roundup part"


def test_a_roundup_of_two_briefs_merges_them_no_more_than_one_of_three() -> None:
    result = dedup.scan(
        [
            article("choir", CHOIR, site="a.example", **NEWS_AT),
            article("grain", GRAIN[:3], site="b.example", **NEWS_AT),
            article("roundup", (*CHOIR, *GRAIN[:3]), site="c.example", **NEXT_DAY),
            article("roundup again", (*CHOIR, *GRAIN[:3], MILL[0]), site="d.example", **NEXT_DAY),
        ]
    )
    assert {"choir"} in stories(result)
    assert {"grain"} in stories(result)
    parts = [m.article for s in result.stories for m in s.members if m.role == "roundup part"]
    assert sorted(parts) == ["roundup", "roundup", "roundup again", "roundup again"]


def test_two_articles_are_not_one_story_because_a_third_shares_words_with_both() -> None:
    # b holds half of a and half of c, which share nothing.
    a, c = yards(7, 8, 40), yards(8, 8, 40)
    result = dedup.scan(
        [
            article("a", a, site="a.example"),
            article("b", a[:5] + c[:5], site="b.example"),
            article("c", c, site="c.example"),
        ]
    )
    assert not any({"a", "c"} <= members for members in stories(result))
    assert {(found.a, found.b) for found in result.links} == {("a", "b"), ("b", "c")}


def test_versions_that_drift_are_not_one_story_from_end_to_end() -> None:
    paragraphs = yards(9, 30, 40)
    items = [
        article(f"{n:02}", paragraphs[n : n + 10], site=f"s{n}.example") for n in range(0, 20, 2)
    ]
    found = stories(dedup.scan(items))
    assert found
    for members in found:
        numbers = [int(name) for name in members]
        assert max(numbers) - min(numbers) < 10  # any two share a paragraph


# -- the time window -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("other", "window", "linked"),
    [
        ("2024-05-10", 7.0, True),
        ("2024-05-10", 2.0, True),  # no zone: less than two days apart if worst comes to worst
        ("2024-05-10", 0.5, False),
        ("2024-05-10", 0.0, True),
        ("2024-07-07", 7.0, False),
        ("2024-07-07", 0.0, True),
        ("2024-07-07", 90.0, True),
        (None, 7.0, True),
        ("when the rain had stopped", 7.0, True),
        ("2099-01-01", 7.0, True),
    ],
)
def test_print_on_tuesday_and_online_on_friday_are_one_story_within_the_window(
    other: str | None, window: float, *, linked: bool
) -> None:
    result = dedup.scan(
        [
            article("print", FERRY, site="a.example", date="2024-05-07"),
            article("online", LEAD + FERRY, site="b.example", date=other),
        ],
        window=window,
    )
    assert bool(result.stories) is linked
    assert len(result.links) == 1  # what they share is told in any case


def test_an_undated_article_takes_part_in_a_story_of_dated_ones() -> None:
    result = dedup.scan(
        [
            article("a", FERRY, site="a.example", date="2024-05-07"),
            article("b", LEAD + FERRY, site="b.example"),
            article("c", FERRY[1:], site="c.example", date="2024-05-08"),
        ]
    )
    assert stories(result) == {frozenset("abc")}
    assert [member.article for member in story(result).members] == ["a", "c", "b"]


# -- addresses -----------------------------------------------------------------------------------


def test_variants_of_an_address_are_one_document() -> None:
    variants = ("", "/amp", "?utm_source=feed", "?print=1")
    items = [
        Article(f"{n}", "\n\n".join(FERRY), url=f"{ADDRESS}{end}", date=EARLY)
        for n, end in enumerate(variants)
    ]
    result = dedup.scan([*items, article("m", MILL)])
    assert [a.id for a in result.articles] == ["0", "m"]
    assert not result.stories
    (problem,) = result.problems
    assert not problem.skipped


def test_a_front_page_as_canonical_address_joins_nothing() -> None:
    items = [
        article(f"{n}", body, url=f"https://a.example/{n}/x", canonical="https://a.example/")
        for n, body in enumerate((FERRY, MILL, GRAIN, CHOIR))
    ]
    result = dedup.scan(items)
    assert len(result.articles) == 4
    assert not result.stories
    (problem,) = result.problems
    assert "rel=canonical" in problem.what


def test_items_of_a_day_that_stand_at_one_address_are_no_versions() -> None:
    day = "https://a.example/day/2024-05-06"
    others = [
        article(f"{n}", body, url=day, date=f"2024-05-06T1{n}:15Z")
        for n, body in enumerate((MILL, GRAIN, CHOIR))
    ]
    # These two share half of what they say: too little on one site, but for an address in common.
    two = [
        article("3", FERRY, url=day, date="2024-05-06T13:15Z"),
        article("4", [*FERRY[:5], *yards(1, 5, 40)], url=day, date="2024-05-06T14:15Z"),
    ]
    assert not dedup.scan([*others, *two]).stories
    assert roles(dedup.scan(two)) == {"3": "original", "4": "revision"}
