"""What can be a headline or the name of a person, and what is only written where one is looked for.

Pages without either have forms, menus and lists of other articles, whose words are no title and no
author: "Leave a comment", "Username", "January".
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from dedup.metadata import date_patterns, dates

_SIGNS = re.compile(r"[^\w]+")

_LONGEST_TITLE = 400
_LONGEST_DATE = 60
_LONGEST_NAME, _MOST_WORDS = 100, 9
"""Characters and words of a name: the longest are those of agencies and ministries."""
_WEEKDAYS = frozenset(
    (
        *("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
        *("montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag"),
        *("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
        *("lunes", "martes", "miercoles", "jueves", "viernes", "sabado", "domingo", "today"),
    )
)
_BETWEEN = re.compile(r"\s*[,;|]\s*")
_LINK = re.compile(r"(?:https?:)?//|www\.|^@\w+$|[{}<>%]|\S+@\S+\.\w+")


def title(text: str | None, names: Iterable[str] = ()) -> bool:
    """Return whether a text can be the headline of an article; `names` are those of its site.

    >>> title("Owl leaves organ pipe"), title("Write a reply or comment"), title("4 March 2026")
    (True, False, False)
    >>> title("The Herald", ["Herald"]), title("Comments rain on the minister")
    (False, True)
    """
    if not text or len(text) > _LONGEST_TITLE or _LINK.match(text):
        return False
    key = _key(text)
    if not re.search(r"[^\W\d_]", key) or _furniture("title").fullmatch(key):
        return False
    return not _is_date(text) and _bare(key) not in {_bare(_key(name)) for name in names}


def author(text: str | None) -> bool:
    """Return whether a text can be the name of who wrote an article.

    >>> author("Ana Ilić"), author("January"), author("Username"), author("April Jones")
    (True, False, False, True)
    """
    if not text or len(text) > _LONGEST_NAME or _LINK.search(text):
        return False
    key = _key(text)
    if not re.search(r"[^\W\d_]", key) or len(key.split()) > _MOST_WORDS:
        return False
    if (
        _furniture("author").fullmatch(key)
        or _furniture("title").fullmatch(key)
        or key in _WEEKDAYS
    ):
        return False
    return not date_patterns.is_month(key) and not _is_date(text)


def authors(text: str | None) -> str | None:
    """Return a list of names without what can be none; None if nothing is left.

    >>> authors("Ana Ilić, Username; Jon Roe"), authors("Ana Ilić and Jon Roe")
    ('Ana Ilić, Jon Roe', 'Ana Ilić and Jon Roe')
    """
    parts = [part.strip() for part in _BETWEEN.split(text or "")]
    names = [part for part in parts if author(part)]
    return text if len(names) == len(parts) else ", ".join(names) or None


@cache
def _furniture(kind: str) -> re.Pattern[str]:
    """Compile the patterns of what can be no title, or no author."""
    file = Path(__file__).with_name("plausible.toml")
    return re.compile("|".join(tomllib.loads(file.read_text(encoding="utf-8"))[kind]))


def _key(text: str) -> str:
    return _SIGNS.sub(" ", date_patterns.folded(text)).strip()


def _bare(key: str) -> str:
    return key.removeprefix("the ").replace(" ", "")


def _is_date(text: str) -> bool:
    """Return whether a text is a date and little else."""
    date = dates.parse(text) if len(text) <= _LONGEST_DATE else None
    if date is None or date.precision == "year":
        return False
    words = [word for word in _key(text).split() if not word[0].isdigit()]
    others = [w for w in words if not (date_patterns.is_month(w) or w in _WEEKDAYS or len(w) < 3)]
    return len(others) <= 1
