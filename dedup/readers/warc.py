"""Web archives (WARC, ISO 28500), as CC-NEWS ships them: a page for each answer that is HTML.

Records are told apart here, because fastwarc's own iterator ends where an archive is damaged, and
takes a record that breaks off together with the beginning of the next. What is inside a record
(HTTP headers, chunks, content encodings) is read by fastwarc.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from dedup.errors import Problem
from dedup.readers.article_builder import counted
from dedup.readers.compression import DAMAGED
from dedup.readers.html import LARGEST
from dedup.readers.protocol import LONGEST, Page, Source, UnreadableError
from dedup.readers.sniff import sniffed
from dedup.records import Article

if TYPE_CHECKING:
    from fastwarc.warc import WarcRecord

_RECORD = re.compile(rb"WARC/\d\.\d+\r?\n(?=[A-Za-z][\w-]*:)")
"""How a record begins."""
_BLANK = re.compile(rb"\r?\n\r?\n")
_LINES = re.MULTILINE | re.IGNORECASE
_ANSWER = re.compile(rb"^WARC-Type:[ \t]*(?:response|resource)[ \t]*\r?$", _LINES)
_LENGTH = re.compile(rb"^Content-Length:[ \t]*(\d{1,18})[ \t]*\r?$", _LINES)
_BETWEEN = re.compile(rb"\s*")
_ENDED = re.compile(rb"\r\n\r\n|\s*(?:WARC/\d|%b|\Z)" % re.escape(DAMAGED.strip()))
"""What follows a record that is as long as it says."""

_END = re.compile(rb"\r\n\r\n(?:(?=WARC/\d\.\d+\r?\n)|\Z)")
"""How a record ends that does not say how long it is."""
_SLACK = 16
"""Bytes by which a record's length may be off. With a higher value worse ones are read."""

_HEADERS = 1 << 15
"""Most bytes of a record's headers, and of those of HTTP in it."""
_LOOK = 64
"""Bytes that show whether a record begins."""
_PIECE = 1 << 18
_CHUNK = re.compile(rb"(?:\r\n)?([0-9a-fA-F]{1,7})[ \t]*(?:;[^\r\n]*)?\r\n")
_FORMS = ((re.compile(rb"\x1f\x8b\x08"), 31), (re.compile(rb"(?!\s*<|\xef\xbb\xbf)"), -15))
"""How gzip data and data of deflate without any mark may begin, and what zlib calls them."""


def read(stream: io.BufferedReader, source: Source, problems: list[Problem]) -> Iterator[Page]:
    """Yield the pages of an archive, one record after another.

    Taken are successful answers (status 2xx; records `response` and `resource`) that are HTML by
    their type, or by their look if they name none. The id is the `WARC-Record-ID`, as one address
    may be archived twice; url is the `WARC-Target-URI`, which tells the site better than the name
    of a folder. The date is left to the page: `WARC-Date` is when it was fetched. Requests,
    metadata and revisits are passed by in silence; what is no HTML or no success is counted in one
    `Problem`. A damaged record becomes a `Problem`, and the next one is read. Raises
    `UnreadableError` without fastwarc, and where the last record breaks off. Archives in Zstandard
    are read unless they bring a dictionary of their own.
    """
    try:
        import fastwarc  # noqa: F401
    except ImportError as error:
        what = f"reading WARC files needs the package {error.name}"
        raise UnreadableError(what, "type: pip install 'news-dedup[warc]'") from error
    pages = others = failures = 0
    for number, data in _records(stream, source, problems):
        where = source.at(number)
        try:
            record, html = _answer(data)
        except (OSError, ValueError) as error:
            what = f"the record cannot be read ({str(error)[:100]})"
            problems.append(Problem(where, what, "nothing: the others are read"))
            continue
        pages += bool(html)
        others += html is None
        failures += html == b""
        if html and len(html) > LARGEST:
            what = f"the page has more than {LARGEST >> 20} MiB"
            problems.append(Problem(where, what, "nothing: it is no article"))
        elif html:
            yield _page(record, html, source, number)
    if others or failures:
        what = f"{counted(others, 'answer')} of no HTML, {failures:,} failed or empty: passed by"
        problems.append(Problem(source.path, what, "nothing: only pages are read", skipped=False))
    elif not pages:
        what = "there is no answer of a server in this archive"
        problems.append(Problem(source.path, what, "give the archive that holds the responses"))


def _page(record: WarcRecord, html: bytes, source: Source, number: int) -> Page:
    url = (record.headers.get("WARC-Target-URI") or "").strip("<> \t") or None
    id_ = (record.record_id or "").strip("<> \t") or f"{source.name}:{number}"
    encoding = (record.http_charset or "").strip("\"' \t") if record.is_http else ""
    article = Article(id=id_, text="", url=url, site=None if url else source.site, path=source.path)
    return Page(html, article, encoding or None, source.at(number))


def _answer(data: bytes) -> tuple[WarcRecord, bytes | None]:
    """Parse a record: with its page, None if it is no HTML, or nothing if it failed or is empty.

    Raises OSError or ValueError.
    """
    record = _parsed(data, "none")
    kind = record.headers.get("Content-Type") or ""
    if record.is_http:
        status, kind = record.http_headers.status_code, record.http_content_type or ""
        if status is not None and not 200 <= status < 300:
            return record, b""
    kind = kind.partition(";")[0].strip().lower()
    if kind not in ("", "text/html", "application/xhtml+xml"):
        return record, None
    body = _body(data) if record.is_http else record.reader.read(LARGEST + 1)
    if kind or not body:
        return record, body
    return record, body if sniffed(body[:4096]) == ".html" else None


def _parsed(data: bytes, decoding: Literal["all", "transfer", "content", "none"]) -> WarcRecord:
    from fastwarc.warc import WarcRecord

    record = WarcRecord.from_bytes(data)
    if record.is_http:
        record.parse_http(decoding, max_header_len=_HEADERS, quirks_mode=True)
    return record


def _body(data: bytes) -> bytes:
    """Return the body of an answer, decoded as its headers say, or else as it really is.

    Many archives hold bodies that were decoded while the headers stayed as they were. Of a body
    that breaks off the beginning is given.
    """
    for decoding in ("all", "transfer", "content", "none"):
        body = bytearray()
        try:
            reader = _parsed(data, decoding).reader
            while len(body) <= LARGEST and (piece := reader.read(_PIECE)):
                body += piece
        except OSError:
            continue
        return bytes(body) if decoding == "all" else _inflated(_unchunked(bytes(body)))
    return b""


def _unchunked(body: bytes) -> bytes:
    """Join the chunks of a body that breaks off, which fastwarc does not give."""
    whole, start = bytearray(), 0
    while chunk := _CHUNK.match(body, start):
        start = chunk.end() + int(chunk[1], 16)
        whole += body[chunk.end() : start]
    return bytes(whole) or body


def _inflated(body: bytes) -> bytes:
    """Decompress what servers send under names that are not in the standard, as browsers do."""
    for start, form in _FORMS:
        if start.match(body):
            try:
                return zlib.decompressobj(form).decompress(body, LARGEST + 1)
            except zlib.error:
                continue
    return body


class _Window:
    """The part of a stream that is looked at; keeps what ends the stream early for later."""

    def __init__(self, stream: io.BufferedReader) -> None:
        self.data = bytearray()
        self.failure: Exception | None = None
        self._stream = stream

    def holds(self, size: int) -> bool:
        """Read on until that many bytes are there; False if there are fewer."""
        while len(self.data) < size:
            try:
                piece = self._stream.read1(_PIECE)
            except (UnreadableError, OSError) as error:
                self.failure, piece = error, b""
            if not piece:
                return False
            self.data += piece
        return True

    def drop(self, size: int) -> bool:
        """Go on after that many bytes, which need not fit into memory; False if there are fewer."""
        while size > len(self.data):
            size -= len(self.data)
            self.data.clear()
            if not self.holds(1):
                return False
        del self.data[:size]
        return True

    def seek_record(self, start: int) -> bool:
        """Go on where the next record begins, from `start` on; False if there is none."""
        while True:
            if found := _RECORD.search(self.data, start):
                return self.drop(found.start())
            self.drop(max(0, len(self.data) - _LOOK))
            start = 0
            if not self.holds(len(self.data) + 1):
                self.data.clear()
                return False


def _records(
    stream: io.BufferedReader, source: Source, problems: list[Problem]
) -> Iterator[tuple[int, bytes]]:
    """Yield the records that are answers, with their numbers from 1; skip a bad one."""
    window, number = _Window(stream), 0
    while window.holds(1):
        if blank := _BETWEEN.match(window.data, 0)[0]:  # type: ignore[index]  # it always matches
            window.drop(len(blank))
            continue
        number += 1
        inner, end = _extent(window)
        if end > LONGEST and window.drop(end):
            what = f"the record is longer than {LONGEST >> 20} MiB"
            problems.append(Problem(source.at(number), what, "nothing: it is no article"))
        elif inner and window.holds(end) and _followed(window, end):
            if _ANSWER.search(window.data, 0, inner):
                yield number, bytes(window.data[:end])
            window.drop(end)
        elif inner and (true := _near_end(window, inner, end)):
            what = (
                f"the length of the record is {counted(abs(true - end), 'byte')} off; it was read"
            )
            problems.append(Problem(source.at(number), what, "mend what wrote it", skipped=False))
            if _ANSWER.search(window.data, 0, inner):
                head = _LENGTH.sub(b"Content-Length: %d\r" % (true - inner), window.data[:inner], 1)
                yield number, bytes(head + window.data[inner:true])
            window.drop(true)
        elif window.seek_record(inner or 1) or not inner:
            what = "the archive is damaged here; the reading went on with the next whole record"
            problems.append(Problem(source.at(number), what, "fetch it again to have the rest"))
        elif window.failure is None:
            what = "the last record breaks off; what comes before was read"
            raise UnreadableError(what, "fetch the file again to have the rest")
    if window.failure:
        raise window.failure
    if not number:
        raise UnreadableError("the file holds no record", "fill it, or delete it")


def _extent(window: _Window) -> tuple[int, int]:
    """Return where a record's block begins and ends; zeros if there is no record."""
    window.holds(_HEADERS)
    blank = _BLANK.search(window.data, 0, _HEADERS)
    if blank is None or not _RECORD.match(window.data):
        return 0, 0
    if _RECORD.search(window.data, 1, blank.end()):  # it breaks off before the next one begins
        return 0, 0
    length = _LENGTH.search(window.data, 0, blank.end())
    return (blank.end(), blank.end() + int(length[1])) if length else (0, 0)


def _near_end(window: _Window, inner: int, end: int) -> int:
    """Return where a record ends near to where it says; 0 if nowhere there."""
    whole = window.holds(end + _SLACK + _LOOK) or window.failure is not None
    until = min(len(window.data), end + _SLACK + _LOOK)
    found = _END.search(window.data, max(inner, end - _SLACK), until)
    if found is None or found.start() > end + _SLACK or (whole and found.end() == until):
        return 0
    return found.start()


def _followed(window: _Window, end: int) -> bool:
    window.holds(end + _LOOK)
    return _ENDED.match(window.data, end) is not None
