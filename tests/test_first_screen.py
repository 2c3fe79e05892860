"""What a new user sees first: of five articles that tell something twice, all of it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from rich.cells import cell_len

from dedup.cli.main import cli
from dedup.output.filters import Filter
from dedup.terminal.screen import Coloured, Plain
from dedup.terminal.show import show

SCREEN = 24
"""Lines of a terminal of the old size."""

TOLD = {
    "port-merrow-times": "For thirty years",
    "alder-echo": "in May that the crack",
    "wold-herald": "Night reading",
}


def run(*arguments: str) -> str:
    ended = CliRunner().invoke(cli, arguments)
    assert ended.exit_code == 0, ended.output
    return ended.stdout


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("first") / "out"
    run("scan", "samples/told-twice", "-o", str(place), "-q")
    return place


@pytest.mark.parametrize("width", [60, 80, 120])
def test_all_that_is_told_twice_is_on_the_first_screen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    printed = run("scan", "samples/told-twice", "-o", str(tmp_path / "out"))
    first = printed.splitlines()[:SCREEN]
    assert first[0] == "Told twice within one article"
    tables = first[: next((n for n, line in enumerate(first) if line.startswith("read ")), SCREEN)]
    assert all(cell_len(line) <= width for line in tables)
    assert sum(bool(re.match(r"[0-9a-f]{8} ", line)) for line in first[: first.index("")]) == 5
    shown = "\n".join(first)
    for outlet, beginning in TOLD.items():
        assert outlet[:13] in shown
        assert beginning in shown
    assert "Skaters back" in shown
    assert "Fish market" in shown
    if width >= 80:
        assert re.search(r"passage +alder-echo +2, 4 +in May that the crack", shown)


@pytest.mark.parametrize(
    ("sites", "told"),
    [
        ((None, None), "no site    all articles, counted as one site: "),
        (("herald", None), "no site    1 article, counted as one site: "),
        (("herald", "post"), None),
    ],
)
def test_articles_without_a_site_are_counted(
    tmp_path: Path, sites: tuple[str | None, ...], told: str | None
) -> None:
    rows = [{"text": f"It rained in {n} valleys.", "site": site} for n, site in enumerate(sites)]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)))
    printed = run("scan", str(tmp_path / "a.jsonl"), "-o", str(tmp_path / "out"))
    lines = [line for line in printed.splitlines() if line.startswith("no site")]
    assert [line[: len(told or "")] for line in lines] == ([told] if told else [])


def test_an_article_says_what_it_tells_twice_and_in_which_words(
    out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    show(out, "alder-echo/reservoir", 20, Plain())
    lines = capsys.readouterr().out.splitlines()
    at = lines.index("tells 1 passage twice")
    assert re.fullmatch(r"  ¶2 and ¶4  passage, 18 words  [0-9a-f]{8}", lines[at + 1])
    words = "in May that the crack had grown by a hand's width since the winter … to wait for"
    assert lines[at + 2].strip() == words


def test_a_passage_is_printed_with_both_paragraphs_and_what_they_share(
    out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    show(out, "18c273d7", 20, Plain())
    printed = capsys.readouterr().out
    shared = "in May that the crack had grown by a hand's width since the winter"
    assert f"“We were told [={shared}=]" in printed
    assert f"The office had learned [={shared}=]" in printed


def test_two_texts_stand_beside_one_another_where_there_is_room(
    out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from rich.console import Console

    for width, beside in ((120, True), (80, False)):
        show(out, "18c273d7", 20, Coloured(Console(width=width, force_terminal=False)))
        lines = capsys.readouterr().out.splitlines()
        assert all(cell_len(line) <= width for line in lines)
        assert any("“We were told" in line and "The office" in line for line in lines) == beside


@pytest.mark.parametrize("width", [60, 80, 120])
def test_lines_wrap_without_colours_too(
    out: Path, capsys: pytest.CaptureFixture[str], width: int
) -> None:
    for wanted in (None, "18c273d7", "alder-echo/reservoir"):
        show(out, wanted, 20, Plain(width))
    show(out, "alder-echo/res", 20, Plain(width), other="wold-herald/lib")
    assert all(cell_len(line) <= width for line in capsys.readouterr().out.splitlines())


ASKED = [
    # what is asked for, how many passages are listed
    (Filter(), 5),
    (Filter(sites=("alder-echo",)), 2),
    (Filter(sites=("alder-echo", "wold-herald")), 3),
    (Filter(sites=("nobody",)), 0),
    (Filter(relations=("identical",)), 2),
    (Filter(least_words=18), 2),
    (Filter(least_words=19), 1),
    (Filter(within=False), 0),
    (Filter(within=True), 5),
    (Filter(since="2025"), 0),
    (Filter(agency="AP"), 0),
]


@pytest.mark.parametrize(("asked", "count"), ASKED)
def test_a_list_holds_what_is_asked_for(
    out: Path, capsys: pytest.CaptureFixture[str], asked: Filter, count: int
) -> None:
    show(out, None, 20, Plain(), what="passages", asked=asked)
    assert len(re.findall(r"¶\d and ¶\d", capsys.readouterr().out)) == count


DAYS = [
    # since, until, is an article of 14 October 2025 taken
    ("2025-10-14", None, True),
    ("2025-10-15", None, False),
    ("2025-10", "2025-10", True),
    (None, "2025-10-14", True),
    (None, "2025-10-13", False),
    (None, "2024", False),
    ("2026", None, False),
]


@pytest.mark.parametrize(("since", "until", "taken"), DAYS)
def test_days_months_and_years_are_bounds(
    since: str | None, until: str | None, taken: bool
) -> None:
    article: Any = {
        "article": "a",
        "site": None,
        "published": "2025-10-14T10:00+02:00",
        "credits": [],
    }
    asked = Filter(since=since, until=until)
    assert asked.takes(article) == taken
    assert not asked.takes(article | {"published": None})


def test_options_of_the_command_reach_the_list(out: Path) -> None:
    assert run("show", str(out), "--within", "-n", "2").count(" and ¶") == 2
    assert "Skaters" in run("show", str(out), "--relation", "identical")
    assert "No site is known" in run("show", str(out), "--sites")
    assert run("show", str(out), "--clusters", "--site", "wold-herald").count("cluster ") == 1
    ended = CliRunner().invoke(cli, ["show", str(out), "--since", "yesterday"])
    assert ended.exit_code == 2
    assert "write a day as 2025-10-14" in ended.output
