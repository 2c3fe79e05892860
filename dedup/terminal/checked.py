"""What `dedup check` prints: how much of a text stands elsewhere, where, and in which words."""

from __future__ import annotations

from dedup.output.diff import NOTE, SAME
from dedup.output.protocol import many
from dedup.terminal.beside import marked, print_beside
from dedup.terminal.clusters import shortened
from dedup.terminal.passages import LONG_SHARED
from dedup.terminal.ranked import Column, print_ranked
from dedup.terminal.screen import HEAD, Screen
from dedup.text_check import Checked, Elsewhere, Spot

SOURCES, PASSAGES, PLACES = 10, 20, 4
"""Sources and passages that are listed, and further articles of a passage; --json has all."""

_COLUMNS = (
    Column("words", number=True),
    Column("of the text", number=True),
    Column("site", name=True),
    Column("article"),
)


def print_checked(found: Checked, to: Screen, *, full: bool) -> None:
    """Print what was found; in `full` each passage beside the paragraph in which it stands."""
    share = f"{found.share:.0%} of {many(found.words, 'word')}"
    to.line([(HEAD, f"{share} stand elsewhere"), (SAME, f": {found.elsewhere:,}")])
    for name, count in found.left_out.items():
        to.line([(NOTE, f"left out: {many(count, 'word')} of {name}")])
    if not found.sources:
        return
    to.line([])
    few = found.sources[:SOURCES]
    some = f" ({len(few):,} of {len(found.sources):,})" if found.sources[SOURCES:] else ""
    rows = [(f"{s.words:,}", f"{s.share:.0%}", s.site or "-", s.article) for s in few]
    print_ranked(f"Articles that have most of it{some}", _COLUMNS, rows, to)
    to.line([])
    shown = found.passages[:PASSAGES]
    told = f"  {len(shown):,} of {len(found.passages):,}" if found.passages[PASSAGES:] else ""
    to.line([(HEAD, "Passages, in the order of the text"), (NOTE, told)])
    for one in shown:
        _passage(one, found.text, to, full=full)


def _passage(one: Elsewhere, text: str, to: Screen, *, full: bool) -> None:
    first, *others = map(_spot, one.spots)
    where = f"¶{one.paragraph} = {first}"
    to.line([(SAME, where), (NOTE, f"  {one.relation}, {many(one.words, 'word')}")], indent=2)
    if full and one.other is not None:
        start, end = _around(text, one)
        spans = [(i - start, j - start) for i, j in one.spans]
        sides = marked(text[start:end], spans), marked(one.other, one.other_spans)
        print_beside(("the text", first), sides, to)
    else:
        to.line([(SAME, shortened(one.shared, LONG_SHARED))], indent=4)
    if others:
        more = len(others) - PLACES
        names = [*others[:PLACES], *([f"… and {more:,} more"] if more > 0 else [])]
        to.line([(NOTE, "also in: "), (SAME, "; ".join(names))], indent=4, hang=2)


def _spot(at: Spot) -> str:
    site = f" ({at.site})" if at.site and not at.article.startswith(f"{at.site}/") else ""
    return f"{at.article}{site} ¶{at.paragraph}"


def _around(text: str, one: Elsewhere) -> tuple[int, int]:
    """Return the lines of the text in which a passage stands."""
    first, last = min(i for i, _ in one.spans), max(j for _, j in one.spans)
    end = text.find("\n", last)
    return text.rfind("\n", 0, first) + 1, len(text) if end < 0 else end
