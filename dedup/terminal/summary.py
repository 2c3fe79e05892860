"""What `dedup scan` prints: the largest stories and clusters, the counts, where the files are."""

from __future__ import annotations

import os
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dedup.errors import Problem
from dedup.output import reader
from dedup.output.protocol import RANKED_BY, many
from dedup.output.schema import ClusterRow, StoryRow, SummaryRow
from dedup.terminal.diff import SAME
from dedup.terminal.screen import screen, visible

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

STORIES, SHOWN, FEWER = 10, 12, 5
"""Stories in their table, and clusters in theirs without stories above it and with them."""

FEW_PROBLEMS, SUCH_AS = 20, 3
"""Kinds of problems that are listed, and places of each; all are in problems.jsonl."""

LONGEST_REMEDY = 200
"""Most characters of a remedy that are printed: some list the fields of a record."""

_COUNTS = re.compile(r"\([^()]*\)|\d+")
"""What may differ in problems of one kind: numbers, and examples in brackets."""
_DIGEST = re.compile(r"\b([0-9a-f]{8})[0-9a-f]{16,}\b")

LONGEST_NAME, SHORT_NAME = 32, 20
"""Characters of an article's id in the table, and where there is little room."""

LEAST_ROOM = 20
"""Columns that a table's last column has at least, if need be in place of `_SPARED`."""

LONGEST_SOURCE = 20
"""Characters of an agency's name in the table."""

_NUMBERS = ("places", "articles", "sites")
_NAMES = ("had it first", "kept in")
_SPARED = ("scope", "articles", "agency")
_STORY = ("story", "articles", "sites", "agency", "had it first", "title")
_CLUSTER = ("cluster", *_NUMBERS, "scope", "kept in", "first words")

PIPED_WIDTH = 140
"""Columns of the table where standard output is no terminal and COLUMNS is not set."""


def summarise(out: str | os.PathLike[str]) -> None:
    """Print to standard output what a scan found, from the folder `out` that it wrote.

    Reading the written clusters back is faster than making them a second time.
    """
    place = reader.opened(out)
    summary = reader.summary(place)
    console = _console()
    stories = reader.largest_stories(place, STORIES) if summary.get("stories") else []
    if stories:
        title = "Stories with the most words that other articles repeat"
        console.print(_table(title, _STORY, list(map(_story, stories)), console.width))
        console.print()
    if summary["clusters"]:
        clusters = reader.largest(place, FEWER if stories else SHOWN)
        title = f"Clusters with the most {RANKED_BY}"
        console.print(_table(title, _CLUSTER, list(map(_cluster, clusters)), console.width))
    to = screen()
    for line in _counts(summary, out):
        to.line([(SAME, line)], hang=_LABEL)


def list_problems(problems: Sequence[Problem], rest: str) -> None:
    """Print to standard error what was skipped or mended, like problems in one line.

    Of more than `FEW_PROBLEMS` kinds, the others are counted, and `rest` says where they are.
    """
    kinds: dict[tuple[str, bool], list[Problem]] = {}
    for problem in problems:
        kinds.setdefault((_COUNTS.sub("#", problem.what), problem.skipped), []).append(problem)
    groups = list(kinds.values())
    for group in groups[:FEW_PROBLEMS]:
        sys.stderr.write(f"{_problem(group)}\n")
    further = sum(map(len, groups[FEW_PROBLEMS:]))
    if further or any(len(group) > SUCH_AS for group in groups):
        said = f"{many(further, 'further problem')}: " if further else ""
        sys.stderr.write(f"{said}{rest}\n")


def _problem(group: Sequence[Problem]) -> str:
    """Return a problem, or how often a kind of it came up, and where for example."""
    ((what, remedy), _), *_ = Counter((one.what, one.remedy) for one in group).most_common(1)
    told = _DIGEST.sub(r"\1…", visible(f"{what} ({_cut(remedy)})"))
    if len(group) == 1:
        return f"{visible(group[0].where)}: {told}"
    places = ", ".join(visible(problem.where) for problem in group[:SUCH_AS])
    return f"{len(group):,} times: {told}, {'such as' if group[SUCH_AS:] else 'in'} {places}"


def _cut(text: str) -> str:
    """Cut what lists much at a space."""
    return text if len(text) <= LONGEST_REMEDY else f"{text[:LONGEST_REMEDY].rpartition(' ')[0]} …"


def _console() -> Console:
    from rich.console import Console

    piped = not sys.stdout.isatty() and "COLUMNS" not in os.environ
    return Console(width=PIPED_WIDTH if piped else None, highlight=False)


def _table(
    title: str, headings: Sequence[str], cells: Sequence[Sequence[str]], width: int
) -> Table:
    """Make a table whose last column takes the room that is left."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    columns, room = _fitting(headings, cells, width)
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    table.title, table.title_justify = title, "left"
    for heading in columns:
        table.add_column(heading, justify="right" if heading in _NUMBERS else "left", no_wrap=True)
    for *row, last in zip(*columns.values(), strict=True):
        rest = Text(last)
        rest.truncate(room, overflow="ellipsis")
        table.add_row(*map(Text, row), rest)
    return table


def _fitting(
    headings: Sequence[str], cells: Sequence[Sequence[str]], width: int
) -> tuple[dict[str, list[str]], int]:
    """Return the columns that fit, and the room of the last: first names give way, then others."""
    from rich.cells import cell_len

    whole = dict(zip(headings, map(list, zip(*cells, strict=True)), strict=True))
    for longest, spared in ((LONGEST_NAME, 0), *((SHORT_NAME, n) for n in range(4))):
        columns = {
            heading: [_end(cell, longest) for cell in column] if heading in _NAMES else column
            for heading, column in whole.items()
            if heading not in _SPARED[:spared]
        }
        *rest, _ = (max(map(cell_len, (heading, *cells))) for heading, cells in columns.items())
        room = width - sum(rest) - 2 * len(rest)
        if room >= LEAST_ROOM:
            break
    return columns, max(room, LEAST_ROOM)


def _story(story: StoryRow) -> tuple[str, ...]:
    numbers = (f"{story['size']:,}", f"{story['sites']:,}")
    source = visible(story["source"] or "-")
    if len(source) > LONGEST_SOURCE:
        source = f"{source[: LONGEST_SOURCE - 1]}…"
    first = visible(story["original"]) if story["original"] is not None else "unknown"
    return (story["story"][:8], *numbers, source, first, visible(story["title"]))


def _cluster(cluster: ClusterRow) -> tuple[str, ...]:
    numbers = (cluster["size"], cluster["articles"], cluster["sites"])
    first_words = visible(cluster["canonical"]["text"][:300])
    kept = visible(cluster["canonical"]["article"])
    counts = (f"{n:,}" for n in numbers)
    return (cluster["cluster"][:8], *counts, cluster["scope"], kept, first_words)


def _end(name: str, most: int) -> str:
    """Return the id of an article, shortened; the end of a path says most."""
    return name if len(name) <= most else "…" + name[1 - most :]


_LABEL = len("relations  ")
"""Columns of the labels below."""


def _counts(summary: SummaryRow, out: str | os.PathLike[str]) -> list[str]:
    read = ", ".join(
        (
            many(summary["articles"], "article"),
            many(summary["paragraphs"], "paragraph"),
            many(summary["words"], "word"),
        )
    )
    repeated = many(summary["repeated_paragraphs"], "paragraph")
    found = f"{many(summary['clusters'], 'cluster')}, {repeated} besides the ones to keep"
    lines = [
        f"read       {read}",
        f"found      {found}, {many(summary['matches'], 'pair')} of matching texts",
        *_of_boilerplate(summary),
        f"scopes     {_tally(summary['scopes'])}",
        f"relations  {_tally(summary['relations'])}",
        *_of_stories(summary),
    ]
    if summary["skipped"]:
        skipped = many(summary["skipped"], "document")
        lines.append(f"skipped    {skipped}, listed in {Path(out, 'problems.jsonl')}")
    what = "the stories and clusters" if summary.get("stories") else "the clusters"
    lines.append(f"files      in {out}; `dedup show {out}` prints {what}")
    return lines


def _of_boilerplate(summary: SummaryRow) -> Iterator[str]:
    """Count the clusters that are listed last, if there are any; older folders do not."""
    if standing := summary.get("boilerplate_clusters"):
        yield f"standing   {many(standing, 'cluster')} of boilerplate, listed last"


def _of_stories(summary: SummaryRow) -> Iterator[str]:
    """Count stories, roles and credits; a folder of format 1 knows none."""
    if "stories" in summary:
        told = f"{summary['stories']:,} with {many(summary['story_articles'], 'article')}"
        yield f"stories    {told} in {many(summary['links'], 'linked pair')}"
        yield f"roles      {_tally({name: n for name, n in summary['roles'].items() if n})}"
        yield f"credits    an agency is named in {many(summary['credited'], 'article')}"


def _tally(counts: Mapping[Any, int]) -> str:
    return " · ".join(f"{name} {n:,}" for name, n in counts.items()) or "none"
