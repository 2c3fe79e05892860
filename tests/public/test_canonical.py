"""Which version of a text is the one to keep, why, and what comes next."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prose import BRIDGE, COMET, HERRING, changed

import dedup
from dedup import Article, Cluster, SettingsError
from dedup.settings import Policy

LONGER = f"{BRIDGE} It will open again in spring."


def only(articles: Sequence[Article], **overrides: object) -> Cluster:
    """The one cluster of some articles."""
    (cluster,) = dedup.scan(articles, None, **overrides).clusters  # type: ignore[arg-type]
    return cluster


def dated(**dates: str | None) -> list[Article]:
    return [Article(name, BRIDGE, date=date) for name, date in dates.items()]


def chosen(cluster: Cluster) -> tuple[str, str]:
    return cluster.canonical.article, cluster.reason


TIES = "equal by every rule; first by site, article and paragraph"

# -- clean ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "worse",
    [
        f"{BRIDGE.removesuffix('.')}…",
        f"{BRIDGE.removesuffix('.')} ...",
        f"{BRIDGE} Photo: Ada Holm",
        f"{BRIDGE} (Northline Wire)",
    ],
)
@pytest.mark.parametrize("policy", ["earliest", "longest", "medoid"])
def test_a_paragraph_that_ends_as_a_sentence_is_kept(worse: str, policy: Policy) -> None:
    cluster = only(
        [Article("a", worse, date="2024-05-01"), Article("b", BRIDGE, date="2024-05-02")],
        policy=policy,
    )
    assert chosen(cluster) == ("b", "ends as a text does")


def test_what_breaks_off_is_kept_where_nothing_else_is() -> None:
    cut = f"{BRIDGE.removesuffix('.')}…"
    assert only([Article("a", cut), Article("b", cut)]).canonical.text == cut


def test_quotation_marks_and_brackets_after_the_end_are_no_other_end() -> None:
    quoted = f"“{BRIDGE}”"
    cluster = only([Article("a", quoted, date="2024-05-01"), Article("b", BRIDGE)])
    assert chosen(cluster) == ("a", "published first")


def test_a_cluster_keeps_the_article_that_its_story_keeps() -> None:
    whole = f"{BRIDGE}\n{COMET}\n{HERRING}"
    result = dedup.scan(
        [
            Article("agency", whole, site="apnews.com", date="2024-05-02"),
            Article("paper", whole, site="b.example", date="2024-05-01"),
        ]
    )
    assert [story.canonical for story in result.stories] == ["agency"]
    assert {chosen(cluster) for cluster in result.clusters} == {
        ("agency", "in the article that its story keeps")
    }


# -- earliest ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("2024-05-01", "2024-05-02"),
        ("2024-05-01T09:00", "2024-05-01T10:00"),
        ("2024-05-01T23:30-05:00", "2024-05-02T06:00+01:00"),
        ("2024-05-01T12:00+02:00", "2024-05-01T11:00Z"),
        ("Wed, 01 May 2024 09:00:00 GMT", "2024-05-01T09:00:01Z"),
        ("1 May 2024", "2024"),
        ("2024-05-31", "2024-05"),
        ("2024-05-01", None),
        ("2024-05-01", "yesterday"),
        ("1901-01-01", "2024-05-01"),
    ],
)
def test_the_earliest_is_kept_and_an_unknown_date_comes_last(
    first: str | None, second: str | None
) -> None:
    for dates in ({"a": first, "b": second}, {"b": first, "a": second}):
        cluster = only(dated(**dates))
        assert chosen(cluster) == (next(iter(dates)), "published first")


@pytest.mark.parametrize("time", ["00:00", "07:54:28", "23:59", "23:59:59", "23:59:59.9"])
def test_a_day_without_a_time_never_beats_a_time_on_that_day_nor_loses_to_the_next(
    time: str,
) -> None:
    cluster = only(dated(day="2024-05-01", timed=f"2024-05-01T{time}Z"))
    assert chosen(cluster) == ("timed", "published first")
    cluster = only(dated(day="2024-05-01", timed=f"2024-05-02T{time}Z"))
    assert chosen(cluster) == ("day", "published first")


@pytest.mark.parametrize("policy", ["earliest", "longest", "medoid"])
@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("2024-05-01T08:57", "2024-05-01T12:00Z"),
        ("2024-05-01T23:57", "2024-05-01T12:00Z"),
        ("2024-05-01", "2024-05-01T12:00Z"),
        ("2024-05-01T12:00+02:00", "2024-05-01T11:00"),
        ("1445-03-01", "2024-05-02"),
    ],
)
def test_a_cluster_and_its_story_keep_the_same_article(policy: Policy, a: str, b: str) -> None:
    text = f"{BRIDGE}\n{HERRING}\n{COMET}"
    articles = [Article("a", text, site="a", date=a), Article("b", text, site="b", date=b)]
    result = dedup.scan(articles, policy=policy, window=0)
    (kept,) = {cluster.canonical.article for cluster in result.clusters}
    assert [story.canonical for story in result.stories] == [kept]


@pytest.mark.parametrize("doubted", ["1445-03-01", "1970-01-01T00:00:00Z", "1900-01-01"])
def test_a_doubted_date_comes_as_late_as_none(doubted: str) -> None:
    cluster = only(dated(a=doubted, b="2024-05-02"))
    assert chosen(cluster) == ("b", "published first")


def test_of_equal_dates_the_longest_is_kept() -> None:
    same = [Article("a", BRIDGE, date="2024-05-01"), Article("b", LONGER, date="2024-05-01")]
    assert chosen(only(same)) == ("b", "longest")


# -- the other policies --------------------------------------------------------------------------


def test_the_longest_is_kept_whatever_its_date() -> None:
    versions = [
        Article("a", BRIDGE, date="2024-05-01"),
        Article("b", LONGER, date="2024-05-02"),
        Article("c", LONGER, date="2024-05-03"),
    ]
    assert chosen(only(versions, policy="longest")) == ("b", "published first")
    assert chosen(only(versions[:2], policy="longest")) == ("b", "longest")


def test_the_medoid_is_the_version_that_most_others_match() -> None:
    # Each of the others differs from the first in another stretch.
    versions = [Article("middle", BRIDGE, date="2024-05-09")]
    places = range(11), range(16, 27), range(33, 44)
    versions += [
        Article(f"{n}", changed(BRIDGE, *where), date="2024-05-01")
        for n, where in enumerate(places)
    ]
    cluster = only(versions, policy="medoid")
    assert chosen(cluster) == ("middle", "most like the others")
    assert only(versions).canonical.article != "middle"


def test_of_two_versions_neither_is_the_medoid_and_the_date_decides() -> None:
    for first, second in (("a", "b"), ("b", "a")):
        pair = [
            Article(first, BRIDGE, date="2024-05-01"),
            Article(second, changed(BRIDGE, 9), date="2024-05-02"),
        ]
        assert chosen(only(pair, policy="medoid")) == (first, "published first")


def test_a_preferred_site_wins_in_the_order_given() -> None:
    versions = [
        Article("1", BRIDGE, site="post", date="2024-05-01"),
        Article("2", BRIDGE, site="herald", date="2024-05-02"),
        Article("3", BRIDGE, site="wire", date="2024-05-03"),
        Article("4", BRIDGE, date="2024-04-01"),
    ]
    for sites, expected in (
        (("wire", "herald"), ("3", "preferred site")),
        (("herald", "wire"), ("2", "preferred site")),
        (("gone", "herald"), ("2", "preferred site")),
        (("gone",), ("4", "published first")),
    ):
        cluster = only(versions, policy="preferred-site", preferred_sites=sites)
        assert chosen(cluster) == expected
    cluster = only(versions, policy="preferred-site", preferred_sites=("wire", "herald"))
    assert [version.article for version in cluster.runners_up] == ["2", "4", "1"]


def test_within_a_preferred_site_the_earliest_wins() -> None:
    versions = [
        Article("1", BRIDGE, site="wire", date="2024-05-02"),
        Article("2", BRIDGE, site="wire", date="2024-05-01"),
    ]
    cluster = only(versions, policy="preferred-site", preferred_sites=("wire",))
    assert chosen(cluster) == ("2", "published first")


@pytest.mark.parametrize(
    ("overrides", "named"),
    [
        ({"policy": "oldest"}, "policy is 'oldest'"),
        ({"policy": ""}, "policy is ''"),
        ({"policy": "preferred-site"}, "preferred_sites"),
        ({"policy": "preferred-site", "preferred_sites": "wire"}, "preferred_sites"),
    ],
)
def test_a_policy_that_cannot_be_is_refused_by_name(
    overrides: dict[str, object], named: str
) -> None:
    with pytest.raises(SettingsError, match=named):
        only(dated(a=None, b=None), **overrides)


# -- ties, runners-up, order ---------------------------------------------------------------------


def test_what_is_equal_is_decided_by_site_then_article_then_paragraph() -> None:
    twice = f"{BRIDGE}\n{BRIDGE}"
    versions = [Article("b", twice, site="x"), Article("a", BRIDGE, site="y"), Article("c", twice)]
    for policy in ("earliest", "longest", "medoid"):
        cluster = only(versions, policy=policy)
        assert (cluster.canonical.article, cluster.canonical.paragraph) == ("c", 0)
        assert cluster.reason == TIES
        assert [(v.article, v.paragraph) for v in cluster.runners_up] == [
            ("c", 1),
            ("b", 0),
            ("b", 1),
        ]


def test_the_runners_up_are_the_next_best_and_not_more_than_three() -> None:
    cluster = only(dated(a="2024-05-05", b=None, c="2024-05-03", d="2024-05-04", e="2024-05-02"))
    assert cluster.canonical.article == "e"
    assert [version.article for version in cluster.runners_up] == ["c", "d", "a"]
    assert only(dated(a="2024-05-05", b=None)).runners_up[0].article == "b"


def test_similarities_are_to_the_canonical_version() -> None:
    versions = [
        Article("a", BRIDGE, date="2024-05-02"),
        Article("b", changed(BRIDGE, 9), date="2024-05-01"),
        Article("c", BRIDGE.upper(), date="2024-05-03"),
    ]
    cluster = only(versions)
    shingles = len(BRIDGE.split()) - 2
    near = pytest.approx((shingles - 3) / (shingles + 3))
    assert [(v.article, v.similarity) for v in cluster.members] == [
        ("a", near),
        ("b", 1),
        ("c", near),
    ]


DATES = st.sampled_from([None, "2024", "2024-05", "2024-05-01", "2024-05-01T10:00", "soon"])
BODIES = st.sampled_from([BRIDGE, LONGER, BRIDGE.upper(), changed(BRIDGE, 9), changed(BRIDGE, 30)])
SITES = st.sampled_from([None, "wire", "post", "herald"])


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.tuples(BODIES, DATES, SITES), min_size=2, max_size=8),
    st.sampled_from(["earliest", "longest", "medoid", "preferred-site"]),
    st.integers(0, 99),
)
def test_the_order_of_the_input_changes_nothing(
    rows: list[tuple[str, str | None, str | None]], policy: str, seed: int
) -> None:
    articles = [
        Article(f"{number}", text, date=date, site=site)
        for number, (text, date, site) in enumerate(rows)
    ]
    overrides = {"policy": policy, "preferred_sites": ("post", "wire")}
    in_order = dedup.scan(articles, None, **overrides)  # type: ignore[arg-type]
    random.Random(seed).shuffle(articles)
    shuffled = dedup.scan(articles, None, **overrides)  # type: ignore[arg-type]
    assert list(in_order.clusters) == list(shuffled.clusters)
