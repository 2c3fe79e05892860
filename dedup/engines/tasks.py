"""A function for each of many values, one task of Spark for each, whatever task ends first."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from dedup.engines.faults import told

if TYPE_CHECKING:
    from pyspark import SparkContext
    from pyspark.sql import SparkSession

Argument = TypeVar("Argument")
Done = TypeVar("Done")

AHEAD = 2
"""Tasks a core that are handed to Spark before the first of them must be done. A higher value keeps
cores busy where tasks are short; it holds so many more arguments in the driver."""


class Tasks:
    """Calls a function for each of many values in executors; it takes the place of `map`.

    Functions must be named ones of a module, and what they take and return must pickle. Results
    come as they are done, in any order, and values are taken from their iterable no faster than
    `AHEAD` allows. A task that fails is tried again as Spark is told (`spark.task.maxFailures`).
    """

    def __init__(self, spark: SparkSession) -> None:
        self._context = spark.sparkContext

    def __call__(
        self, function: Callable[[Argument], Done], arguments: Iterable[Argument], /
    ) -> Iterator[Done]:
        """Yield what the function returns of each. Raises `DedupError` where a task fails."""
        most = AHEAD * max(1, self._context.defaultParallelism)
        waiting: set[Future[Done]] = set()
        threads = ThreadPoolExecutor(most, "dedup-spark")
        try:
            for argument in arguments:
                waiting.add(threads.submit(_one, self._context, function, argument))
                if len(waiting) == most:
                    done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                    yield from (one.result() for one in done)
            while waiting:
                done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                yield from (one.result() for one in done)
        finally:
            threads.shutdown(cancel_futures=True)


def _one(context: SparkContext, function: Callable[[Argument], Done], argument: Argument) -> Done:
    call = _Here(Path.cwd(), function)
    with told():
        (done,) = context.parallelize([argument], 1).map(call).collect()
    result: Done = done
    return result


class _Here(Generic[Argument, Done]):
    """A call in the folder of the driver."""

    def __init__(self, folder: Path, function: Callable[[Argument], Done]) -> None:
        self._folder, self._function = folder, function

    def __call__(self, argument: Argument) -> Done:
        enter(self._folder)
        return self._function(argument)


def enter(folder: Path) -> None:
    """Make a task work in the folder of the driver, so that its paths lead to the same files.

    Where an executor has no such folder, paths must be whole ones.
    """
    with suppress(OSError):
        os.chdir(folder)
