"""Work on pairs by blocks is work on all of them, however texts are parted into blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup._jit.pairs import ends
from dedup.engines import blocks, kept_texts
from dedup.engines import near as near_stage
from dedup.engines.encode import joined
from dedup.engines.kept_texts import KeptTexts, blocks_of
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


def kept(of: TextArrays, place: Path) -> KeptTexts:
    """The texts in blocks, as tasks write them."""
    found = KeptTexts(str(place))
    for block in range(blocks_of(len(of.sizes))):
        low = block * kept_texts.BLOCK
        rows = np.arange(low, min(low + kept_texts.BLOCK, len(of.sizes)))
        found.write(block, of.take(rows))
    return found


def numbers(of: TextArrays) -> Iterator[Any]:
    """A row for each block, a few at a time."""
    for some in np.array_split(np.arange(blocks_of(len(of.sizes))), 2):
        yield pa.RecordBatch.from_pydict({"id": some})


def groups(rows: Rows) -> Iterator[Rows]:
    """The rows of each block, as tasks get what the driver has put."""
    for block in sorted({row["block"] for row in rows}):
        yield [row for row in rows if row["block"] == block]


def worked(
    of: TextArrays,
    rows: Rows,
    work: Callable[[blocks.Part], Any],
    needs: blocks.Needs = blocks.texts_of_pairs,
) -> Rows:
    """What `blocks.with_texts` does, without Spark."""
    with TemporaryDirectory() as place:
        return rows_of(blocks.working(groups(rows), work, kept(of, Path(place)), needs))


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.lists(st.integers(1, 6), min_size=1, max_size=12), min_size=1, max_size=40),
    st.sampled_from([1, 3, 100]),
    st.integers(1, 3),
)
def test_near_pairs_by_blocks_are_those_of_one_machine(
    tmp_path_factory: pytest.TempPathFactory, lines: list[list[int]], size: int, parts: int
) -> None:
    of, wanted = texts(lines), Settings(bucket=2, threshold=0.5, brief=0, threads=1)
    sets = shingle(of, wanted.shingle)
    expected, hot = near(sets, of.words(), wanted, Silent())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kept_texts, "BLOCK", size)
        held = kept(of, tmp_path_factory.mktemp("texts"))
        banded = rows_of(near_stage.banded(numbers(of), held, parts, wanted))
        found = near_stage.paired(together(banded, "band", "part"), wanted.bucket)
        sent = together(rows_of(found), "block", "kind")
        made = rows_of(near_stage.confirming(sent, held, wanted))
    *columns, counts, hubs = (
        np.concatenate([np.frombuffer(row[name], kind) for row in made])
        for name, kind in near_stage._NEAR.items()
    )
    every, is_hub = Near(*columns), np.zeros(len(lines), np.bool_)
    is_hub[hubs] = True
    every = past_hubs(every.take(np.argsort(every.pairs)), is_hub)
    for column, same in zip(every, expected, strict=True):
        np.testing.assert_array_equal(column, same)
    assert near_stage.hot(counts) == hot


@pytest.mark.parametrize("size", [1, 2, 5, 100])
def test_a_block_gets_the_texts_of_its_pairs_and_no_others(
    monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(kept_texts, "BLOCK", size)
    of = texts([[n, n + 1, n + 2][: n % 3 + 1] for n in range(11)])
    pairs = np.array([0 << 32 | 7, 2 << 32 | 3, 2 << 32 | 10, 9 << 32 | 10], np.uint64)
    sent = rows_of(blocks.routed(np.repeat(pairs, 2)))
    seen: list[npt.NDArray[np.uint64]] = []

    def look(part: blocks.Part) -> blocks.Made:
        known = part.known(part.pairs)
        assert set(part.numbers.tolist()) == {int(end) for side in ends(known) for end in side}
        for here, number in enumerate(part.numbers.tolist()):
            one, same = part.texts.take(np.array([here])), of.take(np.array([number]))
            np.testing.assert_array_equal(one.tokens, same.tokens)
        seen.append(known)
        return {}

    worked(of, sent, look)
    np.testing.assert_array_equal(np.sort(np.concatenate(seen)), pairs)


def test_bytes_of_rows_come_back_from_slices_too() -> None:
    values = np.arange(10, dtype=np.uint32)
    rows = [values[low:high].tobytes() for low, high in ((0, 3), (3, 3), (3, 10))]
    column = pa.array(rows, pa.binary())
    found, offsets = joined(pa.chunked_array([column.slice(1, 1), column.slice(2)]), np.uint32)
    assert found.tolist() == [3, 4, 5, 6, 7, 8, 9]
    assert offsets.tolist() == [0, 0, 7]


@settings(deadline=None, max_examples=30)
@given(st.lists(st.lists(st.integers(1, 9), max_size=4), max_size=9), st.data())
def test_kept_texts_come_back_whichever_are_asked_for(
    tmp_path_factory: pytest.TempPathFactory, lines: list[list[int]], data: st.DataObject
) -> None:
    of = texts(lines)
    some = sorted(data.draw(st.sets(st.integers(0, len(lines) - 1)))) if lines else []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kept_texts, "BLOCK", data.draw(st.integers(1, 4)))
        held = kept(of, tmp_path_factory.mktemp("texts"))
        found = held.take(np.array(some, np.int64))
        each = list(blocks.texts_of(numbers(of), held))
    for column, same in zip(found, of.take(np.array(some, np.int64)), strict=True):
        np.testing.assert_array_equal(column, same)
    assert [number for own, _ in each for number in own.tolist()] == list(range(len(lines)))
    np.testing.assert_array_equal(
        np.concatenate([np.zeros(0, np.uint32), *(block.tokens for _, block in each)]), of.tokens
    )


def test_a_block_that_is_written_again_is_whole_at_every_moment(tmp_path: Path) -> None:
    of = texts([[1, 2], [3]])
    held = KeptTexts(str(tmp_path))
    held.write(0, of)
    before = held.block(0)
    held.write(0, texts([[4], [5], [6]]))
    np.testing.assert_array_equal(before.tokens, of.tokens)
    assert held.block(0).sizes.tolist() == [1, 1, 1]
    assert [place.name for place in tmp_path.iterdir()] == ["00000000"]
