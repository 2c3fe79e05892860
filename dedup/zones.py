"""Time zones by the names that dates give them: `CET`, `BST`, `ET`, `Europe/Berlin`, `+05:30`.

Abbreviations mean what they most often do in news: `IST` is India's and `BST` Britain's, and those
of RFC 2822 are America's. They are fixed distances from UTC, as written, in summer and winter.
`ET`, `CT`, `MT` and `PT` are the time on the wall there; so are names of the IANA database.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone, tzinfo
from functools import cache

_HOURS = {
    "z": 0, "utc": 0, "ut": 0, "gmt": 0, "wet": 0, "west": 1, "bst": 1, "cet": 1, "mez": 1,
    "cest": 2, "mesz": 2, "eet": 2, "eest": 3, "msk": 3, "мск": 3, "trt": 3, "gst": 4, "pkt": 5,
    "ist": 5.5, "npt": 5.75, "ict": 7, "wib": 7, "wita": 8, "wit": 9, "hkt": 8, "sgt": 8, "pht": 8,
    "awst": 8, "jst": 9, "kst": 9, "acst": 9.5, "acdt": 10.5, "aest": 10, "aedt": 11, "nzst": 12,
    "nzdt": 13, "wat": 1, "cat": 2, "sast": 2, "eat": 3, "brt": -3, "art": -3, "clt": -4, "cot": -5,
    "pet": -5, "nst": -3.5, "ndt": -2.5, "ast": -4, "adt": -3, "est": -5, "edt": -4, "cst": -6,
    "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7, "akst": -9, "akdt": -8, "hst": -10,
}  # fmt: skip
"""Hours east of UTC by abbreviation, in small letters."""
_WALLS = {
    "et": "America/New_York", "ct": "America/Chicago", "mt": "America/Denver",
    "pt": "America/Los_Angeles",
}  # fmt: skip
_OFFSET = re.compile(r"(?:utc|gmt)?\s?([+\-−])(\d\d?)(?::?(\d\d))?", re.IGNORECASE)

NAMES = "|".join(sorted([*_HOURS, *_WALLS], key=len, reverse=True))
"""Pattern of the abbreviations that are known, in small letters."""


def named(name: str, wall: datetime) -> timezone | None:
    """Return the distance from UTC that a name means at a time on the wall; None if unknown.

    >>> named("cet", datetime(2026, 7, 1)), named("ET", datetime(2026, 7, 1))
    (datetime.timezone(datetime.timedelta(seconds=3600)), \
datetime.timezone(datetime.timedelta(days=-1, seconds=72000)))
    """
    name = name.lower()
    if name in _HOURS:
        return timezone(timedelta(hours=_HOURS[name]))
    zone = _database(_WALLS.get(name, name))
    return fixed(zone, wall) if zone else None


def fixed(zone: tzinfo, wall: datetime) -> timezone:
    """Return the distance from UTC in a zone at a time on the wall there.

    >>> fixed(timezone.utc, datetime(2026, 7, 1)).utcoffset(None).total_seconds()
    0.0
    """
    return timezone(wall.replace(tzinfo=zone).utcoffset() or timedelta())


def offset(sign: str, hours: str, minutes: str | None) -> timezone:
    """Return a distance from UTC; raises `ValueError` for one of a day or more.

    >>> offset("-", "4", "30").utcoffset(None).total_seconds()
    -16200.0
    """
    away = timedelta(hours=int(hours), minutes=int(minutes or 0))
    return timezone(away if sign == "+" else -away)


@cache
def zone(name: str) -> tzinfo | None:
    """Return the zone that a user names: IANA's, an abbreviation or a distance; None if unknown.

    >>> zone("+05:30").utcoffset(None).total_seconds(), zone("Europe/Nowhere")
    (19800.0, None)
    """
    name = name.strip()
    if found := _OFFSET.fullmatch(name):
        try:
            return offset(found[1], found[2], found[3])
        except ValueError:
            return None
    if name.lower() in _HOURS:
        return timezone(timedelta(hours=_HOURS[name.lower()]))
    return _database(_WALLS.get(name.lower(), name))


@cache
def _database(name: str) -> tzinfo | None:
    """Find a zone of the IANA database, whatever the case of its letters."""
    from zoneinfo import ZoneInfo, available_timezones

    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError):  # no such name, no such file, a folder
        known = {each.lower(): each for each in available_timezones()}
    found = known.get(name.lower())
    return ZoneInfo(found) if found else None
