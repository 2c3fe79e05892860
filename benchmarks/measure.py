"""The measurements of `python -m benchmarks`, in processes of their own, one thread unless said."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import child
from benchmarks.outcome import Outcome, Score, Truth, score

_NOT_COMPILED = "PYTHONDONTWRITEBYTECODE"
_POOLS = ("RAYON", "NUMBA", "OMP", "OPENBLAS", "MKL")
ROOT = Path(__file__).parent.parent


@dataclass
class Runs:
    """All runs of one path on one input."""

    outcomes: list[Outcome] = field(default_factory=list)
    base: float = 0.0
    """MB before the input was loaded, the least of all runs."""
    score: Score | None = None

    @property
    def best(self) -> Outcome:
        """The fastest run."""
        return min(self.outcomes, key=lambda outcome: outcome.total)

    @property
    def peak(self) -> float:
        """MB at the most, the least of all runs."""
        return min(outcome.peak for outcome in self.outcomes)


def routes(
    names: Iterable[str], articles: list[str], rounds: int, true: Truth | None = None
) -> dict[str, Runs]:
    """Run paths by turns, `rounds` times each; score the first run of each against the truth."""
    runs = {name: Runs() for name in names}
    with tempfile.TemporaryDirectory() as folder:
        file, out = Path(folder, "articles"), Path(folder, "outcome")
        child.save(articles, file)
        for _ in range(rounds):
            for name, run in runs.items():
                base = float(_child("route", str(file), name, str(out))["base"])
                outcome: Outcome = pickle.loads(out.read_bytes())
                run.base = min(run.base or base, base)
                run.outcomes.append(outcome)
                if true and not run.score:
                    run.score = score(outcome, true)
                say(f"  {name}: {outcome.total:.2f} s, {outcome.peak:.0f} MB")
    return runs


def apart(kind: str, articles: list[str]) -> dict[str, Any]:
    """Run one of the other measurements of `benchmarks.child`."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "articles")
        child.save(articles, file)
        return _child(kind, str(file))


def printed(module: str, *arguments: str) -> str:
    """Run a module of the benchmarks in a process of its own; return what it prints."""
    command = [sys.executable, "-m", f"benchmarks.{module}", *arguments]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, encoding="utf-8", cwd=ROOT)
    return done.stdout.strip()


def commands(rounds: int) -> dict[str, float]:
    """Time commands as a user types them: the first scan of a machine, then the best of some."""
    with tempfile.TemporaryDirectory() as folder:
        scan = ["scan", "samples/newsroom", "-o", str(Path(folder, "out"))]
        nothing_kept = as_installed() | {"DEDUP_CACHE_DIR": str(Path(folder, "kernels"))}
        return {
            "dedup scan samples/newsroom, the first time ever": _seconds(scan, nothing_kept),
            "dedup --help": _fastest(["--help"], rounds),
            "dedup scan samples/newsroom": _fastest(scan, rounds),
        }


def as_installed() -> dict[str, str]:
    """Return the environment of a process that finds its modules compiled, as pip leaves them.

    Where nothing may be written beside them, each process would compile all 250 of them anew.
    """
    return {name: value for name, value in os.environ.items() if name != _NOT_COMPILED}


def one_thread() -> dict[str, str]:
    """Return that environment, in which libraries start no thread of their own accord."""
    return as_installed() | {f"{pool}_NUM_THREADS": "1" for pool in _POOLS}


def say(text: str) -> None:
    """Tell the one who waits."""
    print(text, file=sys.stderr, flush=True)


def _fastest(arguments: list[str], rounds: int) -> float:
    _seconds(arguments)  # fills caches
    return min(_seconds(arguments) for _ in range(rounds))


def _seconds(arguments: list[str], env: Mapping[str, str] | None = None) -> float:
    command = [sys.executable, "-m", "dedup", *arguments]
    env = env or as_installed()
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT, env=env)
    return time.perf_counter() - start


def _child(*arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.child", *arguments]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=one_thread(), cwd=ROOT)
    found: dict[str, Any] = json.loads(done.stdout)
    return found
