"""The records a user meets: articles go in; texts, matches and clusters come out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

Scope = Literal["within-article", "within-site", "cross-site"]
"""How far apart two places are, nearest first."""

SCOPES: tuple[Scope, ...] = get_args(Scope)

Relation = Literal[
    "identical", "duplicate", "passage", "rewrite", "quote", "template", "boilerplate"
]
"""What kind of reuse it is when two texts share words (see `dedup.match.relations`).

`identical`: the same normalised text. `duplicate`: versions of one paragraph. `passage`: a long
stretch is copied. `rewrite`: the same sentences, reworded. `quote`: what is shared is quoted
speech. `template`: one formula, other facts. `boilerplate`: what a site puts on pages of all kinds.
"""

RELATIONS: tuple[Relation, ...] = get_args(Relation)
"""The relations, in the order of their numbers."""

Role = Literal[
    "original",
    "kept",
    "copy",
    "edited copy",
    "excerpt",
    "extended",
    "revision",
    "roundup part",
    "common source",
]
"""What an article is in a story.

`original`: most likely had it first. `kept`: the article to keep, where nobody knows which one that
is. `copy`: nearly every word of both is shared. `edited copy`: most of both is. `excerpt`: most of
it is in the canonical article, which has much more. `extended`: it has most of the canonical
article, and much more. `revision`: a later version by the same site, which takes the place of an
earlier one. `roundup part`: the story is one of several that it tells. `common source`: a part is
shared, and neither holds most of the other.

The canonical article is what it is to the original, if that is known.
"""

Span = tuple[int, int]
"""Start and end of a stretch of text in characters, end excluded."""


ROLES: tuple[Role, ...] = get_args(Role)

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
    """When it was published, as given (`dedup.metadata.dates` reads it), or None."""
    path: str | None = None
    """The file it was read from, or None."""
    author: str | None = None
    """Whom its byline names, as given, or None."""
    lang: str | None = None
    """Its language as given (BCP 47, such as `en` or `pt-BR`), or None."""
    source: str | None = None
    """Where it says to come from: an address or a name, as its metadata declare it, or None."""
    canonical: str | None = None
    """The address it gives as its own (`rel=canonical`), or None."""
    updated: str | None = None
    """When this version of it was made, as given, or None."""
    status: str | None = None
    """What its metadata say of its status, such as `canceled` (ninjs) or `withheld`, or None."""


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
    """Hex of xxh3_128 of the normalised text (see `dedup.text.tokenize`)."""
    words: int
    """Its length in words; two characters of a script without spaces count as one."""
    text: str
    """The paragraph as it stands at its first occurrence."""
    occurrences: tuple[Occurrence, ...]
    """Every place, ordered by article id and paragraph."""
    boilerplate: bool
    """True for what a site puts on pages of all kinds: footers, notices, promotions."""
    boilerplate_spans: tuple[Span, ...] = ()
    """Where such text stands inside a text that is news for the rest, counted from the start of its
    first occurrence."""


@dataclass(frozen=True, slots=True)
class Match:
    """A verified pair of distinct texts."""

    a: str
    """Id of the one text; a < b."""
    b: str
    """Id of the other."""
    relation: Relation
    """What kind of reuse it is."""
    jaccard: float
    """Exact Jaccard similarity of the shingle sets, 0 to 1."""
    containment: float
    """Share of the smaller shingle set that the other holds, 0 to 1."""
    reason: str
    """Why it is of that kind, in a phrase."""
    evidence: float
    """What the shared words are worth, in words (see `dedup.match.evidence`)."""
    proposed: tuple[str, ...]
    """What proposed the pair: `sketch`, `passage` or both."""
    longest_run: int
    """Words in the longest stretch that both hold word for word."""
    scopes: tuple[Scope, ...]
    """Every scope in which the two texts meet, nearest first."""
    spans: tuple[Block, ...]
    """Shared stretches in order of a, counted from the start of each text's first occurrence."""


@dataclass(frozen=True, slots=True)
class Version:
    """One member of a cluster: a place, and how close its text is to the canonical one."""

    text_id: str
    """Id of the distinct text."""
    text: str
    """The paragraph as it stands there."""
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
    scope: Scope
    """The farthest scope any two members meet in."""
    boilerplate: bool
    """True when most of its places hold a text that is boilerplate of a site."""


@dataclass(frozen=True, slots=True)
class Credit:
    """A place in an article that names the agency or wire whose text it is."""

    agency: str
    """The agency's short name, such as `AP` (see `dedup.metadata.credits`)."""
    kind: str
    """`dateline`, `byline`, `credit line`, `tail`, `notice` or `declared` (by the metadata)."""
    field: str
    """The field of the article it stands in: `text`, `title`, `author` or `source`."""
    start: int
    """First character of the proof, counted in that field."""
    end: int
    """One past the last character."""
    proof: str
    """The words that prove it, as they stand there."""


@dataclass(frozen=True, slots=True)
class Link:
    """Two articles of which one holds words of the other."""

    a: str
    """Id of the one article; a < b."""
    b: str
    """Id of the other."""
    kind: Role
    """What b is to a: any role but `original` and `kept`."""
    share_of_b: float
    """Share of b's words that a holds, in runs of five at least, boilerplate aside, 0 to 1."""
    share_of_a: float
    """Share of a's words that b holds, 0 to 1."""
    containment: float
    """Share of the 5-grams of the one with fewer that the other holds (Broder 1997), 0 to 1."""
    words: int
    """Words that both hold, counted in b, in runs of five at least."""
    first: str | None
    """Id of the article that most likely had it first; None: unknown."""
    confidence: float
    """How sure that is, 0.5 (a guess) to 1; 0 where it is unknown."""
    lag: tuple[float, float] | None
    """Least and most seconds between the two; equal where both times are exact, None: unknown."""
    reasons: tuple[str, ...]
    """What speaks for the direction, the strongest first, each in a phrase."""


@dataclass(frozen=True, slots=True)
class Member:
    """An article of a story, and how it stands to the canonical one."""

    article: str
    """Id of the article."""
    role: Role
    """What it is in the story."""
    credit: str | None
    """The agency it credits, or None."""
    share_of_member: float
    """Share of its words that the canonical article holds, in runs of five at least, 0 to 1."""
    share_of_canonical: float
    """Share of the canonical article's words that it holds, 0 to 1."""
    lag: tuple[float, float] | None
    """Least and most seconds after the original; None where that or either time is unknown."""
    confidence: float
    """How sure it is that the original had it before this one, 0.5 to 1; 0 where unknown. For the
    original itself: how sure it is that it was before the member of which that is surest."""
    supersedes: str | None
    """Id of the version it takes the place of, in a chain of versions, or None."""
    added: tuple[int, ...]
    """Its paragraphs of which the canonical article has next to nothing, by number from 0."""
    cut: tuple[int, ...]
    """The canonical article's paragraphs of which it has next to nothing."""
    changed: tuple[int, ...]
    """Its paragraphs that the canonical article has in part."""


@dataclass(frozen=True, slots=True)
class Story:
    """Articles that are versions of one article."""

    id: str
    """Stable: derived from the articles it holds, whatever their order."""
    canonical: str
    """Id of the article to keep."""
    reason: str
    """Why it is the canonical one, in a phrase."""
    runners_up: tuple[str, ...]
    """The next best articles by the same rule, three at most."""
    original: str | None
    """Id of the article that most likely had it first; None: unknown."""
    source: str | None
    """The agency whose text it most likely is, or None."""
    members: tuple[Member, ...]
    """Every article, the canonical one included, in order of time, undated last, then by id."""
    sites: int
    """Number of different sites among the members."""


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file that was read: a line of the manifest."""

    path: str
    """Where it is, as it was given or found."""
    size: int | None
    """In bytes; None for a pipe, and where it could not be opened."""
    checksum: str | None
    """`xxh3_128:` and the hash of its bytes, or the checksum or etag of the store that it is in
    (its time of change if that has none); None where nothing is known."""
    articles: int
    """Articles that came of it, those that are told twice too."""
    problems: int
    """Problems that were told of it while it was read."""


def as_row(record: Any) -> dict[str, Any]:
    """Return the fields of a record with slots that holds no other, ten times as fast as `asdict`.

    >>> as_row(Credit("AP", "tail", "text", 0, 4, "(AP)"))["agency"]
    'AP'
    """
    return {name: getattr(record, name) for name in record.__slots__}
