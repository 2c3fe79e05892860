"""A page as browsers save it in one file (MHTML, RFC 2557): a mail that holds the page."""

from __future__ import annotations

import io
from collections.abc import Iterator

from dedup.errors import Problem
from dedup.readers import mime
from dedup.readers.compression import entire
from dedup.readers.protocol import Page, Source, UnreadableError
from dedup.records import Article

_PAGES = ("text/html", "application/xhtml+xml")


def read(stream: io.BufferedReader, source: Source, problems: list[Problem]) -> Iterator[Page]:
    """Yield the one page of a file; its address is where it was saved from, its id the source's."""
    data = entire(stream, source, problems, "page", "save its text as .txt")
    cut: list[str] = []
    mail = mime.parsed(data, cut)
    problems += [Problem(source.path, what, "nothing", skipped=False) for what in cut]
    page = next((part for part in mail.leaves() if part.kind in _PAGES), None)
    if page is None:
        raise UnreadableError("it holds no page of HTML", "save the page again")
    places = (
        mail.headers.get("snapshot-content-location"),
        page.headers.get("content-location"),
        mail.headers.get("content-location"),
    )
    told = (mime.header(place).text for place in places if place)
    url = next((one for one in told if one.startswith(("http://", "https://"))), None)
    known = Article(source.name, "", url=url, site=None if url else source.site, path=source.path)
    yield Page(page.body, known, page.parameters.get("charset"))
