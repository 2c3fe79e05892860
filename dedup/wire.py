"""Which agency an article credits, in which words, and which version of a story it says to be.

The rules are data (`wire.toml`). Text is looked at where credits stand: at its head and at its end.
An agency that is only spoken of, quoted or cited ("told Reuters", "according to Xinhua") is no
credit, and neither is one that made a picture. Nothing is ever deleted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dedup.agencies import CUT, END, RUN_ON, applicable, finder, hits, of_site, rules, words
from dedup.document import Article, Credit

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

FIELD = 500
"""Characters of title, author and declared source that are looked at."""

MARKED = 300
"""Characters at the beginning of a text in which tags of versions are."""

STRONG = 3
"""Weight from which a credit says whose text it is, whatever weaker ones name."""

LENT = 1
"""Weight of a credit that says no more than that the agency lent something."""

UNNAMED = "unnamed"
"""Agency of copy that is said to be from agencies which are not named."""

_KINDS = ("dateline", "declared", "tail", "notice", "byline", "credit line")
_BEFORE = ' \t\r\n.!?…"”“’)]؟。」।|:•_'  # the end of what stands before a credit
_SIGNS = (") -", ")-", ") —", ") –", "/ -", "/. ", "\nBy ")  # few texts have one below the head
_PROSE = ("text", "title")
_LISTED = _BEFORE + "-–—ـ\xa0;،,/|(«&"  # in the fields of the metadata
_SENTENCE = (".", "!", "?", "…", ".)", "(", "”", '"')  # ends of a caption
_PICTURE = re.compile(  # AP Photo, AFP/Getty Images, REUTERS/Ann Roe
    r"[ /-]{1,3}(?i:photos?|images?|pool|files?|via|handout|foto|getty|lehtikuva|archiv)\b"
    r"|/[A-Z][a-z.][\w.-]* [A-Z]"
)
_PICTURED = re.compile(
    r"(?i:\b(?:via|bild|fotos?|photos?|image|credit|video|grafik)(?: ?[:/©]| ) ?)$"
)
_SPOKEN = re.compile(" [a-z]")  # Reuters said
_STATE = re.compile(r", [A-Z]{2}[ ,./–—-]")  # Scranton, PA
_MAIL = re.compile(r"@(\w[\w-]*(?:\.[\w-]+)+)")
_MAILBOX = re.compile(r"[\w.+-]{1,64}$")
_LINK = re.compile(r"https?://(?:www\.)?([\w-]+(?:\.[\w-]+)+)/?[^\s<>()\[\]]*")
_CITED = re.compile(r"(?i)\b(?:view (?:original|source)|original|source|via)\b[^\n]{0,60}$")
_HOST = re.compile(r"(?:[A-Za-z]+:)?(?://)?(?:[^/@\s]*@)?([\w-]+(?:\.[\w-]+)+)(?:[/:?#]\S*)?$")
_PLAIN = re.compile(
    r"^\W{0,4}(?!FILE|PHOTO|UPDATE|WATCH|VIDEO|READ)"
    r"((?:[A-ZÀ-Þ]{3}|[A-ZÀ-Þ]{2}[ .])[A-ZÀ-Þ.'’-]*"
    r"(?:[ /,]{1,2}(?:[A-ZÀ-Þ][\w.'’]*|[a-z]{1,3}|\d{1,2})){0,6}\.?"
    r"\s?(?:[–—]|--|(?<=\d )-|(?<=\d)-(?= ))"
    r"|[A-ZÀ-Þ][\w.'’ ]{2,24}(?:, [A-Z][\w. ]{1,20})?, [A-Za-z]{3,9}\.? \d{1,2} ?[-–—]{1,2})\s",
    re.MULTILINE,
)


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
class Wire:
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


def read(article: Article) -> Wire:
    r"""Read the credits, the dateline and the tags of an article.

    Whose text it is: of the credits that say so (dateline, declared source, tail, notice, and the
    site where it is an agency's own), the foremost kind in that order decides; failing those,
    bylines and credit lines together. Where the deciding ones name two agencies the text is a
    mixture, and is nobody's (None). That an agency contributed or lent material makes a credit, but
    never a text the agency's.

    >>> read(Article("a", "It rained, officials told Reuters.")).credits
    ()
    >>> read(Article("a", "It rained.\n\n(With inputs from PTI)")).agency is None
    True
    """
    found = _foremost(_found(article))
    order = ("source", "site", "author", "title", "text")
    ordered = sorted(found, key=lambda c: (order.index(c.field), c.start, c.end, c.agency))
    dateline = _dateline(article.text, ordered)
    return Wire(tuple(ordered), _agency(found), dateline, _tags(article))


def __getattr__(name: str) -> Any:
    """Read AGENCY_SITES when it is first asked for: importing this module reads nothing."""
    if name == "AGENCY_SITES":
        return rules().sites
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _foremost(found: Iterator[tuple[int, Credit]]) -> dict[Credit, int]:
    """Keep of the overlapping credits to one agency the weightiest, and of these the longest."""
    kept: dict[Credit, int] = {}
    for weight, credit in sorted(
        found, key=lambda item: (-item[0], _KINDS.index(item[1].kind), item[1].start - item[1].end)
    ):
        if not any(
            other.agency == credit.agency
            and other.field == credit.field
            and other.start < credit.end
            and credit.start < other.end
            for other in kept
        ):
            kept[credit] = weight
    return kept


def _agency(found: Mapping[Credit, int]) -> str | None:
    """Decide whose text it is, by the rule that `read` states."""
    named = {credit: weight for credit, weight in found.items() if credit.agency != UNNAMED}
    strong = [credit for credit, weight in named.items() if weight >= STRONG]
    ranks = [{c.agency for c in strong if c.kind == kind and c.field != "site"} for kind in _KINDS]
    ranks.append({credit.agency for credit in strong if credit.field == "site"})
    ranks.append({credit.agency for credit, weight in named.items() if weight > LENT})
    deciding = next(filter(None, ranks), set())
    return deciding.pop() if len(deciding) == 1 else None


def _found(article: Article) -> Iterator[tuple[int, Credit]]:
    """Yield every credit with its weight."""
    if article.site and (agency := of_site(article.site)):
        yield STRONG, Credit(agency, "declared", "site", 0, len(article.site), article.site)
    if article.source:
        yield from _declared(article.source[:FIELD])
    if article.author:
        author = article.author[:FIELD]
        yield from _line("author", "byline", author, 0, hits(author), ("author",))
    if article.title:
        title = article.title[:FIELD]
        yield from _line("title", "", title, 0, hits(title), ("title",))
    yield from _text(article.text)


def _declared(source: str) -> Iterator[tuple[int, Credit]]:
    address = _HOST.match(source.strip())
    agency = of_site(address[1]) if address else None
    if agency:
        yield STRONG, Credit(agency, "declared", "source", 0, len(source), source)
        return
    for _, credit in _line("source", "declared", source, 0, hits(source), ("author",)):
        yield STRONG, credit


def _text(text: str) -> Iterator[tuple[int, Credit]]:
    """Yield the credits in head and tail, and a dateline or byline that stands below the head."""
    end = len(text.rstrip())
    head, tail = min(HEAD, end), max(end - TAIL, 0)
    if tail <= head:
        found = [*_part(text, 0, end, end)]
    else:
        found = [*_part(text, 0, head, end), *_part(text, tail, end, end)]
        if all(weight < STRONG for weight, _ in found):
            below = text[head : min(BELOW, end // 2)]
            if any(sign in below for sign in _SIGNS):
                opening = [*_part(text, head, head + len(below), end, ("below",))]
                found += sorted(opening, key=lambda item: item[1].start)[:1]
    yield from found


def _part(
    text: str, first: int, last: int, end: int, zones: Sequence[str] = ()
) -> Iterator[tuple[int, Credit]]:
    """Yield the credits in the lines of `text[first:last]` that name an agency."""
    part = text[first:last]
    if not zones and ("@" in part or "://" in part):
        yield from _addresses(part, first)
    named = hits(part)
    if not named:
        return
    done, agency = -1, rules().agency
    for hit in finder(named).finditer(part):
        if hit.start() < done:
            continue
        begin = part.rfind("\n", 0, hit.start()) + 1
        start = max(begin, hit.start() - BEFORE)
        stop = part.find("\n", hit.end())
        reach = hit.end() + (AFTER if hit[0] in agency else LONG)
        done = min(len(part) if stop < 0 else stop, reach)
        captioned = part[:begin].rstrip().endswith(_SENTENCE)
        line = part[start:done] + (END if first + done >= end else "")
        in_head = ["head"] if first + start < HEAD else []
        in_tail = ["tail"] if first + done > end - TAIL else []
        here = zones or ("any", *in_head, *in_tail)
        if start > begin or (first + begin > 0 and text[first + begin - 1] != "\n"):
            start, line = start - 1, CUT + line
        yield from _line("text", "", line, first + start, named, here, captioned)


def _line(
    field: str,
    kind: str,
    line: str,
    offset: int,
    named: frozenset[str],
    zones: Sequence[str],
    captioned: bool = False,
) -> Iterator[tuple[int, Credit]]:
    """Yield the credits of a line: its names are replaced by marks, which the rules look for."""
    if not named:
        return
    marked, names, shift = _marked(line, named)
    before = frozenset([marked[at - 1] for at, _ in names if at])
    spoken = all(_SPOKEN.match(marked, at + 1) for at, _ in names)
    dated = False
    for rule in applicable(tuple(zones), before, bool(names), spoken, captioned):
        if dated and rule.kind == "dateline":  # they go from the fullest form to the barest
            continue
        if rule.needs and not _any_in(rule.needs, line):
            continue
        for match in rule.pattern.finditer(marked):
            whole = match[0].rstrip(f" \t\r\n{END}")
            end = match.start() + len(whole)
            start = end - len(whole.lstrip(_BEFORE if field in _PROSE else _LISTED))
            start = max(start, int(marked[0] == CUT))
            if "(" in marked[start : start + 1] and ")" not in marked[start:end]:
                start += 1
            inside = [agency for at, agency in names if start <= at < end]
            first, last = (at + _gone(shift, at) for at in (start, end))
            where = (field, offset + first, offset + last, line[first:last])
            for agency in dict.fromkeys([rule.agency] if rule.agency else inside):
                yield rule.weight, Credit(agency, kind or rule.kind, *where)
                dated = dated or rule.kind == "dateline"


def _marked(
    line: str, named: frozenset[str]
) -> tuple[str, list[tuple[int, str]], list[tuple[int, int]]]:
    """Put marks for the names of a line; return it, each mark's place and agency, and the shifts.

    A shift says from which character of the marked line on how many characters are gone.
    """
    marked, names, shift, done = "", [], [(0, 0)], 0
    for hit in finder(named).finditer(line):
        agency, mark = rules().agency.get(hit[0], (None, ""))
        if agency is None:  # a word of a rule
            continue
        follows = _PICTURE.match(line, hit.end()) and not finder(named).match(line, hit.end() + 1)
        pictured = follows or _PICTURED.search(line[: hit.start()][-12:])
        if not pictured and not _STATE.match(line, max(hit.start() - 2, 0)):
            marked += line[done : hit.start()]
            names.append((len(marked), agency))
            marked += mark
            done = hit.end()
            shift.append((len(marked), done - len(marked)))
    return marked + line[done:], names, shift


def _any_in(needed: Sequence[str], line: str) -> bool:
    for word in needed:  # a loop: `any` with a generator takes three times as long
        if word in line:
            return True
    return False


def _gone(shift: list[tuple[int, int]], at: int) -> int:
    return next(gone for since, gone in reversed(shift) if at >= since)


def _addresses(part: str, first: int) -> Iterator[tuple[int, Credit]]:
    """Yield what addresses credit: a writer's own at an agency, a link to the original there."""
    for match in _MAIL.finditer(part):
        if (agency := of_site(match[1])) is not None:
            box = _MAILBOX.search(part[max(match.start() - 64, 0) : match.start()])
            start = match.start() - len(box[0] if box else "")
            proof = part[start : match.end()]
            span = first + start, first + match.end()
            yield LENT + 1, Credit(agency, "tail", "text", *span, proof)
    for match in _LINK.finditer(part):
        if (agency := of_site(match[1])) is not None:
            said = _CITED.search(part[: match.start()][-90:])
            if said:
                start = match.start() - len(said[0])
                proof = part[start : match.end()]
                span = first + start, first + match.end()
                yield STRONG, Credit(agency, "notice", "text", *span, proof)


def _dateline(text: str, found: Sequence[Credit]) -> str | None:
    for credit in found:
        if credit.kind == "dateline":
            return credit.proof
    match = _PLAIN.search(text, 0, HEAD)
    return match[1] if match else None


def _tags(article: Article) -> tuple[Tag, ...]:
    known, found = rules(), list[Tag]()
    for field, zone, text in (
        ("title", "title", (article.title or "")[:FIELD]),
        ("text", "head", article.text[:MARKED]),
    ):
        by_word = known.tags[zone]
        plain = {word.rstrip(b"0123456789") for word in words(text)}
        met = [word.decode() for word in known.tag_words & plain]
        if not text.isascii() and RUN_ON.search(text):
            met += [word for word in by_word if RUN_ON.match(word) and word in text]
        tried = {tag: None for word in sorted(met) for tag in by_word.get(word, ())}
        for kind, pattern in tried:
            if match := re.search(pattern, text, re.MULTILINE):  # the cache of re keeps it compiled
                number = next((int(n) for n in match.groupdict().values() if n), 1)
                found.append(Tag(kind, number, field, *match.span(), match[0]))
    found.sort(key=lambda tag: (tag.field != "title", tag.start, tag.kind))
    return tuple(dict.fromkeys(found))
