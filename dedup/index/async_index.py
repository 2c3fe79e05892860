"""The index for asyncio jobs: the same calls, awaited, off the event loop."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date, datetime
from functools import partial
from types import TracebackType
from typing import Any, ParamSpec, Self, TypeVar

from dedup.errors import Problem
from dedup.index.answers import MOST, Added, Claim, Event, Found, NewBy
from dedup.index.claims import TIMEOUT
from dedup.index.index import Index
from dedup.progress import Progress
from dedup.records import Article, Cluster, Story
from dedup.result import Result
from dedup.settings import Settings
from dedup.storage.protocol import StoredArticle

_Given = ParamSpec("_Given")
_Answer = TypeVar("_Answer")


class AsyncIndex:
    """`dedup.Index` for asyncio; open it with `async with`, or await `open` and `close`.

    The arguments are those of `Index`. Calls run in the order in which they are made, in a thread
    of their own. A call that is cancelled while it runs still runs to its end. `settle` and
    `export` begin in their turn, and nothing waits until they end but others of them and `close`.
    While a call runs that takes long (`add_many`, `forget`, `check`, `compact`), those that only
    ask do not wait for it: they are answered from what is stored, by an index that is opened for
    reading then.

    >>> import tempfile
    >>> async def job(folder):
    ...     async with AsyncIndex(folder) as index:
    ...         return (await index.add("Rain is due in the hills tonight.")).is_new
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     asyncio.run(job(folder))
    True
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        settings: Settings | None = None,
        *,
        outlets: str | os.PathLike[str] | None = None,
        keep_text: bool = False,
        read_only: bool = False,
        wait: float = 10.0,
        new_below: float = MOST,
        new_by: NewBy = "text",
        claim_timeout: float = TIMEOUT,
    ) -> None:
        new: dict[str, Any] = {"new_below": new_below, "new_by": new_by}
        new["claim_timeout"] = claim_timeout
        self._make = partial(Index, path, settings, outlets=outlets, wait=wait, **new)
        self._how = {"keep_text": keep_text, "read_only": read_only}
        self._reading = ThreadPoolExecutor(1, "dedup-index-reads")
        self._settling = ThreadPoolExecutor(1, "dedup-index-settles")
        self._reader: Index | None = None
        self._long = 0  # calls that take long and are not done
        self._process = os.getpid()
        self._thread = ThreadPoolExecutor(1, "dedup-index")
        self._index: Index | None = None

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def open(self) -> None:
        """Open the index; see `Index` for what may be raised."""
        self._index = await self._run(partial(self._make, **self._how))

    async def close(self) -> None:
        """Let go of files and locks; closing twice does no harm."""
        index, self._index = self._index, None
        if index is not None:
            await self._run_beside(lambda: None)  # after a settling that is under way
            await self._run(index.close)
            await self._read(self._close_reader)
        self._thread.shutdown(wait=False)
        self._reading.shutdown(wait=False)
        self._settling.shutdown(wait=False)

    async def add(self, article: Article | Mapping[str, Any] | str) -> Found:
        """Return what is known of an article, and store it; see `Index.add`."""
        return await self._run(self._opened.add, article)

    async def claim(
        self,
        article: Article | Mapping[str, Any] | str,
        *,
        when: Callable[[Found], bool] | None = None,
    ) -> Found:
        """Return what is known of an article, and store it until `done`; see `Index.claim`."""
        return await self._run(self._opened.claim, article, when=when)

    async def done(self, *claimed: Found | int) -> None:
        """Acknowledge articles that were claimed."""
        await self._run(self._opened.done, *claimed)

    async def release(self, *claimed: Found | int) -> None:
        """Give claims back."""
        await self._run(self._opened.release, *claimed)

    async def claims(self) -> list[Claim]:
        """List what was claimed and is not acknowledged."""
        return await self._ask(lambda index: index.claims())

    async def add_many(
        self,
        articles: Iterable[Article | Mapping[str, Any] | str],
        *,
        answers: bool = False,
        progress: Progress | None = None,
    ) -> Added:
        """Store many articles fast; see `Index.add_many`."""
        return await self._run_long(
            self._opened.add_many, articles, answers=answers, progress=progress
        )

    async def query(self, article: Article | Mapping[str, Any] | str) -> Found:
        """Return what is known of an article, and write nothing."""
        return await self._ask(lambda index: index.query(article))

    async def query_many(
        self, articles: Iterable[Article | Mapping[str, Any] | str]
    ) -> list[Found]:
        """Return what is known of each of several articles, and write nothing."""
        return await self._ask(lambda index: index.query_many(articles))

    async def metrics(self) -> str:
        """Return counters and gauges as Prometheus reads them; see `Index.metrics`.

        Questions that were answered beside a call that takes long are not among the counters.
        """
        own = self._opened
        return await self._read(own.metrics)

    async def remove(self, id: str) -> bool:  # noqa: A002 - the name of an article's field
        """Take an article out; False if it is not in."""
        return await self._run(self._opened.remove, id)

    async def forget(
        self, before: datetime | date | str | float, progress: Progress | None = None
    ) -> int:
        """Take out all articles from before a moment; see `Index.forget`."""
        return await self._run_long(self._opened.forget, before, progress)

    async def get(self, id: str) -> StoredArticle | None:  # noqa: A002 - as above
        """Return the last revision of an article as it is stored, or None."""
        return await self._ask(lambda index: index.get(id))

    async def settle(self, progress: Progress | None = None) -> Result:
        """Work out the answers from all that is stored; see `Index.settle`."""
        return await self._run_beside(self._opened.settle, progress)

    async def clusters(self) -> Sequence[Cluster]:
        """Return the clusters of all that is stored, largest first."""
        return (await self.settle()).clusters

    async def stories(self) -> Sequence[Story]:
        """Return the stories of all that is stored, largest first."""
        return (await self.settle()).stories

    async def since(self, sequence: int = 0) -> list[Event]:
        """List the events with numbers above `sequence`, in order."""
        return await self._ask(lambda index: list(index.since(sequence)))

    async def note(self, name: str, data: bytes) -> None:
        """Keep something of a job's own under a name, durably."""
        await self._run(self._opened.note, name, data)

    async def noted(self, name: str) -> bytes | None:
        """Return what was noted last under a name; None if nothing was."""
        return await self._ask(lambda index: index.noted(name))

    async def check(self, progress: Progress | None = None) -> list[Problem]:
        """Read everything, and say what does not hold together."""
        return await self._run_long(self._opened.check, progress)

    async def compact(self, progress: Progress | None = None) -> None:
        """Bring the files into the form that is smallest and quickest to search."""
        await self._run_long(self._opened.compact, progress)

    async def stats(self) -> dict[str, Any]:
        """Count what is there."""
        return await self._ask(lambda index: index.stats())

    async def count(self) -> int:
        """Return how many articles were stored, as `len` of an `Index` does."""
        return await self._ask(len)

    async def export(self, out: str | os.PathLike[str], progress: Progress | None = None) -> None:
        """Write the settled answers as a scan writes its output folder."""
        await self._run_beside(self._opened.export, out, progress)

    async def backup(self, to: str | os.PathLike[str], *, progress: Progress | None = None) -> None:
        """Copy the index as it stands to a new folder, or to a server; see `Index.backup`."""
        await self._run_long(self._opened.backup, to, progress=progress)

    async def merge(
        self, other: str | os.PathLike[str], *, progress: Progress | None = None
    ) -> Added:
        """Take in all articles of another index; see `Index.merge`."""
        return await self._run_long(self._opened.merge, other, progress=progress)

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self._opened.settings

    @property
    def keep_text(self) -> bool:
        """Whether texts are kept."""
        return self._opened.keep_text

    @property
    def _opened(self) -> Index:
        if self._index is None:
            raise ValueError("the index is not open; use `async with`, or await open() first")
        return self._index

    async def _run(
        self, call: Callable[_Given, _Answer], *args: _Given.args, **kwargs: _Given.kwargs
    ) -> _Answer:
        """Run a call after those that were made before it."""
        self._own()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, partial(call, *args, **kwargs))

    async def _run_beside(
        self, call: Callable[_Given, _Answer], *args: _Given.args, **kwargs: _Given.kwargs
    ) -> _Answer:
        """Run a call after those that were made before it, and let later ones run meanwhile."""
        await self._run(lambda: None)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._settling, partial(call, *args, **kwargs))

    async def _run_long(
        self, call: Callable[_Given, _Answer], *args: _Given.args, **kwargs: _Given.kwargs
    ) -> _Answer:
        """Run a call that takes long: until it ends, `_ask` does not wait for it."""
        self._own()
        self._long += 1
        running = self._thread.submit(partial(call, *args, **kwargs))
        loop = asyncio.get_running_loop()

        def ended() -> None:
            self._long -= 1

        def tell(_: object) -> None:
            with suppress(RuntimeError):  # the loop was closed: nobody asks any more
                loop.call_soon_threadsafe(ended)

        running.add_done_callback(tell)  # also when who waits for it was cancelled
        return await asyncio.wrap_future(running)

    async def _ask(self, call: Callable[[Index], _Answer]) -> _Answer:
        """Ask the index: in its turn, or while a call runs that takes long, one for reading."""
        index = self._opened
        if not self._long:
            return await self._run(call, index)
        return await self._read(lambda: call(self._for_reading()))

    async def _read(self, call: Callable[[], _Answer]) -> _Answer:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._reading, call)

    def _for_reading(self) -> Index:
        if self._reader is None:
            self._reader = self._make(read_only=True)
        return self._reader

    def _close_reader(self) -> None:
        if self._reader is not None:
            self._reader.close()

    def _own(self) -> None:
        """See to it that there are threads: those of a process are not in a fork of it."""
        if self._process != os.getpid():
            self._process, self._long = os.getpid(), 0
            self._thread = ThreadPoolExecutor(1, "dedup-index")
            self._reading = ThreadPoolExecutor(1, "dedup-index-reads")
            self._settling = ThreadPoolExecutor(1, "dedup-index-settles")
