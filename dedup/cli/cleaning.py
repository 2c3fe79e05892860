"""What `dedup clean` does between its options and its exit code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

import dedup
from dedup import files
from dedup.cli.options import SKIPPED, given_settings, job, on_spark
from dedup.cli.spark import started
from dedup.errors import InputError, Problem
from dedup.output import clean as whole
from dedup.output import collection, one_shard, reader, writer
from dedup.output.clean import LEAST_WORDS, NEARLY_ALL, Cleaned
from dedup.output.collection import Collected, Each, Which
from dedup.output.protocol import many
from dedup.progress import shown
from dedup.readers import tables
from dedup.readers.discover import visible
from dedup.readers.field_names import FieldNames
from dedup.readers.remote import as_given, is_remote
from dedup.readers.tables import Table
from dedup.terminal import summary

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


class _Asked(NamedTuple):
    """What the command line asks for."""

    paths: tuple[str, ...]
    out: str
    which: Which
    arguments: Mapping[str, Any]
    """Those of `dedup.scan`."""
    quiet: bool
    as_json: bool


def clean(
    paths: tuple[str, ...],
    out: str,
    *,
    stories: bool,
    share: float | None,
    least_words: int | None,
    keep_standing: bool,
    found: str | None,
    engine: str,
    master: str | None,
    quiet: bool,
    as_json: bool,
    **options: Any,
) -> int:
    """Write what is left of the paths, and return the exit code."""
    arguments = job(**options)
    if share is not None and not stories:
        raise click.UsageError("--share is for whole articles; give --stories too")
    if stories and (least_words is not None or keep_standing):
        raise click.UsageError(
            "--least-words and --keep-standing are for paragraphs; leave --stories"
        )
    if found and given_settings(click.get_current_context()):
        raise click.UsageError("--from takes what was found as it is; leave the settings out")
    which = Which(
        stories=stories,
        share=NEARLY_ALL if share is None else share,
        least_words=LEAST_WORDS if least_words is None else least_words,
        keep_standing=keep_standing,
        site=arguments["site"],
        fields=arguments["fields"],
    )
    reader.refuse_results(paths)
    asked = _Asked(paths, out, which, arguments, quiet, as_json)
    problems: list[Problem] = []
    shards, other = tables.tables(paths, FieldNames(which.fields), problems)
    # What an earlier run wrote into a folder among those that are read is none of the collection.
    shards = [one for one in shards if not _is_under(one.found.path, out)]
    spark = on_spark(engine, master)
    if shards and not other:
        session = started(master, quiet=quiet) if spark else None
        return _collection(asked, shards, found, problems, session)
    if found or spark:
        what = f"{visible(other.path)} is neither" if other else "there is none"
        option = "--engine spark" if spark else "--from"
        raise InputError(f"{option} is for files of Parquet or JSON lines, and {what}")
    return _articles(asked, other.path if shards and other else None)


def _articles(asked: _Asked, beside: str | None) -> int:
    """Write articles as files of their own; `beside` tables lies a file that is none."""
    paths, out, which, arguments, quiet, as_json = asked
    files.check(out)
    with shown(quiet=quiet) as progress:
        result = dedup.scan(as_given(paths), progress=progress, **arguments)
        done = whole.clean(
            result,
            paths,
            out,
            stories=which.stories,
            share=which.share,
            least_words=which.least_words,
            keep_standing=which.keep_standing,
        )
    account = _account(done, out, stories=which.stories)
    if beside:
        what = f"{visible(beside)} is neither Parquet nor JSON lines"
        account += f"\nnote     {what}: name those alone to keep their columns"
    _tell(result.problems, account, asdict(done), quiet, as_json)
    return SKIPPED if result.summary["skipped"] else 0


def _collection(
    asked: _Asked,
    shards: list[Table],
    found: str | None,
    problems: list[Problem],
    session: SparkSession | None,
) -> int:
    """Write the files of a collection again, each under its name."""
    paths, out, which, arguments, quiet, as_json = asked
    told: list[Problem] = []
    each: Each = map
    if session:
        from dedup.engines.tasks import Tasks

        each = Tasks(session)
    with shown(quiet=quiet) as progress:

        def scanned(place: Path) -> None:
            if session:
                from dedup.engines import spark

                given = {"session": session, "progress": progress, **arguments}
                told.extend(spark.scan(paths, out=place, **given).problems)
                return
            result = dedup.scan(as_given(paths), progress=progress, **arguments)
            told.extend(result.problems)
            result.write(place, progress)

        def exported(place: Path) -> None:
            from dedup.index.index import Index

            assert found
            with Index(found, read_only=True) as index:
                index.export(place, progress)

        source: Any = scanned
        on: Any = {name: str(value) for name, value in arguments.items()}
        if found and _is_scan(found):
            source = reader.either(found)
            on = [found, (source / "summary.json").stat().st_mtime_ns]
        elif found:
            source, on = exported, found
        done = collection.write(
            source, shards, paths, out, which, {"found": on}, problems, progress, each
        )
    named = {problem.where for problem in told}
    told += [problem for problem in problems if problem.where not in named]
    _tell(told, _told(done, out, which), asdict(done), quiet, as_json)
    return SKIPPED if any(problem.skipped for problem in told) else 0


def _is_under(path: str, out: str) -> bool:
    return not is_remote(path) and Path(path).resolve().is_relative_to(Path(out).resolve())


def _is_scan(found: str) -> bool:
    """Return whether it is no index: its folder, or an address."""
    return "://" not in found and not Path(found, "dedup-index").is_file()


def _tell(problems: Any, account: str, counts: dict[str, Any], quiet: bool, as_json: bool) -> None:
    if not quiet:
        summary.list_problems(problems, "`dedup scan` lists all of them")
    if as_json:
        click.echo(writer.encoded(counts, indent=2), nl=False)
    elif not quiet:
        click.echo(account)


def _account(done: Cleaned, out: str, *, stories: bool) -> str:
    where = Path(out, whole.DROPPED)
    written = f"written  {many(done.articles, 'article')} to {out}"
    if stories:
        gone = f"{many(done.left_out, 'article')} ({many(done.words, 'word')})"
        others = f"{many(done.stayed, 'article')} of stories with more of their own"
        return (
            f"left out {gone} that others stand for, listed in {where}\n"
            f"kept too {others}, listed in {where.with_name('stayed.jsonl')}\n{written}"
        )
    dropped = f"{many(done.paragraphs, 'paragraph')} ({many(done.words, 'word')})"
    return (
        f"dropped  {dropped} of {many(done.changed, 'article')}, listed in {where}\n"
        f"left out {many(done.left_out, 'article')} of which nothing was left\n{written}"
    )


def _told(done: Collected, out: str, which: Which) -> str:
    where = Path(out, one_shard.DROPPED)
    rows = f"{many(done.left_out, 'row')} of {done.rows:,}"
    if which.stories:
        first = (
            f"left out {rows} ({many(done.words, 'word')}) that others stand for, listed in {where}"
        )
    else:
        first = (
            f"dropped  {many(done.words, 'word')} in {many(done.paragraphs, 'paragraph')} and "
            f"{many(done.repeats, 'row')} that came again, listed in {where}\n"
            f"left out {rows}; {done.changed:,} lost a part"
        )
    lines = [
        first,
        f"written  {many(done.files, 'file')} with {many(done.written, 'row')} to {out}",
    ]
    if done.unknown:
        what = f"{many(done.unknown, 'row')} as they are: what was found is not of them"
        lines.insert(1, f"kept     {what}")
    return "\n".join(lines)
