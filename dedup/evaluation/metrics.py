"""How well a scan did: what its output folder says about pairs and clusters people judged.

A gold place is the paragraph of its article that overlaps it most. The folder lists the paragraphs
whose text stands more than once or matches another; a place among the others has no text there and
is related to nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import comb
from typing import Any

from dedup.errors import InputError
from dedup.evaluation.gold import LABELS, LINKED, RELATIONS, UNRELATED, Gold, Pair, Span
from dedup.output.schema import ArticleRow, ClusterRow, MatchRow, TextRow


@dataclass(frozen=True, slots=True)
class Rates:
    """Precision, recall and F1, 0 to 1; all 1 where there was nothing to find and none found."""

    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the scan says of one gold pair."""

    pair: str
    label: str
    predicted: str
    """A relation, or unrelated. Identical texts count as duplicate, or boilerplate if the text is
    marked as such."""
    linked: bool
    """Same distinct text, a match neither template nor boilerplate, or one cluster."""
    proposed: bool
    """Same distinct text, a match of any relation, or one cluster."""


@dataclass(frozen=True, slots=True)
class PairScores:
    """How the scan did on the pairs."""

    pairs: int
    """Pairs that count."""
    left_out: int
    """Pairs on which the annotators differ."""
    linked: Rates
    """Is text reused at all? Pairs of label boilerplate are left out."""
    proposed: float
    """Share of the pairs with reuse that the folder has under any relation. It has no candidates
    that verification threw out, so this is a lower bound of candidate recall."""
    relation_f1: dict[str, float]
    """F1 of each label that occurs in the gold."""
    relation_macro_f1: float
    """Mean of these without unrelated; 1 if no other occurs."""
    relation_macro_f1_with_unrelated: float
    """Mean of all these."""
    confusion: dict[str, dict[str, int]]
    """Pairs by label, then by predicted relation; both in the order of `gold.LABELS`."""
    verdicts: tuple[Verdict, ...]
    """One a pair that counts, in the gold's order."""


@dataclass(frozen=True, slots=True)
class ClusterScores:
    """How the scan did on the clusters, over the gold's members; one in no cluster is alone."""

    clusters: int
    members: int
    pairwise: Rates
    bcubed: Rates
    ari: float
    """Adjusted Rand index: 1 equal, 0 as by chance."""


@dataclass(frozen=True, slots=True)
class Scores:
    """All scores of a run; None where the gold has none of a kind."""

    pairs: PairScores | None
    clusters: ClusterScores | None


@dataclass(frozen=True, slots=True)
class _Place:
    """The paragraph a gold span lies in."""

    overlap: int
    """Characters it shares with the span."""
    article: str
    paragraph: int
    text: str
    boilerplate: bool


@dataclass(frozen=True, slots=True)
class _Found:
    """What the folder says about the gold's places."""

    places: Mapping[Span, _Place]
    relations: Mapping[frozenset[str], str]
    """By the ids of the two texts."""
    clusters: Mapping[tuple[str, int], str]
    """By article and paragraph."""

    def cluster(self, span: Span) -> str | None:
        """Return the id of the cluster the span's paragraph is in."""
        place = self.places.get(span)
        return self.clusters.get((place.article, place.paragraph)) if place else None


def evaluate(
    gold: Gold,
    articles: Iterable[ArticleRow],
    texts: Iterable[TextRow],
    matches: Iterable[MatchRow],
    clusters: Iterable[ClusterRow],
) -> Scores:
    """Score the lines of an output folder's four files against `gold`; each is read once.

    Raises `InputError` when an article of the gold was not scanned, or no pair counts.
    """
    spans = gold.spans
    scanned = {row["article"] for row in articles}
    lacking = {span.article for span in spans if span.article not in scanned}
    if lacking:
        raise InputError(
            f"{len(lacking)} articles of the gold were not scanned, one is {min(lacking)!r}; "
            "give the gold of this corpus, or scan all of it"
        )
    places = _places(spans, texts)
    known = {place.text for place in places.values()}
    relations = {
        frozenset((row["a"], row["b"])): str(row["relation"])
        for row in matches
        if row["a"] in known and row["b"] in known
    }
    paragraphs = {(place.article, place.paragraph) for place in places.values()}
    homes = {
        (member["article"], member["paragraph"]): str(row["cluster"])
        for row in clusters
        for member in row["members"]
        if (member["article"], member["paragraph"]) in paragraphs
    }
    found = _Found(places, relations, homes)
    return Scores(
        _pair_scores(gold.pairs, found) if gold.pairs else None,
        _cluster_scores(gold.clusters, found) if gold.clusters else None,
    )


def _places(spans: Iterable[Span], texts: Iterable[TextRow]) -> dict[Span, _Place]:
    """Find the paragraph that overlaps each span most; of equals the first."""
    wanted: dict[str, list[Span]] = {}
    for span in spans:
        wanted.setdefault(span.article, []).append(span)
    best: dict[Span, _Place] = {}
    for row in texts:
        for at in row["occurrences"]:
            for span in wanted.get(at["article"], ()):
                overlap = min(at["end"], span.end) - max(at["start"], span.start)
                if overlap <= 0:
                    continue
                place = _Place(
                    overlap,
                    span.article,
                    at["paragraph"],
                    row["text_id"],
                    bool(row.get("boilerplate", False)),
                )
                if span not in best or _fit(place) > _fit(best[span]):
                    best[span] = place
    return best


def _fit(place: _Place) -> tuple[int, int]:
    return place.overlap, -place.paragraph


def _verdict(pair: Pair, found: _Found) -> Verdict:
    a, b = found.places.get(pair.a), found.places.get(pair.b)
    together = found.cluster(pair.a)
    clustered = together is not None and together == found.cluster(pair.b)
    relation = found.relations.get(frozenset((a.text, b.text))) if a and b else None
    if a and b and a.text == b.text:
        predicted = "boilerplate" if a.boilerplate else "duplicate"
        return Verdict(pair.id, pair.label, predicted, linked=True, proposed=True)
    reused = relation in LINKED
    predicted = relation or ("duplicate" if clustered else UNRELATED)
    return Verdict(
        pair.id,
        pair.label,
        predicted,
        linked=reused or clustered,
        proposed=relation is not None or clustered,
    )


def _pair_scores(pairs: Sequence[Pair], found: _Found) -> PairScores:
    verdicts = tuple(_verdict(pair, found) for pair in pairs if pair.agreed)
    if not verdicts:
        raise InputError("the annotators differ on every pair of the gold; nothing can be scored")
    table = Counter((verdict.label, verdict.predicted) for verdict in verdicts)
    f1 = {
        name: _rates(
            table[name, name],
            sum(table[label, name] for label in LABELS if label != name),
            sum(table[name, other] for other in LABELS if other != name),
        ).f1
        for name in LABELS
        if any(verdict.label == name for verdict in verdicts)
    }
    positive = [verdict for verdict in verdicts if verdict.label in LINKED]
    negative = [verdict for verdict in verdicts if verdict.label in ("template", UNRELATED)]
    hits = sum(verdict.linked for verdict in positive)
    return PairScores(
        pairs=len(verdicts),
        left_out=len(pairs) - len(verdicts),
        linked=_rates(hits, sum(verdict.linked for verdict in negative), len(positive) - hits),
        proposed=_share(sum(verdict.proposed for verdict in positive), len(positive)),
        relation_f1=f1,
        relation_macro_f1=_mean([f1[name] for name in RELATIONS if name in f1]),
        relation_macro_f1_with_unrelated=_mean(list(f1.values())),
        confusion={label: {name: table[label, name] for name in LABELS} for label in LABELS},
        verdicts=verdicts,
    )


def _cluster_scores(gold: Sequence[Sequence[Span]], found: _Found) -> ClusterScores:
    cells: Counter[tuple[int, object]] = Counter()
    for number, members in enumerate(gold):
        for span in members:
            place = found.places.get(span)
            # in no cluster: alone, unless two spans lie in one paragraph
            alone = (place.article, place.paragraph) if place else span
            cells[number, found.cluster(span) or alone] += 1
    wanted: Counter[int] = Counter()
    given: Counter[object] = Counter()
    for (number, cluster), size in cells.items():
        wanted[number] += size
        given[cluster] += size
    total = wanted.total()
    both, ours, theirs = _couples(cells), _couples(given), _couples(wanted)
    precision = sum(n * n / given[cluster] for (_, cluster), n in cells.items()) / max(1, total)
    recall = sum(n * n / wanted[number] for (number, _), n in cells.items()) / max(1, total)
    # the index of two partitions with these sizes, drawn by chance
    chance = ours * theirs / max(1, comb(total, 2))
    most = (ours + theirs) / 2
    return ClusterScores(
        clusters=len(gold),
        members=total,
        pairwise=_rates(both, ours - both, theirs - both),
        bcubed=Rates(precision, recall, _harmonic(precision, recall)),
        ari=(both - chance) / (most - chance) if most != chance else 1.0,
    )


def _couples(sizes: Counter[Any]) -> int:
    return sum(comb(size, 2) for size in sizes.values())


def _rates(hits: int, wrong: int, missed: int) -> Rates:
    if not hits + wrong + missed:
        return Rates(1.0, 1.0, 1.0)
    precision, recall = hits / max(1, hits + wrong), hits / max(1, hits + missed)
    return Rates(precision, recall, _harmonic(precision, recall))


def _harmonic(precision: float, recall: float) -> float:
    both = precision + recall
    return 2 * precision * recall / both if both else 0.0


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 1.0
