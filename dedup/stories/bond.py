"""Which kin may be one story: near in time, and on one site only where nearly all is shared.

A site that writes of the same matter again repeats its own background, so there it takes more to
be a version: nearly all of the one, or the same headline or address. An address counts only where
most of what was fetched from it is alike: on some sites all items of a day stand at one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from dedup.stories.bodies import Bodies
from dedup.stories.facts import Facts
from dedup.stories.group import HELD
from dedup.stories.kin import Kin

WITHIN = 0.7
"""Share of own 5-grams that two bodies of one site share at least, the higher of both ways."""

ENOUGH = 24
"""Own 5-grams that two bodies share at least: the names of a delegation are no story."""

DAY = 86400
"""Seconds."""


def bond(kin: Kin, bodies: Bodies, facts: Sequence[Facts], window: float) -> npt.NDArray[np.bool_]:
    """Tell which pairs may be one story, bool[pairs].

    `facts` has one entry an article; `window` is the most days between two articles, 0 for no
    limit. Undated articles, and those whose dates are in doubt, are near all others.
    """
    held = np.flatnonzero(bodies.of >= 0)
    of = bodies.of[held]
    first, last = _moments(of, [facts[row] for row in held.tolist()], len(bodies.first))
    apart = np.maximum(first[kin.a] - last[kin.b], first[kin.b] - last[kin.a])
    near = ~(apart > window * DAY) if window else np.ones(len(kin.a), bool)
    owner = _only(of, [facts[row].owner for row in held.tolist()], len(bodies.first))
    inside = (owner[kin.a] == owner[kin.b]) & (owner[kin.a] >= 0)
    same = np.zeros(len(kin.a), bool)
    for name in ("headline", "document"):
        value = _only(of, [getattr(facts[row], name) for row in held.tolist()], len(bodies.first))
        same |= (value[kin.a] == value[kin.b]) & (value[kin.a] >= 0)
    high = np.maximum(kin.own_a, kin.own_b)
    enough = np.minimum(kin.own_a * bodies.own[kin.a], kin.own_b * bodies.own[kin.b]) >= ENOUGH
    bound: npt.NDArray[np.bool_] = near & enough & (~inside | same | (high >= WITHIN))
    return bound


def _moments(
    of: npt.NDArray[np.int32], facts: Sequence[Facts], bodies: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the earliest and latest moment each body may have been published, NaN if unknown."""
    first, last = np.full(bodies, np.inf), np.full(bodies, -np.inf)
    known = np.array([fact.time is not None for fact in facts], bool)
    bounds = np.array([fact.time.bounds for fact in facts if fact.time], float).reshape(-1, 2)
    np.minimum.at(first, of[known], bounds[:, 0])
    np.maximum.at(last, of[known], bounds[:, 1])
    unknown = np.isinf(first)
    first[unknown] = last[unknown] = np.nan
    return first, last


def _only(
    of: npt.NDArray[np.int32], values: Sequence[str | None], bodies: int
) -> npt.NDArray[np.int64]:
    """Return a number for what all articles of a body have in common, int64[bodies]; else -1."""
    numbers: dict[str, int] = {}
    each = np.array([numbers.setdefault(v, len(numbers)) if v else -1 for v in values], np.int64)
    least, most = np.full(bodies, len(numbers)), np.full(bodies, -1)
    np.minimum.at(least, of, each)
    np.maximum.at(most, of, each)
    return np.where(least == most, most, -1)


def own_addresses(facts: Sequence[Facts], kin: Kin, bodies: Bodies) -> list[Facts]:
    """Leave out the addresses at which articles stand that are no versions of one another.

    An address is an article's own when as many pairs of the different bodies found there are mostly
    one the other as it takes to connect them all.
    """
    held = np.flatnonzero(bodies.of >= 0)
    of = bodies.of[held]
    documents = [facts[row].document for row in held.tolist()]
    address = _only(of, documents, len(bodies.first))
    known = address >= 0
    count = np.bincount(address[known], minlength=1)
    alike = (np.maximum(kin.own_a, kin.own_b) >= HELD) & known[kin.a]
    alike &= address[kin.a] == address[kin.b]
    pairs = np.bincount(address[kin.a[alike]], minlength=len(count))
    shared = np.zeros(len(facts), bool)
    shared[held] = known[of] & (pairs < count - 1)[address[of]]
    return [
        fact._replace(document=None) if is_shared else fact
        for fact, is_shared in zip(facts, shared.tolist(), strict=True)
    ]
