"""Records made when they are looked at, so that a million of them take no memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar, overload

Record = TypeVar("Record")


class Records(Sequence[Record]):
    """A sequence whose records are made anew each time one is asked for.

    >>> list(Records(3, lambda row: row * row))
    [0, 1, 4]
    """

    def __init__(self, count: int, make: Callable[[int], Record]) -> None:
        self._count = count
        self._make = make

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> Record: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Record]: ...
    def __getitem__(self, index: int | slice) -> Record | Sequence[Record]:
        if isinstance(index, slice):
            return [self._make(row) for row in range(*index.indices(self._count))]
        if not -self._count <= index < self._count:
            raise IndexError(index)
        return self._make(index % self._count)


def column(records: Sequence[Any], field: str) -> Sequence[Any]:
    """Return one field of all records, without making those that are made on demand.

    >>> column([1j, 2 + 3j], "imag")
    [1.0, 3.0]
    """
    known = getattr(records, "column", None)
    found: Sequence[Any] = known(field) if known else [getattr(each, field) for each in records]
    return found
