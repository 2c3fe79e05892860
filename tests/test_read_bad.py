"""Bad input: each case is told with its file and a remedy, and reading goes on."""

from __future__ import annotations

import gzip
import json
import os
import sys
import time
import tracemalloc
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dedup
from dedup.errors import InputError, Problem
from dedup.readers import READERS, articles, read
from dedup.readers.compression import joined
from dedup.readers.per_file import PROBLEMS
from dedup.readers.protocol import LONGEST, Page, Source, UnreadableError
from dedup.records import Article


def told(*paths: str | Path, **options: Any) -> tuple[list[str], list[str], list[Problem]]:
    """Give the texts that could be read, and what was told of the rest, as the user sees it."""
    problems: list[Problem] = []
    texts = [article.text for article in read(paths, problems=problems, **options)]
    return texts, [str(problem) for problem in problems], problems


def lines(*texts: str) -> bytes:
    return b"".join(json.dumps({"text": text}).encode() + b"\n" for text in texts)


BAD_LINES = [
    (b"{'text': 'x'}", "the line is not JSON (Expecting property name", "mend or delete the line"),
    (b'{"text": "x"', "the line is not JSON (Expecting ',' delimiter", "mend or delete"),
    (b"\x00\xff\x10", "the line is not JSON (Expecting value, character 1)", "mend or delete"),
    (b"[1]", "the line holds a list, not an object", 'such as {"text": "..."}'),
    (b"null", "the line holds null, not an object", "one object a line"),
    (b'{"body": "x", "id": 1}', "there is no field 'text'", "text=NAME; its fields: body, id"),
    (b"{}", "there is no field 'text'", "--field text=NAME; its fields: none"),
    (b'{"text": null}', "there is no field 'text'", "--field text=NAME"),
    (b'{"text": 7}', "the field 'text' holds a number, not text", "make it one string"),
    (b'{"text": ["x"]}', "the field 'text' holds a list, not text", "make it one string"),
    (b"[" * 100_000, "the line is JSON that cannot be read (", "mend or delete the line"),
    (b'{"id": ' + b"1" * 5000 + b"}", "the line is JSON that cannot be read (", "mend or delete"),
]


@pytest.mark.parametrize(("line", "what", "remedy"), BAD_LINES)
def test_a_line_that_is_no_article_is_named_and_skipped(
    tmp_path: Path, line: bytes, what: str, remedy: str
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(lines("before") + line + b"\n" + lines("after"))
    texts, _, problems = told(path)
    assert texts == ["before", "after"]
    assert [problem.where for problem in problems[-1:]] == [f"{path}:2"]
    assert problems[-1].what.startswith(what)
    assert remedy in problems[-1].remedy
    assert problems[-1].skipped


def test_a_field_of_no_use_is_told_once_a_file(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"text": "A", "title": ["T"], "url": true}\n' * 3)
    texts, messages, problems = told(path)
    assert texts == ["A"] * 3
    remedy = "(make it a string, here and wherever else it is none)"
    assert messages == [
        f"{path}:1: the field 'title' holds a list; it counts as missing {remedy}",
        f"{path}:1: the field 'url' holds true or false; it counts as missing {remedy}",
    ]
    assert not any(problem.skipped for problem in problems)


@pytest.mark.parametrize("item", [None, 7, b"bytes", ["A"]])
def test_an_object_that_is_no_article_is_named_by_its_number(item: Any) -> None:
    problems: list[Problem] = []
    assert list(articles(["A", item], problems=problems)) == [Article("0", "A")]
    assert problems[0].where == "item 1"


EMPTY = [
    ("a.txt", b"", "the file holds no text"),
    ("a.md", b" \n\t\n", "the file holds no text"),
    ("a.txt.gz", b"", "the file holds no text"),
    ("a.jsonl", b"", "the file holds no line"),
    ("a.ndjson", b"\n" * 1000, "the file holds no line"),
    ("a.txt", "".encode("utf-16"), "the file holds no text"),
]


@pytest.mark.parametrize(("name", "content", "what"), EMPTY)
def test_an_empty_file_is_told(tmp_path: Path, name: str, content: bytes, what: str) -> None:
    (tmp_path / name).write_bytes(content)
    assert told(tmp_path)[:2] == ([], [f"{tmp_path / name}: {what} (fill it, or delete it)"])


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    texts, (message,), (problem,) = told(tmp_path)
    assert texts == []
    assert message.startswith(f"{tmp_path}: the folder is empty (give files that end in .")
    assert not problem.skipped  # as no document is: a folder that is watched fills later


def test_a_folder_with_nothing_to_read_is_told_once(tmp_path: Path) -> None:
    for name in ("a.jpg", "b.log", ".hidden.txt"):
        (tmp_path / name).write_text("x")
    texts, (message,), (problem,) = told(tmp_path)
    assert texts == []
    assert problem.skipped
    assert "no file here can be read (2 files of other kinds: 1 .jpg, 1 .log; 1 hidden" in message


def test_a_given_file_that_nothing_reads_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"\xff\xd8")
    (message,) = told(tmp_path / "a.jpg")[1]
    assert message.startswith(f"{tmp_path}/a.jpg: nothing here reads this kind of file; known are ")
    assert message.endswith("(if it is text, rename it or pipe it in: dedup scan - < FILE)")


@pytest.mark.parametrize("missing", ["missing.txt", "missing/", "", "nul\0", "\ud800.txt"])
def test_a_path_that_does_not_exist_is_told(tmp_path: Path, missing: str) -> None:
    (tmp_path / "a.txt").write_text("A")
    texts, (message,), _ = told(f"{tmp_path}/x/{missing}", tmp_path)
    assert texts == ["A"]
    message.encode()


def test_a_path_that_is_empty_is_told_as_one() -> None:
    with pytest.raises(InputError, match="'': there is no such file or folder"):
        dedup.scan("")


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may read anything")
def test_permission_denied_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("A")
    (tmp_path / "b.txt").write_text("B")
    (tmp_path / "a.txt").chmod(0)
    assert told(tmp_path)[:2] == (
        ["B"],
        [f"{tmp_path}/a.txt: it may not be opened (permission denied) (get the right to read it)"],
    )


FAULTS = [
    (FileNotFoundError(2, "No such file"), "there is no such file or folder (any more)"),
    (PermissionError(13, "Permission denied"), "it may not be opened (permission denied)"),
    (OSError(5, "Input/output error"), "it cannot be read (Input/output error)"),
]


@pytest.mark.parametrize(("fault", "what"), FAULTS)
def test_a_file_that_cannot_be_opened_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: OSError, what: str
) -> None:
    (tmp_path / "a.txt").write_text("A")
    (tmp_path / "b.txt").write_text("B")
    really_open = Path.open

    def open_(path: Path, *args: Any, **options: Any) -> Any:
        if path.name == "a.txt":
            raise fault
        return really_open(path, *args, **options)

    monkeypatch.setattr(Path, "open", open_)
    texts, _, (problem,) = told(tmp_path)
    assert (texts, problem.where, problem.what) == (["B"], str(tmp_path / "a.txt"), what)


def test_a_folder_that_cannot_be_listed_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "shut").mkdir()
    (tmp_path / "b.txt").write_text("B")
    really_list = os.scandir

    def scandir(path: str) -> Any:
        if path.endswith("shut"):
            raise PermissionError(13, "Permission denied")
        return really_list(path)

    monkeypatch.setattr(os, "scandir", scandir)
    texts, _, (problem,) = told(tmp_path)
    assert (texts, problem.where) == (["B"], str(tmp_path / "shut"))


def test_a_file_that_vanishes_after_the_run_began_is_told(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / f"{name}.txt").write_text(name)
    problems: list[Problem] = []
    found = read([tmp_path], problems=problems)
    assert next(found).text == "a"
    (tmp_path / "b.txt").unlink()
    assert [article.text for article in found] == ["c"]
    assert [problem.where for problem in problems] == [str(tmp_path / "b.txt")]


def test_a_loop_of_links_is_told_and_ends(tmp_path: Path) -> None:
    (tmp_path / "herald").mkdir()
    (tmp_path / "herald/a.txt").write_text("A")
    (tmp_path / "herald/again").symlink_to(tmp_path)
    texts, (message,), problems = told(tmp_path)
    assert texts == ["A"]
    assert message.startswith(f"{tmp_path}/herald/again: the link leads to a folder that is read")
    assert not problems[0].skipped


def test_a_file_is_found_where_it_is_before_it_is_found_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "news/real").mkdir(parents=True)
    (tmp_path / "news/real/a.txt").write_text("A")
    (tmp_path / "news/0link.txt").symlink_to(tmp_path / "news/real/a.txt")
    problems: list[Problem] = []
    found = read([tmp_path / "news"], problems=problems)
    assert [article.id for article in found] == ["real/a.txt"]
    assert problems == []


@pytest.mark.parametrize("target", ["else", "else/b.txt", "news2", ".", "else/missing.txt"])
def test_a_link_that_leads_out_of_the_given_folder_is_told_and_not_followed(
    tmp_path: Path, target: str
) -> None:
    for folder, name in (("news", "a"), ("else", "b"), ("news2", "c")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / f"{name}.txt").write_text(name)
    (tmp_path / "news/link").symlink_to(f"../{target}")
    texts, messages, (problem,) = told(tmp_path / "news")
    end = tmp_path / target
    what = f"the link leads out of the given folder, to {end}, and is not followed"
    assert texts == ["a"]
    assert messages == [f"{tmp_path}/news/link: {what} (if that is meant to be read, give it too)"]
    assert problem.skipped


def test_what_a_link_leads_to_is_read_when_it_is_given_too(tmp_path: Path) -> None:
    for folder in ("news", "else"):
        (tmp_path / folder).mkdir()
    (tmp_path / "else/b.txt").write_text("B")
    (tmp_path / "news/link").symlink_to(tmp_path / "else")
    problems: list[Problem] = []
    found = read([tmp_path / "news", tmp_path / "else"], problems=problems)
    assert [(article.id, article.text) for article in found] == [("else/b.txt", "B")]
    assert problems == []


def test_a_given_path_may_be_a_link_and_links_in_it_are_followed(tmp_path: Path) -> None:
    (tmp_path / "real/deep").mkdir(parents=True)
    (tmp_path / "real/deep/a.txt").write_text("A")
    (tmp_path / "real/.hidden").mkdir()
    (tmp_path / "real/.hidden/b.txt").write_text("B")
    (tmp_path / "real/shown").symlink_to(".hidden")
    (tmp_path / "given").symlink_to("real")
    (tmp_path / "one.txt").symlink_to("real/deep/a.txt")
    assert told(tmp_path / "given")[:2] == (["A", "B"], [])
    assert told(tmp_path / "one.txt")[:2] == (["A"], [])


def test_links_that_lead_nowhere_or_to_themselves_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.txt").symlink_to(tmp_path / "gone.txt")
    (tmp_path / "b.txt").symlink_to(tmp_path / "b.txt")
    (tmp_path / "c.txt").write_text("C")
    texts, _, problems = told(tmp_path)
    assert texts == ["C"]
    assert [problem.where for problem in problems] == [f"{tmp_path}/a.txt", f"{tmp_path}/b.txt"]


@pytest.mark.skipif(sys.platform != "linux", reason="only here a name may be any bytes")
def test_a_name_that_is_not_utf_8_can_still_be_written_out(tmp_path: Path) -> None:
    path = os.path.join(os.fsencode(tmp_path), b"caf\xe9.txt")  # noqa: PTH118
    with open(path, "w") as file:  # noqa: PTH123
        file.write("A")
    (article,) = read([tmp_path], problems=[])
    assert article.id == "caf\\udce9.txt"
    assert article.path is not None
    assert article.path.encode().endswith(b"caf\\udce9.txt")


def test_bytes_of_no_encoding_are_replaced_and_told(tmp_path: Path) -> None:
    text = "Žluťoučký kůň úpěl ďábelské ódy. " * 3
    (tmp_path / "a.txt").write_bytes(text.encode() + b"\xff\xfe!")
    record = json.dumps({"text": text + "?"}, ensure_ascii=False).encode()
    (tmp_path / "b.jsonl").write_bytes(lines("first") + record.replace(b"?", b"\xff\xff!"))
    texts, messages, problems = told(tmp_path)
    assert texts == [text + "\ufffd\ufffd!", "first", text + "\ufffd\ufffd!"]
    remedy = "2 characters cannot be read as utf-8 and became U+FFFD (convert the file to UTF-8)"
    assert messages == [f"{tmp_path}/a.txt: {remedy}", f"{tmp_path}/b.jsonl:2: {remedy}"]
    assert not any(problem.skipped for problem in problems)


def test_half_a_character_at_the_end_of_utf_16_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("Rain.".encode("utf-16") + b"x")
    (tmp_path / "b.jsonl").write_bytes('{"text": "Rain."}\n'.encode("utf-16") + b"x")
    texts, _, problems = told(tmp_path)
    assert texts == ["Rain.\ufffd", "Rain."]
    assert {problem.where for problem in problems} == {f"{tmp_path}/a.txt", f"{tmp_path}/b.jsonl:2"}
    assert not any("guess" in problem.what for problem in problems)


def test_nul_bytes_become_spaces_so_that_spans_hold(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("Résumé\0\0of the day".encode())
    (tmp_path / "b.jsonl").write_bytes(b'{"text": "a\\u0000b"}\n{"text": "a\0b"}\n')
    texts, messages, problems = told(tmp_path)
    assert texts == ["Résumé  of the day", "a b", "a b"]
    assert messages[0] == (
        f"{tmp_path}/a.txt: 2 NUL characters became spaces (check that this is a text)"
    )
    assert len(problems) == 3
    assert not any(problem.skipped for problem in problems)


def test_lone_surrogates_become_u_fffd_wherever_they_stand(tmp_path: Path) -> None:
    record = b'{"id": "\\udfff", "text": "a\\ud800b \\ud83d\\ude00", "title": "\\ud800\\ud800"}\n'
    (tmp_path / "a.jsonl").write_bytes(record)
    problems: list[Problem] = []
    (article,) = read([tmp_path], problems=problems)
    assert (article.id, article.text, article.title) == ("\ufffd", "a\ufffdb 😀", "\ufffd\ufffd")
    assert [problem.skipped for problem in problems] == [False] * 3
    assert str(problems[0]) == (
        f"{tmp_path}/a.jsonl:1: 1 half character (lone surrogates) became U+FFFD"
        " (mend what wrote the file)"
    )


def test_closed_standard_input_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert told("-")[:2] == (
        [],
        ["-: there is no standard input (pipe something in, or name a file)"],
    )


def huge(size: int) -> Iterator[bytes]:
    yield lines("before") + b'{"text": "'
    for _ in range(size // 2**20):
        yield b"x" * 2**20
    yield b'"}\n' + lines("after")


def test_a_line_of_any_length_is_skipped_in_bounded_memory() -> None:
    problems: list[Problem] = []
    tracemalloc.start()
    try:
        stream = joined(huge(2 * LONGEST))
        found = list(READERS[".jsonl"](stream, Source("a.jsonl", "a.jsonl"), problems))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert [a.text for a in found if isinstance(a, Article)] == ["before", "after"]
    assert [str(problem) for problem in problems] == [
        "a.jsonl:2: the line is longer than 256 MiB (put one article on a line)"
    ]
    assert peak < LONGEST * 1.3


def test_a_text_of_any_length_is_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dedup.readers.compression.LONGEST", 3 * 2**20)
    with pytest.raises(UnreadableError, match="the text is longer than 3 MiB"):
        list(READERS[".txt"](joined(huge(2**30)), Source("a.txt", "a.txt"), []))


def test_a_million_empty_lines_take_no_time(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b"\n" * 10**6 + lines("A"))
    start = time.process_time()
    (article,) = read([tmp_path], problems=[])
    assert article.id == "a.jsonl:1000001"
    assert time.process_time() - start < 3


def test_a_paragraph_of_50_mb_is_read(tmp_path: Path) -> None:
    text = "Wörter " * (50 * 2**20 // 8)
    (tmp_path / "a.txt").write_text(text)
    (tmp_path / "b.jsonl").write_bytes(lines(text))
    problems: list[Problem] = []
    assert [article.text == text for article in read([tmp_path], problems=problems)] == [True] * 2
    assert problems == []


@settings(deadline=None)
@given(st.lists(st.binary(max_size=30) | st.sampled_from([b"\n", b'{"text":"a"}', b'{"', b"\0"])))
def test_no_bytes_raise_and_all_that_comes_out_can_be_written(pieces: Iterable[bytes]) -> None:
    for suffix, reader in READERS.items():
        problems: list[Problem] = []
        with suppress(UnreadableError):
            for item in reader(joined(iter(pieces)), Source("a", f"a{suffix}"), problems):
                article = item.article if isinstance(item, Page) else item
                f"{article.id}{article.title}{article.text}".encode()
                assert "\0" not in article.text
        for problem in problems:
            str(problem).encode()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["id", "text", "title", "url", "site", "date"]), JSON))
def test_any_record_becomes_an_article_that_can_be_written_or_a_problem(
    record: dict[str, Any],
) -> None:
    problems: list[Problem] = []
    found = list(articles([record], problems=problems))
    assert bool(found) == isinstance(record.get("text"), str)
    assert found or problems
    for article in found:
        json.dumps([article.id, article.text, article.title], ensure_ascii=False).encode()
        assert len(article.text) == len(record["text"])


def test_a_small_file_that_holds_millions_of_records_is_read_up_to_what_its_size_may_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dedup.readers.per_file.ARTICLES", 500)
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(lines("A") * 10_000))
    (tmp_path / "b.jsonl").write_bytes(lines("B") * 700)
    texts, _, (problem,) = told(tmp_path)
    assert texts == ["A"] * 500 + ["B"] * 700
    assert problem.where == str(path)
    assert problem.what.startswith("it holds more than 500 articles, too many for its size; what")


def test_of_a_file_with_very_many_faults_the_first_are_named_and_the_others_counted(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(lines("before") + b"x\n" * 5000 + lines("after"))
    texts, messages, problems = told(path)
    assert texts == ["before", "after"]
    assert len(problems) == PROBLEMS + 1
    assert messages[-1] == (
        f"{path}: 4,000 more problems like those before (mend those, and run again)"
    )
    assert sum(problem.articles for problem in problems if problem.skipped) == 5000


@pytest.mark.parametrize("fault", [RecursionError("deep"), MemoryError(), ValueError("odd")])
def test_a_fault_of_a_reader_ends_its_file_and_not_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    def faulty(*_: object) -> Iterator[Article]:
        yield Article("1", "A")
        raise fault

    monkeypatch.setitem(READERS, ".txt", faulty)
    (tmp_path / "a.txt").write_text("A")
    (tmp_path / "b.md").write_text("B")
    texts, _, (problem,) = told(tmp_path)
    assert texts == ["A", "B"]
    what = f"reading it failed ({type(fault).__name__}: {fault}); what comes before was read"
    assert (problem.where, problem.what, problem.skipped) == (f"{tmp_path}/a.txt", what, True)
