"""The answers of an index, worked out again from all that it holds.

`add` answers at once, but the answer may change: two clusters turn out to be one, a line to be a
footer, a late arrival to be the original. Settling runs the stages of a scan on what is stored. So
its answers are those of one scan of everything, whatever the order of adding. Ids stay with the
members that had them, and what changed becomes events.

It works on what was there when it began. Others add meanwhile; only taking over is a transaction.
"""

from __future__ import annotations

import gc
import json
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from dedup import pipeline
from dedup._jit.pairs import ends, once, pack
from dedup.errors import InputError, LockedError
from dedup.index import kept_corpus
from dedup.index.answers import Event
from dedup.index.kept_corpus import CORPUS, Addition
from dedup.index.kept_measures import MEASURES, decoded, encoded, stamp
from dedup.index.learnt import Learnt
from dedup.index.loaded import Loaded, load
from dedup.index.membership import Membership, changes, joined, told_of
from dedup.index.stable_ids import (
    Assignment,
    CurrentGroups,
    Events,
    StableIds,
    cluster_id,
    story_id,
)
from dedup.index.state import (
    MEMBERS,
    NAMES,
    NEVER,
    SETTLED,
    SETTLINGS,
    IndexState,
    added,
    gone_from,
    state,
    told_name,
)
from dedup.index.told_groups import ToldGroups, removed_names
from dedup.lazy import column
from dedup.match.memory import Memory
from dedup.metadata.outlets import Outlets
from dedup.progress import Progress
from dedup.result import Result
from dedup.settings import Settings
from dedup.storage.protocol import PAST, Batch, Store
from dedup.ways import remembering

STEP = 1 << 12
"""Events read from the store at a time."""


@contextmanager
def _no_collection() -> Iterator[None]:
    """Let nobody look for garbage in a block that makes many objects, all of which stay.

    To look again and again takes half of the time of making them.
    """
    collected = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collected:
            gc.enable()


class Snapshot(NamedTuple):
    """What an index knows beside its files at one moment."""

    seq: int
    """The last article."""
    event: int
    """The last event."""
    mark: bytes
    """The last settling."""
    stable_ids: dict[str, StableIds]
    """Copies, which settling changes."""


def snapshot(index: IndexState) -> Snapshot:
    """Return what an index knows now; `renew` was called, and nobody writes meanwhile."""
    with index.turn:
        ids = {kind: stable.copied() for kind, stable in index.stable_ids.items()}
        return Snapshot(index.store.last_seq, index.event, index.mark, ids)


class Settled(NamedTuple):
    """The answers of an index as of a snapshot."""

    result: Result
    at: Snapshot
    before: dict[str, Assignment]
    """The groups of members by kind, as they were before."""
    members: dict[str, Membership]
    """The members of groups by kind."""
    events: Events
    """Which groups have another one to keep."""
    boilerplate: set[int]
    """Numbers of the texts that are boilerplate."""
    names: dict[int, str]
    """By seq, the ids of articles that came in several revisions."""
    learnt: Learnt
    """Which words say little."""
    measures: bytes
    """What was measured, for the next settling."""
    came: Addition | None
    """What is to be kept of articles that came since the last settling (see `kept_corpus`)."""


def settle(
    store: Store, at: Snapshot, settings: Settings, outlets: Outlets, progress: Progress
) -> Settled:
    """Run the stages of a scan on all that an index held at some moment.

    Nothing is written, and others may add and take out meanwhile: see `taken_over`. Raises
    `InputError` for an index without articles.
    """
    with _no_collection():
        loaded = load(store, at.seq)
    if not len(loaded.seq):
        raise InputError("the index holds no article; add some first")
    clock = pipeline.Clock()
    made_by = stamp(settings)
    memory = Memory(decoded(store.aside(MEASURES), made_by))
    result = pipeline.find(
        loaded.corpus,
        lambda: loaded.attributions,
        (),
        settings,
        outlets,
        progress,
        clock,
        remembering(memory),
    )
    before = {kind: stable.of for kind, stable in at.stable_ids.items()}
    clusters, told = at.stable_ids["cluster"].settle(_clusters(result, loaded))
    stories, more = at.stable_ids["story"].settle(_stories(result, loaded))
    named = replace(
        result,
        worded=loaded.worded,
        cluster_ids=clusters,
        story_result=replace(result.story_result, ids=stories),
    )
    members = {"cluster": _places(named, clusters), "story": _articles(named, stories)}
    boilerplate = set(loaded.numbers[np.flatnonzero(result.boilerplate)].tolist())
    return Settled(
        result=named,
        at=at,
        before=before,
        members=members,
        events=[*told, *more],
        boilerplate=boilerplate,
        names=loaded.revised,
        learnt=Learnt.of(result.corpus.texts, loaded.corpus, result.spans),
        measures=encoded(memory.after, made_by),
        came=loaded.came,
    )


def _clusters(result: Result, loaded: Loaded) -> CurrentGroups:
    ranking, corpus = result.ranking, loaded.corpus
    number = np.repeat(np.arange(len(ranking.reasons)), np.diff(ranking.offsets))
    cluster, text = ends(once(pack(number, corpus.text[ranking.members])))
    bounds = np.searchsorted(cluster, np.arange(len(ranking.reasons) + 1))
    first = ranking.members[ranking.offsets[:-1]]
    names = map(column(corpus.articles, "id").__getitem__, corpus.article[first].tolist())
    kept = [
        f"{article} {paragraph}"
        for article, paragraph in zip(names, corpus.paragraph[first].tolist(), strict=True)
    ]

    def derived(row: int) -> str:
        keys = corpus.key[text[bounds[row] : bounds[row + 1]]]
        return cluster_id(np.array(min(keys.tolist()), np.uint64))

    return CurrentGroups(loaded.numbers[text].astype(np.uint32), bounds, kept, derived)


def _stories(result: Result, loaded: Loaded) -> CurrentGroups:
    ids = column(loaded.corpus.articles, "id")
    rows = result.story_result.story_rows
    own = [[part.article for part in row.parts if part.role != "roundup part"] for row in rows]
    return CurrentGroups.of(
        [
            (story_id(ids[min(some)]), loaded.seq[some].tolist(), ids[row.canonical])
            for some, row in zip(own, rows, strict=True)
        ]
    )


def _places(result: Result, ids: Sequence[str]) -> Membership:
    ranking, corpus = result.ranking, result.corpus
    groups = np.repeat(np.arange(len(ids)), np.diff(ranking.offsets))
    articles, article = np.unique(corpus.article[ranking.members], return_inverse=True)
    names = column(corpus.articles, "id")
    return Membership(
        groups=list(ids),
        articles=[names[number] for number in articles.tolist()],
        pairs=pack(groups, article),
        paragraph=corpus.paragraph[ranking.members].astype(np.int32),
    )


def _articles(result: Result, ids: Sequence[str]) -> Membership:
    names = column(result.corpus.articles, "id")
    rows = zip(ids, result.story_result.story_rows, strict=True)
    return Membership.of(
        {id_: [names[part.article] for part in row.parts] for id_, row in rows}, "story"
    )


# -- Taking over, when others have written since the snapshot


def taken_over(index: IndexState, settled: Settled) -> Batch:
    """Return the transaction that makes the settled groups those of the index.

    What came since the snapshot stays as `add` told it, in the groups that its groups have become.
    To be called where nobody else writes. Raises `LockedError` where another settling was
    taken over since.
    """
    store, at = index.store, settled.at
    if (store.state(SETTLED) or NEVER) != at.mark:
        raise LockedError(
            "another process settled this index meanwhile, and its answers are in force; settle "
            "again if something was added since"
        )
    told = [Event.of(*event) for event in every_event(store, int(at.mark.split()[1]))]
    since = [event for event in told if event.sequence > at.event]
    carried = _carried(settled, since)
    events = [*settled.events]
    kept = {}
    for kind in MEMBERS:
        base = Membership.decoded(store.state(told_name(kind)))
        before = _followed(base, told, kind)
        after = _followed(settled.members[kind], carried, kind)
        events += changes(kind, before, after)
        kept[told_name(kind)] = after.encoded()
    boilerplate = set(settled.boilerplate)
    for event in since:
        if event.kind == "relabelled":
            change = boilerplate.add if event.data["boilerplate"] else boilerplate.discard
            change(event.data["text"])
    for text in sorted(index.boilerplate ^ boilerplate):
        events.append(("relabelled", {"text": text, "boilerplate": text in boilerplate}))
    kept[NAMES] = json.dumps(settled.names).encode()
    kept |= settled.learnt.kept()
    last = store.last_event + len(events)
    kept[SETTLINGS] = json.dumps(
        [*settlings(store), (time.time(), last)][-SETTLED_BEFORE:]
    ).encode()
    if settled.came is not None:
        kept[CORPUS] = settled.came.chain
    return Batch(events=events, state=kept | state(at.stable_ids, boilerplate, at.seq, last))


SETTLED_BEFORE = 4096
"""Settlings of which the time is known. Higher lets events of earlier times be forgotten: with one
settling a night, 4096 reach back eleven years."""


def settlings(store: Store) -> list[tuple[float, int]]:
    """Return when an index was settled, in seconds since 1970, with the last event then."""
    return [(at, event) for at, event in json.loads(store.state(SETTLINGS) or b"[]")]


def has_removals(store: Store) -> bool:
    """Tell whether an article may have been taken out since the last settling."""
    since = int((store.state(SETTLED) or NEVER).split()[1])
    for number, kind, _ in every_event(store, since):
        if kind in ("removed", PAST) or number > since + 1:  # some were forgotten
            return True
        since = number
    return False


def clear(store: Store, settings: Settings) -> None:
    """Leave nothing of articles that were taken out in what is kept for the next settling."""
    kept, made_by = kept_corpus.read(store), stamp(settings)
    measured = decoded(store.aside(MEASURES), made_by)
    for name in (MEASURES, CORPUS):
        store.put_aside(name, b"")
    if kept.links:
        rows, made = kept_corpus.without(kept, gone_from(store, kept.last + 1))
        measured = measured.only(rows.key[:, 0])
        if len(measured.keys):
            store.put_aside(MEASURES, encoded(measured, made_by))
        store.put_aside(CORPUS, made.data)
        store.append(Batch(state={CORPUS: made.chain}))


def told_since(store: Store, sequence: int) -> Iterator[Event]:
    """Yield the events with numbers above `sequence`, in order.

    Where some of them are forgotten, a `restart` comes first, then what the last settling told of
    all members, numbered so that whoever breaks off in it gets it again, then what came since.
    """
    first = next(iter(store.events(sequence, 1)), None)
    if first is not None and (first[0] > sequence + 1 or first[1] == PAST):
        sequence, told = _told_anew(store, sequence)
        yield from told
    yield from (Event.of(*event) for event in every_event(store, sequence))


def _told_anew(store: Store, sequence: int) -> tuple[int, list[Event]]:
    """Return the last event of the last settling, and events that tell its groups."""
    mark, last = b"", b"-"
    while mark != last:  # another process may settle meanwhile
        last = mark
        groups = {kind: Membership.decoded(store.state(told_name(kind))) for kind in MEMBERS}
        mark = store.state(SETTLED) or NEVER
    number = int(mark.split()[1])
    told: Events = [("restart", {})]
    for kind, members in groups.items():
        told += changes(kind, Membership.decoded(None), members)
    numbers = [sequence] * (len(told) - 1) + [number]
    return number, [Event(n, kind, data) for n, (kind, data) in zip(numbers, told, strict=True)]


def every_event(store: Store, since: int) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """Yield the events with numbers above `since`, in order."""
    while events := store.events(since, STEP):
        yield from events
        since = events[-1][0]


def _followed(groups: Membership, events: Sequence[Event], kind: str) -> Membership:
    """Return what groups have become by what was added and taken out since."""
    told = ToldGroups()
    for event in events:
        told.take(event)
    gone = {name for event in events if event.kind == "removed" for name in removed_names(event)}
    return joined([groups.without(gone), told_of(told, kind)])


def _carried(settled: Settled, events: Sequence[Event]) -> list[Event]:
    """Return the events since the snapshot with the groups that theirs have become.

    The numbers that came into them are noted in the stable ids.
    """
    heirs: dict[tuple[str, str], str] = {}
    for event in events:
        for kind, group, numbers in added(event):
            of = settled.at.stable_ids[kind].of
            if (kind, group) not in heirs:
                heirs[kind, group] = _heir(group, settled.before[kind], of, numbers)
            came = [number for number in numbers if of.get(number) is None]
            of.since.update(dict.fromkeys(came, heirs[kind, group]))
    return [_renamed(event, heirs) for event in events]


def _renamed(event: Event, heirs: Mapping[tuple[str, str], str]) -> Event:
    """Return an event with other groups for those that members joined."""
    kind, _, what = event.kind.partition(" ")
    if what != "joined":
        return event
    members: defaultdict[str, list[Any]] = defaultdict(list)
    for group, some in event.data["members"].items():
        members[heirs.get((kind, group), group)] += some
    return replace(event, data={"members": members})


def _heir(group: str, before: Assignment, after: Assignment, numbers: Sequence[int]) -> str:
    """Return the group that most members of an earlier one are in; itself where none is."""
    if group in after.groups:
        return group
    members = [*numbers, *(member for member, of in before.items() if of == group)]
    found = Counter(heir for member in members if (heir := after.get(member)) is not None)
    return min(found, key=lambda heir: (-found[heir], heir), default=group)
