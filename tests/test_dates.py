"""Dates: the forms that are read, those that are not, and that nothing raises."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup import zones
from dedup.metadata.dates import CHANGED, EITHER_WAY, SPANS, UNCERTAIN, Published, lag, parse

READ = [
    # what is written, ISO to its precision, precision, zone given
    ("2018-07-15T07:54:28-04:00", "2018-07-15T07:54:28-04:00", "second", True),
    ("2018-07-15T07:54:28.123456Z", "2018-07-15T07:54:28+00:00", "second", True),
    ("2021-02-25T00:00:00", "2021-02-25T00:00:00", "second", False),
    ("2015-07-21 02:51:32", "2015-07-21T02:51:32", "second", False),
    ("2018-07-15 07:54 UTC+9", "2018-07-15T07:54+09:00", "minute", True),
    ("2018-07-15T24:00Z", "2018-07-16T00:00+00:00", "minute", True),
    ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00+00:00", "second", True),
    ("2011-12-01", "2011-12-01", "day", False),
    ("2011/12/1", "2011-12-01", "day", False),
    ("2018-07", "2018-07", "month", False),
    ("July 2018", "2018-07", "month", False),
    ("2018", "2018", "year", False),
    ("20180715", "2018-07-15", "day", False),
    ("20180715075428", "2018-07-15T07:54:28", "second", False),
    ("20180715T075428Z", "2018-07-15T07:54:28+00:00", "second", True),
    ("1531655668", "2018-07-15T11:54:28+00:00", "second", True),
    ("1531655668123", "2018-07-15T11:54:28+00:00", "second", True),
    ("26-FEB-1987 15:01:01.79", "1987-02-26T15:01:01", "second", False),
    ("3-MAR-1987  09:15:05.40", "1987-03-03T09:15:05", "second", False),
    ("Sun, 15 Jul 2018 07:54:28 -0400", "2018-07-15T07:54:28-04:00", "second", True),
    ("15 Jul 2018 07:54 EST", "2018-07-15T07:54-05:00", "minute", True),
    ("Sunday, 06-Nov-94 08:49:37 GMT", "1994-11-06T08:49:37+00:00", "second", True),
    ("Sun Nov  6 08:49:37 1994", "1994-11-06T08:49:37", "second", False),
    ("Wed Aug 27 13:08:45 +0000 2008", "2008-08-27T13:08:45+00:00", "second", True),
    ("July 15, 2018, 7:54 p.m. EDT", "2018-07-15T19:54-04:00", "minute", True),
    ("15 July 2018 at 12:05 am", "2018-07-15T00:05", "minute", False),
    ("1st March, 2024", "2024-03-01", "day", False),
    ("Sept. 3, 2020", "2020-09-03", "day", False),
    ("15.07.2018 07:54", "2018-07-15T07:54", "minute", False),
    ("2018年7月15日 07:54", "2018-07-15T07:54", "minute", False),
    ("2018년 7월 15일", "2018-07-15", "day", False),
    # other languages, orders, times and zones
    ("2 de março de 2026 às 19h20", "2026-03-02T19:20", "minute", False),
    ("28 novembre 2017 à 19 h 20", "2017-11-28T19:20", "minute", False),
    ("le 1er août 2025", "2025-08-01", "day", False),
    ("mar., 3 mars 2026 10:05", "2026-03-03T10:05", "minute", False),
    ("Mar 3, 2026", "2026-03-03", "day", False),
    ("lunedì 2 marzo 2026, ore 9.30", "2026-03-02T09:30", "minute", False),
    ("ma 2 mrt. 2026, 9.30 uur", "2026-03-02T09:30", "minute", False),
    ("2 MARCA 2026, godz. 9:30", "2026-03-02T09:30", "minute", False),
    ("02.03.2026, 09:30 МСК", "2026-03-02T09:30+03:00", "minute", True),
    ("2 Mart 2026 Pazartesi, ÖS 9:30", "2026-03-02T21:30", "minute", False),
    ("12 ARALIK 2025", "2025-12-12", "day", False),
    ("٢ مارس ٢٠٢٦، ٩:٣٠ م", "2026-03-02T21:30", "minute", False),
    ("2 كانون الثاني 2026", "2026-01-02", "day", False),
    ("\u200f2 مارس\u00a02026", "2026-03-02", "day", False),
    ("2026年3月2日 下午3:05", "2026-03-02T15:05", "minute", False),
    ("2026年3月2日（月）午後0時5分9秒", "2026-03-02T12:05:09", "second", False),
    ("二〇二六年十二月二十一日", "2026-12-21", "day", False),
    ("令和元年5月2日", "2019-05-02", "day", False),
    ("２０２６年３月２日", "2026-03-02", "day", False),
    ("2018年7月", "2018-07", "month", False),
    ("2026. 3. 2. 오전 12:05", "2026-03-02T00:05", "minute", False),
    ("2. März 2026 um 9 Uhr", "2026-03-02T09:00", "minute", False),
    ("2026. március 2., 9:30", "2026-03-02T09:30", "minute", False),
    ("9:00 AM EST, Mon March 2, 2026", "2026-03-02T09:00-05:00", "minute", True),
    ("Mar. 2, 2026, 9:05 a.m. ET", "2026-03-02T09:05-05:00", "minute", True),
    ("July 2, 2026, 9:05 a.m. ET", "2026-07-02T09:05-04:00", "minute", True),
    ("2026-03-02T09:00:00 Europe/Berlin", "2026-03-02T09:00:00+01:00", "second", True),
    ("2026-07-02T09:00:00 europe/berlin", "2026-07-02T09:00:00+02:00", "second", True),
    ("2026-03-02T09:00:00+01:00[Europe/Berlin]", "2026-03-02T09:00:00+01:00", "second", True),
    ("2026-03-02 09:00 Europe/Nowhere", "2026-03-02T09:00", "minute", False),
    ("2 Mar 2026 10:00 PM IST", "2026-03-02T22:00+05:30", "minute", True),
    ("02/Mar/2026:09:00:00 +0000", "2026-03-02T09:00:00+00:00", "second", True),
    ("2026-3-2T9:5", "2026-03-02T09:05", "minute", False),
    ("15/07/2018 10:30", "2018-07-15T10:30", "minute", False),
    ("07/15/2018", "2018-07-15", "day", False),
    ("03/03/2018", "2018-03-03", "day", False),
    ("3.15.2018", "2018-03-15", "day", False),
    ("Published: March 2, 2026, updated March 4, 2026", "2026-03-02", "day", False),
    (
        "Updated: 2 March 2026 9:05 | Published: 1 March 2026 8:05",
        "2026-03-01T08:05",
        "minute",
        False,
    ),
    # what follows a date and is no time
    ("27-MAR-1987 00:03:35.68&#5;&#5;&#5;F", "1987-03-27T00:03:35", "second", False),
    ("9-APR-1987 00:00:00.00    # added later", "1987-04-09T00:00:00", "second", False),
    ("31-MAR-1987 605:12:19.12", "1987-03-31", "day", False),
    ("2018-07-15 25:00", "2018-07-15", "day", False),
    ("2018-07-15-04:00", "2018-07-15", "day", False),
    ("2018-07-15T07:54+25:00", "2018-07-15", "day", False),
]

NOT_READ = [
    (None, "there is none"),
    ("", "there is none"),
    ("yesterday", "no numbers"),
    ("5 May", "no year"),
    ("3 hours ago", "hours before what"),
    ("31/31/2018", "no such day in any order"),
    ("99.99.2018", "no such day"),
    ("July 15 10:30", "no year"),
    ("15 July 10.30", "no year"),
    ("15 July 10 am", "no year"),
    ("Nr. 12 of 40", "no month"),
    ("2018-02-30", "no such day"),
    ("0000-00-00 00:00:00", "no such day"),
    ("15 Jul 07:54", "no year"),
    ("2024-03-081", "a longer number"),
    ("NaT", "what pandas writes for no time"),
    ("Monday", "no date"),
]


@pytest.mark.parametrize(("written", "iso", "precision", "zoned"), READ)
def test_a_date_is_read_to_the_precision_it_has(
    written: str, iso: str, precision: str, zoned: bool
) -> None:
    published = parse(written)
    assert published is not None
    assert (published.iso, published.precision, published.zoned) == (iso, precision, zoned)


@pytest.mark.parametrize(("written", "why"), NOT_READ)
def test_what_cannot_be_read_is_none(written: str | None, why: str) -> None:
    assert parse(written) is None, why


def test_a_naive_time_counts_as_utc() -> None:
    naive, zoned = parse("2018-07-15T07:54:28"), parse("2018-07-15T07:54:28Z")
    assert naive is not None
    assert zoned is not None
    assert naive.epoch == zoned.epoch == 1531641268.0


def test_fractions_of_a_second_order_two_times() -> None:
    epochs = [
        parse(f"26-FEB-1987 15:01:{second}") for second in ("01.05", "01.5", "01.79", "02.00")
    ]
    assert sorted(epoch.epoch for epoch in epochs if epoch) == [
        541350061.05,
        541350061.5,
        541350061.79,
        541350062.0,
    ]


DOUBTED = [
    ("2099-03-04", "in the future"),
    ("9999-12-31T23:59:59", "in the future"),
    ("9999-12-31", "a placeholder date"),
    ("1436-10-04", "looks like a Hijri year"),
    ("1445-02-01T10:00:00+03:00", "looks like a Hijri year"),
    ("1403-01-15 08:30", "looks like a Hijri year"),
    ("2561-07-15", "looks like a Buddhist year"),
    ("1599-12-31", "before there were newspapers"),
    ("1066", "before there were newspapers"),
    ("0113-05-20", "before there were newspapers"),
    ("0001-01-01T00:00:00Z", "a placeholder date"),
    ("0001-01-01", "a placeholder date"),
    ("1900-01-01", "a placeholder date"),
    ("1900-01-01 00:00:00", "a placeholder date"),
    ("1970-01-01T00:00:00Z", "a placeholder date"),
    ("Thu, 01 Jan 1970 01:00:00 +0100", "a placeholder date"),
    ("1969-12-31 19:00:00", "a placeholder date"),
    ("1969-12-31T23:59:59Z", "a placeholder date"),
    ("1970-01-01", "a placeholder date"),
    ("03/04/2018", EITHER_WAY),
    ("3-4-2018 10:30", EITHER_WAY),
    ("15.07.18", EITHER_WAY),
    ("2018-07-15?", UNCERTAIN),
    ("Updated: 2 March 2020", CHANGED),
    ("Aktualisiert am 2. März 2020 um 9:30 Uhr", CHANGED),
]

NOT_DOUBTED = [
    ("1605", "the first newspaper"),
    ("1969-07-20T20:17:40Z", "near the Unix epoch"),
    ("1969-12-31T20:17:40Z", "hours from it, and no round number of them"),
    ("1970", "a year need not be a placeholder"),
    ("1970-01", "nor a month"),
    ("1900-01-01T06:30", "a time of that day"),
    ("1987-02-26", "long ago"),
    ("03.04.2018", "with points the day is first"),
    ("03/03/2018", "the same day either way"),
]


@pytest.mark.parametrize(("given", "doubt"), DOUBTED)
def test_a_date_that_can_hardly_be_is_read_and_doubted(given: str, doubt: str) -> None:
    published = parse(given)
    assert published is not None
    assert published.doubt == doubt


@pytest.mark.parametrize(("given", "why"), NOT_DOUBTED)
def test_a_date_that_can_be_is_not_doubted(given: str, why: str) -> None:
    published = parse(given)
    assert published is not None
    assert published.doubt is None, why


@pytest.mark.parametrize(
    ("zone", "iso", "bounds"),
    [
        ("Europe/Berlin", "2018-07-15T09:00+02:00", (7 * 3600, 7 * 3600 + 60)),
        ("-05:00", "2018-07-15T09:00-05:00", (14 * 3600, 14 * 3600 + 60)),
    ],
)
def test_a_time_without_zone_takes_the_one_that_is_given(
    zone: str, iso: str, bounds: tuple[float, float]
) -> None:
    published = parse("15 July 2018 9 am", zones.zone(zone))
    midnight = datetime(2018, 7, 15, tzinfo=UTC).timestamp()
    assert published is not None
    assert (published.iso, published.zoned) == (iso, True)
    assert published.bounds == (midnight + bounds[0], midnight + bounds[1])


def test_a_day_is_that_of_the_zone_and_a_zone_that_is_written_stays() -> None:
    tokyo = zones.zone("Asia/Tokyo")
    day, time = parse("2018-07-15", tokyo), parse("2018-07-15T09:00Z", tokyo)
    assert day is not None
    assert time is not None
    assert (day.iso, day.bounds[0]) == (
        "2018-07-15",
        datetime(2018, 7, 14, 15, tzinfo=UTC).timestamp(),
    )
    assert time.iso == "2018-07-15T09:00+00:00"


def test_numbers_are_read_in_the_order_that_is_given() -> None:
    read = {order: parse("03-04-05", order=order) for order in ("dmy", "mdy", "ymd")}
    assert {order: date and (date.iso, date.doubt) for order, date in read.items()} == {
        "dmy": ("2005-04-03", None),
        "mdy": ("2005-03-04", None),
        "ymd": ("2003-04-05", None),
    }


def test_what_lies_ahead_is_no_choice() -> None:
    ahead = datetime.now(UTC) + timedelta(days=40)
    if ahead.day > 12:
        ahead = ahead.replace(day=12, month=ahead.month % 12 + 1, year=ahead.year + 1)
    published = parse(f"{ahead.day:02}/{ahead.month:02}/{ahead.year}")
    assert published is not None
    if published.doubt is None:
        assert published.iso == f"{ahead.year}-{ahead.day:02}-{ahead.month:02}"


@pytest.mark.parametrize(
    ("ahead", "doubt"),
    [(timedelta(hours=40), None), (timedelta(days=3), "in the future")],
)
def test_only_what_lies_more_than_two_days_ahead_is_in_the_future(
    ahead: timedelta, doubt: str | None
) -> None:
    published = parse((datetime.now(UTC) + ahead).isoformat())
    assert published is not None
    assert published.doubt == doubt


BOUNDS = [
    # hours before and after midnight UTC of 2018-07-15
    ("2018-07-15T00:00:00Z", 0, 0),
    ("2018-07-15T00:00Z", 0, 1 / 60),
    ("2018-07-15T00:00:00", -14, 12),
    ("2018-07-15T00:00", -14, 12 + 1 / 60),
    ("2018-07-15", -14, 24 + 12),
    ("2018-07-15T09:00:00+09:00", 0, 0),
]


@pytest.mark.parametrize(("given", "first", "last"), BOUNDS)
def test_a_date_can_mean_any_moment_within_its_bounds(
    given: str, first: float, last: float
) -> None:
    published = parse(given)
    midnight = datetime(2018, 7, 15, tzinfo=UTC).timestamp()
    assert published is not None
    assert published.bounds == (midnight + first * 3600, midnight + last * 3600)


HOUR, DAY = 3600.0, 86400.0
LAGS = [
    # a, b, from one site, least and most seconds
    ("2018-07-15T07:00:00Z", "2018-07-15T08:00:00+00:00", False, (HOUR, HOUR)),
    ("2018-07-15T07:00:00-04:00", "2018-07-15T08:00:00-05:00", False, (2 * HOUR, 2 * HOUR)),
    ("2018-07-15T07:00Z", "2018-07-15T07:00Z", False, (0, 60)),
    ("2018-07-15T07:00:00Z", "2018-07-15T07:00:00Z", False, (0, 0)),
    ("2018-07-15", "2018-07-15T12:00:00Z", False, (0, 26 * HOUR)),
    ("2018-07-15", "2018-07-15", True, (0, DAY)),
    ("2018-07-15", "2018-07-17", True, (DAY, 3 * DAY)),
    ("2018-07-15", "2018-07-17", False, (0, 3 * DAY + 26 * HOUR)),
    ("2018-07-15T07:00:00", "2018-07-15T08:00:00", True, (HOUR, HOUR)),
    ("2018-07-15T07:00:00", "2018-07-15T08:00:00Z", True, (0, 15 * HOUR)),
    ("2018-07-15T07:00:00", "2018-07-15T08:00:00", False, (0, 27 * HOUR)),
    ("2018-07-16T00:00:00", "2018-07-15T23:00:00", False, (0, 25 * HOUR)),
    # nothing is known
    ("2018-07-16T00:00:00Z", "2018-07-15T00:00:00Z", False, None),
    ("2018-07-15T07:00:00Z", None, False, None),
    (None, None, False, None),
    ("2018-07-15", "2099-07-15", False, None),
    ("1439-11-02", "2018-07-15", False, None),
]


@pytest.mark.parametrize(("a", "b", "one_site", "expected"), LAGS)
def test_a_lag_claims_no_more_than_the_dates_tell(
    a: str | None, b: str | None, one_site: bool, expected: tuple[float, float] | None
) -> None:
    assert lag(parse(a), parse(b), one_site) == expected


TIMES = st.datetimes(
    min_value=datetime(1900, 1, 1),
    timezones=st.integers(-23 * 60, 23 * 60).map(lambda m: timezone(timedelta(minutes=m))),
)


@settings(deadline=None)
@given(TIMES, st.booleans())
def test_iso_dates_keep_their_moment(moment: datetime, whole: bool) -> None:
    moment = moment.replace(microsecond=0) if whole else moment
    published = parse(moment.isoformat())
    assert published is not None
    assert published.epoch == pytest.approx(moment.timestamp(), abs=1e-3)
    assert published.iso == moment.isoformat(timespec="seconds")


@settings(deadline=None)
@given(TIMES)
def test_dates_of_mail_keep_their_moment(moment: datetime) -> None:
    published = parse(format_datetime(moment))
    assert published is not None
    assert published.epoch == moment.replace(microsecond=0).timestamp()


@settings(deadline=None)
@given(st.floats(1e9, 4e9))
def test_unix_times_keep_their_moment(seconds: float) -> None:
    published = parse(f"{seconds:.3f}")
    assert published is not None
    assert published.epoch == pytest.approx(seconds, abs=1e-3)


PIECES = [
    *("1", "31", "07", "99", "1987", "2018-07-15", "jul", "July", "Sun, ", "年", "月", "日"),
    *("-", ":", "/", ".", ",", " ", "T", "+", "Z", "GMT", "am", "12:30", "0900", "&#5;"),
]


@settings(deadline=None)
@given(
    st.text()
    | st.text("0123456789-/.: TZ+,年月日", max_size=40)
    | st.lists(st.sampled_from(PIECES)).map("".join)
)
def test_no_text_raises_and_what_is_read_is_whole(written: str) -> None:
    published = parse(written)
    assert published is None or isinstance(published, Published)
    if published is not None:
        again = parse(published.iso)
        assert again is not None
        assert (again.iso, again.precision) == (published.iso, published.precision)
        assert datetime.fromtimestamp(published.epoch, UTC).year


@settings(deadline=None)
@given(
    st.datetimes(datetime(1900, 1, 2), datetime(2020, 1, 1)),
    st.floats(0, 1e9),
    st.integers(-24, 28).map(lambda n: timezone(timedelta(hours=n / 2))),
    st.integers(-24, 28).map(lambda n: timezone(timedelta(hours=n / 2))),
    st.sampled_from(["%Y", "%Y-%m", "%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M%z"]),
)
def test_the_true_lag_lies_within_its_bounds(
    first: datetime, seconds: float, here: timezone, there: timezone, written: str
) -> None:
    a = first.replace(tzinfo=UTC)
    b = min(a + timedelta(seconds=seconds), datetime(2020, 1, 1, tzinfo=UTC))
    dates = parse(a.astimezone(here).strftime(written)), parse(b.astimezone(there).isoformat())
    if dates[0] is None or dates[0].doubt or dates[1] is None or dates[1].doubt:
        return
    found = lag(*dates)
    assert found is not None
    assert 0 <= found[0] <= (b - a).total_seconds() + 1e-3
    assert (b - a).total_seconds() <= found[1] + 1e-3


@pytest.mark.parametrize(
    ("precision", "first", "over"),
    [
        ("month", "2018-07", "2018-08-01T00:00:00Z"),
        ("year", "2016", "2017-01-01T00:00:00Z"),
    ],
)
def test_spans_cover_the_longest_month_and_year(precision: str, first: str, over: str) -> None:
    begins, ends = parse(first), parse(over)
    assert begins is not None
    assert ends is not None
    assert begins.epoch + SPANS[precision] == ends.epoch
