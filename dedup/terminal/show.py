"""`dedup show`: stories, clusters and articles read back from an output folder."""

from __future__ import annotations

import os

from dedup.errors import OutputError
from dedup.output import reader
from dedup.output.diff import NOTE
from dedup.terminal.article import show_article
from dedup.terminal.clusters import show_clusters
from dedup.terminal.screen import Screen
from dedup.terminal.stories import LEGEND, show_stories


def show(
    out: str | os.PathLike[str],
    wanted: str | None,
    limit: int,
    to: Screen,
    *,
    clusters: bool = False,
    full: bool = False,
) -> None:
    """Print what has the id `wanted` (or one that begins so), or else the largest stories.

    Where no story was found, or with `clusters`, it prints the `limit` largest clusters. With
    `full` stories come with their texts and differences. Reads the files in `out` alone. Raises
    `OutputError` if they are no output of dedup, or no or several ids begin so.
    """
    place = reader.opened(out)
    try:
        if wanted is not None:
            named = reader.named(place, wanted)
            if named[0] == "story":
                show_stories(place, [named[1]], to, brief=False, full=full)
            elif named[0] == "cluster":
                show_clusters(place, [named[1]], to, brief=False)
            else:
                show_article(place, named[1], to, full=full)
        elif clusters or not reader.holds_stories(place):
            show_clusters(place, reader.largest(place, limit), to, brief=True)
        else:
            show_stories(place, reader.largest_stories(place, limit), to, brief=True, full=full)
            if not full:
                to.line([])
                to.line([(NOTE, LEGEND)])
            also = f"dedup show {out} ID prints one with all its articles, --full also their texts"
            to.line([(NOTE, also)])
    except (KeyError, TypeError) as error:
        raise OutputError(f"{out}: its files do not fit together ({error}); scan again") from error
