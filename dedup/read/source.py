"""What a reader is told about the stream it gets, and how it says that a stream is bad."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from dedup.document import Article
from dedup.errors import Problem

LONGEST = 256 * 2**20
"""Most bytes of one line of JSON, or of one text file (256 MiB). What is longer is no article; it
is skipped with a `Problem`, so that memory stays bounded whatever a file holds."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a stream comes from.

    >>> Source(name="herald/a.jsonl", path="news/herald/a.jsonl", site="herald").at(3)
    'news/herald/a.jsonl:3'
    """

    name: str
    """What ids are made of: the path, with `/`, from the folder that holds all given paths."""
    path: str
    """The path as the user would type it; `-` for standard input."""
    site: str | None = None
    """The site of articles that name none themselves."""
    fields: Mapping[str, str] | None = None
    """Which field of a record holds what, where it is not the field of that name."""

    def at(self, line: int) -> str:
        """Name a line of it, counted from 1, as a `Problem` does."""
        return f"{self.path}:{line}"


Reader = Callable[[io.BufferedReader, Source, list[Problem]], Iterator[Article]]
"""What knows a format: gives the articles of a stream (already decompressed), one after another,
adds to the list what it had to skip or mend, and raises `UnreadableError` or OSError to stop."""


class UnreadableError(Exception):
    """A stream that gives no more; becomes a `Problem` of its file."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy
