"""Which sites' dates tell when their pages were fetched, and not when they were published.

Newsrooms publish at all hours, crawlers fetch in bursts: where a good part of a site's articles are
dated within seconds of another one, and far more than its pace would bring about by chance, the
dates are those of fetching. Dates at midnight tell the day alone, and are not looked at.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from dedup.about.dates import Published

SECONDS = 10
"""Seconds between two articles of a burst."""

BURSTS, CHANCE = 0.25, 2.0
"""Share of a site's articles that are in bursts, and how many times as many they are as by chance.
Higher believes more dates."""

FEWEST = 5
"""Articles that tell of a site; smaller ones are taken to be as most of the others."""

_DAY, _HOUR = 86400, 3600


def fetched(sites: Sequence[str], times: Sequence[Published | None]) -> list[bool]:
    """Tell of each article whether its date is most likely that of its fetching.

    >>> from dedup.about.dates import parse
    >>> dates = [parse(f"2024-03-08T10:{time}Z") for time in ("10:01", "10:04", "10:09", "40:02")]
    >>> fetched(["a"] * 8, [*dates, *dates]) == [True] * 8
    True
    """
    epochs: dict[str, list[float]] = {}
    for site, time in zip(sites, times, strict=True):
        if time and time.precision == "second" and time.epoch % _DAY:
            epochs.setdefault(site, []).append(time.epoch)
    known = {
        site: _in_bursts(np.sort(found))
        for site, found in epochs.items()
        if site and len(found) >= FEWEST
    }
    weights = [(len(epochs[site]), bursts) for site, bursts in known.items()]
    most = sum(n for n, bursts in weights if bursts) > sum(n for n, bursts in weights if not bursts)
    return [
        known.get(site, most and site in epochs) if time and time.epoch % _DAY else False
        for site, time in zip(sites, times, strict=True)
    ]


def _in_bursts(epochs: npt.NDArray[np.float64]) -> bool:
    gaps = np.diff(epochs)
    near = np.append(gaps, np.inf) <= SECONDS
    near |= np.append(np.inf, gaps) <= SECONDS
    open_hours = len(np.unique(epochs // _HOUR))
    chance = 1 - np.exp(-2 * SECONDS * len(epochs) / (_HOUR * open_hours))
    return bool(near.mean() >= max(BURSTS, CHANCE * chance))
