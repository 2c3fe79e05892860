"""Which texts an index learns to be boilerplate, as articles come in."""

from __future__ import annotations

from bisect import bisect

import numpy as np

from dedup.index.query import Lookup, read
from dedup.index.state import IndexState
from dedup.match.boilerplate import PAGES, SAMPLE, boilerplate_texts
from dedup.metadata.dates import parse
from dedup.records import Article
from dedup.storage.protocol import StoredArticle
from dedup.text.corpus import Corpus

LOOKS = (0, *(PAGES * n for n in (1, 2, 3, 4, 6, 8, 12, 16)))
"""Numbers of articles from which on a text is looked at again; the next settling looks at all.
Higher numbers find later what is standing: at these in the 4th, 8th, 12th to the 64th article."""


def learn_boilerplate(
    index: IndexState,
    article: Article,
    corpus: Corpus,
    found: Lookup,
    stored: dict[int, StoredArticle],
) -> list[int]:
    """Return the numbers of texts that are boilerplate of the article's site from now on.

    `stored` are the articles that were read (see `dedup.index.query.read`). A text is looked at
    when the article is the fourth, eighth, ... that holds it, or the first one after that which
    this process meets, by the rules of `dedup.match.boilerplate`.
    """
    learnt = []
    for text, number in enumerate(found.known.tolist()):
        if number < 0 or number in index.boilerplate:
            continue
        seqs, total = found.places[number]
        look = bisect(LOOKS, total + 1)
        if look > index.looked.get(number, 1):
            pages = [s for s in read(index.store, seqs, stored) if s.article.site == article.site]
            if _stands(text, number, article, corpus, pages):
                learnt.append(number)
            else:
                index.looked[number] = look
    return learnt


def _stands(
    text: int, number: int, article: Article, corpus: Corpus, pages: list[StoredArticle]
) -> bool:
    pages = [s for s in pages if not s.removed and not s.superseded]
    if len(pages) + 1 < PAGES:
        return False
    pages = pages[:: max(1, len(pages) // SAMPLE)]
    own = corpus.text.astype(np.int64)
    parts = [np.where(own == text, number, -1 - own), *(s.text.astype(np.int64) for s in pages)]
    texts, local = np.unique(np.concatenate(parts), return_inverse=True)
    articles = np.repeat(np.arange(len(parts), dtype=np.int32), [len(part) for part in parts])
    lengths = [_characters(s) for s in pages]
    words = np.ones(len(texts), np.int32)
    sizes = np.concatenate([corpus.end - corpus.start, *lengths]) // 6  # about words
    np.maximum.at(words, local, sizes.astype(np.int32))
    dates = [parse(a.date) for a in (article, *(s.article for s in pages))]
    days = np.array([d.epoch / 86400 if d and not d.doubt else np.nan for d in dates])
    is_boilerplate = boilerplate_texts(
        np.arange(len(texts), dtype=np.int32),
        local.astype(np.int32),
        articles,
        np.zeros(len(parts), np.int64),
        days,
        words,
    )
    return bool(is_boilerplate[np.searchsorted(texts, number)])


def _characters(stored: StoredArticle) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    return np.asarray(stored.end - stored.start, np.int32)
