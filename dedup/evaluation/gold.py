"""Gold: pairs of paragraphs that people labelled, and clusters that people made, as JSON lines."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dedup.errors import InputError

LINKED = ("duplicate", "passage", "rewrite", "quote")
"""The labels that say: one text reuses the other's."""

RELATIONS = (*LINKED, "template", "boilerplate")
"""The labels that name a relation."""

UNRELATED = "unrelated"
"""The label that names none."""

LABELS = (*RELATIONS, UNRELATED)
"""All labels."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of an article, in characters, end excluded."""

    article: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Pair:
    """Two paragraphs and what people called them."""

    id: str
    """As the file says, else the number of its line."""
    label: str
    """One of `LABELS`; the first annotator's."""
    agreed: bool
    """False when the annotators differ: such a pair is left out of all scores."""
    a: Span
    b: Span


@dataclass(frozen=True, slots=True)
class Gold:
    """What a gold file holds."""

    pairs: tuple[Pair, ...] = ()
    clusters: tuple[tuple[Span, ...], ...] = ()
    """The members of each cluster; no member stands in two."""

    @property
    def spans(self) -> set[Span]:
        """Every span the gold names."""
        ends = (span for pair in self.pairs for span in (pair.a, pair.b))
        return {*ends, *(span for members in self.clusters for span in members)}


def read(path: Path) -> Gold:
    """Read a gold file; raise `InputError` when it cannot be read or a line has no meaning."""
    try:
        lines = path.read_text("utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read: {error}; name a file of gold pairs") from error
    return parse(lines, str(path))


def parse(lines: Iterable[str], name: str = "gold") -> Gold:
    r"""Make gold from lines of JSON; blank ones are passed over.

    A line is a pair, with `labels`, `agreed` (true if missing), `a` and `b`, or a cluster, with
    `cluster` and `members`; a place is `article`, `start` and `end`. Raises `InputError`, with
    `name` and the line's number, for any other line and when there are none.

    >>> place = '{"article": "x", "start": 0, "end": 9}'
    >>> parse([f'{{"labels": ["quote"], "a": {place}, "b": {place}}}']).pairs[0].label
    'quote'
    """
    pairs, clusters = [], []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            if "cluster" in row:
                clusters.append(tuple(map(_span, row["members"])))
            else:
                pairs.append(_pair(row, number))
        except KeyError as error:
            raise InputError(f"{name}:{number}: {error} is missing; {_REMEDY}") from error
        except (ValueError, TypeError) as error:
            raise InputError(f"{name}:{number}: {error}; {_REMEDY}") from error
    gold = Gold(tuple(pairs), tuple(clusters))
    if not pairs and not clusters:
        raise InputError(f"{name}: holds no pair and no cluster; {_REMEDY}")
    members = [span for cluster in clusters for span in cluster]
    if len(set(members)) < len(members):
        twice = next(span for span in members if members.count(span) > 1)
        raise InputError(f"{name}: {twice} stands in two clusters or twice in one; {_REMEDY}")
    return gold


_REMEDY = (
    'a line is {"labels": [...], "a": {"article", "start", "end"}, "b": {...}} '
    'or {"cluster": id, "members": [{...}, ...]}'
)


def _pair(row: Mapping[str, Any], number: int) -> Pair:
    label = [*row["labels"], None][0]
    if label not in LABELS:
        raise ValueError(f"the label is {label!r}, which is none of {', '.join(LABELS)}")
    agreed = bool(row.get("agreed", True))
    return Pair(str(row.get("pair", number)), label, agreed, _span(row["a"]), _span(row["b"]))


def _span(place: Mapping[str, Any]) -> Span:
    start, end = int(place["start"]), int(place["end"])
    if not 0 <= start < end:
        raise ValueError(f"a place goes from {start} to {end}")
    return Span(str(place["article"]), start, end)
