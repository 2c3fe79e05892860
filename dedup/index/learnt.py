"""What settling has learnt of words that say little, for what comes in until the next settling.

Only a whole corpus tells which phrases are common, and which stretches inside paragraphs are
furniture of a site. Settling keeps both as hashes of runs of words. So an article that is told at
once is read as a scan would read it.
"""

from __future__ import annotations

from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt
from xxhash import xxh3_64_intdigest

from dedup._jit.pairs import HALF, lefts, once, pack, rights
from dedup.lazy import column
from dedup.match.boilerplate_spans import Found as Furniture
from dedup.match.boilerplate_spans import Spans, find_known, span_runs
from dedup.match.common_phrases import common_runs, flag_runs
from dedup.storage.protocol import Store
from dedup.text.arrays import TextArrays, stretches
from dedup.text.corpus import Corpus

PHRASES, FURNITURE = "phrases", "furniture"
"""Names of blobs in the store: the fields of `Learnt`."""


class Learnt(NamedTuple):
    """Runs of words as of the last settling.

    >>> Learnt.none().furniture_of("herald.example").tolist()
    []
    """

    phrases: npt.NDArray[np.uint32]
    """uint32[runs]: those that are common, ordered (see `dedup.match.common_phrases`)."""
    furniture: npt.NDArray[np.uint64]
    """uint64[runs]: those in boilerplate spans, site << 32 | run, ordered (see
    `dedup.match.boilerplate_spans`)."""

    @classmethod
    def none(cls) -> Self:
        """Return what is known before the first settling."""
        return cls(np.zeros(0, np.uint32), np.zeros(0, np.uint64))

    @classmethod
    def of(cls, flagged: TextArrays, corpus: Corpus, spans: Spans) -> Self:
        """Return what a scan has found: texts with flags of phrases, and spans in a corpus."""
        return cls(common_runs(flagged), _by_site(corpus, spans))

    @classmethod
    def read(cls, store: Store) -> Self:
        """Return what was kept (see `kept`)."""
        phrases, furniture = (bytearray(store.state(name) or b"") for name in (PHRASES, FURNITURE))
        return cls(np.frombuffer(phrases, np.uint32), np.frombuffer(furniture, np.uint64))

    def kept(self) -> dict[str, bytes]:
        """Return it as blobs of a store, by name."""
        return {PHRASES: self.phrases.tobytes(), FURNITURE: self.furniture.tobytes()}

    def furniture_of(self, site: str | None) -> npt.NDArray[np.uint32]:
        """Return the runs in boilerplate spans of a site, ordered, uint32[runs]."""
        if not site or not len(self.furniture):
            return np.zeros(0, np.uint32)
        low = np.uint64(_key(site)) << HALF
        first = np.searchsorted(self.furniture, low)
        end = np.searchsorted(self.furniture, low | np.uint64(0xFFFFFFFF), "right")
        return self.furniture[first:end].astype(np.uint32)

    def find_furniture(self, texts: TextArrays, site: str | None) -> Furniture:
        """Find the boilerplate of a site in some texts."""
        return find_known(texts, self.furniture_of(site))

    def flagged(self, texts: TextArrays) -> TextArrays:
        """Return texts with the flags of common phrases."""
        return flag_runs(texts, self.phrases)


def _by_site(corpus: Corpus, spans: Spans) -> npt.NDArray[np.uint64]:
    """Return the runs in spans, by the sites on which their texts stand, as `Learnt` has them."""
    runs = span_runs(corpus.texts, spans)
    at = np.flatnonzero(np.isin(corpus.text, spans.texts))
    sites = column(corpus.articles, "site")
    names = [sites[article] for article in corpus.article[at].tolist()]
    named = np.array([bool(name) for name in names], bool)
    keys = np.array([_key(name) for name in names if name], np.int64)
    places = once(pack(corpus.text[at][named], keys))
    first = np.searchsorted(lefts(places), rights(runs))
    counts = np.searchsorted(lefts(places), rights(runs), "right") - first
    each, _ = stretches(first, counts)
    return once(pack(rights(places)[each], np.repeat(lefts(runs), counts)))


def _key(site: str) -> int:
    """Return a site's number, below 2**32; two of one number are one."""
    return xxh3_64_intdigest(site.encode("utf-8", "replace")) >> 32
