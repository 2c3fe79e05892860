"""Stories and links as flat tables: their columns, and their rows read from an output folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dedup.metadata import dates
from dedup.output import reader
from dedup.output.columns import Column
from dedup.output.schema import ARTICLES, STORIES, ArticleRow, Lag, LinkRow
from dedup.output.schema import LINKS as LINK_LINES

MEMBERS = (
    Column("story", "text"),
    Column("story_title", "text"),
    Column("story_articles", "whole"),
    Column("story_sites", "whole"),
    Column("story_source", "text"),
    Column("article", "text"),
    Column("role", "text"),
    Column("kept", "yes or no"),
    Column("first", "yes or no"),
    Column("site", "text"),
    Column("owner", "text"),
    Column("title", "text"),
    Column("url", "text"),
    Column("published", "text"),
    Column("published_utc", "moment"),
    Column("words", "whole"),
    Column("credit", "text"),
    Column("share_of_member", "number"),
    Column("share_of_canonical", "number"),
    Column("lag_least", "number"),
    Column("lag_most", "number"),
    Column("confidence", "number"),
    Column("supersedes", "text"),
    Column("added", "numbers"),
    Column("changed", "numbers"),
    Column("cut", "numbers"),
)
"""The columns of the table of members: an article in a story, with what is known of both."""

LINKS = (
    Column("a", "text"),
    Column("b", "text"),
    Column("a_site", "text"),
    Column("b_site", "text"),
    Column("kind", "text"),
    Column("share_of_a", "number"),
    Column("share_of_b", "number"),
    Column("words", "whole"),
    Column("first", "text"),
    Column("confidence", "number"),
    Column("lag_least", "number"),
    Column("lag_most", "number"),
    Column("reasons", "texts"),
)
"""The columns of the table of links: a pair of articles (see `dedup.records.Link`)."""

_OF_ARTICLE = ("site", "owner", "title", "url", "published", "words")


def members(place: Path) -> Iterator[dict[str, Any]]:
    """Yield a row for each article of each story, in the order of stories.jsonl."""
    stories = reader.rows(place, STORIES)
    ids = {member["article"] for story in stories for member in story["members"]}
    articles = known(place, ids)
    for story in reader.rows(place, STORIES):
        for member in story["members"]:
            article = member["article"]
            yield {
                "story": story["story"],
                "story_title": story["title"],
                "story_articles": story["size"],
                "story_sites": story["sites"],
                "story_source": story["source"],
                "kept": article == story["canonical"],
                "first": article == story["original"],
                **articles[article],
                **member,
                **_lag(member["lag"]),
            }


def links(place: Path, min_share: float = 0) -> Iterator[dict[str, Any]]:
    """Yield a row for each link of at least that share, in the order of links.jsonl."""
    articles = known(place, linked(place, min_share))
    for link in sharing(place, min_share):
        sites = {"a_site": articles[link["a"]]["site"], "b_site": articles[link["b"]]["site"]}
        yield {**link, **sites, **_lag(link["lag"])}


def linked(place: Path, min_share: float) -> set[str]:
    """Return the ids of the articles of those links."""
    return {end for link in sharing(place, min_share) for end in (link["a"], link["b"])}


def sharing(place: Path, min_share: float) -> Iterator[LinkRow]:
    """Yield the links of which one article has at least this share of the other, 0 to 1."""
    for link in reader.rows(place, LINK_LINES):
        if max(link["share_of_a"], link["share_of_b"]) >= min_share:
            yield link


def known(place: Path, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return what the tables tell of some articles, by id."""
    found = reader.chosen(place, ARTICLES, set(ids))
    return {
        row["article"]: {
            **{name: row.get(name) for name in _OF_ARTICLE},
            "published_utc": _moment(row),
        }
        for row in found
    }


def _moment(article: ArticleRow) -> datetime | None:
    """Return the moment of publication where its zone and minute are known and nothing is odd."""
    date = dates.parse(article.get("published"))
    if not date or date.doubt or not date.zoned or date.precision not in ("minute", "second"):
        return None
    return datetime.fromtimestamp(date.epoch, UTC)


def _lag(lag: Lag) -> dict[str, float | None]:
    least, most = lag or (None, None)
    return {"lag_least": least, "lag_most": most}
