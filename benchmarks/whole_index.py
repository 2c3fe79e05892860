"""The index as jobs use it, at full size: articles of words through `add_many`, `add` and `query`.

`python -m benchmarks.whole_index [PARAGRAPHS] [FOLDER]` prints the table. `benchmarks.indexing`
measures the store below it alone. Words are made up and as frequent as Zipf's law says; a tenth of
the paragraphs are copies of an earlier one with a word changed, so most articles match others. As
the peak of memory is that of the process, this runs best in one of its own.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.indexing import first_and_last, opening, rate, tabled, two
from benchmarks.outcome import peak
from dedup import Article, Index
from dedup.index.ingest import CHUNK

PARAGRAPHS = 1_000_000
ARTICLE = 15
"""Paragraphs an article."""
ROUNDS = 600
"""Articles that are added, and that are asked about, one by one."""
PART = 3
"""Chunks that one call of `add_many` gets."""

_WORDS = 50_000
_SITES = 50


class Writer:
    """Writes articles without sense, the same for the same seed."""

    def __init__(self, seed: int = 1) -> None:
        self._rng = np.random.default_rng(seed)
        letters = self._rng.integers(97, 123, (_WORDS, 9)).astype(np.uint8)
        sizes = self._rng.integers(3, 10, _WORDS)
        rows = zip(letters, sizes, strict=True)
        self._words = np.array([row[:size].tobytes().decode() for row, size in rows], object)
        self._edges = np.cumsum(1 / np.arange(1, _WORDS + 1))
        self._edges /= self._edges[-1]
        self._pool: list[list[str]] = []
        self._number = 0

    def articles(self, count: int) -> list[Article]:
        """Write some more articles."""
        return [self._article() for _ in range(count)]

    def _article(self) -> Article:
        self._number += 1
        return Article(
            id=f"https://herald.example/{self._number}",
            text="\n\n".join(self._paragraph() for _ in range(ARTICLE)),
            site=f"s{self._number % _SITES}.example",
            date=f"2026-01-{1 + self._number % 28:02}T10:00Z",
        )

    def _paragraph(self) -> str:
        if self._pool and self._rng.random() < 0.1:
            words = self._pool[int(self._rng.integers(len(self._pool)))].copy()
            words[int(self._rng.integers(len(words)))] = self._words[self._rng.integers(_WORDS)]
        else:
            drawn = np.searchsorted(self._edges, self._rng.random(int(self._rng.integers(30, 81))))
            words = self._words[np.minimum(drawn, _WORDS - 1)].tolist()
            if self._rng.random() < 0.02:
                self._pool = [*self._pool[-2000:], words]
        return " ".join(words).capitalize() + "."


def bulk(
    index: Index, writer: Writer, paragraphs: int
) -> tuple[list[tuple[int, float]], list[tuple[int, float]]]:
    """Load articles; return how many paragraphs each part had, with its seconds and its computing.

    A part is of several chunks, since those of one call are read while others are stored.
    """
    spent, computed = [], []
    for _ in range(-(-paragraphs // (PART * CHUNK * ARTICLE))):
        articles = writer.articles(PART * CHUNK)
        begun, busy = time.perf_counter(), time.process_time()
        index.add_many(articles)
        spent.append((len(articles) * ARTICLE, time.perf_counter() - begun))
        computed.append((len(articles) * ARTICLE, time.process_time() - busy))
    return spent, computed


def one_by_one(
    call: Callable[[Article], Any], writer: Writer, rounds: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], int]:
    """Call for articles one by one; return what each took, and how many had matches.

    That is milliseconds, and those of computing, all threads together.
    """
    spent, computed, matched = [], [], 0
    for article in writer.articles(rounds):
        begun, busy = time.perf_counter(), time.process_time()
        found = call(article)
        spent.append(time.perf_counter() - begun)
        computed.append(time.process_time() - busy)
        matched += bool(found.hits)
    return 1e3 * np.array(spent), 1e3 * np.array(computed), matched


def rows(folder: Path, paragraphs: int) -> Iterator[tuple[str, str]]:
    """Measure; yield what each figure is, and the figure."""
    path, writer, base = folder / "index", Writer(), peak()
    with Index(path) as index:
        spent, computed = bulk(index, writer, paragraphs)
        first, last = first_and_last(spent)
        yield "`add_many`, paragraphs/s", f"{rate(spent):,.0f}"
        yield "... a second of computing", f"{rate(computed):,.0f}"
        yield "... the first and last 100 k", f"{first:,.0f}, {last:,.0f} ({last / first:.2f}x)"
        yield "memory while loading, MB (before it)", f"{peak():.0f} ({base:.0f})"
    yield "opening, ms, median and longest of 5", two(opening(lambda: Index(path)), 100)
    with Index(path) as index:
        one_by_one(index.add, writer, 20)
        for call in (index.query, index.add):
            each, computed_each, matched = one_by_one(call, writer, ROUNDS)
            times = np.percentile(each, 99) / np.median(each)
            yield (
                f"`{call.__name__}` of an article of 15, ms, median and p99 (times the median)",
                f"{two(each)} ({times:.1f}x); {matched / ROUNDS:.0%} match something",
            )
            yield "... of computing, ms, median and p99", two(computed_each)
        stats = index.stats()
        yield "bytes a paragraph on the disk", f"{stats['bytes'] / stats['texts']:.0f}"
        yield "memory at the end, MB", f"{peak():.0f}"


def table(paragraphs: int = PARAGRAPHS, folder: str | None = None) -> str:
    """Measure in a folder that is deleted afterwards; return the table in Markdown."""
    return tabled(rows, paragraphs, folder)


if __name__ == "__main__":
    print(table(int(sys.argv[1]) if len(sys.argv) > 1 else PARAGRAPHS, *sys.argv[2:3]))
