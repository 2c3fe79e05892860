"""Which agency an article credits, in which words, and which version of a story it says to be.

The rules are data (`credits.toml`). Text is looked at where credits stand: at its head and at its
end. An agency that is only spoken of, quoted or cited ("told Reuters", "according to Xinhua") is no
credit, and neither is one that made a picture. Nothing is ever deleted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from dedup.metadata.credit_inside import PARAGRAPH, credits_inside, opens_below
from dedup.metadata.credit_lines import (
    HEAD,
    LENT,
    STRONG,
    TAIL,
    Found,
    addresses,
    any_in,
    credits_of_line,
    credits_of_part,
)
from dedup.metadata.credit_rules import Hits, hits, of_site, places, rules
from dedup.records import Article, Credit

AGENCY_SITES: Mapping[str, str]
"""The agencies' own sites: registered domain to short name. Read when first asked for."""

BELOW = 3000
"""Characters, of at most half a text, in which a dateline or byline may open a line where the head
has none: pages often begin with captions and links."""

FIELD = 500
"""Characters of title, author and declared source that are looked at."""

MARKED = 300
"""Characters at the beginning of a text in which tags of versions are."""

HINT = 0
"""Weight of what many agencies write: it says whose text it is, as STRONG, where another credit (of
more than LENT) names the same agency."""

UNNAMED = "unnamed"
"""Agency of copy that is said to be from agencies which are not named."""

_KINDS = ("dateline", "declared", "tail", "notice", "byline", "credit line")
_RANKS = {kind: rank for rank, kind in enumerate((*_KINDS, "site"))}
_WEAK = len(_RANKS)
_FIELDS = ("source", "site", "author", "title", "text")  # the order of credits
_HOST = re.compile(r"(?:[A-Za-z]+:)?(?://)?(?:[^/@\s]*@)?([\w-]+(?:\.[\w-]+)+)(?:[/:?#]\S*)?$")
_DASHES = ("-", "–", "—")  # every plain dateline has one
_PLAIN = (
    r"\W{0,4}(?!FILE|PHOTO|UPDATE|WATCH|VIDEO|READ)"
    r"((?:[A-ZÀ-Þ]{3}|[A-ZÀ-Þ]{2}[ .])[A-ZÀ-Þ.'’-]*"
    r"(?:[ /,]{1,2}(?:[A-ZÀ-Þ][\w.'’]*|[a-z]{1,3}|\d{1,2})){0,6}\.?"
    r"\s?(?:[–—]|--|(?<=\d )-|(?<=\d)-(?= ))"
    r"|[A-ZÀ-Þ][\w.'’ ]{2,24}(?:, [A-Z][\w. ]{1,20})?, [A-Za-z]{3,9}\.? \d{1,2} ?[-–—]{1,2})\s"
)
_FIRST, _LATER = re.compile(_PLAIN), re.compile(rf"\n{_PLAIN}")  # a search for ^ takes long


@dataclass(frozen=True, slots=True)
class Tag:
    """A mark of the version that an article is."""

    kind: str
    """`update`, `corrected`, `refile`, `repeat`, `withdrawn`, `advisory`, `embargo`, `alert` or
    `summary`."""
    number: int
    """Its number, such as 2 in `UPDATE 2-`; 1 where it has none."""
    field: str
    """The field of the article it stands in: `title` or `text`."""
    start: int
    """First character of the proof, counted in that field."""
    end: int
    """One past the last character."""
    proof: str
    """The words themselves."""


@dataclass(frozen=True, slots=True)
class Attribution:
    """What an article says of where its text is from.

    >>> read(Article("a", "OSLO, May 3 (Reuters) - It rained.")).credits[0].proof
    'OSLO, May 3 (Reuters) -'
    """

    credits: tuple[Credit, ...] = ()
    """Every credit, in order of field and place."""
    agency: str | None = None
    """Whose text it most likely is (see `read`), or None."""
    dateline: str | None = None
    """Its dateline as it stands, with or without an agency, or None."""
    tags: tuple[Tag, ...] = ()
    """Every mark of its version, title first."""


_NOTHING = Attribution()
"""Of most articles: one for all of them."""


class Clues(NamedTuple):
    """Where in an article the exact rules have to look: it has no credit, or dateline, elsewhere.

    `dedup.metadata.credit_words` finds them for many articles at once.
    """

    ends: Hits
    """What title, head and tail may have (see `parts`)."""
    inside: bool
    """Whether there may be a credit far inside (see `_inside`)."""
    below: Hits | None
    """What is below the head (see `parts`), where there may be a credit; None: nobody looked."""
    opens: bool
    """Whether what closes a dateline, or opens a byline, may stand below the head."""
    addressed: bool
    """Whether there may be an address at an agency in head or tail."""
    dated: bool
    """Whether there may be a dateline without an agency."""


def read(article: Article, clues: Clues | None = None) -> Attribution:
    r"""Read the credits, the dateline and the tags of an article.

    Whose text it is: of the credits that say so (dateline, declared source, tail, notice, and the
    site where it is an agency's own), the foremost kind in that order decides; failing those,
    bylines and credit lines together. Where the deciding ones name two agencies the text is a
    mixture, and is nobody's (None). "Reporting by A; editing by B" is a tail of Reuters, but others
    write so too: it counts only where another credit names Reuters. That an agency contributed or
    lent material makes a credit, but never a text the agency's.

    `clues` say where to look, where that is known.

    >>> read(Article("a", "It rained, officials told Reuters.")).credits
    ()
    >>> read(Article("a", "It rained.\n\n(With inputs from PTI)")).agency is None
    True
    """
    text, title = article.text, (article.title or "")[:FIELD]
    clues = clues or _anywhere(article)
    named, marks, _ = clues.ends
    found = _fields(article)
    if named and title and (there := places(title, named)):
        found += credits_of_line("title", "", title, 0, there, ("title",))
    found += _text(text, clues)
    if len(found) > 1:
        found = _foremost(found)
    tags = _tags(title, text, marks) if marks else ()
    if not found:
        dateline = _dateline(text) if clues.dated else None
        return Attribution((), None, dateline, tags) if tags or dateline else _NOTHING
    credited = tuple([credit for _, credit in found])
    dateline = next(
        (credit.proof for weight, credit in found if weight > LENT and credit.kind == "dateline"),
        None,
    )
    if dateline is None and clues.dated:
        dateline = _dateline(text)
    return Attribution(credited, _agency(found), dateline, tags)


def _anywhere(article: Article) -> Clues:
    """Return the clues of an article that nobody has looked at."""
    ends, _ = parts(article)
    return Clues(hits(ends), True, None, True, "@" in ends or "://" in ends, True)


def parts(article: Article) -> tuple[str, str]:
    r"""Return where credits are looked for: title, head, tail; and what is below the head.

    >>> parts(Article("a", "It rained.", title="Rain"))
    ('Rain\nIt rained.', '')
    """
    text, title = article.text, (article.title or "")[:FIELD]
    end = len(text.rstrip())
    whole = end - TAIL <= HEAD
    ends = text[:end] if whole else f"{text[:HEAD]}\n{text[end - TAIL : end]}"
    return f"{title}\n{ends}", text[PARAGRAPH:end] if end > HEAD else ""


def names_agency(agency: str, proof: str) -> bool:
    """Return whether the proof of a credit has a name in it: the house style of one has none.

    >>> names_agency("AP", "OSLO (AP) —"), names_agency("Reuters", "Reporting by A; editing by B")
    (True, False)
    """
    if agency == UNNAMED:
        return False
    names = [name for name in hits(proof).names if name in rules().agency]
    return bool(places(proof, names)) or of_site(proof) is not None


def __getattr__(name: str) -> Any:
    """Read AGENCY_SITES when it is first asked for: importing this module reads nothing."""
    if name == "AGENCY_SITES":
        return rules().sites
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _foremost(found: list[Found]) -> list[Found]:
    """Keep of the overlapping credits to one agency the weightiest, and of these the longest."""
    if len({(credit.agency, credit.field) for _, credit in found}) == len(found):
        return sorted(found, key=lambda item: _order(item[1]))
    kept: list[Found] = []
    for weight, credit in sorted(
        found, key=lambda item: (-item[0], _RANKS[item[1].kind], item[1].start - item[1].end)
    ):
        if not any(
            other.agency == credit.agency
            and other.field == credit.field
            and other.start < credit.end
            and credit.start < other.end
            for _, other in kept
        ):
            kept.append((weight, credit))
    kept.sort(key=lambda item: _order(item[1]))
    return kept


def _order(credit: Credit) -> tuple[int, int, int, str]:
    return _FIELDS.index(credit.field), credit.start, credit.end, credit.agency


def _agency(found: list[Found]) -> str | None:
    """Decide whose text it is, by the rule that `read` states."""
    ranks: dict[int, set[str]] = {}
    named = {credit.agency for weight, credit in found if weight > LENT}
    for weight, credit in found:
        strong = weight >= STRONG or (weight == HINT and credit.agency in named)
        if credit.agency != UNNAMED and (strong or weight > LENT):
            rank = _RANKS.get(credit.field) or _RANKS[credit.kind]
            ranks.setdefault(rank if strong else _WEAK, set()).add(credit.agency)
    deciding = ranks[min(ranks)] if ranks else set[str]()
    return deciding.pop() if len(deciding) == 1 else None


def _fields(article: Article) -> list[Found]:
    """List the credits in site, declared source and author."""
    found: list[Found] = []
    if article.site:
        found += _site(article.site)
    if article.source:
        found += _declared(article.source[:FIELD])
    if article.author:
        found += _author(article.author[:FIELD])
    return found


@lru_cache(4096)
def _site(site: str) -> tuple[Found, ...]:
    agency = of_site(site)
    if agency is None:
        return ()
    return ((STRONG, Credit(agency, "declared", "site", 0, len(site), site)),)


@lru_cache(8192)
def _author(author: str) -> tuple[Found, ...]:
    named = places(author, hits(author).names)
    return (
        tuple(credits_of_line("author", "byline", author, 0, named, ("author",))) if named else ()
    )


@lru_cache(4096)
def _declared(source: str) -> tuple[Found, ...]:
    address = _HOST.match(source.strip())
    agency = of_site(address[1]) if address else None
    if agency:
        return ((STRONG, Credit(agency, "declared", "source", 0, len(source), source)),)
    named = places(source, hits(source).names)
    found = credits_of_line("source", "declared", source, 0, named, ("author",)) if named else []
    return tuple((STRONG, credit) for _, credit in found)


def _text(text: str, clues: Clues) -> list[Found]:
    """List the credits in head and tail, and those that stand below the head."""
    end = len(text.rstrip())
    tail = end - TAIL
    named, _, needs = clues.ends
    found: list[Found] = []
    if named or clues.addressed:
        for first, last in ((0, end),) if tail <= HEAD else ((0, HEAD), (tail, end)):
            if clues.addressed:
                found += addresses(text[first:last], first)
            if named:
                found += credits_of_part(text, first, last, end, named, needs)
    if tail > HEAD and clues.opens and all(weight < STRONG for weight, _ in found):
        opening = text[HEAD : min(BELOW, end // 2)]
        if opens_below(opening):
            found += _opening(text, opening, end)
    if clues.inside and end > HEAD:
        found += credits_inside(text, end, clues.below)
    return found


def _opening(text: str, below: str, end: int) -> list[Found]:
    """Return the first credit that opens a line below the head, if there is one."""
    named, _, needs = hits(below)
    found = credits_of_part(text, HEAD, HEAD + len(below), end, named, needs, ("below",))
    return sorted(found, key=lambda item: item[1].start)[:1]


def _dateline(text: str) -> str | None:
    """Return a dateline without an agency, if there is one."""
    if not any_in(_DASHES, text[:HEAD]):
        return None
    match = _FIRST.match(text, 0, HEAD) or _LATER.search(text, 0, HEAD)
    return match[1] if match else None


def _tags(title: str, text: str, words: list[str]) -> tuple[Tag, ...]:
    """Find the tags that have one of these words."""
    known, found = rules(), list[Tag]()
    for field, zone, part in (("title", "title", title), ("text", "head", text[:MARKED])):
        by_word = known.tags[zone]
        there = sorted(word for word in words if word in part)
        tried = {tag: None for word in there for tag in by_word.get(word, ())}
        for kind, pattern in tried:
            if match := re.search(pattern, part, re.MULTILINE):  # the cache of re keeps it compiled
                number = next((int(n) for n in match.groupdict().values() if n), 1)
                found.append(Tag(kind, number, field, *match.span(), match[0]))
    found.sort(key=lambda tag: (tag.field != "title", tag.start, tag.kind))
    return tuple(dict.fromkeys(found))
