"""A scan on Spark beside a plain one: the same answers, at what time, with what in the shuffles.

`python -m benchmarks.on_spark MASTER FILE OUT PARTITIONS` makes one scan in a process of its own
and prints what it took as one JSON object. Starting Spark, and a first small scan that loads
kernels into executors, are left out.
"""

from __future__ import annotations

import json
import math
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks import report
from benchmarks.corpora import Record, Source, made_up, missing, path
from benchmarks.measure import ROOT, say
from benchmarks.outcome import peak

PLAIN = "plain"
"""In place of a master: a plain scan, with two threads."""
TWO = "local[2]"
CORPORA = ("helsinki", "fnc", "saudi")
"""Real corpora of which all is compared, where they are at hand."""
PARTS = (1, 3, 7)
"""Partitions of the input, each in another order of rows."""
TIMES, EXPONENT, WORKERS = 4.0, 1.1, 1.5
"""How many times the time of a plain scan it may take, how it may grow, and how many times faster
two workers are to be than one."""
FILES = ("articles", "texts", "matches", "clusters", "stories")


@dataclass(frozen=True)
class Took:
    """What a scan took."""

    seconds: float
    stages: dict[str, float]
    paragraphs: int
    peak: float
    """MB of this process at its peak: the driver's, without its Java."""
    shuffled: int = 0
    """Bytes written to shuffles."""
    spilled: int = 0
    """Bytes that were written to disks for want of memory."""
    tasks: int = 0
    longest: float = 0.0
    """Seconds of the longest task."""
    heaviest: int = 0
    """Bytes of the task that read most, from files and shuffles."""


def section(source: Source, size: int) -> str:
    """Compare answers, times, growth and workers; `size` is the paragraphs of the smallest scan."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        return "\n\n".join([_equal(source, size, place), _times(size, place)])


# -- answers --------------------------------------------------------------------------------------


def _equal(source: Source, size: int, place: Path) -> str:
    takes: dict[str, list[Record]] = {"generated": made_up(size // 10)}
    if source.real and size >= 100_000:
        takes |= {name: _rows(name) for name in CORPORA if not missing(name)}
    rows = []
    for name, records in takes.items():
        plain = _scan(PLAIN, records, place, 1)
        for parts in PARTS:
            say(f"spark: {name}, {parts} partitions")
            shuffled = list(records)
            random.Random(parts).shuffle(shuffled)
            _scan(TWO, shuffled, place, parts)
            unlike = [one for one in FILES if not _same(place, one)]
            count = f"{plain.paragraphs:,}"
            rows.append([name, count, str(parts), ", ".join(unlike) or "none"])
    head = ["corpus", "paragraphs", "partitions, shuffled", "files that differ from a plain scan"]
    return report.table(head, rows)


def _rows(corpus: str) -> list[Record]:
    import gzip

    with gzip.open(path(corpus), "rt", encoding="utf-8") as file:
        return [{"id": f"{n}", **json.loads(line)} for n, line in enumerate(file)]


def _same(place: Path, name: str) -> bool:
    plain, found = (place / out / f"{name}.jsonl" for out in ("plain", "spark/lines"))
    return _lines(plain) == _lines(found)


def _lines(file: Path) -> list[dict[str, Any]]:
    """Read a file without the paths, which say where the input was."""
    rows = [json.loads(line) for line in file.read_bytes().splitlines()]
    return [{name: value for name, value in row.items() if name != "path"} for row in rows]


# -- times ----------------------------------------------------------------------------------------


def _times(size: int, place: Path) -> str:
    runs: dict[str, Took] = {}
    for times in (1, 4):
        records = made_up(times * size)
        for master in (PLAIN, TWO):
            say(f"spark: {times * size:,} paragraphs, {master}")
            runs[f"{master}, {times * size:,}"] = _scan(master, records, place, 2)
    for workers in (1, 2):
        say(f"spark: {workers} workers")
        master = f"local-cluster[{workers},1,2048]"
        runs[f"{master}, {size:,}"] = _scan(master, made_up(size), place, 2)
    few, more = (runs[f"{TWO}, {times * size:,}"] for times in (1, 4))
    one, two = (runs[f"local-cluster[{workers},1,2048], {size:,}"] for workers in (1, 2))
    ratio = more.seconds / runs[f"{PLAIN}, {4 * size:,}"].seconds
    growth = math.log(more.seconds / few.seconds) / math.log(4)
    lines = [
        report.target("Time against a plain scan", ratio, TIMES, "x", at_most=True),
        report.target("Growth, exponent", growth, EXPONENT, at_most=True),
        report.target("Two workers against one", one.seconds / two.seconds, WORKERS, "x"),
    ]
    head = [
        "run, paragraphs",
        "s",
        "driver MB",
        "tasks",
        "longest s",
        "heaviest MB",
        "shuffled B/paragraph",
    ]
    rows = [
        [
            name,
            f"{run.seconds:.1f}",
            f"{run.peak:.0f}",
            str(run.tasks),
            f"{run.longest:.1f}",
            f"{run.heaviest / 1e6:.1f}",
            f"{run.shuffled / run.paragraphs:.0f}",
        ]
        for name, run in runs.items()
    ]
    stages = ", ".join(f"{stage} {seconds:.1f}" for stage, seconds in more.stages.items())
    return "\n".join(lines) + f"\n\n{report.table(head, rows)}\n\nStages of the largest: {stages}."


def _scan(master: str, records: Sequence[Record], place: Path, parts: int) -> Took:
    file, out = place / "news.jsonl", place / ("plain" if master == PLAIN else "spark")
    file.write_text("".join(json.dumps(row) + "\n" for row in records), encoding="utf-8")
    shutil.rmtree(out, ignore_errors=True)
    command = ["-m", "benchmarks.on_spark", master, str(file), str(out), str(parts)]
    done = subprocess.run(
        [sys.executable, *command],
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
        cwd=ROOT,
        env=os.environ | {"SPARK_LOCAL_IP": "127.0.0.1", "SPARK_WORKER_DIR": str(place / "work")},
    )
    return Took(**json.loads(done.stdout.splitlines()[-1]))


# -- one scan, in a process of its own ------------------------------------------------------------


def plain(file: Path, out: Path) -> Took:
    """Scan as `dedup scan` does."""
    import dedup

    dedup.scan([{"text": f"Line {n} of few."} for n in range(9)], threads=2)
    began = time.perf_counter()
    result = dedup.scan(file, threads=2)
    result.write(out)
    seconds = time.perf_counter() - began
    return Took(seconds, result.summary["timings"], result.summary["paragraphs"], peak())


def on_spark(master: str, file: Path, out: Path, parts: int) -> Took:
    """Scan on Spark."""
    from dedup.engines.session import session
    from dedup.engines.spark import scan

    with tempfile.TemporaryDirectory() as log:
        spark = session(master, _options(log))
        spark.sparkContext.setLogLevel("OFF")
        frame = spark.read.json(str(file)).repartition(parts)
        scan(frame.limit(50), out=Path(log, "first"), session=spark, threads=1)
        began, at = time.perf_counter(), time.time()
        found = scan(frame, out=out, session=spark, json_lines=True)
        seconds = time.perf_counter() - began
        spark.stop()
        counts = tasks(Path(log), at)
    summary = found.summary
    return Took(seconds, summary["timings"], summary["paragraphs"], peak(), **counts)


def _options(log: str) -> dict[str, str]:
    return {
        "spark.ui.enabled": "false",
        "spark.driver.memory": "3g",
        "spark.executor.memory": "1g",
        "spark.sql.shuffle.partitions": "8",
        "spark.eventLog.enabled": "true",
        "spark.eventLog.dir": Path(log).as_uri(),
        "spark.eventLog.compress": "false",
        "spark.eventLog.rolling.enabled": "false",
    }


def tasks(log: Path, since: float) -> dict[str, Any]:
    """Return what the tasks did that began after a moment, from Spark's log of events.

    The names are fields of `Took`.
    """
    found = {"shuffled": 0, "spilled": 0, "tasks": 0, "longest": 0.0, "heaviest": 0}
    for file in log.iterdir():
        for line in file.read_bytes().splitlines() if file.is_file() else ():
            event = json.loads(line)
            if event["Event"] != "SparkListenerTaskEnd":
                continue
            info, metrics = event["Task Info"], event.get("Task Metrics")
            if not metrics or info["Launch Time"] < 1000 * since:
                continue
            read = metrics["Shuffle Read Metrics"]
            took = metrics["Input Metrics"]["Bytes Read"]
            took += read["Remote Bytes Read"] + read["Local Bytes Read"]
            found["shuffled"] += metrics["Shuffle Write Metrics"]["Shuffle Bytes Written"]
            found["spilled"] += metrics["Disk Bytes Spilled"]
            found["tasks"] += 1
            found["longest"] = max(
                found["longest"], (info["Finish Time"] - info["Launch Time"]) / 1000
            )
            found["heaviest"] = max(found["heaviest"], took)
    return found


def main(master: str, file: str, out: str, parts: str) -> None:
    """Make one scan and print what it took."""
    if master == PLAIN:
        took = plain(Path(file), Path(out))
    else:
        took = on_spark(master, Path(file), Path(out), int(parts))
    print(json.dumps(asdict(took)))


if __name__ == "__main__":
    main(*sys.argv[1:])
