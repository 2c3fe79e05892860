"""What is read from Spark's log of events."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from benchmarks.on_spark import tasks


def ended(begun: int, took: int, read: int, shuffled: int) -> dict[str, Any]:
    return {
        "Event": "SparkListenerTaskEnd",
        "Task Info": {"Launch Time": begun, "Finish Time": begun + took},
        "Task Metrics": {
            "Disk Bytes Spilled": 5,
            "Input Metrics": {"Bytes Read": read},
            "Shuffle Read Metrics": {"Remote Bytes Read": 1, "Local Bytes Read": 2},
            "Shuffle Write Metrics": {"Shuffle Bytes Written": shuffled},
        },
    }


def test_tasks_are_summed_and_the_largest_told_from_a_moment_on(tmp_path: Path) -> None:
    events = [
        {"Event": "SparkListenerApplicationStart"},
        ended(900, 5000, 10**9, 10**9),
        ended(1000, 250, 40, 7),
        ended(2000, 500, 30, 8),
        {"Event": "SparkListenerTaskEnd", "Task Info": {}, "Task Metrics": None},
    ]
    (tmp_path / "first").mkdir()
    (tmp_path / "log").write_text("".join(json.dumps(event) + "\n" for event in events), "utf-8")
    assert tasks(tmp_path, 1.0) == {
        "shuffled": 15,
        "spilled": 10,
        "tasks": 2,
        "longest": 0.5,
        "heaviest": 43,
    }
