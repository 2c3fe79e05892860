"""Pairs of distinct articles that share words, and what else is asked of their words."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup.match.no_memory import NOTHING, Nothing
from dedup.settings import Settings
from dedup.stories.distinct_articles import DistinctArticles
from dedup.stories.link_filter import Leads
from dedup.stories.overlap import Overlap, Tell, article_overlap, article_prints
from dedup.stories.recurring import is_background
from dedup.stories.roundups import opens_otherwise
from dedup.text.corpus import Corpus


class Kin(NamedTuple):
    """The pairs, and what is told of any of them when it is asked."""

    overlap: Overlap
    leads: Leads
    opens_otherwise: Tell
    """See `dedup.stories.roundups.opens_otherwise`."""
    is_background: Tell
    """See `dedup.stories.recurring.is_background`."""


def kin(
    corpus: Corpus,
    distinct: DistinctArticles,
    formal: npt.NDArray[np.uint64],
    first: npt.NDArray[np.float64],
    settings: Settings,
    memory: Nothing = NOTHING,
) -> Kin:
    """Find the pairs of distinct articles that share words.

    `formal` as in `dedup.stories.overlap.article_overlap`; `first`, float64[distinct], is the time
    of each, NaN for none. `memory` is what an earlier run measured.
    """
    prints = article_prints(corpus, distinct, settings.workers)
    memory.recognise_formal(distinct.texts, distinct.offsets, formal)
    return Kin(
        article_overlap(
            prints, corpus, distinct, formal, settings.bucket, settings.workers, memory
        ),
        Leads.of(distinct, corpus, settings.workers),
        partial(opens_otherwise, distinct=distinct, corpus=corpus, workers=settings.workers),
        partial(is_background, prints=prints, first=first),
    )
