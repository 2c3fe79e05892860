"""What settling tells an index to pass over: common phrases, and furniture in paragraphs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from prose import yards
from test_boilerplate_spans import CARDED, HEADS, SIGN_UP, carded, pages

from dedup import Article, Index
from dedup._jit.pairs import lefts
from dedup.match.boilerplate_spans import KNOWN, Spans, find_known, span_runs
from dedup.match.common_phrases import TEXTS
from dedup.text.arrays import TextArrays

TITLE = "the acting deputy commissioner for weirs and locks of the upper Ilmen valley"


def test_furniture_inside_a_paragraph_is_out_once_settling_has_found_it(tmp_path: Path) -> None:
    *cards, last = pages(8, CARDED)
    with Index(tmp_path) as index:
        index.add_many([*cards, *carded(0, 0)])
        assert index.query(last).hits
        index.settle()
        found = index.query(last)
        assert not found.hits
        assert found.largest_share == 0
    with Index(tmp_path, read_only=True) as again:
        assert not again.query(last).hits


def test_furniture_of_one_site_is_news_on_another(tmp_path: Path) -> None:
    *cards, _ = pages(8, CARDED)
    (other,) = pages(1, CARDED, site="elsewhere", seed=7)
    with Index(tmp_path) as index:
        index.add_many([*cards, *carded(0, 0)])
        index.settle()
        assert index.query(other).hits


def test_what_is_shared_is_shown_around_furniture(tmp_path: Path) -> None:
    *cards, last = pages(8, CARDED)
    card = f"Osric Harth {HEADS} "
    plain = last.text.split("\n\n")[1].replace(card, "")
    with Index(tmp_path) as index:
        index.add_many([*cards, *carded(0, 0), Article("plain", plain, site="elsewhere")])
        index.settle()
        (hit,) = index.query(last).hits
    assert hit.article == "plain"
    assert hit.relation == "duplicate"
    assert hit.jaccard == 1
    shown = "".join(last.text[begin:end] for begin, end, *_ in hit.spans)
    assert "Harbour board" not in shown
    assert len(shown) > 0.8 * len(plain)


def test_a_text_that_is_mostly_furniture_is_boilerplate_as_a_whole(tmp_path: Path) -> None:
    *leads, last = pages(8, "{} {}. " + SIGN_UP)
    again = Article("post/last", f"{last.text}\n\nNow: {SIGN_UP}", site="post")
    with Index(tmp_path) as index:
        index.add_many(leads)
        assert index.query(again).largest_share > 0
        index.settle()
        assert index.query(again).largest_share == 0


def test_phrases_that_were_common_when_it_was_settled_make_no_match(tmp_path: Path) -> None:
    frames = yards(11, 2 * TEXTS + 2, 24)
    bodies = zip(frames[::2], frames[1::2], strict=True)
    *articles, last = (Article(a[:9], f"{a} {TITLE} {b}") for a, b in bodies)
    with Index(tmp_path) as index:
        index.add_many(articles)
        assert index.query(last).hits
        index.settle()
        assert not index.query(last).hits
        copy = Article("copy", articles[0].text.replace("deputy", "first"))
        assert {hit.article for hit in index.query(copy).hits} == {articles[0].id}


@pytest.mark.parametrize(("words", "expected"), [(KNOWN, [(5, 5 + KNOWN)]), (KNOWN - 1, [])])
def test_so_many_words_of_furniture_are_marked(words: int, expected: list[object]) -> None:
    line = np.arange(100, 140, 2, dtype=np.uint32)
    spans = Spans(*np.array([[0], [0], [len(line)]]))
    texts = TextArrays.of(line, np.array([0, len(line)]))
    runs = np.unique(lefts(span_runs(texts, spans))).astype(np.uint32)
    around = np.arange(200, 240, 2, dtype=np.uint32)
    tokens = np.concatenate([around[:5], line[:words], around[5:]])
    found = find_known(TextArrays.of(tokens, np.array([0, len(tokens)])), runs).spans
    assert list(zip(found.begin.tolist(), found.end.tolist(), strict=True)) == expected


@pytest.mark.parametrize("runs", [np.zeros(0, np.uint32), np.array([7], np.uint32)])
def test_texts_without_furniture_are_whole(runs: npt.NDArray[np.uint32]) -> None:
    texts = TextArrays.of(np.arange(2, 62, 2, dtype=np.uint32), np.array([0, 10, 30]))
    found = find_known(texts, runs)
    assert [len(column) for column in found.spans] == [0, 0, 0]
    assert (found.texts.tolist(), found.words.tolist()) == ([False, False], [10, 20])
