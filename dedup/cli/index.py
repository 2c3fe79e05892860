"""The commands `dedup index ...`: a persistent index from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from dedup.cli.options import (
    SKIPPED,
    given_settings,
    intake_options,
    job,
    named_fields,
    naming_formats,
    output_option,
    reading_options,
)
from dedup.errors import DamagedError, InputError
from dedup.progress import shown
from dedup.readers.remote import is_remote

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
@_WAIT
@naming_formats
def add(
    index: str,
    paths: tuple[str, ...],
    folder: str | None,
    quiet: bool,
    as_json: bool,
    keep_text: bool,
    wait: float,
    **options: Any,
) -> int:
    """Take articles into an index.

    PATHS are folders (read with all below them) or files. Read are KINDS, as `dedup scan` reads
    them. INDEX is made if there is none, with the settings given here; later they may be left out,
    and others are refused.

    A file that is in already is passed by unless it changed; of a file that changed, articles that
    are in already are passed by. So a run that was interrupted can simply be started again. An
    article whose id came before with another text is a new revision of it. One without an id gets
    the path of its file from the folder that was given first, whichever folder is given now.

    With --watch it then waits for files in DIR. A file is taken when its size and time have not
    changed from one look to the next, a second or more later; names that begin with a dot are
    passed by. Files stay where they are and may be deleted. Ctrl-C or SIGTERM stores what was read,
    and ends it.

    With - for PATHS, articles are read from standard input, one JSON object a line, and for each
    line one line of JSON is printed at once: what the index had of it (see `dedup index query`), or
    an `error` with the `remedy`. The article is stored durably before its line is printed.

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
    with Index(index, settings, outlets=outlets, keep_text=keep_text, wait=wait) as opened:
        if paths == STDIN:
            whole = jobs.converse(opened.add, site=site, fields=fields)
        else:
            output: dict[str, Any] = {"quiet": quiet, "as_json": as_json}
            seconds = arguments["settings"].page_seconds
            reading: dict[str, Any] = {"site": site, "fields": fields, "page_seconds": seconds}
            whole = jobs.add(opened, paths, folder, place=Path(index), **reading, **output)
    return 0 if whole else SKIPPED


@index.command()
@_INDEX
@reading_options
@naming_formats
def query(
    index: str,
    paths: tuple[str, ...],
    site: str | None,
    fields: tuple[str, ...],
    quiet: bool,
    as_json: bool,
) -> int:
    """Ask what an index has of articles.

    PATHS are folders, files, or - for JSON lines on standard input, read as `dedup index add` reads
    them; read are KINDS. Nothing is written, and others may add meanwhile.

    Prints a line for each article: `seen` if this very article is in, `known` if it belongs to a
    story, else `new`; then its story, and the article that holds most of it. With --json, or for -,
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

    with Index(index, read_only=True) as opened:
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
            wrong: list[object] = [*opened.check()]
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
        progress.stage("compact", None)
        opened.compact()
        size = opened.stats()["bytes"]
    click.echo(f"compact  {size:,} bytes")


@index.command()
@_INDEX
@click.argument("new", metavar="NEW")
def renew(index: str, new: str) -> None:
    """Read the texts of an index again, into a new one.

    For an index that keeps its texts (`--keep-text`) and that an earlier version of dedup
    made, which read some words otherwise: this one refuses it. NEW gets every article that was not
    removed, with its revisions; ids of clusters and stories, and events, begin anew. INDEX
    stays as it is.

    \b
    Examples:
      dedup index renew news.index news-2.index
    """  # noqa: D301  # click reads the backspace
    from dedup.index.renew import renew

    with shown(quiet=False) as progress:
        added = renew(index, new, progress=progress)
    click.echo(f"renewed  {added.articles:,} articles  {new}")


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
