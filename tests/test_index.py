"""The index through its public calls: what it says of an article, keeps, and answers in the end."""

from __future__ import annotations

import asyncio
import gzip
import inspect
import json
import os
import random
import shutil
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from subprocess import PIPE
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from news import FERRY, MILL
from prose import BRIDGE, COMET, HERRING, LIBRARY, STRIKE, article, changed, yards

import dedup
from dedup import Article, AsyncIndex, Index
from dedup.errors import DamagedError, InputError, OutputError, SettingsError
from dedup.index.open import read_settings
from dedup.index.renew import renew
from dedup.settings import Settings
from dedup.storage.local import LocalStore
from dedup.storage.protocol import StoredArticle

LINES = yards(5, 30, 40)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    with Index(tmp_path / "index") as opened:
        yield opened


def story(id_: str, *paragraphs: str, site: str = "herald", **fields: Any) -> Article:
    return Article(id_, "\n".join(paragraphs), site=site, **fields)


def answers(found: Any) -> tuple[Any, ...]:
    """What must be equal whatever the way the articles came in; ids of groups aside."""
    clusters = {
        frozenset((m.article, m.paragraph, round(m.similarity, 4)) for m in c.members): (
            c.canonical.article,
            c.canonical.paragraph,
            c.reason,
        )
        for c in found.clusters
    }
    stories = {
        frozenset((m.article, m.role, m.confidence) for m in s.members): (
            s.canonical,
            s.reason,
            s.original,
            s.source,
        )
        for s in found.stories
    }
    matches = {(m.a, m.b, m.relation, round(m.jaccard, 4), m.scopes) for m in found.matches}
    return clusters, stories, matches


# ---- what it says of an article


@pytest.mark.parametrize("name", ["wait", "claim_timeout"])
@pytest.mark.parametrize("wrong", [-1, "10", None, float("nan")])
def test_a_time_to_wait_that_is_none_is_refused(tmp_path: Path, name: str, wrong: Any) -> None:
    with pytest.raises(dedup.SettingsError, match=rf"{name} is .*; it must be a number of seconds"):
        Index(tmp_path / "index", **{name: wrong})
    assert not (tmp_path / "index").exists()


def test_the_first_article_is_new_and_matches_nothing(index: Index) -> None:
    found = index.add(article("a", BRIDGE, HERRING))
    assert found.is_new
    assert (found.hits, found.links, found.clusters, found.more) == ((), (), (), 0)
    assert (found.number, found.revision) == (1, 1)


def test_a_copied_paragraph_is_told_with_its_place_in_both_articles(index: Index) -> None:
    index.add(article("a", COMET, BRIDGE))
    text = f"{LIBRARY}\n{BRIDGE.upper()}"
    (hit,) = index.add({"id": "b", "text": text}).hits
    assert (hit.relation, hit.paragraph, hit.article, hit.other_paragraph) == (
        "identical",
        1,
        "a",
        1,
    )
    assert text[hit.start : hit.end] == BRIDGE.upper()
    assert article("a", COMET, BRIDGE).text[hit.other_start : hit.other_end] == BRIDGE


def test_a_changed_paragraph_is_told_with_the_stretches_that_are_shared(index: Index) -> None:
    index.add(article("a", BRIDGE))
    text = changed(BRIDGE, 20)
    (hit,) = index.query({"id": "b", "text": text}).hits
    assert hit.relation == "duplicate"
    shared = [text[start:end] for start, end in hit.spans]
    assert all(part in BRIDGE for part in shared)
    assert sum(map(len, shared)) > 0.8 * len(BRIDGE)


def test_the_same_article_again_is_seen_and_not_stored_twice(index: Index) -> None:
    first = index.add(article("a", BRIDGE))
    again = index.add(article("a", BRIDGE))
    assert (again.seen, again.is_new, again.number) == (True, False, first.number)
    assert again.hits == ()
    assert len(index) == 1


def test_a_copy_of_a_whole_article_is_linked_and_joins_its_story(index: Index) -> None:
    index.add(story("a", *FERRY, date="2024-05-01T08:00Z"))
    found = index.add(story("b", *FERRY[:8], site="post", date="2024-05-01T09:00Z"))
    assert not found.is_new
    assert [(link.a, link.b, link.first) for link in found.links] == [("a", "b", "a")]
    (settled,) = index.stories()
    assert settled.id == found.story


def test_a_query_writes_nothing(index: Index) -> None:
    index.add(article("a", BRIDGE))
    before = index.stats()
    assert index.query(article("b", BRIDGE)).number == 0
    assert index.stats() == before


def test_an_id_with_other_text_is_a_new_revision_and_both_are_kept(index: Index) -> None:
    index.add(article("a", BRIDGE))
    found = index.add(article("a", BRIDGE, HERRING))
    assert (found.revision, found.seen) == (2, False)
    stored = index.get("a")
    assert stored is not None
    assert stored.revision == 2
    assert {a.id for a in index.settle().articles} == {"a", "a#2"}
    assert [e.kind for e in index.since()].count("revision") == 1


def test_another_title_under_the_same_words_takes_the_place_of_the_earlier(index: Index) -> None:
    index.add(article("a", BRIDGE, title="Bridge"))
    assert index.add(article("a", BRIDGE, title="Bridge closes")).revision == 2
    assert [(a.id, a.title) for a in index.settle().articles] == [("a", "Bridge closes")]


def test_a_removed_article_is_in_no_answer(index: Index) -> None:
    index.add(article("a", BRIDGE))
    index.add(article("b", BRIDGE))
    assert len(index.clusters()) == 1
    assert index.remove("a")
    assert not index.remove("a")
    assert index.get("a") is None
    assert len(index.clusters()) == 0
    assert index.query(article("c", BRIDGE)).hits[0].article == "b"


def test_a_long_paragraph_is_not_held_by_a_short_text_that_it_contains(index: Index) -> None:
    index.add(article("short", BRIDGE))
    long = f"{' '.join(LINES[:8])} {BRIDGE}"
    found = index.add(article("long", long))
    assert found.largest_share < 0.25
    assert found.is_new
    assert index.query(article("again", BRIDGE)).largest_share == 1


def test_a_revision_is_held_against_other_articles_and_known_by_its_own(index: Index) -> None:
    first = index.add(article("a", BRIDGE, COMET))
    index.add(article("b", BRIDGE, COMET))
    found = index.add(article("a", changed(BRIDGE, 9), COMET))
    assert found.revision == 2
    assert not found.is_new
    assert [sorted((link.a, link.b)) for link in found.links] == [["a", "b"]]
    assert found.links[0].share_of_b < 1
    assert found.closest == "b"
    assert found.story is not None
    assert first.closest is None
    alone = index.add(article("c", STRIKE))
    again = index.add(article("c", changed(STRIKE, 4)))
    assert (alone.largest_share, again.links, again.closest) == (0, (), None)
    assert again.largest_share > 0.5


def test_texts_whose_articles_were_all_taken_out_are_in_no_cluster(index: Index) -> None:
    index.add(article("a", BRIDGE))
    index.add(article("b", BRIDGE))
    index.remove("a")
    assert index.query(article("c", BRIDGE)).clusters
    index.remove("b")
    found = index.query(article("c", BRIDGE))
    assert (found.is_new, found.hits, found.clusters, found.story) == (True, (), (), None)


def test_an_index_without_texts_cannot_keep_them_from_now_on(tmp_path: Path) -> None:
    Index(tmp_path / "index").close()
    with pytest.raises(SettingsError, match="made without texts"):
        Index(tmp_path / "index", keep_text=True)
    Index(tmp_path / "kept", keep_text=True).close()
    with Index(tmp_path / "kept") as opened:
        assert opened.keep_text


def test_a_file_is_no_folder_for_an_index(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("rain")
    with pytest.raises(OutputError, match="is a file; name a folder"):
        Index(tmp_path / "file")


def test_nothing_that_a_removed_article_said_is_on_the_disk_after_compacting(
    tmp_path: Path,
) -> None:
    secret, plain = "Zanzibariticus spoke of it.", "Nobody else has said a word so far."
    with Index(tmp_path / "index", keep_text=True) as opened:
        opened.add(Article("a", f"{BRIDGE}\n{secret}", title="Quixotical", site="herald"))
        opened.add_many([article("b", BRIDGE), Article("c", plain), Article("d", secret)])
        assert opened.remove("a")
        assert opened.remove("d")
        opened.compact()
        held = b"".join(file.read_bytes() for file in (tmp_path / "index").iterdir())
        assert plain.encode() in held
        assert b"Zanzibariticus" not in held
        assert b"Quixotical" not in held
        assert opened.check() == []
        assert opened.query(article("e", BRIDGE)).hits[0].article == "b"
        assert opened.query(Article("f", secret)).hits == ()
        assert opened.add(Article("a", secret)).revision == 1


def test_a_clock_that_goes_backwards_changes_nothing(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    hours = iter(range(10_000, 0, -1))
    monkeypatch.setattr(time, "time", lambda: 3600.0 * next(hours))
    monkeypatch.setattr(time, "time_ns", lambda: 3600 * 10**9 * next(hours))
    dates = [f"2024-05-{day:02}T08:00Z" for day in range(9, 1, -1)]
    articles = [
        Article(f"{n}", f"{BRIDGE}\n{COMET if n % 2 else STRIKE}", site=f"s{n}", date=date)
        for n, date in enumerate(dates)
    ]
    for one in articles[:5]:
        index.add(one)
    index.add_many(articles[5:])
    assert [index._store.current([one.id]) for one in articles] == [[n] for n in range(1, 9)]
    assert answers(index.settle()) == answers(dedup.scan(articles))


def test_threads_that_ask_while_one_adds_see_whole_answers_and_count_nothing_twice(
    index: Index,
) -> None:
    index.add(article("first", BRIDGE, COMET))
    wrong: list[object] = []
    done = threading.Event()

    def ask() -> None:
        while not done.is_set():
            found = index.query(article("asked", BRIDGE, COMET))
            if not found.clusters or found.story is None:
                wrong.append(found)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for n in range(40):
        index.add(article(f"copy {n}", BRIDGE, changed(COMET, n % 7)))
    done.set()
    for thread in threads:
        thread.join()
    assert wrong == []
    index.query(article("asked", BRIDGE, COMET))
    joined = [event.data["members"] for event in index.since() if event.kind == "cluster joined"]
    told = Counter((c, place) for some in joined for c in some for place in map(tuple, some[c]))
    assert set(told.values()) == {1}
    assert {article for _, (article, _) in told} >= {"first", *(f"copy {n}" for n in range(40))}


def test_an_article_that_two_processes_add_at_once_is_new_to_one_of_them(tmp_path: Path) -> None:
    code = (
        "import sys, dedup\n"
        "sys.stdin.readline()\n"
        "with dedup.Index(sys.argv[1], wait=60) as index:\n"
        "    found = index.add({'id': 'a', 'text': sys.argv[2]})\n"
        "    print(found.seen, found.number)"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "index"), BRIDGE]
    both = [
        subprocess.Popen(command, stdin=PIPE, stdout=PIPE, encoding="utf-8", cwd=tmp_path)
        for _ in range(2)
    ]
    for one in both:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    assert sorted(one.communicate()[0] for one in both) == ["False 1\n", "True 1\n"]
    with Index(tmp_path / "index") as opened:
        assert len(opened) == 1


@pytest.mark.parametrize("nothing", ["", "...", "\n\n", "a"])
def test_an_article_with_next_to_no_words_is_stored(index: Index, nothing: str) -> None:
    index.add(article("a", BRIDGE))
    assert index.add({"id": "b", "text": nothing}).hits == ()
    assert len(index) == 2


def test_what_is_no_article_is_refused(index: Index) -> None:
    with pytest.raises(InputError, match="there is no field 'text'"):
        index.add({"id": "a", "body": BRIDGE})
    assert len(index) == 0


def test_an_article_without_an_id_gets_one_from_its_words(index: Index) -> None:
    assert index.add(BRIDGE).article == index.query(BRIDGE).article
    assert index.query(BRIDGE).seen


def test_of_many_matches_the_closest_are_told_and_the_others_counted(index: Index) -> None:
    for number in range(12):
        index.add(article(str(number), changed(BRIDGE, number)))
    found = index.query(article("x", changed(BRIDGE, 30)))
    assert len(found.hits) == 8
    assert len(found.hits) + found.more <= 12
    assert [hit.jaccard for hit in found.hits] == sorted(
        (hit.jaccard for hit in found.hits), reverse=True
    )


# ---- what it answers in the end


def corpus() -> list[Article]:
    dice = random.Random(3)
    bases = [BRIDGE, HERRING, LIBRARY, COMET, STRIKE]
    articles = [
        story(
            f"n{number:02}",
            changed(dice.choice(bases), *dice.sample(range(35), dice.choice((0, 1, 3)))),
            dice.choice(LINES),
            dice.choice([text.upper() for text in LINES[:5]]),
            "Read more on page two of the Saturday paper",
            site=dice.choice(("herald", "post", "wire")),
            **({"date": f"2024-05-{number % 9 + 1:02}T10:{number:02}Z"} if number % 4 else {}),
        )
        for number in range(40)
    ]
    articles += [story(f"ferry {n}", *FERRY[n:], site=f"s{n}") for n in range(4)]
    return [*articles, story("mill", *MILL), story("round", *MILL, *FERRY[:4], site="s9")]


CORPUS = corpus()
SCANNED = answers(dedup.scan(CORPUS))


@settings(deadline=None, max_examples=8, suppress_health_check=list(HealthCheck))
@given(
    order=st.permutations(range(len(CORPUS))), cut=st.integers(0, len(CORPUS)), first=st.booleans()
)
def test_any_order_and_any_split_gives_the_answers_of_one_scan(
    tmp_path_factory: pytest.TempPathFactory, order: list[int], cut: int, first: bool
) -> None:
    articles = [CORPUS[number] for number in order]
    with Index(tmp_path_factory.mktemp("index") / "i") as index:
        one_by_one, at_once = articles[:cut], articles[cut:]
        if first:
            index.add_many(at_once)
        for item in one_by_one:
            index.add(item)
        if not first:
            index.add_many(at_once)
        assert answers(index.settle()) == SCANNED


def test_a_reopened_index_gives_the_same_answers(tmp_path: Path) -> None:
    for item in CORPUS:
        with Index(tmp_path / "index") as index:
            index.add(item)
    with Index(tmp_path / "index", read_only=True) as index:
        assert answers(index.settle()) == SCANNED


def test_opening_and_asking_reads_no_article_that_has_nothing_to_do_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Index(tmp_path / "index") as opened:
        opened.add_many(article(f"{n}", line) for n, line in enumerate(LINES))
        for n in range(20):
            opened.add(article(f"copy {n}", BRIDGE))
    whole, read = LocalStore.read_articles, 0

    def counting(self: LocalStore, seqs: Sequence[int]) -> list[StoredArticle]:
        nonlocal read
        read += len(seqs)
        return whole(self, seqs)

    monkeypatch.setattr(LocalStore, "read_articles", counting)
    with Index(tmp_path / "index", read_only=True) as opened:
        assert opened.query(article("new", COMET)).is_new
        assert read == 0
        assert opened.query(article("old", BRIDGE)).clusters
        assert 0 < read <= 20  # the copies alone


DATA = Path(__file__).parent / "data"


def test_an_index_of_the_first_version_keeps_its_groups_and_standing_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dedup.text.tokenize.VERSION", 1)  # its words are read as today's are
    known = json.loads((DATA / "index-version-1.json").read_text())
    folder = shutil.copytree(DATA / "index-version-1", tmp_path / "index")
    with pytest.raises(DamagedError, match="open it for writing once"):
        Index(folder, read_only=True)
    asked = article("z", changed(STRIKE, 3), known["line"], site="herald")
    for read_only in (False, True):
        with Index(folder, read_only=read_only) as opened:
            held = opened._now()
            kept = {kind: dict(stable.of.items()) for kind, stable in held.stable_ids.items()}
            assert kept == {
                kind: {int(member): id_ for member, id_ in of.items()}
                for kind, of in known["of"].items()
            }
            assert sorted(held.boilerplate) == known["standing"]
            found = opened.query(asked)
            assert [list(found.clusters), found.story] == known["asked"]
            assert opened.check() == []
    with Index(folder) as opened:
        opened.add(article("late", BRIDGE, COMET))
        ids = {c.id for c in opened.clusters()}
        assert set(known["clusters"]) <= ids


@pytest.mark.parametrize(
    ("keep_text", "remedy"),
    [(True, r"dedup index renew .* NEW"), (False, "make a new one from the articles")],
)
def test_an_index_whose_words_were_read_otherwise_is_refused_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keep_text: bool, remedy: str
) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    with monkeypatch.context() as earlier:
        earlier.setattr("dedup.text.tokenize.VERSION", 1)
        with Index(old, Settings(shingle=4), keep_text=keep_text) as made:
            made.add(article("a", FERRY[0], BRIDGE))
            made.add(article("a", FERRY[0], COMET))
            made.add(article("b", FERRY[0]))
            made.add(article("gone", STRIKE))
            made.remove("gone")
    with pytest.raises(SettingsError, match=f"normalizer is 1 there and 2 here.*{remedy}"):
        Index(old)
    if not keep_text:
        with pytest.raises(SettingsError, match="make a new one from the articles"):
            renew(old, new)
        return
    assert renew(old, new).articles == 3
    with Index(new) as opened:
        assert opened.settings.shingle == 4
        assert opened.get("gone") is None
        found = opened.get("a")
        assert found is not None
        assert (found.revision, found.article.text) == (2, article("a", FERRY[0], COMET).text)
        assert opened.query(article("c", FERRY[0])).hits
    with pytest.raises(InputError, match="there is something already"):
        renew(old, new)


def test_an_index_of_a_later_version_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dedup.index.open.VERSION", 99)
    Index(tmp_path / "index").close()
    monkeypatch.undo()
    with pytest.raises(DamagedError, match=r"records of version 99, .* reads 3"):
        Index(tmp_path / "index")


def test_settings_of_another_version_are_refused_by_name_and_those_not_recorded_are_default(
    tmp_path: Path,
) -> None:
    place = tmp_path / "later.index"
    LocalStore(place, {"settings": {"depth": 3, "shingle": 4}}).close()
    for opening in (
        lambda: Index(place),
        lambda: Index(place, read_only=True),
        lambda: renew(place, tmp_path / "new.index"),
    ):
        with pytest.raises(DamagedError, match=r"later\.index: .* does not know \(depth\)"):
            opening()
    assert not (tmp_path / "new.index").exists()
    assert read_settings(place, {"shingle": 4}) == Settings(shingle=4)


def test_ids_stay_when_lower_ones_arrive(index: Index) -> None:
    index.add(story("m", *FERRY, date="2024-05-02"))
    found = index.add(story("n", *FERRY, site="post", date="2024-05-03"))
    before = {c.id for c in index.clusters()}, [s.id for s in index.stories()]
    assert before[1] == [found.story]
    index.add(story("a", *FERRY, site="wire", date="2024-05-01"))
    assert ({c.id for c in index.clusters()}, [s.id for s in index.stories()]) == before


def test_a_late_original_changes_the_canonical_once_as_an_event(index: Index) -> None:
    index.add(story("m", *FERRY, date="2024-05-02"))
    index.add(story("n", *FERRY, site="post", date="2024-05-03"))
    index.settle()
    seen = list(index.since())[-1].sequence
    index.add(story("z", *FERRY, site="wire", date="2024-05-01"))
    index.settle()
    changes = [e.data for e in index.since(seen) if e.kind == "story canonical changed"]
    assert [(c["before"], c["canonical"]) for c in changes] == [("m", "z")]
    last = list(index.since())[-1].sequence
    index.settle()
    assert list(index.since(last)) == []


def test_two_clusters_that_turn_out_to_be_one_are_told_to_have_merged(index: Index) -> None:
    near, far = changed(BRIDGE, 2, 9, 16, 23), changed(BRIDGE, 5, 12, 19, 26, 33)
    for number, text in enumerate((near, near, far, far)):
        index.add(article(str(number), text))
    if len(index.clusters()) == 2:
        index.add(article("middle", BRIDGE))
        assert len(index.clusters()) == 1
        assert [e.kind for e in index.since()].count("cluster merged") == 1
    else:  # near enough already
        assert len(index.clusters()) == 1


def test_a_line_on_many_pages_of_a_site_is_known_as_standing_from_then_on(index: Index) -> None:
    footer = "Sign up for our newsletter and read the best of the valley every Sunday morning"
    for number, line in enumerate(LINES[:12]):
        index.add(story(str(number), line, footer))
    learnt = [e for e in index.since() if e.kind == "relabelled"]
    assert [e.data["boilerplate"] for e in learnt] == [True]
    late = index.add(story("late", LINES[13], changed(footer, 3)))
    assert {hit.relation for hit in late.hits} == {"boilerplate"}


def test_without_texts_an_export_has_the_places_and_with_them_the_words(tmp_path: Path) -> None:
    for name, keep in (("bare", False), ("full", True)):
        with Index(tmp_path / name, keep_text=keep) as index:
            index.add_many(CORPUS)
            index.export(tmp_path / f"{name}-out")
            sample = index.clusters()[0].canonical.text
            assert bool(sample) == keep
    bare, full = ((tmp_path / f"{n}-out" / "stories.jsonl").read_text() for n in ("bare", "full"))
    assert bare.count("\n") == full.count("\n") > 0


def test_an_empty_index_has_no_answers_to_give(index: Index) -> None:
    with pytest.raises(InputError, match="add some first"):
        index.clusters()


# ---- opening


def test_other_settings_than_recorded_are_refused_with_what_differs(tmp_path: Path) -> None:
    Index(tmp_path / "index", dedup.Settings(shingle=4, evidence=9)).close()
    with pytest.raises(SettingsError, match="shingle is 4 there and 3 here"):
        Index(tmp_path / "index", dedup.Settings())
    with Index(tmp_path / "index") as index:
        assert (index.settings.shingle, index.settings.evidence) == (4, 9)
    with Index(tmp_path / "index", dedup.Settings(shingle=4, policy="longest")) as index:
        assert index.settings.policy == "longest"


def test_the_index_is_had_in_asyncio_too(tmp_path: Path) -> None:
    async def job() -> tuple[bool, int, list[str]]:
        async with AsyncIndex(tmp_path / "index") as index:
            found = await asyncio.gather(*(index.add(item) for item in CORPUS[:6]))
            seen = await index.add(CORPUS[0])
            return seen.seen, len(found), [e.kind for e in await index.since()][:0]

    assert asyncio.run(job()) == (True, 6, [])


def test_a_closed_async_index_says_how_to_open_it(tmp_path: Path) -> None:
    async def job() -> None:
        await AsyncIndex(tmp_path / "index").add(BRIDGE)

    with pytest.raises(ValueError, match="async with"):
        asyncio.run(job())


def test_bulk_and_single_adding_tell_what_was_seen_and_what_is_new(index: Index) -> None:
    done = index.add_many([*CORPUS, CORPUS[0], {"id": "bad"}])
    assert (done.articles, done.seen, done.revisions) == (len(CORPUS), 1, 0)
    assert [problem.where for problem in done.problems] == [f"item {len(CORPUS) + 1}"]
    again = index.add_many(CORPUS)
    assert (again.articles, again.seen) == (0, len(CORPUS))
    assert index.add(CORPUS[3]).seen


def test_what_happens_after_an_answer_is_told_since_it(index: Index) -> None:
    index.add(story("a", *FERRY, site="wire"))
    found = index.add(story("b", *FERRY, site="post"))
    before = [event.sequence for event in index.since()]
    assert found.sequence == before[-1]
    index.add(story("b", *MILL, site="post"))
    later = list(index.since(found.sequence))
    assert [event.kind for event in later][:1] == ["revision"]
    assert [event.sequence for event in index.since()] == before + [e.sequence for e in later]


def test_asyncio_has_every_call_of_the_index() -> None:
    for name, call in inspect.getmembers(Index, inspect.isfunction):
        if not name.startswith("_"):
            ours = inspect.signature(getattr(AsyncIndex, name))
            assert list(ours.parameters) == list(inspect.signature(call).parameters), name


def test_a_settled_index_gives_a_result_like_a_scan(index: Index) -> None:
    index.add_many(CORPUS)
    settled, scanned = index.settle(), dedup.scan(CORPUS)
    assert isinstance(settled, dedup.Result)
    assert (len(settled.kept), len(settled.dropped)) == (len(scanned.kept), len(scanned.dropped))
    assert settled.duplicate_ratio == scanned.duplicate_ratio > 0


def test_an_article_is_compared_with_an_index_as_a_scan_compares_it(index: Index) -> None:
    near = changed(BRIDGE, 9, 28)
    index.add(article("a", BRIDGE))
    (hit,) = index.query(article("b", near, site="post")).hits
    (match,) = dedup.scan([article("a", BRIDGE), article("b", near, site="post")]).matches
    assert (hit.relation, hit.jaccard, hit.containment) == (
        match.relation,
        match.jaccard,
        match.containment,
    )
    assert hit.evidence == match.evidence


# ---- real news


def real(corpus: str) -> list[dict[str, Any]]:
    folder = os.environ.get("DEDUP_CORPORA")
    if not folder:
        pytest.skip("DEDUP_CORPORA names no folder of corpora")
    with gzip.open(Path(folder, corpus, "docs.jsonl.gz"), "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@pytest.mark.parametrize("corpus", ["helsinki", "insm"])
def test_real_news_added_one_by_one_and_at_once_gives_the_answers_of_a_scan(
    corpus: str, index: Index
) -> None:
    articles = real(corpus)[:300]
    random.Random(1).shuffle(articles)
    for item in articles[:100]:
        index.add(item)
    index.add_many(articles[100:])
    assert answers(index.settle()) == answers(dedup.scan(articles))


@pytest.mark.slow
def test_an_agencys_archive_article_by_article_gives_the_answers_of_a_scan(index: Index) -> None:
    articles = real("kcna")
    for item in articles:
        index.add(item)
    assert answers(index.settle()) == answers(dedup.scan(articles))


@pytest.mark.parametrize("copies", [3, 20, 70, 600])
def test_a_copy_that_is_still_there_is_found_after_others_were_removed(
    tmp_path: Path, copies: int
) -> None:
    with Index(tmp_path / "i") as index:
        index.add_many({"id": f"{n:03}", "text": BRIDGE} for n in range(copies))
        for n in range(copies - 1):
            assert index.remove(f"{n:03}")
        for asked in (BRIDGE, changed(BRIDGE, 3, 9)):
            found = index.query({"id": "new", "text": asked})
            assert (found.is_new, found.closest) == (False, f"{copies - 1:03}")
            assert [hit.article for hit in found.hits] == [f"{copies - 1:03}"]
    with Index(tmp_path / "i", read_only=True) as index:
        assert not index.query({"id": "new", "text": BRIDGE}).is_new
    with Index(tmp_path / "i") as index:
        assert index.remove(f"{copies - 1:03}")
        assert index.query({"id": "new", "text": BRIDGE}).is_new


def test_a_version_that_is_still_there_is_found_after_others_were_removed(tmp_path: Path) -> None:
    with Index(tmp_path / "i") as index, Index(tmp_path / "i", read_only=True) as reader:
        for n in range(20):
            index.add({"id": f"{n:02}", "text": changed(BRIDGE, n % 10, 12 + n)})
        for n in range(19):
            index.remove(f"{n:02}")
        for opened in (index, reader):
            found = opened.query({"id": "new", "text": BRIDGE})
            assert (found.is_new, found.closest) == (False, "19")


@pytest.mark.parametrize("version", ["14.0.0", "15.0.0", "15.1.0", "16.0.0"])
def test_an_index_that_another_python_made_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    with monkeypatch.context() as other:
        other.setattr("dedup.index.open.UNICODE", version)
        with Index(tmp_path / "i") as index:
            index.add({"id": "a", "text": BRIDGE})
    for read_only in (True, False):
        with Index(tmp_path / "i", read_only=read_only) as index:
            assert index.query({"id": "b", "text": BRIDGE}).closest == "a"
    if version == "14.0.0":
        monkeypatch.setattr("dedup.index.open.UNICODE", "99.0.0")
        with pytest.raises(SettingsError, match="unicode is"):
            Index(tmp_path / "i")


def test_a_text_that_is_known_is_linked_to_its_versions_too(tmp_path: Path) -> None:
    mine, version = f"{BRIDGE}\n{HERRING}", f"{changed(BRIDGE, 9)}\n{changed(HERRING, 12)}"
    articles = [
        {"id": "a", "text": f"{mine}\n{COMET}", "site": "a.example"},
        {"id": "b", "text": f"{version}\n{LIBRARY}", "site": "b.example"},
        {"id": "c", "text": f"{mine}\n{STRIKE}", "site": "c.example"},
    ]
    with Index(tmp_path / "i") as index:
        for one in articles[:2]:
            index.add(one)
        asked, found = index.query(articles[2]), index.add(articles[2])
    there = {(link.a, link.b) for link in dedup.scan(articles).links if "c" in (link.a, link.b)}
    assert there == {("a", "c"), ("b", "c")}
    for told in (asked, found):
        assert {(link.a, link.b) for link in told.links} == there
        assert {hit.article for hit in told.hits} == {"a", "b"}


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 2)), max_size=20))
def test_many_articles_are_stored_as_if_each_came_by_itself(
    tmp_path_factory: pytest.TempPathFactory, came: list[tuple[int, int]]
) -> None:
    folder = tmp_path_factory.mktemp("many")
    given_ = [story(f"a{id_}", LINES[id_], LINES[6 + text]) for id_, text in came]
    with pytest.MonkeyPatch.context() as patch, Index(folder / "many") as many:
        patch.setattr("dedup.index.ingest.CHUNK", 3)
        added = many.add_many(given_)
        with Index(folder / "single") as single:
            each = [single.add_many([one]) for one in given_]
            for name in ("articles", "seen", "revisions", "texts"):
                assert getattr(added, name) == sum(getattr(one, name) for one in each)
            last = [(one.get(f"a{n}") or None) for one in (many, single) for n in range(6)]
            told = [one and (one.article, one.revision, len(one.text)) for one in last]
            assert told[:6] == told[6:]


def test_what_was_read_before_a_source_fails_is_stored(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dedup.index.ingest.CHUNK", 2)

    def failing() -> Iterator[Article]:
        yield from (story(f"a{n}", line) for n, line in enumerate(LINES[:5]))
        raise ConnectionError("the feed is gone")

    with pytest.raises(ConnectionError):
        index.add_many(failing())
    assert [bool(index.get(f"a{n}")) for n in range(5)] == [True] * 4 + [False]


def test_what_cannot_be_stored_ends_adding_many(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dedup.index.ingest.CHUNK", 2)
    whole, calls = LocalStore.append, iter(range(9))

    def full(store: LocalStore, batch: Any) -> None:
        if next(calls) == 1:
            raise OutputError("the disk is full")
        whole(store, batch)

    monkeypatch.setattr(LocalStore, "append", full)
    with pytest.raises(OutputError):
        index.add_many(story(f"a{n}", line) for n, line in enumerate(LINES[:9]))
    assert [bool(index.get(f"a{n}")) for n in range(9)] == [True] * 2 + [False] * 7


def test_two_fetches_of_one_document_are_both_in_after_many_were_added(tmp_path: Path) -> None:
    """A scan takes them for one article, and so does settling; but each id is there to be asked."""
    url = "https://herald.example/bridge"
    articles = [
        {"id": "a", "text": BRIDGE, "url": url},
        {"id": "b", "text": BRIDGE, "url": f"{url}?utm_source=x"},
    ]
    with Index(tmp_path / "many") as many, Index(tmp_path / "one") as one:
        assert many.add_many(articles).articles == 2
        for article_ in articles:
            one.add(article_)
        for index in (many, one):
            assert [index.get(id_) is not None for id_ in "ab"] == [True, True]
            assert len(index.settle().articles) == 1
            assert index.remove("a")
            assert [index.get(id_) is not None for id_ in "ab"] == [False, True]
            assert len(index.settle().articles) == 1


def test_questions_and_additions_do_not_wait_for_settling_under_asyncio(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Settling is held up for as long as the questions take."""
    asked = threading.Event()
    settle = Index.settle

    def held_up(index: Index, *given: Any) -> dedup.Result:
        assert asked.wait(60)
        return settle(index, *given)

    async def job() -> None:
        async with AsyncIndex(tmp_path / "i") as index:
            await index.add({"id": "a", "text": BRIDGE})
            settling = asyncio.create_task(index.settle())
            await asyncio.sleep(0)
            later = asyncio.create_task(index.add({"id": "b", "text": HERRING}))
            found = await asyncio.wait_for(index.query({"id": "x", "text": BRIDGE}), 60)
            assert found.closest == "a"
            assert (await asyncio.wait_for(index.get("a"), 60)) is not None
            await asyncio.wait_for(later, 60)
            assert await asyncio.wait_for(index.count(), 60) == 2
            assert (await asyncio.wait_for(index.stats(), 60))["articles"] == 2
            assert not settling.done()
            asked.set()
            assert len((await settling).articles) == 2
            assert (index.settings.shingle, index.keep_text) == (3, False)

    monkeypatch.setattr(Index, "settle", held_up)
    asyncio.run(job())
