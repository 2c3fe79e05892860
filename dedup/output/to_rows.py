"""The lines of stories and links; those of texts, matches and clusters are made of arrays."""

from __future__ import annotations

from dedup.output import json_cells
from dedup.output.record_fields import SHARES
from dedup.output.schema import MemberRow, StoryRow
from dedup.records import Member, Story
from dedup.stories.link_rows import LinkRows

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


def link_lines(found: LinkRows, ids: json_cells.Cells) -> bytes:
    """Return the lines of some links; `ids` has one cell an article, and one more for none."""
    answers = found.answers
    rows = found.answer
    return json_cells.lines(
        {
            "a": ids.take(found.a),
            "b": ids.take(found.b),
            "kind": json_cells.repeated(found.kind),
            "share_of_b": json_cells.rounded(found.share_of_b, SHARES),
            "share_of_a": json_cells.rounded(found.share_of_a, SHARES),
            "containment": json_cells.rounded(found.containment, SHARES),
            "words": json_cells.wholes(found.words),
            "first": ids.take(found.first),
            "confidence": json_cells.values(one.confidence for one in answers).take(rows),
            "lag": json_cells.values(_seconds(one.lag) for one in answers).take(rows),
            "reasons": json_cells.values(one.reasons for one in answers).take(rows),
        }
    )


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


def _seconds(lag: tuple[float, float] | None) -> tuple[float, ...] | None:
    """Write what is whole seconds, to three digits, as whole numbers."""
    if lag is None:
        return None
    return tuple([int(s) if s == int(s) else s for s in (round(s, 3) for s in lag)])
