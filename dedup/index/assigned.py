"""Which group each member is in: as settled, in arrays that take no time to read, and since."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt


@dataclass(slots=True)
class Assigned:
    """The group of each member, by the member's number.

    >>> kept = Assigned.settled({7: "b", 3: "a", 9: "a"})
    >>> kept.since[8] = "b"
    >>> [kept.get(member) for member in (3, 7, 8, 5)]
    ['a', 'b', 'b', None]
    >>> dict(Assigned.decoded(kept.encoded()).items())
    {3: 'a', 7: 'b', 8: 'b', 9: 'a'}
    """

    members: npt.NDArray[np.uint32] = field(default_factory=lambda: np.empty(0, np.uint32))
    """uint32[n], ascending: those that had a group when it was settled."""
    rows: npt.NDArray[np.uint32] = field(default_factory=lambda: np.empty(0, np.uint32))
    """uint32[n]: the row of each one's group in `groups`."""
    groups: list[str] = field(default_factory=list)
    """Ids of groups."""
    since: dict[int, str] = field(default_factory=dict)
    """The groups of those that were given one since, which goes before."""

    @classmethod
    def settled(cls, groups: Mapping[int, str]) -> Assigned:
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

    def encoded(self) -> bytes:
        """Return it as bytes: how many members, the arrays, the ids of the groups as JSON."""
        whole = Assigned.settled(dict(self.items())) if self.since else self
        head = np.array([len(whole.members)], "<u8").tobytes()
        arrays = whole.members.astype("<u4").tobytes() + whole.rows.astype("<u4").tobytes()
        return head + arrays + json.dumps(whole.groups).encode()

    @classmethod
    def decoded(cls, data: bytes) -> Assigned:
        """Read back what `encoded` gave."""
        count = int(np.frombuffer(data, "<u8", 1)[0])
        members = np.frombuffer(data, "<u4", count, 8).astype(np.uint32)
        rows = np.frombuffer(data, "<u4", count, 8 + 4 * count).astype(np.uint32)
        return cls(members, rows, json.loads(data[8 + 8 * count :]))
