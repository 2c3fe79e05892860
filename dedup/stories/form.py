"""Which bodies of one site are alike in form alone: one formula, other facts.

Likeness of form is first a matter of paragraphs (templates, see `dedup.relate`). What a site writes
after one pattern from end to end shows in two more ways: each of two articles has names and numbers
in its lead that the other has nowhere; or one article is nearly the same as several others of its
site whose headlines have nothing to do with its own, as the pages of a paywall are.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from dedup.collapse import Corpus
from dedup.cues import LINK, NAME, NUMBER, SHORT
from dedup.hashset import has, put, room
from dedup.kernels import kernel
from dedup.stories.bodies import Bodies, most_tokens
from dedup.stories.facts import Facts
from dedup.stories.kin import Kin

LEAD = 60
"""Words of a body in which its facts are looked for."""

FACTS, FOREIGN = 2, 0.1
"""How many, and what share, of the names and numbers in each lead the other article has nowhere.
Higher lets more formulas pass, and more updates: "12 dead" and "14 dead" differ in one fact."""

RELATED = 0.5
"""Share of the words of the shorter headline, short ones aside, from which two headlines are of one
matter."""

CROWD = 3
"""Articles of its site, each nearly the same under an unrelated headline, that make an article one
of a form. Higher lets more stubs pass, and more texts that a site runs under many headlines."""


def other_facts(kin: Kin, bodies: Bodies, corpus: Corpus) -> npt.NDArray[np.bool_]:
    """Tell in which pairs each lead has facts of its own, bool[pairs]."""
    a, b = np.zeros((2, 2, len(kin.a)), np.int32)
    rows = (bodies.texts, bodies.offsets, corpus.tokens, corpus.offsets, corpus.cues)
    _foreign(kin.a, kin.b, *rows, *a)
    _foreign(kin.b, kin.a, *rows, *b)
    # An article that names nobody and counts nothing has no facts that could be others.
    fewest = np.minimum(a[1], b[1])
    least = np.minimum(a[1] / np.maximum(a[0], 1), b[1] / np.maximum(b[0], 1))
    found: npt.NDArray[np.bool_] = (fewest >= FACTS) & (least >= FOREIGN)
    return found


def crowded(kin: Kin, bodies: Bodies, facts: Sequence[Facts]) -> npt.NDArray[np.bool_]:
    """Tell which of the pairs, each nearly the same on one site, are in a crowd, bool[pairs].

    Pairs with related headlines are in none, nor are those without a headline.
    """
    headlines = [facts[article].headline for article in bodies.first.tolist()]
    words = {body: _content(headlines[body] or "") for body in {*kin.a, *kin.b}}
    stranger = np.array(
        [
            len(words[a] & words[b]) < RELATED * min(len(words[a]), len(words[b]))
            for a, b in zip(kin.a.tolist(), kin.b.tolist(), strict=True)
        ],
        bool,
    )
    count = np.bincount(np.append(kin.a[stranger], kin.b[stranger]), minlength=len(headlines))
    found: npt.NDArray[np.bool_] = stranger & (np.maximum(count[kin.a], count[kin.b]) >= CROWD)
    return found


def _content(headline: str) -> set[str]:
    """Return the words of a headline, without short ones if there are others."""
    words = set(headline.split())
    return {word for word in words if len(word) > SHORT} or words


@kernel("void(i4[::1], i4[::1], i4[::1], i8[::1], u4[::1], i8[::1], u1[::1], i4[::1], i4[::1])")
def _foreign(asked, held, texts, bodies, tokens, offsets, cues, facts, foreign):
    largest = max(LEAD, most_tokens(held, texts, bodies, offsets))
    table = np.empty(room(largest), np.uint32)
    stamps = np.full(len(table), -1, np.int64)
    mask = np.uint32(len(table) - 1)
    told = np.empty(room(LEAD), np.uint32)
    told_stamps = np.full(len(told), -1, np.int64)
    for pair in range(len(asked)):
        for text in texts[bodies[held[pair]] : bodies[held[pair] + 1]]:
            for k in range(offsets[text], offsets[text + 1]):
                put(table, stamps, mask, np.int64(pair), tokens[k])
        left = LEAD
        for text in texts[bodies[asked[pair]] : bodies[asked[pair] + 1]]:
            last = min(offsets[text + 1], offsets[text] + left)
            for k in range(offsets[text], last):
                if (
                    cues[k] & (NAME | NUMBER)
                    and not cues[k] & LINK
                    and put(told, told_stamps, np.uint32(len(told) - 1), np.int64(pair), tokens[k])
                ):
                    facts[pair] += 1
                    foreign[pair] += not has(table, stamps, mask, np.int64(pair), tokens[k])
            left -= last - offsets[text]
