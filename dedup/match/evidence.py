"""How strongly shared words speak for copying: one score, in words, the same in every corpus.

The score is the best chain of shared runs. A run is two or more words that both texts hold in the
same order; each of its words counts what `dedup.text.token_flags.weight` says: content words 1,
names and numbers 0.5, common words 0.4, words of common phrases (`dedup.match.common_phrases`) a
quarter of that, parts of web addresses nothing. Runs that follow one another in both texts with at
most `GAP` words between them form a chain, at the price of `TOLL` for each word between. So the
score is about the number of words copied, less what anyone would have written: 6.5 is a clause of
some ten words.

A short quotation is evidence by another rule: what both texts put between quotation marks, if it is
`FRAGMENT` or more words and most of what one of them quotes there.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup._jit.kernels import helper, kernel, spread
from dedup._jit.pairs import left, right
from dedup.match.align import runs_of_pair, tables_of
from dedup.match.long_texts import long_last, running_work
from dedup.text.arrays import TextArrays
from dedup.text.ngram_hash import weight as weight_of
from dedup.text.token_flags import CAPITAL, COMMON, OPENING, PHRASE, QUOTED, weight

GAP = 4
"""Most words between two runs of a chain, in either text. Higher joins runs over longer changes: at
4 two runs around four other words are one chain, around five they are weighed apart."""

TOLL = 0.5
"""What a word between two runs costs, in words. Higher makes changes dearer: at 0.5 a gap of four
words costs two words of evidence."""

FRAGMENT = 3
"""Least words of a shared quotation. Higher takes fewer: at 3 “never another acre” counts, and
“never another” does not."""

MOST = 0.6
"""Least share of a quoted fragment that the other text must hold. Higher takes fewer: at 0.6 three
words of a quotation of five are enough."""

QUOTATION = 2.0
"""Least worth of a shared quotation, in words. Higher takes fewer: at 2.0 three common words (1.2)
are none; two words of content and a common one (2.4) are one."""

LONG = 200
"""Tokens of a first text from which a run has three words or more: two are shared by chance. Higher
lets runs of two words count in longer texts: at 200 they do in a text of 199 tokens."""

LOOK_BACK = 64
"""Runs, counted back from a run, with which it may form a chain. Higher finds chains past more runs
that lead nowhere, and costs time: at 64 a run sees the 64 found before it."""

_SAID = np.uint8(255 - PHRASE)  # all flags but that of a common phrase


class Evidence(NamedTuple):
    """What the shared words of many pairs are worth."""

    score: npt.NDArray[np.float32]
    """float32[pairs]: worth of the best chain, in words."""
    quoted: npt.NDArray[np.bool_]
    """bool[pairs]: both quote the same words."""


def evidence(
    pairs: npt.NDArray[np.uint64],
    texts: TextArrays,
    workers: int = 1,
) -> Evidence:
    """Return the evidence for each pair (i, j), the uint64 i << 32 | j.

    >>> tokens = np.array([2, 4, 6, 8, 10, 4, 6, 8], np.uint32)
    >>> found = evidence(np.array([1], np.uint64), TextArrays.of(tokens, np.array([0, 4, 8])))
    >>> found.score.tolist(), found.quoted.tolist()
    ([3.0], [False])
    """
    rows, is_long = long_last(pairs, texts.sizes)
    pairs = pairs[rows]
    score, quoted = np.zeros(len(pairs), np.float32), np.zeros(len(pairs), np.bool_)

    def task(low: int, high: int) -> None:
        some = pairs[low:high], is_long[low:high]
        _evidence(*some, *texts, score[low:high], quoted[low:high])

    spread(task, running_work(pairs, texts.offsets), workers)
    out = Evidence(np.empty_like(score), np.empty_like(quoted))
    out.score[rows], out.quoted[rows] = score, quoted
    return out


@helper
def _chain(found, count, tokens, flags, a, b, ends, best):
    """Return the worth of the best chain among runs, which are ordered by their place in b.

    `ends`, int32[count or more, 2], take where each run ends, and `best` what a chain is worth
    that ends with it.
    """
    top = 0.0
    for k in range(count):
        length, i, j = found[k, 0], found[k, 1], found[k, 2]
        worth = 0.0
        for t in range(length):
            worth += weight(flags[a + i + t], flags[b + j + t], tokens[b + j + t])
        before = 0.0
        for m in range(max(0, k - LOOK_BACK), k):
            # A run that begins before the other ends makes a large number of this.
            gap = max(np.uint32(i - ends[m, 0]), np.uint32(j - ends[m, 1]))
            if gap <= GAP:
                before = max(before, best[m] - TOLL * gap)
        best[k] = worth + before
        top = max(top, best[k])
        ends[k, 0], ends[k, 1] = i + length, j + length
    return top


@helper
def _fragment(flags, first, last, at):
    """Return the number of words in the quoted fragment around `at`."""
    head = at
    while head > first and not flags[head] & OPENING and flags[head - 1] & QUOTED:
        head -= 1
    tail = at + 1
    while tail < last and flags[tail] & QUOTED and not flags[tail] & OPENING:
        tail += 1
    return tail - head


@helper
def is_quotation(tokens, flags, x, x_first, x_last, y, length):
    """Tell whether a run holds most of a fragment that x quotes and y quotes too, and no title."""
    k = 0
    while k < length:
        if not flags[x + k] & QUOTED:
            k += 1
            continue
        m = k + 1
        while m < length and flags[x + m] & QUOTED and not flags[x + m] & OPENING:
            m += 1
        worth = 0.0
        halves = 0
        both = 0
        plain = 0  # words of content that one of the two texts writes small
        for t in range(k, m):
            # A saying may be on everybody's lips and is still quoted.
            worth += weight(flags[x + t] & _SAID, flags[y + t] & _SAID, tokens[x + t])
            halves += weight_of(tokens[x + t])
            both += flags[y + t] & QUOTED != 0
            plain += not flags[x + t] & flags[y + t] & CAPITAL and not flags[x + t] & COMMON
        enough = halves >= 2 * FRAGMENT and worth >= QUOTATION and 2 * both >= m - k and plain > 0
        if enough and m - k >= MOST * _fragment(flags, x_first, x_last, x + k):
            return True
        k = m
    return False


@helper
def _nearest(tokens, i, i_end, j, j_end, step):
    """Return the gap to the nearest two equal tokens in a row, and where they are; 0 for none."""
    for gap in range(1, GAP + 1):
        for less in range(gap + 1):
            for far, near in ((gap, less), (less, gap)):
                p, q = i + step * far, j + step * near
                if min((i_end - p) * step, (j_end - q) * step) < 2:
                    continue
                if tokens[p] == tokens[q] and tokens[p + step] == tokens[q + step]:
                    return gap, p, q
    return 0, i, j


@helper
def worth_beyond(tokens, flags, i, i_end, j, j_end, step):
    """Return what a chain gains past the end of a run, where tokens i and j differ.

    `step` is 1 to go on and -1 to go back; `i_end` and `j_end` are just past the last tokens. Each
    next run is the nearest one, so that this is a little less than the best chain at times.
    """
    worth = most = 0.0
    gap, i, j = _nearest(tokens, i, i_end, j, j_end, step)
    while gap:
        worth -= TOLL * gap
        while i != i_end and j != j_end and tokens[i] == tokens[j]:
            worth += weight(flags[i], flags[j], tokens[i])
            i, j = i + step, j + step
        most = max(most, worth)
        gap, i, j = _nearest(tokens, i, i_end, j, j_end, step)
    return most


@kernel("void(u8[::1], b1[::1], u4[::1], i8[::1], u1[::1], f4[::1], b1[::1])")
def _evidence(pairs, is_long, tokens, offsets, flags, score, quoted):
    tables, found = tables_of(pairs, is_long, offsets)
    ends = np.empty((len(found), 2), np.int32)
    best = np.empty(len(found), np.float64)
    for row in range(len(pairs)):
        x, y = left(pairs[row]), right(pairs[row])
        a, a_end, b, b_end = offsets[x], offsets[x + 1], offsets[y], offsets[y + 1]
        words = 2 if a_end - a < LONG else 3
        count = runs_of_pair(row, pairs, is_long, tokens, offsets, words, tables, found)
        score[row] = _chain(found, count, tokens, flags, a, b, ends, best)
        for k in range(count):
            length, i, j = found[k, 0], a + found[k, 1], b + found[k, 2]
            if length >= 2 and (
                is_quotation(tokens, flags, i, a, a_end, j, length)
                or is_quotation(tokens, flags, j, b, b_end, i, length)
            ):
                quoted[row] = True
                break
