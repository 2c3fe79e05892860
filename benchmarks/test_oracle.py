"""The ground that every figure stands on: the exact join and the planted corpus."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import corpora, exact, generate
from benchmarks.shingles import Sets, distinct, exact_sets, split, tokenise


def random_sets(seed: int, texts: int = 150) -> Sets:
    """Make sets of 0 to 30 out of few elements, so that all similarities occur."""
    rng = np.random.default_rng(seed)
    kinds = [rng.integers(0, 40, 30) for _ in range(12)]
    sets = []
    for _ in range(texts):
        base = kinds[rng.integers(12)][: rng.integers(0, 31)]
        sets.append(np.unique(np.where(rng.random(len(base)) < 0.1, 99, base)))
    offsets = np.concatenate([[0], np.cumsum([len(s) for s in sets])])
    return Sets(np.concatenate(sets).astype(np.uint64), offsets)


@pytest.mark.parametrize("threshold", [0.05, 0.3, 0.5, 0.7, 0.8, 0.9, 1.0])
@pytest.mark.parametrize("seed", range(4))
def test_the_join_finds_what_comparing_everything_finds(seed: int, threshold: float) -> None:
    sets = random_sets(seed)
    pairs, jaccard = exact.join(sets, threshold)
    assert pairs.tolist() == exact.brute(sets, threshold).tolist()
    assert len(pairs) > 0
    assert jaccard.min() >= threshold - 1e-9


def test_the_join_agrees_with_brute_force_on_prose() -> None:
    sets = exact_sets(generate.generate(400).texts)
    assert exact.join(sets, 0.5)[0].tolist() == exact.brute(sets, 0.5).tolist()


def test_the_join_of_nothing_is_empty() -> None:
    assert exact.join(exact_sets([]), 0.5)[0].shape == (0, 2)
    assert exact.join(exact_sets(["too short", ""]), 0.5)[0].shape == (0, 2)


def test_the_same_seed_gives_the_same_texts() -> None:
    assert generate.generate(300, seed=5) == generate.generate(300, seed=5)
    assert generate.generate(300, seed=5).texts != generate.generate(300, seed=6).texts


def test_planted_copies_are_as_similar_as_their_rate_says() -> None:
    made = generate.generate(3000)
    exact_copies = [p for p in made.planted if p.kind == "exact"]
    assert exact_copies
    assert all(made.texts[p.text] == made.texts[p.source] for p in exact_copies)
    means = [
        np.mean([_jaccard(made.texts[p.text], made.texts[p.source]) for p in made.planted
                 if p.kind == "edit" and p.rate == rate])
        for rate in generate.EDIT_RATES
    ]  # fmt: skip
    assert means == sorted(means, reverse=True)
    assert means[0] > 0.9
    assert means[-1] < 0.3


def test_of_texts_with_the_same_words_the_first_is_kept() -> None:
    assert distinct(map(tokenise, ["A b c!", "a B c", "a b", "c b a"])) == [0, 3]


def test_a_corpus_that_cannot_be_read_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(corpora.VARIABLE, raising=False)
    assert "DEDUP_CORPORA is not set" in str(corpora.missing("press"))


def test_paragraphs_of_a_corpus_are_the_same_every_time() -> None:
    if reason := corpora.missing("helsinki"):
        pytest.skip(reason)
    found = split(corpora.articles(corpora.path("helsinki"), 500))
    assert len(found) == 500
    assert all(text.strip() for text in found)
    assert found == split(corpora.articles(corpora.path("helsinki"), 600))[:500]


def _jaccard(a: str, b: str) -> float:
    sets = exact_sets([a, b])
    x, y = (set(sets.values[i:j].tolist()) for i, j in ((0, sets.offsets[1]), sets.offsets[1:]))
    return len(x & y) / len(x | y) if x | y else 1.0
