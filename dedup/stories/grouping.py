"""From kin to stories: bodies that are versions of one article, and the roundups that hold several.

Two steps. First versions: pairs of which each holds most of the other are joined, the closest
first, as long as every member is a version of the group's head (so A~B~C never joins A with a C
that has nothing of it). Then excerpts: a group whose head is mostly held by a longer member of
another group joins that one. Left out of both are roundups and what they tell (see
`dedup.stories.roundups`): a roundup is no version of it, and is only named as a part in its story.
The whole of an article that a site has also in pages is no roundup of these: one address or
headline tells, and that it holds nearly all of each. Members that turn out to share nothing are
divided, and both steps are done again without what joined them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup._jit.hashset import room
from dedup._jit.kernels import helper, kernel
from dedup._jit.pairs import ends, pack
from dedup.stories.overlap import LEAST, Compare, Overlap
from dedup.stories.roundups import (
    HELD,
    MUTUAL,
    NAMED,
    Containments,
    apart,
    containments,
    roundups,
)

SLACK = 0.05
"""By how much a member may fall short of `HELD` and `MUTUAL` against the head of its group. Higher
joins more: at 0.05 a member of which the head holds 0.40 stays, and one of 0.39 does not."""

PAGE = 0.9
"""Share of a page's own 5-grams that the whole article holds at least. Higher misses pages with
lines of their own, lower takes for pages what an article under one address told at another time."""

LOOSE = 64
"""Members of a group, those that hold least of its head, that are held against all others. Higher
divides more of the largest groups and costs time: at 64 a group of 1,000 costs at most 64,000
comparisons."""


class Groups(NamedTuple):
    """The stories, numbered in order of their first body; a body of no other is one by itself."""

    of: npt.NDArray[np.int32]
    """int32[bodies]: the story of each body."""
    head: npt.NDArray[np.int32]
    """int32[stories]: the body of which all others are versions, excerpts or extensions."""
    part: npt.NDArray[np.int32]
    """int32[parts, 2]: (story, body) for each roundup and each story it tells, ordered."""
    page: npt.NDArray[np.bool_]
    """bool[bodies]: whether a body is one page of an article whose whole is in its story."""


def group(
    overlap: Overlap,
    distinct: int,
    compare: Compare,
    embedded: npt.NDArray[np.bool_],
    one_name: npt.NDArray[np.bool_],
) -> Groups:
    """Group bodies that are versions of one article.

    `overlap` are the pairs that may be one story (see `dedup.stories.link_filter`); `distinct` says
    how many bodies there are; `compare` measures pairs that may not be kin; `embedded`,
    bool[pairs], tells which are an article and one that tells it among other things, and
    `one_name`, bool[pairs], which a site has under one address or headline. Ties go to the lower
    number.

    >>> rows = (0, 2, 1, 0.3), (1, 2, 1, 0.35), (3, 4, 0.9, 0.8)  # 2 holds 0 and 1, which are apart
    >>> a, b, of_a, of_b = (np.array(column) for column in zip(*rows))
    >>> held = Overlap(a.astype("i4"), b.astype("i4"), *[of_a, of_b] * 2, np.full(3, 50), of_a)
    >>> no = np.zeros(3, bool)
    >>> found = group(held, 5, lambda pairs: Overlap(*np.zeros((8, len(pairs)))), no, no)
    >>> found.of.tolist(), found.part.tolist()
    ([0, 1, 2, 3, 3], [[0, 2], [1, 2]])
    """
    if not len(overlap.a):
        each = np.arange(distinct, dtype=np.int32)
        return Groups(each, each, np.zeros((0, 2), np.int32), np.zeros(distinct, bool))
    rows = containments(overlap)
    aside = roundups(rows, compare)
    paged = aside & one_name & (rows.of_part >= PAGE)
    aside = (aside | embedded) & ~paged
    while True:
        joined = rows.take(~aside)
        versions = _versions(joined, distinct)
        head = _excerpts(joined, versions, compare)
        pages = set(zip(rows.part[paged].tolist(), rows.whole[paged].tolist(), strict=True))
        divided = _divided(rows, head, versions, compare, pages) & ~aside
        if not divided.any():
            break
        aside |= divided
    heads, of = np.unique(head, return_inverse=True)
    first = np.full(len(heads), distinct)
    np.minimum.at(first, of, np.arange(distinct))
    order = np.argsort(first)
    number = np.empty(len(order), np.int32)
    number[order] = np.arange(len(order))
    story = number[of]
    tells = aside & (rows.of_part >= NAMED)
    tells &= story[rows.part] != story[rows.whole]
    told = np.unique(pack(story[rows.part[tells]], rows.whole[tells]))
    part = np.stack(ends(told), axis=1).astype(np.int32)
    page = np.zeros(distinct, bool)
    page[rows.part[paged & (story[rows.part] == story[rows.whole])]] = True
    return Groups(story, heads[order].astype(np.int32), part, page)


def _versions(rows: Containments, distinct: int) -> npt.NDArray[np.int32]:
    """Join versions, the closest pairs first; return the head of each body, int32[bodies]."""
    near = rows.take((rows.of_part >= HELD - SLACK) & (rows.of_whole >= MUTUAL - SLACK))
    ends, others = np.append(near.part, near.whole), np.append(near.whole, near.part)
    order = np.lexsort((others, ends))
    bounds = np.searchsorted(ends[order], np.arange(distinct + 1))
    degree = np.bincount(ends, np.tile(near.of_whole, 2), minlength=distinct)
    close = near.take((near.of_part >= HELD) & (near.of_whole >= MUTUAL))
    a, b = np.minimum(close.part, close.whole), np.maximum(close.part, close.whole)
    by = np.lexsort((b, a, -close.of_part, -close.of_whole))
    head: npt.NDArray[np.int32] = _join(
        a[by], b[by], others[order], bounds, degree.astype(np.float64)
    )
    return head


def _excerpts(
    rows: Containments, head: npt.NDArray[np.int32], compare: Compare
) -> npt.NDArray[np.int32]:
    """Give each group whose head is mostly held by another's member that one's head.

    That head must not be apart from it.
    """
    rows = rows.take((rows.of_part >= HELD) & (head[rows.part] == rows.part))
    rows = rows.take(head[rows.whole] != rows.part)
    group_ = head[rows.whole]
    shares: defaultdict[int, dict[int, float]] = defaultdict(dict)
    for part, whole, share in zip(
        rows.part.tolist(), group_.tolist(), rows.of_part.tolist(), strict=True
    ):
        shares[part][whole] = max(share, shares[part].get(whole, 0.0))
    direct = set(zip(rows.part.tolist(), rows.whole.tolist(), strict=True))
    asked = [(p, w) for p, wholes in shares.items() for w in wholes if (p, w) not in direct]
    for part, whole in apart(asked, compare):
        del shares[part][whole]
    new = np.arange(len(head), dtype=np.int32)
    for body in shares:
        new[body] = _whole(body, shares)
    astray = new[new] != new  # its whole is in a longer one, which has too little of it
    new[astray] = np.flatnonzero(astray)
    return new[head]


def _whole(body: int, shares: defaultdict[int, dict[int, float]]) -> int:
    """Return the last group, reached from whole to whole, that still mostly holds a body."""
    at, seen = body, {body}
    while wholes := [
        (shares[body][whole], -whole)
        for whole in shares.get(at, ())
        if whole not in seen and whole in shares[body]
    ]:
        at = -max(wholes)[1]
        seen.add(at)
    return at


def _divided(
    rows: Containments,
    head: npt.NDArray[np.int32],
    versions: npt.NDArray[np.int32],
    compare: Compare,
    pages: set[tuple[int, int]],
) -> npt.NDArray[np.bool_]:
    """Tell which pairs lie between members of one group that share nothing, and their like.

    Of the members of a group, the closest to its head first, those that share something with all
    before them stay; the pairs between them and the others are what divides the group. `versions`
    has the heads of the first step: what joined in the second leaves as a whole. `pages` are pairs
    of a page and the whole article; that two pages of one share nothing divides nothing.
    """
    of_head = np.zeros(len(head), np.float32)
    np.maximum.at(of_head, rows.part, np.where(head[rows.part] == rows.whole, rows.of_whole, 0))
    np.maximum.at(of_head, rows.whole, np.where(head[rows.whole] == rows.part, rows.of_part, 0))
    groups: defaultdict[int, list[int]] = defaultdict(list)
    for body in np.flatnonzero(np.bincount(head, minlength=len(head))[head] > 2).tolist():
        groups[int(head[body])].append(body)
    known = set(zip(rows.part.tolist(), rows.whole.tolist(), strict=True))
    held = of_head.tolist()
    wholes: defaultdict[int, set[int]] = defaultdict(set)
    for page, whole in pages:
        wholes[page].add(whole)
    asked = [
        pair
        for leader, members in groups.items()
        for pair in _loose(leader, members, held)
        if pair not in known and pair[::-1] not in known
        if not wholes[pair[0]] & wholes[pair[1]]
    ]
    strangers: defaultdict[int, set[int]] = defaultdict(set)
    for a, b in apart(asked, compare):
        strangers[a].add(b)
        strangers[b].add(a)
    if not strangers:
        return np.zeros(len(rows.part), bool)
    leaves = np.zeros(len(head), bool)
    for members in groups.values():
        stay: set[int] = set()
        for body in sorted(members, key=lambda body: (-of_head[body], body)):
            if strangers[body] & stay:
                leaves[body] = True
            else:
                stay.add(body)
    leaves |= (versions != head) & np.isin(versions, versions[leaves])
    same = head[rows.part] == head[rows.whole]
    found: npt.NDArray[np.bool_] = same & (leaves[rows.part] != leaves[rows.whole])
    return found


def _loose(leader: int, members: list[int], of_head: list[float]) -> Iterator[tuple[int, int]]:
    """Yield the pairs of a group whose shares of the head leave room for sharing nothing.

    To stay linear in groups of thousands, only the `LOOSE` members that hold least of the head are
    paired with the others.
    """
    ordered = sorted(set(members) - {leader}, key=lambda body: (of_head[body], body))
    for n, a in enumerate(ordered[:LOOSE]):
        for b in ordered[n + 1 :]:
            if of_head[a] + of_head[b] > 1 + LEAST:
                break  # they overlap in the head, and so do all that follow
            yield min(a, b), max(a, b)


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
    distinct = len(bounds) - 1
    group = np.arange(distinct, dtype=np.int32)  # named after one of its members
    head = np.arange(distinct, dtype=np.int32)  # of a group
    size = np.ones(distinct, np.int32)
    next_ = np.full(distinct, -1, np.int32)  # member of the same group
    last = np.arange(distinct, dtype=np.int32)
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
    out = np.empty(distinct, np.int32)
    for body in range(distinct):
        out[body] = head[group[body]]
    return out
