"""`dedup sample`: pairs for people to judge."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from dedup.files import on_disk

_FILE = on_disk


@click.command()
@click.argument("out", metavar="OUT", type=_FILE)
@click.option(
    "-n",
    "--count",
    type=click.IntRange(min=1),
    default=100,
    show_default=True,
    help="Pairs to draw. Higher gives narrower intervals: where 90 of 100 are right, 83 to 94 of "
    "100 are.",
)
@click.option(
    "--by",
    type=click.Choice(("relation", "scope", "chance")),
    default="relation",
    show_default=True,
    help="Draw as many paragraphs of each relation or scope, or as they come.",
)
@click.option(
    "--what",
    type=click.Choice(("paragraphs", "articles")),
    default="paragraphs",
    show_default=True,
    help="What the pairs are of; articles are drawn by their roles.",
)
@click.option("--seed", default=1, show_default=True, help="Another seed draws other pairs.")
@click.option(
    "-o",
    "--out",
    "file",
    required=True,
    metavar="FILE",
    type=_FILE,
    help="Sheet to write; its guide is written beside it, with the ending .guide.md.",
)
def sample(out: Path, file: Path, **asked: Any) -> None:
    """Write a sheet of pairs for people to judge.

    OUT is a folder that `dedup scan` wrote. The sheet is CSV for any spreadsheet. Each row has two
    paragraphs (or two articles: headline and beginning) and an empty column `label`. What dedup
    says of them is not in it, their order is drawn, and some pairs are such that dedup does not
    link. Filled in, `dedup eval OUT SHEET.csv` says how often dedup is right, with intervals.

    \b
    Examples:
      dedup sample dedup-out/ -n 100 --by relation -o sheet.csv
      dedup sample dedup-out/ --what articles -o stories.csv
    """  # noqa: D301  # click reads the backspace
    from dedup import files
    from dedup.evaluation import sheet
    from dedup.output import reader
    from dedup.output.protocol import many

    rows = sheet.draw(reader.opened(out), **asked)
    guide = file.with_suffix(".guide.md")
    with files.replaced_file(file) as partial:
        partial.write_bytes(sheet.encoded(rows))
    with files.replaced_file(guide) as partial:
        partial.write_text(sheet.guide(), encoding="utf-8")
    click.echo(f"written  {many(len(rows), 'pair')} to {file}, and how to judge them to {guide}")
