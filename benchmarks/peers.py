"""What a user would pick instead of dedup, each from strings to verified pairs at its best.

All take word 3-grams as `shingles` defines them (near-dupes takes characters alone), collapse exact
repeats first, look for pairs with bands that promise recall at 0.7 (25 bands of 5 rows: 0.99 of the
pairs at exactly 0.7, more of those above), and confirm each candidate on Python sets. rensa's rho
pipeline is left out: it samples token positions, so it does not estimate the same similarity.

Run them with RAYON_NUM_THREADS=1 to compare one thread with one thread.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.outcome import Outcome, Route, Watch, peak
from benchmarks.shingles import distinct, shingle, split, tokenise

BANDS, ROWS = 25, 5
NUM_PERM = BANDS * ROWS
_SCREEN = 0.55
"""Least estimated similarity of what is worth confirming: 3.7 standard deviations below 0.7."""


@dataclass
class Input:
    """Distinct texts with their shingle sets, and the watch that timed how they came about."""

    texts: list[str]
    sets: list[set[str]]
    watch: Watch


def prepare(articles: Sequence[str]) -> Input:
    """Cut articles into paragraphs, and give the distinct ones with their shingles."""
    watch = Watch()
    with watch("tokenise"):
        texts = split(articles)
        tokens = [tokenise(text) for text in texts]
    with watch("collapse"):
        rows = distinct(tokens)
    with watch("shingle"):
        sets = [shingle(tokens[i]) for i in rows]
    return Input([texts[i] for i in rows], sets, watch)


def datasketch(articles: Sequence[str], threshold: float) -> Outcome:
    """`MinHash.bulk` with xxh32, `MinHashLSH` filled in a session and queried with each sketch."""
    from datasketch import MinHash, MinHashLSH
    from xxhash import xxh32_intdigest

    work = prepare(articles)
    with work.watch("shingle"):
        encoded = [[gram.encode() for gram in grams] for grams in work.sets]
    with work.watch("sketch"):
        sketches = MinHash.bulk(encoded, num_perm=NUM_PERM, hashfunc=xxh32_intdigest)
    with work.watch("lsh"):
        index = MinHashLSH(num_perm=NUM_PERM, params=(BANDS, ROWS))
        with index.insertion_session() as session:
            for i, sketch in enumerate(sketches):
                session.insert(i, sketch, check_duplication=False)
        found = [index.query(sketch) for sketch in sketches]
    return verify(work, enumerate(found), threshold)


def rensa(articles: Sequence[str], threshold: float) -> Outcome:
    """Full-set digest matrix, its LSH flags, then queries for the rows that have company.

    Candidates are screened by rensa's own estimate, which is faster than comparing Python sets.
    """
    from rensa import RMinHash, RMinHashLSH

    work = prepare(articles)
    with work.watch("sketch"):
        matrix = RMinHash.digest_matrix_from_token_sets(work.sets, NUM_PERM, 1)
    with work.watch("lsh"):
        flags = RMinHashLSH(threshold, NUM_PERM, BANDS).query_duplicate_flags_matrix_one_shot(
            matrix
        )
        rows = [i for i, flag in enumerate(flags) if flag]
        sketches = RMinHash.from_token_sets([work.sets[i] for i in rows], NUM_PERM, 1)
        index = RMinHashLSH(threshold, NUM_PERM, BANDS)
        index.insert_many(sketches)
        found = index.query_all(sketches)

    def likely() -> Iterator[tuple[int, list[int]]]:
        for x, others in enumerate(found):
            estimate = sketches[x].jaccard
            ahead = [rows[y] for y in others if y > x and estimate(sketches[y]) >= _SCREEN]
            yield rows[x], ahead

    candidates = (sum(map(len, found)) - len(rows)) // 2
    return replace(verify(work, likely(), threshold), candidates=candidates)


def rensa_flags(articles: Sequence[str], threshold: float) -> Outcome:
    """Full-set digest matrix and its LSH flags alone: which paragraphs have company, not whose.

    It verifies nothing and lists no pair, so it is no peer; a whole scan is timed against it.
    """
    from rensa import RMinHash, RMinHashLSH

    work = prepare(articles)
    with work.watch("sketch"):
        matrix = RMinHash.digest_matrix_from_token_sets(work.sets, NUM_PERM, 1)
    with work.watch("lsh"):
        index = RMinHashLSH(threshold, NUM_PERM, BANDS)
        flags = index.query_duplicate_flags_matrix_one_shot(matrix)
    return Outcome(np.empty((0, 2), np.int64), work.watch.seconds, sum(flags), peak())


def gaoya(articles: Sequence[str], threshold: float) -> Outcome:
    """`MinHashStringIndex` of ready shingles, filled and queried in bulk; screened by estimate."""
    from gaoya.minhash import MinHashStringIndex

    work = prepare(articles)
    with work.watch("shingle"):
        grams = [list(grams) for grams in work.sets]
    with work.watch("sketch and lsh"):
        index = MinHashStringIndex(32, _SCREEN, BANDS, ROWS, id_container="vec").minhash_index
        index.par_bulk_insert_tokens(list(range(len(grams))), grams)
        found = index.par_bulk_query_tokens(grams)
    return verify(work, enumerate(found), threshold)


def near_dupes(articles: Sequence[str], threshold: float) -> Outcome:
    """`find_duplicates` on character 3-grams, its default, at the same threshold.

    A pair whose word 3-grams reach the threshold nearly always reaches it in character 3-grams.
    """
    from near_dupes import find_duplicates

    work = prepare(articles)
    with work.watch("near-dupes"):
        found = find_duplicates(work.texts, kind="text", threshold=threshold).pairs
    return verify(work, ((i, (j,)) for i, j, _ in found), threshold)


@dataclass(frozen=True)
class Peer:
    """A way from strings to verified pairs that is not dedup's."""

    take: Route
    module: str | None = None
    """What has to be installed, if anything."""
    slow: bool = False
    """True for what only runs on the smaller input."""


PEERS = {
    "rensa": Peer(rensa, "rensa"),
    "datasketch": Peer(datasketch, "datasketch"),
    "gaoya": Peer(gaoya, "gaoya"),
    "near_dupes": Peer(near_dupes, "near_dupes", slow=True),
}
"""Every peer by the name that RESULTS.md gives it."""

INSTALL = "pip install '.[bench]'"
"""What installs every peer and all that the sections need, in the folder of the repository."""


def absent(modules: Iterable[str]) -> str | None:
    """Say which of some modules are not installed, and how they are; None if all of them are.

    >>> absent(["json"])
    >>> absent(["json", "no_such_thing"])
    "no_such_thing is not installed; type: pip install '.[bench]'"
    """
    names = [name for name in modules if importlib.util.find_spec(name) is None]
    if not names:
        return None
    return (
        f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'} not installed; type: {INSTALL}"
    )


def missing(peer: str) -> str | None:
    """Say why `peer` cannot run, or None if it can."""
    module = PEERS[peer].module
    return absent([module] if module else [])


def verify(
    work: Input, candidates: Iterable[tuple[int, Sequence[int]]], threshold: float
) -> Outcome:
    """Keep the candidates with exact Jaccard >= `threshold`.

    `candidates` are numbers of texts, each with those of others; of others only higher ones count,
    so that a pair may be proposed from both its sides.
    """
    found: list[tuple[int, int]] = []
    seen = 0
    with work.watch("verify"):
        for i, others in candidates:
            a, size = work.sets[i], len(work.sets[i])
            ahead = [j for j in others if j > i]
            seen += len(ahead)
            for j in ahead:
                b = work.sets[j]
                common = len(a & b)
                if common >= threshold * (size + len(b) - common):
                    found.append((i, j))
        found.sort()
    pairs = np.array(found, dtype=np.int64).reshape(-1, 2)
    return Outcome(pairs, work.watch.seconds, seen, peak())
