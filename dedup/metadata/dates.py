"""When an article was published: the moment, how exactly it is known, and what speaks against it.

`dedup.metadata.date_patterns` has the forms of dates that are read, besides Unix times in seconds
or milliseconds; `dedup.metadata.source_dates` reads those of many articles.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache

from dedup import zones
from dedup.metadata import date_patterns

SPANS = {"second": 0, "minute": 60, "day": 86400, "month": 31 * 86400, "year": 366 * 86400}
"""Most seconds that a date leaves open, by its precision; a second counts as a moment."""


@dataclass(frozen=True, slots=True)
class Published:
    """A point in time, and how much of it was given."""

    epoch: float
    """Seconds since 1970-01-01 UTC; the first moment of the year, month, day or minute given."""
    precision: str
    """The smallest part that was given: `year`, `month`, `day`, `minute` or `second`."""
    zoned: bool
    """True when the zone was given; a time without one counts as UTC."""
    iso: str
    """The same as ISO 8601, to its precision, in the zone that was given."""
    doubt: str | None = None
    """Why it can hardly be when the article was published, in a phrase; None: nothing speaks
    against it. A doubted date orders nothing."""

    @property
    def bounds(self) -> tuple[float, float]:
        """The earliest and the latest moment that it can mean, in seconds since 1970-01-01 UTC.

        Where no zone was given it may be any, from 14 hours east of UTC to 12 hours west.

        >>> parse("2018-07-15T07:54Z").bounds
        (1531641240.0, 1531641300.0)
        """
        east, west = (0, 0) if self.zoned else (_EAST, _WEST)
        return self.epoch - east, self.epoch + SPANS[self.precision] + west


def parse(
    date: str | None, zone: tzinfo | None = None, order: str | None = None
) -> Published | None:
    """Read a date; None when there is none or it cannot be read.

    `zone` is that of dates which name none, `order` how to read numbers that may be two days (one
    of `date_patterns.ORDERS`); without it such a date is doubted. So is one that ends with `?`, the
    mark of an uncertain date in ISO 8601-2, and one that says to be the time of a change.

    >>> parse("26-FEB-1987 15:01:01.79").iso
    '1987-02-26T15:01:01'
    >>> parse("Sun, 15 Jul 2018 07:54 EST").iso
    '2018-07-15T07:54-05:00'
    >>> parse("2024-03-08").precision, parse("1436-10-04").doubt
    ('day', 'looks like a Hijri year')
    >>> parse("03/04/2018").doubt, parse("03/04/2018", order="mdy").iso
    ('may be another day, as the order of its numbers is not known', '2018-03-04')
    >>> parse("a week ago") is None
    True
    """
    if not date:
        return None
    date = date[:_LONGEST].strip()
    plain = date.rstrip("?~").rstrip()
    try:
        found = _unix(plain) if _UNIX.fullmatch(plain) else _written(plain, order)
        return found and _published(found, zone, order, "" if plain == date else UNCERTAIN)
    except (ValueError, OverflowError):  # a 30th of February, a year 0
        return None


def order_of(date: str | None) -> str | None:
    """Return the only order in which the numbers of a date can be read; None if there are more.

    >>> order_of("15/07/2018"), order_of("03/04/2018"), order_of("2018-07-15")
    ('dmy', None, None)
    """
    try:
        found = date_patterns.read((date or "")[:_LONGEST].strip())
    except (ValueError, OverflowError):
        return None
    return found.orders[0] if found and len(found.orders) == 1 else None


def lag(
    a: Published | None, b: Published | None, one_site: bool = False
) -> tuple[float, float] | None:
    """Return the least and the most seconds from a to b; None where nothing is known of it.

    Nothing is known without both dates, of a doubted one, and when b is earlier than a for sure.
    Where either may be the earlier one, the least is 0. Times of `one_site` that lack a zone are
    taken to be of one zone.

    >>> lag(parse("2024-03-08T10:00Z"), parse("2024-03-08T10:00:30Z"))
    (0, 30.0)
    >>> lag(parse("2024-03-08"), parse("2024-03-10"), one_site=True)
    (86400.0, 259200.0)
    """
    return lags(a, b, one_site)[0]


def lags(
    a: Published | None, b: Published | None, one_site: bool = False
) -> tuple[tuple[float, float] | None, tuple[float, float] | None]:
    """Return the `lag` from a to b and that from b to a.

    >>> lags(parse("2024-03-08T10:00Z"), parse("2024-03-08T10:00:30Z"))
    ((0, 30.0), (0, 30.0))
    """
    if a is None or b is None or a.doubt or b.doubt:
        return None, None
    (a_first, a_last), (b_first, b_last) = a.bounds, b.bounds
    known = _EAST + _WEST if one_site and not a.zoned and not b.zoned else 0
    forth, back = b_last - a_first - known, a_last - b_first - known
    return (
        (max(0, b_first - a_last + known), forth) if forth >= 0 else None,
        (max(0, a_first - b_last + known), back) if back >= 0 else None,
    )


_KEPT = 4096
"""Dates that are held as they were read: many articles of a site are of one day, and an index reads
those of earlier articles again and again. Higher takes more memory, about a kilobyte each."""
_written = lru_cache(_KEPT)(date_patterns.read)
_LONGEST = 100
"""Characters of a date that are looked at; the longest form has about 45."""
_UNIX = re.compile(r"\d{9,10}(?:\.\d+)?|\d{13}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_HOUR = 3600
_EAST, _WEST = 14 * _HOUR, 12 * _HOUR
"""Seconds by which local time may be before and behind UTC."""
_AHEAD = 2 * 86400
"""Seconds by which a date may lie ahead of the clock here: dates of the coming print edition."""
_ISO = {"year": 4, "month": 7, "day": 10, "minute": 16, "second": 19}
"""Characters of an ISO date and time up to and with each part."""

UNCERTAIN = "marked as uncertain"
CHANGED = "says when it was changed"
EITHER_WAY = "may be another day, as the order of its numbers is not known"

_PLACEHOLDERS = frozenset(("0001-01-01", "1900-01-01", "1970-01-01", "9999-12-31"))
"""Days that software writes where it has none, alone or with midnight."""
_NEWSPAPERS = 1605
"""The year of the first one, the Strasbourg Relation (World Association of Newspapers, 2005)."""
_BUDDHIST = 543
"""Years by which the calendar of Thailand is ahead."""


def _unix(date: str) -> date_patterns.Written:
    seconds = int(date) / 1000 if len(date) == 13 and date.isdigit() else float(date)
    moment = _EPOCH + timedelta(seconds=seconds // 1)
    return date_patterns.Written(moment, "second", True, seconds % 1)


def _published(
    found: date_patterns.Written, zone: tzinfo | None, order: str | None, doubt: str
) -> Published:
    moment, precision, zoned, fraction, orders, changed = found
    if zone and not zoned:
        moment, zoned = moment.replace(tzinfo=zones.fixed(zone, moment.replace(tzinfo=None))), True
    iso = moment.isoformat()
    timed = precision in ("minute", "second")
    shown = iso[: _ISO[precision]] + (iso[19:] if zoned and timed else "")
    epoch = (moment - _EPOCH).total_seconds() + fraction
    doubt = doubt or _doubt(moment, epoch, precision, zoned) or (CHANGED if changed else "")
    if not doubt and len(orders) > 1 and orders[0] != order:
        doubt = EITHER_WAY
    return Published(epoch, precision, zoned, shown, doubt or None)


def _doubt(moment: datetime, epoch: float, precision: str, zoned: bool) -> str:
    """Return what is wrong with a date that was read right; empty: nothing."""
    if precision not in ("year", "month") and _placeholder(moment, epoch, zoned):
        return "a placeholder date"
    now = time.time()
    if epoch - (0 if zoned else _EAST) > now + _AHEAD:
        here = 1970 + now / (365.25 * 86400)
        buddhist = 1900 <= moment.year - _BUDDHIST <= here + 1
        return "looks like a Buddhist year" if buddhist else "in the future"
    if moment.year >= _NEWSPAPERS:
        return ""
    hijri = 1300 <= moment.year <= 1500  # lunar 1882 to 2077, solar (Persian) 1921 to 2122
    return "looks like a Hijri year" if hijri else "before there were newspapers"


def _placeholder(moment: datetime, epoch: float, zoned: bool) -> bool:
    if epoch in (0, -1):  # no time, and the mark of an error, as Unix times
        return True
    if not zoned and abs(epoch) <= _EAST and epoch % (_HOUR / 2) == 0:  # the same in local time
        return True
    midnight = moment.hour == moment.minute == moment.second == 0
    return midnight and moment.date().isoformat() in _PLACEHOLDERS
