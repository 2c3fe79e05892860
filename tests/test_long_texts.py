"""A long text that holds many short ones: the answers of any other pair, at the cost of these."""

from __future__ import annotations

import random
import time
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prose import yards

import dedup
from dedup.match import long_texts
from dedup.match.align import MANY, align, places_to_try
from dedup.match.evidence import evidence
from dedup.match.long_texts import LONG, TIMES, long_last, put_in_order
from dedup.match.near_duplicates import shared
from dedup.match.pair_features import features_alone
from dedup.records import Article
from dedup.text.arrays import TextArrays
from dedup.text.shingle import Sets
from dedup.text.token_flags import COMMON, QUOTED


class Drawn(NamedTuple):
    """Texts of which some are long, and all pairs of them."""

    texts: TextArrays
    sets: Sets
    pairs: npt.NDArray[np.uint64]


def drawn(seed: int, words: int) -> Drawn:
    """Draw short and long texts of so many words, which hold parts of one another."""
    rng = random.Random(seed)
    rows: list[list[int]] = []
    for number in range(8):
        own = rng.choices(range(words), k=rng.choice((3, 30, 90)))
        for _ in range(40 if number % 3 == 2 else 2):
            other = rng.choice(rows) if rows else own
            begin = rng.randrange(len(other))
            own += other[begin : begin + rng.randrange(2, 30)]
            own += rng.choices(range(words), k=rng.randrange(12))
        rows.append(own)
    rng.shuffle(rows)
    offsets = np.append(0, np.cumsum([len(row) for row in rows]))
    # An odd one weighs half a word.
    tokens = np.concatenate([np.array(row) for row in rows]).astype(np.uint32) * 3 + 4
    flags = np.array(rng.choices((0, COMMON, QUOTED), (6, 2, 1), k=len(tokens)), np.uint8)
    sets = [np.unique(tokens[low:high]) for low, high in pairwise(offsets)]
    held = Sets(np.concatenate(sets), np.append(0, np.cumsum([len(one) for one in sets])))
    a, b = np.triu_indices(len(rows), 1)
    pairs = a.astype(np.uint64) << np.uint64(32) | b.astype(np.uint64)
    return Drawn(TextArrays(tokens, offsets, flags), held, pairs)


def measured(these: Drawn, workers: int) -> list[list[object]]:
    texts, sets, pairs = these
    blocks = align(pairs, texts, 3, workers)
    features = features_alone(pairs, blocks, texts, workers)
    proof = evidence(pairs, texts, workers)
    every = (*blocks, *features, *proof, shared(pairs, sets, workers))
    return [column.tolist() for column in every]


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10**6), st.sampled_from([2, 7, 40, 4000]), st.sampled_from([1, 2]))
def test_a_pair_with_a_long_text_has_the_answers_of_any_other(
    seed: int, words: int, workers: int
) -> None:
    these = drawn(seed, words)
    expected = measured(these, 1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(long_texts, "LONG", 20)
        patch.setattr(long_texts, "TIMES", 2)
        assert long_last(these.pairs, these.texts.sizes)[1].any()
        assert measured(these, workers) == expected


@settings(deadline=None)  # the first call compiles
@given(st.lists(st.integers(0, 50), max_size=60))
def test_places_are_put_in_order(values: list[int]) -> None:
    out = np.array(values, np.int64)
    put_in_order(out, len(out))
    assert out.tolist() == sorted(values)


@pytest.mark.parametrize(
    ("size_a", "size_b", "is_long"),
    [
        (9, LONG, False),
        (9, LONG + 1, True),
        (500, TIMES * 500, False),
        (500, TIMES * 500 + 1, True),
    ],
)
def test_a_text_is_long_past_both_limits(size_a: int, size_b: int, is_long: bool) -> None:
    sizes = np.array([size_a, size_b])
    assert long_last(np.array([1], np.uint64), sizes)[1].tolist() == [is_long]


@pytest.mark.parametrize(("times", "expected"), [(10, 10), (11, -1)])
def test_where_more_than_one_place_in_sixteen_may_begin_it_a_text_is_walked_through(
    times: int, expected: int
) -> None:
    size = 10 * MANY
    tokens = np.arange(4, 2 * size + 4, 2, dtype=np.uint32)
    tokens[: 4 * times : 4] = 2
    heads, following = np.full(512, -1, np.int32), np.full(size, -1, np.int32)
    chain = np.arange(0, 2 * times, 2)  # all of one slot, in order
    heads[:], following[chain[:-1]] = chain[0], chain[1:]
    seen, asked = np.ones(4096, np.bool_), np.full(512, -1, np.int64)
    places = np.empty(size // MANY, np.int64)
    table = heads, following, 511, seen, asked, 0, places
    assert places_to_try(tokens, 0, 1, size, 1, *table) == expected


def seconds(count: int, out: Path) -> float:
    """What a scan of so many articles takes, and one that holds them all in a paragraph."""
    news = yards(3, count, 40)
    articles = [Article(f"{number:05}", text) for number, text in enumerate(news)]
    articles.append(Article("x", " ".join(news)))
    began = time.process_time()
    dedup.scan(articles, threads=1).write(out)
    return time.process_time() - began


@pytest.mark.xdist_group("time")
def test_a_paragraph_that_holds_many_costs_what_they_do(tmp_path: Path) -> None:
    seconds(100, tmp_path / "first")  # kernels are loaded
    few = max(seconds(500, tmp_path / "few"), 0.2)
    assert seconds(4000, tmp_path / "many") < 8 * 3 * few  # a square would take 64 times as long
