"""dedup's own path from articles to verified pairs, on its public stages, each timed apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

import dedup
from benchmarks.outcome import Outcome, Watch, peak
from benchmarks.shingles import Pairs, Sets, lines, unique_sets
from dedup.match import align, lsh, minhash, near_duplicates
from dedup.match.cluster import cluster
from dedup.match.signatures import band_keys
from dedup.progress import Silent
from dedup.records import Article
from dedup.settings import Settings
from dedup.text import shingle
from dedup.text.corpus import Corpus, collapse

DEFAULT = Settings()
LARGEST_BUCKET = 4096
"""The highest bucket limit there is: up to it a bucket's pairs are all compared and listed."""


def settings(threshold: float, threads: int = 1, bucket: int = DEFAULT.bucket) -> Settings:
    """Ask for the pairs of a Jaccard similarity alone: no passages, no rule for briefs."""
    return replace(
        DEFAULT, threshold=threshold, containment=1.0, brief=0, threads=threads, bucket=bucket
    )


def every_pair(articles: Sequence[str], threshold: float) -> Outcome:
    """Find pairs, those in large families too, each listed."""
    return find(articles, settings(threshold, bucket=LARGEST_BUCKET))


def same_bands(articles: Sequence[str], threshold: float) -> Outcome:
    """Find every pair with the bands that the peers get, 25 of 5 rows at a threshold of 0.7.

    They promise 0.98995 at the threshold itself, a hair below what dedup asks for by default.
    """
    chosen = settings(threshold, bucket=LARGEST_BUCKET)
    return find(articles, replace(chosen, recall=0.989))


def as_set(articles: Sequence[str], threshold: float) -> Outcome:
    """Find pairs with buckets as dedup has them: members of a large family meet a few others."""
    return find(articles, settings(threshold))


def find(articles: Sequence[str], chosen: Settings) -> Outcome:
    """Take the path with given settings; clustering is outside the time."""
    watch = Watch()
    with watch("normalise"):
        corpus = collapse(in_order(articles), chosen.workers, Silent(), flagged=False)
        words = corpus.words()
    with watch("shingle"):
        sets = shingle.shingle(corpus.texts, chosen.shingle, chosen.workers)
    with watch("near"):
        pairs = near_duplicates.similar(
            near_duplicates.near(sets, words, chosen, Silent())[0], chosen
        )
    most = peak()
    return Outcome(
        pairs=unpack(pairs),
        seconds=watch.seconds,
        candidates=sum(map(len, proposed(sets, chosen))),
        peak=most,
        number=numbers(corpus, articles),
        sets=own_sets(sets),
        cluster=cluster(pairs, sets, chosen.chain).astype(np.int64),
    )


def scan(articles: Sequence[str], threshold: float) -> Outcome:
    """Run `dedup.scan` itself, which also clusters, ranks, aligns and lists against centres."""
    return run(articles, settings(threshold), threshold)


def scan_without_settings(articles: Sequence[str], threshold: float) -> Outcome:
    """Run `dedup.scan` as a user does who sets nothing: threshold 0.5, passages too, all cores."""
    return run(articles, DEFAULT, threshold)


def run(articles: Sequence[str], chosen: Settings, threshold: float) -> Outcome:
    """Run `dedup.scan`, whose summary tells the stages; count pairs by their similarity alone."""
    items = ({"id": article.id, "text": article.text} for article in in_order(articles))
    result = dedup.scan(items, chosen)
    most = peak()
    texts = result.corpus.text[result.ranking.members]
    sizes = np.diff(result.ranking.offsets)
    centres = -1 - np.arange(len(result.words))
    centres[texts] = np.repeat(np.arange(len(sizes)), sizes)
    return Outcome(
        pairs=unpack(result.pairs.pairs[result.pairs.jaccard >= np.float32(threshold)]),
        seconds=result.timings,
        candidates=0,
        peak=most,
        number=numbers(result.corpus, articles),
        sets=own_sets(result.sets),
        cluster=centres,
    )


def shingled(articles: Sequence[str]) -> shingle.Sets:
    """Give the shingle sets of the distinct texts, as dedup makes them."""
    corpus = collapse(in_order(articles), 1, Silent())
    return shingle.shingle(corpus.texts, DEFAULT.shingle)


def proposed(sets: shingle.Sets, chosen: Settings) -> Iterator[NDArray[np.uint64]]:
    """Yield the candidates of each band."""
    keys = band_keys(sets, chosen, Silent())
    for met in lsh.candidates(keys, np.diff(sets.offsets) > 0, chosen.bucket):
        yield met.pairs


def kernels(articles: Sequence[str]) -> dict[str, Callable[[int], object]]:
    """Give each stage that takes threads, ready to be run with a number of them."""
    records = in_order(articles)
    corpus = collapse(records, 1, Silent())
    sets = shingle.shingle(corpus.texts, DEFAULT.shingle)
    pairs = np.concatenate(list(proposed(sets, settings(0.7, bucket=LARGEST_BUCKET))))
    words = DEFAULT.shingle
    return {
        "normalise": lambda workers: collapse(records, workers, Silent()),
        "shingle": lambda workers: shingle.shingle(corpus.texts, words, workers),
        "sketch": lambda workers: minhash.sketch(sets, workers=workers),
        "verify": lambda workers: near_duplicates.shared(pairs, sets, workers),
        "align": lambda workers: align.align(pairs[:100_000], corpus.texts, words, workers),
    }


def in_order(articles: Sequence[str]) -> list[Article]:
    """Make records whose ids sort as the articles stand."""
    return [Article(f"{number:09}", text) for number, text in enumerate(articles)]


def own_sets(sets: shingle.Sets) -> Sets:
    """Give dedup's shingle sets in the form that the exact join takes."""
    owner = np.repeat(np.arange(len(sets.offsets) - 1), np.diff(sets.offsets))
    return unique_sets(sets.items.astype(np.uint64), owner, len(sets.offsets) - 1)


def numbers(corpus: Corpus, articles: Sequence[str]) -> NDArray[np.int64]:
    """Give the number of the distinct text that holds each line, -1 where there is none."""
    starts = [
        number << 32 | start for number, text in enumerate(articles) for start, _ in lines(text)
    ]
    wanted = np.array(starts, dtype=np.int64)
    first = corpus.article.astype(np.int64) << 32 | corpus.start
    row = np.searchsorted(first, wanted, side="right") - 1
    inside = (row >= 0) & (wanted >> 32 == corpus.article[row])
    inside &= wanted & 0xFFFFFFFF < corpus.end[row]
    return np.where(inside, corpus.text[row], -1).astype(np.int64)


def unpack(pairs: NDArray[np.uint64]) -> Pairs:
    """Turn dedup's packed pairs into two columns."""
    columns = [pairs >> np.uint64(32), pairs & np.uint64(0xFFFFFFFF)]
    return np.stack(columns, axis=1).astype(np.int64)
