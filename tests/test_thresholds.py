"""Every number that decides is named, and says what a higher one does."""

from __future__ import annotations

import ast

import pytest
from thresholds import (
    OTHER,
    PAGE,
    ROOT,
    STAGES,
    Threshold,
    assigned,
    of_module,
    page,
    thresholds,
)

EVERY = list(thresholds())


def test_there_are_thresholds_in_every_wing() -> None:
    assert {one.module.split(".")[0] for one in EVERY} == {stage.split("/")[0] for stage in STAGES}


@pytest.mark.parametrize("one", EVERY, ids=lambda one: f"{one.module}.{one.name}")
def test_a_threshold_says_what_a_higher_value_does_with_a_figure(one: Threshold) -> None:
    assert one.faults == [], f"the docstring below dedup.{one.module}.{one.name} does not say"


def test_what_is_no_threshold_is_still_a_number_there() -> None:
    for module, names in OTHER.items():
        path = ROOT / "dedup" / f"{module.replace('.', '/')}.py"
        numbers = {name for node in ast.parse(path.read_bytes()).body for name, _ in assigned(node)}
        assert names <= numbers


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text("utf-8") == page(EVERY), "run: python tools/thresholds.py"


def test_a_number_without_a_docstring_is_found_too() -> None:
    (found,) = of_module("m", "import os\nPAGES = 4\nos.getpid()\n")
    assert (found.name, found.value, found.faults) == (
        "PAGES",
        4,
        ["what a higher value does", "a figure"],
    )
