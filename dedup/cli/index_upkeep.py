"""The commands `dedup index ...` that work on an index as a whole: settle, check, shrink, copy."""

from __future__ import annotations

import time
from typing import Any

import click

from dedup.cli.options import (
    index_argument,
    output_option,
    settings_options,
    turned_settings,
    wait_option,
)
from dedup.errors import DamagedError
from dedup.progress import shown


@click.command()
@index_argument
@wait_option
def settle(index: str, wait: float) -> None:
    """Work out the answers of an index, and record what changed.

    Clusters, stories and boilerplate are then those of one scan of all that is in. What changed is
    recorded as events (see docs/incremental.md), which `dedup index export` does not do. Nothing is
    printed but counts. In an empty index there is nothing to settle.

    \b
    Examples:
      dedup index settle news.index
    """  # noqa: D301  # click reads the backspace
    from dedup.cli import index_commands as jobs

    with jobs.writing(index, wait) as opened, shown(quiet=False) as progress:
        counts = opened.stats()
        if not counts["articles"]:
            click.echo("settled  0 articles: the index is empty")
            return
        before = counts["events"]
        found = opened.settle(progress)
        told = opened.stats()["events"] - before
    click.echo(
        f"settled  {len(found.articles):,} articles: {len(found.stories):,} stories, "
        f"{len(found.clusters):,} clusters; {told:,} events"
    )


@click.command("export")
@index_argument
@output_option
def export_(index: str, out: str) -> None:
    """Write what an index found as a scan does.

    OUT then holds the files that `dedup scan` writes, as of one scan of all that was added:
    stories, clusters, matches, links, articles. The ids of stories and clusters are those of the
    index, which stay as articles come. `dedup show`, `dedup export` and `dedup eval` read it.

    \b
    Examples:
      dedup index export news.index -o dedup-out
      dedup index export news.index && dedup show
    """  # noqa: D301  # click reads the backspace
    from dedup.index.index import Index
    from dedup.output import writer

    writer.check(out)
    with Index(index, read_only=True) as opened, shown(quiet=False) as progress:
        opened.export(out, progress)
    click.echo(f"written  {out}")


@click.command()
@index_argument
@click.option(
    "--older-than",
    "length",
    metavar="LENGTH",
    help="How old an article must be: hours, days or weeks, as in 12h, 30d or 2w.",
)
@click.option("--before", metavar="DATE", help="From before which date an article must be.")
@wait_option
def forget(index: str, length: str | None, before: str | None, wait: float) -> None:
    """Take old articles out of an index, and give the space back.

    Give LENGTH or DATE. An article is as old as its own date; without one that can be relied on, as
    the time when it was added. Questions may be asked meanwhile. What is taken out is told as
    events; a run that was broken off is ended by the next one.

    \b
    Examples:
      dedup index forget news.index --older-than 30d
      dedup index forget news.index --before 2024-01-01
    """  # noqa: D301  # click reads the backspace
    if (length is None) == (before is None):
        raise click.UsageError("give --older-than LENGTH or --before DATE")
    from dedup.cli import index_commands as jobs
    from dedup.index.forget import moment, seconds_of

    until = moment(before) if before else time.time() - seconds_of(length or "")
    with jobs.writing(index, wait) as opened, shown(quiet=False) as progress:
        done = opened.forget(until, progress)
        counts = opened.stats()
    click.echo(
        f"forgot   {done:,} articles; {counts['articles']:,} left, {counts['bytes']:,} bytes"
    )


@click.command()
@index_argument
def check(index: str) -> int:
    """Read all of an index and say whether it is whole.

    Prints what does not hold together, and what to do about it; the exit code is 1 then and 0 when
    all is well. Reads every byte: a large index takes minutes.

    \b
    Examples:
      dedup index check news.index
      dedup index check news.index && rsync -a news.index/ backup/
    """  # noqa: D301  # click reads the backspace
    from dedup.index.index import Index

    try:
        with Index(index, read_only=True) as opened:
            with shown(quiet=False) as progress:
                wrong: list[object] = [*opened.check(progress)]
            articles = opened.stats()["articles"]
    except DamagedError as error:
        wrong = [error]
    for one in wrong:
        click.echo(f"dedup: {one}", err=True)
    if wrong:
        return DamagedError.exit_code
    click.echo(f"whole    {articles:,} articles")
    return 0


@click.command()
@index_argument
@wait_option
def compact(index: str, wait: float) -> None:
    """Rewrite an index in its smallest form.

    Merges what many additions left in pieces. No answer changes; questions may be asked meanwhile,
    adding waits. Best done at night, after large additions; never needed.

    \b
    Examples:
      dedup index compact news.index
    """  # noqa: D301  # click reads the backspace
    from dedup.cli import index_commands as jobs

    with jobs.writing(index, wait) as opened, shown(quiet=False) as progress:
        opened.compact(progress)
        size = opened.stats()["bytes"]
    click.echo(f"compact  {size:,} bytes")


@click.command()
@index_argument
@click.argument("new", metavar="NEW")
@settings_options
def renew(index: str, new: str, **_turned: Any) -> None:
    """Make a new index of what an old one keeps.

    With other settings: those that are given here, and else those of INDEX. Or for an index that an
    earlier version of dedup made, which read some words otherwise, so that this one refuses it:
    then its texts are read again, if it keeps them (`--keep-text`). NEW gets every article that was
    not removed, with its revisions; ids of clusters and stories, and events, begin anew. INDEX
    stays as it is. NEW is there whole or not at all.

    \b
    Examples:
      dedup index renew news.index news-2.index
      dedup index renew news.index fine.index --threshold 0.4 --shingle 4
    """  # noqa: D301  # click reads the backspace
    from dedup.index.open import recorded_settings
    from dedup.index.renew import renew

    settings = turned_settings(recorded_settings(index))
    with shown(quiet=False) as progress:
        added = renew(index, new, settings, progress=progress)
    click.echo(f"renewed  {added.articles:,} articles  {new}")


@click.command()
@index_argument
@click.argument("to", metavar="TO")
def backup(index: str, to: str) -> None:
    """Copy an index while others write it.

    TO is a new folder, or the address of a server (redis://...). It is there whole or not at all,
    and holds INDEX as it was at one moment: the same articles, events and ids, so it can take its
    place. On one disk the large files are shared, as they never change; put backups on another
    disk. Of an index in Redis, others wait to write meanwhile.

    \b
    Examples:
      dedup index backup news.index /mnt/backup/news.index
      dedup index backup redis://host:6379/0?prefix=news news.backup
    """  # noqa: D301  # click reads the backspace
    _copied(index, to, "backup ")


@click.command("copy")
@index_argument
@click.argument("to", metavar="TO")
def copy_(index: str, to: str) -> None:
    """Copy an index to another place: a folder to Redis, and back.

    TO is a new folder, or the address of a server with nothing at its prefix. It gets everything as
    it stands: numbers, revisions, events, ids of stories and clusters, notes of which files were
    taken. A copy to a server that was killed is not opened by anyone; run it again.

    \b
    Examples:
      dedup index copy news.index redis://host:6379/0?prefix=news
      dedup index copy redis://host:6379/0?prefix=news news.index
    """  # noqa: D301  # click reads the backspace
    _copied(index, to, "copied ")


def _copied(index: str, to: str, done: str) -> None:
    from dedup.index.copies import copy

    with shown(quiet=False) as progress:
        articles = copy(index, to, progress=progress)
    click.echo(f"{done}  {articles:,} articles  {to}")


@click.command()
@index_argument
@click.argument("other", metavar="OTHER")
@wait_option
def merge(index: str, other: str, wait: float) -> None:
    """Take the articles of another index into an index.

    INDEX, which must be there, gets every article of OTHER that was not removed, with its
    revisions, as if it had been added; what is in already is passed by, so a merge that was
    interrupted can simply be run again. Nothing is read again, so OTHER need not keep texts, unless
    INDEX keeps them. Events and groups of OTHER are left behind; OTHER stays as it is.

    \b
    Examples:
      dedup index merge news.index other-desk.index
    """  # noqa: D301  # click reads the backspace
    from dedup.cli import index_commands as jobs

    with jobs.writing(index, wait) as opened, shown(quiet=False) as progress:
        added = opened.merge(other, progress=progress)
    click.echo(f"merged   {added.articles:,} articles, {added.seen:,} were in already")
