"""A file of plain text or Markdown: one article, whose text is all that the file holds."""

from __future__ import annotations

import io
from collections.abc import Iterator

from dedup.errors import Problem
from dedup.readers.article_builder import whole
from dedup.readers.compression import entire
from dedup.readers.encoding import decode
from dedup.readers.protocol import Source, UnreadableError
from dedup.records import Article


def read(stream: io.BufferedReader, source: Source, problems: list[Problem]) -> Iterator[Article]:
    """Yield the one article of a text; its id is the source's name.

    A text that breaks off is kept as far as it goes. One without a word is none.
    """
    data = entire(stream, source, problems, "text", "split it: one article a file")
    decoded = decode(data)
    if not decoded.text or decoded.text.isspace():
        raise UnreadableError("the file holds no text", "fill it, or delete it")
    problems += decoded.problems(source.path)
    text = whole(decoded.text, source.path, problems)
    yield Article(id=source.name, text=text, site=source.site, path=source.path)
