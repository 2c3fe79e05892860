"""From kin to stories: bodies that are versions of one article, and the roundups that hold several.

Two steps. First versions: pairs of which each holds most of the other are joined, the closest
first, as long as every member is a version of the group's head (so A~B~C never joins A with a C
that has nothing of it). Then excerpts: a group that is mostly held by a longer one joins it. In
both steps roundups are left out, which hold two bodies that share nothing: a roundup is no version
of what it tells, and is only named as a part in these stories.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup.hashset import room
from dedup.kernels import helper, kernel
from dedup.stories.kin import LEAST, Compare, Kin

HELD = 0.45
"""Share of own 5-grams from which one body is mostly held by another. Higher joins fewer: at 0.45
about one word in seven may differ throughout, or half of the paragraphs be new."""

MUTUAL = 0.4
"""Share of the longer one's own 5-grams from which the two are versions, not excerpt and whole."""

TOLD, WHOLE = 0.6, 0.75
"""Share of a body's own 5-grams from which a roundup tells it, and share of the roundup's up to
which it is a part: from there on the roundup is the same with a little more."""

SLACK = 0.05
"""By how much a member may fall short of both against the head of its group."""


class Groups(NamedTuple):
    """The stories, numbered in order of their first body; a body of no other is one by itself."""

    of: npt.NDArray[np.int32]
    """int32[bodies]: the story of each body."""
    head: npt.NDArray[np.int32]
    """int32[stories]: the body of which all others are versions, excerpts or extensions."""
    part: npt.NDArray[np.int32]
    """int32[parts, 2]: (story, body) for each roundup and each story it tells, ordered."""


def group(kin: Kin, bodies: int, compare: Compare) -> Groups:
    """Group bodies that are versions of one article.

    `kin` are the pairs that may be one story (see `dedup.stories.bond`); `bodies` says how many
    bodies there are; `compare` measures pairs that may not be kin. Ties go to the lower number.

    >>> rows = (0, 2, 1, 0.3), (1, 2, 1, 0.35), (3, 4, 0.9, 0.8)  # 2 holds 0 and 1, which are apart
    >>> a, b, of_a, of_b = (np.array(column) for column in zip(*rows))
    >>> held = Kin(a.astype("i4"), b.astype("i4"), *[of_a, of_b] * 2, np.full(3, 50))
    >>> found = group(held, 5, lambda pairs: Kin(*np.zeros((7, len(pairs)))))
    >>> found.of.tolist(), found.part.tolist()
    ([0, 1, 2, 3, 3], [[0, 2], [1, 2]])
    """
    high = np.maximum(kin.own_a, kin.own_b)
    low = np.minimum(kin.own_a, kin.own_b)
    tells = _parts(kin, compare)
    head = _versions(kin, np.where(tells, 0, high), np.where(tells, 0, low), bodies)
    head, part = _excerpts(kin, head, compare)
    heads, of = np.unique(head, return_inverse=True)
    first = np.full(len(heads), bodies)
    np.minimum.at(first, of, np.arange(bodies))
    order = np.argsort(first)
    number = np.empty(len(order), np.int32)
    number[order] = np.arange(len(order))
    parts = {(int(number[of[story]]), body) for story, body in part if of[story] != of[body]}
    return Groups(
        number[of],
        heads[order].astype(np.int32),
        np.array(sorted(parts), np.int32).reshape(-1, 2),
    )


def _versions(
    kin: Kin, high: npt.NDArray[np.float32], low: npt.NDArray[np.float32], bodies: int
) -> npt.NDArray[np.int32]:
    """Join versions, the closest pairs first; return the head of each body, int32[bodies]."""
    near = (high >= HELD - SLACK) & (low >= MUTUAL - SLACK)
    ends = np.concatenate([kin.a[near], kin.b[near]])
    others = np.concatenate([kin.b[near], kin.a[near]])
    order = np.lexsort((others, ends))
    bounds = np.searchsorted(ends[order], np.arange(bodies + 1))
    degree = np.bincount(ends, np.concatenate([low[near], low[near]]), minlength=bodies)
    close = np.flatnonzero((high >= HELD) & (low >= MUTUAL))
    close = close[np.lexsort((kin.b[close], kin.a[close], -high[close], -low[close]))]
    head: npt.NDArray[np.int32] = _join(
        kin.a[close], kin.b[close], others[order], bounds, degree.astype(np.float64)
    )
    return head


def _excerpts(
    kin: Kin, head: npt.NDArray[np.int32], compare: Compare
) -> tuple[npt.NDArray[np.int32], list[tuple[int, int]]]:
    """Give each group whose head is mostly held by another's that one's head, roundups aside.

    Returns the heads, and (head, roundup) of the groups that a roundup tells.
    """
    heads = np.unique(head)
    is_head = np.zeros(len(head), bool)
    is_head[heads] = True
    kept = kin.take(is_head[kin.a] & is_head[kin.b])
    shares: dict[tuple[int, int], tuple[float, float]] = {}
    for a, b, x, y in zip(
        *(c.tolist() for c in (kept.a, kept.b, kept.own_a, kept.own_b)), strict=True
    ):
        shares[a, b], shares[b, a] = (x, y), (y, x)
    holders: defaultdict[int, list[int]] = defaultdict(list)
    held: defaultdict[int, list[int]] = defaultdict(list)
    for (a, b), (x, y) in sorted(shares.items()):
        if x >= HELD and (x, -a) > (y, -b):
            holders[a].append(b)
            held[b].append(a)
    rows = [(body, part) for body, parts in held.items() for part in parts]
    whole, part = np.array(rows, np.int32).reshape(-1, 2).T
    share = np.array([shares[row][0] for row in rows], np.float32)
    roundups = _roundups(whole, part, share, compare)
    new = np.arange(len(head), dtype=np.int32)
    for body in heads.tolist():
        new[body] = _whole(body, holders, shares, roundups)
    astray = new[new] != new  # its whole is in a longer one, which has too little of it
    new[astray] = np.flatnonzero(astray)
    return new[head], [(int(new[told]), body) for told, body in _told(kin, head, held, roundups)]


def _told(
    kin: Kin, head: npt.NDArray[np.int32], held: Mapping[int, list[int]], roundups: set[int]
) -> list[tuple[int, int]]:
    """List (part, roundup) for all versions of each roundup that tell it too."""
    part, whole = np.append(kin.a, kin.b), np.append(kin.b, kin.a)
    tells = np.append(kin.own_a, kin.own_b) >= HELD
    tells &= np.isin(head[whole], list(roundups))
    rows = zip(part[tells].tolist(), whole[tells].tolist(), strict=True)
    return [(told, body) for told, body in rows if told in held[int(head[body])]]


def _parts(kin: Kin, compare: Compare) -> npt.NDArray[np.bool_]:
    """Tell which pairs are a roundup and one of the bodies it tells, bool[pairs]."""
    of_part, of_whole = np.stack([kin.own_a, kin.own_b]), np.stack([kin.own_b, kin.own_a])
    way, row = np.nonzero((of_part >= TOLD) & (of_whole < np.minimum(of_part, WHOLE)))
    whole, part = np.where(way, kin.a[row], kin.b[row]), np.where(way, kin.b[row], kin.a[row])
    roundups = _roundups(whole, part, of_whole[way, row], compare)
    found = np.zeros(len(kin.a), bool)
    found[row[np.isin(whole, list(roundups))]] = True
    return found


def _roundups(
    whole: npt.NDArray[np.int32],
    part: npt.NDArray[np.int32],
    share: npt.NDArray[np.float32],
    compare: Compare,
) -> set[int]:
    """Name the bodies that hold a part apart from the greatest one that they hold.

    `share` says how much of each whole the part is. Two parts that are more than all of it overlap.
    """
    order = np.lexsort((part, -share, whole))
    whole, part, share = whole[order], part[order], share[order]
    greatest = np.searchsorted(whole, whole)
    asked = (part != part[greatest]) & (share + share[greatest] <= 1 + LEAST)
    if not asked.any():
        return set()
    low, high = np.sort([part[asked], part[greatest][asked]], axis=0).astype(np.uint64)
    pairs, where = np.unique(low << np.uint64(32) | high, return_inverse=True)
    found = compare(pairs)
    apart = np.maximum(found.of_a, found.of_b) < LEAST
    return set(whole[asked][apart[where]].tolist())


def _whole(
    body: int,
    holders: Mapping[int, list[int]],
    shares: Mapping[tuple[int, int], tuple[float, float]],
    roundups: set[int],
) -> int:
    """Return the longest body, reached from whole to whole, that still mostly holds a body."""
    at, seen = body, {body}
    while wholes := [
        (shares[body, whole][0], -whole)
        for whole in holders.get(at, ())
        if whole not in roundups
        and whole not in seen
        and shares.get((body, whole), (0.0, 0.0))[0] >= HELD
    ]:
        at = -max(wholes)[1]
        seen.add(at)
    return at


@helper
def _is_version(body, head, others, bounds):
    """Tell whether a body is among the versions of a head."""
    low, high = bounds[head], bounds[head + 1]
    while low < high:
        middle = (low + high) // 2
        if others[middle] < body:
            low = middle + 1
        else:
            high = middle
    return body == head or (low < bounds[head + 1] and others[low] == body)


@helper
def _fits(group, head, next_, others, bounds):
    """Tell whether all members of a group are versions of a head."""
    body = group
    while body >= 0:
        if not _is_version(body, head, others, bounds):
            return False
        body = next_[body]
    return True


@kernel("i4[::1](i4[::1], i4[::1], i4[::1], i8[::1], f8[::1])")
def _join(a, b, others, bounds, degree):
    bodies = len(bounds) - 1
    group = np.arange(bodies, dtype=np.int32)  # named after one of its members
    head = np.arange(bodies, dtype=np.int32)  # of a group
    size = np.ones(bodies, np.int32)
    next_ = np.full(bodies, -1, np.int32)  # member of the same group
    last = np.arange(bodies, dtype=np.int32)
    refused = np.zeros(room(len(a)), np.int64)  # pairs of groups that do not fit
    mask = len(refused) - 1
    for row in range(len(a)):
        p, q = group[a[row]], group[b[row]]
        if p == q:
            continue
        if (size[q], degree[head[q]], -q) > (size[p], degree[head[p]], -p):
            p, q = q, p
        pair = np.int64(p) << 32 | np.int64(q) + 1
        slot = (pair * np.int64(0x9E3779B1) >> 7) & mask
        while refused[slot] != 0 and refused[slot] != pair:
            slot = (slot + 1) & mask
        if refused[slot] == pair:
            continue
        if not _fits(q, head[p], next_, others, bounds):
            if not _fits(p, head[q], next_, others, bounds):
                refused[slot] = pair
                continue
            head[p] = head[q]
        body = q
        while body >= 0:
            group[body] = p
            body = next_[body]
        next_[last[p]] = q
        last[p] = last[q]
        size[p] += size[q]
    out = np.empty(bodies, np.int32)
    for body in range(bodies):
        out[body] = head[group[body]]
    return out
