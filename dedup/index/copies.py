"""Copies of an index: beside its writer, to another kind of place, and into another index."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from dedup.errors import InputError, SettingsError
from dedup.files import anything, replaced
from dedup.index import stored_records
from dedup.index.answers import Added
from dedup.index.ingest import CHUNK, numbered
from dedup.index.open import UNFINISHED, on_server, opened, refuse_readings, store_at
from dedup.index.postings import derive
from dedup.index.stable_ids import Events
from dedup.index.state import IndexState
from dedup.progress import Progress, Silent
from dedup.settings import Settings
from dedup.storage.copy import copied, duplicate
from dedup.storage.local import LocalStore, writing
from dedup.storage.protocol import Batch, Extra, Postings, Store, StoredArticle, Texts, places

Place = str | os.PathLike[str]


def copy(old: Place, new: Place, *, progress: Progress | None = None) -> int:
    """Copy an index from one place to another, which is a folder or on a server, as it stands.

    Returns how many articles it has, revisions and removed ones aside.

    Numbers, revisions, marks, events, ids of groups and notes are the same there. A folder may be
    written meanwhile, and what comes after this began is not copied; on a server others wait to
    write until it is done. `new` appears whole or not at all; on a server a copy that was killed is
    refused when it is opened, and begun anew by the next one. Raises `InputError` where there is
    something already, and what `dedup.Index` raises.
    """
    store, settings, keep_text = opened(old, None, keep_text=False, read_only=True, wait=10.0)
    with closing(store):
        copy_of(store, settings, new, keep_text=keep_text, progress=progress)
        return int(store.stats()["articles"])


def copy_of(
    store: Store,
    settings: Settings,
    new: Place,
    *,
    keep_text: bool,
    progress: Progress | None = None,
) -> None:
    """Copy an index that is open; see `copy`."""
    if isinstance(store, LocalStore) and not on_server(new):
        with _new_folder(new) as folder, writing(Path(new)):
            duplicate(store.path, folder)
        return

    def again(texts: Texts, first: int) -> Postings:
        return derive(texts.arrays, first, settings)

    with making(new, settings, keep_text=keep_text) as target, store.still():
        copied(store, target, again, progress or Silent())


@contextmanager
def making(new: Place, settings: Settings, *, keep_text: bool) -> Iterator[Store]:
    """Yield the store of a new index, which is at `new` if the block ends well.

    A folder is made beside it. On a server it bears a mark until then, with which nobody opens it.
    Raises `InputError` where there is something already.
    """
    if not on_server(new):
        with (
            _new_folder(new) as folder,
            closing(store_at(folder, (settings,), keep_text=keep_text)) as store,
        ):
            yield store
        return
    from dedup.storage.redis.store import RedisStore

    with closing(store_at(new, (settings,), keep_text=keep_text)) as store:
        assert isinstance(store, RedisStore)
        if not store.state(UNFINISHED) and (store.last_seq or store.texts):
            raise InputError(f"{new}: there is an index already; name another prefix")
        store.erase()
    with closing(store_at(new, (settings,), keep_text=keep_text)) as store:
        store.append(Batch(state={UNFINISHED: b"1"}))
        yield store
        store.append(Batch(state={UNFINISHED: b""}))


@contextmanager
def _new_folder(new: Place) -> Iterator[Path]:
    """Yield a folder that becomes `new` if the block ends well."""
    there = Path(new)
    if there.is_file() or (there.is_dir() and anything(there)):
        raise InputError(f"{new}: there is something already; name a new folder")
    with replaced(new) as folder:
        yield folder


# -- The articles of one index in another


def merge(index: IndexState, other: Place, *, progress: Progress | None = None) -> Added:
    """Store all articles of another index in this one, which has them as if they were added.

    They come without their texts being read again, with their revisions, and without those that
    were removed; one that is in already is passed by. So a merge that was killed can simply be
    made again. Events and groups of the other one are left behind: settling finds what is alike.
    The settings of the two may differ in all but how words are read. Raises `SettingsError` where
    words were read otherwise, or this index keeps texts and the other one does not.
    """
    with closing(store_at(other, read_only=True)) as store, store.still():
        refuse_readings(other, store.meta)
        if index.keep_text and not store.meta["keep_text"]:
            raise SettingsError(
                f"{other}: keeps no texts, and the index that is to take its articles keeps them; "
                "take them into one without texts, or make this one again from the articles"
            )
        return take(index, store, progress or Silent())


def take(index: IndexState, other: Store, progress: Progress) -> Added:
    """Store the articles of another store, `CHUNK` at a time."""
    progress.stage("merge", other.last_seq)
    done = Added()
    for chunk in _chunks(other):
        with index.store.writing():
            done = _taken(index, other, chunk, done)
        progress.advance(len(chunk))
    return done


def _chunks(other: Store) -> Iterator[list[StoredArticle]]:
    """Yield articles that were not removed, in lists in which no id comes twice."""
    chunk: dict[str, StoredArticle] = {}
    for low in range(1, other.last_seq + 1, CHUNK):
        for stored in other.read_articles(range(low, min(low + CHUNK, other.last_seq + 1))):
            if stored.removed:
                continue
            if len(chunk) == CHUNK or stored.article.id in chunk:
                yield list(chunk.values())
                chunk = {}
            chunk[stored.article.id] = stored
    if chunk:
        yield list(chunk.values())


def _taken(index: IndexState, other: Store, chunk: Sequence[StoredArticle], done: Added) -> Added:
    store = index.store
    new: list[tuple[StoredArticle, StoredArticle | None]] = []
    for stored, seq in zip(chunk, store.current([s.article.id for s in chunk]), strict=True):
        revisions = list(stored_records.revisions(store, seq))
        if stored.fingerprint not in [before.fingerprint for before in revisions]:
            new.append((stored, revisions[0] if revisions else None))
    texts = 0
    if new:
        batch = _batch(index, other, new)
        texts = len(batch.texts.key)
        store.append(batch)
    return Added(
        articles=done.articles + len(new),
        seen=done.seen + len(chunk) - len(new),
        revisions=done.revisions + sum(before is not None for _, before in new),
        texts=done.texts + texts,
    )


def _batch(
    index: IndexState, other: Store, new: Sequence[tuple[StoredArticle, StoredArticle | None]]
) -> Batch:
    """Return the transaction that stores articles of another store."""
    store = index.store
    theirs = np.unique(np.concatenate([stored.text for stored, _ in new])).astype(np.int64)
    held = other.read_texts(theirs)
    known = store.numbers(held.key)
    numbers, fresh = numbered(known, store.texts)
    flags = _flags(store, held, known)
    made, events = [], Events()
    for seq, (stored, before) in enumerate(new, store.last_seq + 1):
        rows = np.searchsorted(theirs, stored.text)
        revision = before.revision + 1 if before else 1
        if before:
            events.append(("revision", {"article": stored.article.id, "revision": revision}))
        article = stored.article if index.keep_text else replace(stored.article, text="")
        made.append(
            replace(
                stored,
                seq=seq,
                revision=revision,
                article=article,
                text=numbers[rows].astype(np.uint32),
                extra=_extra(stored, before, [flags[row] for row in rows.tolist()]),
                superseded=False,
            )
        )
    arrays = held.arrays.take(fresh)
    texts = Texts(held.key[fresh], arrays.tokens, arrays.flags, arrays.offsets)
    return Batch(
        articles=made,
        texts=texts,
        postings={**derive(arrays, store.texts, index.settings), "places": places(made)},
        superseded=[before.seq for _, before in new if before],
        events=events,
    )


def _flags(store: Store, held: Texts, known: npt.NDArray[np.int64]) -> list[tuple[bytes, bytes]]:
    """Return the flags of each text there and here, where it is known already."""
    there = [held.flags[low:high].tobytes() for low, high in pairwise(held.offsets.tolist())]
    here = list(there)
    rows = np.flatnonzero(known >= 0)
    if len(rows):
        texts = store.read_texts(known[rows])
        for row, (low, high) in zip(rows.tolist(), pairwise(texts.offsets.tolist()), strict=True):
            here[row] = texts.flags[low:high].tobytes()
    return list(zip(there, here, strict=True))


def _extra(
    stored: StoredArticle, before: StoredArticle | None, flags: Sequence[tuple[bytes, bytes]]
) -> Extra:
    """Return what is kept of an article beside its fields and places, with this index's flags."""
    extra = Extra(**stored.extra)
    extra.pop("before", None)
    cues = extra.pop("cues", {})
    own = {}
    for row, (there, here) in enumerate(flags):
        written = cues.get(str(row), there.hex())
        if written != here.hex():
            own[str(row)] = written
    if own:
        extra["cues"] = own
    if before:
        extra["before"] = before.seq
    return extra
