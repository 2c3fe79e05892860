"""The words that credits are known by, in a table in which kernels look for them.

A name is found by its key, the longest of its words (see `dedup.metadata.credit_rules`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup._jit.kernels import helper, kernel
from dedup.metadata.credit_rules import POINTS, RUN_ON_RANGES, rules

NONE = -1
"""No name."""

_RUN_ON = np.array(RUN_ON_RANGES, np.uint32)
_OPENINGS = 1 << 17
_LABELS = 1 << 14
"""Hashes of the parts of a domain are below it, a power of two."""


def _divides() -> npt.NDArray[np.bool_]:
    """Tell which characters divide words, and last of all that others do not but surrogates."""
    codes = range(max(map(ord, POINTS)) + 2)
    return np.array([chr(c) in POINTS or (c < 128 and not chr(c).isalpha()) for c in codes])


_DIVIDES = _divides()


class Words(NamedTuple):
    """Keys and the names that have them, in a table that a kernel looks them up in."""

    codes: npt.NDArray[np.uint32]
    """uint32[characters]: the names, one behind the other."""
    offsets: npt.NDArray[np.int64]
    """int64[names + 1]: where each begins."""
    begin: npt.NDArray[np.int64]
    """int64[names]: where the key of each begins."""
    end: npt.NDArray[np.int64]
    """int64[names]: where it ends."""
    following: npt.NDArray[np.int32]
    """int32[names]: the next name of the same key, or -1."""
    slots: npt.NDArray[np.int32]
    """int32[a power of two]: the first name of a key, or -1, from the slot of its hash on."""
    opens: npt.NDArray[np.bool_]
    """bool[_OPENINGS]: whether a key begins with three characters (see `opening`)."""
    named: npt.NDArray[np.bool_]
    """bool[names]: whether it is a name of an agency, or a word of a rule."""
    sites: npt.NDArray[np.bool_]
    """bool[a power of two]: whether the first part of an agency's domain has this hash."""


@lru_cache(1)
def known() -> tuple[Words, list[str]]:
    """Return what credits are known by, in a table and as it is written, in its order."""
    keyed = [(key, word) for key, words in rules().keyed.items() for word in words]
    written = [word for _, word in keyed]
    codes, offsets = _joined(written)
    within = [_within(word, key.decode()) for key, word in keyed]
    begin = offsets[:-1] + np.array(within, np.int64)
    end = begin + np.array([len(key.decode()) for key, _ in keyed], np.int64)
    slots = np.full(1 << (16 * len(written)).bit_length(), NONE, np.int32)
    following = np.full(len(written), NONE, np.int32)
    opens = np.zeros(_OPENINGS, np.bool_)
    sites = np.zeros(_LABELS, np.bool_)
    _place(codes, begin, end, following, slots, opens, *_joined([*rules().sites]), sites)
    named = np.array([word in rules().words for word in written])
    return Words(codes, offsets, begin, end, following, slots, opens, named, sites), written


def _joined(texts: Sequence[str]) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.int64]]:
    """Return texts behind one another, uint32[characters], and where each begins and all end.

    Kernels look at the two characters behind the last.
    """
    ends = np.cumsum([len(text) for text in texts], dtype=np.int64)
    return np.array(["".join([*texts, "\n\n"])]).view(np.uint32), np.append(0, ends)


def _within(word: str, key: str) -> int:
    """Return where in a name its key begins: where it stands as a word.

    >>> _within("AP and Press", "Press"), _within("Apt AP", "AP")
    (7, 4)
    """
    parts = re.finditer(r"[A-Za-z\x80-\U0010ffff]+", word)
    return next(part.start() for part in parts if part[0] == key)


@helper
def same(codes, at, words, first, last):
    """Tell whether what stands from a place on is a word of the table."""
    for i in range(last - first):
        if codes[at + i] != words[first + i]:
            return False
    return True


@helper
def _hash(codes, begin, end):
    """Return a hash of a word: three characters and the length tell most words from the keys."""
    mixed = (codes[begin] * np.uint64(31) + codes[(begin + end) >> 1]) * np.uint64(31)
    mixed = (mixed + codes[end - 1]) * np.uint64(31) + np.uint64(end - begin)
    return np.int64((mixed * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(40))


@helper
def _slot(codes, begin, end, slot, words, key_begin, key_end, slots):
    """Return the slot that holds a key or, as no key stands in it, would take it."""
    while slots[slot] != NONE:
        first, last = key_begin[slots[slot]], key_end[slots[slot]]
        if last - first == end - begin and same(codes, begin, words, first, last):
            break
        slot = (slot + 1) & (len(slots) - 1)
    return slot


@helper
def label(codes, at):
    """Return the hash of the part of a domain that begins at a character, and where it ends."""
    mixed = np.int64(0)
    while True:
        code = np.int64(codes[at])
        if 65 <= code <= 90:
            code += 32
        if not (code == 45 or 48 <= code <= 57 or 95 <= code <= 122):
            return mixed, at
        mixed = (mixed * 31 + code) & (_LABELS - 1)
        at += 1


@kernel(
    "void(uint32[::1], int64[::1], int64[::1], int32[::1], int32[::1], boolean[::1], uint32[::1],"
    " int64[::1], boolean[::1])"
)
def _place(words, key_begin, key_end, following, slots, opens, hosts, host_begin, sites):
    """Put the first name of each key into the slots, all of which are -1, and chain the others.

    Mark the first part of each host in `sites`.
    """
    for name in range(len(key_begin) - 1, -1, -1):
        begin, end = key_begin[name], key_end[name]
        slot = _hash(words, begin, end) & (len(slots) - 1)
        slot = _slot(words, begin, end, slot, words, key_begin, key_end, slots)
        following[name] = slots[slot]
        slots[slot] = name
        span = (1024, 32, 1)[min(end - begin, 3) - 1]  # a short key begins with all of these
        first = opening(words, begin) // span * span
        opens[first : first + span] = True
    for host in range(len(host_begin) - 1):
        sites[label(hosts, host_begin[host])[0]] = True


@helper
def divider(code):
    """Tell whether a character divides words; without a branch."""
    return _DIVIDES[min(code, np.uint32(len(_DIVIDES) - 1))] | (code >> np.uint32(11) == 0x1B)


@helper
def opening(codes, at):
    """Return a number for three characters, below `_OPENINGS`; others may have the same."""
    first, second, third = codes[at] & 127, codes[at + 1] & 31, codes[at + 2] & 31
    return first << 10 | second << 5 | third


@helper
def runs_on(text):
    """Tell whether a text has a character of a script in which words run on.

    Loops without a branch take a tenth of the time.
    """
    highest = np.uint32(0)
    for code in text:
        highest = max(highest, code)
    runs = False
    for k in range(len(_RUN_ON)):
        low, span = _RUN_ON[k, 0], _RUN_ON[k, 1] - _RUN_ON[k, 0]
        if highest >= low:
            for code in text:
                runs |= np.uint32(code - low) <= span
    return runs


@helper
def key_of(codes, at, end, words, key_begin, key_end, slots):
    """Return the first name of the key that a word is, or -1."""
    slot = _hash(codes, at, end) & (len(slots) - 1)
    if slots[slot] == NONE:  # most words: the call below takes longer than all else
        return slots[slot]
    return slots[_slot(codes, at, end, slot, words, key_begin, key_end, slots)]
