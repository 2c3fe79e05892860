"""One id for one article, and none for two."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import fields, replace
from itertools import count as counting
from itertools import groupby
from operator import attrgetter

from dedup.errors import Problem
from dedup.readers.article_builder import counted
from dedup.records import Article

_NUMBERS = re.compile(r"(?:#[0-9]+)+\Z")
_REST = tuple(field.name for field in fields(Article) if field.name not in ("id", "text", "site"))


_WORLDWIDE = re.compile(
    r"""^(?:urn|info|doi|oai|ark|hdl|yt|cid|mid|guid|uuid):[^:]+:\S | ^10\.\d{4,}/\S
    | (?:^|[\s@/:,])(?:[a-z0-9-]+\.)+
      (?!(?:html?|php\d?|aspx?|jsp|cfm|xml|json|rss|pdf|jpe?g)\b)[a-z]{2,}(?:$|[\s:/,?])
    | [0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}
    | \b(?=[a-z_]*[0-9])(?=[0-9_]*[a-z])[a-z0-9_]{22}""",
    re.IGNORECASE | re.VERBOSE,
)
"""What an id holds that no two houses give: a domain, a name in a scheme of names, a UUID, or
letters and digits that were drawn by lot."""
_LONGEST = 300
"""Most characters of an id that are looked at."""
_NAME = re.compile(r"[^\W\d_]{5,}")
"""A word that is long enough to name a house; `post` or `news` stand in anybody's ids."""


def scoped(guid: str | None, scope: str) -> str | None:
    """Return an identifier as an id: one that other houses may give, too, with its `scope`.

    One that names its house stays: a word in it is how the name of the scope begins.

    >>> scoped("4711", "herald.example"), scoped("tag:herald.example,2026:4711", "herald.example")
    ('herald.example/4711', 'tag:herald.example,2026:4711')
    >>> scoped("herald-4711", "herald.example"), scoped("news-4711", "news.example")
    ('herald-4711', 'news.example/news-4711')
    """
    if guid is None or _WORLDWIDE.search(guid[:_LONGEST]):
        return guid
    words = _NAME.findall(guid[:_LONGEST].lower())
    return guid if any(scope.lower().startswith(word) for word in words) else f"{scope}/{guid}"


def distinct_ids(articles: list[Article], problems: list[Problem]) -> list[Article]:
    """Sort articles by id and see to it that no two share one, whatever order they came in.

    The same id, text and site is the same article, kept once (with the most fields). Another text
    or site under an id is another article: the first in order of text keeps the id, the next one
    gets `<id>#2`, and so on.

    >>> [a.id for a in distinct_ids([Article("1", "b"), Article("1", "a"), Article("1", "a")], [])]
    ['1', '1#2']
    """
    if len({article.id for article in articles}) == len(articles):
        return sorted(articles, key=attrgetter("id"))
    again: list[Article] = []
    distinct = told_apart(articles, problems, again)
    if again:
        problems.append(repeated(again))
    return sorted(distinct, key=attrgetter("id"))


def told_apart(
    articles: list[Article], problems: list[Problem], again: list[Article]
) -> list[Article]:
    """Return the articles that `distinct_ids` keeps, under their ids; the others go to `again`.

    It may be given a part of all articles, if that has all those of one `stem`.
    """
    ordered = sorted(articles, key=order)
    taken = {article.id for article in ordered}
    distinct: list[Article] = []
    for id_, same_id in groupby(ordered, key=attrgetter("id")):
        others = list(_once(same_id, again))
        distinct.append(others[0])
        if others[1:]:
            renamed = [
                replace(article, id=new)
                for article, new in zip(others[1:], numbers(id_, taken), strict=False)
            ]
            distinct += renamed
            paths = {article.path for article in others if article.path}
            problems.append(shared(id_, paths, len(others), renamed[-1].id))
    return distinct


def stem(id_: str) -> str:
    """Return an id without the numbers that `distinct_ids` gives: ids of two stems never clash.

    >>> stem("a#2"), stem("a#2#10"), stem("a#b")
    ('a', 'a', 'a#b')
    """
    return _NUMBERS.sub("", id_)


def order(article: Article) -> tuple[object, ...]:
    """Order articles by id and text; of those that are one the one with the most fields first."""
    rest = [getattr(article, name) for name in _REST]
    unknown = rest.count(None)
    return article.id, article.text, _sortable(article.site), unknown, *map(_sortable, rest)


def _sortable(value: str | None) -> tuple[bool, str]:
    return value is not None, value or ""


def _once(articles: Iterator[Article], again: list[Article]) -> Iterator[Article]:
    for _, same in groupby(articles, key=lambda article: (article.text, article.site)):
        first, *others = same
        yield first
        again += others


def numbers(id_: str, taken: set[str]) -> Iterator[str]:
    """Yield ids for further articles under an id, of which none is taken; each is taken then.

    >>> made = numbers("a", {"a", "a#3"})
    >>> [next(made) for _ in range(3)]
    ['a#2', 'a#4', 'a#5']
    """
    for number in counting(2):
        made = f"{id_}#{number}"
        if made not in taken:
            taken.add(made)
            yield made


def shared(id_: str, paths: Collection[str], count: int, last: str) -> Problem:
    """Say that so many articles have an id; `last` is the greatest number that one got.

    Of `paths`, where they stand, the first three are named.
    """
    some = sorted(paths)
    where = ", ".join([*some[:3], *(["..."] if some[3:] else [])]) or id_
    what = f"{count:,} articles have the id {id_!r}; all but one got a number, up to {last!r}"
    return Problem(where, what, "give each article an id of its own", skipped=False)


def repeated(again: list[Article], count: int | None = None) -> Problem:
    """Say which articles came again; there is one at least.

    Of more than are given `count` is how many there are.
    """
    count = count or len(again)
    ids = sorted({article.id for article in again})
    named = ", ".join(ids[:3]) + (", ..." if ids[3:] else "")
    what = f"{counted(count, 'article')} came again with the same id, text and site"
    where = min((one.id, one.path or one.id) for one in again)[1]
    return Problem(where, f"{what} ({named})", "nothing: each counts once", articles=count)
