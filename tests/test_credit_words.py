"""The kernel that looks for the words of credits in many articles at once."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.metadata import credits
from dedup.metadata.credit_rules import POINTS, hits, rules
from dedup.metadata.credit_words import BATCH, hits_of, read_all
from dedup.records import Article

KNOWN = (
    "AP",
    "Reuters",
    "Associated Press",
    "Press",
    "Agence France-Presse",
    "新华社",
    "Reporting",
)
PIECES = st.sampled_from(
    (
        *KNOWN,
        *"aé'()-./:@_ \n\0\ud800",
        *POINTS,
        "UPDATE 2-",
        "With inputs from ",
        "日",
        "ไทย",
        "https://",
    )
)
TEXTS = st.lists(PIECES, max_size=40).map("".join)


@settings(deadline=None)  # the first example loads the kernel
@given(st.lists(TEXTS, min_size=1, max_size=5))
def test_many_texts_have_the_hits_that_each_has_alone(texts: list[str]) -> None:
    for text, found in zip(texts, hits_of(texts), strict=True):
        alone = hits(text)
        assert found.needs == alone.needs, text
        assert sorted(found.tags) == sorted(alone.tags), text
        assert set(found.names) <= set(alone.names), text
        for name in set(alone.names) - set(found.names):  # only as a part of words
            assert " " in name or "-" in name, text


@settings(deadline=None)  # the first example loads the kernel
@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=4))
def test_many_articles_are_read_as_each_is_alone(given: list[tuple[str, str]]) -> None:
    filler = "The river rose by a hand and fell again before noon.\n\n" * 12
    articles = [
        Article(str(n), f"{text}\n{filler * n}{text}", title=title or None)
        for n, (text, title) in enumerate(given)
    ]
    assert list(read_all(articles)) == [credits.read(article) for article in articles]


def test_the_kernel_knows_each_word_of_the_rules() -> None:
    words = [word for words in rules().keyed.values() for word in words]
    texts = [f"It rained ({word}) here." for word in words]
    unknown = [
        word
        for word, text, found in zip(words, texts, hits_of(texts), strict=True)
        if word not in {*found.names, *found.tags, *found.needs} and word in hits(text).names
    ]
    assert unknown == []


def test_a_word_at_the_very_end_is_found_and_one_that_is_cut_is_not() -> None:
    assert [found.names for found in hits_of(["so says AP", "APE", "", "xAP", "A", "P"])] == [
        ["AP"],
        [],
        [],
        [],
        [],
        [],
    ]


def test_a_name_is_told_once_a_text_whatever_batch_it_is_in() -> None:
    long = Article("a", "rain " * (BATCH // 5) + "\n\n(AP, AP and AP)")
    assert [read.agency for read in read_all([long, Article("b", "(AP) - Rain."), long])] == [
        credits.read(long).agency,
        credits.read(Article("b", "(AP) - Rain.")).agency,
        credits.read(long).agency,
    ]


def test_no_articles_have_no_credits() -> None:
    assert list(read_all([])) == []
