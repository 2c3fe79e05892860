"""What `--engine spark` does between the options of a command and its exit code."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dedup.cli.options import SKIPPED
from dedup.output import writer
from dedup.output.protocol import many
from dedup.output.reader import LINES
from dedup.progress import shown
from dedup.terminal import summary

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def started(master: str | None, *, quiet: bool) -> SparkSession:
    """Return a session that logs no more than errors; raises as `dedup.engines.session` does."""
    from dedup.engines.session import session

    # It warns of releases of pandas that it was not tested with, and dedup uses no pandas here.
    warnings.filterwarnings("ignore", category=FutureWarning, module="pyspark")
    with shown(quiet=quiet) as progress:
        progress.stage("start Spark", None)
        spark = session(master)
    spark.sparkContext.setLogLevel("OFF")
    return spark


def scan(
    paths: Sequence[str],
    out: str,
    arguments: Mapping[str, Any],
    *,
    master: str | None,
    json_lines: bool,
    quiet: bool,
    as_json: bool,
) -> int:
    """Scan on Spark, tell what was found, and return the exit code."""
    from dedup.engines import spark

    session = started(master, quiet=quiet)
    with shown(quiet=quiet) as progress:
        found = spark.scan(
            paths, out=out, session=session, json_lines=json_lines, progress=progress, **arguments
        )
    if not quiet:
        summary.list_problems(found.problems, f"all are in {Path(out, 'problems.parquet')}")
    if as_json:
        click.echo(writer.encoded(found.summary, indent=2), nl=False)
    elif not quiet and json_lines:
        summary.summarise(Path(out, LINES))
    elif not quiet:
        click.echo(_counts(found.summary, out))
    return SKIPPED if found.summary["skipped"] else 0


def _counts(counts: Mapping[str, Any], out: str) -> str:
    return (
        f"found    {counts['stories']:,} stories and {counts['clusters']:,} clusters in "
        f"{many(counts['articles'], 'article')} with {many(counts['paragraphs'], 'paragraph')}\n"
        f"tables   in {out}; --json-lines writes the files that `dedup show` reads too"
    )
