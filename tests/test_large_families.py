"""More texts of one kind than are compared pair by pair: what is listed, and what it costs."""

from __future__ import annotations

import random

import numpy as np
import pytest
from prose import yards

import dedup
from dedup.match import near_duplicates
from dedup.match.cluster import spanning
from dedup.match.near_duplicates import Near
from dedup.progress import Silent
from dedup.records import Article
from dedup.result import Result
from dedup.settings import Settings
from dedup.text.corpus import collapse
from dedup.text.shingle import shingle

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


def near(texts: list[str]) -> Near:
    corpus = collapse([Article(f"{n:06}", text) for n, text in enumerate(texts)], 1, Silent())
    sets = shingle(corpus.texts, 3, 1)
    return near_duplicates.near(sets, corpus.texts.words(), Settings(), Silent())[0]


def ends(many: int) -> list[str]:
    """Return texts that end with other words each time."""
    lines = dict.fromkeys(" ".join(line.split()[:3]) for line in yards(5, 2 * many, 4))
    return [f"{FORM.format('Go', 7, 4)} {line}." for line in lines][:many]


def joined(pairs: Near, least: float, texts: int) -> list[int]:
    """Return the least number of the texts that pairs of some likeness join with each one."""
    some = pairs.take(pairs.jaccard >= least)
    of = list(range(texts))
    for pair in some.pairs[spanning(some.pairs, some.jaccard, texts)].tolist():
        a, b = of[pair >> 32], of[pair & 0xFFFFFFFF]
        of = [min(a, b) if head in (a, b) else head for head in of]
    return of


@pytest.mark.parametrize("texts", [notices(300), notices(300, FILLED), ends(300)])
def test_hubs_leave_out_no_pair_that_joins_what_no_other_joins(
    texts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    few = near(texts)
    monkeypatch.setattr(near_duplicates, "past_hubs", lambda pairs, _: pairs)
    every = near(texts)
    assert len(few.pairs) < len(every.pairs)
    for least in (0.5, 0.55, 0.6, 0.7, 0.8, 0.9):
        assert joined(few, least, len(texts)) == joined(every, least, len(texts))


@pytest.mark.parametrize("fresh", [1, 100, 5000])
def test_how_often_pairs_are_left_out_changes_nothing(
    fresh: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    once = near(notices(300))
    monkeypatch.setattr(near_duplicates, "_FRESH", fresh)
    often = near(notices(300))
    assert often.pairs.tolist() == once.pairs.tolist()


def test_texts_with_other_ends_have_near_pairs_in_proportion() -> None:
    texts = ends(2000)
    assert len(near(texts).pairs) < 16 * len(texts)
