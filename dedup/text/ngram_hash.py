"""The hash of a run of tokens: one for shingles, n-grams of fingerprints, and bands of sketches.

A word weighs 2 and a character token 1, so that an n-gram is the shortest run from its first token
that weighs 2n: n words of English, 2n characters of Chinese, or a mixture. The hash is one round of
multiply and shift a token; the constants are those of the mixers rrmxmx and splitmix64.
What is kept on disk (the postings of an index) holds these hashes: the constants stay.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dedup._jit.kernels import helper

_ROUND = np.uint64(0x9FB21C651E98DF25)
_LAST = np.uint64(0xBF58476D1CE4E5B9)
_HALF = np.uint64(32)


@helper
def mixed(state: np.uint64, token: np.uint32) -> np.uint64:
    """Return the uint64 state of a hash after one more token, a uint32."""
    state = (state ^ token) * _ROUND
    return state ^ state >> _HALF


@helper
def folded(state: np.uint64) -> np.uint32:
    """Return the uint32 hash that a state comes to."""
    return np.uint32(state * _LAST >> _HALF)


@helper
def weight(token: np.uint32) -> np.int64:
    """Return the weight of a token in half words: 2 for a word, 1 for a character."""
    return 2 - np.int64(token & 1)


@helper
def ngram(
    tokens: npt.NDArray[np.uint32], first: int, last: int, words: int, seed: np.uint64
) -> tuple[np.uint64, np.int64]:
    """Return the state, uint64, and length of the n-gram of so many words at `first`.

    The length is 0 where the text ends before, at `last`. A `seed`, uint64, makes hashes of one
    use differ from those of another.
    """
    halves = np.int64(0)
    state = np.uint64(seed)
    for i in range(first, last):
        token = tokens[np.uint64(i)]  # no look whether it is negative
        state = mixed(state, token)
        halves += weight(token)
        if halves >= 2 * words:
            return state, np.int64(i + 1 - first)
    return state, np.int64(0)


@helper
def fixed_ngram(
    tokens: npt.NDArray[np.uint32], first: int, last: int, words: int, seed: np.uint64
) -> tuple[np.uint64, np.int64]:
    """Return what `ngram` does, sooner where `words` is a constant of the kernel.

    Nearly always they are all words: then so many turns are enough, without a look at each weight.
    """
    if last - first >= words:
        state = np.uint64(seed)
        at, characters = np.uint64(first), np.uint32(0)
        for k in range(words):
            token = tokens[at + np.uint64(k)]
            state = mixed(state, token)
            characters |= token
        if not characters & np.uint32(1):
            return state, np.int64(words)
    state, length = ngram(tokens, first, last, words, seed)
    return np.uint64(state), np.int64(length)
