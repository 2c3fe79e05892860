"""Made-up news paragraphs with planted reuse, the same for the same seed on every machine.

Words are syllables put together, used as often as Zipf's law says. About half of the paragraphs
are new; the rest derive from an earlier one in a way that is written down.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

EDIT_RATES = (0.01, 0.03, 0.06, 0.12, 0.3)
"""Shares of the words that an edited copy replaces, drops or adds."""

_SHARES = {"new": 0.52, "edit": 0.25, "template": 0.08, "exact": 0.08, "short": 0.07}
_TEMPLATES = 5
_VOCABULARY = 20_000
_SYLLABLES = [c + v + e for c in "bdfgklmnprstvz" for v in "aeiou" for e in ("", "n", "r", "s")]


class Planted(NamedTuple):
    """One derived text: what it is, from which text it was made, and how much was changed."""

    text: int
    """Number of the derived text."""
    source: int
    """Number of the text it was made from; the first of its family for a template."""
    kind: str
    """`edit`, `template` or `exact`."""
    rate: float
    """Share of the words that were touched."""


@dataclass(frozen=True)
class Generated:
    """Texts and what was planted in them."""

    texts: list[str]
    planted: list[Planted]

    def articles(self, size: int = 15) -> list[str]:
        """Give the texts as articles of `size` paragraphs."""
        starts = range(0, len(self.texts), size)
        return ["\n".join(self.texts[at : at + size]) for at in starts]


def generate(n: int, seed: int = 1) -> Generated:
    """Make `n` paragraphs.

    >>> made = generate(200)
    >>> len(made.texts), sorted({p.kind for p in made.planted})
    (200, ['edit', 'exact', 'template'])
    """
    rng = np.random.default_rng(seed)
    writer = _Writer(rng)
    templates = [writer.words(30) for _ in range(_TEMPLATES)]
    first: dict[int, int] = {}
    drafts: list[list[str]] = []
    planted: list[Planted] = []
    kinds = rng.choice(list(_SHARES), n, p=list(_SHARES.values()))
    sources: list[int] = []
    for i, kind in enumerate(kinds.tolist()):
        if kind == "template":
            form = int(rng.integers(_TEMPLATES))
            drafts.append(writer.filled(templates[form]))
            if first.setdefault(form, i) != i:
                planted.append(Planted(i, first[form], kind, 4 / 30))
        elif kind == "short":
            drafts.append(writer.words(int(rng.integers(1, 5))))
        elif kind == "new" or not sources:
            drafts.append(writer.words(int(np.clip(rng.lognormal(3.5, 0.5), 8, 200))))
            sources.append(i)
        else:
            source = sources[int(rng.integers(len(sources)))]
            rate = float(rng.choice(EDIT_RATES)) if kind == "edit" else 0.0
            drafts.append(writer.edited(drafts[source], rate))
            planted.append(Planted(i, source, kind, rate))
    return Generated([_sentence(words) for words in drafts], planted)


class _Writer:
    """Draws words, many at a time, from one vocabulary."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        weights = 1 / np.arange(2, _VOCABULARY + 2) ** 1.05
        self._cumulated: NDArray[np.float64] = np.cumsum(weights) / weights.sum()
        self._vocabulary = _vocabulary(rng)
        self._stream = self._draw()

    def words(self, n: int) -> list[str]:
        """Draw `n` words."""
        return list(islice(self._stream, n))

    def edited(self, words: list[str], rate: float) -> list[str]:
        """Replace, drop or add words: each word is touched with probability `rate`."""
        out: list[str] = []
        for word, luck in zip(words, self._rng.random(len(words)).tolist(), strict=True):
            if luck >= rate:
                out.append(word)
            elif luck < rate * 0.6:
                out += self.words(1)
            elif luck < rate * 0.8:
                out += [word, *self.words(1)]
        return out or words

    def filled(self, template: list[str]) -> list[str]:
        """Put other names and numbers into four places of a template."""
        out = list(template)
        out[5], out[12] = self.words(2)
        out[13], out[21] = (str(number) for number in self._rng.integers(10, 1000, 2).tolist())
        return out

    def _draw(self) -> Iterator[str]:
        while True:
            ranks = np.searchsorted(self._cumulated, self._rng.random(10_000))
            yield from (self._vocabulary[rank] for rank in ranks.tolist())


def _vocabulary(rng: np.random.Generator) -> list[str]:
    words: dict[str, None] = {}
    while len(words) < _VOCABULARY:
        lengths = rng.integers(1, 5, 1000).tolist()
        parts = rng.integers(len(_SYLLABLES), size=(1000, 4)).tolist()
        for length, row in zip(lengths, parts, strict=True):
            words["".join(_SYLLABLES[part] for part in row[:length])] = None
    return list(words)


def _sentence(words: list[str]) -> str:
    """Write words down as prose: sentences of twelve words."""
    parts = [words[i : i + 12] for i in range(0, len(words), 12)]
    return " ".join(" ".join([part[0].capitalize(), *part[1:]]) + "." for part in parts)
