"""One corpus gives one output: whatever the order of its articles, the threads, the run."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from prose import ALL, BRIDGE, HERRING, article, changed, yards

import dedup
from dedup import Article

NEWSROOM = Path(__file__).parents[2] / "samples" / "newsroom"


def corpus() -> list[Article]:
    """Copies, versions, families larger than a bucket, ties, chains, ids used twice."""
    dice = random.Random(1)
    articles = [
        article(
            f"{number}",
            changed(BRIDGE, *dice.sample(range(40), 2)),
            dice.choice(ALL),
            f"Landed at the quay on day {number} of the year were {number * 7} crates of herring, "
            "fewer than the week before but more than in any other week of this cold spring.",
            *dice.sample(FILLING, 3),
            site=dice.choice(("herald", "post", "wire")),
            **({"date": f"2024-05-{number % 28 + 1:02}"} if number % 3 else {}),
        )
        for number in range(150)
    ]
    articles += [Article("7", HERRING), Article("7", changed(HERRING, 5)), Article("8", "")]
    words = " ".join(FILLING).split()
    articles += [
        article(f"chain {start}", " ".join(words[start : start + 40]))
        for start in range(0, 200, 10)
    ]
    return articles


FILLING = yards(2, 40, 50)


def written(out: Path, articles: Any, **overrides: Any) -> dict[str, Any]:
    """The files of a scan, without what may differ from run to run."""
    dedup.scan(articles, None, **overrides).write(out)
    return files(out)


def files(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = {path.name: path.read_bytes() for path in out.iterdir()}
    found.pop("files.jsonl")  # where the files lay, and their bytes
    summary = json.loads(found["summary.json"])
    assert summary.pop("timings")
    summary["settings"].pop("threads")
    return found | {"summary.json": json.dumps(summary)}


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    found = written(tmp_path_factory.mktemp("expected"), corpus(), threads=1)
    summary = json.loads(found["summary.json"])
    assert summary["hot_buckets"]["uncompared"] > 0
    assert summary["matches"] > 150
    assert summary["problems"] > 0
    return found


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_the_articles_changes_no_byte(
    tmp_path: Path, expected: dict[str, Any], seed: int
) -> None:
    articles = corpus()
    random.Random(seed).shuffle(articles)
    assert written(tmp_path, articles, threads=1) == expected


@pytest.mark.parametrize("threads", [0, 2, 3, 16])
def test_the_number_of_threads_changes_no_byte(
    tmp_path: Path, expected: dict[str, Any], threads: int
) -> None:
    assert written(tmp_path, corpus(), threads=threads) == expected


def test_batches_change_no_byte(
    tmp_path: Path, expected: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (
        ("text.corpus.BATCH", 100),
        ("match.signatures.BLOCK", 7),
        ("match.align.STEP", 3),
        ("output.record_fields.AT_ONCE", 5),
        ("output.to_rows.BLOCK", 2),
        ("result.LINKS_AT_ONCE", 3),
    ):
        monkeypatch.setattr(f"dedup.{name}", value)
    assert written(tmp_path, corpus(), threads=2) == expected


@pytest.mark.parametrize("policy", ["longest", "medoid", "preferred-site"])
def test_every_policy_is_free_of_order_and_threads(tmp_path: Path, policy: str) -> None:
    overrides = {"policy": policy, "preferred_sites": ("wire", "post")}
    once = written(tmp_path / "a", corpus(), threads=1, **overrides)
    assert written(tmp_path / "b", corpus()[::-1], threads=2, **overrides) == once


def test_cluster_ids_stay_when_unrelated_articles_come(expected: dict[str, Any]) -> None:
    before = {json.loads(line)["cluster"] for line in expected["clusters.jsonl"].splitlines()}
    more = [article(f"new {number}", text) for number, text in enumerate(yards(3, 20, 40))]
    after = {cluster.id for cluster in dedup.scan(corpus() + more).clusters}
    assert before == after


def test_a_folder_gives_the_same_wherever_it_lies_and_in_every_process(tmp_path: Path) -> None:
    shutil.copytree(NEWSROOM, tmp_path / "copy")
    runs = []
    for seed, folder in (("1", NEWSROOM), ("2", tmp_path / "copy")):
        out = tmp_path / seed
        code = "import dedup, sys; dedup.scan(sys.argv[1]).write(sys.argv[2])"
        subprocess.run(
            [sys.executable, "-c", code, str(folder), str(out)],
            check=True,
            env=os.environ | {"PYTHONHASHSEED": seed},
        )
        found = files(out)
        rows = [json.loads(line) for line in found.pop("articles.jsonl").splitlines()]
        runs.append((found, [row | {"path": Path(row["path"]).name} for row in rows]))
    assert runs[0] == runs[1]


def test_the_articles_of_json_lines_may_stand_in_any_order(tmp_path: Path) -> None:
    rows = [
        json.dumps({"id": a.id, "text": a.text, "site": a.site, "date": a.date}) for a in corpus()
    ]
    outs = []
    for seed in (1, 2):
        random.Random(seed).shuffle(rows)
        (tmp_path / "news.jsonl").write_text("\n".join(rows))
        outs.append(written(tmp_path / f"out {seed}", tmp_path / "news.jsonl"))
    assert outs[0] == outs[1]
