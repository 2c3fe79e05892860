"""From kin to stories, against a plain reading of what `dedup.stories.group` says of itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dedup.stories.group import HELD, MUTUAL, SLACK, TOLD, WHOLE, Groups, group
from dedup.stories.kin import LEAST, Kin

Pair = tuple[int, int]
Shares = Mapping[Pair, tuple[float, float]]
"""Of a pair (a, b), a < b: the share of a that b holds, and of b that a holds."""


def laid(shares: Shares) -> Kin:
    rows = sorted((a, b, *both) for (a, b), both in shares.items())
    a, b = np.array([row[:2] for row in rows], np.int32).reshape(-1, 2).T
    of_a, of_b = np.array([row[2:] for row in rows], np.float32).reshape(-1, 2).T
    return Kin(a, b, of_a, of_b, of_a, of_b, np.full(len(rows), 300, np.float32))


def comparer(shares: Shares) -> Callable[[npt.NDArray[np.uint64]], Kin]:
    """Measure pairs: those that are not among `shares` have nothing in common."""

    def compare(pairs: npt.NDArray[np.uint64]) -> Kin:
        assert pairs.tolist() == sorted(set(pairs.tolist()))
        asked = [(pair >> 32, pair & 0xFFFFFFFF) for pair in pairs.tolist()]
        assert all(a < b for a, b in asked)
        return laid({pair: shares.get(pair, (0.0, 0.0)) for pair in asked})

    return compare


def grouped(shares: Shares, bodies: int) -> Groups:
    return group(laid(shares), bodies, comparer(shares))


def read(shares: Shares, bodies: int) -> tuple[list[set[int]], list[int], set[Pair]]:
    """Group as the docstring says: stories, the head of each, and (story, roundup)."""
    of = {pair: both[0] for pair, both in shares.items()}
    of |= {(b, a): both[1] for (a, b), both in shares.items()}  # of[x, y]: share of x that y holds

    def roundups(parts: Mapping[int, list[int]]) -> set[int]:
        found = set()
        for whole, held in parts.items():
            greatest = min(held, key=lambda part: (-of[whole, part], part))
            for part in held:
                both = of.get((part, greatest), 0), of.get((greatest, part), 0)
                fits = of[whole, part] + of[whole, greatest] <= np.float32(1 + LEAST)
                if part != greatest and fits and max(both) < LEAST:
                    found.add(whole)
        return found

    parts: dict[int, list[int]] = {}
    for part, whole in of:
        x, y = of[part, whole], of[whole, part]
        if x >= TOLD and y < min(x, WHOLE):
            parts.setdefault(whole, []).append(part)
    aside = {(w, p) for w in roundups(parts) for p in parts[w]}
    aside |= {(p, w) for w, p in aside}

    def near(a: int, b: int, slack: float = 0) -> bool:
        both = of.get((a, b), 0), of.get((b, a), 0)
        apart = (a, b) in aside
        return not apart and max(both) >= HELD - slack and min(both) >= MUTUAL - slack

    degree = [
        sum(min(of[x, y], of[y, x]) for x, y in of if x == body and near(x, y, SLACK))
        for body in range(bodies)
    ]
    groups = {body: [body] for body in range(bodies)}
    lead = {body: body for body in range(bodies)}
    where = list(range(bodies))
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
    heads = {lead[name] for name in groups}
    first = [lead[where[body]] for body in range(bodies)]
    parts = {}
    for part, whole in of:
        x, y = of[part, whole], of[whole, part]
        if {part, whole} <= heads and x >= HELD and (x, -part) > (y, -whole):
            parts.setdefault(whole, []).append(part)
    aside_heads = roundups(parts)

    def whole_of(body: int) -> int:
        at, seen = body, {body}
        while True:
            wholes = [
                whole
                for whole in sorted(parts)
                if at in parts[whole]
                and whole not in aside_heads | seen
                and of.get((body, whole), 0) >= HELD
            ]
            if not wholes:
                return at
            at = min(wholes, key=lambda whole: (-of[body, whole], whole))
            seen.add(at)

    reached = {head: whole_of(head) for head in heads}
    last = {head: to if reached[to] == to else head for head, to in reached.items()}
    ends = [last[head] for head in first]
    names = list(dict.fromkeys(ends))
    stories = [{body for body in range(bodies) if ends[body] == name} for name in names]
    told = {
        (names.index(last[part]), body)
        for body in range(bodies)
        for part in parts.get(first[body], ())
        if first[body] in aside_heads and of.get((part, body), 0) >= HELD
        if last[part] != ends[body]
    }
    return stories, names, told


SHARE = st.integers(0, 16).map(lambda sixteenth: sixteenth / 16)
"""Exact in 32 bits, and none of them at a threshold but WHOLE."""


@st.composite
def graphs(draw: st.DrawFn) -> tuple[dict[Pair, tuple[float, float]], int]:
    bodies = draw(st.integers(1, 8))
    pairs = [(a, b) for a in range(bodies) for b in range(a + 1, bodies)]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=20)) if pairs else []
    return {pair: (draw(SHARE), draw(SHARE)) for pair in chosen}, bodies


@given(graphs())
@settings(deadline=None, max_examples=400)
@example(({(0, 1): (1.0, 0.5), (1, 2): (0.5, 1.0)}, 3))
def test_stories_are_those_of_a_plain_reading(
    graph: tuple[dict[Pair, tuple[float, float]], int],
) -> None:
    shares, bodies = graph
    found = grouped(shares, bodies)
    stories, heads, told = read(shares, bodies)
    assert [set(np.flatnonzero(found.of == n).tolist()) for n in range(len(stories))] == stories
    assert found.head.tolist() == heads
    assert {tuple(row) for row in found.part.tolist()} == told
    assert found.part.tolist() == sorted(found.part.tolist())


@given(graphs())
@settings(deadline=None, max_examples=200)
def test_every_member_is_kin_of_its_head_and_the_closest_pairs_are_together(
    graph: tuple[dict[Pair, tuple[float, float]], int],
) -> None:
    shares, bodies = graph
    found = grouped(shares, bodies)
    firsts = [np.flatnonzero(found.of == n)[0] for n in range(len(found.head))]
    assert firsts == sorted(firsts)
    for story, head in enumerate(found.head.tolist()):
        assert found.of[head] == story
    for _, body in found.part.tolist():
        assert 0 <= body < bodies
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
