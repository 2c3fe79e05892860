"""Opening an index: what it records of how it was made, and what may not differ later."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict
from typing import Any

import numpy as np

from dedup.errors import DamagedError, SettingsError
from dedup.index.postings import derive
from dedup.index.stable_ids import Assignment, StableIds
from dedup.index.state import BOILERPLATE_NOTE, MEMBERS, SETTLED, state
from dedup.match import lsh, minhash
from dedup.match.fingerprints import GRAM, QUOTATION
from dedup.match.signatures import WINDOW
from dedup.settings import Settings
from dedup.storage.protocol import Batch, Postings, Store, Texts
from dedup.text import tokenize
from dedup.text.characters import UNICODE


def patience(name: str, seconds: float) -> float:
    """Return how long to wait; `SettingsError` names what is no length of time.

    >>> patience("wait", 0.5)
    0.5
    """
    if not isinstance(seconds, (int, float)) or not seconds >= 0:
        raise SettingsError(f"{name} is {seconds!r}; it must be a number of seconds, 0 or more")
    return seconds


def opened(
    path: str | os.PathLike[str],
    settings: Settings | None,
    *,
    keep_text: bool,
    read_only: bool,
    wait: float,
) -> tuple[Store, Settings, bool]:
    """Open or make the store at `path`; return it with the settings in force.

    The last value tells whether it keeps texts. Raises `SettingsError` naming what differs from
    what is recorded.
    """
    chosen = [settings or Settings()]
    store = store_at(path, chosen, keep_text=keep_text, read_only=read_only, wait=wait)
    try:
        held = store.meta
        if settings is None:
            chosen[0] = read_settings(path, held["settings"])
        refuse_others(path, held, recorded(chosen[0], keep_text=keep_text))
        refuse_unfinished(path, store)
        up_to_date(path, store, read_only=read_only)
    except BaseException:
        store.close()
        raise
    return store, chosen[0], bool(held["keep_text"])


SERVERS = ("redis", "rediss", "unix", "valkey", "valkeys", "redis+sentinel")
"""Schemes of addresses at which an index can be kept, beside folders."""
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")


UNFINISHED = "unfinished"
"""The name of the blob that is not empty while a copy is being made in the place itself."""


def has_scheme(path: str | os.PathLike[str]) -> bool:
    """Return whether an index is kept by a server, not in a folder."""
    return _SCHEME.match(os.fsdecode(path)) is not None


def store_at(
    path: str | os.PathLike[str],
    chosen: Sequence[Settings] = (Settings(),),
    *,
    keep_text: bool = False,
    read_only: bool = False,
    wait: float = 10.0,
) -> Store:
    """Open or make the store at `path`, whatever made it.

    `chosen` holds the settings of a new one, and of the postings that must be derived again.
    """

    def again(texts: Texts, first: int) -> Postings:
        return derive(texts.arrays, first, chosen[0])

    meta = recorded(chosen[0], keep_text=keep_text)
    if on_server(path):
        from dedup.storage.redis.store import RedisStore

        return RedisStore(str(path), meta, read_only=read_only, wait=wait)
    from dedup.storage.local import LocalStore

    return LocalStore(path, meta, again, read_only=read_only, wait=wait)


def refuse_unfinished(path: str | os.PathLike[str], store: Store) -> None:
    """Raise `DamagedError` where a copy was not finished."""
    if store.state(UNFINISHED):
        raise DamagedError(
            f"{path}: an index was being copied to this place, and the copy was not finished; make "
            "it again, which begins anew"
        )


def on_server(path: str | os.PathLike[str]) -> bool:
    """Return whether an index at `path` is on a server. Raises `SettingsError` for a wrong address.

    >>> on_server("redis://127.0.0.1/0"), on_server("news.index")
    (True, False)
    """
    scheme = _SCHEME.match(os.fsdecode(path))
    if scheme and scheme[1].lower() not in SERVERS:
        raise SettingsError(
            f"{path}: no index can be kept there; give a folder, or the address of a server: "
            f"{', '.join(f'{name}://' for name in SERVERS)}"
        )
    return bool(scheme)


def recorded(settings: Settings, *, keep_text: bool) -> dict[str, Any]:
    """Return what an index records when it is made.

    >>> recorded(Settings(), keep_text=False)["made"]["bands"]
    [42, 3]
    """
    bands = lsh.shape(settings.threshold, settings.num_perm, settings.recall)
    made = {
        "normalizer": tokenize.VERSION,
        "unicode": UNICODE,
        "shingle": settings.shingle,
        "scheme": minhash.SCHEME,
        "seed": settings.seed,
        "num_perm": settings.num_perm,
        "bands": list(bands),
        "prints": [GRAM, QUOTATION, WINDOW],
    }
    return {"made": made, "settings": asdict(settings), "keep_text": keep_text}


_SAME = frozenset(("15.0.0", "15.1.0", "16.0.0"))
"""Versions of Unicode that earlier versions of dedup recorded, which had them from Python. Words
differ from those of today's only where characters stand that were new then."""

_READING = ("normalizer", "unicode")
"""What says how words are read: another value is another reading of the same text."""


def refuse_others(
    path: str | os.PathLike[str], held: Mapping[str, Any], asked: Mapping[str, Any]
) -> None:
    """Raise `SettingsError` where the index was made otherwise than is asked for."""
    if asked["keep_text"] and not held["keep_text"]:
        raise SettingsError(
            f"{path}: the index was made without texts, and cannot keep them from now on only; "
            "open it without keep_text, or make a new one"
        )
    refuse_readings(path, held)
    differs = _differing(held, asked["made"])
    if differs:
        raise SettingsError(
            f"{path}: the index was made otherwise: {'; '.join(differs)}; open it with the settings"
            " and the version of dedup that made it, or make a new one from the articles; `dedup "
            f"index renew {path} NEW` makes a new one of other settings"
        )


def _differing(held: Mapping[str, Any], asked: Mapping[str, Any]) -> list[str]:
    """Say of each thing that is asked for what an index recorded instead."""
    made = {**held["made"]}
    if made.get("unicode") in _SAME:
        made["unicode"] = UNICODE
    return [
        f"{name} is {held['made'].get(name)!r} there and {value!r} here"
        for name, value in asked.items()
        if made.get(name) != value
    ]


def refuse_readings(path: str | os.PathLike[str], held: Mapping[str, Any]) -> None:
    """Raise `SettingsError` where words were read otherwise when the index was made."""
    asked = recorded(Settings(), keep_text=False)["made"]
    differs = _differing(held, {name: asked[name] for name in _READING})
    if differs:
        remedy = (
            f"its texts are kept: `dedup index renew {path} NEW` makes a new one of them"
            if held["keep_text"]
            else "it keeps no texts to read again: make a new one from the articles"
        )
        raise SettingsError(
            f"{path}: the index was made otherwise: another version of dedup read its words, "
            f"and reads some otherwise today ({'; '.join(differs)}); {remedy}"
        )


def recorded_settings(path: str | os.PathLike[str]) -> Settings:
    """Return the settings that the index at `path` has recorded."""
    with closing(store_at(path, read_only=True)) as store:
        return read_settings(path, store.meta["settings"])


def read_settings(path: str | os.PathLike[str], held: Mapping[str, Any]) -> Settings:
    """Return the settings that the index at `path` has recorded; what is not recorded is default.

    Raises `DamagedError` for names that are none of this version's.
    """
    if unknown := sorted(held.keys() - set(Settings.__slots__)):
        raise DamagedError(
            f"{path}: another version of dedup made this index, with settings that this one does "
            f"not know ({', '.join(unknown)}); take the version that made it, or build it again"
        )
    return Settings(**{**held, "preferred_sites": tuple(held.get("preferred_sites", ()))})


# -- Indexes of earlier versions, brought up to date

VERSION = 3
"""Version of what an index records in its store.

1 kept the groups that an article joined in the article's own record, so that opening an index had
to read all articles since it was settled. 2 keeps them in events, and the settled groups as arrays.
3 has events that name the members of groups; those of 2 are read, and lead to no groups: the first
settling tells all of them.
"""

_READ = (2, VERSION)  # versions that are read as they are

_NAME = "version"
_STEP = 1000  # articles read at a time


def up_to_date(path: str | os.PathLike[str], store: Store, *, read_only: bool) -> None:
    """Bring the records of a store to `VERSION`, as a whole or not at all.

    Raises `DamagedError` for those of a later version, and for earlier ones that may only be read.
    """
    held = store.state(_NAME)
    version = int(held) if held else 1 if store.last_seq else 0
    if version == VERSION or (read_only and version in (0, *_READ)):
        return
    if version > VERSION:
        raise DamagedError(
            f"{path}: this index has records of version {version}, and this version of dedup reads "
            f"{VERSION}; take the version of dedup that wrote it, or build it again"
        )
    if read_only:
        raise DamagedError(
            f"{path}: an earlier version of dedup wrote this index; open it for writing once, "
            "which brings it up to date"
        )
    with store.writing():
        changed = _STEPS[version](store)
        store.append(Batch(state={**changed, _NAME: str(VERSION).encode()}))


def _from_1(store: Store) -> dict[str, bytes]:
    """Return the settled groups together with those that articles recorded since."""
    settled = int((store.state(SETTLED) or b"0").split()[0])
    boilerplate = set(np.frombuffer(store.state(BOILERPLATE_NOTE) or b"", np.uint32).tolist())
    kept = {kind: json.loads(store.state(kind) or b"[[], {}]") for kind in MEMBERS}
    groups: dict[str, dict[int, str]] = {kind: dict(of) for kind, (of, _) in kept.items()}
    for low in range(settled + 1, store.last_seq + 1, _STEP):
        for stored in store.read_articles(range(low, min(low + _STEP, store.last_seq + 1))):
            old: dict[str, Any] = dict(stored.extra)  # with the groups it joined
            boilerplate.update(old.get(BOILERPLATE_NOTE, ()))
            for kind, of in groups.items():
                of.update({int(m): id_ for m, id_ in old.get(kind, {}).items()})
    stable_ids = {
        kind: StableIds(kind, Assignment.settled(of), json.dumps(kept[kind][1]).encode())
        for kind, of in groups.items()
    }
    return state(stable_ids, boilerplate, store.last_seq, store.last_event)


_STEPS: dict[int, Callable[[Store], dict[str, bytes]]] = {
    0: lambda _: {},
    1: _from_1,
    2: lambda _: {},
}
"""What makes the blobs of `VERSION`, by earlier version; 0 is an index without articles."""
