"""Shared stretches: found word for word, whole, once, and in time whatever the texts."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dedup.match.align import REPEATS, Blocks, align
from dedup.text.arrays import TextArrays

Block = tuple[int, int, int]


def aligned(
    texts: list[list[int]], pairs: list[tuple[int, int]], words: int, workers: int = 1
) -> Blocks:
    tokens = np.array([token for text in texts for token in text], np.uint32)
    offsets = np.concatenate([[0], np.cumsum([len(text) for text in texts], dtype=np.int64)])
    packed = np.array([i << 32 | j for i, j in pairs], np.uint64)
    return align(packed, TextArrays.of(tokens, offsets), words, workers)


def shared(a: list[int], b: list[int], words: int = 3) -> list[Block]:
    rows = aligned([a, b], [(0, 1)], words).tokens.tolist()
    return [(i, j, length) for i, j, length in rows]


def as_words(text: str) -> list[int]:
    return [2 * (ord(letter) + 1) for letter in text]


def weight(tokens: list[int]) -> int:
    return sum(2 - token % 2 for token in tokens)


def heaviest_common_run(a: list[int], b: list[int], words: int) -> int:
    """Brute force: the longest common run, which is what is taken first, by its weight."""
    runs = [
        a[i : i + length]
        for i in range(len(a))
        for j in range(len(b))
        for length in range(1, min(len(a) - i, len(b) - j) + 1)
        if a[i : i + length] == b[j : j + length]
    ]
    return max((weight(run) for run in runs if weight(run) >= 2 * words), default=0)


def check(a: list[int], b: list[int], words: int, blocks: list[Block]) -> None:
    """Every block is an equal run heavy enough; none overlap; nothing as heavy is left."""
    free_a, free_b = [True] * len(a), [True] * len(b)
    for i, j, length in blocks:
        assert a[i : i + length] == b[j : j + length]
        assert len(a[i : i + length]) == length
        assert weight(a[i : i + length]) >= 2 * words
        assert all(free_a[i : i + length])
        assert all(free_b[j : j + length])
        free_a[i : i + length] = free_b[j : j + length] = [False] * length
    assert blocks == sorted(blocks)
    for i in range(len(a)):
        for j in range(len(b)):
            length = 0
            while (
                i + length < len(a)
                and j + length < len(b)
                and a[i + length] == b[j + length]
                and free_a[i + length]
                and free_b[j + length]
            ):
                length += 1
            assert weight(a[i : i + length]) < 2 * words, (i, j, length)


# Up to 16 tokens of few kinds: no shingle stands more than REPEATS times, much repeats.
SHORT = st.lists(st.integers(2, 6), max_size=16)


@settings(deadline=None)
@given(a=SHORT, b=SHORT, words=st.integers(1, 4))
@example(a=[2] * 16, b=[2] * 16, words=1)
@example(a=[4, 2, 6, 6, 4, 4], b=[4, 2, 6, 4, 4], words=2)  # both ends of a run are free
@example(a=as_words("abcdefgh"), b=as_words("abcdefgh"), words=3)  # lengths that are powers of two
def test_blocks_are_equal_disjoint_and_leave_nothing(
    a: list[int], b: list[int], words: int
) -> None:
    found = aligned([a, b], [(0, 1)], words)
    blocks = [(i, j, length) for i, j, length in found.tokens.tolist()]
    check(a, b, words, blocks)
    assert found.covered[0] == sum(weight(a[i : i + length]) for i, _, length in blocks)
    assert found.longest[0] == max((weight(a[i : i + n]) for i, _, n in blocks), default=0)


WORDS = st.lists(st.integers(1, 4).map(lambda word: 2 * word), max_size=16)


@settings(deadline=None)
@given(a=WORDS, b=WORDS, words=st.integers(1, 4))
def test_the_longest_run_is_the_longest_there_is(a: list[int], b: list[int], words: int) -> None:
    found = aligned([a, b], [(0, 1)], words)
    assert found.longest[0] == heaviest_common_run(a, b, words)


@pytest.mark.parametrize("size", [1, 2, 7, 8, 16, 64, 1024, 4096])
def test_a_text_and_itself_share_everything(size: int) -> None:
    text = [2 * word for word in range(size)]
    assert shared(text, text, 1) == [(0, 0, size)]


MOVES = [
    # what happens to the text, a, b, blocks at 3 words
    ("nothing", "abcdef", "abcdef", [(0, 0, 6)]),
    ("a word changed", "abcdefg", "abcXefg", [(0, 0, 3), (4, 4, 3)]),
    ("a sentence put in", "abcdef", "abcXYZdef", [(0, 0, 3), (3, 6, 3)]),
    ("a sentence moved", "abcdXefg", "efgYabcd", [(0, 4, 4), (5, 0, 3)]),
    ("told twice", "abcd", "abcdXabcd", [(0, 0, 4)]),
    ("trimmed", "abcdefgh", "cde", [(2, 0, 3)]),
    ("less than a shingle left", "abcdef", "abXdeY", []),
    ("every second word", "aXbXcXdX", "aYbYcYdY", []),
    ("one side empty", "abc", "", []),
    ("a run split by a longer one", "abcdefgh", "abcdefXcdefgh", [(0, 0, 6)]),
    ("both ends of a run left over", "XabcdefY", "abcXabcdefYdef", [(0, 3, 8)]),
]


@pytest.mark.parametrize(("a", "b", "expected"), [row[1:] for row in MOVES])
def test_what_is_shared_after_a_change(a: str, b: str, expected: list[Block]) -> None:
    found = shared(as_words(a), as_words(b))
    check(as_words(a), as_words(b), 3, found)
    assert found == expected


def test_character_tokens_weigh_half_a_word() -> None:
    a, b = [3, 5, 7, 9, 11, 13], [3, 5, 7, 9, 11, 15]
    assert shared(a, b, 3) == []
    assert shared([*a[:5], 20], [*b[:5], 20], 3) == [(0, 0, 6)]


def test_a_passage_is_found_behind_a_phrase_that_stands_everywhere() -> None:
    phrase, passage = [2, 4, 6], list(range(100, 300, 2))
    everywhere = [word for n in range(2 * REPEATS) for word in [*phrase, 1000 + 2 * n]]
    a = everywhere + phrase + passage
    b = [5000, *phrase, *passage]
    assert shared(a, b) == [(len(everywhere), 1, 103)]
    assert shared(b, a) == [(1, len(everywhere), 103)]


def test_each_pair_has_its_own_blocks_whatever_the_order_and_the_threads() -> None:
    generator = np.random.default_rng(3)
    texts = [(2 * generator.integers(0, 4, size)).tolist() for size in (16, 9, 0, 12, 5, 16)]
    pairs = [(i, j) for i in range(6) for j in range(6)]
    pairs = [pairs[k] for k in generator.permutation(len(pairs))]
    found = aligned(texts, pairs, 2)
    for row, (i, j) in enumerate(pairs):
        blocks = found.tokens[found.offsets[row] : found.offsets[row + 1]].tolist()
        assert [tuple(block) for block in blocks] == shared(texts[i], texts[j], 2)
    for ours, theirs in zip(aligned(texts, pairs, 2, workers=3), found, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_no_pairs_have_no_blocks() -> None:
    found = aligned([[2, 4]], [], 3)
    assert found.tokens.shape == (0, 3)
    assert found.offsets.tolist() == [0]


N = 100_000
UNIQUE = list(range(10, N, 2))
ADVERSARIES = [
    # what, a, b, least tokens covered
    ("one word", [2] * N, [2] * N, N),
    ("one word, then a passage", [2] * N + UNIQUE, [2] * (N // 3) + UNIQUE, len(UNIQUE)),
    ("one word more often, then it", [2] * (N // 3) + UNIQUE, [2] * N + UNIQUE, len(UNIQUE)),
    ("every second word", [2, 4] * (N // 2), [2, 6] * (N // 2), 0),
    ("two periods", list(range(2, 16, 2)) * (N // 7), list(range(2, 12, 2)) * (N // 5), 5),
    ("one period", list(range(0, 600, 2)) * 300, list(range(2, 600, 2)) * 300, 299),
    (
        "sentences in reverse",
        UNIQUE,
        [w for i in range(0, 49995, 5)[::-1] for w in UNIQUE[i:][:5]],
        N // 2 - 5,
    ),
]


@pytest.mark.parametrize(("a", "b", "covered"), [row[1:] for row in ADVERSARIES])
def test_long_and_repetitive_texts_take_no_time(a: list[int], b: list[int], covered: int) -> None:
    began = time.process_time()
    found = aligned([a, b], [(0, 1)], 3)
    assert time.process_time() - began < 2  # some hundredths of a second; hours if quadratic
    assert found.covered[0] >= 2 * covered
    for i, j, length in found.tokens[:50].tolist():
        assert a[i : i + length] == b[j : j + length]
