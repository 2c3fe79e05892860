"""Pairs that people judge: drawn blind, read back, scored with intervals."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import dedup
from dedup.cli.main import cli
from dedup.errors import InputError
from dedup.evaluation import sheet
from dedup.evaluation.sheet_scores import score, wilson
from dedup.output import passages, reader
from dedup.output.passages import Choice
from dedup.output.schema import LINKS, STORIES
from dedup.records import RELATIONS


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("sheet") / "out"
    dedup.scan("samples/newsroom", outlets="samples/outlets.toml").write(place)
    return place


def filled(rows: list[dict[str, object]], labels: dict[object, str], path: Path) -> Path:
    for row in rows:
        row["label"] = labels.get(row["pair"], "")
    path.write_bytes(sheet.encoded(rows))
    return path


def ours(out: Path, rows: list[dict[str, object]]) -> dict[object, str]:
    """What the scan says of each pair of paragraphs."""
    known: dict[frozenset[tuple[object, object]], str] = {}
    for one in passages.every(out, Choice(relations=RELATIONS)):
        relation = "duplicate" if one.relation == "identical" else one.relation
        known[frozenset((o.article, o.paragraph) for o in (one.a, one.b))] = relation
    return {
        row["pair"]: known.get(
            frozenset({(row[f"{s}_article"], row[f"{s}_paragraph"]) for s in "ab"}), "unrelated"
        )
        for row in rows
    }


def test_a_sheet_tells_nothing_of_what_the_scan_says(out: Path) -> None:
    rows = sheet.draw(out, 40, "relation", "paragraphs", 1)
    assert tuple(rows[0]) == sheet.COLUMNS
    assert {row["label"] for row in rows} == {row["first"] for row in rows} == {""}
    text = sheet.encoded(rows).decode("utf-8-sig").split("\n", 1)[0]
    assert not any(word in text for word in ("relation", "evidence", "jaccard", "reason"))
    in_order = [(row["a_article"], row["a_paragraph"]) for row in rows]
    assert in_order != sorted(in_order, key=str)


def test_every_relation_and_pairs_without_any_are_drawn(out: Path) -> None:
    rows = sheet.draw(out, 40, "relation", "paragraphs", 1)
    counts = list(ours(out, rows).values())
    found = {one.relation for one in passages.every(out, Choice(relations=RELATIONS))}
    assert len(rows) == 40
    assert {"duplicate", "passage", "quote", "template", "unrelated"} <= set(counts)
    assert {"duplicate" if name == "identical" else name for name in found} <= set(counts)
    assert counts.count("unrelated") == round(40 * sheet.UNLIKE)


def test_one_seed_draws_the_same_and_another_does_not(out: Path) -> None:
    for what in ("paragraphs", "articles"):
        one, again, other = (sheet.draw(out, 12, "chance", what, seed) for seed in (1, 1, 2))
        assert one == again
        assert one != other


def test_no_more_is_drawn_than_there_is(out: Path) -> None:
    rows = sheet.draw(out, 10_000, "scope", "paragraphs", 1)
    assert len(ours(out, rows)) == len(rows) < 10_000


def test_who_agrees_with_the_scan_finds_all_of_it_right(out: Path, tmp_path: Path) -> None:
    rows = sheet.draw(out, 60, "relation", "paragraphs", 1)
    path = filled(rows, ours(out, rows), tmp_path / "sheet.csv")
    scores = score(out, sheet.read(path))
    assert scores.pairs == 60
    assert {share.right / share.of for share in scores.shares.values()} == {1.0}
    assert {"linked", "found", "relation quote", "clusters"} <= set(scores.shares)


def test_who_differs_finds_it_wrong(out: Path, tmp_path: Path) -> None:
    rows = sheet.draw(out, 60, "relation", "paragraphs", 1)
    path = filled(rows, {row["pair"]: "unrelated" for row in rows}, tmp_path / "sheet.csv")
    shares = score(out, sheet.read(path)).shares
    assert shares["linked"].right == shares["clusters"].right == 0
    assert "found" not in shares
    assert shares["relation unrelated"].right == shares["relation unrelated"].of


def test_articles_and_who_was_first_are_scored(out: Path, tmp_path: Path) -> None:
    rows = sheet.draw(out, 40, "relation", "articles", 3)
    together = {
        frozenset((a["article"], b["article"]))
        for story in reader.rows(out, STORIES)
        for a in story["members"]
        for b in story["members"]
    }
    first = {frozenset((link["a"], link["b"])): link["first"] for link in reader.rows(out, LINKS)}
    labels = {}
    for row in rows:
        pair = frozenset((row["a_article"], row["b_article"]))
        labels[row["pair"]] = "yes" if pair in together else "no"
        row["first"] = {row["a_article"]: "A", row["b_article"]: "b"}.get(first[pair], "")
        assert row["a_text"]
    assert {"yes", "no"} == set(labels.values())
    scores = score(out, sheet.read(filled(rows, labels, tmp_path / "sheet.csv")))
    assert scores.articles == len(rows)
    assert {name: s.right == s.of for name, s in scores.shares.items()} == {
        "stories": True,
        "stories found": True,
        "direction": True,
    }


def test_rows_without_a_label_are_left_out_and_counted(out: Path, tmp_path: Path) -> None:
    rows = sheet.draw(out, 20, "chance", "paragraphs", 1)
    found = sheet.read(filled(rows, {1: " Quote ", 2: "DUPLICATE"}, tmp_path / "sheet.csv"))
    assert [pair.label for pair in found.pairs] == ["quote", "duplicate"]
    assert found.empty == len(rows) - 2


def test_a_sheet_that_a_spreadsheet_saved_with_semicolons_reads_the_same(
    out: Path, tmp_path: Path
) -> None:
    rows = sheet.draw(out, 20, "chance", "paragraphs", 1)
    path = filled(rows, ours(out, rows), tmp_path / "sheet.csv")
    plain = sheet.read(path)
    table = list(csv.reader(io.StringIO(path.read_text("utf-8-sig"), newline="")))
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";", lineterminator="\r\n").writerows(table)
    assert sheet.read(path) == plain


def test_ids_that_look_like_formulas_come_back_as_they_are(tmp_path: Path) -> None:
    rain = "Rain is due in the hills tonight and will last until Sunday, the weather office said."
    articles = [dedup.Article("=1", rain), dedup.Article("-x", rain), dedup.Article("'=1", rain)]
    dedup.scan(articles).write(tmp_path / "out")
    rows = sheet.draw(tmp_path / "out", 5, "chance", "paragraphs", 1)
    path = filled(rows, {row["pair"]: "duplicate" for row in rows}, tmp_path / "sheet.csv")
    names = {end.article for pair in sheet.read(path).pairs for end in (pair.a, pair.b)}
    assert names <= {"=1", "-x", "'=1"}
    assert score(tmp_path / "out", sheet.read(path)).shares["linked"].right == len(rows)


BAD = [
    ("label,what\nquote,paragraphs\n", "the column 'pair' is missing; fill in a sheet"),
    ("", "it has no rows; fill in a sheet that `dedup sample` wrote"),
    (f"{','.join(sheet.COLUMNS)}\n1,paragraphs,maybe\n", ":2: the label is 'maybe', which is none"),
    (f"{','.join(sheet.COLUMNS)}\n1,articles,quote\n", ":2: the label of two articles is 'quote'"),
    (f"{','.join(sheet.COLUMNS)}\n1,articles,yes,c\n", ":2: first is 'c', neither a nor b"),
    (f"{','.join(sheet.COLUMNS)}\n1,paragraphs,\n", "no row has a label; fill in the column"),
    (f"{','.join(sheet.COLUMNS)}\n1,paragraphs,quote\n", ":2: invalid literal for int"),
]


@pytest.mark.parametrize(("text", "message"), BAD)
def test_what_is_no_filled_sheet_is_named(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "sheet.csv").write_text(text)
    with pytest.raises(InputError, match=message):
        sheet.read(tmp_path / "sheet.csv")


def test_the_sheet_of_another_corpus_is_refused(out: Path, tmp_path: Path) -> None:
    rows = sheet.draw(out, 5, "chance", "articles", 1)
    path = filled(rows, {row["pair"]: "yes" for row in rows}, tmp_path / "sheet.csv")
    dedup.scan("samples/told-twice").write(tmp_path / "other")
    with pytest.raises(InputError, match="were not scanned, one is"):
        score(tmp_path / "other", sheet.read(path))


@given(st.integers(1, 400), st.data())
def test_an_interval_holds_its_share_and_narrows_with_more(of: int, data: st.DataObject) -> None:
    right = data.draw(st.integers(0, of))
    share, more = wilson(right, of), wilson(10 * right, 10 * of)
    assert 0 <= share.low <= right / of <= share.high <= 1
    assert more.high - more.low < share.high - share.low


def test_the_commands_write_a_sheet_with_its_guide_and_score_it(out: Path, tmp_path: Path) -> None:
    path = tmp_path / "sheet.csv"
    ran = CliRunner().invoke(cli, ["sample", str(out), "-n", "30", "-o", str(path)])
    assert ran.stdout.startswith("written  30 pairs to")
    assert "stop at the first yes" in (tmp_path / "sheet.guide.md").read_text("utf-8")
    rows = sheet.draw(out, 30, "relation", "paragraphs", 1)
    assert path.read_bytes() == sheet.encoded(rows)
    filled(rows, ours(out, rows), path)
    ran = CliRunner().invoke(cli, ["eval", str(out), str(path)])
    assert ran.exit_code == 0, ran.output
    assert ran.stdout.startswith(
        "judged     30 pairs of paragraphs; 0 rows without a label\nlinked"
    )
    assert "100.0%  (" in ran.stdout
    ran = CliRunner().invoke(cli, ["eval", str(out), str(path), "--json"])
    assert json.loads(ran.stdout)["pairs"] == 30
    ran = CliRunner().invoke(cli, ["eval", str(out), str(path), "--pin", str(tmp_path / "x")])
    assert ran.exit_code == 2
