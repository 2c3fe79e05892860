"""Each side of each threshold of `dedup.stories.overlap`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from prose import numbered

from dedup import Article
from dedup.progress import Silent
from dedup.stories.article_features import NOTHING
from dedup.stories.distinct_articles import DistinctArticles, distinct_articles
from dedup.stories.overlap import article_overlap, article_prints, candidates
from dedup.text.corpus import Corpus, collapse

NEVER_HOT = 1 << 20


def laid(texts: Sequence[str]) -> tuple[Corpus, DistinctArticles]:
    corpus = collapse([Article(f"{n:04}", text) for n, text in enumerate(texts)], 1, Silent())
    nothing = np.zeros(len(corpus.first), bool)
    return corpus, distinct_articles(corpus, nothing, [NOTHING] * len(texts), 7)


def pairs(number: int, shared: int, size: int) -> list[str]:
    """Texts of so many words, two and two of which share a run."""
    texts = []
    for n in range(0, 10_000 * number, 10_000):
        texts += [f"{numbered(n, shared)} {numbered(n + k, size - shared)}" for k in (1000, 2000)]
    return texts


def kin(shared: int, size: int) -> int:
    """Of six pairs those that are kin."""
    found = laid(pairs(6, shared, size))
    return len(article_overlap(article_prints(*found), *found, np.zeros(0, np.uint64), 64, 1).a)


def met(texts: Sequence[str], bucket: int) -> int:
    """Pairs that are compared."""
    corpus, found = laid(texts)
    return len(candidates(article_prints(corpus, found), found, bucket, 1))


def test_a_shared_run_of_20_words_is_overlooked_one_time_in_16() -> None:
    # A quarter of the 16 runs of five are prints, and two are asked for: 19 of 300 by chance.
    found = met(pairs(300, 20, 22), NEVER_HOT)
    assert 12 <= 300 - found <= 28


def test_a_print_in_many_bodies_is_compared_with_four_of_them() -> None:
    texts = [f"{numbered(0, 60)} {numbered(1000 + 10 * n, 3)}" for n in range(10)]
    assert met(texts, 9) == 3 + 2 + 1 + 4 * 6
    assert met(texts, 10) == 45


def test_kin_share_20_words() -> None:
    assert kin(20, 40) > 3
    assert kin(19, 40) == 0


def test_kin_share_a_tenth_of_one_of_the_two() -> None:
    assert kin(20, 200) > 3
    assert kin(20, 210) == 0
