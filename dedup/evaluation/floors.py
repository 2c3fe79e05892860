"""Floors: the scores a corpus must keep, pinned in a JSON file with the checksums of both sides."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dedup.errors import DedupError, InputError, OutputError
from dedup.evaluation.metrics import Scores

CHECKSUMS = {"corpus_sha256": "corpus", "gold_sha256": "gold file"}
"""The checksums of a floors file, and what each is of."""

Pins = dict[str, Any]
"""What a floors file holds: `CHECKSUMS`, hex or null, and scores, 0 to 1, four decimals."""


def pins(scores: Scores, corpus: Path | None, gold: Path) -> Pins:
    """Return what pins this run; `corpus` is the one file scanned, None when there were several."""
    checksums = (sha256(corpus) if corpus else None, sha256(gold))
    return {**dict(zip(CHECKSUMS, checksums, strict=True)), **_figures(scores)}


def check(run: Mapping[str, Any], path: Path) -> None:
    """Raise `DedupError` when `run` is under a floor of the file, or of another corpus or gold."""
    floors = read(path)
    for name, what in CHECKSUMS.items():
        if floors.get(name) not in (None, run[name]):
            raise DedupError(
                f"{path}: its floors are for another {what} (sha256 {floors[name]}, "
                f"here {run[name]}); use that one, or pin these scores anew with --pin {path}"
            )
    low = _under(run, floors)
    if low:
        raise DedupError(
            f"under the floor of {path}: {'; '.join(low)}; "
            f"mend what made it worse, or lower the floor with --pin {path} --lower"
        )


def pin(run: Mapping[str, Any], path: Path, *, lower: bool = False) -> None:
    """Write `run` as the floors of the file.

    Raises `DedupError` when that lowers a floor and `lower` is false, and `OutputError` when the
    file cannot be written.
    """
    low = _under(run, read(path)) if path.exists() and not lower else []
    if low:
        raise DedupError(
            f"{path}: this run would lower a floor: {'; '.join(low)}; give --lower if that is meant"
        )
    try:
        path.write_bytes((json.dumps(run, indent=2) + "\n").encode())
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error}; name another file") from error


def read(path: Path) -> Pins:
    """Read a floors file; raise `InputError` when it is none."""
    remedy = "write one with --pin"
    try:
        floors = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read: {error}; {remedy}") from error
    if not isinstance(floors, dict):
        raise InputError(f"{path}: is no JSON object; {remedy}")
    for name, floor in floors.items():
        if name not in CHECKSUMS and not (isinstance(floor, int | float) and 0 <= floor <= 1):
            raise InputError(f"{path}: {name} is {floor!r}, not a number from 0 to 1; {remedy}")
    return floors


def sha256(path: Path) -> str | None:
    """Return the hex SHA-256 of a file, or None when it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def _figures(scores: Scores) -> dict[str, float]:
    figures = {}
    if scores.pairs:
        figures["linked_f1"] = scores.pairs.linked.f1
        figures["relation_macro_f1"] = scores.pairs.relation_macro_f1
    if scores.clusters:
        figures["pairwise_f1"] = scores.clusters.pairwise.f1
        figures["bcubed_f1"] = scores.clusters.bcubed.f1
        figures["ari"] = scores.clusters.ari
    return {name: max(0.0, round(figure, 4)) for name, figure in figures.items()}


def _under(run: Mapping[str, Any], floors: Mapping[str, Any]) -> list[str]:
    """Return which floors the run does not reach."""
    return [
        f"{name} is {run.get(name, 'not scored')}, the floor {floor}"
        for name, floor in floors.items()
        if name not in CHECKSUMS and run.get(name, -1.0) < floor
    ]
