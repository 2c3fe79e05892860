"""The policies that say which version to keep: one table, for clusters and for stories.

Every policy is an order of keys. The smaller value wins, and the first key that differs decides and
says so in the reason:

====================  ==============================================================
`earliest`            published first (undated and doubtful dates last), then longest
`longest`             longest, then published first
`medoid`              most like the other versions, then as `earliest`
`preferred-site`      site in the order given, then as `earliest`
====================  ==============================================================

`earliest` is the default because in news the first to publish is most often the source, and later
versions are cut or reworked.
"""

from __future__ import annotations

from collections.abc import Mapping

from dedup.metadata.dates import SPANS, Published
from dedup.settings import Settings

KEYS: Mapping[str, tuple[str, ...]] = {
    "earliest": ("published", "vagueness", "length"),
    "longest": ("length", "published", "vagueness"),
    "medoid": ("likeness", "published", "vagueness", "length"),
    "preferred-site": ("preference", "published", "vagueness", "length"),
}
"""The keys of each policy, in order."""

REASONS = {
    "published": "published first",
    "vagueness": "published first",
    "length": "longest",
    "likeness": "most like the others",
    "preference": "preferred site",
}
"""Why a version is kept, by the key that decided."""

RUNNERS_UP = 3
"""How many runners-up are recorded."""

_VAGUENESS = {"minute": 0, "day": 1, "month": 2, "year": 3, "second": 4}
"""Which of two dates that end at one moment comes first: a date that excludes that moment goes
before the moment itself."""


def published(date: Published | None) -> tuple[float, int]:
    """Return the keys `published` and `vagueness` of a date.

    A date counts as its last moment, so that a day without a time never goes before a stated time
    of that day; a time without a zone counts as UTC.

    >>> from dedup.metadata.dates import parse
    >>> day, moment = parse("2024-03-08"), parse("2024-03-08T10:00Z")
    >>> published(moment) < published(day) < published(None)
    True
    """
    if date is None or date.doubt:
        return float("inf"), 0
    return date.epoch + SPANS[date.precision], _VAGUENESS[date.precision]


def preference(site: str | None, settings: Settings) -> int:
    """Return the key `preference` of a site: its place in the order given, or behind all of it.

    >>> chosen = Settings(policy="preferred-site", preferred_sites=("herald", "post"))
    >>> preference("post", chosen), preference(None, chosen)
    (1, 2)
    """
    order = settings.preferred_sites
    return order.index(site) if site in order else len(order)
