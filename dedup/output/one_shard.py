"""What `dedup clean` does with one file of a collection, by itself: read it, and write it again.

Each function here takes one value and returns one, both of which can be sent to another process or
machine. `dedup.output.collection` calls them for all files and puts together what they return, here
or on Spark (`dedup.engines.cleaning`); so both write the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path, PurePath
from typing import Any, NamedTuple

from dedup import files
from dedup.errors import Problem
from dedup.output import clean, export, shards, writer
from dedup.output.clean import Drop, Left
from dedup.output.columns import Column
from dedup.output.row_ids import Hashes, Place, RowIds, Shared, hashes
from dedup.output.shards import Change, Rows
from dedup.readers import tables
from dedup.readers.discover import unreadable, visible
from dedup.readers.field_names import FieldNames
from dedup.readers.protocol import UnreadableError
from dedup.readers.tables import Table
from dedup.records import Article
from dedup.text.encode import encode

DROPPED = "dropped"
"""Folder of the tables of what was dropped: one a file, of the same name."""

COLUMNS = (
    Column("file", "text"),
    Column("row", "whole"),
    Column("article", "text"),
    Column("paragraph", "whole"),
    Column("start", "whole"),
    Column("end", "whole"),
    Column("words", "whole"),
    Column("relation", "text"),
    Column("similarity", "number"),
    Column("cluster", "text"),
    Column("story", "text"),
    Column("text", "text"),
    Column("kept_file", "text"),
    Column("kept_row", "whole"),
    Column("kept_article", "text"),
    Column("kept_paragraph", "whole"),
)
"""The columns of a table of what was dropped."""

_BATCH = 256
"""Rows whose paragraphs are looked up together."""


class Shard(NamedTuple):
    """A file of a collection."""

    number: int
    """Its place among the files, from 0."""
    table: Table
    site: str | None
    """See `dedup.readers.read`."""
    names: FieldNames

    def rows(self) -> Iterator[tuple[Place, Article]]:
        """Yield its articles; raises as `dedup.readers.tables.rows` does."""
        for row, article in tables.rows(self.table, self.site, self.names, []):
            yield (self.number, row), article

    def rows_again(self) -> Iterator[tuple[Place, Article]]:
        """Yield its articles, those before the damage if it was damaged since it was looked at."""
        with suppress(UnreadableError):
            yield from self.rows()

    def visible(self) -> str:
        """Return its path as it is told."""
        return visible(self.table.found.path)


@dataclass(frozen=True, slots=True)
class Known:
    """What was found of the articles of one file, or of all, and where that is which is kept."""

    articles: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """The number of paragraphs and of words of each article, by id."""
    drops: Mapping[str, Sequence[Drop]] = field(default_factory=dict)
    """The paragraphs that go, by article."""
    going: Mapping[str, Left] = field(default_factory=dict)
    """The articles that go whole."""
    wanted: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    """The articles that must be there because they are kept, with the ids of the texts of the
    paragraphs that must."""
    ids: RowIds = field(default_factory=lambda: RowIds({}))
    """Which article a row is."""
    where: Mapping[tuple[str, int | None], tuple[str, int]] = field(default_factory=dict)
    """The file and row of what is kept and there: of whole articles (paragraph None), and of
    paragraphs with their texts."""

    def has(self, id_: str, held: Sequence[Paragraph]) -> bool:
        """Return whether an article has as many paragraphs as that which was found."""
        return id_ in self.articles and self.articles[id_][0] == len(held)


# -- reading --------------------------------------------------------------------------------------


class Looked(NamedTuple):
    """What a first reading tells of a file."""

    number: int
    hashes: Hashes
    problem: Problem | None
    """Why it cannot be read to its end; None: it can."""


def look(shard: Shard) -> Looked:
    """Read a file to its end, and hash the ids of its articles; never raises for a bad file."""
    problem = None
    path = shard.table.found.path

    def articles() -> Iterator[Article]:
        nonlocal problem
        try:
            for _, article in shard.rows():
                yield article
        except UnreadableError as error:
            what = f"{error.what}; no file is written for it"
            problem = Problem(visible(path), what, error.remedy)
        except OSError as error:
            problem = unreadable(path, error)

    found = hashes(articles())
    return Looked(shard.number, found, problem)


def shared(work: tuple[Shard, Shared]) -> list[tuple[Place, Article]]:
    """Return the rows of a file that have an id or a document with others."""
    shard, several = work
    return [(place, article) for place, article in shard.rows_again() if several.has(article)]


def present(work: tuple[Shard, Known]) -> dict[tuple[str, int | None], tuple[str, int]]:
    """Find the rows of what is kept, as `Known.where` has them."""
    shard, known = work
    found: dict[tuple[str, int | None], tuple[str, int]] = {}
    sought = (
        (place[1], id_, article)
        for place, article in shard.rows_again()
        if place not in known.ids.repeats
        and (id_ := known.ids.of(place, article.id)) in known.wanted
    )
    while batch := list(islice(sought, _BATCH)):
        texts = [article.text for _, _, article in batch]
        for (row, id_, _), held in zip(batch, _paragraphs(texts), strict=True):
            if known.has(id_, held):
                place = shard.visible(), row
                found[id_, None] = place
                for paragraph, text_id in known.wanted[id_].items():
                    if held[paragraph : paragraph + 1] and held[paragraph].text_id == text_id:
                        found[id_, paragraph] = place
    return found


class Paragraph(NamedTuple):
    """A paragraph as a scan sees it: its characters in the text, and the id of its text."""

    start: int
    end: int
    text_id: str


def _paragraphs(texts: Sequence[str]) -> list[list[Paragraph]]:
    """Return the paragraphs of each text as a scan sees them."""
    found: list[list[Paragraph]] = [[] for _ in texts]
    if texts:
        batch = encode(texts, flagged=False)
        ids = batch.key.astype(">u8").tobytes().hex()
        columns = zip(batch.article.tolist(), batch.start.tolist(), batch.end.tolist(), strict=True)
        for number, (article, start, end) in enumerate(columns):
            found[article].append(Paragraph(start, end, ids[32 * number : 32 * number + 32]))
    return found


# -- what becomes of its rows ---------------------------------------------------------------------


@dataclass
class Tally:
    """What is counted of one file on the way."""

    paragraphs: int = 0
    words: int = 0
    repeats: int = 0
    unknown: int = 0

    def count(self, entry: Mapping[str, Any]) -> None:
        """Count a row of the table of what was dropped."""
        self.words += entry["words"]
        self.paragraphs += entry["paragraph"] is not None
        self.repeats += entry["relation"] == "identical" and entry["paragraph"] is None


class Changes:
    """Says what becomes of the rows of a file."""

    def __init__(self, shard: Shard, known: Known, tally: Tally) -> None:
        self._file, self._number = shard.visible(), shard.number
        self._known, self._tally = known, tally

    def of(self, batch: list[tuple[int, Article]]) -> dict[int, Change]:
        """Say it of some rows; those that stay as they are have no entry."""
        known, made = self._known, dict[int, Change]()
        sought = []
        for row, article in batch:
            place = self._number, row
            again = known.ids.repeats.get(place)
            if again is not None:
                if change := self._repeat(row, article, again):
                    made[row] = change
                continue
            id_ = known.ids.of(place, article.id)
            if id_ not in known.articles:
                self._tally.unknown += 1
            elif id_ in known.drops or id_ in known.going:
                sought.append((row, id_, article))
        held = _paragraphs([article.text for _, _, article in sought])
        for (row, id_, article), paragraphs in zip(sought, held, strict=True):
            change = None
            if known.has(id_, paragraphs):
                change = (
                    self._whole(row, id_, article)
                    if id_ in known.going
                    else self._part(row, id_, article, paragraphs)
                )
            else:
                self._tally.unknown += 1
            if change:
                made[row] = change
        return made

    def _repeat(self, row: int, article: Article, again: str) -> Change | None:
        known = self._known
        kept = known.going[again].kept_article if again in known.going else again
        if (kept, None) not in known.where:
            return None
        entry = self._entry(row, article.id, kept, None) | {
            "words": known.articles[again][1],
            "relation": "identical",
            "similarity": 1.0,
            "text": article.text,
        }
        return Change(article.text, None, [entry])

    def _whole(self, row: int, id_: str, article: Article) -> Change | None:
        left = self._known.going[id_]
        if (left.kept_article, None) not in self._known.where:
            return None
        entry = self._entry(row, id_, left.kept_article, None) | {
            "words": self._known.articles[id_][1],
            "relation": left.role,
            "similarity": left.share_of_member,
            "story": left.story,
            "text": article.text,
        }
        return Change(article.text, None, [entry])

    def _part(
        self, row: int, id_: str, article: Article, held: Sequence[Paragraph]
    ) -> Change | None:
        going = [
            drop
            for drop in self._known.drops[id_]
            if (drop.kept_article, drop.kept_paragraph) in self._known.where
            and drop.paragraph < len(held)
            and held[drop.paragraph] == (drop.start, drop.end, drop.text_id)
        ]
        if not going:
            return None
        entries = [
            self._entry(row, id_, drop.kept_article, drop.kept_paragraph)
            | {
                "paragraph": drop.paragraph,
                "start": drop.start,
                "end": drop.end,
                "words": drop.words,
                "relation": drop.relation,
                "similarity": drop.similarity,
                "cluster": drop.cluster,
                "text": article.text[drop.start : drop.end],
            }
            for drop in going
        ]
        return Change(article.text, clean.rest(article, going), entries)

    def _entry(self, row: int, id_: str, kept: str, kept_paragraph: int | None) -> dict[str, Any]:
        kept_file, kept_row = self._known.where[kept, kept_paragraph]
        return dict.fromkeys(column.name for column in COLUMNS) | {
            "file": self._file,
            "row": row,
            "article": id_,
            "kept_file": kept_file,
            "kept_row": kept_row,
            "kept_article": kept,
            "kept_paragraph": kept_paragraph,
        }


# -- writing --------------------------------------------------------------------------------------


class Order(NamedTuple):
    """A file to write."""

    shard: Shard
    known: Known
    out: Path
    """Folder of the collection that is written."""
    target: PurePath
    """Its place in that folder, and that of its table in `DROPPED`."""


class Wrote(NamedTuple):
    """What came of it."""

    name: str
    """`Order.target` with slashes."""
    counts: dict[str, int] | None
    """Fields of `dedup.output.collection.Collected`; None: it was not written."""
    problem: Problem | None


def write(order: Order) -> Wrote:
    """Write a file without what goes, and the table of that; both appear whole.

    A file that cannot be read any more is told of. Raises OSError if `out` cannot be written.
    """
    name = order.target.as_posix()
    try:
        return Wrote(name, _write(order), None)
    except UnreadableError as error:  # it changed since it was looked through
        return Wrote(name, None, Problem(order.shard.visible(), error.what, error.remedy))


def _write(order: Order) -> dict[str, int]:
    shard, tally = order.shard, Tally()
    table = shard.table
    changes = Changes(shard, order.known, tally)
    with files.replaced_file(order.out / DROPPED / order.target) as partial:
        spool = partial.with_suffix(".rows.partial")
        with (
            shards.compressed(spool, "" if table.kind == "parquet" else table.packed) as told,
            files.replaced_file(order.out / order.target) as place,
        ):

            def made(change: Change) -> None:
                for entry in change.dropped:
                    told.write(writer.encoded(entry))
                    tally.count(entry)

            rows = shards.rewritten(table, place, shard.names, shard.site, changes.of, made)
        if table.kind == "parquet":
            with spool.open("rb") as lines:
                export.parquet(partial, COLUMNS, map(json.loads, lines))
            spool.unlink()
        else:
            spool.replace(partial)
    return _counts(rows, tally)


def _counts(rows: Rows, tally: Tally) -> dict[str, int]:
    return {
        "files": 1,
        "rows": rows.read,
        "written": rows.written,
        "left_out": rows.read - rows.written,
        "changed": rows.changed,
        "paragraphs": tally.paragraphs,
        "words": tally.words,
        "repeats": tally.repeats,
        "unknown": tally.unknown + rows.unchangeable,
    }
