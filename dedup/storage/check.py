"""Read a whole store, and say what does not hold together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from dedup.errors import DamagedError, Problem
from dedup.storage import rebuild
from dedup.storage.postings.lsm import Lsm, Part
from dedup.storage.postings.segment import BadSegmentError, Segment
from dedup.storage.protocol import Derive
from dedup.storage.sqlite_log import Log

_STEP = 1 << 18  # postings read at a time
_AGAIN = "open the index for writing and search it, which makes the file again from the log"
_BACK = "put back a copy of the index from before, or build it again"


def verify(log: Log, lsm: Lsm, head: Mapping[str, Any], derive: Derive | None) -> list[Problem]:
    """Check every row, every file, and with `derive` that the files hold what they should."""
    problems = [Problem(str(log.file), what, _BACK) for what in log.verify()]
    last = {"articles": head["seq"], "events": head["event"], "state": len(head["states"])}
    for table, first, end in (
        ("texts", 0, head["texts"]),
        *((table, 1, number + 1) for table, number in last.items()),
    ):
        problems += _rows(log, table, first, end)
    whole = not problems
    texts, seqs = 0, 1
    for part, segment in zip(lsm.parts, lsm.segments, strict=True):
        if (texts, seqs) != (part.texts[0], part.seqs[0]):
            problems.append(Problem(str(segment.path), "leaves out what came before", _BACK))
        texts, seqs = part.texts[1], part.seqs[1]
        try:
            found = _read(segment)
        except BadSegmentError as error:
            problems.append(Problem(str(segment.path), str(error), _AGAIN))
            continue
        if whole and derive is not None and found != _derived(log, head, part, derive):
            problems.append(Problem(str(segment.path), "holds other postings", _BACK))
    return problems


def _rows(log: Log, table: str, first: int, end: int) -> Iterator[Problem]:
    """Check that all rows are there and as they were written."""
    try:
        count = sum(1 for _ in log.rows(table, first, end - 1))
        edges = log.gaps(table)
        count += sum(edges[1::2]) - sum(edges[::2])
    except DamagedError as error:
        yield Problem(str(log.file), str(error), _BACK)
        return
    if count != end - first:
        yield Problem(str(log.file), f"{end - first - count} rows of {table} are missing", _BACK)


def _read(segment: Segment) -> int:
    """Check a file; return the sum of its postings."""
    segment.load()
    total = 0
    for section, first, last in zip(
        segment.sections.tolist(), segment.starts[:-1], segment.starts[1:], strict=True
    ):
        before = np.uint64(0)
        for low in range(first, last, _STEP):
            records = segment.read(low, min(low + _STEP, last))
            if records[0] < before or (records[1:] < records[:-1]).any():
                raise BadSegmentError(segment.path, "is not in order")
            before = records[-1]
            keys = np.uint64(section << 32) | records >> np.uint64(32)
            total += _tally(keys, records.astype(np.uint32))
    return total % (1 << 64)


def _derived(log: Log, head: Mapping[str, Any], part: Part, derive: Derive) -> int:
    """Return the sum of the postings that a file should hold."""
    again = rebuild.again(log, derive, head["tables"], part.texts, part.seqs)
    return sum(_tally(*pairs) for pairs, _, _ in again) % (1 << 64)


def _tally(keys: np.ndarray[Any, Any], ids: np.ndarray[Any, Any]) -> int:
    """Sum postings so that their order does not matter and each of them does."""
    mixed = (keys ^ (keys >> np.uint64(31))) * np.uint64(0x9FB21C651E98DF25)
    mixed ^= (ids + np.uint64(1)) * np.uint64(0xFF51AFD7ED558CCD)
    mixed = (mixed ^ (mixed >> np.uint64(29))) * np.uint64(0xC4CEB9FE1A85EC53)
    return int(mixed.sum(dtype=np.uint64))
