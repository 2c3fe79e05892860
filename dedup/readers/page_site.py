"""Where a page is from: the address it was saved at, and whose site it says to be.

Saved pages have it in a comment at their top (browsers, SingleFile, HTTrack), in their meta tags,
in their `<base>`, or around their addresses where an archive rewrote them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from dedup.metadata import urls
from dedup.readers import json_ld

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_TOP = 8192
"""Characters of a page in which the comment about its saving stands."""
_SAVED = re.compile(
    r"<!--\s*(?:saved from url=\(\d+\)\s*|Page saved with SingleFile\s+url:\s*"
    r"|Mirrored from\s+)(\S+?)(?=\s|-->)",
    re.IGNORECASE,
)


def saved_from(page: str) -> str | None:
    """Return the address that a page says to have been saved at, or None.

    >>> saved_from("<!-- saved from url=(0026)https://herald.example/a -->")
    'https://herald.example/a'
    >>> saved_from("<!-- Mirrored from herald.example/a.html by HTTrack -->")
    'http://herald.example/a.html'
    """
    found = _SAVED.search(page, 0, _TOP)
    if found is None:
        return None
    told = found[1]
    return address(told if "//" in told or ":" in told else f"http://{told}", None)


def base_of(tree: HtmlElement) -> str | None:
    """Return the address that a page gives as the base of its links, or None."""
    return next(
        (told for tag in tree.iter("base") if (told := address(tag.get("href"), None))), None
    )


def home_of(base: str | None, told: json_ld.Told) -> str | None:
    """Return an address on the site of a page that does not say its own, or None."""
    publisher = told.story.get("publisher") or told.page.get("publisher")
    for item in (told.site, *json_ld.listed(publisher)):
        if isinstance(item, dict) and (home := address(json_ld.word(item.get("url")), base)):
            return home
    return base


def address(value: str | None, base: str | None) -> str | None:
    """Resolve an address, and take it out of that of an archive; None for none of the web.

    >>> address("/a.html", "https://herald.example/b/"), address("javascript:x", None)
    ('https://herald.example/a.html', None)
    >>> address("/web/20260302090000/https://herald.example/a", None)
    'https://herald.example/a'
    """
    try:
        told = urls.unarchived((value or "").strip())
        found = urls.unarchived(urljoin(base or "", told))
        parts = urlsplit(found)
    except ValueError:
        return None
    return found if parts.scheme in {"http", "https"} and parts.hostname else None
