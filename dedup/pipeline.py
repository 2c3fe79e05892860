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
from dedup.errors import InputError, Problem
from dedup.match import (
    boilerplate,
    boilerplate_spans,
    boilerplate_style,
    canonical,
    cluster,
    common_phrases,
    near_duplicates,
    scopes,
    verify,
)
from dedup.match.relations import BOILERPLATE, DUPLICATE, TEMPLATE
from dedup.metadata import credits
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
from dedup.text import shingle
from dedup.text.corpus import Corpus, collapse


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
        attributions = side.submit(lambda: [credits.read(article) for article in articles])
        with clock.stage("normalise"):
            corpus = collapse(articles, settings.workers, progress)
        return find(corpus, attributions.result, problems, settings, outlets, progress, clock)


def find(
    corpus: Corpus,
    read_credits: Callable[[], Sequence[credits.Attribution]],
    problems: Sequence[Problem],
    settings: Settings,
    outlets: Outlets,
    progress: Progress,
    clock: Clock,
) -> Result:
    """Run every stage from shingles on; `read_credits` says of each article whose text it is."""
    articles, workers = corpus.articles, settings.workers
    published = [parse(article.date) for article in articles]
    sites = np.unique([article.site or "" for article in articles], return_inverse=True)[1]
    every_word = corpus.words()
    with clock.stage("boilerplate"):
        progress.stage("boilerplate", None)
        marked = boilerplate_spans.boilerplate_tokens(corpus, sites)
        is_standing = boilerplate_spans.standing(corpus, marked)
        marked &= ~np.repeat(is_standing, np.diff(corpus.offsets))  # compared as what it is
        corpus, origin = boilerplate_spans.reduced(corpus, marked)
        words = corpus.words()
    with clock.stage("shingle"):
        sets = shingle.shingle(corpus.tokens, corpus.offsets, settings.shingle, workers)
    with clock.stage("near"):
        pairs, hot = near_duplicates.near(sets, words, settings, progress)
        centre = cluster.cluster(near_duplicates.similar(pairs, settings), sets, settings.chain)
        pairs = near_duplicates.against_centres(pairs, centre, sets, words, settings)
    with clock.stage("passages"):
        common_phrases.stock(corpus.tokens, corpus.offsets, corpus.flags, centre)
        counts = np.bincount(centre, minlength=len(centre))
        members = (counts[centre] > settings.bucket) & (centre != np.arange(len(centre)))
        proposed = verify.search(corpus, members, settings, hot, progress)
    with clock.stage("match"):
        progress.stage("match", None)
        day = np.array([d.epoch / 86400 if d and not d.doubt else np.nan for d in published])
        style = boilerplate_style.style(
            corpus.tokens, corpus.offsets, corpus.flags, boilerplate_style.table()
        )
        is_boilerplate = boilerplate.boilerplate_texts(
            centre, corpus.text, corpus.article, sites, day, words, style
        )
        is_boilerplate |= is_standing
        where = scopes.places(corpus.text, corpus.article, sites)
        matches, blocks = verify.match(
            corpus, sets, pairs, proposed, is_boilerplate, where, settings
        )
        blocks = boilerplate_spans.restored(matches.pairs, blocks, corpus.offsets, origin)
    with clock.stage("cluster"):
        progress.stage("cluster", None)
        versions = matches.take(matches.relation == DUPLICATE).pairs
        centre = cluster.cluster(versions, sets, settings.chain)
        ranking = canonical.rank(
            corpus, centre, near_duplicates.count(versions, len(words)), published, settings
        )
    with clock.stage("credit"):
        progress.stage("credit", None)
        attributions = read_credits()
    with clock.stage("stories"):
        progress.stage("stories", None)
        formal = matches.pairs[np.isin(matches.relation, (TEMPLATE, BOILERPLATE))]
        story_result = tell(
            corpus, is_boilerplate, formal, attributions, published, outlets, settings
        )
    progress.done()
    return Result(
        corpus=corpus,
        words=every_word,
        origin=origin,
        sets=sets,
        pairs=matches,
        boilerplate=is_boilerplate,
        blocks=blocks,
        ranking=ranking,
        story_result=story_result,
        published=published,
        hot=hot,
        problems=tuple(problems),
        settings=settings,
        timings=clock.seconds,
    )


def tell(
    corpus: Corpus,
    is_boilerplate: npt.NDArray[np.bool_],
    formal: npt.NDArray[np.uint64],
    attributions: Sequence[credits.Attribution],
    published: Sequence[Published | None],
    outlets: Outlets,
    settings: Settings,
) -> StoryResult:
    """Find the stories: which articles are versions of one, and who is who in it.

    `is_boilerplate`, bool[texts], are standing texts; `formal`, ordered pairs of texts i << 32 | j,
    are alike in form alone; `attributions` and `published` have one entry an article.
    """
    articles = corpus.articles
    updated = [parse(article.updated) for article in articles]
    plain = article_features(articles, published, updated, attributions, outlets)
    distinct = distinct_articles(corpus, is_boilerplate, plain, settings.window)

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
        boilerplate=is_boilerplate,
        words=lengths.astype(np.int64),
        attributions=attributions,
        features=features,
        distinct=distinct,
        overlap=overlap,
        story_rows=assign_roles(groups, distinct, features, compare, settings),
    )
