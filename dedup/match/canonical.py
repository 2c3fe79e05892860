"""Which member of a cluster to keep: one named rule, ties broken the same way every time.

Every policy is an order of columns; the first that differs decides, and says so in the reason:

====================  ==============================================================
`earliest`            published first (undated and doubtful dates last), then longest
`longest`             most characters, then published first
`medoid`              the text with the most verified matches, then as `earliest`
`preferred-site`      site in the order given, then as `earliest`
====================  ==============================================================

What is still equal is decided by site, article id and paragraph. `earliest` is the default because
in news the first to publish is most often the source, and later versions are cut or reworked; a
date without a time counts as the last moment of its day, so that it never beats a stated time of
that day.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup.metadata.dates import SPANS, Published
from dedup.settings import Settings
from dedup.text.corpus import Corpus

RUNNERS_UP = 3
"""How many runners-up are recorded."""

_VAGUENESS = {"minute": 0, "day": 1, "month": 2, "year": 3, "second": 4}
"""The order in which dates that end together are taken: what excludes that moment goes before the
moment itself."""

_COLUMNS = {
    "earliest": ("published", "vagueness", "length"),
    "longest": ("length", "published", "vagueness"),
    "medoid": ("matches", "published", "vagueness", "length"),
    "preferred-site": ("preference", "published", "vagueness", "length"),
}

_REASONS = {
    "published": "published first",
    "vagueness": "published first",
    "length": "longest",
    "matches": "most matches",
    "preference": "preferred site",
}


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
    names = _COLUMNS[settings.policy]
    sites = np.unique([article.site or "" for article in corpus.articles], return_inverse=True)[1]
    last = (members, sites[corpus.article[members]])
    keys = [columns[name][members] for name in names]
    cluster = of[members]
    leading = np.full(len(centre), len(corpus.text), np.int64)
    np.minimum.at(leading, cluster, members)
    order = np.lexsort((*last, *reversed(keys), leading[cluster], -sizes[cluster]))
    members, cluster = members[order], cluster[order]
    starts = np.flatnonzero(np.r_[True, cluster[1:] != cluster[:-1]]) if len(cluster) else members
    reasons = _reasons([key[order] for key in keys], names, starts)
    return Ranking(members, np.append(starts, len(members)), reasons)


def _columns(
    corpus: Corpus,
    matches: npt.NDArray[np.int64],
    published: Sequence[Published | None],
    settings: Settings,
) -> dict[str, npt.NDArray[np.float64]]:
    """Return the values that decide, float64[paragraphs] each; the smaller wins."""
    dates = [date if date and not date.doubt else None for date in published]
    latest = [date.epoch + SPANS[date.precision] if date else np.inf for date in dates]
    vagueness = [_VAGUENESS[date.precision] if date else 0 for date in dates]
    places = {site: number for number, site in enumerate(settings.preferred_sites)}
    preference = [places.get(article.site or "", len(places)) for article in corpus.articles]
    return {
        "published": np.array(latest, np.float64)[corpus.article],
        "vagueness": np.array(vagueness, np.float64)[corpus.article],
        "length": (corpus.start - corpus.end).astype(np.float64),
        "matches": -matches[corpus.text].astype(np.float64),
        "preference": np.array(preference, np.float64)[corpus.article],
    }


def _reasons(
    keys: Sequence[npt.NDArray[np.float64]], names: Sequence[str], starts: npt.NDArray[np.int64]
) -> list[str]:
    """Say of each cluster which column put its first member before its second."""
    reasons = np.full(
        len(starts), "equal by every rule; first by site, article and paragraph", object
    )
    for key, name in reversed(list(zip(keys, names, strict=True))):
        reasons[key[starts] < key[starts + 1]] = _REASONS[name]
    found: list[str] = reasons.tolist()
    return found
