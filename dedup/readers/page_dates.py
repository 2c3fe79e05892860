"""When a page was published and changed, by what it says of itself.

The first of these decides that can be read: the data of its own article or page (JSON-LD), meta
tags, elements of its own header, its address. A later one is taken only where it tells the same day
more exactly. What stands in comments, in related articles or beside the article tells nothing of
it, and a time of a change is none of publication.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
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
    r"|(?:^|[\s_-])(?:meta|author)\b"
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
_MOST, _CANDIDATES = 20_000, 100
"""Elements that are looked at, and those of them that may hold a time."""
_MONTHS = {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9,
    "oct": 10, "nov": 11, "dec": 12,
}  # fmt: skip
_IN_ADDRESS = re.compile(
    r"(?<![\d])((?:19|20)\d\d)([/_.-]?)(0?[1-9]|1[0-2]|[a-z]{3})\2(0?[1-9]|[12]\d|3[01])(?!\d)",
    re.IGNORECASE,
)


def told_by(
    tree: HtmlElement,
    meta: dict[str, str],
    told: json_ld.Told,
    titles: Iterable[str],
    url: str | None,
) -> tuple[str | None, str | None]:
    """Return when a page was published and when this version of it was made, as written there.

    None where nothing tells. A time that can be read goes before one that cannot, and one without
    doubt before others. The header is looked at only where nothing before it tells exactly.
    """
    here = _Header(tree, titles)
    published = _surest(
        chain(
            (_said(told.story.get("datePublished")), _said(told.page.get("datePublished"))),
            map(meta.get, _PUBLISHED),
            (_said(told.story.get("dateCreated")),),
            here.times(),
            (in_address(url),),
        )
    )
    data = (_said(node.get("dateModified")) for node in (told.story, told.page))
    changed = _surest(chain(data, map(meta.get, _CHANGED)))
    if not changed and not dates.parse(published):
        changed = _surest(here.changes())
    return published, changed


def _said(value: object) -> str | None:
    """Return the date that a value of the data is: a string, or the number of a Unix time."""
    plain = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if plain else json_ld.word(value)


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


class _Header:
    """Where the article of a page begins, and what times stand there."""

    def __init__(self, tree: HtmlElement, titles: Iterable[str]) -> None:
        self._tree = tree
        self._titles = titles

    @cached_property
    def _heading(self) -> HtmlElement | None:
        headings = list(islice(self._tree.iter("h1", "h2", "h3"), _HEADINGS))
        keys = [key for title in self._titles if (key := _key(title))]
        named = (h for h in headings if (key := _key(h.text_content())) and _in(key, keys))
        return next(chain(named, (h for h in headings if h.tag == "h1")), None)

    @cached_property
    def _shared(self) -> set[HtmlElement]:
        """What the heading stands in, or the first article where there is none."""
        start = self._heading
        if start is None:
            start = next(self._tree.iter("article"), self._tree)
        return {start, *start.iterancestors()}

    @cached_property
    def _article(self) -> HtmlElement | None:
        return next((x for x in self._shared if x.tag == "article"), None)

    def times(self) -> Iterator[str]:
        """Yield the times of publication in the header, those that are said to be it first."""
        labelled: list[str] = []
        others: list[str] = []
        for element in islice(self._near(), _CANDIDATES):
            said = _told(element)
            if not said or len(said) > _LONGEST or _of_change(element):
                continue
            if _LABEL.search(_marks(element)) or element.get("pubdate") is not None:
                labelled.append(said)
            elif element.tag == "time":
                others.append(said)
        yield from labelled
        yield from others[:1]

    def changes(self) -> Iterator[str]:
        """Yield the times of a change in the header."""
        for element in islice(self._near(), _CANDIDATES):
            said = _told(element)
            read = dates.parse(said)
            if read and read.doubt == dates.CHANGED:
                yield read.iso
            elif read and _of_change(element):
                yield said

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
            wanted = element.tag == "time" or _LABEL.search(_marks(element))
            if wanted and self._own(element, below=below):
                yield element
        if self._article is not None:
            for element in islice(self._article.iter("time", "span", "div", "p"), _MOST):
                if _LABEL.search(_marks(element)) and self._own(element, below=True):
                    yield element

    def _own(self, element: HtmlElement, *, below: bool) -> bool:
        """Return whether an element is of the article, and of nothing around it.

        What shares no more than the page with the heading must stand below it: above is the day
        on which the page was fetched.
        """
        if element.tag in ("meta", "script", "link", "body", "html", "input", "form"):
            return False
        for level, above in enumerate((element, *element.iterancestors())):
            if above.tag == "head":  # where some pages declare it
                return True
            if above in self._shared:
                whole = above.tag in ("body", "html")
                return not whole or (below and self._article is None)
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


def _told(element: HtmlElement) -> str:
    """Return the time that an element holds: as its attribute has it, else from its text.

    Of a text, the date is taken without what is around it, if it is sure.
    """
    names = ("datetime", "content", *(["title"] if element.tag == "abbr" else []))
    said = next((told for name in names if (told := (element.get(name) or "").strip())), "")
    if said and (element.tag != "abbr" or dates.parse(said)):
        return said
    text = " ".join(element.text_content().split())
    date = dates.parse(text) if len(text) <= _LONGEST else None
    return date.iso if date and not date.doubt else text


def _of_change(element: HtmlElement) -> bool:
    """Return whether an element is marked as the time of a change, or words before it say so."""
    mark = _marks(element)
    if re.search("publi", mark, re.IGNORECASE):
        return False
    return bool(_UPDATE.search(mark)) or _changes(element)


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
