"""More texts of one kind than are compared pair by pair: what is listed, and what it costs."""

from __future__ import annotations

import random

import numpy as np
import pytest
from prose import yards

import dedup
from dedup.result import Result

FORM = (
    "The port office of {} has let berth {} to a barge with timber for two nights from Monday. "
    "Skippers who want to lie alongside have to call the pilot station before noon, because the "
    "swing bridge stays shut while divers inspect pier {} and its cable."
)
FILLED = (
    "Skippers from {} who lie at berth {} before noon on Monday must ask for pilot {} and wait as "
    "long as divers look at pier {} of the old swing bridge and at its cable."
)
"""Two of these are near only where they share what one of the four places is filled with."""
PORTS = [name.split()[0].title() for name in yards(3, 200, 1)]


def notices(many: int, form: str = FORM) -> list[str]:
    """Return texts of one form, other ones each time."""
    rng = random.Random(8)
    draws = ((rng.choice(PORTS), *rng.sample(range(90), 3)) for _ in range(3 * many))
    return [*dict.fromkeys(form.format(*filled) for filled in draws)][:many]


def scanned(texts: list[str]) -> Result:
    return dedup.scan(texts, threads=1)


def test_a_reprint_within_a_large_family_of_forms_is_found() -> None:
    texts = notices(150)
    texts[120] = texts[30].replace("before noon", "before eleven")
    found = scanned(texts)
    written = {text.id: text.text for text in found.texts}
    matches = {frozenset((written[match.a], written[match.b])) for match in found.matches}
    assert frozenset((texts[30], texts[120])) in matches


@pytest.mark.parametrize("form", [FORM, FILLED])
@pytest.mark.parametrize("many", [400, 1600])
def test_a_large_family_has_matches_in_proportion_to_its_texts(many: int, form: str) -> None:
    texts = notices(many, form)
    found = scanned(texts)
    ends = np.array([(match.a, match.b) for match in found.matches])
    assert len(np.unique(ends)) == len(texts)  # and each of them is found
    assert len(ends) <= 2 * len(texts)


def test_a_large_family_without_boilerplate_stays_one_cluster() -> None:
    found = scanned(notices(400))
    assert [len(cluster.members) for cluster in found.clusters] == [400]
