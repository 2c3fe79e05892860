"""`dedup clean` on Spark writes what it writes on one machine, a file a task."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from news import FERRY
from spark_sessions import CALM

from dedup.cli.main import cli

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = CALM


def shards(folder: Path, count: int = 5) -> None:
    """Files of lines and of a table, with rows that repeat others, whole or in part."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder.mkdir()
    for number in range(count):
        rows = [
            {
                "id": f"a{(number * 7 + row) % 30}",
                "text": "\n".join(FERRY[row % 4 : row % 4 + 2]) + f"\nOnly {number} {row} has it.",
                "date": f"2026-03-{row + 1:02}",
                "n": number * 100 + row,
            }
            for row in range(9)
        ]
        if number % 2:
            pq.write_table(
                pa.Table.from_pylist(rows), folder / f"p{number}.parquet", row_group_size=4
            )
        else:
            lines = "".join(json.dumps(row) + "\n" for row in rows)
            (folder / f"p{number}.jsonl").write_text(lines, "utf-8")


def run(*arguments: str) -> Any:
    return CliRunner().invoke(cli, [*arguments])


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "clean.json"
    }


@pytest.mark.parametrize("ways", [[], ["--stories"], ["--least-words", "0", "--keep-standing"]])
def test_the_same_bytes_are_written(here: Path, spark: SparkSession, ways: list[str]) -> None:
    shards(here / "in")
    assert run("scan", "in", "-o", "out", "-q").exit_code == 0
    plain = run("clean", "in", "-o", "plain", "--from", "out", "--json", "-q", *ways)
    there = run(
        "clean", "in", "-o", "there", "--from", "out", "--json", "-q", *ways, "--engine", "spark"
    )
    assert (plain.exit_code, there.exit_code) == (0, 0), there.output
    assert json.loads(plain.stdout) == json.loads(there.stdout)
    assert content(here / "plain") == content(here / "there")
    assert json.loads(plain.stdout)["left_out" if ways[:1] == ["--stories"] else "paragraphs"] > 0


def test_a_scan_on_spark_tells_what_goes(here: Path, spark: SparkSession) -> None:
    shards(here / "in")
    assert run("clean", "in", "-o", "plain", "-q").exit_code == 0
    done = run("clean", "in", "-o", "there", "--engine", "spark", "-q")
    assert done.exit_code == 0, done.output
    assert content(here / "plain") == content(here / "there")
