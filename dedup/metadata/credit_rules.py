"""The agencies' names and sites, and the frames around a name that make it a credit.

All of it is data, in `credits.toml`, read and compiled when first asked for.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

NAME, INITIALS, END, CUT = "\ue000", "\ue001", "\ue002", "_"
"""What stands for a name, for initials, for the end of the text and for the cut-off beginning of a
line while a line is matched. The first three are for private use; the last is no letter, and yet
part of a word, so that no frame begins behind it."""

ZONES = ("head", "below", "inside", "tail", "any", "title", "author")
"""Where rules look: parts of the text, and other fields."""

_SLOTS = {
    "name": NAME,
    "any": f"[{NAME}{INITIALS}]",
    "any_": NAME + INITIALS,
    "end": rf"(?={END})",
}
RUN_ON_RANGES = ((0x0E00, 0x0E7F), (0x3040, 0x30FF), (0x3400, 0x9FFF), (0xAC00, 0xD7A3))
"""First and last character of scripts in which names run on into other words."""
RUN_ON = re.compile(f"[{''.join(f'{chr(low)}-{chr(high)}' for low, high in RUN_ON_RANGES)}]")
"""A character of such a script."""

_SPACES = bytes(code if chr(code).isalpha() or code > 127 else 32 for code in range(256))
_NARROW = bytes(code for code in range(256) if code != 0xE0 and not 0xE3 <= code <= 0xED)
"""Bytes of UTF-8 that begin no character of RUN_ON."""
POINTS = "—–“”„«»’‘\xa0،؛…•©"
"""What else divides words: it stands beside names."""
_PICTURE = re.compile(  # AP Photo, AFP/Getty Images, REUTERS/Ann Roe
    r"[ /-]{1,3}(?i:photos?|images?|pool|files?|via|handout|foto|getty|lehtikuva|archiv)\b"
    r"|/[A-Z][a-z.][\w.-]* [A-Z]"
)
_PICTURED = re.compile(
    r"(?i:\b(?:via|bild|fotos?|photos?|image|credit|video|grafik)(?: ?[:/©]| ) ?)$"
)
_BREAK = re.compile(r'[.!?:|•»”"\]](?= )|\s(?=\s)')  # piece {break} of the rules, a blank before
_WORN = "lf1"
"""What an opening bracket is misread as in print: 11. Juli. lDNB)."""
_LISTED = frozenset(("afp", "Afp", "ap", "Ap", "ats", "Ats", "dpa", "reuter", "upi", "Upi"))
"""Initials that Swiss papers list with hyphens."""
_CLOSING = re.compile(r" ?\.? ?(?=[)\]])")
_STATE = re.compile(r", [A-Z]{2}[ ,./–—-]")  # Scranton, PA


@dataclass(frozen=True, slots=True)
class Rule:
    """A frame around a name, as `credits.toml` describes it."""

    kind: str
    weight: int
    agency: str | None
    expression: str
    anchored: bool  # matches only where a line begins
    breaking: bool  # matches only where a line, sentence or column begins (piece {break})
    closing: bool  # matches only where a line ends
    needs: frozenset[str]  # words, one of which the text has; none: it may have any
    has: tuple[str, ...]  # one of them is in every such line; none: any may be
    has_ascii: tuple[str, ...]  # those of them that may be in a line of ASCII
    before: frozenset[str]  # one of these stands before the name; none: anything may
    spoken: bool  # also where a word in small letters follows the name
    small: bool  # only names in small letters
    lone: bool  # not where the line above ends as a sentence does

    @property
    def pattern(self) -> re.Pattern[str]:
        """The expression, compiled when it is first matched: all take a tenth of a second."""
        return _compiled(self.expression)


@cache
def _compiled(expression: str) -> re.Pattern[str]:
    return re.compile(expression, re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Rules:
    """All of `credits.toml`, made ready."""

    agency: Mapping[str, tuple[str, str]]  # name: its agency, and what it is marked with
    words: frozenset[str]  # these names and the words of rules, of scripts that divide words
    needs: frozenset[str]  # words that rules need
    keys: frozenset[bytes]  # the longest words of all these, and the words of tags
    keyed: Mapping[bytes, tuple[str, ...]]  # a key: all that has it
    run_on: tuple[str, ...]  # names in scripts that do not divide words
    run_on_needs: tuple[str, ...]
    sites: Mapping[str, str]
    zones: Mapping[str, tuple[Rule, ...]]
    tags: Mapping[str, Mapping[str, tuple[tuple[str, str], ...]]]  # zone: word: kinds and patterns
    tag_words: frozenset[str]
    run_on_tags: tuple[str, ...]


class Hits(NamedTuple):
    """What a text may have of what credits and marks of versions are known by."""

    names: list[str]
    """Names of agencies, and words of rules."""
    tags: list[str]
    """Words of tags."""
    needs: frozenset[str]
    """Words that rules need."""


def hits(text: str) -> Hits:
    """Return what a text may have; `dedup.metadata.credit_words` does so for many at once.

    Most texts have no name, and cost no more than to divide them into words: as bytes, which takes
    a third of the time that a pattern for words takes.
    """
    divided, ascii_only = text, text.isascii()
    if not ascii_only:
        for point in POINTS:
            divided = divided.replace(point, " ")
    data = divided.encode(errors="replace")
    keys = rules().keys.intersection(data.translate(_SPACES).split())
    there = [word for key in keys for word in rules().keyed[key] if word in text]
    wide = not ascii_only and bool(data.translate(None, _NARROW))
    return as_hits(text, there, wide and bool(RUN_ON.search(text)))


def as_hits(text: str, there: list[str], run_on: bool) -> Hits:
    """Return the hits of a text that has these words, and in `run_on` others that run on."""
    known = rules()
    names = [word for word in there if word in known.words]
    tags = [word for word in there if word in known.tag_words]
    needs = known.needs.intersection(there)
    if run_on:
        names += [name for name in known.run_on if name in text]
        tags += [word for word in known.run_on_tags if word in text]
        needs |= {word for word in known.run_on_needs if word in text}
    return Hits(names, tags, needs)


Place = tuple[int, int, str]
"""Where a name stands: first character, one past the last, and the name."""


def places(text: str, hits: list[str]) -> list[Place]:
    """Find names and words in a text, in order; of those that overlap the first and longest."""
    found = [(*hit.span(), name) for name in hits for hit in _finder(name).finditer(text)]
    if len(found) < 2:
        return found
    found.sort(key=lambda place: (place[0], -place[1]))
    kept = found[:1]
    for place in found:
        if place[0] >= kept[-1][1]:
            kept.append(place)
    return kept


def marked(
    line: str, named: list[Place]
) -> tuple[str, list[tuple[int, str]], list[tuple[int, int]]]:
    """Put marks for the names of a line; return it, each mark's place and agency, and the shifts.

    A shift says from which character of the marked line on how many characters are gone.
    """
    text, names, shift, done = "", [], [(0, 0)], 0
    for number, (at, past, name) in enumerate(named):
        agency, mark = rules().agency.get(name, (None, ""))
        if agency is None:  # a word of a rule
            continue
        listed = number + 1 < len(named) and named[number + 1][0] == past + 1  # AP/AFP
        pictured = (not listed and _PICTURE.match(line, past)) or _PICTURED.search(
            line[max(at - 12, 0) : at]
        )
        if not pictured and not _STATE.match(line, max(at - 2, 0)):
            begin, end = _bracketed(line, at, past)
            text += line[done:begin]
            if name[0] in _WORN and name[1:].isupper():
                text += "("
            names.append((len(text), agency))
            text += mark
            done = end
            shift.append((len(text), done - len(text)))
    return text + line[done:], names, shift


def _bracketed(line: str, at: int, past: int) -> tuple[int, int]:
    """Take to a name the blanks and the point that stand with it in its brackets: ( Havas . )."""
    if at > 1 and line[at - 1] == " " and line[at - 2] in "([":
        at -= 1
    closed = _CLOSING.match(line, past)
    return at, closed.end() if closed else past


def gone(shift: list[tuple[int, int]], at: int) -> int:
    """Return how many characters are gone before a place of a marked line (see `marked`)."""
    return next(gone for since, gone in reversed(shift) if at >= since)


@lru_cache(4096)
def applicable(
    zones: tuple[str, ...],
    before: frozenset[str],
    named: bool,
    spoken: bool,
    captioned: bool,
    open_: bool,
) -> tuple[Rule, ...]:
    """Return the rules of zones that a line may satisfy, in order, if its text has what they need.

    `before` are the characters before its names, `named` whether it has any, `spoken` whether a
    word in small letters follows each, `captioned` whether it stands under a caption, `open_`
    whether it goes on far behind them.
    """
    return tuple(
        rule
        for zone in zones
        for rule in rules().zones[zone]
        if (named or rule.agency is not None)
        and (not rule.before or not rule.before.isdisjoint(before))
        and (not spoken or rule.spoken or rule.agency is not None)
        and not (captioned and rule.lone)
        and not (open_ and rule.closing and rule.agency is None)
    )


@lru_cache(4096)
def _finder(name: str) -> re.Pattern[str]:
    """Compile a pattern that finds a name where it is a word; it starts with what is seen fast."""
    exact = re.escape(name)
    if RUN_ON.search(name):
        return re.compile(exact)
    listed = "" if name in _LISTED else rf"(?<!\w-{exact})"  # ats-afp-ap
    return re.compile(rf"{exact}(?!\w)(?!\.\w)(?<![\w@.]{exact}){listed}")


def starts(text: str, last: int) -> list[int]:
    """List where in a single line, up to a place, what begins with the piece {break} may begin."""
    return [0, *(hit.end() + 1 for hit in _BREAK.finditer(text, 0, last))]


def matches(rule: Rule, text: str, breaks: list[int] | None) -> Iterable[re.Match[str]]:
    """Match a rule: at these breaks of a single line only, if it can match nowhere else."""
    if breaks is None or not (rule.anchored or rule.breaking):
        return rule.pattern.finditer(text)
    found: list[re.Match[str]] = []
    for begin in breaks if rule.breaking else breaks[:1]:
        if not found or begin >= found[-1].end():
            match = rule.pattern.match(text, begin)
            if match:
                found.append(match)
    return found


@lru_cache(8192)
def of_site(site: str) -> str | None:
    """Name the agency whose own site it is, by its address or, of a bare name, by that.

    >>> of_site("en.yna.co.kr"), of_site("reuters"), of_site("herald.example")
    ('Yonhap', 'Reuters', None)
    """
    known = rules()
    host = site.strip().casefold().rstrip(".")
    if "." in host:
        while host:
            if host in known.sites:
                return known.sites[host]
            host = host.partition(".")[2]
        return None
    return {_bare(name): a for name, (a, mark) in known.agency.items() if mark == NAME}.get(
        _bare(host)
    )


def _bare(name: str) -> str:
    return "".join(filter(str.isalnum, name.casefold()))


@lru_cache(1)
def rules() -> Rules:
    """Read the data file and compile its patterns, once."""
    data = tomllib.loads(Path(__file__).with_name("credits.toml").read_text(encoding="utf-8"))
    agency: dict[str, tuple[str, str]] = {}
    sites: dict[str, str] = {}
    for short, known in data["agency"].items():
        sites.update(dict.fromkeys(known.get("sites", ()), short))
        for field, mark in (("names", NAME), ("initials", INITIALS)):
            for name in known.get(field, ()):
                for spelt in _spellings(name):
                    agency.setdefault(spelt, (short, mark))
        for name in known.get("printed", ()):
            for spelt in _misread(name):
                agency.setdefault(spelt, (short, INITIALS))
    run_on = tuple(name for name in agency if RUN_ON.search(name))
    words = frozenset(word for rule in data["rule"] for word in rule.get("words", ()))
    needs = frozenset(word for rule in data["rule"] for word in rule.get("needs", ()))
    parts = _pieces(data["parts"])
    zones: dict[str, list[Rule]] = {zone: [] for zone in ZONES}
    for rule in data["rule"]:
        has = (*rule.get("has", ()), *rule.get("words", ()))
        filled = _filled(rule["pattern"], parts).replace("$", f"(?={END}?$)")
        made = Rule(
            rule["kind"],
            rule["weight"],
            rule.get("agency"),
            filled,
            rule["pattern"].startswith("^"),
            rule["pattern"].startswith("{break}"),
            rule["pattern"].endswith(("$", "{end}")),
            frozenset(rule.get("needs", ())),
            has,
            tuple(filter(str.isascii, has)),
            frozenset(rule.get("before", "")),
            rule.get("spoken", False),
            rule.get("small", False),
            rule.get("lone", False),
        )
        for zone in (rule["zone"], *(["below"] if rule.get("below") else [])):
            zones[zone].append(made)
    tags = {zone: _tag_rules(data["tag"], zone) for zone in ("title", "head")}
    tag_words = frozenset(word for zone in tags.values() for word in zone)
    divided = words.union(agency).difference(run_on)
    keyed: dict[bytes, list[str]] = {}
    for word in sorted(divided | needs | tag_words):
        keyed.setdefault(_key(word), []).append(word)
    return Rules(
        agency=agency,
        words=divided,
        needs=needs,
        keys=frozenset(keyed),
        keyed={key: tuple(words) for key, words in keyed.items()},
        run_on=run_on,
        run_on_needs=tuple(word for word in needs if RUN_ON.search(word)),
        sites=MappingProxyType(sites),
        zones={zone: tuple(rules) for zone, rules in zones.items()},
        tags=tags,
        tag_words=tag_words,
        run_on_tags=tuple(word for word in tag_words if RUN_ON.match(word)),
    )


def _key(name: str) -> bytes:
    """Return the word of a name by which it is looked for: its longest."""
    return max(name.encode().translate(_SPACES).split(), key=len)


def _spellings(name: str) -> list[str]:
    """List how a name is written: a longer one also in capitals, letters also with points."""
    letters = name.split(" ")
    if len(letters) > 1 and all(len(letter) == 1 for letter in letters):
        pointed = [point.join(letters) for point in (".", ". ")]
        return [name, *pointed, *(f"{spelt}." for spelt in pointed)]
    return [name, name.upper()] if len(name) >= 5 else [name]


_LOOKS = {
    "H": "BKNR", "R": "BHKE", "W": "V", "a": "nuo", "e": "cos", "f": "ts", "l": "it", "o": "ce",
    "r": "vt", "s": "ac", "t": "lf", "u": "nai", "v": "rn",
}  # fmt: skip
"""Letters of print that look like another where they are worn."""


def _misread(name: str) -> list[str]:
    """List a name with one letter taken for another that looks like it; initials, a bracket.

    >>> _misread("Rue")[-4:], _misread("DNB")
    (['Rie', 'Ruc', 'Ruo', 'Rus'], ['lDNB', 'fDNB', '1DNB'])
    """
    if name.isupper():
        return [f"{bracket}{name}" for bracket in _WORN]
    return [
        f"{name[:at]}{other}{name[at + 1 :]}"
        for at, letter in enumerate(name)
        for other in _LOOKS.get(letter, "")
    ]


def _tag_rules(tags: list[dict[str, Any]], zone: str) -> dict[str, tuple[tuple[str, str], ...]]:
    """Find the tags of a zone by the words that their patterns have."""
    found: dict[str, list[tuple[str, str]]] = {}
    for tag in tags:
        if tag["zone"] in (zone, "any"):
            literal = re.sub(r"\\[a-zA-Z]|\[[A-Za-z]{2}\]|\?P<n\d?>|\?i:", " ", tag["pattern"])
            for word in tag.get("words") or set(re.findall(r"[^\W\d_a-z][^\W\d_]+", literal)):
                found.setdefault(word, []).append((tag["kind"], tag["pattern"]))
    return {word: tuple(patterns) for word, patterns in found.items()}


def _pieces(parts: dict[str, str]) -> dict[str, str]:
    pieces = dict(_SLOTS)
    for name, pattern in parts.items():
        pieces[name] = _filled(pattern, pieces)
    return pieces


def _filled(pattern: str, pieces: Mapping[str, str]) -> str:
    return re.sub(r"\{([a-z]+_?)\}", lambda match: pieces[match[1]], pattern)
