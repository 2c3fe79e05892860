"""What large and lopsided input costs: time in proportion, and nothing capped in silence."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest
from prose import ALL, BRIDGE, article, between, changed, families, places, scan, yards

import dedup
from dedup import Article
from dedup.result import Result

pytestmark = pytest.mark.xdist_group("time")


def shingles(text: str) -> set[tuple[str, ...]]:
    words = text.lower().split()
    return set(zip(words, words[1:], words[2:], strict=False))


def jaccard(a: str, b: str) -> float:
    x, y = shingles(a), shingles(b)
    return len(x & y) / len(x | y)


def landings(number: int) -> list[str]:
    """One template of 54 words with other figures in three places."""
    dice = random.Random(number)
    return [
        "The harbour office said on Monday that {} crates of herring were landed at the north quay "
        "before noon while {} crates were turned away because the cold store was full and the next "
        "boats were told to wait outside the bar until {} crates had left by road for the market "
        "in the valley".format(*dice.choices(range(10**6), k=3))
        for _ in range(number)
    ]


def timed(texts: list[str]) -> tuple[Result, float]:
    began = time.process_time()
    result = dedup.scan(texts)
    assert sum(len(cluster.members) for cluster in result.clusters) <= len(texts)
    return result, time.process_time() - began


@pytest.mark.parametrize("text", ["a", BRIDGE])
def test_articles_of_one_text_are_written_in_time_in_proportion(tmp_path: Path, text: str) -> None:
    spent = []
    for number in (1_000, 8_000):
        result = dedup.scan(
            [{"id": f"{n:05}", "site": f"s{n % 9}", "text": text} for n in range(number)]
        )
        began = time.process_time()
        result.write(tmp_path / f"{number}")
        spent.append(time.process_time() - began)
    assert spent[1] < 3 * 8 * spent[0]  # 64 times would be quadratic; the machine may be busy


# -- families ------------------------------------------------------------------------------------


def test_a_family_of_20000_near_copies_is_one_cluster_at_a_cost_in_proportion() -> None:
    scan(*landings(10))  # loads the kernels
    _, fewer = timed(landings(5_000))
    texts = landings(20_000)
    result, more = timed(texts)
    assert more < 4 * 3 * fewer  # 16 times would be quadratic; the machine may be busy
    (cluster,) = result.clusters
    assert len(cluster.members) == len(set(texts))
    text = {version.text_id: version.text for version in cluster.members}
    for match in random.Random(1).sample(result.matches, 50):
        assert match.jaccard == pytest.approx(jaccard(text[match.a], text[match.b]), abs=1e-6)
    # Every member is listed against the one representative, and none against any other.
    ends = [{match.a, match.b} for match in result.matches]
    (representative,) = set.intersection(*ends)
    assert len(ends) == len(text) - 1
    assert set.union(*ends) == set(text)
    assert representative in text


def test_what_a_hot_bucket_leaves_uncompared_is_told() -> None:
    hot = scan(*landings(300)).summary["hot_buckets"]
    assert hot["buckets"] > 0
    assert 64 < hot["largest"] <= 300
    assert hot["uncompared"] > 0
    assert scan(*landings(60)).summary["hot_buckets"] == {
        "buckets": 0,
        "largest": 0,
        "uncompared": 0,
    }


def test_near_copies_among_thousands_with_one_introduction_are_found() -> None:
    # The introduction fills buckets that are too hot to compare; the pairs meet in other bands.
    introduction = " ".join(yards(1, 1, 20)[0].split())
    dice = random.Random(2)
    texts = [f"{introduction} {own}" for own in yards(3, 2_000, 30)]
    planted = []
    for number in range(200):
        near = changed(texts[number], *dice.sample(range(20, 50), 3))
        planted.append((texts[number], near))
    result = scan(*texts, *(near for _, near in planted))
    assert result.summary["hot_buckets"]["uncompared"] > 0
    missed = [
        number
        for number, (text, near) in enumerate(planted)
        if jaccard(text, near) >= 0.5
        and not between(result, (str(number), 0), (str(2_000 + number), 0))
    ]
    assert len(missed) <= 2


def test_one_article_under_10000_ids_is_one_text_a_paragraph() -> None:
    result = dedup.scan(article(f"page-{number:05}", *ALL) for number in range(10_000))
    assert result.summary["distinct_texts"] == len(ALL)
    assert result.summary["matches"] == 0
    assert [len(cluster.members) for cluster in result.clusters] == [10_000] * len(ALL)


# -- long texts ----------------------------------------------------------------------------------


def test_an_article_of_two_million_words_is_scanned() -> None:
    paragraphs = yards(4, 20_000, 100)
    paragraphs[15_000] = changed(paragraphs[77], 50)
    result = dedup.scan([article("long", *paragraphs), article("short", BRIDGE)])
    assert families(result) == {frozenset({("long", 77), ("long", 15_000)})}
    assert result.summary["words"] == 2_000_000 + len(BRIDGE.split())


@pytest.mark.parametrize(
    "megabytes", [5, pytest.param(50, marks=pytest.mark.slow)], ids="{} MB".format
)
def test_a_paragraph_of_many_megabytes_is_matched_with_its_near_copy(megabytes: int) -> None:
    lines = yards(5, 1000, 120)
    dice = random.Random(6)
    long = " ".join(dice.choice(lines) for _ in range(megabytes * 1_000_000 // len(lines[0])))
    result = scan(long, f"{BRIDGE} {long}", BRIDGE)
    match = between(result, ("0", 0), ("1", 0))
    assert match is not None
    assert match.relation == "duplicate"
    last = match.spans[-1]
    assert {last[1], last[3]} == {len(long), len(BRIDGE) + 1 + len(long)}


def test_two_long_texts_of_one_phrase_over_and_over_are_aligned_at_once() -> None:
    # Every place of the one fits every place of the other.
    a, b = scan("Ha! " * 300_000, "Ha! " * 250_000).matches[0].spans[0][1::2]
    assert {a, b} == {4 * 250_000 - 2}
    phrase = "follow us on our channel now "
    (match,) = scan(phrase * 40_000, f"Look here: {phrase * 30_000}").matches
    assert match.longest_run == 6 * 30_000


def test_a_million_empty_lines_are_nothing() -> None:
    result = dedup.scan([Article("a", "\n" * 1_000_000 + BRIDGE), Article("b", "\r\n" * 1_000_000)])
    assert result.summary["paragraphs"] == 1
    assert list(result.clusters) == []


@pytest.mark.parametrize("words", [7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129])
def test_texts_of_any_length_are_aligned(words: int) -> None:
    # The index of a text of 2**n tokens once had half the room it used.
    text = " ".join(f"word{number}" for number in range(words))
    (match,) = scan(text, f"{text} end", brief=0).matches
    assert match.longest_run == words
    assert [places(cluster) for cluster in scan(text, text).clusters] == [[("0", 0), ("1", 0)]]
