"""A table in plain lines, for a terminal and for a pipe."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from unicodedata import combining, east_asian_width

from dedup.output.diff import NOTE, SAME
from dedup.terminal.screen import Screen, visible

INDENT = 2
"""Columns by which a table stands from the left."""


def columns(rows: Sequence[Sequence[str]], *, headed: bool = True) -> Iterator[str]:
    """Yield each row as a line, its cells under each other; an empty column is left out.

    Where the rows are `headed`, the first has the headings.

    >>> list(columns([("role", "sure", "article"), ("copy", "", "a/1"), ("excerpt", "", "b")]))
    ['role     article', 'copy     a/1', 'excerpt  b']
    """
    shown = [[visible(cell) for cell in row] for row in rows]
    widths = [max(map(width, cells)) for cells in zip(*shown, strict=True)]
    filled = [any(cells) for cells in zip(*shown[headed:], strict=True)]
    for row in shown:
        cells = zip(row, widths, filled, strict=True)
        line = "  ".join(cell + " " * (room - width(cell)) for cell, room, used in cells if used)
        yield line.rstrip()


def print_table(
    headings: Sequence[str], rows: Sequence[Sequence[str]], to: Screen, *, names: int
) -> None:
    """Print rows under their headings, each in one line if the screen has room for all.

    Else the last cells, of which there are `names`, stand in a line above the others of their row,
    the last of them first.
    """
    lines = list(columns([headings, *rows]))
    if to.width is None or max(map(width, lines)) + INDENT <= to.width:
        for number, line in enumerate(lines):
            to.line([(SAME if number else NOTE, line)], indent=INDENT)
        return
    above = columns([row[: -1 - names : -1] for row in rows], headed=False)
    head, *lines = columns([row[:-names] for row in (headings, *rows)])
    to.line([(NOTE, head)], indent=2 * INDENT)
    for name, line in zip(above, lines, strict=True):
        to.line([(SAME, name)], indent=INDENT)
        to.line([(SAME, line)], indent=2 * INDENT)


def width(text: str) -> int:
    """Count the columns that `text` takes on a terminal.

    >>> width("abc"), width("台风")
    (3, 4)
    """
    return sum(0 if combining(c) else 1 + (east_asian_width(c) in "FW") for c in text)
