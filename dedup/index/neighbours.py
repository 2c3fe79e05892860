"""The earlier articles closest to a new one, and the story that it belongs to."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

import numpy as np

from dedup import pipeline
from dedup.about.dates import parse
from dedup.about.outlets import Outlets
from dedup.about.wire import Wire
from dedup.collapse import Corpus
from dedup.document import Link
from dedup.index.lookup import Lookup, joined, read
from dedup.index.records import wire_of
from dedup.relate import BOILERPLATE, QUOTE, TEMPLATE
from dedup.settings import Settings
from dedup.store.protocol import Store, StoredArticle
from dedup.stories.roles import Cast

LINKS = 8
"""Earlier articles to which a new one is held: those that share most with it. Their other versions
are in the same stories."""


class Neighbours(NamedTuple):
    """What a new article is to the earlier ones."""

    links: tuple[Link, ...]
    """To the closest of other ids, the closest first."""
    nearest: StoredArticle | None
    """The closest one of its story; None where it has none."""
    held: float
    """Greatest share of its words that one of them holds, or an earlier revision of its own."""


def neighbours(
    wire: Wire,
    corpus: Corpus,
    found: Lookup,
    store: Store,
    stored: dict[int, StoredArticle],
    standing: Collection[int],
    outlets: Outlets,
    settings: Settings,
) -> Neighbours:
    """Hold an article against the earlier ones that share most with it, as a scan would.

    `corpus` holds the article alone; `stored` are articles that were read (see
    `dedup.index.lookup.read`); `standing` are numbers of texts known as standing.
    """
    shares = closest(found)
    new = corpus.articles[0].id
    every = [s for s in read(store, shares, stored) if not s.removed]
    chosen = [s for s in every if s.article.id != new][:LINKS]
    own_before = max((shares[s.seq] for s in every if s.article.id == new), default=0.0)
    if not chosen:
        return Neighbours((), None, own_before)
    before = sorted((s for s in chosen if s.article.id < new), key=lambda s: s.article.id)
    after = sorted((s for s in chosen if s.article.id >= new), key=lambda s: s.article.id)
    # Sorted by id, as the articles of a scan are.
    whole, stands = _together(corpus, found, before, after, store, standing)
    wires = [*map(wire_of, before), wire, *map(wire_of, after)]
    published = [parse(article.date) for article in whole.articles]
    formal = np.zeros(0, np.uint64)
    told = pipeline.tell(whole, stands, formal, wires, published, outlets, settings)
    me = len(before)
    links = told.links_of(new)
    links.sort(key=lambda link: (-max(link.contained, link.containing), link.a, link.b))
    story = next((ids for ids in map(_own, told.casts) if me in ids), set())
    near = {link.a if link.b == new else link.b: at for at, link in enumerate(links)}
    ordered = [*before, None, *after]
    others = [s for number in sorted(story) if (s := ordered[number]) is not None]
    nearest = min(others, key=lambda s: (near.get(s.article.id, len(near)), s.seq), default=None)
    mine = [link.contained if link.b == new else link.containing for link in links]
    rest = [shares[s.seq] for s in chosen if s.article.id not in near]
    held = max([own_before, *mine, *rest])
    return Neighbours(tuple(links), nearest, held)


def _own(story: Cast) -> set[int]:
    """Return the articles that a story is about, not those in which it is only a part."""
    return {part.article for part in story.parts if part.role != "roundup part"}


def closest(found: Lookup) -> dict[int, float]:
    """Return which share of its words the earlier articles hold that share most of them, by seq.

    There are up to twice `LINKS`, the closest first. Quotations, templates and standing text do not
    count.
    """
    own = len(found.known)
    every = max(1, int(found.words[:own].sum()))
    words = found.words.tolist()
    shares: dict[tuple[int, int], float] = {}  # own text and number in the index
    for text, number in enumerate(found.known.tolist()):
        if number >= 0:
            shares[text, number] = 1.0
    columns = (found.matches.pairs, found.matches.relation, found.matches.containment)
    for pair, relation, share in zip(*(column.tolist() for column in columns), strict=True):
        if relation not in (BOILERPLATE, QUOTE, TEMPLATE):
            text, other = pair >> 32, pair & 0xFFFFFFFF
            # Of the shorter text: what a long one holds of it may be a small part of its own.
            part = min(1.0, words[other] / max(1, words[text]))
            shares[text, int(found.others[other - own])] = share * part
    best: dict[int, dict[int, int]] = {}  # by seq and own text
    for (text, number), share in shares.items():
        held = round(1000 * share * words[text])
        for seq in found.places[number][0]:
            texts = best.setdefault(seq, {})
            texts[text] = max(texts.get(text, 0), held)
    total = {seq: sum(texts.values()) for seq, texts in best.items()}
    ranked = sorted(total, key=lambda seq: (-total[seq], seq))
    return {seq: min(1.0, total[seq] / 1000 / every) for seq in ranked[: 2 * LINKS]}


def _together(
    corpus: Corpus,
    found: Lookup,
    before: Sequence[StoredArticle],
    after: Sequence[StoredArticle],
    store: Store,
    standing: Collection[int],
) -> tuple[Corpus, np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    """Make one small corpus of a new article and those before and after it.

    Returned with it is which of its texts are standing.
    """
    own = {n: text for text, n in enumerate(found.known.tolist()) if n >= 0}
    numbers = {n for s in (*before, *after) for n in s.text.tolist()}
    new = sorted(numbers - own.keys())
    at = own | {n: len(corpus.first) + row for row, n in enumerate(new)}

    def row(stored: StoredArticle) -> tuple[Any, ...]:
        text = np.array([at[n] for n in stored.text.tolist()], np.int32)
        return stored.article, stored.paragraph, stored.start, stored.end, text

    mine = (corpus.articles[0], corpus.paragraph, corpus.start, corpus.end, corpus.text)
    rows = [*map(row, before), mine, *map(row, after)]
    articles, paragraph, start, end, text = zip(*rows, strict=True)
    whole = joined(corpus, np.array(new, np.int64), store)._replace(
        articles=list(articles),
        article=np.repeat(np.arange(len(text), dtype=np.int32), [len(part) for part in text]),
        paragraph=np.concatenate(paragraph),
        start=np.concatenate(start),
        end=np.concatenate(end),
        text=np.concatenate(text).astype(np.int32),
    )
    stands = np.zeros(len(whole.first), bool)
    stands[[row for number, row in at.items() if number in standing]] = True
    return whole, stands
