"""Postings as they lie in Redis: in buckets, so that keys of the server's own are few.

A posting takes 57 bytes where there are 2 million, 26 of 8 million and 17 of 64 million (Redis 7).

A key is mixed, so that all 64 bits of it are even, and becomes a record of 9 bytes: the highest 20
bits name its bucket, one of a million, in 3 bytes; the other 44 name it in there, in 6.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt

RECORD = 9
NAME = 3
"""Bytes of a record, and how many of them name the bucket."""

BUCKETS = 1 << 20

_ENTRY = np.dtype([("record", "u1", RECORD), ("count", "<u4")])


SLICE = 1 << 13
"""Postings that one script puts into buckets: some 50 milliseconds."""


def mixed(keys: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Mix keys so that each bit depends on all: another number for another key (splitmix64).

    >>> [hex(n) for n in mixed(np.array([1, 2], np.uint64)).tolist()]
    ['0x5692161d100b05e5', '0xdbd238973a2b148a']
    """
    found = keys ^ keys >> np.uint64(30)
    found = found * np.uint64(0xBF58476D1CE4E5B9)
    found ^= found >> np.uint64(27)
    found = found * np.uint64(0x94D049BB133111EB)
    return np.asarray(found ^ found >> np.uint64(31), np.uint64)


def unmixed(keys: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Return the keys that `mixed` was given.

    >>> unmixed(mixed(np.array([1, 2, 1 << 60], np.uint64))).tolist()
    [1, 2, 1152921504606846976]
    """
    found = (keys ^ keys >> np.uint64(31) ^ keys >> np.uint64(62)) * np.uint64(0x319642B2D24D8EC3)
    found = (found ^ found >> np.uint64(27) ^ found >> np.uint64(54)) * np.uint64(
        0x96DE1B173F119089
    )
    return np.asarray(found ^ found >> np.uint64(30) ^ found >> np.uint64(60), np.uint64)


def records(mixed: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint8]:
    """Return mixed keys as records, uint8[n, 9].

    >>> records(np.array([0x0123456789ABCDEF], np.uint64)).tobytes().hex(" ", 3)
    '012304 056789 abcdef'
    """
    whole = mixed.astype(">u8").view(np.uint8).reshape(-1, 8)
    found = np.empty((len(mixed), RECORD), np.uint8)
    found[:, :2] = whole[:, :2]
    found[:, 2] = whole[:, 2] >> 4
    found[:, 3] = whole[:, 2] & 15
    found[:, 4:] = whole[:, 3:]
    return found


def pack(keys: npt.NDArray[np.uint64], ids: npt.NDArray[np.uint32]) -> tuple[list[bytes], int]:
    """Sort and group postings that come in any order; return slices of them, and their `digest`.

    A slice is the count of its keys, uint32; their records; how many ids each has, uint32; and the
    ids, uint32, ascending under each key.
    """
    keys = mixed(keys)
    order = np.lexsort((ids, keys))
    keys, ids = keys[order], ids[order].astype(np.uint32)
    each, counts = np.unique(keys, return_counts=True)
    return sliced(each, counts, ids), digest(keys, ids)


def sliced(
    each: npt.NDArray[np.uint64], counts: npt.NDArray[np.int64], ids: npt.NDArray[np.uint32]
) -> list[bytes]:
    """Return slices of postings: mixed keys, how many ids each has (none: it goes), and the ids."""
    bounds = np.append(0, np.cumsum(counts, dtype=np.int64))
    steps = bounds + np.arange(len(bounds))  # a key without ids counts too
    cuts = np.unique(np.searchsorted(steps, np.arange(0, steps[-1] + SLICE, SLICE)))
    cuts = np.unique(np.append(np.minimum(cuts, len(each)), len(each))).tolist()
    record, each_has = records(each), counts.astype(np.uint32)
    return [
        np.uint32(high - low).tobytes()
        + record[low:high].tobytes()
        + each_has[low:high].tobytes()
        + ids[bounds[low] : bounds[high]].tobytes()
        for low, high in pairwise([0, *cuts])
        if low < high
    ]


def unpack(entries: bytes, ids: bytes) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint32]]:
    """Return mixed keys and ids of what a script read: records with counts, and ids."""
    found = np.frombuffer(entries, _ENTRY)
    record = found["record"]
    whole = np.empty((len(found), 8), np.uint8)
    whole[:, :2] = record[:, :2]
    whole[:, 2] = record[:, 2] << 4 | record[:, 3]
    whole[:, 3:] = record[:, 4:]
    keys = whole.view(">u8").ravel().astype(np.uint64)
    return np.repeat(keys, found["count"]), np.frombuffer(ids, np.uint32)


def digest(keys: npt.NDArray[np.uint64], ids: npt.NDArray[np.uint32]) -> int:
    """Sum up postings of mixed keys, modulo 2**64, whatever their order.

    The digest of two lots together is the sum of theirs.
    """
    each = mixed(keys ^ mixed(ids.astype(np.uint64) + np.uint64(1)))
    return int(each.sum(dtype=np.uint64))


def names(buckets: npt.NDArray[np.int64]) -> bytes:
    """Return the names of buckets, given by number, 3 bytes each.

    >>> names(np.array([0x01124])).hex()
    '011204'
    """
    found = np.stack([buckets >> 12, buckets >> 4 & 0xFF, buckets & 15], axis=1)
    return found.astype(np.uint8).tobytes()


def number(name: bytes) -> int:
    """Return the number of a bucket."""
    return name[0] << 12 | name[1] << 4 | name[2]
