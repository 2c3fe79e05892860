"""What a run may ask of a memory, and the memory of a run that has none.

It stands apart from `dedup.match.memory`, whose kernels a plain scan does without.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from dedup.text.arrays import TextArrays


class Measures(NamedTuple):
    """What was measured of some pairs of texts.

    >>> len(Measures.none().pairs), len(Measures.of(np.array([5], np.uint64)).offsets)
    (0, 2)
    """

    pairs: npt.NDArray[np.uint64]
    """uint64[pairs]: i << 32 | j, ascending."""
    columns: tuple[npt.NDArray[Any], ...]
    """Arrays with one entry a pair."""
    items: npt.NDArray[np.int32]
    """int32[items, 3]: shared stretches, pair after pair (see `dedup.match.align.Blocks`)."""
    offsets: npt.NDArray[np.int64]
    """int64[pairs + 1]: where each pair's items begin."""

    @classmethod
    def of(cls, pairs: npt.NDArray[np.uint64], *columns: npt.NDArray[Any]) -> Measures:
        """Take columns alone, without items."""
        return cls(pairs, columns, np.zeros((0, 3), np.int32), np.zeros(len(pairs) + 1, np.int64))

    @classmethod
    def none(cls) -> Measures:
        """Return the measures of no pairs."""
        return cls.of(np.zeros(0, np.uint64))


Work = Callable[[npt.NDArray[np.uint64]], Measures]
"""Measures ordered pairs i << 32 | j."""


Each = Callable[[npt.NDArray[np.int64]], npt.NDArray[np.int32]]
"""Counts things of rows, int32[kinds, rows]."""


Search = Callable[[npt.NDArray[np.bool_] | None], Iterable[npt.NDArray[np.uint64]]]
"""Finds pairs i << 32 | j by what begins at some tokens of either text, bool[tokens], or at all."""


Check = Callable[[npt.NDArray[np.uint64]], npt.NDArray[np.bool_]]
"""Tells which ordered pairs a search of all finds, bool[pairs]."""


Count = Callable[[npt.NDArray[np.int64], npt.NDArray[np.uint8]], None]
"""Adds what texts at some rows have, int64[rows], to a table of counts that end at some number."""


class Nothing:
    """A memory in which nothing is, and into which nothing comes."""

    def recognise_keys(self, keys: npt.NDArray[np.uint64], /) -> None:
        """Take the keys of the texts, uint64[texts, 2], before anything is asked of them."""

    def recognise(self, texts: TextArrays, workers: int, /) -> None:
        """Take the texts of which pairs will be asked, all at once, after their keys."""

    def recognise_articles(
        self, texts: npt.NDArray[np.int32], offsets: npt.NDArray[np.int64], /
    ) -> None:
        """Take the distinct articles of which more will be asked: the texts of each."""

    def recognise_formal(
        self,
        texts: npt.NDArray[np.int32],
        offsets: npt.NDArray[np.int64],
        formal: npt.NDArray[np.uint64],
        /,
    ) -> None:
        """Take the same distinct articles with pairs of texts, ordered, that are `formal`.

        Measures of pairs of articles depend on these besides.
        """

    def recall_each(self, _name: str, count: int, work: Each, /) -> npt.NDArray[np.int32]:
        """Return what `work` counts of each of so many distinct articles, or counted before.

        It depends on the texts of the article alone.
        """
        return work(np.arange(count))

    def recall(self, _name: str, pairs: npt.NDArray[np.uint64], work: Work, /) -> Measures:
        """Return what `work` measures of ordered pairs, or measured of them before.

        The name tells one kind of measures from another; `work` is a function of two texts alone.
        """
        return work(pairs)

    def recall_articles(self, pairs: npt.NDArray[np.uint64], work: Work, /) -> Measures:
        """Return what `work` measures of ordered pairs of distinct articles, or measured before.

        It depends on the two articles, and on which pairs of their texts are formal, alone.
        """
        return work(pairs)

    def tally(
        self, aside: npt.NDArray[np.bool_], table: npt.NDArray[np.uint8], count: Count, /
    ) -> npt.NDArray[np.uint8]:
        """Return an empty table with what `count` adds of all texts but some, bool[texts].

        Texts that an earlier run counted are in already.
        """
        count(np.flatnonzero(~aside), table)
        return table

    def propose(
        self, _marks: npt.NDArray[np.uint8], _reach: int, work: Search, _check: Check, /
    ) -> list[npt.NDArray[np.uint64]]:
        """Return the pairs that `work` finds, or found before, in parts that are not ordered.

        The marks, uint8[tokens], are what the search reads beside the texts. Whether it finds a
        pair by what begins at two tokens must depend on what two texts hold, which is first, and
        the marks of these tokens and of `reach` before, alone. `check` tells what it finds at all.
        """
        return list(work(None))


NOTHING = Nothing()
"""The memory of a run that keeps nothing."""
