"""From an article to what an index keeps of it, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

import numpy as np
from xxhash import xxh3_128_digest, xxh3_128_hexdigest

from dedup import read, wire
from dedup.document import Article, Credit
from dedup.errors import InputError, Problem
from dedup.index.store import StoredArticle
from dedup.metadata import described
from dedup.wire import Tag, Wire


def article_of(item: Article | Mapping[str, Any] | str) -> tuple[Article, tuple[Problem, ...]]:
    """Read one article as a scan does; a text without an id gets that of its words.

    Raises `InputError` for what is no article.
    """
    problems: list[Problem] = []
    found = list(read.articles([item], problems=problems))
    if not found:
        raise InputError("; ".join(map(str, problems)))
    if isinstance(item, str) or (isinstance(item, Mapping) and not item.get("id")):
        found = [replace(found[0], id=xxh3_128_hexdigest(found[0].text.encode("utf-8", "replace")))]
    return described(found, problems)[0], tuple(problems)


def fingerprint(article: Article) -> bytes:
    """Return 16 bytes that differ when any field of an article does."""
    fields = json.dumps(asdict(article) | {"path": None}, sort_keys=True)
    return xxh3_128_digest(fields.encode())


def content(text: str) -> str:
    """Return a key of a text in which blanks make no difference."""
    return xxh3_128_hexdigest(" ".join(text.split()).encode("utf-8", "replace"))


def credits_of(article: Article) -> dict[str, Any]:
    """Read the credits of an article, as JSON has them; nothing where it has none."""
    found = wire.read(article)
    return asdict(found) if found != Wire() else {}


def wire_of(stored: StoredArticle) -> Wire:
    """Give the credits of a stored article as `dedup.wire` does."""
    known = stored.extra.get("wire")
    if not known:
        return Wire()
    return Wire(
        credits=tuple(Credit(**credit) for credit in known["credits"]),
        agency=known["agency"],
        dateline=known["dateline"],
        tags=tuple(Tag(**tag) for tag in known["tags"]),
    )


def other_cues(
    cues: np.ndarray[Any, np.dtype[np.uint8]], stored: np.ndarray[Any, np.dtype[np.uint8]]
) -> str | None:
    """Give the cues of a known text where it is written otherwise, as hex digits.

    A scan takes the cues of a text from the first article, by id, in which it stands, whichever
    came first.
    """
    return None if np.array_equal(cues, stored) else cues.tobytes().hex()
