"""Files in object stores and the like, by their addresses."""

from __future__ import annotations

import gzip
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from stored import RAIN, WEIR, lines, parquet, warc

import dedup
from dedup.cli.main import cli
from dedup.errors import InputError, Problem
from dedup.readers import read, remote
from dedup.records import Article


@pytest.fixture
def store() -> Iterator[Any]:
    """A store in memory, empty at the beginning."""
    memory = fsspec.filesystem("memory")
    memory.store.clear()
    memory.pseudo_dirs[:] = [""]
    yield memory
    memory.store.clear()


def told(*paths: str) -> tuple[list[Article], list[str]]:
    problems: list[Problem] = []
    return list(read(paths, problems=problems)), [str(problem) for problem in problems]


def test_all_kinds_of_files_are_read_where_they_are(store: Any) -> None:
    store.pipe("/news/herald/a.jsonl.gz", gzip.compress(lines(RAIN, WEIR)))
    store.pipe("/news/b.parquet", parquet(RAIN))
    store.pipe("/news/c.warc.gz", warc(RAIN))
    store.pipe("/news/d.txt", RAIN.encode())
    found, problems = told("memory://news")
    assert problems == []
    ids = [article.id for article in found]
    assert ids == ["b.parquet:1", "urn:uuid:1", "d.txt", "herald/a.jsonl.gz:1", ids[4]]
    assert [article.site for article in found][3:] == ["herald", "herald"]
    assert found[3].path == "memory:///news/herald/a.jsonl.gz"
    assert RAIN in found[1].text


def test_ids_are_those_of_the_same_files_on_disk(store: Any, tmp_path: Path) -> None:
    for name in ("x/a.jsonl", "x/y/b.jsonl", "c.jsonl"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(lines(RAIN))
        store.pipe(f"/n/{name}", lines(RAIN))
    for local, address in ((tmp_path, "memory://n"), (tmp_path / "c.jsonl", "memory://n/c.jsonl")):
        here, there = told(str(local))[0], told(address)[0]
        assert {(one.id, one.site) for one in here} == {(one.id, one.site) for one in there}
        assert told(f"file://{local}")[0][0].text == RAIN


def test_one_address_may_name_several_files(store: Any) -> None:
    for name in ("a.jsonl", "b.jsonl", "c.txt"):
        store.pipe(f"/n/{name}", lines(RAIN))
    found, _ = told("memory://n/*.jsonl")
    assert [article.id for article in found] == ["a.jsonl:1", "b.jsonl:1"]


def test_files_of_several_addresses_have_names_of_their_own(store: Any) -> None:
    store.pipe("/one/a.jsonl", lines(RAIN))
    store.pipe("/two/a.jsonl", lines(WEIR))
    found, _ = told("memory://one", "memory://two/a.jsonl", "memory://one/a.jsonl")
    assert [article.id for article in found] == ["one/a.jsonl:1", "two/a.jsonl:1"]


def test_hidden_files_and_what_dedup_wrote_are_passed_by(store: Any, tmp_path: Path) -> None:
    dedup.scan([{"id": "a", "text": RAIN}]).write(tmp_path / "out")
    for path in (tmp_path / "out").iterdir():
        store.pipe(f"/n/out/{path.name}", path.read_bytes())
    store.pipe("/n/.hidden/a.jsonl", lines(RAIN))
    store.pipe("/n/once/clean.json", b"{}")
    store.pipe("/n/once/dropped.jsonl", lines(RAIN))
    store.pipe("/n/once/a.jsonl", lines(WEIR))
    found, _ = told("memory://n")
    assert [article.id for article in found] == ["once/a.jsonl:1"]


def test_a_damaged_object_costs_itself(store: Any) -> None:
    store.pipe("/n/a.jsonl", lines(RAIN))
    store.pipe("/n/b.jsonl.gz", gzip.compress(lines(RAIN, WEIR))[:-30])
    store.pipe("/n/c.parquet", parquet(RAIN)[:-9])
    store.pipe("/n/d.jsonl", lines(WEIR))
    found, problems = told("memory://n")
    assert {"a.jsonl:1", "d.jsonl:1"} <= {article.id for article in found}
    assert [problem.split(":///")[1].split(":")[0] for problem in problems] == [
        "n/b.jsonl.gz",
        "n/c.parquet",
    ]


class Failing(io.BytesIO):
    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell() > 0:
            raise RuntimeError("503 slow down\nand more")
        return super().read(min(size or 0, 1 << 16))


def test_a_store_that_fails_in_the_middle_costs_that_object(
    store: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.pipe("/n/a.jsonl", lines(*([RAIN] * 3000)))
    store.pipe("/n/b.jsonl", lines(WEIR))
    plain = type(store).open

    def opened(self: Any, path: str, *rest: Any, **options: Any) -> Any:
        file = plain(self, path, *rest, **options)
        return Failing(file.read()) if path.endswith("a.jsonl") else file

    monkeypatch.setattr(type(store), "open", opened)
    found, problems = told("memory://n")
    assert found[-1].text == WEIR
    what = "it cannot be fetched (RuntimeError: 503 slow down)"
    remedy = "check the address, the network and what memory:// is signed in with"
    assert problems == [f"memory:///n/a.jsonl: {what} ({remedy})"]


def test_nothing_at_an_address_is_said_so(store: Any) -> None:
    assert told("memory://nowhere")[1][0].startswith(
        "memory://nowhere: there is no such file or folder"
    )
    with pytest.raises(InputError, match="there is no such file"):
        dedup.scan("memory://nowhere/*.jsonl")


MISSING = [
    # what cannot be imported, address, what to type
    ("fsspec", "memory://n", "type: pip install 'news-dedup[remote]'"),
    ("s3fs", "s3://bucket/n", "type: pip install s3fs"),
    ("gcsfs", "gs://bucket/n", "type: pip install gcsfs"),
]


@pytest.mark.parametrize(("module", "address", "remedy"), MISSING)
def test_without_its_library_an_address_gives_the_line_to_type(
    store: Any, monkeypatch: pytest.MonkeyPatch, module: str, address: str, remedy: str
) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == module]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.setitem(sys.modules, f"{module}.core", None)
    (problem,) = told(address)[1][:1]
    assert remedy in problem


def test_addresses_are_known_from_other_texts() -> None:
    assert [remote.is_remote(text) for text in ("S3://b/k", "gs://b", "a/s3://b", "C://x")] == [
        True,
        True,
        False,
        False,
    ]
    assert dedup.scan(["https://herald.example/", "Rain."]).articles[0].path is None


def test_the_command_takes_addresses_and_lists_what_it_read(store: Any, tmp_path: Path) -> None:
    store.pipe("/n/a.jsonl", lines(RAIN, WEIR))
    store.pipe("/n/b.jsonl", b'{"text": 1}\n' + lines(RAIN))
    out = tmp_path / "out"
    done = CliRunner().invoke(cli, ["scan", "memory://n", "-o", str(out), "-q"])
    assert done.exit_code == 5, done.output
    rows = [json.loads(line) for line in (out / "files.jsonl").read_text().splitlines()]
    assert [(row["path"], row["articles"], row["problems"]) for row in rows] == [
        ("memory:///n/a.jsonl", 2, 0),
        ("memory:///n/b.jsonl", 1, 1),
    ]
    assert [row["size"] for row in rows] == [len(lines(RAIN, WEIR)), len(lines(RAIN)) + 12]
    assert all(row["checksum"] for row in rows)


def test_a_collection_elsewhere_is_cleaned_to_disk(store: Any, tmp_path: Path) -> None:
    store.pipe("/n/a.parquet", parquet(RAIN, WEIR))
    store.pipe("/n/b.jsonl", lines(f"{WEIR}\nThis line is in the second file alone."))
    out = tmp_path / "once"
    done = CliRunner().invoke(cli, ["clean", "memory://n", "-o", str(out), "-q", "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["paragraphs"] == 1
    assert pq.read_table(out / "a.parquet").num_rows == 2
    assert WEIR not in (out / "b.jsonl").read_text()


def test_an_index_takes_an_object_once_until_it_changes(store: Any, tmp_path: Path) -> None:
    def counts() -> tuple[int, int]:
        command = ["index", "add", str(tmp_path / "news.index"), "memory://n", "--json", "-q"]
        done = CliRunner().invoke(cli, command)
        assert done.exit_code == 0, done.output
        taken = json.loads(done.stdout)
        return taken["articles"], taken["passed"]

    store.pipe("/n/a.jsonl", lines(RAIN))
    assert counts() == (1, 0)
    assert counts() == (0, 1)
    store.pipe("/n/a.jsonl", lines(RAIN, WEIR))
    assert counts() == (1, 0)  # the other is in already


# -- the manifest ---------------------------------------------------------------------------------


def test_the_manifest_has_every_file_with_its_checksum(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.jsonl").write_bytes(lines(RAIN, WEIR) + b"broken\n")
    (tmp_path / "in" / "b.txt").write_bytes(RAIN.encode())
    (tmp_path / "in" / "c.jsonl").symlink_to("nowhere")
    result = dedup.scan(tmp_path / "in")
    told = [(Path(one.path).name, one.size, one.articles, one.problems) for one in result.files]
    assert told == [
        ("a.jsonl", len(lines(RAIN, WEIR)) + 7, 2, 1),
        ("b.txt", len(RAIN), 1, 0),
        ("c.jsonl", None, 0, 1),
    ]
    assert result.files[1].checksum == "xxh3_128:" + _digest(RAIN.encode())
    assert dedup.scan([{"id": "a", "text": RAIN}]).files == ()


def _digest(data: bytes) -> str:
    from xxhash import xxh3_128_hexdigest

    return xxh3_128_hexdigest(data)
