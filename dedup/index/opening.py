"""Opening an index: what it records of how it was made, and what may not differ later."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from dedup import lsh, minhash, normalize
from dedup.characters import UNICODE
from dedup.errors import SettingsError
from dedup.index.migrate import up_to_date
from dedup.index.postings import WINDOW, derive
from dedup.passages import GRAM, SAYING
from dedup.settings import Settings
from dedup.store.protocol import Postings, Store, Texts


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

    def again(texts: Texts, first: int) -> Postings:
        return derive(texts.tokens, texts.cues, texts.offsets, first, chosen[0])

    meta = recorded(chosen[0], keep_text=keep_text)
    store: Store
    if str(path).startswith(("redis://", "rediss://", "unix://")):
        from dedup.store.redis import RedisStore

        store = RedisStore(str(path), meta, read_only=read_only, wait=wait)
    else:
        from dedup.store.local import LocalStore

        store = LocalStore(path, meta, again, read_only=read_only, wait=wait)
    try:
        held = store.meta
        if settings is None:
            chosen[0] = _settings(held["settings"])
        refuse_others(path, held, recorded(chosen[0], keep_text=keep_text))
        up_to_date(path, store, read_only=read_only)
    except BaseException:
        store.close()
        raise
    return store, chosen[0], bool(held["keep_text"])


def recorded(settings: Settings, *, keep_text: bool) -> dict[str, Any]:
    """Give what an index records when it is made.

    >>> recorded(Settings(), keep_text=False)["made"]["bands"]
    [42, 3]
    """
    bands = lsh.shape(settings.threshold, settings.num_perm, settings.recall)
    made = {
        "normalizer": normalize.VERSION,
        "unicode": UNICODE,
        "shingle": settings.shingle,
        "scheme": minhash.SCHEME,
        "seed": settings.seed,
        "num_perm": settings.num_perm,
        "bands": list(bands),
        "prints": [GRAM, SAYING, WINDOW],
    }
    return {"made": made, "settings": asdict(settings), "keep_text": keep_text}


def refuse_others(
    path: str | os.PathLike[str], held: Mapping[str, Any], asked: Mapping[str, Any]
) -> None:
    """Raise `SettingsError` where the index was made otherwise than is asked for."""
    if asked["keep_text"] and not held["keep_text"]:
        raise SettingsError(
            f"{path}: the index was made without texts, and cannot keep them from now on only; "
            "open it without keep_text, or make a new one"
        )
    differs = [
        f"{name} is {held['made'].get(name)!r} there and {value!r} here"
        for name, value in asked["made"].items()
        if held["made"].get(name) != value
    ]
    if differs:
        raise SettingsError(
            f"{path}: the index was made otherwise: {'; '.join(differs)}; open it with the settings"
            " and the version of dedup that made it, or make a new one from the articles"
        )


def _settings(held: Mapping[str, Any]) -> Settings:
    sites = tuple(held["preferred_sites"])
    return Settings(**{**held, "preferred_sites": sites})
