"""What texts share with others, taken in while matches are read, by kinds of words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from dedup.records import Relation

KINDS = ("original", "agency", "reused", "within", "quoted", "standing")
"""The kinds of words, as the page names them: what stands nowhere else, or here in the version that
is kept; what is an agency's; what another article had before; what the same article has
already; what is quoted speech; what a site puts on pages of all kinds, and formulas."""

ORIGINAL, AGENCY, REUSED, WITHIN, QUOTED, STANDING = range(len(KINDS))

_KIND = {"quote": QUOTED, "template": STANDING, "boilerplate": STANDING}


@dataclass
class Matched:
    """Spans of texts that match others, taken in as matches are read."""

    spans: defaultdict[int, list[tuple[int, int, int, int]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    """Of each text (start, end, kind, the other text); `REUSED` may yet prove to be the source."""
    whole: set[int] = field(default_factory=set)
    """Texts that are formulas or boilerplate by a match."""

    def add(self, a: int, b: int, relation: Relation, spans: Sequence[Sequence[int]]) -> None:
        """Take in a match of the texts `a` and `b`."""
        kind = _KIND.get(relation, REUSED)
        if kind == STANDING:
            self.whole.update((a, b))
            return
        left, right = self.spans[a], self.spans[b]
        for a0, a1, b0, b1 in spans:
            left.append((a0, a1, kind, b))
            right.append((b0, b1, kind, a))
