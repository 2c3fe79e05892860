"""What kind of reuse a pair of texts is: six questions, each answered by a few weighed measures.

The kinds are those of the labelling guide the project is measured by: `identical` (the same
normalised text), `duplicate` (versions of one paragraph), `passage` (a long stretch is copied),
`rewrite` (the same sentence, reworded), `quote` (what is shared is quoted speech), `template` (one
formula, other facts), `boilerplate` (furniture of a site). The questions are asked in the order
of that guide:

1. boilerplate: is it furniture of a site, not of its news?
2. reuse: does one text reuse the other's words at all? If not, is it a template, or no match?
3. quote: is what they share a quotation? duplicate: are they versions of one text? rewrite: is it
   reworded? All others are passages.

Each question is a logistic regression over measures of `dedup.match.relation_measures`. Its numbers
stand in `relation_weights.toml`, fitted to gold pairs of several corpora by `python -m
benchmarks.relations`, which also shows how they do on a corpus that was left out.
"""

from __future__ import annotations

import functools
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from dedup._jit.kernels import in_order
from dedup.match.relation_measures import Floats, PairEvidence, measures
from dedup.records import RELATIONS
from dedup.settings import Settings

IDENTICAL, DUPLICATE, PASSAGE, REWRITE, QUOTE, TEMPLATE, BOILERPLATE = range(len(RELATIONS))

NONE = -1
"""The pair is no match."""

REASONS = (
    "the same words",
    "most of the longer text is shared",
    "a stretch is shared word for word",
    "the same sentence in other words",
    "what is shared is quoted",
    "one formula, other names or numbers",
    "boilerplate of a site",
)
"""Why a pair is of its kind, by number, in a phrase."""

PATH = Path(__file__).with_name("relation_weights.toml")
"""The numbers."""

_STEP = 1 << 15  # pairs decided at a time


class Question(NamedTuple):
    """A question that measures answer: yes from a probability of `least` on."""

    least: float
    """Least probability for yes, 0 to 1. Higher says yes more rarely."""
    bias: float
    """Logarithm of the odds where every measure is as usual."""
    weights: dict[str, tuple[float, float]]
    """By name of the measure: what one more of it adds to the logarithm of the odds, and its usual
    value."""

    def odds(self, found: dict[str, Floats]) -> Floats:
        """Return how far each pair is over the least odds, as a logarithm, float64[pairs].

        >>> question = Question(0.5, -1.0, {"near": (3.0, 0.0)})
        >>> question.odds({"near": np.array([0.0, 1.0])}).tolist()
        [-1.0, 2.0]
        """
        total = self.bias + np.log(1 / self.least - 1)
        for name, (weight, usual) in self.weights.items():
            total = total + weight * (found[name] - usual)
        return np.asarray(total, np.float64)

    def deciding(self, found: dict[str, Floats]) -> npt.NDArray[np.int8]:
        """Return which measure, by its number in `weights`, speaks most for yes, int8[pairs]."""
        parts = [weight * (found[name] - usual) for name, (weight, usual) in self.weights.items()]
        return np.asarray(np.argmax(parts, axis=0), np.int8)


def questions(data: dict[str, Any]) -> dict[str, Question]:
    """Make questions from what `relation_weights.toml` holds.

    >>> rows = {"quote": {"least": 0.5, "bias": 1.0, "weights": {"near": [3.0, 0.5]}}}
    >>> questions(rows)["quote"].weights
    {'near': (3.0, 0.5)}
    """
    return {
        name: Question(
            float(row["least"]),
            float(row["bias"]),
            {key: (float(weight), float(usual)) for key, (weight, usual) in row["weights"].items()},
        )
        for name, row in data.items()
    }


@functools.cache
def known() -> dict[str, Question]:
    """Read the questions that the package ships."""
    return questions(tomllib.loads(PATH.read_text(encoding="utf-8")))


class Verdicts(NamedTuple):
    """What pairs are, and what decided."""

    relation: npt.NDArray[np.int8]
    """int8[pairs]: the relation by number, or `NONE`."""
    deciding: npt.NDArray[np.int8]
    """int8[pairs]: the measure that spoke most for it, by its number in the weights of the question
    that decided (see `ASKED`)."""


def classify(seen: PairEvidence, settings: Settings) -> Verdicts:
    """Return the relation of each pair, by the questions that the package ships."""
    pairs = len(seen.near)
    out = Verdicts(np.full(pairs, NONE, np.int8), np.zeros(pairs, np.int8))

    def task(low: int) -> None:
        rows = slice(low, low + _STEP)
        found = measures(seen.take(rows), settings.evidence)
        out.relation[rows] = decide(found, known())
        for relation, name in ASKED.items():
            of_kind = out.relation[rows] == relation
            if of_kind.any():
                out.deciding[rows][of_kind] = known()[name].deciding(found)[of_kind]

    list(in_order(task, range(0, pairs, _STEP), settings.workers))
    return out


ASKED = {
    DUPLICATE: "duplicate",
    PASSAGE: "reuse",
    REWRITE: "rewrite",
    QUOTE: "quote",
    TEMPLATE: "template",
    BOILERPLATE: "boilerplate",
}
"""The question that decided, by relation."""


def reason(relation: int, deciding: int) -> str:
    """Say why a pair is of its kind: what that means, and the measure that spoke most for it.

    >>> reason(IDENTICAL, 0)
    'the same words'
    >>> reason(BOILERPLATE, 0)
    'boilerplate of a site (by: known boilerplate)'
    """
    if relation not in ASKED:
        return REASONS[relation]
    return f"{REASONS[relation]} (by: {list(known()[ASKED[relation]].weights)[deciding]})"


def decide(found: dict[str, Floats], asked: dict[str, Question]) -> npt.NDArray[np.int8]:
    """Return the relation of each pair by what is measured of it, int8[pairs], or `NONE`.

    Some things are not asked. Without enough evidence there is no reuse; without that, or figures
    that differ, no template; and without these, known boilerplate or links, no boilerplate. One
    trace alone is no rewrite. A template has other figures, or stands in several texts; a form that
    is filled in twice with other figures and names is no reuse. Two lines of which several or the
    figures make a formula certain are a template if they are no reuse; paragraphs of one article
    that are alike again and again are one in any case. Two texts that are the same but for a few
    words are one, unless a quotation is all that they share.
    """
    yes = {name: question.odds(found) >= 0 for name, question in asked.items()}
    whole = found["whole"] > 0
    enough = found["enough"] > 0
    formal = (found["line of a formula"] > 0) | (found["figures in rest"] > 0)
    family = found["paragraph of a formula"] > 0
    yes["reuse"] = (yes["reuse"] | whole) & enough & ~family
    yes["template"] &= (enough | formal) & (found["formulaic"] > 0)
    yes["reuse"] &= ~(yes["template"] & (found["form filled in"] > 0))
    yes["template"] |= (found["certain formula"] > 0) | family
    known_form = (found["known boilerplate"] > 0) | (found["links"] > 0)
    yes["boilerplate"] &= enough | formal | known_form
    # What one article says both in quotation marks and in its own words is a message told twice.
    twice = (found["prose in one article"] > 0) & yes["quote"]
    yes["quote"] &= ~whole & ~twice
    yes["duplicate"] = yes["duplicate"] & ~twice | whole
    # A name with its title, or a set phrase, is no trace of another text.
    kind = np.where(yes["rewrite"], np.where(found["one trace"] > 0, NONE, REWRITE), PASSAGE)
    kind = np.where(yes["duplicate"], DUPLICATE, kind)
    kind = np.where(yes["quote"], QUOTE, kind)
    kind = np.where(yes["reuse"], kind, np.where(yes["template"], TEMPLATE, NONE))
    return np.where(yes["boilerplate"], BOILERPLATE, kind).astype(np.int8)
