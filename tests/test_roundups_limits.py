"""Each side of each threshold of `dedup.stories.roundups`, as stories are grouped by them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from overlaps import Shares, grouped, laid
from prose import numbered

from dedup import Article
from dedup.progress import Silent
from dedup.stories.article_features import NOTHING
from dedup.stories.distinct_articles import distinct_articles
from dedup.stories.roundups import begins_alike, embedded, opens_otherwise
from dedup.text.corpus import collapse


@pytest.mark.parametrize(("share", "stories"), [(0.45, 1), (0.44, 2)])
def test_a_whole_holds_45_hundredths_of_its_excerpt(share: float, stories: int) -> None:
    assert len(grouped({(0, 1): (share, 0.3)}, 2).head) == stories
    assert len(grouped({(0, 1): (share, 0.42)}, 2).head) == stories


@pytest.mark.parametrize(("share", "head"), [(0.40, 0), (0.39, 1)])
def test_versions_hold_two_fifths_of_one_another(share: float, head: int) -> None:
    # Of two versions the first one is the head of the story, of an excerpt and its whole the whole.
    assert grouped({(0, 1): (0.45, share)}, 2).head.tolist() == [head]


def roundup(of_part: float, of_whole: float = 0.3) -> Shares:
    """Two articles that share nothing, and one that holds so much of the first and a third one."""
    return {(0, 2): (of_part, of_whole), (1, 2): (0.9, 0.3)}


def test_a_roundup_tells_three_fifths_of_its_parts() -> None:
    assert grouped(roundup(0.60), 3).of.tolist() == [0, 1, 2]
    assert grouped(roundup(0.59), 3).of.tolist() != [0, 1, 2]


def test_a_roundup_is_named_in_stories_of_which_it_tells_four_fifths() -> None:
    assert grouped(roundup(0.80), 3).part.tolist() == [[0, 2], [1, 2]]
    assert grouped(roundup(0.79), 3).part.tolist() == [[1, 2]]


def test_what_is_three_quarters_of_a_whole_is_no_part_of_a_roundup() -> None:
    assert grouped(roundup(0.9, 0.74), 3).part.tolist() == [[0, 2], [1, 2]]
    assert grouped(roundup(0.9, 0.75), 3).part.tolist() == []


@pytest.mark.parametrize(("before", "otherwise"), [(85, False), (86, True)])
def test_an_excerpt_has_15_of_the_first_100_runs_of_its_whole(
    before: int, *, otherwise: bool
) -> None:
    part = numbered(0, 60)
    whole = f"{numbered(1000, before)} {part} {numbered(2000, 200)}"
    corpus = collapse([Article("a", part), Article("b", whole)], 1, Silent())
    features = [NOTHING, NOTHING]
    distinct = distinct_articles(corpus, np.zeros(2, bool), features, 7)
    pair = laid({(0, 1): (0.9, 0.2)})
    found = opens_otherwise(pair, distinct, corpus)
    assert embedded(pair, found, distinct, features).tolist() == [otherwise]


def begins_with(part: list[list[str]], whole: list[list[str]]) -> bool:
    """Whether the part has 15 % of the runs of five among the first 100 words of the whole."""

    def runs(paragraph: list[str]) -> list[tuple[str, ...]]:
        return [tuple(paragraph[at : at + 5]) for at in range(len(paragraph) - 4)]

    held = {run for paragraph in part for run in runs(paragraph)}
    left, first = 100, list[tuple[str, ...]]()
    for paragraph in whole:
        first += runs(paragraph)[:left]
        left -= min(left, len(paragraph))
    return bool(first) and sum(run in held for run in first) / len(first) >= 0.15


paragraphs = st.lists(
    st.integers(0, 400).map(lambda start: [f"word{n % 397}" for n in range(start, start + 45)])
    | st.lists(st.sampled_from(["ay", "bee", "sea"]), min_size=1, max_size=30),
    min_size=1,
    max_size=6,
    unique_by=tuple,
)


@given(st.lists(paragraphs, min_size=2, max_size=5, unique_by=str))
def test_articles_begin_alike_as_brute_force_says(news: list[list[list[str]]]) -> None:
    texts = ["\n".join(" ".join(paragraph) for paragraph in article) for article in news]
    corpus = collapse([Article(f"{n}", text) for n, text in enumerate(texts)], 1, Silent())
    features = [NOTHING for _ in news]
    distinct = distinct_articles(corpus, np.zeros(len(corpus.texts.sizes), bool), features, 7)
    pairs = [(a, b) for b in range(len(news)) for a in range(b)]
    shares = laid(dict.fromkeys(pairs, (0.5, 0.5))).take(np.arange(len(pairs)))
    expected = [
        begins_with(news[a], news[b]) or begins_with(news[b], news[a]) for a, b in sorted(pairs)
    ]
    assert begins_alike(shares, distinct, corpus).tolist() == expected
