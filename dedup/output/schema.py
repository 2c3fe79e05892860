"""The lines of the output files: what stands in a row of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from dedup.records import Cluster, Link, Match, Member, Story, Text, Version, as_row

SITE_COLUMNS = ("site", "source", "articles", "words", "agency_articles", "agency_words")
"""The columns of sites.csv."""


def text_row(text: Text) -> dict[str, Any]:
    """Return the line of texts.jsonl for `text`."""
    return {
        "text_id": text.id,
        "words": text.words,
        "text": text.text,
        "boilerplate": text.boilerplate,
        "occurrences": [
            {"article": o.article, "paragraph": o.paragraph, "start": o.start, "end": o.end}
            for o in text.occurrences
        ],
    }


def match_row(match: Match) -> dict[str, Any]:
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


def cluster_row(cluster: Cluster) -> dict[str, Any]:
    """Return the line of clusters.jsonl for `cluster`; the member order is the result's."""
    return {
        "cluster": cluster.id,
        "size": len(cluster.members),
        "articles": cluster.articles,
        "sites": cluster.sites,
        "scope": cluster.scope,
        "boilerplate": cluster.boilerplate,
        "canonical": _place(cluster.canonical) | {"text": cluster.canonical.text},
        "reason": cluster.reason,
        "runners_up": list(_members(cluster.runners_up)),
        "members": list(_members(cluster.members)),
    }


def story_row(story: Story, title: str, words: int) -> dict[str, Any]:
    """Return the line of stories.jsonl for `story`; the member order is the result's.

    `title` is what `dedup.output.titles` found, `words` are the canonical article's.
    `repeated_words` is how many of its words the other members hold, added up: the weight of the
    story.
    """
    others = (m.share_of_canonical for m in story.members if m.article != story.canonical)
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
    """Return the line of links.jsonl for `link`."""
    rounded = {name: round(getattr(link, name), 4) for name in _OF_LINK}
    return as_row(link) | rounded | {"lag": _seconds(link.lag)}


def _member(member: Member) -> dict[str, Any]:
    rounded = {name: round(getattr(member, name), 4) for name in _OF_MEMBER}
    return as_row(member) | rounded | {"lag": _seconds(member.lag)}


_OF_LINK = ("share_of_a", "share_of_b", "containment", "confidence")
_OF_MEMBER = ("share_of_member", "share_of_canonical", "confidence")
"""The fields that are written with four digits."""


def _seconds(lag: tuple[float, float] | None) -> list[float] | None:
    """Write whole seconds as whole numbers."""
    return None if lag is None else [int(s) if s == int(s) else round(s, 3) for s in lag]


def _place(version: Version) -> dict[str, Any]:
    return {
        "text_id": version.text_id,
        "article": version.article,
        "paragraph": version.paragraph,
        "start": version.start,
        "end": version.end,
    }


def _members(versions: Iterable[Version]) -> Iterator[dict[str, Any]]:
    for version in versions:
        yield _place(version) | {"similarity": round(version.similarity, 4)}
