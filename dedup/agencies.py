"""The agencies' names and sites, and the frames around a name that make it a credit.

All of it is data, in `wire.toml`, read and compiled when first asked for.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

NAME, INITIALS, END, CUT = "\ue000", "\ue001", "\ue002", "_"
"""What stands for a name, for initials, for the end of the text and for the cut-off beginning of a
line while a line is matched. The first three are for private use; the last is no letter, and yet
part of a word, so that no frame begins behind it."""

ZONES = ("head", "below", "tail", "any", "title", "author")
"""Where rules look: parts of the text, and other fields."""

_SLOTS = {
    "name": NAME,
    "any": f"[{NAME}{INITIALS}]",
    "any_": NAME + INITIALS,
    "end": rf"(?={END})",
}
RUN_ON = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
"""A character of a script in which names run on into other words."""

_SPACES = bytes(code if chr(code).isalnum() or code > 127 else 32 for code in range(256))
_POINTS = "—–“”„«»’‘\xa0،؛…•©"  # what else stands beside names


@dataclass(frozen=True, slots=True)
class Rule:
    """A frame around a name, as `wire.toml` describes it."""

    kind: str
    weight: int
    agency: str | None
    pattern: re.Pattern[str]
    needs: tuple[str, ...]  # one of them is in every such line; none: any may be
    before: frozenset[str]  # one of these stands before the name; none: anything may
    spoken: bool  # also where a word in small letters follows the name
    lone: bool  # not where the line above ends as a sentence does


@dataclass(frozen=True, slots=True)
class Rules:
    """All of `wire.toml`, made ready."""

    agency: Mapping[str, tuple[str, str]]  # name: its agency, and what it is marked with
    key: Mapping[bytes, tuple[str, ...]]  # first word: names, and words of rules, that begin so
    first: frozenset[bytes]  # its keys
    run_on: tuple[str, ...]  # names in scripts that do not divide words
    sites: Mapping[str, str]
    zones: Mapping[str, tuple[Rule, ...]]
    tags: Mapping[str, Mapping[str, tuple[tuple[str, str], ...]]]  # zone: word: kinds and patterns
    tag_words: frozenset[bytes]


def hits(text: str) -> frozenset[str]:
    """Say which of the rules' names and words a text may have: most have none, and cost no more."""
    known = rules()
    found = {
        name
        for word in known.first.intersection(words(text))
        for name in known.key[word]
        if name in text
    }
    if not text.isascii() and RUN_ON.search(text):
        found.update(name for name in known.run_on if name in text)
    return frozenset(found)


def words(text: str) -> list[bytes]:
    """Split a text into words, as UTF-8: a third of the time that a pattern for them takes."""
    if not text.isascii():
        for point in _POINTS:
            text = text.replace(point, " ")
    return text.encode(errors="replace").translate(_SPACES).split()


@lru_cache(4096)
def applicable(
    zones: tuple[str, ...], before: frozenset[str], named: bool, spoken: bool, captioned: bool
) -> tuple[Rule, ...]:
    """Return the rules of zones that a line may satisfy, in order.

    `before` are the characters before its names, `named` whether it has any, `spoken` whether a
    word in small letters follows each, `captioned` whether it stands under a caption.
    """
    return tuple(
        rule
        for zone in zones
        for rule in rules().zones[zone]
        if (named or rule.agency is not None)
        and (not rule.before or not rule.before.isdisjoint(before))
        and (not spoken or rule.spoken or rule.agency is not None)
        and not (captioned and rule.lone)
    )


@lru_cache(4096)
def finder(hits: frozenset[str]) -> re.Pattern[str]:
    """Compile a pattern that finds these names and words, the longest first."""
    ordered = sorted(hits, key=lambda name: (-len(name), name))
    run_on = [re.escape(name) for name in ordered if RUN_ON.search(name)]
    parts = [re.escape(name) for name in ordered if not RUN_ON.search(name)]
    bounded = rf"(?<![\w@.])(?<!\w-)(?:{'|'.join(parts)})(?!\w)(?!\.\w)"
    return re.compile("|".join([*([bounded] if parts else []), *run_on]))


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
    data = tomllib.loads(Path(__file__).with_name("wire.toml").read_text(encoding="utf-8"))
    agency: dict[str, tuple[str, str]] = {}
    sites: dict[str, str] = {}
    for short, known in data["agency"].items():
        sites.update(dict.fromkeys(known.get("sites", ()), short))
        for field, mark in (("names", NAME), ("initials", INITIALS)):
            for name in known.get(field, ()):
                for spelt in _spellings(name):
                    agency.setdefault(spelt, (short, mark))
    run_on = tuple(name for name in agency if RUN_ON.search(name))
    words = frozenset(word for rule in data["rule"] for word in rule.get("words", ()))
    key: dict[bytes, list[str]] = {}
    for name in {*agency, *words} - set(run_on):
        key.setdefault(name.encode().translate(_SPACES).split()[0], []).append(name)
    parts = _pieces(data["parts"])
    zones: dict[str, list[Rule]] = {zone: [] for zone in ZONES}
    for rule in data["rule"]:
        filled = _filled(rule["pattern"], parts).replace("$", f"(?={END}?$)")
        made = Rule(
            rule["kind"],
            rule["weight"],
            rule.get("agency"),
            re.compile(filled, re.MULTILINE),
            (*rule.get("needs", ()), *rule.get("words", ())),
            frozenset(rule.get("before", "")),
            rule.get("spoken", False),
            rule.get("lone", False),
        )
        for zone in (rule["zone"], *(["below"] if rule.get("below") else [])):
            zones[zone].append(made)
    tags = {zone: _tag_rules(data["tag"], zone) for zone in ("title", "head")}
    return Rules(
        agency=agency,
        key={first: tuple(names) for first, names in key.items()},
        first=frozenset(key),
        run_on=run_on,
        sites=MappingProxyType(sites),
        zones={zone: tuple(rules) for zone, rules in zones.items()},
        tags=tags,
        tag_words=frozenset(word.encode() for zone in tags.values() for word in zone),
    )


def _spellings(name: str) -> list[str]:
    """List how a name is written: a longer one also in capitals, letters also with points."""
    letters = name.split(" ")
    if len(letters) > 1 and all(len(letter) == 1 for letter in letters):
        pointed = [point.join(letters) for point in (".", ". ")]
        return [name, *pointed, *(f"{spelt}." for spelt in pointed)]
    return [name, name.upper()] if len(name) >= 5 else [name]


def _tag_rules(tags: list[dict[str, str]], zone: str) -> dict[str, tuple[tuple[str, str], ...]]:
    """Find the tags of a zone by the words that their patterns have."""
    found: dict[str, list[tuple[str, str]]] = {}
    for tag in tags:
        if tag["zone"] in (zone, "any"):
            literal = re.sub(r"\\[a-zA-Z]|\?P<n\d?>|\?i:", " ", tag["pattern"])
            for word in set(re.findall(r"[^\W\d_a-z][^\W\d_]+", literal)):
                found.setdefault(word, []).append((tag["kind"], tag["pattern"]))
    return {word: tuple(patterns) for word, patterns in found.items()}


def _pieces(parts: dict[str, str]) -> dict[str, str]:
    pieces = dict(_SLOTS)
    for name, pattern in parts.items():
        pieces[name] = _filled(pattern, pieces)
    return pieces


def _filled(pattern: str, pieces: Mapping[str, str]) -> str:
    return re.sub(r"\{([a-z]+_?)\}", lambda match: pieces[match[1]], pattern)
