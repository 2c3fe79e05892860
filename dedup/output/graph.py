"""What a scan found as graphs: articles and their links, or sites and who runs whose text.

GraphML (graphml.graphdrawing.org) may mix edges with and without direction, but networkx, rustworkx
and Gephi do not read such graphs. So every edge has a direction, and a link whose direction is
unknown becomes two edges, one each way, that say so: left out, made undirected or kept, it favours
neither article.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from xml.sax.saxutils import XMLGenerator
from xml.sax.xmlreader import AttributesImpl

from dedup.output import finding_tables, reader, story_tables
from dedup.output.schema import STORIES, LinkRow
from dedup.output.xml_text import escaped

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

SITE_NODE = {
    "label": "string",
    "owner": "string",
    "articles": "long",
    "words": "long",
    "repeated_words": "long",
    "agency_articles": "long",
    "originals": "long",
}
"""The fields of a site, with all that was scanned of it; an agency has no articles of its own."""

SITE_EDGE = {
    "weight": "double",
    "articles": "long",
    "agency_articles": "long",
    "agency_words": "double",
}
"""The fields of an edge from whose text it is to who ran it; `weight` is words."""


class Graph(NamedTuple):
    """A directed graph with fields."""

    node_fields: Mapping[str, str]
    edge_fields: Mapping[str, str]
    nodes: Iterator[tuple[str, dict[str, Any]]]
    """Ids with their fields."""
    edges: Iterator[tuple[str, str, dict[str, Any]]]
    """Ids of source and target, with the fields."""


def of_articles(place: Path, min_share: float = 0) -> Graph:
    """Return the articles of the output folder `place` that have a link or a story, and the links.

    Links of which neither article has `min_share` of the other are left out.
    """
    edges = ((edge["a"], edge["b"], edge) for edge in _edges(place, min_share))
    return Graph(NODE, EDGE, _nodes(place, min_share), edges)


def of_sites(place: Path) -> Graph:
    """Return the sites that run text of one another, from whom had it to who ran it."""
    rows = list(finding_tables.sites(place))
    named = {name for row in rows for name in (row["site"], row["source"])}
    known: dict[str, dict[str, Any]] = {}
    for row in finding_tables.outlets(place):
        for name in (row["site"], row["owner"]):
            if name in named:
                known.setdefault(name, row)
    nodes = ((name, {**known.get(name, {}), "label": name}) for name in sorted(named))
    edges = ((row["source"], row["site"], {**row, "weight": row["words"]}) for row in rows)
    return Graph(SITE_NODE, SITE_EDGE, nodes, edges)


def graphml(path: Path, graph: Graph) -> int:
    """Write a graph as GraphML to `path`; return the number of edges."""
    count = 0
    with path.open("w", encoding="utf-8", newline="\n") as file:
        xml = XMLGenerator(file, "utf-8", short_empty_elements=True)
        xml.startDocument()
        _begin(xml, "graphml", {"xmlns": "http://graphml.graphdrawing.org/xmlns"})
        for kind, fields in (("node", graph.node_fields), ("edge", graph.edge_fields)):
            for name, of in fields.items():
                key = {"id": _key(kind, name), "for": kind, "attr.name": name, "attr.type": of}
                _element(xml, "key", key)
        _begin(xml, "graph", {"edgedefault": "directed"})
        for node, data in graph.nodes:
            _described(xml, "node", {"id": node}, data, graph.node_fields)
        for source, target, data in graph.edges:
            _described(xml, "edge", {"source": source, "target": target}, data, graph.edge_fields)
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
    ids = story_tables.linked(place, min_share)
    for article, row in story_tables.known(place, ids | set(stories)).items():
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
    for link in story_tables.sharing(place, min_share):
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
    xml: XMLGenerator,
    kind: str,
    attributes: dict[str, str],
    data: Mapping[str, Any],
    fields: Mapping[str, str],
) -> None:
    _begin(xml, kind, {name: escaped(value) for name, value in attributes.items()})
    for name in fields:
        value = data.get(name)
        if value is not None:
            _element(xml, "data", {"key": _key(kind, name)}, told(value))
    xml.endElement(kind)
    xml.characters("\n")


def told(value: Any) -> str:
    """Return a value as XML holds it.

    >>> told(True), told(3)
    ('true', '3')
    """
    return str(value).lower() if isinstance(value, bool) else escaped(str(value))


def _begin(xml: XMLGenerator, name: str, attributes: dict[str, str]) -> None:
    xml.startElement(name, AttributesImpl(attributes))


def _element(xml: XMLGenerator, name: str, attributes: dict[str, str], content: str = "") -> None:
    _begin(xml, name, attributes)
    xml.characters(content)
    xml.endElement(name)


def _key(kind: str, name: str) -> str:
    return f"{kind}-{name}"
