"""What is wrong with an input or a cluster is one clear line, and costs no more than itself."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import venv
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from news import FERRY
from spark_sessions import CALM, differing

import dedup
from dedup.cli.main import cli
from dedup.engines import faults
from dedup.errors import DedupError, InputError, OutputError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = CALM
ROOT = Path(dedup.__file__).parents[1]
NEWSROOM = str(ROOT / "samples" / "newsroom")
COLUMNS = "id string, text string, site string, date string"
Row = dict[str, Any]


def row(number: int, text: str | None = None, **other: str | None) -> Row:
    whole = "\n".join(FERRY[number % 4 : number % 4 + 2]) + f"\nNumber {number} alone has this."
    text = whole if text is None else text
    return {"id": f"a{number}", "text": text, "site": f"s{number % 3}", "date": None} | other


FRAMES: dict[str, tuple[list[Row], int]] = {
    "empty partitions, null columns, blank texts": (
        [*(row(n, site=None) for n in range(3)), row(3, ""), row(4, "  "), row(5, "\n"), row(6)],
        16,
    ),
    "one article": ([row(0)], 1),
    "all articles equal": ([row(0) for _ in range(50)], 7),
    "one text under three ids in all partitions": ([row(n % 3, FERRY[0]) for n in range(20)], 5),
    "several articles under one id": ([row(n, id="one") for n in range(20)], 5),
}


@pytest.mark.parametrize("name", FRAMES)
def test_odd_frames_give_what_a_plain_scan_gives(
    here: Path, spark: SparkSession, name: str
) -> None:
    rows, partitions = FRAMES[name]
    shuffled = [tuple(one.values()) for one in rows]
    random.Random(4).shuffle(shuffled)
    frame = spark.createDataFrame(shuffled, COLUMNS).repartition(partitions)
    found = dedup.spark.scan(frame, out="out", session=spark, json_lines=True)
    plain = dedup.scan(rows)
    assert found.summary["articles"] == len(plain.articles)
    apart = {"problems.jsonl", "files.jsonl", "summary.json"}  # these name the frame
    assert set(differing(plain, found, here / "plain")) <= apart
    found.session.sparkContext.setLogLevel("ERROR")


def files(folder: Path) -> None:
    """Files of unlike columns, with one in the middle that is no Parquet."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder.mkdir()
    rows = [row(number) for number in range(6)]
    pq.write_table(pa.Table.from_pylist(rows[:2]), folder / "a.parquet")
    (folder / "b.parquet").write_bytes((folder / "a.parquet").read_bytes()[:300] + b"PAR1")
    other = [{"text": one["text"], "n": 1, "date": "2026-03-04", "site": 7} for one in rows[2:4]]
    pq.write_table(pa.Table.from_pylist(other), folder / "c.parquet")
    lines = [{"text": one["text"], "site": ["x"], "date": {}} for one in rows[4:]]
    (folder / "d.jsonl").write_text("".join(json.dumps(one) + "\n" for one in lines), "utf-8")


def run(*arguments: str) -> Any:
    return CliRunner().invoke(cli, [*arguments])


def test_files_of_unlike_columns_are_read_and_a_bad_one_costs_itself(
    here: Path, spark: SparkSession
) -> None:
    files(here / "in")
    done = run("scan", "in", "-o", "out", "--engine", "spark", "--json-lines")
    plain = run("scan", "in", "-o", "plain", "--threads", "2")
    assert (done.exit_code, plain.exit_code) == (5, 5), done.output
    assert done.output.count("in/b.parquet") == plain.output.count("in/b.parquet") > 0
    for name in ("articles.jsonl", "matches.jsonl", "problems.jsonl", "files.jsonl"):
        assert Path("out/lines", name).read_bytes() == Path("plain", name).read_bytes(), name


def test_a_bad_file_of_a_collection_costs_itself(here: Path, spark: SparkSession) -> None:
    files(here / "in")
    plain = run("clean", "in", "-o", "plain", "--json", "-q")
    done = run("clean", "in", "-o", "there", "--json", "-q", "--engine", "spark")
    assert (plain.exit_code, done.exit_code) == (5, 5), done.output
    assert json.loads(done.stdout) == json.loads(plain.stdout)
    assert json.loads(done.stdout)["unreadable"] == 1
    assert not Path("there/b.parquet").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["scan", "missing*"], 3, "nothing to scan"),
        (["scan", "missing"], 3, "there is no such file"),
        (["scan", "-"], 2, "standard input"),
        (["scan", NEWSROOM, "--grid", "evidence=5"], 2, "--grid"),
        (["clean", "missing", "-o", "x"], 3, "Parquet or JSON lines"),
        (["clean", NEWSROOM, "-o", "x"], 3, "Parquet or JSON lines"),
        (["scan", NEWSROOM, "-o", "full"], 4, "already holds mine.txt"),
        (["scan", NEWSROOM, "-o", "s3://news/out"], 4, "one that the driver and all executors see"),
        (["scan", NEWSROOM, "--master", "local[7]"], 2, "is running"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    here: Path, spark: SparkSession, arguments: list[str], code: int, said: str
) -> None:
    Path("full").mkdir()
    Path("full", "mine.txt").write_text("mine")
    done = run(*arguments, "--engine", "spark", "-q")
    assert (done.exit_code, said in done.output) == (code, True), done.output
    if not done.output.startswith("Usage"):
        assert done.output.count("\n") == 1, done.output


@pytest.mark.parametrize(
    "arguments", [["scan", NEWSROOM, "--master", "local"], ["scan", NEWSROOM, "--json-lines"]]
)
def test_options_of_spark_need_its_engine(here: Path, arguments: list[str]) -> None:
    done = run(*arguments)
    assert (done.exit_code, "--engine spark" in done.output) == (2, True), done.output


def test_tables_alone_are_refused_by_what_reads_lines_and_never_scanned(
    here: Path, spark: SparkSession
) -> None:
    assert run("scan", NEWSROOM, "-o", "in/out", "--engine", "spark", "-q").exit_code == 0
    for command in (["show"], ["report", "-o", "x.html"], ["export", "--to", "csv", "-o", "x.csv"]):
        done = run(command[0], "in/out", *command[1:])
        assert (done.exit_code, "--json-lines" in done.output) == (4, True), done.output
    done = run("scan", "in/out")
    assert (done.exit_code, "is what dedup found" in done.output) == (3, True), done.output
    Path("in/a.txt").write_text(FERRY[0], "utf-8")
    assert json.loads(run("scan", "in", "-o", "plain", "--json", "-q").stdout)["articles"] == 1


def test_commands_find_the_lines_of_a_scan_on_spark(here: Path, spark: SparkSession) -> None:
    given = (NEWSROOM, "--threads", "2")
    run("scan", *given, "-o", "out", "--engine", "spark", "--json-lines", "-q")
    run("scan", *given, "-o", "plain", "-q")
    for command in (["show"], ["show", "--passages"], ["show", "--sites"]):
        there, plain = (run(command[0], out, *command[1:]) for out in ("out", "plain"))
        assert there.exit_code == plain.exit_code == 0
        assert there.output.replace("out/lines ID", "plain ID") == plain.output


# -- clusters that are not as they should be ------------------------------------------------------


def outside(*arguments: str, **environment: str) -> tuple[int, str]:
    """Run a command in a process of its own; return its exit code and the last line it said."""
    env = os.environ | {"PYTHONPATH": str(ROOT), "SPARK_LOCAL_IP": "127.0.0.1"} | environment
    done = subprocess.run(
        [sys.executable, "-m", "dedup", *arguments, "--engine", "spark", "-q"],
        env=env,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    return done.returncode, ([*done.stderr.splitlines()] or [""])[-1]


def test_without_java_it_says_what_to_install(here: Path) -> None:
    pytest.importorskip("pyspark")
    code, line = outside("scan", NEWSROOM, PATH=str(here), JAVA_HOME="")
    assert (code, "openjdk" in line) == (1, True), line
    code, line = outside("scan", NEWSROOM, JAVA_HOME=str(here))
    assert (code, str(here) in line) == (1, True), line


def test_a_master_that_spark_does_not_take_is_named(here: Path, spark: SparkSession) -> None:
    code, line = outside("scan", NEWSROOM, "--master", "sparc:/nowhere")
    assert (code, "master is 'sparc:/nowhere'" in line) == (2, True), line


@pytest.mark.slow
def test_a_master_that_never_answers_is_named(here: Path, spark: SparkSession) -> None:
    code, line = outside("scan", NEWSROOM, "--master", "spark://127.0.0.1:9")
    assert (code, "master is 'spark://127.0.0.1:9'" in line) == (2, True), line


def test_executors_without_the_packages_are_named(
    here: Path, spark: SparkSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    venv.create(here / "bare", with_pip=False)
    monkeypatch.setattr(spark.sparkContext, "pythonExec", str(here / "bare" / "bin" / "python"))
    done = run("scan", NEWSROOM, "--engine", "spark", "-q")
    assert (done.exit_code, "executors have no package" in done.output) == (1, True), done.output
    monkeypatch.setattr(spark.sparkContext, "pythonExec", str(here / "none"))
    done = run("scan", NEWSROOM, "--engine", "spark", "-q")
    assert (done.exit_code, "cannot start" in done.output) == (1, True), done.output


def test_a_task_that_fails_is_told_by_what_it_raised(spark: SparkSession) -> None:
    from dedup.engines.tasks import Tasks

    with pytest.raises(OutputError, match="No such file or directory"):
        list(Tasks(spark)(os.listdir, ["/nowhere"]))
    with pytest.raises(DedupError, match="memoryOverhead"):
        list(Tasks(spark)(os._exit, [3]))
    assert sorted(Tasks(spark)(abs, range(-20, 0))) == list(range(1, 21))


PYTHON = "An exception was thrown from the Python worker:\nTraceback (most recent call last):\n"
TRACES = [
    (f"{PYTHON}  File x\nModuleNotFoundError: No module named 'dedup'", DedupError, "news-dedup"),
    (f"{PYTHON}ModuleNotFoundError: No module named 'pyarrow.parquet'", DedupError, "pyarrow;"),
    ('java.io.IOException: Cannot run program "/x/py": error=2', DedupError, "start /x/py"),
    (f"{PYTHON}ValueError: odd", DedupError, "Spark: ValueError: odd"),
    ("[PATH_NOT_FOUND] Path does not exist: file:/in. SQLSTATE: 42K03", InputError, "file:/in: no"),
    ("x\nExecutorLostFailure (executor 1 exited)", DedupError, "memoryOverhead"),
    ("Cannot call methods on a stopped SparkContext.", DedupError, "session has ended"),
    (f"{PYTHON}dedup.errors.InputError: a: is odd (b)", DedupError, "a: is odd"),
    ("", DedupError, "did not say why"),
]


@pytest.mark.parametrize(("trace", "kind", "said"), TRACES)
def test_traces_become_one_line(trace: str, kind: type[DedupError], said: str) -> None:
    error = faults.said(trace)
    assert type(error) is kind
    assert said in str(error)
    assert "\n" not in str(error)


def test_what_is_not_of_spark_is_left_as_it_is() -> None:
    with pytest.raises(ZeroDivisionError), faults.told():
        raise ZeroDivisionError
