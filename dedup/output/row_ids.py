"""Which article each row of a collection is, by the rules of a scan, without its texts in memory.

A scan gives articles that share an id other ids, and takes fetches of one document for one article
(`dedup.readers.unique_ids`, `dedup.metadata.normalise`). Both rules need all articles at once. But
they change nothing for a row whose id, and whose document, no other row has; so only the others are
held, and the rules are asked about these.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import numpy as np
from xxhash import xxh3_64_intdigest

from dedup.metadata.normalise import described, document, put_in_order
from dedup.readers.unique_ids import distinct_ids
from dedup.records import Article

Place = tuple[int, int]
"""Number of a file, from 0, and of a row in it, from 1."""
Numbered = Iterator[tuple[Place, Article]]

_NUMBERED = re.compile(r"(.*)#\d+", re.DOTALL)
"""An id that a scan may give to a further article with the id before it."""


class RowIds:
    """Tells which article a row is.

    `rows` is called twice, and yields all rows, in the same order each time.

    >>> ids = RowIds(lambda: iter([((0, 1), Article("a", "Rain.")), ((0, 2), Article("a", "Sun.")),
    ...     ((1, 1), Article("a", "Sun.")), ((1, 2), Article("b", "Sun."))]))
    >>> [ids.of((0, row), "a") for row in (1, 2)], ids.of((1, 2), "b"), ids.repeats
    (['a', 'a#2'], 'b', {(1, 1): 'a#2'})
    """

    def __init__(self, rows: Callable[[], Numbered]) -> None:
        self._ids: dict[Place, str] = {}
        self.repeats: dict[Place, str] = {}
        """Rows that are no article of their own, with the id of the one that they are again."""
        shared = _Shared(rows())
        held = {place: one for place, one in rows() if shared.has(one)} if shared.any else {}
        if held:
            self._decide(held)

    def of(self, place: Place, own: str) -> str:
        """Return the id of the article that a row is, whose own id is given."""
        return self._ids.get(place, own)

    def _decide(self, held: dict[Place, Article]) -> None:
        marked = {str(number): place for number, place in enumerate(held)}
        # The path says which row it was; of rows that are alike in all else any may be kept.
        rows = [replace(one, path=mark) for mark, one in zip(marked, held.values(), strict=True)]
        by_content: dict[object, str] = {}
        for article in distinct_ids(described(rows, []), []):
            place = marked.pop(str(article.path))
            self._ids[place] = article.id
            for key in _contents(held[place]):
                by_content.setdefault(key, article.id)
        for place in marked.values():
            for key in _contents(held[place]):
                if key in by_content:
                    self.repeats[place] = by_content[key]
                    break


class _Shared:
    """Ids and documents that several rows have."""

    def __init__(self, rows: Numbered) -> None:
        ids, documents = array("Q"), array("Q")
        for _, article in rows:
            ids.append(_hash(article.id))
            if (key := _document(article)) is not None:
                documents.append(key)
        self._ids, self._documents = _repeated(ids), _repeated(documents)
        self.any = bool(self._ids or self._documents)

    def has(self, article: Article) -> bool:
        numbered = _NUMBERED.fullmatch(article.id)
        return (
            _hash(article.id) in self._ids
            or _document(article) in self._documents
            or (numbered is not None and _hash(numbered[1]) in self._ids)
        )


def _repeated(hashes: array[int]) -> frozenset[int]:
    found, counts = np.unique(np.array(hashes, np.uint64), return_counts=True)
    return frozenset(found[counts > 1].tolist())


def _hash(name: str) -> int:
    return xxh3_64_intdigest(name.encode("utf-8", "surrogatepass"))


def _document(article: Article) -> int | None:
    (ready,) = put_in_order([article], [])
    key = document(ready)
    return None if key is None else _hash(f"{ready.site}\n{key}")


def _contents(article: Article) -> Iterable[object]:
    """Yield what two rows have in common that are one article, the surest first."""
    (ready,) = put_in_order([article], [])
    yield ready.id, ready.site, ready.text
    if (key := document(ready)) is not None:
        yield key, ready.site, " ".join(ready.text.split())
