"""What a reader knows about its stream, and how it says that a stream is bad."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from dedup.errors import Problem
from dedup.readers.field_names import FieldNames, Given
from dedup.records import Article

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
    fields: Given | FieldNames | None = None
    """Which field of a record holds what, where it is not the field of that name."""

    def at(self, line: int) -> str:
        """Name a line of it, counted from 1, as a `Problem` does."""
        return f"{self.path}:{line}"


@dataclass(frozen=True, slots=True)
class Page:
    """A page of HTML whose article is still to be extracted; see `dedup.readers.extract`."""

    html: bytes
    """The page as it was fetched."""
    article: Article
    """What is known without it, with an empty text. Its id, path and url stay; all else only stands
    in for what the page itself does not say."""
    encoding: str | None = None
    """Its encoding as the transport declared it, or None."""
    where: str | None = None
    """How a `Problem` names it; None: by the article's path, or else by its id."""
    kind: Literal["html", "pdf"] = "html"
    """What it is in truth: a PDF is taken apart where pages are, within the same bounds."""


Reader = Callable[[io.BufferedReader, Source, list[Problem]], Iterator[Article | Page]]
"""A function that knows a format. It yields the articles of a stream (already decompressed), one
after another, and HTML as a `Page`. It adds to the list what it had to skip or mend, and raises
`UnreadableError` or OSError to stop."""


class UnreadableError(Exception):
    """Raised when a stream cannot be read on; becomes a `Problem` of its file."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy
