"""From files to an index, whole files once: what `dedup index add` does with paths and folders.

A file that the index took is passed by without being opened for as long as its path, size and time
of change are the same. When one of them is not, it is read again, and of its articles the index
takes those that it does not know by their fingerprint. So a run that was broken off goes on where
it was, and costs no more than reading the file on which it stood.
"""

# Strings and os, not Path objects: a folder may hold a million files.
# ruff: noqa: PTH100, PTH110, PTH116

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from xxhash import xxh3_64_intdigest

from dedup.cli.manifest import Filed, Stamp
from dedup.cli.set_aside import SetAside
from dedup.errors import Problem
from dedup.index.index import Index
from dedup.progress import Progress, Silent
from dedup.readers import PAGE_SECONDS, read
from dedup.readers.discover import Found, base, visible
from dedup.readers.field_names import Given
from dedup.records import Article

BATCH = 2048
"""Articles that are stored at a time."""
CHARACTERS = 1 << 24
"""Characters of text after which articles are stored before there are `BATCH` of them."""
LEAST_PAUSE = 1.0
"""Seconds between two looks into a folder that is watched. When a look takes long, the pause is
`PAUSE` times as long."""
PAUSE = 10


@dataclass(slots=True)
class Taken:
    """What was taken so far."""

    files: int = 0
    """Files read."""
    passed: int = 0
    """Files that were taken before, whatever became of their articles."""
    articles: int = 0
    """Articles stored, revisions included."""
    seen: int = 0
    """Articles that were in already."""
    revisions: int = 0
    """Ids that came again with other fields."""
    texts: int = 0
    """New distinct texts."""
    problems: list[Problem] = field(default_factory=list)
    """What was skipped or mended."""

    @property
    def skipped(self) -> int:
        """How many documents could not be taken."""
        return sum(problem.articles for problem in self.problems if problem.skipped)


class Intake:
    """Takes files into an index.

    `site`, `fields` and `page_seconds` are as for `dedup.readers.read`. Between two articles
    `ended` is asked whether to stop: what was read until then is stored. `folder` is that of the
    index, if it is one: there it is noted which file is being read (see `dedup.cli.set_aside`).
    `came` is called with how many articles were stored, each time some were.
    """

    def __init__(
        self,
        index: Index,
        *,
        site: str | None = None,
        fields: Given | None = None,
        progress: Progress | None = None,
        ended: Callable[[], bool] = lambda: False,
        page_seconds: float = PAGE_SECONDS,
        folder: Path | None = None,
        came: Callable[[int], None] = lambda _: None,
    ) -> None:
        self.taken = Taken()
        self._came = came
        self._index = index
        self._site, self._fields = site, fields
        self._how = json.dumps([site, sorted((fields or {}).items())])
        self._page_seconds = page_seconds
        self._aside = SetAside(folder, fields)
        self._progress = progress or Silent()
        self._ended = ended
        self._filed = Filed(index)
        self._root = ""
        self._told: set[Problem] = set()
        self._begun: dict[str, _Begun | None] = {}  # by path as problems name it, in order
        self._failed: dict[str, Stamp] = {}
        self._before: dict[str, Stamp] = {}  # when a folder is watched: what the last look found
        self._now: dict[str, Stamp] | None = None  # and this one

    def take(self, paths: Iterable[str]) -> None:
        """Take what the files and folders hold that is not in yet."""
        given = list(paths)
        found: list[Problem] = []
        cut = False

        def ended() -> bool:
            nonlocal cut
            cut = self._ended()
            return cut

        self._begun.clear()
        articles = read(
            given,
            site=self._site,
            fields=self._fields,
            problems=found,
            progress=self._progress,
            choose=lambda one: self._choose(one, given, found),
            page_seconds=self._page_seconds,
        )
        for batch in _batches(articles, ended):
            added = self._index.add_many(batch)
            self.taken.articles += added.articles
            self.taken.seen += added.seen
            self.taken.revisions += added.revisions
            self.taken.texts += added.texts
            found += added.problems
            self._note(found, before=batch[-1].path)
            self._came(added.articles)
        self._aside.done()
        if not cut:  # what ends it now comes after the last article: all files were read wholly
            self._note(found, before=None)
        self._tell(found)

    def watch(self, folder: str, told: Callable[[Taken], None]) -> None:
        """Take what is put into a folder, until `ended` says so; each time call `told`.

        A file is taken when its size and time of change were the same in two looks, `LEAST_PAUSE`
        seconds apart at least. One that could not be read is tried again when it has changed.
        """
        while not self._ended():
            began = time.monotonic()
            self._now = {}
            before = self.taken.files, len(self.taken.problems)
            self.take([folder])
            self._before = self._now
            if before != (self.taken.files, len(self.taken.problems)):
                told(self.taken)
            now = time.monotonic()
            idle = before[0] == self.taken.files  # else most of the time went into taking
            until = now + (max(LEAST_PAUSE, PAUSE * (now - began)) if idle else LEAST_PAUSE)
            while time.monotonic() < until and not self._ended():
                time.sleep(0.05)

    def _choose(self, found: Found, given: list[str], problems: list[Problem]) -> Found | None:
        """Pass by what is in already, and name the others from one place, however they are given.

        So an article has one id whether its file was given, its folder, or the folder above.
        """
        shown = visible(found.path)
        known = self._named(found, given)
        if known is None:
            self._begun[shown] = None
            return replace(found, piped=True)  # what reads it says why it cannot be read, if so
        path, name, stamp = known
        key = f"{name}\n{self._how}"
        if self._filed.has(key, stamp):
            self.taken.passed += 1
            return None
        if self._now is not None:
            self._now[path] = stamp
            if self._before.get(path) != stamp or self._failed.get(path) == stamp:
                return None
        if problem := self._aside.problem(found, path, stamp):
            self._failed[path] = stamp
            problems.append(problem)
            return None
        self.taken.files += 1
        self._begun[shown] = _Begun(path, key, stamp)
        return replace(found, name=name)

    def _named(self, found: Found, given: list[str]) -> tuple[str, str, Stamp] | None:
        """Return the path and the name of a file and what changes with it, None of a pipe."""
        if found.remote:
            version = xxh3_64_intdigest(found.remote.version.encode()) >> 1
            name = found.path.partition("://")[2].lstrip("/")
            return found.path, visible(name), (found.remote.size, version)
        path = os.path.abspath(found.path)
        try:
            status = os.stat(path)
        except OSError:
            return None
        if found.piped:
            return None
        if not self._root:
            self._root = self._filed.root(base([one for one in given if os.path.exists(one)]))
        name = visible(os.path.relpath(path, self._root).replace(os.sep, "/"))
        return path, name, (status.st_size, status.st_mtime_ns)

    def _note(self, found: list[Problem], before: str | None) -> None:
        """Note the files that were read wholly and are stored: all before the one named."""
        if before is not None and before not in self._begun:
            return
        bad = {_file(problem.where, self._begun) for problem in found if problem.skipped}
        done = []
        for shown, begun in list(self._begun.items()):
            if shown == before:
                break
            del self._begun[shown]
            if begun and shown in bad:
                self._failed[begun.path] = begun.stamp
            elif begun:
                done.append((begun.key, begun.stamp))
        if done:
            self._filed.note(done)

    def _tell(self, found: list[Problem]) -> None:
        """Keep problems that are new: who watches a folder meets each again and again."""
        new = [problem for problem in found if problem not in self._told]
        self._told.update(new)
        self.taken.problems += new


class SettleEvery:
    """Settles an index each time that a number of articles has come; 0 is never."""

    def __init__(self, index: Index, articles: int, progress: Progress | None = None) -> None:
        self._index, self._every, self._progress = index, articles, progress
        self._since = 0

    def __call__(self, articles: int) -> None:
        """Count articles that were stored."""
        self._since += articles
        if self._every and self._since >= self._every:
            self._since = 0
            self._index.settle(self._progress)


@dataclass(frozen=True, slots=True)
class _Begun:
    """A file that is being read."""

    path: str
    key: str
    stamp: Stamp


def _file(where: str, begun: Mapping[str, object]) -> str:
    """Find the file that a problem is about: `where` is its path, or goes on after a colon."""
    path = where
    while path and path not in begun:
        path = path.rpartition(":")[0]
    return path


def _batches(articles: Iterator[Article], ended: Callable[[], bool]) -> Iterator[list[Article]]:
    batch: list[Article] = []
    length = 0
    for article in articles:
        batch.append(article)
        length += len(article.text)
        if len(batch) == BATCH or length >= CHARACTERS:
            yield batch
            batch, length = [], 0
        if ended():
            break
    if batch:
        yield batch
