"""Which version of an article takes the place of which, on one site.

Versions make a chain in order of time if they have one address or one headline, if tags such as
UPDATE 2 or CORRECTED say so, or if each holds most of the other. Where times are missing the tags
tell; where neither does, none takes the place of another. All stay in the story; only the last of a
chain is current.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from dedup.metadata.dates import lag
from dedup.stories.article_features import ArticleFeatures

IsVersion = Callable[[int, int], bool]


def chains(
    members: Iterable[int],
    features: Sequence[ArticleFeatures],
    body: Callable[[int], int],
    is_version: IsVersion,
) -> dict[int, int]:
    """Return which article each later version supersedes.

    `members` are articles of one story by their number in `features`; `body` returns the distinct
    article of each, and `is_version` whether each of two holds most of the other. Equal articles
    are no versions of one another: the first of them stands for all.

    >>> from dedup.stories.article_features import NOTHING
    >>> def fact(rank):
    ...     return NOTHING._replace(site="s", owner="s", rank=rank)
    >>> chains([0, 1], [fact(2), fact(1)], lambda article: article, lambda a, b: True)
    {0: 1}
    """
    found = {}
    for articles in by_site(members, features).values():
        first: dict[int, int] = {}  # of each distinct article
        for later in in_order(articles, features):
            if body(later) in first:
                continue
            earlier = next(
                filter(_before(later, features, is_version), reversed(first.values())), None
            )
            if earlier is not None:
                found[later] = earlier
            first[body(later)] = later
    return found


def replaced(
    chain: Mapping[int, int],
    members: Iterable[int],
    features: Sequence[ArticleFeatures],
    is_version: IsVersion,
) -> set[int]:
    """Return all articles that are not current: those in a chain, and their equals on its site.

    `chain` is what `chains` found among the members. Where a third one takes the place of two
    articles of one moment, the chain holds one of them.
    """
    old = set(chain.values())
    for articles in by_site(members, features).values():
        current = [article for article in articles if article in chain and article not in old]
        for later in current:
            old.update(filter(_before(later, features, is_version), articles))
    return old


def by_site(
    articles: Iterable[int], features: Sequence[ArticleFeatures]
) -> Mapping[str, list[int]]:
    """Sort articles by the site they name; those that name none are left out."""
    sites: dict[str, list[int]] = {}
    for article in articles:
        if features[article].site:
            sites.setdefault(features[article].site, []).append(article)
    return sites


def _before(
    later: int, features: Sequence[ArticleFeatures], is_version: IsVersion
) -> Callable[[int], bool]:
    """Return what tells whether an article is an earlier version of this one."""

    def tells(earlier: int) -> bool:
        a, b = features[earlier], features[later]
        return _is_earlier(a, b) and (_is_declared(a, b) or is_version(earlier, later))

    return tells


def in_order(articles: Iterable[int], features: Sequence[ArticleFeatures]) -> list[int]:
    """Sort the versions of one site, the earliest first: by time if all have one, else by tag."""
    articles = list(articles)
    times = {article: features[article].updated or features[article].time for article in articles}
    if all(times.values()):
        return sorted(articles, key=lambda a: (_epoch(times[a]), features[a].rank, a))
    return sorted(articles, key=lambda a: (features[a].rank, _epoch(times[a]), a))


def _epoch(time: object) -> float:
    return getattr(time, "epoch", float("inf"))


def _is_earlier(earlier: ArticleFeatures, later: ArticleFeatures) -> bool:
    """Return whether times say that it is earlier, or tags where times leave it open."""
    times = earlier.updated or earlier.time, later.updated or later.time
    forth, back = lag(*times, one_site=True), lag(*times[::-1], one_site=True)
    if forth and forth[0] > 0:
        return True
    return earlier.rank < later.rank and not (back and back[0] > 0)


def _is_declared(earlier: ArticleFeatures, later: ArticleFeatures) -> bool:
    """Return whether two articles say to be versions: by their address, headline or tags."""
    if earlier.document and later.document:
        if earlier.document == later.document:
            return True
    elif earlier.headline and earlier.headline == later.headline:
        return True
    return later.rank > earlier.rank
