"""The many ways in which dates are written, each a pattern.

Read are ISO 8601 (`2018-07-15T07:54:28-04:00`, `20180715`, `2018-07`), RFC 2822 and HTTP dates
(`Sun, 15 Jul 2018 07:54 GMT`), `26-FEB-1987 15:01:01.79`, `July 15, 2018, 7:54 p.m.`,
`15.07.2018`, and Chinese, Japanese and Korean dates with 年月日 or 년월일. Month names are English.
`03/04/2018` may be two days and is not read.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import NamedTuple


class Written(NamedTuple):
    """What a date says."""

    moment: datetime
    """Its first moment, to the second, in the zone that was given or in UTC."""
    precision: str
    """The smallest part that was given: `year`, `month`, `day`, `minute` or `second`."""
    zoned: bool = False
    """True when the zone was given."""
    fraction: float = 0.0
    """What it gives of a second, 0 to 1."""


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAY = r"(?:[a-z]+\.?,?\s+)"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_MONTH = (
    r"(?P<name>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?"
    r"|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_CLOCK = (
    r"(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,](?P<fraction>\d+))?)?(?!\d)"
    r"(?:\s*(?P<half>[ap])\.?m\b\.?)?"
)
_ZONE = (
    r"(?:\s*(?P<zone>z|gmt|utc?|e[sd]t|c[sd]t|m[sd]t|p[sd]t)\b)?"
    r"(?:\s*(?P<sign>[+-])(?P<away>\d\d?)(?::?(?P<rest>\d\d))?(?!\d))?"
)

_DATES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # 2018-07-15, 2018/7/15, 2018.07.15
        r"(?P<year>\d{4})(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})(?!\d)",
        # 20180715
        r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)(?=(?:\d{4}|\d{6})?(?!\d))",
        # 2018年7月15日, 2018년 7월 15일
        r"(?P<year>\d{4})\s?[年년]\s?(?P<month>\d{1,2})\s?[月월]\s?(?P<day>\d{1,2})\s?[日일]",
        # 15 Jul 2018, 15-JUL-18, Sun, 15th July, 2018
        rf"{_WEEKDAY}?{_DAY}[-\s]\s*{_MONTH}[-,\s]\s*(?P<year>\d{{4}}|\d\d)(?![\d:])",
        # July 15, 2018; Sunday, July 15th 2018
        rf"{_WEEKDAY}??{_MONTH}\s+{_DAY},?\s+(?P<year>\d{{4}})(?!\d)",
        # Sun Jul 15 07:54:28 2018, Sun Jul 15 07:54:28 +0000 2018
        rf"{_WEEKDAY}??{_MONTH}\s+{_DAY}\s+{_CLOCK}{_ZONE}\s+(?P<year>\d{{4}})(?!\d)",
        # 15.07.2018
        r"(?P<day>\d{1,2})\.\s?(?P<month>\d{1,2})\.\s?(?P<year>\d{4})(?!\d)",
        # 2018-07, July 2018, 2018
        r"(?P<year>\d{4})[-/](?P<month>\d{1,2})(?![-/\d])",
        rf"{_MONTH},?\s+(?P<year>\d{{4}})(?!\d)",
        r"(?P<year>\d{4})$",
    )
)
_TIME = re.compile(rf"(?:t|,?\s*(?:at\s+|(?<=\s)[-|]\s+)?){_CLOCK}{_ZONE}", re.IGNORECASE)
_COMPACT_TIME = re.compile(
    rf"t?(?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d)?(?:\.\d+)?(?!\d){_ZONE}", re.IGNORECASE
)
_ZONES = {"e": -5, "c": -6, "m": -7, "p": -8}
"""Hours from UTC of the American zones that RFC 2822 names, in winter."""


def read(date: str) -> Written | None:
    """Read a date without blanks around it; None when it has no form that is known.

    What follows a date and is no time is ignored; a time that cannot be leaves the day.
    Raises `ValueError` or `OverflowError` for a day that never was.

    >>> read("15 Jul 2018 7:54 pm, by our staff").precision
    'minute'
    """
    found = next((match for pattern in _DATES if (match := pattern.match(date))), None)
    if found is None:
        return None
    part = found.groupdict()
    day = datetime(_year(part["year"]), _month(part), int(part.get("day") or 1), tzinfo=UTC)
    if part.get("day") is None:
        return Written(day, "month" if "month" in part or "name" in part else "year")
    if part.get("hour") is None:
        time = _TIME.match(date, found.end()) or _COMPACT_TIME.match(date, found.end())
        part = time.groupdict() if time else {}
    try:
        return _timed(day, part) if part.get("hour") else Written(day, "day")
    except (ValueError, OverflowError):  # 25:00, a zone of 30 hours
        return Written(day, "day")


def _year(written: str) -> int:
    """Two digits stand for 1969 to 2068, as in POSIX."""
    year = int(written)
    if len(written) > 2:
        return year
    return year + (1900 if year >= 69 else 2000)


def _month(part: dict[str, str | None]) -> int:
    name = part.get("name")
    return _MONTHS.index(name[:3].lower()) + 1 if name else int(part.get("month") or 1)


def _timed(day: datetime, part: dict[str, str | None]) -> Written:
    hour, minute = int(part["hour"] or 0), int(part["minute"] or 0)
    second = int(part["second"] or 0)
    if hour > 24 or minute > 59 or second > 60:  # 24:00 ends a day, :60 is a leap second
        raise ValueError
    if half := part.get("half"):
        hour = hour % 12 + (12 if half in "pP" else 0)
    zone = _zone(part)
    moment = day.replace(tzinfo=zone or UTC) + timedelta(hours=hour, minutes=minute, seconds=second)
    fraction = float(f"0.{part.get('fraction') or 0}")
    return Written(moment, "second" if part["second"] else "minute", zone is not None, fraction)


def _zone(part: dict[str, str | None]) -> timezone | None:
    """Take the offset before any name: `GMT+0200` is two hours east."""
    if sign := part["sign"]:
        away = timedelta(hours=int(part["away"] or 0), minutes=int(part["rest"] or 0))
        return timezone(-away if sign == "-" else away)
    name = (part["zone"] or "").lower()
    if not name:
        return None
    return timezone(timedelta(hours=_ZONES.get(name[0], 0) + name.endswith("dt")))
