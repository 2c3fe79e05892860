"""Standing text: what a site puts on pages that have nothing else to do with one another."""

from __future__ import annotations

import numpy as np
import pytest
from prose import ALL, BRIDGE, COMET, HERRING, IMPRINT, article, changed, yards

import dedup
from dedup import Article
from dedup.match.boilerplate import PAGES, SAMPLE, boilerplate_texts


def pages(number: int, *paragraphs: str, site: str | None = "ilmen", at: int = 2) -> list[Article]:
    """Articles of two paragraphs of their own, with more of them at a place."""
    bodies = yards(number, 2 * number, 50)
    return [
        Article(
            f"{site}/{n:03}",
            "\n\n".join(
                [*bodies[2 * n : 2 * n + at], *paragraphs, *bodies[2 * n + at : 2 * n + 2]]
            ),
            site=site,
        )
        for n in range(number)
    ]


def standings(articles: list[Article]) -> set[str]:
    """The texts of a scan that are standing."""
    return {text.sample for text in dedup.scan(articles).texts if text.boilerplate}


@pytest.mark.parametrize("at", [0, 1, 2])
@pytest.mark.parametrize("site", ["ilmen", None])
def test_a_text_at_one_place_of_many_pages_of_a_site_is_standing(at: int, site: str | None) -> None:
    assert standings(pages(PAGES, IMPRINT, at=at, site=site)) == {IMPRINT}


def test_fewer_pages_prove_nothing() -> None:
    assert standings(pages(2, IMPRINT)) == set()


def test_pages_of_different_sites_prove_nothing() -> None:
    articles = [
        Article(page.id, page.text, site=f"site-{n % 3}")
        for n, page in enumerate(pages(6, IMPRINT))
    ]
    assert standings(articles) == set()


def test_versions_of_a_text_count_together() -> None:
    articles = [
        Article(page.id, page.text.replace("six days", f"{number} days"), site=page.site)
        for number, page in enumerate(pages(6, IMPRINT))
    ]
    assert len(standings(articles)) == 6


def test_a_story_that_a_site_runs_five_times_is_not_standing() -> None:
    again = [article(f"{n}", *ALL, site="ilmen") for n in range(5)]
    assert standings(again) == set()
    bodies = yards(1, 5, 50)
    with_leads = [article(f"{n}", bodies[n], *ALL, site="ilmen") for n in range(5)]
    assert standings(with_leads) == set()
    edited = [article(f"{n}", *(changed(t, n + 3) for t in ALL), site="ilmen") for n in range(5)]
    assert standings(edited) == set()


def test_pages_of_one_paragraph_tell_nothing_of_their_kin() -> None:
    assert standings([Article(f"{n}", changed(BRIDGE, n)) for n in range(20)]) == set()
    assert standings([Article(f"{n}", BRIDGE) for n in range(20)]) == set()


def dated(places: tuple[int, ...], dates: tuple[str | None, ...]) -> list[Article]:
    """Articles of seven paragraphs of their own, with a text at one place each."""
    bodies = yards(5, 7 * len(places), 50)
    return [
        Article(
            f"{n}",
            "\n\n".join([*bodies[7 * n : 7 * n + at], BRIDGE, *bodies[7 * n + at : 7 * n + 7]]),
            site="ilmen",
            date=date,
        )
        for n, (at, date) in enumerate(zip(places, dates, strict=True))
    ]


SCATTERED = (1, 5, 2, 6)


@pytest.mark.parametrize(
    ("places", "dates", "is_boilerplate"),
    [
        (SCATTERED, (None,) * 4, False),
        (SCATTERED, ("2025-01-03", "2025-01-04", "2025-01-06", "2025-01-10"), False),
        (SCATTERED, ("2025-01-03", "2025-01-04", "2025-02-06", "2025-03-10"), True),
        (SCATTERED, ("2025-01-03", None, None, "2025-03-10"), True),
        ((7, 7, 7, 7), ("2025-01-03", "2025-01-03", "2025-01-03", "2025-01-03"), True),
        ((0, 0, 0, 0), (None,) * 4, True),
    ],
)
def test_what_stands_now_here_now_there_is_standing_only_if_it_comes_back_for_weeks(
    places: tuple[int, ...], dates: tuple[str | None, ...], is_boilerplate: bool
) -> None:
    assert standings(dated(places, dates)) == ({BRIDGE} if is_boilerplate else set())


def test_a_footer_that_is_once_quoted_as_news_elsewhere_is_standing_and_the_news_is_not() -> None:
    news = f"After forty years the paper drops this line: “{IMPRINT}” It was nobody's favourite."
    result = dedup.scan(
        [
            *pages(6, IMPRINT),
            article("post", news, COMET, site="post"),
            article("echo", HERRING, news, site="echo"),
        ]
    )
    assert {text.sample: text.boilerplate for text in result.texts} == {IMPRINT: True, news: False}
    assert [match.relation for match in result.matches] == ["boilerplate"]


def test_a_match_with_standing_text_says_so() -> None:
    result = dedup.scan([*pages(6, IMPRINT), article("old", COMET, IMPRINT.replace("six", "five"))])
    (match,) = result.matches
    assert (match.relation, match.reason) == ("boilerplate", "standing text of a site")


def test_the_cost_is_bounded_where_one_text_stands_on_very_many_pages() -> None:
    pages_ = 50_000
    text = np.arange(2 * pages_, dtype=np.int32)
    text[1::2] = 1  # every second paragraph is the same one
    article_ = np.repeat(np.arange(pages_, dtype=np.int32), 2)
    words = np.full(2 * pages_, 9, np.int32)
    sites, days = np.zeros(pages_, np.int64), np.full(pages_, np.nan)
    found = boilerplate_texts(
        np.arange(2 * pages_, dtype=np.int32),
        text,
        article_,
        sites,
        days,
        words,
        np.zeros(2 * pages_, np.float32),
    )
    assert np.flatnonzero(found).tolist() == [1]
    assert SAMPLE < 100  # pairs of pages that are held against each other


def test_no_articles_hold_nothing_standing() -> None:
    none = np.zeros(0, np.int32)
    sites, days = np.zeros(0, np.int64), np.zeros(0)
    style = np.zeros(0, np.float32)
    assert boilerplate_texts(none, none, none, sites, days, none, style).tolist() == []
