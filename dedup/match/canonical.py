"""Which member of a cluster to keep: by the policy, ties broken the same way every time.

Site, article id and paragraph decide what the keys of the policy (see `dedup.policies`) leave
equal.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup import policies
from dedup._jit.pairs import firsts
from dedup.metadata.dates import Published
from dedup.settings import Settings
from dedup.text.corpus import Corpus


class Ranking(NamedTuple):
    """The members of every cluster, best first."""

    members: npt.NDArray[np.int64]
    """int64[members]: paragraphs, cluster after cluster."""
    offsets: npt.NDArray[np.int64]
    """int64[clusters + 1]: where each cluster begins."""
    reasons: Sequence[str]
    """One phrase a cluster."""


def rank(
    corpus: Corpus,
    centre: npt.NDArray[np.int32],
    matches: npt.NDArray[np.int64],
    published: Sequence[Published | None],
    settings: Settings,
) -> Ranking:
    """Order the members of every cluster of two places or more, largest cluster first.

    `centre`, int32[texts], is what `dedup.match.cluster` returns; `matches`, int64[texts], says how
    many versions of each text were verified; `published` has one date an article.
    """
    of = centre[corpus.text]
    sizes = np.bincount(of, minlength=len(centre))
    members = np.flatnonzero(sizes[of] > 1)
    columns = _columns(corpus, matches, published, settings)
    names = policies.KEYS[settings.policy]
    sites = np.unique([article.site or "" for article in corpus.articles], return_inverse=True)[1]
    last = (members, sites[corpus.article[members]])
    keys = [columns[name][members] for name in names]
    cluster = of[members]
    leading = np.full(len(centre), len(corpus.text), np.int64)
    np.minimum.at(leading, cluster, members)
    order = np.lexsort((*last, *reversed(keys), leading[cluster], -sizes[cluster]))
    members, cluster = members[order], cluster[order]
    starts = np.flatnonzero(firsts(cluster))
    reasons = _reasons([key[order] for key in keys], names, starts)
    return Ranking(members, np.append(starts, len(members)), reasons)


def _columns(
    corpus: Corpus,
    matches: npt.NDArray[np.int64],
    published: Sequence[Published | None],
    settings: Settings,
) -> dict[str, npt.NDArray[np.float64]]:
    """Return the values that decide, float64[paragraphs] each; the smaller wins."""
    moments = [policies.published(date) for date in published]
    latest, vagueness = np.array(moments, np.float64).reshape(-1, 2).T
    preference = [policies.preference(article.site, settings) for article in corpus.articles]
    return {
        "published": latest[corpus.article],
        "vagueness": vagueness[corpus.article],
        "length": (corpus.start - corpus.end).astype(np.float64),
        "likeness": -matches[corpus.text].astype(np.float64),
        "preference": np.array(preference, np.float64)[corpus.article],
    }


def _reasons(
    keys: Sequence[npt.NDArray[np.float64]], names: Sequence[str], starts: npt.NDArray[np.int64]
) -> list[str]:
    """Return for each cluster which column put its first member before its second."""
    reasons = np.full(
        len(starts), "equal by every rule; first by site, article and paragraph", object
    )
    for key, name in reversed(list(zip(keys, names, strict=True))):
        reasons[key[starts] < key[starts + 1]] = policies.REASONS[name]
    found: list[str] = reasons.tolist()
    return found
