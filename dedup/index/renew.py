"""A new index of what an old one keeps: read by another dedup, or with other settings.

When words are read otherwise than before (see `dedup.text.tokenize`), what an index stored of a
text is no longer what it would store today. The old index is only read.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing

from dedup.index import ingest
from dedup.index.answers import Added
from dedup.index.copies import making, take
from dedup.index.open import read_settings, refuse_readings, refuse_unfinished, store_at, up_to_date
from dedup.index.state import IndexState
from dedup.metadata.outlets import Outlets
from dedup.progress import Progress, Silent
from dedup.records import Article
from dedup.settings import Settings
from dedup.storage.protocol import Store

_STEP = 1000  # articles read at a time


def renew(
    old: str | os.PathLike[str],
    new: str | os.PathLike[str],
    settings: Settings | None = None,
    *,
    progress: Progress | None = None,
) -> Added:
    """Put every article that `old` holds, revisions included, into a new index at `new`.

    Its settings are `settings`, or those of the old one. Texts that are kept are read again; where
    none are kept and words are read as they were, their hashes are enough. Ids of clusters and
    stories, and events, begin anew. What was removed stays out. `new` appears whole or not at all.
    Raises `SettingsError` when the old one keeps no texts and words are read otherwise today, and
    `InputError` when there is something at `new` already.
    """
    shown = progress or Silent()
    with closing(store_at(old, read_only=True)) as store, store.still():
        refuse_unfinished(old, store)
        chosen = settings or read_settings(old, store.meta["settings"])
        keep_text = bool(store.meta["keep_text"])
        if not keep_text:
            refuse_readings(old, store.meta)
        with making(new, chosen, keep_text=keep_text) as target:
            up_to_date(new, target, read_only=False)
            index = IndexState(target, chosen, Outlets(), keep_text)
            if keep_text:
                return ingest.add_many(index, _articles(store), shown)
            return take(index, store, shown)


def _articles(store: Store) -> Iterator[Article]:
    for low in range(1, store.last_seq + 1, _STEP):
        high = min(low + _STEP, store.last_seq + 1)
        for stored in store.read_articles(range(low, high)):
            if not stored.removed:
                yield stored.article
