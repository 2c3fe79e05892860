"""`samples/EXPECTED.md`, read as a table of what a scan must and must not find."""

from __future__ import annotations

import io
import re
import shlex
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner
from prose import Place, between, boilerplate, families, linked

import dedup
from dedup.cli.main import cli
from dedup.result import Result

NEWSROOM = Path(__file__).parents[2] / "samples" / "newsroom"
OUTLETS = NEWSROOM.parent / "outlets.toml"
EXPECTED = NEWSROOM.with_name("EXPECTED.md").read_text("utf-8")


@dataclass(frozen=True)
class Pair:
    a: Place
    b: Place
    relations: tuple[str, ...]
    scope: str
    figures: tuple[float, ...]

    def __str__(self) -> str:
        return " ".join(f"{name}#{number}" for name, number in (self.a, self.b))


def tables(section: str) -> Iterator[list[str]]:
    """Yield the rows of the tables in one section, without their heads."""
    found = re.search(rf"^##+ {section}\n(.*?)(?=^##|\Z)", EXPECTED, re.MULTILINE | re.DOTALL)
    assert found, section
    lines = found[1].splitlines()
    for before, line in pairwise(lines):
        if line.startswith("|") and before.startswith("|") and not line.startswith("| ---"):
            yield [cell.strip() for cell in line.strip("|").split("|")]


def pairs() -> Iterator[Pair]:
    """Yield the pairs of the section `Linked`, both tables."""
    for row in tables("Linked"):
        *_, a, b = row[:-2] if len(row) == 5 else row[:-1]
        b = a if b == "itself" else b
        for cell in row[-1].split("; "):
            left, right, relations, figures = re.fullmatch(
                r"(\d+):(\d+)(?: ([a-z ]+?))?((?: [\d.]+)*)", cell
            ).groups()  # type: ignore[union-attr]
            yield Pair(
                (a, int(left)),
                (b, int(right)),
                tuple((relations or "duplicate").split(" or ")),
                row[-2] if len(row) == 5 else "cross-site",
                tuple(map(float, figures.split())),
            )


PAIRS = list(pairs())


def groups(pairs: Iterable[Pair]) -> set[frozenset[Place]]:
    """The places that pairs tie together."""
    found: list[set[Place]] = []
    for pair in pairs:
        ends = {pair.a, pair.b}
        touched = [group for group in found if group & ends]
        found = [group for group in found if not group & ends]
        found.append(ends.union(*touched))
    return set(map(frozenset, found))


VERSIONS = groups(pair for pair in PAIRS if pair.relations[0] in ("identical", "duplicate"))


@pytest.fixture(scope="module")
def result() -> Result:
    return dedup.scan(NEWSROOM)


def pages(folder: str) -> list[str]:
    return sorted(str(path.relative_to(NEWSROOM)) for path in (NEWSROOM / folder).iterdir())


def last(page: str, number: int) -> list[Place]:
    """The last paragraphs of a page."""
    count = len(re.split(r"\n\s*\n", (NEWSROOM / page).read_text("utf-8").strip()))
    return [(page, count - back) for back in range(number, 0, -1)]


FOOTERS = [
    (folder, [last(page, 2 if "two" in what else 1) for page in pages(folder)])
    for folder, _, what in tables("Boilerplate")
]
PAYWALL = {
    ("brackwater-gazette/mill-lane-flats.txt", 3),
    ("brackwater-gazette/eel-season.txt", 3),
}
BRIEFINGS = {("averil-courier/morning-briefing.txt", 0), ("ostmere-today/morning-briefing.txt", 0)}


def templates() -> Iterator[tuple[str, str, int]]:
    """Yield two articles of one formula and the number of a paragraph, for all of them."""
    for _, articles, paragraphs, *_ in tables("Templates"):
        numbers = re.findall(r"\d+", paragraphs)
        for a, b in combinations(articles.split(", "), 2):
            yield from ((a, b, int(number)) for number in numbers)


def test_the_tables_were_read_whole(result: Result) -> None:
    assert len(PAIRS) == 63
    assert len(VERSIONS) == 30
    assert sorted(map(len, VERSIONS)) == [2] * 20 + [3] * 8 + [4] * 2
    assert [(folder, len(ends)) for folder, ends in FOOTERS] == [
        (folder, int(number)) for folder, number, _ in tables("Boilerplate")
    ]
    assert len(list(templates())) == 3 * 5 + 4
    ids = {article.id for article in result.articles}
    assert {place[0] for pair in PAIRS for place in (pair.a, pair.b)} <= ids
    assert (len(list(tables("Stories"))), len(list(tables("Members")))) == (6, 15)


def test_paragraphs_are_counted_as_the_file_counts_them(result: Result) -> None:
    for row in result.article_rows():
        if row["article"].endswith(".txt"):
            blocks = re.split(r"\n\s*\n", (NEWSROOM / row["article"]).read_text("utf-8").strip())
            assert row["paragraphs"] == len(blocks)
            assert row["site"] == row["article"].split("/")[0]


def test_one_scan_reads_all_formats_of_the_folder(result: Result) -> None:
    assert not result.problems
    kinds = Counter(Path(article.path or "").suffix for article in result.articles)
    assert kinds == {".txt": 25, ".eml": 1, ".html": 1, ".xml": 3, ".csv": 4}
    rows = {row["article"]: row for row in result.article_rows()}
    assert rows["furnace@tolmelanterns.example"]["site"] == "tolmelanterns.example"
    assert rows["furnace@tolmelanterns.example"]["paragraphs"] == 6
    page = rows["harbour-light/furnace.html"]
    assert (page["site"], page["author"]) == ("harbourlight.example", "Jonna Reke")
    assert page["title"] == "Sixty jobs as lamp works wakes its second furnace"
    assert page["paragraphs"] == 5, "without menu, byline, caption, teasers and footer"
    assert rows["kelder-weir-2"]["site"] == "kelderobserver.example"
    assert rows["riverbank-moon"]["published_doubt"] == "looks like a Hijri year"


@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_a_pair_is_linked_as_it_should_be(result: Result, pair: Pair) -> None:
    texts = boilerplate(result)
    if pair.relations == ("identical",):
        assert texts[pair.a] == texts[pair.b]
        return
    match = between(result, pair.a, pair.b)
    assert match
    assert match.relation in pair.relations
    assert pair.scope in match.scopes
    assert match.spans
    if pair.figures and pair.a[0].split("/")[0] not in FOREIGN:
        jaccard, containment, run = pair.figures
        assert match.jaccard == pytest.approx(jaccard, abs=0.03)
        assert match.containment == pytest.approx(containment, abs=0.03)
        assert match.longest_run == pytest.approx(run, abs=1)


FOREIGN = ("nida-al-marsa", "strait-review")
"""Folders in scripts whose words this project counts in another way than the file does."""


@pytest.mark.parametrize(
    "group",
    [pytest.param(group, id=str(min(group))) for group in sorted(VERSIONS, key=min)],
)
def test_versions_of_one_paragraph_are_one_cluster(result: Result, group: frozenset[Place]) -> None:
    assert group in families(result)


def test_no_cluster_joins_two_groups(result: Result) -> None:
    for family in families(result):
        assert sum(bool(family & group) for group in VERSIONS) <= 1


def test_nothing_else_is_linked(result: Result) -> None:
    allowed = {frozenset((pair.a, pair.b)) for pair in PAIRS}
    allowed |= {frozenset(pair) for group in VERSIONS for pair in combinations(group, 2)}
    for _, ends in FOOTERS:
        for same in zip(*ends, strict=True):
            allowed |= {frozenset(pair) for pair in combinations(same, 2)}
    allowed |= {frozenset(PAYWALL), frozenset(BRIEFINGS)}
    allowed |= {frozenset({(a, number), (b, number)}) for a, b, number in templates()}
    assert linked(result) <= allowed


@pytest.mark.parametrize(("folder", "ends"), FOOTERS, ids=[folder for folder, _ in FOOTERS])
def test_every_page_of_a_site_ends_with_the_same_texts(
    result: Result, folder: str, ends: list[list[Place]]
) -> None:
    texts = boilerplate(result)
    for same in zip(*ends, strict=True):
        assert len({texts[place] for place in same}) == 1


def test_a_paywall_line_and_a_headline_are_one_text_each(result: Result) -> None:
    texts = boilerplate(result)
    assert len({texts[place] for place in PAYWALL}) == 1
    assert len({texts[place] for place in BRIEFINGS}) == 1


FORMULA = "a pair of the formula that shares most words is taken for versions"
STANDING = "what is word for word the same is one cluster, standing or not"


@pytest.mark.parametrize(
    "kind",
    [
        "quote",
        pytest.param("template", marks=pytest.mark.xfail(reason=FORMULA, strict=True)),
        pytest.param("boilerplate", marks=pytest.mark.xfail(reason=STANDING, strict=True)),
    ],
)
def test_what_is_no_version_makes_no_cluster(result: Result, kind: str) -> None:
    places: set[Place] = {
        "quote": {pair.a for pair in PAIRS if "quote" in pair.relations},
        "template": {(a, number) for a, _, number in templates()},
        "boilerplate": PAYWALL.union(*(end for _, ends in FOOTERS for end in ends)),
    }[kind]
    assert not any(family & places for family in families(result))


@pytest.mark.parametrize(
    ("a", "b", "number"),
    [
        pytest.param(
            *row,
            marks=pytest.mark.xfail(reason=FORMULA, strict=True)
            if row == ("northline/results-corrand.txt", "northline/results-halvard.txt", 2)
            else (),
        )
        for row in templates()
    ],
)
def test_like_paragraphs_of_a_formula_are_templates_or_nothing(
    result: Result, a: str, b: str, number: int
) -> None:
    match = between(result, (a, number), (b, number))
    assert match is None or match.relation == "template"


def test_the_footers_of_four_pages_and_more_are_marked_as_standing(result: Result) -> None:
    marked = {
        (o.article, o.paragraph) for t in result.texts if t.boilerplate for o in t.occurrences
    }
    for _, ends in FOOTERS:
        if len(ends) >= 4:
            assert marked.issuperset(place for page in ends for place in page)
    stories = {pair.a for pair in PAIRS} | {pair.b for pair in PAIRS}
    assert marked.isdisjoint(stories)


@pytest.fixture(scope="module")
def told() -> Result:
    """A scan that knows whose own the sites are."""
    return dedup.scan(NEWSROOM, outlets=OUTLETS)


def test_the_stories_are_those_of_the_table_and_no_others(told: Result) -> None:
    assert {
        (story.canonical, story.reason, story.original or "unknown", story.source or "nobody")
        for story in told.stories
    } == {(kept, why, first, text) for _, kept, why, first, text in tables("Stories")}


@pytest.mark.parametrize("row", list(tables("Members")), ids=" ".join)
def test_a_member_is_what_the_table_says(told: Result, row: list[str]) -> None:
    case, article, role, contained, containing, lag = row
    kept = next(kept for name, kept, *_ in tables("Stories") if name == case)
    story = next(story for story in told.stories if story.canonical == kept)
    member = next(member for member in story.members if member.article == article)
    assert member.role == role
    assert member.share_of_member == pytest.approx(float(contained), abs=0.03)
    assert member.share_of_canonical == pytest.approx(float(containing), abs=0.03)
    seconds = tuple(map(float, lag.split(" to "))) if lag[:1].isdigit() else ()
    assert member.lag == ((seconds[0], seconds[-1]) if seconds else None)
    members = [name for other, name, *_ in tables("Members") if other == case]
    assert sorted(members) == sorted(member.article for member in story.members)


def test_a_corrected_article_takes_the_place_of_the_earlier_one(told: Result) -> None:
    chains = {
        member.article: member.supersedes
        for story in told.stories
        for member in story.members
        if member.supersedes
    }
    assert chains == {"kelder-weir-2": "kelder-weir-1"}


def test_the_direction_of_a_pair_comes_with_its_reasons(told: Result) -> None:
    links = {(link.a, link.b): link for link in told.links}
    page = links["furnace@tolmelanterns.example", "harbour-light/furnace.html"]
    assert page.first == "furnace@tolmelanterns.example"
    assert page.reasons[0] == "the other declares it as its source"
    excerpt = links["kelder-weir-1", "riverbank-weir"]
    assert (excerpt.first, excerpt.reasons) == ("kelder-weir-1", ("the other is an excerpt of it",))
    assert excerpt.confidence == pytest.approx(0.65, abs=0.01)


def test_a_credit_is_named_with_its_proof(told: Result) -> None:
    [row] = [row for row in told.article_rows() if row["agency"]]
    assert (row["article"], row["agency"]) == ("furnace@tolmelanterns.example", "PR Newswire")
    [credit] = row["credits"]
    assert credit["kind"] == "dateline"
    assert "/PRNewswire/" in credit["proof"]


def test_without_the_file_of_outlets_nobody_knows_who_had_the_ferry_first(result: Result) -> None:
    [ferry] = [story for story in result.stories if story.sites == 4]
    assert (ferry.original, ferry.source) == (None, None)


def test_owners_are_counted_as_one(told: Result) -> None:
    rows = {(row.site, row.source): row.articles for row in told.site_matrix()}
    assert rows["Harbour Press", "northline"] == 1
    assert rows["Harbour Press", "tolmelanterns.example"] == 1


ROOT = NEWSROOM.parent.parent
PAGES = {
    page.relative_to(ROOT).as_posix().removeprefix("docs/"): page
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
}
"""What users read first; all that it shows of commands and examples is run."""


def blocks(page: str, language: str) -> list[str]:
    """Give the fenced blocks of a page that are in a language."""
    return re.findall(rf"(?ms)^```{language}\n(.*?)^```$", PAGES[page].read_text("utf-8"))


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that looks like this repository, to write into, and a terminal of 100 columns."""
    (tmp_path / "samples").symlink_to(ROOT / "samples")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    return tmp_path


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "console")])
def test_what_a_page_shows_of_commands_is_what_they_print(page: str, clone: Path) -> None:
    if page != "README.md":
        CliRunner().invoke(cli, ["scan", "samples/newsroom", "--outlets", "samples/outlets.toml"])
    for block in blocks(page, "console"):
        for command, shown in re.findall(r"(?m)^\$ dedup (.*)\n((?:(?!\$ ).*\n)*)", block):
            run = CliRunner().invoke(cli, shlex.split(command))
            assert run.exit_code == 0, run.output
            printed = [line.rstrip() for line in run.stdout.splitlines()]
            missing = [line for line in shown.splitlines() if line not in printed]
            assert not missing, f"dedup {command}"


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "python")])
def test_the_examples_of_a_page_print_what_it_says(page: str, clone: Path) -> None:
    if page in ("incremental.md", "howto/frames.md"):
        pytest.importorskip("pandas")
        pytest.importorskip("narwhals")
    examples, printed = blocks(page, "python"), blocks(page, "text")
    assert len(examples) == len(printed)
    for example, expected in zip(examples, printed, strict=True):
        out = io.StringIO()
        with redirect_stdout(out):
            exec(compile(example, page, "exec"), {"__name__": "example"})
        assert out.getvalue() == expected


def test_every_page_is_named_in_the_readme_and_every_link_leads_somewhere() -> None:
    readme = PAGES["README.md"].read_text("utf-8")
    for name, page in PAGES.items():
        assert name in ("README.md", "index.md") or f"(docs/{name})" in readme
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{name}: {target}"
