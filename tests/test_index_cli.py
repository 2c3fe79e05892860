"""`dedup index ...` as a user calls it."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from prose import BRIDGE, HERRING, LIBRARY, yards

import dedup
from dedup.cli.index import index as group
from dedup.cli.ingest import Intake
from dedup.cli.main import cli
from dedup.index.index import Index
from dedup.output import writer

ROOT = Path(__file__).parent.parent
COMMANDS = sorted(group.commands.items())
ITEM = {"id": "a", "text": BRIDGE}


@pytest.fixture
def articles(here: Path) -> Path:
    """Three articles on two sites; the second is a copy of the first."""
    for name, text in (("a/1.txt", BRIDGE), ("b/1.txt", BRIDGE.upper()), ("b/2.txt", HERRING)):
        write(here / "in" / name, text)
    return here / "in"


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def run(*args: str, stdin: str | bytes | None = None) -> Result:
    return CliRunner().invoke(cli, ["index", *args], input=stdin, prog_name="dedup")


def added(*args: str) -> dict[str, Any]:
    done = run("add", *args, "--json")
    assert done.exit_code == 0, done.output
    counts: dict[str, Any] = json.loads(done.stdout)
    return counts


FEED = """<rss><channel><link>https://{0}.example/</link><item><title>Bridge</title>
<guid isPermaLink="false">4711</guid><description>{1}</description></item></channel></rss>"""


def test_two_papers_items_with_one_number_are_two_articles_in_a_scan_and_in_an_index(
    here: Path,
) -> None:
    for paper in ("post", "herald"):
        write(here / "in" / f"{paper}.rss", FEED.format(paper, BRIDGE))
        added("news.index", str(here / "in" / f"{paper}.rss"))
    ids = ["herald.example/4711", "post.example/4711"]
    with Index("news.index") as index:
        assert [index.get(id_) is not None for id_ in (*ids, "4711")] == [True, True, False]
        (story,) = index.stories()
        assert sorted(member.article for member in story.members) == ids
        assert index.remove(ids[0])
        assert index.get(ids[1]) is not None
    scanned = dedup.scan(str(here / "in"))
    assert [article.id for article in scanned.articles] == ids
    assert len(scanned.stories) == 1


def ids(place: str = "news.index") -> list[str]:
    with Index(place, read_only=True) as opened:
        return sorted(article.id for article in opened.settle().articles)


def command(*args: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "dedup", "index", *args],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )


# -- help ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "one"), COMMANDS)
def test_every_command_has_help_with_an_example_of_itself(name: str, one: click.Command) -> None:
    shown = run(name, "--help")
    assert shown.exit_code == 0
    assert "Examples:\n" in shown.output
    assert f"dedup index {name} news.index" in shown.output.split("Examples:\n")[1]
    assert len((one.help or "").split()) > 30
    assert "..." not in one.get_short_help_str(60)


@pytest.mark.parametrize(("name", "one"), COMMANDS)
def test_every_option_has_help(name: str, one: click.Command) -> None:
    for parameter in one.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, parameter.name


# -- add ----------------------------------------------------------------------------------------


def test_add_makes_the_index_and_prints_what_it_took(articles: Path) -> None:
    done = run("add", "news.index", "in")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == "read     3 files\nadded    3 articles; 2 new texts\n"
    assert ids() == ["a/1.txt", "b/1.txt", "b/2.txt"], "as a scan of the folder calls them"


def test_what_is_in_already_is_not_opened_again(
    articles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    added("news.index", "in")
    monkeypatch.setattr("dedup.readers.opened", lambda *_: pytest.fail("a file was opened"))
    again = added("news.index", "in")
    assert (again["files"], again["passed"], again["articles"], again["seen"]) == (0, 3, 0, 0)


def test_of_a_file_that_changed_only_new_articles_are_taken(here: Path) -> None:
    lines = [json.dumps({"id": str(n), "text": f"{BRIDGE} {n}"}) for n in range(3)]
    Path("in.jsonl").write_text("\n".join(lines[:2]))
    added("news.index", "in.jsonl")
    Path("in.jsonl").write_text("\n".join(lines))
    again = added("news.index", "in.jsonl")
    assert (again["files"], again["articles"], again["seen"]) == (1, 1, 2)


def test_a_file_is_read_again_when_it_is_read_otherwise(here: Path) -> None:
    Path("in.jsonl").write_text(json.dumps(ITEM | {"body": HERRING}))
    added("news.index", "in.jsonl")
    again = added("news.index", "in.jsonl", "--field", "text=body")
    assert (again["files"], again["articles"], again["revisions"]) == (1, 1, 1)


def test_an_article_has_one_id_however_its_file_is_given(articles: Path) -> None:
    added("news.index", "in")
    for given in (["in/b"], ["in/b/1.txt", "in/a"], [str(articles)], ["in/a/../b"]):
        again = added("news.index", *given)
        assert (again["articles"], again["files"]) == (0, 0)
    write(articles.parent / "other" / "a" / "1.txt", LIBRARY)
    assert added("news.index", "other")["revisions"] == 0
    assert ids() == ["../other/a/1.txt", "a/1.txt", "b/1.txt", "b/2.txt"]


def test_another_text_in_a_file_is_a_revision(articles: Path) -> None:
    added("news.index", "in")
    (articles / "a" / "1.txt").write_text(LIBRARY)
    again = added("news.index", "in")
    assert (again["passed"], again["articles"], again["revisions"]) == (2, 1, 1)


def test_a_file_that_could_not_be_read_is_tried_again(articles: Path) -> None:
    (articles / "empty.txt").touch()
    for passed in (0, 3):
        done = run("add", "news.index", "in", "--json")
        assert done.exit_code == 5
        counts = json.loads(done.stdout)
        assert (counts["passed"], counts["skipped"], counts["problems"]) == (passed, 1, 1)
    assert "empty.txt" in run("add", "news.index", "in").stderr


def test_settings_are_those_of_the_first_time(articles: Path) -> None:
    added("news.index", "in/a", "--shingle", "4", "--site", "herald")
    with Index("news.index", read_only=True) as opened:
        assert opened.settings.shingle == 4
    assert added("news.index", "in/b")["articles"] == 2
    refused = run("add", "news.index", "in", "--shingle", "5")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "shingle" in refused.stderr


@pytest.mark.parametrize("option", [("--threads", "1"), ("--shingle", "5"), ("--zone", "UTC")])
def test_what_is_not_given_again_is_as_the_index_was_made(
    articles: Path, option: tuple[str, str]
) -> None:
    added("news.index", "in/a", "--shingle", "5", "--threshold", "0.7")
    assert added("news.index", "in/b", *option)["articles"] == 2


def test_an_interrupted_backlog_goes_on_where_it_was(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dedup.cli.ingest.BATCH", 4)
    for n in range(10):
        write(Path("in", f"{n}.txt"), f"{BRIDGE} Number {n} of ten it is.")
    whole, calls = Index.add_many, 0

    def breaking(self: Index, articles: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise KeyboardInterrupt
        return whole(self, articles, **named)

    monkeypatch.setattr(Index, "add_many", breaking)
    assert run("add", "news.index", "in").exit_code == 130
    calls = 10
    again = added("news.index", "in")
    assert (again["passed"], again["seen"], again["articles"]) == (7, 1, 2)
    assert len(ids()) == 10


def adds(process: subprocess.Popen[str], least: int) -> bool:
    """Wait until an index has so many articles; tell whether the process still adds to it."""
    while process.poll() is None:
        if stored() >= least:
            return True
        time.sleep(0.1)
    return False


@pytest.mark.parametrize("articles", [12_000, pytest.param(1_000_000, marks=pytest.mark.slow)])
def test_a_backlog_whose_process_is_killed_thrice_is_taken_whole(here: Path, articles: int) -> None:
    lexicon = " ".join(yards(1, 60, 50)).split()
    dice = random.Random(2)
    each = articles // 20
    for n in range(20):
        lines = [
            json.dumps({"id": f"{n}/{m}", "text": " ".join(dice.choices(lexicon, k=12))})
            for m in range(each)
        ]
        write(Path("in", f"{n:02}.jsonl"), "\n".join(lines))
    for turn in (1, 2, 3):
        process = command("add", "news.index", "in", "--quiet")
        assert adds(process, turn * articles // 4)
        process.kill()
        process.communicate()
    last = command("add", "news.index", "in", "--json")
    counts = json.loads(last.communicate()[0])
    assert counts["passed"] + counts["files"] == 20
    assert counts["passed"] >= 13  # files that had been taken whole are not opened again
    assert counts["articles"] + counts["seen"] + counts["passed"] * each == articles
    with Index("news.index") as opened:
        assert len(opened) == articles
        assert opened.stats()["articles"] == articles
        assert opened.check() == []


# -- JSON lines in and out ----------------------------------------------------------------------


def test_for_each_line_in_there_is_one_line_out_and_bad_ones_end_nothing(here: Path) -> None:
    lines = [
        json.dumps(ITEM),
        "[1]",
        "{}",
        '{"text": ',
        '{"id": 1}',
        json.dumps(ITEM | {"id": "b"}),
    ]
    done = run("add", "news.index", "-", stdin="\n".join(lines).encode() + b"\n\xff\n")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.exit_code == 5
    assert [answer["line"] for answer in answers] == list(range(1, 8))
    assert [sorted(answer) for answer in answers[1:5]] == [["error", "line", "remedy"]] * 4
    assert "UTF-8" in answers[6]["error"]
    first, copy = answers[0], answers[5]
    assert (first["article"], first["new"], first["seen"]) == ("a", True, False)
    assert (copy["article"], copy["new"], copy["hits"][0]["article"]) == ("b", False, "a")
    assert copy["story"] is not None


def test_blank_lines_are_passed_by_and_counted(here: Path) -> None:
    done = run("add", "news.index", "-", stdin=f"\n \r\n{json.dumps(ITEM)}\n\n")
    assert done.exit_code == 0
    assert [json.loads(line)["line"] for line in done.stdout.splitlines()] == [3]


def test_a_file_whose_articles_were_removed_is_told_as_taken_and_comes_back_when_touched(
    articles: Path,
) -> None:
    added("news.index", "in")
    assert run("remove", "news.index", "b/2.txt").exit_code == 0
    again = run("add", "news.index", "in")
    assert "3 files passed by as taken before" in again.stdout
    assert "in already" not in again.stdout
    assert "b/2.txt" not in ids()
    os.utime(articles / "b/2.txt", (1, 1))
    assert added("news.index", "in")["articles"] == 1
    assert "b/2.txt" in ids()


def test_an_empty_index_is_settled_and_says_so(articles: Path) -> None:
    added("news.index", "in")
    run("settle", "news.index")
    assert run("remove", "news.index", *ids()).exit_code == 0
    done = run("settle", "news.index")
    assert (done.exit_code, done.stdout) == (0, "settled  0 articles: the index is empty\n")


def test_claims_are_listed_acknowledged_and_given_back(here: Path) -> None:
    with Index("news.index") as index:
        for name, text in (("a", BRIDGE), ("b", HERRING), ("c", LIBRARY)):
            index.claim({"id": name, "text": text})
    listed = [json.loads(line) for line in run("claims", "news.index").stdout.splitlines()]
    assert [(claim["number"], claim["article"]) for claim in listed] == [
        (1, "a"),
        (2, "b"),
        (3, "c"),
    ]
    done = run("done", "news.index", "1", "9")
    assert (done.exit_code, done.stdout) == (5, "done  1\nnot claimed  9\n")
    assert run("release", "news.index", "2").stdout == "released  2\n"
    listed = [json.loads(line) for line in run("claims", "news.index").stdout.splitlines()]
    assert [(claim["number"], bool(claim["job"])) for claim in listed] == [(2, False), (3, True)]


def test_the_answer_to_a_line_comes_before_the_next_line_is_read(here: Path) -> None:
    with command("add", "news.index", "-") as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for n in "ab":
            process.stdin.write(json.dumps({"id": n, "text": BRIDGE}) + "\n")
            process.stdin.flush()
            answer = json.loads(process.stdout.readline())  # would wait for ever
            assert (answer["article"], answer["new"]) == (n, n == "a")
        process.kill()
    assert ids() == ["a", "b"], "what was answered is stored"


def test_lines_without_an_id_are_named_by_what_they_hold(here: Path) -> None:
    lines = json.dumps({"text": BRIDGE}) + "\n" + json.dumps({"text": BRIDGE, "site": "b"}) + "\n"
    first = [json.loads(line) for line in run("add", "i", "-", stdin=lines).stdout.splitlines()]
    again = [json.loads(line) for line in run("add", "i", "-", stdin=lines).stdout.splitlines()]
    assert len({answer["article"] for answer in first}) == 2
    assert [answer["seen"] for answer in (*first, *again)] == [False, False, True, True]
    assert {answer["revision"] for answer in (*first, *again)} == {1}


def test_the_options_of_reading_hold_for_lines_too(here: Path) -> None:
    line = json.dumps({"key": "x", "body": BRIDGE})
    options = ["--field", "text=body", "--field", "id=key", "--site", "herald"]
    assert json.loads(run("add", "news.index", "-", *options, stdin=line).stdout)["article"] == "x"
    with Index("news.index", read_only=True) as opened:
        stored = opened.get("x")
        assert stored is not None
        assert stored.article.site == "herald"


# -- query --------------------------------------------------------------------------------------


def test_query_says_what_is_known_and_writes_nothing(articles: Path) -> None:
    added("news.index", "in/a")
    before = run("stats", "news.index", "--json").stdout
    write(Path("new.jsonl"), "\n".join(json.dumps({"id": n, "text": t}) for n, t in CASES))
    done = run("query", "news.index", "new.jsonl")
    assert done.exit_code == 0, done.output
    copy, new = done.stdout.splitlines()
    assert copy.startswith("known  copy  story ")
    assert copy.endswith("100% of it in 1.txt")
    assert new == "new    new"
    assert run("stats", "news.index", "--json").stdout == before
    as_json = run("query", "news.index", "new.jsonl", "--json").stdout.splitlines()
    assert [json.loads(line)["new"] for line in as_json] == [False, True]


CASES = (("copy", BRIDGE.upper()), ("new", HERRING))


def test_query_answers_lines_with_lines(articles: Path) -> None:
    added("news.index", "in/a")
    lines = "\n".join([json.dumps({"id": n, "text": t}) for n, t in CASES] + ["no"])
    done = run("query", "news.index", "-", stdin=lines)
    assert done.exit_code == 5
    assert [json.loads(line).get("new") for line in done.stdout.splitlines()] == [False, True, None]
    assert len(ids()) == 1


# -- stats, check, compact, export ---------------------------------------------------------------


def test_stats_are_for_people_and_for_programs(articles: Path) -> None:
    added("news.index", "in")
    counts = json.loads(run("stats", "news.index", "--json").stdout)
    assert (counts["articles"], counts["texts"]) == (3, 2)
    lines = [line.split() for line in run("stats", "news.index").stdout.splitlines()]
    assert ["articles", "3"] in lines


def test_check_says_that_all_is_whole_or_what_to_do(articles: Path) -> None:
    added("news.index", "in")
    done = run("check", "news.index")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "whole    3 articles\n", "")
    log = Path("news.index", "log")
    damaged = bytearray(log.read_bytes())
    for place in range(4096, len(damaged), 64):
        damaged[place] ^= 0xFF
    log.write_bytes(damaged)
    done = run("check", "news.index")
    assert (done.exit_code, done.stdout) == (6, "")
    assert done.stderr.startswith("dedup: ")
    assert "Traceback" not in done.stderr


def test_compact_changes_no_answer(articles: Path) -> None:
    added("news.index", "in")
    before = ids()
    assert run("compact", "news.index").exit_code == 0
    assert ids() == before


def test_export_writes_what_a_scan_of_the_same_files_writes(articles: Path) -> None:
    added("news.index", "in", "--keep-text")
    done = run("export", "news.index", "-o", "out")
    assert (done.exit_code, done.stdout) == (0, "written  out\n")
    assert writer.is_output(Path("out"))
    CliRunner().invoke(cli, ["scan", "in", "-o", "scanned", "-q"])
    for name in ("articles.jsonl", "stories.jsonl", "clusters.jsonl", "matches.jsonl"):
        assert Path("out", name).read_text() == Path("scanned", name).read_text()


# -- watching a folder --------------------------------------------------------------------------


@pytest.fixture
def watching(here: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    begun: list[subprocess.Popen[str]] = []

    def begin(*args: str) -> subprocess.Popen[str]:
        begun.append(command("add", "news.index", "--watch", "drop", *args))
        return begun[-1]

    Path("drop").mkdir()
    yield begin
    for process in begun:
        process.kill()
        process.communicate()


def until(true: Callable[[], bool]) -> None:
    """Wait until something holds; a minute at most."""
    for _ in range(600):
        if true():
            return
        time.sleep(0.1)
    pytest.fail("it did not come to pass")


def stored() -> int:
    try:
        with Index("news.index", read_only=True) as opened:
            return len(opened)
    except Exception:
        return 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_drop_folder_is_watched_until_a_signal(
    watching: Callable[..., subprocess.Popen[str]], number: int
) -> None:
    write(Path("drop/b/first.txt"), BRIDGE)
    process = watching()
    until(lambda: stored() == 1)
    write(Path("drop/.partial.txt"), HERRING)
    write(Path("drop/b/second.txt"), LIBRARY)
    until(lambda: stored() == 2)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    assert out.splitlines()[-1] == "added    2 articles; 2 new texts"
    assert ids() == ["b/first.txt", "b/second.txt"]
    assert added("news.index", "drop")["passed"] == 2


def test_a_drop_folder_that_is_empty_at_first_ends_well(
    watching: Callable[..., subprocess.Popen[str]],
) -> None:
    assert not list(Path("drop").iterdir())
    process = watching()
    assert process.stderr is not None
    assert process.stderr.readline().startswith("drop: the folder is empty (give files that end in")
    write(Path("drop/first.txt"), BRIDGE)
    until(lambda: stored() == 1)
    process.terminate()
    assert process.wait(60) == 0


def test_a_signal_after_the_last_article_leaves_no_file_unnoted(articles: Path) -> None:
    ended: list[int] = []
    with Index("news.index") as opened:
        Intake(opened, ended=lambda: bool(ended), came=ended.append).take([str(articles)])
    assert added("news.index", "in")["passed"] == 3


def test_a_signal_between_two_articles_leaves_the_file_of_the_second_to_the_next_run(
    articles: Path,
) -> None:
    with Index("news.index") as opened:
        Intake(opened, ended=lambda: True).take([str(articles)])
    again = added("news.index", "in")
    assert (again["articles"], again["seen"] + again["passed"]) == (2, 1)


def test_a_file_that_is_still_being_written_is_not_taken(
    watching: Callable[..., subprocess.Popen[str]],
) -> None:
    write(Path("drop/first.txt"), BRIDGE)
    process = watching()
    until(lambda: stored() == 1)
    with Path("drop/slow.jsonl").open("w") as file:
        for n in range(40):
            file.write(json.dumps({"id": str(n), "text": f"{HERRING} {n}"}) + "\n")
            file.flush()
            time.sleep(0.1)
            assert stored() == 1
    until(lambda: stored() == 41)
    process.terminate()
    assert process.wait(60) == 0


def test_a_bad_file_in_a_drop_folder_is_told_once_and_taken_when_mended(
    watching: Callable[..., subprocess.Popen[str]],
) -> None:
    write(Path("drop/bad.jsonl"), "[]\n")
    write(Path("drop/good.txt"), BRIDGE)
    process = watching()
    until(lambda: stored() == 1)
    time.sleep(2.5)
    write(Path("drop/bad.jsonl"), json.dumps(ITEM))
    until(lambda: stored() == 2)
    process.terminate()
    _, err = process.communicate(timeout=60)
    assert process.returncode == 5
    assert len([line for line in err.splitlines() if "bad.jsonl" in line]) == 1


# -- what goes wrong ----------------------------------------------------------------------------

REFUSED: list[tuple[list[str], int, str]] = [
    # arguments, exit code, what the message says
    (["add", "new.index"], 2, "give PATHS, - for standard input, or --watch DIR"),
    (["add", "new.index", "-", "in"], 2, "- stands alone"),
    (["add", "new.index", "-", "--watch", "in"], 2, "- stands alone"),
    (["add", "new.index", "nowhere"], 3, "nowhere: there is no such file or folder"),
    (["add", "new.index", "--watch", "nowhere"], 3, "nowhere: there is no such file or folder"),
    (["add", "new.index", "in", "--threshold", "7"], 2, "threshold is 7.0"),
    (["add", "new.index", "in", "--field", "text"], 2, "write OURS=THEIRS"),
    (["query", "old.index", "nowhere"], 3, "nowhere: there is no such file"),
    (["query", "new.index", "in"], 3, "new.index: "),
    (["stats", "new.index"], 3, "new.index: "),
    (["check", "new.index"], 3, "new.index: "),
    (["compact", "new.index"], 3, "new.index: "),
    (["backup", "new.index", "x"], 3, "new.index: "),
    (["backup", "old.index", "in"], 3, "in: there is something already"),
    (["copy", "old.index", "old.index"], 3, "old.index: there is something already"),
    (["merge", "new.index", "old.index"], 3, "new.index: "),
    (["merge", "old.index", "new.index"], 3, "new.index: "),
    (["renew", "new.index", "x", "--shingle", "4"], 3, "new.index: "),
    (["renew", "old.index", "x", "--shingle", "40"], 2, "shingle"),
    (["export", "new.index"], 3, "new.index: "),
    (["export", "old.index", "-o", "in"], 4, "in: already holds a"),
    (["stats", "in"], 3, "in: "),
]


@pytest.mark.parametrize(("arguments", "code", "message"), REFUSED)
def test_what_cannot_be_done_ends_with_its_code_and_leaves_nothing(
    articles: Path, arguments: list[str], code: int, message: str
) -> None:
    added("old.index", "in")
    done = run(*arguments)
    assert (done.exit_code, done.stdout) == (code, "")
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(path.name for path in Path().iterdir()) == ["in", "old.index"]


def test_the_help_loads_nothing_heavy() -> None:
    code = (
        "import sys, dedup.cli.main as m; "
        "m.cli(['index', 'add', '--help'], standalone_mode=False); print(*sys.modules)"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout.split()
    assert not {"numpy", "numba", "scipy", "rich", "sqlite3", "scrapy", "narwhals"} & set(loaded)


def test_how_long_another_writer_is_waited_for_can_be_said(articles: Path) -> None:
    with Index("news.index"):
        begun = time.monotonic()
        done = run("add", "news.index", str(articles), "--wait", "0.1")
        assert (done.exit_code, "writes this index" in done.output) == (7, True)
        assert run("compact", "news.index", "--wait", "0.1").exit_code == 7
        assert time.monotonic() - begun < 9
    assert added("news.index", str(articles), "--wait", "0")["articles"] == 3


def test_lines_have_the_fields_that_are_named_for_them(here: Path) -> None:
    line = json.dumps({"id": "a", "words": BRIDGE, "text": "no"})
    named = ("--field", "jsonl:text=words", "--field", "csv:text=other")
    done = run("add", "news.index", "-", *named, stdin=f"{line}\n")
    assert (done.exit_code, json.loads(done.stdout)["new"]) == (0, True)
    asked = run("query", "news.index", "-", stdin=json.dumps({"id": "b", "text": BRIDGE}))
    assert not json.loads(asked.stdout)["new"]
