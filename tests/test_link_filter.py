"""What keeps formulas, stubs and pages that embed a story out of it, and how dates are doubted."""

from __future__ import annotations

import pytest
from news import CHOIR, FERRY, GRAIN, LEAD, MILL, article, cast, link, roles, stories, story
from prose import changed, yards

import dedup
from dedup import Article
from dedup.metadata.dates import parse
from dedup.result import Result
from dedup.stories.article_features import fetched

DAY = "2024-05-06T{:02}:{:02}:{:02}Z"

# -- brief texts ---------------------------------------------------------------------------------


def dividend(name: str, title: str, **known: str) -> Article:
    text = "Qtrly div ten cts vs nine cts prior\n\nPay June 1\n\nRecord May 15"
    return Article(name, known.pop("text", text), title=title, site="wire.example", **known)


def test_items_of_one_formula_are_one_only_under_one_headline() -> None:
    two = [dividend("a", "Averil Boats sets payout"), dividend("b", "Skarn Ropes sets payout")]
    assert not dedup.scan(two).stories
    assert roles(dedup.scan([two[0], dividend("c", "Averil Boats sets payout")])) == {
        "a": "kept",
        "c": "copy",
    }


def test_a_text_that_comes_back_after_the_window_is_another_story() -> None:
    items = [
        article(f"{n}", FERRY, site="a.example", date=f"2024-0{month}-06T10:15Z")
        for n, month in enumerate((3, 3, 5, 5))
    ]
    assert stories(dedup.scan(items)) == {frozenset("01"), frozenset("23")}
    assert stories(dedup.scan(items, window=0)) == {frozenset("0123")}


# -- formulas of one site ------------------------------------------------------------------------

BLANK = (
    "Law office Holm and Berg reminds holders of {0} that those who bought its shares before "
    "{1} may join the suit that was brought in {2} this spring. The suit says that {0} spoke of "
    "orders that nobody had placed and hid what the repair of its docks would cost. Who lost "
    "money can write to the office, which asks for no fee unless the court grants one, and will "
    "hear within ten days whether the claim is good."
)
FILLED = (
    ("Skarn Ferries", "May 9", "Port Averil"),
    ("Vasker Timber", "July 22", "Tolme"),
    ("Ilmen Paper", "June 30", "Kessel"),
)


def test_articles_of_one_site_that_differ_in_names_and_numbers_are_no_story() -> None:
    items = [
        article(f"{n}", [BLANK.format(*features)], site="law.example", title=f"{features[0]} alert")
        for n, features in enumerate(FILLED)
    ]
    assert not dedup.scan(items).stories
    again = article("again", [changed(BLANK.format(*FILLED[0]), 9, 31)], site="law.example")
    assert stories(dedup.scan([*items, again])) == {frozenset({"0", "again"})}


def test_pages_with_the_same_wall_behind_unlike_headlines_are_no_story() -> None:
    wall = yards(21, 1, 200)[0]
    leads = [text.split(",")[0] for text in (FERRY[0], MILL[0], GRAIN[0], CHOIR[0])]
    items = [
        article(f"{n}", [f"{lead}. {wall}"], site="i.example", title=lead)
        for n, lead in enumerate(leads)
    ]
    assert not dedup.scan(items).stories


# -- what embeds a story -------------------------------------------------------------------------


def test_a_long_article_that_comes_to_speak_of_a_story_is_a_roundup_and_never_kept() -> None:
    live = article("live", (*yards(22, 9, 60), *FERRY[:4]), site="live.example")
    result = dedup.scan(
        [
            article("brief", FERRY[:4], site="a.example", date="2024-05-07"),
            article("copy", FERRY[:4], title="Ferry", site="b.example"),
            live,
        ]
    )
    assert story(result).canonical == "brief"
    assert roles(result)["live"] == "roundup part"
    begins_alike = article("whole", (*FERRY, *yards(22, 9, 60)), site="live.example")
    result = dedup.scan([article("brief", FERRY[:4], site="a.example"), begins_alike])
    assert story(result).canonical == "whole"
    assert roles(result)["brief"] == "excerpt"


# -- dates that come in bursts -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("times", "doubted"),
    [
        ([(h, m, s) for h in (8, 12) for m in (0,) for s in (1, 3, 4, 8)], True),
        ([(h, 7 * h % 60, 1) for h in range(8, 20)], False),  # one an hour
        ([(h, 0, 0) for h in (0,) * 8], False),  # midnight tells the day alone
        ([(8, 0, s) for s in (1, 2, 3)], False),  # too few tell nothing
    ],
)
def test_dates_in_bursts_are_those_of_fetching(
    times: list[tuple[int, int, int]], *, doubted: bool
) -> None:
    dates = [parse(DAY.format(*time)) for time in times]
    assert fetched(["a"] * len(dates), dates) == [doubted] * len(dates)


def test_a_fetched_date_tells_little_of_who_was_first() -> None:
    def scan(seconds: int) -> Result:
        """Two sites with a page every so many seconds, and one story on both."""
        pages = [
            article(
                f"{site}{n}",
                [text],
                site=f"{site}.example",
                date=DAY.format(9, n * seconds // 60, n * seconds % 60),
            )
            for site in "ab"
            for n, text in enumerate(yards(23 + ord(site), 12, 60), 1)
        ]
        first = article("x", FERRY, site="a.example", date=DAY.format(8, 0, 5))
        later = article("y", LEAD + FERRY, site="b.example", date=DAY.format(20, 0, 5))
        return dedup.scan([*pages, first, later])

    sure, doubted = link(scan(240), "x", "y"), link(scan(3), "x", "y")
    assert sure.first == doubted.first == "x"
    assert doubted.confidence < 0.65 < sure.confidence
    assert doubted.reasons[0].startswith("fetched")


# -- who was first, when some contradict ---------------------------------------------------------


def test_an_agencys_copy_days_after_anothers_is_kept_but_no_original() -> None:
    result = dedup.scan(
        [
            article("paper", FERRY, site="a.example", date="2024-05-01T08:15Z"),
            article("agency", FERRY, site="reuters.com", date="2024-05-06T08:15Z"),
        ]
    )
    assert story(result).canonical == "agency"
    assert story(result).original == "paper"
    assert cast(result)["agency"].role == "copy"


def test_one_credit_among_many_names_no_source() -> None:
    def scan(credited: int) -> Result:
        items = [
            article(
                f"{n}",
                (f"AVERIL (AP) - {FERRY[0]}" if 5 - n < credited else FERRY[0], *FERRY[1:]),
                site=f"{n}.example",
                date=f"2024-05-06T1{n}:15Z",
            )
            for n in range(5)
        ]
        return dedup.scan(items)

    assert story(scan(2)).source is None
    assert story(scan(4)).source == "AP"
