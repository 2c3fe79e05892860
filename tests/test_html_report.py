from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from reports import HOSTILE, hostile, many

import dedup
from dedup import Article, report
from dedup.cli.main import cli
from dedup.errors import OutputError
from dedup.output import ranked_passages
from dedup.report import folder as folders
from dedup.report import page, sites
from dedup.report.matched import KINDS
from dedup.report.shares import divided

SAMPLES = Path(__file__).parent.parent / "samples"


@pytest.fixture(scope="module")
def newsroom(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("newsroom") / "out"
    dedup.scan(SAMPLES / "newsroom", outlets=SAMPLES / "outlets.toml").write(out)
    return out


def scanned(articles: list[Article], out: Path) -> Path:
    dedup.scan(articles).write(out)
    return out


def blocks(file: Path) -> dict[str, Any]:
    text = file.read_text("utf-8")
    found = re.findall(
        r'<script type="application/json" id="d-([\w-]+)">(.*?)</script>', text, re.DOTALL
    )
    return {name: json.loads(value) for name, value in found}


def written(out: Path, **kwargs: Any) -> tuple[report.Written, dict[str, Any]]:
    file = out.parent / "report.html"
    return report.write(out, file, **kwargs), blocks(file)


# -- the file -----------------------------------------------------------------------------------


def test_the_page_is_one_file_that_names_nothing_to_load(newsroom: Path) -> None:
    written(newsroom)
    text = (newsroom.parent / "report.html").read_text("utf-8")
    frame = re.sub(r'<script type="application/json".*?</script>', "", text, flags=re.DOTALL)
    assert not re.search(r"<(?:link|img|iframe|object|embed|base|form action)\b", frame)
    assert not re.search(r"\b(?:src|srcset|poster)\s*=|@import|url\((?!#)|fetch\(|XMLHttp", frame)
    assert "innerHTML" not in frame


def test_the_policy_allows_the_page_s_own_style_and_script_alone(newsroom: Path) -> None:
    written(newsroom)
    text = (newsroom.parent / "report.html").read_text("utf-8")
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', text)
    (style,) = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    (script,) = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    for kind, content in (("style", style), ("script", script)):
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy


def test_the_same_folder_gives_the_same_bytes(newsroom: Path) -> None:
    one, two = newsroom.parent / "one.html", newsroom.parent / "two.html"
    report.write(newsroom, one)
    report.write(newsroom, two)
    assert one.read_bytes() == two.read_bytes()


def test_without_jinja_the_pip_line_is_named(newsroom: Path, tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['jinja2'] = None; from dedup.report import write;"
        f"write({str(newsroom)!r}, {str(tmp_path / 'x.html')!r})"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], check=False, capture_output=True, encoding="utf-8"
    )
    assert "pip install 'news-dedup[report]'" in run.stderr
    assert not (tmp_path / "x.html").exists()


@pytest.mark.parametrize("name", ["report.html", "."])
def test_a_file_that_cannot_be_written_is_refused_before_the_scan(
    newsroom: Path, name: str
) -> None:
    with pytest.raises(OutputError, match="name"):
        report.write(newsroom, newsroom / name)


def test_a_folder_that_is_no_output_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="no output of dedup scan"):
        report.write(tmp_path, tmp_path.parent / "x.html")


def test_the_command_writes_the_page_and_says_so(newsroom: Path, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    run = CliRunner().invoke(
        cli, ["report", str(newsroom), "-o", str(file), "--title", "Week <42>"]
    )
    assert run.exit_code == 0
    assert run.stdout.startswith(f"written  {file}, ")
    assert "<title>Week &lt;42&gt; – dedup report</title>" in file.read_text("utf-8")


def test_a_scan_writes_the_page_that_the_command_writes(newsroom: Path, tmp_path: Path) -> None:
    out, file = tmp_path / "out", tmp_path / "page.html"
    outlets = str(SAMPLES / "outlets.toml")
    paths = ["scan", str(SAMPLES / "newsroom"), "--outlets", outlets, "-q"]
    run = CliRunner().invoke(cli, [*paths, "-o", str(out), "--report", str(file)])
    assert run.exit_code == 0
    report.write(out, tmp_path / "other.html")
    assert file.read_bytes() == (tmp_path / "other.html").read_bytes()


# -- what it says -------------------------------------------------------------------------------


TOLD_TWICE = (
    "For thirty years the last keeper",
    "in May that the crack had grown",
    "Skaters back on the Alder pond",
    "Night reading at the Wold library",
    "Fish market moves under one roof",
)
"""What the five articles of `samples/told-twice` repeat: a caption, a message, three headlines."""


def test_a_new_user_sees_all_that_five_articles_repeat_in_the_first_view(tmp_path: Path) -> None:
    out = tmp_path / "out"
    dedup.scan(SAMPLES / "told-twice").write(out)
    _, found = written(out)
    told = [text for _, _, _, text, _, _ in found["overview"]["first"]["within"]]
    assert [any(text.startswith(begins) for text in told) for begins in TOLD_TWICE] == [True] * 5


def test_the_shares_add_up_to_all_words(newsroom: Path) -> None:
    _, found = written(newsroom)
    overview = found["overview"]
    assert sum(overview["shares"]) == overview["summary"]["words"]
    by_site = [sum(row[1][kind] for row in overview["sites"]) for kind in range(len(KINDS))]
    assert by_site == overview["shares"]


SHARED = (
    "Nine sheep walked through the door of the town hall on Tuesday and stood before the desk of "
    "the clerk, who asked each of them for its name and gave them a number for the queue."
)


@pytest.mark.parametrize(
    ("articles", "shares"),
    [
        ([Article("a", SHARED), Article("b", "Rain fell on the hills all night.")], {}),
        ([Article("a", SHARED, site="a"), Article("b", SHARED, site="b")], {"reused": 36}),
        ([Article("a", f"{SHARED}\n{SHARED}")], {"within": 36}),
        (
            [
                Article("a", SHARED, site="a", date="2025-05-01T08:00:00Z"),
                Article("b", f"{SHARED} (AP)", site="b", date="2025-05-01T09:00:00Z"),
            ],
            {"agency": 37},
        ),
    ],
    ids=["nothing stands twice", "copied", "told twice", "credited to an agency"],
)
def test_the_words_divide_by_who_has_them_from_whom(
    articles: list[Article], shares: dict[str, int], tmp_path: Path
) -> None:
    folder = folders.read(scanned(articles, tmp_path / "out"))
    sums = dict(zip(KINDS, map(sum, zip(*divided(folder), strict=True)), strict=True))
    del sums["original"]
    assert {kind: words for kind, words in sums.items() if words} == shares


def test_the_page_and_the_terminal_name_the_same_passages(newsroom: Path) -> None:
    _, found = written(newsroom)
    ranked = ranked_passages.heaviest(newsroom, 100)
    for way, expected in (("within", ranked.within), ("across", ranked.across)):
        articles = found["articles"]
        shown = [
            (row[5], articles[row[1]][0], row[2], articles[row[3]][0], row[4])
            for row in found["passages"][way]
        ]
        assert shown == [
            (one.words, one.a.article, one.a.paragraph, one.b.article, one.b.paragraph)
            for one in expected
        ]


def test_who_ran_whose_text_is_the_table_of_the_scan_where_no_sites_are_of_one_owner(
    tmp_path: Path,
) -> None:
    out = tmp_path / "out"
    dedup.scan(SAMPLES / "newsroom").write(out)
    folder = folders.read(out)
    assert sites.by_site(folder) == folders.site_rows(out)
    assert folders.site_rows(out)


def test_spans_count_as_the_page_counts_them(tmp_path: Path) -> None:
    text = f"\U0001f327\U0001f327 {SHARED}"
    other = f"Heard at the market: {SHARED} So it was told."
    out = scanned([Article("a", text, site="a"), Article("b", other, site="b")], tmp_path / "out")
    _, found = written(out)
    (match,) = found["matches-0"]
    texts = [found["texts-0"][match[side]][0].encode("utf-16-le") for side in (0, 1)]
    spans = match[-1]
    left, right = (
        "".join(
            texts[side][2 * spans[n + 2 * side] : 2 * spans[n + 2 * side + 1]].decode("utf-16-le")
            for n in range(0, len(spans), 4)
        )
        for side in (0, 1)
    )
    assert left == right
    assert left.startswith("Nine sheep")


def test_an_index_that_keeps_no_texts_gives_a_report_of_places(tmp_path: Path) -> None:
    with dedup.Index(tmp_path / "news.index") as index:
        index.add_many([Article("a", f"{SHARED}\n{SHARED}", site="a"), Article("b", SHARED)])
        index.export(tmp_path / "out")
    _, found = written(tmp_path / "out")
    assert [text[:2] for text in found["texts-0"]] == [["", 36]]
    assert found["overview"]["shares"][KINDS.index("within")] == 36


# -- what is left out ---------------------------------------------------------------------------


def test_a_large_scan_stays_under_the_size_and_says_what_is_left_out(tmp_path: Path) -> None:
    out = scanned(many(600), tmp_path / "out")
    whole, _ = written(out)
    assert whole.left_out == ()
    done, found = written(out, most_bytes=560_000)
    assert (tmp_path / "report.html").stat().st_size == done.size <= 560_000
    left = {what: (shown, every) for what, shown, every, _ in done.left_out}
    assert 0 < left["clusters"][0] < left["clusters"][1] == 600
    assert found["overview"]["left"][2][:3] == ["clusters", *left["clusters"]]


def test_what_is_shown_are_the_largest(tmp_path: Path) -> None:
    out = scanned(many(600), tmp_path / "out")
    _, found = written(out, most_bytes=560_000)
    ranked = [row["cluster"] for row in folders.read(out).clusters]
    shown = [row[0] for row in found["clusters"]]
    assert shown == ranked[: len(shown)]


# -- hostile input ------------------------------------------------------------------------------


def test_there_are_enough_hostile_strings() -> None:
    assert len(set(HOSTILE)) >= 40


def test_no_string_ends_or_begins_an_element(tmp_path: Path) -> None:
    out = scanned(hostile(), tmp_path / "out")
    report.write(out, tmp_path / "report.html", title=HOSTILE[1])
    text = (tmp_path / "report.html").read_text("utf-8")
    data = re.findall(
        r'<script type="application/json" id="[\w-]+">(.*?)</script>', text, re.DOTALL
    )
    frame = re.sub(r'<script type="application/json".*?</script>', "", text, flags=re.DOTALL)
    assert len(data) > 10
    assert not any("<" in block for block in data)
    assert "pwned" not in frame.replace("&lt;script&gt;window.pwned=1&lt;/script&gt;", "")
    assert set(blocks(tmp_path / "report.html")["names"]) == {
        "sites",
        "owners",
        "agencies",
        "reasons",
    }


@pytest.mark.parametrize("text", HOSTILE[:-1])
def test_json_in_the_page_reads_back_as_it_was(text: str) -> None:
    assert json.loads(page.encoded([text])) == [text]
