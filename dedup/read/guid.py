"""Whose item it is, by the identifier that agencies give it."""

from __future__ import annotations

import re

_DOMAIN = re.compile(
    r"(?:urn:newsml:|tag:(?:[^@:]*@)?)((?:[a-z0-9-]+\.)+[a-z]{2,})[:,]", re.IGNORECASE
)


def publisher(guid: str | None) -> str | None:
    """Give the domain in a `urn:newsml:` (RFC 3085) or a `tag:` (RFC 4151), or None.

    >>> publisher("urn:newsml:agency.example:20261122:rain"), publisher("urn:newsml:localhost:1")
    ('agency.example', None)
    """
    domain = _DOMAIN.match(guid or "")
    return domain[1].lower() if domain else None
