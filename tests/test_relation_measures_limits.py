"""The measures that decide on pairs: where each of their limits lies."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dedup.match.evidence import Evidence
from dedup.match.pair_features import PairFeatures
from dedup.match.relation_measures import PairEvidence, formula_partners, measures
from dedup.settings import Settings

FEW = 0.01
"""A step to the other side of a limit."""


def features(**numbers: float) -> PairFeatures:
    """Return the features of one pair, 0 but for those given."""
    return PairFeatures(
        *(np.array([numbers.get(name, 0)], np.float32) for name in PairFeatures._fields)
    )


def measured(
    *,
    score: float = 0.0,
    near: bool = False,
    longest: int = 0,
    quoted: bool = False,
    **numbers: float,
) -> dict[str, float]:
    """Return the measures of one pair; what is not given is 0 or no."""
    none = np.zeros(1, np.float32)
    seen = PairEvidence(
        features(**numbers),
        Evidence(np.array([score], np.float32), np.array([quoted])),
        none,
        none,
        np.array([near]),
        np.array([longest], np.int32),
        np.zeros(1, np.int8),
        np.array([numbers.get("within", 0)], bool),
        np.array([numbers.get("partners", 0)], np.int32),
    )
    return {name: float(value[0]) for name, value in measures(seen).items()}


def test_the_weights_hold_for_the_evidence_that_is_asked_by_default() -> None:
    assert Settings().evidence == 6.5


def test_a_pair_with_evidence_is_enough_from_the_limit_on() -> None:
    assert measured(score=6.5, covered=4)["enough"]
    assert not measured(score=6.5 - FEW, covered=4)["enough"]


LEAN: dict[str, Any] = {
    "score": 6.5 - 2.5,
    "plain": 3.0,
    "size_a": 10,
    "size_b": 20,
    "covered": 10 * 0.45 + FEW,
}


@pytest.mark.parametrize(
    ("changed", "enough"),
    [
        pytest.param({}, True, id="a pair may lack a little evidence"),
        pytest.param({"score": LEAN["score"] - FEW}, False, id="but no more"),
        pytest.param({"plain": 3.0 - FEW}, False, id="names alone are no evidence"),
        pytest.param({"size_a": 7.0}, True, id="a short text leans"),
        pytest.param({"size_a": 7.0 - FEW}, False, id="a brief one does not"),
        pytest.param({"covered": 10 * 0.45 - FEW}, False, id="a small part is too little"),
        pytest.param({"covered": 4, "said": 4.0}, True, id="unless it is quoted"),
        pytest.param({"covered": 4, "said": 4.0 - FEW}, False, id="for a few words"),
        pytest.param({"covered": 0, "score": 0, "near": True}, True, id="near texts are enough"),
        pytest.param({"score": 3.5, "quoted": True}, True, id="and so is a shared saying"),
        pytest.param({"score": 3.5 - FEW, "quoted": True}, False, id="that is no common phrase"),
        pytest.param(
            {"covered": 0, "score": 0, "quoted": True, "within": True},
            True,
            id="in one article any saying is",
        ),
    ],
)
def test_a_pair_that_lacks_evidence_is_enough_by_what_it_shares(
    changed: dict[str, Any], *, enough: bool
) -> None:
    assert bool(measured(**LEAN | changed)["enough"]) == enough


@pytest.mark.parametrize(
    ("changed", "enough"),
    [
        pytest.param({}, False, id="one short stretch of a long text is no evidence"),
        pytest.param({"covered": 9 + 4}, True, id="a second one is"),
        pytest.param({"covered": 9 + 4 - FEW}, False, id="of four words"),
        pytest.param({"size_a": 9 / 0.2}, True, id="so is a fifth of a text"),
        pytest.param({"size_a": 9 / 0.2 + 1}, False, id="and no less"),
        pytest.param({"covered": 14, "longest": 2 * 14}, True, id="so is a clause"),
        pytest.param({"said": 9}, True, id="or a quotation"),
    ],
)
def test_one_stretch_in_long_texts_is_evidence_if_it_is_a_clause(
    changed: dict[str, Any], *, enough: bool
) -> None:
    title: dict[str, Any] = {
        "score": 6.5,
        "size_a": 100,
        "size_b": 100,
        "covered": 9,
        "longest": 2 * 9,
    }
    assert bool(measured(**title | changed)["enough"]) == enough


def test_near_texts_are_whole_from_a_share_of_the_longer_one_on() -> None:
    sizes: dict[str, Any] = {"size_a": 100.0, "size_b": 100.0}
    assert measured(near=True, covered=100 * 0.88 + FEW, **sizes)["whole"]
    assert not measured(near=True, covered=100 * 0.88 - FEW, **sizes)["whole"]
    assert not measured(covered=100, **sizes)["whole"]


@pytest.mark.parametrize(
    ("changed", "traces"),
    [
        pytest.param({}, True, id="little that is weak is traces"),
        pytest.param({"score": 8.0}, False, id="strong evidence is none"),
        pytest.param({"covered": 10 * 0.6 + FEW}, False, id="most of a text is none"),
        pytest.param({"longest": 2 * 14}, False, id="a long clause is none"),
        pytest.param({"longest": 2 * 14 - 1}, True, id="a shorter clause is"),
        pytest.param({"covered": 10, "score": 6.5 - FEW}, True, id="and what leans is"),
    ],
)
def test_weak_evidence_of_a_small_part_is_traces(changed: dict[str, Any], *, traces: bool) -> None:
    little: dict[str, Any] = {
        "score": 8.0 - FEW,
        "size_a": 10,
        "size_b": 10,
        "covered": 10 * 0.6 - FEW,
    }
    assert bool(measured(**little | changed)["traces"]) == traces


REST = 60
"""Words that the two texts of `UNLIKE` do not share."""

UNLIKE: dict[str, Any] = {
    "size_a": 100,
    "size_b": 100,
    "covered": 100 - REST / 2,
    "numbers_a": REST * 0.2 - 1,
    "numbers_b": 1,
}


@pytest.mark.parametrize(
    ("changed", "differ"),
    [
        pytest.param({}, True, id="numbers are the least share of the rest"),
        pytest.param({"numbers_a": REST * 0.2 - 1 - FEW}, False, id="fewer are too few"),
        pytest.param({"numbers_b": 0, "numbers_a": REST}, False, id="both have numbers"),
        pytest.param(
            {"numbers_a": 1, "facts_a": REST * 0.75},
            True,
            id="or names and numbers are most of it",
        ),
        pytest.param(
            {"numbers_a": 1, "facts_a": REST * 0.75 - FEW}, False, id="less is too little"
        ),
        pytest.param(
            {"near": True, "covered": 100 * 0.75, "numbers_a": REST},
            False,
            id="near texts that share most are updates",
        ),
        pytest.param(
            {"near": True, "covered": 100 * 0.75 - FEW, "numbers_a": REST},
            True,
            id="those that share less are none",
        ),
        pytest.param({"covered": 100 * 0.88 - FEW, "numbers_a": REST}, True, id="most is shared"),
        pytest.param({"covered": 100 * 0.88 + FEW, "numbers_a": REST}, False, id="nearly all is"),
    ],
)
def test_texts_differ_in_facts_by_what_is_not_shared(
    changed: dict[str, Any], *, differ: bool
) -> None:
    assert bool(measured(**UNLIKE | changed)["facts differ"]) == differ


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        pytest.param({}, True, id="two lines of the longest length"),
        pytest.param({"size_a": 20 + FEW}, False, id="a longer text is no line"),
        pytest.param({"covered": 20 * 0.3 - FEW}, False, id="a small part is no formula"),
        pytest.param({"longest": 2 * 4 - 1}, False, id="nor are fewer words in a row"),
        pytest.param({"facts_a": 28 * 0.5 - 1}, False, id="and the rest must be facts"),
        pytest.param({"score": 8.0}, False, id="strong evidence is more than a formula"),
        pytest.param({"score": 8.0 - FEW}, True, id="weaker evidence is not"),
        pytest.param({"quoted": True}, False, id="a saying is no formula"),
    ],
)
def test_two_lines_are_of_one_formula_by_their_rest(
    changed: dict[str, Any], *, found: bool
) -> None:
    line: dict[str, Any] = {
        "size_a": 20,
        "size_b": 20,
        "covered": 20 * 0.3 + FEW,
        "facts_a": 28 * 0.5 + FEW,
    }
    numbers = line | changed
    score = np.array([numbers.pop("score", 0)], np.float32)
    quoted = np.array([numbers.pop("quoted", False)])
    longest = np.array([numbers.pop("longest", 2 * 4)], np.int32)
    pair = np.array([1], np.uint64)
    proof = Evidence(score, quoted)
    partners = formula_partners(pair, features(**numbers), proof, longest, np.array([False]))
    assert bool(partners[0]) == found


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        pytest.param({}, True, id="texts longer than a line of which half is the same"),
        pytest.param({"size_a": 20, "size_b": 20, "score": 8.0}, False, id="lines are none"),
        pytest.param({"covered": 21 * 0.5 - FEW}, False, id="less is no formula"),
        pytest.param({"covered": 20 + FEW}, False, id="each has words the other has not"),
        pytest.param({"within": False}, False, id="two articles are no matter"),
        pytest.param({"facts_b": 1 - FEW}, False, id="each has names the other has not"),
        pytest.param({"numbers_b": 1}, False, id="numbers alone are no names"),
        pytest.param(
            {"facts_a": 21 * 0.5 - 1 - FEW, "own_a": 2}, False, id="the rest must be names"
        ),
        pytest.param({"facts_a": 1, "facts_b": 5.25, "own_b": 2 - FEW}, True, id="in one text"),
        pytest.param({"facts_a": 0, "facts_b": 0, "own_b": 9}, False, id="where names are told"),
        pytest.param(
            {"facts_a": 0, "facts_b": 0, "capitals": 0, "own_a": 9.5, "own_b": 1},
            True,
            id="without capitals any words may be names",
        ),
    ],
)
def test_two_paragraphs_of_one_article_are_of_a_formula_by_their_share(
    changed: dict[str, Any], *, found: bool
) -> None:
    texts: dict[str, Any] = {
        "size_a": 21,
        "size_b": 21,
        "covered": 21 * 0.5,
        "within": True,
        "facts_a": 21 * 0.5 - 1,
        "facts_b": 1,
        "capitals": 1,
    }
    numbers = texts | changed
    within = np.array([numbers.pop("within")])
    proof = Evidence(np.array([numbers.pop("score", 0)], np.float32), np.array([False]))
    pair, longest = np.array([1], np.uint64), np.zeros(1, np.int32)
    partners = formula_partners(pair, features(**numbers), proof, longest, within)
    assert bool(partners[0]) == found


def test_a_pair_of_lines_counts_the_pairs_of_the_line_that_has_fewer() -> None:
    pairs = np.array([1, 2, 1 << 32 | 2, 2 << 32 | 3], np.uint64)
    rows = PairFeatures(
        *(np.repeat(column, 4) for column in features(size_a=9, size_b=9, covered=5))
    )
    rows = rows._replace(facts_a=np.full(4, 9, np.float32))
    proof = Evidence(np.zeros(4, np.float32), np.zeros(4, bool))
    found = formula_partners(pairs, rows, proof, np.full(4, 2 * 4, np.int32), np.zeros(4, bool))
    assert found.tolist() == [2, 2, 2, 1]


def test_lines_without_figures_are_a_formula_where_each_has_several_like_it() -> None:
    assert measured(partners=2)["certain formula"]
    assert not measured(partners=2 - 1)["certain formula"]
    assert measured(partners=1, numbers_a=1, numbers_b=1)["certain formula"]


def test_paragraphs_are_a_formula_where_each_has_three_like_it() -> None:
    assert measured(partners=3, size_a=21)["paragraph of a formula"]
    assert not measured(partners=3 - 1, size_a=21)["paragraph of a formula"]
    assert not measured(partners=3, size_a=20)["paragraph of a formula"]
    assert not measured(partners=3, size_a=21)["line of a formula"]


def test_a_formula_has_other_figures_or_stands_elsewhere_too() -> None:
    assert measured(numbers_a=1, numbers_b=1)["formulaic"]
    assert not measured(numbers_a=1)["formulaic"]
    assert measured(elsewhere=2.5)["formulaic"]
    assert not measured(elsewhere=2.5 - FEW)["formulaic"]
    assert measured(partners=1)["formulaic"]


@pytest.mark.parametrize(
    ("changed", "alone"),
    [
        ({}, True),
        ({"covered": 10}, False),  # a quarter of the shorter text
        ({"longest": 10}, False),  # four words besides the five in a row
    ],
)
def test_one_trace_is_little_of_the_shorter_text_without_a_second(
    changed: dict[str, Any], *, alone: bool
) -> None:
    pair = {"size_a": 40, "size_b": 50, "covered": 9, "longest": 12}
    assert bool(measured(**pair | changed)["one trace"]) is alone


@pytest.mark.parametrize(
    ("changed", "filled"),
    [
        ({}, True),
        ({"numbers_b": 2}, False),
        ({"size_b": 31}, False),  # six of 11 words are figures or names
        ({"size_a": 20, "size_b": 20, "covered": 15}, False),  # a line
        ({"covered": 26.5}, False),  # a copy: 0.88 of the longer one
    ],
)
def test_a_form_is_filled_in_with_three_other_figures_that_are_most_of_the_rest(
    changed: dict[str, Any], *, filled: bool
) -> None:
    form = {"size_a": 30, "size_b": 30, "covered": 25, "numbers_a": 3, "numbers_b": 3}
    assert (
        bool(measured(**{**form, "facts_a": 3, "facts_b": 3} | changed)["form filled in"]) is filled
    )


@pytest.mark.parametrize(
    ("changed", "whole"),
    [
        pytest.param({}, True, id="three words around the quotation are shared"),
        pytest.param({"said": 90 - 3 + FEW}, False, id="fewer are not enough"),
        pytest.param({"said": 90.0}, False, id="nor are none"),
        pytest.param({"said": 90.0, "quoted_a": 100, "quoted_b": 100}, True, id="if all is said"),
    ],
)
def test_a_saying_and_its_speaker_are_no_whole(changed: dict[str, Any], *, whole: bool) -> None:
    pair: dict[str, Any] = {
        "near": True,
        "size_a": 100.0,
        "size_b": 100.0,
        "covered": 90.0,
        "said": 90.0 - 3,
        "quoted_a": 90.0,
        "quoted_b": 90.0,
    }
    assert bool(measured(**pair | changed)["whole"]) == whole


@pytest.mark.parametrize(
    ("changed", "prose"),
    [
        pytest.param({}, True, id="a text with words of its own"),
        pytest.param({"own_a": 2 - FEW}, False, id="a text without is the message"),
        pytest.param({"quoted_a": 1}, False, id="a text that quotes is no mere prose"),
        pytest.param({"within": False}, False, id="two articles are no matter"),
    ],
)
def test_prose_about_a_message_has_words_of_its_own(
    changed: dict[str, Any], *, prose: bool
) -> None:
    twice: dict[str, Any] = {
        "within": True,
        "covered": 9,
        "said": 9,
        "quoted_b": 9,
        "own_a": 2,
    }
    assert bool(measured(**twice | changed)["prose in one article"]) == prose
