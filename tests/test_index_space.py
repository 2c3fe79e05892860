"""What `remove` and `compact` give back: the space, and every hash of what was taken out."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from index_batches import META, article, derive, texts
from prose import BRIDGE, HERRING, LIBRARY, changed, yards

from dedup.errors import DamagedError, OutputError
from dedup.index.index import Index
from dedup.storage.local import LocalStore
from dedup.storage.protocol import Batch
from dedup.storage.sqlite_log import Log

NUMBER = 300
TEXTS = yards(11, NUMBER, 60)


def filled(path: Path, numbers: range) -> None:
    with Index(path) as index:
        index.add_many(
            {"id": f"{n:03}", "text": f"{TEXTS[n]}\n{BRIDGE}", "site": "a.example"} for n in numbers
        )


def size(path: Path) -> int:
    return sum(file.stat().st_size for file in path.iterdir())


def emptied(path: Path, numbers: range) -> None:
    with Index(path) as index:
        for n in numbers:
            assert index.remove(f"{n:03}")
        index.compact()
        assert index.check() == []


def test_two_thirds_removed_leave_little_more_than_a_new_index_takes(tmp_path: Path) -> None:
    filled(tmp_path / "i", range(NUMBER))
    filled(tmp_path / "new", range(200, NUMBER))
    for name in ("i", "new"):
        with Index(tmp_path / name) as index:
            index.compact()
    before, fresh = size(tmp_path / "i"), size(tmp_path / "new")
    emptied(tmp_path / "i", range(200))
    assert size(tmp_path / "i") < fresh + 0.15 * before


def test_an_article_that_names_a_text_which_is_not_there_is_damage(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "i", META)
    held = texts([[2, 4, 6, 8, 10]])
    store.append(Batch([article(1, "a", [0]), article(2, "b", [1])], held, derive(held, 0)))
    with pytest.raises(DamagedError, match="article 2 has a text that is not there"):
        store.compact()
    store.close()


def test_answers_stay_those_of_what_is_left(tmp_path: Path) -> None:
    filled(tmp_path / "i", range(NUMBER))
    reader = Index(tmp_path / "i", read_only=True)
    assert reader.query({"id": "x", "text": changed(TEXTS[7], 9, 30)}).closest == "007"
    emptied(tmp_path / "i", range(200))
    with Index(tmp_path / "i") as index:
        for opened in (index, reader):
            gone = opened.query({"id": "x", "text": changed(TEXTS[7], 9, 30)})
            assert (gone.is_new, gone.hits) == (True, ())
            left = opened.query({"id": "x", "text": changed(TEXTS[250], 9, 30)})
            assert left.closest == "250"
            assert opened.query({"id": "x", "text": BRIDGE}).hits[0].article == "200"
        assert index.add({"id": "again", "text": TEXTS[7]}).is_new
        assert reader.query({"id": "x", "text": TEXTS[7]}).closest == "again"
        assert index.add({"id": "007", "text": HERRING}).revision == 1
        assert len(index.settle().articles) == 102
        index.compact()
        assert index.check() == []
    reader.close()


def test_no_hash_of_a_word_that_only_removed_articles_hold_is_left(tmp_path: Path) -> None:
    filled(tmp_path / "i", range(3))
    with Index(tmp_path / "i") as index:
        index.add({"id": "secret", "text": f"{HERRING}\n{BRIDGE}"})
        index.compact()
    base = sqlite3.connect(tmp_path / "i" / "log")
    rows = [row for (row,) in base.execute("SELECT record FROM texts")]
    base.close()
    held = (tmp_path / "i" / "log").read_bytes()
    secret = rows[-1][24:64]  # ten tokens, after its sum and key
    assert secret in held
    with Index(tmp_path / "i") as index:
        index.remove("secret")
        index.compact()
        assert index.get("000") is not None
    files = b"".join(file.read_bytes() for file in (tmp_path / "i").iterdir())
    assert secret not in files
    assert all(row[24:64] in files for row in rows[:-1])


def test_files_of_postings_are_made_again_as_they_were_compacted(tmp_path: Path) -> None:
    filled(tmp_path / "i", range(NUMBER))
    emptied(tmp_path / "i", range(0, NUMBER, 2))
    for file in (tmp_path / "i").glob("*.postings"):
        file.unlink()
    with Index(tmp_path / "i") as index:
        assert index.query({"id": "x", "text": TEXTS[7]}).closest == "007"
        assert index.query({"id": "x", "text": TEXTS[8]}).closest != "008"
        assert index.check() == []


def test_all_may_be_removed(tmp_path: Path) -> None:
    filled(tmp_path / "i", range(5))
    emptied(tmp_path / "i", range(5))
    with Index(tmp_path / "i") as index:
        index.compact()
        assert index.query(BRIDGE).is_new
        assert index.add({"id": "000", "text": LIBRARY}).is_new
        assert not index.query({"id": "x", "text": LIBRARY}).is_new
    with Index(tmp_path / "i", read_only=True) as index:
        assert not index.query({"id": "x", "text": LIBRARY}).is_new


def test_a_disk_that_is_full_leaves_the_index_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(tmp_path / "i", range(40))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with Index(tmp_path / "i") as index:
        for n in range(20):
            index.remove(f"{n:03}")
        with monkeypatch.context() as broken:
            broken.setattr(Log, "cut", full)
            with pytest.raises(OutputError, match="No space left"):
                index.compact()
        assert index.check() == []
        assert index.query({"id": "x", "text": TEXTS[30]}).closest == "030"
        index.compact()
        assert index.check() == []
    assert len(list((tmp_path / "i").glob("*.postings"))) == 1
