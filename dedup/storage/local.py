"""The store of an index in a folder of its own: the log, and files of postings made from it."""

from __future__ import annotations

import errno
import json
import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import partial, wraps
from pathlib import Path
from threading import RLock
from typing import Any, Concatenate, ParamSpec, TypeVar

import numpy as np
import numpy.typing as npt

from dedup.errors import (
    DamagedError,
    DedupError,
    InputError,
    LockedError,
    OutputError,
    Problem,
)
from dedup.portable import discard, flush, trim
from dedup.storage import codec, rebuild
from dedup.storage.check import verify
from dedup.storage.lock import HOLDER, Lock
from dedup.storage.postings import segment
from dedup.storage.postings.lsm import SUFFIX, Change, Cover, DamagedPartError, Lsm, Part
from dedup.storage.protocol import ASIDE, KEY_BITS, Batch, Derive, Event, Ids, StoredArticle, Texts
from dedup.storage.sqlite_log import HEAD, MANIFEST, META, Log, Reached

FORMAT = 1
"""Version of all that lies in the folder, recorded in it."""

EVERY = 1 << 62
"""More than there is of anything."""
_SWEPT = 4  # rows of sealed postings that each batch deletes: few, so that no batch takes long
_MENDS = 64  # files that one call makes again before it doubts the disk
_INHERITED: list[object] = []  # what is another process's: kept, for its end would be a close
MARK = "dedup-index"
"""The file that says that a log was made here: one that is gone is missed."""
_NEW = ".new"
"""What a file that is put aside is called while it is written."""
_PUT_ASIDE = frozenset(name + end for name in ASIDE for end in ("", _NEW))
OWN = _PUT_ASIDE | {"log", "log-wal", "log-shm", "log-journal", "lock", HOLDER, "reached", MARK}
"""The files of an index beside those of postings."""

_Given = ParamSpec("_Given")
_Answer = TypeVar("_Answer")
_Store = TypeVar("_Store", bound="Opened")


def by_turns(
    method: Callable[Concatenate[_Store, _Given], _Answer],
) -> Callable[Concatenate[_Store, _Given], _Answer]:
    """Let one thread in at a time, see what another process has written, mend what can be."""

    @wraps(method)
    def guarded(self: _Store, /, *args: _Given.args, **kwargs: _Given.kwargs) -> _Answer:
        self._own()
        with self._turn:
            self._refresh()
            for _ in range(_MENDS):
                try:
                    return method(self, *args, **kwargs)
                except DamagedPartError as error:
                    self._mend(error)
            raise DamagedError(
                f"{self.path}: its files are damaged again and again; move it to another disk"
            )

    return guarded


class Opened:
    """The log and the shelf of one store; see `dedup.storage.local.LocalStore`."""

    def __init__(
        self,
        path: str | os.PathLike[str],
        meta: Mapping[str, Any],
        derive: Derive | None = None,
        *,
        read_only: bool = False,
        wait: float = 10.0,
    ) -> None:
        self.path = Path(path)
        self._derive = derive
        self._read_only = read_only
        self._process = os.getpid()
        self._turn = RLock()
        self._seen = -1  # of the log's changes
        self._loaded = 0  # last batch whose postings were read
        self._least = 0  # batch that the log must have reached
        self._stands = False  # in a block of `still`
        self._lock: Lock | None = None
        self._log: Log | None = None
        self._begin()
        try:
            self._open(meta, wait)
        except BaseException:
            self.close()
            raise

    def _begin(self) -> None:
        """Know nothing yet of what is in the folder."""
        self._reached = Reached(self.path / "reached")
        self._lsm = Lsm(self.path)
        self._head: dict[str, Any] = {}
        self._parts: list[Part] = []
        self._sealed = Cover()

    # ---- opening and closing

    def _open(self, meta: Mapping[str, Any], wait: float) -> None:
        with suppress(OSError):  # what cannot be listed is told below
            self._refuse_links()
        if self._read_only:
            try:
                there = (self.path / MARK).exists()
            except OSError as error:
                what = f"{self.path}: {error.strerror}; look for the rights to the folder"
                raise InputError(what) from None
            if not there:
                raise InputError(f"{self.path}: there is no index; name the folder of one")
        else:
            with writing(self.path):
                self._claim(wait)
        made = (self.path / MARK).exists()
        if made and not (self.path / "log").exists():
            raise DamagedError(
                f"{self.path}: its log is missing; put back a copy of the index from before, or "
                "build it again in another folder"
            )
        self._log = Log(
            self.path / "log", read_only=self._read_only, head=() if made else _beginning(meta)
        )
        if not (made or self._read_only):
            with writing(self.path):
                (self.path / MARK).write_bytes(f"{FORMAT}\n".encode("ascii"))
                flush(self.path)
        (record,) = self._base.get("head", [META])
        self._meta = codec.recorded(record, self.path, FORMAT)
        self._least = self._reached.read()  # before the log is: others may be adding to both
        self._refresh()
        if not self._read_only:
            self._lsm.sweep()
            self._lsm.plan()

    def _refuse_links(self) -> None:
        """Raise `DamagedError` where a link stands for a file: it may lead to anybody's."""
        with os.scandir(self.path) as found:
            links = [entry.name for entry in found if entry.is_symlink()]
        for name in links:
            if name in OWN - {HOLDER} or name.endswith(SUFFIX):
                raise DamagedError(
                    f"{self.path}: {name} is a link, which an index does not follow; put the file "
                    "itself there, or take the link away"
                )

    def _own(self) -> None:
        """See to it that what is open was opened by this process, and not by one it is a fork of.

        SQLite's connections must not be used in two processes, and locks of threads that are not
        in this one never end. A reader opens the folder anew; a writer is refused.
        """
        if self._process == os.getpid():
            return
        if not self._read_only:
            raise LockedError(
                f"{self.path}: process {self._process} opened this index for writing, and this one "
                "is a fork of it; open it after the fork, in one process for writing and in "
                "others for reading only, or take redis://... where several write"
            )
        _INHERITED.append((self._log, self._lsm, self._reached))  # closing would touch the files
        closed, self._log = self._log is None, None
        self._process = os.getpid()
        self._turn = RLock()
        self._seen, self._loaded = -1, 0
        self._begin()
        if not closed:
            self._open({}, 0)

    def _claim(self, wait: float) -> None:
        if self.path.is_file():
            raise OutputError(f"{self.path}: is a file; name a folder for the index")
        self.path.mkdir(parents=True, exist_ok=True)
        strange = {each.name for each in self.path.iterdir()} - OWN
        if strange and not (self.path / MARK).exists():
            raise OutputError(
                f"{self.path}: holds {min(strange)} and no index; name another folder for one"
            )
        self._lock = Lock(self.path / "lock", wait)
        self._lsm.begin()

    @property
    def _base(self) -> Log:
        if self._log is None:
            raise ValueError(f"{self.path}: this index was closed")
        return self._log

    def _refresh(self) -> None:
        """Read what another process has written since the last call; a writer knows it."""
        base = self._base
        if self._stands or (self._seen >= 0 and not self._read_only):
            return
        while (seen := base.changes()) != self._seen:
            with self._base.snapshot():
                head, manifest = map(json.loads, self._base.get("head", [HEAD, MANIFEST]))
                first = self._first(head)
                newest = list(self._base.rows("tail", first, EVERY))
            self._take(head, manifest, first, newest)
            try:
                self._lsm.use(self._parts, self._sealed)
            except DamagedPartError as error:
                if self._base.changes() != seen:  # it was merged away just now
                    continue
                self._mend(error)
            self._seen = seen

    def _first(self, head: dict[str, Any]) -> int:
        """Return the first row of the tail that is not in memory."""
        sealed: int = head["sealed"]
        return 1 + (self._loaded if sealed == self._sealed.batch else sealed)

    def _take(
        self,
        head: dict[str, Any],
        manifest: dict[str, Any],
        first: int,
        newest: list[tuple[int, bytes]],
    ) -> None:
        """Bring what is in memory to what the log says."""
        if manifest["version"] != head["manifest"]:
            raise self._base.damaged("its head and its list of files are of different times")
        if (lost := self._least - head["batch"]) > 0:
            raise DamagedError(
                f"{self.path}: its log has lost its end, the last {lost} batches; put back a copy "
                f"of the index from before or, to go on without them, delete {self._reached.file} "
                "and add again what came last"
            )
        if [number for number, _ in newest] != list(range(first, head["batch"] + 1)):
            raise self._base.damaged("postings of the last batches are missing")
        self._head = head
        try:
            self._parts = [Part.of(record) for record in manifest["parts"]]
        except (KeyError, TypeError, ValueError) as error:
            raise self._base.damaged(f"its list of files is none ({error})") from None
        if head["sealed"] != self._sealed.batch:
            self._lsm.cleared()
        self._sealed = Cover(*manifest["sealed"])
        self._loaded = head["batch"]
        self._lsm.load(codec.memtable(row) for _, row in newest)

    def _mend(self, error: DamagedPartError) -> None:
        """Make damaged files again from the log."""
        self._lsm.discard()
        while True:
            if self._read_only or self._derive is None:
                raise DamagedError(
                    f"{error}; open the index for writing, which makes it again from the log"
                ) from error
            head, parts = dict(self._head), []
            for part in self._parts:
                parts += self._made_again(part, self._derive) if part == error.part else [part]
            with writing(self.path), self._base.transaction():
                self._put_manifest(head, parts, self._sealed)
                self._base.put("head", [(HEAD, codec.plain(head))])
            self._head, self._parts = head, parts
            try:
                self._lsm.use(parts, self._sealed)
            except DamagedPartError as another:
                error = another
                continue
            discard(self._lsm.path(error.part.file))
            return

    def _made_again(self, part: Part, derive: Derive) -> list[Part]:
        tables = self._head["tables"]
        return [
            self._lsm.write(segment.pack(*pairs), texts, seqs)
            for pairs, texts, seqs in rebuild.again(
                self._base, derive, tables, part.texts, part.seqs
            )
        ]

    def close(self) -> None:
        """Let go of files and locks; closing twice does no harm."""
        if self._process != os.getpid():
            _INHERITED.append((self._log, self._lsm, self._reached))
            self._log = None
            return
        with self._turn:
            if self._log is not None and self._seen >= 0 and not self._read_only:
                self._lsm.give_up()
                with suppress(DedupError, DamagedPartError, OSError):
                    self._settle()
            self._lsm.close()
            self._reached.close()
            if self._log is not None:
                self._log.close()
                self._log = None
            if self._lock is not None:
                self._lock.release()

    # ---- keeping the log and the shelf in agreement

    def _put_manifest(self, head: dict[str, Any], parts: Sequence[Part], sealed: Cover) -> None:
        head["manifest"] += 1
        head["sealed"] = sealed.batch
        manifest = {
            "version": head["manifest"],
            "sealed": [sealed.texts, sealed.seqs, sealed.batch],
            "parts": [part.record() for part in parts],
        }
        self._base.put("head", [(MANIFEST, codec.plain(manifest))])

    def _commit(self, head: dict[str, Any], change: Change | None, swept: int = _SWEPT) -> None:
        """Put the head, with what the shelf has finished."""
        if change is not None:
            self._put_manifest(head, change.parts, change.sealed)
        self._base.drop("tail", head["sealed"], swept)
        self._base.put("head", [(HEAD, codec.plain(head))])

    def _adopt(self, head: dict[str, Any], change: Change | None) -> None:
        """Bring what is in memory to what was committed."""
        self._head = head
        if change is not None:
            self._parts, self._sealed = list(change.parts), change.sealed
            self._lsm.taken(change)

    def _settle(self) -> None:
        """Put into the log what the shelf has finished."""
        change = self._lsm.finished(wait=True)
        if change is not None:
            head = dict(self._head)
            with self._base.transaction():
                self._commit(head, change, EVERY)
            self._adopt(head, change)

    def _writable(self) -> None:
        if self._read_only:
            raise OutputError(f"{self.path}: was opened for reading only; open it for writing")


def _beginning(meta: Mapping[str, Any]) -> list[tuple[int, bytes]]:
    """Return the rows with which a log begins."""
    head = {
        **dict.fromkeys(("texts", "seq", "event", "batch", "sealed", "manifest", "articles"), 0),
        "states": [],
        "tables": [],
    }
    return [
        (HEAD, codec.plain(head)),
        (MANIFEST, codec.plain({"version": 0, "sealed": [0, 1, 0], "parts": []})),
        (META, codec.plain({"format": FORMAT, "meta": dict(meta)})),
    ]


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn what the system raises in the block into `OutputError`."""
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"{path}: cannot be written: {error.strerror or error}; look for space on the disk and "
            "the rights to the folder"
        ) from error


# -- The store: a log and the files made from it

_PASSES = 2  # merges of all files between which others write; what they still leave is little
_DIRECT = 1 << 17  # postings in a batch from which a file is made of them at once


class LocalStore(Opened):
    """Keeps an index in the folder `path`; see `dedup.storage.protocol.Store`.

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
            held = codec.text_keys(self._base.get("texts", found.ids.tolist()))
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
        return self._lsm.find(keys.astype(np.uint64) | np.uint64(number << KEY_BITS), most)

    @by_turns
    def read_texts(self, numbers: npt.NDArray[np.int64]) -> Texts:
        """Return texts by number, in the order asked for; `IndexError` for an unknown one."""
        wanted = np.asarray(numbers).tolist()
        _within(wanted, 0, self._head["texts"], "text")
        return codec.texts(self._base.get("texts", wanted))

    @by_turns
    def read_articles(self, seqs: Sequence[int]) -> list[StoredArticle]:
        """Return articles by seq, in the order asked for; `IndexError` for an unknown one."""
        wanted = list(map(int, seqs))
        _within(wanted, 1, self._head["seq"] + 1, "article")
        found = self._base.get("articles", wanted)
        return [codec.article(seq, row) for seq, row in zip(wanted, found, strict=True)]

    @by_turns
    def current(self, ids: Sequence[str]) -> list[int]:
        """Return the seq of each id's current revision; 0 where it is unknown or removed."""
        found = self._found(rebuild.IDS, rebuild.id_hashes(ids), EVERY)
        seqs = found.ids.tolist()
        held = dict(zip(seqs, self._base.get("articles", seqs), strict=True))
        last = {}
        for seq in sorted(held):
            if codec.is_current(held[seq]):
                last[codec.article(seq, held[seq]).article.id] = seq
        return [last.get(each, 0) for each in ids]

    @by_turns
    def events(self, since: int, most: int) -> list[Event]:
        """Return up to `most` events whose numbers are above `since`, in order; no past ones."""
        since = max(since, self._head.get("past", 0))
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
    def names(self) -> list[str]:
        """Return the names of all blobs that were set."""
        return list(self._head["states"])

    @by_turns
    def put_aside(self, name: str, data: bytes, at: int = 0) -> None:
        """Keep bytes that may be lost, in a file of their own; see `Store.put_aside`."""
        self._writable()
        file, new = (self.path / (name + end) for end in ("", _NEW))
        for old in (file, new) if not data else (new,):
            discard(old)
        if not data:
            return
        try:
            if at:
                _put_behind(file, at, data)
                return
            with new.open("xb") as out:
                out.write(data)
            new.replace(file)
        except OSError:
            discard(file if at else new)

    @by_turns
    def aside(self, name: str) -> bytearray | None:
        """Return what was put aside; None for nothing."""
        with suppress(OSError), (self.path / name).open("rb") as file:
            data = bytearray(os.fstat(file.fileno()).st_size)
            del data[file.readinto(data) :]
            return data
        return None

    @contextmanager
    def still(self) -> Iterator[None]:
        """Answer as of one moment while the block lasts, whatever others add."""
        self._own()
        with self._turn, ExitStack() as stack:
            if self._read_only and not self._stands:
                while not self._standing(stack):
                    pass
            yield

    def _standing(self, stack: ExitStack) -> bool:
        """Begin to read as of this moment; return whether nobody wrote just now."""
        self._refresh()
        with ExitStack() as begun:
            begun.enter_context(self._base.snapshot())
            (head,) = self._base.get("head", [HEAD])
            if json.loads(head) != self._head:
                return False
            self._stands = True
            begun.callback(self._moves)
            stack.push(begun.pop_all())
        return True

    def _moves(self) -> None:
        self._stands = False

    @by_turns
    def stats(self) -> dict[str, Any]:
        """Count what is there: articles, texts, events, bytes, postings, segments."""
        sizes = {name: file.stat().st_size for name in OWN if (file := self.path / name).exists()}
        aside = sum(sizes.pop(name, 0) for name in _PUT_ASIDE)
        log = sum(sizes.values())
        return {
            "articles": self._head["articles"],
            "revisions": self._head["seq"],
            "texts": self._head["texts"],
            "events": self._head["event"],
            "bytes": log + aside + self._lsm.size(),
            "log_bytes": log,
            "aside_bytes": aside,
            "segment_bytes": self._lsm.size(),
            "segments": len(self._lsm.parts),
            "postings": self._lsm.postings(),
            "unsealed": self._lsm.memtable.postings,
        }

    @by_turns
    def check(self) -> list[Problem]:
        """Read everything, and say what does not hold together."""
        return verify(self._base, self._lsm, self._head, self._derive)

    # ---- writing

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Let no other thread in while the block lasts; no other process writes anyway."""
        self._own()
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
            change = self._lsm.finished(wait=direct or self._lsm.waits())
            making = self._lsm.direct(pairs, reach) if direct else None
            try:
                with self._base.transaction():
                    self._put(batch, head)
                    if making is not None:
                        change = self._lsm.changed(change, making.result(), reach)
                    else:
                        self._base.put("tail", [(head["batch"], codec.tail_row(*few))])
                    self._commit(head, change)
            except BaseException:
                if making is not None:
                    self._lsm.undo(making)
                raise
        self._reached.note(head["batch"])
        self._adopt(head, change)
        if direct:
            self._lsm.cleared()
            trim()
        else:
            self._lsm.add(few, reach)

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
        head["past"] = min(max(head.get("past", 0), batch.past), max(0, head["event"] - 1))
        _within([*batch.superseded, *batch.removed], 1, head["seq"] + 1, "article")
        return head

    def _put(self, batch: Batch, head: dict[str, Any]) -> None:
        """Put the rows of a batch, and count its articles."""
        base, before = self._base, self._head
        base.put("texts", codec.text_rows(batch.texts, before["texts"]))
        base.put("articles", ((stored.seq, codec.article_row(stored)) for stored in batch.articles))
        head["articles"] += sum(
            not (stored.superseded or stored.removed) for stored in batch.articles
        )
        for seq, mark in codec.marks(batch):
            (row,) = base.get("articles", [seq])
            head["articles"] -= codec.is_current(row)
            base.put("articles", [(seq, mark(seq, row))])
        events = (json.dumps(event).encode() for event in batch.events)
        base.put("events", enumerate(events, before["event"] + 1))
        base.put(
            "state",
            [(head["states"].index(name) + 1, blob) for name, blob in batch.state.items()],
        )

    def compact(self) -> None:
        """Merge all postings into one file, and write the log anew; takes its size on the disk.

        Of articles that were taken out, and of texts that none holds any more, nothing stays; their
        numbers are not given again. Others have their turns while files are merged, and wait while
        what is gone is cut out.
        """
        for _ in range(_PASSES):
            if not self._merges():
                break
            self._lsm.join()
        self._rewrite()

    @by_turns
    def _merges(self) -> bool:
        """Begin to merge all files, those of now included; return whether a merge goes on."""
        self._writable()
        with writing(self.path):
            self._settle()
            if self._lsm.memtable.postings:
                head = self._head
                self._lsm.freeze(Cover(head["texts"], head["seq"] + 1, head["batch"]))
                self._settle()
            return self._lsm.compacting()

    @by_turns
    def _rewrite(self) -> None:
        """Merge what is left to merge, cut out what is gone, and give the space back."""
        with writing(self.path):
            while self._merges():
                self._lsm.join()
            gone = rebuild.gone(self._base, self._head["texts"], self._head["seq"])
            if gone is not None or self._head.get("past", 0) >= self._cut():
                self._clear(gone)
            self._base.shrink()

    def _cut(self) -> int:
        """Return the first event that is there."""
        return int((self._base.gaps("events") or [1, 1])[1])

    def _clear(self, gone: rebuild.Gone | None) -> None:
        """Take postings and rows of what is gone off the disk, as a whole or not at all."""
        head, base, change = dict(self._head), self._base, None
        gaps = {table: base.gaps(table) for table in ("texts", "articles")}
        if gone is not None:
            gaps = gone.gaps()
        past = head.get("past", 0)
        gaps["events"] = [1, past + 1] if past else []
        if gone is not None and self._lsm.parts:
            change = self._lsm.rewritten(partial(gone.keep, head["tables"]))
        try:
            with base.transaction():
                base.cut(gaps)
                self._commit(head, change)
        except BaseException:
            if change is not None:
                change.segments[0].close()
                discard(self._lsm.path(change.parts[0].file))
            raise
        self._adopt(head, change)


def _put_behind(file: Path, at: int, data: bytes) -> None:
    """Write bytes behind the first `at` of a file; raises `OSError` where there are fewer."""
    if not stat.S_ISREG(file.lstat().st_mode):  # a link that somebody put there
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
    with file.open("r+b") as out:
        if out.seek(0, os.SEEK_END) < at:
            raise OSError(errno.EIO, "a part was lost")
        out.seek(at)
        out.write(data)
        out.truncate()


def _within(numbers: Sequence[int], first: int, end: int, what: str) -> None:
    for number in numbers:
        if not first <= number < end:
            raise IndexError(f"there is no {what} {number}")
