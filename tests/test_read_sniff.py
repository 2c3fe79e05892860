"""What reads a file: its content where that is plain, else its name."""

from __future__ import annotations

import bz2
import codecs
import gzip
import json
import lzma
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from dedup.errors import Problem
from dedup.readers import READERS, read
from dedup.readers.sniff import MARKS, ROOTS, sniffed

LINES = b'{"id": "1", "text": "Rain."}\n{"id": "2", "text": "Sun."}\n'
ARRAY = b'[{"id": "1", "text": "Rain."},\n {"id": "2", "text": "Sun."}]'
SPREAD = b'{\n  "id": "1",\n  "text": "Rain."\n}\n{\n  "id": "2",\n  "text": "Sun."\n}'
LISTED = (
    b'{"status": "ok", "articles": [{"id": "1", "text": "Rain."}, {"id": "2", "text": "Sun."}]}'
)
NINJS = b'{"uri": "1", "body_text": "Rain."}\n{"uri": "2", "body_text": "Sun."}\n'
PRETTY = b'[\n {"uri": "1",\n "body_text": "Rain."},\n {"uri": "2",\n "body_text": "Sun."}\n]'
PRICES = b'{"price": 3, "text": 7}\n{"price": 4}\n'
MAIL = b"Received: from b.example\nSubject: Rain\n\nRain is due."
LETTER = b"Subject: Rain\n\nRain is due."
PAGE = b"<!DOCTYPE html>\n<html><body><p>Rain.</p></body></html>"
XHTML = b"<?xml version='1.0'?>\n<!-- x -->\n<html xmlns='http://www.w3.org/1999/xhtml'>"
RSS = b"<?xml version='1.0'?><rss version='2.0'><channel/></rss>"
RSS_1 = b"<rdf:RDF xmlns='http://purl.org/rss/1.0/' xmlns:rdf='...'/>"
ATOM = b"\n<!-- made\nby x --><?x?>\n<a:feed xmlns:a='http://www.w3.org/2005/Atom'/>"
NEWSML = b"<newsItem xmlns='http://iptc.org/std/nar/2006-10-01/'/>"
NITF = b'<!DOCTYPE nitf SYSTEM "nitf-3-6.dtd"><nitf/>'
SITEMAP = b"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'/>"
RDF = b"<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'/>"
WARC = b"WARC/1.0\r\nWARC-Type: warcinfo\r\n"

SNIFFED = [
    # what reads it, under names that end in
    (b"Rain is due.", {".txt": ".txt", ".md": ".md", "": "", ".php": ".php", ".jsonl": ".jsonl"}),
    (b"", {".txt": ".txt", "": "", ".html": ".html"}),
    (b"\xff\xd8\xff", {".jpg": ".jpg", "": ""}),
    (b"<p>Rain &lt; sun", {".txt": ".txt", ".md": ".md", "": "", ".html": ".html"}),
    (b"< 5 mm of rain", {".txt": ".txt", "": ""}),
    (b"{curly} names", {".txt": ".txt", "": ""}),
    (b"[Rain] is due.", {".txt": ".txt", ".json": ".json"}),
    (b"WARC/1.0 is a format of archives.", {".txt": ".txt", "": ""}),
    (b"PAR1S is a city.", {".txt": ".txt"}),
    (LINES, dict.fromkeys((".txt", "", ".jsonl", ".json", ".log", ".md"), ".jsonl")),
    (codecs.BOM_UTF8 + LINES, {".txt": ".jsonl"}),
    (LINES.decode().encode("utf-16"), {".txt": ".jsonl"}),
    (b'{"id": 1, "text": "' + b"Rain. " * 10**4, {".txt": ".jsonl", "": ".jsonl"}),
    (b'{"id": 1, "body": "' + b"Rain. " * 10**4, {".txt": ".txt", "": ""}),
    (ARRAY, {".json": ".json", ".jsonl": ".json", ".txt": ".txt", "": ""}),
    (SPREAD, {".json": ".json", ".jsonl": ".json", ".ndjson": ".json", ".txt": ".txt"}),
    (LISTED, {".json": ".json", ".txt": ".txt"}),
    (NINJS, {".json": ".json", ".jsonl": ".json", ".txt": ".txt"}),
    (PRICES, {".json": ".json", ".jsonl": ".jsonl", ".txt": ".txt", "": ""}),
    (PAGE, dict.fromkeys((".html", ".txt", "", ".php", ".xml", ".jsonl"), ".html")),
    (XHTML, {".xml": ".html", "": ".html"}),
    (RSS, dict.fromkeys((".xml", ".html", "", ".txt", ".rss"), ".rss")),
    (RSS.decode().encode("utf-16"), {".xml": ".rss"}),
    (RSS_1, {".xml": ".rss", ".rdf": ".rss"}),
    (RDF, {".xml": ".xml", ".rdf": ".rdf"}),
    (ATOM, {".xml": ".atom", "": ".atom"}),
    (NEWSML, {".xml": ".newsml", "": ".newsml"}),
    (b"<!DOCTYPE NewsML SYSTEM 'x.dtd'>\n<NewsML/>", {".xml": ".newsml"}),
    (NITF, {".xml": ".nitf"}),
    (SITEMAP, {".xml": ".xml", "": "", ".txt": ".txt"}),
    (MAIL, {"": ".eml", ".txt": ".txt", ".eml": ".eml"}),
    (LETTER, {"": "", ".txt": ".txt"}),
    (WARC, dict.fromkeys((".warc", "", ".txt", ".html"), ".warc")),
    (b"PAR1\x15\x04", {".parquet": ".parquet", ".csv": ".parquet", "": ".parquet"}),
    (b"ARROW1\0\0", {".feather": ".arrow", "": ".arrow"}),
]


@pytest.mark.parametrize(
    ("head", "suffix", "expected"),
    [(head, suffix, what) for head, row in SNIFFED for suffix, what in row.items()],
)
def test_what_reads_a_content_under_a_name(head: bytes, suffix: str, expected: str) -> None:
    assert sniffed(head[: 1 << 14], suffix) == expected


def test_the_field_that_holds_the_text_tells_json_lines(tmp_path: Path) -> None:
    record = b'{"id": "1", "body": "Rain."}\n'
    assert sniffed(record, ".txt") == ".txt"
    (tmp_path / "a.txt").write_bytes(record)
    (article,) = read([tmp_path], fields={"text": "body"}, problems=[])
    assert (article.id, article.text) == ("1", "Rain.")


def test_all_that_is_told_by_content_has_a_reader() -> None:
    assert {*ROOTS.values(), *MARKS.values(), ".json", ".jsonl", ".eml"} <= set(READERS)


COMPRESSORS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": zstandard.compress,
    "none": bytes,
}


def texts(folder: Path) -> list[str]:
    problems: list[Problem] = []
    found = [article.text for article in read([folder], problems=problems)]
    assert problems == []
    return found


@pytest.mark.parametrize("packed", COMPRESSORS)
@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "a.jsonl.zst", "a.gz", "a", "a.txt"])
def test_compression_is_known_by_its_first_bytes_whatever_the_name(
    tmp_path: Path, packed: str, name: str
) -> None:
    (tmp_path / name).write_bytes(COMPRESSORS[packed](LINES))
    assert texts(tmp_path) == ["Rain.", "Sun."]


def test_compression_inside_compression_is_taken_off(tmp_path: Path) -> None:
    (tmp_path / "a.txt.gz").write_bytes(gzip.compress(bz2.compress(b"Rain.")))
    assert texts(tmp_path) == ["Rain."]


def test_plain_utf_16_under_the_name_of_a_compression_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.txt.gz").write_bytes("Rain.".encode("utf-16"))
    assert texts(tmp_path) == ["Rain."]


JSON = {"array": ARRAY, "spread": SPREAD, "listed": LISTED, "lines": LINES, "ninjs": NINJS}


@pytest.mark.parametrize("form", [*JSON, "pretty"])
@pytest.mark.parametrize("gap", [0, 20_000, 300_000])
def test_json_is_read_in_all_its_forms(tmp_path: Path, form: str, gap: int) -> None:
    data = (JSON | {"pretty": PRETTY})[form].replace(b"Rain.", b"Rain. " + b"x" * gap)
    (tmp_path / "a.json").write_bytes(b"\n" + data)
    problems: list[Problem] = []
    first, second = read([tmp_path], problems=problems)
    assert (first.id, second.id, second.text) == ("1", "2", "Sun.")
    assert (len(first.text.strip()), problems) == (len("Rain. " + "x" * gap) - (not gap), [])


def test_json_that_holds_no_article_is_told_with_its_fields(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b'{"name": "x", "list": [1, {"y": 2}]}')
    (tmp_path / "b.json").write_bytes(b"[7]")
    (tmp_path / "c.json").write_bytes(b" ")
    (tmp_path / "d.json").write_bytes(b'[{"text": "Rain."}, {"text": ')
    problems: list[Problem] = []
    assert [article.text for article in read([tmp_path], problems=problems)] == ["Rain."]
    assert [problem.where for problem in problems] == [
        *(f"{tmp_path}/{name}" for name in ("a.json:1", "b.json:1", "c.json", "d.json:1"))
    ]
    assert "its fields: list, name" in problems[0].remedy


def test_records_and_items_in_ninjs_may_stand_in_one_file(tmp_path: Path) -> None:
    items = [
        {"body": "Rain."},
        {"uri": "urn:1", "headline": "Sun", "body_text": "Sun."},
        {"uri": "urn:2", "type": "picture", "usageterms": "none"},
    ]
    (tmp_path / "a.json").write_text(json.dumps(items))
    problems: list[Problem] = []
    found = list(read([tmp_path], fields={"text": "body"}, problems=problems))
    assert [(a.id, a.text) for a in found] == [("a.json:1", "Rain."), ("urn:1", "Sun.")]
    assert [problem.what for problem in problems] == ["1 item without a text left out"]


def test_of_files_with_unknown_names_only_those_with_plain_content_are_read(
    tmp_path: Path,
) -> None:
    for name in ("LICENSE", "run.py", "a.log", "b.css"):
        (tmp_path / name).write_text("All rights reserved.")
    (tmp_path / "a.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    (tmp_path / "b.svg").write_bytes(b"<?xml version='1.0'?><svg/>")
    (tmp_path / "part-00000").write_bytes(LINES)
    problems: list[Problem] = []
    assert [article.text for article in read([tmp_path], problems=problems)] == ["Rain.", "Sun."]
    kinds = "1 .css, 1 .jpg, 1 .log, 1 .py, 1 .svg, 1 without a suffix"
    what = f"6 files of other kinds passed by: {kinds}"
    assert [(problem.what, problem.skipped) for problem in problems] == [(what, False)]


def test_xml_of_another_kind_is_told_with_its_root(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_bytes(SITEMAP)
    (tmp_path / "b.xml").write_bytes(b"Rain.")
    problems: list[Problem] = []
    assert list(read([tmp_path], problems=problems)) == []
    what = "nothing here reads this XML: "
    assert problems[0].what.startswith(f"{what}its first element is <urlset>; known are ")
    assert problems[1].what.startswith(f"{what}it does not begin as XML does; known are ")


def test_nothing_is_loaded_or_started_for_pages_where_there_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr("dedup.readers.extract.extracted", fail)
    (tmp_path / "a.jsonl").write_bytes(LINES)
    assert texts(tmp_path) == ["Rain.", "Sun."]
