"""Each side of each threshold of `dedup.stories.roundups`, as stories are grouped by them."""

from __future__ import annotations

import numpy as np
import pytest
from overlaps import Shares, grouped, laid
from prose import numbered

from dedup import Article
from dedup.progress import Silent
from dedup.stories.article_features import NOTHING
from dedup.stories.distinct_articles import distinct_articles
from dedup.stories.roundups import embedded, opens_otherwise
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
