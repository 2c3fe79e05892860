"""An index as a window that slides: what is old goes, with its space, and nothing else."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from subprocess import PIPE
from typing import Any

import pytest
from news import FERRY
from prose import BRIDGE, COMET, HERRING, LIBRARY, changed, yards

from dedup import Article, Index, ToldGroups
from dedup.errors import InputError
from dedup.index import forget as forgetting
from dedup.index.forget import moment, seconds_of
from dedup.index.open import store_at
from dedup.index.postings import derive
from dedup.progress import Silent
from dedup.settings import Settings
from dedup.storage.copy import copied
from dedup.storage.protocol import Postings, Texts

START = datetime(2024, 1, 1, tzinfo=UTC)


def page(id_: str, day: int | None, *texts: str) -> Article:
    at = None if day is None else (START + timedelta(days=day)).isoformat()
    return Article(id_, "\n".join(texts), site="herald", date=at)


def followed(index: Index) -> dict[str, set[str]]:
    told = ToldGroups()
    for event in index.since():
        told.take(event)
    return told.stories


def test_what_is_from_before_goes_and_what_is_from_then_on_stays(tmp_path: Path) -> None:
    with Index(tmp_path / "index") as index:
        index.add_many([page(str(n), n, BRIDGE, changed(COMET, n)) for n in range(10)])
        assert index.forget(START + timedelta(days=5)) == 5
        assert [index.get(str(n)) is None for n in range(10)] == [True] * 5 + [False] * 5
        assert {h.article for h in index.query(page("x", 11, BRIDGE)).hits} == {"5"}
        assert [e.data["article"] for e in index.since() if e.kind == "removed"] == list("01234")
        assert index.forget(START + timedelta(days=5)) == 0
        assert index.check() == []
        assert {a.id for a in index.settle().articles} == set("56789")


@pytest.mark.parametrize(
    ("day", "goes"),
    [
        ("2024-01-05T11:00:00Z", True),
        ("2024-01-05T12:00:00Z", False),
        ("2024-01-05", False),  # may be from the evening
        ("2024-01", False),
        ("2023", True),
    ],
)
def test_a_date_that_leaves_open_when_counts_as_its_last_moment(
    tmp_path: Path, day: str, goes: bool
) -> None:
    with Index(tmp_path / "index") as index:
        index.add(Article("a", BRIDGE, date=day))
        assert index.forget(datetime(2024, 1, 5, 12, tzinfo=UTC)) == goes


def test_without_a_date_an_article_is_as_old_as_its_adding_whatever_the_clock_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hours = iter([50, 20, 40, 10])
    monkeypatch.setattr("dedup.index.stored_records.time.time", lambda: 3600.0 * next(hours))
    with Index(tmp_path / "index") as index:
        for name, text in zip("abcd", (BRIDGE, COMET, HERRING, LIBRARY), strict=True):
            index.add({"id": name, "text": text})
        assert index.forget(3600.0 * 30) == 2
        assert [index.get(name) is None for name in "abcd"] == [False, True, False, True]


def test_of_a_page_that_is_rewritten_old_revisions_go_alone(tmp_path: Path) -> None:
    with Index(tmp_path / "index") as index:
        index.add(page("a", 0, *FERRY))
        index.add(page("b", 20, *FERRY))
        index.add(page("a", 20, *FERRY, BRIDGE))
        index.settle()
        assert index.forget(START + timedelta(days=10)) == 1
        found = index.settle()
        assert [s.members[0].article for s in found.stories] != []
        assert followed(index) == {s.id: {m.article for m in s.members} for s in found.stories}
        held = index.get("a")
        assert held is not None
        assert held.revision == 2


def test_followers_are_told_and_end_in_the_settled_stories(tmp_path: Path) -> None:
    with Index(tmp_path / "index") as index:
        index.add_many([page(str(n), n, *FERRY) for n in range(6)])
        index.settle()
        index.forget(START + timedelta(days=3))
        (members,) = followed(index).values()
        assert members == set("345")
        assert followed(index) == {
            s.id: {m.article for m in s.members} for s in index.settle().stories
        }


def test_a_simulated_year_ends_at_the_size_of_a_month(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each day brings some articles, each month takes those before it; a reader stays open."""
    lines = yards(21, 366 * 4 * 3, 40)

    def day(number: int) -> list[Article]:
        return [
            page(
                f"{number}-{n}", number, *lines[(number * 4 + n) * 3 :][:3], FERRY[(number + n) % 8]
            )
            for n in range(4)
        ]

    with Index(tmp_path / "index") as index:
        sizes, told, seen = [], ToldGroups(), 0
        with Index(tmp_path / "index", read_only=True) as reader:
            for month in range(12):
                now = (START + timedelta(days=month * 30 + 30)).timestamp()
                monkeypatch.setattr("dedup.index.settle.time.time", lambda now=now: now)
                for number in range(month * 30, month * 30 + 30):
                    index.add_many(day(number))
                index.settle()
                assert reader.query(day(month * 30 + 29)[0]).seen
                index.forget(START + timedelta(days=month * 30))
                sizes.append(index.stats()["bytes"])
                assert reader.get(f"{month * 30}-0") is not None
                assert reader.get(f"{month * 30 - 1}-0") is None
                for event in reader.since(seen):
                    told.take(event)
                    seen = event.sequence
        assert index.stats()["articles"] == 120
        assert index.check() == []
        assert sizes[-1] < 1.1 * sizes[1]
        truth = {
            c.id: {(m.article, m.paragraph) for m in c.members} for c in index.settle().clusters
        }
        for event in index.since(seen):
            told.take(event)
        assert told.clusters == truth
        first = next(iter(index.since()))
        assert (first.kind, first.sequence) == ("restart", 0)
        late = ToldGroups()
        for event in index.since():
            late.take(event)
        assert late.clusters == truth


def test_the_space_of_a_run_that_was_broken_off_is_given_back_by_the_next_one(
    tmp_path: Path,
) -> None:
    lines = yards(3, 300, 40)
    with Index(tmp_path / "index") as index:
        index.add_many([page(str(n), n // 10, lines[n]) for n in range(300)])
        index.compact()
        before = index.stats()["bytes"]
        assert forgetting.forget(index._state, moment(START + timedelta(days=20)), Silent()) == 200
        assert index.forget(START + timedelta(days=20)) == 0
        assert index.stats()["bytes"] < 0.7 * before


def test_events_of_before_are_forgotten_and_who_asks_for_them_is_told_all_groups_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Index(tmp_path / "index") as index:
        for number in range(4):
            at = (START + timedelta(days=number)).timestamp()
            monkeypatch.setattr("dedup.index.settle.time.time", lambda at=at: at)
            index.add_many([page(f"{number}{name}", number, *FERRY) for name in "ab"])
            index.settle()
        last, every = index.stats()["events"], list(index.since())
        index.forget(START + timedelta(days=2))
        told = list(index.since(1))
        assert told[0].kind == "restart"
        assert {event.sequence for event in told[:-5]} <= {1, last}
        assert list(index.since(last)) == told[-4:]  # the removals
        assert [e.kind for e in told[-4:]] == ["removed"] * 4
        assert next(iter(index.since(every[-2].sequence))) == every[-1]  # nothing is missed
        assert followed(index) == {
            s.id: {m.article for m in s.members} for s in index.settle().stories
        }
        assert index.check() == []
    copied_as_to_a_server(tmp_path / "index", tmp_path / "copy")
    for name in ("index", "copy"):
        with Index(tmp_path / name) as index:
            assert next(iter(index.since())).kind == "restart"
            assert index.stats()["events"] > last
            assert followed(index) == {
                s.id: {m.article for m in s.members} for s in index.settle().stories
            }


def copied_as_to_a_server(old: Path, new: Path) -> None:
    with closing(store_at(old, read_only=True)) as source, closing(store_at(new)) as target:

        def again(texts: Texts, first: int) -> Postings:
            return derive(texts.arrays, first, Settings())

        copied(source, target, again, Silent())


@pytest.mark.parametrize(
    ("given", "seconds"), [("12h", 43200), ("30d", 2592000), ("2W", 1209600), (" 1 d ", 86400)]
)
def test_lengths_of_time_are_read(given: str, seconds: int) -> None:
    assert seconds_of(given) == seconds


@pytest.mark.parametrize("given", ["", "30", "d", "-3d", "3 months", "1e9d"])
def test_what_is_no_length_of_time_is_refused(given: str) -> None:
    with pytest.raises(InputError, match="is no length of time"):
        seconds_of(given)


def test_a_moment_is_read_from_whatever_says_one() -> None:
    day = datetime(2024, 5, 31, tzinfo=UTC).timestamp()
    for given in ("2024-05-31", date(2024, 5, 31), datetime(2024, 5, 31), day):
        assert moment(given) == day
    for wrong in ("soon", "", "03/04/2024", "2024-05-31?"):
        with pytest.raises(InputError, match="is no date that is certain"):
            moment(wrong)
    none: list[Any] = [None, True, float("nan"), ["2024-05-31"]]
    for given in none:
        with pytest.raises(InputError, match="is no moment"):
            moment(given)


@pytest.mark.parametrize("day", ["2999-01-01", "1970-01-01", "1900-01-01", "1650-01-01"])
def test_a_moment_may_be_one_at_which_no_article_was_published(day: str) -> None:
    """Nobody doubts what is asked for, as dates that articles claim are doubted."""
    assert moment(day) == datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()


def test_the_command_forgets_by_age_and_settles(tmp_path: Path) -> None:
    folder = str(tmp_path / "index")
    now = datetime.now(UTC)
    with Index(folder) as index:
        for number, age in enumerate((1, 20, 40, 90)):
            at = (now - timedelta(days=age)).isoformat()
            index.add(Article(str(number), "\n".join(FERRY), date=at))

    def run(*arguments: str) -> str:
        command = [sys.executable, "-m", "dedup", "index", *arguments]
        return subprocess.run(command, capture_output=True, check=True, encoding="utf-8").stdout

    assert run("forget", folder, "--older-than", "30d").startswith("forgot   2 articles; 2 left")
    told = run("settle", folder)
    assert told.startswith("settled  2 articles: ")


def test_adding_settles_each_time_so_many_articles_have_come(tmp_path: Path) -> None:
    folder, lines = tmp_path / "index", []
    for number in range(5):
        text = "\n".join(FERRY)
        lines.append(
            json.dumps({"id": str(number), "text": text, "date": f"2024-05-0{number + 1}"})
        )
    command = [sys.executable, "-m", "dedup", "index", "add", str(folder), "-", "--settle-every"]
    for every, last in (("2", 4), ("0", 0)):
        subprocess.run(
            [*command, every], input="\n".join(lines), check=True, encoding="utf-8", stdout=PIPE
        )
        with Index(folder, read_only=True) as index:
            mark = index._store.state("settled")
            assert int((mark or b"0").split()[0]) == last
        shutil.rmtree(folder)
    source = tmp_path / "all.jsonl"
    source.write_text("\n".join(lines), "utf-8")
    command[6] = str(source)
    subprocess.run([*command, "5"], check=True, stdout=PIPE)
    with Index(folder, read_only=True) as index:
        assert (index._store.state("settled") or b"").startswith(b"5 ")
