"""From the paths a user gives to the files to read."""

# Strings and os, not Path objects: a folder may hold a million files.
# ruff: noqa: PTH100, PTH110, PTH112, PTH116, PTH118, PTH120

from __future__ import annotations

import os
import posixpath
import stat
from collections import deque
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass

from dedup.errors import Problem
from dedup.readers.protocol import UnreadableError
from dedup.readers.remote import Object, is_remote, listed

STDIN = "-"
"""The path that stands for standard input."""

RESULT = frozenset(
    ("articles.jsonl", "texts.jsonl", "matches.jsonl", "clusters.jsonl", "summary.json")
)
"""The files of a folder that dedup itself wrote; a scan of the folder above passes it by."""

TABLES = frozenset(
    ("articles.parquet", "texts.parquet", "matches.parquet", "clusters.parquet", "summary.json")
)
"""What a scan on Spark writes in their place; it is passed by too."""

CLEANED = frozenset(("clean.json", "dropped.jsonl"))
"""What `dedup clean` writes beside the articles it keeps; a scan of its folder passes them by."""

SHARDED = frozenset(("clean.json", "dropped"))
"""What it writes beside the shards of a collection, which have a table each of what was dropped."""

STAYED = "stayed.jsonl"
"""What it writes too when it goes by stories."""


@dataclass(frozen=True, slots=True)
class Found:
    """A file to read."""

    path: str
    """Where it is, as the user would type it."""
    name: str
    """What ids are made of; see `dedup.readers.protocol.Source`."""
    folder: str | None = None
    """The first folder on the way to it from the given one."""
    given: bool = False
    """True when the user named it, False when it lay in a folder."""
    piped: bool = False
    """True for standard input and pipes, whose names say nothing of what they hold."""

    remote: Object | None = None
    """What its store tells of it, if it is elsewhere."""

    def size(self) -> int | None:
        """Return its size in bytes, None if nobody knows. Raises OSError if it is gone."""
        if self.remote:
            return self.remote.size
        return None if self.piped else os.stat(self.path).st_size

    def changed(self) -> str:
        """Return what is another when it was changed. Raises OSError if it is gone.

        That is its time of change, in nanoseconds, or what its store has for it.
        """
        return self.remote.version if self.remote else str(os.stat(self.path).st_mtime_ns)


class Finder:
    """Finds files: those given, and those in given folders, sorted and each of them once.

    Hidden files and folders are passed by, and so is what dedup wrote. Links are followed after all
    else, so that a file is found where it really is before it is found through a link. In a folder
    only those are followed that end in it: a folder may have come from anywhere, and its links may
    lead to anything that the user can read. A given path may itself be a link.
    """

    def __init__(self, paths: Sequence[str], problems: list[Problem]) -> None:
        self.folders: list[str] = []
        """The given folders."""
        self.passed = 0
        """How many hidden files and folders, and folders of results, were passed by."""
        self._paths = paths
        self._roots = [os.path.realpath(path) for path in paths if os.path.exists(path)]
        self._base = base([path for path in paths if path != STDIN])
        self._problems = problems
        self._seen: set[str] = set()

    def __iter__(self) -> Iterator[Found]:
        for path in self._paths:
            if path == STDIN:
                if self._new(STDIN):
                    yield Found(STDIN, STDIN, given=True, piped=True)
                continue
            if is_remote(path):
                yield from self._elsewhere(path)
                continue
            try:
                mode = os.stat(path).st_mode
            except (OSError, ValueError) as error:
                self._problems.append(unreadable(path, error))
                continue
            if stat.S_ISDIR(mode):
                self.folders.append(path)
                yield from self._under(path)
            elif self._new(os.path.realpath(path)):
                name = self._name(path)
                yield Found(path, name, given=True, piped=not stat.S_ISREG(mode))

    def _elsewhere(self, address: str) -> Iterator[Found]:
        try:
            objects, several = listed(address)
        except UnreadableError as error:
            self._problems.append(Problem(visible(address), error.what, error.remedy))
            return
        if several:
            self.folders.append(address)
        others = sum(map(is_remote, self._paths)) > 1
        before = {one.path: posixpath.dirname(one.path) for one in objects}
        beside: dict[str, set[str]] = {}
        for one in objects:
            beside.setdefault(before[one.path], set()).add(posixpath.basename(one.path))
        for one in objects:
            parts = one.name.split("/")
            names = beside[before[one.path]]
            hidden = any(part.startswith(".") for part in parts) or names >= RESULT
            if hidden or not self._new(one.path) or parts[-1] in _lists(names):
                self.passed += several
                continue
            # Of several addresses the whole way, so that no two files have one name.
            name = one.path.partition("://")[2].lstrip("/") if others else one.name
            name = visible(name or posixpath.basename(one.path))
            folder = visible(parts[0]) if parts[1:] else None
            yield Found(one.path, name, folder, given=not several, remote=one)

    def _under(self, top: str) -> Iterator[Found]:
        name = self._name(top)
        for path in self._walk(top):
            inner = path[len(top) :].strip(os.sep)
            folder, deeper, _ = inner.partition(os.sep)
            full = os.path.join(name, inner).replace(os.sep, "/")
            yield Found(path, visible(full), visible(folder) if deeper else None)

    def _walk(self, top: str) -> Iterator[str]:
        within = os.path.realpath(top)
        todo = [(top, within, True)]
        links: deque[tuple[str, str, bool]] = deque()
        while todo or links:
            linked = not todo
            path, real, is_folder = links.popleft() if linked else todo.pop()
            if not self._new(real):
                if linked and is_folder:
                    self._problems.append(_looped(path))
            elif not is_folder:
                yield path
            else:
                inner = []
                for entry, deeper in self._entries(path):
                    if entry.is_symlink():
                        ends = self._behind(entry.path, within)
                        links += [(entry.path, end, deeper) for end in ends]
                    else:
                        inner.append((entry.path, os.path.join(real, entry.name), deeper))
                todo += reversed(inner)

    def _entries(self, folder: str) -> list[tuple[os.DirEntry[str], bool]]:
        """List what may be read in a folder, in order of name, and whether it is a folder."""
        try:
            with os.scandir(folder) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            self._problems.append(unreadable(folder, error))
            return []
        if any(names.issubset(entry.name for entry in entries) for names in (RESULT, TABLES)):
            self.passed += 1
            return []
        kept = [entry for entry in entries if not entry.name.startswith(".")]
        aside = _lists({entry.name for entry in entries})
        kept = [entry for entry in kept if entry.name not in aside]
        kinds = [(entry, _kind(entry)) for entry in kept]
        known = [(entry, kind == "folder") for entry, kind in kinds if kind]
        self.passed += len(entries) - len(known)
        return known

    def _behind(self, link: str, top: str) -> Iterator[str]:
        """Return where a link leads, if that may be known and it is not out of the folder `top`."""
        try:
            end = os.path.realpath(link)
        except OSError as error:
            self._problems.append(unreadable(link, error))
            return
        if _holds(top, end):
            yield end
        elif not any(_holds(root, end) for root in self._roots):  # else it is found there
            self._problems.append(_leads_out(link, end))

    def _new(self, real: str) -> bool:
        if real in self._seen:
            return False
        self._seen.add(real)
        return True

    def _name(self, path: str) -> str:
        name = os.path.relpath(path, self._base)
        return "" if name == os.curdir else visible(name.replace(os.sep, "/"))


def _lists(names: Set[str]) -> frozenset[str]:
    """Return what `dedup clean` wrote beside articles in a folder that holds these names."""
    found = [lists | {STAYED} for lists in (CLEANED, SHARDED) if lists <= names]
    return frozenset().union(*found)


def visible(path: str) -> str:
    r"""Write a path so that any file can hold it: bytes that are no UTF-8 become `\udc..`."""
    return path.encode("utf-8", "backslashreplace").decode()


def unreadable(path: str, error: Exception) -> Problem:
    """Return why a file or folder cannot be opened or read."""
    if isinstance(error, FileNotFoundError):
        what, remedy = "there is no such file or folder (any more)", "check the path and run again"
    elif isinstance(error, PermissionError):
        what, remedy = "it may not be opened (permission denied)", "get the right to read it"
    else:
        what = f"it cannot be read ({getattr(error, 'strerror', None) or error})"
        remedy = "mend the file or leave it out"
    return Problem(visible(path) or "''", what, remedy)


def base(paths: Sequence[str]) -> str:
    """Find the folder that holds all the given paths, or is the only one.

    Ids of articles that have none of their own are made of the way from there.
    """
    real = [os.path.abspath(path) for path in paths if os.path.exists(path)]
    if not real:
        return os.curdir
    base = os.path.commonpath(real)
    return base if os.path.isdir(base) else os.path.dirname(base)


def _kind(entry: os.DirEntry[str]) -> str:
    """Return `folder` or `file`; pipes, sockets and devices are neither."""
    try:
        if entry.is_dir():
            return "folder"
        # a link that leads nowhere counts as a file, so that opening it says so
        return "file" if entry.is_file() or entry.is_symlink() else ""
    except OSError:
        return "file"


def _holds(folder: str, path: str) -> bool:
    return path == folder or path.startswith(os.path.join(folder, ""))


def _leads_out(link: str, end: str) -> Problem:
    what = f"the link leads out of the given folder, to {visible(end)}, and is not followed"
    return Problem(visible(link), what, "if that is meant to be read, give it too")


def _looped(path: str) -> Problem:
    what = "the link leads to a folder that is read already"
    return Problem(visible(path), what, "nothing: it is read once", skipped=False)
