"""From links between distinct articles to the stories they make."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup.settings import Settings
from dedup.stories.article_features import ArticleFeatures
from dedup.stories.distinct_articles import DistinctArticles
from dedup.stories.grouping import group
from dedup.stories.overlap import Overlap, measure
from dedup.stories.roles import StoryRow, assign_roles
from dedup.text.corpus import Corpus


class Links(NamedTuple):
    """Pairs of distinct articles that may be one story, and what grouping asks of them."""

    overlap: Overlap
    embedded: npt.NDArray[np.bool_]
    """bool[pairs]: an article and one that tells it among other things."""
    one_name: npt.NDArray[np.bool_]
    """bool[pairs]: what a site has under one address or headline."""


def tell(
    links: Links,
    distinct: DistinctArticles,
    corpus: Corpus,
    formal: npt.NDArray[np.uint64],
    features: Sequence[ArticleFeatures],
    settings: Settings,
) -> list[StoryRow]:
    """Group articles into stories and say who is who in them, the largest story first.

    `formal` as in `dedup.stories.overlap.article_overlap`; `features` has one entry an article.
    What is told of a story depends on what is connected with it by links, and on nothing else.
    """

    def compare(pairs: npt.NDArray[np.uint64]) -> Overlap:
        return measure(pairs, corpus, distinct, formal, settings.workers)

    groups = group(links.overlap, len(distinct.first), compare, links.embedded, links.one_name)
    return assign_roles(groups, distinct, corpus, features, compare, settings)
