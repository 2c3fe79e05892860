"""The lines of the output files as types, so that a field that is misspelt fails the type check.

`docs/output.md` says what the fields mean, and `dedup.records` has most of them. A folder that an
older dedup wrote is read under the names of today (`dedup.output.older`), but may lack files and
fields: where that matters, `get` is used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, NotRequired, TypedDict, TypeVar

from dedup.records import Relation, Role, Scope, Span

R = TypeVar("R")
Kind = Role | Literal["part"]
"""What the second article of a link is to the first. In the files it is a role; `part`, of which
the first article is a `roundup part`, only comes of turning a link (see `dedup.output.reader`)."""
Lag = Sequence[float] | None
"""Least and most seconds, or None where nothing is known."""


class OccurrenceRow(TypedDict):
    """A place of a text."""

    article: str
    paragraph: int
    start: int
    end: int


class TextRow(TypedDict):
    """A line of texts.jsonl."""

    text_id: str
    words: int
    text: str
    boilerplate: NotRequired[bool]
    boilerplate_spans: NotRequired[Sequence[Span]]
    occurrences: list[OccurrenceRow]


class MatchRow(TypedDict):
    """A line of matches.jsonl."""

    a: str
    b: str
    relation: Relation
    reason: str
    evidence: float
    proposed: Sequence[str]
    jaccard: float
    containment: float
    longest_run: int
    scopes: Sequence[Scope]
    spans: Sequence[Sequence[int]]


class PlaceRow(OccurrenceRow):
    """A place of a text in a cluster."""

    text_id: str


class KeptRow(PlaceRow):
    """The place that a cluster keeps."""

    text: str


class VersionRow(PlaceRow):
    """A member of a cluster."""

    similarity: float


class ClusterRow(TypedDict):
    """A line of clusters.jsonl."""

    cluster: str
    size: int
    articles: int
    sites: int
    scope: Scope
    boilerplate: NotRequired[bool]
    canonical: KeptRow
    reason: str
    runners_up: list[VersionRow]
    members: list[VersionRow]


class MemberRow(TypedDict):
    """An article of a story."""

    article: str
    role: Role
    credit: str | None
    share_of_member: float
    share_of_canonical: float
    lag: Lag
    confidence: float
    supersedes: str | None
    added: Sequence[int]
    cut: Sequence[int]
    changed: Sequence[int]


class StoryRow(TypedDict):
    """A line of stories.jsonl."""

    story: str
    size: int
    sites: int
    title: str
    words: int
    repeated_words: int
    canonical: str
    reason: str
    runners_up: Sequence[str]
    original: str | None
    source: str | None
    members: list[MemberRow]


class LinkRow(TypedDict):
    """A line of links.jsonl."""

    a: str
    b: str
    kind: Kind
    share_of_b: float
    share_of_a: float
    containment: float
    words: int
    first: str | None
    confidence: float
    lag: Lag
    reasons: Sequence[str]


class ParagraphRow(OccurrenceRow):
    """A line of paragraphs.jsonl."""

    text: str


class ArticleRow(TypedDict):
    """A line of articles.jsonl; `credits` and `tags` are those of `dedup.metadata.credits`."""

    article: str
    title: str | None
    site: str | None
    url: str | None
    canonical_url: str | None
    author: str | None
    lang: str | None
    published: str | None
    published_precision: str | None
    published_doubt: str | None
    path: str | None
    paragraphs: int
    words: int
    repeated_words: int
    agency: str | None
    credits: list[dict[str, Any]]
    dateline: str | None
    tags: list[dict[str, Any]]
    owner: str | None
    story: str | None
    role: Role | None


class SummaryRow(TypedDict):
    """What summary.json holds."""

    format: int
    version: str
    articles: int
    skipped: int
    problems: int
    paragraphs: int
    words: int
    distinct_texts: int
    repeated_paragraphs: int
    matches: int
    clusters: int
    largest_cluster: int
    boilerplate_clusters: NotRequired[int]
    scopes: dict[Scope, int]
    relations: dict[Relation, int]
    stories: int
    story_articles: int
    links: int
    credited: int
    roles: dict[Role, int]
    expected_recall: dict[str, float]
    hot_buckets: dict[str, Any]
    settings: dict[str, Any]
    versions: dict[str, str]
    timings: dict[str, float]


@dataclass(frozen=True, slots=True)
class Lines(Generic[R]):
    """A file of the folder: its name, the first field of its lines, and their type."""

    name: str
    key: str
    row: type[R]


ARTICLES = Lines("articles.jsonl", "article", ArticleRow)
TEXTS = Lines("texts.jsonl", "text_id", TextRow)
MATCHES = Lines("matches.jsonl", "a", MatchRow)
CLUSTERS = Lines("clusters.jsonl", "cluster", ClusterRow)
STORIES = Lines("stories.jsonl", "story", StoryRow)
LINKS = Lines("links.jsonl", "a", LinkRow)
PARAGRAPHS = Lines("paragraphs.jsonl", "article", ParagraphRow)
