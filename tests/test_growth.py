"""Articles that say the same cost as many articles cost, not as many pairs."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from news import FERRY
from prose import yards

import dedup
from dedup.progress import Silent
from dedup.records import Article
from dedup.text.corpus import collapse

FEW, TIMES = 1500, 8
"""Articles of the smaller corpus, and how many times as many the larger one has."""

NEWS = yards(1, FEW * TIMES, 12)

FORMS: dict[str, Callable[[int], str]] = {
    "one letter": lambda _: "a",
    "one sentence": lambda _: FERRY[0],
    "one article": lambda _: "\n".join(FERRY),
    "one footer": lambda number: f"{NEWS[number]}\n{FERRY[0]}",
}


def seconds(articles: list[Article], out: Path) -> float:
    """What a scan and its files take of the processor."""
    began = time.process_time()
    dedup.scan(articles, threads=1).write(out)
    return time.process_time() - began


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("sites", [1, 40])
def test_articles_that_are_alike_take_time_in_proportion(
    tmp_path: Path, form: str, sites: int
) -> None:
    articles = [
        Article(f"{number:06}", FORMS[form](number), site=f"s{number % sites}.example")
        for number in range(FEW * TIMES)
    ]
    dedup.scan(articles[:200]).write(tmp_path / "first")  # kernels are loaded
    few = seconds(articles[:FEW], tmp_path / "few")
    # A square would take 64 times as long.
    assert seconds(articles, tmp_path / "many") < 3 * TIMES * max(few, 0.05)


def test_looking_up_the_paragraphs_of_an_article_copies_none() -> None:
    corpus = collapse([Article(f"{n:05}", "Rain.\n" * 20) for n in range(2000)], 1, Silent())
    tracemalloc.start()
    try:
        assert corpus.paragraphs_of(7) == (140, 160)
        assert tracemalloc.get_traced_memory()[1] < corpus.article.nbytes // 10
    finally:
        tracemalloc.stop()
