"""From an article to what an index keeps of it, and back."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import fields as fields_of
from typing import Any

import numpy as np
import numpy.typing as npt
from xxhash import xxh3_128_digest, xxh3_128_hexdigest

from dedup.errors import InputError, Problem
from dedup.metadata import attribution_rows
from dedup.metadata.credits import Attribution
from dedup.metadata.dates import parse
from dedup.metadata.normalise import described
from dedup.readers.article_builder import Items
from dedup.records import Article
from dedup.storage.protocol import Extra, Store, StoredArticle

_FIELDS = tuple(field.name for field in fields_of(Article) if field.name != "path")


def article_of(item: Article | Mapping[str, Any] | str) -> tuple[Article, tuple[Problem, ...]]:
    """Read one article as a scan does; one without an id gets one made of all it holds.

    Raises `InputError` for what is no article.
    """
    problems: list[Problem] = []
    found = Items(problems).article(item, "the article")
    if found is None:
        raise InputError("; ".join(map(str, problems)))
    return described([found], problems)[0], tuple(problems)


def fingerprint(article: Article) -> bytes:
    """Return 16 bytes that differ if any field of two articles does, their paths aside."""
    fields = [getattr(article, name) for name in _FIELDS]
    return xxh3_128_digest(json.dumps(fields).encode())


def has_text(stored: StoredArticle | None, article: Article) -> bool:
    """Tell whether a stored article has the text of another one, white space aside."""
    return stored is not None and stored.extra.get("content") == _content(article.text)


def _content(text: str) -> str:
    """Return a key of a text; white space makes no difference in it."""
    return xxh3_128_hexdigest(" ".join(text.split()).encode("utf-8", "replace"))


def extra(
    article: Article,
    attribution: Attribution,
    flags: Mapping[str, str] | None,
    endings: npt.NDArray[np.uint8],
    before: int,
) -> Extra:
    """Return what is kept of an article beside its fields and places.

    `flags` are those of texts that are written otherwise here (see `Extra.cues`); `endings` says
    how its paragraphs end, uint8[paragraphs]; `before` is the seq of the revision before this one,
    0 for none.
    """
    kept = Extra(content=_content(article.text), endings="".join(map(str, endings.tolist())))
    if attribution != Attribution():
        kept["wire"] = attribution_rows.row_of(attribution)
    if flags:
        kept["cues"] = dict(flags)
    if before:
        kept["before"] = before
    published = parse(article.date)
    if published is None or published.doubt:
        kept["added"] = int(time.time())
    return kept


def revisions(store: Store, seq: int) -> Iterator[StoredArticle]:
    """Yield an article and its earlier revisions, the last one first; none for seq 0."""
    while seq:
        (stored,) = store.read_articles([seq])
        yield stored
        seq = stored.extra.get("before", 0)


def endings_of(stored: StoredArticle) -> npt.NDArray[np.uint8]:
    """Return how the paragraphs of a stored article end, uint8[paragraphs].

    An index of an earlier version did not keep it: then all count as ended.
    """
    kept = stored.extra.get("endings", "0" * len(stored.text))
    return np.frombuffer(kept.encode(), np.uint8) - np.uint8(ord("0"))


def attribution_of(stored: StoredArticle) -> Attribution:
    """Return the attribution of a stored article, as `dedup.metadata.credits` does."""
    known = stored.extra.get("wire")
    return attribution_rows.attribution_of(known) if known else Attribution()
