"""Many kernels compiled at once, on every core: the first run of a machine waits for little else.

The compiler holds the interpreter's lock, so threads are of no use. Each core has a process that
is told one kernel after another and writes it to where kernels are kept; this process meanwhile
reads what there is to read. Processes that cannot be started or die cost time, nothing else: what
they leave is compiled by who asked for it.
"""

from __future__ import annotations

import contextlib
import gc
import os
import subprocess
import sys
from collections import deque
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import Protocol

from dedup import portable
from dedup._jit.cache import writable

PROCESSES = 4
"""Processes that compile at most; higher is faster until start-up outweighs it, and takes 300 MB
each meanwhile."""


class Unit(Protocol):
    """A kernel, as `dedup._jit.kernels` has it."""

    __module__: str
    __name__: str

    def ready(self) -> object:
        """Load or compile it."""


def cores() -> int:
    """Return the cores that this process may use, `PROCESSES` at most."""
    return min(PROCESSES, portable.cores())


class Compiling:
    """Kernels that are being compiled in other processes; those that take longest come first."""

    def __init__(self, units: Sequence[Unit], processes: int) -> None:
        self._waiting = deque(units)
        python = Path(sys.executable or "none").name.lower()
        if not python.startswith(("python", "pypy")):  # embedded: who knows what that would start
            processes = 0
        # A run that ends before them does not wait: their processes end when nobody asks for more.
        self._threads = [
            Thread(target=_delegate, args=(self._waiting,), daemon=True) for _ in range(processes)
        ]
        for thread in self._threads:
            thread.start()

    def wait(self) -> None:
        """Wait until the processes have compiled all, or ended."""
        try:
            for thread in self._threads:
                thread.join()
        finally:
            self._waiting.clear()


def _next(waiting: deque[Unit]) -> Unit | None:
    with contextlib.suppress(IndexError):
        return waiting.popleft()
    return None


def _delegate(waiting: deque[Unit]) -> None:
    """Have one process compile what waits."""
    paths = [str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")]
    try:
        environment = {
            **os.environ,
            "DEDUP_CACHE_DIR": str(writable().parent),
            "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        }
        process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            bufsize=1,
        )
    except OSError:
        return
    with contextlib.suppress(OSError), process:  # one that has ended takes no more
        assert process.stdin
        assert process.stdout
        try:
            while unit := _next(waiting):
                process.stdin.write(f"{unit.__module__} {unit.__name__}\n")
                if not process.stdout.readline():
                    return
        finally:
            process.kill()


def main() -> None:
    """Compile the kernels that standard input names, a module and a name a line."""
    gc.disable()  # to look for garbage all the time takes a tenth of it
    for line in sys.stdin:
        module, name = line.split()
        getattr(import_module(module), name).ready()
        sys.stdout.write("done\n")
        sys.stdout.flush()
        gc.collect()
        gc.freeze()  # what is left now is numba's own, and stays


if __name__ == "__main__":
    main()
