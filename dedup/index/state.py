"""What an index knows beside its files: groups and boilerplate, as settled and as changed since."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from threading import Lock

import numpy as np
import numpy.typing as npt

from dedup.index.answers import BY_TEXT, Event, NewWhen
from dedup.index.learnt import Learnt
from dedup.index.stable_ids import StableIds
from dedup.metadata.outlets import Outlets
from dedup.settings import Settings
from dedup.storage.protocol import Store

BOILERPLATE_NOTE, SETTLED, GONE = "standing", "settled", "gone"
"""Names of blobs in the store: the numbers of texts that are boilerplate, the last article and
event when the groups (blobs `cluster` and `story`) were settled, and which articles were taken
out."""

NEVER = b"0 0"
"""What stands for `SETTLED` before the first settling."""

MEMBERS = {"cluster": "texts", "story": "sequences"}
"""The kinds of groups, and the field of an event of `add` with the numbers of what came into them,
by id of the group."""

SETTLINGS = "settlings"
"""Name of a blob in the store: as JSON, when the index was settled, in seconds since 1970, and the
last event then, for each settling."""

NAMES = "names"
"""Name of a blob in the store: as JSON by seq, the ids of articles in settled answers where these
are not their own, as those of earlier revisions are not."""

_EVENTS = 1000  # read at a time


def no_stable_ids() -> dict[str, StableIds]:
    """Return no groups: neither of texts (`cluster`) nor of articles (`story`)."""
    return {kind: StableIds(kind) for kind in MEMBERS}


@dataclass(slots=True)
class IndexState:
    """What an index knows beside its files; `renew` brings it up to date."""

    store: Store
    settings: Settings
    outlets: Outlets
    keep_text: bool
    new_when: NewWhen = BY_TEXT
    stable_ids: dict[str, StableIds] = field(default_factory=no_stable_ids)
    boilerplate: set[int] = field(default_factory=set)
    """Numbers of the texts that are boilerplate of a site."""
    learnt: Learnt = field(default_factory=Learnt.none)
    """Which words say little, as of the last settling."""
    looked: dict[int, int] = field(default_factory=dict)
    """How often a text was looked at that is no boilerplate (see `dedup.index.boilerplate`)."""
    gone: npt.NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, bool))
    """bool[seqs or fewer]: by seq, whether the article was taken out."""
    event: int = 0
    """The last event that is taken into account."""
    mark: bytes = NEVER
    """The last settling that is taken into account."""
    settling: Lock = field(default_factory=Lock)
    """Held while one thread settles."""
    turn: Lock = field(default_factory=Lock)
    """Held while one thread changes the fields above; nobody asks the store meanwhile."""
    alone: Settings = field(init=False)
    """The settings with one thread: starting more takes longer than one article's work."""

    def __post_init__(self) -> None:
        self.alone = replace(self.settings, threads=1)


def renew(index: IndexState) -> None:
    """Take in what this process or others recorded since."""
    store = index.store
    mark, last = store.state(SETTLED) or NEVER, store.last_event
    if mark != index.mark:
        kept = {kind: StableIds.decoded(kind, store.state(kind)) for kind in MEMBERS}
        boilerplate = set(np.frombuffer(store.state(BOILERPLATE_NOTE) or b"", np.uint32).tolist())
        learnt = Learnt.read(store)
        with index.turn:
            index.stable_ids, index.boilerplate, index.learnt = kept, boilerplate, learnt
            index.mark, index.event = mark, int(mark.split()[1])
        index.gone = _gone(store)
    while index.event < last:
        told = [Event.of(*event) for event in store.events(index.event, _EVENTS)]
        if any(event.kind == "removed" for event in told):
            index.gone = _gone(store)
        with index.turn:
            for event in told:
                if event.sequence > index.event:  # else another thread has taken it in meanwhile
                    _take_in(index, event)


def _take_in(index: IndexState, event: Event) -> None:
    index.event, data = event.sequence, event.data
    if event.kind == "relabelled":
        change = index.boilerplate.add if data["boilerplate"] else index.boilerplate.discard
        change(data["text"])
    for kind, group, numbers in added(event):
        index.stable_ids[kind].of.since.update(dict.fromkeys(numbers, group))


def added(event: Event) -> Iterator[tuple[str, str, list[int]]]:
    """Yield kind, id and the numbers of members for groups into which an addition came.

    >>> list(added(Event(1, "story joined", {"members": {}, "sequences": {"x": [1, 2]}})))
    [('story', 'x', [1, 2])]
    """
    for kind, numbers in MEMBERS.items():
        found = event.data.get(numbers, {})
        if isinstance(found, list):  # as events of version 2 had it
            found = {event.data[kind]: found}
        yield from ((kind, group, members) for group, members in found.items())


def told_name(kind: str) -> str:
    """Return the name of the blob that says what events told of the groups of a kind."""
    return f"told {kind}"


def _gone(store: Store) -> npt.NDArray[np.bool_]:
    packed = store.state(GONE)
    if not packed:
        return np.zeros(0, bool)
    return np.unpackbits(np.frombuffer(zlib.decompress(packed), np.uint8)).astype(bool)


def gone_from(store: Store, size: int) -> npt.NDArray[np.bool_]:
    """Return for each seq below `size` whether the article was taken out, bool[size]."""
    gone = np.zeros(size, bool)
    known = _gone(store)[:size]
    gone[: len(known)] = known
    return gone


def taken_out(store: Store, seqs: Sequence[int]) -> dict[str, bytes]:
    """Return what `renew` reads back when these articles are taken out, too."""
    gone = gone_from(store, store.last_seq + 1)
    gone[list(seqs)] = True
    return {GONE: zlib.compress(np.packbits(gone).tobytes(), 1)}


def state(
    stable_ids: Mapping[str, StableIds], boilerplate: Collection[int], seq: int, event: int
) -> dict[str, bytes]:
    """Return what `renew` reads back: settled up to an article, with all up to an event in it."""
    texts = np.array(sorted(boilerplate), np.uint32).tobytes()
    kept = {kind: stable.encoded() for kind, stable in stable_ids.items()}
    mark = f"{seq} {event}".encode()  # another at each settling
    return {BOILERPLATE_NOTE: texts, SETTLED: mark, **kept}
