"""A search for near pairs that knows those of the last one finds what one of everything finds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dedup.index.kept_measures import decoded, encoded, stamp
from dedup.match import kept_near, near_duplicates
from dedup.match.kept_near import NearPairs, near_again
from dedup.match.memory import Memory, Remembered
from dedup.match.near_duplicates import Near, near
from dedup.progress import Silent
from dedup.settings import Settings
from dedup.text.arrays import TextArrays
from dedup.text.shingle import shingle

POOL = 80


def pool(seed: int) -> list[list[int]]:
    """Texts of a few families; some are too short for a shingle."""
    rng = np.random.default_rng(seed)
    heads = [rng.integers(2, 5000, rng.integers(1, 40)).tolist() for _ in range(6)]
    texts = []
    for _ in range(POOL):
        words = list(heads[int(rng.integers(6) * rng.random())])
        for _ in range(rng.integers(0, 4)):
            words[int(rng.integers(len(words)))] = int(rng.integers(2, 5000))
        texts.append(words)
    return texts


def arrays(texts: list[list[int]], rows: list[int]) -> TextArrays:
    """Some texts."""
    tokens = 2 * np.array([word for row in rows for word in texts[row]], np.uint32)
    sizes = [len(texts[row]) for row in rows]
    return TextArrays.of(tokens, np.append(0, np.cumsum(sizes, dtype=np.int64)))


rounds = st.lists(
    st.tuples(st.sets(st.integers(0, POOL - 1), min_size=1), st.integers(0, POOL)),
    min_size=2,
    max_size=5,
)
"""Of each search the texts, and the number they begin with."""


@settings(deadline=None, max_examples=80, suppress_health_check=list(HealthCheck))
@given(
    seed=st.integers(0, 20),
    rounds=rounds,
    grows=st.booleans(),
    bucket=st.sampled_from([2, 3, 8, 64]),
    threads=st.sampled_from([1, 2]),
    most=st.sampled_from([1, 32]),
    at_once=st.sampled_from([4, 1 << 20]),
)
def test_searches_one_after_another_find_what_a_search_of_everything_finds(
    seed: int,
    rounds: list[tuple[set[int], int]],
    grows: bool,
    bucket: int,
    threads: int,
    most: int,
    at_once: int,
) -> None:
    texts, left, had = pool(seed), Remembered.none(), set[int]()
    chosen = Settings(bucket=bucket, threads=threads)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kept_near, "MOST", most)
        patch.setattr(near_duplicates, "_FRESH", at_once)
        for some, begin in rounds:
            had = had | some if grows else some
            rows = sorted(had, key=lambda row: (row - begin) % POOL)
            now = arrays(texts, rows)
            sets, words = shingle(now, chosen.shingle), now.words()
            memory = Memory(left)
            memory.recognise_keys(np.array([[row, row] for row in rows], np.uint64))
            found, hot = memory.near(sets, words, chosen, Silent())
            expected, other = near(sets, words, chosen, Silent())
            for one, two in zip(found, expected, strict=True):
                np.testing.assert_array_equal(one, two)
            assert hot == other
            # As if the other stages had kept nothing.
            data = memory.near_pairs, memory.keys
            left = Remembered.none()._replace(near=data[0], keys=data[1])


def test_only_texts_that_came_are_sketched_and_few_pairs_compared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    texts, chosen = pool(1), Settings()
    now = arrays(texts, list(range(POOL)))
    sets, words = shingle(now, chosen.shingle), now.words()
    rows = np.full(POOL, -1, np.int64)
    _, left = near_again(sets, words, chosen, Silent(), rows, NearPairs.none())
    compared: list[int] = []
    shared = near_duplicates.shared

    def counted(pairs: np.ndarray, *rest: Any) -> Any:
        compared.append(len(pairs))
        return shared(pairs, *rest)

    monkeypatch.setattr(near_duplicates, "shared", counted)
    found, again = near_again(sets, words, chosen, Silent(), np.arange(POOL), left)
    assert sum(compared) == 0
    assert len(found.pairs.pairs) == len(left.pairs) > POOL
    for one, two in zip(again, left, strict=True):
        np.testing.assert_array_equal(one, two)


def test_what_is_kept_is_read_back_as_it_was() -> None:
    chosen, texts = Settings(), pool(2)
    now = arrays(texts, list(range(POOL)))
    memory = Memory(Remembered.none())
    keys = np.arange(2 * POOL, dtype=np.uint64).reshape(POOL, 2)
    memory.recognise_keys(keys)
    memory.near(shingle(now, chosen.shingle), now.words(), chosen, Silent())
    memory.recognise(now, 1)
    memory.tally(np.zeros(POOL, np.bool_), np.zeros(16, np.uint8), lambda rows, table: None)
    memory.propose(np.zeros(len(now.tokens), np.uint8), 1, lambda near: [], lambda pairs: pairs > 0)
    made_by = stamp(chosen)
    left = decoded(encoded(memory.after, made_by), made_by).near
    assert len(left.pairs) > 0
    for one, two in zip(left, memory.near_pairs, strict=True):
        np.testing.assert_array_equal(one, two)


PAIRS = NearPairs(
    np.zeros((3, 2), np.uint32), np.array([1, 1 << 32 | 2], np.uint64), *np.ones((2, 2), np.float32)
)


@pytest.mark.parametrize(
    "wrong",
    [
        PAIRS._replace(keys=PAIRS.keys[:2]),
        PAIRS._replace(keys=PAIRS.keys.astype(np.int32)),
        PAIRS._replace(keys=PAIRS.keys[:, 0]),
        PAIRS._replace(pairs=PAIRS.pairs[::-1]),
        PAIRS._replace(pairs=PAIRS.pairs + np.uint64(1)),
        PAIRS._replace(jaccard=PAIRS.jaccard[:1]),
        PAIRS._replace(containment=PAIRS.containment.astype(np.float64)),
        PAIRS._replace(keys=np.zeros((0, 0), np.uint32)),
    ],
)
def test_near_pairs_that_do_not_fit_together_are_nothing(wrong: NearPairs) -> None:
    assert PAIRS.is_whole(3)
    assert NearPairs.none().is_whole(3)
    assert not wrong.is_whole(3)


def test_from_so_many_pairs_a_text_on_nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = Settings()
    now = arrays([list(range(2, 42))] * 3, [0, 1, 2])  # three pairs of three texts
    rows, sets = np.full(3, -1, np.int64), shingle(now, chosen.shingle)
    for most, kept in ((1, 3), (0, 0)):
        monkeypatch.setattr(kept_near, "MOST", most)
        found, left = near_again(sets, now.words(), chosen, Silent(), rows, NearPairs.none())
        assert (len(found.pairs.pairs), len(left.pairs)) == (3, kept)
    assert isinstance(found.pairs, Near)
