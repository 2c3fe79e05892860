"""Versions of one article and which one to keep: behaviours 26, 27, 30 and 31."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from news import FERRY, LEAD, article, cast, fact, story
from prose import changed

import dedup
from dedup import Settings
from dedup.metadata.dates import parse
from dedup.policies import RUNNERS_UP
from dedup.settings import POLICIES, Policy
from dedup.stories.article_features import ArticleFeatures
from dedup.stories.canonical import EQUAL, Candidate, choose
from dedup.stories.revisions import chains

# -- chains, as a table --------------------------------------------------------------------------

EARLY, LATE = "2024-05-06T18:15Z", "2024-05-06T20:15Z"
CHAINS: dict[str, tuple[list[ArticleFeatures], bool, dict[int, int]]] = {
    # name: facts, whether each holds most of the other, who takes whose place
    "one address": ([fact(EARLY, document="d"), fact(LATE, document="d")], False, {1: 0}),
    "one address, the later one first": (
        [fact(LATE, document="d"), fact(EARLY, document="d")],
        False,
        {0: 1},
    ),
    "two addresses": ([fact(EARLY, document="d"), fact(LATE, document="e")], False, {}),
    "two addresses, mostly alike": (
        [fact(EARLY, document="d"), fact(LATE, document="e")],
        True,
        {1: 0},
    ),
    "one headline": ([fact(EARLY, headline="rain"), fact(LATE, headline="rain")], False, {1: 0}),
    "one headline at two addresses": (
        [
            fact(EARLY, headline="rain", document="d"),
            fact(LATE, headline="rain", document="e"),
        ],
        False,
        {},
    ),
    "two headlines": ([fact(EARLY, headline="rain"), fact(LATE, headline="sun")], False, {}),
    "tags": ([fact(rank=1), fact(rank=2)], False, {1: 0}),
    "tags against the order": ([fact(rank=2), fact(rank=1)], False, {0: 1}),
    "times go before tags": ([fact(LATE, rank=1), fact(EARLY, rank=2)], True, {0: 1}),
    "one time, so the tags tell": ([fact(EARLY, rank=2), fact(EARLY, rank=1)], False, {0: 1}),
    "a time is missing, so the tags tell": ([fact(EARLY, rank=2), fact(rank=1)], False, {0: 1}),
    "two sites": ([fact(EARLY), fact(LATE, site="b.example")], True, {}),
    "no site": ([fact(EARLY, site=""), fact(LATE, site="")], True, {}),
    "neither times nor tags tell": ([fact(document="d"), fact(document="d")], True, {}),
    "one day": (
        [fact("2024-05-06", document="d"), fact("2024-05-06", document="d")],
        True,
        {},
    ),
    "three": ([fact(rank=3), fact(rank=1), fact(rank=2)], False, {0: 2, 2: 1}),
    "the time of the version counts": (
        [
            fact(EARLY, updated=parse("2024-05-07T10:15Z"), document="d"),
            fact(EARLY, updated=parse("2024-05-07T09:15Z"), document="d"),
        ],
        False,
        {0: 1},
    ),
}


@pytest.mark.parametrize("name", CHAINS)
def test_later_versions_take_the_place_of_earlier_ones(name: str) -> None:
    features, alike, expected = CHAINS[name]
    numbers = range(len(features))
    for order in permutations(numbers):
        assert chains(order, features, lambda a: a, lambda a, b: alike) == expected
    assert chains(numbers, features, lambda a: 0, lambda a, b: alike) == {}, (
        "one body is one version"
    )


# -- which to keep, as a table -------------------------------------------------------------------


def candidate(number: int, date: str | None = LATE, **known: Any) -> Candidate:
    own: dict[str, Any] = {
        "superseded": False,
        "excerpt": False,
        "cut": False,
        "length": 300,
        "overlap": 1.0,
    }
    own = {name: known.pop(name, value) for name, value in own.items()}
    return Candidate(number, fact(date, **{"site": f"s{number}.example"} | known), **own)


AGENCY = {"site": "ap.example", "house": "AP"}
PREFERRED = {"policy": "preferred-site", "preferred_sites": ("s2.example", "s1.example")}
CHOICES: dict[str, tuple[list[Candidate], dict[str, Any], int, str]] = {
    # name: candidates, settings, the one to keep, why
    "one": ([candidate(0)], {}, 0, "the only one"),
    "earliest": ([candidate(0), candidate(1, EARLY)], {}, 1, "published first"),
    "dated before undated": ([candidate(0, None), candidate(1)], {}, 1, "published first"),
    "a day counts as its end": (
        [candidate(0, "2024-05-06"), candidate(1, "2024-05-06T23:15Z")],
        {},
        1,
        "published first",
    ),
    "a doubted date is none": (
        [candidate(0, None, time=None), candidate(1, LATE)],
        {},
        1,
        "published first",
    ),
    "equally early: the longest": ([candidate(0), candidate(1, length=316)], {}, 1, "longest"),
    "equally early and about as long: the shorter": (
        [candidate(0, length=315), candidate(1)],
        {},
        1,
        "about as long as the longest, with less besides",
    ),
    "what does not break off before the earliest": (
        [candidate(0, EARLY, cut=True), candidate(1)],
        {},
        1,
        "does not break off",
    ),
    "what breaks off if all do": (
        [candidate(0, EARLY, cut=True), candidate(1, cut=True)],
        {},
        0,
        "published first",
    ),
    "of two neither is the medoid": (
        [candidate(0, overlap=1.0), candidate(1, EARLY, overlap=0.9)],
        {"policy": "medoid"},
        1,
        "published first",
    ),
    "equal": ([candidate(1), candidate(0)], {}, 0, EQUAL),
    "longest": (
        [candidate(0, EARLY), candidate(1, length=301)],
        {"policy": "longest"},
        1,
        "longest",
    ),
    "medoid": (
        [candidate(0, EARLY, overlap=0.5), candidate(1, overlap=0.9), candidate(2, overlap=0.4)],
        {"policy": "medoid"},
        1,
        "most like the others",
    ),
    "preferred": (
        [candidate(0, EARLY), candidate(1), candidate(2)],
        PREFERRED,
        2,
        "preferred site",
    ),
    "none of the preferred": ([candidate(0), candidate(3, EARLY)], PREFERRED, 3, "published first"),
    "the agency's own, later": (
        [candidate(0, EARLY, agency="AP"), candidate(1, **AGENCY)],
        {},
        1,
        "the agency's own copy",
    ),
    "the agency's own before the preferred site": (
        [candidate(1, EARLY), candidate(4, **AGENCY)],
        PREFERRED,
        4,
        "the agency's own copy",
    ),
    "a subscriber's whole before the agency's excerpt": (
        [candidate(0, length=900), candidate(1, EARLY, excerpt=True, **AGENCY)],
        {},
        0,
        "the whole article",
    ),
    "the current version before the agency's old one": (
        [candidate(0), candidate(1, EARLY, superseded=True, **AGENCY)],
        {},
        0,
        "the current version",
    ),
    "never a withdrawn one": (
        [candidate(0, superseded=True, excerpt=True), candidate(1, EARLY, withdrawn=True)],
        {},
        0,
        "the others are withdrawn",
    ),
    "all withdrawn": (
        [candidate(0, withdrawn=True), candidate(1, EARLY, withdrawn=True)],
        {},
        1,
        "published first",
    ),
    "the first of the current ones, not of all": (
        [candidate(0), candidate(1, EARLY, superseded=True), candidate(2, "2024-05-08")],
        {},
        0,
        "published first of the current ones",
    ),
    "the longest of the current and whole ones": (
        [
            candidate(0, length=400),
            candidate(1, length=500, superseded=True),
            candidate(2, length=600, excerpt=True),
            candidate(3),
        ],
        {"policy": "longest"},
        0,
        "longest of the current whole ones",
    ),
    "the first of the agency's own": (
        [candidate(0, EARLY, agency="AP"), candidate(1, **AGENCY), candidate(2, None, **AGENCY)],
        {},
        1,
        "published first of the agency's own copies",
    ),
    "the first of all, though not all are current": (
        [candidate(0, EARLY), candidate(1), candidate(2, superseded=True)],
        {},
        0,
        "published first",
    ),
}


@pytest.mark.parametrize("name", CHOICES)
def test_the_rules_choose_the_one_to_keep_and_say_why(name: str) -> None:
    candidates, settings, kept, why = CHOICES[name]
    for order in permutations(candidates):
        found, reason, runners_up = choose(order, Settings(**settings))
        assert (found, reason) == (kept, why)
        assert set(runners_up) == {c.article for c in candidates} - {kept}


@given(
    st.lists(
        st.builds(
            lambda date, length, overlap, superseded: (date, length, overlap, superseded),
            st.sampled_from((None, EARLY, LATE, "2024-05-06")),
            st.integers(1, 3),
            st.sampled_from((0.5, 0.9)),
            st.booleans(),
        ),
        min_size=1,
        max_size=8,
    ),
    st.sampled_from([policy for policy in POLICIES if policy != "preferred-site"]),
    st.randoms(use_true_random=False),
)
def test_the_choice_does_not_depend_on_the_order_and_names_three_runners_up(
    rows: list[tuple[str | None, int, float, bool]], policy: Policy, dice: Any
) -> None:
    settings = Settings(policy=policy)
    candidates = [
        candidate(n, date, length=length, overlap=overlap, superseded=old, site="s")
        for n, (date, length, overlap, old) in enumerate(rows)
    ]
    kept, reason, runners_up = choose(candidates, settings)
    shuffled = dice.sample(candidates, len(candidates))
    assert choose(shuffled, settings) == (kept, reason, runners_up)
    assert len(runners_up) == min(RUNNERS_UP, len(rows) - 1)
    # Without the best one, the next is the best; of two, neither is more like the others.
    rest = [c for c in candidates if c.article != kept]
    if policy != "medoid" or len(rest) != 2:
        assert [choose(rest, settings)[0]] == list(runners_up[:1]) if rest else not runners_up
    if reason == EQUAL:
        assert kept == min(c.article for c in candidates if c[1:] == candidates[kept][1:])


# -- through a scan ------------------------------------------------------------------------------

ADDRESS = "https://www.a.example/2024/ferry-aground-off-averil"


def test_one_address_fetched_again_with_another_lead_is_a_revision_and_not_a_reprint() -> None:
    again = (LEAD[0], *FERRY[1:])
    result = dedup.scan(
        [
            {"id": "1", "text": "\n\n".join(FERRY), "url": ADDRESS, "date": EARLY},
            {"id": "2", "text": "\n\n".join(again), "url": f"{ADDRESS}?utm_x=1", "date": LATE},
            {"id": "3", "text": "\n\n".join(FERRY[1:]), "url": "https://b.example/x", "date": LATE},
        ]
    )
    assert len(result.articles) == 3
    assert story(result).canonical == "2"
    assert story(result).runners_up == ("3", "1")  # what is superseded comes last
    members = cast(result)
    assert members["2"].role == "revision"
    assert members["2"].supersedes == "1"
    assert members["3"].supersedes is None
    assert not any(row.site == row.source for row in result.site_matrix())


UPDATES = [
    # titles in order of time, the one that is current
    (("Ferry aground", "UPDATE 1-Ferry aground", "UPDATE 2-Ferry aground"), 2),
    (("UPDATE 2-Ferry aground", "CORRECTED-UPDATE 2-Ferry aground"), 1),
    (("Ferry aground", "REFILE-Ferry aground"), 1),
]


@pytest.mark.parametrize(("titles", "current"), UPDATES)
@pytest.mark.parametrize("dated", [True, False])
def test_updates_supersede_one_another_and_all_stay_listed(
    titles: tuple[str, ...], current: int, *, dated: bool
) -> None:
    items = [
        article(
            f"{n}",
            (*FERRY[: 6 + n], changed(FERRY[9], 5 + n)),
            title=title,
            site="reuters.com",
            date=f"2024-05-06T1{n}:15:00Z" if dated else None,
        )
        for n, title in enumerate(titles)
    ]
    items.append(article("paper", FERRY[:6], site="a.example", date="2024-05-06T12:45:00Z"))
    result = dedup.scan(items[::-1])
    assert story(result).canonical == f"{current}"
    assert story(result).runners_up[0] == "paper"  # what is superseded comes last
    members = cast(result)
    assert set(members) == {*map(str, range(len(titles))), "paper"}
    for n in range(1, len(titles)):
        assert members[f"{n}"].supersedes == f"{n - 1}"
        assert members[f"{n}"].role == "revision"
    assert members["0"].role in ("original", "revision")
    assert members["0"].supersedes is None


@pytest.mark.parametrize(
    "gone",
    [
        {"status": "canceled"},
        {"status": "withheld"},
        {"title": "WITHDRAWN-Ferry aground"},
    ],
)
def test_a_withdrawn_article_is_never_the_one_to_keep_unless_all_are(gone: dict[str, str]) -> None:
    first = article("1", FERRY, site="reuters.com", date=EARLY, **gone)
    second = article("2", FERRY[:8], site="a.example", date=LATE)
    found = story(dedup.scan([first, second]))
    assert (found.canonical, found.reason) == ("2", "the others are withdrawn")
    both = [first, article("2", FERRY[:8], site="a.example", date=LATE, **gone)]
    assert story(dedup.scan(both)).canonical == "1"


def test_the_agencys_own_copy_is_kept_though_a_subscribers_time_is_earlier() -> None:
    result = dedup.scan(
        [
            article("agency", FERRY, site="apnews.com", date=LATE),
            article(
                "paper", (f"AVERIL (AP) — {FERRY[0]}", *FERRY[1:]), site="b.example", date=EARLY
            ),
            article("other", FERRY[:9], site="c.example", date=EARLY),
        ]
    )
    found = story(result)
    assert (found.canonical, found.reason) == ("agency", "the agency's own copy")
    assert found.runners_up == ("paper", "other")
    assert (found.original, found.source) == ("agency", "AP")


@pytest.mark.parametrize(
    ("overrides", "kept", "why", "runners_up"),
    [
        ({}, "b", "published first", ("a", "c")),
        ({"policy": "longest"}, "c", "longest", ("b", "a")),
        ({"policy": "medoid"}, "b", "published first", ("a", "c")),
        (
            {"policy": "preferred-site", "preferred_sites": ("a.example",)},
            "a",
            "preferred site",
            ("b", "c"),
        ),
    ],
)
def test_without_an_agency_the_named_policy_decides(
    overrides: dict[str, Any], kept: str, why: str, runners_up: tuple[str, ...]
) -> None:
    items = [
        article("a", FERRY, site="a.example", date="2024-05-06T12:15Z"),
        article("b", FERRY, site="b.example", date="2024-05-06T10:15Z"),
        article("c", FERRY + LEAD, site="c.example", date="2024-05-06T14:15Z"),
    ]
    for order in permutations(items):
        found = story(dedup.scan(list(order), None, **overrides))
        assert (found.canonical, found.reason, found.runners_up) == (kept, why, runners_up)


def test_a_file_of_outlets_names_preferred_sites_and_agencies(tmp_path: Path) -> None:
    outlets = tmp_path / "outlets.toml"
    outlets.write_text('preferred = ["c.example"]\n[agencies]\nNorthline = ["north.example"]\n')
    items = [article(name, FERRY, site=f"{name}.example", date=EARLY) for name in "abc"]
    found = story(dedup.scan(items, outlets=outlets))
    assert (found.canonical, found.reason, found.source) == ("c", "preferred site", None)
    items.append(article("own", FERRY, site="north.example", date=LATE))
    found = story(dedup.scan(items, outlets=outlets))
    assert (found.canonical, found.reason) == ("own", "the agency's own copy")
    assert found.source == "Northline"
