"""How many dates are read right, by language.

`python -m benchmarks.dates` prints the table. The dates are those that babel writes by the Unicode
CLDR (its forms full, long and medium, with and without a time of day), and those of `HOUSE`, which
are written as news sites write them. A date counts as right when day, and minute where there is
one, are those that were meant; in numbers that may be two days, when it is doubted.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from benchmarks.report import table
from dedup.metadata.dates import Published, parse

ASKED = "en de fr es pt it nl pl ru tr ar zh ja ko".split()  # noqa: SIM905
OTHERS = "sv da nb fi cs sk hu ro el uk bg sr sl et lv lt ca he hi id ms vi th".split()  # noqa: SIM905
FORMS = ("full", "long", "medium")
DAYS = [
    datetime(2018, 1, 9, 7, 5, tzinfo=UTC) + timedelta(days=71 * n, hours=5 * n) for n in range(36)
]

HOUSE = {
    "en": ("{d} {b} {Y} {H}:{M}", "{B} {d}, {Y} {I}:{M} {p}",
           "Posted {A}, {d} {B} {Y} at {I}.{M}{p}",
           "Published: {B} {d}, {Y}", "{H}:{M}, {d} {B} {Y}", "{b} {d}, {Y} | {I}:{M} {p}"),
    "de": ("{d}. {B} {Y}, {H}:{M} Uhr", "{d}.{m}.{Y}, {H}.{M} Uhr", "Stand: {d}.{m}.{Y} {H}:{M}",
           "Veröffentlicht am {d}. {B} {Y} um {H}.{M} Uhr"),
    "fr": ("Publié le {d} {B} {Y} à {H}h{M}", "{d} {B} {Y} à {H} h {M}", "le {d} {B} {Y}, {H}:{M}"),
    "es": ("{d} de {B} de {Y} - {H}:{M} h", "Publicado el {d} {b} {Y} {H}:{M}", "{d} {B}, {Y}"),
    "pt": ("{d} de {B} de {Y} às {H}h{M}", "Publicado em {d} {b} {Y}, {H}:{M}"),
    "it": ("{d} {B} {Y} alle {H}:{M}", "{d} {B} {Y} ore {H}.{M}", "Pubblicato il {d} {B} {Y}"),
    "nl": ("{d} {B} {Y} om {H}:{M} uur", "{d} {b} {Y}, {H}.{M} uur"),
    "pl": ("{d} {B} {Y}, {H}:{M}", "{d} {B} {Y}, godz. {H}:{M}", "Opublikowano: {d} {B} {Y} r."),
    "ru": ("{d} {B} {Y}, {H}:{M}", "{d} {B} {Y} г. в {H}:{M}", "{H}:{M}, {d} {B} {Y}"),
    "tr": ("{d} {B} {Y} {A}, {H}:{M}", "Yayınlanma: {d} {B} {Y} - {H}:{M}"),
    "ar": ("{d} {B} {Y} - {H}:{M}", "نشر في {d} {B}، {Y} الساعة {H}:{M}"),
    "zh": ("{Y}年{m}月{d}日 {H}:{M}", "{Y}-{m}-{d} {H}:{M}", "发布时间：{Y}年{m}月{d}日{H}:{M}"),
    "ja": ("{Y}年{m}月{d}日 {H}時{M}分", "{Y}年{m}月{d}日（月）{H}時{M}分", "{Y}/{m}/{d} {H}:{M}"),
    "ko": ("{Y}년 {m}월 {d}일 {H}:{M}", "입력 {Y}.{m}.{d} {H}:{M}", "{Y}.{m}.{d}. {H}:{M}"),
}  # fmt: skip
"""Forms of news sites: d day, m month, b and B its short and full name, Y year, A day of the week,
H hour, I hour of twelve, M minute, p a.m. or p.m."""


def accuracy(language: str) -> tuple[int, int, list[str]]:
    """Return how many dates of a language are read right, of how many, and those that are not."""
    wrong, number = list[str](), 0
    for meant, written in sorted(_written(language)):
        number += 1
        if not _right(parse(written), meant):
            wrong.append(written)
    return number - len(wrong), number, wrong


def _right(found: Published | None, meant: datetime) -> bool:
    if found is None:
        return False
    there = datetime.fromtimestamp(found.epoch, UTC)
    if found.precision == "day":
        return there.date() == meant.date() or "another day" in (found.doubt or "")
    return there == meant


def _written(language: str) -> Iterator[tuple[datetime, str]]:
    from babel.dates import format_date, format_datetime, format_time

    for day in DAYS:
        for form in FORMS:
            yield day, format_date(day, form, locale=language)
            time = format_time(day, "short", locale=language)
            yield day, f"{format_date(day, form, locale=language)} {time}"
        for house in HOUSE.get(language, ()):
            names = {x: format_datetime(day, x * n, locale=language) for x, n in _NAMES}
            yield day, house.format(
                Y=day.year, m=day.month, d=day.day, H=f"{day.hour:02}", M=f"{day.minute:02}",
                I=day.hour % 12 or 12, p="am" if day.hour < 12 else "pm",
                b=names["M"], B=format_date(day, "d MMMM", locale=language).partition(" ")[2],
                A=names["E"],
            )  # fmt: skip


_NAMES = (("M", 3), ("E", 4))


def main() -> None:
    """Print the table."""
    rows = []
    for language in [*ASKED, *OTHERS]:
        right, number, wrong = accuracy(language)
        example = wrong[0] if wrong else ""
        rows.append([language, f"{number}", f"{right / number:.3f}", example])
    print(table(["language", "dates", "read right", "not, for example"], rows))


if __name__ == "__main__":
    main()
