"""Rows of the log, asked for by number."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from dedup.errors import DamagedError
from dedup.storage.codec import NO_TEXT
from dedup.storage.sqlite_log import Log


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    """Texts 0 to 9, of which 4 and 5 were cut out."""
    with closing(Log(tmp_path / "log", read_only=False, head=[(1, b"{}")])) as opened:
        with opened.transaction():
            opened.put("texts", ((number, b"text %d" % number) for number in range(10)))
            opened.cut({"texts": [4, 6]})
        yield opened


@pytest.mark.parametrize(
    "numbers",
    [
        [3],
        [4],
        [0, 1, 2, 3],
        range(6, 10),
        [2, 3, 4, 5, 6],
        [3, 2, 1],
        [1, 1, 2],
        [1, 1, 3],
        [9, 0, 9],
        [7, 0, 4, 8],
    ],
)
def test_rows_come_in_the_order_asked_for_as_often_as_asked_for(
    log: Log, numbers: list[int]
) -> None:
    expected = [NO_TEXT if number in (4, 5) else b"text %d" % number for number in numbers]
    assert log.get("texts", numbers) == expected


@pytest.mark.parametrize("numbers", [[10], [8, 9, 10], [10, 0]])
def test_a_row_that_is_not_there_is_told(log: Log, numbers: list[int]) -> None:
    with pytest.raises(DamagedError, match="row 10 of texts is missing"):
        log.get("texts", numbers)


@pytest.mark.parametrize("record", [b"", b"text 2 of another", None, 0])
@pytest.mark.parametrize("numbers", [[2], [1, 2, 3], [2, 0]])
def test_a_row_that_is_not_what_was_written_is_told(
    log: Log, record: object, numbers: list[int]
) -> None:
    with closing(sqlite3.connect(log.file, isolation_level=None)) as other:
        other.execute(
            "UPDATE texts SET record = coalesce(?, zeroblob(4)) WHERE number = 2", (record,)
        )
    with pytest.raises(DamagedError, match="row 2 of texts is not what was written"):
        log.get("texts", numbers)
    assert log.get("texts", [0, 1]) == [b"text 0", b"text 1"]
