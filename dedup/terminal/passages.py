"""Reused passages in a terminal: the heaviest in a table, those of an article, one with all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from dedup.output import passages, ranked_passages, reader
from dedup.output.diff import NOTE, SAME
from dedup.output.filters import Filter
from dedup.output.heaviest import Source
from dedup.output.passages import REUSED, Choice, Passage
from dedup.output.protocol import many
from dedup.output.schema import ArticleRow
from dedup.records import RELATIONS, Relation
from dedup.terminal.beside import beside, print_beside
from dedup.terminal.clusters import shortened
from dedup.terminal.names import named, outlet, spot
from dedup.terminal.ranked import Column, print_ranked
from dedup.terminal.screen import HEAD, Screen

FEW_PLACES = 6
"""Further places of a passage that are named in a list; one passage shows all."""

LONG_SHARED = 300
"""Characters of what both hold that a list shows."""

REWORDED: tuple[Relation, ...] = ("passage", "rewrite", "quote")
"""Relations whose two places differ in words: what is told twice, and not copied twice."""

_WITHIN = (
    Column("passage"),
    Column("words", number=True),
    Column("as"),
    Column("outlet", name=True),
    Column("¶"),
    Column("what both hold"),
)
_ACROSS = (
    Column("passage"),
    Column("words", number=True),
    Column("as"),
    Column("in", name=True),
    Column("and in", name=True),
    Column("what both hold"),
)


class Overview(NamedTuple):
    """The passages of the first screen, with what is known of their articles."""

    within: list[Passage]
    across: list[Passage]
    within_pairs: int
    across_pairs: int
    articles: Mapping[str, ArticleRow]


def overview(place: Path, limit: int, source: Source) -> Overview:
    """Choose the passages of the first screen from `source`, whose output folder is `place`.

    Within an article half the room is for what it says again in other words, if there is so much:
    the longest are mostly captions that a page holds twice. Across, what is copied into other text
    is chosen: versions of paragraphs are clusters, and what the articles of one story share is that
    story, both of which have their tables.
    """
    choices = [Choice(within=True), Choice(REWORDED, beside_stories=True)]
    every, copied = ranked_passages.ranked(source, limit, choices)
    within = every.within
    if every.within_pairs > limit:
        reworded = copied.within[: (limit + 1) // 2]
        longest = [one for one in within if one not in reworded][: limit - len(reworded)]
        within = sorted([*reworded, *longest], key=lambda one: -one.words)
    ids = {side.article for one in (*within, *copied.across) for side in (one.a, one.b)}
    articles = reader.articles(place, ids)
    return Overview(within, copied.across, every.within_pairs, copied.across_pairs, articles)


def print_overview(found: Overview, to: Screen) -> None:
    """Print the tables of the first screen; of what there is none, nothing."""
    for title, columns, row, chosen, pairs in (
        ("Told twice within one article", _WITHIN, _within, found.within, found.within_pairs),
        ("Copied into other articles", _ACROSS, _across, found.across, found.across_pairs),
    ):
        if chosen:
            every = f"{many(pairs, 'pair')} of texts"
            few = f" ({len(chosen):,} of {every})" if pairs > len(chosen) else ""
            print_ranked(f"{title}{few}", columns, [row(o, found.articles) for o in chosen], to)
            to.line([])


def _within(one: Passage, articles: Mapping[str, ArticleRow]) -> tuple[str, ...]:
    first, second = sorted((one.a.paragraph, one.b.paragraph))
    name = outlet(one.a.article, articles)
    return (one.id[:8], f"{one.words:,}", one.relation, name, f"{first}, {second}", one.shared)


def _across(one: Passage, articles: Mapping[str, ArticleRow]) -> tuple[str, ...]:
    names = [outlet(side.article, articles) for side in (one.a, one.b)]
    if names[0] == names[1]:  # of one site the ids say more
        names = [one.a.article, one.b.article]
    return (one.id[:8], f"{one.words:,}", one.relation, *names, one.shared)


def list_passages(place: Path, limit: int, wanted: Filter, to: Screen) -> None:
    """Print the heaviest passages asked for, each with its two places and what both hold."""
    found = ranked_passages.heaviest(place, limit, wanted.choice(place))
    ways = ((True, found.within, found.within_pairs), (False, found.across, found.across_pairs))
    shown = [way for way in ways if wanted.within in (None, way[0])]
    if not any(chosen for _, chosen, _ in shown):
        to.line([(SAME, "No passage is as asked for.")])
    articles = _articles(place, [one for _, chosen, _ in shown for one in chosen])
    for number, (within, chosen, pairs) in enumerate(shown):
        if not chosen:
            continue
        if number:
            to.line([])
        title = "Told twice within one article" if within else "Passages that two articles share"
        to.line([(HEAD, title), (NOTE, f"  {len(chosen):,} of {many(pairs, 'pair')} of texts")])
        for one in chosen:
            _entry(one, articles, to, own=None)


def show_passages(found: Sequence[Passage], place: Path, to: Screen) -> None:
    """Print passages with both paragraphs in full, what both hold marked, and all their places."""
    articles = _articles(place, found)
    for number, one in enumerate(found):
        if number:
            to.line([])
        to.line([(HEAD, f"passage {one.id}"), (SAME, f"  {_counted(one)}, {one.scope}")])
        if one.reason:
            to.line([(NOTE, one.reason)])
        names = [spot(side.article, side.paragraph, articles) for side in (one.a, one.b)]
        print_beside(names, beside(one), to)
        if one.others:
            told = [spot(at["article"], at["paragraph"], articles) for at in one.others]
            to.line([(NOTE, "also in: "), (SAME, "; ".join(told))], hang=2)


def passages_of(place: Path, article: str, to: Screen, *, full: bool) -> None:
    """Print the passages of an article: what it tells twice, and what stands in others too.

    Templates and standing text are counted; with `full` they are printed, and all passages.
    """
    found = passages.passages_of(place, article, Choice(relations=RELATIONS))
    every = found if full else [one for one in found if one.relation in REUSED]
    within = [one for one in every if one.within]
    across = [one for one in every if not one.within]
    articles = _articles(place, every)
    if within:
        to.line([])
        to.line([(HEAD, f"tells {many(len(within), 'passage')} twice")])
        for one in within:
            _entry(one, articles, to, own=article)
    if across:
        to.line([])
        to.line([(HEAD, "shares with other articles")])
        by_paragraph = sorted(across, key=lambda one: (one.a.paragraph, -one.words))
        shown = by_paragraph if full else _closest(by_paragraph)
        for one in shown:
            _entry(one, articles, to, own=article)
        if len(shown) < len(across):
            rest = many(len(across) - len(shown), "further passage")
            to.line([(NOTE, f"{rest} of these paragraphs: --full prints them")], indent=2)
    if len(every) < len(found):
        rest = many(len(found) - len(every), "passage")
        to.line([(NOTE, f"besides, {rest} of templates and standing text: --full prints them")])


def _closest(ordered: Sequence[Passage]) -> list[Passage]:
    """Keep the passage of each paragraph with the most words, in order of paragraphs."""
    best: dict[int, Passage] = {}
    for one in ordered:
        best.setdefault(one.a.paragraph, one)
    return list(best.values())


def _entry(
    one: Passage, articles: Mapping[str, ArticleRow], to: Screen, *, own: str | None
) -> None:
    """Print a passage in two or three lines; of the article `own` its name is not repeated."""
    if one.within:
        first = one if one.a.paragraph <= one.b.paragraph else one.turned
        here = f"¶{first.a.paragraph} and ¶{first.b.paragraph}"
        where = here if own else f"{named(one.a.article, articles)} {here}"
    else:
        other = spot(one.b.article, one.b.paragraph, articles)
        where = f"¶{one.a.paragraph} = {other}" if own else f"{_spot(one, articles)} = {other}"
    to.line([(SAME, where), (NOTE, f"  {_counted(one)}  {one.id[:8]}")], indent=2, hang=2)
    to.line([(SAME, shortened(one.shared, LONG_SHARED))], indent=4)
    if one.others:
        few = one.others[:FEW_PLACES]
        told = [spot(at["article"], at["paragraph"], articles) for at in few]
        more = len(one.others) - len(few)
        told += [f"… and {more:,} more"] if more else []
        to.line([(NOTE, "also in: "), (SAME, "; ".join(told))], indent=4, hang=2)


def _counted(one: Passage) -> str:
    return f"{one.relation}, {many(one.words, 'word')}"


def _spot(one: Passage, articles: Mapping[str, ArticleRow]) -> str:
    return spot(one.a.article, one.a.paragraph, articles)


def _articles(place: Path, found: Sequence[Passage]) -> Mapping[str, ArticleRow]:
    ids = {side.article for one in found for side in (one.a, one.b)}
    ids |= {at["article"] for one in found for at in one.others}
    return reader.articles(place, ids)
