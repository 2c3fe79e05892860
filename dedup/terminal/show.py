"""`dedup show`: stories, passages, clusters and articles read back from an output folder."""

from __future__ import annotations

import os
from pathlib import Path

from dedup.errors import OutputError
from dedup.output import passages, reader
from dedup.output.diff import NOTE, SAME
from dedup.output.filters import ALL, Filter
from dedup.output.schema import CLUSTERS, STORIES
from dedup.terminal.article import show_article
from dedup.terminal.beside import show_two
from dedup.terminal.clusters import show_clusters
from dedup.terminal.passages import list_passages, show_passages
from dedup.terminal.screen import Screen
from dedup.terminal.sites import show_sites
from dedup.terminal.stories import LEGEND, show_stories


def show(
    out: str | os.PathLike[str],
    wanted: str | None,
    limit: int,
    to: Screen,
    *,
    what: str | None = None,
    full: bool = False,
    other: str | None = None,
    asked: Filter = ALL,
) -> None:
    """Print what has the id `wanted` (or one that begins so), or else the largest stories.

    `what` lists `passages`, `clusters` or `sites` instead; where no story was found, clusters are
    listed. Lists have `limit` entries of those `asked` for. With `full` stories come with their
    texts and differences. With `other` the two articles of these ids stand beside one another.
    Reads the files in `out` alone. Raises `OutputError` if they are no output of dedup, or no or
    several ids begin so.
    """
    place = reader.opened(out)
    try:
        if other is not None:
            show_two(place, _article(place, wanted or ""), _article(place, other), to)
        elif wanted is not None:
            _one(place, wanted, to, full=full)
        else:
            _list(place, what, limit, to, full=full, asked=asked)
    except (KeyError, TypeError) as error:
        raise OutputError(f"{out}: its files do not fit together ({error}); scan again") from error


def _one(place: Path, wanted: str, to: Screen, *, full: bool) -> None:
    """Print what an id names: a story, a cluster, a passage or an article."""
    named = reader.named(place, wanted)
    found = passages.named(place, wanted) if named is None or named[0] == "article" else []
    if named is not None and (named[0] != "article" or named[1]["article"] == wanted):
        found = []
    if found and (named or len({one.id for one in found}) > 1):
        raise OutputError(f"{place}: several ids begin with {wanted!r}; give more letters")
    if found:
        show_passages(found, place, to)
    elif named is None:
        raise OutputError(
            f"{place}: no story, cluster, passage or article begins with {wanted!r}; "
            f"`dedup show {place}` lists stories, with --clusters or --passages these"
        )
    elif named[0] == "story":
        show_stories(place, [named[1]], to, brief=False, full=full)
    elif named[0] == "cluster":
        show_clusters(place, [named[1]], to, brief=False)
    else:
        show_article(place, named[1], to, full=full)


def _article(place: Path, wanted: str) -> str:
    named = reader.named(place, wanted)
    if named is None or named[0] != "article":
        raise OutputError(
            f"{place}: {wanted!r} names no article; two ids show two articles beside one another"
        )
    return named[1]["article"]


def _list(
    place: Path, what: str | None, limit: int, to: Screen, *, full: bool, asked: Filter
) -> None:
    what = what or ("stories" if reader.holds_stories(place) else "clusters")
    if what == "passages":
        list_passages(place, limit, asked, to)
    elif what == "sites":
        show_sites(place, limit, asked, to)
    elif what == "clusters":
        among = asked.articles(place)
        found = asked.clusters(reader.rows(place, CLUSTERS), among)
        show_clusters(place, reader.largest(place, limit, found), to, brief=True)
    else:
        among = asked.articles(place)
        stories = asked.stories(reader.rows(place, STORIES), among)
        largest = reader.largest_stories(place, limit, stories)
        show_stories(place, largest, to, brief=True, full=full)
        if not largest:
            to.line([(SAME, "No story is as asked for.")])
        elif not full:
            to.line([])
            to.line([(NOTE, LEGEND)])
        also = f"dedup show {place} ID prints one with all its articles, --full also their texts"
        to.line([(NOTE, also)])
