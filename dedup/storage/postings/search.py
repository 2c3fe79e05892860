"""Looking keys up in several files of postings at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from dedup.storage.postings.blocks import BLOCK, locate, read
from dedup.storage.postings.segment import BadSegmentError, Segment

_SAMPLE = 4  # blocks that are looked for in memory before many are read


class Search:
    """What kernels need to look into open files; made again when another filter was read."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self.segments = segments
        self._filters = [segment.bits for segment in segments]  # kept: the table points at them
        rows = [s.row(bits) for s, bits in zip(segments, self._filters, strict=True)]
        self._table = np.array(rows, np.int64)

    def fits(self, segments: Sequence[Segment]) -> bool:
        """Return whether it is of these files, with the filters that they have now."""
        if segments is not self.segments:
            return False
        return all(bits is s.bits for bits, s in zip(self._filters, segments, strict=True))

    def find(
        self, keys: npt.NDArray[np.uint64], most: int, totals: npt.NDArray[np.int64]
    ) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint32]]:
        """Return (number of the key, id) of what is found; see `postings.blocks.read`.

        Raises `BadSegmentError` where a block is not what was written.
        """
        if not self.segments:
            return np.empty(0, np.int32), np.empty(0, np.uint32)
        which, places, blocks = locate(self._table, keys)
        if not len(which):
            return np.empty(0, np.int32), np.empty(0, np.uint32)
        self._prefetch(which, blocks)
        bad = np.zeros(1, np.int64)
        found, ids, row = read(self._table, which, places, blocks, keys, most, totals, bad)
        if row >= 0:
            segment, block = self.segments[int(which[row])], int(bad[0])
            segment.read(block * BLOCK, block * BLOCK + 1)  # says what is wrong
            raise BadSegmentError(segment.path, "a block was damaged when it was read")
        return found, ids

    def _prefetch(self, which: npt.NDArray[np.int32], blocks: npt.NDArray[np.int64]) -> None:
        """Ask the system for blocks, where a sample of them is not in memory already."""
        step = len(blocks) // _SAMPLE + 1
        sample = zip(which[::step].tolist(), blocks[::step].tolist(), strict=True)
        if all(self.segments[file].near(block) for file, block in sample):
            return
        for file, block in zip(which.tolist(), blocks.tolist(), strict=True):
            self.segments[file].ask(block)
