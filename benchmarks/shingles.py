"""The shingle definition that all tools are compared on: word 3-grams of lowercase `\\w+` tokens.

It is written here once more, apart from dedup's own, so that the oracle shares no code with what it
judges; and in pure Python, as a user of the peers would write it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

WORDS = 3
_TOKENS = re.compile(r"\w+").findall

Pairs = NDArray[np.int64]
"""Pairs of text numbers, shape (n, 2), first < second, sorted, no pair twice."""


@dataclass(frozen=True)
class Sets:
    """Shingle sets of many texts in one array; set i is values[offsets[i]:offsets[i + 1]]."""

    values: NDArray[np.uint64]
    offsets: NDArray[np.int64]


def lines(article: str) -> Iterator[tuple[int, str]]:
    """Yield the paragraphs of an article, its lines that are not blank, and where each begins.

    >>> list(lines("One.\\n\\n  Two. "))
    [(0, 'One.'), (8, 'Two.')]
    """
    at = 0
    for line in article.splitlines(keepends=True):
        if text := line.strip():
            yield at + line.index(text), text
        at += len(line)


def split(articles: Iterable[str]) -> list[str]:
    """Give the paragraphs of all articles.

    >>> split(["One.", "Two.\\nThree."])
    ['One.', 'Two.', 'Three.']
    """
    return [text for article in articles for line in article.splitlines() if (text := line.strip())]


def tokenise(text: str) -> list[str]:
    """Split one text into its lowercase words.

    >>> tokenise("It's 7 o'clock.")
    ['it', 's', '7', 'o', 'clock']
    """
    return _TOKENS(text.lower())


def shingle(tokens: Sequence[str]) -> set[str]:
    """Give the word 3-grams of one text; of fewer than three words there are none.

    >>> sorted(shingle(["a", "b", "c", "d"]))
    ['a b c', 'b c d']
    """
    return set(map(" ".join, zip(tokens, tokens[1:], tokens[2:], strict=False)))


def distinct(tokens: Iterable[Sequence[str]]) -> list[int]:
    """Number the first of each different text, leaving out those too short for a shingle.

    Every tool collapses exact repeats, so that none pays for them; pairs are pairs of these texts.

    >>> distinct([["one", "two", "three"], ["one", "two"], ["one", "two", "three"]])
    [0]
    """
    first: dict[str, int] = {}
    for i, words in enumerate(tokens):
        if len(words) >= WORDS:
            first.setdefault(" ".join(words), i)
    return list(first.values())


def exact_sets(texts: Iterable[str]) -> Sets:
    """Number the shingles of `texts` without any hashing, hence without collisions.

    Three word numbers of 21 bits make one shingle; ValueError when there are more words than that.

    >>> exact_sets(["a b c d", "b c d"]).offsets.tolist()
    [0, 2, 3]
    """
    numbers: dict[str, int] = {}
    words: list[int] = []
    ends = [0]
    for text in texts:
        words.extend(numbers.setdefault(word, len(numbers)) for word in tokenise(text))
        ends.append(len(words))
    if len(numbers) >= 1 << 21:
        raise ValueError(f"{len(numbers)} different words; take fewer texts than {len(ends) - 1}")
    flat = np.array([*words, 0, 0], dtype=np.uint64)
    grams = (flat[:-2] << np.uint64(42)) | (flat[1:-1] << np.uint64(21)) | flat[2:]
    return sets_of(grams, np.array(ends, dtype=np.int64))


def sets_of(grams: NDArray[np.uint64], ends: NDArray[np.int64]) -> Sets:
    """Make `Sets` of one gram a word, less those that reach into the next text."""
    lengths = np.diff(ends)
    owner = np.repeat(np.arange(len(lengths)), lengths)
    inside = np.arange(ends[-1]) + WORDS <= ends[1:][owner]
    return unique_sets(grams[inside], owner[inside], len(lengths))


def unique_sets(grams: NDArray[np.uint64], owner: NDArray[np.int64], texts: int) -> Sets:
    """Sort the grams of each owner and drop repeats."""
    order = np.lexsort((grams, owner))
    grams, owner = grams[order], owner[order]
    new = np.ones(len(grams), dtype=bool)
    new[1:] = (grams[1:] != grams[:-1]) | (owner[1:] != owner[:-1])
    offsets = np.searchsorted(owner[new], np.arange(texts + 1))
    return Sets(grams[new], offsets.astype(np.int64))
