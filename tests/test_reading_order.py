"""Which clusters to read first: the arrays of a scan give what the lines of its folder give."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dedup
from dedup.output import reader, reading_order
from dedup.output.protocol import words
from dedup.output.reading_order import ClusterCounts, first_to_read, most_of_one_story

SAMPLES = Path("samples")


@pytest.mark.parametrize("sample", ["newsroom", "told-twice"])
@pytest.mark.parametrize("limit", [1, 4, 1000])
def test_a_scan_ranks_its_clusters_as_its_folder_does(
    tmp_path: Path, sample: str, limit: int
) -> None:
    result = dedup.scan(SAMPLES / sample)
    result.write(tmp_path / "out")
    assert result.scanned.largest(limit) == reader.largest(tmp_path / "out", limit)


TEXTS = ("", "rain", "rain again", "台风今晚登陆", "a b c d e f g", "one long word: " + "x" * 40)
COUNTS = st.tuples(
    st.booleans(), *(st.integers(low, 4) for low in (0, 1, 1, 1)), st.sampled_from(TEXTS)
)


@given(st.lists(COUNTS, max_size=30), st.integers(1, 8))
def test_few_texts_are_counted_and_the_first_are_found(
    rows: list[tuple[bool, int, int, int, int, str]], limit: int
) -> None:
    columns = [np.array([row[n] for row in rows], np.int64) for n in range(1, 5)]
    found = ClusterCounts(np.array([row[0] for row in rows], np.bool_), *columns)
    longest = np.array([len(row[5]) for row in rows], np.int64)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading_order, "_AT_ONCE", 2)
        first = first_to_read(found, longest, lambda some: [rows[n][5] for n in some], limit)
    ranks = [ClusterCounts(*row[:5]).rank(words(row[5])) for row in rows]
    assert first == sorted(range(len(rows)), key=ranks.__getitem__, reverse=True)[:limit]


def test_a_text_that_cannot_come_first_is_not_counted() -> None:
    sizes = np.arange(1000, 0, -1)
    found = ClusterCounts(np.zeros(1000, np.int64), np.zeros(1000, np.int64), sizes, sizes, sizes)
    asked = list[int]()

    def texts(some: np.ndarray[tuple[int], np.dtype[np.int64]]) -> list[str]:
        asked.extend(some.tolist())
        return ["a b"] * len(some)

    assert first_to_read(found, np.full(1000, 3), texts, 3) == [0, 1, 2]
    assert len(asked) < 1000


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5)), max_size=20),
    st.lists(st.integers(-1, 2), min_size=6, max_size=6),
)
def test_each_article_of_a_cluster_counts_once_in_its_story(
    places: list[tuple[int, int]], story: list[int]
) -> None:
    cluster, article = np.array(places, np.int64).reshape(-1, 2).T
    found = most_of_one_story(cluster, article, np.array(story), 4)
    for number, most in enumerate(found.tolist()):
        told = [story[one] for one in {a for c, a in places if c == number} if story[one] >= 0]
        assert most == max(map(told.count, told), default=0)
