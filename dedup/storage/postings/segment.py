"""Immutable files of sorted postings: write, open, search, read, merge.

A file holds, one after another: the postings, 8 bytes each, section by section (see
`dedup.storage.postings.blocks`); the directory (sections, where they start, the first key and the
sum of each block); the filter; a footer in JSON with the lengths and sums of all that; the footer's
sum and length. Postings of about 67 a text and the filter cost some 600 bytes a text.
"""

from __future__ import annotations

import json
import mmap
import os
import struct
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from xxhash import xxh3_64_digest, xxh3_64_hexdigest

from dedup.portable import Reader, discard, flush, sync, sync_content
from dedup.storage.postings.blocks import BLOCK, FILTER, mark, split, sums

VERSION = 1
"""Of the form of the files; others are made again from the log."""

_CHUNK = 1 << 18  # postings that a merge sorts at a time: 2 MB
_FLUSH = 1 << 23  # bytes after which a merge waits for the disk, so that no commit waits long
_TRAILER = struct.Struct("<8sI4s")
_MAGIC = b"ddsg"

Sections = dict[int, npt.NDArray[np.uint64]]
"""Sorted postings by section."""


class BadSegmentError(Exception):
    """A file of postings is missing, or not what was written; it can be made again."""

    def __init__(self, path: Path, what: str) -> None:
        super().__init__(f"{path}: {what}")
        self.path = path


def pack(keys: npt.NDArray[np.uint64], ids: npt.NDArray[np.uint32]) -> Sections:
    """Sort postings into their sections.

    >>> pack(np.array([5 << 32 | 2, 1], np.uint64), np.array([7, 8], np.uint32))[5].tolist()
    [8589934599]
    """
    sections, counts = np.unique((keys >> np.uint64(32)).astype(np.uint32), return_counts=True)
    ends = np.cumsum(counts)
    out = np.empty(len(keys), np.uint64)
    split(keys, ids, sections, ends - counts, out)
    found = {}
    for section, end, count in zip(sections.tolist(), ends, counts, strict=True):
        found[section] = out[end - count : end]
        found[section].sort()
    return found


def pack_all(many: Iterable[tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint32]]]) -> Sections:
    """Sort the postings of several tables; one after another, to save memory."""
    found: Sections = {}
    for keys, ids in many:
        for section, records in pack(keys, ids).items():
            if section in found:
                found[section] = np.sort(np.concatenate([found[section], records]))
            else:
                found[section] = records
    return found


def _apart(length: int) -> mmap.mmap:
    """Return memory apart from the heap: filters live long, and would keep it from shrinking."""
    return mmap.mmap(-1, length)


class Writer:
    """Writes one file; sections come in ascending order, the postings of each sorted."""

    def __init__(self, path: Path, postings: int) -> None:
        self._path = path
        self._file = path.open("xb", buffering=0)
        self._total = 0
        self._flushed = 0
        self._rest = np.empty(0, np.uint64)
        self._sections: list[int] = []
        self._starts: list[int] = []
        self._fences: list[npt.NDArray[np.uint32]] = []
        self._sums: list[npt.NDArray[np.uint64]] = []
        self._bits = np.frombuffer(_apart(8 * max(1, postings // FILTER)), np.uint64)

    def add(self, section: int, records: npt.NDArray[np.uint64]) -> None:
        """Add postings of a section."""
        if not len(records):
            return
        if not self._sections or self._sections[-1] != section:
            self._sections.append(section)
            self._starts.append(self._total)
        self._total += len(records)
        mark(records, section, self._bits)
        every = np.concatenate([self._rest, records])
        whole = len(every) - len(every) % BLOCK
        self._write(every[:whole])
        self._rest = every[whole:]

    def _write(self, records: npt.NDArray[np.uint64]) -> None:
        checks = np.empty(-(-len(records) // BLOCK), np.uint64)
        sums(records, checks)
        self._sums.append(checks)
        self._fences.append((records[::BLOCK] >> np.uint64(32)).astype(np.uint32))
        self._put(records.tobytes())

    def _put(self, data: bytes | memoryview) -> None:
        view = memoryview(data)
        self._flushed += len(view)
        while len(view):
            view = view[self._file.write(view) :]
        if self._flushed >= _FLUSH:
            sync_content(self._file.fileno())
            self._flushed = 0

    def finish(self) -> str:
        """Bring the file to the disk; return the digest of its footer, which names it for good."""
        if len(self._rest):
            self._write(self._rest)
        directory = b"".join(
            array.tobytes()
            for array in (
                np.array([*self._starts, self._total], np.int64),
                np.concatenate([np.empty(0, np.uint64), *self._sums]),
                np.array(self._sections, np.uint32),
                np.concatenate([np.empty(0, np.uint32), *self._fences]),
            )
        )
        self._put(directory)
        self._put(self._bits.data.cast("B"))
        footer = {
            "version": VERSION,
            "order": sys.byteorder,
            "postings": self._total,
            "sections": len(self._sections),
            "filter": len(self._bits),
            "directory_sum": xxh3_64_hexdigest(directory),
            "filter_sum": xxh3_64_hexdigest(self._bits.data),
        }
        encoded = json.dumps(footer).encode()
        self._put(encoded)
        self._put(_TRAILER.pack(xxh3_64_digest(encoded), len(encoded), _MAGIC))
        sync(self._file.fileno())
        self._file.close()
        flush(self._path.parent)
        return xxh3_64_hexdigest(encoded)

    def abandon(self) -> None:
        """Leave no file behind."""
        self._file.close()
        discard(self._path)


class Segment:
    """One open file. Raises `BadSegmentError` for a file that is not what `digest` names.

    Until `load` was called, lookups go without the filter.
    """

    def __init__(self, path: Path, digest: str) -> None:
        self.path = path
        try:
            self._file = Reader(path)
        except OSError as error:
            raise BadSegmentError(path, error.strerror or "cannot be read") from error
        try:
            self._open(digest)
        except BaseException:
            self.close()
            raise

    def _open(self, digest: str) -> None:
        self.size = size = self._file.size
        trailer = self._bytes(size - _TRAILER.size, _TRAILER.size)
        _, length, magic = _TRAILER.unpack(trailer)
        encoded = self._bytes(size - _TRAILER.size - length, length)
        if magic != _MAGIC or xxh3_64_hexdigest(encoded) != digest:
            raise BadSegmentError(self.path, "is not the file that was written")
        footer = json.loads(encoded)
        if (footer["version"], footer["order"]) != (VERSION, sys.byteorder):
            raise BadSegmentError(self.path, "has another form")
        self.postings: int = footer["postings"]
        blocks, sections = -(-self.postings // BLOCK), footer["sections"]
        length = 8 * (sections + 1) + 8 * blocks + 4 * sections + 4 * blocks
        directory = self._bytes(8 * self.postings, length)
        if xxh3_64_hexdigest(directory) != footer["directory_sum"]:
            raise BadSegmentError(self.path, "its directory is damaged")
        self.starts = np.frombuffer(directory, np.int64, sections + 1)
        at = self.starts.nbytes
        self.sums = np.frombuffer(directory, np.uint64, blocks, at)
        at += self.sums.nbytes
        self.sections = np.frombuffer(directory, np.uint32, sections, at)
        at += self.sections.nbytes
        self.fences = np.frombuffer(directory, np.uint32, blocks, at)
        self._filter = (8 * self.postings + length, 8 * footer["filter"], footer["filter_sum"])
        self.bits = np.empty(0, np.uint64)
        mapped = self._file.mapped
        self._mapped = None if mapped is None else np.frombuffer(mapped, np.uint64, self.postings)
        self._source = self._file.number if self._mapped is None else self._mapped.ctypes.data

    def load(self) -> None:
        """Read the filter, so that most lookups in vain end in memory."""
        at, length, digest = self._filter
        held = _apart(length)
        self._into(memoryview(held), at)
        if xxh3_64_hexdigest(held) != digest:
            raise BadSegmentError(self.path, "its filter is damaged")
        self.bits = np.frombuffer(held, np.uint64)

    @property
    def filtered(self) -> bool:
        """Return whether the filter is in memory."""
        return len(self.bits) > 0

    @property
    def filter_bytes(self) -> int:
        """Memory that the filter takes."""
        return int(self._filter[1])

    def _bytes(self, at: int, length: int) -> bytearray:
        held = bytearray(max(0, length))
        self._into(memoryview(held), at)
        return held

    def _into(self, view: memoryview, at: int) -> None:
        if not self._file.fill(view, at):
            raise BadSegmentError(self.path, "is cut short")

    def row(self, bits: npt.NDArray[np.uint64]) -> list[int]:
        """Return what a kernel needs to look into it (see the columns of `postings.blocks`).

        `bits` is the filter, which must be kept as long as the kernel has the row.
        """
        lies = [array.ctypes.data for array in (self.sections, self.starts, self.fences, self.sums)]
        sections, *rest = lies
        return [
            *(self._source, self.postings, bits.ctypes.data, len(bits)),
            *(sections, len(self.sections), *rest),
        ]

    def ask(self, block: int) -> None:
        """Ask the system for a block, so that it reads several side by side and not by turns."""
        os.posix_fadvise(self._file.number, 8 * BLOCK * block, 8 * BLOCK, os.POSIX_FADV_WILLNEED)

    def near(self, block: int) -> bool:
        """Return whether a block is in memory already, as far as that can be told."""
        if not hasattr(os, "RWF_NOWAIT"):
            return True
        try:
            os.preadv(self._file.number, [bytearray(1)], 8 * BLOCK * block, os.RWF_NOWAIT)
        except OSError:
            return False
        return True

    def read(self, first: int, last: int) -> npt.NDArray[np.uint64]:
        """Return postings by their places in the file, their sums checked."""
        low = first // BLOCK
        high = -(-last // BLOCK)
        end = min(high * BLOCK, self.postings)
        held = np.frombuffer(self._bytes(8 * low * BLOCK, 8 * (end - low * BLOCK)), np.uint64)
        checks = np.empty(high - low, np.uint64)
        sums(held, checks)
        if not np.array_equal(checks, self.sums[low:high]):
            raise BadSegmentError(self.path, "a block is damaged")
        return held[first - low * BLOCK : last - low * BLOCK]

    def bounds(self, section: int) -> tuple[int, int]:
        """Return where a section begins and ends; (0, 0) without it."""
        at = int(np.searchsorted(self.sections, section))
        if at == len(self.sections) or self.sections[at] != section:
            return 0, 0
        return int(self.starts[at]), int(self.starts[at + 1])

    def place(self, section: int, low: int) -> int:
        """Return the first place in a section whose key is not below `low`."""
        first, last = self.bounds(section)
        if first == last:
            return first
        block = first // BLOCK
        fences = self.fences[block + 1 : (last - 1) // BLOCK + 1]
        block += int(np.searchsorted(fences, low))
        first = max(first, block * BLOCK)
        records = self.read(first, min(last, (block + 1) * BLOCK))
        return first + int(np.searchsorted(records, np.uint64(low << 32)))

    def close(self) -> None:
        """Let go of the file; closing twice does no harm."""
        self._source = -1  # an array would hold a mapped file open
        self._file.close()


def write(path: Path, sections: Sections) -> str:
    """Write a file of sections that lie in memory; return its digest."""
    return _written(path, sum(map(len, sections.values())), sorted(sections.items()))


Keep = Callable[[int, npt.NDArray[np.uint64]], npt.NDArray[np.bool_]]
"""Tells which postings of a section stay."""


def merge(
    path: Path, segments: Sequence[Segment], pause: Callable[[], None], keep: Keep | None = None
) -> str:
    """Write a file with the postings of several, by ranges of keys; return its digest.

    `pause` is called after each range; what it raises ends the merge and leaves no file. With
    `keep` only some postings are written.
    """
    total = sum(segment.postings for segment in segments)
    merged = _merged(segments)
    if keep is not None:
        merged = ((section, records[keep(section, records)]) for section, records in merged)
    return _written(path, total, merged, pause)


def _written(
    path: Path,
    total: int,
    parts: Iterable[tuple[int, npt.NDArray[np.uint64]]],
    pause: Callable[[], None] = lambda: None,
) -> str:
    writer = Writer(path, total)
    try:
        for section, records in parts:
            writer.add(section, records)
            pause()
        return writer.finish()
    except BaseException:
        writer.abandon()
        raise


def _merged(segments: Sequence[Segment]) -> Iterator[tuple[int, npt.NDArray[np.uint64]]]:
    """Yield the postings of several files in order."""
    every = np.unique(np.concatenate([segment.sections for segment in segments]))
    for section in every.tolist():
        bounds = [segment.bounds(section) for segment in segments]
        lows = [first for first, _ in bounds]
        for cut in [*_cuts(segments, bounds), None]:
            if cut is None:
                highs = [last for _, last in bounds]
            else:
                highs = [segment.place(section, cut) for segment in segments]
            parts = [
                segment.read(low, high)
                for segment, low, high in zip(segments, lows, highs, strict=True)
                if low < high
            ]
            if parts:
                records = np.concatenate(parts)
                records.sort()
                yield section, records
            lows = highs


def _cuts(segments: Sequence[Segment], bounds: Sequence[tuple[int, int]]) -> list[int]:
    """Return keys that cut a section into parts of about `_CHUNK` postings."""
    fences = [
        segment.fences[-(-first // BLOCK) : -(-last // BLOCK)]
        for segment, (first, last) in zip(segments, bounds, strict=True)
    ]
    ordered = np.sort(np.concatenate(fences))
    cuts: list[int] = np.unique(ordered[_CHUNK // BLOCK :: _CHUNK // BLOCK]).tolist()
    return cuts
