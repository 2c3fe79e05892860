"""Who runs whose text, by the stories of an output folder: sites one by one, and by their owners.

`sites.csv` counts the sites of one owner as one (see `dedup.stories.site_matrix`); here the same is
counted with each site for itself.
"""

from __future__ import annotations

from dedup.report.folder import Folder, site_rows
from dedup.report.pack import cut

Row = tuple[str, str, int, int, int, int]
"""Site, source, articles, words, and how many of each are agency copy."""

MOST = 3000
"""Rows that a page holds, of each of the two tables."""


def tables(folder: Folder) -> dict[str, list[Row]]:
    """Return the rows by owner (`folded`) and by site (`plain`), most words first."""
    return {
        "folded": [_short(row) for row in site_rows(folder.place)[:MOST]],
        "plain": [_short(row) for row in by_site(folder)[:MOST]],
    }


def by_site(folder: Folder) -> list[Row]:
    """Return who ran whose text, each site for itself."""
    counts: dict[tuple[str, str], list[int]] = {}
    for story in folder.stories:
        first = story["original"]
        source = folder.articles[folder.number[first]]["site"] if first else story["source"]
        if not source:
            continue
        for member in story["members"]:
            article = folder.articles[folder.number[member["article"]]]
            site = article["site"]
            if not site or site == source:
                continue
            words = round(member["share_of_member"] * article["words"])
            agency = story["source"] is not None
            row = counts.setdefault((site, source), [0, 0, 0, 0])
            for column, value in enumerate((1, words, int(agency), words * agency)):
                row[column] += value
    rows = [(*pair, row[0], row[1], row[2], row[3]) for pair, row in counts.items()]
    return sorted(rows, key=lambda row: (-row[3], row[0], row[1]))


def _short(row: Row) -> Row:
    return (cut(row[0]) or "", cut(row[1]) or "", *row[2:])
