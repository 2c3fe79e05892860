"""Each side of each threshold of `dedup.index.query`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from prose import BRIDGE, changed

import dedup
from dedup.index.query import candidates, placed
from dedup.storage.local import LocalStore
from dedup.storage.protocol import PLACES, Batch


def with_postings(folder: Path, table: str, number: int) -> LocalStore:
    """A store in which one key has so many postings."""
    store = LocalStore(folder, {})
    keys, ids = np.full(number, 7, np.uint64), np.arange(number, dtype=np.uint32)
    store.append(Batch(postings={table: (keys, ids)}))
    return store


def test_a_band_proposes_the_first_eight_texts(tmp_path: Path) -> None:
    store = with_postings(tmp_path, "bands", 12)
    found = candidates({"bands": (np.array([7], np.uint64), np.array([3], np.uint32))}, store)
    assert found.tolist() == [3 << 32 | number for number in range(8)]
    store.close()


def test_64_articles_are_looked_at_in_which_a_text_stands(tmp_path: Path) -> None:
    store = with_postings(tmp_path, PLACES, 90)
    assert placed(store, [7]) == {7: (list(range(64)), 90)}
    store.close()


def test_the_eight_closest_texts_and_articles_are_told_of(tmp_path: Path) -> None:
    with dedup.Index(tmp_path / "index") as index:
        index.add_many(
            {"id": f"{n}", "text": changed(BRIDGE, 3 * n), "site": f"{n}.example"}
            for n in range(12)
        )
        found = index.query({"id": "new", "text": BRIDGE, "site": "new.example"})
    assert (len(found.hits), found.hits[0].relation) == (8, "duplicate")
    assert found.more > 0
    assert len(found.links) == 8
