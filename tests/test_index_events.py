"""The events of an index lead whoever takes them in to the groups of its last settling."""

from __future__ import annotations

import asyncio
import os
import random
import tempfile
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from news import FERRY, MILL
from prose import BRIDGE, COMET, HERRING, LIBRARY, STRIKE, changed
from test_index import answers

from dedup import Article, AsyncIndex, Event, Index, ToldGroups, pipeline, scan
from dedup.errors import LockedError
from dedup.index import settle as settling
from dedup.index.membership import Membership, changes
from dedup.progress import Silent
from dedup.result import Result
from dedup.storage.protocol import Batch

Groups = tuple[dict[str, set[tuple[str, int]]], dict[str, set[str]]]


def settled(found: Result) -> Groups:
    """The members of every cluster and story of an answer, by the group's id."""
    return (
        {c.id: {(m.article, m.paragraph) for m in c.members} for c in found.clusters},
        {s.id: {m.article for m in s.members} for s in found.stories},
    )


def followed(index: Index) -> Groups:
    told = ToldGroups()
    for event in index.since():
        told.take(event)
    return told.clusters, told.stories


def corpus(seed: int = 3) -> list[Article]:
    """Short articles on few things, so that groups grow, merge, part and go."""
    dice = random.Random(seed)
    pool = [
        *FERRY,
        *MILL,
        *(text for base in (BRIDGE, COMET, HERRING, LIBRARY, STRIKE) for text in near(base)),
    ]
    articles = []
    for number in range(24):
        texts = dice.sample(pool, dice.randint(2, 5))
        if number % 3 == 0:
            texts = [*(FERRY if number % 2 else MILL)[: dice.randint(6, 9)], texts[0]]
        id_ = f"{dice.randint(0, 30):02}"  # so some come again, as revisions
        date = f"2024-05-{dice.randint(1, 20):02}"
        articles.append(Article(id_, "\n".join(texts), site=f"s{number % 4}", date=date))
    return articles


def near(text: str) -> list[str]:
    return [text, changed(text, 4), changed(text, 9, 17), changed(text, 2, 9, 16, 23)]


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.integers(0, 23)),
        st.tuples(st.just("add_many"), st.lists(st.integers(0, 23), max_size=8)),
        st.tuples(st.just("remove"), st.integers(0, 23)),
        st.tuples(st.just("settle"), st.just(0)),
    ),
    min_size=2,
    max_size=14,
)
CORPUS = corpus()


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(STEPS)
@example([("add_many", [3, 10]), ("add", 5)])  # a revision, of which nothing is told until settled
def test_whoever_follows_the_events_ends_in_the_settled_groups(
    steps: list[tuple[str, Any]],
) -> None:
    with tempfile.TemporaryDirectory() as folder, Index(Path(folder) / "index") as index:
        index.add(CORPUS[0])
        for what, which in steps:
            if what == "add":
                index.add(CORPUS[which])
            elif what == "add_many":
                index.add_many([CORPUS[number] for number in which])
            elif what == "remove":
                index.remove(CORPUS[which].id)
            elif any(index.get(article.id) for article in CORPUS):
                truth = settled(index.settle())
                assert followed(index) == truth
        index.add(CORPUS[1])
        truth = settled(index.settle())
        assert followed(index) == truth


GROUPS = st.dictionaries(
    st.sampled_from("uvwxyz"), st.sets(st.sampled_from("abcdefgh"), min_size=1), max_size=6
)


@given(GROUPS, GROUPS)
def test_from_any_groups_to_any_others_events_lead(
    before: dict[str, set[str]], after: dict[str, set[str]]
) -> None:
    told = ToldGroups()
    told.take(Event(1, "story joined", {"members": before}))
    states = [Membership.of(groups, "story") for groups in (before, after)]
    for number, (kind, data) in enumerate(changes("story", *states), 2):
        told.take(Event(number, kind, data))
    assert told.stories == after
    assert changes("story", states[1], states[1]) == []


@pytest.mark.parametrize(
    ("before", "after", "kinds"),
    [
        ({"x": "ab"}, {"x": "abc"}, ["joined"]),
        ({"x": "abc"}, {"x": "ab"}, ["left"]),
        ({"x": "ab", "y": "cd"}, {"x": "abcd"}, ["merged"]),
        ({"x": "abcd"}, {"x": "ab", "y": "cd"}, ["split"]),
        ({"x": "abc", "y": "de"}, {"x": "ab", "y": "cde"}, ["moved"]),
        ({"x": "ab"}, {}, ["left"]),
        ({"x": "ab"}, {"x": "ab"}, []),
    ],
)
def test_each_change_of_members_has_its_kind(
    before: dict[str, str], after: dict[str, str], kinds: list[str]
) -> None:
    found = changes("story", Membership.of(before, "story"), Membership.of(after, "story"))
    assert [kind for kind, _ in found] == [f"story {kind}" for kind in kinds]


def test_a_cluster_of_which_nobody_was_told_gets_the_id_that_a_scan_gives_it(
    tmp_path: Path,
) -> None:
    texts = (BRIDGE, COMET, HERRING, LIBRARY, STRIKE)
    news = [Article(text[:9], f"{text}\n{changed(text, 20)}") for text in texts]
    with Index(tmp_path / "index") as index:
        index.add_many(news)  # an article is not compared with itself before it is settled
        assert list(index.since(0)) == []
        found = [(cluster.id, len(cluster.members)) for cluster in index.settle().clusters]
    assert found == [(cluster.id, 2) for cluster in scan(news).clusters]
    assert len(found) == len(news)


def test_an_addition_tells_its_clusters_in_one_event_and_settling_in_one_an_article(
    tmp_path: Path,
) -> None:
    with Index(tmp_path / "index") as index:
        index.add(Article("a", "\n".join(FERRY)))
        index.add(Article("b", "\n".join(FERRY)))
        index.add_many([Article(name, "\n".join(FERRY)) for name in "cd"])
        index.settle()
        told = [e.data["article"] for e in index.since() if e.kind == "cluster joined"]
        assert told == ["b", "c", "d"]


def test_events_of_an_earlier_version_are_read_and_lead_to_the_same_groups(tmp_path: Path) -> None:
    with Index(tmp_path / "index") as index:
        index.add_many([Article("a", "\n".join(FERRY)), Article("b", "\n".join(FERRY))])
        old = [("story grew", {"story": "old", "article": "b", "sequences": [1, 2]})]
        index._store.append(Batch(events=old, state={"version": b"2"}))
    with Index(tmp_path / "index", read_only=True) as reader:
        assert reader.query(Article("c", "\n".join(FERRY))).story == "old"
    with Index(tmp_path / "index") as index:
        (found,) = index.settle().stories
        assert found.id == "old"
        assert followed(index)[1] == {"old": {"a", "b"}}


# ---- settling while others add


def beside(monkeypatch: pytest.MonkeyPatch, index: Index, work: Any) -> Result:
    """Settle, and do some work while the answers are worked out."""
    find = pipeline.find

    def slow(*arguments: Any) -> Result:
        other = threading.Thread(target=work)  # another thread: none is shut out
        other.start()
        other.join(60)
        assert not other.is_alive()
        return find(*arguments)

    monkeypatch.setattr(pipeline, "find", slow)
    found = index.settle()
    monkeypatch.undo()
    return found


def test_while_it_settles_others_add_ask_and_take_out_and_nothing_of_it_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Index(tmp_path / "index") as index:
        index.add_many(CORPUS[:18])

        def work() -> None:
            for article in CORPUS[18:]:
                assert index.add(article).number
            index.remove(CORPUS[2].id)
            assert index.query(CORPUS[20]).hits

        found = beside(monkeypatch, index, work)
        assert {a.id.split("#")[0] for a in found.articles} == {a.id for a in CORPUS[:18]}
        stories = followed(index)[1]
        there = {name for members in stories.values() for name in members}
        assert CORPUS[2].id not in there
        found = index.settle()
        assert followed(index) == settled(found)


def test_an_article_that_comes_while_it_settles_is_in_the_group_that_its_own_has_become(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Index(tmp_path / "index") as index:
        index.add_many([Article(name, "\n".join(FERRY)) for name in "ab"])
        told: list[str | None] = []
        found = beside(
            monkeypatch,
            index,
            lambda: told.append(index.add(Article("c", "\n".join(FERRY))).story),
        )
        (story,) = found.stories
        assert followed(index)[1] == {story.id: {"a", "b", "c"}}
        assert index.query(Article("d", "\n".join(FERRY))).story == story.id
        with Index(tmp_path / "index", read_only=True) as reader:
            assert reader.query(Article("d", "\n".join(FERRY))).story == story.id


def test_under_asyncio_nothing_waits_until_it_has_settled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find, begun, added = pipeline.find, threading.Event(), threading.Event()

    def slow(*arguments: Any) -> Result:
        begun.set()
        assert added.wait(60)
        return find(*arguments)

    monkeypatch.setattr(pipeline, "find", slow)

    async def job() -> tuple[int, list[str]]:
        async with AsyncIndex(tmp_path / "index") as index:
            await index.add_many(CORPUS[:6])
            running = asyncio.create_task(index.settle())
            assert await asyncio.to_thread(begun.wait, 60)
            found = await index.add(Article("new", "\n".join(MILL)))
            await index.query(CORPUS[1])
            added.set()
            return found.number, [a.id.split("#")[0] for a in (await running).articles]

    number, settled_ids = asyncio.run(job())
    assert number
    assert set(settled_ids) <= {a.id for a in CORPUS[:6]}


def test_of_two_settlings_at_once_one_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Index(tmp_path / "index") as index:
        index.add_many(CORPUS[:6])
        refused: list[str] = []

        def again() -> None:
            try:
                index.settle()
            except LockedError as error:
                refused.append(str(error))

        beside(monkeypatch, index, again)
        assert refused == ["this index is being settled by another thread; wait until it is"]
        assert index.settle().stories is not None


def test_a_settling_that_another_process_overtook_is_not_taken_over(tmp_path: Path) -> None:
    with Index(tmp_path / "index") as index:
        index.add_many(CORPUS[:6])
        at = settling.snapshot(index._now())
        late = settling.settle(index._store, at, index.settings, index._state.outlets, Silent())
        index.settle()
        before = list(index.since())
        with pytest.raises(LockedError, match="another process settled this index meanwhile"):
            settling.taken_over(index._now(), late)
        assert list(index.since()) == before


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(STEPS)
def test_in_any_order_and_any_split_the_settled_answers_are_those_of_one_scan(
    steps: list[tuple[str, Any]],
) -> None:
    there: dict[str, list[Article]] = {}

    def came(article: Article) -> None:
        held = there.setdefault(article.id, [])
        if not held or held[-1] != article:
            there[article.id] = [one for one in held if one != article] + [article]

    with tempfile.TemporaryDirectory() as folder, Index(Path(folder) / "index") as index:
        for what, which in [*steps, ("add", 0)]:
            if what == "add":
                index.add(CORPUS[which])
                came(CORPUS[which])
            elif what == "add_many":
                index.add_many([CORPUS[number] for number in which])
                for number in which:
                    came(CORPUS[number])
            elif what == "remove":
                index.remove(CORPUS[which].id)
                there.pop(CORPUS[which].id, None)
            elif there:
                index.settle()
        every = [
            replace(article, id=f"{article.id}#{number}" if number > 1 else article.id)
            for held in there.values()
            for number, article in enumerate(held, 1)  # a scan numbers them by their texts
        ]
        assert answers(index.settle()) == answers(scan(every))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["fnc", "helsinki"])
def test_on_real_news_followers_end_in_the_groups_that_one_scan_has(
    tmp_path: Path, name: str
) -> None:
    folder = os.environ.get("DEDUP_CORPORA")
    if folder is None:
        pytest.skip("DEDUP_CORPORA names no folder of corpora")
    articles = list(scan(Path(folder) / name).articles)
    random.Random(1).shuffle(articles)
    part = len(articles) // 4
    with Index(tmp_path / "index") as index:
        for article in articles[:part]:
            index.add(article)
        index.add_many(articles[part : 2 * part])
        for article in articles[:20]:
            index.remove(article.id)
        truth = settled(index.settle())
        assert followed(index) == truth
        for article in articles[2 * part : 3 * part]:
            index.add(article)
        index.add_many(articles[3 * part :])
        found = index.settle()
        assert followed(index) == settled(found)
        assert answers(found) == answers(scan(articles[20:]))
