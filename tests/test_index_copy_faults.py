"""What a kill, a full disk or a reader does to compacting and copying, and what then holds."""

from __future__ import annotations

import os
import random
import shutil
import sys
import threading
from pathlib import Path

import pytest
from index_batches import make_small
from kills import Say, killed
from prose import BRIDGE, yards
from test_index_faults import tiny_disk

from dedup import Index
from dedup.errors import OutputError
from dedup.index.copies import copy
from dedup.storage.local import LocalStore

needs_fork = pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
quiet_fork = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")

TEXTS = yards(21, 400, 30)


def page(number: int) -> dict[str, str]:
    return {"id": f"{number}", "site": "a.example", "text": f"{TEXTS[number % 400]}\n{BRIDGE}"}


def asked(number: int) -> dict[str, str]:
    """The same under another id: what has it is told."""
    return page(number) | {"id": "x"}


def work(folder: Path, say: Say) -> None:
    """Add, remove, compact and back up without end; say what is done."""
    make_small(setattr)
    with Index(folder, wait=60) as index:
        number = len(index)
        say("ready 0")
        while True:
            index.add_many([page(number + n) for n in range(5)])
            index.add(page(number + 5))
            number += 6
            say(f"added {number}")
            for each in range(max(0, number - 120), number - 6):
                index.remove(f"{each}")
            say(f"removed {number - 6}")
            index.backup(folder.with_name(f"backup-{number}"))
            say(f"copied {number}")
            index.compact()
            say(f"compacted {number}")


def whole(folder: Path, removed: int) -> int:
    """Fail if an index lacks anything of what it took; return how many articles it took."""
    with Index(folder) as index:
        assert index.check() == []
        taken = len(index)
        for number in range(taken):
            gone = number < removed or index.get(f"{number}") is None
            assert gone == (index.get(f"{number}") is None)
            assert not gone or number < taken - 6, "only what was told to is removed"
        if taken:
            assert index.query(asked(taken - 1)).hits
    return taken


def lives_through_kills(folder: Path, rounds: int, seed: int) -> None:
    dice = random.Random(seed)
    with Index(folder) as index:  # kernels are loaded before the first fork
        index.add_many([page(0), page(1)])
        index.query(asked(0))
    least = {"added": 0, "removed": 0, "copied": 0}
    for _ in range(rounds):
        least |= killed(work, folder, dice.uniform(0, 0.5))
        assert whole(folder, least["removed"]) >= least["added"]
        with Index(folder, read_only=True) as index:
            assert isinstance(index._store, LocalStore)
            parts, path = index._store._parts, index._store._lsm.path
            named = {path(part.file) for part in parts}
        assert set(folder.glob("*.postings")) == named, "no file is left over"
        made = sorted(folder.parent.glob("backup-*"), key=lambda path: int(path.name[7:]))
        assert not least["copied"] or made, "what was said to be backed up is there"
        for backup in made:
            assert whole(backup, 0) == int(backup.name[7:])
            if int(backup.name[7:]) != least["copied"]:
                shutil.rmtree(backup)


@needs_fork
@quiet_fork
def test_a_kill_while_it_compacts_or_backs_up_leaves_whole_indexes(tmp_path: Path) -> None:
    lives_through_kills(tmp_path / "index", 12, 1)


@needs_fork
@quiet_fork
@pytest.mark.slow
def test_two_hundred_kills_while_it_compacts_or_backs_up_leave_whole_indexes(
    tmp_path: Path,
) -> None:
    for seed in range(10):
        lives_through_kills(tmp_path / f"disk{seed}" / "index", 20, seed)


def filled(folder: Path, number: int) -> None:
    with Index(folder) as index:
        index.add_many([page(n) for n in range(number)])
        for n in range(number // 2):
            index.remove(f"{n}")


def room(disk: Path) -> int:
    status = os.statvfs(disk)
    return status.f_bavail * status.f_frsize


@pytest.mark.parametrize("left", [0, 100_000])
@pytest.mark.parametrize("what", ["compact", "backup"])
def test_a_full_disk_leaves_the_index_as_it_was_and_no_half_of_a_copy(
    tmp_path: Path, what: str, left: int
) -> None:
    with tiny_disk(tmp_path / "disk", "4m") as disk:
        filled(disk / "index", 100)
        with Index(disk / "index") as index:
            (disk / "full").write_bytes(bytes(max(0, room(disk) - left)))
            with pytest.raises(OutputError, match="space on the disk"):
                index.compact() if what == "compact" else index.backup(disk / "backup")
            assert index.check() == []
            assert index.query(asked(70)).closest == "70"
            assert {path.name for path in disk.iterdir()} <= {"index", "full", ".backup.lock"}
            (disk / "full").unlink()
            index.compact()
            index.backup(disk / "backup")
        for folder in (disk / "index", disk / "backup"):
            with Index(folder) as index:
                assert index.check() == []
                assert index.query(asked(70)).closest == "70"
                assert index.get("7") is None


def test_a_disk_that_is_full_where_the_copy_goes_leaves_nothing_there(tmp_path: Path) -> None:
    filled(tmp_path / "index", 300)
    with tiny_disk(tmp_path / "disk", "300k") as disk:
        with pytest.raises(OutputError, match="space on the disk"):
            copy(tmp_path / "index", disk / "backup")
        assert not (disk / "backup").exists()
        assert not (disk / ".backup.partial").exists()


def test_a_reader_held_open_over_compactions_answers_from_what_is_there(tmp_path: Path) -> None:
    filled(tmp_path / "index", 60)
    held = Index(tmp_path / "index", read_only=True)
    still = Index(tmp_path / "index", read_only=True)
    with Index(tmp_path / "index") as index:
        with still._store.still():
            known = [str(still.query(asked(n)).hits) for n in range(60)]
            events = list(still.since())
            for turn in range(3):
                for n in range(30 + 5 * turn, 35 + 5 * turn):
                    index.remove(f"{n}")
                done = threading.Thread(target=index.compact)
                done.start()
                done.join()
                index.add(page(100 + turn))
                assert [str(still.query(asked(n)).hits) for n in range(60)] == known
                assert list(still.since()) == events
                assert held.query(asked(50)).closest == "50"
                assert held.get(f"{30 + 5 * turn}") is None
                assert held.query(asked(100 + turn)).closest == f"{100 + turn}"
        assert still.get("30") is None, "after the block it sees what is there now"
        assert still.check() == index.check() == []
    held.close()
    still.close()
