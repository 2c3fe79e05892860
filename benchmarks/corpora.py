"""Paragraphs of real news: from a file, or the folder that the variable DEDUP_CORPORA names.

The folder holds one folder a corpus with a `docs.jsonl.gz`: one article a line, with its `text`,
whose paragraphs are divided by line breaks. Without the variable there is nothing to read.
"""

from __future__ import annotations

import datetime
import gzip
import json
import os
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.generate import generate
from benchmarks.shingles import lines

Record = dict[str, Any]
"""An article as a line of a corpus has it: `text`, and what else its file says."""

VARIABLE = "DEDUP_CORPORA"
FIRST = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)


def missing(corpus: str) -> str | None:
    """Say why `corpus` cannot be read, or None if it can."""
    if not os.environ.get(VARIABLE):
        return f"{VARIABLE} is not set; point it to a folder with {corpus}/docs.jsonl.gz"
    if not path(corpus).is_file():
        return f"no {corpus}/docs.jsonl.gz in the folder that {VARIABLE} names"
    return None


def articles(file: Path, paragraphs: int, seed: int = 1) -> list[str]:
    """Give the texts of what `records` gives."""
    return [record["text"] for record in records(file, paragraphs, seed)]


def records(file: Path, paragraphs: int, seed: int = 1) -> list[Record]:
    """Give articles that hold `paragraphs` lines that are not blank, or all there are.

    `file` holds JSON lines, packed with gzip or not, each with a `text`. Articles come in an order
    that depends on `seed` alone; the last one is cut where it must be. Raises `ValueError`, naming
    the line, for one that has no text.
    """
    found = list(_records(file))
    if not any(record["text"].strip() for record in found):
        raise ValueError(f"{file}: holds no text")
    random.Random(seed).shuffle(found)
    for number, record in enumerate(found):
        text = record["text"]
        starts = [start for start, _ in lines(text)]
        if len(starts) >= paragraphs:
            end = starts[paragraphs] if len(starts) > paragraphs else len(text)
            return [*found[:number], {**record, "text": text[:end]}]
        paragraphs -= len(starts)
    return found


def made_up(paragraphs: int) -> list[Record]:
    """Give made-up news of 40 sites, an article an hour."""
    return [
        {
            "id": f"{number}",
            "site": f"paper{number * 7 % 40}.example",
            "published": (FIRST + datetime.timedelta(hours=number)).isoformat(),
            "text": text,
        }
        for number, text in enumerate(generate(paragraphs).articles())
    ]


def paragraphs(texts: Iterable[str]) -> int:
    """Count the lines that are not blank.

    >>> paragraphs(["One.\\n\\nTwo.", "Three."])
    3
    """
    return sum(1 for text in texts for _ in lines(text))


def _records(file: Path) -> Iterator[Record]:
    packed = file.suffix == ".gz"
    with gzip.open(file, "rt", encoding="utf-8") if packed else file.open(encoding="utf-8") as rows:
        for number, row in enumerate(rows, 1):
            if not row.strip():
                continue
            try:
                record = json.loads(row)
                told = isinstance(record["text"], str)
            except (ValueError, LookupError, TypeError):
                told = False
            if not told:
                raise ValueError(f'{file}:{number}: is no JSON object with a "text"')
            yield record


def path(corpus: str) -> Path:
    """Return the file of a corpus."""
    return Path(os.environ[VARIABLE], corpus, "docs.jsonl.gz")


@dataclass(frozen=True)
class Source:
    """Where real text comes from: a file that was named, else `press`, else it is made up."""

    file: Path | None = None

    @property
    def real(self) -> bool:
        """Tell whether there is a file, so that nothing is made up."""
        return bool(self.file) or not missing("press")

    def take(self, paragraphs: int) -> tuple[str, list[str]]:
        """Give articles of so many paragraphs, or all there are, and say what they are."""
        corpus, found = self.records(paragraphs)
        return corpus, [record["text"] for record in found]

    def records(self, paragraphs: int) -> tuple[str, list[Record]]:
        """Give the same articles with all that their file says of them."""
        if self.file:
            return self.file.name, records(self.file, paragraphs)
        if reason := missing("press"):
            return f"generated ({reason})", made_up(paragraphs)
        return "press", records(path("press"), paragraphs)

    def sizes(self, size: int) -> list[int]:
        """Give three numbers of paragraphs, each twice the one before, up to `4 * size`."""
        most = paragraphs(self.take(4 * size)[1])
        return [most // 4, most // 2, most]
