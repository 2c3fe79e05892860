"""The store of an index at full size: bytes, rates, latencies, beside a plain SQLite band table.

`python -m benchmarks.indexing [PARAGRAPHS] [FOLDER]` prints the table. Texts are made up: 30 to 80
tokens as often as Zipf's law says, a tenth of them copies of an earlier text with a few tokens
changed. Each has 42 band keys and about 25 prints.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from xxhash import xxh3_128_digest

from benchmarks.outcome import peak
from dedup import Index
from dedup.index.ingest import CHUNK
from dedup.match.signatures import band_keys
from dedup.progress import Silent
from dedup.records import Article
from dedup.settings import Settings
from dedup.storage.local import LocalStore
from dedup.storage.protocol import PLACES, Batch, Postings, Store, StoredArticle, Texts, places
from dedup.text.shingle import shingle

PARAGRAPHS = 1_000_000
ARTICLE = 15
"""Paragraphs an article."""
BATCH = CHUNK
"""Articles a batch of a bulk load: as `Index.add_many` has it."""
ROUNDS = 1_000
"""Articles that are added one by one."""
SETTINGS = Settings(threads=1)
MOST = 64
PLAIN = 60_000
"""Paragraphs of the plain SQLite table: it only gets slower with more."""

_VOCABULARY = 200_000


class Maker:
    """Makes plausible articles, the same for the same seed."""

    def __init__(self, seed: int = 1) -> None:
        self._rng = np.random.default_rng(seed)
        weights = 1 / np.arange(1, _VOCABULARY + 1)
        self._edges = np.cumsum(weights / weights.sum())
        self._words = self._rng.integers(0, 1 << 32, _VOCABULARY, np.uint32)
        self._pool: list[NDArray[np.uint32]] = []

    def texts(self, count: int) -> Texts:
        """Make distinct texts, a tenth of them near copies of earlier ones."""
        made = []
        lengths = self._rng.integers(30, 81, count)
        ranks = np.searchsorted(self._edges, self._rng.random(int(lengths.sum())))
        drawn = self._words[np.minimum(ranks, _VOCABULARY - 1)]
        for text in np.split(drawn, np.cumsum(lengths)[:-1]):
            if self._pool and self._rng.random() < 0.1:
                copy = self._pool[int(self._rng.integers(len(self._pool)))].copy()
                copy[int(self._rng.integers(len(copy)))] = self._rng.integers(1 << 32)
                made.append(copy)
            else:
                made.append(text)
        self._pool = (self._pool + made)[-20_000:]
        digests = b"".join(xxh3_128_digest(text.tobytes()) for text in made)
        tokens = np.concatenate(made)
        offsets = np.cumsum([0, *map(len, made)]).astype(np.int64)
        key = np.frombuffer(digests, ">u8").astype(np.uint64).reshape(-1, 2)
        return Texts(key, tokens, (tokens % 7 == 0).astype(np.uint8), offsets)


def postings(texts: Texts, first: int) -> Postings:
    """Make the band keys of dedup's default settings, and a print for about every other token."""
    numbers = np.arange(first, first + len(texts.key), dtype=np.uint32)
    sets = shingle(texts.arrays, SETTINGS.shingle)
    low = band_keys(sets, SETTINGS, Silent()).astype(np.uint64)
    bands = np.arange(low.shape[1], dtype=np.uint64) << np.uint64(32) | low
    runs = texts.tokens.astype(np.uint64)
    runs[:-2] = runs[:-2] * np.uint64(31) + runs[1:-1] * np.uint64(17) + runs[2:]
    runs = (runs * np.uint64(0x9FB21C651E98DF25)) >> np.uint64(32)
    kept = runs % np.uint64(11) < np.uint64(5)
    which = np.repeat(numbers, np.diff(texts.offsets))
    return {
        "bands": (bands.ravel(), np.repeat(numbers, low.shape[1])),
        "prints": (runs[kept], which[kept]),
    }


def batch(maker: Maker, articles: int, seq: int, first: int) -> Batch:
    """Make a batch, of articles that are numbered on from `seq` and texts from `first`."""
    texts = maker.texts(articles * ARTICLE)
    p = np.arange(ARTICLE, dtype=np.int32)
    stored = [
        StoredArticle(
            seq=seq + n,
            revision=1,
            article=Article(f"https://herald.example/2026/{seq + n}", "", site="herald.example"),
            fingerprint=(seq + n).to_bytes(16, "big"),
            paragraph=p,
            start=p * 330,
            end=p * 330 + 328,
            text=np.arange(first + (n - 1) * ARTICLE, first + n * ARTICLE, dtype=np.uint32),
        )
        for n in range(1, articles + 1)
    ]
    return Batch(stored, texts, {**postings(texts, first), PLACES: places(stored)})


def bulk(store: LocalStore, maker: Maker, paragraphs: int) -> list[tuple[int, float]]:
    """Load articles; return how many paragraphs each batch had, and its seconds."""
    spent = []
    while store.texts < paragraphs:
        made = batch(maker, BATCH, store.last_seq, store.texts)
        begun = time.perf_counter()
        store.numbers(made.texts.key)
        store.append(made)
        spent.append((len(made.texts.key), time.perf_counter() - begun))
    return spent


def query(store: Store, made: Batch) -> None:
    """Ask what an index asks before it adds an article."""
    store.numbers(made.texts.key)
    store.current([stored.article.id for stored in made.articles])
    for table in ("bands", "prints"):
        store.find(table, made.postings[table][0], MOST)


def one_by_one(
    store: LocalStore, maker: Maker, rounds: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Query and add articles; return the milliseconds of each query and each addition."""
    asked, added = [], []
    for _ in range(rounds):
        made = batch(maker, 1, store.last_seq, store.texts)
        begun = time.perf_counter()
        query(store, made)
        middle = time.perf_counter()
        store.append(made)
        asked.append(middle - begun)
        added.append(time.perf_counter() - middle)
    return 1e3 * np.array(asked), 1e3 * np.array(added)


def opening(make: Callable[[], LocalStore | Index], times: int = 5) -> NDArray[np.float64]:
    """Open a store or an index some times; return the milliseconds of each."""
    spent = []
    for _ in range(times):
        begun = time.perf_counter()
        opened = make()
        spent.append(time.perf_counter() - begun)
        opened.close()
    return 1e3 * np.array(spent)


def cold(store: LocalStore, maker: Maker, rounds: int = 20) -> NDArray[np.float64]:
    """Query after the system has forgotten the files; return milliseconds."""
    spent = []
    for _ in range(rounds):
        made = batch(maker, 1, store.last_seq, store.texts)
        os.sync()
        for file in store.path.iterdir():
            with file.open("rb") as opened:
                os.posix_fadvise(opened.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        begun = time.perf_counter()
        query(store, made)
        spent.append(time.perf_counter() - begun)
    return 1e3 * np.array(spent)


def plain(folder: Path, maker: Maker, paragraphs: int) -> float:
    """Load the same postings, sorted, into a table of SQLite; return paragraphs a second."""
    base = sqlite3.connect(folder / "plain", isolation_level=None)
    base.execute("PRAGMA journal_mode=WAL")
    base.execute(
        "CREATE TABLE postings(key INTEGER, id INTEGER, PRIMARY KEY(key, id)) WITHOUT ROWID"
    )
    spent, first = 0.0, 0
    while first < paragraphs:
        made = postings(maker.texts(BATCH * ARTICLE), first)
        begun = time.perf_counter()
        rows: list[tuple[int, int]] = []
        for number, (keys, ids) in enumerate(made.values(), 1):
            order = np.argsort(keys, kind="stable")
            high = keys[order].astype(np.int64) | np.int64(number << 56)
            rows += zip(high.tolist(), ids[order].tolist(), strict=True)
        base.execute("BEGIN")
        base.executemany("INSERT OR IGNORE INTO postings VALUES (?, ?)", rows)
        base.execute("COMMIT")
        spent += time.perf_counter() - begun
        first += BATCH * ARTICLE
    base.close()
    return first / spent


def rate(spent: Sequence[tuple[int, float]]) -> float:
    """Return paragraphs a second."""
    return sum(count for count, _ in spent) / sum(seconds for _, seconds in spent)


def first_and_last(
    spent: Sequence[tuple[int, float]], paragraphs: int = 100_000
) -> tuple[float, float]:
    """Return the rates over the first and the last so many paragraphs."""
    batches = max(1, -(-paragraphs // spent[0][0]))
    return rate(spent[:batches]), rate(spent[-batches:])


def rows(folder: Path, paragraphs: int) -> Iterator[tuple[str, Any]]:
    """Measure; yield what each figure is, and the figure."""
    maker, base = Maker(), peak()
    store = LocalStore(folder / "index", {})
    spent = bulk(store, maker, paragraphs)
    first, last = first_and_last(spent)
    yield "bulk load, paragraphs/s", f"{rate(spent):,.0f}"
    yield "... the first and last 100 k", f"{first:,.0f}, {last:,.0f} ({last / first:.2f}x)"
    yield "memory while loading, MB (before: interpreter and kernels)", f"{peak():.0f} ({base:.0f})"
    begun = time.perf_counter()
    store.close()
    yield "closing, ms", f"{1e3 * (time.perf_counter() - begun):.0f}"
    opened = opening(lambda: LocalStore(folder / "index", {}))
    yield "opening, ms, median and longest of 5", two(opened, 100)
    store = LocalStore(folder / "index", {})
    one_by_one(store, maker, 20)
    asked, added = one_by_one(store, maker, ROUNDS)
    both = asked + added
    yield "query of an article of 15, ms, median and p99", two(asked)
    yield "durable add, ms, median and p99", two(added)
    yield (
        "query and add, ms, median and p99 (times the median)",
        (f"{two(both)} ({np.percentile(both, 99) / np.median(both):.1f}x)"),
    )
    chilled = cold(store, maker)
    yield (
        "cold query, ms, median (times warm)",
        (f"{np.median(chilled):.1f} ({np.median(chilled) / np.median(asked):.1f}x)"),
    )
    stats = store.stats()
    for name in ("bytes", "log_bytes", "segment_bytes"):
        yield f"{name} a paragraph", f"{stats[name] / stats['texts']:.0f}"
    yield (
        "postings a paragraph; files",
        f"{stats['postings'] / stats['texts']:.1f}; {stats['segments']}",
    )
    yield "memory at the end, MB", f"{peak():.0f}"
    store.close()
    store = LocalStore(folder / "index", {})
    begun = time.perf_counter()
    store.compact()
    yield "compacting, s", f"{time.perf_counter() - begun:.1f}"
    asked, _ = one_by_one(store, maker, 200)
    yield "query after it, ms, median and p99", two(asked)
    store.close()
    few = min(PLAIN, paragraphs)
    sorted_inserts = plain(folder, maker, few)
    yield (
        f"plain SQLite table, sorted inserts, first {few:,}, paragraphs/s",
        (f"{sorted_inserts:,.0f} (1/{rate(spent) / sorted_inserts:.1f})"),
    )


def two(spent: NDArray[np.float64], percent: int = 99) -> str:
    """Write the median and a percentile."""
    return f"{np.median(spent):.2f}, {np.percentile(spent, percent):.2f}"


def table(paragraphs: int = PARAGRAPHS, folder: str | None = None) -> str:
    """Measure in a folder that is deleted afterwards; return the table in Markdown."""
    return tabled(rows, paragraphs, folder)


def tabled(
    measured: Callable[[Path, int], Iterator[tuple[str, Any]]], paragraphs: int, folder: str | None
) -> str:
    """Put what is measured in a folder, which is deleted afterwards, into a table in Markdown."""
    place = Path(tempfile.mkdtemp(dir=folder))
    try:
        found = [f"| {name} | {value} |" for name, value in measured(place, paragraphs)]
    finally:
        shutil.rmtree(place)
    return "\n".join([f"| at {paragraphs:,} paragraphs | |", "|---|---|", *found])


if __name__ == "__main__":
    print(table(int(sys.argv[1]) if len(sys.argv) > 1 else PARAGRAPHS, *sys.argv[2:3]))
