"""Many texts as flat arrays: the one form in which every stage takes them.

No token is a Python object. A text is a row: its tokens lie side by side, from one offset to the
next.
"""

from __future__ import annotations

from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

_AT_ONCE = 1 << 14  # texts whose words are counted at a time


class TextArrays(NamedTuple):
    """Tokens of many texts, text after text.

    >>> texts = TextArrays.of(np.array([2, 4, 3], np.uint32), np.array([0, 2, 3]))
    >>> len(texts.sizes), texts.words().tolist()
    (2, [2, 1])
    """

    tokens: npt.NDArray[np.uint32]
    """uint32[tokens]: hashes; the lowest bit is 1 for a character token, 0 for a word (see
    `dedup.text.tokenize`)."""
    offsets: npt.NDArray[np.int64]
    """int64[texts + 1]: where each text's tokens begin."""
    flags: npt.NDArray[np.uint8]
    """uint8[tokens]: what the writing says of each token (see `dedup.text.token_flags`)."""

    @classmethod
    def of(cls, tokens: npt.NDArray[np.uint32], offsets: npt.NDArray[np.int64]) -> Self:
        """Return texts without any flag, for those of which only the words are known."""
        return cls(tokens, offsets, np.zeros(len(tokens), np.uint8))

    @property
    def sizes(self) -> npt.NDArray[np.int64]:
        """int64[texts]: tokens of each text."""
        return self.offsets[1:] - self.offsets[:-1]  # np.diff does the same, in six times as long

    def words(self) -> npt.NDArray[np.int32]:
        """Return the length of each text in words, int32[texts], halves rounded up.

        Two characters of a script without spaces count as one word. No text may be empty.
        """
        if len(self.offsets) == 1:
            return np.zeros(0, np.int32)
        solo = np.empty(len(self.offsets) - 1, np.int32)
        for low in range(0, len(solo), _AT_ONCE):  # to add them up, NumPy makes four bytes of each
            bounds = self.offsets[low : low + _AT_ONCE + 1]
            lowest = self.tokens[bounds[0] : bounds[-1]].view(np.uint8)[::4]
            solo[low : low + _AT_ONCE] = np.add.reduceat(
                lowest & 1, bounds[:-1] - bounds[0], dtype=np.int32
            )
        return ((2 * self.sizes - solo + 1) // 2).astype(np.int32)

    def take(self, rows: npt.NDArray[np.int64]) -> TextArrays:
        """Return some texts, by number and in the order given.

        >>> texts = TextArrays.of(np.array([2, 4, 6], np.uint32), np.array([0, 2, 3]))
        >>> texts.take(np.array([1, 0])).tokens.tolist()
        [6, 2, 4]
        """
        if len(rows) == len(self.sizes) and (np.diff(rows) == 1).all():
            return self
        sizes = self.sizes[rows]
        offsets = np.append(0, np.cumsum(sizes)).astype(np.int64)
        if len(self.tokens) < 4 * offsets[-1] and (np.diff(rows) > 0).all():
            kept = np.zeros(len(self.sizes), np.bool_)
            kept[rows] = True
            mask = np.repeat(kept, self.sizes)  # a byte a token, where a place is eight
            return TextArrays(self.tokens[mask], offsets, self.flags[mask])
        places, _ = stretches(self.offsets[:-1][rows], sizes)
        return TextArrays(self.tokens[places], offsets, self.flags[places])

    def followed_by(self, *others: TextArrays) -> TextArrays:
        """Return these texts, followed by the others."""
        every = (self, *others)
        return TextArrays(
            np.concatenate([texts.tokens for texts in every]),
            np.append(0, np.cumsum(np.concatenate([texts.sizes for texts in every]))),
            np.concatenate([texts.flags for texts in every]),
        )


def stretches(
    first: npt.NDArray[np.integer], counts: npt.NDArray[np.integer]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the numbers of stretches, one after another, and where each stretch begins.

    >>> [found.tolist() for found in stretches(np.array([7, 3]), np.array([2, 1]))]
    [[7, 8, 3], [0, 2, 3]]
    """
    bounds = np.append(0, np.cumsum(counts, dtype=np.int64))
    return np.arange(bounds[-1]) + np.repeat(first - bounds[:-1], counts), bounds
