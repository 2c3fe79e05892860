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
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path, PurePath
from typing import Any, Protocol, TypeVar

import numpy as np
from xxhash import xxh3_64_hexdigest

from dedup import files
from dedup.errors import InputError, OutputError, Problem
from dedup.output import clean, one_shard, reader, writer
from dedup.output.clean import ACCOUNT, LEAST_WORDS, NEARLY_ALL, STAYED, Drop, Left
from dedup.output.one_shard import DROPPED, Known, Looked, Order, Shard
from dedup.output.row_ids import Place, RowIds, Shared, hash_of
from dedup.output.told import Told
from dedup.portable import Held, locked
from dedup.progress import Progress, Silent
from dedup.readers.field_names import FieldNames, Given
from dedup.readers.tables import Table
from dedup.records import Article

PROGRESS = ".progress.jsonl"
"""What is done so far; it is gone when all is."""
FOUND = ".found"
"""Where a scan that is made for this is kept until all is done."""

_LOCK = ".lock"

_Argument = TypeVar("_Argument")
_Done = TypeVar("_Done")


class Each(Protocol):
    """How a function is called for one file after another, or for several at once.

    The built-in `map` is one. Another one may call it in other processes, and may return what it
    returned in any order.
    """

    def __call__(
        self, function: Callable[[_Argument], _Done], arguments: Iterable[_Argument], /
    ) -> Iterator[_Done]:
        """Yield what the function returns of each argument."""


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
    each: Each = map,
) -> Collected:
    """Write the files of a collection into the folder `out` without what repeats.

    `found` is the output folder of a scan of `paths`, or writes one into the folder it is given.
    `each` calls a function for every file; `out` must be the same folder wherever it calls it.
    `job` says in values of JSON what `found` depends on: a run that was killed is gone on with only
    if it was for the same job, the same files and the same choices. Files that cannot be read are
    added to `problems`. Raises `OutputError` if `out` holds anything else or cannot be written, and
    `InputError` if no row is an article of the scan.
    """
    place = files.on_disk(out)
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
            say.stage("look up", None)
            plan = _Plan(found, shard_files, which, problems, each)
            targets = clean.apart(
                (
                    clean.relative(Path(one.found.path), list(map(Path, paths)))
                    for one in shard_files
                ),
                (ACCOUNT, STAYED, PROGRESS, DROPPED),
            )
            say.stage("write", len(shard_files))
            done = run.all(plan, targets, each, problems, say)
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
    """What goes of which file."""

    def __init__(
        self,
        found: Path,
        shard_files: Sequence[Table],
        which: Which,
        problems: list[Problem],
        each: Each,
    ) -> None:
        self.stayed: Mapping[str, Left] = {}
        names = FieldNames(which.fields)
        every = [Shard(n, table, which.site, names) for n, table in enumerate(shard_files)]
        known = self._found(found, which)
        looked = sorted(each(one_shard.look, every), key=lambda one: one.number)
        problems += [one.problem for one in looked if one.problem]
        self.damaged = frozenset(one.number for one in looked if one.problem)
        self._shards = [shard for shard in every if shard.number not in self.damaged]
        _refuse_others(looked, known)
        whole = [one for one in looked if not one.problem]
        several = Shared([one.hashes for one in whole])
        held = dict[Place, Article]()
        if several.any:
            for part in each(one_shard.shared, ((shard, several) for shard in self._shards)):
                held.update(part)
        known = replace(known, ids=RowIds(dict(sorted(held.items()))))
        known = replace(known, wanted=_wanted(known))
        self._parts = _Parts(known, whole)
        where = dict[tuple[str, int | None], tuple[str, int]]()
        for found_there in each(
            one_shard.present, ((shard, self._parts.of(shard.number)) for shard in self._shards)
        ):
            where.update(found_there)
        self._parts.where = where

    def _found(self, found: Path, which: Which) -> Known:
        """Read what a scan found; raises `OutputError` if its files do not fit together."""
        told = Told(found)
        drops: dict[str, list[Drop]] = {}
        going: dict[str, Left] = {}
        try:
            rows = told.article_rows()
            articles = {row["article"]: (row["paragraphs"], row["words"]) for row in rows}
            if which.stories:
                stories = list(told.stories)
                going = clean.superfluous(stories, which.share)
                self.stayed = clean.staying(stories, going)
            else:
                drops, _ = clean.dropped(
                    told, least_words=which.least_words, keep_standing=which.keep_standing
                )
        except (KeyError, TypeError) as error:
            raise OutputError(
                f"{found}: its files do not fit together ({error}); scan again"
            ) from error
        return Known(articles, drops, going)

    def orders(self, out: Path, targets: Mapping[int, PurePath]) -> Iterator[Order]:
        """Yield what is to be written, each file with what is known of its rows."""
        for shard in self._shards:
            if shard.number in targets:
                known = self._parts.of(shard.number)
                yield Order(shard, known, out, targets[shard.number])


def _refuse_others(looked: Sequence[Looked], known: Known) -> None:
    """Raise `InputError` if there are articles, and none of them was in the scan."""
    articles = sum(len(one.hashes.ids) for one in looked)
    scanned = np.array([hash_of(id_) for id_ in known.articles], np.uint64)
    if articles and not any(np.isin(one.hashes.ids, scanned).any() for one in looked):
        raise InputError(
            f"none of the {articles:,} articles was in the scan; give the paths that were "
            "scanned, with the same --site and --field"
        )


def _wanted(known: Known) -> dict[str, dict[int, str]]:
    wanted: dict[str, dict[int, str]] = {}
    for drops in known.drops.values():
        for drop in drops:
            wanted.setdefault(drop.kept_article, {})[drop.kept_paragraph] = drop.kept_text_id
    for id_ in {left.kept_article for left in known.going.values()} | set(
        known.ids.repeats.values()
    ):
        wanted.setdefault(id_, {})
    return wanted


class _Parts:
    """What is known, file by file, so that a file can be sent elsewhere with no more than its own.

    Beside what is known it takes 8 bytes a row and 16 an article.
    """

    def __init__(self, known: Known, looked: Sequence[Looked]) -> None:
        self._known, self._ids = known, known.ids.by_file()
        self._rows = {one.number: one.hashes.ids for one in looked}
        hashed = np.array([hash_of(id_) for id_ in known.articles], np.uint64)
        order = np.argsort(hashed)
        names = list(known.articles)
        self._hashed, self._names = hashed[order], [names[one] for one in order.tolist()]
        self.where: Mapping[tuple[str, int | None], tuple[str, int]] = {}

    def of(self, number: int) -> Known:
        """Return what is known of the rows of a file, and where that is which is kept of them."""
        known, ids = self._known, self._ids.get(number, RowIds({}))
        names = dict.fromkeys([*self._own(number), *ids.named()])
        drops = {id_: known.drops[id_] for id_ in names if id_ in known.drops}
        going = {id_: known.going[id_] for id_ in names if id_ in known.going}
        kept: set[tuple[str, int | None]] = {(id_, None) for id_ in ids.repeats.values()}
        kept |= {(left.kept_article, None) for left in going.values()}
        kept |= {(one.kept_article, one.kept_paragraph) for each in drops.values() for one in each}
        return Known(
            articles={id_: known.articles[id_] for id_ in names if id_ in known.articles},
            drops=drops,
            going=going,
            wanted={id_: known.wanted[id_] for id_ in names if id_ in known.wanted},
            ids=ids,
            where={place: self.where[place] for place in kept if place in self.where},
        )

    def _own(self, number: int) -> list[str]:
        """List the articles that have the id of a row."""
        rows = self._rows[number]
        first, last = (np.searchsorted(self._hashed, rows, side) for side in ("left", "right"))
        return [
            self._names[at]
            for low, high in zip(first.tolist(), last.tolist(), strict=True)
            for at in range(low, high)
        ]


# -- one file after another -----------------------------------------------------------------------


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
        self,
        plan: _Plan,
        targets: Sequence[PurePath],
        each: Each,
        problems: list[Problem],
        say: Progress,
    ) -> Collected:
        """Write what is not written yet, and return the sums of all."""
        names = {number: target.as_posix() for number, target in enumerate(targets)}
        whole = [name for number, name in names.items() if number not in plan.damaged]
        done = {name for name in whole if name in self._done and (self._place / name).is_file()}
        say.advance(len(done))
        missing = {number: targets[number] for number, name in names.items() if name not in done}
        changed = []
        for wrote in each(one_shard.write, plan.orders(self._place, missing)):
            if wrote.counts:
                self._done[wrote.name] = wrote.counts
                self._note(wrote.name)
                done.add(wrote.name)
            if wrote.problem:
                changed.append(wrote.problem)
            say.advance(1)
        problems += sorted(changed, key=str)
        sums = Collected(unreadable=len(plan.damaged) + len(changed))
        for name in whole:
            sums = sums.plus(self._done[name] if name in done else {})
        return sums

    def _note(self, name: str) -> None:
        with self._progress.open("ab") as file:
            file.write(writer.encoded({"file": name, "counts": self._done[name]}))
            file.flush()
            os.fsync(file.fileno())

    def end(self) -> None:
        """Take away what only a run that goes on needs."""
        self._progress.unlink()
        shutil.rmtree(self._place / FOUND, ignore_errors=True)


def _whole_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the lines of a file that were written to their end."""
    for line in path.read_bytes().splitlines(keepends=True):
        if line.endswith(b"\n"):
            with suppress(ValueError):
                yield json.loads(line)
