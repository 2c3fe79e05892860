"""Paragraphs of real news, from the folder that the environment variable DEDUP_CORPORA names.

The folder holds one folder a corpus with a `docs.jsonl.gz`: one article a line, with its `text`,
whose paragraphs are divided by line breaks. Without the variable there is nothing to read.
"""

from __future__ import annotations

import gzip
import json
import os
import random
from pathlib import Path

VARIABLE = "DEDUP_CORPORA"


def missing(corpus: str) -> str | None:
    """Say why `corpus` cannot be read, or None if it can."""
    if not os.environ.get(VARIABLE):
        return f"{VARIABLE} is not set; point it to a folder with {corpus}/docs.jsonl.gz"
    if not _path(corpus).is_file():
        return f"no {corpus}/docs.jsonl.gz in the folder that {VARIABLE} names"
    return None


def articles(corpus: str, seed: int = 1) -> list[str]:
    """Give the texts of all articles, in an order that depends on `seed` alone."""
    with gzip.open(_path(corpus), "rt", encoding="utf-8") as lines:
        texts = [str(json.loads(line)["text"]) for line in lines]
    random.Random(seed).shuffle(texts)
    return texts


def paragraphs(corpus: str, n: int, seed: int = 1) -> list[str]:
    """Give the first `n` lines that are not blank, article by article; all if there are fewer."""
    found: list[str] = []
    for text in articles(corpus, seed):
        found += [line.strip() for line in text.splitlines() if line.strip()]
        if len(found) >= n:
            break
    return found[:n]


def _path(corpus: str) -> Path:
    return Path(os.environ[VARIABLE], corpus, "docs.jsonl.gz")
