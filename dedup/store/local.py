"""The store of an index in a folder of its own: the log, and files of postings made from it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt

from dedup.errors import Problem
from dedup.store import rebuild, rows
from dedup.store.memory import trim
from dedup.store.opened import EVERY, OWN, Opened, by_turns, writing
from dedup.store.protocol import KEY_BITS, Batch, Event, Ids, StoredArticle, Texts
from dedup.store.shelf import Cover
from dedup.store.verify import verify

_DIRECT = 1 << 17  # postings in a batch from which a file is made of them at once


class LocalStore(Opened):
    """Keeps an index in the folder `path`; see `dedup.store.protocol.Store`.

    A new one is made with `meta`; of an existing one `meta` says what it was made with. `derive`
    makes postings again whose file is damaged. Raises `LockedError` if another process writes and
    does not end within `wait` seconds, `InputError` if there is nothing to read, `DamagedError`,
    `OutputError`.
    """

    # ---- reading

    @property
    def meta(self) -> Mapping[str, Any]:
        """What was recorded when the store was made."""
        return self._meta

    @property
    def texts(self) -> int:
        """How many distinct texts there are."""
        return self._count("texts")

    @property
    def last_seq(self) -> int:
        """Seq of the last article; 0 before the first."""
        return self._count("seq")

    @property
    def last_event(self) -> int:
        """Number of the last event; 0 before the first."""
        return self._count("event")

    @by_turns
    def _count(self, name: str) -> int:
        return int(self._head[name])

    @by_turns
    def numbers(self, key: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
        """Return the number of each text by its key, uint64[n, 2]; int64[n], -1 where unknown."""
        found = self._found(rebuild.KEYS, rebuild.text_hashes(key), EVERY)
        known = np.full(len(key), -1, np.int64)
        if len(found.ids):
            which = np.repeat(np.arange(len(key)), np.diff(found.offsets))
            held = rows.text_keys(self._base.get("texts", found.ids.tolist()))
            same = (held == key[which]).all(axis=1)
            known[which[same]] = found.ids[same]
        return known

    @by_turns
    def find(self, table: str, keys: npt.NDArray[np.uint64], most: int) -> Ids:
        """Return the ids under each key, uint64[n]: of each the `most` lowest, and their count."""
        return self._found(table, keys, most)

    def _found(self, table: str, keys: npt.NDArray[np.uint64], most: int) -> Ids:
        if table not in self._head["tables"]:
            nothing = np.zeros(len(keys) + 1, np.int64)
            return Ids(nothing, np.empty(0, np.uint32), nothing[1:])
        number = self._head["tables"].index(table) + 1
        return self._shelf.find(keys.astype(np.uint64) | np.uint64(number << KEY_BITS), most)

    @by_turns
    def read_texts(self, numbers: npt.NDArray[np.int64]) -> Texts:
        """Return texts by number, in the order asked for; `IndexError` for an unknown one."""
        wanted = np.asarray(numbers).tolist()
        _within(wanted, 0, self._head["texts"], "text")
        return rows.texts(self._base.get("texts", wanted))

    @by_turns
    def read_articles(self, seqs: Sequence[int]) -> list[StoredArticle]:
        """Return articles by seq, in the order asked for; `IndexError` for an unknown one."""
        wanted = list(map(int, seqs))
        _within(wanted, 1, self._head["seq"] + 1, "article")
        found = self._base.get("articles", wanted)
        return [rows.article(seq, row) for seq, row in zip(wanted, found, strict=True)]

    @by_turns
    def current(self, ids: Sequence[str]) -> list[int]:
        """Return the seq of each id's current revision; 0 where it is unknown or removed."""
        found = self._found(rebuild.IDS, rebuild.id_hashes(ids), EVERY)
        seqs = found.ids.tolist()
        held = dict(zip(seqs, self._base.get("articles", seqs), strict=True))
        last = {}
        for seq in sorted(held):
            if rows.standing(held[seq]):
                last[rows.article(seq, held[seq]).article.id] = seq
        return [last.get(each, 0) for each in ids]

    @by_turns
    def events(self, since: int, most: int) -> list[Event]:
        """Return up to `most` events whose numbers are above `since`, in order."""
        numbers = range(since + 1, min(since + most, self._head["event"]) + 1)
        found = self._base.get("events", numbers)
        return [
            (number, *json.loads(record)) for number, record in zip(numbers, found, strict=True)
        ]

    @by_turns
    def state(self, name: str) -> bytes | None:
        """Return a named blob; None before it was set."""
        if name not in self._head["states"]:
            return None
        return self._base.get("state", [self._head["states"].index(name) + 1])[0]

    @by_turns
    def stats(self) -> dict[str, Any]:
        """Count what is there: articles, texts, events, bytes, postings, segments."""
        log = sum(file.stat().st_size for name in OWN if (file := self.path / name).exists())
        return {
            "articles": self._head["articles"],
            "revisions": self._head["seq"],
            "texts": self._head["texts"],
            "events": self._head["event"],
            "bytes": log + self._shelf.size(),
            "log_bytes": log,
            "segment_bytes": self._shelf.size(),
            "segments": len(self._shelf.parts),
            "postings": self._shelf.postings(),
            "unsealed": self._shelf.tail.postings,
        }

    @by_turns
    def check(self) -> list[Problem]:
        """Read everything, and say what does not hold together."""
        return verify(self._base, self._shelf, self._head, self._derive)

    # ---- writing

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Let no other thread in while the block lasts; no other process writes anyway."""
        with self._turn:
            yield

    @by_turns
    def append(self, batch: Batch) -> None:
        """Add a batch as a whole: durable when this returns, and seen by all later calls."""
        self._writable()
        head = self._advanced(batch)
        own = rebuild.own(
            batch.texts,
            self._head["texts"],
            [stored.article.id for stored in batch.articles],
            [stored.seq for stored in batch.articles],
        )
        postings = {**batch.postings, **own}
        head["tables"] += [table for table in postings if table not in head["tables"]]
        pairs = rebuild.tabled(postings, head["tables"])
        reach = Cover(head["texts"], head["seq"] + 1, head["batch"])
        direct = sum(len(keys) for keys, _ in pairs) >= _DIRECT
        few = rebuild.joined([] if direct else pairs)
        with writing(self.path):
            change = self._shelf.finished(wait=direct or self._shelf.waits())
            making = self._shelf.direct(pairs, reach) if direct else None
            try:
                with self._base.transaction():
                    self._put(batch, head)
                    if making is not None:
                        change = self._shelf.changed(change, making.result(), reach)
                    else:
                        self._base.put("tail", [(head["batch"], rows.tail_row(*few))])
                    self._commit(head, change)
            except BaseException:
                if making is not None:
                    self._shelf.undo(making)
                raise
        self._reached.note(head["batch"])
        self._adopt(head, change)
        if direct:
            self._shelf.cleared()
            trim()
        else:
            self._shelf.add(few, reach)

    def _advanced(self, batch: Batch) -> dict[str, Any]:
        """Return the head as it will be; refuse a batch that does not fit on."""
        seqs = [stored.seq for stored in batch.articles]
        if seqs != list(range(self._head["seq"] + 1, self._head["seq"] + 1 + len(seqs))):
            raise ValueError(f"articles must be numbered on from {self._head['seq']}")
        head = {**self._head, "tables": list(self._head["tables"])}
        head["seq"] += len(seqs)
        head["texts"] += len(batch.texts.key)
        head["event"] += len(batch.events)
        head["batch"] += 1
        head["states"] = list(dict.fromkeys([*head["states"], *batch.state]))
        _within([*batch.superseded, *batch.removed], 1, head["seq"] + 1, "article")
        return head

    def _put(self, batch: Batch, head: dict[str, Any]) -> None:
        """Put the rows of a batch, and count its articles."""
        base, before = self._base, self._head
        base.put("texts", rows.text_rows(batch.texts, before["texts"]))
        base.put("articles", ((stored.seq, rows.article_row(stored)) for stored in batch.articles))
        head["articles"] += sum(
            not (stored.superseded or stored.removed) for stored in batch.articles
        )
        for seq, mark in rows.marks(batch):
            (row,) = base.get("articles", [seq])
            head["articles"] -= rows.standing(row)
            base.put("articles", [(seq, mark(seq, row))])
        events = (json.dumps(event).encode() for event in batch.events)
        base.put("events", enumerate(events, before["event"] + 1))
        base.put(
            "state",
            [(head["states"].index(name) + 1, blob) for name, blob in batch.state.items()],
        )

    @by_turns
    def compact(self) -> None:
        """Merge all postings into one file, and write the log anew; takes its size on the disk."""
        self._writable()
        with writing(self.path):
            self._settle()
            if self._shelf.tail.postings:
                head = self._head
                self._shelf.freeze(Cover(head["texts"], head["seq"] + 1, head["batch"]))
                self._settle()
            while self._shelf.compacting():
                self._shelf.join()
                self._settle()
            self._base.shrink()


def _within(numbers: Sequence[int], first: int, end: int, what: str) -> None:
    for number in numbers:
        if not first <= number < end:
            raise IndexError(f"there is no {what} {number}")
