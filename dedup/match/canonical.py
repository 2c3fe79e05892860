"""Which member of a cluster to keep: a clean one, by the policy; ties are broken the same way.

First a member that ends as a text does, without boilerplate in it; then one in the article that its
story keeps, so that a cluster and its story keep one article; then the policy (see
`dedup.policies`). Site, article id and paragraph decide what all this leaves equal.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup import policies
from dedup._jit.pairs import firsts
from dedup.lazy import column
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
    boilerplate: npt.NDArray[np.integer],
    aside: npt.NDArray[np.bool_],
    settings: Settings,
) -> Ranking:
    """Order the members of every cluster of two places or more, largest cluster first.

    `centre`, int32[texts], is what `dedup.match.cluster` returns; `matches`, int64[texts], says how
    many versions of each text were verified; `published` has one date an article; `boilerplate`,
    int[texts], are the words of boilerplate in each text; `aside`, bool[articles], are the articles
    of stories that keep another one.
    """
    of = centre[corpus.text]
    sizes = np.bincount(of, minlength=len(centre))
    members = np.flatnonzero(sizes[of] > 1)
    cluster = of[members]
    columns = _columns(corpus, members, matches, published, settings)
    columns |= _completeness(corpus, members, cluster)
    columns["ending"] = corpus.how_ends(members).astype(np.float64)
    columns["boilerplate"] = boilerplate[corpus.text[members]].astype(np.float64)
    columns["aside"] = aside[corpus.article[members]].astype(np.float64)
    names = (*policies.CLEAN, *policies.KEYS[settings.policy])
    said = [site or "" for site in column(corpus.articles, "site")]
    sites = np.unique(said, return_inverse=True)[1]
    last = (members, sites[corpus.article[members]])
    keys = [columns[name] for name in names]
    leading = np.full(len(centre), len(corpus.text), np.int64)
    np.minimum.at(leading, cluster, members)
    order = np.lexsort((*last, *reversed(keys), leading[cluster], -sizes[cluster]))
    members, cluster = members[order], cluster[order]
    starts = np.flatnonzero(firsts(cluster))
    reasons = _reasons([key[order] for key in keys], names, starts)
    return Ranking(members, np.append(starts, len(members)), reasons)


def _columns(
    corpus: Corpus,
    members: npt.NDArray[np.int64],
    matches: npt.NDArray[np.int64],
    published: Sequence[Published | None],
    settings: Settings,
) -> dict[str, npt.NDArray[np.float64]]:
    """Return the values that decide, float64[members] each; the smaller wins."""
    where = corpus.article[members]
    moments = [policies.published(date) for date in published]
    latest, vagueness = np.array(moments, np.float64).reshape(-1, 2).T
    sites = column(corpus.articles, "site")
    known = {site: policies.preference(site, settings) for site in set(sites)}
    preference = [known[site] for site in sites]
    return {
        "published": latest[where],
        "vagueness": vagueness[where],
        "length": (corpus.start[members] - corpus.end[members]).astype(np.float64),
        "likeness": -matches[corpus.text[members]].astype(np.float64),
        "preference": np.array(preference, np.float64)[where],
    }


def _completeness(
    corpus: Corpus, members: npt.NDArray[np.int64], cluster: npt.NDArray[np.int32]
) -> dict[str, npt.NDArray[np.float64]]:
    """Return who is about as long as the longest of its cluster, and by how little."""
    length = (corpus.end[members] - corpus.start[members]).astype(np.float64)
    longest = np.zeros(int(cluster.max(initial=0)) + 1)
    np.maximum.at(longest, cluster, length)
    enough = policies.ABOUT * longest[cluster]
    return {"complete": -np.minimum(length, enough), "spare": length}


def _reasons(
    keys: Sequence[npt.NDArray[np.float64]], names: Sequence[str], starts: npt.NDArray[np.int64]
) -> list[str]:
    """Return for each cluster which column put its first member before its second.

    That its story keeps the first is told where nothing else speaks for it.
    """
    reasons = np.full(
        len(starts), "equal by every rule; first by site, article and paragraph", object
    )
    undecided = np.ones(len(starts), bool)
    for key, name in zip(keys, names, strict=True):
        before, after = key[starts] < key[starts + 1], key[starts] > key[starts + 1]
        reasons[undecided & before] = policies.REASONS[name]
        if name != "aside":
            undecided &= ~(before | after)
    found: list[str] = reasons.tolist()
    return found
