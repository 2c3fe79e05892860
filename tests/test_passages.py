"""Reused passages read back from an output folder, and two texts beside one another."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up import FOOTER, made_up

import dedup
from dedup.output import passages, ranked_passages, writer
from dedup.output.passages import Choice, Passage
from dedup.output.side_by_side import side_by_side
from dedup.records import RELATIONS, Relation

MESSAGE = "nobody on the board was told that the pumps had failed twice before the water came in"
TOLD = f"The mayor said on Tuesday that {MESSAGE}, and that the harbour would be closed for a week."
QUOTED = f"“I can only repeat that {MESSAGE},” Ines Vollmar told reporters at the town hall."
OTHER = "Bakers in the old quarter sold out of rye bread an hour before the market was to open."
SHARED = "The lock keeper found the gate open at four and rang the bell until the tugs turned back."
HEAD = "Pumps failed twice before the flood"


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("passages") / "out"
    articles = [
        dedup.Article("a", f"{HEAD}\n{HEAD}\n{TOLD}\n{OTHER}\n{QUOTED}", site="north"),
        dedup.Article("b", f"Tides\n{SHARED}\nHigh water is at six.", site="north"),
        dedup.Article("c", f"A word from the lock\n{SHARED}\n{TOLD}", site="south"),
    ]
    dedup.scan(articles).write(place)
    return place


def told(found: list[Passage]) -> list[tuple[str, str, int, str, int]]:
    return [
        (one.relation, one.a.article, one.a.paragraph, one.b.article, one.b.paragraph)
        for one in found
    ]


def test_what_an_article_tells_twice_is_told_apart_from_what_two_share(out: Path) -> None:
    found = ranked_passages.heaviest(out, 9)
    assert {p.a.article for p in found.within} == {"a"}
    assert [(p.relation, p.scope) for p in found.within][1:] == [("identical", "within-article")]
    first = found.within[0]
    assert first.relation in ("passage", "rewrite")
    assert {first.a.paragraph, first.b.paragraph} == {2, 4}
    assert MESSAGE in first.shared
    assert told(found.across)[:2] == [("identical", "a", 2, "c", 2), ("identical", "b", 1, "c", 1)]
    assert {one.scope for one in found.across} == {"cross-site"}


def test_the_heaviest_come_first_and_no_more_than_asked_for(out: Path) -> None:
    words = [one.words for one in ranked_passages.heaviest(out, 9).across]
    assert words == sorted(words, reverse=True)
    one = ranked_passages.heaviest(out, 1)
    assert [len(one.within), len(one.across)] == [1, 1]
    assert one.within_pairs == 2


def test_an_article_has_its_passages_from_its_own_side(out: Path) -> None:
    assert told(passages.passages_of(out, "c"))[0] == ("identical", "c", 2, "a", 2)
    for article in "abc":
        assert {one.a.article for one in passages.passages_of(out, article)} == {article}
    within = [one for one in passages.passages_of(out, "a") if one.within]
    assert len(within) == 2


def test_every_passage_is_one_of_its_two_articles(out: Path) -> None:
    ids = {one.id for one in passages.every(out)}
    assert {one.id for a in "abc" for one in passages.passages_of(out, a)} == ids
    for name in ids:
        assert {one.id for one in passages.named(out, name)} == {name}


def test_a_choice_narrows_what_is_found(out: Path) -> None:
    assert told(ranked_passages.heaviest(out, 9, Choice(among=frozenset("b"))).across) == [
        ("identical", "b", 1, "c", 1)
    ]
    assert not ranked_passages.heaviest(out, 9, Choice(relations=("template",))).across
    long = ranked_passages.heaviest(out, 9, Choice(least_words=10))
    assert {one.relation for one in long.within} <= {"passage", "rewrite"}


def test_turning_exchanges_both_places(out: Path) -> None:
    for one in passages.every(out):
        assert one.turned.turned == one
        for a0, a1, _, _ in one.turned.spans:
            assert one.b.text[a0:a1] in one.b.text


def test_a_text_in_many_places_is_one_passage_with_the_others_listed(tmp_path: Path) -> None:
    articles = [dedup.Article(f"{n:02}", SHARED, site=f"s{n % 3}") for n in range(30)]
    dedup.scan(articles).write(tmp_path / "out")
    (one,) = ranked_passages.heaviest(tmp_path / "out", 5).across
    assert (one.a.article, one.b.article, one.scope) == ("00", "01", "cross-site")
    assert len(one.others) == 28
    (own,) = passages.passages_of(tmp_path / "out", "17")
    assert own.a.article == "17"
    assert len(own.others) == 28


def test_what_the_story_explains_can_be_left_out(tmp_path: Path) -> None:
    story = f"{TOLD}\n{OTHER}"
    letter = "A letter from the lock, of another week and on another matter than the flood.\n"
    articles = [
        dedup.Article("1", story, site="x"),
        dedup.Article("2", story, site="y"),
        dedup.Article("3", f"{letter * 3}{SHARED}", site="y"),
        dedup.Article("4", f"{SHARED}\nNothing of this has to do with anything above.", site="z"),
    ]
    dedup.scan(articles).write(tmp_path / "out")
    found = ranked_passages.heaviest(tmp_path / "out", 9, Choice(beside_stories=True))
    assert told(found.across) == [("identical", "3", 3, "4", 0)]
    assert len(ranked_passages.heaviest(tmp_path / "out", 9).across) == 3


# -- two texts beside one another ---------------------------------------------------------------


def test_changed_words_stand_beside_one_another() -> None:
    found = side_by_side("It rained in the north.", "It rained hard in the south.")
    assert [(one.kind, one.a.strip(), one.b.strip()) for one in found] == [
        ("same", "It rained", "It rained"),
        ("only b", "", "hard"),
        ("same", "in the", "in the"),
        ("changed", "north", "south"),
        ("same", ".", "."),
    ]


def test_what_stands_in_another_order_is_moved() -> None:
    a, b = "One two three four five. Six seven.", "Six seven. One two three four five."
    found = side_by_side(a, b, ((0, 24, 11, 35), (25, 35, 0, 10)))
    assert [(one.kind, one.a, one.b) for one in found] == [
        ("moved b", "", "Six seven."),
        ("only b", "", " "),
        ("same", "One two three four five.", "One two three four five."),
        ("only a", " ", ""),
        ("moved a", "Six seven.", ""),
    ]


@given(st.text("ab .,é", max_size=40), st.text("ab .,é", max_size=40), st.data())
def test_the_segments_join_to_both_texts(a: str, b: str, data: st.DataObject) -> None:
    ends = st.tuples(*(st.integers(-2, 42) for _ in range(4)))
    spans = data.draw(st.lists(ends, max_size=4))
    found = side_by_side(a, b, spans)
    assert "".join(one.a for one in found) == a
    assert "".join(one.b for one in found) == b


@pytest.mark.parametrize(
    ("relations", "found"),
    [(("boilerplate",), ["boilerplate"]), (("duplicate",), []), (("passage",), [])],
)
def test_a_match_with_boilerplate_is_listed_as_that_alone(
    tmp_path: Path, relations: tuple[Relation, ...], found: list[str]
) -> None:
    articles = [dedup.Article("a", FOOTER), dedup.Article("b", f"{FOOTER} now")]
    writer.write(made_up(articles, [[("a", 0), ("b", 0)]]), tmp_path / "out")
    ranked = ranked_passages.heaviest(tmp_path / "out", 5, Choice(relations))
    assert [one.relation for one in ranked.across] == found


@pytest.mark.parametrize("sample", ["samples/newsroom", "samples/told-twice"])
@pytest.mark.parametrize(
    "choice",
    [
        Choice(),
        Choice(relations=RELATIONS),
        Choice(beside_stories=True),
        Choice(within=True),
        Choice(relations=("passage", "identical")),
    ],
)
def test_a_scan_in_memory_and_its_folder_have_the_same_heaviest(
    tmp_path: Path, sample: str, choice: Choice
) -> None:
    result = dedup.scan(sample)
    result.write(tmp_path / "out")
    among = frozenset(article.id for article in result.articles[::2])
    choices = [choice, choice._replace(among=among)]
    read = ranked_passages.ranked(ranked_passages.Folder(tmp_path / "out"), 9, choices)
    assert ranked_passages.ranked(result.scanned, 9, choices) == read
    assert read[0].within_pairs + read[0].across_pairs > 0 or choice.beside_stories


@pytest.mark.parametrize("sample", ["samples/newsroom", "samples/told-twice"])
def test_the_counts_of_the_heaviest_are_those_of_all_passages(tmp_path: Path, sample: str) -> None:
    result = dedup.scan(sample)
    result.write(tmp_path / "out")
    for among in (None, frozenset(article.id for article in result.articles[::3])):
        choice = Choice(among=among)
        every = list(passages.every(tmp_path / "out", choice))
        (found,) = ranked_passages.ranked(result.scanned, 9, [choice])
        assert found.within_pairs == sum(one.within for one in every)
        assert found.across_pairs == sum(not one.within for one in every)
        for within, pairs in ((True, (found.within_pairs, 0)), (False, (0, found.across_pairs))):
            (half,) = ranked_passages.ranked(result.scanned, 9, [choice._replace(within=within)])
            assert (half.within_pairs, half.across_pairs) == pairs
            told = passages.every(tmp_path / "out", choice._replace(within=within))
            assert list(told) == [one for one in every if one.within == within]
