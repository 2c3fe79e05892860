"""Which articles are linked, and what each link says: columns of many links, and their records."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup.records import ROLES, Link
from dedup.stories.directions import Directions
from dedup.stories.distinct_articles import DistinctArticles
from dedup.stories.first_publisher import Direction
from dedup.stories.overlap import LEAST, Overlap
from dedup.stories.roles import role_of

Rows = npt.NDArray[np.int64]
"""int64[rows]: numbers of rows."""

_NUMBERS = {role: number for number, role in enumerate(ROLES)}


class LinkRows(NamedTuple):
    """Some links; see `dedup.records.Link`."""

    a: Rows
    """int64[links]: number of the one article."""
    b: Rows
    """int64[links]: number of the other."""
    kind: Rows
    """int64[links]: numbers in `dedup.records.ROLES`."""
    share_of_b: npt.NDArray[np.float32]
    """float32[links]"""
    share_of_a: npt.NDArray[np.float32]
    """float32[links]"""
    containment: npt.NDArray[np.float32]
    """float32[links]"""
    words: Rows
    """int64[links]"""
    answers: Sequence[Direction]
    """Who had it first, each different answer once."""
    answer: Rows
    """int64[links]: the answer of each link, a number in `answers`."""

    def between(self, low: int, high: int) -> LinkRows:
        """Return the links from one number to another one."""
        part = slice(low, high)
        return LinkRows(
            self.a[part],
            self.b[part],
            self.kind[part],
            self.share_of_b[part],
            self.share_of_a[part],
            self.containment[part],
            self.words[part],
            self.answers,
            self.answer[part],
        )

    @property
    def first(self) -> Rows:
        """The article that had it first, -1 where that is unknown, int64[links]."""
        first = np.array([answer.first for answer in self.answers], np.int64)[self.answer]
        return np.where(first < 0, -1, np.where(first == 0, self.a, self.b))


def link_ends(
    overlap: Overlap, distinct: DistinctArticles, known: npt.NDArray[np.float64]
) -> npt.NDArray[np.int64]:
    """Return both articles of each link and its row in `overlap`, or -1, int64[links, 3].

    They are ordered by the articles. Those with the same words are linked with the first of them,
    which stands for all of them in links with others; `known`, float64[articles], are the moments
    at which each was published for sure.
    """
    of = distinct.of
    held = np.flatnonzero(of >= 0)
    order = held[np.argsort(known[held], kind="stable")]
    lead = np.full(len(distinct.first), -1, np.int64)
    lead[of[order[::-1]]] = order[::-1]
    rest = held[lead[of[held]] != held]
    a = np.concatenate([lead[overlap.a], lead[of[rest]]])
    b = np.concatenate([lead[overlap.b], rest])
    row = np.concatenate([np.arange(len(overlap.a)), np.full(len(rest), -1)])
    ends = np.stack([np.minimum(a, b), np.maximum(a, b), row], axis=1)
    return ends[np.lexsort((ends[:, 1], ends[:, 0]))]


def link_rows(
    ends: npt.NDArray[np.int64],
    overlap: Overlap,
    distinct: DistinctArticles,
    lengths: Rows,
    directions: Directions,
) -> LinkRows:
    """Return what some links say.

    `ends` are some rows of `link_ends`; `lengths`, int64[articles], are the words of each article.
    """
    a, b, row = ends.T
    of_a, of_b, containment = np.ones((3, len(ends)), np.float32)
    own, words = np.ones(len(ends)), np.minimum(lengths[a], lengths[b])
    at = np.flatnonzero(row >= 0)
    found = overlap.take(row[at])
    turned = distinct.of[a[at]] != found.a
    of_a[at] = np.where(turned, found.of_b, found.of_a)
    of_b[at] = np.where(turned, found.of_a, found.of_b)
    containment[at], own[at] = found.containment, np.maximum(found.own_a, found.own_b)
    words[at] = np.rint(found.words)
    held = np.stack([of_a, of_b]).astype(np.float64)
    answers, answer = directions.of(a, b, held, own < LEAST)
    roles = map(role_of, held[1].tolist(), held[0].tolist())
    kind = np.array([_NUMBERS[role] for role in roles], np.int64)
    return LinkRows(a, b, kind, of_b, of_a, containment, words, answers, answer)


def link_records(found: LinkRows, ids: Sequence[str]) -> list[Link]:
    """Return the records of some links; `ids` has one entry an article."""
    shares = (found.share_of_b, found.share_of_a, found.containment, found.words)
    columns = zip(
        *(column.tolist() for column in (found.a, found.b, found.kind)),
        *(column.tolist() for column in (*shares, found.first, found.answer)),
        strict=True,
    )
    return [
        Link(
            a=ids[a],
            b=ids[b],
            kind=ROLES[kind],
            share_of_b=of_b,
            share_of_a=of_a,
            containment=containment,
            words=words,
            first=None if first < 0 else ids[first],
            confidence=found.answers[answer].confidence,
            lag=found.answers[answer].lag,
            reasons=found.answers[answer].reasons,
        )
        for a, b, kind, of_b, of_a, containment, words, first, answer in columns
    ]
