"""Feeds: RSS 2.0 (and 0.9x), RSS 1.0 and Atom 1.0 (and 0.3); every item is an article.

Not with feedparser: it holds a whole feed in memory, knows no limit and mends by guessing, where
`dedup.readers.xml` streams, refuses entities and names each item that is broken. What is read
follows rssboard.org/rss-specification, web.resource.org/rss/1.0/spec and RFC 4287, and where
writers do not follow them, feedparser.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Mapping
from xml.etree.ElementTree import Element

from dedup.errors import Problem
from dedup.metadata import urls
from dedup.readers import markup, tree, xml
from dedup.readers.article_builder import Records, counted
from dedup.readers.protocol import Source, UnreadableError
from dedup.readers.unique_ids import scoped
from dedup.records import Article

_WHOLE = ("content:encoded", "atom:content", "body", "yandex:full-text", "content")
"""What holds an item's whole text, best first."""
_TEASERS = (
    *("description", "itunes:summary", "atom:summary", "summary", "dc:description"),
    *("atom:tagline", "dcterms:abstract", "itunes:subtitle"),
)
"""What holds its beginning, or all of a short one; the longest counts."""
_CAPTIONS = ("media:description", "media:group/media:description")
"""What serves where there is nothing else: an item that is a film."""
_ITEMS = ("item", "atom:entry")
_CHANNEL = ("channel", "atom:feed")
_PERSON = re.compile(r"\S+@\S+\s*\((.+)\)")
"""An author as in RSS 2.0: `editor@example.com (Ann Reed)`."""
_WEB = ("http://", "https://")


def read(stream: io.BufferedReader, source: Source, problems: list[Problem]) -> Iterator[Article]:
    """Yield the items of a feed as articles; a teaser is a text, too.

    An id is the item's guid or `atom:id`, else its link; a guid that another house may give, too,
    gets the site, or else the feed's name, before it. The site is that of the item's link, or in a
    feed of feeds that of its `source`; where these name none, that of the feed. An item without a
    text is left out; how many is told once a feed.
    """
    records = Records(problems, None, source.site, source.path)
    channel = _Channel(source.name)
    number = without = 0
    for number, found in enumerate(_items(stream, source, problems, channel), 1):
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


_AHEAD = 16
"""Items that are looked at before the first is told; more tell feeds of feeds more surely."""
_HELD = 1 << 20
"""Characters of their text after which no more are: memory stays bounded."""


def _items(
    stream: io.BufferedReader, source: Source, problems: list[Problem], channel: _Channel
) -> Iterator[xml.Found]:
    """Yield the items, each when the channel knows what the feed says of all of them."""
    ahead: list[xml.Found] = []
    held = 0
    wanted = (*_ITEMS, "link", "atom:link", "atom:id", "language", "dc:language")
    try:
        for found in xml.elements(stream, source, problems, *wanted):
            if found.element.tag not in _ITEMS:
                channel.learns(found)
            elif held <= _HELD and len(ahead) < _AHEAD:
                channel.looks_at(found)
                ahead.append(found)
                held += sum(map(len, found.element.itertext()))
            else:
                told, ahead, held = ahead, [], _HELD + 1
                yield from told
                yield found
    except (UnreadableError, OSError):  # what came before is read
        yield from ahead
        raise
    yield from ahead


def _record(found: xml.Found, channel: _Channel) -> dict[str, str | None]:
    item = found.element
    guid = tree.first(item, "guid", "atom:id") or item.get("rdf:about")
    url = _url(item, channel.base(found))
    site = _site(item, urls.host(url), channel)
    published = tree.first(
        item, "pubDate", "pubdate", "atom:published", "dc:date", "dcterms:issued", "atom:issued"
    )
    updated = tree.first(item, "atom:updated", "dcterms:modified", "atom:modified")
    return {
        "id": scoped(guid, _house(site) or channel.name) or url,
        "text": _text(item),
        "title": _written_first(item, "title", "atom:title", "dc:title", "media:title"),
        "url": url,
        "site": site,
        "date": published or tree.first(item, "dcterms:created", "atom:created") or updated,
        "updated": updated,
        "author": ", ".join(dict.fromkeys(_authors(item))) or None,
        "source": _source(item),
        "lang": item.get("xml:lang")
        or tree.first(item, "dc:language")
        or channel.lang
        or found.lang,
    }


# -- Texts


def _text(item: Element) -> str | None:
    """Return the fullest text of an item."""
    return (
        next(filter(None, _all_written(item, _WHOLE)), None)
        or max(_all_written(item, _TEASERS), key=len, default=None)
        or next(filter(None, _all_written(item, _CAPTIONS)), None)
    )


def _all_written(item: Element, names: Iterable[str]) -> Iterator[str]:
    return (_written(element) for name in names for element in tree.under(item, name))


def _written(element: Element) -> str:
    """Return what an element says, with its lines; it is HTML unless it says that it is not."""
    kind = element.get("type", "html").lower()
    packed = element.get("mode", "").lower() == "base64"
    if not packed and "/" in kind and not kind.endswith(("/html", "xml", "/plain")):
        return ""  # a picture in base64
    said = tree.unpacked(element.text or "") if packed else None
    if element.tag.startswith("atom:") and kind in ("text", "text/plain"):
        return ("".join(element.itertext()) if said is None else said).strip()
    return markup.text(tree.markup(element) if said is None else said).strip()


def _written_first(item: Element, *names: str) -> str | None:
    elements = (element for name in names for element in tree.under(item, name))
    return next(filter(None, map(_line, elements)), None)


def _line(element: Element) -> str | None:
    """Return what an element says on one line; None if that is nothing."""
    return " ".join(_written(element).split()) or None


# -- Addresses


def _url(item: Element, base: str) -> str | None:
    """Return the address of an item: its link, else its id if that is one, else where it is fed."""
    guid = next(tree.under(item, "guid"), None)
    permanent = None
    if guid is not None and (guid.get("isPermaLink") or "true").lower() != "false":
        permanent = tree.own(guid)
    permanent = permanent or tree.first(item, "atom:id")
    if permanent and not permanent.startswith(_WEB):
        permanent = None
    url = tree.first(item, "feedburner:origLink") or _linked(item)
    if permanent and (not url or _passes_on(urls.joined(base, url))):
        return permanent
    url = url or _linked(item, "self")
    return urls.joined(base, url) if url else None


def _linked(element: Element, rel: str = "alternate") -> str | None:
    """Return where the links of an element lead, pages before other forms.

    Links are to what the element is about; other relations are comments, enclosures and the like.
    """
    found = [
        (_PAGE.search(link.get("type", "html")) is None, address)
        for name in ("link", "atom:link")
        for link in tree.under(element, name)
        if (address := _address(link, rel))
    ]
    return min(found, key=lambda one: one[0])[1] if found else None


_PAGE = re.compile("html|text/plain", re.IGNORECASE)


def _address(link: Element, rel: str = "alternate") -> str | None:
    """Return where a link of this relation leads, as seen from the element that it is in."""
    if link.tag == "link" and rel == "alternate" and (address := tree.own(link)):
        return address
    given = link.get("rel", "alternate").lower().rpartition("/")[2]  # or an address that ends in it
    address = (link.get("href") or "").strip()
    return urls.joined(link.get("xml:base", ""), address) if address and given == rel else None


# -- Whose an item is

_PASSES_ON = re.compile(
    r"(?:.+\.)?(?:feedburner\.com|feedsportal\.com|feedblitz\.com|feedproxy\.google\.com"
    r"|bit\.ly|t\.co|ow\.ly|dlvr\.it|tinyurl\.com|goo\.gl|trib\.al|ift\.tt|buff\.ly)"
)
"""Hosts that lead on to papers and have no articles of their own."""
_COLLECTS = re.compile(r"news\.google\..+|(?:www\.)?bing\.com|news\.search\.yahoo\..+")
"""Hosts whose items all are somebody else's, under links of their own."""
_ANYBODY = re.compile(
    r"(?:gmail|googlemail|hotmail|outlook|live|yahoo|aol|icloud|gmx|web|mail|yandex|proton"
    r"|protonmail|qq|163|126)\..+"
)
"""Where anybody gets an address for mail."""


def _passes_on(address: str | None) -> bool:
    return bool(_PASSES_ON.fullmatch(urls.host(address) or ""))


class _Channel:
    """What a feed says of all its items; RSS and Atom have it before them."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lang: str | None = None
        self._link: str | None = None
        self._self: str | None = None
        self._base = ""
        self._sources: list[str | None] = []  # whose the items say to be, one by one

    def learns(self, found: xml.Found) -> None:
        """Take what an element says that is the channel's own."""
        if not found.outer or found.outer[-1][0] not in _CHANNEL:
            return  # the link of an image
        element = found.element
        if element.tag.endswith("language"):
            self.lang = self.lang or tree.own(element)
        elif element.tag == "atom:id":
            guid = tree.own(element) or ""
            self._self = self._self or (guid if guid.startswith(_WEB) else None)
        else:
            self._base = self._base or _based(found.outer)
            self._link = self._link or _address(element)
            self._self = _address(element, "self") or self._self

    def looks_at(self, found: xml.Found) -> None:
        """Note whose an item says to be."""
        self._base = self._base or _based(found.outer[:-1])
        self._sources.append(_foreign(found.element))

    @property
    def home(self) -> str:
        """Where the channel is: its page, else where its addresses begin, or it is fetched."""
        link = urls.joined(self._base, self._link or "")
        fed = next((a for a in (self._base, self._self) if a and not _passes_on(a)), None)
        return link if link.startswith(_WEB) else fed or link

    @property
    def site(self) -> str | None:
        """The host of the channel."""
        return urls.host(self.home)

    @property
    def collects(self) -> bool:
        """True if the items are those of others, as all of them say."""
        houses = {_house(urls.host(source)) for source in self._sources}
        if not houses.isdisjoint((None, _house(self.site))):
            return False
        return len(houses) > 1 or bool(houses and _COLLECTS.fullmatch(self.site or ""))

    def base(self, found: xml.Found) -> str:
        """Return from where the addresses in an item are seen."""
        around = (*found.outer, (found.element.tag, found.element.attrib))
        return urls.joined(self.home, _based(around))


def _based(around: tuple[tuple[str, Mapping[str, str]], ...]) -> str:
    """Join the `xml:base` of elements that lie in each other, the outermost first."""
    base = ""
    for _, attributes in around:
        base = urls.joined(base, attributes.get("xml:base", "").strip())
    return base


def _foreign(item: Element) -> str | None:
    """Return the address of the feed that an item says to be from."""
    source = next(tree.under(item, "source"), None)
    address = source.get("url") if source is not None else None
    atom = next(tree.under(item, "atom:source"), None)
    if atom is not None:
        address = _linked(atom) or _linked(atom, "self") or tree.first(atom, "atom:id")
    return address if address and address.startswith(_WEB) and not _passes_on(address) else None


def _site(item: Element, linked: str | None, channel: _Channel) -> str | None:
    """Return whose an item is, as far as it says so, else whose the feed is.

    A link to the feed's own house makes it the feed's, even if it names the agency it has it from;
    not in a feed of feeds, all of whose items are of others and so say.
    """
    if _PASSES_ON.fullmatch(linked or ""):
        linked = None
    foreign = urls.host(_foreign(item))
    ours = _house(linked) == _house(channel.site)
    if foreign and (not linked or (ours and channel.collects)):
        return foreign
    named = linked or next(_mailed(item), None)
    return channel.site if _house(named) == _house(channel.site) else named or channel.site


def _house(host: str | None) -> str | None:
    """Return the registered domain of a host, or itself if it has none."""
    return (urls.site(f"//{host}") or host) if host else None


def _mailed(item: Element) -> Iterator[str]:
    """Yield the hosts that authors' addresses name, but those where anybody gets one."""
    hosts = [urls.host(tree.own(uri)) for uri in tree.under(item, "atom:author/atom:uri")]
    for path in ("author", "dc:creator", "atom:author/atom:email"):
        mails = (_MAIL.search(tree.own(one) or "") for one in tree.under(item, path))
        hosts += [mail[1].lower() for mail in mails if mail]
    return (host for host in hosts if host and not _ANYBODY.fullmatch(host))


_MAIL = re.compile(r"[\w.+-]@((?:[\w-]{1,63}\.)+[a-z]{2,})", re.IGNORECASE)


def _authors(item: Element) -> Iterator[str]:
    creators = [*tree.under(item, "dc:creator")]
    for element in creators or [*tree.under(item, "author")] or tree.under(item, "itunes:author"):
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
        return _linked(atom) or _written_first(atom, "atom:title")
    return tree.first(item, "dc:source")
