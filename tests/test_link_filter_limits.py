"""Each side of each threshold of `dedup.stories.link_filter`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from news import fact
from overlaps import laid
from prose import numbered

from dedup import Article
from dedup.progress import Silent
from dedup.stories import link_filter
from dedup.stories.distinct_articles import DistinctArticles, distinct_articles
from dedup.stories.link_filter import Leads, crowded, is_link, other_facts
from dedup.stories.overlap import Overlap
from dedup.text.corpus import Corpus, collapse


def bodies(*texts: str) -> tuple[DistinctArticles, Corpus]:
    corpus = collapse([Article(f"{n}", text) for n, text in enumerate(texts)], 1, Silent())
    nothing = np.zeros(len(corpus.first), bool)
    return distinct_articles(corpus, nothing, [fact() for _ in texts], 7), corpus


def linked(share: float, words: int, *, one_site: bool, date: str | None = None) -> bool:
    """Whether two articles that hold so much of one another may be one story."""
    found = bodies(numbered(0, words), numbered(1000, words))
    features = [fact(date), fact(date, site="a.example" if one_site else "b.example")]
    pair = laid({(0, 1): (share, share)})._replace(words=np.array([words * share], np.float32))
    (answer,) = is_link(pair, found[0], Leads.of(*found), features, 7).tolist()
    return bool(answer)


def test_articles_of_one_site_share_six_tenths() -> None:
    assert linked(0.60, 100, one_site=True)
    assert not linked(0.59, 100, one_site=True)
    assert linked(0.59, 100, one_site=False)


def begun_anew(share: float, hours: int) -> bool:
    """Whether two sites' articles with other facts in their leads may be one story."""
    found = bodies(*(f"on the Pier{n} by Name{n} {numbered(1000 * n, 96)}" for n in (1, 2)))
    dates = "2024-05-06T00:00Z", f"2024-05-0{6 + hours // 24}T{hours % 24:02}:00Z"
    features = [fact(dates[0], site="a.example"), fact(dates[1], site="b.example")]
    pair = laid({(0, 1): (share, share)})
    (answer,) = is_link(pair, found[0], Leads.of(*found), features, 7).tolist()
    return bool(answer)


def test_a_second_site_that_begins_anew_keeps_six_tenths() -> None:
    assert begun_anew(0.60, 2)
    assert not begun_anew(0.59, 2)


def test_a_second_site_that_begins_anew_a_day_later_keeps_eight_tenths() -> None:
    assert begun_anew(0.80, 23)
    assert not begun_anew(0.79, 23)
    assert begun_anew(0.79, 22)


def test_articles_share_24_runs() -> None:
    assert linked(0.250, 100, one_site=False)  # of 96
    assert not linked(0.249, 100, one_site=False)


def test_brief_articles_of_one_day_share_four_fifths() -> None:
    assert linked(0.80, 24, one_site=False, date="2024-05-06T18:15Z")
    assert not linked(0.79, 24, one_site=False, date="2024-05-06T18:15Z")
    assert not linked(0.80, 24, one_site=False)


@pytest.mark.parametrize(("words", "is_one"), [(200, True), (199, False)])
def test_a_digest_of_quotations_shares_200_words_with_its_copy(words: int, *, is_one: bool) -> None:
    shares = laid({(0, 1): (0.9, 0.9)})._replace(words=np.array([words], np.float32))
    found = bodies(numbered(0, 24), numbered(1000, 24))  # 20 runs of their own
    facts = [fact(), fact(site="b.example")]
    assert is_link(shares, found[0], Leads.of(*found), facts, 7).tolist() == [is_one]


def differ(shared: int, own: Sequence[int], at: int = 2) -> bool:
    """Whether the facts of two leads do: so many shared names, and of each some of its own."""

    def text(names: int, key: str) -> str:
        some = " ".join(f"Name{n}" for n in range(shared))
        more = " ".join(f"Name{key}{n}" for n in range(names))
        before = numbered(0, at - shared)
        return " ".join(f"{before} {some} {more} {numbered(100, 60)}".split())

    texts = [text(names, key) for names, key in zip(own, "xy", strict=True)]
    return bool(other_facts(laid({(0, 1): (0.9, 0.9)}), *bodies(*texts))[0])


def test_leads_with_two_facts_of_their_own_are_of_a_formula() -> None:
    assert differ(0, (2, 2))
    assert not differ(0, (2, 1))


def test_a_tenth_of_the_facts_of_such_leads_is_their_own() -> None:
    assert differ(18, (2, 2), at=30)
    assert not differ(19, (2, 2), at=30)


def test_a_lead_has_60_words() -> None:
    assert differ(0, (2, 2), at=58)
    assert not differ(0, (2, 2), at=59)


def is_crowd(headlines: Sequence[str]) -> bool:
    """Whether an article and others that are nearly the same are one."""
    features = [fact(headline=headline) for headline in headlines]
    number = np.arange(len(headlines), dtype=np.int32)
    distinct = DistinctArticles(number, number, number, np.append(number, 0), *[number] * 3)
    pairs = {(0, other): (0.9, 0.9) for other in number[1:].tolist()}
    return bool(crowded(laid(pairs), distinct, features).all())


@pytest.mark.parametrize(
    ("headlines", "crowd"),
    [
        (["rain north town harbour", *["rain north"] * 3], False),
        (["ferry aground", "rain north", "mill closed", "choir home"], True),
        (["ferry aground", "rain north", "mill closed"], False),  # two others are no crowd
        # two words of four are half, and two of five are less
        (["rain north town harbour", *[f"rain north {x}1111 {x}2222" for x in "abc"]], False),
        (
            ["rain north town harbour ferry", *[f"rain north {x}111 {x}222 {x}333" for x in "abc"]],
            True,
        ),
    ],
)
def test_three_articles_whose_headlines_share_less_than_half_are_a_crowd(
    headlines: Sequence[str], *, crowd: bool
) -> None:
    assert is_crowd(headlines) is crowd


def of_one_site(share: float, own: float) -> Overlap:
    """Two articles of which the first is held by that much, in words and in own 5-grams."""
    ends = np.array([0], np.int32), np.array([1], np.int32)
    columns = (np.array([value], np.float32) for value in (share, 0.1, own, 0.1, 300, own))
    return Overlap(*ends, *columns)


@pytest.mark.parametrize(
    ("share", "seconds", "recurs"),
    [(0.79, 79_201, True), (0.80, 79_201, False), (0.79, 79_200, False)],
)
def test_a_later_issue_keeps_less_than_four_fifths_after_twenty_two_hours(
    share: float, seconds: float, *, recurs: bool
) -> None:
    times = np.array([0.0, seconds])
    assert link_filter.recurs_later(of_one_site(share, share), times).tolist() == [recurs]


@pytest.mark.parametrize(
    ("share", "own", "in_blocks"), [(0.9, 0.845, True), (0.9, 0.835, False), (0.79, 0.79, False)]
)
def test_whole_paragraphs_keep_their_5_grams(share: float, own: float, *, in_blocks: bool) -> None:
    assert link_filter._in_blocks(of_one_site(share, own)).tolist() == [in_blocks]
