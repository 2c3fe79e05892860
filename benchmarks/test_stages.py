"""Each stage alone: dedup's, and beside it what a user would write or call instead."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks import ours, peers
from benchmarks.conftest import Stages
from benchmarks.outcome import Truth, score
from benchmarks.shingles import distinct, shingle, split, tokenise
from dedup.match import lsh, minhash, near_duplicates
from dedup.progress import Silent
from dedup.text import shingle as ours_shingle
from dedup.text.corpus import collapse


@pytest.mark.benchmark(group="normalise")
def test_normalising_makes_one_text_of_each_repeat(
    benchmark: BenchmarkFixture, articles: list[str], stages: Stages
) -> None:
    corpus = benchmark(collapse, ours.in_order(articles), 1, Silent())
    assert len(corpus.text) == len(split(articles))
    assert corpus.text.max() + 1 == len(stages.corpus.first) < len(corpus.text)


@pytest.mark.benchmark(group="normalise")
def test_a_user_would_tokenise_with_a_regular_expression(
    benchmark: BenchmarkFixture, articles: list[str]
) -> None:
    tokens = benchmark(lambda: [tokenise(text) for text in split(articles)])
    assert len(tokens) == len(split(articles))


@pytest.mark.benchmark(group="shingle")
def test_shingling_gives_the_sets_that_the_definition_says(
    benchmark: BenchmarkFixture, stages: Stages
) -> None:
    corpus = stages.corpus
    sets = benchmark(ours_shingle.shingle, corpus.texts, 3)
    texts = [corpus.written(int(row)) for row in corpus.first]
    assert np.diff(sets.offsets).tolist() == [len(shingle(tokenise(text))) for text in texts]


@pytest.mark.benchmark(group="shingle")
def test_a_user_would_shingle_by_joining_words(
    benchmark: BenchmarkFixture, articles: list[str], true: Truth
) -> None:
    tokens = [tokenise(text) for text in split(articles)]
    rows = distinct(tokens)
    sets = benchmark(lambda: [shingle(tokens[row]) for row in rows])
    assert sum(map(len, sets)) == len(true.sets.values)


@pytest.mark.benchmark(group="sketch")
def test_sketches_estimate_the_similarity(benchmark: BenchmarkFixture, stages: Stages) -> None:
    sketches = benchmark(minhash.sketch, stages.sets)
    pairs = stages.candidates
    a, b = (sketches[part] for part in (pairs >> np.uint64(32), pairs & np.uint64(0xFFFFFFFF)))
    jaccard, _ = near_duplicates.measures(
        pairs, near_duplicates.shared(pairs, stages.sets), stages.sets
    )
    assert np.abs((a == b).mean(axis=1) - jaccard).mean() < 0.05


@pytest.mark.benchmark(group="sketch")
@pytest.mark.skipif(bool(peers.missing("rensa")), reason=str(peers.missing("rensa")))
def test_rensa_sketches_the_same_shingles(benchmark: BenchmarkFixture, stages: Stages) -> None:
    from rensa import RMinHash

    hashes, offsets = stages.sets.items.astype(np.uint64), stages.sets.offsets.astype(np.uint64)
    matrix = benchmark(RMinHash.digest_matrix_from_flat_token_hashes, hashes, offsets, 128, 1)
    assert matrix.len() == len(offsets) - 1


@pytest.mark.benchmark(group="sketch")
def test_datasketch_sketches_the_same_shingles_to_the_same_values(
    benchmark: BenchmarkFixture, stages: Stages
) -> None:
    from datasketch import MinHash

    bounds = zip(stages.sets.offsets[:-1], stages.sets.offsets[1:], strict=True)
    sets = [stages.sets.items[first:last].tolist() for first, last in bounds]
    found = benchmark(lambda: MinHash.bulk(sets, num_perm=128, seed=1, hashfunc=int))
    assert [s.hashvalues.tolist() for s in found] == minhash.sketch(stages.sets).tolist()


@pytest.mark.benchmark(group="lsh")
def test_banding_gives_equal_keys_to_equal_rows(
    benchmark: BenchmarkFixture, stages: Stages
) -> None:
    shape = lsh.shape(0.7, 128, stages.settings.recall)
    keys = benchmark(lsh.band, minhash.sketch(stages.sets), *shape)
    assert (keys == stages.keys).all()


@pytest.mark.benchmark(group="lsh")
def test_candidates_hold_nearly_all_true_pairs(
    benchmark: BenchmarkFixture, articles: list[str], stages: Stages, true: Truth
) -> None:
    filled = np.diff(stages.sets.offsets) > 0
    bucket = stages.settings.bucket

    def propose() -> list[NDArray[np.uint64]]:
        return [met.pairs for met in lsh.candidates(stages.keys, filled, bucket)]

    found = benchmark(propose)
    number = ours.numbers(stages.corpus, articles)[true.rows]
    a, b = np.sort(number[true.pairs], axis=1).astype(np.uint64).T
    recall = np.isin(a << np.uint64(32) | b, np.concatenate(found)).mean()
    benchmark.extra_info["recall"] = float(recall)
    assert recall >= 0.99


@pytest.mark.benchmark(group="verify")
def test_verifying_counts_what_sets_share(benchmark: BenchmarkFixture, stages: Stages) -> None:
    pairs, sets = stages.candidates, stages.sets
    shared = benchmark(near_duplicates.shared, pairs, sets)
    each = [set(part.tolist()) for part in np.split(sets.items, sets.offsets[1:-1])]
    ends = zip(
        (pairs >> np.uint64(32)).tolist(), (pairs & np.uint64(0xFFFFFFFF)).tolist(), strict=True
    )
    assert shared.tolist() == [len(each[a] & each[b]) for a, b in ends]


@pytest.mark.benchmark(group="verify")
def test_a_user_would_verify_with_python_sets(benchmark: BenchmarkFixture, stages: Stages) -> None:
    each = [set(p.tolist()) for p in np.split(stages.sets.items, stages.sets.offsets[1:-1])]
    pairs = ours.unpack(stages.candidates).tolist()
    assert len(benchmark(lambda: [len(each[a] & each[b]) for a, b in pairs])) == len(pairs)


def test_the_score_of_a_path_that_misses_a_pair_says_so(articles: list[str], true: Truth) -> None:
    outcome = ours.as_set(articles, true.threshold)
    whole = score(outcome, true)
    half = score(replace(outcome, pairs=outcome.pairs[::2]), true)
    assert half.recall < 0.6 < whole.recall
    wrong = replace(outcome, pairs=np.array([[0, 1], *outcome.pairs.tolist()]))
    assert score(wrong, true).precision < whole.precision == 1.0
