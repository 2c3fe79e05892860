"""An index and its store at small size: the measurement itself, and what it rests on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks import indexing, whole_index
from dedup.storage.local import LocalStore


@pytest.mark.benchmark(group="index")
def test_an_article_is_asked_about_and_added(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    maker, store = indexing.Maker(), LocalStore(tmp_path / "index", {}, indexing.postings)
    indexing.bulk(store, maker, 3_000)
    benchmark(indexing.one_by_one, store, maker, 3)
    assert store.check() == []
    assert store.texts >= 3_000
    store.close()


def test_a_tenth_of_the_made_up_texts_meet_an_earlier_one_in_a_band() -> None:
    maker = indexing.Maker()
    earlier, later = (indexing.postings(maker.texts(1_000), 0)["bands"] for _ in range(2))
    meeting = set(later[1][np.isin(later[0], earlier[0])].tolist())
    assert 50 < len(meeting) < 200


def test_the_table_has_every_figure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("BATCH", 50), ("ROUNDS", 5), ("PLAIN", 750)):
        monkeypatch.setattr(indexing, name, value)
    text = indexing.table(1_500, str(tmp_path))
    assert "| bulk load, paragraphs/s |" in text
    assert "plain SQLite table, sorted inserts, first 750" in text
    assert list(tmp_path.iterdir()) == []


def test_the_table_of_the_whole_index_has_every_figure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whole_index, "CHUNK", 40)
    monkeypatch.setattr(whole_index, "ROUNDS", 10)
    text = whole_index.table(1_200, str(tmp_path))
    for name in ("`add_many`", "opening", "`query`", "`add`", "memory at the end"):
        assert f"| {name}" in text
    assert " 0% match" not in text
    assert list(tmp_path.iterdir()) == []
