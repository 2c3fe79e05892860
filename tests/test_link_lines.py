"""The lines of links.jsonl hold what the records of links say, byte for byte as JSON writes it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dedup.output.to_rows import BLOCK, link_lines
from dedup.output.writer import encoded
from dedup.records import Link

PLAIN = Link("a", "b", "copy", 1.0, 1.0, 1.0, 12, None, 0.0, None, ("nothing known tells",))
LINKS = (
    PLAIN,
    replace(
        PLAIN, a='x"\u00e9\ud800', first='x"\u00e9\ud800', share_of_b=0.12345, confidence=0.731
    ),
    replace(PLAIN, share_of_a=0.5, lag=(0, 30.0), reasons=("published at least 2 hours earlier",)),
    replace(PLAIN, lag=(0.0, 30.0004), reasons=()),
    replace(PLAIN, lag=(0, 1.5), words=0, containment=0.0),
    replace(PLAIN, kind="common source", confidence=0.5),
)


def line(link: Link) -> bytes:
    row = {name: getattr(link, name) for name in Link.__slots__}
    for name in ("share_of_b", "share_of_a", "containment"):
        row[name] = round(row[name], 4)
    if link.lag:
        row["lag"] = [int(s) if s == int(s) else s for s in (round(s, 3) for s in link.lag)]
    return encoded(row)


@pytest.mark.parametrize("copies", [1, BLOCK // len(LINKS) + 1])
def test_lines_of_links_say_what_their_records_say(copies: int) -> None:
    links = LINKS * copies
    assert b"".join(link_lines(links)) == b"".join(map(line, links))


def test_no_links_have_no_lines() -> None:
    assert list(link_lines([])) == []
