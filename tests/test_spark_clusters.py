"""Clusters of components, each by itself, are those of all texts together."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_components import joined
from test_spark_blocks import Rows, rows_of, texts, worked

from dedup.engines import blocks, clusters, components, kept_texts
from dedup.match import cluster, near_duplicates
from dedup.match.near_duplicates import Near
from dedup.settings import Settings
from dedup.text.shingle import shingle

pytest.importorskip("pyarrow")
LINES = st.lists(st.lists(st.integers(1, 5), min_size=1, max_size=9), min_size=2, max_size=24)
WANTED = Settings(bucket=2, threshold=0.5, chain=0.3, brief=0, shingle=2, threads=1)


def sent_to_bundles(pairs: npt.NDArray[np.uint64], number: int, size: int) -> Rows:
    """The pairs, sent to bundles of so many texts."""
    ends = [(pair >> 32, pair & 0xFFFFFFFF) for pair in pairs.tolist()]
    label = np.array(joined(ends, number), np.int32)
    of = components.bundles(label, size)[(pairs >> np.uint64(32)).astype(np.int64)]
    return rows_of(blocks.routed(pairs, of))


def column(rows: Rows, name: str, kind: Any) -> npt.NDArray[Any]:
    return np.frombuffer(b"".join(row[name] for row in rows), kind)


def centres(rows: Rows, number: int) -> list[int]:
    found = np.arange(number)
    found[column(rows, "text", np.int64)] = column(rows, "centre", np.int64)
    return [int(centre) for centre in found]


@settings(deadline=None, max_examples=40)
@given(LINES, st.sampled_from([1, 4, 100]))
def test_near_pairs_are_listed_and_clustered_as_on_one_machine(
    lines: list[list[int]], size: int
) -> None:
    of, before = texts(lines), texts([line[::-1] for line in lines])  # as they were, and are
    every = [i << 32 | j for i in range(len(lines)) for j in range(i + 1, len(lines))]
    sets = shingle(before, WANTED.shingle)
    near = near_duplicates.confirm(np.array(every, np.uint64), sets, before.words(), WANTED)
    changed = np.ones(len(lines), np.bool_)
    now = shingle(of, WANTED.shingle)
    expected, centre = near_duplicates.listed(near, changed, of, now, WANTED)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kept_texts, "BLOCK", size)
        sent = sent_to_bundles(near.pairs, len(lines), size)
        rows = worked(of, sent, partial(clusters.listed_again, settings=WANTED))
    kinds = np.uint64, np.float32, np.float32
    names = zip(Near._fields, kinds, strict=True)
    found = Near(*(column(rows, name, kind) for name, kind in names))
    for one, same in zip(found.take(np.argsort(found.pairs)), expected, strict=True):
        np.testing.assert_array_equal(one, same)
    assert centres(rows, len(lines)) == centre.tolist()


@settings(deadline=None, max_examples=40)
@given(LINES, st.sampled_from([1, 4, 100]), st.data())
def test_versions_are_clustered_as_on_one_machine(
    lines: list[list[int]], size: int, data: st.DataObject
) -> None:
    numbers = st.integers(0, len(lines) - 1)
    some = data.draw(st.sets(st.tuples(numbers, numbers).filter(lambda p: p[0] < p[1])))
    pairs = np.array(sorted(i << 32 | j for i, j in some), np.uint64)
    of = texts(lines)
    expected = cluster.clusters(pairs, shingle(of, WANTED.shingle), WANTED)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kept_texts, "BLOCK", size)
        sent = sent_to_bundles(pairs, len(lines), size)
        rows = worked(of, sent, partial(clusters.centred, settings=WANTED))
    assert centres(rows, len(lines)) == expected.tolist()
