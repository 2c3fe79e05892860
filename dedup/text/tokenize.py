"""From paragraphs to tokens and normalised text, in one pass over code points.

The normalised text is the folded tokens with one space between them (see `dedup.text.characters`);
its xxh3_128 names the distinct text. A token is known by a 32-bit hash whose lowest bit is 1 for a
character token, which weighs half a word.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup._jit.kernels import helper, kernel
from dedup.text.characters import IGNORED, LETTER, MARK, SOLO, SYMBOL, Characters, table
from dedup.text.segment import Batch, batch

VERSION = 2
"""Changes whenever some text would get another normalised form or other token hashes."""


class Tokens(NamedTuple):
    """Tokens of many paragraphs, paragraph after paragraph."""

    hash: npt.NDArray[np.uint32]
    """uint32[tokens]: the lowest bit is 1 for a character token, 0 for a word."""
    start: npt.NDArray[np.int32]
    """int32[tokens]: first character, counted in its paragraph."""
    end: npt.NDArray[np.int32]
    """int32[tokens]: one past the last character."""
    offsets: npt.NDArray[np.int64]
    """int64[paragraphs + 1]: where each paragraph's tokens begin."""
    normal: npt.NDArray[np.uint8]
    """uint8[bytes]: the normalised texts in UTF-8."""
    normal_offsets: npt.NDArray[np.int64]
    """int64[paragraphs + 1]: where each normalised text begins in `normal`."""


def normalize(text: str) -> str:
    """Return the normalised form of one text.

    >>> normalize("“Ｔｈｅ” Café—isn’t OPEN: $5")
    'the cafe isnt open $ 5'
    """
    whole = np.array([0], np.int64), np.array([len(text)], np.int64)
    return tokenize(batch([text]), *whole).normal.tobytes().decode("utf-8", "surrogatepass")


def tokenize(
    texts: Batch,
    start: npt.NDArray[np.int64],
    end: npt.NDArray[np.int64],
    characters: Characters | None = None,
) -> Tokens:
    """Tokenise the stretches `codes[start:end]` of a batch.

    `start` and `end`, int64[paragraphs], count in the batch's `codes`, not in its texts.

    >>> tokens = tokenize(batch(["It rained."]), np.array([0]), np.array([10]))
    >>> tokens.start.tolist(), tokens.end.tolist()
    ([0, 3], [2, 9])
    """
    rows = characters or table()
    return Tokens(*_tokenize(texts.codes, start, end, rows.entry, rows.folds))


_PLAIN = np.array([ord(chr(c).lower()) if chr(c).isalnum() else 0 for c in range(128)], np.uint8)
"""What each letter and digit of ASCII folds to, 0 for all else."""

_ONE = np.uint64(1)  # places count up in unsigned numbers: no place needs a look if it is negative


@helper
def _stir(state, code):
    """Take one code point into a token's hash."""
    return (state ^ np.uint64(code)) * np.uint64(0x9FB21C651E98DF25)


@helper
def _finish(state, flag):
    """Turn the state into 31 hash bits, with the character-token flag below them."""
    mixed = (state ^ (state >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
    return np.uint32((mixed >> np.uint64(33)) << np.uint64(1) | np.uint64(flag))


@helper
def _put(out, at, code):
    """Write one code point in UTF-8; return the place after it."""
    if code < 0x80:
        out[at] = code
        return at + _ONE
    if code < 0x800:
        out[at] = 0xC0 | code >> 6
    else:
        if code < 0x10000:
            out[at] = 0xE0 | code >> 12
        else:
            out[at] = 0xF0 | code >> 18
            at += _ONE
            out[at] = 0x80 | code >> 12 & 0x3F
        at += _ONE
        out[at] = 0x80 | code >> 6 & 0x3F
    at += _ONE
    out[at] = 0x80 | code & 0x3F
    return at + _ONE


@kernel(
    "Tuple((u4[::1], i4[::1], i4[::1], i8[::1], u1[::1], i8[::1]))"
    "(u4[::1], i8[::1], i8[::1], i4[::1], i4[:, ::1])"
)
def _tokenize(codes, starts, ends, entries, folds):
    # Room for the worst case is asked for, but the system only backs the pages that are written.
    room = np.int64(0)
    for row in range(len(starts)):
        room += ends[row] - starts[row]
    states = np.empty(room, np.uint64)
    hashes = np.empty(room, np.uint32)
    first = np.empty(room, np.int32)
    last = np.empty(room, np.int32)
    offsets = np.zeros(len(starts) + 1, np.int64)
    normal = np.empty(room * (1 + 4 * (folds.shape[1] - 1)), np.uint8)
    normal_offsets = np.zeros(len(starts) + 1, np.int64)
    count = 0
    at = np.uint64(0)
    for row in range(len(starts)):
        begin = np.uint64(starts[row])
        stop = np.uint64(ends[row])
        state = np.uint64(0)
        opened = -1  # kind of the token that a mark or letter may continue
        i = begin
        while i < stop:
            entry = entries[codes[i]]
            kind = entry & 7
            if kind == LETTER or kind == SOLO or kind == SYMBOL:  # noqa: PLR1714 - a tuple is slower
                if kind != LETTER or opened != LETTER:
                    if count > offsets[row]:
                        normal[at] = 32
                        at += _ONE
                    first[count] = i - begin
                    hashes[count] = kind == SOLO
                    state = np.uint64(1)
                    opened = kind
                    count += 1
            elif kind != MARK or opened < 0:
                if kind != IGNORED:
                    opened = -1
                i += _ONE
                continue
            while True:  # the rest of a word in letters needs no decision
                folded = entry >> 3
                if folded > 0:
                    state = _stir(state, folded)
                    at = _put(normal, at, folded)
                elif folded < 0:
                    several = folds[-1 - folded]
                    for j in range(1, several[0] + 1):
                        folded = np.int64(several[j])
                        state = _stir(state, folded)
                        at = _put(normal, at, folded)
                i += _ONE
                while opened == LETTER and i < stop and codes[i] < 0x80:
                    plain = np.int64(_PLAIN[codes[i]])
                    if not plain:
                        break
                    state = _stir(state, plain)
                    normal[at] = plain
                    at += _ONE
                    i += _ONE
                if opened != LETTER or i == stop:
                    break
                entry = entries[codes[i]]
                if entry & 7 != LETTER:
                    break
            last[count - 1] = i - begin
            states[count - 1] = state
        offsets[row + 1] = count
        normal_offsets[row + 1] = at
    for token in range(count):
        hashes[token] = _finish(states[token], hashes[token])
    return (
        hashes[:count].copy(),
        first[:count].copy(),
        last[:count].copy(),
        offsets,
        normal[:at].copy(),
        normal_offsets,
    )
