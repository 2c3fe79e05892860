"""CSV and its like: what becomes an article, and what is told of rows that do not."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.errors import Problem
from dedup.readers import csv as csv_reader
from dedup.readers import lines as long_lines
from dedup.readers import read
from dedup.readers.compression import joined
from dedup.readers.protocol import Source
from dedup.records import Article

StoryResult = tuple[list[tuple[str, str]], list[str]]


def told(path: Path, content: bytes | str, **options: Any) -> StoryResult:
    """Read a file: ids and texts, and what is told, with the path as `*`."""
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    problems: list[Problem] = []
    found = [(article.id, article.text) for article in read([path], problems=problems, **options)]
    return found, [str(problem).replace(str(path), "*") for problem in problems]


def good(path: Path, content: bytes | str, **options: Any) -> list[tuple[str, str]]:
    found, problems = told(path, content, **options)
    assert problems == []
    return found


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.csv"


def test_a_row_gives_all_fields(path: Path) -> None:
    path.write_text(
        "id,text,title,url,site,date,author,lang,source,canonical,updated,status,section\n"
        "7,It rained.,Rain,http://h.example/1,herald,2024-03-08,A. Byline,en,Bureau,"
        "http://h.example/,2024-03-09,usable,weather\n"
    )
    (found,) = read([path], problems=[])
    assert found == Article(
        id="7",
        text="It rained.",
        title="Rain",
        url="http://h.example/1",
        site="herald",
        date="2024-03-08",
        path=str(path),
        author="A. Byline",
        lang="en",
        source="Bureau",
        canonical="http://h.example/",
        updated="2024-03-09",
        status="usable",
    )


@pytest.mark.parametrize("name", ["a.csv", "a.tsv"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_first_line_tells_the_separator(tmp_path: Path, name: str, separator: str) -> None:
    content = f'"id, or; number"{separator}text{separator}lang\n1{separator}Rain.{separator}en\n'
    assert good(tmp_path / name, content, fields={"id": "id, or; number"}) == [("1", "Rain.")]


GOOD = [
    ("text\nRain.\n", [("a.csv:1", "Rain.")], "one column"),
    ("id,text\n1,Rain.", [("1", "Rain.")], "no line break at the end"),
    ('id,text\n1,"Big" storm due\n', [("1", "Big storm due")], "text after a closing quote"),
    ("id,text\r\n1,Rain.\r\n2,Sun.\r\n", [("1", "Rain."), ("2", "Sun.")], "CRLF"),
    ("id,text\r1,Rain.\r2,Sun.\r", [("1", "Rain."), ("2", "Sun.")], "CR alone"),
    ('text\n"Rain.\nSun."\nFog.\n', [("a.csv:1", "Rain.\nSun."), ("a.csv:2", "Fog.")], "breaks"),
    ('text\r\n"Rain.\r\nSun."\r\n', [("a.csv:1", "Rain.\r\nSun.")], "CRLF in quotes"),
    ('id,text\n1,"She said ""rain"", again."\n', [("1", 'She said "rain", again.')], "quotes"),
    ('id,text\n1,He said "rain" again.\n', [("1", 'He said "rain" again.')], "quotes within"),
    ("\n\nid,text\n\n1,Rain.\n , \n,\n", [("1", "Rain."), ("a.csv:2", " ")], "blank rows"),
    ("id,text\n1,Rain.,,\n", [("1", "Rain.")], "empty cells after the last column"),
    ("text,id,text2\nRain.,1,x\n", [("1", "Rain.")], "another order, and more"),
    ("ID, Text \n1,Rain.\n", [("1", "Rain.")], "capitals and blanks in names"),
    ('id,"te\nxt",text\n1,x,Rain.\n', [("1", "Rain.")], "a line break in a name"),
    ("id,text\n1,\n", [("1", "")], "an empty text"),
    ("sep=;\nid;text\n1;Rain, sun\n", [("1", "Rain, sun")], "Excel's own line"),
    ('"sep=\t"\r\nid\ttext\r\n1\ta,b;c\r\n', [("1", "a,b;c")], "that line in quotes"),
    ("SEP=^\nid^text\n1^a,b;c\n", [("1", "a,b;c")], "another separator"),
    ("\ufeffsep=,\nid,text\n1,Rain.\n", [("1", "Rain.")], "that line after a mark"),
    ("# made on Monday\n#\nid,text\n1,Rain.\n", [("1", "Rain.")], "remarks"),
    ("#id,text\n1,Rain.\n", [("1", "Rain.")], "names after a hash"),
    (" id , text \n1,Rain.\n", [("1", "Rain.")], "blanks around names"),
    ('"id", "text"\n1, "Rain, sun"\n', [("1", "Rain, sun")], "blanks before quotes"),
    ("id\xa0;\xa0text\n1;Rain.\n", [("1", "Rain.")], "hard blanks around names"),
    ("\ufeffid,text\n1,Žluť\u2028x\n", [("1", "Žluť\u2028x")], "a byte order mark"),
    ("id,text\n1,a\x0bb\x1cc\x85d\n", [("1", "a\x0bb\x1cc\x85d")], "what only Python breaks at"),
]


@pytest.mark.parametrize(("content", "expected", "why"), GOOD)
def test_rows_are_read(path: Path, content: str, expected: list[tuple[str, str]], why: str) -> None:
    assert good(path, content) == expected, why


def test_names_of_columns_can_be_given(path: Path) -> None:
    assert good(path, "nr,body\n1,Rain.", fields={"id": "nr", "text": "body"}) == [("1", "Rain.")]


def test_a_cell_may_be_longer_than_python_takes_by_itself(path: Path) -> None:
    others = csv.field_size_limit(1000)
    try:
        assert good(path, f"id,text\n1,{'rain ' * 1000}\n") == [("1", "rain " * 1000)]
        assert csv.field_size_limit() == 1000
    finally:
        csv.field_size_limit(others)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "windows-1252"])
def test_encodings_are_told_apart(path: Path, encoding: str) -> None:
    text = "Der Regen fällt über die Häuser der alten Stadt, und die Straßen füllen sich."
    found, problems = told(path, f'id,text\n1,"{text}"\n'.encode(encoding))
    assert found == [("1", text)]
    what = "nothing says in which encoding it is; it was read as windows-1252, a guess"
    remedy = "if letters are wrong, convert it to UTF-8"
    assert problems == ([] if encoding.startswith("utf") else [f"*:2: {what} ({remedy})"])


def test_utf_16_with_big_ends_first_is_read(path: Path) -> None:
    data = codecs.BOM_UTF16_BE + "id\ttext\n1\tRain.\n".encode("utf-16-be")
    assert good(path, data) == [("1", "Rain.")]


REMEDY = "(close its quotes, and quote cells that hold the separator or line breaks)"
NAMES = "(name the one that does with --field text=NAME; its columns: id, body)"
BAD = [
    (
        "id,text\n1,Rain.\n2,Sun, moon.\n3\n4,Fog.\n",
        [("1", "Rain."), ("4", "Fog.")],
        [
            f"*:3: the row has 3 cells, and the first line 2 {REMEDY}",
            f"*:4: the row has 1 cell, and the first line 2 {REMEDY}",
        ],
    ),
    (
        'id,text,n\n1,"Rain.,\n2,Sun.,\n3,"Fog.",\n4,Hail.,\n',
        [("4", "Hail.")],
        [f"*:2: the row cannot be read (',' expected after '\"', up to line 4) {REMEDY}"],
    ),
    (
        'id,text,n\n1,"Rain.,\n2,Sun.,"\n4,Hail.,\n',
        [("4", "Hail.")],
        [f"*:2: the row has 2 cells, and the first line 3, up to line 3 {REMEDY}"],
    ),
    (
        'id,text\n0,Fog.\n1,"Rain.\nSun.\n',
        [("0", "Fog.")],
        [f"*:3: the row cannot be read (unexpected end of data, up to line 4) {REMEDY}"],
    ),
    (
        'id,text\n0,Fog.\n1,"Rain.',
        [("0", "Fog.")],
        [f"*:3: the row cannot be read (unexpected end of data) {REMEDY}"],
    ),
    (
        "id,text\n1,a\0b\n",
        [("1", "a b")],
        ["*:2: 1 NUL character became a space (check that this is a text)"],
    ),
    (
        "id,body\n1,Rain.\n",
        [],
        [f"*: there is no column 'text', which should hold the text {NAMES}"],
    ),
    ("text,text\na,b\n", [], ["*: 2 columns are called 'text' (rename all but one)"]),
    ("id,text\n", [], ["*: the file holds no row after its first line (fill it, or delete it)"]),
    ("\n\n", [], ["*: the file holds no line (fill it, or delete it)"]),
    ("", [], ["*: the file holds no line (fill it, or delete it)"]),
]


@pytest.mark.parametrize(("content", "expected", "messages"), BAD)
def test_what_is_wrong_is_told_and_the_run_goes_on(
    path: Path, content: str, expected: list[tuple[str, str]], messages: list[str]
) -> None:
    assert told(path, content) == (expected, messages)


def test_a_cell_without_an_end_is_given_up_and_the_run_goes_on(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_reader, "LONGEST", 1000)
    found, messages = told(path, 'id,text\n1,"' + "rain\n" * 201 + "2,Sun.\n3,Fog.\n")
    assert found == [("2", "Sun."), ("3", "Fog.")]
    what = "the row cannot be read (field larger than field limit (1000), up to line 202)"
    assert messages == [f"*:2: {what} {REMEDY}"]


def test_a_line_that_is_too_long_is_skipped(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_lines, "LONGEST", 3 << 20)
    found, messages = told(path, f"id,text\n1,{'x' * (4 << 20)}\n2,Sun.\n")
    assert found == [("2", "Sun.")]
    assert messages == ["*:2: the line is longer than 3 MiB (close the quotes)"]


def test_a_table_that_breaks_off_is_told_after_its_rows(tmp_path: Path) -> None:
    rows = "".join(f"{n},Rain fell on day {n * 7919}.\n" for n in range(20000))
    data = gzip.compress(f"id,text\n{rows}".encode())
    found, messages = told(tmp_path / "a.csv.gz", data[: len(data) // 2])
    assert 100 < len(found) < 20000
    assert len(messages) == 1
    assert "the .gz data breaks off" in messages[0]


def test_rows_are_given_as_they_come() -> None:
    def pieces() -> Iterable[bytes]:
        yield b"id,text\n"
        for number in range(10**9):
            yield b"%d,Rain.\n" % number * 1000

    found = csv_reader.read(joined(iter(pieces())), Source("a", "a"), [])
    assert [next(found).id for _ in range(3)] == ["0", "0", "0"]


CELLS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)


@given(
    st.lists(st.tuples(CELLS.filter(str.strip), CELLS), min_size=1, max_size=6),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_what_python_writes_comes_back(
    rows: list[tuple[str, str]], separator: str, end: str
) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=separator, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerows([("id", "text"), *rows])
    problems: list[Problem] = []
    stream = joined(iter([out.getvalue().encode()]))
    found = csv_reader.read(stream, Source("a", "a"), problems)
    assert [(article.id, article.text) for article in found] == rows
    assert problems == []
