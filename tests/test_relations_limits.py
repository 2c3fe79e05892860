"""Each side of each threshold of `dedup.match.relations`, on made-up measures of one pair."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from laid import packed

from dedup.match.evidence import Evidence
from dedup.match.pair_features import PairFeatures
from dedup.match.relations import NONE, classify
from dedup.records import RELATIONS
from dedup.settings import Settings


def relation(
    size_a: float,
    size_b: float,
    *,
    near: bool = False,
    jaccard: float = 0.0,
    score: float = 0.0,
    longest: float = 4.0,
    boilerplate: int = 0,
    **features: float,
) -> str | None:
    """The relation of a pair; `longest` is in words."""
    measures = dict.fromkeys(PairFeatures._fields, 0.0)
    measures |= {"size_a": size_a, "size_b": size_b, **features}
    (found,) = classify(
        packed((0, 1)),
        np.array([near]),
        np.array([jaccard], np.float32),
        Evidence(np.array([score], np.float32), np.array([False])),
        PairFeatures(*(np.array([value], np.float32) for value in measures.values())),
        np.array([2 * longest], np.int32),
        np.array([boilerplate], np.int8),
        Settings(),
    ).tolist()
    return None if found == NONE else RELATIONS[found]


NEAR: dict[str, Any] = {"near": True, "score": 9}
LEANS: dict[str, Any] = {"size_a": 20, "size_b": 40, "score": 5, "plain": 3, "covered": 11}
WEAK: dict[str, Any] = {"size_a": 20, "size_b": 50, "near": True, "score": 7.9, "covered": 11.9}
FIGURES: dict[str, Any] = {"size_a": 50, "size_b": 50, **NEAR, "covered": 20, "figures": 1}
LINES: dict[str, Any] = {"size_a": 20, "size_b": 20, "covered": 8, "facts": 12, "figures": 1}
STANDING: dict[str, Any] = {"size_a": 20, "size_b": 20, "near": True, "covered": 12}

LIMITS: dict[str, tuple[dict[str, Any], dict[str, Any], str | None, str | None]] = {
    # what decides: the measures of both pairs, those of each, and the relation of each
    "62 hundredths of the longer text are shared": (
        {"size_a": 50, "size_b": 50, **NEAR},
        {"covered": (31, 30.9)},
        *("duplicate", "passage"),
    ),
    "seven tenths of all shingles are shared": (
        {"size_a": 50, "size_b": 50, **NEAR, "covered": 20},
        {"jaccard": (0.7, 0.69)},
        *("duplicate", "passage"),
    ),
    "one and a half words of evidence may lack": (LEANS, {"score": (5, 4.9)}, "rewrite", None),
    "if there are three plain words": (LEANS, {"plain": (3, 2.9)}, "rewrite", None),
    "and 55 hundredths of the shorter text": (LEANS, {"covered": (11, 10.9)}, "rewrite", None),
    "55 hundredths of what is shared are quoted in both": (
        {"size_a": 50, "size_b": 50, **NEAR, "covered": 20},
        {"quoted": (11, 10.9)},
        *("quote", "passage"),
    ),
    "three quarters of what is shared are quoted in one": (
        {"size_a": 50, "size_b": 50, **NEAR, "covered": 20},
        {"said": (15, 14.9)},
        *("quote", "passage"),
    ),
    "88 hundredths are the whole, quoted or not": (
        {"size_a": 50, "size_b": 50, **NEAR, "quoted": 44},
        {"covered": (44, 43.9)},
        *("duplicate", "quote"),
    ),
    "evidence of eight words is not weak": (WEAK, {"score": (8, 7.9)}, "passage", "rewrite"),
    "three fifths of a text are not little": (
        WEAK,
        {"covered": (12, 11.9)},
        *("passage", "rewrite"),
    ),
    "fourteen words in a row are a clause": (WEAK, {"longest": (14, 13.5)}, "passage", "rewrite"),
    "a fifth of the rest are numbers": (FIGURES, {"numbers": (12, 11.9)}, "template", "passage"),
    "three quarters of the rest are facts": (FIGURES, {"facts": (45, 44.9)}, "template", "passage"),
    "three quarters are shared by an update": (
        {"size_a": 40, "size_b": 40, **NEAR, "figures": 1, "numbers": 20},
        {"covered": (30, 29.9)},
        *("duplicate", "template"),
    ),
    "a line has 20 words": (LINES | {"facts": 20}, {"size_a": (20, 21)}, "template", None),
    "a formula is three tenths of a line": (
        LINES | {"facts": 28},
        {"covered": (6, 5.9)},
        *("template", None),
    ),
    "half of the rest of two lines are facts": (LINES, {"facts": (12, 11.9)}, "template", None),
    "two fifths of the rest of standing lines are numbers": (
        STANDING,
        {"numbers": (6.4, 6.3), "facts": (6.4, 6.3)},
        *("boilerplate", "passage"),
    ),
    "two standing lines share a formula": (
        {"size_a": 20, "size_b": 20, "boilerplate": 2},
        {"covered": (6, 5.9)},
        *("boilerplate", None),
    ),
}


@pytest.mark.parametrize("name", LIMITS)
def test_a_pair_is_of_another_kind_on_the_other_side(name: str) -> None:
    both, each, first, second = LIMITS[name]
    found = [relation(**both | {key: values[k] for key, values in each.items()}) for k in (0, 1)]
    assert found == [first, second]
