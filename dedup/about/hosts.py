"""Hosts: their registered domain, and what in their names says only how a page is shown.

The list of public suffixes (publicsuffix.org) is the copy in the package `publicsuffixlist`; it is
read, in a tenth of a second, when the first host is met.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

_NAME = re.compile(r"[^\s/?#:@\[\]\\]+")
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
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList()


def named(name: str) -> bool:
    """Tell whether a name is that of a host: it ends in a known suffix, or begins with `www.`.

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
    """Give the domain that was registered: one label more than the public suffix.

    Suffixes that companies give out, such as `blogspot.com`, count. An IP address, and a host that
    is a suffix itself, stand for themselves; a host without a dot has none.

    >>> registered("news.herald.co.uk"), registered("rain.blogspot.com"), registered("localhost")
    ('herald.co.uk', 'rain.blogspot.com', None)
    """
    if _IP.fullmatch(host):
        return host
    return (_suffixes().privatesuffix(host) or host) if "." in host else None


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
