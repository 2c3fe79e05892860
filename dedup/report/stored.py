"""Reading an output folder back, line by line."""

from __future__ import annotations

import heapq
import json
import os
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from dedup.errors import OutputError
from dedup.report import files, folder
from dedup.report.found import weight

Row = dict[str, Any]
"""One line of a file of JSON lines."""


def opened(out: str | os.PathLike[str]) -> Path:
    """Give the path of the output folder `out`; raise `OutputError` if it is none."""
    place = Path(out)
    if files.is_output(place):
        return place
    if not place.exists():
        what, remedy = "there is no such folder", "name the folder that `dedup scan -o` wrote"
        old = folder.previous(place)
        if old.exists():
            what, remedy = "its exchange was cut short", f"rename {old} to {place}, or scan again"
    else:
        what, remedy = "is no output of dedup scan", "name the folder that `dedup scan -o` wrote"
    raise OutputError(f"{out}: {what}; {remedy}")


def largest(place: Path, limit: int) -> list[Row]:
    """Give the `limit` clusters that weigh most (see `found.weight`), standing text behind all."""
    return heapq.nlargest(limit, rows(place / "clusters.jsonl"), key=_weight)


def cluster(place: Path, prefix: str) -> Row:
    """Give the one cluster whose id begins with `prefix`; raise `OutputError` for none or more."""
    found = [
        row
        for row in rows(place / "clusters.jsonl", f'"{prefix}')
        if row["cluster"].startswith(prefix)
    ]
    if len(found) == 1:
        return found[0]
    if not found:
        raise OutputError(
            f"{place}: no cluster begins with {prefix!r}; `dedup show {place}` lists them"
        )
    names = ", ".join(row["cluster"] for row in found[:3])
    raise OutputError(
        f"{place}: {len(found)} clusters begin with {prefix!r} ({names}, …); give more letters"
    )


def texts(place: Path, ids: Collection[str]) -> dict[str, Row]:
    """Give the lines of texts.jsonl with these ids, by id."""
    return _chosen(place / "texts.jsonl", "text", ids)


def articles(place: Path, ids: Collection[str]) -> dict[str, Row]:
    """Give the lines of articles.jsonl with these ids, by id."""
    return _chosen(place / "articles.jsonl", "article", ids)


def rows(path: Path, holding: str = "") -> Iterator[Row]:
    """Yield the lines of a file of the folder that hold the characters `holding`, parsed.

    Raises `OutputError` when the file cannot be read or a line is none that dedup wrote.
    """
    for number, line in _lines(path):
        if holding in line:
            yield _parsed(path, number, line)


def _weight(row: Row) -> tuple[bool, int]:
    return not row["standing"], weight(row["canonical"]["value"], row["size"])


def _chosen(path: Path, key: str, ids: Collection[str]) -> dict[str, Row]:
    """Read the rows whose `key` is in `ids`.

    A line that begins with another plain key is passed over without parsing.
    """
    begins = re.compile(rf'\{{"{key}": ?"([^"\\]+)"')
    chosen = {}
    for number, line in _lines(path):
        plain = begins.match(line)
        if plain is None or plain[1] in ids:
            row = _parsed(path, number, line)
            if row.get(key) in ids:
                chosen[row[key]] = row
    return chosen


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        with path.open(encoding="utf-8", newline="\n") as file:
            yield from enumerate(file, 1)
    except (OSError, UnicodeDecodeError) as error:
        raise OutputError(f"{path}: cannot be read: {error}; scan again") from error


def _parsed(path: Path, number: int, line: str) -> Row:
    try:
        row = json.loads(line)
    except ValueError:
        row = None
    if not isinstance(row, dict):
        raise OutputError(f"{path}:{number}: not a line that dedup wrote; scan again")
    return row
