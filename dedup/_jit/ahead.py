"""Many kernels compiled at once, on every core: the first run of a machine waits for little else.

The compiler holds the interpreter's lock, so threads are of no use. Each core has a process that
is told one kernel after another and writes it to where kernels are kept; this process meanwhile
reads what there is to read. Where several runs begin at once, one of them compiles a kernel and the
others load it. Processes that cannot be started or die cost time, nothing else: what they leave is
compiled by who asked for it.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from threading import Condition, Thread
from typing import Protocol

from dedup import portable
from dedup._jit import lean
from dedup._jit.cache import Kept, writable

PROCESSES = 4
"""Processes that compile at most; higher is faster until start-up outweighs it, and takes 300 MB
each meanwhile."""


class Unit(Protocol):
    """A kernel, as `dedup._jit.kernels` has it."""

    __module__: str
    __name__: str

    @property
    def kept(self) -> Kept:
        """Where its machine code is kept."""

    def ready(self) -> object:
        """Load or compile it."""


def cores() -> int:
    """Return the cores that this process may use, `PROCESSES` at most."""
    return min(PROCESSES, portable.cores())


class Compiling:
    """Kernels that are being compiled in other processes, in this order."""

    def __init__(self, units: Sequence[Unit], processes: int) -> None:
        self._waiting = deque(units)
        self._left = set(units)
        self._changed = Condition()
        python = Path(sys.executable or "none").name.lower()
        if not python.startswith(("python", "pypy")):  # embedded: who knows what that would start
            processes = 0
        self._at_work = processes
        # A run that ends before them does not wait: their processes end when nobody asks for more.
        for _ in range(processes):
            Thread(target=self._work, daemon=True).start()

    def wait(self, unit: Unit | None = None) -> None:
        """Wait until the processes have compiled a unit, which is next, or all; or have ended."""
        try:
            with self._changed:
                if unit is not None and unit in self._waiting:
                    self._waiting.remove(unit)
                    self._waiting.appendleft(unit)
                self._changed.wait_for(
                    lambda: not self._at_work or (unit is not None and unit not in self._left)
                )
        except BaseException:  # nobody asks for more
            self._waiting.clear()
            raise

    def ended(self) -> bool:
        """Tell whether no process is left."""
        return not self._at_work

    def _next(self) -> Unit | None:
        with self._changed:
            return self._waiting.popleft() if self._waiting else None

    def _work(self) -> None:
        try:
            self._delegate()
        finally:
            with self._changed:
                self._at_work -= 1
                self._changed.notify_all()

    def _delegate(self) -> None:
        """Have one process compile what waits."""
        try:
            process = _process()
        except OSError:
            return
        with suppress(OSError), process:  # one that has ended takes no more
            assert process.stdin
            assert process.stdout
            try:
                while unit := self._next():
                    process.stdin.write(f"{unit.__module__} {unit.__name__}\n")
                    if not process.stdout.readline():
                        return
                    with self._changed:
                        self._left.discard(unit)
                        self._changed.notify_all()
            finally:
                process.kill()


def _process() -> subprocess.Popen[str]:
    """Start a process that compiles; raises `OSError` where that is not to be had."""
    paths = [str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")]
    environment = {
        **os.environ,
        "DEDUP_CACHE_DIR": str(writable().parent),
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
    }
    return subprocess.Popen(
        [sys.executable, "-m", __name__],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        bufsize=1,
    )


def main() -> None:
    """Compile the kernels that standard input names, a module and a name a line."""
    gc.disable()  # to look for garbage all the time takes a tenth of it
    with suppress(ImportError, AttributeError):
        lean.spare()
    for line in sys.stdin:
        module, name = line.split()
        unit: Unit = getattr(import_module(module), name)
        with unit.kept.in_turn():
            unit.ready()
        sys.stdout.write("done\n")
        sys.stdout.flush()
        gc.collect()
        gc.freeze()  # what is left now is numba's own, and stays


if __name__ == "__main__":
    main()
