"""What an index says of an article, and what happened in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, get_args

from dedup.errors import Problem, SettingsError
from dedup.records import Link, Relation, Span

CHANGES = ("joined", "left", "moved", "split", "merged")
"""What happens to members of clusters and stories: they come into groups, they are in them no more,
or they change from one into another. They `moved` between two groups that stay, were `split` off
into a new one, or `merged` into another as theirs is no more."""

EVENTS = (
    "revision",
    "removed",
    *(f"{kind} {what}" for kind in ("cluster", "story") for what in CHANGES),
    "canonical changed",
    "story canonical changed",
    "relabelled",
    "restart",
)
"""The kinds of events: an id came again with other text; an article was taken out; members of a
cluster or story changed; another version is the one to keep; a text is known as boilerplate of a
site from now on, or no more; events before are forgotten, and what they led to is told anew."""


MOST = 0.5
"""Share of an article's words from which it is not new if one earlier article holds them. Higher
calls more articles new: at 0.5 one of 200 words is not when 100 stand in an earlier one."""

NewBy = Literal["text", "story"]
"""What makes an article new: that no earlier one holds most of its words, or that it is in no story
with an earlier one."""


class NewWhen(NamedTuple):
    """When an article counts as new."""

    below: float = MOST
    """Share of its words that an earlier article must hold for it not to be new, above 0, to 1."""
    by: NewBy = "text"

    @classmethod
    def of(cls, below: float, by: str) -> NewWhen:
        """Return the rule; `SettingsError` names what cannot be used.

        >>> NewWhen.of(0.8, "text")
        NewWhen(below=0.8, by='text')
        """
        if not isinstance(below, (int, float)) or not 0 < below <= 1:
            raise SettingsError(f"new_below is {below!r}; it must be above 0 and at most 1")
        if by not in get_args(NewBy):
            raise SettingsError(f"new_by is {by!r}; it must be one of {get_args(NewBy)}")
        return cls(below, "story" if by == "story" else "text")


BY_TEXT = NewWhen()
"""The rule where none is chosen."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A paragraph of an article and an earlier text that it matches."""

    paragraph: int
    """Number of the paragraph in the new article, from 0."""
    start: int
    """First character of it, counted in the new article's text."""
    end: int
    """One past the last character."""
    relation: Relation
    """What kind of reuse it is: see `dedup.records.Relation`."""
    jaccard: float
    """Exact Jaccard similarity of the shingle sets, 0 to 1."""
    containment: float
    """Share of the smaller shingle set that the other holds, 0 to 1."""
    evidence: float
    """What the shared words are worth, in words (see `dedup.match.evidence`)."""
    spans: tuple[Span, ...]
    """The shared stretches, in characters of the new article's text."""
    text: str
    """Id of the earlier text."""
    places: int
    """In how many earlier articles it stands."""
    article: str
    """Id of the first of them."""
    other_paragraph: int
    """Number of its paragraph there."""
    other_start: int
    """First character of that paragraph."""
    other_end: int
    """One past its last character."""


@dataclass(frozen=True, slots=True)
class Found:
    """What an index knows of an article, at the time it was asked."""

    article: str
    """Its id."""
    seen: bool
    """Whether this very article, every field alike, was in the index before."""
    revision: int
    """1; more for an id that came before with other fields."""
    number: int
    """Number under which it was stored; 0 for a query."""
    sequence: int
    """The last event when it was answered: `Index.since` with it yields what happened later."""
    hits: tuple[Hit, ...]
    """The closest earlier texts that its paragraphs match, in order of its paragraphs (see
    `dedup.index.query.best`)."""
    more: int
    """How many further earlier texts match."""
    links: tuple[Link, ...]
    """The closest earlier articles, the closest first (see `dedup.index.neighbours.LINKS`)."""
    largest_share: float
    """Greatest share of its own words that one earlier article holds, or a revision of its own, 0
    to 1 (see `dedup.stories.own_share`)."""
    story: str | None
    """Id of the story that it belongs to, or None."""
    clusters: tuple[str, ...]
    """Ids of the clusters that its paragraphs belong to, in order of its paragraphs."""
    problems: tuple[Problem, ...] = ()
    """What had to be mended in it."""
    same_text: bool = False
    """Whether the last revision of its id had this text, white space aside: then only its other
    fields differ, such as its address."""
    claimed: bool = False
    """Whether it must be acknowledged (see `dedup.Index.claim`)."""
    again: bool = False
    """Whether it was claimed before and never acknowledged; it is answered as it was then."""
    seconds: float = field(default=0.0, compare=False)
    """How long it took to find out, and to store it if it was stored."""
    new_when: NewWhen = BY_TEXT
    """What `is_new` goes by, as the index was opened."""

    @property
    def closest(self) -> str | None:
        """Id of the closest earlier article, or None."""
        if not self.links:
            return None
        return self.links[0].a if self.links[0].a != self.article else self.links[0].b

    @property
    def is_new(self) -> bool:
        """Whether no earlier article holds most of it, or has its story (see `new_when`)."""
        if self.new_when.by == "story":
            return not self.seen and self.story is None
        return not self.seen and self.largest_share < self.new_when.below


class Claim(NamedTuple):
    """An article that was handed to a job, which has not acknowledged it."""

    number: int
    """Under which it is stored (see `dedup.Found.number`)."""
    article: str
    """Its id."""
    since: float
    """When it was claimed, in seconds since 1970."""
    job: str
    """Which opening of the index claimed it; empty where it was given back."""
    largest_share: float
    """What was said of it then."""
    story: str | None
    """The same."""


@dataclass(frozen=True, slots=True)
class Added:
    """What `Index.add_many` did."""

    articles: int = 0
    """Articles stored, revisions included."""
    seen: int = 0
    """Articles that were in before and are not stored again."""
    revisions: int = 0
    """Ids that came again with other fields."""
    texts: int = 0
    """New distinct texts."""
    problems: tuple[Problem, ...] = ()
    """What was skipped or mended."""
    found: tuple[Found, ...] = ()
    """What was known of each article, in order, if that was asked for."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened in an index."""

    sequence: int
    """Its number: later events have higher ones."""
    kind: str
    """One of `EVENTS`."""
    data: dict[str, Any]
    """The ids it is about."""

    @classmethod
    def of(cls, sequence: int, kind: str, data: dict[str, Any]) -> Event:
        """Return an event as it is stored; boilerplate was called `standing` before.

        >>> Event.of(1, "relabelled", {"text": 3, "standing": True}).data
        {'text': 3, 'boilerplate': True}
        """
        if kind == "relabelled" and "standing" in data:
            data = {"text": data["text"], "boilerplate": data["standing"]}
        return cls(sequence, kind, data)
