"""Boilerplate by style, pages and subjects: sign-up forms in variants, notes on authors, boxes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prose import HERRING, STRIKE, yards

import dedup
from dedup import Article
from dedup.match.boilerplate_families import median

FORM = (
    "Get our {} newsletter. Sign up to receive the top stories you need to know right now, "
    "straight to your inbox. Choose your country and enter your email address."
)
NOTE = (
    "Orrin Vale is senior editor at the Valley Post and the author of three books. Follow him on "
    "Twitter or write to him by email."
)
SUBJECTS = (
    "ferry", "school", "harbour", "owl", "tram", "mill", "comet", "herring", "market", "library",
    "bridge", "storm",
)  # fmt: skip


def pages(
    *inside: str,
    number: int = 12,
    site: str | None = "post",
    seed: int = 3,
    one_subject: bool = False,
) -> list[Article]:
    """Pages of a site; the first ones have one of the lines `inside` each.

    They are on unlike subjects, or these with `one_subject` have half of their words in common, one
    by one.
    """
    bodies = yards(seed, 3 * number, 40)
    subject = yards(seed + 1, 1, 120)[0].split()
    made = []
    for n in range(number):
        words = " ".join(bodies[3 * n : 3 * n + 3]).split()
        if one_subject and n < len(inside):
            words = [subject[k] if k % 2 else word for k, word in enumerate(words)]
        parts = [" ".join(words[k : k + 40]).capitalize() + "." for k in (0, 40, 80)]
        # Now above, now below: the place in the page says nothing.
        if n < len(inside):
            parts.insert(n % 4, inside[n])
        made.append(Article(f"{site}/{n:02}", "\n\n".join(parts), site=site))
    return made


def marked(articles: list[Article]) -> set[str]:
    """The articles that have boilerplate; nothing has a date."""
    result = dedup.scan(articles)
    return {
        place.article for text in result.texts if text.boilerplate for place in text.occurrences
    }


def test_a_form_with_another_name_on_each_page_is_boilerplate() -> None:
    forms = [FORM.format(subject) for subject in SUBJECTS[:8]]
    assert len(marked(pages(*forms))) == 8


def test_a_note_on_an_author_is_boilerplate_on_two_pages_of_other_subjects() -> None:
    assert marked(pages(NOTE, NOTE)) == {"post/00", "post/01"}


def test_a_paragraph_of_background_is_news_where_a_site_repeats_it() -> None:
    assert marked(pages(*[HERRING] * 6, one_subject=True)) == set()
    assert marked(pages(*[STRIKE] * 2)) == set()


def test_pages_of_one_subject_speak_for_news() -> None:
    mild = "The council says more about the plan and how to take part on its own pages this week."
    assert len(marked(pages(*[mild] * 3))) == 3
    assert marked(pages(*[mild] * 3, one_subject=True)) == set()


def test_versions_of_one_story_have_no_boilerplate_for_their_form() -> None:
    story = "\n\n".join(body.capitalize() + "." for body in yards(6, 4, 40))
    articles = [
        Article(f"post/v{n}", f"{story}\n\n{FORM.format('ferry')} {n}", site="post")
        for n in range(2)
    ]
    assert marked([*articles, *pages()]) == set()


def test_a_line_that_many_sites_have_is_no_furniture_of_one() -> None:
    post = (
        "Our harbour has never been worse run than by the board we have now, a complete disgrace, "
        "and you will see what happens next, sign up or stay home"
    )
    alone = pages(post, post)
    others = [pages(post, site=f"site{n}", seed=20 + n, number=4)[0] for n in range(12)]
    assert marked(alone) >= marked([*alone, *others])
    assert marked([*alone, *others]) == set()


@pytest.mark.parametrize("site", [None, "post"])
def test_an_article_without_a_site_tells_nothing_of_furniture(site: str | None) -> None:
    assert len(marked(pages(NOTE, NOTE, NOTE, site=site))) == (3 if site else 0)


def test_the_order_of_the_articles_is_nothing() -> None:
    articles = pages(*[FORM.format(subject) for subject in SUBJECTS[:5]])
    assert marked(articles) == marked(articles[::-1])


@pytest.mark.parametrize("text", ["", "-", "One line."])
def test_articles_without_a_word_have_no_boilerplate(text: str) -> None:
    assert marked([Article("a", text, site="post"), Article("b", text, site="post")]) == set()


@settings(deadline=None)  # the first call compiles
@given(st.lists(st.floats(0, 1), min_size=1, max_size=34))
def test_the_median_is_the_middle_one_in_order(values: list[float]) -> None:
    found = np.array([*values, 0.5])
    assert median(found, len(values)) == sorted(values)[len(values) // 2]
