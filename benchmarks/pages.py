"""Pages of news with the text a person marked in them, and how near an extracted text comes to it.

From the folder `html` in the folder that `DEDUP_CORPORA` names: Scrapinghub's article extraction
benchmark, and the pages that the parsers of fundus are tested with.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import tarfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from benchmarks.corpora import VARIABLE

SETS = ("article_extraction_benchmark", "fundus_html")
_TOKEN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f]|\w+")
"""Words; characters where words are written without spaces."""


@dataclass(frozen=True)
class Marked:
    """A page and what is to be found in it."""

    name: str
    html: bytes
    url: str
    paragraphs: tuple[str, ...]
    date: str | None = None
    """When it was published, to the second and with its zone, where the set says so."""

    @property
    def text(self) -> str:
        """Its text with the paragraphs on lines of their own."""
        return "\n".join(self.paragraphs)


@dataclass(frozen=True)
class Score:
    """How near texts come to the true ones, on average of all pages; 0 to 1."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Their harmonic mean."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def missing(name: str) -> str | None:
    """Say why a set cannot be read, or None if it can."""
    if not os.environ.get(VARIABLE):
        return f"{VARIABLE} is not set; point it to a folder with html/{name}.tar.gz"
    return None if _path(name).is_file() else f"no html/{name}.tar.gz in {VARIABLE}"


def pages(name: str) -> list[Marked]:
    """Give all pages of one of `SETS`, in order of name."""
    with tarfile.open(_path(name)) as tar:
        files = {
            member.name.removeprefix("./"): file.read()
            for member in tar
            if member.isfile() and (file := tar.extractfile(member))
        }
    given = _fundus(files) if name == "fundus_html" else _benchmark(files)
    return sorted(given, key=lambda page: page.name)


def score(pairs: Sequence[tuple[str, str]]) -> Score:
    """Score texts, each beside the true one, as Scrapinghub's benchmark does.

    Per page by 4-grams of words (shorter texts whole), each counted as often as it stands there.

    >>> score([("a b c d e", "a b c d e f")])
    Score(precision=0.6666666666666666, recall=1.0)
    """
    precisions, recalls = [], []
    for true, found in pairs:
        wanted, had = _shingles(true), _shingles(found)
        both = sum((wanted & had).values())
        if had:
            precisions.append(both / had.total())
        if wanted:
            recalls.append(both / wanted.total())
    return Score(_mean(precisions), _mean(recalls))


def paragraphs_kept(pairs: Sequence[tuple[Sequence[str], str]]) -> float:
    """Give the share of true paragraphs that are found as one line, on average of all pages.

    Only the words count, and a paragraph without one does not.
    """
    shares = []
    for true, found in pairs:
        lines = Counter(_words(line) for line in found.splitlines())
        wanted = Counter(words for words in map(_words, true) if words)
        if wanted:
            shares.append((wanted & lines).total() / wanted.total())
    return _mean(shares)


def _benchmark(files: dict[str, bytes]) -> Iterator[Marked]:
    truth = json.loads(files["article_extraction_benchmark/ground-truth.json"])
    for name, told in truth.items():
        html = files[f"article_extraction_benchmark/html/{name}.html.gz"]
        lines = tuple(line for line in told["articleBody"].splitlines() if line.strip())
        yield Marked(name, gzip.decompress(html), told["url"], lines)


def _fundus(files: dict[str, bytes]) -> Iterator[Marked]:
    """Give a publisher's pages, in order of their date, beside the versions of its parser."""
    pages = sorted(name for name in files if name.endswith(".html.gz"))
    for name, content in files.items():
        path = PurePosixPath(name)
        if path.suffix != ".json":
            continue
        info = json.loads(files[str(path.with_name("meta.info"))])
        ours = [page for page in pages if page.startswith(str(path.with_suffix("")) + "_")]
        for page, told in zip(ours, json.loads(content).values(), strict=True):
            url = info[PurePosixPath(page).name]["url"]
            lines, date = tuple(_body(told["body"])), told.get("publishing_date")
            yield Marked(page, gzip.decompress(files[page]), url, lines, date)


def _body(body: dict[str, Any]) -> Iterator[str]:
    yield from body["summary"]
    for section in body["sections"]:
        yield from section["headline"]
        yield from section["paragraphs"]


def _shingles(text: str) -> Counter[tuple[str, ...]]:
    words = _words(text)
    size = min(4, len(words))
    return Counter(words[at : at + size] for at in range(len(words) - size + 1) if words)


def _words(text: str) -> tuple[str, ...]:
    return tuple(_TOKEN.findall(text))


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _path(name: str) -> Path:
    return Path(os.environ[VARIABLE], "html", f"{name}.tar.gz")
