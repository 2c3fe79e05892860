"""Who had it first for very many pairs of articles: those that are alike are weighed once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dedup._jit.pairs import firsts
from dedup.stories.article_features import ArticleFeatures
from dedup.stories.first_publisher import EXCERPT, WHOLE, Direction, direction, names

Rows = npt.NDArray[np.int64]
"""int64[rows]: numbers of rows."""


@dataclass(frozen=True, eq=False)
class Directions:
    """Answers as `direction` does, many pairs at a time.

    Two pairs have one answer if their articles are of one kind each and as far apart in time, and
    their shares are on the same side of each threshold.
    """

    features: Sequence[ArticleFeatures]
    """One entry an article."""
    kind: Rows
    """int64[articles]: number of all that is asked of an article, but for its site and moment."""
    site: Rows
    """int64[articles]: number of its site; 0 for none."""
    epoch: npt.NDArray[np.float64]
    """float64[articles]: when it was published; 0 where that is unknown."""

    @classmethod
    def among(cls, features: Sequence[ArticleFeatures]) -> Directions:
        """Compare articles of which this is known."""
        declared = frozenset[str]().union(*(one.sources for one in features))
        kinds: dict[tuple[object, ...], int] = {}
        sites = {"": 0}
        kind, site = [], []
        for one in features:
            time = one.time
            asked = (
                *(one.house, one.agency, one.sources, one.rank, one.fetched),
                declared.intersection(names(one)) if declared else declared,
                time and (time.precision, time.zoned, time.doubt),
            )
            kind.append(kinds.setdefault(asked, len(kinds)))
            site.append(sites.setdefault(one.site, len(sites)))
        epoch = [one.time.epoch if one.time else 0.0 for one in features]
        return cls(features, np.array(kind, np.int64), np.array(site, np.int64), np.array(epoch))

    def of(
        self, a: Rows, b: Rows, held: npt.NDArray[np.float64], quoted: npt.NDArray[np.bool_]
    ) -> tuple[list[Direction], Rows]:
        """Return the different answers for some pairs, and the number of each pair's, int64[pairs].

        `a` and `b` are numbers of articles, `held`, float64[2, pairs], the shares of a's and of b's
        words that the other holds; `quoted` as in `direction`.
        """
        begin, until = self.epoch[a], self.epoch[b]
        whole = (begin % 1 == 0) & (until % 1 == 0)
        columns = (
            self.kind[a],
            self.kind[b],
            self.site[a] * (self.site[a] == self.site[b]) > 0,
            until - begin,
            np.where(whole, 0.0, begin),  # what is no whole second is rounded where it stands
            held[0] >= EXCERPT,
            held[1] >= EXCERPT,
            held[0] < WHOLE,
            held[1] < WHOLE,
            quoted,
        )
        order = np.lexsort(columns)
        new = firsts(*(column[order] for column in columns))
        number = np.empty(len(a), np.int64)
        number[order] = np.cumsum(new) - 1
        rows = order[new].tolist()
        answers = [
            direction(
                self.features[int(a[row])],
                self.features[int(b[row])],
                (float(held[0, row]), float(held[1, row])),
                bool(quoted[row]),
            )
            for row in rows
        ]
        return answers, number
