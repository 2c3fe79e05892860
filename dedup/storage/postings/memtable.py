"""The newest postings, in memory: a hash table of keys, each with a chain of ids."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from dedup._jit.kernels import helper, kernel
from dedup.storage.postings.segment import Sections, pack

_ROOM = 1 << 12


class Memtable:
    """Postings that lie in no file yet. They are searched and added to, never taken out.

    >>> memtable = Memtable()
    >>> memtable.add(np.array([9, 9, 4], np.uint64), np.array([2, 1, 3], np.uint32))
    >>> memtable.find(np.array([9], np.uint64), 1, np.zeros(1, np.int64))[1].tolist()
    [1]
    """

    def __init__(self) -> None:
        self.postings = 0
        self._grow(_ROOM)
        self._keys = np.empty(_ROOM, np.uint64)
        self._ids = np.empty(_ROOM, np.uint32)
        self._next = np.empty(_ROOM, np.int32)

    def _grow(self, postings: int) -> None:
        self._slots = np.full(2 * postings, -1, np.int32)  # the first posting of the slot's key
        self._last = np.empty(2 * postings, np.int32)

    def add(self, keys: npt.NDArray[np.uint64], ids: npt.NDArray[np.uint32]) -> None:
        """Add postings; no id is lower than one that is there under the same key."""
        order = np.argsort(ids, kind="stable")
        first, self.postings = self.postings, self.postings + len(keys)
        while len(self._keys) < self.postings:
            self._keys, self._ids = _doubled(self._keys), _doubled(self._ids)
            self._next = _doubled(self._next)
        self._keys[first : self.postings] = keys[order]
        self._ids[first : self.postings] = ids[order]
        if len(self._slots) < 2 * len(self._keys):
            self._grow(len(self._keys))
            first = 0
        _chain(self._keys, self._next, self._slots, self._last, first, self.postings)

    def find(
        self, keys: npt.NDArray[np.uint64], most: int, totals: npt.NDArray[np.int64]
    ) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint32]]:
        """Return (number of the key, id) of what is found, as `postings.blocks.read` does."""
        found: tuple[npt.NDArray[np.int32], npt.NDArray[np.uint32]] = _find(
            keys, self._keys, self._ids, self._next, self._slots, most, totals
        )
        return found

    def packed(self) -> Sections:
        """Return all of it, sorted."""
        return pack(self._keys[: self.postings], self._ids[: self.postings])

    def held(self) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint32]]:
        """Return all keys and ids, as they came."""
        return self._keys[: self.postings], self._ids[: self.postings]


def _doubled(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    grown = np.empty(2 * len(array), array.dtype)
    grown[: len(array)] = array
    return grown


@helper
def _slot(key, held, slots):
    """Return the slot of a key, or the empty one where it would be."""
    mask = np.uint64(len(slots) - 1)
    slot = (key * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(32) & mask
    while slots[slot] >= 0 and held[slots[slot]] != key:
        slot = (slot + np.uint64(1)) & mask
    return slot


@kernel("void(u8[::1], i4[::1], i4[::1], i4[::1], i8, i8)")
def _chain(held, following, slots, lasts, first, last):
    for i in range(first, last):
        slot = _slot(held[i], held, slots)
        if slots[slot] < 0:
            slots[slot] = i
        else:
            following[lasts[slot]] = i
        lasts[slot] = i
        following[i] = -1


@kernel("Tuple((i4[::1], u4[::1]))(u8[::1], u8[::1], u4[::1], i4[::1], i4[::1], i8, i8[::1])")
def _find(keys, held, ids, following, slots, most, totals):
    which = np.empty(64, np.int32)
    out = np.empty(64, np.uint32)
    count = 0
    for i in range(len(keys)):
        at = slots[_slot(keys[i], held, slots)]
        while at >= 0:
            if totals[i] < most:
                if count == len(out):
                    which = np.append(which, np.empty_like(which))
                    out = np.append(out, np.empty_like(out))
                which[count] = i
                out[count] = ids[at]
                count += 1
            totals[i] += 1
            at = following[at]
    return which[:count].copy(), out[:count].copy()
