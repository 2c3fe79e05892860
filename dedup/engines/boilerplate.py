"""Boilerplate on Spark: what looks at words does it near the texts, by site or group of pages.

Which texts stand where is known in the driver, as numbers; the rules that need no words run there.
The functions are those of `dedup.match.boilerplate_families` and `dedup.match.boilerplate_spans`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from dedup._jit.pairs import sorting
from dedup.engines import blocks, kept_texts
from dedup.engines.blocks import MORE, OWN
from dedup.engines.encode import joined
from dedup.engines.kept_texts import KeptTexts
from dedup.engines.load import ARTICLES, PLACED, TEXTS, Loaded
from dedup.engines.parts import Parts
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

PAGES, ASKING, COMMON = "pages", "subjects", "in-common"
"""Stages: how many pages hold each word, groups of pages, and what these have in common."""
SITES, MARKED = "sites", "marked"
"""Stages: what stands on the pages of sites, and what is marked there."""

UNIT = 1 << 14
"""Paragraphs from which on sites, or groups of pages, are enough for a task. Higher makes fewer
tasks' turns, and takes more memory; a site is in one whole, and takes 1 kB a paragraph."""

_LOOKS: dict[str, Any] = {
    "numbers": np.int64,
    "sizes": np.int32,
    "style": np.float64,
    "is_news": np.bool_,
    "is_name": np.bool_,
}
_SPELT = ("slots", "counts")
_MARKED: dict[str, Any] = {
    "numbers": np.int64,
    "sizes": np.int64,
    "tokens": np.uint8,
    "marks": np.bool_,
}
_COMMON: dict[str, Any] = {"groups": np.int64, "shares": np.float64}

_Batches = Iterable["pa.RecordBatch"]


# -- how texts are written ------------------------------------------------------------------------


def look(stages: Stages, loaded: Loaded) -> DataFrame:
    """Write the texts in blocks; return some of each, and how the texts of a block write words."""
    files = [str(stages.array(name)) for name in PLACED]
    gathered = Gathered(stages.parts(ARTICLES), loaded.names, files)
    work = partial(looking, source=gathered, of=stages.texts(TEXTS))
    blocks_ = blocks.every(stages, len(loaded.corpus.first))
    return blocks_.mapInArrow(work, blocks.schema_of([*_LOOKS, *_SPELT]))


class Gathered(NamedTuple):
    """Where the texts of a corpus are before they lie in blocks."""

    parts: Parts
    names: list[str]
    files: list[str]

    def block(self, number: int) -> TextArrays:
        """Return the texts of a block."""
        low = number * kept_texts.BLOCK
        part, first, sizes = (
            np.array(np.load(file, mmap_mode="r")[low : low + kept_texts.BLOCK])
            for file in self.files
        )
        return self.parts.texts(self.names, part, first, sizes)


def looking(batches: _Batches, source: Gathered, of: KeptTexts) -> Iterator[pa.RecordBatch]:
    """Write each block of texts, measure these one by one, and count how they write words."""
    for batch in batches:
        for number in batch.column(0).to_pylist():
            texts = source.block(number)
            of.write(number, texts)
            rows = np.arange(len(texts.sizes))
            seen = boilerplate_families.written(rows, texts)
            counts = spelt(texts).ravel()
            slots = np.flatnonzero(counts).astype(np.int32)
            yield blocks.made_row(
                {
                    "numbers": number * kept_texts.BLOCK + rows,
                    "sizes": texts.sizes.astype(np.int32),
                    **seen._asdict(),
                    "slots": slots,
                    "counts": counts[slots],
                }
            )


def sizes(stages: Stages) -> npt.NDArray[np.int64]:
    """Return the tokens of each text, int64[texts]."""
    found: npt.NDArray[np.int32] = np.load(stages.array(PLACED[-1]))
    return found.astype(np.int64)


def _spelling(stages: Stages) -> npt.NDArray[np.int32]:
    return _summed(stages, TEXTS, SPELLINGS * 2).reshape(2, SPELLINGS)


def _summed(stages: Stages, name: str, size: int) -> npt.NDArray[np.int32]:
    """Add up the counts of a stage, int32[size], of some slots a row."""
    total = np.zeros(size, np.int32)
    for batch in stages.batches(name, list(_SPELT), 1):
        slots, counts = (joined(_chunked(column), np.int32)[0] for column in batch.columns)
        total[slots] += counts  # of a row, each slot stands there once
    return total


def looks(stages: Stages) -> Looks:
    """Return what looks at the words of boilerplate in executors."""
    return Looks(partial(_written, stages), partial(_in_common, stages))


def _written(stages: Stages, rows: npt.NDArray[np.int64], _texts: TextArrays) -> Written:
    numbers, _, *seen = blocks.read(stages, TEXTS, _LOOKS)
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
        rarity = rarities(_summed(stages, PAGES, SLOTS), len(pages.bounds) - 1)
        stages.put(ASKING, _by_pages(sampled(asked), pages))
        file = str(stages.put_array("rarity", rarity))
        work = partial(compared, rarity=file, of=stages.texts(TEXTS))
        stages.make(
            COMMON, lambda: blocks.by_group(stages, ASKING, work, blocks.schema_of(_COMMON))
        )
    groups, shares = blocks.read(stages, COMMON, _COMMON)
    found[groups] = shares
    return found


def _counted(stages: Stages) -> DataFrame:
    rows = stages.frame(ARTICLES).where("id is not null").select("part", "at_token", "tokens")
    work = partial(counting, parts=stages.parts(ARTICLES))
    return rows.mapInArrow(work, blocks.schema_of(_SPELT))


def counting(batches: _Batches, parts: Parts) -> Iterator[pa.RecordBatch]:
    """Count the pages that hold each word, of articles that say where their tokens are."""
    total = np.zeros(SLOTS, np.int32)
    for batch in batches:
        names, part = np.unique(batch.column("part").to_pylist(), return_inverse=True)
        at, size = (batch.column(name).to_numpy() for name in ("at_token", "tokens"))
        if len(names):
            # A word counts once a page, wherever in it: all of an article's words do as one text.
            pages = np.arange(len(part) + 1)
            texts = parts.texts(names.tolist(), part.astype(np.int32), at, size)
            total += pages_with(pages, pages[:-1].astype(np.int32), texts)
    slots = np.flatnonzero(total).astype(np.int32)
    yield blocks.made_row({"slots": slots, "counts": total[slots]})


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
        standing = texts, bounds, pages.family[texts], pages.aside[texts]
        more = blocks.message(unit, MORE, *standing)
        yield blocks.one_group([blocks.message(unit, OWN, local.astype(np.int64), *groups), more])


def compared(groups: Iterable[blocks.Rows], rarity: str, of: KeptTexts) -> Iterator[pa.RecordBatch]:
    """Compare the pages of groups; the file `rarity` has what words are worth."""
    worth = np.load(rarity)
    for rows in groups:
        group = blocks.Group.of(rows, blocks.array(rows, MORE, "numbers", np.int64), of)
        local, numbers, starts = (
            group.array(OWN, name, np.int64) for name in ("numbers", "sizes", "tokens")
        )
        text = group.local(group.array(MORE, "numbers", np.int64))
        bounds = group.array(MORE, "sizes", np.int64)
        families, aside = (
            group.array(MORE, "tokens", np.int32),
            group.array(MORE, "flags", np.bool_),
        )
        family, is_aside = (
            np.zeros(len(group.numbers), np.int32),
            np.zeros(len(group.numbers), bool),
        )
        family[text], is_aside[text] = families, aside
        pages = Pages(bounds, text.astype(np.int32), family, is_aside, np.zeros_like(family))
        asked = Alike(local, starts, group.array(OWN, "flags", np.int32))
        shares = boilerplate_families.in_common(asked, pages, group.texts, worth)
        yield blocks.made_row({"groups": numbers, "shares": shares})


# -- what is marked on sites ----------------------------------------------------------------------


def mark(stages: Stages, own: Standing, _texts: TextArrays, _workers: int) -> Marked:
    """Mark the boilerplate spans of sites, as `boilerplate_spans.mark` does."""
    if not stages.is_done(MARKED) and len(own.text):
        stages.put(SITES, _by_site(own))
        file = str(stages.put_array("spelling", _spelling(stages)))
        work = partial(marking, spelling=file, of=stages.texts(TEXTS))
        stages.make(MARKED, lambda: blocks.by_group(stages, SITES, work, blocks.schema_of(_MARKED)))
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


def marking(
    groups: Iterable[blocks.Rows], spelling: str, of: KeptTexts
) -> Iterator[pa.RecordBatch]:
    """Mark the spans of sites; the file `spelling` has how the corpus writes words."""
    written = np.load(spelling)
    for rows in groups:
        group = blocks.Group.of(rows, blocks.array(rows, OWN, "sizes", np.int64), of)
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
