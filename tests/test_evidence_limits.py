"""Each side of each threshold of `dedup.match.evidence`."""

from __future__ import annotations

import pytest
from laid import Words, laid, packed, words

from dedup.match.evidence import Evidence, evidence
from dedup.text.token_flags import COMMON, NUMBER, OPENING, QUOTED


def weighed(a: Words, b: Words) -> Evidence:
    return evidence(packed((0, 1)), laid(a, b))


def score(a: Words, b: Words) -> float:
    return float(weighed(a, b).score[0])


def apart(own: int, between: int) -> Words:
    """Two runs of three words, with words of a text's own between."""
    return [*words(10, 3), *words(own, between), *words(20, 3)]


def test_runs_with_up_to_four_words_between_are_one_chain() -> None:
    assert score(apart(100, 4), apart(200, 4)) == 6 - 4 * 0.5
    assert score(apart(100, 5), apart(200, 5)) == 3


def test_a_word_between_two_runs_costs_half_a_word() -> None:
    assert score(apart(100, 1), apart(200, 1)) == 5.5


def said(shared: Words, own: int, rest: int = 0) -> Words:
    """Words that two texts quote, and more that one alone has between the same marks."""
    (first, flag), *others = [*shared, *words(own, rest)]
    quoted = [(word, flag | QUOTED) for word, flag in others]
    return [*words(own + 50, 3), (first, flag | QUOTED | OPENING), *quoted, *words(own + 60, 3)]


def is_quotation(shared: Words, rest: int = 0) -> bool:
    return bool(weighed(said(shared, 100, rest), said(shared, 200, rest)).quoted[0])


def test_a_quotation_has_three_words() -> None:
    assert is_quotation(words(10, 3))
    assert not is_quotation(words(10, 2))


def test_three_fifths_of_what_both_quote_are_a_quotation() -> None:
    assert is_quotation(words(10, 3), rest=2)
    assert not is_quotation(words(10, 4), rest=3)


def test_a_quotation_is_worth_two_words() -> None:
    assert is_quotation([*words(10, 1), *words(20, 2, NUMBER)])
    assert not is_quotation([*words(10, 1), *words(20, 2, COMMON)])


def test_two_words_are_a_run_in_texts_of_less_than_200() -> None:
    other = [*words(1000, 3), *words(10, 2)]
    assert score([*words(10, 2), *words(100, 197)], other) == 2
    assert score([*words(10, 2), *words(100, 198)], other) == 0


@pytest.mark.parametrize(("decoys", "worth"), [(63, 12 + 3 - 0.5), (64, 12)])
def test_a_chain_looks_back_over_63_other_runs(decoys: int, worth: float) -> None:
    run, end = words(10, 12), words(50, 3)
    # Two words of the first run each, so that they are found between the two runs of the chain.
    pairs = [words(10 + start, 2) for start in (9, 7, 5, 3, 1) for _ in range(15)]
    scattered = [word for pair in pairs[75 - decoys :] for word in pair]
    first = [*run, *words(100, 1), *end, *scattered]
    assert score(first, [*run, *words(200, 1), *end]) == worth
