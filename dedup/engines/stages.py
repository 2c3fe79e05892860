"""What a job has finished, on disk: Parquet by stage, so that one that was killed goes on there."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dedup.engines.kept_texts import KeptTexts
from dedup.engines.parts import Parts

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession

FOLDER = "_stages"
TURNS = 4
"""Tasks a core into which work is parted, at least where there is so much. Higher lets no core wait
for long at the end, and costs a start for each."""
AT_MOST = 8
"""Pieces of work, such as blocks, that one task does at most. Higher loses more when it fails."""
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
        place, frame = self._folder / name, made()
        frame.write.mode("overwrite").parquet(place.absolute().as_uri())
        self._finish(name, frame.schema.jsonValue())
        return True

    def put(self, name: str, batches: Iterable[pa.RecordBatch]) -> None:
        """Write rows that the driver has, one batch at least, each batch to be read by itself.

        Nothing is done where that was finished before.
        """
        import pyarrow.parquet as pq

        if self.is_done(name):
            return
        place = self._folder / name
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        rest = iter(batches)
        first = next(rest)
        with pq.ParquetWriter(place / "part-00000-driver.parquet", first.schema) as file:
            for batch in chain([first], rest):
                file.write_batch(batch)
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
        from pyspark.sql.types import StructType

        reader = self._spark.read
        if schema := self._known(name).get("schema"):  # Spark starts a job to look for another
            reader = reader.schema(StructType.fromJson(schema))
        return reader.parquet((self._folder / name).absolute().as_uri())

    def numbers(self, count: int) -> DataFrame:
        """Return a row for each of so many pieces of work, its number from 0 on, in tasks."""
        return self._spark.range(0, count, 1, self.tasks(count))

    def groups(self, name: str) -> DataFrame:
        """Return such a row for each batch that the driver has put."""
        import pyarrow.parquet as pq

        return self.numbers(pq.read_metadata(self.files(name)[0]).num_row_groups)

    @property
    def cores(self) -> int:
        """How many tasks run at a time, as Spark is told."""
        return int(self._spark.sparkContext.defaultParallelism)

    def tasks(self, count: int) -> int:
        """Return into how many tasks so many pieces of work are parted."""
        return max(1, min(count, max(TURNS * self.cores, count // AT_MOST)))

    def texts(self, name: str) -> KeptTexts:
        """Return the texts that tasks write for a stage."""
        return KeptTexts(str((self._folder / f"{name}-words").absolute()))

    def parts(self, name: str) -> Parts:
        """Return the parts that tasks write for a stage."""
        return Parts(str((self._folder / f"{name}-parts").absolute()))

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

    def clear(self) -> None:
        """Take all stages away."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _finish(self, name: str, schema: Any = None) -> None:
        mark = json.dumps({"of": self._mark, "schema": schema})
        (self._folder / name / _MARK).write_text(mark, encoding="utf-8")

    def is_done(self, name: str) -> bool:
        """Tell whether a stage of this job is finished."""
        return bool(self._known(name).get("of") == self._mark)

    def _known(self, name: str) -> dict[str, Any]:
        """Return what is known of a finished stage, of whichever job."""
        try:
            known = json.loads((self._folder / name / _MARK).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return known if isinstance(known, dict) else {}
