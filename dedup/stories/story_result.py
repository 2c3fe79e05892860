"""What was found of stories: arrays inside, records on demand outside."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from xxhash import xxh3_64_hexdigest

from dedup.lazy import Records
from dedup.metadata.credits import Wire
from dedup.records import ROLES, Link, Member, Story
from dedup.stories.article_features import Facts
from dedup.stories.distinct_articles import Bodies
from dedup.stories.first_publisher import direction
from dedup.stories.overlap import LEAST, Kin
from dedup.stories.paragraph_diff import Changes, changes
from dedup.stories.roles import Cast, Part, role_of
from dedup.stories.site_matrix import SiteRow, matrix
from dedup.text.corpus import Corpus


@dataclass(frozen=True, eq=False)
class Told:
    """The stories of a scan, and how the articles are linked."""

    corpus: Corpus
    standing: npt.NDArray[np.bool_]
    """bool[texts]: standing text of a site."""
    words: npt.NDArray[np.int64]
    """int64[articles]: length of each article in words."""
    wires: Sequence[Wire]
    """What each article says of where its text is from."""
    facts: Sequence[Facts]
    """One entry an article."""
    bodies: Bodies
    kin: Kin
    casts: Sequence[Cast]
    """The stories, largest first."""

    @functools.cached_property
    def stories(self) -> Sequence[Story]:
        """The stories of two articles or more, largest first."""
        return Records(len(self.casts), self._story)

    @functools.cached_property
    def links(self) -> Sequence[Link]:
        """The pairs of articles that share words, ordered by (a, b).

        Articles with the same words are linked with the first of them, which stands for all of them
        in links with others.
        """
        return Records(len(self._ends), self._link)

    def links_of(self, id: str) -> list[Link]:  # noqa: A002 - the name of an article's field
        """Give the links of an article, by its id, ordered as `links` are."""
        ids = [article.id for article in self.corpus.articles]
        ends = enumerate(self._ends.tolist())
        return [self._link(row) for row, (a, b, _) in ends if id in (ids[a], ids[b])]

    def site_matrix(self, *, owners: bool = True) -> list[SiteRow]:
        """Count who ran whose text; see `dedup.stories.site_matrix`."""
        return matrix(self.casts, self.facts, self.words, owners=owners)

    def counts(self) -> dict[str, Any]:
        """Count stories, links, credits and roles for the summary."""
        roles = Counter(part.role for story in self.casts for part in story.parts)
        return {
            "stories": len(self.casts),
            "story_articles": len({p.article for story in self.casts for p in story.parts}),
            "links": len(self._ends),
            "credited": sum(wire.agency is not None for wire in self.wires),
            "roles": {role: roles[role] for role in ROLES},
        }

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield what articles.jsonl says of each article beside its paragraphs."""
        stories: dict[int, tuple[str, str]] = {}
        for number in reversed(range(len(self.casts))):
            for part in self.casts[number].parts:
                if part.role != "roundup part" or part.article not in stories:
                    stories[part.article] = self._id(number), part.role
        for number, (wire, facts) in enumerate(zip(self.wires, self.facts, strict=True)):
            story, role = stories.get(number, (None, None))
            yield {
                "agency": wire.agency,
                "credits": [asdict(credit) for credit in wire.credits],
                "dateline": wire.dateline,
                "tags": [asdict(tag) for tag in wire.tags],
                "owner": facts.owner or None,
                "story": story,
                "role": role,
            }

    @functools.cached_property
    def _ends(self) -> npt.NDArray[np.int64]:
        """Both articles of each link and its row in `kin`, -1 for equal bodies: int64[links, 3]."""
        of = self.bodies.of
        held = np.flatnonzero(of >= 0)
        order = held[
            np.argsort([self._precedence(int(article)) for article in held], kind="stable")
        ]
        lead = np.full(len(self.bodies.first), -1, np.int64)
        lead[of[order[::-1]]] = order[::-1]
        rest = held[lead[of[held]] != held]
        a = np.concatenate([lead[self.kin.a], lead[of[rest]]])
        b = np.concatenate([lead[self.kin.b], rest])
        row = np.concatenate([np.arange(len(self.kin.a)), np.full(len(rest), -1)])
        ends = np.stack([np.minimum(a, b), np.maximum(a, b), np.where(row < 0, -1, row)], axis=1)
        return ends[np.lexsort((ends[:, 1], ends[:, 0]))]

    def _precedence(self, article: int) -> float:
        time = self.facts[article].time
        return time.bounds[1] if time else float("inf")

    def _link(self, number: int) -> Link:
        a, b, row = self._ends[number].tolist()
        of_a = of_b = own = containment = 1.0
        words = float(min(self.words[a], self.words[b]))
        if row >= 0:
            first = self.bodies.of[a] == self.kin.a[row]
            of_a, of_b = float(self.kin.of_a[row]), float(self.kin.of_b[row])
            if not first:
                of_a, of_b = of_b, of_a
            own = float(max(self.kin.own_a[row], self.kin.own_b[row]))
            words = float(self.kin.words[row])
            containment = float(self.kin.containment[row])
        found = direction(self.facts[a], self.facts[b], (of_a, of_b), quoted=own < LEAST)
        return Link(
            a=self.corpus.articles[a].id,
            b=self.corpus.articles[b].id,
            kind=role_of(of_b, of_a),
            contained=of_b,
            containing=of_a,
            containment=containment,
            words=round(words),
            first=None if found.first < 0 else self.corpus.articles[(a, b)[found.first]].id,
            confidence=found.confidence,
            lag=found.lag,
            reasons=found.reasons,
        )

    def _id(self, number: int) -> str:
        own = (p.article for p in self.casts[number].parts if p.role != "roundup part")
        return xxh3_64_hexdigest(self.corpus.articles[min(own)].id.encode("utf-8", "surrogatepass"))

    def _story(self, number: int) -> Story:
        found = self.casts[number]
        name = self.corpus.articles.__getitem__
        return Story(
            id=self._id(number),
            canonical=name(found.canonical).id,
            reason=found.reason,
            runners_up=tuple(name(article).id for article in found.runners_up),
            original=None if found.original is None else name(found.original).id,
            source=found.source,
            members=tuple(self._member(part, found.canonical) for part in found.parts),
            sites=len({self.facts[part.article].site for part in found.parts}),
        )

    def _member(self, part: Part, canonical: int) -> Member:
        of = self.bodies.of
        if of[part.article] == of[canonical]:
            differs = Changes((), (), ())
        else:
            differs = changes(part.article, canonical, self.corpus, self.standing)
        supersedes = part.supersedes
        return Member(
            article=self.corpus.articles[part.article].id,
            role=part.role,
            credit=self.wires[part.article].agency,
            contained=part.contained,
            containing=part.containing,
            lag=part.lag,
            confidence=part.confidence,
            supersedes=None if supersedes is None else self.corpus.articles[supersedes].id,
            added=differs.added,
            cut=differs.cut,
            changed=differs.changed,
        )
