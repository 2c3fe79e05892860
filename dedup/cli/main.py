"""The command line: options to settings, exceptions to exit codes; the work is the library's."""

from __future__ import annotations

import gc
import io
import os
import signal
import sys
from dataclasses import asdict
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import click

from dedup._jit.interpreter import working
from dedup._version import __version__
from dedup.cli.index import index
from dedup.cli.listing import list_options, listed
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
from dedup.cli.sampling import sample
from dedup.cli.warm import warm
from dedup.errors import DedupError
from dedup.files import on_disk
from dedup.portable import endings
from dedup.progress import shown

UNEXPECTED, INTERRUPTED, READER_LEFT = 70, 130, 141

_FILE = on_disk


class Boundary(click.Group):
    """The one place where an exception becomes a message and an exit code."""

    def invoke(self, ctx: click.Context) -> NoReturn:
        """Run the command and leave with its exit code."""
        try:
            code = super().invoke(ctx) or 0
            sys.stdout.flush()
        except DedupError as error:
            code = _complain(str(error), error.exit_code)
        except KeyboardInterrupt:
            code = _complain("interrupted", INTERRUPTED)
        except BrokenPipeError:
            # whoever read our output has left: say nothing, also not when Python closes stdout
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            code = READER_LEFT
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            if os.environ.get("DEDUP_DEBUG"):
                raise
            code = _complain(_fault(error), UNEXPECTED)
        ctx.exit(code)


def _complain(message: str, code: int) -> int:
    click.echo(f"dedup: {message}", err=True)
    return code


def _fault(error: Exception) -> str:
    """Say in a line what went wrong, and where the traceback is."""
    from dedup.cli import crash_log

    what = f"{type(error).__name__}: {error}".splitlines()[0]
    log = crash_log.write(error, ["dedup", *sys.argv[1:]])
    where = f"its traceback is in {log}" if log else "set DEDUP_DEBUG=1 for the traceback"
    return f"{what} (this is a fault in dedup; {where})"


@click.group(cls=Boundary, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="dedup")
def cli() -> None:
    """Find the same text in news, wherever it stands, and the version to keep.

    \b
    Examples:
      dedup scan articles/              what is repeated in a folder of articles
      dedup show dedup-out/             read the stories and clusters it found
      dedup check draft.txt articles/   how much of one text stands elsewhere
      dedup clean articles/ -o once/    the articles with one copy of each paragraph
      dedup report dedup-out/           all of it as one page for a browser
      dedup export dedup-out/ --to csv -o stories.csv    the stories as a table
      dedup sample dedup-out/ -o sheet.csv    pairs for people to judge
      dedup eval dedup-out/ sheet.csv   how well it did on them
      dedup index add news.index new/   the same as articles come in, day by day

    \b
    Exit codes:
      0    all was read and done
      1    dedup refused, for a reason it names, or a score is under its floor
      2    an option or setting has no meaning
      3    nothing could be read
      4    the output folder cannot be written or read
      5    done, but some of the input was skipped
      6    an index is damaged, or of another version
      7    another process writes the index
      70   a fault in dedup itself
      130  interrupted: the output folder is as it was before
      141  whoever read the output closed it (as in `dedup show | head`)

    \b
    Completion of commands and options in bash (zsh, fish: likewise):
      eval "$(_DEDUP_COMPLETE=bash_source dedup)"
    """  # noqa: D301  # click reads the backspace


@cli.command()
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
    type=_FILE,
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


@cli.command()
@click.argument("out", default="dedup-out", metavar="[OUT]")
@click.argument("name", required=False, metavar="[ID]")
@click.argument("other", required=False, metavar="[ID]")
@click.option(
    "-n",
    "--limit",
    type=click.IntRange(min=1),
    default=20,
    show_default=True,
    help="Stories, passages, clusters or sites to list when no id is given.",
)
@list_options
@click.option(
    "--full", is_flag=True, help="Print stories with their texts and what each version changes."
)
def show(
    out: str, name: str | None, other: str | None, limit: int, full: bool, **asked: Any
) -> None:
    """Print what a scan found, one thing of it or two articles.

    OUT is a folder that `dedup scan` wrote (dedup-out if not named).

    Without ID the stories that repeat most words come first, each in brief: which article to keep
    and why, who had it first, how sure that is and why, and of each article its role in the story,
    how much later it came, how much of its words the kept article holds and the other way round,
    the paragraphs that were added, changed or cut, and the agency it credits. Where there is no
    story, clusters are listed.

    --passages lists what places share, the longest first: what one article tells twice, then what
    two articles share. --within and --across list one of the two, --relation NAME passages of one
    kind. --clusters lists the versions of paragraphs, --sites who runs whose text. The other
    options narrow any of these lists; a story, passage or cluster is listed when one of its
    articles is asked for.

    Each cluster comes with the version to keep, where its copies stand, and its other versions
    with the words that differ: struck out and bold on a terminal, [-gone-] and {+new+} elsewhere;
    [=both=] is what two places hold where most else differs. Case, accents and punctuation make no
    difference. Paragraphs count from 0.

    ID is the id of a story, a cluster, a passage or an article, or the beginning of one. A story is
    printed with all its articles and the beginning of the one to keep; a cluster with all its
    versions and places; a passage with both paragraphs; an article with its credits, its passages
    (what it tells twice, and where else what stands, and as what), its stories, and the articles
    that share text with it. Two ids of articles print these beside one another.

    With --full a story comes with the whole article to keep and, for each other one, the paragraphs
    that were added or cut, and of those that were changed the words that differ with a few beside
    them; an article comes with every passage.

    \b
    Examples:
      dedup show dedup-out/ | less
      dedup show dedup-out/ 3f2a91
      dedup show dedup-out/ 3f2a91 --full
      dedup show dedup-out/ northline/ferry.txt
      dedup show dedup-out/ northline/ferry.txt tarnholm-post/rescue.txt
      dedup show -n 50 --within
      dedup show --relation quote --relation rewrite --least-words 20
      dedup show --clusters --site tarnholm-post --since 2025-10-14
      dedup show --sites
    """  # noqa: D301  # click reads the backspace
    from dedup.terminal.screen import screen
    from dedup.terminal.show import show as print_them

    what, wanted = listed(**asked)
    print_them(out, name, limit, screen(), what=what, full=full, other=other, asked=wanted)


@cli.command()
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


@cli.command()
@click.argument("out", metavar="OUT", type=_FILE)
@click.option(
    "--to",
    required=True,
    type=click.Choice(("csv", "parquet", "xlsx", "sqlite", "graphml", "gexf")),
    help="Format to write: a table (csv, parquet), all tables (xlsx, sqlite) or a graph (graphml, "
    "gexf).",
)
@click.option(
    "--what",
    metavar="TABLE",
    help="members (the articles of each story; if not given), links, stories, passages, clusters, "
    "articles, matches, sites or outlets.",
)
@click.option(
    "--min-share",
    type=float,
    metavar="SHARE",
    help="Leave out links of which neither article has this share of the other, 0 to 1.",
)
@click.option(
    "-o",
    "--out",
    "file",
    required=True,
    metavar="FILE",
    type=_FILE,
    help="File to write; an earlier one is replaced.",
)
def export(out: Path, to: str, what: str | None, min_share: float | None, file: Path) -> None:
    """Write tables and graphs for other programs.

    OUT is a folder that `dedup scan` wrote; nothing is scanned again.

    A table of members has a row for each article of each story: its role, the shares of words that
    it and the kept article hold of each other, its lag in seconds, and what is known of article
    and story. `published` is the date as it is known, `published_utc` a time in Parquet, where zone
    and minute are known. `passages` are what places share, with both texts; `clusters` has a row
    for each place of each cluster, `articles` all that was scanned, `sites` who ran whose text, and
    `outlets` each site with all its articles and words: what to take shares of. A workbook (xlsx)
    and a database (sqlite) hold all tables unless one is named. Parquet needs pyarrow, xlsx
    XlsxWriter. CSV begins with the mark by which Excel knows UTF-8, and a text that begins as a
    formula does (=, +, -, @) has an apostrophe before it.

    A graph has the articles that share text as nodes. Its edges lead from who had the text first; a
    link of which that is unknown becomes two edges, one each way, with `known` false. With --what
    sites the nodes are sites, and edges lead from whose text it is to who ran it. Gephi, networkx
    and other readers of GraphML and GEXF take it; in GEXF articles are dated. Most links are
    articles that only share a part of a source: --min-share 0.5 leaves those of which one has half
    of the other.

    \b
    Examples:
      dedup export dedup-out/ --to csv -o stories.csv
      dedup export dedup-out/ --to parquet --what links -o links.parquet
      dedup export dedup-out/ --to csv --what passages -o passages.csv
      dedup export dedup-out/ --to xlsx -o findings.xlsx
      dedup export dedup-out/ --to graphml --min-share 0.5 -o stories.graphml
      dedup export dedup-out/ --to gexf --what sites -o sites.gexf
    """  # noqa: D301  # click reads the backspace
    from dedup.output.export import GRAPHS
    from dedup.output.export import export as write_file
    from dedup.output.protocol import many

    rows = write_file(out, to, file, what, min_share)
    click.echo(f"written  {many(rows, 'edge' if to in GRAPHS else 'row')} to {file}")


@cli.command()
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


@cli.command()
@click.argument("out", default="dedup-out", metavar="[OUT]", type=_FILE)
@click.option(
    "-o",
    "--out",
    "file",
    default="report.html",
    show_default=True,
    metavar="FILE",
    type=_FILE,
    help="File to write; an earlier one is replaced.",
)
@click.option("--title", metavar="TEXT", help="What the page is called; else what was scanned.")
def report(out: Path, file: Path, title: str | None) -> None:
    """Write what a scan found as one page of HTML.

    OUT is a folder that `dedup scan` wrote (dedup-out if not named); nothing is scanned again.

    The page needs nothing else and loads nothing from elsewhere: it can be mailed, kept and opened
    without a network. It shows how much is original, agency copy, reused, told twice in one
    article, quoted and standing text, by site and time; the stories, with any two versions side by
    side; passages, clusters and articles with what stands where else; and who runs whose text. All
    can be searched and filtered, by keyboard and on a phone too.

    Of a large scan the largest stories, passages and clusters are shown, so that the page stays
    under 20 MB; it says what is left out. It holds texts of the articles: who may read it may read
    these. Needs jinja2.

    \b
    Examples:
      dedup report
      dedup report week/ -o week.html --title "Week 42"
      dedup scan articles/ --report report.html
    """  # noqa: D301  # click reads the backspace
    from dedup.report import write

    written = write(out, file, title)
    click.echo(f"written  {file}, {_size(written.size)}; open it in a browser")
    for what, shown_of, all_of, where in written.left_out:
        click.echo(
            f"left out {all_of - shown_of:,} of {all_of:,} {what}, the smallest; see {where}"
        )


def _size(n: int) -> str:
    return f"{n / 1e6:.1f} MB" if n >= 1e6 else f"{n // 1000:,} kB"


@cli.command("eval")
@click.argument("out", metavar="OUT", type=_FILE, required=False)
@click.argument("gold", metavar="GOLD", type=_FILE, required=False)
@click.option(
    "--floors",
    metavar="FILE",
    type=_FILE,
    help="Fail, with exit code 1, when a score is under its floor in this JSON file.",
)
@click.option("--pin", metavar="FILE", type=_FILE, help="Write the scores as floors to this file.")
@click.option("--lower", is_flag=True, help="Let --pin lower a floor that the file has already.")
@click.option("--json", "as_json", is_flag=True, help="Print the scores, and every pair, as JSON.")
@click.option(
    "--cross",
    metavar="FILE",
    type=_FILE,
    help="Print how well dedup does on a corpus that was left out, from measured gold pairs.",
)
def evaluate(
    out: Path | None,
    gold: Path | None,
    floors: Path | None,
    pin: Path | None,
    lower: bool,
    as_json: bool,
    cross: Path | None,
) -> None:
    """Score a scan against pairs or clusters people judged.

    OUT is a folder that `dedup scan` wrote. GOLD holds JSON lines: pairs of paragraphs with their
    label, or clusters with their members. Each place is an article's id with the first character
    and one past the last. Or GOLD is a sheet (.csv) that `dedup sample` wrote and somebody filled
    in: then it prints which shares are right of what dedup links, of each relation, of clusters, of
    stories and of who was first, each with its 95 % interval.

    For pairs it prints how well reuse is linked (same text, one cluster, or a match that is neither
    template nor boilerplate), which of it is proposed under any relation, and what each label is
    found as; for clusters pairwise and B-cubed precision, recall and F1, and the adjusted Rand
    index. Pairs on which the annotators differ are left out.

    With --cross no scan is scored, and OUT and GOLD are not given. FILE holds what was measured of
    the gold pairs of several corpora; the one that dedup is fitted to is in its repository. The
    table has linked F1 and relation macro-F1 of each corpus by weights that were fitted to the
    others, beside rules of one line. `python -m benchmarks.relations` there writes such files.

    \b
    Examples:
      dedup eval dedup-out/ gold.jsonl
      dedup eval dedup-out/ sheet.csv
      dedup eval --cross tests/data/measured_pairs.tsv.gz
      dedup eval dedup-out/ gold.jsonl --pin floors.json
      dedup eval dedup-out/ gold.jsonl --floors floors.json --json

    \b
    Lines of GOLD (on one line each):
      {"pair": 1, "labels": ["quote"], "agreed": true,
       "a": {"article": "x", "start": 0, "end": 80}, "b": {...}}
      {"cluster": 1, "members": [{"article": "x", "start": 0, "end": 80}, ...]}
    """  # noqa: D301  # click reads the backspace
    from dedup.evaluation import floors as kept
    from dedup.output import writer
    from dedup.terminal import scores

    if cross:
        if out or floors or pin or as_json:
            raise click.UsageError("--cross FILE stands alone: it scores no scan")
        from dedup.evaluation.cross import table

        click.echo(table(cross))
        return
    if not out or not gold:
        raise click.UsageError(f"Missing argument '{'GOLD' if out else 'OUT'}'.")
    if lower and not pin:
        raise click.UsageError("--lower says what --pin may do; give --pin FILE too")
    if gold.suffix.lower() == ".csv":
        if floors or pin:
            raise click.UsageError("floors are of gold files; a sheet has intervals instead")
        of_sheet = scores.of_sheet(out, gold)
        if as_json:
            click.echo(writer.encoded(asdict(of_sheet), indent=2), nl=False)
        else:
            for line in scores.sheet_lines(of_sheet):
                click.echo(line)
        return
    found = scores.measure(out, gold)
    if as_json:
        click.echo(writer.encoded(asdict(found), indent=2), nl=False)
    else:
        for line in scores.lines(found):
            click.echo(line)
    if floors or pin:
        run = kept.pins(found, scores.scanned(out), gold)
        if floors:
            kept.check(run, floors)
        if pin:
            kept.pin(run, pin, lower=lower)


cli.add_command(index)
cli.add_command(sample)
cli.add_command(warm)


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def main() -> None:
    """Run the command `dedup`: what setup.cfg installs."""
    for signal_number in endings():
        if signal.getsignal(signal_number) != signal.SIG_IGN:  # as under nohup
            signal.signal(signal_number, _interrupt)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # never fail on what cannot be shown
    try:
        with working():
            cli()
    finally:
        gc.freeze()  # the end looks for garbage in all that is left: a tenth of a second
