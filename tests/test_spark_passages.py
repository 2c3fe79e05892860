"""Phrases are counted and passages found by shuffles as on one machine, whatever the parts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_spark_blocks import kept, numbers, rows_of, together
from test_spark_boilerplate import arrays

from dedup.engines import kept_texts, passages
from dedup.engines.kept_texts import KeptTexts
from dedup.engines.near import hot
from dedup.engines.passages import PHRASES, PRINTS
from dedup.match import boilerplate_spans, common_phrases, fingerprints
from dedup.match.boilerplate_spans import Spans
from dedup.match.evidence import evidence
from dedup.match.fingerprints import PARTS
from dedup.match.verify import search
from dedup.progress import Silent
from dedup.settings import Settings
from dedup.text.arrays import TextArrays
from dedup.text.token_flags import PHRASE, QUOTED

pa = pytest.importorskip("pyarrow")

LINES = st.lists(st.lists(st.integers(1, 5), min_size=1, max_size=30), min_size=2, max_size=20)


def texts(lines: list[list[int]]) -> TextArrays:
    """Runs of five words each, of which some are quoted, so that texts share passages."""
    tokens = [[word * 10 + k for word in line for k in range(5)] for line in lines]
    flat = np.array([token for line in tokens for token in line], np.uint32) * 2
    offsets = np.append(0, np.cumsum([len(line) for line in tokens])).astype(np.int64)
    flags = np.where(flat // 20 % 5 == 4, QUOTED, 0).astype(np.uint8)
    return TextArrays(flat, offsets, flags)


def saved(place: Path, **values: npt.NDArray[Any]) -> list[str]:
    for name, array in values.items():
        np.save(place / f"{name}.npy", array)
    return [str(place / f"{name}.npy") for name in values]


def tables(
    of: TextArrays, counted: npt.NDArray[np.bool_], aside: npt.NDArray[np.bool_], place: Path
) -> list[npt.NDArray[Any]]:
    """Both tables of counts, put together from their parts."""
    slots = common_phrases.table_size(len(of.tokens))
    sizes = slots, fingerprints.slots_for(int(of.sizes[~aside].sum()))
    files = saved(place, sample=counted, aside=aside)
    held = kept(of, place / "texts")
    sent = rows_of(passages.running(numbers(of), held, files, sizes))
    found = [np.zeros(size, kind) for size, kind in zip(sizes, (np.uint16, np.uint8), strict=True)]
    for row in rows_of(passages.counting(together(sent, "slots", "part"), sizes)):
        table, size = found[row["slots"]], sizes[row["slots"]] // PARTS
        values = np.frombuffer(row["packed"], table.dtype)
        table[row["part"] * size : (row["part"] + 1) * size] = values
    return found


@settings(deadline=None, max_examples=20)
@given(LINES, st.sampled_from([1, 3, 100]), st.integers(1, 3), st.integers(2, 5))
def test_passages_are_those_of_one_machine(
    tmp_path_factory: pytest.TempPathFactory,
    lines: list[list[int]],
    size: int,
    parts: int,
    bucket: int,
) -> None:
    place, of = tmp_path_factory.mktemp("tables"), texts(lines)
    wanted = Settings(bucket=bucket, threads=1)
    aside = np.arange(len(lines)) % 7 == 6
    expected = search(of, aside, wanted, Silent())
    near = np.array([0 << 32 | 1], np.uint64)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kept_texts, "BLOCK", size)
        counts = tables(of, aside, aside, place)[PRINTS]
        files = saved(place, aside=aside, prints=counts)
        held = kept(of, place / "flagged")
        sent = rows_of(passages.printing(numbers(of), held, files, parts))
        met = rows_of(passages.meeting(together(sent, "part"), bucket))
        pairs = [pa.RecordBatch.from_pydict({"pairs": [near.tobytes()]})]
        met += rows_of(passages.near_pairs(iter(pairs)))
        made = rows_of(passages.weighing(together(met, "block", "kind"), held, wanted))
    found = dict(zip(passages._WEIGHED, arrays(made, passages._WEIGHED), strict=True))
    order = np.argsort(found["pairs"])
    for name, same in expected.passages._asdict().items():
        np.testing.assert_array_equal(found[name][order], same)
    assert found["weighed"].sum() == expected.weighed
    assert hot(found["counts"]) == expected.hot
    assert found["near"].tolist() == near.tolist()
    proof = evidence(near, of)
    assert (found["near_score"].tolist(), found["near_quoted"].tolist()) == (
        proof.score.tolist(),
        proof.quoted.tolist(),
    )


@pytest.mark.parametrize("least", [2, 100])
def test_common_phrases_are_flagged_as_on_one_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, least: int
) -> None:
    monkeypatch.setattr(common_phrases, "TEXTS", least)
    monkeypatch.setattr(kept_texts, "BLOCK", 7)
    of = texts([[n % 5 + 1, n % 7 + 1, *range(3, 3 + n % 4)] for n in range(40)])
    family = np.where(np.arange(40) % 3 == 2, 0, np.arange(40)).astype(np.int32)
    expected, phrases = common_phrases.flag_common_phrases(of, family)
    sample = common_phrases.sample_of(family)
    slots = tables(of, sample.counted, family < 0, tmp_path)[PHRASES]
    np.testing.assert_array_equal(slots, phrases.slots)
    rough = common_phrases.may_be_common(slots, sample.least)
    files = saved(tmp_path, phrases=slots, rough=rough)
    held, to = kept(of, tmp_path / "before"), KeptTexts(str(tmp_path / "after"))
    told = rows_of(passages.flagging(numbers(of), held, to, files, sample.least))
    assert [row["block"] for row in told] == list(range(6))
    flags = to.take(np.arange(40)).flags
    np.testing.assert_array_equal(flags, expected.flags)
    assert (flags & PHRASE).any() == (least == 2)


def test_spans_are_left_out_block_by_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_texts, "BLOCK", 3)
    of = texts([[1, 2], [3], [4, 5], [1, 3], [2, 2], [5]])
    spans = Spans(*np.array([[0, 3, 3, 4], [2, 0, 7, 4], [5, 2, 9, 9]]))
    expected = boilerplate_spans.reduced(of, spans)
    names = saved(tmp_path, texts=spans.texts, begin=spans.begin, end=spans.end)
    held, to = kept(of, tmp_path / "before"), KeptTexts(str(tmp_path / "after"))
    told = rows_of(passages.reducing(numbers(of), held, to, names))
    assert [row["block"] for row in told] == [0, 1]
    for column, same in zip(to.take(np.arange(6)), expected, strict=True):
        np.testing.assert_array_equal(column, same)
