"""Stories of many copies, of odd input and in any order; behaviours 34 and 36; the real corpus."""

from __future__ import annotations

import csv
import os
import random
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from news import CHOIR, FERRY, GRAIN, LEAD, MILL, article, cast, roles, stories, story, told
from prose import changed, yards

import dedup
from dedup import Article
from dedup.errors import InputError
from dedup.result import Result
from dedup.stories.overlap import Overlap, measure

# -- many copies ---------------------------------------------------------------------------------


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many pairs of articles each call measured, word for word."""
    counts: list[int] = []

    def counted(pairs: npt.NDArray[np.uint64], *arguments: Any) -> Overlap:
        counts.append(len(pairs))
        return measure(pairs, *arguments)

    monkeypatch.setattr("dedup.stories.telling.measure", counted)
    monkeypatch.setattr("dedup.stories.overlap.measure", counted)
    return counts


def test_one_article_at_2162_addresses_of_a_host_is_one_story_and_nothing_is_compared(
    compared: list[int],
) -> None:
    text = "\n\n".join(FERRY)
    items = [
        Article(f"{n:04}", text, url=f"https://www.a.example/ferry-aground-{n}")
        for n in range(2162)
    ]
    result = dedup.scan([*items, article("m", MILL)])
    assert len(story(result).members) == 2162
    assert {(m.role, m.share_of_member, m.share_of_canonical) for m in story(result).members} == {
        ("copy", 1, 1),
        ("kept", 1, 1),
    }
    assert story(result).canonical == "0000"
    assert len(result.links) == 2161
    assert len(set(result.story_result.distinct.of.tolist())) == 2
    assert sum(compared) == 0
    assert not result.site_matrix()


def test_500_copies_with_words_changed_are_all_reported_at_a_cost_in_proportion(
    compared: list[int],
) -> None:
    dice = random.Random(1)

    def copies(number: int) -> list[Article]:
        return [
            article(
                f"{n:03}",
                [changed(text, *dice.sample(range(34), n % 3)) for text in FERRY],
                site=f"s{n % 50}.example",
                date=f"2024-05-06T{n % 24:02}:15Z",
            )
            for n in range(number)
        ]

    for number in (250, 500, 1000):
        compared.clear()
        result = dedup.scan(copies(number))
        assert stories(result) == {frozenset(f"{n:03}" for n in range(number))}
        # All pairs would be 125 an article of 250, and 500 an article of 1,000.
        assert sum(compared) < 64 * number


def test_300_undated_copies_have_no_original_and_a_kept_one_all_the_same() -> None:
    items = [article(f"{n:03}", FERRY, site=f"s{n:03}.example") for n in range(300)]
    found = story(dedup.scan(items[::-1]))
    assert (found.original, found.source) == (None, None)
    assert (found.canonical, len(found.members), found.sites) == ("000", 300, 300)
    assert found.runners_up == ("001", "002", "003")
    assert found.reason == "equal by every rule; first by site and id"
    assert [m.role for m in found.members].count("kept") == 1
    assert {m.role for m in found.members if m.article != found.canonical} == {"copy"}


# -- odd input -----------------------------------------------------------------------------------


def test_no_article_with_a_word_gives_an_empty_answer_and_none_at_all_an_error() -> None:
    result = dedup.scan([Article("a", ""), Article("b", " \n"), Article("c", "…")])
    assert (list(result.stories), list(result.links), result.site_matrix()) == ([], [], [])
    assert [row["article"] for row in result.article_rows()] == ["a", "b", "c"]
    with pytest.raises(InputError):
        dedup.scan([])


def test_articles_that_say_nothing_of_themselves_make_stories_all_the_same() -> None:
    bare = {"title": None, "url": None, "site": None, "date": None}
    result = dedup.scan(
        [
            article("a", FERRY, **bare),
            article("b", FERRY[:4], **bare),
            article("c", LEAD + FERRY, **bare),
        ]
    )
    assert stories(result) == {frozenset("abc")}
    assert story(result).canonical == "c"
    assert roles(result)["a"] == "edited copy"
    assert roles(result)["b"] == "excerpt"
    assert story(result).sites == 1  # the unnamed one
    assert not result.site_matrix()


ODD = (
    "2099-12-31T23:59Z",
    "1445-10-27",
    "1970-01-01T00:00:00Z",
    "0000-00-00",
    "31/31/2024",
    "2567-05-06",
)


@pytest.mark.parametrize("date", ODD)
def test_a_date_that_cannot_be_orders_nothing(date: str) -> None:
    result = dedup.scan(
        [
            article("a", FERRY, site="a.example", date=date),
            article("b", FERRY[:9], site="b.example", date="2024-05-06T20:15Z"),
            article("c", LEAD + FERRY, site="c.example", date="2024-05-06T23:15Z"),
        ]
    )
    assert stories(result) == {frozenset("abc")}
    assert story(result).canonical == "b"
    member = cast(result)["a"]
    assert (member.lag, member.confidence) == (None, 0)
    assert [m.article for m in story(result).members] == ["b", "c", "a"]


def test_times_that_contradict_one_another_do_not_disturb() -> None:
    items = [
        # Updated before it was published, credited to one another, and later than its copy.
        article(
            "a",
            FERRY,
            site="a.example",
            date="2024-05-06T20:15Z",
            updated="2024-05-01T20:15Z",
            source="b.example",
        ),
        article("b", FERRY[1:], site="b.example", date="2024-05-06T20:15Z", source="a.example"),
        article("c", FERRY[:9], site="apnews.com", date="2024-05-09T20:15Z"),
    ]
    found = story(dedup.scan(items))
    assert found.canonical == "c"
    for member in found.members:
        assert member.lag is None or 0 <= member.lag[0] <= member.lag[1]


# -- any order, any number of threads ------------------------------------------------------------


def newsroom() -> list[Article]:
    """Copies, excerpts, versions, roundups, quotations, ties; dated and not."""
    dice = random.Random(4)
    made = yards(21, 80, 40)
    pool = [*(list(text) for text in (FERRY, MILL, GRAIN, CHOIR)), *batched(made, 8)]
    items = []
    for n in range(160):
        body = list(dice.choice(pool))
        kind = n % 5
        if kind == 1:
            body = body[: dice.randint(1, len(body))]
        elif kind == 2:
            body = [*yards(n, dice.choice((2, 12)), 40), *body]
        elif kind == 3:
            body = [changed(text, *dice.sample(range(30), dice.randint(0, 4))) for text in body]
        elif kind == 4:
            body += dice.choice(pool)[: dice.randint(1, 4)]
        site = dice.choice(("a.example", "b.example", "c.example", "reuters.com", None))
        date = f"2024-05-{dice.randint(1, 20):02}T1{n % 10}:15Z" if dice.random() < 0.8 else None
        tag = dice.choice(("", "", "UPDATE 1-", "UPDATE 2-", "CORRECTED-"))
        items.append(article(f"{n:03}", body, site=site, date=date, title=f"{tag}Item {n % 7}"))
    return items


def batched(paragraphs: list[str], size: int) -> list[list[str]]:
    return [paragraphs[start : start + size] for start in range(0, len(paragraphs), size)]


@pytest.fixture(scope="module")
def expected() -> object:
    result = dedup.scan(newsroom(), threads=1)
    assert len(result.stories) > 10
    assert {role for role, count in result.summary["roles"].items() if count} >= {
        "original",
        "copy",
        "edited copy",
        "excerpt",
        "extended",
        "revision",
        "roundup part",
    }
    return told(result)


@pytest.mark.parametrize("seed", range(3))
def test_stories_links_and_kept_ones_do_not_depend_on_the_order(
    expected: object, seed: int
) -> None:
    items = newsroom()
    random.Random(seed).shuffle(items)
    assert told(dedup.scan(items, threads=1)) == expected


@pytest.mark.parametrize("threads", [2, 3, 16])
def test_nor_on_the_number_of_threads(expected: object, threads: int) -> None:
    assert told(dedup.scan(newsroom(), threads=threads)) == expected


def test_a_story_keeps_its_id_when_articles_of_other_stories_come() -> None:
    items = [article("b", FERRY), article("c", FERRY[1:])]
    more = [article("a", MILL), article("d", MILL[1:])]
    (before,) = dedup.scan(items).stories
    assert before in list(dedup.scan([*more, *items]).stories)


def test_the_settings_of_policies_are_free_of_order_too() -> None:
    for policy in ("longest", "medoid"):
        once = told(dedup.scan(newsroom(), policy=policy))
        assert told(dedup.scan(newsroom()[::-1], policy=policy)) == once


def test_every_story_holds_together() -> None:
    result = dedup.scan(newsroom())
    rows = {row["article"]: row for row in result.article_rows()}
    seen: list[str] = []
    for found in result.stories:
        members = {member.article: member for member in found.members}
        own = [name for name, member in members.items() if member.role != "roundup part"]
        seen += own
        assert len(members) == len(found.members) > 1
        assert found.canonical in own
        assert found.original is None or members[found.original].role == "original"
        assert sum(member.role == "original" for member in found.members) <= 1
        assert set(found.runners_up) <= set(own) - {found.canonical}
        kept = members[found.canonical]
        assert (kept.share_of_member, kept.share_of_canonical) == (1, 1)
        assert all(members[name].supersedes in {None, *own} for name in own)
        assert all(rows[name]["story"] == found.id for name in own)
        assert all(rows[name]["role"] == members[name].role for name in own)
    assert len(seen) == len(set(seen)), "an article belongs to one story"
    assert len({found.id for found in result.stories}) == len(result.stories)
    ends = [(found.a, found.b) for found in result.links]
    assert ends == sorted(ends)
    assert len(ends) == len(set(ends))


# -- a real week of news -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def helsinki() -> tuple[Result, dict[tuple[str, str], float]]:
    folder = os.environ.get("DEDUP_CORPORA")
    if not folder:
        pytest.skip("DEDUP_CORPORA does not name the folder of corpora")
    where = Path(folder) / "helsinki"
    with (where / "articles_exact_5gram.tsv").open(encoding="utf-8") as file:
        gold = {
            (min(row["id1"], row["id2"]), max(row["id1"], row["id2"])): float(row["containment5"])
            for row in csv.DictReader(file, delimiter="\t")
        }
    return dedup.scan(where / "docs.jsonl.gz"), gold


def body_of(result: Result) -> dict[str, int]:
    of = result.story_result.distinct.of.tolist()
    return {article.id: body for article, body in zip(result.articles, of, strict=True)}


@pytest.mark.slow
def test_pairs_that_share_half_are_one_story_or_whole_and_excerpt(
    helsinki: tuple[Result, dict[tuple[str, str], float]],
) -> None:
    result, gold = helsinki
    body = body_of(result)
    kinds = {frozenset((body[found.a], body[found.b])): found.kind for found in result.links}
    told_in: dict[str, set[str]] = {}
    for found in result.stories:
        for member in found.members:
            told_in.setdefault(member.article, set()).add(found.id)
    asked = [pair for pair, share in gold.items() if share >= 0.5]
    hits = sum(
        bool(told_in.get(a, set()) & told_in.get(b, set()))
        or kinds.get(frozenset((body[a], body[b]))) in ("excerpt", "extended")
        for a, b in asked
    )
    assert len(asked) > 900
    assert hits / len(asked) >= 0.99


@pytest.mark.slow
def test_pairs_that_share_next_to_nothing_are_never_one_story(
    helsinki: tuple[Result, dict[tuple[str, str], float]],
) -> None:
    result, gold = helsinki
    pairs = [
        (min(a, b), max(a, b))
        for members in stories(result)
        for a, b in combinations(sorted(members), 2)
    ]
    assert len(pairs) > 700
    assert [pair for pair in pairs if gold.get(pair, 0) < 0.1] == []


@pytest.mark.slow
def test_our_containment_ranks_pairs_as_those_of_brute_force_do(
    helsinki: tuple[Result, dict[tuple[str, str], float]],
) -> None:
    result, gold = helsinki
    body, of = body_of(result), result.story_result
    rows = {}
    for a, b in gold:
        if -1 not in (low_high := (min(body[a], body[b]), max(body[a], body[b]))):
            rows[a, b] = low_high
    asked = sorted({pair for pair in rows.values() if pair[0] != pair[1]})
    packed = np.array([a << 32 | b for a, b in asked], np.uint64)
    formal = np.zeros(0, np.uint64)
    found = measure(packed, of.corpus, of.distinct, formal, 2)
    share = dict(zip(asked, found.containment.tolist(), strict=True))
    ours = np.array([share.get(pair, 1.0) for pair in rows.values()])
    theirs = np.array([gold[pair] for pair in rows])
    assert len(ours) > 4000
    assert np.corrcoef(ranks(ours), ranks(theirs))[0, 1] >= 0.95  # Spearman's


def ranks(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Rank values, ties by their mean."""
    _, where, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[where]
