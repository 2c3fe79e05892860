"""Marking that knows what the last one marked marks what one of everything marks."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prose import BRIDGE, CHARTS, COMET, HERRING, LIBRARY, STRIKE

from dedup import Article
from dedup.match import boilerplate_spans, kept_spans
from dedup.match.boilerplate_spans import SPELLINGS, Marked, Standing, mark
from dedup.match.kept_spans import SiteSpans, mark_again
from dedup.progress import Silent
from dedup.text.arrays import TextArrays
from dedup.text.corpus import collapse

SITES, PAGES, TEXTS = 3, 8, 24

FURNITURE = (
    "Sign up for our free newsletter here and follow us on every channel for more stories.",
    "Click here to subscribe to our newsletter and get the latest news in your inbox each day.",
    "Read more: Council Weighs costly Bridge repairs Before winter Storms Return to old Mills",
)
NEWS = (BRIDGE, HERRING, LIBRARY, COMET, STRIKE, CHARTS)


def pool(seed: int) -> list[str]:
    """Paragraphs; many have a piece of furniture before, inside or behind their news."""
    dice = random.Random(seed)
    texts = []
    for number in range(TEXTS):
        words = dice.choice(NEWS).split()
        dice.shuffle(words)
        parts = [f"{' '.join(words[: dice.randint(6, 30)]).capitalize()}, said number {number}."]
        if dice.random() < 0.8:
            parts.insert(dice.randint(0, 1), dice.choice(FURNITURE))
        if dice.random() < 0.5:
            parts.append(f"{' '.join(words[30:]).capitalize()}.")
        texts.append(" ".join(parts))
    return texts


def standing(texts: list[str], pages: list[tuple[int, list[int]]]) -> tuple[Standing, TextArrays]:
    """Pages, each of a site and of some texts, in the numbers of a corpus of them."""
    articles = [
        Article(f"{n}", "\n".join(texts[t] for t in held)) for n, (_, held) in enumerate(pages)
    ]
    corpus = collapse(articles, 1, Silent())
    site = np.array([site for site, _ in pages], np.int64)[corpus.article]
    return Standing(
        corpus.article.astype(np.int64), corpus.text.astype(np.int64), site
    ), corpus.texts


def same(one: Marked, other: Marked) -> None:
    np.testing.assert_array_equal(one.numbers, other.numbers)
    np.testing.assert_array_equal(one.marks, other.marks)
    np.testing.assert_array_equal(one.texts.tokens, other.texts.tokens)


PAGE = st.tuples(
    st.integers(0, SITES - 1),
    st.lists(st.integers(0, TEXTS - 1), min_size=1, max_size=5),
)


@settings(deadline=None, max_examples=80, suppress_health_check=list(HealthCheck))
@given(
    seed=st.integers(0, 20),
    rounds=st.lists(st.lists(PAGE, min_size=1, max_size=PAGES), min_size=2, max_size=4),
    grows=st.booleans(),
    workers=st.sampled_from([1, 2]),
)
def test_markings_one_after_another_mark_what_a_marking_of_everything_marks(
    seed: int, rounds: list[list[tuple[int, list[int]]]], grows: bool, workers: int
) -> None:
    texts, left, had = pool(seed), SiteSpans.none(), list[tuple[int, list[int]]]()
    for pages in rounds:
        had = [*pages, *had] if grows else pages
        own, some = standing(texts, had)
        found, left = mark_again(own, some, workers, left)
        same(found, mark(own, some, workers))
        assert left.is_whole()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[set[int]]:
    """The sites that were looked at, at each turn."""
    turns: list[set[int]] = []
    plain = boilerplate_spans.mark

    def noted(own: Standing, *rest: Any) -> Marked:
        turns.append(set(own.site.tolist()))
        return plain(own, *rest)

    monkeypatch.setattr(kept_spans, "mark", noted)
    return turns


def test_only_a_site_that_changed_is_looked_at(asked: list[set[int]]) -> None:
    texts = pool(3)
    pages = [(site, [0, 4 * site + page + 1]) for site in range(3) for page in range(4)]
    own, some = standing(texts, pages)
    _, left = mark_again(own, some, 1, SiteSpans.none())
    mark_again(own, some, 1, left)
    mark_again(*standing(texts, [*pages, (1, [TEXTS - 1])]), 1, left)
    assert asked == [{0, 1, 2}, set(), {1}]


def test_a_site_is_looked_at_again_where_a_headline_there_is_written_otherwise_now(
    asked: list[set[int]],
) -> None:
    headline = "The old mill feeds Ospreys again."
    pages = [(0, [0]), (0, [1]), (1, [2]), (1, [3])]
    small = "Nobody saw ospreys, ospreys saw nobody, and ospreys left."
    texts = [f"One. {headline}", f"Two. {headline}", "Rain fell.", "Snow fell."]
    left = mark_again(*standing(texts, pages), 1, SiteSpans.none())[1]
    mark_again(*standing([*texts, small], [*pages, (2, [4])]), 1, left)
    assert asked == [{0, 1}, {0, 2}]


def test_what_does_not_fit_the_texts_is_not_believed() -> None:
    texts = pool(1)
    own, some = standing(texts, [(0, [n]) for n in range(TEXTS)])
    expected, left = mark_again(own, some, 1, SiteSpans.none())
    assert len(expected.numbers) > 1
    for spans in ([[0, 0, 1 << 20]], [[1 << 20, 0, 1]]):
        planted = left._replace(spans=np.array(spans, np.int32), offsets=np.array([0, 1], np.int64))
        assert planted.is_whole()
        same(mark_again(own, some, 1, planted)[0], expected)


GOOD = SiteSpans(
    np.zeros((1, 2), np.uint64),
    np.array([0, 1]),
    np.array([[0, 2, 9]], np.int32),
    np.zeros(SPELLINGS // 8, np.uint8),
)


@pytest.mark.parametrize(
    "wrong",
    [
        GOOD._replace(sites=GOOD.sites.astype(np.int64)),
        GOOD._replace(offsets=np.array([0, 2])),
        GOOD._replace(offsets=np.array([1, 1])),
        GOOD._replace(spans=np.array([[0, 9, 2]], np.int32)),
        GOOD._replace(spans=np.array([[-1, 2, 9]], np.int32)),
        GOOD._replace(small=GOOD.small[1:]),
    ],
)
def test_arrays_that_do_not_fit_together_are_not_whole(wrong: SiteSpans) -> None:
    assert GOOD.is_whole()
    assert not wrong.is_whole()
