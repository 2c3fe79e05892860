"""A scan on Spark answers what a scan on one machine does, however its input is parted."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from news import FERRY
from spark_sessions import CALM, differing

import dedup
from dedup import Article
from dedup.errors import InputError, OutputError, SettingsError
from dedup.portable import locked
from dedup.readers.unique_ids import distinct_ids, stem, told_apart

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

pytestmark = CALM
ROOT = Path(dedup.__file__).parents[1]
NEWSROOM = ROOT / "samples" / "newsroom"
COLUMNS = "id string, text string, title string, url string, site string, date string"


def rows() -> list[dict[str, Any]]:
    """Articles that repeat one another, with ids, addresses and columns as bad as they come."""
    told: list[dict[str, Any]] = []
    for number in range(40):
        start = number % 5
        text = "\n".join(FERRY[start : start + 3]) + f"\nOnly number {number} has these few words."
        told.append(
            {
                "id": f"a{number % 31}",
                "text": text,
                "title": None if number % 7 else f"Ferry aground, part {number}",
                "url": f"https://herald{number % 4}.example/ferry/{number % 20}",
                "site": None,
                "date": f"2026-03-{number % 28 + 1:02}",
            }
        )
    told.append({**told[0]})  # the same again
    told.append({**told[1], "id": "a3#2"})
    told.append({**told[2], "id": "amp", "url": f"{told[2]['url']}?utm_source=x"})
    told.append({"id": "empty", "text": ""})
    told.append({"id": "none", "text": None})
    return told


def frame(spark: SparkSession, partitions: int, seed: int) -> DataFrame:
    shuffled = [tuple(row.get(name) for name in rows()[0]) for row in rows()]
    random.Random(seed).shuffle(shuffled)
    return spark.createDataFrame(shuffled, COLUMNS).repartition(partitions)


def test_files_give_the_answers_of_a_plain_scan(spark: SparkSession, tmp_path: Path) -> None:
    found = dedup.spark.scan(NEWSROOM, out=tmp_path / "out", session=spark, json_lines=True)
    assert differing(dedup.scan(NEWSROOM), found, tmp_path / "plain") == []
    assert found.table("clusters").count() == found.summary["clusters"] > 0
    assert sorted(entry.name for entry in found.out.iterdir() if entry.suffix != ".parquet") == [
        "lines",
        "summary.json",
    ]


@pytest.mark.parametrize(("partitions", "seed"), [(1, 1), (7, 2)])
def test_no_answer_depends_on_partitions_or_order(
    spark: SparkSession, tmp_path: Path, partitions: int, seed: int
) -> None:
    source = frame(spark, partitions, seed)
    found = dedup.spark.scan(source, out=tmp_path / "out", session=spark, json_lines=True)
    plain = dedup.scan(rows())
    # What has no id of its own is named otherwise in a frame, whose rows have no order.
    assert differing(plain, found, tmp_path / "plain") == ["problems.jsonl"]
    assert len(found.problems) == len(plain.problems) > 2


def test_tables_hold_what_the_lines_do(spark: SparkSession, tmp_path: Path) -> None:
    plain = dedup.scan(NEWSROOM)
    found = dedup.spark.scan(str(NEWSROOM), out=tmp_path.as_uri(), session=spark)
    matches = {(row["a"], row["b"]): row for row in found.table("matches").collect()}
    assert len(matches) == len(plain.matches) > 0
    for match in plain.matches:
        row = matches[match.a, match.b]
        assert row["relation"] == match.relation
        assert [tuple(span) for span in row["spans"]] == list(match.spans)
    stories = {row["story"]: row for row in found.table("stories").collect()}
    for story in plain.stories:
        members = [member["article"] for member in stories[story.id]["members"]]
        assert members == [member.article for member in story.members]
    articles = {row["article"]: row for row in found.table("articles").collect()}
    for article, credited in zip(plain.articles, plain.credits, strict=True):
        credits = [credit["agency"] for credit in articles[article.id]["credits"]]
        assert credits == [credit.agency for credit in credited.credits]
    assert found.table("sites").count() == len(plain.site_matrix())


def test_a_job_that_is_killed_after_any_stage_goes_on_there(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dedup.engines.stages import Stages

    make, made = Stages.make, list[str]()

    def killed(stages: Stages, name: str, how: Callable[[], DataFrame]) -> bool:
        was_new = make(stages, name, how)
        if was_new:
            made.append(name)
            raise KeyboardInterrupt
        return was_new

    monkeypatch.setattr(Stages, "make", killed)
    stages = ["read", "articles", "texts", "near", "families", "pages", "in-common", "marked"]
    stages += ["listed", "runs", "flagged", "weighed", "compared", "clusters"]
    stages += ["printed", "met", "kin", "told", "similar"]
    for _ in stages:
        assert not (tmp_path / "out" / "summary.json").exists()
        with pytest.raises(KeyboardInterrupt):
            dedup.spark.scan(NEWSROOM, out=tmp_path / "out", session=spark, json_lines=True)
    found = dedup.spark.scan(NEWSROOM, out=tmp_path / "out", session=spark, json_lines=True)
    assert made == stages  # each once
    assert differing(dedup.scan(NEWSROOM), found, tmp_path / "plain") == []
    with pytest.raises(KeyboardInterrupt):  # what was finished is gone, and is made again
        dedup.spark.scan(NEWSROOM, out=tmp_path / "out", session=spark)
    assert made[-1] == "read"
    with pytest.raises(KeyboardInterrupt):  # other settings: what was read stands for nothing
        dedup.spark.scan(NEWSROOM, out=tmp_path / "out", session=spark, threshold=0.6)
    assert made[-2:] == ["read", "read"]


def test_a_folder_that_another_job_writes_is_left_to_it(
    spark: SparkSession, tmp_path: Path
) -> None:
    with (
        locked(tmp_path / ".out.lock"),
        pytest.raises(OutputError, match="another job is writing it"),
    ):
        dedup.spark.scan(NEWSROOM, out=tmp_path / "out", session=spark)


def test_a_frame_of_files_is_known_by_what_they_hold(spark: SparkSession, tmp_path: Path) -> None:
    from dedup.engines.source import Frame

    place = tmp_path / "news.jsonl"
    place.write_text('{"text": "Rain."}\n', encoding="utf-8")
    schema = "text string"
    before = Frame(spark.read.schema(schema).json(str(place)), None, None).identity()
    assert Frame(spark.read.schema(schema).json(str(place)), None, None).identity() == before
    place.write_text('{"text": "Sun, and rain."}\n', encoding="utf-8")
    assert Frame(spark.read.schema(schema).json(str(place)), None, None).identity() != before


def test_what_cannot_be_scanned_is_said_in_one_line(spark: SparkSession, tmp_path: Path) -> None:
    ran = dedup.spark.scan
    with pytest.raises(InputError, match="no such file"):
        ran(tmp_path / "nothing", out=tmp_path / "out", session=spark)
    with pytest.raises(InputError, match=r"the frame: there is no column 'text'.* its columns: n"):
        ran(spark.range(3).withColumnRenamed("id", "n"), out=tmp_path / "out", session=spark)
    with pytest.raises(InputError, match="holds int64, not text"):
        ran(spark.range(3), out=tmp_path / "out", session=spark, fields={"text": "id"})
    with pytest.raises(InputError, match="a frame of Spark, a path"):
        ran(7, out=tmp_path / "out", session=spark)
    with pytest.raises(SettingsError, match="standard input"):
        ran("-", out=tmp_path / "out", session=spark)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").touch()
    with pytest.raises(OutputError, match=r"already holds thesis\.txt"):
        ran(NEWSROOM, out=tmp_path / "mine", session=spark)


def test_a_session_on_another_master_is_not_taken(spark: SparkSession) -> None:
    from dedup.engines.session import session as of

    assert of() is of(spark.sparkContext.master) is not None
    with pytest.raises(SettingsError, match=r"'local\[1\]', but a Spark session on 'local\[2\]'"):
        of("local[1]")


@pytest.mark.parametrize(
    ("threads", "there", "found"),
    [
        ("1", 64, 2),
        ("2", 64, 3),
        ("7", 64, 8),
        ("7", 8, 4),
        ("4", None, 5),
        ("3", 1, 2),
        ("*", 9, 4),
    ],
)
def test_java_gets_a_gigabyte_and_one_a_core_of_half_the_memory(
    monkeypatch: pytest.MonkeyPatch, threads: str, there: int | None, found: int
) -> None:
    from dedup.engines import session

    monkeypatch.setattr(session, "memory", lambda: there and there << 30)
    monkeypatch.setattr(session, "cores", lambda: 12)
    assert session.gigabytes(threads) == found


def test_ids_that_may_clash_have_one_stem() -> None:
    articles = [Article(id_, text) for id_ in ("a", "a#2", "a#2#2", "b#x") for text in ("x", "y")]
    whole = distinct_ids(list(articles), [])
    parts: dict[str, list[Article]] = {}
    for article in articles:
        parts.setdefault(stem(article.id), []).append(article)
    found = [one for part in parts.values() for one in told_apart(part, [], [])]
    assert sorted(map(str, map(asdict, found))) == sorted(map(str, map(asdict, whole)))
