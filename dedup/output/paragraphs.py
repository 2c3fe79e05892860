"""Which paragraphs of the stories are written out, so that what changed can be read."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from dedup.output.schema import ParagraphRow
from dedup.records import Article, Story

if TYPE_CHECKING:
    from dedup.text.corpus import Corpus

Chosen = dict[str, set[int] | None]
"""Numbers of the paragraphs to write out, by article; None stands for all."""


def place(articles: Sequence[Article], article: str) -> int:
    """Find an article in `articles`, which are sorted by id.

    >>> place([Article("a", ""), Article("c", "")], "c")
    1
    """
    return bisect_left(articles, article, key=lambda one: one.id)


def noting(stories: Iterable[Story], chosen: Chosen) -> Iterator[Story]:
    """Pass stories through and note in `chosen` the paragraphs they speak of.

    All paragraphs of a canonical article are noted, and those of the others that are added or
    changed: a cut paragraph is one of the canonical article's.
    """
    for story in stories:
        chosen[story.canonical] = None
        for member in story.members:
            numbers = chosen.setdefault(member.article, set())
            if numbers is not None:
                numbers.update(member.added, member.changed)
        yield story


def rows(corpus: Corpus, chosen: Chosen) -> Iterator[ParagraphRow]:
    """Yield the lines of paragraphs.jsonl, ordered by article and paragraph."""
    for article in sorted(chosen):
        number = place(corpus.articles, article)
        first, last = corpus.paragraphs_of(number)
        wanted = chosen[article]
        for row in range(first, last):
            paragraph = int(corpus.paragraph[row])
            if wanted is None or paragraph in wanted:
                yield {
                    "article": article,
                    "paragraph": paragraph,
                    "start": int(corpus.start[row]),
                    "end": int(corpus.end[row]),
                    "text": corpus.written(row),
                }
