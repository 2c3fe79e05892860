"""Pairs of articles that share words, on Spark: prints meet by a shuffle, then block by block.

Each block of distinct articles counts its runs of words and makes its prints. The articles under
one print meet in a task, which tells their blocks who else is there; of a hot print, the first few.
Blocks count who is met how often, and measure the pairs where both articles' texts are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from dedup._jit.pairs import HALF, among, ends, pack, rights, starts
from dedup.engines import blocks
from dedup.engines.blocks import MESSAGE, Made, Part, array_of
from dedup.engines.bodies import Bodies
from dedup.engines.encode import joined
from dedup.engines.kept_texts import KeptTexts
from dedup.engines.matching import FLAGGED
from dedup.engines.near import BANDED, buckets, settings_of_a_task
from dedup.engines.stages import Stages
from dedup.settings import Settings
from dedup.stories import overlap as overlaps
from dedup.stories.article_features import ArticleFeatures
from dedup.stories.distinct_articles import DistinctArticles, counted, same_bodies
from dedup.stories.kin import Kin
from dedup.stories.link_filter import Leads
from dedup.stories.overlap import HUBS, RATE, Overlap, article_prints, meetings, shared_prints
from dedup.stories.recurring import news_of, recurs, too_little
from dedup.stories.roundups import opens_otherwise
from dedup.text.arrays import stretches
from dedup.text.corpus import Corpus

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame

PRINTED, MET, KIN = "printed", "met", "kin"
"""Stages: what is counted of distinct articles with their prints, who meets, what they share."""

BLOCK = 1 << 11
"""Distinct articles of a block. Higher sends fewer texts twice and takes more memory in a task,
some 5 MB of tokens at 2,048 articles of 500 words."""
PART = 1 << 22
"""Prints that meet in one task, about. Higher takes more memory there, 40 bytes a print."""

HELD, RECUR = range(5, 7)
"""Kinds of rows, beside those of `blocks`: who is met under a print, and prints that recur. Those
of `HELD` have the block's articles and their number under each print, then those met and theirs."""

_PRINTED: dict[str, Any] = {
    "body": np.int64,
    "grams": np.int32,
    "own": np.int32,
    "halves": np.int32,
}
_TOLD = ("other_facts", "begins_alike", "opens_otherwise", "is_background")
_KIN: dict[str, Any] = {
    "pairs": np.uint64,
    **dict.fromkeys(Overlap._fields[2:], np.float32),
    **dict.fromkeys(_TOLD, np.bool_),
}

_Batches = Iterable["pa.RecordBatch"]
_Integers = npt.NDArray[np.int64]


def _schema(columns: Iterable[str]) -> str:
    return ", ".join(f"{name} binary" for name in columns)


def distinct(
    stages: Stages,
    corpus: Corpus,
    boilerplate: npt.NDArray[np.bool_],
    features: Sequence[ArticleFeatures],
    window: float,
    _workers: int,
) -> DistinctArticles:
    """Return the distinct articles, as `distinct_articles` does: executors count their words."""
    bodies = same_bodies(corpus, corpus.words(), boilerplate, features, window)
    if not len(bodies.first):
        return bodies
    if not stages.is_done(PRINTED):
        there = Bodies.written(stages, bodies)
        items = np.arange(len(bodies.first), dtype=np.uint64)
        sent = blocks.routed(items, items.astype(np.int64) // BLOCK)
        stages.put(f"{PRINTED}-asked", sent)
        work, columns = partial(printed, bodies=there), _schema([*_PRINTED, "prints"])
        asked, needs = f"{PRINTED}-asked", there.texts_of
        stages.make(
            PRINTED, lambda: blocks.with_texts(stages, asked, FLAGGED, work, columns, needs)
        )
    found = _arrays(stages.table(PRINTED, list(_PRINTED)), _PRINTED)
    order = np.argsort(found.pop("body"))
    return bodies._replace(**{name: column[order] for name, column in found.items()})


def kin(
    stages: Stages,
    corpus: Corpus,
    distinct: DistinctArticles,
    formal: npt.NDArray[np.uint64],
    first: npt.NDArray[np.float64],
    settings: Settings,
) -> Kin:
    """Find the pairs that share words, and all that is asked of these, as `kin.kin` does."""
    from dedup.stories.kin import kin as here

    if not len(distinct.first):
        return here(corpus, distinct, formal, first, settings)
    if not stages.is_done(KIN):
        there = Bodies.written(stages, distinct, formal)
        meeting = _Meeting(there, str(stages.put_array("moments", first)), settings.bucket)
        parts = max(2 * stages.cores, 1 + int(distinct.grams.sum()) // RATE // PART)
        stages.make(MET, lambda: meeting.frame(stages, parts, len(distinct.first)))
        recurring = joined(stages.table(MET, ["numbers"], ("kind", RECUR)).column(0), np.int64)[0]
        news = stages.put_array("recurring", np.unique(recurring).astype(np.uint32))
        one = settings_of_a_task(settings)
        work = partial(measured, bodies=there, recurring=str(news), settings=one)
        each = partial(measuring, of=stages.texts(FLAGGED), work=work, needs=there.texts_of_pairs)

        def of_pairs() -> DataFrame:
            pairs = stages.frame(MET).where("block >= 0")
            together = blocks.shuffled(stages, _blocks(len(distinct.first)), pairs)
            return together.mapInArrow(each, _schema(_KIN))

        stages.make(KIN, of_pairs)
    return looked_up(_arrays(stages.table(KIN, list(_KIN)), _KIN))


def looked_up(found: dict[str, npt.NDArray[Any]]) -> Kin:
    """Return the pairs in order, and what was told of them where it is asked for."""
    order = np.argsort(found["pairs"])
    every = {name: column[order] for name, column in found.items()}
    pairs = every["pairs"]
    a, b = (end.astype(np.int32) for end in ends(pairs))
    tells = {name: partial(_told, pairs=pairs, told=every[name]) for name in _TOLD}
    return Kin(
        Overlap(a, b, *(every[name] for name in Overlap._fields[2:])),
        Leads(tells["other_facts"], tells["begins_alike"]),
        tells["opens_otherwise"],
        tells["is_background"],
    )


def _told(
    overlap: Overlap, pairs: npt.NDArray[np.uint64], told: npt.NDArray[np.bool_]
) -> npt.NDArray[np.bool_]:
    found: npt.NDArray[np.bool_] = told[np.searchsorted(pairs, pack(overlap.a, overlap.b))]
    return found


def _arrays(table: pa.Table, kinds: dict[str, Any]) -> dict[str, npt.NDArray[Any]]:
    return {name: joined(table.column(name), kind)[0] for name, kind in kinds.items()}


# -- what tasks do --------------------------------------------------------------------------------


def printed(part: Part, bodies: Bodies) -> Made:
    """Count the words of the distinct articles of a block, and make their prints."""
    here = bodies.within(part, part.items.astype(np.int64))
    prints = article_prints(here.corpus, here.distinct)
    known = pack(prints >> HALF, here.bodies[rights(prints)])
    found = counted(here.distinct, part.texts)
    fields = {name: getattr(found, name) for name in ("grams", "own", "halves")}
    return {"body": here.bodies, **fields, "prints": known}


def parted(batches: _Batches, parts: int) -> Iterator[pa.RecordBatch]:
    """Send prints, print << 32 | article, to where those of a part meet."""
    import pyarrow as pa

    for batch in batches:
        for row in batch.column("prints").to_pylist():
            prints = np.frombuffer(row, np.uint64)
            of = (prints >> HALF) % np.uint64(parts)
            rows = [prints[of == part].tobytes() for part in range(parts)]
            yield pa.RecordBatch.from_arrays(
                [
                    pa.array([0] * parts, pa.int32()),
                    pa.array(range(parts), pa.int32()),
                    pa.array(rows, pa.binary()),
                ],
                names=["band", "part", "packed"],
            )


class _Meeting(NamedTuple):
    """What tasks need to know where articles meet."""

    bodies: Bodies
    moments: str
    """The file of the time of each distinct article."""
    bucket: int

    def frame(self, stages: Stages, parts: int, articles: int) -> DataFrame:
        prints = stages.frame(PRINTED).select("prints")
        sent = prints.mapInArrow(partial(parted, parts=parts), BANDED)
        together = sent.repartition(stages.tasks(parts), "part").sortWithinPartitions("part")
        under = partial(under_prints, moments=self.moments, bucket=self.bucket)
        met = together.mapInArrow(under, MESSAGE)
        held = blocks.shuffled(stages, _blocks(articles), met)
        return held.mapInArrow(partial(meeting, bucket=self.bucket), MESSAGE)


def _blocks(articles: int) -> int:
    return -(-articles // BLOCK)


def under_prints(batches: _Batches, moments: str, bucket: int) -> Iterator[pa.RecordBatch]:
    """Tell the blocks of the articles under each print who else is there, and which recur."""
    # Pages of the times are read as they are asked for, and all tasks of a machine share them.
    first = np.asarray(np.load(moments, mmap_mode="c"))
    for _, prints in buckets(batches):
        rows = starts(prints >> HALF)[:-1]
        recurring = rows[recurs(rows, prints, first)]
        yield blocks.message(-1, RECUR, (prints[recurring] >> HALF).astype(np.int64))
        yield from _held(*shared_prints(prints), bucket)


def _held(
    members: npt.NDArray[np.int32], edges: _Integers, bucket: int
) -> Iterator[pa.RecordBatch]:
    sizes = np.diff(edges)
    group = np.repeat(np.arange(len(sizes)), sizes)
    block = members // BLOCK
    bounds = starts(group, block)  # articles of one block under one print
    first, own = bounds[:-1], np.diff(bounds)
    of = group[first]
    met = np.where(sizes[of] > bucket, np.minimum(sizes[of], HUBS), sizes[of])
    order = np.argsort(block[first], kind="stable")
    cuts = starts(block[first][order])
    for low, high in zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True):
        some = order[low:high]
        arrays = [
            members[stretches(first[some], own[some])[0]].astype(np.int64),
            own[some],
            members[stretches(edges[of[some]], met[some])[0]].astype(np.int64),
            met[some],
        ]
        yield blocks.message(int(block[first[some[0]]]), HELD, *arrays)


def meeting(batches: _Batches, bucket: int) -> Iterator[pa.RecordBatch]:
    """Pair the articles of each block with those that they meet often enough."""
    for block, rows in blocks.by_block(batches):
        if block < 0:
            yield from blocks.passed_on(rows)
            continue
        own, owned, others, met = (
            np.concatenate([array_of(row, name, np.int64) for row in rows])
            for name in ("numbers", "sizes", "tokens", "flags")
        )
        bodies = np.unique(np.append(own, others))
        pairs = meetings(
            np.searchsorted(bodies, own).astype(np.int32),
            np.repeat(np.arange(len(owned), dtype=np.int32), owned),
            np.searchsorted(bodies, others).astype(np.int32),
            np.append(0, np.cumsum(met)),
            len(bodies),
            bucket,
            1,
        )
        a, b = (bodies[end] for end in ends(pairs))
        yield from blocks.routed(pack(a, b), b // BLOCK)


def measuring(
    batches: _Batches, of: KeptTexts, work: Callable[[Part], Made], needs: blocks.Needs
) -> Iterator[pa.RecordBatch]:
    """Measure the pairs of each block."""
    return blocks.working((rows for _, rows in blocks.by_block(batches)), work, of, needs)


def measured(part: Part, bodies: Bodies, recurring: str, settings: Settings) -> Made:
    """Measure the pairs of a block; return those that share words, and what these tell."""
    here = bodies.within(part, np.unique(np.concatenate(ends(part.items))))
    found = overlaps.kin(
        here.pairs(part.items), here.corpus, here.distinct, here.formal, settings.workers
    )
    leads = Leads.of(here.distinct, here.corpus)
    prints = article_prints(here.corpus, here.distinct)
    is_news = ~among((prints >> HALF).astype(np.uint32), np.load(recurring, mmap_mode="r"))
    news = news_of(found, prints, is_news, len(here.bodies))
    return {
        "pairs": here.known(pack(found.a, found.b)),
        **{name: getattr(found, name) for name in Overlap._fields[2:]},
        "other_facts": leads.other_facts(found),
        "begins_alike": leads.begins_alike(found),
        "opens_otherwise": opens_otherwise(found, here.distinct, here.corpus),
        "is_background": too_little(found, news),
    }
