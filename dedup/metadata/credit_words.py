"""The credits of many articles: the words that credits are known by are looked for in one kernel.

To divide texts into words takes longer than all else, for texts without a credit. The kernel does
that for many texts at once, and leaves the interpreter to other threads meanwhile.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup._jit.kernels import helper, kernel
from dedup.metadata.credit_rules import POINTS, RUN_ON_RANGES, Hits, as_hits, rules
from dedup.metadata.credits import Attribution, parts, read
from dedup.records import Article

BATCH = 1 << 18
"""Characters that go through the kernel at a time. Higher takes more memory, some 10 bytes each;
with a lower value threads wait more often for the interpreter's lock."""

_RUN_ON = np.array(RUN_ON_RANGES, np.uint32)
_NONE = -1
_OPENINGS = 1 << 17


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
    """bool[_OPENINGS]: whether a key begins with three characters (see `_opening`)."""


def read_all(articles: Iterable[Article]) -> Iterator[Attribution]:
    """Yield what `dedup.metadata.credits.read` returns, of each article.

    >>> [read.agency for read in read_all([Article("a", "OSLO (AP) - It rained.")])]
    ['AP']
    """
    for batch in _batches(articles):
        found = hits_of(list(chain.from_iterable(map(parts, batch))))
        for article in batch:
            yield read(article, (next(found), next(found)))


def hits_of(texts: Sequence[str]) -> Iterator[Hits]:
    """Yield what `dedup.metadata.credit_rules.hits` returns, of each text.

    >>> [hit.names for hit in hits_of(["It rained.", "(Reuters)"])]
    [[], ['Reuters']]
    """
    words, written = _known()
    bounds = np.zeros(len(texts) + 1, np.int64)
    np.cumsum([len(text) for text in texts], out=bounds[1:])
    # An array of one string holds its code points: ten times as fast as to encode it.
    codes = np.array(["".join([*texts, "\n\n"])]).view(np.uint32)  # two may be looked at behind it
    ends = np.zeros(len(texts) + 1, np.int64)
    run_on = np.zeros(len(texts), np.bool_)
    found = _find(codes, bounds, *words, ends, run_on)
    numbers, last = found.tolist(), ends.tolist()
    for row, (text, wide) in enumerate(zip(texts, run_on.tolist(), strict=True)):
        there = [written[number] for number in numbers[last[row] : last[row + 1]]]
        yield as_hits(text, there, wide)


def _batches(articles: Iterable[Article]) -> Iterator[list[Article]]:
    """Cut the articles into runs of about `BATCH` characters."""
    batch, size = list[Article](), 0
    for article in articles:
        batch.append(article)
        size += len(article.text)
        if size >= BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


@lru_cache(1)
def _known() -> tuple[Words, list[str]]:
    """Return what credits are known by, in a table and as it is written, in its order."""
    keyed = [(key, word) for key, words in rules().keyed.items() for word in words]
    written = [word for _, word in keyed]
    offsets = np.append(0, np.cumsum([len(word) for word in written], dtype=np.int64))
    codes = np.array(["".join([*written, "\n\n"])]).view(np.uint32)
    within = [_within(word, key.decode()) for key, word in keyed]
    begin = offsets[:-1] + np.array(within, np.int64)
    end = begin + np.array([len(key.decode()) for key, _ in keyed], np.int64)
    slots = np.full(1 << (16 * len(written)).bit_length(), _NONE, np.int32)
    following = np.full(len(written), _NONE, np.int32)
    opens = np.zeros(_OPENINGS, np.bool_)
    _place(codes, begin, end, following, slots, opens)
    return Words(codes, offsets, begin, end, following, slots, opens), written


def _within(word: str, key: str) -> int:
    """Return where in a name its key begins: where it stands as a word.

    >>> _within("AP and Press", "Press"), _within("Apt AP", "AP")
    (7, 4)
    """
    parts = re.finditer(r"[A-Za-z\x80-\U0010ffff]+", word)
    return next(part.start() for part in parts if part[0] == key)


@helper
def _same(codes, at, words, first, last):
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
    while slots[slot] != _NONE:
        first, last = key_begin[slots[slot]], key_end[slots[slot]]
        if last - first == end - begin and _same(codes, begin, words, first, last):
            break
        slot = (slot + 1) & (len(slots) - 1)
    return slot


@kernel("void(uint32[::1], int64[::1], int64[::1], int32[::1], int32[::1], boolean[::1])")
def _place(words, key_begin, key_end, following, slots, opens):
    """Put the first name of each key into the slots, all of which are -1, and chain the others."""
    for name in range(len(key_begin) - 1, -1, -1):
        begin, end = key_begin[name], key_end[name]
        slot = _hash(words, begin, end) & (len(slots) - 1)
        slot = _slot(words, begin, end, slot, words, key_begin, key_end, slots)
        following[name] = slots[slot]
        slots[slot] = name
        span = (1024, 32, 1)[min(end - begin, 3) - 1]  # a short key begins with all of these
        opening = _opening(words, begin) // span * span
        opens[opening : opening + span] = True


@helper
def _divider(code):
    """Tell whether a character divides words; without a branch."""
    return _DIVIDES[min(code, np.uint32(len(_DIVIDES) - 1))] | (code >> np.uint32(11) == 0x1B)


@helper
def _opening(codes, at):
    """Return a number for three characters, below `_OPENINGS`; others may have the same."""
    first, second, third = codes[at] & 127, codes[at + 1] & 31, codes[at + 2] & 31
    return first << 10 | second << 5 | third


@helper
def _runs_on(text):
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


@kernel(
    "int32[::1](uint32[::1], int64[::1], uint32[::1], int64[::1], int64[::1], int64[::1],"
    " int32[::1], int32[::1], boolean[::1], int64[::1], boolean[::1])"
)
def _find(codes, bounds, words, offsets, key_begin, key_end, following, slots, opens, ends, run_on):
    """Return the names that texts have, each once a text; write where those of each text end.

    `ends`, int64[texts + 1], begins with 0; `run_on`, bool[texts], tells in which words run on.
    """
    met = np.full(len(key_begin), -1, np.int64)
    found = np.empty(len(met), np.int32)
    count = 0
    for row in range(len(bounds) - 1):
        size = bounds[row + 1] - bounds[row]
        text = codes[bounds[row] : bounds[row + 1] + 2]  # with the two behind it
        run_on[row] = _runs_on(text[:size])
        if count + len(met) > len(found):
            grown = np.empty(2 * len(found) + len(met), np.int32)
            for k in range(count):
                grown[k] = found[k]  # a slice to a slice takes two seconds to compile
            found = grown
        begins = True  # a word, if a character of one stands here
        for at in range(size):
            if not begins & opens[_opening(text, at)]:  # one branch, which is hardly ever taken
                begins = _divider(text[at])
                continue
            end = at
            while end < size and not _divider(text[end]):
                end += 1
            begins = end == at  # no word after all: the openings of others look like this one
            if begins:
                continue
            slot = _hash(text, at, end) & (len(slots) - 1)
            if slots[slot] == _NONE:  # most words: the call below takes longer than all else
                continue
            name = slots[_slot(text, at, end, slot, words, key_begin, key_end, slots)]
            while name != _NONE:
                first = at - (key_begin[name] - offsets[name])
                last = first + offsets[name + 1] - offsets[name]
                if (
                    met[name] != row
                    and first >= 0
                    and last <= size
                    and _same(text, first, words, offsets[name], offsets[name + 1])
                ):
                    met[name] = row
                    found[count] = name
                    count += 1
                name = following[name]
        ends[row + 1] = count
    return found[:count].copy()
