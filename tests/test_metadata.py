"""What articles say of themselves: sites, addresses, and one document once (behaviour 31)."""

from __future__ import annotations

from random import Random

import pytest

from dedup.errors import Problem
from dedup.metadata.normalise import described, document
from dedup.records import Article

HOME = "https://www.herald.example"
RAIN = f"{HOME}/2024/rain-is-due-tomorrow"


def good(*articles: Article) -> list[Article]:
    """Describe what must give no problem."""
    problems: list[Problem] = []
    found = described(articles, problems)
    assert problems == []
    return found


@pytest.mark.parametrize(
    ("site", "url", "expected"),
    [
        (None, RAIN, "herald.example"),
        (None, None, None),
        (None, "urn:rain", None),
        ("The Herald", RAIN, "The Herald"),
        ("herald", RAIN, "herald"),
        ("www.herald.co.uk", None, "herald.co.uk"),
        ("Sport.Herald.COM", RAIN, "herald.com"),
        ("https://www.herald.com/", None, "herald.com"),
        ("archive.2024", None, "archive.2024"),
    ],
)
def test_a_site_is_a_registered_domain_or_the_name_that_was_given(
    site: str | None, url: str | None, expected: str | None
) -> None:
    assert good(Article("1", "Rain.", site=site, url=url))[0].site == expected


def test_an_article_with_nothing_to_change_is_the_same_object() -> None:
    article = Article("1", "Rain.", site="herald", url=RAIN)
    assert good(article)[0] is article


CANONICAL = [
    # url, rel=canonical, what stays of it, what becomes the source, whether it is told
    (f"{RAIN}?page=1", RAIN, RAIN, None, False),
    (RAIN, f"{RAIN}/amp", f"{RAIN}/amp", None, False),
    (f"{HOME}/a/1?x=2", "/a/1", f"{HOME}/a/1", None, False),
    (None, RAIN, RAIN, None, False),
    (f"{HOME}/", f"{HOME}/index.html", f"{HOME}/index.html", None, False),
    (RAIN, "https://wire.example/2024/rain-due-says-bureau", None, True, False),
    (RAIN, HOME, None, None, True),
    (RAIN, f"{HOME}/news/", None, None, True),
    (RAIN, "https://wire.example/", None, None, True),
    (RAIN, "http://localhost/rain-is-due-tomorrow", None, None, True),
    (RAIN, "javascript:void(0)", None, None, True),
    (RAIN, "http://[herald/rain-is-due-tomorrow", None, None, True),
]


@pytest.mark.parametrize(("url", "canonical", "stays", "source", "told"), CANONICAL)
def test_an_own_address_counts_where_it_can_be_the_article_s(
    url: str | None, canonical: str, stays: str | None, source: bool | None, told: bool
) -> None:
    problems: list[Problem] = []
    (article,) = described([Article("1", "Rain.", url=url, canonical=canonical)], problems)
    assert article.canonical == stays
    assert article.source == (canonical if source else None)
    assert len(problems) == told


def test_a_declared_source_is_not_replaced() -> None:
    (article,) = good(
        Article(
            "1", "Rain.", url=RAIN, canonical="https://wire.example/2024/a-b-c-d", source="Wire"
        )
    )
    assert (article.source, article.canonical) == ("Wire", None)


def test_addresses_that_are_ignored_are_told_once_with_their_number() -> None:
    problems: list[Problem] = []
    given = [
        Article(f"{n}", f"Rain {n}.", url=f"{RAIN}-{n}", canonical=HOME, path="a.jsonl")
        for n in range(1200)
    ]
    assert len(described(given, problems)) == 1200
    (problem,) = problems
    assert str(problem) == (
        "a.jsonl: 1,200 articles give a front page, a section or no address as rel=canonical, such "
        "as 'https://www.herald.example'; it is ignored (nothing: the address it was fetched from "
        "counts)"
    )
    assert (problem.skipped, problem.articles) == (False, 1200)


VARIANTS = [
    Article("amp", "Rain is due.", url=f"{RAIN}?amp=1", date="2024-03-08"),
    Article("late", "Rain is due.", url=f"{RAIN}/", title="Rain", date="2024-03-09"),
    Article("best", "Rain  is due.\n", url=RAIN, title="Rain", date="2024-03-08"),
    Article("tracked", "Rain is due.", url=f"{RAIN}?utm_source=x", title="Rain", date="2024-03-08"),
    Article("doubted", "Rain is due.", url=f"{RAIN}/", title="Rain", date="1970-01-01"),
    Article("given", "Rain is due.", url=f"{HOME}/?p=7", canonical=RAIN),
]


def test_variants_of_an_address_with_one_text_are_one_article_whatever_their_order() -> None:
    for seed in range(20):
        problems: list[Problem] = []
        found = described(Random(seed).sample(VARIANTS, len(VARIANTS)), problems)
        assert [article.id for article in found] == ["best"]
        (problem,) = problems
        assert str(problem) == (
            "amp: 5 articles have the text of another at its address or a variant of it "
            "(amp, doubted, given, ...) (nothing: each document counts once)"
        )
        assert (problem.skipped, problem.articles) == (False, 5)


def test_the_order_of_what_stays_is_the_order_that_was_given() -> None:
    other = [Article(name, name, url=f"{HOME}/{name}-is-a-story-too") for name in "zax"]
    found = described([other[0], VARIANTS[0], other[1], VARIANTS[2], other[2]], [])
    assert [article.id for article in found] == ["z", "a", "best", "x"]


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (Article("2", "Rain is due, and snow.", url=RAIN), "another text: a revision"),
        (Article("2", "Rain is due.", url=f"{RAIN}-and-snow"), "another address"),
        (Article("2", "Rain is due.", url=f"{RAIN}?page=2"), "another page"),
        (Article("2", "Rain is due."), "no address"),
        (Article("2", "Rain is due.", url=RAIN, site="digest"), "another site ran it, with a link"),
    ],
)
def test_what_may_be_another_document_stays(other: Article, why: str) -> None:
    assert len(good(Article("1", "Rain is due.", url=RAIN), other)) == 2, why


def test_a_document_has_a_key_where_it_has_an_address() -> None:
    assert document(Article("1", "Rain.")) is None
    assert document(Article("1", "Rain.", url=RAIN)) == "herald.example/2024/rain-is-due-tomorrow"
    assert document(Article("1", "Rain.", url=f"{HOME}/?p=7", canonical=RAIN)) == document(
        Article("2", "Rain.", url=RAIN)
    )
