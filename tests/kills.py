"""A fork that works until it is killed, and what it had said by then."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

Say = Callable[[str], None]


def killed(work: Callable[[Path, Say], None], folder: Path, moment: float) -> dict[str, int]:
    """Let a fork work, kill it so many seconds after it began; return what it had said last.

    It says `ready 0` first, then a word and a number each time something is done.
    """
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(read)
            work(folder, lambda what: _say(write, what))
        finally:
            os._exit(1)  # it must not go on as a second pytest
    os.close(write)
    with os.fdopen(read, "rb") as lines:
        assert lines.readline() == b"ready 0\n"
        time.sleep(moment)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        said = lines.read().decode().rpartition("\n")[0].split()
    return dict(zip(said[::2], map(int, said[1::2]), strict=True))


def _say(pipe: int, what: str) -> None:
    os.write(pipe, f"{what}\n".encode())
