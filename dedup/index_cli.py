"""The commands `dedup index ...`: a persistent index from the command line."""

from __future__ import annotations

import io
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, cast

import click

from dedup.errors import InputError
from dedup.options import (
    SKIPPED,
    given_settings,
    intake_options,
    job,
    named_fields,
    naming_formats,
    reading_options,
)
from dedup.progress import shown

if TYPE_CHECKING:
    from dedup.index.index import Index
    from dedup.intake import Taken

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
@naming_formats
def add(
    index: str,
    paths: tuple[str, ...],
    folder: str | None,
    quiet: bool,
    as_json: bool,
    keep_text: bool,
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
    missing = [path for path in (*paths, folder or ".") if path != "-" and not Path(path).exists()]
    if missing and (folder in missing or set(paths).issubset(missing)):
        raise InputError(f"{missing[0]}: there is no such file or folder")
    arguments = job(**options)
    site, fields = arguments["site"], arguments["fields"]
    settings = arguments["settings"] if given_settings(click.get_current_context()) else None
    from dedup.index.index import Index

    with Index(index, settings, outlets=arguments["outlets"], keep_text=keep_text) as opened:
        if paths == STDIN:
            return _converse(opened.add, site, fields)
        with _ending(folder) as ended:
            taken = _taken(opened, paths, folder, site, fields, ended, quiet=quiet or as_json)
    if as_json:
        counts = asdict(taken) | {"problems": len(taken.problems), "skipped": taken.skipped}
        _print_json(counts)
    elif not quiet and not folder:
        click.echo(_account(taken))
    return SKIPPED if taken.skipped else 0


def _taken(
    opened: Index,
    paths: tuple[str, ...],
    folder: str | None,
    site: str | None,
    fields: dict[str, str] | None,
    ended: Callable[[], bool],
    *,
    quiet: bool,
) -> Taken:
    from dedup.intake import Intake
    from dedup.report import console

    told = 0

    def tell(taken: Taken) -> None:
        nonlocal told
        progress.done()
        if not quiet:
            console.list_problems(taken.problems[told:], "see above for others")
            click.echo(_account(taken))
        told = len(taken.problems)

    with shown(quiet=quiet) as progress:
        intake = Intake(opened, site=site, fields=fields, progress=progress, ended=ended)
        if paths:
            intake.take(paths)
            taken = intake.taken
            if not (taken.articles or taken.seen or taken.passed) and taken.problems:
                reasons = "; ".join(map(str, taken.problems[:3]))
                raise InputError(f"nothing to add: {reasons}")
        if folder:
            intake.watch(folder, tell)
    return intake.taken


def _account(taken: Taken) -> str:
    from dedup.report.found import many

    seen = f", {taken.seen:,} were in already" if taken.seen else ""
    passed = f", {many(taken.passed, 'file')} passed by as in already" if taken.passed else ""
    revised = f", {many(taken.revisions, 'revision')} among them" if taken.revisions else ""
    texts = many(taken.texts, "new text")
    return (
        f"read     {many(taken.files, 'file')}{passed}\n"
        f"added    {many(taken.articles, 'article')}{revised}{seen}; {texts}"
    )


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
    from dedup.index.index import Index

    with Index(index, read_only=True) as opened:
        if paths == STDIN:
            return _converse(opened.query, site, names)
        return _asked(opened, paths, site, names, quiet=quiet, as_json=as_json)


def _asked(
    opened: Index,
    paths: tuple[str, ...],
    site: str | None,
    fields: dict[str, str] | None,
    *,
    quiet: bool,
    as_json: bool,
) -> int:
    from dedup.answers import line, row
    from dedup.errors import Problem
    from dedup.read import read
    from dedup.report import console

    problems: list[Problem] = []
    asked = 0
    for article in read(paths, site=site, fields=fields, problems=problems):
        asked += 1
        found = opened.query(article)
        if as_json:
            _print_json(row(found))
        elif not quiet:
            click.echo(line(found))
    if not asked:
        raise InputError(f"nothing to ask: {'; '.join(map(str, problems[:3])) or 'no article'}")
    if not quiet:
        console.list_problems(problems, "`dedup scan` lists all of them")
    return SKIPPED if any(problem.skipped for problem in problems) else 0


def _converse(ask: Callable[..., Any], site: str | None, fields: dict[str, str] | None) -> int:
    from dedup.answers import answers

    skipped = False
    for answer in answers(cast(io.BufferedReader, sys.stdin.buffer), ask, site=site, fields=fields):
        skipped = skipped or "error" in answer
        _print_json(answer)
        sys.stdout.flush()
    return SKIPPED if skipped else 0


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
    from dedup.index.index import Index

    with Index(index, read_only=True) as opened:
        counts = opened.stats()
    if as_json:
        _print_json(counts)
        return
    for name, value in _flat(counts):
        click.echo(f"{name:<28}{value:>16,}" if isinstance(value, int) else f"{name:<28}{value}")


def _flat(counts: dict[str, Any], within: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in counts.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{within}{name} ")
        else:
            yield f"{within}{name}".replace("_", " "), value


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

    with Index(index, read_only=True) as opened:
        problems = opened.check()
        articles = len(opened)
    for problem in problems:
        click.echo(f"dedup: {problem}", err=True)
    if not problems:
        click.echo(f"whole    {articles:,} articles")
    return 1 if problems else 0


@index.command()
@_INDEX
def compact(index: str) -> None:
    """Rewrite an index in its smallest form.

    Merges what many additions left in pieces. No answer changes; questions may be asked meanwhile,
    adding waits. Best done at night, after large additions; never needed.

    \b
    Examples:
      dedup index compact news.index
    """  # noqa: D301  # click reads the backspace
    from dedup.index.index import Index

    with Index(index) as opened, shown(quiet=False) as progress:
        progress.stage("compact", None)
        opened.compact()


@index.command("export")
@_INDEX
@click.option(
    "-o",
    "--out",
    default="dedup-out",
    show_default=True,
    metavar="OUT",
    help="Folder to write; an earlier output of dedup there is replaced.",
)
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
    from dedup.report import files

    files.check(out)
    with Index(index, read_only=True) as opened, shown(quiet=False) as progress:
        opened.export(out, progress)
    click.echo(f"written  {out}")


@contextmanager
def _ending(folder: str | None) -> Iterator[Callable[[], bool]]:
    """Have the first Ctrl-C or SIGTERM of a watch asked for instead of raised; only that."""
    if folder is None:
        yield lambda: False
        return
    ended = False
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def end(_number: int, _frame: FrameType | None) -> None:
        nonlocal ended
        ended = True
        for number, handler in before.items():
            signal.signal(number, handler)

    for number in before:
        signal.signal(number, end)
    try:
        yield lambda: ended
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _print_json(value: dict[str, Any]) -> None:
    from dedup.report.files import encoded

    sys.stdout.buffer.write(encoded(value))
