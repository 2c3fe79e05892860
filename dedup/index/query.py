"""What an article matches among the texts that an index holds.

The measures are those of a scan (`dedup.pipeline.compare`), on the article's texts and the stored
texts that share a band or a print with them. What only a whole corpus can tell (common phrases,
families of hot texts) waits until the index settles; see `dedup.index.settle`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup import pipeline
from dedup._jit.pairs import LOW, among, lefts, once, pack, rights
from dedup.index.answers import Hit
from dedup.index.learnt import Learnt
from dedup.index.postings import derive
from dedup.match.align import Blocks
from dedup.match.boilerplate_spans import reduced, restored
from dedup.match.relations import BOILERPLATE, IDENTICAL
from dedup.match.verify import Matches, worth_verifying
from dedup.records import RELATIONS, Span
from dedup.settings import Settings
from dedup.storage.protocol import PLACES, Ids, Postings, Store, StoredArticle, Texts
from dedup.text.arrays import TextArrays
from dedup.text.corpus import Corpus
from dedup.text.segment import batch
from dedup.text.token_flags import PHRASE, PHRASE_WORTH
from dedup.text.tokenize import tokenize

HOT = 8
"""Earlier texts, the first ones, that a band or print proposes. A text of a large family meets the
same few of it in all its bands. Higher compares more: at 8 the ninth text of a family meets
eight."""

CLOSEST = 8
"""Earlier texts that are told of a paragraph, the closest ones; how many more there are is told.
Higher tells more: at 8 a paragraph of which nine versions are known names eight, and 1 more."""

PLACED = 64
"""Earlier articles in which a text stands that are looked at for scopes and links. Higher looks at
more and costs time: at 64 a footer on 10,000 pages reads 64 of them."""


class Lookup(NamedTuple):
    """The texts of an article together with those of the index that may match."""

    known: npt.NDArray[np.int64]
    """int64[own]: the number of each of its texts in the index; -1 where it is new."""
    others: npt.NDArray[np.int64]
    """int64[others]: the numbers of the texts of the index; in pairs they come after its own."""
    matches: Matches
    """Pairs i << 32 | own + j of its text i and the text j of `others`."""
    blocks: Blocks
    places: dict[int, tuple[list[int], int]]
    """For each text that is known or matched, by number: seqs of the first articles that hold it,
    and how many hold it."""
    there: Texts
    """`others`."""
    postings: Postings
    """Of its new texts, numbered as its own texts are, from 0."""
    texts: Texts
    """The new ones of its own."""
    words: npt.NDArray[np.int32]
    """int32[own]: length of each of its texts in words, without boilerplate spans."""
    own: TextArrays
    """Its texts without boilerplate spans; common phrases are flagged, as in those of `there`."""
    stands: npt.NDArray[np.bool_]
    """bool[own]: which of its texts are boilerplate."""
    faint: dict[int, float]
    """Pairs, as those of `matches`, that share enough words but for common phrases; and the words
    that these are worth."""


def look_up(
    corpus: Corpus,
    store: Store,
    boilerplate: Collection[int],
    learnt: Learnt,
    gone: npt.NDArray[np.bool_],
    settings: Settings,
) -> Lookup:
    """Return what one article matches.

    `corpus` holds that article alone, `boilerplate` the numbers of texts known as such, `learnt`
    which words say little, `gone` is which articles were taken out, by seq. Known texts are looked
    up, too, for other articles hold versions of them; boilerplate is not.
    """
    known = store.numbers(corpus.key)
    own = len(known)
    new = known < 0
    asked = np.flatnonzero([number not in boilerplate for number in known.tolist()])
    found = {
        table: (keys, asked[rows].astype(np.uint32))
        for table, (keys, rows) in derive(taken(corpus, asked).arrays, 0, settings).items()
    }
    postings = {table: (keys[new[rows]], rows[new[rows]]) for table, (keys, rows) in found.items()}
    texts = taken(corpus, np.flatnonzero(new))
    proposed = candidates(found, store, gone)
    proposed = proposed[known[lefts(proposed)] != rights(proposed)]  # itself
    others, rows = np.unique(rights(proposed), return_inverse=True)
    pairs = pack(lefts(proposed), rows + own)
    there = store.read_texts(others) if len(others) else Texts.none()
    furniture = learnt.find_furniture(corpus.texts, corpus.articles[0].site)
    news = reduced(corpus.texts, furniture.spans)
    flagged = learnt.flagged(news), learnt.flagged(there.arrays)
    stands = np.array([n in boilerplate for n in (*known.tolist(), *others.tolist())], bool)
    stands[:own] |= furniture.texts
    matches, blocks = Matches.none(), Blocks.none()
    if len(pairs):
        matches, blocks = pipeline.compare(*flagged, pairs, stands, settings)
        blocks = restored(matches.pairs, blocks, furniture.spans)
    faint = {}
    if (flagged[0].flags & np.uint8(PHRASE)).any():
        faint = _faint(news.followed_by(there.arrays), pairs, matches, settings)
    matched = others[rights(np.append(matches.pairs, np.array([*faint], np.uint64))) - own]
    places = placed(store, sorted({*known[known >= 0].tolist(), *matched.tolist()}), gone)
    there = there._replace(flags=flagged[1].flags)
    return Lookup(
        *(known, others, matches, blocks, places, there, postings, texts, furniture.words),
        own=flagged[0],
        stands=stands[:own],
        faint=faint,
    )


def _faint(
    texts: TextArrays, pairs: npt.NDArray[np.uint64], matches: Matches, settings: Settings
) -> dict[int, float]:
    """Return the pairs that would share enough if no phrase were common, with what it is worth.

    `texts` has no common phrase flagged.
    """
    found = worth_verifying(pairs[~among(pairs, matches.pairs)], texts, settings)
    faint = found.score >= settings.evidence
    worth = found.score[faint] * PHRASE_WORTH
    return dict(zip(found.pairs[faint].tolist(), worth.tolist(), strict=True))


def read(
    store: Store, seqs: Collection[int], held: dict[int, StoredArticle]
) -> list[StoredArticle]:
    """Return articles in the order asked for; `held` gets those that it lacks."""
    more = [seq for seq in seqs if seq not in held]
    if more:
        held.update(zip(more, store.read_articles(more), strict=True))
    return [held[seq] for seq in seqs]


def candidates(
    postings: Postings, store: Store, gone: npt.NDArray[np.bool_]
) -> npt.NDArray[np.uint64]:
    """Return pairs (own text << 32 | number in the index) that share a band or print, ordered.

    Texts of which no article is left propose none.
    """
    left: dict[int, bool] = {}

    def lives(ids: npt.NDArray[np.uint32]) -> npt.NDArray[np.bool_]:
        new = [number for number in np.unique(ids).tolist() if number not in left]
        left.update((number, bool(held)) for number, (held, _) in placed(store, new, gone).items())
        return np.array([left[number] for number in ids.tolist()], bool)

    found = [np.empty(0, np.uint64)]
    for table, (keys, texts) in postings.items():
        if not len(keys):
            continue
        ids = _first(store, table, keys, HOT, lives if gone.any() else None)
        found.append(pack(np.repeat(texts, np.diff(ids.offsets)), ids.ids))
    return once(np.concatenate(found))


_MORE = 8  # times as many are looked for where those that were found are gone


def _first(
    store: Store,
    table: str,
    keys: npt.NDArray[np.uint64],
    most: int,
    lives: Callable[[npt.NDArray[np.uint32]], npt.NDArray[np.bool_]] | None,
) -> Ids:
    """Return the `most` lowest ids under each key of those that live, and their count with all."""
    ids = store.find(table, keys, most)
    if lives is None:
        return ids
    kept: list[npt.NDArray[np.uint32]] = [np.empty(0, np.uint32)] * len(keys)
    rows, asked = np.arange(len(keys)), most
    found = ids
    while True:
        living = lives(found.ids)
        short = []
        for row, (low, high) in enumerate(pairwise(found.offsets.tolist())):
            kept[rows[row]] = found.ids[low:high][living[low:high]][:most]
            if len(kept[rows[row]]) < most and found.totals[row] > high - low:
                short.append(row)
        if not short:
            break
        asked *= _MORE
        rows = rows[short]
        found = store.find(table, keys[rows], asked)
    offsets = np.append(0, np.cumsum([len(one) for one in kept]))
    return Ids(offsets, np.concatenate([np.empty(0, np.uint32), *kept]), ids.totals)


def taken(corpus: Corpus, chosen: npt.NDArray[np.int64]) -> Texts:
    """Take some texts of a corpus, by number and in order, as the store keeps them."""
    texts = corpus.texts.take(chosen)
    return Texts(corpus.key[chosen], texts.tokens, texts.flags, texts.offsets)


def placed(
    store: Store, numbers: Sequence[int], gone: npt.NDArray[np.bool_]
) -> dict[int, tuple[list[int], int]]:
    """Return which articles hold each text: seqs of the first `PLACED`, and how many there are.

    Those that are `gone` are left out of the first, and counted with the others.
    """
    if not numbers:
        return {}

    def lives(seqs: npt.NDArray[np.uint32]) -> npt.NDArray[np.bool_]:
        return ~gone[np.minimum(seqs, len(gone) - 1)] | (seqs >= len(gone))

    keys = np.array(numbers, np.uint64)
    ids = _first(store, PLACES, keys, PLACED, lives if gone.any() else None)
    seqs = ids.ids.tolist()
    rows = zip(numbers, pairwise(ids.offsets.tolist()), ids.totals.tolist(), strict=True)
    return {number: (seqs[first:end], total) for number, (first, end), total in rows}


class Best(NamedTuple):
    """The closest earlier texts of a paragraph."""

    paragraph: int
    """Its row in the article."""
    rows: list[tuple[int, int]]
    """Row of the match, -1 for equal texts, and number of the earlier text; the closest first."""


def best(found: Lookup, corpus: Corpus) -> tuple[list[Best], int]:
    """Return the closest `CLOSEST` earlier texts of each paragraph, and how many are left out.

    Texts that stand in no article any more are no hits. Of boilerplate those are left out, too, of
    which closer boilerplate holds every word: that a footer is one need be said once.
    """
    pairs, own = found.matches, len(found.known)
    texts = lefts(pairs.pairs)
    numbers = found.others[rights(pairs.pairs) - own]
    order = np.lexsort((numbers, -pairs.containment, -pairs.jaccard, texts))
    by_text: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for text, number in enumerate(found.known.tolist()):
        if number >= 0 and found.places[number][0]:
            by_text[text].append((-1, number))
    ordered = order.tolist(), texts[order].tolist(), numbers[order].tolist()
    for row, text, number in zip(*ordered, strict=True):
        if found.places[number][0]:
            by_text[text].append((row, number))
    told = {text: _telling(rows[:CLOSEST], found) for text, rows in by_text.items()}
    at = [text for text in corpus.text.tolist() if text in told]
    more = sum(len(by_text[text]) - len(told[text]) for text in at)
    every = enumerate(corpus.text.tolist())
    return [Best(place, told[text]) for place, text in every if text in told], more


def _telling(rows: list[tuple[int, int]], found: Lookup) -> list[tuple[int, int]]:
    """Leave out boilerplate of which closer boilerplate holds every word."""
    told, said = [], set[int]()  # places of tokens
    for row, number in rows:
        if row >= 0 and found.matches.relation[row] == BOILERPLATE:
            first, end = found.blocks.offsets[row : row + 2].tolist()
            blocks = found.blocks.tokens[first:end, [0, 2]].tolist()
            held = {place for begin, length in blocks for place in range(begin, begin + length)}
            if said and held <= said:
                continue
            said |= held
        told.append((row, number))
    return told


def hits(
    chosen: Sequence[Best], found: Lookup, corpus: Corpus, earlier: Mapping[int, StoredArticle]
) -> tuple[Hit, ...]:
    """Return the hits of an article's paragraphs, in order.

    `earlier` has the first article that holds each text, by number; a text without one is no hit.
    """
    shared = _spans(chosen, found, corpus)
    return tuple(
        _hit(found, row, number, one.paragraph, corpus, shared, earlier[number])
        for one in chosen
        for row, number in one.rows
        if number in earlier
    )


def _hit(
    found: Lookup,
    row: int,
    number: int,
    paragraph: int,
    corpus: Corpus,
    shared: Mapping[tuple[int, int], tuple[Span, ...]],
    there: StoredArticle,
) -> Hit:
    """Return how close a match is, and where the earlier text stands; row -1 is an equal text."""
    start, end = int(corpus.start[paragraph]), int(corpus.end[paragraph])
    text = int(corpus.text[paragraph])
    pairs = found.matches
    equal = row < 0
    key = (
        corpus.key[text]
        if equal
        else found.there.key[int(pairs.pairs[row] & LOW) - len(found.known)]
    )
    at = there.text.tolist().index(number)
    return Hit(
        paragraph=int(corpus.paragraph[paragraph]),
        start=start,
        end=end,
        relation=RELATIONS[IDENTICAL if equal else pairs.relation[row]],
        jaccard=1.0 if equal else float(pairs.jaccard[row]),
        containment=1.0 if equal else float(pairs.containment[row]),
        evidence=float(found.words[text] if equal else pairs.evidence[row]),
        spans=((start, end),) if equal else shared[paragraph, row],
        text=key.astype(">u8").tobytes().hex(),
        places=found.places[number][1],
        article=there.article.id,
        other_paragraph=int(there.paragraph[at]),
        other_start=int(there.start[at]),
        other_end=int(there.end[at]),
    )


def _spans(
    chosen: Sequence[Best], found: Lookup, corpus: Corpus
) -> dict[tuple[int, int], tuple[Span, ...]]:
    """Return what each paragraph shares by each match, in characters of the article's text."""
    some = [one for one in chosen if one.rows[-1][0] >= 0]  # equal texts come first
    if not some:
        return {}
    rows = [one.paragraph for one in some]
    text = batch([corpus.articles[0].text])
    tokens = tokenize(text, corpus.start[rows].astype(np.int64), corpus.end[rows].astype(np.int64))
    firsts, bounds = tokens.offsets.tolist(), found.blocks.offsets.tolist()
    shared = {}
    for one, first, base in zip(some, firsts, corpus.start[rows].tolist(), strict=False):
        for row, _ in one.rows:
            if row >= 0:
                blocks = found.blocks.tokens[bounds[row] : bounds[row + 1]].tolist()
                shared[one.paragraph, row] = tuple(
                    (
                        base + int(tokens.start[first + i]),
                        base + int(tokens.end[first + i + length - 1]),
                    )
                    for i, _, length in blocks
                )
    return shared
