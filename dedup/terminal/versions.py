"""The texts of a story, as `dedup show` prints them: the kept one, and what others changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dedup.output.diff import ADDED, NOTE, REMOVED, SAME, Piece, compare, excerpts, words
from dedup.output.protocol import many
from dedup.output.schema import LinkRow, MemberRow, StoryRow
from dedup.terminal.screen import HEAD, Screen

BEGINNING = 600
"""Characters of the kept article that are shown of it without its other versions."""

Texts = Mapping[tuple[str, int], str]
"""Paragraphs by article and number."""

Links = Mapping[tuple[str, str], LinkRow]
"""Links by their two articles."""


def beginning(story: StoryRow, texts: Texts, to: Screen) -> None:
    """Print the first paragraphs of the kept article, and what more there is."""
    kept = _paragraphs(story["canonical"], texts)
    _kept_head(story, to)
    room, rest = BEGINNING, len(kept)
    for number, text in kept.items():
        if room <= 0:
            break
        head = text if len(text) <= room else f"{text[:room].rpartition(' ')[0] or text[:room]} …"
        to.line([(NOTE, f"¶{number} "), (SAME, head)], indent=4)
        room -= len(text)
        rest -= 1
    more = f"{many(rest, 'further paragraph')}; " if rest else ""
    to.line([(NOTE, f"{more}--full prints the texts, and what each version changes")], indent=4)


def whole(story: StoryRow, links: Links, texts: Texts, to: Screen) -> None:
    """Print the kept article, and of each other one what is added, changed and cut."""
    kept = _paragraphs(story["canonical"], texts)
    _kept_head(story, to)
    for number, text in kept.items():
        to.line([(NOTE, f"¶{number} "), (SAME, text)], indent=4)
    folded = {number: {word.folded for word in words(text)} for number, text in kept.items()}
    for member in story["members"]:
        article = member["article"]
        if article == story["canonical"]:
            continue
        to.line([])
        to.line([(HEAD, article), (SAME, f"  {_told(member)}")])
        found = link(links, story["original"], article)
        if found and found["first"] == story["original"]:
            why = f"after {story['original']}: {'; '.join(found['reasons'])}"
            to.line([(NOTE, why)], indent=4)
        for pieces in _changed(member, kept, folded, texts):
            to.line(pieces, indent=4)


def link(links: Links, a: str | None, b: str) -> LinkRow | None:
    """Return the link of two articles, or None if there is none."""
    return links.get((min(a, b), max(a, b))) if a is not None else None


def _kept_head(story: StoryRow, to: Screen) -> None:
    to.line([])
    to.line([(HEAD, story["canonical"]), (SAME, "  the kept version")])


def _paragraphs(article: str, texts: Texts) -> dict[int, str]:
    return {n: _even(text) for (of, n), text in sorted(texts.items()) if of == article}


def _even(text: str) -> str:
    """Make one space of many: pages are full of them."""
    return " ".join(text.split())


def _told(member: MemberRow) -> str:
    kinds = {"added": member["added"], "changed": member["changed"], "cut": member["cut"]}
    told: list[str] = [member["role"]]
    told += [f"{many(len(which), 'paragraph')} {kind}" for kind, which in kinds.items() if which]
    if member["supersedes"]:
        told.append(f"takes the place of {member['supersedes']}")
    return ", ".join(told)


def _changed(
    member: MemberRow, kept: Mapping[int, str], folded: Mapping[int, set[str]], texts: Texts
) -> Iterator[list[Piece]]:
    """Yield the paragraphs that are added, changed (against the one most like it) and cut."""
    added = set(member["added"])
    for number in sorted({*member["added"], *member["changed"]}):
        text = _even(texts.get((member["article"], number), ""))
        mark = (NOTE, f"¶{number} ")
        if number in added:
            yield [mark, (ADDED, text)]
            continue
        own = {word.folded for word in words(text)}
        like = max(kept, key=lambda other: len(own & folded[other]), default=None)
        yield [mark, *excerpts(compare(text if like is None else kept[like], text))]
    for number in member["cut"]:
        yield [(NOTE, f"¶{number} of the kept one "), *excerpts([(REMOVED, kept.get(number, ""))])]
