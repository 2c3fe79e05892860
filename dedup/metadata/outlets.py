"""What a user knows of sites: who owns them, which are an agency's own, which to prefer.

As CSV, with any of these columns beside `site`; `preferred` is a number, 1 for the most preferred::

    site,owner,agency,preferred
    herald.example,Post Group,,2
    post.example,Post Group,,
    bureau.example,,Bureau,1

The same as TOML::

    preferred = ["bureau.example", "herald.example"]

    [owners]
    "Post Group" = ["herald.example", "post.example"]

    [agencies]
    Bureau = ["bureau.example"]
"""

from __future__ import annotations

import csv
import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from dedup.errors import SettingsError
from dedup.metadata import urls


@dataclass(frozen=True, slots=True)
class Outlets:
    """Who owns which site, and whose own site it is.

    >>> group = Outlets(owners={"herald.example": "Post Group"})
    >>> group.owner("herald.example"), group.owner("gazette.example")
    ('Post Group', 'gazette.example')
    """

    owners: Mapping[str, str] = field(default_factory=dict)
    """The owner of a site."""
    agencies: Mapping[str, str] = field(default_factory=dict)
    """The agency whose own site it is."""
    preferred: tuple[str, ...] = ()
    """The sites whose version to keep, the most preferred first."""

    def owner(self, site: str) -> str:
        """Return the owner of a site: itself where none is named."""
        return self.owners.get(site, site)

    def agency(self, site: str) -> str | None:
        """Return the agency whose own site it is, or None."""
        return self.agencies.get(site)


def read(path: str | os.PathLike[str], agencies: Mapping[str, str] | None = None) -> Outlets:
    """Read a file of outlets, TOML if its name ends so, else CSV with `,`, `;` or tabs, in UTF-8.

    `agencies` are sites that are known anyway; the file goes before. Sites are written as hosts,
    addresses or names, and become what `dedup.metadata.normalise.described` makes of an article's.
    Raises `SettingsError` that names the line (the key, in TOML) and the remedy.
    """
    try:
        name = os.fspath(path)
        text = Path(path).read_text("utf-8-sig")
    except TypeError:
        raise SettingsError(f"outlets is {path!r}; name a CSV or TOML file") from None
    except OSError as error:
        raise SettingsError(f"{name}: the file cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{name}: the file is not UTF-8; save it as UTF-8") from error
    facts = _toml(text, name) if name.lower().endswith(".toml") else _csv(text, name)
    owners: dict[str, str] = {}
    houses: dict[str, str] = {}
    ranked: list[tuple[int, str]] = []
    for place, written, column, value in facts:
        site = urls.site(written) or written
        if column == "preferred":
            ranked.append((_rank(value, place), site))
            continue
        taken = owners if column == "owner" else houses
        if taken.setdefault(site, value) != value:
            what = f"{site} has the {column} {value!r} here, and {taken[site]!r} before"
            _refuse(place, what, "leave one of them")
    preferred = tuple(dict.fromkeys(site for _, site in sorted(ranked, key=lambda one: one[0])))
    return Outlets(owners, {**(agencies or {}), **houses}, preferred)


_COLUMNS = ("site", "owner", "agency", "preferred")
_TABLES = {"owners": "owner", "agencies": "agency"}

_Fact = tuple[str, str, str, str]
"""Where it stands, a site, a column and its value."""


def _csv(text: str, name: str) -> Iterator[_Fact]:
    lines = text.splitlines(keepends=True)
    header = lines[0] if lines else ""
    rows = csv.reader(lines, delimiter=max(",;\t", key=header.count), strict=True)
    columns = [column.strip().lower() for column in next(rows, ())]
    if "site" not in columns or len(columns) < 2 or set(columns) - set(_COLUMNS):
        what = f"the first line names the columns {', '.join(columns) or '(none)'}"
        _refuse(f"{name}, line 1", what, "name site and any of owner, agency and preferred")
    try:
        for row in rows:
            place = f"{name}, line {rows.line_num}"
            if not any(cell.strip() for cell in row):
                continue
            if len(row) != len(columns):
                what = f"the line has {len(row)} columns, not {len(columns)} as the first one"
                _refuse(place, what, "write them all; quote what holds the separator")
            cells = dict(zip(columns, map(str.strip, row), strict=True))
            if not cells["site"]:
                _refuse(place, "the column site is empty", "name the site, or delete the line")
            for column in columns:
                if column != "site" and cells[column]:
                    yield place, cells["site"], column, cells[column]
    except csv.Error as error:
        _refuse(f"{name}, line {rows.line_num}", f"this is not CSV ({error})", "mend the quotes")


def _toml(text: str, name: str) -> Iterator[_Fact]:
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{name}: this is not TOML: {error}") from error
    for key, value in tables.items():
        if key == "preferred":
            for rank, site in enumerate(_sites(value, f"{name}, preferred"), 1):
                yield f"{name}, preferred", site, key, str(rank)
        elif key in _TABLES and isinstance(value, dict):
            for owner, sites in value.items():
                place = f"{name}, [{key}] {owner}"
                for site in _sites(sites, place):
                    yield place, site, _TABLES[key], owner
        else:
            remedy = "write preferred = [...], [owners] or [agencies]"
            _refuse(f"{name}, {key}", "nothing of that name and kind is known", remedy)


def _sites(value: Any, place: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(site, str) and site for site in value):
        _refuse(place, "this is no list of sites", 'write ["one.example", "two.example"]')
    return list(value)


def _rank(value: str, place: str) -> int:
    if not value.isdecimal():
        _refuse(place, f"preferred is {value!r}", "make it a number, 1 for the most preferred")
    return int(value)


def _refuse(place: str, what: str, remedy: str) -> NoReturn:
    raise SettingsError(f"{place}: {what}; {remedy}")
