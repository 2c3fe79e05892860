"""Scans of real corpora with the defaults keep their scores.

After a change that is meant: `DEDUP_REPIN=1 pytest tests/public/test_floors.py -m ""` raises the
floors to what was reached. A floor goes down only by `dedup eval OUT GOLD --pin FLOORS --lower`.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from dedup.cli.main import cli

VARIABLE = "DEDUP_CORPORA"
OWN = Path(__file__).parents[1] / "gold"
"""Pairs of our own, read by one person; the corpora bring larger sets, read twice."""
FLOORS = Path(__file__).parents[1] / "floors"
SLOW = ("kcna", "press", "usnews")
CORPORA = ("fnc", "helsinki", "insm", "reuters", "saudi", *SLOW)


def golds(docs: Path) -> list[tuple[Path, Path]]:
    """The gold files of a corpus, each with the file of its floors."""
    name = docs.parent.name
    both = (docs.with_name("gold_pairs.jsonl"), f"{name}"), (OWN / f"{name}.jsonl", f"{name}-own")
    return [(gold, FLOORS / f"{floors}.json") for gold, floors in both if gold.is_file()]


def run(*args: str) -> None:
    shown = CliRunner().invoke(cli, args, prog_name="dedup")
    assert shown.exit_code in ((0, 5) if args[0] == "scan" else (0,)), shown.output


@pytest.mark.parametrize(
    "corpus",
    [pytest.param(name, marks=pytest.mark.slow if name in SLOW else ()) for name in CORPORA],
)
def test_a_scan_with_the_defaults_reaches_the_floors(corpus: str, tmp_path: Path) -> None:
    docs = Path(os.environ.get(VARIABLE) or tmp_path) / corpus / "docs.jsonl.gz"
    if not docs.is_file():
        pytest.skip(f"{VARIABLE} names no folder with {corpus}/docs.jsonl.gz")
    out, option = str(tmp_path / "out"), "--pin" if os.environ.get("DEDUP_REPIN") else "--floors"
    run("scan", str(docs), "-o", out, "--quiet")
    assert golds(docs)
    for gold, floors in golds(docs):
        run("eval", out, str(gold), option, str(floors))
