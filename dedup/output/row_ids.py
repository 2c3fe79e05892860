"""Which article each row of a collection is, by the rules of a scan, without its texts in memory.

A scan gives articles that share an id other ids, and takes fetches of one document for one article
(`dedup.readers.unique_ids`, `dedup.metadata.normalise`). Both rules need all articles at once. But
they change nothing for a row whose id, and whose document, no other row has; so only the others are
held, and the rules are asked about these.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from xxhash import xxh3_64_intdigest

from dedup.metadata.normalise import described, document, put_in_order
from dedup.readers.unique_ids import distinct_ids
from dedup.records import Article

Place = tuple[int, int]
"""Number of a file, from 0, and of a row in it, from 1."""
Hashed = npt.NDArray[np.uint64]

_NUMBERED = re.compile(r"(.*)#\d+", re.DOTALL)
"""An id that a scan may give to a further article with the id before it."""


class RowIds:
    """Tells which article a row is.

    It is made of the rows that `Shared` picks, by their places.

    >>> rows = {(0, 1): Article("a", "Rain."), (0, 2): Article("a", "Sun."),
    ...     (1, 1): Article("a", "Sun."), (1, 2): Article("b", "Sun.")}
    >>> shared = Shared([hashes(rows.values())])
    >>> ids = RowIds({place: one for place, one in rows.items() if shared.has(one)})
    >>> [ids.of((0, row), "a") for row in (1, 2)], ids.of((1, 2), "b"), ids.repeats
    (['a', 'a#2'], 'b', {(1, 1): 'a#2'})
    """

    def __init__(self, held: Mapping[Place, Article]) -> None:
        self._ids: dict[Place, str] = {}
        self.repeats: dict[Place, str] = {}
        """Rows that are no article of their own, with the id of the one that they are again."""
        if held:
            self._decide(held)

    def of(self, place: Place, own: str) -> str:
        """Return the id of the article that a row is, whose own id is given."""
        return self._ids.get(place, own)

    def by_file(self) -> dict[int, RowIds]:
        """Return the same in parts, by the number of the file; one without any has none."""
        parts: dict[int, RowIds] = {}
        for place, id_ in self._ids.items():
            parts.setdefault(place[0], RowIds({}))._ids[place] = id_
        for place, id_ in self.repeats.items():
            parts.setdefault(place[0], RowIds({})).repeats[place] = id_
        return parts

    def named(self) -> Iterable[str]:
        """Yield the ids that are not, or may not be, a row's own."""
        yield from self._ids.values()
        yield from self.repeats.values()

    def _decide(self, held: Mapping[Place, Article]) -> None:
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


class Hashes(NamedTuple):
    """Hashes of the rows of a file: of their ids, and of the documents of those that name one."""

    ids: Hashed
    """uint64[rows], in their order."""
    documents: Hashed
    """uint64[at most rows]."""


def hashes(rows: Iterable[Article]) -> Hashes:
    """Return what `Shared` needs of the rows of a file."""
    ids, documents = array("Q"), array("Q")
    for article in rows:
        ids.append(hash_of(article.id))
        if (key := _document(article)) is not None:
            documents.append(key)
    return Hashes(np.array(ids, np.uint64), np.array(documents, np.uint64))


class Shared:
    """Ids and documents that several rows have; `parts` are all of them, file by file."""

    def __init__(self, parts: Sequence[Hashes]) -> None:
        self._ids = _repeated([part.ids for part in parts])
        self._documents = _repeated([part.documents for part in parts])
        self.any = bool(self._ids or self._documents)

    def has(self, article: Article) -> bool:
        """Return whether others must be asked which article a row is."""
        numbered = _NUMBERED.fullmatch(article.id)
        return (
            hash_of(article.id) in self._ids
            or _document(article) in self._documents
            or (numbered is not None and hash_of(numbered[1]) in self._ids)
        )


def _repeated(parts: Sequence[Hashed]) -> frozenset[int]:
    found, counts = np.unique(np.concatenate([np.array([], np.uint64), *parts]), return_counts=True)
    return frozenset(found[counts > 1].tolist())


def hash_of(name: str) -> int:
    """Return the hash of an id or a document, a number of 64 bits."""
    return xxh3_64_intdigest(name.encode("utf-8", "surrogatepass"))


def _document(article: Article) -> int | None:
    (ready,) = put_in_order([article], [])
    key = document(ready)
    return None if key is None else hash_of(f"{ready.site}\n{key}")


def _contents(article: Article) -> Iterable[object]:
    """Yield what two rows have in common that are one article, the surest first."""
    (ready,) = put_in_order([article], [])
    yield ready.id, ready.site, ready.text
    if (key := document(ready)) is not None:
        yield key, ready.site, " ".join(ready.text.split())
