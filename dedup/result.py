"""What a scan found: arrays inside, records on demand outside."""

from __future__ import annotations

import functools
import os
import platform
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from xxhash import xxh3_64_hexdigest

from dedup._jit.pairs import ends, pack
from dedup._version import __version__
from dedup.errors import Problem
from dedup.lazy import Records, column
from dedup.match import lsh, minhash
from dedup.match.align import Blocks
from dedup.match.boilerplate_spans import Spans
from dedup.match.canonical import Ranking
from dedup.match.near_duplicates import measures, shared
from dedup.match.verify import Matches
from dedup.metadata.credits import Attribution
from dedup.metadata.dates import Published
from dedup.output import json_cells
from dedup.output.fields import Fields, Many, lines, record
from dedup.output.record_fields import (
    Shared,
    cluster_fields,
    match_fields,
    place_fields,
    text_fields,
    version_fields,
)
from dedup.output.scanned import Scanned
from dedup.output.schema import LINKS, MATCHES, TEXTS, ArticleRow, Lines
from dedup.output.to_rows import link_lines
from dedup.progress import Progress
from dedup.records import (
    RELATIONS,
    SCOPES,
    Article,
    Cluster,
    Link,
    Match,
    Occurrence,
    ReadFile,
    Story,
    Text,
    Version,
)
from dedup.settings import Settings
from dedup.stories.site_matrix import SiteRow
from dedup.stories.story_result import StoryResult
from dedup.text import tokenize
from dedup.text.characters import UNICODE
from dedup.text.corpus import Corpus
from dedup.text.shingle import Sets

FORMAT = 3
"""Version of the output files; changes when a field changes its meaning."""

LINKS_AT_ONCE = 1 << 15
"""Links that are answered at a time: of more, more are alike."""


@dataclass(frozen=True, eq=False)
class Result:
    """Everything one scan found.

    `texts`, `matches`, `clusters`, `stories` and `links` make their records on demand: iterate over
    them. The other attributes are the arrays they are made from.
    """

    corpus: Corpus
    """The paragraphs, and the distinct texts among them."""
    words: npt.NDArray[np.int32]
    """int32[texts]: length of each distinct text in words."""
    spans: Spans
    """Boilerplate in texts that are none as a whole; `corpus` has only the rest of these."""
    sets: Sets
    """The shingle set of each distinct text."""
    pairs: Matches
    """The matches as arrays."""
    boilerplate: npt.NDArray[np.bool_]
    """bool[texts]: boilerplate of a site (see `dedup.match.boilerplate`)."""
    blocks: Blocks
    """What each match shares, in tokens."""
    ranking: Ranking
    """The members of each cluster, the one to keep first."""
    story_result: StoryResult
    """What was found of stories."""
    published: Sequence[Published | None]
    """One date an article."""
    weighed: int
    """Pairs of texts whose shared words were weighed in the search for passages."""
    hot: lsh.HotBuckets
    """What was too crowded to compare pair by pair."""
    problems: tuple[Problem, ...]
    """What was skipped or mended."""
    settings: Settings
    """The settings in force."""
    timings: dict[str, float]
    """Seconds a stage."""
    worded: bool = True
    """Whether the articles' texts are there; without them matches have no spans."""
    cluster_ids: Sequence[str] | None = None
    """Ids that last, one a cluster, as an index gives them; None: derived from what each cluster
    holds."""

    alike: Callable[[npt.NDArray[np.uint64]], npt.NDArray[np.float32]] | None = None
    """Measures how similar pairs of texts are where `sets` are empty, as those of an engine."""
    files: tuple[ReadFile, ...] = ()
    """The files that were read; none where articles came from elsewhere."""

    @property
    def articles(self) -> Sequence[Article]:
        """Every article, sorted by id."""
        return self.corpus.articles

    @functools.cached_property
    def texts(self) -> Sequence[Text]:
        """The distinct texts that stand more than once or match another, in reading order."""
        return Records(int(self._told.sum()), self._text)

    @functools.cached_property
    def matches(self) -> Sequence[Match]:
        """The verified pairs of distinct texts, in reading order."""
        return Records(len(self.pairs.pairs), self._match)

    @functools.cached_property
    def clusters(self) -> Sequence[Cluster]:
        """The clusters, largest first."""
        return Records(len(self.ranking.reasons), self._cluster)

    @property
    def stories(self) -> Sequence[Story]:
        """The stories of two articles or more, largest first."""
        return self.story_result.stories

    @property
    def links(self) -> Sequence[Link]:
        """The pairs of articles that share words, ordered by (a, b)."""
        return self.story_result.links

    @property
    def credits(self) -> Sequence[Attribution]:
        """What each article says about where its text is from, in the order of `articles`."""
        return self.story_result.attributions

    @functools.cached_property
    def kept(self) -> Sequence[Occurrence]:
        """The paragraphs to keep, in reading order: one of each cluster, and all in no cluster."""
        rows = np.flatnonzero(~self._is_dropped)
        return Records(len(rows), lambda row: self._occurrence(int(rows[row])))

    @functools.cached_property
    def dropped(self) -> Sequence[Occurrence]:
        """The paragraphs that repeat one that is kept, in reading order."""
        rows = np.flatnonzero(self._is_dropped)
        return Records(len(rows), lambda row: self._occurrence(int(rows[row])))

    @property
    def duplicate_ratio(self) -> float:
        """Share of all words that are in paragraphs which repeat a kept one, 0 to 1."""
        words = self.words[self.corpus.text]
        return float(words[self._is_dropped].sum() / max(1, words.sum()))

    def site_matrix(self, *, owners: bool = True) -> list[SiteRow]:
        """Count who ran whose text, most words first; see `dedup.stories.site_matrix`.

        `owners` counts the sites of one owner as one.
        """
        return self.story_result.site_matrix(owners=owners)

    @functools.cached_property
    def summary(self) -> dict[str, Any]:
        """Counts, settings, versions, seconds a stage and expected recall, ready for JSON."""
        bands, rows = lsh.shape(
            self.settings.threshold, self.settings.num_perm, self.settings.recall
        )
        relations = np.bincount(self.pairs.relation, minlength=len(RELATIONS))
        relations[0] = int((np.diff(self._occurrences[1]) > 1).sum())
        sizes = np.diff(self.ranking.offsets)
        return {
            "format": FORMAT,
            "version": __version__,
            "articles": len(self.articles),
            "skipped": sum(problem.articles for problem in self.problems if problem.skipped),
            "problems": len(self.problems),
            "paragraphs": len(self.corpus.text),
            "words": int(self.words[self.corpus.text].sum()),
            "distinct_texts": len(self.words),
            "repeated_paragraphs": int((sizes - 1).sum()),
            "matches": len(self.pairs.pairs),
            "clusters": len(sizes),
            "largest_cluster": int(sizes.max(initial=0)),
            "boilerplate_clusters": int(self._is_boilerplate.sum()),
            "scopes": {
                name: int((self.pairs.scopes >> bit & 1).sum()) for bit, name in enumerate(SCOPES)
            },
            "relations": dict(zip(RELATIONS, relations.tolist(), strict=True)),
            **self.story_result.counts(),
            "expected_recall": {
                "jaccard": self.settings.threshold,
                "recall": round(lsh.probability(self.settings.threshold, bands, rows), 4),
                "bands": bands,
                "rows": rows,
            },
            "weighed": self.weighed,
            "hot_buckets": asdict(self.hot),
            "settings": asdict(self.settings),
            "versions": _versions(),
            "timings": {stage: round(seconds, 3) for stage, seconds in self.timings.items()},
        }

    def article_rows(self) -> Iterator[ArticleRow]:
        """Yield a dict an article with the fields of articles.jsonl."""
        bounds = np.searchsorted(self.corpus.article, np.arange(len(self.articles) + 1))
        words = self.words[self.corpus.text]
        lengths = np.append(0, np.cumsum(words, dtype=np.int64))[bounds]
        told = words * self._told[self.corpus.text]
        repeated = np.append(0, np.cumsum(told, dtype=np.int64))[bounds]
        counts = (np.diff(column).tolist() for column in (bounds, lengths, repeated))
        rows = zip(self.articles, self.story_result.rows(), self.published, *counts, strict=True)
        for article, told_of, date, paragraphs, long, again in rows:
            yield {
                "article": article.id,
                "title": article.title,
                "site": article.site,
                "url": article.url,
                "canonical_url": article.canonical,
                "author": article.author,
                "lang": article.lang,
                "published": date.iso if date else None,
                "published_precision": date.precision if date else None,
                "published_doubt": date.doubt if date else None,
                "path": article.path,
                "paragraphs": paragraphs,
                "words": long,
                "repeated_words": again,
                "agency": told_of["agency"],
                "credits": told_of["credits"],
                "dateline": told_of["dateline"],
                "tags": told_of["tags"],
                "owner": told_of["owner"],
                "story": told_of["story"],
                "role": told_of["role"],
            }

    def lines(self, of: Lines[Any]) -> Iterator[tuple[int, bytes]]:
        """Yield the lines of texts, matches, clusters or links by blocks, with their numbers."""
        if of is LINKS:
            return self._link_lines()
        if of is TEXTS:
            rows = np.flatnonzero(self._told)
            first = self.corpus.first[rows]
            long = 3 * (self.corpus.end[first] - self.corpus.start[first]) // 2
            fields = self._text_fields
            sizes = 150 + long + 100 * np.diff(self._occurrences[1])[rows]
        elif of is MATCHES:
            cast(Shared, self._match_fields["spans"]).work_out(self.settings.workers)
            fields, sizes = self._match_fields, 250 + 20 * np.diff(self.blocks.offsets)
        else:
            fields, sizes = self._cluster_fields, 500 + 150 * np.diff(self.ranking.offsets)
        return lines(fields, sizes, self.settings.workers)

    def _link_lines(self) -> Iterator[tuple[int, bytes]]:
        ids = json_cells.values([*column(self.articles, "id"), None])
        for low in range(0, len(self.links), LINKS_AT_ONCE):
            rows = np.arange(low, min(low + LINKS_AT_ONCE, len(self.links)))
            yield from link_lines(self.story_result.link_rows(rows), ids)

    @property
    def scanned(self) -> Scanned:
        """What `dedup.output.ranked_passages.ranked` chooses from."""
        told = self.story_result.story_and_role()
        return Scanned(
            corpus=self.corpus,
            words=self.words,
            boilerplate=self.boilerplate,
            matches=self.pairs,
            shared=cast(Shared, self._match_fields["spans"]),
            ranking=self.ranking,
            told=self._told,
            text_fields=self._text_fields,
            match_fields=self._match_fields,
            cluster_fields=self._cluster_fields,
            last_story=self.story_result.last_story(),
            stories={
                article.id: told.get(number, (None,))[0]
                for number, article in enumerate(self.articles)
            },
        )

    def write(self, out: str | os.PathLike[str], progress: Progress | None = None) -> None:
        """Write the output folder, whole or not at all; see `dedup.output.writer`.

        Raises `OutputError` when it holds other files or cannot be written.
        """
        from dedup.output.writer import write

        write(self, out, progress, self.settings.workers)

    @functools.cached_property
    def _is_dropped(self) -> npt.NDArray[np.bool_]:
        """Which paragraphs are members of a cluster and not its canonical one, bool[paragraphs]."""
        found = np.zeros(len(self.corpus.text), bool)
        found[self.ranking.members] = True
        found[self.ranking.members[self.ranking.offsets[:-1]]] = False
        return found

    @functools.cached_property
    def _occurrences(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Paragraphs by text, int64[paragraphs], and where each text's begin, int64[texts + 1]."""
        counts = np.bincount(self.corpus.text, minlength=len(self.words))
        return np.argsort(self.corpus.text, kind="stable"), np.append(0, np.cumsum(counts))

    @functools.cached_property
    def _told(self) -> npt.NDArray[np.bool_]:
        """Which texts stand more than once or match another, bool[texts]."""
        told: npt.NDArray[np.bool_] = np.diff(self._occurrences[1]) > 1
        for end in ends(self.pairs.pairs):
            told[end] = True
        return told

    @functools.cached_property
    def _similarity(self) -> npt.NDArray[np.float32]:
        """Similarity of each ranked member with its cluster's canonical text, float32[members]."""
        texts = self.corpus.text[self.ranking.members]
        best = np.repeat(texts[self.ranking.offsets[:-1]], np.diff(self.ranking.offsets))
        pairs, where = np.unique(pack(best, texts), return_inverse=True)
        similarity = (self.alike or self._alike)(pairs)[where]
        similarity[texts == best] = 1.0
        return similarity

    def _alike(self, pairs: npt.NDArray[np.uint64]) -> npt.NDArray[np.float32]:
        return measures(pairs, shared(pairs, self.sets, self.settings.workers), self.sets)[0]

    @functools.cached_property
    def _places(self) -> Fields:
        return place_fields(self.corpus)

    def _occurrence(self, row: int) -> Occurrence:
        return Occurrence(**record(self._places, row))

    @functools.cached_property
    def _text_fields(self) -> Fields:
        rows = np.flatnonzero(self._told)
        order, bounds = self._occurrences
        places = Many(self._occurrence, self._places, order, bounds[rows], bounds[rows + 1])
        return text_fields(
            self.corpus,
            rows,
            self.words,
            self.boilerplate,
            self.spans,
            places,
            worded=self.worded,
        )

    def _text(self, row: int) -> Text:
        found = record(self._text_fields, row)
        return Text(id=found.pop("text_id"), **found)

    @functools.cached_property
    def _match_fields(self) -> Fields:
        return match_fields(self.pairs, self.blocks, self.corpus, worded=self.worded)

    def _match(self, row: int) -> Match:
        return Match(**record(self._match_fields, row))

    @functools.cached_property
    def _version_fields(self) -> Fields:
        return version_fields(self.ranking, self.corpus, self._places, self._similarity)

    def _version(self, member: int) -> Version:
        return Version(**record(self._version_fields, member))

    @functools.cached_property
    def _cluster_fields(self) -> Fields:
        return cluster_fields(
            self.ranking,
            self.corpus,
            self._cluster_id,
            self._is_boilerplate,
            self._version,
            self._version_fields,
        )

    def _cluster(self, number: int) -> Cluster:
        found = record(self._cluster_fields, number)
        del found["size"]
        return Cluster(id=found.pop("cluster"), **found)

    @functools.cached_property
    def _is_boilerplate(self) -> npt.NDArray[np.bool_]:
        """Of which clusters most places are boilerplate, bool[clusters]."""
        texts, bounds = self.corpus.text[self.ranking.members], self.ranking.offsets
        before = np.append(0, np.cumsum(self.boilerplate[texts], dtype=np.int64))
        mostly: npt.NDArray[np.bool_] = 2 * np.diff(before[bounds]) > np.diff(bounds)
        return mostly

    def _cluster_id(self, number: int) -> str:
        if self.cluster_ids is not None:
            return self.cluster_ids[number]
        return xxh3_64_hexdigest(self._least_keys[16 * number : 16 * number + 16])

    @functools.cached_property
    def _least_keys(self) -> bytes:
        """The least key among the texts of each cluster, 16 bytes each, the highest first."""
        bounds = self.ranking.offsets
        if len(bounds) == 1:
            return b""
        high, low = self.corpus.key[self.corpus.text[self.ranking.members]].T
        least = np.minimum.reduceat(high, bounds[:-1])
        others = high != np.repeat(least, np.diff(bounds))
        rest = np.where(others, np.iinfo(np.uint64).max, low)
        keys = np.stack([least, np.minimum.reduceat(rest, bounds[:-1])], axis=1)
        return keys.astype(">u8").tobytes()


def _versions() -> dict[str, str | int]:
    """Return what the ids and sketches depend on."""
    return {
        "python": platform.python_version(),
        "unicode": UNICODE,
        "normalizer": tokenize.VERSION,
        "scheme": minhash.SCHEME,
        **{name: version(name) for name in ("datasketch", "numba", "numpy", "xxhash")},
    }
