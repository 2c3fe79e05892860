"""The samples of integrations run as their texts say, with the real libraries."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from prose import BRIDGE, COMET

TESTS = Path(__file__).parents[1]
ROOT = TESTS.parent
SAMPLES = ROOT / "samples" / "integrations"


def run(name: str, folder: Path, stdin: str = "") -> str:
    done = subprocess.run(
        [sys.executable, str(SAMPLES / name)],
        input=stdin,
        capture_output=True,
        text=True,
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        timeout=600,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_every_sample_says_how_to_run_it_and_is_run_by_a_test() -> None:
    tested = "".join(path.read_text("utf-8") for path in TESTS.rglob("test_*.py"))
    for path in SAMPLES.glob("*.py"):
        assert f" samples/integrations/{path.name}" in path.read_text("utf-8")
        assert f'"{path.name}"' in tested


def test_a_feed_gives_what_is_new_and_nothing_the_second_time(tmp_path: Path) -> None:
    items = [{"text": BRIDGE}, {"text": BRIDGE.upper()}, {"text": COMET, "more": 1}]
    lines = "".join(json.dumps(item) + "\n" for item in items)
    new = run("feed.py", tmp_path, lines).splitlines()
    assert [json.loads(line) for line in new] == [items[0], items[2]]
    assert run("feed.py", tmp_path, lines) == ""


def test_the_pandas_sample_shows_the_copies_in_the_newsroom(tmp_path: Path) -> None:
    shown = run("frame_pandas.py", tmp_path)
    *rows, count = shown.splitlines()[1:]
    ferry = [row for row in rows if "ferry" in row or "pupils-home" in row]
    assert len(ferry) == 4
    assert len({row.split()[-2] for row in ferry}) == 1, "one story, one article to keep"
    assert count.startswith("25 articles, ")


def test_the_polars_sample_keeps_one_headline_of_three(tmp_path: Path) -> None:
    shown = run("frame_polars.py", tmp_path)
    assert "shape: (2, 2)" in shown
    assert "Tarnholm Post" in shown
    assert "Ostmere Today" in shown
