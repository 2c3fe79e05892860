"""From kin to stories, against a plain reading of what `dedup.stories.grouping` says of itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from overlaps import Pair, Shares, grouped

from dedup.stories.grouping import SLACK
from dedup.stories.overlap import LEAST
from dedup.stories.roundups import HELD, MUTUAL, NAMED, TOLD, WHOLE


def read(shares: Shares, distinct: int) -> tuple[list[set[int]], list[int], set[Pair]]:
    """Group as the docstrings say: stories, the head of each, and (story, roundup)."""
    of = {pair: both[0] for pair, both in shares.items()}
    of |= {(b, a): both[1] for (a, b), both in shares.items()}  # of[x, y]: share of x that y holds
    held = {(a, b) if x >= y else (b, a) for (a, b), (x, y) in shares.items()}  # part, whole

    def apart(x: int, y: int) -> bool:
        return max(of.get((x, y), 0), of.get((y, x), 0)) < LEAST

    told = {(p, w) for p, w in held if TOLD <= of[p, w] > of[w, p] < WHOLE}
    aside = set()
    for _, whole in told:
        parts = sorted((p for p, w in told if w == whole), key=lambda p: (-of[whole, p], p))
        for n, part in enumerate(parts):
            fits = [
                other
                for other in parts[:n]
                if np.float32(of[whole, part]) + np.float32(of[whole, other]) <= 1 + LEAST
                and not {(part, other), (other, part)} & held
            ]
            if fits:  # what is no kin at all is apart
                aside |= {(p, w) for p, w in told if w == whole}
    while True:
        first = versions(shares, aside, distinct)
        head = wholes(first, {*held} - aside, of, apart)
        cut = divided(head, first, held, of) - aside
        if not cut:
            break
        aside |= cut
    names = list(dict.fromkeys(head))
    stories = [{body for body in range(distinct) if head[body] == name} for name in names]
    parts_of = {
        (names.index(head[p]), w) for p, w in aside if of[p, w] >= NAMED and head[p] != head[w]
    }
    return stories, names, parts_of


def versions(shares: Shares, aside: set[Pair], distinct: int) -> list[int]:
    """The head of each body after the first step."""

    def near(a: int, b: int, slack: float = 0) -> bool:
        both = shares.get((min(a, b), max(a, b)), (0, 0))
        joined = not {(a, b), (b, a)} & aside
        return joined and max(both) >= HELD - slack and min(both) >= MUTUAL - slack

    degree = [
        sum(min(both) for pair, both in shares.items() if body in pair and near(*pair, SLACK))
        for body in range(distinct)
    ]
    groups = {body: [body] for body in range(distinct)}
    lead = {body: body for body in range(distinct)}
    where = list(range(distinct))
    close = [pair for pair in shares if near(*pair)]
    for a, b in sorted(close, key=lambda pair: (-min(shares[pair]), -max(shares[pair]), pair)):
        p, q = where[a], where[b]
        if p == q:
            continue
        p, q = sorted((p, q), key=lambda g: (-len(groups[g]), -degree[lead[g]], g))
        for head, members in ((lead[p], groups[q]), (lead[q], groups[p])):
            if all(member == head or near(member, head, SLACK) for member in members):
                lead[p] = head
                groups[p] += groups.pop(q)
                for member in groups[p]:
                    where[member] = p
                break
    return [lead[where[body]] for body in range(distinct)]


def wholes(
    head: list[int], held: set[Pair], of: Mapping[Pair, float], apart: Callable[[int, int], bool]
) -> list[int]:
    """The head of each body after the second step."""
    heads = set(head)

    def share(part: int, group_: int) -> float:
        direct = [of[p, w] for p, w in held if p == part and head[w] == group_]
        return max(direct, default=0)

    def share_of(part: int, whole: int) -> float:
        return of[part, whole] if (part, whole) in held else 0

    holders = {
        part: [
            group_
            for group_ in sorted(heads - {part})
            if share(part, group_) >= HELD
            and (share_of(part, group_) >= HELD or not apart(part, group_))
        ]
        for part in heads
    }

    def whole_of(body: int) -> int:
        at, seen = body, {body}
        while found := [w for w in holders[at] if w in holders[body] and w not in seen]:
            at = min(found, key=lambda whole: (-share(body, whole), whole))
            seen.add(at)
        return at

    reached = {part: whole_of(part) for part in heads}
    last = {part: to if reached[to] == to else part for part, to in reached.items()}
    return [last[name] for name in head]


def divided(
    head: list[int], first: list[int], held: set[Pair], of: Mapping[Pair, float]
) -> set[Pair]:
    """The pairs between members that stay together and members that share nothing with them."""
    leaves = set()
    for leader in set(head):
        members = [body for body in range(len(head)) if head[body] == leader]
        if len(members) < 3:
            continue
        part = {
            body: of.get((leader, body), 0) if {(leader, body), (body, leader)} & held else 0
            for body in members
        }
        stay: list[int] = []
        for body in sorted(members, key=lambda body: (-part[body], body)):
            if any(
                leader not in (body, other)
                and np.float32(part[body]) + np.float32(part[other]) <= 1 + LEAST
                and not {(body, other), (other, body)} & held
                for other in stay
            ):
                leaves.add(body)
            else:
                stay.append(body)
    gone = {first[body] for body in leaves}
    leaves |= {
        body for body in range(len(head)) if first[body] in gone and first[body] != head[body]
    }
    return {(p, w) for p, w in held if head[p] == head[w] and (p in leaves) != (w in leaves)}


SHARE = st.integers(0, 16).map(lambda sixteenth: sixteenth / 16)
"""Exact in 32 bits, and none of them at a threshold but WHOLE."""


@st.composite
def graphs(draw: st.DrawFn) -> tuple[dict[Pair, tuple[float, float]], int]:
    distinct = draw(st.integers(1, 8))
    pairs = [(a, b) for a in range(distinct) for b in range(a + 1, distinct)]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=20)) if pairs else []
    return {pair: (draw(SHARE), draw(SHARE)) for pair in chosen}, distinct


@given(graphs())
@settings(deadline=None, max_examples=400)
@example(({(0, 1): (1.0, 0.5), (1, 2): (0.5, 1.0)}, 3))
def test_stories_are_those_of_a_plain_reading(
    graph: tuple[dict[Pair, tuple[float, float]], int],
) -> None:
    shares, distinct = graph
    found = grouped(shares, distinct)
    stories, heads, told = read(shares, distinct)
    assert [set(np.flatnonzero(found.of == n).tolist()) for n in range(len(stories))] == stories
    assert found.head.tolist() == heads
    assert {tuple(row) for row in found.part.tolist()} == told
    assert found.part.tolist() == sorted(found.part.tolist())


@given(graphs())
@settings(deadline=None, max_examples=200)
def test_every_member_is_kin_of_its_head_and_the_closest_pairs_are_together(
    graph: tuple[dict[Pair, tuple[float, float]], int],
) -> None:
    shares, distinct = graph
    found = grouped(shares, distinct)
    firsts = [np.flatnonzero(found.of == n)[0] for n in range(len(found.head))]
    assert firsts == sorted(firsts)
    for story, head in enumerate(found.head.tolist()):
        assert found.of[head] == story
    for _, body in found.part.tolist():
        assert 0 <= body < distinct
    if shares:
        closest = min(shares, key=lambda pair: (-min(shares[pair]), -max(shares[pair]), pair))
        if min(shares[closest]) >= WHOLE:
            assert found.of[closest[0]] == found.of[closest[1]]


CASES: dict[str, tuple[Shares, list[int], list[Pair]]] = {
    # name: shares, the story of each body, (story, roundup)
    "copies": ({(0, 1): (1, 1), (0, 2): (1, 1), (1, 2): (1, 1)}, [0, 0, 0], []),
    "an excerpt": ({(0, 1): (1, 0.25)}, [0, 0], []),
    "an excerpt of an excerpt": (
        {(0, 1): (1, 0.3), (1, 2): (1, 0.3), (0, 2): (1, 0.1)},
        [0, 0, 0],
        [],
    ),
    "an excerpt of what is an excerpt of another": (
        {(0, 1): (1, 0.3), (1, 2): (0.5, 0.3)},
        [0, 1, 1],
        [],
    ),
    "half of one and half of the other": ({(0, 1): (0.6, 0.6), (1, 2): (0.6, 0.6)}, [0, 0, 0], []),
    "a roundup of three": (
        {(0, 3): (1, 0.33), (1, 3): (1, 0.33), (2, 3): (1, 0.33)},
        [0, 1, 2, 3],
        [(0, 3), (1, 3), (2, 3)],
    ),
    "a roundup of two": (
        {(0, 2): (1, 0.5), (1, 2): (1, 0.5)},
        [0, 1, 2],
        [(0, 2), (1, 2)],
    ),
    "two roundups that are copies": (
        {
            (0, 2): (1, 0.5),
            (1, 2): (1, 0.5),
            (0, 3): (1, 0.48),
            (1, 3): (1, 0.48),
            (2, 3): (1, 0.95),
        },
        [0, 1, 2, 2],
        [(0, 2), (0, 3), (1, 2), (1, 3)],
    ),
    "too little": ({(0, 1): (0.44, 0.44)}, [0, 1], []),
}


@pytest.mark.parametrize("name", CASES)
def test_stories_and_roundups(name: str) -> None:
    shares, stories, told = CASES[name]
    found = grouped(shares, len(stories))
    assert found.of.tolist() == stories
    assert [tuple(row) for row in found.part.tolist()] == told


def test_nothing_makes_no_story() -> None:
    found = grouped({}, 0)
    assert len(found.of) == len(found.head) == len(found.part) == 0
    assert grouped({}, 3).of.tolist() == [0, 1, 2]


def test_the_numbers_of_bodies_settle_ties_alone() -> None:
    # The same graph under other numbers gives the same stories: no shares are tied.
    shares = {(0, 1): (0.9, 0.8), (1, 2): (0.7, 0.95), (2, 3): (0.62, 0.5), (0, 3): (0.3, 0.2)}
    plain = grouped(shares, 4).of.tolist()
    for step in (1, 3):
        to = [(step * body + 2) % 4 for body in range(4)]
        renamed = {
            (min(to[a], to[b]), max(to[a], to[b])): both if to[a] < to[b] else both[::-1]
            for (a, b), both in shares.items()
        }
        found = grouped(renamed, 4).of.tolist()
        for a in range(4):
            for b in range(4):
                assert (found[to[a]] == found[to[b]]) is (plain[a] == plain[b])
