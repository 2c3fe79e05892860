"""A small result of a scan, made by hand: what the reports and `clean` need, no kernels."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from record_rows import record_rows

from dedup.errors import Problem
from dedup.output.schema import Lines
from dedup.output.writer import encoded
from dedup.records import (
    Article,
    Cluster,
    Link,
    Match,
    Member,
    Occurrence,
    ReadFile,
    Role,
    Span,
    Story,
    Text,
    Version,
)

if TYPE_CHECKING:
    from dedup.stories.site_matrix import SiteRow
    from dedup.text.corpus import Corpus

Place = tuple[str, int]
"""An article's id and the number of a paragraph, which is a line."""


@dataclass
class MadeUp:
    """Satisfies `dedup.output.protocol.Findings`."""

    articles: Sequence[Article]
    texts: Sequence[Text] = ()
    matches: Sequence[Match] = ()
    clusters: Sequence[Cluster] = ()
    problems: Sequence[Problem] = ()
    summary: dict[str, Any] = field(default_factory=dict)
    stories: Sequence[Story] = ()
    links: Sequence[Link] = ()
    sites: Sequence[SiteRow] = ()
    files: Sequence[ReadFile] = ()

    @property
    def corpus(self) -> Corpus:
        from dedup.progress import Silent
        from dedup.text.corpus import collapse

        return collapse(self.articles, 1, Silent(), flagged=False)

    def lines(self, of: Lines[Any]) -> Iterator[tuple[int, bytes]]:
        for row in record_rows(self, of):
            yield 1, encoded(row)

    def site_matrix(self) -> Sequence[SiteRow]:
        return self.sites

    def article_rows(self) -> Iterator[Any]:  # in part
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
        sample = seen.text if seen else value
        texts[name] = Text(
            name, len(value.split()), sample, occurrences, boilerplate=value == FOOTER
        )
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
            boilerplate=False,
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


LEAD = "A ferry with 212 people on board ran onto a sandbank off Port Averil on Monday evening."
CREWS = "Crews from three lifeboat stations roped their boats together and brought everyone ashore."
TUGS = "Two tugs will try to pull the ship free at the next spring tide, the harbour office said."
SCHOOL = "Among those on board was the choir of the town's own school, on its way home."


def member(
    article: str, role: Role, share_of_member: float, share_of_canonical: float, **more: Any
) -> Member:
    """A member of a story, of which only what matters is named."""
    plain: dict[str, Any] = {
        "credit": None,
        "lag": None,
        "confidence": 0.0,
        "supersedes": None,
        "added": (),
        "cut": (),
        "changed": (),
    }
    shares: dict[str, Any] = {
        "share_of_member": share_of_member,
        "share_of_canonical": share_of_canonical,
    }
    return Member(article=article, role=role, **shares, **plain | more)


def wire_story() -> MadeUp:
    """One wire story: the agency's, a copy, a longer version, an excerpt; and a rain report.

    Two tellings of the rain are a story whose original is unknown.
    """
    changed = TUGS.replace("spring tide", "high water")
    articles = [
        Article("gazette/f.txt", f"{LEAD}\n{CREWS}\n{TUGS}\n", site="gazette", path="in/gazette/f"),
        Article(
            "north/f.txt", f"{LEAD}\n{CREWS}\n{TUGS}", "Ferry aground", "https://n.test/f", "north"
        ),
        Article("post/f.txt", f"{SCHOOL}\n{LEAD}\n{CREWS}\n{changed}", "Choir safe", site="post"),
        Article("rain/1", RAIN, site="herald"),
        Article("rain/2", RAIN, site="herald"),
        Article("strait/f.txt", f"{LEAD}\n", "=Ferry <&> \x0b", site="strait"),
    ]
    members = (
        member("north/f.txt", "original", 1.0, 1.0, credit="NW"),
        member(
            "gazette/f.txt", "copy", 1.0, 1.0, credit="NW", lag=(4800.0, 4800.0), confidence=0.95
        ),
        member(
            "post/f.txt",
            "extended",
            0.71239,
            0.98,
            lag=(0.0, 86400.0),
            confidence=0.6,
            added=(0,),
            changed=(3,),
        ),
        member("strait/f.txt", "excerpt", 1.0, 0.33333, cut=(1, 2)),
    )
    stories = [
        Story(
            id="5f0c0ffee0000001",
            canonical="north/f.txt",
            reason="the agency's own copy",
            runners_up=("gazette/f.txt",),
            original="north/f.txt",
            source="NW",
            members=members,
            sites=4,
        ),
        Story(
            id="5f0c0ffee0000002",
            canonical="rain/1",
            reason="first of the ids",
            runners_up=("rain/2",),
            original=None,
            source=None,
            members=(member("rain/1", "kept", 1.0, 1.0), member("rain/2", "copy", 1.0, 1.0)),
            sites=1,
        ),
    ]
    own = "the agency's own copy"
    links = [
        link(
            "gazette/f.txt",
            "north/f.txt",
            "copy",
            (1.0, 1.0),
            45,
            "north/f.txt",
            0.95,
            (4800.0, 4800.0),
            (own, "published 1 h 20 min before"),
        ),
        link("gazette/f.txt", "strait/f.txt", "excerpt", (1.0, 0.33333), 16),
        link(
            "north/f.txt",
            "post/f.txt",
            "extended",
            (0.71239, 0.98),
            44,
            "north/f.txt",
            0.6,
            (0.0, 86400.0),
            ("published on the day before",),
        ),
        link("north/f.txt", "strait/f.txt", "excerpt", (1.0, 0.33333), 16),
        link("rain/1", "rain/2", "copy", (1.0, 1.0), 13),
    ]
    result = made_up(articles, [[("north/f.txt", 0), ("gazette/f.txt", 0)]])
    result.stories, result.links = stories, links
    from dedup.stories.site_matrix import SiteRow

    result.sites = [
        SiteRow("gazette", "north", 1, 45, 1, 45),
        SiteRow("post", "north", 1, 44, 0, 0),
    ]
    result.summary |= {
        "format": 2,
        "stories": 2,
        "story_articles": 6,
        "links": 5,
        "credited": 2,
        "roles": {"original": 1, "kept": 1, "copy": 2, "excerpt": 1, "extended": 1},
    }
    return result


def link(
    a: str,
    b: str,
    kind: Role,
    shares: tuple[float, float],
    words: int,
    first: str | None = None,
    confidence: float = 0.0,
    lag: tuple[float, float] | None = None,
    reasons: tuple[str, ...] = (),
) -> Link:
    """A link; `shares` is how much of b the other holds, and how much of a."""
    return Link(a, b, kind, *shares, max(shares), words, first, confidence, lag, reasons)
