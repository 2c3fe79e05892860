"""The articles of a stream that are new: what `dedup.new_articles` does."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from dedup.errors import InputError, OutputError, Problem
from dedup.index.answers import Found, NewWhen
from dedup.index.index import Index
from dedup.readers.article_builder import Items
from dedup.records import Article

Item = TypeVar("Item", bound=Article | Mapping[str, Any] | str)


def chosen(
    articles: Iterable[Item],
    index: Index | str | os.PathLike[str] | None,
    keep: Callable[[Found], bool] | None,
    problems: list[Problem] | None,
    when: NewWhen | None,
) -> Iterator[Item]:
    """Yield the articles that are new to an index; `dedup.new_articles` describes the arguments."""
    told: list[Problem] = [] if problems is None else problems
    items = Items(told)
    wanted = keep or (lambda found: replace(found, new_when=when or found.new_when).is_new)
    with _opened(index) as opened:
        for number, item in enumerate(articles):
            article = items.article(item, f"item {number}")
            if article is None:
                if problems is None:
                    raise InputError(f"{told[-1]}; give a list as problems to go on without it")
                continue
            found = opened.claim(article, when=wanted)
            told += found.problems
            if found.claimed:
                try:
                    yield item
                except GeneratorExit:
                    with suppress(OutputError, ValueError):  # the index was closed first
                        opened.release(found)
                    raise
                opened.done(found)  # whoever asks for the next one has worked on this


@contextmanager
def _opened(index: Index | str | os.PathLike[str] | None) -> Iterator[Index]:
    if isinstance(index, Index):
        yield index
    elif index is not None:
        with Index(index) as opened:
            yield opened
    else:
        with TemporaryDirectory(prefix="dedup-") as folder, Index(Path(folder, "index")) as opened:
            yield opened
