"""A table in plain lines, for a terminal and for a pipe."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from unicodedata import combining, east_asian_width

from dedup.report.screen import visible


def columns(rows: Sequence[Sequence[str]], *, headed: bool = True) -> Iterator[str]:
    """Give each row as a line, its cells under each other; an empty column is left out.

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


def width(text: str) -> int:
    """Count the columns that `text` takes on a terminal.

    >>> width("abc"), width("台风")
    (3, 4)
    """
    return sum(0 if combining(c) else 1 + (east_asian_width(c) in "FW") for c in text)
