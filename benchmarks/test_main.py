"""`python -m benchmarks`: what is written, when, and what is told in place of it."""

from __future__ import annotations

import configparser
import gzip
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmarks import __main__ as program
from benchmarks import child, corpora, crowds, generate, peers, scans, sections
from benchmarks.__main__ import FAILED, INTERRUPTED, SECTIONS, Job, Section, main
from benchmarks.corpora import Source
from benchmarks.measure import one_thread
from benchmarks.outcome import score, truth

README = Path(__file__).with_name("README.md")
TEXTS = ["The quay was shut.\n\nThe ferry lay off.", "Nobody on the quay was hurt.\n"]


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Job]:
    """Put three short sections in place of the long ones; list what they were asked for."""
    asked: list[Job] = []

    def given(text: str) -> Callable[[Job], str]:
        def take(job: Job) -> str:
            asked.append(job)
            return text

        return take

    made = {
        "one": Section("First", given("1 s")),
        "two": Section("Second", given("2 s")),
        "far": Section("Third", given("3 s"), ("no_such_module",)),
    }
    monkeypatch.setattr(program, "SECTIONS", made)
    monkeypatch.setattr(program, "RESULTS", tmp_path / "RESULTS.md")
    monkeypatch.chdir(tmp_path)
    return asked


def fail(with_what: BaseException) -> Callable[[Job], str]:
    def take(_: Job) -> str:
        raise with_what

    return take


@pytest.mark.usefixtures("jobs")
def test_a_section_whose_library_is_missing_is_left_out_with_what_to_type() -> None:
    assert main([]) == 0
    text = Path("RESULTS.md").read_text()
    assert "## First\n\n1 s\n\n## Second\n\n2 s\n\n## Third\n\nLeft out: " in text
    assert "no_such_module is not installed; type: pip install '.[bench]'" in text
    assert "Not measured yet" not in text
    assert [path.name for path in Path().iterdir()] == ["RESULTS.md"]


@pytest.mark.usefixtures("jobs")
def test_an_interrupted_run_keeps_what_it_has(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(program.SECTIONS, "two", Section("Second", fail(KeyboardInterrupt())))
    assert main(["-o", "here.md"]) == INTERRUPTED
    text = Path("here.md").read_text()
    assert text.endswith("## First\n\n1 s\n")
    assert "Not measured yet: two, far." in text
    assert "1 of 3 sections stand in here.md" in capsys.readouterr().err


@pytest.mark.usefixtures("jobs")
def test_a_section_that_fails_says_so_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(program.SECTIONS, "one", Section("First", fail(OSError("no space"))))
    assert main(["-o", "here.md"]) == FAILED
    text = Path("here.md").read_text()
    assert "## First\n\n**Failed**: OSError: no space\n\n## Second\n\n2 s" in text


@pytest.mark.usefixtures("jobs")
def test_only_the_sections_asked_for_are_measured_and_results_stay() -> None:
    assert main(["--only", "two", "--only", "one"]) == 0
    assert re.findall("^## .*", Path("bench.md").read_text(), re.MULTILINE) == [
        "## First",
        "## Second",
    ]
    assert not Path("RESULTS.md").exists()


def test_a_section_that_there_is_not_is_refused_with_those_that_there_are(
    jobs: list[Job], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["--only", "four"])
    told = capsys.readouterr().err
    assert all(name in told for name in ("four", "one", "two", "far"))
    assert jobs == []


@pytest.mark.parametrize(
    ("arguments", "size", "rounds", "file"),
    [
        ([], program.SIZE, program.ROUNDS, "RESULTS.md"),
        (["--quick"], program.QUICK, 1, "bench.md"),
        (["--size", "300"], 300, 1, "bench.md"),
    ],
)
def test_a_short_run_takes_less_and_leaves_the_results_of_a_full_one(
    jobs: list[Job], arguments: list[str], size: int, rounds: int, file: str
) -> None:
    main(arguments)
    assert (jobs[0].size, jobs[0].rounds) == (size, rounds)
    assert [path.name for path in Path().iterdir()] == [file]


def test_the_extra_brings_all_that_sections_and_peers_need() -> None:
    setup = configparser.ConfigParser()
    setup.read(README.parent.parent / "setup.cfg")
    rows = setup["options"]["install_requires"] + setup["options.extras_require"]["bench"]
    brought = {re.split("[>=]", row)[0].lower() for row in rows.split()}
    needed = {module for section in SECTIONS.values() for module in section.needs}
    needed |= {peer.module for peer in peers.PEERS.values() if peer.module}
    assert {module.replace("_", "-") for module in needed} <= brought


# ---- a corpus of the user's own


@pytest.mark.parametrize("name", ["own.jsonl", "own.jsonl.gz"])
def test_a_file_of_ones_own_is_measured(jobs: list[Job], name: str) -> None:
    rows = "\n".join(json.dumps({"id": 1, "text": text}) for text in TEXTS).encode()
    Path(name).write_bytes(gzip.compress(rows) if name.endswith("gz") else rows)
    assert main(["--corpus", name]) == 0
    source = jobs[0].source
    found, texts = source.take(100)
    assert (found, sorted(texts)) == (name, sorted(TEXTS))
    assert sum(map(len, source.take(2)[1])) < sum(map(len, TEXTS))
    assert source.sizes(100) == [0, 1, 3]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b'{"text": "One."}\n\n{"title": "Two."}\n', "own.jsonl:3: is no JSON object"),
        (b'{"text": 1}', "own.jsonl:1: is no JSON object"),
        (b"[]", "own.jsonl:1: is no JSON object"),
        (b"One.", "own.jsonl:1: is no JSON object"),
        (b'{"text": " "}', "own.jsonl: holds no text"),
        (None, "No such file"),
    ],
)
def test_a_file_that_is_no_corpus_is_refused_before_anything_is_measured(
    jobs: list[Job], capsys: pytest.CaptureFixture[str], content: bytes | None, told: str
) -> None:
    if content is not None:
        Path("own.jsonl").write_bytes(content)
    with pytest.raises(SystemExit):
        main(["--corpus", "own.jsonl"])
    assert told in capsys.readouterr().err
    assert jobs == []


def test_without_a_file_and_a_folder_of_corpora_news_is_made_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(corpora.VARIABLE, raising=False)
    name, texts = Source().take(200)
    assert name.startswith("generated (DEDUP_CORPORA is not set")
    assert corpora.paragraphs(texts) == 200


# ---- real sections, at the least size


def test_a_section_measures_a_corpus_that_is_smaller_than_was_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "own.jsonl"
    rows = (json.dumps({"text": text}) for text in generate.generate(60).articles())
    file.write_text("\n".join(rows))
    text = sections.whole(Source(file), 1000, [], 1)
    assert "### own.jsonl, 60 paragraphs" in text
    assert "| dedup as set |" in text


def test_whole_scans_are_timed_on_made_up_news_and_on_a_file_of_ones_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("rensa")
    monkeypatch.setattr(scans, "AHEAD", {1: 2.0})
    monkeypatch.setattr(scans, "WHOLE", ())
    monkeypatch.setattr(scans, "SPAN", 2)
    file = tmp_path / "own.jsonl"
    rows = ({"text": text, "site": "a.example"} for text in generate.generate(100).articles())
    file.write_text("\n".join(map(json.dumps, rows)))
    text = scans.section(Source(file), 100, 1)
    for what in ("generated, 100 paragraphs: scan", "own.jsonl, 100 paragraphs: scan, two threads"):
        assert what in text
    assert "| whole |" in text


def test_processes_that_are_timed_find_modules_compiled_as_pip_leaves_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("DEDUP_CACHE_DIR", "here")
    found = one_thread()
    assert "PYTHONDONTWRITEBYTECODE" not in found
    assert (found["DEDUP_CACHE_DIR"], found["OMP_NUM_THREADS"]) == ("here", "1")


def test_articles_that_say_the_same_are_scanned_in_two_sizes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(crowds, "FORMS", {"one sentence": crowds.FORMS["one sentence"]})
    monkeypatch.setattr(crowds, "TIMES", 2)
    text = crowds.section(20)
    assert "| whole scan: s, peak MB | 20 articles | 40 articles |" in text
    assert "one sentence, 40 sites, memory" in text


def test_the_peer_that_the_guide_adds_runs_beside_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (block,) = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert len([line for line in block.splitlines() if line]) <= 15
    monkeypatch.setattr(peers, "PEERS", dict(peers.PEERS))
    names: dict[str, Any] = vars(peers).copy()
    exec(compile(block, str(README), "exec"), names)
    (name,) = peers.PEERS.keys() - child.ROUTES.keys()
    assert peers.missing(name) is None
    articles = generate.generate(400).articles()
    true = truth(articles, 0.7)
    found = score(peers.PEERS[name].take(articles, 0.7), true)
    assert found.precision == 1.0
    assert found.recall >= 0.97
