"""Web archives: which records become pages, and what a damaged archive still gives."""

from __future__ import annotations

import bz2
import gzip
import io
import sys
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from itertools import chain, repeat
from pathlib import Path
from random import Random

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.errors import Problem
from dedup.readers import READERS, read
from dedup.readers.compression import expanded, joined
from dedup.readers.discover import Found
from dedup.readers.protocol import Page, Source, UnreadableError
from dedup.readers.sniff import opened

pytest.importorskip("fastwarc", reason="fastwarc is not installed")
brotli = pytest.importorskip("brotli")

HTML = b"<!doctype html><title>Rain</title><p>Rain is due in the north. Sun will follow.</p>"
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"


def record(
    number: int,
    body: bytes = HTML,
    http: bytes = OK,
    kind: str = "response",
    content: str = "application/http; msgtype=response",
    more: str = "",
) -> bytes:
    """Write one record as crawlers do."""
    block = http + b"\r\n" + body if http else body
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Date: 2024-03-08T10:00:00Z\r\n"
        f"WARC-Record-ID: <urn:uuid:{number}>\r\nContent-Length: {len(block)}\r\n"
        f"Content-Type: {content}\r\nWARC-Target-URI: https://herald.example/{number}\r\n{more}\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"


def noisy(number: int, size: int = 3000) -> bytes:
    """Write a record that does not compress away."""
    return record(number, HTML + Random(number).randbytes(size).hex().encode())


def found(path: Path) -> tuple[list[Page], list[Problem]]:
    """Give the pages of an archive, not extracted, and what was told of the rest."""
    pages: list[Page] = []
    problems: list[Problem] = []
    name = path.name
    with opened(Found(str(path), name), READERS) as (stream, suffix):
        assert suffix == ".warc"
        try:
            for page in READERS[suffix](stream, Source(name, name, "folder"), problems):
                assert isinstance(page, Page)
                pages.append(page)
        except UnreadableError as error:
            problems.append(Problem(name, error.what, error.remedy))
    return pages, problems


def numbers(pages: list[Page]) -> list[str]:
    return [page.article.id.removeprefix("urn:uuid:") for page in pages]


def test_an_answer_of_html_becomes_a_page_with_its_address_and_no_date(tmp_path: Path) -> None:
    (tmp_path / "a.warc").write_bytes(record(1))
    (page,), problems = found(tmp_path / "a.warc")
    assert problems == []
    assert page.html == HTML
    assert page.encoding == "utf-8"
    assert page.where == "a.warc:1"
    article = page.article
    assert (article.id, article.url) == ("urn:uuid:1", "https://herald.example/1")
    assert (article.site, article.date, article.path) == (None, None, "a.warc")


@pytest.mark.filterwarnings("default")  # what other libraries warn of is not at stake here
def test_an_archive_is_read_to_articles_among_other_files(tmp_path: Path) -> None:
    pytest.importorskip("trafilatura")
    text = "The river rose by two metres on Friday, and the old bridge was closed to all traffic. "
    page = b"<html><body><article><p>%b</p></article></body></html>" % (text.encode() * 4)
    (tmp_path / "a.txt").write_text("Rain.")
    (tmp_path / "b.warc.gz").write_bytes(gzip.compress(record(1, page)))
    (tmp_path / "c.txt").write_text("Sun.")
    problems: list[Problem] = []
    first, second, third = read([tmp_path], problems=problems, workers=1)
    assert [first.text, third.text, problems] == ["Rain.", "Sun.", []]
    assert (second.text, second.id) == ((text * 4).strip(), "urn:uuid:1")


PACKED: dict[str, Callable[[list[bytes]], bytes]] = {
    "a.warc": b"".join,
    "a.warc.gz": lambda records: b"".join(map(gzip.compress, records)),
    "b.warc.gz": lambda records: gzip.compress(b"".join(records)),
    "a.warc.zst": lambda records: b"".join(map(zstandard.compress, records)),
    "a.warc.bz2": lambda records: bz2.compress(b"".join(records)),
    "named-otherwise.txt": b"".join,
    "without-suffix": lambda records: b"".join(map(gzip.compress, records)),
}


@pytest.mark.parametrize("name", PACKED)
def test_archives_are_read_in_any_compression_and_under_any_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(PACKED[name]([noisy(number) for number in range(5)]))
    pages, problems = found(tmp_path / name)
    assert (numbers(pages), problems) == (["0", "1", "2", "3", "4"], [])


def test_requests_metadata_and_revisits_are_passed_by_in_silence(tmp_path: Path) -> None:
    kinds = ["warcinfo", "request", "metadata", "revisit", "conversion", "continuation"]
    others = [record(number, kind=kind) for number, kind in enumerate(kinds)]
    (tmp_path / "a.warc").write_bytes(b"".join([*others, record(9), *others]))
    pages, problems = found(tmp_path / "a.warc")
    assert (numbers(pages), problems) == (["9"], [])


def test_what_is_no_html_or_no_success_is_counted(tmp_path: Path) -> None:
    picture = OK.replace(b"text/html; charset=utf-8", b"image/png")
    missing, moved = OK.replace(b"200 OK", b"404 Not Found"), OK.replace(b"200", b"301")
    records = [
        *(record(1, http=picture), record(2, http=missing), record(3), record(4, http=moved)),
        *(record(5, b""), record(6, b"{}", b"HTTP/1.1 200 OK\r\n")),
    ]
    (tmp_path / "a.warc").write_bytes(b"".join(records))
    pages, problems = found(tmp_path / "a.warc")
    assert numbers(pages) == ["3"]
    assert [str(problem) for problem in problems] == [
        "a.warc: 2 answers of no HTML, 3 failed or empty: passed by (nothing: only pages are read)"
    ]
    assert not problems[0].skipped


def test_an_archive_without_answers_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.warc").write_bytes(record(1, kind="conversion", content="text/plain"))
    pages, (problem,) = found(tmp_path / "a.warc")
    assert (pages, problem.what) == ([], "there is no answer of a server in this archive")


def test_a_page_without_a_type_or_kept_as_a_resource_is_known(tmp_path: Path) -> None:
    records = [
        record(1, http=b"HTTP/1.1 200 OK\r\n"),
        record(2, http=b"", kind="resource", content="text/html"),
        record(3, http=OK.replace(b"\r\n", b"\n")[:-1] + b"\n"),
        record(4, http=OK.replace(b"text/html; charset=utf-8", b'TEXT/HTML;charset="koi8-r"')),
    ]
    (tmp_path / "a.warc").write_bytes(b"".join(records))
    pages, problems = found(tmp_path / "a.warc")
    assert (numbers(pages), problems) == (["1", "2", "3", "4"], [])
    assert pages[3].encoding == "koi8-r"


def chunked(data: bytes) -> bytes:
    pieces = [data[start : start + 20] for start in range(0, len(data), 20)]
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


GZIP, CHUNKED = b"Content-Encoding: gzip\r\n", b"Transfer-Encoding: chunked\r\n"
ENCODED = [
    ("gzip", gzip.compress(HTML), GZIP),
    ("deflate", zlib.compress(HTML), b"Content-Encoding: deflate\r\n"),
    ("deflate as servers send it", zlib.compress(HTML)[2:-4], b"Content-Encoding: deflate\r\n"),
    ("brotli", brotli.compress(HTML), b"Content-Encoding: br\r\n"),
    ("zstandard", zstandard.compress(HTML), b"Content-Encoding: zstd\r\n"),
    ("an old name", gzip.compress(HTML), b"Content-Encoding: x-gzip\r\n"),
    ("chunks", chunked(HTML), CHUNKED),
    ("chunks of gzip", chunked(gzip.compress(HTML)), GZIP + CHUNKED),
    ("chunks joined already", gzip.compress(HTML), GZIP + CHUNKED),
    ("decompressed already", HTML, GZIP),
    ("decompressed in chunks", chunked(HTML), GZIP + CHUNKED),
    ("both undone already", HTML, GZIP + CHUNKED),
    ("undone, and said so as CC-NEWS does", HTML, b"X-Crawl-Content-Encoding: gzip\r\n"),
    ("no encoding at all", HTML, b"Content-Encoding: UTF-8\r\n"),
]


@pytest.mark.parametrize(
    ("body", "header"), [row[1:] for row in ENCODED], ids=[r[0] for r in ENCODED]
)
def test_a_body_is_decoded_as_its_headers_say_or_as_it_is(
    tmp_path: Path, body: bytes, header: bytes
) -> None:
    (tmp_path / "a.warc").write_bytes(record(1, body, OK + header))
    (page,), problems = found(tmp_path / "a.warc")
    assert (page.html, problems) == (HTML, [])


@pytest.mark.parametrize("cut", [30, 300])
def test_of_a_body_that_breaks_off_the_beginning_is_kept(tmp_path: Path, cut: int) -> None:
    html = HTML * 50
    bodies = [(chunked(html), CHUNKED), (gzip.compress(html, 0), GZIP)]
    records = [record(n, body[:-cut], OK + header) for n, (body, header) in enumerate(bodies)]
    (tmp_path / "a.warc").write_bytes(b"".join(records))
    pages, problems = found(tmp_path / "a.warc")
    assert problems == []
    assert all(html.startswith(page.html) and len(page.html) > 1000 for page in pages)
    assert len(pages) == 2


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "its end is missing": lambda data: data[:1500],
    "its beginning is missing": lambda data: data[700:],
    "it is no record": lambda data: data.replace(b"WARC/1.0", b"GARBAGE!"),
    "it gives no length": lambda data: data.replace(b"Content-Length", b"Content-Lenght"),
    "its length is no number": lambda data: data.replace(b"Length: ", b"Length: x"),
    "it gives too great a length": lambda data: data.replace(b"Length: ", b"Length: 9"),
    "it gives too small a length": lambda data: data.replace(b"Length: 6", b"Length: "),
    "its length is beyond all measure": lambda data: data.replace(b"Length: ", b"Length: 9" * 15),
    "it has only headers": lambda data: data[: data.index(b"\r\n\r\n")],
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_record_costs_itself_and_is_told(tmp_path: Path, damage: str) -> None:
    records = [noisy(number) for number in range(5)]
    records[2] = DAMAGE[damage](records[2])
    (tmp_path / "a.warc").write_bytes(b"".join(records))
    pages, (problem,) = found(tmp_path / "a.warc")
    assert numbers(pages) == ["0", "1", "3", "4"]
    assert problem.where == "a.warc:3"
    assert problem.what.startswith("the archive is damaged here; the reading went on")


def hurt(member: bytes) -> bytes:
    middle = len(member) // 2
    return member[:middle] + bytes(20) + member[middle + 20 :]


GZIP_DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "changed in the middle": hurt,
    "cut": lambda member: member[: len(member) // 2],
    "cut at its beginning": lambda member: member[200:],
    "a wrong checksum": lambda member: member[:-8] + bytes(4) + member[-4:],
    "garbage": lambda member: Random(1).randbytes(5000),
    "half a header": lambda member: member[:5],
}


@pytest.mark.parametrize("damage", GZIP_DAMAGE)
@pytest.mark.parametrize("size", [3000, 400_000])
def test_damaged_compression_costs_one_record_and_is_told(
    tmp_path: Path, damage: str, size: int
) -> None:
    members = [gzip.compress(noisy(number, size)) for number in range(5)]
    members[2] = GZIP_DAMAGE[damage](members[2])
    (tmp_path / "a.warc.gz").write_bytes(b"".join(members))
    pages, (problem,) = found(tmp_path / "a.warc.gz")
    assert set(numbers(pages)) - {"2"} == {"0", "1", "3", "4"}
    assert problem.where.startswith("a.warc.gz:")
    assert problem.what.startswith("the archive is damaged here; the reading went on")


@pytest.mark.parametrize("name", ["a.warc", "a.warc.gz"])
def test_of_an_archive_that_breaks_off_the_records_before_are_kept(
    tmp_path: Path, name: str
) -> None:
    data = PACKED[name]([noisy(number) for number in range(5)])
    (tmp_path / name).write_bytes(data[:-1500])
    pages, (problem,) = found(tmp_path / name)
    assert numbers(pages) == ["0", "1", "2", "3"]
    assert problem.where == name
    assert "breaks off; what comes before was read" in problem.what


def test_an_empty_archive_and_what_is_none_are_told(tmp_path: Path) -> None:
    for content in (b"", b"no archive at all\n" * 5000):
        problems: list[Problem] = []
        (tmp_path / "a.warc").write_bytes(content)
        assert list(read([tmp_path], problems=problems)) == []
        assert problems
        assert {problem.where for problem in problems} == {str(tmp_path / "a.warc")} | {
            f"{tmp_path}/a.warc:1" for _ in content[:1]
        }


def test_headers_without_end_are_told(tmp_path: Path) -> None:
    records = [record(1), record(2, http=OK + b"X: " + b"x" * 10**6 + b"\r\n"), record(3)]
    (tmp_path / "a.warc").write_bytes(b"".join(records))
    pages, (problem,) = found(tmp_path / "a.warc")
    assert (numbers(pages), problem.where) == (["1", "3"], "a.warc:2")
    assert problem.what.startswith("the record cannot be read (")


def test_a_page_of_any_length_is_skipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dedup.readers.warc.LARGEST", 2**20)
    monkeypatch.setattr("dedup.readers.warc.LONGEST", 2**21)
    bomb = gzip.compress(bytes(50 * 2**20))
    records = [record(1), record(2, bomb, OK + GZIP), record(3, bytes(3 * 2**20)), record(4)]
    (tmp_path / "a.warc").write_bytes(b"".join(records))
    pages, problems = found(tmp_path / "a.warc")
    assert numbers(pages) == ["1", "4"]
    assert [(problem.where, problem.what) for problem in problems] == [
        ("a.warc:2", "the page has more than 1 MiB"),
        ("a.warc:3", "the record is longer than 2 MiB"),
    ]


def test_an_archive_of_any_length_is_read_in_bounded_memory() -> None:
    members = repeat(gzip.compress(noisy(1, 100_000)), 400)
    stream = expanded(joined(chain(members)), ".gz", past_damage=True)
    tracemalloc.start()
    try:
        count = sum(1 for _ in READERS[".warc"](stream, Source("a", "a"), []))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == 400
    assert peak < 10 * 2**20


def test_a_missing_fastwarc_is_told_with_the_line_to_type(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.warc").write_bytes(record(1))
    (tmp_path / "b.txt").write_text("B")
    monkeypatch.setitem(sys.modules, "fastwarc", None)
    problems: list[Problem] = []
    assert [article.text for article in read([tmp_path], problems=problems)] == ["B"]
    what, remedy = "needs the package fastwarc", "type: pip install 'news-dedup[warc]'"
    assert [*map(str, problems)] == [f"{tmp_path}/a.warc: reading WARC files {what} ({remedy})"]


PARTS = st.sampled_from([record(1), record(2)[:300], b"WARC/1.0\r\n", b"\r\n", b"\0damaged\0"])


@settings(deadline=None)
@given(st.lists(PARTS | st.binary(max_size=20), max_size=6), st.integers(1, 500))
def test_whole_records_are_found_among_any_bytes(parts: list[bytes], size: int) -> None:
    data = b"".join(parts) + b"\r\n\r\n" + record(7)
    pieces: Iterator[bytes] = (data[at : at + size] for at in range(0, len(data), size))
    pages = list(READERS[".warc"](io.BufferedReader(joined(pieces)), Source("a", "a"), []))
    assert [page.article.id for page in pages if isinstance(page, Page)][-1:] == ["urn:uuid:7"]


@pytest.mark.parametrize("off", [-16, -5, -1, 1, 4, 5, 16])
@pytest.mark.parametrize("place", ["inside", "last"])
def test_a_length_that_is_some_bytes_off_costs_no_page(
    tmp_path: Path, off: int, place: str
) -> None:
    wrong = record(1)
    size = wrong.partition(b"Content-Length: ")[2].partition(b"\r")[0]
    wrong = wrong.replace(b"Length: " + size, b"Length: %d" % (int(size) + off), 1)
    data = record(0) + wrong + (record(2) if place == "inside" else b"")
    (tmp_path / "a.warc").write_bytes(data)
    pages, problems = found(tmp_path / "a.warc")
    assert numbers(pages) == ["0", "1", *(["2"] if place == "inside" else [])]
    assert [page.html.startswith(HTML) for page in pages] == [True] * len(pages)
    assert all("off; it was read" in p.what and not p.skipped for p in problems)
    assert len(problems) == (not 0 <= off <= 4)  # four bytes end a record


def test_a_length_that_is_far_off_is_damage(tmp_path: Path) -> None:
    wrong = record(1).replace(b"Content-Length: ", b"Content-Length: 9", 1)
    (tmp_path / "a.warc").write_bytes(record(0) + wrong + record(2))
    pages, (problem,) = found(tmp_path / "a.warc")
    assert numbers(pages) == ["0", "2"]
    assert problem.what.startswith("the archive is damaged here")
