"""Whole paths side by side, from articles to verified pairs, each beside the exact join."""

from __future__ import annotations

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks import ours, peers
from benchmarks.outcome import Outcome, Route, Score, Truth, score

ROUTES = {
    "dedup": ours.every_pair,
    "dedup, bands as peers": ours.same_bands,
    "dedup as set": ours.as_set,
    "dedup.scan": ours.scan,
}


def measured(
    benchmark: BenchmarkFixture, route: Route, articles: list[str], true: Truth
) -> tuple[Outcome, Score]:
    """Time a path and write its score and stages beside the time."""
    outcome = benchmark(route, articles, true.threshold)
    found = score(outcome, true)
    benchmark.extra_info.update(vars(found) | {"stages": outcome.seconds})
    return outcome, found


@pytest.mark.benchmark(group="whole path")
@pytest.mark.parametrize("name", ROUTES)
def test_dedup_finds_the_pairs_of_the_exact_join(
    benchmark: BenchmarkFixture, name: str, articles: list[str], true: Truth
) -> None:
    outcome, found = measured(benchmark, ROUTES[name], articles, true)
    assert found.recall >= 0.97
    assert found.clustered >= 0.97
    assert found.precision == 1.0
    assert sum(outcome.seconds.values()) > 0


@pytest.mark.benchmark(group="whole path")
@pytest.mark.parametrize("name", peers.PEERS)
def test_a_peer_finds_the_pairs_of_the_exact_join(
    benchmark: BenchmarkFixture, name: str, articles: list[str], true: Truth
) -> None:
    if reason := peers.missing(name):
        pytest.skip(reason)
    _, found = measured(benchmark, peers.PEERS[name].take, articles, true)
    assert found.recall >= 0.97
    assert found.precision == 1.0
