"""Each side of each threshold of `dedup.match.boilerplate_spans`."""

from __future__ import annotations

import numpy as np
import pytest
from laid import characters
from prose import yards

from dedup.match import boilerplate_spans
from dedup.match.boilerplate_spans import find_boilerplate
from dedup.match.boilerplate_style import Style
from dedup.progress import Silent
from dedup.records import Article
from dedup.text.corpus import collapse

LINE = "sign up for our free newsletter and get the latest news in your own inbox each day"


def styled(monkeypatch: pytest.MonkeyPatch, style: float) -> None:
    """Let every run have this style."""
    shares = np.zeros((2, 8), np.float32)
    shares[:, 0] = style
    made = Style(np.zeros(0, np.uint32), np.zeros(0, np.float32), shares)
    monkeypatch.setattr(boilerplate_spans, "table", lambda: made)


def marked(articles: list[Article]) -> list[str]:
    """Each stretch that is marked, as it is written; texts that are so as a whole in brackets."""
    corpus = collapse(articles, 1, Silent())
    sites = np.unique([one.site for one in articles], return_inverse=True)[1]
    found = find_boilerplate(corpus, sites, np.zeros(len(corpus.first), bool))
    shown = []
    for row, text in enumerate(corpus.text.tolist()):
        line = corpus.written(row)
        shown += [line[a:b] for a, b in characters(line, found.spans, text)]
        shown += [f"[{line}]"] * bool(found.texts[text])
    return shown


def pages(number: int, inside: str, *, among: int = 8, around: int = 40) -> list[Article]:
    """Articles of a site, the first ones with `inside`; `{}` in it is prose of each one's own."""
    bodies = yards(9, 3 * among, around)
    made = []
    for n in range(among):
        first, second, rest = bodies[3 * n : 3 * n + 3]
        text = inside.format(first.capitalize(), second) if n < number else f"{first}. {second}."
        made.append(Article(f"{n:02}", f"{text}\n\n{rest.capitalize()}.", site="post"))
    return made


def sentence(words: int) -> str:
    """A sentence of so many words between two others."""
    return "{}. " + " ".join(LINE.split()[:words]).capitalize() + ". X{}."


def test_a_run_of_five_words_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    styled(monkeypatch, 9.0)
    assert marked(pages(4, sentence(5))) == ["Sign up for our free"] * 4
    assert marked(pages(4, sentence(4))) == []


def test_furniture_is_marked_on_three_pages_and_plain_furniture_on_two(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    styled(monkeypatch, 0.5)
    assert len(marked(pages(3, sentence(9)))) == 3
    assert len(marked(pages(2, sentence(9)))) == 0
    styled(monkeypatch, 2.0)
    assert len(marked(pages(2, sentence(9)))) == 2
    assert len(marked(pages(1, sentence(9)))) == 0


@pytest.mark.parametrize(
    ("style", "words", "number", "expected"),
    [(0.5, 9, 3, 3), (0.49, 9, 3, 0), (2.0, 9, 2, 2), (1.99, 9, 2, 0)],
)
def test_how_furniture_must_be_written(
    monkeypatch: pytest.MonkeyPatch, style: float, words: int, number: int, expected: int
) -> None:
    styled(monkeypatch, style)
    assert len(marked(pages(number, sentence(words)))) == expected


@pytest.mark.parametrize(("words", "expected"), [(8, 3), (7, 0)])
def test_a_sentence_of_seven_words_must_be_plain_furniture(
    monkeypatch: pytest.MonkeyPatch, words: int, expected: int
) -> None:
    styled(monkeypatch, 1.0)
    assert len(marked(pages(3, sentence(words)))) == expected


HEADS = (
    "Harth fights harbour board over ferry fares Five harbour things vote Old mill owners sue MORE"
)
"""Sixteen words with headlines at "Five" and "Old"."""


def carded(card: str, number: int = 4) -> list[Article]:
    """Pages with a card inside a sentence, and others that write the words of it small."""
    own = pages(number, "{} when " + card + " said {}.")
    other = [
        Article(f"other {one.id}", one.text, site="other")
        for one in pages(6, "{} five old men at the five old mills, {} five and old.", among=6)
    ]
    return [*own, *other]


def test_what_a_card_is(monkeypatch: pytest.MonkeyPatch) -> None:
    styled(monkeypatch, -3.5)
    assert marked(carded(HEADS)) == [HEADS] * 4
    styled(monkeypatch, -3.6)
    assert marked(carded(HEADS)) == []


@pytest.mark.parametrize(
    ("changed", "to"),
    [
        ("sue MORE", "MORE"),  # fifteen words
        ("Five harbour", "five harbour"),  # one headline
    ],
)
def test_a_card_has_16_words_and_two_headlines(
    monkeypatch: pytest.MonkeyPatch, changed: str, to: str
) -> None:
    styled(monkeypatch, 0.0)
    assert marked(carded(HEADS)) == [HEADS] * 4
    assert marked(carded(HEADS.replace(changed, to))) == []


def plain_card(plain: int) -> str:
    """A card of 18 words with so many plain words of content, and headlines at "Five" and "Old"."""
    fill = ["harbour", "things", "fights", "ferry", "fares", "owners", "board"]
    named = ["of", "the", "and", "for", "his", "her", "its", "our", "an", "by", "at"]
    inner = [*fill[: plain - 2], *named][:13]
    return " ".join(["Harth", "vote", "Five", "mills", "Old", *inner[:12], "MORE"])


@pytest.mark.parametrize(("plain", "expected"), [(6, 4), (5, 0)])
def test_a_third_of_a_card_are_plain_words(
    monkeypatch: pytest.MonkeyPatch, plain: int, expected: int
) -> None:
    styled(monkeypatch, 0.0)
    assert len(plain_card(plain).split()) == 18
    assert len(marked(carded(plain_card(plain)))) == expected


@pytest.mark.parametrize(("shared", "expected"), [(20, 4), (21, 0)])
def test_pages_that_share_a_tenth_have_no_card_in_common(
    monkeypatch: pytest.MonkeyPatch, shared: int, expected: int
) -> None:
    styled(monkeypatch, 0.0)
    (common,) = yards(2, 1, shared)
    with_more = [
        Article(one.id, f"{one.text}\n\nX{n} {common} y{n}", site=one.site)
        for n, one in enumerate(carded(HEADS))
    ]
    assert sum(HEADS in cut for cut in marked(with_more)) == expected


@pytest.mark.parametrize(("own", "whole"), [(11, True), (12, False)])
def test_a_text_of_which_60_percent_are_marked_is_boilerplate_as_a_whole(
    monkeypatch: pytest.MonkeyPatch, own: int, *, whole: bool
) -> None:
    styled(monkeypatch, 1.0)
    made = []
    for n, (first, second) in enumerate(zip(yards(5, 6, own), yards(6, 6, 60), strict=True)):
        line = LINE.capitalize()  # 17 words
        made.append(Article(f"{n}", f"{line}. {first.capitalize()}.\n\n{second}.", site="post"))
    shown = marked(made)
    assert len(shown) == 6
    assert all(one.startswith("[") is whole for one in shown)
