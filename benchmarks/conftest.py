"""One small made-up corpus, its truth, and its arrays at every stage, shared by all benchmarks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks import generate, ours
from benchmarks.outcome import Truth, truth
from dedup.match import lsh
from dedup.match.signatures import band_keys
from dedup.progress import Silent
from dedup.settings import Settings
from dedup.text.corpus import Corpus, collapse
from dedup.text.shingle import Sets, shingle

PARAGRAPHS = 2_000
THRESHOLD = 0.7


@dataclass(frozen=True)
class Stages:
    """What each stage hands to the next."""

    settings: Settings
    corpus: Corpus
    sets: Sets
    keys: NDArray[np.uint32]
    candidates: NDArray[np.uint64]


@pytest.fixture(scope="session")
def articles() -> list[str]:
    """Articles of 2,000 paragraphs."""
    return generate.generate(PARAGRAPHS).articles()


@pytest.fixture(scope="session")
def true(articles: list[str]) -> Truth:
    """The exact join of their paragraphs."""
    return truth(articles, THRESHOLD)


@pytest.fixture(scope="session")
def stages(articles: list[str]) -> Stages:
    """Run every stage once."""
    chosen = ours.settings(THRESHOLD)
    corpus = collapse(ours.in_order(articles), 1, Silent())
    sets = shingle(corpus.texts, chosen.shingle)
    keys = band_keys(sets, chosen, Silent())
    filled = np.diff(sets.offsets) > 0
    found = [met.pairs for met in lsh.candidates(keys, filled, chosen.bucket)]
    return Stages(chosen, corpus, sets, keys, np.concatenate(found))
