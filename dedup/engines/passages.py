"""Common phrases and the search for passages on Spark: counts, prints and buckets by shuffles.

Runs of words are counted part by part of the tables, whose files tasks map from disk: the tasks of
one machine share them. Prints of one hash meet in a task, which tells the blocks of texts at which
places they meet; there the runs around these places are measured, and the pairs weighed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dedup._jit.pairs import HALF, ends, lefts, once, pack, rights, sorting, starts
from dedup.engines import blocks, boilerplate, kept_texts
from dedup.engines.blocks import COUNTS, MESSAGE, OWN, Group
from dedup.engines.clusters import LISTED, REDUCED
from dedup.engines.encode import joined
from dedup.engines.kept_texts import KeptTexts
from dedup.engines.load import TEXTS
from dedup.engines.matching import FLAGGED
from dedup.engines.near import hot, settings_of_a_task
from dedup.engines.stages import Stages
from dedup.match import boilerplate_spans, cluster, common_phrases, fingerprints
from dedup.match.boilerplate_spans import Spans
from dedup.match.common_phrases import PhraseCounts, may_be_common, sample_of, table_size
from dedup.match.evidence import Evidence, evidence
from dedup.match.fingerprints import PARTS
from dedup.match.no_memory import Nothing
from dedup.match.verify import Passages, Search, Weigh, worth_verifying
from dedup.progress import Progress
from dedup.settings import Settings
from dedup.text.arrays import TextArrays

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame

RUNS = "runs"
"""A stage: how many texts hold each run of words, part by part of two tables."""
WEIGHED = "weighed"
"""A stage: the pairs of texts that are worth a closer look."""

PART = 1 << 21
"""Tokens whose prints meet in one task, about. Higher takes more memory there, some 60 bytes for
each print, which one token in three has at most; and makes fewer rows."""

PHRASES, PRINTS = range(2)
"""Tables of counts: of runs in a sample of the texts, and of runs that may be fingerprints."""
_KINDS: dict[int, Any] = {PHRASES: np.uint16, PRINTS: np.uint8}
_COUNT = {PHRASES: common_phrases.count_phrases, PRINTS: fingerprints.count_prints}
_FILES = {PHRASES: "phrases", PRINTS: "prints"}

_HOT = 4  # bit beside those of `dedup.match.fingerprints`: more places have the print than `bucket`
_WRITTEN = "block int"
_SLOTS = "slots int, part int, packed binary"
_PRINTED = "part int, hashes binary, texts binary, places binary"

_WEIGHED: dict[str, Any] = {
    "pairs": np.uint64,
    "score": np.float32,
    "quoted": np.bool_,
    "near": np.uint64,
    "near_score": np.float32,
    "near_quoted": np.bool_,
    "weighed": np.int64,
    "counts": np.int64,
}

_Batches = Iterable["pa.RecordBatch"]
_Sizes = tuple[int, int]


# -- texts without boilerplate, and with the flags of common phrases ------------------------------


def reduce(stages: Stages, texts: TextArrays, spans: Spans) -> TextArrays:
    """Leave spans out of the texts of the stage `texts`, as `boilerplate_spans.reduced` does."""
    if len(spans.texts):
        names = [str(stages.put_array(f"span-{k}", column)) for k, column in enumerate(spans)]
        work = partial(reducing, of=stages.texts(TEXTS), to=stages.texts(REDUCED), spans=names)
        count = len(texts.sizes)
        stages.make(REDUCED, lambda: blocks.every(stages, count).mapInArrow(work, _WRITTEN))
    return texts


def reducing(
    batches: _Batches, of: KeptTexts, to: KeptTexts, spans: list[str]
) -> Iterator[pa.RecordBatch]:
    """Write texts without spans, of which the files have the three arrays; tell the blocks."""
    every = Spans(*(np.load(name, mmap_mode="r") for name in spans))
    for numbers, texts in blocks.texts_of(batches, of):
        low, high = (
            int(np.searchsorted(every.texts, end)) for end in (numbers[0], numbers[-1] + 1)
        )
        own = Spans(*(column[low:high] for column in every))
        own = own._replace(texts=np.searchsorted(numbers, own.texts))
        yield _written(numbers, boilerplate_spans.reduced(texts, own), to)


def _written(numbers: npt.NDArray[np.int64], texts: TextArrays, to: KeptTexts) -> pa.RecordBatch:
    import pyarrow as pa

    block = int(numbers[0]) // kept_texts.BLOCK
    to.write(block, texts)
    return pa.RecordBatch.from_pydict({"block": pa.array([block], pa.int32())})


def _rest(stages: Stages) -> KeptTexts:
    """Return the texts without spans."""
    return stages.texts(REDUCED if stages.is_done(REDUCED) else TEXTS)


def flag(
    stages: Stages,
    bucket: int,
    texts: TextArrays,
    family: npt.NDArray[np.int32],
    _workers: int,
) -> tuple[TextArrays, PhraseCounts]:
    """Flag common phrases in the texts without spans, as `flag_common_phrases` does.

    How often runs stand in texts that are no members of a family of more than `bucket` is counted
    at once, for the search.
    """
    sample, aside = sample_of(family), cluster.crowded(family, bucket)
    if not stages.is_done(RUNS):
        lengths = _sizes(stages)
        sizes = table_size(int(lengths.sum())), fingerprints.slots_for(int(lengths[~aside].sum()))
        named = {"sample": sample.counted, "aside": aside}
        files = [str(stages.put_array(name, chosen)) for name, chosen in named.items()]
        stages.put_array("table-sizes", np.array(sizes))
        work = partial(running, of=_rest(stages), files=files, sizes=sizes)
        frame = blocks.every(stages, len(family)).mapInArrow(work, _SLOTS)
        stages.make(RUNS, lambda: _counted(stages, frame, sizes))
    slots = _table(stages, PHRASES)
    if not stages.is_done(FLAGGED):
        rough = stages.put_array("rough", may_be_common(slots, sample.least))
        files = [str(stages.array(_FILES[PHRASES])), str(rough)]
        of, to = _rest(stages), stages.texts(FLAGGED)
        flags = partial(flagging, of=of, to=to, files=files, least=sample.least)
        every = blocks.every(stages, len(family))
        stages.make(FLAGGED, lambda: every.mapInArrow(flags, _WRITTEN))
    return texts, PhraseCounts(slots, sample.share)


def _sizes(stages: Stages) -> npt.NDArray[np.int64]:
    """Return the tokens of each text without spans, int64[texts]."""
    sizes = boilerplate.sizes(stages)
    if stages.is_done(REDUCED):
        of, begin, end = (np.load(stages.array(f"span-{k}")) for k in range(3))
        np.subtract.at(sizes, of, end - begin)
    return sizes


def _counted(stages: Stages, runs: DataFrame, sizes: _Sizes) -> DataFrame:
    parts = runs.repartition(stages.tasks(2 * PARTS), "slots", "part")
    together = parts.sortWithinPartitions("slots", "part")
    return together.mapInArrow(partial(counting, sizes=sizes), _SLOTS)


def running(
    batches: _Batches, of: KeptTexts, files: list[str], sizes: _Sizes
) -> Iterator[pa.RecordBatch]:
    """Send the runs of texts to where each part of a table is counted.

    The files say which texts are in the sample, and which are aside.
    """
    counted, aside = (np.load(file, mmap_mode="r") for file in files)
    for numbers, texts in blocks.texts_of(batches, of):
        phrases = common_phrases.phrase_runs(texts, counted[numbers], sizes[PHRASES], 1)
        prints = fingerprints.print_runs(texts, aside[numbers], sizes[PRINTS], 1)
        for table, found in ((PHRASES, phrases), (PRINTS, prints)):
            for (own,) in found:
                parts = np.flatnonzero(np.diff(own.parts))
                runs = [own.runs[own.parts[part] : own.parts[part + 1]] for part in parts]
                yield _slots(table, parts.tolist(), runs)


def counting(batches: _Batches, sizes: _Sizes) -> Iterator[pa.RecordBatch]:
    """Count runs in each part of a table; their rows come together."""
    at, slots = (-1, -1), np.zeros(0, np.uint16)
    for batch in batches:
        columns = (batch.column(name).to_pylist() for name in ("slots", "part", "packed"))
        for table, part, packed in zip(*columns, strict=True):
            size = sizes[table] // PARTS
            if (table, part) != at:
                if len(slots):
                    yield _slots(at[0], at[1:], [slots])
                at, slots = (table, part), np.zeros(size, _KINDS[table])
            # The bits beside the slot of a run are above it.
            _COUNT[table](np.frombuffer(packed, np.uint32) - np.uint32(part * size), slots)
    if len(slots):
        yield _slots(at[0], at[1:], [slots])


def _slots(table: int, parts: Sequence[int], packed: Sequence[npt.NDArray[Any]]) -> pa.RecordBatch:
    import pyarrow as pa

    return pa.RecordBatch.from_pydict(
        {
            "slots": pa.array([table] * len(parts), pa.int32()),
            "part": pa.array(parts, pa.int32()),
            "packed": pa.array([one.tobytes() for one in packed], pa.binary()),
        }
    )


def _table(stages: Stages, table: int) -> npt.NDArray[Any]:
    """Return a table of counts, of which memory holds what is looked at: it is mapped from disk."""
    place, kind = stages.array(_FILES[table]), _KINDS[table]
    if not place.exists():
        size = int(np.load(stages.array("table-sizes"))[table])
        new = place.with_suffix(".new")
        slots = np.lib.format.open_memmap(new, mode="w+", dtype=kind, shape=(size,))
        for batch in stages.batches(RUNS, ["slots", "part", "packed"], 1):
            for row in batch.to_pylist():
                if row["slots"] == table:
                    first = row["part"] * (size // PARTS)
                    slots[first : first + size // PARTS] = np.frombuffer(row["packed"], kind)
        slots.flush()
        new.replace(place)
    return np.asarray(np.load(place, mmap_mode="c"))


def flagging(
    batches: _Batches, of: KeptTexts, to: KeptTexts, files: list[str], least: int
) -> Iterator[pa.RecordBatch]:
    """Write texts with common phrases flagged; tell the blocks.

    The files have the counts of runs, and which may be common.
    """
    slots, rough = np.asarray(np.load(files[0], mmap_mode="c")), np.load(files[1])
    for numbers, texts in blocks.texts_of(batches, of):
        yield _written(numbers, common_phrases.flagged(texts, slots, least, rough), to)


# -- the search for passages ----------------------------------------------------------------------


def search(
    stages: Stages,
    _texts: TextArrays,
    aside: npt.NDArray[np.bool_],
    settings: Settings,
    progress: Progress,
    _weigh: Weigh,
    _memory: Nothing,
) -> Search:
    """Return the pairs whose shared words may make them a match, as `verify.search` does.

    Near pairs are weighed at once, for `prove`.
    """
    progress.stage("search passages", None)
    if not stages.is_done(WEIGHED):
        files = [str(stages.array("aside")), str(_mapped(stages, PRINTS))]
        parts = max(2 * stages.cores, 1 + int(_sizes(stages)[~aside].sum()) // PART)
        work = partial(weighing, of=stages.texts(FLAGGED), settings=settings_of_a_task(settings))

        def weighed() -> DataFrame:
            met = _meetings(stages, len(aside), files, parts, settings.bucket)
            return met.mapInArrow(work, blocks.schema_of(_WEIGHED))

        stages.make(WEIGHED, weighed)
    names = [*Passages._fields, "weighed", "counts"]
    pairs, score, quoted, number, counts = blocks.read(
        stages, WEIGHED, {name: _WEIGHED[name] for name in names}
    )
    order = np.argsort(pairs)
    found = Passages(pairs[order], score[order], quoted[order])
    return Search(found, int(number.sum()), hot(counts))


def prove(
    stages: Stages, pairs: npt.NDArray[np.uint64], _texts: TextArrays, _workers: int
) -> Evidence:
    """Return what the shared words of near pairs are worth, as `evidence` does."""
    names = ("near", "near_score", "near_quoted")
    near, score, quoted = blocks.read(stages, WEIGHED, {name: _WEIGHED[name] for name in names})
    order = np.argsort(near)
    rows = order[np.searchsorted(near[order], pairs)]
    return Evidence(score[rows], quoted[rows])


def _mapped(stages: Stages, table: int) -> Path:
    _table(stages, table)
    return stages.array(_FILES[table])


def _meetings(stages: Stages, texts: int, files: list[str], parts: int, bucket: int) -> DataFrame:
    work = partial(printing, of=stages.texts(FLAGGED), files=files, parts=parts)
    prints = blocks.every(stages, texts).mapInArrow(work, _PRINTED)
    together = prints.repartition(stages.tasks(parts), "part").sortWithinPartitions("part")
    met = together.mapInArrow(partial(meeting, bucket=bucket), MESSAGE)
    if stages.is_done(LISTED):
        near = stages.frame(LISTED).select("pairs").mapInArrow(near_pairs, MESSAGE)
        met = met.unionByName(near)
    return blocks.shuffled(stages, kept_texts.blocks_of(texts), met)


def printing(
    batches: _Batches, of: KeptTexts, files: list[str], parts: int
) -> Iterator[pa.RecordBatch]:
    """Send the fingerprints of texts to where those of one hash meet.

    The files say which texts are aside, and how often each run stands in the others.
    """
    import pyarrow as pa

    aside, counts = (np.asarray(np.load(file, mmap_mode="c")) for file in files)
    for numbers, texts in blocks.texts_of(batches, of):
        prints = fingerprints.winnowed(texts, aside[numbers], counts)
        hashes, places = (prints >> HALF).astype(np.uint32), rights(prints)
        own = np.searchsorted(texts.offsets, places, side="right") - 1
        columns = hashes, numbers[own].astype(np.int32), (places - texts.offsets[own])
        where = (hashes >> np.uint32(1)) % np.uint32(parts)
        packed = [
            [column[where == part].astype(np.uint32).tobytes() for part in range(parts)]
            for column in columns
        ]
        yield pa.RecordBatch.from_arrays(
            [pa.array(range(parts), pa.int32()), *(pa.array(rows, pa.binary()) for rows in packed)],
            names=["part", "hashes", "texts", "places"],
        )


def meeting(batches: _Batches, bucket: int) -> Iterator[pa.RecordBatch]:
    """Tell the blocks of texts at which places these have one fingerprint; count hot ones."""
    for columns in _parts(batches):
        order = sorting(*columns)
        prints = fingerprints.standing_twice(pack(columns[0][order], np.arange(len(order))))
        texts, places = (column[order[rights(prints)]] for column in columns[1:])
        kinds = 1 + (prints >> HALF & np.uint64(1)).astype(np.uint8)
        hot = fingerprints.hot_prints(prints, bucket)
        yield blocks.message(-1, COUNTS, np.array([hot.buckets, hot.largest, hot.uncompared]))
        for is_hot in (False, True):
            for lead, other in fingerprints.meetings(starts(prints >> HALF), bucket, is_hot):
                apart = texts[lead] != texts[other]
                a, b = lead[apart], other[apart]
                bits = kinds[a] | np.uint8(_HOT if is_hot else 0)
                yield from _routed(pack(texts[a], texts[b]), pack(places[a], places[b]), bits)


def _parts(batches: _Batches) -> Iterator[list[npt.NDArray[np.uint32]]]:
    """Yield the hashes, texts and places of each part; its rows come together."""
    at, found = -1, list[list[bytes]]()
    for batch in batches:
        columns = (batch.column(name).to_pylist() for name in ("part", "hashes", "texts", "places"))
        for part, *arrays in zip(*columns, strict=True):
            if part != at and found:
                yield _joined(found)
                found = []
            at = part
            found.append(arrays)
    if found:
        yield _joined(found)


def _joined(rows: list[list[bytes]]) -> list[npt.NDArray[np.uint32]]:
    columns = (b"".join(column) for column in zip(*rows, strict=True))
    return [np.frombuffer(column, np.uint32) for column in columns]


def _routed(
    pairs: npt.NDArray[np.uint64], places: npt.NDArray[np.uint64], bits: npt.NDArray[np.uint8]
) -> Iterator[pa.RecordBatch]:
    """Send meetings to the blocks of their second texts."""
    of = np.maximum(lefts(pairs), rights(pairs)) // kept_texts.BLOCK
    order = np.argsort(of, kind="stable")
    bounds = starts(of[order])
    for low, high in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        rows = order[low:high]
        yield blocks.message(int(of[rows[0]]), OWN, pairs[rows], places[rows], bits[rows])


def near_pairs(batches: _Batches) -> Iterator[pa.RecordBatch]:
    """Send near pairs to the blocks of their second texts."""
    import pyarrow as pa

    for batch in batches:
        yield from blocks.routed(joined(pa.chunked_array([batch.column("pairs")]), np.uint64)[0])


def weighing(batches: _Batches, of: KeptTexts, settings: Settings) -> Iterator[pa.RecordBatch]:
    """Weigh the pairs that meetings propose in each block, and its near pairs."""
    for block, rows in blocks.by_block(batches):
        if block < 0:
            none = {name: np.zeros(0, kind) for name, kind in _WEIGHED.items()}
            counts = blocks.array(rows, COUNTS, "numbers", np.int64)
            yield blocks.made_row({**none, "counts": counts})
            continue
        met = (blocks.array(rows, kind, "numbers", np.uint64) for kind in (OWN, blocks.PAIRS))
        group = Group.of(rows, np.concatenate(ends(np.concatenate(list(met)))), of)
        pairs = _proposed(group)
        found = worth_verifying(pairs, group.texts, settings)
        known = group.array(blocks.PAIRS, "numbers", np.uint64)
        proof = evidence(pack(*(group.local(end) for end in ends(known))), group.texts)
        made = {
            **found._asdict(),
            "pairs": pack(*(group.numbers[end] for end in ends(found.pairs))),
            "near": known,
            "near_score": proof.score,
            "near_quoted": proof.quoted,
            "weighed": np.array([len(pairs)]),
            "counts": np.zeros(0, np.int64),
        }
        yield blocks.made_row(made)


def _proposed(group: Group) -> npt.NDArray[np.uint64]:
    """Return the pairs that the runs around two places propose, as `fingerprints.proposed` does.

    Of a fingerprint that begins earlier in the same run, both places are here as well: so it is
    enough to know what is chosen at places that are here.
    """
    bits = group.array(OWN, "tokens", np.uint8)
    owners, within = (
        np.stack(ends(group.array(OWN, name, np.uint64)), axis=1) for name in ("numbers", "sizes")
    )
    owners = group.local(owners)
    places = group.texts.offsets[owners] + within
    hot = bits & _HOT > 0
    chosen = np.zeros(len(group.texts.tokens), np.uint8)
    for kind in (1, 2):
        chosen[places[~hot & (bits & kind > 0)].ravel()] |= np.uint8(kind)
    found = [
        fingerprints.worthy(
            places[rows].ravel(), owners[rows].ravel().astype(np.int32), group.texts, chosen, is_hot
        )
        for is_hot, rows in ((False, ~hot), (True, hot))
    ]
    return once(np.concatenate(found))
