"""The answers of an index, worked out again from all that it holds.

What `add` says of an article is known at once but may change: two clusters turn out to be one, a
line to be a footer, a late arrival to be the original. Settling runs the stages of a scan on what
is stored, so the answers are those of one scan of everything, whatever the order of adding; ids
stay with the members that had them, and what changed becomes events.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from dedup import pipeline
from dedup.about.outlets import Outlets
from dedup.collapse import Corpus
from dedup.document import Article, Cluster, Link, Match, Story, Text
from dedup.errors import InputError, Problem
from dedup.index.ledger import Events, Group, Ledger
from dedup.index.load import Loaded, load
from dedup.index.records import wire_of
from dedup.lazy import Records
from dedup.progress import Progress
from dedup.result import Result
from dedup.settings import Settings
from dedup.store.protocol import Store
from dedup.stories.sites import SiteRow


@dataclass(frozen=True, eq=False)
class Settled:
    """The answers of an index: those of a scan, with ids that last.

    It has what `dedup.report` asks of a result; everything else is in `result`.
    """

    result: Result
    cluster_ids: Sequence[str]
    story_ids: Sequence[str]

    @property
    def articles(self) -> Sequence[Article]:
        """Every article, sorted by id."""
        return self.result.articles

    @property
    def texts(self) -> Sequence[Text]:
        """The distinct texts that stand more than once or match another."""
        return self.result.texts

    @property
    def matches(self) -> Sequence[Match]:
        """The verified pairs of texts."""
        return self.result.matches

    @property
    def clusters(self) -> Sequence[Cluster]:
        """The clusters, largest first."""
        found, ids = self.result.clusters, self.cluster_ids
        return Records(len(ids), lambda row: replace(found[row], id=ids[row]))

    @property
    def stories(self) -> Sequence[Story]:
        """The stories, largest first."""
        found, ids = self.result.stories, self.story_ids
        return Records(len(ids), lambda row: replace(found[row], id=ids[row]))

    @property
    def links(self) -> Sequence[Link]:
        """The verified pairs of articles."""
        return self.result.links

    @property
    def corpus(self) -> Corpus:
        """Where the paragraphs stand."""
        return self.result.corpus

    @property
    def problems(self) -> Sequence[Problem]:
        """Nothing: what had to be mended was told when it was added."""
        return self.result.problems

    @property
    def summary(self) -> dict[str, Any]:
        """The counts, settings, versions and timings."""
        return self.result.summary

    def site_matrix(self) -> list[SiteRow]:
        """Count who ran whose text."""
        return self.result.site_matrix()

    def article_rows(self) -> Iterator[dict[str, Any]]:
        """Yield the lines of articles.jsonl."""
        rows = zip(self.result.stories, self.story_ids, strict=True)
        ids = {story.id: id_ for story, id_ in rows}
        for row in self.result.article_rows():
            yield row | {"story": ids.get(row["story"])}


def settle(
    store: Store,
    ledgers: Mapping[str, Ledger],
    settings: Settings,
    outlets: Outlets,
    progress: Progress,
) -> tuple[Settled, Events, npt.NDArray[np.int64]]:
    """Run the stages of a scan on all that an index holds, and bring its ledgers up to date.

    Returns the answers, what changed, and the numbers of the texts that are standing.
    """
    loaded = load(store)
    if not loaded.stored:
        raise InputError("the index holds no article; add some first")
    wires = [wire_of(s) for s in loaded.stored]
    clock = pipeline.Clock()
    result = pipeline.find(loaded.corpus, lambda: wires, (), settings, outlets, progress, clock)
    worded = all(s.article.text for s in loaded.stored if len(s.text))
    result = replace(result, worded=worded)
    clusters, told = ledgers["cluster"].settle(_clusters(result, loaded))
    stories, more = ledgers["story"].settle(_stories(result, loaded))
    standing = loaded.numbers[np.flatnonzero(result.standing)]
    return Settled(result, clusters, stories), [*told, *more], standing


def _clusters(result: Result, loaded: Loaded) -> list[Group]:
    groups = []
    for cluster, low, high in zip(
        result.clusters, result.ranking.offsets[:-1], result.ranking.offsets[1:], strict=True
    ):
        rows = result.ranking.members[low:high]
        numbers = np.unique(loaded.numbers[loaded.corpus.text[rows]]).tolist()
        kept = f"{cluster.canonical.article} {cluster.canonical.paragraph}"
        groups.append(Group(cluster.id, numbers, len(rows), kept))
    return groups


def _stories(result: Result, loaded: Loaded) -> list[Group]:
    groups = []
    for story, found in zip(result.stories, result.told.casts, strict=True):
        own = [p.article for p in found.parts if p.role != "roundup part"]
        seqs = sorted(loaded.stored[number].seq for number in own)
        groups.append(Group(story.id, seqs, len(found.parts), story.canonical))
    return groups
