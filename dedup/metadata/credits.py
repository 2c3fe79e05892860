"""Which agency an article credits, in which words, and which version of a story it says to be.

The rules are data (`credits.toml`). Text is looked at where credits stand: at its head and at its
end. An agency that is only spoken of, quoted or cited ("told Reuters", "according to Xinhua") is no
credit, and neither is one that made a picture. Nothing is ever deleted.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from dedup.metadata.credit_rules import (
    CUT,
    END,
    Hits,
    Place,
    applicable,
    gone,
    hits,
    marked,
    matches,
    of_site,
    places,
    rules,
    starts,
)
from dedup.records import Article, Credit

AGENCY_SITES: Mapping[str, str]
"""The agencies' own sites: registered domain to short name. Read when first asked for."""

HEAD = 800
"""Characters at the beginning of a text in which its dateline, byline and credit are looked for."""

BELOW = 3000
"""Characters, of at most half a text, in which a dateline or byline may open a line where the head
has none: pages often begin with captions and links."""

TAIL = 900
"""Characters at its end in which tails, notices and credits are."""

BEFORE, AFTER, LONG = 260, 200, 400
"""Most characters of its line before and after a name that its frame may take; LONG: after a word
that begins a tail ("Reporting by ...")."""

CLOSE = 120
"""Most characters between the last name of a line and its end that a frame may take which reaches
to the end."""

FIELD = 500
"""Characters of title, author and declared source that are looked at."""

PARAGRAPH = 300
"""Characters of a paragraph from which what stands in brackets at its end, far inside a text, is a
credit. Higher takes fewer: a caption of 299 characters is one."""

MARKED = 300
"""Characters at the beginning of a text in which tags of versions are."""

STRONG = 3
"""Weight from which a credit says whose text it is, whatever weaker ones name."""

LENT = 1
"""Weight of a credit that says no more than that the agency lent something."""

HINT = 0
"""Weight of what many agencies write: it says whose text it is, as STRONG, where another credit (of
more than LENT) names the same agency."""

UNNAMED = "unnamed"
"""Agency of copy that is said to be from agencies which are not named."""

_KINDS = ("dateline", "declared", "tail", "notice", "byline", "credit line")
_RANKS = {kind: rank for rank, kind in enumerate((*_KINDS, "site"))}
_WEAK = len(_RANKS)
_BEFORE = ' \t\r\n.!?…"”“’)]؟。」।|:•_'  # the end of what stands before a credit
_BOX = re.compile(r"[(\[][^()\[\]\n]{2,60}[)\]]")
_PRINTED = (
    "Reuter",
    "Havas",
    "Wolff",
    "Stefani",
)  # what else is in a text with a credit far inside
_TELEGRAPHIC = "gence télé"
_SLASHED = ("ats", "afp", "ap", "sda")
_INITIALS = ("ap", "afp", "ats", "upi", "dpa", "sda")
_LAST = tuple(f" {name}" for name in _INITIALS)
UNBOXED = (
    *_PRINTED,
    _TELEGRAPHIC,
    *(f"/ {name}" for name in _SLASHED),
    *(f"{name}\n" for name in _LAST),
)
"""What a text has, ended by a new line, that far inside has a credit without brackets."""
_GOES_ON = re.compile(r"[\w,-]\s*$")
_PROSE = ("text", "title")
_FIELDS = ("source", "site", "author", "title", "text")  # the order of credits
_LISTED = _BEFORE + "-–—ـ\xa0;،,/|(«&"  # in the fields of the metadata
_SENTENCE = (".", "!", "?", "…", ".)", "(", "”", '"')  # ends of a caption
_SPOKEN = re.compile(" [a-z]")  # Reuters said
_MAIL = re.compile(r"@(\w[\w-]*(?:\.[\w-]+)+)")
_MAILBOX = re.compile(r"[\w.+-]+")
_LINK = re.compile(r"https?://(?:www\.)?([\w-]+(?:\.[\w-]+)+)/?[^\s<>()\[\]]*")
_CITED = re.compile(r"(?i)\b(?:view (?:original|source)|original|source|via)\b[^\n]{0,60}$")
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
        found += _line("title", "", title, 0, there, ("title",))
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


_Found = tuple[int, Credit]
"""A credit after its weight."""


def _foremost(found: list[_Found]) -> list[_Found]:
    """Keep of the overlapping credits to one agency the weightiest, and of these the longest."""
    if len({(credit.agency, credit.field) for _, credit in found}) == len(found):
        return sorted(found, key=lambda item: _order(item[1]))
    kept: list[_Found] = []
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


def _agency(found: list[_Found]) -> str | None:
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


def _fields(article: Article) -> list[_Found]:
    """List the credits in site, declared source and author."""
    found: list[_Found] = []
    if article.site:
        found += _site(article.site)
    if article.source:
        found += _declared(article.source[:FIELD])
    if article.author:
        found += _author(article.author[:FIELD])
    return found


@lru_cache(4096)
def _site(site: str) -> tuple[_Found, ...]:
    agency = of_site(site)
    if agency is None:
        return ()
    return ((STRONG, Credit(agency, "declared", "site", 0, len(site), site)),)


@lru_cache(8192)
def _author(author: str) -> tuple[_Found, ...]:
    named = places(author, hits(author).names)
    return tuple(_line("author", "byline", author, 0, named, ("author",))) if named else ()


@lru_cache(4096)
def _declared(source: str) -> tuple[_Found, ...]:
    address = _HOST.match(source.strip())
    agency = of_site(address[1]) if address else None
    if agency:
        return ((STRONG, Credit(agency, "declared", "source", 0, len(source), source)),)
    named = places(source, hits(source).names)
    found = _line("source", "declared", source, 0, named, ("author",)) if named else []
    return tuple((STRONG, credit) for _, credit in found)


def _text(text: str, clues: Clues) -> list[_Found]:
    """List the credits in head and tail, and those that stand below the head."""
    end = len(text.rstrip())
    tail = end - TAIL
    named, _, needs = clues.ends
    found: list[_Found] = []
    if named or clues.addressed:
        for first, last in ((0, end),) if tail <= HEAD else ((0, HEAD), (tail, end)):
            if clues.addressed:
                found += _addresses(text[first:last], first)
            if named:
                found += _part(text, first, last, end, named, needs)
    if tail > HEAD and clues.opens and all(weight < STRONG for weight, _ in found):
        opening = text[HEAD : min(BELOW, end // 2)]
        if _opens_below(opening):
            found += _opening(text, opening, end)
    if clues.inside and end > HEAD:
        found += _inside(text, end, clues.below)
    return found


def _opening(text: str, below: str, end: int) -> list[_Found]:
    """Return the first credit that opens a line below the head, if there is one."""
    named, _, needs = hits(below)
    found = _part(text, HEAD, HEAD + len(below), end, named, needs, ("below",))
    return sorted(found, key=lambda item: item[1].start)[:1]


def _inside(text: str, end: int, known: Hits | None) -> list[_Found]:
    """List the credits below the beginning of a text of several items, each with its credit."""
    if known and not known.names:
        return []
    part = text[PARAGRAPH:end]
    if not _unboxed(part, _INITIALS if known is None else known.names):
        boxes = [*_boxes(part)]
        joined = "\n".join(boxes)
        if not boxes or (known and not _any_in(known.names, joined)) or not hits(joined).names:
            return []
        if not any(hits(box).names for box in boxes):
            return []
    named, _, needs = known or hits(part)
    found = _part(text, PARAGRAPH, end, end, named, needs, ("inside",)) if named else []
    return [
        (weight, credit)
        for weight, credit in found
        if credit.kind != "credit line" or _in_prose(text, credit.start)
    ]


def _opens_below(text: str) -> bool:
    """Return whether a text has what closes a dateline, or opens a byline; few have, far down.

    One character is found some five times as fast as two are: what follows is looked at there.
    """
    return (
        _followed(text, ")", (" -", "-", " —", " –"))
        or _followed(text, "/", (" -", ". "))
        or _followed(text, "\n", ("By ",))
    )


def _unboxed(text: str, names: Sequence[str]) -> bool:
    """Return whether a text has a name, or ends of lines, that are credits without brackets.

    `names` are those that it may have.
    """
    if "a" not in text and "e" not in text:  # most texts of other scripts have neither
        return False
    return (
        _any_in(_PRINTED, text)
        or ("é" in text and _TELEGRAPHIC in text)
        or ("/ " in text and _followed(text, "/ ", _SLASHED))
        or (_any_in(_INITIALS, names) and _ends_line(_LAST, text))
    )


def _ends_line(tails: tuple[str, ...], text: str) -> bool:
    for line in text.split("\n"):  # a loop: `any` with a generator takes twice as long
        if line.endswith(tails):
            return True
    return False


def _followed(text: str, sign: str, tails: tuple[str, ...]) -> bool:
    """Return whether one of these tails stands right behind a sign.

    >>> _followed("(a) b (c) - d", ")", (" -",)), _followed("(a) b - d", ")", (" -",))
    (True, False)
    """
    for at in _each(sign, text):  # a loop: `any` with a generator takes three times as long
        if text.startswith(tails, at + len(sign)):
            return True
    return False


def _each(sign: str, text: str) -> Iterator[int]:
    """Yield where a sign stands; a pattern that begins with it takes longer to find it."""
    at = text.find(sign)
    while at >= 0:
        yield at
        at = text.find(sign, at + 1)


def _boxes(text: str) -> Iterator[str]:
    """Yield what stands in brackets, with them; a search for either at once takes long.

    >>> list(_boxes("It rained (AP). [Reuters] It (once more"))
    ['(AP)', '[Reuters]']
    """
    for sign in "([":
        for at in _each(sign, text):
            if box := _BOX.match(text, at):
                yield box[0]


def _in_prose(text: str, at: int) -> bool:
    """Return whether running text ends before a place: a caption is one short line.

    It is a long paragraph, or the line before goes on in the next as in print.
    """
    lines = text[max(at - 2 * PARAGRAPH, 0) : at].rstrip().split("\n")
    if len(lines[-1]) >= PARAGRAPH:
        return True
    return len(lines) > 1 and bool(_GOES_ON.search(lines[-2]))


def _part(
    text: str,
    first: int,
    last: int,
    end: int,
    named: list[str],
    needs: frozenset[str],
    zones: Sequence[str] = (),
) -> list[_Found]:
    """List the credits in the lines of `text[first:last]` that name an agency."""
    found: list[_Found] = []
    if not named:
        return found
    part = text[first:last]
    boilerplate, done = places(part, named), -1
    for number, (at, past, name) in enumerate(boilerplate):
        if at < done:
            continue
        begin = part.rfind("\n", 0, at) + 1
        start = max(begin, at - BEFORE)
        stop = part.find("\n", past)
        done = min(len(part) if stop < 0 else stop, past + _reach(name))
        line = part[start:done] + (END if first + done >= end else "")
        here = zones or _zones(first + start < HEAD, first + done > end - TAIL)
        if start > begin or (first + begin > 0 and text[first + begin - 1] != "\n"):
            start, line = start - 1, CUT + line
        inside = [(a - start, b - start, n) for a, b, n in boilerplate[number:] if b <= done]
        captioned = part[:begin].rstrip().endswith(_SENTENCE)
        found += _line("text", "", line, first + start, inside, here, needs, captioned)
    return found


def _reach(name: str) -> int:
    return AFTER if name in rules().agency else LONG


def _zones(in_head: bool, in_tail: bool) -> tuple[str, ...]:
    return ("any", *(["head"] if in_head else []), *(["tail"] if in_tail else []))


def _line(
    field: str,
    kind: str,
    line: str,
    offset: int,
    named: list[Place],
    zones: Sequence[str],
    needs: frozenset[str] = frozenset(),
    captioned: bool = False,
) -> list[_Found]:
    """List the credits of a line: its names are replaced by marks, which the rules look for."""
    text, names, shift = marked(line, named)
    before = frozenset([text[at - 1] for at, _ in names if at])
    spoken = all(_SPOKEN.match(text, at + 1) for at, _ in names)
    single, last = "\n" not in text, names[-1][0] if names else 0
    open_ = single and len(text) - last > CLOSE
    breaks = starts(text, last) if single else None
    found: list[_Found] = []
    dated = False
    ascii_only = line.isascii()
    for rule in applicable(tuple(zones), before, bool(names), spoken, captioned, open_):
        if dated and rule.kind == "dateline":  # they go from the fullest form to the barest
            continue
        if rule.needs and rule.needs.isdisjoint(needs):
            continue
        if rule.has and not _any_in(rule.has_ascii if ascii_only else rule.has, line):
            continue
        for match in matches(rule, text, breaks):
            whole = match[0].rstrip(f" \t\r\n{END}")
            end = match.start() + len(whole)
            start = end - len(whole.lstrip(_BEFORE if field in _PROSE else _LISTED))
            start = max(start, int(text[0] == CUT))
            if "(" in text[start : start + 1] and ")" not in text[start:end]:
                start += 1
            inside = [agency for at, agency in names if start <= at < end]
            first, past = (at + gone(shift, at) for at in (start, end))
            if rule.small and not line[first:past].islower():
                continue
            where = (field, offset + first, offset + past, line[first:past])
            for agency in dict.fromkeys([rule.agency] if rule.agency else inside):
                found.append((rule.weight, Credit(agency, kind or rule.kind, *where)))
                dated = dated or rule.kind == "dateline"
    return found


def _any_in(needed: Sequence[str], there: Container[str]) -> bool:
    for word in needed:  # a loop: `any` with a generator takes three times as long
        if word in there:
            return True
    return False


def _addresses(part: str, first: int) -> Iterator[tuple[int, Credit]]:
    """Yield what addresses credit: a writer's own at an agency, a link to the original there."""
    for at in _each("@", part):
        match = _MAIL.match(part, at)
        if match and (agency := of_site(match[1])) is not None:
            before = part[max(at - 64, 0) : at]
            box = _MAILBOX.match(before[::-1])  # to search for an end takes the square of the time
            start = at - (box.end() if box else 0)
            proof = part[start : match.end()]
            span = first + start, first + match.end()
            yield LENT + 1, Credit(agency, "tail", "text", *span, proof)
    for match in _LINK.finditer(part):
        if (agency := of_site(match[1])) is None:
            continue
        begin, done = match.span()
        said = _CITED.search(part[max(begin - 90, 0) : begin])
        if said:
            start = begin - len(said[0])
            yield (
                STRONG,
                Credit(agency, "notice", "text", first + start, first + done, part[start:done]),
            )


def _dateline(text: str) -> str | None:
    """Return a dateline without an agency, if there is one."""
    if not _any_in(_DASHES, text[:HEAD]):
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
