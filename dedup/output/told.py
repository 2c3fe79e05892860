"""The clusters and stories of an output folder as the records that a scan gives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dedup.output import reader
from dedup.output.schema import (
    ARTICLES,
    CLUSTERS,
    STORIES,
    TEXTS,
    ArticleRow,
    ClusterRow,
    StoryRow,
    VersionRow,
)
from dedup.records import Cluster, Member, Story, Text, Version


@dataclass(frozen=True, slots=True)
class Told:
    """What the folder `place` tells, read again each time; texts of members are left empty."""

    place: Path

    @property
    def texts(self) -> Iterator[Text]:
        """Yield the distinct texts, without their words and places."""
        for row in reader.rows(self.place, TEXTS):
            yield Text(row["text_id"], row["words"], "", (), row.get("boilerplate", False))

    @property
    def clusters(self) -> Iterator[Cluster]:
        """Yield the clusters, largest first."""
        return map(_cluster, reader.rows(self.place, CLUSTERS))

    def article_rows(self) -> Iterator[ArticleRow]:
        """Yield the lines of articles.jsonl."""
        return reader.rows(self.place, ARTICLES)

    @property
    def stories(self) -> Iterator[Story]:
        """Yield the stories, largest first; an older folder has none."""
        if reader.holds_stories(self.place):
            yield from map(_story, reader.rows(self.place, STORIES))


def _cluster(row: ClusterRow) -> Cluster:
    members = tuple(map(_version, row["members"]))
    by_place = {(one.article, one.paragraph): one for one in members}
    return Cluster(
        id=row["cluster"],
        canonical=by_place[row["canonical"]["article"], row["canonical"]["paragraph"]],
        reason=row["reason"],
        runners_up=tuple(map(_version, row["runners_up"])),
        members=members,
        articles=row["articles"],
        sites=row["sites"],
        scope=row["scope"],
        boilerplate=row.get("boilerplate", False),
    )


def _version(row: VersionRow) -> Version:
    return Version(
        text_id=row["text_id"],
        text="",
        article=row["article"],
        paragraph=row["paragraph"],
        start=row["start"],
        end=row["end"],
        similarity=row["similarity"],
    )


def _story(row: StoryRow) -> Story:
    return Story(
        id=row["story"],
        canonical=row["canonical"],
        reason=row["reason"],
        runners_up=tuple(row["runners_up"]),
        original=row["original"],
        source=row["source"],
        members=tuple(Member(**member) for member in row["members"]),  # type: ignore[arg-type]
        sites=row["sites"],
    )
