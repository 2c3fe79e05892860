"""The commands that read what a scan left: `dedup show`, `dedup export` and `dedup report`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from dedup.cli.listing import list_options, listed
from dedup.cli.options import file_option
from dedup.files import on_disk


@click.command()
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


@click.command()
@click.argument("out", metavar="OUT", type=on_disk)
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
@file_option("File to write; an earlier one is replaced.", required=True)
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


@click.command()
@click.argument("out", default="dedup-out", metavar="[OUT]", type=on_disk)
@file_option("File to write; an earlier one is replaced.", default="report.html", show_default=True)
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
