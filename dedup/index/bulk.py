"""Many articles at once: stored as fast as they can be read, and weighed when the index settles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from dedup.about.metadata import described
from dedup.about.wire import Wire
from dedup.about.wire import read as read_wire
from dedup.collapse import collapse
from dedup.document import Article
from dedup.errors import Problem
from dedup.index import records
from dedup.index.adding import numbered, other_cues, stored_article
from dedup.index.found import Added
from dedup.index.held import Held
from dedup.index.lookup import taken
from dedup.index.postings import derive
from dedup.progress import Progress, Silent
from dedup.read.items import Items
from dedup.store.protocol import Batch, StoredArticle, places

CHUNK = 512
"""Articles that are stored in one transaction. More take more memory, at little gain in speed."""


def add_many(
    index: Held, articles: Iterable[Article | Mapping[str, Any] | str], progress: Progress
) -> Added:
    """Store articles, `CHUNK` at a time."""
    progress.stage("add", None)
    problems: list[Problem] = []
    done = Added()
    items = Items(problems)
    found = (items.article(item, f"item {number}") for number, item in enumerate(articles))
    for chunk in _chunks(article for article in found if article is not None):
        ready = described(chunk, problems)
        with index.store.writing():
            done = _add(index, sorted(ready, key=lambda article: article.id), done)
        progress.advance(len(chunk))
    return replace(done, problems=tuple(problems))


def _chunks(articles: Iterable[Article]) -> Iterator[list[Article]]:
    """Cut into lists in which no id comes twice."""
    chunk: dict[str, Article] = {}
    for article in articles:
        if len(chunk) == CHUNK or article.id in chunk:
            yield list(chunk.values())
            chunk = {}
        chunk[article.id] = article
    if chunk:
        yield list(chunk.values())


def _add(index: Held, articles: list[Article], done: Added) -> Added:
    store = index.store
    seqs = store.current([article.id for article in articles])
    earlier = {s.seq: s for s in store.read_articles([seq for seq in seqs if seq])}
    new: list[tuple[Article, StoredArticle | None]] = []
    for article, seq in zip(articles, seqs, strict=True):
        before = earlier.get(seq)
        if before is None or before.fingerprint != records.fingerprint(article):
            new.append((article, before))
    revisions = [before for _, before in new if before]
    texts = 0
    if new:
        made = _batch(index, new)
        texts = len(made.texts.offsets) - 1
        store.append(made)
    return Added(
        articles=done.articles + len(new),
        seen=done.seen + len(articles) - len(new),
        revisions=done.revisions + len(revisions),
        texts=done.texts + texts,
    )


def _batch(index: Held, new: list[tuple[Article, StoredArticle | None]]) -> Batch:
    store = index.store
    corpus = collapse([article for article, _ in new], index.settings.workers, Silent())
    known = store.numbers(corpus.key)
    numbers, fresh = numbered(known, store.texts)
    texts = taken(corpus, fresh)
    others = other_cues(index, corpus, known)
    bounds = np.searchsorted(corpus.article, np.arange(len(new) + 1)).tolist()
    stored = []
    events: list[tuple[str, dict[str, Any]]] = []
    for number, (article, before) in enumerate(new):
        rows = slice(bounds[number], bounds[number + 1])
        wire = read_wire(article)
        extra: dict[str, Any] = {"content": records.content(article.text)}
        extra |= {"wire": records.written_wire(wire)} if wire != Wire() else {}
        extra |= {"cues": others[number]} if number in others else {}
        extra |= {"before": before.seq} if before else {}
        seq = store.last_seq + 1 + number
        made = stored_article(index, article, corpus, numbers, seq, extra, rows)
        if before:
            made = replace(made, revision=before.revision + 1)
            events.append(("revision", {"article": article.id, "revision": made.revision}))
        stored.append(made)
    postings = derive(texts.tokens, texts.cues, texts.offsets, store.texts, index.settings)
    return Batch(
        articles=stored,
        texts=texts,
        postings={**postings, "places": places(stored)},
        superseded=[before.seq for _, before in new if before],
        events=events,
    )
