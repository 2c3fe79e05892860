"""The dates of many articles: what one date leaves open, the others of its source may tell.

`03/04/2018` is two days, and beside `15/07/2018` of the same source only one. What cannot be read
is said, and so is that most times lack a zone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Literal

from dedup import zones
from dedup.errors import Problem
from dedup.lazy import column
from dedup.metadata.date_patterns import ORDERS
from dedup.metadata.dates import EITHER_WAY, Published, order_of, parse
from dedup.records import Article

SETTLED = 0.95
"""Least share of a source's dates with one possible order that have the same, 0.5 to 1, for the
others to be read in it. Higher leaves more dates in doubt."""

UNZONED = 0.5
"""Share of the times that lack a zone above which a note says so, 0 to 1. Higher says it less."""
FEWEST = 20
"""Fewest times of day for that note. Higher says it less."""

LISTED = 20
"""Files whose unread dates are told each by itself; those of further files are told together."""


def dates_of(
    articles: Sequence[Article], zone: str | None, field: Literal["date", "updated"] = "date"
) -> list[Published | None]:
    """Read one field of articles, in their order.

    Numbers that may be two days are read in the order of the other dates of the article's site,
    failing that of its file; where these do not tell, the date is doubted.

    >>> found = dates_of([Article("1", "", date="03/04/2018"), Article("2", "", date="15/04/2018")],
    ...     "+02:00")
    >>> found[0].iso, found[0].doubt
    ('2018-04-03', None)
    """
    where = zones.zone(zone) if zone else None
    written = column(articles, field)
    # Many articles have one date, or none. The clock tells which lie ahead, so none is kept longer.
    known = {date: parse(date, where) for date in set(written)}
    found = [known[date] for date in written]
    open_ = [number for number, date in enumerate(found) if date and date.doubt == EITHER_WAY]
    if open_:
        sites, paths = column(articles, "site"), column(articles, "path")
        by_site, by_path = _orders(articles, sites, paths)
        for number in open_:
            order = by_site.get(sites[number]) or by_path.get(paths[number])
            found[number] = parse(written[number], where, order)
    return found


_Votes = dict[str | None, Counter[str]]


def _orders(
    articles: Sequence[Article], *sources: Sequence[str | None]
) -> list[dict[str | None, str]]:
    """Return the order of day, month and year in which each source writes numbers.

    Each of `sources` has one entry an article, and gives one answer.
    """
    votes: list[_Votes] = [{} for _ in sources]
    for field in ("date", "updated"):
        dates = column(articles, field)
        known = {date: order for date in set(dates) if (order := order_of(date))}
        told = [(row, known[date]) for row, date in enumerate(dates) if date in known]
        for some, counts in zip(sources, votes, strict=True):
            for row, order in told:
                counts.setdefault(some[row], Counter())[order] += 1
    return [_decided(counts) for counts in votes]


def _decided(votes: _Votes) -> dict[str | None, str]:
    """Return the order that nearly all dates of a source have, of those where one has."""
    found: dict[str | None, str] = {}
    for name, counts in votes.items():
        order, most = max(counts.items(), key=lambda vote: (vote[1], -ORDERS.index(vote[0])))
        if most >= SETTLED * counts.total():
            found[name] = order
    return found


# -- What is to be said of them


def complaints(
    articles: Sequence[Article], published: Sequence[Published | None], zone: str | None
) -> Iterator[Problem]:
    """Yield which dates of publication could not be read, by file, and what else would help."""
    unread: dict[str, list[Article]] = {}
    for number, (date, written) in enumerate(zip(published, column(articles, "date"), strict=True)):
        if date is None and written and not written.isspace():
            article = articles[number]
            unread.setdefault(article.path or article.id, []).append(article)
    files = sorted(unread.items(), key=lambda item: (-len(item[1]), item[0]))
    for path, those in files[:LISTED]:
        yield _unread(path, those)
    if further := files[LISTED:]:
        more = f" and {len(further) - 1:,} more" if len(further) > 1 else ""
        yield _unread(further[0][0] + more, [a for _, those in further for a in those])
    yield from _either_way(articles, published)
    if not zone:
        yield from _without_zone(articles, published)


def _unread(where: str, articles: list[Article]) -> Problem:
    example = min(" ".join((article.date or "").split())[:60] for article in articles)
    number = len(articles)
    what = f"{_dates(number)} could not be read, such as {example!r}"
    remedy = "write them as 2026-03-02T09:00+01:00; the articles count as undated"
    return Problem(where, what, remedy, skipped=False, articles=number)


def _either_way(
    articles: Sequence[Article], published: Sequence[Published | None]
) -> Iterator[Problem]:
    doubted = [
        articles[number]
        for number, date in enumerate(published)
        if date and date.doubt == EITHER_WAY
    ]
    if doubted:
        first = min(doubted, key=lambda article: (article.date or "", article.id))
        what = f"{_dates(len(doubted))} may be two days each, such as {first.date!r}"
        remedy = "write the month as a word or the year first; they order nothing"
        where = first.path or first.id
        yield Problem(where, what, remedy, skipped=False, articles=len(doubted))


def _without_zone(
    articles: Sequence[Article], published: Sequence[Published | None]
) -> Iterator[Problem]:
    timed = [
        (date.zoned, number)
        for number, date in enumerate(published)
        if date and not date.doubt and date.precision in ("minute", "second")
    ]
    bare = [number for zoned, number in timed if not zoned]
    if len(timed) >= FEWEST and len(bare) > UNZONED * len(timed):
        first = articles[min(bare, key=column(articles, "id").__getitem__)]
        what = f"{len(bare):,} of {len(timed):,} times name no zone, such as {first.date!r}"
        remedy = "give it with --zone if it is one: lags are then known exactly, not to a day"
        yield Problem(first.path or first.id, what, remedy, skipped=False, articles=len(bare))


def _dates(number: int) -> str:
    return "1 date" if number == 1 else f"{number:,} dates"
