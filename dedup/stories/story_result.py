"""What was found of stories: arrays inside, records on demand outside."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from xxhash import xxh3_64_hexdigest

from dedup.lazy import Records, column
from dedup.metadata.credits import Attribution, names_agency
from dedup.records import ROLES, Link, Member, Story, as_row
from dedup.stories.article_features import ArticleFeatures
from dedup.stories.directions import Directions
from dedup.stories.distinct_articles import DistinctArticles
from dedup.stories.link_rows import LinkRows, link_ends, link_records, link_rows
from dedup.stories.overlap import Overlap
from dedup.stories.paragraph_diff import Changes, Differences
from dedup.stories.roles import MemberRow, StoryRow
from dedup.stories.site_matrix import SiteRow, matrix
from dedup.text.corpus import Corpus

_STEP = 256
"""Links whose records are made at a time."""


@dataclass(frozen=True, eq=False)
class StoryResult:
    """The stories of a scan, and how the articles are linked."""

    corpus: Corpus
    boilerplate: npt.NDArray[np.bool_]
    """bool[texts]: boilerplate of a site."""
    words: npt.NDArray[np.int64]
    """int64[articles]: length of each article in words."""
    attributions: Sequence[Attribution]
    """What each article says of where its text is from."""
    features: Sequence[ArticleFeatures]
    """One entry an article."""
    distinct: DistinctArticles
    overlap: Overlap
    story_rows: Sequence[StoryRow]
    """The stories, largest first."""
    ids: Sequence[str] | None = None
    """Ids that last, one a story, as an index gives them; None: derived from what each story
    holds."""
    _made: dict[int, list[Link]] = field(default_factory=dict)

    @functools.cached_property
    def stories(self) -> Sequence[Story]:
        """The stories of two articles or more, largest first."""
        return Records(len(self.story_rows), self._story)

    @functools.cached_property
    def links(self) -> Sequence[Link]:
        """The pairs of articles that share words, ordered by (a, b).

        Articles with the same words are linked with the first of them, which stands for all of them
        in links with others.
        """
        return Records(len(self._ends), self._link)

    def links_of(self, id: str) -> list[Link]:  # noqa: A002 - the name of an article's field
        """Return the links of an article, by its id, ordered as `links` are."""
        own = np.array([name == id for name in self._article_ids], np.bool_)
        return self._records(np.flatnonzero(own[self._ends[:, :2]].any(axis=1)))

    def site_matrix(self, *, owners: bool = True) -> list[SiteRow]:
        """Count who ran whose text; see `dedup.stories.site_matrix`."""
        return matrix(self.story_rows, self.features, self.words, owners=owners)

    def counts(self) -> dict[str, Any]:
        """Count stories, links, credits and roles for the summary."""
        roles = Counter(part.role for story in self.story_rows for part in story.parts)
        return {
            "stories": len(self.story_rows),
            "story_articles": len({p.article for story in self.story_rows for p in story.parts}),
            "links": len(self._ends),
            "credited": sum(map(_names_agency, self.attributions)),
            "roles": {role: roles[role] for role in ROLES},
        }

    def aside(self) -> npt.NDArray[np.bool_]:
        """Tell which articles are in a story that keeps another one, bool[articles]."""
        found = np.zeros(len(self.features), bool)
        for story in self.story_rows:
            own = [part.article for part in story.parts if part.role != "roundup part"]
            found[own] = True
        found[[story.canonical for story in self.story_rows]] = False
        return found

    def last_story(self) -> npt.NDArray[np.int64]:
        """Return the number of the last story that each article is in, -1 for none."""
        found = np.full(len(self.features), -1, np.int64)
        for number, story in enumerate(self.story_rows):
            found[[part.article for part in story.parts]] = number
        return found

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield what articles.jsonl says of each article beside its paragraphs."""
        stories = self.story_and_role()
        for number, (attribution, features) in enumerate(
            zip(self.attributions, self.features, strict=True)
        ):
            story, role = stories.get(number, (None, None))
            yield {
                "agency": attribution.agency,
                "credits": [as_row(credit) for credit in attribution.credits],
                "dateline": attribution.dateline,
                "tags": [as_row(tag) for tag in attribution.tags],
                "owner": features.owner or None,
                "story": story,
                "role": role,
            }

    def story_and_role(self) -> dict[int, tuple[str, str]]:
        """Return the story that tells most of each article, by number, and its role there.

        That is the largest one; one in which it is more than part of a roundup goes before.
        """
        found: dict[int, tuple[str, str]] = {}
        for number in reversed(range(len(self.story_rows))):
            for part in self.story_rows[number].parts:
                if part.role != "roundup part" or part.article not in found:
                    found[part.article] = self._names[number], part.role
        return found

    def link_rows(self, rows: npt.NDArray[np.int64]) -> LinkRows:
        """Return what some links say, by their numbers in `links`."""
        ends = self._ends[rows]
        return link_rows(ends, self.overlap, self.distinct, self.words, self._directions)

    @functools.cached_property
    def _ends(self) -> npt.NDArray[np.int64]:
        """Both articles of each link and its row in `overlap`, or -1, int64[links, 3]."""
        times = (one.time for one in self.features)
        known = np.array([time.bounds[1] if time else np.inf for time in times], np.float64)
        return link_ends(self.overlap, self.distinct, known)

    @functools.cached_property
    def _directions(self) -> Directions:
        return Directions.among(self.features)

    @functools.cached_property
    def _article_ids(self) -> Sequence[str]:
        return column(self.corpus.articles, "id")

    def _records(self, rows: npt.NDArray[np.int64]) -> list[Link]:
        return link_records(self.link_rows(rows), self._article_ids)

    def _link(self, number: int) -> Link:
        """Return a link; those beside it are made with it, as who asks for one asks for these."""
        block, at = divmod(number, _STEP)
        if block not in self._made:
            rows = np.arange(block * _STEP, min((block + 1) * _STEP, len(self._ends)))
            found = self._records(rows)
            self._made.clear()
            self._made[block] = found
            return found[at]
        return self._made[block][at]

    @functools.cached_property
    def _names(self) -> Sequence[str]:
        """The id of each story, worked out once: every article asks for its story's."""
        return self.ids if self.ids is not None else list(map(self._derived_id, self.story_rows))

    @functools.cached_property
    def _differences(self) -> Differences:
        return Differences(self.corpus, self.boilerplate)

    def _derived_id(self, story: StoryRow) -> str:
        own = (part.article for part in story.parts if part.role != "roundup part")
        return xxh3_64_hexdigest(self.corpus.articles[min(own)].id.encode("utf-8", "surrogatepass"))

    def _story(self, number: int) -> Story:
        found = self.story_rows[number]
        name = self.corpus.articles.__getitem__
        return Story(
            id=self._names[number],
            canonical=name(found.canonical).id,
            reason=found.reason,
            runners_up=tuple(name(article).id for article in found.runners_up),
            original=None if found.original is None else name(found.original).id,
            source=found.source,
            members=tuple(self._member(part, found.canonical) for part in found.parts),
            sites=len({self.features[part.article].site for part in found.parts}),
        )

    def _member(self, part: MemberRow, canonical: int) -> Member:
        of = self.distinct.of
        if of[part.article] == of[canonical]:
            differs = Changes((), (), ())
        elif part.differs is not None:
            differs = part.differs
        else:
            differs = self._differences.between(part.article, canonical)
        supersedes = part.supersedes
        return Member(
            article=self.corpus.articles[part.article].id,
            role=part.role,
            credit=self.attributions[part.article].agency,
            share_of_member=part.share_of_member,
            share_of_canonical=part.share_of_canonical,
            lag=part.lag,
            confidence=part.confidence,
            supersedes=None if supersedes is None else self.corpus.articles[supersedes].id,
            added=differs.added,
            cut=differs.cut,
            changed=differs.changed,
        )


def _names_agency(attribution: Attribution) -> bool:
    """Return whether any credit of an article names an agency, whose text it is or not."""
    return attribution.agency is not None or any(
        names_agency(credit.agency, credit.proof) for credit in attribution.credits
    )
