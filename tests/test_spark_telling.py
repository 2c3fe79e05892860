"""Stories told component by component are those that are told of all articles together."""

from __future__ import annotations

import pickle
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from news import FERRY, LEAD, MILL, fact
from test_components import joined
from test_spark_blocks import rows_of, worked
from test_spark_kin import Disk

from dedup import Article
from dedup._jit.pairs import ends, lefts, pack
from dedup.engines import blocks, components, telling
from dedup.engines.bodies import Bodies
from dedup.engines.telling import Asked
from dedup.progress import Silent
from dedup.settings import Settings
from dedup.stories import kin as plain_kin
from dedup.stories.distinct_articles import distinct_articles
from dedup.stories.paragraph_diff import Differences
from dedup.stories.roles import StoryRow, largest_first
from dedup.stories.telling import Links, tell
from dedup.text.corpus import Corpus, collapse

pytest.importorskip("pyarrow")
PARAGRAPHS = (*FERRY[:6], *MILL[:4], *LEAD)
ARTICLE = st.tuples(
    st.lists(st.integers(0, len(PARAGRAPHS) - 1), min_size=1, max_size=7),
    st.sampled_from("abc"),  # its site
    st.none() | st.integers(1, 28),  # its day
    st.integers(0, 1),  # how late a version
)


def differing(stories: list[StoryRow], corpus: Corpus, of: list[int]) -> list[StoryRow]:
    """Stories with what each member changed."""
    differences = Differences(corpus, np.zeros(len(corpus.first), np.bool_))
    return [
        story._replace(
            parts=tuple(
                part
                if of[part.article] == of[story.canonical]
                else part._replace(differs=differences.between(part.article, story.canonical))
                for part in story.parts
            )
        )
        for story in stories
    ]


@settings(deadline=None, max_examples=50)
@given(
    st.lists(ARTICLE, min_size=1, max_size=16),
    st.sampled_from([1, 3, 100]),
    st.integers(0, 2**16),
    st.sampled_from(["earliest", "longest", "medoid"]),
)
def test_stories_of_components_are_those_of_one_machine(
    tmp_path_factory: pytest.TempPathFactory,
    articles: list[tuple[list[int], str, int | None, int]],
    size: int,
    seed: int,
    policy: str,
) -> None:
    texts = ["\n".join(PARAGRAPHS[n] for n in paragraphs) for paragraphs, *_ in articles]
    rows = [Article(f"{n:02}", text) for n, text in enumerate(texts)]
    corpus = collapse(rows, 1, Silent())
    features = [
        fact(f"2026-03-{day:02}" if day else None, site=f"{site}.example", rank=rank)
        for _, site, day, rank in articles
    ]
    wanted = Settings(policy=policy, threads=1)  # type: ignore[arg-type]
    nothing = np.zeros(len(corpus.first), np.bool_)
    distinct = distinct_articles(corpus, nothing, features, wanted.window)
    formal, undated = np.zeros(0, np.uint64), np.full(len(distinct.first), np.nan)
    overlap = plain_kin.kin(corpus, distinct, formal, undated, wanted).overlap
    drawn = np.random.default_rng(seed).integers(0, 5, (2, len(overlap.a))) == 0
    links = Links(overlap, *drawn)
    told = tell(links, distinct, corpus, formal, features, wanted)
    expected = differing(told, corpus, distinct.of.tolist())

    disk: Any = Disk(tmp_path_factory.mktemp("stages"))
    pairs = pack(overlap.a, overlap.b)
    tied = list(zip(*(end.tolist() for end in ends(pairs)), strict=True))
    label = np.array(joined(tied, len(distinct.first)), np.int32)
    several = np.arange(len(distinct.first))
    items = np.concatenate([pairs, pack(several, several)])
    there = Bodies.written(disk, distinct, formal)
    asked = Asked.written(disk, there, links, distinct, corpus, features)
    sent = blocks.routed(items, components.bundles(label, size)[lefts(items)])
    work = partial(telling.told, asked=asked, settings=wanted)
    made = worked(corpus.texts, rows_of(sent), work, there.texts_of_pairs)
    found = largest_first([story for row in made for story in pickle.loads(row["stories"])])
    assert found == expected
