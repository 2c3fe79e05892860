"""How the stages of a scan are done that take longest: here, by an engine, or with a memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from dedup.match import boilerplate_spans, cluster, near_duplicates, verify
from dedup.match.boilerplate_families import Looks
from dedup.match.boilerplate_spans import Spans
from dedup.match.common_phrases import PhraseCounts, flag_common_phrases
from dedup.match.evidence import evidence
from dedup.match.lsh import HotBuckets
from dedup.match.no_memory import NOTHING, Nothing
from dedup.progress import Progress
from dedup.settings import Settings
from dedup.stories.article_features import ArticleFeatures
from dedup.stories.distinct_articles import DistinctArticles, distinct_articles
from dedup.stories.kin import Kin, kin
from dedup.stories.roles import StoryRow
from dedup.stories.telling import Links, tell
from dedup.text.arrays import TextArrays
from dedup.text.corpus import Corpus
from dedup.text.shingle import Sets

if TYPE_CHECKING:
    from dedup.match.memory import Memory


class Ways(NamedTuple):
    """The functions that do it; all ways have the same answers."""

    near: Callable[
        [Sets, npt.NDArray[np.int32], Settings, Progress],
        tuple[near_duplicates.Near, HotBuckets],
    ] = near_duplicates.near
    families: Callable[[near_duplicates.Near, Sets, Settings], npt.NDArray[np.int32]] = (
        near_duplicates.families
    )
    listed: Callable[
        [near_duplicates.Near, npt.NDArray[np.bool_], TextArrays, Sets, Settings],
        tuple[near_duplicates.Near, npt.NDArray[np.int32]],
    ] = near_duplicates.listed
    clusters: Callable[[npt.NDArray[np.uint64], Sets, Settings], npt.NDArray[np.int32]] = (
        cluster.clusters
    )
    flag: Callable[[TextArrays, npt.NDArray[np.int32], int], tuple[TextArrays, PhraseCounts]] = (
        flag_common_phrases
    )
    search: Callable[
        [TextArrays, npt.NDArray[np.bool_], Settings, Progress, verify.Weigh, Nothing],
        verify.Search,
    ] = verify.search
    weigh: verify.Weigh = verify.worth_verifying
    prove: verify.Prove = evidence
    compare: verify.Compare = verify.compared
    looks: Looks | None = None
    """What looks at the words of boilerplate; None: the functions of that name."""
    mark: boilerplate_spans.Mark = boilerplate_spans.mark
    reduce: Callable[[TextArrays, Spans], TextArrays] = boilerplate_spans.reduced
    distinct: Callable[
        [Corpus, npt.NDArray[np.bool_], Sequence[ArticleFeatures], float, int], DistinctArticles
    ] = distinct_articles
    kin: Callable[
        [
            Corpus,
            DistinctArticles,
            npt.NDArray[np.uint64],
            npt.NDArray[np.float64],
            Settings,
        ],
        Kin,
    ] = kin
    tell: Callable[
        [
            Links,
            DistinctArticles,
            Corpus,
            npt.NDArray[np.uint64],
            Sequence[ArticleFeatures],
            Settings,
        ],
        list[StoryRow],
    ] = tell
    memory: Nothing = NOTHING
    """What an earlier run with these settings measured."""


HERE = Ways()
"""All in this process, and nothing known before."""


def remembering(memory: Memory) -> Ways:
    """Return how a run goes that measures no pair again that `memory` has."""
    return Ways(
        near=memory.near,
        weigh=partial(verify.worth_verifying, memory=memory),
        compare=partial(verify.compared, memory=memory),
        mark=memory.mark,
        distinct=partial(distinct_articles, memory=memory),
        kin=partial(kin, memory=memory),
        memory=memory,
    )
