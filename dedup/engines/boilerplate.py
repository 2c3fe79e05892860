"""Boilerplate on Spark: what looks at words does it near the texts, by site or group of pages.

Which texts stand where is known in the driver, as numbers; the rules that need no words run there.
The functions are those of `dedup.match.boilerplate_families` and `dedup.match.boilerplate_spans`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dedup._jit.pairs import sorting
from dedup.engines import blocks
from dedup.engines.blocks import MORE, OWN
from dedup.engines.encode import joined
from dedup.engines.load import ARTICLES, TEXTS
from dedup.engines.stages import Stages
from dedup.match import boilerplate_families, boilerplate_spans
from dedup.match.boilerplate_families import (
    SLOTS,
    Alike,
    Looks,
    Pages,
    Written,
    pages_with,
    rarities,
    sampled,
)
from dedup.match.boilerplate_spans import SPELLINGS, Marked, Standing, spelt
from dedup.text.arrays import TextArrays, stretches

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame

LOOKS = "looks"
"""A stage: how each text is written, its length, and how the corpus writes words."""
PAGES, ASKING, COMMON = "pages", "subjects", "in-common"
"""Stages: how many pages hold each word, groups of pages, and what these have in common."""
SITES, MARKED = "sites", "marked"
"""Stages: what stands on the pages of sites, and what is marked there."""

UNIT = 1 << 14
"""Paragraphs from which on sites, or groups of pages, are enough for a task. Higher makes fewer
tasks' turns, and takes more memory; a site is in one whole, and takes 1 kB a paragraph."""

_LOOKS: dict[str, Any] = {
    "numbers": np.int64,
    "words": np.int32,
    "sizes": np.int32,
    "style": np.float64,
    "is_news": np.bool_,
    "is_name": np.bool_,
}
_MARKED: dict[str, Any] = {
    "numbers": np.int64,
    "sizes": np.int64,
    "tokens": np.uint8,
    "marks": np.bool_,
}
_COMMON: dict[str, Any] = {"groups": np.int64, "shares": np.float64}

_Batches = Iterable["pa.RecordBatch"]


# -- how texts are written ------------------------------------------------------------------------


def look(stages: Stages) -> DataFrame:
    """Return the rows of the stage `LOOKS`: some of texts, and a table of words a task."""
    texts = blocks.texts(stages, TEXTS)
    return texts.mapInArrow(looking, blocks.schema_of([*_LOOKS, "spelling"]))


def looking(batches: _Batches) -> Iterator[pa.RecordBatch]:
    """Measure texts one by one, and count how they write words."""
    total = np.zeros((2, SPELLINGS), np.int32)
    none = {name: np.zeros(0, kind) for name, kind in _LOOKS.items()}
    for numbers, texts in blocks.texts_of(batches):
        seen = boilerplate_families.written(np.arange(len(numbers)), texts)
        total += spelt(texts)
        lengths = {"words": texts.words(), "sizes": texts.sizes.astype(np.int32)}
        measured = {"numbers": numbers, **lengths, **seen._asdict()}
        yield blocks.made_row({**measured, "spelling": np.zeros(0, np.int32)})
    yield blocks.made_row({**none, "spelling": total})


def words(stages: Stages) -> npt.NDArray[np.int32]:
    """Return the length of each text in words, int32[texts]."""
    return _measured(stages, "words")


def sizes(stages: Stages) -> npt.NDArray[np.int64]:
    """Return the tokens of each text, int64[texts]."""
    return _measured(stages, "sizes").astype(np.int64)


def _measured(stages: Stages, name: str) -> npt.NDArray[np.int32]:
    kinds = {"numbers": _LOOKS["numbers"], name: _LOOKS[name]}
    numbers, found = blocks.read(stages, LOOKS, kinds)
    out = np.empty(len(numbers), np.int32)
    out[numbers] = found
    return out


def _spelling(stages: Stages) -> npt.NDArray[np.int32]:
    return _summed(stages, LOOKS, "spelling", SPELLINGS * 2).reshape(2, SPELLINGS)


def _summed(stages: Stages, name: str, column: str, size: int) -> npt.NDArray[np.int32]:
    """Add up the tables in a column of a stage, int32[size], one at a time."""
    total = np.zeros(size, np.int32)
    for batch in stages.batches(name, [column], 1):
        counts, _ = joined(_chunked(batch.column(column)), np.int32)
        if len(counts):
            total += counts
    return total


def looks(stages: Stages) -> Looks:
    """Return what looks at the words of boilerplate in executors."""
    return Looks(partial(_written, stages), partial(_in_common, stages))


def _written(stages: Stages, rows: npt.NDArray[np.int64], _texts: TextArrays) -> Written:
    numbers, _, _, *seen = blocks.read(stages, LOOKS, _LOOKS)
    where = np.empty(len(numbers), np.int64)
    where[numbers] = np.arange(len(numbers))
    return Written(*(column[where[rows]] for column in seen))


# -- what pages have in common --------------------------------------------------------------------


def _in_common(
    stages: Stages, asked: Alike, pages: Pages, _texts: TextArrays
) -> npt.NDArray[np.float64]:
    found = np.zeros(len(asked.family), np.float64)
    if not len(found):
        return found
    if not stages.is_done(COMMON):
        stages.make(PAGES, lambda: _counted(stages))
        rarity = rarities(_summed(stages, PAGES, "pages", SLOTS), len(pages.bounds) - 1)
        stages.put(ASKING, _by_pages(sampled(asked), pages))
        work = partial(compared, rarity=str(stages.put_array("rarity", rarity)))
        frame = blocks.texts(stages, TEXTS)
        stages.make(
            COMMON,
            lambda: blocks.together(stages, ASKING, frame).mapInArrow(
                work, blocks.schema_of(_COMMON)
            ),
        )
    groups, shares = blocks.read(stages, COMMON, _COMMON)
    found[groups] = shares
    return found


def _counted(stages: Stages) -> DataFrame:
    rows = stages.frame(ARTICLES).where("id is not null").select("tokens")
    return rows.mapInArrow(counting, "pages binary")


def counting(batches: _Batches) -> Iterator[pa.RecordBatch]:
    """Count the pages that hold each word, of articles that have their paragraphs' tokens."""
    total = np.zeros(SLOTS, np.int32)
    for batch in batches:
        if not batch.num_rows:
            continue
        lists = batch.column("tokens")
        tokens, offsets = joined(_chunked(lists.flatten()), np.uint32)
        counts = lists.value_lengths().to_numpy(zero_copy_only=False)
        bounds = np.append(0, np.cumsum(counts, dtype=np.int64))
        every = np.arange(len(offsets) - 1, dtype=np.int32)
        total += pages_with(bounds, every, TextArrays.of(tokens, offsets))
    yield blocks.made_row({"pages": total})


def _chunked(column: pa.Array) -> pa.ChunkedArray:
    import pyarrow as pa

    return pa.chunked_array([column])


def _by_pages(asked: Alike, pages: Pages) -> Iterator[pa.RecordBatch]:
    """Send groups of pages, some at a time, with what stands on each page."""
    sizes = np.diff(pages.bounds)
    rows = np.append(0, np.cumsum(sizes[asked.pages]))[asked.starts]
    cuts = np.searchsorted(rows, np.arange(0, rows[-1], UNIT))
    cuts = np.unique(np.append(cuts, len(asked.family)))
    for unit, (low, high) in enumerate(zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True)):
        starts = asked.starts[low : high + 1]
        own, local = np.unique(asked.pages[starts[0] : starts[-1]], return_inverse=True)
        places, bounds = stretches(pages.bounds[:-1][own], sizes[own])
        texts = pages.text[places].astype(np.int64)
        groups = np.arange(low, high), starts - starts[0], asked.family[low:high]
        yield blocks.message(unit, OWN, local.astype(np.int64), *groups)
        standing = texts, bounds, pages.family[texts], pages.aside[texts]
        yield blocks.message(unit, MORE, *standing)
        yield from blocks.needing(unit, np.unique(texts))


def compared(batches: _Batches, rarity: str) -> Iterator[pa.RecordBatch]:
    """Compare the pages of groups; the file `rarity` has what words are worth."""
    worth = np.load(rarity)
    for group in blocks.groups(batches):
        local, numbers, starts = (
            group.array(OWN, name, np.int64) for name in ("numbers", "sizes", "tokens")
        )
        text = group.local(group.array(MORE, "numbers", np.int64))
        bounds = group.array(MORE, "sizes", np.int64)
        families, aside = (
            group.array(MORE, "tokens", np.int32),
            group.array(MORE, "flags", np.bool_),
        )
        of, is_aside = np.zeros(len(group.numbers), np.int32), np.zeros(len(group.numbers), bool)
        of[text], is_aside[text] = families, aside
        pages = Pages(bounds, text.astype(np.int32), of, is_aside, np.zeros_like(of))
        asked = Alike(local, starts, group.array(OWN, "flags", np.int32))
        shares = boilerplate_families.in_common(asked, pages, group.texts, worth)
        yield blocks.made_row({"groups": numbers, "shares": shares})


# -- what is marked on sites ----------------------------------------------------------------------


def mark(stages: Stages, own: Standing, _texts: TextArrays, _workers: int) -> Marked:
    """Mark the boilerplate spans of sites, as `boilerplate_spans.mark` does."""
    if not stages.is_done(MARKED) and len(own.text):
        stages.put(SITES, _by_site(own))
        work = partial(marking, spelling=str(stages.put_array("spelling", _spelling(stages))))
        frame = blocks.texts(stages, TEXTS)
        stages.make(
            MARKED,
            lambda: blocks.together(stages, SITES, frame).mapInArrow(
                work, blocks.schema_of(_MARKED)
            ),
        )
    if not len(own.text):
        return _merged(*(np.zeros(0, kind) for kind in _MARKED.values()))
    return _merged(*blocks.read(stages, MARKED, _MARKED))


def _by_site(own: Standing) -> Iterator[pa.RecordBatch]:
    """Send what stands on the pages of each site, some sites at a time."""
    rows = np.bincount(own.site)
    unit = ((np.cumsum(rows) - rows) // UNIT)[own.site]
    order = sorting(unit)
    units, first = np.unique(unit[order], return_index=True)
    for number, some in zip(units.tolist(), np.split(order, first[1:]), strict=True):
        yield blocks.message(number, OWN, *(column[some] for column in own))
        yield from blocks.needing(number, np.unique(own.text[some]))


def marking(batches: _Batches, spelling: str) -> Iterator[pa.RecordBatch]:
    """Mark the spans of sites; the file `spelling` has how the corpus writes words."""
    written = np.load(spelling)
    for group in blocks.groups(batches):
        article, text, site = (
            group.array(OWN, name, np.int64) for name in ("numbers", "sizes", "tokens")
        )
        page = np.unique(article, return_inverse=True)[1]
        own = Standing(page.astype(np.int64), group.local(text), site)
        found = boilerplate_spans.mark(own, group.texts, 1, written)
        yield blocks.made_row(
            {
                "numbers": group.numbers[found.numbers],
                "sizes": found.texts.sizes,
                "tokens": (found.texts.tokens & 1).astype(np.uint8),
                "marks": found.marks,
            }
        )


def _merged(
    numbers: npt.NDArray[np.int64],
    sizes: npt.NDArray[np.int64],
    solo: npt.NDArray[np.uint8],
    marks: npt.NDArray[np.bool_],
) -> Marked:
    """Put together what is marked of each text on one site or another."""
    every, first, where = np.unique(numbers, return_index=True, return_inverse=True)
    offsets = np.append(0, np.cumsum(sizes[first])).astype(np.int64)
    places, _ = stretches(offsets[:-1][where], sizes)
    tokens, marked = np.zeros(offsets[-1], np.uint32), np.zeros(offsets[-1], np.bool_)
    tokens[places] = solo
    marked[places[marks]] = True
    return Marked(every, TextArrays.of(tokens, offsets), marked)
