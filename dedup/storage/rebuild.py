"""Make postings again from the log: all of them are derived from texts and articles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from xxhash import xxh3_64_intdigest

from dedup.storage import codec
from dedup.storage.protocol import KEY_BITS, PLACES, Derive, Postings, Texts, places
from dedup.storage.sqlite_log import Log

KEYS, IDS = "keys", "ids"
"""The store's own tables: texts by the first half of their key's first half, articles by id."""

Pairs = tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint32]]
"""Keys that have the number of their table above them, and ids."""

_STEP = 1 << 14  # texts whose postings are in memory at a time


def text_hashes(key: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Return the keys of texts, uint64[n, 2], as `KEYS` has them: 32 bits, to be confirmed."""
    return key[:, 0] >> np.uint64(32)


def id_hashes(ids: Sequence[str]) -> npt.NDArray[np.uint64]:
    """Return ids of articles as `IDS` has them: 32 bits, to be confirmed."""
    digests = (xxh3_64_intdigest(each.encode("utf-8", "surrogatepass")) >> 32 for each in ids)
    return np.fromiter(digests, np.uint64, len(ids))


def own(texts: Texts, first: int, ids: Sequence[str], seqs: Sequence[int]) -> Postings:
    """Return the postings of the store's own tables; a text without a key is there no more."""
    there = np.flatnonzero(texts.key.any(axis=1))
    return {
        KEYS: (text_hashes(texts.key[there]), (there + first).astype(np.uint32)),
        IDS: (id_hashes(ids), np.array(seqs, np.uint32)),
    }


def tabled(postings: Postings, tables: Sequence[str]) -> list[Pairs]:
    """Put above the keys of each table its number: its place in `tables`, from 1.

    Raises `ValueError` for keys of 2**56 and above, and ids that are not as many as the keys.
    """
    found = []
    for table, (keys, ids) in postings.items():
        if len(keys) != len(ids) or (len(keys) and int(keys.max()) >> KEY_BITS):
            raise ValueError(f"keys of {table} must be below 2**{KEY_BITS}, with one id each")
        number = np.uint64((tables.index(table) + 1) << KEY_BITS)
        found.append((keys.astype(np.uint64) | number, ids.astype(np.uint32)))
    return found


def joined(pairs: Sequence[Pairs]) -> Pairs:
    """Put the postings of all tables one after another."""
    return (
        np.concatenate([np.empty(0, np.uint64), *(keys for keys, _ in pairs)]),
        np.concatenate([np.empty(0, np.uint32), *(ids for _, ids in pairs)]),
    )


def again(
    log: Log,
    derive: Derive,
    tables: Sequence[str],
    texts: tuple[int, int],
    seqs: tuple[int, int],
) -> Iterator[tuple[Pairs, tuple[int, int], tuple[int, int]]]:
    """Yield the postings of a range of texts and of articles, with the ranges that each is of.

    The articles come with the first texts.
    """
    low = texts[0]
    while True:
        high = min(low + _STEP, texts[1])
        held = codec.texts(log.get("texts", range(low, high))) if low < high else Texts.none()
        stored = [
            codec.article(seq, row)
            for seq, row in zip(range(*seqs), log.get("articles", range(*seqs)), strict=True)
            if not codec.is_cleared(row)
        ]
        ids, own_seqs = [each.article.id for each in stored], [each.seq for each in stored]
        derived = living(derive(held, low), held, low)
        postings = {**derived, PLACES: places(stored), **own(held, low, ids, own_seqs)}
        yield joined(tabled(_known(postings, tables), tables)), (low, high), seqs
        low, seqs = high, (seqs[1], seqs[1])
        if low >= texts[1]:
            return


def living(postings: Postings, texts: Texts, first: int) -> Postings:
    """Leave out the postings of texts that are there no more."""
    gone = np.asarray(texts.key.max(axis=1, initial=0) == 0)
    if not gone.any():
        return postings
    kept = {table: ~gone[ids - np.uint32(first)] for table, (_, ids) in postings.items()}
    return {table: (keys[kept[table]], ids[kept[table]]) for table, (keys, ids) in postings.items()}


def _known(postings: Postings, tables: Sequence[str]) -> Postings:
    """Leave out tables that were never added to: derived they are empty, or not wanted."""
    return {table: pairs for table, pairs in postings.items() if table in tables}


# -- What stays of postings when articles were taken out


class Gone(NamedTuple):
    """What nothing is left of."""

    texts: npt.NDArray[np.bool_]
    """bool[texts]: by number, whether no article holds it."""
    seqs: npt.NDArray[np.bool_]
    """bool[articles + 1]: by seq, whether it was taken out."""

    def gaps(self) -> dict[str, list[int]]:
        """Return the rows of the log that go, as `dedup.storage.sqlite_log.Log.gaps` has them."""
        return {"texts": _edges(self.texts), "articles": _edges(self.seqs)}

    def keep(
        self, tables: Sequence[str], section: int, records: npt.NDArray[np.uint64]
    ) -> npt.NDArray[np.bool_]:
        """Return which postings of a section stay; records are key << 32 | id (see `segment`)."""
        table = tables[(section >> (KEY_BITS - 32)) - 1]
        ids = records & np.uint64(0xFFFFFFFF)
        dropped = (self.seqs if table in (PLACES, IDS) else self.texts)[ids]
        if table == PLACES:
            dropped = dropped | self.texts[records >> np.uint64(32)]
        return np.asarray(~dropped, np.bool_)


def _edges(gone: npt.NDArray[np.bool_]) -> list[int]:
    """Return where runs of what is gone begin and end, by turns.

    >>> _edges(np.array([False, True, True, False, True]))
    [1, 3, 4, 5]
    """
    bounds = np.diff(np.concatenate([[False], gone, [False]]).astype(np.int8))
    found: list[int] = np.flatnonzero(bounds).tolist()
    return found


def gone(log: Log, texts: int, seqs: int) -> Gone | None:
    """Read all articles, and return what nothing is left of.

    None where nothing was taken out since the last time. Raises
    `DamagedError` where an article names a text that is not there.
    """
    used, out = np.zeros(texts, bool), np.zeros(seqs + 1, bool)
    edges = log.gaps("articles")
    for first, end in zip(edges[::2], edges[1::2], strict=True):
        out[first:end] = True
    new = False
    for seq, row in log.rows("articles", 1, seqs):
        if codec.is_removed(row):
            out[seq] = new = True
            continue
        held = codec.article(seq, row).text
        if len(held) and held.max() >= texts:
            raise log.damaged(f"article {seq} has a text that is not there")
        used[held] = True
    return Gone(~used, out) if new else None
