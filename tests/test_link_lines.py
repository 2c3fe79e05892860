"""The lines of links.jsonl hold what the records of links say, byte for byte as JSON writes it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from record_rows import link_row

from dedup.output import json_cells
from dedup.output.to_rows import BLOCK, link_lines
from dedup.output.writer import encoded
from dedup.records import ROLES, Link
from dedup.stories.first_publisher import Direction
from dedup.stories.link_rows import LinkRows, link_records

IDS = ("a", "b", 'x"\u00e9\ud800')
PLAIN = Link("a", "b", "copy", 1.0, 1.0, 1.0, 12, None, 0.0, None, ("nothing known tells",))
LINKS = (
    PLAIN,
    replace(PLAIN, b=IDS[2], first=IDS[2], share_of_b=0.12345, confidence=0.731),
    replace(PLAIN, share_of_a=0.5, lag=(0, 30.0), reasons=("published at least 2 hours earlier",)),
    replace(PLAIN, a="b", b=IDS[2], first="b", lag=(0.0, 30.0004), reasons=()),
    replace(PLAIN, lag=(0, 1.5), words=0, containment=0.0),
    replace(PLAIN, kind="common source", confidence=0.5),
)


def rows_of(links: tuple[Link, ...]) -> LinkRows:
    """The columns of some links."""
    firsts = [(link.a, link.b).index(link.first) if link.first else -1 for link in links]
    return LinkRows(
        a=np.array([IDS.index(link.a) for link in links]),
        b=np.array([IDS.index(link.b) for link in links]),
        kind=np.array([ROLES.index(link.kind) for link in links]),
        share_of_b=np.array([link.share_of_b for link in links], np.float32),
        share_of_a=np.array([link.share_of_a for link in links], np.float32),
        containment=np.array([link.containment for link in links], np.float32),
        words=np.array([link.words for link in links]),
        answers=[
            Direction(first, link.confidence, link.lag, link.reasons)
            for first, link in zip(firsts, links, strict=True)
        ],
        answer=np.arange(len(links)),
    )


@pytest.mark.parametrize("copies", [1, BLOCK // len(LINKS) + 1])
def test_lines_of_links_say_what_their_records_say(copies: int) -> None:
    found = rows_of(LINKS * copies)
    records = link_records(found, IDS)
    assert [link.first for link in records] == [link.first for link in LINKS * copies]
    blocks = list(link_lines(found, json_cells.values([*IDS, None])))
    assert sum(number for number, _ in blocks) == len(records)
    assert b"".join(block for _, block in blocks) == b"".join(map(encoded, map(link_row, records)))


def test_links_of_one_answer_share_it() -> None:
    found = rows_of((LINKS[1], LINKS[1]))
    shared = found._replace(answers=found.answers[:1], answer=np.zeros(2, np.int64))
    assert link_records(shared, IDS) == link_records(found, IDS)
