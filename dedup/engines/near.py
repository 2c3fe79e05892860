"""Near pairs on Spark: buckets of each band by a shuffle, then the exact comparison by block."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dedup._jit.pairs import pack
from dedup._jit.radix import sort
from dedup.engines import blocks, kept_texts
from dedup.engines.blocks import COUNTS, HUBS, MESSAGE, Made, Part
from dedup.engines.kept_texts import KeptTexts
from dedup.engines.load import TEXTS
from dedup.engines.stages import Stages
from dedup.match import lsh
from dedup.match.lsh import HotBuckets
from dedup.match.near_duplicates import Near, confirm, past_hubs
from dedup.match.signatures import band_keys
from dedup.progress import Progress, Silent
from dedup.settings import Settings
from dedup.text.shingle import Sets, shingle

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame

NEAR = "near"
"""The stage that is finished here."""

PART_TEXTS = 1 << 20
"""Texts whose keys of one band are sorted together, about: the buckets of a band are parted by
their keys. Higher takes more memory in a task, 16 bytes a text, and makes fewer rows."""

BANDED = "band int, part int, packed binary"
_NEAR: dict[str, Any] = {
    "pairs": np.uint64,
    "jaccard": np.float32,
    "containment": np.float32,
    "counts": np.int64,
    "hubs": np.int64,
}
_TOLD = (("counts", COUNTS), ("hubs", HUBS))

_PAIRS_AT_ONCE = 1 << 20  # pairs of a hot bucket that are sent on together

_Batches = Iterable["pa.RecordBatch"]


def near(
    stages: Stages,
    _sets: Sets,
    words: npt.NDArray[np.int32],
    settings: Settings,
    progress: Progress,
) -> tuple[Near, HotBuckets]:
    """Find the near pairs among the texts of the stage `texts`, as `near_duplicates.near` does.

    `words`, int32[texts], are their lengths. Executors make sets of the texts that they have.
    """
    progress.stage("compare", None)
    one = settings_of_a_task(settings)
    stages.make(NEAR, lambda: _near(stages, len(words), one))
    *columns, counts, hubs = blocks.read(stages, NEAR, _NEAR)
    every = Near(*columns)
    is_hub = np.zeros(len(words), np.bool_)
    is_hub[hubs] = True
    return past_hubs(every.take(np.argsort(every.pairs)), is_hub), hot(counts)


def settings_of_a_task(settings: Settings) -> Settings:
    """Return the settings for work in an executor, which has one thread a task."""
    return replace(settings, threads=1)


def _near(stages: Stages, texts: int, settings: Settings) -> DataFrame:
    of, parts = stages.texts(TEXTS), max(1, texts // PART_TEXTS)
    keys = blocks.every(stages, texts).mapInArrow(
        partial(banded, of=of, parts=parts, settings=settings), BANDED
    )
    bands, _ = lsh.shape(settings.threshold, settings.num_perm, settings.recall)
    buckets = keys.repartition(stages.tasks(bands * parts), "band", "part")
    together = buckets.sortWithinPartitions("band", "part")
    found = together.mapInArrow(partial(paired, bucket=settings.bucket), MESSAGE)
    work = partial(confirming, of=of, settings=settings)
    pairs = blocks.shuffled(stages, kept_texts.blocks_of(texts), found)
    return pairs.mapInArrow(work, blocks.schema_of(_NEAR))


def banded(
    batches: _Batches, of: KeptTexts, parts: int, settings: Settings
) -> Iterator[pa.RecordBatch]:
    """Send the band keys of texts, key << 32 | text, to where the buckets of a part meet."""
    import pyarrow as pa

    for numbers, texts in blocks.texts_of(batches, of):
        sets = shingle(texts, settings.shingle)
        filled = np.diff(sets.offsets) > 0
        keys = band_keys(sets, settings, Silent())[filled]
        rows: list[tuple[int, int, bytes]] = []
        for band in range(keys.shape[1]):
            packed = pack(keys[:, band], numbers[filled])
            where = keys[:, band] % np.uint32(parts)
            rows += ((band, part, packed[where == part].tobytes()) for part in range(parts))
        columns = zip(*rows, strict=True)
        kinds = pa.int32(), pa.int32(), pa.binary()
        yield pa.RecordBatch.from_arrays(
            [pa.array(column, kind) for column, kind in zip(columns, kinds, strict=True)],
            names=["band", "part", "packed"],
        )


def paired(batches: _Batches, bucket: int) -> Iterator[pa.RecordBatch]:
    """Pair the texts of each bucket, and say what hot ones leave out."""
    for band, packed in buckets(batches):
        met = lsh.pairs_of_buckets(packed, band, bucket)
        for low in range(0, len(met.pairs), _PAIRS_AT_ONCE):
            yield from blocks.routed(met.pairs[low : low + _PAIRS_AT_ONCE])
        counts = np.array([met.hot.buckets, met.hot.largest, met.hot.uncompared])
        yield blocks.message(-1, COUNTS, counts)
        yield blocks.message(-1, HUBS, met.hubs.astype(np.int64))


def buckets(batches: _Batches) -> Iterator[tuple[int, npt.NDArray[np.uint64]]]:
    """Yield each part of a band, its pairs ordered; its rows come together."""
    at, found = (-1, -1), list[npt.NDArray[np.uint64]]()
    for batch in batches:
        columns = (batch.column(name).to_pylist() for name in ("band", "part", "packed"))
        for band, part, packed in zip(*columns, strict=True):
            if (band, part) != at and found:
                every, found = np.concatenate(found), []  # rows go before the sort needs room
                yield at[0], sort(every)
            at = band, part
            found.append(np.frombuffer(packed, np.uint64))
    if found:
        every, found = np.concatenate(found), []
        yield at[0], sort(every)


def confirming(batches: _Batches, of: KeptTexts, settings: Settings) -> Iterator[pa.RecordBatch]:
    """Compare the pairs of each block, and pass on what was told of buckets."""
    none = {name: np.zeros(0, kind) for name, kind in _NEAR.items()}
    for block, rows in blocks.by_block(batches):
        if block < 0:
            told = {name: blocks.array(rows, kind, "numbers", np.int64) for name, kind in _TOLD}
            yield blocks.made_row({**none, **told})
        else:
            part = blocks.part_of(rows, of, blocks.texts_of_pairs)
            yield blocks.made_row({**none, **confirmed(part, settings)})


def confirmed(part: Part, settings: Settings) -> Made:
    """Return which pairs of a part are near, by the numbers of the corpus."""
    sets = shingle(part.texts, settings.shingle)
    found = confirm(part.pairs, sets, part.texts.words(), settings)
    return {**found._asdict(), "pairs": part.known(found.pairs)}


def hot(counts: npt.NDArray[np.int64]) -> HotBuckets:
    """Add up what hot buckets leave out: three counts for each part of them."""
    total = HotBuckets()
    for one in counts.reshape(-1, 3).tolist():
        total += HotBuckets(*one)
    return total
