"""Which of what a scan found is asked for: by site, agency, day, relation, scope and length."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from dedup.errors import SettingsError
from dedup.output import reader
from dedup.output.passages import REUSED, Choice
from dedup.output.protocol import words
from dedup.output.schema import ARTICLES, ArticleRow, ClusterRow, StoryRow
from dedup.records import Relation

_DAY = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")


@dataclass(frozen=True, slots=True)
class Filter:
    """What is asked for; nothing set asks for all.

    Raises `SettingsError` for a day that is none.

    >>> Filter(since="last week")
    Traceback (most recent call last):
    dedup.errors.SettingsError: --since is 'last week'; write a day as 2025-10-14, 2025-10 or 2025
    """

    sites: tuple[str, ...] = ()
    """Something of one of these sites."""
    agency: str | None = None
    """Something in an article that credits this agency; capitals make no difference."""
    since: str | None = None
    """Something in an article published on this day, or in this month or year, or later."""
    until: str | None = None
    """The same, or earlier. Articles without a date are left out where a day is asked for."""
    relations: tuple[Relation, ...] = ()
    """Passages of these relations."""
    least_words: int = 0
    """So many words at least: shared by a passage, of a cluster's text, repeated by a story."""
    within: bool | None = None
    """True: within one article; False: across; None: both."""

    def __post_init__(self) -> None:
        for name, day in (("since", self.since), ("until", self.until)):
            if day is not None and not _DAY.fullmatch(day):
                raise SettingsError(
                    f"--{name} is {day!r}; write a day as 2025-10-14, 2025-10 or 2025"
                )

    @property
    def of_articles(self) -> bool:
        """Whether anything is asked of the articles."""
        return bool(self.sites or self.agency or self.since or self.until)

    def articles(self, place: Path) -> frozenset[str] | None:
        """Return the ids of the articles asked for, of an output folder; None for all."""
        if not self.of_articles:
            return None
        return frozenset(row["article"] for row in reader.rows(place, ARTICLES) if self.takes(row))

    def takes(self, article: ArticleRow) -> bool:
        """Return whether an article is one of those asked for."""
        day = article.get("published") or ""
        agencies = {credit["agency"].casefold() for credit in article.get("credits") or ()}
        return (
            (not self.sites or article["site"] in self.sites)
            and (self.agency is None or self.agency.casefold() in agencies)
            and (self.since is None or day[: len(self.since)] >= self.since)
            and (self.until is None or "" < day[: len(self.until)] <= self.until)
        )

    def choice(self, place: Path, *, beside_stories: bool = False) -> Choice:
        """Return which passages are asked for."""
        relations = self.relations or REUSED
        return Choice(relations, self.least_words, self.articles(place), beside_stories)

    def stories(
        self, stories: Iterable[StoryRow], among: frozenset[str] | None
    ) -> Iterable[StoryRow]:
        """Yield the stories asked for, of which an article is `among` those asked for."""
        for story in stories:
            ids = (member["article"] for member in story["members"])
            if story["repeated_words"] >= self.least_words and _any(ids, among):
                yield story

    def clusters(
        self, clusters: Iterable[ClusterRow], among: frozenset[str] | None
    ) -> Iterable[ClusterRow]:
        """Yield the clusters asked for, of which a place is `among` the articles asked for."""
        for cluster in clusters:
            inside = cluster["scope"] == "within-article"
            if self.within is not None and inside != self.within:
                continue
            if self.least_words and words(cluster["canonical"]["text"]) < self.least_words:
                continue
            if _any((member["article"] for member in cluster["members"]), among):
                yield cluster


ALL = Filter()
"""Asks for all."""


def _any(ids: Iterable[str], among: frozenset[str] | None) -> bool:
    return among is None or any(name in among for name in ids)
