"""Tokens and normalised text: what looks different and is the same, and the other way about."""

from __future__ import annotations

import time
import unicodedata
from typing import Literal, NamedTuple

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from dedup.text.segment import batch
from dedup.text.sequences import as_read
from dedup.text.tokenize import Tokens, normalize, tokenize

SCRIPTS = "aZé0٣ß ﬁ'’-.$%中〇のกำ้한ёابِـकि्ქა\u0301\u093c\u3099\u00ad\u200b\u200d\ud800\0\U00020000"
ANY = st.characters(exclude_categories=["Cn"]) | st.sampled_from("\u0378\uffff\U0010ffff")
TEXT = st.text(ANY | st.sampled_from(SCRIPTS) | st.sampled_from("ab "))
"""All of Unicode, lone surrogates included, often with letters on both sides. Only the unassigned
places among the blocks of Han, which count as Han already, are left out."""


class Token(NamedTuple):
    folded: str
    start: int
    end: int
    character: bool


# The slow reference: written from the rules in words, with unicodedata and Python's own strings.


def unmarked(text: str) -> str:
    """Take away what sites drop or keep at will: accents, vowel points, enclosing marks."""
    kept = []
    for c in text:
        weight = unicodedata.combining(c)
        selector = 0xFE00 <= ord(c) <= 0xFE0F or 0xE0100 <= ord(c) <= 0xE01EF
        accent = 10 <= weight <= 36 or 200 <= weight <= 240
        if c in "\u0640\u034f\u180b\u180c\u180d\u180f\u17b4\u17b5":
            continue
        if not (accent or selector or unicodedata.category(c) == "Me"):
            kept.append(c)
    return "".join(kept)


def folded(character: str) -> str:
    if unicodedata.category(character) == "Nd":
        return str(unicodedata.decimal(character))
    plain = unicodedata.normalize("NFKD", character).casefold()
    whole = unmarked(unicodedata.normalize("NFKD", plain))
    if "\u2044" in whole:
        return character
    kept = [c for c in whole if unicodedata.category(c)[0] in "LMNS"]
    return "".join(c for c in kept if c not in APOSTROPHES + LOST).translate(ALIKE)


SAME = [
    *["يیى", "كکڪ", "هہھەةۃ", "اٱ", "گګ", "iıіӏ", "jȷј", "sѕ", "hһ", "əǝә", "đðɖ"],
]
SEVERAL = {
    "æ": "ae",
    "œ": "oe",
    "ꜳ": "aa",
    "װ": "וו",
    "ױ": "וי",
    "ײ": "יי",
    "ৎ": "ত্",
    "ൺ": "ണ്",
    "ൻ": "ന്",
    "ർ": "ര്",
    "ൽ": "ല്",
    "ൾ": "ള്",
    "ൿ": "ക്",
    "ោ": "\u17c1\u17b6",
    "ើ": "\u17c1\u17b8",
}
ALIKE = str.maketrans({letter: same[0] for same in SAME for letter in same} | SEVERAL)
APOSTROPHES = "'’‘‛ʼ＇`´′‵ʹʻʽʾʿˈˊˋ‛｀ʹ΄᾽᾿`´῾՚׳ߴߵꞌꞋ"
LOST = "\ufffd\u0674\u115f\u1160\u3164\uffa0"

SPACELESS = (
    *("CJK", "KANGXI", "IDEOGRAPHIC", "HANGZHOU", "BOPOMOFO", "YI", "HIRAGANA", "KATAKANA"),
    *("HALFWIDTH KATAKANA", "HENTAIGANA", "MASU", "VERTICAL KANA", "VERTICAL IDEOGRAPHIC"),
    *("THAI", "LAO", "KHMER", "MYANMAR", "TAI LE", "NEW TAI LUE", "TAI THAM", "TAI VIET"),
)


def is_spaceless(character: str) -> bool:
    name = unicodedata.name(character, "")
    return name.startswith(SPACELESS) and unicodedata.category(character) not in ("Nd", "No")


def reference(text: str) -> list[Token]:
    tokens: list[Token] = []
    kind = ""  # of the token that the next character may belong to
    for at, c in enumerate(as_read(text)):
        if "\x80" <= c <= "\x9f":
            c = c.encode("latin-1").decode("cp1252", "replace").replace("\ufffd", "\x81")  # noqa: PLW2901
        category = unicodedata.category(c)
        if unicodedata.normalize("NFD", c)[0] in APOSTROPHES or c in LOST + "ـ" or category == "Cf":
            continue
        if category == "Sc" or c in "%‰٪％﹪":
            form = unicodedata.normalize("NFKC", c).casefold().replace("٪", "%").translate(ALIKE)
            tokens.append(Token(form, at, at + 1, False))
            kind = "symbol"
            continue
        word = category[0] in "LMN" or unicodedata.name(c, "").startswith(("CJK R", "KANGXI R"))
        form = folded(c) if word else ""
        if all(unicodedata.category(f)[0] == "M" for f in form) and (form or category[0] == "M"):
            if kind:
                tokens[-1] = tokens[-1]._replace(folded=tokens[-1].folded + form, end=at + 1)
        elif form and is_spaceless(c):
            tokens.append(Token(form, at, at + 1, True))
            kind = "character"
        elif form and kind == "word":
            tokens[-1] = tokens[-1]._replace(folded=tokens[-1].folded + form, end=at + 1)
        elif form:
            tokens.append(Token(form, at, at + 1, False))
            kind = "word"
        elif not word:
            kind = ""
    return tokens


def tokenized(texts: list[str]) -> Tokens:
    laid = batch(texts)
    return tokenize(laid, laid.bounds[:-1].copy(), laid.bounds[1:].copy())


@settings(deadline=None, max_examples=300)
@given(texts=st.lists(TEXT, min_size=1, max_size=4))
@example(texts=["f\u00adi\u0301\u200dr\u200bst’s ’", "の\u00ad\u3099x\u3099-\u3099", "$\u0301५5%"])
def test_tokens_are_those_of_the_slow_reference(texts: list[str]) -> None:
    found = tokenized(texts)
    expected = [token for text in texts for token in reference(text)]
    assert found.start.tolist() == [token.start for token in expected]
    assert found.end.tolist() == [token.end for token in expected]
    assert (found.hash & 1).astype(bool).tolist() == [token.character for token in expected]
    assert np.diff(found.offsets).tolist() == [len(reference(text)) for text in texts]
    cuts = found.normal_offsets.tolist()
    for row, text in enumerate(texts):
        normal = found.normal[cuts[row] : cuts[row + 1]].tobytes().decode()
        assert normal == " ".join(token.folded for token in reference(text)) == normalize(text)


@settings(deadline=None)
@given(texts=st.lists(TEXT, min_size=1, max_size=4))
def test_tokens_have_one_hash_exactly_when_they_are_one_word(texts: list[str]) -> None:
    words = [token[:1] + token[3:] for text in texts for token in reference(text)]
    named = set(zip(words, tokenized(texts).hash.tolist(), strict=True))
    assert len(named) == len({word for word, _ in named}) == len({item for _, item in named})


@settings(deadline=None)
@given(text=TEXT)
def test_a_token_cut_from_the_text_by_its_span_is_that_token(text: str) -> None:
    found = tokenized([text])
    for start, end, token in zip(found.start, found.end, reference(text), strict=True):
        assert normalize(text[start:end]) == token.folded


FORMS: tuple[Literal["NFC", "NFD"], ...] = ("NFC", "NFD")


@settings(deadline=None)
@given(text=TEXT)
def test_composed_and_decomposed_text_are_the_same_text(text: str) -> None:
    composed, decomposed = (unicodedata.normalize(form, text) for form in FORMS)
    assume(as_read(composed) == composed and as_read(decomposed) == decomposed)
    assert normalize(composed) == normalize(decomposed)


def test_each_character_and_its_decomposition_are_the_same_text() -> None:
    every = [
        *range(0x3400),
        *range(0xA000, 0xAC00),
        *range(0xAC00, 0xD7A4, 7),
        *range(0xF900, 0x20000),
    ]
    pairs = [(chr(point), unicodedata.normalize("NFD", chr(point))) for point in every]
    for composed, decomposed in pairs:
        if composed != decomposed:
            assert normalize(f"x{composed}y") == normalize(f"x{decomposed}y"), hex(ord(composed))


def test_text_without_letters_has_no_tokens() -> None:
    for text in ("", " \n", "— … “” *** 😀", "\ud800\udfff\0", "\u0301\u093c", "\u00ad'’"):
        assert normalize(text) == ""


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("a" * 3_000_000, 3_000_000),
        ("ﷺ" * 300_000, 300_000 * len(normalize("ﷺ"))),  # the longest fold there is
        ("中" * 1_000_000, 1_999_999),
        ("a\u0301" * 1_000_000, 1_000_000),
        ("\u0301\u00ad" * 1_000_000, 0),
    ],
    ids=["one word", "the longest fold", "characters", "accents", "nothing"],
)
def test_huge_paragraphs_fit(text: str, length: int) -> None:
    began = time.process_time()
    assert len(normalize(text)) == length
    assert time.process_time() - began < 3
