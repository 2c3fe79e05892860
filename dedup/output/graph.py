"""The links of an output folder as a graph in GraphML (graphml.graphdrawing.org).

GraphML may mix edges with and without direction, but networkx, rustworkx and Gephi do not read such
graphs. So every edge has a direction, and a link whose direction is unknown becomes two edges, one
each way, that say so: left out, made undirected or kept, it favours neither article.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.sax.saxutils import XMLGenerator
from xml.sax.xmlreader import AttributesImpl

from dedup.output import reader, tables
from dedup.output.schema import STORIES, LinkRow

NODE = {
    "label": "string",
    "site": "string",
    "owner": "string",
    "url": "string",
    "published": "string",
    "words": "long",
    "agency": "string",
    "story": "string",
    "role": "string",
}
"""The fields of a node, an article, with their types; all its stories are named."""

EDGE = {
    "weight": "double",
    "kind": "string",
    "share_of_source": "double",
    "share_of_target": "double",
    "known": "boolean",
    "confidence": "double",
    "lag_least": "double",
    "lag_most": "double",
}
"""The fields of an edge: `kind` is the target's, `weight` is the shared words."""

# What XML 1.0 cannot hold, and the carriage return, which it does not keep.
_FORBIDDEN = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(place: Path, path: Path, min_share: float = 0) -> int:
    """Write the graph of the output folder `place` to `path`; return the number of edges.

    Links of which neither article has `min_share` of the other are left out.
    """
    count = 0
    with path.open("w", encoding="utf-8", newline="\n") as file:
        xml = XMLGenerator(file, "utf-8", short_empty_elements=True)
        xml.startDocument()
        _begin(xml, "graphml", {"xmlns": "http://graphml.graphdrawing.org/xmlns"})
        for kind, fields in (("node", NODE), ("edge", EDGE)):
            for name, of in fields.items():
                key = {"id": _key(kind, name), "for": kind, "attr.name": name, "attr.type": of}
                _element(xml, "key", key)
        _begin(xml, "graph", {"edgedefault": "directed"})
        for article, data in _nodes(place, min_share):
            _described(xml, "node", {"id": article}, data)
        for edge in _edges(place, min_share):
            _described(xml, "edge", {"source": edge["a"], "target": edge["b"]}, edge)
            count += 1
        xml.endElement("graph")
        xml.endElement("graphml")
        xml.endDocument()
    return count


def _nodes(place: Path, min_share: float) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the articles that have a link or a story."""
    stories: defaultdict[str, list[str]] = defaultdict(list)
    roles: defaultdict[str, list[str]] = defaultdict(list)
    credits_: dict[str, str | None] = {}
    for story in reader.rows(place, STORIES):
        for member in story["members"]:
            stories[member["article"]].append(story["story"])
            roles[member["article"]].append(member["role"])
            credits_[member["article"]] = member["credit"]
    ids = tables.linked(place, min_share)
    for article, row in tables.known(place, ids | set(stories)).items():
        yield (
            article,
            {
                **row,
                "label": row["title"] or article,
                "agency": credits_.get(article),
                "story": " ".join(stories[article]) or None,
                "role": ", ".join(roles[article]) or None,
            },
        )


def _edges(place: Path, min_share: float) -> Iterator[dict[str, Any]]:
    """Yield the links with `a` as who had it first, those of unknown direction both ways."""
    for link in tables.sharing(place, min_share):
        if link["first"] != link["b"]:
            yield _edge(link)
        if link["first"] != link["a"]:
            yield _edge(reader.turned(link))


def _edge(link: LinkRow) -> dict[str, Any]:
    """Return a link as an edge from `a`, the source, to `b`, the target."""
    least, most = link["lag"] or (None, None)
    return {
        **link,
        "weight": link["words"],
        "share_of_source": link["share_of_a"],
        "share_of_target": link["share_of_b"],
        "known": link["first"] is not None,
        "lag_least": least,
        "lag_most": most,
    }


def _described(
    xml: XMLGenerator, kind: str, attributes: dict[str, str], data: Mapping[str, Any]
) -> None:
    _begin(xml, kind, {name: _text(value) for name, value in attributes.items()})
    for name in NODE if kind == "node" else EDGE:
        value = data[name]
        if value is not None:
            shown = str(value).lower() if isinstance(value, bool) else _text(str(value))
            _element(xml, "data", {"key": _key(kind, name)}, shown)
    xml.endElement(kind)
    xml.characters("\n")


def _begin(xml: XMLGenerator, name: str, attributes: dict[str, str]) -> None:
    xml.startElement(name, AttributesImpl(attributes))


def _element(xml: XMLGenerator, name: str, attributes: dict[str, str], content: str = "") -> None:
    _begin(xml, name, attributes)
    xml.characters(content)
    xml.endElement(name)


def _key(kind: str, name: str) -> str:
    return f"{kind}-{name}"


def _text(value: str) -> str:
    r"""Escape what XML cannot hold.

    >>> _text("one\x0btwo")
    'one\\x0btwo'
    """
    return _FORBIDDEN.sub(lambda found: ascii(found[0])[1:-1], value)
