"""What an output folder holds, read once, with no more kept of each line than a report needs.

Texts are numbered by their line in texts.jsonl, articles by theirs in articles.jsonl.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from dedup.output import reader
from dedup.output.schema import (
    ARTICLES,
    CLUSTERS,
    MATCHES,
    STORIES,
    TEXTS,
    ArticleRow,
    ClusterRow,
    MatchRow,
    StoryRow,
    SummaryRow,
    TextRow,
)
from dedup.records import Relation
from dedup.report.matched import Matched

Place = tuple[int, int]
"""Number of an article, number of a paragraph."""

MOST_CLUSTERS, MOST_PASSAGES, MOST_TEMPLATES = 60_000, 1_500, 60
"""Clusters, passages (of each way) and templates that a report chooses among. Higher shows more of
a large scan: 60,000 clusters with short texts fill the page."""

LONGEST_TEXT = 20_000
"""Characters of a paragraph that the page holds. Higher shows longer paragraphs whole; at 20,000
some 3,000 words, which no newspaper prints in one."""


_LONGEST_FIELD = (1 << 31) - 1
"""Characters of a field of sites.csv."""

HELD_BYTES = 64 << 20
"""Size of texts.jsonl or matches.jsonl under which its lines are kept in memory until the report is
written. Higher is faster and takes some five times as much memory."""


class KnownText(NamedTuple):
    """What is held of a text."""

    id: str
    words: int
    characters: int
    size: int
    """Bytes that the page needs for it."""
    boilerplate: bool
    places: list[Place]


class Candidate(NamedTuple):
    """A passage that may be shown: of two texts that match, or (`b` is `a`) of one alone."""

    words: int
    a: int
    b: int


@dataclass
class Folder:
    """What pass one keeps."""

    place: Path
    summary: SummaryRow
    articles: list[ArticleRow] = field(default_factory=list)
    number: dict[str, int] = field(default_factory=dict)
    """The number of each article, by id."""
    texts: list[KnownText] = field(default_factory=list)
    text_number: dict[str, int] = field(default_factory=dict)
    clusters: list[ClusterRow] = field(default_factory=list)
    """Those to read first, in that order (see `reader.largest`)."""
    stories: list[StoryRow] = field(default_factory=list)
    """All, those with the most repeated words first."""
    within: list[Candidate] = field(default_factory=list)
    across: list[Candidate] = field(default_factory=list)
    """Passages within an article and across, the heaviest first."""
    templates: list[Candidate] = field(default_factory=list)
    held: dict[int, TextRow] = field(default_factory=dict)
    held_matches: list[tuple[int, int, MatchRow]] = field(default_factory=list)
    """Lines of texts.jsonl and matches.jsonl, of small folders: these are not read twice."""
    cluster_of: dict[str, str] = field(default_factory=dict)
    """The cluster that a text is in, by their ids."""
    kept: set[Place] = field(default_factory=set)
    """The places that clusters keep."""
    matched: Matched = field(default_factory=Matched)

    def texts_of(self) -> dict[int, list[tuple[int, int]]]:
        """Return (paragraph, text) of each article, in order of paragraphs."""
        found: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
        for number, text in enumerate(self.texts):
            for article, paragraph in text.places:
                found[article].append((paragraph, number))
        for rows in found.values():
            rows.sort()
        return found


def read(place: Path) -> Folder:
    """Read an output folder through; raise `OutputError` where a line is none that dedup wrote."""
    folder = Folder(place, reader.summary(place))
    for number, article in enumerate(reader.rows(place, ARTICLES)):
        folder.articles.append(article)
        folder.number[article["article"]] = number
    folder.clusters = reader.largest(place, MOST_CLUSTERS, _clusters(folder))
    if reader.holds_stories(place):
        folder.stories = sorted(
            reader.rows(place, STORIES), key=lambda row: (-row["repeated_words"], row["story"])
        )
    within, across = _Best(), _Best()
    _texts(folder, within, across)
    _matches(folder, within, across)
    folder.within, folder.across = within.chosen(), across.chosen()
    return folder


def site_rows(place: Path) -> list[tuple[str, str, int, int, int, int]]:
    """Return the rows of sites.csv; an older folder has none."""
    limit = csv.field_size_limit(_LONGEST_FIELD)  # a site's name may be longer than csv expects
    try:
        with (place / "sites.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))[1:]
    except FileNotFoundError:
        return []
    finally:
        csv.field_size_limit(limit)
    return [
        (row[0], row[1], int(row[2]), int(row[3]), int(row[4]), int(row[5]))
        for row in rows
        if len(row) >= 6
    ]


def of_match(row: MatchRow, a: KnownText, b: KnownText) -> Relation:
    """Return the relation of a match; texts that a site puts everywhere are boilerplate."""
    return "boilerplate" if a.boilerplate or b.boilerplate else row["relation"]


def _clusters(folder: Folder) -> Iterator[ClusterRow]:
    for row in reader.rows(folder.place, CLUSTERS):
        kept = row["canonical"]
        number = folder.number.get(kept["article"])
        if number is not None:
            folder.kept.add((number, kept["paragraph"]))
        for member in row["members"]:
            folder.cluster_of[member["text_id"]] = row["cluster"]
        yield row


def _texts(folder: Folder, within: _Best, across: _Best) -> None:
    small = (folder.place / TEXTS.name).stat().st_size < HELD_BYTES
    for row in reader.rows(folder.place, TEXTS):
        number, text = len(folder.texts), _known(row, folder.number)
        folder.texts.append(text)
        if small:
            folder.held[number] = row
        folder.text_number[text.id] = number
        if len(text.places) > 1 and not text.boilerplate:
            homes = {article for article, _ in text.places}
            family = (folder.cluster_of.get(text.id, text.id),)
            found = Candidate(text.words, number, number)
            if len(homes) < len(text.places):
                within.add(family, found)
            if len(homes) > 1:
                across.add(family, found)


def _known(row: TextRow, number: dict[str, int]) -> KnownText:
    text = row["text"][:LONGEST_TEXT]
    size = len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
    places = [
        (number[at["article"]], at["paragraph"])
        for at in row["occurrences"]
        if at["article"] in number
    ]
    return KnownText(
        row["text_id"],
        row["words"],
        max(1, len(row["text"])),
        size,
        bool(row.get("boilerplate")),
        places,
    )


def _matches(folder: Folder, within: _Best, across: _Best) -> None:
    templates = _Best()
    texts, numbers, home = folder.texts, folder.text_number, folder.cluster_of
    matched = folder.matched
    small = (folder.place / MATCHES.name).stat().st_size < HELD_BYTES
    for row in reader.rows(folder.place, MATCHES):
        i, k = numbers.get(row["a"]), numbers.get(row["b"])
        if i is None or k is None:
            continue
        a, b = texts[i], texts[k]
        relation = of_match(row, a, b)
        if small:
            folder.held_matches.append((i, k, row))
        spans = row["spans"]
        matched.add(i, k, relation, spans)
        if relation == "boilerplate":
            continue
        characters = sum(j - i for i, j, _, _ in spans)
        found = Candidate(round(characters * a.words / a.characters), i, k)
        family = tuple(sorted({home.get(a.id, a.id), home.get(b.id, b.id)}))
        if relation == "template":
            templates.add(family, found)
            continue
        if "within-article" in row["scopes"]:
            within.add(family, found)
        if len(row["scopes"]) > ("within-article" in row["scopes"]):
            across.add(family, found)
    folder.templates = templates.chosen()[:MOST_TEMPLATES]


class _Best:
    """The heaviest passage of each family: pairs of texts of the same one or two clusters."""

    def __init__(self) -> None:
        self._by_family: dict[tuple[str, ...], Candidate] = {}

    def add(self, family: tuple[str, ...], found: Candidate) -> None:
        """Take one in."""
        held = self._by_family.get(family)
        if held is None or held[0] < found[0]:
            self._by_family[family] = found

    def chosen(self) -> list[Candidate]:
        """Return the heaviest of no cluster twice, most words first, then in order of the files.

        `dedup.output.ranked_passages.heaviest` has the same rule; a report reads its folder once,
        for all.
        """
        seen, found = set[str](), list[Candidate]()
        for family, one in sorted(self._by_family.items(), key=lambda pair: -pair[1].words):
            if seen.isdisjoint(family):
                seen.update(family)
                found.append(one)
        return found
