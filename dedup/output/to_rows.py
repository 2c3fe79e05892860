"""The lines of stories and links; those of texts, matches and clusters are made of arrays."""

from __future__ import annotations

from collections.abc import Iterator

from dedup.output import json_cells
from dedup.output.json_cells import Cells
from dedup.output.record_fields import SHARES
from dedup.output.schema import MemberRow, StoryRow
from dedup.records import ROLES, Member, Story
from dedup.stories.link_rows import LinkRows

BLOCK = 4096
"""Links whose lines are made at a time."""

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


def link_lines(found: LinkRows, ids: Cells) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of some links by blocks, each with its number of rows.

    `ids` has one cell an article, and one more for none.
    """
    confidence = json_cells.repeated(one.confidence for one in found.answers)
    lag = json_cells.repeated(_seconds(one.lag) for one in found.answers)
    reasons = json_cells.repeated(one.reasons for one in found.answers)
    kinds = json_cells.values(ROLES)
    for low in range(0, len(found.a), BLOCK):
        some = found.between(low, low + BLOCK)
        cells = {
            "a": ids.take(some.a),
            "b": ids.take(some.b),
            "kind": kinds.take(some.kind),
            "share_of_b": json_cells.rounded(some.share_of_b, SHARES),
            "share_of_a": json_cells.rounded(some.share_of_a, SHARES),
            "containment": json_cells.rounded(some.containment, SHARES),
            "words": json_cells.wholes(some.words),
            "first": ids.take(some.first),
            "confidence": confidence.take(some.answer),
            "lag": lag.take(some.answer),
            "reasons": reasons.take(some.answer),
        }
        yield len(some.a), json_cells.lines(cells)


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
