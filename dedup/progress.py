"""How a long run says where it is: a protocol, the silence the library uses, and the terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID
    from rich.text import Text as RichText


class Progress(Protocol):
    """What a stage says to those who wait for it."""

    def stage(self, name: str, total: int | None) -> None:
        """Begin the stage `name`, which ends the one before; `total` steps, None if unknown."""

    def advance(self, n: int) -> None:
        """Say that `n` more steps of the stage are done."""

    def done(self) -> None:
        """Say that the run has ended, well or badly."""


class Silent:
    """Says nothing.

    >>> progress = Silent()
    >>> progress.stage("reading", None); progress.advance(3); progress.done()
    """

    def stage(self, name: str, total: int | None) -> None:
        """Say nothing."""

    def advance(self, n: int) -> None:
        """Say nothing."""

    def done(self) -> None:
        """Say nothing."""


UNITS = {
    "read": "articles",
    "normalise": "articles",
    "add": "articles",
    "sketch": "texts",
    "compare": "bands",
    "search passages": "pairs",
    "write": "records",
}
"""What the steps of a stage are; the other stages count none and show how long they take."""


class Terminal:
    """One line on standard error for each stage: name, bar, steps, rate and remaining time.

    Steps have their unit, of a stage of known length with the total; a stage without steps shows
    its seconds. Nothing stays on the screen after `done`.
    """

    def __init__(self) -> None:
        self._bars: RichProgress | None = None
        self._task: TaskID | None = None
        self._steps = 0
        self._due = 0.0

    def stage(self, name: str, total: int | None) -> None:
        """Begin the stage `name`, which replaces the line of the one before."""
        bars = self._started()
        if self._task is not None:
            bars.remove_task(self._task)
        self._task = bars.add_task(name, total=total)
        self._steps = 0

    def advance(self, n: int) -> None:
        """Move the bar on by `n` steps; cheap enough to call for every line of a file."""
        self._steps += n
        now = time.monotonic()
        if now >= self._due and self._bars is not None and self._task is not None:
            self._bars.update(self._task, completed=self._steps)
            self._due = now + 0.1

    def done(self) -> None:
        """Take the line off the screen and give the terminal back as it was."""
        if self._bars is not None:
            self._bars.stop()
        self._bars = self._task = None

    def _started(self) -> RichProgress:
        if self._bars is not None:
            return self._bars
        from rich import progress
        from rich.console import Console
        from rich.text import Text

        class Steps(progress.ProgressColumn):
            """Steps of the stage with their unit, or its seconds."""

            def render(self, task: progress.Task) -> RichText:
                return Text(steps(task.description, task.completed, task.total, task.elapsed))

        class Rate(progress.ProgressColumn):
            """Steps a second of the stage."""

            def render(self, task: progress.Task) -> RichText:
                return Text(f"{task.speed:,.0f}/s" if task.speed else "", style="cyan")

        self._bars = progress.Progress(
            progress.SpinnerColumn(),
            progress.TextColumn("{task.description}"),
            progress.BarColumn(bar_width=30),
            Steps(),
            Rate(),
            progress.TimeRemainingColumn(compact=True),
            console=Console(stderr=True),
            transient=True,
        )
        self._bars.start()
        return self._bars


def steps(stage: str, done: float, total: float | None, seconds: float | None) -> str:
    """Return how far a stage is.

    >>> steps("read", 1200, None, 3), steps("sketch", 5, 12, 3), steps("match", 0, None, 3.4)
    ('1,200 articles', '5 of 12 texts', '3 s')
    """
    unit = UNITS.get(stage)
    if unit is None and total is None:
        return f"{seconds or 0:.0f} s"
    count = f"{done:,.0f}" if total is None else f"{done:,.0f} of {total:,.0f}"
    return f"{count} {unit}" if unit else count


def for_terminal(*, quiet: bool = False) -> Progress:
    """Return a `Terminal` when standard error is one and `quiet` is not asked for, else `Silent`.

    >>> type(for_terminal(quiet=True)).__name__
    'Silent'
    """
    return Silent() if quiet or not sys.stderr.isatty() else Terminal()


@contextmanager
def shown(*, quiet: bool) -> Iterator[Progress]:
    """Yield what `for_terminal` returns for a block, and leave nothing on the screen.

    >>> with shown(quiet=True) as progress:
    ...     progress.stage("read", None)
    """
    progress = for_terminal(quiet=quiet)
    try:
        yield progress
    finally:
        progress.done()
