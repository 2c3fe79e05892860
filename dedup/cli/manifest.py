"""Which files an index took, kept in the index itself: a few bytes a file, with what it adds."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
from xxhash import xxh3_64_intdigest

from dedup.index.index import Index

Stamp = tuple[int, int]
"""Size of a file, and when it was changed, in nanoseconds."""

PAGE = 4096
"""Files noted in one blob; only the last one is ever written anew."""

_ROOT, _PAGES, _PAGE = "files root", "files pages", "files {}"
_STAMP = struct.Struct("<qq")


class Filed:
    """The files that were taken, by name, each with its size and time of change."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._pages = int.from_bytes(index.noted(_PAGES) or b"", "little")
        pages = [index.noted(_PAGE.format(page)) or b"" for page in range(self._pages)]
        self._last = bytearray(pages[-1] if pages else b"")
        # a name may stand again later with another stamp: the last one counts
        rows = _rows(b"".join(pages))[::-1]
        names, first = np.unique(rows[:, 0], return_index=True)
        self._names, self._stamps = names, rows[first, 1]
        self._new: dict[int, int] = {}

    def root(self, base: str) -> str:
        """Return the folder from which files are named: `base` the first time, then always that."""
        kept = self._index.noted(_ROOT)
        if kept is None:
            kept = os.fsencode(base)
            self._index.note(_ROOT, kept)
        return os.fsdecode(kept)

    def has(self, name: str, stamp: Stamp) -> bool:
        """Return whether a file was noted, and not changed since."""
        key = xxh3_64_intdigest(name.encode())
        known = self._new.get(key)
        if known is None:
            row = int(np.searchsorted(self._names, np.uint64(key)))
            if row == len(self._names) or int(self._names[row]) != key:
                return False
            known = int(self._stamps[row])
        return known == _digest(stamp)

    def note(self, files: Iterable[tuple[str, Stamp]]) -> None:
        """Note files that are wholly in the index; those of before with a new stamp."""
        entries = [(xxh3_64_intdigest(name.encode()), _digest(stamp)) for name, stamp in files]
        self._new.update(entries)
        packed = np.array(entries, np.uint64).reshape(-1, 2).astype("<u8").tobytes()
        size = PAGE * 16
        while packed:
            if not self._pages or len(self._last) == size:
                self._last.clear()
                self._pages += 1
            room = size - len(self._last)
            self._last += packed[:room]
            packed = packed[room:]
            self._index.note(_PAGE.format(self._pages - 1), bytes(self._last))
        # last: pages that are not counted are written again
        self._index.note(_PAGES, self._pages.to_bytes(8, "little"))


def _digest(stamp: Stamp) -> int:
    return xxh3_64_intdigest(_STAMP.pack(*stamp))


def _rows(packed: bytes) -> npt.NDArray[np.uint64]:
    return np.frombuffer(packed, "<u8").astype(np.uint64).reshape(-1, 2)
