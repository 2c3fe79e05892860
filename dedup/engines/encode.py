"""What executors make of articles: their paragraphs with tokens, how these end, and credits."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dedup.engines.articles import FIELDS, articles_of
from dedup.engines.parts import FLAGS, PARAGRAPH, PARAGRAPHS, TEXT, TOKENS, Part, Parts
from dedup.metadata.attribution_rows import row_of
from dedup.metadata.credits import read as read_attribution
from dedup.text.encode import TextBatch, encode
from dedup.text.endings import ending

if TYPE_CHECKING:
    import pyarrow as pa

PLACES = {
    "part": "string",
    "at_text": "bigint",
    "bytes": "bigint",
    "at_paragraph": "bigint",
    "paragraphs": "int",
    "at_token": "bigint",
    "tokens": "int",
}
"""Columns that say where an article has its text, paragraphs and tokens (see `engines.parts`)."""
KNOWN = tuple(name for name in FIELDS if name != "text")
"""The columns of an article's fields."""
ENCODED = ", ".join(
    [
        *(f"{name} string" for name in (*KNOWN, "told", "credits")),
        *(f"{name} {kind}" for name, kind in PLACES.items()),
    ]
)
"""The schema of rows with paragraphs, as Spark writes it; `credits` is JSON."""
BATCH = 1 << 19
"""Characters that go through the kernels at a time (see `dedup.text.corpus.BATCH`)."""


def encoded(batches: Iterable[pa.RecordBatch], parts: Parts) -> Iterator[pa.RecordBatch]:
    """Write the paragraphs of each article to a part, and say where; what is told has none."""
    with parts.new() as part:
        for batch in batches:
            for rows in _cut(batch):
                yield _encoded(rows, part)


def _cut(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """Cut a batch to pieces of about `BATCH` characters."""
    import pyarrow.compute as pc

    sizes = pc.fill_null(pc.utf8_length(batch.column("text")), 0).to_numpy(zero_copy_only=False)
    number = np.cumsum(sizes) // BATCH
    starts = np.append(np.flatnonzero(np.diff(number, prepend=-1)), len(number))
    for low, high in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True):
        yield batch.slice(low, high - low)


def _encoded(rows: pa.RecordBatch, part: Part) -> pa.RecordBatch:
    import pyarrow as pa

    told = rows.column("told")
    articles = articles_of(rows)
    spoken = told.is_null().to_numpy(zero_copy_only=False)
    texts = [article.text or "" for article in articles]
    credits = [
        json.dumps(row_of(read_attribution(article))) if is_article else None
        for article, is_article in zip(articles, spoken.tolist(), strict=True)
    ]
    written, bounds = joined(pa.chunked_array([rows.column("text")]), np.uint8)
    found = encode(texts)
    each = np.arange(len(texts) + 1)
    first = np.searchsorted(found.article, each)
    tokens = found.texts.offsets[first]
    places = {
        "at_text": part.add(TEXT, written) + bounds[:-1],
        "bytes": np.diff(bounds),
        "at_paragraph": part.add(PARAGRAPHS, _paragraphs(found, texts)) + first[:-1],
        "paragraphs": np.diff(first),
        "at_token": part.add(TOKENS, found.texts.tokens) + tokens[:-1],
        "tokens": np.diff(tokens),
    }
    part.add(FLAGS, found.texts.flags)
    columns = {name: rows.column(name) for name in KNOWN}
    columns |= {"told": told, "credits": pa.array(credits, pa.string())}
    columns["part"] = pa.array([part.name] * len(texts), pa.string())
    kinds = {"bigint": pa.int64(), "int": pa.int32()}
    columns |= {name: pa.array(places[name], kinds[PLACES[name]]) for name in places}
    return pa.RecordBatch.from_pydict(columns)


def _paragraphs(found: TextBatch, texts: list[str]) -> npt.NDArray[Any]:
    """Return what is known of each paragraph, `PARAGRAPH`[paragraphs]."""
    out = np.empty(len(found.article), PARAGRAPH)
    places = zip(found.article.tolist(), found.start.tolist(), found.end.tolist(), strict=True)
    out["start"], out["end"] = found.start, found.end
    out["high"], out["low"] = found.key.T
    out["ending"] = [ending(texts[number][start:end]) for number, start, end in places]
    out["size"], out["words"] = found.texts.sizes, found.texts.words()
    return out


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
