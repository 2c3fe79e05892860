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

from dedup._jit.kernels import array_helper, helper, kernel
from dedup.portable import PREAD

BLOCK = 256
"""Postings a block: 2 kB, of which a lookup reads one, or two where the key spans them."""
FILTER = 9
"""Postings a word of the filter: 7 bits each, of which 4 are set; 4.5 % pass for nothing. With 8 it
is 3.3 %, and at a million paragraphs 13 MB more while files are merged."""

FINE = 6
"""Postings a word of the filter of a small file: 11 bits each; 1.6 % pass for nothing. Higher saves
memory and reads more: at 9 it is 4.6 %. Every file is asked for every key, so bits are best spent
on the many small files, which hold little of it all (Dayan, Athanassoulis and Idreos, "Monkey",
SIGMOD 2017)."""

FEW = 1 << 21
"""Postings under which a file is a small one. Higher takes memory: at 2 million a dozen files of
half a million take 8 MB and not 5."""

FILE, POSTINGS, BITS, WORDS, SECTIONS, COUNT, STARTS, FENCES, SUMS = range(9)
"""Columns of a table of files, int64[files, 9]: what `_fetch` reads; how many postings; where the
filter lies in memory and its words, none where it is not there; where the sections lie, and how
many; where their starts, the fences and the sums lie (see `dedup.storage.postings.segment`)."""


_numba: Any = numba  # which has no types for these
_carray = _numba.carray


@_numba.extending.intrinsic
def _pointer(_context, _address):
    def generate(_context, builder, _signature, arguments):
        return builder.inttoptr(arguments[0], _numba.core.cgutils.voidptr_t)

    return _numba.types.voidptr(_numba.i8), generate


@array_helper
def _u4(address, length):
    """Return the uint32[length] that lie at an address."""
    return _carray(_pointer(address), length, np.uint32)


@array_helper
def _u8(address, length):
    """Return the uint64[length] that lie at an address."""
    return _carray(_pointer(address), length, np.uint64)


@array_helper
def _i8(address, length):
    """Return the int64[length] that lie at an address."""
    return _carray(_pointer(address), length, np.int64)


if PREAD:
    _pread: Any = numba.types.ExternalFunction(
        "pread",
        numba.i8(numba.i4, numba.uintp, numba.uintp, numba.i8),
    )

    @helper
    def _fetch(file, block, records, size):
        """Read a block of the open file `file` into `records`; return whether all was there."""
        address, at = records.ctypes.data, np.int64(8 * BLOCK * block)
        return _pread(np.int32(file), address, np.uintp(8 * size), at) == 8 * size

else:

    @array_helper
    def _fetch(file, block, records, size):
        """Copy a block of the file mapped at `file` into `records`; return whether it was there."""
        records[:size] = _u8(file, BLOCK * block + size)[BLOCK * block :]
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
def _passing(mixed, bits, out):
    """Put the numbers of the keys that pass a filter into `out`, or all where it has no word.

    Without a branch, the processor fetches many words of the filter from memory at a time.
    """
    words = len(bits)
    count = 0
    for i in range(len(mixed)):
        out[count] = i
        if words:
            wanted = _bits(mixed[i])
            count += bits[_word(mixed[i], words)] & wanted == wanted
        else:
            count += 1
    return count


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


@kernel("Tuple((i4[::1], i4[::1], i8[::1]))(i8[:, ::1], u8[::1])")
def locate(files, keys):
    """Return where the postings of keys may begin: numbers of the file, of the key, of the block.

    Keys that a file cannot have are left out; without a filter those of its sections all pass.
    """
    which = np.empty(64, np.int32)
    places = np.empty(64, np.int32)
    out = np.empty(64, np.int64)
    count = 0
    mixed = np.empty(len(keys), np.uint64)
    for i in range(len(keys)):
        mixed[i] = _mix(keys[i])
    passed = np.empty(len(keys), np.int64)
    for file in range(len(files)):
        words, sized = files[file, WORDS], files[file, COUNT]
        bits = _u8(files[file, BITS], words)
        sections = _u4(files[file, SECTIONS], sized)
        starts = _i8(files[file, STARTS], sized + 1)
        fences = _u4(files[file, FENCES], (files[file, POSTINGS] + BLOCK - 1) // BLOCK)
        passing = _passing(mixed, bits, passed)
        for i in passed[:passing]:
            high = np.uint32(keys[i] >> np.uint64(32))
            low = np.uint32(keys[i] & np.uint64(0xFFFFFFFF))
            section = np.searchsorted(sections, high)
            if section == sized or sections[section] != high:
                continue
            if count == len(out):
                which = np.append(which, np.empty_like(which))
                places = np.append(places, np.empty_like(places))
                out = np.append(out, np.empty_like(out))
            first, last = starts[section] // BLOCK, (starts[section + 1] - 1) // BLOCK
            which[count], places[count] = file, i
            out[count] = _before(fences, first, last, low)
            count += 1
    return which[:count].copy(), places[:count].copy(), out[:count].copy()


@helper
def _load(file, block, records, total, checks):
    """Read a block into `records`; return whether it is what was written."""
    size = min(BLOCK, total - block * BLOCK)
    return _fetch(file, block, records, size) and _sum(records, 0, size) == checks[block]


@kernel(
    "Tuple((i4[::1], u4[::1], i8))"
    "(i8[:, ::1], i4[::1], i4[::1], i8[::1], u8[::1], i8, i8[::1], i8[::1])"
)
def read(files, which, places, blocks, keys, most, totals, bad):
    """Return the ids under each key as (number of the key, id), ids of earlier files first.

    `which`, `places` and `blocks` are what `locate` gave. `totals` counts the ids found before for
    each key, and is counted up; of each key the first `most` are returned, those found before
    included. The last value is the row of a damaged block, whose number is then put into `bad`; -1
    where all are whole.
    """
    found = np.empty(64, np.int32)
    ids = np.empty(64, np.uint32)
    count = 0
    records = np.empty(BLOCK, np.uint64)
    loaded, before = np.int64(-1), np.int64(-1)
    for row in range(len(which)):
        file, i, block = which[row], places[row], blocks[row]
        if file != before:
            loaded, before = np.int64(-1), np.int64(file)
        total, sized = files[file, POSTINGS], files[file, COUNT]
        checked = (total + BLOCK - 1) // BLOCK
        sections = _u4(files[file, SECTIONS], sized)
        starts = _i8(files[file, STARTS], sized + 1)
        fences = _u4(files[file, FENCES], checked)
        checks = _u8(files[file, SUMS], checked)
        low = np.uint32(keys[i] & np.uint64(0xFFFFFFFF))
        section = np.searchsorted(sections, np.uint32(keys[i] >> np.uint64(32)))
        end = starts[section + 1]
        last = (end - 1) // BLOCK
        at = max(starts[section], block * BLOCK)
        begun = np.int64(-1)
        while at < end:
            block = at // BLOCK
            if block != loaded:
                if not _load(files[file, FILE], block, records, total, checks):
                    bad[0] = block
                    return found[:count].copy(), ids[:count].copy(), row
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
                        found = np.append(found, np.empty_like(found))
                        ids = np.append(ids, np.empty_like(ids))
                    found[count] = i
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
    return found[:count].copy(), ids[:count].copy(), np.int64(-1)
