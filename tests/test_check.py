"""One text against all: how much stands elsewhere, where, and what may be left out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import dedup
from dedup.cli.main import cli
from dedup.errors import InputError, OutputError
from dedup.text_check import quoted

FLOOD = "The mill race rose by a metre within an hour and took three sheds and a hen house with it."
RATS = (
    "“We counted forty rats on the church wall and not one of them had paid for a seat,” she said."
)
WIRE = "PORT MERROW, Oct. 14 (Reuters) - "
OWN = "Nobody in the lower town has slept since."
CORPUS = [
    {"id": "n/1", "site": "north", "text": f"{FLOOD}\nRoads are open."},
    {"id": "s/1", "site": "south", "text": f"A report.\n{FLOOD}\nAnd later that day: {RATS}"},
    {"id": "s/2", "site": "south", "text": "Plums were cheap in the market this week, and sour."},
]
TEXT = f"{WIRE}{FLOOD}\n{RATS}\n{OWN}"


def test_the_share_is_of_the_words_and_the_sources_are_ranked() -> None:
    found = dedup.check(TEXT, CORPUS)
    assert (found.words, found.elsewhere) == (53, 40)
    assert found.share == found.elsewhere / found.words
    assert [(one.article, one.site) for one in found.sources] == [
        ("s/1", "south"),
        ("n/1", "north"),
    ]
    assert found.sources[1].words == 20
    for one in found.passages:
        assert all(TEXT[i:j] in one.shared for i, j in one.spans)
        assert one.other is not None
        assert all(one.other[i:j] for i, j in one.other_spans)


def test_a_text_that_stands_nowhere_has_no_share() -> None:
    found = dedup.check(OWN, CORPUS)
    assert (found.share, found.sources, found.passages) == (0, (), ())
    assert dedup.check("", CORPUS).words == 0


LEFT_OUT: list[tuple[dict[str, Any], int, int]] = [
    # what is left out, words that count, words elsewhere
    ({"without": ["quotations"]}, 35, 22),
    ({"without_sources": ["south"]}, 53, 20),
    ({"without_sources": ["s/1"]}, 53, 20),
    ({"without_sources": ["s/1", "north"]}, 53, 0),
    ({"least_words": 20}, 53, 40),
    ({"least_words": 21}, 53, 0),
]


@pytest.mark.parametrize(("left_out", "words", "elsewhere"), LEFT_OUT)
def test_the_share_is_worked_out_anew_of_what_is_left(
    left_out: dict[str, Any], words: int, elsewhere: int
) -> None:
    found = dedup.check(TEXT, CORPUS, **left_out)
    assert (found.words, found.elsewhere) == (words, elsewhere)
    assert found.words + sum(found.left_out.values()) == 53


def test_credits_count_neither_way_when_they_are_left_out() -> None:
    found = dedup.check(TEXT, CORPUS, without=["credits"])
    assert found.left_out["credits"] > 0
    assert found.words == 53 - found.left_out["credits"]


def test_standing_text_can_be_left_out() -> None:
    footer = "Follow the Merrow Times for news of the island and sign up for our free newsletter."
    pages = [
        {
            "id": f"{n}",
            "site": "m",
            "text": f"Story number {n} is of its own kind {n * 7}.\n{footer}",
        }
        for n in range(6)
    ]
    found = dedup.check(f"{OWN}\n{footer}", pages)
    assert found.elsewhere == 16
    left = dedup.check(f"{OWN}\n{footer}", pages, without=["standing"])
    assert (left.words, left.elsewhere, left.left_out) == (8, 0, {"standing": 16})


def test_the_folder_of_a_scan_and_its_corpus_say_the_same(tmp_path: Path) -> None:
    dedup.scan("samples/newsroom").write(tmp_path / "out")
    text = Path("samples/newsroom/tarnholm-post/ferry-rescue.txt")
    against = dedup.check(text, Path("samples/newsroom"))
    assert dedup.check(text, tmp_path / "out") == against
    assert against.share == 1
    assert against.sources[0].article == "tarnholm-post/ferry-rescue.txt"
    other = dedup.check(text, tmp_path / "out", without_sources=["tarnholm-post"])
    assert other.sources[0].article == "northline/ferry-aground.txt"
    assert 0.7 < other.share < 0.9


def test_an_index_is_asked_and_not_changed(tmp_path: Path) -> None:
    with dedup.Index(tmp_path / "news") as index:
        index.add_many(CORPUS)
        before = len(index)
    found = dedup.check(TEXT, tmp_path / "news")
    assert {(one.article, one.site) for one in found.sources} == {
        ("n/1", "north"),
        ("s/1", "south"),
    }
    assert 37 <= found.elsewhere <= 40
    assert found.passages[0].other is None
    without = dedup.check(TEXT, tmp_path / "news", without_sources=["south"])
    assert [one.article for one in without.sources] == ["n/1"]
    with dedup.Index(tmp_path / "news", read_only=True) as index:
        assert len(index) == before


def test_a_scan_whose_sources_are_gone_says_so(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text(FLOOD)
    dedup.scan(tmp_path / "in").write(tmp_path / "out")
    (tmp_path / "in" / "a.txt").unlink()
    (tmp_path / "in").rmdir()
    with pytest.raises(OutputError, match="is not there any more; name the corpus itself"):
        dedup.check(TEXT, tmp_path / "out")


def test_what_is_no_single_text_is_refused(tmp_path: Path) -> None:
    two = tmp_path / "two.jsonl"
    two.write_text('{"text": "One."}\n{"text": "Two."}\n')
    with pytest.raises(InputError, match="holds 2 articles; name a file that holds one"):
        dedup.check(two, CORPUS)
    with pytest.raises(InputError, match="nothing to check against"):
        dedup.check(TEXT, [])
    with pytest.raises(InputError, match="'ads' cannot be left out; quotations, credits, standing"):
        dedup.check(TEXT, CORPUS, without=["ads"])


def test_the_id_of_the_text_is_its_own_though_an_article_bears_it() -> None:
    corpus = [{"id": "!text-to-check", "text": FLOOD}]
    assert dedup.check(FLOOD, corpus).share == 1


@pytest.mark.parametrize(
    ("text", "quotations"),
    [
        ("She said “no” and “yes”.", ["“no”", "“yes”"]),
        ("It's the dogs' bone.", []),
        ('He read "The Tide" aloud.', ['"The Tide"']),
        ("„Nein“, sagte er.", ["„Nein“"]),
        ("« Non », dit-il.", ["« Non »"]),
        ("“Never closed.\nNext line”", []),
        ("他说“不”。", ["“不”"]),
    ],
)
def test_quotations_are_what_stands_between_marks(text: str, quotations: list[str]) -> None:
    assert [text[i:j] for i, j in quoted(text)] == quotations


def run(*arguments: str, code: int = 0) -> str:
    ended = CliRunner().invoke(cli, ["check", *arguments])
    assert ended.exit_code == code, ended.output
    return ended.stdout


def test_the_command_prints_what_an_editor_asks(tmp_path: Path) -> None:
    place = tmp_path / "in.jsonl"
    place.write_text("".join(json.dumps(row) + "\n" for row in CORPUS))
    printed = run(TEXT, str(place))
    assert "of 53 words stand elsewhere" in printed
    assert printed.index("s/1") < printed.index("n/1")
    draft = tmp_path / "draft.txt"
    draft.write_text(TEXT)
    assert run(str(draft), str(place)) == printed
    assert f"[={FLOOD[:-1]}" in run(str(draft), str(place), "--full")
    found = json.loads(run(str(draft), str(place), "--json"))
    assert found["share"] == dedup.check(TEXT, CORPUS).share
    assert "left out: 18 words of quotations" in run(TEXT, str(place), "--without", "quotations")
    assert run(TEXT, str(tmp_path / "nothing"), code=3) == ""


def test_the_name_of_a_file_that_is_not_there_is_no_text(tmp_path: Path) -> None:
    place = tmp_path / "in.jsonl"
    place.write_text(json.dumps(CORPUS[0]) + "\n")
    for name in ("drfat.txt", "drafts/monday"):
        ended = CliRunner().invoke(cli, ["check", name, str(place)])
        assert ended.exit_code == 3
        assert name in ended.output
    assert "of 1 word stand elsewhere" in run("Rain.", str(place))
