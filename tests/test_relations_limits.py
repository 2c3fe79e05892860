"""Each side of the thresholds of `dedup.match.relations` that tell a line and its formula."""

from __future__ import annotations

import numpy as np
from laid import packed

from dedup.match.evidence import Evidence
from dedup.match.pair_features import PairFeatures
from dedup.match.relations import BOILERPLATE, NONE, TEMPLATE, classify
from dedup.settings import Settings

PLAIN = dict.fromkeys(PairFeatures._fields, 0.0)


def relation(features: dict[str, float], boilerplate: int = 0) -> int:
    """The relation of one pair that is near by no sketch and shares four words in a row."""
    measures = PairFeatures(
        *(np.array([value], np.float32) for value in (PLAIN | features).values())
    )
    (found,) = classify(
        packed((0, 1)),
        np.array([False]),
        np.zeros(1, np.float32),
        Evidence(np.zeros(1, np.float32), np.array([False])),
        measures,
        np.array([8], np.int32),
        np.array([boilerplate], np.int8),
        Settings(),
    )
    return int(found)


def line(words: float, covered: float) -> dict[str, float]:
    """Two lines of one formula: all that differs are numbers."""
    rest = 2 * (words - covered)
    sizes = {"size_a": words, "size_b": words, "covered": covered}
    return sizes | {"facts": rest, "numbers": rest, "figures": rest / 2}


def test_a_line_has_up_to_20_words() -> None:
    assert relation(line(20, 8)) == TEMPLATE
    assert relation(line(21, 8)) == NONE


def test_a_formula_is_three_tenths_of_the_line() -> None:
    assert relation(line(20, 6)) == TEMPLATE
    assert relation(line(20, 5.9)) == NONE


def test_lines_of_which_both_are_boilerplate_are_that_if_they_share_a_formula() -> None:
    assert relation(line(20, 6), boilerplate=2) == BOILERPLATE
    assert relation(line(20, 5.9), boilerplate=2) == NONE
