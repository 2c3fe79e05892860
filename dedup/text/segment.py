"""From article texts to paragraphs, each known by its span.

A paragraph is a line, or, in an article whose lines are wrapped at a fixed width, what runs on over
several of them. Wrapping is proved by lines that end in the middle of a sentence, each at a common
margin: the first word of the next would not have fitted. Lines of like length that do not run on,
headlines and teasers among them, prove nothing. A word that a hyphen divides between two lines
joins these in any article. Works on code points of a whole batch of articles at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup._jit.kernels import helper, kernel
from dedup.text.characters import BREAK, LETTER, SOLO, SPACE, table
from dedup.text.quotation_marks import CLOSERS, codes, is_among
from dedup.text.sequences import BROKEN, resolve

NARROWEST, WIDEST = 30, 120
"""Characters of the longest line that is followed by another, at which a text can be wrapped.
Higher `NARROWEST` joins fewer lines and higher `WIDEST` more: at 30 and 120 verses of up to 29
characters stay lines."""

PROOFS = 3
"""Line ends within a sentence that prove wrapping. Higher leaves short wrapped articles in
lines: at 2 a headline and a teaser that happen to be as long would become one paragraph."""

AT_MARGIN = 0.85
"""Share of them at which the next word would not have fitted. Higher leaves articles in lines where
one line was cut by hand: at 0.85 six of seven are enough, and five of six are not."""

RUNNING = 0.4
"""Share of an article's line ends that are within a sentence. Higher leaves wrapped German, whose
nouns have capitals, in lines; at less than 0.4 lists with some long items would be joined."""


class Batch(NamedTuple):
    """Texts side by side as code points."""

    codes: npt.NDArray[np.uint32]
    """uint32[characters]: as read, one for each character (see `dedup.text.sequences`)."""
    bounds: npt.NDArray[np.int64]
    """int64[texts + 1]: where each text begins in `codes`."""


class Paragraphs(NamedTuple):
    """Paragraphs of a batch in reading order, blank at neither end."""

    article: npt.NDArray[np.int32]
    """int32[paragraphs]: number of the text in the batch."""
    start: npt.NDArray[np.int64]
    """int64[paragraphs]: first character, counted in its text."""
    end: npt.NDArray[np.int64]
    """int64[paragraphs]: one past the last character."""


def batch(texts: Sequence[str]) -> Batch:
    """Lay texts side by side, as they are read; lone surrogates pass through.

    >>> batch(["ab", "", "c"]).bounds.tolist()
    [0, 2, 2, 3]
    """
    bounds = np.zeros(len(texts) + 1, np.int64)
    np.cumsum([len(text) for text in texts], out=bounds[1:])
    # An array of one string holds its code points: ten times as fast as to encode it.
    codes = np.array(["".join(texts)]).view(np.uint32)[: bounds[-1]]
    resolve(codes, bounds)
    return Batch(codes, bounds)


def segment(texts: Batch, kinds: npt.NDArray[np.uint8]) -> Paragraphs:
    r"""Find the paragraphs; `kinds` is the table of `dedup.text.characters`.

    >>> from dedup.text.characters import table
    >>> found = segment(batch(["One.\n\n  Two. \nThree."]), table().kind)
    >>> list(zip(found.start.tolist(), found.end.tolist()))
    [(0, 4), (8, 12), (14, 20)]
    """
    return Paragraphs(*_segment(texts.codes, texts.bounds, kinds, table().upper))


_APART, _NEXT, _WORD = 0, 1, 2
"""How a line follows the one before it: after blank lines; at once; with the rest of a word."""

_ENDS = codes(".!?:;…。！？；：؟۔।")
_AFTER = codes(",;:)…，、。；：）」』》،؛")  # begin no sentence
_CLOSERS = codes("".join(sorted({*"".join(CLOSERS.values())})) + ")]）")
_OPENERS = codes("".join(CLOSERS) + "([（¿¡")


@helper
def _lines(codes, begin, stop, kinds, start, end, joins, found):
    """Write the lines that hold anything but space, trimmed, from row `found` on."""
    near = _APART
    head = begin
    for i in range(begin, stop + 1):
        if i < stop and kinds[codes[i]] != BREAK and codes[i] != BROKEN:
            continue
        tail = i
        while head < tail and kinds[codes[head]] == SPACE:
            head += 1
        while head < tail and kinds[codes[tail - 1]] == SPACE:
            tail -= 1
        if head < tail:
            start[found] = head
            end[found] = tail
            joins[found] = near
            found += 1
        if not (begin < i < stop and codes[i] == 10 and codes[i - 1] == 13):  # the pair CR LF
            near = _APART if head == tail else _NEXT
        if i < stop and codes[i] == BROKEN:
            near = _WORD
        head = i + 1
    return found


@helper
def _overflows(codes, kinds, start, end, line, width):
    """Tell whether the first word of a line would not have fitted on the line before."""
    word = start[line]
    if kinds[codes[word]] == SOLO:
        word += 2
    else:
        while word < end[line] and kinds[codes[word]] != SPACE:
            word += 1
    return end[line - 1] - start[line - 1] + 1 + word - start[line] > width


@helper
def _ends(codes, start, end, line):
    """Tell whether a line ends with the end of a sentence."""
    last = end[line] - 1
    while last > start[line] and is_among(codes[last], _CLOSERS):
        last -= 1
    return is_among(codes[last], _ENDS)


@helper
def _goes_on(codes, kinds, upper, start, end, line):
    """Tell whether a line may go on a sentence: 0 no, 1 by a small letter, 2 for all one can see.

    Scripts without capitals, and text all in capitals, show no more.
    """
    at = start[line]
    if at + 1 < end[line] and is_among(codes[at], _OPENERS):
        at += 1
    code = codes[at]
    if kinds[code] == SOLO or is_among(code, _AFTER):
        return 2
    if kinds[code] != LETTER:
        return 0
    if upper[code]:
        return 2 if at + 1 < end[line] and upper[codes[at + 1]] else 0
    return 1 if code < 0x590 or 0x1E00 <= code < 0x2000 else 2


@helper
def _width(codes, kinds, upper, start, end, joins, first, found):
    """Return the width that the lines of an article are wrapped at, or 0."""
    width = np.int64(0)
    inner = 0
    for line in range(first + 1, found):
        if joins[line] != _APART:
            inner += 1
            width = max(width, end[line - 1] - start[line - 1])
    if inner < PROOFS or not NARROWEST <= width <= WIDEST:
        return np.int64(0)
    running = full = unsure = blocks = ended = 0
    for line in range(first + 1, found):
        if joins[line] == _APART:
            continue
        way = 1 if joins[line] == _WORD else _goes_on(codes, kinds, upper, start, end, line)
        if joins[line] == _WORD or (way > 0 and not _ends(codes, start, end, line - 1)):
            running += 1
            unsure += way == 2
            full += joins[line] == _WORD or _overflows(codes, kinds, start, end, line, width)
        if line + 1 == found or joins[line + 1] == _APART:
            blocks += 1
            ended += _ends(codes, start, end, line)
    if running < max(PROOFS, RUNNING * inner) or full < AT_MARGIN * running:
        return np.int64(0)
    if 2 * unsure > running and 2 * ended < blocks:
        return np.int64(0)  # a list of headlines in a script without capitals ends no sentence
    return width


@helper
def _join(codes, kinds, upper, start, end, joins, first, found, width):
    """Merge lines that go on the ones before; return the row after the last paragraph.

    Where lines are wrapped, at a width above 0, that is where the line before is full or a sentence
    runs on; elsewhere only where a word does.
    """
    for line in range(first + 1, found):
        joined = joins[line] == _WORD
        if joins[line] == _NEXT and width > 0:
            runs_on = _goes_on(codes, kinds, upper, start, end, line) == 1
            runs_on = runs_on and not _ends(codes, start, end, line - 1)
            joined = runs_on or _overflows(codes, kinds, start, end, line, width)
        joins[line] = joined
    last = first
    for line in range(first + 1, found):
        if not joins[line]:
            last += 1
            start[last] = start[line]
        end[last] = end[line]
    return last + 1


@kernel("Tuple((i4[::1], i8[::1], i8[::1]))(u4[::1], i8[::1], u1[::1], u1[::1])")
def _segment(codes, bounds, kinds, upper):
    room = len(codes) // 2 + len(bounds)  # a line and its break; only what is written is backed
    article = np.empty(room, np.int32)
    start = np.empty(room, np.int64)
    end = np.empty(room, np.int64)
    joins = np.empty(room, np.uint8)
    found = np.int64(0)  # typed: with a literal, the helpers are compiled twice
    for text in range(len(bounds) - 1):
        first = found
        found = _lines(codes, bounds[text], bounds[text + 1], kinds, start, end, joins, found)
        if found > first + 1:
            width = _width(codes, kinds, upper, start, end, joins, first, found)
            found = _join(codes, kinds, upper, start, end, joins, first, found, width)
        for line in range(first, found):
            article[line] = text
            start[line] -= bounds[text]
            end[line] -= bounds[text]
    return article[:found].copy(), start[:found].copy(), end[:found].copy()
