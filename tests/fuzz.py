"""One valid file of each format, and what may become of it: the same for the same number."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
from collections.abc import Callable
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard
from documents import FERRY, docx, mhtml, odt, packed, pdf, warc

_TEXT = (
    "\n".join(FERRY) + "\nDie Fähre fährt nicht – „leider“, hieß es. Паром не ходит. 船は出ません。"
)
_PAGE = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Ferry stops</title>'
    '<meta property="article:published_time" content="2026-03-02T09:00:00+01:00">'
    '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Ferry stops",'
    ' "author": [{"name": "Ann Reed"}], "datePublished": "2026-03-02"}</script></head><body>'
    f"<article><h1>Ferry stops</h1><p>{'</p><p>'.join(_TEXT.splitlines())}</p></article></body>"
)
_RECORDS = [
    {"id": f"n{n}", "text": f"{_TEXT} {n}", "title": "Ferry", "url": f"https://a.example/{n}",
     "date": "2026-03-02T09:00:00Z", "author": ["Ann Reed"], "lang": "en", "site": "a.example"}
    for n in range(3)
]  # fmt: skip
_ITEM = (
    "<item><title>Ferry</title><link>https://a.example/1</link><guid>4711</guid>"
    "<pubDate>Mon, 02 Mar 2026 09:00:00 +0100</pubDate>"
    f"<description>&lt;p&gt;{_TEXT}&lt;/p&gt;</description></item>"
)
_RSS = (
    f'<?xml version="1.0" encoding="utf-8"?><rss><channel><title>A</title>{_ITEM}</channel></rss>'
)
_ATOM = (
    '<feed xmlns="http://www.w3.org/2005/Atom"><title>A</title><entry><id>urn:1</id>'
    '<link href="https://a.example/1"/><updated>2026-03-02T09:00:00Z</updated>'
    f'<content type="html">{_TEXT}</content></entry></feed>'
)
_NITF = (
    "<nitf><head><title>Ferry</title><docdata><doc-id id-string='1'/></docdata></head><body>"
    f"<body.content><p>{_TEXT}</p></body.content></body></nitf>"
)
_NEWSML = (
    "<newsItem xmlns='http://iptc.org/std/nar/2006-10-01/' guid='urn:1' version='2'>"
    "<itemMeta><versionCreated>2026-03-02T09:00:00Z</versionCreated></itemMeta><contentSet>"
    f"<inlineXML><html><body><p>{_TEXT}</p></body></html></inlineXML></contentSet></newsItem>"
)
_NEWSML_1 = (
    "<NewsML><NewsItem><NewsComponent><Role FormalName='Main'/><NewsLines><HeadLine>Ferry"
    f"</HeadLine></NewsLines><ContentItem><DataContent><p>{_TEXT}</p></DataContent></ContentItem>"
    "</NewsComponent></NewsItem></NewsML>"
)
_NINJS = {"uri": "urn:1", "headline": "Ferry", "body_html": f"<p>{_TEXT}</p>", "byline": "Ann"}
_MAIL = (
    "From: Port Office <press@port.example>\r\nSubject: =?utf-8?q?Die_F=C3=A4hre?=\r\n"
    "Date: Mon, 2 Mar 2026 09:00:00 +0100\r\nMessage-ID: <1@port.example>\r\nMIME-Version: 1.0\r\n"
    "Content-Type: multipart/alternative; boundary=x\r\n\r\n--x\r\n"
    f"Content-Type: text/plain; charset=utf-8\r\n\r\n{_TEXT}\r\n--x\r\n"
    f"Content-Type: text/html; charset=utf-8\r\n\r\n<p>{_TEXT}</p>\r\n--x--\r\n"
)


def _lines() -> bytes:
    return b"".join(json.dumps(one, ensure_ascii=False).encode() + b"\n" for one in _RECORDS)


def _table() -> pa.Table:
    return pa.Table.from_pylist([{"id": one["id"], "text": one["text"]} for one in _RECORDS])


def _parquet() -> bytes:
    sink = io.BytesIO()
    pq.write_table(_table(), sink)
    return sink.getvalue()


def _arrow() -> bytes:
    sink = io.BytesIO()
    with pa.ipc.new_file(sink, _table().schema) as writer:
        writer.write_table(_table())
    return sink.getvalue()


SEEDS: dict[str, bytes] = {
    "txt": _TEXT.encode(),
    "md": f"# Ferry\n\n{_TEXT}".encode(),
    "jsonl": _lines(),
    "json": json.dumps(_RECORDS, indent=1).encode(),
    "ninjs": json.dumps(_NINJS).encode(),
    "csv": f'id;title;text\n1;Ferry;"{_TEXT}"\n2;Ferry;"{_TEXT} 2"\n'.encode(),
    "tsv": f"id\ttext\n1\t{FERRY[0]}\n2\t{FERRY[1]}\n".encode("utf-16"),
    "html": _PAGE.encode(),
    "xhtml": _PAGE.replace("utf-8", "windows-1252").encode("cp1252", "xmlcharrefreplace"),
    "warc": warc("https://a.example/1", _PAGE.encode()) * 2,
    "rss": _RSS.encode(),
    "atom": _ATOM.encode(),
    "xml": _RSS.replace("utf-8", "utf-16").encode("utf-16"),
    "nitf": _NITF.encode(),
    "newsml": _NEWSML.encode(),
    "xml.newsml": _NEWSML_1.encode(),
    "eml": _MAIL.encode(),
    "parquet": _parquet(),
    "arrow": _arrow(),
    "docx": docx(*FERRY, title="Ferry"),
    "odt": odt(*FERRY, title="Ferry"),
    "pdf": pdf(*FERRY, title="Ferry"),
    "mhtml": mhtml(*FERRY, url="https://a.example/1"),
    "zip": packed({"a.txt": _TEXT.encode(), "b/c.jsonl": _lines()}),
    "wacz": packed(
        {"datapackage.json": b"{}", "archive/a.warc": warc("https://a.example/1", b"<p>A")}
    ),
    "jsonl.gz": gzip.compress(_lines(), mtime=0),
    "txt.bz2": bz2.compress(_TEXT.encode()),
    "rss.xz": lzma.compress(_RSS.encode()),
    "csv.zst": zstandard.compress(f"id,text\n1,{FERRY[0]}\n".encode()),
    "warc.gz": gzip.compress(warc("https://a.example/1", _PAGE.encode()), mtime=0) * 2,
}
"""A valid file of each format, by the end of its name."""

_TOKENS = (
    *(
        b"<",
        b">",
        b"&",
        b'"',
        b"'",
        b"\0",
        b"\xff",
        b"\n",
        b"\r",
        b"\x1b",
        b"{",
        b"}",
        b"[",
        b"(",
        b"--x",
    ),
    *(
        b"<![CDATA[",
        b"]]>",
        b"<!ENTITY a 'b'>",
        b"<!DOCTYPE x [",
        b"&#99999999;",
        b"=?utf-8?b?",
        b"%00",
    ),
    *(
        b"\xff\xfe",
        b"\xff\xfe\0\0",
        b"\0\0\xfe\xff",
        b"\xef\xbb\xbf",
        b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
    ),
    *(b"\\ud800", b"1e999", b"NaN", b"-1", b"99999999999999999999", b"WARC/1.0\r\n", b"PK\x03\x04"),
    *(b"Content-Length: 9", b"boundary=", b"charset=utf-7", b"encoding='hex'", b"\x1f\x8b\x08"),
)
_ENCODINGS = ("utf-16", "utf-32", "utf-32-be", "cp1252", "koi8-r", "gb18030", "utf-7", "cp037")


def mutated(number: int) -> tuple[str, bytes]:
    """Return the end of a name and what stands under it: a valid file with some faults."""
    dice = Random(number)
    names = sorted(SEEDS)
    name = names[number % len(names)]
    data = bytearray(SEEDS[name])
    for _ in range(dice.choice((1, 1, 2, 3, 6, 20))):
        dice.choice(_WAYS)(dice, data)
    if dice.random() < 0.1:
        name = dice.choice(names)
    return name, bytes(data)


def _flip(dice: Random, data: bytearray) -> None:
    for _ in range(dice.randint(1, 8)):
        if data:
            data[dice.randrange(len(data))] = dice.randrange(256)


def _cut(dice: Random, data: bytearray) -> None:
    start = dice.randint(0, len(data))
    del data[start : start + dice.choice((1, 2, 20, 400))]


def _end(dice: Random, data: bytearray) -> None:
    del data[dice.randint(0, len(data)) :]


def _again(dice: Random, data: bytearray) -> None:
    start = dice.randint(0, len(data))
    piece = data[start : start + dice.choice((1, 5, 60, 700))]
    data[start:start] = piece * dice.choice((1, 3, 40, 400))


def _token(dice: Random, data: bytearray) -> None:
    at = dice.randint(0, len(data))
    data[at:at] = dice.choice(_TOKENS) * dice.choice((1, 1, 1, 3, 600, 4000))


def _splice(dice: Random, data: bytearray) -> None:
    other = SEEDS[dice.choice(sorted(SEEDS))]
    start = dice.randint(0, len(other))
    at = dice.randint(0, len(data))
    data[at : at + dice.choice((0, 50))] = other[start : start + dice.choice((8, 100, 3000))]


def _written(dice: Random, data: bytearray) -> None:
    data[:] = data.decode("utf-8", "replace").encode(dice.choice(_ENCODINGS), "replace")


def _garbage(dice: Random, data: bytearray) -> None:
    at = dice.randint(0, len(data))
    data[at:at] = dice.randbytes(dice.choice((1, 4, 100, 5000)))


_WAYS: tuple[Callable[[Random, bytearray], None], ...] = (
    *(_flip, _cut, _end, _again, _token, _splice, _written, _garbage),
)
