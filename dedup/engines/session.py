"""The Spark session that an engine runs in: the one that is there, or a new one."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from dedup.errors import DedupError, SettingsError
from dedup.portable import cores, memory

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

BATCH_BYTES = 16 << 20
"""Bytes of a batch of rows that goes from Spark to Python and back, about. Higher takes more memory
in each executor; lower costs more calls. One article may be longer, and is a batch by itself."""
BATCH_ROWS = 2048
"""Rows of such a batch at most. Higher takes more memory where rows are short."""

GIGABYTES = 1, 1
"""Memory of Java on this machine: so much, and so much more a core, but at most half of what there
is. An article of 100 MB in one paragraph takes about a gigabyte in the task that has it."""

_NEEDS_JAVA = "Spark needs Java 17 or newer, and none was found"
_THREADS = re.compile(r"local\[(\d+|\*)")
_TUNED = {
    "spark.sql.execution.arrow.maxRecordsPerBatch": str(BATCH_ROWS),
    "spark.sql.execution.arrow.maxBytesPerBatch": str(BATCH_BYTES),
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.parquet.compression.codec": "zstd",
}


def session(master: str | None = None, options: Mapping[str, str] | None = None) -> SparkSession:
    """Return the Spark session that is there, or make one.

    `master` is an address as Spark takes it, such as `local[2]` or `spark://host:7077`; None takes
    the session that is there, or else all cores of this machine. `options` are further settings of
    Spark for a new session. The folder of compiled kernels (`DEDUP_CACHE_DIR`) is passed on.

    Raises `DedupError` where pyspark or Java is missing, and `SettingsError` for a master that
    Spark does not take or that is not the one of the session which is there.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        what = "running on Spark needs the package pyspark, which is not installed"
        raise DedupError(f"{what}; type: pip install 'news-dedup[spark]'") from error
    there = SparkSession.getActiveSession()
    if there is not None:
        return _checked(there, master)
    _java()
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    wanted = master or os.environ.get("MASTER") or "local[*]"
    builder = SparkSession.builder.appName("dedup").master(wanted)
    settings = {"spark.python.daemon.module": "dedup.engines.daemon"}
    if wanted.startswith("local"):
        threads = _THREADS.match(wanted)
        settings["spark.ui.showConsoleProgress"] = "false"
        settings["spark.driver.memory"] = f"{gigabytes(threads[1] if threads else '1')}g"
    if folder := os.environ.get("DEDUP_CACHE_DIR"):
        settings["spark.executorEnv.DEDUP_CACHE_DIR"] = str(Path(folder).absolute())
    for name, value in {**settings, **(options or {})}.items():
        builder = builder.config(name, value)
    try:
        return builder.getOrCreate()
    except Exception as error:  # py4j's and pyspark's own kinds: what they say counts
        raise SettingsError(
            f"master is {wanted!r}; Spark cannot start with it ({_said(error)}); write local[2],"
            " spark://HOST:PORT, yarn or k8s://ADDRESS, of a cluster that runs"
        ) from error


def gigabytes(threads: str) -> int:
    """Return how much memory Java gets on this machine for so many threads, or `*` for all cores.

    >>> gigabytes("1") <= gigabytes("2") <= gigabytes("1000")
    True
    """
    base, each = GIGABYTES
    wanted = base + each * (cores() if threads == "*" else int(threads))
    there = memory()
    return max(2, wanted if there is None else min(wanted, there >> 31))


@contextmanager
def tuned(spark: SparkSession) -> Iterator[None]:
    """Set what dedup needs of Spark's settings for a block, and put them back after it."""
    before = {name: spark.conf.get(name, None) for name in _TUNED}
    for name, value in _TUNED.items():
        spark.conf.set(name, value)
    try:
        yield
    finally:
        for name, was in before.items():
            if was is None:
                spark.conf.unset(name)
            else:
                spark.conf.set(name, was)


def _checked(there: SparkSession, master: str | None) -> SparkSession:
    running = there.sparkContext.master
    if master is not None and master != running:
        raise SettingsError(
            f"master is {master!r}, but a Spark session on {running!r} is running; stop it first,"
            " or give no master"
        )
    return there


def _java() -> None:
    home = os.environ.get("JAVA_HOME")
    found = shutil.which("java", path=str(Path(home, "bin"))) if home else shutil.which("java")
    if found is None:
        where = f" in JAVA_HOME ({home})" if home else ""
        remedy = "install a JRE (Debian: openjdk-17-jre-headless), or set JAVA_HOME"
        raise DedupError(f"{_NEEDS_JAVA}{where}; {remedy}")


def _said(error: Exception) -> str:
    """Return the line of a long error of Java that says what is wrong."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    causes = [line for line in lines if "Exception: " in line]
    said = causes[-1].rpartition("Exception: ")[2] if causes else (lines or [""])[0]
    return said[:200]
