"""Families and clusters on Spark: each component of pairs goes whole to a task, with its texts.

What the rules of `dedup.match.cluster` and `dedup.match.near_duplicates` say of a text depends on
what is connected with it and on nothing else. So a task does by them what one machine would do of
all. A component that is too large for one takes the memory of its texts, 9 bytes a token, and 16
bytes a pair; of pairs there are no more than a few a text (see `near_duplicates.past_hubs`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dedup._jit.pairs import lefts
from dedup.engines import blocks, components
from dedup.engines.blocks import Made, Part
from dedup.engines.components import PAIR
from dedup.engines.encode import joined
from dedup.engines.kept_texts import BLOCK
from dedup.engines.load import TEXTS
from dedup.engines.matching import FLAGGED
from dedup.engines.near import NEAR, settings_of_a_task
from dedup.engines.stages import Stages
from dedup.match import cluster, near_duplicates
from dedup.match.near_duplicates import Near, measures, shared
from dedup.settings import Settings
from dedup.text.arrays import TextArrays
from dedup.text.shingle import Sets, shingle

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame

REDUCED = "reduced"
"""A stage, where there are any: texts without boilerplate spans."""
ALIKE, FAMILIES, LISTED = "alike", "families", "listed"
"""Stages: components of near pairs, their families, and what is listed of them without spans."""
VERSIONS, CLUSTERS = "versions", "clusters"
"""Stages: components of versions, and their clusters."""
SIMILAR = "similar"
"""A stage: how similar the members of clusters are to the texts that are kept."""

_SIMILAR: dict[str, Any] = {"pairs": np.uint64, "jaccard": np.float32}
_CENTRES: dict[str, Any] = {"text": np.int64, "centre": np.int64}
_LISTED: dict[str, Any] = {
    "pairs": np.uint64,
    "jaccard": np.float32,
    "containment": np.float32,
    **_CENTRES,
}
_Centres = npt.NDArray[np.int32]


def families(stages: Stages, near: Near, sets: Sets, settings: Settings) -> _Centres:
    """Return the centre of each text's family, as `near_duplicates.families` does.

    Texts are those of the stage `texts`, of which the near pairs were found.
    """
    found = _Rule(stages, FAMILIES, TEXTS, _CENTRES).of(
        near_duplicates.similar(near, settings),
        _alike(stages, sets),
        partial(centred, settings=settings_of_a_task(settings)),
    )
    return _centres(found, len(sets.offsets) - 1)


def listed(
    stages: Stages,
    near: Near,
    changed: npt.NDArray[np.bool_],
    texts: TextArrays,
    sets: Sets,
    settings: Settings,
) -> tuple[Near, _Centres]:
    """List what is near when some texts have changed, as `near_duplicates.listed` does."""
    name = REDUCED if changed.any() else TEXTS
    found = _Rule(stages, LISTED, name, _LISTED).of(
        near.pairs,
        _alike(stages, sets),
        partial(listed_again, settings=settings_of_a_task(settings)),
    )
    every = Near(*(found[column] for column in Near._fields))
    return every.take(np.argsort(every.pairs)), _centres(found, len(texts.sizes))


def clusters(
    stages: Stages, pairs: npt.NDArray[np.uint64], sets: Sets, settings: Settings
) -> _Centres:
    """Return the centre of each text's cluster, as `cluster.cluster` does of versions."""
    texts = len(sets.offsets) - 1
    if not len(pairs):
        return np.arange(texts, dtype=np.int32)
    label = components.labels(
        stages,
        VERSIONS,
        pairs,
        lambda: components.frame(stages, f"{VERSIONS}-pairs", pairs),
        texts,
    )
    work = partial(centred, settings=settings_of_a_task(settings))
    return _centres(_Rule(stages, CLUSTERS, FLAGGED, _CENTRES).of(pairs, label, work), texts)


def alike(
    stages: Stages, settings: Settings, pairs: npt.NDArray[np.uint64]
) -> npt.NDArray[np.float32]:
    """Return how similar pairs of texts, once and ordered, are as they are compared."""
    if not len(pairs):
        return np.zeros(0, np.float32)
    if not stages.is_done(SIMILAR):
        asked = f"{SIMILAR}-asked"
        stages.put(asked, blocks.routed(pairs))
        schema = blocks.schema_of(_SIMILAR)
        work = partial(measured, settings=settings)
        stages.make(SIMILAR, lambda: blocks.with_texts(stages, asked, FLAGGED, work, schema))
    found, jaccard = blocks.read(stages, SIMILAR, _SIMILAR)
    similarity: npt.NDArray[np.float32] = jaccard[np.argsort(found)]
    return similarity


def measured(part: Part, settings: Settings) -> Made:
    """Measure how similar the pairs of a block are."""
    sets = shingle(part.texts, settings.shingle)
    pairs = part.pairs
    return {"pairs": part.items, "jaccard": measures(pairs, shared(pairs, sets), sets)[0]}


class _Rule:
    """A rule that tasks apply to whole components."""

    def __init__(self, stages: Stages, name: str, texts: str, made: dict[str, Any]) -> None:
        self._stages, self._name, self._texts, self._made = stages, name, texts, made

    def of(
        self,
        pairs: npt.NDArray[np.uint64],
        label: npt.NDArray[np.int32],
        work: Callable[[Part], Made],
    ) -> dict[str, npt.NDArray[Any]]:
        """Return what the rule makes of all pairs, by column; `label` is each text's component."""
        if not len(pairs):
            return {name: np.zeros(0, kind) for name, kind in self._made.items()}
        stages, asked = self._stages, f"{self._name}-asked"
        schema = ", ".join(f"{column} binary" for column in self._made)
        of = components.bundles(label, BLOCK)
        if not stages.is_done(self._name):
            stages.put(asked, blocks.routed(pairs, of[lefts(pairs)]))
        stages.make(self._name, lambda: blocks.with_texts(stages, asked, self._texts, work, schema))
        table = stages.table(self._name, list(self._made))
        return {name: joined(table.column(name), kind)[0] for name, kind in self._made.items()}


def centred(part: Part, settings: Settings) -> Made:
    """Cluster the pairs of whole components."""
    sets = shingle(part.texts, settings.shingle)
    return _made(part, cluster.cluster(part.pairs, sets, settings.chain))


def listed_again(part: Part, settings: Settings) -> Made:
    """Measure the pairs of whole components again, and list those that are near."""
    unmeasured = np.zeros(len(part.pairs), np.float32)
    near = Near(part.pairs, unmeasured, unmeasured)
    every = np.ones(len(part.numbers), np.bool_)
    sets = shingle(part.texts, settings.shingle)
    found, centre = near_duplicates.listed(near, every, part.texts, sets, settings)
    return {**found._asdict(), "pairs": part.known(found.pairs), **_made(part, centre)}


def _made(part: Part, centre: _Centres) -> Made:
    return {"text": part.numbers, "centre": part.numbers[centre]}


def _centres(found: Made, texts: int) -> _Centres:
    centre = np.arange(texts, dtype=np.int32)
    centre[found["text"]] = found["centre"]
    return centre


def _alike(stages: Stages, sets: Sets) -> npt.NDArray[np.int32]:
    """Return the components of near pairs, those that hubs stand for among them, int32[texts]."""

    def pairs() -> DataFrame:
        return stages.frame(NEAR).select("pairs").mapInArrow(unpacked, PAIR)

    (every,) = blocks.read(stages, NEAR, {"pairs": np.uint64})
    return components.labels(stages, ALIKE, every, pairs, len(sets.offsets) - 1)


def unpacked(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Give each pair of rows that hold many a row of its own."""
    import pyarrow as pa

    for batch in batches:
        pairs = joined(pa.chunked_array([batch.column(0)]), np.int64)[0]
        yield pa.RecordBatch.from_arrays([pa.array(pairs)], names=["pair"])
