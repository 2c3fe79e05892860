"""All that an index holds, as the stages of a scan take it: what a scan would keep, in its order.

Articles come by their ids and texts by first appearance. Only arrays and the columns of
`dedup.index.kept_corpus` are made; an article is read where somebody looks at it.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from dedup.index import kept_corpus
from dedup.index.kept_corpus import FIELDS, STATED, Addition, Kept, Rows
from dedup.index.state import gone_from
from dedup.lazy import Records
from dedup.metadata.attribution_rows import attribution_of
from dedup.metadata.credits import Attribution
from dedup.metadata.normalise import repeated
from dedup.records import Article
from dedup.storage.protocol import Store
from dedup.stories.article_features import Statement
from dedup.text.arrays import TextArrays, stretches
from dedup.text.corpus import Corpus, rearranged


class Loaded(NamedTuple):
    """What an index holds."""

    corpus: Corpus
    attributions: Sequence[Attribution]
    """One entry an article."""
    seq: npt.NDArray[np.int64]
    """int64[articles]: the number in the store of each article of the corpus."""
    numbers: npt.NDArray[np.int64]
    """int64[texts]: the number in the store of each text of the corpus."""
    revised: dict[int, str]
    """By seq, the ids of articles that came in several revisions."""
    worded: bool
    """Whether the articles' texts are there."""
    came: Addition | None
    """What is to be kept of articles that came since the last settling."""


def load(store: Store, last: int) -> Loaded:
    """Read an index up to an article."""
    kept = kept_corpus.read(store)
    new = _new(store, kept, last)
    rows = kept_corpus.joined([*kept.links, new])
    if kept.last > last or not _within(rows, store.texts):
        kept = kept_corpus.none()
        rows = new = _new(store, kept, last)
    alive = ~gone_from(store, int(rows.seq.max(initial=0)) + 1)[rows.seq]
    names = _names(rows, alive)
    ids = sorted(names)
    chosen = np.array([names[id_] for id_ in ids], np.int64)
    corpus, numbers = _corpus(rows, chosen)
    texts = _written(store, rows.seq[chosen]) if store.meta["keep_text"] else None
    articles = StoredArticles(rows, chosen, ids, texts)
    superseded = np.isin(rows.seq[chosen], rows.before) | (rows.revision[chosen] > 1)
    return Loaded(
        corpus=corpus._replace(articles=articles),
        attributions=Records(len(ids), articles.attribution),
        seq=rows.seq[chosen],
        numbers=numbers,
        revised={int(rows.seq[chosen[at]]): ids[at] for at in np.flatnonzero(superseded)},
        worded=not len(corpus.text)
        if texts is None
        else all(map(texts.__getitem__, _filled(corpus))),
        came=kept_corpus.addition(kept, new, last),
    )


def _within(rows: Rows, texts: int) -> bool:
    """Tell whether the texts of all paragraphs are there; `texts` is how many the store has."""
    if not (rows.number < texts).all() or not (rows.text < texts).all():
        return False
    there = np.zeros(texts, np.bool_)
    there[rows.number] = True
    return bool(there[rows.text].all())


def _new(store: Store, kept: Kept, last: int) -> Rows:
    """Read what came since the last settling.

    It is read again where texts went meanwhile, with articles that were taken out.
    """
    while True:
        new = kept_corpus.rows_of(store, kept.last + 1, last, kept.numbers)
        if new.key.any(axis=1).all():
            return new


def _filled(corpus: Corpus) -> list[int]:
    """Return the articles that have a paragraph."""
    found: list[int] = np.unique(corpus.article).tolist()
    return found


def _written(store: Store, seqs: npt.NDArray[np.int64]) -> list[str]:
    """Return the texts of articles as they were written."""
    step = kept_corpus.STEP
    parts = (seqs[low : low + step].tolist() for low in range(0, len(seqs), step))
    return [stored.article.text for some in parts for stored in store.read_articles(some)]


class StoredArticles(Records[Article]):
    """Articles that are read when they are looked at.

    Those of an index that keeps no texts have none.
    """

    def __init__(
        self,
        rows: Rows,
        chosen: npt.NDArray[np.int64],
        ids: Sequence[str],
        texts: Sequence[str] | None,
    ) -> None:
        super().__init__(len(ids), self._article)
        self._record, self._bounds = rows.record, rows.record_bounds
        self._chosen, self._ids, self._texts = chosen, ids, texts
        self._columns = {name: _at(rows.columns[name], chosen) for name in FIELDS}
        self._columns["id"] = list(ids)
        said = {name: _at(rows.columns[name], chosen) for name in STATED}
        said["sources"] = [frozenset(some) if some else _NO_SOURCES for some in said["sources"]]
        sites = [site or "" for site in self._columns["site"]]
        self.statements: list[Statement] = list(map(Statement, sites, *said.values()))
        """What each article says of itself (see `dedup.stories.article_features.statements`)."""

    def column(self, field: str) -> Sequence[Any]:
        """Return one field of all articles (see `dedup.lazy.column`)."""
        found = self._columns.get(field)
        return found if found is not None else [getattr(article, field) for article in self]

    def attribution(self, number: int) -> Attribution:
        """Return what an article credits."""
        credited = self._read(number)[1]
        return attribution_of(credited) if credited else Attribution()

    def _article(self, number: int) -> Article:
        fields = {name: column[number] for name, column in self._columns.items()}
        text = self._texts[number] if self._texts is not None else ""
        return Article(text=text, **fields, **self._read(number)[0])

    def _read(self, number: int) -> Any:
        row = self._chosen[number]
        low, high = self._bounds[row : row + 2].tolist()
        return json.loads(self._record[low:high].tobytes())


_NO_SOURCES: frozenset[str] = frozenset()


def _at(column: Sequence[Any], rows: npt.NDArray[np.int64]) -> list[Any]:
    return [column[row] for row in rows.tolist()]


# -- Which articles a scan would keep, and by which names


def _names(rows: Rows, alive: npt.NDArray[np.bool_]) -> dict[str, int]:
    """Return the row of each article that a scan would keep, by the id that it would give it."""
    ids = rows.columns["id"]
    chosen = np.flatnonzero(alive).tolist()
    names = {ids[row]: row for row in chosen}
    if len(names) < len(chosen):
        names = _with_revisions(rows, chosen)
    for name in _fetched_again(rows, names):
        del names[name]
    return names


def _with_revisions(rows: Rows, chosen: Iterable[int]) -> dict[str, int]:
    """Return rows by id; those with other words get ids of their own, as in a scan: a, a#2, a#3.

    A later revision of the same words takes the place of the earlier one.
    """
    ids, content = rows.columns["id"], list(map(bytes, rows.content))
    by_id: defaultdict[str, dict[bytes, int]] = defaultdict(dict)
    for row in chosen:
        by_id[ids[row]][content[row]] = row
    names = {id_: min(some.values(), key=rows.revision.__getitem__) for id_, some in by_id.items()}
    taken = set(names)
    for id_ in sorted(id_ for id_, some in by_id.items() if len(some) > 1):
        number = 2
        for row in sorted(by_id[id_].values(), key=rows.revision.__getitem__)[1:]:
            while (name := f"{id_}#{number}") in taken:
                number += 1
            taken.add(name)
            names[name] = row
            number += 1
    return names


def _fetched_again(rows: Rows, names: dict[str, int]) -> Iterator[str]:
    """Yield the names of articles that are fetches of a document that is there already."""
    every = list(names)
    content = rows.content[np.fromiter(names.values(), np.int64, len(names)), 0]
    order = np.argsort(content, kind="stable")  # half of a key: what is left over is asked for
    same = content[order[1:]] == content[order[:-1]]
    twice = np.unique(np.concatenate([order[1:][same], order[:-1][same]])).tolist()
    asked = sorted((every[at], names[every[at]]) for at in twice)
    numbers = np.array([row for _, row in asked], np.int64)
    articles = list(StoredArticles(rows, numbers, [name for name, _ in asked], None))
    for number in repeated(articles, lambda number: rows.content[asked[number][1]].tobytes().hex()):
        yield asked[number][0]


# -- The arrays


def _corpus(rows: Rows, chosen: npt.NDArray[np.int64]) -> tuple[Corpus, npt.NDArray[np.int64]]:
    """Return some articles, in the order given, and the number of each text in the store."""
    sizes = np.diff(rows.bounds)[chosen]
    places, _ = stretches(rows.bounds[chosen], sizes)
    row_of = np.zeros(int(rows.number.max(initial=0)) + 1, np.int64)
    row_of[rows.number] = np.arange(len(rows.number))
    held = row_of[rows.text[places]]
    number = np.arange(len(held))
    earliest = np.zeros(len(rows.number), np.int64)
    earliest[held[::-1]] = number[::-1]  # of several the last one stays, which is the first place
    first = np.flatnonzero(earliest[held] == number)
    order = held[first]
    rank = np.zeros(len(rows.number), np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    corpus = Corpus(
        articles=(),
        article=np.repeat(np.arange(len(chosen), dtype=np.int32), sizes),
        paragraph=rows.paragraph[places],
        start=rows.start[places],
        end=rows.end[places],
        text=rank[held],
        first=first,
        key=rows.key[order],
        texts=_with_first_flags(rearranged(rows.texts, order), rows, places[first]),
        endings=rows.ending[places],
    )
    return corpus, rows.number[order]


def _with_first_flags(texts: TextArrays, rows: Rows, first: npt.NDArray[np.int64]) -> TextArrays:
    """Return the texts with the flags that each has where it first stands.

    `first`, int64[texts], are these places among the paragraphs of `rows`.
    """
    at = np.searchsorted(rows.cued, first)
    at[at == len(rows.cued)] = 0
    sizes = np.diff(rows.cue_bounds)
    found = np.flatnonzero(rows.cued[at] == first) if len(rows.cued) else at[:0]
    found = found[sizes[at[found]] == texts.sizes[found]]
    to, _ = stretches(texts.offsets[found], texts.sizes[found])
    of, _ = stretches(rows.cue_bounds[at[found]], texts.sizes[found])
    flags = texts.flags.copy()
    flags[to] = rows.cues[of]
    return texts._replace(flags=flags)
