"""The commands `dedup index ...`: a persistent index from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import click

from dedup.cli.index_contents import claims, done, events, get, metrics, release, remove, stats
from dedup.cli.index_upkeep import (
    backup,
    check,
    compact,
    copy_,
    export_,
    forget,
    merge,
    renew,
    settle,
)
from dedup.cli.options import (
    SKIPPED,
    Command,
    given_settings,
    index_argument,
    intake_options,
    job,
    named_fields,
    naming_formats,
    reading_options,
    turned_settings,
    wait_option,
)
from dedup.errors import InputError
from dedup.index.answers import MOST, NewBy
from dedup.readers.remote import is_remote
from dedup.settings import Settings

STDIN = ("-",)


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
@index_argument
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
@wait_option
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
    them. INDEX is made if there is none, with the settings given here, which later runs may leave
    out. Another size of shingles, sketches or bands is refused then; any other setting holds for
    the run that it is given to.

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
    given = given_settings(click.get_current_context())
    settings = _turned(index, arguments["settings"]) if given else None
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


def _turned(index: str, new: Settings) -> Settings:
    """Return the settings of an index with what the command line gives, `new` where none is yet."""
    from dedup.index.open import recorded_settings

    try:
        return turned_settings(recorded_settings(index))
    except InputError:
        return new


@index.command()
@index_argument
@reading_options
@click.option("--json", "as_json", is_flag=True, help="Print each answer as JSON instead.")
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


for _command in (
    *(stats, metrics, events, get, remove, claims, done, release),
    *(settle, export_, forget, check, compact, renew, backup, copy_, merge),
):
    index.add_command(_command)
