"""From the text of articles to the arrays of their paragraphs: no state, a batch at a time.

The result depends on the texts alone, whatever batch they are in. So threads or machines may take
batches in any order; `dedup.text.corpus` puts them together. All fields are flat arrays, as the
columns of an Arrow batch are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from xxhash import xxh3_128_digest

from dedup.text.arrays import TextArrays
from dedup.text.characters import table
from dedup.text.segment import batch, segment
from dedup.text.token_flags import token_flags
from dedup.text.tokenize import tokenize


class TextBatch(NamedTuple):
    """The paragraphs of several articles, in reading order; those without a word are left out."""

    article: npt.NDArray[np.int32]
    """int32[paragraphs]: number of the article in the batch."""
    start: npt.NDArray[np.int32]
    """int32[paragraphs]: first character, counted in the article's text."""
    end: npt.NDArray[np.int32]
    """int32[paragraphs]: one past the last character."""
    key: npt.NDArray[np.uint64]
    """uint64[paragraphs, 2]: xxh3_128 of the normalised text, the more significant half first."""
    texts: TextArrays
    """The tokens of each paragraph."""


def encode(articles: Sequence[str], *, flagged: bool = True) -> TextBatch:
    r"""Return the paragraphs of articles, given as their texts.

    Without `flagged`, no token has a flag. A search for near texts alone needs none.

    >>> found = encode(["Rain.\nSun.", "RAIN!"])
    >>> found.article.tolist(), (found.key[0] == found.key[2]).all().tolist()
    ([0, 0, 1], True)
    """
    characters = table()
    texts = batch(articles)
    found = segment(texts, characters.kind)
    base = texts.bounds[found.article]
    where = base + found.start, base + found.end
    tokens = tokenize(texts, *where, characters)
    arrays = TextArrays.of(tokens.hash, tokens.offsets)
    if flagged:
        arrays = arrays._replace(flags=token_flags(texts, *where, tokens, characters))
    counts = arrays.sizes
    kept = np.flatnonzero(counts)
    normal = memoryview(tokens.normal.data)
    ends = tokens.normal_offsets.tolist()
    digests = b"".join(xxh3_128_digest(normal[ends[row] : ends[row + 1]]) for row in kept.tolist())
    return TextBatch(
        article=found.article[kept],
        start=found.start[kept].astype(np.int32),
        end=found.end[kept].astype(np.int32),
        key=np.frombuffer(digests, ">u8").astype(np.uint64).reshape(-1, 2),
        texts=arrays._replace(offsets=np.append(0, np.cumsum(counts[kept]))),
    )
