"""Paragraphs: lines, or blocks of wrapped lines, with spans that slice the text."""

from __future__ import annotations

import re
import textwrap
import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.text.characters import BREAK, SPACE, kind, table
from dedup.text.segment import PROOFS, batch, segment
from dedup.text.sequences import as_read

BREAKS = "\n\r\v\f\x1c\x1d\x1e\u2028\u2029"
SPACES = " \t\u00a0\u2003\u3000"
TEXT = st.text(st.one_of(st.characters(), st.sampled_from(BREAKS + SPACES + "ab中\0\ud800")))
"""All of Unicode, lone surrogates included, and often what divides lines."""

STORY = (
    "The council voted on Tuesday night to close the old swimming baths on Mill Lane, which have "
    "stood empty since the boiler failed three winters ago, and to sell the ground to a builder "
    "who has promised forty flats, a quarter of them at a rent that nurses and bus drivers can pay."
)
SECOND = (
    "Residents who had come with banners left the public gallery before the vote was read out; one "
    "of them, a retired teacher, said that she had learned to swim there and so had her children, "
    "and that nobody had ever asked the neighbourhood what it would rather have seen built instead."
)
CHINESE = "市议会周二晚间投票决定关闭磨坊巷的旧游泳馆，该馆自三年前锅炉故障以来一直空置。" * 6


KINDS = table().kind


def spans(text: str) -> list[tuple[int, int]]:
    found = segment(batch([text]), KINDS)
    return list(zip(found.start.tolist(), found.end.tolist(), strict=True))


def paragraphs(text: str) -> list[str]:
    return [text[start:end] for start, end in spans(text)]


def lines(text: str) -> list[str]:
    """The plain reading, by Python's own means: every line that is not blank, trimmed."""
    trimmed = [line.strip(SPACES) for line in re.split(f"[{BREAKS}]", text)]
    return [line for line in trimmed if line]


@settings(deadline=None)
@given(text=TEXT)
def test_spans_are_ordered_trimmed_and_leave_nothing_but_space(text: str) -> None:
    rest, end = "", 0
    for start, stop in spans(text):
        assert end <= start < stop <= len(text)
        assert kind(text[start]) not in (SPACE, BREAK)
        assert kind(text[stop - 1]) not in (SPACE, BREAK)
        rest += text[end:start]
        end = stop
    rest += text[end:]
    assert {kind(character) for character in rest} <= {SPACE, BREAK}


@settings(deadline=None)
@given(text=st.text(st.sampled_from(BREAKS + SPACES + "ab中\0\ud800"), max_size=60))
def test_short_lines_are_paragraphs(text: str) -> None:
    if max(map(len, lines(text)), default=0) < 30:
        assert paragraphs(text) == lines(text)


@settings(deadline=None)
@given(texts=st.lists(TEXT, max_size=6))
def test_texts_of_a_batch_do_not_touch_each_other(texts: list[str]) -> None:
    found = segment(batch(texts), KINDS)
    together = list(
        zip(found.article.tolist(), found.start.tolist(), found.end.tolist(), strict=True)
    )
    alone = [(n, *span) for n, text in enumerate(texts) for span in spans(text)]
    assert together == alone


@settings(deadline=None)
@given(texts=st.lists(TEXT, max_size=4))
def test_a_batch_holds_the_code_points_of_its_texts_as_they_are_read(texts: list[str]) -> None:
    laid = batch(texts)
    assert laid.codes.tolist() == [ord(c) for text in texts for c in as_read(text)]
    assert laid.bounds.tolist() == [len("".join(texts[:n])) for n in range(len(texts) + 1)]


LINES = [
    # text, paragraphs
    ("", []),
    ("\n \n\t\n", []),
    ("One.", ["One."]),
    ("One.\nTwo.", ["One.", "Two."]),
    ("One.\r\nTwo.\r\n\r\nThree.\r", ["One.", "Two.", "Three."]),
    ("One.\u2028Two.\u2029Three.", ["One.", "Two.", "Three."]),
    ("One.\x85 Two.", ["One.\x85 Two."]),  # an ellipsis of windows-1252
    ("One.&#10;Two.", ["One.", "Two."]),
    ("One.\fTwo.\vThree.", ["One.", "Two.", "Three."]),
    ("\u3000\u3000一。\n\u3000\u3000二。", ["一。", "二。"]),
    ("  One. \t\n\u00a0Two.\u00a0", ["One.", "Two."]),
    ("a\0b\n\0", ["a\0b", "\0"]),
    ("\ud800\n\udc00", ["\ud800", "\udc00"]),
    ("One\u200bline", ["One\u200bline"]),
]


@pytest.mark.parametrize(("text", "expected"), LINES)
def test_each_line_is_a_paragraph(text: str, expected: list[str]) -> None:
    assert paragraphs(text) == expected


@pytest.mark.parametrize("width", [30, 36, 50, 72, 80, 100, 120])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r", "  \n", "\n  "])
def test_wrapped_lines_make_one_paragraph(width: int, newline: str) -> None:
    wrapped = ["\n".join(textwrap.wrap(story, width)) for story in (STORY, SECOND)]
    text = f"Baths to close\n\n{wrapped[0]}\n\n\n{wrapped[1]}\n".replace("\n", newline)
    expected = ["Baths to close", *wrapped]
    assert [" ".join(paragraph.split()) for paragraph in paragraphs(text)] == [
        " ".join(paragraph.split()) for paragraph in expected
    ]


@pytest.mark.parametrize("width", [35, 40, 60])
def test_wrapped_chinese_makes_one_paragraph(width: int) -> None:
    rows = [CHINESE[at : at + width] for at in range(0, len(CHINESE), width)]
    assert len(paragraphs("标题\n\n" + "\n".join(rows))) == 2


NOT_WRAPPED = [
    ("paragraphs on single lines", [STORY, SECOND, STORY[:150], SECOND[:89]]),
    ("short ones too", [STORY[:80], "He did not say why.", SECOND[:70], "It rained.", STORY[:60]]),
    ("a list", [f"- item {n}, with {n * 'some ' or 'no '}words to it" for n in range(9)]),
    (
        "scores",
        [f"{club} United 2, {club} Rovers 1" for club in ("Ash", "Birch", "Cedarwood", "Elm")],
    ),
    ("wrapped narrower than news is", textwrap.wrap(STORY, 24)),
    ("wrapped wider than news is", textwrap.wrap(STORY * 5, 140)),
    (
        "a teaser, a headline and a lead that happen to be as long",
        [
            "The old baths on Mill Lane are to be sold to a builder.",
            "Forty flats instead of a pool: how the council voted",
            "Nurses and bus drivers could rent a quarter of the homes",
            "Residents left the gallery before the vote was read out",
            "Tomorrow: where will the schools of the town swim now?",
        ],
    ),
    (
        "headlines in Arabic that are as long",
        [
            "المجلس البلدي يقرر إغلاق المسبح القديم في المدينة",
            "السكان يغادرون القاعة قبل إعلان نتيجة التصويت",
            "أربعون شقة جديدة في مكان المسبح الذي أغلق منذ سنوات",
            "المدارس تبحث عن مكان آخر لدروس السباحة هذا العام",
            "المقاول يعد بأن تكون ربع الشقق للممرضات والسائقين",
        ],
    ),
    (
        "lines that markup has cut within sentences, at no margin",
        ["The council voted on Tuesday to close", "the baths,", "said", "the clerk", STORY[:100]],
    ),
    ("Chinese lines", ["第一段文字。" * n for n in (6, 9, 7, 12, 8)]),
]


@pytest.mark.parametrize("rows", [rows for _, rows in NOT_WRAPPED])
def test_lines_that_are_not_wrapped_stay_paragraphs(rows: list[str]) -> None:
    assert paragraphs("\n".join(rows)) == rows
    assert paragraphs("\n\n".join(rows)) == rows


GERMAN = (
    "Der Rat hat am Dienstag beschlossen, das alte Bad an der Mühlgasse zu schließen, das seit dem "
    "Ausfall der Heizung vor drei Wintern leer steht, und das Grundstück einem Bauherrn zu geben, "
    "der vierzig Wohnungen versprochen hat, ein Viertel davon für Pflegekräfte und Busfahrer."
)
ARABIC = (
    "قرر المجلس البلدي مساء الثلاثاء إغلاق المسبح القديم في شارع الطاحونة الذي بقي خاليا منذ أن "
    "تعطلت التدفئة قبل ثلاثة أعوام وبيع الأرض لمقاول وعد ببناء أربعين شقة يخصص ربعها للممرضات "
    "وسائقي الحافلات وقال كاتب المجلس إن العمل سيبدأ في الربيع القادم."
)


@pytest.mark.parametrize("story", [STORY, GERMAN, ARABIC, STORY.upper(), CHINESE])
@pytest.mark.parametrize("width", [45, 60])
def test_wrapped_text_of_any_language_is_known(story: str, width: int) -> None:
    assert len(paragraphs("\n".join(textwrap.wrap(story, width)))) == 1


@pytest.mark.parametrize("width", [45, 60, 80])
def test_in_wrapped_text_a_line_that_is_not_full_ends_a_paragraph(width: int) -> None:
    rows = [*textwrap.wrap(STORY, width), *textwrap.wrap(SECOND, width)]
    assert len(rows[len(textwrap.wrap(STORY, width)) - 1]) < width - 10
    found = paragraphs("\n".join(["Baths to close", *rows]))
    assert [" ".join(one.split()) for one in found] == ["Baths to close", STORY, SECOND]


@pytest.mark.parametrize(("lines", "count"), [(PROOFS, 1), (PROOFS - 1, PROOFS)])
def test_it_takes_some_line_ends_to_prove_wrapping(lines: int, count: int) -> None:
    rows = textwrap.wrap(STORY, 60)[: lines + 1]
    assert len(paragraphs("\n".join(rows))) == count


def test_a_word_divided_at_a_line_end_is_whole_and_joins_its_lines() -> None:
    assert paragraphs("The infor-\nmation came.\nIt rained.") == [
        "The infor-\nmation came.",
        "It rained.",
    ]
    cut = [STORY[at : at + 52] for at in range(0, len(STORY), 52)]
    divided = [
        row + "-" if row[-1].isalpha() and after[0].islower() else row
        for row, after in pairwise(cut)
    ]
    assert sum(row.endswith("-") for row in divided) > 1
    assert len(paragraphs("\n".join([*divided, cut[-1]]))) == 1


def test_a_form_feed_between_pages_of_wrapped_text_is_no_blank_line() -> None:
    rows = textwrap.wrap(STORY, 50)
    assert len(paragraphs("\n".join(rows[:3]) + "\f" + "\n".join(rows[3:]))) == 1


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("\n" * 1_000_000, 0),
        ("\r\n" * 1_000_000, 0),
        ("a\n" * 500_000, 500_000),
        ("a" * 5_000_000, 1),
        ("\n".join(["word " * 12] * 100_000), 1),
    ],
    ids=["empty lines", "empty lines of Windows", "many lines", "one line", "wrapped throughout"],
)
def test_huge_texts_take_no_time(text: str, count: int) -> None:
    began = time.process_time()
    assert len(segment(batch([text]), KINDS).start) == count
    assert time.process_time() - began < 3
