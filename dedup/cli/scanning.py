"""The commands that read articles: `dedup scan`, `dedup clean` and `dedup check`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from dedup.cli.options import (
    SKIPPED,
    engine_options,
    folder_on_disk,
    job,
    named_fields,
    naming_formats,
    on_spark,
    output_option,
    scan_options,
    scan_or_index,
)
from dedup.files import on_disk
from dedup.progress import shown


@click.command()
@scan_options
@output_option
@engine_options
@click.option(
    "--json-lines",
    is_flag=True,
    help="With --engine spark: write the files of a plain scan too, to the folder OUT/lines, for "
    "the commands that read one.",
)
@click.option(
    "--grid",
    metavar="NAME=VALUES",
    help="Scan once for each value of a setting, print how the counts move, and write nothing: "
    "--grid threshold=0.3,0.5,0.7.",
)
@click.option(
    "--report",
    "page",
    metavar="FILE",
    type=on_disk,
    help="Write what was found as one page of HTML too; see `dedup report`.",
)
@naming_formats
def scan(
    paths: tuple[str, ...],
    out: str,
    grid: str | None,
    page: Path | None,
    quiet: bool,
    as_json: bool,
    engine: str,
    master: str | None,
    json_lines: bool,
    **options: Any,
) -> int:
    """Find the stories and paragraphs that PATHS repeat.

    PATHS are folders (read with all below them), files, or - for standard input. Read are KINDS;
    what a file plainly holds goes before its name. A first-level folder names the site of the
    articles in it that name none.

    Prints the largest stories (articles that are versions of one article) with who had each first,
    what one article tells twice, what was copied into other articles, and the clusters of
    paragraphs that repeat most. OUT then holds stories.jsonl,
    links.jsonl, paragraphs.jsonl, sites.csv, articles.jsonl, texts.jsonl, matches.jsonl,
    clusters.jsonl, problems.jsonl, files.jsonl and summary.json.

    With --engine spark the same is worked out on Spark, and OUT holds it as Parquet tables of the
    same names. OUT must be a folder that the driver and all executors see.

    \b
    Examples:
      dedup scan samples/newsroom
      dedup scan monday.jsonl.gz tuesday.jsonl.gz -o week/ --field text=body
      dedup scan articles/ --threshold 0.7 --prefer agency --json
      dedup scan articles/ --grid evidence=5,6.5,9
      dedup scan articles/ --report report.html
      dedup scan shards/ --engine spark --master spark://head:7077 -o /shared/out
    """  # noqa: D301  # click reads the backspace
    import dedup
    from dedup.output import reader, writer
    from dedup.readers.remote import as_given
    from dedup.terminal import summary

    arguments = job(**options)
    reader.refuse_results(paths)
    if on_spark(engine, master):
        from dedup.cli import spark

        if grid is not None or page:
            raise click.UsageError("--grid and --report are not for --engine spark; leave them out")
        return spark.scan(
            paths,
            out,
            arguments,
            master=master,
            json_lines=json_lines,
            quiet=quiet,
            as_json=as_json,
        )
    if json_lines:
        raise click.UsageError("--json-lines is for --engine spark; a plain scan writes them")
    if grid is not None:
        return _grid(paths, grid, arguments, quiet=quiet, as_json=as_json)
    writer.check(out)
    if page:
        from dedup import report as reports

        reports.check(out, page)
    with shown(quiet=quiet) as progress:
        result = dedup.scan(as_given(paths), progress=progress, **arguments)
        result.write(out, progress)
    if page:
        reports.write(out, page)
    if not quiet:
        summary.list_problems(result.problems, f"all are in {Path(out, 'problems.jsonl')}")
    if as_json:
        click.echo(writer.encoded(result.summary, indent=2), nl=False)
    elif not quiet:
        summary.summarise(out, result.scanned)
    return SKIPPED if result.summary["skipped"] else 0


def _grid(
    paths: tuple[str, ...], grid: str, arguments: dict[str, Any], *, quiet: bool, as_json: bool
) -> int:
    from dedup.cli import settings_grid
    from dedup.output import writer
    from dedup.terminal import summary

    with shown(quiet=quiet) as progress:
        rows, problems = settings_grid.tried(paths, grid, arguments, progress)
    if not quiet:
        summary.list_problems(problems, "`dedup scan` lists all of them")
    if as_json:
        click.echo(writer.encoded({"grid": rows}, indent=2), nl=False)
    else:
        for line in settings_grid.lines(rows):
            click.echo(line)
    return SKIPPED if any(problem.skipped for problem in problems) else 0


@click.command()
@scan_options
@click.option(
    "-o",
    "--out",
    type=folder_on_disk,
    required=True,
    metavar="DIR",
    help="Folder to write; it must be new or empty.",
)
@click.option(
    "--stories",
    is_flag=True,
    help="Drop whole articles of which the one to keep of their story has nearly all, instead.",
)
@click.option(
    "--share",
    type=click.FloatRange(0, 1, min_open=True),
    help="With --stories: least share of an article that the one to keep must have, 0.9 if not "
    "given. Higher drops fewer; at 1 nothing goes that has a run of five words of its own.",
)
@click.option(
    "--least-words",
    type=click.IntRange(min=0),
    help="Words from which a repeated paragraph goes, 4 if not given. Higher keeps longer lines "
    "that repeat; at 0 every one goes, section names and bylines too.",
)
@click.option(
    "--keep-standing",
    is_flag=True,
    help="Keep every copy of what sites put on pages of all kinds: footers, notices, promotions.",
)
@click.option(
    "--from",
    "found",
    type=scan_or_index,
    metavar="FOUND",
    help="Do not scan: PATHS are a collection, and this is the folder that a scan of them wrote, "
    "or an index that took them.",
)
@engine_options
def clean(paths: tuple[str, ...], out: str, **options: Any) -> int:
    """Write PATHS anew with one copy of each paragraph.

    Scans as `dedup scan` does and writes the articles to DIR: of each cluster the version to keep
    stays where it is, the other members go with their line breaks, all else stays as it is. Text
    files keep their place under PATHS, other files become JSON lines; all in UTF-8. An article that
    loses all its paragraphs is left out. DIR/dropped.jsonl lists every paragraph that went, and
    where the one that is kept stands. Lines of three words and less stay: see --least-words.

    A longer version may say more than the one that is kept: see --policy longest.

    With --stories whole articles are dropped, and all others stay as they are. An article is
    dropped if the one to keep of its story has nearly all of it: 90% or more of its runs of five
    words, boilerplate aside. So less than a tenth of it may stand nowhere else, mostly a line or
    two: DIR/dropped.jsonl lists each with its paragraphs that the kept article lacks. All others
    stay, also versions that a later one takes the place of: DIR/stayed.jsonl lists them.

    Where all files are Parquet or JSON lines, they are a collection: each is written again under
    its name, with all its columns and its rows in their order. A row goes when nothing of it is
    left, and when it is the same article as another row. DIR/dropped then holds a table for each
    file. A run that was killed goes on where it was when the same command is given again. With
    --from nothing is scanned: PATHS (with --site and --field, if they were given then) are looked
    up in what a scan or an index found. With --engine spark each of their files is a task.

    \b
    Examples:
      dedup clean samples/newsroom -o once/
      dedup clean articles/ -o once/ --threshold 0.8 --policy longest
      dedup clean articles/ -o once/ --stories
      dedup clean shards/*.parquet -o once/ --from dedup-out/
      dedup clean shards/ -o /shared/once --from /shared/out --engine spark
    """  # noqa: D301  # click reads the backspace
    from dedup.cli import cleaning

    return cleaning.clean(paths, out, **options)


@click.command()
@click.argument("text", metavar="TEXT")
@click.argument("against", metavar="AGAINST")
@click.option(
    "--without",
    multiple=True,
    type=click.Choice(("quotations", "credits", "standing")),
    help="Leave out what stands in quotation marks, datelines and credit lines, or standing text. "
    "May be given several times.",
)
@click.option(
    "--without-source",
    "without_sources",
    multiple=True,
    metavar="NAME",
    help="Leave out an article, by its id, or a site. May be given several times.",
)
@click.option(
    "--least-words",
    type=click.IntRange(min=0),
    default=0,
    metavar="N",
    help="Leave out passages with fewer words. Higher leaves short phrases out.",
)
@click.option(
    "--field",
    "fields",
    multiple=True,
    metavar="OURS=THEIRS",
    help="Read a field of AGAINST under another name: --field text=body.",
)
@click.option("--full", is_flag=True, help="Print each passage beside the paragraph it stands in.")
@click.option("-q", "--quiet", is_flag=True, help="Print no progress.")
@click.option("--json", "as_json", is_flag=True, help="Print all of it as JSON instead.")
def check(
    text: str,
    against: str,
    fields: tuple[str, ...],
    full: bool,
    quiet: bool,
    as_json: bool,
    **left_out: Any,
) -> int:
    """Say how much of one text stands elsewhere, and where.

    TEXT is a file that holds one article, in any format that `dedup scan` reads, - for standard
    input, or the text itself. AGAINST is a corpus (a folder or file), the folder that `dedup scan`
    wrote (what it scanned is read again; name fields again with --field), or an index.

    Prints which share of the words stands in other articles, the articles that have most of them,
    and the passages. Templates do not count. What is left out counts neither as words of the text
    nor as found, and the share is worked out anew. An index names the closest earlier texts of each
    paragraph and keeps no words of them.

    \b
    Examples:
      dedup check draft.txt articles/
      dedup check draft.txt dedup-out/ --without quotations --least-words 8 --full
      dedup check "The ferry ran aground ..." news.index --json
      dedup check draft.txt articles/ --without-source northline
    """  # noqa: D301  # click reads the backspace
    from dedup import text_check
    from dedup.output import writer
    from dedup.terminal import checked
    from dedup.terminal.screen import screen

    given: str | Path = Path(text) if text == "-" or _names_file(text) else text
    with shown(quiet=quiet) as progress:
        found = text_check.check(
            given, _place(against), fields=named_fields(fields), progress=progress, **left_out
        )
    if as_json:
        click.echo(writer.encoded(asdict(found), indent=2), nl=False)
    else:
        checked.print_checked(found, screen(), full=full)
    return SKIPPED if any(problem.skipped for problem in found.problems) else 0


def _names_file(text: str) -> bool:
    """Return whether a text is the name of a file: one that is there, or can only be meant so."""
    try:
        if Path(text).is_file():
            return True
    except (OSError, ValueError):  # a text may be no name of a file, or too long for one
        return False
    return len(text.split()) == 1 and ("/" in text or bool(Path(text).suffix[1:]))


def _place(name: str) -> str | Path:
    """Return what is compared with: an address as it is, anything else as a path."""
    return name if "://" in name else Path(name)
