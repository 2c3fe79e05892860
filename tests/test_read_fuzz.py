"""No bytes end a scan: mutations of a valid file of each format, within stated bounds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.errors import Problem
from dedup.readers import READERS, read

pytest.importorskip("pyarrow")
pytest.importorskip("zstandard")

from fuzz import SEEDS, mutated

AT_ONCE = 250
"""Inputs in one folder. A scan of them costs two starts of Python besides."""
SECONDS = 0.5
"""Most seconds for each input on average, on one busy core: most take a thousandth of that."""
MEMORY = 1500
"""Most megabytes of a scan of `AT_ONCE` inputs; what a scan itself takes is 400."""
_UNDER = """
import os, sys
from dedup.cli.main import main
try:
    code = main()
finally:
    try:
        import resource
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10
    except ImportError:
        peak = 0
    if os.path.exists("/proc/self/status"):  # its own ru_maxrss has in it what pytest had
        with open("/proc/self/status") as status:
            rows = [row.split() for row in status if row.startswith("VmHWM")]
        peak = max([peak, *(int(row[1]) >> 10 for row in rows)])
    with open(os.environ["PEAK"], "w") as file:
        file.write(str(peak))
sys.exit(code)
"""


def scanned(folder: Path, out: Path) -> tuple[int, str, list[dict[str, object]]]:
    """Scan a folder as a user does: the exit code, what was printed, and the problems."""
    command = [sys.executable, "-c", _UNDER, "scan", str(folder), "-o", str(out), "--quiet"]
    run = subprocess.run(
        command,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=600,
        env=os.environ | {"PEAK": str(folder.with_name("peak"))},
    )
    listed = out / "problems.jsonl"
    lines = listed.read_bytes().splitlines() if listed.exists() else []
    return run.returncode, run.stderr, [json.loads(line) for line in lines]


def survives(folder: Path, first: int, number: int) -> None:
    """Scan mutations; none may end the run, fail a reader, or take more than is stated."""
    (folder / "in").mkdir(parents=True)
    for one in range(first, first + number):
        name, data = mutated(one)
        (folder / "in" / f"{one}.{name}").write_bytes(data)
    (folder / "in" / "good.txt").write_bytes(SEEDS["txt"])
    start = time.monotonic()
    code, told, problems = scanned(folder / "in", folder / "out")
    assert code in (0, 5), told
    assert [one for one in problems if "reading it failed" in str(one["what"])] == []
    assert time.monotonic() - start < 60 + SECONDS * number
    assert int((folder / "peak").read_text()) < MEMORY


@pytest.mark.parametrize("first", [0, AT_ONCE])
def test_no_mutation_of_a_valid_file_ends_a_scan(tmp_path: Path, first: int) -> None:
    survives(tmp_path / "fuzz", first, AT_ONCE)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(1000, 21_000, AT_ONCE))
def test_twenty_thousand_mutations_end_no_scan(tmp_path: Path, first: int) -> None:
    survives(tmp_path / "fuzz", first, AT_ONCE)


def test_the_valid_files_are_read(tmp_path: Path) -> None:
    for number, (name, data) in enumerate(SEEDS.items()):
        (tmp_path / f"{number}.{name}").write_bytes(data)
    problems: list[Problem] = []
    found = {article.path for article in read([tmp_path], problems=problems)}
    assert len({(path or "").partition("/c.jsonl")[0] for path in found}) >= len(SEEDS)
    assert [problem for problem in problems if problem.skipped] == []


def test_every_format_has_a_valid_file() -> None:
    known = {f".{name.rpartition('.')[2]}" for name in SEEDS}
    alike = {".feather": ".arrow", ".htm": ".html", ".mht": ".mhtml", ".ndjson": ".jsonl"}
    assert set(READERS) - known == set(alike)


@settings(deadline=None, max_examples=200)
@given(data=st.binary(max_size=400), suffix=st.sampled_from(sorted(READERS)), name=st.data())
def test_no_bytes_fail_a_reader(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, suffix: str, name: st.DataObject
) -> None:
    seed = SEEDS[name.draw(st.sampled_from(sorted(SEEDS)))]
    at = name.draw(st.integers(0, len(seed)))
    path = tmp_path_factory.mktemp("fuzz") / f"a{suffix}"
    path.write_bytes(seed[:at] + data + seed[at:])
    problems: list[Problem] = []
    for _ in read([path], problems=problems, workers=1):
        pass
    assert [one.what for one in problems if "reading it failed" in one.what] == []
