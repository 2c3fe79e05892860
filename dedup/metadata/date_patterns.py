"""The many ways in which dates are written.

ISO 8601 and RFC 2822 are one pattern each, because most dates are of these. Any other text is
folded (`folded`), its time of day is looked for, then its day: by the name of a month in any of
some 65 languages (`date_names.toml`, from the Unicode CLDR), by the characters 年月日 or 년월일, or
in numbers. Numbers that may be two days (`03/04/2018`) are read in each order that is possible; see
`Written.orders`.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import NamedTuple

from dedup import zones

ORDERS = ("dmy", "mdy", "ymd")
"""Orders of day, month and year in numbers."""


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
    orders: tuple[str, ...] = ()
    """The orders in which its numbers can be read, more than one where they are different days, the
    one that was taken first; none where the form leaves no doubt."""
    changed: bool = False
    """True when it says to be the time of a change ("Updated ...")."""


def folded(text: str) -> str:
    """Write a text in small letters without accents and marks of direction, digits as 0 to 9.

    >>> folded("2. MÄRZ ２０２６"), folded("١٥ أغسطس")
    ('2. marz 2026', '15 اغسطس')
    """
    if text.isascii():
        return text.lower()
    text = _UNSEEN.sub("", text)
    if not text.isascii():
        # Dotless ı has no decomposition.
        parts = unicodedata.normalize("NFKD", text.casefold().replace("ı", "i"))
        text = "".join([c for c in parts if not unicodedata.combining(c)])
        text = unicodedata.normalize("NFC", text)
        text = _DIGIT.sub(lambda digit: str(int(digit[0])), text)
    return text


def read(date: str, order: str | None = None) -> Written | None:
    """Read a date without blanks around it; None when it has no form that is known.

    `order` is how its numbers are read where several orders are possible. What stands around a date
    and is no time is ignored; a time that cannot be leaves the day. Raises `ValueError` or
    `OverflowError` for a day that never was.

    >>> read("15 Jul 2018 7:54 pm, by our staff").precision
    'minute'
    >>> read("Publié le 28 novembre 2017 à 19h20").moment.isoformat()
    '2017-11-28T19:20:00+00:00'
    >>> read("03/04/2018").orders, read("15/07/2018").orders
    (('dmy', 'mdy'), ('dmy',))
    """
    if _COMPLETE.fullmatch(date):  # as most machines write it; Python reads it in half the time
        with suppress(ValueError):  # 24:00 and a leap second
            return Written(datetime.fromisoformat(date), "second", True)
    if whole := _ISO.fullmatch(date):
        day = datetime(int(whole["year"]), int(whole["month"]), int(whole["day"]), tzinfo=UTC)
        return _at(Written(day, "day"), whole.groupdict())
    if (whole := _MAIL.fullmatch(date)) and (month := _ENGLISH.get(whole["month"].lower())):
        day = datetime(int(whole["year"]), month, int(whole["day"]), tzinfo=UTC)
        return _at(Written(day, "day"), whole.groupdict())
    text = _numerals(folded(date))
    told, changed = _of_publication(text)
    found = _read(told, order)
    return found._replace(changed=changed) if found else None


def is_month(word: str) -> bool:
    """Return whether a folded word is the name of a month, in any language that is known.

    >>> is_month("january"), is_month("mars"), is_month("owl")
    (True, True, False)
    """
    return word in _names()[0]


# -- The whole text

_UNSEEN = re.compile("[\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_DIGIT = re.compile(r"(?![0-9])\d")
_CLOCK = (
    r"(?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,](?P<fraction>\d+))?)?"
    r"\s?(?:(?P<zone>Z|GMT)|(?P<sign>[+-])(?P<away>\d\d):?(?P<rest>\d\d))?"
)
_COMPLETE = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)", re.ASCII)
_ISO = re.compile(rf"(?P<year>\d{{4}})-(?P<month>\d\d)-(?P<day>\d\d)(?:[T ]{_CLOCK})?", re.ASCII)
_MAIL = re.compile(  # RFC 2822, and 26-FEB-1987 15:01:01.79
    r"(?:[A-Za-z]{3},\s+)?(?P<day>\d\d?)[\s-](?P<month>[A-Za-z]{3})[\s-](?P<year>\d{4})"
    rf"\s+{_CLOCK}",
    re.ASCII,
)
_ENGLISH = {
    name: number
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1
    )
}
_CHANGED = re.compile(
    r"\b(?:updated?|modified|revised|aktualisi\w+|geandert|mise? a jour|modifiee?|actualizad\w+"
    r"|modificad\w+|atualizad\w+|aggiornat\w+|bijgewerkt|gewijzigd|z?aktuali[sz]\w+|обновлен\w*"
    r"|изменен\w*|guncelle\w*|uppdatera\w+|oppdater\w+|opdatere\w+|paivitetty)\b"
    r"|تحديث|更新|수정|修正"
)
_PUBLISHED = re.compile(
    r"\b(?:publi|veroffentlich|erstellt|erschienen|posted|created|issued|first |опубликован|yayin"
    r"|gepubliceerd|pubblicat|opublikowan|julkaistu|publicerad)|نشر|発表|公開|掲載|입력|등록|发布|發布|发表"
)


def _of_publication(text: str) -> tuple[str, bool]:
    """Return the part that says when it was published, and whether it only tells of a change."""
    change = _CHANGED.search(text)
    if change is None:
        return text, False
    before = text[: change.start()]
    if _YEAR.search(before):
        return before, False
    first = _PUBLISHED.search(text, change.end())
    if first and _YEAR.search(text, first.end()):
        return text[first.end() :], False
    return text, True


_YEAR = re.compile(r"\d[^a-z]*\d")
_WITH_COLON = re.compile(r"(?<=\d{4}):(?=\d\d:\d\d)")  # 02/Mar/2026:09:00:00


def _read(text: str, order: str | None) -> Written | None:
    text = _WITH_COLON.sub(" ", text)
    clock = _clock(text, colon=True)
    rest = _blanked(text, clock) if clock else text
    found = _day(rest, order)
    if found is None:
        return None
    moment, precision, spans, orders = found
    if precision == "day" and clock is None:
        for start, end in spans:
            rest = rest[:start] + " " * (end - start) + rest[end:]
        # 9.30 is a time only where it is no day.
        clock = _compact(text, spans) or _clock(_T.sub(" ", rest), colon=False)
    plain = Written(moment, precision, orders=orders)
    return _at(plain, _parts(clock)) if clock and precision == "day" else plain


def _clock(text: str, *, colon: bool) -> re.Match[str] | None:
    found = _time().finditer(text)
    return next((clock for clock in found if (clock["colon"] is not None) == colon), None)


_T = re.compile(r"(?<![^\W\d_])t(?=\d)")


def _blanked(text: str, found: re.Match[str]) -> str:
    start, end = found.span()
    return text[:start] + " " * (end - start) + text[end:]


_HAN = re.compile(r"[〇零一二三四五六七八九十]+(?=[年月日号時时點点分])")
_ERA = re.compile(r"(令和|平成|昭和|民國|民国)\s?(\d{1,3}|元)(?=\s?年)")
_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "民國": 1911, "民国": 1911}


def _numerals(text: str) -> str:
    """Write the numbers of Chinese dates, and the years of Japanese and Taiwanese ones, as digits.

    >>> _numerals("二〇二六年三月二十一日"), _numerals("令和8年3月2日")
    ('2026年3月21日', '2026年3月2日')
    """
    if "年" not in text:
        return text
    text = _HAN.sub(lambda han: str(_number(han[0])), text)
    return _ERA.sub(lambda era: str(_ERAS[era[1]] + (1 if era[2] == "元" else int(era[2]))), text)


def _number(han: str) -> int:
    digits = han.translate(str.maketrans("〇零一二三四五六七八九", "00123456789"))
    if "十" not in digits:
        return int(digits)
    tens, _, ones = digits.partition("十")
    return int(tens or 1) * 10 + int(ones.replace("十", "") or 0)


# -- The time of day


@cache
def _names() -> tuple[dict[str, int], str, str]:
    """Read the names of months, and patterns of the words before and after noon."""
    file = Path(__file__).with_name("date_names.toml")
    data = tomllib.loads(file.read_text(encoding="utf-8"))
    months = {name: int(n) for n, names in data["months"].items() for name in names}
    am, pm = (
        "|".join(map(re.escape, sorted(data["halves"][half], key=len, reverse=True)))
        for half in ("am", "pm")
    )
    return months, am, pm


@cache
def _time() -> re.Pattern[str]:
    """Compile the pattern of times of day, with what stands before and after them."""
    _, am, pm = _names()
    half = rf"(?P<{{0}}>(?:{am}|a\.\s?m\b|a m\b)|(?:{pm}|p\.\s?m\b|p m\b))"
    return re.compile(
        rf"(?:{half.format('early')}\s*|(?<![\w.,:])(?<!\d[-+])|(?<=\dt)|(?<=[年월日일月월])|(?<=^t))"
        r"(?P<hour>\d{1,2})(?:"
        r"(?P<colon>:)(?P<minute>\d{1,2})(?::(?P<second>\d\d)(?:[.,](?P<fraction>\d+))?)?(?!\d)"
        r"|\s?(?:h(?:eures?|oras?)?|ore|時|时|點|点|시)(?![^\W\d_])"
        r"(?:\s?(?P<minute2>\d{1,2})(?:\s?(?:m(?:in)?\b|分|분))?"
        r"(?:\s?(?P<second2>\d{1,2})(?:\s?(?:s\b|秒|초)))?)?"
        r"|\.(?P<minute3>\d\d)(?:\.(?P<second3>\d\d))?(?![\d.]\d)"
        rf"|(?=\s?(?:(?:a\.?\s?m|p\.?\s?m|uhr|uur)\b|{am}|{pm})))"
        r"(?:\s?(?:uhr|uur|hrs?|h|ч)\b)?"
        rf"(?:\s?{half.format('late')}(?![^\W\d_])\.?)?(?:\s?(?:uhr|uur|hrs?)\b)?"
        r",?\s*[(\[]?"
        rf"(?:(?P<zone>{zones.NAMES})(?![^\W_])(?!/)\.?)?"
        r"(?:\s*(?P<sign>[+\-−])(?P<away>\d\d?)(?::?(?P<rest>\d\d))?(?!\d))?"
        r"(?:[\[\s]*(?P<place>[a-z]+(?:/[a-z_+-]+)+))?"
    )


_COMPACT = re.compile(
    r"t?(?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d)?(?:\.\d+)?(?!\d)"
    r"(?:\s*(?P<zone>z|gmt|utc)\b)?(?:\s*(?P<sign>[+-])(?P<away>\d\d)(?::?(?P<rest>\d\d))?(?!\d))?"
)


def _compact(text: str, spans: Sequence[tuple[int, int]]) -> re.Match[str] | None:
    """Find a time without signs right behind a day without signs, 20180715T0754."""
    (start, end), *more = spans
    return None if more or end - start != 8 else _COMPACT.match(text, end)


def _parts(clock: re.Match[str]) -> dict[str, str | None]:
    part = clock.groupdict()
    for name in ("minute", "second"):
        for other in (f"{name}2", f"{name}3"):
            part[name] = part.get(name) or part.get(other)
    if half := part.get("early") or part.get("late"):
        _, _, pm = _names()
        part["half"] = "p" if re.fullmatch(rf"{pm}|p\W*m", half) else "a"
    return part


def _at(day: Written, part: dict[str, str | None]) -> Written:
    """Put a time to a day, if there is one that can be."""
    if part.get("hour") is None:
        return day
    try:
        return _timed(day.moment, part)._replace(orders=day.orders)
    except (ValueError, OverflowError):  # 25:00, a zone of 30 hours
        return day


def _timed(day: datetime, part: dict[str, str | None]) -> Written:
    hour, minute = int(part["hour"] or 0), int(part["minute"] or 0)
    second = int(part["second"] or 0)
    if hour > 24 or minute > 59 or second > 60:  # 24:00 ends a day, :60 is a leap second
        raise ValueError
    half = part.get("half")
    if half and hour <= 12:  # 13:05 pm is five past one, too
        hour = hour % 12 + (12 if half == "p" else 0)
    zone = _zone(part, day.replace(hour=min(hour, 23), tzinfo=None))
    moment = day.replace(tzinfo=zone or UTC) + timedelta(hours=hour, minutes=minute, seconds=second)
    fraction = float(f"0.{part.get('fraction') or 0}")
    return Written(moment, "second" if part["second"] else "minute", zone is not None, fraction)


def _zone(part: dict[str, str | None], wall: datetime) -> timezone | None:
    """Take the offset before any name: `GMT+0200` is two hours east."""
    if sign := part.get("sign"):
        return zones.offset(sign, part["away"] or "0", part["rest"])
    for name in (part.get("zone"), part.get("place")):
        if name and (found := zones.named(name, wall)):
            return found
    return None


# -- The day

_Day = tuple[datetime, str, list[tuple[int, int]], tuple[str, ...]]
"""Its beginning, precision, where it stands, and its orders (see `Written`)."""

_YMD = re.compile(
    r"(?<!\d)(?P<y>\d{4})(?P<mark>[-/.])\s?(?P<m>\d{1,2})(?P=mark)\s?(?P<d>\d{1,2})(?!\d)"
)
_SOLID = re.compile(r"(?P<y>\d{4})(?P<m>\d\d)(?P<d>\d\d)(?=(?:t?\d{4}|t?\d{6})?(?!\d))")
_CJK = re.compile(
    r"(?<!\d)(?P<y>\d{4})\s?[年년]\s?(?P<m>\d{1,2})\s?[月월](?:\s?(?P<d>\d{1,2})\s?[日일号號])?"
)
_NUMBERS = re.compile(
    r"(?<![\d./-])(?P<a>\d{1,2})(?P<mark>[-/.])\s?(?P<b>\d{1,2})(?P=mark)\s?(?P<c>\d{4}|\d\d)"
    r"(?!\d|(?P=mark)\d)"
)
_MONTH_OF = re.compile(r"(?P<y>\d{4})[-/](?P<m>\d{1,2})(?![-/\d])")
_ONLY_YEAR = re.compile(r"\d{4}")


def _day(text: str, order: str | None) -> _Day | None:
    """Find a day, or failing that a month or a year."""
    found = _YMD.search(text) or _SOLID.match(text) or _CJK.search(text)
    if found:
        day = datetime(int(found["y"]), int(found["m"]), int(found["d"] or 1), tzinfo=UTC)
        return day, "day" if found["d"] else "month", [found.span()], ()
    tokens = _tokens(text)
    if named := _named(tokens):
        return named
    if numbers := _NUMBERS.search(text):
        return _in_order(numbers, order)
    if month := _MONTH_OF.match(text):
        return datetime(int(month["y"]), int(month["m"]), 1, tzinfo=UTC), "month", [], ()
    if year := _ONLY_YEAR.fullmatch(text.strip()):
        return datetime(int(year[0]), 1, 1, tzinfo=UTC), "year", [], ()
    return None


def _in_order(found: re.Match[str], order: str | None) -> _Day:
    """Read a day in numbers; raises `ValueError` where no order makes one.

    Points do not stand in dates of month, day and year where others can be. Years of two digits may
    also come first. What lies ahead is no choice while another order is none.
    """
    a, b, c, mark = found["a"], found["b"], found["c"], found["mark"]
    held = {"dmy": (c, b, a), "mdy": (c, a, b)}
    if len(c) == 2 and mark != "/":
        held["ymd"] = (a, b, c)
    days: dict[str, datetime] = {}
    for name, (year, month, day) in held.items():
        try:
            days[name] = datetime(_year(year), int(month), int(day), tzinfo=UTC)
        except ValueError:
            continue
    if mark == "." and "dmy" in days:
        days.pop("mdy", None)
    soon = datetime.now(UTC) + timedelta(days=2)
    days = {name: day for name, day in days.items() if day < soon} or days
    if not days:
        raise ValueError
    first = order if order in days else next(iter(days))
    others = tuple(name for name in days if days[name] != days[first])
    orders = (first, *others) if others or len(days) == 1 else ()  # 03/03/2018 proves no order
    return days[first], "day", [found.span()], orders


def _year(written: str) -> int:
    """Two digits stand for 1969 to 2068, as in POSIX."""
    year = int(written)
    if len(written) > 2:
        return year
    return year + (1900 if year >= 69 else 2000)


class _Token(NamedTuple):
    """A number or a word."""

    kind: str
    """`day` (a number of two digits at most), `year` (of four), `month`, `short` (a word that may
    stand between them: of, de, nd) or `other`."""
    value: int
    start: int
    end: int


_TOKEN = re.compile(r"\d+|[^\W\d_][^\s\d.,;:/()\[\]|–—،؛。，、॰-]*")
_SHORT = 4
"""Most letters of a word that may stand between day, month and year: of, del, года."""
_HALVES = frozenset(("am", "pm", "at"))


def _tokens(text: str) -> list[_Token]:
    months, _, _ = _names()
    pieces = [(found[0], *found.span()) for found in _TOKEN.finditer(text)]
    tokens: list[_Token] = []
    number = 0
    while number < len(pieces):
        word, start, end = pieces[number]
        number += 1
        if number < len(pieces) and f"{word} {pieces[number][0]}" in months:
            word, end = f"{word} {pieces[number][0]}", pieces[number][2]
            number += 1
        tokens.append(_Token(*_kind(word, months), start, end))
    return tokens


def _kind(word: str, months: dict[str, int]) -> tuple[str, int]:
    if word in months:
        return "month", months[word]
    if word.isdigit():
        kind = "day" if len(word) <= 2 else "year" if len(word) == 4 else "other"
        return kind, int(word)
    return "short" if len(word) <= _SHORT and word not in _HALVES else "other", 0


_KINDS: tuple[tuple[str, ...], ...] = (
    ("day", "month", "year"),
    ("month", "day", "year"),
    ("year", "month", "day"),
    ("year", "day", "month"),  # Latvian
)


def _named(tokens: list[_Token]) -> _Day | None:
    """Find a day by the name of its month: 2 March 2026, March 2 2026, 2026 March 2; a month."""
    for kinds in _KINDS:
        for chosen in _runs(tokens, kinds):
            value = {token.kind: token.value for token in chosen}
            return _made(value["year"], value["month"], value["day"], chosen)
    for at, chosen in enumerate(zip(tokens, tokens[1:], tokens[2:], strict=False)):
        day, month, year = chosen
        alone = at + 3 == len(tokens) or tokens[at + 3].start > year.end + 1  # not 10.30, 10 am
        if [token.kind for token in chosen] == ["day", "month", "day"] and alone:
            return _made(_year(f"{year.value:02}"), month.value, day.value, chosen)
    for kinds in (("month", "year"), ("year", "month")):
        for chosen in _runs(tokens, kinds):
            value = {token.kind: token.value for token in chosen}
            return datetime(value["year"], value["month"], 1, tzinfo=UTC), "month", [], ()
    return None


def _made(year: int, month: int, day: int, chosen: Sequence[_Token]) -> _Day:
    spans = [(token.start, token.end) for token in chosen]
    return datetime(year, month, day, tzinfo=UTC), "day", spans, ()


def _runs(tokens: list[_Token], kinds: tuple[str, ...]) -> Iterator[tuple[_Token, ...]]:
    """Yield tokens of these kinds that follow one another, with two short words between at most."""
    for first in range(len(tokens)):
        chosen: list[_Token] = []
        at = first
        for kind in kinds:
            skipped = 0
            while chosen and at < len(tokens) and tokens[at].kind == "short" and skipped < 2:
                at, skipped = at + 1, skipped + 1
            if at >= len(tokens) or tokens[at].kind != kind:
                break
            chosen.append(tokens[at])
            at += 1
        else:
            yield tuple(chosen)
