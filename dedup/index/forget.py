"""Articles that are older than a moment are taken out: an index as a window that slides."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any

from dedup import zones
from dedup.errors import InputError
from dedup.index.settle import settlings
from dedup.index.state import NAMES, IndexState, taken_out
from dedup.metadata.dates import CHANGED, EITHER_WAY, UNCERTAIN, parse
from dedup.progress import Progress
from dedup.settings import Settings
from dedup.storage.protocol import Batch, Store, StoredArticle

CHUNK = 4096
"""Articles that are looked at, and taken out, in one transaction. Higher lets others wait longer:
at 4,096 those of one transaction are taken out in a second."""

FORGETTING = "forgetting"
"""Name of a blob in the store that is there while space is to be given back, also after a kill."""

_LENGTH = re.compile(r"(\d{1,6})\s*([hdw])")
_SECONDS = {"h": 3600, "d": 86400, "w": 7 * 86400}


def seconds_of(length: str) -> int:
    """Return a length of time such as `30d`, `12h` or `2w` in seconds.

    Raises `InputError` for anything else.

    >>> seconds_of("30d"), seconds_of("12h")
    (2592000, 43200)
    """
    found = _LENGTH.fullmatch(length.strip().lower())
    if not found:
        raise InputError(f"{length}: is no length of time; write hours, days or weeks: 12h 30d 2w")
    return int(found[1]) * _SECONDS[found[2]]


def moment(before: datetime | date | str | float) -> float:
    """Return a moment in seconds since 1970-01-01 UTC; a time without a zone counts as UTC.

    A date is its first moment, a string is read as dates of articles are. Raises `InputError` for
    what is no moment, and for a string that may be another day. One that an article could not have
    been published on, as it lies ahead, is a moment like others.

    >>> moment("1970-01-02"), moment(date(1970, 1, 2)), moment(5.0)
    (86400.0, 86400.0, 5.0)
    """
    if isinstance(before, str):
        found = parse(before)
        if found is None or found.doubt in (UNCERTAIN, CHANGED, EITHER_WAY):
            raise InputError(f"{before}: is no date that is certain; write it as 2024-05-31")
        return found.epoch
    if isinstance(before, date) and not isinstance(before, datetime):
        before = datetime.combine(before, time.min)
    if isinstance(before, datetime):
        return (before if before.tzinfo else before.replace(tzinfo=UTC)).timestamp()
    if not isinstance(before, int | float) or isinstance(before, bool) or math.isnan(before):
        raise InputError(f"{before!r}: is no moment; give a date, a time or seconds since 1970")
    return float(before)


def age(stored: StoredArticle, settings: Settings) -> float | None:
    """Return the latest moment at which an article may have been published, in seconds.

    Without a date that can be relied on it is when it was added; None where that is not known, as
    in an index of an earlier version.
    """
    zone = zones.zone(settings.zone) if settings.zone else None
    published = parse(stored.article.date, zone)
    if published is not None and not published.doubt:
        return published.bounds[1]
    return stored.extra.get("added")


def forget(index: IndexState, before: float, progress: Progress) -> int:
    """Take out the articles that are from before a moment, revision by revision.

    Returns how many. Events go, too, up to the last settling before that moment: what they led to
    is told anew to whoever asks for them (see `dedup.index.settle.told_since`). Others may write
    between two transactions; a run that was broken off is done by the next one.
    """
    store, done = index.store, 0
    progress.stage("forget", store.last_seq)
    for low in range(1, store.last_seq + 1, CHUNK):
        high = min(low + CHUNK, store.last_seq + 1)
        with store.writing():
            held = store.read_articles(range(low, high))
            old = [s for s in held if not s.removed and _before(s, before, index.settings)]
            if old:
                store.append(_taken_out(store, old))
        done += len(old)
        progress.advance(high - low)
    past = max((event for at, event in settlings(store) if at < before), default=0)
    if past:
        store.append(Batch(past=past))
    return done


def _before(stored: StoredArticle, before: float, settings: Settings) -> bool:
    at = age(stored, settings)
    return at is not None and at < before


def _taken_out(store: Store, old: Sequence[StoredArticle]) -> Batch:
    seqs = [s.seq for s in old]
    names = json.loads(store.state(NAMES) or b"{}")
    return Batch(
        removed=seqs,
        events=list(removals(old, names)),
        state=taken_out(store, seqs) | {FORGETTING: b"1"},
    )


def removals(old: Sequence[StoredArticle], names: Mapping[str, str]) -> Iterator[Any]:
    """Yield the events that tell of articles that are taken out, one for each id.

    `names` are the ids that revisions have in settled answers, by seq (see `state.NAMES`).
    """
    others = set(names.values())
    told: dict[str, set[str]] = {}
    for s in old:
        name = names.get(str(s.seq))
        own = told.setdefault(s.article.id, set())
        if name is not None:
            own.add(name)
        elif s.revision == 1 and s.article.id not in others:
            own.add(s.article.id)
    for id_, own in told.items():
        more = {} if own == {id_} else {"names": sorted(own)}
        yield "removed", {"article": id_, **more}
