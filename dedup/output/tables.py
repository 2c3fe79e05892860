"""The tables that are exported, by name: their columns, and where their rows come from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from dedup.output import finding_tables, story_tables
from dedup.output.columns import Column

TABLES: dict[str, tuple[Column, ...]] = {
    "members": story_tables.MEMBERS,
    "links": story_tables.LINKS,
    "stories": finding_tables.STORY_COLUMNS,
    "passages": finding_tables.PASSAGE_COLUMNS,
    "clusters": finding_tables.CLUSTER_COLUMNS,
    "articles": finding_tables.ARTICLE_COLUMNS,
    "matches": finding_tables.MATCH_COLUMNS,
    "sites": finding_tables.SITE_COLUMNS,
    "outlets": finding_tables.OUTLET_COLUMNS,
}
"""The columns of the tables, by name."""

_ROWS: dict[str, Callable[[Path], Iterator[dict[str, Any]]]] = {
    "members": story_tables.members,
    "stories": finding_tables.stories,
    "passages": finding_tables.every_passage,
    "clusters": finding_tables.clusters,
    "articles": finding_tables.articles,
    "matches": finding_tables.matches,
    "sites": finding_tables.sites,
    "outlets": finding_tables.outlets,
}


def rows(place: Path, what: str, min_share: float = 0) -> Iterator[dict[str, Any]]:
    """Yield the rows of a table of `TABLES`; of links, those of at least that share."""
    return story_tables.links(place, min_share) if what == "links" else _ROWS[what](place)
