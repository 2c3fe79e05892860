"""What a filled-in sheet says of a scan: shares that are right, each with its interval."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt
from pathlib import Path

from dedup.errors import InputError
from dedup.evaluation.gold import LINKED, Gold
from dedup.evaluation.metrics import Verdict, evaluate
from dedup.evaluation.sheet import Judged, Sheet
from dedup.output import reader
from dedup.output.schema import ARTICLES, CLUSTERS, LINKS, MATCHES, STORIES, TEXTS

Z = 1.96
"""Standard deviations of the intervals. Higher makes them wider: 1.96 holds 95 of 100 truths."""


@dataclass(frozen=True, slots=True)
class Share:
    """How many of some were right, with the interval of their share."""

    right: int
    of: int
    low: float
    """Least share that is likely, 0 to 1 (Wilson 1927, at 95 %)."""
    high: float
    """Greatest share that is likely."""


@dataclass(frozen=True, slots=True)
class SheetScores:
    """What a sheet says; a share of none is left out."""

    pairs: int
    """Pairs of paragraphs that were judged."""
    articles: int
    """Pairs of articles that were judged."""
    empty: int
    """Rows without a label."""
    shares: dict[str, Share]
    """By what is counted: `linked` (of the pairs that we link, those that reuse text), `found` (of
    those that reuse text, the ones that we link), `relation X` (of what we call X, what people call
    so), `clusters` (of pairs in one cluster, those that are versions), `stories` (of pairs in one
    story, those that are versions), `stories found` (of versions, those in one story), and
    `direction` (of pairs of which both say who had it first, those in which we agree)."""


def wilson(right: int, of: int) -> Share:
    """Return a share with its interval (Wilson 1927).

    >>> share = wilson(9, 10)
    >>> round(share.low, 3), round(share.high, 3)
    (0.596, 0.982)
    """
    p, z2 = right / of, Z * Z
    middle = (p + z2 / (2 * of)) / (1 + z2 / of)
    half = Z * sqrt(p * (1 - p) / of + z2 / (4 * of * of)) / (1 + z2 / of)
    return Share(right, of, max(0.0, min(p, middle - half)), min(1.0, max(p, middle + half)))


def score(place: Path, sheet: Sheet) -> SheetScores:
    """Score the output folder `place` against a sheet.

    The shares are of the pairs of the sheet. Where it was drawn by relation, only those of one
    relation speak for the corpus. Raises `InputError` when the sheet is of another corpus.
    """
    shares: dict[str, Share] = {}
    if sheet.pairs:
        verdicts = _verdicts(place, sheet)
        shares |= _of_paragraphs(verdicts)
        shares |= _of_clusters(place, sheet)
    if sheet.articles:
        _scanned(place, sheet.articles)
        shares |= _of_articles(place, sheet.articles)
    return SheetScores(len(sheet.pairs), len(sheet.articles), sheet.empty, shares)


def _verdicts(place: Path, sheet: Sheet) -> Sequence[Verdict]:
    scores = evaluate(
        Gold(sheet.pairs),
        reader.rows(place, ARTICLES),
        reader.rows(place, TEXTS),
        reader.rows(place, MATCHES),
        reader.rows(place, CLUSTERS),
    )
    return scores.pairs.verdicts if scores.pairs else ()


def _scanned(place: Path, judged: Iterable[Judged]) -> None:
    named = {end for one in judged for end in (one.a, one.b)}
    lacking = named - reader.articles(place, named).keys()
    if lacking:
        raise InputError(
            f"{len(lacking)} articles of the sheet were not scanned, one is {min(lacking)!r}; "
            "give the folder from which it was drawn"
        )


def _of_paragraphs(verdicts: Sequence[Verdict]) -> dict[str, Share]:
    counts: dict[str, list[bool]] = {"linked": [], "found": []}
    for one in verdicts:
        reuses = one.label in LINKED
        if one.linked and one.label != "boilerplate":
            counts["linked"].append(reuses)
        if reuses:
            counts["found"].append(one.linked)
        counts.setdefault(f"relation {one.predicted}", []).append(one.label == one.predicted)
    return _shares(counts)


def _of_clusters(place: Path, sheet: Sheet) -> dict[str, Share]:
    """Of the pairs that are in one cluster, count those that people call versions."""
    wanted = {(end.article, end.start) for pair in sheet.pairs for end in (pair.a, pair.b)}
    homes = {
        (member["article"], member["start"]): row["cluster"]
        for row in reader.rows(place, CLUSTERS)
        for member in row["members"]
        if (member["article"], member["start"]) in wanted
    }
    together = [
        pair.label == "duplicate"
        for pair in sheet.pairs
        if (home := homes.get((pair.a.article, pair.a.start))) is not None
        and home == homes.get((pair.b.article, pair.b.start))
        and pair.label != "boilerplate"
    ]
    return _shares({"clusters": together})


def _of_articles(place: Path, judged: Sequence[Judged]) -> dict[str, Share]:
    stories: dict[str, set[str]] = {}
    for story in reader.rows(place, STORIES):
        for member in story["members"]:
            stories.setdefault(member["article"], set()).add(story["story"])
    first = {(link["a"], link["b"]): link["first"] for link in reader.rows(place, LINKS)}
    counts: dict[str, list[bool]] = {"stories": [], "stories found": [], "direction": []}
    for one in judged:
        together = bool(stories.get(one.a, set()) & stories.get(one.b, set()))
        if together:
            counts["stories"].append(one.version)
        if one.version:
            counts["stories found"].append(together)
        ours = first.get((min(one.a, one.b), max(one.a, one.b)))
        if ours is not None and one.first is not None:
            counts["direction"].append(ours == one.first)
    return _shares(counts)


def _shares(counts: dict[str, list[bool]]) -> dict[str, Share]:
    return {name: wilson(sum(hits), len(hits)) for name, hits in counts.items() if hits}
