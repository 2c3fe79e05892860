"""Reused passages of a finished scan: what stands where else, as what, and in which words.

A passage is what two places share: two paragraphs that match, or one text that stands twice. The
files of an output folder name texts and the places where they stand; here they become places beside
one another. What one article tells twice is told apart from what two articles share: a match whose
texts meet in both ways is two passages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple, cast

from xxhash import xxh3_64_hexdigest

from dedup.output import reader
from dedup.output.heaviest import LOOKED_AT
from dedup.output.protocol import words
from dedup.output.schema import (
    ARTICLES,
    MATCHES,
    TEXTS,
    ArticleRow,
    MatchRow,
    OccurrenceRow,
    TextRow,
)
from dedup.records import RELATIONS, Block, Relation, Scope

REUSED: tuple[Relation, ...] = tuple(r for r in RELATIONS if r not in ("template", "boilerplate"))
"""The relations that say: one place has the words of the other."""

GAP = " … "
"""What stands between shared stretches that do not follow one another."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two places of a passage."""

    text_id: str
    """Id of the distinct text that stands there."""
    text: str
    """The paragraph, as it stands at the first occurrence of its text."""
    article: str
    """Id of the article."""
    paragraph: int
    """Number of the paragraph in its article, from 0."""
    start: int
    """First character of the paragraph, counted in the article's text."""
    end: int
    """One past its last character."""


@dataclass(frozen=True, slots=True)
class Passage:
    """What two places share."""

    id: str
    """16 hex digits, of the ids of the two texts; a passage within an article and one across that
    are of the same texts have one id."""
    relation: Relation
    """What kind of reuse it is; identical texts that a site puts everywhere are `boilerplate`."""
    reason: str
    """Why it is of that kind, in a phrase."""
    scope: Scope
    """How far apart the two places are: one article, one site, two sites."""
    a: Side
    b: Side
    spans: tuple[Block, ...]
    """What both hold, in characters of `a.text` and `b.text`, in order of a."""
    words: int
    """Words that both hold, as `a` has them."""
    longest_run: int
    """Words in the longest stretch that both hold word for word."""
    evidence: float
    """What the shared words are worth, in words; of identical texts all their words."""
    others: tuple[OccurrenceRow, ...]
    """The further places of the two texts, ordered by article and paragraph."""

    @property
    def within(self) -> bool:
        """Whether both places are in one article: it tells something twice."""
        return self.scope == "within-article"

    @property
    def shared(self) -> str:
        """What both hold, as `a` has it, with `GAP` between stretches that are apart."""
        return shared_text(self.a.text, [(a0, a1) for a0, a1, _, _ in self.spans])

    @property
    def turned(self) -> Passage:
        """The same with its two places exchanged."""
        spans = tuple(sorted(((k, n, i, j) for i, j, k, n in self.spans)))
        return replace(self, a=self.b, b=self.a, spans=spans)


class Choice(NamedTuple):
    """Which passages are asked for."""

    relations: Sequence[Relation] = REUSED
    """Of these relations."""
    least_words: int = 0
    """With so many shared words at least."""
    among: frozenset[str] | None = None
    """One place at least is in one of these articles; None: in any."""
    beside_stories: bool = False
    """Leave out what stands in two articles of one story alone: the story tells of it."""
    within: bool | None = None
    """True: both places are in one article; False: in two; None: either."""

    @property
    def ways(self) -> tuple[bool, ...]:
        """Whether what is asked for is within an article (True), across articles (False), both."""
        return (True, False) if self.within is None else (self.within,)


ALL = Choice()
"""All passages that reuse words."""


def shared_text(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """Return stretches of a text, in order, with `GAP` between those that are apart.

    >>> shared_text("It rained in the hills all night.", [(0, 9), (10, 16), (23, 32)])
    'It rained in the … all night'
    """
    parts, end = list[str](), 0
    for start, stop in sorted(spans):
        if stop <= end:
            continue
        between = text[end:start] if start > end else ""
        if parts:
            parts.append(between if not any(c.isalnum() for c in between) else GAP)
        parts.append(text[max(start, end) : stop])
        end = stop
    return "".join(parts)


def passage_id(a: str, b: str) -> str:
    """Return the id of the passages of two texts, 16 hex digits, whichever is named first.

    >>> passage_id("1f", "07") == passage_id("07", "1f"), len(passage_id("1f", "1f"))
    (True, 16)
    """
    return xxh3_64_hexdigest("-".join(sorted((a, b))).encode())


def every(place: Path, choice: Choice = ALL) -> Iterator[Passage]:
    """Yield all passages of an output folder: of texts that stand twice, then of matches.

    Each is in the order of its file; what meets within an article and across gives two.
    """
    sites, stories = sites_and_stories(place)
    texts = {row["text_id"]: row for row in reader.rows(place, TEXTS)}
    made = Maker(sites, stories, choice)
    for row in texts.values():
        yield from made.of_text(row)
    for match in reader.rows(place, MATCHES):
        a, b = texts.get(match["a"]), texts.get(match["b"])
        if a and b:
            yield from made.of_match(match, a, b)


def passages_of(
    place: Path,
    article: str,
    choice: Choice = ALL,
) -> list[Passage]:
    """Return the passages of one article, each turned so that `a` is in it.

    Those that it tells twice come first, then the others, by shared words. Of what stands in
    several other articles one passage is told, the others are its `others`.
    """
    sites, stories = sites_and_stories(place)
    holding = f'"article":{reader.quoted(article)}'
    own = {
        row["text_id"]: row
        for row in reader.rows(place, TEXTS, holding)
        if any(at["article"] == article for at in row["occurrences"])
    }
    matches = list(reader.matches_of(place, own))
    ends = {end for row in matches for end in (row["a"], row["b"])}
    texts = own | reader.texts(place, ends - set(own))
    made = Maker(sites, stories, choice._replace(among=frozenset((article,))))
    found = [passage for row in own.values() for passage in made.of_text(row)]
    for match in matches:
        a, b = texts.get(match["a"]), texts.get(match["b"])
        if a and b:
            found += made.of_match(match, a, b)
    found = [one if one.a.article == article else one.turned for one in found]
    return sorted(found, key=order)


def between(place: Path, a: str, b: str) -> list[Passage]:
    """Return what two articles share, of any relation, in order of the first one's paragraphs.

    Each passage has its `a` in the first and its `b` in the other. Of a text that stands several
    times in one of them the first place is taken.
    """
    sites, stories = sites_and_stories(place)
    made = Maker(sites, stories, Choice(relations=RELATIONS))
    texts: dict[str, TextRow] = {}
    for row in reader.rows(place, TEXTS):
        if here := [at for at in row["occurrences"] if at["article"] in (a, b)]:
            texts[row["text_id"]] = {**row, "occurrences": here}
    found = [one for row in texts.values() for one in made.of_text(row)]
    for match in reader.matches_of(place, texts):
        one, other = texts.get(match["a"]), texts.get(match["b"])
        if one and other:
            found += made.of_match(match, one, other)
    turned = [one if one.a.article == a else one.turned for one in found if not one.within]
    return sorted(turned, key=lambda one: (one.a.paragraph, one.b.paragraph))


def paragraphs_of(place: Path, article: str) -> dict[int, str]:
    """Return the paragraphs of an article whose words the folder holds, by number.

    These are all that stand elsewhere too, as they stand at their first place, and those that
    `dedup show` prints of stories.
    """
    found = {
        at["paragraph"]: row["text"]
        for row in reader.rows(place, TEXTS, f'"article":{reader.quoted(article)}')
        for at in row["occurrences"]
        if at["article"] == article
    }
    written = reader.paragraphs(place, {article}) if reader.holds_stories(place) else {}
    return found | {number: text for (_, number), text in written.items()}


def named(place: Path, beginning: str) -> list[Passage]:
    """Return the passages whose id begins so, in the order of the files.

    The two of one pair of texts, within an article and across, have the same id.
    """
    sites, stories = sites_and_stories(place)
    made = Maker(sites, stories, Choice(relations=RELATIONS))
    alone = [
        row
        for row in reader.rows(place, TEXTS)
        if len(row["occurrences"]) > 1
        and passage_id(row["text_id"], row["text_id"]).startswith(beginning)
    ]
    pairs = [
        row
        for row in reader.rows(place, MATCHES)
        if passage_id(row["a"], row["b"]).startswith(beginning)
    ]
    texts = reader.texts(place, {end for row in pairs for end in (row["a"], row["b"])})
    found = [one for row in alone for one in made.of_text(row)]
    return found + [
        one
        for row in pairs
        if row["a"] in texts and row["b"] in texts
        for one in made.of_match(row, texts[row["a"]], texts[row["b"]])
    ]


# -- how passages are made ------------------------------------------------------------------------


class Light(NamedTuple):
    """What of a text is held while passages are looked for."""

    words: int
    characters: int
    boilerplate: bool
    articles: tuple[str, ...]
    """One a place, in order."""
    text: str | None = None
    """Its words, where they must be counted and not estimated."""


def light(row: TextRow, *, worded: bool = False) -> Light:
    """Return what of a text is held; `worded`, with its words."""
    places = tuple(at["article"] for at in row["occurrences"])
    text = row["text"] if worded else None
    return Light(row["words"], len(row["text"]), bool(row.get("boilerplate")), places, text)


def _relation(row: TextRow) -> Relation:
    return "boilerplate" if row.get("boilerplate") else "identical"


def _of(match: MatchRow, a: Light, b: Light) -> Relation:
    return "boilerplate" if a.boilerplate or b.boilerplate else match["relation"]


class Maker(NamedTuple):
    """Makes passages of texts and matches."""

    sites: Mapping[str, str | None]
    stories: Mapping[str, str | None]
    choice: Choice

    def of_text(self, row: TextRow) -> Iterator[Passage]:
        """Yield what a text is that stands twice: within an article, across articles, or both."""
        held = light(row)
        for within in self.ways(_relation(row), None, held, held):
            whole = ((0, len(row["text"]), 0, len(row["text"])),)
            match = cast(
                MatchRow,
                {
                    "a": row["text_id"],
                    "b": row["text_id"],
                    "relation": _relation(row),
                    "reason": "the same words",
                    "spans": whole,
                    "longest_run": row["words"],
                    "evidence": row["words"],
                },
            )
            yield from self._made(match, row, row, within=within)

    def of_match(self, match: MatchRow, a: TextRow, b: TextRow) -> Iterator[Passage]:
        """Yield what a match is: within an article, across articles, or both."""
        lights = light(a), light(b)
        relation = _of(match, *lights)
        for within in self.ways(relation, match["scopes"], *lights):
            yield from self._made({**match, "relation": relation}, a, b, within=within)

    def ways(
        self, relation: Relation, scopes: Sequence[Scope] | None, a: Light, b: Light
    ) -> Iterator[bool]:
        """Yield whether two texts meet within an article (True), and across (False), as asked."""
        if relation not in self.choice.relations:
            return
        for within in self.choice.ways:
            told = scopes is None or any((s == "within-article") == within for s in scopes)
            pair = told and self._pair(a.articles, b.articles, within=within, one=scopes is None)
            if pair:
                yield within

    def _made(self, match: MatchRow, a: TextRow, b: TextRow, *, within: bool) -> Iterator[Passage]:
        one = match["a"] == match["b"]
        at_a, at_b = a["occurrences"], b["occurrences"]
        pair = self._pair(
            [at["article"] for at in at_a], [at["article"] for at in at_b], within=within, one=one
        )
        if pair is None:
            return
        i, k = pair
        shared = shared_text(a["text"], [(i0, i1) for i0, i1, _, _ in match["spans"]])
        count = a["words"] if one else words(shared)
        if count < self.choice.least_words:
            return
        left = [at for n, at in enumerate(at_a) if n != i and not (one and n == k)]
        left += [] if one else [at for n, at in enumerate(at_b) if n != k]
        yield Passage(
            id=passage_id(match["a"], match["b"]),
            relation=match["relation"],
            reason=match["reason"],
            scope=self._scope(at_a[i]["article"], at_b[k]["article"]),
            a=_side(a, at_a[i]),
            b=_side(b, at_b[k]),
            spans=tuple((i, j, k, n) for i, j, k, n in match["spans"]),
            words=count,
            longest_run=match["longest_run"],
            evidence=match["evidence"],
            others=tuple(sorted(left, key=lambda at: (at["article"], at["paragraph"]))),
        )

    def _scope(self, a: str, b: str) -> Scope:
        if a == b:
            return "within-article"
        return "within-site" if self.sites.get(a) == self.sites.get(b) else "cross-site"

    def _pair(
        self, a: Sequence[str], b: Sequence[str], *, within: bool, one: bool
    ) -> tuple[int, int] | None:
        """Return which places of two texts stand beside one another; None where none do.

        Across, places of two sites go before places of one. Of equals the first.
        """
        if within:
            return self._inside(a, b, one=one)
        asked = self._asked
        first: tuple[int, int] | None = None
        for i, k in _couples(a, b, asked):
            if a[i] == b[k] or (self.choice.beside_stories and self._one_story(a[i], b[k])):
                continue
            if self._scope(a[i], b[k]) == "cross-site":
                return i, k
            first = first or (i, k)
        return first

    def _inside(self, a: Sequence[str], b: Sequence[str], *, one: bool) -> tuple[int, int] | None:
        seen: dict[str, int] = {}
        if not one:
            for n, article in enumerate(b):
                seen.setdefault(article, n)
        for n, article in enumerate(a):
            if article in seen and self._asked(article):
                return (seen[article], n) if one else (n, seen[article])
            if one:
                seen.setdefault(article, n)
        return None

    def _asked(self, article: str) -> bool:
        return self.choice.among is None or article in self.choice.among

    def _one_story(self, a: str, b: str) -> bool:
        story = self.stories.get(a)
        return story is not None and story == self.stories.get(b)


def _couples(
    a: Sequence[str], b: Sequence[str], asked: Callable[[str], bool]
) -> Iterator[tuple[int, int]]:
    """Yield pairs of places of which one at least is asked for, those of the first places first."""
    few_a = [n for n, article in enumerate(a) if asked(article)]
    few_b = [n for n, article in enumerate(b) if asked(article)]
    for i in few_a[:LOOKED_AT]:
        for k in range(min(len(b), LOOKED_AT)):
            yield i, k
    for k in few_b[:LOOKED_AT]:
        for i in range(min(len(a), LOOKED_AT)):
            yield i, k


def _side(row: TextRow, at: OccurrenceRow) -> Side:
    return Side(row["text_id"], row["text"], at["article"], at["paragraph"], at["start"], at["end"])


def order(passage: Passage) -> tuple[bool, int, float, str]:
    """Return what passages are sorted by: those within an article first, then by shared words."""
    return not passage.within, -passage.words, -passage.evidence, passage.id


def sites_and_stories(place: Path) -> tuple[dict[str, str | None], dict[str, str | None]]:
    """Return the site and the story of each article; an older folder knows no stories."""
    sites, stories = dict[str, str | None](), dict[str, str | None]()
    row: ArticleRow
    for row in reader.rows(place, ARTICLES):
        sites[row["article"]] = row["site"]
        stories[row["article"]] = row.get("story")
    return sites, stories
