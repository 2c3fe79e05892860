"""A log and the files made from it, opened together and kept in agreement."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import wraps
from pathlib import Path
from threading import RLock
from typing import Any, Concatenate, ParamSpec, TypeVar

from dedup.disk import flush
from dedup.errors import DamagedError, DedupError, InputError, OutputError
from dedup.store import rebuild, rows, segments
from dedup.store.lock import Lock
from dedup.store.log import HEAD, MANIFEST, META, Log
from dedup.store.protocol import Derive
from dedup.store.reached import Reached
from dedup.store.shelf import Change, Cover, DamagedPartError, Part, Shelf

FORMAT = 1
"""Version of all that lies in the folder, recorded in it."""

EVERY = 1 << 62
"""More than there is of anything."""
_SWEPT = 4  # rows of sealed postings that each batch deletes: few, so that no batch takes long
_MENDS = 64  # files that one call makes again before it doubts the disk
_MARK = "dedup-index"  # the file that says that a log was made here: one that is gone is missed
OWN = frozenset({"log", "log-wal", "log-shm", "log-journal", "lock", "reached", _MARK})
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
    """The log and the shelf of one store; see `dedup.store.local.LocalStore`."""

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
        self._turn = RLock()
        self._seen = -1  # of the log's changes
        self._loaded = 0  # last batch whose postings were read
        self._least = 0  # batch that the log must have reached
        self._lock: Lock | None = None
        self._log: Log | None = None
        self._reached = Reached(self.path / "reached")
        self._shelf = Shelf(self.path)
        self._head: dict[str, Any] = {}
        self._parts: list[Part] = []
        self._sealed = Cover()
        try:
            self._open(meta, wait)
        except BaseException:
            self.close()
            raise

    # ---- opening and closing

    def _open(self, meta: Mapping[str, Any], wait: float) -> None:
        if self._read_only:
            try:
                there = (self.path / _MARK).exists()
            except OSError as error:
                what = f"{self.path}: {error.strerror}; look for the rights to the folder"
                raise InputError(what) from None
            if not there:
                raise InputError(f"{self.path}: there is no index; name the folder of one")
        else:
            with writing(self.path):
                self._claim(wait)
        made = (self.path / _MARK).exists()
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
                (self.path / _MARK).write_text(f"{FORMAT}\n", encoding="ascii")
                flush(self.path)
        (record,) = self._base.get("head", [META])
        self._meta = rows.recorded(record, self.path, FORMAT)
        self._least = self._reached.read()  # before the log is: others may be adding to both
        self._refresh()
        if not self._read_only:
            self._shelf.sweep()
            self._shelf.plan()

    def _claim(self, wait: float) -> None:
        if self.path.is_file():
            raise OutputError(f"{self.path}: is a file; name a folder for the index")
        self.path.mkdir(parents=True, exist_ok=True)
        strange = {each.name for each in self.path.iterdir()} - OWN
        if strange and not (self.path / _MARK).exists():
            raise OutputError(
                f"{self.path}: holds {min(strange)} and no index; name another folder for one"
            )
        self._lock = Lock(self.path / "lock", wait)
        self._shelf.begin()

    @property
    def _base(self) -> Log:
        if self._log is None:
            raise ValueError(f"{self.path}: this index was closed")
        return self._log

    def _refresh(self) -> None:
        """Read what another process has written since the last call; a writer knows it."""
        base = self._base
        if self._seen >= 0 and not self._read_only:
            return
        while (seen := base.changes()) != self._seen:
            with self._base.snapshot():
                head, manifest = map(json.loads, self._base.get("head", [HEAD, MANIFEST]))
                first = self._first(head)
                newest = list(self._base.rows("tail", first, EVERY))
            self._take(head, manifest, first, newest)
            try:
                self._shelf.use(self._parts, self._sealed)
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
        self._parts = [Part.of(record) for record in manifest["parts"]]
        if head["sealed"] != self._sealed.batch:
            self._shelf.cleared()
        self._sealed = Cover(*manifest["sealed"])
        self._loaded = head["batch"]
        self._shelf.load(rows.tail(row) for _, row in newest)

    def _mend(self, error: DamagedPartError) -> None:
        """Make damaged files again from the log."""
        self._shelf.discard()
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
                self._base.put("head", [(HEAD, rows.plain(head))])
            self._head, self._parts = head, parts
            try:
                self._shelf.use(parts, self._sealed)
            except DamagedPartError as another:
                error = another
                continue
            self._shelf.path(error.part.file).unlink(missing_ok=True)
            return

    def _made_again(self, part: Part, derive: Derive) -> list[Part]:
        tables = self._head["tables"]
        return [
            self._shelf.write(segments.pack(*pairs), texts, seqs)
            for pairs, texts, seqs in rebuild.again(
                self._base, derive, tables, part.texts, part.seqs
            )
        ]

    def close(self) -> None:
        """Let go of files and locks; closing twice does no harm."""
        with self._turn:
            if self._log is not None and self._seen >= 0 and not self._read_only:
                self._shelf.give_up()
                with suppress(DedupError, DamagedPartError, OSError):
                    self._settle()
            self._shelf.close()
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
        self._base.put("head", [(MANIFEST, rows.plain(manifest))])

    def _commit(self, head: dict[str, Any], change: Change | None, swept: int = _SWEPT) -> None:
        """Put the head, with what the shelf has finished."""
        if change is not None:
            self._put_manifest(head, change.parts, change.sealed)
        self._base.drop("tail", head["sealed"], swept)
        self._base.put("head", [(HEAD, rows.plain(head))])

    def _adopt(self, head: dict[str, Any], change: Change | None) -> None:
        """Bring what is in memory to what was committed."""
        self._head = head
        if change is not None:
            self._parts, self._sealed = list(change.parts), change.sealed
            self._shelf.taken(change)

    def _settle(self) -> None:
        """Put into the log what the shelf has finished."""
        change = self._shelf.finished(wait=True)
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
        (HEAD, rows.plain(head)),
        (MANIFEST, rows.plain({"version": 0, "sealed": [0, 1, 0], "parts": []})),
        (META, rows.plain({"format": FORMAT, "meta": dict(meta)})),
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
