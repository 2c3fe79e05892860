"""Reading: what becomes an article, and what its fields are."""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import json
import lzma
import os
import sys
import threading
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

import dedup
from dedup.errors import Problem, SettingsError
from dedup.progress import Silent
from dedup.readers import READERS, articles, read
from dedup.readers.compression import joined
from dedup.readers.protocol import Source
from dedup.records import Article


def write(folder: Path, **files: bytes | str) -> None:
    """Write files whose names give `/` as `__` and `.` as `_`: herald__a_txt."""
    for name, content in files.items():
        stem, suffix = name.replace("__", "/").rsplit("_", 1)
        path = folder / f"{stem}.{suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


def good(*paths: str | Path, **options: Any) -> list[Article]:
    """Read what must give no problem."""
    problems: list[Problem] = []
    found = list(read(paths, problems=problems, **options))
    assert problems == []
    return found


def lines(*records: Mapping[str, Any]) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


@pytest.fixture
def stdin(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], None]:
    def give(data: bytes) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))

    return give


def test_a_folder_gives_its_texts_with_their_paths_as_ids_and_first_folders_as_sites(
    tmp_path: Path,
) -> None:
    write(tmp_path, top_txt="T", herald__b_md="# B\n\nb", herald__a_txt="A", times__x__c_txt="C")
    assert good(tmp_path) == [
        Article("herald/a.txt", "A", site="herald", path=str(tmp_path / "herald/a.txt")),
        Article("herald/b.md", "# B\n\nb", site="herald", path=str(tmp_path / "herald/b.md")),
        Article("times/x/c.txt", "C", site="times", path=str(tmp_path / "times/x/c.txt")),
        Article("top.txt", "T", path=str(tmp_path / "top.txt")),
    ]


def test_a_site_can_be_given_for_articles_that_name_none(tmp_path: Path) -> None:
    write(tmp_path, herald__a_txt="A", b_jsonl=lines({"text": "B"}, {"text": "C", "site": "own"}))
    assert [article.site for article in good(tmp_path, site="post")] == ["post", "own", "post"]


def test_one_file_has_its_name_as_id_and_no_site(tmp_path: Path) -> None:
    write(tmp_path, herald__a_txt="A")
    (article,) = good(tmp_path / "herald/a.txt")
    assert (article.id, article.site) == ("a.txt", None)


def test_ids_from_several_paths_start_at_the_folder_that_holds_them_all(tmp_path: Path) -> None:
    write(tmp_path, herald__1_txt="one", times__1_txt="one", c_txt="C")
    found = good(tmp_path / "times", tmp_path / "herald", tmp_path / "c.txt")
    assert [article.id for article in found] == ["times/1.txt", "herald/1.txt", "c.txt"]


def test_a_path_given_twice_is_read_once(tmp_path: Path) -> None:
    write(tmp_path, herald__a_txt="A", b_txt="B")
    found = good(tmp_path, tmp_path / "herald", tmp_path / "b.txt", tmp_path)
    assert [article.id for article in found] == ["b.txt", "herald/a.txt"]


def test_relative_paths_are_taken_from_where_the_user_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, herald__a_txt="A")
    monkeypatch.chdir(tmp_path)
    by_dot, by_name, by_file = good("."), good("herald/"), good("herald/a.txt")
    assert [(a.id, a.path) for a in by_dot] == [("herald/a.txt", "./herald/a.txt")]
    assert [(a.id, a.path) for a in by_name] == [("a.txt", "herald/a.txt")]
    assert [(a.id, a.path) for a in by_file] == [("a.txt", "herald/a.txt")]


def test_hidden_files_are_passed_by_in_silence(tmp_path: Path) -> None:
    write(tmp_path, a_txt="A")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git/x.txt").write_text("X")
    (tmp_path / "._a.txt").write_text("X")
    assert [article.text for article in good(tmp_path)] == ["A"]


def test_what_dedup_wrote_is_not_read_again(tmp_path: Path) -> None:
    write(tmp_path, a_txt="A")
    for name in ("articles", "texts", "matches", "clusters"):
        write(tmp_path, **{f"dedup-out__{name}_jsonl": lines({"text": name})})
    write(tmp_path, **{"dedup-out__summary_json": "{}"})
    assert [article.text for article in good(tmp_path)] == ["A"]


def test_json_lines_give_all_fields(tmp_path: Path) -> None:
    record = {
        "id": "n1",
        "text": "Rain.\nThen sun.",
        "title": "Weather",
        "url": "https://news.example/1",
        "site": "herald",
        "date": "2024-03-08",
    }
    write(tmp_path, news_jsonl=lines({**record, "topics": ["rain"]}))
    assert good(tmp_path) == [Article(**record, path=str(tmp_path / "news.jsonl"))]


def test_a_missing_id_is_the_file_and_the_line(tmp_path: Path) -> None:
    write(tmp_path, herald__news_ndjson=b"\n" + lines({"text": "A"}) + b"  \r\n{'id'")
    problems: list[Problem] = []
    (article,) = read([tmp_path], problems=problems)
    assert (article.id, article.site) == ("herald/news.ndjson:2", "herald")
    assert [problem.where for problem in problems] == [f"{tmp_path}/herald/news.ndjson:4"]


def test_fields_can_have_other_names(tmp_path: Path) -> None:
    write(tmp_path, news_jsonl=lines({"body": "A", "headline": "T", "text": "not this", "id": 7}))
    (article,) = good(tmp_path, fields={"text": "body", "title": "headline"})
    assert (article.id, article.text, article.title) == ("7", "A", "T")


def test_a_field_that_dedup_does_not_know_is_refused_at_once() -> None:
    with pytest.raises(SettingsError, match="fields names 'body'; it must be one of id, text, "):
        read(["-"], fields={"body": "text"}, problems=[])
    with pytest.raises(SettingsError, match="fields names 'body'"):
        articles([], fields={"body": "text"}, problems=[])


@pytest.mark.parametrize(
    ("argument", "told"),
    [
        ({"fields": ["text=body"]}, r"fields is \['text=body'\]; write it as {'text': 'body'}"),
        ({"fields": {5: "body"}}, "fields names '5'; it must be one of id"),
        ({"site": 5}, "site is 5; it must be a name"),
        ({"outlets": 5}, "outlets is 5; name a CSV or TOML file"),
    ],
)
def test_an_argument_of_another_type_is_refused_by_its_name(
    tmp_path: Path, argument: dict[str, Any], told: str
) -> None:
    write(tmp_path, a_txt=b"Rain.")
    with pytest.raises(SettingsError, match=told):
        dedup.scan(tmp_path, **argument)


USELESS_VALUES = [None, "", "  ", float("nan")]


@pytest.mark.parametrize("value", USELESS_VALUES)
@pytest.mark.parametrize("field", ["id", "title", "url", "site", "date"])
def test_a_field_without_a_value_is_none(field: str, value: object) -> None:
    problems: list[Problem] = []
    (article,) = articles([{"text": "A", field: value}], problems=problems)
    assert (article, problems) == (Article("0", "A"), [])


PLAIN_VALUES = [
    ("id", 7, "7"),
    ("id", 0, "0"),
    ("title", 1984, "1984"),
    ("date", 1531655668, "1531655668"),
    ("date", 1531655668.25, "1531655668.25"),
    ("date", date(2018, 7, 15), "2018-07-15"),
    ("site", " herald ", " herald "),
]


@pytest.mark.parametrize(("field", "value", "expected"), PLAIN_VALUES)
def test_numbers_and_dates_are_written_out(field: str, value: object, expected: str) -> None:
    problems: list[Problem] = []
    (article,) = articles([{"text": "A", field: value}], problems=problems)
    assert (getattr(article, field), problems) == (expected, [])


def test_a_record_with_an_empty_text_is_an_article() -> None:
    problems: list[Problem] = []
    assert list(articles([{"id": "a", "text": ""}], problems=problems)) == [Article("a", "")]
    assert problems == []


def test_python_objects_are_numbered_where_they_have_no_id() -> None:
    problems: list[Problem] = []
    given: list[Article | dict[str, Any] | str] = [
        "A",
        {"body": "B"},
        Article("c", "C", site="herald", path="c.txt"),
    ]
    assert list(articles(given, fields={"text": "body"}, problems=problems)) == [
        Article("0", "A"),
        Article("1", "B"),
        Article("c", "C", site="herald", path="c.txt"),
    ]
    assert problems == []


COMPRESSORS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": zstandard.compress,
}


@pytest.mark.parametrize("suffix", COMPRESSORS)
@pytest.mark.parametrize("kind", [".jsonl", ".md", ".ndjson", ".txt"])
def test_any_kind_may_come_in_any_compression(tmp_path: Path, kind: str, suffix: str) -> None:
    text = "Rain is due. " * 50_000
    plain = lines({"text": text}, {"text": "B"}) if "j" in kind else text.encode()
    (tmp_path / f"a{kind}.{suffix.upper()}").write_bytes(COMPRESSORS[suffix](plain))
    assert good(tmp_path)[0].text == text


@pytest.mark.parametrize("suffix", COMPRESSORS)
def test_compressed_files_may_be_joined(tmp_path: Path, suffix: str) -> None:
    parts = [COMPRESSORS[suffix](lines({"text": text})) for text in "ABC"]
    (tmp_path / f"a.jsonl.{suffix}").write_bytes(b"".join(parts))
    assert [article.text for article in good(tmp_path)] == ["A", "B", "C"]


PIPED = [
    (lines({"text": "A"}, {"text": "B", "id": "b"}), [("-:1", "A"), ("b", "B")]),
    (b"\n \n" + lines({"text": "A"}), [("-:3", "A")]),
    (codecs.BOM_UTF8 + lines({"text": "A"}), [("-:1", "A")]),
    ('{"text": "A"}'.encode("utf-16"), [("-:1", "A")]),
    (gzip.compress(lines({"text": "A"}), mtime=0), [("-:1", "A")]),
    (zstandard.compress(b"Plain."), [("-", "Plain.")]),
    (b"Rain is due.\n{not json}", [("-", "Rain is due.\n{not json}")]),
    (b"[1, 2]", [("-", "[1, 2]")]),
    (b'[{"text": "A"}, {"text": "B"}]', [("-:1", "A"), ("-:2", "B")]),
    (b'{\n "text": "A"\n}', [("-:1", "A")]),
    (b"Subject: A\nFrom: a@b.example\n\nB", [("-", "B")]),
]


@pytest.mark.parametrize(("data", "expected"), PIPED)
def test_standard_input_is_known_by_how_it_begins(
    stdin: Callable[[bytes], None], data: bytes, expected: list[tuple[str, str]]
) -> None:
    stdin(data)
    assert [(article.id, article.text) for article in good("-", "-")] == expected


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_named_pipe_is_read_as_standard_input_is(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    pieces = [b"\n", lines({"text": "A"})]
    writer = threading.Thread(target=lambda: (tmp_path / "pipe").write_bytes(b"".join(pieces)))
    writer.start()
    assert [article.id for article in good(tmp_path / "pipe")] == ["pipe:2"]
    writer.join()


def test_blank_lines_sent_alone_do_not_hide_the_json_behind_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pieces = joined(iter([b"\n", b" \n", b'{"text": "A"}']))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(pieces))
    assert [(article.id, article.text) for article in good("-")] == [("-:3", "A")]


NEWS = {
    "en": "The mayor said “we won’t close the bridge” on Tuesday – in the café. ",
    "ru": "Президент заявил во вторник, что переговоры возобновятся на следующей неделе. ",
    "ar": "قال الرئيس يوم الثلاثاء إن المفاوضات مع النقابات ستستأنف الأسبوع المقبل. ",
    "ko": "대통령은 화요일에 노조와의 협상이 다음 주에 재개될 것이라고 밝혔다. ",
    "zh": "总统星期二表示，与工会的谈判将于下周恢复。他在会议结束后补充说。",
}
ENCODINGS = [
    *(("en", "utf-8"), ("en", "utf-8-sig"), ("en", "utf-16"), ("en", "cp1252")),
    *(("ru", "cp1251"), ("ru", "koi8-r"), ("ru", "utf-16"), ("ar", "cp1256")),
    *(("ko", "euc-kr"), ("zh", "gb18030"), ("zh", "utf-8"), ("zh", "utf-16")),
]


@pytest.mark.parametrize(("language", "encoding"), ENCODINGS)
def test_encodings_are_found_in_texts_and_in_json_lines(
    tmp_path: Path, language: str, encoding: str
) -> None:
    text = NEWS[language] * 3
    record = json.dumps({"text": text, "id": "b"}, ensure_ascii=False)
    (tmp_path / "a.txt").write_bytes(text.encode(encoding))
    (tmp_path / "b.jsonl").write_bytes(f'{{"text": "plain"}}\n{record}\n'.encode(encoding))
    problems: list[Problem] = []
    found = [article.text for article in read([tmp_path], problems=problems)]
    assert found == [text, "plain", text]
    told = [] if encoding.startswith("utf") else [f"{tmp_path}/a.txt", f"{tmp_path}/b.jsonl:2"]
    assert [problem.where for problem in problems] == told
    for problem in problems:
        assert problem.what.startswith("nothing says in which encoding it is; it was read as ")
        assert not problem.skipped


def test_the_guess_at_an_encoding_looks_where_the_text_stops_being_ascii(tmp_path: Path) -> None:
    text = "Weather. " * 20_000 + NEWS["ru"] * 5 + "Weather. " * 20_000
    (tmp_path / "a.txt").write_bytes(text.encode("cp1251"))
    (article,) = read([tmp_path], problems=[])
    assert article.text == text


def test_utf_16_without_its_mark_is_known_by_its_nul_bytes(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes((NEWS["en"] * 3).encode("utf-16-le"))
    assert good(tmp_path)[0].text == NEWS["en"] * 3


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)
RECORDS = st.lists(st.fixed_dictionaries({"text": TEXT, "id": TEXT.filter(str.strip)}), min_size=1)


@settings(deadline=None)
@given(RECORDS, st.booleans(), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_texts_come_out_of_json_lines_as_they_went_in(
    records: list[dict[str, str]], escaped: bool, encoding: str
) -> None:
    written = "".join(json.dumps(record, ensure_ascii=escaped) + "\n" for record in records)
    problems: list[Problem] = []
    # in pieces of one byte, so that no character or line is whole in any of them
    stream = joined(bytes([byte]) for byte in written.encode(encoding))
    found = list(READERS[".jsonl"](stream, Source("a", "a"), problems))
    assert [(a.text, a.id) for a in found if isinstance(a, Article)] == [
        (record["text"], record["id"]) for record in records
    ]
    assert len(found) == len(records)
    assert problems == []


@settings(deadline=None)
@given(TEXT.filter(str.strip))
def test_a_text_comes_out_of_a_text_file_as_it_went_in(text: str) -> None:
    problems: list[Problem] = []
    found = list(READERS[".txt"](joined(iter([text.encode()])), Source("a", "a"), problems))
    assert [a.text for a in found if isinstance(a, Article)] == [text.removeprefix("\ufeff")]
    assert problems == []


def test_progress_counts_the_articles(tmp_path: Path) -> None:
    class StoryResult(Silent):
        def __init__(self) -> None:
            self.steps: list[object] = []

        def stage(self, name: str, total: int | None) -> None:
            self.steps.append((name, total))

        def advance(self, n: int) -> None:
            self.steps.append(n)

    write(tmp_path, a_jsonl=lines({"text": "A"}, {"text": "B"}))
    told = StoryResult()
    good(tmp_path, progress=told)
    assert told.steps == [("read", None), 1, 1]


def test_reading_is_lazy(tmp_path: Path) -> None:
    write(tmp_path, a_txt="A", b_txt="B")
    problems: list[Problem] = []
    found = read([tmp_path], problems=problems)
    assert next(found).text == "A"
    (tmp_path / "b.txt").write_text("changed")
    assert next(found).text == "changed"
