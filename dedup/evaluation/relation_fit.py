"""The fit of `dedup/match/relation_weights.toml`, and its scores on corpora left out.

Each question is a ridge logistic regression, solved by Newton's method (iteratively reweighted
least squares): the measures are brought to mean 0 and deviation 1, and every corpus weighs as the
square root of its number of pairs, so that no large one decides alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup.evaluation.gold import LABELS, LINKED, UNRELATED
from dedup.evaluation.measured_pairs import MeasuredPairs
from dedup.match import relations
from dedup.match.relation_measures import Floats, measures
from dedup.match.relations import Question
from dedup.records import RELATIONS

POOLED = "pooled"
"""All corpora together, among the names of corpora."""

RIDGE = 4.0
"""Price of large weights. Higher makes them smaller, and corpora that were not seen surer."""

_TURNS = 25  # of Newton's method; it settles in about eight

Scores = dict[str, tuple[float, float]]
"""By corpus, and of all: linked F1 and relation macro-F1 with unrelated, as `metrics` counts."""


class Plan(NamedTuple):
    """How a question is fitted."""

    least: float
    """Least probability for yes."""
    yes: tuple[str, ...]
    """Labels for which the answer is yes."""
    asked: tuple[str, ...]
    """Labels that are asked at all."""
    measures: tuple[str, ...]


_OTHER = ("template", UNRELATED)
_PROSE = ("duplicate", "passage", "rewrite")

PLANS = {
    "boilerplate": Plan(
        0.5,
        ("boilerplate",),
        LABELS,
        (
            *("known boilerplate", "links", "line", "quoted elsewhere", "capitals", "containment"),
            *("most of shorter", "one article", "quotation in one"),
        ),
    ),
    "reuse": Plan(
        0.4,  # reuse is what is looked for: missing one costs more than a false one
        LINKED,
        (*LINKED, *_OTHER),
        (
            *("evidence, enough", "longest run", "common elsewhere", "different words of shorter"),
            *("facts differ", "lines of the formula", "additions", "quotation shared"),
            *("quoted by both", "same quotation in one article", "quoted elsewhere"),
        ),
    ),
    "template": Plan(
        0.4,
        ("template",),
        _OTHER,
        (
            *("figures in rest", "facts differ", "additions", "own words", "share of shorter"),
            *("shared content", "evidence, much", "prose over quotation", "quoted elsewhere"),
        ),
    ),
    "quote": Plan(
        0.5,
        ("quote",),
        LINKED,
        (
            *("shared prose", "quoted by one", "facts in both", "facts in rest"),
            *("different words unquoted", "quoted elsewhere"),
        ),
    ),
    "duplicate": Plan(
        0.5,
        ("duplicate",),
        _PROSE,
        (
            *("most of longer", "own words", "share of longer", "different words of longer"),
            "longer",
        ),
    ),
    "rewrite": Plan(
        0.4,
        ("rewrite",),
        ("passage", "rewrite"),
        ("traces", "containment", "longer", "most of shorter"),
    ),
}
"""By name of the question, in the order in which they are asked."""


def corpora(measured: MeasuredPairs) -> list[str]:
    """Name the corpora in order."""
    return sorted(set(measured.corpus.tolist()))


def fit(
    measured: MeasuredPairs, without: str | None = None, plans: Mapping[str, Plan] = PLANS
) -> dict[str, Question]:
    """Fit every question to the pairs on which annotators agree, one corpus left out."""
    found = measures(measured.evidence)
    rows = measured.agreed & ~measured.same & (measured.corpus != without)
    return {name: fitted(plan, measured, found, rows) for name, plan in plans.items()}


def fitted(
    plan: Plan, measured: MeasuredPairs, found: dict[str, Floats], rows: npt.NDArray[np.bool_]
) -> Question:
    """Fit one question to those of the rows, bool[pairs], that it is asked of."""
    asked = rows & np.isin(measured.label, plan.asked)
    table = np.column_stack([found[key][asked] for key in plan.measures])
    mean, spread = table.mean(0), table.std(0) + 1e-9
    counts = dict(zip(*np.unique(measured.corpus[asked], return_counts=True), strict=True))
    weight = np.array([counts[corpus] ** -0.5 for corpus in measured.corpus[asked].tolist()])
    truth = np.isin(measured.label[asked], plan.yes).astype(np.float64)
    solved = _solve((table - mean) / spread, truth, weight / weight.mean())
    weights = zip((solved[:-1] / spread).tolist(), mean.tolist(), strict=True)
    return Question(plan.least, float(solved[-1]), dict(zip(plan.measures, weights, strict=True)))


def _solve(table: Floats, truth: Floats, weight: Floats) -> Floats:
    """Return the weights and, last, the bias of a ridge logistic regression."""
    table = np.column_stack([table, np.ones(len(table))])
    ridge = np.diag([*[RIDGE] * (table.shape[1] - 1), 1e-6])
    solved = np.zeros(table.shape[1])
    for _ in range(_TURNS):
        guess = 1 / (1 + np.exp(-np.clip(table @ solved, -30, 30)))
        slope = table.T @ (weight * (guess - truth)) + ridge @ solved
        bend = (table * (weight * guess * (1 - guess))[:, None]).T @ table + ridge
        solved = solved - np.linalg.solve(bend, slope)
    return solved


def answer(measured: MeasuredPairs, asked: dict[str, Question]) -> npt.NDArray[np.str_]:
    """Return what questions say of each pair; of equal texts, what the scan said."""
    names = np.array((*RELATIONS, UNRELATED))  # the number of no match counts from behind
    answers = names[relations.decide(measures(measured.evidence), asked)]
    return np.where(measured.same, measured.scan, answers)


def left_out(measured: MeasuredPairs) -> npt.NDArray[np.str_]:
    """Return what is said of each pair by weights fitted to the other corpora."""
    out = np.full(len(measured.label), UNRELATED, f"<U{max(map(len, LABELS))}")
    for corpus in corpora(measured):
        rows = measured.corpus == corpus
        out[rows] = answer(measured, fit(measured, corpus))[rows]
    return out


def scores(measured: MeasuredPairs, answers: npt.NDArray[np.str_]) -> Scores:
    """Score what is said of each pair, corpus by corpus and pooled."""
    out = {}
    for corpus in (*corpora(measured), POOLED):
        rows = measured.agreed & ((measured.corpus == corpus) | (corpus == POOLED))
        label, said = measured.label[rows], answers[rows]
        linked = np.isin(said, LINKED) | measured.same[rows]
        each = [_f1(label == name, said == name) for name in LABELS if (label == name).any()]
        out[corpus] = (_linked(label, linked), sum(each) / len(each))
    return out


def best_single(measured: MeasuredPairs) -> Scores:
    """Score the best rule of one measure, chosen and cut for each corpus: it has seen its labels.

    Macro-F1 is not given: such a rule tells no kinds.
    """
    out = {}
    found = measures(measured.evidence)
    for corpus in (*corpora(measured), POOLED):
        rows = measured.agreed & ((measured.corpus == corpus) | (corpus == POOLED))
        label, same = measured.label[rows], measured.same[rows]
        best = max(
            _linked(label, (value[rows] >= cut) | same)
            for name in SINGLE
            for value in [found[name]]
            for cut in np.unique(value[rows].round(3))
        )
        out[corpus] = (best, float("nan"))
    return out


SINGLE = (
    *("evidence", "longest run", "containment", "share of shorter"),
    *("share of longer", "shared content"),
)
"""Measures that are tried as rules of one line."""


def _linked(label: npt.NDArray[np.str_], linked: npt.NDArray[np.bool_]) -> float:
    counts = label != "boilerplate"
    return _f1(np.isin(label, LINKED)[counts], linked[counts])


def _f1(truth: npt.NDArray[np.bool_], said: npt.NDArray[np.bool_]) -> float:
    both = int((truth & said).sum())
    wrong = int((truth != said).sum())
    return 2 * both / (2 * both + wrong) if both + wrong else 1.0


def written(asked: dict[str, Question]) -> str:
    """Write questions as `relation_weights.toml` holds them, five digits of each number."""
    lines = [
        "# Weights of the measures by which dedup tells what kind of reuse a pair of texts is.",
        "# Written by `python -m benchmarks.relations --fit`; see dedup/match/relations.py.",
        "# measure = [what one more of it adds to the logarithm of the odds, its usual value]",
    ]
    for name, question in asked.items():
        lines += ["", f"[{name}]", f"least = {question.least}", f"bias = {question.bias:.5g}"]
        lines += [f"[{name}.weights]"]
        lines += [
            f'"{key}" = [{weight:.5g}, {usual:.5g}]'.replace("[0,", "[0.0,")
            for key, (weight, usual) in question.weights.items()
        ]
    return "\n".join(lines) + "\n"
