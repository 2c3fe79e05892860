"""Work on pairs by blocks is work on all of them, however texts are parted into blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup._jit.pairs import ends
from dedup.engines import blocks
from dedup.engines import near as near_stage
from dedup.engines.blocks import ASKED, COUNTS, HUBS, PAIRS
from dedup.engines.encode import binaries, joined
from dedup.match.lsh import HotBuckets
from dedup.match.near_duplicates import Near, near, past_hubs
from dedup.progress import Silent
from dedup.settings import Settings
from dedup.text.arrays import TextArrays
from dedup.text.shingle import shingle

pa = pytest.importorskip("pyarrow")
Rows = list[dict[str, Any]]


def rows_of(batches: Iterator[Any]) -> Rows:
    return [row for batch in batches for row in batch.to_pylist()]


def together(rows: Rows, *keys: str) -> Iterator[Any]:
    """What a shuffle does: rows with equal keys come one after another."""
    ordered = sorted(rows, key=lambda row: [row[key] for key in keys])
    for row in ordered:  # one a batch, which is as many as there can be
        yield pa.RecordBatch.from_pylist([row])


def texts(lines: list[list[int]]) -> TextArrays:
    tokens = np.array([token for line in lines for token in line], np.uint32) * 2
    offsets = np.append(0, np.cumsum([len(line) for line in lines])).astype(np.int64)
    return TextArrays.of(tokens, offsets)


def stored(of: TextArrays, files: int) -> Iterator[Any]:
    """The texts as rows of several files."""
    for rows in np.array_split(np.arange(len(of.sizes)), files):
        part = of.take(rows)
        columns = {
            "tokens": binaries(part.tokens, 4 * part.offsets),
            "flags": binaries(part.flags, part.offsets),
            "file": [f"f{rows[0] if len(rows) else 0}"] * len(rows),
            "row": np.arange(len(rows)),
        }
        yield pa.RecordBatch.from_pydict(columns)


def bases(of: TextArrays, files: int) -> dict[str, int]:
    firsts = [rows[0] for rows in np.array_split(np.arange(len(of.sizes)), files) if len(rows)]
    return {f"f{first}": int(first) for first in firsts}


def worked(of: TextArrays, asked: Rows, work: Callable[[blocks.Part], Any], files: int) -> Rows:
    """What `blocks.with_texts` does, without Spark."""
    held = rows_of(blocks.in_blocks(stored(of, files), bases(of, files)))
    needed = held + [row for row in asked if row["kind"] == ASKED]
    answers = rows_of(blocks.answering(together(needed, "block", "kind")))
    pairs = [row for row in asked if row["kind"] == PAIRS]
    return rows_of(blocks.working(together(answers + pairs, "block", "kind"), work))


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.lists(st.integers(1, 6), min_size=1, max_size=12), min_size=1, max_size=40),
    st.sampled_from([1, 3, 100]),
    st.integers(1, 4),
    st.integers(1, 3),
)
def test_near_pairs_by_blocks_are_those_of_one_machine(
    lines: list[list[int]], size: int, files: int, parts: int
) -> None:
    of, wanted = texts(lines), Settings(bucket=2, threshold=0.5, brief=0, threads=1)
    sets = shingle(of, wanted.shingle)
    expected, hot = near(sets, of.words(), wanted, Silent())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "BLOCK", size)
        held = blocks.in_blocks(stored(of, files), bases(of, files))
        banded = rows_of(near_stage.banded(held, parts, wanted))
        found = near_stage.paired(together(banded, "band", "part"), wanted.bucket)
        asked = rows_of(blocks.asking(together(rows_of(found), "block", "kind")))
        made = worked(of, asked, partial(near_stage.confirmed, settings=wanted), files)
    every = Near(
        *(
            np.concatenate([np.zeros(0, kind), *(np.frombuffer(row[name], kind) for row in made)])
            for name, kind in (
                ("pairs", np.uint64),
                ("jaccard", np.float32),
                ("containment", np.float32),
            )
        )
    )
    is_hub = np.zeros(len(lines), np.bool_)
    for row in asked:
        if row["kind"] == HUBS:
            is_hub[np.frombuffer(row["numbers"], np.int64)] = True
    every = past_hubs(every.take(np.argsort(every.pairs)), is_hub)
    for column, same in zip(every, expected, strict=True):
        np.testing.assert_array_equal(column, same)
    counts = [np.frombuffer(row["numbers"], np.int64) for row in asked if row["kind"] == COUNTS]
    total = HotBuckets()
    for one in counts:
        total += HotBuckets(*one.tolist())
    assert total == hot


@pytest.mark.parametrize("size", [1, 2, 5, 100])
def test_a_block_gets_the_texts_of_its_pairs_and_no_others(
    monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(blocks, "BLOCK", size)
    of = texts([[n, n + 1, n + 2][: n % 3 + 1] for n in range(11)])
    pairs = np.array([0 << 32 | 7, 2 << 32 | 3, 2 << 32 | 10, 9 << 32 | 10], np.uint64)
    asked = rows_of(blocks.asking(together(rows_of(blocks.routed(pairs)), "block", "kind")))
    seen: list[npt.NDArray[np.uint64]] = []

    def look(part: blocks.Part) -> blocks.Made:
        known = part.known(part.pairs)
        assert set(part.numbers.tolist()) == {int(end) for side in ends(known) for end in side}
        for here, number in enumerate(part.numbers.tolist()):
            one, same = part.texts.take(np.array([here])), of.take(np.array([number]))
            np.testing.assert_array_equal(one.tokens, same.tokens)
        seen.append(known)
        return {}

    worked(of, asked, look, 2)
    np.testing.assert_array_equal(np.sort(np.concatenate(seen)), pairs)


def test_bytes_of_rows_come_back_from_slices_too() -> None:
    values = np.arange(10, dtype=np.uint32)
    column = binaries(values, 4 * np.array([0, 3, 3, 10]))
    found, offsets = joined(pa.chunked_array([column.slice(1, 1), column.slice(2)]), np.uint32)
    assert found.tolist() == [3, 4, 5, 6, 7, 8, 9]
    assert offsets.tolist() == [0, 0, 7]
