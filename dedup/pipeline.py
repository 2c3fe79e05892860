"""The whole path from articles to a result; the only place that composes the stages."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt

from dedup import readers
from dedup._jit.pairs import count
from dedup.errors import InputError, Problem
from dedup.match import (
    canonical,
    cluster,
    near_duplicates,
    scopes,
    verify,
)
from dedup.match.align import Blocks
from dedup.match.boilerplate import boilerplate_texts
from dedup.match.common_phrases import flag_common_phrases
from dedup.match.relations import BOILERPLATE, DUPLICATE, TEMPLATE
from dedup.metadata.credits import Attribution
from dedup.metadata.credits import read as read_attribution
from dedup.metadata.dates import Published, parse
from dedup.metadata.normalise import described
from dedup.metadata.outlets import Outlets
from dedup.progress import Progress, Silent
from dedup.readers.article_builder import kind
from dedup.records import Article
from dedup.result import Result
from dedup.settings import Settings
from dedup.stories.article_features import article_features
from dedup.stories.distinct_articles import distinct_articles
from dedup.stories.grouping import group
from dedup.stories.link_filter import is_link, own_names
from dedup.stories.overlap import Overlap, article_overlap, measure
from dedup.stories.roles import assign_roles
from dedup.stories.roundups import embedded
from dedup.stories.story_result import StoryResult
from dedup.text.arrays import TextArrays
from dedup.text.corpus import Corpus, collapse
from dedup.text.shingle import shingle


class Clock:
    """Seconds spent in each stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count the time of a block under a name."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - began


def scan(
    source: Any,
    settings: Settings,
    *,
    site: str | None,
    fields: Mapping[str, str] | None,
    outlets: Outlets,
    progress: Progress | None,
) -> Result:
    """Read a source and run every stage; `dedup.scan` describes the arguments."""
    progress = progress or Silent()
    clock = Clock()
    problems: list[Problem] = []
    with clock.stage("read"):
        progress.stage("read", None)
        paths = _paths(source)
        if paths is None:
            items = readers.articles(source, fields=fields, problems=problems)
        else:
            items = readers.read(
                paths,
                site=site,
                fields=fields,
                problems=problems,
                progress=progress,
                workers=settings.workers,
            )
        found = list(items)
    with clock.stage("describe"):
        progress.stage("describe", None)
        articles = readers.distinct_ids(described(found, problems), problems)
    return run(articles, problems, settings, outlets, progress, clock)


def _paths(source: Any) -> list[str] | None:
    """Return the paths that a source names, or None when it holds articles.

    Raises `InputError` for a source that can hold neither.
    """
    if isinstance(source, str | os.PathLike):
        return [os.fspath(source)]
    if isinstance(source, bytes | Mapping | Article) or not isinstance(source, Iterable):
        what = f"nothing to scan: the source is {kind(source)}"
        raise InputError(f"{what}; give a path, or a list of paths, articles, mappings or texts")
    if not isinstance(source, list | tuple):
        return None
    if not all(isinstance(item, str | os.PathLike) for item in source):
        return None
    # A list of strings may be paths or texts; the file system tells ("-" may stand for no text).
    return [os.fspath(item) for item in source] if any(map(_is_path, source)) else None


def _is_path(item: str | os.PathLike[str]) -> bool:
    if isinstance(item, os.PathLike):
        return True
    return os.path.exists(item)  # noqa: PTH110 - Path.exists raises for long texts


def run(
    articles: list[Article],
    problems: list[Problem],
    settings: Settings,
    outlets: Outlets,
    progress: Progress,
    clock: Clock,
) -> Result:
    """Find what is the same text in articles that are already sorted by their distinct ids.

    Raises `InputError` when there is no article at all.
    """
    if not articles:
        reasons = "; ".join(map(str, problems[:3])) or "the input is empty"
        raise InputError(f"nothing to scan: {reasons}")
    with ThreadPoolExecutor(1) as side:
        # Credits are read beside the kernels, which leave the interpreter to others.
        attributions = side.submit(lambda: [read_attribution(article) for article in articles])
        with clock.stage("normalise"):
            corpus = collapse(articles, settings.workers, progress)
        return detect(corpus, attributions.result, problems, settings, outlets, progress, clock)


def detect(
    corpus: Corpus,
    read_credits: Callable[[], Sequence[Attribution]],
    problems: Sequence[Problem],
    settings: Settings,
    outlets: Outlets,
    progress: Progress,
    clock: Clock,
) -> Result:
    """Run every stage from shingles on; `read_credits` says of each article whose text it is."""
    articles = corpus.articles
    words = corpus.words()
    with clock.stage("shingle"):
        sets = shingle(corpus.texts, settings.shingle, settings.workers)
    published = [parse(article.date) for article in articles]
    sites = np.unique([article.site or "" for article in articles], return_inverse=True)[1]
    with clock.stage("near"):
        near, hot = near_duplicates.near(sets, words, settings, progress)
        families = cluster.cluster(near_duplicates.similar(near, settings), sets, settings.chain)
        near = near_duplicates.against_centres(near, families, sets, words, settings)
    with clock.stage("passages"):
        corpus = corpus._replace(texts=flag_common_phrases(corpus.texts, families))
        aside = cluster.crowded(families, settings.bucket)
        passages, crowded = verify.search(corpus.texts, aside, settings, progress)
    with clock.stage("match"):
        progress.stage("match", None)
        day = np.array([d.epoch / 86400 if d and not d.doubt else np.nan for d in published])
        boilerplate = boilerplate_texts(families, corpus.text, corpus.article, sites, day, words)
        where = scopes.places(corpus.text, corpus.article, sites)
        matches, blocks = verify.verify(
            corpus.texts, sets, near, passages, boilerplate, where, settings
        )
    with clock.stage("cluster"):
        progress.stage("cluster", None)
        versions = matches.take(matches.relation == DUPLICATE).pairs
        clusters = cluster.cluster(versions, sets, settings.chain)
        ranking = canonical.rank(corpus, clusters, count(versions, len(words)), published, settings)
    with clock.stage("credit"):
        progress.stage("credit", None)
        attributions = read_credits()
    with clock.stage("stories"):
        progress.stage("stories", None)
        formal = matches.pairs[np.isin(matches.relation, (TEMPLATE, BOILERPLATE))]
        stories = tell_stories(
            corpus, boilerplate, formal, attributions, published, outlets, settings
        )
    progress.done()
    return Result(
        corpus=corpus,
        words=words,
        sets=sets,
        pairs=matches,
        boilerplate=boilerplate,
        blocks=blocks,
        ranking=ranking,
        story_result=stories,
        published=published,
        hot=hot + crowded,
        problems=tuple(problems),
        settings=settings,
        timings=clock.seconds,
    )


def compare(
    own: TextArrays,
    others: TextArrays,
    pairs: npt.NDArray[np.uint64],
    boilerplate: npt.NDArray[np.bool_],
    settings: Settings,
) -> tuple[verify.Matches, Blocks]:
    """Match some texts with others as a scan does, one article's with those of an index.

    `pairs`, ordered, are the candidates own << 32 | len(own) + other, as the matches are;
    `boilerplate`, bool[own + others], are texts known as boilerplate. What only a whole corpus can
    tell (common phrases, families of hot texts) is left out.
    """
    texts = own.followed_by(others)
    sets = shingle(texts, settings.shingle, settings.workers)
    near = near_duplicates.confirm(pairs, sets, texts.words(), settings)
    passages = verify.worth_verifying(pairs, texts, settings)
    # As if the others stood all in another article.
    places = np.repeat(np.array([0, 1 << 32 | 1]), [len(own.sizes), len(others.sizes)])
    where = scopes.Places(places, np.arange(len(places) + 1))
    return verify.verify(texts, sets, near, passages, boilerplate, where, settings)


def tell_stories(
    corpus: Corpus,
    boilerplate: npt.NDArray[np.bool_],
    formal: npt.NDArray[np.uint64],
    attributions: Sequence[Attribution],
    published: Sequence[Published | None],
    outlets: Outlets,
    settings: Settings,
) -> StoryResult:
    """Find the stories: which articles are versions of one, and who is who in it.

    `boilerplate`, bool[texts], are standing texts; `formal`, ordered pairs of texts i << 32 | j,
    are alike in form alone; `attributions` and `published` have one entry an article.
    """
    articles = corpus.articles
    updated = [parse(article.updated) for article in articles]
    plain = article_features(articles, published, updated, attributions, outlets)
    distinct = distinct_articles(corpus, boilerplate, plain, settings.window)

    def compare(pairs: npt.NDArray[np.uint64]) -> Overlap:
        return measure(pairs, corpus, distinct, formal, settings.workers)

    overlap = article_overlap(corpus, distinct, formal, settings.bucket, settings.workers)
    features = own_names(plain, overlap, distinct)
    links = overlap.take(is_link(overlap, distinct, corpus, features, settings.window))
    aside = embedded(links, distinct, corpus, features)
    groups = group(links, len(distinct.first), compare, aside)
    words = corpus.words()[corpus.text]
    lengths = np.bincount(corpus.article, words, minlength=len(articles))
    return StoryResult(
        corpus=corpus,
        boilerplate=boilerplate,
        words=lengths.astype(np.int64),
        attributions=attributions,
        features=features,
        distinct=distinct,
        overlap=overlap,
        story_rows=assign_roles(groups, distinct, features, compare, settings),
    )
