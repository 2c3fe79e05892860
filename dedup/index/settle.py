"""The answers of an index, worked out again from all that it holds.

`add` answers at once, but the answer may change: two clusters turn out to be one, a line to be a
footer, a late arrival to be the original. Settling runs the stages of a scan on what is stored. So
its answers are those of one scan of everything, whatever the order of adding. Ids stay with the
members that had them, and what changed becomes events.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup import pipeline
from dedup.errors import InputError
from dedup.index.stable_ids import Events, Group, StableIds
from dedup.index.stored_records import attribution_of, endings_of
from dedup.metadata.normalise import once
from dedup.metadata.outlets import Outlets
from dedup.progress import Progress
from dedup.result import Result
from dedup.settings import Settings
from dedup.storage.protocol import Store, StoredArticle
from dedup.text.arrays import TextArrays
from dedup.text.corpus import Corpus

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
    key, texts = _texts(store, numbers)
    texts = _with_first_flags(texts, stored, article, first)
    corpus = Corpus(
        articles=[s.article for s in stored],
        article=article,
        paragraph=paragraph.astype(np.int32),
        start=start.astype(np.int32),
        end=end.astype(np.int32),
        text=rank[where],
        first=first,
        key=key,
        texts=texts,
        endings=np.concatenate([np.zeros(0, np.uint8), *map(endings_of, stored)]),
    )
    return Loaded(corpus, stored, numbers)


def _kept(store: Store) -> list[StoredArticle]:
    """Return the articles that a scan would keep, by id."""
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
    """Yield revisions; those with other words get ids of their own, as in a scan: a, a#2, a#3."""
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
) -> tuple[npt.NDArray[np.uint64], TextArrays]:
    """Return the keys, uint64[texts, 2], and the tokens of texts."""
    parts = [store.read_texts(numbers[low : low + STEP]) for low in range(0, len(numbers), STEP)]
    key = np.concatenate([np.zeros((0, 2), np.uint64), *(part.key for part in parts)])
    tokens = np.concatenate([np.zeros(0, np.uint32), *(part.tokens for part in parts)])
    flags = np.concatenate([np.zeros(0, np.uint8), *(part.flags for part in parts)])
    sizes = np.concatenate([np.zeros(0, np.int64), *(np.diff(part.offsets) for part in parts)])
    return key, TextArrays(tokens, np.append(0, np.cumsum(sizes)), flags)


def _with_first_flags(
    texts: TextArrays,
    stored: Sequence[StoredArticle],
    article: npt.NDArray[np.int32],
    first: npt.NDArray[np.int64],
) -> TextArrays:
    """Return the texts with the flags that each has where it first stands."""
    flags = texts.flags.copy()
    begins = np.searchsorted(article, np.arange(len(stored)))
    for text, row in enumerate(first.tolist()):
        number = int(article[row])
        others = stored[number].extra.get("cues")
        if others and (found := others.get(str(row - int(begins[number])))):
            written = np.frombuffer(bytes.fromhex(found), np.uint8)
            flags[texts.offsets[text] : texts.offsets[text + 1]] = written
    return texts._replace(flags=flags)


def settle(
    store: Store,
    stable_ids: Mapping[str, StableIds],
    settings: Settings,
    outlets: Outlets,
    progress: Progress,
) -> tuple[Result, Events, npt.NDArray[np.int64]]:
    """Run the stages of a scan on all that an index holds, and bring its stable ids up to date.

    Returns the answers, what changed, and the numbers of the texts that are boilerplate.
    """
    loaded = load(store)
    if not loaded.stored:
        raise InputError("the index holds no article; add some first")
    attributions = [attribution_of(s) for s in loaded.stored]
    clock = pipeline.Clock()
    result = pipeline.find(
        loaded.corpus, lambda: attributions, (), settings, outlets, progress, clock
    )
    clusters, told = stable_ids["cluster"].settle(_clusters(result, loaded))
    stories, more = stable_ids["story"].settle(_stories(result, loaded))
    boilerplate = loaded.numbers[np.flatnonzero(result.boilerplate)]
    named = replace(
        result,
        worded=all(s.article.text for s in loaded.stored if len(s.text)),
        cluster_ids=clusters,
        story_result=replace(result.story_result, ids=stories),
    )
    return named, [*told, *more], boilerplate


def _clusters(result: Result, loaded: Loaded) -> list[Group]:
    groups = []
    for cluster, low, high in zip(
        result.clusters, result.ranking.offsets[:-1], result.ranking.offsets[1:], strict=True
    ):
        rows = result.ranking.members[low:high]
        numbers = np.unique(loaded.numbers[loaded.corpus.text[rows]]).tolist()
        kept = f"{cluster.canonical.article} {cluster.canonical.paragraph}"
        groups.append(Group(cluster.id, numbers, len(rows), kept))
    return groups


def _stories(result: Result, loaded: Loaded) -> list[Group]:
    groups = []
    for story, found in zip(result.stories, result.story_result.story_rows, strict=True):
        own = [p.article for p in found.parts if p.role != "roundup part"]
        seqs = sorted(loaded.stored[number].seq for number in own)
        groups.append(Group(story.id, seqs, len(found.parts), story.canonical))
    return groups
