"""Who had it first, how sure that is, and whose text it is: behaviours 28, 29, 32 and 33."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from news import CHOIR, FERRY, GRAIN, LEAD, MILL, article, cast, fact, link, roles, stories, story

import dedup
from dedup import Article
from dedup.metadata.dates import parse
from dedup.stories.article_features import ArticleFeatures
from dedup.stories.directions import Directions
from dedup.stories.first_publisher import Direction, direction

# -- the table -----------------------------------------------------------------------------------

ELSEWHERE = {"site": "b.example"}
HOUSE = {"site": "ap.example", "house": "AP", "agency": "AP"}
LATE, EARLY = "2024-05-06T20:15Z", "2024-05-06T18:15Z"
ANSWERS: dict[str, tuple[ArticleFeatures, ArticleFeatures, int, str | None]] = {
    # name: a, b, who was first (-1: unknown), the foremost reason
    "nothing": (fact(), fact(**ELSEWHERE), -1, "nothing known tells"),
    "hours": (fact(EARLY), fact(LATE, **ELSEWHERE), 0, "published at least 1 hour earlier"),
    "one day": (fact("2024-05-06"), fact("2024-05-06", **ELSEWHERE), -1, None),
    "one minute": (fact(EARLY), fact(EARLY, **ELSEWHERE), -1, None),
    "ten seconds": (
        fact("2024-05-06T18:15:00Z"),
        fact("2024-05-06T18:15:10Z", **ELSEWHERE),
        0,
        "published at least 10 seconds earlier",
    ),
    "one is undated": (fact(EARLY), fact(**ELSEWHERE), -1, None),
    "no zone": (
        fact("2024-05-06T18:15"),
        fact("2024-05-06T21:15", **ELSEWHERE),
        0,
        "published 2 hours earlier, if both clocks show one zone",
    ),
    "one zone of two": (fact("2024-05-06T18:15"), fact("2024-05-06T21:15Z", **ELSEWHERE), -1, None),
    "days apart": (
        fact("2024-05-01"),
        fact("2024-05-06", **ELSEWHERE),
        0,
        "published at least 2 days earlier",
    ),
    "the agency's own": (fact(**HOUSE), fact(**ELSEWHERE), 0, "AP's own copy"),
    "the agency's own, later than what credits it": (
        fact(LATE, **HOUSE),
        fact(EARLY, agency="AP", **ELSEWHERE),
        0,
        "AP's own copy, which the other credits",
    ),
    "the agency's own beside another agency's": (
        fact(**HOUSE),
        fact(agency="AFP", **ELSEWHERE),
        -1,
        None,
    ),
    "declared site": (
        fact(),
        fact(sources=frozenset({"a.example"}), **ELSEWHERE),
        0,
        "the other declares it as its source",
    ),
    "declared address": (
        fact(document="a.example/rain"),
        fact(sources=frozenset({"a.example/rain"}), **ELSEWHERE),
        0,
        "the other declares it as its source",
    ),
    "declared name of the agency": (
        fact(**HOUSE),
        fact(sources=frozenset({"ap"}), agency="AFP", **ELSEWHERE),
        0,
        "the other declares it as its source",
    ),
    "declared, but earlier": (
        fact(LATE),
        fact(EARLY, sources=frozenset({"a.example"}), **ELSEWHERE),
        0,
        "the other declares it as its source",
    ),
    "each declares the other": (
        fact(sources=frozenset({"b.example"})),
        fact(sources=frozenset({"a.example"}), **ELSEWHERE),
        -1,
        "what is known speaks for both",
    ),
    "one names an agency": (
        fact(agency="AP"),
        fact(**ELSEWHERE),
        -1,
        "what is known tells too little",
    ),
    "one names an agency, and is earlier": (
        fact(EARLY, agency="AP"),
        fact(LATE, **ELSEWHERE),
        0,
        None,
    ),
    "both name it": (fact(agency="AP"), fact(agency="AP", **ELSEWHERE), -1, "both have it from AP"),
    "both name it, one earlier": (
        fact(EARLY, agency="AP"),
        fact(LATE, agency="AP", **ELSEWHERE),
        -1,
        "both have it from AP",
    ),
    "both name it, one from the other": (
        fact(agency="AP"),
        fact(agency="AP", sources=frozenset({"a.example"}), **ELSEWHERE),
        0,
        "the other declares it as its source",
    ),
    "versions of one site that name it": (
        fact(EARLY, agency="AP"),
        fact(LATE, agency="AP"),
        0,
        None,
    ),
    "each names another": (
        fact(EARLY, agency="AP"),
        fact(LATE, agency="AFP", **ELSEWHERE),
        0,
        None,
    ),
    "tagged": (fact(rank=1), fact(rank=2), 0, "the other is tagged as a later version"),
    "tagged elsewhere": (fact(rank=1), fact(rank=2, **ELSEWHERE), -1, None),
    "no site": (fact(rank=1, site=""), fact(rank=2, site=""), -1, None),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_what_two_articles_say_of_themselves_gives_an_answer_and_its_reasons(name: str) -> None:
    a, b, first, why = ANSWERS[name]
    found = direction(a, b)
    assert found.first == first
    assert (found.confidence == 0) is (first < 0)
    assert found.reasons
    if why:
        assert found.reasons[0] == why
    other = direction(b, a)
    assert other == found._replace(first=1 - first if first >= 0 else -1)


def test_more_reasons_make_an_answer_surer_and_contrary_ones_less_sure() -> None:
    late = fact(LATE, **ELSEWHERE)
    alone = direction(fact(EARLY), late)
    credited = direction(fact(EARLY, agency="AP"), late)
    against = direction(fact(EARLY), late._replace(agency="AP"))
    assert 0.5 < against.confidence < alone.confidence < credited.confidence < 1
    assert len(credited.reasons) == 2
    assert direction(fact(**HOUSE), fact(agency="AP", **ELSEWHERE)).confidence > 0.99


def test_an_excerpt_speaks_for_the_whole() -> None:
    found = direction(fact(), fact(**ELSEWHERE), (0.3, 0.9))
    assert (found.first, found.reasons) == (0, ("the other is an excerpt of it",))
    assert direction(fact(), fact(**ELSEWHERE), (0.9, 0.3)).first == 1
    assert direction(fact(), fact(**ELSEWHERE), (0.9, 0.9)).first == -1


def test_who_only_quotes_the_same_has_no_source_in_the_other() -> None:
    found = direction(fact(EARLY, **HOUSE), fact(LATE, agency="AP"), (1.0, 1.0), quoted=True)
    assert found == Direction(-1, 0.0, found.lag, ("what is shared is quoted from a third",))


DATES = (
    None,
    "2024-05-06",
    "2024-05",
    "2024-05-06T18:15",
    "2024-05-06T23:15+09:00",
    "2024-05-06T18:15:30Z",
    "1436-10-04",
    "2099-01-01T00:00Z",
    "1970-01-01",
    "1715019330.25",
    "nonsense",
)
FACTS = st.builds(
    lambda date, known: fact(date, **known),
    st.sampled_from(DATES),
    st.fixed_dictionaries(
        {
            "site": st.sampled_from(("", "a.example", "b.example")),
            "house": st.sampled_from((None, "AP")),
            "agency": st.sampled_from((None, "AP", "AFP")),
            "sources": st.sampled_from((frozenset(), frozenset({"a.example"}), frozenset({"ap"}))),
            "document": st.sampled_from((None, "a.example", "b.example/1")),
            "fetched": st.booleans(),
            "rank": st.sampled_from((0, 1, 1001)),
        }
    ),
)
SHARES = st.tuples(st.floats(0, 1), st.floats(0, 1))


@given(FACTS, FACTS, SHARES)
def test_the_answer_does_not_depend_on_which_article_is_named_first(
    a: ArticleFeatures, b: ArticleFeatures, held: tuple[float, float]
) -> None:
    found, other = direction(a, b, held), direction(b, a, held[::-1])
    assert other == found._replace(first=1 - found.first if found.first >= 0 else -1)
    assert found.reasons
    assert 0.5 < found.confidence <= 1 if found.first >= 0 else found.confidence == 0
    if found.lag:
        assert 0 <= found.lag[0] <= found.lag[1]
    if not a.time or not b.time:
        assert found.lag is None


@given(st.lists(FACTS, min_size=1, max_size=5), SHARES, st.booleans())
def test_many_pairs_are_answered_as_each_alone(
    features: list[ArticleFeatures], held: tuple[float, float], quoted: bool
) -> None:
    a, b = np.indices((len(features), len(features))).reshape(2, -1)
    shares = np.stack([np.where(a % 2, *held), np.where(b % 2, *held)])
    quotes = (a + b) % 2 == quoted
    answers, which = Directions.among(features).of(a, b, shares, quotes)
    for row, answer in enumerate(which):
        of_a, of_b = shares[:, row].tolist()
        pair = features[a[row]], features[b[row]]
        assert answers[answer] == direction(*pair, (of_a, of_b), quoted=bool(quotes[row]))


def test_pairs_as_far_apart_are_weighed_once() -> None:
    days = [fact(f"2024-05-0{day}", site=f"{day}.example") for day in range(1, 8)]
    features = [one._replace(document=f"page {n}") for n, one in enumerate(days)]
    a = np.arange(6)
    answers, which = Directions.among(features).of(a, a + 1, np.ones((2, 6)), np.zeros(6, np.bool_))
    assert len(answers) == 1
    assert not which.any()


# -- dates of all kinds, through a scan ----------------------------------------------------------


def pair(date: str | None, other: str | None, *sites: str) -> list[Article]:
    first, second = sites or ("a.example", "b.example")
    return [
        article("a", FERRY, site=first, date=date),
        article("b", LEAD + FERRY, site=second, date=other),
    ]


@pytest.mark.parametrize("date", DATES)
@pytest.mark.parametrize("other", DATES)
def test_no_pair_of_dates_gives_a_negative_lag_or_an_answer_it_cannot_have(
    date: str | None, other: str | None
) -> None:
    result = dedup.scan(pair(date, other))
    found = link(result, "a", "b")
    usable = all(
        (known := parse(d)) and not known.doubt and known.precision != "month"
        for d in (date, other)
    )
    if not usable:
        assert found.first is None
        assert found.confidence == 0
    assert found.reasons
    for lag in (found.lag, *(member.lag for member in story(result).members)):
        assert lag is None or 0 <= lag[0] <= lag[1]
    if date == other:
        assert found.first is None


@pytest.mark.parametrize(
    ("date", "other", "first", "lag"),
    [
        ("2024-05-06T18:15:00Z", "2024-05-06T20:16:40+01:00", "a", (3700.0, 3700.0)),
        ("2024-05-06T18:15Z", "2024-05-06T20:15+00:00", "a", (7140.0, 7260.0)),
        ("2024-05-06T18:15-04:00", "2024-05-06T20:15Z", "b", (7140.0, 7260.0)),
        ("2024-05-06", "2024-05-06", None, (0.0, 50 * 3600)),
        ("2024-05-06", None, None, None),
        ("1436-10-04", "2024-05-06", None, None),
        ("2099-10-04", "2024-05-06", None, None),
    ],
)
def test_a_lag_is_exact_a_bound_or_unknown(
    date: str, other: str | None, first: str | None, lag: tuple[float, float] | None
) -> None:
    result = dedup.scan(pair(date, other))
    found = link(result, "a", "b")
    assert (found.first, found.lag) == (first, lag)
    assert story(result).original == first


def test_members_without_a_site_are_not_taken_to_have_one_clock() -> None:
    # Two sites of which nobody knows the zones may be 26 hours apart.
    nameless = [
        Article("a", "\n\n".join(FERRY), date="2024-05-05T10:15"),
        Article("b", "\n\n".join(LEAD + FERRY), date="2024-05-07T20:15"),
    ]
    result = dedup.scan(nameless)
    lag = link(result, "a", "b").lag
    assert lag
    assert lag[1] - lag[0] > 26 * 3600
    assert cast(result)["b"].lag == lag


def test_the_first_of_a_story_is_its_original_and_the_others_lag_behind() -> None:
    result = dedup.scan(
        [
            article("a", FERRY[1:], site="a.example", date="2024-05-06T23:15:00Z"),
            article("b", FERRY, site="b.example", date="2024-05-06T20:15:00Z"),
            article("c", LEAD + FERRY, site="c.example"),
            article("d", FERRY, site="d.example", date="2024-05-08"),
        ]
    )
    assert story(result).original == "b"
    assert roles(result)["b"] == "original"
    members = cast(result)
    assert members["a"].lag == (3 * 3600, 3 * 3600)
    assert members["b"].lag is None
    assert members["c"].lag is None
    assert members["c"].confidence == 0
    assert members["d"].lag
    assert members["a"].confidence > 0.8
    assert [member.article for member in story(result).members] == ["b", "a", "d", "c"]


def test_where_nobody_knows_nobody_is_the_original() -> None:
    result = dedup.scan([article(name, FERRY, site=f"{name}.example") for name in "abc"])
    assert story(result).original is None
    assert sorted(roles(result).values()) == ["copy", "copy", "kept"]
    assert all(member.lag is None and not member.confidence for member in story(result).members)
    assert not result.site_matrix()


# -- credits -------------------------------------------------------------------------------------


def test_who_only_speaks_of_an_agency_does_not_credit_it_and_every_credit_is_proved() -> None:
    subject = "Reuters said on Monday it will cut jobs in its offices at Port Averil and Orrin."
    result = dedup.scan(
        [
            article("subject", (subject, *CHOIR), title="Reuters to cut jobs"),
            article("told", ("The ship is safe, its captain told Reuters on Tuesday.", *MILL)),
            article("credited", (f"PORT AVERIL, May 6 (Reuters) - {FERRY[0]}", *FERRY[1:])),
        ]
    )
    found = dict(zip([a.id for a in result.articles], result.credits, strict=True))
    assert not found["subject"].credits
    assert not found["told"].credits
    assert found["credited"].agency == "Reuters"
    for text, attribution in zip(result.articles, result.credits, strict=True):
        for credit in attribution.credits:
            assert getattr(text, credit.field)[credit.start : credit.end] == credit.proof
    rows = {row["article"]: row for row in result.article_rows()}
    assert [rows[name]["agency"] for name in ("subject", "told", "credited")] == [
        None,
        None,
        "Reuters",
    ]
    assert rows["credited"]["credits"][0]["proof"] == found["credited"].credits[0].proof
    assert result.summary["credited"] == 1


def test_wire_copy_without_a_credit_is_found_from_its_text_alone() -> None:
    result = dedup.scan(
        [
            article("agency", FERRY, site="reuters.com", date="2024-05-06T20:15Z"),
            article("paper", FERRY, title="Ferry!", site="a.example", date="2024-05-06T23:15Z"),
            article("other", MILL, site="a.example", date="2024-05-06T23:15Z"),
        ]
    )
    assert stories(result) == {frozenset({"agency", "paper"})}
    assert cast(result)["paper"].credit is None
    assert (story(result).original, story(result).source) == ("agency", "Reuters")
    found = link(result, "agency", "paper")
    assert found.first == "agency"
    assert "Reuters's own copy" in found.reasons


# -- the site matrix -----------------------------------------------------------------------------

OWNERS = """site,owner,agency,preferred
a.example,Averil Press,,
b.example,Averil Press,,
wire.example,,Northline,
"""


def test_the_site_matrix_tells_who_ran_whose_text_and_folds_owners(tmp_path: Path) -> None:
    outlets = tmp_path / "outlets.csv"
    outlets.write_text(OWNERS)
    items = [
        article("1", FERRY, site="a.example", date="2024-05-06T10:15Z"),
        article("2", FERRY, site="b.example", date="2024-05-06T20:15Z"),
        article("3", FERRY[:6], site="c.example", date="2024-05-07T10:15Z"),
        article("4", FERRY, site="a.example", url="https://a.example/2", date="2024-05-07T11:15Z"),
        article("5", GRAIN, site="wire.example", date="2024-05-07T11:15Z"),
        article("6", GRAIN, site="b.example", date="2024-05-07T12:15Z"),
    ]
    result = dedup.scan(items, outlets=outlets)
    apart = {(row.site, row.source): row for row in result.site_matrix(owners=False)}
    assert set(apart) == {
        ("b.example", "a.example"),
        ("c.example", "a.example"),
        ("b.example", "wire.example"),
    }
    ferry = sum(len(text.split()) for text in FERRY)
    assert (apart["b.example", "a.example"].articles, apart["b.example", "a.example"].words) == (
        1,
        ferry,
    )
    part = sum(len(text.split()) for text in FERRY[:6])
    assert apart["c.example", "a.example"].words == part
    assert apart["c.example", "a.example"].agency_words == 0
    grain = apart["b.example", "wire.example"]
    assert (grain.agency_articles, grain.agency_words) == (grain.articles, grain.words)
    assert (grain.articles, grain.words) == (1, sum(len(text.split()) for text in GRAIN))
    folded = {(row.site, row.source) for row in result.site_matrix()}
    assert folded == {("c.example", "Averil Press"), ("Averil Press", "wire.example")}
    assert {row["owner"] for row in result.article_rows()} == {
        "Averil Press",
        "c.example",
        "wire.example",
    }


def test_a_site_never_runs_its_own_text() -> None:
    items = [
        article(f"{n}", FERRY[n:], site=site, date=f"2024-05-06T1{n}:15Z")
        for n, site in enumerate(("a.example", "a.example", "b.example", "a.example", ""))
    ]
    for order in list(permutations(items))[::17]:
        rows = dedup.scan(list(order)).site_matrix()
        assert rows
        assert all(row.site != row.source for row in rows)
