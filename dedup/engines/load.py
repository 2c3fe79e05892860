"""From finished stages to the arrays of a corpus in the driver, with the texts on its disk.

The driver holds no text of an article. A `Corpus` has the articles without their texts, as that of
an index has; `texts_on_disk` finds a text when one is written out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from tempfile import TemporaryFile
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple, overload

import numpy as np
import numpy.typing as npt

from dedup.engines.articles import FIELDS, articles_of
from dedup.engines.encode import joined
from dedup.engines.stages import Stages
from dedup.errors import DamagedError
from dedup.metadata.attribution_rows import attribution_of
from dedup.metadata.credits import Attribution
from dedup.records import Article
from dedup.text.arrays import TextArrays
from dedup.text.corpus import Corpus, distinct

if TYPE_CHECKING:
    import pyarrow as pa

ARTICLES, TEXTS = "articles", "texts"
"""The stages that a corpus is made of."""

_CACHED = 256  # texts that are kept at hand: of one article several paragraphs are written
_READ = 64  # texts that are read at a time
_LISTS = ("start", "end", "high", "low", "ending")


class Loaded(NamedTuple):
    """What the driver holds of a corpus."""

    corpus: Corpus
    """Its articles have no text."""
    attributions: list[Attribution]
    """What each article credits."""
    rows: npt.NDArray[np.int64]
    """int64[articles]: in which row of the stage each article is."""


def load(stages: Stages, words: npt.NDArray[np.int32]) -> Loaded:
    """Build the arrays of a corpus: articles sorted by id, texts by first appearance.

    Of the texts it has the lengths, `words`, int32[texts], and no tokens. Raises `DamagedError`
    where the stages do not fit together.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    table = stages.table(ARTICLES, [*(f for f in FIELDS if f != "text"), "credits", *_LISTS])
    kept = np.flatnonzero(table.column("id").is_valid().to_numpy())
    table = table.take(kept)
    order = pc.sort_indices(table.column("id")).to_numpy().astype(np.int64)
    table = table.take(order)
    start, end, high, low, ending = (_flat(table.column(name)) for name in _LISTS)
    counts = pc.list_value_length(table.column("start")).to_numpy()
    article = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
    paragraph = np.arange(len(article)) - np.searchsorted(article, article)
    every = np.stack([high.view(np.uint64), low.view(np.uint64)], axis=1)
    text, first, key = distinct(every)
    articles = articles_of(table)
    corpus = Corpus(
        articles=articles,
        article=article,
        paragraph=paragraph.astype(np.int32),
        start=start,
        end=end,
        text=text,
        first=first,
        key=key,
        texts=elsewhere(len(first)),
        endings=ending.view(np.uint8),
        lengths=words,
    )
    _check(stages, key)
    credits = [attribution_of(json.loads(row)) for row in table.column("credits").to_pylist()]
    del table
    pa.default_memory_pool().release_unused()
    return Loaded(corpus, credits, kept[order])


def elsewhere(texts: int) -> TextArrays:
    """Return so many texts without their tokens, which are in a stage."""
    return TextArrays.of(np.zeros(0, np.uint32), np.zeros(texts + 1, np.int64))


def _check(stages: Stages, key: npt.NDArray[np.uint64]) -> None:
    """Raise `DamagedError` where the texts are not those of the articles."""
    table = stages.table(TEXTS, ["high", "low"])
    halves = [table.column(name).to_numpy().view(np.uint64) for name in ("high", "low")]
    if not np.array_equal(np.stack(halves, axis=1).reshape(-1, 2), key):
        raise DamagedError("the stages of this job do not fit together; delete them and run again")


def _flat(column: pa.ChunkedArray) -> npt.NDArray[Any]:
    """Return the values of all lists one after another."""
    parts = [chunk.flatten().to_numpy(zero_copy_only=False) for chunk in column.chunks]
    empty = np.zeros(0, column.type.value_type.to_pandas_dtype())
    flat: npt.NDArray[Any] = np.concatenate([empty, *parts])
    return flat


@contextmanager
def texts_on_disk(stages: Stages, loaded: Loaded) -> Iterator[Sequence[Article]]:
    """Yield the articles with their texts, which lie in a file until the block ends."""
    import pyarrow as pa

    with TemporaryFile(prefix="dedup-texts-") as file:
        sizes = [np.zeros(0, np.int64)]
        for batch in stages.batches(ARTICLES, ["text"], _READ):
            text, bounds = joined(pa.chunked_array([batch.column(0)]), np.uint8)
            file.write(text.tobytes())
            sizes.append(np.diff(bounds))
        bounds = np.append(0, np.cumsum(np.concatenate(sizes)))
        alone = Lock()  # two threads write

        @lru_cache(_CACHED)
        def written(row: int) -> str:
            with alone:
                file.seek(int(bounds[row]))
                return file.read(int(bounds[row + 1] - bounds[row])).decode()

        yield _Worded(loaded, written)


class _Worded(Sequence[Article]):
    """Articles whose texts are looked up when one is asked for."""

    def __init__(self, loaded: Loaded, text: Any) -> None:
        self._articles = loaded.corpus.articles
        self._rows = loaded.rows
        self._text = text

    def __len__(self) -> int:
        return len(self._articles)

    @overload
    def __getitem__(self, index: int) -> Article: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Article]: ...
    def __getitem__(self, index: int | slice) -> Article | Sequence[Article]:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        return replace(self._articles[index], text=self._text(int(self._rows[index])))
