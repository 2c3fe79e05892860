"""The output folder of a scan: four files of JSON lines and a summary."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

from dedup.document import Cluster, Match, Text, Version
from dedup.progress import Progress, Silent
from dedup.report import folder
from dedup.report.found import Found

Record = TypeVar("Record")

NAMES = (
    "articles.jsonl",
    "texts.jsonl",
    "matches.jsonl",
    "clusters.jsonl",
    "problems.jsonl",
    "summary.json",
)
"""The files of an output folder."""


def check(out: str | os.PathLike[str]) -> None:
    """Raise `OutputError` if `write` would refuse `out`; for use before the work."""
    folder.check(out, stranger)


def write(result: Found, out: str | os.PathLike[str], progress: Progress | None = None) -> None:
    """Write `result` into the folder `out`, whole or not at all.

    An earlier output of dedup there is replaced. Raises `OutputError` if `out` holds other files or
    cannot be written.
    """
    say = progress or Silent()
    say.stage("write", len(result.texts) + len(result.matches) + len(result.clusters))
    with folder.replaced(out, stranger) as place:
        lines(place / "articles.jsonl", result.article_rows())
        lines(place / "texts.jsonl", map(text_row, _counted(result.texts, say)))
        lines(place / "matches.jsonl", map(match_row, _counted(result.matches, say)))
        lines(place / "clusters.jsonl", map(cluster_row, _counted(result.clusters, say)))
        lines(place / "problems.jsonl", map(asdict, result.problems))
        (place / "summary.json").write_bytes(encoded(result.summary, indent=2))


def _counted(records: Iterable[Record], progress: Progress) -> Iterator[Record]:
    for record in records:
        yield record
        progress.advance(1)


def stranger(place: Path) -> str | None:
    """Name a file in `place` that shows it to be no earlier output of dedup, or give None."""
    others = [entry.name for entry in place.iterdir() if entry.name not in NAMES]
    if others:
        return min(others)
    if is_output(place):
        return None
    return folder.anything(place)


def is_output(place: Path) -> bool:
    """Tell whether `place` is the output folder of a scan: its summary.json says a format."""
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
    """Give `row` as JSON in UTF-8 with a line break, or in ASCII if it has a lone surrogate."""
    if indent:
        text = json.dumps(row, ensure_ascii=False, allow_nan=False, indent=indent)
    else:
        text = _LINES.encode(row)
    try:
        return f"{text}\n".encode()
    except UnicodeEncodeError:
        return json.dumps(row, indent=indent).encode("ascii") + b"\n"


_LINES = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def text_row(text: Text) -> dict[str, Any]:
    """Give the line of texts.jsonl for `text`."""
    return {
        "text": text.id,
        "words": text.words,
        "sample": text.sample,
        "standing": text.standing,
        "occurrences": [
            {"article": o.article, "paragraph": o.paragraph, "start": o.start, "end": o.end}
            for o in text.occurrences
        ],
    }


def match_row(match: Match) -> dict[str, Any]:
    """Give the line of matches.jsonl for `match`."""
    return {
        "a": match.a,
        "b": match.b,
        "relation": match.relation,
        "reason": match.reason,
        "evidence": round(match.evidence, 2),
        "proposed": match.proposed,
        "jaccard": round(match.jaccard, 4),
        "containment": round(match.containment, 4),
        "longest_run": match.longest_run,
        "scopes": match.scopes,
        "spans": match.spans,
    }


def cluster_row(cluster: Cluster) -> dict[str, Any]:
    """Give the line of clusters.jsonl for `cluster`; the member order is the result's."""
    return {
        "cluster": cluster.id,
        "size": len(cluster.members),
        "articles": cluster.articles,
        "sites": cluster.sites,
        "scope": cluster.scope,
        "standing": cluster.standing,
        "canonical": _place(cluster.canonical) | {"value": cluster.canonical.text},
        "reason": cluster.reason,
        "runners_up": list(_members(cluster.runners_up)),
        "members": list(_members(cluster.members)),
    }


def _place(version: Version) -> dict[str, Any]:
    return {
        "text": version.text_id,
        "article": version.article,
        "paragraph": version.paragraph,
        "start": version.start,
        "end": version.end,
    }


def _members(versions: Iterable[Version]) -> Iterator[dict[str, Any]]:
    for version in versions:
        yield _place(version) | {"similarity": round(version.similarity, 4)}
