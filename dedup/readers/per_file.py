"""What one file may give at most: articles for its size, and problems.

A few kilobytes of packed data hold millions of lines. Each line costs a thousand times its size as
an article, and half as much as a `Problem`; so both are bounded by what the file itself weighs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from dedup.errors import Problem
from dedup.readers.article_builder import counted
from dedup.readers.protocol import UnreadableError

ARTICLES = 100_000
"""Articles that any file may hold, however small it is. A higher value takes more memory for what
is made to fill it: some 1.2 kB for each."""
WEIGHT = 4
"""Bytes of a file for each article beyond that. Nothing that is not packed has less; what news is
packed to has 30 and more. A higher value refuses data that is packed less well."""
PROBLEMS = 1000
"""Problems of one file that are named one by one; the others are counted. A higher value takes more
memory and longer lists."""

_Item = TypeVar("_Item")


def failed(path: str, error: Exception) -> Problem:
    """Say that a reader failed in a way that none should."""
    what = f"reading it failed ({type(error).__name__}: {str(error)[:200]})"
    remedy = "leave it out, and report this as a fault of dedup"
    return Problem(path, f"{what}; what comes before was read", remedy)


def bounded(items: Iterable[_Item], size: int | None) -> Iterator[_Item]:
    """Pass on the items of a file of that many bytes, None if nobody knows.

    Raises `UnreadableError` after as many as a file of that size may hold.
    """
    most = max(ARTICLES, (size or 0) // WEIGHT)
    for number, item in enumerate(items):
        if number == most and size is not None:
            what = f"it holds more than {most:,} articles, too many for its size"
            raise UnreadableError(
                f"{what}; what comes before was read",
                "if it is meant to, unpack it yourself and give what comes out",
            )
        yield item


class FileProblems(list[Problem]):
    """The problems of one file: the first ones, and how many more there were.

    >>> problems = FileProblems("a.jsonl")
    >>> problems += [Problem("a.jsonl:1", "the line is not JSON", "mend it")] * 1500
    >>> len(problems), str(problems.told()[-1])
    (1500, 'a.jsonl: 500 more problems like those before (mend those, and run again)')
    """

    def __init__(self, path: str) -> None:
        super().__init__()
        self._path = path
        self._others = self._skipped = 0

    def append(self, problem: Problem, /) -> None:
        """Keep a problem, or count it."""
        if super().__len__() < PROBLEMS:
            super().append(problem)
        else:
            self._others += 1
            self._skipped += problem.articles * problem.skipped

    def extend(self, problems: Iterable[Problem], /) -> None:
        """Keep some problems, or count them."""
        for problem in problems:
            self.append(problem)

    def __iadd__(self, problems: Iterable[Problem], /) -> FileProblems:  # type: ignore[override,misc]
        self.extend(problems)
        return self

    def __len__(self) -> int:
        return super().__len__() + self._others

    def told(self) -> list[Problem]:
        """Return what there is to tell."""
        if not self._others:
            return list(self)
        what = f"{counted(self._others, 'more problem')} like those before"
        remedy = "mend those, and run again"
        more = Problem(self._path, what, remedy, self._skipped > 0, max(1, self._skipped))
        return [*self, more]
