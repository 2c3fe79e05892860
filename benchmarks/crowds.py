"""Articles that say the same: what many alike cost, as whole scans of growing size."""

from __future__ import annotations

import datetime
import json
import math
import random
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from benchmarks import report
from benchmarks.corpora import FIRST, Record
from benchmarks.generate import generate
from benchmarks.measure import say
from benchmarks.scans import Run, scan

EXPONENT = 1.1
"""How time and memory may grow with the number of articles; 2 would be pair by pair."""
TIMES = 10
"""The larger corpus has so many times the articles of the smaller one."""
SITES = (1, 40)
FURNITURE = (
    "Follow us for news from the coast, sign up to our letter, and write to the desk "
    "if you have seen something that we ought to know about."
)


@cache
def _words() -> list[str]:
    return " ".join(generate(2000, seed=2).texts).split()


def _said(number: int, words: int) -> str:
    """Give a paragraph that no other number gets."""
    return " ".join(random.Random(number * 100 + words).choices(_words(), k=words))


def _sentence() -> str:
    return _said(-1, 20)


FORMS: dict[str, Callable[[int], str]] = {
    "one sentence": lambda _: _sentence(),
    "one sentence with other ends": lambda number: f"{_sentence()} {_said(number, 6)}",
    "one article": lambda _: "\n".join(_said(-2, 60 + line) for line in range(8)),
    "one footer, different news": lambda n: f"{_said(n, 40)}\n{_said(n, 50)}\n{FURNITURE}",
}


def section(size: int) -> str:
    """Scan `size` articles of each form, and `TIMES` as many; files written, one thread."""
    rows, lines = [], []
    for form in FORMS:
        for sites in SITES:
            what = f"{form}, {'one site' if sites == 1 else f'{sites} sites'}"
            few, many = (_run(form, sites, articles) for articles in (size, size * TIMES))
            figures = [(run.seconds, run.peak) for run in (few, many)]
            rows.append([what, *(f"{s:.1f}, {mb:.0f}" for s, mb in figures)])
            for name, at in (("time", 0), ("memory", 1)):
                grown = math.log(figures[1][at] / figures[0][at]) / math.log(TIMES)
                lines.append(report.target(f"{what}, {name}", grown, EXPONENT, at_most=True))
    head = ["whole scan: s, peak MB", *(f"{n:,} articles" for n in (size, size * TIMES))]
    return "\n".join(lines) + "\n\n" + report.table(head, rows)


def _run(form: str, sites: int, articles: int) -> Run:
    say(f"crowds: {form}, {sites}, {articles:,}")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "news.jsonl")
        with file.open("w", encoding="utf-8") as out:
            out.writelines(json.dumps(record) + "\n" for record in _records(form, sites, articles))
        return scan(file, Path(folder, "out"), 1)


def _records(form: str, sites: int, articles: int) -> Iterator[Record]:
    """Give articles of a form, one an hour."""
    for number in range(articles):
        yield {
            "id": f"{number:07}",
            "site": f"paper{number % sites}.example",
            "published": (FIRST + datetime.timedelta(hours=number)).isoformat(),
            "text": FORMS[form](number),
        }
