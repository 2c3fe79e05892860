"""Which article of a story to keep: what is current, the agency's own copy, then the named policy.

Whatever the policy, a withdrawn article is kept only if all are, a version only if no later one of
its site takes its place, an excerpt or what breaks off only if nothing in the story is whole, and
an agency's own copy goes before its subscribers' (whose times may be earlier). Then the policy of
`Settings` decides, as it does for clusters (see `dedup.policies`), and last site and id.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from dedup import policies
from dedup.settings import Settings
from dedup.stories.article_features import ArticleFeatures
from dedup.stories.distinct_articles import DistinctArticles
from dedup.text.corpus import Corpus
from dedup.text.endings import CUT

_FIRST = (
    "the others are withdrawn",
    "the current version",
    "the whole article",
    "does not break off",
    "the agency's own copy",
)
EQUAL = "equal by every rule; first by site and id"


class Candidate(NamedTuple):
    """What decides about one article."""

    article: int
    """Its number: articles are numbered in order of their ids."""
    features: ArticleFeatures
    superseded: bool
    excerpt: bool
    cut: bool
    """Whether its text breaks off with an ellipsis."""
    length: int
    """Number of its different 5-grams."""
    overlap: float
    """How much it shares with the others."""


def choose(candidates: Sequence[Candidate], settings: Settings) -> tuple[int, str, tuple[int, ...]]:
    """Return the article to keep, the reason, and the runners-up in order.

    >>> from dedup.stories.article_features import NOTHING
    >>> def candidate(number, length):
    ...     return Candidate(number, NOTHING, False, False, False, length, 0)
    >>> choose([candidate(0, 80), candidate(1, 90)], Settings(policy="longest"))
    (1, 'longest', (0,))
    """
    names = [name for name in policies.KEYS[settings.policy] if name != "aside"]
    enough = policies.ABOUT * max(c.length for c in candidates)
    if len(candidates) == 2:  # of two, each is as like the other
        candidates = [c._replace(overlap=0.0) for c in candidates]
    rules: list[Callable[[Candidate], float]] = [
        lambda c: c.features.withdrawn,
        lambda c: c.superseded,
        lambda c: c.excerpt,
        lambda c: c.cut,
        lambda c: c.features.house is None,
        *(_rule(name, enough, settings) for name in names),
    ]
    phrases = [*_FIRST, *(policies.REASONS[name] for name in names)]
    keyed = sorted(([rule(c) for rule in rules], c.features.site, c.article) for c in candidates)
    best = keyed[0]
    reason = "the only one"
    if len(keyed) > 1:
        rows = enumerate(zip(best[0], keyed[1][0], strict=True))
        differ = [number for number, (x, y) in rows if x != y]
        reason = phrases[differ[0]] if differ else EQUAL
        if differ and differ[0] >= len(_FIRST):
            reason += _among([key for key, _, _ in keyed])
    return best[2], reason, tuple(article for _, _, article in keyed[1 : 1 + policies.RUNNERS_UP])


def breaks_off(body: int, distinct: DistinctArticles, corpus: Corpus) -> bool:
    """Tell whether the last own text of a distinct article, by its number, breaks off."""
    text = distinct.texts[distinct.offsets[body + 1] - 1]
    return bool(corpus.how_ends(corpus.first[[text]])[0] == CUT)


def _among(keys: Sequence[list[float]]) -> str:
    """Return the words that say among which articles a policy decided, if that matters.

    The first one published of the current versions may not have been published first of all.
    """
    best, rules = keys[0], len(_FIRST)
    better = [key for key in keys if key[rules:] < best[rules:]]
    out = [any(key[rule] != best[rule] for key in better) for rule in range(rules)]
    withdrawn, superseded, excerpts, cut, others = out
    words = [
        *["agency's own"] * others,
        *["current"] * (withdrawn or superseded),
        *["whole"] * (excerpts or cut),
    ]
    return f" of the {' '.join(words)} {'copies' if others else 'ones'}" if words else ""


def _rule(name: str, enough: float, settings: Settings) -> Callable[[Candidate], float]:
    """Return what gives the key of a policy; `enough` is the length of a complete candidate."""
    rules: dict[str, Callable[[Candidate], float]] = {
        "published": lambda c: policies.published(c.features.time)[0],
        "vagueness": lambda c: policies.published(c.features.time)[1],
        "length": lambda c: -c.length,
        "complete": lambda c: -min(c.length, enough),
        "spare": lambda c: c.length,
        "likeness": lambda c: -c.overlap,
        "preference": lambda c: policies.preference(c.features.site, settings),
    }
    return rules[name]
