"""A small result of a scan, made by hand: what the reports and `clean` need, no kernels."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from dedup.document import Article, Cluster, Match, Occurrence, Span, Text, Version
from dedup.errors import Problem

Place = tuple[str, int]
"""An article's id and the number of a paragraph, which is a line."""


@dataclass
class MadeUp:
    """Satisfies `dedup.report.found.Found`."""

    articles: Sequence[Article]
    texts: Sequence[Text] = ()
    matches: Sequence[Match] = ()
    clusters: Sequence[Cluster] = ()
    problems: Sequence[Problem] = ()
    summary: dict[str, Any] = field(default_factory=dict)

    def article_rows(self) -> Iterator[dict[str, Any]]:
        for article in self.articles:
            yield {
                "article": article.id,
                "title": article.title,
                "site": article.site,
                "url": article.url,
                "published": article.date,
                "path": article.path,
                "paragraphs": len(paragraphs(article.text)),
                "words": len(article.text.split()),
                "repeated_words": 0,
            }


def paragraphs(text: str) -> list[Span]:
    """The spans of the lines that hold anything."""
    spans, at = [], 0
    for line in text.split("\n"):
        if bare := line.strip():
            start = at + line.index(bare)
            spans.append((start, start + len(bare)))
        at += len(line) + 1
    return spans


def made_up(
    articles: Sequence[Article],
    families: Sequence[Sequence[Place]],
    problems: Sequence[Problem] = (),
) -> MadeUp:
    """A result whose clusters are `families`; the first place of each is the canonical one."""
    by_id = {article.id: article for article in articles}
    spans = {article.id: paragraphs(article.text) for article in articles}
    texts: dict[str, Text] = {}

    def version(place: Place, canonical: str) -> Version:
        article, paragraph = place
        start, end = spans[article][paragraph]
        value = by_id[article].text[start:end]
        folded = value.casefold().encode("utf-8", "surrogatepass")
        name = hashlib.blake2b(folded, digest_size=16).hexdigest()
        here = Occurrence(article, paragraph, start, end)
        seen = texts.get(name)
        occurrences = (*seen.occurrences, here) if seen else (here,)
        sample = seen.sample if seen else value
        texts[name] = Text(name, len(value.split()), sample, occurrences, standing=value == FOOTER)
        similarity = 1.0 if value.casefold() == canonical.casefold() else 0.61234567
        return Version(name, value, article, paragraph, start, end, similarity)

    clusters = []
    for number, family in enumerate(families):
        article, paragraph = family[0]
        value = by_id[article].text[slice(*spans[article][paragraph])]
        members = [version(place, value) for place in family]
        sites = {by_id[member.article].site for member in members}
        cluster = Cluster(
            id=f"{number:08x}c0ffee00",
            canonical=members[0],
            reason="earliest of all dated versions",
            runners_up=tuple(members[-1:]),
            members=tuple(sorted(members, key=lambda member: (member.article, member.paragraph))),
            articles=len({member.article for member in members}),
            sites=len(sites),
            standing=False,
            scope="cross-site" if len(sites) > 1 else "within-site",
        )
        clusters.append(cluster)
    matches = [
        Match(
            a=min(cluster.canonical.text_id, other.text_id),
            b=max(cluster.canonical.text_id, other.text_id),
            relation="duplicate",
            jaccard=0.61234567,
            containment=0.81234567,
            reason="most of the longer text is shared",
            evidence=9.87654321,
            proposed=("sketch", "passage"),
            longest_run=4,
            scopes=("within-site", "cross-site"),
            spans=((0, 4, 0, 4),),
        )
        for cluster in clusters
        for other in cluster.runners_up
        if other.text_id != cluster.canonical.text_id
    ]
    return MadeUp(
        articles, list(texts.values()), matches, clusters, problems, _summary(clusters, problems)
    )


def _summary(clusters: Sequence[Cluster], problems: Sequence[Problem]) -> dict[str, Any]:
    return {
        "format": 1,
        "version": "0",
        "settings": {"threshold": 0.5},
        "articles": 3,
        "skipped": sum(problem.skipped for problem in problems),
        "paragraphs": 12,
        "words": 345,
        "repeated_paragraphs": sum(len(cluster.members) for cluster in clusters),
        "matches": 1,
        "clusters": len(clusters),
        "scopes": {"cross-site": 2},
        "relations": {"duplicate": 1},
        "problems": len(problems),
    }


RAIN = "Rain is due in the north today, the weather service said on Friday."
RAIN_LATER = "Rain is due in the south on Monday, the weather service said."
FOOTER = "Follow us"


def newsroom() -> MadeUp:
    """Three articles: a sentence reprinted, once with changes, and a footer."""
    articles = [
        Article("a/1.txt", f"{RAIN}\n\nBring a coat.\n{FOOTER}\n", site="a", path="in/a/1.txt"),
        Article("b/1.txt", f"{RAIN.upper()}\n{FOOTER}", site="b", date="2024-05-01"),
        Article("b/2.txt", f"{FOOTER}\n{RAIN_LATER}", site="b"),
    ]
    rain: list[Place] = [("a/1.txt", 0), ("b/1.txt", 0), ("b/2.txt", 1)]
    footer: list[Place] = [("a/1.txt", 2), ("b/1.txt", 1), ("b/2.txt", 0)]
    return made_up(articles, [footer, rain])
