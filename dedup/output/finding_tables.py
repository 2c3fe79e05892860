"""Stories, passages, clusters, articles, matches and sites as flat tables."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dedup.errors import OutputError
from dedup.output import passages, reader
from dedup.output.columns import Column
from dedup.output.passages import Choice, Side
from dedup.output.schema import ARTICLES, CLUSTERS, MATCHES, STORIES, TEXTS, OccurrenceRow
from dedup.records import RELATIONS

STORY_COLUMNS = (
    Column("story", "text"),
    Column("title", "text"),
    Column("articles", "whole"),
    Column("sites", "whole"),
    Column("words", "whole"),
    Column("repeated_words", "whole"),
    Column("kept", "text"),
    Column("reason", "text"),
    Column("original", "text"),
    Column("source", "text"),
    Column("runners_up", "texts"),
)
"""A story; `words` are the kept article's."""

PASSAGE_COLUMNS = (
    Column("passage", "text"),
    Column("relation", "text"),
    Column("scope", "text"),
    Column("words", "whole"),
    Column("longest_run", "whole"),
    Column("evidence", "number"),
    Column("shared", "text"),
    *(
        Column(f"{side}_{name}", kind)
        for side in "ab"
        for name, kind in (
            ("article", "text"),
            ("site", "text"),
            ("published", "text"),
            ("paragraph", "whole"),
            ("start", "whole"),
            ("end", "whole"),
            ("text", "text"),
        )
    ),
    Column("further_places", "whole"),
    Column("reason", "text"),
)
"""What two places share (see `dedup.output.passages`), with both paragraphs."""

CLUSTER_COLUMNS = (
    Column("cluster", "text"),
    Column("places", "whole"),
    Column("articles", "whole"),
    Column("sites", "whole"),
    Column("scope", "text"),
    Column("boilerplate", "yes or no"),
    Column("article", "text"),
    Column("site", "text"),
    Column("published", "text"),
    Column("paragraph", "whole"),
    Column("start", "whole"),
    Column("end", "whole"),
    Column("kept", "yes or no"),
    Column("similarity", "number"),
    Column("text_id", "text"),
    Column("kept_text", "text"),
    Column("reason", "text"),
)
"""A place of a cluster, with what is known of the cluster; `kept_text` stands where it is kept."""

ARTICLE_COLUMNS = (
    Column("article", "text"),
    Column("site", "text"),
    Column("owner", "text"),
    Column("title", "text"),
    Column("url", "text"),
    Column("author", "text"),
    Column("lang", "text"),
    Column("published", "text"),
    Column("published_doubt", "text"),
    Column("paragraphs", "whole"),
    Column("words", "whole"),
    Column("repeated_words", "whole"),
    Column("agency", "text"),
    Column("story", "text"),
    Column("role", "text"),
    Column("path", "text"),
)
"""An article, in a story or not: what shares are to be taken of."""

MATCH_COLUMNS = (
    Column("a", "text"),
    Column("b", "text"),
    Column("relation", "text"),
    Column("reason", "text"),
    Column("evidence", "number"),
    Column("jaccard", "number"),
    Column("containment", "number"),
    Column("longest_run", "whole"),
    Column("scopes", "texts"),
    Column("proposed", "texts"),
    Column("a_places", "whole"),
    Column("b_places", "whole"),
    Column("a_text", "text"),
    Column("b_text", "text"),
)
"""A pair of distinct texts, with their words and in how many places they stand."""

SITE_COLUMNS = (
    Column("site", "text"),
    Column("source", "text"),
    Column("articles", "whole"),
    Column("words", "whole"),
    Column("agency_articles", "whole"),
    Column("agency_words", "whole"),
)
"""Who runs whose text (see `dedup.stories.site_matrix`)."""

OUTLET_COLUMNS = (
    Column("site", "text"),
    Column("owner", "text"),
    Column("articles", "whole"),
    Column("words", "whole"),
    Column("repeated_words", "whole"),
    Column("agency_articles", "whole"),
    Column("in_stories", "whole"),
    Column("originals", "whole"),
    Column("first", "text"),
    Column("last", "text"),
)
"""A site with all that was scanned of it: the denominators of any share. `repeated_words` are in
paragraphs that repeat or match others, `first` and `last` the earliest and latest date."""


def stories(place: Path) -> Iterator[dict[str, Any]]:
    """Yield a row for each story."""
    for story in reader.rows(place, STORIES):
        yield {**story, "articles": story["size"], "kept": story["canonical"]}


def every_passage(place: Path) -> Iterator[dict[str, Any]]:
    """Yield a row for each passage of any relation."""
    known = _known(place)
    for one in passages.every(place, Choice(relations=RELATIONS)):
        yield {
            "passage": one.id,
            "relation": one.relation,
            "scope": one.scope,
            "words": one.words,
            "longest_run": one.longest_run,
            "evidence": one.evidence,
            "shared": one.shared,
            **_side("a", one.a, known),
            **_side("b", one.b, known),
            "further_places": len(one.others),
            "reason": one.reason,
        }


def _side(sign: str, side: Side, known: dict[str, dict[str, Any]]) -> dict[str, Any]:
    at: OccurrenceRow = {
        "article": side.article,
        "paragraph": side.paragraph,
        "start": side.start,
        "end": side.end,
    }
    row = {**at, **known[side.article], "text": side.text}
    return {f"{sign}_{name}": value for name, value in row.items()}


def _known(place: Path) -> dict[str, dict[str, Any]]:
    """Return the site and date of each article."""
    return {
        row["article"]: {"site": row["site"], "published": row["published"]}
        for row in reader.rows(place, ARTICLES)
    }


def clusters(place: Path) -> Iterator[dict[str, Any]]:
    """Yield a row for each place of each cluster."""
    known = _known(place)
    for row in reader.rows(place, CLUSTERS):
        canonical = row["canonical"]
        kept = canonical["article"], canonical["paragraph"]
        for member in row["members"]:
            yield {
                **row,
                "places": row["size"],
                "boilerplate": bool(row.get("boilerplate")),
                **member,
                **known[member["article"]],
                "kept": (member["article"], member["paragraph"]) == kept,
                "kept_text": canonical["text"],
            }


def articles(place: Path) -> Iterator[dict[str, Any]]:
    """Yield a row for each article that was scanned."""
    for row in reader.rows(place, ARTICLES):
        yield {column.name: row.get(column.name) for column in ARTICLE_COLUMNS}


def matches(place: Path) -> Iterator[dict[str, Any]]:
    """Yield a row for each pair of texts that match."""
    texts = {row["text_id"]: row for row in reader.rows(place, TEXTS)}
    for match in reader.rows(place, MATCHES):
        a, b = texts[match["a"]], texts[match["b"]]
        yield {
            **match,
            "a_places": len(a["occurrences"]),
            "b_places": len(b["occurrences"]),
            "a_text": a["text"],
            "b_text": b["text"],
        }


def sites(place: Path) -> Iterator[dict[str, Any]]:
    """Yield the rows of sites.csv, most words first."""
    for row in site_rows(place):
        numbers = {c.name: int(row[c.name]) for c in SITE_COLUMNS if c.kind == "whole"}
        yield {"site": row["site"], "source": row["source"], **numbers}


def site_rows(place: Path) -> list[dict[str, str]]:
    """Return what sites.csv holds; raise `OutputError` if it cannot be read."""
    path = place / "sites.csv"
    before = csv.field_size_limit(2**31 - 1)  # it is one for the whole process
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise OutputError(f"{path}: cannot be read: {error}; scan again") from error
    finally:
        csv.field_size_limit(before)


def outlets(place: Path) -> Iterator[dict[str, Any]]:
    """Yield a row for each site, in order of their names; articles without one come first."""
    counts: dict[str, Counter[str]] = {}
    dates: dict[str, list[str]] = {}
    owners: dict[str, str | None] = {}
    for row in reader.rows(place, ARTICLES):
        site = row["site"] or ""
        owners[site] = row.get("owner")
        if row["published"] and not row.get("published_doubt"):
            dates.setdefault(site, []).append(row["published"])
        counts.setdefault(site, Counter()).update(
            articles=1,
            words=row["words"],
            repeated_words=row["repeated_words"],
            agency_articles=int(row.get("agency") is not None),
            in_stories=int(row.get("story") is not None),
            originals=int(row.get("role") == "original"),
        )
    for site in sorted(counts):
        days = dates.get(site)
        spell = {"first": min(days) if days else None, "last": max(days) if days else None}
        yield {"site": site or None, "owner": owners[site], **counts[site], **spell}
