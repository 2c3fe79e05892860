"""The earlier articles closest to a new one, and the story that it belongs to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np

from dedup.collapse import Corpus
from dedup.dates import parse
from dedup.document import Article, Link
from dedup.index.lookup import Lookup
from dedup.index.records import wire_of
from dedup.index.store import Store, StoredArticle
from dedup.outlets import Outlets
from dedup.relate import BOILERPLATE, QUOTE, TEMPLATE
from dedup.settings import Settings
from dedup.stories.bodies import bodies
from dedup.stories.bond import bond
from dedup.stories.direction import direction
from dedup.stories.facts import Facts, facts
from dedup.stories.group import HELD
from dedup.stories.kin import LEAST, Kin, measure
from dedup.stories.roles import role_of
from dedup.wire import Wire

LINKS = 8
"""Earlier articles to which a new one is held, those that share most with it. Their other versions
are in the same stories."""


class Neighbours(NamedTuple):
    """What a new article is to the earlier ones."""

    links: tuple[Link, ...]
    """To the closest, the closest first."""
    nearest: StoredArticle | None
    """The one whose story it belongs to."""


def neighbours(
    article: Article,
    wire: Wire,
    corpus: Corpus,
    found: Lookup,
    store: Store,
    standing: Collection[int],
    outlets: Outlets,
    settings: Settings,
) -> Neighbours:
    """Hold an article against the earlier ones that share most with it.

    `standing` are numbers of texts known as standing, which are no part of a story.
    """
    chosen = [s for s in store.read_articles(closest(corpus, found)) if not s.removed][:LINKS]
    if not chosen:
        return Neighbours((), None)
    whole, stands = _together(corpus, found, chosen, store, standing)
    made = bodies(whole, np.isin(np.arange(len(whole.first)), stands))
    if made.of[0] < 0:
        return Neighbours((), None)
    others = np.unique(made.of[1:][made.of[1:] >= 0])
    pairs = made.of[0].astype(np.uint64) << np.uint64(32) | others[others > made.of[0]].astype(
        np.uint64
    )
    kin = measure(pairs, whole, made, np.zeros(0, np.uint64), 1)
    known = _facts([article, *(s.article for s in chosen)], [wire, *map(wire_of, chosen)], outlets)
    bound = bond(kin, made, known, settings.window)
    rows = {int(body): row for row, body in enumerate(kin.b.tolist())}
    links, joined = [], []
    for number, stored in enumerate(chosen, 1):
        row = rows.get(int(made.of[number]), -1)
        if row < 0 and made.of[number] != made.of[0]:
            continue
        link, held = _link(known, number, row, kin, stored.article.id, article.id)
        links.append((max(link.contained, link.containing), link))
        if row < 0 or (bound[row] and held >= HELD):
            joined.append((held, stored))
    links.sort(key=lambda one: -one[0])
    nearest = max(joined, key=lambda one: (one[0], -one[1].seq))[1] if joined else None
    return Neighbours(tuple(link for share, link in links if share >= LEAST), nearest)


def closest(corpus: Corpus, found: Lookup) -> list[int]:
    """Return the seqs of the earlier articles that share most words, up to twice `LINKS`."""
    words = corpus.words().tolist()
    shares: dict[tuple[int, int], float] = {}  # own text and number in the index
    for text, number in enumerate(found.known.tolist()):
        if number >= 0:
            shares[text, number] = 1.0
    told = np.isin(found.matches.relation, (BOILERPLATE, QUOTE, TEMPLATE), invert=True)
    own = len(found.known)
    for pair, share in zip(
        found.matches.pairs[told].tolist(), found.matches.containment[told].tolist(), strict=True
    ):
        shares[pair >> 32, int(found.others[(pair & 0xFFFFFFFF) - own])] = share
    best: dict[int, Counter[int]] = {}
    for (text, number), share in shares.items():
        for seq in found.places[number][0]:
            held = best.setdefault(seq, Counter())
            held[text] = max(held[text], round(1000 * share * words[text]))
    ranked = sorted(best, key=lambda seq: (-best[seq].total(), seq))
    return ranked[: 2 * LINKS]


def _together(
    corpus: Corpus,
    found: Lookup,
    chosen: Sequence[StoredArticle],
    store: Store,
    standing: Collection[int],
) -> tuple[Corpus, list[int]]:
    """Make one small corpus of the new article, number 0, and the chosen ones.

    Returned with it are its texts that are standing.
    """
    own = {int(n): text for text, n in enumerate(found.known.tolist()) if n >= 0}
    numbers = np.unique(np.concatenate([s.text for s in chosen])).astype(np.int64)
    new = np.array([n for n in numbers.tolist() if n not in own], np.int64)
    at = own | {n: len(corpus.first) + row for row, n in enumerate(new.tolist())}
    texts = store.read_texts(new)
    text = [corpus.text, *(np.array([at[int(n)] for n in s.text], np.int32) for s in chosen)]
    article = [np.full(len(part), number, np.int32) for number, part in enumerate(text)]
    whole = corpus._replace(
        articles=[corpus.articles[0], *(s.article for s in chosen)],
        article=np.concatenate(article),
        paragraph=np.concatenate([corpus.paragraph, *(s.paragraph for s in chosen)]),
        start=np.concatenate([corpus.start, *(s.start for s in chosen)]),
        end=np.concatenate([corpus.end, *(s.end for s in chosen)]),
        text=np.concatenate(text).astype(np.int32),
        first=np.zeros(len(corpus.first) + len(new), np.int64),
        key=np.concatenate([corpus.key, texts.key]),
        tokens=np.concatenate([corpus.tokens, texts.tokens]),
        cues=np.concatenate([corpus.cues, texts.cues]),
        offsets=np.concatenate([corpus.offsets, corpus.offsets[-1] + texts.offsets[1:]]),
    )
    return whole, [row for number, row in at.items() if number in standing]


def _facts(articles: Sequence[Article], wires: Sequence[Wire], outlets: Outlets) -> list[Facts]:
    published = [parse(article.date) for article in articles]
    updated = [parse(article.updated) for article in articles]
    return facts(articles, published, updated, wires, outlets)


def _link(
    known: Sequence[Facts], number: int, row: int, kin: Kin, other: str, new: str
) -> tuple[Link, float]:
    """Make the link of the new article, b, to an earlier one, a, and their higher own share."""
    of_new = of_other = own = 1.0
    words = 0.0
    if row >= 0:
        of_new, of_other = float(kin.of_a[row]), float(kin.of_b[row])
        own = float(max(kin.own_a[row], kin.own_b[row]))
        words = float(kin.words[row])
    found = direction(known[number], known[0], (of_other, of_new), quoted=own < LEAST)
    link = Link(
        a=other,
        b=new,
        kind=role_of(of_new, of_other),
        contained=of_new,
        containing=of_other,
        words=round(words),
        first=None if found.first < 0 else (other, new)[found.first],
        confidence=found.confidence,
        lag=found.lag,
        reasons=found.reasons,
    )
    return link, own
