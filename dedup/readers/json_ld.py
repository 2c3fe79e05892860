"""What a page says of itself as JSON-LD (https://schema.org): its own article among the others.

Pages carry the data of related articles too, of their section and of their site. Whose article it
is, is told by its address, failing that by its headline.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import unescape
from typing import TYPE_CHECKING, Any

from dedup.metadata import urls

if TYPE_CHECKING:
    from lxml.html import HtmlElement

Node = dict[str, Any]
"""An object of the data."""

_ARTICLE = re.compile(r"(?:article|posting|report)$", re.IGNORECASE)
"""The ends of schema.org's types of articles: `NewsArticle`, `BlogPosting`, `Report`."""
_PAGE = re.compile(r"(?:web|item)page$", re.IGNORECASE)
_SITE = re.compile(r"website$", re.IGNORECASE)
_DEEPEST = 20
_DECODER = json.JSONDecoder(strict=False)
"""Pages have raw line breaks in their strings."""
_MOST = 500
"""Objects that are looked at, and scripts."""
_STRING = r'("(?:[^"\\]|\\.)*+(?:"|\Z))'
"""A string, to the end of the script where it never ends: no pattern reads a script twice."""
_AROUND = re.compile(r"(?:(?://|/\*)[ \t]{0,8})?(?:<!\[CDATA\[|\]\]>|<!--|-->)(?:[ \t]{0,8}\*/)?")
"""What hides a script from old readers of HTML and XML."""
_COMMA = re.compile(rf"{_STRING}|,(?=\s*[}}\]])", re.DOTALL)
_COMMENT = re.compile(rf"{_STRING}|/\*(?:.*?\*/|.*)|(?<![:\w])//[^\n]*", re.DOTALL)
_BETWEEN = re.compile(r"[\s;,]*")


@dataclass(frozen=True)
class Told:
    """What the data tell of a page."""

    story: Node = field(default_factory=dict)
    """Its own article, or nothing."""
    page: Node = field(default_factory=dict)
    """The page as such, or nothing."""
    site: Node = field(default_factory=dict)
    """The site, or nothing."""


def read(tree: HtmlElement, addresses: Sequence[str], titles: Sequence[str]) -> Told:
    """Return what the JSON-LD of a page tells of it.

    `addresses` and `titles` are those that the page has besides. An article at another address is
    another one, unless its headline is one of the titles.
    """
    nodes = [node for value in _values(tree) for node in _nodes(value, 0)][:_MOST]
    by_id = {node["@id"]: node for node in reversed(nodes) if isinstance(node.get("@id"), str)}
    here = {urls.fold(address) for address in addresses}
    names = {key for title in titles if (key := _key(title))}
    story = _own([n for n in nodes if _is(n, _ARTICLE)], here, names)
    page = _own([n for n in nodes if _is(n, _PAGE)], here, names)
    site = next((node for node in nodes if _is(node, _SITE)), {})
    return Told(*(_resolved(node, by_id) for node in (story, page, site)))


def _values(tree: HtmlElement) -> Iterator[object]:
    """Yield the values of each script, mended where writers of pages often break it."""
    scripts = 0
    for script in tree.iter("script"):
        if "ld+json" not in (script.get("type") or "").lower() or not script.text:
            continue
        scripts += 1
        if scripts > _MOST:
            return
        yield from _parsed(script.text.strip().removesuffix(";"))


def _parsed(script: str) -> list[object]:
    """Return the values of a script: one, or some that follow each other; nothing if it is none."""
    for mended in (str, _unwrapped, _without_comments, unescape):
        plain, values = mended(script), list[object]()
        at = _end(_BETWEEN, plain, 0)
        try:
            while at < len(plain) and len(values) < _MOST:
                value, at = _DECODER.raw_decode(plain, at)
                values.append(value)
                at = _end(_BETWEEN, plain, at)
        except (ValueError, RecursionError):
            continue
        return values
    return []


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at


def _unwrapped(script: str) -> str:
    """Take off what is around the data, and commas after the last item of a list or object."""
    script = _AROUND.sub(" ", script).strip().removesuffix(";")
    return _COMMA.sub(lambda found: found[1] or "", script)


def _without_comments(script: str) -> str:
    """Take out comments too.

    >>> json.loads(_without_comments('/* a */ {"url": "https://b.example/", } // c'))
    {'url': 'https://b.example/'}
    """
    return _unwrapped(_COMMENT.sub(lambda found: found[1] or " ", script))


def _nodes(value: object, depth: int) -> Iterator[Node]:
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


def _is(node: Node, kind: re.Pattern[str]) -> bool:
    return any(kind.search(name) for name in words(node.get("@type")))


def _own(nodes: Sequence[Node], here: set[str], titles: set[str]) -> Node:
    """Return the one that is this page's: at its address, or with its title, or the first."""
    ranked = [(_rank(node, here, titles), node) for node in nodes]
    best = max((rank for rank, _ in ranked), default=0)
    return next((node for rank, node in ranked if rank == best), {}) if best else {}


def _rank(node: Node, here: set[str], titles: set[str]) -> int:
    """Return how surely an object is of this page: 0 is another's."""
    headline = _key(word(node.get("headline")) or word(node.get("name")) or "")
    titled = any(_alike(headline, title) for title in titles)
    there = {key for address in _addresses(node) if "/" in (key := urls.fold(address))}
    if there & here:
        return 4 + titled
    if titled:
        return 3
    return (not headline or not titles) if there and here else 2


def _alike(headline: str, title: str) -> bool:
    """Return whether most words of the shorter one are in the other: titles name the site too."""
    ours, theirs = set(headline.split()), set(title.split())
    return 2 * len(ours & theirs) > min(len(ours), len(theirs)) if ours and theirs else False


def _addresses(node: Node) -> Iterator[str]:
    page = node.get("mainEntityOfPage")
    for told in (node.get("url"), node.get("@id"), page):
        for item in listed(told):
            address = word(item.get("@id") or item.get("url")) if isinstance(item, dict) else item
            if isinstance(address, str) and address.startswith(("http://", "https://", "//")):
                yield address.partition("#")[0]


def _resolved(node: Node, by_id: dict[str, Node]) -> Node:
    """Put in what an object names by its id: its publisher, its authors."""

    def filled(value: object) -> object:
        if isinstance(value, list):
            return [filled(item) for item in value]
        if isinstance(value, dict) and len(value) <= 2 and isinstance(value.get("@id"), str):
            return by_id.get(value["@id"], value)
        return value

    return {
        key: filled(value) if key in ("publisher", "author", "sourceOrganization") else value
        for key, value in node.items()
    }


def _key(text: str) -> str:
    return " ".join(re.findall(r"\w+", unescape(text))).casefold()


# -- Values


def listed(value: object) -> list[Any]:
    """Return a value as a list: one item, some, or none.

    >>> listed("a"), listed(["a"]), listed(None)
    (['a'], ['a'], [])
    """
    return value if isinstance(value, list) else [] if value is None else [value]


def words(value: object) -> list[str]:
    """Return the strings of a value."""
    return [item for item in listed(value) if isinstance(item, str)]


def word(value: object) -> str | None:
    """Return the first string of a value that is not empty, without entities.

    >>> word(["", "Rain &amp; sun"]), word({})
    ('Rain & sun', None)
    """
    return next((told for item in words(value) if (told := unescape(item).strip())), None)


def name(value: object) -> str | None:
    """Return the name of a person or an organisation, of the first if there are some.

    >>> name([{"name": "Ana Ilić"}]), name("Herald")
    ('Ana Ilić', 'Herald')
    """
    for item in listed(value):
        if told := word(item.get("name") if isinstance(item, dict) else item):
            return told
    return None
