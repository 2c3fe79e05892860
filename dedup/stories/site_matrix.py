"""Who runs whose text: one row for each pair of sites, or of a site and an agency."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dedup.stories.article_features import ArticleFeatures
from dedup.stories.roles import StoryRow


@dataclass(frozen=True, slots=True)
class SiteRow:
    """What a site ran of a source."""

    site: str
    """The site that ran it, or its owner."""
    source: str
    """The site (or its owner) that most likely had it first; failing that, the agency credited."""
    articles: int
    """Articles of `site` in stories of `source`."""
    words: int
    """Words in them that the canonical article has too."""
    agency_articles: int
    """How many of the articles are agency copy, which is the text of an agency."""
    agency_words: int
    """How many of the words are in those."""


def matrix(
    story_rows: Iterable[StoryRow],
    features: Sequence[ArticleFeatures],
    words: npt.NDArray[np.int64],
    *,
    owners: bool,
) -> list[SiteRow]:
    """Count who ran whose text, most words first; a site never runs its own.

    `features` and `words`, int64[articles], have one entry an article. `owners` counts the sites of
    one owner as one. A story without a source (nobody knows who had it first, and no agency is
    credited) is left out.
    """
    counts: dict[tuple[str, str], list[int]] = {}

    def name(article: int) -> str:
        return features[article].owner if owners else features[article].site

    for story in story_rows:
        source = name(story.original) if story.original is not None else story.source
        if not source:
            continue
        for part in story.parts:
            site = name(part.article)
            if not site or site == source or features[part.article].house == source:
                continue
            held = round(part.share_of_member * int(words[part.article]))
            agency = story.source is not None
            row = counts.setdefault((site, source), [0, 0, 0, 0])
            for column, value in enumerate((1, held, agency, held * agency)):
                row[column] += value
    rows = [SiteRow(*pair, *row) for pair, row in counts.items()]
    return sorted(rows, key=lambda row: (-row.words, row.site, row.source))
