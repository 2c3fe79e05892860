"""Documents and ids once by runs of rows is what all articles at once give, at any cut."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.engines import once
from dedup.engines.articles import FIELDS, Rows, Summed
from dedup.engines.once import ARTICLE, DOCUMENT, Spool, documents_once, ids_once
from dedup.engines.read import Said
from dedup.errors import Problem
from dedup.metadata import normalise
from dedup.readers.unique_ids import distinct_ids
from dedup.records import Article

pa = pytest.importorskip("pyarrow")
Row = dict[str, Any]

ARTICLES = st.builds(
    Article,
    id=st.sampled_from(["a", "a#2", "a#2#2", "a#x", "b", "b#3"]),
    text=st.sampled_from(["Rain.", "Rain. ", "Sun.", "Wind."]),
    site=st.sampled_from([None, "herald.example", "post.example"]),
    url=st.sampled_from(
        [None, "https://herald.example/1", "https://herald.example/1?utm_source=x"]
    ),
    path=st.sampled_from([None, "a.jsonl", "b.jsonl", "c.jsonl", "d.jsonl", "e.jsonl"]),
    title=st.sampled_from([None, "Weather"]),
)


def shuffled(rows: list[Row], keys: tuple[str, ...], size: int) -> Iterator[Any]:
    """What a shuffle makes of rows, in batches of a size: nulls come first."""
    ordered = sorted(rows, key=lambda row: [(row[key] is not None, row[key] or "") for key in keys])
    kinds = pa.schema([(name, pa.string()) for name in rows[0]])
    for low in range(0, len(ordered), size):
        yield pa.RecordBatch.from_pylist(ordered[low : low + size], kinds)


def told(batches: Any, said: Said) -> list[Row]:
    rows: list[Row] = []
    for batch in batches:
        for row in batch.to_pylist():
            if row["told"] is None:
                rows.append(row)
            else:
                said.hear(json.loads(row["told"]))
    return rows


def on_executors(articles: list[Article], size: int) -> tuple[list[Article], list[str]]:
    made = Rows()
    read = [batch for article in articles for batch in made.article(article)]
    rows = [row for batch in (*read, *made.rest()) for row in batch.to_pylist()]
    said = Said(None, None)
    left = told(documents_once(shuffled(rows, DOCUMENT, size)), said)
    found = told(ids_once(shuffled(left, ARTICLE, size)), said)
    kept = [Article(*(row[name] for name in FIELDS)) for row in found]
    return sorted(kept, key=lambda one: one.id), [str(one) for one in said.problems()]


@settings(deadline=None, max_examples=300)
@given(st.lists(ARTICLES, min_size=1, max_size=25), st.sampled_from([1, 2, 3, 7, 100]))
def test_rows_in_runs_are_told_apart_as_all_articles_are(
    articles: list[Article], size: int
) -> None:
    problems: list[Problem] = []
    plain = distinct_ids(
        normalise.once(articles, lambda n: " ".join(articles[n].text.split()), problems), problems
    )
    found, said = on_executors(articles, size)
    assert found == plain
    assert sorted(said) == sorted(map(str, problems))


def test_texts_under_one_id_wait_on_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    articles = [Article("doc", f"Text {n:05}.") for n in range(3000)]
    articles += [Article("doc#7", "Rain."), Article("doc#8", "Rain."), Article("doc#8", "Sun.")]
    monkeypatch.setattr(once, "Spool", lambda: Spool(most=1000))
    found, said = on_executors(articles, 100)
    assert found == distinct_ids(articles, [])
    assert "3,000 articles have the id 'doc'; all but one got a number, up to" in "".join(said)


def test_of_many_articles_a_few_are_held() -> None:
    summed = Summed("again")
    for number in reversed(range(5000)):
        summed.append(Article(f"a{number:04}", "Rain.", path=f"{number % 9}.jsonl"))
    assert summed.count == 5000
    named = [article.id for article in summed.some()]
    assert named[:4] == ["a0000", "a0001", "a0002", "a0003"]
    assert len(named) < 8


HOT = [
    # rows under one key, how many, articles that are left of them
    ("equal", 20_000, 1),
    ("unlike", 20_000, 20_000),
    ("address", 20_000, 1),
]


@pytest.mark.parametrize(("kind", "count", "left"), HOT)
def test_rows_under_one_key_take_no_memory_of_their_number(
    kind: str, count: int, left: int
) -> None:
    taken, found = hot_rows(kind, count)
    assert found == left
    assert taken < 130, "200 MB of text went through"


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "left"), [("equal", 1), ("unlike", 300_000)])
def test_many_more_rows_under_one_key_take_no_more(kind: str, left: int) -> None:
    taken, found = hot_rows(kind, 300_000)
    assert found == left
    assert taken < 130, "3 GB of text went through"


@pytest.mark.slow
def test_ten_million_texts_with_one_key_of_a_band_are_paired_in_less_than_a_gigabyte() -> None:
    taken, _ = hot_rows("places", 10_000_000)
    assert taken < 850


def hot_rows(kind: str, count: int) -> tuple[int, int]:
    """Megabytes that it took, and what came out."""
    script = str(Path(__file__).with_name("hot_rows.py"))
    ran = subprocess.run(
        [sys.executable, script, kind, str(count)],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": str(Path(once.__file__).parents[2])},
    )
    assert ran.returncode == 0, ran.stderr
    taken, found = map(int, ran.stdout.split())
    return taken, found
