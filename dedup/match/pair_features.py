"""What a pair of aligned texts looks like: what is shared, what is quoted, what the rest is.

The measures on which `dedup.match.relations` decides. Parts of web addresses are left out of all of
them but the counts of links.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup._jit.hashset import put, slot_of, wide_room
from dedup._jit.kernels import helper, kernel, spread
from dedup._jit.pairs import ends, left, right
from dedup.match.align import Blocks
from dedup.match.common_phrases import PhraseCounts, is_said, slot_of_run, texts_of
from dedup.match.fingerprints import GRAM, gram
from dedup.match.long_texts import long_first, running_work
from dedup.text.arrays import TextArrays
from dedup.text.ngram_hash import weight
from dedup.text.token_flags import CAPITAL, COMMON, LINK, NAME, NUMBER, QUOTED


class PairFeatures(NamedTuple):
    """Measures of pairs, float32[pairs] each, in words unless said otherwise."""

    size_a: npt.NDArray[np.float32]
    size_b: npt.NDArray[np.float32]
    covered: npt.NDArray[np.float32]
    """Words in shared stretches."""
    quoted: npt.NDArray[np.float32]
    """Of these, words that both texts put between quotation marks."""
    said: npt.NDArray[np.float32]
    """Of these, words that one text or both put between quotation marks."""
    plain: npt.NDArray[np.float32]
    """Of these, words that are no names, numbers or common words in either text."""
    capitals: npt.NDArray[np.float32]
    """Of these, words that begin with a capital in either text."""
    prose: npt.NDArray[np.float32]
    """The longest shared stretch of words that neither text quotes."""
    facts_a: npt.NDArray[np.float32]
    """Words of a outside the shared stretches that are numbers, names or capitalised."""
    facts_b: npt.NDArray[np.float32]
    numbers_a: npt.NDArray[np.float32]
    """Of these, numbers."""
    numbers_b: npt.NDArray[np.float32]
    own_a: npt.NDArray[np.float32]
    """Words of a outside the shared stretches that are none of these, nor common words."""
    own_b: npt.NDArray[np.float32]
    quoted_a: npt.NDArray[np.float32]
    """Words of a between quotation marks, shared or not."""
    quoted_b: npt.NDArray[np.float32]
    links: npt.NDArray[np.float32]
    """Words of web addresses, in both texts, that are not shared."""
    kinds_a: npt.NDArray[np.float32]
    """Different words of a that are no common words."""
    kinds_b: npt.NDArray[np.float32]
    kinds: npt.NDArray[np.float32]
    """Different words that are common in neither, and stand in both texts, wherever."""
    unquoted: npt.NDArray[np.float32]
    """Of these, words that stand outside quotation in both texts."""
    runs: npt.NDArray[np.float32]
    """Runs of `dedup.match.fingerprints.GRAM` words in the shared stretches."""
    elsewhere: npt.NDArray[np.float32]
    """Mean over these of log2(1 + other unlike texts, of those counted, that hold the run), of
    which `MANY` count at most."""
    cited: npt.NDArray[np.float32]
    """Share of these that do not stand between quotation marks in both, but do in some text."""
    held: npt.NDArray[np.float32]
    """Share of the words of content one text quotes that are shared; the larger of both shares."""
    added: npt.NDArray[np.float32]
    """Places at which one text has words between two shared stretches, before or after all of them,
    and the other has none."""

    @property
    def shorter(self) -> npt.NDArray[np.float32]:
        """The length of the shorter text."""
        return np.minimum(self.size_a, self.size_b)

    @property
    def longer(self) -> npt.NDArray[np.float32]:
        """The length of the longer text."""
        return np.maximum(self.size_a, self.size_b)

    @property
    def facts(self) -> npt.NDArray[np.float32]:
        """Words outside the shared stretches, in both, that are numbers, names or capitalised."""
        return self.facts_a + self.facts_b

    @property
    def numbers(self) -> npt.NDArray[np.float32]:
        """Of these, numbers."""
        return self.numbers_a + self.numbers_b

    @property
    def figures(self) -> npt.NDArray[np.float32]:
        """Numbers outside the shared stretches of the text that has fewer of them."""
        return np.minimum(self.numbers_a, self.numbers_b)

    @property
    def rest(self) -> npt.NDArray[np.float32]:
        """Words outside the shared stretches, in both texts."""
        return self.size_a + self.size_b - 2 * self.covered


# Columns of the kernel; of what each text has, that of a, which that of b follows.
_SIZE = PairFeatures._fields.index("size_a")
_COVERED = PairFeatures._fields.index("covered")
_QUOTED = PairFeatures._fields.index("quoted")
_SAID = PairFeatures._fields.index("said")
_PLAIN = PairFeatures._fields.index("plain")
_CAPITALS = PairFeatures._fields.index("capitals")
_PROSE = PairFeatures._fields.index("prose")
_FACTS = PairFeatures._fields.index("facts_a")
_NUMBERS = PairFeatures._fields.index("numbers_a")
_OWN = PairFeatures._fields.index("own_a")
_IN_QUOTES = PairFeatures._fields.index("quoted_a")
_LINKS = PairFeatures._fields.index("links")
_KINDS = PairFeatures._fields.index("kinds_a")
_BOTH = PairFeatures._fields.index("kinds")
_UNQUOTED = PairFeatures._fields.index("unquoted")
_RUNS = PairFeatures._fields.index("runs")
_HELD = PairFeatures._fields.index("held")
_ADDED = PairFeatures._fields.index("added")

# Columns of what a text holds, shared or not: all words, those of web addresses, facts, numbers,
# words of its own, words between quotation marks, those of content among these, different words.
_T_SIZE, _T_LINKS, _T_FACTS, _T_NUMBERS, _T_OWN, _T_QUOTES, _T_HELD, _T_KINDS = range(8)

_STEP = 1 << 15  # pairs measured at a time

MANY = 16.0
"""Most other texts that count as holding a shared run. Higher tells common runs from very common
ones, and lets a pair's relation drift as a corpus grows: at 16 a run in 18 texts is as common as
any."""

FEW = np.float32(2)
"""Least words of content of which a share of a quotation is taken. Higher makes little of sayings:
at 2 one shared word of a quotation of one word is half of it."""


def features_alone(
    pairs: npt.NDArray[np.uint64], blocks: Blocks, texts: TextArrays, workers: int = 1
) -> PairFeatures:
    """Measure each pair (i, j), the uint64 i << 32 | j, by its shared stretches.

    This is what the two texts tell by themselves: `elsewhere` and `cited` are 0 (see
    `with_commonness`).

    >>> from dedup.match.align import align
    >>> tokens = np.array([2, 4, 6, 8, 10, 4, 6, 8], np.uint32)
    >>> pairs, texts = np.array([1], np.uint64), TextArrays.of(tokens, np.array([0, 4, 8]))
    >>> found = features_alone(pairs, align(pairs, texts, 3), texts)
    >>> float(found.covered[0]), float(found.rest[0]), float(found.kinds[0])
    (3.0, 2.0, 3.0)
    """
    both = _words_of_both(pairs, texts, workers)
    out = np.empty((len(PairFeatures._fields), len(pairs)), np.float32)
    totals = np.zeros((len(texts.sizes), 8), np.float32)
    asked = np.zeros(len(texts.sizes), np.bool_)
    for end in ends(pairs):
        asked[end] = True

    def total(low: int, high: int) -> None:
        own = texts.tokens, texts.offsets[low : high + 1], texts.flags
        _totals(*own, asked[low:high], totals[low:high])

    def task(first: int, last: int) -> None:
        for low in range(first, last, _STEP):
            high = min(low + _STEP, last)
            rows = pairs[low:high], blocks.tokens, blocks.offsets[low : high + 1]
            found = np.zeros((high - low, len(out)), np.float32)
            _pair_features(*rows, *texts, totals, found)
            out[:, low:high] = found.T

    spread(total, texts.offsets, workers)
    spread(task, running_work(pairs, texts.offsets), workers)
    out[_BOTH], out[_UNQUOTED] = both
    return PairFeatures(*out)


def _words_of_both(
    pairs: npt.NDArray[np.uint64], texts: TextArrays, workers: int
) -> npt.NDArray[np.float32]:
    """Count the different words of content that the texts of each pair both hold.

    Returns float32[2, pairs]: all of them, and those outside quotation in both.
    """
    turned, rows, _ = long_first(pairs, texts.sizes)
    found, out = np.zeros((2, 2, len(pairs)), np.float32)

    def task(low: int, high: int) -> None:
        _both(turned[low:high], *texts, found[0, low:high], found[1, low:high])

    spread(task, running_work(turned, texts.offsets), workers)
    out[:, rows] = found
    return out


def with_commonness(
    alone: PairFeatures,
    pairs: npt.NDArray[np.uint64],
    blocks: Blocks,
    texts: TextArrays,
    phrases: PhraseCounts,
    workers: int = 1,
) -> PairFeatures:
    """Return the features with what the whole corpus tells of the shared stretches."""
    elsewhere, cited = np.zeros((2, len(pairs)), np.float32)

    def task(low: int, high: int) -> None:
        rows = pairs[low:high], blocks.tokens, blocks.offsets[low : high + 1]
        _commonness(*rows, *texts, *phrases, elsewhere[low:high], cited[low:high])

    spread(task, blocks.offsets, workers)
    return alone._replace(elsewhere=elsewhere, cited=cited)


@helper
def _worth(token):
    return np.float32(0.5) if token & np.uint32(1) else np.float32(1.0)


@helper
def _add(token, flag, sign, out):
    """Add a token to what a text holds, or take it away."""
    worth = sign * _worth(token)
    if flag & LINK:
        out[_T_LINKS] += worth
        return
    out[_T_SIZE] += worth
    if flag & QUOTED:
        out[_T_QUOTES] += worth
        if not flag & COMMON:
            out[_T_HELD] += worth
    if flag & (NUMBER | NAME | CAPITAL):
        out[_T_FACTS] += worth
        if flag & NUMBER:
            out[_T_NUMBERS] += worth
    elif not flag & COMMON:
        out[_T_OWN] += worth


@helper
def _side(total, rest, side, out):
    """Write what one text holds, by what it holds in all and what of it is not shared."""
    out[_SIZE + side] = total[_T_SIZE]
    out[_IN_QUOTES + side] = total[_T_QUOTES]
    out[_KINDS + side] = total[_T_KINDS]
    out[_FACTS + side] = rest[_T_FACTS]
    out[_NUMBERS + side] = rest[_T_NUMBERS]
    out[_OWN + side] = rest[_T_OWN]
    out[_LINKS] += rest[_T_LINKS]
    held = (total[_T_HELD] - rest[_T_HELD]) / max(total[_T_HELD], FEW)
    out[_HELD] = max(out[_HELD], held)


@helper
def _count_additions(blocks, size_a, size_b, out):
    """Count the places between shared stretches, in order of a, where one text alone has words."""
    end_a = end_b = 0
    for k in range(len(blocks) + 1):
        begin_a = blocks[k, 0] if k < len(blocks) else size_a
        begin_b = blocks[k, 1] if k < len(blocks) else size_b
        if begin_b >= end_b:  # else what follows stands before in b
            out[_ADDED] += (begin_a > end_a) != (begin_b > end_b)
        if k < len(blocks):
            end_a, end_b = begin_a + blocks[k, 2], max(end_b, begin_b + blocks[k, 2])


@helper
def _stretch(tokens, flags, a, b, length, rest, out):
    """Measure a shared stretch: who quotes what; take it from the rest."""
    prose = np.float32(0)
    left = np.int64(0)  # half words from here to the end
    for k in range(length):
        left += weight(tokens[a + k])
    for k in range(length):
        x, y = flags[a + k], flags[b + k]
        for side in range(2):
            _add(tokens[a + k], y if side else x, np.float32(-1), rest[side])
        begins_run = left >= 2 * GRAM
        left -= weight(tokens[a + k])
        either = x | y
        if either & LINK:
            continue
        worth = _worth(tokens[a + k])
        out[_COVERED] += worth
        if either & QUOTED:
            out[_SAID] += worth
            out[_QUOTED] += worth if x & y & QUOTED else 0
            prose = np.float32(0)
        else:
            prose += worth
            out[_PROSE] = max(out[_PROSE], prose)
        out[_PLAIN] += 0 if either & (NAME | NUMBER | COMMON) else worth
        out[_CAPITALS] += worth if either & CAPITAL else 0
        out[_RUNS] += begins_run


@kernel("void(u4[::1], i8[::1], u1[::1], b1[::1], f4[:, ::1])")
def _totals(tokens, offsets, flags, asked, out):
    """Write what each text holds, if it is asked."""
    longest = np.int64(1)
    for text in range(len(asked)):
        longest = max(longest, offsets[text + 1] - offsets[text])
    table = np.empty(wide_room(longest), np.uint32)
    stamps = np.full(len(table), -1, np.int64)
    for text in range(len(asked)):
        if not asked[text]:
            continue
        first, last = offsets[text], offsets[text + 1]
        mask = np.uint32(wide_room(last - first) - 1)
        for i in range(first, last):
            _add(tokens[i], flags[i], np.float32(1), out[text])
            if not flags[i] & (COMMON | LINK):
                out[text, _T_KINDS] += put(table, stamps, mask, text, tokens[i])


@kernel("void(u8[::1], u4[::1], i8[::1], u1[::1], f4[::1], f4[::1])")
def _both(pairs, tokens, offsets, flags, both, unquoted):
    """Count the different words of content of two texts, and those outside quotation in both.

    Pairs of one first text that come one after another cost what the second texts do: its words are
    known. Of each, `plain` tells whether that text has it outside quotation, and `met` the last
    row that met it: 2 * row, or 2 * row + 1 if outside quotation too.
    """
    longest = np.int64(1)
    for pair in pairs:
        longest = max(longest, offsets[left(pair) + 1] - offsets[left(pair)])
    table = np.empty(wide_room(longest), np.uint32)
    stamps = np.full(len(table), -1, np.int64)
    met = np.full(len(table), -1, np.int64)
    plain = np.zeros(len(table), np.bool_)
    mask = np.uint32(0)
    known = np.int64(-1)
    for row in range(len(pairs)):
        x, y = left(pairs[row]), right(pairs[row])
        if x != known:
            known = x
            mask = np.uint32(wide_room(offsets[x + 1] - offsets[x]) - 1)
            for i in range(offsets[x], offsets[x + 1]):
                if not flags[i] & (COMMON | LINK):
                    slot = slot_of(table, stamps, mask, x, tokens[i])
                    if stamps[slot] != x:
                        stamps[slot] = x
                        table[slot] = tokens[i]
                        plain[slot] = False
                    plain[slot] |= not flags[i] & QUOTED
        for i in range(offsets[y], offsets[y + 1]):
            if flags[i] & (COMMON | LINK):
                continue
            slot = slot_of(table, stamps, mask, x, tokens[i])
            if stamps[slot] != x:
                continue
            if met[slot] < 2 * row:
                met[slot] = 2 * row
                both[row] += 1
            if not flags[i] & QUOTED and plain[slot] and met[slot] == 2 * row:
                met[slot] = 2 * row + 1
                unquoted[row] += 1


@kernel("void(u8[::1], i4[:, ::1], i8[::1], u4[::1], i8[::1], u1[::1], f4[:, ::1], f4[:, ::1])")
def _pair_features(pairs, blocks, bounds, tokens, offsets, flags, totals, out):
    rest = np.zeros((2, totals.shape[1]), np.float32)
    for row in range(len(pairs)):
        x, y = left(pairs[row]), right(pairs[row])
        for k in range(totals.shape[1]):
            rest[0, k], rest[1, k] = totals[x, k], totals[y, k]
        for block in range(bounds[row], bounds[row + 1]):
            a, b = offsets[x] + blocks[block, 0], offsets[y] + blocks[block, 1]
            length = blocks[block, 2]
            _stretch(tokens, flags, a, b, length, rest, out[row])
        for side in range(2):
            _side(totals[y if side else x], rest[side], side, out[row])
        own = blocks[bounds[row] : bounds[row + 1]]
        _count_additions(own, offsets[x + 1] - offsets[x], offsets[y + 1] - offsets[y], out[row])


@kernel(
    "void(u8[::1], i4[:, ::1], i8[::1], u4[::1], i8[::1], u1[::1], u2[::1], f8, f4[::1], f4[::1])"
)
def _commonness(pairs, blocks, bounds, tokens, offsets, flags, slots, share, elsewhere, cited):
    """Write how common the runs of the shared stretches are, and which share of them is cited."""
    for row in range(len(pairs)):
        x, y = left(pairs[row]), right(pairs[row])
        runs = np.float32(0)
        for block in range(bounds[row], bounds[row + 1]):
            a, b = offsets[x] + blocks[block, 0], offsets[y] + blocks[block, 1]
            for k in range(blocks[block, 2]):
                either = flags[a + k] | flags[b + k]
                if either & LINK:
                    continue
                found, run = gram(tokens, a + k, a + blocks[block, 2], GRAM)
                if run:
                    slot = slots[slot_of_run(found, slots)]
                    runs += 1
                    others = min(max(0.0, texts_of(slot) - 2 * share), MANY)
                    elsewhere[row] += np.log2(1 + others)
                    cited[row] += is_said(slot) and not flags[a + k] & flags[b + k] & QUOTED
        if runs:
            elsewhere[row] /= runs
            cited[row] /= runs
