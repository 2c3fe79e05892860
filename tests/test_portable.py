"""What differs from system to system, taken the other way on this one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from dedup import files, portable
from dedup.cli.main import cli
from dedup.errors import LockedError
from dedup.portable import Held, Lock, Reader
from dedup.storage.lock import HOLDER
from dedup.storage.lock import Lock as WriterLock

HERE = Path(__file__).parent
NEWS = str(HERE.parent / "samples/newsroom")
STEPS = (
    *(("scan", NEWS, "-o", "out"), ("scan", NEWS, "-o", "out"), ("clean", NEWS, "-o", "clean")),
    *(("index", "add", "ix", NEWS), ("index", "query", "ix", NEWS), ("index", "check", "ix")),
    *(("index", "compact", "ix"), ("index", "query", "ix", NEWS)),  # from a file of postings
    *(("index", "add", "ix", NEWS), ("index", "export", "ix", "-o", "from-ix")),
)
"""What is done on the other system; each opens what the ones before have written."""

HOLDING = (
    "import sys, time; from pathlib import Path; from dedup.portable import Lock\n"
    "lock = Lock(Path(sys.argv[1])); print('held', flush=True); time.sleep(60)"
)


def written(place: Path) -> dict[str, bytes]:
    """Everything that was written but the index itself and how long it took."""
    found = {
        str(path.relative_to(place)): path.read_bytes()
        for path in sorted(place.rglob("*"))
        if path.is_file() and "ix" not in path.parts
    }
    for name in [name for name in found if name.endswith("summary.json")]:
        summary = json.loads(found[name])
        for varying in ("timings", "seconds", "platform", "started", "finished"):
            summary.pop(varying, None)
        found[name] = json.dumps(summary).encode()
    return found


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What the steps write on this system."""
    place, before = tmp_path_factory.mktemp("here"), Path.cwd()
    os.chdir(place)
    try:
        for step in STEPS:
            with pytest.raises(SystemExit) as end:
                cli([*step])
            assert not end.value.code, step
    finally:
        os.chdir(before)
    return written(place)


@pytest.mark.parametrize("kind", ["macos", "windows"])
def test_the_same_is_written_as_on_another_system(
    tmp_path: Path, kind: str, here: dict[str, bytes]
) -> None:
    command = [sys.executable, str(HERE / "other_system.py"), kind, json.dumps(STEPS)]
    environment = os.environ | {"PYTHONPATH": str(HERE.parent), "DEDUP_DEBUG": "1"}
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found = written(tmp_path)
    assert found.keys() == here.keys()
    assert [name for name in found if found[name] != here[name]] == []
    assert {path.name for path in tmp_path.iterdir()} == {"out", "clean", "ix", "from-ix"}


# ---- locks


def test_a_lock_ends_with_the_process_that_holds_it(tmp_path: Path) -> None:
    file = tmp_path / "lock"
    command = [sys.executable, "-c", HOLDING, str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as other:
        assert other.stdout
        other.stdout.readline()
        with pytest.raises(Held):
            Lock(file, 0.05)
        other.kill()
        other.wait()
        Lock(file).release()


def test_a_forked_child_does_not_have_the_lock(tmp_path: Path) -> None:
    file = tmp_path / "lock"
    lock = Lock(file)
    child = os.fork()
    if not child:
        lock.release()  # does not let go of its parent's
        time.sleep(60)
        os._exit(0)
    try:
        time.sleep(0.2)
        with pytest.raises(Held):
            Lock(file)
        lock.release()
        Lock(file).release()  # the child lives on
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def test_whoever_waits_for_a_lock_gets_it(tmp_path: Path) -> None:
    file = tmp_path / "lock"
    code = HOLDING.replace("60", "0.5")
    with subprocess.Popen([sys.executable, "-c", code, str(file)], stdout=subprocess.PIPE) as other:
        assert other.stdout
        other.stdout.readline()
        with pytest.raises(Held):
            Lock(file)
        Lock(file, 30).release()


@pytest.mark.parametrize("name", ["lock", HOLDER])
def test_a_link_in_the_place_of_a_lock_is_not_followed(tmp_path: Path, name: str) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    (tmp_path / name).symlink_to(victim)
    if name == "lock":
        with pytest.raises(OSError, match="symbolic link"):
            WriterLock(tmp_path / "lock", 0)
    else:
        WriterLock(tmp_path / "lock", 0).release()
    assert victim.read_text() == "mine"


def test_who_waits_in_vain_is_told_who_writes(tmp_path: Path) -> None:
    lock = WriterLock(tmp_path / "lock", 0)
    with pytest.raises(LockedError, match=f"process {os.getpid()} writes"):
        WriterLock(tmp_path / "lock", 0)
    (tmp_path / HOLDER).unlink()
    with pytest.raises(LockedError, match="process unknown writes"):
        WriterLock(tmp_path / "lock", 0)
    lock.release()
    assert [path.name for path in tmp_path.iterdir()] == ["lock"]


def test_a_folder_that_was_claimed_by_a_killed_run_is_free(tmp_path: Path) -> None:
    (tmp_path / ".out.lock").touch()
    (tmp_path / ".out.partial").mkdir()
    (tmp_path / ".out.partial/half").touch()
    with files.replaced(tmp_path / "out") as place:
        (place / "whole").touch()
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["whole"]


# ---- the disk


def test_macos_is_asked_to_empty_the_memory_of_the_drive_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    fake = SimpleNamespace(F_FULLFSYNC=51, fcntl=lambda *given: asked.append(given))
    monkeypatch.setitem(sys.modules, "fcntl", fake)
    monkeypatch.setattr(sys, "platform", "darwin")
    with (tmp_path / "x").open("wb") as file:
        portable.sync(file.fileno())
        assert asked == [(file.fileno(), 51)]

    def fail(*_: object) -> None:
        raise OSError(45, "Operation not supported")

    fake.fcntl = fail
    portable.flush(tmp_path / "x")  # by fsync


def test_windows_flushes_what_is_open_for_writing_and_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "x").write_bytes(b"x")
    flags = []
    plain = os.open

    def noted(path: Path, flag: int) -> int:
        flags.append(flag)
        return plain(path, flag)

    monkeypatch.setattr(os, "open", noted)
    monkeypatch.setattr(portable, "WINDOWS", True)
    portable.flush(tmp_path / "x")
    portable.flush(tmp_path)
    assert flags == [os.O_RDWR]


def test_a_file_that_another_process_reads_may_stay_on_windows_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "is being used by another process")

    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(PermissionError):
        portable.discard(tmp_path / "x")
    monkeypatch.setattr(portable, "WINDOWS", True)
    portable.discard(tmp_path / "x")


@pytest.mark.parametrize("pread", [True, False])
def test_a_reader_fills_what_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pread: bool
) -> None:
    monkeypatch.setattr(portable, "PREAD", pread)
    monkeypatch.setattr(portable, "_AT_ONCE", 3)
    (tmp_path / "x").write_bytes(b"0123456789")
    reader = Reader(tmp_path / "x")
    held = bytearray(7)
    assert reader.fill(memoryview(held), 3)
    assert held == b"3456789"
    assert not reader.fill(memoryview(held), 4)
    assert not reader.fill(memoryview(held), -1)
    reader.close()
    reader.close()
    (tmp_path / "empty").touch()
    empty = Reader(tmp_path / "empty")
    assert not empty.fill(memoryview(held), 0)
    empty.close()


def test_cores_are_counted_where_the_system_does_not_say_which_are_ours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    assert portable.cores() == 3
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert portable.cores() == 1


def test_signals_that_a_system_lacks_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    assert portable.endings() == [signal.SIGTERM, signal.SIGHUP]
    monkeypatch.delattr(signal, "SIGHUP")
    assert portable.endings() == [signal.SIGTERM]
