"""The dates of many articles: what others of a source settle, and what is said of the rest."""

from __future__ import annotations

from pathlib import Path

import pytest

import dedup
from dedup import Article, Settings
from dedup.metadata.dates import EITHER_WAY
from dedup.metadata.source_dates import FEWEST, LISTED, complaints, dates_of

RAIN = "Rain is due in the hills tonight and will last until Sunday, said the office of the weir."


def articles(*dates: str, site: str | None = "herald", path: str | None = "a.csv") -> list[Article]:
    return [
        Article(f"{site}{path}{n}", f"{RAIN} {n}", site=site, path=path, date=date)
        for n, date in enumerate(dates)
    ]


def test_the_other_dates_of_a_site_settle_which_is_the_day() -> None:
    found = dates_of(articles("03/04/2018", "15/07/2018"), None)
    assert [date and (date.iso, date.doubt) for date in found] == [
        ("2018-04-03", None),
        ("2018-07-15", None),
    ]
    found = dates_of(articles("03/04/2018", "07/15/2018"), None)
    assert found[0] is not None
    assert found[0].iso == "2018-03-04"


def test_the_file_settles_it_where_the_site_does_not_and_another_file_does_not() -> None:
    unknown = articles("03/04/2018")
    same = articles("07/15/2018", site="post")
    other = articles("07/15/2018", site="post", path="b.csv")
    assert [d and d.doubt for d in dates_of(unknown + same, None)] == [None, None]
    assert [d and d.doubt for d in dates_of(unknown + other, None)] == [EITHER_WAY, None]


@pytest.mark.parametrize(("agree", "doubt"), [(19, None), (18, EITHER_WAY)])
def test_one_date_in_twenty_may_be_otherwise(agree: int, doubt: str | None) -> None:
    given = articles("03/04/2018", "07/15/2018", *["15/07/2018"] * agree)
    (first, *_) = dates_of(given, None)
    assert first is not None
    assert first.doubt == doubt


def test_the_times_of_versions_tell_too() -> None:
    (article,) = articles("03/04/2018")
    date = dates_of([dedup.Article("1", "", date=article.date, updated="13/04/2018")], None)[0]
    assert date is not None
    assert date.iso == "2018-04-03"


def told(given: list[Article], zone: str | None = None) -> list[str]:
    return [str(problem) for problem in complaints(given, dates_of(given, zone), zone)]


def test_dates_that_cannot_be_read_are_told_once_a_file_with_an_example() -> None:
    given = articles("a week ago", "yesterday", "2018-07-15", "") + articles("?!", path="b.csv")
    remedy = "write them as 2026-03-02T09:00+01:00; the articles count as undated"
    assert told(given) == [
        f"a.csv: 2 dates could not be read, such as 'a week ago' ({remedy})",
        f"b.csv: 1 date could not be read, such as '?!' ({remedy})",
    ]


@pytest.mark.parametrize(
    ("files", "lines", "last"),
    [(LISTED, LISTED, ": 1 date"), (LISTED + 1, LISTED + 1, ": 1 date"),
     (LISTED + 3, LISTED + 1, " and 2 more: 3 dates")],
)  # fmt: skip
def test_of_many_files_the_last_are_told_together(files: int, lines: int, last: str) -> None:
    given = [a for n in range(files) for a in articles("soon", path=f"{n:02}.txt")]
    found = told(given)
    assert len(found) == lines
    assert last in found[-1]


def test_dates_that_may_be_two_days_are_told() -> None:
    (said,) = told(articles("03/04/2018", "04/05/2018"))
    assert said.startswith("a.csv: 2 dates may be two days each, such as '03/04/2018' (")


@pytest.mark.parametrize(
    ("bare", "zoned", "says"),
    [
        (FEWEST, 0, True),
        (FEWEST - 1, 0, False),
        (FEWEST, FEWEST, False),
        (FEWEST + 1, FEWEST, True),
    ],
)
def test_a_note_says_that_most_times_lack_a_zone(bare: int, zoned: int, says: bool) -> None:
    given = articles(*["2018-07-15 10:00"] * bare, *["2018-07-15T10:00Z"] * zoned)
    found = told(given)
    assert bool(found) is says
    assert all("--zone" in line for line in found)
    assert told(given, "Europe/Berlin") == []


def test_a_scan_knows_lags_exactly_with_a_zone_and_only_roughly_without(tmp_path: Path) -> None:
    story = f"{RAIN}\nThe weir will be opened at noon, and the lower meadow is closed to walkers."
    given = [
        Article("a", story, site="herald.example", date="2. März 2026, 9 Uhr"),
        Article("b", story, site="post.example", date="2026-03-02 10:00"),
    ]
    lags = []
    for zone in (None, "Europe/Berlin"):
        result = dedup.scan(given, settings=Settings(zone=zone))
        ((link,),) = [result.links]
        lags.append(link.lag)
    hour = 3600
    assert lags[1] == (hour - 60, hour + 60)
    assert lags[0] == (0, 27 * hour + 60)


def test_a_scan_lists_what_it_could_not_read() -> None:
    result = dedup.scan(articles("the day before", "2018-07-15"))
    assert [p.what for p in result.problems] == [
        "1 date could not be read, such as 'the day before'"
    ]
    assert not any(problem.skipped for problem in result.problems)


@pytest.mark.parametrize("zone", ["Europe/Nowhere", "", "+25:00", "Berlin, I think", 1])
def test_a_zone_that_is_none_is_refused(zone: str) -> None:
    with pytest.raises(dedup.SettingsError, match="zone is"):
        Settings(zone=zone)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "europe/berlin", "UTC", "+01:00", "-3:30", "ET"])
def test_a_zone_may_be_a_name_or_a_distance(zone: str) -> None:
    assert Settings(zone=zone).zone == zone
