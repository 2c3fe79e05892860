"""From tokens to shingle sets: every run of k words, as a 32-bit hash, once per text.

A word weighs 2 and a character token 1, and a shingle is the shortest run from its first token that
weighs 2k: three words of English, six characters of Chinese, or a mixture. A text lighter than that
has no shingles and matches only exactly. (Broder 1997; Leskovec, Rajaraman, Ullman, ch. 3.)
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup._jit.hashset import put, wide_room
from dedup._jit.kernels import kernel, spread
from dedup.text.arrays import TextArrays
from dedup.text.ngram_hash import folded, ngram

_SEED = np.uint64(0x2545F4914F6CDD1D)


class Sets(NamedTuple):
    """Sets of 32-bit hashes, one a text."""

    items: npt.NDArray[np.uint32]
    """uint32[shingles]: each set in order of first appearance, without repeats."""
    offsets: npt.NDArray[np.int64]
    """int64[texts + 1]: where each set begins in `items`."""


def shingle(texts: TextArrays, words: int, workers: int = 1) -> Sets:
    """Return the shingle set of each text; `words` is the k above.

    >>> tokens = np.array([2, 4, 6, 8, 2, 4, 6], np.uint32)
    >>> shingle(TextArrays.of(tokens, np.array([0, 7])), 3).offsets.tolist()
    [0, 4]
    """
    tokens, offsets = texts.tokens, texts.offsets
    items = np.empty(len(tokens), np.uint32)
    starts = np.zeros(len(offsets), np.int64)

    def task(low: int, high: int) -> None:
        _shingle(tokens, offsets[low : high + 1], words, items, starts[low + 1 : high + 1])

    spread(task, offsets, workers)
    np.cumsum(starts, out=starts)
    _pack(items, offsets, starts)
    items.resize(int(starts[-1]), refcheck=False)
    return Sets(items, starts)


def weights(tokens: npt.NDArray[np.uint32]) -> npt.NDArray[np.int64]:
    """Return the running weight of tokens, int64[tokens + 1], in half words.

    >>> weights(np.array([2, 3, 5], np.uint32)).tolist()
    [0, 2, 3, 4]
    """
    running = np.zeros(len(tokens) + 1, np.int64)
    np.cumsum(2 - (tokens & 1).astype(np.int64), out=running[1:])
    return running


@kernel("void(u4[::1], i8[::1], i8, u4[::1], i8[::1])")
def _shingle(tokens, offsets, words, items, sizes):
    """Write each text's set where its tokens begin; a set is never larger than its text."""
    longest = np.int64(0)
    for text in range(len(sizes)):
        longest = max(longest, offsets[text + 1] - offsets[text])
    table = np.empty(wide_room(longest), np.uint32)
    stamps = np.zeros(len(table), np.int64)
    for text in range(len(sizes)):
        first, last = offsets[text], offsets[text + 1]
        mask = np.uint32(wide_room(last - first) - 1)
        at = first
        for i in range(first, last):
            state, length = ngram(tokens, i, last, words, _SEED)
            if length == 0:
                break
            item = folded(state)
            if put(table, stamps, mask, text + 1, item):
                items[at] = item
                at += 1
        sizes[text] = at - first


@kernel("void(u4[::1], i8[::1], i8[::1])")
def _pack(items, offsets, starts):
    """Move the sets together, from where `offsets` has them to where `starts` wants them."""
    for text in range(len(starts) - 1):
        shift = offsets[text] - starts[text]
        for i in range(starts[text], starts[text + 1]):
            items[i] = items[i + shift]
