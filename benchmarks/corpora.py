"""Paragraphs of real news: from a file, or the folder that the variable DEDUP_CORPORA names.

The folder holds one folder a corpus with a `docs.jsonl.gz`: one article a line, with its `text`,
whose paragraphs are divided by line breaks. Without the variable there is nothing to read.
"""

from __future__ import annotations

import gzip
import json
import os
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.generate import generate
from benchmarks.shingles import lines

VARIABLE = "DEDUP_CORPORA"


def missing(corpus: str) -> str | None:
    """Say why `corpus` cannot be read, or None if it can."""
    if not os.environ.get(VARIABLE):
        return f"{VARIABLE} is not set; point it to a folder with {corpus}/docs.jsonl.gz"
    if not path(corpus).is_file():
        return f"no {corpus}/docs.jsonl.gz in the folder that {VARIABLE} names"
    return None


def articles(file: Path, paragraphs: int, seed: int = 1) -> list[str]:
    """Give the texts of articles that hold `paragraphs` lines that are not blank, or all there are.

    `file` holds JSON lines, packed with gzip or not, each with a `text`. Articles come in an order
    that depends on `seed` alone; the last one is cut where it must be. Raises `ValueError`, naming
    the line, for one that has no text.
    """
    texts = list(_texts(file))
    if not any(map(str.strip, texts)):
        raise ValueError(f"{file}: holds no text")
    random.Random(seed).shuffle(texts)
    for number, text in enumerate(texts):
        starts = [start for start, _ in lines(text)]
        if len(starts) >= paragraphs:
            end = starts[paragraphs] if len(starts) > paragraphs else len(text)
            return [*texts[:number], text[:end]]
        paragraphs -= len(starts)
    return texts


def paragraphs(texts: Iterable[str]) -> int:
    """Count the lines that are not blank.

    >>> paragraphs(["One.\\n\\nTwo.", "Three."])
    3
    """
    return sum(1 for text in texts for _ in lines(text))


def _texts(file: Path) -> Iterator[str]:
    packed = file.suffix == ".gz"
    with gzip.open(file, "rt", encoding="utf-8") if packed else file.open(encoding="utf-8") as rows:
        for number, row in enumerate(rows, 1):
            if not row.strip():
                continue
            try:
                text = json.loads(row)["text"]
            except (ValueError, LookupError, TypeError):
                text = None
            if not isinstance(text, str):
                what = f'{file}:{number}: is no JSON object with a "text"'
                raise ValueError(what)  # noqa: TRY004  # of the file's content
            yield text


def path(corpus: str) -> Path:
    """Return the file of a corpus."""
    return Path(os.environ[VARIABLE], corpus, "docs.jsonl.gz")


@dataclass(frozen=True)
class Source:
    """Where real text comes from: a file that was named, else `press`, else it is made up."""

    file: Path | None = None

    def take(self, paragraphs: int) -> tuple[str, list[str]]:
        """Give articles of so many paragraphs, or all there are, and say what they are."""
        if self.file:
            return self.file.name, articles(self.file, paragraphs)
        if reason := missing("press"):
            return f"generated ({reason})", generate(paragraphs).articles()
        return "press", articles(path("press"), paragraphs)

    def sizes(self, size: int) -> list[int]:
        """Give three numbers of paragraphs, each twice the one before, up to `4 * size`."""
        most = paragraphs(self.take(4 * size)[1])
        return [most // 4, most // 2, most]
