"""The credits of a line or a part of a text: what rules find around names, and addresses."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence

from dedup.metadata.credit_rules import (
    CUT,
    END,
    Place,
    applicable,
    gone,
    marked,
    matches,
    of_site,
    places,
    rules,
    starts,
)
from dedup.records import Credit

HEAD = 800
"""Characters at the beginning of a text in which its dateline, byline and credit are looked for."""

TAIL = 900
"""Characters at its end in which tails, notices and credits are."""

BEFORE, AFTER, LONG = 260, 200, 400
"""Most characters of its line before and after a name that its frame may take; LONG: after a word
that begins a tail ("Reporting by ...")."""

CLOSE = 120
"""Most characters between the last name of a line and its end that a frame may take which reaches
to the end."""

STRONG = 3
"""Weight from which a credit says whose text it is, whatever weaker ones name."""

LENT = 1
"""Weight of a credit that says no more than that the agency lent something."""

_BEFORE = ' \t\r\n.!?…"”“’)]؟。」।|:•_'  # the end of what stands before a credit
_PROSE = ("text", "title")
_LISTED = _BEFORE + "-–—ـ\xa0;،,/|(«&"  # in the fields of the metadata
_SENTENCE = (".", "!", "?", "…", ".)", "(", "”", '"')  # ends of a caption
_SPOKEN = re.compile(" [a-z]")  # Reuters said
_MAIL = re.compile(r"@(\w[\w-]*(?:\.[\w-]+)+)")
_MAILBOX = re.compile(r"[\w.+-]+")
_LINK = re.compile(r"https?://(?:www\.)?([\w-]+(?:\.[\w-]+)+)/?[^\s<>()\[\]]*")
_CITED = re.compile(r"(?i)\b(?:view (?:original|source)|original|source|via)\b[^\n]{0,60}$")


Found = tuple[int, Credit]
"""A credit after its weight."""


def credits_of_part(
    text: str,
    first: int,
    last: int,
    end: int,
    named: list[str],
    needs: frozenset[str],
    zones: Sequence[str] = (),
) -> list[Found]:
    """List the credits in the lines of `text[first:last]` that name an agency.

    The text ends at `end`. It may have the names `named`, and it has the words `needs` of rules.
    The rules are those of `zones`; without any given, those of the place where a line stands.
    """
    found: list[Found] = []
    if not named:
        return found
    part = text[first:last]
    there, done = places(part, named), -1
    for number, (at, past, name) in enumerate(there):
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
        inside = [(a - start, b - start, n) for a, b, n in there[number:] if b <= done]
        captioned = part[:begin].rstrip().endswith(_SENTENCE)
        found += credits_of_line("text", "", line, first + start, inside, here, needs, captioned)
    return found


def _reach(name: str) -> int:
    return AFTER if name in rules().agency else LONG


def _zones(in_head: bool, in_tail: bool) -> tuple[str, ...]:
    return ("any", *(["head"] if in_head else []), *(["tail"] if in_tail else []))


def credits_of_line(
    field: str,
    kind: str,
    line: str,
    offset: int,
    named: list[Place],
    zones: Sequence[str],
    needs: frozenset[str] = frozenset(),
    captioned: bool = False,
) -> list[Found]:
    """List the credits of a line: its names are replaced by marks, which the rules look for.

    The line begins at the character `offset` of the field, `named` says where its names stand, and
    `needs` are words of rules that its text has. A `kind` that is given wins over that of the rule.
    `captioned` says that the line stands under a caption.

    >>> line, named = "It rained. (AP)", [(12, 14, "AP")]
    >>> [c.proof for _, c in credits_of_line("text", "", line, 0, named, ("any", "tail"))]
    ['(AP)']
    """
    text, names, shift = marked(line, named)
    before = frozenset([text[at - 1] for at, _ in names if at])
    spoken = all(_SPOKEN.match(text, at + 1) for at, _ in names)
    single, last = "\n" not in text, names[-1][0] if names else 0
    open_ = single and len(text) - last > CLOSE
    breaks = starts(text, last) if single else None
    found: list[Found] = []
    dated = False
    ascii_only = line.isascii()
    for rule in applicable(tuple(zones), before, bool(names), spoken, captioned, open_):
        if dated and rule.kind == "dateline":  # they go from the fullest form to the barest
            continue
        if rule.needs and rule.needs.isdisjoint(needs):
            continue
        if rule.has and not any_in(rule.has_ascii if ascii_only else rule.has, line):
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


def any_in(needed: Sequence[str], there: Container[str]) -> bool:
    """Return whether one of these is there: a word in a text, or in a list of words."""
    for word in needed:  # a loop: `any` with a generator takes three times as long
        if word in there:
            return True
    return False


def each(sign: str, text: str) -> Iterator[int]:
    """Yield where a sign stands; a pattern that begins with it takes longer to find it."""
    at = text.find(sign)
    while at >= 0:
        yield at
        at = text.find(sign, at + 1)


def addresses(part: str, first: int) -> Iterator[tuple[int, Credit]]:
    """Yield what addresses credit: a writer's own at an agency, a link to the original there."""
    for at in each("@", part):
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
