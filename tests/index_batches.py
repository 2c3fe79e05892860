"""Made-up batches for tests of stores, and the postings that a store can derive again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from xxhash import xxh3_128_digest

from dedup.records import Article
from dedup.storage import local
from dedup.storage.postings import lsm, segment
from dedup.storage.protocol import PLACES, Batch, Postings, Store, StoredArticle, Texts, places

META = {"settings": {"bands": 6}}
BANDS = 6
PRINTS = 4
TOKENS = 5


def make_small(put: Callable[[Any, str, int], None]) -> None:
    """Have files made of few postings, so that small tests seal and merge."""
    put(lsm, "SEAL", 100)
    put(lsm, "_HELD", 300)
    put(lsm, "FAN", 3)
    put(segment, "_CHUNK", 512)
    put(local, "_DIRECT", 400)


def texts(words: Sequence[Sequence[int]]) -> Texts:
    """Texts of token hashes; their keys follow from them."""
    tokens = np.array([token for text in words for token in text], np.uint32)
    offsets = np.cumsum([0, *map(len, words)]).astype(np.int64)
    digests = b"".join(xxh3_128_digest(np.array(text, np.uint32).tobytes()) for text in words)
    key = np.frombuffer(digests, ">u8").astype(np.uint64).reshape(-1, 2)
    return Texts(key, tokens, (tokens % 3).astype(np.uint8), offsets)


def derive(held: Texts, first: int) -> Postings:
    """Band keys of few values, so that many texts share them, and prints of their tokens."""
    numbers = np.arange(first, first + len(held.key), dtype=np.uint32)
    band = np.arange(BANDS, dtype=np.uint64)
    low = (held.key[:, :1] >> (band * np.uint64(5))) % np.uint64(97)
    prints = (held.key[:, 1:] >> (np.arange(PRINTS, dtype=np.uint64) * np.uint64(7))) % np.uint64(
        1 << 32
    )
    return {
        "bands": ((band << np.uint64(32) | low).ravel(), np.repeat(numbers, BANDS)),
        "prints": (prints.ravel(), np.repeat(numbers, PRINTS)),
    }


def article(seq: int, name: str, numbers: Sequence[int], revision: int = 1) -> StoredArticle:
    """An article that holds texts."""
    p = np.arange(len(numbers), dtype=np.int32)
    return StoredArticle(
        seq=seq,
        revision=revision,
        article=Article(name, "", site="herald"),
        fingerprint=seq.to_bytes(16, "big"),
        paragraph=p,
        start=p * 10,
        end=p * 10 + 9,
        text=np.array(numbers, np.uint32),
        extra={"credits": [seq]},  # type: ignore[typeddict-unknown-key] # as is on disk
    )


def batch(store: Store, articles: Sequence[tuple[str, Sequence[Sequence[int]]]]) -> Batch:
    """A batch of articles, (id, texts as token hashes), as an index makes it."""
    held = texts([text for _, words in articles for text in words])
    known = store.numbers(held.key).tolist()
    new: dict[bytes, int] = {}
    first: list[int] = []
    for row, number in enumerate(known):
        key = held.key[row].tobytes()
        if number < 0:
            if key not in new:
                new[key] = store.texts + len(new)
                first.append(row)
            known[row] = new[key]
    bounds = held.offsets.tolist()
    fresh = texts([held.tokens[bounds[row] : bounds[row + 1]].tolist() for row in first])
    stored, superseded, at = [], [], 0
    latest: dict[str, int] = {}
    for seq, (name, words) in enumerate(articles, store.last_seq + 1):
        earlier = latest.get(name) or store.current([name])[0]
        if earlier:
            superseded.append(earlier)
        latest[name] = seq
        stored.append(article(seq, name, known[at : at + len(words)]))
        at += len(words)
    postings = {**derive(fresh, store.texts), PLACES: places(stored)}
    events = [("added", {"article": each.article.id}) for each in stored]
    return Batch(
        stored, fresh, postings, superseded, events=events, state={"last": str(at).encode()}
    )


def generated(
    rng: np.random.Generator, articles: int, paragraphs: int = 3
) -> list[tuple[str, list[list[int]]]]:
    """Articles of random short texts; about a third of the texts and some ids come again."""
    return [
        (
            f"a{rng.integers(0, 400)}",
            [
                rng.integers(0, 40 if rng.random() < 0.3 else 2**32, TOKENS).tolist()
                for _ in range(paragraphs)
            ],
        )
        for _ in range(articles)
    ]
