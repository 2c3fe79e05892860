"""`dedup.new_articles`: the articles of a stream that are new."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prose import BRIDGE, COMET, HERRING, LIBRARY

import dedup
from dedup import Found


def test_copies_go_and_the_first_of_each_stays_as_it_came() -> None:
    items: list[dict[str, Any]] = [
        {"text": BRIDGE, "site": "a", "extra": object()},
        {"text": HERRING, "site": "a"},
        {"text": BRIDGE.upper(), "site": "b"},
    ]
    kept = list(dedup.new_articles(items))
    assert [item is one for item, one in zip(kept, items[:2], strict=True)] == [True, True]


def test_texts_and_articles_are_taken_too() -> None:
    assert list(dedup.new_articles([BRIDGE, BRIDGE, COMET])) == [BRIDGE, COMET]
    articles = [dedup.Article("1", BRIDGE), dedup.Article("2", f"{BRIDGE}\n\n{COMET}")]
    assert list(dedup.new_articles(articles[::-1])) == articles[1:]


def test_what_an_index_has_is_not_new_in_a_later_run(tmp_path: Path) -> None:
    place = tmp_path / "news.index"
    assert list(dedup.new_articles([BRIDGE, HERRING], index=place)) == [BRIDGE, HERRING]
    assert list(dedup.new_articles([HERRING.lower(), LIBRARY], index=str(place))) == [LIBRARY]
    assert list(dedup.new_articles([BRIDGE, HERRING, LIBRARY], index=place)) == []


def test_equal_texts_without_ids_are_articles_of_their_own(tmp_path: Path) -> None:
    items = [{"text": BRIDGE, "site": "a"}, {"text": BRIDGE, "site": "b"}]
    list(dedup.new_articles(items, index=tmp_path / "index"))
    with dedup.Index(tmp_path / "index", read_only=True) as index:
        assert len(index.settle().articles) == 2


def test_an_open_index_stays_open(tmp_path: Path) -> None:
    with dedup.Index(tmp_path / "index") as index:
        assert list(dedup.new_articles([BRIDGE], index=index)) == [BRIDGE]
        assert not index.query(BRIDGE).is_new


def test_each_article_is_taken_only_when_it_is_asked_for() -> None:
    asked = []

    def feed() -> Iterator[str]:
        for text in (BRIDGE, HERRING, LIBRARY):
            asked.append(text)
            yield text

    new = dedup.new_articles(feed())
    assert asked == []
    next(new)
    assert asked == [BRIDGE]


def test_keep_decides_from_what_the_index_had() -> None:
    seen: list[Found] = []

    def keep(found: Found) -> bool:
        seen.append(found)
        return bool(found.hits)

    assert list(dedup.new_articles([BRIDGE, BRIDGE.upper(), COMET], keep=keep)) == [BRIDGE.upper()]
    assert [found.is_new for found in seen] == [True, False, True]


def test_what_is_no_article_is_told_or_ends_it() -> None:
    items: list[Any] = [{"title": "Rain"}, 7, BRIDGE]
    problems: list[dedup.Problem] = []
    assert list(dedup.new_articles(items, problems=problems)) == [BRIDGE]
    assert [problem.where for problem in problems] == ["item 0", "item 1"]
    with pytest.raises(dedup.InputError, match="item 0: there is no field 'text'"):
        list(dedup.new_articles(items))


def test_a_temporary_index_leaves_nothing_even_when_the_stream_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for _ in dedup.new_articles([BRIDGE, HERRING]):
        assert len(list(tmp_path.iterdir())) == 1
        break
    assert list(dedup.new_articles([BRIDGE])) == [BRIDGE]
    assert list(tmp_path.iterdir()) == []
