from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up import FOOTER, RAIN, RAIN_LATER, made_up, newsroom

from dedup import files
from dedup.errors import OutputError, Problem
from dedup.output import diff, reader, writer
from dedup.output.protocol import words
from dedup.output.reading_order import ClusterCounts
from dedup.records import Article
from dedup.terminal import summary
from dedup.terminal.screen import Plain, visible
from dedup.terminal.show import show


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def snapshot(place: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(place.iterdir())}


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


# -- writing ------------------------------------------------------------------------------------


def test_the_folder_holds_the_files_and_fields_that_others_read(out: Path) -> None:
    writer.write(newsroom(), out)
    assert sorted(path.name for path in out.iterdir()) == sorted(writer.NAMES)
    fields = {
        "articles": "article title site url published path paragraphs words repeated_words",
        "texts": "text_id words text boilerplate boilerplate_spans occurrences",
        "matches": "a b relation reason evidence proposed jaccard containment longest_run scopes "
        "spans",
        "clusters": "cluster size articles sites scope boilerplate canonical reason runners_up "
        "members",
    }
    for name, expected in fields.items():
        assert list(rows(out / f"{name}.jsonl")[0]) == expected.split()
    (text, *_), (cluster, *_) = rows(out / "texts.jsonl"), rows(out / "clusters.jsonl")
    assert list(text["occurrences"][0]) == ["article", "paragraph", "start", "end"]
    place = ["text_id", "article", "paragraph", "start", "end"]
    assert list(cluster["canonical"]) == [*place, "text"]
    assert list(cluster["members"][0]) == [*place, "similarity"]
    assert json.loads((out / "summary.json").read_bytes()) == newsroom().summary


def test_spans_in_the_files_slice_the_articles(out: Path) -> None:
    result = newsroom()
    texts = {article.id: article.text for article in result.articles}
    writer.write(result, out)
    for cluster in rows(out / "clusters.jsonl"):
        kept = cluster["canonical"]
        assert texts[kept["article"]][kept["start"] : kept["end"]] == kept["text"]


def test_fractions_have_four_digits_and_words_of_evidence_two(out: Path) -> None:
    writer.write(newsroom(), out)
    assert rows(out / "matches.jsonl")[0]["jaccard"] == 0.6123
    assert rows(out / "matches.jsonl")[0]["evidence"] == 9.88
    assert {m["similarity"] for c in rows(out / "clusters.jsonl") for m in c["members"]} == {
        1.0,
        0.6123,
    }


def test_lines_keep_the_order_of_the_result_and_two_runs_write_the_same(tmp_path: Path) -> None:
    result = newsroom()
    writer.write(result, tmp_path / "one")
    writer.write(result, tmp_path / "two")
    assert snapshot(tmp_path / "one") == snapshot(tmp_path / "two")
    written = [row["cluster"] for row in rows(tmp_path / "one" / "clusters.jsonl")]
    assert written == [cluster.id for cluster in result.clusters]


def test_text_of_every_script_stands_as_itself_in_the_files(out: Path) -> None:
    articles = [Article("a", "مرحبا بالعالم"), Article("b", "مرحبا بالعالم")]
    writer.write(made_up(articles, [[("a", 0), ("b", 0)]]), out)
    assert "مرحبا بالعالم" in (out / "clusters.jsonl").read_text(encoding="utf-8")


def test_a_lone_surrogate_is_written_with_escapes_and_reads_back(out: Path) -> None:
    articles = [Article("a", "odd \ud800 text"), Article("b", "odd \ud800 text")]
    writer.write(made_up(articles, [[("a", 0), ("b", 0)]]), out)
    (cluster,) = rows(out / "clusters.jsonl")
    assert cluster["canonical"]["text"] == "odd \ud800 text"


def test_line_separators_inside_a_text_do_not_break_a_line(out: Path) -> None:
    articles = [Article("a", "one\u2028two\x85three"), Article("b", "one\u2028two\x85three")]
    writer.write(made_up(articles, [[("a", 0), ("b", 0)]]), out)
    assert len((out / "clusters.jsonl").read_bytes().split(b"\n")) == 2
    assert reader.largest(out, 5)[0]["canonical"]["text"] == "one\u2028two\x85three"


def test_problems_are_listed_in_full(out: Path) -> None:
    problem = Problem("news.jsonl:7", "2 lines are not JSON", "mend or delete them", articles=2)
    writer.write(made_up([], [], [problem]), out)
    assert rows(out / "problems.jsonl") == [
        {
            "where": "news.jsonl:7",
            "what": "2 lines are not JSON",
            "remedy": "mend or delete them",
            "skipped": True,
            "articles": 2,
        }
    ]


# -- the folder ---------------------------------------------------------------------------------


def test_an_earlier_output_is_replaced_and_nothing_is_left_beside_it(out: Path) -> None:
    writer.write(made_up([], []), out)
    writer.write(newsroom(), out)
    assert len(rows(out / "clusters.jsonl")) == 2
    assert list(out.parent.iterdir()) == [out]


def test_an_empty_folder_is_written_into(out: Path) -> None:
    out.mkdir()
    writer.write(newsroom(), out)
    assert writer.is_output(out)


def test_missing_parents_are_made(tmp_path: Path) -> None:
    writer.check(tmp_path / "deep" / "er" / "out")
    assert list(tmp_path.iterdir()) == []
    writer.write(newsroom(), tmp_path / "deep" / "er" / "out")
    assert writer.is_output(tmp_path / "deep" / "er" / "out")


def test_a_link_to_a_folder_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    writer.write(newsroom(), tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert writer.is_output(tmp_path / "real")


def foreign_file(out: Path) -> None:
    out.mkdir()
    (out / "thesis.doc").write_text("years of work")


def foreign_file_in_an_output(out: Path) -> None:
    writer.write(newsroom(), out)
    (out / "thesis.doc").write_text("years of work")


def foreign_summary(out: Path) -> None:
    out.mkdir()
    (out / "summary.json").write_text('{"mine": 1}')


def a_file(out: Path) -> None:
    out.write_text("years of work")


def a_file_as_parent(out: Path) -> None:
    out.parent.rmdir()
    out.parent.write_text("years of work")


REFUSED = [
    (foreign_file, "already holds thesis.doc"),
    (foreign_file_in_an_output, "already holds thesis.doc"),
    (foreign_summary, "already holds summary.json"),
    (a_file, "is a file"),
    (a_file_as_parent, "cannot be written"),
]


@pytest.mark.parametrize(("prepare", "reason"), REFUSED)
def test_what_is_not_ours_is_refused_by_name_and_kept(
    tmp_path: Path, prepare: Any, reason: str
) -> None:
    out = tmp_path / "parent" / "out"
    out.parent.mkdir()
    prepare(out)
    with pytest.raises(OutputError, match=reason) as checked:
        writer.check(out)
    with pytest.raises(OutputError, match=reason) as caught:
        writer.write(newsroom(), out)
    for message in (str(checked.value), str(caught.value)):
        assert message.startswith(f"{out}: ")
        assert "name another folder with -o" in message
    if out.is_dir() and (out / "thesis.doc").exists():
        assert (out / "thesis.doc").read_text() == "years of work"


def test_the_working_folder_is_never_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(OutputError, match="folder you are in"):
        writer.check(".")
    with pytest.raises(OutputError, match="folder you are in"):
        writer.check("..")


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, RuntimeError, OSError(28, "full")])
def test_an_interrupted_run_leaves_the_old_folder_and_nothing_else(
    out: Path, interruption: Any
) -> None:
    writer.write(newsroom(), out)
    before = snapshot(out)

    class Interrupted:
        def __len__(self) -> int:
            return 1

        def __iter__(self) -> Any:
            yield from newsroom().clusters
            raise interruption

    result = newsroom()
    result.clusters = Interrupted()  # type: ignore[assignment]
    with pytest.raises((KeyboardInterrupt, RuntimeError, OutputError)):
        writer.write(result, out)
    assert snapshot(out) == before
    assert list(out.parent.iterdir()) == [out]


def test_an_exchange_cut_short_by_a_kill_is_undone_by_the_next_run(out: Path) -> None:
    writer.write(newsroom(), out)
    before = snapshot(out)
    out.rename(files.previous(out))
    with pytest.raises(OutputError, match=r"rename .*previous to"):
        reader.opened(out)
    writer.check(out)
    assert snapshot(out) == before
    assert list(out.parent.iterdir()) == [out]


def test_what_a_killed_run_left_is_removed_by_the_next(out: Path) -> None:
    leftover = out.with_name(".out.partial")
    leftover.mkdir()
    (leftover / "articles.jsonl").write_text("half")
    (leftover / "sub").mkdir()
    writer.write(newsroom(), out)
    assert list(out.parent.iterdir()) == [out]
    assert "sub" not in snapshot(out)


def test_two_runs_do_not_write_one_folder_at_a_time(out: Path) -> None:
    with (
        files.replaced(out),
        pytest.raises(OutputError, match="another run is writing it"),
        files.replaced(out),
    ):
        pass
    writer.check(out)


# -- reading back -------------------------------------------------------------------------------


class Lines:
    def __init__(self) -> None:
        self.text: list[str] = []

    width: int | None = None

    def line(self, pieces: Any, indent: int = 0, hang: int = 0) -> None:
        self.text.append(" " * indent + "".join(text for _, text in pieces))


def shown(out: Path, cluster: str | None = None, limit: int = 20) -> str:
    to = Lines()
    show(out, cluster, limit, to)
    return "\n".join(to.text)


@pytest.fixture
def written(out: Path) -> Path:
    writer.write(newsroom(), out)
    return out


def test_show_prints_the_weightiest_cluster_first(written: Path) -> None:
    text = shown(written)
    assert text.index(RAIN) < text.index(FOOTER)
    assert RAIN_LATER not in shown(written, limit=1).replace("south", "")


def test_show_names_the_kept_version_its_reason_and_every_place(written: Path) -> None:
    text = shown(written, limit=1)
    assert "kept: a/1.txt ¶0 — earliest of all dated versions" in text
    assert "word for word: b/1.txt ¶0 (2024-05-01)" in text
    assert "61% similar: b/2.txt ¶1" in text
    assert "3 places, 3 articles, 2 sites, cross-site" in text


def test_show_marks_the_words_that_differ(
    written: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    show(written, None, 1, Plain())
    expected = "Rain is due in the [-north today-]{+south on Monday+}, the weather service said"
    assert expected in capsys.readouterr().out


def test_one_cluster_is_shown_with_its_runners_up(written: Path) -> None:
    assert "next best: b/2.txt ¶1" in shown(written, "00000001")
    assert "next best" not in shown(written)


def test_the_beginning_of_an_id_is_enough(written: Path) -> None:
    (first, *_) = rows(written / "clusters.jsonl")
    assert shown(written, first["cluster"][:8]) == shown(written, first["cluster"])


@pytest.mark.parametrize(
    ("prefix", "message"),
    [
        ("0000", "2 ids begin with '0000'"),
        ("ffff", "no story, cluster, passage or article begins with 'ffff'"),
    ],
)
def test_an_unclear_or_unknown_cluster_is_told(written: Path, prefix: str, message: str) -> None:
    with pytest.raises(OutputError, match=message):
        shown(written, prefix)


def test_many_places_are_collapsed_in_a_list_but_not_for_one_cluster(out: Path) -> None:
    articles = [Article(f"{n:03}", RAIN) for n in range(100)]
    writer.write(made_up(articles, [[(article.id, 0) for article in articles]]), out)
    assert "… and 95 more" in shown(out)
    assert "099 ¶0" not in shown(out)
    assert "099 ¶0" in shown(out, "0")


def test_many_versions_are_counted_in_a_list_but_shown_for_one_cluster(out: Path) -> None:
    articles = [Article(f"{n:03}", f"{RAIN} Number {n}.") for n in range(30)]
    writer.write(made_up(articles, [[(article.id, 0) for article in articles]]), out)
    assert "23 further versions: name the cluster to see all" in shown(out)
    assert "029 ¶0" in shown(out, "0")
    assert "further versions" not in shown(out, "0")


def test_long_texts_are_cut_in_a_list_but_not_for_one_cluster(out: Path) -> None:
    text = " ".join(f"word{n}" for n in range(400))
    articles = [Article("a", text), Article("b", f"{text} and more")]
    writer.write(made_up(articles, [[("a", 0), ("b", 0)]]), out)
    assert "word200" not in shown(out)
    assert "word0 " in shown(out)
    assert "word399 and more" in shown(out)
    assert "word200" in shown(out, "0")


def test_an_output_without_clusters_says_so(out: Path) -> None:
    writer.write(made_up([], []), out)
    assert shown(out) == "No text stands more than once."


def no_folder(out: Path) -> None:
    for path in out.iterdir():
        path.unlink()
    out.rmdir()


def no_summary(out: Path) -> None:
    (out / "summary.json").unlink()


def no_texts(out: Path) -> None:
    (out / "texts.jsonl").unlink()


def half_a_line(out: Path) -> None:
    content = (out / "clusters.jsonl").read_bytes()
    (out / "clusters.jsonl").write_bytes(content[: len(content) // 3])


def other_bytes(out: Path) -> None:
    (out / "texts.jsonl").write_bytes(b"\xff\xfe{}\n")


def other_fields(out: Path) -> None:
    (out / "clusters.jsonl").write_text('{"cluster": "0"}\n')


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (no_folder, "there is no such folder"),
        (no_summary, "is no output of dedup scan"),
        (no_texts, r"texts\.jsonl: cannot be read"),
        (half_a_line, r"clusters\.jsonl:1: not a line that dedup wrote"),
        (other_bytes, r"texts\.jsonl: cannot be read"),
        (other_fields, "do not fit together"),
    ],
)
def test_a_damaged_output_is_named(written: Path, damage: Any, message: str) -> None:
    damage(written)
    with pytest.raises(OutputError, match=message):
        shown(written)


def test_right_to_left_text_is_shown_unchanged(
    out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two = "قال الوزير إن المطر سيستمر", "قال الوزير إن الثلج سيستمر"
    writer.write(made_up([Article("a", one), Article("b", two)], [[("a", 0), ("b", 0)]]), out)
    show(out, None, 1, Plain())
    printed = capsys.readouterr().out
    assert one in printed
    assert "[-المطر-]{+الثلج+}" in printed


# -- words and marks ----------------------------------------------------------------------------

COMPARED = [
    ("Rain is due.", "Rain is due!", "Rain is due!"),
    ("Rain is due.", "RAIN is “due”", "RAIN is “due”"),
    ("Rain is due today.", "Rain is today.", "Rain is[- due-] today."),
    ("Rain is due.", "Heavy rain is due.", "{+Heavy+} rain is due."),
    ("Heavy rain is due.", "Rain is due.", "[-Heavy -]Rain is due."),
    ("Rain is due.", "Rain is due, they said.", "Rain is due, {+they said+}."),
    ("Rain is due, they said.", "Rain is due.", "Rain is due[-, they said-]."),
    ("台风今晚登陆广东", "台风明晚登陆广东", "台风[-今-]{+明+}晚登陆广东"),
    ("हिन्दी में खबर", "हिन्दी की खबर", "हिन्दी [-में-]{+की+} खबर"),
    ("co\u00adoperate now", "cooperate then", "cooperate [-now-]{+then+}"),
    ("", "Rain.", "{+Rain+}."),
]


@pytest.mark.parametrize(("canonical", "other", "expected"), COMPARED)
def test_words_are_marked_where_they_differ(
    canonical: str, other: str, expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Plain().line(diff.compare(canonical, other))
    assert capsys.readouterr().out.rstrip("\n") == expected


@given(st.text(max_size=60), st.text(max_size=60))
def test_the_pieces_give_the_text_back(canonical: str, other: str) -> None:
    pieces = diff.compare(canonical, other)
    kept = "".join(text for kind, text in pieces if kind in (diff.SAME, diff.ADDED))
    assert kept == other


@given(st.text(max_size=60))
def test_a_text_does_not_differ_from_itself(text: str) -> None:
    assert {kind for kind, _ in diff.compare(text, text)} <= {diff.SAME}


def test_the_comparison_of_very_long_texts_is_bounded_and_says_so() -> None:
    text = " ".join(str(n) for n in range(diff.LONGEST + 500))
    pieces = diff.compare(text, text + " end")
    assert (diff.NOTE, "[only the first 1,500 words are compared] ") in pieces
    kept = "".join(part for kind, part in pieces if kind == diff.SAME)
    assert kept == text + " end"


def test_control_characters_cannot_steer_a_terminal() -> None:
    assert visible("a\x1b[2Jb\x00c\x9bd") == "a␛[2Jb␀c\N{REPLACEMENT CHARACTER}d"


@pytest.mark.parametrize("control", "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
def test_what_turns_the_direction_of_writing_does_not_reach_a_terminal(control: str) -> None:
    assert visible(f"report{control}fdp.exe") == "report\N{REPLACEMENT CHARACTER}fdp.exe"
    assert visible("one\u200e\u200f\u061c two") == "one two"


@pytest.mark.parametrize(
    ("more", "less"),
    [
        ((RAIN, 3), (FOOTER, 10)),
        ((RAIN, 4), (RAIN, 3)),
        (("台风今晚登陆广东省沿海", 3), (FOOTER, 3)),
        ((FOOTER, 100), (RAIN, 2)),
    ],
)
def test_long_text_in_many_places_weighs_most(more: tuple[str, int], less: tuple[str, int]) -> None:
    ranks = [
        ClusterCounts(False, told=0, articles=places, sites=1, places=places).rank(words(text))
        for text, places in (more, less)
    ]
    assert ranks[0] > ranks[1]


# -- the terminal -------------------------------------------------------------------------------


def test_the_summary_ranks_the_clusters_and_says_how(
    written: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    summary.summarise(written)
    printed = capsys.readouterr().out
    assert printed.startswith("Clusters with the most words that other articles repeat")
    assert printed.index("Rain is due") < printed.index("Follow us")
    for line in ("scopes     cross-site 2", "relations  duplicate 1", f"files      in {written}"):
        assert line in printed
    assert "\x1b" not in printed


def told(problems: list[Problem], capsys: pytest.CaptureFixture[str]) -> list[str]:
    summary.list_problems(problems, "all are in x")
    return capsys.readouterr().err.splitlines()


def test_the_summary_counts_what_was_skipped(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    problems = [Problem(f"x.jsonl:{n}", "is not JSON", "mend the line") for n in range(25)]
    writer.write(made_up([], [], problems), out)
    summary.summarise(out)
    assert f"skipped    25 documents, listed in {out}/problems.jsonl" in capsys.readouterr().out


def test_like_problems_are_one_line_and_do_not_bury_another(
    capsys: pytest.CaptureFixture[str],
) -> None:
    odd = Problem("odd.html", "no main text found", "save its text")
    like = [Problem(f"{n}.json:1", f"line {n} is bad (at {n})", "mend it") for n in range(30)]
    assert told([*like[:20], odd, *like[20:]], capsys) == [
        "30 times: line 0 is bad (at 0) (mend it), such as 0.json:1, 1.json:1, 2.json:1",
        "odd.html: no main text found (save its text)",
        "all are in x",
    ]
    assert told(like[:2], capsys) == [
        "2 times: line 0 is bad (at 0) (mend it), in 0.json:1, 1.json:1"
    ]
    assert told([*like[:2], like[1]], capsys) == [
        "3 times: line 1 is bad (at 1) (mend it), in 0.json:1, 1.json:1"
    ]
    mended = Problem("3.json:1", "line 3 is bad (at 3)", "mend it", skipped=False)
    assert len(told([like[0], mended], capsys)) == 2


def test_of_very_many_kinds_of_problems_the_rest_is_counted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    problems = [Problem("x", f"fault {'a' * n}", "mend it") for n in range(1, 26)] * 2
    lines = told(problems, capsys)
    assert len(lines) == 21
    assert lines[-1] == "10 further problems: all are in x"


def test_a_problem_that_lists_much_is_cut_and_digests_are_shortened(
    capsys: pytest.CaptureFixture[str],
) -> None:
    names = ", ".join(f"{n:08x}{'0' * 56}" for n in range(12))
    (line,) = told([Problem("x.json:1", "no field 'text'", f"its fields: {names}")], capsys)
    assert line == "x.json:1: no field 'text' (its fields: 00000000…, 00000001…, …)"
    assert told([Problem("x", "no", "word " * 100)], capsys)[0].endswith("word …)")


def test_what_looks_like_markup_is_printed_as_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    text = "[bold]Rain[/bold] is due [/nonsense] :smile:"
    articles = [Article("[red]a[/red]", text), Article("b", text)]
    writer.write(made_up(articles, [[("[red]a[/red]", 0), ("b", 0)]]), tmp_path / "[out]")
    summary.summarise(tmp_path / "[out]")
    printed = capsys.readouterr().out
    assert text in printed
    assert "[red]a[/red]" in printed
    assert "/[out];" in printed


def test_sigkill_during_the_writing_leaves_the_old_folder(out: Path) -> None:
    writer.write(newsroom(), out)
    before = snapshot(out)
    code = """
        import os, signal, sys
        sys.path.insert(0, sys.argv[2])
        from made_up import newsroom
        from dedup.output import writer
        class Killing:
            def __len__(self): return 1
            def __iter__(self):
                yield newsroom().clusters[0]
                os.kill(os.getpid(), signal.SIGKILL)
        result = newsroom()
        result.clusters = Killing()
        writer.write(result, sys.argv[1])
    """
    run = [sys.executable, "-c", textwrap.dedent(code), str(out), str(Path(__file__).parent)]
    ended = subprocess.run(run, check=False, env=os.environ | {"PYTHONPATH": str(Path.cwd())})
    assert ended.returncode == -signal.SIGKILL
    assert snapshot(out) == before
    writer.write(newsroom(), out)
    assert list(out.parent.iterdir()) == [out]
