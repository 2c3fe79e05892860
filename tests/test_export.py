from __future__ import annotations

import csv
import json
import os
import re
import sqlite3
import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from made_up import link, newsroom, wire_story

import dedup
from dedup import files
from dedup.errors import OutputError, SettingsError
from dedup.files import cell
from dedup.output import reader, writer
from dedup.output.export import FORMATS, export
from dedup.output.tables import TABLES
from dedup.records import Article


@pytest.fixture
def out(tmp_path: Path) -> Path:
    writer.write(wire_story(), tmp_path / "out")
    return tmp_path / "out"


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


# -- tables -------------------------------------------------------------------------------------


def test_the_table_of_members_has_a_row_for_each_article_of_each_story(out: Path) -> None:
    assert export(out, "csv", out.parent / "members.csv") == 6
    found = table(out.parent / "members.csv")
    assert [(row["story"][-1], row["article"], row["role"]) for row in found] == [
        ("1", "north/f.txt", "original"),
        ("1", "gazette/f.txt", "copy"),
        ("1", "post/f.txt", "extended"),
        ("1", "strait/f.txt", "excerpt"),
        ("2", "rain/1", "kept"),
        ("2", "rain/2", "copy"),
    ]
    assert found[2] == {
        "story": "5f0c0ffee0000001",
        "story_title": "Ferry aground",
        "story_articles": "4",
        "story_sites": "4",
        "story_source": "NW",
        "article": "post/f.txt",
        "role": "extended",
        "kept": "false",
        "first": "false",
        "site": "post",
        "owner": "",
        "title": "Choir safe",
        "url": "",
        "published": "",
        "published_utc": "",
        "words": "64",
        "credit": "",
        "share_of_member": "0.7124",
        "share_of_canonical": "0.98",
        "lag_least": "0",
        "lag_most": "86400",
        "confidence": "0.6",
        "supersedes": "",
        "added": "0",
        "changed": "3",
        "cut": "",
    }
    assert (found[0]["kept"], found[0]["first"], found[3]["cut"]) == ("true", "true", "1 2")


def test_the_table_of_links_has_a_row_for_each_pair(out: Path) -> None:
    assert export(out, "csv", out.parent / "links.csv", "links") == 5
    first, *_, last = table(out.parent / "links.csv")
    assert (first["a_site"], first["b_site"], first["lag_least"]) == ("gazette", "north", "4800")
    assert first["reasons"] == "the agency's own copy; published 1 h 20 min before"
    assert (last["first"], last["lag_least"], last["reasons"]) == ("", "", "")


@pytest.mark.parametrize("what", TABLES)
def test_parquet_holds_what_csv_holds_with_types(out: Path, what: str) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    dedup.scan("samples/newsroom", outlets="samples/outlets.toml").write(out)
    assert export(out, "parquet", out.parent / "x.parquet", what) > 0
    export(out, "csv", out.parent / "x.csv", what)
    found = parquet.read_table(out.parent / "x.parquet").to_pylist()
    columns = TABLES[what]
    assert list(found[0]) == [column.name for column in columns]
    for typed, plain in zip(found, table(out.parent / "x.csv"), strict=True):
        for column in columns:
            value, text = typed[column.name], plain[column.name]
            if column.kind == "moment":
                assert text == (value.isoformat().replace("+00:00", "Z") if value else "")
            elif value is None or column.kind == "text":
                assert text == cell(value or "")
            elif column.kind in ("whole", "number"):
                assert float(text) == value
            elif column.kind == "yes or no":
                assert text == str(value).lower()
            else:
                assert text == (" " if column.kind == "numbers" else "; ").join(map(str, value))


DATES = [
    # what is known of the date, the moment it stands for
    ("2024-03-08T10:00:30+01:00", "2024-03-08T09:00:30Z"),
    ("2024-03-08T10:00Z", "2024-03-08T10:00:00Z"),
    ("2024-03-08T10:00:30", ""),
    ("2024-03-08", ""),
    ("2024", ""),
    ("2999-03-08T10:00Z", ""),
]


@pytest.mark.parametrize(("known", "moment"), DATES)
def test_a_time_is_told_where_zone_and_minute_are_known_and_the_text_beside_it(
    tmp_path: Path, known: str, moment: str
) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    result = wire_story()
    result.articles = [replace(article, date=known) for article in result.articles]
    writer.write(result, tmp_path / "out")
    export(tmp_path / "out", "csv", tmp_path / "x.csv")
    export(tmp_path / "out", "parquet", tmp_path / "x.parquet")
    row = table(tmp_path / "x.csv")[0]
    assert (row["published"], row["published_utc"]) == (known, moment)
    typed = parquet.read_table(tmp_path / "x.parquet").to_pylist()[0]
    assert typed["published"] == known
    assert typed["published_utc"] == (datetime.fromisoformat(moment) if moment else None)


def test_links_of_a_small_share_can_be_left_out(out: Path) -> None:
    assert export(out, "csv", out.parent / "x.csv", "links", 0.0) == 5
    assert export(out, "csv", out.parent / "x.csv", "links", 0.99) == 4
    shares = [(float(r["share_of_a"]), float(r["share_of_b"])) for r in table(out.parent / "x.csv")]
    assert all(max(pair) >= 0.99 for pair in shares)


SENSELESS: list[tuple[str, str | None, float | None, str]] = [
    ("docx", None, None, "--to is 'docx'; it must be one of csv, parquet, xlsx, sqlite, graphml"),
    ("csv", "nodes", None, "--what is 'nodes'; it must be one of members, links"),
    ("graphml", "links", None, "--what links has no meaning for a graph"),
    ("graphml", "members", None, "--what members has no meaning for a graph"),
    ("gexf", "clusters", None, "--what clusters has no meaning for a graph"),
    ("csv", None, 0.5, "--min-share chooses among links; give --what links or --to graphml too"),
    ("parquet", "members", 0.5, "--min-share chooses among links"),
    ("csv", "links", 1.5, "--min-share is 1.5; it must lie in 0 to 1"),
]


@pytest.mark.parametrize(("to", "what", "share", "message"), SENSELESS)
def test_choices_without_meaning_are_refused(
    out: Path, to: str, what: str | None, share: float | None, message: str
) -> None:
    with pytest.raises(SettingsError, match=message):
        export(out, to, out.parent / "x", what, share)
    assert not (out.parent / "x").exists()


def test_parquet_without_pyarrow_names_what_to_install(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(OutputError, match=r"pip install 'news-dedup\[arrow\]'"):
        export(out, "parquet", out.parent / "x.parquet")
    assert [path.name for path in out.parent.iterdir()] == ["out"]


@pytest.mark.parametrize("to", ["csv", "parquet", "graphml"])
def test_text_that_utf8_cannot_hold_is_escaped(tmp_path: Path, to: str) -> None:
    pytest.importorskip("pyarrow")
    result = wire_story()
    articles = list(result.articles)
    articles[1] = Article("north/f.txt", articles[1].text, title="odd \ud800 title")
    result.articles = articles
    writer.write(result, tmp_path / "out")
    export(tmp_path / "out", to, tmp_path / "file")
    assert rb"odd \ud800 title" in (tmp_path / "file").read_bytes()


@pytest.mark.parametrize("to", ["csv", "parquet", "graphml"])
def test_a_scan_without_stories_gives_an_empty_file_of_the_kind(tmp_path: Path, to: str) -> None:
    pytest.importorskip("pyarrow")
    result = newsroom()
    result.summary |= {"stories": 0, "links": 0}
    writer.write(result, tmp_path / "out")
    assert export(tmp_path / "out", to, tmp_path / "file") == 0
    assert (tmp_path / "file").stat().st_size > 0


# -- the graph ----------------------------------------------------------------------------------


def read(out: Path) -> Any:
    networkx = pytest.importorskip("networkx")
    export(out, "graphml", out.parent / "x.graphml")
    return networkx.read_graphml(out.parent / "x.graphml")


def test_edges_lead_from_who_had_it_first_and_both_ways_where_that_is_unknown(out: Path) -> None:
    graph = read(out)
    known = {(a, b) for a, b, data in graph.edges(data=True) if data["known"]}
    assert known == {("north/f.txt", "gazette/f.txt"), ("north/f.txt", "post/f.txt")}
    unknown = {(a, b) for a, b, data in graph.edges(data=True) if not data["known"]}
    assert unknown == {(b, a) for a, b in unknown}
    assert len(unknown) == 2 * 3
    assert graph.to_undirected().number_of_edges() == 5


def test_what_an_edge_tells_is_told_of_its_target(out: Path) -> None:
    edges = read(out).edges
    assert edges["north/f.txt", "post/f.txt"] == {
        "weight": 44.0,
        "kind": "extended",
        "share_of_source": 0.98,
        "share_of_target": 0.7124,
        "known": True,
        "confidence": 0.6,
        "lag_least": 0.0,
        "lag_most": 86400.0,
    }
    assert edges["gazette/f.txt", "strait/f.txt"]["kind"] == "excerpt"
    assert edges["strait/f.txt", "gazette/f.txt"]["kind"] == "extended"
    assert edges["strait/f.txt", "gazette/f.txt"]["share_of_target"] == 0.3333
    assert "lag_least" not in edges["strait/f.txt", "gazette/f.txt"]


def test_nodes_are_the_articles_that_share_text(out: Path) -> None:
    nodes = read(out).nodes
    assert sorted(nodes) == [article.id for article in wire_story().articles]
    assert nodes["north/f.txt"] == {
        "label": "Ferry aground",
        "site": "north",
        "url": "https://n.test/f",
        "words": 48,
        "agency": "NW",
        "story": "5f0c0ffee0000001",
        "role": "original",
    }
    assert nodes["strait/f.txt"]["label"] == "=Ferry <&> \\x0b"  # what XML cannot hold, escaped


def test_ids_with_characters_of_xml_come_back_as_they_are(tmp_path: Path) -> None:
    result = wire_story()
    names = ["<a> & \"b\" 'c'", "tab\tand\nline", "台风/مرحبا"]
    result.articles = [Article(name, "Rain.") for name in sorted(names)]
    result.stories = []
    result.links = [link(names[0], name, "copy", (1.0, 1.0), 30) for name in names[1:]]
    writer.write(result, tmp_path / "out")
    assert set(read(tmp_path / "out").nodes) == set(names)


def test_the_graph_is_xml_that_any_reader_takes(out: Path) -> None:
    export(out, "graphml", out.parent / "x.graphml")
    root = ElementTree.parse(out.parent / "x.graphml").getroot()
    space = "{http://graphml.graphdrawing.org/xmlns}"
    keys = {key.get("id") for key in root.iter(f"{space}key")}
    assert {data.get("key") for data in root.iter(f"{space}data")} <= keys
    assert [graph.get("edgedefault") for graph in root.iter(f"{space}graph")] == ["directed"]


def test_gexf_holds_the_same_graph_with_days(out: Path) -> None:
    networkx = pytest.importorskip("networkx")
    result = wire_story()
    result.articles = [replace(article, date="2025-10-14") for article in result.articles]
    writer.write(result, out)
    graph = read(out)
    assert export(out, "gexf", out.parent / "x.gexf") == graph.number_of_edges()
    dated = networkx.read_gexf(out.parent / "x.gexf", version="1.3")
    assert dated.is_directed()
    assert set(dated.nodes) == set(graph.nodes)
    assert dated.nodes["north/f.txt"]["start"] == "2025-10-14"
    for source, target, data in graph.edges(data=True):
        assert dated.edges[source, target]["weight"] == data["weight"]
        assert dated.edges[source, target]["known"] == data["known"]


@pytest.mark.parametrize("to", ["graphml", "gexf"])
def test_the_network_of_sites_leads_from_whose_text_it_is(out: Path, to: str) -> None:
    networkx = pytest.importorskip("networkx")
    assert export(out, to, out.parent / "x", "sites") == 2
    more = {"version": "1.3"} if to == "gexf" else {}
    graph = getattr(networkx, f"read_{to}")(out.parent / "x", **more)
    assert graph.edges["north", "gazette"]["weight"] == 45
    assert graph.nodes["gazette"]["articles"] == 1


# -- the other tables ---------------------------------------------------------------------------


def test_passages_are_exported_with_both_texts(tmp_path: Path) -> None:
    dedup.scan("samples/told-twice").write(tmp_path / "out")
    assert export(tmp_path / "out", "csv", tmp_path / "x.csv", "passages") == 5
    found = {row["a_article"]: row for row in table(tmp_path / "x.csv")}
    told = found["alder-echo/reservoir.txt"]
    assert (told["scope"], told["a_paragraph"], told["b_paragraph"]) == ("within-article", "2", "4")
    assert told["shared"].startswith("in May that the crack had grown by a hand's width")
    assert "The office had learned" in told["b_text"]


def test_outlets_hold_what_shares_are_taken_of(tmp_path: Path) -> None:
    dedup.scan("samples/newsroom", outlets="samples/outlets.toml").write(tmp_path / "out")
    export(tmp_path / "out", "csv", tmp_path / "x.csv", "outlets")
    rows = table(tmp_path / "x.csv")
    known = reader.summary(tmp_path / "out")
    for name in ("articles", "words"):
        assert sum(int(row[name]) for row in rows) == known[name]


def test_a_workbook_and_a_database_hold_every_table(out: Path) -> None:
    pytest.importorskip("xlsxwriter")
    rows = sum(export(out, "csv", out.parent / "x.csv", what) for what in TABLES)
    assert export(out, "sqlite", out.parent / "x.db") == rows
    assert export(out, "xlsx", out.parent / "x.xlsx") == rows
    base = sqlite3.connect(out.parent / "x.db")
    (row,) = base.execute("SELECT title, added FROM members WHERE article = 'post/f.txt'")
    assert row == ("Choir safe", "[0]")
    base.close()
    with zipfile.ZipFile(out.parent / "x.xlsx") as book:
        assert sum(name.startswith("xl/worksheets/sheet") for name in book.namelist()) == len(
            TABLES
        )
    assert export(out, "xlsx", out.parent / "x.xlsx", "stories") == 2


def test_a_workbook_without_xlsxwriter_names_what_to_install(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    with pytest.raises(OutputError, match=r"pip install 'news-dedup\[xlsx\]'"):
        export(out, "xlsx", out.parent / "x.xlsx")
    assert [path.name for path in out.parent.iterdir()] == ["out"]


def test_a_table_that_is_too_long_for_a_sheet_is_refused(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("xlsxwriter")
    monkeypatch.setattr("dedup.output.workbook.MOST_ROWS", 5)
    assert export(out, "xlsx", out.parent / "x.xlsx", "links") == 5
    with pytest.raises(OutputError, match="more rows than a sheet holds"):
        export(out, "xlsx", out.parent / "x.xlsx", "members")


# -- the file -----------------------------------------------------------------------------------


def test_an_earlier_file_is_replaced_and_nothing_is_left_beside_it(out: Path) -> None:
    (out.parent / "x.csv").write_text("earlier")
    export(out, "csv", out.parent / "x.csv")
    assert table(out.parent / "x.csv")
    assert sorted(path.name for path in out.parent.iterdir()) == ["out", "x.csv"]


def test_a_file_that_cannot_be_finished_leaves_the_earlier_one(out: Path) -> None:
    (out.parent / "x.csv").write_text("earlier")
    lines = (out / "stories.jsonl").read_text().splitlines()
    row = json.loads(lines[1])
    del row["members"][1]["role"]
    (out / "stories.jsonl").write_text(f"{lines[0]}\n{json.dumps(row)}\n")
    with pytest.raises(OutputError, match="do not fit together"):
        export(out, "csv", out.parent / "x.csv")
    assert (out.parent / "x.csv").read_text() == "earlier"
    assert sorted(path.name for path in out.parent.iterdir()) == ["out", "x.csv"]


def test_missing_parents_of_the_file_are_made(out: Path) -> None:
    assert export(out, "csv", out.parent / "deep" / "er" / "x.csv") == 6


def test_an_interrupted_writing_leaves_nothing(tmp_path: Path) -> None:
    def interrupted() -> None:
        with files.replaced_file(tmp_path / "x") as partial:
            partial.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert list(tmp_path.iterdir()) == []


FULL_DISK = """
import resource, sys
from dedup.errors import OutputError
from dedup.output.export import export
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    export(sys.argv[1], sys.argv[2], sys.argv[3])
except OutputError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows bounds no size of files")
@pytest.mark.parametrize("to", FORMATS)
def test_a_disk_that_takes_no_more_is_named_and_nothing_is_left(out: Path, to: str) -> None:
    if to in ("xlsx", "parquet"):
        pytest.importorskip("xlsxwriter" if to == "xlsx" else "pyarrow")
    (out.parent / "temp").mkdir()
    (out.parent / "x").write_text("earlier")
    ran = subprocess.run(
        [sys.executable, "-c", FULL_DISK, out, to, out.parent / "x"],
        env={**os.environ, "TMPDIR": str(out.parent / "temp")},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    assert re.search(r"x: cannot be written: .+; name another file with -o$", ran.stdout)
    assert (out.parent / "x").read_text() == "earlier"
    assert sorted(path.name for path in out.parent.iterdir()) == ["out", "temp", "x"]
    assert not list((out.parent / "temp").iterdir())


def older(out: Path) -> Path:
    (out / "summary.json").write_text('{"format": 1}')
    return out.parent / "x.csv"


def inside(out: Path) -> Path:
    return out / "x.csv"


def a_folder(out: Path) -> Path:
    return out.parent


def below_a_file(out: Path) -> Path:
    (out.parent / "file").touch()
    return out.parent / "file" / "x.csv"


@pytest.mark.parametrize(
    ("file", "message"),
    [
        (older, "an older dedup wrote it, without stories; scan again"),
        (inside, "lies in the folder that is read; name another file with -o"),
        (a_folder, "is no plain file; name another one with -o"),
        (below_a_file, "cannot be written: .*; name another file with -o"),
    ],
)
def test_what_cannot_be_exported_is_refused(out: Path, file: Any, message: str) -> None:
    with pytest.raises(OutputError, match=message):
        export(out, "csv", file(out))


@pytest.mark.parametrize("title", ["=1+1", "+1", "-1 degree", "@desk", "Rain"])
def test_no_spreadsheet_takes_a_text_for_a_formula(tmp_path: Path, title: str) -> None:
    text = "The ferry between Quellmouth and Dorn Island will stop running after dark. " * 3
    articles = [dedup.Article(str(n), text, title=title, site=f"{n}.example") for n in range(2)]
    dedup.scan(articles).write(tmp_path / "out")
    export(tmp_path / "out", "csv", tmp_path / "x.csv")
    quoted = title if title == "Rain" else f"'{title}"
    assert {row["title"] for row in table(tmp_path / "x.csv")} == {quoted}
