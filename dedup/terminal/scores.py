"""What `dedup eval` reads and prints: an output folder's scores against a gold file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from dedup.evaluation import gold
from dedup.evaluation.metrics import ClusterScores, PairScores, Rates, Scores, evaluate
from dedup.evaluation.sheet import read as read_sheet
from dedup.evaluation.sheet_scores import SheetScores, score
from dedup.output import reader
from dedup.output.protocol import many
from dedup.output.schema import ARTICLES, CLUSTERS, MATCHES, TEXTS


def measure(out: Path, gold_file: Path) -> Scores:
    """Score the output folder `out` against the gold file.

    Raises `InputError` when the gold cannot be read or is of another corpus, and `OutputError` when
    `out` is no output of dedup.
    """
    wanted = gold.read(gold_file)
    place = reader.opened(out)
    return evaluate(
        wanted,
        reader.rows(place, ARTICLES),
        reader.rows(place, TEXTS),
        reader.rows(place, MATCHES),
        reader.rows(place, CLUSTERS),
    )


def of_sheet(out: Path, path: Path) -> SheetScores:
    """Score the output folder `out` against a sheet that was filled in."""
    return score(reader.opened(out), read_sheet(path))


def sheet_lines(scores: SheetScores) -> Iterator[str]:
    """Yield the lines that show what a sheet says."""
    judged = [
        f"{many(count, 'pair')} of {what}"
        for count, what in ((scores.pairs, "paragraphs"), (scores.articles, "articles"))
        if count
    ]
    yield f"judged     {' and '.join(judged)}; {many(scores.empty, 'row')} without a label"
    width = max(map(len, scores.shares), default=0)
    for name, share in scores.shares.items():
        part = f"{share.right / share.of:6.1%}  ({share.low:.0%} to {share.high:.0%})"
        yield f"{name:<{width}}  {part}  {share.right:,} of {share.of:,}"


def scanned(out: Path) -> Path | None:
    """Return the one file that all articles of `out` were read from, or None."""
    paths = {row["path"] for row in reader.rows(reader.opened(out), ARTICLES)}
    only = paths.pop() if len(paths) == 1 else None
    return Path(only) if only else None


def lines(scores: Scores) -> Iterator[str]:
    """Yield the lines that show the scores."""
    if scores.pairs:
        yield from _pairs(scores.pairs)
    if scores.pairs and scores.clusters:
        yield ""
    if scores.clusters:
        yield from _clusters(scores.clusters)


def _pairs(scores: PairScores) -> Iterator[str]:
    yield f"pairs      {scores.pairs:,} ({scores.left_out:,} left out: the annotators differ)"
    yield f"linked     {_rates(scores.linked)}"
    yield f"proposed   {scores.proposed:.3f} of the pairs that reuse text, under any relation"
    yield (
        f"relations  macro F1 {scores.relation_macro_f1:.3f}, "
        f"{scores.relation_macro_f1_with_unrelated:.3f} with unrelated"
    )
    yield ""
    names = tuple(scores.confusion)
    width = max(map(len, names)) + 1
    yield f"{'label':<{width}}{'F1':>7}  found as:" + "".join(f"{name:>{width}}" for name in names)
    for label, row in scores.confusion.items():
        f1 = f"{scores.relation_f1[label]:.3f}" if label in scores.relation_f1 else "-"
        counts = "".join(f"{row[name]:>{width}}" for name in names)
        yield f"{label:<{width}}{f1:>7}  {'':9}{counts}"


def _clusters(scores: ClusterScores) -> Iterator[str]:
    yield f"clusters   {scores.clusters:,} with {scores.members:,} members"
    yield f"pairwise   {_rates(scores.pairwise)}"
    yield f"B-cubed    {_rates(scores.bcubed)}"
    yield f"ARI        {scores.ari:.3f}"


def _rates(rates: Rates) -> str:
    return f"precision {rates.precision:.3f}, recall {rates.recall:.3f}, F1 {rates.f1:.3f}"
