"""`dedup scan` as a user runs it: a whole process with all files written, and how it grows."""

from __future__ import annotations

import json
import math
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import child, report
from benchmarks.corpora import Record, Source, made_up, missing, path, records
from benchmarks.measure import ROOT, one_thread, say
from benchmarks.outcome import peak

BASE, EACH = 250, 1.2
"""MB that a scan may take at its peak, and kB more a paragraph."""
EXPONENT = 1.08
CORES = 1.6
"""How many times faster two threads are to be."""
AHEAD = {1: 2.0, 4: 2.5}
"""How many times faster than rensa's flags a scan is to be, at so many times the size."""
WHOLE = ("fnc",)
"""Corpora that are also scanned whole; what `AHEAD` asks of the size is asked of them."""
SPAN = 8
"""How far growth is followed, as a multiple of the size."""
BRIEF = 0.5
"""Seconds; the growth of a stage that takes less at the largest size is noise."""


@dataclass(frozen=True)
class Run:
    """One process."""

    seconds: float
    peak: float
    """MB."""
    stages: dict[str, float]
    """Seconds of each stage, and of all the rest: starting, writing, leaving."""


def section(source: Source, size: int, rounds: int) -> str:
    """Time whole scans beside rensa's flags, with one thread and with two, and follow growth."""
    takes = [_made_up, *([source.records] if source.real else [])]
    parts = [
        _beside(*take(times * size), wanted, rounds if times == 1 else 1)
        for take in takes
        for times, wanted in AHEAD.items()
    ]
    for corpus in WHOLE:
        if not missing(corpus):
            every = records(path(corpus), sys.maxsize)
            parts.append(_beside(f"{corpus}, whole", every, AHEAD[1], rounds))
    return "\n\n".join([*parts, _growth(size)])


def _made_up(paragraphs: int) -> tuple[str, list[Record]]:
    return "generated", made_up(paragraphs)


def _beside(corpus: str, rows: Sequence[Record], wanted: float, rounds: int) -> str:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "news.jsonl")
        paragraphs = _save(rows, file)
        say(f"scan: {corpus}, {paragraphs:,}")
        texts = Path(folder, "articles")
        child.save([row["text"] for row in rows], texts)
        runs: dict[str, list[Run]] = {"one": [], "two": [], "rensa": []}
        for _ in range(rounds):
            runs["one"].append(scan(file, Path(folder, "out"), 1))
            runs["two"].append(scan(file, Path(folder, "out"), 2))
            runs["rensa"].append(_process(["-m", "benchmarks.child", "flags", str(texts)]))
    best = {name: min(found, key=lambda run: run.seconds) for name, found in runs.items()}
    one, two, rensa = best["one"], best["two"], best["rensa"]
    what = f"{corpus}, {paragraphs:,} paragraphs: scan"
    limit = BASE + EACH * paragraphs / 1000
    head = ["process", "s", "peak MB"]
    figures = [
        ["`dedup scan`, one thread", f"{one.seconds:.1f}", f"{one.peak:.0f}"],
        ["`dedup scan`, two threads", f"{two.seconds:.1f}", f"{two.peak:.0f}"],
        ["rensa, flags alone, one thread", f"{rensa.seconds:.1f}", f"{rensa.peak:.0f}"],
    ]
    stages = ", ".join(f"{stage} {seconds:.2f}" for stage, seconds in one.stages.items())
    lines = [
        report.target(f"{what} against rensa's flags", rensa.seconds / one.seconds, wanted, "x"),
        report.target(f"{what}, two threads", one.seconds / two.seconds, CORES, "x"),
        report.target(f"{what}, peak memory", one.peak, limit, " MB", at_most=True),
    ]
    return "\n".join(lines) + f"\n\n{report.table(head, figures)}\n\nOne thread: {stages}."


def _growth(size: int) -> str:
    """Follow made-up news from `size` to `SPAN` times as much, stage by stage."""
    sizes = [size * times for times in (1, 2, 4, 8) if times <= SPAN]
    runs = []
    for each in sizes:
        say(f"scan grows: {each:,}")
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "news.jsonl")
            _save(made_up(each), file)
            runs.append(scan(file, Path(folder, "out"), 1))
    first, last = runs[0], runs[-1]
    spread = math.log(sizes[-1] / sizes[0])
    rows = [["whole", *(f"{run.seconds:.2f}" for run in runs)]]
    rows += [[stage, *(f"{run.stages[stage]:.2f}" for run in runs)] for stage in last.stages]
    rows += [["peak MB", *(f"{run.peak:.0f}" for run in runs)]]
    lines = [
        report.target(
            f"Growth of {name}, exponent", math.log(b / a) / spread, EXPONENT, at_most=True
        )
        for name, a, b in [
            ("the whole scan", first.seconds, last.seconds),
            *((stage, first.stages[stage], last.stages[stage]) for stage in last.stages),
        ]
        if b >= BRIEF
    ]
    head = ["generated, one thread, s", *(f"{each:,}" for each in sizes)]
    return "\n".join(lines) + "\n\n" + report.table(head, rows)


def scan(file: Path, out: Path, threads: int) -> Run:
    """Run `dedup scan` on a file."""
    command = ["-m", "dedup", "scan", str(file), "-o", str(out), "-q", "--threads", str(threads)]
    run = _process(command)
    stages: dict[str, float] = json.loads((out / "summary.json").read_bytes())["timings"]
    rest = run.seconds - sum(stages.values())
    return Run(run.seconds, run.peak, {**stages, "start and write": rest})


def _process(arguments: list[str]) -> Run:
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *arguments], cwd=ROOT, env=one_thread(), stdout=subprocess.DEVNULL
    )
    most = 0.0
    while process.poll() is None:
        now = peak(process.pid)
        most = most if math.isnan(now) else max(most, now)
        time.sleep(0.01)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, process.args)
    return Run(time.perf_counter() - began, most, {})


def _save(rows: Sequence[Record], file: Path) -> int:
    """Write articles as JSON lines; return the number of paragraphs."""
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return sum(1 for row in rows for line in row["text"].splitlines() if line.strip())
