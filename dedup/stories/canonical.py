"""Which article of a story to keep: what is current, the agency's own copy, then the named policy.

Whatever the policy, a withdrawn article is kept only if all are, a version only if no later one of
its site takes its place, an excerpt only if nothing in the story is whole, and an agency's own copy
goes before its subscribers' (whose times may be earlier). Then the policy of `Settings` decides, as
it does for clusters (see `dedup.match.canonical`), and last site and id.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from dedup.metadata.dates import SPANS
from dedup.settings import Settings
from dedup.stories.article_features import ArticleFeatures

RUNNERS_UP = 3
"""How many runners-up are recorded."""

_FIRST = (
    "the others are withdrawn",
    "the current version",
    "the whole article",
    "the agency's own copy",
)
_POLICIES = {
    "earliest": ("published", "length"),
    "longest": ("length", "published"),
    "medoid": ("kin", "published", "length"),
    "preferred-site": ("preference", "published", "length"),
}
_SAYS = {
    "published": "published first",
    "length": "longest",
    "kin": "most like the others",
    "preference": "preferred site",
}
EQUAL = "equal by every rule; first by site and id"


class Candidate(NamedTuple):
    """What decides of one article."""

    article: int
    """Its number: articles are numbered in order of their ids."""
    features: ArticleFeatures
    superseded: bool
    excerpt: bool
    length: int
    """Different 5-grams of its body."""
    overlap: float
    """How much it shares with the others."""


def choose(candidates: Sequence[Candidate], settings: Settings) -> tuple[int, str, tuple[int, ...]]:
    """Return the article to keep, the reason, and the runners-up in order.

    >>> from dedup.stories.article_features import NOTHING
    >>> def candidate(number, length):
    ...     features = NOTHING
    ...     return Candidate(number, features, False, False, length, 0)
    >>> choose([candidate(0, 80), candidate(1, 90)], Settings(policy="longest"))
    (1, 'longest', (0,))
    """
    names = _POLICIES[settings.policy]
    rules: list[Callable[[Candidate], float]] = [
        lambda c: c.features.withdrawn,
        lambda c: c.superseded,
        lambda c: c.excerpt,
        lambda c: c.features.house is None,
        *(_rule(name, settings) for name in names),
    ]
    phrases = [*_FIRST, *(_SAYS[name] for name in names)]
    keyed = sorted(([rule(c) for rule in rules], c.features.site, c.article) for c in candidates)
    best = keyed[0]
    reason = "the only one"
    if len(keyed) > 1:
        rows = enumerate(zip(best[0], keyed[1][0], strict=True))
        differ = [number for number, (x, y) in rows if x != y]
        reason = phrases[differ[0]] if differ else EQUAL
        if differ and differ[0] >= len(_FIRST):
            reason += _among([key for key, _, _ in keyed])
    return best[2], reason, tuple(article for _, _, article in keyed[1 : 1 + RUNNERS_UP])


def _among(keys: Sequence[list[float]]) -> str:
    """Say among which articles a policy decided, if that matters: keys, the one to keep first.

    Who was published first of the current versions may not have been published first of all.
    """
    best, rules = keys[0], len(_FIRST)
    better = [key for key in keys if key[rules:] < best[rules:]]
    out = [any(key[rule] != best[rule] for key in better) for rule in range(rules)]
    withdrawn, superseded, excerpts, others = out
    words = [
        *["agency's own"] * others,
        *["current"] * (withdrawn or superseded),
        *["whole"] * excerpts,
    ]
    return f" of the {' '.join(words)} {'copies' if others else 'ones'}" if words else ""


def _rule(name: str, settings: Settings) -> Callable[[Candidate], float]:
    if name == "published":
        # A date without a time counts as the last moment of its day, and a time without a zone as
        # UTC, as for clusters: the two then keep one article.
        return lambda c: (
            c.features.time.epoch + SPANS[c.features.time.precision]
            if c.features.time
            else float("inf")
        )
    if name == "length":
        return lambda c: -c.length
    if name == "kin":
        return lambda c: -c.overlap
    places = {site: number for number, site in enumerate(settings.preferred_sites)}
    return lambda c: places.get(c.features.site, len(places))
