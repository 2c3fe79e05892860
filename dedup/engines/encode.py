"""What executors make of articles: their paragraphs with tokens, how these end, and credits."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dedup.engines.articles import FIELDS, articles_of
from dedup.metadata.attribution_rows import row_of
from dedup.metadata.credits import read as read_attribution
from dedup.text.encode import TextBatch, encode
from dedup.text.endings import ending

if TYPE_CHECKING:
    import pyarrow as pa

PARAGRAPHS = ("start", "end", "high", "low", "ending", "tokens", "flags")
"""The columns with a list for each article, an entry a paragraph: first character and one past the
last, both halves of the key, how it ends, and the tokens and their flags as bytes."""
ENCODED = ", ".join(
    [
        *(f"{name} string" for name in (*FIELDS, "told", "credits")),
        "start array<int>",
        "end array<int>",
        "high array<bigint>",
        "low array<bigint>",
        "ending array<tinyint>",
        "tokens array<binary>",
        "flags array<binary>",
    ]
)
"""The schema of rows with paragraphs, as Spark writes it; `credits` is JSON."""
BATCH = 1 << 19
"""Characters that go through the kernels at a time (see `dedup.text.corpus.BATCH`)."""


def encoded(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Add the paragraphs of each article; a row that tells something has none."""
    for batch in batches:
        for rows in _cut(batch):
            yield _encoded(rows)


def _cut(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """Cut a batch to pieces of about `BATCH` characters."""
    import pyarrow.compute as pc

    sizes = pc.fill_null(pc.utf8_length(batch.column("text")), 0).to_numpy(zero_copy_only=False)
    number = np.cumsum(sizes) // BATCH
    starts = np.append(np.flatnonzero(np.diff(number, prepend=-1)), len(number))
    for low, high in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True):
        yield batch.slice(low, high - low)


def _encoded(rows: pa.RecordBatch) -> pa.RecordBatch:
    import pyarrow as pa

    told = rows.column("told")
    articles = articles_of(rows)
    spoken = told.is_null().to_numpy(zero_copy_only=False)
    texts = [article.text or "" for article in articles]
    found = encode(texts)
    credits = [
        json.dumps(row_of(read_attribution(article))) if is_article else None
        for article, is_article in zip(articles, spoken.tolist(), strict=True)
    ]
    ends = [
        ending(texts[number][start:end])
        for number, start, end in zip(
            found.article.tolist(), found.start.tolist(), found.end.tolist(), strict=True
        )
    ]
    columns = {name: rows.column(name) for name in FIELDS}
    columns |= {"told": told, "credits": pa.array(credits, pa.string())}
    columns |= _paragraphs(found, np.array(ends, np.int8), len(texts))
    return pa.RecordBatch.from_pydict(columns)


def _paragraphs(found: TextBatch, ends: npt.NDArray[np.int8], articles: int) -> dict[str, Any]:
    import pyarrow as pa

    counts = np.bincount(found.article, minlength=articles)
    offsets = pa.array(np.append(0, np.cumsum(counts)).astype(np.int32))
    bounds = found.texts.offsets
    flat = {
        "start": pa.array(found.start),
        "end": pa.array(found.end),
        "high": pa.array(found.key[:, 0].copy().view(np.int64)),
        "low": pa.array(found.key[:, 1].copy().view(np.int64)),
        "ending": pa.array(ends),
        "tokens": binaries(found.texts.tokens, 4 * bounds),
        "flags": binaries(found.texts.flags, bounds),
    }
    return {name: pa.ListArray.from_arrays(offsets, flat[name]) for name in PARAGRAPHS}


def binaries(values: npt.NDArray[Any], bounds: npt.NDArray[np.int64]) -> pa.Array:
    """Return rows of an array, from one of `bounds` in bytes to the next, as binary values."""
    import pyarrow as pa

    offsets = pa.py_buffer(bounds.astype(np.int32))
    data = pa.py_buffer(np.ascontiguousarray(values))
    return pa.Array.from_buffers(pa.binary(), len(bounds) - 1, [None, offsets, data])


def joined(column: pa.ChunkedArray, dtype: Any) -> tuple[npt.NDArray[Any], npt.NDArray[np.int64]]:
    """Return binary values as one array, and where each begins in it, int64[rows + 1]."""
    kind = np.dtype(dtype)
    parts, sizes = [np.zeros(0, kind)], [np.zeros(0, np.int64)]
    for chunk in column.chunks:
        _, offsets, data = chunk.buffers()
        wide = np.int64 if str(chunk.type).startswith("large") else np.int32
        ends = np.frombuffer(offsets, wide)[chunk.offset : chunk.offset + len(chunk) + 1]
        if len(chunk):
            held = np.frombuffer(data or b"", np.uint8)[ends[0] : ends[-1]]
            parts.append(
                held.view(kind) if held.ctypes.data % kind.itemsize == 0 else held.copy().view(kind)
            )
            sizes.append(np.diff(ends).astype(np.int64) // kind.itemsize)
    every = np.concatenate(sizes)
    return np.concatenate(parts), np.append(0, np.cumsum(every))
