"""What the writing around a word says of it, and what a shared word weighs by that."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.text.characters import table
from dedup.text.segment import batch
from dedup.text.token_flags import (
    CAPITAL,
    COMMON,
    LINK,
    NAME,
    NUMBER,
    OPENING,
    PHRASE,
    QUOTED,
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
