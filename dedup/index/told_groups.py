"""Who is in which cluster and story, as the events of an index tell it.

Every change of membership is an event, so whoever takes in all of them, in order, has the groups of
the last settling and what was added since. `ToldGroups` is that consumer. The events are made by
`dedup.index.membership`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from dedup.index.answers import CHANGES, Event

Place = tuple[str, int]
"""A member of a cluster: an article's id, and the number of the paragraph in it."""


class ToldGroups:
    """The clusters and stories of an index, by the events that were taken in.

    >>> told = ToldGroups()
    >>> told.take(Event(1, "story joined", {"members": {"x": ["a", "b"], "y": ["c"]}}))
    >>> told.take(Event(2, "story merged", {"story": "y", "into": "x", "members": ["c"]}))
    >>> told.take(Event(3, "removed", {"article": "b", "names": ["b"]}))
    >>> {story: sorted(members) for story, members in told.stories.items()}
    {'x': ['a', 'c']}
    """

    def __init__(self) -> None:
        self.clusters: dict[str, set[Place]] = {}
        """The places of each cluster, by its id."""
        self.stories: dict[str, set[str]] = {}
        """The ids of each story's articles, by its id."""
        self._of: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)

    def take(self, event: Event) -> None:
        """Take in the next event; those that are about no membership change nothing."""
        kind, _, what = event.kind.partition(" ")
        data = event.data
        if event.kind == "restart":
            for held in (self.clusters, self.stories, self._of):
                held.clear()
        elif event.kind == "removed":
            for name in removed_names(event):
                self._forget(name)
        elif kind in ("cluster", "story") and "members" in data:
            if what == "joined":
                for group, members in data["members"].items():
                    if members:
                        self._put(kind, group, members)
            elif what == "left":
                for group, members in data["members"].items():
                    self._drop(kind, group, members)
            elif what in CHANGES:
                self._drop(kind, data[kind], data["members"])
                self._put(kind, data["into"], data["members"])

    def _groups(self, kind: str) -> dict[str, set[Any]]:
        return self.clusters if kind == "cluster" else self.stories

    def _put(self, kind: str, group: str, members: Iterable[Any]) -> None:
        held = self._groups(kind).setdefault(group, set())
        for member in members:
            held.add(member if isinstance(member, str) else tuple(member))
            self._of[member if isinstance(member, str) else member[0]].add((kind, group))

    def _drop(self, kind: str, group: str, members: Iterable[Any]) -> None:
        groups = self._groups(kind)
        held = groups.get(group, set())
        held.difference_update(m if isinstance(m, str) else tuple(m) for m in members)
        if not held:
            groups.pop(group, None)

    def _forget(self, name: str) -> None:
        for kind, group in self._of.pop(name, ()):
            groups = self._groups(kind)
            members = groups.get(group, set())
            gone = [m for m in members if name == (m if isinstance(m, str) else m[0])]
            self._drop(kind, group, gone)


def removed_names(event: Event) -> list[str]:
    """Return the ids of the members that an event `removed` takes out, those of revisions too.

    >>> removed_names(Event(1, "removed", {"article": "a"}))
    ['a']
    """
    found: list[str] = event.data.get("names", [event.data["article"]])
    return found
