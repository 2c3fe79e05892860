"""Standing spans: runs of words that a site puts inside the paragraphs of unlike pages."""

from __future__ import annotations

import numpy as np
import pytest
from prose import COMET, HERRING, SPEECH, STRIKE, article, yards

import dedup
from dedup import Article
from dedup.match.align import Blocks
from dedup.match.boilerplate_spans import (
    PAGES,
    PAGES_STYLED,
    boilerplate_tokens,
    reduced,
    restored,
    spans,
    standing,
)
from dedup.match.boilerplate_style import style, table
from dedup.progress import Silent
from dedup.text.corpus import Corpus, collapse

CARD = (
    "Olin Harth MarrowHarbour board weighs new ferry fares after storm Five things to watch in the "
    "bridge vote Old mill owners sue over river levels MORE"
)
SIGN_UP = "Sign up for our newsletter to get the best of the Valley Post in your inbox."
CLAUSE = "did not answer a letter that asked her for comment"
TITLE = "Prince Osric of Vale, Lord Keeper of the Great Seal of the Crown of Tolme"


def marked(articles: list[Article]) -> dict[str, list[str]]:
    """The standing spans of each article, as they are written there."""
    corpus, mask = _marked(articles)
    short = reduced(corpus, mask)
    found: dict[str, list[str]] = {one.id: [] for one in corpus.articles}
    for row, text in enumerate(corpus.text.tolist()):
        first, last = short.corpus.offsets[text], short.corpus.offsets[text + 1]
        written = corpus.written(row)
        cuts = spans(written, short.origin[first:last])
        found[corpus.articles[corpus.article[row]].id] += [written[a:b] for a, b in cuts]
    return found


def _marked(articles: list[Article]) -> tuple[Corpus, np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    corpus = collapse(sorted(articles, key=lambda one: one.id), 1, Silent())
    sites = np.unique([one.site or "" for one in corpus.articles], return_inverse=True)[1]
    return corpus, boilerplate_tokens(corpus, sites)


def pages(number: int, *inside: str, site: str = "post") -> list[Article]:
    """Unlike pages of a site; each part of `inside` is the end of a paragraph or inside one."""
    bodies = yards(9, 4 * number, 40)
    return [
        article(
            f"{site}/{n:02}",
            bodies[4 * n].capitalize() + ".",
            inside[n % len(inside)].format(*bodies[4 * n + 1 : 4 * n + 3]),
            bodies[4 * n + 3].capitalize() + ".",
            site=site,
        )
        for n in range(number)
    ]


@pytest.mark.parametrize(("number", "found"), [(PAGES, True), (PAGES - 1, False)])
def test_a_card_inside_sentences_is_marked_from_three_unlike_pages_on(
    number: int, found: bool
) -> None:
    articles = pages(number, "{} when Harth " + CARD + " said {}.")
    assert all(bool(cuts) == found for cuts in marked(articles).values())
    if found:
        assert all(CARD.split(" ", 1)[1] in cuts[0] for cuts in marked(articles).values())


@pytest.mark.parametrize(("number", "found"), [(PAGES_STYLED, True), (PAGES_STYLED - 1, False)])
def test_a_sign_up_line_in_a_lead_is_marked_on_two_pages(number: int, found: bool) -> None:
    cuts = marked(pages(number, "{}. " + SIGN_UP))
    assert list(cuts.values()) == [[SIGN_UP[:-1]] if found else []] * number


@pytest.mark.parametrize("inside", [CLAUSE, TITLE, f"“{SPEECH}”"])
def test_a_stock_phrase_a_title_and_a_quotation_are_news(inside: str) -> None:
    cuts = marked(pages(9, "{} " + inside + " {}.", "{}, " + inside + " {}."))
    assert not any(cuts.values())


def test_versions_of_one_story_on_a_site_have_no_furniture() -> None:
    bodies = yards(4, 4, 60)
    story = [HERRING + " " + SIGN_UP, COMET, STRIKE]
    articles = [article(f"{n}", bodies[n], *story, site="post") for n in range(4)]
    assert not any(marked(articles).values())


def test_equal_pages_are_one_page() -> None:
    one = pages(1, "{}. " + SIGN_UP)[0]
    again = [Article(f"{n}", one.text, site="post") for n in range(9)]
    assert not any(marked(again).values())


def test_other_sites_do_not_count() -> None:
    bodies = pages(6, "{}. " + SIGN_UP)
    apart = [Article(one.id, one.text, site=f"site {n}") for n, one in enumerate(bodies)]
    assert not any(marked(apart).values())


def test_a_text_is_standing_when_most_of_it_is() -> None:
    corpus, mask = _marked(pages(4, SIGN_UP))
    texts = {
        corpus.written(int(corpus.first[text])) for text in np.flatnonzero(standing(corpus, mask))
    }
    assert texts == {SIGN_UP}


def test_the_order_of_the_articles_is_nothing() -> None:
    articles = pages(6, "{} when Harth " + CARD + " said {}.", "{}. " + SIGN_UP)
    assert marked(articles[::-1]) == marked(articles)


def test_what_two_texts_share_besides_a_card_is_what_matches_them() -> None:
    inside = "{} when Harth " + CARD + " said {}."
    cards = pages(5, inside)
    result = dedup.scan(cards)
    assert not list(result.matches)
    assert not list(result.clusters)
    told = dedup.scan(
        [*cards, article("x", cards[0].text.split("\n\n")[1].replace(CARD + " ", ""))]
    )
    (match,) = [m for m in told.matches if m.relation != "boilerplate"]
    assert match.relation == "duplicate"
    assert match.jaccard > 0.9  # the name before the card goes with it
    text = next(text for text in told.texts if text.boilerplate_spans)
    ((start, end),) = text.boilerplate_spans
    side = 0 if match.a == text.id else 2
    assert all(s[side + 1] <= start or s[side] >= end for s in match.spans)
    assert CARD.split(" ", 1)[1] in text.sample[start:end]


def test_blocks_are_cut_where_a_span_was() -> None:
    rows = np.array([[1, 0, 3]], np.int32)
    one = Blocks(rows, np.array([0, 1]), *np.full((2, 1), 6, np.int32))
    origin = np.array([0, 1, 5, 6, 0, 1, 2], np.int32)
    found = restored(np.array([1], np.uint64), one, np.array([0, 4, 7]), origin)
    assert found.tokens.tolist() == [[1, 0, 1], [5, 1, 2]]
    assert found.offsets.tolist() == [0, 2]


@pytest.mark.parametrize(
    ("furniture", "news"),
    [
        (SIGN_UP, HERRING),
        ("© 2019 Vale Press. All rights reserved.", "The Vale Press building burned down."),
        ("Write to Anna Bell at anna.bell@valepost.com", "Anna Bell wrote to the mayor of Tolme"),
        ("Read more: https://valepost.com/news/12", "He had read more than anyone at the mill."),
    ],
)
def test_furniture_is_written_otherwise_than_news(furniture: str, news: str) -> None:
    corpus = collapse([Article("a", furniture), Article("b", news)], 1, Silent())
    found = style(corpus.tokens, corpus.offsets, corpus.flags, table())
    assert found[0] > 0 > found[1]


def test_no_articles_have_no_spans() -> None:
    corpus = collapse([Article("a", "")], 1, Silent())
    assert len(boilerplate_tokens(corpus, np.zeros(1, np.int64))) == 0
