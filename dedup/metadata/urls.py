"""Web addresses: which lead to the same document, and whose site they are on.

`fold` undoes what changes an address but not the document: scheme, `www`, mobile, AMP and print
versions, addresses in an AMP cache, parameters that only say where a reader came from, fragments,
default ports, index files, percent-encoding (RFC 3986, section 6.2.2) and Punycode. Parameters that
may name the document (`?id=12`, `?p=34`, `?page=2`) stay. The result is a key to compare, not an
address to fetch.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote, urljoin, urlsplit

from dedup._jit.cache import remembered

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

_NAME = re.compile(r"[^\s/?#:@\[\]\\]+")
_PORT = re.compile(r"(?<=[\w.\]]):\d{1,5}/?$")
_BLOGSPOT = re.compile(r"(?<=\.blogspot\.)(?:com?\.)?[a-z]{2,3}$")
"""One blog has an address in each country."""
_HOSTS = frozenset(
    re.findall(
        "[^ \n]+",
        """
    altervista.org ameba.jp beehiiv.com blog.com blog.ir blog.de blogfa.com blogg.no blogg.se
    blogs.com canalblog.com exblog.jp fc2.com ghost.io hatenadiary.com home.blog hypotheses.org
    jimdo.com jimdofree.com jimdosite.com livejournal.com medium.com myblog.it over-blog.com
    persianblog.ir seesaa.net skyrock.com squarespace.com strikingly.com substack.com tistory.com
    tumblr.com twoday.net typepad.com unblog.fr webnode.com weebly.com wordpress.com news.blog
    """,
    )
)
"""Hosts of many papers that are not in the private section of the Public Suffix List: each of their
subdomains is a site."""
_FOLDERS = {
    "ameblo.jp": 1, "blog.naver.com": 1, "medium.com": 1, "note.com": 1, "sites.google.com": 2,
    "substack.com": 1, "tumblr.com": 1,
}  # fmt: skip
"""Hosts on which folders are sites, and how many of them."""
_IP = re.compile(r"\d+(?:\.\d+){3}|\[.*\]")
_MIRROR = re.compile(r"www\d{0,2}|m|mobile|amp")
_CACHED = 1 << 16
"""Hosts whose answers are kept; a large crawl has some ten thousand."""


@lru_cache(_CACHED)
def readable(host: str) -> str:
    """Write a host in small letters and without Punycode; a label that is none stays.

    >>> readable("XN--mller-kva.example.")
    'müller.example'
    """
    host = host.lower().rstrip(".")
    if ".blogspot." in host:
        host = _BLOGSPOT.sub("com", host)
    if host.isascii() and "xn--" not in host:
        return host
    plain = ".".join(map(_label, unicodedata.normalize("NFKC", host).lower().split(".")))
    # What may not stand in a host name would read as another address.
    return plain if _NAME.fullmatch(plain) else host


def _label(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode") or label
    except UnicodeError:
        return label


@cache
def _suffixes() -> PublicSuffixList:
    """Return the list of public suffixes. To read it takes 50 ms, so that it is kept on disk."""
    import publicsuffixlist

    listed = Path(publicsuffixlist.PSLFILE).stat()
    version = f"{publicsuffixlist.__version__}-{listed.st_size}-{listed.st_mtime_ns}"
    return remembered(f"{__name__}.suffixes", version, publicsuffixlist.PublicSuffixList)


def named(name: str) -> bool:
    """Return whether a name is that of a host: it ends in a known suffix, or begins with `www.`.

    >>> named("sport.herald.com"), named("The Herald"), named("archive.2024"), named("co.uk")
    (True, False, False, False)
    """
    if "." not in name or not _NAME.fullmatch(name) or _IP.fullmatch(name):
        return False
    if name.startswith("www."):
        return True
    suffix = _suffixes().publicsuffix(name, accept_unknown=False)
    return suffix is not None and suffix != name


@lru_cache(_CACHED)
def registered(host: str) -> str | None:
    """Return the domain that was registered: one label more than the public suffix.

    Suffixes that companies give out, such as `blogspot.com` and `substack.com`, count. An IP
    address, and a host that is a suffix itself, stand for themselves; a host without a dot has
    none.

    >>> registered("news.herald.co.uk"), registered("rain.blogspot.com"), registered("localhost")
    ('herald.co.uk', 'rain.blogspot.com', None)
    """
    if _IP.fullmatch(host):
        return host
    if "." not in host:
        return None
    domain = _suffixes().privatesuffix(host) or host
    if domain in _HOSTS and host != domain:
        label = host.removesuffix(f".{domain}").rpartition(".")[2]
        return domain if _MIRROR.fullmatch(label) else f"{label}.{domain}"
    return domain


@lru_cache(_CACHED)
def folded(host: str) -> str:
    """Leave out `www`, `m`, `mobile` and `amp` where they stand before the registered domain.

    >>> folded("en.m.herald.co.uk"), folded("m.com")
    ('en.herald.co.uk', 'm.com')
    """
    domain = registered(host)
    if domain is None or not host.endswith(f".{domain}"):
        return host
    labels = host.removesuffix(f".{domain}").split(".")
    return ".".join([*(label for label in labels if not _MIRROR.fullmatch(label)), domain])


# -- Whole addresses


def fold(url: str) -> str:
    """Return the key under which all addresses of one document are equal.

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
    key = folded(address.host) + address.port + _path(decoded(address.path))
    key += f"?{query}" if query else ""
    return key + (f"#{decoded(address.fragment)}" if address.fragment[:1] in ("!", "/") else "")


def site(url: str) -> str | None:
    """Return the registered domain of an address or a host; None for anything else.

    See `dedup.metadata.urls.registered`. A name without `//` is a host if
    `dedup.metadata.urls.named` says so. On a few hosts each folder is a site, and is named too.

    >>> site("https://news.herald.co.uk:8080/a"), site("WWW.Herald.com"), site("herald")
    ('herald.co.uk', 'herald.com', None)
    >>> site("https://medium.com/@ana/rain-1a2b"), site("https://rain.substack.com/p/sun")
    ('medium.com/@ana', 'rain.substack.com')
    """
    address = _address(url)
    if address is not None:
        host = address.host.removeprefix("www.")
        folders = address.path.split("/")[1 : 1 + _FOLDERS.get(host, 0)]
        if folders and all(folders):
            return "/".join((host, *map(decoded, folders)))
        return registered(address.host)
    host = readable(_PORT.sub("", url.strip()))
    return registered(host) if named(host) else None


def top(url: str) -> bool:
    """Return whether an address is the front page of its host, or of a section right below it.

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


_ARCHIVE = re.compile(
    r"(?:(?:https?:)?//)?(?:[^/]*(?:archive|arquivo|wayback)[^/]*)?/(?:[^/]+/){0,3}"
    r"\d{4,14}(?:[a-z]{2}_)?\*?/(?:(?P<scheme>https?):/{1,2}|//|(?=www\.))(?P<rest>.+)",
    re.IGNORECASE,
)
"""Addresses in archives of the web hold the one of the page that was archived."""


def unarchived(url: str) -> str:
    """Return the address that one in an archive of the web holds; any other as it is.

    >>> unarchived("https://web.archive.org/web/20260302090000id_/http://herald.example/a?b=1")
    'http://herald.example/a?b=1'
    """
    if "http" not in url[1:] and "www." not in url[1:]:
        return url
    held = _ARCHIVE.fullmatch(url)
    return f"{held['scheme'] or 'http'}://{held['rest']}" if held else url


def joined(base: str, address: str) -> str:
    """Resolve an address; one that cannot be (a bracket that is no IPv6 address) stays.

    >>> joined("https://a.example/b/", "c"), joined("", "http://[x"), joined("", "c")
    ('https://a.example/b/c', 'http://[x', 'c')
    """
    try:
        return urljoin(base, address)
    except ValueError:
        return address


def host(address: str | None) -> str | None:
    """Return the host in an address, in small letters; None where there is none.

    >>> host("https://News.Herald.example:8080/a"), host("http://[x"), host("a")
    ('news.herald.example', None, None)
    """
    try:
        return urlsplit(address or "").hostname
    except ValueError:
        return None


def _address(url: str) -> _Address | None:
    """Take an address apart, one held in a cache or an archive out of it; None for what is none."""
    url = unarchived(_BLANK.sub("", url).strip())
    found = _ADDRESS.fullmatch(f"//{url}" if _KEY.match(url) else url)
    if found is None:
        return None
    host, port, path, query, fragment = found.groups("")
    host = readable(host)
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


# -- Parameters of addresses: those that may name the document, and those that track

_TRACKING = re.compile(
    r"utm_?|mtm_|pk_|piwik_|matomo_|hsa_|itm_|vero_|oly_|ns_|wt\.|aspsessionid|amp_|_hs|__hs"
    r"|at_(?:medium|campaign|custom)|fb_(?:action|source|ref)|mc_[ce]id$|sc_c",
    re.IGNORECASE,
)
"""How the names of parameters begin that only say where a reader came from."""
_TRACKING_NAMES = frozenset(
    re.findall(
        "[^ \n]+",
        """
    __twitter_impression _branch_match_id _branch_referrer _ga _gl action_object_map
    action_ref_map action_type_map aoh cmp cmpid cn-track cvid dclid dicbo epik fbclid
    feedname feedtype ga_campaign ga_content ga_medium ga_source ga_term gaa_at gaa_n gaa_sig
    gaa_ts gbraid gclid gclsrc guccounter guce_referrer guce_referrer_sig icid igsh igshid
    int_cid intcmp ir_clickid irclickid irgwc ito jsessionid li_fat_id mbid mkt_tok msclkid
    ncid ocid outputtype phpsessid rdt_cid ref_src ref_url s_cid s_kwcid smid smtyp soc_src
    soc_trk spm sr_share srsltid taid tblci ttclid twclid usqp ved wbraid wickedid xtor yclid
    ysclid
    """,
    )
)
"""Such parameters by name: the lists of browsers (query stripping) and of AdGuard and ClearURLs,
less the names that also hold the number of a document."""
_YES = frozenset(("", "1", "true", "yes", "y", "on"))
_VIEWS = {
    "amp": _YES,
    "print": _YES,
    "printable": _YES,
    "printer": _YES,
    "isamp": _YES,
    "m": frozenset(("1", "true")),
    "mobile": _YES,
    "view": frozenset(("print", "amp", "mobile")),
    "mode": frozenset(("print", "amp")),
    "format": frozenset(("print", "amp")),
    "output": frozenset(("print", "amp")),
    "layout": frozenset(("print", "amp")),
    "tmpl": frozenset(("print",)),
}
"""Parameters that say how a page is shown, with the values that do."""


def telling(query: str) -> str:
    """Leave of a query what may name the document, in order of names.

    >>> telling("utm_source=x&page=2&amp=1&id=12")
    'id=12&page=2'
    """
    if not query:
        return ""
    pairs = [pair.partition("=") for pair in query.replace("&amp;", "&").split("&") if pair]
    kept = [
        (decoded(name.replace("+", " ")), equals, decoded(value.replace("+", " ")))
        for name, equals, value in pairs
        if not _idle(name.lower(), value.lower())
    ]
    kept.sort(key=lambda pair: pair[0])
    return "&".join(map("".join, kept))


def _idle(name: str, value: str) -> bool:
    if name in _TRACKING_NAMES or _TRACKING.match(name):
        return True
    return value in _VIEWS.get(name, ())


_ESCAPES = re.compile(r"(?:%[0-9a-f]{2})+", re.IGNORECASE)
_RESERVED = re.compile(r"(%(?:[01][0-9A-F]|2[0356BF]|3[ABDF]|40|5[BCD]|7F))")
"""Escapes that mean something else than what they stand for: controls, blank # % & + / : ; = ? @ [
\\ ]."""


def decoded(part: str) -> str:
    """Write as characters what is escaped without need, in NFC; what is not UTF-8 stays escaped.

    >>> decoded("%72ain%2dis%2Fdue"), decoded("%c8%d1")
    ('rain-is%2Fdue', '%C8%D1')
    """
    if "%" in part:
        part = _ESCAPES.sub(_unescaped, part)
    part = part.replace(" ", "%20")
    return part if part.isascii() else unicodedata.normalize("NFC", part)


def _unescaped(found: re.Match[str]) -> str:
    escapes = found[0].upper()
    pieces = _RESERVED.split(escapes)
    try:
        # Each second piece is reserved and stays.
        pieces[::2] = [unquote(piece, errors="strict") for piece in pieces[::2]]
    except UnicodeDecodeError:
        return escapes
    return "".join(pieces)
