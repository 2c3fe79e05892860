"""The lines of texts, matches, clusters and links, each made of its record: what files hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from dedup.output.schema import (
    LINKS,
    MATCHES,
    TEXTS,
    ClusterRow,
    Lines,
    LinkRow,
    MatchRow,
    PlaceRow,
    TextRow,
    VersionRow,
)
from dedup.records import Cluster, Link, Match, Text, Version


def text_row(text: Text) -> TextRow:
    """Return the line of texts.jsonl for `text`."""
    return {
        "text_id": text.id,
        "words": text.words,
        "text": text.text,
        "boilerplate": text.boilerplate,
        "boilerplate_spans": text.boilerplate_spans,
        "occurrences": [
            {"article": o.article, "paragraph": o.paragraph, "start": o.start, "end": o.end}
            for o in text.occurrences
        ],
    }


def match_row(match: Match) -> MatchRow:
    """Return the line of matches.jsonl for `match`."""
    return {
        "a": match.a,
        "b": match.b,
        "relation": match.relation,
        "reason": match.reason,
        "evidence": round(match.evidence, 2),
        "proposed": match.proposed,
        "jaccard": round(match.jaccard, 4),
        "containment": round(match.containment, 4),
        "longest_run": match.longest_run,
        "scopes": match.scopes,
        "spans": match.spans,
    }


def cluster_row(cluster: Cluster) -> ClusterRow:
    """Return the line of clusters.jsonl for `cluster`; the member order is the result's."""
    return {
        "cluster": cluster.id,
        "size": len(cluster.members),
        "articles": cluster.articles,
        "sites": cluster.sites,
        "scope": cluster.scope,
        "boilerplate": cluster.boilerplate,
        "canonical": {**_place(cluster.canonical), "text": cluster.canonical.text},
        "reason": cluster.reason,
        "runners_up": list(_members(cluster.runners_up)),
        "members": list(_members(cluster.members)),
    }


def link_row(link: Link) -> LinkRow:
    """Return the line of links.jsonl for `link`; what is whole seconds is a whole number."""
    lag = link.lag and [int(s) if s == int(s) else s for s in (round(s, 3) for s in link.lag)]
    return {
        "a": link.a,
        "b": link.b,
        "kind": link.kind,
        "share_of_b": round(link.share_of_b, 4),
        "share_of_a": round(link.share_of_a, 4),
        "containment": round(link.containment, 4),
        "words": link.words,
        "first": link.first,
        "confidence": link.confidence,
        "lag": lag,
        "reasons": link.reasons,
    }


def _place(version: Version) -> PlaceRow:
    return {
        "text_id": version.text_id,
        "article": version.article,
        "paragraph": version.paragraph,
        "start": version.start,
        "end": version.end,
    }


def _members(versions: Iterable[Version]) -> Iterator[VersionRow]:
    for version in versions:
        yield {**_place(version), "similarity": round(version.similarity, 4)}


def record_rows(result: Any, of: Lines[Any]) -> Iterable[Mapping[str, Any]]:
    """The rows of one file, of all records of a result."""
    if of is TEXTS:
        return map(text_row, result.texts)
    if of is LINKS:
        return map(link_row, result.links)
    return map(match_row, result.matches) if of is MATCHES else map(cluster_row, result.clusters)
