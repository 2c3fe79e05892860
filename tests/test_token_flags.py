"""What the writing around a word says of it, and what a shared word weighs by that."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.text.characters import BREAK, LETTER, SOLO, SPACE, table
from dedup.text.quotation_marks import CLOSERS, CLOSING, INSIDE, SINGLE, TWO_FACED
from dedup.text.segment import batch
from dedup.text.sequences import FILLER, as_read
from dedup.text.token_flags import (
    CAPITAL,
    COMMON,
    HEADLINE,
    LINK,
    NAME,
    NUMBER,
    OPENING,
    PHRASE,
    QUOTED,
    SHORT,
    token_flags,
    weight,
)
from dedup.text.tokenize import tokenize


def marked(text: str, bit: int) -> list[str]:
    """The words of a text that have a cue, as they are written."""
    texts, start, end = batch([text]), np.array([0]), np.array([len(text)])
    tokens = tokenize(texts, start, end)
    found = token_flags(texts, start, end, tokens, table())
    return [
        text[first:last]
        for first, last, flag in zip(tokens.start, tokens.end, found, strict=True)
        if flag & bit
    ]


NAMES = [
    # text, names and titles: capitals inside a sentence
    ("The ferry left Vasker on Monday.", "Vasker Monday"),
    ("It rained. Nobody came! Why? Because: Never mind; All is well", ""),
    ("In the harbour Ove Lind spoke to Anna Berg", "Ove Lind Anna Berg"),
    ("He met Sen. Lind of the U.S. and was sent home on Oct. 3", "Sen Lind U S Oct"),
    ("He saw Mr. Lind go out and Dr. Berg come in", "Mr Lind Dr Berg"),
    ("She went home. Then Lind came", "Lind"),
    ("He said “Never again” and left Tolme", "Tolme"),
    ("Ferry Runs Aground Off Vasker", ""),
    ("FERRY AGROUND NEAR VASKER", ""),
    ("Ferry Runs Aground off the coast of Vasker", "Runs Aground Vasker"),
    ("Паром вышел из Васкера в понедельник", "Васкера"),
    ("渡輪星期一離開港口", ""),
    ("غادرت العبارة الميناء", ""),
]


@pytest.mark.parametrize(("text", "names"), NAMES, ids=[text for text, _ in NAMES])
def test_names_are_capitals_inside_a_sentence_of_what_is_no_headline(text: str, names: str) -> None:
    assert marked(text, NAME) == names.split()


NUMBERS = [
    ("On 12 May 1961 the 3rd of 40,000 men paid $5.20", "12 1961 3rd 40 000 5 20"),
    ("A4 and B52 are no numbers", ""),
    ("twelve", ""),
    ("في ١٩٦١ عام", "١٩٦١"),
]


@pytest.mark.parametrize(("text", "numbers"), NUMBERS)
def test_what_begins_with_a_digit_is_a_number(text: str, numbers: str) -> None:
    assert marked(text, NUMBER) == numbers.split()


COMMONS = [
    ("the men of the sea and a boat by night", "the men of the sea and a by"),
    ("der Mann, die Frau und das Kind", "der die und das"),
    ("он и она шли по дороге", "он и она шли по"),
    ("그 사람이 왔다", "그"),
    ("他和她", ""),
]


@pytest.mark.parametrize(("text", "words"), COMMONS)
def test_words_of_up_to_three_letters_are_common(text: str, words: str) -> None:
    assert marked(text, COMMON) == words.split()


LINKS = [
    ("Read http://herald.example/news/bridge-to-close today", "http herald example news bridge"),
    ("See www.herald.example for more", "www herald"),
    ("See herald.example/bridge for more", "herald bridge"),
    ("The end.Then came and/or went, 1/2 of it, U.S. or not", ""),
    ("The sea (https://sea.example/a) is wide", "https sea"),
    ("On 12.5.2024 he came", ""),
]


@pytest.mark.parametrize(("text", "words"), LINKS)
def test_parts_of_web_addresses_are_links(text: str, words: str) -> None:
    found = marked(text, LINK)
    assert bool(found) is bool(words)
    joined = " ".join(found)
    assert all(word in joined for word in words.split())
    assert not {"today", "for", "more", "is", "wide", "See", "Read", "The"} & set(found)


QUOTES = [
    # text, what is quoted, where quotations begin
    ("He said “go now” to Ann", "go now", "go"),
    ('He said "go now" to Ann', "go now", "go"),
    ("Er sagte „geh jetzt“ zu ihr", "geh jetzt", "geh"),
    ("Er sagte „geh jetzt” zu ihr", "geh jetzt", "geh"),
    ("Il a dit « va donc » à elle", "va donc", "va"),
    ("Il a dit «va donc» à elle", "va donc", "va"),
    ("Er sagte »geh jetzt« zu ihr", "geh jetzt", "geh"),
    ("Er sagte ‚geh jetzt‘ zu ihr", "geh jetzt", "geh"),
    ("Er sagte ‹geh jetzt› zu ihr", "geh jetzt", "geh"),
    ("He said ‘go now’ to Ann", "go now", "go"),
    ("He said 'go now' to Ann", "go now", "go"),
    ("Han sade ”gå nu” till henne", "gå nu", "gå"),
    ("他说「快走」就去", "快 走", "快"),
    ("他说『快走』就去", "快 走", "快"),
    ("他读《长城》就去", "长 城", "长"),
    ("他说＂快走＂就去", "快 走", "快"),
    ('他说"快走"就去了"长城"看', "快 走 长 城", "快 长"),
    ("他说“快走”就去", "快 走", "快"),
    # a double mark that nothing closes runs to the end; a single one is an apostrophe
    ("He said: “we go on and on", "we go on and on", "we"),
    ('He said: "we go on and on', "we go on and on", "we"),
    ("He said: « we go on and on", "we go on and on", "we"),
    ("the boats' crews won't leave the ships' side", "", ""),
    ("rock ’n roll and the dogs’ home", "", ""),
    ("It's Ann's and the others’ turn, isn't it", "", ""),
    ("in the summer of '69 he left", "", ""),
    # apostrophes inside quotations
    ("He said 'we don't go' to Ann", "we don't go", "we"),
    ("He said ‘we don’t go’ to Ann", "we don’t go", "we"),
    ("He said “it’s Ann’s, isn't it” then", "it’s Ann’s isn't it", "it’s"),
    # several, and one in another
    ("“One two”, he said, “three four”", "One two three four", "One three"),
    ("“He told me ‘go now’ and I went”, she said", "He told me go now and I went", "He"),
    ("He said “” and left", "", ""),
    ('5\' 11" tall and 6" wide', "", ""),
    ("“", "", ""),
]


@pytest.mark.parametrize(("text", "quoted", "openings"), QUOTES, ids=[row[0] for row in QUOTES])
def test_what_stands_between_quotation_marks_is_quoted(
    text: str, quoted: str, openings: str
) -> None:
    assert marked(text, QUOTED) == quoted.split()
    assert marked(text, OPENING) == openings.split()


def test_a_capital_is_one_wherever_it_stands() -> None:
    assert marked("The Ferry left Vasker. Ärger. Не Оля", CAPITAL) == [
        *("The", "Ferry", "Vasker", "Ärger", "Не", "Оля"),
    ]


WEIGHTS = [
    # cues of the word in a and in b, character of a script without spaces, worth in words
    (0, 0, False, 1.0),
    (CAPITAL, 0, False, 1.0),
    (QUOTED | OPENING, 0, False, 1.0),
    (NAME | CAPITAL, NAME | CAPITAL, False, 0.5),
    (NAME | CAPITAL, CAPITAL, False, 0.5),
    (NUMBER, NUMBER, False, 0.5),
    (NUMBER | COMMON, NUMBER | COMMON, False, 0.5),
    (COMMON, COMMON, False, 0.4),
    (COMMON | NAME, COMMON | NAME, False, 0.5),
    (LINK, LINK, False, 0.0),
    (LINK, 0, False, 0.0),
    (PHRASE, PHRASE, False, 0.25),
    (PHRASE, 0, False, 1.0),
    (COMMON | PHRASE, COMMON | PHRASE, False, 0.1),
    (0, 0, True, 0.5),
    (PHRASE, PHRASE, True, 0.125),
]


@pytest.mark.parametrize(("a", "b", "character", "worth"), WEIGHTS)
def test_a_shared_word_weighs_by_its_cues_at_both_places(
    a: int, b: int, character: bool, worth: float
) -> None:
    token = np.uint32(7 if character else 8)
    for one, other in ((a, b), (b, a)):
        assert weight(np.uint8(one), np.uint8(other), token) == pytest.approx(worth)


@settings(deadline=None, max_examples=100)
@given(
    st.lists(
        st.sampled_from(["“", "”", '"', "'", "’", "«", "»", "「", "a", "Bo", " ", ". ", "7", "火"])
        | st.characters(),
        max_size=40,
    ).map("".join)
)
def test_cues_of_any_text_agree_with_one_another(text: str) -> None:
    quoted, opening = marked(text, QUOTED), marked(text, OPENING)
    assert len(opening) <= len(quoted)
    assert bool(opening) is bool(quoted)
    assert len(marked(text, NAME)) <= len(marked(text, CAPITAL))


def test_the_cues_of_a_paragraph_do_not_depend_on_those_before_it() -> None:
    texts = ["He said “go on", "It rained in Tolme", "'We don't go', Ann said", ""]
    laid = batch(texts)
    start, end = laid.bounds[:-1].copy(), laid.bounds[1:].copy()
    tokens = tokenize(laid, start, end)
    together = token_flags(laid, start, end, tokens, table()).tolist()
    apart = []
    for text in texts:
        one = batch([text])
        whole = one.bounds[:1].copy(), one.bounds[1:].copy()
        apart += token_flags(one, *whole, tokenize(one, *whole), table()).tolist()
    assert together == apart


PIECES = [
    *CLOSERS, *"”’»›」』《》、。.!?:;…()[]<>|/", "\u2060", "\u0301", "\u200b", " ", "  ",
    "\t", "\n", "a", "Bo", "they", "U.S.", "Mr. ", "www.", "wwx.a", "http://", "a.b/c", "7", "٣",
    "火", "が", "한국", "ЁЖ", "isn't", "&quot;", "&amp;", "\x93", "\ud800", "𐐀",
]  # fmt: skip
"""What news is written in, and what it should not be."""


class Slow:
    """The flags of one paragraph by their definition, character after character."""

    def __init__(self, text: str) -> None:
        laid, whole = batch([text]), (np.array([0]), np.array([len(text)]))
        tokens = tokenize(laid, *whole)
        self.text = as_read(text)
        self.spans = list(zip(tokens.start.tolist(), tokens.end.tolist(), strict=True))
        self.flags = [self.alone(*span) for span in self.spans]

    def kind(self, at: int) -> int:
        """The kind of a character; -1 outside of the text."""
        return int(table().kind[ord(self.text[at])]) if 0 <= at < len(self.text) else -1

    def alone(self, start: int, end: int) -> int:
        code = ord(self.text[start])
        digit = 48 <= int(table().entry[code]) >> 3 <= 57
        syllable = 0x1100 <= code <= 0x11FF or 0xAC00 <= code <= 0xD7A3
        short = end - start <= (1 if syllable else SHORT) and self.kind(start) != SOLO
        return CAPITAL * bool(table().upper[code]) | NUMBER * digit | COMMON * short

    def after(self, at: int) -> int:
        """The first place after one where no sequence goes on."""
        at += 1
        while at < len(self.text) and ord(self.text[at]) == FILLER:
            at += 1
        return at

    def opens(self, at: int) -> bool:
        mark, after = self.text[at], self.after(at)
        before = self.kind(at - 1) == LETTER or (self.kind(at - 1) == SOLO and mark in SINGLE)
        if mark not in CLOSERS or at + 1 >= len(self.text):
            return False
        if mark in TWO_FACED and (before or self.kind(after) in (-1, SPACE, BREAK)):
            return False
        return not (mark in CLOSING and at and self.kind(at - 1) != SPACE)

    def closes(self, at: int, opened: str) -> bool:
        inside = self.text[at] in INSIDE and self.kind(self.after(at)) == LETTER
        return bool(opened) and self.text[at] in CLOSERS[opened] and not inside

    def quote(self, first: int, last: int) -> None:
        for number in range(first, last):
            self.flags[number] |= QUOTED | OPENING * (number == first)

    def links(self) -> None:
        edge, start = '()[]<>{}"“”|', 0
        for at in range(len(self.text) + 1):
            if at < len(self.text) and not (self.text[at].isspace() or self.text[at] in edge):
                continue
            part, dotted, link = self.text[start:at], False, False
            for place, character in enumerate(part):
                letter = start + place + 1 < len(self.text) and self.kind(start + place + 1)
                dotted |= character == "." and place > 0 and letter == LETTER
                link |= character == "/" and (dotted or part[max(place - 1, 0)] == ":")
            link |= len(part) > 4 and part[:2] in ("ww", "wW", "Ww", "WW") and part[3] == "."
            for number, (first, _) in enumerate(self.spans):
                self.flags[number] |= LINK * (link and start <= first < at)
            start = at + 1

    def read(self) -> list[int]:
        at = token = opened_at = 0
        opened, fresh, first = "", True, set[int]()
        while at < len(self.text):
            character = self.text[at]
            if token < len(self.spans) and at == self.spans[token][0]:
                if fresh:
                    first.add(token)
                fresh, at = False, self.spans[token][1]
                token += 1
                continue
            if self.closes(at, opened):
                self.quote(opened_at, token)
                opened, at = "", at + 1
                continue
            if not opened and self.opens(at):
                opened, opened_at, fresh = character, token, True
            if character in ".!?:;…。！？；：؟•|":
                short = token > 0 and self.flags[token - 1] & (CAPITAL | COMMON) == 33
                fresh = fresh or character != "." or not short
            at += 1
        if opened and opened not in SINGLE:
            self.quote(opened_at, token)
        self.links()
        if sum(flag & CAPITAL != 0 for flag in self.flags) < HEADLINE * len(self.flags):
            for number, flag in enumerate(self.flags):
                self.flags[number] |= NAME * (flag & CAPITAL != 0 and number not in first)
        return self.flags


@settings(deadline=None, max_examples=300)
@given(
    st.lists(
        st.lists(st.sampled_from(PIECES) | st.characters(), max_size=30).map("".join), max_size=4
    )
)
def test_flags_are_those_of_the_slow_definition(texts: list[str]) -> None:
    laid = batch(texts)
    spans = laid.bounds[:-1].copy(), laid.bounds[1:].copy()
    found = token_flags(laid, *spans, tokenize(laid, *spans), table())
    assert found.tolist() == [flag for text in texts for flag in Slow(text).read()]


def test_stretches_of_slashes_take_no_time() -> None:
    text = "a/" * 500_000
    assert marked(text, LINK) == []
