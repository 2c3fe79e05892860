"""Pages to articles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dedup.document import Article
from dedup.errors import Problem
from dedup.read.source import Page


def extracted(
    items: Iterable[Article | Page], problems: list[Problem], workers: int
) -> Iterator[Article]:
    """Pass articles through, and make an article of every page, in their order.

    What cannot be extracted is added to `problems`.
    """
    del workers
    for item in items:
        if isinstance(item, Page):
            where = item.where or item.article.path or item.article.id
            problems.append(Problem(where, "pages cannot be read yet", "wait"))
        else:
            yield item
