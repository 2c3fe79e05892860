"""Behaviours 2 and 38: what looks different and is the same, what is not, and every script."""

from __future__ import annotations

import unicodedata
from typing import Literal

import pytest

from dedup.text.arrays import TextArrays
from dedup.text.segment import batch
from dedup.text.shingle import shingle
from dedup.text.tokenize import normalize, tokenize

FORMS: tuple[Literal["NFC", "NFD", "NFKC"], ...] = ("NFC", "NFD", "NFKC")


def shingles(text: str) -> list[int]:
    laid = batch([text])
    tokens = tokenize(laid, laid.bounds[:1].copy(), laid.bounds[1:].copy())
    items: list[int] = shingle(TextArrays.of(tokens.hash, tokens.offsets), 3).items.tolist()
    return items


PLAIN = "He said \"The cafe's first office\" - 25% of it - costs $12.50 in 2024, it's plain"


def put(*changes: str) -> str:
    """Return the plain text with each first string replaced by the second."""
    text = PLAIN
    for old, new in zip(changes[::2], changes[1::2], strict=True):
        assert old in text
        text = text.replace(old, new)
    return text


SAME = [
    # what is written otherwise, the text
    ("curly quotes", put('"The', "“The", 'office"', "office”", "'", "’")),
    ("low quotes", put('"The', "„The", 'office"', "office‟", "'", "‘")),
    ("guillemets", put('"The', "« The", 'office"', "office »", "'", "＇")),
    ("em dashes", put(" - ", "—")),
    ("en dashes", put(" - ", " – ")),
    ("typed dashes", put(" - ", " -- ")),
    ("minus signs", put(" - ", "\u2212")),
    ("ligatures", put("office", "oﬃce", "fi", "ﬁ")),
    ("accents", put("cafe", "café", "He", "Hé", "plain", "plaîn")),
    ("accents apart", put("cafe", "cafe\u0301", "plain", "plai\u0302n")),
    ("capitals", PLAIN.upper()),
    ("no-break spaces", put(" ", "\u00a0")),
    ("thin spaces", put(" ", "\u2009")),
    ("line breaks", put(" ", "\r\n")),
    ("zero-width spaces", put(" ", "\u200b")),
    ("soft hyphens", put("first", "f\u00adir\u00adst", "plain", "pl\u00adain")),
    ("joiners", put("first", "f\u200dir\u200cst", "plain", "pl\u2060ain")),
    ("marks of direction", "\u202a" + put(" ", "\u200f ") + "\u202c"),
    ("a byte order mark", "\ufeff" + PLAIN),
    ("full width", "".join(chr(ord(c) + 0xFEE0) if c > " " else "\u3000" for c in PLAIN)),
    ("Arabic digits", put("2024", "٢٠٢٤", "%", "٪")),
    ("mathematical letters", put("first", "𝐟𝐢𝐫𝐬𝐭", "12", "𝟏𝟐")),
    ("no space before per cent", put("25%", "25 %")),
]


@pytest.mark.parametrize("text", [text for _, text in SAME], ids=[name for name, _ in SAME])
def test_what_only_looks_different_has_identical_shingles(text: str) -> None:
    assert text != PLAIN
    assert normalize(text) == normalize(PLAIN)
    assert shingles(text) == shingles(PLAIN)


DIFFERENT = [
    *["cat dog", "there their", "10 100", "½ 12", "$5 5", "$5 £5", "5% 5", "1,5 15", "3.5 35"],
    *["re-sign resign", "U.S. us", "łan lan", "søn son", "ısı isi", "раса paca", "ß s", "ij j"],
    *[
        "か が",
        "ハ バ",
        "日本 日木",
        "ไม่ ไม",
        "की का",
        "ज\u093c ज",
        "한국 한글",
        "كتب كتاب",
        "〇 一",
    ],
]


@pytest.mark.parametrize("pair", DIFFERENT)
def test_what_is_different_stays_different(pair: str) -> None:
    first, second = pair.split()
    assert normalize(first) != normalize(second)


LANGUAGES = [
    # language, text, normalised text without its marks' encoding: token by token
    ("Chinese", "北京，11月24日（新华社）", "北 京 11 月 24 日 新 华 社"),
    ("Japanese", "ｶﾞｽが５％値上げ。", "ガ ス が 5 % 値 上 げ"),
    ("Thai", "รัฐบาลไทยปี ๒๕๖๗", "รั ฐ บ า ล ไ ท ย ปี 2567"),
    ("Lao", "ຂ່າວ", "ຂ່ າ ວ"),
    ("Korean", "서울 11월 24일(연합뉴스)", "서울 11월 24일 연합뉴스"),
    ("Hindi", "नई दिल्ली, हिन्दी।", "नई दिल्ली हिन्दी"),
    ("Arabic", "الرِّيَاضُ، ٢٤ نوفمبـــر", "الرياض 24 نوفمبر"),
    ("Hebrew", "שָׁלוֹם עוֹלָם", "שלום עולם"),
    ("Russian", "Всё решено — ТАСС", "все решено тасс"),
    ("Greek", "Ο Ὀδυσσεύς", "ο οδυσσευσ"),
    ("Vietnamese", "Hà Nội", "ha noi"),
    ("Turkish", "İstanbul’da", "istanbulda"),
    ("German", "Straße, STRASSE", "strasse strasse"),
    ("Burmese", "မြန်မာ", "မြ န် မာ"),
]


@pytest.mark.parametrize(
    ("text", "expected"), [row[1:] for row in LANGUAGES], ids=[row[0] for row in LANGUAGES]
)
@pytest.mark.parametrize("form", FORMS)
def test_every_script_has_tokens_of_its_own_kind(
    text: str, expected: str, form: Literal["NFC", "NFD", "NFKC"]
) -> None:
    assert normalize(unicodedata.normalize(form, text)) == unicodedata.normalize("NFD", expected)


SPACELESS = [
    "北京市政府周二宣布将在未来三年内关闭十二座老旧燃煤电厂并以风能替代",
    "政府は火曜日に老朽化した石炭火力発電所を今後三年間で閉鎖すると発表した",
    "รัฐบาลประกาศเมื่อวันอังคารว่าจะปิดโรงไฟฟ้าถ่านหินเก่าภายในสามปีข้างหน้า",
    "ລັດຖະບານປະກາດໃນວັນອັງຄານວ່າຈະປິດໂຮງງານໄຟຟ້າຖ່ານຫີນເກົ່າພາຍໃນສາມປີ",
]


@pytest.mark.parametrize("text", SPACELESS)
def test_text_without_spaces_is_compared_character_by_character(text: str) -> None:
    middle = len(text) // 2
    edited = text[:middle] + text[middle + 6 :]
    common = {*shingles(text)} & {*shingles(edited)}
    assert len(shingles(text)) > 20
    assert 0.4 < len(common) / len({*shingles(text)}) < 1
