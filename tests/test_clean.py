from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up import (
    FOOTER,
    RAIN,
    RAIN_LATER,
    MadeUp,
    Place,
    made_up,
    member,
    newsroom,
    paragraphs,
    wire_story,
)

from dedup.errors import OutputError
from dedup.output.clean import Cleaned, clean, dropped, superfluous, without
from dedup.readers.discover import Finder
from dedup.records import ROLES, Article, Member, Role, Story


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def tree(place: Path) -> list[str]:
    return sorted(str(path.relative_to(place)) for path in place.rglob("*") if path.is_file())


# -- taking paragraphs out ----------------------------------------------------------------------

TAKEN_OUT = [
    # text, paragraphs to drop, what is left
    ("One.\nTwo.\nThree.", [1], "One.\nThree."),
    ("One.\n\nTwo.\n\nThree.\n", [1], "One.\n\nThree.\n"),
    ("One.\n\nTwo.\n\nThree.\n", [0], "Two.\n\nThree.\n"),
    ("One.\n\nTwo.\n\nThree.\n", [2], "One.\n\nTwo.\n"),
    ("One.\n\nTwo.\n\nThree.\n", [1, 2], "One.\n"),
    ("One.\n\nTwo.\n\nThree.\n", [0, 2], "Two.\n"),
    ("One.\r\n\r\nTwo.\r\n\r\nThree.\r\n", [1], "One.\r\n\r\nThree.\r\n"),
    ("  One.  \n\t Two. \n  Three.", [1], "  One.  \n  Three."),
    ("\n\nOne.\nTwo.", [0], "\n\nTwo."),
    ("One.\u2028Two.\u2028Three.", [1], "One.\u2028Three."),
    ("一。\n二。\n三。", [1], "一。\n三。"),
    ("One.\nTwo.", [], "One.\nTwo."),
]


def lines(text: str) -> list[tuple[int, int]]:
    return paragraphs(text.replace("\r", " ").replace("\u2028", "\n"))


@pytest.mark.parametrize(("text", "numbers", "expected"), TAKEN_OUT)
def test_a_paragraph_goes_with_its_line_break_and_all_else_stays(
    text: str, numbers: list[int], expected: str
) -> None:
    spans = lines(text)
    assert without(text, [spans[number] for number in numbers]) == expected


def test_a_stretch_inside_a_line_goes_with_the_space_behind_it() -> None:
    assert without("It rained. It stopped. It rained.", [(11, 22)]) == "It rained. It rained."


@given(st.text(alphabet="ab \n\t", max_size=40), st.data())
def test_what_is_not_dropped_is_still_there_in_order(text: str, data: st.DataObject) -> None:
    spans = paragraphs(text)
    going = data.draw(st.sets(st.sampled_from(spans))) if spans else set()
    left = without(text, going)
    assert [left[start:end] for start, end in paragraphs(left)] == [
        text[start:end] for start, end in spans if (start, end) not in going
    ]


@given(st.text(alphabet="ab \n\t", max_size=40))
def test_nothing_dropped_changes_nothing(text: str) -> None:
    assert without(text, []) == text


def test_a_million_blank_lines_take_no_long_time() -> None:
    text = "One." + "\n" * 1_000_000 + "Two.\nThree."
    assert without(text, [(0, 4)]) == "Two.\nThree."


# -- one survivor -------------------------------------------------------------------------------


@st.composite
def results(draw: st.DrawFn) -> MadeUp:
    """Articles whose paragraphs all differ, parted at random into clusters and loners."""
    lengths = draw(st.lists(st.integers(0, 5), min_size=1, max_size=5))
    articles = [
        Article(f"{n}", "\n".join(f"Paragraph {p} of {n}." for p in range(length)))
        for n, length in enumerate(lengths)
    ]
    places: list[Place] = [(str(n), p) for n, length in enumerate(lengths) for p in range(length)]
    names = [draw(st.integers(0, 4)) for _ in places]
    families = [
        draw(st.permutations([place for place, own in zip(places, names, strict=True) if own == n]))
        for n in range(1, 5)  # 0: in no cluster
    ]
    return made_up(articles, [family for family in families if len(family) > 1])


@given(results())
def test_every_cluster_keeps_exactly_its_canonical_paragraph(result: MadeUp) -> None:
    drops, _ = dropped(result)
    gone = {(article, drop.paragraph) for article, going in drops.items() for drop in going}
    for cluster in result.clusters:
        places = {(member.article, member.paragraph) for member in cluster.members}
        assert places - gone == {(cluster.canonical.article, cluster.canonical.paragraph)}
    clustered = {(m.article, m.paragraph) for c in result.clusters for m in c.members}
    assert gone <= clustered
    assert sum(map(len, drops.values())) == len(gone)


@given(results())
def test_the_text_that_is_left_holds_one_of_each_cluster_and_every_loner(result: MadeUp) -> None:
    drops, _ = dropped(result)
    left = "\n".join(
        without(article.text, [(drop.start, drop.end) for drop in drops.get(article.id, [])])
        for article in result.articles
    ).split("\n")
    for cluster in result.clusters:
        assert [line for line in left if line in {m.text for m in cluster.members}] == [
            cluster.canonical.text
        ]
    clustered = {member.text for cluster in result.clusters for member in cluster.members}
    everything = {line for article in result.articles for line in article.text.split("\n") if line}
    assert everything - clustered <= set(left)


def test_a_dropped_paragraph_names_the_one_that_is_kept(tmp_path: Path) -> None:
    clean(newsroom(), ["in"], tmp_path / "once")
    assert rows(tmp_path / "once" / "dropped.jsonl")[0] == {
        "article": "b/1.txt",
        "paragraph": 0,
        "start": 0,
        "end": len(RAIN),
        "relation": "identical",
        "similarity": 1.0,
        "text": RAIN.upper(),
        "cluster": "00000001c0ffee00",
        "kept_article": "a/1.txt",
        "kept_paragraph": 0,
    }


def lines_of(*counts: int) -> MadeUp:
    """Two articles with the same lines of so many words, and one of its own in the second."""
    told = "\n".join(" ".join(f"word{n}" for n in range(count)) for count in counts)
    articles = [Article("a", told), Article("b", f"{told}\nOnly here.")]
    return made_up(articles, [[("a", n), ("b", n)] for n in range(len(counts))])


def test_lines_of_three_words_stay_and_those_of_four_go() -> None:
    drops, words = dropped(lines_of(3, 4))
    assert [(name, drop.paragraph) for name, going in drops.items() for drop in going] == [("b", 1)]
    assert words == 4
    assert [drop.paragraph for drop in dropped(lines_of(3, 4), least_words=5)[0].get("b", [])] == []
    assert [drop.paragraph for drop in dropped(lines_of(3, 4), least_words=3)[0]["b"]] == [0, 1]


def test_short_lines_go_where_nothing_else_of_their_article_is_left() -> None:
    told = f"{FOOTER}\n{RAIN}"
    articles = [Article("a", told), Article("b", told)]
    result = made_up(articles, [[("a", 0), ("b", 0)], [("a", 1), ("b", 1)]])
    assert [drop.paragraph for drop in dropped(result)[0]["b"]] == [0, 1]


def test_standing_text_stays_where_it_is_asked_for() -> None:
    result = newsroom()
    result.clusters = [replace(one, boilerplate=True) for one in result.clusters]
    assert dropped(result, keep_standing=True) == ({}, 0)
    assert list(dropped(result)[0]) == ["b/1.txt", "b/2.txt"]


def test_what_a_dropped_paragraph_is_to_the_kept_one_is_told() -> None:
    drops = dropped(newsroom())[0]
    told = [(drop.relation, drop.similarity) for going in drops.values() for drop in going]
    assert told == [("identical", 1.0)] * 3 + [("duplicate", 0.6123)]


def test_a_share_that_is_given_takes_the_place_of_nearly_all() -> None:
    one = story("a", kept("a", "copy"), member("b", "excerpt", 0.6, 0.5))
    assert "b" in superfluous([one], 0.6)
    assert "b" not in superfluous([one], 0.61)


# -- the corpus ---------------------------------------------------------------------------------


def test_text_files_keep_their_place_and_lines_of_json_their_fields(tmp_path: Path) -> None:
    articles = [
        Article("a/1.txt", f"{RAIN}\n\nBring a coat.\n", site="a", path="in/a/1.txt"),
        Article("x", f"{RAIN}\nSnow.", title="T", url="u", date="d", path="in/deep/x.jsonl.gz"),
        Article("y", "Wind.", path="in/deep/x.jsonl.gz"),
    ]
    result = made_up(articles, [[("a/1.txt", 0), ("x", 0)]])
    done = clean(result, ["in"], tmp_path / "once")
    assert tree(tmp_path / "once") == ["a/1.txt", "clean.json", "deep/x.jsonl", "dropped.jsonl"]
    assert (tmp_path / "once/a/1.txt").read_bytes().decode() == articles[0].text
    assert rows(tmp_path / "once/deep/x.jsonl") == [
        {"id": "x", "text": "Snow.", "title": "T", "url": "u", "date": "d"},
        {"id": "y", "text": "Wind."},
    ]
    words = len(RAIN.split())
    assert done == Cleaned(articles=3, left_out=0, changed=1, paragraphs=1, words=words)


def test_an_article_of_which_nothing_is_left_is_left_out(tmp_path: Path) -> None:
    articles = [
        Article("a", RAIN, path="in/a.txt"),
        Article("b", f"{RAIN}\n", path="in/b.txt"),
        Article("c", f"{RAIN}\n", path="in/c.jsonl"),
    ]
    done = clean(made_up(articles, [[("a", 0), ("b", 0), ("c", 0)]]), ["in"], tmp_path / "once")
    assert tree(tmp_path / "once") == ["a.txt", "clean.json", "dropped.jsonl"]
    assert (done.articles, done.left_out, done.changed) == (1, 2, 2)


TARGETS: list[tuple[list[str], list[str], list[str]]] = [
    # paths given, files read, files written
    (["in"], ["in/a/b.txt"], ["a/b.txt"]),
    (["in/a"], ["in/a/b.md"], ["b.md"]),
    (["in/a/b.txt"], ["in/a/b.txt"], ["b.txt"]),
    (["one", "two"], ["one/a.txt", "two/a.txt"], ["one/a.txt", "two/a.txt"]),
    (["one/a.txt", "two/a.txt"], ["one/a.txt", "two/a.txt"], ["a-2.txt", "a.txt"]),
    (["in"], ["in/a.txt", "in/a.txt.gz"], ["a-2.txt", "a.txt"]),
    (["in"], ["in/x.ndjson.zst", "in/x.jsonl"], ["x-2.jsonl", "x.jsonl"]),
    (["in"], ["in/dropped.jsonl"], ["dropped-2.jsonl"]),
    (["."], ["a/b.txt"], ["a/b.txt"]),
    (["-"], ["-"], ["stdin.jsonl"]),
    (["in"], ["../../etc/a.txt"], ["a.txt"]),
]


@pytest.mark.parametrize(("given_paths", "read", "written"), TARGETS)
def test_files_are_written_where_they_stood_and_none_over_another(
    tmp_path: Path, given_paths: list[str], read: list[str], written: list[str]
) -> None:
    articles = [Article(path, f"Text of {path}.", path=path) for path in read]
    clean(made_up(articles, []), given_paths, tmp_path / "once")
    assert tree(tmp_path / "once") == sorted(["clean.json", "dropped.jsonl", *written])


def test_articles_of_one_text_file_become_lines(tmp_path: Path) -> None:
    articles = [Article("a", "One.", path="in/a.txt"), Article("b", "Two.", path="in/a.txt")]
    clean(made_up(articles, []), ["in"], tmp_path / "once")
    assert [row["text"] for row in rows(tmp_path / "once" / "a.jsonl")] == ["One.", "Two."]


def test_a_folder_with_anything_in_it_is_refused(tmp_path: Path) -> None:
    clean(newsroom(), ["in"], tmp_path / "once")
    before = tree(tmp_path / "once")
    with pytest.raises(OutputError, match=r"already holds .*name another folder with -o"):
        clean(newsroom(), ["in"], tmp_path / "once")
    assert tree(tmp_path / "once") == before


def test_an_interrupted_run_leaves_nothing(tmp_path: Path) -> None:
    class Interrupted:
        def __iter__(self) -> Any:
            raise KeyboardInterrupt

    result = newsroom()
    result.clusters = Interrupted()  # type: ignore[assignment]
    with pytest.raises(KeyboardInterrupt):
        clean(result, ["in"], tmp_path / "once")
    assert list(tmp_path.iterdir()) == []


def test_the_words_that_are_kept_are_the_canonical_ones(tmp_path: Path) -> None:
    articles = [Article("a", f"{FOOTER}\n{RAIN_LATER}"), Article("b", f"{RAIN}\n{FOOTER}")]
    result = made_up(articles, [[("b", 0), ("a", 1)], [("a", 0), ("b", 1)]])
    clean(result, ["-"], tmp_path / "once", least_words=0)
    texts = [row["text"] for row in rows(tmp_path / "once" / "stdin.jsonl")]
    assert texts == [FOOTER, RAIN]


# -- one article a story ------------------------------------------------------------------------


def story(canonical: str, *members: Member, name: str = "s") -> Story:
    return Story(name, canonical, "longest", (), None, None, members, 1)


def kept(article: str, role: Role = "original") -> Member:
    return member(article, role, 1.0, 1.0)


@pytest.mark.parametrize("role", ROLES)
def test_what_the_kept_article_has_nearly_all_of_goes_and_all_else_stays(role: Role) -> None:
    for contained, fate in ((1.0, "goes"), (0.9, "goes"), (0.89, "stays"), (0.2, "stays")):
        one = story("a", kept("a", "copy"), member("b", role, contained, 0.5, added=(2,)))
        assert ("b" in superfluous([one])) == (fate == "goes")


def test_a_version_that_says_more_than_the_one_in_its_place_stays() -> None:
    old = member("old", "original", 0.6, 0.5)
    new = member("new", "revision", 1.0, 1.0, supersedes="old")
    assert not superfluous([story("new", old, new)])


def test_an_article_that_another_story_keeps_stays() -> None:
    first = story("a", kept("a"), kept("b", "copy"), kept("r", "copy"), name="1")
    second = story("b", kept("b"), member("r", "roundup part", 0.3, 0.9), kept("c", "copy"))
    assert set(superfluous([first, second])) == {"c", "r"}


@given(
    st.lists(
        st.lists(st.tuples(st.integers(0, 9), st.sampled_from(ROLES)), min_size=2, max_size=6),
        max_size=5,
    )
)
def test_of_every_story_the_canonical_article_is_left(drawn: list[list[tuple[int, Role]]]) -> None:
    stories = [
        story(str(members[0][0]), *(member(str(n), role, 0.9, 0.9) for n, role in members))
        for members in drawn
    ]
    going = superfluous(stories)
    assert going.keys().isdisjoint(one.canonical for one in stories)
    assert {left.kept_article for left in going.values()}.isdisjoint(going)


def test_by_stories_whole_articles_go_and_the_others_stay_as_they_are(tmp_path: Path) -> None:
    result = wire_story()
    done = clean(result, ["in"], tmp_path / "once", stories=True)
    texts = {article.id: article.text for article in result.articles}
    left = {row["id"]: row["text"] for row in rows(tmp_path / "once" / "stdin.jsonl")}
    assert left == {name: texts[name] for name in ("north/f.txt", "post/f.txt", "rain/1")}
    assert rows(tmp_path / "once" / "dropped.jsonl") == [
        {
            "article": "gazette/f.txt",
            "story": "5f0c0ffee0000001",
            "role": "copy",
            "share_of_member": 1.0,
            "added": [],
            "kept_article": "north/f.txt",
        },
        {
            "article": "rain/2",
            "story": "5f0c0ffee0000002",
            "role": "copy",
            "share_of_member": 1.0,
            "added": [],
            "kept_article": "rain/1",
        },
        {
            "article": "strait/f.txt",
            "story": "5f0c0ffee0000001",
            "role": "excerpt",
            "share_of_member": 1.0,
            "added": [],
            "kept_article": "north/f.txt",
        },
    ]
    words = sum(len(texts[name].split()) for name in ("gazette/f.txt", "rain/2", "strait/f.txt"))
    assert done == Cleaned(articles=3, left_out=3, changed=3, paragraphs=5, words=words, stayed=1)
    assert rows(tmp_path / "once" / "stayed.jsonl") == [
        {
            "article": "post/f.txt",
            "story": "5f0c0ffee0000001",
            "role": "extended",
            "share_of_member": 0.7124,
            "added": [0],
            "kept_article": "north/f.txt",
        }
    ]


def test_the_lists_beside_a_cleaned_corpus_are_not_read_with_it(tmp_path: Path) -> None:
    clean(wire_story(), ["in"], tmp_path / "once", stories=True)
    found = Finder([str(tmp_path / "once")], [])
    assert [Path(one.path).name for one in found] == ["stdin.jsonl"]


def test_lines_of_json_keep_every_field_of_an_article(tmp_path: Path) -> None:
    told = {"author": "A. Writer", "lang": "en", "source": "NW", "updated": "2024-05-02"}
    article = Article("a", RAIN, path="in/a.jsonl", canonical="https://n.test/a", **told)
    clean(made_up([article], []), ["in"], tmp_path / "once")
    (row,) = rows(tmp_path / "once" / "a.jsonl")
    assert row == {"id": "a", "text": RAIN, "canonical": "https://n.test/a", **told}
