"""The whole path from articles to a result; the only place that composes the stages."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from dedup import readers
from dedup._jit import kernels
from dedup._jit.interpreter import working
from dedup._jit.pairs import count
from dedup.errors import InputError, Problem, SettingsError
from dedup.lazy import column
from dedup.match import (
    boilerplate_spans,
    canonical,
    cluster,
    near_duplicates,
    scopes,
    verify,
)
from dedup.match.align import Blocks
from dedup.match.boilerplate import boilerplate_texts
from dedup.match.boilerplate_families import family_boilerplate
from dedup.match.boilerplate_spans import Spans
from dedup.match.common_phrases import PhraseCounts
from dedup.match.lsh import HotBuckets
from dedup.match.relations import BOILERPLATE, DUPLICATE, TEMPLATE
from dedup.metadata import source_dates
from dedup.metadata.credit_rules import rules
from dedup.metadata.credit_words import read_all
from dedup.metadata.credits import Attribution
from dedup.metadata.dates import Published
from dedup.metadata.normalise import described
from dedup.metadata.outlets import Outlets
from dedup.portable import trim
from dedup.progress import Progress, Silent
from dedup.readers.field_names import Given
from dedup.records import ReadFile
from dedup.result import Result
from dedup.settings import Settings
from dedup.stories.article_features import article_features
from dedup.stories.distinct_articles import moments
from dedup.stories.link_filter import is_link, one_name, own_names
from dedup.stories.overlap import Overlap, measure
from dedup.stories.own_share import own_shares as shares_of_own
from dedup.stories.roundups import embedded
from dedup.stories.story_result import StoryResult
from dedup.stories.telling import Links
from dedup.text.arrays import TextArrays
from dedup.text.characters import table
from dedup.text.corpus import Corpus, Encoding, collapse
from dedup.text.shingle import Sets, shingle
from dedup.ways import HERE, Ways


class Clock:
    """Seconds spent in each stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count the time of a block under a name; memory let go before goes to the system."""
        trim()
        began = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - began


class Prepared(NamedTuple):
    """What the search for passages and the verification of pairs start from."""

    corpus: Corpus
    """With the flags that the corpus as a whole gives its texts, and without boilerplate spans."""
    words: npt.NDArray[np.int32]
    """int32[texts]: length of each text in words, with these spans."""
    sets: Sets
    near: near_duplicates.Near
    aside: npt.NDArray[np.bool_]
    """bool[texts]: texts for which another one is searched."""
    phrases: PhraseCounts
    boilerplate: npt.NDArray[np.bool_]
    """bool[texts]: boilerplate of a site."""
    spans: Spans
    """Boilerplate in other texts, of which the corpus has only the rest."""
    sites: npt.NDArray[np.int64]
    """int64[articles]: number of each article's site."""
    hot: HotBuckets


class Detected(NamedTuple):
    """What is the same text in a corpus: matches, and clusters of versions."""

    corpus: Corpus
    """As it was prepared."""
    words: npt.NDArray[np.int32]
    """int32[texts]: length of each text in words."""
    sets: Sets
    matches: verify.Matches
    blocks: Blocks
    boilerplate: npt.NDArray[np.bool_]
    """bool[texts]: boilerplate of a site."""
    spans: Spans
    """Boilerplate in other texts, of which the corpus has only the rest."""
    clusters: npt.NDArray[np.int32]
    """int32[texts]: the text in the centre of each text's cluster."""
    weighed: int
    """Pairs of texts whose shared words were weighed in the search for passages."""
    hot: HotBuckets


def in_force(settings: Settings | None, overrides: Mapping[str, Any], outlets: Outlets) -> Settings:
    """Return the settings of a scan: as given, or the defaults, with some given by name.

    Sites that `outlets` prefers count where no other policy is chosen. Raises `SettingsError` for
    what is no setting, or a senseless one.
    """
    try:
        chosen = replace(settings or Settings(), **overrides)
    except TypeError as error:
        raise SettingsError(f"{error}; the settings are the fields of dedup.Settings") from None
    if outlets.preferred and chosen.policy == Settings().policy:
        chosen = replace(chosen, policy="preferred-site", preferred_sites=outlets.preferred)
    return chosen


@working()
def scan(
    source: Any,
    settings: Settings,
    *,
    site: str | None,
    fields: Given | None,
    outlets: Outlets,
    progress: Progress | None,
) -> Result:
    """Read a source and run every stage; `dedup.scan` describes the arguments.

    Raises `InputError` when there is no article at all.
    """
    progress = progress or Silent()
    clock = Clock()
    problems: list[Problem] = []
    files: list[ReadFile] = []
    kernels.begin(table, rules)
    encoding = Encoding(settings.workers)
    with clock.stage("read"):
        progress.stage("read", None)
        items = readers.from_source(
            source,
            site=site,
            fields=fields,
            problems=problems,
            progress=progress,
            workers=settings.workers,
            page_seconds=settings.page_seconds,
            files=files,
        )
        # One thread encodes after it has read, so that it encodes nothing that is left out.
        found = list(encoding.passing(items) if settings.workers > 1 else items)
    with clock.stage("describe"):
        progress.stage("describe", None)
        articles = readers.distinct_ids(described(found, problems), problems)
        del found
    if not articles:
        reasons = "; ".join(map(str, problems[:3])) or "the input is empty"
        raise InputError(f"nothing to scan: {reasons}")

    def normalise() -> Corpus:
        with clock.stage("normalise"):
            return collapse(articles, settings.workers, progress, encoding=encoding)

    def read_credits() -> list[Attribution]:
        return list(read_all(articles))

    with ThreadPoolExecutor(1) as side:

        def beside() -> Callable[[], list[Attribution]]:
            # Beside the long kernels, which leave the interpreter to others; those before are
            # short, and would wait for it at each turn.
            return side.submit(read_credits).result if settings.workers > 1 else read_credits

        # No name here for the corpus: `find` lets go of the one that it is given.
        result = find(normalise(), beside(), problems, settings, outlets, progress, clock)
    return replace(result, files=tuple(files))


def find(
    corpus: Corpus,
    read_credits: Callable[[], Sequence[Attribution]],
    problems: Sequence[Problem],
    settings: Settings,
    outlets: Outlets,
    progress: Progress,
    clock: Clock,
    ways: Ways = HERE,
) -> Result:
    """Run every stage after reading; `read_credits` returns what each article credits."""
    with clock.stage("describe"):
        published = source_dates.dates_of(corpus.articles, settings.zone)
        problems = [*problems, *source_dates.complaints(corpus.articles, published, settings.zone)]
    held = [corpus]
    del corpus  # `prepare` alone holds it: its tokens are soon there again, without boilerplate
    prepared = prepare(held.pop(), published, settings, progress, clock, ways)
    found = detect(prepared, settings, progress, clock, ways)
    del prepared  # near pairs and counts of phrases, which nobody asks for any more
    with clock.stage("credit"):
        progress.stage("credit", None)
        attributions = read_credits()
    with clock.stage("stories"):
        progress.stage("stories", None)
        matches = found.matches
        formal = matches.pairs[np.isin(matches.relation, (TEMPLATE, BOILERPLATE))]
        stories = tell_stories(
            found.corpus,
            found.boilerplate,
            formal,
            attributions,
            published,
            outlets,
            settings,
            ways,
        )
    with clock.stage("cluster"):
        ranking = _ranked(found, stories, published, settings)
    progress.done()
    return Result(
        corpus=found.corpus,
        words=found.words,
        spans=found.spans,
        sets=found.sets,
        pairs=matches,
        boilerplate=found.boilerplate,
        blocks=found.blocks,
        ranking=ranking,
        story_result=stories,
        published=published,
        weighed=found.weighed,
        hot=found.hot,
        problems=tuple(problems),
        settings=settings,
        timings=clock.seconds,
    )


def prepare(
    corpus: Corpus,
    published: Sequence[Published | None],
    settings: Settings,
    progress: Progress,
    clock: Clock,
    ways: Ways = HERE,
) -> Prepared:
    """Find the near pairs, take boilerplate out of the texts, and flag common phrases.

    `published` has one date an article.
    """
    every_word = words = corpus.words()
    with clock.stage("shingle"):
        sets = shingle(corpus.texts, settings.shingle, settings.workers)
    with clock.stage("near"):
        ways.memory.recognise_keys(corpus.key)
        near, hot = ways.near(sets, words, settings, progress)
        families = ways.families(near, sets, settings)
    with clock.stage("boilerplate"):
        progress.stage("boilerplate", None)
        standing, sites = _boilerplate(corpus, families, published, settings.workers, ways)
        spans, words = standing.spans, standing.words
        texts = ways.reduce(corpus.texts, spans)
        corpus = corpus._replace(texts=texts, lengths=words)
        changed = np.zeros(len(words), np.bool_)
        changed[spans.texts] = True
        sets = boilerplate_spans.reshingled(sets, texts, changed, settings.shingle)
    with clock.stage("near"):
        near, families = ways.listed(near, changed, texts, sets, settings)
    with clock.stage("passages"):
        texts, phrases = ways.flag(corpus.texts, families, settings.workers)
    return Prepared(
        corpus=corpus._replace(texts=texts),
        words=every_word,
        sets=sets,
        near=near,
        aside=cluster.crowded(families, settings.bucket),
        phrases=phrases,
        boilerplate=standing.texts,
        spans=spans,
        sites=sites,
        hot=hot,
    )


def detect(
    prepared: Prepared,
    settings: Settings,
    progress: Progress,
    clock: Clock,
    ways: Ways = HERE,
) -> Detected:
    """Find what is the same text: propose further pairs, verify and classify all, cluster."""
    corpus, sets, spans = prepared.corpus, prepared.sets, prepared.spans
    with clock.stage("passages"):
        ways.memory.recognise(corpus.texts, settings.workers)
        searched = ways.search(
            corpus.texts, prepared.aside, settings, progress, ways.weigh, ways.memory
        )
    with clock.stage("match"):
        progress.stage("match", None)
        matches, blocks = verify.verify(
            corpus.texts,
            sets,
            prepared.near,
            searched.passages,
            prepared.boilerplate,
            scopes.places(corpus.text, corpus.article, prepared.sites),
            prepared.phrases,
            settings,
            ways.compare,
            ways.prove,
        )
        blocks = boilerplate_spans.restored(matches.pairs, blocks, spans)
    with clock.stage("cluster"):
        progress.stage("cluster", None)
        versions = matches.take(matches.relation == DUPLICATE).pairs
        clusters = ways.clusters(versions, sets, settings)
    return Detected(
        corpus=corpus,
        words=prepared.words,
        sets=sets,
        matches=matches,
        blocks=blocks,
        boilerplate=prepared.boilerplate,
        spans=spans,
        clusters=clusters,
        weighed=searched.weighed,
        hot=prepared.hot + searched.hot,
    )


def _ranked(
    found: Detected,
    stories: StoryResult,
    published: Sequence[Published | None],
    settings: Settings,
) -> canonical.Ranking:
    """Order the members of every cluster, the one to keep first."""
    versions = found.matches.take(found.matches.relation == DUPLICATE).pairs
    return canonical.rank(
        found.corpus,
        found.clusters,
        count(versions, len(found.words)),
        published,
        found.words - found.corpus.words(),
        stories.aside(),
        settings,
    )


def _boilerplate(
    corpus: Corpus,
    families: npt.NDArray[np.int32],
    published: Sequence[Published | None],
    workers: int,
    ways: Ways,
) -> tuple[boilerplate_spans.Found, npt.NDArray[np.int64]]:
    """Return which texts are boilerplate and the spans inside others, and each article's site.

    Sites are numbers, int64[articles].
    """
    names = [site or "" for site in column(corpus.articles, "site")]
    known, sites = np.unique(names, return_inverse=True)
    day = np.array([d.epoch / 86400 if d and not d.doubt else np.nan for d in published])
    texts = boilerplate_texts(families, corpus.text, corpus.article, sites, day, corpus.words())
    named = np.where(known[sites] == "", -1, sites)  # an article without a site tells of none
    texts |= family_boilerplate(corpus, families, named, texts, ways.looks, workers)
    found = boilerplate_spans.find_boilerplate(corpus, named, texts, workers, ways.mark)
    return found._replace(texts=texts | found.texts), sites


def compare(
    own: TextArrays,
    others: TextArrays,
    pairs: npt.NDArray[np.uint64],
    boilerplate: npt.NDArray[np.bool_],
    settings: Settings,
) -> tuple[verify.Matches, Blocks]:
    """Match the texts of one article with those of an index, as a scan does.

    `pairs`, ordered, are the candidates own << 32 | len(own) + other, as the matches are;
    `boilerplate`, bool[own + others], are texts known as boilerplate. What only a whole corpus can
    tell (common phrases, families of hot texts) is left out.
    """
    texts = own.followed_by(others)
    sets = shingle(texts, settings.shingle, settings.workers)
    near = near_duplicates.confirm(pairs, sets, texts.words(), settings)
    passages = verify.worth_verifying(pairs, texts, settings)
    # As if all the others stood in one other article.
    places = np.repeat(np.array([0, 1 << 32 | 1]), [len(own.sizes), len(others.sizes)])
    where = scopes.Places(places, np.arange(len(places) + 1))
    phrases = PhraseCounts.unknown()
    return verify.verify(texts, sets, near, passages, boilerplate, where, phrases, settings)


def tell_stories(
    corpus: Corpus,
    boilerplate: npt.NDArray[np.bool_],
    formal: npt.NDArray[np.uint64],
    attributions: Sequence[Attribution],
    published: Sequence[Published | None],
    outlets: Outlets,
    settings: Settings,
    ways: Ways = HERE,
) -> StoryResult:
    """Find the stories: which articles are versions of one, and who is who in it.

    `boilerplate`, bool[texts], are texts left out; `formal`, ordered pairs of texts i << 32 | j,
    are alike in form alone; `attributions` and `published` have one entry an article.
    """
    articles = corpus.articles
    updated = source_dates.dates_of(articles, settings.zone, "updated")
    plain = article_features(articles, published, updated, attributions, outlets)
    distinct = ways.distinct(corpus, boilerplate, plain, settings.window, settings.workers)

    kin = ways.kin(corpus, distinct, formal, moments(distinct, plain)[0], settings)
    overlap = kin.overlap
    features = own_names(plain, overlap, distinct)
    links = overlap.take(is_link(overlap, distinct, kin.leads, features, settings.window))
    links = links.take(~kin.is_background(links))
    aside = embedded(links, kin.opens_otherwise(links), distinct, features)
    may_be = Links(links, aside, one_name(links, distinct, plain))
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
        story_rows=ways.tell(may_be, distinct, corpus, formal, features, settings),
    )


def own_shares(
    told: StoryResult, article: int, formal: npt.NDArray[np.uint64], settings: Settings
) -> npt.NDArray[np.float64]:
    """Return the share of an article's own words that each other one holds, float64[articles].

    `formal` are the pairs with which the stories were told (see `tell_stories`); NaN stands where
    there is nothing to count (see `dedup.stories.own_share`).
    """

    def compare(pairs: npt.NDArray[np.uint64]) -> Overlap:
        return measure(pairs, told.corpus, told.distinct, formal, settings.workers)

    return shares_of_own(told, article, compare)
