"""Who runs whose text, as a table: the largest rows of sites.csv."""

from __future__ import annotations

from pathlib import Path

from dedup.output.diff import NOTE, SAME
from dedup.output.filters import Filter
from dedup.output.finding_tables import site_rows
from dedup.output.protocol import many
from dedup.terminal.ranked import Column, print_ranked
from dedup.terminal.screen import Screen

_COLUMNS = (
    Column("words", number=True),
    Column("of agencies", number=True, spare=2),
    Column("articles", number=True, spare=1),
    Column("site", name=True),
    Column("runs text of"),
)


def show_sites(place: Path, limit: int, asked: Filter, to: Screen) -> None:
    """Print who ran most words of whom, from the output folder `place`.

    Sites of one owner count as one, by the owner's name. Of `asked`, the sites alone matter here.
    """
    rows = [
        row
        for row in site_rows(place)
        if not asked.sites or row["site"] in asked.sites or row["source"] in asked.sites
    ]
    if not rows:
        to.line([(SAME, "No site is known to run the text of another.")])
        return
    cells = [
        (
            f"{int(r['words']):,}",
            f"{int(r['agency_words']):,}",
            r["articles"],
            r["site"],
            r["source"],
        )
        for r in rows[:limit]
    ]
    few = f" ({limit:,} of {len(rows):,})" if len(rows) > limit else ""
    print_ranked(f"Who runs whose text, in words{few}", _COLUMNS, cells, to)
    words = sum(int(row["words"]) for row in rows)
    ran = f"{many(words, 'word')} of others in all"
    to.line([(NOTE, f"{ran}; who had a text first is known or likely; sites.csv has all rows")])
