"""Signs in a text, beside words, that a credit, a dateline or an address may stand there."""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt

from dedup._jit.kernels import helper
from dedup.metadata.credit_inside import PARAGRAPH, UNBOXED
from dedup.metadata.credit_lines import HEAD, TAIL
from dedup.metadata.credit_table import NONE, divider, key_of, label, runs_on, same
from dedup.metadata.credits import BELOW

INSIDE, OPENS, ADDRESSED, DATED = (1 << bit for bit in range(4))
"""What a text may have: see `dedup.metadata.credits.Clues`."""


def _anchor(mark: str) -> int:
    r"""Return the place of the first character of a mark that is rare in news.

    >>> _anchor("Reuter"), _anchor("/ afp"), _anchor(" ap\n")
    (0, 0, 3)
    """
    return next(at for at, sign in enumerate(mark) if not re.match("[a-z ]", sign))


_BRACKET, _CLOSE, _ENDS, _LINE, _OPENER, _MARK, _ADDRESS = (1 << bit for bit in range(7))
"""What a character may be: see `signs_of`; `_ENDS` ends, or forbids, what is in brackets."""
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


@helper
def _boxed(codes, at, stop, words, offsets, key_begin, key_end, following, slots, named):
    """Tell whether a bracket opens what may name an agency (see `dedup.metadata.credits`)."""
    close = at + 1
    while close < stop and close < at + _WIDEST and _SIGNS[min(codes[close], _LAST)] & _ENDS == 0:
        close += 1
    if close < at + 3 or not _SIGNS[min(codes[close], _LAST)] & _CLOSE:
        return False
    if runs_on(codes[at:close]):
        return True
    begin = at + 1
    for i in range(begin, close + 1):
        if divider(codes[i]):
            if i > begin:
                name = key_of(codes, begin, i, words, key_begin, key_end, slots)
                while name != NONE:
                    low, high = offsets[name], offsets[name + 1]
                    for first in range(at + 1, close - (high - low) + 1):
                        if named[name] and same(codes, first, words, low, high):
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
                and same(codes, first, _MARKS, low, high)
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
    while True:
        part, at = label(codes, at)
        if codes[at] != 46:  # no point follows
            return codes[at] > 127
        if sites[part]:
            return True
        at += 1


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
def signs_of(codes, text, stop, words, offsets, key_begin, key_end, following, slots, named, sites):
    """Return what a text may have beside words."""
    size = stop - text
    head, tail = text + HEAD, stop - TAIL
    below = text + PARAGRAPH if size > HEAD else stop + 1
    opening = min(text + BELOW, text + size // 2) if tail > head else text
    found = DATED if _dated(codes, text, min(head, stop)) else 0
    for i in range(text, stop + 1):  # to the line feed behind the text
        sign = _SIGNS[min(codes[i], _LAST)]
        if not sign:
            continue
        if i >= below and not found & INSIDE:
            inside = sign & _MARK and _marked(codes, i, below, stop + 1)
            if sign & _BRACKET:
                inside = _boxed(
                    codes, i, stop, words, offsets, key_begin, key_end, following, slots, named
                )
            if inside:
                found |= INSIDE
        if sign & _OPENER and head <= i < opening and _opening_ends(codes, i):
            found |= OPENS
        if sign & _LINE and i < head and _dated(codes, i + 1, min(head, stop)):
            found |= DATED
        if sign & _ADDRESS and (i < head or i >= tail):
            if codes[i] == 64:  # @
                found |= ADDRESSED if _addressed(codes, i + 1, sites) else 0
            elif codes[i + 1] == 47 and codes[i + 2] == 47:
                found |= ADDRESSED if _addressed(codes, i + 3, sites) else 0
    return found
