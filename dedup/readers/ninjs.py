"""ninjs, news in JSON of the IPTC, 1.x to 3.x (iptc.org/std/ninjs), and what is close to it.

Generation 1 has `headline` and `body_html`, 2 has lists of `headlines` and `bodies`, 3 writes
`versionCreated` for `versioncreated`; Superdesk has a `guid` for the `uri`. The reader is
`dedup.readers.json`, since only its fields tell ninjs from other JSON.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dedup.readers import markup
from dedup.readers.tree import publisher

_OWN = frozenset(("bodies", "headlines", "pubstatus", "versioncreated", "usageterms"))
"""Fields that only ninjs has; with an id, one of them or a `body_...` tells it."""

_NO_TEXT = frozenset(
    ("audio", "component", "composite", "event", "graphic", "picture", "planning", "video")
)
"""Types of items whose description is no text of an article."""


def detect(record: Mapping[str, object]) -> bool:
    """Return whether a JSON object is an item in ninjs.

    >>> detect({"uri": "urn:1", "body_text": "Rain."}), detect({"id": 1, "text": "Rain."})
    (True, False)
    """
    names = {name.lower() for name in record if isinstance(name, str)}
    if names.isdisjoint(("uri", "guid")):
        return False
    return not names.isdisjoint(_OWN) or any(name.startswith("body_") for name in names)


def fields(record: Mapping[str, object]) -> dict[str, object]:
    """Return an item's fields by their names in an article, as `Records.article` takes them.

    HTML is preferred to plain text because it knows its paragraphs; an item of text that has no
    body gives its description. Without any of these there is no `text`. The source is whose
    content it is (`infosources`), else whose copyright. Pictures and other associations are
    ignored.
    """
    item = {name.lower(): value for name, value in record.items() if isinstance(name, str)}
    uri = item.get("uri") or item.get("guid")
    given: dict[str, object] = {
        "id": uri,
        "text": _text(item),
        "title": _line(item.get("headline") or _main(item.get("headlines"))),
        "url": uri if isinstance(uri, str) and uri.startswith(("http://", "https://")) else None,
        "site": publisher(uri) if isinstance(uri, str) else None,
        "date": _first(item, "firstcreated", "contentcreated", "versioncreated"),
        "updated": item.get("versioncreated"),
        "author": _names(item.get("byline") or item.get("bylines") or item.get("by")),
        "source": _names(_first(item, "infosources", "infosource", "copyrightholder", "source")),
        "lang": item.get("language"),
        "status": item.get("pubstatus"),
    }
    return {name: value for name, value in given.items() if value}


def _text(item: Mapping[str, Any]) -> str | None:
    bodies = [(name[5:], value) for name, value in item.items() if name.startswith("body_")]
    bodies += _listed(item.get("bodies"))
    bodies.sort(key=lambda body: "html" not in body[0])
    if str(item.get("type")) not in _NO_TEXT:
        bodies += [("text", item.get("description_text")), ("html", item.get("description_html"))]
        bodies += _listed(item.get("descriptions"))
    for form, value in bodies:
        if isinstance(value, str) and ("html" in form or "text" in form):
            text = markup.text(value) if "html" in form else value
            if text := text.strip():
                return text
    return None


def _listed(bodies: object) -> Iterator[tuple[str, object]]:
    """Yield the form and the value of bodies as from 2.0 on."""
    for body in bodies if isinstance(bodies, list) else ():
        if isinstance(body, Mapping):
            low = {str(name).lower(): value for name, value in body.items()}
            form = low.get("contenttype") or low.get("role") or "text"
            yield ("html" if "html" in str(form) else str(form)), low.get("value")


def _main(lines: object) -> object:
    """Return the main one of headlines as from 2.0 on."""
    if not isinstance(lines, list):
        return lines
    those = [line for line in lines if isinstance(line, Mapping) and line.get("value")]
    those.sort(key=lambda line: line.get("role") != "main")
    return those[0]["value"] if those else None


def _line(value: object) -> object:
    return " ".join(value.split()) if isinstance(value, str) else value


def _first(item: Mapping[str, object], *names: str) -> object:
    return next((item[name] for name in names if item.get(name)), None)


def _names(value: object) -> object:
    """Return on one line the names in a list of texts or objects; anything else as it is."""
    if isinstance(value, Mapping):
        value = [value]
    if not isinstance(value, list):
        return _line(value)
    named = (_first(one, *_NAMED) if isinstance(one, Mapping) else one for one in value)
    return ", ".join(str(_line(name)) for name in named if name and isinstance(name, str)) or None


_NAMED = ("name", "byline", "value", "literal", "uri")
