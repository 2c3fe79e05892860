"""The records a user meets: articles go in; texts, matches and clusters come out."""

from __future__ import annotations

from dataclasses import dataclass

SCOPES = ("within-article", "within-site", "cross-site")
"""How far apart two places are, nearest first."""

Span = tuple[int, int]
"""Start and end of a stretch of text in characters, end excluded."""

Block = tuple[int, int, int, int]
"""A shared stretch: (start in a, end in a, start in b, end in b), in characters."""


@dataclass(frozen=True, slots=True)
class Article:
    """One document.

    >>> Article("a1", "Rain is due. It will last.", site="herald").site
    'herald'
    """

    id: str
    """Unique in a run; of two articles with one id and different texts the second gets a suffix."""
    text: str
    """The text as read; every span of dedup counts characters in it."""
    title: str | None = None
    """The headline, or None."""
    url: str | None = None
    """Where it was found, or None."""
    site: str | None = None
    """Who published it; articles without one count as one unnamed site."""
    date: str | None = None
    """When it was published, as given (`dedup.dates` reads it), or None."""
    path: str | None = None
    """The file it was read from, or None."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One place where a text stands."""

    article: str
    """Id of the article."""
    paragraph: int
    """Number of the paragraph in its article, from 0."""
    start: int
    """First character, counted in the article's text."""
    end: int
    """One past the last character."""


@dataclass(frozen=True, slots=True)
class Text:
    """A distinct text: all paragraphs whose normalised text is identical."""

    id: str
    """Hex of xxh3_128 of the normalised text (see `dedup.normalize`)."""
    words: int
    """Its length in words; two characters of a script without spaces count as one."""
    sample: str
    """The text as it stands at its first occurrence."""
    occurrences: tuple[Occurrence, ...]
    """Every place, ordered by article id and paragraph."""
    standing: bool
    """True for what a site puts on pages of all kinds: footers, notices, promotions."""


@dataclass(frozen=True, slots=True)
class Match:
    """A verified pair of distinct texts."""

    a: str
    """Id of the one text; a < b."""
    b: str
    """Id of the other."""
    relation: str
    """What kind of reuse it is: one of `dedup.relate.RELATIONS`."""
    jaccard: float
    """Exact Jaccard similarity of the shingle sets, 0 to 1."""
    containment: float
    """Share of the smaller shingle set that the other holds, 0 to 1."""
    reason: str
    """Why it is of that kind, in a phrase."""
    evidence: float
    """What the shared words are worth, in words (see `dedup.evidence`)."""
    proposed: tuple[str, ...]
    """What proposed the pair: `sketch`, `passage` or both."""
    longest_run: int
    """Words in the longest stretch that both hold word for word."""
    scopes: tuple[str, ...]
    """Every scope in which the two texts meet, nearest first."""
    spans: tuple[Block, ...]
    """Shared stretches in order of a, counted from the start of each text's first occurrence."""


@dataclass(frozen=True, slots=True)
class Version:
    """One member of a cluster: a place, and how close its text is to the canonical one."""

    text_id: str
    """Id of the distinct text; `text` in the files."""
    text: str
    """The paragraph as it stands there; `value` in the files."""
    article: str
    """Id of the article."""
    paragraph: int
    """Number of the paragraph in its article, from 0."""
    start: int
    """First character, counted in the article's text."""
    end: int
    """One past the last character."""
    similarity: float
    """Exact Jaccard similarity of its shingle set with the canonical text's, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Paragraphs that are versions of one text."""

    id: str
    """Stable: derived from the texts it holds, whatever their order."""
    canonical: Version
    """The version to keep."""
    reason: str
    """Why it is the canonical one, in a phrase."""
    runners_up: tuple[Version, ...]
    """The next best versions by the same rule, three at most."""
    members: tuple[Version, ...]
    """Every place, the canonical one included, ordered by article id and paragraph."""
    articles: int
    """Number of different articles among the members."""
    sites: int
    """Number of different sites among the members."""
    scope: str
    """The farthest scope any two members meet in."""
    standing: bool
    """True when the canonical text is standing text of a site."""
