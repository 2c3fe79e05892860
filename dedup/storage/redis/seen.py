"""Which indexes on servers this machine has seen, so that one that is gone is missed.

A folder has a mark for that. A server that lost its data has nothing left to say so, and a job that
makes its index where there is none would begin anew without a word.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from xxhash import xxh3_64_hexdigest


class Seen:
    """The note of this user that there was an index at an address.

    It lies in `$XDG_STATE_HOME/dedup`, or `~/.local/state/dedup` (`%LOCALAPPDATA%` on Windows).
    """

    def __init__(self, where: str) -> None:
        self._where = where
        variable, below = (
            ("LOCALAPPDATA", "~/AppData/Local")
            if os.name == "nt"
            else ("XDG_STATE_HOME", "~/.local/state")
        )
        user = os.path.expanduser(os.environ.get(variable) or below)  # noqa: PTH111 - may stay ~
        self.file = Path(user, "dedup", "redis", xxh3_64_hexdigest(where.encode()))

    def __bool__(self) -> bool:
        with suppress(OSError):
            return self.file.is_file()
        return False

    def forget(self) -> None:
        """Forget it: what is missed no more was deleted on purpose."""
        with suppress(OSError):
            self.file.unlink(missing_ok=True)

    def note(self) -> None:
        """Note that there is one; where that cannot be written, it will not be missed."""
        with suppress(OSError):
            if self.file.parent.parent.is_absolute() and not self.file.exists():
                self.file.parent.mkdir(parents=True, exist_ok=True)
                self.file.write_text(f"{self._where}\n", encoding="utf-8")
