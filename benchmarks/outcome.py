"""What every path gives back, and how it is held against the exact join."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks import exact
from benchmarks.shingles import Pairs, Sets, distinct, exact_sets, split, tokenise


class Watch:
    """Times stages, in order.

    >>> watch = Watch()
    >>> with watch("sketch"):
    ...     pass
    >>> list(watch.seconds)
    ['sketch']
    """

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        """Time what happens inside, added to what the stage took before."""
        start = time.perf_counter()
        yield
        self.seconds[stage] = self.seconds.get(stage, 0.0) + time.perf_counter() - start


def peak(process: int | str = "self") -> float:
    """Give the most memory a process has had at once, in MB; NaN where that is not told.

    Linux alone tells it, of processes that have not ended.

    `ru_maxrss` will not do: a child inherits it from its parent.
    """
    try:
        rows = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        rows = []
    sizes = [row.split()[1] for row in rows if row.startswith("VmHWM")]
    return int(sizes[0]) / 1000 if sizes else float("nan")


@dataclass(frozen=True)
class Outcome:
    """What a path found and how long each stage took."""

    pairs: Pairs
    """Verified pairs of the path's own text numbers."""
    seconds: dict[str, float]
    """Time of each stage, in order."""
    candidates: int
    """Pairs that were compared; 0 where a path does not tell."""
    peak: float
    """What `peak` gave when the path was done."""
    number: NDArray[np.int64] | None = None
    """The path's number of each paragraph, -1 for none; None if it numbers as `distinct` does."""
    sets: Sets | None = None
    """The path's own shingle sets, if it does not use the shared definition."""
    cluster: NDArray[np.int64] | None = None
    """The cluster of each of the path's texts, where it makes clusters."""

    @property
    def total(self) -> float:
        """Seconds of the whole path."""
        return sum(self.seconds.values())


Route = Callable[[Sequence[str], float], Outcome]
"""Takes articles, whose lines are the paragraphs, and a threshold."""


@dataclass(frozen=True)
class Truth:
    """All pairs of distinct texts that reach the threshold under the shared definition."""

    rows: list[int]
    """Number of the paragraph in which each distinct text stands first."""
    sets: Sets
    pairs: Pairs
    jaccard: NDArray[np.float64]
    threshold: float


@dataclass(frozen=True)
class Score:
    """Shares, 0 to 1; NaN where there is nothing to share out."""

    recall: float
    """Of the true pairs, those listed, or taken for one text."""
    hard_recall: float
    """The same for the true pairs less than 0.1 above the threshold."""
    precision: float
    """Of the listed pairs, those that are true under the shared definition."""
    own_recall: float
    """Recall against the exact join of the path's own shingle sets."""
    clustered: float
    """Of the true pairs, those in one cluster."""


def truth(articles: Sequence[str], threshold: float) -> Truth:
    """Join the paragraphs of `articles` exactly.

    >>> truth(["a b c d e\\nb c d", "A b c d"], 0.6).pairs.tolist()
    [[0, 2]]
    """
    texts = split(articles)
    rows = distinct(map(tokenise, texts))
    sets = exact_sets(texts[row] for row in rows)
    return Truth(rows, sets, *exact.join(sets, threshold), threshold)


def score(outcome: Outcome, true: Truth) -> Score:
    """Hold what a path found against the truth."""
    number = np.arange(len(true.rows))
    if outcome.number is not None:
        number = outcome.number[true.rows]
    a, b = number[true.pairs[:, 0]], number[true.pairs[:, 1]]
    known = (a >= 0) & (b >= 0)
    listed = known & ((a == b) | np.isin(_keys(a, b), _keys(*outcome.pairs.T)))
    clustered = own = np.array([], dtype=bool)
    if outcome.cluster is not None:
        clustered = known & (outcome.cluster[a] == outcome.cluster[b])
    if outcome.sets is not None:
        expected, _ = exact.join(outcome.sets, true.threshold)
        own = np.isin(_keys(*expected.T), _keys(*outcome.pairs.T))
    return Score(
        recall=_share(listed),
        hard_recall=_share(listed[true.jaccard < true.threshold + 0.1]),
        precision=_share(_are_true(outcome.pairs, number, true)),
        own_recall=_share(own),
        clustered=_share(clustered),
    )


def _are_true(pairs: Pairs, number: NDArray[np.int64], true: Truth) -> NDArray[np.bool_]:
    """Tell of each listed pair whether it is true; pairs of texts without shingles are left out.

    Several texts of the truth may have one number in the path: any pair of them will do.
    """
    size = max(int(pairs.max(initial=0)), int(number.max(initial=0))) + 1
    known = np.zeros(size, dtype=bool)
    known[number[number >= 0]] = True
    pairs = pairs[known[pairs].all(axis=1)]
    real = _keys(number[true.pairs[:, 0]], number[true.pairs[:, 1]])
    return np.isin(_keys(*pairs.T), real)


def _keys(a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.minimum(a, b) << 32 | np.maximum(a, b)


def _share(hits: NDArray[np.bool_]) -> float:
    return float(hits.mean()) if len(hits) else float("nan")
