"""How well the kinds of matches are told on a corpus that was left out, and the fit of the weights.

    python -m benchmarks.relations                    # the table, from the numbers that are kept
    python -m benchmarks.relations --fit              # fit to all corpora, write the weights
    python -m benchmarks.relations --choose           # and what comes of measures that are chosen
                                                      # anew for each corpus left out (minutes)
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

import dedup
from dedup.evaluation import cross, gold, measure_choice, measured_pairs, relation_fit
from dedup.match import relations

NUMBERS = Path(__file__).parent.parent / "tests" / "data" / "measured_pairs.tsv.gz"
"""What is measured of the gold pairs."""


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
    parser.add_argument("--choose", action="store_true", help="choose measures for each corpus")
    options = parser.parse_args(args)
    if options.measure:
        measured_pairs.write(measure(options.measure), NUMBERS)
    measured = measured_pairs.read(NUMBERS)
    if options.fit:
        relations.PATH.write_text(
            relation_fit.written(relation_fit.fit(measured)), encoding="utf-8"
        )
        relations.known.cache_clear()
    print(cross.table(NUMBERS))
    if options.choose:
        answers = measure_choice.left_out(measured, print)
        chosen = [("measures chosen without the corpus", relation_fit.scores(measured, answers))]
        print(cross.laid_out(chosen, measured))


if __name__ == "__main__":
    main()
