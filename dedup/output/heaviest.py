"""Which passages weigh most: one rule, for the arrays of a scan and for the lines of a folder."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from dedup._jit.pairs import firsts
from dedup.output.fields import Rows
from dedup.output.schema import ClusterRow, MatchRow, TextRow
from dedup.records import RELATIONS, SCOPES, Relation
from dedup.text.arrays import stretches

_BOILERPLATE, _IDENTICAL = RELATIONS.index("boilerplate"), RELATIONS.index("identical")
_WITHIN = 1 << SCOPES.index("within-article")
_ACROSS = (1 << len(SCOPES)) - 1 - _WITHIN

_LARGE = np.iinfo(np.int64).max

LOOKED_AT = 64
"""Places of a text that are looked at for two beside one another. Higher finds two sites or two
stories more often where a text stands in very many places: at 64 at most 4,096 pairs are looked at.
"""


class Candidates(NamedTuple):
    """Texts and matches by number, in the order of their files."""

    words: Rows
    """int64[texts]"""
    boilerplate: npt.NDArray[np.bool_]
    """bool[texts]"""
    home: Rows
    """int64[texts]: number of the cluster that each text is in, or one of its own."""
    article: npt.NDArray[np.integer[Any]]
    """int[places]: article of each place, text by text."""
    bounds: Rows
    """int64[texts + 1]: where the places of each text begin."""
    story: Rows
    """int64[articles]: number of the story that each article is in, -1 for none."""
    a: Rows
    """int64[matches]: the text that each match names first."""
    b: Rows
    """int64[matches]: the other one."""
    relation: npt.NDArray[np.integer[Any]]
    """int[matches]: number in `dedup.records.RELATIONS`."""
    scopes: npt.NDArray[np.integer[Any]]
    """int[matches]: bits in the order of `dedup.records.SCOPES`."""


class Source(Protocol):
    """What a scan found, in memory or in a folder."""

    @property
    def sites(self) -> Mapping[str, str | None]:
        """The site of each article, by id."""

    @property
    def stories(self) -> Mapping[str, str | None]:
        """The id of the story that each article is in, by its id."""

    def candidates(self) -> Candidates:
        """Return the texts and matches."""

    def asked(self, among: Iterable[str]) -> npt.NDArray[np.bool_]:
        """Return which articles have these ids, bool[articles]."""

    def shared_words(self, matches: Rows) -> Rows:
        """Return how many words some matches share, roughly, int64[matches]."""

    def text_rows(self, texts: Collection[int]) -> list[TextRow]:
        """Return the lines of some texts, by number, ascending."""

    def match_rows(self, matches: Collection[int]) -> list[MatchRow]:
        """Return the lines of some matches, by number, ascending."""

    def largest(self, limit: int) -> list[ClusterRow]:
        """Return the lines of the clusters to read first (see `dedup.output.reading_order`)."""


class Wanted(NamedTuple):
    """Which passages are asked for."""

    relations: Sequence[Relation]
    least_words: int
    asked: npt.NDArray[np.bool_] | None
    """bool[articles]: of which one place at least is; None: of any."""
    beside_stories: bool
    """Whether what stands in two articles of one story alone is left out."""
    within: bool
    """Whether both places are in one article."""


class Chosen(NamedTuple):
    """The heaviest passages by number, the heaviest first."""

    texts: Rows
    """int64[chosen]: a text that stands twice; -1 for a match."""
    matches: Rows
    """int64[chosen]: a match; -1 for a text."""
    pairs: int
    """Of how many."""


def heaviest(source: Source, found: Candidates, wanted: Wanted, limit: int) -> Chosen:
    """Return the `limit` heaviest passages of the `found` candidates of a source.

    No cluster of versions is in two of them.
    """
    of_kind = np.isin(RELATIONS, list(wanted.relations))
    kind = np.where(found.boilerplate, _BOILERPLATE, _IDENTICAL)
    twice = (np.diff(found.bounds) > 1) & of_kind[kind] & (found.words >= wanted.least_words)
    texts = np.flatnonzero(twice)
    texts = texts[_meet(found, texts, texts, wanted, alone=True)]
    standing = found.boilerplate[found.a] | found.boilerplate[found.b]
    told = found.scopes & (_WITHIN if wanted.within else _ACROSS)
    is_wanted = of_kind[np.where(standing, _BOILERPLATE, found.relation)] & (told != 0)
    matches = np.flatnonzero(is_wanted)
    matches = matches[_meet(found, found.a[matches], found.b[matches], wanted, alone=False)]
    shared = source.shared_words(matches)
    matches, shared = (one[shared >= wanted.least_words] for one in (matches, shared))
    ends = np.append(texts, found.a[matches]), np.append(texts, found.b[matches])
    homes = np.sort(np.stack([found.home[end] for end in ends]), axis=0)
    best = _of_unlike_homes(homes, np.append(found.words[texts], shared), limit)
    none = np.full(max(len(texts), len(matches)), -1)
    return Chosen(
        np.append(texts, none[: len(matches)])[best],
        np.append(none[: len(texts)], matches)[best],
        len(texts) + len(matches),
    )


def _of_unlike_homes(homes: Rows, weight: Rows, limit: int) -> Rows:
    """Return the rows that weigh most, no home twice; of equals those whose homes came first.

    `homes`, int64[2, rows], are ordered in each row.

    >>> _of_unlike_homes(np.array([[0, 0, 1, 2], [1, 0, 1, 2]]), np.array([9, 5, 4, 5]), 2).tolist()
    [0, 3]
    """
    order = np.lexsort((-weight, homes[1], homes[0]))
    new = firsts(homes[0][order], homes[1][order])
    best = order[new]
    came = np.minimum.reduceat(order, np.flatnonzero(new)) if len(order) else order
    seen, rows = set[int](), list[int]()
    for row in best[np.lexsort((came, -weight[best]))].tolist():
        own = homes[:, row].tolist()
        if len(rows) < limit and seen.isdisjoint(own):
            seen.update(own)
            rows.append(row)
        elif len(rows) >= limit:
            break
    return np.array(rows, np.int64)


def _meet(
    found: Candidates, a: Rows, b: Rows, wanted: Wanted, *, alone: bool
) -> npt.NDArray[np.bool_]:
    """Tell which pairs of texts have two places as asked for; `alone`, a text and itself."""
    if not wanted.within:
        return _apart(found, a, b, wanted)
    if wanted.asked is None and not alone:
        return np.ones(len(a), np.bool_)  # the scope says it
    keys = [_articles(found, end, wanted.asked) for end in ((a,) if alone else (a, b))]
    each = np.sort(np.concatenate(keys if alone else [np.unique(one) for one in keys]))
    meeting = np.zeros(len(a), np.bool_)
    meeting[each[1:][each[1:] == each[:-1]] >> 32] = True
    return meeting


def _articles(found: Candidates, texts: Rows, asked: npt.NDArray[np.bool_] | None) -> Rows:
    """Return the articles of the places of some texts, each as row << 32 | article."""
    places, bounds = stretches(found.bounds[texts], np.diff(found.bounds)[texts])
    article = found.article[places].astype(np.int64)
    keys = np.repeat(np.arange(len(texts)) << 32, np.diff(bounds)) | article
    return keys if asked is None else keys[asked[article]]


def _apart(found: Candidates, a: Rows, b: Rows, wanted: Wanted) -> npt.NDArray[np.bool_]:
    """Tell which pairs of texts have places in two articles, of two stories if these are told."""
    names = np.arange(len(found.story))
    if wanted.beside_stories:
        names = np.where(found.story < 0, names, len(names) + found.story)
    name = names[found.article]
    every = np.ones(len(name), np.bool_)
    asked = every if wanted.asked is None else wanted.asked[found.article]
    low_a, high_a, low_b, high_b = (
        end for text in (a, b) for end in _extremes(name, found.bounds, text, every)
    )
    found_one = np.zeros(len(a), np.bool_)
    for text, low, high in ((a, low_b, high_b), (b, low_a, high_a)):
        own_low, own_high = _extremes(name, found.bounds, text, asked)
        found_one |= (own_high >= 0) & (np.minimum(own_low, low) != np.maximum(own_high, high))
    return found_one


def _extremes(
    name: Rows, bounds: Rows, texts: Rows, asked: npt.NDArray[np.bool_]
) -> tuple[Rows, Rows]:
    """Return the least and the greatest name among the first places of each text that are asked.

    Two texts have places of unlike names unless all of these are one. -1 is the greatest of none.
    """
    kept = np.flatnonzero(asked)
    begin = np.searchsorted(kept, bounds)
    some, where = np.unique(texts, return_inverse=True)
    counts = np.minimum(np.diff(begin)[some], LOOKED_AT)
    places, starts = stretches(begin[:-1][some], counts)
    low, high = np.full(len(some), _LARGE), np.full(len(some), -1)
    held = counts > 0
    if held.any():
        own = name[kept[places]]
        low[held] = np.minimum.reduceat(own, starts[:-1][held])
        high[held] = np.maximum.reduceat(own, starts[:-1][held])
    return low[where], high[where]
