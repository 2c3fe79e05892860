"""From finished stages to the arrays of a corpus in the driver, with the texts on its disk.

The driver holds no text of an article. A `Corpus` has the articles without their texts, as that of
an index has; `texts_on_disk` finds a text when one is written out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from threading import Lock
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from dedup.engines.articles import articles_of
from dedup.engines.encode import KNOWN, PLACES
from dedup.engines.parts import PARAGRAPHS, TEXT, Parts
from dedup.engines.stages import Stages
from dedup.metadata.attribution_rows import attribution_of
from dedup.metadata.credits import Attribution
from dedup.records import Article
from dedup.text.arrays import TextArrays, stretches
from dedup.text.corpus import Corpus, distinct

ARTICLES, TEXTS = "articles", "texts"
"""The stages that a corpus is made of."""
PLACED = ("text-part", "text-token", "text-size")
"""Files: in which part of the articles each text first stands, where its tokens begin, how many."""

_CACHED = 256  # articles that are kept at hand: of one several paragraphs are written
_OPEN = 64  # files of texts that are open at a time


class Loaded(NamedTuple):
    """What the driver holds of a corpus."""

    corpus: Corpus
    """Its articles have no text."""
    attributions: list[Attribution]
    """What each article credits."""
    names: list[str]
    """The parts that articles are in."""
    part: npt.NDArray[np.int32]
    """int32[articles]: the place of each article's part in `names`."""
    at: npt.NDArray[np.int64]
    """int64[articles]: where its text begins there, in bytes."""
    size: npt.NDArray[np.int64]
    """int64[articles]: bytes of its text."""


def load(stages: Stages) -> Loaded:
    """Build the arrays of a corpus: articles sorted by id, texts by first appearance.

    Of the texts it has the lengths, and no tokens: where these are is written for executors.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    table = stages.table(ARTICLES, [*KNOWN, "credits", *PLACES])
    table = table.filter(table.column("id").is_valid())
    table = table.take(pc.sort_indices(table.column("id")))
    at = {name: table.column(name).to_numpy() for name in PLACES if name != "part"}
    names, part = np.unique(table.column("part").to_numpy(), return_inverse=True)
    rows = _Paragraphs(stages.parts(ARTICLES), names.tolist(), part, at)
    text, first, key = distinct(np.stack([rows.column("high"), rows.column("low")], axis=1))
    _place(stages, rows, first)
    article = np.repeat(np.arange(len(part), dtype=np.int32), at["paragraphs"])
    corpus = Corpus(
        articles=articles_of(table),
        article=article,
        paragraph=(np.arange(len(article)) - np.searchsorted(article, article)).astype(np.int32),
        start=rows.column("start"),
        end=rows.column("end"),
        text=text,
        first=first,
        key=key,
        texts=elsewhere(len(first)),
        endings=rows.column("ending"),
        lengths=rows.column("words")[first],
    )
    credits = [attribution_of(json.loads(row)) for row in table.column("credits").to_pylist()]
    del table
    pa.default_memory_pool().release_unused()
    number = part.astype(np.int32)
    return Loaded(corpus, credits, rows.names, number, at["at_text"], at["bytes"])


class _Paragraphs:
    """The paragraphs of articles, in order of these, from the parts that have them."""

    def __init__(
        self, parts: Parts, names: list[str], part: npt.NDArray[Any], at: dict[str, Any]
    ) -> None:
        self.names, self.part, self.at = names, part, at
        self._held = [parts.array(name, PARAGRAPHS) for name in names]
        bases = np.append(0, np.cumsum([len(one) for one in self._held])).astype(np.int64)
        self._rows, _ = stretches(bases[part] + at["at_paragraph"], at["paragraphs"])

    def column(self, name: str) -> npt.NDArray[Any]:
        """Return what is known of each paragraph by a name (see `PARAGRAPH`)."""
        found: npt.NDArray[Any] = np.concatenate([one[name] for one in self._held])[self._rows]
        return found


def _place(stages: Stages, rows: _Paragraphs, first: npt.NDArray[np.int64]) -> None:
    """Write for executors where the tokens of each text are, as it first stands."""
    sizes, counts = rows.column("size"), rows.at["paragraphs"]
    before = np.append(0, np.cumsum(sizes, dtype=np.int64))
    of_article = np.append(0, np.cumsum(counts, dtype=np.int64))[:-1]
    begin = np.repeat(rows.at["at_token"] - before[of_article], counts) + before[:-1]
    for name, values in zip(
        PLACED, (np.repeat(rows.part.astype(np.int32), counts), begin, sizes), strict=True
    ):
        stages.put_array(name, values[first])


def elsewhere(texts: int) -> TextArrays:
    """Return so many texts without their tokens, which are in a stage."""
    return TextArrays.of(np.zeros(0, np.uint32), np.zeros(texts + 1, np.int64))


@contextmanager
def texts_on_disk(stages: Stages, loaded: Loaded) -> Iterator[list[Article]]:
    """Yield the articles with their texts, which are read where one is asked for.

    They lie in the files of their parts, which are open until the block ends.
    """
    parts, opened = stages.parts(ARTICLES), dict[int, Any]()
    alone = Lock()  # two threads write
    with ExitStack() as files:

        @lru_cache(_CACHED)
        def text_of(number: int) -> str:
            part = int(loaded.part[number])
            with alone:
                if part not in opened:
                    if len(opened) == _OPEN:
                        files.close()
                        opened.clear()
                    place = parts.place(loaded.names[part], TEXT)
                    opened[part] = files.enter_context(place.open("rb", buffering=0))
                opened[part].seek(int(loaded.at[number]))
                text: bytes = opened[part].read(int(loaded.size[number]))
            return text.decode()

        every = enumerate(loaded.corpus.articles)
        yield [_Worded.of(article, number, text_of) for number, article in every]


class _Worded(Article):
    """An article whose text is looked up each time."""

    __slots__ = ("number", "text_of")
    number: int
    text_of: Callable[[int], str]

    @classmethod
    def of(cls, article: Article, number: int, text_of: Callable[[int], str]) -> _Worded:
        """Return an article without its text as one that has it, under its number."""
        made = object.__new__(cls)
        for name in KNOWN:
            object.__setattr__(made, name, getattr(article, name))
        object.__setattr__(made, "number", number)
        object.__setattr__(made, "text_of", text_of)
        return made

    @property
    def text(self) -> str:
        """The text as read."""
        return self.text_of(self.number)
