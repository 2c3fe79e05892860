"""Fields of records that stand in arrays: what each is to Python, and what it is in JSON.

Records and the lines of files are made of the same fields, so that they cannot tell two things.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from dedup._jit.kernels import in_order
from dedup.output import json_cells
from dedup.output.json_cells import Cells
from dedup.text.arrays import stretches
from dedup.text.corpus import Corpus

Rows = npt.NDArray[np.int64]
"""int64[rows]: numbers of rows."""

BLOCK = 1 << 20
"""Bytes of lines, roughly, that are made at a time."""

_AHEAD = 4
"""Blocks a thread that may be ready before the first of them is taken."""


class Field(Protocol):
    """One field of many records."""

    def value(self, row: int) -> Any:
        """Return what the record of a row holds."""

    def cells(self, rows: Rows) -> Cells:
        """Return what the lines of some rows hold."""


Fields = Mapping[str, Field]
"""The fields of a line by name, in their order."""


def record(fields: Fields, row: int) -> dict[str, Any]:
    """Return the values of one row by name.

    >>> record({"words": Whole(np.array([3, 4]))}, 1)
    {'words': 4}
    """
    return {name: one.value(row) for name, one in fields.items()}


def lines(
    fields: Fields, sizes: npt.NDArray[np.integer[Any]], workers: int
) -> Iterator[tuple[int, bytes]]:
    r"""Yield the lines of all rows, block by block, each with its number of rows.

    `sizes`, [rows], is how many bytes each line has, roughly.

    >>> list(lines({"words": Whole(np.array([3, 4]))}, np.array([12, 12]), 1))
    [(2, b'{"words":3}\n{"words":4}\n')]
    """
    before = np.append(0, np.cumsum(sizes, dtype=np.int64))
    marks = np.arange(0, before[-1], BLOCK)
    cuts = np.unique(np.append(np.searchsorted(before, marks), len(sizes))).tolist()
    ranges = list(pairwise([int(cut) for cut in cuts]))

    def block(of: tuple[int, int]) -> tuple[int, bytes]:
        rows = np.arange(*of)
        cells = {name: one.cells(rows) for name, one in fields.items()}
        return len(rows), json_cells.lines(cells)

    step = _AHEAD * workers  # what is ready and not yet taken is bounded
    for low in range(0, len(ranges), step):
        yield from in_order(block, ranges[low : low + step], workers)


@dataclass(frozen=True, eq=False)
class Whole:
    """Whole numbers from 0 on."""

    numbers: npt.NDArray[np.integer[Any]]

    def value(self, row: int) -> int:
        """Return a number."""
        return int(self.numbers[row])

    def cells(self, rows: Rows) -> Cells:
        """Return the numbers."""
        return json_cells.wholes(self.numbers[rows])


@dataclass(frozen=True, eq=False)
class Rounded:
    """Numbers from 0 on that are rounded in files."""

    numbers: npt.NDArray[np.float32]
    digits: int

    def value(self, row: int) -> float:
        """Return a number, not rounded."""
        return float(self.numbers[row])

    def cells(self, rows: Rows) -> Cells:
        """Return the numbers, rounded."""
        return json_cells.rounded(self.numbers[rows], self.digits)


@dataclass(frozen=True, eq=False)
class Id:
    """Ids of texts, by their number."""

    keys: npt.NDArray[np.uint64]
    """uint64[texts, 2]"""
    texts: npt.NDArray[np.integer[Any]]

    def value(self, row: int) -> str:
        """Return the id of a text."""
        key: bytes = self.keys[self.texts[row]].astype(">u8").tobytes()
        return key.hex()

    def cells(self, rows: Rows) -> Cells:
        """Return the ids."""
        return json_cells.hexes(self.keys[self.texts[rows]])


@dataclass(frozen=True, eq=False)
class OneOf:
    """One of a few values, by its number."""

    values: Sequence[Any]
    numbers: npt.NDArray[np.integer[Any]]

    def value(self, row: int) -> Any:
        """Return a value."""
        return self.values[self.numbers[row]]

    def cells(self, rows: Rows) -> Cells:
        """Return the values."""
        return self._cells.take(self.numbers[rows])

    @functools.cached_property
    def _cells(self) -> Cells:
        return json_cells.values(self.values)


@dataclass(frozen=True, eq=False)
class Made:
    """Strings that a function makes, by row."""

    value: Callable[[int], str]

    def cells(self, rows: Rows) -> Cells:
        """Return the strings."""
        return json_cells.strings(list(map(self.value, rows.tolist())))


@dataclass(frozen=True, eq=False)
class Written:
    """Paragraphs as they stand in their articles."""

    corpus: Corpus
    paragraphs: Rows

    def value(self, row: int) -> str:
        """Return a paragraph."""
        return self.corpus.written(int(self.paragraphs[row]))

    def cells(self, rows: Rows) -> Cells:
        """Return the paragraphs."""
        return json_cells.strings(self.corpus.all_written(self.paragraphs[rows]))


@dataclass(frozen=True, eq=False)
class Taken:
    """Some rows of another field."""

    field: Field
    rows: Rows

    def value(self, row: int) -> Any:
        """Return a value."""
        return self.field.value(int(self.rows[row]))

    def cells(self, rows: Rows) -> Cells:
        """Return the values."""
        return self.field.cells(self.rows[rows])


@dataclass(frozen=True, eq=False)
class One:
    """A record within a record, by its row in other fields."""

    make: Callable[[int], Any]
    """Makes the record of a row there."""
    fields: Fields
    """What its object has in files."""
    at: Rows

    def value(self, row: int) -> Any:
        """Return the record."""
        return self.make(int(self.at[row]))

    def cells(self, rows: Rows) -> Cells:
        """Return the objects."""
        found = _objects(self.fields, self.at[rows])
        return found._replace(starts=found.starts + 1)  # without its comma


@dataclass(frozen=True, eq=False)
class Many:
    """Records within a record: stretches of the rows of other fields."""

    make: Callable[[int], Any]
    """Makes the record of a row there."""
    fields: Fields
    """What its object has in files."""
    order: Rows
    """int64[inner rows]: the rows there, one record's after another's."""
    first: Rows
    """int64[rows]: where those of each record begin in `order`."""
    last: Rows
    """int64[rows]: one past their end."""

    def value(self, row: int) -> tuple[Any, ...]:
        """Return the records."""
        return tuple(map(self.make, self.order[self.first[row] : self.last[row]].tolist()))

    def cells(self, rows: Rows) -> Cells:
        """Return the lists of objects."""
        inner, bounds = stretches(self.first[rows], self.last[rows] - self.first[rows])
        return json_cells.lists(_objects(self.fields, self.order[inner]), bounds)


def _objects(fields: Fields, rows: Rows) -> Cells:
    return json_cells.objects({name: one.cells(rows) for name, one in fields.items()})
