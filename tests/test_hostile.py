"""No string in any field steers a terminal, ends a command, or becomes a formula or markup."""

from __future__ import annotations

import csv
import json
import re
import sqlite3
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hostile import HOSTILE, hostile_articles

import dedup
from dedup.files import FORMULAS
from dedup.output import ranked_passages, reader
from dedup.output.export import FORMATS, export
from dedup.output.schema import ARTICLES, CLUSTERS, STORIES
from dedup.output.tables import TABLES
from dedup.terminal import summary
from dedup.terminal.screen import Plain, visible
from dedup.terminal.show import show

STEERING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029\ud800-\udfff]"
)


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("hostile") / "out"
    dedup.scan(hostile_articles()).write(place)
    return place


def ids(place: Path) -> Iterator[str]:
    """Ids of what is found, of every kind; of articles those that can be named in one word."""
    yield from (row["story"] for row in list(reader.rows(place, STORIES))[:9])
    yield from (row["cluster"] for row in list(reader.rows(place, CLUSTERS))[:9])
    yield from (one.id for one in ranked_passages.heaviest(place, 9).within)
    yield from (row["article"] for row in list(reader.rows(place, ARTICLES))[::3])


def test_there_are_at_least_forty_of_them_and_all_are_articles(out: Path) -> None:
    assert len(HOSTILE) >= 40
    assert reader.summary(out)["articles"] == 3 * len(HOSTILE)


@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_summary_holds_no_control_and_fits(
    out: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    summary.summarise(out)
    printed = capsys.readouterr().out
    assert not STEERING.search(printed.replace("\n", ""))
    tables = printed.split("\nread ")[0].splitlines()
    from rich.cells import cell_len

    assert max(map(cell_len, tables)) <= width


def test_showing_anything_of_it_holds_no_control(
    out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for what in ("stories", "passages", "clusters", "sites"):
        show(out, None, 100, Plain(80), what=what)
    for name in ids(out):
        show(out, name, 5, Plain(80))
    first, second, *_ = (row["article"] for row in reader.rows(out, ARTICLES))
    show(out, first, 5, Plain(80), other=second)
    assert not STEERING.search(capsys.readouterr().out.replace("\n", ""))


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_made_visible_is_one_line_without_controls(text: str) -> None:
    assert not STEERING.search(visible(text))
    assert visible("plain – “text”, مرحبا 台风") == "plain – “text”, مرحبا 台风"


@pytest.mark.parametrize("what", TABLES)
def test_no_cell_of_csv_is_a_formula_and_every_row_reads_back(out: Path, what: str) -> None:
    path = out.parent / f"{what}.csv"
    count = export(out, "csv", path, what)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    before = csv.field_size_limit(1 << 30)  # it is one for the whole process
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file))
    finally:
        csv.field_size_limit(before)
    assert len(rows) == count + 1
    kinds = [column.kind for column in TABLES[what]]
    for row in rows[1:]:
        assert len(row) == len(kinds)
        for cell, kind in zip(row, kinds, strict=True):
            if kind in ("text", "texts"):
                assert not cell or cell[0] not in FORMULAS


@pytest.mark.parametrize("to", FORMATS)
def test_every_format_is_written(out: Path, to: str) -> None:
    path = out.parent / f"x.{to}"
    for module in {"parquet": ["pyarrow"], "xlsx": ["xlsxwriter"]}.get(to, []):
        pytest.importorskip(module)
    assert export(out, to, path) > 0
    CHECKS.get(to, lambda _: None)(path)


def a_workbook(path: Path) -> None:
    with zipfile.ZipFile(path) as book:
        for name in book.namelist():
            ElementTree.fromstring(book.read(name))
            assert b"<f>" not in book.read(name)


def a_database(path: Path) -> None:
    base = sqlite3.connect(path)
    names = {row[0] for row in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert names == set(TABLES)
    titles = {row[0] for row in base.execute("SELECT title FROM articles")}
    assert "'; DROP TABLE articles; --" in titles
    for (cut,) in base.execute("SELECT cut FROM members"):
        assert isinstance(json.loads(cut), list)
    base.close()


def a_graph(path: Path) -> None:
    ElementTree.parse(path)


CHECKS: dict[str, Any] = {
    "xlsx": a_workbook,
    "sqlite": a_database,
    "graphml": a_graph,
    "gexf": a_graph,
}
