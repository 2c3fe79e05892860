"""On one site: the next issue of a column is no version, an article that was written through is."""

from __future__ import annotations

from typing import Any

import pytest

import dedup

INTRO = (
    "Here is our pick of what to see and do in the town and the villages around it over the coming "
    "days. All of it is free unless a price is given, and most places ask you to book ahead by "
    "telephone or at the door. If you would like your own event to be listed, write to the diary "
    "desk by noon on Tuesday with the day, the hour, the place and what it costs, and we will do "
    "our best to find room for it."
)
OUTRO = (
    "Please check with the organisers before you set out, since times and places may change at "
    "short notice because of the weather or illness. The diary desk cannot answer for changes that "
    "reach us after Wednesday evening, and the views of reviewers are their own."
)
FIRST = [
    "The choir of St Anne sings at the old mill on Friday at eight, ten pounds.",
    "Puppets for children come to the library on Saturday at eleven, three pounds.",
    "A walk along the canal with the warden starts from the lock on Sunday at nine.",
    "The film club shows a comedy of 1938 in the town hall on Monday evening.",
]
SECOND = [
    "A brass band from Karrow plays in the park on Thursday at seven, free.",
    "Potters open their kilns at Low Barn, Saturday from ten to four.",
    "The chess league meets the harbour club at the Anchor on Sunday at two.",
    "Readings from new novels in the bookshop on Tuesday evening, five pounds.",
]
ARTICLE = [
    (
        "The ferry between Vasker and Low Holm will stop at dusk from Monday because the lamps "
        "on the outer pier have failed, the port office said."
    ),
    (
        "Holders of a yearly ticket can claim back a third of their fare at the booth beside "
        "the net loft until the end of the month, a clerk added."
    ),
    (
        "A diver looked at the cable on Friday and found that an anchor had cut it in two "
        "places, some fifty paces from the head of the pier."
    ),
    (
        "New lamps have been ordered from a workshop in Karrow, which needs six weeks to cast "
        "the housings and another week to ship them."
    ),
    (
        "The people of the island asked for a launch to be kept ready for the doctor, who "
        "crosses twice a week, and for the school party on Wednesday."
    ),
    (
        "Masters of coasters were told to stay south of the wreck buoy until the lamps burn "
        "again, and to report any light that flickers to the watch house."
    ),
]
LEAD = (
    "The harbour master, Anna Krell, has resigned over the lamps on the outer pier of Vasker, "
    "Mayor Josef Lindt told Radio Karrow on Saturday, after 40 islanders had closed the quay."
)


def article(id_: str, rows: list[str], title: str | None, date: str) -> dict[str, Any]:
    text = "\n".join(rows)
    return {"id": id_, "site": "post.example", "title": title, "date": date, "text": text}


def are_one(a: dict[str, Any], b: dict[str, Any]) -> bool:
    return bool(dedup.scan([a, b]).stories)


@pytest.mark.parametrize("titles", [("Events this week",) * 2, ("Choirs", "Brass in the park")])
@pytest.mark.parametrize("later", ["2024-03-08", "2024-03-02"])
def test_the_next_issue_of_a_column_is_another_story(titles: tuple[str, str], later: str) -> None:
    first = article("a", [INTRO, *FIRST, OUTRO], titles[0], "2024-03-01")
    second = article("b", [INTRO, *SECOND, OUTRO], titles[1], later)
    assert not are_one(first, second)


def test_the_same_issue_corrected_within_hours_is_the_same_story() -> None:
    first = article("a", [INTRO, *FIRST, OUTRO], "Events this week", "2024-03-01T08:00Z")
    second = article("b", [INTRO, *FIRST[:3], OUTRO], "Events this week", "2024-03-01T11:00Z")
    assert are_one(first, second)


@pytest.mark.parametrize("title", ["Ferry stops after dark", "Ferry stops: harbour master goes"])
def test_an_article_with_a_new_lead_is_a_version_of_the_same_story(title: str) -> None:
    before = article("a", ARTICLE, "Ferry stops after dark", "2024-03-01T10:00Z")
    after = article("b", [LEAD, *ARTICLE[1:]], title, "2024-03-02T09:00Z")
    found = dedup.scan([before, after]).stories
    assert [[m.role for m in story.members] for story in found] == [["original", "revision"]]


@pytest.mark.parametrize("titles", [(None, None), ("Ferry stops", "Bakers elect a warden")])
def test_a_new_lead_over_other_matter_is_no_version(titles: tuple[str | None, str | None]) -> None:
    shell = [*ARTICLE[1:]]
    before = article("a", [ARTICLE[0], *shell], titles[0], "2024-03-01T10:00Z")
    after = article("b", [LEAD, *shell], titles[1], "2024-03-02T09:00Z")
    assert not are_one(before, after)


# -- background that comes back -------------------------------------------------------------------

NOTES = [
    "The figures are those of the harbour office, which counts ships that pass the outer light",
    "between two tides and leaves out boats of less than nine paces. A ship that turns back is",
    "counted once. Weights are those of the bills that masters hand in, and are put right at the",
    "end of each quarter by a clerk of the customs, who weighs every twentieth load on the quay.",
]
TIMES = ("2024-03-01", "2024-03-05", "2024-03-19", "2024-04-02")


def report(n: int, date: str) -> dict[str, Any]:
    """A report of two sentences of its own over the same notes, each on another site."""
    own = [
        f"some {n}11 carts of herring number{n}a came over the number{n}b quay in the morning",
        f"while number{n}c sailors of the lugger number{n}d slept on sacks of number{n}e oats",
    ]
    row = article(f"{n}", [*own, *NOTES], f"Herring {n}", date)
    return {**row, "site": f"site{n}.example"}


def test_reports_that_share_notes_of_every_week_are_no_story_on_any_sites() -> None:
    every = [report(n, date) for n, date in enumerate(TIMES)]
    assert not dedup.scan(every).stories
    # Nobody has the notes in another week, and so nothing tells them from a shared report.
    assert len(dedup.scan(every[:2]).stories) == 1


def test_the_copy_of_such_a_report_is_in_one_story_with_it() -> None:
    every = [report(n, date) for n, date in enumerate(TIMES)]
    copy = {**report(1, "2024-03-06"), "id": "copy", "site": "other.example"}
    (story,) = dedup.scan([*every, copy]).stories
    assert {member.article for member in story.members} == {"1", "copy"}
