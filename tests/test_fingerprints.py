"""Which texts share a run of words: none is missed that must be seen, at a bounded cost."""

from __future__ import annotations

import gzip
import json
import os
import random
import time
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prose import ALL, BRIDGE, HERRING, between, scan, yards

from dedup._jit.pairs import pack
from dedup.match.evidence import FRAGMENT
from dedup.match.evidence import QUOTATION as QUOTATION_WORTH
from dedup.match.fingerprints import (
    CERTAIN,
    GRAM,
    QUOTATION,
    WORTH,
    fingerprints,
    hot_prints,
    proposed,
)
from dedup.match.lsh import REPRESENTATIVES, HotBuckets
from dedup.match.verify import search, worth_verifying
from dedup.progress import Silent
from dedup.records import Article
from dedup.settings import Settings
from dedup.text.arrays import TextArrays
from dedup.text.corpus import collapse
from dedup.text.token_flags import COMMON, LINK, NAME, NUMBER, QUOTED, weight

Text = list[tuple[int, int]]
"""A word and its cues, word after word."""

NEVER_HOT = 1 << 20


def laid(texts: list[Text]) -> TextArrays:
    tokens = np.array([word for text in texts for word, _ in text], np.uint32)
    flags = np.array([flag for text in texts for _, flag in text], np.uint8)
    offsets = np.append(0, np.cumsum([len(text) for text in texts], dtype=np.int64))
    return TextArrays(tokens, offsets, flags)


def candidates(
    texts: list[Text], bucket: int = NEVER_HOT, workers: int = 1
) -> set[tuple[int, int]]:
    arrays = laid(texts)
    found: set[tuple[int, int]] = set()
    for pairs in proposed(fingerprints(arrays), arrays, bucket, np.copy, workers):
        assert pairs.tolist() == sorted(set(pairs.tolist()))
        found |= {(pair >> 32, pair & 0xFFFFFFFF) for pair in pairs.tolist()}
    assert all(a < b for a, b in found)
    return found


def words(*numbers: int, flag: int = 0) -> Text:
    return [(2 * number + 2, flag) for number in numbers]


def runs(a: Text, b: Text) -> list[tuple[int, int, int]]:
    """Brute force: the maximal equal runs as (place in a, place in b, words)."""
    found = []
    for i in range(len(a)):
        for j in range(len(b)):
            if i and j and a[i - 1][0] == b[j - 1][0]:
                continue
            length = 0
            while i + length < len(a) and j + length < len(b):
                if a[i + length][0] != b[j + length][0]:
                    break
                length += 1
            if length:
                found.append((i, j, length))
    return found


def must_be_seen(a: Text, b: Text) -> bool:
    for i, j, length in runs(a, b):
        flags = [(a[i + k][1], b[j + k][1]) for k in range(length)]
        worth = sum(weight(np.uint8(x), np.uint8(y), np.uint32(2)) for x, y in flags)
        if length >= CERTAIN and worth >= WORTH + 0.001:
            return True
        if is_quoted_by_both(flags) and (is_all(a, i, length) or is_all(b, j, length)):
            return True
    return False


def is_quoted_by_both(flags: list[tuple[int, int]]) -> bool:
    """Whether words are a saying that both texts quote, and no title."""
    worth = sum(weight(np.uint8(x), np.uint8(y), np.uint32(2)) for x, y in flags)
    enough = len(flags) >= FRAGMENT and worth >= QUOTATION_WORTH + 0.001
    return (
        enough and all(x & y & QUOTED for x, y in flags) and any(not x & COMMON for x, _ in flags)
    )


def is_all(text: Text, at: int, length: int) -> bool:
    """Whether the words from `at` on are all that is quoted there."""
    around = [*text[max(0, at - 1) : at], *text[at + length : at + length + 1]]
    return not any(flag & QUOTED for _, flag in around)


def may_be_seen(a: Text, b: Text) -> bool:
    return any(length >= min(GRAM, QUOTATION) for _, _, length in runs(a, b))


CUES = st.sampled_from([0, 0, 0, COMMON, NAME, NUMBER, QUOTED])
POOL = [[100 * run + k for k in range(9)] for run in range(4)]


def slices(pool: list[list[int]]) -> st.SearchStrategy[list[int]]:
    return st.tuples(st.sampled_from(pool), st.integers(0, 4), st.integers(5, 9)).map(
        lambda parts: parts[0][parts[1] : parts[2]]
    )


PIECES = (
    slices(POOL)
    | st.lists(st.integers(0, 9), max_size=4)
    | st.lists(st.integers(1000, 3000), min_size=1, max_size=12)
)
"""Parts of a few shared runs, common words, and words of one's own."""

TEXTS = st.lists(st.lists(st.tuples(PIECES, CUES), max_size=7), min_size=2, max_size=6).map(
    lambda texts: [
        [word for numbers, flag in text for word in words(*numbers, flag=flag)] for text in texts
    ]
)


@settings(deadline=None, max_examples=250)
@given(TEXTS)
def test_every_pair_with_a_run_of_words_worth_enough_is_proposed(texts: list[Text]) -> None:
    found = candidates(texts)
    for a, b in combinations(range(len(texts)), 2):
        if must_be_seen(texts[a], texts[b]):
            assert (a, b) in found
        if (a, b) in found:
            assert may_be_seen(texts[a], texts[b])


@settings(deadline=None, max_examples=50)
@given(TEXTS, st.integers(2, 5))
def test_the_number_of_threads_changes_nothing(texts: list[Text], workers: int) -> None:
    assert candidates(texts, workers=workers) == candidates(texts)
    arrays = laid(texts)
    assert fingerprints(arrays, workers).tolist() == fingerprints(arrays).tolist()


def own(seed: int, number: int) -> list[int]:
    return random.Random(seed).sample(range(10**6, 10**7), number)


@pytest.mark.parametrize(
    ("run", "flag", "seen"),
    [
        (CERTAIN, 0, True),
        (3, 0, False),
        (CERTAIN, COMMON, False),  # six common words are worth 2.4
        (8, COMMON, True),
        (CERTAIN, NAME, True),
        (5, NAME, False),
        (12, LINK, False),
        (QUOTATION, QUOTED, True),
        (QUOTATION - 1, QUOTED, False),
    ],
)
@pytest.mark.parametrize("place", range(4))
def test_a_run_is_seen_from_a_certain_length_and_worth_on(
    run: int, flag: int, seen: bool, place: int
) -> None:
    shared = words(*range(run), flag=flag)
    a = [*words(*own(1, 40)), *shared, *words(*own(2, 40))]
    b = [*words(*own(3, 30 + place)), *shared, *words(*own(4, 30))]
    assert candidates([a, b]) == ({(0, 1)} if seen else set())


def test_a_run_at_the_edge_of_a_text_or_that_is_a_whole_text_is_seen() -> None:
    shared = words(*range(CERTAIN))
    around = words(*own(1, 30))
    assert candidates([shared + around, around[:0] + words(*own(2, 30)) + shared]) == {(0, 1)}
    assert candidates([shared, words(*own(2, 30)) + shared]) == {(0, 1)}


def test_nothing_is_shared_by_few_or_no_texts() -> None:
    assert candidates([]) == set()
    assert candidates([[]]) == set()
    assert candidates([words(1, 2, 3), []]) == set()
    assert candidates([words(*range(40)) * 3]) == set()  # a text is no candidate with itself


# -- cost ----------------------------------------------------------------------------------------


def test_a_run_that_very_many_texts_hold_costs_a_few_comparisons_each_and_is_told() -> None:
    shared = words(*range(CERTAIN))
    number = 2000
    texts = [[*words(*own(n, 20)), *shared, *words(*own(-n - 1, 20))] for n in range(number)]
    found, hot = candidates(texts, 64), hot_prints(fingerprints(laid(texts)), 64)
    grams = CERTAIN - GRAM + 1
    assert number - 1 <= len(found) <= grams * REPRESENTATIVES * number
    assert {text for pair in found for text in pair} == set(range(number))
    assert 1 <= hot.buckets <= grams
    assert hot.largest == number
    assert hot.uncompared > number**2 / 4
    assert candidates(texts[:60], 64) == set(combinations(range(60), 2))
    assert hot_prints(fingerprints(laid(texts[:60])), 64) == HotBuckets()


def seconds(texts: list[Text], bucket: int = 64) -> float:
    began = time.process_time()
    candidates(texts, bucket)
    return time.process_time() - began


def woven(number: int) -> list[Text]:
    """Texts that share every second word."""
    common = own(0, number)
    return [
        words(*(x for pair in zip(common, own(n, number), strict=True) for x in pair))
        for n in (1, 2)
    ]


COSTLY: dict[str, Callable[[int], list[Text]]] = {
    "every second word shared": woven,
    "one word over and over": lambda n: [words(*[7] * n), words(*[7] * (n - 9), 8)],
    "one quoted word over and over": lambda n: [words(*[7] * n, flag=QUOTED)] * 2,
    "one common word over and over": lambda n: [words(*[7] * n, flag=COMMON)] * 2,
    "one link over and over": lambda n: [words(*[7] * n, flag=LINK)] * 2,
    "a period of 7 words": lambda n: [words(*range(7)) * (n // 7), words(*range(7)) * (n // 8)],
    "a period of 200 words": lambda n: [words(*range(200)) * (n // 200)] * 2,
    "many texts of one word": lambda n: [words(*[7] * (n // 100 + k)) for k in range(100)],
    "many texts of one period": lambda n: [words(*range(9)) * (n // 900 + k) for k in range(100)],
    "one long text twice": lambda n: [words(*own(1, n))] * 2,
}


@pytest.mark.xdist_group("time")
@pytest.mark.parametrize("kind", COSTLY)
def test_text_made_to_cost_much_costs_in_proportion(kind: str) -> None:
    seconds(woven(100))  # loads the kernels
    few, many = COSTLY[kind](5_000), COSTLY[kind](50_000)
    cost = max(seconds(few), 0.02)
    assert seconds(many) < 10 * 4 * cost  # 100 times would be quadratic; the machine may be busy


# -- through the whole scan ----------------------------------------------------------------------


@pytest.mark.parametrize("start", [0, 7, 19])
def test_a_clause_of_twelve_words_is_found_in_an_unlike_text(start: int) -> None:
    clause = " ".join(BRIDGE.split()[start : start + 12])
    frame = yards(5, 1, 60)[0].split()
    text = " ".join([*frame[:30], clause, *frame[30:]])
    result = scan(*ALL, text)
    match = between(result, ("0", 0), ("5", 0))
    assert match
    assert match.proposed == ("passage",)
    assert match.longest_run == 12
    assert match.evidence >= 6.5


def test_of_all_pairs_of_real_news_with_much_evidence_few_are_missed_and_few_are_weighed() -> None:
    # What is missed is a string of names with a gap after each, and a saying of three words.
    folder = os.environ.get("DEDUP_CORPORA")
    if not folder:
        pytest.skip("DEDUP_CORPORA names no folder of corpora")
    with gzip.open(Path(folder, "helsinki", "docs.jsonl.gz"), "rt", encoding="utf-8") as lines:
        articles = [Article(row["id"], row["text"]) for row in map(json.loads, lines)]
    texts = collapse(articles, 1, Silent()).texts
    texts = texts.take(np.arange(0, len(texts.sizes), 6))
    limits = Settings(threads=1)
    a, b = np.triu_indices(len(texts.sizes), 1)
    every = worth_verifying(pack(a, b), texts, limits.evidence, 1)
    found = search(texts, np.zeros(len(texts.sizes), bool), limits, Silent())
    seen = np.isin(every.pairs, found.passages.pairs)
    assert seen[every.score >= limits.evidence].mean() > 0.99
    assert seen[every.quoted].mean() > 0.97
    assert found.weighed < 4 * len(found.passages.pairs)


def test_each_match_tells_by_what_it_was_proposed() -> None:
    result = scan(BRIDGE, BRIDGE.replace("Tuesday", "Friday"), HERRING)
    assert [match.proposed for match in result.matches] == [("sketch", "passage")]
