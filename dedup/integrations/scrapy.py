"""An item pipeline for Scrapy: drop the articles a crawl has had before, or say whose they are.

In a project's settings::

    ITEM_PIPELINES = {"dedup.integrations.scrapy.DedupPipeline": 300}
    DEDUP_INDEX = "news.index"

=================  =================================================================================
`DEDUP_INDEX`      folder of the index, or `redis://...`; made if there is none. An index keeps the
                   settings it was made with: to have others, make it with `dedup index add`
`DEDUP_ACTION`     `drop` (default): items that hold nothing new are dropped; `tag`: all are kept,
                   and say in a field what they are
`DEDUP_FIELDS`     which field of an item holds what: `{"text": "body"}`; see `dedup.scan`
`DEDUP_NEW_BELOW`  the share of its own words that an earlier article must hold for an item not to
                   be new, 0.5 by default
`DEDUP_NEW_BY`     `text` (default) or `story`: an item in a story with an earlier one is not new
`DEDUP_TAG`        the field that `tag` fills, `dedup` by default; an item of a class must have it
=================  =================================================================================

Items may be dicts, `Item`, dataclasses or whatever else itemadapter knows. The text must be one
string: an item without one passes as it is, for a crawl also yields other things. So does one whose
text is a list, as loaders without an output processor leave it; the log says so once, and the stat
`dedup/text_no_string` counts them. What else an item had that is of no use (an address in a list, a
date that is none) is in the log, too.

An item is acknowledged when it has left the last pipeline: it was exported, or a later pipeline
dropped it. One at which a later pipeline failed, or that was on its way when the crawl was killed,
is not dropped when a later crawl comes by it again: each is handed on at least once.
`pip install 'news-dedup[scrapy]'`.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from threading import Lock
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

from itemadapter import ItemAdapter
from scrapy import signals
from scrapy.exceptions import DropItem, NotConfigured
from scrapy.utils.asyncio import is_asyncio_available
from twisted.internet.defer import Deferred

from dedup.errors import DedupError, Problem, SettingsError
from dedup.index.answers import BY_TEXT, MOST, Found, NewWhen
from dedup.index.index import Index
from dedup.metadata.urls import fold
from dedup.readers.article_builder import Items
from dedup.readers.field_names import FieldNames, Given

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.statscollectors import StatsCollector

ACTIONS = ("drop", "tag")
"""What is done with an item that holds nothing new."""

Result = TypeVar("Result")
logger = logging.getLogger(__name__)


class _Shared:
    """An index that the spiders of a process share, and the one thread in which it is asked.

    A second writer of the process would wait for the first to end, and the crawl with it.
    """

    _open: ClassVar[dict[str, _Shared]] = {}
    _turn: ClassVar[Lock] = Lock()

    def __init__(self, path: str, key: str) -> None:
        self.thread = ThreadPoolExecutor(1, "dedup")
        self._path, self._key, self._users = path, key, 0
        self._index: Index | None = None

    @classmethod
    def of(cls, path: str) -> _Shared:
        """Return the one of a path, which has one more spider now."""
        key = path if "://" in path else os.path.realpath(path)
        with cls._turn:
            shared = cls._open.setdefault(key, cls(path, key))
            shared._users += 1
        return shared

    def leave(self) -> bool:
        """Return whether the last spider has left: it is to close the index."""
        with self._turn:
            self._users -= 1
            if not self._users:
                self._open.pop(self._key, None)
        return not self._users

    def open(self) -> Index:
        """Return the index, opened by who comes first; runs in the thread."""
        if self._index is None:
            self._index = Index(self._path)
        return self._index

    def close(self) -> None:
        """Close the index; runs in the thread."""
        if self._index is not None:
            self._index.close()


class DedupPipeline:
    """Looks every item up in an index, and adds it; see the module for the settings.

    An article is known by its field `id`; without one by its address, whatever its variant (see
    `dedup.metadata.urls.fold`): fetched again with the same text it has been seen, with another
    one it is a revision and goes on. Without either it is known by what it holds.

    The index is opened, asked and closed in one thread of its own, so that the crawl goes on
    meanwhile and items are looked up in the order in which they come. Spiders of one process share
    the index and the thread. Counts are in the crawl's
    stats: `dedup/new`, `dedup/known`, `dedup/seen`, `dedup/revision`, `dedup/without_text`.
    """

    def __init__(
        self,
        index: str,
        action: str,
        fields: Given,
        tag: str,
        stats: StatsCollector | None,
        when: NewWhen = BY_TEXT,
    ) -> None:
        if action not in ACTIONS:
            raise SettingsError(f"DEDUP_ACTION is {action!r}; it must be one of {ACTIONS}")
        self._path, self._action, self._tag, self._stats = index, action, tag, stats
        self._when = when
        self._fields = FieldNames(fields)
        self._problems: list[Problem] = []
        self._items = Items(self._problems, fields)
        self._shared: _Shared | None = None
        self._underway: dict[int, tuple[Any, int]] = {}
        """Items that are claimed, and their numbers, by identity of the item."""
        self._by_id: dict[str, int] = {}
        """The same, identities of items by id of the article: a pipeline may make an item anew."""
        self._told: set[str] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make the pipeline from the settings of a crawl."""
        settings = crawler.settings
        if not settings.get("DEDUP_INDEX"):
            raise NotConfigured("set DEDUP_INDEX to the folder of an index, such as news.index")
        made = cls(
            settings["DEDUP_INDEX"],
            settings.get("DEDUP_ACTION", "drop"),
            settings.getdict("DEDUP_FIELDS"),
            settings.get("DEDUP_TAG", "dedup"),
            crawler.stats,
            NewWhen.of(
                settings.getfloat("DEDUP_NEW_BELOW", MOST), settings.get("DEDUP_NEW_BY", "text")
            ),
        )
        crawler.signals.connect(made._left, signals.item_scraped)
        crawler.signals.connect(made._left, signals.item_dropped)
        crawler.signals.connect(made._failed, signals.item_error)
        return made

    async def open_spider(self) -> None:
        """Open the index."""
        self._shared = shared = _Shared.of(self._path)
        try:
            await self._run(shared.open)
        except BaseException:
            self._shared = None
            if shared.leave():
                shared.thread.shutdown()
            raise

    async def close_spider(self) -> None:
        """Close the index: all that was added is on disk already."""
        if self._shared is not None and self._shared.leave():
            await self._run(self._shared.close)
            self._shared.thread.shutdown()

    async def process_item(self, item: Any) -> Any:
        """Return the item, tagged or as it came; raise `DropItem` if it is to be dropped."""
        adapter = ItemAdapter(item)
        if not self._has_text(adapter):
            return item
        if self._action == "tag" and not _takes(adapter, self._tag):
            what = f"{type(item).__name__} has no field {self._tag!r} for what is known of it"
            raise DedupError(f"{what}; add one, or name another in DEDUP_TAG")
        record = adapter.asdict()
        found = await self._run(lambda: self._found(record))
        if found.claimed:
            self._underway[id(item)] = item, found.number
            self._by_id[found.article] = id(item)
        self._count(_verdict(found))
        if self._action == "tag":
            adapter[self._tag] = tag(found)
        elif not _goes_on(found):
            where = f"in story {found.story}" if found.story else "seen before"
            raise DropItem(f"{found.article}: {where}", log_level="DEBUG")
        return item

    def _has_text(self, adapter: ItemAdapter) -> bool:
        name = self._fields.name(adapter, "text")
        text = adapter.get(name)
        if isinstance(text, str):
            return True
        if text is None:
            self._count("without_text")
        else:
            self._count("text_no_string")
            self._say(
                f"{name} is of type {type(text).__name__}, and no string: such items pass as they "
                "are; join it in the spider or loader, or name another field in DEDUP_FIELDS"
            )
        return False

    def _say(self, what: str) -> None:
        """Log a warning, once."""
        if what not in self._told:
            self._told.add(what)
            logger.warning(what)

    def _found(self, record: Mapping[str, Any]) -> Found:
        """Look a record up and add it; runs in the thread of the index."""
        assert self._shared is not None
        self._problems.clear()
        id_ = self._address(record)
        article = self._items.article(record, "item", id_)
        assert article is not None, "it has a text"
        for problem in self._problems:
            self._say(str(problem))
        every = self._action == "tag"
        return replace(
            self._shared.open().claim(
                article, when=lambda found: every or _goes_on(replace(found, new_when=self._when))
            ),
            new_when=self._when,
        )

    def _address(self, record: Mapping[str, Any]) -> str | None:
        address = record.get(self._fields.name(record, "url"))
        return fold(address) if isinstance(address, str) and address else None

    def _left(self, item: Any) -> None:
        """Acknowledge an item that has left the last pipeline."""
        self._end(item, lambda index, number: index.done(number))

    def _failed(self, item: Any) -> None:
        """Have an item told again at which a later pipeline failed."""
        self._end(item, lambda index, number: index.release(number))

    def _end(self, item: Any, work: Callable[[Index, int], None]) -> None:
        shared = self._shared
        key = id(item)
        if key not in self._underway and ItemAdapter.is_item(item):
            record = ItemAdapter(item).asdict()
            own = record.get(self._fields.name(record, "id"))
            key = self._by_id.get(own or self._address(record) or "", 0)
        _, number = self._underway.pop(key, (None, 0))
        if number and shared is not None:
            shared.thread.submit(lambda: work(shared.open(), number))

    def _count(self, what: str) -> None:
        if self._stats is not None:
            self._stats.inc_value(f"dedup/{what}")

    async def _run(self, work: Callable[[], Result]) -> Result:
        """Do work in the thread of the index, on any of the reactors that Scrapy knows."""
        assert self._shared is not None
        future = self._shared.thread.submit(work)
        if is_asyncio_available():
            return await asyncio.wrap_future(future)
        from twisted.internet import reactor

        deferred: Deferred[Result] = Deferred()
        future.add_done_callback(lambda done: reactor.callFromThread(_fire, deferred, done))
        return await deferred


def tag(found: Found) -> dict[str, Any]:
    """Return what an item is tagged with: plain values, which any feed export can write.

    `new`, `seen` and `revision` are as in `Found`, `article` is the id under which it is stored,
    `story` and `clusters` are ids of what it belongs to, and `nearest` is the id of the earlier
    article that shares most with it, or None.
    """
    link = found.links[0] if found.links else None
    nearest = link and (link.b if link.a == found.article else link.a)
    return {
        "article": found.article,
        "new": found.is_new,
        "seen": found.seen,
        "revision": found.revision,
        "story": found.story,
        "clusters": list(found.clusters),
        "nearest": nearest,
    }


def _takes(adapter: ItemAdapter, field: str) -> bool:
    return isinstance(adapter.item, dict) or field in adapter.field_names()


def _is_update(found: Found) -> bool:
    """Tell whether an article came before with another text."""
    return found.revision > 1 and not found.seen and not found.same_text


def _goes_on(found: Found) -> bool:
    """Tell whether an item is no copy: the same text at another variant of its address is one."""
    if found.revision > 1 and found.same_text and not found.again:
        return False
    return found.is_new or _is_update(found)


def _verdict(found: Found) -> str:
    if found.seen or (found.revision > 1 and found.same_text and not found.again):
        return "seen"
    if _is_update(found):
        return "revision"
    return "new" if found.is_new else "known"


def _fire(deferred: Deferred[Result], done: Future[Result]) -> None:
    error = done.exception()
    if error is None:
        deferred.callback(done.result())
    else:
        deferred.errback(error)
