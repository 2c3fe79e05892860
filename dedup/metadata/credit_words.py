"""The credits of many articles: one kernel tells where the exact rules have to look.

To divide texts into words, and to look for brackets, addresses and dashes in them, takes longer
than all else for texts without a credit. The kernel does that for many articles at once, and leaves
the interpreter to other threads meanwhile. It may say "look" of a place without a credit, and never
"nothing" of one with a credit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from dedup._jit.kernels import helper, kernel
from dedup.metadata.credit_inside import PARAGRAPH
from dedup.metadata.credit_lines import HEAD, TAIL
from dedup.metadata.credit_rules import Hits, as_hits
from dedup.metadata.credit_signs import ADDRESSED, DATED, INSIDE, OPENS, signs_of
from dedup.metadata.credit_table import NONE, divider, key_of, known, opening, runs_on, same
from dedup.metadata.credits import FIELD, Attribution, Clues, parts, read
from dedup.records import Article

BATCH = 1 << 18
"""Characters that go through the kernel at a time. Higher takes more memory, some 10 bytes each;
with a lower value threads wait more often for the interpreter's lock."""

_WIDE, _WIDE_BELOW = 1 << 6, 1 << 7
"""Beside signs: characters of scripts in which words run on, in head or tail, or below the head."""
_NO_HITS = Hits([], [], frozenset())
_NO_CLUES = Clues(_NO_HITS, False, None, False, False, False)
_NO_PARTS = "", ""


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
    words, written = known()
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
        if sign & INSIDE:
            there = [written[number] for number in found[middle:end]]
            below = as_hits(text[1], there, bool(sign & _WIDE_BELOW))
        yield Clues(
            ends_hits,
            below is not None,
            below,
            bool(sign & OPENS),
            bool(sign & ADDRESSED),
            bool(sign & DATED),
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


@helper
def _collect(
    codes, begin, stop, row, words, offsets, key_begin, key_end, following, slots, opens, met,
    found, count,
):  # fmt: skip
    """Add the names that a part of a text has to those found, each once a row; return how many."""
    begins = True  # a word, if a character of one stands here
    for at in range(begin, stop):
        if not begins & opens[opening(codes, at)]:  # one branch, which is hardly ever taken
            begins = divider(codes[at])
            continue
        end = at
        while end < stop and not divider(codes[end]):
            end += 1
        begins = end == at  # no word after all: the openings of others look like this one
        if begins:
            continue
        name = key_of(codes, at, end, words, key_begin, key_end, slots)
        while name != NONE:
            first = at - (key_begin[name] - offsets[name])
            last = first + offsets[name + 1] - offsets[name]
            if (
                met[name] != row
                and first >= begin
                and last <= stop
                and same(codes, first, words, offsets[name], offsets[name + 1])
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
        sign = signs_of(
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
                begin, end = text + PARAGRAPH if sign & INSIDE else stop, stop
            if count + len(met) > len(found):
                grown = np.empty(2 * len(found) + len(met), np.int32)
                for k in range(count):
                    grown[k] = found[k]  # a slice to a slice takes two seconds to compile
                found = grown
            count = _collect(
                codes, begin, end, row, words, offsets, key_begin, key_end, following, slots, opens,
                met, found, count,
            )  # fmt: skip
            if runs_on(codes[begin:end]):
                sign |= _WIDE_BELOW if part == 3 else _WIDE
            ends[row + 1] = count
        signs[number] = sign
    return found[:count].copy()
