"""From a record with fields, whatever it was read from, to an article."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from numbers import Number
from typing import Any

from xxhash import xxh3_128_hexdigest

from dedup.errors import Problem
from dedup.readers.field_names import FIELDS, MORE, FieldNames, Given, missing, named
from dedup.records import Article

_KINDS = {
    type(None): "null",
    bool: "true or false",
    int: "a number",
    float: "a number",
    str: "a string",
    list: "a list",
    dict: "an object",
}
_SURROGATE = re.compile("[\ud800-\udfff]")


class Records:
    """Makes articles of the records of one source, and keeps what it says about them short.

    `site` and `path` are for articles that name none. A list of authors is read as their names with
    commas between them. Any other value that is of no use (a title that is a list) counts as
    missing, with one `Problem` a field and not one a record.
    """

    def __init__(
        self,
        problems: list[Problem],
        fields: Given | FieldNames | None = None,
        site: str | None = None,
        path: str | None = None,
    ) -> None:
        self._problems = problems
        self._fields = named(fields)
        self._more = [(self._fields[field], field) for field in MORE]
        self._site = site
        self._path = path
        self._told: set[str] = set()

    def article(self, record: Mapping[str, Any], id: str, where: str) -> Article | None:  # noqa: A002
        """Make an article; None, and a `Problem`, if the record has no text.

        `id` is for a record without one, `where` names it in a `Problem`. A text of no characters
        is a text. A record's own site wins over the source's.
        """
        self._fields.saw(record)
        text = record.get(self._fields.name(record, "text"))
        if not isinstance(text, str):
            self._problems.append(self._without_text(record, text, where))
            return None
        return Article(
            id=self._plain(record, "id", where) or id,
            text=whole(text, where, self._problems),
            title=self._plain(record, "title", where),
            url=self._plain(record, "url", where),
            site=self._plain(record, "site", where) or self._site,
            date=self._plain(record, "date", where),
            path=self._path,
            **{
                field: self._plain(record, field, where)
                for names, field in self._more
                if any(name in record for name in names)
            },
        )

    def _without_text(self, record: Mapping[str, Any], text: object, where: str) -> Problem:
        name = self._fields.name(record, "text")
        if text is not None:
            what = f"the field {name!r} holds {kind(text)}, not text"
            return Problem(where, what, "make it one string")
        known = ", ".join(sorted(str(key) for key in record)[:12]) or "none"
        return Problem(
            where,
            f"there is no field {name!r}, which should hold the text",
            f"name the one that does with --field text=NAME; its fields: {known}",
        )

    def _plain(self, record: Mapping[str, Any], field: str, where: str) -> str | None:
        value: Any = record.get(self._fields.name(record, field))
        if missing(value):
            return None
        if isinstance(value, Number) and not isinstance(value, bool):
            value = str(value)
        elif field in ("date", "updated") and hasattr(value, "isoformat"):
            value = value.isoformat()
        elif field == "author" and _names(value):
            value = ", ".join(value)
        if isinstance(value, str):
            return whole(value, where, self._problems) if value and not value.isspace() else None
        if field not in self._told:
            self._told.add(field)
            name = self._fields.name(record, field)
            what = f"the field {name!r} holds {kind(value)}; it counts as missing"
            remedy = "make it a string, here and wherever else it is none"
            self._problems.append(Problem(where, what, remedy, skipped=False))
        return None


def _names(value: object) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(name, str) for name in value)


def whole(text: str, where: str, problems: list[Problem]) -> str:
    r"""Replace what no file or terminal takes, one character by one, so that spans still hold.

    A lone surrogate (half of a character, in broken JSON) becomes U+FFFD, NUL becomes a space.

    >>> problems = []
    >>> whole("a\0b", "news.txt", problems), problems[0].what
    ('a b', '1 NUL character became a space')
    """
    if "\0" in text:
        number = text.count("\0")
        text = text.replace("\0", " ")
        what = f"{counted(number, 'NUL character')} became {'a space' if number == 1 else 'spaces'}"
        problems.append(Problem(where, what, "check that this is a text", skipped=False))
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        text, number = _SURROGATE.subn("\ufffd", text)
        what = f"{counted(number, 'half character')} (lone surrogates) became U+FFFD"
        problems.append(Problem(where, what, "mend what wrote the file", skipped=False))
    return text


def kind(value: object) -> str:
    """Return in words what a value of a record is.

    >>> kind([]), kind(None), kind(b"")
    ('a list', 'null', 'bytes')
    """
    return _KINDS.get(type(value), type(value).__name__)


def counted(number: int, noun: str) -> str:
    """Write a number with its noun.

    >>> counted(1, "byte"), counted(1200, "byte")
    ('1 byte', '1,200 bytes')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


# -- Articles that are Python objects already, one by one.


class Items:
    """Makes articles of items: an `Article`, a mapping with fields as in JSON lines, or a text.

    `fields` says which field of a mapping holds what, `site` is for items that name none.
    """

    def __init__(
        self,
        problems: list[Problem],
        fields: Given | FieldNames | None = None,
        site: str | None = None,
    ) -> None:
        self._problems = problems
        self._records = Records(problems, fields, site)
        self._ours = Records(problems, None, site)

    def article(self, item: object, where: str, id: str | None = None) -> Article | None:  # noqa: A002
        """Make an article; None, and a `Problem` that names `where`, if the item is none.

        `id` is for an item without one. By default that is made of all the item holds, which is
        right for jobs that run again and again: numbers would begin anew each time.

        >>> items = Items([])
        >>> items.article("Rain.", "item 0").id == items.article({"text": "Rain."}, "item 7").id
        True
        """
        article: Article | None = None
        if isinstance(item, str):
            article = self._ours.article({"text": item}, id or "", where)
        elif isinstance(item, Mapping):
            article = self._records.article(item, id or "", where)
        elif isinstance(item, Article):
            fields = {name: getattr(item, name) for name in FIELDS}
            article = self._ours.article(fields, id or "", where)
            article = article and replace(article, path=item.path)
        else:
            what = f"it is {kind(item)}, and no article"
            self._problems.append(Problem(where, what, "give an Article, a mapping or a string"))
        return replace(article, id=_made(article)) if article and not article.id else article


def _made(article: Article) -> str:
    held: list[Any] = [getattr(article, name) for name in FIELDS]
    return xxh3_128_hexdigest(json.dumps(held).encode())
