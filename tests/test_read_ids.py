"""One id for one article, whatever order they come in."""

from __future__ import annotations

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.errors import Problem
from dedup.readers import distinct_ids
from dedup.records import Article


def test_the_same_article_given_twice_is_one_and_is_counted() -> None:
    problems: list[Problem] = []
    given = [Article("1", "A"), Article("2", "B"), Article("1", "A"), Article("1", "A")]
    assert distinct_ids(given, problems) == [Article("1", "A"), Article("2", "B")]
    assert [str(problem) for problem in problems] == [
        "1: 2 articles came again with the same id, text and site (1) (nothing: each counts once)"
    ]


def test_of_the_same_article_the_one_that_tells_most_is_kept() -> None:
    full = Article("1", "A", title="T", date="2024-03-08")
    assert distinct_ids([Article("1", "A", title="T"), full, Article("1", "A")], []) == [full]


def test_another_text_under_an_id_gets_a_number() -> None:
    problems: list[Problem] = []
    given = [Article("1", "C"), Article("1", "A"), Article("1", "B", path="b.jsonl")]
    found = distinct_ids(given, problems)
    assert [(article.id, article.text) for article in found] == [
        ("1", "A"),
        ("1#2", "B"),
        ("1#3", "C"),
    ]
    (problem,) = problems
    assert (problem.where, problem.skipped) == ("b.jsonl", False)
    assert problem.what == "3 articles have the id '1'; all but one got a number, up to '1#3'"


def test_two_sites_may_use_one_id_for_one_text() -> None:
    given = [Article("1", "A", site="times"), Article("1", "A", site="herald")]
    assert [(article.id, article.site) for article in distinct_ids(given, [])] == [
        ("1", "herald"),
        ("1#2", "times"),
    ]


def test_a_number_that_is_taken_is_left_alone() -> None:
    given = [Article("1", "A"), Article("1", "B"), Article("1#2", "C")]
    assert {article.text: article.id for article in distinct_ids(given, [])} == {
        "A": "1",
        "B": "1#3",
        "C": "1#2",
    }


NAMES = st.sampled_from(["1", "2", "1#2", "1#3"])
MAYBE = st.none() | st.sampled_from(["", "x", "y"])
ARTICLES = st.lists(
    st.builds(
        Article,
        id=NAMES,
        text=st.sampled_from("ABC"),
        title=MAYBE,
        url=MAYBE,
        site=MAYBE,
        date=MAYBE,
    )
)


@settings(deadline=None)
@given(ARTICLES, st.randoms(use_true_random=False))
def test_ids_are_distinct_sorted_and_free_of_the_order(given: list[Article], dice: Random) -> None:
    problems: list[Problem] = []
    found = distinct_ids(given, problems)
    ids = [article.id for article in found]
    assert ids == sorted(set(ids))
    assert {(a.text, a.site) for a in found} == {(a.text, a.site) for a in given}
    assert distinct_ids(found, []) == found

    shuffled = list(given)
    dice.shuffle(shuffled)
    again: list[Problem] = []
    assert distinct_ids(shuffled, again) == found
    assert again == problems


def test_of_the_same_article_the_one_that_says_most_is_kept() -> None:
    bare = Article("1", "Rain.", site="herald")
    told = Article("1", "Rain.", site="herald", author="A. Byline", lang="en")
    assert distinct_ids([bare, told], []) == distinct_ids([told, bare], []) == [told]
