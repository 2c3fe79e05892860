"""Each side of each threshold of `dedup.match.fingerprints`."""

from __future__ import annotations

import numpy as np
import pytest
from laid import Words, laid, words

from dedup.match.fingerprints import fingerprints, proposed
from dedup.text.token_flags import COMMON, LINK, NUMBER, QUOTED

Pair = tuple[int, int]
LONG = 30
"""Tokens of a text that is neither a line nor short, and long in no other way."""


def candidates(*texts: Words, bucket: int = 64) -> set[Pair]:
    arrays = laid(*texts)
    found = proposed(fingerprints(arrays), arrays, bucket, np.copy)
    return {(pair >> 32, pair & 0xFFFFFFFF) for pairs in found for pair in pairs.tolist()}


def are_proposed(shared: Words, size: int, other: int | None = None) -> bool:
    """Whether two texts of so many tokens are that share some words."""
    a = [*words(10_000, 2), *shared, *words(11_000, size - 2 - len(shared))]
    b = [*words(20_000, 3), *shared, *words(21_000, (other or size) - 3 - len(shared))]
    assert (len(a), len(b)) == (size, other or size)
    return bool(candidates(a, b))


def test_four_words_are_a_run_and_three_are_none() -> None:
    assert are_proposed(words(10, 4), 20)
    assert not are_proposed(words(10, 3), 20)


def crowded(run: Words, size: int) -> set[Pair]:
    """Propose pairs of three texts with a run; what is around it is in fewer texts than it is."""
    texts = []
    for number in range(3):
        head = words(1000 + 100 * number, (size - len(run)) // 2)
        tail = words(2000 + 100 * number, size - len(run) - len(head))
        apart = words(3000 + 100 * number, 5)
        texts += [[*head, *run, *tail], [*head, *run[:3], *apart, *run[-3:], *tail]]
    return {(a, b) for a, b in candidates(*texts) if a % 2 == b % 2 == 0}


def test_a_shared_run_of_six_words_is_seen_whatever_is_around_it() -> None:
    assert crowded(words(10, 6), LONG) == {(0, 2), (0, 4), (2, 4)}
    assert crowded(words(10, 5), LONG) == set()


def test_every_run_is_seen_in_texts_of_24_tokens() -> None:
    assert crowded(words(10, 4), 24) == {(0, 2), (0, 4), (2, 4)}
    assert crowded(words(10, 4), 25) == set()


def test_three_quoted_words_are_a_run_and_two_are_none() -> None:
    saying = [*words(10, 1, QUOTED), *words(11, 2, QUOTED | NUMBER)]  # worth 2.0
    assert are_proposed(saying, LONG)
    assert not are_proposed(words(10, 2, QUOTED), LONG)


def changed_saying(run: Words, number: int) -> Words:
    """Return a run, a word of one's own, two shared words and more of one's own, all quoted."""
    own = words(600 + 50 * number, 20, QUOTED)
    return [*run, *words(500 + number, 1, QUOTED), *words(30, 2, QUOTED), *own]


@pytest.mark.parametrize(("numbers", "found"), [(5, True), (4, False)])
def test_a_saying_with_a_changed_word_must_be_worth_four_words(
    numbers: int, *, found: bool
) -> None:
    # 2.5 and too little for a run, - 0.5 for the changed word, + 2.0: 4.0
    run = words(10, numbers, QUOTED | NUMBER)
    assert bool(candidates(changed_saying(run, 0), changed_saying(run, 1))) is found


@pytest.mark.parametrize(("quoted", "found"), [(2, True), (1, False)])
def test_of_a_saying_two_words_in_a_run_are_quoted(quoted: int, *, found: bool) -> None:
    run = [*words(10, 5 - quoted, NUMBER), *words(20, quoted, QUOTED | NUMBER)]
    assert bool(candidates(changed_saying(run, 0), changed_saying(run, 1))) is found


WORTH = [
    # content words, numbers, common words; tokens of the longer text; enough
    ((2, 2, 0), LONG, True),  # 3.0
    ((2, 1, 1), LONG, False),  # 2.9
    ((2, 2, 0), 100, True),
    ((2, 2, 0), 110, False),
    ((4, 0, 0), 250, True),
    ((3, 1, 1), 250, False),  # 3.9
    ((5, 0, 0), 400, True),
    ((4, 1, 1), 400, False),  # 4.9
    ((5, 0, 0), 1000, True),
]


@pytest.mark.parametrize(("kinds", "size", "enough"), WORTH)
def test_a_run_is_worth_three_words_in_texts_of_100_and_five_in_those_of_400(
    kinds: tuple[int, int, int], size: int, *, enough: bool
) -> None:
    content, numbers, common = kinds
    run = [*words(10, content), *words(20, numbers, NUMBER), *words(30, common, COMMON)]
    assert are_proposed(run, size) is enough


def test_a_line_has_up_to_24_tokens() -> None:
    assert are_proposed(words(10, 7, COMMON), 24, 20)
    assert not are_proposed(words(10, 7, COMMON), 25, 20)


def test_a_formula_is_three_tenths_of_a_line() -> None:
    assert are_proposed(words(10, 6, COMMON), 20)
    assert not are_proposed(words(10, 5, COMMON), 20)


@pytest.mark.parametrize(("between", "found"), [(30, True), (32, False)])
def test_up_to_32_words_before_a_fingerprint_are_measured(between: int, *, found: bool) -> None:
    # Nine texts begin alike, so that pair is compared at their common end alone; words of a web
    # address have no fingerprints and are worth nothing.
    head = [*words(10, 4), *words(100, between, LINK)]
    ends = [words(1000 + 10 * number, 4, COMMON) for number in range(9)]
    ends[3] = ends[1]
    texts = [[*head, *end, *words(2000 + 10 * n, 6)] for n, end in enumerate(ends)]
    assert ((1, 3) in candidates(*texts, bucket=4)) is found
