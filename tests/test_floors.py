"""Scans of real corpora with the defaults keep their scores.

After a change that is meant: `DEDUP_REPIN=1 pytest tests/test_floors.py -m ""` raises the floors to
what was reached. A floor goes down only by `dedup eval OUT GOLD --pin FLOORS --lower`.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from dedup.cli.main import cli

VARIABLE = "DEDUP_CORPORA"
OWN = Path(__file__).parent / "gold"
FLOORS = Path(__file__).parent / "floors"
SLOW = ("press", "kcna")
CORPORA = ("helsinki", "insm", "reuters", "saudi", *SLOW)


def gold(corpora: Path, corpus: str) -> Path:
    return (
        corpora / corpus / "gold_pairs.jsonl" if corpus == "helsinki" else OWN / f"{corpus}.jsonl"
    )


@pytest.mark.parametrize(
    "corpus",
    [pytest.param(name, marks=pytest.mark.slow if name in SLOW else ()) for name in CORPORA],
)
def test_a_scan_with_the_defaults_reaches_the_floors(corpus: str, tmp_path: Path) -> None:
    corpora = Path(os.environ.get(VARIABLE) or tmp_path)
    docs = corpora / corpus / "docs.jsonl.gz"
    if not docs.is_file() or not gold(corpora, corpus).is_file():
        pytest.skip(f"{VARIABLE} names no folder with {corpus}/docs.jsonl.gz and its gold")
    out, floors = str(tmp_path / "out"), str(FLOORS / f"{corpus}.json")
    option = "--pin" if os.environ.get("DEDUP_REPIN") else "--floors"
    for args in (
        ["scan", str(docs), "-o", out, "--quiet"],
        ["eval", out, str(gold(corpora, corpus)), option, floors],
    ):
        shown = CliRunner().invoke(cli, args, prog_name="dedup")
        assert shown.exit_code in ((0, 5) if args[0] == "scan" else (0,)), shown.output
