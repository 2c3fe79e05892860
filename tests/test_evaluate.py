"""Scores of a scan against gold, on output folders written by hand."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, cast

import pytest
from click.testing import CliRunner, Result

from dedup.cli.main import cli
from dedup.errors import InputError
from dedup.evaluation.gold import parse
from dedup.evaluation.metrics import PairScores, Rates, Scores, evaluate

Row = dict[str, Any]
WIDTH = 100
"""Characters from one paragraph's start to the next one's; ten of them are the break."""


def place(paragraph: int, article: str = "x") -> Row:
    return {"article": article, "start": paragraph * WIDTH, "end": paragraph * WIDTH + 90}


def text(name: str, *paragraphs: int, boilerplate: bool = False) -> Row:
    occurrences = [place(paragraph) | {"paragraph": paragraph} for paragraph in paragraphs]
    return {"text_id": name, "occurrences": occurrences, "boilerplate": boilerplate}


def match(a: str, b: str, relation: str) -> Row:
    return {"a": a, "b": b, "relation": relation}


def cluster(name: str, *paragraphs: int) -> Row:
    members = [place(paragraph) | {"paragraph": paragraph} for paragraph in paragraphs]
    return {"cluster": name, "members": members}


def pair(label: str, a: int, b: int, *, agreed: bool = True) -> Row:
    return {"labels": [label], "agreed": agreed, "a": place(a), "b": place(b)}


def score(
    gold: Sequence[Row],
    texts: Sequence[Row] = (),
    matches: Sequence[Row] = (),
    clusters: Sequence[Row] = (),
) -> Scores:
    lines = [json.dumps(row) for row in gold]
    return evaluate(parse(lines), *cast(Any, ([{"article": "x"}], texts, matches, clusters)))


def pairs(*args: Sequence[Row]) -> PairScores:
    scores = score(*args).pairs
    assert scores is not None
    return scores


# -- what is said of one pair -------------------------------------------------------------------

TWO = (text("s", 0), text("t", 1))


@pytest.mark.parametrize(
    ("texts", "matches", "clusters", "predicted", "linked", "proposed"),
    [
        ([text("s", 0, 1)], [], [], "duplicate", True, True),
        ([text("s", 0, 1, boilerplate=True)], [], [], "boilerplate", True, True),
        (TWO, [match("s", "t", "duplicate")], [], "duplicate", True, True),
        (TWO, [match("t", "s", "passage")], [], "passage", True, True),
        (TWO, [match("s", "t", "rewrite")], [], "rewrite", True, True),
        (TWO, [match("s", "t", "quote")], [], "quote", True, True),
        (TWO, [match("s", "t", "template")], [], "template", False, True),
        (TWO, [match("s", "t", "boilerplate")], [], "boilerplate", False, True),
        (TWO, [match("s", "t", "template")], [cluster("c", 0, 1)], "template", True, True),
        (TWO, [], [cluster("c", 0, 1)], "duplicate", True, True),
        (TWO, [], [cluster("c", 0), cluster("d", 1)], "unrelated", False, False),
        (TWO, [match("s", "u", "duplicate")], [], "unrelated", False, False),
        (TWO[:1], [match("s", "t", "duplicate")], [], "unrelated", False, False),
        ([], [], [], "unrelated", False, False),
    ],
)
def test_a_pair_is_what_the_folder_says_of_its_texts(
    texts: Sequence[Row],
    matches: Sequence[Row],
    clusters: Sequence[Row],
    predicted: str,
    linked: bool,
    proposed: bool,
) -> None:
    (verdict,) = pairs([pair("quote", 0, 1)], texts, matches, clusters).verdicts
    assert (verdict.predicted, verdict.linked, verdict.proposed) == (predicted, linked, proposed)


def test_a_text_without_the_field_standing_is_not_standing() -> None:
    row = text("s", 0, 1)
    del row["boilerplate"]
    assert pairs([pair("duplicate", 0, 1)], [row]).verdicts[0].predicted == "duplicate"


def test_a_place_is_the_paragraph_that_overlaps_it_most() -> None:
    wide = {"article": "x", "start": 60, "end": 180}  # 30 characters of the first, 80 of the second
    gold = [{"labels": ["duplicate"], "a": wide, "b": place(2)}]
    for texts in ([text("s", 0), text("t", 1, 2)], [text("t", 1, 2), text("s", 0)]):
        assert pairs(gold, texts).verdicts[0].linked
    assert not pairs(gold, [text("s", 0, 2), text("t", 1)]).verdicts[0].linked


# -- the scores of pairs ------------------------------------------------------------------------


def judged(label: str, relation: str | None, number: int) -> tuple[Row, list[Row], list[Row]]:
    """A gold pair of two texts of its own, which match in `relation` or not at all."""
    a, b = 2 * number, 2 * number + 1
    texts = [text(f"t{a}", a), text(f"t{b}", b)]
    return pair(label, a, b), texts, [match(f"t{a}", f"t{b}", relation)] if relation else []


def tried(*outcomes: tuple[str, str | None]) -> PairScores:
    made = [judged(label, relation, number) for number, (label, relation) in enumerate(outcomes)]
    gold, texts, matches = zip(*made, strict=True)
    return pairs(gold, list(chain(*texts)), list(chain(*matches)))


def test_linked_counts_labels_of_reuse_against_template_and_unrelated() -> None:
    scores = tried(
        ("duplicate", "passage"),  # found, of another relation
        ("quote", "quote"),
        ("passage", "template"),  # missed, but proposed
        ("rewrite", None),  # missed
        ("unrelated", "quote"),  # wrong
        ("template", "template"),
    )
    assert (scores.linked.precision, scores.linked.recall) == (2 / 3, 2 / 4)
    assert scores.linked.f1 == pytest.approx(4 / 7)
    assert scores.proposed == 3 / 4


def test_pairs_of_boilerplate_count_for_the_relation_only() -> None:
    plain = tried(("duplicate", "duplicate"))
    scores = tried(("duplicate", "duplicate"), ("boilerplate", "duplicate"), ("boilerplate", None))
    assert (scores.linked, scores.proposed) == (plain.linked, plain.proposed)
    assert scores.relation_f1 == {"duplicate": pytest.approx(2 / 3), "boilerplate": 0.0}


def test_pairs_on_which_the_annotators_differ_are_left_out() -> None:
    gold = [pair("duplicate", 0, 1), pair("quote", 2, 3, agreed=False)]
    scores = pairs(gold, [text("s", 0, 1)])
    assert (scores.pairs, scores.left_out) == (1, 1)
    assert list(scores.relation_f1) == ["duplicate"]
    assert scores.linked == Rates(1.0, 1.0, 1.0)


def test_the_macro_f1_is_over_the_relations_of_the_gold_with_and_without_unrelated() -> None:
    scores = tried(
        ("duplicate", "duplicate"),
        ("passage", "duplicate"),
        ("unrelated", None),
        ("unrelated", "rewrite"),  # rewrite is no label here: no term of its own
    )
    assert scores.relation_f1 == pytest.approx(
        {"duplicate": 2 / 3, "passage": 0.0, "unrelated": 2 / 3}
    )
    assert scores.relation_macro_f1 == pytest.approx(1 / 3)
    assert scores.relation_macro_f1_with_unrelated == pytest.approx(4 / 9)


def test_the_confusion_table_counts_each_label_against_each_relation() -> None:
    scores = tried(("quote", "rewrite"), ("quote", "rewrite"), ("quote", None))
    assert {name: n for name, n in scores.confusion["quote"].items() if n} == {
        "rewrite": 2,
        "unrelated": 1,
    }
    assert sum(sum(row.values()) for row in scores.confusion.values()) == scores.pairs


def test_where_nothing_is_to_be_found_and_nothing_was_the_rates_are_one() -> None:
    assert tried(("unrelated", None)).linked == Rates(1.0, 1.0, 1.0)
    assert tried(("unrelated", "quote")).linked == Rates(0.0, 0.0, 0.0)


# -- the scores of clusters ---------------------------------------------------------------------


def clustered(gold: Sequence[Sequence[int]], found: Sequence[Sequence[int]]) -> Any:
    rows = [
        {"cluster": number, "members": list(map(place, members))}
        for number, members in enumerate(gold)
    ]
    paragraphs = sorted({paragraph for members in found for paragraph in members})
    texts = [text(f"t{paragraph}", paragraph) for paragraph in paragraphs]
    scores = score(rows, texts, [], [cluster(str(n), *members) for n, members in enumerate(found)])
    assert scores.pairs is None
    return scores.clusters


ALL = Rates(1.0, 1.0, 1.0)


@pytest.mark.parametrize(
    ("gold", "found", "pairwise", "bcubed", "ari"),
    [
        ([[0, 1, 2], [3, 4]], [[0, 1, 2], [3, 4]], ALL, ALL, 1.0),
        ([[0, 1], [2, 3]], [], Rates(0.0, 0.0, 0.0), Rates(1.0, 0.5, 2 / 3), 0.0),
        ([[0, 1], [2, 3]], [[0, 1, 2, 3]], Rates(2 / 6, 1.0, 0.5), Rates(0.5, 1.0, 2 / 3), 0.0),
        # by hand: 2 of the 4 couples of each side are shared; of 10 couples 1.6 by chance
        (
            [[0, 1, 2], [3, 4]],
            [[0, 1], [2, 3, 4]],
            Rates(0.5, 0.5, 0.5),
            Rates(11 / 15, 11 / 15, 11 / 15),
            0.4 / 2.4,
        ),
        ([[0], [1]], [], ALL, ALL, 1.0),
        # clusters may hold more than the gold knows
        ([[0, 1]], [[0, 1, 7, 8]], ALL, ALL, 1.0),
    ],
)
def test_clusters_are_scored_by_pairs_by_members_and_against_chance(
    gold: Sequence[Sequence[int]],
    found: Sequence[Sequence[int]],
    pairwise: Rates,
    bcubed: Rates,
    ari: float,
) -> None:
    scores = clustered(gold, found)
    for name, wanted in (("pairwise", pairwise), ("bcubed", bcubed)):
        rates = getattr(scores, name)
        assert rates.precision == pytest.approx(wanted.precision)
        assert rates.recall == pytest.approx(wanted.recall)
        assert rates.f1 == pytest.approx(wanted.f1)
    assert scores.ari == pytest.approx(ari)


def test_gold_may_hold_pairs_and_clusters() -> None:
    gold = [pair("duplicate", 0, 1), {"cluster": 1, "members": [place(0), place(1)]}]
    scores = score(gold, [text("s", 0, 1)], [], [cluster("c", 0, 1)])
    assert scores.pairs is not None
    assert scores.clusters is not None
    assert scores.pairs.linked.f1 == scores.clusters.ari == 1.0


# -- gold that is none --------------------------------------------------------------------------

PLACE = json.dumps(place(0))


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("", "gold: holds no pair and no cluster"),
        ("{", "gold:1: Expecting"),
        ("7", "gold:1: "),
        ("{}", "gold:1: 'labels' is missing"),
        ('{"labels": ["quote"]}', "gold:1: 'a' is missing"),
        ('{"labels": []}', "gold:1: the label is None, which is none of duplicate"),
        ('{"labels": ["copy"]}', "gold:1: the label is 'copy', which is none of duplicate"),
        ('{"labels": ["quote"], "a": {"article": "x"}}', "gold:1: 'start' is missing"),
        (
            '{"labels": ["quote"], "a": {"article": "x", "start": 9, "end": 9}}',
            "gold:1: a place goes from 9 to 9",
        ),
        ('{"cluster": 1}', "gold:1: 'members' is missing"),
        (f'{{"cluster": 1, "members": [{PLACE}, {PLACE}]}}', "stands in two clusters"),
    ],
)
def test_a_line_without_meaning_is_named_with_the_remedy(line: str, complaint: str) -> None:
    with pytest.raises(InputError) as caught:
        parse([line])
    assert complaint in str(caught.value)
    assert 'a line is {"labels"' in str(caught.value)


def test_gold_of_another_corpus_is_refused() -> None:
    gold = parse([json.dumps(pair("quote", 0, 1))])
    with pytest.raises(InputError, match="1 articles of the gold were not scanned, one is 'x'"):
        evaluate(gold, cast(Any, [{"article": "y"}]), [], [], [])


def test_gold_of_which_all_is_in_dispute_is_refused() -> None:
    with pytest.raises(InputError, match="differ on every pair"):
        score([pair("quote", 0, 1, agreed=False)])


# -- the command --------------------------------------------------------------------------------


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a corpus, its scan `out`, and `gold` that it finds three quarters of."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "corpus.jsonl").write_text('{"id": "x", "text": "It rained."}\n')
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "summary.json").write_text('{"format": 1}')
    write("out/articles.jsonl", [{"article": "x", "path": "corpus.jsonl"}])
    write("out/texts.jsonl", [text("s", 0, 1), text("t", 2, 3)])
    write("out/matches.jsonl", [])
    write("out/clusters.jsonl", [cluster("c", 0, 1)])
    write("gold", [pair("duplicate", 0, 1), pair("quote", 4, 5)])
    return tmp_path


def write(name: str, rows: Sequence[Mapping[str, Any]]) -> None:
    Path(name).write_text("".join(f"{json.dumps(row)}\n" for row in rows))


def run(*args: str) -> Result:
    return CliRunner().invoke(cli, ["eval", "out", "gold", *args], prog_name="dedup")


def test_the_command_prints_the_scores(here: Path) -> None:
    shown = run()
    assert shown.exit_code == 0
    assert "linked     precision 1.000, recall 0.500, F1 0.667" in shown.output
    assert "relations  macro F1 0.500, 0.500 with unrelated" in shown.output
    assert "proposed   0.500" in shown.output


def test_the_command_prints_the_scores_of_clusters(here: Path) -> None:
    write("gold", [{"cluster": 1, "members": [place(0), place(1)]}])
    shown = run()
    assert shown.exit_code == 0
    assert "B-cubed    precision 1.000, recall 1.000, F1 1.000" in shown.output
    assert "linked" not in shown.output


def test_the_scores_are_printed_as_json_with_every_pair(here: Path) -> None:
    shown = json.loads(run("--json").output)
    assert shown["clusters"] is None
    assert shown["pairs"]["linked"]["recall"] == 0.5
    assert [verdict["pair"] for verdict in shown["pairs"]["verdicts"]] == ["1", "2"]


@pytest.mark.parametrize(
    ("name", "code", "complaint"),
    [("gold", 3, "gold: cannot be read"), ("out/summary.json", 4, "out: is no output")],
)
def test_a_missing_file_is_named(here: Path, name: str, code: int, complaint: str) -> None:
    Path(name).unlink()
    shown = run()
    assert (shown.exit_code, shown.stdout) == (code, "")
    assert complaint in shown.stderr


# -- floors -------------------------------------------------------------------------------------


def test_pinned_floors_name_both_checksums_and_hold_for_the_same_run(here: Path) -> None:
    assert run("--pin", "floors.json").exit_code == 0
    floors = json.loads(Path("floors.json").read_text())
    assert list(floors) == ["corpus_sha256", "gold_sha256", "linked_f1", "relation_macro_f1"]
    assert {len(floors["corpus_sha256"]), len(floors["gold_sha256"])} == {64}
    assert (floors["linked_f1"], floors["relation_macro_f1"]) == (0.6667, 0.5)
    assert run("--floors", "floors.json").exit_code == 0


def test_a_score_under_its_floor_fails_after_the_scores_are_printed(here: Path) -> None:
    run("--pin", "floors.json")
    write("out/texts.jsonl", [])
    write("out/clusters.jsonl", [])
    shown = run("--floors", "floors.json")
    assert shown.exit_code == 1
    assert "linked     precision" in shown.stdout
    assert "under the floor of floors.json: linked_f1 is 0.0, the floor 0.6667" in shown.stderr
    assert "--lower" in shown.stderr


def test_a_floor_is_lowered_only_when_that_is_said(here: Path) -> None:
    run("--pin", "floors.json")
    before = Path("floors.json").read_text()
    write("out/texts.jsonl", [])
    write("out/clusters.jsonl", [])
    refused = run("--pin", "floors.json")
    assert (refused.exit_code, Path("floors.json").read_text()) == (1, before)
    assert "would lower a floor: linked_f1 is 0.0" in refused.stderr
    assert run("--pin", "floors.json", "--lower").exit_code == 0
    assert json.loads(Path("floors.json").read_text())["linked_f1"] == 0.0


def test_a_floor_is_raised_without_a_word(here: Path) -> None:
    run("--pin", "floors.json")
    write("out/texts.jsonl", [text("s", 0, 1), text("t", 4), text("u", 5)])
    write("out/matches.jsonl", [match("t", "u", "quote")])
    assert run("--pin", "floors.json").exit_code == 0
    assert json.loads(Path("floors.json").read_text())["linked_f1"] == 1.0


@pytest.mark.parametrize(("name", "what"), [("corpus.jsonl", "corpus"), ("gold", "gold file")])
def test_floors_of_another_corpus_or_gold_are_refused(here: Path, name: str, what: str) -> None:
    run("--pin", "floors.json")
    Path(name).write_text(Path(name).read_text() + "\n")
    shown = run("--floors", "floors.json")
    assert shown.exit_code == 1
    assert f"its floors are for another {what}" in shown.stderr


def test_a_corpus_of_several_files_has_no_checksum(here: Path) -> None:
    write("out/articles.jsonl", [{"article": name, "path": f"{name}.txt"} for name in "xy"])
    run("--pin", "floors.json")
    assert json.loads(Path("floors.json").read_text())["corpus_sha256"] is None
    assert run("--floors", "floors.json").exit_code == 0


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (None, "cannot be read"),
        ("{", "cannot be read"),
        ("[]", "is no JSON object"),
        ('{"linked_f1": 95}', "linked_f1 is 95, not a number from 0 to 1"),
    ],
)
def test_a_file_that_holds_no_floors_is_named(
    here: Path, content: str | None, complaint: str
) -> None:
    if content is not None:
        Path("floors.json").write_text(content)
    shown = run("--floors", "floors.json")
    assert shown.exit_code == 3
    assert f"floors.json: {complaint}" in shown.stderr
    assert "--pin" in shown.stderr


def test_floors_in_a_folder_that_is_not_there_cannot_be_written(here: Path) -> None:
    shown = run("--pin", "none/floors.json")
    assert shown.exit_code == 4
    assert "cannot be written" in shown.stderr


def test_lower_without_pin_has_no_meaning(here: Path) -> None:
    assert run("--lower").exit_code == 2


# -- what a corpus that was left out would say --------------------------------------------------

MEASURED = Path(__file__).parent / "data" / "measured_pairs.tsv.gz"


def cross(*args: str) -> Result:
    return CliRunner().invoke(cli, ["eval", *args], prog_name="dedup")


def test_cross_prints_the_corpora_left_out_beside_rules_of_one_line() -> None:
    shown = cross("--cross", str(MEASURED))
    assert shown.exit_code == 0
    head, _, *rows = shown.output.splitlines()
    assert head.endswith("| fnc | helsinki | kcna | press | reuters | saudi | usnews | pooled |")
    assert [row.split("|")[1].strip() for row in rows] == [
        "left out",
        "all in (the weights that are shipped)",
        "the scan when the numbers were written",
        "longest run >= 9",
        "best single measure, cut for each corpus",
    ]
    assert "nan" not in shown.output


def test_cross_stands_alone_and_a_scan_needs_its_gold(here: Path) -> None:
    assert cross("out", "gold", "--cross", str(MEASURED)).exit_code == 2
    assert cross("--cross", str(MEASURED), "--json").exit_code == 2
    assert "Missing argument 'OUT'" in cross().stderr
    assert "Missing argument 'GOLD'" in cross("out").stderr


@pytest.mark.parametrize(
    "content",
    [None, b"", b"no gzip", gzip.compress(b"corpus\tpair\n", mtime=0)],
    ids=["no file", "empty", "no gzip", "only a header"],
)
def test_a_file_without_measured_pairs_is_named(here: Path, content: bytes | None) -> None:
    if content is not None:
        Path("numbers").write_bytes(content)
    shown = cross("--cross", "numbers")
    assert shown.exit_code == 3
    assert "numbers: holds no measured pairs" in shown.stderr
    assert "benchmarks.relations --measure" in shown.stderr
