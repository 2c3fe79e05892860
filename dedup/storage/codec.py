"""How records lie in the rows of the log, as bytes."""

from __future__ import annotations

import dataclasses
import json
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from dedup.errors import DamagedError
from dedup.records import Article
from dedup.storage.protocol import Batch, StoredArticle, Texts

_KEY = 16
_TOKEN = 5  # bytes a token: four of its hash, one of its flags
_SUPERSEDED, _REMOVED, _COMPRESSED, _CLEARED = 1, 2, 4, 8
_LONG = 2048  # bytes of an article's row from which compressing it pays: one that keeps its text
_ARTICLE = struct.Struct("<II16s")
_TAIL = struct.Struct("<I")


def text_rows(texts: Texts, first: int) -> Iterator[tuple[int, bytes]]:
    """Yield texts as rows, numbered from `first`: key, tokens, flags.

    They are as good as random, so they are not compressed.
    """
    keys, tokens, flags = texts.key.tobytes(), texts.tokens.tobytes(), texts.flags.tobytes()
    offsets = texts.offsets.tolist()
    for n in range(len(offsets) - 1):
        low, high = offsets[n], offsets[n + 1]
        yield (
            first + n,
            keys[_KEY * n : _KEY * n + _KEY] + tokens[4 * low : 4 * high] + flags[low:high],
        )


def text_keys(rows: Sequence[bytes]) -> npt.NDArray[np.uint64]:
    """Return the keys of texts, uint64[n, 2]."""
    joined = bytearray().join([row[:_KEY] for row in rows])  # arrays that kernels may write to
    return np.frombuffer(joined, np.uint64).reshape(-1, 2)


def texts(rows: Sequence[bytes]) -> Texts:
    """Read texts from their rows."""
    lengths = [(len(row) - _KEY) // _TOKEN for row in rows]
    bounds = [_KEY + 4 * length for length in lengths]
    tokens = bytearray().join([row[_KEY:end] for row, end in zip(rows, bounds, strict=True)])
    flags = bytearray().join([row[end:] for row, end in zip(rows, bounds, strict=True)])
    offsets = np.zeros(len(rows) + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return Texts(
        text_keys(rows), np.frombuffer(tokens, np.uint32), np.frombuffer(flags, np.uint8), offsets
    )


def article_row(stored: StoredArticle) -> bytes:
    """Return an article as a row: a byte of marks, and all else, compressed where it is long."""
    fields = {
        field.name: value
        for field in dataclasses.fields(Article)
        if (value := getattr(stored.article, field.name)) is not None
    }
    arrays = [
        np.asarray(array, kind).tobytes()
        for array, kind in (
            (stored.paragraph, np.int32),
            (stored.start, np.int32),
            (stored.end, np.int32),
            (stored.text, np.uint32),
        )
    ]
    head = _ARTICLE.pack(stored.revision, len(stored.text), stored.fingerprint)
    more = json.dumps([fields, stored.extra], separators=(",", ":")).encode()
    marks = _SUPERSEDED * stored.superseded | _REMOVED * stored.removed
    content = head + b"".join(arrays) + more
    if len(content) > _LONG:
        return bytes([marks | _COMPRESSED]) + zlib.compress(content, 1)
    return bytes([marks]) + content


def article(seq: int, row: bytes) -> StoredArticle:
    """Read an article from its row."""
    content = bytearray(zlib.decompress(row[1:]) if row[0] & _COMPRESSED else row[1:])
    revision, count, fingerprint = _ARTICLE.unpack_from(content)
    at, size = _ARTICLE.size, 4 * count
    paragraph, start, end = (
        np.frombuffer(content, np.int32, count, at + size * n) for n in range(3)
    )
    fields, extra = json.loads(content[at + 4 * size :])
    return StoredArticle(
        seq=seq,
        revision=revision,
        article=Article(**{"text": "", **fields}),
        fingerprint=fingerprint,
        paragraph=paragraph,
        start=start,
        end=end,
        text=np.frombuffer(content, np.uint32, count, at + 3 * size),
        extra=extra,
        superseded=bool(row[0] & _SUPERSEDED),
        removed=bool(row[0] & _REMOVED),
    )


def recorded(record: bytes, where: object, reads: int) -> dict[str, Any]:
    """Read what was recorded when an index was made; refuse another format than `reads`.

    `where` is the index as messages name it. Raises `DamagedError`.
    """
    held = json.loads(record)
    if held["format"] != reads:
        raise DamagedError(
            f"{where}: this index has format {held['format']}, and this version of dedup "
            f"reads {reads}; take the version of dedup that wrote it, or build it again"
        )
    meta: dict[str, Any] = held["meta"]
    return meta


def marks(batch: Batch) -> Iterator[tuple[int, Callable[[int, bytes], bytes]]]:
    """Yield the articles that a batch marks, by seq, each with what marks its row."""
    yield from ((seq, superseded) for seq in batch.superseded)
    yield from ((seq, removed) for seq in batch.removed)


def superseded(_seq: int, row: bytes) -> bytes:
    """Return an article's row with the mark that a later revision has come."""
    return bytes([row[0] | _SUPERSEDED]) + row[1:]


def removed(seq: int, row: bytes) -> bytes:
    """Return the row of an article that was taken out: of what it said its id alone is left."""
    before = article(seq, row)
    said = Article(before.article.id, "")
    return article_row(
        dataclasses.replace(before, article=said, fingerprint=bytes(16), extra={}, removed=True)
    )


def is_removed(row: bytes) -> bool:
    """Return whether an article was taken out."""
    return bool(row[0] & _REMOVED)


def is_cleared(row: bytes) -> bool:
    """Return whether an article was taken out and nothing of it is left, not even its id."""
    return bool(row[0] & _CLEARED)


NO_TEXT = bytes(_KEY)
"""What stands for the row of a text that no article holds any more: no key, no tokens."""


def _no_article() -> bytes:
    no = np.zeros(0, np.int32)
    texts = no.astype(np.uint32)
    none = StoredArticle(0, 0, Article("", ""), bytes(16), no, no, no, texts, removed=True)
    row = article_row(none)
    return bytes([row[0] | _CLEARED]) + row[1:]


NO_ARTICLE = _no_article()
"""What stands for the row of an article that was taken out and of which nothing is left."""


def is_current(row: bytes) -> bool:
    """Return whether an article's row has no mark: neither superseded nor removed."""
    return not row[0] & (_SUPERSEDED | _REMOVED)


def tail_row(keys: npt.NDArray[np.uint64], ids: npt.NDArray[np.uint32]) -> bytes:
    """Return postings as a row."""
    return _TAIL.pack(len(keys)) + keys.tobytes() + ids.tobytes()


def memtable(row: bytes) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint32]]:
    """Read postings from their row: keys and ids."""
    (count,) = _TAIL.unpack_from(row)
    return (
        np.frombuffer(row, np.uint64, count, _TAIL.size),
        np.frombuffer(row, np.uint32, count, _TAIL.size + 8 * count),
    )


def plain(record: Mapping[str, Any]) -> bytes:
    """Return a small record as JSON."""
    return json.dumps(record, separators=(",", ":")).encode()
