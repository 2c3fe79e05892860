"""When a page was published and changed, by what it says of itself.

The first of these decides that can be read: the data of its own article or page (JSON-LD), meta
tags, elements of its own header, its address. A later one is taken only where it tells the same day
more exactly. What stands in comments, in related articles or beside the article tells nothing of
it, and a time of a change is none of publication.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import TYPE_CHECKING
from urllib.parse import unquote

from dedup.metadata import dates
from dedup.readers import json_ld

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_PUBLISHED = (
    "article:published_time", "article:published", "og:published_time", "og:article:published_time",
    "og:pubdate", "datepublished", "parsely-pub-date", "pubdate", "publishdate", "publish-date",
    "publish_date", "publication_date", "published_date", "article_date_original",
    "article.published", "sailthru.date", "cxenseparse:recs:publishtime", "citation_date",
    "citation_publication_date", "dcterms.issued", "dcterms.created", "dc.date.issued",
    "dc.date.created",    "dc.date", "dcterms.date", "date", "article:post_date", "datecreated",
)  # fmt: skip
"""Meta tags that say when a page was published, the surest first."""
_CHANGED = (
    "article:modified_time", "og:updated_time", "og:modified_time", "article:updated_time",
    "datemodified", "dcterms.modified", "dc.date.modified", "last-modified", "lastmod",
)  # fmt: skip
_ELSEWHERE = re.compile(
    r"comment|relat|sidebar|teaser|recommend|popular|latest|most-?(?:read|view)|promo|widget|trending"
    r"|repl(?:y|ies)\b|discussion|disqus|also-|more-(?:from|news|stories|on)|newsletter|up-?next|card"
    r"|read-?next|carousel|ticker|breadcrumb|\bnav",
    re.IGNORECASE,
)
"""What classes and ids of blocks have that are not of the article."""
_UPDATE = re.compile(r"updat|modif|revis|chang|aktualis|actuali|aggiorn", re.IGNORECASE)
_LABEL = re.compile(
    r"(?i:publi|posted|pubdate|datetime|timestamp|dateline|byline|datum|fecha|veroeffentlich"
    r"|(?:^|[\s_-])dated?\b)|[a-z]Date\b"
)
"""What classes of elements have that hold the date of the article."""
_LONGEST = 120
"""Characters of an element's text that can be a date and what is around it."""
_PARAGRAPH, _INTO = 120, 2
"""Characters of a paragraph of text, and how many of them the header of an article has at most."""
_TEASER = 4
"""Words of a link beside a time from which the time is that of the article it leads to."""
_HEADINGS = 100
"""Headings among which that of the article is looked for."""
_NEAR = 3
"""Elements around a time, from itself, in which such a link is looked for."""
_MOST = 20_000
"""Elements that are looked at."""
_MONTHS = {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9,
    "oct": 10, "nov": 11, "dec": 12,
}  # fmt: skip
_IN_ADDRESS = re.compile(
    r"(?<![\d])((?:19|20)\d\d)([/_.-]?)(0?[1-9]|1[0-2]|[a-z]{3})\2(0?[1-9]|[12]\d|3[01])(?!\d)",
    re.IGNORECASE,
)


def published(
    tree: HtmlElement,
    meta: dict[str, str],
    told: json_ld.Told,
    titles: Iterable[str],
    url: str | None,
) -> str | None:
    """Return when a page was published, as it is written there; None where nothing tells.

    A time that can be read goes before one that cannot, and one without doubt before others.
    """
    return _surest(
        chain(
            (json_ld.word(told.story.get("datePublished")),),
            (json_ld.word(told.page.get("datePublished")),),
            map(meta.get, _PUBLISHED),
            (json_ld.word(told.story.get("dateCreated")),),
            _header(tree, titles),
            (in_address(url),),
        )
    )


def changed(meta: dict[str, str], told: json_ld.Told) -> str | None:
    """Return when this version of a page was made, as it is written there, or None."""
    data = (json_ld.word(node.get("dateModified")) for node in (told.story, told.page))
    return _surest(chain(data, map(meta.get, _CHANGED)))


def in_address(url: str | None) -> str | None:
    """Return the day that an address names, or None.

    >>> in_address("https://herald.example/2024/mar/04/ferry"), in_address("/a-20240304.html")
    ('2024-03-04', '2024-03-04')
    >>> in_address("https://herald.example/12345678/ferry") is None
    True
    """
    for year, _, month, day in _IN_ADDRESS.findall(unquote(url or "").partition("?")[0]):
        number = _MONTHS.get(month.lower()) or (0 if month.isalpha() else int(month))
        written = f"{year}-{number:02}-{int(day):02}"
        if dates.parse(written):
            return written
    return None


def _surest(candidates: Iterable[str | None]) -> str | None:
    """Return the first date, as exactly as a later one tells the same day.

    No more are looked at than it takes: to look for those in the text of a page takes longest.
    """
    first: tuple[str, dates.Published] | None = None
    unread: str | None = None
    for candidate in candidates:
        read = dates.parse(candidate)
        if read is None or candidate is None:
            unread = unread or candidate
        elif read.precision not in ("day", "minute", "second") or read.doubt == dates.CHANGED:
            continue
        elif first is None or (first[1].doubt and not read.doubt) or _finer(read, first[1]):
            first = candidate, read
            if not read.doubt and read.zoned and read.precision != "day":
                break
    return first[0] if first else unread


def _finer(date: dates.Published, than: dates.Published) -> bool:
    """Return whether a date lies within another and is more exact."""
    if date.doubt or (date.precision != "day", date.zoned) <= (than.precision != "day", than.zoned):
        return False
    (first, last), (start, end) = date.bounds, than.bounds
    return first < end and start < last if date.bounds != than.bounds else False


def _header(tree: HtmlElement, titles: Iterable[str]) -> Iterator[str]:
    yield from _Header(tree, titles).times()


class _Header:
    """Where the article of a page begins, and what times stand there."""

    def __init__(self, tree: HtmlElement, titles: Iterable[str]) -> None:
        self._tree = tree
        headings = list(islice(tree.iter("h1", "h2", "h3"), _HEADINGS))
        keys = [key for title in titles if (key := _key(title))]
        named = (h for h in headings if (key := _key(h.text_content())) and _in(key, keys))
        self._heading = next(named, None)
        if self._heading is None:
            self._heading = next((h for h in headings if h.tag == "h1"), None)
        start = self._heading if self._heading is not None else next(tree.iter("article"), tree)
        self._shared = {start, *start.iterancestors()}
        self._article = next((x for x in self._shared if x.tag == "article"), None)

    def times(self) -> Iterator[str]:
        """Yield the times of publication in the header, those that are said to be it first."""
        labelled: list[str] = []
        others: list[str] = []
        for element in self._near():
            mark = _marks(element)
            if _UPDATE.search(mark) and not re.search("publi", mark, re.IGNORECASE):
                continue
            said = (element.get("datetime") or element.get("content") or "").strip()
            said = said or _date_in(element)
            if not said or len(said) > _LONGEST or _changes(element):
                continue
            if _LABEL.search(mark) or element.get("pubdate") is not None:
                labelled.append(said)
            elif element.tag == "time":
                others.append(said)
        yield from labelled
        yield from others[:1]

    def _near(self) -> Iterator[HtmlElement]:
        """Yield what may hold a time: up to where the text is under way, then what says it does."""
        into, below = 0, self._heading is None
        for element in islice(self._tree.iter(), _MOST):
            if not isinstance(element.tag, str):
                continue
            below = below or element is self._heading
            if below and element.tag == "p" and len(element.text_content()) >= _PARAGRAPH:
                into += 1
            if into > _INTO:
                break
            if (element.tag == "time" or _LABEL.search(_marks(element))) and self._own(element):
                yield element
        if self._article is not None:
            for element in islice(self._article.iter("time", "span", "div", "p"), _MOST):
                if _LABEL.search(_marks(element)) and self._own(element):
                    yield element

    def _own(self, element: HtmlElement) -> bool:
        """Return whether an element is of the article, and of nothing around it."""
        if element.tag in ("meta", "script", "link", "body", "html", "input", "form"):
            return False
        for level, above in enumerate((element, *element.iterancestors())):
            if above in self._shared:
                return True
            if above.tag in ("aside", "nav", "blockquote", "form"):
                return False
            if above.tag == "article" and self._article is not None:
                return False
            if above.tag == "footer" and self._article is None:
                return False
            if _ELSEWHERE.search(f"{above.get('class') or ''} {above.get('id') or ''}"):
                return False
            if level < _NEAR and _leads_elsewhere(above):
                return False
        return True


def _date_in(element: HtmlElement) -> str:
    """Return the date in the text of an element without what is around it, if it is sure."""
    text = " ".join(element.text_content().split())
    date = dates.parse(text) if len(text) <= _LONGEST else None
    return date.iso if date and not date.doubt else text


def _marks(element: HtmlElement) -> str:
    names = ("class", "itemprop", "id", "data-testid", "property")
    return " ".join(element.get(name) or "" for name in names)


def _changes(element: HtmlElement) -> bool:
    """Return whether the words before a time say that it is of a change: "Updated: 4 March"."""
    before = element.getprevious()
    parent = element.getparent()
    if before is not None:
        words = f"{before.text_content() if not before.get('datetime') else ''} {before.tail or ''}"
    else:
        words = (parent.text or "") if parent is not None else ""
    if before is None and parent is not None and not words.strip():
        words = f"{parent.get('class') or ''}"
    return bool(_UPDATE.search(words[-40:]))


def _leads_elsewhere(element: HtmlElement) -> bool:
    if element.tag in ("p", "h1", "body", "main", "header"):
        return False
    return any(len(link.text_content().split()) >= _TEASER for link in islice(element.iter("a"), 5))


def _in(key: str, titles: list[str]) -> bool:
    return any(key in title or title in key for title in titles)


def _key(text: str) -> str:
    return " ".join(re.findall(r"\w+", text)).casefold()
