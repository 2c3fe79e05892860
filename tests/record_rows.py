"""The lines of texts, matches and clusters, made record by record: what files are held to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from dedup.output.schema import (
    MATCHES,
    TEXTS,
    ClusterRow,
    Lines,
    MatchRow,
    PlaceRow,
    TextRow,
    VersionRow,
)
from dedup.records import Cluster, Match, Text, Version


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
    return map(match_row, result.matches) if of is MATCHES else map(cluster_row, result.clusters)
