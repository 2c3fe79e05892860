"""Clusters as `dedup show` prints them: the words that differ from the kept version marked."""

from __future__ import annotations

from pathlib import Path

from dedup.output import reader
from dedup.output.diff import NOTE, SAME, compare
from dedup.output.protocol import many
from dedup.output.schema import ArticleRow, ClusterRow, TextRow, VersionRow
from dedup.terminal.names import spot
from dedup.terminal.screen import HEAD, Screen

FEW_VERSIONS, FEW_PLACES = 6, 4
"""Versions of a cluster and places of a version that a list of clusters shows; one shows all."""

LONG_TEXT, LONG_PIECE = 900, 240
"""Characters of a kept text, and of a stretch that is the same or differs, that a list shows; of a
longer one it shows beginning and end."""


def show_clusters(place: Path, clusters: list[ClusterRow], to: Screen, *, brief: bool) -> None:
    """Print clusters from the output folder `place`."""
    if not clusters:
        to.line([(SAME, "No text stands more than once.")])
    texts = reader.texts(
        place, {member["text_id"] for row in clusters for member in row["members"]}
    )
    articles = reader.articles(place, {m["article"] for row in clusters for m in row["members"]})
    for number, row in enumerate(clusters):
        if number:
            to.line([])
        _show(row, texts, articles, to, brief=brief)


def _show(
    row: ClusterRow,
    texts: dict[str, TextRow],
    articles: dict[str, ArticleRow],
    to: Screen,
    *,
    brief: bool,
) -> None:
    canonical = row["canonical"]
    counts = f"{many(row['articles'], 'article')}, {many(row['sites'], 'site')}"
    counts = f"{many(row['size'], 'place')}, {counts}"
    to.line([(HEAD, f"cluster {row['cluster']}"), (SAME, f"  {counts}, {row['scope']}")])
    to.line(
        [
            (SAME, f"kept: {spot(canonical['article'], canonical['paragraph'], articles)}"),
            (NOTE, f" — {row['reason']}"),
        ]
    )
    value = shortened(canonical["text"], LONG_TEXT) if brief else canonical["text"]
    to.line([(SAME, value)], indent=4)
    if not brief:
        _list_places("next best", row["runners_up"], articles, to, brief=False)
    others, *versions = _by_text(row)
    _list_places("also there, word for word", others, articles, to, brief=brief)
    for members in versions[: FEW_VERSIONS if brief else None]:
        heading = f"{members[0]['similarity']:.0%} similar"
        _list_places(heading, members, articles, to, brief=brief)
        pieces = compare(canonical["text"], texts[members[0]["text_id"]]["text"])
        if brief:
            pieces = [(kind, shortened(text, LONG_PIECE)) for kind, text in pieces]
        to.line(pieces, indent=4)
    if brief and len(versions) > FEW_VERSIONS:
        hidden = many(len(versions) - FEW_VERSIONS, "further version")
        to.line([(NOTE, f"{hidden}: name the cluster to see all")])


def shortened(text: str, most: int) -> str:
    """Leave the middle out of a text of more than `most` characters, between words if it has any.

    >>> shortened("one two three four five six", 18)
    'one two … five six'
    """
    if len(text) <= most:
        return text
    head, tail = text[: most // 2], text[-(most // 2) :]
    return f"{head.rpartition(' ')[0] or head} … {tail.partition(' ')[2] or tail}"


def _by_text(row: ClusterRow) -> list[list[VersionRow]]:
    """Group the members by text, the canonical text's other places first, the most similar next."""
    canonical = row["canonical"]
    kept = canonical["article"], canonical["paragraph"]
    groups: dict[str, list[VersionRow]] = {canonical["text_id"]: []}
    for member in row["members"]:
        if (member["article"], member["paragraph"]) != kept:
            groups.setdefault(member["text_id"], []).append(member)
    first = groups.pop(canonical["text_id"])
    return [first, *sorted(groups.values(), key=lambda group: -group[0]["similarity"])]


def _list_places(
    heading: str,
    members: list[VersionRow],
    articles: dict[str, ArticleRow],
    to: Screen,
    *,
    brief: bool,
) -> None:
    if not members:
        return
    few = members[: FEW_PLACES if brief else None]
    hidden = len(members) - len(few)
    more = [f"… and {hidden:,} more"] if hidden else []
    to.line(
        [
            (NOTE, f"{heading}: "),
            (
                SAME,
                "; ".join([*(spot(m["article"], m["paragraph"], articles) for m in few), *more]),
            ),
        ]
    )
