"""What kind of reuse a match is: behaviours 10 to 13 and 16 to 23, and input without sense."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence

import pytest
from prose import (
    ALL,
    BRIDGE,
    CHARTS,
    CHARTS_RETOLD,
    COMET,
    HALL,
    HERRING,
    IMPRINT,
    LIBRARY,
    MINE,
    SPEECH,
    WEATHER,
    article,
    between,
    changed,
    families,
    scan,
    yards,
)

import dedup
from dedup import Article
from dedup.result import Result

NOTICE = (
    "Copyright 2025 Ilmen Media. All rights reserved. Sign up for our newsletter to get the news "
    "of the valley every morning at six."
)


def relations(result: Result) -> list[str]:
    return sorted(match.relation for match in result.matches)


def shared(result: Result) -> list[tuple[str, ...]]:
    """The words of the shared stretches of each match, as the one text has them."""
    samples = {text.id: text.text for text in result.texts}
    for match in result.matches:
        for a, a_end, b, b_end in match.spans:
            one, other = samples[match.a][a:a_end], samples[match.b][b:b_end]
            assert one.casefold() == other.casefold()
    return [
        tuple(samples[match.a][a:a_end] for a, a_end, _, _ in match.spans)
        for match in result.matches
    ]


# -- repeats inside one article ------------------------------------------------------------------

TOLD = (
    "The harbour master at Vasker, Ove Lind, said on Monday that the ferry had touched the "
    "sandbank at half past six in thick fog, and that all forty-one passengers, among them a "
    "school class from Orrin on the way home from an outing to the mill, were brought ashore in "
    "the pilot boat and in two fishing boats within the hour."
)
TOLD_AGAIN = (
    "It was dark when the ship ran on to the bank. A school class from Orrin on the way home from "
    "an outing to the mill and some other people reached the land in boats of the fishermen, and "
    "nobody was hurt."
)


def test_a_passage_told_twice_inside_an_article_is_linked_with_the_stretch_both_share() -> None:
    result = dedup.scan([article("ferry", TOLD, COMET, TOLD_AGAIN), article("other", HERRING)])
    (match,) = result.matches
    assert match.relation in ("passage", "rewrite")
    assert match.scopes == ("within-article",)
    assert match.jaccard < 0.2
    assert match.longest_run == 15
    run = "school class from Orrin on the way home from an outing to the mill"
    (stretches,) = shared(result)
    assert run in max(stretches, key=len)
    assert not result.clusters


def test_a_caption_that_repeats_the_first_words_of_a_lead_is_contained_in_it() -> None:
    caption = " ".join(BRIDGE.split()[:22])
    result = dedup.scan([article("a", caption, BRIDGE, COMET)])
    (match,) = result.matches
    assert (match.relation, match.scopes) == ("passage", ("within-article",))
    assert match.containment == 1
    assert match.longest_run == 22
    assert shared(result) == [(caption.rstrip(","),)]


def test_a_text_25_times_in_one_record_is_as_like_the_clean_copy_as_once() -> None:
    result = dedup.scan([article("clean", *ALL), article("stuck", *ALL * 25)])
    assert not result.matches
    assert [len(cluster.members) for cluster in result.clusters] == [26] * len(ALL)
    body = " ".join(ALL)
    (match,) = scan(body, " ".join([body] * 25)).matches
    assert match.jaccard > 0.98
    assert match.containment == 1
    assert match.longest_run == len(body.split())


@pytest.mark.parametrize("end", ["… more", " [...]", " …", "... Read on"])
def test_a_teaser_that_breaks_off_is_contained_in_the_paragraph(end: str) -> None:
    teaser = " ".join(BRIDGE.split()[:24])
    result = dedup.scan([article("front", teaser + end, COMET), article("story", HERRING, BRIDGE)])
    (match,) = result.matches
    assert match.relation == "passage"
    assert match.containment > 0.9
    assert match.longest_run == 24


# -- boilerplate ---------------------------------------------------------------------------------


def pages(number: int, *footer: str, site: str = "ilmen", seed: int = 1) -> list[Article]:
    """Articles of one site that share nothing but their last paragraphs."""
    bodies = yards(seed, 2 * number, 60)
    return [
        article(f"{site}/{n}", *bodies[2 * n : 2 * n + 2], *footer, site=site)
        for n in range(number)
    ]


def test_stories_that_share_a_notice_alone_are_not_linked_as_stories() -> None:
    result = dedup.scan(pages(6, NOTICE))
    (text,) = result.texts
    assert text.boilerplate
    assert text.text == NOTICE
    assert not result.matches


def test_a_notice_that_changes_by_the_year_is_boilerplate() -> None:
    result = dedup.scan(
        [
            *pages(5, NOTICE),
            article("old", *yards(8, 2, 60), NOTICE.replace("2025", "2019"), site="ilmen"),
        ]
    )
    assert relations(result) == ["boilerplate"]
    assert {text.boilerplate for text in result.texts} == {True}
    assert result.matches[0].reason.startswith("boilerplate of a site (by: ")


def test_footers_and_lists_of_links_of_one_site_are_boilerplate() -> None:
    links = "Read more: Bridge to close, Herring in the harbour, A green comet, The moss book"
    moved = IMPRINT.replace("Wharf Lane 4", "Mill Street 19")
    bodies = yards(2, 8, 60)
    more = [
        article(f"n{n}", *bodies[2 * n : 2 * n + 2], links, moved, site="ilmen") for n in range(4)
    ]
    result = dedup.scan(pages(6, links, IMPRINT) + more)
    assert [text.boilerplate for text in result.texts] == [True] * 3
    assert relations(result) == ["boilerplate"]


def test_a_standing_line_that_is_quoted_as_news_is_not_suppressed_there() -> None:
    news = (
        f"The motto printed at the bottom of every page is gone since Friday. It said: {IMPRINT} "
        "Nobody had read it for years, the editor told us, and the guild moved out of the lane "
        "last spring with its two presses and a cat."
    )
    result = dedup.scan(
        [
            *pages(6, IMPRINT),
            article("post", news, COMET, site="post"),
            article("echo", HERRING, changed(news, 9), site="echo"),
        ]
    )
    assert {text.text for text in result.texts if text.boilerplate} == {IMPRINT}
    match = between(result, ("post", 0), ("echo", 1))
    assert match
    assert match.relation == "duplicate"
    assert frozenset({("post", 0), ("echo", 1)}) in families(result)


# -- templates -----------------------------------------------------------------------------------

EARNINGS = (
    (
        "Corrand Mills reported a net profit of $12.4 million, or 31 cents a share, for the "
        "quarter ended March 31, compared with $9.8 million, or 25 cents a share, a year earlier."
    ),
    (
        "Halvard Steel reported a net profit of $3.1 million, or 8 cents a share, for the quarter "
        "ended June 30, compared with $7.2 million, or 19 cents a share, a year earlier."
    ),
)
SCORES = (
    (
        "Orrin beat Vasker 3-1 at home on Saturday, with goals from Berg in minute 12 and Holm in "
        "minute 57."
    ),
    (
        "Tolme beat Ilmen 4-2 at home on Sunday, with goals from Lind in minute 33 and Dahl in "
        "minute 81."
    ),
    (
        "Kessel beat Averil 2-0 at home on Friday, with goals from Moe in minute 5 and Strand in "
        "minute 90."
    ),
)
DIVIDENDS = (
    "Corrand Mills Inc. Qtly div 10 cts vs 8 cts prior Pay April 15 Record April 1",
    "Halvard Steel Corp. Qtly div 22 cts vs 21 cts prior Pay May 2 Record April 12",
    "Tolme Glass Co. Qtly div 7 cts vs 6 cts prior Pay June 1 Record May 10",
)
BROKEN_UP = "between the numbers fewer than four words are shared in a row"


@pytest.mark.parametrize("items", [WEATHER, EARNINGS, SCORES, DIVIDENDS])
def test_items_of_one_formula_are_never_merged(items: Sequence[str]) -> None:
    result = scan(*items)
    assert not result.clusters
    assert set(relations(result)) <= {"template"}


@pytest.mark.parametrize(
    "items",
    [
        WEATHER,
        EARNINGS,
        pytest.param(SCORES, marks=pytest.mark.xfail(reason=BROKEN_UP, strict=True)),
        pytest.param(DIVIDENDS, marks=pytest.mark.xfail(reason=BROKEN_UP, strict=True)),
    ],
)
def test_items_of_one_formula_are_labelled_template(items: Sequence[str]) -> None:
    result = scan(*items)
    assert relations(result) == ["template"] * (len(items) * (len(items) - 1) // 2)


def test_an_updated_figure_in_a_long_sentence_makes_a_version_and_no_template() -> None:
    first = BRIDGE.replace("nine months", "9 months")
    result = scan(first, first.replace("9", "14"))
    assert relations(result) == ["duplicate"]
    assert len(result.clusters) == 1


# -- quotes --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("opening", "closing"),
    [("“", "”"), ('"', '"'), ("„", "“"), ("«", "»"), ("»", "«"), ("‘", "’"), ("「", "」")],
)
def test_reports_that_share_one_long_quotation_are_labelled_quote(
    opening: str, closing: str
) -> None:
    texts = [
        frame.replace("“", opening).replace("”", closing).format(SPEECH) for frame in (HALL, MINE)
    ]
    result = dedup.scan([Article("a", texts[0], site="a"), Article("b", texts[1], site="b")])
    (match,) = result.matches
    assert match.relation == "quote"
    assert match.reason.startswith("what is shared is quoted (by: ")
    assert match.longest_run >= len(SPEECH.split())
    assert not result.clusters


def test_a_quotation_that_nothing_closes_is_one() -> None:
    result = scan(*(frame.replace("”", "").format(SPEECH) for frame in (HALL, MINE)))
    assert relations(result) == ["quote"]


def test_a_short_saying_that_both_quote_is_a_quote() -> None:
    result = scan(
        "Anna Berg promised the village “not one acre for the railway” when she came to office, "
        "and she has kept her word in all the years since.",
        "A banner across the street reads “not one acre for the railway”; below it, children sell "
        "lemonade to the surveyors of the mining company.",
    )
    assert relations(result) == ["quote"]


def test_a_quotation_whose_surroundings_are_copied_too_is_a_version() -> None:
    text = HALL.format(SPEECH)
    result = scan(text, changed(text, 3))
    assert relations(result) == ["duplicate"]
    assert len(result.clusters) == 1


# -- what is linked by parts, and what not at all ------------------------------------------------


def test_a_sentence_told_in_other_words_is_a_rewrite() -> None:
    (match,) = scan(CHARTS, CHARTS_RETOLD).matches
    assert match.relation == "rewrite"
    assert match.proposed == ("passage",)


@pytest.mark.parametrize("joint", ["\n\n", " "])
def test_a_roundup_is_linked_to_each_brief_and_merges_none(joint: str) -> None:
    briefs = (BRIDGE, HERRING, COMET)
    result = dedup.scan(
        [
            *(article(f"brief-{n}", text) for n, text in enumerate(briefs)),
            Article("roundup", joint.join(["Here is what happened in the valley.", *briefs])),
        ]
    )
    if joint == " ":
        assert relations(result) == ["passage"] * 3
        for n in range(3):
            assert between(result, (f"brief-{n}", 0), ("roundup", 0))
        assert not result.clusters
    else:
        assert families(result) == {
            frozenset({(f"brief-{n}", 0), ("roundup", n + 1)}) for n in range(3)
        }
        assert not result.matches


def test_two_texts_that_only_a_third_ties_together_stay_apart() -> None:
    a, c = BRIDGE.split()[:40], HERRING.split()[:40]
    for b in (a + c, a[10:] + c[:18], a[20:] + c[:20], a[:20] + c[:30]):
        result = scan(" ".join(a), " ".join(b), " ".join(c))
        assert result.matches
        for family in families(result):
            assert not family >= {("0", 0), ("2", 0)}


SET_PHRASES = [
    (
        (
            "Russian President Vladimir Putin and North Korean leader Kim Jong Un met in "
            "Vladivostok to speak of grain and rails and of a bridge for cars over the river both "
            "countries share."
        ),
        (
            "The fishermen of the bay do not much care what Russian President Vladimir Putin and "
            "North Korean leader Kim Jong Un may have agreed on over dinner at the university "
            "last night."
        ),
    ),
    (
        (
            "Vladimir Putin, the Russian president, said on Monday that the harvest was better "
            "than expected."
        ),
        (
            "At the opening of the tunnel Vladimir Putin, the Russian president, said on Monday "
            "he had never liked aeroplanes."
        ),
    ),
    (
        (
            "The spokesman of the ministry declined to comment on the report, which appeared in a "
            "weekly of the capital."
        ),
        (
            "Asked about the strike, the spokesman of the ministry declined to comment and left "
            "by the side door."
        ),
    ),
    (
        (
            "Russian President Vladimir Putin and North Korean leader Kim Jong Un met in "
            "Vladivostok to speak of grain and rails."
        ),
        (
            "The fishermen do not care what Russian President Vladimir Putin and North Korean "
            "leader Kim Jong Un may have agreed on."
        ),
    ),
]


@pytest.mark.parametrize(("a", "b"), SET_PHRASES)
def test_strings_of_names_and_set_phrases_are_no_match(a: str, b: str) -> None:
    assert not scan(a, b).matches


def test_a_phrase_that_a_corpus_is_full_of_is_no_match() -> None:
    phrase = "in accordance with the decision of the standing committee of the provincial assembly"
    texts = [
        " ".join((*text.split()[:20], phrase, *text.split()[20:])) for text in yards(4, 40, 40)
    ]
    assert not scan(*texts).matches
    assert len(scan(*texts[:2]).matches) == 1  # where it is new, it is a clause that was copied


# -- input without sense -------------------------------------------------------------------------


def test_a_corpus_of_one_article_of_one_site_or_of_five_paragraphs_is_scanned() -> None:
    for source in (
        [Article("a", BRIDGE)],
        [Article("a", "No.")],
        [article("a", *ALL)],
        [Article(str(n), text, site="one") for n, text in enumerate(ALL)],
    ):
        result = dedup.scan(source)
        assert not result.matches
        assert not result.clusters
    near = [article("a", *ALL[:4], changed(BRIDGE, 9))]
    assert relations(dedup.scan(near)) == ["duplicate"]


def test_an_article_10000_times_is_no_standing_text() -> None:
    result = dedup.scan(article(f"{n}", *ALL, site="one") for n in range(10_000))
    assert not result.matches
    assert [text.boilerplate for text in result.texts] == [False] * len(ALL)
    assert [len(cluster.members) for cluster in result.clusters] == [10_000] * len(ALL)


def test_text_without_ends_of_sentences_is_matched() -> None:
    words = " ".join(ALL).replace(",", "").replace(".", "").split()
    text = " ".join(words)
    part = " ".join(words[60:160])
    result = scan(text, f"and so {part} and so on", LIBRARY)
    match = between(result, ("0", 0), ("1", 0))
    assert match
    assert match.relation == "passage"
    assert match.longest_run == 100


@pytest.mark.parametrize(("opening", "closing"), [("“", "”"), ("“", ""), ('"', '"'), ("«", "»")])
def test_texts_that_are_all_quotation_are_matched(opening: str, closing: str) -> None:
    texts = (*ALL, changed(BRIDGE, 9))
    result = scan(*(f"{opening}{text}{closing}" for text in texts))
    assert relations(result) == ["duplicate"]
    assert families(result) == {frozenset({("0", 0), ("5", 0)})}


def seconds(*texts: str) -> tuple[Result, float]:
    began = time.process_time()
    return scan(*texts), time.process_time() - began


def test_texts_that_share_every_second_word_cost_no_more_than_others_and_are_no_match() -> None:
    scan(*ALL)  # loads the kernels
    own, common = (text.split() for text in yards(9, 2, 100_000))
    dice = random.Random(3)
    other = dice.sample(own, len(own))
    mixed = [x if n % 2 else y for n, (x, y) in enumerate(zip(common, other, strict=True))]
    woven = [x if n % 2 else y for n, (x, y) in enumerate(zip(common, own, strict=True))]
    result, cost = seconds(" ".join(mixed), " ".join(woven))
    assert not result.matches
    assert cost < 5


@pytest.mark.parametrize("opening", ["", "“"])
def test_one_word_100000_times_is_matched_at_once(opening: str) -> None:
    scan(*ALL)
    result, cost = seconds(f"{opening}{'word ' * 100_000}", f"{opening}{'word ' * 90_000}end")
    assert relations(result) == ["duplicate"]
    assert cost < 5


def test_many_texts_of_one_phrase_over_and_over_are_compared_with_a_few_of_them() -> None:
    scan(*ALL)
    phrase = "the mayor greeted the harbour master and the bishop "
    result, cost = seconds(*(phrase * (5 + n) + f"end{n}" for n in range(300)))
    assert cost < 15
    assert len(result.matches) < 300 * 64 / 2
    assert result.summary["hot_buckets"]["uncompared"] > 0
