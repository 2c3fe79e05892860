"""What changed between two states of groups, beside the plain form of it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dedup.index.membership import Membership, changes, joined

PLACES = st.tuples(st.sampled_from("abcd"), st.integers(0, 2))
CLUSTERS = st.dictionaries(st.sampled_from("vwxyz"), st.sets(PLACES, min_size=1), max_size=5)
Groups = dict[str, set[tuple[str, int]]]


def pairs(groups: Groups) -> set[tuple[str, Any]]:
    return {(group, member) for group, members in groups.items() for member in members}


def by_hand(before: Groups, after: Groups) -> list[tuple[str, Any, Any]]:
    """What happened, the two groups or the article, and the members or groups with members."""
    came, gone = pairs(after) - pairs(before), pairs(before) - pairs(after)
    to, of = (Counter(member for _, member in some) for some in (came, gone))
    turned: dict[tuple[str, str], list[Any]] = {}
    for old, member in sorted(gone):
        for new, other in sorted(came):
            if member == other and to[member] == of[member] == 1:
                turned.setdefault((old, new), []).append(member)
    found: list[tuple[str, Any, Any]] = []
    for (old, new), members in sorted(turned.items()):
        what = "merged" if old not in after else "moved" if new in before else "split"
        found.append((what, (old, new), members))
    for what, some in (("left", gone), ("joined", came)):
        rest = sorted(pair for pair in some if not to[pair[1]] == of[pair[1]] == 1)
        for article in sorted({member[0] for _, member in rest}):
            told: dict[str, list[Any]] = {}
            for group, member in rest:
                if member[0] == article:
                    told.setdefault(group, []).append(member)
            found.append((what, article, told))
    return found


@given(CLUSTERS, CLUSTERS)
def test_the_events_between_two_states_are_those_that_are_counted_by_hand(
    before: Groups, after: Groups
) -> None:
    found = [
        (
            kind.removeprefix("cluster "),
            data["article"] if "article" in data else (data["cluster"], data["into"]),
            data["members"],
        )
        for kind, data in changes(
            "cluster", Membership.of(before, "cluster"), Membership.of(after, "cluster")
        )
    ]
    assert found == by_hand(before, after)


@given(st.lists(CLUSTERS, max_size=3))
def test_states_put_together_have_the_members_of_all_each_once(states: list[Groups]) -> None:
    whole = joined([Membership.of(groups, "cluster") for groups in states])
    expected = sorted(set().union(*map(pairs, states)))
    assert whole.items("cluster") == expected
    assert Membership.decoded(whole.encoded()).items("cluster") == expected
