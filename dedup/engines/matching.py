"""Pairs compared word by word on Spark: by block, near their texts, as `verify.compared` does."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dedup.engines import blocks
from dedup.engines.blocks import Made, Part
from dedup.engines.encode import binaries, joined
from dedup.engines.near import settings_of_a_task
from dedup.engines.stages import Stages
from dedup.match.align import Blocks
from dedup.match.common_phrases import PhraseCounts
from dedup.match.near_duplicates import Near
from dedup.match.pair_features import PairFeatures
from dedup.match.verify import Compared, Passages, compared, worth_verifying
from dedup.settings import Settings
from dedup.text.arrays import TextArrays
from dedup.text.shingle import Sets, shingle

if TYPE_CHECKING:
    import pyarrow as pa

FLAGGED, PHRASES = "flagged", "phrases"
"""What the driver writes: texts as they are compared, and how common runs of words are."""
WEIGHING, WEIGHED = "weighing", "weighed"
"""Stages: pairs that share a fingerprint, and what their shared words are worth."""
MATCHING, COMPARED = "matching", "compared"
"""Stages: pairs that may match, and what they share."""

_WEIGHED: dict[str, Any] = {"pairs": np.uint64, "score": np.float32, "quoted": np.bool_}

_ARRAYS = {
    "pairs": np.uint64,
    "jaccard": np.float32,
    "containment": np.float32,
    "longest_block": np.int32,
    "all_blocks": np.int32,
    "counts": np.int64,
    "tokens": np.int32,
    **dict.fromkeys(PairFeatures._fields, np.float32),
}
"""What is made of each block: an entry a pair, but `tokens`, of which a pair has three times its
entry in `counts`."""
_SCHEMA = ", ".join(f"{name} binary" for name in _ARRAYS)
_ROWS = 1 << 14  # texts that the driver writes at a time


def weigh(
    stages: Stages, pairs: npt.NDArray[np.uint64], texts: TextArrays, settings: Settings
) -> Passages:
    """Keep the pairs whose shared words may make them a match, as `verify.worth_verifying` does."""
    if not len(pairs):
        return worth_verifying(pairs, texts, settings)
    if not stages.is_done(WEIGHED):
        stages.put(WEIGHING, blocks.asking(blocks.routed(pairs)))
        stages.put(FLAGGED, written(texts))
        work = partial(weighed, settings=settings_of_a_task(settings))
        schema = ", ".join(f"{name} binary" for name in _WEIGHED)
        stages.make(WEIGHED, lambda: blocks.with_texts(stages, WEIGHING, FLAGGED, work, schema))
    table = stages.table(WEIGHED, list(_WEIGHED))
    found = Passages(*(joined(table.column(name), kind)[0] for name, kind in _WEIGHED.items()))
    order = np.argsort(found.pairs)
    return Passages(found.pairs[order], found.score[order], found.quoted[order])


def weighed(part: Part, settings: Settings) -> Made:
    """Keep those pairs of a part, by the numbers of the corpus."""
    found = worth_verifying(part.pairs, part.texts, settings)
    return {**found._asdict(), "pairs": part.known(found.pairs)}


def compare(
    stages: Stages,
    pairs: npt.NDArray[np.uint64],
    near: Near,
    texts: TextArrays,
    sets: Sets,
    phrases: PhraseCounts,
    settings: Settings,
) -> Compared:
    """Compare the texts of ordered pairs in executors, as `verify.compared` does."""
    if not len(pairs):
        return compared(pairs, near, texts, sets, phrases, settings)
    if not stages.is_done(COMPARED):
        stages.put(MATCHING, blocks.asking(blocks.routed(pairs)))
        stages.put(FLAGGED, written(texts))
        slots = stages.put_array(PHRASES, phrases.slots)
        one = settings_of_a_task(settings)
        work = partial(measured, slots=str(slots), share=phrases.share, settings=one)
        stages.make(COMPARED, lambda: blocks.with_texts(stages, MATCHING, FLAGGED, work, _SCHEMA))
    return read(stages.table(COMPARED, list(_ARRAYS)))


def measured(part: Part, slots: str, share: float, settings: Settings) -> Made:
    """Compare the pairs of a part; the file `slots` has the counts of phrases."""
    # Pages of the table are read as they are asked for, and all tasks of a machine share them.
    phrases = PhraseCounts(np.asarray(np.load(slots, mmap_mode="c")), share)
    sets = shingle(part.texts, settings.shingle)
    found = compared(part.pairs, Near.none(), part.texts, sets, phrases, settings)
    return {
        "pairs": part.known(part.pairs),
        "jaccard": found.jaccard,
        "containment": found.containment,
        "longest_block": found.blocks.longest,
        "all_blocks": found.blocks.covered,
        "counts": np.diff(found.blocks.offsets),
        "tokens": found.blocks.tokens,
        **found.features._asdict(),
    }


def read(table: pa.Table) -> Compared:
    """Return what was compared, in order of the pairs, from the rows of all blocks."""
    found = {name: joined(table.column(name), kind)[0] for name, kind in _ARRAYS.items()}
    order = np.argsort(found["pairs"])
    offsets = np.append(0, np.cumsum(found["counts"]))
    tokens = found["tokens"].reshape(-1, 3)
    every = Blocks(tokens, offsets, found["longest_block"], found["all_blocks"])
    features = PairFeatures(*(found[name][order] for name in PairFeatures._fields))
    return Compared(
        every.ordered(order), features, found["jaccard"][order], found["containment"][order]
    )


def written(texts: TextArrays) -> Iterator[pa.RecordBatch]:
    """Yield rows as those of the stage `texts`, for other texts."""
    import pyarrow as pa

    count = len(texts.sizes)
    for low in range(0, count, _ROWS):
        some = texts.take(np.arange(low, min(low + _ROWS, count)))
        columns = {
            "tokens": binaries(some.tokens, 4 * some.offsets),
            "flags": binaries(some.flags, some.offsets),
        }
        yield pa.RecordBatch.from_pydict(columns)
