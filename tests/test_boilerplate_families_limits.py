"""Each side of each threshold of `dedup.match.boilerplate_families`."""

from __future__ import annotations

import numpy as np
import pytest
from prose import yards

from dedup.match.boilerplate_families import by_pages, by_subjects, family_boilerplate, least
from dedup.progress import Silent
from dedup.records import Article
from dedup.text.corpus import collapse

FORM = "Sign up for our free newsletter to get the latest news in your inbox and follow us here."


def added(own: int, every: int | None = None, sites: int = 1) -> float:
    return float(by_pages(*(np.array([n]) for n in (own, every or own, sites)))[0])


def test_three_pages_add_nothing_and_each_doubling_one() -> None:
    assert added(3) == 0
    assert added(6) == 1
    assert added(2) == pytest.approx(-0.585, abs=1e-3)


def test_four_doublings_count() -> None:
    assert added(47) < 4
    assert added(48) == added(1000) == 4


def test_half_of_the_pages_of_all_versions_count_for_one() -> None:
    assert added(1, 12) == added(6)
    assert added(7, 12) == added(7)


def test_each_doubling_of_sites_takes_a_half_away() -> None:
    assert added(6, sites=2) == 0.5
    assert added(6, sites=4) == 0


def in_subject(alike: float, usual: float) -> float:
    return float(by_subjects(np.array([alike]), np.array([usual]))[0])


def test_pages_half_as_alike_as_usual_add_one_at_most() -> None:
    assert in_subject(0.06, 0.1) == pytest.approx(0.737, abs=1e-3)
    assert in_subject(0.05, 0.1) == in_subject(0.02, 0.1) == 1


def test_pages_of_one_subject_take_one_and_a_half_away_at_most() -> None:
    assert in_subject(0.28, 0.1) == pytest.approx(-1.485, abs=1e-3)
    assert in_subject(0.29, 0.1) == in_subject(0.9, 0.1) == -1.5


def test_what_is_under_a_hundredth_in_common_is_a_hundredth() -> None:
    assert in_subject(0.002, 0.01) == in_subject(0.01, 0.0) == 0
    assert in_subject(0.011, 0.01) < 0


@pytest.mark.parametrize(
    ("words", "names", "expected"),
    [(8, False, -1.0), (9, False, -2.0), (8, True, 0.0), (9, True, 0.0)],
)
def test_a_line_takes_more_than_a_paragraph_and_names_most(
    words: int, expected: float, *, names: bool
) -> None:
    assert least(np.array([words], np.int32), np.array([names])).tolist() == [expected]


def is_boilerplate(articles: list[Article], line: str) -> bool:
    """Tell whether the paragraph that `line` begins is; equal texts alone are versions."""
    corpus = collapse(articles, 1, Silent())
    sites = np.unique([one.site for one in articles], return_inverse=True)[1]
    families = np.arange(len(corpus.first), dtype=np.int32)
    found = family_boilerplate(corpus, families, sites, np.zeros(len(families), bool))
    rows = [row for row in range(len(corpus.text)) if corpus.written(row).startswith(line[:12])]
    return bool(found[corpus.text[rows]].all())


def page(name: int, *paragraphs: str, site: str = "post") -> Article:
    return Article(f"{site}/{name:03}", "\n\n".join(paragraphs), site=site)


def news(number: int, words: int = 60, seed: int = 1) -> list[str]:
    return [body.capitalize() + "." for body in yards(seed, number, words)]


@pytest.mark.parametrize(("articles", "expected"), [(4, True), (3, False)])
def test_a_site_of_three_articles_has_no_furniture(articles: int, *, expected: bool) -> None:
    made = [page(n, body, FORM) for n, body in enumerate(news(articles))]
    assert is_boilerplate(made, FORM) is expected


@pytest.mark.parametrize(("shared", "kin"), [(20, True), (19, False)])
def test_pages_that_share_a_third_of_their_words_are_kin(shared: int, *, kin: bool) -> None:
    (both,) = news(1, shared, seed=2)  # in quotation marks, so that it is no furniture itself
    made = [page(n, body, f"“{both}”", FORM) for n, body in enumerate(news(6, 60 - shared))]
    assert is_boilerplate(made, FORM) is not kin


@pytest.mark.parametrize(("words", "expected"), [(20, True), (19, False)])
def test_a_page_needs_20_words_besides(words: int, *, expected: bool) -> None:
    made = [page(n, body, FORM) for n, body in enumerate(news(6, words))]
    assert is_boilerplate(made, FORM) is expected


def test_about_12_pairs_of_pages_are_compared() -> None:
    # Every second page has the same report: neighbours are strangers, the next but one is kin.
    def pages(number: int) -> list[Article]:
        reports, own = news(2, 60, seed=4), news(number, 30, seed=5)
        return [page(n, f"“{reports[n % 2]}”", own[n], FORM) for n in range(number)]

    assert is_boilerplate(pages(24), FORM)
    assert not is_boilerplate(pages(25), FORM)


@pytest.mark.parametrize(("quoted", "expected"), [(4, True), (5, False)])
def test_a_text_more_than_a_quarter_of_which_is_quoted_is_news(
    quoted: int, *, expected: bool
) -> None:
    words = FORM.rstrip(".").split()[:16]
    line = " ".join((*words[:-quoted], "“" + words[-quoted], *words[1 - quoted :])) + "”"
    made = [page(n, body, line) for n, body in enumerate(news(6))]
    assert is_boilerplate(made, line) is expected


@pytest.mark.parametrize(("capitals", "expected"), [(9, True), (10, False)])
def test_a_text_more_than_60_percent_of_which_has_capitals_is_one_of_names(
    capitals: int, *, expected: bool
) -> None:
    said = ("the council says more about the plan", "and how to take part in it here")
    words = " ".join(said).split()
    assert len(words) == 15
    line = " ".join([*map(str.title, words[:capitals]), *words[capitals:]])
    made = [page(n, body, *[line] * (n < 2)) for n, body in enumerate(news(4))]
    assert is_boilerplate(made, line) is expected
