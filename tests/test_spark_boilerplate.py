"""Boilerplate that is found near the texts, by site and group of pages, is that of one machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prose import HERRING, STRIKE, yards
from test_spark_blocks import Rows, groups, kept, numbers, rows_of

from dedup import Article
from dedup.engines import boilerplate, kept_texts
from dedup.engines.boilerplate import Gathered
from dedup.engines.kept_texts import KeptTexts
from dedup.engines.parts import FLAGS, TOKENS, Parts
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


def grouped(of: TextArrays, rows: Rows, work: Callable[[Any, KeptTexts], Iterator[Any]]) -> Rows:
    """What a function makes of groups and the texts that they need, without Spark."""
    with TemporaryDirectory() as place:
        return rows_of(work(groups(rows), kept(of, Path(place))))


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
    monkeypatch.setattr(kept_texts, "BLOCK", block)
    place = tmp_path / "spelling.npy"
    np.save(place, boilerplate_spans.spelt(corpus.texts))
    parts: list[int] = []

    def marking(own: Standing, texts: TextArrays, _workers: int) -> boilerplate_spans.Marked:
        rows = grouped(
            texts,
            rows_of(boilerplate._by_site(own)),
            lambda some, held: boilerplate.marking(some, str(place), held),
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
            lambda some, held: boilerplate.compared(some, str(tmp_path / "rarity.npy"), held),
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


def parted(of: TextArrays, parts: Parts) -> tuple[list[str], list[npt.NDArray[Any]]]:
    """Write texts to two parts by turns; return the names, and where each text is."""
    names, where = [], [np.zeros(len(of.sizes), np.int64) for _ in range(2)]
    for turn in range(2):
        rows = np.arange(turn, len(of.sizes), 2)
        with parts.new() as part:
            some = of.take(rows)
            part.add(TOKENS, np.zeros(5, np.uint32))
            part.add(FLAGS, np.zeros(5, np.uint8))
            where[1][rows] = part.add(TOKENS, some.tokens) + some.offsets[:-1]
            part.add(FLAGS, some.flags)
        where[0][rows] = turn
        names.append(part.name)
    return names, [where[0].astype(np.int32), where[1], of.sizes.astype(np.int32)]


def test_pages_are_counted_as_articles_come(corpus: Corpus, tmp_path: Path) -> None:
    bounds = np.searchsorted(corpus.article, np.arange(len(corpus.articles) + 1))
    expected = boilerplate_families.pages_with(bounds, corpus.text, corpus.texts)
    stood = corpus.texts.take(corpus.text.astype(np.int64))
    pages = TextArrays(stood.tokens, stood.offsets[bounds], stood.flags)
    names, (part, at, size) = parted(pages, Parts(str(tmp_path)))
    rows = [
        {"part": names[part[n]], "at_token": at[n], "tokens": size[n]} for n in range(len(part))
    ]
    columns = pa.schema([("part", pa.string()), ("at_token", pa.int64()), ("tokens", pa.int32())])
    batches = [pa.RecordBatch.from_pylist(some, columns) for some in (rows[:7], [], rows[7:])]
    (row,) = rows_of(boilerplate.counting(iter(batches), Parts(str(tmp_path))))
    slots, counts = arrays([row], {"slots": np.int32, "counts": np.int32})
    assert slots.tolist() == np.flatnonzero(expected).tolist()
    np.testing.assert_array_equal(counts, expected[slots])


@pytest.mark.parametrize("block", [7, 100_000])
def test_texts_are_written_in_blocks_and_measured_one_by_one(
    corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr(kept_texts, "BLOCK", block)
    parts = Parts(str(tmp_path))
    names, where = parted(corpus.texts, parts)
    files = []
    for name, values in zip("abc", where, strict=True):
        np.save(tmp_path / f"{name}.npy", values)
        files.append(str(tmp_path / f"{name}.npy"))
    held = KeptTexts(str(tmp_path / "blocks"))
    source = Gathered(parts, names, files)
    rows = rows_of(boilerplate.looking(numbers(corpus.texts), source, held))
    every, sizes, *seen = arrays(rows, boilerplate._LOOKS)
    np.testing.assert_array_equal(every, np.arange(len(corpus.first)))
    np.testing.assert_array_equal(sizes, corpus.texts.sizes)
    for column, same in zip(held.take(every), corpus.texts, strict=True):
        np.testing.assert_array_equal(column, same)
    for column, same in zip(seen, boilerplate_families.written(every, corpus.texts), strict=True):
        np.testing.assert_array_equal(column, same)
    spelling = np.zeros(2 * boilerplate_spans.SPELLINGS, np.int32)
    for row in rows:
        slots, counts = arrays([row], {"slots": np.int32, "counts": np.int32})
        spelling[slots] += counts
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
