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

from benchmarks.shingles import lines

VARIABLE = "DEDUP_CORPORA"


def missing(corpus: str) -> str | None:
    """Say why `corpus` cannot be read, or None if it can."""
    if not os.environ.get(VARIABLE):
        return f"{VARIABLE} is not set; point it to a folder with {corpus}/docs.jsonl.gz"
    if not _path(corpus).is_file():
        return f"no {corpus}/docs.jsonl.gz in the folder that {VARIABLE} names"
    return None


def articles(corpus: str, paragraphs: int, seed: int = 1) -> list[str]:
    """Give the texts of articles that hold `paragraphs` lines that are not blank, or all there are.

    Articles come in an order that depends on `seed` alone; the last one is cut where it must be.
    """
    with gzip.open(_path(corpus), "rt", encoding="utf-8") as rows:
        texts = [str(json.loads(row)["text"]) for row in rows]
    random.Random(seed).shuffle(texts)
    for number, text in enumerate(texts):
        starts = [start for start, _ in lines(text)]
        if len(starts) >= paragraphs:
            end = starts[paragraphs] if len(starts) > paragraphs else len(text)
            return [*texts[:number], text[:end]]
        paragraphs -= len(starts)
    return texts


def _path(corpus: str) -> Path:
    return Path(os.environ[VARIABLE], corpus, "docs.jsonl.gz")
