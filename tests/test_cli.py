from __future__ import annotations

import dataclasses
import gc
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from made_up import RAIN, RAIN_LATER, wire_story

import dedup
from dedup.cli.main import cli, main
from dedup.output import writer
from dedup.readers import READERS
from dedup.readers.field_names import FIELDS
from dedup.settings import Settings

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "samples" / "newsroom"
COMMANDS = sorted(cli.commands.items())


@pytest.fixture
def articles(here: Path) -> Path:
    for site, text in (("a", RAIN), ("b", RAIN.upper()), ("c", RAIN_LATER)):
        (here / "in" / site).mkdir(parents=True)
        (here / "in" / site / "1.txt").write_text(f"{text}\n\nOnly in {site}.\n")
    return here / "in"


def run(*args: str, stdin: str | bytes | None = None) -> Result:
    return CliRunner().invoke(cli, args, input=stdin, prog_name="dedup")


def command(*args: str, **kwargs: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "dedup", *args],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        **kwargs,
    )


# -- help ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "one"), COMMANDS)
def test_every_command_has_help_with_an_example_of_itself(name: str, one: click.Command) -> None:
    shown = run(name, "--help")
    assert shown.exit_code == 0
    assert f"Examples:\n    dedup {name}" in shown.output
    assert len((one.help or "").split()) > 30


@pytest.mark.parametrize(("name", "one"), COMMANDS)
def test_every_option_has_help_and_every_command_fits_the_list(
    name: str, one: click.Command
) -> None:
    for parameter in one.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, parameter.name
    assert "..." not in one.get_short_help_str(60), one.get_short_help_str(60)


def test_the_help_lists_every_exit_code_and_the_examples_are_commands() -> None:
    shown = run("--help").output
    for code in (0, 1, 2, 3, 4, 5, 6, 7, 70, 130, 141):
        assert f"\n    {code} " in shown
    for line in shown.split("Examples:")[1].split("Exit codes")[0].split("\n"):
        assert not line.strip() or line.split()[1] in cli.commands


def test_every_setting_is_an_option_of_scan_with_its_default() -> None:
    options = {parameter.name: parameter for parameter in cli.commands["scan"].params}
    for field in dataclasses.fields(Settings):
        default = None if field.name == "preferred_sites" else field.default
        assert field.name in options
        if default is not None:
            assert options[field.name].default == default


def test_strict_finds_no_more_than_the_defaults_and_sensitive_no_less(tmp_path: Path) -> None:
    found = []
    for preset in (["--strict"], [], ["--sensitive"], ["--strict", "--evidence", "9.5"]):
        out = tmp_path / "".join(preset or ["plain"]).replace("-", "")
        run = CliRunner().invoke(cli, ["scan", str(SAMPLES), "-o", str(out), *preset])
        assert run.exit_code == 0, run.output
        summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
        found.append((summary["matches"], summary["settings"]["evidence"]))
    assert [evidence for _, evidence in found] == [9.0, 6.5, 5.0, 9.5]
    strict, plain, sensitive, _ = (matches for matches, _ in found)
    assert strict <= plain <= sensitive
    assert strict < sensitive


@pytest.mark.parametrize(
    "name", ["threshold", "containment", "brief", "shingle", "chain", "bucket"]
)
def test_settings_say_what_a_higher_value_does(name: str) -> None:
    (option,) = (one for one in cli.commands["scan"].params if one.name == name)
    assert isinstance(option, click.Option)
    assert "Higher" in str(option.help)


def test_the_fields_that_can_be_mapped_are_those_of_an_article() -> None:
    assert set(FIELDS) == {field.name for field in dataclasses.fields(dedup.Article)} - {"path"}


def test_the_help_of_scan_names_every_kind_of_file_that_is_read() -> None:
    shown = run("scan", "--help").output
    assert [suffix for suffix in READERS if suffix not in shown] == []
    assert "KINDS" not in shown


def test_help_loads_nothing_heavy() -> None:
    code = "import sys, dedup.cli.main; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout.split()
    assert not {"numpy", "numba", "scipy", "rich", "datasketch", "chardet"} & set(loaded)


def test_the_version_is_told() -> None:
    assert run("--version").output == f"dedup, version {dedup.__version__}\n"


# -- scan ---------------------------------------------------------------------------------------


def test_scan_writes_the_folder_and_prints_what_it_found(articles: Path) -> None:
    done = run("scan", "in")
    assert done.exit_code == 0, done.output
    assert writer.is_output(Path("dedup-out"))
    assert "Rain is due" in done.stdout
    assert "read       3 articles, 6 paragraphs" in done.stdout
    assert "dedup show dedup-out" in done.stdout
    assert done.stderr == ""


def test_the_samples_are_scanned_and_shown(here: Path) -> None:
    done = run("scan", str(SAMPLES), "-o", "out")
    assert done.exit_code == 0, done.output
    assert "cross-site" in done.stdout
    shown = run("show", "out", "-n", "50", "--clusters")
    assert shown.exit_code == 0, shown.output
    assert "similar: " in shown.stdout
    assert "{+" in shown.stdout


def test_json_prints_the_summary_and_nothing_else(articles: Path) -> None:
    done = run("scan", "in", "--json")
    assert json.loads(done.stdout) == json.loads(Path("dedup-out/summary.json").read_bytes())


def test_quiet_prints_nothing_but_errors(articles: Path) -> None:
    (articles / "empty.txt").touch()
    done = run("scan", "in", "-q")
    assert (done.exit_code, done.stdout, done.stderr) == (5, "", "")
    assert json.loads(run("scan", "in", "-q", "--json").stdout)["skipped"] == 1


def test_what_was_skipped_is_told_on_standard_error_and_by_the_exit_code(articles: Path) -> None:
    (articles / "empty.txt").touch()
    done = run("scan", "in", "--json")
    assert done.exit_code == 5
    assert "in/empty.txt: " in done.stderr
    assert json.loads(done.stdout)["articles"] == 3


def test_settings_reach_the_scan(articles: Path) -> None:
    done = run("scan", "in", "--threshold", "0.75", "--prefer", "b", "--prefer", "a", "--json")
    settings = json.loads(done.stdout)["settings"]
    assert settings["threshold"] == 0.75
    assert settings["policy"] == "preferred-site"
    assert settings["preferred_sites"] == ["b", "a"]
    (cluster,) = Path("dedup-out/clusters.jsonl").read_text().splitlines()
    assert json.loads(cluster)["canonical"]["article"].startswith("b/")


def test_a_file_of_outlets_says_which_sites_to_prefer_and_who_owns_them(articles: Path) -> None:
    Path("houses.csv").write_text("site,owner,preferred\nb,Group,1\nc,Group,\n")
    done = run("scan", "in", "--outlets", "houses.csv", "--window", "2", "--json")
    settings = json.loads(done.stdout)["settings"]
    assert (settings["preferred_sites"], settings["window"]) == (["b"], 2)
    rows = map(json.loads, Path("dedup-out/articles.jsonl").read_text().splitlines())
    assert [row["owner"] for row in rows] == ["a", "Group", "Group"]


def test_fields_can_have_other_names_and_sites_can_be_given(here: Path) -> None:
    row = json.dumps({"key": "x", "body": RAIN})
    Path("in.jsonl").write_text(f"{row}\n{json.dumps({'key': 'y', 'body': RAIN})}\n")
    done = run("scan", "in.jsonl", "--field", "text=body", "--field", "id=key", "--site", "herald")
    assert done.exit_code == 0, done.output
    rows = [json.loads(line) for line in Path("dedup-out/articles.jsonl").read_text().splitlines()]
    assert [(row["article"], row["site"]) for row in rows] == [("x", "herald"), ("y", "herald")]


def test_a_field_may_have_several_names_by_kinds_of_files_too_and_its_own(here: Path) -> None:
    rows = [{"body": RAIN}, {"content": RAIN}, {"text": RAIN}, {"body": "", "text": RAIN}]
    lines = (json.dumps({"id": str(n)} | row) for n, row in enumerate(rows))
    Path("in").mkdir()
    Path("in/a.jsonl").write_text("\n".join(lines))
    Path("in/b.csv").write_text(f'id,body,words\n4,no,"{RAIN}"\n')
    Path("in/c.csv").write_text(f'id,text\n5,"{RAIN}"\n')
    names = ("text=body", "text=content", "csv:text=words", "title=headline")
    done = run("scan", "in", *(part for name in names for part in ("--field", name)))
    assert done.exit_code == 0, done.output
    rows = [json.loads(line) for line in Path("dedup-out/articles.jsonl").read_text().splitlines()]
    assert [row["article"] for row in rows] == ["0", "1", "2", "3", "4", "5"]
    assert json.loads(Path("dedup-out/summary.json").read_text())["distinct_texts"] == 1
    told = [json.loads(line) for line in Path("dedup-out/problems.jsonl").read_text().splitlines()]
    assert [(one["where"], one["what"], one["skipped"]) for one in told] == [
        ("--field title=headline", "no record has a field 'headline'", False)
    ]


@pytest.mark.parametrize("given", ["mp4:text=a", "csv:words=a", ":=", "text="])
def test_a_field_that_names_nothing_is_refused(here: Path, given: str) -> None:
    done = run("scan", "in", "--field", given)
    assert (done.exit_code, given in done.output) == (2, True)


@pytest.mark.parametrize(
    ("options", "threshold", "containment"),
    [
        (["--strict"], 0.7, 0.9),
        (["--strict", "--threshold", "0.5"], 0.5, 0.9),
        (["--sensitive", "--containment", "0.8"], 0.4, 0.8),
        (["--threshold", "0.6"], 0.6, 0.8),
    ],
)
def test_a_number_that_is_given_goes_before_a_preset(
    articles: Path, options: list[str], threshold: float, containment: float
) -> None:
    done = run("scan", str(articles), *options)
    assert done.exit_code == 0, done.output
    settings = json.loads(Path("dedup-out/summary.json").read_text())["settings"]
    assert (settings["threshold"], settings["containment"]) == (threshold, containment)


def test_standard_input_is_read(here: Path) -> None:
    lines = "".join(json.dumps({"id": n, "text": RAIN}) + "\n" for n in "ab")
    done = run("scan", "-", "--json", stdin=lines)
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["clusters"] == 1


def test_a_second_scan_does_not_read_what_the_first_wrote(articles: Path) -> None:
    first = json.loads(run("scan", ".", "--json").stdout)
    second = json.loads(run("scan", ".", "--json").stdout)
    assert (first["articles"], second["articles"]) == (3, 3)


# -- clean --------------------------------------------------------------------------------------


def test_clean_writes_every_text_once_and_says_what_it_dropped(articles: Path) -> None:
    done = run("clean", "in", "-o", "once")
    assert done.exit_code == 0, done.output
    texts = {path.parent.name: path.read_text() for path in Path("once").glob("*/1.txt")}
    assert texts == {
        "a": f"{RAIN}\n\nOnly in a.\n",
        "b": "Only in b.\n",
        "c": f"{RAIN_LATER}\n\nOnly in c.\n",
    }
    assert (
        "dropped  1 paragraph (13 words) of 1 article, listed in once/dropped.jsonl" in done.stdout
    )
    assert json.loads(run("clean", "in", "-o", "again", "--json").stdout)["paragraphs"] == 1


def test_a_cleaned_corpus_has_nothing_left_to_drop(here: Path) -> None:
    run("clean", str(SAMPLES), "-o", "once", "--least-words", "0")
    left = run("scan", "once", "--json")
    found = [json.loads(line) for line in Path("dedup-out/clusters.jsonl").read_text().splitlines()]
    # what had not been near the kept version of its cluster may be near another text's now
    assert json.loads(left.stdout)["relations"]["identical"] == 0
    assert len(found) <= 2


def test_clean_of_the_samples_keeps_one_of_every_cluster(here: Path) -> None:
    run("scan", str(SAMPLES), "-o", "out")
    done = run("clean", str(SAMPLES), "-o", "once", "--json", "--least-words", "0")
    gone = {
        (row["article"], row["paragraph"])
        for row in map(json.loads, Path("once/dropped.jsonl").read_text().splitlines())
    }
    clusters = [json.loads(line) for line in Path("out/clusters.jsonl").read_text().splitlines()]
    for cluster in clusters:
        left = {(m["article"], m["paragraph"]) for m in cluster["members"]} - gone
        assert left == {(cluster["canonical"]["article"], cluster["canonical"]["paragraph"])}
    assert len(gone) == sum(cluster["size"] - 1 for cluster in clusters)
    assert json.loads(done.stdout)["paragraphs"] == len(gone)


def test_clean_by_stories_says_how_many_articles_it_left_out(articles: Path) -> None:
    done = run("clean", "in", "-o", "once", "--stories")
    assert done.exit_code == 0, done.output
    left = json.loads(Path("once/clean.json").read_text())["left_out"]
    assert f"left out {left} article" in done.stdout
    stayed = len(Path("once/stayed.jsonl").read_text().splitlines())
    assert f"kept too {stayed} article" in done.stdout
    assert "that others stand for, listed in once/dropped.jsonl\n" in done.stdout
    assert len(Path("once/dropped.jsonl").read_text().splitlines()) == left


# -- show and export ----------------------------------------------------------------------------


def test_show_prints_stories_first_and_clusters_on_request(here: Path) -> None:
    writer.write(wire_story(), "dedup-out")
    assert run("show").stdout.startswith("story 5f0c0ffee0000001")
    assert "story 5f0c0ffee0000002" not in run("show", "-n", "1").stdout
    assert run("show", "--clusters").stdout.startswith("cluster 00000000")
    assert run("show", "dedup-out", "post/f.txt").stdout.startswith("article post/f.txt\n")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--to", "csv"], "6 rows"),
        (["--to", "csv", "--what", "links"], "5 rows"),
        (["--to", "graphml"], "8 edges"),
        (["--to", "graphml", "--min-share", "0.99"], "7 edges"),
    ],
)
def test_export_writes_the_file_and_says_how_much(
    here: Path, options: list[str], told: str
) -> None:
    writer.write(wire_story(), "out")
    done = run("export", "out", *options, "-o", "deep/file")
    assert (done.exit_code, done.stdout) == (0, f"written  {told} to deep/file\n")
    assert Path("deep/file").stat().st_size > 100


# -- what goes wrong ----------------------------------------------------------------------------

REFUSED: list[tuple[list[str], int, str]] = [
    # arguments, exit code, what the message says
    (["scan"], 2, "Missing argument 'PATHS...'"),
    (["scan", "in", "--nonsense"], 2, "No such option"),
    (["scan", "in", "--threshold", "7"], 2, "threshold is 7.0; it must lie in 0.05 to 1"),
    (["scan", "in", "--threshold", "x"], 2, "'x' is not a valid float"),
    (["scan", "in", "--policy", "newest"], 2, "'newest' is not one of"),
    (["scan", "in", "--policy", "preferred-site"], 2, "--prefer SITE go together"),
    (["scan", "in", "--policy", "longest", "--prefer", "a"], 2, "--prefer SITE go together"),
    (["scan", "in", "--field", "text"], 2, "write OURS=THEIRS"),
    (["scan", "in", "--field", "body=text"], 2, "OURS one of id, text"),
    (["scan", "nowhere"], 3, "nowhere: there is no such file"),
    (["scan", "empty"], 3, "empty: the folder is empty"),
    (["scan", "in", "-o", "in"], 4, "in: already holds a"),
    (["scan", "in", "-o", "in/a/1.txt"], 4, "in/a/1.txt: is a file"),
    (["scan", "in", "-o", "in/a/1.txt/out"], 4, "cannot be written"),
    (["scan", "in", "-o", "."], 4, "that is the folder you are in"),
    (["clean", "in"], 2, "Missing option '-o'"),
    (["clean", "in", "-o", "in"], 4, "in: already holds a"),
    (["clean", "nowhere", "-o", "once"], 3, "nowhere: there is no such file"),
    (["show"], 4, "dedup-out: there is no such folder"),
    (["show", "in"], 4, "in: is no output of dedup scan"),
    (["show", "out", "-n", "0"], 2, "0 is not in the range"),
    (["show", "in", "x"], 4, "in: is no output of dedup scan"),
    (["export", "in", "--to", "csv", "-o", "x"], 4, "in: is no output of dedup scan"),
    (["export", "in", "--to", "xls", "-o", "x"], 2, "'xls' is not one of"),
    (["export", "in", "--to", "csv"], 2, "Missing option '-o'"),
    (["export", "in", "--to", "graphml", "--what", "links", "-o", "x"], 2, "leave it out"),
    (["nonsense"], 2, "No such command"),
]


@pytest.mark.parametrize("command", ["scan", "clean", "clean --stories"])
def test_a_folder_of_results_is_refused_with_what_to_give_instead(
    articles: Path, command: str
) -> None:
    run("scan", "in", "-o", "out")
    done = run(*command.split(), "out", "-o", "again")
    assert done.exit_code == 3
    assert done.stderr.startswith("dedup: out: is what dedup found, not articles; give what was")
    assert "such as in/a/1.txt" in done.stderr
    assert not Path("again").exists()


@pytest.mark.parametrize(("arguments", "code", "message"), REFUSED)
def test_what_cannot_be_done_ends_with_its_code_and_one_line(
    articles: Path, arguments: list[str], code: int, message: str
) -> None:
    Path("empty").mkdir()
    done = run(*arguments)
    assert (done.exit_code, done.stdout) == (code, "")
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    if code != 2 or "Usage" not in done.stderr:
        assert len(done.stderr.splitlines()) == 1
    assert sorted(path.name for path in Path().iterdir()) == ["empty", "in"]


def test_a_folder_that_cannot_be_written_is_refused_before_the_work(
    articles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dedup, "scan", lambda *_, **__: pytest.fail("the scan was begun"))
    assert run("scan", "in", "-o", "in").exit_code == 4
    assert run("clean", "in", "-o", "in").exit_code == 4


@pytest.fixture
def fault(articles: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every scan fails."""

    def fail(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("division by\nzero")

    monkeypatch.setattr(dedup, "scan", fail)
    monkeypatch.setattr(sys, "argv", ["dedup", "scan", "in"])


@pytest.mark.usefixtures("fault")
def test_a_fault_of_ours_is_one_line_and_a_traceback_in_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    done = run("scan", "in")
    assert done.exit_code == 70
    (log,) = (tmp_path / "state" / "dedup").iterdir()
    assert done.stderr == (
        "dedup: ZeroDivisionError: division by (this is a fault in dedup; "
        f"its traceback is in {log})\n"
    )
    told = log.read_text("utf-8")
    assert told.startswith(f"dedup {dedup.__version__}, Python {sys.version.split()[0]} on ")
    assert "\ncommand  dedup scan in\n" in told
    assert "Traceback (most recent call last):" in told
    assert told.endswith("ZeroDivisionError: division by\nzero\n")
    assert RAIN not in told
    assert log.stat().st_mode & 0o077 == 0


@pytest.mark.usefixtures("fault")
def test_a_fault_of_ours_is_told_where_no_file_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path / "none" / "such"))
    (tmp_path / "none").touch()
    assert run("scan", "in").stderr == (
        "dedup: ZeroDivisionError: division by (this is a fault in dedup; "
        "set DEDUP_DEBUG=1 for the traceback)\n"
    )
    monkeypatch.setenv("DEDUP_DEBUG", "1")
    assert isinstance(run("scan", "in").exception, ZeroDivisionError)


def test_an_error_of_dedup_without_a_code_of_its_own_gives_1(
    articles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise dedup.DedupError("no")

    monkeypatch.setattr(dedup, "scan", fail)
    done = run("scan", "in")
    assert (done.exit_code, done.stderr) == (1, "dedup: no\n")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_scan_ends_with_130_and_leaves_nothing(here: Path, number: int) -> None:
    os.mkfifo("never.jsonl")
    # opening the pipe for writing waits until the scan has begun to read it
    with command("scan", "never.jsonl") as process, Path("never.jsonl").open("w") as pipe:
        pipe.write("{}\n")
        pipe.flush()
        time.sleep(0.2)
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, "", "dedup: interrupted\n")
    assert list(here.iterdir()) == [here / "never.jsonl"]


def test_a_reader_that_leaves_is_no_error_to_talk_about(here: Path) -> None:
    lines = "".join(
        json.dumps({"id": f"{n}{m}", "text": " ".join(f"word{n}and{k}" for k in range(60))}) + "\n"
        for n in range(300)
        for m in "ab"
    )
    assert run("scan", "-", "-q", stdin=lines).exit_code == 0
    with command("show", "dedup-out", "-n", "300") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 141


def test_output_that_the_terminal_cannot_encode_is_escaped(here: Path) -> None:
    lines = "".join(json.dumps({"id": n, "text": "مرحبا بالعالم اليوم"}) + "\n" for n in "ab")
    run("scan", "-", "-q", stdin=lines)
    shown = subprocess.run(
        [sys.executable, "-m", "dedup", "show"],
        capture_output=True,
        check=True,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "ascii"},
    )
    assert rb"\u0645\u0631\u062d" in shown.stdout


def test_the_module_runs_the_command() -> None:
    with command("--version") as process:
        out, _ = process.communicate()
    assert out == f"dedup, version {dedup.__version__}\n"


def test_the_command_ends_without_a_search_for_garbage(monkeypatch: pytest.MonkeyPatch) -> None:
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    monkeypatch.setattr(sys, "argv", ["dedup", "--version"])
    before, threshold = gc.get_freeze_count(), gc.get_threshold()
    try:
        with pytest.raises(SystemExit):
            main()
        assert gc.get_freeze_count() > before  # what is left is not looked through
        assert gc.get_threshold() == threshold
    finally:
        gc.unfreeze()
        for number, handler in handlers.items():
            signal.signal(number, handler)
