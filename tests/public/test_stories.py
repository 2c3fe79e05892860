"""Which articles are one story and which are not: behaviours 1 to 24, through the public call."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import pytest
from news import (
    ALL,
    CHOIR,
    FERRY,
    GRAIN,
    LEAD,
    MILL,
    STATEMENT,
    article,
    cast,
    link,
    roles,
    stories,
    story,
)
from prose import BRIDGE, COMET, HERRING, LIBRARY, STRIKE, WEATHER, changed, yards

import dedup
from dedup import Article

NEWS_AT = {"date": "2024-05-06T20:15Z"}
NEXT_DAY = {"date": "2024-05-07T06:30Z"}

# -- one story although it looks different -------------------------------------------------------


def test_one_body_under_two_headlines_is_one_story_of_copies() -> None:
    ferry = "\n\n".join(FERRY)
    result = dedup.scan(
        [
            {"id": "a", "title": "Ferry aground off Averil", "text": ferry, "site": "a.example"},
            {"id": "b", "title": "Night on a sandbank", "text": ferry.upper(), "site": "b.example"},
            {"id": "c", "title": "Mill to close", "text": "\n".join(MILL), "site": "b.example"},
        ]
    )
    assert stories(result) == {frozenset("ab")}
    assert story(result).sites == 2
    for member in story(result).members:
        # Nobody knows who was first.
        assert member.role == ("kept" if member.article == story(result).canonical else "copy")
        assert (member.share_of_member, member.share_of_canonical) == (1, 1)
        assert (member.added, member.cut, member.changed) == ((), (), ())
    (only,) = result.links
    assert (only.kind, only.share_of_b, only.share_of_a) == ("copy", 1, 1)
    assert only.words == len(ferry.split())
    assert result.summary["stories"] == result.summary["links"] == 1
    assert result.summary["story_articles"] == 2


@pytest.mark.parametrize(
    "dateline",
    [
        "SEOUL, Nov. 24 (Yonhap) -- ",
        "WASHINGTON (Reuters) - ",
        "MOSCOW, October 4. /TASS/. ",
        "PORT AVERIL (Northline) — ",
        "By Our Staff Reporter in Port Averil: ",
    ],
)
def test_a_dateline_less_or_another_is_still_a_copy(dateline: str) -> None:
    result = dedup.scan(
        [
            article("a", FERRY),
            article("b", (dateline + FERRY[0], *FERRY[1:])),
            article("c", (f"PARIS, 7 May (AFP) - {FERRY[0]}", *FERRY[1:])),
        ]
    )
    assert stories(result) == {frozenset("abc")}
    known = ("copy", "kept", "original")
    assert all(member.role in known for member in story(result).members)
    assert all(found.share_of_b > 0.97 and found.share_of_a > 0.97 for found in result.links)


@pytest.mark.parametrize(
    "layout",
    [
        (" ".join(FERRY[:2]), *FERRY[2:]),
        (*FERRY[:3], *FERRY[3].split(". "), *FERRY[4:]),
        (" ".join(FERRY),),
        FERRY[::-1],
    ],
    ids=["two merged", "one split", "all in one", "in another order"],
)
def test_paragraphs_merged_split_or_moved_leave_a_copy(layout: Sequence[str]) -> None:
    result = dedup.scan([article("a", FERRY), article("b", layout)])
    found = link(result, "a", "b")
    assert found.kind == "copy"
    # Runs of five words that go over a joint are in one of the two alone, at most four a joint.
    joints = 4 * abs(len(FERRY) - len(layout))
    assert min(found.share_of_b, found.share_of_a) >= 1 - joints / 350
    for member in story(result).members:
        assert (member.added, member.cut) == ((), ())


def test_the_first_8_of_20_paragraphs_are_an_excerpt() -> None:
    whole = yards(3, 20, 40)
    result = dedup.scan(
        [
            article("whole", whole, site="a.example", **NEXT_DAY),
            article("part", whole[:8], site="b.example", **NEXT_DAY),
        ]
    )
    part = cast(result)["part"]
    assert (part.role, part.share_of_member) == ("excerpt", 1)
    assert part.share_of_canonical == pytest.approx(8 / 20, abs=0.001)
    assert (part.added, part.cut, part.changed) == ((), tuple(range(8, 20)), ())
    assert story(result).canonical == "whole"
    assert link(result, "part", "whole").kind == "extended"  # what the whole is to the part


def test_a_local_lead_over_the_wire_is_linked_and_reported_as_added() -> None:
    result = dedup.scan(
        [
            article("wire", FERRY, site="wire.example", **NEWS_AT),
            article("local", LEAD + FERRY, site="orrin.example", **NEXT_DAY),
            article("long", LEAD + GRAIN + CHOIR + FERRY[:8], site="post.example", **NEXT_DAY),
        ]
    )
    assert story(result).canonical == "wire"
    local, long = cast(result)["local"], cast(result)["long"]
    assert (local.added, local.cut, local.changed) == ((0, 1), (), ())
    assert local.share_of_canonical == 1
    assert local.role == "edited copy"  # most of both is shared
    assert (long.added, long.cut) == (tuple(range(9)), (8, 9))
    assert long.role == "extended"
    assert long.share_of_member < 0.5


def test_captions_advertisements_and_links_between_paragraphs_change_nothing_else() -> None:
    between = (
        "READ MORE: How the lighthouse keeper spent his last night on the rock",
        "Advertisement",
        "Photo: The car ferry Skarnholm on the bank on Tuesday. Anna Berg",
    )
    broken = [part for n, text in enumerate(FERRY) for part in (text, between[n % 3])]
    result = dedup.scan(
        [
            article("clean", FERRY, site="a.example", **NEWS_AT),
            article("broken", broken, site="b.example", **NEXT_DAY),
        ]
    )
    assert story(result).canonical == "clean"
    member = cast(result)["broken"]
    assert (member.share_of_canonical, member.cut, member.changed) == (1, (), ())
    assert member.role in ("copy", "edited copy")
    assert all(n % 2 for n in member.added)


@pytest.mark.parametrize("joint", ["\n\n", " "])
def test_a_text_25_times_in_one_record_is_a_copy_of_the_text_once(joint: str) -> None:
    once = joint.join(MILL)
    result = dedup.scan([Article("once", once), Article("stuck", joint.join([once] * 25))])
    found = link(result, "once", "stuck")
    assert found.kind == "copy"
    assert found.share_of_b > 0.97
    assert found.share_of_a == 1
    assert found.words <= len(once.split())


@pytest.mark.parametrize("end", ["… more", " [...]", "…", " (continued)"])
def test_a_cut_off_teaser_is_an_excerpt_of_the_article(end: str) -> None:
    teaser = " ".join(FERRY[0].split()[:36])
    result = dedup.scan([article("front", [teaser + end]), article("page", FERRY)])
    assert roles(result)["front"] == "excerpt"
    assert story(result).canonical == "page"
    assert cast(result)["front"].share_of_member > 0.9


def test_words_changed_throughout_make_an_edited_copy_with_its_paragraphs_named() -> None:
    edited = [changed(text, 9, 22) if n in (2, 5) else text for n, text in enumerate(FERRY)]
    edited[7] = "The company had nothing to say on Tuesday and did not return calls to its office."
    result = dedup.scan(
        [
            article("a", FERRY, site="a.example", **NEWS_AT),
            article("b", edited, site="b.example", **NEXT_DAY),
        ]
    )
    member = cast(result)["b"]
    assert member.role == "edited copy"
    assert (member.added, member.cut, member.changed) == ((7,), (7,), (2, 5))


# -- different although it looks the same --------------------------------------------------------


@pytest.mark.parametrize(
    "title", ["Morning briefing", None, "", " ", "(no title)", "Untitled", "N/A"]
)
def test_one_headline_or_none_over_two_bodies_is_no_story(title: str | None) -> None:
    result = dedup.scan(
        [
            article("a", FERRY, title=title, site="a.example"),
            article("b", MILL, title=title, site="a.example"),
            article("c", GRAIN, title=title, site="b.example"),
        ]
    )
    assert not result.stories
    assert not result.links


@pytest.mark.parametrize("page", ["", " \n \n", "* * *\n—\n…", "\u00ad\u200b", "🖼\n📷"])
@pytest.mark.parametrize("title", [None, "Pictures of the day"])
def test_pages_without_a_word_are_no_story(page: str, title: str | None) -> None:
    result = dedup.scan([Article(name, page, title=title) for name in "abc"])
    assert not result.stories
    assert not result.links
    assert not result.site_matrix()
    assert [row["story"] for row in result.article_rows()] == [None] * 3


NOTICE = (
    "Copyright 2025 Ilmen Media. All rights reserved. This material may not be published, "
    "broadcast, rewritten or redistributed in whole or in part without the express written "
    "permission of the publisher. Sign up for our newsletter to get the news every morning at six."
)
STUB = (
    "This article is for subscribers only. Subscribe now to continue reading, or log in if you "
    "already have an account. From 1 euro in the first month; cancel at any time."
)
FOOTER = (
    "About us | Advertise | Jobs | Privacy | Terms of use | Letters to the editor | Subscribe",
    (
        "Ilmen Today is published six days a week by the Valley Printers' Guild, Wharf Lane 4, "
        "and printed on paper from the upper valley. Letters to the editor are welcome and may be"
        " cut."
    ),
    "Most read: Ferry aground off Averil — Mill to close in March — Choir wins contest again",
)


def test_articles_that_share_only_a_notice_are_no_story() -> None:
    sites = ("a.example", "b.example", "c.example", "d.example")
    items = [
        article(f"{n}", (*body, NOTICE), site=site)
        for n, (body, site) in enumerate(zip(ALL, sites, strict=True))
    ]
    result = dedup.scan(items)
    assert not result.stories
    assert {found.kind for found in result.links} <= {"common source"}
    one_site = dedup.scan([dataclasses.replace(item, site="a.example") for item in items])
    assert not one_site.stories
    assert not one_site.links  # there it is standing text


def test_stories_of_one_site_that_share_a_footer_and_lists_of_links_are_not_linked() -> None:
    distinct = [*ALL, *([text] for text in yards(5, 8, 180))]
    result = dedup.scan(
        [article(f"{n}", (*body, *FOOTER), site="i.example") for n, body in enumerate(distinct)]
    )
    assert not result.stories
    assert not result.links


@pytest.mark.parametrize(
    "stub",
    [
        "Subscribe to continue",
        STUB,
    ],
)
def test_stubs_of_a_paywall_make_no_story_of_what_is_behind_it(stub: str) -> None:
    items = [
        article(f"{n}", (f"{text.split('.')[0]}.", stub), site="i.example")
        for n, text in enumerate((BRIDGE, HERRING, LIBRARY, COMET, STRIKE, *yards(6, 6, 25)))
    ]
    result = dedup.scan(items)
    assert not result.stories


def test_pages_that_hold_a_stub_and_nothing_else_make_no_story() -> None:
    items = [article(f"{n}", [STUB], site="i.example", title=f"Story {n}") for n in range(12)]
    items += [article(f"b{n}", body, site="i.example") for n, body in enumerate(ALL)]
    assert not dedup.scan(items).stories


def test_two_reports_that_quote_one_statement_are_no_story_and_not_each_others_source() -> None:
    one = (*MILL[:3], f"{STATEMENT} Ove Lind, the harbour master of Averil, told the council.")
    other = (*GRAIN[:3], f"At the end Ove Lind rose from his chair and said: {STATEMENT[:-2]}.”")
    result = dedup.scan(
        [
            article("a", one, site="a.example", date="2024-05-06T20:15Z"),
            article("b", other, site="b.example", date="2024-05-08T20:15Z"),
        ]
    )
    assert not result.stories
    found = link(result, "a", "b")
    assert found.first is None
    assert found.confidence == 0
    assert found.reasons == ("what is shared is quoted from a third",)
    assert found.kind == "common source"


def test_items_of_one_template_are_no_story() -> None:
    result = dedup.scan([article(f"{n}", [text]) for n, text in enumerate(WEATHER)])
    assert not result.stories


# -- articles that say nothing -------------------------------------------------------------------


def test_a_single_article_is_no_story() -> None:
    result = dedup.scan([article("a", FERRY)])
    assert not result.stories
    assert not result.links
    assert not result.site_matrix()
    assert [attribution.agency for attribution in result.credits] == [None]


def test_articles_of_standing_text_alone_are_no_story() -> None:
    distinct = [*ALL, *([text] for text in yards(5, 8, 180))]
    items = [article(f"{n}", FOOTER, site="i.example", title=f"{n}") for n in range(4)]
    items += [
        article(f"b{n}", (*body, *FOOTER), site="i.example") for n, body in enumerate(distinct)
    ]
    result = dedup.scan(items)
    assert not result.stories
    assert not result.links


def test_a_name_and_a_formula_in_common_are_no_link() -> None:
    names = "Foreign Minister Anna Berg and her counterpart Ove Lind of the Republic of Skarn met"
    result = dedup.scan(
        [
            article("a", (f"{names} in Orrin on Monday.", *MILL), site="a.example"),
            article("b", (f"{names} again over supper.", *GRAIN), site="b.example"),
        ]
    )
    assert not result.links
