"""Pages to articles, in worker processes.

Each worker is a program of its own (`dedup.readers.worker`) with a thread here that feeds it. So a
page that kills its worker, or takes too long and is killed with it, ends no more than that page.
`concurrent.futures` and `multiprocessing` are not used for that: a dead process breaks the pool of
the one, and both import the caller's script again in every worker.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import replace
from importlib.util import find_spec
from queue import SimpleQueue

from dedup.errors import Problem
from dedup.metadata import dates, urls
from dedup.portable import cores
from dedup.readers.article_builder import counted, whole
from dedup.readers.encoding import guessed, undecodable
from dedup.readers.html import LARGEST
from dedup.readers.per_file import failed
from dedup.readers.protocol import Page
from dedup.records import Article
from dedup.settings import Settings

NEEDS = {"html": ("trafilatura", "html", "page"), "pdf": ("pypdf", "documents", "PDF")}
"""The package that each kind of page needs, the extra that brings it, and what it is called."""

_AHEAD = 64
"""Items that are read ahead of the one that is given next. It does not depend on the number of
workers, so that problems come in one order whatever that is."""
_AHEAD_BYTES = 64 * 2**20
"""Bytes of pages and texts that are held for it at most, beside those of one item."""

PROGRAM = "import sys; sys.path[:] = sys.argv[1:]; from dedup.readers.worker import main; main()"
"""What a worker runs; its arguments are the folders that modules are found in here."""

Fields = dict[str, str]
"""What `dedup.readers.page.fields` gives, or what went wrong as `failed`."""


def extracted(
    items: Iterable[Article | Page],
    problems: list[Problem],
    workers: int,
    seconds: float = Settings().page_seconds,
) -> Iterator[Article]:
    """Pass articles through, and make an article of every page, in their order.

    At most `workers` processes extract, 0: one for each core; they start with the first page and
    end with the iterator. A page that has no text, is larger than `dedup.readers.html.LARGEST`,
    takes more `seconds` than that, or is the end of its process, becomes a `Problem`; without
    trafilatura all pages together become one.
    """
    ahead = _Ahead()
    left_out: dict[str, list[str]] = {}
    with ExitStack() as stack:
        pool = None
        for item in items:
            if isinstance(item, Article):
                if not ahead.pages:
                    yield item
                    continue
                ahead.put(item, None)
            elif item.kind in left_out or not find_spec(NEEDS[item.kind][0]):
                left_out.setdefault(item.kind, []).append(_where(item))
            elif len(item.html) > LARGEST and item.kind == "html":
                problems.append(_too_large(item))
            else:
                pool = pool or stack.enter_context(_Pool(workers or cores(), seconds))
                ahead.put(item, pool.submit(item))
            while ahead.ready:
                yield from _done(*ahead.take(), problems)
        while ahead.items:
            yield from _done(*ahead.take(), problems)
    problems += [_missing(kind, pages) for kind, pages in left_out.items()]


class _Ahead:
    """Items read ahead, from the first page on that is not given yet."""

    def __init__(self) -> None:
        self.items: deque[tuple[Article | Page, Future[Fields] | None]] = deque()
        self.pages = 0
        self._bytes = 0

    @property
    def ready(self) -> bool:
        """True when the first item is to be given before another is taken."""
        full = len(self.items) > _AHEAD or (self._bytes > _AHEAD_BYTES and len(self.items) > 1)
        return full or bool(self.items and not self.pages)

    def put(self, item: Article | Page, fields: Future[Fields] | None) -> None:
        """Add an item, with what will be known of a page."""
        self.items.append((item, fields))
        self._bytes += _size(item)
        self.pages += fields is not None

    def take(self) -> tuple[Article | Page, Future[Fields] | None]:
        """Take the first item off."""
        item, fields = self.items.popleft()
        self._bytes -= _size(item)
        self.pages -= fields is not None
        return item, fields


class _Pool:
    """Threads, each of which feeds a worker; workers start when they are first needed."""

    def __init__(self, workers: int, seconds: float) -> None:
        self._threads = ThreadPoolExecutor(workers, "dedup-html")
        self._idle: SimpleQueue[_Worker] = SimpleQueue()
        self._all = [_Worker(seconds) for _ in range(workers)]
        for worker in self._all:
            self._idle.put(worker)

    def __enter__(self) -> _Pool:
        return self

    def __exit__(self, *_: object) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        for worker in self._all:
            worker.end()
        self._threads.shutdown()
        for worker in self._all:
            worker.close()

    def submit(self, page: Page) -> Future[Fields]:
        """Have a page extracted by the next worker that has nothing to do."""
        return self._threads.submit(self._fields, page)

    def _fields(self, page: Page) -> Fields:
        worker = self._idle.get()
        try:
            return worker.fields(page)
        finally:
            self._idle.put(worker)


class _Worker:
    """A process, started again when the one before has died."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._ended = False

    def fields(self, page: Page) -> Fields:
        """Have a page extracted, or say why it cannot be."""
        process = self._started()
        late = threading.Event()

        def stop() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(self._seconds, stop)
        timer.start()
        try:
            answer = self._asked(process, page)
        finally:
            timer.cancel()
        if answer:
            return dict(json.loads(answer))
        code = process.wait()
        if late.is_set():
            return {"failed": f"extraction takes more than {self._seconds:g} seconds"}
        return {"failed": f"extraction ended its process (exit code {code})"}

    def end(self) -> None:
        """Kill the process, so that whoever waits for it goes on, and start no other."""
        with self._lock:
            self._ended = True
            if self._process:
                self._process.kill()

    def close(self) -> None:
        """Let go of a process that has died or been killed."""
        if self._process and self._process.stdin and self._process.stdout:
            with suppress(OSError):  # what it was to read and has not
                self._process.stdin.close()
            self._process.stdout.close()
            self._process.wait()

    def _started(self) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._ended:
                raise RuntimeError
            if self._process is None or self._process.poll() is not None:
                self.close()
                self._process = subprocess.Popen(
                    [sys.executable, "-c", PROGRAM, *sys.path],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                )
            return self._process

    @staticmethod
    def _asked(process: subprocess.Popen[bytes], page: Page) -> bytes:
        """Send a page and wait for the line about it; nothing when the process is dead."""
        assert process.stdin
        assert process.stdout
        head = {
            "size": len(page.html),
            "encoding": page.encoding,
            "url": page.article.url,
            "kind": page.kind,
        }
        try:
            process.stdin.write(json.dumps(head).encode("ascii") + b"\n" + page.html)
            process.stdin.flush()
            answer = process.stdout.readline()
        except OSError:
            return b""
        return answer if answer.endswith(b"\n") else b""


def _done(
    item: Article | Page, fields: Future[Fields] | None, problems: list[Problem]
) -> Iterator[Article]:
    if isinstance(item, Article):
        yield item
    elif fields:
        answer = fields.result()
        try:
            article = _article(item, answer, problems)
        except Exception as error:  # a fault here, which no page may turn into the end of a run
            problems.append(failed(_where(item), error))
            return
        if article:
            yield article


def _article(page: Page, fields: Fields, problems: list[Problem]) -> Article | None:
    where = _where(page)
    if "failed" in fields:
        problems.append(Problem(where, fields["failed"], "open it, and save its text as .txt"))
        return None
    if "cut" in fields:
        remedy = "save the text of its article as .txt"
        problems.append(Problem(where, fields["cut"], remedy, skipped=False))
    if "text" not in fields:
        what = "no main text found in the page"
        remedy = "nothing, if it is no article; else save its text as .txt"
        if page.kind == "pdf":
            what = "no text found in the PDF, which may hold pictures of its pages"
        problems.append(Problem(where, what, remedy))
        return None
    known = page.article
    found = {name: whole(value, where, problems) for name, value in fields.items()}
    if "guessed" in found:
        problems.append(guessed(where, found["guessed"]))
    if "lost" in found:
        problems.append(undecodable(where, found["text"].count("\ufffd"), found["lost"]))
    url = known.url or found.get("url")
    return replace(
        known,
        text=found["text"],
        title=found.get("title") or known.title,
        url=url,
        site=_host(url) or _host(found.get("home")) or found.get("name") or known.site,
        date=_date(found.get("date"), known.date),
        author=found.get("author") or known.author,
        lang=found.get("lang") or known.lang,
        source=found.get("source") or known.source,
        canonical=found.get("canonical") or known.canonical,
        updated=found.get("updated") or known.updated,
    )


def _date(found: str | None, known: str | None) -> str | None:
    """Prefer what the page says, unless it is a guess or cannot be read and more is known."""
    read = dates.parse(found)
    return found if found and ((read and not read.doubt) or not known) else known


def _host(address: str | None) -> str | None:
    return urls.host(urls.unarchived(address)) if address else None


def _too_large(page: Page) -> Problem:
    what = f"the page has more than {LARGEST >> 20} MiB"
    return Problem(_where(page), what, "save the text of its article as .txt")


def _missing(kind: str, pages: list[str]) -> Problem:
    number = len(pages)
    where = pages[0] if number == 1 else f"{pages[0]} and {number - 1:,} more"
    package, extra, noun = NEEDS[kind]
    named = f"{counted(number, noun)} of HTML" if kind == "html" else counted(number, noun)
    what = f"reading {named} needs the package {package}"
    return Problem(where, what, f"type: pip install 'news-dedup[{extra}]'", articles=number)


def _where(page: Page) -> str:
    return page.where or page.article.path or page.article.id


def _size(item: Article | Page) -> int:
    return len(item.html) if isinstance(item, Page) else len(item.text)
