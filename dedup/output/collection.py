"""`dedup clean` of a collection: the same files again, rows in their order with all their columns.

What goes is what `dedup.output.clean` says of the output folder of a scan; the files are read anew,
row by row, and each row is looked up there. A paragraph goes only if its text is what the scan saw,
and the one that is kept in its place is there, in a file that can be read to its end: so nothing of
a cluster is lost when a file was changed, damaged or taken away since.

Files appear one by one, each whole, with the table of what was dropped from it. `PROGRESS` notes
those that are done, and a run that was killed goes on with the next one.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from itertools import islice
from pathlib import Path, PurePath
from typing import Any, NamedTuple

from xxhash import xxh3_64_hexdigest

from dedup import files
from dedup.errors import InputError, OutputError, Problem
from dedup.output import clean, export, reader, shards, writer
from dedup.output.clean import ACCOUNT, LEAST_WORDS, NEARLY_ALL, STAYED, Drop, Left
from dedup.output.columns import Column
from dedup.output.row_ids import Place, RowIds
from dedup.output.shards import Change, Rows
from dedup.output.told import Told
from dedup.portable import Held, locked
from dedup.progress import Progress, Silent
from dedup.readers import tables
from dedup.readers.discover import unreadable, visible
from dedup.readers.field_names import FieldNames, Given
from dedup.readers.protocol import UnreadableError
from dedup.readers.tables import Table
from dedup.records import Article
from dedup.text.encode import encode

DROPPED = "dropped"
"""Folder of the tables of what was dropped: one a file, of the same name."""
PROGRESS = ".progress.jsonl"
"""What is done so far; it is gone when all is."""
FOUND = ".found"
"""Where a scan that is made for this is kept until all is done."""

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

_LOCK = ".lock"
_BATCH = 256
"""Rows whose paragraphs are looked up together."""


@dataclass(frozen=True, slots=True)
class Which:
    """What goes, and how rows are read."""

    stories: bool = False
    """Whole articles that stand in another one go, and not paragraphs."""
    share: float = NEARLY_ALL
    """See `dedup.output.clean.superfluous`."""
    least_words: int = LEAST_WORDS
    """See `dedup.output.clean.dropped`."""
    keep_standing: bool = False
    """Likewise."""
    site: str | None = None
    """See `dedup.readers.read`, as for the next."""
    fields: Given | None = None


@dataclass(frozen=True, slots=True)
class Collected:
    """What was done; `rows` is `written` and `left_out` together."""

    files: int = 0
    """Files written."""
    unreadable: int = 0
    """Files not written, because they cannot be read to their end."""
    rows: int = 0
    """Rows read in the files that were written."""
    written: int = 0
    """Rows written."""
    left_out: int = 0
    """Rows of which nothing was left, or that others stand for."""
    changed: int = 0
    """Rows that lost a part."""
    paragraphs: int = 0
    """Paragraphs dropped, one by one."""
    words: int = 0
    """Words dropped, those of whole rows too."""
    repeats: int = 0
    """Of the rows left out those that are the same article as another row."""
    unknown: int = 0
    """Articles written as they are because the scan did not see them, or saw another text."""

    def plus(self, other: Mapping[str, int]) -> Collected:
        """Return the sums."""
        return Collected(
            **{
                field.name: getattr(self, field.name) + other.get(field.name, 0)
                for field in fields(self)
            }
        )


def write(
    found: Path | Callable[[Path], None],
    shard_files: Sequence[Table],
    paths: Sequence[str],
    out: str | os.PathLike[str],
    which: Which,
    job: Mapping[str, Any],
    problems: list[Problem],
    progress: Progress | None = None,
) -> Collected:
    """Write the files of a collection into the folder `out` without what repeats.

    `found` is the output folder of a scan of `paths`, or writes one into the folder it is given.
    `job` says in values of JSON what `found` depends on: a run that was killed is gone on with only
    if it was for the same job, the same files and the same choices. Files that cannot be read are
    added to `problems`. Raises `OutputError` if `out` holds anything else or cannot be written, and
    `InputError` if no row is an article of the scan.
    """
    place = Path(out)
    files.check(place, _stranger)
    say = progress or Silent()
    try:
        place.mkdir(parents=True, exist_ok=True)
        with locked(place / _LOCK):
            run = _Run(place, _digest(shard_files, which, job))
            if callable(found):
                if not writer.is_output(place / FOUND):
                    found(place / FOUND)
                found = place / FOUND
            plan = _plan(found, shard_files, which, problems, say)
            targets = clean.apart(
                (
                    clean.relative(Path(one.found.path), list(map(Path, paths)))
                    for one in shard_files
                ),
                (ACCOUNT, STAYED, PROGRESS, DROPPED),
            )
            say.stage("write", len(shard_files))
            done = run.all(plan, targets, problems, say)
            if which.stories:
                writer.lines(place / STAYED, clean.left_rows(plan.stayed))
            origin = {
                name: reader.summary(found)[name] for name in ("format", "version", "settings")
            }
            told = asdict(done) | {"choice": asdict(which)} | origin
            with files.replaced_file(place / ACCOUNT) as partial:
                partial.write_bytes(writer.encoded(told, indent=2))
            run.end()
    except Held:
        raise OutputError(
            f"{out}: another run is writing it; wait for it or name another folder with -o"
        ) from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputError(
            f"{out}: cannot be written: {reason}; the same command goes on from there"
        ) from error
    return done


def _plan(found: Path, *rest: Any) -> _Plan:
    try:
        return _Plan(found, *rest)
    except (KeyError, TypeError) as error:
        raise OutputError(
            f"{found}: its files do not fit together ({error}); scan again"
        ) from error


def _stranger(place: Path) -> str | None:
    """Name what forbids writing into a folder: anything, unless a run was cut short there."""
    if (place / PROGRESS).is_file():
        return None
    return min((entry.name for entry in place.iterdir() if entry.name != _LOCK), default=None)


def _digest(shard_files: Sequence[Table], which: Which, job: Mapping[str, Any]) -> str:
    stamps = [[one.found.path, one.found.size(), one.found.changed()] for one in shard_files]
    whole = json.dumps([stamps, asdict(which), dict(job)], sort_keys=True, default=str)
    return xxh3_64_hexdigest(whole.encode("utf-8", "surrogatepass"))


# -- what goes ------------------------------------------------------------------------------------


class _Plan:
    """What goes of which row."""

    def __init__(
        self,
        found: Path,
        shard_files: Sequence[Table],
        which: Which,
        problems: list[Problem],
        progress: Progress,
    ) -> None:
        self.tables = shard_files
        self.names, self.site = FieldNames(which.fields), which.site
        told = Told(found)
        self._articles = {
            row["article"]: (row["paragraphs"], row["words"]) for row in told.article_rows()
        }
        self._drops: dict[str, list[Drop]] = {}
        self._going: dict[str, Left] = {}
        self.stayed: Mapping[str, Left] = {}
        if which.stories:
            stories = list(told.stories)
            self._going = clean.superfluous(stories, which.share)
            self.stayed = clean.staying(stories, self._going)
        else:
            self._drops = clean.dropped(
                told, least_words=which.least_words, keep_standing=which.keep_standing
            )[0]
        progress.stage("look up", None)
        self.damaged = self._unreadable(problems)
        self._ids = RowIds(self._rows)
        self._where = self._present()

    def _unreadable(self, problems: list[Problem]) -> frozenset[int]:
        """Return the numbers of the files that cannot be read to their end.

        Raises `InputError` if none of the articles in the others was in the scan.
        """
        found = set()
        articles = known = 0
        for number, table in enumerate(self.tables):
            path = table.found.path
            try:
                for _, article in tables.rows(table, self.site, self.names, []):
                    articles += 1
                    known += article.id in self._articles
            except UnreadableError as error:
                what = f"{error.what}; no file is written for it"
                problems.append(Problem(visible(path), what, error.remedy))
                found.add(number)
            except OSError as error:
                problems.append(unreadable(path, error))
                found.add(number)
        if articles and not known:
            raise InputError(
                f"none of the {articles:,} articles was in the scan; give the paths that were "
                "scanned, with the same --site and --field"
            )
        return frozenset(found)

    def _rows(self) -> Iterator[tuple[Place, Article]]:
        for number, table in enumerate(self.tables):
            if number not in self.damaged:
                with suppress(UnreadableError):  # it was read to its end before
                    for row, article in tables.rows(table, self.site, self.names, []):
                        yield (number, row), article

    def _present(self) -> dict[tuple[str, int | None], Place]:
        """Find the rows of what is kept: of whole articles, and of paragraphs with their text."""
        wanted: dict[str, dict[int, str]] = {}
        for drops in self._drops.values():
            for drop in drops:
                wanted.setdefault(drop.kept_article, {})[drop.kept_paragraph] = drop.kept_text_id
        whole = {left.kept_article for left in self._going.values()}
        whole |= set(self._ids.repeats.values())
        found: dict[tuple[str, int | None], Place] = {}
        sought = (
            (place, id_, article)
            for place, article in self._rows()
            if place not in self._ids.repeats
            and ((id_ := self._ids.of(place, article.id)) in wanted or id_ in whole)
        )
        known = 0
        while batch := list(islice(sought, _BATCH)):
            texts = [article.text for _, _, article in batch]
            for (place, id_, _), held in zip(batch, _paragraphs(texts), strict=True):
                if not self._is_known(id_, held):
                    continue
                known += 1
                found[id_, None] = place
                for paragraph, text_id in wanted.get(id_, {}).items():
                    if held[paragraph : paragraph + 1] and held[paragraph].text_id == text_id:
                        found[id_, paragraph] = place
        return found

    def _is_known(self, id_: str, held: Sequence[_Paragraph]) -> bool:
        return id_ in self._articles and self._articles[id_][0] == len(held)

    # -- one batch of rows ----

    def changes(
        self, number: int, batch: list[tuple[int, Article]], tally: _Tally
    ) -> dict[int, Change]:
        """Say what becomes of some rows of a file; those that stay as they are have no entry."""
        made: dict[int, Change] = {}
        sought = []
        for row, article in batch:
            again = self._ids.repeats.get((number, row))
            if again is not None:
                if change := self._repeat(number, row, article, again):
                    made[row] = change
                continue
            id_ = self._ids.of((number, row), article.id)
            if id_ not in self._articles:
                tally.unknown += 1
            elif id_ in self._drops or id_ in self._going:
                sought.append((row, id_, article))
        held = _paragraphs([article.text for _, _, article in sought])
        for (row, id_, article), paragraphs in zip(sought, held, strict=True):
            change = None
            if self._is_known(id_, paragraphs):
                place = number, row
                change = (
                    self._whole(place, id_, article)
                    if id_ in self._going
                    else self._part(place, id_, article, paragraphs)
                )
            else:
                tally.unknown += 1
            if change:
                made[row] = change
        return made

    def _repeat(self, number: int, row: int, article: Article, again: str) -> Change | None:
        kept = self._going[again].kept_article if again in self._going else again
        if (kept, None) not in self._where:
            return None
        entry = self._entry((number, row), article.id, kept, None) | {
            "words": self._articles[again][1],
            "relation": "identical",
            "similarity": 1.0,
            "text": article.text,
        }
        return Change(article.text, None, [entry])

    def _whole(self, place: Place, id_: str, article: Article) -> Change | None:
        left = self._going[id_]
        if (left.kept_article, None) not in self._where:
            return None
        entry = self._entry(place, id_, left.kept_article, None) | {
            "words": self._articles[id_][1],
            "relation": left.role,
            "similarity": left.share_of_member,
            "story": left.story,
            "text": article.text,
        }
        return Change(article.text, None, [entry])

    def _part(
        self, place: Place, id_: str, article: Article, held: Sequence[_Paragraph]
    ) -> Change | None:
        going = [
            drop
            for drop in self._drops[id_]
            if (drop.kept_article, drop.kept_paragraph) in self._where
            and drop.paragraph < len(held)
            and held[drop.paragraph] == (drop.start, drop.end, drop.text_id)
        ]
        if not going:
            return None
        entries = [
            self._entry(place, id_, drop.kept_article, drop.kept_paragraph)
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

    def _entry(
        self, place: Place, id_: str, kept: str, kept_paragraph: int | None
    ) -> dict[str, Any]:
        kept_number, kept_row = self._where[kept, kept_paragraph]
        return dict.fromkeys(column.name for column in COLUMNS) | {
            "file": visible(self.tables[place[0]].found.path),
            "row": place[1],
            "article": id_,
            "kept_file": visible(self.tables[kept_number].found.path),
            "kept_row": kept_row,
            "kept_article": kept,
            "kept_paragraph": kept_paragraph,
        }


class _Paragraph(NamedTuple):
    start: int
    end: int
    text_id: str


def _paragraphs(texts: Sequence[str]) -> list[list[_Paragraph]]:
    """Return the paragraphs of each text as a scan sees them."""
    found: list[list[_Paragraph]] = [[] for _ in texts]
    if texts:
        batch = encode(texts, flagged=False)
        ids = batch.key.astype(">u8").tobytes().hex()
        columns = zip(batch.article.tolist(), batch.start.tolist(), batch.end.tolist(), strict=True)
        for number, (article, start, end) in enumerate(columns):
            found[article].append(_Paragraph(start, end, ids[32 * number : 32 * number + 32]))
    return found


# -- one file after another -----------------------------------------------------------------------


@dataclass
class _Tally:
    """What is counted of one file on the way."""

    paragraphs: int = 0
    words: int = 0
    repeats: int = 0
    unknown: int = 0


class _Run:
    """The files that are done, in this run and in those before it that were cut short."""

    def __init__(self, place: Path, digest: str) -> None:
        self._place = place
        self._progress = place / PROGRESS
        self._done: dict[str, dict[str, int]] = {}
        first = {"job": digest}
        if self._progress.is_file():
            lines = list(_whole_lines(self._progress))
            if lines[:1] != [first]:
                raise OutputError(
                    f"{place}: holds the beginning of another job; give the same paths and options "
                    "to go on with it, or name another folder with -o"
                )
            self._done = {line["file"]: line["counts"] for line in lines[1:]}
            for partial in place.rglob(".*.partial"):
                shutil.rmtree(partial) if partial.is_dir() else partial.unlink()
        with files.replaced_file(self._progress) as partial:
            rows = ({"file": name, "counts": counts} for name, counts in self._done.items())
            writer.lines(partial, [first, *rows])

    def all(
        self, plan: _Plan, targets: Sequence[PurePath], problems: list[Problem], say: Progress
    ) -> Collected:
        """Write what is not written yet, and return the sums of all."""
        sums = Collected(unreadable=len(plan.damaged))
        for number, target in enumerate(targets):
            if number in plan.damaged:
                continue
            name = target.as_posix()
            if name not in self._done or not (self._place / target).is_file():
                try:
                    self._done[name] = self._one(plan, number, target)
                except UnreadableError as error:  # it changed since it was looked through
                    path = visible(plan.tables[number].found.path)
                    problems.append(Problem(path, error.what, error.remedy))
                    sums = sums.plus({"unreadable": 1})
                    continue
                self._note(name)
            sums = sums.plus(self._done[name])
            say.advance(1)
        return sums

    def _one(self, plan: _Plan, number: int, target: PurePath) -> dict[str, int]:
        table, tally = plan.tables[number], _Tally()
        listed = self._place / DROPPED / target
        with files.replaced_file(listed) as partial:
            spool = partial.with_suffix(".rows.partial")
            with (
                shards.compressed(spool, "" if table.kind == "parquet" else table.packed) as told,
                files.replaced_file(self._place / target) as shard,
            ):

                def made(change: Change) -> None:
                    for entry in change.dropped:
                        told.write(writer.encoded(entry))
                        tally.words += entry["words"]
                        tally.paragraphs += entry["paragraph"] is not None
                        tally.repeats += (
                            entry["relation"] == "identical" and entry["paragraph"] is None
                        )

                rows = shards.rewritten(
                    table,
                    shard,
                    plan.names,
                    plan.site,
                    lambda batch: plan.changes(number, batch, tally),
                    made,
                )
            if table.kind == "parquet":
                with spool.open("rb") as lines:
                    export.parquet(partial, COLUMNS, map(json.loads, lines))
                spool.unlink()
            else:
                spool.replace(partial)
        return _counts(rows, tally)

    def _note(self, name: str) -> None:
        with self._progress.open("ab") as file:
            file.write(writer.encoded({"file": name, "counts": self._done[name]}))
            file.flush()
            os.fsync(file.fileno())

    def end(self) -> None:
        """Take away what only a run that goes on needs."""
        self._progress.unlink()
        shutil.rmtree(self._place / FOUND, ignore_errors=True)


def _counts(rows: Rows, tally: _Tally) -> dict[str, int]:
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


def _whole_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the lines of a file that were written to their end."""
    for line in path.read_bytes().splitlines(keepends=True):
        if line.endswith(b"\n"):
            with suppress(ValueError):
                yield json.loads(line)
