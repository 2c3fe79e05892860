"""What tasks write of articles is what a scan of one machine holds, in however many parts."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from news import FERRY, MILL

from dedup import Article
from dedup._jit.kernels import KERNELS
from dedup.engines import blocks, daemon, load, tables
from dedup.engines.articles import Rows
from dedup.engines.encode import encoded
from dedup.engines.parts import PARAGRAPHS, TEXT, TOKENS, Parts
from dedup.engines.stages import Stages
from dedup.progress import Silent
from dedup.text.corpus import collapse

pa = pytest.importorskip("pyarrow")

LINES = [*FERRY[:4], *MILL[:3], "", "—", "Número 7… ‘Ølberg’ 大雨。", "𝔘 is one character of two."]
ARTICLES = st.lists(
    st.lists(st.sampled_from(LINES), max_size=5).map("\n".join), min_size=1, max_size=9
)


def stage(place: Path) -> Stages:
    spark: Any = None
    return Stages(place, spark, "these")


def written(articles: list[Article], parts: int, stages: Stages) -> None:
    """Write articles as the tasks of so many parts do, with a row that tells something in each."""

    def rows() -> Iterator[Any]:
        for some in np.array_split(np.arange(len(articles)), parts):
            task = Rows()
            batches = [batch for n in some for batch in task.article(articles[n])]
            task.tell({"unmet": {}})
            yield from encoded(iter([*batches, *task.rest()]), stages.parts(load.ARTICLES))

    stages.put(load.ARTICLES, rows())


@settings(deadline=None, max_examples=40)
@given(ARTICLES, st.integers(1, 4), st.integers(1, 2), st.randoms(use_true_random=False))
def test_articles_in_parts_make_the_corpus_that_they_make_at_once(
    tmp_path_factory: pytest.TempPathFactory,
    texts: list[str],
    parts: int,
    at_once: int,
    shuffled: Any,
) -> None:
    articles = [Article(f"{n:02}", text, site="herald") for n, text in enumerate(texts)]
    expected = collapse(articles, 1, Silent())
    stages = stage(tmp_path_factory.mktemp("stages"))
    mixed = list(articles)
    shuffled.shuffle(mixed)
    written(mixed, parts, stages)
    found = load.load(stages)
    assert [article.id for article in found.corpus.articles] == [one.id for one in articles]
    for name in ("article", "paragraph", "start", "end", "text", "first", "key"):
        np.testing.assert_array_equal(getattr(found.corpus, name), getattr(expected, name), name)
    np.testing.assert_array_equal(found.corpus.words(), expected.words())
    every = np.arange(len(expected.text))
    np.testing.assert_array_equal(found.corpus.how_ends(every), expected.how_ends(every))
    part, at, sizes = (np.load(stages.array(name)) for name in load.PLACED)
    held = stages.parts(load.ARTICLES).texts(found.names, part, at, sizes)
    for column, same in zip(held, expected.texts, strict=True):
        np.testing.assert_array_equal(column, same)
    with (
        pytest.MonkeyPatch.context() as patch,
        load.texts_on_disk(stages, found) as worded,
    ):
        patch.setattr(load, "_OPEN", at_once)
        assert [asdict(article) for article in worded] == [asdict(one) for one in articles]
        corpus = found.corpus._replace(articles=worded)
        for row in every.tolist():
            assert corpus.written(row) == expected.written(row)


def test_a_part_of_a_task_that_was_cut_short_is_read_by_nobody(tmp_path: Path) -> None:
    articles = [Article("a", FERRY[0]), Article("b", MILL[0])]
    stages = stage(tmp_path)
    parts = stages.parts(load.ARTICLES)
    with parts.new() as left:
        left.add(TEXT, np.frombuffer(b"half a te", np.uint8))
    written(articles, 1, stages)
    found = load.load(stages)
    assert left.name not in found.names
    assert len(found.corpus.first) == 2


def test_values_of_a_part_are_mapped_as_they_were_added(tmp_path: Path) -> None:
    parts = Parts(str(tmp_path))
    with parts.new() as part:
        assert part.add(TOKENS, np.array([2, 4], np.uint32)) == 0
        assert part.add(TOKENS, np.array([6], np.uint32)) == 2
    assert parts.array(part.name, TOKENS).tolist() == [2, 4, 6]
    assert parts.array(part.name, PARAGRAPHS).tolist() == []


@pytest.mark.parametrize(
    ("pieces", "tasks"),
    [(0, 1), (1, 1), (7, 7), (8, 8), (9, 8), (71, 8), (72, 9), (800, 100)],
)
def test_work_is_parted_into_a_few_tasks_a_core_and_few_pieces_a_task(
    pieces: int, tasks: int
) -> None:
    spark: Any = SimpleNamespace(sparkContext=SimpleNamespace(defaultParallelism=2))
    assert Stages(Path(), spark, "these").tasks(pieces) == tasks


def test_each_batch_that_the_driver_puts_is_read_by_itself(tmp_path: Path) -> None:
    stages = stage(tmp_path)
    pairs = np.array([0 << 32 | 1, 5 << 32 | 9, 2 << 32 | 3], np.uint64)
    stages.put("asked", blocks.routed(pairs, np.array([4, 7, 4])))
    stages.put("asked", iter(()))  # it is finished
    (file,) = stages.files("asked")
    seen: list[list[int]] = []

    def each(groups: Any) -> Iterator[Any]:
        for rows in groups:
            seen.append(blocks.array(rows, blocks.PAIRS, "numbers", np.uint64).tolist())
            yield blocks.made_row({})

    numbers = [pa.RecordBatch.from_pydict({"id": [1]}), pa.RecordBatch.from_pydict({"id": [0]})]
    assert len(list(blocks.on_groups(file, each, numbers))) == 2
    assert seen == [[5 << 32 | 9], [1, 2 << 32 | 3]]


def test_workers_have_the_kernels_that_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gc, "freeze", lambda: None)  # these are the tests of others too
    daemon.prepare()
    assert all(kernel.missing() or kernel._compiled is not None for kernel in KERNELS)
    monkeypatch.setattr(daemon, "import_module", None)  # what fails is left to the workers
    daemon.prepare()


def test_a_table_that_a_task_left_half_written_is_written_again(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    row = {"where": "news.jsonl", "what": "it is empty", "remedy": "delete it", "skipped": True}
    (tmp_path / "problems.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    place = tmp_path / "problems.parquet"
    place.mkdir()
    (place / "part-00000.parquet").write_bytes(b"PAR1")
    (place / "part-00007.parquet").write_bytes(b"PAR1")
    tables.write(tmp_path, tmp_path, "problems")
    assert [file.name for file in place.iterdir()] == ["part-00000.parquet"]
    assert pq.read_table(place).column("where").to_pylist() == ["news.jsonl"]
