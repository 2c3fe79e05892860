"""One Spark session for all tests of Spark, and what makes two scans comparable."""

from __future__ import annotations

import json
import os
import shutil
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from dedup.engines.spark import SparkResult
    from dedup.result import Result

CALM = [
    pytest.mark.xdist_group("spark"),
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning"),
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
"""What each module of such tests is marked with."""

_OPTIONS = {
    "spark.ui.enabled": "false",
    "spark.sql.shuffle.partitions": "3",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
}


def needs_spark() -> None:
    """Skip the test where there is no pyspark or Java."""
    pytest.importorskip("pyspark", reason="pyspark is not installed")
    java = Path(os.environ.get("JAVA_HOME", "-"), "bin", "java")
    if shutil.which("java") is None and not java.exists():
        pytest.skip("Java is not installed")


def session() -> SparkSession:
    """Return the session of the tests; skip the test where there can be none."""
    needs_spark()
    from dedup.engines.session import session as of

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return of("local[2]", _OPTIONS)


def differing(plain: Result, found: SparkResult, place: Path) -> list[str]:
    """Return the files in which the folders of two scans differ; seconds do not count."""
    plain.write(place)
    return [
        file.name
        for file in sorted(place.iterdir())
        if _content(file) != _content(found.out / "lines" / file.name)
    ]


def _content(file: Path) -> object:
    if file.name != "summary.json":
        return file.read_bytes()
    return {**json.loads(file.read_bytes()), "timings": None}
