"""Opening what was found: decompressed, and told by its content where its name is silent or lies.

What a file plainly holds wins over what its name says. Plain is only what no article written as
text begins with: the marks of a compression or an archive, the root element of a page, feed or
agency format, a line that is a JSON object with a text. Everything else is what its name says.

================================  ================================================================
what the content is               what reads it
================================  ================================================================
gzip, bzip2, xz, Zstandard        what is inside decides, under any name, up to three layers deep
`.gz` (...) that is plain text    the same without decompression: many tools undo it on the way
WARC, Parquet, Arrow, PDF         `.warc`, `.parquet`, `.arrow`, `.pdf`, under any name
ZIP                               `.zip`, which knows documents and web archives, under the name of
                                  one of those or of a text; `.xlsx`, `.jar` and so on stay that
pictures, programs and so on      nothing: under the name of a text it is named and left out
`<!doctype html>`, `<html>`, ...  `.html`, under any name
XML: the root in `ROOTS`          that reader, under any name; any other root: what the name says
lines such as `{"text": "..."}`   `.jsonl`, under any name
other JSON of objects             `.json`, under the names of JSON
two fields of a mail's header     `.eml`, if the name ends in nothing that is known (as in Maildir)
================================  ================================================================

Standard input and pipes have no name: what is not plain is JSON if it begins as an object or a list
of objects does, else text. A file whose name ends in nothing that is known is read in a folder only
if its content is plain in this sense (fetched pages are often called `story.php` or have no
suffix); else it is passed by.
"""

# Strings, not Path objects: a folder may hold a million files.
# ruff: noqa: PTH122

from __future__ import annotations

import codecs
import io
import json
import re
import sys
import zlib
from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager
from os.path import splitext
from pathlib import Path

from dedup.errors import Problem
from dedup.readers import ninjs, remote
from dedup.readers.compression import COMPRESSIONS, begins, compression, expanded, joined, rest
from dedup.readers.discover import STDIN, Found
from dedup.readers.encoding import encoding_of, unicode_form
from dedup.readers.protocol import Page, Source, UnreadableError

ROOTS = {
    "NewsML": ".newsml",
    "RDF": ".rss",
    "entry": ".atom",
    "feed": ".atom",
    "html": ".html",
    "newsItem": ".newsml",
    "newsMessage": ".newsml",
    "packageItem": ".newsml",
    "nitf": ".nitf",
    "rss": ".rss",
}
"""What reads XML, by the name of its first element (without prefix)."""

MARKS = {
    re.compile(rb"WARC/\d\.\d+\r?\n"): ".warc",
    re.compile(rb"PAR1[\x00-\x1f]"): ".parquet",
    re.compile(rb"ARROW1\0\0"): ".arrow",
    re.compile(rb"%PDF-\d"): ".pdf",
    re.compile(rb"PK\x03\x04.{26}[ -~]", re.DOTALL): ".zip",
}
"""What reads data that begins as these expressions say."""

BINARY = {
    re.compile(rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"): "an old document of Office (.doc, .xls)",
    re.compile(rb"\{\\rtf1"): "a document in RTF",
    re.compile(rb"PK[\x03\x05][\x04\x06]"): "a ZIP archive",
    re.compile(rb"Rar!\x1a\x07"): "an archive (RAR)",
    re.compile(rb"7z\xbc\xaf\x27\x1c"): "an archive (7z)",
    re.compile(rb".{257}ustar", re.DOTALL): "an archive (tar)",
    re.compile(rb"filedesc://"): "an old web archive (ARC)",
    re.compile(rb"\xff\xd8\xff"): "a picture (JPEG)",
    re.compile(rb"\x89PNG\r\n"): "a picture (PNG)",
    re.compile(rb"GIF8[79]a"): "a picture (GIF)",
    re.compile(rb"II\*\0|MM\0\*"): "a picture (TIFF)",
    re.compile(rb"RIFF....(?:WEBP|WAVE|AVI )", re.DOTALL): "a picture, a sound or a film (RIFF)",
    re.compile(rb"....ftyp", re.DOTALL): "a film (MP4)",
    re.compile(rb"ID3[\x02-\x04]|OggS\0|fLaC\0"): "a sound",
    re.compile(rb"SQLite format 3\0"): "a database (SQLite)",
    re.compile(rb"\x7fELF|\xca\xfe\xba\xbe|MZ\x90\0"): "a program",
    re.compile(rb"%!PS-Adobe"): "a document in PostScript",
}
"""What data is that nothing here reads, by how it begins."""

TEXTS = frozenset(
    (".csv", ".eml", ".htm", ".html", ".json", ".jsonl", ".md", ".ndjson", ".ninjs", ".tsv", ".txt")
)
"""Names that say that a file holds text, whose reader would take any bytes for it."""

_HEAD = 1 << 14
"""Bytes that are looked at."""
_LAYERS = 3
"""Compressions inside each other that are taken off; there is data that decompresses to itself."""
_JSON = (".json", ".jsonl", ".ndjson")

_CONTROLS = 0.05
"""Share of control characters from which data is no text. A higher value reads more garbage."""
_KINDS = 5
"""Different control characters from which it is none: a text may be filled up with one of them. A
higher value reads more garbage."""
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_ROOT = re.compile(
    rb"(?:\s|<!--.*?-->|<\?.*?\?>)*+<(?:!DOCTYPE\s+)?+(?:[\w.-]+:)?([A-Za-z][\w.-]*)",
    re.DOTALL | re.IGNORECASE,
)
_PAGE = (b"html", b"head", b"body")
_RSS_1 = re.compile(rb"purl\.org/rss/1\.0|netscape\.com/rdf", re.IGNORECASE)
_HEADER = re.compile(
    rb"(?:(?:Return-Path|Received|Delivered-To|From|To|Subject|Date|Message-ID|MIME-Version"
    rb"|Content-Type|Reply-To|Sender|Snapshot-Content-Location|List-[A-Z]+|DKIM-Signature|X-[A-Z0-9-]+):[^\n]*\n"
    rb"(?:[ \t][^\n]*\n)*){2}",
    re.IGNORECASE,
)
_SAVED = re.compile(rb"^Snapshot-Content-Location:", re.MULTILINE | re.IGNORECASE)
"""What browsers write that save a page."""
_LIST = re.compile(rb"\[\s*\{")
_OVER_LINES = re.compile(rb"\{\s*\n")
"""How an object begins that is written over many lines."""


@contextmanager
def opened(
    found: Found, known: Container[str], text: Sequence[str] = ("text",)
) -> Iterator[tuple[io.BufferedReader, str]]:
    """Open a file, or standard input: its content, decompressed, and the suffix of what reads it.

    The suffix is one of `known`, or empty if nothing reads it. `text` are the fields that may
    hold the text of a JSON record. Raises OSError or `UnreadableError`.
    """
    if found.path == STDIN:
        buffer = getattr(sys.stdin, "buffer", None)  # no standard input at all: None
        if buffer is None:
            raise UnreadableError("there is no standard input", "pipe something in, or name a file")
        yield named_reader(joined(rest(buffer)), found, known, text)
        return
    if found.remote:
        with remote.opened(found.path) as far:
            yield named_reader(far, found, known, text)
        return
    with Path(found.path).open("rb", buffering=0) as raw:
        file: io.BufferedReader = io.BufferedReader(raw, _HEAD)
        stream = joined(rest(file)) if found.piped else file
        yield named_reader(stream, found, known, text)


def named_reader(
    stream: io.BufferedReader, found: Found, known: Container[str], text: Sequence[str]
) -> tuple[io.BufferedReader, str]:
    """Return what is left of a stream when it is unpacked, and the suffix of what reads it.

    Raises `UnreadableError` for damaged data, and for what is no text under a name of texts.
    """
    suffix, squeezed = named(found.path)
    head, stream = begins(stream, _HEAD)
    packed = compression(head)
    if squeezed and not packed and _CONTROL.search(head) and not _plain_after_all(head):
        raise UnreadableError(
            f"the {squeezed} data is damaged at its very beginning",
            f"fetch it again, or rename it if it is no {squeezed} file",
        )
    for _ in range(_LAYERS):
        if not packed:
            break
        stream = expanded(stream, packed, past_damage=suffix == ".warc" or _begins_warc(head))
        head, stream = begins(stream, _HEAD)
        packed = compression(head)
    suffix = suffix if suffix in known else ""
    what = sniffed(head, suffix, text)
    if what not in known and (other := binary(head)) and (suffix or found.given):
        raise UnreadableError(f"it is {other}, not text", "convert it to text, or leave it out")
    if not what and found.piped:
        begin = _begin(head)
        is_json = begin.startswith(b"{") or _LIST.match(begin)
        what = sniffed(begin, ".jsonl", text) if is_json else ".txt"
    if what in TEXTS and (other := binary(head)):
        raise UnreadableError(f"it is {other}, not text", "convert it to text, or leave it out")
    return stream, what if what in known else suffix


def binary(head: bytes) -> str:
    r"""Say what data is that is no text, by how it begins; empty if it may be text.

    >>> binary(b"\xff\xd8\xff\xe0"), binary("Rain is due, in Málaga too.".encode())
    ('a picture (JPEG)', '')
    """
    for mark, what in BINARY.items():
        if mark.match(head):
            return what
    controls = _CONTROL.findall(head)
    if len(set(controls)) < _KINDS or len(controls) <= _CONTROLS * len(head):
        return ""
    if unicode_form(head)[0]:
        return ""
    wide = encoding_of(head, cut=True)[0].startswith(("utf-16", "utf-32"))
    return "" if wide else "data of some program"


def _plain_after_all(head: bytes) -> bool:
    """Return whether data with control characters, said to be compressed, is something else."""
    return bool(_marked(head)) or bool(unicode_form(head)[0])


def named(path: str) -> tuple[str, str]:
    """Return the suffixes of a name, in small letters: of the format, and of a compression.

    >>> named("news/A.JSONL.gz"), named("news/a.txt"), named("news/a"), named("a.txt.gz.xz")
    (('.jsonl', '.gz'), ('.txt', ''), ('', ''), ('.txt', '.xz'))
    """
    stem, suffix = splitext(path.lower())
    outer = suffix if suffix in COMPRESSIONS else ""
    for _ in range(_LAYERS):
        if suffix not in COMPRESSIONS:
            break
        stem, suffix = splitext(stem)
    return suffix, outer


def sniffed(head: bytes, suffix: str = "", text: Sequence[str] = ("text",)) -> str:
    r"""Return what reads a content by how it begins: a suffix, which is the given one if in doubt.

    >>> sniffed(b"<?xml version='1.0'?>\n<rss version='2.0'>", ".xml"), sniffed(b"Rain.", ".txt")
    ('.rss', '.txt')
    >>> sniffed(b'{"id": 1, "text": "Rain."}\n', ".txt"), sniffed(b'{"name": "x"}', ".txt")
    ('.jsonl', '.txt')
    """
    marked = _marked(head)
    if marked == ".zip" and suffix not in ("", ".zip", ".docx", ".odt", ".wacz"):
        return marked if suffix in TEXTS else suffix  # a name that says what it is packed for
    if marked:
        return marked
    begin = _begin(head)
    if begin.startswith(b"<"):
        return _markup(begin) or suffix
    if begin.startswith(b"{"):
        return _object(begin, suffix, text)
    if suffix in _JSON and _LIST.match(begin):
        return ".json"
    if not suffix and _HEADER.match(begin):
        return ".mhtml" if _SAVED.search(begin) else ".eml"
    return suffix


def _begin(head: bytes) -> bytes:
    """Return how a content begins in UTF-8, without its mark and blanks."""
    encoding, mark = unicode_form(head)
    if encoding not in ("", "utf-8"):
        head = head[mark:].decode(encoding, "ignore").encode("utf-8", "ignore")
    return head.removeprefix(codecs.BOM_UTF8).lstrip()


def _marked(head: bytes) -> str:
    return next((suffix for mark, suffix in MARKS.items() if mark.match(head)), "")


def _markup(head: bytes) -> str:
    root = _ROOT.match(head)
    if root is None:
        return ""
    if root[1].lower() in _PAGE:
        return ".html"
    if root[1] == b"RDF" and not _RSS_1.search(head):
        return ""
    return ROOTS.get(root[1].decode(), "")


def _object(head: bytes, suffix: str, text: Sequence[str]) -> str:
    """Tell JSON lines from other JSON, and articles from anything else."""
    line, ended, _ = head.partition(b"\n")
    try:
        record = json.loads(line)
        plain = any(isinstance(record.get(name), str) for name in text)
    except (ValueError, RecursionError):
        if ended:
            return ".json" if suffix in _JSON and _OVER_LINES.match(head) else suffix
        record = None  # the line is longer than what is seen of it
        names = b"|".join(re.escape(name.encode()) for name in text)
        plain = re.search(rb'"(?:%b)"\s*:\s*"' % names, line) is not None
    if not plain and record and suffix in _JSON and ninjs.detect(record):
        return ".json"
    return ".jsonl" if plain and (ended or suffix != ".json") else suffix


def _begins_warc(head: bytes) -> bool:
    """Return whether data that is gzip, as it begins, holds a WARC."""
    try:
        return zlib.decompressobj(31).decompress(head, 5) == b"WARC/"
    except zlib.error:
        return False


def other_xml(stream: io.BufferedReader, source: Source, problems: list[Problem]) -> Iterator[Page]:  # noqa: ARG001
    """Be what reads a file named `.xml` whose root is none of `ROOTS`: say so."""
    root = _ROOT.match(begins(stream, _HEAD)[0])
    what = f"its first element is <{root[1].decode()}>" if root else "it does not begin as XML does"
    known = ", ".join(sorted(ROOTS))
    raise UnreadableError(
        f"nothing here reads this XML: {what}; known are {known}", "convert it or leave it out"
    )
    yield
