"""What an index calls new: an article's own words, whatever stands around them."""

from __future__ import annotations

import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from prose import BRIDGE, COMET, HERRING, LIBRARY, STRIKE
from prose import CHARTS_RETOLD as RETOLD

import dedup
from dedup.index.answers import NewBy

FOOTER = (
    "The Valley Herald is owned by its readers and has been printed every weekday since 1893. Sign "
    "up for our newsletter and get the best of the valley in your inbox every morning. Follow us "
    "for photographs of the day, and write to the news desk or call during office hours if you "
    "have a story to tell. Letters to the editor may be shortened. Printed copies are sold at "
    "every kiosk between Tolme and Orrin, and back numbers can be read free of charge in the "
    "public library. All rights are reserved by the publisher, and no part of this page may be "
    "copied, stored or sent on in any form without permission in writing."
)
NOUNS: tuple[str, ...] = (
    "river",
    "mill",
    "lantern",
    "gate",
    "harbour",
    "ferry",
    "council",
    "orchard",
    "weather",
)
NOUNS += ("pilot", "station", "tunnel", "market", "winter", "engine", "garden", "village", "signal")
NOUNS += ("copper", "ladder", "window", "basket", "timber", "meadow", "castle", "barrel", "needle")


def words(rng: random.Random, many: int) -> str:
    """Return prose by the yard, other at each call."""
    return " ".join(rng.choice(NOUNS) + rng.choice(("", "s", "ed", "ing")) for _ in range(many))


def pages(first: int, many: int, length: tuple[int, int]) -> list[dict[str, Any]]:
    """Return pages of one site: so many words each, and the footer."""
    rng = random.Random(first)
    return [
        {
            "id": f"{n}",
            "site": "valley.example",
            "text": f"{words(rng, rng.randint(*length)).capitalize()}.\n\n{FOOTER}",
        }
        for n in range(first, first + many)
    ]


BEFORE, LATE = pages(0, 30, (60, 300)), pages(30, 10, (60, 60))


def test_the_footer_is_longer_than_the_news() -> None:
    assert len(FOOTER.split()) > 100


@pytest.mark.parametrize("settled", [False, True])
@pytest.mark.parametrize("at_once", [False, True])
def test_a_footer_makes_no_article_known(tmp_path: Path, *, at_once: bool, settled: bool) -> None:
    with dedup.Index(tmp_path / "index") as index:
        if at_once:
            index.add_many(BEFORE)
        else:
            for page in BEFORE:
                index.add(page)
        if settled:
            index.settle()
        told = [index.query(page) for page in LATE]
        assert [found.is_new for found in told] == [True] * len(LATE)
        assert max(found.largest_share for found in told) < 0.1
        assert [page["id"] for page in dedup.new_articles(LATE, index=index)] == [
            page["id"] for page in LATE
        ]
        copy = {**LATE[0], "id": "copy", "site": "b.example"}
        assert not index.query(copy).is_new


def told(tmp_path: Path, earlier: Iterable[dict[str, Any]], asked: dict[str, Any]) -> dedup.Found:
    with dedup.Index(tmp_path / "index") as index:
        for number, article in enumerate(earlier):
            index.add({"id": f"earlier {number}", **article})
        return index.query({"id": "asked", **asked})


AMBASSADOR = (
    "{}, president of the assembly, received credentials from {}, the new ambassador of {}, in "
    "the great hall on Tuesday. After he had received the credentials, the president had a talk "
    "with the ambassador, who was accompanied by officials of the embassy."
)


def test_a_notice_on_somebody_else_in_the_same_words_is_new(tmp_path: Path) -> None:
    first = {
        "text": AMBASSADOR.format("Una Marr", "Sergio Bellini", "Ostmere"),
        "site": "a.example",
    }
    other = {"text": AMBASSADOR.format("Una Marr", "Dusan Krall", "Kelder"), "site": "a.example"}
    assert told(tmp_path, [first], other).is_new


def test_a_quotation_makes_no_article_known(tmp_path: Path) -> None:
    said = f"{BRIDGE} {HERRING}"
    first = {
        "text": f"The mayor of Tolme spoke at length in the hall. “{said}”",
        "site": "a.example",
    }
    other = {"text": f"{COMET} “{said}”", "site": "b.example"}
    assert told(tmp_path, [first], other).largest_share < 0.1


def test_words_that_two_articles_share_are_known_where_they_are_most(tmp_path: Path) -> None:
    first = {"text": f"{BRIDGE}\n\n{HERRING}\n\n{LIBRARY}", "site": "a.example"}
    known = told(tmp_path / "a", [first], {"text": f"{BRIDGE}\n\n{HERRING}\n\n{COMET}"})
    assert not known.is_new
    new = told(tmp_path / "b", [first], {"text": f"{BRIDGE}\n\n{COMET}\n\n{STRIKE}"})
    assert new.is_new
    assert 0.3 < new.largest_share < 0.4
    assert 0.6 < known.largest_share < 0.7


def test_the_headline_counts_with_the_words(tmp_path: Path) -> None:
    brief = "Read the results and the table of the league on the page of the club."
    first = {"title": "Orrin beats Tolme at home", "text": brief, "site": "a.example"}
    other = {"title": "Vasker and Averil draw after late goals", "text": brief, "site": "a.example"}
    same = {**first, "site": "b.example"}
    shares = [
        told(tmp_path / f"{n}", [first], one).largest_share for n, one in enumerate((other, same))
    ]
    assert shares[0] < 0.8
    assert shares[1] == 1


def test_an_article_that_is_nothing_but_boilerplate_is_known_by_all_its_words(
    tmp_path: Path,
) -> None:
    with dedup.Index(tmp_path / "index") as index:
        for page in BEFORE:
            index.add(page)
        wall = {"id": "wall", "site": "valley.example", "text": FOOTER}
        assert not index.query(wall).is_new


@pytest.mark.parametrize(
    ("below", "by", "new"),
    [(0.5, "text", False), (0.7, "text", True), (0.6, "text", False), (0.5, "story", False)],
)
def test_what_new_means_is_chosen(tmp_path: Path, below: float, by: NewBy, *, new: bool) -> None:
    first = {"id": "a", "text": f"{BRIDGE}\n\n{HERRING}\n\n{LIBRARY}", "site": "a.example"}
    second = {"id": "b", "text": f"{BRIDGE}\n\n{HERRING}\n\n{COMET}", "site": "b.example"}
    with dedup.Index(tmp_path / "index", new_below=below, new_by=by) as index:
        index.add(first)
        assert index.query(second).is_new is new
    passed = dedup.new_articles([first, second], new_below=below, new_by=by)
    assert len(list(passed)) == 1 + new


def test_an_article_with_a_part_of_another_story_is_new_by_text_and_known_by_story(
    tmp_path: Path,
) -> None:
    first = {"id": "a", "text": f"{BRIDGE}\n\n{HERRING}", "site": "a.example"}
    longer = f"{BRIDGE}\n\n{HERRING}\n\n{COMET}\n\n{STRIKE}\n\n{LIBRARY}"
    second = {"id": "b", "text": longer, "site": "b.example"}
    for by, new in (("text", True), ("story", False)):
        with dedup.Index(tmp_path / by, new_by=by) as index:  # type: ignore[arg-type]
            index.add(first)
            found = index.query(second)
            assert found.is_new is new, found


@pytest.mark.parametrize(
    "wrong",
    [
        *({"new_below": below} for below in (0, 1.1, -1, "0.5")),
        {"new_by": "words"},
    ],
)
def test_a_rule_that_cannot_be_used_is_refused(tmp_path: Path, wrong: dict[str, Any]) -> None:
    with pytest.raises(dedup.SettingsError, match="must be"):
        dedup.Index(tmp_path / "index", **wrong)
    with pytest.raises(dedup.SettingsError, match="must be"):
        dedup.new_articles([BRIDGE], **wrong)


BOTH = f"{BRIDGE}\n\n{HERRING}"
BRIEF = "The guests of the festival {} this morning, accompanied by officials of the ministry."


@pytest.mark.parametrize(
    ("earlier", "asked", "site", "new"),
    [
        # A site's own words under an unlike headline are no news told twice; elsewhere they are.
        (("Herring catch is large", f"{BOTH}\n\n{COMET}\n\n{STRIKE}"),
         ("Library book comes home", f"{BOTH}\n\n{LIBRARY}\n\n{RETOLD}"), "a.example", True),
        (("Herring catch is large", f"{BOTH}\n\n{COMET}\n\n{STRIKE}"),
         ("Library book comes home", f"{BOTH}\n\n{LIBRARY}\n\n{RETOLD}"), "b.example", False),
        # Under the same headline they are a later version, and without headlines nobody knows.
        (("Bridge will be closed", f"{BRIDGE}\n\n{HERRING}\n\n{COMET}"),
         ("Bridge will be closed", f"{BRIDGE}\n\n{HERRING}\n\n{LIBRARY}"), "a.example", False),
        ((None, f"{BRIDGE}\n\n{HERRING}\n\n{COMET}"),
         (None, f"{BRIDGE}\n\n{HERRING}\n\n{LIBRARY}"), "a.example", False),
        # A brief notice of a site needs the headline of the other one, or another site.
        (("Guests arrive", BRIEF.format("arrived")), ("Guests leave", BRIEF.format("left again")),
         "a.example", True),
        (("Guests arrive", BRIEF.format("arrived")), ("Guests arrive", BRIEF.format("came here")),
         "a.example", False),
        # The whole of a text is known under any headline.
        (("Bridge will be closed", f"{BRIDGE}\n\n{HERRING}"),
         ("What to know today", f"{BRIDGE}\n\n{HERRING}"), "a.example", False),
    ],
)  # fmt: skip
def test_what_a_site_repeats_under_other_headlines_is_new(
    tmp_path: Path,
    earlier: tuple[str | None, str],
    asked: tuple[str | None, str],
    site: str,
    *,
    new: bool,
) -> None:
    first = {"title": earlier[0], "text": earlier[1], "site": "a.example"}
    found = told(tmp_path, [first], {"title": asked[0], "text": asked[1], "site": site})
    assert found.is_new is new, found.largest_share


@pytest.mark.parametrize(
    ("day", "new"), [("2024-03-02", False), ("2024-03-09", True), (None, False)]
)
def test_what_a_site_tells_again_days_later_is_known_if_it_is_the_whole(
    tmp_path: Path, day: str | None, *, new: bool
) -> None:
    title = "Weekly notes of the valley"
    first = {"title": title, "text": f"{BOTH}\n\n{COMET}", "date": "2024-03-02"}
    asked = {"title": title, "text": f"{BOTH}\n\n{LIBRARY}", "date": day}
    site = {"site": "a.example"}
    assert told(tmp_path / "part", [first | site], asked | site).is_new is new
    whole = {**first, "date": day}
    assert not told(tmp_path / "whole", [first | site], whole | site).is_new
    assert not told(tmp_path / "other", [first | site], asked | {"site": "b.example"}).is_new
