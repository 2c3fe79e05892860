"""The section of RESULTS.md on reading HTML: how near the text comes, and how fast."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial

from benchmarks import pages, report
from benchmarks.measure import say
from benchmarks.pages import Marked
from dedup.readers.extract import extracted
from dedup.readers.protocol import Page
from dedup.records import Article

_HEAD = ["texts of", "precision", "recall", "F1", "paragraphs kept"]


def html(step: int) -> str:
    """Compare the texts with trafilatura's own, on every `step`th page of each set."""
    parts = []
    for name in pages.SETS:
        if reason := pages.missing(name):
            parts.append(f"{name} is left out: {reason}.")
            continue
        say(f"reading HTML: {name}")
        parts.append(_set(name, pages.pages(name)[::step]))
    return "\n\n".join(parts)


def ours(marked: Sequence[Marked], workers: int) -> list[str]:
    """Extract as `dedup.scan` does; an empty text where there was a problem."""
    items = [Page(page.html, Article(str(n), "", url=page.url)) for n, page in enumerate(marked)]
    found = {article.id: article.text for article in extracted(items, [], workers)}
    return [found.get(str(number), "") for number in range(len(marked))]


def plain(marked: Sequence[Marked]) -> list[str]:
    """Extract with trafilatura alone, without options."""
    from trafilatura import extract

    return [extract(page.html) or "" for page in marked]


def without_comments(marked: Sequence[Marked]) -> list[str]:
    """Extract with trafilatura alone, without the readers' comments under the article."""
    from trafilatura import extract

    return [extract(page.html, include_comments=False) or "" for page in marked]


def _set(name: str, marked: Sequence[Marked]) -> str:
    ways: dict[str, Callable[[Sequence[Marked]], list[str]]] = {
        "dedup, 1 worker": partial(ours, workers=1),
        "dedup, 2 workers": partial(ours, workers=2),
        "trafilatura": plain,
        "trafilatura, no comments": without_comments,
    }
    texts, seconds = {}, {}
    for what, take in ways.items():
        start = time.perf_counter()
        texts[what] = take(marked)
        seconds[what] = time.perf_counter() - start
    texts["dedup"] = texts.pop("dedup, 1 worker")
    del texts["dedup, 2 workers"]
    gain = _score(marked, texts["dedup"]).f1 - _score(marked, texts["trafilatura"]).f1
    speed = ", ".join(f"{what} {len(marked) / s:.1f}" for what, s in seconds.items())
    return "\n\n".join(
        (
            f"### {name}, {len(marked)} pages, {sum(len(p.html) for p in marked) / 1e6:.0f} MB",
            report.target("F1 beside trafilatura's", gain, 0),
            report.table(_HEAD, [_row(what, marked, found) for what, found in texts.items()]),
            f"Pages a second, the start of workers included: {speed}.",
        )
    )


def _row(what: str, marked: Sequence[Marked], texts: Sequence[str]) -> list[str]:
    score = _score(marked, texts)
    kept = pages.paragraphs_kept([(p.paragraphs, t) for p, t in zip(marked, texts, strict=True)])
    return [what, *(f"{x:.4f}" for x in (score.precision, score.recall, score.f1, kept))]


def _score(marked: Sequence[Marked], texts: Sequence[str]) -> pages.Score:
    return pages.score([(page.text, text) for page, text in zip(marked, texts, strict=True)])
