"""Which article of a story was the original, and whose text the story is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from dedup.stories.direction import Direction, direction
from dedup.stories.facts import Facts

ASKED = 4
"""Articles that are tried as the original. Higher finds one in more stories whose members speak
against one another."""

CREDITED = 1 / 3
"""Share of the members, excerpts aside, that must credit an agency for the story to be its text."""


class Origin(NamedTuple):
    """Who had a story first."""

    original: int | None
    """Number of the article; None: unknown."""
    answers: Mapping[int, Direction]
    """How the original, as the first of two, stands to each other article; empty if unknown."""


def origin(
    own: Sequence[int],
    parts: Sequence[int],
    first: int,
    facts: Sequence[Facts],
    held: Callable[[int, int], tuple[float, float]],
) -> Origin:
    """Find the article of which none says for sure that it comes later, and half that it does not.

    `first` is tried first; who is contradicted gives way to who contradicts it best. Roundups,
    `parts`, are asked where there is no other article. `held` gives the shares that two articles
    hold of one another.
    """
    tried: set[int] = set()
    while first in own and first not in tried and len(tried) < ASKED:
        tried.add(first)
        answers = {
            article: direction(facts[first], facts[article], held(first, article))
            for article in (own if len(own) > 1 else (*own, *parts))
            if article != first
        }
        against = [article for article, answer in answers.items() if answer.first == 1]
        if not against:
            agree = sum(answer.first == 0 for answer in answers.values())
            return Origin(first, answers) if 2 * agree >= len(answers) else Origin(None, {})
        first = max(against, key=lambda article: (answers[article].confidence, -article))
    return Origin(None, {})


def source(
    own: Iterable[int], excerpts: set[int], leads: Iterable[int | None], facts: Sequence[Facts]
) -> str | None:
    """Name the agency whose text a story is, or None.

    An agency's own copy tells; else what most credits say, if enough of the members credit it; else
    the first credit of `leads`, the original and the canonical article.
    """
    members = [article for article in own if article not in excerpts]
    if house := _most(facts[article].house for article in own):
        return house
    agency = _most(facts[article].agency for article in own)
    credits_ = [facts[article].agency for article in members]
    if agency and credits_.count(agency) >= CREDITED * len(members):
        return agency
    return next((facts[a].agency for a in leads if a is not None and facts[a].agency), None)


def _most(names: Iterable[str | None]) -> str | None:
    """Return the name that is more than half of those given."""
    counts = Counter(name for name in names if name is not None)
    return next((name for name, n in counts.items() if 2 * n > counts.total()), None)
