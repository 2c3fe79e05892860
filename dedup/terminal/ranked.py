"""Tables of what weighs most, each row in one line or, where a screen is narrow, in two.

The last column is running text and takes the room that is left. Names give way first, then columns
that can be spared; at last the text goes to a line of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from dedup.output.diff import NOTE, SAME
from dedup.terminal.screen import HEAD, Screen, table_width, visible, wrapped

LONGEST_NAMES = (32, 20, 14)
"""Characters of a name that are shown, by the room that there is."""

LEAST_ROOM = 24
"""Columns that a table's last column has at least; on narrower screens it has its own line. Higher
breaks rows in two sooner: at 24 a row shows four words."""

LONGEST_TEXT = 600
"""Characters of a text that a cell takes up."""

_GAP = "  "
_INDENT = 2


class Column(NamedTuple):
    """A column of a table."""

    heading: str
    number: bool = False
    """Set to the right."""
    name: bool = False
    """May be shortened."""
    spare: int = 0
    """Left out where there is no room, the lowest first; 0: never."""


def print_ranked(
    title: str, columns: Sequence[Column], rows: Sequence[Sequence[str]], to: Screen
) -> None:
    """Print a title, headings and rows; the cells of the last column are running text."""
    total = table_width(to)
    cells = [[visible(cell[:LONGEST_TEXT]) for cell in row] for row in rows]
    shown, most, room = _fitting(columns, cells, total)
    for part in wrapped(visible(title), total, 0, 0):
        to.line([(HEAD, part)])
    headings = [column.heading for column in columns]
    grid = [
        [_short(row[n], most) if columns[n].name else row[n] for n in shown]
        for row in [headings, *cells]
    ]
    widths = [max(_width(row[n]) for row in grid) for n in range(len(shown))]
    right = [columns[n].number for n in shown]
    for number, (row, whole) in enumerate(zip(grid, [headings, *cells], strict=True)):
        line = _GAP.join(map(_set, row, widths, right))
        last = _cut(whole[-1], max(room, total - _INDENT if room < LEAST_ROOM else room))
        kind = SAME if number else NOTE
        if room >= LEAST_ROOM:
            to.line([(kind, f"{line}{_GAP}{last}")])
            continue
        to.line([(kind, line)])
        if number:
            to.line([(kind, last)], indent=_INDENT)


def _fitting(
    columns: Sequence[Column], cells: Sequence[Sequence[str]], total: int
) -> tuple[list[int], int, int]:
    """Return the columns that are shown, the characters of names, and the room of the last one."""
    spared = sorted({column.spare for column in columns if column.spare})
    steps = [(most, 0) for most in LONGEST_NAMES]
    steps += [(LONGEST_NAMES[-1], spare) for spare in spared]
    fits = [(*step, total - _taken(columns, cells, *step)) for step in steps]
    enough = next((step for step in fits if step[2] >= LEAST_ROOM), None)
    most, spare, room = enough or next((step for step in fits if step[2] >= 0), fits[-1])
    return _kept(columns, spare), most, room


def _kept(columns: Sequence[Column], spare: int) -> list[int]:
    return [n for n, c in enumerate(columns[:-1]) if not c.spare or c.spare > spare]


def _taken(columns: Sequence[Column], cells: Sequence[Sequence[str]], most: int, spare: int) -> int:
    """Return how wide all columns but the last are, with the gaps behind them."""
    shown = _kept(columns, spare)
    rows = [[column.heading for column in columns], *cells]
    widths = [
        max(_width(_short(row[n], most) if columns[n].name else row[n]) for row in rows)
        for n in shown
    ]
    return sum(widths) + len(_GAP) * len(widths)


def _short(name: str, most: int) -> str:
    """Shorten a name: of a path the end says most, of anything else the beginning.

    >>> _short("northline/ferry-aground.txt", 14), _short("northline.example.org", 14)
    ('…y-aground.txt', 'northline.exa…')
    """
    if len(name) <= most:
        return name
    return "…" + name[1 - most :] if "/" in name else name[: most - 1] + "…"


def _cut(text: str, room: int) -> str:
    from rich.text import Text

    cut = Text(text)
    cut.truncate(max(1, room), overflow="ellipsis")
    return cut.plain


def _set(text: str, width: int, right: bool) -> str:  # for map
    fill = " " * (width - _width(text))
    return fill + text if right else text + fill


def _width(text: str) -> int:
    from rich.cells import cell_len

    return cell_len(text)
