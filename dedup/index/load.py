"""All that an index holds, read back as the stages of a scan take it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup.about.metadata import once
from dedup.collapse import Corpus
from dedup.store.protocol import Store, StoredArticle

STEP = 1 << 12
"""Articles or texts read from the store at a time."""


class Loaded(NamedTuple):
    """What an index holds, as the stages of a scan take it."""

    corpus: Corpus
    stored: Sequence[StoredArticle]
    """One entry an article of the corpus."""
    numbers: npt.NDArray[np.int64]
    """int64[texts]: the number in the store of each text of the corpus."""


def load(store: Store) -> Loaded:
    """Read the whole of an index, articles sorted by id and texts by first appearance."""
    stored = _kept(store)
    sizes = np.array([len(s.text) for s in stored], np.int64)
    article = np.repeat(np.arange(len(stored), dtype=np.int32), sizes)
    paragraph, start, end, text = (
        np.concatenate([np.zeros(0, np.int64), *(getattr(s, name) for s in stored)])
        for name in ("paragraph", "start", "end", "text")
    )
    numbers, first, where = np.unique(text, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty(len(order), np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    first, numbers = first[order].astype(np.int64), numbers[order].astype(np.int64)
    key, tokens, cues, offsets = _texts(store, numbers)
    _restore_cues(stored, article, first, cues, offsets)
    corpus = Corpus(
        articles=[s.article for s in stored],
        article=article,
        paragraph=paragraph.astype(np.int32),
        start=start.astype(np.int32),
        end=end.astype(np.int32),
        text=rank[where],
        first=first,
        key=key,
        tokens=tokens,
        cues=cues,
        offsets=offsets,
    )
    return Loaded(corpus, stored, numbers)


def _kept(store: Store) -> list[StoredArticle]:
    """List the articles that a scan would keep, by id."""
    every: list[StoredArticle] = []
    for low in range(1, store.last_seq + 1, STEP):
        seqs = range(low, min(low + STEP, store.last_seq + 1))
        every += [s for s in store.read_articles(seqs) if not s.removed]
    # A later revision of the same words takes the place of the earlier one.
    latest = {(s.article.id, s.extra["content"]): s for s in every}
    taken = {id_ for id_, _ in latest}
    by_id: defaultdict[str, list[StoredArticle]] = defaultdict(list)
    for (id_, _), s in latest.items():
        by_id[id_].append(s)
    named = [s for id_ in sorted(by_id) for s in _named(by_id[id_], taken)]
    kept = once([s.article for s in named], lambda row: str(named[row].extra["content"]), [])
    ids = {article.id for article in kept}
    return sorted((s for s in named if s.article.id in ids), key=lambda s: s.article.id)


def _named(revisions: Iterable[StoredArticle], taken: set[str]) -> Iterator[StoredArticle]:
    """Give revisions with other words ids of their own, as a scan does: a, a#2, a#3."""
    number = 1
    for s in sorted(revisions, key=lambda s: s.revision):
        id_ = s.article.id
        if number > 1:
            while (id_ := f"{s.article.id}#{number}") in taken:
                number += 1
            taken.add(id_)
        number += 1
        yield replace(s, article=replace(s.article, id=id_))


def _texts(
    store: Store, numbers: npt.NDArray[np.int64]
) -> tuple[
    npt.NDArray[np.uint64], npt.NDArray[np.uint32], npt.NDArray[np.uint8], npt.NDArray[np.int64]
]:
    parts = [store.read_texts(numbers[low : low + STEP]) for low in range(0, len(numbers), STEP)]
    key = np.concatenate([np.zeros((0, 2), np.uint64), *(part.key for part in parts)])
    tokens = np.concatenate([np.zeros(0, np.uint32), *(part.tokens for part in parts)])
    cues = np.concatenate([np.zeros(0, np.uint8), *(part.cues for part in parts)])
    sizes = np.concatenate([np.zeros(0, np.int64), *(np.diff(part.offsets) for part in parts)])
    return key, tokens, cues, np.append(0, np.cumsum(sizes))


def _restore_cues(
    stored: Sequence[StoredArticle],
    article: npt.NDArray[np.int32],
    first: npt.NDArray[np.int64],
    cues: npt.NDArray[np.uint8],
    offsets: npt.NDArray[np.int64],
) -> None:
    """Give each text the cues of its first appearance, where that is written otherwise."""
    begins = np.searchsorted(article, np.arange(len(stored)))
    for text, row in enumerate(first.tolist()):
        number = int(article[row])
        others = stored[number].extra.get("cues")
        if others and (found := others.get(str(row - int(begins[number])))):
            cues[offsets[text] : offsets[text + 1]] = np.frombuffer(bytes.fromhex(found), np.uint8)
