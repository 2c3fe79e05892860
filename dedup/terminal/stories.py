"""Stories as `dedup show` prints them: who had it first, who ran it, what each version changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from dedup.output import reader
from dedup.output.diff import NOTE, SAME
from dedup.output.protocol import many
from dedup.output.schema import ArticleRow, MemberRow, StoryRow
from dedup.terminal.clusters import shortened
from dedup.terminal.grid import INDENT, print_table
from dedup.terminal.lags import later
from dedup.terminal.names import named
from dedup.terminal.screen import HEAD, Screen
from dedup.terminal.versions import Links, beginning, link, whole

FEW_MEMBERS = 8
"""Members of a story that a list of stories shows; one story shows all."""

LONG_TITLE = 110
"""Characters of a title that are shown in full."""

LEGEND = (
    "later: than the first; sure: that the first had it before; in kept: share of its words that "
    "the kept article holds; of kept: share of the kept article's words that it holds; "
    "¶: paragraphs + added, ~ changed, - cut"
)
"""What the columns of the members mean."""

_HEADINGS = ("role", "later", "sure", "in kept", "of kept", "¶", "credit", "published", "article")
_NAMING = 2
"""How many of these stand above the others where a line is too short for all."""


def show_stories(
    place: Path,
    stories: Sequence[StoryRow],
    to: Screen,
    *,
    brief: bool,
    full: bool = False,
    always: str = "",
) -> None:
    """Print stories from the output folder `place`.

    In `brief` a story has its first members alone, and the article `always`; otherwise all, and the
    beginning of the kept article. In `full` that is whole, and what the others change follows.
    """
    ids = {member["article"] for row in stories for member in row["members"]}
    articles = reader.articles(place, ids)
    links = {(link["a"], link["b"]): link for link in reader.links(place, ids)}
    texts = reader.paragraphs(place, ids) if full or not brief else {}
    for number, story in enumerate(stories):
        if number:
            to.line([])
        _head(story, articles, links, to)
        members = story["members"]
        few = [m for m in members[FEW_MEMBERS:] if m["article"] == always]
        short = brief and not full
        _members(story, members[:FEW_MEMBERS] + few if short else members, articles, to)
        if short:
            continue
        to.line([(NOTE, LEGEND)])
        if story["runners_up"]:
            to.line([(NOTE, "next best: "), (SAME, "; ".join(story["runners_up"]))], hang=2)
        if full:
            whole(story, links, texts, to)
        else:
            beginning(story, texts, to)


def _head(story: StoryRow, articles: Mapping[str, ArticleRow], links: Links, to: Screen) -> None:
    counts = f"{many(story['size'], 'article')}, {many(story['sites'], 'site')}"
    source = f", text of {story['source']}" if story["source"] else ""
    to.line([(HEAD, f"story {story['story']}"), (SAME, f"  {counts}{source}")])
    to.line([(SAME, shortened(story["title"], LONG_TITLE))])
    kept, original = story["canonical"], story["original"]
    to.line([(SAME, f"kept:  {named(kept, articles)}"), (NOTE, f" — {story['reason']}")], hang=7)
    first = "unknown" if original is None else named(original, articles)
    why = "" if original is None else f" — {_sure(story, links)}"
    to.line([(SAME, f"first: {first}"), (NOTE, why)], hang=7)


def _sure(story: StoryRow, links: Links) -> str:
    """Say how sure it is that the original came before the others, and why.

    Where that differs the least and the most sure of them are named, each with its own reasons.
    """
    others = [member for member in story["members"] if member["article"] != story["original"]]
    known = sorted((m for m in others if m["confidence"]), key=lambda m: float(m["confidence"]))
    if not known:
        return "not sure against any other"
    least, most = known[0], known[-1]
    low, high = (f"{member['confidence']:.0%}" for member in (least, most))
    why, why_most = (_reasons(story["original"], member, links) for member in (least, most))
    if low == high or why == why_most:
        told = f"{low if low == high else f'{low} to {high}'} sure{why and f': {why}'}"
    else:
        told = (
            f"from {low} sure (against {least['article']}{why and f': {why}'}) "
            f"to {high} (against {most['article']}{why_most and f': {why_most}'})"
        )
    doubtful = len(others) - len(known)
    return told + (f"; unknown against {many(doubtful, 'article')}" if doubtful else "")


def _reasons(original: str | None, member: MemberRow, links: Links) -> str:
    """Return what speaks for the original against a member; "" where they are not linked."""
    found = link(links, original, member["article"])
    return ", ".join(found["reasons"]) if found and found["first"] == original else ""


def _members(
    story: StoryRow, members: Sequence[MemberRow], articles: Mapping[str, ArticleRow], to: Screen
) -> None:
    """Print some members of a story, and how many others there are."""
    rows = [_cells(story, member, articles) for member in members]
    print_table(_HEADINGS, rows, to, names=_NAMING)
    if story["size"] > len(members):
        hidden = many(story["size"] - len(members), "further article")
        to.line([(NOTE, f"{hidden}: name the story to see all")], indent=INDENT)


def _cells(
    story: StoryRow, member: MemberRow, articles: Mapping[str, ArticleRow]
) -> tuple[str, ...]:
    article = member["article"]
    row = articles.get(article)
    kept, first = article == story["canonical"], article == story["original"]
    return (
        member["role"],
        "first" if first else later(member["lag"]).removesuffix(" later"),
        "" if first or not member["confidence"] else f"{member['confidence']:.0%}",
        "kept" if kept else f"{member['share_of_member']:.0%}",
        "kept" if kept else f"{member['share_of_canonical']:.0%}",
        _changes(member),
        member["credit"] or "",
        _minute(row.get("published") or "" if row else ""),
        named(article, articles),
    )


def _minute(iso: str) -> str:
    """Shorten a time to its minute, and let a space part it from day and zone.

    >>> _minute("2024-03-08T10:00:59+01:00"), _minute("2024-03-08T10:00"), _minute("2024-03")
    ('2024-03-08 10:00 +01:00', '2024-03-08 10:00', '2024-03')
    """
    day, _, time = iso.partition("T")
    zone = time[5:].lstrip(":.0123456789")
    return f"{day} {time[:5]} {zone}".rstrip()


def _changes(member: MemberRow) -> str:
    """Count the paragraphs that differ: `+1 ~2 -3`."""
    kinds = {"+": member["added"], "~": member["changed"], "-": member["cut"]}
    return " ".join(f"{sign}{len(which)}" for sign, which in kinds.items() if which)
