"""What an index says of its own work: counters, latencies, the log, and the calls for many."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from prose import BRIDGE, COMET, HERRING, LIBRARY

from dedup import AsyncIndex, Index
from dedup.cli.main import cli
from dedup.index.metrics import BOUNDS, Metrics

TEXTS = [{"id": f"{n}", "text": text} for n, text in enumerate((BRIDGE, COMET, HERRING))]
COPY = {"id": "copy", "text": BRIDGE.upper()}


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    with Index(tmp_path / "index") as opened:
        yield opened


def samples(text: str) -> dict[str, float]:
    """Read the text form as a scraper does; a line of another form is an error."""
    found: dict[str, float] = {}
    typed = set()
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            typed.add(line.split()[2])
        elif not line.startswith("# HELP "):
            name, labels, value = re.fullmatch(
                r'([a-z_]+)(\{(?:[a-z]+="[^"]*",?)*\})? (\S+)', line
            ).groups()  # type: ignore[union-attr]
            assert re.sub(r"_(bucket|sum|count)$", "", name) in typed | {name}
            found[name + (labels or "")] = float(value)
    return found


def test_what_was_told_is_counted_by_verdict_and_relation(index: Index) -> None:
    for article in (*TEXTS, COPY, COPY):
        index.add(article)
    index.query({"id": "x", "text": LIBRARY})
    found = samples(index.metrics())
    assert found['dedup_index_answers_total{call="add",verdict="new"}'] == 3
    assert found['dedup_index_answers_total{call="add",verdict="known"}'] == 1
    assert found['dedup_index_answers_total{call="add",verdict="seen"}'] == 1
    assert found['dedup_index_answers_total{call="query",verdict="new"}'] == 1
    assert found['dedup_index_hits_total{relation="identical"}'] >= 1
    assert found["dedup_index_articles"] == 4


def test_sizes_claims_and_settling_are_those_of_the_index(index: Index) -> None:
    index.add_many(TEXTS)
    index.claim(COPY)
    before = samples(index.metrics())
    assert before["dedup_index_unsettled_articles"] == 4
    assert before["dedup_index_settled_timestamp_seconds"] == 0
    assert before["dedup_index_claims"] == 1
    index.settle()
    index.remove("2")
    after = samples(index.metrics())
    assert after["dedup_index_unsettled_articles"] == 0
    assert after["dedup_index_settled_timestamp_seconds"] > 1_600_000_000
    assert after["dedup_index_removed"] == 1


@pytest.mark.parametrize("bound", BOUNDS)
def test_a_latency_is_counted_from_its_class_upwards(bound: float, tmp_path: Path) -> None:
    with Index(tmp_path / "index") as index:
        found = index.query(BRIDGE)
        metrics = Metrics()
        metrics.count("add", found, bound)
        metrics.count("add", found, bound * 1.01)
        told = samples(metrics.text(index._state))  # what text is made of
    classes = [told[f'dedup_index_seconds_bucket{{call="add",le="{one}"}}'] for one in BOUNDS]
    at = BOUNDS.index(bound)
    assert classes[:at] == [0] * at
    assert classes[at] == 1
    assert classes[at + 1 :] == [2] * len(classes[at + 1 :])
    assert told['dedup_index_seconds_bucket{call="add",le="+Inf"}'] == 2
    assert told['dedup_index_seconds_count{call="add"}'] == 2


def test_an_answer_says_how_long_it_took(index: Index) -> None:
    first, second = index.query(BRIDGE), index.query(BRIDGE)
    assert 0 < first.seconds < 60
    assert first == second, "time makes no other answer"


def test_the_log_tells_what_was_done(index: Index, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "dedup.index"):
        index.add(TEXTS[0])
        index.settle()
        index.remove("0")
        index.compact()
    said = [record.getMessage() for record in caplog.records]
    assert any(re.fullmatch(r"add 0: new in [0-9.]+ ms", one) for one in said)
    assert any(one.startswith("settled 1 articles in ") for one in said)
    assert "removed 0: 1 revisions" in said
    assert any(one.startswith("compacted in ") for one in said)


def test_many_are_asked_and_added_with_answers(index: Index) -> None:
    added = index.add_many([*TEXTS, COPY, COPY, {"id": "no text"}], answers=True)
    assert [found.is_new for found in added.found] == [True, True, True, False, False]
    assert (added.articles, added.seen, len(added.problems)) == (4, 1, 1)
    assert index.add_many([{"id": "y", "text": LIBRARY}]).found == ()
    told = index.query_many([{"id": "x", "text": HERRING}, {"id": "z", "text": "Nothing of it."}])
    assert [found.is_new for found in told] == [False, True]
    assert len(index) == 5


def test_asyncio_has_the_calls_for_many(tmp_path: Path) -> None:
    async def job() -> tuple[list[bool], str]:
        async with AsyncIndex(tmp_path / "index") as index:
            found = (await index.add_many([*TEXTS, COPY], answers=True)).found
            told = await index.query_many([COPY])
            claimed = await index.claim({"id": "c", "text": LIBRARY})
            assert len(await index.claims()) == 1
            await index.done(claimed)
            return [one.is_new for one in (*found, *told)], await index.metrics()

    new, metrics = asyncio.run(job())
    assert new == [True, True, True, False, False]
    assert samples(metrics)["dedup_index_articles"] == 5


def run(*args: object, code: int = 0) -> list[str]:
    done = CliRunner().invoke(cli, ["index", *map(str, args)])
    assert done.exit_code == code, done.output
    return done.stdout.splitlines()


def test_each_call_is_a_command(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    with Index(folder, keep_text=True) as index:
        index.add_many(TEXTS)
        index.add(COPY)
    (line,) = run("get", folder, "1")
    assert json.loads(line)["text"] == COMET
    assert run("get", folder, "none", code=5)[-1:] in ([], ["dedup: none: no such article is in"])
    assert run("remove", folder, "1", "none", code=5) == ["removed  1", "not in   none"]
    events = [json.loads(line) for line in run("events", folder)]
    assert [event["data"]["article"] for event in events if event["kind"] == "removed"] == ["1"]
    assert run("events", folder, "--since", events[-1]["sequence"]) == []
    found = samples("\n".join(run("metrics", folder)))
    assert found["dedup_index_removed"] == 1


def test_taking_out_makes_no_index_that_is_not_there(tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, ["index", "remove", str(tmp_path / "nowhere"), "1"])
    assert done.exit_code != 0
    assert not (tmp_path / "nowhere").exists()
