"""From an article to what an index says of it and stores of it."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from dedup.errors import Problem
from dedup.index import stored_records
from dedup.index.answers import Added, Found
from dedup.index.boilerplate import learn_boilerplate
from dedup.index.neighbours import Neighbours, neighbours
from dedup.index.postings import derive
from dedup.index.query import Best, Lookup, best, hits, look_up, read, taken
from dedup.index.stable_ids import Events, cluster_id, story_id
from dedup.index.state import IndexState
from dedup.match.relations import DUPLICATE
from dedup.metadata.credits import Attribution
from dedup.metadata.credits import read as read_attribution
from dedup.metadata.normalise import put_in_order
from dedup.progress import Progress, Silent
from dedup.readers.article_builder import Items
from dedup.records import Article
from dedup.storage.protocol import Batch, Extra, Store, StoredArticle, places
from dedup.text.corpus import Corpus, collapse


class Assessment(NamedTuple):
    """An article and all that an index says of it."""

    article: Article
    corpus: Corpus
    attribution: Attribution
    earlier: StoredArticle | None
    """The last revision of its id."""
    lookup: Lookup
    nearest: Neighbours
    clusters: dict[int, str]
    """Ids of clusters by own text."""
    stored: dict[int, StoredArticle]
    """The earlier articles that were read, by seq."""
    learnt: list[int]
    """Numbers of the texts that are boilerplate of the article's site from now on."""
    found: Found


def assess(
    index: IndexState,
    article: Article,
    problems: tuple[Problem, ...],
    absent: Collection[int] = (),
) -> Assessment:
    """Return what is known of an article, as if those with the numbers `absent` were taken out."""
    store = index.store
    seq = store.current([article.id])[0]
    earlier = store.read_articles([seq])[0] if seq else None
    seen = earlier is not None and earlier.fingerprint == stored_records.fingerprint(article)
    corpus = collapse([article], 1, Silent())
    corpus = corpus._replace(endings=corpus.how_ends(np.arange(len(corpus.text))))
    gone = _gone_too(index.gone, absent)
    lookup = look_up(corpus, store, index.boilerplate, index.learnt, gone, index.alone)
    if seen:
        lookup = lookup._replace(places=_without(lookup.places, seq))
    attribution = read_attribution(article)
    stored = {seq: earlier} if earlier else {}
    learnt = learn_boilerplate(index, article, corpus, lookup, stored)
    boilerplate = index.boilerplate.union(learnt) if learnt else index.boilerplate
    near = neighbours(
        attribution,
        corpus,
        lookup,
        store,
        stored,
        boilerplate,
        index.learnt,
        index.outlets,
        index.alone,
    )
    chosen, more = best(lookup, corpus)
    there = _holders(store, chosen, lookup, stored)
    clusters = _clusters(index, corpus, lookup, there)
    revision = 1 if earlier is None else earlier.revision + (not seen)
    found = Found(
        article=article.id,
        seen=seen,
        revision=revision,
        number=seq if seen else 0,
        sequence=store.last_event,
        hits=hits(chosen, lookup, corpus, there),
        more=more,
        links=near.links,
        largest_share=near.largest_share,
        story=_story(index, near.nearest, earlier, seq if seen else 0),
        clusters=tuple(dict.fromkeys(clusters.values())),
        problems=problems,
        same_text=stored_records.has_text(earlier, article),
        new_when=index.new_when,
    )
    return Assessment(
        article, corpus, attribution, earlier, lookup, near, clusters, stored, learnt, found
    )


def _gone_too(gone: npt.NDArray[np.bool_], more: Collection[int]) -> npt.NDArray[np.bool_]:
    """Return `gone`, bool by seq, with more seqs."""
    if not more:
        return gone
    found = np.zeros(max(len(gone), max(more) + 1), bool)
    found[: len(gone)] = gone
    found[list(more)] = True
    return found


def _without(
    places: Mapping[int, tuple[list[int], int]], seq: int
) -> dict[int, tuple[list[int], int]]:
    """Leave an article out of the places of texts."""
    return {
        number: ([other for other in seqs if other != seq], total - (seq in seqs))
        for number, (seqs, total) in places.items()
    }


def _holders(
    store: Store, chosen: Sequence[Best], lookup: Lookup, stored: dict[int, StoredArticle]
) -> dict[int, StoredArticle]:
    """Return the first article that holds each of the closest texts and was not taken out since."""
    numbers = {number for one in chosen for _, number in one.rows}
    earlier: dict[int, StoredArticle] = {}
    places = {number: iter(lookup.places[number][0]) for number in numbers}
    while places:
        firsts = {number: seq for number, at in places.items() if (seq := next(at, 0))}
        read(store, sorted(set(firsts.values())), stored)
        earlier |= {n: stored[seq] for n, seq in firsts.items() if not stored[seq].removed}
        places = {n: places[n] for n, seq in firsts.items() if stored[seq].removed}
    return earlier


def _story(
    index: IndexState, nearest: StoredArticle | None, earlier: StoredArticle | None, seq: int
) -> str | None:
    """Return the story of an article: its own, that of its nearest one, or of its last revision."""
    of = index.stable_ids["story"].of
    if own := of.get(seq):
        return own
    if nearest is None:
        return of.get(earlier.seq) if earlier else None
    return of.get(nearest.seq) or story_id(nearest.article.id)


def _clusters(
    index: IndexState, corpus: Corpus, lookup: Lookup, there: Container[int]
) -> dict[int, str]:
    """Return the cluster of each own text that is a version of an earlier one in `there`."""
    of, own = index.stable_ids["cluster"].of, len(lookup.known)
    found: dict[int, str] = {}
    for text, number in enumerate(lookup.known.tolist()):
        if number in there:
            found[text] = of.get(number) or cluster_id(corpus.key[text])
    versions = np.flatnonzero(lookup.matches.relation == DUPLICATE)
    for row in versions[np.argsort(-lookup.matches.jaccard[versions], kind="stable")].tolist():
        pair = int(lookup.matches.pairs[row])
        text, other = pair >> 32, (pair & 0xFFFFFFFF) - own
        number = int(lookup.others[other])
        if text not in found and number in there:
            found[text] = of.get(number) or cluster_id(lookup.there.key[other])
    return dict(sorted(found.items()))


def batch(index: IndexState, known: Assessment) -> tuple[Batch, Found]:
    """Return the transaction that stores an assessed article, and what is said of it then."""
    store, found = index.store, known.found
    seq = store.last_seq + 1
    numbers, _ = numbered(known.lookup.known, store.texts)
    flags = other_flags(index, known.corpus, known.lookup.known).get(0)
    before = known.earlier.seq if known.earlier else 0
    endings = known.corpus.how_ends(np.arange(len(known.corpus.text)))
    extra = stored_records.extra(known.article, known.attribution, flags, endings, before)
    text = numbers[known.corpus.text].astype(np.uint32)
    stored = stored_article(
        index, known.article, known.corpus, text, seq, extra, revision=found.revision
    )
    postings = {
        table: (keys, numbers[texts].astype(np.uint32))
        for table, (keys, texts) in known.lookup.postings.items()
    }
    made = Batch(
        articles=[stored],
        texts=known.lookup.texts,
        postings=postings | {"places": places([stored])},
        superseded=[known.earlier.seq] if known.earlier else (),
        events=_events(index, known, numbers, seq, known.learnt),
    )
    return made, replace(found, number=seq)


def numbered(
    known: npt.NDArray[np.int64], first: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the numbers of texts, new ones counted from `first` on, and which texts are new.

    >>> [part.tolist() for part in numbered(np.array([5, -1, -1]), 9)]
    [[5, 9, 10], [1, 2]]
    """
    new = np.flatnonzero(known < 0)
    numbers = known.copy()
    numbers[new] = first + np.arange(len(new))
    return numbers, new


def stored_article(
    index: IndexState,
    article: Article,
    corpus: Corpus,
    text: npt.NDArray[np.uint32],
    seq: int,
    extra: Extra,
    rows: slice = slice(None),
    revision: int = 1,
) -> StoredArticle:
    """Return what is stored of an article whose paragraphs are some rows of a corpus.

    `text`, uint32[rows of the corpus], are the numbers of their texts.
    """
    return StoredArticle(
        seq=seq,
        revision=revision,
        article=article if index.keep_text else replace(article, text=""),
        fingerprint=stored_records.fingerprint(article),
        paragraph=corpus.paragraph[rows],
        start=corpus.start[rows],
        end=corpus.end[rows],
        text=text[rows],
        extra=extra,
    )


def _events(
    index: IndexState,
    known: Assessment,
    numbers: npt.NDArray[np.int64],
    seq: int,
    learnt: list[int],
) -> Events:
    """Return the events of an addition, with the numbers of what groups take in for `renew`.

    Which id a revision has in the end, settling tells; so it tells the groups of it, too.
    """
    found, own = known.found, {"article": known.found.article}
    events: Events = []
    if known.earlier:
        events.append(("revision", {**own, "revision": found.revision}))
    texts = _joined(index, known, numbers)
    if texts:
        places = _places(index, known, numbers, texts)
        events.append(("cluster joined", {**own, "members": places, "texts": dict(texts)}))
    if found.story and (before := known.nearest.nearest or known.earlier):
        came = [s for s in (before.seq, seq) if not index.stable_ids["story"].of.get(s)]
        named = [(before.seq, before.article.id, before.revision)]
        named.append((seq, found.article, found.revision))
        members = [id_ for number, id_, revision in named if number in came and revision == 1]
        told = {found.story: members} if members else {}
        data = {"members": told, "sequences": {found.story: came}}
        events.append(("story joined", {**own, **data}))
    return events + [("relabelled", {"text": text, "boilerplate": True}) for text in learnt]


def _joined(
    index: IndexState, known: Assessment, numbers: npt.NDArray[np.int64]
) -> dict[str, list[int]]:
    """Return which texts join each cluster: those of the article, and those that had none."""
    lookup, of = known.lookup, index.stable_ids["cluster"].of
    found = known.clusters
    given = {int(numbers[text]): id_ for text, id_ in found.items()}
    own = len(lookup.known)
    for row in np.flatnonzero(lookup.matches.relation == DUPLICATE).tolist():
        pair = int(lookup.matches.pairs[row])
        number = int(lookup.others[(pair & 0xFFFFFFFF) - own])
        if (pair >> 32) in found and not of.get(number):
            given.setdefault(number, found[pair >> 32])
    joined = defaultdict(list)
    for number, id_ in sorted(given.items()):
        joined[id_].append(number)
    return joined


def _places(
    index: IndexState,
    known: Assessment,
    numbers: npt.NDArray[np.int64],
    texts: Mapping[str, list[int]],
) -> dict[str, list[tuple[str, int]]]:
    """Return where the texts that join each cluster stand, as far as that was not told before.

    Revisions are left out (see `_events`).
    """
    of, corpus = index.stable_ids["cluster"].of, known.corpus
    article = known.found.article
    here: defaultdict[int, list[tuple[str, int]]] = defaultdict(list)
    if known.found.revision == 1:
        paragraphs = corpus.paragraph.tolist()
        for text, paragraph in zip(numbers[corpus.text].tolist(), paragraphs, strict=True):
            here[text].append((article, paragraph))
    found = {}
    for id_, joining in texts.items():
        places = [place for number in joining for place in here[number]]
        for number in joining:
            held = known.lookup.places.get(number)
            if held and not of.get(number):
                earlier = read(index.store, held[0], known.stored)
                places += (place for s in earlier for place in _within(s, number))
        if places:
            found[id_] = sorted(set(places))
    return found


def _within(stored: StoredArticle, number: int) -> Iterator[tuple[str, int]]:
    """Yield where a text stands in an article, unless that is a revision or was taken out."""
    if stored.revision == 1 and not stored.removed:
        for at in np.flatnonzero(stored.text == number).tolist():
            yield stored.article.id, int(stored.paragraph[at])


def other_flags(
    index: IndexState, corpus: Corpus, known: npt.NDArray[np.int64]
) -> dict[int, dict[str, str]]:
    """Return the flags of known texts that are written otherwise here.

    The keys are the article, then the row among its paragraphs; the values are hex digits. A scan
    takes the flags of a text from the first article, by id, in which it stands, whichever was added
    first.
    """
    texts = np.flatnonzero(known >= 0)
    if not len(texts):
        return {}
    before = index.store.read_texts(known[texts])
    now = taken(corpus, texts)
    here, there = now.flags.tobytes(), before.flags.tobytes()
    found: dict[int, dict[str, str]] = {}
    for text, (first, end) in zip(texts.tolist(), pairwise(now.offsets.tolist()), strict=True):
        if here[first:end] != there[first:end]:
            place = int(corpus.first[text])
            article = int(corpus.article[place])
            at = place - corpus.paragraphs_of(article)[0]
            found.setdefault(article, {})[str(at)] = here[first:end].hex()
    return found


# -- Many articles at once

CHUNK = 512
"""Articles in one transaction. More take more memory and gain little speed."""


class Described(NamedTuple):
    """Articles and what is read from them, whatever an index holds."""

    articles: list[Article]
    """Ordered by id, each once."""
    corpus: Corpus
    attributions: list[Attribution]


def add_many(
    index: IndexState, articles: Iterable[Article | Mapping[str, Any] | str], progress: Progress
) -> Added:
    """Store articles, `CHUNK` at a time: while some are stored, the next ones are read."""
    progress.stage("add", None)
    problems: list[Problem] = []
    items = Items(problems)
    found = (items.article(item, f"item {number}") for number, item in enumerate(articles))
    done, storing = [Added()], deque[Future[Added]]()
    with ThreadPoolExecutor(1, "dedup-store") as pool:
        for chunk in _chunks(article for article in found if article is not None):
            ready = sorted(put_in_order(chunk, problems), key=lambda article: article.id)
            # Of articles that come again nothing is read: the last ones tell whether many do.
            came_again = len(done) > 1 and done[-1].seen > done[-2].seen
            described = None if came_again else _described(ready, index.settings.workers)
            done += (storing.popleft().result() for _ in range(len(storing)))
            storing.append(pool.submit(_add, index, ready, described, done[-1]))
            del done[:-2]
            progress.advance(len(chunk))
        done += (stored.result() for stored in storing)
    return replace(done[-1], problems=tuple(problems))


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


def _add(
    index: IndexState, articles: list[Article], described: Described | None, done: Added
) -> Added:
    """Store articles that were not in before; `described` is what was read of them, if it was."""
    with index.store.writing():
        return _added(index, articles, described, done)


def _added(
    index: IndexState, articles: list[Article], described: Described | None, done: Added
) -> Added:
    store = index.store
    seqs = store.current([article.id for article in articles])
    earlier = {s.seq: s for s in store.read_articles([seq for seq in seqs if seq])}
    new: list[Article] = []
    befores: list[StoredArticle | None] = []
    for article, seq in zip(articles, seqs, strict=True):
        before = earlier.get(seq)
        if before is None or before.fingerprint != stored_records.fingerprint(article):
            new.append(article)
            befores.append(before)
    texts = 0
    if new:
        if described is None or len(new) < len(articles):
            described = _described(new, index.settings.workers)
        made = _batch(index, described, befores)
        texts = len(made.texts.offsets) - 1
        store.append(made)
    return Added(
        articles=done.articles + len(new),
        seen=done.seen + len(articles) - len(new),
        revisions=done.revisions + sum(before is not None for before in befores),
        texts=done.texts + texts,
    )


def _batch(
    index: IndexState, described: Described, befores: Sequence[StoredArticle | None]
) -> Batch:
    """Return the transaction that stores articles; `befores` are their last revisions."""
    store = index.store
    articles, corpus, attributions = described
    known = store.numbers(corpus.key)
    numbers, fresh = numbered(known, store.texts)
    texts = taken(corpus, fresh)
    others = other_flags(index, corpus, known)
    bounds = np.searchsorted(corpus.article, np.arange(len(articles) + 1)).tolist()
    endings = corpus.how_ends(np.arange(len(corpus.text)))
    # At once: each array that is taken by numbers lets the thread that reads go first.
    text = numbers[corpus.text].astype(np.uint32)
    stored = []
    events: list[tuple[str, dict[str, Any]]] = []
    for number, (article, before) in enumerate(zip(articles, befores, strict=True)):
        rows = slice(bounds[number], bounds[number + 1])
        last = before.seq if before else 0
        flags = others.get(number)
        extra = stored_records.extra(article, attributions[number], flags, endings[rows], last)
        seq = store.last_seq + 1 + number
        made = stored_article(index, article, corpus, text, seq, extra, rows)
        if before:
            made = replace(made, revision=before.revision + 1)
            events.append(("revision", {"article": article.id, "revision": made.revision}))
        stored.append(made)
    postings = derive(texts.arrays, store.texts, index.settings)
    return Batch(
        articles=stored,
        texts=texts,
        postings={**postings, "places": places(stored)},
        superseded=[before.seq for before in befores if before],
        events=events,
    )


def _described(articles: list[Article], workers: int) -> Described:
    """Encode articles and read their credits: the kernels of the one leave room to the other."""
    with ThreadPoolExecutor(1) as side:
        encoded = side.submit(collapse, articles, workers, Silent())
        attributions = [read_attribution(article) for article in articles]
        return Described(articles, encoded.result(), attributions)
