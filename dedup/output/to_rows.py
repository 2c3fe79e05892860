"""The lines of stories and links; those of texts, matches and clusters are made of arrays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

import numpy as np

from dedup.output import json_cells
from dedup.output.record_fields import SHARES
from dedup.output.schema import MemberRow, StoryRow
from dedup.records import Link, Member, Story

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


def link_lines(links: Iterable[Link]) -> Iterator[bytes]:
    """Yield the lines of links.jsonl, `BLOCK` at a time; most of what they hold is alike."""
    every = iter(links)
    while block := list(islice(every, BLOCK)):
        yield json_cells.lines(
            {
                "a": json_cells.repeated(link.a for link in block),
                "b": json_cells.repeated(link.b for link in block),
                "kind": json_cells.repeated(link.kind for link in block),
                "share_of_b": _shares([link.share_of_b for link in block]),
                "share_of_a": _shares([link.share_of_a for link in block]),
                "containment": _shares([link.containment for link in block]),
                "words": json_cells.wholes(np.array([link.words for link in block])),
                "first": json_cells.repeated(link.first for link in block),
                "confidence": _shares([link.confidence for link in block]),
                "lag": json_cells.repeated(_seconds(link.lag) for link in block),
                "reasons": json_cells.repeated(link.reasons for link in block),
            }
        )


def _shares(found: list[float]) -> json_cells.Cells:
    return json_cells.rounded(np.array(found, np.float32), SHARES)


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
