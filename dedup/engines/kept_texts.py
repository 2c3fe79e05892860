"""Texts on disk, a file for each block: tasks map the blocks that they need, and send none.

Texts are numbered as in the corpus, and `BLOCK` texts in a row are a block. All executors see the
folder. What several tasks of a machine read it holds in memory once.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import numpy as np
import numpy.typing as npt

from dedup._jit.pairs import starts
from dedup.engines.parts import mapped
from dedup.text.arrays import TextArrays

BLOCK = 1 << 14
"""Texts of a block. Higher makes fewer files and fewer tasks, and takes more memory in each: some
5 MB of tokens at 16,384, and as much again for the texts of pairs with other blocks."""


class KeptTexts(NamedTuple):
    """A folder of blocks."""

    folder: str

    def write(self, block: int, texts: TextArrays) -> None:
        """Write a block, whole or not at all; a task that is done again writes the same."""
        place = self._place(block)
        place.parent.mkdir(parents=True, exist_ok=True)
        new = place.with_name(f"{place.name}.{uuid4().hex}")
        with new.open("wb") as file:
            file.write(np.array([len(texts.sizes)], np.int64).tobytes())
            for column, kind in ((texts.offsets, np.int64), (texts.tokens, np.uint32)):
                file.write(np.ascontiguousarray(column, kind).tobytes())
            file.write(np.ascontiguousarray(texts.flags).tobytes())
        new.replace(place)

    def block(self, number: int) -> TextArrays:
        """Return the texts of a block, mapped from its file."""
        held = mapped(self._place(number), np.uint8)
        at = 8 * (2 + int(held[:8].view(np.int64)[0]))
        offsets = held[8:at].view(np.int64)
        end = at + 4 * int(offsets[-1])
        return TextArrays(held[at:end].view(np.uint32), offsets, held[end:])

    def take(self, numbers: npt.NDArray[np.int64]) -> TextArrays:
        """Return some texts, by number, ascending."""
        bounds = starts(numbers // BLOCK)
        found = [TextArrays.of(np.zeros(0, np.uint32), np.zeros(1, np.int64))]
        for low, high in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
            block = int(numbers[low]) // BLOCK
            found.append(self.block(block).take(numbers[low:high] - block * BLOCK))
        return found[0].followed_by(*found[1:])

    def _place(self, block: int) -> Path:
        return Path(self.folder, f"{block:08}")


def blocks_of(texts: int) -> int:
    """Return how many blocks so many texts are.

    >>> blocks_of(0), blocks_of(1), blocks_of(BLOCK + 1)
    (0, 1, 2)
    """
    return -(-texts // BLOCK)
