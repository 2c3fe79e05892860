"""Which group keeps which id: as counted by hand, whatever was added since."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st
from xxhash import xxh3_64_hexdigest

from dedup.index.stable_ids import Assignment, CurrentGroups, StableIds

Plain = tuple[str, list[int], str]
"""A group: the id that a scan would give it, members, what is kept."""
GROUPING = st.dictionaries(st.integers(0, 12), st.integers(0, 4), max_size=12)
"""The group of each member, by number."""
SINCE = st.dictionaries(st.integers(0, 15), st.sampled_from("abcx"), max_size=4)


def groups(of: dict[int, int]) -> list[Plain]:
    """Groups with the ids that a scan would give them: of their least member."""
    members: dict[int, list[int]] = {}
    for member, group in sorted(of.items()):
        members.setdefault(group, []).append(member)
    return [("abcdefghijklm"[some[0]], some, str(some[-1])) for some in members.values()]


def by_hand(before: dict[int, str], now: list[Plain]) -> list[str]:
    """The largest overlap chooses first; who is left takes its own id, if nobody has or had it."""
    claims = [
        (-count, id_, row)
        for row, (_, members, _) in enumerate(now)
        for id_, count in Counter(before[m] for m in members if m in before).items()
    ]
    ids: dict[int, str] = {}
    for _, id_, row in sorted(claims):
        if row not in ids and id_ not in ids.values():
            ids[row] = id_
    for row, (derived, *_) in enumerate(now):
        id_ = derived
        while row not in ids and (id_ in ids.values() or id_ in before.values()):
            id_ = xxh3_64_hexdigest(id_.encode())
        ids.setdefault(row, id_)
    return [ids[row] for row in range(len(now))]


@given(st.lists(st.tuples(GROUPING, SINCE), min_size=1, max_size=4))
def test_ids_stay_with_most_members_whatever_was_added_since(
    rounds: list[tuple[dict[int, int], dict[int, str]]],
) -> None:
    stable = StableIds("cluster")
    for grouping, since in rounds:
        stable.of.since.update(since)
        before, now = dict(stable.of.items()), groups(grouping)
        named, _ = stable.settle(CurrentGroups.of(now))
        assert named == by_hand(before, now)
        found = {m: id_ for id_, (_, some, _) in zip(named, now, strict=True) for m in some}
        assert dict(stable.of.items()) == found
        assert dict(StableIds.decoded("cluster", stable.encoded()).of.items()) == found


@given(GROUPING, SINCE)
def test_what_was_added_since_is_as_if_it_had_been_settled(
    grouping: dict[int, int], since: dict[int, str]
) -> None:
    kept = Assignment.settled({member: "pqrst"[group] for member, group in grouping.items()})
    kept.since.update(since)
    whole = kept.whole()
    assert not whole.since
    assert list(whole.items()) == list(kept.items())
    assert whole.members.tolist() == sorted(set(whole.members.tolist()))
    assert [whole.get(member) for member in range(17)] == [kept.get(m) for m in range(17)]
