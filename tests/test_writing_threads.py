"""An output folder is the same whoever writes its files, and whole or not there."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

import pytest
from made_up import wire_story

import dedup
from dedup.lazy import Records
from dedup.output import writer

NEWSROOM = Path(__file__).parents[1] / "samples" / "newsroom"


def test_two_threads_write_what_one_writes(tmp_path: Path) -> None:
    result = dedup.scan(NEWSROOM)
    for workers in (1, 2):
        writer.write(result, tmp_path / str(workers), workers=workers)
    for name in writer.NAMES:
        alone, beside = (tmp_path / str(workers) / name for workers in (1, 2))
        assert alone.read_bytes() == beside.read_bytes(), name


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("broken", ["links", "texts"])
def test_what_fails_in_either_thread_leaves_nothing(
    tmp_path: Path, workers: int, broken: str
) -> None:
    def fail(row: int) -> NoReturn:
        raise RuntimeError(f"row {row}")

    result = wire_story()
    setattr(result, broken, Records(1, fail))
    with pytest.raises(RuntimeError, match="row 0"):
        writer.write(result, tmp_path / "out", workers=workers)
    assert list(tmp_path.iterdir()) == []
