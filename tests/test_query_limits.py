"""Each side of each threshold of `dedup.index.query` and `dedup.index.neighbours`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from prose import BRIDGE, HERRING, changed, numbered

import dedup
from dedup.index.query import candidates, placed
from dedup.storage.local import LocalStore
from dedup.storage.protocol import PLACES, Batch

NONE = np.zeros(0, bool)


def with_postings(folder: Path, table: str, number: int) -> LocalStore:
    """A store in which one key has so many postings."""
    store = LocalStore(folder, {})
    keys, ids = np.full(number, 7, np.uint64), np.arange(number, dtype=np.uint32)
    store.append(Batch(postings={table: (keys, ids)}))
    return store


def test_a_band_proposes_the_first_eight_texts(tmp_path: Path) -> None:
    store = with_postings(tmp_path, "bands", 12)
    found = candidates({"bands": (np.array([7], np.uint64), np.array([3], np.uint32))}, store, NONE)
    assert found.tolist() == [3 << 32 | number for number in range(8)]
    store.close()


def test_64_articles_are_looked_at_in_which_a_text_stands(tmp_path: Path) -> None:
    store = with_postings(tmp_path, PLACES, 90)
    assert placed(store, [7], NONE) == {7: (list(range(64)), 90)}
    gone = np.arange(100) < 20
    assert placed(store, [7], gone) == {7: (list(range(20, 84)), 90)}
    assert placed(store, [7], np.arange(100) < 89) == {7: ([89], 90)}
    assert placed(store, [7], np.ones(90, bool)) == {7: ([], 90)}
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


def test_of_boilerplate_what_closer_boilerplate_holds_is_counted_alone(tmp_path: Path) -> None:
    footer = "Sign up for our newsletter and read the best of the valley every Sunday morning"
    pages = (
        {"id": f"{n}-{page}", "text": f"{numbered(99 * n + 9 * page, 9)}\n{changed(footer, n)}"}
        for n in range(6)
        for page in range(12)
    )
    with dedup.Index(tmp_path / "index") as index:
        for page in pages:
            index.add({**page, "site": "herald.example"})
        last = {"id": "x", "text": changed(footer, 9), "site": "herald.example"}
        found = index.query(last)
    assert [hit.relation for hit in found.hits] == ["boilerplate"] * 2
    assert found.more == 4
    words = {word for hit in found.hits for i, j in hit.spans for word in last["text"][i:j].split()}
    assert words == {*last["text"].split()} - {"otherwise9"}


def test_articles_are_read_until_eight_of_different_ids_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with dedup.Index(tmp_path / "index") as index:
        for revision in range(20):  # of one page, each with all of the words
            index.add({"id": "page", "text": f"{BRIDGE}\n{HERRING}\n{numbered(revision, 9)}"})
        for n in range(9):
            text = f"{BRIDGE}\n{HERRING}\n{numbered(200 + 10 * n, 9)}"
            index.add({"id": f"{n}", "text": text, "site": f"{n}.example"})
        asked = {"id": "new", "text": f"{BRIDGE}\n{HERRING}", "site": "new.example"}
        found = index.query(asked)
        linked = {*(link.a for link in found.links), *(link.b for link in found.links)}
        assert linked == {"new", "page", *"0123456"}
        monkeypatch.setattr("dedup.index.neighbours.READ", 16)
        assert len(index.query(asked).links) == 1
