"""The samples of integrations run as their texts say, with the real libraries."""

from __future__ import annotations

import contextlib
import json
import os
import random
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

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


def articles(texts: Iterable[str]) -> str:
    rows = [{"id": f"{n}", "site": f"{n}.example", "text": text} for n, text in enumerate(texts)]
    return "".join(json.dumps(row) + "\n" for row in rows)


def test_a_consumer_that_is_killed_hands_on_every_new_article(tmp_path: Path) -> None:
    texts = [" ".join(f"word{n}x{k}" for k in range(30)) for n in range(60)]
    (tmp_path / "topic.jsonl").write_text(articles([*texts, texts[0].upper()]) + '{"id": "half')
    command = [sys.executable, str(SAMPLES / "consumer.py"), "topic.jsonl", "i", "handed"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    for _ in range(3):
        process = subprocess.Popen(command, cwd=tmp_path, env=environment)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(random.Random(7).uniform(1.0, 2.0))
        process.kill()
        process.wait()
    assert subprocess.run(command, cwd=tmp_path, env=environment, check=True).returncode == 0
    numbers = [
        json.loads(line)["number"] for line in (tmp_path / "handed").read_text().split("\n")[:-1]
    ]
    assert set(numbers) == set(range(1, 61))
    assert len(numbers) <= 63


def test_a_task_that_runs_again_tells_nothing_new(tmp_path: Path) -> None:
    (tmp_path / "day.jsonl").write_text(articles([BRIDGE, COMET, BRIDGE.upper()]))
    command = [sys.executable, str(SAMPLES / "airflow_task.py"), "day.jsonl", "i"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}

    def told() -> str:
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, check=True, capture_output=True, text=True
        )
        return done.stdout

    assert "story" in told()
    assert told() == ""


def test_a_service_of_several_processes_adds_and_asks(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, str(SAMPLES / "service.py"), "0", "i"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    port = process.stdout.readline().split()[1]

    def post(where: str, text: str) -> dict[str, object]:
        body = json.dumps({"id": text[:9], "text": text}).encode()
        with OPEN(f"http://127.0.0.1:{port}/{where}", body, 120) as reply:
            found: dict[str, object] = json.loads(reply.read())
        return found

    OPEN = build_opener(ProxyHandler({})).open  # noqa: N806  # no proxy stands before loopback
    try:
        assert post("query", BRIDGE)["new"] is True
        assert post("add", BRIDGE)["new"] is True
        assert [post("query", BRIDGE.upper())["closest"] for _ in range(6)] == [BRIDGE[:9]] * 6
        with OPEN(f"http://127.0.0.1:{port}/metrics", None, 120) as reply:
            assert b'dedup_index_answers_total{call="add",verdict="new"} 1' in reply.read()
    finally:
        process.terminate()
        process.communicate(timeout=60)


def test_spiders_of_one_process_hand_on_each_story_once(tmp_path: Path) -> None:
    run("spiders.py", tmp_path)
    items = [json.loads(line) for line in (tmp_path / "new.jsonl").read_text().splitlines()]
    ferry = [item["id"] for item in items if "ran aground" in item["text"]]
    assert len(ferry) == 1
    assert len({item["site"] for item in items}) == 3
    run("spiders.py", tmp_path)
    assert len((tmp_path / "new.jsonl").read_text().splitlines()) == len(items)
