"""Which clusters to read first: one rule, for a scan's arrays and for the lines of a folder."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from dedup._jit.pairs import ends, once, pack, starts
from dedup.output.fields import Rows
from dedup.output.protocol import words

OF_STORY = 0.8
"""Share of a cluster's articles above which it is of a story. Higher lists more of what stands in
other articles too behind cross-site clusters: at 0.8 of six articles five must be of one story."""

_AT_ONCE = 256
"""Clusters whose words are counted at a time."""


class ClusterCounts(NamedTuple):
    """What is counted of a cluster, or of many, one entry each."""

    boilerplate: Any
    """bool"""
    told: Any
    """Most of its articles that are in one story."""
    articles: Any
    """Articles that it stands in."""
    sites: Any
    """Sites of these."""
    places: Any
    """Paragraphs."""

    def rank(self, length: Any) -> tuple[Any, Any, Any, Any]:
        """Return what ranks it, the most telling first; `length` is its kept text's in words.

        First are clusters of a story, then those of several sites, then others, and boilerplate
        last; within each, those whose words further articles repeat most, then further places. So
        long paragraphs in many come first; a two-word footer needs hundreds to get ahead of a lead
        in ten. A cluster is of a story when more than `OF_STORY` of its articles are: a notice of a
        publisher stands outside its stories too.

        >>> ClusterCounts(False, told=5, articles=6, sites=1, places=7).rank(10)
        (1, 2, 50, 60)
        """
        of_story = (self.told > 1) & (self.told > OF_STORY * self.articles)
        reused = 2 * of_story + (1 - of_story) * (self.sites > 1)
        return (
            1 - self.boilerplate,
            reused,
            length * (self.articles - 1),
            length * (self.places - 1),
        )


def most_of_one_story(cluster: Rows, article: Rows, story: Rows, clusters: int) -> Rows:
    """Return how many articles of each cluster are in one story at most, int64[clusters].

    `cluster` and `article` tell of each place in which cluster and article it is; `story`,
    int64[articles], the story of each article, -1 for none.

    >>> place = np.array([0, 0, 0, 1]), np.array([0, 0, 1, 2])
    >>> most_of_one_story(*place, np.array([7, 7, -1]), 2).tolist()
    [2, 0]
    """
    of, one = ends(once(pack(cluster, article)))
    told = story[one] >= 0
    meetings = np.sort(pack(of[told], story[one[told]]))
    edges = starts(meetings)
    most = np.zeros(clusters, np.int64)
    np.maximum.at(most, (meetings[edges[:-1]] >> 32).astype(np.int64), np.diff(edges))
    return most


def first_to_read(
    found: ClusterCounts, longest: Rows, texts: Callable[[Rows], Sequence[str]], limit: int
) -> list[int]:
    """Return the `limit` of many clusters to read first, as `ClusterCounts.rank` orders them.

    Of equals the first. `longest`, int64[clusters], are more words than the kept text of each has,
    or as many; `texts` returns those of some: the words of few are counted.
    """
    most = np.stack(found.rank(longest), axis=1)
    order = np.lexsort((*-most.T[::-1],))
    best: list[tuple[tuple[int, ...], int]] = []
    for low in range(0, len(order), _AT_ONCE):
        if len(best) == limit and best[-1][0] > tuple(most[order[low]].tolist()):
            break
        rows = order[low : low + _AT_ONCE]
        counted = np.array([words(text) for text in texts(rows)], np.int64)
        ranks = np.stack(ClusterCounts(*(column[rows] for column in found)).rank(counted), axis=1)
        new = zip(map(tuple, ranks.tolist()), (-rows).tolist(), strict=True)
        best = heapq.nlargest(limit, [*best, *new])
    return [-row for _, row in best]
