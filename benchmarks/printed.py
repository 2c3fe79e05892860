"""How well the credits of historical papers are read, which were printed and recognised.

`python -m benchmarks.printed` prints the table. The articles are those of the folder `newsagency`
in the folder that `DEDUP_CORPORA` names: French and German ones of 1840 to 1999 in which people
marked the agencies that are a source (HIPE tab-separated columns). An agency that is only cited may
be a source there, and is no credit here.
"""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.corpora import VARIABLE
from benchmarks.report import table
from dedup.metadata.credits import UNNAMED, read
from dedup.records import Article

LANGUAGES = ("fr", "de")
_AGENCIES = {
    "Q2826560": "Havas", "Q1415690": "Stefani", "Q130879": "Reuters", "Q552226": "WTB",
    "Q1205856": "DNB", "Q40469": "AP", "Q40464": "AFP", "Q430109": "Keystone-SDA",
    "Q493845": "UPI", "Q1525848": "Extel",
}  # fmt: skip
"""Names of the agencies that the set gives by their Wikidata items."""


@dataclass(frozen=True)
class Printed:
    """An article and the agencies that are its sources."""

    text: str
    """Its lines are those of the print."""
    sources: frozenset[str]


def missing(language: str) -> str | None:
    """Say why a set cannot be read, or None if it can."""
    if not os.environ.get(VARIABLE):
        return f"{VARIABLE} is not set; point it to a folder with newsagency/dev-{language}.tsv.gz"
    return None if _path(language).is_file() else f"no newsagency/dev-{language}.tsv.gz there"


def articles(language: str) -> Iterator[Printed]:
    """Yield the articles of a language."""
    pieces: list[str] = []
    sources: frozenset[str] = frozenset()
    for line in gzip.decompress(_path(language).read_bytes()).decode().splitlines():
        if line.startswith("# document_id") and pieces:
            yield Printed("".join(pieces), sources)
            pieces = []
        elif line.startswith("# news-agency-as-source"):
            items = line.partition("=")[2].replace(",", " ").split()
            sources = frozenset(_AGENCIES[item] for item in items if item in _AGENCIES)
        elif line and not line.startswith(("#", "TOKEN\t")):
            columns = line.split("\t")
            said = " ".join(columns[9:])
            end = "\n" if "EndOfLine" in said else "" if "NoSpaceAfter" in said else " "
            pieces.append(columns[0] + end)
    yield Printed("".join(pieces), sources)


def score(language: str) -> tuple[int, int, int]:
    """Return how many sources are credited, how many are marked, and how many credits there are."""
    right = marked = found = 0
    for article in articles(language):
        credited = {c.agency for c in read(Article("a", article.text)).credits} - {UNNAMED}
        right += len(credited & article.sources)
        marked += len(article.sources)
        found += len(credited)
    return right, marked, found


def _path(language: str) -> Path:
    return Path(os.environ[VARIABLE], "newsagency", f"dev-{language}.tsv.gz")


def main() -> None:
    """Print the table."""
    rows = []
    for language in LANGUAGES:
        if reason := missing(language):
            print(reason)
            return
        right, marked, found = score(language)
        rows.append([language, f"{marked}", f"{right / marked:.3f}", f"{right / found:.3f}"])
    print(table(["language", "sources", "recall", "precision"], rows))


if __name__ == "__main__":
    main()
