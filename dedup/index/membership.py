"""Who is in which group, as arrays, and the events that lead from one state to the next."""

from __future__ import annotations

import json
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from dedup._jit.pairs import firsts, lefts, pack, rights, sorting, starts
from dedup.index.stable_ids import Events, picked
from dedup.index.told_groups import ToldGroups


class Membership(NamedTuple):
    """Which members the groups of one kind have; an article may be in several stories.

    >>> one = Membership.of({"x": ["a", "b"]}, "story")
    >>> Membership.decoded(one.encoded()).items("story")
    [('x', 'a'), ('x', 'b')]
    """

    groups: list[str]
    """Ids of groups."""
    articles: list[str]
    """Ids of articles, as a settled result has them."""
    pairs: npt.NDArray[np.uint64]
    """uint64[n]: row of the group << 32 | row of the article."""
    paragraph: npt.NDArray[np.int32]
    """int32[n]: of a cluster's member the number of the paragraph; 0 for stories."""

    @classmethod
    def of(cls, groups: Mapping[str, Iterable[Any]], kind: str) -> Membership:
        """Take groups as an event names their members."""
        found = [
            (group, member, 0) if kind == "story" else (group, *member)
            for group, members in groups.items()
            for member in members
        ]
        names, articles, paragraphs = (
            (list(column) for column in zip(*found, strict=True)) if (found) else ([], [], [])
        )
        return cls.made(names, articles, np.array(paragraphs, np.int32))

    @classmethod
    def made(
        cls, groups: Sequence[str], articles: Sequence[str], paragraph: npt.NDArray[np.int32]
    ) -> Membership:
        """Take one group, article and paragraph a member."""
        each = np.arange(len(paragraph))
        names, group = _merged([(groups, each)])
        ids, article = _merged([(articles, each)])
        return cls(names, ids, pack(group, article), paragraph)

    def items(self, kind: str) -> list[tuple[str, Any]]:
        """List groups and members, ordered, as events name them."""
        found = zip(
            (self.groups[row] for row in lefts(self.pairs).tolist()),
            (self.articles[row] for row in rights(self.pairs).tolist()),
            self.paragraph.tolist(),
            strict=True,
        )
        return sorted((g, a if kind == "story" else (a, p)) for g, a, p in found)

    def without(self, articles: Iterable[str]) -> Membership:
        """Leave some articles out."""
        gone = set(articles)
        if not gone:
            return self
        kept = ~np.array([article in gone for article in self.articles], bool)
        rows = kept[rights(self.pairs)]
        return self._replace(pairs=self.pairs[rows], paragraph=self.paragraph[rows])

    def encoded(self) -> bytes:
        """Return it as bytes."""
        names = json.dumps([self.groups, self.articles]).encode()
        head = np.array([len(self.pairs), len(names)], "<u8").tobytes()
        arrays = self.pairs.astype("<u8").tobytes() + self.paragraph.astype("<i4").tobytes()
        return zlib.compress(head + names + arrays, 1)

    @classmethod
    def decoded(cls, data: bytes | None) -> Membership:
        """Read back what `encoded` returned; None gives no members."""
        if data is None:
            return cls([], [], np.zeros(0, np.uint64), np.zeros(0, np.int32))
        plain = zlib.decompress(data)
        count, size = np.frombuffer(plain, "<u8", 2).tolist()
        groups, articles = json.loads(plain[16 : 16 + size])
        pairs = np.frombuffer(plain, "<u8", count, 16 + size).astype(np.uint64)
        paragraph = np.frombuffer(plain, "<i4", count, 16 + size + 8 * count).astype(np.int32)
        return cls(groups, articles, pairs, paragraph)


def _merged(
    columns: Sequence[tuple[Sequence[str], npt.NDArray[np.int64]]],
) -> tuple[list[str], npt.NDArray[np.int64]]:
    """Return the names of several columns, each once, and the row of each entry among these.

    A column is names and the row among them of each of its entries.
    """
    every = list(dict.fromkeys(chain.from_iterable(names for names, _ in columns)))
    row = dict(zip(every, range(len(every)), strict=True))
    found = [np.zeros(0, np.int64)]
    for names, entries in columns:
        found.append(np.fromiter(map(row.__getitem__, names), np.int64, len(names))[entries])
    return every, np.concatenate(found)


def joined(parts: Sequence[Membership]) -> Membership:
    """Put several together; a member of one group that stands in several parts is there once.

    >>> one = Membership.of({"x": ["a"]}, "story")
    >>> joined([one, one]).items("story")
    [('x', 'a')]
    """
    groups, group, articles, article, paragraph = _together(parts)
    pairs = pack(group, article)
    order = np.lexsort((paragraph, pairs))
    pairs, paragraph = pairs[order], paragraph[order]
    kept = firsts(pairs, paragraph)
    return Membership(groups, articles, pairs[kept], paragraph[kept])


# -- From one state to the next


def told_of(told: ToldGroups, kind: str) -> Membership:
    """Return the groups of one kind that events told."""
    return Membership.of(told.clusters if kind == "cluster" else told.stories, kind)


def changes(kind: str, before: Membership, after: Membership) -> Events:
    """Return the events that lead from one state of the groups of a kind to the next.

    What came or left is one event an article for clusters, and one a group for stories. Members
    that turned from one group to another are one event for each two groups.

    >>> before = Membership.of({"x": ["a", "b"], "y": ["c", "d"]}, "story")
    >>> after = Membership.of({"x": ["a", "b", "c", "d", "e"]}, "story")
    >>> for event in changes("story", before, after):
    ...     print(*event)
    story merged {'story': 'y', 'into': 'x', 'members': ['c', 'd']}
    story joined {'members': {'x': ['e']}}
    """
    came, gone = _different(kind, before, after)
    new, old = _alone(came), _alone(gone)
    turns = new.keys() & old.keys()
    turned: defaultdict[tuple[str, str], list[Any]] = defaultdict(list)
    for member in sorted(turns):
        turned[old[member], new[member]].append(member)
    earlier, later = _there(before), _there(after)
    events: Events = []
    for (group, into), members in sorted(turned.items()):
        what = "merged" if group not in later else "split" if into not in earlier else "moved"
        events.append((f"{kind} {what}", {kind: group, "into": into, "members": members}))
    for what, pairs in (("left", gone), ("joined", came)):
        rest = [pair for pair in pairs if pair[1] not in turns]
        events += ((f"{kind} {what}", data) for data in _packed(kind, rest))
    return events


def _there(groups: Membership) -> set[str]:
    return set(picked(groups.groups, np.flatnonzero(np.bincount(lefts(groups.pairs)))))


def _different(
    kind: str, before: Membership, after: Membership
) -> tuple[list[tuple[str, Any]], list[tuple[str, Any]]]:
    """Return groups with members that only the later state has, and those of the earlier alone.

    Groups and members are as events name them, ordered.
    """
    groups, group, ids, article, paragraph = _together([before, after])
    order = sorting(group, article, paragraph)
    runs = starts(group[order], article[order], paragraph[order])
    later = np.append(0, np.cumsum(order >= len(before.pairs)))
    held = np.diff(later[runs])

    def told(some: npt.NDArray[np.bool_]) -> list[tuple[str, Any]]:
        columns = (
            column[order[runs[:-1][some]]].tolist() for column in (group, article, paragraph)
        )
        return sorted(
            (groups[g], ids[a] if kind == "story" else (ids[a], p))
            for g, a, p in zip(*columns, strict=True)
        )

    return told(held == np.diff(runs)), told(held == 0)


def _alone(pairs: Sequence[tuple[str, Any]]) -> dict[Any, str]:
    """Return the group of each member that stands once among some."""
    count = Counter(member for _, member in pairs)
    return {member: group for group, member in pairs if count[member] == 1}


def _together(
    parts: Sequence[Membership],
) -> tuple[
    list[str],
    npt.NDArray[np.int64],
    list[str],
    npt.NDArray[np.int64],
    npt.NDArray[np.int32],
]:
    """Return the members of several parts one after another, with names that are common to all.

    First the ids of groups and each member's row among them, then the same of articles, then the
    paragraphs.
    """
    groups, group = _merged([(part.groups, lefts(part.pairs)) for part in parts])
    ids, article = _merged([(part.articles, rights(part.pairs)) for part in parts])
    paragraph = np.concatenate([np.zeros(0, np.int32), *(part.paragraph for part in parts)])
    return groups, group, ids, article, paragraph


def _packed(kind: str, pairs: Sequence[tuple[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the data of events: one an article for clusters, one a group for stories."""
    sheets: defaultdict[str, defaultdict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for group, member in pairs:
        sheets[group if kind == "story" else member[0]][group].append(member)
    for name in sorted(sheets):
        head = {} if kind == "story" else {"article": name}
        yield {**head, "members": dict(sheets[name])}
