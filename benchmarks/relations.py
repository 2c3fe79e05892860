"""How well the kinds of matches are told on a corpus that was left out, and the fit of the weights.

    python -m benchmarks.relations                    # the table, from the numbers that are kept
    python -m benchmarks.relations --fit              # fit to all corpora, write the weights
    python -m benchmarks.relations --measure FOLDER   # scan FOLDER/*/docs.jsonl.gz with their
                                                      # gold_pairs.jsonl, write the numbers anew

The numbers (`tests/data/measured_pairs.tsv.gz`) are what is measured of each gold pair, whether or
not a scan lists it; they hold no text. There is no chance in the fit: it gives the same file every
time.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

import dedup
from dedup.evaluation import gold, measured_pairs, relation_fit
from dedup.match import relations
from dedup.match.relation_measures import measures

NUMBERS = Path(__file__).parent.parent / "tests" / "data" / "measured_pairs.tsv.gz"
"""What is measured of the gold pairs."""

LONGEST = 9
"""Words of the rule of one line: a pair is reuse when it shares as many in a row."""


def rows(measured: measured_pairs.MeasuredPairs) -> list[tuple[str, relation_fit.Scores]]:
    """Score today's weights left out corpus by corpus, the scan, and rules of one line."""
    found = measures(measured.evidence)
    run = np.where(np.expm1(found["longest run"]) >= LONGEST - 1e-6, "passage", gold.UNRELATED)
    left = relation_fit.left_out(measured)
    every = relation_fit.answer(measured, relations.known())
    return [
        ("left out", relation_fit.scores(measured, left)),
        ("all in (the weights that are shipped)", relation_fit.scores(measured, every)),
        ("the scan when the numbers were written", relation_fit.scores(measured, measured.scan)),
        (f"longest run >= {LONGEST}", relation_fit.scores(measured, run)),
        ("best single measure, cut for each corpus", relation_fit.best_single(measured)),
    ]


def table(measured: measured_pairs.MeasuredPairs) -> str:
    """Lay the scores out in Markdown: linked F1 / relation macro-F1."""
    corpora = [*relation_fit.corpora(measured), relation_fit.POOLED]
    lines = [f"| linked F1 / macro-F1 | {' | '.join(corpora)} |", "|---|" + "--:|" * len(corpora)]
    for title, scores in rows(measured):
        cells = [f"{linked:.3f} / {macro:.3f}" for linked, macro in map(scores.get, corpora)]  # type: ignore[misc]
        lines.append(f"| {title} | {' | '.join(cells)} |")
    return "\n".join(lines)


def measure(folder: Path) -> measured_pairs.MeasuredPairs:
    """Scan every corpus of a folder that has gold pairs, and measure them."""
    parts = []
    for path in sorted(folder.glob("*/gold_pairs.jsonl")):
        result = dedup.scan(path.with_name("docs.jsonl.gz"))
        parts.append(measured_pairs.measure_gold(path.parent.name, gold.read(path).pairs, result))
    return measured_pairs.joined(parts)


def main(args: Sequence[str] | None = None) -> None:
    """Measure or fit if asked to, and print the table."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.relations",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--measure", type=Path, metavar="FOLDER", help="write the numbers anew")
    parser.add_argument("--fit", action="store_true", help="write the weights anew")
    options = parser.parse_args(args)
    if options.measure:
        measured_pairs.write(measure(options.measure), NUMBERS)
    measured = measured_pairs.read(NUMBERS)
    if options.fit:
        relations.PATH.write_text(
            relation_fit.written(relation_fit.fit(measured)), encoding="utf-8"
        )
        relations.known.cache_clear()
    print(table(measured))


if __name__ == "__main__":
    main()
