"""A file of HTML: one page, whose article `dedup.readers.extract` finds in it."""

from __future__ import annotations

import io
from collections.abc import Iterator

from dedup.errors import Problem
from dedup.readers.compression import beginning
from dedup.readers.protocol import Page, Source, UnreadableError
from dedup.records import Article

LARGEST = 8 * 2**20
"""Most bytes of a page (8 MiB). Few news pages have two; what is larger is a dump."""


def read(stream: io.BufferedReader, source: Source, problems: list[Problem]) -> Iterator[Page]:
    """Yield the one page of a file; its id is the source's name.

    A page that breaks off is kept as far as it goes. One of more than `LARGEST` bytes is none.
    """
    data = beginning(stream, LARGEST, source, problems)
    if len(data) > LARGEST:
        what = f"the page has more than {LARGEST >> 20} MiB"
        raise UnreadableError(what, "save the text of its article as .txt")
    if not data or data.isspace():
        raise UnreadableError("the file holds no page", "fetch it again, or delete it")
    known = Article(source.name, "", site=source.site, path=source.path)
    yield Page(data, known)
