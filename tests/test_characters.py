"""The table of characters: what each is, and what it folds to."""

from __future__ import annotations

import unicodedata
from typing import Literal

import numpy as np
import pytest

from dedup.text.assigned import is_assigned
from dedup.text.characters import (
    BREAK,
    CODE_POINTS,
    IGNORED,
    LETTER,
    MARK,
    SEPARATOR,
    SOLO,
    SPACE,
    SYMBOL,
    UNICODE,
    _built,
    fold,
    kind,
    look_up,
    table,
)

KINDS = [
    # characters, kind
    ("azAZéßøŁıдЖΩאبहक한조ａＺ", LETTER),
    ("0٣३๓９²①Ⅷ", LETTER),  # digits run together with letters: B2B, m2
    ("中國々〇〡〸⼀⺠のカｶーㄅ", SOLO),
    ("กเๆາကခយꀀ\U00020000\uf900", SOLO),
    ("$€£¥₩฿￥﷼%‰٪％", SYMBOL),
    ("\u0301\u0302\u0308\u0327\u064e\u0651\u05b8\u20dd", MARK),  # dropped, but of the word
    ("\u093c\u094d\u0940\u0e48\u0e34\u3099\uff9e", MARK),  # kept: they spell the word
    ("'’‘‛ʼ＇`´′‵ʹʻʽʾʿˈ‛＇｀΄᾽᾿῾՚׳ߴߵꞌꞋ\u1fcd\x91\x92", IGNORED),
    ("\ufffd\u115f\u1160\u3164\uffa0\u0674", IGNORED),
    ("\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u2060\u2066\ufeff\u0640", IGNORED),
    (" \t\u00a0\u1680\u2002\u2009\u202f\u205f\u3000", SPACE),
    ("\n\r\v\f\x1c\x1d\x1e\u2028\u2029", BREAK),
    ('-–—‐‑−\x81\x82\x84\x85\x93\x94\x96\x97\x99_/.,;:!?…"“”„«»()[]@#&*+=|、。「」।،', SEPARATOR),
    ("\0\x07\x1f\x7f\ud800\udfff\ue000\U0010fffd\uffff\U0010ffff\u0378😀°©", SEPARATOR),
]

FOLDS = [
    ("É", "e"),
    ("\u212b", "a"),  # the Ångström sign
    ("ﬁ", "fi"),
    ("ﬃ", "ffi"),
    ("Ａ", "a"),
    ("ß", "ss"),
    ("ẞ", "ss"),
    ("İ", "i"),
    ("ς", "σ"),
    ("\u2126", "ω"),  # the ohm sign
    ("ǅ", "dz"),
    ("ŉ", "n"),  # as Afrikaans 'n, whose apostrophe is ignored
    ("ø", "ø"),  # no accent: a letter of its own
    ("Й", "и"),
    ("أ", "ا"),
    ("ﻻ", "لا"),
    ("٣", "3"),
    ("๓", "3"),
    ("𝟗", "9"),
    ("²", "2"),
    ("½", "½"),  # never 12
    ("\u0958", "क\u093c"),
    ("가", "\u1100\u1161"),
    ("각", "\u1100\u1161\u11a8"),
    ("힣", "\u1112\u1175\u11c2"),
    ("が", "か\u3099"),
    ("ｶ", "カ"),
    ("⼀", "一"),
    ("〸", "十"),
    ("\uf900", "豈"),
    ("￥", "¥"),
    ("٪", "%"),
    ("₨", "rs"),
    ("\u0301", ""),
    ("\u064e", ""),
    ("\u0640", ""),
    ("\ufe0f", ""),
    ("\u093c", "\u093c"),
    (",", ""),
    (" ", ""),
    # controls that windows-1252 has something else for
    ("\x80", "€"),
    ("\x8a", "s"),
    ("\x8c", "oe"),
    ("\x9e", "z"),
    # letters at two code points
    ("ی", "ي"),
    ("ى", "ي"),
    ("ئ", "ي"),
    ("ﻯ", "ي"),
    ("ک", "ك"),
    ("ﮎ", "ك"),
    ("ة", "ه"),
    ("ۀ", "ه"),
    ("ہ", "ه"),
    ("ھ", "ه"),
    ("ە", "ه"),
    ("ۃ", "ه"),
    ("ٱ", "ا"),
    ("ٵ", "ا"),
    ("ګ", "گ"),
    ("ے", "ے"),  # no yeh: it tells number and gender apart
    ("ں", "ں"),
    ("ı", "i"),
    ("I", "i"),
    ("œ", "oe"),
    ("Æ", "ae"),
    ("ǣ", "ae"),
    ("Ə", "ə"),
    ("Ǝ", "ə"),
    ("Ә", "ə"),
    ("Ð", "đ"),
    ("Đ", "đ"),
    ("Ɖ", "đ"),
    ("ł", "ł"),
    ("ї", "i"),
    ("Ӏ", "i"),
    ("ײ", "יי"),
    ("ﬄ", "ffl"),
    ("ৎ", "ত্"),
    ("ൻ", "ന്"),
    ("\u17c4", "\u17c1\u17b6"),
    ("\u180b", ""),
]


@pytest.mark.parametrize(("characters", "expected"), KINDS)
def test_characters_are_of_their_kind(characters: str, expected: int) -> None:
    assert {c: kind(c) for c in characters} == dict.fromkeys(characters, expected)


@pytest.mark.parametrize(("character", "expected"), FOLDS)
def test_characters_fold(character: str, expected: str) -> None:
    assert fold(character) == expected


def from_table(point: int) -> tuple[int, str]:
    rows = table()
    folded = int(rows.entry[point]) >> 3
    if folded < 0:
        row = rows.folds[-1 - folded].tolist()
        return int(rows.entry[point]) & 7, "".join(map(chr, row[1 : 1 + row[0]]))
    return int(rows.entry[point]) & 7, chr(folded) if folded else ""


def test_the_table_says_what_the_rules_say() -> None:
    large = range(0x20000, 0x110000, 251)  # Han, and nothing
    for point in [*range(0x3400), *range(0x3400, 0xE000, 7), *range(0xE000, 0x20000), *large]:
        character = chr(point)
        if unicodedata.category(character) != "Cn":
            assert from_table(point) == look_up(character), hex(point)


def test_the_table_has_a_row_for_every_code_point() -> None:
    rows = table()
    assert rows.kind.shape == rows.entry.shape == (CODE_POINTS,)
    np.testing.assert_array_equal(rows.entry & 7, rows.kind)
    assert rows.folds[:, 0].max() < rows.folds.shape[1]
    assert -(int(rows.entry.min()) >> 3) <= len(rows.folds)


def test_every_token_has_a_fold_and_nothing_else_has() -> None:
    rows = table()
    token = np.isin(rows.kind, (LETTER, SOLO, SYMBOL))
    assert (rows.entry[token] >> 3 != 0).all()
    assert (rows.entry[~token & (rows.kind != MARK)] >> 3 == 0).all()


def test_folding_what_is_folded_changes_nothing() -> None:
    rows = table()
    single = rows.entry[rows.entry >> 3 > 0] >> 3
    several = [point for row in rows.folds.tolist() for point in row[1 : 1 + row[0]]]
    for character in map(chr, {*single.tolist(), *several}):
        if unicodedata.category(character) != "Cn":  # within the blocks of Han
            assert fold(character) == character, hex(ord(character))


def test_the_characters_are_those_of_one_version_whatever_python_has() -> None:
    assert UNICODE == "14.0.0"
    there = np.array([is_assigned(chr(point)) for point in range(CODE_POINTS)])
    theirs = np.array([unicodedata.category(chr(point)) != "Cn" for point in range(CODE_POINTS)])
    if unicodedata.unidata_version == UNICODE:
        assert (there == theirs).all()
    else:
        assert not (there & ~theirs).any()


def test_a_character_of_a_later_version_is_what_it_was_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Later:
        """Unicode in which every code point is a capital letter with an accent."""

        def __getattr__(self, name: str) -> object:
            return getattr(unicodedata, name)

        def category(self, character: str) -> str:
            found = unicodedata.category(character)
            return "Lu" if found == "Cn" else found

        def normalize(self, form: Literal["NFC", "NFD", "NFKC", "NFKD"], text: str) -> str:
            plain = "".join("A" if unicodedata.category(c) == "Cn" else c for c in text)
            return unicodedata.normalize(form, plain)

    before = _built()
    monkeypatch.setattr("dedup.text.characters.unicodedata", Later())
    after = _built()
    for field in ("kind", "upper", "entry", "folds"):
        assert (getattr(before, field) == getattr(after, field)).all()
    assert look_up("\u0378") == (SEPARATOR, "")
