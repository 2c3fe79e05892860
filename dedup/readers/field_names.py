"""Which fields of a record hold what: under their own names, and under those that a user gives."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Self

from dedup.errors import Problem, SettingsError

_FIRST = ("id", "text", "title", "url", "site", "date")
MORE = ("author", "lang", "source", "canonical", "updated", "status")
FIELDS = _FIRST + MORE
"""The fields of a record that are read; all others are left alone."""

Given = Mapping[str, str | Sequence[str]]
"""By a field of `FIELDS`, or one after a kind of file and a colon (`csv:text`), the name or names
under which records may have it, best first."""


class FieldNames:
    """The names under which each field is looked for, best first; its own name is the last.

    Records of a kind of file that names were given for have these first. Raises `SettingsError` for
    a key that names no field, and for what is no mapping of names.

    >>> names = FieldNames({"text": ["body", "content"], "csv:text": "words"})
    >>> names["text"], names.of(".csv")["text"], names["title"]
    (('body', 'content', 'text'), ('words', 'body', 'content', 'text'), ('title',))
    """

    def __init__(self, given: Given | None = None) -> None:
        self._given: dict[tuple[str, str], tuple[str, ...]] = {}
        self._missed: dict[str, bool] = {}  # by name as given, whether a record was looked at
        if not isinstance(given, Mapping | None):
            raise SettingsError(f"fields is {given!r}; write it as {{'text': 'body'}}")
        for key, names in (given or {}).items():
            kind, _, field = str(key).rpartition(":")
            if field not in FIELDS:
                known = ", ".join(FIELDS)
                raise SettingsError(f"fields names {field!r}; it must be one of {known}")
            several = (names,) if isinstance(names, str) else tuple(names)
            self._given[kind.lower().removeprefix("."), field] = several
            self._missed |= dict.fromkeys((f"{key}={name}" for name in several), False)
        self._take("")

    def _take(self, kind: str) -> None:
        kinds = dict.fromkeys((kind, ""))
        self._names: dict[str, tuple[str, ...]] = {}
        self._sought: list[tuple[str, str]] = []
        for field in FIELDS:
            given: list[str] = []
            for one in kinds:
                key = f"{one}:{field}" if one else field
                names = self._given.get((one, field), ())
                self._sought += ((f"{key}={name}", name) for name in names)
                given += names
            self._names[field] = tuple(dict.fromkeys((*given, field)))

    def of(self, kind: str) -> Self:
        """Return the names for a kind of file, by its suffix; what is missed is told together."""
        made = type(self)()
        made._given, made._missed = self._given, self._missed
        made._take(kind.removeprefix("."))
        return made

    def __getitem__(self, field: str) -> tuple[str, ...]:
        return self._names[field]

    def name(self, record: Mapping[str, Any], field: str) -> str:
        """Return the name under which a record has a field: the first that holds something.

        >>> FieldNames({"text": "body"}).name({"text": "Rain.", "body": ""}, "text")
        'text'
        """
        names = self._names[field]
        if len(names) == 1:
            return names[0]
        held = (name for name in names if not missing(record.get(name)))
        return next(held, next((name for name in names if name in record), names[0]))

    def saw(self, names: Iterable[str]) -> None:
        """Note the names that a record has, or the columns of a table."""
        if not self._sought:
            return
        held = names if isinstance(names, Mapping) else set(names)
        for told, name in self._sought:
            if name in held:
                self._missed.pop(told, None)
            elif told in self._missed:
                self._missed[told] = True
        self._sought = [(told, name) for told, name in self._sought if told in self._missed]

    def missed(self) -> list[Problem]:
        """Return what no record had of what was given, if any was looked at for it.

        >>> names = FieldNames({"text": ["body", "content"]}); names.saw({"body": "Rain."})
        >>> print(*names.missed())
        --field text=content: no record has a field 'content' (look at how it is written)
        """
        remedy = "look at how it is written"
        return [
            Problem(
                f"--field {told}",
                f"no record has a field {told.partition('=')[2]!r}",
                remedy,
                skipped=False,
            )
            for told, looked in self._missed.items()
            if looked
        ]

    @property
    def unmet(self) -> dict[str, bool]:
        """The given names that no record had so far, with whether one was looked at for them."""
        return dict(self._missed)

    def also(self, unmet: Mapping[str, bool]) -> None:
        """Take in what others, who were given the same names, have `unmet`.

        >>> names = FieldNames({"text": "body"}); names.also({"text=body": True})
        >>> len(names.missed())
        1
        """
        self._missed = {
            told: looked or unmet[told] for told, looked in self._missed.items() if told in unmet
        }


def missing(value: object) -> bool:
    """Return whether a value is none: null, an empty text, or pandas' missing value.

    >>> missing(""), missing(float("nan")), missing(0)
    (True, True, False)
    """
    if isinstance(value, str):
        return not value
    return value is None or (isinstance(value, float) and math.isnan(value))


def named(fields: Given | FieldNames | None) -> FieldNames:
    """Return the names as they are, or made of what is given."""
    if fields is None:
        return _own_names()
    return fields if isinstance(fields, FieldNames) else FieldNames(fields)


@cache
def _own_names() -> FieldNames:
    """Return the fields' own names: where none are given, nothing is noted in them."""
    return FieldNames()
