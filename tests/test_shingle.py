"""Shingle sets: against windows counted in plain Python."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.text import arrays
from dedup.text.arrays import TextArrays
from dedup.text.shingle import Sets, shingle, weights

TEXTS = st.lists(st.lists(st.integers(0, 9), max_size=40), min_size=1, max_size=6)
"""Token hashes, odd ones those of single characters."""


def shingled(texts: list[list[int]], words: int = 3, workers: int = 1) -> Sets:
    tokens = np.array([token for text in texts for token in text], np.uint32)
    offsets = np.concatenate([[0], np.cumsum([len(text) for text in texts], dtype=np.int64)])
    return shingle(TextArrays.of(tokens, offsets), words, workers)


def rows(sets: Sets) -> list[list[int]]:
    parts = np.split(sets.items, sets.offsets[1:-1])
    return [part.tolist() for part in parts]


def windows(text: list[int], words: int) -> list[tuple[int, ...]]:
    """Brute force: from each token the shortest run that weighs enough, each once."""
    found = []
    for start in range(len(text)):
        for end in range(start + 1, len(text) + 1):
            if sum(2 - token % 2 for token in text[start:end]) >= 2 * words:
                found.append(tuple(text[start:end]))
                break
    return list(dict.fromkeys(found))


@settings(deadline=None)
@given(texts=TEXTS, words=st.integers(1, 16))
def test_a_set_holds_each_window_once_in_order(texts: list[list[int]], words: int) -> None:
    expected = [windows(text, words) for text in texts]
    found = rows(shingled(texts, words))
    assert [len(row) for row in found] == [len(row) for row in expected]
    # One hash a window over all texts, and no hash for two windows.
    named = {
        (window, item)
        for ours, theirs in zip(found, expected, strict=True)
        for item, window in zip(ours, theirs, strict=True)
    }
    assert len(named) == len({window for window, _ in named}) == len({item for _, item in named})


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ([], 0),
        ([2, 4], 0),  # lighter than a shingle
        ([2, 4, 6], 1),
        ([2, 4, 6, 8], 2),
        ([1, 3, 5, 7, 9], 0),  # five characters
        ([1, 3, 5, 7, 9, 11], 1),
        ([1, 2, 4, 6], 2),  # a character and three words weigh 7
        ([2] * 100_000, 1),
        (list(range(0, 200_000, 2)), 99_998),
    ],
)
def test_three_words_or_six_characters_make_a_shingle(text: list[int], count: int) -> None:
    assert len(shingled([text]).items) == count


def test_the_order_of_words_matters() -> None:
    first, second, third = rows(shingled([[2, 4, 6], [6, 4, 2], [2, 4, 6]]))
    assert first == third != second


def test_a_word_and_a_character_of_nearly_one_hash_are_told_apart() -> None:
    first, second = rows(shingled([[2, 4, 6, 8, 10, 12], [3, 5, 7, 9, 11, 13]]))
    assert not set(first) & set(second)


def test_sets_are_independent_of_their_neighbours() -> None:
    generator = np.random.default_rng(0)
    texts = [generator.integers(0, 50, size).tolist() for size in (30, 0, 3, 200, 2, 64)]
    assert rows(shingled(texts)) == [rows(shingled([text]))[0] for text in texts]


@pytest.mark.parametrize("workers", [2, 3, 16])
def test_the_number_of_threads_changes_nothing(workers: int) -> None:
    generator = np.random.default_rng(1)
    texts = [generator.integers(0, 99, size).tolist() for size in generator.integers(0, 60, 90)]
    assert rows(shingled(texts, 2, workers)) == rows(shingled(texts, 2))


def test_no_texts_make_no_sets() -> None:
    sets = shingled([])
    assert len(sets.items) == 0
    assert sets.offsets.tolist() == [0]


@settings(deadline=None)
@given(tokens=st.lists(st.integers(0, 2**32 - 1)))
def test_weights_run_in_half_words(tokens: list[int]) -> None:
    running = weights(np.array(tokens, np.uint32)).tolist()
    assert running == [sum(2 - token % 2 for token in tokens[:n]) for n in range(len(tokens) + 1)]


@given(
    st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=9), min_size=1, max_size=12),
    st.sampled_from([1, 3, 1 << 14]),
)
def test_words_are_counted_however_many_texts_at_once(texts: list[list[int]], some: int) -> None:
    tokens = np.concatenate([np.array(text, np.uint32) for text in texts])
    offsets = np.append(0, np.cumsum([len(text) for text in texts]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(arrays, "_AT_ONCE", some)
        found = TextArrays.of(tokens, offsets).words()
    halves = [sum(2 - token % 2 for token in text) for text in texts]
    assert found.tolist() == [(half + 1) // 2 for half in halves]
