"""What `dedup scan` prints: the weightiest clusters in a table, the counts, where the files are."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dedup.errors import Problem
from dedup.report import stored
from dedup.report.found import RANKED_BY, many
from dedup.report.screen import visible
from dedup.report.stored import Row

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

SHOWN = 12
"""Clusters in the table."""

FEW_PROBLEMS = 20
"""Problems that are listed; the rest are counted, and all are in problems.jsonl."""

LONGEST_NAME = 32
"""Characters of an article's id in the table."""

_NUMBERS = ("places", "articles", "sites")
_HEADINGS = ("cluster", *_NUMBERS, "scope", "kept in")

PIPED_WIDTH = 140
"""Columns of the table where standard output is no terminal and COLUMNS is not set."""


def summarise(out: str | os.PathLike[str]) -> None:
    """Print to standard output what a scan found, from the folder `out` that it wrote.

    Reading the written clusters back is faster than making them a second time.
    """
    from rich.text import Text

    place = stored.opened(out)
    summary = json.loads((place / "summary.json").read_bytes())
    console = _console()
    if summary["clusters"]:
        console.print(_table(stored.largest(place, SHOWN), console.width))
    for line in _counts(summary, out):
        console.print(Text(line), soft_wrap=True)


def list_problems(problems: Sequence[Problem], rest: str) -> None:
    """Print to standard error what was skipped or mended: `FEW_PROBLEMS` one by one.

    Of the others the number is told, and `rest`, which says where they are.
    """
    for problem in problems[:FEW_PROBLEMS]:
        sys.stderr.write(f"{visible(str(problem))}\n")
    if len(problems) > FEW_PROBLEMS:
        sys.stderr.write(f"{many(len(problems) - FEW_PROBLEMS, 'further problem')}: {rest}\n")


def _console() -> Console:
    from rich.console import Console

    piped = not sys.stdout.isatty() and "COLUMNS" not in os.environ
    return Console(width=PIPED_WIDTH if piped else None, highlight=False)


def _table(clusters: Sequence[Row], width: int) -> Table:
    from rich import box
    from rich.cells import cell_len
    from rich.table import Table
    from rich.text import Text

    rows = [_HEADINGS, *map(_cells, clusters)]
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    room = max(20, width - sum(widths) - 2 * len(_HEADINGS))
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    table.title, table.title_justify = f"Clusters with the most {RANKED_BY}", "left"
    for heading in _HEADINGS:
        table.add_column(heading, justify="right" if heading in _NUMBERS else "left", no_wrap=True)
    table.add_column("first words", no_wrap=True)
    for cells, cluster in zip(rows[1:], clusters, strict=True):
        first_words = Text(visible(cluster["canonical"]["value"][:300]))
        first_words.truncate(room, overflow="ellipsis")
        table.add_row(*map(Text, cells), first_words)
    return table


def _cells(cluster: Row) -> tuple[str, ...]:
    article = visible(cluster["canonical"]["article"])
    if len(article) > LONGEST_NAME:
        article = "…" + article[1 - LONGEST_NAME :]  # of a path the end tells most
    numbers = (cluster["size"], cluster["articles"], cluster["sites"])
    return (cluster["cluster"][:8], *(f"{n:,}" for n in numbers), cluster["scope"], article)


def _counts(summary: dict[str, Any], out: str | os.PathLike[str]) -> list[str]:
    read = ", ".join(many(summary[f"{what}s"], what) for what in ("article", "paragraph", "word"))
    repeated = many(summary["repeated_paragraphs"], "paragraph")
    found = f"{many(summary['clusters'], 'cluster')}, {repeated} besides the ones to keep"
    lines = [
        f"read       {read}",
        f"found      {found}, {many(summary['matches'], 'pair')} of matching texts",
        f"scopes     {_tally(summary['scopes'])}",
        f"relations  {_tally(summary['relations'])}",
    ]
    if summary["skipped"]:
        skipped = many(summary["skipped"], "document")
        lines.append(f"skipped    {skipped}, listed in {Path(out, 'problems.jsonl')}")
    lines.append(f"files      in {out}; `dedup show {out}` prints the clusters")
    return lines


def _tally(counts: dict[str, int]) -> str:
    return " · ".join(f"{name} {n:,}" for name, n in counts.items()) or "none"
