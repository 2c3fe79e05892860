"""Files in a store that speaks S3, read by a plain scan and by executors of Spark."""

from __future__ import annotations

import gzip
import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import fsspec
import pytest
from click.testing import CliRunner
from spark_sessions import CALM
from stored import RAIN, WEIR, lines, parquet, warc

import dedup
from dedup.cli.main import cli

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = CALM
pytest.importorskip("s3fs", reason="s3fs is not installed")
moto = pytest.importorskip("moto.server", reason="moto is not installed")

SETTINGS = {
    "AWS_ACCESS_KEY_ID": "key",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}
"""What the libraries of the store find in the environment."""
OBJECTS = {
    "in/herald/a.jsonl.gz": gzip.compress(lines(RAIN, WEIR)),
    "in/b.parquet": parquet(RAIN),
    "in/c.warc.gz": warc(RAIN),
    "in/damaged.parquet": parquet(RAIN)[:-9],
    "in/d.jsonl": lines(WEIR),
}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of a store."""
    running = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()


@pytest.fixture
def bucket(server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """A bucket `news` with `OBJECTS`; returned is the environment that leads to it."""
    settings = SETTINGS | {"AWS_ENDPOINT_URL": server}
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    _tell(server, "reset", b"")
    _tell(server, "reset-auth", b"inf")  # keys are not looked at
    store = fsspec.filesystem("s3", skip_instance_cache=True)
    store.mkdir("news")
    for key, data in OBJECTS.items():
        store.pipe(f"news/{key}", data)
    yield settings
    type(store).clear_instance_cache()


def _tell(server: str, what: str, data: bytes) -> None:
    plain = {"Content-Type": "text/plain"}
    urllib.request.urlopen(urllib.request.Request(f"{server}/moto-api/{what}", data, plain)).close()


def run(*arguments: str) -> Any:
    return CliRunner().invoke(cli, [*arguments])


def read_files(out: str) -> list[tuple[str, int, int, int]]:
    rows = map(json.loads, Path(out, "files.jsonl").read_text("utf-8").splitlines())
    return [(row["path"], row["size"], row["articles"], row["problems"]) for row in rows]


EXPECTED = [
    # address, articles, problems
    ("s3://news/in/b.parquet", 1, 0),
    ("s3://news/in/c.warc.gz", 1, 0),
    ("s3://news/in/d.jsonl", 1, 0),
    ("s3://news/in/damaged.parquet", 0, 1),
    ("s3://news/in/herald/a.jsonl.gz", 2, 0),
]


def test_archives_tables_and_lines_are_read_and_a_damaged_object_costs_itself(
    here: Path, bucket: dict[str, str]
) -> None:
    done = run("scan", "s3://news/in", "-o", "out", "-q")
    assert done.exit_code == 5, done.output
    sizes = {f"s3://news/{key}": len(data) for key, data in OBJECTS.items()}
    assert read_files("out") == [(path, sizes[path], *counts) for path, *counts in EXPECTED]
    for key, data in OBJECTS.items():
        place = Path("disk", key)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    dedup.scan(Path("disk/in")).write("plain")
    for name in ("clusters.jsonl", "matches.jsonl", "stories.jsonl", "texts.jsonl"):
        assert Path("out", name).read_bytes() == Path("plain", name).read_bytes(), name


def test_executors_read_what_a_plain_scan_does(
    here: Path, bucket: dict[str, str], spark: SparkSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in bucket.items():
        monkeypatch.setitem(spark.sparkContext.environment, name, value)
    assert run("scan", "s3://news/in", "-o", "plain", "-q").exit_code == 5
    done = run("scan", "s3://news/in", "-o", "out", "-q", "--engine", "spark", "--json-lines")
    assert done.exit_code == 5, done.output
    for file in Path("plain").glob("*.jsonl"):
        assert Path("out/lines", file.name).read_bytes() == file.read_bytes(), file.name


def test_a_collection_in_a_store_is_cleaned_to_disk(here: Path, bucket: dict[str, str]) -> None:
    done = run("clean", "s3://news/in/*.parquet", "s3://news/in/d.jsonl", "-o", "once", "-q")
    assert done.exit_code == 5, done.output
    assert sorted(place.name for place in Path("once").glob("*.*")) == [
        "b.parquet",
        "clean.json",
        "d.jsonl",
    ]


def test_what_cannot_be_fetched_is_one_line(
    here: Path, bucket: dict[str, str], server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for address in ("s3://news/none", "s3://none/in", "s3://news/in/none.jsonl"):
        done = run("scan", address, "-o", "out", "-q")
        assert (done.exit_code, done.output.count("\n")) == (3, 1), done.output
        assert f"{address}: there is no such file or folder" in done.output
    _tell(server, "reset-auth", b"0")  # from now on keys are looked at
    done = run("scan", "s3://news/in", "-o", "out", "-q")
    assert (done.exit_code, done.output.count("\n")) == (3, 1), done.output
    assert "what s3:// is signed in with" in done.output
