"""The kernel that looks for the words of credits in many articles at once."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.metadata import credits
from dedup.metadata.credit_rules import POINTS, Hits, hits, rules
from dedup.metadata.credit_words import BATCH, clues_of, read_all
from dedup.metadata.credits import Clues
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
        *"aé'()[]-./:@_ \n\0\ud800\u0301\u212aIıſ",
        *POINTS,
        "UPDATE 2-",
        "With inputs from ",
        "日",
        "ไทย",
        "https://",
        "@Reuters.com",
        "www.apnews.com/x",
        "OSLO, May 3",
        " — ",
        " -",
        "By ",
        "/ afp",
        " ap\n",
        "Agence télégraphique suisse",
        "It rained for a day.",
        "Berlin, 7. August. (AP) In",
        "日本 共同",
    )
)
TEXTS = st.lists(PIECES, max_size=40).map("".join)


def ends_of(texts: list[str]) -> list[Hits]:
    return [clues.ends for clues in clues_of([Article("a", text) for text in texts])]


@settings(deadline=None)  # the first example loads the kernel
@given(st.lists(TEXTS, min_size=1, max_size=5))
def test_many_texts_have_the_hits_that_each_has_alone(texts: list[str]) -> None:
    texts = [text.rstrip() for text in texts]
    for text, found in zip(texts, ends_of(texts), strict=True):
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


def anywhere(article: Article) -> Clues:
    """All that the exact rules may look at, so that nothing is passed by."""
    ends, _ = credits.parts(article)
    return Clues(hits(ends), True, None, True, True, True)


LONG = "The river rose by a hand and fell again before noon, and nobody was seen.\n"


@settings(deadline=None)
@given(st.lists(TEXTS, min_size=3, max_size=3), st.integers(0, 45), st.integers(0, 45))
def test_no_credit_stands_where_the_kernel_says_that_nothing_is(
    texts: list[str], above: int, under: int
) -> None:
    text = f"{texts[0]}{LONG * above}{texts[1]}{LONG * under}{texts[2]}"
    article = Article("a", text)
    (clues,) = clues_of([article])
    whole = anywhere(article)
    found = credits.read(article, whole)
    if not clues.inside:
        assert credits.read(article, whole._replace(inside=False)) == found
    if not clues.opens:
        assert credits.read(article, whole._replace(opens=False)) == found
    if not clues.addressed:
        assert credits.read(article, whole._replace(addressed=False)) == found
    if not clues.dated:
        assert credits.read(article, whole._replace(dated=False)) == found


@pytest.mark.parametrize(
    ("text", "clue"),
    [
        (LONG * 20 + "It rained. (Havas)\n" + LONG * 20, "inside"),
        (LONG * 20 + "Bern, 12. — Reuter. — Le\n" + LONG * 20, "inside"),
        (LONG * 20 + "It rained. / ats\n" + LONG * 20, "inside"),
        (LONG * 20 + "It rained. ap\n" + LONG * 20, "inside"),
        (LONG * 20 + "Agence télégraphique suisse\n" + LONG * 20, "inside"),
        (LONG * 20 + "[新华社] It rained.\n" + LONG * 20, "inside"),
        (LONG * 12 + "OSLO (X) - It rained.\n" + LONG * 30, "opens"),
        (LONG * 12 + "\nBy Ann Roe\n" + LONG * 30, "opens"),
        (LONG * 12 + "OSLO /X/ - It rained.\n" + LONG * 30, "opens"),
        ("Write to ann@mail.ReuterS.com", "addressed"),
        ("See http://apnews.com/x", "addressed"),
        ("See http://apnewſ.com/x", "addressed"),
        ("OSLO — It rained.", "dated"),
        ("Rain\n\n OSLO, May 3 - It rained.", "dated"),
        ("Vadsø, Norway, May 3-- It rained.", "dated"),
        ("OSLO\n— It rained.", "dated"),
    ],
)
def test_the_kernel_tells_what_there_is_to_look_at(text: str, clue: str) -> None:
    (clues,) = clues_of([Article("a", text)])
    told = [name for name in ("inside", "opens", "addressed", "dated") if getattr(clues, name)]
    assert told == [clue]


@pytest.mark.parametrize(
    "text",
    [
        "It rained (very much) on us (all)\n" * 60,
        "It rained for a day - and a night; a well-known river rose: it fell/rose.\n" * 60,
        "See http://herald.example/reuters and write to ann@herald.example.\n" * 60,
        "Ann Roe - a writer - said so\n" * 60,
        "OSLO AND BERGEN\n" * 120,
    ],
)
def test_where_there_is_nothing_the_kernel_says_so(text: str) -> None:
    (clues,) = clues_of([Article("a", text)])
    assert clues == Clues(Hits([], [], frozenset()), False, None, False, False, False)


def test_the_kernel_knows_each_word_of_the_rules() -> None:
    words = [word for words in rules().keyed.values() for word in words]
    texts = [f"It rained ({word}) here." for word in words]
    unknown = [
        word
        for word, text, found in zip(words, texts, ends_of(texts), strict=True)
        if word not in {*found.names, *found.tags, *found.needs} and word in hits(text).names
    ]
    assert unknown == []


def test_a_word_at_the_very_end_is_found_and_one_that_is_cut_is_not() -> None:
    assert [found.names for found in ends_of(["so says AP", "APE", "", "xAP", "A", "P"])] == [
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
