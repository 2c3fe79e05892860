"""Kernels for sorted postings on disk: pack, sum, filter, and look up many keys at once.

A posting is one number of 64 bits: the lower half of its key above its id. The upper half of the
key is the same for a whole section of a file. Blocks of `BLOCK` postings are read with `pread`, and
mapped only where there is none (see `dedup.portable.Reader`): a file cut short is a short read, not
a signal that ends the process, and memory stays small whatever is searched. Every block is summed
when it is read.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from dedup._jit.kernels import helper, kernel
from dedup.portable import PREAD

BLOCK = 256
"""Postings a block: 2 kB, of which a lookup reads one, or two where the key spans them."""
FILTER = 9
"""Postings a word of the filter: 7 bits each, of which 4 are set; 4.5 % pass for nothing. With 8 it
is 3.3 %, and at a million paragraphs 13 MB more while files are merged."""

if PREAD:
    _SOURCE = "i8"  # an open file
    _pread: Any = numba.types.ExternalFunction(
        "pread",
        numba.i8(numba.i4, numba.uintp, numba.uintp, numba.i8),
    )

    @helper
    def _fetch(file, block, records, size):
        """Read a block into `records`; return whether all of it was there."""
        address, at = records.ctypes.data, np.int64(8 * BLOCK * block)
        return _pread(np.int32(file), address, np.uintp(8 * size), at) == 8 * size

else:
    _SOURCE = "Array(u8, 1, 'C', readonly=True)"  # all postings of a file, mapped

    @helper
    def _fetch(file, block, records, size):
        """Copy a block into `records`; return whether all of it was there."""
        records[:size] = file[BLOCK * block : BLOCK * block + size]
        return True


@helper
def _mix(key):
    key = (key ^ (key >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    key = (key ^ (key >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
    return key ^ (key >> np.uint64(33))


@helper
def _bits(mixed):
    """Return the four bits of a key in its word of the filter."""
    one, six = np.uint64(1), np.uint64(63)
    return (
        one << (mixed & six)
        | one << (mixed >> np.uint64(6) & six)
        | one << (mixed >> np.uint64(12) & six)
        | one << (mixed >> np.uint64(18) & six)
    )


@helper
def _word(mixed, words):
    return ((mixed >> np.uint64(32)) * np.uint64(words)) >> np.uint64(32)


@helper
def _sum(records, first, last):
    """Sum a block so that any change of one number changes the sum: four lanes, then one."""
    factor = np.uint64(0x9FB21C651E98DF25)
    a, b, c, d = np.uint64(1), np.uint64(2), np.uint64(3), np.uint64(4)
    i = first
    while i + 4 <= last:
        a = (a ^ records[i]) * factor
        b = (b ^ records[i + 1]) * factor
        c = (c ^ records[i + 2]) * factor
        d = (d ^ records[i + 3]) * factor
        a ^= a >> np.uint64(29)
        b ^= b >> np.uint64(29)
        c ^= c >> np.uint64(29)
        d ^= d >> np.uint64(29)
        i += 4
    while i < last:
        a = (a ^ records[i]) * factor
        a ^= a >> np.uint64(29)
        i += 1
    return _mix(_mix(_mix(a) ^ b) ^ c) ^ _mix(d + np.uint64(last - first))


@kernel("void(u8[::1], u4[::1], u4[::1], i8[::1], u8[::1])")
def split(keys, ids, sections, room, out):
    """Put each posting into the part of `out` that `room` gives its section, in any order.

    `sections`, uint32 ascending, are the upper halves of the keys; `room` is moved on.
    """
    for i in range(len(keys)):
        section = np.searchsorted(sections, np.uint32(keys[i] >> np.uint64(32)))
        out[room[section]] = keys[i] << np.uint64(32) | np.uint64(ids[i])
        room[section] += 1


@kernel("void(u8[::1], u8[::1])")
def sums(records, out):
    """Sum each block of postings; the last may be shorter."""
    for block in range(len(out)):
        out[block] = _sum(records, block * BLOCK, min((block + 1) * BLOCK, len(records)))


@kernel("void(u8[::1], u4, u8[::1])")
def mark(records, section, bits):
    """Let the keys of a section pass the filter."""
    for record in records:
        mixed = _mix(np.uint64(section) << np.uint64(32) | record >> np.uint64(32))
        bits[_word(mixed, len(bits))] |= _bits(mixed)


@helper
def _before(fences, first, last, low):
    """Return the last block that begins below `low`; `first` if none does."""
    while first < last:
        middle = (first + last + 1) // 2
        if fences[middle] < low:
            first = middle
        else:
            last = middle - 1
    return first


@kernel("i8[::1](u8[::1], u4[::1], i8[::1], u4[::1], u8[::1])")
def locate(keys, sections, starts, fences, bits):
    """Return the block in which each key's postings would begin; -1 where there are none.

    `fences` are the lower halves of the keys that begin the blocks. Without `bits` all pass.
    """
    out = np.full(len(keys), -1, np.int64)
    for i in range(len(keys)):
        if len(bits):
            mixed = _mix(keys[i])
            wanted = _bits(mixed)
            if bits[_word(mixed, len(bits))] & wanted != wanted:
                continue
        high, low = np.uint32(keys[i] >> np.uint64(32)), np.uint32(keys[i] & np.uint64(0xFFFFFFFF))
        section = np.searchsorted(sections, high)
        if section == len(sections) or sections[section] != high:
            continue
        first, last = starts[section] // BLOCK, (starts[section + 1] - 1) // BLOCK
        out[i] = _before(fences, first, last, low)
    return out


@helper
def _load(file, block, records, total, checks):
    """Read a block into `records`; return whether it is what was written."""
    size = min(BLOCK, total - block * BLOCK)
    return _fetch(file, block, records, size) and _sum(records, 0, size) == checks[block]


@kernel(
    "Tuple((i4[::1], u4[::1], i8))"
    f"({_SOURCE}, u8[::1], i8[::1], u4[::1], i8[::1], u4[::1], u8[::1], i8, i8[::1])"
)
def read(file, keys, blocks, sections, starts, fences, checks, most, totals):
    """Return the ids under each key as (number of the key, id), and a damaged block, or -1.

    `file` is what `_fetch` takes. `blocks` are those that `locate` gave. `totals` counts the ids
    found before for each key, and is counted up; of each key the first `most` are returned, those
    found before included.
    """
    which = np.empty(64, np.int32)
    ids = np.empty(64, np.uint32)
    count = 0
    records = np.empty(BLOCK, np.uint64)
    loaded = np.int64(-1)
    for i in range(len(keys)):
        block = blocks[i]
        if block < 0:
            continue
        low = np.uint32(keys[i] & np.uint64(0xFFFFFFFF))
        section = np.searchsorted(sections, np.uint32(keys[i] >> np.uint64(32)))
        end = starts[section + 1]
        last = (end - 1) // BLOCK
        at = max(starts[section], block * BLOCK)
        begun = np.int64(-1)
        while at < end:
            block = at // BLOCK
            if block != loaded:
                if not _load(file, block, records, starts[-1], checks):
                    return which[:count].copy(), ids[:count].copy(), block
                loaded = block
            stop = min(end, (block + 1) * BLOCK) - block * BLOCK
            place = at - block * BLOCK
            if begun < 0:
                target = np.uint64(low) << np.uint64(32)
                place += np.searchsorted(records[place:stop], target)
                if place == stop:
                    if block == last or fences[block + 1] != low:
                        break
                    at = (block + 1) * BLOCK
                    continue
                begun = block * BLOCK + place
            while place < stop and records[place] >> np.uint64(32) == low:
                if totals[i] + block * BLOCK + place - begun < most:
                    if count == len(ids):
                        which = np.append(which, np.empty_like(which))
                        ids = np.append(ids, np.empty_like(ids))
                    which[count] = i
                    ids[count] = np.uint32(records[place] & np.uint64(0xFFFFFFFF))
                    count += 1
                place += 1
            at = block * BLOCK + place
            if place < stop:
                break
            if totals[i] + at - begun >= most:  # only their number is wanted: pass over blocks
                while block + 2 <= last and fences[block + 2] == low:
                    block += 1
                    at = (block + 1) * BLOCK
        if begun >= 0:
            totals[i] += at - begun
    return which[:count].copy(), ids[:count].copy(), np.int64(-1)
