"""The store of an index in Redis beside datasketch's MinHashLSH on Redis, and the embedded store.

`python -m benchmarks.shared_indexing [PARAGRAPHS]` prints the table. All get the texts of
`benchmarks.indexing` and the same bands, on servers of their own on this machine that write their
append-only file before they answer. datasketch is given ready sketches and finds texts by their
bands alone; the stores of dedup also find them by prints, look whether the article and its texts
are known, and keep texts and articles. Each is filled first; then articles are asked about and
added, by turns.
"""

from __future__ import annotations

import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import indexing, report
from dedup.match import lsh, minhash
from dedup.storage.local import LocalStore
from dedup.storage.protocol import Batch, Store
from dedup.storage.redis.store import RedisStore
from dedup.text.shingle import shingle

PARAGRAPHS = 100_000
ROUNDS = 100
"""Articles that are asked about and added one by one."""
FILL = 100
"""Articles added at a time while filling."""

_OURS, _PEER, _EMBEDDED = "dedup, Redis", "datasketch, Redis", "dedup, folder"

Add = Callable[[Batch], None]


@contextmanager
def redis_server(folder: Path) -> Iterator[int]:
    """Run a server in the block; yield its port."""
    from redis import Redis
    from redis.exceptions import ConnectionError as NotYet

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    folder.mkdir()
    options = f"--port {port} --bind 127.0.0.1 --appendonly yes --appendfsync always --dir {folder}"
    command = ["redis-server", *options.split(), "--save", ""]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        while process.poll() is None:
            try:
                Redis(port=port).ping()
                break
            except NotYet:
                time.sleep(0.05)
        yield port
    finally:
        process.kill()
        process.wait()


def _memory(port: int) -> int:
    from redis import Redis

    return int(Redis(port=port).info("memory")["used_memory"])


def _by_store(store: Store) -> tuple[Add, Add]:
    """Return what fills a store, and what asks it about an article and adds that."""

    def add(made: Batch) -> None:
        indexing.query(store, made)
        store.append(made)

    return store.append, add


def _by_datasketch(port: int) -> tuple[Callable[[Any], None], Callable[[Any], None]]:
    """Do the same with datasketch; it takes (number, sketch) of each text."""
    from datasketch import MinHashLSH

    settings = indexing.SETTINGS
    shape = lsh.shape(settings.threshold, settings.num_perm, settings.recall)
    index = MinHashLSH(
        num_perm=settings.num_perm,
        params=shape,
        storage_config={
            "type": "redis",
            "basename": b"peer",
            "redis": {"host": "127.0.0.1", "port": port},
        },
    )

    def fill(sketches: Any) -> None:
        with index.insertion_session() as session:
            for number, sketch in sketches:
                session.insert(number, sketch, check_duplication=False)

    def add(sketches: Any) -> None:
        for _, sketch in sketches:
            index.query(sketch)
        fill(sketches)

    return fill, add


def _sketches(made: Batch, first: int) -> list[tuple[str, Any]]:
    sets = shingle(made.texts.arrays, indexing.SETTINGS.shingle)
    size, seed = indexing.SETTINGS.num_perm, indexing.SETTINGS.seed
    ready = minhash.to_datasketch(minhash.sketch(sets, size, seed), seed)
    return [(str(number), sketch) for number, sketch in enumerate(ready, first)]


def measured(paragraphs: int, folder: Path) -> dict[str, dict[str, Any]]:
    """Measure; return the seconds of each article, of filling, and the bytes, by path."""
    maker = indexing.Maker()
    with ExitStack() as stack:
        ports = {
            name: stack.enter_context(redis_server(folder / name.split(",")[0]))
            for name in (_OURS, _PEER)
        }
        shared = RedisStore(f"redis://127.0.0.1:{ports[_OURS]}/0", {})
        local = LocalStore(folder / "index", {})
        stack.callback(shared.close)
        stack.callback(local.close)
        before = {name: _memory(port) for name, port in ports.items()}
        ways = {
            _OURS: _by_store(shared),
            _EMBEDDED: _by_store(local),
            _PEER: _by_datasketch(ports[_PEER]),
        }
        found: dict[str, dict[str, Any]] = {name: {"fill": 0.0, "each": []} for name in ways}
        one_by_one = 0
        while one_by_one < ROUNDS:
            filling = local.texts < paragraphs
            one_by_one += not filling
            made = indexing.batch(maker, FILL if filling else 1, local.last_seq, local.texts)
            sketches = _sketches(made, local.texts)
            for name, way in ways.items():
                begun = time.perf_counter()
                way[not filling](sketches if name == _PEER else made)
                spent = time.perf_counter() - begun
                if filling:
                    found[name]["fill"] += spent
                else:
                    found[name]["each"].append(spent)
        bytes_ = {name: _memory(port) - before[name] for name, port in ports.items()}
        bytes_[_EMBEDDED] = local.stats()["bytes"]
        for name, total in bytes_.items():
            found[name]["bytes"] = total / local.texts
    return found


def table(paragraphs: int = PARAGRAPHS, folder: str | None = None) -> str:
    """Measure in a folder that is deleted afterwards; return the table in Markdown."""
    if shutil.which("redis-server") is None:
        return "Not measured: redis-server is not installed."
    place = Path(tempfile.mkdtemp(dir=folder))
    try:
        found = measured(paragraphs, place)
    finally:
        shutil.rmtree(place)
    middle = {name: 1e3 * statistics.median(one["each"]) for name, one in found.items()}
    rows = [
        [
            name,
            f"{middle[name]:.1f}",
            f"{1e3 * np.percentile(one['each'], 99):.1f}",
            f"{middle[_PEER] / middle[name]:.1f}",
            f"{paragraphs / one['fill']:,.0f}",
            f"{one['bytes']:,.0f}",
        ]
        for name, one in found.items()
    ]
    head = ["at " + f"{paragraphs:,} paragraphs", "query and add, ms", "p99", "times faster"]
    head += ["filling, paragraphs/s", "bytes a paragraph (memory; folder: disk)"]
    ratio = middle[_PEER] / middle[_EMBEDDED]
    line = report.target("The embedded store against datasketch on Redis", ratio, 8, "x")
    return f"{line}\n\n{report.table(head, rows)}"


if __name__ == "__main__":
    print(table(int(sys.argv[1]) if len(sys.argv) > 1 else PARAGRAPHS))
