"""Distinct texts: one number for one normalised text, places in characters, in any batches."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from xxhash import xxh3_128_hexdigest

from dedup.match.align import align, spans
from dedup.progress import Silent
from dedup.records import Article
from dedup.text import corpus as module
from dedup.text.corpus import Corpus, Encoding, collapse
from dedup.text.encode import TextBatch, encode
from dedup.text.tokenize import normalize

# Paragraphs of which some are one text, and some no text at all.
LINES = [
    "Rain.",
    "RAIN!",
    "“Rain”",
    "Rain is due.",
    "rain is due",
    "---",
    "  ",
    "雨。",
    "雨",
    "\ud800",
]
LINES += ["\U0001f327 Rain…", "सूखा", "Café", "cafe", "a\0b", "a b", "5 %", "5%"]
ARTICLES = st.lists(st.lists(st.sampled_from(LINES), max_size=6), max_size=6)


def collapsed(texts: list[str], workers: int = 1) -> Corpus:
    return collapse([Article(f"a{n}", text) for n, text in enumerate(texts)], workers, Silent())


@dataclass
class Place:
    article: int
    paragraph: int
    written: str
    normal: str


def places(articles: list[list[str]]) -> list[Place]:
    """Brute force: every paragraph that has a normalised text."""
    found = []
    for number, lines in enumerate(articles):
        kept = [line.strip() for line in lines if normalize(line)]
        found += [Place(number, n, line, normalize(line)) for n, line in enumerate(kept)]
    return found


@settings(deadline=None)
@given(articles=ARTICLES)
def test_paragraphs_have_one_number_exactly_when_their_normalised_text_is_one(
    articles: list[list[str]],
) -> None:
    corpus = collapsed(["\n".join(lines) for lines in articles])
    expected = places(articles)
    distinct = list(dict.fromkeys(place.normal for place in expected))  # by first occurrence
    assert corpus.text.tolist() == [distinct.index(place.normal) for place in expected]
    assert [corpus.text[row] for row in corpus.first] == list(range(len(distinct)))
    assert corpus.first.tolist() == [
        [place.normal for place in expected].index(normal) for normal in distinct
    ]
    assert [f"{high:016x}{low:016x}" for high, low in corpus.key.tolist()] == [
        xxh3_128_hexdigest(normal.encode()) for normal in distinct
    ]


@settings(deadline=None)
@given(articles=ARTICLES)
def test_an_article_alone_is_what_it_is_in_a_batch(articles: list[list[str]]) -> None:
    some = [Article("a", "\n".join(line for lines in articles for line in lines))]
    alone = collapse(some, 1, Silent())
    batched = collapse(some, 1, Silent(), encoding=Encoding(1))
    assert (alone.articles, alone.endings, alone.lengths) == (some, None, None)
    for own, other in zip(columns(alone), columns(batched), strict=True):
        np.testing.assert_array_equal(own, other, strict=True)


def columns(corpus: Corpus) -> list[np.ndarray[Any, Any]]:
    places = [corpus.article, corpus.paragraph, corpus.start, corpus.end, corpus.text]
    return [*places, corpus.first, corpus.key, *corpus.texts]


@settings(deadline=None)
@given(articles=ARTICLES)
def test_each_place_slices_its_article(articles: list[list[str]]) -> None:
    texts = ["\r\n\n".join(lines) for lines in articles]
    corpus = collapsed(texts)
    expected = places(articles)
    assert corpus.article.tolist() == [place.article for place in expected]
    assert corpus.paragraph.tolist() == [place.paragraph for place in expected]
    for row, place in enumerate(expected):
        assert corpus.written(row) == place.written
        assert texts[place.article][corpus.start[row] : corpus.end[row]] == place.written


@settings(deadline=None)
@given(articles=ARTICLES)
def test_each_text_has_the_tokens_of_its_first_occurrence(articles: list[list[str]]) -> None:
    corpus = collapsed(["\n".join(lines) for lines in articles])
    for text, row in enumerate(corpus.first.tolist()):
        alone = collapsed([corpus.written(row)])
        mine = slice(corpus.texts.offsets[text], corpus.texts.offsets[text + 1])
        assert corpus.texts.tokens[mine].tolist() == alone.texts.tokens.tolist()
        assert corpus.words()[text] == alone.words()[0]
    assert corpus.texts.offsets[-1] == len(corpus.texts.tokens)


@pytest.mark.parametrize(
    ("text", "words"),
    [("Rain is due.", 3), ("雨", 1), ("雨が", 1), ("雨が降", 2), ("5% of 雨が", 4), ("don't", 1)],
)
def test_two_characters_of_a_script_without_spaces_count_as_a_word(text: str, words: int) -> None:
    assert collapsed([text]).words().tolist() == [words]


def assert_same(ours: Corpus, theirs: Corpus) -> None:
    for name in set(ours._fields) - {"articles", "texts"}:
        np.testing.assert_array_equal(getattr(ours, name), getattr(theirs, name))
    for mine, other in zip(ours.texts, theirs.texts, strict=True):
        np.testing.assert_array_equal(mine, other)


@pytest.mark.parametrize("size", [1, 40, 1_000])
@pytest.mark.parametrize("workers", [1, 2, 5])
def test_neither_threads_nor_batches_change_anything(
    size: int, workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    generator = np.random.default_rng(0)
    texts = ["\n".join(generator.choice(LINES, 5).tolist()) for _ in range(60)] + [""]
    whole = collapsed(texts)
    monkeypatch.setattr(module, "BATCH", size)
    assert_same(collapsed(texts, workers), whole)


@pytest.mark.parametrize("size", [1, 40, 1_000_000])
@pytest.mark.parametrize("workers", [1, 2, 5])
def test_what_was_encoded_while_reading_is_put_into_the_order_of_the_articles(
    size: int, workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    generator = np.random.default_rng(2)
    texts = ["\n".join(generator.choice(LINES, 5).tolist()) for _ in range(60)] + ["", " \n"]
    whole = collapsed(texts)
    monkeypatch.setattr(module, "BATCH", size)
    articles = [Article(str(number), text) for number, text in enumerate(texts)]
    left_out = [Article("again", "Read, and left out."), Article("more", LINES[0] + " ")]
    read = [*articles[::-2], *left_out, *articles[-2::-2]]
    encoding = Encoding(workers)
    assert list(encoding.passing(read)) == read
    assert_same(collapse(articles, workers, Silent(), encoding=encoding), whole)


@pytest.mark.parametrize("read", [0, 3, 6])
def test_what_was_not_encoded_yet_is(read: int) -> None:
    articles = [Article(str(number), text) for number, text in enumerate(LINES[:6])]
    encoding = Encoding(2)
    list(encoding.passing(articles[:read]))
    ours = collapse(articles, 2, Silent(), encoding=encoding)
    assert_same(ours, collapsed([article.text for article in articles]))


def test_articles_with_one_text_encode_it_once() -> None:
    text = "\n".join(LINES[:3])
    encoding = Encoding(1)
    assert [encoding.add(each) for each in (text, "Rain.", text)] == [0, 1, 0]
    assert len(encoding) == 2
    articles = [Article("a", text), Article("b", "Rain."), Article("c", text)]
    ours = collapse(articles, 1, Silent(), encoding=encoding)
    assert_same(ours, collapsed([article.text for article in articles]))


def test_texts_are_encoded_while_others_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    begun = threading.Event()

    def encoded(texts: list[str], *, flagged: bool = True) -> TextBatch:
        if any(texts):
            begun.set()
        return encode(texts, flagged=flagged)

    def read() -> Iterator[Article]:
        yield Article("a", LINES[0])
        assert begun.wait(20), "it waits for all to be read"
        yield Article("b", LINES[1])

    monkeypatch.setattr(module, "BATCH", 1)
    monkeypatch.setattr(module, "encode", encoded)
    assert len(list(Encoding(2).passing(read()))) == 2


def test_what_encodes_is_loaded_before_the_first_article_is_read() -> None:
    program = """
from dedup._jit.kernels import KERNELS
from dedup.text import corpus

def loaded():
    return {kernel.__name__ for kernel in KERNELS if kernel._compiled is not None}

def read():
    yield corpus.Article("a", 'Rain fell. "Sun", it said: the quay&amp;mole. www.herald.example')
    found.append(loaded())

found = []
encoding = corpus.Encoding(2)
list(encoding.passing(read()))
list(encoding.batches())
missed = loaded() - found[0]
print(len(found[0]) > 1, sorted(missed))
"""
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)
    assert done.stdout.split() == [b"True", b"[]"]


def test_a_read_that_fails_leaves_no_text_to_encode(monkeypatch: pytest.MonkeyPatch) -> None:
    encoded: list[str] = []

    def slow(texts: list[str], *, flagged: bool = True) -> TextBatch:
        encoded.extend(texts)
        time.sleep(0.01)
        return encode(texts, flagged=flagged)

    def read() -> Iterator[Article]:
        yield from (Article(str(number), f"Report {number}") for number in range(500))
        raise OSError("gone")

    monkeypatch.setattr(module, "BATCH", 1)
    monkeypatch.setattr(module, "encode", slow)
    with pytest.raises(OSError, match="gone"):
        list(Encoding(2).passing(read()))
    ended = len(encoded)
    time.sleep(0.05)
    assert ended == len(encoded) < 250


def test_a_hundred_thousand_paragraphs_are_told_apart_and_put_together() -> None:
    generator = np.random.default_rng(1)
    numbers = generator.integers(0, 30_000, 100_000)
    texts = ["\n".join(f"Report {n}" for n in part) for part in np.split(numbers, 100)]
    corpus = collapsed(texts, workers=2)
    order = {n: rank for rank, n in enumerate(dict.fromkeys(numbers.tolist()))}
    assert corpus.text.tolist() == [order[n] for n in numbers.tolist()]
    assert corpus.paragraph.tolist() == list(range(1_000)) * 100
    assert len(corpus.texts.tokens) == 2 * len(order)
    report, *_ = corpus.texts.tokens.tolist()
    assert corpus.texts.tokens[::2].tolist() == [report] * len(order)
    assert len(set(corpus.texts.tokens[1::2].tolist())) > len(order) - 5


@pytest.mark.parametrize("texts", [[], [""], ["\n \n", "***"]])
def test_no_text_is_no_trouble(texts: list[str]) -> None:
    corpus = collapsed(texts)
    assert (
        len(corpus.text)
        == len(corpus.first)
        == len(corpus.texts.tokens)
        == len(corpus.words())
        == 0
    )
    assert corpus.texts.offsets.tolist() == [0]


SHARED = "the old swimming baths on Mill Lane will close in March"
AROUND = [
    ("{}", "{}"),
    ("On Monday it was said that {}.", "“{}”, the mayor wrote"),
    ("\U0001f3ca\u200d\u2640\ufe0f Ｎｅｗｓ: {}!", "श्री गणेश ने कहा {}"),
    ("\ud800\0 {} — 北京", "\u202bأخبار\u202c: {}"),
]


@pytest.mark.parametrize(("first", "second"), AROUND)
@pytest.mark.parametrize("write", [str, str.upper, lambda text: text.replace("s", "s\u00ad\u0301")])
def test_spans_of_a_shared_passage_slice_both_texts(
    first: str, second: str, write: Callable[[str], str]
) -> None:
    lines = [first.format(SHARED), second.format(write(SHARED)) + " zzz"]
    corpus = collapsed(["Other.\n" + lines[0], "  " + lines[1]])
    pairs = np.array([1 << 32 | 2], np.uint64)
    blocks = align(pairs, corpus.texts, 3)
    ((a, a_end, b, b_end),) = spans(pairs, blocks, corpus).tolist()
    ours, theirs = (corpus.written(corpus.first[text]) for text in (1, 2))
    assert ours[a:a_end] == SHARED
    assert theirs[b:b_end] == write(SHARED)
