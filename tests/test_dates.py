"""Dates: the forms that are read, those that are not, and that nothing raises."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.dates import Published, parse

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
    ("03/04/2018", "April or March"),
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


TIMES = st.datetimes(
    min_value=datetime(1900, 1, 1),
    timezones=st.integers(-23 * 60, 23 * 60).map(lambda m: timezone(timedelta(minutes=m))),
)


@settings(deadline=None)
@given(TIMES)
def test_iso_dates_keep_their_moment(moment: datetime) -> None:
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
