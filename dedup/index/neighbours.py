"""The earlier articles closest to a new one, and their story."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import compress
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from dedup import pipeline
from dedup._jit.pairs import lefts, once, pack, rights
from dedup.index.learnt import Learnt
from dedup.index.query import Lookup, read
from dedup.index.stored_records import attribution_of, endings_of
from dedup.match.relations import BOILERPLATE, QUOTE, TEMPLATE
from dedup.metadata.credits import Attribution
from dedup.metadata.outlets import Outlets
from dedup.metadata.source_dates import dates_of
from dedup.records import Link
from dedup.settings import Settings
from dedup.storage.protocol import Store, StoredArticle, Texts
from dedup.stories.roles import StoryRow
from dedup.text.corpus import Corpus

LINKS = 8
"""Earlier articles to which a new one is held: those that share most with it. Their other versions
are in the same stories. Higher links more: at 8 the ninth copy of a report has eight links."""

READ = 128
"""Earlier articles that are read to find `LINKS` of different ids. Higher finds more and costs
time: at 128 a page of which 121 revisions hold the text still gets eight links."""


class Neighbours(NamedTuple):
    """What a new article is to the earlier ones."""

    links: tuple[Link, ...]
    """To the closest of other ids, the closest first."""
    nearest: StoredArticle | None
    """The closest one of its story; None where it has none."""
    largest_share: float
    """Greatest share of its own words that one of them holds, or an earlier revision of its own
    (see `dedup.stories.own_share`)."""


def neighbours(
    attribution: Attribution,
    corpus: Corpus,
    found: Lookup,
    store: Store,
    stored: dict[int, StoredArticle],
    boilerplate: Collection[int],
    learnt: Learnt,
    outlets: Outlets,
    settings: Settings,
) -> Neighbours:
    """Compare an article with the earlier ones that share most with it, as a scan does.

    `corpus` holds the article alone; `stored` are articles that were read (see
    `dedup.index.query.read`); `boilerplate` are numbers of texts known as such, `learnt` is
    which words say little.
    """
    shares = closest(found, boilerplate)
    new = corpus.articles[0].id
    chosen, own_before = _chosen(new, shares, store, stored)
    if not chosen:
        return Neighbours((), None, own_before)
    before = sorted((s for s in chosen if s.article.id < new), key=lambda s: s.article.id)
    after = sorted((s for s in chosen if s.article.id >= new), key=lambda s: s.article.id)
    # Sorted by id, as the articles of a scan are.
    whole, is_boilerplate, formal = _together(
        corpus, found, before, after, store, boilerplate, learnt
    )
    attributions = [*map(attribution_of, before), attribution, *map(attribution_of, after)]
    published = dates_of(whole.articles, settings.zone)
    told = pipeline.tell_stories(
        whole, is_boilerplate, formal, attributions, published, outlets, settings
    )
    me = len(before)
    links = told.links_of(new)
    links.sort(key=lambda link: (-max(link.share_of_a, link.share_of_b), link.a, link.b))
    story = next((ids for ids in map(_own, told.story_rows) if me in ids), set())
    near = {link.a if link.b == new else link.b: at for at, link in enumerate(links)}
    ordered = [*before, None, *after]
    others = [s for number in sorted(story) if (s := ordered[number]) is not None]
    nearest = min(others, key=lambda s: (near.get(s.article.id, len(near)), s.seq), default=None)
    own = pipeline.own_shares(told, me, formal, settings).tolist()
    held = [own_before]
    for at, s in enumerate(ordered):
        if s is not None:
            held.append(shares[s.seq] if np.isnan(own[at]) else own[at])
    return Neighbours(tuple(links), nearest, max(held))


def _chosen(
    new: str, shares: Mapping[int, float], store: Store, stored: dict[int, StoredArticle]
) -> tuple[list[StoredArticle], float]:
    """Return the closest articles of other ids than `new`, one of each, and what its own hold."""
    chosen: dict[str, StoredArticle] = {}
    ranked, own_before = list(shares), 0.0
    for low in range(0, min(len(ranked), READ), 2 * LINKS):
        for s in read(store, ranked[low : low + 2 * LINKS], stored):
            if s.removed:
                continue
            if s.article.id == new:
                own_before = max(own_before, shares[s.seq])
            elif len(chosen) < LINKS:
                chosen.setdefault(s.article.id, s)
        if len(chosen) == LINKS:
            break
    return list(chosen.values()), own_before


def _own(story: StoryRow) -> set[int]:
    """Return the articles that a story is about, not those in which it is only a part."""
    return {part.article for part in story.parts if part.role != "roundup part"}


def closest(found: Lookup, boilerplate: Collection[int]) -> dict[int, float]:
    """Return the share of its words that the closest earlier articles hold, by seq.

    The closest come first. Quotations, templates and boilerplate do not count; of an article that
    is boilerplate throughout, all words do.
    """
    own = len(found.known)
    numbers = found.known.tolist()
    counts = [
        n not in boilerplate and not stands
        for n, stands in zip(numbers, found.stands.tolist(), strict=True)
    ]
    if not any(counts):
        counts = [True] * own
    words, others = found.words.tolist(), found.there.arrays.words().tolist()
    every = max(1, sum(compress(words, counts)))
    shares: dict[tuple[int, int], float] = {}  # own text and number in the index
    for text, number in enumerate(numbers):
        if number >= 0 and counts[text]:
            shares[text, number] = 1.0
    columns = (found.matches.pairs, found.matches.relation, found.matches.containment)
    for pair, relation, share in zip(*(column.tolist() for column in columns), strict=True):
        if counts[pair >> 32] and relation not in (BOILERPLATE, QUOTE, TEMPLATE):
            text, other = pair >> 32, pair & 0xFFFFFFFF
            # The share is that of the shorter text, which may be a small part of a long one.
            part = min(1.0, others[other - own] / max(1, words[text]))
            shares[text, int(found.others[other - own])] = share * part
    for pair, worth in found.faint.items():
        text, other = pair >> 32, int(found.others[(pair & 0xFFFFFFFF) - own])
        if counts[text]:
            shares.setdefault((text, other), min(1.0, worth / max(1, words[text])))
    best: dict[int, dict[int, int]] = {}  # by seq and own text
    for (text, number), share in shares.items():
        held = round(1000 * share * words[text])
        for seq in found.places[number][0]:
            texts = best.setdefault(seq, {})
            texts[text] = max(texts.get(text, 0), held)
    total = {seq: sum(texts.values()) for seq, texts in best.items()}
    ranked = sorted(total, key=lambda seq: (-total[seq], seq))
    return {seq: min(1.0, total[seq] / 1000 / every) for seq in ranked}


def _together(
    corpus: Corpus,
    found: Lookup,
    before: Sequence[StoredArticle],
    after: Sequence[StoredArticle],
    store: Store,
    boilerplate: Collection[int],
    learnt: Learnt,
) -> tuple[Corpus, npt.NDArray[np.bool_], npt.NDArray[np.uint64]]:
    """Return a small corpus of a new article and those before and after it by id.

    The second value, bool[texts], tells which of its texts are boilerplate, the third which pairs
    of texts, ordered, are alike in form alone.
    """
    own = {n: text for text, n in enumerate(found.known.tolist()) if n >= 0}
    numbers = {n for s in (*before, *after) for n in s.text.tolist()}
    new = sorted(numbers - own.keys())
    at = own | {n: len(corpus.first) + row for row, n in enumerate(new)}

    def row(stored: StoredArticle) -> tuple[Any, ...]:
        text = np.array([at[n] for n in stored.text.tolist()], np.int32)
        return stored.article, stored.paragraph, stored.start, stored.end, text, endings_of(stored)

    ends = corpus.how_ends(np.arange(len(corpus.text)))
    mine = (corpus.articles[0], corpus.paragraph, corpus.start, corpus.end, corpus.text, ends)
    rows = [*map(row, before), mine, *map(row, after)]
    articles, paragraph, start, end, text, endings = zip(*rows, strict=True)
    others = store.read_texts(np.array(new, np.int64)) if new else Texts.none()
    whole = Corpus(
        articles=list(articles),
        article=np.repeat(np.arange(len(text), dtype=np.int32), [len(part) for part in text]),
        paragraph=np.concatenate(paragraph),
        start=np.concatenate(start),
        end=np.concatenate(end),
        text=np.concatenate(text).astype(np.int32),
        first=np.zeros(len(corpus.first) + len(new), np.int64),
        key=np.concatenate([corpus.key, others.key]),
        texts=found.own.followed_by(learnt.flagged(others.arrays)),
        endings=np.concatenate(endings),
    )
    is_boilerplate = np.zeros(len(whole.first), bool)
    is_boilerplate[: len(found.stands)] = found.stands
    is_boilerplate[[row for number, row in at.items() if number in boilerplate]] = True
    return whole, is_boilerplate, _formal(found, at)


def _formal(found: Lookup, at: Mapping[int, int]) -> npt.NDArray[np.uint64]:
    """Return the pairs of texts alike in form alone, ordered; `at` has their rows by number."""
    matches, own = found.matches, len(found.known)
    alike = np.flatnonzero((matches.relation == BOILERPLATE) | (matches.relation == TEMPLATE))
    if not len(alike):
        return np.zeros(0, np.uint64)
    pairs = matches.pairs[alike]
    rows = [at.get(n, -1) for n in found.others[rights(pairs).astype(np.int64) - own].tolist()]
    ends = np.sort(np.stack([lefts(pairs).astype(np.int64), np.array(rows, np.int64)]), axis=0)
    ends = ends[:, ends[0] >= 0]
    return once(pack(*ends))
