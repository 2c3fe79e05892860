"""Documents and archives: DOCX, ODT, PDF, MHTML, ZIP, WACZ; and what is no text under its name."""

from __future__ import annotations

import gzip
import io
import sys
import zipfile
from pathlib import Path

import pytest
from documents import FERRY, docx, mhtml, odt, packed, pdf, warc

from dedup.errors import Problem
from dedup.readers import read
from dedup.readers.sniff import binary
from dedup.records import Article


def told(path: Path) -> tuple[list[Article], list[str]]:
    """Give the articles that could be read, and what was told of the rest."""
    problems: list[Problem] = []
    return list(read([path], problems=problems)), [str(problem) for problem in problems]


@pytest.mark.parametrize("name", ["a.docx", "a.txt", "a", "a.odt", "a.zip", "a.docx.gz"])
def test_a_docx_gives_its_paragraphs_under_any_name(tmp_path: Path, name: str) -> None:
    data = docx(*FERRY, title="Ferry", author="Ann Reed")
    (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith("gz") else data)
    (article,), problems = told(tmp_path)
    assert (article.text.splitlines(), problems) == (list(FERRY), [])
    assert (article.id, article.title, article.author) == (name, "Ferry", "Ann Reed")


def test_of_a_docx_what_is_deleted_or_there_twice_is_not_read(tmp_path: Path) -> None:
    def run(text: str) -> str:
        return f"<w:r><w:t>{text}</w:t></w:r>"

    deleted = "<w:del><w:r><w:delText>boat </w:delText></w:r></w:del>"
    added = "<w:ins><w:r><w:t>stops</w:t><w:br/><w:t>today.</w:t></w:r></w:ins>"
    choice = f"<mc:Choice>{run('Once.')}</mc:Choice><mc:Fallback>{run('Once.')}</mc:Fallback>"
    twice = f"<mc:AlternateContent xmlns:mc='x'>{choice}</mc:AlternateContent>"
    code = "<w:r><w:instrText>PAGE</w:instrText></w:r>"
    paragraphs = (run("The ferry ") + deleted + added, twice, code)
    body = "".join(f"<w:p>{one}</w:p>" for one in paragraphs)
    (tmp_path / "a.docx").write_bytes(docx(body=body))
    (article,), problems = told(tmp_path)
    assert (article.text, problems) == ("The ferry stops\ntoday.\nOnce.", [])


def test_an_odt_gives_its_paragraphs(tmp_path: Path) -> None:
    (tmp_path / "a.odt").write_bytes(odt(*FERRY, title="Ferry", author="Ann Reed"))
    (article,), problems = told(tmp_path)
    assert (article.text.splitlines(), problems) == (list(FERRY), [])
    assert (article.title, article.author) == ("Ferry", "Ann Reed")


@pytest.mark.parametrize("name", ["a.pdf", "a.txt", "a"])
def test_a_pdf_gives_its_text_under_any_name(tmp_path: Path, name: str) -> None:
    pytest.importorskip("pypdf")
    (tmp_path / name).write_bytes(pdf(*FERRY, title="Ferry"))
    (article,), problems = told(tmp_path)
    assert (article.text.splitlines(), article.title, problems) == (list(FERRY), "Ferry", [])


def test_a_pdf_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    pytest.importorskip("pypdf")
    (tmp_path / "a.pdf").write_bytes(pdf())
    (tmp_path / "b.pdf").write_bytes(pdf(*FERRY)[:40])
    (tmp_path / "c.pdf").write_bytes(b"Rain.")
    articles, problems = told(tmp_path)
    assert articles == []
    whats = ["no text found in the PDF", "the PDF is damaged", "it is no PDF, whatever its name"]
    assert [what for what in whats if any(what in problem for problem in problems)] == whats


def test_without_its_library_pdfs_are_named_with_the_line_to_type(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.pdf", "b.pdf"):
        (tmp_path / name).write_bytes(pdf(*FERRY))
    monkeypatch.setattr("dedup.readers.extract.find_spec", lambda name: None)
    _, (problem,) = told(tmp_path)
    what = "reading 2 PDFs needs the package pypdf"
    assert problem == (
        f"{tmp_path}/a.pdf and 1 more: {what} (type: pip install 'news-dedup[documents]')"
    )


@pytest.mark.parametrize("name", ["a.mhtml", "a.mht", "a"])
def test_a_saved_page_gives_its_article_and_its_address(tmp_path: Path, name: str) -> None:
    pytest.importorskip("trafilatura")
    (tmp_path / name).write_bytes(mhtml(*FERRY, url="https://post.example/ferry"))
    (article,), problems = told(tmp_path)
    assert (article.text.splitlines(), problems) == (list(FERRY), [])
    assert (article.url, article.site) == ("https://post.example/ferry", "post.example")


@pytest.mark.parametrize("about", [b"<a", b"\xff\xfe\0", b'<!DOCTYPE a [<!ENTITY b "cc">]><a/>'])
def test_damage_in_what_a_document_tells_of_itself_costs_no_text(
    tmp_path: Path, about: bytes
) -> None:
    with zipfile.ZipFile(io.BytesIO(docx("Rain."))) as made:
        body = made.read("word/document.xml")
    files = {"word/document.xml": body, "docProps/core.xml": about}
    (tmp_path / "a.docx").write_bytes(packed(files))
    problems: list[Problem] = []
    assert [article.text for article in read([tmp_path], problems=problems)] == ["Rain."]
    assert [problem.skipped for problem in problems] == [False]
    assert problems[0].what.startswith("its title and author cannot be read (")


def test_a_zip_is_read_as_a_folder_is(tmp_path: Path) -> None:
    files = {
        "herald/a.txt": b"A",
        "herald/deep/b.jsonl.gz": gzip.compress(b'{"id": "7", "text": "B"}\n'),
        "c.zip": packed({"post/d.txt": b"D", "e.docx": docx("E")}),
        "f.css": b"p { color: red }",
        ".hidden.txt": b"hidden",
        "__MACOSX/a.txt": b"hidden",
    }
    (tmp_path / "a.zip").write_bytes(packed(files))
    articles, problems = told(tmp_path)
    assert [(article.id, article.text, article.site) for article in articles] == [
        ("a.zip/c.zip/e.docx", "E", None),
        ("a.zip/c.zip/post/d.txt", "D", "post"),
        ("a.zip/herald/a.txt", "A", "herald"),
        ("7", "B", "herald"),
    ]
    assert [problem.partition(" (")[0] for problem in problems] == [
        f"{tmp_path}/a.zip: 1 file of other kinds in the archive passed by"
    ]


@pytest.mark.parametrize(
    ("name", "way"),
    [
        ("./herald/a.txt", "herald/a.txt"),
        ("herald/../post/a.txt", "herald/post/a.txt"),
        ("../../herald/a.txt", "herald/a.txt"),
        ("/herald/a.txt", "herald/a.txt"),
        ("herald\\a.txt", "herald/a.txt"),
        ("herald/./.git/a.txt", None),
        ("herald\\.git\\a.txt", None),
    ],
)
def test_files_of_a_zip_are_found_however_their_way_is_written(
    tmp_path: Path, name: str, way: str | None
) -> None:
    (tmp_path / "a.zip").write_bytes(packed({name: b"A", "b.txt": b"B"}))
    articles, problems = told(tmp_path)
    expected = [("a.zip/b.txt", None)] + ([(f"a.zip/{way}", "herald")] if way else [])
    assert sorted((article.id, article.site) for article in articles) == sorted(expected)
    assert problems == []


def test_of_a_wacz_the_archived_pages_are_read_and_nothing_else(tmp_path: Path) -> None:
    pytest.importorskip("fastwarc")
    pytest.importorskip("trafilatura")
    page = b"<html><body><article><p>" + "</p><p>".join(FERRY).encode() + b"</p></article>"
    files = {
        "datapackage.json": b"{}",
        "pages/pages.jsonl": b'{"id": "1", "text": "Title and text"}\n',
        "archive/data.warc.gz": gzip.compress(warc("https://post.example/ferry", page)),
    }
    (tmp_path / "a.wacz").write_bytes(packed(files))
    (article,), problems = told(tmp_path)
    assert (article.text.splitlines(), problems) == (list(FERRY), [])
    assert article.url == "https://post.example/ferry"


def test_what_is_packed_but_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(packed({"xl/workbook.xml": b"<x/>"}))
    (tmp_path / "b.zip").write_bytes(packed({"a.txt": b"A"})[:-30])
    (tmp_path / "c.odt").write_bytes(
        packed({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"})
    )
    (tmp_path / "d.docx").write_bytes(packed({"word/document.xml": b"<w:document/>"}))
    (tmp_path / "e.zip").write_bytes(packed({}))
    (tmp_path / "f.docx").write_bytes(b"Rain.")
    articles, problems = told(tmp_path)
    assert articles == []
    whats = [problem.partition(": ")[2].partition(" (")[0] for problem in problems]
    assert whats == [
        "it is a spreadsheet",
        "the ZIP archive is damaged",
        "it is an OpenDocument spreadsheet, which nothing here reads",
        "the document holds no text",
        "the archive holds no file",
        "the ZIP archive is damaged",
    ]


def test_an_archive_in_archives_is_read_to_a_depth(tmp_path: Path) -> None:
    data = packed({"a.txt": b"A"})
    for number in range(4):
        data = packed({"a.zip": data, f"{number}.txt": b"%d" % number})
    (tmp_path / "a.zip").write_bytes(data)
    articles, (problem,) = told(tmp_path)
    assert [article.text for article in articles] == ["3", "2", "1"]
    assert "archive in archives" in problem


def test_an_archive_that_grows_beyond_all_measure_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dedup.readers.archive.GROWN", 2**16)
    (tmp_path / "a.zip").write_bytes(packed({"a.txt": b"A", "b.txt": bytes(2**26)}))
    articles, (problem,) = told(tmp_path)
    assert [article.text for article in articles] == ["A"]
    assert "it holds more files, or larger ones, than an archive of its size may" in problem


def test_a_damaged_file_in_an_archive_ends_that_file_alone(tmp_path: Path) -> None:
    data = packed({"a.txt": b"Rain " * 5000, "b.txt": b"B"}, zipfile.ZIP_STORED)
    (tmp_path / "a.zip").write_bytes(data.replace(b"Rain Rain", b"Rain rain", 1))
    articles, (problem,) = told(tmp_path)
    assert [article.text for article in articles] == ["B"]
    assert problem.startswith(f"{tmp_path}/a.zip/a.txt: it is damaged in the archive")


BINARY = [
    (b"%PDF-1.7\n", None),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "an old document of Office (.doc, .xls)"),
    (b"{\\rtf1\\ansi Rain.}", "a document in RTF"),
    (b"filedesc://a.arc 0.0.0.0 20260101000000 text/plain 76\n1 0 A\n", "an old web archive (ARC)"),
    (b"\x89PNG\r\n\x1a\n" + bytes(50), "a picture (PNG)"),
    (b"Rar!\x1a\x07\x01\0", "an archive (RAR)"),
    (bytes(range(256)) * 4, "data of some program"),
    (b"a" * 257 + b"ustar", "an archive (tar)"),
    (b"Rain is due.", ""),
    (b"Rain\0\0\0\0is due.", ""),
    ("天气预报说今天下午会有大雨，市民应当小心。".encode("utf-16"), ""),
    ("Прогноз погоды на завтра".encode("koi8-r"), ""),
    (b"\x1b[1mRain\x1b[0m is due.", ""),
]


@pytest.mark.parametrize(("data", "what"), BINARY)
@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.md", "a.jsonl"])
def test_what_is_no_text_is_named_under_the_name_of_a_text(
    tmp_path: Path, data: bytes, what: str | None, name: str
) -> None:
    (tmp_path / name).write_bytes(data)
    (tmp_path / "b.txt").write_bytes(b"B")
    articles, problems = told(tmp_path)
    assert binary(data) == (what or "")
    if what:
        assert [article.text for article in articles] == ["B"]
        remedy = "convert it to text, or leave it out"
        assert problems == [f"{tmp_path}/{name}: it is {what}, not text ({remedy})"]
    else:
        assert not any("not text" in problem for problem in problems)


def test_what_is_no_text_is_named_when_it_is_piped_in_or_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\x89PNG\r\n\x1a\n")))
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    for path in (Path("-"), tmp_path / "a.png"):
        articles, (problem,) = told(path)
        assert articles == []
        assert problem.startswith(f"{path}: it is a picture (PNG), not text (convert it to text")
