"""Read a topic as a consumer of Kafka does: at least once, and idempotent.

    python samples/integrations/consumer.py topic.jsonl consumer.index handed-on.jsonl

The topic is a file of JSON lines that others append to; its offset is kept in the index, as Kafka
keeps that of a group. With a client of Kafka, `poll` takes the place of reading a line and `commit`
that of noting the offset. Killed at any moment and started again, it hands on every new article,
and one at most twice: with the same `number`, by which the next in line knows it again.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from dedup import Found, Index


def is_wanted(found: Found) -> bool:
    """Tell which answers are handed on, and so must be acknowledged."""
    return found.is_new


def consume(topic: Path, index: Index, handed_on: Path) -> None:
    """Hand on the new articles of a topic from where the last run came to."""
    name = f"offset of {topic.name}"
    with topic.open("rb") as lines, handed_on.open("a", encoding="utf-8") as out:
        lines.seek(int(index.noted(name) or 0))
        while (line := lines.readline()).endswith(b"\n"):  # else somebody is writing it
            article = json.loads(line)
            found = index.claim(article, when=is_wanted)
            if found.claimed:
                out.write(json.dumps({"number": found.number, "id": found.article}) + "\n")
                out.flush()  # first the work,
                index.done(found)  # then the acknowledgement,
            index.note(name, str(lines.tell()).encode())  # and then the offset


if __name__ == "__main__":
    where, folder, out = sys.argv[1:]
    with Index(folder) as opened:
        consume(Path(where), opened, Path(out))
