"""Pairs compared by blocks share what they share when they are compared together."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_spark_blocks import rows_of, texts, worked

from dedup.engines import blocks, kept_texts, matching
from dedup.match.common_phrases import PhraseCounts
from dedup.match.near_duplicates import Near
from dedup.match.verify import compared
from dedup.settings import Settings
from dedup.text.shingle import shingle

pa = pytest.importorskip("pyarrow")


@settings(deadline=None, max_examples=30)
@given(
    st.lists(st.lists(st.integers(1, 5), min_size=1, max_size=14), min_size=2, max_size=20),
    st.sampled_from([1, 3, 100]),
    st.data(),
)
def test_pairs_by_blocks_are_compared_as_on_one_machine(
    tmp_path_factory: pytest.TempPathFactory,
    lines: list[list[int]],
    size: int,
    data: st.DataObject,
) -> None:
    numbers = st.integers(0, len(lines) - 1)
    some = data.draw(st.sets(st.tuples(numbers, numbers).filter(lambda p: p[0] < p[1]), min_size=1))
    pairs = np.array(sorted(i << 32 | j for i, j in some), np.uint64)
    of, wanted = texts(lines), Settings(shingle=2, threads=1)
    slots = np.random.default_rng(1).integers(0, 40, 1 << 10).astype(np.uint16)
    sets = shingle(of, wanted.shingle)
    expected = compared(pairs, Near.none(), of, sets, PhraseCounts(slots, 0.5), wanted)
    place = tmp_path_factory.mktemp("phrases") / "slots.npy"
    np.save(place, slots)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kept_texts, "BLOCK", size)
        sent = rows_of(blocks.routed(pairs))
        work = partial(matching.measured, slots=str(place), share=0.5, settings=wanted)
        table = pa.Table.from_pylist(worked(of, sent, work))
    found = matching.read(table)
    np.testing.assert_array_equal(found.blocks.tokens, expected.blocks.tokens)
    np.testing.assert_array_equal(found.blocks.offsets, expected.blocks.offsets)
    columns = zip(
        (found.jaccard, found.containment, found.blocks.longest, found.blocks.covered),
        (expected.jaccard, expected.containment, expected.blocks.longest, expected.blocks.covered),
        strict=True,
    )
    for column, same in (*columns, *zip(found.features, expected.features, strict=True)):
        np.testing.assert_array_equal(column, same)
