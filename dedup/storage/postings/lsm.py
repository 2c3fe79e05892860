"""All postings of a store: files, the newest in memory, and the threads that make files of them.

What is added goes to a tail in memory. When that holds `SEAL` postings it is written to a file in
the background, and when `FAN` files of about one size stand side by side they are merged into one.
What is finished is taken over only by `taken`, inside the caller's transaction: so each file is on
the disk before the log names it, and the log is written from one thread.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import numpy.typing as npt

from dedup.portable import discard, trim
from dedup.storage.postings.memtable import Memtable
from dedup.storage.postings.search import Search
from dedup.storage.postings.segment import (
    BadSegmentError,
    Keep,
    Sections,
    Segment,
    merge,
    pack_all,
    write,
)
from dedup.storage.protocol import Ids

SEAL = 1 << 18
"""Postings in memory of which a file is made: those of about 4,000 texts."""
FAN = 12
"""Files of about one size that are merged into one; no more of a size are searched."""
FILTERS = 128 << 20
"""Bytes of filters held in memory; the smallest files come first, as each costs as much to read."""

_HELD = 4 * SEAL  # postings in memory at which adding waits for the disk
_FILES = 48  # files at which adding waits for a merge
SUFFIX = ".postings"
"""How the names of files of postings end."""


def file_name(number: int) -> str:
    """Return the name of a file of postings.

    >>> file_name(7)
    '00000007.postings'
    """
    return f"{number:08}{SUFFIX}"


Range = tuple[int, int]
Pairs = tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint32]]
"""Keys, and the ids under them."""


def _tier(postings: int) -> int:
    """Return how often `FAN` files were merged into one of this size, about.

    >>> _tier(SEAL), _tier(SEAL * FAN), _tier(SEAL * FAN * FAN - 1)
    (0, 1, 1)
    """
    tier = 0
    while postings >= SEAL * FAN:
        postings //= FAN
        tier += 1
    return tier


@dataclass(frozen=True, slots=True)
class Part:
    """One file of postings, as the log names it."""

    file: int
    digest: str
    postings: int
    texts: Range
    """The texts whose postings it holds: first, and one past the last."""
    seqs: Range
    """The articles whose postings it holds."""

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Part:
        """Read what `record` gave. Raises `ValueError` for what it did not give.

        A name in the place of a number could lead out of the folder.
        """
        ranges = {name: tuple(record[name]) for name in ("texts", "seqs")}
        numbers = [record["file"], record["postings"], *ranges["texts"], *ranges["seqs"]]
        if any(type(number) is not int or number < 0 for number in numbers):
            raise ValueError("a file is named by something that is no number")
        return cls(**{**record, **ranges})

    def record(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return dataclasses.asdict(self)


@dataclass(frozen=True, slots=True)
class Cover:
    """How far something reaches: one past the last text, article and batch."""

    texts: int = 0
    seqs: int = 1
    batch: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """What is finished and not yet in the log."""

    parts: tuple[Part, ...]
    """All files after it."""
    sealed: Cover
    """How far the files reach after it."""
    segments: tuple[Segment, ...]


class DamagedPartError(Exception):
    """A file cannot be used; `part` is to be made again."""

    def __init__(self, part: Part, why: str) -> None:
        super().__init__(why)
        self.part = part


class Lsm:
    """The postings of one store, of which one thread at a time asks."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.parts: tuple[Part, ...] = ()
        self.segments: tuple[Segment, ...] = ()
        self.sealed = Cover()
        self._search = Search(self.segments)
        self.memtable = Memtable()
        self._frozen: tuple[Memtable, Cover] | None = None
        self._stop = Event()
        self._pools = [ThreadPoolExecutor(1, "dedup-seal"), ThreadPoolExecutor(1, "dedup-merge")]
        self._sealing: Future[tuple[Part, Segment]] | None = None
        self._merging: tuple[tuple[Part, ...], Future[tuple[Part, Segment]]] | None = None
        self._loading: Future[None] | None = None
        self._numbers = count(1)

    # ---- reading

    def find(self, keys: npt.NDArray[np.uint64], most: int) -> Ids:
        """Look up keys in all files and the tail. Raises `DamagedPartError`."""
        totals = np.zeros(len(keys), np.int64)
        if not self._search.fits(self.segments):
            self._search = Search(self.segments)
        try:
            found = [self._search.find(keys, most, totals)]
        except BadSegmentError as error:
            part = next(p for p, segment in self._files() if segment.path == error.path)
            raise DamagedPartError(part, str(error)) from error
        found += [memtable.find(keys, most, totals) for memtable in self._memtables()]
        found = [(part, ids) for part, ids in found if len(ids)]
        if not found:
            return Ids(np.zeros(len(keys) + 1, np.int64), np.empty(0, np.uint32), totals)
        which = np.concatenate([part for part, _ in found])
        ids = np.concatenate([part for _, part in found])
        offsets = np.zeros(len(keys) + 1, np.int64)
        np.cumsum(np.bincount(which, minlength=len(keys)), out=offsets[1:])
        return Ids(offsets, ids[np.argsort(which, kind="stable")], totals)

    def _files(self) -> Iterable[tuple[Part, Segment]]:
        return zip(self.parts, self.segments, strict=True)

    def _memtables(self) -> list[Memtable]:
        return [self._frozen[0], self.memtable] if self._frozen else [self.memtable]

    def use(self, parts: Sequence[Part], sealed: Cover) -> None:
        """Open the files that the log names, and close others. Raises `DamagedPartError`."""
        held = dict(self._files())
        opened: list[Segment] = []
        for part in parts:
            if part in held:
                opened.append(held[part])
                continue
            try:
                opened.append(Segment(self.path(part.file), part.digest))
            except BadSegmentError as error:
                for segment in {*opened} - {*held.values()}:
                    segment.close()
                raise DamagedPartError(part, str(error)) from error
        if self._loading is not None:
            self._loading.result()
        for segment in {*held.values()} - {*opened}:
            segment.close()
        self.parts, self.segments, self.sealed = tuple(parts), tuple(opened), sealed
        self._search = Search(())
        if {*opened} - {*held.values()}:
            self._loading = self._pools[1].submit(self._load, self.segments)

    def _load(self, opened: Sequence[Segment]) -> None:
        """Read filters, as far as memory is set apart for them."""
        room = FILTERS
        for segment in sorted(opened, key=lambda segment: segment.filter_bytes):
            room -= segment.filter_bytes
            if room < 0 or self._stop.is_set():
                return
            if not segment.filtered:
                with suppress(BadSegmentError, OSError):  # `check` tells; lookups go without it
                    segment.load()

    def path(self, file: int) -> Path:
        """Return where a file lies."""
        return self.folder / file_name(file)

    def begin(self) -> None:
        """Make ready for writing: new files are numbered above those that are there."""
        stems = [path.stem for path in self.folder.glob(f"*{SUFFIX}")]
        self._numbers = count(1 + max((int(stem) for stem in stems if stem.isdigit()), default=0))

    def sweep(self) -> None:
        """Delete files that the log does not name: left by a process that was killed."""
        named = {self.path(part.file) for part in self.parts}
        for path in self.folder.glob(f"*{SUFFIX}"):
            if path not in named:
                discard(path)

    def postings(self) -> int:
        """Count all postings."""
        return sum(segment.postings for segment in self.segments) + sum(
            memtable.postings for memtable in self._memtables()
        )

    def size(self) -> int:
        """Return the bytes of all files."""
        return sum(segment.size for segment in self.segments)

    # ---- writing

    def add(self, pairs: Pairs, reach: Cover) -> None:
        """Add postings to the tail; they reach as far as `reach`."""
        self.memtable.add(*pairs)
        if self.memtable.postings >= SEAL and self._frozen is None:
            self.freeze(reach)

    def load(self, batches: Iterable[Pairs]) -> None:
        """Add postings that the log holds to the tail."""
        for pairs in batches:
            self.memtable.add(*pairs)

    def freeze(self, reach: Cover) -> None:
        """Have a file made of the tail, and begin another tail."""
        self._frozen = self.memtable, reach
        self.memtable = Memtable()
        self._seal()

    def _seal(self) -> None:
        assert self._frozen is not None
        memtable, reach = self._frozen
        self._sealing = self._pools[0].submit(
            lambda: self._written(memtable.packed(), self.sealed, reach)
        )

    def _written(self, packed: Sections, low: Cover, high: Cover) -> tuple[Part, Segment]:
        return self._opened(self.write(packed, (low.texts, high.texts), (low.seqs, high.seqs)))

    def write(self, packed: Sections, texts: Range, seqs: Range) -> Part:
        """Write a file of postings."""
        number = next(self._numbers)
        digest = write(self.path(number), packed)
        return Part(number, digest, sum(map(len, packed.values())), texts, seqs)

    def _opened(self, part: Part) -> tuple[Part, Segment]:
        segment = Segment(self.path(part.file), part.digest)
        if sum(each.filter_bytes for each in self.segments) + segment.filter_bytes <= FILTERS:
            segment.load()
        trim()
        return part, segment

    def waits(self) -> bool:
        """Return whether adding has to wait: the disk is far behind."""
        return self.memtable.postings >= _HELD or len(self.parts) >= _FILES

    def direct(self, many: Sequence[Pairs], reach: Cover) -> Future[tuple[Part, Segment]]:
        """Have a file made at once of the tail and many more postings; see `changed`."""
        low, memtable = self._frozen[1] if self._frozen else self.sealed, self.memtable
        return self._pools[0].submit(
            lambda: self._written(pack_all([memtable.held(), *many]), low, reach)
        )

    def changed(self, change: Change | None, made: tuple[Part, Segment], reach: Cover) -> Change:
        """Return a change with one more file at the end, which reaches as far as `reach`."""
        parts, opened = (change.parts, change.segments) if change else (self.parts, self.segments)
        return Change((*parts, made[0]), reach, (*opened, made[1]))

    def undo(self, making: Future[tuple[Part, Segment]]) -> None:
        """Delete a file that was not taken over."""
        if making.exception() is None:
            part, segment = making.result()
            segment.close()
            discard(self.path(part.file))

    def finished(self, *, wait: bool = False) -> Change | None:
        """Return what is finished, for the log; None when nothing is.

        With `wait` first for the tail that is being written, and for a merge if there are too many
        files. A file that could not be written is tried again; with `wait` the second failure is
        raised, `OSError`. Raises `DamagedPartError` for one that could not be merged.
        """
        parts, opened, sealed = list(self.parts), list(self.segments), self.sealed
        merged = self._merged(wait=wait and len(parts) >= _FILES)
        if merged and self._merging:
            olds = self._merging[0]
            at = parts.index(olds[0])
            parts[at : at + len(olds)], opened[at : at + len(olds)] = [merged[0]], [merged[1]]
        if self._sealing and self._frozen and (self._sealing.done() or wait):
            if self._sealing.exception() is not None:
                self._seal()
            if wait or self._sealing.done():
                part, segment = self._sealing.result()
                parts.append(part)
                opened.append(segment)
                sealed = self._frozen[1]
        if tuple(parts) == self.parts:
            return None
        return Change(tuple(parts), sealed, tuple(opened))

    def _merged(self, *, wait: bool) -> tuple[Part, Segment] | None:
        """Return what a merge has made, once it is done."""
        if self._merging is None or not (wait or self._merging[1].done()):
            return None
        olds, future = self._merging
        error = future.exception()
        if error is None:
            return future.result()
        self._merging = None  # tried again when the next file stands
        if isinstance(error, BadSegmentError) and not self._stop.is_set():
            part = next(part for part in olds if self.path(part.file) == error.path)
            raise DamagedPartError(part, str(error)) from error
        return None

    def taken(self, change: Change) -> None:
        """Take over what is in the log now, and delete the files that it replaces."""
        gone = [(part, segment) for part, segment in self._files() if part not in change.parts]
        if self._loading is not None:
            self._loading.result()
        if gone:
            self._merging = None
        if self._frozen and change.sealed.batch >= self._frozen[1].batch:
            self._frozen = self._sealing = None
        self.parts, self.segments, self.sealed = change.parts, change.segments, change.sealed
        self._search = Search(())  # lets go of the filters of what is closed
        for part, segment in gone:
            segment.close()
            discard(self.path(part.file))
        self.plan()

    def cleared(self) -> None:
        """Begin a new memtable: the postings of the old one are in a file that was taken over."""
        self.memtable = Memtable()

    def plan(self) -> None:
        """Begin a merge if `FAN` files of about one size stand at the end."""
        if self._merging is not None or self._stop.is_set():
            return
        tiers = [_tier(part.postings) for part in self.parts]
        for tier in range(max(tiers, default=-1) + 1):
            first = len(tiers)
            while first and tiers[first - 1] <= tier:
                first -= 1
            if len(tiers) - first >= FAN:
                self._begin(first)
                return

    def _begin(self, first: int) -> None:
        olds, opened = self.parts[first:], self.segments[first:]
        self._merging = olds, self._pools[1].submit(self._merge, olds, opened)

    def _merge(self, olds: Sequence[Part], opened: Sequence[Segment]) -> tuple[Part, Segment]:
        number = next(self._numbers)
        digest = merge(self.path(number), opened, self._pause)
        texts = olds[0].texts[0], olds[-1].texts[1]
        seqs = olds[0].seqs[0], olds[-1].seqs[1]
        return self._opened(Part(number, digest, sum(old.postings for old in olds), texts, seqs))

    def _pause(self) -> None:
        if self._stop.is_set():
            raise BadSegmentError(self.folder, "is being closed")

    def rewritten(self, keep: Keep) -> Change:
        """Write one file of all that stays of the files, for the log."""
        number = next(self._numbers)
        digest = merge(self.path(number), self.segments, self._pause, keep)
        texts = self.parts[0].texts[0], self.parts[-1].texts[1]
        seqs = self.parts[0].seqs[0], self.parts[-1].seqs[1]
        part, segment = self._opened(Part(number, digest, 0, texts, seqs))
        part = dataclasses.replace(part, postings=segment.postings)
        return Change((part,), self.sealed, (segment,))

    def compacting(self) -> bool:
        """Begin a merge of all files, if there are several; return whether one goes on."""
        if self._merging is None and len(self.parts) > 1:
            self._begin(0)
        return self._merging is not None

    def join(self) -> None:
        """Wait for the merge that goes on; another thread may take it over meanwhile."""
        merging = self._merging
        if merging is not None:
            merging[1].exception()

    def give_up(self) -> None:
        """End the merge that goes on; one that was done just now stays for `finished`."""
        if self._merging is not None:
            self._stop.set()
            if self._merging[1].exception() is not None:
                self._merging = None
            self._stop.clear()

    def discard(self) -> None:
        """End the merge that goes on, and delete what it has made."""
        self.give_up()
        if self._merging is not None:
            self.undo(self._merging[1])
            self._merging = None

    def close(self) -> None:
        """Let go of threads and files."""
        self._stop.set()
        for pool in self._pools:
            pool.shutdown()
        for making in (self._sealing, self._merging and self._merging[1]):
            if making is not None:  # done a moment ago: the log does not name it
                self.undo(making)
        for segment in self.segments:
            segment.close()
