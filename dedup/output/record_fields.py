"""What texts, matches and clusters hold: each field once, for records and for files."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from dedup._jit.pairs import ends, once, pack, sorting
from dedup.match import relations, scopes
from dedup.match.align import STEP, Blocks, characters, spans
from dedup.match.boilerplate_spans import Spans
from dedup.match.canonical import Ranking
from dedup.match.verify import PASSAGE, SKETCH, Matches, paths
from dedup.output import json_cells
from dedup.output.fields import (
    Fields,
    Id,
    Made,
    Many,
    One,
    OneOf,
    Rounded,
    Rows,
    Taken,
    Whole,
    Written,
)
from dedup.output.json_cells import Cells
from dedup.policies import RUNNERS_UP
from dedup.records import RELATIONS, SCOPES, Block, Span, Version
from dedup.text.arrays import stretches
from dedup.text.corpus import Corpus

SHARES, EVIDENCE = 4, 2
"""Digits after the point of shares, and of evidence. Higher tells more, in longer files: at 4 a
share of two thirds is 0.6667."""

AT_ONCE = 1 << 16
"""Matches whose stretches are found at a time where those of all are. Higher tokenises a text of
many matches less often, and takes more memory: at 65,536 some 20 MB."""

_FLAGS = (False, True)


def text_fields(
    of: Corpus,
    rows: Rows,
    words: npt.NDArray[np.int32],
    boilerplate: npt.NDArray[np.bool_],
    standing: Spans,
    occurrences: Many,
    *,
    worded: bool,
) -> Fields:
    """Return the fields of some texts, int64[rows]; the other arrays have an entry a text.

    `standing` are the boilerplate spans in texts, of which nothing is told without `worded`, as
    articles have no texts then; `occurrences` has the places of each row.
    """
    return {
        "text_id": Id(of.key, rows),
        "words": Whole(words[rows]),
        "text": Written(of, of.first[rows]),
        "boilerplate": OneOf(_FLAGS, boilerplate[rows].astype(np.int64)),
        "boilerplate_spans": Standing(standing, rows, of, worded),
        "occurrences": occurrences,
    }


def place_fields(corpus: Corpus) -> Fields:
    """Return where each paragraph stands."""
    ids = [article.id for article in corpus.articles]
    return {
        "article": OneOf(ids, corpus.article),
        "paragraph": Whole(corpus.paragraph),
        "start": Whole(corpus.start),
        "end": Whole(corpus.end),
    }


def match_fields(matches: Matches, blocks: Blocks, corpus: Corpus, *, worded: bool) -> Fields:
    """Return the fields of matches; without `worded`, articles have no texts and these no spans."""
    i, j = (end.astype(np.int64) for end in ends(matches.pairs))
    turned = _greater(corpus.key, i, j)
    kinds = matches.relation.astype(np.int64) << 8 | matches.deciding
    reasons = {n: relations.reason(n >> 8, n & 255) for n in np.unique(kinds).tolist()}
    return {
        "a": Id(corpus.key, np.where(turned, j, i)),
        "b": Id(corpus.key, np.where(turned, i, j)),
        "relation": OneOf(RELATIONS, matches.relation),
        "reason": OneOf(
            list(reasons.values()), np.searchsorted(np.array(list(reasons), np.int64), kinds)
        ),
        "evidence": Rounded(matches.evidence, EVIDENCE),
        "proposed": OneOf([paths(bits) for bits in range((SKETCH | PASSAGE) + 1)], matches.path),
        "jaccard": Rounded(matches.jaccard, SHARES),
        "containment": Rounded(matches.containment, SHARES),
        "longest_run": Whole((blocks.longest + 1) // 2),
        "scopes": OneOf([scopes.names(bits) for bits in range(1 << len(SCOPES))], matches.scopes),
        "spans": Shared(matches.pairs, blocks, turned, corpus, worded),
    }


def version_fields(
    ranking: Ranking, corpus: Corpus, places: Fields, similarity: npt.NDArray[np.float32]
) -> Fields:
    """Return the fields of the members of clusters, in the order of `ranking.members`.

    `places` are those of `place_fields`; `similarity` has an entry a member.
    """
    rows = ranking.members
    return {
        "text_id": Id(corpus.key, corpus.text[rows]),
        **{name: Taken(one, rows) for name, one in places.items()},
        "text": Written(corpus, rows),
        "similarity": Rounded(similarity, SHARES),
    }


def cluster_fields(
    ranking: Ranking,
    corpus: Corpus,
    ids: Callable[[int], str],
    boilerplate: npt.NDArray[np.bool_],
    version: Callable[[int], Version],
    versions: Fields,
) -> Fields:
    """Return the fields of clusters.

    `ids` returns the id of a cluster; `boilerplate` is bool[clusters]; `version` makes the record
    of a member, whose fields `versions` are.
    """
    first, last = ranking.offsets[:-1], ranking.offsets[1:]
    sizes = np.diff(ranking.offsets)
    of = np.repeat(np.arange(len(sizes)), sizes)
    articles = corpus.article[ranking.members]
    names = {one.site: number for number, one in enumerate(corpus.articles)}
    site = np.array([names[one.site] for one in corpus.articles], np.int64)
    in_articles, in_sites = (
        _different(of, articles, len(sizes)),
        _different(of, site[articles], len(sizes)),
    )
    ranked = np.arange(len(ranking.members))
    in_order = sorting(of, ranking.members)
    listed = {name: one for name, one in versions.items() if name != "text"}
    kept = {name: one for name, one in versions.items() if name != "similarity"}
    return {
        "cluster": Made(ids),
        "size": Whole(sizes),
        "articles": Whole(in_articles),
        "sites": Whole(in_sites),
        "scope": OneOf(SCOPES, np.where(in_sites > 1, 2, np.where(in_articles > 1, 1, 0))),
        "boilerplate": OneOf(_FLAGS, boilerplate.astype(np.int64)),
        "canonical": One(version, kept, first),
        "reason": Made(ranking.reasons.__getitem__),
        "runners_up": Many(
            version, listed, ranked, first + 1, np.minimum(first + 1 + RUNNERS_UP, last)
        ),
        "members": Many(version, listed, in_order, first, last),
    }


def _different(of: Rows, values: npt.NDArray[np.integer[Any]], rows: int) -> Rows:
    """Return how many different values each row has, int64[rows]; `of` is the row of each value."""
    return np.bincount(ends(once(pack(of, values)))[0], minlength=rows)


def _greater(keys: npt.NDArray[np.uint64], i: Rows, j: Rows) -> npt.NDArray[np.bool_]:
    """Return of which pairs of texts the id of the first is the greater one, bool[pairs]."""
    high, low = keys[:, 0], keys[:, 1]
    greater: npt.NDArray[np.bool_] = np.where(
        high[i] == high[j], low[i] > low[j], high[i] > high[j]
    )
    return greater


@dataclass(frozen=True, eq=False)
class Shared:
    """The stretches that the two texts of each match share."""

    pairs: npt.NDArray[np.uint64]
    blocks: Blocks
    turned: npt.NDArray[np.bool_]
    """bool[matches]: whether the record has the second text of the pair first."""
    corpus: Corpus
    worded: bool
    """Whether the texts are there, to count characters in."""
    _known: dict[int, tuple[npt.NDArray[np.int32], Rows]] = field(default_factory=dict)
    _every: list[npt.NDArray[np.int32]] = field(default_factory=list)
    """The stretches of all matches, once somebody asked for them."""

    def work_out(self, workers: int) -> None:
        """Find the stretches of all matches, which takes less time than of some after others."""
        if not self.worded or self._every:
            return
        bounds, every = self.blocks.offsets, np.empty((len(self.blocks.tokens), 4), np.int32)
        for low in range(0, len(self.pairs), AT_ONCE):
            high = min(low + AT_ONCE, len(self.pairs))
            every[bounds[low] : bounds[high]], _ = self._stretches(np.arange(low, high), workers)
        self._every.append(every)

    @functools.cached_property
    def _counted(self) -> npt.NDArray[np.int32]:
        """What `characters` returns of each match, int32[matches]; -1 where it is not known yet."""
        return np.full(len(self.pairs), -1, np.int32)

    def value(self, row: int) -> tuple[Block, ...]:
        """Return the stretches of a match; those of the matches beside it are worked out too."""
        number, at = divmod(row, STEP)
        if number not in self._known:
            low = number * STEP
            self._known[number] = self._stretches(np.arange(low, min(low + STEP, len(self.pairs))))
        found, bounds = self._known[number]
        return tuple((i, j, k, n) for i, j, k, n in found[bounds[at] : bounds[at + 1]].tolist())

    def cells(self, rows: Rows) -> Cells:
        """Return the stretches as lists of numbers."""
        found, bounds = self._stretches(rows)
        numbers = [json_cells.wholes(column) for column in found.T]
        return json_cells.lists(json_cells.arrays(numbers), bounds)

    def characters(self, rows: Rows) -> Rows:
        """Return how many characters of its first text each of some matches shares, int64[rows]."""
        unknown = rows[self._counted[rows] < 0]
        if len(unknown):
            self._stretches(unknown)
        return self._counted[rows].astype(np.int64)

    def _stretches(self, rows: Rows, workers: int = 1) -> tuple[npt.NDArray[np.int32], Rows]:
        """Return the stretches of some matches, int32[stretches, 4], and where each one's begin.

        Each match's characters are counted in passing: whoever ranks matches asks for them.
        """
        counts = self.blocks.offsets[rows + 1] - self.blocks.offsets[rows]
        if not self.worded:
            counts[:] = 0
        inner, bounds = stretches(self.blocks.offsets[rows], counts)
        if self._every:
            return self._every[0][inner], bounds
        own = self.blocks._replace(tokens=self.blocks.tokens[inner], offsets=bounds)
        found = spans(self.pairs[rows], own, self.corpus, workers)
        turned = np.repeat(self.turned[rows], counts)
        found[turned] = found[turned][:, (2, 3, 0, 1)]
        before = np.append(0, np.cumsum(found[:, 1] - found[:, 0], dtype=np.int64))
        self._counted[rows] = np.diff(before[bounds])
        place = np.repeat(np.arange(len(rows)) << 32, counts) | found[:, 0]
        return found[np.argsort(place, kind="stable")], bounds


@dataclass(frozen=True, eq=False)
class Standing:
    """Where boilerplate stands in texts that are news for the rest."""

    spans: Spans
    texts: Rows
    """int64[rows]: the text of each row."""
    corpus: Corpus
    worded: bool
    """Whether the texts are there, to count characters in."""

    def value(self, row: int) -> tuple[Span, ...]:
        """Return the stretches in a text."""
        found, _ = self._stretches(np.array([row]))
        return tuple((start, end) for start, end in found.T.tolist())

    def cells(self, rows: Rows) -> Cells:
        """Return the stretches as lists of numbers."""
        found, bounds = self._stretches(rows)
        return json_cells.lists(json_cells.arrays(list(map(json_cells.wholes, found))), bounds)

    def _stretches(self, rows: Rows) -> tuple[npt.NDArray[np.int32], Rows]:
        """Return the stretches in some texts, int32[2, stretches], and where each one's begin."""
        texts = self.texts[rows]
        low = np.searchsorted(self.spans.texts, texts)
        counts = np.searchsorted(self.spans.texts, texts, side="right") - low
        if not self.worded:
            counts[:] = 0
        inner, bounds = stretches(low, counts)
        of, begin, end = (column[inner] for column in self.spans)
        return np.stack(characters(of, begin, end, self.corpus)), bounds
