"""Web addresses: which lead to the same document, and whose site they are on.

`fold` undoes what changes an address but not the document: scheme, `www`, mobile, AMP and print
versions, addresses in an AMP cache, parameters that only say where a reader came from, fragments,
default ports, index files, percent-encoding (RFC 3986, section 6.2.2) and Punycode. Parameters that
may name the document (`?id=12`, `?p=34`, `?page=2`) stay. The result is a key to compare, not an
address to fetch.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from dedup.about import hosts
from dedup.about.parameters import decoded, telling


def fold(url: str) -> str:
    """Give the key under which all addresses of one document are equal.

    What is no web address (a path, `urn:...`) is its own key. Folding twice changes nothing.

    >>> fold("http://m.herald.example:80/news/amp/?utm_source=x&id=12#top")
    'herald.example/news?id=12'
    >>> fold("https://www-herald-example.cdn.ampproject.org/c/s/www.herald.example/news/print")
    'herald.example/news'
    """
    address = _address(url)
    if address is None:
        return url.strip()
    query = telling(address.query)
    key = hosts.folded(address.host) + address.port + _path(decoded(address.path))
    key += f"?{query}" if query else ""
    return key + (f"#{decoded(address.fragment)}" if address.fragment[:1] in ("!", "/") else "")


def site(url: str) -> str | None:
    """Give the registered domain of an address or a host; None for anything else.

    See `dedup.about.hosts.registered`. A name without `//` is a host if `dedup.about.hosts.named`
    says so.

    >>> site("https://news.herald.co.uk:8080/a"), site("WWW.Herald.com"), site("herald")
    ('herald.co.uk', 'herald.com', None)
    """
    address = _address(url)
    if address is not None:
        return hosts.registered(address.host)
    host = hosts.readable(url.strip())
    return hosts.registered(host) if hosts.named(host) else None


def top(url: str) -> bool:
    """Tell whether an address is the front page of its host, or of a section right below it.

    A section is one or two folders of letters and hyphens, without the words or numbers that name
    an article. What is no web address is not.

    >>> top("https://herald.example/"), top("https://herald.example/news/world/")
    (True, True)
    >>> top("https://herald.example/news/rain-is-due-tomorrow"), top("https://herald.example/?p=3")
    (False, False)
    """
    key = fold(url)
    if _address(url) is None or "?" in key or "#" in key:
        return False
    folders = key.split("/")[1:]
    return len(folders) <= 2 and all(_SECTION.fullmatch(folder) for folder in folders)


class _Address(NamedTuple):
    host: str
    port: str
    """With its colon; empty where it is the usual one."""
    path: str
    query: str
    fragment: str


_ADDRESS = re.compile(
    r"(?:https?:)?//(?:[^/?#@]*@)?(\[[0-9a-f:.]+\]|[^\s/?#:@\[\]]+)(:\d*)?"
    r"(/[^?#]*)?(?:\?([^#]*))?(?:#(.*))?",
    re.IGNORECASE,
)
"""Host, port, path, query and fragment."""
_KEY = re.compile(r"(?!\d+(?:\.\d+){0,2}[/?#])[^\s/?#:@\[\].]+(?:\.[^\s/?#:@\[\].]+)+[/?#]")
"""How a key begins, which has no scheme, and no file of a folder named by numbers."""
_BLANK = re.compile(r"[\t\r\n]")
_USUAL = ("", ":", ":80", ":443")
_CACHE = re.compile(r"[^/]+\.(?:cdn\.ampproject\.org|bing-amp\.com)/[a-z]+/(?:s/)?(?=[^/]+\.)")
_VIEWER = re.compile(r"(?:www\.)?google(?:\.[a-z]{2,3}){1,2}/amp/(?:s/)?(?=[^/]+\.)")
"""How addresses begin that hold another one whole: those of AMP caches and viewers."""


def _address(url: str) -> _Address | None:
    """Take an address apart, one held in an AMP cache out of it; None for what is none."""
    url = _BLANK.sub("", url).strip()
    found = _ADDRESS.fullmatch(f"//{url}" if _KEY.match(url) else url)
    if found is None:
        return None
    host, port, path, query, fragment = found.groups("")
    host = hosts.readable(host)
    held = _CACHE.match(host + path) or _VIEWER.match(host + path)
    if held:
        return _address(f"//{(host + path)[held.end() :]}{f'?{query}' if query else ''}")
    return _Address(host, "" if port in _USUAL else port, path, query, fragment)


_SECTION = re.compile(r"[^\W\d_]{1,20}(?:-[^\W\d_]{1,20})?")
_SHOWN = frozenset(("amp", "print", "printable", "amp.html", "print.html"))
"""Last folders or files of a path that say how a page is shown."""
_INDEX = re.compile(r"(?:index|default)\.(?:html?|php|aspx?|jsp|shtml)", re.IGNORECASE)
_AMP_FILE = re.compile(r"(?<=.)(?:\.amp)+(?=$|\.html?$)")
_SESSION = re.compile(r";jsessionid=[^/;]*", re.IGNORECASE)


def _path(path: str) -> str:
    if ";" in path:
        path = _SESSION.sub("", path)
    folders = [folder for folder in path.split("/") if folder and folder != "amp"]
    while len(folders) > 1 and folders[0] in ("m", "mobile"):
        del folders[0]
    while folders:
        last = _AMP_FILE.sub("", folders[-1])
        if last not in _SHOWN and not _INDEX.fullmatch(last):
            folders[-1] = last
            break
        del folders[-1]
    return "".join(f"/{folder}" for folder in folders)
