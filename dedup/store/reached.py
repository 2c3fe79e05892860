"""A note beside the log of how far it has come, so that a log which has lost its end is found out.

SQLite takes a damaged end of its write-ahead log for one that was never finished, and drops it with
all that was committed there. So each batch is noted here once it is on the disk. The note itself
may be lost with the power, never the batch: it is behind at worst.
"""

from __future__ import annotations

import os
import struct
from contextlib import suppress
from pathlib import Path

from xxhash import xxh3_64_intdigest

_NOTE = struct.Struct("<QQ")


class Reached:
    """The note in `file`, which is made with the first batch."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._handle = -1

    def read(self) -> int:
        """Return the last batch that was noted; 0 where there is no note, or none that can be read.

        >>> Reached(Path("missing")).read()
        0
        """
        try:
            batch, digest = _NOTE.unpack(self.file.read_bytes())
        except (OSError, struct.error):
            return 0
        return int(batch) if digest == _digest(batch) else 0

    def note(self, batch: int) -> None:
        """Note a batch that is on the disk; a note that cannot be written stays behind."""
        with suppress(OSError):
            if self._handle < 0:
                self._handle = os.open(self.file, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
            os.pwrite(self._handle, _NOTE.pack(batch, _digest(batch)), 0)

    def close(self) -> None:
        """Let go of the file; closing twice does no harm."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1


def _digest(batch: int) -> int:
    return xxh3_64_intdigest(_NOTE.pack(batch, 0))
