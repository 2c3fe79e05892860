"""Real crawls of a server on loopback, each in a process of its own, through the item pipeline."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from prose import BRIDGE, COMET, HERRING, LIBRARY, STRIKE
from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem, NotConfigured
from scrapy.settings import Settings

import dedup
from dedup.integrations.scrapy import DedupPipeline

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "samples" / "integrations" / "crawl.py"
SELECT = "twisted.internet.selectreactor.SelectReactor"

KINDS = """
import dataclasses, json, sys
import scrapy
from scrapy.crawler import CrawlerProcess

class Story(scrapy.Item):
    key, body, dedup = scrapy.Field(), scrapy.Field(), scrapy.Field()

@dataclasses.dataclass
class Piece:
    key: str
    body: str
    dedup: dict | None = None

class Author(scrapy.Item):
    name = scrapy.Field()

@dataclasses.dataclass
class Bare:
    key: str
    body: str

class Kinds(scrapy.Spider):
    name = "kinds"

    async def start(self):
        for text in json.loads(sys.argv[1]):
            yield {"key": "dict", "body": text}
            yield Story(key="item", body=text)
            yield Piece("dataclass", text)
            yield Author(name="Una Marr")
            yield Bare("bare", text)

process = CrawlerProcess({
    "ITEM_PIPELINES": {"dedup.integrations.scrapy.DedupPipeline": 300},
    "DEDUP_INDEX": "kinds.index",
    "DEDUP_ACTION": "tag",
    "DEDUP_FIELDS": {"id": "key", "text": "body"},
    "FEEDS": {"out.jsonl": {"format": "jsonlines"}},
    "TELNETCONSOLE_ENABLED": False,
})
process.crawl(Kinds)
process.start()
"""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None: ...


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A server of three articles on two sites, of which two are copies; gives its address."""
    monkeypatch.chdir(tmp_path)
    for name, text in (("a/1", BRIDGE), ("b/1", BRIDGE.upper()), ("b/2", HERRING)):
        path = tmp_path / "www" / f"{name}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    handler = functools.partial(Quiet, directory=str(tmp_path / "www"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def python(*args: str) -> str:
    """Run Python and give what it wrote to standard error: the crawl's log."""
    done = subprocess.run(
        [sys.executable, *args],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT), "NO_PROXY": "*", "no_proxy": "*"},
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


def crawl(site: str, *options: str) -> tuple[list[dict[str, Any]], str]:
    Path("out.jsonl").unlink(missing_ok=True)
    spider = ["runspider", str(SAMPLE), "-a", f"start_at={site}", "-O", "out.jsonl"]
    log = python("-m", "scrapy", *spider, *options)
    lines = []
    with contextlib.suppress(FileNotFoundError):  # no item, no file
        lines = Path("out.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines], log


def names(items: list[dict[str, Any]]) -> list[str]:
    return sorted("/".join(item["url"].split("/")[-2:]) for item in items)


def test_a_crawl_drops_copies_and_a_later_one_all_that_was_there(site: str) -> None:
    items, log = crawl(site)
    assert len(items) == 2
    assert names(items)[1] == "b/2.txt"
    assert "'dedup/new': 2" in log
    assert "'dedup/known': 1" in log
    assert "ERROR" not in log
    with dedup.Index("newsroom.index", read_only=True) as index:
        assert len(index) == 3
        assert {article.site for article in index.settle().articles} == {"a", "b"}
    Path("www/b/2.txt").write_text(f"{HERRING}\n\n{COMET}")
    Path("www/b/3.txt").write_text(COMET.upper())
    again, log = crawl(site)
    assert names(again)[0] == "b/2.txt", "another text at its address"
    assert "'dedup/seen': 2" in log
    assert "'dedup/revision': 1" in log


@pytest.mark.parametrize("reactor", [None, SELECT], ids=["asyncio", "select"])
def test_a_crawl_that_tags_keeps_all_on_any_reactor(site: str, reactor: str | None) -> None:
    options = ["-s", "DEDUP_ACTION=tag", "-s", "DEDUP_TAG=had"]
    options += ["-s", f"TWISTED_REACTOR={reactor}"] if reactor else []
    items, log = crawl(site, *options)
    assert names(items) == ["a/1.txt", "b/1.txt", "b/2.txt"]
    assert "ERROR" not in log
    tags = {item["had"]["article"]: item["had"] for item in items}
    (copy,) = (tag for tag in tags.values() if not tag["new"])
    assert tags[copy["nearest"]]["new"]
    assert copy["story"]
    assert not copy["seen"]
    assert copy["revision"] == 1


def test_items_of_all_kinds_are_taken_and_those_without_a_text_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("kinds.py").write_text(KINDS)
    log = python("kinds.py", json.dumps([BRIDGE]))
    items = [json.loads(line) for line in Path("out.jsonl").read_text().splitlines()]
    assert sorted(item.get("key", item.get("name")) for item in items) == [
        *("Una Marr", "dataclass", "dict", "item"),
    ]
    assert sum(item["dedup"]["new"] for item in items if "key" in item) == 1
    assert "'dedup/without_text': 1" in log
    assert "Bare has no field 'dedup'" in log, "an item that cannot be tagged is told, and no other"


def test_spiders_of_one_process_share_the_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    twice = KINDS.replace("process.crawl(Kinds)", "process.crawl(Kinds)\nprocess.crawl(Kinds)")
    Path("crawl.py").write_text(twice)
    log = python("crawl.py", json.dumps([BRIDGE]))
    assert log.count("'dedup/without_text': 1") == 2
    assert log.count("Spider closed (finished)") == 2
    assert "LockedError" not in log
    with dedup.Index("kinds.index") as index:  # it was let go
        assert len(index) == 3


def test_settings_without_meaning_are_refused() -> None:
    def pipeline(**settings: str) -> DedupPipeline:
        crawler = SimpleNamespace(settings=Settings(settings), stats=None)
        return DedupPipeline.from_crawler(cast(Crawler, crawler))

    with pytest.raises(NotConfigured, match="set DEDUP_INDEX"):
        pipeline()
    with pytest.raises(dedup.SettingsError, match="DEDUP_ACTION is 'keep'"):
        pipeline(DEDUP_INDEX="x", DEDUP_ACTION="keep")
    with pytest.raises(dedup.SettingsError, match="fields names 'words'"):
        pipeline(DEDUP_INDEX="x", DEDUP_FIELDS='{"words": "body"}')


def test_the_sample_crawls_the_newsroom_from_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    log = python("-m", "scrapy", "runspider", str(SAMPLE), "-O", "new.jsonl")
    assert "ERROR" not in log
    new = Path("new.jsonl").read_text().splitlines()
    assert 15 < len(new) < 25


def test_what_new_means_is_a_setting(site: str) -> None:
    Path("www/b/2.txt").write_text(f"{BRIDGE}\n\n{HERRING}\n\n{COMET}")
    items, _ = crawl(site, "-s", "CONCURRENT_REQUESTS=1")
    assert "b/2.txt" in names(items)
    items, _ = crawl(site, "-s", "DEDUP_INDEX=other.index", "-s", "DEDUP_NEW_BELOW=0.2")
    assert len(items) == 1, "each holds a third of the other"


KILLED = """
import json, os, signal, sys
import scrapy
from scrapy.crawler import CrawlerProcess
from scrapy.exceptions import DropItem

texts, last, how = json.loads(sys.argv[1]), int(sys.argv[2]), sys.argv[3]

class HandOn:
    handed = 0
    async def process_item(self, item):
        if self.handed == last:
            if how == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            raise ValueError("the database is gone")
        self.handed += 1
        with open("handed", "a") as out:
            out.write(item["key"] + "\\n")
        if how == "anew":
            return {**item, "by": "another object"}
        return item

class Pages(scrapy.Spider):
    name = "pages"
    async def start(self):
        for number, text in enumerate(texts):
            yield {"key": str(number), "body": text}

process = CrawlerProcess({
    "ITEM_PIPELINES": {"dedup.integrations.scrapy.DedupPipeline": 300, HandOn: 800},
    "DEDUP_INDEX": "killed.index",
    "DEDUP_FIELDS": {"id": "key", "text": "body"},
    "TELNETCONSOLE_ENABLED": False,
})
process.crawl(Pages)
process.start()
"""


@pytest.mark.parametrize("how", ["kill", "fail", "anew"])
def test_what_a_killed_crawl_had_not_handed_on_is_handed_on_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.chdir(tmp_path)
    texts = [BRIDGE, COMET, HERRING, LIBRARY, STRIKE]
    for last in (0, 2, 99):
        run = [sys.executable, "-c", KILLED, json.dumps(texts), str(last), how]
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        subprocess.run(run, env=environment, capture_output=True, timeout=300, check=False)
    handed = Path("handed").read_text().split()
    assert set(handed) == set("01234")
    assert len(handed) <= 5 + 2 * (how == "kill"), "two may have left and not be acknowledged yet"
    with dedup.Index("killed.index", read_only=True) as index:
        assert index.claims() == []
        assert len(index) == 5


def test_a_text_in_a_list_passes_and_is_named_once(tmp_path: Path) -> None:
    pipeline = DedupPipeline(str(tmp_path / "i"), "drop", {}, "dedup", None)

    async def crawl_twice() -> list[Any]:
        await pipeline.open_spider()
        passed = [await pipeline.process_item({"text": [BRIDGE]}) for _ in range(2)]
        await pipeline.close_spider()
        return passed

    with pytest.MonkeyPatch.context() as patch, warnings_of("dedup.integrations.scrapy") as said:
        patch.setattr("dedup.integrations.scrapy.is_asyncio_available", lambda: True)
        assert len(asyncio.run(crawl_twice())) == 2
    assert len(said) == 1
    assert "text is of type list, and no string" in said[0]


@contextlib.contextmanager
def warnings_of(name: str) -> Iterator[list[str]]:
    said: list[str] = []

    class Keeping(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(record.getMessage())

    handler = Keeping()
    logging.getLogger(name).addHandler(handler)
    yield said
    logging.getLogger(name).removeHandler(handler)


def test_one_text_at_variants_of_its_address_goes_on_once(tmp_path: Path) -> None:
    pipeline = DedupPipeline(str(tmp_path / "i"), "drop", {}, "dedup", None)
    variants = [
        "https://a.example/1",
        "http://www.a.example/1?utm_source=x",
        "https://a.example/1#top",
    ]

    async def crawl_all() -> list[str]:
        await pipeline.open_spider()
        passed = []
        for address in variants:
            with contextlib.suppress(DropItem):
                passed.append(
                    (await pipeline.process_item({"url": address, "text": BRIDGE}))["url"]
                )
        await pipeline.close_spider()
        return passed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dedup.integrations.scrapy.is_asyncio_available", lambda: True)
        assert asyncio.run(crawl_all()) == variants[:1]
