"""The manifest of a scan: which files it read, in what state, and what came of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from dedup.errors import Problem
from dedup.readers.discover import Found, visible
from dedup.records import Article, ReadFile

_PIECE = 1 << 20


class FilesRead:
    """Takes down what is read.

    >>> files = FilesRead()
    >>> files.note(Found("-", "-", piped=True))
    >>> list(files.counting([Article("a", "Rain.", path="-")]))[0].id, files.all([])
    ('a', [ReadFile(path='-', size=None, checksum=None, articles=1, problems=0)])
    """

    def __init__(self) -> None:
        self._files: dict[str, tuple[int | None, str | None]] = {}
        self._articles: Counter[str] = Counter()

    def note(self, found: Found) -> None:
        """Take down a file that was read, or could not be."""
        size = checksum = None
        with suppress(OSError):  # gone, or not to be opened: its problem says so
            size, checksum = found.size(), _checksum(found)
        self._files[visible(found.path)] = size, checksum

    def counting(self, articles: Iterable[Article]) -> Iterator[Article]:
        """Pass on the articles, and count those of each file."""
        for article in articles:
            self._articles[article.path or ""] += 1
            yield article

    def all(self, problems: Iterable[Problem]) -> list[ReadFile]:
        """Return the files in order of their paths; `problems` are those of reading."""
        articles: Counter[str] = Counter()
        for path, number in self._articles.items():
            articles[_within(path, "/", self._files)] += number
        told = Counter(_within(problem.where, ":", self._files) for problem in problems)
        return [
            ReadFile(path, size, checksum, articles[path], told[path])
            for path, (size, checksum) in sorted(self._files.items())
        ]


def _within(where: str, joint: str, files: Container[str]) -> str:
    """Return the file that a place is in: it is its path, or goes on after a joint."""
    while where and where not in files:
        where = where.rpartition(joint)[0]
    return where


def _checksum(found: Found) -> str | None:
    if found.remote:
        return found.remote.version or None
    if found.piped:
        return None
    from xxhash import xxh3_128

    digest = xxh3_128()
    with Path(found.path).open("rb", buffering=0) as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return f"xxh3_128:{digest.hexdigest()}"
