"""The lines of stories and links; those of texts, matches and clusters are made of arrays."""

from __future__ import annotations

from dedup.output.schema import (
    LinkRow,
    MemberRow,
    StoryRow,
)
from dedup.records import Link, Member, Story

SITE_COLUMNS = ("site", "source", "articles", "words", "agency_articles", "agency_words")
"""The columns of sites.csv."""


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
