"""What articles say of themselves, made comparable: sites, addresses, and one document once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import fields as fields_of
from dataclasses import replace
from functools import lru_cache
from operator import attrgetter

from dedup.errors import Problem
from dedup.metadata import urls
from dedup.metadata.dates import parse
from dedup.records import Article

_PORT = re.compile(r"^((?:[\w-]+\.)*[\w-]+):\d{2,5}$")


def described(articles: Iterable[Article], problems: list[Problem]) -> list[Article]:
    """Put in order what articles say of themselves; the order of the articles stays.

    - `site` becomes a registered domain where it is the name of a host, and is taken from `url`
      (failing that, from `canonical`) where none is given. Other names stay.
    - `canonical` stays where it is a page of the same registered domain. A front page or section
      (see `dedup.metadata.urls.top`) is none of an article's own and is dropped, with one `Problem`
      for all. A page of another domain is where the article comes from: it becomes `source` if
      that is None.
    - Articles of one site with one `document` and one text, blanks aside, are one article: the one
      with the most fields, of these the first published, then the one with the shortest address.
      Another text at the same address stays.

    >>> amp = Article("1", "Rain.", url="https://amp.herald.example/rain?utm_source=x")
    >>> [(a.id, a.site) for a in described([amp, Article("2", "Rain.", url=amp.url[:32])], [])]
    [('2', 'herald.example')]
    """
    ready = put_in_order(articles, problems)
    return once(ready, lambda number: " ".join(ready[number].text.split()), problems)


def put_in_order(articles: Iterable[Article], problems: list[Problem]) -> list[Article]:
    """Do what `described` does to each article by itself: none is left out."""
    dropped: list[Article] = []
    ready = [in_order(article, dropped) for article in articles]
    if dropped:
        problems.append(ignored(dropped))
    return ready


def document(article: Article) -> str | None:
    """Return the key of the document that an article is a fetch of, from its addresses; or None.

    >>> document(Article("1", "Rain.", url="http://www.herald.example/rain/?amp=1"))
    'herald.example/rain'
    """
    address = article.canonical or article.url
    return _folded(address) if address else None


@lru_cache(1 << 15)
def _folded(address: str) -> str:
    """Fold an address once: `described` asks for it, and later who looks for what is original."""
    return urls.fold(address)


def in_order(article: Article, dropped: list[Article]) -> Article:
    """Return an article with site, source and canonical address as `described` makes them.

    One whose canonical address is ignored is added to `dropped`.
    """
    site, source, canonical = article.site, article.source, article.canonical
    home = urls.site(article.url) if article.url else None
    if canonical:
        canonical = urls.joined(article.url or "", canonical)
        theirs = urls.site(canonical)
        known = home or (site and urls.site(site)) or theirs
        if article.url and urls.fold(article.url) == urls.fold(canonical):
            pass
        elif theirs is None or urls.top(canonical):
            dropped.append(article)
            canonical = None
        elif theirs != known:
            canonical, source = None, source or canonical
        home = home or theirs
    site = (urls.site(site) or _PORT.sub(r"\1", site)) if site else home
    if home and home.startswith(f"{site}/"):  # a host of many papers
        site = home
    if (site, source, canonical) == (article.site, article.source, article.canonical):
        return article
    return replace(article, site=site, source=source, canonical=canonical)


def once(
    articles: list[Article], content: Callable[[int], str], problems: list[Problem]
) -> list[Article]:
    """Keep one of the articles that are one document with one text.

    `content` returns the text of an article, by number, or a key of it.
    """
    again = repeated(articles, content)
    if not again:
        return articles
    problems.append(variants([articles[number] for number in again]))
    return [article for number, article in enumerate(articles) if number not in again]


def repeated(articles: list[Article], content: Callable[[int], str]) -> set[int]:
    """Return which articles, by number, `once` leaves out; only those of one document matter."""
    fetches: dict[tuple[str, str | None], list[int]] = {}
    for number, article in enumerate(articles):
        key = document(article)
        if key is not None:
            fetches.setdefault((key, article.site), []).append(number)
    again: set[int] = set()
    for numbers in fetches.values():
        if len(numbers) > 1:
            again.update(_repeated(numbers, articles, content))
    return again


def _repeated(
    numbers: list[int], articles: list[Article], content: Callable[[int], str]
) -> list[int]:
    texts: dict[str, list[int]] = {}
    for number in numbers:
        texts.setdefault(content(number), []).append(number)
    return [
        number
        for same in texts.values()
        for number in sorted(same, key=lambda number: preference(articles[number]))[1:]
    ]


_fields = attrgetter(*(field.name for field in fields_of(Article)))
"""Returns the fields of an article: none of them is copied, as `astuple` does."""


def preference(article: Article) -> tuple[object, ...]:
    """Order fetches of one document, the one to keep first, whatever order they came in."""
    fields = _fields(article)
    date = parse(article.date)
    moment = date.epoch if date and not date.doubt else float("inf")
    written = tuple((field is not None, field or "") for field in fields)
    return fields.count(None), moment, len(article.url or ""), article.url or "", written


def ignored(articles: list[Article], count: int | None = None) -> Problem:
    """Say of which articles the canonical address is ignored; there is one at least.

    Of more than are given `count` is how many there are.
    """
    count = count or len(articles)
    first = min(articles, key=preference)
    what = (
        f"{_counted(count)} a front page, a section or no address as rel=canonical, such as"
        f" {first.canonical!r}; it is ignored"
    )
    remedy = "nothing: the address it was fetched from counts"
    return Problem(first.path or first.id, what, remedy, skipped=False, articles=count)


def _counted(number: int) -> str:
    return "1 article gives" if number == 1 else f"{number:,} articles give"


def variants(articles: list[Article], count: int | None = None) -> Problem:
    """Say which articles `once` left out; there is one at least; of `count` see `ignored`."""
    ids = sorted(article.id for article in articles)
    count = count or len(articles)
    what = (
        f"{count:,} {'article has' if count == 1 else 'articles have'} the text of another at"
        f" its address or a variant of it ({', '.join(ids[:3])}{', ...' if ids[3:] else ''})"
    )
    where = min(article.path or article.id for article in articles)
    return Problem(where, what, "nothing: each document counts once", skipped=False, articles=count)
