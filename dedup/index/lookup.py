"""What an article matches among the texts that an index holds.

The same measures as in a scan, on the article's texts and those that share a band or a print with
them. What only a whole corpus can tell (stock phrases, families of hot texts) waits until the index
settles; see `dedup.index.settle`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup import match, near, scope
from dedup.align import Blocks
from dedup.collapse import Corpus
from dedup.document import Span
from dedup.evidence import evidence
from dedup.index.found import Hit
from dedup.index.postings import derive
from dedup.index.store import PLACES, Postings, Store, StoredArticle, Texts
from dedup.normalize import tokenize
from dedup.passages import LINE
from dedup.relate import IDENTICAL, LEANING, RELATIONS
from dedup.segment import batch
from dedup.settings import Settings
from dedup.shingle import shingle

HOT = 16
"""Earlier texts that one print of many proposes; the bands propose more."""

PLACED = 64
"""Earlier articles in which a text stands that are looked at for scopes and links."""

_LOW, _HALF = np.uint64(0xFFFFFFFF), np.uint64(32)


class Lookup(NamedTuple):
    """The texts of an article together with those of the index that may match."""

    known: npt.NDArray[np.int64]
    """int64[own]: the number of each of its texts in the index; -1 where it is new."""
    others: npt.NDArray[np.int64]
    """int64[others]: the numbers of the texts of the index, after its own in what follows."""
    matches: match.Matches
    """Pairs i << 32 | own + j of its text i and the text j of `others`."""
    blocks: Blocks
    places: dict[int, tuple[list[int], int]]
    """By number: seqs of the first articles that hold a text, and how many hold it."""
    keys: npt.NDArray[np.uint64]
    """uint64[others, 2]: the keys of `others`."""
    postings: Postings
    """Of its own texts, numbered from 0."""


def look_up(
    corpus: Corpus,
    store: Store,
    standing: Collection[int],
    settings: Settings,
) -> Lookup:
    """Find what one article matches; `corpus` holds nothing else, `standing` known numbers."""
    known = store.numbers(corpus.key)
    own = len(known)
    postings = derive(corpus.tokens, corpus.cues, corpus.offsets, 0, settings)
    proposed = candidates(postings, store, known, settings)
    others = np.unique(proposed & _LOW).astype(np.int64)
    rows = np.searchsorted(others, (proposed & _LOW).astype(np.int64)).astype(np.uint64)
    pairs = (proposed >> _HALF) << _HALF | (rows + np.uint64(own))
    whole = joined(corpus, store.read_texts(others))
    met = np.unique(np.append(known[known >= 0], others))
    places = placed(store, met)
    stands = np.zeros(own + len(others), bool)
    stands[:own] = [number in standing for number in known.tolist()]
    stands[own:] = [number in standing for number in others.tolist()]
    sets = shingle(whole.tokens, whole.offsets, settings.shingle, 1)
    found = near.confirm(pairs, sets, whole.words(), settings)
    told = _passages(pairs, whole, settings)
    where = scope.places(
        np.arange(own + len(others), dtype=np.int32),
        np.append(np.zeros(own, np.int32), np.ones(len(others), np.int32)),
        np.arange(2),
    )
    matches, blocks = match.match(whole, sets, found, told, stands, where, settings)
    return Lookup(known, others, matches, blocks, places, whole.key[own:], postings)


def candidates(
    postings: Postings, store: Store, known: npt.NDArray[np.int64], settings: Settings
) -> npt.NDArray[np.uint64]:
    """Return pairs (own text << 32 | number in the index) that share a band or print, ordered.

    `postings` are those of the own texts, `known` their numbers in the index.
    """
    found = []
    for table, most in (("bands", settings.bucket), ("prints", HOT)):
        keys, texts = postings[table]
        ids = store.find(table, keys, most)
        owners = np.repeat(texts.astype(np.uint64), np.diff(ids.offsets))
        found.append(owners << _HALF | ids.ids.astype(np.uint64))
    pairs = np.unique(np.concatenate(found))
    others = known[(pairs >> _HALF).astype(np.int64)] != (pairs & _LOW).astype(np.int64)
    return np.asarray(pairs[others], np.uint64)


def joined(corpus: Corpus, texts: Texts) -> Corpus:
    """Put texts of the index behind those of an article: of the corpus only what pairs need."""
    return corpus._replace(
        first=np.zeros(len(corpus.first) + len(texts.offsets) - 1, np.int64),
        key=np.concatenate([corpus.key, texts.key]),
        tokens=np.concatenate([corpus.tokens, texts.tokens]),
        cues=np.concatenate([corpus.cues, texts.cues]),
        offsets=np.concatenate([corpus.offsets, corpus.offsets[-1] + texts.offsets[1:]]),
    )


def placed(store: Store, numbers: npt.NDArray[np.int64]) -> dict[int, tuple[list[int], int]]:
    """Say which articles hold each text: the seqs of the first `PLACED`, and how many there are."""
    ids = store.find(PLACES, numbers.astype(np.uint64), PLACED)
    bounds = ids.offsets.tolist()
    seqs = ids.ids.tolist()
    return {
        number: (seqs[bounds[row] : bounds[row + 1]], total)
        for row, (number, total) in enumerate(
            zip(numbers.tolist(), ids.totals.tolist(), strict=True)
        )
    }


def _passages(pairs: npt.NDArray[np.uint64], whole: Corpus, settings: Settings) -> match.Proposed:
    """Keep the pairs whose shared words may make them a match, as `dedup.match.search` does."""
    proof = evidence(pairs, whole.tokens, whole.offsets, whole.cues, 1)
    a, b = near.ends(pairs)
    sizes = np.diff(whole.offsets)
    lines = np.maximum(sizes[a], sizes[b]) <= LINE
    kept = (proof.score >= settings.evidence - LEANING) | proof.quoted | lines
    return match.Proposed(pairs[kept], proof.score[kept], proof.quoted[kept])


def hits(found: Lookup, corpus: Corpus, earlier: Mapping[int, StoredArticle]) -> tuple[Hit, ...]:
    """Make the hits of an article's paragraphs, in order.

    `earlier` has the first article that holds each text, by number.
    """
    ids = {int(n): _hex(found.keys[row]) for row, n in enumerate(found.others)}
    ids |= {int(n): _hex(corpus.key[row]) for row, n in enumerate(found.known)}
    by_text: dict[int, list[tuple[int, int]]] = defaultdict(list)  # own text: (row, number)
    own = len(found.known)
    for row, pair in enumerate(found.matches.pairs.tolist()):
        by_text[pair >> 32].append((row, int(found.others[(pair & 0xFFFFFFFF) - own])))
    out = []
    for paragraph, text in enumerate(corpus.text.tolist()):
        start, end = int(corpus.start[paragraph]), int(corpus.end[paragraph])
        number = int(found.known[text])
        rows = [(-1, number)] if number in earlier else []
        for row, other in rows + by_text.get(text, []):
            if other not in earlier:
                continue
            spans = ((start, end),) if row < 0 else _spans(found.blocks, row, corpus, paragraph)
            out.append(
                _hit(found, row, other, paragraph, spans, corpus, earlier[other], ids[other])
            )
    return tuple(out)


def _hit(
    found: Lookup,
    row: int,
    other: int,
    paragraph: int,
    spans: tuple[Span, ...],
    corpus: Corpus,
    there: StoredArticle,
    text: str,
) -> Hit:
    at = int(np.flatnonzero(there.text == other)[0])
    pairs = found.matches
    return Hit(
        paragraph=int(corpus.paragraph[paragraph]),
        start=int(corpus.start[paragraph]),
        end=int(corpus.end[paragraph]),
        relation=RELATIONS[IDENTICAL if row < 0 else pairs.relation[row]],
        jaccard=1.0 if row < 0 else float(pairs.jaccard[row]),
        containment=1.0 if row < 0 else float(pairs.containment[row]),
        evidence=float(corpus.words()[corpus.text[paragraph]])
        if row < 0
        else float(pairs.evidence[row]),
        spans=spans,
        text=text,
        places=found.places[other][1],
        article=there.article.id,
        other_paragraph=int(there.paragraph[at]),
        other_start=int(there.start[at]),
        other_end=int(there.end[at]),
    )


def _spans(blocks: Blocks, row: int, corpus: Corpus, paragraph: int) -> tuple[Span, ...]:
    """Turn the shared tokens of a match into characters of the article's text."""
    written = batch([corpus.written(paragraph)])
    tokens = tokenize(written, written.bounds[:-1].copy(), written.bounds[1:].copy())
    base = int(corpus.start[paragraph])
    rows = blocks.tokens[blocks.offsets[row] : blocks.offsets[row + 1]].tolist()
    return tuple(
        (base + int(tokens.start[i]), base + int(tokens.end[i + length - 1]))
        for i, _, length in rows
    )


def _hex(key: npt.NDArray[np.uint64]) -> str:
    return key.astype(">u8").tobytes().hex()
