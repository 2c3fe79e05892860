"""The store of an index in Redis, into which several machines write.

`dedup.Index("redis://host:6379/0?prefix=news")`; `pip install 'news-dedup[redis]'`. All keys begin
with the prefix (`dedup` where none is given), so that several indexes and other things may share a
server. It must be one server, with or without replicas: scripts ask for keys of all kinds, which
Redis Cluster would spread.

Every look-up is one round trip, however many keys it has, and `append` is one script: the server
carries it out as a whole or not at all, and so its append-only file has it. Of many articles at
once it puts the postings in small steps, between which it answers others; whoever looks something
up meanwhile helps. What `append` has returned from is as durable as the server is configured: with
`appendonly yes` and `appendfsync always` it survives a crash of the machine, with `everysec` the
last seconds may be lost, without an append-only file all since the last snapshot. `check` tells
which it is.

Writers take turns. In the block of `RedisStore.writing` no other process writes, so that what was
looked up still holds when it is added. The turn is a lock that is renewed while the block lasts and
ends 8 seconds after a process that died. It is for order alone: that nothing is added to other
things than were seen is certain by the number of batches, which the script compares. A process that
was stopped for so long that it lost its turn gets a `LockedError`, and nothing was written.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from threading import RLock
from typing import Any
from uuid import uuid4

import numpy as np
import numpy.typing as npt
from xxhash import xxh3_64_digest

from dedup.errors import DamagedError, InputError, LockedError, OutputError, Problem
from dedup.storage import codec, rebuild
from dedup.storage.protocol import KEY_BITS, PLACES, Batch, Event, Ids, StoredArticle, Texts
from dedup.storage.redis import buckets, scripts
from dedup.storage.redis.client import Server
from dedup.storage.redis.seen import Seen

FORMAT = 1
"""Version of what lies in Redis, recorded there."""

_PAGE = 512  # articles read at a time
_BUCKETS = 2048  # buckets read at a time
_SOME = 4096  # buckets that are cleared in one turn
_BLANKS = 8192  # rows that one step clears
_SUM = 8
_MOST = 1 << 31
_TEXTS, _ARTICLES = "t:", "a:"
_MEANWHILE = "another process has written meanwhile, so nothing was added; add again"


class RedisStore:
    """Keeps an index in Redis, at a URL as `redis.Redis.from_url` takes it, with `prefix=...`.

    See `dedup.storage.protocol.Store`. A new one is made with `meta`. `wait` is how many seconds
    another process may write before there is a `LockedError`. Raises `InputError` if there is
    nothing to read, `DamagedError`, and `OutputError` where the server cannot be reached or refuses
    to write.
    """

    def __init__(
        self, url: str, meta: Mapping[str, Any], *, read_only: bool = False, wait: float = 10.0
    ) -> None:
        self._server = Server(url, wait)
        self.where = self._server.where
        self._read_only = read_only
        self._process = os.getpid()
        self._turn = RLock()
        self._writes = False
        self._server.keeps()
        self._seen = Seen(self.where)
        if not read_only:
            self._missed()
            record = {"format": FORMAT, "meta": dict(meta)}
            self._server.run(scripts.CREATE, codec.plain(record), codec.plain(_BEGINNING))
        (found,) = self._server.ask("HMGET", "head", "meta")
        if found is None:
            raise InputError(f"{self.where}: there is no index; name the prefix of one")
        self._meta = codec.recorded(found, self.where, FORMAT)
        self._head = self._read_head()
        if self._head["seq"]:
            self._seen.note()

    def _missed(self) -> None:
        """Refuse to begin anew where there was an index, and the server has nothing of it."""
        if self._seen and not self._server.ask("EXISTS", "head"):
            raise DamagedError(
                f"{self.where}: there was an index here, and the server has nothing of it now; put "
                f"back a copy of the server's data, or delete {self._seen.file} to begin anew"
            )

    def close(self) -> None:
        """Let go of the connections; closing twice does no harm."""
        self._server.close()

    def _run(self, script: str, *values: Any) -> Any:
        """Run a script that needs all postings in their buckets; put those that are not."""
        while (found := self._server.run(script, *values)) is None:
            self._server.repeat(scripts.APPLY)
        return found

    def _read_head(self) -> dict[str, Any]:
        (head,) = self._server.ask("HMGET", "head", "head")
        if head is None:
            raise self._server.damaged("the index was deleted")
        return dict(json.loads(head))

    def _now(self) -> dict[str, Any]:
        """Return the head as it is; in a block of `writing` nobody else changes it."""
        if not self._writes:
            self._head = self._read_head()
        return self._head

    @property
    def meta(self) -> Mapping[str, Any]:
        """What was recorded when the store was made."""
        return self._meta

    @property
    def texts(self) -> int:
        """How many distinct texts there are."""
        return int(self._now()["texts"])

    @property
    def last_seq(self) -> int:
        """Seq of the last article; 0 before the first."""
        return int(self._now()["seq"])

    @property
    def last_event(self) -> int:
        """Number of the last event; 0 before the first."""
        return int(self._now()["event"])

    def numbers(self, key: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
        """Return the number of each text by its key, uint64[n, 2]; int64[n], -1 where unknown."""
        self._server.keeps()
        records = self._records(rebuild.KEYS, rebuild.text_hashes(key))
        if records is None:
            return np.full(len(key), -1, np.int64)
        found = self._run(scripts.NUMBERS, records, np.ascontiguousarray(key).tobytes())
        return np.frombuffer(found, np.int64)

    def find(self, table: str, keys: npt.NDArray[np.uint64], most: int) -> Ids:
        """Return the ids under each key, uint64[n]: of each the `most` lowest, and their count."""
        counts = np.zeros((2, len(keys)), np.int64)  # of ids returned, of ids there are
        records = self._records(table, keys)
        ids = b""
        if records is not None:
            found, ids = self._run(scripts.FIND, records, min(most, _MOST))
            each = np.frombuffer(found, np.uint32).reshape(-1, 2).astype(np.int64)
            counts[1, each[:, 0]] = each[:, 1]
            counts[0] = np.minimum(counts[1], most)
        offsets = np.append(0, np.cumsum(counts[0]))
        return Ids(offsets, np.frombuffer(ids, np.uint32), counts[1])

    def _records(self, table: str, keys: npt.NDArray[np.uint64]) -> bytes | None:
        """Return the records of keys; None where nothing was ever added to the table."""
        if table not in self._head["tables"] and table not in self._now()["tables"]:
            return None
        number = self._head["tables"].index(table) + 1
        keys = keys.astype(np.uint64) | np.uint64(number << KEY_BITS)
        return buckets.records(buckets.mixed(keys)).tobytes()

    def _rows(self, kind: str, places: Sequence[int], first: int) -> list[bytes]:
        """Return rows by place, in the order asked for; their numbers begin with `first`."""
        packed = np.array(places, np.uint32).tobytes()
        lengths, joined = self._server.run(scripts.ROWS, kind, packed)
        ends = np.cumsum(np.frombuffer(lengths, np.uint32), dtype=np.int64).tolist()
        return [
            self._opened(kind, joined[low:high], place + first)
            for place, low, high in zip(places, [0, *ends], ends, strict=False)
        ]

    def _opened(self, what: str, row: bytes, number: int) -> bytes:
        """Return what a row holds, if it is what was written."""
        if row[:_SUM] != xxh3_64_digest(row[_SUM:], number):
            wrong = "is not what was written" if row else "is missing"
            raise self._server.damaged(f"row {number} of {what.rstrip(':')} {wrong}")
        return row[_SUM:]

    def read_texts(self, numbers: npt.NDArray[np.int64]) -> Texts:
        """Return texts by number, in the order asked for; `IndexError` for an unknown one."""
        wanted = np.asarray(numbers).tolist()
        if wanted:
            self._within(wanted, 0, "texts", "text")
        return codec.texts(self._rows(_TEXTS, wanted, 0) if wanted else [])

    def read_articles(self, seqs: Sequence[int]) -> list[StoredArticle]:
        """Return articles by seq, in the order asked for; `IndexError` for an unknown one."""
        wanted = list(map(int, seqs))
        return [
            codec.article(seq, row)
            for seq, row in zip(wanted, self._article_rows(wanted), strict=True)
        ]

    def _article_rows(self, seqs: Sequence[int]) -> list[bytes]:
        if not seqs:
            return []
        self._within(seqs, 1, "seq", "article")
        return self._rows(_ARTICLES, [seq - 1 for seq in seqs], 1)

    def _within(self, wanted: Sequence[int], first: int, name: str, what: str) -> None:
        """Refuse numbers of what is not there."""
        end = first + self._head[name]
        if max(wanted) >= end:
            end = first + self._now()[name]
        for number in wanted:
            if not first <= number < end:
                raise IndexError(f"there is no {what} {number}")

    def current(self, ids: Sequence[str]) -> list[int]:
        """Return the seq of each id's current revision; 0 where it is unknown or removed."""
        records = self._records(rebuild.IDS, rebuild.id_hashes(ids))
        found = self._run(scripts.STANDING, records) if records else []
        last: dict[str, int] = {}
        for seq, row in zip(found[::2], found[1::2], strict=True):
            id_ = codec.article(seq, self._opened(_ARTICLES, row, seq)).article.id
            last[id_] = max(seq, last.get(id_, 0))
        return [last.get(each, 0) for each in ids]

    def events(self, since: int, most: int) -> list[Event]:
        """Return up to `most` events whose numbers are above `since`, in order; no past ones."""
        before, found = self._server.run(scripts.EVENTS, since, min(most, _MOST))
        return [
            (number, *json.loads(self._opened("e", row, number)))
            for number, row in enumerate(found, before + 1)
        ]

    def state(self, name: str) -> bytes | None:
        """Return a named blob; None before it was set."""
        row = self._server.ask("GET", f"s:{name}")
        return None if row is None else self._opened(f"s:{name}", row, 0)

    def names(self) -> list[str]:
        """Return the names of all blobs that were set."""
        return sorted(key.decode("utf-8", "surrogatepass") for key in self._server.keys("s:"))

    def put_aside(self, name: str, data: bytes, at: int = 0) -> None:
        """Keep bytes that may be lost, up to `_MOST_ASIDE`; see `Store.put_aside`."""
        self._writable()
        key = f"a:{name}"
        there = int(self._server.ask("STRLEN", key)) if at else 0
        if not data or at + len(data) > _MOST_ASIDE or there < at:
            self._server.ask("DEL", key)
        elif at:
            self._server.ask("SETRANGE", key, at, data)
        else:
            self._server.ask("SET", key, data)

    def aside(self, name: str) -> bytearray | None:
        """Return what was put aside; None for nothing."""
        found = self._server.ask("GET", f"a:{name}")
        return None if found is None else bytearray(found)

    @contextmanager
    def still(self) -> Iterator[None]:
        """Answer as of one moment while the block lasts: others wait to write until it ends."""
        with self._alone():
            yield

    def erase(self) -> None:
        """Delete all that is kept under the prefix; the store must then be opened again."""
        self._writable()
        self._seen.forget()
        self._server.erase()

    def stats(self) -> dict[str, Any]:
        """Count what is there; `bytes` is the memory of the whole server."""
        head = self._now()
        return {
            "articles": head["articles"],
            "revisions": head["seq"],
            "texts": head["texts"],
            "events": head["event"],
            "postings": head["postings"],
            "bytes": self._server.memory(),
        }

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Let no other process write while the block lasts, nor another thread of this one.

        What `numbers`, `texts`, `last_seq` and the like said in the block holds when `append` is
        called in it. Blocks may stand in blocks. Raises `LockedError` if others write for longer
        than `wait` seconds.
        """
        self._writable()
        with self._alone():
            yield

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if self._process != os.getpid():  # a fork: the threads that had a turn are not in it
            self._process, self._turn, self._writes = os.getpid(), RLock(), False
        with self._turn:
            if self._writes:
                yield
                return
            with self._server.turn():
                self._head = self._read_head()
                self._writes = True
                try:
                    yield
                finally:
                    self._writes = False

    def append(self, batch: Batch) -> None:
        """Add a batch as a whole; seen by all later calls, and durable as the server is configured.

        Raises `LockedError`, with nothing added, if another process has added something since this
        store said how many texts and articles there are: look up again and add again. An
        `OutputError` for a broken connection may come after the server has added the batch.
        """
        self._server.keeps()
        seen = self._head["batch"]
        with self.writing():
            if self._head["batch"] != seen and (batch.articles or len(batch.texts.key)):
                raise LockedError(f"{self.where}: {_MEANWHILE}")
            head = self._advanced(batch)
            values = self._values(batch, head)
            slices = self._slices(batch, head)
            numbers = str(self._head["batch"]), uuid4().bytes, str(head["batch"])
            values = [*numbers, codec.plain(head), *values, len(slices), *slices]
            if not self._run(scripts.APPEND, *values):
                raise LockedError(f"{self.where}: {_MEANWHILE}")
            if past := max(0, min(batch.past, head["event"] - 1)):
                self._server.run(scripts.CUT, past)
            first, self._head = not self._head["seq"], head
            if first and head["seq"]:
                self._seen.note()
            if len(slices) > 1:
                self._server.repeat(scripts.APPLY)

    def _writable(self) -> None:
        if self._read_only:
            raise OutputError(f"{self.where}: was opened for reading only; open it for writing")

    def _advanced(self, batch: Batch) -> dict[str, Any]:
        """Return the head as it will be but for articles and postings; refuse what does not fit."""
        before = self._head
        seqs = [stored.seq for stored in batch.articles]
        if seqs != list(range(before["seq"] + 1, before["seq"] + 1 + len(seqs))):
            raise ValueError(f"articles must be numbered on from {before['seq']}")
        tables = [*before["tables"], rebuild.KEYS, rebuild.IDS, *batch.postings]
        return {
            **before,
            "seq": before["seq"] + len(seqs),
            "texts": before["texts"] + len(batch.texts.key),
            "event": before["event"] + len(batch.events),
            "batch": before["batch"] + 1,
            "tables": list(dict.fromkeys(tables)),
        }

    def _slices(self, batch: Batch, head: dict[str, Any]) -> list[bytes]:
        """Return the postings that the script takes; count them in the head."""
        ids = [stored.article.id for stored in batch.articles]
        seqs = [stored.seq for stored in batch.articles]
        own = rebuild.own(batch.texts, self._head["texts"], ids, seqs)
        tabled = rebuild.tabled({**batch.postings, **own}, head["tables"])
        slices, digest = buckets.pack(*rebuild.joined(tabled))
        head["postings"] += sum(len(keys) for keys, _ in tabled)
        head["digest"] = (head["digest"] + digest) % (1 << 64)
        return slices

    def _values(self, batch: Batch, head: dict[str, Any]) -> list[Any]:
        """Return the rows that the script takes; count the articles in the head."""
        before = self._head
        texts = [_summed(row, n) for n, row in codec.text_rows(batch.texts, before["texts"])]
        own, marked = self._marked(batch, head)
        events = [json.dumps(event).encode() for event in batch.events]
        return [
            *(before["texts"], len(texts), *texts),
            *(before["seq"], len(own), *(_summed(row, seq) for seq, row in own.items())),
            len(marked),
            *(each for seq, row in marked.items() for each in (seq - 1, _summed(row, seq))),
            len(events),
            *(_summed(row, n) for n, row in enumerate(events, before["event"] + 1)),
            len(batch.state),
            *(each for name, blob in batch.state.items() for each in (name, _summed(blob, 0))),
        ]

    def _marked(
        self, batch: Batch, head: dict[str, Any]
    ) -> tuple[dict[int, bytes], dict[int, bytes]]:
        """Return the rows by seq of the new articles, and of the earlier ones that get a mark."""
        own = {stored.seq: codec.article_row(stored) for stored in batch.articles}
        head["articles"] += sum(map(codec.is_current, own.values()))
        earlier = list({*batch.superseded, *batch.removed} - set(own))
        marked = dict(zip(earlier, self._article_rows(earlier), strict=True))
        for seq, mark in codec.marks(batch):
            held = own if seq in own else marked
            head["articles"] -= codec.is_current(held[seq])
            held[seq] = mark(seq, held[seq])
        return own, marked

    def compact(self) -> None:
        """Take off the server what articles that were taken out held alone; the rest is as it was.

        Others write between its steps, each of which changes no answer. Texts go first, so that
        nobody can add one of them again by its number; then postings; then the articles, by which a
        step that was cut short is found. A server that keeps a log rewrites that by itself.
        """
        with self.writing():
            head = self._head
            gone = rebuild.gone_of(
                self._every_article(head["seq"]),
                head["texts"],
                np.zeros(head["seq"] + 1, bool),
                self._server.damaged,
            )
            if gone is None:
                return
            self._blank(_TEXTS, np.flatnonzero(gone.texts), 0, codec.NO_TEXT)
        filled = self._server.buckets()
        for low in range(0, len(filled), _SOME):
            with self.writing():
                self._drop(gone, buckets.names(filled[low : low + _SOME]))
        with self.writing():
            self._blank(_ARTICLES, np.flatnonzero(gone.seqs), 1, codec.NO_ARTICLE)

    def _every_article(self, last: int) -> Iterator[tuple[int, bytes]]:
        for low in range(1, last + 1, _PAGE):
            seqs = range(low, min(low + _PAGE, last + 1))
            yield from zip(seqs, self._article_rows(seqs), strict=True)

    def _blank(self, kind: str, numbers: npt.NDArray[np.int64], first: int, content: bytes) -> None:
        """Put the same content into many rows; their numbers begin with `first`."""
        for low in range(0, len(numbers), _BLANKS):
            some = numbers[low : low + _BLANKS]
            sums = b"".join(xxh3_64_digest(content, number) for number in some.tolist())
            places = (some - first).astype(np.uint32).tobytes()
            self._clear(dict(self._head), kind, places, sums, b"", content)

    def _drop(self, gone: rebuild.Gone, names: bytes) -> None:
        """Take what is gone out of some buckets."""
        mixed, ids = buckets.unpack(*self._run(scripts.BUCKETS, names))
        keys = buckets.unmixed(mixed)
        tables = (keys >> np.uint64(KEY_BITS)).astype(np.int64)
        keys &= np.uint64((1 << KEY_BITS) - 1)
        dropped = np.zeros(len(keys), bool)
        for number, table in enumerate(self._head["tables"], 1):
            rows = np.flatnonzero(tables == number)
            known = rows[_within_gone(gone, table, keys[rows], ids[rows])]
            dropped[known] = gone.drops(table, keys[known], ids[known])
        if not dropped.any():
            return
        changed = np.isin(mixed, mixed[dropped])
        mixed, ids, dropped = mixed[changed], ids[changed], dropped[changed]
        order = np.argsort(mixed, kind="stable")  # the ids of a key stay in their order
        mixed, ids, dropped = mixed[order], ids[order], dropped[order]
        each, rows = np.unique(mixed, return_inverse=True)
        left = np.bincount(rows[~dropped], minlength=len(each))
        lost = np.bincount(rows[dropped], minlength=len(each))
        past = np.cumsum(lost)
        at = 0
        for slice_ in buckets.sliced(each, left, ids[~dropped]):
            first, at = at, at + int(np.frombuffer(slice_, np.uint32, 1)[0])
            low, high = (int(past[n - 1]) if n else 0 for n in (first, at))
            head = dict(self._head)
            head["postings"] -= high - low
            less = buckets.digest(mixed[dropped][low:high], ids[dropped][low:high])
            head["digest"] = (head["digest"] - less) % (1 << 64)
            self._clear(head, _TEXTS, b"", b"", slice_, b"")

    def _clear(self, head: dict[str, Any], *values: Any) -> None:
        """Run a step of clearing, if nobody has written meanwhile."""
        seen = str(self._head["batch"])
        head["batch"] += 1
        numbers = seen, uuid4().bytes, str(head["batch"])
        if not self._run(scripts.CLEAR, *numbers, codec.plain(head), *values):
            raise LockedError(f"{self.where}: another process has written meanwhile; compact again")
        self._head = head

    def check(self) -> list[Problem]:
        """Read everything, and say what does not hold together, or may be lost."""
        problems = list(self._server.doubts())
        with nullcontext() if self._read_only else self.writing():
            before = self._read_head()
            try:
                found = [*self._check_rows(before), *self._check_postings(before)]
            except DamagedError as error:
                found = [str(error)]
        what = "put back a copy of the server's data, or build the index again"
        return problems + [Problem(self.where, each, what) for each in found]

    def _check_rows(self, head: Mapping[str, Any]) -> Iterator[str]:
        for low in range(0, head["texts"], _PAGE):
            self.read_texts(np.arange(low, min(low + _PAGE, head["texts"])))
        current = 0
        for low in range(1, head["seq"] + 1, _PAGE):
            seqs = range(low, min(low + _PAGE, head["seq"] + 1))
            current += sum(map(codec.is_current, self._article_rows(seqs)))
        if self._read_head() == head and current != head["articles"]:
            yield f"{current} articles are current, and should be {head['articles']}"
        (cut,) = self._server.ask("HMGET", "head", "cut")
        for low in range(int(cut or 0), head["event"], _PAGE):
            if len(self.events(low, _PAGE)) < min(_PAGE, head["event"] - low):
                yield f"events are missing after number {low}"
                return

    def _check_postings(self, head: Mapping[str, Any]) -> Iterator[str]:
        """Sum up all postings; a reader can only do so while nobody writes."""
        total, filled = 0, self._server.buckets()
        for low in range(0, len(filled), _BUCKETS):
            held = self._run(scripts.BUCKETS, buckets.names(filled[low : low + _BUCKETS]))
            total += buckets.digest(*buckets.unpack(*held))
        if total % (1 << 64) != head["digest"]:
            if self._read_head() == head:
                yield "the postings are not those that were added"
            else:
                yield "other processes wrote, so that postings could not be compared"


def _within_gone(
    gone: rebuild.Gone, table: str, keys: npt.NDArray[np.uint64], ids: npt.NDArray[np.uint32]
) -> npt.NDArray[np.bool_]:
    """Return which postings are of texts and articles that were there when it was looked."""
    texts, seqs = len(gone.texts), len(gone.seqs)
    if table == PLACES:
        return np.asarray((ids < seqs) & (keys < texts), np.bool_)
    return np.asarray(ids < (seqs if table == rebuild.IDS else texts), np.bool_)


_MOST_ASIDE = 1 << 26
"""Most bytes that are put aside on a server, in its memory. Higher lets larger indexes settle
faster: at 64 MB one of half a million paragraphs does."""

_BEGINNING = {
    **dict.fromkeys(("texts", "seq", "event", "batch", "articles", "postings", "digest"), 0),
    "tables": [],
}


def _summed(row: bytes, number: int) -> bytes:
    return xxh3_64_digest(row, number) + row
