"""What is measured of gold pairs, whether or not a scan lists them: numbers only, for fitting.

A table of them is a tab-separated file, one pair a line: corpus, label, whether the annotators
agree, what the scan called it, whether both are one text, and the columns of `COLUMNS`.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup._jit.pairs import among, pack
from dedup.evaluation.gold import Pair, Span
from dedup.match import cluster, common_phrases, near_duplicates, scopes, verify
from dedup.match.evidence import Evidence, evidence
from dedup.match.pair_features import PairFeatures
from dedup.match.relation_measures import PairEvidence
from dedup.progress import Silent
from dedup.records import RELATIONS
from dedup.result import Result
from dedup.text.corpus import Corpus

HEAD = ("corpus", "pair", "label", "agreed", "scan", "same")
"""The columns before the numbers."""

COLUMNS = (
    *PairFeatures._fields,
    *("score", "quotation", "jaccard", "containment", "near", "longest", "boilerplate", "within"),
    "partners",
)
"""The numbers: what `dedup.match.relation_measures.PairEvidence` holds."""


class MeasuredPairs(NamedTuple):
    """Gold pairs of several corpora and what is measured of them, one entry a pair."""

    corpus: npt.NDArray[np.str_]
    pair: npt.NDArray[np.str_]
    label: npt.NDArray[np.str_]
    agreed: npt.NDArray[np.bool_]
    scan: npt.NDArray[np.str_]
    """What a scan with the defaults called the pair: a relation, or unrelated."""
    same: npt.NDArray[np.bool_]
    """Both are one distinct text: nothing is decided."""
    numbers: npt.NDArray[np.float64]
    """float64[pairs, columns]: `COLUMNS`."""

    @property
    def evidence(self) -> PairEvidence:
        """The numbers as what decides takes them."""
        column = dict(zip(COLUMNS, self.numbers.T.astype(np.float32), strict=True))
        return PairEvidence(
            PairFeatures(*(column[name] for name in PairFeatures._fields)),
            Evidence(column["score"], column["quotation"] > 0),
            column["jaccard"],
            column["containment"],
            column["near"] > 0,
            column["longest"].astype(np.int32),
            column["boilerplate"].astype(np.int8),
            column["within"] > 0,
            column["partners"].astype(np.int32),
        )


def write(measured: MeasuredPairs, path: Path) -> None:
    """Write a table, compressed; equal measured give equal bytes."""
    rows = ["\t".join((*HEAD, *COLUMNS))]
    for *head, numbers in zip(*measured, strict=True):
        words = [str(int(x)) if isinstance(x, np.bool_) else str(x) for x in head]
        rows.append("\t".join((*words, *(f"{x:.5g}" for x in numbers))))
    path.write_bytes(gzip.compress(("\n".join(rows) + "\n").encode(), mtime=0))


def read(path: Path) -> MeasuredPairs:
    """Read a table that `write` wrote."""
    text = gzip.decompress(path.read_bytes()).decode()
    head, *rows = (line.split("\t") for line in text.splitlines())
    if tuple(head) != (*HEAD, *COLUMNS):
        raise ValueError(f"{path}: other columns than these of now; write the table anew")
    every = np.array(rows)
    flag = every[:, (3, 5)] == "1"
    numbers = every[:, len(HEAD) :].astype(np.float64)
    corpus, pair, label, scan = (every[:, n] for n in (0, 1, 2, 4))
    return MeasuredPairs(corpus, pair, label, flag[:, 0], scan, flag[:, 1], numbers)


def joined(parts: Iterable[MeasuredPairs]) -> MeasuredPairs:
    """Put tables together."""
    return MeasuredPairs(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def measure_gold(name: str, pairs_of_gold: Iterable[Pair], result: Result) -> MeasuredPairs:
    """Measure the gold pairs of a corpus in the result of its scan."""
    corpus, settings = result.corpus, result.settings
    gold = list(pairs_of_gold)
    texts = _texts(gold, corpus)
    low, high = np.sort(texts, axis=1).T
    asked = pack(low, high)
    unique, rows = np.unique(asked, return_inverse=True)
    words = corpus.words()
    near, _ = near_duplicates.near(result.sets, words, settings, Silent())
    similar = near_duplicates.similar(near, settings)
    families = cluster.cluster(similar, result.sets, settings.chain)
    near = near_duplicates.against_centres(near, families, result.sets, words, settings)
    flagged, phrases = common_phrases.flag_common_phrases(corpus.texts, families)
    aside = cluster.crowded(families, settings.bucket)
    passages = verify.search(flagged, aside, settings, Silent()).passages
    others = unique[~among(unique, passages.pairs)]
    proof = evidence(others, flagged, settings.workers)
    pairs = np.concatenate([passages.pairs, others])
    order = np.argsort(pairs)
    score = np.concatenate([passages.score, proof.score])[order]
    quoted = np.concatenate([passages.quoted, proof.quoted])[order]
    passages = verify.Passages(pairs[order], score, quoted)
    candidates, proof = verify.with_evidence(near, passages, flagged, settings)
    sites = np.unique([a.site or "" for a in corpus.articles], return_inverse=True)[1]
    where = scopes.places(corpus.text, corpus.article, sites)
    alike = near_duplicates.confirm(unique, result.sets, words, settings)
    seen, _ = verify.pair_evidence(
        candidates,
        proof,
        near_duplicates.merged([near, alike]),
        scopes.meet(candidates, where),
        flagged,
        result.sets,
        result.boilerplate,
        phrases,
        settings,
    )
    seen = seen.take(np.searchsorted(candidates, unique))
    at = np.minimum(np.searchsorted(result.pairs.pairs, unique), len(result.pairs.pairs) - 1)
    listed = result.pairs.pairs[at] == unique
    scan = np.where(listed, np.array(RELATIONS)[result.pairs.relation[at]], "unrelated")
    same = low == high
    known = result.boilerplate[low]
    scan = np.where(same, np.where(known, "boilerplate", "duplicate"), scan[rows])
    numbers = np.column_stack([*seen.features, *seen.proof, *seen[2:]]).astype(np.float64)
    return MeasuredPairs(
        np.full(len(gold), name),
        np.array([pair.id for pair in gold]),
        np.array([pair.label for pair in gold]),
        np.array([pair.agreed for pair in gold]),
        scan,
        same,
        numbers[rows],
    )


def _texts(pairs: Iterable[Pair], corpus: Corpus) -> npt.NDArray[np.int64]:
    """Return the texts in which the two places of each pair lie, int64[pairs, 2]."""
    rows = {article.id: number for number, article in enumerate(corpus.articles)}
    return np.array([[_text(end, rows, corpus) for end in (pair.a, pair.b)] for pair in pairs])


def _text(span: Span, rows: Mapping[str, int], corpus: Corpus) -> int:
    first, last = np.searchsorted(corpus.article, (rows[span.article], rows[span.article] + 1))
    end = np.minimum(corpus.end[first:last], span.end)
    overlap = end - np.maximum(corpus.start[first:last], span.start)
    return int(corpus.text[first + int(np.argmax(overlap))])
