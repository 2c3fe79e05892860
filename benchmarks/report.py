"""How measurements are written down: Markdown tables, targets beside figures, the machine."""

from __future__ import annotations

import math
import os
import platform
from collections.abc import Iterable, Sequence
from importlib import metadata
from pathlib import Path

from benchmarks.measure import Runs
from dedup import __version__

_DISTRIBUTIONS = (
    "numba", "numpy", "xxhash", "datasketch", "rensa", "gaoya", "near-dupes", "trafilatura"
)  # fmt: skip


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table: the first column to the left, the others to the right.

    >>> print(table(["tool", "s"], [["dedup", "1.0"]]))
    | tool | s |
    |---|--:|
    | dedup | 1.0 |
    """
    rule = "|---|" + "--:|" * (len(head) - 1)
    return "\n".join([_row(head), rule, *map(_row, rows)])


def target(
    what: str, figure: float, wanted: float, unit: str = "", *, at_most: bool = False
) -> str:
    """Write a figure beside its target, and say so when it is missed.

    >>> target("Sketching", 2.4, 3, "x")
    '- **MISSED** Sketching: 2.4x (target: at least 3x)'
    >>> target("Exponent", 1.01, 1.1, at_most=True)
    '- met: Exponent: 1.01 (target: at most 1.1)'
    """
    met = figure <= wanted if at_most else figure >= wanted
    bound = "most" if at_most else "least"
    word = "met:" if met else "**MISSED**"
    return f"- {word} {what}: {figure:.3g}{unit} (target: at {bound} {wanted:g}{unit})"


def routes(runs: dict[str, Runs], against: str) -> str:
    """Write a table of paths: time, how many times the time of `against`, and what was found."""
    base = runs[against].best.total
    head = [
        "path", "s", f"x {against}", "peak MB", "compared", "pairs",
        "recall", "recall 0.7-0.8", "in one cluster", "precision", "recall, own shingles",
    ]  # fmt: skip
    return table(head, [_route(name, run, base) for name, run in runs.items()])


def stages(runs: dict[str, Runs]) -> str:
    """Write the seconds of each stage of each path, of its fastest run."""
    return "\n".join(
        f"- {name}: " + ", ".join(f"{stage} {s:.2f}" for stage, s in run.best.seconds.items())
        for name, run in runs.items()
    )


def machine() -> str:
    """Say on what this ran."""
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    models = info.read_text().splitlines() if info.exists() else []
    cpu = next((row.split(":")[1].strip() for row in models if row.startswith("model name")), cpu)
    load = f", load average {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    python = platform.python_version()
    return f"{cpu}, {os.cpu_count()} cores{load}; {platform.system()}, Python {python}"


def caution(load: float, cores: int) -> list[str]:
    """Warn, in a paragraph of its own, of a machine that had other work at the start.

    >>> caution(0.3, 2), len(caution(3.2, 2))
    ([], 1)
    """
    if load < 0.5:
        return []
    text = (
        f"**Other work was running** (load average {load:.1f} on {cores} cores before the first "
        "run): times, and most of all those with two threads, are not to be trusted. Run again on "
        "an idle machine. Recall, precision and memory do not depend on it."
    )
    return [text]


def versions() -> str:
    """Name the versions of everything compared."""
    others = ", ".join(f"{name} {_version(name)}" for name in _DISTRIBUTIONS)
    return f"dedup {__version__}, {others}"


def _route(name: str, run: Runs, base: float) -> list[str]:
    best, found = run.best, run.score
    shares = [found.recall, found.hard_recall, found.clustered, found.precision, found.own_recall] \
        if found else []  # fmt: skip
    return [
        name,
        f"{best.total:.2f}",
        f"{best.total / base:.1f}",
        f"{run.peak:.0f}",
        f"{best.candidates:,}" if best.candidates else "",
        f"{len(best.pairs):,}",
        *("" if math.isnan(share) else f"{share:.4f}" for share in shares),
    ]


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _version(distribution: str) -> str:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "not installed"
