"""What a job reads: files that the driver finds, or a frame of Spark."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from dedup.engines import read
from dedup.engines.articles import READ
from dedup.errors import InputError, Problem, SettingsError
from dedup.readers import arrow
from dedup.readers.discover import STDIN, Finder, Found
from dedup.readers.field_names import FieldNames, Given
from dedup.readers.protocol import Source, UnreadableError
from dedup.settings import Settings

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

TASK_BYTES = 64 << 20
"""Bytes of files that one task reads, about. Higher makes fewer tasks, each of which takes longer
to do again; a larger file is a task by itself."""


@dataclass
class Files:
    """Files that the driver found."""

    spark: SparkSession
    paths: Sequence[str]
    site: str | None
    given: Given | None
    page_seconds: float
    problems: list[Problem] = field(default_factory=list)
    """What could not be found."""

    def __post_init__(self) -> None:
        if STDIN in self.paths:
            raise SettingsError("Spark cannot read standard input; write it to a file, and name it")
        self.finder: Finder | None = Finder(self.paths, self.problems)
        self._found = list(self.finder or ())

    def identity(self) -> Any:
        """Return what is another when a file is."""
        return [(one.path, one.name, _changed(one)) for one in self._found]

    def rows(self) -> DataFrame:
        """Return rows of `READ`."""
        tasks = [(read.packed(files),) for files in _shared_out(self._found)]
        frame = self.spark.createDataFrame(
            self.spark.sparkContext.parallelize(tasks, max(1, len(tasks))), "files binary"
        )
        reader = partial(
            read.read_files,
            folder=Path.cwd(),
            site=self.site,
            given=self.given,
            page_seconds=self.page_seconds,
        )
        return frame.mapInArrow(reader, READ)


@dataclass
class Frame:
    """A frame of Spark, whose rows are articles."""

    frame: DataFrame
    site: str | None
    given: Given | None
    problems: list[Problem] = field(default_factory=list)
    """What its columns have that is of no use."""
    finder: Finder | None = None

    def __post_init__(self) -> None:
        import pyarrow as pa
        from pyspark.sql.pandas.types import to_arrow_type

        columns = []
        for one in self.frame.schema.fields:
            kind = pa.list_(pa.null())  # what Arrow has no type for is of no use here
            with suppress(Exception):
                kind = to_arrow_type(one.dataType)
            columns.append(pa.field(one.name, kind))
        source = Source(read.FRAME, read.FRAME, self.site, FieldNames(self.given))
        try:
            places = arrow.readable(pa.schema(columns), source, self.problems)
        except UnreadableError as error:
            raise InputError(f"{read.FRAME}: {error}; {error.remedy}") from error
        names = [self.frame.columns[place] for place in places.values()]
        self._chosen = [
            self.frame[f"`{theirs}`"].alias(ours)
            for ours, theirs in zip(places, names, strict=True)
        ]

    def identity(self) -> Any:
        """Return what is another when the frame is: its plan, and the files that it reads.

        Of files on this machine their sizes and times count too.
        """
        files = sorted(self.frame.inputFiles())
        return [self.frame.semanticHash(), [(address, _state(address)) for address in files]]

    def rows(self) -> DataFrame:
        """Return rows of `READ`."""
        reader = partial(read.read_frame, site=self.site, given=self.given)
        return self.frame.select(self._chosen).mapInArrow(reader, READ)


def opened(
    spark: SparkSession, source: Any, settings: Settings, site: str | None, given: Given | None
) -> Files | Frame:
    """Return what there is to read.

    Raises `InputError` for what is neither paths nor a frame with texts, and `SettingsError` for
    standard input or an unknown field.
    """
    from pyspark.sql import DataFrame

    if isinstance(source, DataFrame):
        return Frame(source, site, given)
    if isinstance(source, str | os.PathLike):
        source = [source]
    if not isinstance(source, list | tuple) or not all(
        isinstance(one, str | os.PathLike) for one in source
    ):
        what = f"nothing to scan: the source is {type(source).__name__}"
        raise InputError(f"{what}; give a frame of Spark, a path, or a list of paths")
    paths = [os.fspath(one) for one in source]
    return Files(spark, paths, site, given, settings.page_seconds)


def mark(version: str, source: Files | Frame, settings: Settings) -> str:
    """Return what is another when an answer may be."""
    what = {
        "version": version,
        "settings": asdict(settings) | {"threads": 0},
        "site": source.site,
        "fields": dict(source.given or {}),
        "source": source.identity(),
    }
    return hashlib.sha256(json.dumps(what, sort_keys=True, default=list).encode()).hexdigest()


def _changed(found: Found) -> str:
    with suppress(OSError):
        return f"{found.size()} {found.changed()}"
    return ""


def _state(address: str) -> str:
    """Return what is another when a file is, if it is on this machine."""
    where = urlsplit(address)
    with suppress(OSError, ValueError):
        if where.scheme in ("", "file"):
            state = Path(url2pathname(where.path)).stat()
            return f"{state.st_size} {state.st_mtime_ns}"
    return ""


def _shared_out(files: Sequence[Found]) -> Iterator[list[Found]]:
    """Share files out to tasks, in their order."""
    task: list[Found] = []
    room = TASK_BYTES
    for found in files:
        size = 0
        with suppress(OSError):
            size = found.size() or 0
        if task and size > room:
            yield task
            task, room = [], TASK_BYTES
        task.append(found)
        room -= size
    if task:
        yield task
