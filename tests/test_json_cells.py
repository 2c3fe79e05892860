"""Lines that are made of arrays are those that records and `json` make."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from record_rows import record_rows

import dedup
from dedup.output import json_cells
from dedup.output.fields import Fields, Made, Many, OneOf, Rounded, Whole, lines
from dedup.output.schema import CLUSTERS, LINKS, MATCHES, TEXTS, Lines
from dedup.output.writer import encoded

NEWS = Path(__file__).parent.parent / "samples/newsroom"

TRAPS = (
    *('"', "\\", "\n", "\r\t\f\b", "\0", "\x1f", "\x7f", "\x85", "/"),
    *("\u2028", "\u2029", "\ud7ff", "\ue000", "\ufffe", "\U0001f469", "\U0010ffff"),
    *("\ud800", "\udfff", "\ud83d\ude00", "\ude00\ud83d", "\ud7ff\udc00", "\u1160\udc00"),
)
"""Strings that JSON or UTF-8 treats in a way of its own."""

STRINGS = st.lists(st.characters() | st.sampled_from(TRAPS), max_size=8).map("".join)
SCALARS = (
    STRINGS
    | st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
)
SHARES = st.floats(0, 1, width=32) | st.floats(0, 2**20, width=32)


def whole(fields: Fields, rows: int, workers: int = 1) -> bytes:
    """All lines at once."""
    blocks = list(lines(fields, np.full(rows, 100), workers))
    assert sum(number for number, _ in blocks) == rows
    return b"".join(block for _, block in blocks)


@settings(deadline=None)
@given(st.lists(st.tuples(SCALARS, st.lists(STRINGS, max_size=3)), max_size=6))
def test_any_values_are_written_as_json_writes_them(rows: list[tuple[Any, list[str]]]) -> None:
    flat = [one for _, inner in rows for one in inner]
    bounds = np.append(0, np.cumsum([len(inner) for _, inner in rows], dtype=np.int64))
    within: Fields = {'a "key"': OneOf(flat, np.arange(len(flat)))}
    fields: Fields = {
        "one": OneOf([one for one, _ in rows], np.arange(len(rows))),
        "many": Many(str, within, np.arange(len(flat)), bounds[:-1], bounds[1:]),
    }
    expected = [
        {"one": one, "many": [{'a "key"': value} for value in inner]} for one, inner in rows
    ]
    assert whole(fields, len(rows)) == b"".join(map(encoded, expected))


@settings(deadline=None)
@given(st.lists(STRINGS, max_size=8))
def test_strings_are_written_as_json_writes_them(found: list[str]) -> None:
    fields: Fields = {"text": Made(found.__getitem__)}
    assert whole(fields, len(found)) == b"".join(encoded({"text": text}) for text in found)


def test_each_character_is_written_as_json_writes_it() -> None:
    every = [chr(code) for code in (*range(0x900), *range(0xD700, 0x10100), 0x1F600, 0x10FFFF)]
    cells = json_cells.strings(every)
    for text, start, end in zip(every, cells.starts.tolist(), cells.ends.tolist(), strict=True):
        found = b'"' + cells.data[start:end].tobytes() + b'"'
        assert found.decode("utf-8", "surrogatepass") == json.dumps(text, ensure_ascii=False)


@settings(deadline=None)
@given(st.lists(SHARES, max_size=20), st.integers(1, 4))
def test_numbers_are_rounded_and_written_as_python_does(shares: list[float], digits: int) -> None:
    fields: Fields = {"share": Rounded(np.array(shares, np.float32), digits)}
    expected = [{"share": round(share, digits)} for share in shares]
    assert whole(fields, len(shares)) == b"".join(map(encoded, expected))


@pytest.mark.parametrize(
    "share", [0.5, 0.25, 0.125, 0.375, 0.00005, 0.00015, 2.5, 1e-30, 1048576.5]
)
@pytest.mark.parametrize("digits", [1, 2, 3, 4])
def test_what_lies_between_two_numbers_goes_where_python_rounds_it(
    share: float, digits: int
) -> None:
    number = np.array([share], np.float32)
    [found] = json.loads(b"[" + json_cells.rounded(number, digits).data.tobytes() + b"]")
    assert found == round(float(number[0]), digits)


@settings(deadline=None)
@given(st.lists(st.integers(0, 2**62), max_size=20))
def test_whole_numbers_are_written_as_python_does(numbers: list[int]) -> None:
    fields: Fields = {"words": Whole(np.array(numbers, np.int64))}
    assert whole(fields, len(numbers)) == b"".join(encoded({"words": n}) for n in numbers)


def test_many_blocks_in_threads_keep_their_order() -> None:
    fields: Fields = {"n": Whole(np.arange(50_000))}
    assert whole(fields, 50_000, 3) == b"".join(encoded({"n": n}) for n in range(50_000))


WORDS = ["the", "ferry", "ran", "onto", "a", "sandbank", "with", "212", "people", "on", "board"]


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.lists(st.sampled_from(WORDS) | STRINGS, max_size=30), min_size=1, max_size=4),
    st.lists(st.tuples(STRINGS, STRINGS), min_size=2, max_size=2),
)
def test_files_hold_what_records_say(
    paragraphs: list[list[str]], named: list[tuple[str, str]]
) -> None:
    text = "\n".join(" ".join([*WORDS, *words]) for words in paragraphs)
    articles = [
        dedup.Article(f"{name}{number}", text[number:], site=site)
        for number, (name, site) in enumerate([*named, *named])
    ]
    result = dedup.scan(articles)
    for of in (TEXTS, MATCHES, CLUSTERS, LINKS):
        held_to(result, of)


@pytest.mark.parametrize("of", [TEXTS, MATCHES, CLUSTERS, LINKS], ids=lambda of: of.name)
def test_the_files_of_the_sample_newsroom_hold_what_records_say(of: Lines[Any]) -> None:
    result = dedup.scan([NEWS])
    assert len(held_to(result, of)) > 10


def held_to(result: dedup.Result, of: Lines[Any]) -> list[bytes]:
    """Compare a file with the records, and return its lines."""
    records = list(map(encoded, record_rows(result, of)))  # first: made one by one
    found = b"".join(block for _, block in result.lines(of)).splitlines(keepends=True)
    assert found == records
    return found
