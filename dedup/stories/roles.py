"""What each article is in its story: from groups of bodies to members, the kept and the first."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from dedup.dates import lag
from dedup.settings import Settings
from dedup.stories.bodies import Bodies
from dedup.stories.bond import WITHIN
from dedup.stories.choice import Candidate, choose
from dedup.stories.direction import direction
from dedup.stories.facts import Facts
from dedup.stories.group import HELD, MUTUAL, Groups
from dedup.stories.kin import Compare
from dedup.stories.shares import Shares
from dedup.stories.versions import chains, in_order

COPY = 0.9
"""Share of each other's 5-grams from which two articles are copies: two words in a hundred may
differ."""


MOST = 0.5
"""Share of both from which one is an edited copy of the other, and not an excerpt."""


class Part(NamedTuple):
    """An article in a story; see `dedup.document.Member`."""

    article: int
    """Its number."""
    role: str
    contained: float
    containing: float
    lag: tuple[float, float] | None
    confidence: float
    supersedes: int | None


class Cast(NamedTuple):
    """A story of two articles or more; see `dedup.document.Story`."""

    canonical: int
    """Number of the article to keep."""
    reason: str
    runners_up: tuple[int, ...]
    original: int | None
    source: str | None
    parts: tuple[Part, ...]
    """In order of time, undated last, then by number."""


def cast(
    groups: Groups, bodies: Bodies, facts: Sequence[Facts], compare: Compare, settings: Settings
) -> list[Cast]:
    """Say of each story of two articles or more who is who in it, the largest story first.

    `facts` has one entry an article; `compare` measures pairs of bodies.
    """
    found = _members(groups, bodies)
    shares = Shares(compare)
    body = bodies.of.tolist().__getitem__
    heads = groups.head.tolist()
    asked: list[tuple[int, int]] = []
    for story, (own, _) in found:
        asked += ((body(article), heads[story]) for article in own)
        for articles in _by_site(own, facts).values():
            asked += pairwise(map(body, in_order(articles, facts)))
    shares.measure(asked)
    stage = _Stage(facts, body, shares, bodies.grams.tolist(), settings)
    chosen = [stage.choose(own, heads[story]) for story, (own, _) in found]
    shares.measure(
        (body(article), body(lead))
        for (_, (own, parts)), pick in zip(found, chosen, strict=True)
        for article in (*own, *parts)
        for lead in {pick.canonical, pick.first}
    )
    return [
        stage.cast(own, parts, pick) for (_, (own, parts)), pick in zip(found, chosen, strict=True)
    ]


def _members(groups: Groups, bodies: Bodies) -> list[tuple[int, tuple[list[int], list[int]]]]:
    """List the stories with their own articles and the roundups that tell them."""
    articles: dict[int, list[int]] = defaultdict(list)
    for article, body in enumerate(bodies.of.tolist()):
        if body >= 0:
            articles[body].append(article)
    own: dict[int, list[int]] = defaultdict(list)
    for body, story in enumerate(groups.of.tolist()):
        own[story] += articles[body]
    parts: dict[int, list[int]] = defaultdict(list)
    for story, body in groups.part.tolist():
        parts[story] += articles[body]
    found = [
        (story, (sorted(members), sorted(parts[story])))
        for story, members in own.items()
        if len(members) + len(parts[story]) > 1
    ]
    return sorted(found, key=lambda one: (-len(one[1][0]) - len(one[1][1]), one[1][0][0]))


def _by_site(articles: Iterable[int], facts: Sequence[Facts]) -> Mapping[str, list[int]]:
    sites: dict[str, list[int]] = defaultdict(list)
    for article in articles:
        sites[facts[article].site].append(article)
    return sites


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

    facts: Sequence[Facts]
    body: Callable[[int], int]
    shares: Shares
    grams: Sequence[int]
    settings: Settings

    def choose(self, own: list[int], head: int) -> _Pick:
        """Find the versions of a story, the one to keep, and who may have been first."""

        def is_version(a: int, b: int) -> bool:
            held = self.shares.of(self.body(a), self.body(b))
            return min(held) >= MUTUAL and max(held) >= WITHIN

        supersedes = chains(own, self.facts, self.body, is_version)
        old = set(supersedes.values())
        candidates = []
        for article in own:
            of, containing = self.shares.of(self.body(article), head)
            candidates.append(
                Candidate(
                    article,
                    self.facts[article],
                    superseded=article in old,
                    excerpt=of >= HELD and containing < MUTUAL,
                    length=self.grams[self.body(article)],
                    kin=min(of, containing),
                )
            )
        first = min(candidates, key=_precedence).article
        return _Pick(*choose(candidates, self.settings), first, supersedes)

    def cast(self, own: list[int], parts: list[int], pick: _Pick) -> Cast:
        """Give every member of a story its role."""
        lead = self.facts[pick.first]
        answers = {}
        for article in (*own, *parts):
            if article != pick.first:
                held = self.shares.of(self.body(pick.first), self.body(article))
                answers[article] = direction(lead, self.facts[article], held)
        known = [answer for answer in answers.values() if answer.first >= 0]
        is_first = all(answer.first == 0 for answer in known) and 2 * len(known) >= len(answers)
        original = pick.first if is_first else None
        versions = set(pick.supersedes) | set(pick.supersedes.values())
        members = []
        for article in (*own, *parts):
            shares = self.shares.of(self.body(article), self.body(pick.canonical))
            role = "roundup part" if article in parts else role_of(*shares)
            if article in versions and role != "excerpt":
                role = "revision"
            if article == original:
                role = "original"
            answer = answers.get(article)
            sure = answer.confidence if answer and original is not None else 0.0
            since = None
            if original is not None:
                since = _since(lead, self.facts[article])
            if article == original:
                sure, since = max((a.confidence for a in known), default=0.0), None
            members.append(Part(article, role, *shares, since, sure, pick.supersedes.get(article)))
        members.sort(key=lambda part: (_moment(self.facts[part.article]), part.article))
        return Cast(
            pick.canonical,
            pick.reason,
            pick.runners_up,
            original,
            self._source(own),
            tuple(members),
        )

    def _source(self, own: list[int]) -> str | None:
        """Name the agency whose text it is: its own copy tells, else what most credits say."""
        facts = [self.facts[article] for article in own]
        for names in ([fact.house for fact in facts], [fact.agency for fact in facts]):
            ranked = Counter(name for name in names if name is not None).most_common(2)
            if len(ranked) == 1 or (ranked and ranked[0][1] > ranked[1][1]):
                return ranked[0][0]
        return None


def role_of(contained: float, containing: float) -> str:
    """Name what an article is to the canonical one, from the shares they hold of one another.

    >>> role_of(0.95, 0.97), role_of(0.9, 0.3), role_of(0.3, 0.9), role_of(0.2, 0.2)
    ('copy', 'excerpt', 'extended', 'common source')
    """
    if min(contained, containing) >= COPY:
        return "copy"
    if min(contained, containing) >= MOST:
        return "edited copy"
    if max(contained, containing) < HELD:
        return "common source"
    return "excerpt" if contained > containing else "extended"


def _precedence(candidate: Candidate) -> tuple[object, ...]:
    """Order who may have been first: an agency's own copy, then the earliest, then the longest."""
    time = candidate.facts.time
    return (
        candidate.facts.house is None,
        time is None,
        time.bounds[1] if time else 0.0,
        candidate.excerpt,
        -candidate.length,
        candidate.article,
    )


def _moment(facts: Facts) -> float:
    return facts.time.epoch if facts.time else float("inf")


def _since(lead: Facts, facts: Facts) -> tuple[float, float] | None:
    return lag(lead.time, facts.time, one_site=bool(lead.site) and lead.site == facts.site)
