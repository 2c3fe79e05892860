"""A graph in GEXF 1.3 (gexf.net): directed, weighted, and dated where days are known."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.sax.saxutils import XMLGenerator
from xml.sax.xmlreader import AttributesImpl

from dedup.output.graph import Graph, told
from dedup.output.xml_text import escaped

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def write(path: Path, graph: Graph) -> int:
    """Write a graph to `path`; return the number of edges.

    A node that has `published` begins on that day, so that Gephi's timeline shows what came when.
    """
    count = 0
    with path.open("w", encoding="utf-8", newline="\n") as file:
        xml = XMLGenerator(file, "utf-8", short_empty_elements=True)
        xml.startDocument()
        _begin(xml, "gexf", {"xmlns": "http://gexf.net/1.3", "version": "1.3"})
        dated = (
            {"mode": "dynamic", "timeformat": "date"} if "published" in graph.node_fields else {}
        )
        _begin(xml, "graph", {"defaultedgetype": "directed", **dated})
        _fields(xml, "node", graph.node_fields)
        _fields(xml, "edge", graph.edge_fields)
        _begin(xml, "nodes")
        for node, data in graph.nodes:
            day = _DAY.match(str(data.get("published") or ""))
            start = {"start": day[0]} if day else {}
            label = {"label": escaped(str(data.get("label") or node))}
            _described(xml, "node", {"id": escaped(node)} | label | start, data, graph.node_fields)
        xml.endElement("nodes")
        _begin(xml, "edges")
        for source, target, data in graph.edges:
            ends = {"source": escaped(source), "target": escaped(target)}
            own = {"id": str(count), **ends, "weight": str(data["weight"])}
            _described(xml, "edge", own, data, graph.edge_fields)
            count += 1
        for name in ("edges", "graph", "gexf"):
            xml.endElement(name)
        xml.endDocument()
    return count


def _fields(xml: XMLGenerator, of: str, fields: Mapping[str, str]) -> None:
    """Declare the fields of nodes or edges, but for those that GEXF has itself."""
    _begin(xml, "attributes", {"class": of})
    for name, kind in _own(fields).items():
        _begin(xml, "attribute", {"id": name, "title": name, "type": kind})
        xml.endElement("attribute")
    xml.endElement("attributes")


def _own(fields: Mapping[str, str]) -> dict[str, str]:
    return {name: kind for name, kind in fields.items() if name not in ("label", "weight")}


def _described(
    xml: XMLGenerator,
    kind: str,
    attributes: dict[str, str],
    data: Mapping[str, Any],
    fields: Mapping[str, str],
) -> None:
    _begin(xml, kind, attributes)
    values = {name: data.get(name) for name in _own(fields)}
    if any(value is not None for value in values.values()):
        _begin(xml, "attvalues")
        for name, value in values.items():
            if value is not None:
                _begin(xml, "attvalue", {"for": name, "value": told(value)})
                xml.endElement("attvalue")
        xml.endElement("attvalues")
    xml.endElement(kind)
    xml.characters("\n")


def _begin(xml: XMLGenerator, name: str, attributes: Mapping[str, str] | None = None) -> None:
    xml.startElement(name, AttributesImpl(dict(attributes or {})))
