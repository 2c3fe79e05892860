"""Texts as arrays, word by word: what the tests of single stages are made of."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dedup.match.boilerplate_spans import Spans
from dedup.text.arrays import TextArrays
from dedup.text.segment import batch
from dedup.text.tokenize import tokenize

Words = list[tuple[int, int]]
"""A number for each word, and its flags."""


def words(first: int, count: int, flag: int = 0) -> Words:
    """Words in a row, numbered from `first` on, all with one flag."""
    return [(first + k, flag) for k in range(count)]


def laid(*texts: Words) -> TextArrays:
    """Texts side by side."""
    tokens = np.array([2 * word for text in texts for word, _ in text], np.uint32)
    flags = np.array([flag for text in texts for _, flag in text], np.uint8)
    return TextArrays(tokens, np.append(0, np.cumsum([len(text) for text in texts])), flags)


def packed(*pairs: tuple[int, int]) -> npt.NDArray[np.uint64]:
    """Pairs of texts as the stages take them."""
    return np.array([i << 32 | j for i, j in pairs], np.uint64)


def characters(written: str, spans: Spans, text: int) -> list[tuple[int, int]]:
    """Where the boilerplate spans of a text stand in it, in characters."""
    whole = batch([written])
    tokens = tokenize(whole, whole.bounds[:-1].copy(), whole.bounds[1:].copy())
    own = spans.texts == text
    found = zip(spans.begin[own].tolist(), spans.end[own].tolist(), strict=True)
    return [(int(tokens.start[a]), int(tokens.end[b - 1])) for a, b in found]
