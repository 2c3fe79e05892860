"""The lines of the output files: what stands in a row of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dedup.output.schema import (
    ClusterRow,
    LinkRow,
    MatchRow,
    MemberRow,
    PlaceRow,
    StoryRow,
    TextRow,
    VersionRow,
)
from dedup.records import Cluster, Link, Match, Member, Story, Text, Version

SITE_COLUMNS = ("site", "source", "articles", "words", "agency_articles", "agency_words")
"""The columns of sites.csv."""


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


def story_row(story: Story, title: str, words: int) -> StoryRow:
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


def link_row(link: Link) -> LinkRow:
    """Return the line of links.jsonl for `link`."""
    return {
        "a": link.a,
        "b": link.b,
        "kind": link.kind,
        "share_of_b": round(link.share_of_b, 4),
        "share_of_a": round(link.share_of_a, 4),
        "containment": round(link.containment, 4),
        "words": link.words,
        "first": link.first,
        "confidence": round(link.confidence, 4),
        "lag": _seconds(link.lag),
        "reasons": link.reasons,
    }


def _member(member: Member) -> MemberRow:
    return {
        "article": member.article,
        "role": member.role,
        "credit": member.credit,
        "share_of_member": round(member.share_of_member, 4),
        "share_of_canonical": round(member.share_of_canonical, 4),
        "lag": _seconds(member.lag),
        "confidence": round(member.confidence, 4),
        "supersedes": member.supersedes,
        "added": member.added,
        "cut": member.cut,
        "changed": member.changed,
    }


def _seconds(lag: tuple[float, float] | None) -> list[float] | None:
    """Write whole seconds as whole numbers."""
    return None if lag is None else [int(s) if s == int(s) else round(s, 3) for s in lag]


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
