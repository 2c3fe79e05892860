"""One measurement in a process of its own: `python -m benchmarks.child KIND FILE [PATH OUT]`.

A process of its own means that no tool finds the memory, caches or threads of another. What is
printed is one JSON object; times leave out starting Python, importing and a first small run.
"""

from __future__ import annotations

import json
import pickle
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import generate, ours, peers
from benchmarks.outcome import Route, peak

THRESHOLD = 0.7
ROUTES: dict[str, Route] = {
    "dedup": ours.every_pair,
    "dedup, bands as peers": ours.same_bands,
    "dedup as set": ours.as_set,
    "dedup.scan": ours.scan,
    "dedup.scan, no settings": ours.scan_without_settings,
    **{name: peer.take for name, peer in peers.PEERS.items()},
}
"""Every path from articles to verified pairs, by the name it has in RESULTS.md."""


def save(articles: list[str], file: Path) -> None:
    """Write articles where a child reads them."""
    file.write_text("".join(json.dumps(text) + "\n" for text in articles), encoding="utf-8")


def load(file: Path) -> list[str]:
    """Read what `save` wrote."""
    with file.open(encoding="utf-8") as rows:
        return [json.loads(row) for row in rows]


def route(file: Path, name: str, out: str) -> dict[str, Any]:
    """Take one path and pickle what it found to `out`."""
    take = ROUTES[name]
    take(generate.generate(300).articles(), THRESHOLD)
    base = peak()
    outcome = take(load(file), THRESHOLD)
    Path(out).write_bytes(pickle.dumps(outcome))
    return {"base": base}


def sketch(file: Path) -> dict[str, Any]:
    """Sketch the same shingles here and with rensa, one thread each, by turns."""
    from rensa import RMinHash

    from dedup.match import minhash

    sets = ours.shingled(load(file))
    flat, offsets = sets.items.astype(np.uint64), sets.offsets.astype(np.uint64)
    rows = zip(sets.offsets[:-1], sets.offsets[1:], strict=True)
    lists = [flat[first:last].tolist() for first, last in rows]
    from_flat = RMinHash.digest_matrix_from_flat_token_hashes
    from_lists = RMinHash.digest_matrix_from_token_hash_sets
    seconds = by_turns(
        {
            "dedup": lambda: minhash.sketch(sets, 128, 1, 1),
            "rensa, arrays": lambda: from_flat(flat, offsets, 128, 1),
            "rensa, lists": lambda: from_lists(lists, 128, 1),
        }
    )
    return {"seconds": seconds, "texts": len(lists), "shingles": len(flat)}


def flags(file: Path) -> dict[str, Any]:
    """Flag the paragraphs that have company with rensa; for timing from outside."""
    return {"flagged": peers.rensa_flags(load(file), THRESHOLD).candidates}


def threads(file: Path) -> dict[str, Any]:
    """Run each kernel with one thread and with two, by turns."""
    tasks = ours.kernels(load(file))
    return {
        name: by_turns({"1": partial(task, 1), "2": partial(task, 2)})
        for name, task in tasks.items()
    }


def by_turns(tasks: dict[str, Callable[[], object]], rounds: int = 7) -> dict[str, float]:
    """Time tasks in turn, round after round; give the best time of each."""
    best = dict.fromkeys(tasks, float("inf"))
    for _ in range(rounds):
        for name, task in tasks.items():
            start = time.perf_counter()
            task()
            best[name] = min(best[name], time.perf_counter() - start)
    return best


def main(kind: str, articles: str, *rest: str) -> None:
    """Measure and print."""
    kinds: dict[str, Callable[..., dict[str, Any]]] = {
        "route": route,
        "sketch": sketch,
        "flags": flags,
        "threads": threads,
    }
    print(json.dumps(kinds[kind](Path(articles), *rest)))


if __name__ == "__main__":
    main(*sys.argv[1:])
