"""How boilerplate is written, in numbers: what tells a sign-up form on two pages from news.

A logistic model over a few shares that need no language (capitals, numbers, parts of web addresses,
quoted words) and over common words, learned from the boilerplate that repetition finds; its
numbers are in `boilerplate_style.csv`. A text that has few of these words, as any in another
language, is judged by the shares alone.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup._jit.kernels import array_helper
from dedup.text.segment import batch
from dedup.text.token_flags import CAPITAL, COMMON, LINK, NAME, NUMBER, QUOTED
from dedup.text.tokenize import tokenize

SHARES = ("one", "length", "common", "name", "number", "quoted", "capital", "link")
"""The measures: 1, the logarithm of the length (256 tokens are 1), and shares of tokens by flag."""

KNOWN = 0.2
"""Share of tokens that must be in the table for its words to count. Higher judges more texts by the
shares alone: at 0.2 two words of ten."""

SMOOTH = 4.0
"""Tokens added to the length when shares of words are taken: one word of two proves little.
Higher believes short texts less: at 4 one word of two counts as one of six."""


class Style(NamedTuple):
    """The numbers of the model, as kernels take them."""

    words: npt.NDArray[np.uint32]
    """uint32[words]: token hashes, ascending."""
    worths: npt.NDArray[np.float32]
    """float32[words]: what each adds to the logarithm of the odds, per tenth of a text."""
    shares: npt.NDArray[np.float32]
    """float32[2, measures]: weights of the measures, without words and with them."""


@cache
def table() -> Style:
    """Read the table.

    >>> len(table().words) > 100, table().shares.shape
    (True, (2, 8))
    """
    text = resources.files(__package__).joinpath("boilerplate_style.csv").read_text("utf-8")
    rows = [(kind, name, float(value)) for kind, name, value in csv.reader(text.splitlines()[1:])]
    shares = [[v for kind, _, v in rows if kind == wanted] for wanted in ("alone", "with words")]
    words = {name: value for kind, name, value in rows if kind == "word"}
    every = batch(list(words))
    tokens = tokenize(every, every.bounds[:-1].copy(), every.bounds[1:].copy())
    hashes = tokens.hash[tokens.offsets[:-1]]
    order = np.argsort(hashes)
    worths = np.array(list(words.values()), np.float32)
    return Style(hashes[order], worths[order], np.array(shares, np.float32))


@array_helper
def run_style(tokens, flags, first, last, words, worths, shares):
    """Return the style of a run of tokens: the logarithm of the odds that it is boilerplate."""
    size = last - first
    if size <= 0:
        return np.float64(0)
    counts = np.zeros(6, np.int64)
    met = 0
    worth = 0.0
    for i in range(first, last):
        flag = flags[i]
        counts[0] += flag & COMMON != 0
        counts[1] += flag & NAME != 0
        counts[2] += flag & NUMBER != 0
        counts[3] += flag & QUOTED != 0
        counts[4] += flag & CAPITAL != 0
        counts[5] += flag & LINK != 0
        low, high = 0, len(words)
        while low < high:
            middle = (low + high) // 2
            if words[middle] < tokens[i]:
                low = middle + 1
            else:
                high = middle
        if low < len(words) and words[low] == tokens[i]:
            met += 1
            worth += worths[low]
    worded = 1 if met >= KNOWN * size else 0
    found = shares[worded, 0] + shares[worded, 1] * min(np.log2(size), 8) / 8
    for k in range(6):
        found += shares[worded, 2 + k] * counts[k] / size
    return found + (10 * worth / (size + SMOOTH) if worded else 0.0)
