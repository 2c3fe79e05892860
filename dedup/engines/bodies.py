"""Distinct articles in tasks: which texts each is made of, looked up where the driver wrote it.

The driver writes arrays of a number an article or a text, and none of a token. A task maps them
from disk, so that of one machine all tasks share them, and reads no more than it asks for.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup._jit.pairs import HALF, ends, pack
from dedup.engines.blocks import Part
from dedup.engines.stages import Stages
from dedup.stories.distinct_articles import DistinctArticles
from dedup.text.arrays import TextArrays, stretches
from dedup.text.corpus import Corpus

_COLUMNS = ("first", "texts", "offsets", "grams", "own", "halves")

_Integers = npt.NDArray[np.int64]


class Bodies(NamedTuple):
    """Where the arrays of all distinct articles are, and pairs of texts that are alike in form."""

    folder: str
    formal: str | None = None

    @classmethod
    def written(
        cls,
        stages: Stages,
        distinct: DistinctArticles,
        formal: npt.NDArray[np.uint64] | None = None,
    ) -> Bodies:
        """Write the arrays; `formal`, uint64[pairs], are such pairs in order."""
        for name in _COLUMNS:
            place = stages.put_array(f"bodies-{name}", getattr(distinct, name))
        forms = None if formal is None else str(stages.put_array("formal", formal))
        return cls(str(place.parent), forms)

    def texts_of(self, items: npt.NDArray[np.uint64]) -> _Integers:
        """Return the texts that some distinct articles, by number, are made of, ascending."""
        rows, _ = self._stretches(items.astype(np.int64))
        return np.unique(self._array("texts")[rows]).astype(np.int64)

    def texts_of_pairs(self, items: npt.NDArray[np.uint64]) -> _Integers:
        """Return the texts that both distinct articles of some pairs are made of, ascending."""
        return self.texts_of(np.unique(np.concatenate(ends(items))).astype(np.uint64))

    def within(self, part: Part, bodies: _Integers) -> Here:
        """Return some distinct articles, ascending, with texts numbered as they are in a part."""
        rows, offsets = self._stretches(bodies)
        texts = np.searchsorted(part.numbers, self._array("texts")[rows]).astype(np.int32)
        first, grams, own, halves = (
            np.array(self._array(name)[bodies]) for name in ("first", "grams", "own", "halves")
        )
        of = np.arange(len(bodies), dtype=np.int32)
        distinct = DistinctArticles(of, first, texts, offsets, grams, own, halves)
        return Here(bodies, distinct, corpus_of(part.texts), self._formal(part.numbers))

    def _stretches(self, bodies: _Integers) -> tuple[_Integers, _Integers]:
        offsets = self._array("offsets")
        return stretches(offsets[bodies], offsets[bodies + 1] - offsets[bodies])

    def _formal(self, numbers: _Integers) -> npt.NDArray[np.uint64]:
        """Return the pairs of texts alike in form that are among some, as these are numbered."""
        if self.formal is None:
            return np.zeros(0, np.uint64)
        formal = np.load(self.formal, mmap_mode="r")
        low, high = (
            np.searchsorted(formal, (numbers + more).astype(np.uint64) << HALF) for more in (0, 1)
        )
        a, b = ends(np.array(formal[stretches(low, high - low)[0]]))
        at = np.searchsorted(numbers, b)
        there = np.append(numbers, -1)[at] == b
        return pack(np.searchsorted(numbers, a[there]), at[there])

    def _array(self, name: str) -> npt.NDArray[np.integer]:
        found: npt.NDArray[np.integer] = np.load(f"{self.folder}/bodies-{name}.npy", mmap_mode="r")
        return found


class Here(NamedTuple):
    """Some distinct articles in a task, as the stages of one machine take them."""

    bodies: _Integers
    """int64[distinct]: the number of each among all."""
    distinct: DistinctArticles
    corpus: Corpus
    """Texts, and nothing else."""
    formal: npt.NDArray[np.uint64]
    """uint64[pairs], ordered: pairs of these texts that are alike in form alone."""

    def pairs(self, items: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
        """Return pairs of distinct articles by the numbers that these have here."""
        return pack(*(np.searchsorted(self.bodies, end) for end in ends(items)))

    def known(self, pairs: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
        """Return such pairs by their numbers among all."""
        return pack(*(self.bodies[end] for end in ends(pairs)))


def corpus_of(texts: TextArrays) -> Corpus:
    """Return a corpus of texts that stand nowhere."""
    none = np.zeros(0, np.int32)
    key = np.zeros((0, 2), np.uint64)
    return Corpus((), none, none, none, none, none, none.astype(np.int64), key, texts)
