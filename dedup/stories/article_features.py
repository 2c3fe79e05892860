"""What an article says of itself that tells who had a text first, put in one record."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup.metadata import urls
from dedup.metadata.credit_rules import of_site
from dedup.metadata.credits import Attribution
from dedup.metadata.dates import Published
from dedup.metadata.normalise import document
from dedup.metadata.outlets import Outlets
from dedup.records import Article

_UNTITLED = re.compile(r"\W*(?:no title|untitled|n/?a|none|null)?\W*", re.IGNORECASE)
_NOT_WORDS = re.compile(r"[\W_]+")
_GONE = frozenset(("canceled", "cancelled", "withdrawn", "withheld", "killed"))
DAY = 86400
"""Seconds."""
_CORRECTED = 1000
"""Rank of a corrected version: it takes the place of any update."""


class ArticleFeatures(NamedTuple):
    """What is known of one article."""

    site: str
    """Its site; empty if it names none."""
    owner: str
    """Who owns the site; the site itself where nobody is named."""
    house: str | None
    """The agency whose own site it is."""
    agency: str | None
    """The agency whose text it says to be."""
    time: Published | None
    """When it was published; None where that is unknown or in doubt."""
    updated: Published | None
    """When this version of it was made."""
    document: str | None
    """The key of its own address (see `dedup.metadata.urls.fold`)."""
    sources: frozenset[str]
    """Addresses (as keys), sites and names it says to be from."""
    headline: str | None
    """Its headline in small letters without punctuation and tags of its version; None for none or
    "(no title)"."""
    rank: int
    """How late a version it says to be: 0 without a tag, 2 for UPDATE 2, most for CORRECTED."""
    withdrawn: bool
    """Whether it says to be withdrawn."""
    fetched: bool = False
    """Whether `time` is most likely when it was fetched (see `fetched` below)."""


NOTHING = ArticleFeatures("", "", None, None, None, None, None, frozenset(), None, 0, False)
"""The features of an article of which only the text is known."""


class Statement(NamedTuple):
    """What one article says of itself that needs no other article; as in `ArticleFeatures`."""

    site: str
    agency: str | None
    document: str | None
    sources: frozenset[str]
    headline: str | None
    rank: int
    withdrawn: bool


def article_features(
    articles: Sequence[Article],
    published: Sequence[Published | None],
    updated: Sequence[Published | None],
    attributions: Sequence[Attribution],
    outlets: Outlets,
) -> list[ArticleFeatures]:
    """Return the features of each article; all sequences have one entry an article.

    >>> rain = Article("a", "It rained.", title="Rain!", site="herald.example", source="Bureau")
    >>> found = article_features([rain], [None], [None], [Attribution()], Outlets())[0]
    >>> found.headline, found.owner, sorted(found.sources)
    ('rain', 'herald.example', ['bureau'])
    """
    said = statements(articles, attributions)
    sites = {each.site for each in said}
    owners = {site: (outlets.owner(site), outlets.agency(site) or of_site(site)) for site in sites}
    times, versions = ([_sure(date) for date in dates] for dates in (published, updated))
    doubts = fetched([each.site for each in said], times)
    return [
        ArticleFeatures(
            each.site,
            *owners[each.site],
            agency=each.agency,
            time=time,
            updated=version,
            document=each.document,
            sources=each.sources,
            headline=each.headline,
            rank=each.rank,
            withdrawn=each.withdrawn,
            fetched=doubt,
        )
        for each, time, version, doubt in zip(said, times, versions, doubts, strict=True)
    ]


def _sure(date: Published | None) -> Published | None:
    return date if date and not date.doubt else None


def statements(
    articles: Sequence[Article], attributions: Sequence[Attribution]
) -> Sequence[Statement]:
    """Return what each article says of itself; articles that an index keeps know it already."""
    known: Sequence[Statement] | None = getattr(articles, "statements", None)
    if known is not None:
        return known
    return [statement(*row) for row in zip(articles, attributions, strict=True)]


def statement(article: Article, attribution: Attribution) -> Statement:
    """Return what an article says of itself.

    >>> statement(Article("a", "It rained.", title="(no title)"), Attribution()).headline is None
    True
    """
    site = article.site or ""
    return Statement(
        site=site,
        agency=attribution.agency,
        document=document(article),
        sources=_sources(article.source) - {site.casefold()},
        headline=headline(_untagged(article.title, attribution)),
        rank=_rank(attribution),
        withdrawn=(article.status or "").lower() in _GONE
        or any(tag.kind == "withdrawn" for tag in attribution.tags),
    )


def headline(title: str | None) -> str | None:
    """Fold a headline for comparison; None for one that says nothing.

    >>> headline("Rain, at last!"), headline("(no title)")
    ('rain at last', None)
    """
    if not title or _UNTITLED.fullmatch(title):
        return None
    return _NOT_WORDS.sub(" ", title).strip().casefold() or None


def _untagged(title: str | None, attribution: Attribution) -> str | None:
    """Cut the tags of its version, such as UPDATE 2, out of a headline."""
    if title:
        for tag in sorted(attribution.tags, key=lambda tag: -tag.start):
            if tag.field == "title":
                title = f"{title[: tag.start]} {title[tag.end :]}"
    return title


def _sources(source: str | None) -> frozenset[str]:
    if not source:
        return frozenset()
    named = {source.casefold()}
    if site := urls.site(source):
        named |= {site, urls.fold(source)}
    return frozenset(named)


def _rank(attribution: Attribution) -> int:
    ranks = [0]
    for tag in attribution.tags:
        if tag.kind in ("corrected", "refile"):
            ranks.append(_CORRECTED + tag.number)
        elif tag.kind in ("update", "summary"):
            ranks.append(tag.number)
    return max(ranks)


# -- Sites whose dates tell when their pages were fetched

SECONDS = 10
"""Seconds between two articles of a burst. Higher doubts more dates: at 10 pages ten seconds apart
are in one, and eleven apart in none."""

BURSTS, CHANCE = 0.25, 2.0
"""Share of a site's articles that are in bursts, and how many times as many they are as by chance.
Higher believes more dates: at 0.25 a site is doubted when five of its 20 articles are in bursts,
and that is twice what chance gives."""

FEWEST = 5
"""Articles that tell of a site; smaller ones are taken to be as most of the others. Higher judges
more sites by others: at 5 a site of four dated articles is."""

_DAY, _HOUR = 86400, 3600


def fetched(sites: Sequence[str], times: Sequence[Published | None]) -> list[bool]:
    """Return for each article whether its date is most likely when it was fetched.

    >>> from dedup.metadata.dates import parse
    >>> dates = [parse(f"2024-03-08T10:{time}Z") for time in ("10:01", "10:04", "10:09", "40:02")]
    >>> fetched(["a"] * 8, [*dates, *dates]) == [True] * 8
    True
    """
    epochs: dict[str, list[float]] = {}
    for site, time in zip(sites, times, strict=True):
        if time and time.precision == "second" and time.epoch % _DAY:
            epochs.setdefault(site, []).append(time.epoch)
    known = {
        site: _in_bursts(np.sort(found))
        for site, found in epochs.items()
        if site and len(found) >= FEWEST
    }
    weights = [(len(epochs[site]), bursts) for site, bursts in known.items()]
    most = sum(n for n, bursts in weights if bursts) > sum(n for n, bursts in weights if not bursts)
    return [
        known.get(site, most and site in epochs) if time and time.epoch % _DAY else False
        for site, time in zip(sites, times, strict=True)
    ]


def _in_bursts(epochs: npt.NDArray[np.float64]) -> bool:
    gaps = np.diff(epochs)
    near = np.append(gaps, np.inf) <= SECONDS
    near |= np.append(np.inf, gaps) <= SECONDS
    open_hours = len(np.unique(epochs // _HOUR))
    chance = 1 - np.exp(-2 * SECONDS * len(epochs) / (_HOUR * open_hours))
    return bool(near.mean() >= max(BURSTS, CHANCE * chance))
