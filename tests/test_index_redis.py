from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from itertools import count, groupby
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from index_batches import batch, generated
from news import FERRY
from prose import BRIDGE, HERRING, yards
from redis import Redis
from redis_server import DURABLE, RedisServer
from store_model import EVERY, Model

import dedup
from dedup import pipeline
from dedup.errors import (
    DamagedError,
    DedupError,
    InputError,
    LockedError,
    OutputError,
    SettingsError,
)
from dedup.index.index import Index
from dedup.storage.protocol import Batch
from dedup.storage.redis import buckets, scripts
from dedup.storage.redis.client import Server
from dedup.storage.redis.store import RedisStore

META = {"settings": {"bands": 6}}
_PREFIXES = count()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    running = RedisServer(tmp_path_factory.mktemp("redis"), *DURABLE)
    yield running
    running.kill()


@pytest.fixture
def url(server: RedisServer) -> str:
    """A place for an index of its own."""
    return f"{server.url}?prefix=test-{next(_PREFIXES)}"


def raw(store: RedisStore, *command: str | int) -> None:
    """Give the server a command about a key of a store, behind its back."""
    name, key, *values = command
    store._server.ask(str(name), str(key), *values)


def test_a_key_of_many_articles_gives_its_lowest_ids_and_its_count(url: str) -> None:
    store = RedisStore(url, META)
    wanted: list[int] = []
    for size in (1, 13, 1, 1, 1, 30, 20_000):  # to 14, 15, 16, 17, and far above
        ids = np.arange(len(wanted), len(wanted) + size, dtype=np.uint32)
        store.append(Batch(postings={"hot": (np.full(size, 7, np.uint64), ids)}))
        wanted += ids.tolist()
        for most in (1, 14, 15, 16, 50, EVERY):
            found = store.find("hot", np.array([6, 7, 7], np.uint64), most)
            assert found.totals.tolist() == [0, len(wanted), len(wanted)]
            assert found.ids.tolist() == 2 * wanted[:most]
    assert store.check() == []
    store.close()


def test_meta_is_what_the_index_was_made_with_and_prefixes_keep_indexes_apart(url: str) -> None:
    store = RedisStore(url, META)
    store.append(batch(store, [("a", [[1, 2]])]))
    other = RedisStore(url + "*", {"other": 1})
    assert RedisStore(url, {"other": 1}).meta == META
    assert (other.meta, other.texts) == ({"other": 1}, 0)
    assert [*store.check(), *other.check()] == []
    with pytest.raises(InputError, match="there is no index"):
        RedisStore(url + "none", META, read_only=True)
    for each in (store, other):
        each.close()


# ---- several writers


def add_some(url: str, name: str, batches: int) -> list[str]:
    """Add articles from a process of its own, half of them with texts that others add too."""
    store, rng, added = RedisStore(url, META, wait=60), np.random.default_rng(len(name)), []
    for n in range(batches):
        with store.writing():
            ids = [f"{name}-{n}-{m}" for m in range(3)]
            words = [[[n, m], [int(rng.integers(1 << 30)), m]] for m in range(3)]
            store.append(batch(store, list(zip(ids, words, strict=True))))
        added += ids
    store.close()
    return added


def names(store: RedisStore) -> list[str]:
    return [each.article.id for each in store.read_articles(range(1, store.last_seq + 1))]


def test_what_several_processes_add_at_once_is_all_there_and_each_text_once(url: str) -> None:
    RedisStore(url, META).close()
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        jobs = [pool.submit(add_some, url, name, 20) for name in ("a", "bb")]
        ids = [id_ for job in jobs for id_ in job.result(timeout=120)]
    store = RedisStore(url, META)
    assert sorted(names(store)) == sorted(ids)
    assert 0 not in store.current(ids)
    key = store.read_texts(np.arange(store.texts)).key
    assert len(np.unique(key, axis=0)) == len(key) == 20 * 3 + 2 * 20 * 3
    assert store.check() == []
    store.close()


def test_a_batch_that_was_made_before_another_process_wrote_is_refused(url: str) -> None:
    first, second = RedisStore(url, META), RedisStore(url, META)
    late = batch(first, [("late", [[1, 2]])])
    second.append(batch(second, [("early", [[1, 2]])]))
    with pytest.raises(LockedError, match="written meanwhile, so nothing was added"):
        first.append(late)
    assert (first.texts, first.last_seq, first.current(["late"])) == (1, 1, [0])
    first.append(batch(first, [("late", [[1, 2]])]))
    assert (second.texts, second.last_seq) == (1, 2)
    late_mark = Batch(removed=[1], events=[("removed", {})])  # numbers nothing: order is no matter
    second.append(Batch(events=[("x", {})]))
    first.append(late_mark)
    assert first.check() == []
    first.close()
    second.close()


def test_a_writer_that_was_stopped_until_its_turn_was_over_adds_nothing(url: str) -> None:
    stopped, other = RedisStore(url, META), RedisStore(url, META)
    with stopped.writing():
        made = batch(stopped, [("stopped", [[1, 2]])])
        raw(stopped, "DEL", "lock")  # as when its time has run out
        other.append(batch(other, [("other", [[1, 2]])]))
        with pytest.raises(LockedError, match="written meanwhile"):
            stopped.append(made)
    assert names(other) == ["other"]
    stopped.close()
    other.close()


def test_a_writer_waits_for_its_turn_and_is_told_when_it_does_not_come(url: str) -> None:
    first, second = RedisStore(url, META), RedisStore(url, META, wait=0.05)
    with first.writing():
        with pytest.raises(LockedError, match="did not let this one in within"):
            second.append(Batch())
        patient = RedisStore(url, META, wait=20)
        made = threading.Thread(target=lambda: patient.append(Batch(events=[("waited", {})])))
        made.start()
        first.append(Batch(events=[("first", {})]))
    made.join()
    assert [kind for _, kind, _ in second.events(0, 9)] == ["first", "waited"]
    for each in (first, second, patient):
        each.close()


def test_a_turn_is_held_for_as_long_as_it_takes(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dedup.storage.redis.client.LEASE", 0.3)
    first, second = RedisStore(url, META), RedisStore(url, META, wait=1.2)
    with first.writing(), pytest.raises(LockedError):
        second.append(Batch())
    second.append(Batch())
    first.close()
    second.close()


# ---- faults


def test_what_a_writer_left_half_done_is_finished_by_who_comes_next(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(buckets, "SLICE", 50)
    rng, model = np.random.default_rng(4), Model()
    dying, reader = RedisStore(url, META), RedisStore(url, META, read_only=True)
    for _ in range(3):
        added = batch(dying, generated(rng, 12))
        with monkeypatch.context() as patch:
            patch.setattr(Server, "repeat", lambda self, script: None)
            dying.append(added)
        model.append(added)
        model.same(reader, 9)
    assert reader.check() == []
    dying.close()
    reader.close()


def test_a_batch_that_is_sent_twice_is_added_once(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, run = RedisStore(url, META), Server.run

    def twice(self: Server, script: str, *values: object) -> object:
        """As when the connection breaks before the answer comes."""
        if script == scripts.APPEND:
            run(self, script, *values)
        return run(self, script, *values)

    monkeypatch.setattr(Server, "run", twice)
    model, rng = Model(), np.random.default_rng(8)
    for size in (3, 200):
        added = batch(store, generated(rng, size))
        store.append(added)
        model.append(added)
        model.same(store, 9)
    assert store.check() == []
    store.close()


def test_nothing_acknowledged_is_lost_when_the_server_is_killed(tmp_path: Path) -> None:
    server = RedisServer(tmp_path, *DURABLE)
    try:
        rng = np.random.default_rng(6)
        store = RedisStore(server.url, META, wait=1)
        acknowledged: list[str] = []
        for turn in range(4):
            enough = threading.Event()

            def add(store: RedisStore, turn: int, enough: threading.Event) -> None:
                try:
                    for n in range(10_000):
                        name = f"{turn}-{n}"
                        words = [rng.integers(0, 1 << 30, 5).tolist() for _ in range(40)]
                        store.append(batch(store, [(name, words)]))
                        acknowledged.append(name)
                        if n == 5 * turn:
                            enough.set()
                except DedupError:
                    return

            writer = threading.Thread(target=add, args=(store, turn, enough))
            writer.start()
            assert enough.wait(60)
            server.kill()
            writer.join()
            server.start()
            store = RedisStore(server.url, META, wait=40)
            assert store.check() == []
            assert 0 not in store.current(acknowledged)
            assert store.last_seq <= len(acknowledged) + turn + 1
        store.close()
    finally:
        server.kill()


def test_after_a_server_died_in_a_write_the_next_writer_gets_in_without_asking_for_more(
    tmp_path: Path,
) -> None:
    server = RedisServer(tmp_path, *DURABLE)
    try:
        with Index(server.url) as index, suppress(DedupError), index._store.writing():
            server.kill()
            index.add({"id": "lost", "text": BRIDGE})
        server.start()
        with Index(server.url) as index:
            assert index.add({"id": "a", "text": BRIDGE}).is_new
            assert [p for p in index.check() if p.skipped] == []
    finally:
        server.kill()


def test_check_tells_what_a_server_may_lose(tmp_path: Path) -> None:
    server = RedisServer(tmp_path)
    try:
        store = RedisStore(server.url, META)
        (problem,) = store.check()
        assert "is lost if the server is killed" in str(problem)
        assert "appendonly yes" in problem.remedy
        assert not problem.skipped
        client = store._server._base
        client.config_set("appendonly", "yes")
        client.config_set("appendfsync", "everysec")
        assert "in the last seconds is lost" in str(*store.check())
        client.config_set("appendfsync", "always")
        assert store.check() == []
        client.config_set("maxmemory", "1gb")
        assert store.check() == []
        client.config_set("maxmemory-policy", "allkeys-lru")
        assert "throws away parts" in str(*store.check())
        store.close()
    finally:
        server.kill()


def test_a_full_server_refuses_and_keeps_what_it_has(tmp_path: Path) -> None:
    server = RedisServer(tmp_path, *DURABLE)
    try:
        store, rng, model = RedisStore(server.url, META), np.random.default_rng(2), Model()
        added = batch(store, generated(rng, 5))
        store.append(added)
        model.append(added)
        store._server._base.config_set("maxmemory", "1mb")
        with pytest.raises(OutputError, match="space in its memory"):
            store.append(Batch(events=[("more", {})]))
        model.same(store, 5)
        store._server._base.config_set("maxmemory", "0")
        store.append(Batch(events=[("more", {})]))
        assert store.check() == []
        store.close()
    finally:
        server.kill()


DAMAGES = {
    "a text is another": ("LSET", "t:0", 3, b"other"),
    "texts are gone": ("LTRIM", "t:0", 0, 2),
    "an article is another": ("LSET", "a:0", 1, b"other"),
    "articles are gone": ("DEL", "a:0"),
    "events are gone": ("LTRIM", "e", 0, 1),
    "an event is another": ("LSET", "e", 1, b'["x", {}]'),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_what_was_not_written_is_told_and_never_read(
    url: str, damage: tuple[str | int, ...]
) -> None:
    store = RedisStore(url, META)
    store.append(batch(store, generated(np.random.default_rng(1), 9)))
    assert store.check() == []
    raw(store, *damage)
    assert store.check() != []
    if damage[0] != "LTRIM" or damage[1] != "e":
        with pytest.raises(DamagedError, match="put back a copy"):
            (store.read_texts(np.arange(9)), store.read_articles([1, 2]), store.events(0, 9))
    store.close()


def test_check_tells_of_postings_that_are_gone_or_others(url: str) -> None:
    store = RedisStore(url, META)
    store.append(batch(store, generated(np.random.default_rng(1), 9)))
    numbers = store._server.buckets()
    name = buckets.names(numbers[:1])
    key = store._server._prefix + b"p" + name
    client = store._server._base
    ((field, value),) = client.hgetall(key).items()
    client.hset(key, field, value[:-1] + bytes([value[-1] ^ 64]))
    assert "postings are not those that were added" in str(*store.check())
    client.delete(key)
    assert "postings are not those that were added" in str(*store.check())
    client.hset(key, field, value)
    assert store.check() == []
    raw(store, "DEL", "head")
    with pytest.raises(DamagedError, match="the index was deleted"):
        store.texts  # noqa: B018
    store.close()


def test_an_address_that_is_none_is_refused_and_no_password_shown(
    server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SettingsError, match="prefix=dedup"):
        RedisStore("redis://127.0.0.1:1/0?no_such_option=1", META)
    with pytest.raises(OutputError, match="look whether the server runs") as told:
        RedisStore("redis://me:secret@127.0.0.1:1/0?socket_connect_timeout=1", META)
    assert "secret" not in str(told.value)
    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(SettingsError, match=r"pip install 'news-dedup\[redis\]'"):
        RedisStore(server.url, META)


# ---- the index


RAIN = "Heavy rain is due in the hills tonight and will last until Sunday, the weather office said."
SHIPS = "Two ferries collided off the old harbour on Monday morning; nobody was hurt, police said."
PAGES = [
    {"id": "a", "text": f"{RAIN}\n{SHIPS}", "site": "herald.example", "date": "2026-01-02"},
    {"id": "b", "text": RAIN.replace("tonight", "this evening"), "site": "post.example"},
    {"id": "c", "text": SHIPS, "date": "2026-01-03"},
    {"id": "a", "text": f"{RAIN}\n{SHIPS}\nThe harbour has opened again.", "date": "2026-01-04"},
    {"id": "c", "text": SHIPS, "date": "2026-01-03"},
]


def test_an_index_in_redis_tells_what_one_in_a_folder_tells(url: str, tmp_path: Path) -> None:
    with dedup.Index(url) as ours, dedup.Index(tmp_path / "index") as other:
        for page in PAGES:
            assert ours.query(page) == other.query(page)
            assert ours.add(page) == other.add(page)
        assert list(ours.clusters()) == list(other.clusters())
        assert list(ours.stories()) == list(other.stories())
        assert list(ours.since()) == list(other.since())
        assert (len(ours), ours.remove("c"), ours.get("c")) == (4, True, None)
        assert ours.check() == []
    with dedup.Index(url, read_only=True) as again:
        assert again.query(PAGES[0]).revision == 3
    with pytest.raises(SettingsError, match="the index was made otherwise"):
        dedup.Index(url, dedup.Settings(num_perm=64))


def pages(name: str, count: int) -> list[dict[str, str]]:
    return [
        {
            "id": f"{name}{n}",
            "text": f"{SHIPS.replace('Two', str(n % 7))}\n{RAIN}\nThis is the line {n} of {name}.",
            "site": f"{name}.example",
        }
        for n in range(count)
    ]


def put(place: str, name: str, count: int, many: bool) -> int:
    with dedup.Index(place, wait=60) as index:
        if many:
            for n in range(0, count, 10):
                index.add_many(pages(name, count)[n : n + 10])
        else:
            for page in pages(name, count):
                assert not index.add(page).seen
                assert index.add(page).seen
    return count


def test_what_two_machines_add_at_once_is_what_one_adds(url: str, tmp_path: Path) -> None:
    dedup.Index(url).close()
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        jobs = [pool.submit(put, url, "north", 20, False), pool.submit(put, url, "south", 20, True)]
        with dedup.Index(url, wait=60) as index:
            while not (len(index) or jobs[0].done()):
                time.sleep(0.01)
            index.settle()
        assert [job.result() for job in jobs] == [20, 20]
    with dedup.Index(url) as index, dedup.Index(tmp_path / "index") as other:
        other.add_many([*pages("north", 20), *pages("south", 20)])
        assert index.check() == []
        assert len(index) == len(other) == 40
        assert index.stats()["texts"] == other.stats()["texts"] == 7 + 1 + 40
        ours, others = index.settle(), other.settle()
        assert {frozenset(m.article for m in s.members) for s in ours.stories} == {
            frozenset(m.article for m in s.members) for s in others.stories
        }
        assert sorted(len(c.members) for c in ours.clusters) == sorted(
            len(c.members) for c in others.clusters
        )


def test_while_one_machine_settles_another_adds_forgets_and_settles_and_one_of_them_says_so(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    find, day = pipeline.find, "2024-05-0{}"
    articles = [
        dedup.Article(str(n), "\n".join(FERRY), site=f"s{n}", date=day.format(n))
        for n in range(1, 7)
    ]
    with dedup.Index(url, wait=1) as index, dedup.Index(url, wait=1) as other:

        def beside(*given: Any) -> dedup.Result:
            monkeypatch.undo()
            other.add(articles[4])
            other.add_many([articles[5]])
            assert other.forget("2024-05-02T13:00Z") == 1  # its day is over everywhere
            other.settle()
            return find(*given)

        index.add_many(articles[:4])
        monkeypatch.setattr(pipeline, "find", beside)
        with pytest.raises(LockedError, match="another process settled this index meanwhile"):
            index.settle()
        found = index.settle()
        told = dedup.ToldGroups()
        for event in index.since():
            told.take(event)
        assert told.stories == {s.id: {m.article for m in s.members} for s in found.stories}
        assert [set(members) for members in told.stories.values()] == [set("23456")]
        assert index.check() == []


# ---- addresses, turns, and what a server does to an index


@pytest.mark.parametrize("scheme", ["redis", "REDIS", "Valkey", "valkey"])
def test_servers_are_told_by_the_scheme_of_their_address(
    server: RedisServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    monkeypatch.chdir(tmp_path)
    address = f"{server.url}?prefix=scheme-{scheme}".replace("redis://", f"{scheme}://")
    with Index(address) as index:
        assert index.add(PAGES[0]).is_new
    with Index(address, read_only=True) as index:
        assert index.query({**PAGES[0], "id": "x"}).closest == "a"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("address", ["postgres://h/1", "https://h/1", "redis+sentinel://h:1"])
def test_no_folder_is_made_of_an_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for read_only in (False, True):
        with pytest.raises(SettingsError, match=r"address of a server|no service is named"):
            Index(address, read_only=read_only)
    assert list(tmp_path.iterdir()) == []


def test_a_server_at_a_socket_of_the_file_system_is_reached(tmp_path: Path) -> None:
    end = tmp_path / "s"
    running = RedisServer(tmp_path, "--unixsocket", str(end))
    try:
        with Index(f"unix://{end}?db=1&prefix=news") as index:
            assert index.add(PAGES[0]).is_new
        with Index(f"unix://{end}?db=1&prefix=news", read_only=True) as index:
            assert index.query({**PAGES[0], "id": "x"}).closest == "a"
    finally:
        running.kill()


def test_sentinels_name_the_server(tmp_path: Path, server: RedisServer) -> None:
    (tmp_path / "conf").write_text(
        f"sentinel monitor news 127.0.0.1 {server.port} 1\nsentinel resolve-hostnames no\n"
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["redis-server", str(tmp_path / "conf"), "--sentinel", "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        address = f"REDIS+sentinel://127.0.0.1:1,127.0.0.1:{port}/news/0?prefix=watched"
        until = time.monotonic() + 20
        while True:
            try:
                index = Index(address)
            except OutputError:
                assert time.monotonic() < until
                time.sleep(0.1)
            else:
                break
        with index:
            assert index.add(PAGES[0]).is_new
        with Index(f"{server.url}?prefix=watched", read_only=True) as index:
            assert index.query({**PAGES[0], "id": "x"}).closest == "a"
    finally:
        process.kill()
        process.wait()


def test_who_waits_longest_is_next(url: str) -> None:
    """Two that add again and again each get every second turn, however short the pauses are."""
    turns: list[int] = []
    begun = threading.Barrier(2)

    def add(number: int) -> None:
        store = RedisStore(url, META, wait=20)
        begun.wait()
        for _ in range(30):
            with store.writing():
                turns.append(number)
                time.sleep(0.01)
        store.close()

    workers = [threading.Thread(target=add, args=(number,)) for number in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    runs = [len(list(run)) for _, run in groupby(turns[:-20])]
    assert max(runs) <= 3


def test_one_that_waited_and_died_holds_nobody_up(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dedup.storage.redis.client._PATIENT", 200)
    first, second = RedisStore(url, META, wait=5), RedisStore(url, META, wait=5)
    with first.writing():
        first._server.run(scripts.TURN, b"dead", 30_000, 200)
    begun = time.monotonic()
    second.append(Batch())
    assert time.monotonic() - begun < 3
    first.close()
    second.close()


def test_a_server_that_throws_keys_away_is_refused(tmp_path: Path) -> None:
    server = RedisServer(tmp_path, *DURABLE)
    try:
        index = Index(server.url)
        index.add(PAGES[0])
        client = index._store._server._base  # type: ignore[attr-defined]
        client.config_set("maxmemory", "1gb")
        assert index.query({**PAGES[0], "id": "x"}).closest == "a"
        client.config_set("maxmemory-policy", "allkeys-lru")
        time.sleep(0.3)
        for call in (index.query, index.add):
            with pytest.raises(OutputError, match=r"throws away parts .*noeviction"):
                call(PAGES[2])
        for read_only in (True, False):
            with pytest.raises(OutputError, match="throws away parts"):
                Index(server.url, read_only=read_only)
        client.config_set("maxmemory-policy", "volatile-lru")  # nothing of an index is meant
        time.sleep(0.3)
        assert index.add(PAGES[2]).number == 2
        index.close()
    finally:
        server.kill()


def test_a_server_that_lost_all_is_missed_and_not_begun_anew(tmp_path: Path) -> None:
    server = RedisServer(tmp_path)
    try:
        Index(server.url).close()
        server.kill()
        server.start()
        with Index(server.url) as index:  # there was nothing in it
            index.add(PAGES[0])
        server.kill()
        server.start()
        with pytest.raises(DamagedError, match=r"has nothing of it now; .* or delete") as e:
            Index(server.url)
        with pytest.raises(InputError, match="there is no index"):
            Index(server.url, read_only=True)
        Path(str(e.value).split("or delete ")[1].split(" to begin")[0]).unlink()
        with Index(server.url) as index:
            assert index.add(PAGES[0]).is_new
    finally:
        server.kill()


def test_what_is_wrong_with_a_password_or_rights_is_told(tmp_path: Path) -> None:
    server = RedisServer(tmp_path)
    try:
        with Redis.from_url(server.url) as client:
            client.execute_command("ACL", "SETUSER", "me", "on", ">p", "~other:*", "+@all")
            recommended = ("~dedup:*", "+@all", "-@admin", "+info")
            client.execute_command("ACL", "SETUSER", "us", "on", ">p", *recommended)
            client.config_set("requirepass", "secret")
        for login in ("", "me:wrong@", ":wrong@"):
            with pytest.raises(OutputError, match="give user and password in the address") as told:
                Index(f"redis://{login}127.0.0.1:{server.port}/0")
            assert "wrong@" not in str(told.value)
        with pytest.raises(OutputError, match="ACL SETUSER"):
            Index(f"redis://me:p@127.0.0.1:{server.port}/0")
        for number, login in enumerate((":secret", "us:p")):
            with Index(f"redis://{login}@127.0.0.1:{server.port}/0") as index:
                index.add({**PAGES[0], "id": str(number)})
                assert index.get(str(number)) is not None
                index.check()
    finally:
        server.kill()


# -- what `compact` takes off the server


def everything_at(server: RedisServer, url: str) -> bytes:
    """Return all that the server holds under the prefix of an address, one after another."""
    prefix = url.rpartition("=")[2]
    found = []
    read = {b"list": "LRANGE", b"string": "GET", b"hash": "HGETALL"}
    with Redis.from_url(server.url) as client:
        for key in sorted(client.scan_iter(f"{prefix}:*")):
            kind = client.type(key)
            edges = (0, -1) if kind == b"list" else ()
            held = client.execute_command(read[kind], key, *edges)
            if kind == b"hash":
                held = [each for pair in held.items() for each in pair]
            found += [key, *([held] if isinstance(held, bytes) else held)]
    return b"\0".join(found)


def written(url: str, numbers: range, texts: list[str]) -> None:
    with Index(url) as index:
        index.add_many(
            {"id": f"{n:03}", "site": "a.example", "text": f"{texts[n]}\n{BRIDGE}"} for n in numbers
        )


def test_compacting_takes_what_removed_articles_held_off_the_server(
    server: RedisServer, url: str
) -> None:
    texts = yards(11, 300, 60)
    written(url, range(300), texts)
    written(f"{url}-new", range(200, 300), texts)
    whole, fresh = (len(everything_at(server, each)) for each in (url, f"{url}-new"))
    with Index(url) as index:
        rows = RedisStore(url, {})._rows("t:", range(index.stats()["texts"]), 0)
        secret = rows[int(np.argmax([len(row) for row in rows[:200]]))][16:56]  # ten tokens
        assert secret in everything_at(server, url)
        before = {n: str(index.query({"id": "x", "text": texts[n]}).hits) for n in range(200, 300)}
        for n in range(200):
            assert index.remove(f"{n:03}")
        index.compact()
        assert [p for p in index.check() if p.skipped] == []
        assert before == {
            n: str(index.query({"id": "x", "text": texts[n]}).hits) for n in range(200, 300)
        }
        for n in range(200):
            assert not index.query({"id": "x", "text": texts[n]}).hits
        assert index.query({"id": "x", "text": BRIDGE}).hits[0].article == "200"
    held = everything_at(server, url)
    assert secret not in held
    assert len(held) < fresh + 0.15 * whole
    with Index(url) as index:
        assert index.add({"id": "000", "text": texts[0]}).is_new
        assert index.query({"id": "x", "text": texts[0]}).closest == "000"
        index.remove("000")
        index.compact()
        index.compact()
        assert [p for p in index.check() if p.skipped] == []


def test_past_events_go_and_the_others_keep_their_numbers(url: str) -> None:
    with Index(url) as index, Index(url, read_only=True) as reader:
        for text in (BRIDGE, BRIDGE.upper(), HERRING):
            index.add({"id": f"{len(index)}", "text": text, "site": f"{len(index)}.example"})
        index.remove("0")
        told = [(event.sequence, event.kind) for event in index.since(0)]
        store = index._store
        assert isinstance(store, RedisStore)
        for past in (2, 1):  # an earlier one takes nothing more
            store.append(Batch(past=past))
            assert [number for number, *_ in reader._store.events(0, 99)] == [
                number for number, _ in told[2:]
            ]
        assert [(event.sequence, event.kind) for event in reader.since(2)] == told[2:]
        assert next(reader.since(0)).kind == "restart"
        assert store._server.ask("LLEN", "e") == len(told) - 2
        assert [p for p in index.check() if p.skipped] == []
        index.add({"id": "more", "text": HERRING, "site": "more.example"})
        store.append(Batch(past=1 << 40))
        last = store.last_event
        assert [number for number, *_ in reader._store.events(0, 99)] == [last], "the last stays"


def test_a_key_of_many_ids_keeps_those_that_stay(url: str) -> None:
    store = RedisStore(url, META)
    rng = np.random.default_rng(5)
    model = Model()
    for _ in range(40):
        added = batch(store, generated(rng, 6))
        store.append(added)
        model.append(added)
    gone = Batch(removed=range(1, store.last_seq - 20))
    store.append(gone)
    model.append(gone)
    held = {one.seq for one in model.articles if not one.removed}
    before = store.find("places", np.arange(600, dtype=np.uint64), EVERY)
    store.compact()
    after = store.find("places", np.arange(600, dtype=np.uint64), EVERY)
    kept = [seq for seq in before.ids.tolist() if seq in held]
    assert after.ids.tolist() == kept
    assert [problem for problem in store.check() if problem.skipped] == []


@pytest.mark.parametrize("step", range(1, 9))
def test_a_compaction_that_was_cut_short_is_finished_by_the_next(
    url: str, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    texts = yards(12, 40, 40)
    written(url, range(40), texts)
    other = Index(url)
    with Index(url) as index:
        for n in range(0, 40, 2):
            index.remove(f"{n:03}")
        turns = count(1)
        clear = RedisStore._clear

        def cut(store: RedisStore, *values: object) -> None:
            if next(turns) == step:
                raise OutputError("the connection broke")
            clear(store, *values)  # type: ignore[arg-type]

        def meanwhile(server: Server) -> object:
            other.add({"id": "late", "text": texts[0]})
            return filled(server)

        filled = Server.buckets
        with monkeypatch.context() as broken:
            broken.setattr(RedisStore, "_clear", cut)
            broken.setattr(Server, "buckets", meanwhile)
            broken.setattr("dedup.storage.redis.store._SOME", 300)
            with suppress(DedupError):
                index.compact()
        assert [p for p in index.check() if p.skipped] == []
        assert index.query({"id": "x", "text": texts[7]}).closest == "007"
        assert not index.query({"id": "x", "text": texts[8]}).hits
        index.compact()
        assert [p for p in index.check() if p.skipped] == []
        assert index.query({"id": "x", "text": texts[7]}).closest == "007"
        came = index.get("late") is not None
        assert came == (step > 1), "texts go in the first step, then others write"
        assert bool(index.query({"id": "x", "text": texts[0]}).hits) == came
    other.close()


def test_a_claim_of_another_job_is_told_again_when_it_has_run_out(url: str) -> None:
    with Index(url) as first, Index(url) as second, Index(url, claim_timeout=0) as hasty:
        assert first.claim(PAGES[0]).claimed
        held = second.claim(PAGES[0])
        assert (held.seen, held.claimed) == (True, False), "the other job may be alive"
        again = hasty.claim(PAGES[0])
        assert (again.is_new, again.again, again.claimed) == (True, True, True)
        assert second.claim(PAGES[0]).seen
        hasty.done(again)
        assert first.claims() == []
        assert hasty.claim(PAGES[0]).seen
