"""The index for asyncio jobs: the same calls, awaited, one at a time in a thread of their own."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from types import TracebackType
from typing import Any, ParamSpec, Self, TypeVar

from dedup.errors import Problem
from dedup.index.answers import Added, Event, Found
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

    The arguments are those of `Index`. Calls run in the order in which they are made, off the event
    loop. A call that is cancelled while it runs still runs to its end.

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
    ) -> None:
        self._make = partial(
            Index,
            path,
            settings,
            outlets=outlets,
            keep_text=keep_text,
            read_only=read_only,
            wait=wait,
        )
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
        self._index = await self._run(self._make)

    async def close(self) -> None:
        """Let go of files and locks; closing twice does no harm."""
        index, self._index = self._index, None
        if index is not None:
            await self._run(index.close)
        self._thread.shutdown(wait=False)

    async def add(self, article: Article | Mapping[str, Any] | str) -> Found:
        """Return what is known of an article, and store it; see `Index.add`."""
        return await self._run(self._opened.add, article)

    async def add_many(
        self,
        articles: Iterable[Article | Mapping[str, Any] | str],
        *,
        progress: Progress | None = None,
    ) -> Added:
        """Store many articles fast; see `Index.add_many`."""
        return await self._run(self._opened.add_many, articles, progress=progress)

    async def query(self, article: Article | Mapping[str, Any] | str) -> Found:
        """Return what is known of an article, and write nothing."""
        return await self._run(self._opened.query, article)

    async def remove(self, id: str) -> bool:  # noqa: A002 - the name of an article's field
        """Take an article out; False if it is not in."""
        return await self._run(self._opened.remove, id)

    async def get(self, id: str) -> StoredArticle | None:  # noqa: A002 - as above
        """Return the last revision of an article as it is stored, or None."""
        return await self._run(self._opened.get, id)

    async def settle(self, progress: Progress | None = None) -> Result:
        """Work out the answers from all that is stored; see `Index.settle`."""
        return await self._run(self._opened.settle, progress)

    async def clusters(self) -> Sequence[Cluster]:
        """Return the clusters of all that is stored, largest first."""
        return (await self.settle()).clusters

    async def stories(self) -> Sequence[Story]:
        """Return the stories of all that is stored, largest first."""
        return (await self.settle()).stories

    async def since(self, sequence: int = 0) -> list[Event]:
        """List the events with numbers above `sequence`, in order."""
        return await self._run(lambda: list(self._opened.since(sequence)))

    async def note(self, name: str, data: bytes) -> None:
        """Keep something of a job's own under a name, durably."""
        await self._run(self._opened.note, name, data)

    async def noted(self, name: str) -> bytes | None:
        """Return what was noted last under a name; None if nothing was."""
        return await self._run(self._opened.noted, name)

    async def check(self) -> list[Problem]:
        """Read everything, and say what does not hold together."""
        return await self._run(self._opened.check)

    async def compact(self) -> None:
        """Bring the files into the form that is smallest and quickest to search."""
        await self._run(self._opened.compact)

    async def stats(self) -> dict[str, Any]:
        """Count what is there."""
        return await self._run(self._opened.stats)

    async def export(self, out: str | os.PathLike[str], progress: Progress | None = None) -> None:
        """Write the settled answers as a scan writes its output folder."""
        await self._run(self._opened.export, out, progress)

    @property
    def _opened(self) -> Index:
        if self._index is None:
            raise ValueError("the index is not open; use `async with`, or await open() first")
        return self._index

    async def _run(
        self, call: Callable[_Given, _Answer], *args: _Given.args, **kwargs: _Given.kwargs
    ) -> _Answer:
        if self._process != os.getpid():  # a fork: its thread is in the other process
            self._process, self._thread = os.getpid(), ThreadPoolExecutor(1, "dedup-index")
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, partial(call, *args, **kwargs))
