"""What the first view shows: shares, sites, times, and the largest of what was found."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Any

from dedup.metadata import dates
from dedup.output.passages import Passage
from dedup.output.schema import ArticleRow
from dedup.records import RELATIONS
from dedup.report.choose import Choice
from dedup.report.folder import Folder
from dedup.report.matched import KINDS
from dedup.report.pack import Packed, cut
from dedup.report.shares import Words

FIRST, FIRST_WITHIN = 5, 6
"""Stories, and passages across, in the first view; passages within an article there. Higher shows
more and needs scrolling."""

LONGEST_SNIPPET = 260
"""Characters of a passage in the first view."""

MOST_SITES = 400
"""Sites whose words are shown."""

MOST_BINS = 120
"""Columns of the timeline: of hours, days, months and years the finest with no more is taken."""

_UNITS = (("hour", 13, 48), ("day", 10, MOST_BINS), ("month", 7, MOST_BINS), ("year", 4, MOST_BINS))
"""Unit, characters of an ISO date that name it, and most columns."""


def overview(
    folder: Folder, choice: Choice, packed: Packed, words: Sequence[Words], title: str
) -> dict[str, Any]:
    """Return what the first view needs."""
    sites = _sites(folder.articles, words)
    time, span = _time(folder.articles, words)
    return {
        "title": title,
        "summary": folder.summary,
        "shares": [sum(column) for column in zip(*words, strict=True)] or [0] * len(KINDS),
        "sites": sites[:MOST_SITES],
        "site_count": sum(1 for row in sites if row[0]),
        "time": time,
        "span": span,
        "first": {
            "stories": [_story(row, packed) for row in _telling(packed)],
            "within": [
                _passage(n, one, packed) for n, one in enumerate(packed.within[:FIRST_WITHIN])
            ],
            "across": [_passage(n, one, packed) for n, one in _besides(packed, folder)],
        },
        "counts": {
            "stories": len(folder.stories),
            "within": len(folder.within),
            "across": len(folder.across),
        },
        "left": _left(folder, choice, packed),
    }


def title_of(folder: Folder, title: str | None) -> str:
    """Return what the report is called: `title`, or what was scanned, or the folder's name."""
    if title:
        return cut(title) or ""
    paths = {row["path"] for row in folder.articles if row.get("path") not in (None, "-")}
    try:
        common = os.path.commonpath([str(path) for path in paths]) if paths else ""
    except ValueError:
        common = ""
    parts = PurePosixPath(Path(common).as_posix()).parts
    name = "/".join(part for part in parts[-2:] if part != "/")
    return cut(name or folder.place.resolve().name) or "report"


def _left(folder: Folder, choice: Choice, packed: Packed) -> list[tuple[str, int, int, str]]:
    """Return of each kind of thing how many are shown, of how many, and which file has all."""
    all_clusters = folder.summary.get("clusters", len(folder.clusters))
    families = len(folder.within) + len(folder.across)
    return [
        ("stories", len(packed.stories), len(folder.stories), "stories.jsonl"),
        ("passages", len(packed.within) + len(packed.across), families, "matches.jsonl"),
        ("clusters", len(packed.clusters), all_clusters, "clusters.jsonl"),
        ("articles", len(choice.articles), len(folder.articles), "articles.jsonl"),
    ]


def _telling(packed: Packed) -> Iterator[int]:
    """Yield the stories of the first view, those that most sites ran first."""
    rows = packed.stories
    ranked = sorted(range(len(rows)), key=lambda n: (-rows[n][6], -rows[n][11], -rows[n][7], n))
    yield from ranked[:FIRST]


def _story(number: int, packed: Packed) -> list[Any]:
    row = packed.stories[number]
    source = packed.names["agencies"][row[5]] if row[5] >= 0 else ""
    return [number, row[1], row[11], row[6], source]


def _besides(packed: Packed, folder: Folder) -> list[tuple[int, Passage]]:
    """Return the heaviest passages of two articles, those that no story tells of first."""
    story = {row["article"]: row.get("story") for row in folder.articles}

    def told(passage: Passage) -> bool:
        one = story.get(passage.a.article)
        return one is not None and one == story.get(passage.b.article)

    rows = list(enumerate(packed.across))
    apart = [pair for pair in rows if not told(pair[1])][:FIRST]
    return apart + [pair for pair in rows if told(pair[1])][: FIRST - len(apart)]


def _passage(number: int, passage: Passage, packed: Packed) -> list[Any]:
    row = packed.passages["within" if passage.within else "across"][number]
    names = [_name(packed.articles[row[column]], packed) for column in (1, 3)]
    first, last = sorted((passage.a.paragraph, passage.b.paragraph))
    where = f"{names[0]} ¶{first} and ¶{last}" if passage.within else f"{names[0]} and {names[1]}"
    text = " ".join(passage.shared[: 4 * LONGEST_SNIPPET].split())[:LONGEST_SNIPPET]
    return [number, RELATIONS.index(passage.relation), passage.words, text, where, row[6] + 2]


def _name(article: list[Any], packed: Packed) -> str:
    site = packed.names["sites"][article[2]] if article[2] >= 0 else ""
    return str(site or article[0])[:60]


def _sites(articles: Sequence[ArticleRow], words: Sequence[Words]) -> list[list[Any]]:
    """Return the words of each site by kind, and its articles; the most words first."""
    sums: dict[str, list[Any]] = {}
    for article, own in zip(articles, words, strict=True):
        site = article["site"] or ""
        row = sums.setdefault(site, [cut(site), [0] * len(KINDS), 0])
        _add(row[1], own)
        row[2] += 1
    return sorted(sums.values(), key=lambda row: (-sum(row[1]), row[0]))


def _add(sums: Words, own: Words) -> None:
    for kind, words in enumerate(own):
        sums[kind] += words


def _time(articles: Sequence[ArticleRow], words: Sequence[Words]) -> tuple[dict[str, Any], str]:
    """Return the words of each day (or hour, month, year), and the first and last day in words."""
    days = [_day(article) for article in articles]
    known = sorted(filter(None, days))
    if not known:
        return {"unit": "day", "bins": [], "undated": len(articles)}, ""
    for unit, length, most in _UNITS:
        fine = [day[:length] for day in known if len(day) >= length]
        if len(fine) >= 0.9 * len(known) and len(_filled(fine, unit)) <= most:
            break
    sums: defaultdict[str, list[Any]] = defaultdict(lambda: [[0] * len(KINDS), 0])
    undated = 0
    for day, own in zip(days, words, strict=True):
        if len(day) < length:
            undated += 1
            continue
        row = sums[day[:length]]
        _add(row[0], own)
        row[1] += 1
    names = _filled(sorted(sums), unit)
    bins = [[name, *sums[name]] for name in names[-4 * MOST_BINS :]]
    first, last = known[0][:10], known[-1][:10]
    return {"unit": unit, "bins": bins, "undated": undated}, (
        first if first == last else f"{first} to {last}"
    )


def _day(article: ArticleRow) -> str:
    """Return the date of an article in ISO, as fine as it is known; "" if unknown or doubted."""
    published = article.get("published")
    if not published or article.get("published_doubt") or dates.parse(published) is None:
        return ""
    return published


def _filled(names: Iterable[str], unit: str) -> list[str]:
    """Return the names of all hours, days, months or years from the first to the last.

    >>> _filled(["2025-01-30", "2025-02-01"], "day")
    ['2025-01-30', '2025-01-31', '2025-02-01']
    >>> _filled(["2024-12", "2025-02"], "month")
    ['2024-12', '2025-01', '2025-02']
    """
    found = sorted(set(names))
    if not found:
        return []
    first, last = found[0], found[-1]
    try:
        if unit == "year":
            every = [f"{year:04}" for year in range(int(first), int(last) + 1)]
        elif unit == "month":
            begin, end = ((int(n[:4]) * 12 + int(n[5:7]) - 1) for n in (first, last))
            every = [f"{n // 12:04}-{n % 12 + 1:02}" for n in range(begin, end + 1)]
        elif unit == "day":
            day, end_day = date.fromisoformat(first), date.fromisoformat(last)
            every = [(day + timedelta(n)).isoformat() for n in range((end_day - day).days + 1)]
        else:
            hour, end_hour = datetime.fromisoformat(first), datetime.fromisoformat(last)
            hours = int((end_hour - hour).total_seconds() // 3600)
            every = [(hour + timedelta(hours=n)).isoformat()[:13] for n in range(hours + 1)]
    except (ValueError, OverflowError):
        return found
    return every if len(every) <= 4 * MOST_BINS else found
