"""Stories on Spark: what links connect goes whole to a task, with its texts, and is told there.

A component that is too large for one takes the memory of its texts, 5 bytes a token and 4 more
while they are compared, and some kilobytes an article for what is known of it.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from dedup._jit.pairs import ends, lefts, pack, rights
from dedup.engines import blocks, components
from dedup.engines.blocks import Made, Part
from dedup.engines.bodies import Bodies, Here
from dedup.engines.kin import BLOCK
from dedup.engines.matching import FLAGGED
from dedup.engines.near import settings_of_a_task
from dedup.engines.stages import Stages
from dedup.settings import Settings
from dedup.stories import telling
from dedup.stories.article_features import ArticleFeatures
from dedup.stories.distinct_articles import DistinctArticles
from dedup.stories.overlap import Overlap
from dedup.stories.paragraph_diff import Differences
from dedup.stories.roles import MemberRow, StoryRow, largest_first
from dedup.stories.telling import Links
from dedup.text.arrays import stretches
from dedup.text.corpus import Corpus

LINKED, TOLD = "linked", "told"
"""Stages: components of links, and the stories that are told of each."""

_LINKS = ("pairs", *Overlap._fields[2:], *Links._fields[1:])


def tell(
    stages: Stages,
    links: Links,
    distinct: DistinctArticles,
    corpus: Corpus,
    formal: npt.NDArray[np.uint64],
    features: Sequence[ArticleFeatures],
    settings: Settings,
) -> list[StoryRow]:
    """Tell the stories, as `telling.tell` does, with what their members changed."""
    pairs = pack(links.overlap.a, links.overlap.b)
    several = np.flatnonzero(np.bincount(distinct.of[distinct.of >= 0]) > 1).astype(np.uint64)
    if not len(pairs) + len(several):
        return []
    if not stages.is_done(TOLD):
        label = np.arange(len(distinct.first), dtype=np.int32)
        if len(pairs):
            frame = partial(components.frame, stages, f"{LINKED}-pairs", pairs)
            label = components.labels(stages, LINKED, pairs, frame, len(label))
        items = np.concatenate([pairs, pack(several, several)])
        sent = blocks.routed(items, components.bundles(label, BLOCK)[lefts(items)])
        there = Bodies.written(stages, distinct, formal)
        stages.put(f"{TOLD}-asked", sent)
        asked = Asked.written(stages, there, links, distinct, corpus, features)
        work = partial(told, asked=asked, settings=settings_of_a_task(settings))
        schema, needs = "stories binary", there.texts_of_pairs
        stages.make(
            TOLD,
            lambda: blocks.with_texts(stages, f"{TOLD}-asked", FLAGGED, work, schema, needs),
        )
    rows = stages.table(TOLD, ["stories"]).column("stories").to_pylist()
    return largest_first([story for row in rows for story in pickle.loads(row)])


def told(part: Part, asked: Asked, settings: Settings) -> Made:
    """Tell the stories of whole components."""
    here = asked.bodies.within(part, np.unique(np.concatenate(ends(part.items))))
    articles, of = asked.articles(here.bodies)
    distinct = here.distinct._replace(
        of=of, first=np.searchsorted(articles, here.distinct.first).astype(np.int32)
    )
    corpus = asked.corpus(part, articles, here.corpus)
    links = asked.links(here, part.items)
    features = asked.features(articles)
    stories = telling.tell(links, distinct, corpus, here.formal, features, settings)
    nothing = np.zeros(len(part.numbers), np.bool_)
    differences = Differences(corpus, nothing)
    rows = [known(story, articles, distinct, differences) for story in stories]
    return {"stories": np.frombuffer(pickle.dumps(rows), np.uint8)}


def known(
    story: StoryRow,
    articles: npt.NDArray[np.int64],
    distinct: DistinctArticles,
    differences: Differences,
) -> StoryRow:
    """Return a story with the articles' own numbers, and what each member changed."""

    def number(article: int | None) -> Any:
        return None if article is None else int(articles[article])

    def member(part: MemberRow) -> MemberRow:
        differs = None
        if distinct.of[part.article] != distinct.of[story.canonical]:
            differs = differences.between(part.article, story.canonical)
        return part._replace(
            article=number(part.article), supersedes=number(part.supersedes), differs=differs
        )

    return story._replace(
        canonical=number(story.canonical),
        runners_up=tuple(map(number, story.runners_up)),
        original=number(story.original),
        parts=tuple(map(member, story.parts)),
    )


class Asked(NamedTuple):
    """Where tasks find what they ask of articles and links."""

    bodies: Bodies
    folder: str

    @classmethod
    def written(
        cls,
        stages: Stages,
        bodies: Bodies,
        links: Links,
        distinct: DistinctArticles,
        corpus: Corpus,
        features: Sequence[ArticleFeatures],
    ) -> Asked:
        """Write it: arrays of a number an article, a paragraph, a text or a link."""
        for name, values in chain(
            _of_links(links), _of_articles(distinct, features), _of_paragraphs(distinct, corpus)
        ):
            place = stages.put_array(f"story-{name}", values)
        return cls(bodies, str(place.parent))

    def articles(
        self, bodies: npt.NDArray[np.int64]
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]:
        """Return the articles of some distinct ones, ascending, and of which one each is."""
        rows, bounds = self._stretches("article-bounds", bodies)
        found = np.array(self._array("articles")[rows])
        of = np.repeat(np.arange(len(bodies), dtype=np.int32), np.diff(bounds))
        order = np.argsort(found)
        return found[order], of[order]

    def corpus(self, part: Part, articles: npt.NDArray[np.int64], texts: Corpus) -> Corpus:
        """Return the paragraphs of some articles that are not boilerplate, as a corpus."""
        rows, bounds = self._stretches("own-bounds", articles)
        return texts._replace(
            article=np.repeat(np.arange(len(articles), dtype=np.int32), np.diff(bounds)),
            paragraph=np.array(self._array("own-paragraph")[rows]),
            text=np.searchsorted(part.numbers, self._array("own-text")[rows]).astype(np.int32),
            first=np.arange(len(part.numbers)),
            endings=np.array(self._array("endings")[part.numbers]),
        )

    def links(self, here: Here, items: npt.NDArray[np.uint64]) -> Links:
        """Return the links among some items, by the numbers that articles have there."""
        pairs = np.sort(items[lefts(items) != rights(items)])
        rows = np.searchsorted(self._array("link-pairs"), pairs)
        a, b = (end.astype(np.int32) for end in ends(here.pairs(pairs)))
        columns = [np.array(self._array(f"link-{name}")[rows]) for name in _LINKS[1:]]
        flags = len(Links._fields) - 1
        return Links(Overlap(a, b, *columns[:-flags]), *columns[-flags:])

    def features(self, articles: npt.NDArray[np.int64]) -> list[ArticleFeatures]:
        """Return what is known of some articles."""
        bounds, held = self._array("feature-bounds"), self._array("features")
        ends_ = zip(bounds[articles].tolist(), bounds[articles + 1].tolist(), strict=True)
        return [pickle.loads(held[low:high].tobytes()) for low, high in ends_]

    def _stretches(
        self, name: str, numbers: npt.NDArray[np.int64]
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        bounds = self._array(name)
        return stretches(bounds[numbers], bounds[numbers + 1] - bounds[numbers])

    def _array(self, name: str) -> npt.NDArray[Any]:
        found: npt.NDArray[Any] = np.load(f"{self.folder}/story-{name}.npy", mmap_mode="r")
        return found


_Columns = Iterator[tuple[str, npt.NDArray[Any]]]


def _of_links(links: Links) -> _Columns:
    overlap = links.overlap
    columns: tuple[npt.NDArray[Any], ...] = (
        pack(overlap.a, overlap.b),
        *overlap[2:],
        *links[1:],
    )
    return ((f"link-{name}", one) for name, one in zip(_LINKS, columns, strict=True))


def _of_articles(distinct: DistinctArticles, features: Sequence[ArticleFeatures]) -> _Columns:
    held = np.flatnonzero(distinct.of >= 0)
    yield "articles", held[np.argsort(distinct.of[held], kind="stable")]
    yield "article-bounds", _bounds(np.bincount(distinct.of[held], minlength=len(distinct.first)))
    rows = [pickle.dumps(one) for one in features]
    yield "features", np.frombuffer(b"".join(rows), np.uint8)
    yield "feature-bounds", _bounds([len(row) for row in rows])


def _of_paragraphs(distinct: DistinctArticles, corpus: Corpus) -> _Columns:
    is_own = np.zeros(len(corpus.first), np.bool_)
    is_own[distinct.texts] = True  # no boilerplate, which is what no article has of its own
    own = is_own[corpus.text]
    yield "own-paragraph", corpus.paragraph[own]
    yield "own-text", corpus.text[own]
    yield "own-bounds", _bounds(np.bincount(corpus.article[own], minlength=len(distinct.of)))
    yield "endings", corpus.how_ends(corpus.first)


def _bounds(sizes: npt.ArrayLike) -> npt.NDArray[np.int64]:
    return np.append(0, np.cumsum(sizes))
