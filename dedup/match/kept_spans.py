"""Which spans an earlier run marked, so that the next one looks only at sites that changed.

What is marked on a site depends on the texts of its pages, on which of them stand on which page,
and on nothing else of the corpus but on which words it mostly writes small. So where a site is as
it was, and no word that may begin a headline there is written otherwise now, its marks are too.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup._jit.kernels import kernel
from dedup._jit.pairs import firsts, lefts, once, pack, sorting, starts
from dedup.match.boilerplate_spans import (
    SPELLINGS,
    Marked,
    Standing,
    mark,
    marked_texts,
    slot_of_word,
    spans_of,
    spelt,
)
from dedup.text.arrays import TextArrays, stretches
from dedup.text.corpus import rearranged
from dedup.text.ngram_hash import mixed
from dedup.text.token_flags import CAPITAL, COMMON, NUMBER

_SEEDS = np.array([0xA4093822299F31D0, 0x082EFA98EC4E6C89], np.uint64)  # digits of pi


class SiteSpans(NamedTuple):
    """What one run leaves to the next, site after site."""

    sites: npt.NDArray[np.uint64]
    """uint64[sites, 2]: what each site is known by."""
    offsets: npt.NDArray[np.int64]
    """int64[sites + 1]: where the spans of each begin."""
    spans: npt.NDArray[np.int32]
    """int32[spans, 3]: which text of its site, in order, and the first token and one past the last,
    counted in that text."""
    small: npt.NDArray[np.uint8]
    """uint8[SPELLINGS / 8]: a bit for each slot whose words are mostly written small; or none."""

    @classmethod
    def none(cls) -> SiteSpans:
        """Return what is left where nothing was marked.

        >>> SiteSpans.none().is_whole()
        True
        """
        return cls(
            np.zeros((0, 2), np.uint64),
            np.zeros(1, np.int64),
            np.zeros((0, 3), np.int32),
            np.zeros(0, np.uint8),
        )

    def is_whole(self) -> bool:
        """Tell whether the arrays fit together."""
        shapes = (
            (self.sites, np.uint64, (len(self.sites), 2)),
            (self.offsets, np.int64, (len(self.sites) + 1,)),
            (self.spans, np.int32, (len(self.spans), 3)),
            (self.small, np.uint8, (SPELLINGS // 8 if len(self.sites) else len(self.small),)),
        )
        return (
            all(some.dtype == kind and some.shape == shape for some, kind, shape in shapes)
            and self.offsets[0] == 0
            and self.offsets[-1] == len(self.spans)
            and bool((np.diff(self.offsets) >= 0).all())
            and bool((self.spans >= 0).all())
            and bool((self.spans[:, 1] < self.spans[:, 2]).all())
        )


class _Places(NamedTuple):
    """Texts on sites, each once a site, site after site."""

    texts: npt.NDArray[np.int64]
    """int64[places]: ascending within a site."""
    of: npt.NDArray[np.int64]
    """int64[rows]: the place of each row of what stands on the sites."""
    bounds: npt.NDArray[np.int64]
    """int64[sites + 1]: where the places of each site begin, of sites that have any."""

    @classmethod
    def made(cls, own: Standing) -> _Places:
        """Take what stands on the sites."""
        order = sorting(own.site, own.text)
        new = firsts(own.site[order], own.text[order])
        of = np.empty(len(order), np.int64)
        of[order] = np.cumsum(new) - 1
        return cls(own.text[order[new]], of, starts(own.site[order[new]]))


def mark_again(
    own: Standing, texts: TextArrays, workers: int, before: SiteSpans
) -> tuple[Marked, SiteSpans]:
    """Do as `dedup.match.boilerplate_spans.mark` does, and return what the next run may take over.

    `own` has all sites of the corpus, and `texts` all texts.
    """
    marked = np.zeros(len(texts.tokens), np.bool_)
    if not len(own.text):
        return marked_texts(texts, marked), SiteSpans.none()
    spelling = spelt(texts)
    small = np.packbits(spelling[0] > spelling[1], bitorder="little")
    places = _Places.made(own)
    known = _known_by(own, places, texts)
    rows = _unchanged(known, places, texts, small, before)
    spans = _carried(rows, places, texts, before)
    if spans is None:  # what was left is of no use
        rows[:] = -1
        spans = np.zeros((0, 3), np.int64)
    spans = np.concatenate([spans, _fresh(rows < 0, own, places, texts, spelling, workers)])
    spans = spans[np.argsort(spans[:, 0], kind="stable")]
    place, begin, end = spans.T
    marked[stretches(texts.offsets[places.texts[place]] + begin, end - begin)[0]] = True
    offsets = np.searchsorted(place, places.bounds)
    spans[:, 0] -= np.repeat(places.bounds[:-1], np.diff(offsets))
    left = SiteSpans(known, offsets, np.ascontiguousarray(spans, np.int32), small)
    return marked_texts(texts, marked), left


def _known_by(own: Standing, places: _Places, texts: TextArrays) -> npt.NDArray[np.uint64]:
    """Return 128 bits of each site that change with its texts and pages, uint64[sites, 2]."""
    pages = once(pack(own.site, own.article))
    first = np.searchsorted(lefts(pages), own.site)
    page = np.searchsorted(pages, pack(own.site, own.article)) - first
    order = sorting(places.of, page)
    bounds = np.searchsorted(places.of[order], places.bounds)
    found = np.empty((len(bounds) - 1, 2), np.uint64)
    said = pack(
        places.of - places.bounds[np.searchsorted(places.bounds, places.of, "right") - 1], page
    )
    _of_sites(bounds, own.text[order], said[order], *texts, _SEEDS, found)
    return found


def _unchanged(
    known: npt.NDArray[np.uint64],
    places: _Places,
    texts: TextArrays,
    small: npt.NDArray[np.uint8],
    before: SiteSpans,
) -> npt.NDArray[np.int64]:
    """Return the row of each site among those of before, int64[sites]; -1 where it changed."""
    number = {site: row for row, site in enumerate(map(bytes, before.sites))}
    rows = np.array([number.get(site, -1) for site in map(bytes, known)], np.int64)
    if (rows >= 0).any():
        turned = np.zeros(len(texts.sizes), np.bool_)
        _with_headlines(*texts, small ^ before.small, turned)
        rows[np.logical_or.reduceat(turned[places.texts], places.bounds[:-1])] = -1
    return rows


def _carried(
    rows: npt.NDArray[np.int64], places: _Places, texts: TextArrays, before: SiteSpans
) -> npt.NDArray[np.int64] | None:
    """Return the spans of sites that are as they were, as (place, begin, end), int64[spans, 3].

    None where they do not fit into the texts.
    """
    sites = np.flatnonzero(rows >= 0)
    first = before.offsets[rows[sites]]
    counts = before.offsets[rows[sites] + 1] - first
    spans = before.spans[stretches(first, counts)[0]].astype(np.int64)
    if not (spans[:, 0] < np.repeat(np.diff(places.bounds)[sites], counts)).all():
        return None
    spans[:, 0] += np.repeat(places.bounds[sites], counts)
    fit = spans[:, 2] <= texts.sizes[places.texts[spans[:, 0]]]
    return spans if fit.all() else None


def _fresh(
    changed: npt.NDArray[np.bool_],
    own: Standing,
    places: _Places,
    texts: TextArrays,
    spelling: npt.NDArray[np.int32],
    workers: int,
) -> npt.NDArray[np.int64]:
    """Mark the sites that changed, bool[sites]; return spans as `_carried` does.

    Each place is a text of its own there, so that what is marked is known by site.
    """
    is_asked = np.repeat(changed, np.diff(places.bounds))
    chosen = np.flatnonzero(is_asked)
    number = np.cumsum(is_asked) - 1
    rows = np.flatnonzero(is_asked[places.of])
    some = Standing(own.article[rows], number[places.of[rows]], own.site[rows])
    found = mark(some, rearranged(texts, places.texts[chosen]), workers, spelling)
    spans = spans_of(found.texts, found.marks)
    return np.stack([chosen[found.numbers[spans.texts]], spans.begin, spans.end], 1)


@kernel("void(i8[::1], i8[::1], u8[::1], u4[::1], i8[::1], u1[::1], u8[::1], u8[:, ::1])")
def _of_sites(bounds, texts, said, tokens, offsets, flags, seeds, out):
    """Write 128 bits of each site: of its places, their pages and their words, in order."""
    for site in range(len(bounds) - 1):
        high, low = seeds[0], seeds[1]
        last = np.int64(-1)
        for row in range(bounds[site], bounds[site + 1]):
            high, low = mixed(high, said[row]), mixed(low, said[row])
            text = texts[row]
            if text == last:
                continue
            last = text
            for i in range(offsets[text], offsets[text + 1]):
                token = np.uint64(tokens[i]) | np.uint64(flags[i]) << np.uint64(32)
                high, low = mixed(high, token), mixed(low, token)
        out[site, 0], out[site, 1] = high, low


@kernel("void(u4[::1], i8[::1], u1[::1], u1[::1], b1[::1])")
def _with_headlines(tokens, offsets, flags, turned, out):
    """Tell which texts have a word where a headline may begin that is written otherwise now.

    `turned` has a bit for each slot of such words.
    """
    for text in range(len(out)):
        for i in range(offsets[text] + 1, offsets[text + 1]):
            if flags[i] & CAPITAL and not flags[i - 1] & (CAPITAL | COMMON | NUMBER):
                slot = slot_of_word(tokens[i])
                if turned[slot >> 3] >> (slot & 7) & 1:
                    out[text] = True
                    break
