"""`dedup clean` of a collection on Spark: one task a file, by the functions of a plain run."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from dedup.engines.session import session as session_of
from dedup.engines.tasks import Tasks
from dedup.errors import InputError, Problem
from dedup.output import collection, reader
from dedup.output.clean import LEAST_WORDS, NEARLY_ALL
from dedup.output.collection import Collected, Which
from dedup.progress import Progress
from dedup.readers import tables
from dedup.readers.discover import visible
from dedup.readers.field_names import FieldNames, Given

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def clean(
    paths: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    out: str | os.PathLike[str],
    *,
    found: str | os.PathLike[str],
    stories: bool = False,
    share: float = NEARLY_ALL,
    least_words: int = LEAST_WORDS,
    keep_standing: bool = False,
    site: str | None = None,
    fields: Given | None = None,
    session: SparkSession | None = None,
    master: str | None = None,
    problems: list[Problem] | None = None,
    progress: Progress | None = None,
) -> Collected:
    """Write the files of a collection again without what repeats, as `dedup clean --from` does.

    `paths` are files or folders of Parquet and JSON lines, also in an object store; `found` is the
    folder that a scan of them wrote, on Spark or not; `out` is a folder that the driver and all
    executors see. Each file is one task: it is sent what is known of its own rows, and no more. A
    job that was killed goes on with the files that are missing. `problems` is given what cannot be
    read. See `dedup.output.clean` for the choices, and `dedup.engines.spark.scan` for the rest.

    Raises `InputError` where the paths hold anything else or nothing of the scan, `OutputError`
    where `out` or `found` is not what it should be, and `DedupError` where tasks fail.
    """
    given = [str(one) for one in ([paths] if isinstance(paths, str | os.PathLike) else paths)]
    which = Which(stories, share, least_words, keep_standing, site, fields)
    told: list[Problem] = []
    shards, other = tables.tables(given, FieldNames(fields), told)
    if other or not shards:
        what = f"{visible(other.path)} is neither" if other else "there is none"
        raise InputError(f"only files of Parquet or JSON lines are cleaned on Spark, and {what}")
    place = reader.either(found)
    job = {"found": [str(place), (place / "summary.json").stat().st_mtime_ns]}
    spark = session or session_of(master)
    done = collection.write(place, shards, given, out, which, job, told, progress, Tasks(spark))
    if problems is not None:
        problems += told
    return done
