"""Feeds: RSS 2.0 (and 0.9x), RSS 1.0 and Atom 1.0 (and 0.3); every item is an article.

Not with feedparser: it holds a whole feed in memory, knows no limit and mends by guessing, where
`dedup.readers.xml` streams, refuses entities and names each item that is broken. What is read
follows rssboard.org/rss-specification, web.resource.org/rss/1.0/spec and RFC 4287.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit
from xml.etree.ElementTree import Element

from dedup.errors import Problem
from dedup.readers import markup, tree, xml
from dedup.readers.article_builder import Records, counted
from dedup.readers.protocol import Source, UnreadableError
from dedup.records import Article

_FULL = ("content:encoded", "atom:content", "body", "description", "atom:summary", "dc:description")
"""What may hold an item's text, best first: whole texts, then teasers."""
_ITEMS = ("item", "atom:entry")
_CHANNEL = ("channel", "atom:feed")
_PERSON = re.compile(r"\S+@\S+\s*\((.+)\)")
"""An author as in RSS 2.0: `editor@example.com (Ann Reed)`."""


def read(stream: io.BufferedReader, source: Source, problems: list[Problem]) -> Iterator[Article]:
    """Yield the items of a feed as articles; a teaser is a text, too.

    An id is the item's guid or `atom:id`, else its link. The site is the host of the channel's own
    link. An item without a text is left out; how many is told once a feed.
    """
    records = Records(problems, None, source.site, source.path)
    channel = _Channel()
    number = without = 0
    wanted = (*_ITEMS, "link", "atom:link", "language", "dc:language")
    for found in xml.elements(stream, source, problems, *wanted):
        if found.element.tag not in _ITEMS:
            channel.learns(found)
            continue
        number += 1
        record = _record(found, channel)
        if not record["text"]:
            without += 1
            continue
        article = records.article(record, f"{source.name}:{number}", source.at(found.line))
        if article is not None:
            yield article
    if without:
        what = f"{counted(without, 'item')} of the feed {'has' if without == 1 else 'have'} no text"
        remedy = "nothing, or fetch the pages they link to"
        problems.append(Problem(source.path, what, remedy, articles=without))
    elif not number:
        raise UnreadableError("the feed holds no item that can be read", "fetch it again")


class _Channel:
    """What a feed says of all its items; RSS and Atom have it before them."""

    def __init__(self) -> None:
        self.link: str | None = None
        self.lang: str | None = None

    def learns(self, found: xml.Found) -> None:
        if not found.outer or found.outer[-1][0] not in _CHANNEL:
            return  # the link of an image
        if found.element.tag.endswith("language"):
            self.lang = self.lang or tree.own(found.element)
        else:
            self.link = self.link or _address(found.element)

    @property
    def site(self) -> str | None:
        try:
            return urlsplit(self.link or "").hostname
        except ValueError:  # a bracket that is no IPv6 address
            return None


def _record(found: xml.Found, channel: _Channel) -> dict[str, str | None]:
    item = found.element
    guid = tree.first(item, "guid", "atom:id") or item.get("rdf:about")
    url = _url(item, channel)
    published = tree.first(
        item, "pubDate", "atom:published", "dc:date", "dcterms:issued", "atom:issued"
    )
    updated = tree.first(item, "atom:updated", "dcterms:modified", "atom:modified")
    return {
        "id": guid or url,
        "text": _text(item),
        "title": _written_first(item, "title", "atom:title", "dc:title"),
        "url": url,
        "site": channel.site,
        "date": published or tree.first(item, "dcterms:created", "atom:created") or updated,
        "updated": updated,
        "author": ", ".join(dict.fromkeys(_authors(item))) or None,
        "source": _source(item),
        "lang": item.get("xml:lang")
        or tree.first(item, "dc:language")
        or channel.lang
        or found.lang,
    }


def _text(item: Element) -> str | None:
    texts = (_written(element) for name in _FULL for element in tree.under(item, name))
    return next((text for text in texts if text), None)


def _written(element: Element) -> str:
    """Return what an element says, with its lines; it is HTML unless it says that it is not."""
    kind = element.get("type", "html")
    if "/" in kind and not kind.endswith(("/html", "xml", "/plain")):
        return ""  # a picture in base64
    if element.tag.startswith("atom:") and kind in ("text", "text/plain"):
        return "".join(element.itertext()).strip()
    return markup.text(tree.markup(element)).strip()


def _url(item: Element, channel: _Channel) -> str | None:
    origin = tree.first(item, "feedburner:origLink")
    links = (_address(link) for name in ("link", "atom:link") for link in tree.under(item, name))
    url = origin or next(filter(None, links), None)
    guid = next(tree.under(item, "guid"), None)
    if not url and guid is not None and guid.get("isPermaLink", "true").lower() != "false":
        url = tree.own(guid)
        return url if url and url.startswith(("http://", "https://")) else None
    try:
        return urljoin(channel.link or "", url) if url else None
    except ValueError:
        return url


def _address(link: Element) -> str | None:
    """Return where a link leads, if to what it is about: not to comments or the feed itself."""
    if link.tag == "link":
        return tree.own(link) or link.get("href")
    return link.get("href") if link.get("rel", "alternate") == "alternate" else None


def _authors(item: Element) -> Iterator[str]:
    for element in [*tree.under(item, "dc:creator")] or tree.under(item, "author"):
        name = _line(element)
        if name:
            person = _PERSON.fullmatch(name)
            yield person[1] if person else name
    yield from filter(None, map(_line, tree.under(item, "atom:author/atom:name")))


def _source(item: Element) -> str | None:
    """Return what the item was taken from: an address if there is one, else a name."""
    source = next(tree.under(item, "source"), None)
    if source is not None:
        return source.get("url") or _line(source)
    atom = next(tree.under(item, "atom:source"), None)
    if atom is not None:
        links = (_address(link) for link in tree.under(atom, "atom:link"))
        return next(filter(None, links), None) or _written_first(atom, "atom:title")
    return tree.first(item, "dc:source")


def _written_first(item: Element, *names: str) -> str | None:
    elements = (element for name in names for element in tree.under(item, name))
    return next(filter(None, map(_line, elements)), None)


def _line(element: Element) -> str | None:
    """Return what an element says on one line; None if that is nothing."""
    return " ".join(_written(element).split()) or None
