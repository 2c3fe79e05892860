from __future__ import annotations

import dataclasses
import shutil
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from index_batches import META, article, batch, derive, generated, make_small, texts

from dedup.errors import DamagedError, InputError, LockedError, OutputError
from dedup.records import Article
from dedup.storage import local
from dedup.storage.local import LocalStore
from dedup.storage.protocol import PLACES, Batch, StoredArticle, Texts

DATA = Path(__file__).parent / "data"
EVERY = 1 << 40


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are made of few postings, so that small tests seal and merge."""
    make_small(monkeypatch.setattr)


class Model:
    """What a store should answer, in plain dictionaries."""

    def __init__(self) -> None:
        self.numbers: dict[bytes, int] = {}
        self.words: list[tuple[bytes, bytes, bytes]] = []
        self.postings: dict[tuple[str, int], list[int]] = defaultdict(list)
        self.articles: list[StoredArticle] = []
        self.events: list[tuple[int, str, dict[str, Any]]] = []
        self.state: dict[str, bytes] = {}

    def append(self, added: Batch) -> None:
        for row in range(len(added.texts.key)):
            low, high = added.texts.offsets[row : row + 2]
            key = added.texts.key[row].tobytes()
            self.numbers[key] = len(self.words)
            self.words.append(
                (key, added.texts.tokens[low:high].tobytes(), added.texts.flags[low:high].tobytes())
            )
        for table, (keys, ids) in added.postings.items():
            for key, number in zip(keys.tolist(), ids.tolist(), strict=True):
                self.postings[table, key].append(number)
        self.articles += added.articles
        for seq in added.superseded:
            self.articles[seq - 1] = dataclasses.replace(self.articles[seq - 1], superseded=True)
        for seq in added.removed:
            gone = self.articles[seq - 1]
            self.articles[seq - 1] = dataclasses.replace(
                gone,
                article=Article(gone.article.id, ""),
                fingerprint=bytes(16),
                extra={},
                removed=True,
            )
        self.events += [(n, *event) for n, event in enumerate(added.events, len(self.events) + 1)]
        self.state |= added.state

    def current(self, name: str) -> int:
        boilerplate = [a.seq for a in self.articles if a.article.id == name and is_current(a)]
        return max(boilerplate, default=0)

    def same(self, store: LocalStore, most: int) -> None:
        """Fail where the store answers otherwise."""
        assert (store.texts, store.last_seq, store.last_event) == (
            *(len(self.words), len(self.articles), len(self.events)),
        )
        for table in ("bands", "prints", PLACES):
            keys = np.array([key for name, key in self.postings if name == table] + [77], np.uint64)
            found = store.find(table, keys, most)
            for n, key in enumerate(keys.tolist()):
                wanted = sorted(self.postings.get((table, key), []))
                got = found.ids[found.offsets[n] : found.offsets[n + 1]].tolist()
                assert (got, found.totals[n]) == (wanted[:most], len(wanted))
        self._same_texts(store)
        stored = store.read_articles(range(1, len(self.articles) + 1))
        assert [plain(each) for each in stored] == [plain(each) for each in self.articles]
        names = [*sorted({each.article.id for each in self.articles}), "unknown"]
        assert store.current(names) == [self.current(name) for name in names]
        assert store.events(0, 1 << 40) == self.events
        assert store.events(3, 2) == self.events[3:5]
        assert {name: store.state(name) for name in self.state} == self.state
        assert store.state("unset") is None

    def _same_texts(self, store: LocalStore) -> None:
        order = np.arange(len(self.words))[::-1].copy()
        held = store.read_texts(order)
        assert all(array.flags.writeable for array in held)  # as the kernels take them
        for n, number in enumerate(order.tolist()):
            low, high = held.offsets[n : n + 2]
            assert self.words[number] == (
                held.key[n].tobytes(),
                held.tokens[low:high].tobytes(),
                held.flags[low:high].tobytes(),
            )
        keys = np.concatenate([held.key, np.array([[1, 2]], np.uint64)])
        assert store.numbers(keys).tolist() == [*order.tolist(), -1]


def is_current(stored: StoredArticle) -> bool:
    return not (stored.superseded or stored.removed)


def plain(stored: StoredArticle) -> dict[str, Any]:
    arrays = ("paragraph", "start", "end", "text")
    return dataclasses.asdict(
        dataclasses.replace(stored, **{name: getattr(stored, name).tolist() for name in arrays})
    )


@settings(max_examples=25, deadline=None)
@given(
    steps=st.lists(
        st.sampled_from([1, 2, 9, 40, "reopen", "remove", "compact", "settle"]), max_size=14
    ),
    seed=st.integers(0, 2**16),
    most=st.sampled_from([1, 5, EVERY]),
)
def test_a_store_answers_as_dictionaries_do_whatever_was_sealed_merged_and_reopened(
    tmp_path_factory: pytest.TempPathFactory, steps: list[int | str], seed: int, most: int
) -> None:
    folder, rng, model = tmp_path_factory.mktemp("index"), np.random.default_rng(seed), Model()
    with pytest.MonkeyPatch.context() as patch:
        make_small(patch.setattr)
        store = LocalStore(folder, META, derive)
        reader = LocalStore(folder, META, read_only=True)
        for step in steps:
            if step == "reopen":
                store.close()
                store = LocalStore(folder, {}, derive)
            elif step == "compact":
                store.compact()
            elif step == "settle":
                with store._turn:
                    store._lsm.join()
            else:
                if step == "remove":
                    seqs = [each.seq for each in model.articles if is_current(each)][:2]
                    added = Batch(removed=seqs, events=[("removed", {"seqs": seqs})])
                else:
                    assert isinstance(step, int)
                    added = batch(store, generated(rng, step))
                store.append(added)
                model.append(added)
            model.same(store, most)
        model.same(reader, most)
        assert store.check() == []
        reader.close()
        store.close()


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


def test_an_article_comes_back_as_it_was_added(tmp_path: Path) -> None:
    given = dataclasses.replace(
        article(1, "a/1 \ud800 ü", [0, 1]),
        article=Article("a/1 \ud800 ü", "Rain.\n" * 2000, title="", date="2026-01-02", lang="en"),
        extra={"wire": {"agency": None}},
    )
    with_texts = texts([[1, 2], []])
    store = LocalStore(tmp_path / "index", META)
    store.append(Batch([given], with_texts))
    store.close()
    store = LocalStore(tmp_path / "index", META)
    assert plain(store.read_articles([1])[0]) == plain(given)
    assert store.current(["a/1 \ud800 ü"]) == [1]
    store.close()


def test_what_is_asked_for_beyond_what_is_there_is_refused(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "index", META)
    with pytest.raises(IndexError, match="no text 0"):
        store.read_texts(np.array([0]))
    with pytest.raises(IndexError, match="no article 0"):
        store.read_articles([0])
    with pytest.raises(ValueError, match="numbered on from 0"):
        store.append(Batch([article(2, "a", [])]))
    with pytest.raises(ValueError, match="below 2"):
        store.append(
            Batch(postings={"far": (np.array([1 << 56], np.uint64), np.zeros(1, np.uint32))})
        )
    assert len(store.read_texts(np.empty(0, np.int64)).key) == 0
    assert store.read_articles([]) == []
    assert store.current([]) == []
    assert len(store.numbers(np.empty((0, 2), np.uint64))) == 0
    assert store.find("never", np.empty(0, np.uint64), 1).offsets.tolist() == [0]
    store.append(Batch(texts=Texts.none()))
    store.close()
    store.close()
    with pytest.raises(ValueError, match="was closed"):
        store.texts  # noqa: B018


def test_meta_is_what_the_store_was_made_with(tmp_path: Path) -> None:
    LocalStore(tmp_path / "index", META).close()
    store = LocalStore(tmp_path / "index", {"other": 1})
    assert store.meta == META
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


def test_an_index_of_a_later_format_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "FORMAT", 9)
    LocalStore(tmp_path / "index", META).close()
    monkeypatch.undo()
    with pytest.raises(DamagedError, match="has format 9, and this version of dedup reads 1"):
        LocalStore(tmp_path / "index", META)
