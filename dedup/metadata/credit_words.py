"""The credits of many articles: one kernel tells where the exact rules have to look.

To divide texts into words, and to look for brackets, addresses and dashes in them, takes longer
than all else for texts without a credit. The kernel does that for many articles at once, and leaves
the interpreter to other threads meanwhile. It may say "look" of a place without a credit, and never
"nothing" of one with a credit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup._jit.kernels import helper, kernel
from dedup.metadata.credit_rules import POINTS, RUN_ON_RANGES, Hits, as_hits, rules
from dedup.metadata.credits import (
    BELOW,
    FIELD,
    HEAD,
    PARAGRAPH,
    TAIL,
    UNBOXED,
    Attribution,
    Clues,
    parts,
    read,
)
from dedup.records import Article

BATCH = 1 << 18
"""Characters that go through the kernel at a time. Higher takes more memory, some 10 bytes each;
with a lower value threads wait more often for the interpreter's lock."""

_INSIDE, _OPENS, _ADDRESSED, _DATED, _WIDE, _WIDE_BELOW = (1 << bit for bit in range(6))
"""What a text may have: see `Clues`; and characters of scripts in which words run on."""
_NO_HITS = Hits([], [], frozenset())
_NO_CLUES = Clues(_NO_HITS, False, None, False, False, False)
_NO_PARTS = "", ""

_RUN_ON = np.array(RUN_ON_RANGES, np.uint32)
_NONE = -1
_OPENINGS = 1 << 17


def _divides() -> npt.NDArray[np.bool_]:
    """Tell which characters divide words, and last of all that others do not but surrogates."""
    codes = range(max(map(ord, POINTS)) + 2)
    return np.array([chr(c) in POINTS or (c < 128 and not chr(c).isalpha()) for c in codes])


_DIVIDES = _divides()


def _anchor(mark: str) -> int:
    r"""Return the place of the first character of a mark that is rare in news.

    >>> _anchor("Reuter"), _anchor("/ afp"), _anchor(" ap\n")
    (0, 0, 3)
    """
    return next(at for at, sign in enumerate(mark) if not re.match("[a-z ]", sign))


_BRACKET, _CLOSE, _ENDS, _LINE, _OPENER, _MARK, _ADDRESS = (1 << bit for bit in range(7))
"""What a character may be: see `_signs`; `_ENDS` is what ends, or forbids, what is in brackets."""
_MASK = (1 << 14) - 1
"""Hashes of the first part of a domain are up to it."""
_WIDEST = 61
"""Characters from an opening bracket to the one that closes it, in what is in brackets."""
_LAST = np.uint32(255)
_ANCHORS = np.array([_anchor(mark) for mark in UNBOXED])
_MARKS = np.array(["".join(UNBOXED)]).view(np.uint32)
_MARK_ENDS = np.append(0, np.cumsum([len(mark) for mark in UNBOXED]))


def _signs_of() -> npt.NDArray[np.uint8]:
    """Return what each character of Latin is; the last stands for all others."""
    found = np.zeros(_LAST + 1, np.uint8)
    anchors = "".join(mark[at] for mark, at in zip(UNBOXED, _ANCHORS, strict=True))
    for signs, sign in (
        ("([", _BRACKET),
        (")]", _CLOSE),
        ("()[]\n", _ENDS),
        ("\n", _LINE),
        ("\n)/", _OPENER),
        (anchors, _MARK),
        ("@:", _ADDRESS),
    ):
        found[[ord(letter) for letter in signs]] |= np.uint8(sign)
    return found


_SIGNS = _signs_of()


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
    named: npt.NDArray[np.bool_]
    """bool[names]: whether it is a name of an agency, or a word of a rule."""
    sites: npt.NDArray[np.bool_]
    """bool[a power of two]: whether the first part of an agency's domain has this hash."""


def read_all(articles: Iterable[Article]) -> Iterator[Attribution]:
    """Yield what `dedup.metadata.credits.read` returns, of each article.

    >>> [read.agency for read in read_all([Article("a", "OSLO (AP) - It rained.")])]
    ['AP']
    """
    for batch in _batches(articles):
        yield from map(read, batch, clues_of(batch))


def clues_of(articles: Sequence[Article]) -> Iterator[Clues]:
    """Yield where in each article the exact rules have to look.

    >>> [clues.ends.names for clues in clues_of([Article("a", "Rain"), Article("b", "(Reuters)")])]
    [[], ['Reuters']]
    """
    words, written = _known()
    pieces = [
        piece
        for article in articles
        for piece in (article.title[:FIELD] if article.title else "", article.text.rstrip())
    ]
    starts = np.zeros(len(pieces) + 1, np.int64)
    np.cumsum([len(piece) + 1 for piece in pieces], out=starts[1:])
    # An array of one string holds its code points: ten times as fast as to encode it.
    codes = np.array(["\n".join([*pieces, "\n\n"])]).view(np.uint32)  # looked at behind the last
    ends = np.zeros(len(pieces) + 1, np.int64)
    signs = np.zeros(len(articles), np.uint8)
    found = _find(codes, starts, *words, ends, signs).tolist()
    last = ends.tolist()
    for row, (article, sign) in enumerate(zip(articles, signs.tolist(), strict=True)):
        first, middle, end = last[2 * row : 2 * row + 3]
        if first == end and not sign:
            yield _NO_CLUES
            continue
        there = [written[number] for number in found[first:middle]]
        text = parts(article) if sign & (_WIDE | _WIDE_BELOW) else _NO_PARTS
        ends_hits = (
            as_hits(text[0], there, bool(sign & _WIDE)) if there or sign & _WIDE else _NO_HITS
        )
        below = None
        if sign & _INSIDE:
            there = [written[number] for number in found[middle:end]]
            below = as_hits(text[1], there, bool(sign & _WIDE_BELOW))
        yield Clues(
            ends_hits,
            below is not None,
            below,
            bool(sign & _OPENS),
            bool(sign & _ADDRESSED),
            bool(sign & _DATED),
        )


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
    named = np.array([word in rules().words for word in written])
    sites = np.zeros(_MASK + 1, np.bool_)
    sites[[_label(site) for site in rules().sites]] = True
    return Words(codes, offsets, begin, end, following, slots, opens, named, sites), written


def _label(site: str) -> int:
    """Return the hash of the first part of a domain, as `_addressed` makes it."""
    mixed = 0
    for letter in site.partition(".")[0]:
        mixed = (mixed * 31 + ord(letter)) & _MASK
    return mixed


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


@helper
def _key(codes, at, end, words, key_begin, key_end, slots):
    """Return the first name of the key that a word is, or -1."""
    slot = _hash(codes, at, end) & (len(slots) - 1)
    if slots[slot] == _NONE:  # most words: the call below takes longer than all else
        return slots[slot]
    return slots[_slot(codes, at, end, slot, words, key_begin, key_end, slots)]


@helper
def _boxed(codes, at, stop, words, offsets, key_begin, key_end, following, slots, named):
    """Tell whether a bracket opens what may name an agency (see `dedup.metadata.credits`)."""
    close = at + 1
    while close < stop and close < at + _WIDEST and _SIGNS[min(codes[close], _LAST)] & _ENDS == 0:
        close += 1
    if close < at + 3 or not _SIGNS[min(codes[close], _LAST)] & _CLOSE:
        return False
    if _runs_on(codes[at:close]):
        return True
    begin = at + 1
    for i in range(begin, close + 1):
        if _divider(codes[i]):
            if i > begin:
                name = _key(codes, begin, i, words, key_begin, key_end, slots)
                while name != _NONE:
                    low, high = offsets[name], offsets[name + 1]
                    for first in range(at + 1, close - (high - low) + 1):
                        if named[name] and _same(codes, first, words, low, high):
                            return True
                    name = following[name]
            begin = i + 1
    return False


@helper
def _marked(codes, at, start, stop):
    """Tell whether a mark of `UNBOXED` stands around a character."""
    for mark in range(len(_ANCHORS)):
        low, high = _MARK_ENDS[mark], _MARK_ENDS[mark + 1]
        if codes[at] == _MARKS[low + _ANCHORS[mark]]:
            first = at - _ANCHORS[mark]
            if (
                first >= start
                and first + high - low <= stop
                and _same(codes, first, _MARKS, low, high)
            ):
                return True
    return False


@helper
def _opening_ends(codes, at):
    """Tell whether what closes a dateline, or opens a byline, begins with a character."""
    first, second = codes[at + 1], codes[at + 2]
    if codes[at] == 10:
        return first == 66 and second == 121  # By
    if first == 32:
        return _is_dash(second)
    return first == 45 or (first == 46 and second == 32)


@helper
def _addressed(codes, at, sites):
    """Tell whether a host that begins somewhere may be an agency's, or has letters of its own."""
    mixed = np.int64(0)
    while True:
        code = np.int64(codes[at])
        at += 1
        if 65 <= code <= 90:
            code += 32
        if code == 46:
            if sites[mixed]:
                return True
            mixed = np.int64(0)
        elif code == 45 or 48 <= code <= 57 or 95 <= code <= 122:
            mixed = (mixed * 31 + code) & _MASK
        else:
            return code > 127


@helper
def _is_dash(code):
    return code == 45 or 0x2013 <= code <= 0x2014


@helper
def _capital(code):
    return 65 <= code <= 90 or 0xC0 <= code <= 0xDE


@helper
def _dated(codes, at, stop):
    """Tell whether a line may be a plain dateline: a capital begins it, and a dash ends it."""
    first = at
    while first < stop and not _capital(codes[first]):
        first += 1
        if first > at + 4:
            return False
    listed = _capital(codes[first + 1])
    for i in range(first + 2, stop):
        code = codes[i]
        if code == 10:
            code = codes[i + 1]
            return listed and _is_dash(code)
        listed |= code == 44
        if not listed or not _is_dash(code):
            continue
        if code > 127:
            return True
        before = codes[i - 1]
        if before == 32:
            before = codes[i - 2]
        if before == 45 or codes[i + 1] == 45 or 48 <= before <= 57 or before > 127:
            return True
    return False


@helper
def _signs(codes, text, stop, words, offsets, key_begin, key_end, following, slots, named, sites):
    """Return what a text may have beside words."""
    size = stop - text
    head, tail = text + HEAD, stop - TAIL
    below = text + PARAGRAPH if size > HEAD else stop + 1
    opening = min(text + BELOW, text + size // 2) if tail > head else text
    found = _DATED if _dated(codes, text, min(head, stop)) else 0
    for i in range(text, stop + 1):  # to the line feed behind the text
        sign = _SIGNS[min(codes[i], _LAST)]
        if not sign:
            continue
        if i >= below and not found & _INSIDE:
            inside = sign & _MARK and _marked(codes, i, below, stop + 1)
            if sign & _BRACKET:
                inside = _boxed(
                    codes, i, stop, words, offsets, key_begin, key_end, following, slots, named
                )
            if inside:
                found |= _INSIDE
        if sign & _OPENER and head <= i < opening and _opening_ends(codes, i):
            found |= _OPENS
        if sign & _LINE and i < head and _dated(codes, i + 1, min(head, stop)):
            found |= _DATED
        if sign & _ADDRESS and (i < head or i >= tail):
            if codes[i] == 64:  # @
                found |= _ADDRESSED if _addressed(codes, i + 1, sites) else 0
            elif codes[i + 1] == 47 and codes[i + 2] == 47:
                found |= _ADDRESSED if _addressed(codes, i + 3, sites) else 0
    return found


@helper
def _collect(
    codes, begin, stop, row, words, offsets, key_begin, key_end, following, slots, opens, met,
    found, count,
):  # fmt: skip
    """Add the names that a part of a text has to those found, each once a row; return how many."""
    begins = True  # a word, if a character of one stands here
    for at in range(begin, stop):
        if not begins & opens[_opening(codes, at)]:  # one branch, which is hardly ever taken
            begins = _divider(codes[at])
            continue
        end = at
        while end < stop and not _divider(codes[end]):
            end += 1
        begins = end == at  # no word after all: the openings of others look like this one
        if begins:
            continue
        name = _key(codes, at, end, words, key_begin, key_end, slots)
        while name != _NONE:
            first = at - (key_begin[name] - offsets[name])
            last = first + offsets[name + 1] - offsets[name]
            if (
                met[name] != row
                and first >= begin
                and last <= stop
                and _same(codes, first, words, offsets[name], offsets[name + 1])
            ):
                met[name] = row
                found[count] = name
                count += 1
            name = following[name]
    return count


@kernel(
    "int32[::1](uint32[::1], int64[::1], uint32[::1], int64[::1], int64[::1], int64[::1],"
    " int32[::1], int32[::1], boolean[::1], boolean[::1], boolean[::1], int64[::1], uint8[::1])"
)
def _find(
    codes, starts, words, offsets, key_begin, key_end, following, slots, opens, named, sites,
    ends, signs,
):  # fmt: skip
    """Return the names that articles have; write where those of each end, and what else there is.

    Title and text begin at `starts`, int64[2 * articles + 1], with a line feed behind each. `ends`,
    int64[2 * articles + 1], begins with 0: names of the ends of an article, then those below its
    head, if a credit may be there. `signs` is uint8[articles].
    """
    met = np.full(len(key_begin), -1, np.int64)
    found = np.empty(len(met), np.int32)
    count = 0
    for number in range(len(signs)):
        title, text, stop = starts[2 * number], starts[2 * number + 1], starts[2 * number + 2] - 1
        sign = _signs(
            codes, text, stop, words, offsets, key_begin, key_end, following, slots, named, sites
        )
        whole = stop - TAIL <= text + HEAD
        for part in range(4):
            row = 2 * number + part // 3
            begin, end = title, text - 1
            if part == 1:
                begin, end = text, stop if whole else text + HEAD
            elif part == 2:
                begin, end = stop if whole else stop - TAIL, stop
            elif part == 3:
                begin, end = text + PARAGRAPH if sign & _INSIDE else stop, stop
            if count + len(met) > len(found):
                grown = np.empty(2 * len(found) + len(met), np.int32)
                for k in range(count):
                    grown[k] = found[k]  # a slice to a slice takes two seconds to compile
                found = grown
            count = _collect(
                codes, begin, end, row, words, offsets, key_begin, key_end, following, slots, opens,
                met, found, count,
            )  # fmt: skip
            if _runs_on(codes[begin:end]):
                sign |= _WIDE_BELOW if part == 3 else _WIDE
            ends[row + 1] = count
        signs[number] = sign
    return found[:count].copy()
