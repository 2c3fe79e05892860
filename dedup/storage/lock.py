"""One writer at a time: a lock on a file, which ends with the process that holds it."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

from dedup.errors import LockedError

_STEP = 0.02  # seconds between two tries


class Lock:
    """Holds `file` for this process, or raises `LockedError` after `wait` seconds of trying.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     lock = Lock(Path(folder, "lock"), 0)
    ...     lock.release()
    """

    def __init__(self, file: Path, wait: float) -> None:
        self._handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            self._take(file, time.monotonic() + wait, wait)
            os.ftruncate(self._handle, 0)
            os.pwrite(self._handle, str(os.getpid()).encode(), 0)
        except BaseException:
            self.release()
            raise

    def _take(self, file: Path, until: float, wait: float) -> None:
        while True:
            try:
                fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() < until:
                    time.sleep(_STEP)
                    continue
                holder = os.pread(self._handle, 20, 0).decode("ascii", "replace") or "unknown"
                raise LockedError(
                    f"{file.parent}: process {holder} writes this index and did not end within "
                    f"{wait:g} seconds; wait longer, end it, or open the index for reading only"
                ) from None
            else:
                return

    def release(self) -> None:
        """Let others write; once more does no harm."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1
