"""Who of two articles most likely had their common text first, how sure that is, and why.

Each reason adds its weight to the odds, as logarithms (I. J. Good 1950, Probability and the
Weighing of Evidence): a weight of 1 is odds of 2.7 to 1, of 4 odds of 55 to 1. Two articles that
only quote the same words are not each other's source, whatever their times; of two that share a
lesser part, which a third may have had before both, only time speaks, and with half its weight. Two
sites that credit one agency have their text from it, whichever ran it first.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from dedup.metadata.dates import lag, lags
from dedup.stories.article_features import ArticleFeatures

HOUSE, DECLARED, CUT, UNCREDITED, TAGGED = 4.0, 3.5, 0.6, 0.4, 2.0
"""Weights: the agency's own copy of what the other credits to it or has without a credit; the one
that the other declares as its source; the whole of which the other is an excerpt; the one that
names an agency where the other names none; of two versions on one site the one tagged earlier.
Higher believes that reason more: 4.0 alone is a confidence of 0.98, 0.6 one of 0.65."""

UNZONED = 0.7
"""What is left of the weight of a head start between two sites that name no zone: sites of one
country mostly share theirs. Higher believes their times more: at 0.7 three hours weigh 1.27 instead
of 1.81."""

FETCHED = 0.25
"""What is left of it where one of the two times is that of a fetch. Higher believes such times
more: at 0.25 a day weighs 0.53 instead of 2.1, a confidence of 0.63."""

PARTLY = 0.5
"""What is left of it where neither article holds most of the other. Higher believes times more
there: at 0.5 a day weighs 1.06, a confidence of 0.74."""

SURE = 0.45
"""Weight below which the direction is unknown: odds of 1.57 to 1. Higher answers less often; at 0.4
who names an agency would be the original of another subscriber that does not."""

EXCERPT, WHOLE = 0.8, 0.5
"""An excerpt: at least this share of it is in the other, and less than that share of the other in
it. Higher `EXCERPT` finds fewer and higher `WHOLE` more: at 0.8 and 0.5 an article of 100 words, 80
of them from one of 170 words."""

LATE = 86400
"""Seconds after which an agency's own copy is no original of what the other ran before. Higher
believes agencies longer: at 86400 for a day."""

START, START_RATE, START_MOST = 0.75, 0.35, 2.2
"""The weight of a head start: `START`, and `START_RATE` for each power of ten of tens of seconds,
up to `START_MOST`. Higher believes times more: at these a weight of 0.86 for ten seconds, 1.4 for
ten minutes and 2.1 for a day."""


class Direction(NamedTuple):
    """The answer for an article a and an article b."""

    first: int
    """0: a had it first; 1: b; -1: unknown."""
    confidence: float
    """How sure that is, 0.5 to 1; 0 where it is unknown."""
    lag: tuple[float, float] | None
    """Least and most seconds between the two, whichever was earlier; None: unknown."""
    reasons: tuple[str, ...]
    """What speaks for the answer, the strongest first."""


def direction(
    a: ArticleFeatures,
    b: ArticleFeatures,
    held: tuple[float, float] = (1.0, 1.0),
    quoted: bool = False,
) -> Direction:
    """Weigh what two articles say of themselves.

    `held` are the shares of a's and of b's words that the other holds, `quoted` says that these are
    quotations.

    >>> from dedup.metadata.dates import parse
    >>> from dedup.stories.article_features import NOTHING
    >>> def fact(date):
    ...     return NOTHING._replace(site="s", owner="s", time=parse(date))
    >>> early, late = fact("2024-03-08T10:00Z"), fact("2024-03-08T12:01Z")
    >>> direction(early, late).first, direction(late, early).reasons
    (0, ('published at least 2 hours earlier',))
    """
    forth, back = lags(a.time, b.time, one_site=bool(a.site) and a.site == b.site)
    apart = _apart(forth, back)
    if quoted:
        return Direction(-1, 0.0, apart, ("what is shared is quoted from a third",))
    if agency := _subscribed(a, b):
        return Direction(-1, 0.0, apart, (f"both have it from {agency}",))
    if max(held) < WHOLE:
        for_a, for_b = _partly(_head_start(a, b, forth)), _partly(_head_start(b, a, back))
    else:
        for_a = _reasons(a, b, held, forth, back)
        for_b = _reasons(b, a, held[::-1], back, forth)
    weight = sum(w for w, _ in for_a) - sum(w for w, _ in for_b)
    if abs(weight) < SURE:
        why = "what is known tells too little" if for_a or for_b else "nothing known tells"
        why = "what is known speaks for both" if for_a and for_b else why
        return Direction(-1, 0.0, apart, (why,))
    reasons = sorted(for_a if weight > 0 else for_b, key=lambda reason: -reason[0])
    sure = 1 / (1 + math.exp(-abs(weight)))
    return Direction(int(weight < 0), round(sure, 3), apart, tuple(why for _, why in reasons))


def _subscribed(a: ArticleFeatures, b: ArticleFeatures) -> str | None:
    """Return the agency that two sites credit, unless one is its own or declares the other."""
    if a.house or b.house or a.agency != b.agency or (a.site and a.site == b.site):
        return None
    return None if a.agency is None or _declares(b, a) or _declares(a, b) else a.agency


def _declares(one: ArticleFeatures, other: ArticleFeatures) -> bool:
    """Return whether an article declares another one as its source."""
    return bool(one.sources) and not one.sources.isdisjoint(names(other))


def names(features: ArticleFeatures) -> set[str]:
    """Return what another article may declare as its source when it is this one."""
    known = (features.site, features.document, features.house and features.house.casefold())
    return {name for name in known if name}


def _reasons(
    a: ArticleFeatures,
    b: ArticleFeatures,
    held: tuple[float, float],
    ahead: tuple[float, float] | None,
    behind: tuple[float, float] | None,
) -> list[tuple[float, str]]:
    """List what speaks for a, with its weight; `ahead` and `behind` are the lags to b and to a."""
    found = []
    if a.house and b.house != a.house and not (behind and behind[0] > LATE):
        if b.agency == a.house:
            found.append((HOUSE + 1, f"{a.house}'s own copy, which the other credits"))
        elif b.agency is None:
            found.append((HOUSE, f"{a.house}'s own copy"))
    if _declares(b, a):
        found.append((DECLARED, "the other declares it as its source"))
    if a.agency and not b.agency and not b.house:
        found.append((UNCREDITED, f"it credits {a.agency}, the other nobody"))
    if held[1] >= EXCERPT and held[0] < WHOLE:
        found.append((CUT, "the other is an excerpt of it"))
    if a.site and a.site == b.site and a.rank < b.rank:
        found.append((TAGGED, "the other is tagged as a later version"))
    found += _head_start(a, b, ahead)
    if found and b.agency and not a.agency and not a.house:
        found.append((0.0, f"though the other credits {b.agency}, and it nobody"))
    return found


def _head_start(
    a: ArticleFeatures, b: ArticleFeatures, ahead: tuple[float, float] | None
) -> list[tuple[float, str]]:
    """Weigh the time by which a is earlier for sure, or if both clocks show one zone."""
    if ahead and ahead[0] > 0:
        weight, why = _earlier(ahead[0]), f"at least {told(ahead[0])} earlier"
    elif (one_clock := _one_clock(a, b)) > 0:
        weight = UNZONED * _earlier(one_clock)
        why = f"{told(one_clock)} earlier, if both clocks show one zone"
    else:
        return []
    if a.fetched or b.fetched:
        return [(FETCHED * weight, f"fetched {why}: dates in bursts tell little of publication")]
    return [(weight, f"published {why}")]


def _partly(found: list[tuple[float, str]]) -> list[tuple[float, str]]:
    return [(PARTLY * weight, f"{why}, of the part that both hold") for weight, why in found]


def _one_clock(a: ArticleFeatures, b: ArticleFeatures) -> float:
    """Return the least seconds from a to b if two times without a zone are of one; 0: unknown."""
    if not a.time or not b.time or a.time.zoned or b.time.zoned:
        return 0.0
    apart = lag(a.time, b.time, one_site=True)
    return apart[0] if apart else 0.0


def _earlier(seconds: float) -> float:
    """Weigh a head start: more for a longer one, up to `START_MOST`."""
    return min(START_MOST, START + START_RATE * math.log10(1 + seconds / 10))


def _apart(
    forth: tuple[float, float] | None, back: tuple[float, float] | None
) -> tuple[float, float] | None:
    if forth and back:
        return 0.0, max(forth[1], back[1])
    return forth or back


def told(seconds: float) -> str:
    """Tell a length of time in its largest unit, rounded down.

    >>> told(7300), told(86400), told(59)
    ('2 hours', '1 day', '59 seconds')
    """
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second")):
        if seconds >= size or size == 1:
            n = int(seconds // size)
            return f"{n:,} {unit}{'' if n == 1 else 's'}"
    raise AssertionError  # the last size always fits


# -- Which article of a story was the original, and whose text th

ASKED = 4
"""Articles that are tried as the original. Higher finds one in more stories whose members speak
against one another: at 4 the fifth is not tried."""

CREDITED = 1 / 3
"""Share of the members, excerpts aside, that must credit an agency for the story to be its text.
Higher names fewer agencies: at 1/3 two of six are enough."""


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
    features: Sequence[ArticleFeatures],
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
            article: direction(features[first], features[article], held(first, article))
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
    own: Iterable[int],
    excerpts: set[int],
    leads: Iterable[int | None],
    features: Sequence[ArticleFeatures],
) -> str | None:
    """Name the agency whose text a story is, or None.

    An agency's own copy tells; else what most credits say, if enough of the members credit it; else
    the first credit of `leads`, the original and the canonical article.
    """
    members = [article for article in own if article not in excerpts]
    if house := _most(features[article].house for article in own):
        return house
    agency = _most(features[article].agency for article in own)
    credits_ = [features[article].agency for article in members]
    if agency and credits_.count(agency) >= CREDITED * len(members):
        return agency
    return next((features[a].agency for a in leads if a is not None and features[a].agency), None)


def _most(names: Iterable[str | None]) -> str | None:
    """Return the name that is more than half of those given."""
    counts = Counter(name for name in names if name is not None)
    return next((name for name, n in counts.items() if 2 * n > counts.total()), None)
