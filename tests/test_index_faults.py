"""What a disk, a signal or a second process can do to an index, and what must then be true."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from index_batches import META, batch, derive, generated, make_small, texts
from store_model import EVERY, Model

from dedup.errors import DamagedError, LockedError, OutputError
from dedup.storage import local
from dedup.storage.local import LocalStore
from dedup.storage.postings import lsm
from dedup.storage.protocol import Batch


def fill(folder: Path, batches: int, articles: int = 4) -> Model:
    """Make an index of several files and a tail."""
    store, model, rng = LocalStore(folder, META, derive), Model(), np.random.default_rng(7)
    for _ in range(batches):
        added = batch(store, generated(rng, articles))
        store.append(added)
        model.append(added)
    store.close()
    return model


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    make_small(monkeypatch.setattr)


# ---- kill -9


def killed(
    folder: Path, kind: str, moments: random.Random, batches: int = 0
) -> tuple[int, int, int]:
    """Run `child`, kill it at some moment after `batches`, and return what it acknowledged last."""
    process = subprocess.Popen(
        [sys.executable, "index_child.py", str(folder), kind],
        stdout=subprocess.PIPE,
        encoding="utf-8",
        cwd=Path(__file__).parent,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    lines = [process.stdout.readline() for _ in range(batches)]
    time.sleep(moments.uniform(0, 0.4))
    process.send_signal(signal.SIGKILL)
    lines += [line for line in process.stdout.read().splitlines(keepends=True) if "\n" in line]
    process.wait()
    process.stdout.close()
    last = lines[-1].split() if lines else ["0", "0", "0"]
    return int(last[0]), int(last[1]), int(last[2])


def lives_through_kills(folder: Path, rounds: int, seed: int) -> None:
    moments, least = random.Random(seed), (0, 0, 0)
    for turn in range(rounds):
        least = max(least, killed(folder, "bulk" if turn % 3 == 2 else "mixed", moments))
        with pytest.MonkeyPatch.context() as patch:
            make_small(patch.setattr)
            store = LocalStore(folder, {}, derive)
            assert (store.last_seq, store.texts, store.last_event) >= least
            assert store.check() == []
            assert len(store.read_articles(range(1, store.last_seq + 1))) == store.last_seq
            known = store.read_texts(np.arange(store.texts))
            assert store.numbers(known.key).tolist() == list(range(store.texts))
            postings = derive(known, 0)
            for table, (keys, ids) in postings.items():
                found = store.find(table, np.unique(keys), EVERY)
                assert sorted(found.ids.tolist()) == sorted(ids.tolist())
            store.close()
            named = {store._lsm.path(part.file) for part in store._parts}
            assert set(folder.glob("*.postings")) == named


def test_nothing_acknowledged_is_lost_when_the_process_is_killed(tmp_path: Path) -> None:
    lives_through_kills(tmp_path / "index", 20, 1)


def test_a_reader_opens_what_a_killed_process_left(tmp_path: Path) -> None:
    least = killed(tmp_path / "index", "mixed", random.Random(3))
    reader = LocalStore(tmp_path / "index", {}, read_only=True)
    assert (reader.last_seq, reader.texts, reader.last_event) >= least
    assert reader.check() == []
    reader.close()


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_in_two_hundred_kills(tmp_path: Path) -> None:
    for seed in range(10):
        lives_through_kills(tmp_path / f"index{seed}", 20, seed)


# ---- the disk


@contextmanager
def tiny_disk(folder: Path, size: str) -> Iterator[Path]:
    folder.mkdir()
    mount = shutil.which("mount")
    command = [mount or "mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    if mount is None or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small disk needs the rights of root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.parametrize("articles", [2, 150])
def test_a_full_disk_refuses_a_batch_and_keeps_all_before_it(
    tmp_path: Path, articles: int, small: None
) -> None:
    with tiny_disk(tmp_path / "disk", "2m") as disk:
        store, model = LocalStore(disk / "index", META, derive), Model()
        rng = np.random.default_rng(2)
        full = None
        while full is None:
            added = batch(store, generated(rng, articles))
            try:
                store.append(added)
            except OutputError as error:
                full = str(error)
            else:
                model.append(added)
        assert "space on the disk" in full
        assert len(model.articles) > 100
        model.same(store, 3)
        store.close()
        # where there is room again
        shutil.copytree(disk / "index", tmp_path / "index")
    store = LocalStore(tmp_path / "index", {}, derive)
    model.same(store, EVERY)
    assert store.check() == []
    added = batch(store, generated(rng, articles))
    store.append(added)
    model.append(added)
    model.same(store, EVERY)
    store.close()


def test_a_folder_that_cannot_be_written_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tmp_path / "index", 2)

    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(OutputError, match="cannot be written: Permission denied"):
        LocalStore(tmp_path / "index", META)


def test_a_log_that_may_only_be_read_is_refused_for_writing(tmp_path: Path) -> None:
    with tiny_disk(tmp_path / "disk", "4m") as disk:
        model = fill(disk / "index", 3)
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        with pytest.raises(OutputError, match="Read-only file system"):
            LocalStore(disk / "index", META)
        reader = LocalStore(disk / "index", META, read_only=True)
        model.same(reader, 2)
        reader.close()


# ---- damage


def damaged(file: Path, at: int) -> None:
    with file.open("r+b") as opened:
        opened.seek(at)
        (byte,) = opened.read(1)
        opened.seek(at)
        opened.write(bytes([byte ^ 0x55]))


def answers_right_or_refuses(folder: Path, model: Model, *, mends: bool) -> bool:
    """Return whether the store answered; fail if it answered wrongly."""
    try:
        store = LocalStore(folder, {}, derive if mends else None)
    except DamagedError:
        return False
    try:
        model.same(store, EVERY)
    except DamagedError:
        return False
    finally:
        store.close()
    return True


def test_a_file_of_postings_with_a_flipped_byte_is_made_again_or_refused(
    tmp_path: Path, small: None
) -> None:
    model = fill(tmp_path / "whole", 6, 6)
    refused = 0
    for turn, seed in enumerate(range(30)):
        folder = shutil.copytree(tmp_path / "whole", tmp_path / f"copy{seed}")
        file = min(folder.glob("*.postings"))
        damaged(file, random.Random(seed).randrange(file.stat().st_size))
        if turn % 2:
            assert answers_right_or_refuses(folder, model, mends=True)
            store = LocalStore(folder, {}, derive)
            remarks = store.check()
            assert not remarks or "filter" in remarks[0].what
            store.close()
        else:
            refused += not answers_right_or_refuses(folder, model, mends=False)
        shutil.rmtree(folder)
    assert refused > 5


@pytest.mark.parametrize("keep", [0, 10, 0.5, 0.99])
def test_a_file_of_postings_cut_short_or_gone_is_made_again(
    tmp_path: Path, small: None, keep: float
) -> None:
    model = fill(tmp_path / "index", 20, 6)
    files = sorted((tmp_path / "index").glob("*.postings"))
    for file in files[:2]:
        size = file.stat().st_size
        os.truncate(file, int(keep if keep > 1 else size * keep))
        if not keep:
            file.unlink()
    with pytest.raises(DamagedError, match="open the index for writing"):
        LocalStore(tmp_path / "index", {}, read_only=True)
    store = LocalStore(tmp_path / "index", {}, derive)
    model.same(store, EVERY)
    assert store.check() == []
    store.close()
    reader = LocalStore(tmp_path / "index", {}, read_only=True)
    model.same(reader, EVERY)
    reader.close()


def test_a_file_damaged_while_it_is_open_is_found_and_made_again(
    tmp_path: Path, small: None
) -> None:
    model = fill(tmp_path / "index", 10, 6)
    store = LocalStore(tmp_path / "index", {}, derive)
    os.truncate(min((tmp_path / "index").glob("*.postings")), 100)
    model.same(store, EVERY)
    assert store.check() == []
    store.close()


def test_a_disk_that_damages_every_file_is_doubted(
    tmp_path: Path, small: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tmp_path / "index", 3, 6)
    store = LocalStore(tmp_path / "index", {}, derive)

    def find(*_: object) -> None:
        raise lsm.DamagedPartError(store._parts[0], "a block is damaged")

    monkeypatch.setattr(lsm.Lsm, "find", find)
    with pytest.raises(DamagedError, match="another disk"):
        store.find("bands", np.zeros(1, np.uint64), 1)
    store.close()


def test_a_log_with_a_flipped_byte_never_answers_wrongly(tmp_path: Path) -> None:
    model = fill(tmp_path / "whole", 12, 6)
    size = (tmp_path / "whole" / "log").stat().st_size
    refused = 0
    for seed in range(60):
        folder = shutil.copytree(tmp_path / "whole", tmp_path / f"copy{seed}")
        damaged(folder / "log", random.Random(seed).randrange(size))
        refused += not answers_right_or_refuses(folder, model, mends=True)
        shutil.rmtree(folder)
    assert refused > 20


def middle_of_commits(ahead: Path) -> int:
    """Return where the middle one of the frames is that SQLite would read after a crash.

    What lies behind them is left of an earlier round (https://sqlite.org/fileformat2.html#walformat).
    """
    log = ahead.read_bytes()
    page, salts = int.from_bytes(log[8:12], "big"), log[16:24]
    committed = 0
    for number, at in enumerate(range(32, len(log), 24 + page)):
        if log[at + 8 : at + 16] != salts:
            break
        if any(log[at + 4 : at + 8]):
            committed = number + 1
    assert committed
    return 32 + committed // 2 * (24 + page) + 24


@pytest.mark.parametrize("cut", [False, True])
def test_a_write_ahead_log_that_lost_its_end_is_refused(tmp_path: Path, *, cut: bool) -> None:
    least = killed(tmp_path / "index", "mixed", random.Random(5), batches=30)
    ahead = tmp_path / "index" / "log-wal"
    middle = middle_of_commits(ahead)
    if cut:
        os.truncate(ahead, middle)
    else:
        damaged(ahead, middle)
    shutil.copytree(tmp_path / "index", tmp_path / "copy")
    for read_only in (True, False):
        with pytest.raises(DamagedError, match="to go on without them, delete"):
            LocalStore(tmp_path / "copy", {}, derive, read_only=read_only)
    (tmp_path / "copy" / "reached").unlink()
    store = LocalStore(tmp_path / "copy", {}, derive)
    assert 0 < store.last_seq < least[0]
    assert store.check() == []
    store.append(batch(store, generated(np.random.default_rng(1), 2)))
    store.close()
    LocalStore(tmp_path / "copy", {}, derive).close()


@pytest.mark.parametrize("keep", [0, 0.3, 0.9])
def test_a_log_cut_short_is_refused(tmp_path: Path, keep: float) -> None:
    model = fill(tmp_path / "index", 12, 6)
    file = tmp_path / "index" / "log"
    os.truncate(file, int(file.stat().st_size * keep) // 4096 * 4096)
    assert not answers_right_or_refuses(tmp_path / "index", model, mends=True)


def test_a_log_that_is_gone_is_missed(tmp_path: Path) -> None:
    fill(tmp_path / "index", 1)
    (tmp_path / "index" / "log").unlink()
    for read_only in (False, True):
        with pytest.raises(DamagedError, match="its log is missing"):
            LocalStore(tmp_path / "index", META, read_only=read_only)


def test_check_names_what_is_damaged(tmp_path: Path, small: None) -> None:
    fill(tmp_path / "index", 12, 6)
    store = LocalStore(tmp_path / "index", {}, derive)
    file = min((tmp_path / "index").glob("*.postings"))
    damaged(file, 8)
    found = store.check()
    assert [problem.where for problem in found] == [str(file)]
    assert "from the log" in found[0].remedy
    store.close()


# ---- several processes and threads


def test_two_writers_take_turns(tmp_path: Path) -> None:
    first = LocalStore(tmp_path / "index", META, derive)
    code = (
        "import sys; from index_batches import derive; from dedup.storage.local import LocalStore\n"
        "from dedup.errors import LockedError\n"
        "try: LocalStore(sys.argv[1], {}, derive, wait=float(sys.argv[2])).close()\n"
        "except LockedError as error: sys.exit(error.exit_code)"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "index")]
    folder = Path(__file__).parent
    assert (
        subprocess.run([*command, "0.1"], cwd=folder, check=False).returncode
        == LockedError.exit_code
    )
    waiting = subprocess.Popen([*command, "30"], cwd=folder)
    time.sleep(0.5)
    first.append(batch(first, generated(np.random.default_rng(1), 2)))
    first.close()
    assert waiting.wait() == 0


def test_a_reader_answers_while_a_writer_seals_merges_and_compacts(
    tmp_path: Path, small: None
) -> None:
    store, model, rng = (
        LocalStore(tmp_path / "index", META, derive),
        Model(),
        np.random.default_rng(9),
    )
    first = batch(store, generated(rng, 30))
    store.append(first)
    model.append(first)
    keys = np.unique(first.postings["bands"][0])
    known = [model.postings["bands", key] for key in keys.tolist()]
    wrong: list[object] = []
    done = threading.Event()

    def read() -> None:
        reader = LocalStore(tmp_path / "index", META, read_only=True)
        try:
            while not done.is_set():
                found = reader.find("bands", keys, EVERY)
                for n, ids in enumerate(known):
                    got = found.ids[found.offsets[n] : found.offsets[n + 1]].tolist()
                    if got[: len(ids)] != ids:
                        wrong.append((ids, got))
        except BaseException as error:
            wrong.append(error)
            raise
        finally:
            reader.close()

    thread = threading.Thread(target=read)
    thread.start()
    for turn in range(60):
        store.append(batch(store, generated(rng, 3)))
        if turn % 20 == 19:
            store.compact()
    done.set()
    thread.join()
    assert wrong == []
    store.close()


def test_an_interrupted_bulk_load_is_resumed_where_it_was(tmp_path: Path, small: None) -> None:
    rng = np.random.default_rng(4)
    backlog = [(f"b{n}", words) for n, (_, words) in enumerate(generated(rng, 600))]
    killed(tmp_path / "index", "bulk", random.Random(1))
    for upto in (1, 2):  # the second time with a store that was left open by a killed process
        store = LocalStore(tmp_path / "index", {}, derive)
        names = [name for name, _ in backlog]
        missing = [pair for pair, seq in zip(backlog, store.current(names), strict=True) if not seq]
        for low in range(0, len(missing) * upto // 2, 100):
            store.append(batch(store, missing[low : low + 100]))
        store.close()
    store = LocalStore(tmp_path / "index", {}, derive)
    assert all(store.current([name for name, _ in backlog]))
    held = texts([text for _, words in backlog for text in words])
    assert (store.numbers(held.key) >= 0).all()
    assert store.check() == []
    store.close()


def test_a_failing_transaction_leaves_the_store_as_it_was(
    tmp_path: Path, small: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, model, rng = (
        LocalStore(tmp_path / "index", META, derive),
        Model(),
        np.random.default_rng(6),
    )
    for articles in (3, 80, 3, 80):
        added = batch(store, generated(rng, articles))
        with monkeypatch.context() as patch:
            patch.setattr(LocalStore, "_commit", lambda *_: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                store.append(added)
        model.same(store, EVERY)
        store.append(added)
        model.append(added)
        model.same(store, EVERY)
    store.append(Batch())
    assert store.check() == []
    assert local._DIRECT == 400
    assert lsm.SEAL == 100
    store.close()
