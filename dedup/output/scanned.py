"""A scan's arrays as what the heaviest passages are chosen from; a folder need not be read back."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from dedup._jit.pairs import ends
from dedup.match.canonical import Ranking
from dedup.match.verify import Matches
from dedup.output import json_cells
from dedup.output.fields import Fields, OneOf, Rows, Whole
from dedup.output.heaviest import Candidates
from dedup.output.reading_order import ClusterCounts, first_to_read, most_of_one_story
from dedup.output.record_fields import Shared
from dedup.output.schema import ClusterRow, MatchRow, TextRow
from dedup.text.corpus import Corpus


@dataclass(frozen=True, eq=False)
class Scanned:
    """The passages of a scan: what `dedup.output.ranked_passages.Folder` reads of its files."""

    corpus: Corpus
    words: npt.NDArray[np.int32]
    """int32[texts]"""
    boilerplate: npt.NDArray[np.bool_]
    """bool[texts]"""
    matches: Matches
    shared: Shared
    """What each match shares."""
    ranking: Ranking
    told: npt.NDArray[np.bool_]
    """bool[texts]: those that have a line."""
    text_fields: Fields
    """Of the texts that have a line."""
    match_fields: Fields
    cluster_fields: Fields
    last_story: Rows
    """int64[articles]: number of the last story that each article is in, -1 for none."""
    stories: Mapping[str, str | None]
    """The story of each article, by its id, in the order of the corpus."""

    @property
    def sites(self) -> Mapping[str, str | None]:
        """Return the site of each article, by its id."""
        return {article.id: article.site for article in self.corpus.articles}

    def candidates(self) -> Candidates:
        """Return the texts and matches."""
        texts, sizes = len(self.words), np.diff(self.ranking.offsets)
        home = np.arange(texts) - texts  # no cluster's number
        home[self.corpus.text[self.ranking.members]] = np.repeat(np.arange(len(sizes)), sizes)
        names = {name: n for n, name in enumerate({*self.stories.values()} - {None})}
        a, b = self._ends
        counts = np.bincount(self.corpus.text, minlength=texts)
        return Candidates(
            words=self.words.astype(np.int64),
            boilerplate=self.boilerplate,
            home=home,
            article=self.corpus.article[np.argsort(self.corpus.text, kind="stable")],
            bounds=np.append(0, np.cumsum(counts)),
            story=np.array([names.get(one, -1) for one in self.stories.values()], np.int64),
            a=a,
            b=b,
            relation=self.matches.relation,
            scopes=self.matches.scopes,
        )

    def asked(self, among: Iterable[str]) -> npt.NDArray[np.bool_]:
        """Return which articles have these ids, bool[articles]."""
        ids = frozenset(among)
        return np.array([article.id in ids for article in self.corpus.articles], np.bool_)

    def shared_words(self, matches: Rows) -> Rows:
        """Return how many words some matches share, by their characters, int64[matches]."""
        text = self._ends[0][matches]
        first = self.corpus.first[text]
        long = self.corpus.end[first].astype(np.int64) - self.corpus.start[first]
        share = self.shared.characters(matches) * self.words[text] / np.maximum(1, long)
        counted: Rows = np.rint(share).astype(np.int64)
        return counted

    def text_rows(self, texts: Collection[int]) -> list[TextRow]:
        """Return the lines of some texts, by number, ascending."""
        rows = np.searchsorted(np.flatnonzero(self.told), np.array(texts, np.int64))
        return _lines(self.text_fields, rows)

    def match_rows(self, matches: Collection[int]) -> list[MatchRow]:
        """Return the lines of some matches, by number, ascending."""
        return _lines(self.match_fields, np.array(matches, np.int64))

    def largest(self, limit: int) -> list[ClusterRow]:
        """Return the lines of the clusters to read first."""
        members, bounds = self.ranking.members, self.ranking.offsets
        kept, sizes = members[bounds[:-1]], np.diff(bounds)
        told = most_of_one_story(
            np.repeat(np.arange(len(sizes)), sizes),
            self.corpus.article[members].astype(np.int64),
            self.last_story,
            len(sizes),
        )
        rows = first_to_read(
            ClusterCounts(
                cast(OneOf, self.cluster_fields["boilerplate"]).numbers,
                told,
                cast(Whole, self.cluster_fields["articles"]).numbers,
                cast(Whole, self.cluster_fields["sites"]).numbers,
                sizes,
            ),
            (self.corpus.end[kept] - self.corpus.start[kept]).astype(np.int64),
            lambda some: self.corpus.all_written(kept[some]),
            limit,
        )
        return _lines(self.cluster_fields, np.array(rows, np.int64))

    @property
    def _ends(self) -> tuple[Rows, Rows]:
        """Both texts of each match, as its line names them."""
        i, j = (end.astype(np.int64) for end in ends(self.matches.pairs))
        return np.where(self.shared.turned, j, i), np.where(self.shared.turned, i, j)


def _lines(fields: Fields, rows: Rows) -> list[Any]:
    """Return the lines of some rows as the files have them, parsed."""
    made = json_cells.lines({name: one.cells(rows) for name, one in fields.items()})
    return [json.loads(line) for line in made.splitlines()]
