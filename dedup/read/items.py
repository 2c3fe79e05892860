"""Articles that are Python objects already, one by one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from xxhash import xxh3_128_hexdigest

from dedup.document import Article
from dedup.errors import Problem
from dedup.read.records import FIELDS, Records, kind


class Items:
    """Makes articles of items: an `Article`, a mapping with fields as in JSON lines, or a text.

    `fields` says which field of a mapping holds what, `site` is for items that name none.
    """

    def __init__(
        self,
        problems: list[Problem],
        fields: Mapping[str, str] | None = None,
        site: str | None = None,
    ) -> None:
        self._problems = problems
        self._records = Records(problems, fields, site)
        self._ours = Records(problems, None, site)

    def article(self, item: object, where: str, id: str | None = None) -> Article | None:  # noqa: A002
        """Make an article; None, and a `Problem` that names `where`, if the item is none.

        `id` is for an item without one. By default that is made of all the item holds, which is
        right for jobs that run again and again: numbers would begin anew each time.

        >>> items = Items([])
        >>> items.article("Rain.", "item 0").id == items.article({"text": "Rain."}, "item 7").id
        True
        """
        article: Article | None = None
        if isinstance(item, str):
            article = self._ours.article({"text": item}, id or "", where)
        elif isinstance(item, Mapping):
            article = self._records.article(item, id or "", where)
        elif isinstance(item, Article):
            fields = {name: getattr(item, name) for name in FIELDS}
            article = self._ours.article(fields, id or "", where)
            article = article and replace(article, path=item.path)
        else:
            what = f"it is {kind(item)}, and no article"
            self._problems.append(Problem(where, what, "give an Article, a mapping or a string"))
        return replace(article, id=_made(article)) if article and not article.id else article


def _made(article: Article) -> str:
    held: list[Any] = [getattr(article, name) for name in FIELDS]
    return xxh3_128_hexdigest(json.dumps(held).encode())
