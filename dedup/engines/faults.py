"""What Spark raises, as one clear line of dedup."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from dedup.errors import DedupError, InputError, OutputError

_LONGEST = 300  # characters of what Spark says itself


@contextmanager
def told() -> Iterator[None]:
    """Turn what Spark raises in a block into an error of dedup, of one line; see `said`."""
    try:
        yield
    except Exception as error:
        if type(error).__module__.partition(".")[0] not in ("pyspark", "py4j"):
            raise
        raise said(str(error)) from error


def said(trace: str) -> DedupError:
    r"""Return the error that a trace of Spark, of Java and of Python, comes to.

    It is an `OutputError` where a file or folder is not what it should be, an `InputError` where
    nothing is at a path, and a plain `DedupError` for all else.

    >>> str(said("Traceback ...\nModuleNotFoundError: No module named 'xxhash'")).split(";")[0]
    'Spark: executors have no package xxhash'
    >>> type(said("Traceback ...\nOSError: [Errno 28] No space left on device")).__name__
    'OutputError'
    """
    for pattern, made in _KINDS:
        if found := pattern.search(trace):
            return made(found)
    return DedupError(f"Spark: {_line(trace)}")


def _missing(found: re.Match[str]) -> DedupError:
    package = "news-dedup" if found[1].partition(".")[0] == "dedup" else found[1].partition(".")[0]
    return DedupError(
        f"Spark: executors have no package {package}; install 'news-dedup[spark]' where they run, "
        "or let PYSPARK_PYTHON name the Python there that has it"
    )


def _no_python(found: re.Match[str]) -> DedupError:
    return DedupError(
        f"Spark: executors cannot start {found[1]}; let PYSPARK_PYTHON name a Python that is there"
    )


def _other_python(found: re.Match[str]) -> DedupError:
    return DedupError(
        f"Spark: {found[0].strip()}; use one version of Python for the driver and all executors"
    )


def _killed(_: re.Match[str]) -> DedupError:
    return DedupError(
        "Spark: a task was killed as often as it was tried, most likely for want of memory; give "
        "executors more (spark.executor.memoryOverhead) or fewer cores (spark.executor.cores)"
    )


def _no_path(found: re.Match[str]) -> DedupError:
    return InputError(f"{found[1].rstrip('.')}: nothing is there; check the path and run again")


def _own(found: re.Match[str]) -> DedupError:
    return DedupError(found[1].strip())


def _file(found: re.Match[str]) -> DedupError:
    return OutputError(
        f"Spark: a task failed: {found[1].strip()}; name folders that the driver and all executors "
        "see, with room on their disks"
    )


def _stopped(_: re.Match[str]) -> DedupError:
    return DedupError(
        "Spark: the session has ended, or its master never answered; check that the cluster runs, "
        "and give the same command again"
    )


_KINDS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], DedupError]], ...] = (
    (re.compile(r"No module named '([\w.]+)'"), _missing),
    (re.compile(r'Cannot run program "([^"]*)"'), _no_python),
    (re.compile(r"Python in worker has different version[^\n]{0,200}"), _other_python),
    (re.compile(r"Python worker exited unexpectedly|ExecutorLostFailure|MemoryError"), _killed),
    (re.compile(r"\[PATH_NOT_FOUND\][^:]*: (\S+)"), _no_path),
    (re.compile(r"^dedup\.errors\.\w+: ([^\n]*)", re.MULTILINE), _own),
    (re.compile(r"^\w*(?:Error): \[Errno \d+\] ([^\n]*)", re.MULTILINE), _file),
    (re.compile(r"stopped SparkContext|SparkContext was shut down|masters are unresp"), _stopped),
)
"""What to look for in a trace, the surest first."""


def _line(trace: str) -> str:
    """Return the line of a trace that says what is wrong: the last that Python raised, or Java."""
    lines = [line.rstrip() for line in trace.splitlines() if line.strip()]
    raised = [line for line in lines if re.match(r"[A-Za-z_][\w.]*(Error|Exception)\b", line)]
    return (raised or lines or ["it failed, and did not say why"])[-1 if raised else 0][:_LONGEST]
