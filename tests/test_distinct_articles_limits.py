"""Each side of each threshold of `dedup.stories.distinct_articles`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from prose import numbered

from dedup import Article
from dedup.progress import Silent
from dedup.stories.article_features import NOTHING
from dedup.stories.distinct_articles import DistinctArticles, distinct_articles
from dedup.text.corpus import collapse

FOOTER = "footer"


def bodies(texts: Sequence[str], headlines: Sequence[str | None] = ()) -> DistinctArticles:
    """The bodies of articles of one site; lines that begin with "footer" are boilerplate."""
    corpus = collapse([Article(f"{n}", text) for n, text in enumerate(texts)], 1, Silent())
    rows = [corpus.written(row) for row in corpus.first.tolist()]
    boilerplate = np.array([text.startswith(FOOTER) for text in rows])
    named = [*headlines, *[None] * (len(texts) - len(headlines))]
    features = [NOTHING._replace(site="a.example", headline=name) for name in named]
    return distinct_articles(corpus, boilerplate, features, 7)


def test_a_run_that_counts_has_five_words() -> None:
    assert bodies([numbered(0, 5), numbered(10, 4), numbered(20, 9)]).grams.tolist() == [1, 0, 5]


def test_articles_of_40_words_share_a_body_whatever_their_footer() -> None:
    def distinct(words: int) -> int:
        return len(bodies([f"{numbered(0, words)}\n{FOOTER} {n}" for n in "xy"]).first)

    assert distinct(40) == 1
    assert distinct(39) == 2


def test_articles_of_20_words_share_a_body_whatever_their_headline() -> None:
    def distinct(words: int) -> int:
        return len(bodies([numbered(0, words)] * 2, ["rain", "snow"]).first)

    assert distinct(20) == 1
    assert distinct(19) == 2


def test_a_text_of_100_words_under_four_headlines_of_a_site_is_no_body() -> None:
    def distinct(words: int, headlines: int) -> int:
        names = [f"headline {n}" for n in range(headlines)]
        return len(bodies([numbered(0, words)] * headlines, names).first)

    assert distinct(100, 4) == 0
    assert distinct(101, 4) == 1
    assert distinct(100, 3) == 1
