"""The table of how well links and kinds of matches are told on a corpus that was left out."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from dedup.errors import InputError
from dedup.evaluation import measured_pairs, relation_fit
from dedup.evaluation.gold import UNRELATED
from dedup.match import relations
from dedup.match.relation_measures import measures

LONGEST = 9
"""Words of the rule of one line: a pair is reuse when it shares as many in a row. Higher links
fewer pairs: at 9 a run of eight words is none."""


def rows(measured: measured_pairs.MeasuredPairs) -> list[tuple[str, relation_fit.Scores]]:
    """Score the questions left out corpus by corpus, the scan, and rules of one line."""
    found = measures(measured.evidence)
    run = np.where(np.expm1(found["longest run"]) >= LONGEST - 1e-6, "passage", UNRELATED)
    left = relation_fit.left_out(measured)
    every = relation_fit.answer(measured, relations.known())
    return [
        ("left out", relation_fit.scores(measured, left)),
        ("all in (the weights that are shipped)", relation_fit.scores(measured, every)),
        ("the scan when the numbers were written", relation_fit.scores(measured, measured.scan)),
        (f"longest run >= {LONGEST}", relation_fit.scores(measured, run)),
        ("best single measure, cut for each corpus", relation_fit.best_single(measured)),
    ]


def laid_out(
    rows: list[tuple[str, relation_fit.Scores]], measured: measured_pairs.MeasuredPairs
) -> str:
    """Lay scores out in Markdown: linked F1 / relation macro-F1, where there is one."""
    corpora = [*relation_fit.corpora(measured), relation_fit.POOLED]
    lines = [f"| linked F1 / macro-F1 | {' | '.join(corpora)} |", "|---|" + "--:|" * len(corpora)]
    for title, scores in rows:
        pairs = (scores[name] for name in corpora)
        cells = [
            f"{linked:.3f}" + ("" if np.isnan(macro) else f" / {macro:.3f}")
            for linked, macro in pairs
        ]
        lines.append(f"| {title} | {' | '.join(cells)} |")
    return "\n".join(lines)


def table(path: Path) -> str:
    """Return the table for what is measured of gold pairs, in Markdown.

    Raises `InputError` when the file cannot be read or holds no such table.
    """
    try:
        measured = measured_pairs.read(path)
    except (OSError, EOFError, ValueError, IndexError) as error:
        raise InputError(
            f"{path}: holds no measured pairs: {error}; name a table that `python -m "
            "benchmarks.relations --measure` wrote, such as tests/data/measured_pairs.tsv.gz"
        ) from error
    return laid_out(rows(measured), measured)
