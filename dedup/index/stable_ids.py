"""Stable ids: which cluster and story had which members when an index was last settled.

A group keeps the id of the earlier group with which it shares most members. Events say which have
another version to keep; what became of the members, `dedup.index.membership` tells.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from xxhash import xxh3_64_hexdigest

from dedup._jit.pairs import ends, pack


@dataclass(slots=True)
class Assignment:
    """The group of each member, by the member's number.

    >>> kept = Assignment.settled({7: "b", 3: "a", 9: "a"})
    >>> kept.since[8] = "b"
    >>> [kept.get(member) for member in (3, 7, 8, 5)]
    ['a', 'b', 'b', None]
    >>> dict(Assignment.decoded(kept.encoded()).items())
    {3: 'a', 7: 'b', 8: 'b', 9: 'a'}
    """

    members: npt.NDArray[np.uint32] = field(default_factory=lambda: np.empty(0, np.uint32))
    """uint32[n], ascending: those that had a group when it was settled."""
    rows: npt.NDArray[np.uint32] = field(default_factory=lambda: np.empty(0, np.uint32))
    """uint32[n]: the row of each one's group in `groups`."""
    groups: list[str] = field(default_factory=list)
    """Ids of groups."""
    since: dict[int, str] = field(default_factory=dict)
    """The groups of members that got one since; these go before."""

    @classmethod
    def settled(cls, groups: Mapping[int, str]) -> Assignment:
        """Take the groups as they are settled now."""
        names = list(dict.fromkeys(groups.values()))
        row = {name: number for number, name in enumerate(names)}
        members = np.fromiter(sorted(groups), np.uint32, len(groups))
        rows = np.fromiter((row[groups[m]] for m in members.tolist()), np.uint32, len(groups))
        return cls(members, rows, names)

    def get(self, member: int) -> str | None:
        """Return the id of a member's group; None where it has none."""
        if member in self.since:
            return self.since[member]
        at = int(np.searchsorted(self.members, member))
        if at == len(self.members) or self.members[at] != member:
            return None
        return self.groups[int(self.rows[at])]

    def items(self) -> Iterator[tuple[int, str]]:
        """Yield every member with its group, in order."""
        before = zip(self.members.tolist(), self.rows.tolist(), strict=True)
        every = {member: self.groups[row] for member, row in before} | self.since
        yield from sorted(every.items())

    def whole(self) -> Assignment:
        """Return the same groups, as if all members had had theirs when it was settled."""
        if not self.since:
            return self
        names = dict.fromkeys([*self.groups, *self.since.values()])
        row = {name: number for number, name in enumerate(names)}
        members = np.append(self.members, np.array(list(self.since), np.uint32))
        later = [row[name] for name in self.since.values()]
        rows = np.append(self.rows, np.array(later, np.uint32))
        return Assignment.of(members, rows, list(names))

    @classmethod
    def of(
        cls, members: npt.NDArray[np.uint32], rows: npt.NDArray[np.uint32], groups: list[str]
    ) -> Assignment:
        """Take the row of the group of each member, in any order; of several the last one."""
        order = np.argsort(members, kind="stable")
        members, rows = members[order], rows[order]
        last = np.append(members[1:] != members[:-1], np.ones(len(members[:1]), np.bool_))
        return cls(members[last], rows[last], groups)

    def encoded(self) -> bytes:
        """Return it as bytes: how many members, the arrays, the ids of the groups as JSON."""
        whole = self.whole()
        head = np.array([len(whole.members)], "<u8").tobytes()
        arrays = whole.members.astype("<u4").tobytes() + whole.rows.astype("<u4").tobytes()
        return head + arrays + json.dumps(whole.groups).encode()

    @classmethod
    def decoded(cls, data: bytes) -> Assignment:
        """Read back what `encoded` returned."""
        count = int(np.frombuffer(data, "<u8", 1)[0])
        members = np.frombuffer(data, "<u4", count, 8).astype(np.uint32)
        rows = np.frombuffer(data, "<u4", count, 8 + 4 * count).astype(np.uint32)
        return cls(members, rows, json.loads(data[8 + 8 * count :]))


def cluster_id(key: npt.NDArray[np.uint64]) -> str:
    """Return the id that a scan gives a cluster whose least text has this key, uint64[2]."""
    return xxh3_64_hexdigest(key.astype(">u8").tobytes())


def story_id(article: str) -> str:
    """Return the id that a scan gives a story whose least article has this id."""
    return xxh3_64_hexdigest(article.encode("utf-8", "surrogatepass"))


# -- The groups of one kind, by ids that last

Events = list[tuple[str, dict[str, Any]]]
"""Kind and data of what happened, in order."""


class CurrentGroups(NamedTuple):
    """The clusters or stories as they stand now, one a row.

    >>> groups = CurrentGroups.of([("x", [1, 2], "a 0"), ("y", [5], "b 3")])
    >>> groups.members.tolist(), groups.bounds.tolist(), groups.derived(1)
    ([1, 2, 5], [0, 2, 3], 'y')
    """

    members: npt.NDArray[np.uint32]
    """uint32[members], row by row: numbers that never change, of texts for clusters, of articles
    (`seq`) for stories."""
    bounds: npt.NDArray[np.int64]
    """int64[groups + 1]: where each one's members begin, and where the last one's end."""
    canonical: list[str]
    """What is kept of each: an article's id, with the paragraph for a cluster."""
    derived: Callable[[int], str]
    """Returns the id that a scan would give the group of a row; asked where no earlier one fits."""

    @classmethod
    def of(cls, groups: Sequence[tuple[str, Sequence[int], str]]) -> CurrentGroups:
        """Take the id that a scan would give it, members and what is kept of each group."""
        sizes = [len(members) for _, members, _ in groups]
        every = chain.from_iterable(members for _, members, _ in groups)
        members = np.fromiter(every, np.uint32, sum(sizes))
        bounds = np.append(0, np.cumsum(sizes, dtype=np.int64))
        return cls(members, bounds, [kept for *_, kept in groups], lambda row: groups[row][0])


@dataclass(slots=True)
class StableIds:
    """The groups of one kind, `cluster` or `story`, by their stable ids.

    >>> stable = StableIds("cluster")
    >>> stable.settle(CurrentGroups.of([("x", [1, 2], "a 0")]))
    (['x'], [])
    >>> stable.settle(CurrentGroups.of([("w", [0, 1, 2], "b 0")]))
    (['x'], [('canonical changed', {'cluster': 'x', 'canonical': 'b 0', 'before': 'a 0'})])
    """

    kind: str
    of: Assignment = field(default_factory=Assignment)
    """The group of each member."""
    canonical: bytes = b"{}"
    """As JSON, by group: what is kept of it, when it was settled."""

    def copied(self) -> StableIds:
        """Return the same groups, which change apart from these."""
        of = Assignment(self.of.members, self.of.rows, self.of.groups, dict(self.of.since))
        return StableIds(self.kind, of, self.canonical)

    def settle(self, groups: CurrentGroups) -> tuple[list[str], Events]:
        """Take the groups as they stand now; return their stable ids, and whose kept one changed.

        Who is in which group now is told by `dedup.index.membership.changes`.
        """
        before, size = self.of.whole(), len(groups.canonical)
        rows = np.repeat(np.arange(size, dtype=np.uint32), np.diff(groups.bounds))
        heirs = _inherited(before, groups.members, rows, size)
        named = picked([*before.groups, ""], heirs)  # -1 takes the last one
        taken = set(named)
        earlier = set(picked(before.groups, np.unique(before.rows)))
        for row in np.flatnonzero(heirs < 0).tolist():
            named[row] = _free(groups.derived(row), taken, earlier)
            taken.add(named[row])
        self.of = Assignment.of(groups.members, rows, named)
        return named, self._keep(dict(zip(named, groups.canonical, strict=True)))

    def _keep(self, kept: Mapping[str, str]) -> Events:
        """Take what is kept of each group now, and return where it was another before."""
        kind, events = self.kind, Events()
        name = "canonical changed" if kind == "cluster" else f"{kind} canonical changed"
        earlier = json.loads(self.canonical)
        for id_, now in kept.items():
            before = earlier.get(id_, now)
            if isinstance(before, list):  # of an earlier version: the size stood before it
                before = before[1]
            if before != now:
                events.append((name, {kind: id_, "canonical": now, "before": before}))
        self.canonical = json.dumps(kept).encode()
        return events

    def encoded(self) -> bytes:
        """Return the groups as bytes."""
        of = self.of.encoded()
        return len(of).to_bytes(8, "little") + of + self.canonical

    @classmethod
    def decoded(cls, kind: str, data: bytes | None) -> StableIds:
        """Read groups back; None gives none."""
        if data is None:
            return cls(kind)
        end = 8 + int.from_bytes(data[:8], "little")
        return cls(kind, Assignment.decoded(data[8:end]), data[end:])


def _inherited(
    before: Assignment, members: npt.NDArray[np.uint32], rows: npt.NDArray[np.uint32], size: int
) -> npt.NDArray[np.int64]:
    """Return the row of the earlier group whose id each group of now gets, int64[size]; -1: none.

    Who shares most members chooses first, then the lesser id, then the lesser row. `members` and
    `rows`, the row of each one's group, are those of now.
    """
    heirs = np.full(size, -1)
    if not len(before.members):
        return heirs
    at = np.searchsorted(before.members, members)
    at[at == len(before.members)] = 0
    known = np.flatnonzero(before.members[at] == members)
    shared, counts = np.unique(pack(before.rows[at[known]], rows[known]), return_counts=True)
    old, row = ends(shared)
    alone = (np.bincount(old)[old] == 1) & (np.bincount(row)[row] == 1)  # they choose each other
    heirs[row[alone]] = old[alone]
    taken = set()
    some = ~alone
    names = picked(before.groups, old[some])
    claims = zip(
        (-counts[some]).tolist(), names, row[some].tolist(), old[some].tolist(), strict=True
    )
    for _, name, now, then in sorted(claims):
        if heirs[now] < 0 and name not in taken:
            heirs[now] = then
            taken.add(name)
    return heirs


def picked(names: Sequence[str], rows: npt.NDArray[np.integer]) -> list[str]:
    """Return the names of some rows."""
    return list(map(names.__getitem__, rows.tolist()))


def _free(id_: str, taken: Container[str], earlier: Container[str]) -> str:
    """Return the id, or one made from it where another group has it or had it."""
    while id_ in taken or id_ in earlier:
        id_ = xxh3_64_hexdigest(id_.encode())
    return id_
