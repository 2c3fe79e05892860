"""How far apart two texts meet: within an article, within a site, across sites."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup._jit.kernels import helper, kernel
from dedup._jit.pairs import firsts, left, right, sorting
from dedup.records import SCOPES, Scope

WITHIN_ARTICLE, WITHIN_SITE, CROSS_SITE = 1, 2, 4
"""Bits of a set of scopes, in the order of `dedup.records.SCOPES`."""


class Places(NamedTuple):
    """In which articles of which sites each text stands."""

    places: npt.NDArray[np.int64]
    """int64[places]: site << 32 | article, ascending and without repeats in each text."""
    offsets: npt.NDArray[np.int64]
    """int64[texts + 1]: where each text's places begin."""


def names(bits: int) -> tuple[Scope, ...]:
    """Return the scopes in a set, nearest first.

    >>> names(WITHIN_ARTICLE | CROSS_SITE)
    ('within-article', 'cross-site')
    """
    return tuple(name for number, name in enumerate(SCOPES) if bits >> number & 1)


def places(
    text: npt.NDArray[np.int32], article: npt.NDArray[np.int32], site: npt.NDArray[np.int64]
) -> Places:
    """Gather the places of each text.

    `text` and `article`, int32[paragraphs], number the text and article of each paragraph; `site`,
    int64[articles], the site of each article. Texts are numbered without gaps.

    >>> places(np.array([0, 1, 0, 0]), np.array([0, 0, 1, 1]), np.array([0, 0])).offsets.tolist()
    [0, 2, 3]
    """
    where = site[article] << 32 | article
    order = sorting(text, site[article], article)
    text, where = text[order], where[order]
    new = firsts(text, where)
    texts = int(text[-1]) + 1 if len(text) else 0
    return Places(where[new], np.searchsorted(text[new], np.arange(texts + 1)))


def meet(pairs: npt.NDArray[np.uint64], where: Places) -> npt.NDArray[np.uint8]:
    """Return the scopes in which each pair (i, j) of texts meets, as bits, uint8[pairs].

    >>> where = places(np.array([0, 1]), np.array([0, 1]), np.array([0, 0]))
    >>> names(int(meet(np.array([1], np.uint64), where)[0]))
    ('within-site',)
    """
    found: npt.NDArray[np.uint8] = _meet(pairs, where.places, where.offsets)
    return found


@helper
def _at_least(places, first, last, value):
    """Return the first place from `first` on that is not below a value."""
    while first < last:
        middle = (first + last) // 2
        if places[middle] < value:
            first = middle + 1
        else:
            last = middle
    return first


@kernel("u1[::1](u8[::1], i8[::1], i8[::1])")
def _meet(pairs, places, offsets):
    out = np.zeros(len(pairs), np.uint8)
    for row in range(len(pairs)):
        a = left(pairs[row])
        b = right(pairs[row])
        if offsets[a + 1] - offsets[a] > offsets[b + 1] - offsets[b]:
            a, b = b, a  # walk the shorter list, search the longer
        first, last = offsets[b], offsets[b + 1]
        bits = 0
        for i in range(offsets[a], offsets[a + 1]):
            site = places[i] >> 32
            low = _at_least(places, first, last, site << 32)
            high = _at_least(places, low, last, (site + 1) << 32)
            same = _at_least(places, low, high, places[i])
            here = np.int64(same < high and places[same] == places[i])
            if here:
                bits |= WITHIN_ARTICLE
            if high - low > here:
                bits |= WITHIN_SITE
            if high - low < last - first:
                bits |= CROSS_SITE
            if bits == WITHIN_ARTICLE | WITHIN_SITE | CROSS_SITE:
                break
        out[row] = bits
    return out
