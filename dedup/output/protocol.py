"""What the reports need of a scan's result, and how they count."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from dedup.errors import Problem
from dedup.output.schema import ArticleRow, Lines
from dedup.records import Article, Cluster, Link, Match, ReadFile, Story, Text

if TYPE_CHECKING:
    from dedup.stories.site_matrix import SiteRow
    from dedup.text.corpus import Corpus


class Findings(Protocol):
    """The part of `dedup.result.Result` that the reports and `dedup.output.clean` read."""

    @property
    def articles(self) -> Sequence[Article]:
        """Every article, sorted by id."""

    @property
    def texts(self) -> Sequence[Text]:
        """The distinct texts that stand more than once or match another."""

    @property
    def matches(self) -> Sequence[Match]:
        """The verified pairs of texts."""

    @property
    def clusters(self) -> Sequence[Cluster]:
        """The clusters, largest first."""

    @property
    def stories(self) -> Sequence[Story]:
        """The stories, largest first."""

    @property
    def links(self) -> Sequence[Link]:
        """The verified pairs of articles, ordered by (a, b)."""

    @property
    def corpus(self) -> Corpus:
        """Where the paragraphs stand; asked for where there are stories."""

    @property
    def files(self) -> Sequence[ReadFile]:
        """The files that were read."""

    @property
    def problems(self) -> Sequence[Problem]:
        """What was skipped or mended."""

    @property
    def summary(self) -> dict[str, Any]:
        """The counts, settings, versions and timings, ready for JSON."""

    def article_rows(self) -> Iterator[ArticleRow]:
        """Yield the lines of articles.jsonl, in the order of `articles`."""

    def lines(self, of: Lines[Any]) -> Iterator[tuple[int, bytes]]:
        """Yield the lines of texts, matches, clusters or links by blocks, with their numbers."""

    def site_matrix(self) -> Sequence[SiteRow]:
        """List who ran whose text."""


# Scripts written without spaces: a character counts half a word, as in the rest of dedup.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\U00020000-\U0003ffff]"
)

RANKED_BY = "words that other articles repeat, those of stories first"
"""In which order clusters are listed (see `reading_order`), for the titles of tables."""


def words(text: str) -> int:
    """Estimate the length of `text` in words, fast; the exact count is `Text.words`.

    >>> words("Rain is due."), words("台风今晚登陆")
    (3, 3)
    """
    unspaced = len(_UNSPACED.findall(text))
    return unspaced // 2 + len(_UNSPACED.sub(" ", text).split() if unspaced else text.split())


def many(n: int, what: str) -> str:
    """Return a number with its noun.

    >>> many(1, "site"), many(1200, "site")
    ('1 site', '1,200 sites')
    """
    return f"{n:,} {what}" if n == 1 else f"{n:,} {what}s"
