"""What comes of the fit when nobody looks at the corpus left out, not even to choose measures.

The measures of each question are chosen anew for each corpus that is left out, from all that are
known: forward, always the one that lowers the logarithmic loss most, and back again where one is
not needed any more. The loss is itself measured on corpora left out, of those that remain.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from dedup.evaluation import relation_fit
from dedup.evaluation.measured_pairs import MeasuredPairs
from dedup.evaluation.relation_fit import PLANS, Plan, corpora
from dedup.match.relation_measures import Floats, measures

STEP = 1.0
"""What a measure must lower the loss by, in natural units summed over pairs. Higher chooses fewer:
at 1.0 a measure that lowers it by 0.9 is left out."""

MOST = 12
"""Most measures of a question. Higher lets questions grow: at 12 as many as the longest asks."""

GATES = ("enough", "whole", "formulaic", "certain formula", "paragraph of a formula")
"""Measures that are conditions of the decision and no candidates."""


def left_out(measured: MeasuredPairs, tell: Callable[[str], None]) -> npt.NDArray[np.str_]:
    """Return what is said of each pair by measures and weights that never saw its corpus.

    `tell` is called with a line for each question of each corpus.
    """
    found = measures(measured.evidence)
    names = [name for name in found if name not in GATES]
    out = np.full(len(measured.label), "", "<U16")
    for corpus in corpora(measured):
        others = [name for name in corpora(measured) if name != corpus]
        plans = {}
        for question, plan in PLANS.items():
            picked = chosen(plan, names, measured, found, others)
            plans[question] = plan._replace(measures=picked)
            tell(f"{corpus}: {question}: {', '.join(picked)}")
        rows = measured.corpus == corpus
        asked = relation_fit.fit(measured, corpus, plans)
        out[rows] = relation_fit.answer(measured, asked)[rows]
    return out


def chosen(
    plan: Plan,
    names: Sequence[str],
    measured: MeasuredPairs,
    found: dict[str, Floats],
    known: Sequence[str],
) -> tuple[str, ...]:
    """Choose measures for a question by its loss on each of the known corpora in turn."""
    picked: tuple[str, ...] = ()
    best = np.inf
    while True:
        tries = []
        if len(picked) < MOST:
            longer = ((*picked, name) for name in names if name not in picked)
            tries += [(_loss(plan, more, measured, found, known) + STEP, more) for more in longer]
        shorter = [tuple(kept for kept in picked if kept != name) for name in picked]
        tries += [
            (_loss(plan, less, measured, found, known) - STEP, less) for less in shorter if less
        ]
        loss, after = min(tries)
        if loss >= best:
            return picked
        best = loss - STEP if len(after) > len(picked) else loss + STEP
        picked = after


def _loss(
    plan: Plan,
    picked: tuple[str, ...],
    measured: MeasuredPairs,
    found: dict[str, Floats],
    known: Sequence[str],
) -> float:
    """Return the loss of a question on each known corpus, fitted to the others.

    Corpora weigh as in the fit, by the square root of their pairs.
    """
    asked = measured.agreed & ~measured.same & np.isin(measured.label, plan.asked)
    truth = np.isin(measured.label, plan.yes)
    plan = plan._replace(measures=picked, least=0.5)
    counts, losses = [], []
    for corpus in known:
        others = np.isin(measured.corpus, [name for name in known if name != corpus])
        tested = asked & (measured.corpus == corpus)
        question = relation_fit.fitted(plan, measured, found, asked & others)
        odds = question.odds({name: found[name][tested] for name in picked})
        counts.append(max(1, int(tested.sum())))
        losses.append(np.logaddexp(0, np.where(truth[tested], -odds, odds)).sum())
    roots = np.sqrt(counts)
    return float((np.array(losses) / roots).sum() * sum(counts) / roots.sum())
