"""The lines of the output files: what stands in a row of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from dedup.records import Cluster, Link, Match, Member, Story, Text, Version

SITE_COLUMNS = ("site", "source", "articles", "words", "agency_articles", "agency_words")
"""The columns of sites.csv."""


def text_row(text: Text) -> dict[str, Any]:
    """Give the line of texts.jsonl for `text`."""
    return {
        "text": text.id,
        "words": text.words,
        "sample": text.sample,
        "standing": text.boilerplate,
        "standing_spans": text.boilerplate_spans,
        "occurrences": [
            {"article": o.article, "paragraph": o.paragraph, "start": o.start, "end": o.end}
            for o in text.occurrences
        ],
    }


def match_row(match: Match) -> dict[str, Any]:
    """Give the line of matches.jsonl for `match`."""
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


def cluster_row(cluster: Cluster) -> dict[str, Any]:
    """Give the line of clusters.jsonl for `cluster`; the member order is the result's."""
    return {
        "cluster": cluster.id,
        "size": len(cluster.members),
        "articles": cluster.articles,
        "sites": cluster.sites,
        "scope": cluster.scope,
        "standing": cluster.boilerplate,
        "canonical": _place(cluster.canonical) | {"value": cluster.canonical.text},
        "reason": cluster.reason,
        "runners_up": list(_members(cluster.runners_up)),
        "members": list(_members(cluster.members)),
    }


def story_row(story: Story, title: str, words: int) -> dict[str, Any]:
    """Give the line of stories.jsonl for `story`; the member order is the result's.

    `title` is what `dedup.output.titles` found, `words` are the canonical article's.
    `repeated_words` is how many of its words the other members hold, added up: the weight of the
    story.
    """
    others = (m.containing for m in story.members if m.article != story.canonical)
    return {
        "story": story.id,
        "size": len(story.members),
        "sites": story.sites,
        "title": title,
        "words": words,
        "repeated_words": round(words * sum(others)),
        "canonical": story.canonical,
        "reason": story.reason,
        "runners_up": story.runners_up,
        "original": story.original,
        "source": story.source,
        "members": list(map(_member, story.members)),
    }


def link_row(link: Link) -> dict[str, Any]:
    """Give the line of links.jsonl for `link`."""
    rounded = {name: round(getattr(link, name), 4) for name in (*_SHARES, "containment")}
    return asdict(link) | rounded | {"lag": _seconds(link.lag)}


def _member(member: Member) -> dict[str, Any]:
    rounded = {name: round(getattr(member, name), 4) for name in _SHARES}
    return asdict(member) | rounded | {"lag": _seconds(member.lag)}


_SHARES = ("contained", "containing", "confidence")


def _seconds(lag: tuple[float, float] | None) -> list[float] | None:
    """Write whole seconds as whole numbers."""
    return None if lag is None else [int(s) if s == int(s) else round(s, 3) for s in lag]


def _place(version: Version) -> dict[str, Any]:
    return {
        "text": version.text_id,
        "article": version.article,
        "paragraph": version.paragraph,
        "start": version.start,
        "end": version.end,
    }


def _members(versions: Iterable[Version]) -> Iterator[dict[str, Any]]:
    for version in versions:
        yield _place(version) | {"similarity": round(version.similarity, 4)}
