"""Running text on standard output: styled and wrapped on a terminal, plain where it is piped."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from dedup.terminal.diff import ADDED, NOTE, REMOVED, SAME, Piece

if TYPE_CHECKING:
    from rich.console import Console

HEAD = "head"
"""The kind of a piece that begins a cluster; the others are named in `dedup.terminal.diff`."""

_MARKS = {ADDED: ("{+", "+}"), REMOVED: ("[-", "-]")}
_STYLES = {SAME: "", ADDED: "bold green", REMOVED: "red strike", NOTE: "dim", HEAD: "bold cyan"}

# Everything a terminal could take for a command; tabs and line breaks are dealt with by `visible`.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_MARKS_OF_DIRECTION = re.compile("[\u061c\u200e\u200f]")
"""They belong to running text of some scripts; here they would turn what stands beside it."""


class Screen(Protocol):
    """Takes lines made of pieces."""

    @property
    def width(self) -> int | None:
        """Columns that a line may have; None where lines are not wrapped."""

    def line(self, pieces: Sequence[Piece], indent: int = 0, hang: int = 0) -> None:
        """Print one line, or a paragraph that wraps, `indent` columns from the left.

        What is wrapped stands `hang` columns further in.
        """


class Plain:
    """Writes lines as they are, with `[-removed-]` and `{+added+}` around the words that differ."""

    width: int | None = None

    def line(self, pieces: Sequence[Piece], indent: int = 0, hang: int = 0) -> None:  # noqa: ARG002
        """Print the pieces on one line; it is not wrapped."""
        marked = []
        for kind, text in pieces:
            before, after = _MARKS.get(kind, ("", ""))
            marked += [before, visible(text), after]
        sys.stdout.write(" " * indent + "".join(marked).rstrip() + "\n")


class Coloured:
    """Shows removed words struck out in red and added ones in bold green."""

    def __init__(self, console: Console) -> None:
        self._console = console

    @property
    def width(self) -> int:
        """Columns of the terminal."""
        return self._console.width

    def line(self, pieces: Sequence[Piece], indent: int = 0, hang: int = 0) -> None:
        """Print the pieces as one paragraph, wrapped to the terminal's width."""
        from rich.text import Text

        text = Text.assemble(*((visible(text), _STYLES[kind]) for kind, text in pieces))
        for number, line in enumerate(text.wrap(self._console, self.width - indent - hang)):
            line.rstrip()
            self._console.print(Text(" " * (indent + (hang if number else 0))) + line)


def screen() -> Screen:
    """Return the screen that fits standard output: colours only on a terminal that wants them."""
    if not sys.stdout.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return Plain()
    from rich.console import Console

    return Coloured(Console(highlight=False))


def visible(text: str) -> str:
    r"""Return `text` on one line, control characters shown as what they are.

    Those that turn the direction of writing are controls, too.

    >>> visible("one\n\ttwo \x1b[31m"), visible("fdp\u202etxt.\u200f")
    ('one two ␛[31m', 'fdp�txt.')
    """
    line = re.sub(r"[\n\r\t\x0b\x0c\x1c-\x1f\x85\u2028\u2029]+", " ", text)
    return _CONTROLS.sub(_picture, _MARKS_OF_DIRECTION.sub("", line))


def _picture(control: re.Match[str]) -> str:
    code = ord(control[0])
    return chr(0x2400 + code) if code < 0x20 else "\N{REPLACEMENT CHARACTER}"
