"""What a settling leaves for the next one: the same answers with less work, and no more."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_index import CORPUS, answers, real

import dedup
from dedup import Article, Index
from dedup.index.kept_measures import MEASURES, decoded, encoded, stamp
from dedup.match import verify
from dedup.match.kept_near import NearPairs
from dedup.match.kept_prints import Prints
from dedup.match.kept_spans import SiteSpans
from dedup.match.memory import Again, Bodies, Known, Memory, Remembered
from dedup.match.no_memory import Measures
from dedup.result import Result
from dedup.settings import Settings
from dedup.stories import distinct_articles, overlap
from dedup.text.arrays import TextArrays

FOOTER = "Read the Herald every Saturday and call our office in Mill Street for subscriptions"
"""A line of one site, which becomes boilerplate as its articles come."""

NEW = Article("new", "Rain is due in the hills tonight and will last until Sunday.")
ENOUGH = 50
"""Pairs of `CORPUS` that are weighed at least, where nothing is known of them."""


def counting(monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> list[int]:
    """Note how many pairs a function of a module gets, at each turn."""
    counts: list[int] = []
    plain = getattr(module, name)

    def counted(pairs: Any, *rest: Any) -> Any:
        counts.append(len(pairs))
        return plain(pairs, *rest)

    monkeypatch.setattr(module, name, counted)
    return counts


@pytest.fixture
def weighed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many pairs were weighed, at each turn."""
    return counting(monkeypatch, verify, "evidence")


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many pairs of distinct articles were measured, at each turn."""
    return counting(monkeypatch, overlap, "_counts")


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many texts of distinct articles had their runs counted, at each turn."""
    return counting(monkeypatch, distinct_articles, "_count")


def same(one: Result, other: Result) -> None:
    """Every number of two results must be the same, to the bit."""
    for a, b in zip((*one.pairs, *one.blocks), (*other.pairs, *other.blocks), strict=True):
        np.testing.assert_array_equal(a, b)
    assert (one.weighed, one.hot) == (other.weighed, other.hot)
    np.testing.assert_array_equal(one.boilerplate, other.boilerplate)
    np.testing.assert_array_equal(one.ranking.members, other.ranking.members)
    for a, b in zip(one.story_result.overlap, other.story_result.overlap, strict=True):
        np.testing.assert_array_equal(a, b)
    assert answers(one) == answers(other)


def anew(
    articles: Sequence[Article | dict[str, Any]], folder: Path, chosen: Settings | None = None
) -> Result:
    """Settle articles in an index of their own."""
    with Index(folder, chosen) as index:
        index.add_many(articles)
        return index.settle()


def with_footers(articles: Sequence[Article]) -> list[Article]:
    """Half of the articles with a line of the site, so that texts change as more come."""
    return [
        Article(a.id, f"{a.text}\n{FOOTER}" if n % 2 else f"{a.text} {FOOTER}", site=a.site)
        for n, a in enumerate(articles)
    ]


@settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))
@given(
    order=st.permutations(range(len(CORPUS))),
    cuts=st.lists(st.integers(0, len(CORPUS)), min_size=1, max_size=4).map(sorted),
    gone=st.sets(st.integers(0, len(CORPUS) - 1), max_size=6),
    compacts=st.booleans(),
    footers=st.booleans(),
    bucket=st.sampled_from([3, 8, 64]),
)
def test_any_order_with_settlings_in_between_and_removals_gives_the_answers_of_one_scan(
    tmp_path_factory: pytest.TempPathFactory,
    order: list[int],
    cuts: list[int],
    gone: set[int],
    compacts: bool,
    footers: bool,
    bucket: int,
) -> None:
    folder = tmp_path_factory.mktemp("index")
    every = with_footers(CORPUS) if footers else CORPUS
    articles = [every[number] for number in order]
    chosen = Settings(bucket=bucket)
    with Index(folder / "one", chosen) as index:
        index.add(articles[0])
        for low, high in zip([1, *cuts], [*cuts, len(articles)], strict=True):
            index.add_many(articles[low:high])
            index.settle()
        for number in gone:
            index.remove(every[number].id)
        if compacts:
            index.compact()
        found = index.settle()
    kept = [article for article in every if article not in [every[n] for n in gone]]
    same(found, anew(kept, folder / "other", chosen))
    assert answers(found) == answers(dedup.scan(kept, settings=chosen))


@pytest.mark.parametrize("corpus", ["helsinki", "fnc"])
def test_real_news_settled_as_it_comes_gives_the_answers_of_one_settling(
    corpus: str, tmp_path: Path, weighed: list[int]
) -> None:
    articles = real(corpus)[:400]
    random.Random(2).shuffle(articles)
    with Index(tmp_path / "one") as index:
        for low, high in ((0, 300), (300, 390), (390, 400)):
            index.add_many(articles[low:high])
            weighed.clear()
            found = index.settle()
        at_last = sum(weighed)
    weighed.clear()
    same(found, anew(articles, tmp_path / "other"))
    assert at_last < 0.5 * sum(weighed)


def test_one_article_more_has_only_its_own_pairs_weighed_and_measured(
    tmp_path: Path, weighed: list[int], measured: list[int], counted: list[int]
) -> None:
    with Index(tmp_path / "index") as index:
        index.add_many(CORPUS)
        index.settle()
        assert sum(weighed) > ENOUGH
        assert measured[0] > 0
        assert counted[0] > ENOUGH
        weighed.clear()
        measured.clear()
        counted.clear()
        index.add(NEW)
        index.settle()
        assert counted == [1]
        assert (sum(weighed), measured[0]) == (0, 0)  # few are measured later, for one story each


@pytest.mark.parametrize("harm", ["lost", "cut", "noise", "empty", "a link", "a folder"])
def test_measures_that_are_lost_or_damaged_change_no_answer(
    tmp_path: Path, harm: str, weighed: list[int]
) -> None:
    file = tmp_path / "one" / MEASURES
    with Index(tmp_path / "one") as index:
        index.add_many(CORPUS[:-3])
        index.settle()
        data = file.read_bytes()
        file.unlink()
        match harm:
            case "cut":
                file.write_bytes(data[: len(data) // 2])
            case "noise":
                file.write_bytes(random.Random(0).randbytes(len(data)))
            case "empty":
                file.touch()
            case "a link":
                file.symlink_to(tmp_path / "elsewhere")
            case "a folder":
                file.mkdir()
        index.add_many(CORPUS[-3:])
        weighed.clear()
        found = index.settle()
        assert sum(weighed) > ENOUGH
    assert not (tmp_path / "elsewhere").exists()
    same(found, anew(CORPUS, tmp_path / "other"))


@pytest.mark.parametrize("harm", ["stretches outside their texts", "a column less"])
def test_planted_measures_are_not_believed(tmp_path: Path, harm: str) -> None:
    file, made_by = tmp_path / "one" / MEASURES, stamp(Settings())
    with Index(tmp_path / "one") as index:
        index.add_many(CORPUS)
        index.settle()
        held = decoded(file.read_bytes(), made_by)
        compared = held.texts.tables["compared"]
        planted = compared._replace(items=compared.items + np.int32(1 << 20))
        if harm == "a column less":
            planted = compared._replace(columns=compared.columns[1:])
        texts = Known(held.texts.digests, {**held.texts.tables, "compared": planted})
        file.write_bytes(encoded(held._replace(texts=texts), made_by))
        index.add(NEW)
        found = index.settle()
    same(found, anew([*CORPUS, NEW], tmp_path / "other"))


NONE, NEAR, KEYS = SiteSpans.none(), NearPairs.none(), np.zeros((3, 2), np.uint64)
BODIES = Bodies(np.array([0, 2, 1, 0], np.int32), np.array([0, 2, 3, 4]))
PAIRS = np.array([1, 2, 1 << 32 | 2], np.uint64)
GOOD, ITEM = Measures.of(PAIRS, np.arange(3)), np.zeros((1, 3), np.int32)
PRINTS = Prints(
    np.zeros((3, 2), np.uint64),
    np.array([2, 9, 1]),
    np.zeros(3, np.bool_),
    np.zeros(1024, np.uint8),
    np.zeros(12, np.uint8),
)


@pytest.mark.parametrize(
    "wrong",
    [
        GOOD._replace(pairs=PAIRS[::-1].copy()),
        GOOD._replace(pairs=PAIRS.astype(np.int64)),
        GOOD._replace(columns=(np.arange(2),)),
        GOOD._replace(columns=(np.array(["a", "b", "c"]),)),
        GOOD._replace(items=ITEM, offsets=np.array([0, 5, 0, 1])),
        GOOD._replace(items=ITEM, offsets=np.array([0, 0, 0, 9])),
        GOOD._replace(items=np.zeros((1, 2), np.int32), offsets=np.array([0, 0, 0, 1])),
        GOOD._replace(items=ITEM),
    ],
)
def test_arrays_that_do_not_fit_together_are_nothing(wrong: Measures) -> None:
    digests, made_by = np.zeros((3, 2), np.uint64), stamp(Settings())

    def kept(texts: Measures, articles: Measures) -> int:
        known = Known(digests, {"x": texts}), Known(digests, {"x": articles})
        left = Remembered(*known, PRINTS, NONE, NEAR, KEYS, BODIES)
        return len(decoded(encoded(left, made_by), made_by).texts.tables)

    assert kept(GOOD, GOOD) == 1
    assert kept(wrong, GOOD) == 0
    assert kept(GOOD, wrong) == 0


@pytest.mark.parametrize(
    "wrong",
    [
        PRINTS._replace(sizes=np.array([2, 9, -1])),
        PRINTS._replace(sizes=np.array([2, 9, 9])),
        PRINTS._replace(plain=PRINTS.plain[:2]),
        PRINTS._replace(counts=PRINTS.counts[:1000]),
        PRINTS._replace(aside=np.zeros(3, np.uint8)),
        PRINTS._replace(marks=PRINTS.marks[:-1]),
        Prints.none(),
    ],
)
def test_prints_that_do_not_fit_together_or_to_the_texts_are_nothing(wrong: Prints) -> None:
    texts, made_by = Known(np.zeros((3, 2), np.uint64), {}), stamp(Settings())
    for prints, expected in ((PRINTS, 3), (wrong, 0)):
        data = encoded(
            Remembered(texts, Known.none(), prints, NONE, NEAR, KEYS, Bodies.none()), made_by
        )
        assert len(decoded(data, made_by).texts.digests) == expected


@pytest.mark.parametrize(
    "wrong",
    [
        BODIES._replace(texts=np.array([0, 2, 3, 0], np.int32)),
        BODIES._replace(texts=np.array([0, 2, -1, 0], np.int32)),
        BODIES._replace(texts=BODIES.texts.astype(np.int64)),
        BODIES._replace(offsets=np.array([0, 2, 4])),
        BODIES._replace(offsets=np.array([0, 3, 2, 4])),
        BODIES._replace(offsets=np.array([0, 2, 3, 9])),
    ],
)
def test_articles_of_texts_that_are_not_there_are_nothing(wrong: Bodies) -> None:
    digests, made_by = np.zeros((3, 2), np.uint64), stamp(Settings())
    for bodies, expected in ((BODIES, 3), (wrong, 0)):
        known = Known(digests, {}), Known(digests, {})
        data = encoded(Remembered(*known, PRINTS, NONE, NEAR, KEYS, bodies), made_by)
        assert len(decoded(data, made_by).texts.digests) == expected


def test_measures_of_other_settings_are_not_taken_and_threads_make_no_difference() -> None:
    assert stamp(Settings()) == stamp(Settings(threads=3))
    assert stamp(Settings()) != stamp(Settings(shingle=4))
    texts = Known(np.zeros((3, 2), np.uint64), {})
    kept = encoded(
        Remembered(texts, Known.none(), PRINTS, NONE, NEAR, KEYS, Bodies.none()), stamp(Settings())
    )
    assert len(decoded(kept, stamp(Settings())).texts.digests) == 3
    assert len(decoded(kept, stamp(Settings(shingle=4))).texts.digests) == 0


def test_compacting_takes_what_was_measured_of_removed_articles_off_the_disk_and_no_more(
    tmp_path: Path, weighed: list[int]
) -> None:
    file, made_by = tmp_path / "index" / MEASURES, stamp(Settings())
    with Index(tmp_path / "index") as index:
        index.add_many([*CORPUS, NEW])
        index.settle()
        index.compact()
        before = decoded(file.read_bytes(), made_by)
        for gone in (NEW, CORPUS[0]):
            index.remove(gone.id)
        index.compact()
        left = decoded(file.read_bytes(), made_by)
        weighed.clear()
        found = index.settle()
        assert sum(weighed) == 0
        held = set(found.corpus.key[:, 0].tolist())
    assert set(left.keys[:, 0].tolist()) == held < set(before.keys[:, 0].tolist())
    assert 0 < len(left.articles.digests) < len(before.articles.digests)
    for name in left.texts.tables:
        assert 0 < len(left.texts.tables[name].pairs) <= len(before.texts.tables[name].pairs)
    assert not len(left.prints.counts)
    same(found, anew(CORPUS[1:], tmp_path / "other"))


def test_where_all_articles_are_gone_compacting_leaves_no_measures(tmp_path: Path) -> None:
    with Index(tmp_path / "index") as index:
        index.add_many(CORPUS[:3])
        index.settle()
        for article in CORPUS[:3]:
            index.remove(article.id)
        index.compact()
    assert not (tmp_path / "index" / MEASURES).exists()


def test_a_reader_leaves_no_measures(tmp_path: Path) -> None:
    anew(CORPUS[:5], tmp_path / "index")
    file = tmp_path / "index" / MEASURES
    file.unlink()
    with Index(tmp_path / "index", read_only=True) as index:
        index.settle()
    assert not file.exists()


def of_articles(memory: Memory, texts: list[list[int]], formal: list[tuple[int, int]]) -> int:
    """Measure two distinct articles of some texts; return how many pairs were not remembered."""
    keys = np.arange(8, dtype=np.uint64).reshape(4, 2)
    memory.recognise_keys(keys)
    memory.recognise(TextArrays.of(np.arange(4, dtype=np.uint32), np.arange(5)), 1)
    every = np.array([text for some in texts for text in some], np.int32)
    offsets = np.cumsum([0, *map(len, texts)])
    pairs = np.array(sorted(a << 32 | b for a, b in formal), np.uint64)
    memory.recognise_articles(every, offsets)
    memory.recognise_formal(every, offsets, pairs)
    asked: list[int] = []

    def work(some: Any) -> Measures:
        asked.append(len(some))
        return Measures.of(some, np.ones(len(some), np.int32))

    memory.recall_articles(np.array([1], np.uint64), work)
    return sum(asked)


@pytest.mark.parametrize(
    ("texts", "formal", "measured_anew"),
    [
        ([[0, 1], [2]], [(0, 2)], 0),
        ([[0, 1], [2]], [], 1),  # a pair is formal no more
        ([[0, 1], [2]], [(0, 2), (1, 2)], 1),  # and one that was not is
        ([[0, 1], [2]], [(0, 2), (1, 3)], 0),  # with a text of neither article
        ([[1, 0], [2]], [(0, 2)], 1),  # the order of texts counts
        ([[0, 1], [2, 3]], [(0, 2)], 1),
    ],
)
def test_articles_are_measured_again_where_a_text_or_what_is_formal_between_them_changed(
    texts: list[list[int]], formal: list[tuple[int, int]], measured_anew: int
) -> None:
    first = Memory(Remembered.none())
    assert of_articles(first, [[0, 1], [2]], [(0, 2)]) == 1
    assert of_articles(Memory(first.after), texts, formal) == measured_anew


def test_the_first_of_equal_things_is_known_again_however_many_there_are() -> None:
    before = Known(np.repeat(np.array([[7, 8], [7, 9]], np.uint64), 100_000, axis=0), {})
    began = time.process_time()
    again = Again.of(np.array([[7, 9], [7, 8], [8, 8]], np.uint64), before)
    assert again.rows.tolist() == [100_000, 0, -1]
    assert time.process_time() - began < 5  # to compare each with all takes a minute
