"""Credits, datelines and marks of versions, and what only looks like them."""

from __future__ import annotations

import re
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.metadata import credit_inside, credit_rules, credits
from dedup.metadata.credit_rules import of_site
from dedup.records import Article, Credit

CASES = tomllib.loads(Path(__file__).with_name("credit_cases.toml").read_text(encoding="utf-8"))
FILLER = "The river rose by a hand and fell again before noon.\n\n" * 40


def article(text: str = "", title: str = "", author: str = "", **fields: str) -> Article:
    return Article("a", text, title=title or None, author=author or None, **fields)


@pytest.mark.parametrize("case", CASES["nothing"], ids=lambda case: case[1][:40])
def test_what_only_speaks_of_an_agency_is_no_credit(case: list[str]) -> None:
    reason, text, *rest = case
    if text.startswith("%s"):
        text %= (FILLER * 2, FILLER)
    assert credits.read(article(text, *rest)).credits == (), reason


@pytest.mark.parametrize("case", CASES["credited"], ids=lambda case: case[0][:40])
def test_a_credit_names_its_agency_and_its_proof(case: list[str]) -> None:
    text, expected, agency, *rest = case
    if text.startswith("%s"):
        text %= (FILLER * 2, FILLER)
    read = credits.read(article(text, *rest))
    assert sorted(f"{c.agency}/{c.kind}/{c.proof}" for c in read.credits) == sorted(expected)
    assert read.agency == (agency or None)
    for credit in read.credits:
        assert (
            getattr(article(text, *rest), credit.field)[credit.start : credit.end] == credit.proof
        )


@pytest.mark.parametrize("case", CASES["untagged"], ids=lambda case: (case[1] or case[2])[:40])
def test_ordinary_words_are_no_marks_of_a_version(case: list[str]) -> None:
    reason, title, text = case
    assert credits.read(article(text, title)).tags == (), reason


@pytest.mark.parametrize("case", CASES["tagged"], ids=lambda case: (case[0] + case[1])[:40])
def test_a_mark_of_a_version_has_its_number_and_its_proof(case: tuple[str, str, list[str]]) -> None:
    title, text, tags = case
    read = credits.read(article(text, title))
    assert [f"{tag.kind} {tag.number} {tag.proof}" for tag in read.tags] == tags
    for tag in read.tags:
        assert getattr(article(text, title), tag.field)[tag.start : tag.end] == tag.proof


@pytest.mark.parametrize(
    ("source", "agency"),
    [
        ("Reuters", "Reuters"),
        ("The Associated Press", "AP"),
        ("AP News", "AP"),
        ("https://www.reuters.com/world/rain-2024-05-03/", "Reuters"),
        ("apnews.com", "AP"),
        ("en.yna.co.kr", "Yonhap"),
        ("https://herald.example/reuters", None),
        ("The Herald", None),
        ("Ann Roe, who left Reuters in May", None),
    ],
)
def test_a_declared_source_is_a_credit(source: str, agency: str | None) -> None:
    read = credits.read(article("It rained.", source=source))
    assert [(c.agency, c.kind, c.field) for c in read.credits] == (
        [(agency, "declared", "source")] if agency else []
    )
    assert read.agency == agency


def test_an_agencys_own_site_is_its_credit_and_a_dateline_of_another_outweighs_it() -> None:
    own = credits.read(article("It rained.", site="apnews.com"))
    assert [(c.agency, c.kind, c.field, c.proof) for c in own.credits] == [
        ("AP", "declared", "site", "apnews.com")
    ]
    assert own.agency == "AP"
    assert (
        credits.read(article("OSLO (Reuters) - It rained.", site="apnews.com")).agency == "Reuters"
    )
    assert credits.read(article("It rained.", site="apnews.com", author="AFP")).agency == "AP"


def test_sites_are_known_by_their_domain_and_agencies_by_their_name() -> None:
    assert credits.AGENCY_SITES["reuters.com"] == "Reuters"
    assert of_site("www.reuters.com") == "Reuters"
    assert of_site("Reuters") == "Reuters"
    assert of_site("notreuters.com") is None
    assert of_site("pa") is None, "initials that mean much else name no site"


def test_a_dateline_without_an_agency_is_still_a_dateline() -> None:
    assert credits.read(article("OSLO — It rained.")).dateline == "OSLO —"
    assert (
        credits.read(article("By Ann Roe\n\nOSLO, Norway — It rained.")).dateline
        == "OSLO, Norway —"
    )
    assert credits.read(article("ST. OLAV, March 3 - It rained.")).dateline == "ST. OLAV, March 3 -"
    assert credits.read(article("Oslo, march 3 - It rained.")).dateline == "Oslo, march 3 -"
    assert credits.read(article("OSLO (AP) — It rained.")).dateline == "OSLO (AP) —"
    assert credits.read(article("FILE - In this photo it rains.")).dateline is None
    assert credits.read(article("It rained.")).dateline is None


@pytest.mark.parametrize(("length", "agencies"), [(300, ["Havas"]), (299, [])])
def test_far_inside_a_name_in_brackets_is_a_credit_under_a_long_paragraph_only(
    length: int, agencies: list[str]
) -> None:
    paragraph = f"{'It rained on the weir. ' * 20}"[: length - 1] + "."
    text = f"{FILLER}{paragraph} (Havas)\n\n{FILLER}"
    assert [credit.agency for credit in credits.read(article(text)).credits] == agencies


def test_head_and_end_of_a_long_text_are_both_read() -> None:
    text = f"OSLO (AP) — It rained.\n\n{FILLER}\n\nAssociated Press writer Ann Roe contributed."
    assert [c.kind for c in credits.read(article(text)).credits] == ["dateline", "tail"]


def test_a_dateline_below_captions_is_found_and_one_of_a_link_at_the_end_is_not() -> None:
    captions = "The bridge at noon, seen from the mill on the far bank of the river.\n\n" * 15
    assert credits.read(article(f"{captions}OSLO (AP) — It rained.\n\n{FILLER}")).agency == "AP"
    late = f"{FILLER}{captions}OSLO (AP) — It rained.\n\n{captions}"
    assert credits.read(article(late)).agency is None


def test_a_sentence_cut_off_by_the_edge_of_the_head_begins_no_line() -> None:
    text = "word " * 150 + "OSLO (AP) — It rained. " + "word " * 400
    for shift in range(60):
        for credit in credits.read(article("x" * shift + text)).credits:
            assert credit.proof == "OSLO (AP) —"


PIECES = st.sampled_from(
    [
        *(
            "OSLO",
            " (",
            "AP",
            ")",
            " - ",
            "—",
            "\n",
            "\n\n",
            "Reuters",
            "dpa",
            "/",
            "By ",
            "新华社",
        ),
        *(
            "11月22日电",
            "واس",
            "أ ف ب",
            " ",
            "©",
            "2024",
            "[",
            "]",
            "\ue000",
            "\ue002",
            "UPDATE 2-",
        ),
        *("(LEAD)", "Eds: ", "Source: ", "rained", ".", "@ap.org", "https://ap.org/x", "\ud800"),
    ]
)


@given(st.lists(PIECES, max_size=30).map("".join), st.lists(PIECES, max_size=6).map("".join))
def test_every_proof_stands_where_it_is_said_to(text: str, other: str) -> None:
    given = article(text, other, other, source=other, site=other)
    read = credits.read(given)
    places: list[Credit | credits.Tag] = [*read.credits, *read.tags]
    for found in places:
        assert found.start < found.end
        assert getattr(given, found.field)[found.start : found.end] == found.proof
    assert read.agency is None or read.agency in {credit.agency for credit in read.credits}


MARKS = st.text("()[]/-—– .\naByé", max_size=80) | st.lists(
    st.sampled_from(
        [
            "Reuter",
            "Havas",
            "gence télé",
            "/ ",
            "/",
            " ap",
            " ats",
            "\n",
            "\r",
            "By ",
            ")",
            "-",
            " ",
        ]
    ),
    max_size=8,
).map("".join)
UNBOXED = re.compile(
    r"Reuter|Havas|Wolff|Stefani|gence télé"
    r"|/ (?:ats|afp|ap|sda)| (?:ap|afp|ats|upi|dpa|sda)(?:\n|\Z)"
)


@given(MARKS)
def test_looking_behind_single_characters_finds_what_patterns_find(text: str) -> None:
    opens = re.search(r"\) [-—–]|\)-|/ -|/\. |\nBy ", text)
    assert credit_inside.opens_below(text) == (opens is not None)
    latin = "a" in text or "e" in text
    for names in (credit_inside._INITIALS, credit_rules.hits(text).names):
        assert credit_inside._unboxed(text, names) == (latin and UNBOXED.search(text) is not None)
    boxes = re.findall(r"[(\[][^()\[\]\n]{2,60}[)\]]", text)
    assert sorted(credit_inside._boxes(text)) == sorted(boxes)


@given(st.lists(PIECES, max_size=30).map("".join))
def test_a_name_is_found_in_every_text_in_which_it_stands_between_other_words(text: str) -> None:
    known = credit_rules.rules()
    names = credit_rules.hits(text).names
    assert all(name in text for name in names)
    divided = text.translate(dict.fromkeys(map(ord, credit_rules.POINTS), " "))
    letter = r"[A-Za-z\x80-\U0010ffff]"
    whole = {
        word
        for word in known.words
        if word in text and re.search(rf"(?<!{letter}){re.escape(word)}(?!{letter})", divided)
    }
    assert whole | {name for name in known.run_on if name in text} <= set(names)


@pytest.mark.parametrize(
    "unit",
    ["dpa, Source: ", "OSLO, ", "Oslo ", "AP/", "Reporting by 2024 AP ", "Ann Roe and ", "(("],
)
def test_lines_made_to_cost_much_cost_little(unit: str) -> None:
    text = (unit * 2000)[:20_000] + " (AP"
    began = time.thread_time()
    credits.read(article(text, text, text, source=text))
    assert time.thread_time() - began < 1, "seconds; a fiftieth of one is usual"


def test_every_rule_can_be_matched() -> None:
    for rules in credit_rules.rules().zones.values():
        for rule in rules:
            assert rule.pattern.pattern == rule.expression


def test_importing_the_module_reads_no_rules() -> None:
    script = (
        "from dedup.metadata import credit_rules, credits; "
        "print(credit_rules.rules.cache_info().currsize)"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert run.stdout.split() == [b"0"]
