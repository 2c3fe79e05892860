"""What shared words are worth, worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.match.evidence import GAP, Evidence, evidence
from dedup.text.arrays import TextArrays
from dedup.text.characters import table
from dedup.text.segment import batch
from dedup.text.token_flags import token_flags
from dedup.text.tokenize import tokenize


def weighed(*texts: str, pairs: tuple[tuple[int, int], ...] = ((0, 1),)) -> Evidence:
    laid = batch(texts)
    start, end = laid.bounds[:-1].copy(), laid.bounds[1:].copy()
    tokens = tokenize(laid, start, end)
    marks = token_flags(laid, start, end, tokens, table())
    packed = np.array([i << 32 | j for i, j in pairs], np.uint64)
    return evidence(packed, TextArrays(tokens.hash, tokens.offsets, marks))


def score(a: str, b: str) -> float:
    return float(weighed(a, b).score[0])


def quoted(a: str, b: str) -> bool:
    return bool(weighed(a, b).quoted[0])


# ruff: noqa: E501 - one case a line
SCORES = [
    # what is shared, a, b, worth
    ("nothing", "fishermen mended nets", "lorries waited outside", 0),
    ("one word is no run", "seven fishermen waited", "most fishermen slept", 0),
    ("two words of content", "seven fishermen waited", "most fishermen waited", 2),
    ("five words of content", "green comets cross western skies", "Green comets cross western skies", 5),
    ("content and common words", "the boats lay in the harbour", "the boats lay in the harbour", 3.6),
    ("common words alone", "and so it is to be", "and so it is to be", 2.4),
    ("a name", "then came Ove Lind from there", "when came Ove Lind with many", 2),
    ("a name at the head of a sentence", "Lind waited below", "later Lind waited there", 1.5),
    ("a number", "about 4000 crates fell", "some 4000 crates fell", 2.5),
    ("a web address", "look herald.example/some/page/here now", "seen herald.example/some/page/here then", 0),
    ("a headline", "Ferry Runs Aground", "Ferry Runs Aground", 3),
    # 5 words less two tolls, and without the chain 3
    ("over one word", "seven fishermen waited outside still harbours", "seven fishermen waited below still harbours", 4.5),
    ("over one word more in b", "seven fishermen waited still harbours", "seven fishermen waited below still harbours", 4.5),
    ("over four words", "seven fishermen waited a1x b1x c1x d1x still harbours gleam", "seven fishermen waited still harbours gleam", 4),
    ("not over five", "seven fishermen waited a1x b1x c1x d1x e1x still harbours gleam", "seven fishermen waited still harbours gleam", 3),
    ("not where the toll is more", "seven fishermen a1x b1x c1x d1x still harbours", "seven fishermen a2x b2x c2x d2x still harbours", 2),
    ("not out of order", "seven fishermen waited still harbours gleam", "still harbours gleam seven fishermen waited", 3),
    # a character of a script without spaces is half a word
    ("characters", "他們星期一離開港口", "她又星期一離開港口", 3.5),
    ("one character", "他港她", "又港你", 0),
    ("syllables", "어부들이 항구에서 기다렸다", "선원들은 항구에서 기다렸다", 2),
]  # fmt: skip


@pytest.mark.parametrize(
    ("a", "b", "worth"), [row[1:] for row in SCORES], ids=[row[0] for row in SCORES]
)
def test_a_score_is_what_it_is_by_hand(a: str, b: str, worth: float) -> None:
    assert score(a, b) == pytest.approx(worth)
    assert score(b, a) == pytest.approx(worth)


def test_a_chain_takes_the_best_way() -> None:
    first = "seven fishermen waited"
    a = f"{first} outside while others slept aboard larger ships"
    b = f"{first} below while others slept aboard larger ships later {first}"
    assert score(a, b) == pytest.approx(3 + 6 - 0.5)


def test_names_and_titles_weigh_half_of_what_a_sentence_of_that_length_does() -> None:
    names = "Russian President Vladimir Putin and North Korean leader Kim Jong Un"
    found = score(f"today {names} met over dinner", f"nobody cares what {names} may say")
    assert found == pytest.approx(9 * 0.5 + 0.4 + 1)
    copied = "fishermen landed their largest catch since anyone first counted crates there"
    assert score(f"today {copied} twice", f"nobody says {copied} again") == 11


SAYINGS = [
    # what both quote, a, b, counts
    ("a phrase", "she said “never another acre” before", "banners read “never another acre” outside", True),
    ("marks of another kind", 'she said "never another acre" before', "banners read «never another acre» outside", True),
    ("two words", "she said “never another” before", "banners read “never another” outside", False),
    ("common words", "she said “so it is” before", "banners read “so it is” outside", False),
    ("a title", "she read “The Green Comet Comes Again Today” before", "shops sold “The Green Comet Comes Again Today” outside", False),
    ("a title that one of them writes small", "she read “The Green Comet Comes Again Today” before", "shops sold “the green comet comes again today” outside", True),
    ("what only one quotes", "she said “never another acre” before", "banners read never another acre outside", False),
    ("most of it", "she said “never another acre then” before", "banners read “never another acre now” outside", True),
    ("a part of two long ones", "she said “never another acre of land for mines or trains here” before",
     "banners read “oh never another acre and no tree or bush or flower ever” outside", False),
    ("all of one, part of the other", "she said “never another acre” before",
     "banners read “oh never another acre and no tree or bush or flower ever” outside", True),
    ("characters", "他說「不再離開港口」就走", "牆上寫着「不再離開港口」呢", True),
    ("unclosed", "she said “never another acre", "banners read “never another acre", True),
]  # fmt: skip


@pytest.mark.parametrize(
    ("a", "b", "counts"), [row[1:] for row in SAYINGS], ids=[row[0] for row in SAYINGS]
)
def test_a_short_quotation_counts_when_both_quote_most_of_it(a: str, b: str, counts: bool) -> None:
    assert quoted(a, b) is counts
    assert quoted(b, a) is counts


WORDS = st.lists(
    st.sampled_from(
        ["sea", "boats", "Lind", "1961", "waited", "harbour", "“", "”", "火", "水", "."]
    ),
    max_size=30,
).map(" ".join)


@settings(deadline=None, max_examples=200)
@given(WORDS, WORDS)
def test_the_order_of_two_texts_changes_nothing(a: str, b: str) -> None:
    there, back = weighed(a, b), weighed(b, a)
    assert there.score[0] == pytest.approx(back.score[0])
    assert there.quoted[0] == back.quoted[0]


def words_of(runs: list[int], gaps: list[int], own: str) -> str:
    """Runs of shared words with a number of a text's own words before each."""
    out = []
    for number, (run, gap) in enumerate(zip(runs, gaps, strict=True)):
        out += [f"{own}own{number}x{k}" for k in range(gap)]
        out += [f"shared{number}x{k}" for k in range(run)]
    return " ".join(out)


@settings(deadline=None, max_examples=100)
@given(
    st.lists(
        st.tuples(st.integers(1, 6), st.integers(1, 7), st.integers(1, 7)), min_size=1, max_size=8
    )
)
def test_a_score_is_that_of_the_best_chain(parts: list[tuple[int, int, int]]) -> None:
    runs, gaps_a, gaps_b = (list(column) for column in zip(*parts, strict=True))
    best, expected = 0.0, 0.0
    skipped_a = skipped_b = 0
    for run, gap_a, gap_b in parts:
        skipped_a, skipped_b = skipped_a + gap_a, skipped_b + gap_b
        if run < 2:  # one word is no run, and one more that lies between
            skipped_a, skipped_b = skipped_a + run, skipped_b + run
            continue
        gap = max(skipped_a, skipped_b)
        best = run + (max(0.0, best - 0.5 * gap) if gap <= GAP else 0.0)
        expected = max(expected, best)
        skipped_a = skipped_b = 0
    assert score(words_of(runs, gaps_a, "a"), words_of(runs, gaps_b, "b")) == expected


def test_pairs_are_weighed_apart_from_one_another_by_any_number_of_threads() -> None:
    texts = ("seven fishermen waited", "most fishermen waited", "fishermen waited “in vain”", "")
    pairs = tuple((i, j) for i in range(4) for j in range(i + 1, 4))
    found = weighed(*texts, pairs=pairs)
    assert found.score.tolist() == [score(texts[i], texts[j]) for i, j in pairs]
    assert len(weighed(*texts, pairs=()).score) == 0


def test_a_score_does_not_depend_on_what_else_a_small_corpus_holds() -> None:
    a, b = "seven fishermen waited outside harbours", "these seven fishermen waited outside"
    alone = score(a, b)
    among = weighed(a, b, *(f"other text {number}" for number in range(20))).score[0]
    assert among == alone == 4
