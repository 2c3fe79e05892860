"""A scan on Spark whose executors, workers or driver are killed gives what it would have given.

The cluster is a master with two workers, and each executor is a process of its own. Spark starts
one by itself for a job; in the test of workers it is a standing one, of processes on this machine.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from news import FERRY
from spark_sessions import CALM, needs_spark

import dedup

pytestmark = [*CALM, pytest.mark.slow]
ROOT = Path(dedup.__file__).parents[1]
FILES = ("articles.jsonl", "texts.jsonl", "matches.jsonl", "clusters.jsonl", "stories.jsonl")
ARTICLES = 600


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    needs_spark()
    monkeypatch.chdir(tmp_path)
    Path("in").mkdir()
    for number in range(ARTICLES):
        start = number % 5
        lines = [*FERRY[start : start + 3], f"Number {number} of {ARTICLES} has these few words."]
        row = {"id": f"a{number}", "text": "\n".join(lines), "site": f"s{number % 9}"}
        with Path("in", f"{number % 7}.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
    dedup.scan(Path("in")).write("plain")
    return tmp_path


OWN = "local-cluster[2,1,1024]"
"""A cluster of two workers with one core each, of the job's own."""


def scanning(out: str, on: str = OWN) -> subprocess.Popen[bytes]:
    """Begin a scan on a cluster."""
    env = os.environ | {"PYTHONPATH": str(ROOT), "SPARK_LOCAL_IP": "127.0.0.1"}
    command = [sys.executable, "-m", "dedup", "scan", "in", "-o", out, "--json-lines", "-q"]
    master = ["--engine", "spark", "--master", on]
    with Path("said").open("wb") as said:
        return subprocess.Popen(
            [*command, *master],
            env=env | {"SPARK_WORKER_DIR": str(Path.cwd() / "work")},
            stdout=subprocess.DEVNULL,
            stderr=said,
        )


def executors(driver: int) -> list[int]:
    """The processes of the executors of a driver."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            command = (place / "cmdline").read_bytes()
            ancestors = list(_above(int(place.name)))
        except OSError:  # it has ended
            continue
        if b"CoarseGrainedExecutorBackend" in command and driver in ancestors:
            found.append(int(place.name))
    return found


def _above(process: int) -> Iterator[int]:
    while process > 1:
        stat = Path(f"/proc/{process}/stat").read_text()
        process = int(stat.rpartition(")")[2].split()[1])
        yield process


def begun(out: str) -> set[str]:
    """The stages that were begun and not finished."""
    stages = [place for place in Path(out, "_stages").glob("*") if place.is_dir()]
    return {one.name for one in stages if not (one / "_dedup.json").exists()}


def watch(running: subprocess.Popen[bytes], seen: Callable[[], bool]) -> None:
    """Look until something is seen, or the process ends."""
    while running.poll() is None and not seen():
        time.sleep(0.02)


class Cluster:
    """A master and workers, each a process with all that it starts in a session of its own."""

    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.address = f"spark://127.0.0.1:{port}"
        self._started = [self._start("master.Master", "--port", str(port))]
        self.workers: list[subprocess.Popen[bytes]] = []

    def _start(self, what: str, *arguments: str) -> subprocess.Popen[bytes]:
        import pyspark

        env = os.environ | {
            "PYTHONPATH": str(ROOT),
            "PYSPARK_PYTHON": sys.executable,
            "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_DAEMON_MEMORY": "256m",
        }
        script = str(Path(pyspark.__file__).with_name("bin") / "spark-class")
        own = ["--host", "127.0.0.1", "--webui-port", "0"]
        return subprocess.Popen(
            [script, f"org.apache.spark.deploy.{what}", *own, *arguments],
            env=env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def work(self) -> None:
        """Start another worker, with one core."""
        given = ["--cores", "1", "--memory", "1g", "--work-dir", str(Path.cwd() / "work")]
        self.workers.append(self._start("worker.Worker", *given, self.address))
        self._started.append(self.workers[-1])

    def kill(self) -> int:
        """Kill the worker that has been there for longest, with its executor, as a machine dies."""
        victim = self.workers.pop(0)
        os.killpg(victim.pid, signal.SIGKILL)
        return victim.wait()

    def end(self) -> None:
        """Kill all."""
        for process in self._started:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture
def cluster(here: Path) -> Iterator[Cluster]:
    """A cluster with two workers."""
    made = Cluster()
    made.work()
    made.work()
    yield made
    made.end()


def test_a_worker_that_is_killed_in_each_stage_costs_its_tasks_alone(
    here: Path, cluster: Cluster
) -> None:
    killed: list[str] = []
    with scanning("out", cluster.address) as running:

        def kills() -> bool:
            for stage in sorted(begun("out") - {*killed}):
                cluster.work()
                cluster.kill()
                killed.append(stage)
            return False

        watch(running, kills)
    assert running.returncode == 0, Path("said").read_text("utf-8")[-2000:]
    assert {"read", "articles", "texts", "near"} <= {*killed}
    for name in FILES:
        assert Path("out/lines", name).read_bytes() == Path("plain", name).read_bytes(), name


def test_an_executor_that_is_killed_in_each_stage_costs_its_tasks_alone(here: Path) -> None:
    killed: dict[str, int] = {}
    with scanning("out") as running:

        def kills() -> bool:
            for stage in begun("out") - killed.keys():
                for victim in executors(running.pid)[:1]:
                    os.kill(victim, signal.SIGKILL)
                    killed[stage] = victim
            return False

        watch(running, kills)
    assert running.returncode == 0, Path("said").read_text("utf-8")[-2000:]
    assert {"read", "articles", "texts"} <= killed.keys()
    for name in FILES:
        assert Path("out/lines", name).read_bytes() == Path("plain", name).read_bytes(), name


def test_a_driver_that_is_killed_goes_on_after_its_last_finished_stage(here: Path) -> None:
    done = Path("out/_stages/articles/_dedup.json")
    with scanning("out") as running:
        watch(running, done.exists)
        for victim in (*executors(running.pid), running.pid):
            os.kill(victim, signal.SIGKILL)
    assert running.returncode == -signal.SIGKILL, "it ended before it could be killed"
    stamp = done.stat().st_mtime_ns
    stamps: set[int] = set()

    def stamped() -> bool:
        with suppress(OSError):  # when all is done it is taken away
            stamps.add(done.stat().st_mtime_ns)
        return False

    with scanning("out") as running:
        watch(running, stamped)
    assert running.returncode == 0, Path("said").read_text("utf-8")[-2000:]
    assert stamps == {stamp}
    for name in FILES:
        assert Path("out/lines", name).read_bytes() == Path("plain", name).read_bytes(), name
