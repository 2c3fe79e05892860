"""What one settling leaves of articles and texts for the next: less to read, and nothing else."""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prose import BRIDGE, COMET, HERRING, LIBRARY
from test_index import CORPUS, answers

import dedup
from dedup import Article, Index
from dedup.errors import OutputError
from dedup.index import kept_corpus
from dedup.index.kept_corpus import CORPUS as NAME
from dedup.index.kept_corpus import Kept, decoded, encoded, joined, none
from dedup.index.loaded import Loaded, load
from dedup.storage.local import LocalStore
from dedup.stories.article_features import statement
from dedup.text.encode import encode

LATER = [
    Article("new/1", f"{BRIDGE}\n{COMET.upper()}", site="late", date="2024-05-03"),
    Article("new/2", f'"{HERRING}"\n{COMET}', site="late", title="UPDATE 2-Late"),
    replace(CORPUS[0], title="Told anew"),
    replace(CORPUS[1], text=f"{CORPUS[1].text}\n{LIBRARY}"),
]
"""What comes to `CORPUS`: texts known and new, written otherwise, and two kinds of revisions."""


def same(one: Loaded, other: Loaded) -> None:
    """All that stages are given must be the same."""
    for name, mine in one.corpus._asdict().items():
        theirs = getattr(other.corpus, name)
        if name == "texts":
            for a, b in zip(mine, theirs, strict=True):
                np.testing.assert_array_equal(a, b)
        elif name == "articles":
            assert list(mine) == list(theirs)
            assert mine.statements == theirs.statements
            read = zip(mine, one.attributions, strict=True)
            assert mine.statements == [statement(*each) for each in read]
        else:
            np.testing.assert_array_equal(mine, theirs)
            assert mine.dtype == theirs.dtype
    assert list(one.attributions) == list(other.attributions)
    np.testing.assert_array_equal(one.seq, other.seq)
    np.testing.assert_array_equal(one.numbers, other.numbers)
    assert (one.revised, one.worded) == (other.revised, other.worded)


def read_anew(index: Index) -> Loaded:
    """What the log alone gives."""
    store = index._store
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kept_corpus, "read", lambda _: none())
        return load(store, store.last_seq)


def holds(index: Index) -> None:
    same(load(index._store, index._store.last_seq), read_anew(index))


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many articles were read from the log, at each turn."""
    counts: list[int] = []
    plain = LocalStore.read_articles

    def counted(self: LocalStore, seqs: Sequence[int]) -> Any:
        counts.append(len(seqs))
        return plain(self, seqs)

    monkeypatch.setattr(LocalStore, "read_articles", counted)
    return counts


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.integers(0, len(CORPUS) + len(LATER) - 1)),
        st.tuples(st.just("remove"), st.integers(0, len(CORPUS) - 1)),
        st.tuples(st.just("settle"), st.just(0)),
        st.tuples(st.just("compact"), st.just(0)),
    ),
    min_size=2,
    max_size=14,
)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(STEPS, st.booleans(), st.sampled_from([1, 2, 32]))
def test_whatever_happened_what_is_kept_and_what_came_are_what_the_log_has(
    steps: list[tuple[str, int]], keep_text: bool, links: int
) -> None:
    every = [*CORPUS, *LATER]
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(kept_corpus, "LINKS", links)
        with Index(Path(folder) / "index", keep_text=keep_text) as index:
            index.add_many([CORPUS[5], LATER[0]])
            for what, number in steps:
                if what == "add":
                    index.add_many([every[number]])
                elif what == "remove":
                    index.remove(CORPUS[number].id)
                elif what == "compact":
                    index.compact()
                else:
                    index.settle()
                holds(index)


def test_a_settling_reads_from_the_log_only_what_came(tmp_path: Path, reads: list[int]) -> None:
    with Index(tmp_path / "index") as index:
        index.add_many(CORPUS)
        index.settle()
        index.add_many(LATER)
        reads.clear()
        found = index.settle()
        assert sum(reads) == len(LATER)
        reads.clear()
        index.remove(LATER[0].id)
        reads.clear()
        index.settle()
        assert sum(reads) == 0
        assert len(found.articles) == len(CORPUS) + 3  # one is CORPUS[0] with another title


HARMS = ["lost", "cut", "noise", "a bit", "empty", "a tail", "a link", "a folder", "an earlier one"]


@pytest.fixture(scope="module")
def scanned() -> Any:
    return answers(dedup.scan([*CORPUS, LATER[0]]))


@pytest.mark.parametrize("harm", HARMS)
def test_what_is_lost_or_damaged_changes_no_answer(tmp_path: Path, harm: str, scanned: Any) -> None:
    file = tmp_path / "one" / NAME
    with Index(tmp_path / "one") as index:
        index.add_many(CORPUS[:-3])
        index.settle()
        earlier = file.read_bytes()
        index.add_many(CORPUS[-3:])
        index.settle()
        data = file.read_bytes()
        assert data.startswith(earlier)
        assert len(data) > len(earlier)
        file.unlink()
        damage(file, harm, data, earlier)
        index.add_many([LATER[0]])
        assert answers(index.settle()) == scanned
        holds(index)
        kept = kept_corpus.read(index._store)
        assert kept.last in (0, len(CORPUS) + 1)
    assert not (tmp_path / "elsewhere").exists()


def damage(file: Path, harm: str, data: bytes, earlier: bytes) -> None:
    middle = len(data) // 2
    match harm:
        case "cut":
            file.write_bytes(data[:middle])
        case "noise":
            file.write_bytes(random.Random(0).randbytes(len(data)))
        case "a bit":
            file.write_bytes(data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :])
        case "empty":
            file.touch()
        case "a tail":  # as a process leaves it that was killed before it took over
            file.write_bytes(data + random.Random(0).randbytes(100))
        case "a link":
            file.symlink_to(file.parent.parent / "elsewhere")
        case "a folder":
            file.mkdir()
        case "an earlier one":
            file.write_bytes(earlier)


def test_what_a_killed_settling_left_behind_is_written_over(tmp_path: Path) -> None:
    file = tmp_path / "index" / NAME
    with Index(tmp_path / "index") as index:
        index.add_many(CORPUS)
        index.settle()
        plain = file.read_bytes()
        file.write_bytes(plain + bytes(100))
        assert kept_corpus.read(index._store).last == len(CORPUS)
        index.add_many([LATER[0]])
        index.settle()
        assert kept_corpus.read(index._store).size == file.stat().st_size


def test_an_index_that_was_put_back_does_not_believe_what_came_after(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    with Index(folder) as index:
        index.add_many(CORPUS[:-3])
        index.settle()
    shutil.copytree(folder, tmp_path / "before")
    with Index(folder) as index:
        index.add_many([LATER[0], LATER[1]])
        index.settle()
    shutil.copyfile(folder / NAME, tmp_path / "before" / NAME)
    with Index(tmp_path / "before") as index:
        index.add_many(CORPUS[-3:])
        assert kept_corpus.read(index._store).last == len(CORPUS) - 3
        holds(index)
        assert answers(index.settle()) == answers(dedup.scan(CORPUS))


def test_a_copy_has_none_and_makes_its_own(tmp_path: Path) -> None:
    with Index(tmp_path / "index") as index:
        index.add_many(CORPUS)
        index.settle()
        index.backup(tmp_path / "copy")
    with Index(tmp_path / "copy") as index:
        assert kept_corpus.read(index._store).last == 0
        index.add_many([LATER[0]])
        index.settle()
        assert kept_corpus.read(index._store).last == len(CORPUS) + 1


def test_a_full_disk_takes_what_is_kept_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with Index(tmp_path / "index") as index:
        index.add_many(CORPUS)
        index.settle()
        index.add_many([LATER[0]])
        with monkeypatch.context() as patch:
            patch.setattr("dedup.storage.local._put_behind", full)
            index.settle()
        assert not (tmp_path / "index" / NAME).exists()
        index.add_many([LATER[1]])
        assert answers(index.settle()) == answers(dedup.scan([*CORPUS, *LATER[:2]]))
        assert kept_corpus.read(index._store).last == len(CORPUS) + 2


def test_a_settling_that_is_not_taken_over_leaves_what_is_kept_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise OutputError("no")

    with Index(tmp_path / "index") as index:
        index.add_many(CORPUS)
        index.settle()
        index.add_many([LATER[0]])
        with monkeypatch.context() as patch:
            patch.setattr(index._store, "append", refused)
            with pytest.raises(OutputError):
                index.settle()
        assert kept_corpus.read(index._store).last == len(CORPUS)
        holds(index)
        index.settle()
        assert kept_corpus.read(index._store).last == len(CORPUS) + 1


def test_a_reader_takes_what_is_kept_and_leaves_nothing(tmp_path: Path, reads: list[int]) -> None:
    with Index(tmp_path / "index") as index:
        index.add_many(CORPUS)
        index.settle()
        index.add_many([LATER[0]])
    before = (tmp_path / "index" / NAME).read_bytes()
    with Index(tmp_path / "index", read_only=True) as index:
        reads.clear()
        index.settle()
        assert sum(reads) == 1
    assert (tmp_path / "index" / NAME).read_bytes() == before


def test_many_settlings_leave_few_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_corpus, "LINKS", 3)
    links = []
    with Index(tmp_path / "index") as index:
        for article in CORPUS[:6]:
            index.add_many([article])
            index.settle()
            links.append(kept_corpus.read(index._store).links)
            holds(index)
    assert links == [1, 2, 3, 1, 2, 3]


def test_compacting_takes_removed_articles_off_the_disk_and_leaves_the_others(
    tmp_path: Path, reads: list[int]
) -> None:
    file = tmp_path / "index" / NAME
    lone = "Nobody else has these dozen words on zinc, quartz, and a violet jackdaw today."
    with Index(tmp_path / "index") as index:
        index.add_many([*CORPUS, Article("lone", lone, title="Jackdaw"), *LATER])
        number = index._store.numbers(scanned_key(lone))
        words = [index._store.read_texts(number).tokens.tobytes(), b"jackdaw", b"Jackdaw"]
        index.settle()
        assert all(some in file.read_bytes() for some in words)
        index.remove("lone")
        index.compact()
        assert not any(some in file.read_bytes() for some in words)
        holds(index)
        reads.clear()
        index.add_many([replace(LATER[0], id="more")])
        found = index.settle()
        assert sum(reads) == 1
    with Index(tmp_path / "other") as index:
        index.add_many([*CORPUS, *LATER])
        index.add_many([replace(LATER[0], id="more")])
        assert answers(index.settle()) == answers(found)


def scanned_key(text: str) -> npt.NDArray[np.uint64]:
    return encode([text]).key


def test_a_kill_between_the_two_writes_of_compacting_costs_time_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with Index(tmp_path / "index") as index:
        index.add_many(CORPUS)
        index.settle()
        index.remove(CORPUS[0].id)
        with monkeypatch.context() as patch:
            patch.setattr(index._store, "append", killed)
            with pytest.raises(KeyboardInterrupt):
                index.compact()
        assert kept_corpus.read(index._store).last == 0
        holds(index)


# ---- planted bytes


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    with Index(tmp_path_factory.mktemp("kept") / "index") as index:
        index.add_many([*CORPUS, LATER[1]])
        index.add_many(LATER)  # so that a text is known, and is written otherwise
        index.settle()
        yield kept_corpus.read(index._store)


WRONG: list[dict[str, Any]] = [
    {"bounds": lambda a: a + 1},
    {"bounds": lambda a: a[:-1]},
    {"text_bounds": lambda a: np.append(a[:-1], a[-1] + 5)},
    {"text_bounds": lambda a: a[::-1]},
    {"record_bounds": lambda a: a - 1},
    {"tokens": lambda a: a.astype(np.int64)},
    {"flags": lambda a: a[:-1]},
    {"key": lambda a: a[:, :1]},
    {"revision": lambda a: a[:-1]},
    {"cued": lambda a: a + 100_000},
    {"number": lambda a: -a - 1},
    {"columns": lambda c: {**c, "id": c["id"][1:]}},
    {"columns": lambda c: {"id": c["id"]}},
    {"columns": lambda c: {**c, "rank": [*c["rank"][1:], "2"]}},
    {"columns": lambda c: {**c, "id": [*c["id"][1:], None]}},
]


@pytest.mark.parametrize("wrong", WRONG)
def test_arrays_that_do_not_fit_together_are_refused(kept: Kept, wrong: dict[str, Any]) -> None:
    assert decoded(encoded(kept.rows, 3))[1] == 3
    assert len(kept.rows.cued)
    changed = {name: change(getattr(kept.rows, name)) for name, change in wrong.items()}
    with pytest.raises(ValueError, match="fit together"):
        decoded(encoded(kept.rows._replace(**changed), 3))


def test_texts_that_the_store_has_not_are_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Index(tmp_path / "index") as index:
        index.add_many(CORPUS)
        index.settle()
        index.add_many([LATER[0]])
        held = kept_corpus.read(index._store)
        rows = held.rows._replace(text=held.rows.text + np.uint32(1 << 30))
        monkeypatch.setattr(kept_corpus, "read", lambda _: held._replace(rows=rows))
        found = load(index._store, index._store.last_seq)
        same(found, read_anew(index))


def test_rows_put_together_are_those_of_all(kept: Kept) -> None:
    empty = none().rows
    for parts in ([kept.rows, empty], [empty, kept.rows], [empty, kept.rows, empty]):
        whole = joined(parts)
        for name in kept.rows._fields:
            np.testing.assert_array_equal(getattr(whole, name), getattr(kept.rows, name))
