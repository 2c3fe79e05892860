from __future__ import annotations

import shutil
import threading
from pathlib import Path

import numpy as np
import pytest
from index_batches import META, batch, derive, generated, make_small
from store_model import EVERY, Model

from dedup.errors import DamagedError, InputError, LockedError, OutputError
from dedup.storage.local import LocalStore
from dedup.storage.postings import segment
from dedup.storage.postings.blocks import locate
from dedup.storage.postings.lsm import Lsm
from dedup.storage.postings.search import Search
from dedup.storage.protocol import Batch

DATA = Path(__file__).parent / "data"


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are made of few postings, so that small tests seal and merge."""
    make_small(monkeypatch.setattr)


def test_many_seals_and_merges_leave_few_files_and_all_postings(
    tmp_path: Path, small: None
) -> None:
    store, model, rng = (
        LocalStore(tmp_path / "index", META, derive),
        Model(),
        np.random.default_rng(3),
    )
    for _ in range(150):
        added = batch(store, generated(rng, 3))
        store.append(added)
        model.append(added)
    store._lsm.join()
    store.append(Batch())
    assert store.stats()["segments"] < 12
    model.same(store, EVERY)
    store.compact()
    assert store.stats()["segments"] == 1
    assert store.stats()["unsealed"] == 0
    model.same(store, 3)
    assert store.check() == []
    store.close()


def test_others_write_while_compacting_merges_files(
    tmp_path: Path, small: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, model, rng = (
        LocalStore(tmp_path / "index", META, derive),
        Model(),
        np.random.default_rng(8),
    )

    def write() -> None:
        added = batch(store, generated(rng, 3))
        store.append(added)
        model.append(added)

    for _ in range(20):
        write()
    join, wrote = Lsm.join, list[bool]()

    def joined(lsm: Lsm) -> None:
        if len(wrote) < 2:  # then it ends, whatever others write
            other = threading.Thread(target=write)
            other.start()
            other.join(20)
            wrote.append(not other.is_alive())
        join(lsm)

    monkeypatch.setattr(Lsm, "join", joined)
    store.compact()
    assert wrote == [True, True]
    assert store.stats()["segments"] == 1
    model.same(store, EVERY)
    assert store.check() == []
    store.close()


def test_a_key_that_fills_many_blocks_gives_its_lowest_ids_and_its_count(
    tmp_path: Path,
) -> None:
    store = LocalStore(tmp_path / "index", META)
    ids = np.arange(200_000, dtype=np.uint32)
    keys = np.where(ids % 10 == 0, 7, np.where(ids % 3 == 0, 5, 1 << 33)).astype(np.uint64)
    wanted = {key: ids[keys == key] for key in (5, 7, 1 << 33)}
    store.append(Batch(postings={"hot": (keys, ids)}))
    store.append(Batch(postings={"hot": (keys[:10], ids[:10] + np.uint32(200_000))}))
    for most in (1, 300, 1000, EVERY):
        found = store.find("hot", np.array([5, 6, 7, 1 << 33], np.uint64), most)
        assert found.totals.tolist() == [
            len(wanted[5]) + 3,
            0,
            len(wanted[7]) + 1,
            len(wanted[1 << 33]) + 6,
        ]
        for n, key in ((0, 5), (2, 7), (3, 1 << 33)):
            got = found.ids[found.offsets[n] : found.offsets[n + 1]]
            later = ids[:10][keys[:10] == key] + 200_000
            assert got.tolist() == [*wanted[key].tolist(), *later.tolist()][:most]
    store.close()


def test_a_reader_sees_what_was_committed_and_keeps_its_files_through_a_compaction(
    tmp_path: Path, small: None
) -> None:
    store, model, rng = (
        LocalStore(tmp_path / "index", META, derive),
        Model(),
        np.random.default_rng(5),
    )
    reader = LocalStore(tmp_path / "index", META, read_only=True)
    assert reader.texts == 0
    for _ in range(30):
        added = batch(store, generated(rng, 5))
        store.append(added)
        model.append(added)
        model.same(reader, 4)
    store.compact()
    model.same(reader, 4)
    with pytest.raises(OutputError, match="open it for writing"):
        reader.append(Batch())
    reader.close()
    store.close()


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"x")
    with pytest.raises(OutputError, match=r"photo\.jpg and no index"):
        LocalStore(tmp_path, META)
    with pytest.raises(InputError, match="there is no index"):
        LocalStore(tmp_path / "none", META, read_only=True)
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "log").write_bytes(b"news " * 1000)
    (tmp_path / "made" / "dedup-index").write_bytes(b"1")
    for read_only in (False, True):
        with pytest.raises(DamagedError, match="not a database"):
            LocalStore(tmp_path / "made", META, read_only=read_only)


def test_a_second_writer_waits_and_is_then_told_who_writes(tmp_path: Path) -> None:
    first = LocalStore(tmp_path / "index", META)
    with pytest.raises(LockedError, match=r"process \d+ writes this index"):
        LocalStore(tmp_path / "index", META, wait=0.05)
    first.close()
    LocalStore(tmp_path / "index", META, wait=0.05).close()


def test_an_index_of_the_first_format_opens_and_answers(tmp_path: Path) -> None:
    folder = shutil.copytree(DATA / "index-format-1", tmp_path / "index")
    store, rng, model = LocalStore(folder, {}, derive), np.random.default_rng(11), Model()
    empty = LocalStore(tmp_path / "other", META, derive)
    for size in (4, 2, 3):
        added = batch(empty, generated(rng, size))
        empty.append(added)
        model.append(added)
    model.same(store, EVERY)
    assert store.check() == []
    assert store.stats()["segments"] == 1
    store.append(batch(store, generated(rng, 2)))
    store.close()
    empty.close()


@pytest.mark.parametrize(("few", "least", "most"), [(1 << 17, 0.0, 0.02), (1 << 16, 0.03, 0.06)])
def test_a_file_of_few_postings_lets_hardly_a_key_pass_that_it_has_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, few: int, least: float, most: float
) -> None:
    monkeypatch.setattr(segment, "FEW", few)
    rng = np.random.default_rng(1)
    keys = rng.integers(0, 1 << 40, 1 << 16, np.uint64)
    path = tmp_path / "some.postings"
    digest = segment.write(path, segment.pack(keys, np.arange(1 << 16, dtype=np.uint32)))
    held = segment.Segment(path, digest)
    held.load()
    totals = np.zeros(len(keys), np.int64)
    found, ids = Search([held]).find(keys, EVERY, totals)
    assert totals.tolist() == [1] * len(keys)
    assert ids[np.argsort(found)].tolist() == list(range(len(keys)))
    others = rng.integers(0, 1 << 40, 1 << 15, np.uint64)
    which, _, _ = locate(np.array([held.row(held.bits)], np.int64), others)
    assert least <= len(which) / len(others) < most
    held.close()


def test_a_search_of_several_files_is_made_anew_when_a_filter_is_read(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    held, wanted = [], []
    for number in range(3):
        keys = np.unique(rng.integers(0, 1 << 34, 3000, np.uint64))
        path = tmp_path / f"{number}.postings"
        ids = np.arange(len(keys), dtype=np.uint32) + np.uint32(10_000 * number)
        held.append(segment.Segment(path, segment.write(path, segment.pack(keys, ids))))
        wanted.append(keys)
    every = np.concatenate(wanted)
    for filtered in (0, 1, 3):
        for one in held[:filtered]:
            one.load()
        search = Search(held)
        totals = np.zeros(len(every), np.int64)
        which, ids = search.find(every, EVERY, totals)
        assert ids.tolist() == [
            10_000 * number + place
            for number, keys in enumerate(wanted)
            for place in range(len(keys))
        ]
        assert every[which].tolist() == every.tolist()
        assert search.fits(held)
        held[0].load()
        assert not search.fits(held)
        assert not search.fits(list(held))
    for one in held:
        one.close()
