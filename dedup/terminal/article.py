"""One article as `dedup show` prints it: its credits, its stories, and whom it shares text with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from dedup.metadata.credits import UNNAMED, names_agency
from dedup.output import reader
from dedup.output.diff import NOTE, SAME
from dedup.output.protocol import many
from dedup.output.schema import ArticleRow, LinkRow
from dedup.terminal.grid import print_table
from dedup.terminal.lags import apart
from dedup.terminal.names import named
from dedup.terminal.passages import passages_of
from dedup.terminal.screen import HEAD, Screen
from dedup.terminal.stories import LEGEND, show_stories

_HEADINGS = ("the other is its", "in other", "of other", "words", "first", "when", "other article")


def show_article(place: Path, article: ArticleRow, to: Screen, *, full: bool = False) -> None:
    """Print the article with this line of articles.jsonl, from the output folder `place`."""
    name = article["article"]
    to.line([(HEAD, f"article {named(name, {name: article})}")])
    if article["title"]:
        to.line([(SAME, article["title"])])
    for line in _facts(article):
        to.line([(SAME, line)])
    passages_of(place, name, to, full=full)
    stories = reader.stories_with(place, name)
    if stories:
        to.line([])
        show_stories(place, stories, to, brief=True, full=full, always=name)
        if not full:
            to.line([])
            to.line([(NOTE, LEGEND)])
    links = reader.links_of(place, name)
    if links:
        to.line([])
        to.line([(SAME, f"shares text with {many(len(links), 'article')}")])
        ends = {end for link in links for end in (link["a"], link["b"])}
        others = reader.articles(place, ends)
        rows = [_cells(link, name, others) for link in links]
        print_table(_HEADINGS, rows, to, names=1)


def _facts(article: ArticleRow) -> Iterator[str]:
    """Tell what is known of the article; an older folder knows less."""
    if article["published"]:
        doubt = article.get("published_doubt")
        yield f"published: {article['published']}" + (f" (doubtful: {doubt})" if doubt else "")
    length = f"{many(article['words'], 'word')} in {many(article['paragraphs'], 'paragraph')}"
    repeated = many(article["repeated_words"], "word")
    yield f"length: {length}; {repeated} in paragraphs that repeat or match others"
    owner = article.get("owner")
    for label, value in (
        ("address", article.get("url")),
        ("own address", article.get("canonical_url")),
        ("file", article.get("path")),
        ("author", article.get("author")),
        ("language", article.get("lang")),
        ("owner", owner if owner != article["site"] else None),
        ("dateline", article.get("dateline")),
    ):
        if value:
            yield f"{label}: {value}"
    for credit in article.get("credits") or ():
        place = f"{credit['kind']} in the {credit['field']}"
        yield f"credit: {credit['agency']}, {place}: {credit['proof']}"
    if told := _whose(article):
        yield f"agency: {told}"
    for tag in article.get("tags") or ():
        number = f" {tag['number']}" if tag.get("number") else ""
        yield f"tag: {tag['kind']}{number} in the {tag['field']}: {tag['proof']}"


def _whose(article: ArticleRow) -> str:
    """Say whose text the credits make it, or why they make it nobody's; empty without credits."""
    if article.get("agency"):
        return str(article["agency"])
    credits = article.get("credits") or ()
    named = {c["agency"] for c in credits if names_agency(c["agency"], c["proof"])}
    names = sorted(named or {credit["agency"] for credit in credits} - {UNNAMED})
    if len(names) > 1:
        return f"none, as {', '.join(names[:-1])} and {names[-1]} are credited alike"
    if named:
        return f"none, as {names[0]} is credited for a part of it only"
    if names:
        return f"none, as it has the style of {names[0]} and does not name it"
    return "none, as it says to be from agencies and does not name them" if credits else ""


def _cells(link: LinkRow, name: str, articles: dict[str, ArticleRow]) -> tuple[str, ...]:
    link = link if link["a"] == name else reader.turned(link)
    first = "unknown"
    if link["first"]:
        first = f"{'this' if link['first'] == name else 'other'}, {link['confidence']:.0%} sure"
    return (
        link["kind"],
        f"{link['share_of_a']:.0%}",
        f"{link['share_of_b']:.0%}",
        f"{link['words']:,}",
        first,
        apart(link["lag"]),
        named(link["b"], articles),
    )
