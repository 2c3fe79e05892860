"""Parquet, Arrow and Feather: what becomes an article, and what is told of columns and damage."""

from __future__ import annotations

import gzip
import io
import struct
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import feather

from dedup.errors import Problem
from dedup.readers import arrow, read
from dedup.readers.compression import joined
from dedup.readers.protocol import Source
from dedup.records import Article


def parquet(table: Any, **options: Any) -> bytes:
    out = io.BytesIO()
    pq.write_table(table, out, **options)
    return out.getvalue()


def arrow_file(table: Any) -> bytes:
    out = io.BytesIO()
    feather.write_feather(table, out)
    return out.getvalue()


def arrow_stream(table: Any) -> bytes:
    out = io.BytesIO()
    with pa.ipc.new_stream(out, table.schema) as writer:
        writer.write_table(table, max_chunksize=2)
    return out.getvalue()


FORMATS = [(".parquet", parquet), (".arrow", arrow_file), (".feather", arrow_file)]
FORMATS += [(".arrow", arrow_stream)]
EACH = pytest.mark.parametrize(("suffix", "written"), FORMATS)
Written = Callable[[Any], bytes]


def told(path: Path, data: bytes, **options: Any) -> tuple[list[Article], list[str]]:
    """Read a file: its articles, and what is told, with the path as `*`."""
    path.write_bytes(data)
    problems: list[Problem] = []
    found = list(read([path], problems=problems, **options))
    return found, [str(problem).replace(str(path), "*") for problem in problems]


def good(path: Path, data: bytes, **options: Any) -> list[Article]:
    found, problems = told(path, data, **options)
    assert problems == []
    return found


@EACH
def test_a_row_gives_all_fields(tmp_path: Path, suffix: str, written: Written) -> None:
    row = {
        "text": "It rained.",
        "title": "Rain",
        "url": "http://h.example/1",
        "site": "herald",
        "lang": "en",
        "source": "Bureau",
        "canonical": "http://h.example/",
        "status": "usable",
    }
    times = {
        "date": datetime(2024, 3, 8, 7, 5, tzinfo=UTC),
        "updated": datetime(2024, 3, 9, 7, 5),
    }
    table = pa.Table.from_pylist(
        [{"id": 7, "nested": {"a": 1}, "author": ["A. Byline", "B. Line"], **row, **times}]
    )
    path = tmp_path / f"a{suffix}"
    assert good(path, written(table)) == [
        Article(
            id="7",
            path=str(path),
            author="A. Byline, B. Line",
            date="2024-03-08 07:05:00.000000Z",
            updated="2024-03-09 07:05:00.000000",
            **row,
        )
    ]


@EACH
def test_rows_without_an_id_get_a_number_over_all_batches(
    tmp_path: Path, suffix: str, written: Written
) -> None:
    table = pa.table({"text": [f"Rain {n}." for n in range(2500)], "title": [None] * 2500})
    found = good(tmp_path / f"a{suffix}", written(table))
    assert [(article.id, article.text, article.title) for article in found] == [
        (f"a{suffix}:{n + 1}", f"Rain {n}.", None) for n in range(2500)
    ]


TYPES = [
    (pa.array(["x", None]), ["x", None]),
    (pa.array(["x", ""], pa.large_string()), ["x", None]),
    (pa.array(["x", "x"]).dictionary_encode(), ["x", "x"]),
    (pa.array([b"caf\xc3\xa9", None], pa.binary()), ["café", None]),
    (pa.array([12, None]), ["12", None]),
    (pa.array([1.5, float("nan")]), ["1.5", None]),
    (pa.array([Decimal("1.50"), None]), ["1.50", None]),
    (pa.array([None, None]), [None, None]),
    (pa.array([date(2024, 3, 8), None]), ["2024-03-08", None]),
    (
        pa.array([1531655668123456789, None], pa.timestamp("ns")),
        ["2018-07-15 11:54:28.123456789", None],
    ),
    (pa.array([1531655668], pa.timestamp("s", "Asia/Riyadh")), ["2018-07-15 11:54:28Z"]),
    (pa.array([1531655668], pa.timestamp("s", "No/Where")), ["2018-07-15 11:54:28Z"]),
    (pa.array([10**15], pa.timestamp("s")), ["<value out of range: 1000000000000000>"]),
]


@pytest.mark.parametrize(("column", "expected"), TYPES)
def test_values_of_every_plain_type_are_written_out(
    tmp_path: Path, column: Any, expected: list[str | None]
) -> None:
    table = pa.table({"text": ["Rain."] * len(column), "date": column})
    found = good(tmp_path / "a.arrow", arrow_file(table))
    assert [article.date for article in found] == expected


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.binary()])
def test_texts_that_are_not_utf_8_are_mended_and_told(tmp_path: Path, kind: Any) -> None:
    broken = "Der Regen fällt über die Stadt, Häuser und Straßen.".encode() + b" \xff"
    column = pa.array([broken, b"Sun."], pa.large_binary())
    raw = column.cast(pa.binary()) if kind != pa.large_string() else column
    text = pa.Array.from_buffers(kind, 2, raw.buffers())
    found, messages = told(tmp_path / "a.arrow", arrow_stream(pa.table({"text": text})))
    assert [article.text for article in found] == [
        "Der Regen fällt über die Stadt, Häuser und Straßen. \ufffd",
        "Sun.",
    ]
    assert messages == [
        "*: text: 1 character cannot be read as utf-8 and became U+FFFD (convert the file to UTF-8)"
    ]


@EACH
def test_names_of_columns_can_be_given(tmp_path: Path, suffix: str, written: Written) -> None:
    table = pa.table({"a.b": ["Rain."], "Number": ["7"], "text": ["Sun."]})
    fields = {"text": "a.b", "id": "number"}
    found = good(tmp_path / f"a{suffix}", written(table), fields=fields)
    assert [(article.id, article.text) for article in found] == [("7", "Rain.")]


NAMES = "(name the one that does with --field text=NAME; its columns: id, body)"
ANOTHER = "(make it one of strings, or name another: --field text=NAME)"
STRINGS = "(make it one of strings)"
STRING = "(make it a string, here and wherever else it is none)"
COLUMNS = [
    (
        pa.table({"id": ["1"], "body": ["x"]}),
        0,
        [f"*: there is no column 'text', which should hold the text {NAMES}"],
    ),
    (
        pa.table({"text": [{"body": "x"}]}),
        0,
        [f"*: the column 'text' holds struct<body: string>, not text {ANOTHER}"],
    ),
    (pa.table({"text": [12]}), 0, [f"*: the column 'text' holds int64, not text {ANOTHER}"]),
    (
        pa.table({"text": ["Rain."], "title": [["a"]], "url": [{"a": 1}]}),
        1,
        [
            f"*:1: the field 'title' holds a list; it counts as missing {STRING}",
            f"*: the column 'url' holds struct<a: int64>; it counts as missing {STRINGS}",
        ],
    ),
]


@EACH
@pytest.mark.parametrize(("table", "articles", "messages"), COLUMNS)
def test_columns_that_cannot_be_read_are_named(
    tmp_path: Path, suffix: str, written: Written, table: Any, articles: int, messages: list[str]
) -> None:
    found, problems = told(tmp_path / f"a{suffix}", written(table))
    assert len(found) == articles
    assert sorted(problems) == sorted(messages)


@EACH
def test_a_row_without_a_text_is_told_and_the_run_goes_on(
    tmp_path: Path, suffix: str, written: Written
) -> None:
    found, (message,) = told(tmp_path / f"a{suffix}", written(pa.table({"text": [None, "Rain."]})))
    assert [article.text for article in found] == ["Rain."]
    assert message.startswith("*:1: there is no field 'text', which should hold the text (name the")


@EACH
def test_compressed_and_piped_data_is_read_like_any(
    tmp_path: Path, suffix: str, written: Written
) -> None:
    data = written(pa.table({"id": ["1"], "text": ["Rain."]}))
    assert [article.id for article in good(tmp_path / f"a{suffix}.gz", gzip.compress(data))] == [
        "1"
    ]
    stream = joined(iter([data[:50], data[50:]]))
    assert [article.id for article in arrow.read(stream, Source("a", "a"), [])] == ["1"]


@EACH
@pytest.mark.parametrize("kept", [0.02, 0.5, 0.99])
def test_damaged_data_is_told(tmp_path: Path, suffix: str, written: Written, kept: float) -> None:
    data = written(pa.table({"text": [f"Rain fell on day {n * 7919}." for n in range(5000)]}))
    _, messages = told(tmp_path / f"a{suffix}", data[: int(len(data) * kept)])
    assert len(messages) == 1
    assert messages[0].startswith("*: the data is damaged (")


def test_data_that_breaks_off_inside_a_compression_is_told_once(tmp_path: Path) -> None:
    data = gzip.compress(arrow_stream(pa.table({"text": [f"Rain {n}." for n in range(5000)]})))
    found, messages = told(tmp_path / "a.arrow.gz", data[: len(data) // 2])
    assert found
    assert len(messages) == 1
    assert "the .gz data breaks off" in messages[0]


@EACH
def test_a_table_without_rows_gives_none(tmp_path: Path, suffix: str, written: Written) -> None:
    assert (
        good(tmp_path / f"a{suffix}", written(pa.table({"text": pa.array([], pa.string())}))) == []
    )


def test_only_the_columns_that_are_read_are_decoded(tmp_path: Path) -> None:
    table = pa.table({"text": ["Rain."] * 9, "body": [f"{n}" * 1000 for n in range(9)]})
    data = bytearray(parquet(table, use_dictionary=False, compression="none"))
    at = data.index(b"3" * 1000)
    data[at - 4 : at] = b"\xff\xff\xff\x7f"  # the length of a value of the other column
    assert len(good(tmp_path / "a.parquet", bytes(data))) == 9
    found, messages = told(tmp_path / "a.parquet", bytes(data), fields={"text": "body"})
    assert found == []
    assert len(messages) == 1


def test_a_missing_pyarrow_is_told_with_the_line_to_type(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = parquet(pa.table({"text": ["Rain."]}))
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    found, (message,) = told(tmp_path / "a.parquet", data)
    assert found == []
    assert message == (
        "*: reading Parquet and Arrow needs the package pyarrow "
        "(type: pip install 'news-dedup[arrow]')"
    )


def test_offsets_that_lead_out_of_a_column_are_damage(tmp_path: Path) -> None:
    offsets = pa.py_buffer(struct.pack("<3i", 0, 2**30, 5))
    column = pa.Array.from_buffers(pa.string(), 2, [None, offsets, pa.py_buffer(b"Rain.")])
    for name, writer in (("a.arrow", pa.ipc.new_file), ("b.arrow", pa.ipc.new_stream)):
        with writer(str(tmp_path / name), pa.schema([("text", pa.string())])) as file:
            file.write_batch(pa.RecordBatch.from_arrays([column], ["text"]))
    problems: list[Problem] = []
    assert list(read([tmp_path], problems=problems)) == []
    assert ["the data is damaged" in problem.what for problem in problems] == [True, True]
