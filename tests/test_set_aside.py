"""A file that ends a run while it is read is set aside by the next."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from dedup.cli import set_aside
from dedup.cli.ingest import Intake
from dedup.cli.set_aside import SetAside, survives
from dedup.index.index import Index
from dedup.readers.discover import Found

FERRY = "The ferry between Quellmouth and Dorn Island will stop running after dark from Monday."

DEADLY = """
import os, sys
from dedup.cli.ingest import Intake
from dedup.index.index import Index
from dedup.readers import READERS, text

def read(stream, source, problems):
    if source.name.endswith("b.txt"):
        os.kill(os.getpid(), 9)
    yield from text.read(stream, source, problems)

READERS[".txt"] = read
with Index(sys.argv[1]) as index:
    Intake(index, folder=__import__("pathlib").Path(sys.argv[1])).take([sys.argv[2]])
"""


def dies(index: Path, folder: Path) -> None:
    command = [sys.executable, "-c", DEADLY, str(index), str(folder)]
    assert subprocess.run(command, check=False).returncode == -9


def taken(index: Path, folder: Path) -> tuple[int, list[str]]:
    with Index(index) as opened:
        intake = Intake(opened, folder=index)
        intake.take([str(folder)])
        return len(opened), [problem.what for problem in intake.taken.problems]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    for name in "abc":
        (tmp_path / f"in/{name}.txt").write_text(f"{FERRY} {name * 5}")
    return tmp_path / "in"


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_file_that_ended_a_run_is_set_aside_until_it_changes(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dies(tmp_path / "index", folder)
    monkeypatch.setattr(set_aside, "survives", lambda *_: False)
    what = "a run ended while it was read, and it is set aside until it changes"
    assert taken(tmp_path / "index", folder) == (2, [what])
    assert taken(tmp_path / "index", folder) == (2, [what])  # it is not tried again
    (folder / "b.txt").write_text(f"{FERRY} Another text.")
    assert taken(tmp_path / "index", folder) == (3, [])
    assert not (tmp_path / "index" / set_aside.NAME).exists()


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_file_on_which_a_run_ended_for_another_reason_is_read(
    tmp_path: Path, folder: Path
) -> None:
    dies(tmp_path / "index", folder)
    assert json.loads((tmp_path / "index" / set_aside.NAME).read_text())["reading"][0] == str(
        folder / "b.txt"
    )
    assert taken(tmp_path / "index", folder) == (3, [])


def test_a_file_that_takes_too_much_does_not_survive(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert survives(str(folder / "a.txt"), None)
    monkeypatch.setattr(set_aside, "SECONDS", 0.01)
    assert not survives(str(folder / "a.txt"), None)
    monkeypatch.setattr(set_aside, "SECONDS", 600)
    monkeypatch.setattr(set_aside, "MEMORY", 2**20)
    if sys.platform == "linux":
        assert not survives(str(folder / "a.txt"), None)


@pytest.mark.parametrize("held", [b"", b"{", b"[]", b'{"reading": 7, "aside": {}}', b"\xff"])
def test_what_is_left_of_a_machine_that_went_down_sets_nothing_aside(
    tmp_path: Path, held: bytes
) -> None:
    (tmp_path / set_aside.NAME).write_bytes(held)
    aside = SetAside(tmp_path)
    assert aside.problem(Found("a.txt", "a.txt"), "/a.txt", (1, 2)) is None
    aside.done()
    assert os.listdir(tmp_path) == []  # noqa: PTH208


def test_an_index_without_a_folder_notes_nothing(tmp_path: Path) -> None:
    aside = SetAside(tmp_path / "none")
    assert aside.problem(Found("a.txt", "a.txt"), "/a.txt", (1, 2)) is None
    aside.done()
    assert list(tmp_path.iterdir()) == []
