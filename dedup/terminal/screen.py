"""Running text on standard output: styled and wrapped on a terminal, plain where it is piped."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from dedup.output.diff import ADDED, NOTE, REMOVED, SAME, SHARED, Piece

if TYPE_CHECKING:
    from rich.console import Console

HEAD = "head"
"""The kind of a piece that begins a cluster; the others are named in `dedup.output.diff`."""

_MARKS = {ADDED: ("{+", "+}"), REMOVED: ("[-", "-]"), SHARED: ("[=", "=]")}
_STYLES = {
    SAME: "",
    ADDED: "bold green",
    REMOVED: "red strike",
    SHARED: "bold yellow",
    NOTE: "dim",
    HEAD: "bold cyan",
}

PIPED_WIDTH = 140
"""Columns of tables where standard output is no terminal and COLUMNS is not set."""

# Everything a terminal could take for a command, and what turns the order of what follows (Unicode
# bidi overrides, embeddings and isolates) or cannot be printed (lone surrogates); tabs and line
# breaks are dealt with by `visible`.
_CONTROLS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)
_BREAKS = re.compile("[\n\r\t\x0b\x0c\x1c-\x1f\x85\u2028\u2029]+")


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
    """Writes lines as they are, with `[-removed-]` and `{+added+}` around the words that differ.

    Where it has a width, as on a terminal without colours, lines wrap to it.
    """

    def __init__(self, width: int | None = None) -> None:
        self.width = width

    def line(self, pieces: Sequence[Piece], indent: int = 0, hang: int = 0) -> None:
        """Print the pieces on one line, or as a paragraph if there is a width."""
        marked = []
        for kind, text in pieces:
            before, after = _MARKS.get(kind, ("", ""))
            marked += [before, visible(text), after]
        text = "".join(marked).rstrip()
        for number, line in enumerate(wrapped(text, self.width, indent, hang)):
            sys.stdout.write(" " * (indent + (hang if number else 0)) + line + "\n")


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
        for number, line in enumerate(text.wrap(self._console, _room(self.width, indent, hang))):
            line.rstrip()
            self._console.print(Text(" " * (indent + (hang if number else 0))) + line)


def wrapped(text: str, width: int | None, indent: int, hang: int) -> list[str]:
    """Return a text as lines that fit between `indent` and `hang` and the edge; without one whole.

    >>> wrapped("one two three", 9, 1, 0)
    ['one two', 'three']
    """
    if width is None or len(text) * 2 + indent <= width:  # no character is wider than two columns
        return [text]
    from rich.console import Console
    from rich.text import Text

    lines = Text(text).wrap(Console(width=width), _room(width, indent, hang))
    return [line.plain.rstrip() for line in lines]


def broken(pieces: Sequence[Piece], room: int) -> list[tuple[list[Piece], int]]:
    """Return pieces as lines of at most `room` columns, each with the columns that it takes.

    >>> broken([("same", "one two "), ("added", "three")], 7)
    [([('same', 'one two')], 7), ([('added', 'three')], 5)]
    """
    from rich.console import Console
    from rich.text import Text

    text, kinds = Text(), dict[str, str]()
    for kind, part in pieces:
        text.append(visible(part), style=f"{kind}")
        kinds[kind] = kind
    found = []
    for line in text.wrap(Console(width=room), max(1, room)):
        line.rstrip()
        found.append(
            ([(str(s.style), line.plain[s.start : s.end]) for s in line.spans], line.cell_len)
        )
    return found


def _room(width: int, indent: int, hang: int) -> int:
    return max(1, width - indent - hang)


def screen() -> Screen:
    """Return the screen that fits standard output: colours only on a terminal that wants them."""
    if not sys.stdout.isatty():
        return Plain()
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") in ("dumb", "unknown"):
        return Plain(shutil.get_terminal_size().columns)
    from rich.console import Console

    return Coloured(Console(highlight=False))


def table_width(to: Screen) -> int:
    """Return the columns that a table may take on a screen."""
    if to.width is not None:
        return to.width
    given = os.environ.get("COLUMNS", "")
    return int(given) if given.isdigit() and int(given) else PIPED_WIDTH


def visible(text: str) -> str:
    r"""Return `text` on one line, control characters shown as what they are.

    >>> visible("one\n\ttwo \x1b[31m")
    'one two ␛[31m'
    """
    return _CONTROLS.sub(_picture, _BREAKS.sub(" ", text))


def _picture(control: re.Match[str]) -> str:
    code = ord(control[0])
    return chr(0x2400 + code) if code < 0x20 else "\N{REPLACEMENT CHARACTER}"
