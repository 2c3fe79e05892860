"""A scan on Apache Spark: the same stages on the same kernels, with the same answers.

Executors read the articles, make paragraphs and tokens of them, and collapse equal paragraphs by a
shuffle. What they finish is kept as Parquet below the output folder, so that a job that was killed
goes on after its last finished stage. The stages that need all texts at once run in the driver, on
arrays and without any article's text.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from dedup import pipeline
from dedup._version import __version__
from dedup.engines import (
    boilerplate,
    clusters,
    encode,
    kin,
    load,
    matching,
    near,
    passages,
    tables,
    telling,
)
from dedup.engines.articles import READ
from dedup.engines.cleaning import clean as clean
from dedup.engines.faults import told
from dedup.engines.load import ARTICLES, TEXTS
from dedup.engines.once import ARTICLE, DOCUMENT, documents_once, ids_once
from dedup.engines.parts import Parts
from dedup.engines.read import Said
from dedup.engines.session import session as session_of
from dedup.engines.session import tuned
from dedup.engines.source import Files, Frame, mark, opened
from dedup.engines.stages import FOLDER, Stages
from dedup.engines.tasks import Tasks
from dedup.errors import InputError, OutputError, Problem
from dedup.files import on_disk
from dedup.metadata import outlets as houses
from dedup.metadata.outlets import Outlets
from dedup.output.reader import LINES
from dedup.output.writer import encoded
from dedup.portable import Held, locked
from dedup.progress import Progress, Silent
from dedup.readers.field_names import Given
from dedup.result import Result
from dedup.settings import Overrides, Settings
from dedup.ways import Ways

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession

READING = "read"
"""The first stage: articles as they were read, and what was told meanwhile."""
SUMMARY = "summary.json"
"""The file that is written last: where it is, the tables are whole."""

_NAMES = frozenset({*(f"{name}.parquet" for name in tables.TABLES), LINES, SUMMARY, FOLDER})
_NEW = "_new"  # beside the stages: what is being written


@dataclass(frozen=True)
class SparkResult:
    """What a scan on Spark found: tables on disk."""

    out: Path
    """The output folder: `NAME.parquet` for each of `dedup.engines.tables.TABLES`, `summary.json`,
    and `lines` where these were asked for."""
    session: SparkSession
    summary: dict[str, Any]
    """Counts, settings, versions and seconds a stage, as `dedup.Result.summary`."""
    problems: Sequence[Problem]
    """What was skipped or mended."""

    def table(self, name: str) -> DataFrame:
        """Return a table to Spark; its columns are the fields of the file of that name."""
        return self.session.read.parquet((self.out / f"{name}.parquet").as_uri())


def scan(
    source: DataFrame | str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    settings: Settings | None = None,
    out: str | os.PathLike[str] = "dedup-out",
    *,
    session: SparkSession | None = None,
    master: str | None = None,
    site: str | None = None,
    fields: Given | None = None,
    outlets: str | os.PathLike[str] | None = None,
    progress: Progress | None = None,
    json_lines: bool = False,
    **overrides: Unpack[Overrides],
) -> SparkResult:
    """Find repeated and near-duplicate paragraphs and stories on Spark; write tables to `out`.

    `source` is a frame of Spark with a column of texts, and others of the names that `dedup.scan`
    reads, or paths, which all executors must see. A row without an id gets one made of all it
    holds. `out` must be a folder that the driver and all executors see. `session` is the one to
    run in; without it `dedup.engines.session.session` finds or makes one for `master`.
    `json_lines` writes the files of a plain scan too, to the folder `lines` in `out`, for the
    commands that read one. The other arguments are those of `dedup.scan`, and so are the answers.

    A job that was killed goes on after its last finished stage, if input and settings are the same.
    Raises what `dedup.scan` raises, and `OutputError` where `out` holds other files.
    """
    known = houses.read(outlets) if outlets else Outlets()
    wanted = pipeline.in_force(settings, overrides, known)
    place = _checked(out)
    spark = session or session_of(master)
    with told(), _claimed(place), tuned(spark):
        job = opened(spark, source, wanted, site, fields)
        stages = Stages(place, spark, mark(__version__, job, wanted))
        return _Job(job, stages, place, spark, wanted, known, progress or Silent()).run(json_lines)


@dataclass(frozen=True)
class _Job:
    source: Files | Frame
    stages: Stages
    out: Path
    spark: SparkSession
    settings: Settings
    outlets: Outlets
    progress: Progress

    def run(self, json_lines: bool) -> SparkResult:
        clock = pipeline.Clock()
        self._make(clock, READING, self.source.rows)
        self._make(clock, ARTICLES, self._articles)
        problems = self._said(clock)
        with clock.stage("load"):
            self.progress.stage("load", None)
            loaded = load.load(self.stages)
        self._make(clock, TEXTS, lambda: boilerplate.look(self.stages, loaded))
        result = pipeline.find(
            loaded.corpus,
            lambda: loaded.attributions,
            problems.problems(),
            self.settings,
            self.outlets,
            self.progress,
            clock,
            Ways(
                near=partial(near.near, self.stages),
                families=partial(clusters.families, self.stages),
                listed=partial(clusters.listed, self.stages),
                clusters=partial(clusters.clusters, self.stages),
                distinct=partial(kin.distinct, self.stages),
                kin=partial(kin.kin, self.stages),
                reduce=partial(passages.reduce, self.stages),
                flag=partial(passages.flag, self.stages, self.settings.bucket),
                search=partial(passages.search, self.stages),
                prove=partial(passages.prove, self.stages),
                tell=partial(telling.tell, self.stages),
                compare=partial(matching.compare, self.stages),
                looks=boilerplate.looks(self.stages),
                mark=partial(boilerplate.mark, self.stages),
            ),
        )
        alike = partial(clusters.alike, self.stages, self.settings)
        found = replace(result, files=tuple(problems.files), alike=alike)
        summary = self._written(found, loaded, json_lines)
        self.stages.clear()
        return SparkResult(self.out, self.spark, summary, found.problems)

    def _make(self, clock: pipeline.Clock, name: str, made: Callable[[], DataFrame]) -> None:
        with clock.stage(name):
            self.progress.stage(name, None)
            self.stages.make(name, made)

    def _articles(self) -> DataFrame:
        """Return each article once, under an id of its own, with its paragraphs."""
        from pyspark.sql import functions as fn

        rows = self.stages.frame(READING).where(fn.col("told").isNull())
        page, *rest = DOCUMENT
        once = rows.repartition(fn.coalesce(page, "id"), *rest).sortWithinPartitions(*DOCUMENT)
        named = once.mapInArrow(documents_once, READ).repartition("stem")
        finished = partial(_finished, parts=self.stages.parts(ARTICLES))
        return named.sortWithinPartitions(*ARTICLE).mapInArrow(finished, encode.ENCODED)

    def _said(self, clock: pipeline.Clock) -> Said:
        """Gather what executors told; raise `InputError` where there is no article."""
        said = Said(self.source.given, self.source.finder)
        with clock.stage(ARTICLES):
            for name in (READING, ARTICLES):
                told = self.stages.table(name, ["told"]).column("told").drop_null()
                for row in told.to_pylist():
                    said.hear(json.loads(row))
            some = self.stages.table(ARTICLES, ["id"]).column("id")
        said.files.sort(key=lambda file: file.path)
        if len(some) == some.null_count:
            reasons = "; ".join(map(str, [*self.source.problems, *said.problems()][:3]))
            raise InputError(f"nothing to scan: {reasons or 'the input is empty'}")
        return said

    def _written(self, found: Result, loaded: load.Loaded, json_lines: bool) -> dict[str, Any]:
        """Write tables and summary, and return the summary."""
        new = self.out / FOLDER / _NEW
        shutil.rmtree(new, ignore_errors=True)
        with load.texts_on_disk(self.stages, loaded) as articles:
            corpus = found.corpus._replace(articles=articles)
            replace(found, corpus=corpus, worded=True).write(new / LINES, self.progress)
        for _ in Tasks(self.spark)(partial(tables.write, new / LINES, new), tables.TABLES):
            pass
        summary: dict[str, Any] = json.loads((new / LINES / SUMMARY).read_bytes())
        if not json_lines:
            shutil.rmtree(new / LINES)
        (self.out / SUMMARY).unlink(missing_ok=True)
        for name in sorted(_NAMES - {SUMMARY, FOLDER}):
            shutil.rmtree(self.out / name, ignore_errors=True)
            if (new / name).exists():
                (new / name).rename(self.out / name)
        (new / SUMMARY).write_bytes(encoded(summary, indent=2))
        (new / SUMMARY).rename(self.out / SUMMARY)
        return summary


def _finished(batches: Iterable[pa.RecordBatch], parts: Parts) -> Iterator[pa.RecordBatch]:
    return encode.encoded(ids_once(batches), parts)


@contextmanager
def _claimed(place: Path) -> Iterator[None]:
    """Hold the output folder; raise `OutputError` where another job does."""
    try:
        with locked(place.with_name(f".{place.name}.lock")):
            yield
    except Held:
        what = f"{place}: another job is writing it"
        raise OutputError(f"{what}; wait for it or name another folder with -o") from None


def _checked(out: str | os.PathLike[str]) -> Path:
    """Return the output folder; raise `OutputError` where it holds what is not ours."""
    place = on_disk(out).absolute()
    try:
        place.mkdir(parents=True, exist_ok=True)
        others = sorted({entry.name for entry in place.iterdir()} - _NAMES)
    except OSError as error:
        what = f"{out}: cannot be written: {error.strerror or error}"
        raise OutputError(f"{what}; name another folder with -o") from error
    if others:
        what = f"{out}: already holds {others[0]}, which dedup will not replace"
        raise OutputError(f"{what}; name another folder with -o")
    return place
