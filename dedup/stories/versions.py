"""Which version of an article takes the place of which, on one site.

The versions of one address, of one headline, with tags such as UPDATE 2 or CORRECTED, or of which
each holds most of the other, make a chain in order of time; where a time is missing the tags tell.
Both stay in the story; only the last of a chain is current.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

from dedup.stories.facts import Facts


def chains(
    members: Iterable[int],
    facts: Sequence[Facts],
    body: Callable[[int], int],
    is_version: Callable[[int, int], bool],
) -> dict[int, int]:
    """Say which article each later version supersedes.

    `members` are articles of one story by their number in `facts`; `body` gives the body of each
    and `is_version` tells of two of them whether each holds most of the other. Articles with one
    body are no versions of one another; where neither times nor tags tell, neither takes the place
    of the other.

    >>> def fact(rank):
    ...     return Facts("s", "s", None, None, None, None, None, frozenset(), None, rank, False)
    >>> chains([0, 1], [fact(2), fact(1)], lambda article: article, lambda a, b: True)
    {0: 1}
    """
    sites: dict[str, list[int]] = {}
    for article in members:
        if facts[article].site:
            sites.setdefault(facts[article].site, []).append(article)
    return {
        later: earlier
        for articles in sites.values()
        for earlier, later in pairwise(in_order(articles, facts))
        if body(earlier) != body(later)
        and _is_earlier(facts[earlier], facts[later])
        and (_is_declared(facts[earlier], facts[later]) or is_version(earlier, later))
    }


def in_order(articles: Iterable[int], facts: Sequence[Facts]) -> list[int]:
    """Sort the versions of one site, the earliest first: by time if all have one, else by tag."""
    articles = list(articles)
    times = {article: facts[article].updated or facts[article].time for article in articles}
    if all(times.values()):
        return sorted(articles, key=lambda a: (_epoch(times[a]), facts[a].rank, a))
    return sorted(articles, key=lambda a: (facts[a].rank, _epoch(times[a]), a))


def _epoch(time: object) -> float:
    return getattr(time, "epoch", float("inf"))


def _is_earlier(earlier: Facts, later: Facts) -> bool:
    """Tell whether times or tags say so; the order of two undated articles is nobody's."""
    times = [_epoch(fact.updated or fact.time) for fact in (earlier, later)]
    return times[0] < times[1] < float("inf") or earlier.rank < later.rank


def _is_declared(earlier: Facts, later: Facts) -> bool:
    """Tell whether two articles say to be versions: by their address, headline or tags."""
    if earlier.document and later.document:
        if earlier.document == later.document:
            return True
    elif earlier.headline and earlier.headline == later.headline:
        return True
    return later.rank > earlier.rank
