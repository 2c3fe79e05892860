"""The measurement of stores that several machines share, at small size."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from benchmarks import shared_indexing


def test_the_table_has_a_row_for_each_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if shutil.which("redis-server") is None:
        pytest.skip("redis-server is not installed")
    pytest.importorskip("redis")
    monkeypatch.setattr(shared_indexing, "ROUNDS", 2)
    monkeypatch.setattr(shared_indexing, "FILL", 5)
    text = shared_indexing.table(150, str(tmp_path))
    for name in ("dedup, Redis", "datasketch, Redis", "dedup, folder"):
        assert f"| {name} |" in text
    assert list(tmp_path.iterdir()) == []
