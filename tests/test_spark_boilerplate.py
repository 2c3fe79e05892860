"""Boilerplate that is found near the texts, by site and group of pages, is that of one machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prose import HERRING, STRIKE, yards
from test_spark_blocks import Rows, bases, rows_of, stored, together

from dedup import Article
from dedup.engines import blocks, boilerplate
from dedup.engines.blocks import ASKED
from dedup.match import boilerplate_families, boilerplate_spans
from dedup.match.boilerplate_families import Alike, Looks, Pages, family_boilerplate, sampled
from dedup.match.boilerplate_spans import Standing, find_boilerplate
from dedup.progress import Silent
from dedup.text.arrays import TextArrays
from dedup.text.corpus import Corpus, collapse

pa = pytest.importorskip("pyarrow")

SIGN_UP = "Sign up here to receive our free newsletter with the latest news and more in your inbox."
FORM = "Get our {} newsletter. Sign up to receive the top stories you need to know right now."


def newspapers() -> Corpus:
    """Pages of four sites: forms on some, lines inside leads, and news that all have."""
    bodies = yards(5, 120, 40)
    articles = []
    for number in range(40):
        parts = [body.capitalize() + "." for body in bodies[3 * number : 3 * number + 3]]
        site = number % 4
        if site < 2 and number % 3:  # inside a paragraph of news, on two sites
            parts[1] = f"{parts[1]} {SIGN_UP} {parts[2]}"
        if site == 2:
            parts.insert(number % 3, FORM.format(bodies[number].split()[0]))
        if number % 5 == 0:
            parts.append(HERRING if number % 2 else STRIKE)
        articles.append(Article(f"{site}/{number:02}", "\n\n".join(parts), site=f"paper{site}"))
    return collapse(sorted(articles, key=lambda one: one.id), 1, Silent())


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return newspapers()


def sites(corpus: Corpus) -> npt.NDArray[np.int64]:
    names = [article.site or "" for article in corpus.articles]
    return np.unique(names, return_inverse=True)[1]


def grouped(of: TextArrays, asked: Rows, work: Callable[[Any], Iterator[Any]]) -> Rows:
    """What a function makes of groups and the texts that they ask for, without Spark."""
    held = rows_of(blocks.in_blocks(stored(of, 3), bases(of, 3)))
    needed = held + [row for row in asked if row["kind"] == ASKED]
    answers = rows_of(blocks.answering(together(needed, "block", "kind")))
    own = [row for row in asked if row["kind"] != ASKED]
    return rows_of(work(together(answers + own, "block", "kind")))


def arrays(rows: Rows, kinds: dict[str, Any]) -> list[npt.NDArray[Any]]:
    return [
        np.concatenate([np.zeros(0, kind), *(np.frombuffer(row[name], kind) for row in rows)])
        for name, kind in kinds.items()
    ]


@pytest.mark.parametrize(
    ("unit", "block", "tasks"), [(1, 7, 4), (100, 1, 2), (100_000, 100_000, 1)]
)
def test_what_is_marked_site_by_site_is_what_is_marked_at_once(
    corpus: Corpus,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    unit: int,
    block: int,
    tasks: int,
) -> None:
    monkeypatch.setattr(boilerplate, "UNIT", unit)
    monkeypatch.setattr(blocks, "BLOCK", block)
    place = tmp_path / "spelling.npy"
    np.save(place, boilerplate_spans.spelt(corpus.texts))
    parts: list[int] = []

    def marking(own: Standing, texts: TextArrays, _workers: int) -> boilerplate_spans.Marked:
        rows = grouped(
            texts,
            rows_of(boilerplate._by_site(own)),
            lambda batches: boilerplate.marking(batches, str(place)),
        )
        parts.append(len(rows))
        return boilerplate._merged(*arrays(rows, boilerplate._MARKED))

    site, known = sites(corpus), np.zeros(len(corpus.first), bool)
    expected = find_boilerplate(corpus, site, known)
    found = find_boilerplate(corpus, site, known, marking=marking)
    assert len(expected.spans.texts) > 3
    for column, same in zip(found.spans, expected.spans, strict=True):
        np.testing.assert_array_equal(column, same)
    np.testing.assert_array_equal(found.texts, expected.texts)
    np.testing.assert_array_equal(found.words, expected.words)
    assert parts == [tasks]


def test_what_a_site_has_depends_on_no_other_site(corpus: Corpus) -> None:
    site, known = sites(corpus), np.zeros(len(corpus.first), bool)
    whole = find_boilerplate(corpus, site, known).spans
    alone = [find_boilerplate(corpus, np.where(site == one, one, -1), known) for one in range(4)]
    parts = [np.stack(found.spans) for found in alone]
    np.testing.assert_array_equal(
        np.unique(np.concatenate(parts, axis=1), axis=1), np.unique(np.stack(whole), axis=1)
    )


@pytest.mark.parametrize("unit", [1, 20, 100_000])
def test_pages_have_in_common_by_groups_what_they_have_at_once(
    corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unit: int
) -> None:
    monkeypatch.setattr(boilerplate, "UNIT", unit)
    seen: list[npt.NDArray[np.float64]] = []

    def in_common(asked: Alike, pages: Pages, texts: TextArrays) -> npt.NDArray[np.float64]:
        counts = boilerplate_families.pages_with(pages.bounds, pages.text, texts)
        rarity = boilerplate_families.rarities(counts, len(pages.bounds) - 1)
        np.save(tmp_path / "rarity.npy", rarity)
        rows = grouped(
            texts,
            rows_of(boilerplate._by_pages(sampled(asked), pages)),
            lambda batches: boilerplate.compared(batches, str(tmp_path / "rarity.npy")),
        )
        groups, shares = arrays(rows, boilerplate._COMMON)
        expected = boilerplate_families.in_common(asked, pages, texts)
        np.testing.assert_array_equal(shares[np.argsort(groups)], expected)
        seen.append(expected)
        return expected

    family = np.arange(len(corpus.first), dtype=np.int32)
    forms = [row for row in range(len(family)) if "top stories" in written(corpus, row)]
    family[forms] = forms[0]
    known = np.zeros(len(family), bool)
    looks = Looks(boilerplate_families.written, in_common)
    found = family_boilerplate(corpus, family, sites(corpus), known, looks)
    np.testing.assert_array_equal(found, family_boilerplate(corpus, family, sites(corpus), known))
    assert found[forms].all()
    assert len(seen[0]) > 1


def written(corpus: Corpus, text: int) -> str:
    return corpus.written(int(corpus.first[text]))


def test_pages_are_counted_as_articles_come(corpus: Corpus) -> None:
    bounds = np.searchsorted(corpus.article, np.arange(len(corpus.articles) + 1))
    expected = boilerplate_families.pages_with(bounds, corpus.text, corpus.texts)
    lists = []
    for low, high in pairwise(bounds.tolist()):
        some = [
            corpus.texts.take(corpus.text[row : row + 1].astype(np.int64))
            for row in range(low, high)
        ]
        lists.append([one.tokens.tobytes() for one in some])
    batches = [
        pa.RecordBatch.from_pydict({"tokens": pa.array(some, pa.list_(pa.binary()))})
        for some in (lists[:7], [], lists[7:])
    ]
    (row,) = rows_of(boilerplate.counting(iter(batches)))
    np.testing.assert_array_equal(np.frombuffer(row["pages"], np.int32), expected)


def test_texts_are_measured_one_by_one(corpus: Corpus) -> None:
    held = blocks.in_blocks(stored(corpus.texts, 3), bases(corpus.texts, 3))
    rows = rows_of(boilerplate.looking(held))
    numbers, words, sizes, *seen = arrays(rows, boilerplate._LOOKS)
    np.testing.assert_array_equal(sizes[np.argsort(numbers)], corpus.texts.sizes)
    np.testing.assert_array_equal(words[np.argsort(numbers)], corpus.words())
    for column, same in zip(seen, boilerplate_families.written(numbers, corpus.texts), strict=True):
        np.testing.assert_array_equal(column, same)
    spelling = sum(arrays([row], {"spelling": np.int32})[0] for row in rows if row["spelling"])
    np.testing.assert_array_equal(spelling, boilerplate_spans.spelt(corpus.texts).ravel())


@given(st.lists(st.integers(2, 400), min_size=1, max_size=6))
def test_of_sampled_pages_the_same_ones_are_compared(sizes: list[int]) -> None:
    starts = np.append(0, np.cumsum(sizes))
    asked = Alike(np.arange(starts[-1]), starts, np.arange(len(sizes), dtype=np.int32))
    once = sampled(asked)
    for column, same in zip(sampled(once), once, strict=True):
        np.testing.assert_array_equal(column, same)
    for group, size in enumerate(sizes):
        own = once.pages[once.starts[group] : once.starts[group + 1]] - starts[group]
        step = max(1, (size - 1) // boilerplate_families.SAMPLE)
        assert own.tolist() == [*range(0, size - step, step), own[-1]]
        assert own[-1] - own[-2] == step
