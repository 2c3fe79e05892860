"""What a page of HTML declares of itself: in meta tags, links and schema.org's JSON-LD.

Sources: RFC 6596 (`canonical`), https://ogp.me (Open Graph and its `article:` terms),
https://schema.org/NewsArticle, and Google News' `syndication-source` and `original-source`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING

from dedup.metadata import plausible, urls
from dedup.readers import json_ld, page_dates, page_site
from dedup.readers.json_ld import Node, listed, name, word

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_AUTHORS = ("author", "article:author", "byl", "parsely-author", "sailthru.author", "dc.creator")
_SOURCES = ("original-source", "syndication-source", "dcterms.source", "dc.source")
_SITES = ("application-name", "twitter:app:name:iphone", "dc.publisher")
_THING = re.compile(r"Comment|Review|Rating|Event|Product|Person|Organization|ImageObject|Video")
"""Types of schema.org with dates of their own."""
_HEADINGS = 30
"""Headings of a page among which its headline is looked for."""


def declared(tree: HtmlElement, url: str | None, saved: str | None = None) -> dict[str, str]:
    """Return what a page says of itself, by the fields of `Article`, and its `name` for its site.

    Also the `body` that its JSON-LD holds, and `home`, an address on its site where it names none
    of its own. `url` is where the page was found, `saved` where it says to have been saved from, if
    that is known; addresses are resolved against them. An origin that is the publisher itself is
    left out, and so is what can be no headline or name.
    """
    meta = _meta(tree)
    base = page_site.base_of(tree)
    own = url or saved or page_site.address(meta.get("og:url"), base)
    canonical = _canonical(tree, own or base)
    headings = [h.text_content() for h in islice(tree.iter("h1", "h2"), _HEADINGS)]
    titles = [meta.get("og:title") or "", _title_tag(tree)]
    addresses = [a for a in (own, canonical, page_site.address(meta.get("og:url"), own)) if a]
    told = json_ld.read(tree, addresses, titles)
    story = told.story
    publisher = name(story.get("publisher"))
    names = [meta.get("og:site_name"), publisher, name(told.site), *map(meta.get, _SITES)]
    site = next((n for n in names if n and not page_site.address(n, None)), None)
    own = own or page_site.address(word(story.get("url")), base) or canonical
    published, updated = page_dates.told_by(tree, meta, told, titles, own)
    found = {
        "title": _title(
            meta, story, titles[1], headings, [n for n in (*names, *_labels(own)) if n]
        ),
        "date": published,
        "updated": updated,
        "author": _authors(story.get("author")) or _byline(meta),
        "lang": _language(tree, meta) or word(story.get("inLanguage")),
        "canonical": canonical,
        "source": _source(meta, story),
        "url": own,
        "name": site,
        "home": None if own else page_site.home_of(base, told),
    }
    itself = {_folded(n) for n in (publisher, site, own, canonical, *addresses, *_labels(own))}
    if _folded(found["source"]) in itself:  # which says nothing new
        found["source"] = None
    told_of = {field: " ".join(value.split()) for field, value in found.items() if value}
    body = word(story.get("articleBody"))
    return told_of | ({"body": body} if body else {})


def _title(
    meta: dict[str, str],
    story: Node,
    title: str,
    headings: Sequence[str],
    names: Sequence[str],
) -> str | None:
    """Return the headline: as declared, else as the title of the page has it without the site."""
    given = (meta.get("og:title"), word(story.get("headline")), meta.get("twitter:title"))
    for told in (*given, _titled(title, headings, names)):
        plain = " ".join(_untagged(told, names).split()) if told else None
        if plausible.title(plain, names):
            return plain
    return None


def _title_tag(tree: HtmlElement) -> str:
    found = next(iter(tree.xpath("//head/title[1]/text() | //title[1]/text()")), "")
    return " ".join(str(found).split())


_PARTS = re.compile(r"\s*[|»«•·：]\s*|\s+[-–—:]{1,2}\s+|:\s+")


def _titled(title: str, headings: Sequence[str], names: Sequence[str]) -> str:
    """Take the site's name and its section off a title: what is left is a heading, or unlike them.

    >>> _titled("Owl leaves organ pipe - Town - Mill Row Echo", ["Owl leaves organ pipe"], [])
    'Owl leaves organ pipe'
    """
    plain = _untagged(title, names)
    cuts = [cut.start() for cut in _PARTS.finditer(plain)]
    keys = {key for heading in headings if (key := _folded(heading))}
    for end in (*cuts, len(plain)):
        if _folded(plain[:end]) in keys:
            return plain[:end]
    for cut in _PARTS.finditer(plain):
        if _folded(plain[cut.end() :]) in keys:
            return plain[cut.end() :]
    return plain


def _meta(tree: HtmlElement) -> dict[str, str]:
    """Return the contents of meta tags by name in small letters; the first of a name wins."""
    found: dict[str, str] = {}
    for tag in tree.iter("meta"):
        content = (tag.get("content") or "").strip()
        if content:
            for attribute in ("property", "name", "itemprop", "http-equiv"):
                key = tag.get(attribute)
                if key and (attribute != "itemprop" or not _of_another(tag)):
                    found.setdefault(key.strip().lower(), content)
    return found


def _of_another(tag: HtmlElement) -> bool:
    """Return whether a property is that of a comment or of another thing beside the article."""
    return any(
        above.tag in ("aside", "nav") or _THING.search(above.get("itemtype") or "")
        for above in tag.iterancestors()
    )


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
            return page_site.address(link.get("href"), base)
    return None


def _source(meta: dict[str, str], story: Node) -> str | None:
    """Return the declared origin: an address where there is one, else whose work it is by name."""
    for key in _SOURCES:
        if told := meta.get(key):
            return told
    for based in listed(story.get("isBasedOn")) + listed(story.get("isBasedOnUrl")):
        address = based.get("url") or based.get("@id") if isinstance(based, dict) else based
        if told := page_site.address(word(address), None) or name(based):
            return told
    return name(story.get("sourceOrganization")) or name(story.get("copyrightHolder"))


def _folded(text: str | None) -> str:
    """Return a name without case, spaces and signs: many sites write their own in several ways."""
    return re.sub(r"\W", "", text or "").casefold()


def _labels(address: str | None) -> list[str]:
    """Return the parts of the host of an address, which may be the name of the site."""
    return (urls.host(address) or "").split(".")


def _untagged(title: str, names: Sequence[str]) -> str:
    """Take the name of the site off the end of a title, or off its beginning."""
    keys = {key for one in names if len(key := _folded(one).removeprefix("the")) > 2}
    cuts = list(_PARTS.finditer(title))
    if cuts and _folded(title[cuts[-1].end() :]).removeprefix("the") in keys:
        return title[: cuts[-1].start()] or title
    if cuts and _folded(title[: cuts[0].start()]).removeprefix("the") in keys:
        return title[cuts[0].end() :] or title
    return title


def _authors(value: object) -> str | None:
    told = dict.fromkeys(one for item in listed(value) if (one := name(item)))
    return ", ".join(names for one in told if (names := plausible.authors(one))) or None


def _byline(meta: dict[str, str]) -> str | None:
    told = (plausible.authors(meta.get(key)) for key in _AUTHORS)
    return next((names for names in told if names), None)
