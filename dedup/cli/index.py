"""The commands `dedup index ...`: a persistent index from the command line."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from dedup.cli.options import (
    SKIPPED,
    Command,
    given_settings,
    intake_options,
    job,
    named_fields,
    naming_formats,
    output_option,
    reading_options,
    settings_options,
    turned_settings,
)
from dedup.errors import DamagedError, InputError
from dedup.index.answers import MOST, NewBy
from dedup.progress import shown
from dedup.readers.remote import is_remote

if TYPE_CHECKING:
    from dedup.index.index import Index

STDIN = ("-",)

_INDEX = click.argument("index", metavar="INDEX")


@click.group()
def index() -> None:
    """Keep an index of what came in, and ask it.

    An index is a folder that outlives the job that writes it. It says of each article at once
    whether it was there before, where, which part, and whose it is; the answers are those of one
    `dedup scan` of everything. Many processes may ask while one adds. INDEX is the folder, or the
    address of a Redis server that several machines share (redis://HOST:PORT/NUMBER).

    \b
    Examples:
      dedup index add news.index articles/        take what is new in a folder
      dedup index add news.index --watch drop/    and whatever is put into another
      dedup index query news.index draft.txt      has this been there before?
      dedup index stats news.index                what it holds
      dedup index export news.index -o dedup-out  stories and clusters, as of a scan
    """  # noqa: D301  # click reads the backspace


_WAIT = click.option(
    "--wait",
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait for another process that writes the index. Higher is more patient.",
)


def _new_options(command: Command) -> Command:
    """Add the options that say what is new."""
    by = click.option(
        "--new-by",
        type=click.Choice(get_args(NewBy)),
        default="text",
        show_default=True,
        help="What makes an article new: that no earlier one holds most of its own words, or that "
        "it is in no story with an earlier one.",
    )
    below = click.option(
        "--new-below",
        type=click.FloatRange(0, 1, min_open=True),
        default=MOST,
        show_default=True,
        metavar="SHARE",
        help="The share of its words that an earlier one must hold. Higher calls more new.",
    )
    return below(by(command))


@index.command()
@_INDEX
@intake_options
@click.option(
    "--watch",
    "folder",
    metavar="DIR",
    help="Then wait for files in this folder, and take each once it is written; Ctrl-C ends it.",
)
@click.option(
    "--keep-text", is_flag=True, help="Keep the articles' texts too, in an index that is new."
)
@click.option(
    "--settle-every",
    default=0,
    type=click.IntRange(min=0),
    metavar="N",
    help="Settle the index each time N articles have come (see `dedup index settle`). Higher does "
    "it less often; 0 is never.",
)
@_WAIT
@_new_options
@naming_formats
def add(
    index: str,
    paths: tuple[str, ...],
    folder: str | None,
    quiet: bool,
    as_json: bool,
    keep_text: bool,
    settle_every: int,
    wait: float,
    new_below: float,
    new_by: NewBy,
    **options: Any,
) -> int:
    """Take articles into an index.

    PATHS are folders (read with all below them) or files. Read are KINDS, as `dedup scan` reads
    them. INDEX is made if there is none, with the settings given here; later they may be left out,
    and others are refused.

    A file that was taken in is passed by unless it changed, also where its articles were removed
    or forgotten since: to take it again, give it another time (`touch FILE`). Of a file that
    changed, articles that are in already are passed by. So a run that was interrupted can simply be
    started again. An article whose id came before with another
    text is a new revision of it. One without an id gets the path of its file from the folder that
    was given first, whichever folder is given now.

    With --watch it then waits for files in DIR. A file is taken when its size and time have not
    changed from one look to the next, a second or more later; names that begin with a dot are
    passed by. Files stay where they are and may be deleted. Ctrl-C or SIGTERM stores what was read,
    and ends it.

    With - for PATHS, articles are read from standard input, one JSON object a line, and for each
    line one line of JSON is printed at once: what the index had of it (see `dedup index query`), or
    an `error` with the `remedy`. The article is stored durably before its line is printed, and
    counts as handed on after that: one whose line was not printed when the command was killed is
    told as it was then, not as `seen`, when its line comes in again.

    \b
    Examples:
      dedup index add news.index monday/ tuesday.jsonl.gz
      dedup index add news.index --watch drop/ --site herald
      crawler | dedup index add news.index - | jq -c 'select(.new)'
    """  # noqa: D301  # click reads the backspace
    if "-" in paths and (folder or paths != STDIN):
        raise click.UsageError("- stands alone: articles come from standard input, or from files")
    if not paths and not folder:
        raise click.UsageError("give PATHS, - for standard input, or --watch DIR")
    here = [path for path in (*paths, folder or ".") if path != "-" and not is_remote(path)]
    missing = [path for path in here if not Path(path).exists()]
    if missing and (folder in missing or set(paths).issubset(missing)):
        raise InputError(f"{missing[0]}: there is no such file or folder")
    arguments = job(**options)
    site, fields = arguments["site"], arguments["fields"]
    settings = arguments["settings"] if given_settings(click.get_current_context()) else None
    from dedup.cli import index_commands as jobs
    from dedup.index.index import Index

    outlets = arguments["outlets"]
    opening: dict[str, Any] = {"keep_text": keep_text, "wait": wait}
    opening |= {"new_below": new_below, "new_by": new_by}
    with Index(index, settings, outlets=outlets, **opening) as opened:
        if paths == STDIN:
            adding = jobs.settling(opened, settle_every)
            whole = jobs.converse(adding, site=site, fields=fields, told=opened.done)
        else:
            output: dict[str, Any] = {"quiet": quiet, "as_json": as_json}
            output["settle_every"] = settle_every
            seconds = arguments["settings"].page_seconds
            reading: dict[str, Any] = {"site": site, "fields": fields, "page_seconds": seconds}
            whole = jobs.add(opened, paths, folder, place=Path(index), **reading, **output)
    return 0 if whole else SKIPPED


@index.command()
@_INDEX
@reading_options
@_new_options
@naming_formats
def query(
    index: str,
    paths: tuple[str, ...],
    site: str | None,
    fields: tuple[str, ...],
    quiet: bool,
    as_json: bool,
    new_below: float,
    new_by: NewBy,
) -> int:
    """Ask what an index has of articles.

    PATHS are folders, files, or - for JSON lines on standard input, read as `dedup index add` reads
    them; read are KINDS. Nothing is written, and others may add meanwhile.

    Prints a line for each article: `seen` if this very article is in, `known` if it is not new,
    else `new`; then its story, and the article that holds most of it. With --json, or for -,
    the line is an object with `article`, `new`, `seen`, `story`, `clusters`, `links` (articles that
    share words with it) and `hits` (of which paragraph, where it stands, the relation, the words).

    \b
    Examples:
      dedup index query news.index draft.txt
      dedup index query news.index today/ --json
      tail -f feed.jsonl | dedup index query news.index - --field text=body
    """  # noqa: D301  # click reads the backspace
    names = named_fields(fields)
    from dedup.cli import index_commands as jobs
    from dedup.index.index import Index

    with Index(index, read_only=True, new_below=new_below, new_by=new_by) as opened:
        if paths == STDIN:
            whole = jobs.converse(opened.query, site=site, fields=names)
        else:
            output = {"quiet": quiet, "as_json": as_json}
            whole = jobs.query(opened, paths, site=site, fields=names, **output)
    return 0 if whole else SKIPPED


@index.command()
@_INDEX
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON instead.")
def stats(index: str, as_json: bool) -> None:
    """Say what an index holds and how much room it takes.

    Counts articles, revisions, distinct texts, postings and bytes on disk, and gives the settings
    that the index was made with. Nothing is read but the counters, so it takes no time.

    \b
    Examples:
      dedup index stats news.index
      dedup index stats news.index --json
    """  # noqa: D301  # click reads the backspace
    from dedup.cli import index_commands as jobs
    from dedup.index.index import Index

    with Index(index, read_only=True) as opened:
        counts = opened.stats()
    if as_json:
        jobs.print_json(counts)
        return
    for name, value in jobs.flat(counts):
        click.echo(f"{name:<28}{value:>16,}" if isinstance(value, int) else f"{name:<28}{value}")


@index.command()
@_INDEX
def metrics(index: str) -> None:
    """Print how an index stands, as Prometheus reads it.

    Sizes, articles taken out, claims, the last settling and what came since: for the textfile
    collector of the node exporter, or a job that pushes. Latencies and hits are counted by the
    process that asks: `dedup.Index.metrics` there.

    \b
    Examples:
      dedup index metrics news.index > /var/lib/node_exporter/dedup.prom
    """  # noqa: D301  # click reads the backspace
    from dedup.index.index import Index

    with Index(index, read_only=True) as opened:
        click.echo(opened.metrics(), nl=False)


@index.command()
@_INDEX
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
def get(index: str, ids: tuple[str, ...]) -> int:
    """Print articles as they are stored.

    One JSON object a line: the fields of the last revision, its number and revision. The text is
    there if the index keeps texts. The exit code is 5 if an id is not in.

    \b
    Examples:
      dedup index get news.index northline/ferry-aground.txt
    """  # noqa: D301  # click reads the backspace
    from dedup.cli import index_commands as jobs
    from dedup.index.index import Index

    with Index(index, read_only=True) as opened:
        whole = [jobs.get(opened, id_) for id_ in ids]
    return 0 if all(whole) else SKIPPED


@index.command()
@_INDEX
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@_WAIT
def remove(index: str, ids: tuple[str, ...], wait: float) -> int:
    """Take articles out of an index, with all their revisions.

    No answer names them from then on; `dedup index compact` takes them off the disk. The exit code
    is 5 if an id is not in.

    \b
    Examples:
      dedup index remove news.index northline/ferry-aground.txt
    """  # noqa: D301  # click reads the backspace
    from dedup.index.index import Index

    Index(index, read_only=True).close()  # one that is not there is refused, not made
    with Index(index, wait=wait) as opened:
        done = {id_: opened.remove(id_) for id_ in ids}
    for id_, was_in in done.items():
        click.echo(f"{'removed' if was_in else 'not in '}  {id_}")
    return 0 if all(done.values()) else SKIPPED


@index.command()
@_INDEX
def claims(index: str) -> None:
    """Print what jobs were handed and have not acknowledged.

    One JSON object a line, the earliest first: the `number` of the article, its id, `since` when it
    was claimed (seconds since 1970), and what was said of it then. An article that stays here was
    handed to a job that died; it is told again when it comes again (see docs/incremental.md).

    \b
    Examples:
      dedup index claims news.index
      dedup index claims news.index | jq .number | xargs dedup index done news.index
    """  # noqa: D301  # click reads the backspace
    from dedup.cli import index_commands as jobs
    from dedup.index.index import Index

    with Index(index, read_only=True) as opened:
        for claim in opened.claims():
            jobs.print_json(claim._asdict())


_NUMBERS = click.argument("numbers", metavar="NUMBER...", nargs=-1, required=True, type=int)


@index.command()
@_INDEX
@_NUMBERS
@_WAIT
def done(index: str, numbers: tuple[int, ...], wait: float) -> int:
    """Acknowledge articles that were claimed: they were handed on.

    They are not told again, and copies of them are known from now on. For a job that died after its
    work and before it said so: look which articles reached their end, and acknowledge these. NUMBER
    is that of the article in `dedup index claims`. The exit code is 5 if one is not claimed.

    \b
    Examples:
      dedup index done news.index 4711 4712
    """  # noqa: D301  # click reads the backspace
    return _with_claims(index, numbers, wait, "done", lambda opened: opened.done)


@index.command()
@_INDEX
@_NUMBERS
@_WAIT
def release(index: str, numbers: tuple[int, ...], wait: float) -> int:
    """Give claims back: the articles were handed on to nobody.

    Each is told again, as it was told first, when it comes the next time, to whatever job; nobody
    waits until the claim has run out. For articles that a dead job never got to. NUMBER and the
    exit code are as for `dedup index done`.

    \b
    Examples:
      dedup index claims news.index | jq .number | xargs dedup index release news.index
    """  # noqa: D301  # click reads the backspace
    return _with_claims(index, numbers, wait, "released", lambda opened: opened.release)


def _with_claims(
    index: str,
    numbers: tuple[int, ...],
    wait: float,
    told: str,
    call: Callable[[Index], Callable[..., None]],
) -> int:
    """Acknowledge claims or give them back; print what was `told` of each."""
    from dedup.index.index import Index

    Index(index, read_only=True).close()  # one that is not there is refused, not made
    with Index(index, wait=wait) as opened:
        claimed = {claim.number for claim in opened.claims()}
        call(opened)(*numbers)
    for number in numbers:
        click.echo(f"{told if number in claimed else 'not claimed'}  {number}")
    return 0 if claimed.issuperset(numbers) else SKIPPED


@index.command()
@_INDEX
@click.option(
    "--since",
    default=0,
    type=click.IntRange(0),
    metavar="NUMBER",
    help="Print the events with higher numbers than this. Higher prints fewer.",
)
def events(index: str, since: int) -> None:
    """Print what happened in an index, one JSON object a line.

    Each has its number (`sequence`), its `kind` and its `data`. Remember the last number, and give
    it as --since the next time.

    \b
    Examples:
      dedup index events news.index --since 1200 | jq -c 'select(.kind == "removed")'
    """  # noqa: D301  # click reads the backspace
    from dedup.cli import index_commands as jobs
    from dedup.index.index import Index

    with Index(index, read_only=True) as opened:
        for event in opened.since(since):
            jobs.print_json({"sequence": event.sequence, "kind": event.kind, "data": event.data})


@index.command()
@_INDEX
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


@index.command()
@_INDEX
@_WAIT
def compact(index: str, wait: float) -> None:
    """Rewrite an index in its smallest form.

    Merges what many additions left in pieces. No answer changes; questions may be asked meanwhile,
    adding waits. Best done at night, after large additions; never needed.

    \b
    Examples:
      dedup index compact news.index
    """  # noqa: D301  # click reads the backspace
    from dedup.index.index import Index

    Index(index, read_only=True).close()  # one that is not there is refused, not made
    with Index(index, wait=wait) as opened, shown(quiet=False) as progress:
        opened.compact(progress)
        size = opened.stats()["bytes"]
    click.echo(f"compact  {size:,} bytes")


@index.command()
@_INDEX
@click.option(
    "--older-than",
    "length",
    metavar="LENGTH",
    help="How old an article must be: hours, days or weeks, as in 12h, 30d or 2w.",
)
@click.option("--before", metavar="DATE", help="From before which date an article must be.")
@_WAIT
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
    from dedup.index.forget import moment, seconds_of
    from dedup.index.index import Index

    until = moment(before) if before else time.time() - seconds_of(length or "")
    Index(index, read_only=True).close()  # one that is not there is refused, not made
    with Index(index, wait=wait) as opened, shown(quiet=False) as progress:
        done = opened.forget(until, progress)
        counts = opened.stats()
    click.echo(
        f"forgot   {done:,} articles; {counts['articles']:,} left, {counts['bytes']:,} bytes"
    )


@index.command()
@_INDEX
@_WAIT
def settle(index: str, wait: float) -> None:
    """Work out the answers of an index, and record what changed.

    Clusters, stories and boilerplate are then those of one scan of all that is in. What changed is
    recorded as events (see docs/incremental.md), which `dedup index export` does not do. Nothing is
    printed but counts. In an empty index there is nothing to settle.

    \b
    Examples:
      dedup index settle news.index
    """  # noqa: D301  # click reads the backspace
    from dedup.index.index import Index

    Index(index, read_only=True).close()  # one that is not there is refused, not made
    with Index(index, wait=wait) as opened, shown(quiet=False) as progress:
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


@index.command()
@_INDEX
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


@index.command()
@_INDEX
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


@index.command("copy")
@_INDEX
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


@index.command()
@_INDEX
@click.argument("other", metavar="OTHER")
@_WAIT
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
    from dedup.index.index import Index

    Index(index, read_only=True).close()  # one that is not there is refused, not made
    with Index(index, wait=wait) as opened, shown(quiet=False) as progress:
        added = opened.merge(other, progress=progress)
    click.echo(f"merged   {added.articles:,} articles, {added.seen:,} were in already")


@index.command("export")
@_INDEX
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
