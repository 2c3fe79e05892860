"""Pairs compared word by word on Spark: by block, near their texts, as `verify.compared` does."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from dedup.engines import blocks
from dedup.engines.blocks import Made, Part
from dedup.engines.encode import joined
from dedup.engines.near import settings_of_a_task
from dedup.engines.stages import Stages
from dedup.match.align import Blocks
from dedup.match.common_phrases import PhraseCounts
from dedup.match.near_duplicates import Near
from dedup.match.pair_features import PairFeatures
from dedup.match.verify import Compared, compared
from dedup.settings import Settings
from dedup.text.arrays import TextArrays
from dedup.text.shingle import Sets, shingle

if TYPE_CHECKING:
    import pyarrow as pa

FLAGGED, PHRASES = "flagged", "phrases"
"""A stage: texts as they are compared. And a file: how common runs of words are."""
MATCHING, COMPARED = "matching", "compared"
"""Stages: pairs that may match, and what they share."""

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
        stages.put(MATCHING, blocks.routed(pairs))
        slots = stages.array(PHRASES)
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
