"""Folders that somebody else made: nothing outside of them is touched, nothing in them is run."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from prose import BRIDGE, HERRING, yards
from xxhash import xxh3_64_digest

import dedup
from dedup.errors import DamagedError, DedupError
from dedup.files import replaced, replaced_file
from dedup.index.index import Index

PAGE = 4096


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An index with more than one file."""
    with Index(tmp_path / "i") as index:
        index.add_many({"id": str(n), "text": text} for n, text in enumerate(yards(3, 40, 60)))
        index.compact()
    (tmp_path / "precious").write_text("precious")
    (tmp_path / "precious.postings").write_text("precious")
    return tmp_path / "i"


def refused(folder: Path, match: str) -> None:
    for read_only in (True, False):
        with pytest.raises(DamagedError, match=match):
            Index(folder, read_only=read_only)
    for name in ("precious", "precious.postings"):
        assert (folder.parent / name).read_text() == "precious"


@pytest.mark.parametrize(
    "name", ["lock", "reached", "log", "log-wal", "log-shm", "log-journal", "dedup-index"]
)
def test_links_in_an_index_are_not_followed(folder: Path, name: str) -> None:
    (folder / name).unlink(missing_ok=True)
    (folder / name).symlink_to("../precious")
    refused(folder, f"{name} is a link")


def test_a_link_that_should_name_the_writer_is_taken_away(folder: Path) -> None:
    (folder / "holder").symlink_to("../precious")
    with Index(folder):
        assert not (folder / "holder").is_symlink()
    assert (folder.parent / "precious").read_text() == "precious"


def test_links_for_postings_are_not_followed(folder: Path) -> None:
    (file,) = folder.glob("*.postings")
    file.unlink()
    file.symlink_to("../precious.postings")
    refused(folder, "is a link")


@pytest.mark.parametrize("name", ["../precious", "x", -1, 1.5, None, True, [1]])
def test_a_list_of_files_cannot_lead_out_of_the_folder(folder: Path, name: object) -> None:
    base = sqlite3.connect(folder / "log")
    ((record,),) = base.execute("SELECT record FROM head WHERE number = 2")
    manifest = json.loads(record[8:])
    manifest["parts"][0]["file"] = name
    content = json.dumps(manifest).encode()
    made = xxh3_64_digest(content, 2) + content
    base.execute("UPDATE head SET record = ? WHERE number = 2", (made,))
    base.commit()
    base.close()
    refused(folder, "its list of files is none")


PLANTED = {
    "trigger": "CREATE TRIGGER t AFTER INSERT ON articles BEGIN DELETE FROM texts; END",
    "view": "CREATE VIEW v AS SELECT * FROM texts",
    "table": "CREATE TABLE more(number)",
    "index": "CREATE INDEX x ON texts(record)",
}


@pytest.mark.parametrize("statement", PLANTED.values(), ids=PLANTED)
def test_what_was_planted_in_the_log_is_refused(folder: Path, statement: str) -> None:
    base = sqlite3.connect(folder / "log")
    base.execute(statement)
    base.commit()
    base.close()
    refused(folder, "which dedup did not make")


@pytest.mark.parametrize("fill", [b"\0", b"\xff", b"A"])
def test_check_tells_of_every_page_that_was_written_over(folder: Path, fill: bytes) -> None:
    log = folder / "log"
    whole = log.read_bytes()
    for at in range(0, len(whole), PAGE):
        log.write_bytes(whole[:at] + fill * PAGE + whole[at + PAGE :])
        try:
            with Index(folder, read_only=True) as index:
                assert index.check() != [], at // PAGE
        except DamagedError:
            pass
    log.write_bytes(whole)
    with Index(folder, read_only=True) as index:
        assert index.check() == []


def test_check_tells_of_a_record_that_is_none(folder: Path) -> None:
    for value in (0, 1.5, "text", None):
        base = sqlite3.connect(folder / "log")
        base.execute("PRAGMA ignore_check_constraints = ON")
        statement = "UPDATE articles SET record = ? WHERE number = 3"
        if value is None:
            statement = "DELETE FROM articles WHERE number = 3 AND ? IS NULL"
        base.execute(statement, (value,))
        base.commit()
        base.close()
        with Index(folder, read_only=True) as index:
            (problem, *_) = index.check()
        assert "articles" in problem.what


def linked(folder: Path, name: str) -> Path:
    """A folder of somebody's, and a link to it beside the output."""
    victim = folder / "victim"
    (victim / "inner").mkdir(parents=True)
    (victim / "inner" / "file").write_text("precious")
    (folder / name).symlink_to(victim)
    return victim


@pytest.mark.parametrize("name", [".out.partial", ".out.previous"])
def test_a_link_beside_the_output_is_not_followed(tmp_path: Path, name: str) -> None:
    victim = linked(tmp_path, name)
    for _ in range(2):
        dedup.scan([BRIDGE, HERRING]).write(tmp_path / "out")
    assert (victim / "inner" / "file").read_text() == "precious"
    assert (tmp_path / "out" / "summary.json").is_file()
    assert not (tmp_path / "out").is_symlink()


def test_links_that_a_killed_run_left_are_taken_away_alone(tmp_path: Path) -> None:
    victim = linked(tmp_path, "aside")
    (tmp_path / ".out.partial").mkdir()
    (tmp_path / ".out.partial" / "link").symlink_to(victim)
    with replaced(tmp_path / "out") as place:
        assert list(place.iterdir()) == []
    assert (victim / "inner" / "file").read_text() == "precious"


def test_a_link_beside_a_file_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.getpid", lambda: 7)
    (tmp_path / "precious").write_text("precious")
    (tmp_path / ".rows.csv.7.partial").symlink_to("precious")
    with replaced_file(tmp_path / "rows.csv") as place:
        place.write_text("rows")
    assert (tmp_path / "precious").read_text() == "precious"
    assert (tmp_path / "rows.csv").read_text() == "rows"


def test_a_folder_that_is_no_index_is_told_as_before(tmp_path: Path) -> None:
    calls: list[Callable[[], object]] = [
        lambda: Index(tmp_path, read_only=True),
        lambda: Index(tmp_path),
    ]
    (tmp_path / "link").symlink_to("nowhere")
    for call in calls:
        with pytest.raises(DedupError, match="no index"):
            call()
