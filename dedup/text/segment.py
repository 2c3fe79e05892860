"""From article texts to paragraphs, each known by its span.

A paragraph is a line, or, in an article whose lines are wrapped at a fixed width, a block between
blank lines. Wrapping shows by the fact that each line's first word would not have fitted on the
line before it. Works on code points of a whole batch of articles at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup._jit.kernels import helper, kernel
from dedup.text.characters import BREAK, SOLO, SPACE

NARROWEST, WIDEST = 30, 120
"""Characters of the longest line that is followed by another, at which a text can be wrapped.
Higher `NARROWEST` joins fewer lines and higher `WIDEST` more: at 30 and 120 verses of up to 29
characters stay lines."""

JOINTS = 3
"""Lines without a blank line before them that show wrapping at least. Higher joins fewer lines: at
3 a block of four lines may be one paragraph, and one of three is three."""

OVERFLOWING = 0.85
"""Share of these lines whose first word would not have fitted on the line before. Higher joins
fewer lines: at 0.85 six of seven are enough, and five of six are not."""


class Batch(NamedTuple):
    """Texts side by side as code points."""

    codes: npt.NDArray[np.uint32]
    """uint32[characters]"""
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
    """Lay texts side by side; lone surrogates pass through.

    >>> batch(["ab", "", "c"]).bounds.tolist()
    [0, 2, 2, 3]
    """
    joined = "".join(texts).encode("utf-32-le", "surrogatepass")
    bounds = np.zeros(len(texts) + 1, np.int64)
    np.cumsum([len(text) for text in texts], out=bounds[1:])
    return Batch(np.frombuffer(bytearray(joined), np.uint32), bounds)


def segment(texts: Batch, kinds: npt.NDArray[np.uint8]) -> Paragraphs:
    r"""Find the paragraphs; `kinds` is the table of `dedup.text.characters`.

    >>> from dedup.text.characters import table
    >>> found = segment(batch(["One.\n\n  Two. \nThree."]), table().kind)
    >>> list(zip(found.start.tolist(), found.end.tolist()))
    [(0, 4), (8, 12), (14, 20)]
    """
    return Paragraphs(*_segment(texts.codes, texts.bounds, kinds))


@helper
def _lines(codes, begin, stop, kinds, start, end, joins, found):
    """Write the lines that hold anything but space, trimmed, from row `found` on."""
    near = False
    head = begin
    for i in range(begin, stop + 1):
        if i < stop and kinds[codes[i]] != BREAK:
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
            near = head < tail
        head = i + 1
    return found


@helper
def _is_wrapped(codes, kinds, start, end, joins, first, found):
    """Tell whether the first word of most lines would not have fitted on the line before."""
    width = np.int64(0)
    inner = 0
    for line in range(first + 1, found):
        if joins[line]:
            inner += 1
            width = max(width, end[line - 1] - start[line - 1])
    if inner < JOINTS or not NARROWEST <= width <= WIDEST:
        return False
    overflowing = 0
    for line in range(first + 1, found):
        if joins[line]:
            word = start[line]
            if kinds[codes[word]] == SOLO:
                word += 2
            else:
                while word < end[line] and kinds[codes[word]] != SPACE:
                    word += 1
            before = end[line - 1] - start[line - 1]
            overflowing += before + 1 + word - start[line] > width
    return overflowing >= OVERFLOWING * inner


@helper
def _join(start, end, joins, first, found):
    """Merge lines into the blocks they form; return the row after the last block."""
    block = first
    for line in range(first + 1, found):
        if joins[line]:
            end[block] = end[line]
        else:
            block += 1
            start[block] = start[line]
            end[block] = end[line]
    return block + 1


@kernel("Tuple((i4[::1], i8[::1], i8[::1]))(u4[::1], i8[::1], u1[::1])")
def _segment(codes, bounds, kinds):
    breaks = 0
    for code in codes:
        breaks += kinds[code] == BREAK
    room = breaks + len(bounds)
    article = np.empty(room, np.int32)
    start = np.empty(room, np.int64)
    end = np.empty(room, np.int64)
    joins = np.empty(room, np.bool_)  # no blank line between this line and the one before
    found = 0
    for text in range(len(bounds) - 1):
        first = found
        found = _lines(codes, bounds[text], bounds[text + 1], kinds, start, end, joins, found)
        if _is_wrapped(codes, kinds, start, end, joins, first, found):
            found = _join(start, end, joins, first, found)
        for line in range(first, found):
            article[line] = text
            start[line] -= bounds[text]
            end[line] -= bounds[text]
    return article[:found].copy(), start[:found].copy(), end[:found].copy()
