"""A new index from the texts that an old one keeps, where another dedup made the old one.

When words are read otherwise than before (see `dedup.text.tokenize`), what an index stored of a
text is no longer what it would store today. The old index is only read.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing

from dedup.errors import InputError, SettingsError
from dedup.index.answers import Added
from dedup.index.index import Index
from dedup.index.open import read_settings, store_at
from dedup.progress import Progress
from dedup.records import Article
from dedup.storage.protocol import Store

_STEP = 1000  # articles read at a time


def renew(
    old: str | os.PathLike[str], new: str | os.PathLike[str], *, progress: Progress | None = None
) -> Added:
    """Put every article that `old` holds, revisions included, into a new index at `new`.

    Its settings are those of the old one. Ids of clusters and stories, and events, begin anew. What
    was removed stays out. Raises `SettingsError` when the old one keeps no texts, and `InputError`
    when there is something at `new` already.
    """
    with closing(store_at(old, read_only=True)) as store:
        if not store.meta["keep_text"]:
            raise SettingsError(
                f"{old}: the index was made without texts, so they cannot be read again; "
                "make a new one from the articles"
            )
        with Index(new, read_settings(store.meta["settings"]), keep_text=True) as opened:
            if len(opened):
                raise InputError(f"{new}: there is an index already; name a new folder")
            return opened.add_many(_articles(store), progress=progress)


def _articles(store: Store) -> Iterator[Article]:
    for low in range(1, store.last_seq + 1, _STEP):
        high = min(low + _STEP, store.last_seq + 1)
        for stored in store.read_articles(range(low, high)):
            if not stored.removed:
                yield stored.article
