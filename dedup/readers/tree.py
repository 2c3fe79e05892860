"""What elements of XML hold: by path, on one line, or as HTML; names are as in `readers.xml`."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator, Mapping
from html import escape
from xml.etree.ElementTree import Element

from dedup.readers.encoding import decode

_TAG = re.compile("[A-Za-z][A-Za-z0-9]*")


def under(element: Element, path: str) -> Iterator[Element]:
    """Yield the elements that a path of names leads to; ElementTree's take no names with colons.

    >>> a = Element("a"); a.append(Element("dc:b"))
    >>> [b.tag for b in under(a, "dc:b")]
    ['dc:b']
    """
    name, _, rest = path.partition("/")
    for child in element:
        if child.tag == name:
            yield from under(child, rest) if rest else (child,)


def first(element: Element, *paths: str) -> str | None:
    """Return, on one line, the first text or attribute on these paths that is not blank.

    >>> a = Element("a"); a.append(Element("b", c=" 1")); first(a, "b", "b@c"), first(a, "@d")
    ('1', None)
    """
    for path in paths:
        inner, _, attribute = path.partition("@")
        for found in under(element, inner) if inner else (element,):
            if line := own(found, attribute):
                return line
    return None


def own(element: Element, attribute: str = "") -> str | None:
    """Return the text of an element, or an attribute, on one line; None if that is blank."""
    text = element.get(attribute, "") if attribute else "".join(element.itertext())
    return " ".join(text.split()) or None


def markup(element: Element, names: Mapping[str, str] | None = None) -> str:
    """Write what an element holds as HTML; one that holds text only has it as it is.

    Elements lose their prefixes and attributes, and take other `names` where these say so.

    >>> e = Element("d"); e.text = "<p>Rain</p>"; markup(e)
    '<p>Rain</p>'
    """
    if not len(element):
        return element.text or ""
    written = [escape(element.text or "", quote=False)]
    todo = [iter(element)]
    ends: list[str] = []
    while todo:
        child = next(todo[-1], None)
        if child is not None:
            name = child.tag.rpartition(":")[2]
            name = (names or {}).get(name, name if _TAG.fullmatch(name) else "span")
            written += (f"<{name}>", escape(child.text or "", quote=False))
            todo.append(iter(child))
            ends.append(f"</{name}>{escape(child.tail or '', quote=False)}")
        else:
            todo.pop()
            written.append(ends.pop() if ends else "")
    return "".join(written)


def unpacked(base64: str) -> str:
    """Return the text that base64 holds; an empty one where it holds none.

    >>> unpacked("UmFpbiBpcyBkdWUu"), unpacked("UmFpbg=!"), unpacked("iVBORw0KGgo=")
    ('Rain is due.', '', '')
    """
    try:
        data = binascii.a2b_base64("".join(base64.split()), strict_mode=True)
    except ValueError:
        return ""
    return "" if b"\0" in data[:1024] or data.startswith(b"\x89PNG") else decode(data)[0]


# -- Whose item it is, by the identifier that agencies give it.

_DOMAIN = re.compile(
    r"(?:urn:newsml:|tag:(?:[^@:]*@)?)((?:[a-z0-9-]+\.)+[a-z]{2,})[:,]", re.IGNORECASE
)


def publisher(guid: str | None) -> str | None:
    """Return the domain in a `urn:newsml:` (RFC 3085) or a `tag:` (RFC 4151), or None.

    >>> publisher("urn:newsml:agency.example:20261122:rain"), publisher("urn:newsml:localhost:1")
    ('agency.example', None)
    """
    domain = _DOMAIN.match(guid or "")
    return domain[1].lower() if domain else None
