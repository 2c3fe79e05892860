"""Articles that share words are found and measured by blocks as they are on one machine."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_spark_blocks import Rows, kept, rows_of, together, worked

from dedup import Article
from dedup.engines import blocks, kept_texts, kin
from dedup.engines.bodies import Bodies
from dedup.engines.kin import RECUR
from dedup.progress import Silent
from dedup.settings import Settings
from dedup.stories import kin as plain
from dedup.stories.article_features import DAY, NOTHING
from dedup.stories.distinct_articles import DistinctArticles, distinct_articles
from dedup.stories.overlap import Overlap
from dedup.text.corpus import Corpus, collapse

pytest.importorskip("pyarrow")
Articles = list[list[tuple[int, int]]]
PARAGRAPH = st.tuples(st.integers(0, 9).map(lambda n: 11 * n), st.integers(1, 70))


class Disk:
    """What `Stages.put_array` does, in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put_array(self, name: str, values: npt.NDArray[Any]) -> Path:
        np.save(self.folder / f"{name}.npy", values)
        return self.folder / f"{name}.npy"


def arrays(rows: Rows, kinds: dict[str, Any]) -> dict[str, npt.NDArray[Any]]:
    return {
        name: np.concatenate([np.zeros(0, kind), *(np.frombuffer(row[name], kind) for row in rows)])
        for name, kind in kinds.items()
    }


def counted(of: Corpus, bodies: DistinctArticles, there: Bodies) -> Rows:
    items = np.arange(len(bodies.first), dtype=np.uint64)
    sent = blocks.routed(items, items.astype(np.int64) // kin.BLOCK)
    work = partial(kin.printed, bodies=there)
    return worked(of.texts, rows_of(sent), work, there.texts_of)


def met(rows: Rows, there: Bodies, moments: str, parts: int, bucket: int) -> Rows:
    sent = rows_of(kin.parted(together(rows, "body"), parts))
    under = kin.under_prints(together(sent, "part"), moments, bucket)
    return rows_of(kin.meeting(together(rows_of(under), "block", "kind"), bucket))


def lines(article: list[tuple[int, int]]) -> str:
    """Paragraphs of numbered words: each from a first number on, so many."""
    return "\n".join(
        " ".join(f"{'Name' if n % 5 == 0 else 'w'}{n}" for n in range(first, first + count))
        for first, count in article
    )


@settings(deadline=None, max_examples=40)
@given(
    st.lists(
        st.lists(PARAGRAPH, min_size=1, max_size=3),
        min_size=1,
        max_size=14,
    ),
    st.lists(st.integers(0, 40) | st.none(), min_size=14, max_size=14),
    st.tuples(st.sampled_from([1, 3, 100]), st.sampled_from([1, 2, 100])),
    st.integers(1, 3),
    st.sampled_from([2, 3, 64]),
    st.integers(0, 9),
)
def test_kin_by_blocks_are_those_of_one_machine(
    tmp_path_factory: pytest.TempPathFactory,
    articles: Articles,
    days: list[int | None],
    sizes: tuple[int, int],
    parts: int,
    bucket: int,
    form: int,
) -> None:
    of = collapse([Article(f"{n}", lines(one)) for n, one in enumerate(articles)], 1, Silent())
    number = len(of.first)
    wanted = Settings(bucket=bucket, threads=1)
    whole = distinct_articles(of, np.zeros(number, bool), [NOTHING] * len(articles), 7)
    nothing = np.zeros(len(whole.first), np.int32)
    bodies = whole._replace(grams=nothing, own=nothing, halves=nothing)
    every = [i << 32 | j for i in range(number) for j in range(i + 1, number)]
    formal = np.array([pair for pair in every if (pair % 31) % 10 < form], np.uint64)
    dates = [np.nan if day is None else day * DAY for day in days]
    first = np.array(dates, np.float64)[np.arange(len(whole.first)) % 14]
    disk: Any = Disk(tmp_path_factory.mktemp("stages"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kept_texts, "BLOCK", sizes[0])
        patch.setattr(kin, "BLOCK", sizes[1])
        there = Bodies.written(disk, bodies)
        rows = counted(of, bodies, there)
        found = arrays(rows, kin._PRINTED)
        order = np.argsort(found["body"])
        for name in ("grams", "own", "halves"):
            np.testing.assert_array_equal(found[name][order], getattr(whole, name))
        there = Bodies.written(disk, whole, formal)
        moments = str(disk.put_array("moments", first))
        asked = met(rows, there, moments, parts, bucket)
        recurring = [
            np.frombuffer(row["numbers"], np.int64) for row in asked if row["kind"] == RECUR
        ]
        news = disk.put_array("recurring", np.unique(np.concatenate(recurring)).astype(np.uint32))
        work = partial(kin.measured, bodies=there, recurring=str(news), settings=wanted)
        with TemporaryDirectory() as place:
            held, needs = kept(of.texts, Path(place)), there.texts_of_pairs
            pairs = [row for row in asked if row["block"] >= 0]
            measured = kin.measuring(together(pairs, "block", "kind"), held, work, needs)
            made = kin.looked_up(arrays(rows_of(measured), kin._KIN))
        expected = plain.kin(of, whole, formal, first, wanted)
    for column, same in zip(made.overlap, expected.overlap, strict=True):
        np.testing.assert_array_equal(column, same)
    for tell, same_tell in zip(
        (*made.leads, *made[2:]), (*expected.leads, *expected[2:]), strict=True
    ):
        asked_of = made.overlap
        np.testing.assert_array_equal(tell(asked_of), same_tell(asked_of))


def test_pairs_are_looked_up_in_any_order() -> None:
    told = np.array([True, False, True])
    columns = {name: np.zeros(3, np.float32) for name in Overlap._fields[2:]}
    columns |= dict.fromkeys(kin._TOLD, told)
    found = kin.looked_up({"pairs": np.array([9, 1 << 32 | 3, 4], np.uint64), **columns})
    assert found.overlap.b.tolist() == [4, 9, 3]
    last = found.overlap.take(np.array([2, 0]))
    assert found.is_background(last).tolist() == [False, True]
