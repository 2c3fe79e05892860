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
    ("zero-width spaces for spaces", put(" ", "\u200b")),
    ("zero-width spaces in words", put("first", "fi\u200brst", "plain", "\u200bpla\u200bin\u200b")),
    (
        "entities",
        put("'", "&rsquo;", '"', "&quot;", " - ", "&nbsp;&mdash;&nbsp;", "cafe", "caf&eacute;"),
    ),
    ("numbered entities", put("'", "&#039;", '"', "&#x201C;", "cafe", "caf&#xe9;", "$", "&#36;")),
    ("entities of entities", put("'", "&amp;#39;", '"', "&amp;amp;quot;")),
    ("controls of windows-1252", put("'", "\x92", '"', "\x93", " - ", " \x97 ")),
    (
        "UTF-8 read as windows-1252",
        put("'", "â€™", '"The', "â€œThe", " - ", " â€” ", "cafe", "cafÃ©"),
    ),
    ("UTF-8 read as Latin-1", put("'", "â\x80\x99", '"', "â\x80\x9d", "cafe", "cafÃ©")),
    ("read wrongly twice", put("'", "Ã¢â‚¬â„¢", "cafe", "cafÃƒÂ©")),
    ("no-break spaces read wrongly", put(" it's", "Â\u00a0it's")),
    ("a lost apostrophe", put("'", "\ufffd")),
    ("question marks for apostrophes", put("'", "?")),
    ("acute accents for apostrophes", put("'", "\u00b4", '"The', "``The")),
    ("primes", put("'", "\u2032", '"', "\u2033")),
    ("escapes", put("'", "\\u2019", '"', '\\"')),
    ("an escaped apostrophe", put("'", "\\'")),
    (
        "hyphens at line ends",
        put("first", "fir-\nst", "office", "of-\r\n  fice", "plain", "pla\u00ad\nin"),
    ),
    ("hyphens of another kind", put("first", "fir\u2010 \nst")),
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


WORDS = [
    # two writings of the same words
    ("Persian", "کشتی مسافربری", "كشتي مسافربري"),
    ("Persian on an Arabic keyboard", "یکی", "ىكى"),
    ("Persian izafe", "خانهٔ ما", "خانۀ ما"),
    ("Persian joiner", "می\u200cگوید", "می\u200dگوید"),
    ("Persian numbers", "۱۴۰۳", "1403"),
    ("Urdu", "کہا ہے", "كها ھے"),
    ("Sorani", "کوردستان ئەمە", "كوردستان ئه\u200cمه"),
    ("Pashto", "ګاز", "گاز"),
    ("Arabic final yeh", "على مستشفى", "علي مستشفي"),
    ("Arabic teh marbuta", "مدينة", "مدينه"),
    ("Arabic alefs", "أحمد إلى آخر ٱلله", "احمد الى اخر الله"),
    ("Arabic forms", "ﻻ ﷲ ﻣﺪﯾﻨﺔ", "لا الله مدينة"),
    ("Arabic tatweel and points", "مَدِيـــنَةٌ", "مدينة"),
    ("Hebrew acronym", "צה״ל", 'צה"ל'),
    ("Hebrew acronym with curly marks", "צה”ל", "צה''ל"),
    ("Hebrew geresh", "צ׳רצ׳יל", "צ'רצ'יל"),
    ("Yiddish", "ייִדיש װאָס", "יידיש וואס"),
    ("Uzbek", "Oʻzbekiston gʻalaba", "O'zbekiston g`alaba"),
    ("Hawaiian", "Hawaiʻi ʻōlelo", "Hawai'i 'olelo"),
    ("Ukrainian apostrophe", "п’ять", "п\u02bcять"),
    ("Ukrainian with a Latin letter", "\u0456нформац\u0456я", "iнформацiя"),
    ("Chechen", "к\u04cfант", "кIант"),
    ("Russian", "ещё объём", "еще объем"),
    ("Azerbaijani", "Əliyev", "Ǝliyev"),
    ("Turkish", "IŞIK ILGIN", "ışık ılgın"),
    ("Turkish capital", "İSTANBUL", "istanbul"),
    ("Romanian", "știri țară", "ştiri ţară"),
    ("Vietnamese", "Đà Nẵng", "Ðà Nẵng"),
    ("German", "Straße", "STRASSE"),
    ("German long s", "Waſſer", "Wasser"),
    ("French", "œuvre", "oeuvre"),
    ("Catalan", "col·lecció", "coŀlecció"),
    ("Dutch", "ĳs", "ijs"),
    ("Croatian digraph", "ǆep ǉudi", "džep ljudi"),
    ("Greek", "ΟΔΥΣΣΕΥΣ", "Οδυσσεύς"),
    ("Greek of old", "ἄνθρωπος", "άνθρωπος"),
    ("Armenian apostrophe", "դ՚Արտանյան", "դ'Արտանյան"),
    ("Hindi", "\u095eिल्म \u095bोर", "फ\u093cिल्म ज\u093cोर"),
    ("Hindi joiner", "क्\u200dष", "क्ष"),
    ("Bengali", "হঠাৎ", "হঠাত্\u200d"),
    ("Malayalam", "അവൻ നൽകി", "അവന്\u200d നല്\u200dകി"),
    ("Thai", "แม่น้ำ", "เเม่น\u0e49\u0e4d\u0e32"),
    ("Lao", "ແມ່ ນຳ ໜ້າ", "ເເມ່ ນ\u0ecd\u0eb2 ຫນ້າ"),
    ("Khmer", "ឃោ ឃើ", "ឃ\u17c1\u17b6 ឃ\u17c1\u17b8"),
    ("Khmer with points of division", "សារ\u200bព័ត៌មាន", "សារព័ត៌មាន"),
    ("Korean", "한국", "\u1112\u1161\u11ab\u1100\u116e\u11a8"),
    ("Korean filler", "한국\u3164", "한국"),
    ("Japanese", "ｶﾞｽ", "ガス"),
    ("Mongolian", "ᠮᠣᠩᠭᠣᠯ", "ᠮᠣᠩ\u180bᠭᠣᠯ"),
    ("Tibetan", "བོད་ཡིག", "བོད༌ཡིག"),
]


@pytest.mark.parametrize(("one", "other"), [row[1:] for row in WORDS], ids=[r[0] for r in WORDS])
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_words_that_differ_in_code_points_alone_are_the_same(
    one: str, other: str, form: Literal["NFC", "NFD"]
) -> None:
    assert one != other
    assert normalize(one) == normalize(unicodedata.normalize(form, other))


DIFFERENT = [
    *["cat dog", "there their", "10 100", "½ 12", "$5 5", "$5 £5", "5% 5", "1,5 15", "3.5 35"],
    *["re-sign resign", "U.S. us", "łan lan", "søn son", "раса paca", "ß s", "ij j"],
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
