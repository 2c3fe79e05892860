"""One writer at a time: a lock on a file, which ends with the process that holds it."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from dedup import portable
from dedup.errors import LockedError

HOLDER = "holder"
"""The file beside the lock that tells the others which process holds it."""


class Lock:
    """Holds `file` for this process, or raises `LockedError` after `wait` seconds of trying.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     lock = Lock(Path(folder, "lock"), 0)
    ...     lock.release()
    """

    def __init__(self, file: Path, wait: float) -> None:
        self._holder = file.with_name(HOLDER)
        try:
            self._lock: portable.Lock | None = portable.Lock(file, wait)
        except portable.Held:
            raise LockedError(
                f"{file.parent}: process {self._named()} writes this index and did not end within "
                f"{wait:g} seconds; wait longer, end it, or open the index for reading only"
            ) from None
        with suppress(OSError):  # only the message above lacks it
            self._holder.unlink(missing_ok=True)  # a link too: it is not followed
            with self._holder.open("x", encoding="ascii") as out:
                out.write(str(os.getpid()))

    def _named(self) -> str:
        try:
            return self._holder.read_text("ascii", "replace")[:20] or "unknown"
        except OSError:
            return "unknown"

    def release(self) -> None:
        """Let others write; once more does no harm."""
        if self._lock is not None:
            with suppress(OSError):
                self._holder.unlink(missing_ok=True)
            self._lock.release()
            self._lock = None
