"""From matches to the stretches two texts share, word for word.

Greedy string tiling (Wise 1993): shared shingles lead to every maximal run of equal tokens that is
at least one shingle heavy. The longest runs are taken first, so that moved sentences and text put
in between leave the other stretches whole.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup._jit.hashset import room, wide_room
from dedup._jit.kernels import array_helper, helper, in_order, kernel, spread
from dedup._jit.pairs import ends, left, packed, right, sorting, starts
from dedup.match.long_texts import long_last, longest_beside, put_in_order, running_work, work_of
from dedup.text.arrays import TextArrays, stretches
from dedup.text.corpus import Corpus
from dedup.text.ngram_hash import ngram, weight
from dedup.text.segment import batch
from dedup.text.tokenize import tokenize

REPEATS = 16
"""Places of one shingle within the first text that are tried for each place in the second; only a
stretch all of whose shingles stand more often in the first text can be missed. Higher misses less
and costs time: at 16 a slogan may stand 16 times in a text."""

MANY = 16
"""A long text is walked through where more than one in so many of its places may begin what is
shared. Higher walks through more texts; the answers are the same: at 16 one of 16,000 tokens is
where 1,001 of them may."""


class Blocks(NamedTuple):
    """Shared stretches of many pairs, pair after pair, in order of the first text.

    >>> Blocks.none().offsets.tolist()
    [0]
    """

    tokens: npt.NDArray[np.int32]
    """int32[blocks, 3]: first token in a, first token in b, number of tokens."""
    offsets: npt.NDArray[np.int64]
    """int64[pairs + 1]: where each pair's blocks begin."""
    longest: npt.NDArray[np.int32]
    """int32[pairs]: weight of the longest stretch in half words."""
    covered: npt.NDArray[np.int32]
    """int32[pairs]: weight of all stretches in half words."""

    @classmethod
    def none(cls) -> Blocks:
        """Return the blocks of no pairs."""
        none = np.zeros(0, np.int32)
        return cls(none.reshape(0, 3), np.zeros(1, np.int64), none, none)

    def ordered(self, rows: npt.NDArray[np.int64]) -> Blocks:
        """Return the blocks of pairs in another order, int64[pairs].

        >>> blocks = Blocks(np.arange(9).reshape(3, 3), np.array([0, 1, 3]), *np.ones((2, 2), int))
        >>> blocks.ordered(np.array([1, 0])).tokens[:, 0].tolist()
        [3, 6, 0]
        """
        inner, offsets = stretches(self.offsets[:-1][rows], np.diff(self.offsets)[rows])
        return Blocks(self.tokens[inner], offsets, self.longest[rows], self.covered[rows])

    def take(self, kept: npt.NDArray[np.bool_]) -> Blocks:
        """Return the blocks of some pairs, bool[pairs]."""
        counts = np.diff(self.offsets)
        rows = np.repeat(kept, counts)
        offsets = np.append(0, np.cumsum(counts[kept]))
        return Blocks(self.tokens[rows], offsets, self.longest[kept], self.covered[kept])


def align(
    pairs: npt.NDArray[np.uint64],
    texts: TextArrays,
    words: int,
    workers: int = 1,
) -> Blocks:
    """Return the shared stretches of each pair (i, j), the uint64 i << 32 | j.

    A stretch weighs at least `words` words.

    >>> tokens = np.array([2, 4, 6, 8, 10, 4, 6, 8], np.uint32)
    >>> align(np.array([1], np.uint64), TextArrays.of(tokens, np.array([0, 4, 8])), 3).tokens
    array([[1, 1, 3]], dtype=int32)
    """
    rows, is_long = long_last(pairs, texts.sizes)
    pairs = pairs[rows]

    def task(low: int, high: int) -> tuple[npt.NDArray[np.int64], ...]:
        found: tuple[npt.NDArray[np.int64], ...] = _align(
            pairs[low:high], is_long[low:high], texts.tokens, texts.offsets, words
        )
        return found

    parts = spread(task, running_work(pairs, texts.offsets), workers)
    if not parts:
        return Blocks.none()
    blocks, counts, longest, covered = (np.concatenate(part) for part in zip(*parts, strict=True))
    del parts  # they are there a second time
    starts = np.zeros(len(pairs) + 1, np.int64)
    np.cumsum(counts, out=starts[1:])
    found = Blocks(blocks, starts, longest, covered)
    return found if isinstance(rows, slice) else found.ordered(np.argsort(rows))


@helper
def _weigh(tokens, first, last):
    halves = np.int64(0)
    for i in range(first, last):
        halves += weight(tokens[i])
    return halves


@helper
def _window(tokens, first, last, words):
    """Return a hash of the shingle that begins at `first`, or 0 where the text ends before."""
    state, length = ngram(tokens, first, last, words, 1)
    return state | np.uint64(1) if length else np.uint64(0)


@helper
def index_shingles(tokens, first, last, words, heads, following, mask, seen):
    """Chain the places of each shingle of a text, in reading order, by its slot.

    In `seen`, a set of `wide_room` slots, nearly every other shingle is told at one look.
    """
    heads[: mask + 1].fill(-1)
    wide = wide_room(last - first) - 1
    seen[: wide + 1].fill(False)
    for i in range(last - 1, first - 1, -1):
        window = _window(tokens, i, last, words)
        if window:
            slot = np.int64(window >> np.uint64(20)) & mask
            following[i - first] = heads[slot]
            heads[slot] = i - first
            seen[np.int64(window >> np.uint64(40)) & wide] = True


@helper
def places_to_try(
    tokens, a, a_end, size_b, words, heads, following, mask, seen, asked, stamp, places
):
    """Write the places in b, a long text, where a shingle of a may stand, in order; count them.

    The table is that of b (see `index_shingles`). `asked`, int64 of its slots, takes the stamp,
    which no other pair has. Returns -1 where they are so many that b is as well walked through.
    """
    count = 0
    wide = wide_room(size_b) - 1
    for i in range(a, a_end):
        window = _window(tokens, i, a_end, words)
        if not window:
            break
        slot = np.int64(window >> np.uint64(20)) & mask
        if not seen[np.int64(window >> np.uint64(40)) & wide] or asked[slot] == stamp:
            continue
        asked[slot] = stamp
        j = np.int64(heads[slot])
        while j >= 0:
            if MANY * (count + 1) > size_b:
                return -1
            places[count] = j
            count += 1
            j = np.int64(following[j])
    put_in_order(places, count)
    return count


@helper
def find_runs(tokens, a, a_end, b, b_end, words, heads, following, mask, seen, places, some, runs):
    """Write the maximal equal runs as rows (tokens, place in a, place in b); count them.

    The table is that of a (see `index_shingles`). At `some` of the places in b alone shingles of
    both may stand, or at any if that is -1.
    """
    count = 0
    compared = np.int64(0)
    enough = np.int64(REPEATS) * work_of(a_end - a, b_end - b)
    reach = b
    wide = wide_room(a_end - a) - 1
    tried = np.int64(0)  # places in a below this one were tried against the place in b before
    last = b - 1
    for turn in range(b_end - b if some < 0 else some):
        j = b + (turn if some < 0 else places[turn])
        if j > last + 1:  # nothing stands at the place before
            tried = np.int64(0) if j <= reach and compared > enough else a_end - a
        last = j
        # In text that repeats itself all through, runs begin within runs: their number is bounded.
        if j < reach and compared > enough:
            tried = np.int64(0)
            continue
        window = _window(tokens, j, b_end, words)
        if not window:
            break
        before, tried = tried, a_end - a
        if not seen[np.int64(window >> np.uint64(40)) & wide]:
            continue
        i = heads[np.int64(window >> np.uint64(20)) & mask]
        for again in range(REPEATS + 1):
            if i < 0:
                break
            if again == REPEATS:
                tried = np.int64(i)
                break
            p, q = a + i, j
            if i == 0 or j == b or tokens[p - 1] != tokens[q - 1] or i > before:
                while p > a and q > b and tokens[p - 1] == tokens[q - 1] and compared <= enough:
                    p, q, compared = p - 1, q - 1, compared + 1
                length = j - q
                while p + length < a_end and q + length < b_end:
                    if tokens[p + length] != tokens[q + length]:
                        break
                    length += 1
                compared += length
                if _weigh(tokens, q, q + length) >= 2 * words:
                    reach = max(reach, q + length)
                    runs[count, 0], runs[count, 1], runs[count, 2] = length, p - a, q - b
                    count += 1
            i = following[i]
    return count


@array_helper
def tables_of(pairs, is_long, offsets):
    """Make what `runs_of_pair` keeps of the texts that it met last, and room for its runs."""
    longest = np.int64(1)
    for pair in pairs:
        a, b = left(pair), right(pair)
        longest = max(longest, offsets[a + 1] - offsets[a], offsets[b + 1] - offsets[b])
    size = longest_beside(pairs, is_long, offsets)
    own = _table(longest)
    other = _table(size)
    asked = np.full(room(size), -1, np.int64)
    places = np.empty(size // MANY, np.int64)
    known = np.full(4, -1, np.int64)
    return (own, other, asked, places, known), np.empty((REPEATS * longest, 3), np.int32)


@array_helper
def _table(size):
    return (
        np.empty(room(size), np.int32),
        np.empty(size, np.int32),
        np.empty(wide_room(size), np.bool_),
    )


@helper
def runs_of_pair(row, pairs, is_long, tokens, offsets, words, tables, runs):
    """Write the runs of the pair in a row as `find_runs` does; count them.

    A text that stays first from pair to pair, or second and long, is indexed once.
    """
    own, other, asked, places, known = tables
    heads, following, seen = own
    text_a, text_b = left(pairs[row]), right(pairs[row])
    a, a_end = offsets[text_a], offsets[text_a + 1]
    b, b_end = offsets[text_b], offsets[text_b + 1]
    mask = room(a_end - a) - 1
    if text_a != known[0] or words != known[1]:
        known[0], known[1] = text_a, words
        index_shingles(tokens, a, a_end, words, heads, following, mask, seen)
    some = np.int64(-1)
    if is_long[row]:
        heads_b, following_b, seen_b = other
        mask_b = room(b_end - b) - 1
        if text_b != known[2] or words != known[3]:
            known[2], known[3] = text_b, words
            index_shingles(tokens, b, b_end, words, heads_b, following_b, mask_b, seen_b)
        table = heads_b, following_b, mask_b, seen_b, asked
        some = places_to_try(tokens, a, a_end, b_end - b, words, *table, row, places)
    return find_runs(
        tokens, a, a_end, b, b_end, words, heads, following, mask, seen, places, some, runs
    )


@helper
def _by_length(runs, count, ranks, order):
    """Order runs longest first, else as found, by counting lengths."""
    longest = np.int64(0)
    for row in range(count):
        longest = max(longest, runs[row, 0])
    ranks[: longest + 1].fill(0)
    for row in range(count):
        ranks[longest - runs[row, 0]] += 1
    before = 0
    for rank in range(longest + 1):
        before, ranks[rank] = before + ranks[rank], before
    for row in range(count):
        rank = longest - runs[row, 0]
        order[ranks[rank]] = row
        ranks[rank] += 1


@helper
def _tile(tokens, b, words, runs, order, taken_a, taken_b, tiles):
    """Take runs in order, as far as they are still free in both texts; count what is taken.

    `tiles` get rows (place in a, place in b, tokens).
    """
    count = 0
    for row in order:
        length, i, j = runs[row, 0], runs[row, 1], runs[row, 2]
        done = np.int64(0)
        while done < length:
            free = done
            while free < length and not taken_a[i + free] and not taken_b[j + free]:
                free += 1
            if _weigh(tokens, b + j + done, b + j + free) >= 2 * words:
                taken_a[i + done : i + free].fill(True)
                taken_b[j + done : j + free].fill(True)
                tiles[count, 0], tiles[count, 1], tiles[count, 2] = i + done, j + done, free - done
                count += 1
            done = max(free, done + 1)
    return count


@helper
def _blocks(tiles, count, keys, out, first):
    """Write the tiles in order of a from a row on, those that go on in both texts as one stretch.

    Returns the row after the last one.
    """
    for k in range(count):
        keys[k] = packed(tiles[k, 0], k)
    put_in_order(keys, count)
    at = first
    for k in range(count):
        tile = np.int64(keys[k] & np.uint64(0xFFFFFFFF))
        i, j, length = tiles[tile, 0], tiles[tile, 1], tiles[tile, 2]
        before = at - 1
        if at > first and i - out[before, 0] == out[before, 2] == j - out[before, 1]:
            out[before, 2] += length
        else:
            out[at, 0], out[at, 1], out[at, 2] = i, j, length
            at += 1
    return at


@kernel("Tuple((i4[:, ::1], i8[::1], i4[::1], i4[::1]))(u8[::1], b1[::1], u4[::1], i8[::1], i8)")
def _align(pairs, is_long, tokens, offsets, words):
    every = np.int64(0)
    most = np.int64(1)
    longest_text = np.int64(1)
    for pair in pairs:
        a, b = left(pair), right(pair)
        size_a, size_b = offsets[a + 1] - offsets[a], offsets[b + 1] - offsets[b]
        blocks = min(size_a, size_b) // words + 1
        every += blocks
        most = max(most, blocks)
        longest_text = max(longest_text, max(size_a, size_b))
    tables, runs = tables_of(pairs, is_long, offsets)
    ranks = np.empty(longest_text + 1, np.int32)
    order = np.empty(len(runs), np.int32)
    taken_a = np.zeros(longest_text, np.bool_)
    taken_b = np.zeros(longest_text, np.bool_)
    tiles = np.empty((most, 3), np.int32)
    keys = np.empty(most, np.uint64)
    out = np.empty((every, 3), np.int32)
    counts = np.zeros(len(pairs), np.int64)
    longest = np.zeros(len(pairs), np.int32)
    covered = np.zeros(len(pairs), np.int32)
    at = 0
    for row in range(len(pairs)):
        b = offsets[right(pairs[row])]
        count = runs_of_pair(row, pairs, is_long, tokens, offsets, words, tables, runs)
        _by_length(runs, count, ranks, order)
        count = _tile(tokens, b, words, runs, order[:count], taken_a, taken_b, tiles)
        first = at
        at = _blocks(tiles, count, keys, out, first)
        counts[row] = at - first
        for k in range(first, at):
            i, j, length = out[k, 0], out[k, 1], out[k, 2]
            taken_a[i : i + length].fill(False)
            taken_b[j : j + length].fill(False)
            halves = _weigh(tokens, b + j, b + j + length)
            longest[row] = max(longest[row], halves)
            covered[row] += halves
    return out[:at].copy(), counts, longest, covered


# -- From shared tokens to shared characters: where the stretches

STEP = 4096
"""Texts that are tokenised again at a time: what is known of their tokens is let go of then."""


def spans(
    pairs: npt.NDArray[np.uint64], blocks: Blocks, corpus: Corpus, workers: int = 1
) -> npt.NDArray[np.int32]:
    """Return each block's (start in a, end in a, start in b, end in b), int32[blocks, 4].

    Characters count from the start of each text's first occurrence. Each text is tokenised once.
    """
    blocks_, pair = len(blocks.tokens), np.repeat(pairs, np.diff(blocks.offsets))
    text = np.concatenate(ends(pair))
    order = sorting(text)  # every block with its first text, then every block with its second one
    bounds = starts(text[order])
    out = np.empty((blocks_, 4), np.int32)

    def task(low: int) -> None:
        rows = order[bounds[low] : bounds[min(low + STEP, len(bounds) - 1)]]
        second, block = rows >= blocks_, rows % blocks_
        tokens = blocks.tokens[block]
        begin = np.where(second, tokens[:, 1], tokens[:, 0])
        start, end = characters(text[rows], begin, begin + tokens[:, 2], corpus)
        out[block, 2 * second] = start
        out[block, 2 * second + 1] = end

    for _ in in_order(task, range(0, len(bounds) - 1, STEP), workers):
        pass
    return out


def characters(
    texts: npt.NDArray[np.int64],
    begin: npt.NDArray[np.integer],
    end: npt.NDArray[np.integer],
    corpus: Corpus,
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Return the first character of stretches of texts, and one past the last, int32[stretches].

    `texts` are the texts they are in, and `begin` and `end` their tokens, counted there. Characters
    count from the start of a text's first occurrence.
    """
    some, where = np.unique(texts, return_inverse=True)
    written = batch(corpus.all_written(corpus.first[some]))
    tokens = tokenize(written, written.bounds[:-1].copy(), written.bounds[1:].copy())
    at = tokens.offsets[where]
    return tokens.start[at + begin], tokens.end[at + end - 1]
