"""What a pair of aligned texts looks like: what is shared, what is quoted, what the rest is.

The measures on which `dedup.match.relations` decides. Parts of web addresses are left out of all of
them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup._jit.kernels import kernel
from dedup._jit.pairs import left, right
from dedup.match.align import Blocks
from dedup.text.arrays import TextArrays
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
    """Of these, words that one text puts between quotation marks."""
    plain: npt.NDArray[np.float32]
    """Of these, words that are no names, numbers or common words in either text."""
    facts: npt.NDArray[np.float32]
    """Words outside the shared stretches, in both texts, that are numbers, names or capitalised."""
    numbers: npt.NDArray[np.float32]
    """Of these, numbers."""
    figures: npt.NDArray[np.float32]
    """Numbers outside the shared stretches of the text that has fewer of them."""
    links: npt.NDArray[np.float32]
    """Words of web addresses, in both texts, that are not shared."""

    @property
    def shorter(self) -> npt.NDArray[np.float32]:
        """The length of the shorter text."""
        return np.minimum(self.size_a, self.size_b)

    @property
    def longer(self) -> npt.NDArray[np.float32]:
        """The length of the longer text."""
        return np.maximum(self.size_a, self.size_b)

    @property
    def rest(self) -> npt.NDArray[np.float32]:
        """Words outside the shared stretches, in both texts."""
        return self.size_a + self.size_b - 2 * self.covered


def pair_features(
    pairs: npt.NDArray[np.uint64],
    blocks: Blocks,
    texts: TextArrays,
) -> PairFeatures:
    """Measure each pair (i, j), the uint64 i << 32 | j, by its shared stretches.

    >>> from dedup.match.align import align
    >>> tokens = np.array([2, 4, 6, 8, 10, 4, 6, 8], np.uint32)
    >>> pairs, texts = np.array([1], np.uint64), TextArrays.of(tokens, np.array([0, 4, 8]))
    >>> found = pair_features(pairs, align(pairs, texts, 3), texts)
    >>> float(found.covered[0]), float(found.rest[0])
    (3.0, 2.0)
    """
    out = np.zeros((len(PairFeatures._fields), len(pairs)), np.float32)
    _pair_features(pairs, blocks.tokens, blocks.offsets, *texts, out)
    return PairFeatures(*out)


@kernel("void(u8[::1], i4[:, ::1], i8[::1], u4[::1], i8[::1], u1[::1], f4[:, ::1])")
def _pair_features(pairs, blocks, block_offsets, tokens, offsets, flags, out):
    longest = np.int64(1)
    for text in range(len(offsets) - 1):
        longest = max(longest, offsets[text + 1] - offsets[text])
    shared = np.zeros(longest, np.bool_)
    figures = np.zeros(2, np.float32)
    for row in range(len(pairs)):
        figures.fill(0)
        for side in range(2):
            text = right(pairs[row]) if side else left(pairs[row])
            first, last = offsets[text], offsets[text + 1]
            shared[: last - first].fill(False)
            for block in range(block_offsets[row], block_offsets[row + 1]):
                begin = blocks[block, side]
                shared[begin : begin + blocks[block, 2]] = True
            for i in range(first, last):
                flag = flags[i]
                worth = np.float32(0.5) if tokens[i] & np.uint32(1) else np.float32(1.0)
                if flag & LINK:
                    out[9, row] += 0 if shared[i - first] else worth
                    continue
                out[side, row] += worth
                if not shared[i - first] and flag & (NUMBER | NAME | CAPITAL):
                    out[6, row] += worth
                    figures[side] += worth if flag & NUMBER else 0
        out[7, row] = figures[0] + figures[1]
        out[8, row] = min(figures[0], figures[1])
        for block in range(block_offsets[row], block_offsets[row + 1]):
            a = offsets[left(pairs[row])] + blocks[block, 0]
            b = offsets[right(pairs[row])] + blocks[block, 1]
            for k in range(blocks[block, 2]):
                if flags[a + k] & LINK:
                    continue
                worth = np.float32(0.5) if tokens[a + k] & np.uint32(1) else np.float32(1.0)
                out[2, row] += worth
                out[3, row] += worth if flags[a + k] & flags[b + k] & QUOTED else 0
                either = flags[a + k] | flags[b + k]
                out[4, row] += worth if either & QUOTED else 0
                out[5, row] += 0 if either & (NAME | NUMBER | COMMON) else worth
