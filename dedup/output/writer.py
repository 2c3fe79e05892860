"""The output folder of a scan: files of JSON lines, a table of sites and a summary."""

from __future__ import annotations

import csv
import json
import os
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dedup import files
from dedup._jit.interpreter import working
from dedup.output import paragraphs
from dedup.output.json_cells import LINES
from dedup.output.protocol import Findings
from dedup.output.schema import CLUSTERS, LINKS, MATCHES, TEXTS, ArticleRow, StoryRow
from dedup.output.titles import titling
from dedup.output.to_rows import SITE_COLUMNS, story_row
from dedup.portable import flush
from dedup.progress import Progress, Silent
from dedup.records import Article, Story, as_row

if TYPE_CHECKING:
    from dedup.stories.site_matrix import SiteRow

NAMES = (
    "articles.jsonl",
    "texts.jsonl",
    "matches.jsonl",
    "clusters.jsonl",
    "stories.jsonl",
    "links.jsonl",
    "paragraphs.jsonl",
    "sites.csv",
    "problems.jsonl",
    "files.jsonl",
    "summary.json",
)
"""The files of an output folder; the older format 1 lacks stories, links, paragraphs and
sites, those before 0.2 the files."""


def check(out: str | os.PathLike[str]) -> None:
    """Raise `OutputError` if `write` would refuse `out`; for use before the work."""
    files.check(out, stranger)


def write(
    result: Findings,
    out: str | os.PathLike[str],
    progress: Progress | None = None,
    workers: int = 1,
) -> None:
    """Write `result` into the folder `out`, whole or not at all.

    An earlier output of dedup there is replaced. With two workers or more, the files that kernels
    write are written beside the others, and each goes to the disk while the next one is made.
    Raises `OutputError` if `out` holds other files or cannot be written.
    """
    say = progress or Silent()
    sequences = (result.texts, result.matches, result.clusters, result.stories, result.links)
    say.stage("write", sum(map(len, sequences)))
    with files.replaced(out, stranger) as place, ThreadPoolExecutor(2) as side, working():
        beside = [side.submit(_write_told, result, place)] if workers > 1 else []
        for of in (TEXTS, MATCHES, CLUSTERS):
            _blocks(place / of.name, result.lines(of), say)
            if beside:  # the disk begins early: all is flushed in the end
                beside.append(side.submit(flush, place / of.name))
        for task in beside:
            task.result()
        if not beside:
            _write_told(result, place)
        say.advance(len(result.stories) + len(result.links))
        _table(place / "sites.csv", result.site_matrix())
        lines(place / "problems.jsonl", map(asdict, result.problems))
        lines(place / "files.jsonl", map(as_row, result.files))
        (place / "summary.json").write_bytes(encoded(result.summary, indent=2))


def _write_told(result: Findings, place: Path) -> None:
    """Write what is told of articles and stories: records that Python makes, one by one."""
    words = array("q")
    chosen: paragraphs.Chosen = {}
    lines(place / "articles.jsonl", _measured(result.article_rows(), words))
    told = paragraphs.noting(result.stories, chosen)
    lines(place / "stories.jsonl", _story_rows(told, result.articles, words))
    with (place / LINKS.name).open("wb") as file:
        file.writelines(block for _, block in result.lines(LINKS))
    lines(place / "paragraphs.jsonl", paragraphs.rows(result.corpus, chosen) if chosen else ())


def _measured(rows: Iterable[ArticleRow], words: array[int]) -> Iterator[ArticleRow]:
    """Note the length of each article in passing."""
    for row in rows:
        words.append(row["words"])
        yield row


def _story_rows(
    stories: Iterable[Story], articles: Sequence[Article], words: array[int]
) -> Iterator[StoryRow]:
    title: Callable[[Sequence[Article], Article], str] | None = None
    for story in stories:
        title = title or titling(articles)  # not without a story: it looks at all headlines
        number = paragraphs.place(articles, story.canonical)
        members = [articles[paragraphs.place(articles, m.article)] for m in story.members]
        yield story_row(story, title(members, articles[number]), words[number])


def _table(path: Path, rows: Iterable[SiteRow]) -> None:
    with path.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(SITE_COLUMNS)
        table.writerows(
            [files.cell(getattr(row, column)) for column in SITE_COLUMNS] for row in rows
        )


def _blocks(path: Path, found: Iterable[tuple[int, bytes]], progress: Progress) -> None:
    with path.open("wb") as file:
        for rows, block in found:
            file.write(block)
            progress.advance(rows)


def stranger(place: Path) -> str | None:
    """Name a file in `place` that shows it to be no earlier output of dedup, or give None."""
    others = [entry.name for entry in place.iterdir() if entry.name not in NAMES]
    if others:
        return min(others)
    if is_output(place):
        return None
    return files.anything(place)


def is_output(place: Path) -> bool:
    """Return whether `place` is the output folder of a scan: its summary.json says a format."""
    try:
        summary = json.loads((place / "summary.json").read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(summary, dict) and "format" in summary


def lines(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write `rows` to a new file, one JSON object a line, in UTF-8.

    A row with a lone surrogate, which UTF-8 cannot hold, is written in ASCII with escapes.
    """
    with path.open("wb", buffering=1 << 20) as file:
        file.writelines(map(encoded, rows))


def encoded(row: Mapping[str, Any], indent: int | None = None) -> bytes:
    """Return `row` as JSON in UTF-8 with a line break, or in ASCII if it has a lone surrogate."""
    if indent:
        text = json.dumps(row, ensure_ascii=False, allow_nan=False, indent=indent)
    else:
        text = LINES.encode(row)
    try:
        return f"{text}\n".encode()
    except UnicodeEncodeError:
        return json.dumps(row, indent=indent).encode("ascii") + b"\n"
