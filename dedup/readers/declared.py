"""What a page of HTML declares of itself: in meta tags, links and schema.org's JSON-LD.

Sources: RFC 6596 (`canonical`), https://ogp.me (Open Graph and its `article:` terms),
https://schema.org/NewsArticle, and Google News' `syndication-source` and `original-source`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from dedup.metadata import dates

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_ARTICLE = re.compile(r"(?:article|posting|report)$", re.IGNORECASE)
"""The ends of schema.org's types of articles: `NewsArticle`, `BlogPosting`, `Report`."""
_DATES = (
    "article:published_time", "og:published_time", "datepublished", "parsely-pub-date", "pubdate",
    "publishdate", "publish-date", "sailthru.date", "dcterms.created", "dc.date.issued", "dc.date",
    "date",
)  # fmt: skip
_UPDATES = ("article:modified_time", "og:updated_time", "datemodified", "last-modified")
_AUTHORS = ("author", "article:author", "byl", "parsely-author", "sailthru.author", "dc.creator")
_SOURCES = ("original-source", "syndication-source", "dcterms.source", "dc.source")
_DEEPEST = 20


def declared(tree: HtmlElement, url: str | None) -> dict[str, str]:
    """Return what a page says of itself, by the fields of `Article`, and its `name` for its site.

    Also the `body` that its JSON-LD holds. `url` is where the page was found, if that is known;
    addresses are resolved against it. Of several dates the first wins that has a time and a zone,
    then the first with a time. An origin that is the publisher itself is left out.
    """
    meta = _meta(tree)
    story = _story(tree)
    publisher = _name(story.get("publisher"))
    own = url or _address(meta.get("og:url"), None)
    found = {
        "title": meta.get("og:title") or _word(story.get("headline")),
        "date": _exact(
            _word(story.get("datePublished")), *map(meta.get, _DATES), *_times(tree, "publi|date")
        ),
        "updated": _exact(_word(story.get("dateModified")), *map(meta.get, _UPDATES)),
        "author": _authors(story.get("author")) or _byline(meta),
        "lang": _language(tree, meta) or _word(story.get("inLanguage")),
        "canonical": _canonical(tree, own),
        "source": _source(meta, story),
        "url": own or _address(_word(story.get("url")), None),
        "name": meta.get("og:site_name") or publisher,
        "body": _word(story.get("articleBody")),
    }
    found["url"] = found["url"] or found["canonical"]
    addresses = [found["url"], found["canonical"], meta.get("og:url")]
    itself = {_folded(name) for name in (publisher, found["name"], *addresses, *_labels(own))}
    if _folded(found["source"]) in itself:  # which says nothing new
        found["source"] = None
    if found["title"] and found["name"]:
        found["title"] = _untagged(found["title"], found["name"])
    body = found.pop("body")
    told = {field: " ".join(value.split()) for field, value in found.items() if value}
    return told | ({"body": body} if body else {})


def _meta(tree: HtmlElement) -> dict[str, str]:
    """Return the contents of meta tags by name in small letters; the first of a name wins."""
    found: dict[str, str] = {}
    for tag in tree.iter("meta"):
        content = (tag.get("content") or "").strip()
        if content:
            for attribute in ("property", "name", "itemprop", "http-equiv"):
                if name := tag.get(attribute):
                    found.setdefault(name.strip().lower(), content)
    return found


def _story(tree: HtmlElement) -> dict[str, Any]:
    """Return the first article of the page's JSON-LD, or nothing."""
    for script in tree.iter("script"):
        if "ld+json" in (script.get("type") or "").lower() and script.text:
            try:  # pages have raw line breaks in their strings, and comments around it all
                value = json.loads(script.text.strip().removesuffix(";"), strict=False)
            except (ValueError, RecursionError):
                continue
            for node in _nodes(value, 0):
                if any(_ARTICLE.search(kind) for kind in _words(node.get("@type"))):
                    return node
    return {}


def _nodes(value: object, depth: int) -> Iterator[dict[str, Any]]:
    """Yield the objects that a page is about: itself, those in lists and graphs, main entities."""
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        for item in value:
            yield from _nodes(item, depth + 1)
    elif isinstance(value, dict):
        yield value
        for key in ("@graph", "mainEntity", "mainEntityOfPage"):
            yield from _nodes(value.get(key), depth + 1)


def _exact(*candidates: str | None) -> str | None:
    """Return the date that is known best: with time and zone, with time, or a day."""
    best, rank = None, -1
    for candidate in candidates:
        read = dates.parse(candidate)
        if read and read.precision in {"day", "minute", "second"}:
            better = 0 if read.precision == "day" else 1 + read.zoned
            if better > rank:
                best, rank = candidate, better
    return best


def _times(tree: HtmlElement, wanted: str) -> Iterator[str]:
    """Yield the `datetime` of time tags that say what time they are, then that of the first one."""
    times = [time for time in tree.iter("time") if time.get("datetime")]
    for time in times:
        told = f"{time.get('itemprop') or ''} {time.get('class') or ''} {time.get('pubdate') or ''}"
        if time.get("pubdate") is not None or re.search(wanted, told, re.IGNORECASE):
            yield time.get("datetime") or ""
    yield from (time.get("datetime") or "" for time in times[:1])


def _language(tree: HtmlElement, meta: dict[str, str]) -> str | None:
    root = tree.getroottree().getroot()
    for told in (root.get("lang"), root.get("xml:lang"),
                 meta.get("og:locale"), meta.get("content-language")):  # fmt: skip
        if told and re.fullmatch(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*", told.strip()):
            return told.strip().replace("_", "-")
    return None


def _canonical(tree: HtmlElement, base: str | None) -> str | None:
    for link in tree.iter("link"):
        if "canonical" in (link.get("rel") or "").lower().split():
            return _address(link.get("href"), base)
    return None


def _source(meta: dict[str, str], story: dict[str, Any]) -> str | None:
    """Return the declared origin: an address where there is one, else whose work it is by name."""
    for name in _SOURCES:
        if told := meta.get(name):
            return told
    for based in _list(story.get("isBasedOn")) + _list(story.get("isBasedOnUrl")):
        address = based.get("url") or based.get("@id") if isinstance(based, dict) else based
        if told := _address(_word(address), None) or _name(based):
            return told
    return _name(story.get("sourceOrganization")) or _name(story.get("copyrightHolder"))


def _folded(name: str | None) -> str:
    """Return a name without case, spaces and signs: many sites write their own in several ways."""
    return re.sub(r"\W", "", name or "").casefold()


def _labels(address: str | None) -> list[str]:
    return (urlsplit(address).hostname or "").split(".") if address else []


def _untagged(title: str, name: str) -> str:
    """Take the name of the site off the end of a title."""
    return re.sub(rf"\s*[|\-–—:：·•]\s*{re.escape(name)}$", "", title) or title


def _authors(value: object) -> str | None:
    names = dict.fromkeys(name for item in _list(value) if (name := _name(item)))
    return ", ".join(name for name in names if not _address(name, None)) or None


def _byline(meta: dict[str, str]) -> str | None:
    told = (meta.get(name) for name in _AUTHORS)
    return next((name for name in told if name and not _address(name, None)), None)


def _name(value: object) -> str | None:
    """Return the name of a person or an organisation, of the first if there are some."""
    for item in _list(value):
        if told := _word(item.get("name") if isinstance(item, dict) else item):
            return told
    return None


def _address(value: str | None, base: str | None) -> str | None:
    """Resolve an address; None for what is no address of the web."""
    try:
        address = urljoin(base or "", (value or "").strip())
        parts = urlsplit(address)
    except ValueError:
        return None
    return address if parts.scheme in {"http", "https"} and parts.hostname else None


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _words(value: object) -> list[str]:
    return [item for item in _list(value) if isinstance(item, str)]


def _word(value: object) -> str | None:
    return next((told for item in _words(value) if (told := unescape(item).strip())), None)
