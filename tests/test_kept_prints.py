"""A search that knows what the last one chose finds what one of everything finds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dedup._jit.pairs import once
from dedup.index.kept_measures import decoded, encoded, stamp
from dedup.match.fingerprints import REACH, SHORT, fingerprints, proposed
from dedup.match.memory import Memory, Remembered
from dedup.match.no_memory import Nothing
from dedup.settings import Settings
from dedup.text.arrays import TextArrays
from dedup.text.token_flags import LINK, PHRASE, QUOTED

POOL, LONGEST = 60, 3 * SHORT
MADE_BY = stamp(Settings())


def pool(seed: int) -> list[tuple[list[int], list[int]]]:
    """Texts, words and flags, put together of few sentences, so that they share runs."""
    rng = np.random.default_rng(seed)
    sentences = [rng.integers(2, 400, rng.integers(3, 20)).tolist() for _ in range(30)]
    texts = []
    for _ in range(POOL):
        words: list[int] = []
        flags: list[int] = []
        for _ in range(rng.integers(1, 7)):
            sentence = sentences[int(rng.integers(30) * rng.random())]
            words += sentence
            flags += [int(rng.choice([0, 0, 0, QUOTED, LINK]))] * len(sentence)
        texts.append((words[:LONGEST], flags[:LONGEST]))
    return texts


def arrays(
    texts: list[tuple[list[int], list[int]]], rows: list[int], phrases: set[int]
) -> TextArrays:
    """Some texts; those that have phrases now have one on their second half."""
    tokens = [word for row in rows for word in texts[row][0]]
    flags = [
        flag | (PHRASE if row in phrases and 2 * k > len(texts[row][1]) else 0)
        for row in rows
        for k, flag in enumerate(texts[row][1])
    ]
    sizes = [len(texts[row][0]) for row in rows]
    offsets = np.append(0, np.cumsum(sizes, dtype=np.int64))
    return TextArrays(2 * np.array(tokens, np.uint32), offsets, np.array(flags, np.uint8))


def searched(
    texts: TextArrays, aside: np.ndarray, bucket: int, workers: int, memory: Nothing | None = None
) -> tuple[list[int], list[int]]:
    """Return the fingerprints of texts and the pairs that these propose."""
    more = (memory,) if memory else ()
    prints = fingerprints(texts, aside, workers, *more)
    found = [np.zeros(0, np.uint64), *proposed(prints, texts, bucket, workers, *more)]
    return prints.tolist(), once(np.concatenate(found)).tolist()


rounds = st.lists(
    st.tuples(
        st.sets(st.integers(0, POOL - 1), min_size=1),
        st.sets(st.integers(0, POOL - 1), max_size=4),
        st.sets(st.integers(0, POOL - 1), max_size=4),
        st.integers(0, POOL),
    ),
    min_size=2,
    max_size=4,
)
"""Of each search the texts, those left out, those with phrases, and the number they begin with."""


@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(
    seed=st.integers(0, 20),
    rounds=rounds,
    grows=st.booleans(),
    bucket=st.sampled_from([2, 4, 64]),
    workers=st.sampled_from([1, 2]),
)
def test_searches_one_after_another_find_what_a_search_of_everything_finds(
    seed: int,
    rounds: list[tuple[set[int], set[int], set[int], int]],
    grows: bool,
    bucket: int,
    workers: int,
) -> None:
    texts, left, had = pool(seed), Remembered.none(), set[int]()
    for some, out, phrases, begin in rounds:
        had = had | some if grows else some
        rows = sorted(had, key=lambda row: (row - begin) % POOL if not grows else row)
        now = arrays(texts, rows, phrases)
        keys = np.array([[row, row] for row in rows], np.uint64)
        aside = np.isin(rows, list(out))
        memory = Memory(left)
        memory.recognise_keys(keys)
        memory.recognise(now, workers)
        found = searched(now, aside, bucket, workers, memory)
        assert found == searched(now, aside, bucket, workers)
        left = decoded(encoded(memory.after, MADE_BY), MADE_BY)
        assert len(left.texts.digests) == len(rows)


@pytest.mark.parametrize("words", [4, SHORT, SHORT + 1, LONGEST, LONGEST + 2 * REACH])
def test_one_text_more_changes_what_is_chosen_of_texts_of_any_length(words: int) -> None:
    own = list(range(2, words + 2))
    texts = [(own, [0] * words), (own[: words // 2 + 2], [0] * (words // 2 + 2))]
    texts += [(own[k:][:6], [0] * len(own[k:][:6])) for k in range(0, words - 3, 5)]
    left = Remembered.none()
    for many in range(1, len(texts) + 1):
        now = arrays(texts, list(range(many)), set())
        keys = np.arange(2 * many, dtype=np.uint64).reshape(many, 2)
        memory = Memory(left)
        memory.recognise_keys(keys)
        memory.recognise(now, 1)
        aside = np.zeros(many, np.bool_)
        assert searched(now, aside, 3, 1, memory) == searched(now, aside, 3, 1)
        left = memory.after


@pytest.mark.parametrize(("changed", "anew"), [(1, False), (2, True)])
def test_where_more_than_a_quarter_changed_all_pairs_are_searched_anew(
    changed: int, anew: bool
) -> None:
    asked: list[object] = []

    def work(near: np.ndarray | None) -> list[np.ndarray]:
        asked.append(near)
        return []

    left = Remembered.none()
    for words in (range(4), range(changed, 4 + changed)):
        now = TextArrays.of(np.array(words, np.uint32), np.arange(5))
        memory = Memory(left)
        memory.recognise_keys(np.zeros((4, 2), np.uint64))
        memory.recognise(now, 1)
        memory.tally(np.zeros(4, np.bool_), np.zeros(16, np.uint8), lambda rows, table: None)
        memory.propose(np.zeros(4, np.uint8), REACH, work, lambda pairs: pairs > 0)
        left = memory.after
    assert (asked[1] is None) is anew
