"""Backups, copies, mergers and renewals: what must be the same in the new index, and what not."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable, Iterator
from itertools import count, pairwise
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from prose import BRIDGE, CHARTS, COMET, HERRING, LIBRARY, STRIKE, changed, yards
from redis_server import DURABLE, RedisServer

from dedup import Index
from dedup.cli.main import cli
from dedup.errors import DamagedError, InputError, OutputError, SettingsError
from dedup.index.copies import copy
from dedup.index.renew import renew
from dedup.settings import Settings
from dedup.storage import copy as storage_copy

_PREFIXES = count()
DATA = Path(__file__).parent / "data"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    running = RedisServer(tmp_path_factory.mktemp("redis"), *DURABLE)
    yield running
    running.kill()


@pytest.fixture
def url(server: RedisServer) -> str:
    """A place for an index of its own."""
    return f"{server.url}?prefix=copies-{next(_PREFIXES)}"


def article(id_: str, *paragraphs: str, site: str = "a.example") -> dict[str, str]:
    return {"id": id_, "site": site, "text": "\n\n".join(paragraphs)}


def filled(place: Path | str, *, keep_text: bool = False) -> None:
    """Make an index with revisions, removed articles, groups, notes and events."""
    with Index(place, keep_text=keep_text) as index:
        index.add(article("a", CHARTS, BRIDGE))
        index.add(article("b", changed(CHARTS, 5), site="b.example"))
        index.add(article("a", CHARTS, COMET))
        index.add(article("c", STRIKE, LIBRARY))
        index.settle()
        index.add_many([article("d", changed(STRIKE, 4), site="b.example"), article("e", HERRING)])
        index.remove("e")
        index.note("came", b"so far")


def told(index: Index) -> dict[str, Any]:
    """Everything that an index answers, but for how much room it takes."""
    ids = ["a", "b", "c", "d", "e"]
    asked = [article("x", changed(CHARTS, 9)), article("y", HERRING), article("z", STRIKE)]
    return {
        "articles": [str(index.get(id_)) for id_ in ids],
        "answers": [index.query(one) for one in asked],
        "events": list(index.since()),
        "note": index.noted("came"),
        "counts": {name: index.stats()[name] for name in ("articles", "revisions", "texts")},
        "check": [problem for problem in index.check() if problem.skipped],
        "stories": [(story.id, [m.article for m in story.members]) for story in index.stories()],
    }


def everything(place: Path | str) -> dict[str, Any]:
    with Index(place, read_only=True) as index:
        return told(index)


# -- copies and backups


@pytest.mark.parametrize("compacted", [False, True])
@pytest.mark.parametrize("way", ["folder folder", "folder server folder", "server server"])
def test_a_copy_answers_as_what_it_was_made_of(
    tmp_path: Path, url: str, way: str, compacted: bool
) -> None:
    places: list[str] = []
    for number, kind in enumerate(way.split()):
        places.append(f"{url}-{number}" if kind == "server" else str(tmp_path / f"i{number}"))
    filled(places[0])
    if compacted:
        with Index(places[0]) as index:
            index.compact()
    known = everything(places[0])
    assert known["check"] == []
    for old, new in pairwise(places):
        assert copy(old, new) == 4
        assert everything(new) == known
    with Index(places[-1]) as index:
        assert index.add(article("f", changed(LIBRARY, 3))).hits
        assert [p for p in index.check() if p.skipped] == []
    assert everything(places[0]) == known, "what is added to a copy changes nothing else"


def test_a_backup_beside_a_writer_is_the_index_of_one_moment(tmp_path: Path) -> None:
    texts = yards(3, 400, 40)
    done = threading.Event()
    with Index(tmp_path / "i") as index:

        def write() -> None:
            for number, text in enumerate(texts):
                index.add(article(f"{number:03}", text))
            done.set()

        writer = threading.Thread(target=write)
        writer.start()
        made: list[Path] = []
        while not done.is_set() or not made:
            made.append(tmp_path / f"backup-{len(made)}")
            index.backup(made[-1])
        writer.join()
    sizes = []
    for folder in made:
        with Index(folder) as index:
            assert index.check() == []
            sizes.append(len(index))
            if sizes[-1]:
                assert index.query(article("x", texts[sizes[-1] - 1])).closest == (
                    f"{sizes[-1] - 1:03}"
                )
    assert sizes == sorted(sizes)
    assert not list(tmp_path.glob(".*"))


def test_a_backup_takes_files_that_are_merged_away_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(tmp_path / "i")
    with Index(tmp_path / "i") as index:
        index.add_many(article(f"{n}", text) for n, text in enumerate(yards(4, 3000, 30)))
        held = storage_copy._held
        turns = 0

        def merging(*args: Any) -> Iterator[Any]:
            nonlocal turns
            found = list(held(*args))
            turns += 1
            if turns == 1:
                index.compact()
            return iter(found)

        monkeypatch.setattr(storage_copy, "_held", merging)
        index.backup(tmp_path / "backup")
        assert turns > 1
    with Index(tmp_path / "backup") as index:
        assert index.check() == []
        assert len(index) == 3006


def test_a_backup_on_another_disk_is_a_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(tmp_path / "i")
    known = everything(tmp_path / "i")
    with Index(tmp_path / "i") as index:
        index.compact()

    def refused(*_: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    copy(tmp_path / "i", tmp_path / "linked")
    monkeypatch.setattr("os.link", refused)
    copy(tmp_path / "i", tmp_path / "backup")
    for name, links in (("linked", 2), ("backup", 1)):
        (file,) = (tmp_path / name).glob("*.postings")
        assert file.stat().st_nlink == links
        assert everything(tmp_path / name) == known


def test_nothing_is_copied_over(tmp_path: Path, url: str) -> None:
    filled(tmp_path / "i")
    filled(tmp_path / "there")
    filled(url)
    known = everything(tmp_path / "there"), everything(url)
    (tmp_path / "file").write_text("mine")
    for place in (tmp_path / "there", tmp_path / "file", tmp_path / "i", url):
        for make in (copy, renew):
            with pytest.raises(InputError, match="there is"):
                make(tmp_path / "i", place)
    assert (everything(tmp_path / "there"), everything(url)) == known
    assert (tmp_path / "file").read_text() == "mine"
    with pytest.raises(InputError, match="there is no index"):
        copy(tmp_path / "none", tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_copy_that_ends_halfway_is_no_index_and_is_made_anew(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(tmp_path / "i")
    known = everything(tmp_path / "i")
    with monkeypatch.context() as broken:

        def full(*_: object) -> Any:
            raise OSError(28, "No space left on device")

        broken.setattr("dedup.storage.copy.places", full)
        broken.setattr("dedup.storage.copy.Reached", full)
        with pytest.raises(OutputError, match="No space left"):
            copy(tmp_path / "i", tmp_path / "new")
        with pytest.raises(OSError, match="No space left"):
            copy(tmp_path / "i", url)
    assert not list(tmp_path.glob("*new*"))
    with pytest.raises(DamagedError, match="was not finished"):
        Index(url)
    copy(tmp_path / "i", url)
    assert everything(url) == known


# -- two indexes into one


def merged(index: Path | str, other: Path | str) -> tuple[int, int]:
    with Index(index) as opened:
        added = opened.merge(other)
    return added.articles, added.seen


@pytest.mark.parametrize("kinds", ["folder folder", "server folder", "folder server"])
def test_two_indexes_merged_say_what_one_says_to_which_all_was_added(
    tmp_path: Path, url: str, kinds: str
) -> None:
    one, two = (
        f"{url}-{name}" if kind == "server" else str(tmp_path / name)
        for name, kind in zip(("one", "two"), kinds.split(), strict=True)
    )
    mine = [article("a", CHARTS, BRIDGE), article("b", STRIKE), article("both", COMET)]
    theirs = [
        article("both", COMET),
        article("c", changed(CHARTS, 5), STRIKE.upper(), site="b.example"),
        article("a", CHARTS, LIBRARY),
        article("d", HERRING),
    ]
    everywhere = str(tmp_path / "all")
    for place, some in ((one, mine), (two, theirs), (everywhere, mine + theirs)):
        with Index(place) as index:
            for each in some:
                index.add(each)
    for place in (two, everywhere):
        with Index(place) as index:
            index.remove("d")
    assert merged(one, two) == (2, 1)
    assert merged(one, two) == (0, 3), "made again, it takes nothing twice"
    with Index(one) as index, Index(tmp_path / "all") as whole:
        assert [p for p in index.check() if p.skipped] == []
        for id_ in ("a", "b", "both", "c", "d"):
            here, there = index.get(id_), whole.get(id_)
            assert (here and here.article, here and here.revision) == (
                there and there.article,
                there and there.revision,
            )
        for asked in (
            article("x", changed(CHARTS, 9)),
            article("y", HERRING),
            article("z", STRIKE),
        ):
            here_, there_ = index.query(asked), whole.query(asked)
            assert here_.hits == there_.hits
            assert (here_.is_new, here_.closest) == (there_.is_new, there_.closest)
        for settled in zip(index.settle().stories, whole.settle().stories, strict=True):
            assert len({str(story) for story in settled}) == 1
    with Index(two, read_only=True) as index:
        assert len(index) == 4, "the other one stays as it is"


def test_what_is_written_in_other_letters_elsewhere_is_told_after_a_merger(tmp_path: Path) -> None:
    for name, some in (
        ("one", [article("m", CHARTS.upper())]),
        ("two", [article("a", CHARTS), article("z", CHARTS.title())]),
        ("all", [article("m", CHARTS.upper()), article("a", CHARTS), article("z", CHARTS.title())]),
    ):
        with Index(tmp_path / name) as index:
            for each in some:
                index.add(each)
    merged(tmp_path / "one", tmp_path / "two")
    with Index(tmp_path / "one") as index, Index(tmp_path / "all") as whole:
        for id_ in ("m", "a"):
            here, there = index.get(id_), whole.get(id_)
            assert here is not None
            assert there is not None
            assert here.extra.get("cues") == there.extra.get("cues")


def test_an_index_that_keeps_texts_takes_none_without(tmp_path: Path) -> None:
    filled(tmp_path / "bare")
    filled(tmp_path / "kept", keep_text=True)
    with Index(tmp_path / "i", keep_text=True) as index:
        with pytest.raises(SettingsError, match="keeps no texts"):
            index.merge(tmp_path / "bare")
        assert index.merge(tmp_path / "kept").articles == 5
        found = index.get("d")
        assert found is not None
        assert found.article.text == changed(STRIKE, 4)
    with Index(tmp_path / "j") as index:
        assert index.merge(tmp_path / "kept").articles == 5
        found = index.get("d")
        assert found is not None
        assert found.article.text == ""


def test_settings_may_differ_but_words_must_be_read_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Index(tmp_path / "fine", Settings(shingle=2, threshold=0.3)) as index:
        index.add(article("q", CHARTS))
    with monkeypatch.context() as earlier:
        earlier.setattr("dedup.text.tokenize.VERSION", 1)
        filled(tmp_path / "old")
    with Index(tmp_path / "i") as index:
        assert index.merge(tmp_path / "fine").articles == 1
        assert index.query(article("x", changed(CHARTS, 9))).closest == "q"
        assert index.check() == []
        with pytest.raises(SettingsError, match="reads some otherwise today"):
            index.merge(tmp_path / "old")


# -- other settings


@pytest.mark.parametrize("keep_text", [False, True])
@pytest.mark.parametrize("kind", ["folder", "server"])
def test_an_index_is_renewed_with_other_settings(
    tmp_path: Path, url: str, kind: str, keep_text: bool
) -> None:
    new: Path | str = url if kind == "server" else tmp_path / "new"
    filled(tmp_path / "i", keep_text=keep_text)
    settings = Settings(shingle=4, num_perm=64, evidence=9)
    assert renew(tmp_path / "i", new, settings).articles == 5
    with Index(new) as index:
        assert index.settings == settings
        assert index.keep_text == keep_text
        assert [p for p in index.check() if p.skipped] == []
        assert index.get("e") is None
        found = index.get("a")
        assert found is not None
        assert found.revision == 2
    with Index(tmp_path / "made", settings, keep_text=keep_text) as made:
        made.add(article("a", CHARTS, BRIDGE))
        made.add(article("b", changed(CHARTS, 5), site="b.example"))
        made.add(article("a", CHARTS, COMET))
        made.add(article("c", STRIKE, LIBRARY))
        made.add(article("d", changed(STRIKE, 4), site="b.example"))
        with Index(new) as index:
            for asked in (article("x", changed(CHARTS, 9)), article("z", STRIKE)):
                assert index.query(asked).hits == made.query(asked).hits


# -- the command line


def run(*args: str) -> tuple[int, str]:
    done = CliRunner().invoke(cli, ["index", *args], prog_name="dedup")
    return done.exit_code, done.output


def test_every_kind_of_copy_is_a_command(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    filled("news.index")
    known = everything("news.index")
    assert run("backup", "news.index", "b") == (0, "backup   4 articles  b\n")
    assert run("copy", "news.index", url) == (0, f"copied   4 articles  {url}\n")
    assert everything("b") == everything(url) == known
    assert run("merge", "b", "news.index") == (0, "merged   0 articles, 5 were in already\n")
    code, output = run("merge", "none", "b")
    assert code != 0
    assert "there is no index" in output
    assert not Path("none").exists()
    assert run("renew", "b", "fine", "--shingle", "4", "--prefer", "b.example")[0] == 0
    with Index("fine") as index:
        assert index.settings == Settings(
            shingle=4, policy="preferred-site", preferred_sites=("b.example",)
        )
    assert run("renew", "fine", "again", "--strict")[0] == 0
    with Index("again") as index:
        assert (index.settings.shingle, index.settings.evidence) == (4, 9)


# -- indexes of earlier versions


@pytest.fixture
def versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], Path]:
    """Return an index as an earlier version of dedup wrote it, by its number."""

    def found(version: int) -> Path:
        if version == 1:
            monkeypatch.setattr("dedup.text.tokenize.VERSION", 1)  # its words are read as today's
        folder = tmp_path / f"version-{version}"
        return shutil.copytree(DATA / f"index-version-{version}", folder)

    return found


def test_an_index_of_the_second_version_answers_as_it_did(
    versions: Callable[[int], Path],
) -> None:
    known = json.loads((DATA / "index-version-2.json").read_text())
    folder = versions(2)
    asked = article("z", changed(STRIKE, 9), site="third")
    for read_only in (True, False, True):
        with Index(folder, read_only=read_only) as index:
            found = index.query(asked)
            assert [[hit.article, hit.relation] for hit in found.hits] == known["hits"]
            told = [[event.sequence, event.kind, event.data] for event in index.since()]
            assert told[: len(known["events"])] == known["events"]
            current = index.get("a")
            assert current is not None
            assert current.revision == known["revision"]
            assert current.article.text == f"{BRIDGE}\n{LIBRARY}"
            assert index.get("gone") is None
            assert index.noted("came") == known["note"].encode()
            assert index.check() == []
    with Index(folder) as index:
        assert sorted(story.id for story in index.stories()) == known["stories"]
        assert sorted(cluster.id for cluster in index.clusters()) == known["clusters"]
        assert index.add(article("late", changed(LIBRARY, 3))).hits
        index.compact()
        assert index.check() == []


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("kind", ["folder", "server"])
def test_an_index_of_any_version_is_copied_merged_and_renewed(
    tmp_path: Path, url: str, versions: Callable[[int], Path], kind: str, version: int
) -> None:
    folder = versions(version)
    new: Path | str = url if kind == "server" else tmp_path / "copy"
    asked = article("z", changed(STRIKE, 3), site="third")
    merged_into = tmp_path / "merged"
    with Index(merged_into) as index:
        added = index.merge(folder)
    renewed = tmp_path / "renewed"
    assert renew(folder, renewed, Settings(shingle=4)).articles == added.articles
    with Index(folder) as index:  # brings it up to date
        known = index.query(asked)
        stored = index._store.read_articles(range(1, len(index) + 1))
    assert added.articles == sum(not one.removed for one in stored)
    copy(folder, new)
    assert known.hits
    with Index(new) as index:
        found = index.query(asked)
        assert (found.hits, found.clusters, found.story) == (
            known.hits,
            known.clusters,
            known.story,
        )
    for place in (merged_into, renewed):
        with Index(place) as index:
            assert {hit.article for hit in index.query(asked).hits} == {
                hit.article for hit in known.hits
            }
            assert [problem for problem in index.check() if problem.skipped] == []
