"""`dedup clean` of Parquet and JSON lines: the same files, with one copy of what repeats."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

import dedup
from dedup.cli.main import cli
from dedup.metadata.normalise import described
from dedup.output import one_shard, shards
from dedup.output.row_ids import Place, RowIds, Shared, hashes
from dedup.output.shards import text_span
from dedup.readers.field_names import FieldNames
from dedup.readers.unique_ids import distinct_ids
from dedup.records import Article

RAIN = "Rain is due in the hills tonight and will last until Sunday, the weather office said."
WEIR = "The weir at Tolme jammed in the night and put the lower row of cottages under water."
OWLS = "Two owls moved into the organ of Saint Brede and were coaxed out with a lamp and a net."
SALT = "The salt pans south of the harbour were drained for the first time since the war ended."
SHORT = "Read it here"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, [*arguments])


def cleaned(*arguments: str, code: int = 0) -> dict[str, Any]:
    done = run("clean", *arguments, "--json", "-q")
    assert done.exit_code == code, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def bodies() -> list[str]:
    """The texts of six rows; of each line the first copy is the one to keep."""
    return [
        f"{RAIN}\n{SHORT}\nOnly the first has this line of its own.",
        f"{RAIN}\n{SHORT}\nThe second one says something else again here.",
        WEIR,
        f"{OWLS}\nNobody else tells of the owls' third visit.",
        f"{WEIR}\n{OWLS}",
        f"{SALT}\nAnd so the pans were filled again by the sea.",
    ]


def table(texts: Sequence[str | None], first: int = 0) -> pa.Table:
    """A table with columns of many types."""
    count = len(texts)
    names = [f"{first + n:03}" for n in range(count)]
    return pa.table(
        {
            "id": pa.array(names, pa.large_string()),
            "site": pa.array([f"s{n % 3}" for n in range(count)]).dictionary_encode(),
            "text": pa.array(texts, pa.large_string()),
            "date": pa.array([f"2024-05-{1 + first + n:02}" for n in range(count)]),
            "nested": pa.array([{"a": [n, None], "b": {"c": "x" * n}} for n in range(count)]),
            "amount": pa.array([Decimal("1.50")] * count, pa.decimal128(9, 2)),
            "when": pa.array([n * 1000 for n in range(count)], pa.timestamp("ms", "Europe/Berlin")),
            "raw": pa.array([bytes([n, 255]) for n in range(count)]),
            "none": pa.nulls(count),
            "some": pa.array([None if n % 2 else n for n in range(count)], pa.int16()),
            "map": pa.array([[("k", n)] for n in range(count)], pa.map_(pa.string(), pa.int32())),
        }
    ).replace_schema_metadata({"made by": "hand"})


def shards_of(folder: Path, *parts: Sequence[str | None], rows: int = 2) -> None:
    folder.mkdir()
    first = 0
    for number, texts in enumerate(parts):
        place = folder / f"part-{number}.parquet"
        pq.write_table(table(texts, first), place, row_group_size=rows, compression="zstd")
        first += len(texts)


def lines_of(path: Path, records: Sequence[dict[str, Any]]) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in records))


def records() -> list[dict[str, Any]]:
    dates = (f"2024-05-0{n + 1}" for n in range(6))
    rows = zip(bodies(), dates, strict=True)
    return [{"id": f"{n}", "date": date, "text": text} for n, (text, date) in enumerate(rows)]


def told(place: Path) -> list[dict[str, Any]]:
    """What the tables of a cleaned collection list, in the order of the files."""
    found: list[dict[str, Any]] = []
    for path in sorted((place / "dropped").rglob("*")):
        if path.suffix == ".parquet":
            found += pq.read_table(path).to_pylist()
        elif path.suffix == ".gz":
            found += map(json.loads, gzip.decompress(path.read_bytes()).splitlines())
        elif path.is_file():
            found += map(json.loads, path.read_bytes().splitlines())
    return found


# -- Parquet --------------------------------------------------------------------------------------


def test_parquet_keeps_its_columns_types_order_groups_and_metadata(here: Path) -> None:
    shards_of(here / "in", bodies()[:3], [*bodies()[3:], None, "", "Rain."])
    done = cleaned("in", "-o", "once", code=5)  # a row has no text
    left = [
        pq.read_table(here / "in" / "part-0.parquet"),
        pq.read_table(here / "in" / "part-1.parquet").filter(pa.array([True, False] + [True] * 4)),
    ]
    for number, expected in enumerate(left):
        path = here / "once" / f"part-{number}.parquet"
        written, was = pq.ParquetFile(path), pq.ParquetFile(here / "in" / path.name)
        assert written.schema_arrow.equals(was.schema_arrow, check_metadata=True)
        assert written.num_row_groups == was.num_row_groups
        assert written.metadata.row_group(0).column(0).compression == "ZSTD"
        found = written.read()
        assert found.drop(["text"]).equals(expected.drop(["text"]))
    texts = [pq.read_table(here / "once" / f"part-{n}.parquet")["text"].to_pylist() for n in (0, 1)]
    first, second, weir, owls, _, salt = bodies()
    second = second.removeprefix(f"{RAIN}\n")
    assert texts == [[first, second, weir], [owls, salt, None, "", "Rain."]]
    assert (done["rows"], done["written"], done["left_out"], done["changed"]) == (9, 8, 1, 1)


@pytest.mark.parametrize(
    "kind",
    [
        pa.string(),
        pa.large_string(),
        pa.string_view(),
        pa.binary(),
        pa.large_binary(),
        pa.dictionary(pa.int8(), pa.string()),
        pa.dictionary(pa.int32(), pa.large_string()),
    ],
    ids=str,
)
def test_a_text_keeps_its_type_whatever_that_is(here: Path, kind: pa.DataType) -> None:
    plain = kind.value_type if pa.types.is_dictionary(kind) else kind
    values = pa.array(bodies(), pa.string()).cast(plain)
    column = values.dictionary_encode().cast(kind) if plain != kind else values
    (here / "in").mkdir()
    pq.write_table(pa.table({"text": column}), here / "in" / "a.parquet")
    assert cleaned("in", "-o", "once")["changed"] == 1
    found = pq.read_table(here / "once" / "a.parquet")["text"]
    assert found.type == pq.ParquetFile(here / "in" / "a.parquet").schema_arrow.field("text").type
    texts = [value.decode() if isinstance(value, bytes) else value for value in found.to_pylist()]
    assert texts == [
        bodies()[0],
        bodies()[1].removeprefix(f"{RAIN}\n"),
        *bodies()[2:4],
        bodies()[5],
    ]


def test_texts_that_are_no_utf_8_keep_their_bytes(here: Path) -> None:
    broken = "Málaga in the rain.".encode("latin-1")
    raw = pa.array([*(text.encode() for text in bodies()), broken], pa.binary())
    (here / "in").mkdir()
    pq.write_table(pa.table({"text": raw.view(pa.string())}), here / "in" / "a.parquet")
    cleaned("in", "-o", "once")
    found = pq.read_table(here / "once" / "a.parquet")["text"].cast(pa.binary())
    assert found.to_pylist()[-1] == broken


def test_a_file_of_no_rows_and_one_of_which_none_is_left_keep_their_schema(here: Path) -> None:
    shards_of(here / "in", bodies()[:4], [bodies()[4]], [])
    cleaned("in", "-o", "once")
    for number in (1, 2):
        found = pq.ParquetFile(here / "once" / f"part-{number}.parquet")
        assert found.metadata.num_rows == 0
        assert found.schema_arrow.names == table([]).schema.names


# -- JSON lines -----------------------------------------------------------------------------------


def test_lines_that_lose_nothing_keep_every_byte(here: Path) -> None:
    kept = [
        b'{"text":  "Wind\\u00e9 and \\u0041 weather", "n": 1.50, "big": 12345678901234567890}\n',
        b'{"text": "No wind.", "x": [ ]}\n',
        b"\n",
        b"this is not JSON\n",
        b'{"no text": true}\r\n',
        b'{"id": "dup", "id": "dup2", "text": "Doubled."}\n',
        '{"text": "Málaga"}\n'.encode("latin-1"),
    ]
    lost = json.dumps({"a": 1, "text": bodies()[1], "z": [1.0]}).encode() + b"\n"
    first = json.dumps({"date": "2024-01-01", "text": bodies()[0]}).encode() + b"\n"
    last = b'{"text": "No line break at the end."}'
    (here / "in").mkdir()
    (here / "in" / "a.jsonl").write_bytes(first + b"".join(kept) + lost + last)
    done = cleaned("in", "-o", "once", code=5)
    left = bodies()[1].removeprefix(f"{RAIN}\n")
    changed = lost.replace(json.dumps(bodies()[1]).encode(), json.dumps(left).encode())
    written = (here / "once" / "a.jsonl").read_bytes()
    assert written == first + b"".join(kept) + changed + last
    assert (done["rows"], done["written"], done["changed"]) == (9, 9, 1)


@pytest.mark.parametrize("suffix", ["", ".gz", ".bz2", ".xz", ".zst"])
def test_packed_lines_are_packed_again(here: Path, suffix: str) -> None:
    lines_of(here / "in" / "plain.jsonl", records())
    with shards.compressed(here / "in" / f"a.jsonl{suffix}", suffix) as file:
        file.write((here / "in" / "plain.jsonl").read_bytes())
    (here / "in" / "plain.jsonl").unlink(missing_ok=bool(suffix))
    if not suffix:
        lines_of(here / "in" / "a.jsonl", records())
    done = cleaned("in", "-o", "once")
    assert (done["rows"], done["left_out"]) == (6, 1)
    result = dedup.scan(here / "once")
    assert len(result.articles) == 5


def test_utf_16_is_written_in_utf_8(here: Path) -> None:
    lines_of(here / "in" / "a.jsonl", records())
    text = (here / "in" / "a.jsonl").read_text()
    (here / "in" / "a.jsonl").write_text(text, encoding="utf-16")
    assert cleaned("in", "-o", "once")["left_out"] == 1
    rows = (here / "once" / "a.jsonl").read_text().splitlines()
    assert [json.loads(row)["id"] for row in rows] == ["0", "1", "2", "3", "5"]


def test_a_mark_at_the_beginning_stays(here: Path) -> None:
    lines_of(here / "in" / "a.jsonl", records())
    text = (here / "in" / "a.jsonl").read_text()
    (here / "in" / "a.jsonl").write_text(text, encoding="utf-8-sig")
    cleaned("in", "-o", "once")
    assert (here / "once" / "a.jsonl").read_bytes().startswith(b"\xef\xbb\xbf{")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=8,
)


@given(
    st.dictionaries(st.text(max_size=4), VALUES, max_size=4),
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    st.booleans(),
    st.sampled_from([(",", ":"), (" , ", " : "), (",\t", ":  ")]),
)
def test_only_the_text_of_a_line_is_replaced(
    record: dict[str, Any], text: str, ascii_only: bool, separators: tuple[str, str]
) -> None:
    record |= {"text": text} | {"last": 1}
    line = json.dumps(record, ensure_ascii=ascii_only, separators=separators)
    start, end = text_span(line, text, FieldNames())
    assert json.loads(line[start:end]) == text
    assert json.loads(f'{line[:start]}"new"{line[end:]}') == record | {"text": "new"}


# -- what is left and what is told ----------------------------------------------------------------


def test_counts_add_up_and_each_dropped_paragraph_stands_where_the_table_says(here: Path) -> None:
    shards_of(here / "in", bodies()[:2], bodies()[2:4], bodies()[4:])
    done = cleaned("in", "-o", "once")
    rows = told(here / "once")
    assert done["rows"] == done["written"] + done["left_out"] == 6
    assert done["paragraphs"] == len(rows) == 3
    assert done["words"] == sum(row["words"] for row in rows)
    account = json.loads((here / "once" / "clean.json").read_text())
    assert {name: account[name] for name in done} == done
    for row in rows:
        was = pq.read_table(row["file"])["text"][row["row"] - 1].as_py()
        assert was[row["start"] : row["end"]] == row["text"]
        kept = pq.read_table(row["kept_file"])
        assert kept["id"][row["kept_row"] - 1].as_py() == row["kept_article"]
        left = pq.read_table(here / "once" / Path(row["kept_file"]).name)["text"].to_pylist()
        assert any(row["text"] in (text or "") for text in left)
        assert (row["relation"], row["similarity"]) == ("identical", 1.0)


def test_what_a_scan_found_before_gives_the_same(here: Path) -> None:
    shards_of(here / "in", bodies()[:3], bodies()[3:])
    run("scan", "in", "-o", "out", "-q")
    cleaned("in", "-o", "one")
    cleaned("in", "-o", "two", "--from", "out")
    for path in (here / "one").rglob("*.parquet"):
        assert path.read_bytes() == (here / "two" / path.relative_to(here / "one")).read_bytes()


def test_an_index_that_took_the_files_tells_what_goes(here: Path) -> None:
    shards_of(here / "in", bodies()[:3], bodies()[3:])
    assert run("index", "add", "news.index", "in", "-q").exit_code == 0
    done = cleaned("in", "-o", "once", "--from", "news.index")
    assert (done["rows"], done["left_out"], done["changed"]) == (6, 1, 1)
    assert not (here / "once" / ".found").exists()


def test_by_stories_rows_go_whole(here: Path) -> None:
    body = f"{RAIN}\n{WEIR}\n{OWLS}"
    lines_of(here / "in" / "a.jsonl", [{"id": "x", "text": body, "date": "2024-01-01"}])
    again = {"id": "y", "text": f"{RAIN}\n{WEIR}", "date": "2024-01-02"}
    lines_of(here / "in" / "b.jsonl", [again, {"id": "z", "text": SALT}])
    done = cleaned("in", "-o", "once", "--stories")
    assert (done["rows"], done["left_out"], done["paragraphs"]) == (3, 1, 0)
    (row,) = told(here / "once")
    assert (row["row"], row["text"], row["kept_article"]) == (1, again["text"], "x")
    assert row["paragraph"] is None
    assert row["similarity"] == 1.0
    assert json.loads((here / "once" / "b.jsonl").read_text())["id"] == "z"
    assert (here / "once" / "stayed.jsonl").read_text() == ""


def test_a_row_that_is_another_one_again_goes_whole(here: Path) -> None:
    page = {"id": "p", "url": "https://herald.example/rain", "text": SALT}
    rows = [
        *records(),
        records()[2],
        page,
        {**page, "id": "q", "url": "https://herald.example/rain?utm_source=x"},
        {"id": "0", "text": "Another text under the first id, which is no copy at all."},
    ]
    lines_of(here / "in" / "a.jsonl", rows)
    done = cleaned("in", "-o", "once", code=5)  # the repeats are told
    assert done["repeats"] == 2
    left = [json.loads(line) for line in (here / "once" / "a.jsonl").read_text().splitlines()]
    assert sorted(row["id"] for row in left).count("0") == 2
    assert [row["id"] for row in left].count("2") == 1
    again = [row for row in told(here / "once") if row["paragraph"] is None]
    assert {(row["row"], row["kept_row"]) for row in again} == {(9, 8), (7, 3)}


@pytest.mark.parametrize(
    ("options", "gone"),
    [
        ((), 1),
        (("--least-words", "3"), 2),
        (("--least-words", "17"), 0),
    ],
)
def test_least_words_says_which_lines_go(here: Path, options: tuple[str, ...], gone: int) -> None:
    lines_of(here / "in" / "a.jsonl", records()[:2])
    assert cleaned("in", "-o", "once", *options)["paragraphs"] == gone


# -- what goes wrong ------------------------------------------------------------------------------


def test_a_run_that_was_cut_short_goes_on_with_the_next_file(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shards_of(here / "in", *([text] for text in bodies()))
    cleaned("in", "-o", "whole")
    wrote = shards.rewritten
    done: list[str] = []

    def breaks(table: Any, *rest: Any) -> Any:
        if len(done) == 3:
            raise KeyboardInterrupt
        done.append(table.found.path)
        return wrote(table, *rest)

    monkeypatch.setattr(shards, "rewritten", breaks)
    assert run("clean", "in", "-o", "once").exit_code == 130
    assert sorted(path.name for path in (here / "once").glob("*.parquet")) == [
        f"part-{n}.parquet" for n in range(3)
    ]
    stamps = {path: path.stat().st_mtime_ns for path in (here / "once").glob("*.parquet")}
    monkeypatch.setattr(shards, "rewritten", wrote)
    monkeypatch.setattr(dedup, "scan", lambda *_, **__: pytest.fail("it was scanned before"))
    assert run("clean", "in", "-o", "once", "--stories").exit_code == 4
    cleaned("in", "-o", "once")
    assert all(path.stat().st_mtime_ns == stamp for path, stamp in stamps.items())
    every = {path.relative_to(here / "whole") for path in (here / "whole").rglob("*")}
    assert every == {path.relative_to(here / "once") for path in (here / "once").rglob("*")}
    for path in every:
        if path.suffix == ".parquet" and (here / "once" / path).is_file():
            assert (here / "once" / path).read_bytes() == (here / "whole" / path).read_bytes()
    counts = [json.loads((here / name / "clean.json").read_text()) for name in ("once", "whole")]
    assert counts[0] == counts[1]
    assert run("clean", "in", "-o", "once").exit_code == 4


def test_a_run_that_was_killed_goes_on(here: Path) -> None:
    shards_of(
        here / "in", *([f"{text}\nAnd line {n} here."] for n in range(9) for text in bodies())
    )
    cleaned("in", "-o", "whole")
    run("scan", "in", "-o", "out", "-q")
    command = [sys.executable, "-m", "dedup", "clean", "in", "-o", "once", "--from", "out"]
    env = os.environ | {"PYTHONPATH": str(Path(dedup.__file__).parents[1])}
    progress = here / "once" / ".progress.jsonl"
    with subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL) as running:
        while running.poll() is None:
            if progress.exists() and progress.read_bytes().count(b"\n") > 3:
                running.kill()
                break
    assert running.returncode == -9, "it was done before it could be killed"
    cleaned("in", "-o", "once", "--from", "out")
    for path in (here / "whole").rglob("*.parquet"):
        assert path.read_bytes() == (here / "once" / path.relative_to(here / "whole")).read_bytes()
    left = {path.name for path in (here / "once").iterdir() if path.suffix != ".parquet"}
    assert left == {"clean.json", "dropped"}


def test_what_is_written_into_a_folder_that_is_read_is_not_read_again(here: Path) -> None:
    lines_of(here / "in" / "a.jsonl", records())
    assert cleaned("in", "-o", "in/once")["rows"] == 6
    (here / "in" / "once" / ".progress.jsonl").write_text("{}\n")
    done = run("clean", "in", "-o", "in/once")
    assert (done.exit_code, "holds the beginning of another job" in done.output) == (4, True)


def test_a_folder_whose_files_do_not_fit_together_is_refused(here: Path) -> None:
    lines_of(here / "in" / "a.jsonl", records())
    run("scan", "in", "-o", "out", "-q")
    (here / "out" / "texts.jsonl").write_text("")
    done = run("clean", "in", "-o", "once", "--from", "out")
    assert (done.exit_code, "do not fit together" in done.output) == (4, True), done.output


def test_other_files_among_them_are_named_with_what_to_do(here: Path) -> None:
    lines_of(here / "in" / "a.jsonl", records())
    (here / "in" / "README.md").write_text("Six records of made-up news, for tests alone.")
    done = run("clean", "in", "-o", "once")
    assert "in/README.md is neither Parquet nor JSON lines: name those alone" in done.output


def test_a_damaged_file_costs_itself_and_no_copy_of_what_it_had(here: Path) -> None:
    lines_of(here / "in" / "a.jsonl", records()[:1])
    packed = gzip.compress((here / "in" / "a.jsonl").read_bytes() + b'{"text": "More."}\n' * 999)
    (here / "in" / "a.jsonl").unlink()
    (here / "in" / "a.jsonl.gz").write_bytes(packed[:-9])
    lines_of(here / "in" / "b.jsonl", records()[1:])
    done = cleaned("in", "-o", "once", code=5)
    assert (done["files"], done["unreadable"]) == (1, 1)
    assert not (here / "once" / "a.jsonl.gz").exists()
    left = (here / "once" / "b.jsonl").read_text()
    assert RAIN in left  # the copy to keep was in the damaged file
    assert left.count(WEIR) == left.count(OWLS) == 1


def test_rows_that_the_scan_did_not_see_stay_as_they_are(here: Path) -> None:
    lines_of(here / "in" / "a.jsonl", records())
    run("scan", "in", "-o", "out", "-q")
    changed = records()
    changed[1]["text"] = f"A new beginning.\n{changed[1]['text']}"  # its copy has moved
    changed[3]["text"] = "The owls are gone from here."  # it was to keep their line
    lines_of(here / "in" / "a.jsonl", [*changed, {"id": "new", "text": RAIN}])
    done = cleaned("in", "-o", "once", "--from", "out")
    left = (here / "once" / "a.jsonl").read_text()
    assert done["unknown"] == 2
    assert left.count(RAIN) == 3
    assert left.count(OWLS) == left.count(WEIR) == 1


def test_a_scan_of_something_else_is_refused(here: Path) -> None:
    lines_of(here / "in" / "a.jsonl", records())
    lines_of(here / "other" / "a.jsonl", [{"id": "else", "text": SALT}])
    run("scan", "other", "-o", "out", "-q")
    done = run("clean", "in", "-o", "once", "--from", "out")
    assert done.exit_code == 3
    assert "none of the 6 articles was in the scan" in done.output


REFUSED = [
    # arguments, exit code, what is said
    (["in", "-o", "once", "--share", "0.5"], 2, "give --stories too"),
    (["in", "-o", "once", "--stories", "--least-words", "3"], 2, "are for paragraphs"),
    (["in", "-o", "once", "--from", "out", "--threshold", "0.6"], 2, "leave the settings out"),
    (["in", "-o", "once", "--from", "nowhere"], 4, "there is no such folder"),
    (["in", "-o", "in"], 4, "already holds a.jsonl"),
    (["mixed", "-o", "once", "--from", "out"], 3, "mixed/b.txt is neither"),
    (["in", "-o", "once", "--share", "0"], 2, "not in the range"),
]


@pytest.mark.parametrize(("arguments", "code", "said"), REFUSED)
def test_what_has_no_meaning_is_refused(
    here: Path, arguments: list[str], code: int, said: str
) -> None:
    lines_of(here / "in" / "a.jsonl", records())
    lines_of(here / "mixed" / "a.jsonl", records())
    (here / "mixed" / "b.txt").write_text(RAIN)
    run("scan", "in", "-o", "out", "-q")
    done = run("clean", *arguments)
    assert (done.exit_code, said in done.output) == (code, True), done.output


def test_files_of_one_name_in_several_folders_stay_apart(here: Path) -> None:
    lines_of(here / "one" / "a.jsonl", records()[:3])
    lines_of(here / "two" / "a.jsonl", records()[3:])
    lines_of(here / "two" / "clean.json", [{"id": "c", "text": SALT}])
    cleaned("one/a.jsonl", "two/a.jsonl", "two/clean.json", "-o", "once")
    assert sorted(path.name for path in (here / "once").iterdir()) == [
        "a-2.jsonl",
        "a.jsonl",
        "clean-2.json",
        "clean.json",
        "dropped",
    ]


def test_the_lists_beside_a_cleaned_collection_are_not_read_with_it(here: Path) -> None:
    lines_of(here / "in" / "a.jsonl", records())
    cleaned("in", "-o", "once")
    assert {article.id for article in dedup.scan(here / "once").articles} == set("01235")


# -- which article a row is -----------------------------------------------------------------------

ARTICLES = st.lists(
    st.builds(
        Article,
        id=st.sampled_from(["a", "b", "a#2", "c"]),
        text=st.sampled_from(["Rain.", "Sun.", "Rain. "]),
        site=st.sampled_from([None, "herald", "post"]),
        url=st.sampled_from([None, "https://herald.example/1", "https://herald.example/1?utm_x=1"]),
        title=st.sampled_from([None, "T"]),
    ),
    max_size=7,
)


@given(ARTICLES)
def test_rows_are_the_articles_that_a_scan_makes_of_them(articles: list[Article]) -> None:
    places: list[Place] = [(0, number) for number in range(len(articles))]

    def rows() -> Iterator[tuple[Place, Article]]:
        return zip(places, articles, strict=True)

    several = Shared([hashes(articles)])
    ids = RowIds({place: article for place, article in rows() if several.has(article)})
    expected = {
        (article.id, article.text)
        for article in distinct_ids(described([replace(a) for a in articles], []), [])
    }
    found = {
        (ids.of(place, article.id), article.text)
        for place, article in rows()
        if place not in ids.repeats
    }
    assert {id_ for id_, _ in found} >= {id_ for id_, _ in expected}
    assert {id_ for id_, text in expected} >= set(ids.repeats.values())
    assert expected <= found


def test_a_limit_of_memory_is_a_row_group(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shards_of(here / "in", bodies() * 20, rows=10)
    largest = 0
    changes = one_shard.Changes.of

    def noting(self: Any, batch: list[Any]) -> Any:
        nonlocal largest
        largest = max(largest, len(batch))
        return changes(self, batch)

    monkeypatch.setattr(one_shard.Changes, "of", noting)
    cleaned("in", "-o", "once")
    assert largest == 10
    shutil.rmtree(here / "once")


def test_the_recipe_for_hugging_face_datasets_works(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("datasets")
    lines_of(here / "news.jsonl", [{**one, "label": [1, 2]} for one in records()])
    page = Path(__file__).parent.parent / "docs" / "howto" / "collections.md"
    (code,) = re.findall(r"```py\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
    command = f"{sys.executable!r}, '-m', 'dedup'"
    monkeypatch.setenv("HF_HOME", str(here / "hub"))
    monkeypatch.setenv("PYTHONPATH", str(page.parents[2]))
    ran = subprocess.run(
        [sys.executable, "-c", code.replace('"dedup"', command)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    words = sum(len(line.split()) for line in (RAIN, WEIR, OWLS))
    assert ran.stdout.splitlines()[-1] == f"6 rows, 5 left, {words} words dropped"
