from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from made_up import CREWS, LEAD, RAIN, SCHOOL, TUGS, MadeUp, made_up, member, newsroom, wire_story
from rich.console import Console

from dedup import scan
from dedup.errors import OutputError
from dedup.output import reader, writer
from dedup.output.titles import TITLE, titling
from dedup.readers.discover import RESULT
from dedup.records import Article
from dedup.terminal import summary
from dedup.terminal.screen import Coloured, Plain
from dedup.terminal.show import show

FERRY = "5f0c0ffee0000001"


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def written(out: Path) -> Path:
    writer.write(wire_story(), out)
    return out


@pytest.fixture
def shown(capsys: pytest.CaptureFixture[str]) -> Any:
    def printed(out: Path, wanted: str | None = None, limit: int = 20, **more: Any) -> str:
        show(out, wanted, limit, Plain(), **more)
        return capsys.readouterr().out

    return printed


# -- the files ----------------------------------------------------------------------------------


STORY_FIELDS = """story size sites title words repeated_words canonical reason runners_up original
source members"""
MEMBER_FIELDS = """article role credit share_of_member share_of_canonical lag confidence
supersedes added cut changed"""


def test_the_lines_of_stories_have_the_fields_that_others_read(written: Path) -> None:
    story, rain = rows(written / "stories.jsonl")
    assert list(story) == STORY_FIELDS.split()
    assert list(story["members"][0]) == MEMBER_FIELDS.split()
    assert (story["size"], story["canonical"], story["source"]) == (4, "north/f.txt", "NW")
    assert (rain["original"], rain["source"]) == (None, None)
    assert story["members"][2] == {
        "article": "post/f.txt",
        "role": "extended",
        "credit": None,
        "share_of_member": 0.7124,
        "share_of_canonical": 0.98,
        "lag": [0, 86400],
        "confidence": 0.6,
        "supersedes": None,
        "added": [0],
        "cut": [],
        "changed": [3],
    }


def test_a_story_weighs_what_its_other_articles_repeat_of_the_kept_one(written: Path) -> None:
    story, rain = rows(written / "stories.jsonl")
    words = len(f"{LEAD} {CREWS} {TUGS}".split())
    assert story["words"] == words
    assert story["repeated_words"] == round(words * (1.0 + 0.98 + 0.33333))
    assert rain["repeated_words"] == len(RAIN.split())


def test_a_story_without_a_headline_is_called_by_its_first_line(out: Path) -> None:
    result = wire_story()
    result.articles = list(result.articles)
    result.articles[3] = Article("rain/1", f"\n\n {RAIN} \n{TUGS}", site="herald")
    writer.write(result, out)
    story, rain = rows(out / "stories.jsonl")
    assert (story["title"], rain["title"]) == ("Ferry aground", RAIN)


def titled(*titles: str | None, others: tuple[str, ...] = (), one_site: bool = False) -> str:
    """Name a story of articles with these titles, the first of them to keep, among others."""
    members = [
        Article(f"{n}", f"{RAIN}\nMore.", title, site="s" if one_site else f"s{n}")
        for n, title in enumerate(titles)
    ]
    rest = [Article(f"x{n}", TUGS, title) for n, title in enumerate(others)]
    return titling([*members, *rest])(members, members[0])


TITLES = [
    # titles of the members, of other articles, what the story is called
    (("Email", "Ferry aground", "FERRY AGROUND!"), (), "Ferry aground"),
    (("Ferry stuck", "Ferry aground", "Tugs sent"), (), "Ferry stuck"),
    (("Email", "Ferry aground"), ("Email",) * 3, "Ferry aground"),
    (("Email", "Email", "Ferry aground"), ("email",) * 3, "Ferry aground"),
    (("Rain", "Rain", "Rain", "Wet"), ("Rain",) * 3, "Rain"),
    (("Email", None), ("Email",) * 3, RAIN),
    ((None, "(no title)"), (), RAIN),
    ((None, "Ferry aground"), (), "Ferry aground"),
]


@pytest.mark.parametrize(("titles", "others", "name"), TITLES)
def test_a_story_is_called_by_the_headline_that_most_sites_bear(
    titles: tuple[str, ...], others: tuple[str, ...], name: str
) -> None:
    assert titled(*titles, others=others) == name


def test_versions_on_one_site_have_one_vote_on_what_a_story_is_called() -> None:
    assert titled("Ferry aground", "Share", "Share", one_site=True) == "Ferry aground"
    assert titled("Share", "Share", "Wet", others=("Share",) * 3, one_site=True) == "Wet"


def test_a_very_long_headline_is_cut(out: Path) -> None:
    result = wire_story()
    result.articles = list(result.articles)
    result.articles[3] = Article("rain/1", RAIN, "word " * 1000)
    writer.write(result, out)
    assert rows(out / "stories.jsonl")[1]["title"] == f"{'word ' * TITLE}"[:TITLE] + "…"


def test_the_lines_of_links_have_the_fields_of_a_link(written: Path) -> None:
    link = rows(written / "links.jsonl")[2]
    assert link == {
        "a": "north/f.txt",
        "b": "post/f.txt",
        "kind": "extended",
        "share_of_b": 0.7124,
        "share_of_a": 0.98,
        "containment": 0.98,
        "words": 44,
        "first": "north/f.txt",
        "confidence": 0.6,
        "lag": [0, 86400],
        "reasons": ["published on the day before"],
    }


def test_paragraphs_that_a_story_speaks_of_stand_in_a_file_with_their_place(written: Path) -> None:
    told = rows(written / "paragraphs.jsonl")
    assert [(row["article"], row["paragraph"]) for row in told] == [
        *(("north/f.txt", number) for number in range(3)),  # all of what is kept
        ("post/f.txt", 0),
        ("post/f.txt", 3),
        ("rain/1", 0),
    ]
    texts = {article.id: article.text for article in wire_story().articles}
    for row in told:
        assert texts[row["article"]][row["start"] : row["end"]] == row["text"]


def test_the_sites_are_a_table_with_a_row_for_each_pair(written: Path) -> None:
    with (written / "sites.csv").open(encoding="utf-8", newline="") as file:
        table = list(csv.reader(file))
    assert table == [
        ["site", "source", "articles", "words", "agency_articles", "agency_words"],
        ["gazette", "north", "1", "45", "1", "45"],
        ["post", "north", "1", "44", "0", "0"],
    ]


def test_a_scan_without_stories_writes_the_files_empty(out: Path) -> None:
    writer.write(newsroom(), out)
    assert sorted(path.name for path in out.iterdir()) == sorted(writer.NAMES)
    for name in ("stories.jsonl", "links.jsonl", "paragraphs.jsonl"):
        assert (out / name).read_bytes() == b""
    assert len((out / "sites.csv").read_text().splitlines()) == 1


def make_old(out: Path) -> Path:
    """Make of an output folder one as format 1 had it."""
    for name in ("stories.jsonl", "links.jsonl", "paragraphs.jsonl", "sites.csv"):
        (out / name).unlink()
    summary = json.loads((out / "summary.json").read_bytes())
    names = ("stories", "story_articles", "links", "credited", "roles")
    old = {name: value for name, value in summary.items() if name not in names} | {"format": 1}
    (out / "summary.json").write_text(json.dumps(old))
    return out


def test_a_folder_of_the_older_format_is_shown_and_replaced(written: Path, shown: Any) -> None:
    make_old(written)
    assert "cluster 00000000" in shown(written)
    assert "shares text" not in shown(written, "north/f.txt")
    summary.summarise(written)
    writer.check(written)
    writer.write(wire_story(), written)
    assert len(rows(written / "stories.jsonl")) == 2


def test_folders_of_both_formats_are_passed_by_when_read(written: Path) -> None:
    assert {path.name for path in written.iterdir()} >= RESULT
    assert {path.name for path in make_old(written).iterdir()} >= RESULT


# -- stories shown ------------------------------------------------------------------------------


LISTED = f"""
story {FERRY}  4 articles, 4 sites, text of NW
Ferry aground
kept:  north/f.txt — the agency's own copy
first: north/f.txt — from 60% sure (against post/f.txt: published on the day before) to 95% \
(against gazette/f.txt: the agency's own copy, published 1 h 20 min before); unknown against \
1 article
  role      later        sure  in kept  of kept  ¶      credit  article
  original  first              kept     kept            NW      north/f.txt
  copy      1 h 20 min   95%   100%     100%            NW      gazette/f.txt
  extended  within 24 h  60%   71%      98%      +1 ~1          post/f.txt
  excerpt                      100%     33%      -2             strait/f.txt
"""


def test_the_list_tells_of_each_story_what_a_newsroom_asks(written: Path, shown: Any) -> None:
    lines = shown(written).splitlines()
    assert lines[:9] == LISTED.strip().splitlines()
    assert lines[10].startswith("story 5f0c0ffee0000002")
    assert "first: unknown" in lines
    assert (
        lines[-1]
        == f"dedup show {written} ID prints one with all its articles, --full also their texts"
    )


def test_a_story_shows_its_members_and_the_beginning_of_what_is_kept(
    written: Path, shown: Any
) -> None:
    text = shown(written, FERRY)
    assert text.startswith(LISTED.strip())
    assert f"    ¶0 {LEAD}\n    ¶1 {CREWS}\n    ¶2 {TUGS}\n" in text
    assert "next best: gazette/f.txt" in text
    assert SCHOOL not in text
    assert text.endswith("--full prints the texts, and what each version changes\n")


def test_of_a_long_text_the_beginning_is_shown_and_the_rest_counted(out: Path, shown: Any) -> None:
    result = wire_story()
    result.articles = list(result.articles)
    long = "\n".join(f"{n} {'word ' * 50}end." for n in range(9))
    result.articles[1] = Article("north/f.txt", long, "Ferry aground", site="north")
    writer.write(result, out)
    text = shown(out, FERRY)
    assert f"    ¶1 1 {'word ' * 50}end.\n" in text
    assert "    ¶2 2 word" in text
    assert "    6 further paragraphs; --full prints the texts" in text
    assert "word …\n" in text
    assert "¶8" not in text
    assert "¶8 8 word" in shown(out, FERRY, full=True)


def test_a_story_in_full_shows_what_was_added_changed_and_cut(written: Path, shown: Any) -> None:
    text = shown(written, FERRY, full=True)
    assert f"    ¶0 {LEAD}\n    ¶1 {CREWS}\n    ¶2 {TUGS}\n" in text
    assert "post/f.txt  extended, 1 paragraph added, 1 paragraph changed\n" in text
    assert f"    ¶0 {{+{SCHOOL}+}}\n" in text
    assert "at the next [-spring tide-]{+high water+}, the harbour" in text
    assert f"    ¶1 of the kept one [-{CREWS}-]\n" in text
    assert "after north/f.txt: the agency's own copy; published 1 h 20 min before" in text


def test_of_a_changed_paragraph_only_what_differs_is_shown_with_a_few_words_beside(
    out: Path, shown: Any
) -> None:
    result = wire_story()
    result.articles = list(result.articles)
    before, after = "calm  \t" * 60, "wind " * 60
    kept = f"{before}spring tide {after}. {'Never told again. ' * 40}"
    for number, text in ((1, kept), (2, f"{SCHOOL}\na\nb\n{before}high water {after}.")):
        result.articles[number] = replace(result.articles[number], text=text)
    writer.write(result, out)
    line = next(x for x in shown(out, FERRY, full=True).splitlines() if "high water" in x)
    assert line.startswith(
        "    ¶3 … calm calm calm calm calm [-spring tide-]{+high water+} wind wind"
    )
    assert len(line) < 200


def test_texts_are_shown_of_every_listed_story_on_request(written: Path, shown: Any) -> None:
    text = shown(written, full=True)
    assert f"{{+{SCHOOL}+}}" in text
    assert text.count("the kept version") == 2
    assert f"{{+{SCHOOL}+}}" in shown(written, "strait", full=True)


@pytest.mark.parametrize("width", [60, 80, 140])
def test_no_line_of_a_table_is_longer_than_the_terminal(written: Path, width: int) -> None:
    page = io.StringIO()
    show(written, None, 20, Coloured(Console(file=page, width=width)))
    lines = page.getvalue().splitlines()
    assert max(map(len, lines)) <= width
    assert not any(not a and not b for a, b in pairwise(lines)), "blank lines come alone"
    row = next(number for number, line in enumerate(lines) if "within 24 h" in line)
    assert lines[row].split()[0] == "extended"
    if width == 60:
        assert lines[row - 1].split() == ["post/f.txt"]
    else:
        assert lines[row].split()[-1] == "post/f.txt"


@pytest.mark.parametrize("width", [60, 80, 140])
def test_the_links_of_an_article_fit_the_terminal(written: Path, width: int) -> None:
    page = io.StringIO()
    show(written, "strait", 20, Coloured(Console(file=page, width=width)))
    *_, before, last = page.getvalue().splitlines()
    assert max(map(len, page.getvalue().splitlines())) <= width
    assert last.split()[:2] == ["extended", "100%"]
    assert "north/f.txt" in (before if width == 60 else last)


def test_the_reasons_for_who_was_first_are_told_once_where_they_do_not_differ(
    out: Path, shown: Any
) -> None:
    result = wire_story()
    result.links = [replace(one, reasons=("it was",)) for one in result.links]
    writer.write(result, out)
    assert "— 60% to 95% sure: it was; unknown against 1 article\n" in shown(out)
    result.links = []
    writer.write(result, out)
    assert "— 60% to 95% sure; unknown against 1 article\n" in shown(out)


def test_clusters_are_shown_on_request_and_by_their_id(written: Path, shown: Any) -> None:
    assert shown(written, what="clusters").startswith("cluster 00000000c0ffee00")
    assert shown(written, "000").startswith("cluster 00000000c0ffee00")


def test_an_article_is_shown_with_its_stories_and_links(written: Path, shown: Any) -> None:
    text = shown(written, "strait")
    assert text.startswith("article strait/f.txt\n=Ferry <&>")
    assert f"story {FERRY}" in text
    assert "shares text with 2 articles" in text
    assert [line.split() for line in text.splitlines()[-2:]] == [
        # to the excerpt both are the longer version
        ["extended", "100%", "33%", "16", "unknown", "gazette/f.txt"],
        ["extended", "100%", "33%", "16", "unknown", "north/f.txt"],
    ]


@pytest.mark.parametrize(
    ("text", "credited", "told"),
    [
        ("OSLO (AP) — It rained.", 1, "agency: AP\n"),
        ("It rained. (AFP, Reuters)", 1, "agency: none, as AFP and Reuters are credited alike\n"),
        ("It rained.\n\n(With inputs from PTI)", 1,
         "agency: none, as PTI is credited for a part of it only\n"),
        ("It rained.\n\nThis story was published from an agency feed without a change.", 0,
         "agency: none, as it says to be from agencies and does not name them\n"),
        ("It rained.\n\n(Reporting by Ann Roe; Editing by Jon Doe)", 0,
         "agency: none, as it has the style of Reuters and does not name it\n"),
        ("It rained.", 0, ""),
    ],
)  # fmt: skip
def test_an_article_tells_why_its_text_is_an_agencys_or_nobodys(
    text: str, credited: int, told: str, out: Path, shown: Any
) -> None:
    result = scan([Article("a", text)])
    result.write(out)
    printed = shown(out, "a")
    assert told in printed
    assert ("agency:" in printed) == bool(told)
    assert result.summary["credited"] == credited


def test_an_article_tells_the_proof_of_each_credit(out: Path, shown: Any) -> None:
    class Credited(MadeUp):
        def article_rows(self) -> Any:
            for row in super().article_rows():
                proof = {"field": "text", "start": 0, "end": 4, "proof": "(NW)"}
                credit = {"agency": "NW", "kind": "dateline", **proof}
                tag = {"kind": "update", "number": 2, **proof, "proof": "UPDATE 2-"}
                yield row | {"credits": [credit], "tags": [tag], "published_doubt": "in the future"}

    writer.write(Credited([Article("a", RAIN, date="2099-01-01")], summary={"format": 2}), out)
    text = shown(out, "a")
    assert "credit: NW, dateline in the text: (NW)\n" in text
    assert "tag: update 2 in the text: UPDATE 2-\n" in text
    assert "published: 2099-01-01 (doubtful: in the future)\n" in text


def test_an_id_in_full_goes_before_ids_that_begin_so(out: Path, shown: Any) -> None:
    articles = [Article("0", RAIN), Article("00", RAIN)]
    writer.write(made_up(articles, [[("0", 0), ("00", 0)]]), out)
    assert shown(out, "0").startswith("article 0\n")
    assert shown(out, "000").startswith("cluster 000")


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ("5f0c", r"2 ids begin with '5f0c' \(story 5f0c0ffee0000001, story 5f0c0ffee0000002\)"),
        ("rain", r"2 ids begin with 'rain' \(article rain/1, article rain/2\)"),
        ("zz", "no story, cluster, passage or article begins with 'zz'"),
    ],
)
def test_an_unclear_or_unknown_id_is_told(
    written: Path, shown: Any, wanted: str, message: str
) -> None:
    with pytest.raises(OutputError, match=message):
        shown(written, wanted)


def many_copies(count: int) -> MadeUp:
    result = wire_story()
    articles = [Article(f"site{n:03}/f", LEAD, site=f"site{n:03}") for n in range(count)]
    copies = [member(article.id, "copy", 1.0, 1.0) for article in articles]
    story = replace(
        result.stories[0], canonical="site000/f", original=None, members=tuple(copies), sites=count
    )
    result.articles, result.stories, result.links = articles, [story], []
    return result


def test_of_many_members_a_list_shows_some_and_says_so_and_the_story_shows_all(
    out: Path, shown: Any
) -> None:
    writer.write(many_copies(500), out)
    assert "492 further articles: name the story to see all" in shown(out)
    assert "site300/f" not in shown(out)
    assert "site300/f" in shown(out, FERRY)
    assert "further" not in shown(out, FERRY)


def test_the_article_that_was_asked_for_is_never_left_out_of_its_story(
    out: Path, shown: Any
) -> None:
    writer.write(many_copies(500), out)
    text = shown(out, "site300")
    assert "copy  100%     100%     site300/f\n" in text
    assert "491 further articles" in text


def test_text_cannot_steer_the_terminal(written: Path, shown: Any) -> None:
    assert "\x0b" not in shown(written, "strait")


@pytest.mark.parametrize("name", ["stories.jsonl", "links.jsonl", "paragraphs.jsonl"])
def test_a_missing_file_of_a_new_folder_is_named(written: Path, shown: Any, name: str) -> None:
    (written / name).unlink()
    with pytest.raises(OutputError, match=name.replace(".", r"\.")):
        shown(written, FERRY)


def test_on_a_terminal_blank_lines_part_the_stories_and_words_are_coloured(
    written: Path,
) -> None:
    page = io.StringIO()
    show(written, None, 20, Coloured(Console(file=page, width=120)))
    assert "\n\nstory 5f0c0ffee0000002" in "\n".join(map(str.rstrip, page.getvalue().splitlines()))
    page = io.StringIO()
    console_ = Console(file=page, width=120, force_terminal=True)
    show(written, FERRY, 20, Coloured(console_), full=True)
    assert f"\x1b[1;32m{SCHOOL}" in page.getvalue()


# -- the terminal -------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [80, 140])
def test_the_summary_keeps_ids_whole_and_fits_the_terminal(
    out: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", f"{width}")
    result = wire_story()
    long = "a-site/with/a/long-way-to-the-article.txt"
    result.articles = [*result.articles, Article(long, RAIN)]
    result.articles.sort(key=lambda article: article.id)
    ferry, rain_story = result.stories
    result.stories = [ferry, replace(rain_story, original=long, source="A Very Long Agency Name")]
    writer.write(result, out)
    summary.summarise(out)
    tables = capsys.readouterr().out.split("read  ")[0].splitlines()
    assert max(map(len, tables)) <= width
    rain = next(line for line in tables if line.startswith("5f0c0ffe ") and "Rain" in line)
    assert "article.txt  Rain" in rain
    headings = [line.split()[0] for line in tables if "sites" in line]
    assert headings == ["story", "cluster"]


def test_the_summary_begins_with_the_largest_stories(
    written: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    summary.summarise(written)
    printed = capsys.readouterr().out
    lines = printed.splitlines()
    assert lines[0].startswith("Stories with the most words")
    ferry = next(line for line in lines if line.startswith("5f0c0ffe "))
    assert " ".join(ferry.split()) == "5f0c0ffe 4 4 NW north Ferry aground"
    assert printed.index("Ferry aground") < printed.index("Clusters with the most")
    assert "stories    2 with 6 articles in 5 linked pairs" in printed
    assert "roles      original 1 · kept 1 · copy 2 · excerpt 1 · extended 1\n" in printed
    assert "credits    an agency is named in 2 articles" in printed


def test_clusters_of_reused_news_are_listed_before_what_merely_stands_twice(written: Path) -> None:
    long = " ".join(f"word{n}" for n in range(200))
    articles = [
        Article(
            f"{site}/{n}", f"{long} a.\n{long} b.\n{long} c.\n{CREWS}\n{TUGS}\n{TUGS}", site=site
        )
        for site in ("north", "south")
        for n in range(3)
    ]
    families: dict[str, list[tuple[str, int]]] = {
        "boilerplate, on two sites": [("north/0", 0), ("south/0", 0), ("south/1", 0)],
        "five of six of a story": [(article.id, 3) for article in articles],
        "four of five of a story": [(article.id, 4) for article in articles[1:]],
        "two sites": [("north/0", 1), ("south/2", 1)],
        "one site, more often": [(f"south/{n}", 2) for n in range(3)],
        "one article": [("south/2", 4), ("south/2", 5)],
    }
    result = made_up(articles, list(families.values()))
    result.clusters = [
        replace(cluster, id=name, boilerplate=name.startswith("boilerplate"))
        for name, cluster in zip(families, result.clusters, strict=True)
    ]
    told = wire_story().stories[0]
    members = tuple(member(article.id, "copy", 1.0, 1.0) for article in articles[:5])
    result.stories = [replace(told, canonical="north/0", original="north/0", members=members)]
    result.summary |= {"stories": 1, "links": 0}
    writer.write(result, written)
    assert [row["cluster"] for row in reader.largest(written, 6)] == [
        "five of six of a story",
        "two sites",
        "four of five of a story",
        "one site, more often",
        "one article",
        "boilerplate, on two sites",
    ]


def test_boilerplate_clusters_are_counted_in_one_line(
    out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result = newsroom()
    result.summary["boilerplate_clusters"] = 1
    writer.write(result, out)
    summary.summarise(out)
    assert "furniture  1 cluster of standing text, not listed above" in capsys.readouterr().out
