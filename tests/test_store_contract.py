"""What every store does, in a folder or in Redis: a storage backend is done when this passes."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from index_batches import META, article, batch, derive, generated, make_small, texts
from redis_server import DURABLE, RedisServer
from store_model import EVERY, Model, is_current, plain

from dedup.errors import DamagedError, InputError, OutputError
from dedup.records import Article
from dedup.storage import local
from dedup.storage.local import LocalStore
from dedup.storage.protocol import Batch, Texts
from dedup.storage.redis import buckets
from dedup.storage.redis import store as in_redis
from dedup.storage.redis.store import RedisStore

AnyStore = LocalStore | RedisStore
_NUMBERS = count()


@pytest.fixture(scope="module", params=["folder", "redis"])
def ground(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Where there is room for many stores."""
    folder = tmp_path_factory.mktemp("stores")
    if request.param == "folder":
        yield str(folder)
    else:
        server = RedisServer(folder, *DURABLE)
        yield server.url
        server.kill()


@pytest.fixture
def place(ground: str) -> str:
    return new(ground)


def new(ground: str) -> str:
    """A place for a store of its own."""
    between = "?prefix=test-" if ground.startswith("redis://") else "/"
    return f"{ground}{between}{next(_NUMBERS)}"


def opened(place: str, meta: Mapping[str, Any] = META, *, read_only: bool = False) -> AnyStore:
    if place.startswith("redis://"):
        return RedisStore(place, dict(meta), read_only=read_only)
    return LocalStore(Path(place), dict(meta), derive, read_only=read_only)


@settings(max_examples=20, deadline=None)
@given(
    steps=st.lists(
        st.sampled_from([1, 2, 9, 40, "reopen", "remove", "compact", "its own"]), max_size=12
    ),
    seed=st.integers(0, 2**16),
    most=st.sampled_from([1, 5, 15, 16, 40, EVERY]),
)
def test_a_store_answers_as_dictionaries_do_whatever_happens_to_it(
    ground: str, steps: list[int | str], seed: int, most: int
) -> None:
    place, rng, model = new(ground), np.random.default_rng(seed), Model()
    with pytest.MonkeyPatch.context() as patch:
        make_small(patch.setattr)  # files of few postings, which are sealed and merged
        patch.setattr(buckets, "SLICE", 100)
        store, reader = opened(place), opened(place, read_only=True)
        others: list[AnyStore] = [reader]
        for step in steps:
            if step == "reopen":
                store.close()
                store = opened(place, {})
            elif step == "compact":
                store.compact()
                model.compact()
            elif step == "its own":
                if isinstance(store, LocalStore):  # files are merged at once
                    with store._turn:
                        store._lsm.join()
                else:  # another writer goes on
                    others.append(store)
                    store = opened(place, {})
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
        for each in (*others, store):
            model.same(each, most)
            assert each.check() == []
            each.close()


def test_an_article_comes_back_as_it_was_added(place: str) -> None:
    given = dataclasses.replace(
        article(1, "a/1 \ud800 ü", [0, 1]),
        article=Article("a/1 \ud800 ü", "Rain.\n" * 2000, title="", date="2026-01-02", lang="en"),
        extra={"wire": {"agency": None}},
    )
    store = opened(place)
    store.append(Batch([given], texts([[1, 2], []])))
    store.close()
    store = opened(place)
    assert plain(store.read_articles([1])[0]) == plain(given)
    assert store.current(["a/1 \ud800 ü"]) == [1]
    store.append(Batch(superseded=[1]))
    assert store.current(["a/1 \ud800 ü"]) == [0]
    store.close()


def test_what_is_asked_for_beyond_what_is_there_is_refused(place: str) -> None:
    store = opened(place)
    with pytest.raises(IndexError, match="no text 0"):
        store.read_texts(np.array([0]))
    with pytest.raises(IndexError, match="no article 0"):
        store.read_articles([0])
    with pytest.raises(ValueError, match="numbered on from 0"):
        store.append(Batch([article(2, "a", [])]))
    with pytest.raises(IndexError, match="no article 3"):
        store.append(Batch(removed=[3]))
    far = np.array([1 << 56], np.uint64), np.zeros(1, np.uint32)
    with pytest.raises(ValueError, match="below 2"):
        store.append(Batch(postings={"far": far}))
    assert len(store.read_texts(np.empty(0, np.int64)).key) == 0
    assert store.read_articles([]) == []
    assert store.current([]) == []
    assert len(store.numbers(np.empty((0, 2), np.uint64))) == 0
    assert store.find("never", np.empty(0, np.uint64), 1).offsets.tolist() == [0]
    store.append(Batch(texts=Texts.none()))
    assert store.check() == []
    store.close()
    store.close()
    with pytest.raises(ValueError, match="was closed"):
        store.texts  # noqa: B018


def test_meta_is_what_the_store_was_made_with(place: str) -> None:
    opened(place).close()
    store = opened(place, {"other": 1})
    assert store.meta == META
    store.close()


def test_a_store_that_is_not_there_is_not_made_for_reading(place: str) -> None:
    with pytest.raises(InputError, match="there is no index"):
        opened(place, read_only=True)


def test_a_reader_writes_nothing(place: str) -> None:
    opened(place).close()
    reader = opened(place, read_only=True)
    with pytest.raises(OutputError, match="open it for writing"):
        reader.append(Batch())
    reader.close()


def test_a_store_of_a_later_format_is_refused(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (local, in_redis):
        monkeypatch.setattr(module, "FORMAT", 9)
    opened(place).close()
    monkeypatch.undo()
    with pytest.raises(DamagedError, match="has format 9, and this version of dedup reads 1"):
        opened(place)


# ---- what may be lost


def test_bytes_put_aside_are_there_until_they_are_taken_away(place: str) -> None:
    with closing(opened(place)) as store:
        assert store.aside("corpus") is None
        store.put_aside("corpus", b"one two")
        store.put_aside("measures", b"other")
        store.put_aside("corpus", b"three", 4)
        assert store.aside("corpus") == bytearray(b"one three")
        store.put_aside("corpus", b"new")
        assert store.aside("corpus") == bytearray(b"new")
        store.put_aside("corpus", b"")
        assert (store.aside("corpus"), store.aside("measures")) == (None, bytearray(b"other"))


@pytest.mark.parametrize("there", [b"", b"one"])
def test_bytes_behind_a_part_that_is_not_there_are_not_kept(place: str, there: bytes) -> None:
    with closing(opened(place)) as store:
        store.put_aside("corpus", there)
        store.put_aside("corpus", b"three", 4)
        assert store.aside("corpus") is None
