"""The commands for what people judge: `dedup sample` draws pairs, `dedup eval` scores a scan."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from dedup.cli.options import file_option
from dedup.files import on_disk


@click.command()
@click.argument("out", metavar="OUT", type=on_disk)
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
@file_option(
    "Sheet to write; its guide is written beside it, with the ending .guide.md.", required=True
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


@click.command("eval")
@click.argument("out", metavar="OUT", type=on_disk, required=False)
@click.argument("gold", metavar="GOLD", type=on_disk, required=False)
@click.option(
    "--floors",
    metavar="FILE",
    type=on_disk,
    help="Fail, with exit code 1, when a score is under its floor in this JSON file.",
)
@click.option(
    "--pin", metavar="FILE", type=on_disk, help="Write the scores as floors to this file."
)
@click.option("--lower", is_flag=True, help="Let --pin lower a floor that the file has already.")
@click.option("--json", "as_json", is_flag=True, help="Print the scores, and every pair, as JSON.")
@click.option(
    "--cross",
    metavar="FILE",
    type=on_disk,
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
        _tell(scores.of_sheet(out, gold), scores.sheet_lines, as_json=as_json)
        return
    found = scores.measure(out, gold)
    _tell(found, scores.lines, as_json=as_json)
    if floors or pin:
        run = kept.pins(found, scores.scanned(out), gold)
        if floors:
            kept.check(run, floors)
        if pin:
            kept.pin(run, pin, lower=lower)


def _tell(scored: Any, lines: Callable[[Any], Iterable[str]], *, as_json: bool) -> None:
    """Print what was scored as JSON, or in lines."""
    from dedup.output import writer

    if as_json:
        click.echo(writer.encoded(asdict(scored), indent=2), nl=False)
        return
    for line in lines(scored):
        click.echo(line)
