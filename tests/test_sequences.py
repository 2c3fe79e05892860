"""What several characters stand for: each kind, its limits, and that no place is lost."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.text.characters import table
from dedup.text.segment import batch, segment
from dedup.text.sequences import BROKEN, FILLER, HELD, LONGEST_WORD, as_read
from dedup.text.tokenize import normalize, tokenize

PARTS = "&;#x39amp \\u2019\u200b\u00ad-\n\r?\"'l·Ââ€™Ã©ÐŸ\u00a0\ufffdเแשA"
TEXT = st.text(st.sampled_from(PARTS) | st.characters(), max_size=60)

READ = [
    # text, what it reads, fillers left out
    ("isn&#39;t", "isn't"),
    ("isn&#x27;t", "isn't"),
    ("&amp;amp;", "&"),
    ("&amp;#39;", "'"),
    ("&lt;b&gt;", "<b>"),
    ("&eacute;t&eacute;", "été"),
    ("&#8217;&#150;", "’–"),
    ("caf\u00c3\u00a9", "café"),
    ("â€œgo nowâ€\x9d", "“go now”"),
    ("â\x80\x99", "’"),
    ("ItÃ¢â‚¬â„¢s", "It’s"),
    ("Lâ€™aube", "L’aube"),
    ("È™tiri", "știri"),
    ("ÐŸÑ€Ð¸Ð²ÐµÑ‚, Ð¼Ð¸Ñ€", "Привет, мир"),
    ("Ð\u00a0Ð¾Ñ\x81", "Рос"),
    ("oï¬ƒce", "oﬃce"),
    ("d?altura", "daltura"),
    ("infor-\nmation", "information"),
    ("infor-\r\n  mation", "information"),
    ("infor\u00ad\nmation", "information"),
    ("isn\\'t", "isn't"),
    ("isn\\u2019t", "isn’t"),
    ("\\ud83d\\ude00", "😀"),
    ("เเม", "แม"),
    ("l·l L·L", "ll LL"),
    ('צה"ל', "צהל"),
]

KEPT = [
    *["AT&T; S&P", "&foo;", "Q&A", "a & b;", "&#;", "&#xzz;", "?a=1&copy=2", "&" + "a" * 40 + ";"],
    *["DE MANHÃ” E", "«É» e «À»", "daß”", "3×½", "Â", "Å\u00a0gå", "Ã e", "pâté”", "ESPAÑ»"],
    *["What?He", "Who? me", "10?x", "¿Qué?", "?", "a?", "؟?ب"],
    *["well-\nKnown", "10-\n20", "he said -\nand", "a-\n\nb", "- a\n- b", "a-", "서울-\n부산"],
    *["C:\\new", "\\u20", "a·b", "l·a", 'say "go"', 'ל"', '"ל'],
]


def read(text: str) -> str:
    return as_read(text).translate(dict.fromkeys((BROKEN, FILLER, HELD)))


@pytest.mark.parametrize(("text", "expected"), READ)
def test_a_sequence_is_what_it_stands_for(text: str, expected: str) -> None:
    assert read(text) == expected


@pytest.mark.parametrize("text", KEPT)
def test_what_only_resembles_a_sequence_is_left_alone(text: str) -> None:
    assert as_read(text) == text


@settings(deadline=None, max_examples=400)
@given(texts=st.lists(TEXT, max_size=4))
def test_no_place_is_lost_and_texts_do_not_touch(texts: list[str]) -> None:
    laid = batch(texts)
    assert len(laid.codes) == sum(map(len, texts))
    assert laid.codes.tolist() == [ord(c) for text in texts for c in as_read(text)]


@settings(deadline=None, max_examples=400)
@given(text=TEXT)
def test_a_paragraph_has_the_same_tokens_alone_as_in_its_text(text: str) -> None:
    laid = batch([text])
    found = segment(laid, table().kind)
    tokens = tokenize(laid, found.start, found.end)
    cut = [text[i:j] for i, j in zip(found.start.tolist(), found.end.tolist(), strict=True)]
    alone = batch(cut)
    again = tokenize(alone, alone.bounds[:-1].copy(), alone.bounds[1:].copy())
    for name in ("hash", "start", "end", "offsets"):
        assert getattr(tokens, name).tolist() == getattr(again, name).tolist()


SPANS = [
    # text, the words as they stand in it
    ("The caf&eacute; isn&#39;t &quot;open&quot;", "The|caf&eacute;|isn&#39;t|open"),
    ("&Eacute;cole&nbsp;du soir&hellip;", "&Eacute;cole|du|soir"),
    ("naÃ¯ve Itâ€™s the dogsâ€™ bed", "naÃ¯ve|Itâ€™s|the|dogs|bed"),
    ("some infor-\n mation", "some|infor-\n mation"),
    ("pay 5&euro;&nbsp;now", "pay|5|&euro;|now"),
]


@pytest.mark.parametrize(("text", "words"), SPANS)
def test_the_span_of_a_word_holds_the_whole_sequence(text: str, words: str) -> None:
    laid = batch([text])
    found = tokenize(laid, laid.bounds[:1].copy(), laid.bounds[1:].copy())
    cut = [text[i:j] for i, j in zip(found.start.tolist(), found.end.tolist(), strict=True)]
    assert cut == words.split("|")


def test_zero_width_spaces_are_spaces_on_a_long_line_that_has_no_others() -> None:
    long = "\u200b".join(["boat"] * (LONGEST_WORD // 5 + 1))
    short = "\u200b".join(["boat"] * (LONGEST_WORD // 5))
    assert (len(long), len(short)) == (LONGEST_WORD + 4, LONGEST_WORD - 1)
    assert normalize(long) == " ".join(["boat"] * (LONGEST_WORD // 5 + 1))
    assert normalize(short) == "boat" * (LONGEST_WORD // 5)
    assert normalize(f"{long} sails") == "boat" * (LONGEST_WORD // 5 + 1) + " sails"
    assert normalize(f"{long}\n{long} sails").startswith("boat boat")


@pytest.mark.parametrize(
    "text",
    ["&" * 1_000_000, "&amp;" * 200_000, "\u200b" * 1_000_000, "a\u200b" * 500_000, "-\n" * 500_000,
     "a-\n" * 300_000, "Â" * 1_000_000, "Ã©" * 500_000, "a\u00ad" * 500_000, "\\u" * 500_000],
    ids=range(10),
)  # fmt: skip
def test_huge_texts_take_no_time(text: str) -> None:
    began = time.process_time()
    assert len(as_read(text)) == len(text)
    assert time.process_time() - began < 5
