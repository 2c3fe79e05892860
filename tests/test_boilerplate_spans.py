"""Boilerplate spans: runs of words that a site puts inside the paragraphs of unlike pages."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from laid import characters
from prose import COMET, HERRING, SPEECH, STRIKE, article, yards

import dedup
from dedup import Article
from dedup.match import boilerplate_spans
from dedup.match.align import Blocks
from dedup.match.boilerplate_families import KIN, SITE, family_boilerplate
from dedup.match.boilerplate_spans import (
    CARD,
    GRAM,
    HEADLINES,
    LONG,
    PAGES,
    PAGES_STYLED,
    SENTENCE,
    STYLED,
    WRITTEN,
    Spans,
    find_boilerplate,
    reduced,
    restored,
    spans_of,
)
from dedup.match.boilerplate_style import run_style, table
from dedup.progress import Silent
from dedup.text.arrays import TextArrays
from dedup.text.corpus import collapse

HEADS = (
    "Harbour board weighs new ferry fares after storm Five things to watch in the bridge vote Old "
    "mill owners sue over river levels MORE"
)
SIGN_UP = "Sign up here to receive our free newsletter with the latest news and more in your inbox."
SHORT = "Follow us online for updates."
MILD = "The editor has updated this article with more information from the council."
CLAUSE = "did not answer a letter that asked her for comment"
TITLE = "Prince Osric of Vale, Lord Keeper of the Great Seal of the Crown of Tolme"
STATED = (
    "Harth told the harbour board that five old ferries were sold over the bridge vote to Orrin"
)


def found(articles: list[Article]) -> dict[str, list[str]]:
    """The spans of each article, as they are written there; whole texts in brackets."""
    corpus = collapse(sorted(articles, key=lambda one: one.id), 1, Silent())
    names, sites = np.unique([one.site or "" for one in corpus.articles], return_inverse=True)
    sites = np.where(names[sites] == "", -1, sites)
    families = np.arange(len(corpus.first), dtype=np.int32)
    known = family_boilerplate(corpus, families, sites, np.zeros(len(families), bool))
    what = find_boilerplate(corpus, sites, known)
    for number in (2, 3):
        more = family_boilerplate(
            corpus, families, sites, np.zeros(len(families), bool), None, number
        )
        np.testing.assert_array_equal(more, known)
        again = find_boilerplate(corpus, sites, known, number)
        for one, other in zip((*what.spans, *what[1:]), (*again.spans, *again[1:]), strict=True):
            np.testing.assert_array_equal(one, other)
    shown: dict[str, list[str]] = {one.id: [] for one in corpus.articles}
    for row, text in enumerate(corpus.text.tolist()):
        here, written = shown[corpus.articles[corpus.article[row]].id], corpus.written(row)
        here += [written[a:b] for a, b in characters(written, what.spans, text)]
        if known[text] or what.texts[text]:
            here.append(f"[{written}]")
    return shown


def style(line: str) -> float:
    """How much a line is written as furniture."""
    texts = collapse([Article("a", line)], 1, Silent()).texts
    return float(run_style(texts.tokens, texts.flags, 0, len(texts.tokens), *table()))


def pages(
    number: int,
    *inside: str,
    site: str | None = "post",
    holding: int | None = None,
    seed: int = 9,
) -> list[Article]:
    """Unlike pages of a site, the first `holding` of which have a part of `inside`."""
    bodies = yards(seed, 5 * number, 40)
    holding = number if holding is None else holding
    items = []
    for n in range(number):
        first, *rest = (body.capitalize() + "." for body in bodies[5 * n : 5 * n + 3])
        words = bodies[5 * n + 3 : 5 * n + 5]
        part = [inside[n % len(inside)].format(*words)] if n < holding else []
        items.append(Article(f"{site}/{n:02}", "\n\n".join([first, *part, *rest]), site=site))
    return items


def holders(articles: list[Article]) -> int:
    """How many articles have spans or boilerplate."""
    return sum(map(bool, found(articles).values()))


CARDED = "{} when Osric Harth " + HEADS + " said {}."
SMALL = "{} the board, five times, and the old harbour, {} five old men at a harbour."
"""Words of headlines, as news writes them."""


def carded(number: int, holding: int, card: str = CARDED) -> list[Article]:
    """Pages with a card, and some that write the words of its headlines small."""
    return [*pages(number, card, holding=holding), *pages(4, SMALL, site="other", seed=8)]


@pytest.mark.parametrize(("number", "expected"), [(PAGES, PAGES), (PAGES - 1, 0)])
def test_a_card_inside_a_sentence_is_marked_from_three_unlike_pages_on(
    number: int, expected: int
) -> None:
    shown = found(carded(8, number))
    assert sum(map(bool, shown.values())) == expected
    assert {cut for cuts in shown.values() for cut in cuts} <= {f"Osric Harth {HEADS}"}


def test_headlines_make_a_card_and_a_clause_is_none() -> None:
    one = HEADS.replace("Old", "old")  # one word that begins a headline is left
    assert HEADLINES == 2
    assert holders(carded(8, 6, "{} when Osric " + STATED + " said {}.")) == 0
    assert holders(carded(8, 6, "{} when Osric Harth " + one + " said {}.")) == 0


@pytest.mark.parametrize(("left_out", "expected"), [("", 6), ("vote ", 0)])
def test_a_card_is_long(left_out: str, expected: int) -> None:
    card = (
        "Harth fights harbour board over ferry fares Five harbour things vote Old mill owners sue "
        "MORE"
    ).replace(left_out, "")
    assert len(card.split()) == (LONG if expected else LONG - 1)
    assert holders(carded(8, 6, "{} when " + card + " said {}.")) == expected


@pytest.mark.parametrize(("number", "expected"), [(PAGES_STYLED, 2), (PAGES_STYLED - 1, 0)])
def test_a_sign_up_line_in_a_lead_is_marked_on_two_pages(number: int, expected: int) -> None:
    shown = found(pages(6, "{}. " + SIGN_UP, holding=number))
    assert [cuts for cuts in shown.values() if cuts] == [[SIGN_UP[:-1]]] * expected


@pytest.mark.parametrize(
    ("line", "number", "expected"),
    [(SHORT, PAGES, PAGES), (SHORT, PAGES - 1, 0), (MILD, PAGES, PAGES), (MILD, PAGES - 1, 0)],
)
def test_a_short_line_and_one_less_plainly_furniture_take_three_pages(
    line: str, number: int, expected: int
) -> None:
    assert holders(pages(6, "{}. " + line, holding=number)) == expected


def test_the_lines_of_these_tests_are_on_the_sides_they_stand_for() -> None:
    lines = (SIGN_UP, SHORT, MILD, STATED, "Osric Harth " + HEADS)
    plain, short, mild, news, card = map(style, lines)
    assert min(plain, short) >= STYLED > mild >= WRITTEN > max(news, card)
    assert card >= CARD
    assert GRAM <= len(SHORT.split()) < SENTENCE <= len(MILD.split())


@pytest.mark.parametrize("inside", [CLAUSE, TITLE, f"“{SPEECH}”", f"“{SIGN_UP}”", STATED])
def test_a_stock_phrase_a_title_a_quotation_and_a_clause_are_news(inside: str) -> None:
    assert holders(pages(9, "{} " + inside + " {}.", "{}, " + inside + " {}.")) == 0


def test_furniture_that_goes_on_inside_a_sentence_is_no_span() -> None:
    assert holders(pages(9, "{} " + SIGN_UP[:-1].lower() + " {}.")) == 0


def test_versions_of_one_story_on_a_site_have_no_furniture() -> None:
    bodies = yards(4, 6, 60)
    story = [HERRING + " " + SIGN_UP, COMET, STRIKE]
    items = [
        article(f"{n}", bodies[n] + ".", bodies[n][:30] + ". " + story[0], *story[1:], site="post")
        for n in range(6)
    ]
    assert holders(items) == 0


@pytest.mark.parametrize(("shared", "expected"), [(0.8 * KIN, 6), (1.3 * KIN, 0)])
def test_pages_that_share_a_third_are_kin(shared: float, expected: int) -> None:
    common = yards(3, 1, 300)[0].split()
    own = yards(4, 6, 300)
    size = int(shared * 300)
    items = []
    for n in range(6):
        body = " ".join(own[n].split()[size:])
        both = " ".join(common[:size])
        items.append(article(f"{n}", f"{body}. {SIGN_UP}", f"x{n} {both} y{n}", site="post"))
    assert holders(items) == expected


def test_equal_pages_are_one_page() -> None:
    one = pages(1, "{}. " + SIGN_UP)[0]
    again = [Article(f"{n}", one.text, site="post") for n in range(9)]
    assert holders(again) == 0


def test_other_sites_do_not_count() -> None:
    bodies = pages(6, "{}. " + SIGN_UP)
    assert holders([Article(one.id, one.text, site=f"site {one.id}") for one in bodies]) == 0


def test_articles_without_a_site_have_no_furniture() -> None:
    assert holders(pages(9, "{}. " + SIGN_UP, site=None)) == 0
    assert holders(pages(9, SIGN_UP, site=None)) == 0
    assert holders(pages(9, SIGN_UP)) == 9


@pytest.mark.parametrize(("number", "expected"), [(SITE, SITE), (SITE - 1, 0)])
def test_a_site_of_a_few_articles_has_no_furniture(number: int, expected: int) -> None:
    assert holders(pages(number, "{}. " + SIGN_UP)) == expected
    assert holders(pages(number, SIGN_UP)) == expected


def test_a_text_is_boilerplate_when_most_of_it_is() -> None:
    once = pages(6, f"{SIGN_UP} Also {{0:.12}}.")
    shown = found(once)
    assert all(len(cuts) == 1 and cuts[0].startswith("[") for cuts in shown.values())


def test_the_order_of_the_articles_is_nothing() -> None:
    articles = [*carded(6, 6), *pages(4, "{}. " + SIGN_UP, site="third")]
    assert found(articles[::-1]) == found(articles)


def test_a_card_inside_a_paragraph_is_left_out_of_every_comparison() -> None:
    cards = carded(6, 6)
    result = dedup.scan(cards)
    assert not list(result.matches)
    assert not list(result.clusters)
    assert not list(result.stories)
    assert not result.boilerplate.any()
    plain = cards[0].text.split("\n\n")[1].replace(f"Osric Harth {HEADS} ", "")
    told = dedup.scan([*cards, article("x", plain)])
    (match,) = told.matches
    assert match.relation == "duplicate"
    assert match.jaccard > 0.9
    (text,) = (text for text in told.texts if text.boilerplate_spans)
    ((start, end),) = text.boilerplate_spans
    assert text.text[start:end] == f"Osric Harth {HEADS}"
    assert text.words == len(text.text.split())  # it is no shorter for that
    side = 0 if match.a == text.id else 2
    assert all(s[side + 1] <= start or s[side] >= end for s in match.spans)
    assert not text.boilerplate


def test_a_sign_up_line_in_leads_makes_no_match() -> None:
    result = dedup.scan(pages(6, "{} {}. " + SIGN_UP))
    assert not list(result.matches)
    assert not list(result.stories)


def test_two_pages_with_one_box_and_different_news_are_no_story() -> None:
    box = (
        "Click here to subscribe to our newsletter. Follow us on Facebook and on Twitter, and "
        "write to desk@valleypost.example. Sign up to get the latest updates in your inbox."
    )
    result = dedup.scan(pages(6, box, holding=2))
    assert not list(result.stories)
    assert {text.boilerplate for text in result.texts} == {True}


def test_blocks_are_cut_where_a_span_was() -> None:
    rows = np.array([[1, 0, 3], [0, 0, 2]], np.int32)
    two = Blocks(rows, np.array([0, 1, 2]), *np.full((2, 2), 6, np.int32))
    pairs = np.array([1, 1 << 32 | 2], np.uint64)
    restored_blocks = restored(pairs, two, Spans(*np.array([[0], [2], [5]])))
    assert restored_blocks.tokens.tolist() == [[1, 0, 1], [5, 1, 2], [0, 0, 2]]
    assert restored_blocks.offsets.tolist() == [0, 2, 3]


@given(st.data())
def test_blocks_come_back_to_where_each_token_was(data: st.DataObject) -> None:
    kept = [
        data.draw(st.lists(st.booleans(), min_size=3, max_size=12).filter(any)) for _ in range(3)
    ]
    cut = [(t, k, k + 1) for t, own in enumerate(kept) for k, keep in enumerate(own) if not keep]
    spans: list[tuple[int, int, int]] = []
    for text, begin, end in cut:
        if spans and spans[-1][0] == text and spans[-1][2] == begin:
            spans[-1] = (text, spans[-1][1], end)
        else:
            spans.append((text, begin, end))
    pairs, rows, expected = [(0, 1), (0, 2), (1, 2)], [], []
    for number, (a, b) in enumerate(pairs):
        left = [[k for k, keep in enumerate(kept[text]) if keep] for text in (a, b)]
        i, j = (data.draw(st.integers(0, len(side) - 1)) for side in left)
        size = data.draw(st.integers(1, min(len(left[0]) - i, len(left[1]) - j)))
        rows.append((i, j, size))
        expected += [(number, left[0][i + k], left[1][j + k]) for k in range(size)]
    blocks = Blocks(np.array(rows, np.int32), np.arange(4), *np.full((2, 3), 6, np.int32))
    found = restored(
        np.array([a << 32 | b for a, b in pairs], np.uint64),
        blocks,
        Spans(*np.array(spans, np.int64).reshape(-1, 3).T),
    )
    owner = np.repeat(np.arange(3), np.diff(found.offsets)).tolist()
    every = zip(owner, found.tokens.tolist(), strict=True)
    assert [
        (number, i + k, j + k) for number, (i, j, size) in every for k in range(size)
    ] == expected
    one = set(zip(owner, *found.tokens[:, :2].T.tolist(), strict=True))
    joined = {
        (n, i + size, j + size)
        for n, (i, j, size) in zip(owner, found.tokens.tolist(), strict=True)
    }
    assert not one & joined  # no stretch is cut where nothing was left out


@pytest.mark.parametrize(
    ("furniture", "news"),
    [
        (SIGN_UP, HERRING),
        ("© 2019 Vale Press. All rights reserved.", "The Vale Press house burned down on Friday."),
        ("Write to Anna Bell at anna.bell@valepost.com", "Anna Bell wrote to the mayor of Tolme"),
        ("Read more: https://valepost.com/news/12", "He had read more than anyone at the mill."),
    ],
)
def test_furniture_is_written_otherwise_than_news(furniture: str, news: str) -> None:
    assert style(furniture) > 0 > style(news)


def test_no_articles_have_no_spans() -> None:
    corpus = collapse([Article("a", "")], 1, Silent())
    what = find_boilerplate(corpus, np.zeros(1, np.int64), np.zeros(0, bool))
    assert not len(what.spans.texts)
    assert not len(what.texts)


@pytest.mark.parametrize(("sites", "pages"), [([0, 0], [2]), ([0, 1], [1, 1])])
def test_runs_of_one_hash_are_one_on_one_site_alone(sites: list[int], pages: list[int]) -> None:
    keys, bounds, page = np.full(2, 9, np.uint32), np.arange(3), np.arange(2, dtype=np.int32)
    runs = np.empty(2, np.int32)
    held = boilerplate_spans._count(keys, bounds, page, np.array(sites), 0, 1, runs)
    assert held.tolist() == pages
    assert runs.tolist() == [0, len(pages) - 1]


@given(st.lists(st.lists(st.booleans(), min_size=1, max_size=12), max_size=6))
def test_spans_are_left_out_of_tokens_and_flags_and_all_else_stays(cut: list[list[bool]]) -> None:
    left = ~np.array([one for text in cut for one in text], np.bool_)
    offsets = np.append(0, np.cumsum([len(text) for text in cut])).astype(np.int64)
    tokens = np.arange(len(left), dtype=np.uint32)
    texts = TextArrays(tokens, offsets, (tokens * 7).astype(np.uint8))
    found = reduced(texts, spans_of(texts, ~left))
    np.testing.assert_array_equal(found.tokens, tokens[left])
    np.testing.assert_array_equal(found.flags, texts.flags[left])
    assert found.sizes.tolist() == [len(text) - sum(text) for text in cut]


@pytest.mark.parametrize("runs", [1 << 10, 64])
def test_however_few_runs_are_counted_at_a_time_the_same_is_found(
    monkeypatch: pytest.MonkeyPatch, runs: int
) -> None:
    articles = [*pages(6, "{}. " + SIGN_UP), *pages(6, SIGN_UP, MILD, site="mail", seed=11)]
    expected = found(articles)
    assert [SIGN_UP[:-1]] in expected.values()
    monkeypatch.setattr(boilerplate_spans, "COUNTED", runs)
    assert found(articles) == expected


@given(sizes=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9))))
def test_parts_of_an_array_are_moved_together(sizes: list[tuple[int, int]]) -> None:
    starts = np.cumsum([0, *(kept + left for kept, left in sizes)]).tolist()
    parts = [slice(at, at + kept) for at, (kept, _) in zip(starts[:-1], sizes, strict=True)]
    column = np.arange(starts[-1])
    expected = [number for part in parts for number in range(part.start, part.stop)]
    boilerplate_spans._move_together(column, parts)
    assert column.tolist() == expected


@settings(deadline=None)
@given(seed=st.integers(0, 1 << 32), threads=st.integers(2, 5))
def test_threads_count_each_run_once_whichever_of_them_does(seed: int, threads: int) -> None:
    draw = np.random.default_rng(seed)
    known = draw.integers(0, 1 << 32, 40, np.uint32) | np.uint32(1)
    keys = known[draw.integers(0, 40, 200)]
    bounds, page = np.arange(0, 201, 10), np.sort(draw.integers(0, 8, 20)).astype(np.int32)
    sites = draw.integers(0, 3, 8)
    one, several = np.empty((2, 200), np.int32)
    alone = boilerplate_spans._count(keys, bounds, page, sites, 0, 1, one)
    parts = [
        boilerplate_spans._count(keys, bounds, page, sites, turn, threads, several)
        for turn in range(threads)
    ]
    assert sum(map(len, parts)) == len(alone)
    assert len({*zip(one.tolist(), several.tolist(), strict=True)}) == len(alone)
    held = [parts[run % threads][run // threads] for run in several.tolist()]
    np.testing.assert_array_equal(held, alone[one])
