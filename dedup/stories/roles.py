"""What each article is in its story: from groups of bodies to members, the kept and the first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import NamedTuple

from dedup.metadata.dates import lag
from dedup.records import Role
from dedup.settings import Settings
from dedup.stories.article_features import ArticleFeatures
from dedup.stories.canonical import Candidate, breaks_off, choose
from dedup.stories.distinct_articles import DistinctArticles
from dedup.stories.first_publisher import Origin, direction, origin, source
from dedup.stories.grouping import Groups
from dedup.stories.link_filter import WITHIN
from dedup.stories.overlap import Compare, Shares
from dedup.stories.paragraph_diff import Changes
from dedup.stories.revisions import by_site, chains, in_order, replaced
from dedup.stories.roundups import HELD, MUTUAL
from dedup.text.corpus import Corpus

COPY = 0.95
"""Share of each other's words from which two articles are copies. Higher takes fewer words that
differ: at 0.95 one run of five in 100 words may be another."""

MOST = 0.5
"""Share that is most of an article: of both, one is an edited copy of the other; of one alone, it
is an excerpt of the other; of neither, the two have a source in common. Higher makes fewer copies
and excerpts: at 0.5 half of the words are enough."""

LONGER = 1.2
"""How many times as long the whole of an excerpt is at least. Higher makes fewer excerpts: at 1.2
an article of 100 words is one of an article of 120."""


class MemberRow(NamedTuple):
    """An article in a story; see `dedup.records.Member`."""

    article: int
    """Its number."""
    role: Role
    share_of_member: float
    share_of_canonical: float
    lag: tuple[float, float] | None
    confidence: float
    supersedes: int | None
    differs: Changes | None = None
    """What it has of the canonical article and lacks, where that was found with its role."""


class StoryRow(NamedTuple):
    """A story of two articles or more; see `dedup.records.Story`."""

    canonical: int
    """Number of the article to keep."""
    reason: str
    runners_up: tuple[int, ...]
    original: int | None
    source: str | None
    parts: tuple[MemberRow, ...]
    """In order of time, undated last, then by number."""


def assign_roles(
    groups: Groups,
    distinct: DistinctArticles,
    corpus: Corpus,
    features: Sequence[ArticleFeatures],
    compare: Compare,
    settings: Settings,
) -> list[StoryRow]:
    """Say of each story of two articles or more who is who in it, the largest story first.

    `features` has one entry an article; `compare` measures pairs of bodies.
    """
    found = _members(groups, distinct)
    shares = Shares(compare)
    body = distinct.of.tolist().__getitem__
    heads = groups.head.tolist()
    asked: list[tuple[int, int]] = []
    for story, (own, _) in found:
        asked += ((body(article), heads[story]) for article in own)
        for articles in by_site(_whole(own, body, groups), features).values():
            asked += pairwise(map(body, in_order(articles, features)))
    shares.measure(asked)
    cut = partial(breaks_off, distinct=distinct, corpus=corpus)
    stage = _Stage(features, body, shares, distinct.grams.tolist(), groups, cut, settings)
    chosen = [stage.choose(own, heads[story]) for story, (own, _) in found]
    shares.measure(
        (body(article), body(lead))
        for (_, (own, parts)), pick in zip(found, chosen, strict=True)
        for article in (*own, *parts)
        for lead in {pick.canonical, pick.first}
    )
    return largest_first(
        [
            stage.assign_roles(own, parts, pick)
            for (_, (own, parts)), pick in zip(found, chosen, strict=True)
        ]
    )


def largest_first(stories: Iterable[StoryRow]) -> list[StoryRow]:
    """Order stories by size, those of one size by their first article that is no roundup."""

    def key(story: StoryRow) -> tuple[int, int]:
        own = (part.article for part in story.parts if part.role != "roundup part")
        return -len(story.parts), min(own)

    return sorted(stories, key=key)


def _members(
    groups: Groups, distinct: DistinctArticles
) -> list[tuple[int, tuple[list[int], list[int]]]]:
    """List the stories with their own articles and the roundups that tell them."""
    articles: dict[int, list[int]] = defaultdict(list)
    for article, body in enumerate(distinct.of.tolist()):
        if body >= 0:
            articles[body].append(article)
    own: dict[int, list[int]] = defaultdict(list)
    for body, story in enumerate(groups.of.tolist()):
        own[story] += articles[body]
    parts: dict[int, list[int]] = defaultdict(list)
    for story, body in groups.part.tolist():
        parts[story] += articles[body]
    return [
        (story, (sorted(members), sorted(parts[story])))
        for story, members in own.items()
        if len(members) + len(parts[story]) > 1
    ]


def _whole(own: list[int], body: Callable[[int], int], groups: Groups) -> list[int]:
    """Leave out the pages of articles that are there as a whole: they are no versions of it."""
    return [article for article in own if not groups.page[body(article)]]


class _Pick(NamedTuple):
    canonical: int
    reason: str
    runners_up: tuple[int, ...]
    first: int
    """Who may have had it first; the others are held against this one."""
    supersedes: dict[int, int]


@dataclass(frozen=True, slots=True)
class _Stage:
    """What all stories have in common."""

    features: Sequence[ArticleFeatures]
    body: Callable[[int], int]
    shares: Shares
    grams: Sequence[int]
    groups: Groups
    cut: Callable[[int], bool]
    settings: Settings

    def choose(self, own: list[int], head: int) -> _Pick:
        """Find the versions of a story, the one to keep, and who may have been first."""

        def is_version(a: int, b: int) -> bool:
            held = self._held(a, b)
            return min(held) >= MUTUAL and max(held) >= WITHIN

        whole = _whole(own, self.body, self.groups)
        supersedes = chains(whole, self.features, self.body, is_version)
        old = replaced(supersedes, whole, self.features, is_version)
        candidates = []
        for article in own:
            of, share_of_canonical = self.shares.of(self.body(article), head)
            candidates.append(
                Candidate(
                    article,
                    self.features[article],
                    superseded=article in old,
                    excerpt=self._is_page(article) or (of >= HELD and share_of_canonical < MUTUAL),
                    cut=self.cut(self.body(article)),
                    length=self.grams[self.body(article)],
                    overlap=min(of, share_of_canonical),
                )
            )
        first = min(candidates, key=_precedence).article
        return _Pick(*choose(candidates, self.settings), first, supersedes)

    def assign_roles(self, own: list[int], parts: list[int], pick: _Pick) -> StoryRow:
        """Give every member of a story its role."""
        first = origin(own, parts, pick.first, self.features, self._held)
        original, canonical = first.original, pick.canonical
        members = []
        for article in (*own, *parts):
            shares = self._held(article, canonical)
            role = role_of(*shares)
            if article == canonical:
                role = "kept" if original is None else role_of(*self._held(article, original))
            if self._is_page(article):
                role = "excerpt"
            if article in pick.supersedes and role != "excerpt":
                role = "revision"
            if article == original:
                role = "original"
            if article in parts:
                role = "roundup part"
            sure, since = self._after(first, article)
            members.append(
                MemberRow(article, role, *shares, since, sure, pick.supersedes.get(article))
            )
        members.sort(key=lambda part: (_moment(self.features[part.article]), part.article))
        excerpts = {part.article for part in members if part.role == "excerpt"}
        return StoryRow(
            canonical,
            pick.reason,
            pick.runners_up,
            original,
            source(own, excerpts, (original, canonical), self.features),
            tuple(members),
        )

    def _is_page(self, article: int) -> bool:
        return bool(self.groups.page[self.body(article)])

    def _held(self, a: int, b: int) -> tuple[float, float]:
        return self.shares.of(self.body(a), self.body(b))

    def _after(self, first: Origin, article: int) -> tuple[float, tuple[float, float] | None]:
        """Say how sure it is that the original came before an article, and by how much."""
        if first.original is None:
            return 0.0, None
        if article == first.original:
            return max((a.confidence for a in first.answers.values()), default=0.0), None
        answer = first.answers.get(article) or direction(
            self.features[first.original],
            self.features[article],
            self._held(first.original, article),
        )
        since = _since(self.features[first.original], self.features[article])
        return (answer.confidence if answer.first == 0 else 0.0), since


def role_of(share_of_member: float, share_of_canonical: float) -> Role:
    """Name what an article is to another one, from the shares of words they hold of one another.

    `share_of_member` is the share of the article's words that the other holds.

    >>> role_of(0.95, 0.97), role_of(0.9, 0.3), role_of(0.3, 0.9), role_of(0.2, 0.2)
    ('copy', 'excerpt', 'extended', 'common source')
    """
    low, high = sorted((share_of_member, share_of_canonical))
    if low >= COPY:
        return "copy"
    if low >= MOST:
        return "edited copy"
    # What both hold is as long in both: the shares tell the lengths.
    if high < MOST or high < LONGER * low:
        return "common source"
    return "excerpt" if share_of_member > share_of_canonical else "extended"


def _precedence(candidate: Candidate) -> tuple[object, ...]:
    """Order who may have been first: an agency's own copy, then the earliest, then the longest."""
    time = candidate.features.time
    return (
        candidate.features.house is None,
        time is None,
        time.bounds[1] if time else 0.0,
        candidate.excerpt,
        -candidate.length,
        candidate.article,
    )


def _moment(features: ArticleFeatures) -> float:
    return features.time.epoch if features.time else float("inf")


def _since(lead: ArticleFeatures, features: ArticleFeatures) -> tuple[float, float] | None:
    return lag(lead.time, features.time, one_site=bool(lead.site) and lead.site == features.site)
