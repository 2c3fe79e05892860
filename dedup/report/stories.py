"""Stories as `dedup show` prints them: who had it first, who ran it, what each version changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from dedup.report import stored
from dedup.report.clusters import shortened
from dedup.report.differ import ADDED, NOTE, REMOVED, SAME, Piece, compare, words
from dedup.report.found import many
from dedup.report.grid import columns
from dedup.report.lags import later
from dedup.report.screen import HEAD, Screen
from dedup.report.stored import Row

FEW_MEMBERS = 8
"""Members of a story that a list of stories shows; one story shows all."""

LONG_TITLE = 110
"""Characters of a title that are shown in full."""

LEGEND = (
    "in kept: share of its own words that the kept article holds; of kept: share of the kept "
    "article's that it holds; sure: that the first had it before; ¶: paragraphs + added, "
    "~ changed, - cut"
)
"""What the columns of the members mean."""

_HEADINGS = ("role", "when", "sure", "in kept", "of kept", "¶", "credit", "article")

Texts = Mapping[tuple[str, int], str]
"""Paragraphs by article and number."""


def show_stories(
    place: Path, stories: Sequence[Row], to: Screen, *, brief: bool, always: str = ""
) -> None:
    """Print stories from the output folder `place`; the article `always` is never left out."""
    ids = {member["article"] for row in stories for member in row["members"]}
    articles = stored.articles(place, ids)
    links = {(link["a"], link["b"]): link for link in stored.links(place, ids)}
    texts = {} if brief else stored.paragraphs(place, ids)
    for number, story in enumerate(stories):
        if number:
            to.line([])
        _head(story, articles, links, to)
        members = story["members"]
        few = [m for m in members[FEW_MEMBERS:] if m["article"] == always]
        _members(story, members[:FEW_MEMBERS] + few if brief else members, articles, to)
        if not brief:
            to.line([(NOTE, LEGEND)])
            if story["runners_up"]:
                to.line([(NOTE, "next best: "), (SAME, "; ".join(story["runners_up"]))])
            _texts(story, links, texts, to)


def where(article: str, articles: Mapping[str, Row]) -> str:
    """Name an article, with its site if the id does not say it."""
    site = articles.get(article, {}).get("site")
    return f"{article} ({site})" if site and not article.startswith(f"{site}/") else article


def _head(
    story: Row, articles: Mapping[str, Row], links: Mapping[tuple[str, str], Row], to: Screen
) -> None:
    counts = f"{many(story['size'], 'article')}, {many(story['sites'], 'site')}"
    source = f", text of {story['source']}" if story["source"] else ""
    to.line([(HEAD, f"story {story['story']}"), (SAME, f"  {counts}{source}")])
    to.line([(SAME, shortened(story["title"], LONG_TITLE))])
    to.line(
        [(SAME, f"kept:  {where(story['canonical'], articles)}"), (NOTE, f" — {story['reason']}")]
    )
    original = story["original"]
    if original is None:
        to.line([(SAME, "first: unknown")])
        return
    others = [member for member in story["members"] if member["article"] != original]
    why = [_sure(others)]
    mine = [link for m in others if (link := _link(links, original, m["article"]))]
    mine = [link for link in mine if link["first"] == original]
    if mine:
        # what speaks for the first even where that is least sure
        why.append("; ".join(min(mine, key=lambda link: link["confidence"])["reasons"]))
    to.line(
        [
            (SAME, f"first: {where(original, articles)}"),
            (NOTE, f" — {': '.join(why)}"),
        ]
    )


def _sure(others: Sequence[Row]) -> str:
    """Say how sure it is that the original came before the others."""
    known = sorted({round(100 * m["confidence"]) for m in others if m["confidence"]})
    if not known:
        return "not sure against any other"
    least = f"{known[0]}% to " if known[0] != known[-1] else ""
    doubtful = sum(not member["confidence"] for member in others)
    rest = f", unknown against {many(doubtful, 'article')}" if doubtful else ""
    return f"{least}{known[-1]}% sure{rest}"


def _members(story: Row, members: Sequence[Row], articles: Mapping[str, Row], to: Screen) -> None:
    """Print some members of a story, and how many others there are."""
    rows = [_cells(story, member, articles) for member in members]
    for number, line in enumerate(columns([_HEADINGS, *rows])):
        to.line([(SAME if number else NOTE, line)], indent=2)
    if story["size"] > len(members):
        hidden = many(story["size"] - len(members), "further article")
        to.line([(NOTE, f"{hidden}: name the story to see all")], indent=2)


def _cells(story: Row, member: Row, articles: Mapping[str, Row]) -> tuple[str, ...]:
    article = member["article"]
    kept, first = article == story["canonical"], article == story["original"]
    published = articles.get(article, {}).get("published") or ""
    return (
        f"{member['role']}{', kept' if kept else ''}",
        published if first else later(member["lag"]) or published,
        "" if first or not member["confidence"] else f"{member['confidence']:.0%}",
        "" if kept else f"{member['contained']:.0%}",
        "" if kept else f"{member['containing']:.0%}",
        _changes(member),
        member["credit"] or "",
        where(article, articles),
    )


def _changes(member: Row) -> str:
    """Count the paragraphs that differ: `+1 ~2 -3`."""
    counts = (("+", "added"), ("~", "changed"), ("-", "cut"))
    return " ".join(f"{sign}{len(member[name])}" for sign, name in counts if member[name])


def _texts(story: Row, links: Mapping[tuple[str, str], Row], texts: Texts, to: Screen) -> None:
    """Print the kept article, and of each other one what is added, changed and cut."""
    canonical = story["canonical"]
    kept = {number: text for (article, number), text in texts.items() if article == canonical}
    to.line([])
    to.line([(HEAD, canonical), (SAME, "  the kept version")])
    for number in sorted(kept):
        to.line([(NOTE, f"¶{number} "), (SAME, kept[number])], indent=4)
    for member in story["members"]:
        article = member["article"]
        if article == canonical:
            continue
        to.line([])
        to.line([(HEAD, article), (SAME, f"  {_told(member)}")])
        link = _link(links, story["original"], article)
        if link and link["first"] == story["original"]:
            to.line([(NOTE, f"after {story['original']}: {'; '.join(link['reasons'])}")], indent=4)
        for pieces in _changed(member, kept, texts):
            to.line(pieces, indent=4)


def _told(member: Row) -> str:
    kinds = [name for name in ("added", "changed", "cut") if member[name]]
    told = [member["role"], *(f"{many(len(member[k]), 'paragraph')} {k}" for k in kinds)]
    if member["supersedes"]:
        told.append(f"takes the place of {member['supersedes']}")
    return ", ".join(told)


def _changed(member: Row, kept: Mapping[int, str], texts: Texts) -> Iterator[list[Piece]]:
    """Yield the paragraphs that are added, changed (against the one most like it) and cut."""
    added = set(member["added"])
    for number in sorted({*member["added"], *member["changed"]}):
        text = texts.get((member["article"], number), "")
        mark = (NOTE, f"¶{number} ")
        if number in added:
            yield [mark, (ADDED, text)]
        else:
            yield [mark, *compare(_most_like(text, kept), text)]
    for number in member["cut"]:
        yield [(NOTE, f"¶{number} of the kept one "), (REMOVED, kept.get(number, ""))]


def _most_like(text: str, kept: Mapping[int, str]) -> str:
    """Find the paragraph of the kept article that shares most words with `text`."""
    own = {word.folded for word in words(text)}
    return max(
        kept.values(),
        key=lambda other: len(own & {word.folded for word in words(other)}),
        default=text,
    )


def _link(links: Mapping[tuple[str, str], Row], a: str | None, b: str) -> Row | None:
    return links.get((min(a, b), max(a, b))) if a is not None else None
