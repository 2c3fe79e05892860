"""Scopes: against every pair of occurrences."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.match.scopes import CROSS_SITE, WITHIN_ARTICLE, WITHIN_SITE, Places, meet, names, places
from dedup.records import SCOPES, Scope

# Each paragraph: its text and its article; article n belongs to site n % 3.
PARAGRAPHS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 7)), max_size=30)
SITES = [n % 3 for n in range(8)]


def placed(paragraphs: list[tuple[int, int]], sites: list[int]) -> Places:
    text = np.array([text for text, _ in paragraphs], np.int32)
    article = np.array([article for _, article in paragraphs], np.int32)
    return places(text, article, np.array(sites, np.int64))


def between(paragraphs: list[tuple[int, int]], sites: list[int], i: int, j: int) -> set[Scope]:
    """Brute force: how far apart each occurrence of i is from each of j."""
    found: set[Scope] = set()
    for (text, here), (other, there) in itertools.product(paragraphs, repeat=2):
        if (text, other) == (i, j):
            same = here == there, sites[here] == sites[there], True
            found.add(SCOPES[same.index(True)])
    return found


@settings(deadline=None)
@given(paragraphs=PARAGRAPHS)
def test_two_texts_meet_where_any_of_their_occurrences_do(
    paragraphs: list[tuple[int, int]],
) -> None:
    gapless = {text: n for n, text in enumerate(sorted({text for text, _ in paragraphs}))}
    paragraphs = [(gapless[text], article) for text, article in paragraphs]
    pairs = list(itertools.combinations(range(len(gapless)), 2))
    packed = np.array([i << 32 | j for i, j in pairs], np.uint64)
    found = [names(bits) for bits in meet(packed, placed(paragraphs, SITES)).tolist()]
    assert [{*scopes} for scopes in found] == [between(paragraphs, SITES, *pair) for pair in pairs]
    assert all(list(scopes) == sorted(scopes, key=SCOPES.index) for scopes in found)


@settings(deadline=None)
@given(paragraphs=PARAGRAPHS)
def test_a_text_stands_once_in_each_of_its_articles(paragraphs: list[tuple[int, int]]) -> None:
    paragraphs = [*((text, 0) for text in range(4)), *paragraphs]  # none missing
    where, offsets = placed(paragraphs, SITES)
    for text in range(4):
        mine = where[offsets[text] : offsets[text + 1]].tolist()
        expected = {SITES[article] << 32 | article for its, article in paragraphs if its == text}
        assert mine == sorted(expected)


@pytest.mark.parametrize(
    ("bits", "expected"),
    [
        (0, ()),
        (WITHIN_ARTICLE, ("within-article",)),
        (WITHIN_SITE | CROSS_SITE, ("within-site", "cross-site")),
        (WITHIN_ARTICLE | WITHIN_SITE | CROSS_SITE, SCOPES),
    ],
)
def test_scopes_are_named_nearest_first(bits: int, expected: tuple[str, ...]) -> None:
    assert names(bits) == expected


def test_no_paragraphs_have_no_places() -> None:
    where = placed([], [])
    assert where.offsets.tolist() == [0]
    assert meet(np.array([], np.uint64), where).tolist() == []


def test_large_numbers_of_sites_and_articles_do_not_run_into_each_other() -> None:
    sites = np.zeros(1 << 20, np.int64)
    sites[-1] = (1 << 30) - 1
    article = np.array([0, (1 << 20) - 1], np.int32)
    where = places(np.array([0, 1], np.int32), article, sites)
    assert names(int(meet(np.array([1], np.uint64), where)[0])) == ("cross-site",)
