"""The table of how boilerplate is written does on a corpus that taught it nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from benchmarks.style import left_out, read

FEW = ("fnc", "helsinki", "insm", "saudi", "usnews")
FOUND = {"helsinki": 0.08, "saudi": 0.6}
ORDERED = {"helsinki": 0.8, "saudi": 0.9}
"""Least shares of boilerplate that is found at 1 % of news, and of pairs in order, where one corpus
alone teaches how it is written."""

EVERY_FOUND = {"press": 0.17, "saudi": 0.38, "usnews": 0.17}
EVERY_ORDERED = {"press": 0.73, "saudi": 0.94, "usnews": 0.85}
"""The same, where all the others teach it."""


def corpora(tmp_path: Path) -> Path:
    folder = Path(os.environ.get("DEDUP_CORPORA") or tmp_path)
    if not all((folder / name / "docs.jsonl.gz").is_file() for name in FEW):
        pytest.skip("DEDUP_CORPORA names no folder with these corpora")
    return folder


def test_furniture_is_known_in_corpora_that_did_not_teach_it(tmp_path: Path) -> None:
    trials = left_out(read(corpora(tmp_path), FEW))
    assert {name: trials[name].found >= least for name, least in FOUND.items()} == dict.fromkeys(
        FOUND, True
    )
    assert all(trials[name].ordered >= least for name, least in ORDERED.items())


@pytest.mark.slow
def test_furniture_is_known_in_each_corpus_left_out(tmp_path: Path) -> None:
    trials = left_out(read(corpora(tmp_path)))
    assert all(trials[name].found >= least for name, least in EVERY_FOUND.items())
    assert all(trials[name].ordered >= least for name, least in EVERY_ORDERED.items())
