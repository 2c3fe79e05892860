"""What a job has finished, on disk: Parquet by stage, so that one that was killed goes on there."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession

FOLDER = "_stages"
PART_BYTES = 8 << 20
"""Bytes of a part of what the driver writes, about: executors read a part in one task at least.
Higher makes fewer tasks of it."""
_MARK = "_dedup.json"  # Spark and Arrow pass by what begins so


class Stages:
    """The finished stages of one job: those with the mark of its input and settings.

    They lie in a folder that the driver and all executors see.
    """

    def __init__(self, out: Path, spark: SparkSession, mark: str) -> None:
        self._folder = out / FOLDER
        self._spark = spark
        self._mark = mark

    def make(self, name: str, made: Callable[[], DataFrame]) -> bool:
        """Write a stage, unless it was finished before; return whether it was written now.

        A stage that was cut short has no mark, and is made again.
        """
        if self.is_done(name):
            return False
        place = self._folder / name
        made().write.mode("overwrite").parquet(place.absolute().as_uri())
        self._finish(name)
        return True

    def put(self, name: str, batches: Iterable[pa.RecordBatch]) -> None:
        """Write rows that the driver has, one batch at least, in parts as Spark would.

        Nothing is done where that was finished before.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        if self.is_done(name):
            return
        place = self._folder / name
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        some, size, part = list[pa.RecordBatch](), 0, 0
        for batch in batches:
            some.append(batch)
            size += batch.nbytes
            if size >= PART_BYTES:
                pq.write_table(pa.Table.from_batches(some), place / _part(part))
                some, size, part = [], 0, part + 1
        if some:
            pq.write_table(pa.Table.from_batches(some), place / _part(part))
        self._finish(name)

    def put_array(self, name: str, values: npt.NDArray[Any]) -> Path:
        """Write an array that the driver has, for executors to load; return where."""
        place = self.array(name)
        np.save(place, values)
        return place

    def array(self, name: str) -> Path:
        """Return where an array is, or will be."""
        return (self._folder / f"{name}.npy").absolute()

    def frame(self, name: str) -> DataFrame:
        """Return a finished stage to Spark."""
        return self._spark.read.parquet((self._folder / name).absolute().as_uri())

    def table(
        self, name: str, columns: Sequence[str], where: tuple[str, int] | None = None
    ) -> pa.Table:
        """Return some columns of a finished stage, its rows in the order they were written in.

        They are of all rows, or of those that have a value in a column.
        """
        import pyarrow.dataset as ds

        chosen = None if where is None else ds.field(where[0]) == where[1]
        source = ds.dataset(self.files(name), format="parquet")
        return source.to_table(columns=list(columns), filter=chosen)

    def count(self, name: str, below: tuple[str, int] | None = None) -> int:
        """Count the rows of a finished stage: all, or those of which a column is below a value."""
        import pyarrow.dataset as ds

        chosen = None if below is None else ds.field(below[0]) < below[1]
        return int(ds.dataset(self.files(name), format="parquet").count_rows(filter=chosen))

    def batches(self, name: str, columns: Sequence[str], rows: int) -> Iterator[pa.RecordBatch]:
        """Yield some columns of a finished stage, so many rows at a time, in order."""
        import pyarrow.parquet as pq

        for path in self.files(name):
            with pq.ParquetFile(path) as file:
                yield from file.iter_batches(rows, columns=list(columns))

    def files(self, name: str) -> list[str]:
        """Return the files of a finished stage, in the order of Spark's partitions."""
        found = (self._folder / name).glob("part-*.parquet")
        return [str(path) for path in sorted(found, key=lambda path: int(path.name.split("-")[1]))]

    def bases(self, name: str) -> dict[str, int]:
        """Return the number of the first row of each file of a finished stage, by its name."""
        import pyarrow.parquet as pq

        bases, number = {}, 0
        for path in self.files(name):
            bases[Path(path).name] = number
            number += pq.read_metadata(path).num_rows
        return bases

    def clear(self) -> None:
        """Take all stages away."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _finish(self, name: str) -> None:
        mark = json.dumps({"of": self._mark})
        (self._folder / name / _MARK).write_text(mark, encoding="utf-8")

    def is_done(self, name: str) -> bool:
        """Tell whether a stage of this job is finished."""
        try:
            known = json.loads((self._folder / name / _MARK).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return False
        return bool(known == {"of": self._mark})


def _part(number: int) -> str:
    return f"part-{number:05}-driver.parquet"
